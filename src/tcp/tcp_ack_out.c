/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Segments without data: acknowledgements, delayed ones (RFC 1122 4.2.3.2,
 * RFC9293 3.8.6.3), FIN, RST, SYN-ACK of a simultaneous open.
 */
#include "tcp/tcp_out.h"

/* A packet of nothing but header, of `flags` at `seq`; SYN and FIN take one
 * number. */
void tcp_init_nondata_skb(struct sk_buff *skb, u32 seq, u8 flags)
{
	struct tcp_skb_cb *cb = TCP_SKB_CB(skb);

	memset(cb, 0, sizeof(*cb));
	cb->flags = flags;
	cb->gso_segs = 1;
	cb->seq = seq;
	cb->end_seq = seq + !!(flags & (TCPHDR_SYN | TCPHDR_FIN));
}

static struct sk_buff *alloc_header_skb(void)
{
	struct sk_buff *skb = alloc_skb(SKB_MAX_HEADROOM);

	if (skb)
		skb_reserve(skb, SKB_MAX_HEADROOM);
	return skb;
}

void __tcp_send_ack(struct sock *sk, u32 rcv_nxt)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb;

	if (unlikely(sk->sk_state == TCP_CLOSE))
		return;
	skb = alloc_header_skb();
	if (unlikely(!skb)) {		/* try again later */
		tp->ack.pending |= ICSK_ACK_SCHED | ICSK_ACK_TIMER;
		tp->ack.ato = TCP_ATO_MIN;
		tp->ack.timeout = ktime_get() + TCP_DELACK_MAX;
		tcp_sk_reset_timer(sk, &tp->delack_timer, tp->ack.timeout);
		return;
	}
	/* Its sequence: the right edge of what we sent, if the window is
	 * there still. */
	tcp_init_nondata_skb(skb, before(tcp_wnd_end(tp), tp->snd_nxt) &&
			     tp->snd_wnd ? tcp_wnd_end(tp) : tp->snd_nxt,
			     TCPHDR_ACK);
	tcp_transmit_skb_ack(sk, skb, false, rcv_nxt);
}

void tcp_send_ack(struct sock *sk)
{
	__tcp_send_ack(sk, tcp_sk(sk)->rcv_nxt);
}

/* RFC9293 3.10.4: the FIN goes behind all data; on the last packet if one
 * waits there. */
void tcp_send_fin(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *tail = skb_peek_tail(&sk->write_queue), *skb;

	/* Memory is short: an unacknowledged packet takes it along when it is
	 * retransmitted. */
	if (!tail && sk_under_memory_pressure(sk))
		tail = tcp_rtx_queue_tail(sk);
	if (tail) {
		TCP_SKB_CB(tail)->flags |= TCPHDR_FIN;
		TCP_SKB_CB(tail)->end_seq++;
		tp->write_seq++;
		if (!tcp_send_head(sk)) {	/* it was sent already */
			tp->snd_nxt++;
			return;
		}
	} else {
		skb = tcp_stream_alloc_skb(sk, 0);
		if (unlikely(!skb))
			return;
		tcp_init_nondata_skb(skb, tp->write_seq,
				     TCPHDR_ACK | TCPHDR_FIN);
		/* its memory is charged, as data is */
		tp->write_seq++;
		__skb_queue_tail(&sk->write_queue, skb);
	}
	__tcp_push_pending_frames(sk, tcp_current_mss(sk), TCP_NAGLE_OFF);
}

/* RFC9293 3.10.4, 3.10.5: we give up; the peer shall know. */
void tcp_send_active_reset(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb = alloc_header_skb();

	NET_INC_STATS(sock_net(sk), Tcp, OutRsts);
	if (unlikely(!skb)) {
		NET_INC_STATS(sock_net(sk), TcpExt, TCPAbortFailed);
		return;
	}
	tcp_init_nondata_skb(skb, before(tcp_wnd_end(tp), tp->snd_nxt) &&
			     tp->snd_wnd ? tcp_wnd_end(tp) : tp->snd_nxt,
			     TCPHDR_ACK | TCPHDR_RST);
	tcp_mstamp_refresh(tp);
	if (tcp_transmit_skb(sk, skb, false))
		NET_INC_STATS(sock_net(sk), TcpExt, TCPAbortFailed);
}

/* RFC9293 3.5 fig. 7: the peer's SYN crossed ours (MUST-10). Our SYN is on
 * the rtx queue; it goes again with ACK. */
int tcp_send_synack(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb = tcp_rtx_queue_head(sk);
	struct sk_buff *copy;

	if (!skb || !(TCP_SKB_CB(skb)->flags & TCPHDR_SYN))
		return -EFAULT;
	if (!(TCP_SKB_CB(skb)->flags & TCPHDR_ACK)) {
		if (skb_cloned(skb)) {
			/* The clone below still reads flags: own bytes. */
			copy = alloc_header_skb();
			if (!copy)
				return -ENOMEM;
			tcp_init_nondata_skb(copy, TCP_SKB_CB(skb)->seq,
					     TCPHDR_SYN);
			tcp_rtx_queue_unlink_and_free(skb, sk);
			copy->tstamp = (ktime_t)tp->tcp_clock_cache;
			tcp_rtx_queue_insert(sk, copy);
			WRITE_ONCE(sk->wmem_queued, sk->wmem_queued + copy->truesize);
			sk_mem_charge(sk, copy->truesize);
			skb = copy;
		}
		TCP_SKB_CB(skb)->flags |= TCPHDR_ACK;
		if (tp->ecn_flags & TCP_ECN_OK)
			TCP_SKB_CB(skb)->flags |= TCPHDR_ECE;
	}
	return tcp_transmit_skb(sk, skb, true);
}
