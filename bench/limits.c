/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * limits: what the machine itself can do; figures of the table are to be seen
 * beside these. Prints one line of JSON: memcpy in GB/s, the rest in ns.
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SPINS	200000
#define SLEEPS	2000
#define CALLS	200000

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double copy_gb(size_t n)
{
	char *a = calloc(1, n), *b = calloc(1, n);
	size_t i, times = ((size_t)1 << 30) / n;
	double t;

	memcpy(b, a, n);
	t = now_ns();
	for (i = 0; i < times; i++) {
		memcpy(b, a, n);
		__asm__ volatile("" : : "r"(b) : "memory");
	}
	t = now_ns() - t;
	free(a);
	free(b);
	return (double)times * (double)n / t;
}

/* --- two threads that answer each other ------------------------------------------ */

static struct ball {
	_Alignas(64) uint32_t there;
	_Alignas(64) uint32_t back;
	int rounds, core;
	int sleeps;
} ball;

static void stay_on(int core)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(core, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void await(uint32_t *word, uint32_t value)
{
	uint32_t seen;

	while ((seen = __atomic_load_n(word, __ATOMIC_ACQUIRE)) != value)
		if (ball.sleeps)
			syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, seen, NULL);
}

static void tell(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
	if (ball.sleeps)
		syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1);
}

static void *answer(void *arg)
{
	stay_on(ball.core);
	for (int i = 1; i <= ball.rounds; i++) {
		await(&ball.there, (uint32_t)i);
		tell(&ball.back, (uint32_t)i);
	}
	return arg;
}

static double round_trip_ns(int core, int sleeps)
{
	pthread_t t;
	double start;
	int i;

	memset(&ball, 0, sizeof(ball));
	ball.core = core;
	ball.sleeps = sleeps;
	ball.rounds = sleeps ? SLEEPS : SPINS;
	if (pthread_create(&t, NULL, answer, NULL))
		return 0;
	start = now_ns();
	for (i = 1; i <= ball.rounds; i++) {
		tell(&ball.there, (uint32_t)i);
		await(&ball.back, (uint32_t)i);
	}
	start = now_ns() - start;
	pthread_join(t, NULL);
	return start / ball.rounds;
}

static double system_call_ns(void)
{
	double start = now_ns();

	for (int i = 0; i < CALLS; i++)
		syscall(SYS_getppid);
	return (now_ns() - start) / CALLS;
}

int main(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	stay_on(0);
	printf("{\"memcpy 64 KiB GB/s\": %.0f, \"1 MiB\": %.0f", copy_gb(65536),
	       copy_gb(1 << 20));
	if (cores > 1)
		printf(", \"round trip spinning across cores ns\": %.0f, "
		       "\"futex across cores\": %.0f", round_trip_ns(1, 0),
		       round_trip_ns(1, 1));
	printf(", \"futex on one core\": %.0f, \"system call\": %.0f}\n",
	       round_trip_ns(0, 1), system_call_ns());
	return 0;
}
