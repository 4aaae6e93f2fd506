/* SPDX-License-Identifier: BSD-2-Clause */
/* Occupying CPUs, softirqs, contexts. */
#include "tests/cpu/cpu_test.h"

#include "base/slab.h"
#include "cpu/account.h"
#include "cpu/lock.h"
#include "cpu/task.h"

static struct {	/* RULE 9: softirq actions have no argument of the test's */
	int runs, log[64], n;
	bool forever;
	bool was_softirq, was_task;
} seen;

static void count_action(struct cpu *cpu)
{
	seen.runs++;
	seen.was_softirq = in_serving_softirq();
	seen.was_task = in_task();
	if (seen.forever)
		raise_softirq(SCHED_SOFTIRQ);
}

static void log_net_tx(struct cpu *cpu)
{
	seen.log[seen.n++] = NET_TX_SOFTIRQ;
}

static void log_block(struct cpu *cpu)
{
	seen.log[seen.n++] = BLOCK_SOFTIRQ;
}

static void prepare(void **state)
{
	memset(&seen, 0, sizeof(seen));
	open_softirq(fake_machine(*state), SCHED_SOFTIRQ, count_action);
}

static void an_occupied_cpu_cannot_be_taken(void **state)
{
	struct machine *m = fake_machine(*state);
	struct task t;

	task_init(&t, m, "other");
	assert_false(cpu_get(m->cpus[0], &t));
	assert_ptr_equal(this_cpu(), m->cpus[0]);
}

static void a_raised_softirq_runs_when_bh_is_enabled(void **state)
{
	prepare(state);
	local_bh_disable();
	local_bh_disable();
	raise_softirq(SCHED_SOFTIRQ);
	local_bh_enable();
	assert_int_equal(seen.runs, 0);
	local_bh_enable();
	assert_int_equal(seen.runs, 1);
	assert_true(seen.was_softirq);
	assert_false(seen.was_task);
	assert_true(in_task());
}

static void softirqs_wait_for_interrupts_to_be_enabled(void **state)
{
	prepare(state);
	local_irq_disable();
	local_bh_disable();
	raise_softirq(SCHED_SOFTIRQ);
	local_bh_enable();
	assert_int_equal(seen.runs, 0);
	local_irq_enable();
	assert_int_equal(seen.runs, 1);
}

static void a_raised_softirq_runs_at_the_latest_on_the_way_out(void **state)
{
	struct cpu *cpu = this_cpu();
	struct task *t = cpu->current;

	prepare(state);
	raise_softirq(SCHED_SOFTIRQ);
	assert_int_equal(seen.runs, 0);
	cpu_put(cpu);
	assert_int_equal(seen.runs, 1);
	assert_null(this_cpu());
	assert_true(cpu_get(cpu, t));
}

static void softirqs_run_in_the_order_of_their_numbers(void **state)
{
	prepare(state);
	open_softirq(fake_machine(*state), NET_TX_SOFTIRQ, log_net_tx);
	open_softirq(fake_machine(*state), BLOCK_SOFTIRQ, log_block);
	local_bh_disable();
	raise_softirq(BLOCK_SOFTIRQ);
	raise_softirq(NET_TX_SOFTIRQ);
	local_bh_enable();
	assert_int_equal(seen.n, 2);
	assert_int_equal(seen.log[0], NET_TX_SOFTIRQ);
	assert_int_equal(seen.log[1], BLOCK_SOFTIRQ);
}

static void after_ten_rounds_the_rest_is_left_to_ksoftirqd(void **state)
{
	struct cpu *cpu = this_cpu();

	prepare(state);
	seen.forever = true;
	local_bh_disable();
	raise_softirq(SCHED_SOFTIRQ);
	local_bh_enable();
	assert_int_equal(seen.runs, 10);
	assert_int_equal(cpu->ksoftirqd_wakeups, 1);
	assert_ptr_equal(fake_stats(*state)->last_kicked, cpu);
	local_bh_disable();
	local_bh_enable();
	assert_int_equal(seen.runs, 10);
	seen.forever = false;
	fake_run(*state);
	assert_int_equal(seen.runs, 11);
	assert_false(cpu_has_work(cpu));
}

static void after_two_milliseconds_the_rest_is_left_to_ksoftirqd(void **state)
{
	prepare(state);
	seen.forever = true;
	fake_clock_per_read(*state, NSEC_PER_MSEC);
	local_bh_disable();
	raise_softirq(SCHED_SOFTIRQ);
	local_bh_enable();
	assert_int_equal(seen.runs, 2);
	seen.forever = false;
	fake_clock_per_read(*state, 0);
	fake_run(*state);
}

static void a_task_that_never_lets_ksoftirqd_in_runs_its_work(void **state)
{
	struct cpu *cpu = this_cpu();
	struct task *t = cpu->current;

	prepare(state);
	seen.forever = true;
	local_bh_disable();
	raise_softirq(SCHED_SOFTIRQ);
	local_bh_enable();
	seen.forever = false;
	for (int i = 0; i < 20; i++) {
		cpu_put(cpu);
		assert_true(cpu_get(cpu, t));
	}
	assert_int_equal(seen.runs, 11);
}

