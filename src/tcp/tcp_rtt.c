/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Round-trip time and retransmission timeout. RFC 6298, 7323 4; Karn's rule
 * (RFC9293 MUST-18: never from a retransmitted segment) unless the timestamp
 * tells which one was answered.
 *
 *	srtt <- 7/8 srtt + 1/8 R         kept as srtt_us  << 3
 *	mdev <- 3/4 mdev + 1/4 |err|     kept as mdev_us  << 2
 *	rto  <- srtt + rttvar
 *
 * RFC: rttvar is 4 * mdev and RTO at least 1 s. Linux: rttvar is the greatest
 * 4 * mdev of the last round trip, falls slowly, and is never under 200 ms,
 * which also bounds the RTO. Here: Linux.
 *
 * The least RTT of some minutes is kept by a windowed filter of three
 * samples: best, best since the best's quarter window, best since the half.
 */
#include "tcp/tcp.h"
#include "tcp/tcp_rtt.h"
#include "tcp/tcp_rx.h"

void tcp_rtt_first(struct sock *sk, u32 m)
{
	struct tcp_sock *tp = tcp_sk(sk);

	tp->srtt_us = m << 3;
	tp->mdev_us = m << 1;		/* so that rto = 3 * rtt */
	tp->rttvar_us = max(tp->mdev_us, tcp_rto_min_us(sk));
	tp->mdev_max_us = tp->rttvar_us;
	tp->rtt_seq = tp->snd_nxt;
}

/* --- the least round trip --------------------------------------------------- */

/* The best may be too old, or old enough that younger ones must be looked for
 * in time. */
static void rtt_min_age(struct tcp_sock *tp, u32 now, u32 rtt_us, u32 window)
{
	__typeof__(tp->rtt_min.s[0]) *s = tp->rtt_min.s, v = s[0];
	u32 age = now - s[0].t_ms;

	v.t_ms = now;
	v.v_us = rtt_us;
	if (unlikely(age > window)) {
		s[0] = s[1];
		s[1] = s[2];
		s[2] = v;
		if (now - s[0].t_ms > window) {
			s[0] = s[1];
			s[1] = s[2];
		}
	} else if (s[1].t_ms == s[0].t_ms && age > window / 4) {
		s[1] = s[2] = v;
	} else if (s[2].t_ms == s[1].t_ms && age > window / 2) {
		s[2] = v;
	}
}

void tcp_rtt_min_later(struct tcp_sock *tp, u32 now, u32 rtt_us, u32 window)
{
	__typeof__(tp->rtt_min.s[0]) *s = tp->rtt_min.s;

	if (rtt_us <= s[1].v_us) {
		s[1].t_ms = s[2].t_ms = now;
		s[1].v_us = s[2].v_us = rtt_us;
	} else if (rtt_us <= s[2].v_us) {
		s[2].t_ms = now;
		s[2].v_us = rtt_us;
	}
	rtt_min_age(tp, now, rtt_us, window);
}

/* --- what an acknowledgement tells ----------------------------------------- */

s64 tcp_rtt_tsopt_us(const struct tcp_sock *tp)
{
	u32 delta_ms = tcp_now_ts(tp) - tp->rx_opt.rcv_tsecr;

	if (!tp->rx_opt.saw_tstamp || !tp->rx_opt.rcv_tsecr ||
	    delta_ms > INT32_MAX / 1000)
		return -1;
	return delta_ms ? (s64)delta_ms * 1000 : 1000;
}

/*
 * seq_rtt_us: of the oldest packet acknowledged and never retransmitted;
 * sack_rtt_us: of the oldest SACKed now; ca_rtt_us: of the youngest of either
 * (all -1: none). True: there was a sample.
 */
bool tcp_ack_update_rtt(struct sock *sk, int flag, s64 seq_rtt_us,
			s64 sack_rtt_us, s64 ca_rtt_us, struct rate_sample *rs)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (seq_rtt_us < 0)
		seq_rtt_us = sack_rtt_us;
	/* RFC7323 4.1: the echo says which transmission was answered; only an
	 * ACK of new data counts. */
	if (seq_rtt_us < 0 && (flag & FLAG_ACKED))
		seq_rtt_us = ca_rtt_us = tcp_rtt_tsopt_us(tp);
	rs->rtt_us = (s32)ca_rtt_us;
	if (seq_rtt_us < 0)
		return false;
	/* A delayed ACK says nothing of the least delay, unless it is less. */
	if (ca_rtt_us >= 0 && (!(flag & FLAG_ACK_MAYBE_DELAYED) ||
			       ca_rtt_us <= (s64)tcp_min_rtt(tp)))
		tcp_update_rtt_min(sk, (u32)ca_rtt_us);
	tcp_rtt_estimator(sk, (long)seq_rtt_us);
	tcp_set_rto(sk);
	tp->backoff = 0;		/* RFC6298 5.7 */
	return true;
}

void tcp_synack_rtt_meas(struct sock *sk, const struct request_sock *req)
{
	struct rate_sample rs = { 0 };
	s64 rtt_us = -1;

	if (!req->num_retrans && req->snt_synack_us)
		rtt_us = (s64)(tcp_sk(sk)->tcp_mstamp - req->snt_synack_us);
	tcp_ack_update_rtt(sk, FLAG_SYN_ACKED, rtt_us, -1, rtt_us, &rs);
}
