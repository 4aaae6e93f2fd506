/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way down to every device. dev_queue_xmit picks a transmit queue, gives
 * the packet to its queueing discipline and works that off; the packet reaches
 * the driver through dev_hard_start_xmit, made fit for the device before
 * (dev_validate.c).
 *
 *	idle queue	lock, straight to the driver, unlock
 *	busy queue	lock, enqueue, unlock: whoever is at it goes on
 *	no queue	(loopback) straight to the driver, bounded recursion
 *
 * A driver that is full says NETDEV_TX_BUSY and stops its queue; the packet
 * goes back to the head of the qdisc.
 */
#include "dev/netdevice.h"
#include "base/hash.h"
#include "cpu/lock.h"
#include "dev/dev_input.h"
#include "dev/dst.h"
#include "dev/qdisc/sch_generic.h"
#include "dev/softnet.h"
#include "dev/tx_stamp.h"

/* --- to the driver --------------------------------------------------------- */

static inline netdev_tx_t xmit_one(struct sk_buff *skb, struct net_device *dev,
				   bool more)
{
	if (unlikely(dev_nit_active(dev)))
		dev_queue_xmit_nit(skb, dev);
	trace_stage_more(STAGE_dev_hard_start_xmit, skb->id, skb->len,
			 (u16)dev->ifindex, 0, 0);
	return dev->netdev_ops->ndo_start_xmit(skb, dev, more);
}

struct sk_buff *dev_hard_start_xmit(struct sk_buff *skb,
				    struct net_device *dev,
				    struct netdev_queue *txq)
{
	while (skb) {
		struct sk_buff *next = skb->next;

		skb->next = NULL;
		if (unlikely(xmit_one(skb, dev, next != NULL) !=
			     NETDEV_TX_OK)) {
			skb->next = next;
			return skb;
		}
		skb = next;
		if (unlikely(skb && netif_tx_queue_stopped(txq)))
			return skb;
	}
	return NULL;
}

/* --- which queue -------------------------------------------------------------- */

static inline struct netdev_queue *netdev_pick_tx(struct net_device *dev,
					   struct sk_buff *skb)
{
	u32 n = dev->real_num_tx_queues;
	u32 i = 0;

	if (n > 1) {
		if (dev->netdev_ops->ndo_select_queue)
			i = dev->netdev_ops->ndo_select_queue(dev, skb);
		else	/* a flow stays on its queue: no reordering */
			i = reciprocal_scale(skb_get_hash(skb), n);
		if (unlikely(i >= n))
			i = 0;
	}
	skb->queue_mapping = (u16)i;
	return &dev->tx[i];
}

/* --- through the queue ---------------------------------------------------------- */

static void qdisc_enqueue_trace(struct sk_buff *skb)
{
	skb->queued_at = trace_is_on(this_percpu()) ? ktime_get() : 0;
	skb_stage(skb, STAGE_qdisc_enqueue);
}

/* The packet as it is, or what the device can take instead. */
static inline struct sk_buff *make_fit(struct sk_buff *skb,
				       struct net_device *dev)
{
	return likely(skb_fits_device(skb, dev)) ? skb :
						   validate_xmit_skb(skb, dev);
}

/* One packet or a list to the driver. What it did not take. */
static inline struct sk_buff *xmit_locked(struct sk_buff *skb,
					  struct net_device *dev,
					  struct netdev_queue *txq)
{
	bool lock = !(dev->features & NETIF_F_LLTX);

	if (lock)
		spin_lock(&txq->xmit_lock);
	if (likely(!netif_tx_queue_stopped(txq))) {
		if (unlikely(skb->next))
			skb = dev_hard_start_xmit(skb, dev, txq);
		else if (likely(xmit_one(skb, dev, false) == NETDEV_TX_OK))
			skb = NULL;
	}
	if (lock)
		spin_unlock(&txq->xmit_lock);
	return skb;
}

/* The queue is empty and ours: past it. Lock held, dropped meanwhile. */
static inline void xmit_bypass(struct sk_buff *skb, struct Qdisc *q,
			       struct net_device *dev, struct netdev_queue *txq)
{
	qdisc_bstats_update(q, skb);
	skb_stage_cpu(this_percpu(), skb, STAGE_sch_direct_xmit);
	spin_unlock(&q->lock);
	skb = make_fit(skb, dev);
	if (likely(skb))
		skb = xmit_locked(skb, dev, txq);
	spin_lock(&q->lock);
	if (unlikely(skb))
		dev_requeue_skb(skb, q);
	else if (unlikely(q->qlen))
		__qdisc_run(q);
}

