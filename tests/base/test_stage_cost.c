/* SPDX-License-Identifier: BSD-2-Clause */
/* Stages cost CPU time: what is spent, when, and next to the trace. */
#include "base/trace.h"
#include "tests/support/percpu_fixture.h"

#define MAX_SPENT	8

/* The fixture's platform with a `spend` that keeps notes. */
struct spender {
	struct platform_ops ops;
	ktime_t spent[MAX_SPENT];
	struct percpu *on[MAX_SPENT];
	u32 n;
	struct stage_cost costs[STAGE_MAX];
	struct percpu_fixture *f;
	u64 seen_records;		/* in the ring when time was spent */
};

static struct spender *spender_of(struct platform *p)
{
	return container_of(p->ops, struct spender, ops);
}

static void spend(struct platform *p, struct percpu *pc, ktime_t ns)
{
	struct spender *s = spender_of(p);
	struct trace_record r[4];
	u64 lost = 0;

	assert_true(s->n < MAX_SPENT);
	s->spent[s->n] = ns;
	s->on[s->n++] = pc;
	s->f->now += ns;
	if (pc->trace)
		s->seen_records += trace_ring_read(pc->trace, r, 4, &lost);
}

/* Outlives the test: the fixture's teardown still uses the ops. */
static struct spender the_spender;

static struct spender *spender_init(struct percpu_fixture *f)
{
	struct spender *s = &the_spender;

	*s = (struct spender){ .ops = *f->platform.ops, .f = f };
	s->ops.spend = spend;
	s->costs[STAGE_ip_rcv] = (struct stage_cost){ 120, 0 };
	s->costs[STAGE_tcp_recvmsg] = (struct stage_cost){ 10, 250 };
	f->platform.ops = &s->ops;
	return s;
}

static void a_stage_spends_its_fixed_cost_and_that_of_its_bytes(void **state)
{
	struct percpu_fixture *f = *state;
	struct spender *s = spender_init(f);

	stage_costs_set(&f->pc, s->costs);
	trace_stage(STAGE_ip_rcv, 1, 1500);
	trace_stage(STAGE_tcp_recvmsg, 1, 1000);
	assert_int_equal(s->n, 2);
	assert_int_equal(s->spent[0], 120);
	assert_int_equal(s->spent[1], 260);
	assert_ptr_equal(s->on[1], &f->pc);
	assert_int_equal(f->pc.stage_count[STAGE_ip_rcv], 1);
	assert_int_equal(f->pc.stage_bytes[STAGE_tcp_recvmsg], 1000);
}

static void a_stage_that_is_free_spends_nothing(void **state)
{
	struct percpu_fixture *f = *state;
	struct spender *s = spender_init(f);

	stage_costs_set(&f->pc, s->costs);
	trace_stage(STAGE_udp_rcv, 1, 1500);
	assert_int_equal(s->n, 0);
	assert_int_equal(f->pc.stage_count[STAGE_udp_rcv], 1);
}

static void without_a_table_nothing_is_spent(void **state)
{
	struct percpu_fixture *f = *state;
	struct spender *s = spender_init(f);

	trace_stage(STAGE_ip_rcv, 1, 1500);
	stage_costs_set(&f->pc, s->costs);
	stage_costs_set(&f->pc, NULL);
	trace_stage(STAGE_ip_rcv, 1, 1500);
	assert_int_equal(s->n, 0);
	assert_int_equal(f->pc.stage_hooks, 0);
}

static void a_platform_of_real_time_ignores_the_table(void **state)
{
	struct percpu_fixture *f = *state;
	struct stage_cost costs[STAGE_MAX] = { [STAGE_ip_rcv] = { 5, 5 } };

	stage_costs_set(&f->pc, costs);
	trace_stage(STAGE_ip_rcv, 1, 1500);
	assert_int_equal(f->pc.stage_count[STAGE_ip_rcv], 1);
}

static void the_record_comes_before_the_cost(void **state)
{
	struct percpu_fixture *f = *state;
	struct spender *s = spender_init(f);

	f->pc.trace = trace_ring_create(&f->platform, 16);
	trace_switch(&f->pc, true);
	stage_costs_set(&f->pc, s->costs);
	trace_stage(STAGE_ip_rcv, 1, 1500);
	assert_int_equal(s->n, 1);
	assert_int_equal(s->seen_records, 1);
	trace_ring_destroy(&f->platform, f->pc.trace);
	f->pc.trace = NULL;
}

static void trace_and_cost_are_switched_apart(void **state)
{
	struct percpu_fixture *f = *state;
	struct spender *s = spender_init(f);

	stage_costs_set(&f->pc, s->costs);
	trace_switch(&f->pc, true);
	trace_switch(&f->pc, false);
	assert_false(trace_is_on(&f->pc));
	assert_int_equal(f->pc.stage_hooks, HOOK_COST);
	trace_switch(&f->pc, true);
	stage_costs_set(&f->pc, NULL);
	assert_true(trace_is_on(&f->pc));
	assert_int_equal(f->pc.stage_hooks, HOOK_TRACE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEIR_TEST(a_stage_spends_its_fixed_cost_and_that_of_its_bytes),
		WEIR_TEST(a_stage_that_is_free_spends_nothing),
		WEIR_TEST(without_a_table_nothing_is_spent),
		WEIR_TEST(a_platform_of_real_time_ignores_the_table),
		WEIR_TEST(the_record_comes_before_the_cost),
		WEIR_TEST(trace_and_cost_are_switched_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
