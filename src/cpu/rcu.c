/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Grace periods by epochs. Whoever wants one adds 1 to the machine's epoch.
 * Each CPU remembers the epoch that it saw at its last quiescent state; it has
 * passed the grace period when that is not older than the epoch wanted, or
 * when it is found vacant. Finding it vacant is an atomic read-modify-write of
 * cpu->busy: the CPU's next occupant, whose exchange comes later in the order
 * of that word, sees all that was unlinked before.
 *
 * So readers pay nothing, entering and leaving the stack two moves each.
 *
 * Callbacks wait in the CPU that queued them: `next` gathers them, `wait` are
 * those whose grace period runs. A timer of the CPU looks again every few
 * ticks, and brings ksoftirqd if nobody is there by then.
 */
#include "cpu/rcu.h"
#include "cpu/task.h"
#include "cpu/timer.h"

#define RCU_JIFFIES	2	/* between two looks */
#define RCU_BATCH	512	/* callbacks per softirq */
#define RCU_HURRY	1024	/* so many queued: look at once */

static u64 new_epoch(struct machine *m)
{
	return __atomic_add_fetch(&m->rcu_epoch, 1, __ATOMIC_SEQ_CST);
}

/* Notes for a vacant CPU that it passed `epoch`, so that its word is not
 * fetched again for that. */
static bool passed_vacant(struct cpu *cpu, u64 seen, u64 epoch)
{
	if (__atomic_fetch_or(&cpu->busy, 0, __ATOMIC_SEQ_CST))
		return false;
	__atomic_compare_exchange_n(&cpu->rcu_seen, &seen, epoch, false,
				    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
	return true;
}

static bool grace_period_over(struct machine *m, u64 epoch)
{
	for (u32 i = 0; i < m->nr_cpus; i++) {
		struct cpu *cpu = m->cpus[i];
		u64 seen = smp_load_acquire(&cpu->rcu_seen);

		if (seen < epoch && !passed_vacant(cpu, seen, epoch))
			return false;
	}
	return true;
}

/* --- callbacks ---------------------------------------------------------------- */

static void look_later(struct cpu *cpu)
{
	if (!timer_pending(&cpu->rcu_timer))
		mod_timer(&cpu->rcu_timer, jiffies() + RCU_JIFFIES);
}

static void rcu_timer_fn(struct timer_list *t)
{
	raise_softirq(RCU_SOFTIRQ);
}

void rcu_cpu_init(struct cpu *cpu)
{
	cpu->rcu_next_tail = &cpu->rcu_next;
	cpu->rcu_timer.function = rcu_timer_fn;
	cpu->rcu_timer.base = &cpu->timers;
}

void call_rcu(struct rcu_head *head, void (*fn)(struct rcu_head *))
{
	struct cpu *cpu = this_cpu();

	head->next = NULL;
	head->func = fn;
	*cpu->rcu_next_tail = head;
	cpu->rcu_next_tail = &head->next;
	WRITE_ONCE(cpu->rcu_queued, cpu->rcu_queued + 1);
	if (cpu->rcu_queued - cpu->rcu_done >= RCU_HURRY)
		raise_softirq(RCU_SOFTIRQ);
	look_later(cpu);
}

static u32 run_waiting(struct cpu *cpu, u32 budget)
{
	u32 ran = 0;

	while (cpu->rcu_wait && ran < budget) {
		struct rcu_head *head = cpu->rcu_wait;

		cpu->rcu_wait = head->next;
		head->func(head);
		smp_store_release(&cpu->rcu_done, cpu->rcu_done + 1);
		ran++;
	}
	return ran;
}

static bool start_grace_period(struct cpu *cpu)
{
	if (cpu->rcu_wait || !cpu->rcu_next)
		return false;
	cpu->rcu_wait = cpu->rcu_next;
	cpu->rcu_next = NULL;
	cpu->rcu_next_tail = &cpu->rcu_next;
	cpu->rcu_wait_epoch = new_epoch(cpu->machine);
	return true;
}

/* Runs those whose time has come. True if any. */
static bool finish_grace_period(struct cpu *cpu)
{
	if (!cpu->rcu_wait)
		return false;
	if (cpu->rcu_wait_epoch) {
		if (!grace_period_over(cpu->machine, cpu->rcu_wait_epoch))
			return false;
		cpu->rcu_wait_epoch = 0;
	}
	return run_waiting(cpu, RCU_BATCH) > 0;
}

/* ksoftirqd holds no reference while it runs softirqs; a task may. */
static bool occupant_is_quiescent(const struct cpu *cpu)
{
	return cpu->current && cpu->current->is_ksoftirqd;
}

void rcu_softirq(struct cpu *cpu)
{
	finish_grace_period(cpu);
	if (start_grace_period(cpu) && occupant_is_quiescent(cpu)) {
		rcu_qs(cpu);
		finish_grace_period(cpu);
	}
	if (cpu->rcu_wait && !cpu->rcu_wait_epoch)
		raise_softirq(RCU_SOFTIRQ);
	if (cpu->rcu_queued != cpu->rcu_done)
		look_later(cpu);
}

/* --- waiting ------------------------------------------------------------------ */

void synchronize_rcu(void)
{
	struct machine *m = this_cpu()->machine;
	u64 epoch = new_epoch(m);

	for (;;) {
		rcu_qs(this_cpu());
		if (grace_period_over(m, epoch))
			return;
		task_relax();
	}
}

/* The occupant, who waits, holds no reference: get on as far as possible. */
static void rcu_hurry(struct cpu *cpu)
{
	cpu->bh_off++;
	cpu->in_softirq++;
	do {
		start_grace_period(cpu);
		rcu_qs(cpu);
	} while (finish_grace_period(cpu));
	cpu->in_softirq--;
	cpu->bh_off--;
}

static void barrier_cpu(struct cpu *cpu)
{
	u64 target = READ_ONCE(cpu->rcu_queued);

	while (smp_load_acquire(&cpu->rcu_done) < target) {
		rcu_qs(this_cpu());
		if (cpu == this_cpu())
			rcu_hurry(cpu);
		else if (!cpu_visit(cpu, rcu_hurry))
			__raise_softirq(cpu, RCU_SOFTIRQ);
		if (smp_load_acquire(&cpu->rcu_done) < target)
			task_relax();
	}
}

void rcu_barrier(struct machine *m)
{
	for (u32 i = 0; i < m->nr_cpus; i++)
		barrier_cpu(m->cpus[i]);
}

void rcu_run_all(struct cpu *cpu)
{
	cpu->bh_off++;
	do {
		run_waiting(cpu, ~0u);
		cpu->rcu_wait_epoch = 0;
		start_grace_period(cpu);
	} while (cpu->rcu_wait);
	cpu->bh_off--;
	del_timer(&cpu->rcu_timer);
}
