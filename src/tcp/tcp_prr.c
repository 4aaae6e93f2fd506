/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Proportional rate reduction, RFC 6937 (with the slow-start bound of RFC
 * 9937): while cwnd comes down from prior_cwnd to ssthresh, for each packet
 * delivered ssthresh/prior_cwnd packets are sent; below ssthresh as many as
 * are delivered, one more when recovery makes progress.
 */
#include "tcp/tcp.h"
#include "tcp/tcp_rx.h"

/* RFC5681 3.1: what to come back to after a spurious reduction. */
u32 tcp_current_ssthresh(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (tcp_in_cwnd_reduction(tp))
		return tp->snd_ssthresh;
	return max_t(u32, tp->snd_ssthresh,
		     (tp->snd_cwnd >> 1) + (tp->snd_cwnd >> 2));
}

void tcp_init_cwnd_reduction(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	tp->high_seq = tp->snd_nxt;
	tp->tlp_high_seq = 0;
	tp->snd_cwnd_cnt = 0;
	tp->prior_cwnd = tp->snd_cwnd;
	tp->prr_delivered = 0;
	tp->prr_out = 0;
	tp->snd_ssthresh = tp->ca_ops->ssthresh(sk);
	tcp_ecn_queue_cwr(tp);
}

void tcp_cwnd_reduction(struct sock *sk, int newly_acked_sacked, u32 newly_lost,
			int flag)
{
	struct tcp_sock *tp = tcp_sk(sk);
	s64 delta = (s64)tp->snd_ssthresh - tcp_packets_in_flight(tp), sndcnt;

	if (newly_acked_sacked <= 0 || !tp->prior_cwnd)
		return;
	tp->prr_delivered += (u32)newly_acked_sacked;
	if (delta < 0) {
		u64 quota = (u64)tp->snd_ssthresh * tp->prr_delivered;

		sndcnt = (s64)DIV_ROUND_UP(quota, tp->prior_cwnd) - tp->prr_out;
	} else {
		sndcnt = max_t(s64, (s32)(tp->prr_delivered - tp->prr_out),
			       newly_acked_sacked);
		if ((flag & FLAG_SND_UNA_ADVANCED) && !newly_lost)
			sndcnt++;
		sndcnt = min(delta, sndcnt);
	}
	/* The first retransmission goes whatever the arithmetic says. */
	sndcnt = max_t(s64, sndcnt, tp->prr_out ? 0 : 1);
	tp->snd_cwnd = (u32)max_t(s64, tcp_packets_in_flight(tp) + sndcnt, 1);
}

void tcp_end_cwnd_reduction(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (tp->ca_ops->cong_control)
		return;
	if (tp->snd_ssthresh < TCP_INFINITE_SSTHRESH &&
	    (tp->ca_state == TCP_CA_CWR || tp->undo_marker)) {
		tp->snd_cwnd = tp->snd_ssthresh;
		tp->snd_cwnd_stamp = tcp_now_ts(tp);
	}
	tcp_ca_event(sk, CA_EVENT_COMPLETE_CWR);
}

/* Slow down without a loss: ECN, local congestion (RFC 3168 6.1.2). */
void tcp_enter_cwr(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	tp->prior_ssthresh = 0;
	if (tp->ca_state < TCP_CA_CWR) {
		tp->undo_marker = 0;
		tcp_init_cwnd_reduction(sk);
		tcp_set_ca_state(sk, TCP_CA_CWR);
	}
}
