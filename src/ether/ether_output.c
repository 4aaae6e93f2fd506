/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way from a next hop to a frame. A connected neighbour costs the copy of
 * its address; any other goes through neigh_resolve_output, which asks, lets
 * the packet wait, or sends and starts to doubt (STALE -> DELAY).
 *
 * What waits is limited per neighbour (unres_qlen_bytes, the oldest goes
 * first) and per table.
 */
#include "dev/dst.h"
#include "ether/neighbour.h"
#include "ether/neigh_priv.h"

/* The address as it was at one moment. */
static void neigh_read_ha(const struct neighbour *n, u8 *ha)
{
	u32 seq;

	do {
		seq = smp_load_acquire(&n->ha_seq);
		memcpy(ha, n->ha, MAX_ADDR_LEN);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while (unlikely(seq & 1 || seq != READ_ONCE(n->ha_seq)));
}

static int neigh_connected_output(struct neighbour *n, struct sk_buff *skb)
{
	struct net_device *dev = n->dev;
	u8 ha[MAX_ADDR_LEN];

	skb->dev = dev;
	if (likely(dev->header_ops)) {
		neigh_read_ha(n, ha);
		if (unlikely(dev->header_ops->create(skb, dev,
				be16_to_cpu(skb->protocol), ha, NULL,
				skb->len) < 0)) {
			kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
			return -ENOMEM;
		}
	}
	return dev_queue_xmit(skb);
}

static bool queue_has_room(const struct neighbour *n, u32 truesize)
{
	u64 limit = n->tbl->unres_qlen_bytes;

	return (u64)n->arp_queue_bytes + truesize <= limit &&
	       (u64)READ_ONCE(n->tbl->unres_bytes) + truesize <=
	       limit * NEIGH_UNRES_FACTOR;
}

static void waiting_bytes_add(struct neighbour *n, s32 bytes)
{
	n->arp_queue_bytes += (u32)bytes;
	__atomic_fetch_add(&n->tbl->unres_bytes, (u32)bytes, __ATOMIC_RELAXED);
}

/* skb waits for the address; the oldest make room. n->lock held. */
static void neigh_wait(struct neighbour *n, struct sk_buff *skb,
		       struct sk_buff_head *dropped)
{
	while (!queue_has_room(n, skb->truesize)) {
		struct sk_buff *old = __skb_dequeue(&n->arp_queue);

		if (!old) {
			__skb_queue_tail(dropped, skb);
			return;
		}
		waiting_bytes_add(n, -(s32)old->truesize);
		__skb_queue_tail(dropped, old);
	}
	skb_dst_force(skb);
	__skb_queue_tail(&n->arp_queue, skb);
	waiting_bytes_add(n, (s32)skb->truesize);
}

/* INCOMPLETE from now on. n->lock held. */
static void neigh_start_asking(struct neighbour *n, jiffies_t now)
{
	n->probes = 0;
	neigh_set_state(n, NUD_INCOMPLETE);
	neigh_add_timer(n, now + max_t(jiffies_t, HZ / 100,
				       ms_to_jiffies(n->tbl->retrans_ms)));
}

/* True: there is an address to send to now. False: skb waits in the entry or
 * is on `dropped`. *ask: the first question is due. n->lock held. */
static bool neigh_event_send(struct neighbour *n, struct sk_buff *skb,
			     struct sk_buff_head *dropped, bool *ask)
{
	jiffies_t now = jiffies();

	n->used = now;
	if (n->state == NUD_STALE) {
		neigh_set_state(n, NUD_DELAY);
		neigh_add_timer(n, now + ms_to_jiffies(n->tbl->delay_probe_ms));
	}
	if (n->state & NUD_VALID)
		return true;
	if (n->state != NUD_INCOMPLETE) {
		neigh_start_asking(n, now);
		*ask = true;
	}
	neigh_wait(n, skb, dropped);
	return false;
}

static int neigh_resolve_output(struct neighbour *n, struct sk_buff *skb)
{
	struct sk_buff_head dropped;
	bool ready, ask = false;

	skb_queue_head_init(&dropped);
	spin_lock_bh(&n->lock);
	if (unlikely(n->dead)) {
		spin_unlock_bh(&n->lock);
		kfree_skb_reason(skb, SKB_DROP_REASON_NEIGH_DEAD);
		return -EHOSTUNREACH;
	}
	ready = neigh_event_send(n, skb, &dropped, &ask);
	spin_unlock_bh(&n->lock);
	skb_queue_purge_reason(&dropped, SKB_DROP_REASON_NEIGH_QUEUEFULL);
	if (ask)
		neigh_probe(n);
	return ready ? neigh_connected_output(n, skb) : 0;
}

int neigh_output(struct neighbour *n, struct sk_buff *skb)
{
	skb_stage(skb, STAGE_neigh_output);
	if (likely(READ_ONCE(n->state) & NUD_CONNECTED))
		return neigh_connected_output(n, skb);
	return neigh_resolve_output(n, skb);
}
