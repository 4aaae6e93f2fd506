/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupt lines and NAPI. */
#include "tests/cpu/cpu_test.h"

#include "cpu/irq.h"
#include "cpu/napi.h"

struct line {
	struct fake_platform *fp;
	struct machine *m;
	int irq, calls;
	u32 cpu;
	bool was_hardirq;
	enum irqreturn answer;
};

static enum irqreturn handler(int irq, void *dev)
{
	struct line *l = dev;

	l->calls++;
	l->cpu = this_cpu()->pc.id;
	l->was_hardirq = in_hardirq();
	return l->answer;
}

static struct line new_line(void **state)
{
	struct line l = { .fp = *state, .m = fake_machine(*state),
			  .answer = IRQ_HANDLED };

	l.irq = irq_alloc(l.m);
	assert_true(l.irq > 0);
	return l;
}

static void raise_it(void *arg)
{
	struct line *l = arg;

	irq_raise(l->m, l->irq);
}

static void an_interrupt_is_delivered_at_the_next_enable_point(void **state)
{
	struct line l = new_line(state);

	assert_int_equal(request_irq(l.m, l.irq, handler, 0, "t", &l), 0);
	local_bh_disable();
	irq_raise(l.m, l.irq);
	assert_int_equal(l.calls, 0);
	local_bh_enable();
	assert_int_equal(l.calls, 1);
	assert_true(l.was_hardirq);
	assert_false(in_hardirq());
	free_irq(l.m, l.irq, &l);
	irq_free(l.m, l.irq);
}

static void from_no_cpu_it_goes_to_cpu_0_and_kicks(void **state)
{
	struct line l = new_line(state);

	request_irq(l.m, l.irq, handler, 0, "t", &l);
	fake_off_cpu(*state, raise_it, &l);
	assert_ptr_equal(fake_stats(*state)->last_kicked, l.m->cpus[0]);
	fake_run(*state);
	assert_int_equal(l.calls, 1);
	assert_int_equal(l.cpu, 0);
	free_irq(l.m, l.irq, &l);
	irq_free(l.m, l.irq);
}

static void affinity_says_which_cpu_gets_it(void **state)
{
	struct line l = new_line(state);

	request_irq(l.m, l.irq, handler, 0, "t", &l);
	l.m->irqs[l.irq]->affinity = 3;
	irq_raise(l.m, l.irq);
	fake_run(*state);
	assert_int_equal(l.cpu, 3);
	assert_int_equal(l.m->irqs[l.irq]->count[3], 1);
	free_irq(l.m, l.irq, &l);
	irq_free(l.m, l.irq);
}

static void sharers_must_all_agree_to_share(void **state)
{
	struct line a = new_line(state), b = a;

	assert_int_equal(request_irq(a.m, a.irq, handler, 0, "a", &a), 0);
	assert_int_equal(request_irq(a.m, a.irq, handler, IRQF_SHARED, "b", &b),
			 -EBUSY);
	free_irq(a.m, a.irq, &a);
	request_irq(a.m, a.irq, handler, IRQF_SHARED, "a", &a);
	assert_int_equal(request_irq(a.m, a.irq, handler, IRQF_SHARED, "b", &b),
			 0);
	irq_raise(a.m, a.irq);
	fake_run(*state);
	assert_int_equal(a.calls, 1);
	assert_int_equal(b.calls, 1);
	free_irq(a.m, a.irq, &a);
	free_irq(a.m, a.irq, &b);
	irq_free(a.m, a.irq);
}

static void an_interrupt_raised_while_disabled_comes_when_enabled(void **state)
{
	struct line l = new_line(state);

	request_irq(l.m, l.irq, handler, 0, "t", &l);
	disable_irq(l.m, l.irq);
	irq_raise(l.m, l.irq);
	fake_run(*state);
	assert_int_equal(l.calls, 0);
	enable_irq(l.m, l.irq);
	fake_run(*state);
	assert_int_equal(l.calls, 1);
	free_irq(l.m, l.irq, &l);
	irq_free(l.m, l.irq);
}

static void an_interrupt_that_nobody_wants_is_counted(void **state)
{
	struct line l = new_line(state);

	l.answer = IRQ_NONE;
	request_irq(l.m, l.irq, handler, 0, "t", &l);
	irq_raise(l.m, l.irq);
	fake_run(*state);
	assert_int_equal(l.m->irqs[l.irq]->unhandled, 1);
	free_irq(l.m, l.irq, &l);
	irq_free(l.m, l.irq);
}

