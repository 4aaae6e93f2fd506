/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Retransmission of what is marked lost (RFC 9293 3.8.1, RFC 6675 5): which
 * packets, in what order, as cwnd allows. Marking is the receive side's work.
 */
#include "tcp/tcp_accecn.h"

#include "inet/route.h"

/* Small neighbours are joined when one is retransmitted
 * (tcp_retrans_collapse; RFC9293 3.8.1 permits it). */
static bool can_collapse_next(const struct sock *sk, const struct sk_buff *skb,
			      const struct sk_buff *next, u32 space)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (!next || tcp_skb_pcount(next) > 1 || skb_cloned(next) ||
	    TCP_SKB_CB(next)->sacked & TCPCB_SACKED_ACKED ||
	    !tcp_skb_can_collapse(skb, next))
		return false;
	if (skb->len + next->len > space || !next->len)
		return false;
	return !after(TCP_SKB_CB(next)->end_seq, tcp_wnd_end(tp));
}

/* next's bytes to the end of skb; next goes. */
static bool collapse_one(struct sock *sk, struct sk_buff *skb,
			 struct sk_buff *next)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_skb_cb *a = TCP_SKB_CB(skb), *b = TCP_SKB_CB(next);
	u32 size = skb->truesize, delta;

	if (skb_splice_from(skb, next, 0, next->len))
		return false;
	/* Charged: `next` gives back its own below, skb gets its payload. */
	delta = next->len;
	skb->truesize = size + delta;
	WRITE_ONCE(sk->wmem_queued, sk->wmem_queued + delta);
	sk_mem_charge(sk, delta);
	a->end_seq = b->end_seq;
	a->flags |= b->flags;
	a->eor = b->eor;
	tcp_join_stamps(skb, next);
	a->sacked |= b->sacked & TCPCB_EVER_RETRANS;
	tp->packets_out -= tcp_skb_pcount(next);
	if (b->sacked & TCPCB_SACKED_RETRANS)
		tp->retrans_out -= tcp_skb_pcount(next);
	if (b->sacked & TCPCB_LOST)
		tp->lost_out -= tcp_skb_pcount(next);
	if (!tcp_is_sack(tp) && tp->sacked_out)
		tp->sacked_out--;
	tcp_rtx_queue_unlink_and_free(next, sk);
	return true;
}

static void retrans_try_collapse(struct sock *sk, struct sk_buff *to, u32 space)
{
	if (!tcp_net(sk)->retrans_collapse || tcp_skb_pcount(to) > 1 ||
	    TCP_SKB_CB(to)->flags & TCPHDR_SYN || skb_cloned(to))
		return;
	while (can_collapse_next(sk, to, tcp_skb_rtx_next(to), space))
		if (!collapse_one(sk, to, tcp_skb_rtx_next(to)))
			break;
}

/* RFC 3168 6.1.1.1: a SYN that is sent again does not ask for ECN; for Accurate
 * ECN it does once more. */
static void ecn_clear_syn(struct sock *sk, struct sk_buff *skb)
{
	if (tcp_net(sk)->ecn_fallback && !tcp_accecn_asks_again(tcp_sk(sk)) &&
	    (TCP_SKB_CB(skb)->flags & (TCPHDR_SYN | TCPHDR_ACK)) == TCPHDR_SYN)
		TCP_SKB_CB(skb)->flags &= (u8)~(TCPHDR_ECE | TCPHDR_CWR);
}

/* Bytes that were acknowledged go, what is beyond the window is cut off.
 * 0, -errno, or 1: nothing to send. */
static int trim_to_window(struct sock *sk, struct sk_buff *skb, u32 mss,
			  u32 segs)
{
	struct tcp_sock *tp = tcp_sk(sk);
	s32 avail;
	u32 len = mss * segs;

	if (unlikely(before(TCP_SKB_CB(skb)->seq, tp->snd_una))) {
		if (unlikely(before(TCP_SKB_CB(skb)->end_seq, tp->snd_una)))
			return -EINVAL;
		if (TCP_SKB_CB(skb)->flags & TCPHDR_SYN) {
			/* fast open: the SYN is through, the data is not */
			TCP_SKB_CB(skb)->flags &= (u8)~TCPHDR_SYN;
			TCP_SKB_CB(skb)->seq++;
		}
		if (before(TCP_SKB_CB(skb)->seq, tp->snd_una) &&
		    tcp_trim_head(sk, skb,
				  tp->snd_una - TCP_SKB_CB(skb)->seq))
			return -ENOMEM;
	}
	avail = (s32)(tcp_wnd_end(tp) - TCP_SKB_CB(skb)->seq);
	/* RFC9293 3.8.6 MUST-34: the window shrank. The first packet is sent
	 * all the same as a probe. */
	if (avail <= 0) {
		if (TCP_SKB_CB(skb)->seq != tp->snd_una)
			return -EAGAIN;
		avail = (s32)mss;
	}
	if (len > (u32)avail) {
		u32 whole = (u32)avail - (u32)avail % mss;

		len = whole ? whole : (u32)avail;
	}
	if (skb->len > len)
		return tcp_fragment(sk, true, skb, len, mss);
	return 0;
}

