/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The out-of-order queue: what lies behind a hole, as a tree by sequence
 * whose packets do not overlap. RFC 9293 3.10.7.4 (SHLD-31: kept, not
 * dropped), RFC 2018 (reported), RFC 2883 (duplicates reported).
 *
 * Most packets behind a hole come in order: they are joined to the last one
 * without any search.
 */
#include "tcp/tcp.h"
#include "tcp/tcp_rx.h"

/* A node of a tree keeps no device (it shares its memory with the node). */
static void tcp_ofo_unlink(struct rb_root *root, struct sk_buff *skb)
{
	rb_erase(&skb->rbnode, root);
	skb->next = skb->prev = NULL;
	skb->dev = NULL;
}

void tcp_rbtree_insert(struct rb_root *root, struct sk_buff *skb)
{
	struct rb_node **p = &root->rb_node, *parent = NULL;

	while (*p) {
		parent = *p;
		p = before(TCP_SKB_CB(skb)->seq,
			   TCP_SKB_CB(rb_to_skb(parent))->seq) ?
		    &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&skb->rbnode, parent, p);
	rb_insert_color(&skb->rbnode, root);
}

void tcp_ofo_purge(struct sock *sk, enum skb_drop_reason why)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb;

	while ((skb = skb_rb_first(&tp->out_of_order_queue))) {
		tcp_ofo_unlink(&tp->out_of_order_queue, skb);
		kfree_skb_reason(skb, why);
	}
	tp->ooo_last_skb = NULL;
}

/* --- the hole was filled ---------------------------------------------------- */

/* skb, out of the tree, reaches beyond RCV.NXT. Consumes. True: had a FIN. */
static bool tcp_ofo_deliver(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *tail = skb_peek_tail(&sk->receive_queue);
	bool fin = TCP_SKB_CB(skb)->flags & TCPHDR_FIN, stolen = false;
	u32 end_seq = TCP_SKB_CB(skb)->end_seq;
	u32 off = tp->rcv_nxt - TCP_SKB_CB(skb)->seq;

	/* A waiting reader also gets what comes behind the filled hole. */
	if (off < skb->len && tcp_copy_to_reader(sk, skb, off, skb->len - off)) {
		tcp_rcv_nxt_update(tp, end_seq);
		consume_skb(skb);
	} else if (tail && tcp_try_coalesce(sk, tail, skb, &stolen)) {
		tcp_rcv_nxt_update(tp, end_seq);
		kfree_skb_partial(skb, stolen);
	} else {
		tcp_rcv_nxt_update(tp, end_seq);
		skb_stage(skb, STAGE_sk_receive_queue);
		__skb_queue_tail(&sk->receive_queue, skb);
	}
	return fin;
}

/* RCV.NXT moved: what is now in order goes to the receive queue. */
void tcp_ofo_queue(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 dsack_high = tp->rcv_nxt;
	struct sk_buff *skb;

	while ((skb = skb_rb_first(&tp->out_of_order_queue))) {
		struct tcp_skb_cb *cb = TCP_SKB_CB(skb);

		if (after(cb->seq, tp->rcv_nxt))
			break;
		if (before(cb->seq, dsack_high))
			tcp_dsack_extend(sk, cb->seq,
					 before(cb->end_seq, dsack_high) ?
					 cb->end_seq : dsack_high);
		tcp_ofo_unlink(&tp->out_of_order_queue, skb);
		if (tp->ooo_last_skb == skb)
			tp->ooo_last_skb = NULL;
		if (unlikely(!after(cb->end_seq, tp->rcv_nxt))) {
			kfree_skb_reason(skb, SKB_DROP_REASON_TCP_OFO_DROP);
			continue;
		}
		skb_stage(skb, STAGE_tcp_ofo_queue);
		if (tcp_ofo_deliver(sk, skb)) {
			tcp_fin(sk);	/* empties the tree */
			break;
		}
	}
}

/* --- a packet behind a hole -------------------------------------------------- */

/* Where a new packet goes, or that it needs no place. */
struct ofo_place {
	struct rb_node *parent, **link;
	struct sk_buff *same_start;	/* to be replaced by the new one */
	bool duplicate;			/* all of it is here */
};

static void tcp_ofo_find(struct sock *sk, const struct sk_buff *skb,
			 struct ofo_place *at)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 seq = TCP_SKB_CB(skb)->seq, end_seq = TCP_SKB_CB(skb)->end_seq;

	memset(at, 0, sizeof(*at));
	at->link = &tp->out_of_order_queue.rb_node;
	while (*at->link) {
		struct sk_buff *cur = rb_to_skb(*at->link);
		const struct tcp_skb_cb *cb = TCP_SKB_CB(cur);

		at->parent = *at->link;
		if (before(seq, cb->seq)) {
			at->link = &at->parent->rb_left;
			continue;
		}
		if (before(seq, cb->end_seq)) {
			if (!after(end_seq, cb->end_seq)) {
				at->duplicate = true;
				return;
			}
			if (seq == cb->seq) {
				at->same_start = cur;
				return;
			}
			tcp_dsack_set(sk, seq, cb->end_seq);
		}
		at->link = &at->parent->rb_right;
	}
}

