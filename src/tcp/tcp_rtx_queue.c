/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The retransmission queue (RFC 9293 3.8.1): packets sent and not yet
 * acknowledged, a tree by sequence, and a list by the time of sending
 * (RFC 8985 6). The packets are charged to the sock until they are freed.
 */
#include "tcp/tcp_out.h"

struct sk_buff *tcp_rtx_queue_tail(const struct sock *sk)
{
	return skb_rb_last(&tcp_sk(sk)->rtx_queue);
}

struct sk_buff *tcp_skb_rtx_next(struct sk_buff *skb)
{
	return skb_rb_next(skb);
}

struct sk_buff *tcp_skb_rtx_prev(struct sk_buff *skb)
{
	return skb_rb_prev(skb);
}

static void rtx_tree_insert(struct rb_root *root, struct sk_buff *skb)
{
	struct rb_node **p = &root->rb_node, *parent = NULL;

	while (*p) {
		struct sk_buff *at = rb_entry(*p, struct sk_buff, rbnode);

		parent = *p;
		p = before(TCP_SKB_CB(skb)->seq, TCP_SKB_CB(at)->seq) ?
			&parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&skb->rbnode, parent, p);
	rb_insert_color(&skb->rbnode, root);
}

void __tcp_rtx_queue_insert(struct sock *sk, struct sk_buff *skb)
{
	rtx_tree_insert(&tcp_sk(sk)->rtx_queue, skb);
}

void tcp_rtx_queue_purge(struct sock *sk)
{
	struct sk_buff *skb;

	while ((skb = tcp_rtx_queue_head(sk)))
		tcp_rtx_queue_unlink_and_free(skb, sk);
}

/* All that was to be sent or acknowledged is forgotten. */
void tcp_write_queue_purge(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb;

	tcp_chrono_stop(sk, TCP_CHRONO_BUSY);
	while ((skb = __skb_dequeue(&sk->write_queue)))
		tcp_wmem_free_skb(sk, skb);
	tcp_rtx_queue_purge(sk);
	INIT_LIST_HEAD(&tp->tsorted_sent);
	tp->packets_out = 0;
	tp->backoff = 0;
	sk_mem_reclaim(sk);
}

/* --- cutting and joining ----------------------------------------------------------- */

/* The number of segments of skb changed by `decr`: so did the counts. */
static void adjust_pcount(struct sock *sk, const struct sk_buff *skb, int decr)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u8 sacked = TCP_SKB_CB(skb)->sacked;

	tp->packets_out -= (u32)decr;
	if (sacked & TCPCB_SACKED_ACKED)
		tp->sacked_out -= (u32)decr;
	if (sacked & TCPCB_SACKED_RETRANS)
		tp->retrans_out -= (u32)decr;
	if (sacked & TCPCB_LOST)
		tp->lost_out -= (u32)decr;
	/* Without SACK, sacked_out counts duplicate ACKs. */
	if (!tcp_is_sack(tp) && decr > 0)
		tp->sacked_out -= min_t(u32, tp->sacked_out, (u32)decr);
}

/* Header fields of the second half from the first. */
static void split_cb(struct sk_buff *skb, struct sk_buff *rest, u32 len)
{
	struct tcp_skb_cb *a = TCP_SKB_CB(skb), *b = TCP_SKB_CB(rest);

	*b = *a;
	b->seq = a->seq + len;
	a->end_seq = b->seq;
	/* PSH, FIN, end of record belong to the last byte. */
	a->flags &= (u8)~(TCPHDR_FIN | TCPHDR_PSH);
	a->eor = 0;
	tcp_split_stamps(skb, rest);
	rest->tstamp = skb->tstamp;
	rest->id = skb->id;
}

/* Room for linear bytes that cannot move as frags. */
static u32 linear_beyond(const struct sk_buff *skb, u32 len)
{
	return skb_headlen(skb) > len ? skb_headlen(skb) - len : 0;
}

/*
 * Cuts skb at `len` bytes of payload; the rest becomes a packet of its own
 * behind it, on the same queue. 0 or -ENOMEM, -EINVAL.
 */
