/* SPDX-License-Identifier: BSD-2-Clause */
/* The trace ring, the name tables, locks. */
#include "base/lock.h"
#include "base/mib.h"
#include "base/trace.h"
#include "tests/support/percpu_fixture.h"

static void ring_on(struct percpu_fixture *f, u32 records)
{
	f->pc.trace = trace_ring_create(&f->platform, records);
	assert_non_null(f->pc.trace);
	trace_switch(&f->pc, true);
}

static void ring_off(struct percpu_fixture *f)
{
	trace_ring_destroy(&f->platform, f->pc.trace);
	f->pc.trace = NULL;
	trace_switch(&f->pc, false);
}

static void records_come_out_in_order(void **state)
{
	struct percpu_fixture *f = *state;
	struct trace_record r[8];
	u64 lost = 0;

	ring_on(f, 16);
	f->pc.task_id = 7;
	f->pc.context = CTX_SOFTIRQ;
	trace_stage(STAGE_ip_rcv, 100, 60);
	trace_event(TRACE_DROP, SKB_DROP_REASON_IP_CSUM, 100, 60, 3, 9, 1);
	assert_int_equal(trace_ring_read(f->pc.trace, r, 8, &lost), 2);
	assert_int_equal(lost, 0);
	assert_int_equal(r[0].kind, TRACE_STAGE);
	assert_int_equal(r[0].code, STAGE_ip_rcv);
	assert_int_equal(r[0].packet, 100);
	assert_int_equal(r[0].len, 60);
	assert_int_equal(r[0].task, 7);
	assert_int_equal(r[0].context, CTX_SOFTIRQ);
	assert_int_equal(r[0].cpu, 1);
	assert_int_equal(r[1].code, SKB_DROP_REASON_IP_CSUM);
	assert_int_equal(r[1].queue, 3);
	assert_int_equal(r[1].arg, 9);
	assert_int_equal(r[1].verdict, 1);
	assert_true(r[1].time_ns > r[0].time_ns);
	assert_int_equal(trace_ring_read(f->pc.trace, r, 8, &lost), 0);
	ring_off(f);
}

static void a_full_ring_loses_the_oldest_and_counts_them(void **state)
{
	struct percpu_fixture *f = *state;
	struct trace_record r[64];
	u64 lost = 0;
	u32 n;

	ring_on(f, 10);			/* becomes 16 */
	for (u64 i = 0; i < 40; i++)
		trace_stage(STAGE_ip_rcv, i, 0);
	n = trace_ring_read(f->pc.trace, r, 64, &lost);
	assert_int_equal(n, 16);
	assert_int_equal(lost, 24);
	for (u32 i = 0; i < n; i++)
		assert_int_equal(r[i].packet, 24 + i);
	ring_off(f);
}

static void stages_are_counted_without_a_trace(void **state)
{
	struct percpu_fixture *f = *state;

	trace_stage(STAGE_tcp_ack, 1, 40);
	trace_stage(STAGE_tcp_ack, 2, 60);
	assert_int_equal(f->pc.stage_count[STAGE_tcp_ack], 2);
	assert_int_equal(f->pc.stage_bytes[STAGE_tcp_ack], 100);
}

static void names_belong_to_their_numbers(void **state)
{
	assert_string_equal(stage_name(STAGE_ip_rcv), "ip_rcv");
	assert_string_equal(stage_floor(STAGE_ip_rcv), "inet");
	assert_string_equal(stage_name(STAGE_MAX), "?");
	assert_string_equal(drop_reason_name(SKB_DROP_REASON_TCP_CSUM),
			    "TCP_CSUM");
	assert_string_equal(drop_reason_name(9999), "?");
	assert_string_equal(mib_name(MIB(Tcp, RetransSegs)), "RetransSegs");
	assert_string_equal(mib_group(MIB(TcpExt, TCPTimeouts)), "TcpExt");
	assert_true(mib_is_gauge(MIB(Tcp, CurrEstab)));
	assert_false(mib_is_gauge(MIB(Ip, InReceives)));
	for (u32 i = 0; i < STAGE_MAX; i++)
		assert_non_null(stage_what(i));
	for (u32 i = 0; i < SKB_DROP_REASON_MAX; i++)
		assert_non_null(drop_reason_what(i));
}

static void a_lock_excludes(void **state)
{
	spinlock_t l = SPINLOCK_INIT;

	spin_lock(&l);
	assert_false(spin_trylock(&l));
	spin_unlock(&l);
	assert_true(spin_trylock(&l));
	spin_unlock(&l);
}

static void a_dead_reference_is_not_revived(void **state)
{
	refcount_t r;

	refcount_set(&r, 1);
	assert_true(refcount_inc_not_zero(&r));
	assert_false(refcount_dec_and_test(&r));
	assert_true(refcount_dec_and_test(&r));
	assert_false(refcount_inc_not_zero(&r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEIR_TEST(records_come_out_in_order),
		WEIR_TEST(a_full_ring_loses_the_oldest_and_counts_them),
		WEIR_TEST(stages_are_counted_without_a_trace),
		WEIR_TEST(names_belong_to_their_numbers),
		WEIR_TEST(a_lock_excludes),
		WEIR_TEST(a_dead_reference_is_not_revived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
