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

/* That of the task on the CPU, the stretch that is not charged yet included. */
static u64 claim_of_current(const struct sim_cpu *c)
{
	const struct weir_sim_task *t = c->curr;
	u64 claim = t->vruntime + sim_task_charged(t) - t->charged;

	switch ((enum cpu_context)c->cpu->pc.context) {
	case CTX_USER:
	case CTX_TASK:
	case CTX_KSOFTIRQD:
		claim += (u64)(c->host->sim->now - c->cpu->context_since);
		break;
	case CTX_SOFTIRQ:
	case CTX_HARDIRQ:
	case CTX_IDLE:
	case CTX_MAX:
		break;
	}
	return claim;
}

/* Each CPU counts from its own beginning. */
static void move_claim(struct weir_sim_task *t, struct sim_cpu *to)
{
	s64 claim = (s64)(t->vruntime - t->ctx.cpu->min_vruntime +
			  to->min_vruntime);

	t->vruntime = claim > 0 ? (u64)claim : 0;
	t->ctx.cpu = to;
}

static void enqueue(struct sim_cpu *c, struct weir_sim_task *t)
{
	u64 floor;

	if (c->curr)
		c->min_vruntime = max(c->min_vruntime, claim_of_current(c));
	floor = c->min_vruntime > SLEEPER_NS ? c->min_vruntime - SLEEPER_NS : 0;
	if (t->ctx.cpu != c)
		move_claim(t, c);
	t->vruntime = max(t->vruntime, floor);
	t->state = SIM_TASK_RUNNABLE;
	list_add_tail(&t->run, &c->runq);
	c->queued++;
}

static struct weir_sim_task *best_claim(struct sim_cpu *c)
{
	struct weir_sim_task *t, *best = NULL;

	list_for_each_entry(t, &c->runq, run)
		if (!best || t->vruntime < best->vruntime)
			best = t;
	return best;
}

static void dequeue(struct sim_cpu *c, struct weir_sim_task *t)
{
	list_del_init(&t->run);
	c->queued--;
}

/* A task that waits for a CPU that is in use, other than a CPU's own; NULL. */
static struct weir_sim_task *waiting_elsewhere(const struct sim_cpu *c)
{
	struct sim_host *h = c->host;
	struct weir_sim_task *t;

	for (u32 i = 0; i < h->nr_cpus; i++) {
		if (!h->cpu[i].holder || &h->cpu[i] == c)
			continue;
		list_for_each_entry(t, &h->cpu[i].runq, run)
			if (!t->daemon)
				return t;
	}
	return NULL;
}

bool sim_cpu_has_tasks(const struct sim_cpu *c)
{
	return c->queued || (c->host->nr_cpus > 1 && waiting_elsewhere(c));
}

bool sim_schedule(struct sim_cpu *c)
{
	struct weir_sim_task *t = best_claim(c);
	struct weir_sim *s = c->host->sim;

	if (!t && c->host->nr_cpus > 1)
		t = waiting_elsewhere(c);
	if (!t)
		return false;
	dequeue(t->ctx.cpu, t);
	if (t->ctx.cpu != c)
		move_claim(t, c);
	t->state = SIM_TASK_RUNNING;
	c->curr = t;
	c->holder = &t->ctx;
	c->resched = false;
	c->slice_end = s->now + SLICE_NS;
	c->debt += s->costs.context_switch_ns;
	return true;
}

static u32 load_of(const struct sim_cpu *c)
{
	return c->queued + (c->holder != NULL);
}

/* The CPU that a task wakes up on: the one it was on last, unless another has
 * less to do. */
static struct sim_cpu *choose_cpu(struct weir_sim_task *t)
{
	struct sim_cpu *best = t->ctx.cpu;
	struct sim_host *h = t->host;

	if (t->daemon)
		return best;
	for (u32 i = 0; i < h->nr_cpus && load_of(best); i++)
		if (load_of(&h->cpu[i]) < load_of(best))
			best = &h->cpu[i];
	return best;
}

void sim_task_wake(struct weir_sim_task *t)
{
	struct sim_cpu *c;

	if (t->state != SIM_TASK_BLOCKED || t->outside || !sim_task_has_stack(t))
		return;
	c = choose_cpu(t);
	enqueue(c, t);
	if (c->curr && claim_of_current(c) > t->vruntime + WAKEUP_NS)
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

bool sim_should_preempt(const struct sim_cpu *c)
{
	return c->resched || (c->queued && c->host->sim->now >= c->slice_end);
}

void sim_task_preempt(struct weir_sim_task *t)
{
	struct sim_cpu *c = t->ctx.cpu;
	struct weir_sim_task *other = best_claim(c);
	struct weir_sim *s = c->host->sim;

	sim_task_charge(t);
	if (other && other->vruntime <= t->vruntime) {
		sim_task_yield(t);
		return;
	}
	c->resched = false;
	c->slice_end = s->now + SLICE_NS;
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
