/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets of several segments (TSO/GSO): how many segments one may have, when
 * to wait for a larger one, where to cut.
 */
#include "tcp/tcp_out.h"

#include "base/bitops.h"

/* About a millisecond's worth of the present rate, so that packets of one
 * flow stay spread out; more where the path is short. */
static u32 tso_autosize(const struct sock *sk, u32 mss_now, u32 min_segs)
{
	u64 bytes = sk->pacing_rate == ~0ull ? GSO_MAX_SIZE :
		    sk->pacing_rate >> sk->pacing_shift;
	u32 r = tcp_min_rtt(tcp_sk(sk)) >> tcp_net(sk)->tso_rtt_log;

	if (r < 32)
		bytes += sk->gso_max_size >> r;
	bytes = min_t(u64, bytes, sk->gso_max_size);
	return max_t(u32, (u32)bytes / mss_now, min_segs);
}

u32 tcp_tso_segs(struct sock *sk, u32 mss_now)
{
	const struct tcp_congestion_ops *ca = tcp_sk(sk)->ca_ops;
	u32 min_segs = ca && ca->min_tso_segs ? ca->min_tso_segs(sk) :
		       tcp_net(sk)->min_tso_segs;

	return min_t(u32, tso_autosize(sk, mss_now, min_segs),
		     sk->gso_max_segs);
}

/* Is the ACK that would let more go far away? Then waiting is no gain. */
static bool next_ack_is_far(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	const struct sk_buff *head = tcp_rtx_queue_head(sk);
	s64 age_ns;

	if (!head)
		return true;
	age_ns = (s64)tp->tcp_clock_cache - head->tstamp;
	/* more than half a round trip to wait */
	return age_ns < (s64)(tp->srtt_us >> 4) * NSEC_PER_USEC;
}

/* Would an ACK soon allow a much larger packet? Then wait for it. */
bool tcp_tso_should_defer(struct sock *sk, struct sk_buff *skb,
			  bool *is_cwnd_limited, bool *is_rwnd_limited,
			  u32 max_segs)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 win_div = tcp_net(sk)->tso_win_divisor;
	u32 send_win, cong_win, limit, in_flight;

	if (tp->ca_state >= TCP_CA_Recovery)
		return false;
	/* Do not hold back what was queued for long (in ms). */
	if ((s64)tp->tcp_clock_cache - (s64)tp->wstamp_ns - NSEC_PER_MSEC > 0)
		return false;
	in_flight = tcp_packets_in_flight(tp);
	if (tp->snd_cwnd <= in_flight)
		return false;
	send_win = tcp_wnd_end(tp) - TCP_SKB_CB(skb)->seq;
	cong_win = (tp->snd_cwnd - in_flight) * tp->mss_cache;
	limit = min(send_win, cong_win);

	if (limit >= max_segs * tp->mss_cache)
		return false;
	/* The middle of a larger write goes whole. */
	if (!skb_queue_is_last(&sk->write_queue, skb) && limit >= skb->len)
		return false;
	if (win_div) {
		u32 chunk = min_t(u32, tp->snd_wnd,
				  tp->snd_cwnd * tp->mss_cache) / win_div;

		if (limit >= chunk)
			return false;
	} else if (limit > TCP_FASTRETRANS_THRESH * tp->mss_cache) {
		return false;
	}
	if (next_ack_is_far(sk))
		return false;
	if (cong_win < send_win) {
		if (cong_win <= skb->len) {
			*is_cwnd_limited = true;
			return true;
		}
	} else if (send_win <= skb->len) {
		*is_rwnd_limited = true;
		return true;
	}
	/* An end that will not grow: FIN or record mark. */
	if (TCP_SKB_CB(skb)->flags & TCPHDR_FIN || TCP_SKB_CB(skb)->eor)
		return false;
	return true;
}

/* Bytes of skb that may go: window, cwnd, whole segments; the small rest
 * only when Nagle allows. */
u32 tcp_mss_split_point(const struct sock *sk, const struct sk_buff *skb,
			u32 mss_now, u32 max_segs, int nonagle)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 window = tcp_wnd_end(tp) - TCP_SKB_CB(skb)->seq;
	u32 max_len = mss_now * max_segs, needed, partial;

	if (likely(max_len <= window &&
		   !skb_queue_is_last(&sk->write_queue, skb)))
		return max_len;
	needed = min_t(u32, skb->len, window);
	if (max_len <= needed)
		return max_len;
	partial = needed % mss_now;
	if (partial && !(nonagle & TCP_NAGLE_PUSH) &&
	    ((nonagle & TCP_NAGLE_CORK) ||
	     (!nonagle && tp->packets_out && after(tp->snd_sml, tp->snd_una) &&
	      !after(tp->snd_sml, tp->snd_nxt))) && needed > partial)
		return needed - partial;
	return needed;
}
