/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The timers of a CPU, and its clock event device.
 *
 * Each CPU has a wheel behind a lock. mod_timer() arms on the CPU that calls
 * it, so a timer may move: it is then taken from its old base first, and has
 * no base (NULL) for the moment in between, in which others wait for it. It
 * stays where it is while its function runs there, so that del_timer_sync()
 * has only one place to look at.
 *
 * cpu->next_event is when the platform was told to interrupt: never later
 * than the earliest timer, often earlier, since a timer that was deleted or
 * moved to later leaves it alone. So the arming, moving and deleting that a
 * busy connection does all day programs nothing.
 */
#include "cpu/timer.h"

static ktime_t jiffies_to_ktime(jiffies_t j)
{
	return j > KTIME_MAX / TICK_NSEC ? KTIME_MAX : (ktime_t)j * TICK_NSEC;
}

/* --- the clock event device --------------------------------------------------- */

void clock_event_want(struct cpu *cpu, ktime_t when)
{
	struct platform *p = cpu->pc.platform;

	if (likely(when >= READ_ONCE(cpu->next_event)))
		return;
	spin_lock(&cpu->event_lock);
	if (when < cpu->next_event) {
		smp_store_release(&cpu->next_event, when);
		p->ops->timer_program(p, cpu, when);
	}
	spin_unlock(&cpu->event_lock);
}

static ktime_t timer_base_next(struct timer_base *base)
{
	jiffies_t next;

	spin_lock(&base->lock);
	next = timer_wheel_next(&base->wheel);
	spin_unlock(&base->lock);
	return jiffies_to_ktime(next);
}

/*
 * next_event is "never" while the bases are asked. Who arms a timer after its
 * base was asked sees that (its lock orders the two), wants the event, and
 * waits for event_lock.
 */
u32 clock_event_update(struct cpu *cpu, ktime_t now)
{
	struct platform *p = cpu->pc.platform;
	ktime_t timer, hrtimer, next = KTIME_MAX;
	u32 due = 0;

	spin_lock(&cpu->event_lock);
	smp_store_release(&cpu->next_event, KTIME_MAX);
	timer = timer_base_next(&cpu->timers);
	hrtimer = hrtimer_base_next(&cpu->hrtimers);
	if (timer <= now)
		due |= 1u << TIMER_SOFTIRQ;
	else
		next = timer;
	if (hrtimer <= now)
		due |= 1u << HRTIMER_SOFTIRQ;
	else
		next = min(next, hrtimer);
	if (next != KTIME_MAX) {
		smp_store_release(&cpu->next_event, next);
		p->ops->timer_program(p, cpu, next);
	}
	spin_unlock(&cpu->event_lock);
	return due;
}

void timer_interrupt(struct cpu *cpu, ktime_t now)
{
	u32 due;

	if (now < READ_ONCE(cpu->next_event))
		return;
	due = clock_event_update(cpu, now);
	if (due & 1u << TIMER_SOFTIRQ)
		__raise_softirq(cpu, TIMER_SOFTIRQ);
	if (due & 1u << HRTIMER_SOFTIRQ)
		__raise_softirq(cpu, HRTIMER_SOFTIRQ);
}

/* --- timers ------------------------------------------------------------------- */

void timer_setup(struct timer_list *t, void (*fn)(struct timer_list *))
{
	memset(t, 0, sizeof(*t));
	t->function = fn;
	t->base = &this_cpu()->timers;
}

/* Locks the base that t is on or was last on. */
static struct timer_base *lock_timer_base(struct timer_list *t)
{
	for (;;) {
		struct timer_base *base = smp_load_acquire(&t->base);

		if (likely(base)) {
			spin_lock(&base->lock);
			if (likely(READ_ONCE(t->base) == base))
				return base;
			spin_unlock(&base->lock);
		}
	}
}

/* t, not queued, leaves `from` (locked) for `to` (locked on return). */
static void change_base(struct timer_list *t, struct timer_base *from,
			struct timer_base *to)
{
	WRITE_ONCE(t->base, NULL);
	spin_unlock(&from->lock);
	spin_lock(&to->lock);
	smp_store_release(&t->base, to);
}

bool mod_timer(struct timer_list *t, jiffies_t expires)
{
	struct cpu *cpu = this_cpu();
	struct timer_base *base;
	jiffies_t next;
	bool was;

	if (timer_pending(t) && READ_ONCE(t->expires) == expires)
		return true;
	base = lock_timer_base(t);
	was = timer_pending(t);
	if (was && base->cpu == cpu && expires >= t->expires) {
		WRITE_ONCE(t->expires, expires);
		spin_unlock(&base->lock);
		return true;
	}
	timer_wheel_del(&base->wheel, t);
	if (base->cpu != cpu && base->running != t) {
		change_base(t, base, &cpu->timers);
		base = &cpu->timers;
	}
	timer_wheel_forward(&base->wheel, ktime_to_jiffies(cpu->clock_hint));
	WRITE_ONCE(t->expires, expires);
	timer_wheel_add(&base->wheel, t);
	next = base->wheel.next;
	spin_unlock(&base->lock);
	clock_event_want(base->cpu, jiffies_to_ktime(next));
	return was;
}

bool del_timer(struct timer_list *t)
{
	struct timer_base *base;
	bool was;

	if (!timer_pending(t))
		return false;
	base = lock_timer_base(t);
	was = timer_wheel_del(&base->wheel, t);
	spin_unlock(&base->lock);
	return was;
}

bool del_timer_sync(struct timer_list *t)
{
	struct platform *p = this_percpu()->platform;
	bool was = false, running;

	for (;;) {
		struct timer_base *base = lock_timer_base(t);

		was |= timer_wheel_del(&base->wheel, t);
		running = base->running == t;
		spin_unlock(&base->lock);
		if (!running)
			return was;
		p->ops->relax(p);
	}
}

/* The function may free its timer: t is only compared after the call. */
void run_timer_softirq(struct cpu *cpu)
{
	struct timer_base *base = &cpu->timers;
	ktime_t now = ktime_get();
	struct timer_list *t;
	u32 due;

	spin_lock(&base->lock);
	while ((t = timer_wheel_pop(&base->wheel, ktime_to_jiffies(now)))) {
		base->running = t;
		spin_unlock(&base->lock);
		t->function(t);
		spin_lock(&base->lock);
		base->running = NULL;
	}
	spin_unlock(&base->lock);
	due = clock_event_update(cpu, now);
	if (due & 1u << HRTIMER_SOFTIRQ)
		raise_softirq(HRTIMER_SOFTIRQ);
}
