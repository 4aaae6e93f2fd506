/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Nanosecond timers (pacing, fq, precise sleeps): a heap per CPU behind a lock.
 * They move between CPUs by the rules of cpu/timer.c.
 */
#include "cpu/timer.h"
#include "base/slab.h"

#define HRTIMER_BUDGET	256	/* functions called per softirq */
#define FIRST_ROOM	64u

ktime_t hrtimer_base_next(struct hrtimer_base *base)
{
	struct hrtimer *top;
	ktime_t next;

	spin_lock(&base->lock);
	top = hrtimer_heap_top(&base->queue);
	next = top ? top->expires : KTIME_MAX;
	spin_unlock(&base->lock);
	return next;
}

void hrtimer_init(struct hrtimer *t,
		  enum hrtimer_restart (*fn)(struct hrtimer *))
{
	memset(t, 0, sizeof(*t));
	t->function = fn;
	t->base = &this_cpu()->hrtimers;
	t->index = HRTIMER_NOT_QUEUED;
}

static struct hrtimer_base *lock_hrtimer_base(struct hrtimer *t)
{
	for (;;) {
		struct hrtimer_base *base = smp_load_acquire(&t->base);

		if (likely(base)) {
			spin_lock(&base->lock);
			if (likely(READ_ONCE(t->base) == base))
				return base;
			spin_unlock(&base->lock);
		}
	}
}

static bool dequeue(struct hrtimer_base *base, struct hrtimer *t)
{
	if (!hrtimer_active(t))
		return false;
	hrtimer_heap_del(&base->queue, t);
	return true;
}

static bool make_room(struct hrtimer_heap *h)
{
	u32 room = h->room ? h->room * 2 : FIRST_ROOM;
	struct hrtimer **slot;

	if (likely(h->count < h->room))
		return true;
	slot = kmalloc(room * sizeof(struct hrtimer *));
	if (!slot)
		return false;
	if (h->count)
		memcpy(slot, h->slot, h->count * sizeof(struct hrtimer *));
	kfree(h->slot);
	h->slot = slot;
	h->room = room;
	return true;
}

bool hrtimer_start(struct hrtimer *t, ktime_t expires)
{
	struct hrtimer_base *mine = &this_cpu()->hrtimers;
	struct hrtimer_base *base = lock_hrtimer_base(t);
	bool armed;

	dequeue(base, t);
	if (base != mine && base->running != t) {
		WRITE_ONCE(t->base, NULL);
		spin_unlock(&base->lock);
		base = mine;
		spin_lock(&base->lock);
		smp_store_release(&t->base, base);
	}
	armed = make_room(&base->queue);
	if (armed) {
		t->expires = expires;
		hrtimer_heap_push(&base->queue, t);
	}
	spin_unlock(&base->lock);
	if (armed)
		clock_event_want(base->cpu, expires);
	return armed;
}

bool hrtimer_try_to_cancel(struct hrtimer *t)
{
	struct hrtimer_base *base;
	bool was;

	if (!hrtimer_active(t))
		return false;
	base = lock_hrtimer_base(t);
	was = dequeue(base, t);
	spin_unlock(&base->lock);
	return was;
}

bool hrtimer_cancel(struct hrtimer *t)
{
	struct platform *p = this_percpu()->platform;
	bool was = false, running;

	for (;;) {
		struct hrtimer_base *base = lock_hrtimer_base(t);

		was |= dequeue(base, t);
		running = base->running == t;
		spin_unlock(&base->lock);
		if (!running)
			return was;
		p->ops->relax(p);
	}
}

static struct hrtimer *pop_due(struct hrtimer_base *base, ktime_t now)
{
	struct hrtimer *t = hrtimer_heap_top(&base->queue);

	if (!t || t->expires > now)
		return NULL;
	hrtimer_heap_del(&base->queue, t);
	return t;
}

/* Calls t's function with the lock dropped. Only a function that asks for
 * HRTIMER_RESTART promises that its timer is still there. */
static void call_timer(struct hrtimer_base *base, struct hrtimer *t)
{
	enum hrtimer_restart again;

	base->running = t;
	spin_unlock(&base->lock);
	again = t->function(t);
	spin_lock(&base->lock);
	base->running = NULL;
	if (again == HRTIMER_RESTART && !hrtimer_active(t) &&
	    make_room(&base->queue))
		hrtimer_heap_push(&base->queue, t);
}

void run_hrtimer_softirq(struct cpu *cpu)
{
	struct hrtimer_base *base = &cpu->hrtimers;
	ktime_t now = ktime_get();
	int budget = HRTIMER_BUDGET;
	struct hrtimer *t;
	u32 due;

	spin_lock(&base->lock);
	while (budget-- > 0 && (t = pop_due(base, now)))
		call_timer(base, t);
	spin_unlock(&base->lock);
	due = clock_event_update(cpu, now);
	if (due & 1u << TIMER_SOFTIRQ)
		raise_softirq(TIMER_SOFTIRQ);
	if (due & 1u << HRTIMER_SOFTIRQ)
		raise_softirq(HRTIMER_SOFTIRQ);
}
