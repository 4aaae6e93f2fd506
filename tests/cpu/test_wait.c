/* SPDX-License-Identifier: BSD-2-Clause */
/* Sleeping, waking, RCU, tasklets, work: what waits for something. */
#include "tests/cpu/cpu_test.h"

#include "base/slab.h"
#include "cpu/deferred.h"
#include "cpu/rcu.h"
#include "cpu/wait.h"

struct door {
	struct wait_queue_head wq;
	bool open;
};

static void open_door(void *arg)
{
	struct door *d = arg;

	d->open = true;
	wake_up_poll(&d->wq, 1);
}

static int wait_for(struct door *d, ktime_t deadline)
{
	struct wait_queue_entry w;
	int err = 0;

	init_wait(&w);
	for (;;) {
		prepare_to_wait(&d->wq, &w);
		if (d->open || err)
			break;
		err = schedule_until(deadline);
	}
	finish_wait(&d->wq, &w);
	return d->open ? 0 : err;
}

static void a_sleeper_is_woken(void **state)
{
	struct door d = { .open = false };

	init_waitqueue_head(&d.wq);
	fake_at(*state, 5000, open_door, &d);
	assert_int_equal(wait_for(&d, KTIME_MAX), 0);
	assert_int_equal(fake_now(*state), FAKE_START_NS + 5000);
	assert_false(waitqueue_active(&d.wq));
}

static void a_sleeper_gives_up_at_its_deadline(void **state)
{
	struct door d = { .open = false };

	init_waitqueue_head(&d.wq);
	assert_int_equal(wait_for(&d, ktime_get() + 700), -ETIME);
	assert_int_equal(fake_now(*state), FAKE_START_NS + 700);
}

static void a_signal_ends_the_sleep(void **state)
{
	struct door d = { .open = false };

	init_waitqueue_head(&d.wq);
	fake_signal(*state);
	assert_int_equal(wait_for(&d, KTIME_MAX), -EINTR);
}

static void a_sleeper_whom_nobody_can_wake_is_a_deadlock(void **state)
{
	struct door d = { .open = false };

	init_waitqueue_head(&d.wq);
	assert_int_equal(wait_for(&d, KTIME_MAX), -EINTR);
	assert_int_equal(fake_stats(*state)->deadlocks, 1);
}

static void a_wake_up_before_the_sleep_is_not_lost(void **state)
{
	wake_up_task(current_task());
	assert_int_equal(schedule_until(KTIME_MAX), 0);
	assert_int_equal(fake_stats(*state)->parks, 0);
}

static void a_second_wake_up_costs_no_unpark(void **state)
{
	assert_true(wake_up_task(current_task()));
	assert_false(wake_up_task(current_task()));
	assert_int_equal(fake_stats(*state)->unparks, 1);
	schedule_until(KTIME_MAX);
}

struct counter {
	struct wait_queue_entry e;	/* must be first */
	int calls;
	u32 key;
};

static int count_call(struct wait_queue_entry *e, u32 key)
{
	struct counter *c = (struct counter *)e;

	c->calls++;
	c->key = key;
	return 1;
}

static void one_exclusive_waiter_and_all_others_are_woken(void **state)
{
	struct wait_queue_head wq;
	struct counter c[4];

	init_waitqueue_head(&wq);
	for (int i = 0; i < 4; i++) {
		memset(&c[i], 0, sizeof(c[i]));
		init_waitqueue_func_entry(&c[i].e, count_call);
	}
	add_wait_queue_exclusive(&wq, &c[0].e);
	add_wait_queue_exclusive(&wq, &c[1].e);
	add_wait_queue(&wq, &c[2].e);
	add_wait_queue(&wq, &c[3].e);
	wake_up_poll(&wq, 0x41);
	assert_int_equal(c[0].calls, 1);
	assert_int_equal(c[1].calls, 0);
	assert_int_equal(c[2].calls + c[3].calls, 2);
	assert_int_equal(c[0].key, 0x41);
	wake_up_all_poll(&wq, 1);
	assert_int_equal(c[1].calls, 1);
	for (int i = 0; i < 4; i++)
		remove_wait_queue(&wq, &c[i].e);
	assert_false(waitqueue_active(&wq));
}

