/* SPDX-License-Identifier: BSD-2-Clause */
/* Timers of both kinds as a service of a CPU. */
#include "tests/cpu/cpu_test.h"

#include "cpu/timer.h"

struct probe {
	struct timer_list timer;	/* must be first */
	struct hrtimer hr;
	int fired;
	u32 cpu;
	ktime_t at;
	bool was_softirq, rearm;
	jiffies_t want;
};

static void probe_fn(struct timer_list *t)
{
	struct probe *p = (struct probe *)t;

	p->fired++;
	p->cpu = this_cpu()->pc.id;
	p->at = ktime_get();
	p->was_softirq = in_serving_softirq();
	if (p->rearm)
		mod_timer(t, jiffies() + 10);
}

static enum hrtimer_restart hr_fn(struct hrtimer *t)
{
	struct probe *p = container_of(t, struct probe, hr);

	p->fired++;
	p->at = ktime_get();
	if (!p->rearm)
		return HRTIMER_NORESTART;
	t->expires += 1500;
	return HRTIMER_RESTART;
}

static struct probe *new_probe(void)
{
	struct probe *p = calloc(1, sizeof(*p));

	timer_setup(&p->timer, probe_fn);
	hrtimer_init(&p->hr, hr_fn);
	return p;
}

static void a_timer_fires_in_softirq_when_due(void **state)
{
	struct probe *p = new_probe();

	assert_false(mod_timer(&p->timer, jiffies() + 200));
	fake_advance(*state, 199 * NSEC_PER_MSEC);
	assert_int_equal(p->fired, 0);
	assert_true(timer_pending(&p->timer));
	fake_advance(*state, NSEC_PER_MSEC);
	assert_int_equal(p->fired, 1);
	assert_true(p->was_softirq);
	assert_int_equal(p->at, FAKE_START_NS + 200 * NSEC_PER_MSEC);
	free(p);
}

static void the_platform_is_told_of_the_earliest_timer_only(void **state)
{
	struct probe *a = new_probe(), *b = new_probe();

	mod_timer(&a->timer, jiffies() + 20);
	assert_int_equal(fake_stats(*state)->timer_programs, 1);
	mod_timer(&b->timer, jiffies() + 50);
	mod_timer(&a->timer, jiffies() + 30);
	assert_int_equal(fake_stats(*state)->timer_programs, 1);
	mod_timer(&b->timer, jiffies() + 5);
	assert_int_equal(fake_stats(*state)->timer_programs, 2);
	assert_int_equal(cpu_next_timer(this_cpu()),
			 FAKE_START_NS + 5 * NSEC_PER_MSEC);
	del_timer(&a->timer);
	del_timer(&b->timer);
	free(a);
	free(b);
}

static void a_timer_pushed_back_fires_once_at_the_last_time(void **state)
{
	struct probe *p = new_probe();

	for (int i = 0; i < 100; i++) {
		mod_timer(&p->timer, jiffies() + 20);
		fake_advance(*state, 10 * NSEC_PER_MSEC);
	}
	assert_int_equal(p->fired, 0);
	fake_advance(*state, 100 * NSEC_PER_MSEC);
	assert_int_equal(p->fired, 1);
	assert_int_equal(p->at, FAKE_START_NS + 1010 * NSEC_PER_MSEC);
	free(p);
}

static void a_timer_pulled_forward_fires_earlier(void **state)
{
	struct probe *p = new_probe();

	mod_timer(&p->timer, jiffies() + 5000);
	assert_true(mod_timer(&p->timer, jiffies() + 3));
	fake_advance(*state, 3 * NSEC_PER_MSEC);
	assert_int_equal(p->fired, 1);
	free(p);
}

static void a_deleted_timer_stays_silent(void **state)
{
	struct probe *p = new_probe();

	mod_timer(&p->timer, jiffies() + 5);
	assert_true(del_timer_sync(&p->timer));
	assert_false(del_timer(&p->timer));
	fake_advance(*state, NSEC_PER_SEC);
	assert_int_equal(p->fired, 0);
	free(p);
}

static void a_timer_may_rearm_itself(void **state)
{
	struct probe *p = new_probe();

	p->rearm = true;
	mod_timer(&p->timer, jiffies() + 10);
	fake_advance(*state, NSEC_PER_SEC);
	assert_int_equal(p->fired, 100);
	del_timer_sync(&p->timer);
	free(p);
}

static void arm_it(void *arg)
{
	struct probe *p = arg;

	mod_timer(&p->timer, p->want);
}

static void a_timer_fires_on_the_cpu_it_was_armed_on_last(void **state)
{
	struct probe *p = new_probe();

	mod_timer(&p->timer, jiffies() + 500);
	p->want = jiffies() + 20;
	fake_on_cpu(*state, 2, arm_it, p);
	fake_advance(*state, 20 * NSEC_PER_MSEC);
	assert_int_equal(p->fired, 1);
	assert_int_equal(p->cpu, 2);
	assert_int_equal(this_cpu()->timers.wheel.count, 0);
	free(p);
}

static void an_hrtimer_fires_to_the_nanosecond(void **state)
{
	struct probe *p = new_probe();

	assert_true(hrtimer_start(&p->hr, ktime_get() + 12345));
	fake_advance(*state, 12344);
	assert_int_equal(p->fired, 0);
	fake_advance(*state, 1);
	assert_int_equal(p->fired, 1);
	assert_int_equal(p->at, FAKE_START_NS + 12345);
	free(p);
}

static void an_hrtimer_may_restart_itself(void **state)
{
	struct probe *p = new_probe();

	p->rearm = true;
	hrtimer_start(&p->hr, ktime_get() + 1500);
	fake_advance(*state, 15000);
	assert_int_equal(p->fired, 10);
	assert_true(hrtimer_cancel(&p->hr));
	assert_false(hrtimer_active(&p->hr));
	fake_advance(*state, 15000);
	assert_int_equal(p->fired, 10);
	free(p);
}

static void hundreds_of_hrtimers_fire_in_order(void **state)
{
	struct probe *p[200];

	for (int i = 0; i < 200; i++) {
		p[i] = new_probe();
		hrtimer_start(&p[i]->hr, ktime_get() + 1 + i * 37 % 200);
	}
	fake_advance(*state, 1000);
	for (int i = 0; i < 200; i++) {
		assert_int_equal(p[i]->fired, 1);
		assert_int_equal(p[i]->at, FAKE_START_NS + 1 + i * 37 % 200);
		free(p[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		machine_test(a_timer_fires_in_softirq_when_due),
		machine_test(the_platform_is_told_of_the_earliest_timer_only),
		machine_test(a_timer_pushed_back_fires_once_at_the_last_time),
		machine_test(a_timer_pulled_forward_fires_earlier),
		machine_test(a_deleted_timer_stays_silent),
		machine_test(a_timer_may_rearm_itself),
		machine_test(a_timer_fires_on_the_cpu_it_was_armed_on_last),
		machine_test(an_hrtimer_fires_to_the_nanosecond),
		machine_test(an_hrtimer_may_restart_itself),
		machine_test(hundreds_of_hrtimers_fire_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
