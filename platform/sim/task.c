/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tasks as the stack sees them: entering it, sleeping in it, being woken; and
 * the host's own tasks, ksoftirqd and the worker.
 */
#include "platform/sim/world.h"

#include <stdio.h>

#include "cpu/deferred.h"

/* --- the platform's ops for tasks (platform.c has the table) ----------------------------- */

/* The task that makes a call: who runs, or the host's task for callers from
 * outside. NULL: a task of another host. */
static struct weir_sim_task *caller(struct sim_host *h)
{
	struct sim_context *c = h->sim->running;

	if (!c)
		return &h->outside;
	return c->task && c->task->host == h ? c->task : NULL;
}

/* A task that calls and calls while time stands still is stopped for good. */
static void check_spin(struct weir_sim_task *t)
{
	struct weir_sim *s = t->host->sim;

	if (t->spins_at != s->now) {
		t->spins_at = s->now;
		t->spins = 0;
	}
	if (likely(++t->spins < s->spin_limit) || t->outside)
		return;
	s->end = WEIR_SIM_SPIN;
	s->stop = true;
	t->spins = 0;
	sim_task_yield(t);
}

/* Callers from outside use a CPU that nobody is on; if all are held they let
 * the world get on. */
static bool get_vacant_cpu(struct sim_host *h, struct task *t)
{
	for (;;) {
		for (u32 i = 0; i < h->nr_cpus; i++)
			if (cpu_get(h->cpu[i].cpu, t))
				return true;
		if (h->sim->in_event || !sim_step(h->sim, KTIME_MAX))
			return false;
	}
}

struct task *sim_enter(struct platform *p, struct machine *m)
{
	struct sim_host *h = host_of_platform(p);
	struct weir_sim_task *t = caller(h);

	if (t && h->sim->ending && !t->outside) {
		sim_task_refuse(t);
		return NULL;
	}
	if (!t)
		return NULL;
	if (t->depth++)
		return &t->task;
	if (t->outside) {
		if (get_vacant_cpu(h, &t->task))
			return &t->task;
		t->depth--;
		return NULL;
	}
	check_spin(t);
	BUG_ON(!cpu_get(t->ctx.cpu->cpu, &t->task));
	if (h->sim->has_costs)
		sim_spend(t->ctx.cpu, h->sim->costs.syscall_ns);
	return &t->task;
}

void sim_leave(struct platform *p, struct machine *m)
{
	struct weir_sim_task *t = (struct weir_sim_task *)this_cpu()->current;

	if (--t->depth)
		return;
	if (t->outside) {
		struct sim_cpu *c = sim_cpu_of(t->host, this_cpu());

		cpu_put(c->cpu);
		if (sim_cpu_has_tasks(c))	/* may have been passed over */
			sim_cpu_look(c);
		return;
	}
	sim_settle(t->ctx.cpu);
	cpu_put(this_cpu());
	if (unlikely(sim_should_preempt(t->ctx.cpu)))
		sim_task_preempt(t);
}

/* The world gets on until an event has woken the caller. */
static int park_outside(struct weir_sim_task *t, ktime_t deadline)
{
	struct weir_sim *s = t->host->sim;
	int err = 0;

	if (s->in_event)
		return -EDEADLK;
	s->last_ran = s->now;
	cpu_put(this_cpu());
	while (!READ_ONCE(t->task.woken) && s->now < deadline && !t->signaled) {
		if (!(deadline == KTIME_MAX && sim_is_stuck(s)) &&
		    sim_step(s, deadline))
			continue;
		if (deadline == KTIME_MAX) {
			err = -EDEADLK;
			break;
		}
		s->now = deadline;
	}
	if (t->signaled) {
		t->signaled = false;
		err = -EINTR;
	}
	BUG_ON(!get_vacant_cpu(t->host, &t->task));
	return err;
}

int sim_park(struct platform *p, struct task *task, ktime_t deadline)
{
	struct weir_sim_task *t = (struct weir_sim_task *)task;
	struct weir_sim *s = t->host->sim;

	if (t->outside)
		return park_outside(t, deadline);
	if (!t->signaled && !s->ending) {
		sim_settle(t->ctx.cpu);
		cpu_put(this_cpu());
		check_spin(t);
		if (!READ_ONCE(task->woken))
			sim_task_block(t, deadline);
		BUG_ON(!cpu_get(t->ctx.cpu->cpu, task));
		sim_settle(t->ctx.cpu);
	}
	if (!t->signaled && !s->ending)
		return 0;
	t->signaled = false;
	return -EINTR;
}

void sim_unpark(struct platform *p, struct task *task)
{
	struct weir_sim_task *t = (struct weir_sim_task *)task;
	struct sim_context *by = t->host->sim->running;

	if (by)
		by->cpu->debt += t->host->sim->costs.wakeup_ns;
	sim_task_wake(t);
}

/* --- daemons ------------------------------------------------------------------------------- */

static void daemon_body(void *arg)
{
	struct weir_sim_task *t = arg;

	for (;;) {
		t->daemon(t);
		if (sim_should_preempt(t->ctx.cpu))
			sim_task_preempt(t);
	}
}

static void ksoftirqd(struct weir_sim_task *t)
{
	struct sim_cpu *c = t->ctx.cpu;

	if (!c->cpu->ksoftirqd_should_run) {
		sim_task_block(t, KTIME_MAX);
		return;
	}
	cpu_get(c->cpu, &t->task);
	run_ksoftirqd(c->cpu);
	sim_settle(c);
	cpu_put(c->cpu);
	sim_task_charge(t);
}

static void kworker(struct weir_sim_task *t)
{
	struct machine *m = t->host->w.machine;

	if (!READ_ONCE(m->work_count)) {
		sim_task_block(t, KTIME_MAX);
		return;
	}
	cpu_get(t->ctx.cpu->cpu, &t->task);
	run_workqueue(m);
	sim_settle(t->ctx.cpu);
	cpu_put(this_cpu());
	sim_task_charge(t);
}

bool sim_task_has_stack(struct weir_sim_task *t)
{
	if (t->ctx.co)
		return true;
	t->ctx.co = sim_stack_get(t->host->sim, SIM_STACK_BYTES);
	if (t->ctx.co)
		coroutine_prepare(t->ctx.co, daemon_body, t);
	return t->ctx.co;
}

int sim_daemons_init(struct sim_host *h)
{
	char name[24];
	int err;

	sim_task_init(&h->kworker, h, "kworker/0");
	h->kworker.daemon = kworker;
	err = sim_add_event(h->sim, &h->kworker.deadline, sim_task_deadline);
	for (u32 i = 0; i < h->nr_cpus && !err; i++) {
		struct weir_sim_task *t = &h->ksoftirqd[i];

		snprintf(name, sizeof(name), "ksoftirqd/%u", i);
		sim_task_init(t, h, name);
		t->task.is_ksoftirqd = true;
		t->daemon = ksoftirqd;
		t->ctx.cpu = &h->cpu[i];
		h->cpu[i].cpu->ksoftirqd = &t->task;
		err = sim_add_event(h->sim, &t->deadline, sim_task_deadline);
	}
	return err;
}

static void daemon_fini(struct weir_sim_task *t)
{
	sim_drop_event(t->host->sim, &t->deadline);
	if (t->ctx.co)
		coroutine_destroy(t->ctx.co);
}

void sim_daemons_fini(struct sim_host *h)
{
	if (h->kworker.host)
		daemon_fini(&h->kworker);
	for (u32 i = 0; i < h->nr_cpus; i++)
		if (h->ksoftirqd[i].host)
			daemon_fini(&h->ksoftirqd[i]);
}