/* --- RCU ---------------------------------------------------------------------- */

struct object {
	struct rcu_head rcu;		/* must be first */
	int *freed;
};

static void free_object(struct rcu_head *head)
{
	struct object *o = (struct object *)head;

	++*o->freed;
	kfree(o);
}

static void retire(int *freed)
{
	struct object *o = kmalloc(sizeof(*o));

	assert_non_null(o);
	o->freed = freed;
	call_rcu(&o->rcu, free_object);
}

static void retire_it(void *arg)
{
	retire(arg);
}

static void a_callback_waits_until_its_own_cpu_is_left(void **state)
{
	int freed = 0;

	retire(&freed);
	fake_clock_skip(*state, 10 * NSEC_PER_MSEC);
	local_bh_disable();
	raise_softirq(RCU_SOFTIRQ);
	local_bh_enable();
	assert_int_equal(freed, 0);
	fake_advance(*state, 10 * NSEC_PER_MSEC);
	assert_int_equal(freed, 1);
}

static void a_callback_waits_for_a_reader_on_another_cpu(void **state)
{
	struct cpu *other = fake_machine(*state)->cpus[1];
	int freed = 0;

	/* an occupant that entered before and has not left */
	__atomic_store_n(&other->busy, 1, __ATOMIC_SEQ_CST);
	retire(&freed);
	fake_advance(*state, 50 * NSEC_PER_MSEC);
	assert_int_equal(freed, 0);
	__atomic_store_n(&other->busy, 0, __ATOMIC_SEQ_CST);
	fake_advance(*state, 10 * NSEC_PER_MSEC);
	assert_int_equal(freed, 1);
}

static void callbacks_of_a_vacant_cpu_are_run(void **state)
{
	int freed = 0;

	fake_on_cpu(*state, 3, retire_it, &freed);
	fake_advance(*state, 10 * NSEC_PER_MSEC);
	assert_int_equal(freed, 1);
}

static void rcu_barrier_waits_for_the_callbacks_of_all_cpus(void **state)
{
	int freed = 0;

	for (u32 cpu = 0; cpu < FAKE_CPUS; cpu++)
		fake_on_cpu(*state, cpu, retire_it, &freed);
	retire(&freed);
	rcu_barrier(fake_machine(*state));
	assert_int_equal(freed, FAKE_CPUS + 1);
}

static void thousands_of_callbacks_run_in_batches(void **state)
{
	int freed = 0;

	for (int i = 0; i < 3000; i++)
		retire(&freed);
	fake_advance(*state, 20 * NSEC_PER_MSEC);
	assert_int_equal(freed, 3000);
}

static void a_machine_ends_by_running_what_is_queued(void **state)
{
	struct fake_platform *fp;
	int freed = 0;

	cpu_put(this_cpu());	/* leave the fixture's machine alone */
	fp = fake_platform_create(2);
	retire(&freed);
	assert_int_equal(fake_platform_destroy(fp), 0);
	assert_int_equal(freed, 1);
	assert_true(cpu_get(fake_machine(*state)->cpus[0], NULL));
}

static void synchronize_rcu_returns_when_all_others_are_vacant(void **state)
{
	synchronize_rcu();
	assert_int_equal(fake_stats(*state)->parks, 0);
}

/* --- tasklets and work ------------------------------------------------------------ */

struct job {
	struct tasklet_struct tasklet;	/* must be first */
	struct work_struct work;
	int runs;
	int again;
	bool was_task;
};

static void tasklet_fn(struct tasklet_struct *t)
{
	struct job *j = (struct job *)t;

	j->runs++;
	if (j->again-- > 0)
		tasklet_schedule(t);
}

