/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timer wheel and hrtimer queue as data: they hold timers and answer "what is
 * due at time t" and "when is the next one". They lock nothing and read no
 * clock; cpu/timer.h makes them a service of a CPU.
 */
#ifndef WEIR_CLOCK_TIMER_WHEEL_H
#define WEIR_CLOCK_TIMER_WHEEL_H

#include "base/list.h"

/* One tick of the wheel. Linux with HZ=1000. */
#define HZ		1000
#define TICK_NSEC	(NSEC_PER_SEC / HZ)
typedef u64 jiffies_t;

#define WHEEL_LEVELS	8
#define WHEEL_SLOTS	64

struct timer_base;

/* A coarse timer: fires in TIMER_SOFTIRQ, at or after `expires`. */
struct timer_list {
	struct hlist_node entry;
	jiffies_t expires;
	void (*function)(struct timer_list *t);
	struct timer_base *base;	/* where it is or was last queued */
};
static_assert(sizeof(struct timer_list) == 40, "three are in each TCP socket");

struct timer_wheel {
	jiffies_t now;			/* all timers up to here have been taken */
	jiffies_t next;			/* lower bound of the next expiry */
	u32 count;
	u64 pending[WHEEL_LEVELS];	/* bit per non-empty slot */
	struct hlist_head due;		/* reached, not yet popped */
	struct hlist_head slots[WHEEL_LEVELS][WHEEL_SLOTS];
};

void timer_wheel_init(struct timer_wheel *w, jiffies_t now);
/* Queues t by t->expires; what is past already is due one tick from now.
 * While queued, t->expires may be moved to later without telling the wheel. */
void timer_wheel_add(struct timer_wheel *w, struct timer_list *t);
/* Time is known to be `now`: moves on over ticks in which nothing is due. */
void timer_wheel_forward(struct timer_wheel *w, jiffies_t now);
/* True if it was queued. */
bool timer_wheel_del(struct timer_wheel *w, struct timer_list *t);
/* Takes one due timer (expires <= now) out, or NULL. Advances the wheel. */
struct timer_list *timer_wheel_pop(struct timer_wheel *w, jiffies_t now);
/* When the next timer is due (exact or earlier); ~0: none. */
jiffies_t timer_wheel_next(struct timer_wheel *w);

#endif
