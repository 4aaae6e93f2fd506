/* SPDX-License-Identifier: BSD-2-Clause */
/* The heap of nanosecond timers. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>

#include "clock/hrtimer_heap.h"

#define N	300

struct fixture {
	struct hrtimer_heap heap;
	struct hrtimer timer[N];
	struct hrtimer *slot[N];
};

static struct fixture *new_fixture(void)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->heap.slot = f->slot;
	f->heap.room = N;
	for (int i = 0; i < N; i++)
		f->timer[i].index = HRTIMER_NOT_QUEUED;
	return f;
}

static void timers_come_out_by_expiry(void **state)
{
	struct fixture *f = new_fixture();
	ktime_t last = -1;

	for (int i = 0; i < N; i++) {
		f->timer[i].expires = i * 7919 % 1009;
		hrtimer_heap_push(&f->heap, &f->timer[i]);
	}
	for (int i = 0; i < N; i++) {
		struct hrtimer *t = hrtimer_heap_top(&f->heap);

		assert_true(t->expires >= last);
		last = t->expires;
		hrtimer_heap_del(&f->heap, t);
		assert_int_equal(t->index, HRTIMER_NOT_QUEUED);
	}
	assert_null(hrtimer_heap_top(&f->heap));
	free(f);
}

static void timers_of_one_instant_come_out_in_the_order_of_arming(void **state)
{
	struct fixture *f = new_fixture();

	for (int i = 0; i < N; i++) {
		f->timer[i].expires = 5;
		hrtimer_heap_push(&f->heap, &f->timer[i]);
	}
	for (int i = 0; i < N; i++) {
		assert_ptr_equal(hrtimer_heap_top(&f->heap), &f->timer[i]);
		hrtimer_heap_del(&f->heap, &f->timer[i]);
	}
	free(f);
}

static void any_timer_can_be_taken_out_of_the_middle(void **state)
{
	struct fixture *f = new_fixture();
	ktime_t last = -1;

	for (int i = 0; i < N; i++) {
		f->timer[i].expires = i * 7919 % 1009;
		hrtimer_heap_push(&f->heap, &f->timer[i]);
	}
	for (int i = 0; i < N; i += 3)
		hrtimer_heap_del(&f->heap, &f->timer[i]);
	assert_int_equal(f->heap.count, N - N / 3);
	while (f->heap.count) {
		struct hrtimer *t = hrtimer_heap_top(&f->heap);

		assert_int_not_equal((t - f->timer) % 3, 0);
		assert_true(t->expires >= last);
		last = t->expires;
		hrtimer_heap_del(&f->heap, t);
	}
	free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timers_come_out_by_expiry),
		cmocka_unit_test(timers_of_one_instant_come_out_in_the_order_of_arming),
		cmocka_unit_test(any_timer_can_be_taken_out_of_the_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
