/* SPDX-License-Identifier: BSD-2-Clause */
/* Tasklets (softirq) and work items (task context, run by ksoftirqd/0's
 * thread or any idle task the platform lends). */
#ifndef WEIR_CPU_DEFERRED_H
#define WEIR_CPU_DEFERRED_H

#include "cpu/cpu.h"

struct tasklet_struct {
	struct tasklet_struct *next;
	u32 state;			/* SCHED, RUN bits: atomic */
	u32 disabled;
	void (*func)(struct tasklet_struct *);
};
void tasklet_setup(struct tasklet_struct *t,
		   void (*func)(struct tasklet_struct *));
void tasklet_schedule(struct tasklet_struct *t);
void tasklet_hi_schedule(struct tasklet_struct *t);
void tasklet_disable(struct tasklet_struct *t);	/* nests; waits */
void tasklet_enable(struct tasklet_struct *t);
void tasklet_kill(struct tasklet_struct *t);	/* task; waits */
/* Softirq actions. */
void tasklet_action(struct cpu *cpu);
void tasklet_hi_action(struct cpu *cpu);

struct work_struct {
	struct list_head entry;
	void (*func)(struct work_struct *);
	u32 pending;			/* atomic */
};
void work_init(struct work_struct *w, void (*func)(struct work_struct *));
/* Any context. False if it was queued already. */
bool schedule_work(struct machine *m, struct work_struct *w);
/* It is not queued and does not run any more, unless it queues itself again.
 * Task context; not from the work itself. True if it was queued. */
bool cancel_work_sync(struct machine *m, struct work_struct *w);
/* Runs queued work; task context with a CPU. True if any ran. */
bool run_workqueue(struct machine *m);

#endif
