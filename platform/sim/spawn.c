/* SPDX-License-Identifier: BSD-2-Clause */
/* The user's tasks: their beginning, their end, and what they may ask for. */
#include "platform/sim/world.h"

#include <stdlib.h>

static const char *const state_names[] = {
	[SIM_TASK_RUNNABLE] = "waits for a CPU",
	[SIM_TASK_RUNNING] = "runs",
	[SIM_TASK_BLOCKED] = "sleeps",
	[SIM_TASK_DONE] = "has returned",
};
static_assert(ARRAY_SIZE(state_names) == SIM_TASK_MAX, "a name per state");

/* --- the user's tasks ----------------------------------------------------------------------- */

static void wake_waiters(struct weir_sim_task *t);

/* Of the running task, for good. */
static void end_task(struct weir_sim_task *t, int ret)
{
	struct weir_sim *s = t->host->sim;

	t->ret = ret;
	t->state = SIM_TASK_DONE;
	s->tasks_left--;
	wake_waiters(t);
	sim_task_leave_cpu(t);
	s->running = NULL;
	coroutine_leave(&s->main, t->ctx.co, true);
}

static void task_body(void *arg)
{
	struct weir_sim_task *t = arg;

	end_task(t, t->fn(&t->host->w, t->arg));
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
	if (!t->ctx.co || sim_add_event(s, &t->deadline, sim_task_deadline)) {
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
	return sim_task_charged(t);
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

	if (!w->platform->ops->enter(w->platform, w->machine))
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

	if (!c || !c->task || c->task->host != h)
		return;
	if (h->sim->ending)
		sim_task_refuse(c->task);
	else
		sim_spend_user(c->cpu, ns);
}

/* --- the end --------------------------------------------------------------------------------- */

#define LAST_EVENTS	1000000u
#define LAST_CALLS	1000u

/* A task that takes no notice of its calls failing is left where it is. */
void sim_task_refuse(struct weir_sim_task *t)
{
	if (++t->refused > LAST_CALLS)
		end_task(t, -EINTR);
}

/* Who computes stops. */
static void end_computing(struct sim_host *h)
{
	for (u32 i = 0; i < h->nr_cpus; i++)
		if (h->cpu[i].user)
			sim_heap_set(&h->sim->heap, &h->cpu[i].go,
				     h->sim->now);
}

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
		end_computing(h);
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
