/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Working a qdisc off, and its life with the device.
 *
 * Lock order: qdisc lock, then (with the qdisc lock dropped) xmit_lock. The
 * qdisc pointer of a transmit queue is replaced under rtnl and read under RCU;
 * a qdisc that is replaced or whose device goes down is DEACTIVATED, so that a
 * sender who still sees it drops.
 */
#include "dev/qdisc/sch_generic.h"
#include "base/slab.h"
#include "cpu/lock.h"
#include "dev/watchdog.h"

/* --- dequeue --------------------------------------------------------------- */

static void qdisc_dequeue_trace(struct sk_buff *skb, struct Qdisc *q)
{
	struct percpu *pc = this_percpu();

	skb_stage(skb, STAGE_qdisc_dequeue);
	if (trace_is_on(pc) && skb->queued_at)
		trace_write(pc, TRACE_QUEUE, STAGE_qdisc_dequeue, skb->id,
			    skb->len, (u16)q->dev_queue->dev->ifindex,
			    (u64)(ktime_get() - skb->queued_at), 0);
}

static struct sk_buff *dequeue_one(struct Qdisc *q)
{
	struct sk_buff *skb = q->dequeue(q);

	if (skb) {
		qdisc_dequeue_trace(skb, q);
		qdisc_bstats_update(q, skb);
	}
	return skb;
}

/* A list of packets for the driver, at most `room`. *validate: not yet made
 * fit for the device. */
static struct sk_buff *dequeue_skb(struct Qdisc *q, bool *validate, u32 room,
				   u32 *packets)
{
	struct sk_buff *first, *last;

	*packets = 1;
	if (unlikely(netif_tx_queue_stopped(q->dev_queue)))
		return NULL;
	first = __skb_dequeue(&q->gso_skb);
	if (unlikely(first)) {
		*validate = false;
		qdisc_qlen_sub(q, first);
		return first;
	}
	*validate = true;
	first = last = dequeue_one(q);
	while (last && *packets < room) {
		last->next = dequeue_one(q);
		last = last->next;
		*packets += last != NULL;
	}
	return first;
}

static bool qdisc_deactivated(const struct Qdisc *q)
{
	return READ_ONCE(q->state) & 1u << __QDISC_STATE_DEACTIVATED;
}

bool dev_requeue_skb(struct sk_buff *skb, struct Qdisc *q)
{
	struct sk_buff_head back;

	skb_queue_head_init(&back);
	while (skb) {
		struct sk_buff *next = skb->next;

		__skb_queue_tail(&back, skb);
		qdisc_qlen_add(q, skb);
		skb = next;
	}
	if (unlikely(qdisc_deactivated(q))) {
		q->qlen = q->backlog = 0;
		skb_queue_purge_reason(&back, SKB_DROP_REASON_DEV_DOWN);
		return false;
	}
	q->requeues += back.qlen;
	q->dev_queue->requeues += back.qlen;
	skb_queue_splice_tail_init(&q->gso_skb, &back);
	skb_queue_splice_tail_init(&back, &q->gso_skb);
	__netif_schedule(q);
	return false;
}

bool sch_direct_xmit(struct sk_buff *skb, struct Qdisc *q,
		     struct net_device *dev, struct netdev_queue *txq,
		     bool validate)
{
	bool lock = !(dev->features & NETIF_F_LLTX);

	spin_unlock(&q->lock);
	if (validate)
		skb = skb->next ? validate_xmit_skb_list(skb, dev)
				: validate_xmit_skb(skb, dev);
	if (likely(skb)) {
		if (lock)
			spin_lock(&txq->xmit_lock);
		if (likely(!netif_tx_queue_stopped(txq)))
			skb = dev_hard_start_xmit(skb, dev, txq);
		if (lock)
			spin_unlock(&txq->xmit_lock);
	}
	spin_lock(&q->lock);
	if (unlikely(skb))
		return dev_requeue_skb(skb, q);
	return true;
}

void __qdisc_run(struct Qdisc *q)
{
	struct netdev_queue *txq = q->dev_queue;
	struct net_device *dev = txq->dev;
	s32 quota = (s32)dev->net->dev_tx_weight;

	while (q->qlen) {
		u32 room = min_t(u32, (u32)quota, QDISC_BULK), packets;
		struct sk_buff *skb;
		bool validate;

		if (qdisc_deactivated(q))
			return;
		skb = dequeue_skb(q, &validate, room, &packets);
		if (!skb || !sch_direct_xmit(skb, q, dev, txq, validate))
			return;
		quota -= (s32)packets;
		if (quota <= 0) {	/* the rest in NET_TX softirq */
			if (q->qlen)
				__netif_schedule(q);
			return;
		}
	}
}

/* --- life of a qdisc ----------------------------------------------------------- */

static const struct Qdisc_ops *const disciplines[] = {
	&pfifo_fast_ops, &pfifo_qdisc_ops, &bfifo_qdisc_ops,
	&noqueue_qdisc_ops, &noop_qdisc_ops,
};

const struct Qdisc_ops *qdisc_lookup_ops(const char *id)
{
	for (u32 i = 0; i < ARRAY_SIZE(disciplines); i++)
		if (!strcmp(disciplines[i]->id, id))
			return disciplines[i];
	return NULL;
}

struct Qdisc *qdisc_create(struct netdev_queue *txq,
			   const struct Qdisc_ops *ops,
			   const struct qdisc_params *p)
{
	struct Qdisc *q = kzalloc(sizeof(*q) + ops->priv_size);

	if (!q)
		return NULL;
	q->ops = ops;
	q->enqueue = ops->enqueue;
	q->dequeue = ops->dequeue;
	q->flags = ops->flags;
	q->dev_queue = txq;
	q->priv = q + 1;
	q->state = 1u << __QDISC_STATE_DEACTIVATED;
	spin_lock_init(&q->lock);
	skb_queue_head_init(&q->gso_skb);
	refcount_set(&q->refs, 1);
	if (ops->init && ops->init(q, p)) {
		kfree(q);
		return NULL;
	}
	return q;
}

