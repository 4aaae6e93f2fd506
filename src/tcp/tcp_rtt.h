/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The estimators of tcp_rtt.c, for the two places that feed them once per
 * acknowledgement: tcp_rtt.c and, in steady state, tcp_ack_open.c.
 */
#ifndef WEIR_TCP_TCP_RTT_H
#define WEIR_TCP_TCP_RTT_H

#include "tcp/tcp.h"

/* --- the average (RFC 6298) ------------------------------------------------- */

static inline u32 tcp_rto_min_us(const struct sock *sk)
{
	const struct dst_entry *dst = sk->flow.dst;
	ktime_t rto_min = tcp_sk(sk)->rto_min;

	if (unlikely(dst && dst->rto_min_ms))
		return dst->rto_min_ms * 1000;
	return (u32)((rto_min ? rto_min : TCP_RTO_MIN) / NSEC_PER_USEC);
}

void tcp_rtt_first(struct sock *sk, u32 m);	/* RFC6298 2.2. m: us. */

/* RFC6298 2.3: the deviation first. A sample below the average that makes the
 * deviation larger must not push up the RTO: it counts an eighth. */
static inline void tcp_rtt_deviation(struct tcp_sock *tp, s32 err)
{
	s32 dev = err < 0 ? -err : err;

	dev -= (s32)(tp->mdev_us >> 2);
	if (err < 0 && dev > 0)
		dev >>= 3;
	tp->mdev_us = (u32)((s32)tp->mdev_us + dev);
	if (tp->mdev_us > tp->mdev_max_us) {
		tp->mdev_max_us = tp->mdev_us;
		if (tp->mdev_max_us > tp->rttvar_us)
			tp->rttvar_us = tp->mdev_max_us;
	}
}

/* mrtt_us: one measured round trip. */
static inline void tcp_rtt_estimator(struct sock *sk, long mrtt_us)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 m = mrtt_us > 0 ? (u32)mrtt_us : 1;
	s32 err;

	if (unlikely(!tp->srtt_us)) {
		tcp_rtt_first(sk, m);
		return;
	}
	err = (s32)(m - (tp->srtt_us >> 3));
	tp->srtt_us = max(tp->srtt_us + (u32)err, 1u);
	tcp_rtt_deviation(tp, err);
	if (after(tp->snd_una, tp->rtt_seq)) {	/* a round trip is over */
		if (tp->mdev_max_us < tp->rttvar_us)
			tp->rttvar_us -= (tp->rttvar_us - tp->mdev_max_us) >> 2;
		tp->rtt_seq = tp->snd_nxt;
		tp->mdev_max_us = tcp_rto_min_us(sk);
	}
}

/* RFC6298 2.3, 2.5: RTO in whole ticks, rounded up, bounded. */
static inline void tcp_set_rto(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u64 us = (u64)(tp->srtt_us >> 3) + tp->rttvar_us;
	ktime_t limit = tcp_net(sk)->rto_max_ms ?
			tcp_net(sk)->rto_max_ms * NSEC_PER_MSEC : TCP_RTO_MAX;
	ktime_t rto = (ktime_t)DIV_ROUND_UP(us, TICK_NSEC / NSEC_PER_USEC) *
		      TICK_NSEC;

	tp->rto = min(rto, limit);
}

/* --- the least round trip --------------------------------------------------- */

/* A sample (us, not 0) that is not the least of all. */
void tcp_rtt_min_later(struct tcp_sock *tp, u32 now, u32 rtt_us, u32 window);
static inline void tcp_update_rtt_min(struct sock *sk, u32 rtt_us)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 window = tcp_net(sk)->min_rtt_wlen_s * 1000;
	u32 now = tcp_now_ts(tp);

	if (unlikely(!rtt_us))
		rtt_us = 1;
	if (rtt_us > tcp_min_rtt(tp) && now - tp->rtt_min.s[2].t_ms <= window) {
		tcp_rtt_min_later(tp, now, rtt_us, window);
		return;
	}
	for (int i = 0; i < 3; i++) {
		tp->rtt_min.s[i].t_ms = now;
		tp->rtt_min.s[i].v_us = rtt_us;
	}
}

#endif
