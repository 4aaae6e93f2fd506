/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Work put off: tasklets and the work queue.
 *
 * A tasklet is on the list of the CPU that scheduled it (SCHED bit: on a list)
 * and runs on one CPU at a time (RUN bit). The work queue is one per machine;
 * one task at a time runs it, so that work items never meet each other.
 */
#include "cpu/deferred.h"
#include "cpu/task.h"

#define TASKLET_SCHED	1u
#define TASKLET_RUN	2u

void tasklet_setup(struct tasklet_struct *t,
		   void (*func)(struct tasklet_struct *))
{
	memset(t, 0, sizeof(*t));
	t->func = func;
}

static void push(struct tasklet_struct **list, struct tasklet_struct *t, int nr)
{
	t->next = *list;
	*list = t;
	raise_softirq(nr);
}

static bool mark_scheduled(struct tasklet_struct *t)
{
	return !(__atomic_fetch_or(&t->state, TASKLET_SCHED, __ATOMIC_ACQ_REL) &
		 TASKLET_SCHED);
}

void tasklet_schedule(struct tasklet_struct *t)
{
	if (mark_scheduled(t))
		push(&this_cpu()->tasklets, t, TASKLET_SOFTIRQ);
}

void tasklet_hi_schedule(struct tasklet_struct *t)
{
	if (mark_scheduled(t))
		push(&this_cpu()->tasklets_hi, t, HI_SOFTIRQ);
}

/* False: disabled, or another CPU runs it. */
static bool run_tasklet(struct tasklet_struct *t)
{
	if (__atomic_fetch_or(&t->state, TASKLET_RUN, __ATOMIC_SEQ_CST) &
	    TASKLET_RUN)
		return false;
	if (__atomic_load_n(&t->disabled, __ATOMIC_SEQ_CST)) {
		__atomic_fetch_and(&t->state, ~TASKLET_RUN, __ATOMIC_RELEASE);
		return false;
	}
	__atomic_fetch_and(&t->state, ~TASKLET_SCHED, __ATOMIC_ACQ_REL);
	t->func(t);
	__atomic_fetch_and(&t->state, ~TASKLET_RUN, __ATOMIC_RELEASE);
	return true;
}

static struct tasklet_struct *oldest_first(struct tasklet_struct *t)
{
	struct tasklet_struct *list = NULL;

	while (t) {
		struct tasklet_struct *next = t->next;

		t->next = list;
		list = t;
		t = next;
	}
	return list;
}

static void run_tasklets(struct tasklet_struct **list, int nr)
{
	struct tasklet_struct *t = oldest_first(*list);

	*list = NULL;
	while (t) {
		struct tasklet_struct *next = t->next;

		if (!run_tasklet(t))
			push(list, t, nr);
		t = next;
	}
}

void tasklet_action(struct cpu *cpu)
{
	run_tasklets(&cpu->tasklets, TASKLET_SOFTIRQ);
}

void tasklet_hi_action(struct cpu *cpu)
{
	run_tasklets(&cpu->tasklets_hi, HI_SOFTIRQ);
}

void tasklet_disable(struct tasklet_struct *t)
{
	struct platform *p = this_percpu()->platform;

	__atomic_fetch_add(&t->disabled, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&t->state, __ATOMIC_SEQ_CST) & TASKLET_RUN)
		p->ops->relax(p);
}

void tasklet_enable(struct tasklet_struct *t)
{
	__atomic_fetch_sub(&t->disabled, 1, __ATOMIC_SEQ_CST);
}

void tasklet_kill(struct tasklet_struct *t)
{
	while (__atomic_load_n(&t->state, __ATOMIC_ACQUIRE))
		task_relax();
}

/* --- work ----------------------------------------------------------------------- */

void work_init(struct work_struct *w, void (*func)(struct work_struct *))
{
	memset(w, 0, sizeof(*w));
	w->func = func;
	INIT_LIST_HEAD(&w->entry);
}

bool schedule_work(struct machine *m, struct work_struct *w)
{
	if (__atomic_exchange_n(&w->pending, 1, __ATOMIC_ACQ_REL))
		return false;
	spin_lock(&m->work_lock);
	list_add_tail(&w->entry, &m->work_list);
	spin_unlock(&m->work_lock);
	if (__atomic_fetch_add(&m->work_count, 1, __ATOMIC_SEQ_CST) == 0)
		m->platform->ops->kick(m->platform, m->cpus[0]);
	return true;
}

/* Under work_lock. */
static void unqueue(struct machine *m, struct work_struct *w)
{
	list_del_init(&w->entry);
	__atomic_store_n(&w->pending, 0, __ATOMIC_RELEASE);
	__atomic_fetch_sub(&m->work_count, 1, __ATOMIC_SEQ_CST);
}

static struct work_struct *take_work(struct machine *m)
{
	struct work_struct *w = NULL;

	spin_lock(&m->work_lock);
	if (!list_empty(&m->work_list)) {
		w = list_first_entry(&m->work_list, struct work_struct, entry);
		unqueue(m, w);
	}
	m->work_running = w;
	spin_unlock(&m->work_lock);
	return w;
}

static void work_done(struct machine *m)
{
	spin_lock(&m->work_lock);
	m->work_running = NULL;
	spin_unlock(&m->work_lock);
}

/* One pass over what is queued now: an item that queues itself again waits for
 * the next. The function may free its item. */
bool run_workqueue(struct machine *m)
{
	u32 n = __atomic_load_n(&m->work_count, __ATOMIC_SEQ_CST);
	struct work_struct *w;
	bool did = false;

	if (!n || __atomic_exchange_n(&m->work_runner, 1, __ATOMIC_SEQ_CST))
		return false;
	while (n-- && (w = take_work(m))) {
		w->func(w);
		work_done(m);
		did = true;
	}
	__atomic_exchange_n(&m->work_runner, 0, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&m->work_count, __ATOMIC_SEQ_CST))
		m->platform->ops->kick(m->platform, m->cpus[0]);
	return did;
}

bool cancel_work_sync(struct machine *m, struct work_struct *w)
{
	bool was = false, running;

	for (;;) {
		spin_lock(&m->work_lock);
		if (!list_empty(&w->entry)) {
			unqueue(m, w);
			was = true;
		}
		running = m->work_running == w;
		spin_unlock(&m->work_lock);
		if (!running)
			return was;
		task_relax();
	}
}