int tcp_fragment(struct sock *sk, bool in_rtx, struct sk_buff *skb, u32 len,
		 u32 mss_now)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 old_segs, old_size, rest_size, moved;
	struct sk_buff *rest;

	if (!len || len > skb->len)
		return -EINVAL;
	/* A peer that SACKs single bytes must not make us hold more and more
	 * small packets. */
	if (unlikely((sk->wmem_queued >> 1) > (u32)sk->sndbuf + 0x20000 &&
		     in_rtx && skb != tcp_rtx_queue_head(sk) &&
		     skb != tcp_rtx_queue_tail(sk))) {
		NET_INC_STATS(sock_net(sk), TcpExt, TCPWqueueTooBig);
		return -ENOMEM;
	}
	/* skb_split moves pages and writes shared info. */
	if (skb_cloned(skb) && skb_unclone(skb))
		return -ENOMEM;
	rest = tcp_stream_alloc_skb(sk, linear_beyond(skb, len));
	if (unlikely(!rest))
		return -ENOMEM;
	moved = skb->len - len;
	old_size = skb->truesize;
	rest_size = rest->truesize;
	split_cb(skb, rest, len);
	skb_split(skb, rest, len);
	/* Page bytes are charged one by one, wherever they hang. */
	skb->truesize = old_size - min(moved, old_size - 256);
	rest->truesize = rest_size + (old_size - skb->truesize);

	old_segs = tcp_skb_pcount(skb);
	tcp_set_skb_tso_segs(skb, mss_now);
	tcp_set_skb_tso_segs(rest, mss_now);
	if (!before(tp->snd_nxt, TCP_SKB_CB(rest)->end_seq) && in_rtx) {
		int diff = (int)old_segs - (int)tcp_skb_pcount(skb) -
			   (int)tcp_skb_pcount(rest);

		if (diff)
			adjust_pcount(sk, skb, diff);
	}
	if (in_rtx) {
		rtx_tree_insert(&tp->rtx_queue, rest);
		list_add(&rest->tsorted, &skb->tsorted);
	} else {
		__skb_queue_after(&sk->write_queue, skb, rest);
	}
	return 0;
}

/* The linear rest moves down, to where headers in front of it are aligned and
 * have the room that they had. */
static void trim_linear(struct sk_buff *skb, u32 n)
{
	u32 rest = skb_headlen(skb) - n;

	memmove(skb->data, skb->data + n, rest);
	skb->tail -= n;
	skb->len -= n;
}

/* The first `len` bytes were acknowledged: they need not be kept. Segment
 * counts are the caller's. */
int tcp_trim_head(struct sock *sk, struct sk_buff *skb, u32 len)
{
	struct skb_shared_info *si;
	u32 lin = min_t(u32, len, skb_headlen(skb)), eat = len - lin, gone = 0;

	if (skb_cloned(skb) && skb_unclone(skb))
		return -ENOMEM;
	if (lin)
		trim_linear(skb, lin);
	si = skb_shinfo(skb);
	while (eat) {
		struct skb_frag *f = &si->frags[gone];

		if (f->len > eat) {
			f->offset += eat;
			f->len -= eat;
			skb->len -= eat;
			skb->data_len -= eat;
			break;
		}
		eat -= f->len;
		skb->len -= f->len;
		skb->data_len -= f->len;
		page_put(f->page);
		gone++;
	}
	if (gone) {
		si->nr_frags = (u8)(si->nr_frags - gone);
		memmove(si->frags, si->frags + gone,
			si->nr_frags * sizeof(si->frags[0]));
	}
	eat = len - lin;
	skb->truesize -= eat;
	WRITE_ONCE(sk->wmem_queued, sk->wmem_queued - eat);
	sk_mem_uncharge(sk, eat);
	TCP_SKB_CB(skb)->seq += len;
	if (tcp_skb_pcount(skb) > 1)
		tcp_set_skb_tso_segs(skb, tcp_skb_mss(skb));
	return 0;
}

/* No record ends in `to`, and the two are adjacent. */
bool tcp_skb_can_collapse(const struct sk_buff *to, const struct sk_buff *from)
{
	return !TCP_SKB_CB(to)->eor &&
	       !((TCP_SKB_CB(to)->flags | TCP_SKB_CB(from)->flags) &
		 TCPHDR_SYN) &&
	       TCP_SKB_CB(to)->end_seq == TCP_SKB_CB(from)->seq;
}
