/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * First in, first out, drop at the tail. pfifo counts packets, bfifo bytes;
 * the default limit is the device's tx_queue_len (times its MTU).
 */
#include "dev/qdisc/sch_generic.h"

struct fifo_priv {
	struct sk_buff_head queue;
};

static int fifo_take(struct sk_buff *skb, struct Qdisc *q)
{
	struct fifo_priv *f = q->priv;

	__skb_queue_tail(&f->queue, skb);
	qdisc_qlen_add(q, skb);
	return NET_XMIT_SUCCESS;
}

static int pfifo_enqueue(struct sk_buff *skb, struct Qdisc *q,
			 struct sk_buff **to_free)
{
	struct fifo_priv *f = q->priv;

	if (likely(f->queue.qlen < q->limit))
		return fifo_take(skb, q);
	return qdisc_drop(skb, q, to_free);
}

static int bfifo_enqueue(struct sk_buff *skb, struct Qdisc *q,
			 struct sk_buff **to_free)
{
	if (likely((u64)q->backlog + skb->len <= q->limit))
		return fifo_take(skb, q);
	return qdisc_drop(skb, q, to_free);
}

static struct sk_buff *fifo_dequeue(struct Qdisc *q)
{
	struct fifo_priv *f = q->priv;
	struct sk_buff *skb = __skb_dequeue(&f->queue);

	if (skb)
		qdisc_qlen_sub(q, skb);
	return skb;
}

static struct sk_buff *fifo_peek(struct Qdisc *q)
{
	struct fifo_priv *f = q->priv;

	return skb_peek(&f->queue);
}

static void fifo_reset(struct Qdisc *q)
{
	struct fifo_priv *f = q->priv;

	skb_queue_purge_reason(&f->queue, SKB_DROP_REASON_QDISC_DROP);
}

/* `one`: what the longest packet takes. An empty queue is passed by only if the
 * packet would have fitted. */
static void fifo_set_limit(struct Qdisc *q, u32 limit, u32 one)
{
	q->limit = limit;
	if (limit >= one)
		q->flags |= TCQ_F_CAN_BYPASS;
	else
		q->flags &= ~TCQ_F_CAN_BYPASS;
}

static int pfifo_change(struct Qdisc *q, const struct qdisc_params *p)
{
	u32 len = q->dev_queue->dev->tx_queue_len;

	fifo_set_limit(q, p ? p->limit : max_t(u32, len, 1), 1);
	return 0;
}

static int bfifo_change(struct Qdisc *q, const struct qdisc_params *p)
{
	struct net_device *dev = q->dev_queue->dev;
	u64 bytes = (u64)max_t(u32, dev->tx_queue_len, 1) *
		    (dev->mtu + dev->hard_header_len);

	fifo_set_limit(q, p ? p->limit : (u32)min_t(u64, bytes, UINT32_MAX),
		       dev->mtu + dev->hard_header_len);
	return 0;
}

static int pfifo_init(struct Qdisc *q, const struct qdisc_params *p)
{
	struct fifo_priv *f = q->priv;

	skb_queue_head_init(&f->queue);
	return pfifo_change(q, p);
}

static int bfifo_init(struct Qdisc *q, const struct qdisc_params *p)
{
	struct fifo_priv *f = q->priv;

	skb_queue_head_init(&f->queue);
	return bfifo_change(q, p);
}

const struct Qdisc_ops pfifo_qdisc_ops = {
	.id = "pfifo",
	.priv_size = sizeof(struct fifo_priv),
	.flags = TCQ_F_CAN_BYPASS,
	.enqueue = pfifo_enqueue,
	.dequeue = fifo_dequeue,
	.peek = fifo_peek,
	.init = pfifo_init,
	.change = pfifo_change,
	.reset = fifo_reset,
};

const struct Qdisc_ops bfifo_qdisc_ops = {
	.id = "bfifo",
	.priv_size = sizeof(struct fifo_priv),
	.flags = TCQ_F_CAN_BYPASS,
	.enqueue = bfifo_enqueue,
	.dequeue = fifo_dequeue,
	.peek = fifo_peek,
	.init = bfifo_init,
	.change = bfifo_change,
	.reset = fifo_reset,
};
