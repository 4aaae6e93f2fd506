/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The receive buffer is over its limit. In this order: the window stops
 * growing, small packets are copied together into full pages (collapse), and
 * out-of-order data is given up from its far end (RFC 2018 8 allows that).
 * In-order data is never given up: it may have been acknowledged.
 */
#include "tcp/tcp.h"
#include "tcp/tcp_rx.h"

#define COLLAPSE_ROOM	(SKB_PAGE_SIZE - SKB_SHINFO_SIZE)
/* A packet that wastes more than half of its memory is worth a copy. */
#define COLLAPSE_WASTE	2u

static bool tcp_over_rcvbuf(const struct sock *sk)
{
	return (s32)sk_rmem_alloc_get(sk) > sk->rcvbuf;
}

static bool tcp_wasteful(const struct sk_buff *skb)
{
	return skb->len && skb->truesize / COLLAPSE_WASTE > skb->len &&
	       !(TCP_SKB_CB(skb)->flags & (TCPHDR_SYN | TCPHDR_FIN));
}

/* `next`'s bytes, as far as they follow those of dst, to the end of dst.
 * False: they do not fit or follow. */
static bool tcp_collapse_into(struct sk_buff *dst, const struct sk_buff *next)
{
	struct tcp_skb_cb *d = TCP_SKB_CB(dst);
	const struct tcp_skb_cb *n = TCP_SKB_CB(next);
	u32 off = d->end_seq - n->seq;

	if (before(d->end_seq, n->seq) || off > next->len ||
	    next->len - off > skb_tailroom(dst) || !tcp_wasteful(next))
		return false;
	skb_copy_bits(next, off, skb_put(dst, next->len - off),
		      next->len - off, COPY_COLLAPSE);
	d->end_seq = n->end_seq;
	d->flags |= n->flags;
	if (n->has_rxtstamp) {
		d->has_rxtstamp = 1;
		dst->tstamp = next->tstamp;
	}
	return true;
}

/* A fresh packet with the bytes of skb, and room for those behind. */
static struct sk_buff *tcp_collapse_start(struct sock *sk,
					  const struct sk_buff *skb)
{
	struct sk_buff *dst = alloc_skb(COLLAPSE_ROOM);

	if (!dst)
		return NULL;
	*TCP_SKB_CB(dst) = *TCP_SKB_CB(skb);
	dst->tstamp = skb->tstamp;
	skb_copy_bits(skb, 0, skb_put(dst, skb->len), skb->len, COPY_COLLAPSE);
	return dst;
}

static void tcp_collapse_receive_queue(struct sock *sk)
{
	struct sk_buff_head *q = &sk->receive_queue;
	struct sk_buff *skb, *next, *dst;

	for (skb = skb_peek(q); skb && !skb_queue_is_last(q, skb);
	     skb = skb->next) {
		next = skb->next;
		if (!tcp_wasteful(skb) || !tcp_wasteful(next) ||
		    skb->len + next->len > COLLAPSE_ROOM)
			continue;
		dst = tcp_collapse_start(sk, skb);
		if (!dst)
			return;
		__skb_queue_after(q, skb, dst);
		__skb_unlink(skb, q);
		consume_skb(skb);
		while (!skb_queue_is_last(q, dst) &&
		       tcp_collapse_into(dst, dst->next)) {
			next = dst->next;
			__skb_unlink(next, q);
			consume_skb(next);
			NET_INC_STATS(sock_net(sk), TcpExt, TCPRcvCollapsed);
		}
		skb_set_owner_r(dst, sk);
		skb = dst;
	}
}

static void tcp_ofo_take_out(struct tcp_sock *tp, struct sk_buff *skb)
{
	rb_erase(&skb->rbnode, &tp->out_of_order_queue);
	skb->next = skb->prev = NULL;
	skb->dev = NULL;
}

static void tcp_collapse_ofo_queue(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb = skb_rb_first(&tp->out_of_order_queue), *next, *dst;

	for (; skb && (next = skb_rb_next(skb)); skb = skb_rb_next(skb)) {
		if (TCP_SKB_CB(skb)->end_seq != TCP_SKB_CB(next)->seq ||
		    !tcp_wasteful(skb) || !tcp_wasteful(next) ||
		    skb->len + next->len > COLLAPSE_ROOM)
			continue;
		dst = tcp_collapse_start(sk, skb);
		if (!dst)
			break;
		rb_replace_node(&skb->rbnode, &dst->rbnode,
				&tp->out_of_order_queue);
		skb->next = skb->prev = NULL;
		skb->dev = NULL;
		consume_skb(skb);
		while ((next = skb_rb_next(dst)) &&
		       tcp_collapse_into(dst, next)) {
			tcp_ofo_take_out(tp, next);
			consume_skb(next);
			NET_INC_STATS(sock_net(sk), TcpExt, TCPRcvCollapsed);
		}
		skb_set_owner_r(dst, sk);
		skb = dst;
	}
	tp->ooo_last_skb = skb_rb_last(&tp->out_of_order_queue);
}

/* From the far end, an eighth of the buffer at a time; what is nearer than
 * in_skb stays. True: something was freed. */
bool tcp_prune_ofo_queue(struct sock *sk, const struct sk_buff *in_skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	s64 goal = sk->rcvbuf >> 3;
	bool pruned = false;
	struct sk_buff *skb;

	while ((skb = skb_rb_last(&tp->out_of_order_queue))) {
		if (after(TCP_SKB_CB(in_skb)->seq, TCP_SKB_CB(skb)->seq))
			break;
		pruned = true;
		goal -= skb->truesize;
		tcp_ofo_take_out(tp, skb);
		kfree_skb_reason(skb, SKB_DROP_REASON_TCP_OFO_QUEUE_PRUNE);
		if (goal > 0)
			continue;
		sk_mem_reclaim(sk);
		if (!tcp_over_rcvbuf(sk) && !sk_under_memory_pressure(sk))
			break;
		goal = sk->rcvbuf >> 3;
	}
	tp->ooo_last_skb = skb_rb_last(&tp->out_of_order_queue);
	if (!pruned)
		return false;
	NET_INC_STATS(sock_net(sk), TcpExt, OfoPruned);
	/* What was SACKed is gone: the blocks say so no more (reneging). */
	if (tcp_is_sack(tp))
		tcp_sack_reset(&tp->rx_opt);
	return true;
}

/* Makes room for in_skb. 0, or -1: drop it. */
int tcp_prune_queue(struct sock *sk, const struct sk_buff *in_skb)
{
	struct tcp_sock *tp = tcp_sk(sk);

	NET_INC_STATS(sock_net(sk), TcpExt, PruneCalled);
	if ((s32)sk_rmem_alloc_get(sk) >= sk->rcvbuf)
		tcp_clamp_window(sk);
	else if (sk_under_memory_pressure(sk))
		tp->rcv_ssthresh = min(tp->rcv_ssthresh, 4 * tp->advmss);
	if (!tcp_over_rcvbuf(sk))
		return 0;
	tcp_collapse_ofo_queue(sk);
	tcp_collapse_receive_queue(sk);
	sk_mem_reclaim(sk);
	if (!tcp_over_rcvbuf(sk))
		return 0;
	tcp_prune_ofo_queue(sk, in_skb);
	if (!tcp_over_rcvbuf(sk))
		return 0;
	/* The sender ignores our window: header prediction would let it. */
	NET_INC_STATS(sock_net(sk), TcpExt, RcvPruned);
	tp->pred_on = false;
	return -1;
}
