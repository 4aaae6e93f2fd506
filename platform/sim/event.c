/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The event heap: four children per node, since going down costs a cache line
 * per level. Two events at the same time come in the order in which they were
 * scheduled, which makes a run repeatable.
 */
#include "platform/sim/world.h"

#include <stdlib.h>

#define CHILDREN	4u

static bool earlier(const struct sim_slot *a, const struct sim_slot *b)
{
	return a->when < b->when || (a->when == b->when && a->order < b->order);
}

static void place(struct sim_heap *h, u32 i, struct sim_slot s)
{
	h->slot[i] = s;
	s.event->slot = i;
}

static void move_up(struct sim_heap *h, u32 i, struct sim_slot s)
{
	while (i) {
		u32 parent = (i - 1) / CHILDREN;

		if (!earlier(&s, &h->slot[parent]))
			break;
		place(h, i, h->slot[parent]);
		i = parent;
	}
	place(h, i, s);
}

static void move_down(struct sim_heap *h, u32 i, struct sim_slot s)
{
	for (;;) {
		u32 first = i * CHILDREN + 1, best = first, c;

		if (first >= h->count)
			break;
		for (c = first + 1; c < first + CHILDREN && c < h->count; c++)
			if (earlier(&h->slot[c], &h->slot[best]))
				best = c;
		if (!earlier(&h->slot[best], &s))
			break;
		place(h, i, h->slot[best]);
		i = best;
	}
	place(h, i, s);
}

static void settle_slot(struct sim_heap *h, u32 i, struct sim_slot s)
{
	if (i && earlier(&s, &h->slot[(i - 1) / CHILDREN]))
		move_up(h, i, s);
	else
		move_down(h, i, s);
}

int sim_heap_reserve(struct sim_heap *h, u32 n)
{
	struct sim_slot *more;
	u32 room = max(h->room, 64u);

	while (room < n)
		room *= 2;
	if (room == h->room)
		return 0;
	more = realloc(h->slot, room * sizeof(*more));
	if (!more)
		return -ENOMEM;
	h->slot = more;
	h->room = room;
	return 0;
}

void sim_heap_set(struct sim_heap *h, struct sim_event *e, ktime_t when)
{
	struct sim_slot s = { .when = when, .order = h->order++, .event = e };

	if (e->slot != SIM_NO_SLOT) {
		settle_slot(h, e->slot, s);
		return;
	}
	BUG_ON(h->count == h->room);
	move_up(h, h->count++, s);
}

void sim_heap_del(struct sim_heap *h, struct sim_event *e)
{
	u32 i = e->slot;

	if (i == SIM_NO_SLOT)
		return;
	e->slot = SIM_NO_SLOT;
	if (i != --h->count)
		settle_slot(h, i, h->slot[h->count]);
}

struct sim_event *sim_heap_pop(struct sim_heap *h, ktime_t *when)
{
	struct sim_event *e = h->slot[0].event;

	*when = h->slot[0].when;
	sim_heap_del(h, e);
	return e;
}
