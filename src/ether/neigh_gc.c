/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who goes when a neighbour table is full, and who goes in any case.
 *
 * Anybody on a link can make entries: by claiming addresses (an ARP request
 * tells the asker's) or by making us ask (a scan). RFC: silent. Linux: at
 * gc_thresh3 only entries idle for 5 s go, so while a flood lasts no new host
 * gets in. Here: entries have a class, and a full table gives up the oldest of
 * the lowest class:
 *
 *	FAILED	 answer nobody, or cost nothing to make again
 *	CLAIMED	 somebody said so, we never sent there
 *	ASKED	 we want to send, no answer yet
 *	PROVEN	 answered when asked, or traffic went both ways
 *
 * So a flood displaces its own entries, hosts in two-way traffic stay, and a
 * newcomer always gets in. Permanent entries are in no class.
 *
 * The periodic pass removes what is unused, above gc_thresh1 only. Linux: it
 * comes every half minute in any case. Here: only while there are so many
 * entries, so that an idle stack has no timer running.
 */
#include "ether/neighbour.h"
#include "ether/neigh_priv.h"

static u8 class_of(const struct neighbour *n)
{
	switch ((enum neigh_state)n->state) {
	case NUD_PERMANENT:
		return NEIGH_CLASS_NONE;
	case NUD_NONE:
	case NUD_FAILED:
	case NUD_NOARP:
		return NEIGH_CLASS_FAILED;
	case NUD_STALE:
		return n->proven ? NEIGH_CLASS_PROVEN : NEIGH_CLASS_CLAIMED;
	case NUD_INCOMPLETE:
	case NUD_REACHABLE:
	case NUD_DELAY:
	case NUD_PROBE:
		return n->proven ? NEIGH_CLASS_PROVEN : NEIGH_CLASS_ASKED;
	}
	return NEIGH_CLASS_FAILED;
}

void neigh_reclass(struct neighbour *n)
{
	struct neigh_table *t = n->tbl;

	spin_lock_bh(&t->lock);
	if (!hlist_unhashed(&n->hash)) {
		list_del_init(&n->lru);
		n->class = class_of(n);
		if (n->class != NEIGH_CLASS_NONE)
			list_add_tail(&n->lru, &t->lru[n->class]);
	}
	spin_unlock_bh(&t->lock);
}

struct neighbour *neigh_pick_victim(struct neigh_table *t)
{
	for (u32 c = 0; c < NEIGH_CLASSES; c++) {
		struct neighbour *n;

		if (list_empty(&t->lru[c]))
			continue;
		n = list_first_entry(&t->lru[c], struct neighbour, lru);
		neigh_detach(n);
		t->forced_gc++;
		return n;
	}
	return NULL;
}

/* Nobody holds it but the table, and nobody used it lately. */
static bool neigh_unused(const struct neigh_table *t,
			 const struct neighbour *n, jiffies_t now)
{
	jiffies_t stale = ms_to_jiffies(t->gc_stale_ms);
	jiffies_t last = max(READ_ONCE(n->used), READ_ONCE(n->confirmed));

	if (READ_ONCE(n->state) & NUD_IN_TIMER ||
	    refcount_read(&n->refs) != 1)
		return false;
	if (READ_ONCE(n->state) == NUD_FAILED)
		return now >= READ_ONCE(n->updated) + NEIGH_FLUSH_AGE;
	if (t->entries > t->gc_thresh2 && n->class < NEIGH_CLASS_PROVEN)
		stale = min_t(jiffies_t, stale, NEIGH_FLUSH_AGE);
	return now >= last + stale;
}

static struct neighbour *collect_unused(struct neigh_table *t, jiffies_t now)
{
	struct neighbour *dead = NULL, *n, *next;

	for (u32 c = 0; c < NEIGH_CLASSES; c++)
		list_for_each_entry_safe(n, next, &t->lru[c], lru) {
			if (!neigh_unused(t, n, now))
				continue;
			neigh_detach(n);
			n->gc_next = dead;
			dead = n;
		}
	return dead;
}

static void neigh_periodic(struct timer_list *timer)
{
	struct neigh_table *t = container_of(timer, struct neigh_table,
					     gc_timer);
	struct neighbour *dead = NULL;
	jiffies_t now = jiffies();

	spin_lock_bh(&t->lock);
	if (t->entries > t->gc_thresh1)
		dead = collect_unused(t, now);
	neigh_gc_look(t);
	spin_unlock_bh(&t->lock);
	while (dead) {
		struct neighbour *n = dead;

		dead = n->gc_next;
		neigh_kill(n);
	}
}

void neigh_gc_look(struct neigh_table *t)
{
	if (t->entries > t->gc_thresh1 && !t->gc_ended &&
	    !timer_pending(&t->gc_timer))
		mod_timer(&t->gc_timer, jiffies() + NEIGH_GC_INTERVAL);
}

void neigh_gc_start(struct neigh_table *t)
{
	t->gc_ended = false;
	timer_setup(&t->gc_timer, neigh_periodic);
}

void neigh_gc_stop(struct neigh_table *t)
{
	spin_lock_bh(&t->lock);
	t->gc_ended = true;
	spin_unlock_bh(&t->lock);
	del_timer_sync(&t->gc_timer);
}
