/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether the tool's threads are at rest: each waits for the world, or for
 * another thread. Then, and only then, the clock may move: a thread that is
 * still at work could make a call that belongs to this instant.
 *
 * Threads inside a call are known. What the others do, the kernel tells in
 * /proc/self/task/TID: `stat` whether the thread sleeps, `wchan` in what. One
 * that sleeps on a lock or a condition (a futex) can be woken by threads of
 * the tool only. One that sleeps otherwise may come back by itself: it waits
 * for a back-ticked command, or has gone to sleep for a moment. It is at rest
 * when it has not been woken for a while of real time, and the tool has no
 * child process. That is also the rule where the kernel has no `wchan`.
 *
 * A thread that has never called counts while it runs: it may be on its way to
 * its first call.
 */
#define _GNU_SOURCE
#include "drill_world.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DEEP_SLEEP_MS	50

/* A file of a thread, cut at `room`; its length, -1: the thread has ended. */
static ssize_t read_file(int tid, const char *name, char *text, size_t room)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/%s", tid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, text, room - 1);
	text[n > 0 ? n : 0] = '\0';
	close(fd);
	return n;
}

/* 'R', 'S', 'D', ...; 'X': it has ended. */
static char state_of(int tid)
{
	char text[512], *p;

	if (read_file(tid, "stat", text, sizeof(text)) <= 0)
		return 'X';
	p = strrchr(text, ')');		/* the name may have any character */
	return p && p[1] == ' ' ? p[2] : 'R';
}

static bool sleeps_on_futex(int tid)
{
	char text[128];

	return read_file(tid, "wchan", text, sizeof(text)) > 0 &&
	       !strncmp(text, "futex", 5);
}

static int64_t real_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static bool has_children(void)
{
	siginfo_t info;

	return !waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT);
}

/* Not woken for a while. */
static bool sleeps_deeply(struct pd_thread *t)
{
	static const char key[] = "\nvoluntary_ctxt_switches:";
	unsigned long switches = 0;
	char text[4096], *p;

	if (read_file(t->tid, "status", text, sizeof(text)) > 0) {
		p = strstr(text, key);
		if (p)
			switches = strtoul(p + sizeof(key) - 1, NULL, 10);
	}
	if (!t->asleep_since_ms || switches != t->switches) {
		t->switches = switches;
		t->asleep_since_ms = real_ms();
		return false;
	}
	return real_ms() - t->asleep_since_ms >= DEEP_SLEEP_MS &&
	       !has_children();
}

static bool thread_rests(struct pd_thread *t)
{
	char state;

	if (t->request) {	/* awake: a signal, or the thread is cancelled */
		t->asleep_since_ms = 0;
		return !t->request->done && state_of(t->tid) == 'S';
	}
	state = state_of(t->tid);
	if (state == 'X' || state == 'Z')
		return true;
	if (state == 'S') {
		if (sleeps_on_futex(t->tid) && state_of(t->tid) == 'S')
			return true;
		return sleeps_deeply(t);
	}
	t->asleep_since_ms = 0;
	return false;
}

static bool is_known(const struct pd *d, int tid)
{
	if (tid == d->worker_tid)
		return true;
	for (const struct pd_thread *t = d->threads; t; t = t->next)
		if (t->tid == tid)
			return true;
	return false;
}

static bool strangers_rest(const struct pd *d)
{
	DIR *dir = opendir("/proc/self/task");
	bool rest = true;
	struct dirent *e;
	int tid;

	if (!dir)
		return true;
	while (rest && (e = readdir(dir))) {
		tid = atoi(e->d_name);
		if (tid > 0 && !is_known(d, tid))
			rest = state_of(tid) != 'R';
	}
	closedir(dir);
	return rest;
}

bool pd_at_rest(struct pd *d)
{
	for (struct pd_thread *t = d->threads; t; t = t->next)
		if (!thread_rests(t))
			return false;
	/* who waits for the lock sleeps on a futex too */
	return strangers_rest(d) && !atomic_load(&d->arriving) &&
	       !d->fresh.first;
}
