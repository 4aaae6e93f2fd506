/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the machine itself costs beside the stages: a call into the stack and
 * out of it, a task that makes way for another, a sleeper that is woken. Tasks
 * are threads of the host, so the last two are the host's.
 */
#define _GNU_SOURCE
#include "calibrate.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define CALLS		64		/* per sample */
#define SAMPLES		400
#define WAKES		100

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* --- a call ------------------------------------------------------------------------ */

static double measure_syscall(struct weir *w)
{
	int fd = weir_socket(w, AF_INET, SOCK_DGRAM, 0), i, j;
	int32_t ns[SAMPLES];
	struct sockaddr_in a;

	if (fd < 0)
		return -1;
	for (i = 0; i < SAMPLES; i++) {
		int64_t start = now_ns();

		for (j = 0; j < CALLS; j++) {
			socklen_t len = sizeof(a);

			weir_getsockname(w, fd, (struct sockaddr *)&a, &len);
		}
		ns[i] = (int32_t)((now_ns() - start) / CALLS);
	}
	weir_close(w, fd);
	return fit_typical(ns, SAMPLES);
}

/* --- a switch ----------------------------------------------------------------------- */

struct ring {
	int to[2], from[2];		/* pipes */
};

static void *answer(void *arg)
{
	struct ring *r = arg;
	char c;

	while (read(r->to[0], &c, 1) == 1 && write(r->from[1], &c, 1) == 1)
		;
	return NULL;
}

/* A byte through a pipe and back out of it, without a switch. */
static double measure_pipe(const struct ring *r)
{
	int32_t ns[SAMPLES];
	char c = 0;
	int i;

	for (i = 0; i < SAMPLES; i++) {
		int64_t start = now_ns();

		if (write(r->from[1], &c, 1) != 1 ||
		    read(r->from[0], &c, 1) != 1)
			return -1;
		ns[i] = (int32_t)(now_ns() - start);
	}
	return fit_typical(ns, SAMPLES);
}

/* There and back: two pipes, two switches. */
static double measure_ring(const struct ring *r)
{
	int32_t ns[SAMPLES];
	char c = 0;
	int i;

	for (i = 0; i < SAMPLES; i++) {
		int64_t start = now_ns();

		if (write(r->to[1], &c, 1) != 1 ||
		    read(r->from[0], &c, 1) != 1)
			return -1;
		ns[i] = (int32_t)(now_ns() - start);
	}
	return fit_typical(ns, SAMPLES) / 2;
}

static void close_pipe(int p[2])
{
	close(p[0]);
	close(p[1]);
}

/* Both threads on the present core: the new one inherits. */
static double switch_on_this_core(void)
{
	double pipe_ns, ring_ns = -1;
	struct ring r;
	pthread_t t;

	if (pipe(r.to))
		return -1;
	if (pipe(r.from)) {
		close_pipe(r.to);
		return -1;
	}
	pipe_ns = measure_pipe(&r);
	if (pipe_ns >= 0 && !pthread_create(&t, NULL, answer, &r)) {
		ring_ns = measure_ring(&r);
		close(r.to[1]);
		pthread_join(t, NULL);
		close(r.to[0]);
		close_pipe(r.from);
	} else {
		close_pipe(r.to);
		close_pipe(r.from);
	}
	return ring_ns > pipe_ns ? ring_ns - pipe_ns : -1;
}

static double measure_switch(void)
{
	cpu_set_t all, one;
	double ns;

	if (sched_getaffinity(0, sizeof(all), &all))
		return -1;
	CPU_ZERO(&one);
	CPU_SET((size_t)sched_getcpu(), &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		return -1;
	ns = switch_on_this_core();
	sched_setaffinity(0, sizeof(all), &all);
	return ns;
}

/* --- a wake-up ----------------------------------------------------------------------- */

struct bed {
	uint32_t word;
	atomic_bool stop;
};

static void *sleeper(void *arg)
{
	struct bed *b = arg;

	while (!atomic_load(&b->stop))
		syscall(SYS_futex, &b->word, FUTEX_WAIT_PRIVATE, 0, NULL);
	return NULL;
}

/* Only calls that did wake somebody are counted. */
static double measure_wakes(struct bed *b)
{
	struct timespec nap = { .tv_nsec = 200000 };
	int32_t ns[WAKES];
	size_t n = 0;
	int i;

	for (i = 0; i < 4 * WAKES && n < WAKES; i++) {
		int64_t start;

		nanosleep(&nap, NULL);
		start = now_ns();
		if (syscall(SYS_futex, &b->word, FUTEX_WAKE_PRIVATE, 1) == 1)
			ns[n++] = (int32_t)(now_ns() - start);
	}
	return n < WAKES / 4 ? -1 : fit_typical(ns, n);
}

static double measure_wakeup(void)
{
	struct bed b = { 0 };
	pthread_t t;
	double ns;

	if (pthread_create(&t, NULL, sleeper, &b))
		return -1;
	ns = measure_wakes(&b);
	atomic_store(&b.stop, true);
	__atomic_store_n(&b.word, 1, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &b.word, FUTEX_WAKE_PRIVATE, 1);
	pthread_join(t, NULL);
	return ns;
}

void machine_measure(struct machine_costs *m, struct weir *w)
{
	m->syscall_ns = measure_syscall(w);
	m->context_switch_ns = measure_switch();
	m->wakeup_ns = measure_wakeup();
}

/* --- who it is ------------------------------------------------------------------------ */

static void cpu_model(char *text, size_t room)
{
	FILE *f = fopen("/proc/cpuinfo", "re");
	char line[256], *colon;

	snprintf(text, room, "unknown CPU");
	while (f && fgets(line, sizeof(line), f)) {
		colon = strchr(line, ':');
		if (!colon || strncmp(line, "model name", 10))
			continue;
		colon[strcspn(colon, "\n")] = '\0';
		snprintf(text, room, "%s", colon + 1 + strspn(colon + 1, " "));
		break;
	}
	if (f)
		fclose(f);
}

void machine_describe(char *text, size_t room)
{
	struct utsname u;
	char model[128];

	cpu_model(model, sizeof(model));
	if (uname(&u))
		memset(&u, 0, sizeof(u));
	snprintf(text, room, "%s, %ld CPUs, %s %s %s", model,
		 sysconf(_SC_NPROCESSORS_ONLN), u.sysname, u.release,
		 u.machine);
}
