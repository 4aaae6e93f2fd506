/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sender's view of the congestion window: was it the limit (only then may
 * it grow, RFC 7661), and what remains of it after a pause (RFC 5681 4.1).
 */
#include "tcp/tcp_out.h"

/* RFC5681 4.1: one half per RTO idle, not below the restart window. */
void tcp_cwnd_restart(struct sock *sk, u32 delta_ms)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 restart = tcp_init_cwnd(tp, sk->flow.dst), cwnd = tp->snd_cwnd;
	s64 delta = (s64)delta_ms * NSEC_PER_MSEC;

	if (tp->ca_ops && tp->ca_ops->cwnd_event)
		tp->ca_ops->cwnd_event(sk, CA_EVENT_CWND_RESTART);
	tp->snd_ssthresh = max_t(u32, tp->snd_ssthresh,
				 (cwnd >> 1) + (cwnd >> 2));
	restart = min(restart, cwnd);
	while ((delta -= tp->rto) > 0 && cwnd > restart)
		cwnd >>= 1;
	cwnd = max(cwnd, restart);
	tp->snd_cwnd = max_t(u32, cwnd, 1);
	tp->snd_cwnd_stamp = tcp_now_ts(tp);
	tp->snd_cwnd_used = 0;
}

/* RFC 7661: not used for an RTO: come half way down to what was used. */
void tcp_cwnd_application_limited(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tcp_net(sk)->slow_start_after_idle || !tp->ca_ops ||
	    tp->ca_ops->cong_control)
		return;
	if (tp->ca_state == TCP_CA_Open) {
		u32 used = max_t(u32, tp->snd_cwnd_used,
				 tcp_init_cwnd(tp, sk->flow.dst));

		if (used < tp->snd_cwnd) {
			tp->snd_ssthresh = max_t(u32, tp->snd_ssthresh,
				(tp->snd_cwnd >> 1) + (tp->snd_cwnd >> 2));
			tp->snd_cwnd = (tp->snd_cwnd + used) >> 1;
		}
		tp->snd_cwnd_used = 0;
	}
	tp->snd_cwnd_stamp = tcp_now_ts(tp);
}

/* Neither cwnd nor the program's pauses: the buffer is the limit, the program
 * waits for room. */
void tcp_cwnd_no_space(struct sock *sk)
{
	if (!tcp_send_head(sk) && TCPF(sk->sk_state) &
	    (TCPF(TCP_ESTABLISHED) | TCPF(TCP_CLOSE_WAIT)))
		tcp_chrono_start(sk, TCP_CHRONO_SNDBUF_LIMITED);
}
