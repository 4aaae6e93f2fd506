/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timers of a CPU. timer_list: coarse, fires in TIMER_SOFTIRQ of the CPU it
 * was last armed on. hrtimer: nanoseconds, fires in HRTIMER_SOFTIRQ.
 */
#ifndef WEIR_CPU_TIMER_H
#define WEIR_CPU_TIMER_H

#include "cpu/cpu.h"

void timer_setup(struct timer_list *t, void (*fn)(struct timer_list *));
/* (Re)arms for `expires`. True if it was pending. Any context. */
bool mod_timer(struct timer_list *t, jiffies_t expires);
/* Stops it; its function may still be running elsewhere. True if pending. */
bool del_timer(struct timer_list *t);
/* And waits until the function does not run any more; not from within it. */
bool del_timer_sync(struct timer_list *t);
static inline bool timer_pending(const struct timer_list *t)
{
	return !hlist_unhashed(&t->entry);
}

/* struct hrtimer: clock/hrtimer_heap.h. The function may move t->expires on and
 * return HRTIMER_RESTART, or re-arm with hrtimer_start(). */
void hrtimer_init(struct hrtimer *t,
		  enum hrtimer_restart (*fn)(struct hrtimer *));
/* False only when memory for the heap is short (then it is not armed). */
bool hrtimer_start(struct hrtimer *t, ktime_t expires);
bool hrtimer_cancel(struct hrtimer *t);		/* waits like del_timer_sync */
bool hrtimer_try_to_cancel(struct hrtimer *t);
static inline bool hrtimer_active(const struct hrtimer *t)
{
	return READ_ONCE(t->index) != ~0u;
}

/* Softirq actions and the clock event interrupt (cpu/timer.c). */
void run_timer_softirq(struct cpu *cpu);
void run_hrtimer_softirq(struct cpu *cpu);
/* Raises the softirqs whose timers are due and programs the next event; called
 * by the tick, the idle loop, or by another thread (then the CPU is kicked). */
void timer_interrupt(struct cpu *cpu, ktime_t now);

/* Between cpu/timer.c and cpu/hrtimer.c: an event is wanted by `when`; the
 * next one is computed anew, softirq bits due at `now` are returned. */
void clock_event_want(struct cpu *cpu, ktime_t when);
u32 clock_event_update(struct cpu *cpu, ktime_t now);
ktime_t hrtimer_base_next(struct hrtimer_base *base);

#endif