/* One retransmission of at most `segs` segments of skb. 0 or -errno. */
int __tcp_retransmit_skb(struct sock *sk, struct sk_buff *skb, u32 segs)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 mss, count;
	int err;

	if (tp->mtup.probe_size)
		tp->mtup.probe_size = 0;
	if (tcp_skb_still_in_host_queue(sk, skb))
		return -EBUSY;
	if (sk_wmem_alloc_get(sk) > min_t(u32, sk->wmem_queued +
					  (sk->wmem_queued >> 2),
					  (u32)sk->sndbuf))
		return -EAGAIN;
	if (!inet_flow_route(sock_net(sk), &sk->flow, &err))
		return -EHOSTUNREACH;
	mss = tcp_current_mss(sk);
	err = trim_to_window(sk, skb, mss, segs);
	if (err)
		return err;
	if (skb_cloned(skb) && skb_unclone(skb))
		return -ENOMEM;
	count = tcp_skb_pcount(skb);
	tcp_set_skb_tso_segs(skb, mss);
	if (count != tcp_skb_pcount(skb)) {
		u32 now = tcp_skb_pcount(skb);

		tp->packets_out += now - count;
		if (TCP_SKB_CB(skb)->sacked & TCPCB_LOST)
			tp->lost_out += now - count;
		if (TCP_SKB_CB(skb)->sacked & TCPCB_SACKED_RETRANS)
			tp->retrans_out += now - count;
	}
	if (skb->len < mss)
		retrans_try_collapse(sk, skb, mss);
	ecn_clear_syn(sk, skb);

	segs = tcp_skb_pcount(skb);
	NET_ADD_STATS(sock_net(sk), Tcp, RetransSegs, segs);
	if (TCP_SKB_CB(skb)->flags & TCPHDR_SYN)
		NET_INC_STATS(sock_net(sk), TcpExt, TCPSynRetrans);
	tp->total_retrans += segs;
	tp->bytes_retrans += skb->len;
	skb_stage(skb, STAGE_tcp_retransmit_skb);
	err = tcp_transmit_skb(sk, skb, true);
	TCP_SKB_CB(skb)->sacked |= TCPCB_EVER_RETRANS;
	if (unlikely(err))
		NET_ADD_STATS(sock_net(sk), TcpExt, TCPRetransFail, segs);
	return err;
}

int tcp_retransmit_skb(struct sock *sk, struct sk_buff *skb, u32 segs)
{
	struct tcp_sock *tp = tcp_sk(sk);
	int err = __tcp_retransmit_skb(sk, skb, segs);

	if (!err) {
		if (!(TCP_SKB_CB(skb)->sacked & TCPCB_SACKED_RETRANS))
			tp->retrans_out += tcp_skb_pcount(skb);
		TCP_SKB_CB(skb)->sacked |= TCPCB_RETRANS;
		/* last in the order of sending now */
		list_del(&skb->tsorted);
		list_add_tail(&skb->tsorted, &tp->tsorted_sent);
	}
	if (!tp->retrans_stamp)
		tp->retrans_stamp = (u32)(tcp_skb_timestamp_us(skb) / 1000);
	if (tp->undo_retrans < 0)
		tp->undo_retrans = 0;
	tp->undo_retrans += (int)tcp_skb_pcount(skb);
	return err;
}

/* RFC6675 5 (C): as much as is lost and fits. */
void tcp_xmit_retransmit_queue(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb, *hole = NULL;
	bool rearm = false;
	u32 max_segs;

	if (!tp->packets_out)
		return;
	max_segs = tcp_tso_segs(sk, tcp_current_mss(sk));
	for (skb = tcp_rtx_queue_head(sk); skb; skb = tcp_skb_rtx_next(skb)) {
		u8 sacked = TCP_SKB_CB(skb)->sacked;
		s32 room;

		if (tcp_pacing_check(sk))
			break;
		if (!hole && !(sacked & TCPCB_SACKED_RETRANS))
			hole = skb;
		room = (s32)(tp->snd_cwnd - tcp_packets_in_flight(tp));
		if (room <= 0 || tp->retrans_out >= tp->lost_out)
			break;
		if (!(sacked & TCPCB_LOST) ||
		    sacked & (TCPCB_SACKED_ACKED | TCPCB_SACKED_RETRANS))
			continue;
		if (tcp_small_queue_check(sk, skb, 1))
			break;
		if (tcp_retransmit_skb(sk, skb, min_t(u32, (u32)room,
						      max_segs)))
			break;
		NET_ADD_STATS(sock_net(sk), TcpExt, TCPFastRetrans,
			      tp->ca_state == TCP_CA_Loss ? 0 :
			      tcp_skb_pcount(skb));
		NET_ADD_STATS(sock_net(sk), TcpExt, TCPSlowStartRetrans,
			      tp->ca_state == TCP_CA_Loss ?
			      tcp_skb_pcount(skb) : 0);
		if (tp->ca_state == TCP_CA_CWR || tp->ca_state == TCP_CA_Recovery)
			tp->prr_out += tcp_skb_pcount(skb);
		if (skb == tcp_rtx_queue_head(sk) &&
		    tp->pending != ICSK_TIME_REO_TIMEOUT)
			rearm = true;
	}
	if (rearm)
		tcp_reset_xmit_timer(sk, ICSK_TIME_RETRANS, tp->rto);
}
