/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The softirq engine. A softirq is marked in the CPU's pending word and runs
 * at the next point where neither softirqs nor interrupts are off: the end of
 * a bh-disabled section, of a hardirq, or of the stay on the CPU. Interrupts
 * that are pending go first, before each action.
 *
 * Work that keeps coming is bounded: after MAX_SOFTIRQ_RESTART rounds or
 * MAX_SOFTIRQ_TIME the rest is left to ksoftirqd, and until it has run,
 * enable points leave softirqs alone, so that tasks get on.
 */
#include "cpu/account.h"
#include "base/trace.h"
#include "cpu/irq.h"
#include "cpu/rcu.h"
#include "cpu/timer.h"

#define MAX_SOFTIRQ_RESTART	10
#define MAX_SOFTIRQ_TIME	(2 * NSEC_PER_MSEC)

void open_softirq(struct machine *m, int nr, softirq_action_t action)
{
	m->softirq_vec[nr] = action;
}

static noinline void raise_elsewhere(struct cpu *cpu, u32 bit)
{
	if (__atomic_load_n(&cpu->pending, __ATOMIC_SEQ_CST) & bit)
		return;
	__atomic_fetch_or(&cpu->pending, bit, __ATOMIC_SEQ_CST);
	cpu->pc.platform->ops->kick(cpu->pc.platform, cpu);
}

void __raise_softirq(struct cpu *cpu, int nr)
{
	u32 bit = 1u << nr;

	if (likely(cpu == this_cpu()))
		WRITE_ONCE(cpu->raised, cpu->raised | bit);
	else
		raise_elsewhere(cpu, bit);
}

void raise_softirq(int nr)
{
	struct cpu *cpu = this_cpu();

	WRITE_ONCE(cpu->raised, cpu->raised | 1u << nr);
}

static void wakeup_softirqd(struct cpu *cpu)
{
	struct platform *p = cpu->pc.platform;

	cpu->ksoftirqd_should_run = true;
	cpu->ksoftirqd_wakeups++;
	if (!cpu->current || !cpu->current->is_ksoftirqd)
		p->ops->kick(p, cpu);
}

static noinline u32 take_softirqs_of_others(struct cpu *cpu)
{
	return __atomic_fetch_and(&cpu->pending, IRQ_WORK, __ATOMIC_SEQ_CST) &
	       ~IRQ_WORK;
}

static u32 take_softirqs(struct cpu *cpu)
{
	u32 nrs = cpu->raised & ~IRQ_WORK;

	WRITE_ONCE(cpu->raised, cpu->raised & IRQ_WORK);
	if (unlikely(READ_ONCE(cpu->pending) & ~IRQ_WORK))
		nrs |= take_softirqs_of_others(cpu);
	return nrs;
}

/* One round: every softirq that was pending at its start, once. */
static void run_actions(struct cpu *cpu)
{
	u32 nrs = take_softirqs(cpu);

	for (; nrs; nrs &= nrs - 1) {
		int nr = __builtin_ctz(nrs);
		softirq_action_t action = cpu->machine->softirq_vec[nr];

		cpu->softirq_count[nr]++;
		if (likely(action))
			action(cpu);
		if (unlikely(irqs_pending(cpu)))
			irq_deliver(cpu);
	}
}

/* While the trace is on, each record and each wait in a queue has its own
 * time. */
ktime_t softirq_stamp(struct cpu *cpu)
{
	struct platform *p = cpu->pc.platform;

	cpu->clock_hint = p->ops->clock_mono(p);
	if (p->shares_stamps && likely(!trace_is_on(&cpu->pc)))
		cpu->pc.stamp = cpu->clock_hint;
	return cpu->clock_hint;
}

/* Rounds until nothing is pending; false when it was too much. */
static bool run_rounds(struct cpu *cpu)
{
	ktime_t now = softirq_stamp(cpu), end = now + MAX_SOFTIRQ_TIME;

	for (int round = 0; round < MAX_SOFTIRQ_RESTART; round++) {
		if (unlikely(now >= READ_ONCE(cpu->next_event)))
			timer_interrupt(cpu, now);
		if (irqs_pending(cpu))
			irq_deliver(cpu);
		run_actions(cpu);
		if (likely(!cpu_pending(cpu)))
			return true;
		cpu->softirq_restarts++;
		now = softirq_stamp(cpu);
		if (now >= end)
			return false;
	}
	return false;
}

void __do_softirq(struct cpu *cpu)
{
	bool daemon = cpu->pc.context == CTX_KSOFTIRQD;
	u8 from;

	cpu->bh_off++;
	cpu->in_softirq++;
	from = account_enter(cpu, daemon ? CTX_KSOFTIRQD : CTX_SOFTIRQ);
	if (unlikely(!run_rounds(cpu)))
		wakeup_softirqd(cpu);
	cpu->pc.stamp = 0;
	account_leave(cpu, from);
	cpu->in_softirq--;
	cpu->bh_off--;
}

/* bh_off has become 0 and something is pending. */
noinline void local_bh_enable_slow(struct cpu *cpu)
{
	if (cpu->irq_off)
		return;
	if (irqs_pending(cpu))
		irq_deliver(cpu);
	if (softirqs_pending(cpu) && !cpu->ksoftirqd_should_run)
		__do_softirq(cpu);
}

void local_irq_enable(void)
{
	struct cpu *cpu = this_cpu();

	if (--cpu->irq_off == 0 && cpu->bh_off == 0 &&
	    unlikely(cpu_pending(cpu)))
		local_bh_enable_slow(cpu);
}

void run_ksoftirqd(struct cpu *cpu)
{
	u8 from = account_enter(cpu, CTX_KSOFTIRQD);

	cpu_run_pending(cpu);
	account_leave(cpu, from);
}
