/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RACK: RFC 8985 6. A packet is lost when another that was sent later has
 * arrived, and a little time (the reordering window) has gone by since its own
 * answer was due. Time, not counting: it finds lost retransmissions and lost
 * tails, and forgives reordering.
 *
 * tsorted_sent holds the packets in the order of sending, so that only those
 * before the newest delivered one are looked at; whoever is marked leaves it
 * until it is sent again.
 */
#include "tcp/tcp.h"
#include "tcp/tcp_rx.h"

#define RACK_TIMEOUT_MIN_US	(TCP_TIMEOUT_MIN / NSEC_PER_USEC)

/* RFC8985 6.2 step 4: us. */
static u32 tcp_rack_reo_wnd(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u64 wnd;

	/* No reordering seen: none is assumed, once three have passed or
	 * recovery is on. */
	if (!tp->reord_seen) {
		if (tp->ca_state >= TCP_CA_Recovery)
			return 0;
		if (tp->sacked_out >= tp->reordering &&
		    !(tcp_net(sk)->recovery & TCP_RACK_NO_DUPTHRESH))
			return 0;
	}
	wnd = (u64)(tcp_min_rtt(tp) >> 2) * tp->rack.reo_wnd_steps;
	return (u32)min(wnd, (u64)(tp->srtt_us >> 3));
}

/* us until skb counts as lost; <= 0: it does. */
static s32 tcp_rack_skb_timeout(const struct tcp_sock *tp,
				const struct sk_buff *skb, u32 reo_wnd)
{
	s64 passed = (s64)(tp->tcp_mstamp - tcp_skb_timestamp_us(skb));

	return (s32)((s64)tp->rack.rtt_us + reo_wnd - passed);
}

/* For the RTO: more than a round trip has gone by since it was sent. */
bool tcp_rack_skb_timed_out(const struct tcp_sock *tp,
			    const struct sk_buff *skb)
{
	return tcp_rack_skb_timeout(tp, skb, 0) <= 0;
}

/* RFC8985 6.2 step 5. Longest time (us) until some more may be lost; 0: none
 * is in doubt. */
static u32 tcp_rack_detect_loss(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 reo_wnd = tcp_rack_reo_wnd(sk), reo_timeout = 0;
	struct list_head *pos, *next;

	for (pos = tp->tsorted_sent.next; pos != &tp->tsorted_sent; pos = next) {
		struct sk_buff *skb = container_of(pos, struct sk_buff, tsorted);
		const struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
		s32 remaining;

		next = pos->next;
		/* known, and not sent again yet */
		if ((cb->sacked & (TCPCB_LOST | TCPCB_SACKED_RETRANS)) ==
		    TCPCB_LOST)
			continue;
		if (!tcp_skb_sent_after(tp->rack.mstamp_us,
					tcp_skb_timestamp_us(skb),
					tp->rack.end_seq, cb->end_seq))
			break;
		remaining = tcp_rack_skb_timeout(tp, skb, reo_wnd);
		if (remaining <= 0) {
			tcp_mark_skb_lost(sk, skb);
			list_del_init(&skb->tsorted);
		} else {
			reo_timeout = max(reo_timeout, (u32)remaining);
		}
	}
	return reo_timeout;
}

/* True: the reordering timer was set. */
bool tcp_rack_mark_lost(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 timeout;

	if (!tp->rack.advanced)
		return false;
	/* Only the delivery of something newer can change the verdict. */
	tp->rack.advanced = false;
	timeout = tcp_rack_detect_loss(sk);
	if (!timeout)
		return false;
	tcp_reset_xmit_timer(sk, ICSK_TIME_REO_TIMEOUT,
			     (timeout + RACK_TIMEOUT_MIN_US) * NSEC_PER_USEC);
	return true;
}

/* RFC8985 6.2 steps 1 and 2: a packet arrived. */
void tcp_rack_advance(struct tcp_sock *tp, u8 sacked, u32 end_seq,
		      u64 xmit_time_us)
{
	u32 rtt_us = (u32)(tp->tcp_mstamp - xmit_time_us);

	/* Sooner than can be after a retransmission: it was the original. */
	if (rtt_us < tcp_min_rtt(tp) && (sacked & TCPCB_RETRANS))
		return;
	tp->rack.advanced = true;
	tp->rack.rtt_us = rtt_us;
	if (tcp_skb_sent_after(xmit_time_us, tp->rack.mstamp_us, end_seq,
			       tp->rack.end_seq)) {
		tp->rack.mstamp_us = xmit_time_us;
		tp->rack.end_seq = end_seq;
	}
}

/* Timer: the reordering window of some packet is over. Owner of the timer's
 * lock section. */
void tcp_rack_reo_timeout(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 prior_inflight = tcp_packets_in_flight(tp), prior_lost = tp->lost;

	tcp_rack_detect_loss(sk);
	if (prior_inflight != tcp_packets_in_flight(tp)) {
		if (tp->ca_state != TCP_CA_Recovery) {
			tcp_enter_recovery(sk, false);
			if (!tp->ca_ops->cong_control)
				tcp_cwnd_reduction(sk, 1, tp->lost - prior_lost,
						   0);
		}
		tcp_xmit_retransmit_queue(sk);
	}
	if (tp->pending != ICSK_TIME_RETRANS)
		tcp_rearm_rto(sk);
}

/*
 * RFC8985 6.2 step 4: D-SACKs say that the window was too small: it grows by a
 * quarter of the least RTT per round trip, and shrinks back after 16
 * recoveries without.
 */
void tcp_rack_update_reo_wnd(struct sock *sk, struct rate_sample *rs)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if ((tcp_net(sk)->recovery & TCP_RACK_STATIC_REO_WND) ||
	    !rs->prior_delivered)
		return;
	/* D-SACKs of a round trip count once. */
	if (before(rs->prior_delivered, tp->rack.last_delivered))
		tp->rack.dsack_seen = false;
	if (tp->rack.dsack_seen) {
		tp->rack.reo_wnd_steps =
			(u8)min(0xff, tp->rack.reo_wnd_steps + 1);
		tp->rack.dsack_seen = false;
		tp->rack.last_delivered = tp->delivered;
		tp->rack.reo_wnd_persist = TCP_RACK_RECOVERY_THRESH;
	} else if (!tp->rack.reo_wnd_persist) {
		tp->rack.reo_wnd_steps = 1;
	}
}