static void work_fn(struct work_struct *w)
{
	struct job *j = container_of(w, struct job, work);

	j->runs++;
	j->was_task = in_task();
	if (j->again-- > 0)
		schedule_work(current_task()->machine, w);
}

static struct job *new_job(void)
{
	struct job *j = calloc(1, sizeof(*j));

	tasklet_setup(&j->tasklet, tasklet_fn);
	work_init(&j->work, work_fn);
	return j;
}

static void a_tasklet_scheduled_twice_runs_once(void **state)
{
	struct job *j = new_job();

	local_bh_disable();
	tasklet_schedule(&j->tasklet);
	tasklet_schedule(&j->tasklet);
	local_bh_enable();
	assert_int_equal(j->runs, 1);
	free(j);
}

static void a_tasklet_may_schedule_itself(void **state)
{
	struct job *j = new_job();

	j->again = 3;
	tasklet_hi_schedule(&j->tasklet);
	tasklet_kill(&j->tasklet);
	assert_int_equal(j->runs, 4);
	free(j);
}

static void a_disabled_tasklet_runs_when_enabled(void **state)
{
	struct job *j = new_job();

	tasklet_disable(&j->tasklet);
	local_bh_disable();
	tasklet_schedule(&j->tasklet);
	local_bh_enable();
	assert_int_equal(j->runs, 0);
	tasklet_enable(&j->tasklet);
	fake_run(*state);
	assert_int_equal(j->runs, 1);
	free(j);
}

static void work_runs_in_task_context(void **state)
{
	struct machine *m = fake_machine(*state);
	struct job *j = new_job();

	assert_true(schedule_work(m, &j->work));
	assert_false(schedule_work(m, &j->work));
	assert_true(cpu_has_work(m->cpus[0]));
	fake_run(*state);
	assert_int_equal(j->runs, 1);
	assert_true(j->was_task);
	assert_false(cpu_has_work(m->cpus[0]));
	free(j);
}

static void work_that_queues_itself_waits_for_the_next_pass(void **state)
{
	struct machine *m = fake_machine(*state);
	struct job *j = new_job();

	j->again = 1;
	schedule_work(m, &j->work);
	assert_true(run_workqueue(m));
	assert_int_equal(j->runs, 1);
	assert_true(run_workqueue(m));
	assert_int_equal(j->runs, 2);
	assert_false(run_workqueue(m));
	free(j);
}

static void cancelled_work_does_not_run(void **state)
{
	struct machine *m = fake_machine(*state);
	struct job *j = new_job();

	schedule_work(m, &j->work);
	assert_true(cancel_work_sync(m, &j->work));
	assert_false(cancel_work_sync(m, &j->work));
	fake_run(*state);
	assert_int_equal(j->runs, 0);
	free(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		machine_test(a_sleeper_is_woken),
		machine_test(a_sleeper_gives_up_at_its_deadline),
		machine_test(a_signal_ends_the_sleep),
		machine_test(a_sleeper_whom_nobody_can_wake_is_a_deadlock),
		machine_test(a_wake_up_before_the_sleep_is_not_lost),
		machine_test(a_second_wake_up_costs_no_unpark),
		machine_test(one_exclusive_waiter_and_all_others_are_woken),
		machine_test(a_callback_waits_until_its_own_cpu_is_left),
		machine_test(a_callback_waits_for_a_reader_on_another_cpu),
		machine_test(callbacks_of_a_vacant_cpu_are_run),
		machine_test(rcu_barrier_waits_for_the_callbacks_of_all_cpus),
		machine_test(thousands_of_callbacks_run_in_batches),
		machine_test(a_machine_ends_by_running_what_is_queued),
		machine_test(synchronize_rcu_returns_when_all_others_are_vacant),
		machine_test(a_tasklet_scheduled_twice_runs_once),
		machine_test(a_tasklet_may_schedule_itself),
		machine_test(a_disabled_tasklet_runs_when_enabled),
		machine_test(work_runs_in_task_context),
		machine_test(work_that_queues_itself_waits_for_the_next_pass),
		machine_test(cancelled_work_does_not_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
