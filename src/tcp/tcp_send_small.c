/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small write on a connection that waits for nothing: requests and answers.
 * Nothing is queued, nothing in flight, the window is open, so that Nagle, the
 * congestion window, TSO, small queues and corking have nothing to say (RFC
 * 9293 3.7.4, 3.8.6; RFC 5681 3): one packet with its bytes behind the headers
 * is made, filled and sent.
 *
 * tcp_send.c and tcp_output.c are the rule; this is what they come to then.
 */
#include "tcp/tcp_out.h"

#include "sock/sock_input.h"

/* Flags that change nothing here. */
#define SMALL_FLAGS	(MSG_DONTWAIT | MSG_NOSIGNAL)

/* The connection has nothing special about it. */
static inline bool sock_is_plain(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	return sk->sk_state == TCP_ESTABLISHED && tp->ca_state == TCP_CA_Open &&
	       !(tp->packets_out | READ_ONCE(sk->err) | sk->tsflags) &&
	       !(sk->shutdown & SEND_SHUTDOWN) &&
	       skb_queue_empty(&sk->write_queue) &&
	       !(tp->repair | tp->fastopen_connect | tp->mtup.enabled |
		 (tp->nonagle & TCP_NAGLE_CORK)) &&
	       tp->snd_up == tp->snd_una && !tcp_needs_pacing(sk);
}

/* len bytes may be sent at once, as one segment. Owner. */
static inline bool send_is_small(struct sock *sk, const struct sockmsg *m,
				 size_t len)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	return len - 1 < TCP_SMALL_WRITE && !(m->flags & ~(u32)SMALL_FLAGS) &&
	       !m->controllen && sock_is_plain(sk) &&
	       tcp_stream_memory_free(sk) && len <= tp->snd_wnd &&
	       len <= tcp_current_mss(sk);
}

/* With its bytes, charged, on no queue. NULL: no memory; ERR_PTR(-EFAULT). */
static inline struct sk_buff *small_packet(struct sock *sk, struct sockmsg *m,
					   u32 len)
{
	struct sk_buff *skb = tcp_stream_alloc_skb(sk, len);
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_skb_cb *cb;

	if (unlikely(!skb))
		return NULL;
	if (unlikely(copy_from_iter(skb->data, len, &m->iter,
				    COPY_USER_TO_SKB) != len)) {
		tcp_wmem_free_skb(sk, skb);
		return ERR_PTR(-EFAULT);
	}
	skb_put(skb, len);
	cb = TCP_SKB_CB(skb);
	cb->seq = tp->write_seq;
	cb->end_seq = tp->write_seq + len;
	cb->flags = TCPHDR_ACK | TCPHDR_PSH;
	cb->gso_segs = 1;
	return skb;
}

/* RFC8985 7.2, RFC6298 5.1: the first packet in flight was just sent. */
static inline void small_timer(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	ktime_t pto = TCP_TIMEOUT_INIT;

	if (unlikely(!tcp_loss_probes(sk))) {
		tcp_reset_xmit_timer(sk, ICSK_TIME_RETRANS, tp->rto);
		return;
	}
	if (likely(tp->srtt_us))
		pto = (ktime_t)(tp->srtt_us >> 2) * NSEC_PER_USEC +
		      tcp_rto_min(tp);
	tcp_reset_xmit_timer(sk, ICSK_TIME_LOSS_PROBE, min(pto, tp->rto));
}

/* skb went: it is all that is in flight. */
static inline void small_sent(struct sock *sk, struct sk_buff *skb, u32 len)
{
	struct tcp_sock *tp = tcp_sk(sk);

	tp->snd_nxt = tp->write_seq;
	tcp_rtx_queue_insert(sk, skb);
	tp->packets_out = 1;
	if (likely(len < tp->mss_cache))
		tp->snd_sml = tp->write_seq;
	NET_INC_STATS(sock_net(sk), TcpExt, TCPOrigDataSent);
	if (unlikely(tcp_notsent_lowat(sk) != UINT32_MAX))
		tcp_check_space(sk);	/* len was unsent for a moment */
	tcp_cwnd_validate(sk, tp->snd_cwnd <= 1);
	small_timer(sk);
}

/* send_is_small() said yes. Bytes; -EFAULT; -ENOMEM: try the usual way. */
static inline ssize_t send_small(struct sock *sk, struct sockmsg *m, size_t len)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb;

	tcp_rate_check_app_limited(sk);
	skb = small_packet(sk, m, (u32)len);
	if (unlikely(IS_ERR_OR_NULL(skb)))
		return skb ? PTR_ERR(skb) : -ENOMEM;
	tp->write_seq += (u32)len;
	tp->pushed_seq = tp->write_seq;
	tp->nonagle &= (u8)~TCP_NAGLE_PUSH;
	tcp_mstamp_refresh(tp);
	tcp_chrono_start(sk, TCP_CHRONO_BUSY);
	tcp_cwnd_after_idle(sk);
	skb_stage(skb, STAGE_tcp_write_xmit);
	if (likely(!tcp_transmit_skb_ack(sk, skb, true, tp->rcv_nxt))) {
		small_sent(sk, skb, (u32)len);
	} else {
		__skb_queue_tail(&sk->write_queue, skb);
		tcp_check_probe_timer(sk);
	}
	return (ssize_t)len;
}

ssize_t tcp_sendmsg(struct sock *sk, struct sockmsg *m, size_t len)
{
	ssize_t n = -ENOMEM;

	trace_stage(STAGE_tcp_sendmsg, 0, (u32)min_t(size_t, len, UINT32_MAX));
	lock_sock(sk);
	if (likely(send_is_small(sk, m, len)))
		n = send_small(sk, m, len);
	if (unlikely(n == -ENOMEM))
		n = tcp_sendmsg_any(sk, m, len);
	release_sock(sk);
	return n;
}
