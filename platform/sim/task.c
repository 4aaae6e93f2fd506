/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tasks: coroutines that take turns on their host's CPUs.
 *
 * The claim of a task is its virtual run time: the CPU time that it has been
 * charged. The runnable task with the least comes next; one that slept is not
 * owed more than half a slice for it. In `bsd` accounting interrupts are
 * charged to whom they interrupt, and so cost him his turn.
 */
#include "platform/sim/world.h"

#include <stdio.h>
#include <stdlib.h>

#include "cpu/deferred.h"

#define SLICE_NS	(3 * NSEC_PER_MSEC)
#define SLEEPER_NS	(SLICE_NS / 2)	/* what a sleeper may be ahead */
#define WAKEUP_NS	NSEC_PER_MSEC	/* and must be, to preempt */

static const char *const state_names[] = {
	[SIM_TASK_RUNNABLE] = "waits for a CPU",
	[SIM_TASK_RUNNING] = "runs",
	[SIM_TASK_BLOCKED] = "sleeps",
	[SIM_TASK_DONE] = "has returned",
};
static_assert(ARRAY_SIZE(state_names) == SIM_TASK_MAX, "a name per state");

/* --- claims ----------------------------------------------------------------------- */

static u64 charged_so_far(const struct weir_sim_task *t)
{
	u64 ns = 0;

	for (u32 i = 0; i < CTX_MAX; i++)
		if (i != CTX_HARDIRQ && i != CTX_SOFTIRQ)
			ns += t->task.time_ns[i];
	return ns;
}

void sim_task_charge(struct weir_sim_task *t)
{
	struct sim_cpu *c = t->ctx.cpu;
	u64 ns = charged_so_far(t);

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

/* A daemon gets its stack when it first has something to do. */
static bool has_stack(struct weir_sim_task *t);

void sim_task_wake(struct weir_sim_task *t)
{
	struct sim_cpu *c;

	if (t->state != SIM_TASK_BLOCKED || t->outside || !has_stack(t))
		return;
	c = choose_cpu(t);
	enqueue(c, t);
	if (c->curr && c->curr->vruntime > t->vruntime + WAKEUP_NS)
		c->resched = true;
	sim_cpu_look(c);
}

/* --- leaving the CPU ------------------------------------------------------------------ */

static void give_cpu_away(struct weir_sim_task *t)
{
	struct sim_cpu *c = t->ctx.cpu;

	sim_task_charge(t);
	sim_cpu_vacate(c);
}

void sim_task_yield(struct weir_sim_task *t)
{
	give_cpu_away(t);
	enqueue(t->ctx.cpu, t);
	sim_switch_out(t->host->sim, &t->ctx);
}

static void block(struct weir_sim_task *t, ktime_t deadline)
{
	struct weir_sim *s = t->host->sim;

	t->state = SIM_TASK_BLOCKED;
	give_cpu_away(t);
	if (deadline != KTIME_MAX)
		sim_heap_set(&s->heap, &t->deadline, max(deadline, s->now));
	sim_switch_out(s, &t->ctx);
	sim_heap_del(&s->heap, &t->deadline);
}

static void deadline_is_there(struct sim_event *e)
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

	if (!t || (h->sim->ending && !t->outside))
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
	t->signaled = false;
	if (t->outside) {
		cpu_put(this_cpu());
		return;
	}
	sim_settle(t->ctx.cpu);
	cpu_put(this_cpu());
	if (unlikely(t->ctx.cpu->resched))
		sim_task_yield(t);
}

/* The world gets on until an event has woken the caller. */
static int park_outside(struct weir_sim_task *t, ktime_t deadline)
{
	struct weir_sim *s = t->host->sim;
	int err = 0;

	if (s->in_event)
		return -EDEADLK;
	cpu_put(this_cpu());
	while (!READ_ONCE(t->task.woken) && s->now < deadline && !t->signaled) {
		if (sim_step(s, deadline))
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
		if (!READ_ONCE(task->woken))
			block(t, deadline);
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
		if (t->ctx.cpu->resched)
			sim_task_yield(t);
	}
}

