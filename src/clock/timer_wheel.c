/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The timer wheel: 8 levels of 64 slots; a slot of level n spans 8^n ticks,
 * so that the levels reach 63 ticks, 504, 4032 ... 36 hours (later timers wait
 * in the last slot). A timer goes to the lowest level that reaches it, in the
 * slot its expiry lies in. When time comes to the start of a slot, its timers
 * are taken out: those that are due go to the `due` list, the others to a
 * lower level. Hence:
 *
 * - adding and deleting cost the same whatever is queued;
 * - a timer never fires early, and fires in the tick that it asked for
 *   (Linux rounds timers of the upper levels up to the span of their slot,
 *   which can be 12 % late; a protocol in virtual time deserves better);
 * - a timer that is moved to later, as a retransmission timer is by each ACK,
 *   need not be requeued: it is found not due when its old slot comes, and
 *   goes on from there.
 *
 * A bit per slot says which are in use: the next event is found by rotating
 * one word per level.
 */
#include "clock/timer_wheel.h"

#define LEVEL_BITS	3	/* a slot of the next level spans 8 of this */
#define SLOT_MASK	(WHEEL_SLOTS - 1)
#define NEVER		(~(jiffies_t)0)

static_assert(WHEEL_SLOTS == 64, "one word of pending bits per level");

void timer_wheel_init(struct timer_wheel *w, jiffies_t now)
{
	memset(w, 0, sizeof(*w));
	w->now = now;
	w->next = NEVER;
}

static void enqueue(struct timer_wheel *w, struct timer_list *t)
{
	jiffies_t expires = max(t->expires, w->now + 1);
	unsigned int level = 0, shift = 0, slot;
	jiffies_t bucket;

	while ((expires >> shift) - (w->now >> shift) >= WHEEL_SLOTS &&
	       level < WHEEL_LEVELS - 1) {
		level++;
		shift += LEVEL_BITS;
	}
	bucket = min(expires >> shift, (w->now >> shift) + SLOT_MASK);
	slot = bucket & SLOT_MASK;
	hlist_add_head(&t->entry, &w->slots[level][slot]);
	w->pending[level] |= 1ULL << slot;
	w->next = min(w->next, bucket << shift);
}

void timer_wheel_add(struct timer_wheel *w, struct timer_list *t)
{
	enqueue(w, t);
	w->count++;
}

static void unlink_timer(struct timer_wheel *w, struct timer_list *t)
{
	struct hlist_node **head = t->entry.pprev;
	bool last = !t->entry.next;
	size_t slot;

	hlist_del_init(&t->entry);
	if (!last)
		return;
	/* The only one of a slot, if it hung on a slot's head. */
	slot = ((uintptr_t)head - (uintptr_t)w->slots) /
	       sizeof(struct hlist_head);
	if ((uintptr_t)head >= (uintptr_t)w->slots &&
	    slot < WHEEL_LEVELS * WHEEL_SLOTS)
		w->pending[slot / WHEEL_SLOTS] &=
			~(1ULL << (slot & SLOT_MASK));
}

bool timer_wheel_del(struct timer_wheel *w, struct timer_list *t)
{
	if (hlist_unhashed(&t->entry))
		return false;
	unlink_timer(w, t);
	w->count--;
	return true;
}

/* Start of the first slot in use of one level. The present slot is never in
 * use: it was emptied when its time came. */
static jiffies_t level_next(const struct timer_wheel *w, unsigned int level)
{
	unsigned int shift = level * LEVEL_BITS;
	jiffies_t bucket = (w->now >> shift) + 1;
	unsigned int turn = bucket & SLOT_MASK;
	u64 bits = w->pending[level];

	if (!bits)
		return NEVER;
	bits = bits >> turn | bits << (-turn & SLOT_MASK);
	return (bucket + (unsigned int)__builtin_ctzll(bits)) << shift;
}

jiffies_t timer_wheel_next(struct timer_wheel *w)
{
	jiffies_t next = NEVER;

	if (w->due.first)
		return w->now;
	for (unsigned int level = 0; level < WHEEL_LEVELS; level++)
		next = min(next, level_next(w, level));
	w->next = next;
	return next;
}

void timer_wheel_forward(struct timer_wheel *w, jiffies_t now)
{
	if (now > w->now && !w->due.first && now < w->next)
		w->now = now;
}

static struct timer_list *first_timer(struct hlist_head *head)
{
	return hlist_entry_safe(head->first, struct timer_list, entry);
}

/* All of `from` onto the head of `to`, one by one: their order turns round. */
static void move_reversed(struct hlist_head *from, struct hlist_head *to)
{
	struct timer_list *t;

	while ((t = first_timer(from))) {
		hlist_del_init(&t->entry);
		hlist_add_head(&t->entry, to);
	}
}

/* The slot's time has come: to the due list, or down by a level or more. Slots
 * have the youngest timer first, the due list the oldest. */
static void empty_slot(struct timer_wheel *w, unsigned int level,
		       unsigned int slot)
{
	struct hlist_head oldest_first = { NULL }, due = { NULL };
	struct timer_list *t;

	move_reversed(&w->slots[level][slot], &oldest_first);
	w->pending[level] &= ~(1ULL << slot);
	while ((t = first_timer(&oldest_first))) {
		hlist_del_init(&t->entry);
		if (t->expires > w->now) {
			enqueue(w, t);
			continue;
		}
		hlist_add_head(&t->entry, &due);
	}
	move_reversed(&due, &w->due);
}

/* Time is `now`, the start of at least one slot in use. */
static void collect(struct timer_wheel *w, jiffies_t now)
{
	w->now = now;
	for (unsigned int level = 0; level < WHEEL_LEVELS; level++) {
		unsigned int shift = level * LEVEL_BITS;

		if (now & ((1ULL << shift) - 1))
			break;
		empty_slot(w, level, (now >> shift) & SLOT_MASK);
	}
}

static struct timer_list *take_due(struct timer_wheel *w)
{
	struct timer_list *t;

	while ((t = first_timer(&w->due))) {
		unlink_timer(w, t);
		if (t->expires <= w->now) {
			w->count--;
			return t;
		}
		enqueue(w, t);	/* moved to later meanwhile */
	}
	return NULL;
}

struct timer_list *timer_wheel_pop(struct timer_wheel *w, jiffies_t now)
{
	for (;;) {
		struct timer_list *t = take_due(w);
		jiffies_t next;

		if (t || w->now >= now)
			return t;
		next = now < w->next ? NEVER : timer_wheel_next(w);
		if (next > now) {
			w->now = now;
			return NULL;
		}
		collect(w, next);
	}
}
