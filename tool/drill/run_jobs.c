/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Many scripts in several processes. The parent hands out one file at a time
 * and so knows which it was when a worker crashes or does not come back; then
 * another takes its place.
 *
 *	to a worker:	the file's index
 *	from it:	struct answer, and its text
 */
#define _GNU_SOURCE
#include "code.h"
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define JOBS_MAX	64
/* Real seconds after which a script is taken to run for ever. */
#define LIMIT_S		15

struct answer {
	int verdict;
	size_t len;		/* of the text that follows */
};

struct worker {
	pid_t pid;		/* 0: there is none */
	int to, from;
	size_t file;		/* that it works on */
	bool busy;
	time_t since;
	bool killed;
};

struct jobs {
	const struct run_arguments *args;
	char *const *files;
	size_t n, next, told;	/* files handed out; results told, in order */
	struct worker workers[JOBS_MAX];
	unsigned int nr;
	struct run_result *results;
	bool *have;
	void (*done)(void *arg, size_t i, const struct run_result *res);
	void *arg;
};

static time_t now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* ------------------------------------------------------------------- worker */

static int read_all(int fd, void *to, size_t len)
{
	size_t got = 0;
	ssize_t n;

	while (got < len) {
		n = read(fd, (char *)to + got, len - got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		got += (size_t)n;
	}
	return 0;
}

static int write_all(int fd, const void *from, size_t len)
{
	size_t put = 0;
	ssize_t n;

	while (put < len) {
		n = write(fd, (const char *)from + put, len - put);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		put += (size_t)n;
	}
	return 0;
}

static void work(const struct jobs *j, int in, int out)
{
	struct code *code = code_create(j->args->base.python);
	struct run_result res;
	struct answer a;
	size_t i;

	while (code && !read_all(in, &i, sizeof(i))) {
		run_file(j->files[i], j->args, code, &res);
		a = (struct answer){ res.verdict, res.text ? strlen(res.text) : 0 };
		if (write_all(out, &a, sizeof(a)) || write_all(out, res.text, a.len))
			break;
		free(res.text);
	}
	if (code)
		code_destroy(code);
}

/* ------------------------------------------------------------------- parent */

static void close_others(const struct jobs *j)
{
	unsigned int i;

	for (i = 0; i < j->nr; i++) {
		if (!j->workers[i].pid)
			continue;
		close(j->workers[i].to);
		close(j->workers[i].from);
	}
}

static int start(struct jobs *j, struct worker *w)
{
	int to[2], from[2];

	if (pipe2(to, O_CLOEXEC))
		return -errno;
	if (pipe2(from, O_CLOEXEC)) {
		close(to[0]);
		close(to[1]);
		return -errno;
	}
	fflush(NULL);
	*w = (struct worker){ .pid = 0, .to = to[1], .from = from[0] };
	w->pid = fork();
	if (!w->pid) {
		close_others(j);
		close(to[1]);
		close(from[0]);
		work(j, to[0], from[1]);
		_exit(0);
	}
	close(to[0]);
	close(from[1]);
	if (w->pid > 0)
		return 0;
	w->pid = 0;
	close(w->to);
	close(w->from);
	return -errno;
}

static void give(struct jobs *j, struct worker *w)
{
	w->busy = j->next < j->n;
	if (!w->busy)
		return;
	w->file = j->next++;
	w->since = now_s();
	write_all(w->to, &w->file, sizeof(w->file));
}

/* Results are told in the order of the files. */
static void finish(struct jobs *j, size_t i, const struct run_result *res)
{
	j->results[i] = *res;
	j->have[i] = true;
	for (; j->told < j->n && j->have[j->told]; j->told++) {
		j->done(j->arg, j->told, &j->results[j->told]);
		free(j->results[j->told].text);
	}
}

static void hear(struct jobs *j, struct worker *w, const struct answer *a)
{
	struct run_result res = { (enum run_verdict)a->verdict, calloc(1, a->len + 1) };

	if (res.text && read_all(w->from, res.text, a->len))
		*res.text = '\0';
	finish(j, w->file, &res);
	give(j, w);
}

static void stop(struct worker *w, int *status)
{
	close(w->to);
	close(w->from);
	while (waitpid(w->pid, status, 0) < 0 && errno == EINTR)
		;
	w->pid = 0;
}

/* The worker is gone; the script that it was at has failed. */
static void bury(struct jobs *j, struct worker *w)
{
	struct run_result res = { .verdict = RUN_FAILED };
	const char *path = j->files[w->file];
	int status = 0, len;

	stop(w, &status);
	if (w->killed)
		len = asprintf(&res.text, "%s: it ran for more than %d s of real time, without "
			       "end\n", path, LIMIT_S);
	else if (WIFSIGNALED(status))
		len = asprintf(&res.text, "%s: the stack crashed: %s (signal %d); --jobs 0 runs "
			       "it under a debugger\n", path, strsignal(WTERMSIG(status)),
			       WTERMSIG(status));
	else
		len = asprintf(&res.text, "%s: the stack ended its process with status %d\n",
			       path, WEXITSTATUS(status));
	if (len < 0)
		res.text = NULL;
	if (w->busy)
		finish(j, w->file, &res);
	else
		free(res.text);
	if (j->next < j->n && !start(j, w))
		give(j, w);
}

static void serve(struct jobs *j, struct worker *w, short revents)
{
	struct answer a;

	if (!w->busy)
		return;
	if (revents && !read_all(w->from, &a, sizeof(a)))
		hear(j, w, &a);
	else if (revents)
		bury(j, w);
	else if (now_s() - w->since > LIMIT_S && !w->killed) {
		w->killed = true;
		kill(w->pid, SIGKILL);
	}
}

static int serve_all(struct jobs *j)
{
	struct pollfd fds[JOBS_MAX];
	unsigned int i, busy = 0;

	for (i = 0; i < j->nr; i++) {
		fds[i] = (struct pollfd){ j->workers[i].busy ? j->workers[i].from : -1, POLLIN };
		busy += j->workers[i].busy;
	}
	if (!busy)
		return -EIO;
	if (poll(fds, j->nr, 1000) < 0)
		return errno == EINTR ? 0 : -errno;
	for (i = 0; i < j->nr; i++)
		serve(j, &j->workers[i], fds[i].revents);
	return 0;
}

static int run_workers(struct jobs *j)
{
	unsigned int i;
	int ret = 0, status;

	for (i = 0; i < j->nr && !ret; i++) {
		ret = start(j, &j->workers[i]);
		if (!ret)
			give(j, &j->workers[i]);
	}
	while (j->told < j->n && !ret)
		ret = serve_all(j);
	for (i = 0; i < j->nr; i++)
		if (j->workers[i].pid)
			stop(&j->workers[i], &status);
	return ret;
}

static int run_here(struct jobs *j)
{
	struct code *code = code_create(j->args->base.python);
	struct run_result res;
	size_t i;

	for (i = 0; i < j->n && code; i++) {
		run_file(j->files[i], j->args, code, &res);
		finish(j, i, &res);
	}
	if (!code)
		return -ENOMEM;
	code_destroy(code);
	return 0;
}

int run_jobs(const struct run_arguments *args, char *const *files, size_t n, unsigned int jobs,
	     void (*done)(void *arg, size_t i, const struct run_result *res), void *arg)
{
	struct jobs j = { .args = args, .files = files, .n = n, .done = done, .arg = arg };
	int ret = -ENOMEM;

	j.nr = jobs > JOBS_MAX ? JOBS_MAX : jobs > n ? (unsigned int)n : jobs;
	j.results = calloc(n + 1, sizeof(*j.results));
	j.have = calloc(n + 1, sizeof(*j.have));
	signal(SIGPIPE, SIG_IGN);
	if (j.results && j.have)
		ret = jobs ? run_workers(&j) : run_here(&j);
	free(j.results);
	free(j.have);
	return ret;
}