/* Packets that skb covers wholly have had their time. */
static void tcp_ofo_drop_covered(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 end_seq = TCP_SKB_CB(skb)->end_seq;
	struct sk_buff *next;

	while ((next = skb_rb_next(skb))) {
		const struct tcp_skb_cb *cb = TCP_SKB_CB(next);

		if (!after(end_seq, cb->seq))
			return;
		if (before(end_seq, cb->end_seq)) {
			tcp_dsack_extend(sk, cb->seq, end_seq);
			return;
		}
		tcp_dsack_extend(sk, cb->seq, cb->end_seq);
		tcp_ofo_unlink(&tp->out_of_order_queue, next);
		NET_INC_STATS(sock_net(sk), TcpExt, TCPOFOMerge);
		kfree_skb_reason(next, SKB_DROP_REASON_TCP_OFOMERGE);
	}
	tp->ooo_last_skb = skb;
}

/* Without SACK the window must not move: the peer counts equal ACKs. */
static void tcp_ofo_account(struct sock *sk, struct sk_buff *skb)
{
	if (tcp_is_sack(tcp_sk(sk)))
		tcp_grow_window(sk, skb, false);
	skb_set_owner_r(skb, sk);
}

/* Not the continuation of the last packet. Consumes; true: it is queued. */
static bool tcp_ofo_insert(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct ofo_place at;

	tcp_ofo_find(sk, skb, &at);
	if (at.duplicate) {
		NET_INC_STATS(sock_net(sk), TcpExt, TCPOFOMerge);
		tcp_dsack_set(sk, TCP_SKB_CB(skb)->seq, TCP_SKB_CB(skb)->end_seq);
		kfree_skb_reason(skb, SKB_DROP_REASON_TCP_OFO_DROP);
		return false;
	}
	if (at.same_start) {
		struct sk_buff *old = at.same_start;

		rb_replace_node(&old->rbnode, &skb->rbnode,
				&tp->out_of_order_queue);
		tcp_dsack_extend(sk, TCP_SKB_CB(old)->seq,
				 TCP_SKB_CB(old)->end_seq);
		if (tp->ooo_last_skb == old)
			tp->ooo_last_skb = skb;
		old->next = old->prev = NULL;
		old->dev = NULL;
		NET_INC_STATS(sock_net(sk), TcpExt, TCPOFOMerge);
		kfree_skb_reason(old, SKB_DROP_REASON_TCP_OFOMERGE);
	} else {
		rb_link_node(&skb->rbnode, at.parent, at.link);
		rb_insert_color(&skb->rbnode, &tp->out_of_order_queue);
	}
	tcp_ofo_drop_covered(sk, skb);
	return true;
}

/* skb is the continuation of the last packet: one packet, if it can be. */
static bool tcp_ofo_append(struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff *last = tcp_sk(sk)->ooo_last_skb;
	u32 len = skb->len;
	u32 spare = skb->truesize > len ? skb->truesize - len : 0;
	bool stolen;

	if (!last || !tcp_try_coalesce(sk, last, skb, &stolen))
		return false;
	if (tcp_is_sack(tcp_sk(sk)))
		tcp_grow_window_by(sk, len, len + spare / 2);
	kfree_skb_partial(skb, stolen);
	return true;
}

/* Header pulled; seq is after RCV.NXT and in the window. Consumes. */
void tcp_data_queue_ofo(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 seq = TCP_SKB_CB(skb)->seq, end_seq = TCP_SKB_CB(skb)->end_seq;
	bool first = RB_EMPTY_ROOT(&tp->out_of_order_queue);

	tcp_ecn_check_ce(sk, skb);
	if (unlikely(tcp_try_rmem_schedule(sk, skb, skb->truesize))) {
		NET_INC_STATS(sock_net(sk), TcpExt, TCPOFODrop);
		sk->data_ready(sk);
		kfree_skb_reason(skb, SKB_DROP_REASON_PROTO_MEM);
		return;
	}
	tcp_measure_rcv_mss(sk, skb);
	tp->pred_on = false;		/* no prediction over holes */
	inet_csk_schedule_ack(tp);
	tp->rcv_ooopack += max_t(u32, skb_shinfo(skb)->gso_segs, 1);
	NET_INC_STATS(sock_net(sk), TcpExt, TCPOFOQueue);
	skb_stage(skb, STAGE_tcp_ofo_queue);
	if (first && tcp_is_sack(tp))
		tcp_sack_reset(&tp->rx_opt);
	if (!tcp_ofo_append(sk, skb)) {
		if (!tcp_ofo_insert(sk, skb))
			goto report;
		tcp_ofo_account(sk, skb);
	}
report:
	if (tcp_is_sack(tp))
		tcp_sack_new_ofo_skb(sk, seq, end_seq);
	/* Room for what waits behind the hole, beside what will be read; not
	 * for connections that nobody has accepted. */
	if (sk->socket)
		tcp_rcvbuf_grow(sk, tp->rcvq_space.space);
}
