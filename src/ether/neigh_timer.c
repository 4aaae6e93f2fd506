/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Neighbour unreachability detection: what time does to an entry.
 * RFC 4861 7.3.3, used for IPv4 as Linux does.
 *
 *	INCOMPLETE  asked; asks again every retrans, then FAILED
 *	REACHABLE   for reachable_time since the last confirmation, then
 *		    DELAY if it is in use, else STALE
 *	STALE	    no timer: until somebody sends (ether_output.c: DELAY)
 *	DELAY	    waits delay_probe for the upper layers' confirmation:
 *		    REACHABLE, or else PROBE
 *	PROBE	    asks the last known address directly, then FAILED
 *	FAILED	    until somebody sends: INCOMPLETE
 */
#include "ether/neighbour.h"
#include "dev/dst.h"
#include "ether/neigh_priv.h"

/* A pending timer holds a reference. */
void neigh_add_timer(struct neighbour *n, jiffies_t when)
{
	neigh_hold(n);
	if (unlikely(mod_timer(&n->timer, when)))
		neigh_release(n);	/* it was pending: one is enough */
}

void neigh_del_timer(struct neighbour *n)
{
	if (del_timer(&n->timer))
		neigh_release(n);
}

void neigh_set_state(struct neighbour *n, enum neigh_state s)
{
	if (n->state == s)
		return;
	/* it answered when asked, or traffic goes both ways */
	if (s == NUD_REACHABLE &&
	    (n->state & (NUD_INCOMPLETE | NUD_PROBE | NUD_DELAY)))
		n->proven = true;
	else if (s == NUD_FAILED)
		n->proven = false;
	WRITE_ONCE(n->state, (u8)s);
	n->updated = jiffies();
	neigh_reclass(n);
}

void neigh_take_queue(struct neighbour *n, struct sk_buff_head *to)
{
	__atomic_fetch_sub(&n->tbl->unres_bytes, n->arp_queue_bytes,
			   __ATOMIC_RELAXED);
	n->arp_queue_bytes = 0;
	skb_queue_splice_tail_init(&n->arp_queue, to);
}

void neigh_fail_queue(struct neighbour *n, struct sk_buff_head *waiting)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(waiting))) {
		if (n->tbl->error_report)
			n->tbl->error_report(n, skb);
		else
			kfree_skb_reason(skb, SKB_DROP_REASON_NEIGH_FAILED);
	}
}

/* The protocol asks, on behalf of the newest packet that waits. */
void neigh_probe(struct neighbour *n)
{
	struct sk_buff *skb = NULL;

	spin_lock_bh(&n->lock);
	n->probes++;
	if (!skb_queue_empty(&n->arp_queue))
		skb = skb_clone(skb_peek_tail(&n->arp_queue));
	spin_unlock_bh(&n->lock);
	n->tbl->solicit(n, skb);
	if (skb)
		consume_skb(skb);
}

static u32 max_probes(const struct neighbour *n)
{
	return n->state == NUD_PROBE ? n->tbl->ucast_probes
				     : n->tbl->mcast_probes;
}

static jiffies_t retrans_time(const struct neighbour *n)
{
	return max_t(jiffies_t, ms_to_jiffies(n->tbl->retrans_ms), HZ / 100);
}

/* When to look again; 0: not at all. */
static jiffies_t reachable_expired(struct neighbour *n, jiffies_t now)
{
	jiffies_t valid = ms_to_jiffies(n->tbl->reachable_ms);
	jiffies_t delay = ms_to_jiffies(n->tbl->delay_probe_ms);

	if (now < n->confirmed + valid)
		return n->confirmed + valid;
	if (now < n->used + delay) {
		neigh_set_state(n, NUD_DELAY);
		return now + delay;
	}
	neigh_set_state(n, NUD_STALE);
	return 0;
}

static jiffies_t delay_expired(struct neighbour *n, jiffies_t now)
{
	if (now < n->confirmed + ms_to_jiffies(n->tbl->delay_probe_ms)) {
		neigh_set_state(n, NUD_REACHABLE);
		return n->confirmed + ms_to_jiffies(n->tbl->reachable_ms);
	}
	n->probes = 0;
	neigh_set_state(n, NUD_PROBE);
	return now + retrans_time(n);
}

static jiffies_t asked_in_vain(struct neighbour *n, jiffies_t now,
			       struct sk_buff_head *waiting)
{
	if (n->probes < max_probes(n))
		return now + retrans_time(n);
	neigh_set_state(n, NUD_FAILED);
	neigh_take_queue(n, waiting);
	return 0;
}

static jiffies_t neigh_step(struct neighbour *n, jiffies_t now,
			    struct sk_buff_head *failed)
{
	switch ((enum neigh_state)n->state) {
	case NUD_REACHABLE:
		return reachable_expired(n, now);
	case NUD_DELAY:
		return delay_expired(n, now);
	case NUD_INCOMPLETE:
	case NUD_PROBE:
		return asked_in_vain(n, now, failed);
	case NUD_NONE:
	case NUD_STALE:
	case NUD_FAILED:
	case NUD_NOARP:
	case NUD_PERMANENT:
		return 0;
	}
	return 0;
}

static void neigh_timer_handler(struct timer_list *timer)
{
	struct neighbour *n = container_of(timer, struct neighbour, timer);
	struct sk_buff_head failed;
	jiffies_t next = 0;
	bool ask = false;

	skb_queue_head_init(&failed);
	spin_lock_bh(&n->lock);
	if (!n->dead)
		next = neigh_step(n, jiffies(), &failed);
	if (next) {
		neigh_add_timer(n, next);
		ask = n->state & (NUD_INCOMPLETE | NUD_PROBE);
	}
	spin_unlock_bh(&n->lock);
	neigh_fail_queue(n, &failed);
	if (ask)
		neigh_probe(n);
	neigh_release(n);		/* the timer's */
}

void neigh_timer_setup(struct neighbour *n)
{
	timer_setup(&n->timer, neigh_timer_handler);
}
