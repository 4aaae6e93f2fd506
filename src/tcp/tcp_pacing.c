/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pacing: packets of one flow apart from each other. The rate follows from
 * the congestion window and the round-trip time (tcp_cong.c); it always bounds
 * the size of TSO packets (tcp_tso.c). Gaps are made only when asked for (SO_MAX_PACING_RATE
 * or a congestion control that paces): each packet has an earliest departure
 * time, and until then tcp_write_xmit waits for a timer.
 */
#include "tcp/tcp_out.h"

#include "base/slab.h"

bool __tcp_pacing_check(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_hrtimers *h;

	if (tp->wstamp_ns <= tp->tcp_clock_cache)
		return false;
	h = tcp_hrtimers_get(sk);
	if (!h)
		return false;
	if (!hrtimer_active(&h->pacing)) {
		sock_hold(sk);
		if (!hrtimer_start(&h->pacing, (ktime_t)tp->wstamp_ns)) {
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

static enum hrtimer_restart tcp_pace_kick(struct hrtimer *t)
{
	struct sock *sk = container_of(t, struct tcp_hrtimers, pacing)->sk;

	tcp_tsq_handler(sk);
	sock_put(sk);
	return HRTIMER_NORESTART;
}

/* --- timers of connections that need some ----------------------------------------- */

struct tcp_hrtimers *tcp_hrtimers_get(struct sock *sk)
{
	struct tcp_hrtimers *h = tcp_sk(sk)->hrtimers;

	if (h)
		return h;
	h = kzalloc(sizeof(*h));
	if (!h)
		return NULL;
	h->sk = sk;
	hrtimer_init(&h->pacing, tcp_pace_kick);
	hrtimer_init(&h->compressed_ack, tcp_compressed_ack_kick);
	return tcp_sk(sk)->hrtimers = h;
}

static void hrtimers_free_rcu(struct rcu_head *head)
{
	kfree(container_of(head, struct tcp_hrtimers, rcu));
}

/* None is armed, but the function of one may have dropped the last reference
 * of the sock a moment ago. */
void tcp_hrtimers_free(struct tcp_sock *tp)
{
	if (tp->hrtimers)
		call_rcu(&tp->hrtimers->rcu, hrtimers_free_rcu);
	tp->hrtimers = NULL;
}
