/* SPDX-License-Identifier: BSD-2-Clause */
/* Queues of packets: what is too large to be inline. No locks are taken. */
#include "buf/skbuff.h"

void skb_queue_purge_reason(struct sk_buff_head *q, enum skb_drop_reason why)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(q)))
		kfree_skb_reason(skb, why);
}

void skb_queue_consume(struct sk_buff_head *q)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(q)))
		consume_skb(skb);
}

void skb_queue_splice_tail_init(struct sk_buff_head *from,
				struct sk_buff_head *to)
{
	struct sk_buff *first = from->next, *last = from->prev;

	if (skb_queue_empty(from))
		return;
	first->prev = to->prev;
	((struct sk_buff_head *)to->prev)->next = first;
	last->next = (struct sk_buff *)to;
	to->prev = last;
	WRITE_ONCE(to->qlen, to->qlen + from->qlen);
	from->next = from->prev = (struct sk_buff *)from;
	WRITE_ONCE(from->qlen, 0);
}
