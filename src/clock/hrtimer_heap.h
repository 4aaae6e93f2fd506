/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Queue of nanosecond timers as data: a heap by (expiry, order of arming), so
 * that timers of one instant fire in the order in which they were armed. It
 * locks nothing and allocates nothing; cpu/hrtimer.c makes it a service.
 */
#ifndef WEIR_CLOCK_HRTIMER_HEAP_H
#define WEIR_CLOCK_HRTIMER_HEAP_H

#include "base/types.h"

#define HRTIMER_NOT_QUEUED	(~0u)

enum hrtimer_restart { HRTIMER_NORESTART, HRTIMER_RESTART };

struct hrtimer_base;

struct hrtimer {
	ktime_t expires;
	enum hrtimer_restart (*function)(struct hrtimer *t);
	struct hrtimer_base *base;
	u64 order;
	u32 index;			/* in the heap, or HRTIMER_NOT_QUEUED */
};

struct hrtimer_heap {
	struct hrtimer **slot;		/* memory is the caller's */
	u32 count, room;
	u64 order;
};

/* Needs count < room. Sets t->index. */
void hrtimer_heap_push(struct hrtimer_heap *h, struct hrtimer *t);
void hrtimer_heap_del(struct hrtimer_heap *h, struct hrtimer *t);
/* The earliest, or NULL. Stays in. */
static inline struct hrtimer *hrtimer_heap_top(const struct hrtimer_heap *h)
{
	return h->count ? h->slot[0] : NULL;
}

#endif