static noinline void refused_free(struct sk_buff *list,
				  struct netdev_queue *txq)
{
	__atomic_fetch_add(&txq->tx_dropped, 1, __ATOMIC_RELAXED);
	kfree_skb_list_reason(list, SKB_DROP_REASON_QDISC_DROP);
}

static inline int __dev_xmit_skb(struct sk_buff *skb, struct Qdisc *q,
				 struct net_device *dev,
				 struct netdev_queue *txq)
{
	struct sk_buff *to_free = NULL;
	int rc = NET_XMIT_SUCCESS;

	spin_lock(&q->lock);
	if (unlikely(READ_ONCE(q->state) & 1u << __QDISC_STATE_DEACTIVATED)) {
		rc = qdisc_drop(skb, q, &to_free);
	} else if (q->flags & TCQ_F_CAN_BYPASS && !q->qlen &&
		   !netif_tx_queue_stopped(txq) && qdisc_run_begin(q)) {
		xmit_bypass(skb, q, dev, txq);
		qdisc_run_end(q);
	} else {
		qdisc_enqueue_trace(skb);
		rc = q->enqueue(skb, q, &to_free);
		if (qdisc_run_begin(q)) {
			__qdisc_run(q);
			qdisc_run_end(q);
		}
	}
	spin_unlock(&q->lock);
	if (unlikely(to_free))
		refused_free(to_free, txq);
	return rc;
}

static int xmit_drop(struct sk_buff *skb, struct net_device *dev,
		     enum skb_drop_reason why, int rc)
{
	dev_stats(dev)->tx_dropped++;
	kfree_skb_list_reason(skb, why);
	return rc;
}

/* Device without a queue: the driver runs here, and what it sends on to a
 * device above or below runs inside it, up to a depth. */
static noinline int noqueue_xmit(struct sk_buff *skb, struct net_device *dev,
			struct netdev_queue *txq)
{
	struct softnet_data *sd = this_softnet();
	bool lock = !(dev->features & NETIF_F_LLTX);

	if (unlikely(sd->xmit_recursion >= XMIT_RECURSION_LIMIT))
		return xmit_drop(skb, dev, SKB_DROP_REASON_RECURSION_LIMIT,
				 -ENETDOWN);
	skb = make_fit(skb, dev);
	if (!skb)
		return NET_XMIT_DROP;
	if (unlikely(netif_tx_queue_stopped(txq)))
		return xmit_drop(skb, dev, SKB_DROP_REASON_FULL_RING,
				 -ENETDOWN);
	sd->xmit_recursion++;
	if (lock)
		spin_lock(&txq->xmit_lock);
	skb = dev_hard_start_xmit(skb, dev, txq);
	if (lock)
		spin_unlock(&txq->xmit_lock);
	sd->xmit_recursion--;
	if (unlikely(skb))
		return xmit_drop(skb, dev, SKB_DROP_REASON_FULL_RING,
				 -ENETDOWN);
	return NET_XMIT_SUCCESS;
}

/* Open, and the link is there. */
static bool dev_ready(const struct net_device *dev)
{
	u32 mask = 1u << __LINK_STATE_START | 1u << __LINK_STATE_NOCARRIER;

	return (READ_ONCE(dev->state) & mask) == 1u << __LINK_STATE_START;
}

/* Without a link packets are lost as on the wire: the sender is not told. */
static noinline int not_ready(struct sk_buff *skb, struct net_device *dev)
{
	if (netif_running(dev))
		return xmit_drop(skb, dev, SKB_DROP_REASON_DEV_READY,
				 NET_XMIT_DROP);
	return xmit_drop(skb, dev, SKB_DROP_REASON_DEV_DOWN, -ENETDOWN);
}

int dev_queue_xmit(struct sk_buff *skb)
{
	struct net_device *dev = skb->dev;
	struct netdev_queue *txq;
	struct Qdisc *q;
	int rc;

	local_bh_disable();
	skb_stage_cpu(this_percpu(), skb, STAGE_dev_queue_xmit);
	skb_reset_mac_header(skb);
	if (unlikely(!dev_ready(dev))) {
		rc = not_ready(skb, dev);
		goto out;
	}
	skb_sched_stamp(skb, dev);
	if (likely(!dev->keep_dst))
		skb_dst_drop(skb);
	else
		skb_dst_force(skb);
	txq = netdev_pick_tx(dev, skb);
	q = rcu_dereference(txq->qdisc);
	if (likely(q->enqueue))
		rc = __dev_xmit_skb(skb, q, dev, txq);
	else
		rc = noqueue_xmit(skb, dev, txq);
out:
	local_bh_enable();
	return rc;
}
