/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which task has a CPU.
 *
 * The claim of a task is its virtual run time: the CPU time that it has been
 * charged. The runnable task with the least comes next; one that slept is not
 * owed more than half a slice for it. In `bsd` accounting interrupts are
 * charged to whom they interrupt, and so cost him his turn.
 */
#include "platform/sim/world.h"

#define SLICE_NS	(3 * NSEC_PER_MSEC)
#define SLEEPER_NS	(SLICE_NS / 2)	/* what a sleeper may be ahead */
#define WAKEUP_NS	NSEC_PER_MSEC	/* and must be, to preempt */

/* --- claims ----------------------------------------------------------------------- */

u64 sim_task_charged(const struct weir_sim_task *t)
{
	u64 ns = 0;

	for (u32 i = 0; i < CTX_MAX; i++)
		if (i != CTX_HARDIRQ && i != CTX_SOFTIRQ && i != CTX_IDLE)
			ns += t->task.time_ns[i];
	return ns;
}

void sim_task_charge(struct weir_sim_task *t)
{
	struct sim_cpu *c = t->ctx.cpu;
	u64 ns = sim_task_charged(t);

	t->vruntime += ns - t->charged;
	t->charged = ns;
	c->min_vruntime = max(c->min_vruntime, t->vruntime);
}

static void enqueue(struct sim_cpu *c, struct weir_sim_task *t)
{
	u64 floor = c->min_vruntime > SLEEPER_NS ?
		    c->min_vruntime - SLEEPER_NS : 0;

	t->vruntime = max(t->vruntime, floor);
	t->state = SIM_TASK_RUNNABLE;
	t->ctx.cpu = c;
	list_add_tail(&t->run, &c->runq);
}

static struct weir_sim_task *best_claim(struct sim_cpu *c)
{
	struct weir_sim_task *t, *best = NULL;

	list_for_each_entry(t, &c->runq, run)
		if (!best || t->vruntime < best->vruntime)
			best = t;
	return best;
}

bool sim_schedule(struct sim_cpu *c)
{
	struct weir_sim_task *t = best_claim(c);
	struct weir_sim *s = c->host->sim;

	if (!t)
		return false;
	list_del_init(&t->run);
	t->state = SIM_TASK_RUNNING;
	c->curr = t;
	c->holder = &t->ctx;
	c->resched = false;
	c->slice_end = s->now + SLICE_NS;
	c->debt += s->costs.context_switch_ns;
	return true;
}

/* The CPU that a task wakes up on: the one it was on last, unless another is
 * idle and that one is not. */
static struct sim_cpu *choose_cpu(struct weir_sim_task *t)
{
	struct sim_host *h = t->host;
	u32 i;

	if (t->daemon || !t->ctx.cpu->holder)
		return t->ctx.cpu;
	for (i = 0; i < h->nr_cpus; i++)
		if (!h->cpu[i].holder && list_empty(&h->cpu[i].runq))
			return &h->cpu[i];
	return t->ctx.cpu;
}

void sim_task_wake(struct weir_sim_task *t)
{
	struct sim_cpu *c;

	if (t->state != SIM_TASK_BLOCKED || t->outside || !sim_task_has_stack(t))
		return;
	c = choose_cpu(t);
	enqueue(c, t);
	if (c->curr && c->curr->vruntime > t->vruntime + WAKEUP_NS)
		c->resched = true;
	sim_cpu_look(c);
}

/* --- leaving the CPU ------------------------------------------------------------------ */

void sim_task_leave_cpu(struct weir_sim_task *t)
{
	struct sim_cpu *c = t->ctx.cpu;

	sim_task_charge(t);
	sim_cpu_vacate(c);
}

void sim_task_yield(struct weir_sim_task *t)
{
	sim_task_leave_cpu(t);
	enqueue(t->ctx.cpu, t);
	sim_switch_out(t->host->sim, &t->ctx);
}

void sim_task_block(struct weir_sim_task *t, ktime_t deadline)
{
	struct weir_sim *s = t->host->sim;

	t->state = SIM_TASK_BLOCKED;
	sim_task_leave_cpu(t);
	if (deadline != KTIME_MAX)
		sim_heap_set(&s->heap, &t->deadline, max(deadline, s->now));
	sim_switch_out(s, &t->ctx);
	sim_heap_del(&s->heap, &t->deadline);
}

void sim_task_deadline(struct sim_event *e)
{
	sim_task_wake(container_of(e, struct weir_sim_task, deadline));
}

void sim_task_init(struct weir_sim_task *t, struct sim_host *h,
		   const char *name)
{
	memset(t, 0, sizeof(*t));
	task_init(&t->task, h->w.machine, name);
	t->host = h;
	t->ctx.task = t;
	t->ctx.cpu = h->cpu;
	t->state = SIM_TASK_BLOCKED;
	t->deadline.slot = SIM_NO_SLOT;
	INIT_LIST_HEAD(&t->run);
	INIT_LIST_HEAD(&t->all);
	INIT_LIST_HEAD(&t->waiters);
}
