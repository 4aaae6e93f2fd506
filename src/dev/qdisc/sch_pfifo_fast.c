/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pfifo_fast, the default: three FIFOs, a lower band is sent before a higher
 * one. skb->priority chooses the band (tc-pfifo_fast(8)); IP sets it from TOS:
 * interactive traffic first, bulk last. Each band holds tx_queue_len packets.
 */
#include "dev/qdisc/sch_generic.h"

#define BANDS	3

/* TC_PRIO_*: best effort, filler, bulk, -, interactive bulk, -, interactive,
 * control; then unused numbers. */
static const u8 prio2band[16] = {
	1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1
};

struct pfifo_fast_priv {
	struct sk_buff_head band[BANDS];
	u32 bitmap;			/* bands that hold packets */
};

static int pfifo_fast_enqueue(struct sk_buff *skb, struct Qdisc *q,
			      struct sk_buff **to_free)
{
	struct pfifo_fast_priv *p = q->priv;
	u32 band = prio2band[skb->priority & 15];

	if (unlikely(p->band[band].qlen >= q->limit))
		return qdisc_drop(skb, q, to_free);
	__skb_queue_tail(&p->band[band], skb);
	p->bitmap |= 1u << band;
	qdisc_qlen_add(q, skb);
	return NET_XMIT_SUCCESS;
}

static struct sk_buff *pfifo_fast_peek(struct Qdisc *q)
{
	struct pfifo_fast_priv *p = q->priv;

	if (!p->bitmap)
		return NULL;
	return skb_peek(&p->band[__builtin_ctz(p->bitmap)]);
}

static struct sk_buff *pfifo_fast_dequeue(struct Qdisc *q)
{
	struct pfifo_fast_priv *p = q->priv;
	struct sk_buff *skb;
	u32 band;

	if (!p->bitmap)
		return NULL;
	band = (u32)__builtin_ctz(p->bitmap);
	skb = __skb_dequeue(&p->band[band]);
	if (skb_queue_empty(&p->band[band]))
		p->bitmap &= ~(1u << band);
	qdisc_qlen_sub(q, skb);
	return skb;
}

static int pfifo_fast_change(struct Qdisc *q, const struct qdisc_params *params)
{
	q->limit = max_t(u32, q->dev_queue->dev->tx_queue_len, 1);
	return 0;
}

static int pfifo_fast_init(struct Qdisc *q, const struct qdisc_params *params)
{
	struct pfifo_fast_priv *p = q->priv;

	for (u32 i = 0; i < BANDS; i++)
		skb_queue_head_init(&p->band[i]);
	return pfifo_fast_change(q, params);
}

static void pfifo_fast_reset(struct Qdisc *q)
{
	struct pfifo_fast_priv *p = q->priv;

	for (u32 i = 0; i < BANDS; i++)
		skb_queue_purge_reason(&p->band[i],
				       SKB_DROP_REASON_QDISC_DROP);
	p->bitmap = 0;
}

const struct Qdisc_ops pfifo_fast_ops = {
	.id = "pfifo_fast",
	.priv_size = sizeof(struct pfifo_fast_priv),
	.flags = TCQ_F_CAN_BYPASS,
	.enqueue = pfifo_fast_enqueue,
	.dequeue = pfifo_fast_dequeue,
	.peek = pfifo_fast_peek,
	.init = pfifo_fast_init,
	.change = pfifo_fast_change,
	.reset = pfifo_fast_reset,
};
