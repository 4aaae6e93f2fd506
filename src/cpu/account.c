/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPU time by context. The occupant of a CPU writes its figures, any thread
 * may read them; a reader may see a stretch charged twice or not yet for the
 * instant of a change, never a torn number.
 */
#include "cpu/account.h"

static void charge(u64 *to, u64 ns)
{
	WRITE_ONCE(*to, *to + ns);
}

/* What a task is charged for context `ctx` that ran while it was current. */
static u8 task_context(const struct machine *m, u8 ctx)
{
	if (m->account_mode == ACCOUNT_BSD && ctx > CTX_TASK)
		return CTX_TASK;
	return ctx;
}

void account_charge(struct cpu *cpu, u8 ctx)
{
	struct machine *m = cpu->machine;
	ktime_t now = m->platform->ops->clock_mono(m->platform);
	u64 ns = (u64)(now - cpu->context_since);

	WRITE_ONCE(cpu->context_since, now);
	charge(&cpu->time_ns[ctx], ns);
	if (cpu->current)
		charge(&cpu->current->time_ns[task_context(m, ctx)], ns);
}

void account_enable(struct machine *m, bool on)
{
	ktime_t now = m->platform->ops->clock_mono(m->platform);

	if (on == READ_ONCE(m->account))
		return;
	for (u32 i = 0; i < m->nr_cpus; i++)
		WRITE_ONCE(m->cpus[i]->context_since, now);
	WRITE_ONCE(m->account, on);
}

u64 account_cpu_ns(const struct cpu *cpu, enum cpu_context ctx)
{
	struct machine *m = cpu->machine;
	u64 ns = READ_ONCE(cpu->time_ns[ctx]);
	ktime_t since = READ_ONCE(cpu->context_since), now;

	if (!READ_ONCE(m->account) || READ_ONCE(cpu->pc.context) != ctx)
		return ns;
	now = m->platform->ops->clock_mono(m->platform);
	return now > since ? ns + (u64)(now - since) : ns;
}

u64 account_task_ns(const struct task *t, enum cpu_context ctx)
{
	return READ_ONCE(t->time_ns[ctx]);
}
