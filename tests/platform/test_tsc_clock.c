/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock of the real-time platform. Where the kernel does not keep time by
 * the time stamp counter, all of this is about CLOCK_MONOTONIC itself. */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include "platform/linux/tsc_clock.h"

#include <cmocka.h>

#define THREADS	3
#define TEST_NS	(300 * NSEC_PER_MSEC)

static ktime_t system_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

struct shared {
	struct tsc_clock clock;
	ktime_t latest;			/* that any thread has seen: atomic */
	ktime_t until;
	u64 back;			/* times that time went back */
};

static void *read_and_compare(void *arg)
{
	struct shared *s = arg;
	ktime_t now;

	do {
		ktime_t before = __atomic_load_n(&s->latest, __ATOMIC_SEQ_CST);

		now = tsc_clock_read(&s->clock);
		if (now < before)
			__atomic_fetch_add(&s->back, 1, __ATOMIC_RELAXED);
		while (before < now &&
		       !__atomic_compare_exchange_n(&s->latest, &before, now,
						    false, __ATOMIC_SEQ_CST,
						    __ATOMIC_SEQ_CST))
			;
	} while (now < s->until);
	return NULL;
}

static void time_does_not_go_back_between_threads(void **state)
{
	struct shared s = { .until = system_ns() + TEST_NS };
	pthread_t t[THREADS];

	tsc_clock_init(&s.clock, true);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, read_and_compare, &s);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(s.back, 0);
}

/* What may lie between two readings when nobody takes the core in between. */
static void check_agrees(struct tsc_clock *c)
{
	ktime_t off = KTIME_MAX;

	for (int i = 0; i < 1000 && off > 2000; i++) {
		ktime_t a = system_ns(), b = tsc_clock_read(c);
		ktime_t z = system_ns();

		off = b < a ? a - b : b > z ? b - z : 0;
	}
	assert_true(off <= 2000);
}

static void it_agrees_with_the_system_and_still_after_a_pause(void **state)
{
	struct timespec pause = { .tv_nsec = 2 * NSEC_PER_MSEC };
	struct tsc_clock c;

	tsc_clock_init(&c, true);
	check_agrees(&c);
	for (int i = 0; i < 8; i++) {
		nanosleep(&pause, NULL);
		pause.tv_nsec *= 2;
		for (int k = 0; k < 50; k++)
			check_agrees(&c);
	}
}

static void without_the_counter_it_is_the_systems_clock(void **state)
{
	struct tsc_clock c;

	tsc_clock_init(&c, false);
	for (int i = 0; i < 1000; i++) {
		ktime_t a = system_ns(), b = tsc_clock_read(&c);

		assert_true(a <= b && b <= system_ns());
	}
}

/* As when the machine was moved to another, or its processors disagree. */
static void a_counter_that_jumps_is_given_up(void **state)
{
	struct tsc_clock c;
	ktime_t before, now;

	tsc_clock_init(&c, true);
	if (!c.usable)
		skip();
	while (!c.mult)
		before = tsc_clock_read(&c);
	c.tsc0 -= 1ULL << 40;
	c.seen_tsc -= 1ULL << 40;
	c.ns0 += NSEC_PER_SEC;
	before = tsc_clock_read(&c);
	assert_false(c.usable);
	for (int i = 0; i < 100; i++, before = now) {
		now = tsc_clock_read(&c);
		assert_true(now >= before);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_does_not_go_back_between_threads),
		cmocka_unit_test(it_agrees_with_the_system_and_still_after_a_pause),
		cmocka_unit_test(without_the_counter_it_is_the_systems_clock),
		cmocka_unit_test(a_counter_that_jumps_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
