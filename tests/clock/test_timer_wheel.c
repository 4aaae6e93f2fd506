/* SPDX-License-Identifier: BSD-2-Clause */
/* The timer wheel against a plain list of what should fire when. */
#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>

#include "clock/timer_wheel.h"

#define START	1000000

static struct timer_wheel *new_wheel(void)
{
	struct timer_wheel *w = malloc(sizeof(*w));

	timer_wheel_init(w, START);
	return w;
}

static struct timer_list timer_at(jiffies_t expires)
{
	return (struct timer_list){ .expires = expires };
}

static void a_timer_fires_in_the_tick_it_asked_for(void **state)
{
	static const jiffies_t delays[] = { 1, 2, 63, 64, 65, 200, 511, 512,
		3999, 4032, 60000, 7200000, 200000000 };

	for (size_t i = 0; i < ARRAY_SIZE(delays); i++) {
		struct timer_wheel *w = new_wheel();
		struct timer_list t = timer_at(START + delays[i]);

		timer_wheel_add(w, &t);
		assert_null(timer_wheel_pop(w, START + delays[i] - 1));
		assert_ptr_equal(timer_wheel_pop(w, START + delays[i]), &t);
		assert_null(timer_wheel_pop(w, START + delays[i]));
		free(w);
	}
}

static void a_timer_of_the_past_fires_one_tick_on(void **state)
{
	struct timer_wheel *w = new_wheel();
	struct timer_list t = timer_at(START - 5);

	timer_wheel_add(w, &t);
	assert_null(timer_wheel_pop(w, START));
	assert_ptr_equal(timer_wheel_pop(w, START + 1), &t);
	free(w);
}

static void a_deleted_timer_does_not_fire(void **state)
{
	struct timer_wheel *w = new_wheel();
	struct timer_list t = timer_at(START + 100);

	timer_wheel_add(w, &t);
	assert_true(timer_wheel_del(w, &t));
	assert_false(timer_wheel_del(w, &t));
	assert_null(timer_wheel_pop(w, START + 1000));
	assert_true(timer_wheel_next(w) == ~(jiffies_t)0);
	assert_int_equal(w->count, 0);
	free(w);
}

static void a_queued_timer_may_be_moved_to_later_in_place(void **state)
{
	struct timer_wheel *w = new_wheel();
	struct timer_list t = timer_at(START + 10);

	timer_wheel_add(w, &t);
	t.expires = START + 5000;
	assert_null(timer_wheel_pop(w, START + 4999));
	assert_ptr_equal(timer_wheel_pop(w, START + 5000), &t);
	free(w);
}

static void timers_of_one_tick_fire_in_the_order_of_arming(void **state)
{
	struct timer_wheel *w = new_wheel();
	struct timer_list t[5];

	for (int i = 0; i < 5; i++) {
		t[i] = timer_at(START + 300);
		timer_wheel_add(w, &t[i]);
	}
	for (int i = 0; i < 5; i++)
		assert_ptr_equal(timer_wheel_pop(w, START + 300), &t[i]);
	free(w);
}

static void next_is_never_later_than_the_earliest_timer(void **state)
{
	struct timer_wheel *w = new_wheel();
	struct timer_list a = timer_at(START + 77777), b = timer_at(START + 5);

	timer_wheel_add(w, &a);
	assert_in_range(timer_wheel_next(w), START + 1, START + 77777);
	timer_wheel_add(w, &b);
	assert_int_equal(timer_wheel_next(w), START + 5);
	free(w);
}

static void forward_stops_short_of_a_slot_in_use(void **state)
{
	struct timer_wheel *w = new_wheel();
	struct timer_list t = timer_at(START + 50);

	timer_wheel_add(w, &t);
	timer_wheel_forward(w, START + 40);
	assert_int_equal(w->now, START + 40);
	timer_wheel_forward(w, START + 60);
	assert_int_equal(w->now, START + 40);
	assert_ptr_equal(timer_wheel_pop(w, START + 60), &t);
	free(w);
}

static u64 rnd(u64 *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

/* Random arming, moving, deleting, and jumps of the clock. */
static void none_is_early_late_or_lost_among_thousands(void **state)
{
	enum { N = 400 };
	struct timer_wheel *w = new_wheel();
	static struct timer_list t[N];	/* RULE 9: too big for the stack */
	u64 seed = 42;
	jiffies_t now = START;

	memset(t, 0, sizeof(t));
	for (int round = 0; round < 20000; round++) {
		struct timer_list *x = &t[rnd(&seed) % N];
		struct timer_list *due;

		timer_wheel_del(w, x);
		if (rnd(&seed) % 4) {
			x->expires = now + 1 + (rnd(&seed) >> (44 + rnd(&seed) % 19));
			timer_wheel_add(w, x);
		}
		if (rnd(&seed) % 3)
			continue;
		now += rnd(&seed) >> (50 + rnd(&seed) % 13);
		while ((due = timer_wheel_pop(w, now)))
			assert_true(due->expires <= now);
		for (int i = 0; i < N; i++)
			if (!hlist_unhashed(&t[i].entry))
				assert_true(t[i].expires > now);
	}
	free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_timer_fires_in_the_tick_it_asked_for),
		cmocka_unit_test(a_timer_of_the_past_fires_one_tick_on),
		cmocka_unit_test(a_deleted_timer_does_not_fire),
		cmocka_unit_test(a_queued_timer_may_be_moved_to_later_in_place),
		cmocka_unit_test(timers_of_one_tick_fire_in_the_order_of_arming),
		cmocka_unit_test(next_is_never_later_than_the_earliest_timer),
		cmocka_unit_test(forward_stops_short_of_a_slot_in_use),
		cmocka_unit_test(none_is_early_late_or_lost_among_thousands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
