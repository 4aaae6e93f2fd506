/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPU time by context. `linux`: user, sys, hi, si apart. `bsd`: hi and si are
 * charged to the task that was interrupted (seed 000, last paragraph); the
 * CPU's own figures are by context in both.
 *
 * Reading a clock at each change of context costs more than the change, so
 * time is taken only while machine->account is on; changes are always counted.
 */
#ifndef WEIR_CPU_ACCOUNT_H
#define WEIR_CPU_ACCOUNT_H

#include "cpu/task.h"

void account_enable(struct machine *m, bool on);
/* Charges the stretch since the last change to context `ctx`. */
void account_charge(struct cpu *cpu, u8 ctx);

static inline bool account_is_on(const struct cpu *cpu)
{
	return READ_ONCE(cpu->machine->account);
}

/* The CPU enters context `to`; the time until now is charged elsewhere. */
static inline void account_change(struct cpu *cpu, enum cpu_context to)
{
	WRITE_ONCE(cpu->context_count[to], cpu->context_count[to] + 1);
	WRITE_ONCE(cpu->pc.context, (u8)to);
}

/* The CPU enters context `to`; returns the one it was in, to go back to. */
static inline u8 account_enter(struct cpu *cpu, enum cpu_context to)
{
	u8 from = cpu->pc.context;

	if (unlikely(account_is_on(cpu)))
		account_charge(cpu, from);
	account_change(cpu, to);
	return from;
}

static inline void account_leave(struct cpu *cpu, u8 back_to)
{
	if (unlikely(account_is_on(cpu)))
		account_charge(cpu, cpu->pc.context);
	WRITE_ONCE(cpu->pc.context, back_to);
}

/* Nanoseconds charged so far, running stretch included. Any thread. */
u64 account_cpu_ns(const struct cpu *cpu, enum cpu_context ctx);
u64 account_task_ns(const struct task *t, enum cpu_context ctx);

#endif