static void ksoftirqd(struct weir_sim_task *t)
{
	struct sim_cpu *c = t->ctx.cpu;

	if (!c->cpu->ksoftirqd_should_run) {
		block(t, KTIME_MAX);
		return;
	}
	cpu_get(c->cpu, &t->task);
	run_ksoftirqd(c->cpu);
	sim_settle(c);
	cpu_put(c->cpu);
	sim_task_charge(t);
	if (c->host->sim->now >= c->slice_end && !list_empty(&c->runq))
		c->resched = true;
}

static void kworker(struct weir_sim_task *t)
{
	struct machine *m = t->host->w.machine;

	if (!READ_ONCE(m->work_count)) {
		block(t, KTIME_MAX);
		return;
	}
	cpu_get(t->ctx.cpu->cpu, &t->task);
	run_workqueue(m);
	sim_settle(t->ctx.cpu);
	cpu_put(this_cpu());
	sim_task_charge(t);
}

static bool has_stack(struct weir_sim_task *t)
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
	err = sim_add_event(h->sim, &h->kworker.deadline, deadline_is_there);
	for (u32 i = 0; i < h->nr_cpus && !err; i++) {
		struct weir_sim_task *t = &h->ksoftirqd[i];

		snprintf(name, sizeof(name), "ksoftirqd/%u", i);
		sim_task_init(t, h, name);
		t->task.is_ksoftirqd = true;
		t->daemon = ksoftirqd;
		t->ctx.cpu = &h->cpu[i];
		h->cpu[i].cpu->ksoftirqd = &t->task;
		err = sim_add_event(h->sim, &t->deadline, deadline_is_there);
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

/* --- the user's tasks ----------------------------------------------------------------------- */

static void wake_waiters(struct weir_sim_task *t);

static void task_body(void *arg)
{
	struct weir_sim_task *t = arg;
	struct weir_sim *s = t->host->sim;

	t->ret = t->fn(&t->host->w, t->arg);
	t->state = SIM_TASK_DONE;
	s->tasks_left--;
	wake_waiters(t);
	give_cpu_away(t);
	s->running = NULL;
	coroutine_leave(&s->main, t->ctx.co, true);
}

struct weir_sim_task *weir_sim_spawn(struct weir *w, const char *name,
				     int (*fn)(struct weir *h, void *arg),
				     void *arg)
{
	struct sim_host *h = to_sim_host(w);
	struct weir_sim_task *t = malloc(sizeof(*t));
	struct weir_sim *s = h->sim;

	if (!t)
		return NULL;
	sim_task_init(t, h, name);
	t->fn = fn;
	t->arg = arg;
	t->ctx.co = sim_stack_get(s, h->stack_bytes);
	if (!t->ctx.co || sim_add_event(s, &t->deadline, deadline_is_there)) {
		if (t->ctx.co)
			sim_stack_put(s, t->ctx.co);
		free(t);
		return NULL;
	}
	coroutine_prepare(t->ctx.co, task_body, t);
	list_add_tail(&t->all, &s->tasks);
	s->tasks_left++;
	sim_task_wake(t);
	return t;
}

int weir_sim_task_done(const struct weir_sim_task *t, int *ret)
{
	if (t->state != SIM_TASK_DONE)
		return t->host->sim->ending ? -EINTR : 0;
	if (ret)
		*ret = t->ret;
	return 1;
}

struct sim_waiter {
	struct list_head list;
	struct task *task;
};

static void wake_waiters(struct weir_sim_task *t)
{
	struct sim_waiter *w;

	list_for_each_entry(w, &t->waiters, list)
		wake_up_task(w->task);
}

/* On a CPU of the caller's host. */
static int wait_for(struct weir_sim_task *t)
{
	struct sim_waiter w = { .task = current_task() };
	int err = 0;

	list_add_tail(&w.list, &t->waiters);
	while (t->state != SIM_TASK_DONE && !err)
		err = schedule_until(KTIME_MAX);
	list_del(&w.list);
	return t->state == SIM_TASK_DONE ? t->ret : err;
}

int weir_sim_wait(struct weir_sim_task *t)
{
	struct sim_context *c = t->host->sim->running;
	struct weir *w = c && c->task ? &c->task->host->w : &t->host->w;
	int ret;

	if (!w->platform->ops->enter(w->platform, w->machine))
		return -EINTR;
	ret = wait_for(t);
	w->platform->ops->leave(w->platform, w->machine);
	return ret;
}

void weir_sim_signal(struct weir_sim_task *t)
{
	t->signaled = true;
	sim_task_wake(t);
}

const char *weir_sim_task_state(const struct weir_sim_task *t)
{
	return state_names[t->state];
}

const char *weir_sim_task_name(const struct weir_sim_task *t)
{
	return t->task.name;
}

uint64_t weir_sim_task_cpu_ns(const struct weir_sim_task *t)
{
	u64 ns = 0;

	for (u32 i = 0; i < CTX_MAX; i++)
		ns += t->task.time_ns[i];
	return ns;
}

struct weir_sim_task *weir_sim_task(struct weir_sim *s, size_t i)
{
	struct weir_sim_task *t = s->last_asked;
	size_t at = s->last_asked_index;

	if (!t || i < at) {
		if (list_empty(&s->tasks))
			return NULL;
		t = list_first_entry(&s->tasks, struct weir_sim_task, all);
		at = 0;
	}
	for (; at < i; at++) {
		if (t->all.next == &s->tasks)
			return NULL;
		t = list_first_entry(&t->all, struct weir_sim_task, all);
	}
	s->last_asked = t;
	s->last_asked_index = at;
	return t;
}

int weir_sim_sleep(struct weir *w, int64_t ns)
{
	struct weir_sim *s = to_sim_host(w)->sim;
	ktime_t end = ns > KTIME_MAX - s->now ? KTIME_MAX : s->now + ns;
	int err = 0;

	if (w->dead || !w->platform->ops->enter(w->platform, w->machine))
		return -EINTR;
	while (s->now < end && (!err || err == -ETIME))
		err = schedule_until(end);
	w->platform->ops->leave(w->platform, w->machine);
	return s->now < end ? -EINTR : 0;
}

void weir_sim_compute(struct weir *w, int64_t ns)
{
	struct sim_host *h = to_sim_host(w);
	struct sim_context *c = h->sim->running;

	if (c && c->task && c->task->host == h && !h->sim->ending)
		sim_spend_user(c->cpu, ns);
}

/* --- the end --------------------------------------------------------------------------------- */

#define LAST_EVENTS	1000000u

/* Every call of a task fails from now on, so that it returns. Those that do
 * not, and those that are inside the stack for good, are dropped. */
void sim_tasks_end(struct weir_sim *s)
{
	struct weir_sim_task *t, *next;
	struct sim_host *h;
	u32 n = 0;

	s->ending = true;
	s->stop = false;
	memset(&s->costs, 0, sizeof(s->costs));
	list_for_each_entry(h, &s->hosts, list)
		h->w.dead = true;
	list_for_each_entry(t, &s->tasks, all)
		if (t->state == SIM_TASK_BLOCKED)
			sim_task_wake(t);
	while (s->tasks_left && n++ < LAST_EVENTS && sim_step(s, KTIME_MAX))
		;
	list_for_each_entry_safe(t, next, &s->tasks, all) {
		sim_drop_event(s, &t->deadline);
		list_del(&t->run);
		list_del(&t->all);
		if (t->ctx.co)
			coroutine_destroy(t->ctx.co);
		free(t);
	}
}
