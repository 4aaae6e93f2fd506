/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A four-way heap in an array: shallower than a two-way one, and the four
 * children of a node share a cache line or two. Each timer knows its index,
 * so that cancelling needs no search.
 */
#include "clock/hrtimer_heap.h"

#define FANOUT	4u

static bool earlier(const struct hrtimer *a, const struct hrtimer *b)
{
	if (a->expires != b->expires)
		return a->expires < b->expires;
	return a->order < b->order;
}

static void place(struct hrtimer_heap *h, struct hrtimer *t, u32 i)
{
	h->slot[i] = t;
	WRITE_ONCE(t->index, i);
}

static void sift_up(struct hrtimer_heap *h, struct hrtimer *t, u32 i)
{
	while (i > 0) {
		u32 parent = (i - 1) / FANOUT;

		if (!earlier(t, h->slot[parent]))
			break;
		place(h, h->slot[parent], i);
		i = parent;
	}
	place(h, t, i);
}

static u32 earliest_child(const struct hrtimer_heap *h, u32 i)
{
	u32 first = i * FANOUT + 1;
	u32 end = min(first + FANOUT, h->count);
	u32 best = first;

	for (u32 c = first + 1; c < end; c++)
		if (earlier(h->slot[c], h->slot[best]))
			best = c;
	return best;
}

static void sift_down(struct hrtimer_heap *h, struct hrtimer *t, u32 i)
{
	while (i * FANOUT + 1 < h->count) {
		u32 child = earliest_child(h, i);

		if (!earlier(h->slot[child], t))
			break;
		place(h, h->slot[child], i);
		i = child;
	}
	place(h, t, i);
}

void hrtimer_heap_push(struct hrtimer_heap *h, struct hrtimer *t)
{
	BUG_ON(h->count >= h->room);
	t->order = h->order++;
	sift_up(h, t, h->count++);
}

void hrtimer_heap_del(struct hrtimer_heap *h, struct hrtimer *t)
{
	u32 i = t->index;
	struct hrtimer *last;

	BUG_ON(i >= h->count || h->slot[i] != t);
	WRITE_ONCE(t->index, HRTIMER_NOT_QUEUED);
	last = h->slot[--h->count];
	if (last == t)
		return;
	if (i > 0 && earlier(last, h->slot[(i - 1) / FANOUT]))
		sift_up(h, last, i);
	else
		sift_down(h, last, i);
}