static void lines_run_out_with_an_error(void **state)
{
	struct machine *m = fake_machine(*state);
	int irq[MACHINE_MAX_IRQS], n = 0, last;

	while ((last = irq_alloc(m)) >= 0)
		irq[n++] = last;
	assert_int_equal(last, -ENOSPC);
	while (n)
		irq_free(m, irq[--n]);
}

/* --- NAPI ------------------------------------------------------------------- */

struct nic {
	struct napi_struct napi;	/* must be first */
	int waiting;			/* packets in the ring */
	int during_poll;		/* packets that come while polling */
	bool irq_enabled;
	int irqs, polls, handled;
	bool storm;
};

static void nic_packets(struct nic *nic, int n)
{
	nic->waiting += n;
	if (!nic->irq_enabled)
		return;
	nic->irq_enabled = false;
	nic->irqs++;
	napi_schedule(&nic->napi);
}

static int nic_poll(struct napi_struct *n, int budget)
{
	struct nic *nic = (struct nic *)n;
	int work = min(nic->waiting, budget);

	nic->polls++;
	nic->handled += work;
	nic->waiting -= nic->storm ? 0 : work;
	if (nic->during_poll) {
		nic->waiting += nic->during_poll;
		nic->during_poll = 0;
		napi_schedule(n);
	}
	if (work < budget && napi_complete_done(n, work))
		nic->irq_enabled = true;
	return work;
}

static struct nic new_nic(void **state)
{
	return (struct nic){ .irq_enabled = true };
}

static void start_nic(void **state, struct nic *nic)
{
	napi_struct_init(&nic->napi, fake_machine(*state), nic_poll, 64);
	napi_enable(&nic->napi);
}

static void stop_nic(struct nic *nic)
{
	napi_disable(&nic->napi);
}

static void one_interrupt_serves_a_burst(void **state)
{
	struct nic nic = new_nic(state);

	start_nic(state, &nic);
	nic_packets(&nic, 10);
	nic_packets(&nic, 100);
	fake_run(*state);
	assert_int_equal(nic.handled, 110);
	assert_int_equal(nic.irqs, 1);
	assert_int_equal(nic.polls, 2);
	assert_true(nic.irq_enabled);
	stop_nic(&nic);
}

static void a_schedule_while_polled_is_not_missed(void **state)
{
	struct nic nic = new_nic(state);

	start_nic(state, &nic);
	nic.during_poll = 5;
	nic_packets(&nic, 1);
	fake_run(*state);
	assert_int_equal(nic.handled, 6);
	assert_int_equal(nic.polls, 2);
	assert_true(nic.irq_enabled);
	stop_nic(&nic);
}

static void a_flooded_nic_is_polled_once_per_round(void **state)
{
	struct nic nic = new_nic(state);

	start_nic(state, &nic);
	nic.storm = true;
	nic_packets(&nic, 1000);
	local_bh_disable();
	local_bh_enable();
	assert_int_equal(nic.polls, 10);
	assert_int_equal(this_cpu()->time_squeeze, 0);
	assert_int_equal(this_cpu()->ksoftirqd_wakeups, 1);
	nic.storm = false;
	fake_run(*state);
	assert_int_equal(nic.waiting, 0);
	stop_nic(&nic);
}

static void the_budget_ends_a_round_and_is_counted(void **state)
{
	struct nic nic[6];
	int polls = 0;

	for (int i = 0; i < 6; i++) {
		nic[i] = new_nic(state);
		start_nic(state, &nic[i]);
		nic[i].storm = true;
		nic_packets(&nic[i], 1000);
	}
	local_bh_disable();
	local_bh_enable();
	for (int i = 0; i < 6; i++) {
		polls += nic[i].polls;
		nic[i].storm = false;
	}
	assert_int_equal(polls, 50);	/* 10 rounds of 5 x 64 > 300 */
	assert_int_equal(this_cpu()->time_squeeze, 10);
	fake_run(*state);
	for (int i = 0; i < 6; i++)
		stop_nic(&nic[i]);
}