static void qdisc_free_rcu(struct rcu_head *head)
{
	kfree(container_of(head, struct Qdisc, rcu));
}

/* Everything that waits is dropped. */
static void qdisc_reset(struct Qdisc *q)
{
	struct sk_buff_head refused;

	skb_queue_head_init(&refused);
	spin_lock_bh(&q->lock);
	skb_queue_splice_tail_init(&q->gso_skb, &refused);
	if (q->ops->reset)
		q->ops->reset(q);
	q->qlen = q->backlog = 0;
	spin_unlock_bh(&q->lock);
	skb_queue_purge_reason(&refused, SKB_DROP_REASON_DEV_DOWN);
}

void qdisc_put(struct Qdisc *q)
{
	if (!q || !refcount_dec_and_test(&q->refs))
		return;
	qdisc_reset(q);
	if (q->ops->destroy)
		q->ops->destroy(q);
	call_rcu(&q->rcu, qdisc_free_rcu);
}

static void qdisc_deactivate(struct Qdisc *q)
{
	__atomic_fetch_or(&q->state, 1u << __QDISC_STATE_DEACTIVATED,
			  __ATOMIC_RELEASE);
}

static void qdisc_activate(struct Qdisc *q)
{
	__atomic_fetch_and(&q->state, ~(1u << __QDISC_STATE_DEACTIVATED),
			   __ATOMIC_RELEASE);
}

/* --- with the device -------------------------------------------------------------- */

/* Until it is opened a device swallows everything. */
int dev_init_scheduler(struct net_device *dev)
{
	for (u32 i = 0; i < dev->num_tx_queues; i++) {
		dev->tx[i].qdisc = qdisc_create(&dev->tx[i], &noop_qdisc_ops,
						NULL);
		if (!dev->tx[i].qdisc) {
			dev_shutdown(dev);
			return -ENOMEM;
		}
	}
	return 0;
}

void dev_shutdown(struct net_device *dev)
{
	del_timer_sync(&dev->watchdog_timer);
	for (u32 i = 0; i < dev->num_tx_queues; i++) {
		struct Qdisc *q = dev->tx[i].qdisc;

		dev->tx[i].qdisc = NULL;
		if (q)
			qdisc_put(q);
	}
}

/* `fresh` takes the queue; what it replaced is let go. rtnl held. */
static void qdisc_graft(struct netdev_queue *txq, struct Qdisc *fresh)
{
	struct Qdisc *old = txq->qdisc;

	rcu_assign_pointer(txq->qdisc, fresh);
	if (txq->dev->flags & IFF_UP)
		qdisc_activate(fresh);
	qdisc_deactivate(old);
	qdisc_put(old);
}

static const struct Qdisc_ops *default_ops(struct net_device *dev)
{
	const struct Qdisc_ops *ops;

	if (dev->no_queue || !dev->tx_queue_len)
		return &noqueue_qdisc_ops;
	ops = qdisc_lookup_ops(dev->net->default_qdisc);
	return ops ? ops : &pfifo_fast_ops;
}

void dev_activate(struct net_device *dev)
{
	for (u32 i = 0; i < dev->num_tx_queues; i++) {
		struct netdev_queue *txq = &dev->tx[i];

		if (txq->qdisc->ops == &noop_qdisc_ops) {
			struct Qdisc *q = qdisc_create(txq, default_ops(dev),
						       NULL);

			if (q)	/* else it stays shut: drops are counted */
				qdisc_graft(txq, q);
		}
		txq->trans_start = jiffies();
		qdisc_activate(txq->qdisc);
	}
	dev_watchdog_up(dev);
}

void dev_deactivate(struct net_device *dev)
{
	dev_watchdog_down(dev);
	for (u32 i = 0; i < dev->num_tx_queues; i++) {
		qdisc_deactivate(dev->tx[i].qdisc);
		qdisc_reset(dev->tx[i].qdisc);
	}
}

#define FIRST_HANDLE	0x80010000u	/* "8001:" */

int dev_qdisc_change(struct net_device *dev, const struct Qdisc_ops *ops,
		     const struct qdisc_params *p)
{
	int err = 0;

	spin_lock_bh(&dev->net->rtnl);
	for (u32 i = 0; i < dev->num_tx_queues && !err; i++) {
		struct Qdisc *q = qdisc_create(&dev->tx[i], ops ? ops :
					       default_ops(dev), p);

		if (!q) {
			err = -ENOMEM;
			break;
		}
		if (ops)
			q->handle = FIRST_HANDLE + (i << 16);
		qdisc_graft(&dev->tx[i], q);
	}
	spin_unlock_bh(&dev->net->rtnl);
	return err;
}

int dev_qdisc_params(struct net_device *dev, const struct Qdisc_ops *ops,
		     const struct qdisc_params *p)
{
	int err = 0;

	spin_lock_bh(&dev->net->rtnl);
	for (u32 i = 0; i < dev->num_tx_queues && !err; i++) {
		struct Qdisc *q = dev->tx[i].qdisc;

		if (!q->handle || q->ops != ops || !ops->change) {
			err = -ENOENT;
			break;
		}
		spin_lock_bh(&q->lock);
		err = ops->change(q, p);
		spin_unlock_bh(&q->lock);
	}
	spin_unlock_bh(&dev->net->rtnl);
	return err;
}
