/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pacing: packets of one flow apart from each other. The rate follows from
 * the congestion window and the round-trip time (tcp_cong.c); it always bounds
 * the size of TSO packets (tcp_tso.c). Gaps are made only when asked for (SO_MAX_PACING_RATE
 * or a congestion control that paces): each packet has an earliest departure
 * time, and until then tcp_write_xmit waits for a timer.
 */
#include "tcp/tcp_out.h"

bool __tcp_pacing_check(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (tp->wstamp_ns <= tp->tcp_clock_cache)
		return false;
	if (!hrtimer_active(&tp->pacing_timer)) {
		sock_hold(sk);
		if (!hrtimer_start(&tp->pacing_timer, (ktime_t)tp->wstamp_ns)) {
			sock_put(sk);
			return false;
		}
	}
	return true;
}

void __tcp_pacing_charge(struct sock *sk, const struct sk_buff *skb,
			 u64 prior_wstamp)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u64 rate = sk->pacing_rate, gap, credit;

	if (rate == ~0ull || !rate)
		return;
	/* The initial window goes at once. */
	if (tp->data_segs_out < TCP_INIT_CWND)
		return;
	gap = (u64)skb->len * (u64)NSEC_PER_SEC / rate;
	credit = tp->wstamp_ns - prior_wstamp;
	gap -= min_t(u64, gap / 2, credit);
	tp->wstamp_ns += gap;
}

enum hrtimer_restart tcp_pace_kick(struct hrtimer *t)
{
	struct tcp_sock *tp = container_of(t, struct tcp_sock, pacing_timer);

	tcp_tsq_handler(&tp->sk);
	sock_put(&tp->sk);
	return HRTIMER_NORESTART;
}