static void the_time_limit_ends_a_round_and_is_counted(void **state)
{
	struct nic a = new_nic(state), b = new_nic(state);

	start_nic(state, &a);
	start_nic(state, &b);
	nic_packets(&a, 1);
	nic_packets(&b, 1);
	fake_clock_per_read(*state, 2 * NSEC_PER_MSEC);
	local_bh_disable();
	local_bh_enable();
	assert_int_equal(a.handled, 1);
	assert_int_equal(b.handled, 0);
	assert_int_equal(this_cpu()->time_squeeze, 1);
	fake_clock_per_read(*state, 0);
	fake_run(*state);
	assert_int_equal(b.handled, 1);
	stop_nic(&a);
	stop_nic(&b);
}

static void two_nics_take_turns(void **state)
{
	struct nic a = new_nic(state), b = new_nic(state);

	start_nic(state, &a);
	start_nic(state, &b);
	fake_machine(*state)->netdev_budget = 128;
	a.storm = b.storm = true;
	nic_packets(&a, 1000);
	nic_packets(&b, 1000);
	local_bh_disable();
	local_bh_enable();
	assert_int_equal(a.polls, b.polls);
	a.storm = b.storm = false;
	fake_run(*state);
	stop_nic(&a);
	stop_nic(&b);
}

static void a_waiting_thread_polls_and_leaves_the_interrupt_enabled(void **state)
{
	struct nic nic = new_nic(state);

	start_nic(state, &nic);
	nic.waiting = 7;
	assert_int_equal(napi_busy_poll(&nic.napi, 8), 7);
	assert_int_equal(napi_busy_poll(&nic.napi, 8), 0);
	assert_true(nic.irq_enabled);
	assert_false(cpu_has_work(this_cpu()));
	stop_nic(&nic);
}

static void an_interrupt_during_busy_poll_goes_to_net_rx(void **state)
{
	struct nic nic = new_nic(state);

	start_nic(state, &nic);
	nic.waiting = 1;
	nic.during_poll = 3;
	nic.irq_enabled = false;	/* the top half masked it */
	assert_int_equal(napi_busy_poll(&nic.napi, 8), 1);
	assert_int_equal(nic.handled, 4);
	assert_true(nic.irq_enabled);
	stop_nic(&nic);
}

static void what_busy_poll_leaves_is_for_net_rx(void **state)
{
	struct nic nic = new_nic(state);

	start_nic(state, &nic);
	nic.waiting = 20;
	assert_int_equal(napi_busy_poll(&nic.napi, 8), 8);
	assert_int_equal(nic.handled, 20);
	stop_nic(&nic);
}

static void an_owned_instance_is_busy(void **state)
{
	struct nic nic = new_nic(state);

	start_nic(state, &nic);
	local_bh_disable();
	nic_packets(&nic, 1);
	assert_int_equal(napi_busy_poll(&nic.napi, 8), -EBUSY);
	local_bh_enable();
	stop_nic(&nic);
}

static void a_disabled_instance_is_not_scheduled(void **state)
{
	struct nic nic = new_nic(state);

	start_nic(state, &nic);
	nic_packets(&nic, 3);
	napi_disable(&nic.napi);	/* waits for the poll above */
	assert_int_equal(nic.handled, 3);
	assert_false(napi_schedule_prep(&nic.napi));
	napi_enable(&nic.napi);
	nic_packets(&nic, 1);
	fake_run(*state);
	assert_int_equal(nic.handled, 4);
	stop_nic(&nic);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		machine_test(an_interrupt_is_delivered_at_the_next_enable_point),
		machine_test(from_no_cpu_it_goes_to_cpu_0_and_kicks),
		machine_test(affinity_says_which_cpu_gets_it),
		machine_test(sharers_must_all_agree_to_share),
		machine_test(an_interrupt_raised_while_disabled_comes_when_enabled),
		machine_test(an_interrupt_that_nobody_wants_is_counted),
		machine_test(lines_run_out_with_an_error),
		machine_test(one_interrupt_serves_a_burst),
		machine_test(a_schedule_while_polled_is_not_missed),
		machine_test(a_flooded_nic_is_polled_once_per_round),
		machine_test(the_budget_ends_a_round_and_is_counted),
		machine_test(the_time_limit_ends_a_round_and_is_counted),
		machine_test(two_nics_take_turns),
		machine_test(a_waiting_thread_polls_and_leaves_the_interrupt_enabled),
		machine_test(an_interrupt_during_busy_poll_goes_to_net_rx),
		machine_test(what_busy_poll_leaves_is_for_net_rx),
		machine_test(an_owned_instance_is_busy),
		machine_test(a_disabled_instance_is_not_scheduled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