static void raising_on_another_cpu_kicks_it(void **state)
{
	struct machine *m = fake_machine(*state);

	prepare(state);
	__raise_softirq(m->cpus[2], SCHED_SOFTIRQ);
	assert_ptr_equal(fake_stats(*state)->last_kicked, m->cpus[2]);
	assert_true(cpu_has_work(m->cpus[2]));
	fake_run(*state);
	assert_int_equal(seen.runs, 1);
	assert_int_equal(m->cpus[2]->softirq_count[SCHED_SOFTIRQ], 1);
}

static void spend_time(struct cpu *cpu)
{
	fake_clock_skip((struct fake_platform *)cpu->pc.platform, 700);
}

static void time_is_charged_to_the_context_that_spent_it(void **state)
{
	struct machine *m = fake_machine(*state);
	struct cpu *cpu = this_cpu();

	open_softirq(m, SCHED_SOFTIRQ, spend_time);
	account_enable(m, true);
	fake_clock_skip(*state, 100);
	local_bh_disable();
	raise_softirq(SCHED_SOFTIRQ);
	local_bh_enable();
	assert_int_equal(account_cpu_ns(cpu, CTX_TASK), 100);
	assert_int_equal(account_cpu_ns(cpu, CTX_SOFTIRQ), 700);
	assert_int_equal(account_task_ns(cpu->current, CTX_TASK), 100);
	assert_int_equal(account_task_ns(cpu->current, CTX_SOFTIRQ), 700);
}

static void bsd_charges_the_interrupted_task(void **state)
{
	struct machine *m = fake_machine(*state);
	struct cpu *cpu = this_cpu();

	open_softirq(m, SCHED_SOFTIRQ, spend_time);
	m->account_mode = ACCOUNT_BSD;
	account_enable(m, true);
	fake_clock_skip(*state, 100);
	local_bh_disable();
	raise_softirq(SCHED_SOFTIRQ);
	local_bh_enable();
	assert_int_equal(account_task_ns(cpu->current, CTX_TASK), 800);
	assert_int_equal(account_task_ns(cpu->current, CTX_SOFTIRQ), 0);
}

static void no_clock_is_read_on_the_way_in_and_out(void **state)
{
	struct cpu *cpu = this_cpu();
	struct task *t = cpu->current;
	ktime_t before = fake_now(*state);

	fake_clock_per_read(*state, 1);
	cpu_put(cpu);
	assert_true(cpu_get(cpu, t));
	local_bh_disable();
	local_bh_enable();
	assert_int_equal(fake_now(*state), before);
}

/* On m's first CPU: frees obj and allocates another. */
static void *replace(struct machine *m, void *obj)
{
	struct cpu *cpu = m->cpus[0];

	assert_true(cpu_get(cpu, NULL));
	kfree(obj);
	obj = kmalloc(640);
	cpu_put(cpu);
	return obj;
}

struct many {
	struct platform *platform;
	struct slab_depot *depot;
	struct machine *m[80];		/* more than NR_CPUS */
};

static void run_machines_on_one_depot(void *arg)
{
	struct many *many = arg;
	struct slab_magazines *shared = slab_magazines_create(many->depot);
	size_t bytes = 0;
	void *obj = NULL;

	assert_non_null(shared);
	for (u32 i = 0; i < ARRAY_SIZE(many->m); i++) {
		many->m[i] = machine_create_on(many->platform, 2, many->depot,
					       shared);
		assert_non_null(many->m[i]);
		obj = replace(many->m[i], obj);
		if (!i)
			bytes = slab_bytes(many->depot);
	}
	assert_int_equal(slab_bytes(many->depot), bytes);
	assert_int_equal(slab_in_use(many->depot), 1);
	kfree(obj);
	for (u32 i = 0; i < ARRAY_SIZE(many->m); i++)
		assert_int_equal(machine_destroy(many->m[i]), 0);
}

static void many_machines_can_share_one_depot(void **state)
{
	struct many many = { .platform = fake_platform(*state) };

	many.depot = slab_depot_create(many.platform);
	assert_non_null(many.depot);
	fake_off_cpu(*state, run_machines_on_one_depot, &many);
	assert_int_equal(slab_depot_destroy(many.depot), 0);
}

static void a_machine_is_not_made_by_halves(void **state)
{
	struct platform *p = fake_platform(*state);

	for (u64 nth = 1; nth <= 6; nth++) {
		fake_fail_alloc(*state, nth);
		assert_null(machine_create(p, 2));
	}
	fake_fail_alloc(*state, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		machine_test(an_occupied_cpu_cannot_be_taken),
		machine_test(a_raised_softirq_runs_when_bh_is_enabled),
		machine_test(softirqs_wait_for_interrupts_to_be_enabled),
		machine_test(a_raised_softirq_runs_at_the_latest_on_the_way_out),
		machine_test(softirqs_run_in_the_order_of_their_numbers),
		machine_test(after_ten_rounds_the_rest_is_left_to_ksoftirqd),
		machine_test(after_two_milliseconds_the_rest_is_left_to_ksoftirqd),
		machine_test(a_task_that_never_lets_ksoftirqd_in_runs_its_work),
		machine_test(raising_on_another_cpu_kicks_it),
		machine_test(time_is_charged_to_the_context_that_spent_it),
		machine_test(bsd_charges_the_interrupted_task),
		machine_test(no_clock_is_read_on_the_way_in_and_out),
		machine_test(many_machines_can_share_one_depot),
		machine_test(a_machine_is_not_made_by_halves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
