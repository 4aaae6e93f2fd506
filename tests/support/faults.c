/* SPDX-License-Identifier: BSD-2-Clause */
/* See faults.h. This half decides which allocation fails, and judges. */
#include "tests/support/faults_run.h"

#include <dirent.h>
#include <execinfo.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define HANG_SECONDS	20
#define HANG_WALL	300
#define OWN_FRAMES	8	/* more than the harness's above the caller */
#define MAX_REPORTS	10	/* of one test */
#define LOG_TAIL	6000

/* RULE 9: one test program is one run of the harness. */
struct faults faults;

/* Weak: there without a sanitizer as well. */
void __sanitizer_print_stack_trace(void) __attribute__((weak));

/* --- which ---------------------------------------------------------------------- */

/* The return addresses from `caller` on. */
static u64 path_from(void *caller)
{
	void *frame[OWN_FRAMES + FAULTS_DEPTH];
	int n = backtrace(frame, (int)(OWN_FRAMES + faults.depth)), i = 0;
	u64 h = 0xcbf29ce484222325ull;		/* FNV-1a */

	while (i < OWN_FRAMES && i < n && frame[i] != caller)
		i++;
	n = min(n, i + (int)faults.depth);
	for (; i < n; i++)
		h = (h ^ (u64)(uintptr_t)frame[i]) * 0x100000001b3ull;
	return h ? h : 1;
}

/* How often this path came, this time included; 0: the table is full. */
static u32 path_count(struct faults_path *table, u64 hash)
{
	for (u32 i = 0; i < FAULTS_TABLE; i++) {
		struct faults_path *p = &table[(hash + i) % FAULTS_TABLE];

		if (!p->hash) {
			p->hash = hash;
			faults.shared->paths++;
		}
		if (p->hash == hash)
			return ++p->count;
	}
	return 0;
}

static bool is_wanted(void *caller)
{
	u64 n = ++faults.allocations;
	u32 seen;

	switch (faults.mode) {
	case FAULTS_EACH:
		return n % faults.every == 0;
	case FAULTS_PATHS:
		seen = path_count(faults.shared->path, path_from(caller));
		return seen == 1 && faults.shared->paths % faults.every == 0;
	case FAULTS_LOG:
		seen = path_count(faults.shared->path, path_from(caller));
		return seen && !(seen & (seen - 1));
	}
	return false;
}

u32 faults_threads(void)
{
	DIR *d = opendir("/proc/self/task");
	u32 n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n > 2 ? n - 2 : 1;	/* without "." and ".." */
}

/* --- the child -------------------------------------------------------------------- */

static void on_hang(int sig)
{
	fputs("faults: it does not end; here it was:\n", stderr);
	if (__sanitizer_print_stack_trace)
		__sanitizer_print_stack_trace();
	_exit(FAULTS_HANG);
}

static void limit_time(void)
{
	struct itimerval cpu = { .it_value.tv_sec = HANG_SECONDS };
	struct itimerval wall = { .it_value.tv_sec = HANG_WALL };

	signal(SIGPROF, on_hang);
	signal(SIGALRM, on_hang);
	setitimer(ITIMER_PROF, &cpu, NULL);
	setitimer(ITIMER_REAL, &wall, NULL);
}

static void become_child(void)
{
	faults.role = FAULTS_CHILD;
	if (ftruncate(faults.log, 0) || lseek(faults.log, 0, SEEK_SET) ||
	    dup2(faults.log, 1) < 0 || dup2(faults.log, 2) < 0)
		_exit(FAULTS_BROKEN);
	limit_time();
}

static void fixtures_leaked(const char *what, size_t n)
{
	if (faults.role != FAULTS_CHILD)
		return;
	fprintf(stderr, "faults: %s leaked: %zu\n", what, n);
	_exit(FAULTS_LEAK);
}

static void fixture_open(struct faults_fixture *f)
{
	f->next = faults.fixtures;
	faults.fixtures = f;
}

static void fixture_close(struct faults_fixture *f)
{
	struct faults_fixture **at = &faults.fixtures;

	while (*at && *at != f)
		at = &(*at)->next;
	if (*at)
		*at = f->next;
}

void faults_stopped(void)
{
	while (faults.fixtures) {
		struct faults_fixture *f = faults.fixtures;

		faults.fixtures = f->next;
		f->shut(f->arg);
	}
	_exit(FAULTS_STOPPED);
}

static void fixture_stop(void)
{
	if (faults.role == FAULTS_CHILD)
		faults_stopped();
}

/* --- the original ------------------------------------------------------------------ */

static const char *verdict(int status)
{
	static char text[64];

	if (WIFSIGNALED(status)) {
		snprintf(text, sizeof(text), "died of signal %d (%s)",
			 WTERMSIG(status), strsignal(WTERMSIG(status)));
		return text;
	}
	switch (WEXITSTATUS(status)) {
	case FAULTS_PASSED:
	case FAULTS_STOPPED:
		return NULL;
	case FAULTS_LEAK:
		return "leaked";
	case FAULTS_HANG:
		return "hung";
	case FAULTS_BROKEN:
		return "could not be run";
	}
	snprintf(text, sizeof(text), "ended with code %d",
		 WEXITSTATUS(status));
	return text;
}

static void print_log(void)
{
	static char text[LOG_TAIL + 1];
	off_t end = lseek(faults.log, 0, SEEK_END);
	off_t from = end > LOG_TAIL ? end - LOG_TAIL : 0;
	ssize_t n = pread(faults.log, text, LOG_TAIL, from);

	text[n > 0 ? n : 0] = 0;
	fputs(text, stderr);
}

/* The original stands where the allocation failed: its stack is the child's. */
static void report(const char *what)
{
	if (faults.bad++ >= MAX_REPORTS)
		return;
	fprintf(stderr, "# %s: %s when this allocation (%llu) failed:\n",
		faults.test, what, (unsigned long long)faults.allocations);
	if (__sanitizer_print_stack_trace)
		__sanitizer_print_stack_trace();
	print_log();
}

static void judge(pid_t child)
{
	const char *what;
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			_exit(FAULTS_BROKEN);
	faults.injected++;
	if (WIFEXITED(status) && WEXITSTATUS(status) == FAULTS_PASSED)
		faults.passed++;
	what = verdict(status);
	if (what)
		report(what);
}

bool faults_hit_from(void *caller)
{
	pid_t child;

	if (likely(faults.role != FAULTS_ORIGINAL) || !is_wanted(caller))
		return false;
	if (faults_threads() > 1)
		faults_skip("it has threads");
	child = fork();
	if (child < 0)
		_exit(FAULTS_BROKEN);
	if (!child) {
		become_child();
		return true;
	}
	judge(child);
	return false;
}

const struct faults_ops faults_ops = {
	.hit = faults_hit_from,
	.leaked = fixtures_leaked,
	.stop = fixture_stop,
	.open = fixture_open,
	.close = fixture_close,
};
