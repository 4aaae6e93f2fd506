/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RCU by quiescent states: code on a CPU is a reader; leaving the CPU or
 * parking is a quiescent state. A grace period is over when every CPU was
 * vacant or has passed one since it began. See cpu/rcu.c.
 */
#ifndef WEIR_CPU_RCU_H
#define WEIR_CPU_RCU_H

#include "cpu/cpu.h"

struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *);
};

/* Readers must not sleep between these; they cost nothing. */
static inline void rcu_read_lock(void) { barrier(); }
static inline void rcu_read_unlock(void) { barrier(); }
#define rcu_dereference(p)	smp_load_acquire(&(p))
#define rcu_assign_pointer(p, v) smp_store_release(&(p), (v))

/* fn(head) after a grace period, in RCU_SOFTIRQ. Any context. */
void call_rcu(struct rcu_head *head, void (*fn)(struct rcu_head *));
/* Task context: returns after a grace period. */
void synchronize_rcu(void);
/* Task context: all callbacks queued so far have run. */
void rcu_barrier(struct machine *m);
/* The occupant passes a quiescent state. */
static inline void rcu_qs(struct cpu *cpu)
{
	u64 epoch = smp_load_acquire(&cpu->machine->rcu_epoch);

	smp_store_release(&cpu->rcu_seen, epoch);
}
void rcu_softirq(struct cpu *cpu);
void rcu_cpu_init(struct cpu *cpu);
/* The machine ends: nobody reads any more, run whatever is queued. */
void rcu_run_all(struct cpu *cpu);

#endif
