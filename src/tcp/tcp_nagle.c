/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * May this packet go now? Nagle's algorithm with Minshall's change (RFC 9293
 * 3.7.4: at most one small segment unacknowledged), cork, the peer's window,
 * and how much of ours may lie in queues below (TSQ).
 */
#include "tcp/tcp_out.h"

/* The last small segment is still unacknowledged. */
static bool minshall_waits(const struct tcp_sock *tp)
{
	return after(tp->snd_sml, tp->snd_una) &&
	       !after(tp->snd_sml, tp->snd_nxt);
}

/* RFC9293 3.7.4 SHLD-7, MUST-17 (TCP_NODELAY turns it off) */
bool tcp_nagle_test(const struct tcp_sock *tp, const struct sk_buff *skb,
		    u32 mss_now, int nonagle)
{
	if (nonagle & TCP_NAGLE_PUSH)
		return true;
	if (tcp_urg_mode(tp) || TCP_SKB_CB(skb)->flags & TCPHDR_FIN)
		return true;
	if (skb->len >= mss_now)
		return true;
	if (nonagle & TCP_NAGLE_CORK)
		return false;
	return nonagle || !tp->packets_out || !minshall_waits(tp);
}

/*
 * TCP small queues: no more below than about a millisecond at the present
 * rate, and not above tcp_limit_output_bytes. True: wait; tcp_wfree goes on.
 */
bool tcp_small_queue_check(struct sock *sk, const struct sk_buff *skb,
			   u32 factor)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u64 limit = max_t(u64, 2ull * skb->truesize,
			  sk->pacing_rate >> sk->pacing_shift);

	limit = min_t(u64, limit, tcp_net(sk)->limit_output_bytes) << factor;
	if (likely(sk_wmem_alloc_get(sk) <= limit))
		return false;
	/* Something must be below for tcp_wfree to come. */
	if (tcp_rtx_queue_empty(sk))
		return false;
	tcp_set_bit(&tp->tsq_flags, TCP_TSQ_THROTTLED);
	smp_mb();	/* against tcp_wfree, which frees and then looks */
	return sk_wmem_alloc_get(sk) > limit;
}
