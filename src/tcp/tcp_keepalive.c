/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keepalive (RFC 9293 3.8.4, RFC 1122 4.2.3.6) and the end of FIN-WAIT-2 for
 * orphans (RFC 9293 3.6): the third timer of a connection.
 */
#include "tcp/tcp_out.h"

ktime_t tcp_keepalive_time(const struct sock *sk)
{
	u32 own = tcp_sk(sk)->keepalive_time_s;

	return (ktime_t)(own ? own : tcp_net(sk)->keepalive_time_s) *
	       NSEC_PER_SEC;
}

static ktime_t keepalive_intvl(const struct sock *sk)
{
	u32 own = tcp_sk(sk)->keepalive_intvl_s;

	return (ktime_t)(own ? own : tcp_net(sk)->keepalive_intvl_s) *
	       NSEC_PER_SEC;
}

static u32 keepalive_probes(const struct sock *sk)
{
	u8 own = tcp_sk(sk)->keepalive_probes;

	return own ? own : tcp_net(sk)->keepalive_probes;
}

/* How long FIN-WAIT-2 lasts for an orphan: not below 3.5 RTO. */
ktime_t tcp_fin_time(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 own = tp->linger2_s;
	ktime_t fin = (ktime_t)(own ? own : tcp_net(sk)->fin_timeout_s) *
		      NSEC_PER_SEC;

	return max_t(ktime_t, fin, (tp->rto << 2) - (tp->rto >> 1));
}

void tcp_reset_keepalive_timer(struct sock *sk, ktime_t len_ns)
{
	tcp_sk_reset_timer(sk, &sk->timer, ktime_get() + len_ns);
}

void tcp_delete_keepalive_timer(struct sock *sk)
{
	tcp_sk_stop_timer(sk, &sk->timer);
}

/* SO_KEEPALIVE was set or cleared. RFC9293 3.8.4 MUST-24,25 */
void tcp_set_keepalive(struct sock *sk, bool on)
{
	if (TCPF(sk->sk_state) & (TCPF(TCP_CLOSE) | TCPF(TCP_LISTEN)))
		return;
	if (on && !sock_flag(sk, SOCK_KEEPOPEN))
		tcp_reset_keepalive_timer(sk, tcp_keepalive_time(sk));
	else if (!on)
		tcp_delete_keepalive_timer(sk);
}

/* Nanoseconds since the peer said anything. */
static ktime_t keepalive_elapsed(const struct tcp_sock *tp)
{
	u32 now = tcp_now_ts(tp);
	u32 data = now - tp->lrcvtime, ack = now - tp->rcv_tstamp;

	return (ktime_t)min(data, ack) * NSEC_PER_MSEC;
}

/* RFC9293 3.8.4 MUST-26,28: one unanswered probe is no proof. True: closed. */
static bool keepalive_gives_up(struct sock *sk, ktime_t elapsed)
{
	struct tcp_sock *tp = tcp_sk(sk);
	ktime_t user = (ktime_t)tp->user_timeout_ms * NSEC_PER_MSEC;
	bool over;

	if (user)
		over = elapsed >= user && tp->probes_out > 0;
	else
		over = tp->probes_out >= keepalive_probes(sk);
	if (!over)
		return false;
	tcp_send_active_reset(sk);
	NET_INC_STATS(sock_net(sk), TcpExt, TCPAbortOnTimeout);
	tcp_done_with_error(sk, READ_ONCE(sk->err_soft) ?
			    (int)READ_ONCE(sk->err_soft) : ETIMEDOUT);
	return true;
}

static void keepalive_handler(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	ktime_t elapsed, next = tcp_keepalive_time(sk);

	if (!sock_flag(sk, SOCK_KEEPOPEN) ||
	    TCPF(sk->sk_state) & (TCPF(TCP_CLOSE) | TCPF(TCP_SYN_SENT)))
		return;
	/* Busy: other timers watch the peer. */
	if (!tp->packets_out && !tcp_send_head(sk)) {
		elapsed = keepalive_elapsed(tp);
		if (elapsed < next) {
			next -= elapsed;
		} else {
			if (keepalive_gives_up(sk, elapsed))
				return;
			if (tcp_write_wakeup(sk, MIB(TcpExt, TCPKeepAlive)) <= 0) {
				tp->probes_out++;
				next = keepalive_intvl(sk);
			} else {
				next = TCP_RESOURCE_PROBE_INTERVAL;
			}
		}
	}
	tcp_reset_keepalive_timer(sk, next);
}

/* The orphan waited for the peer's FIN. What is left of the time beyond a
 * TIME-WAIT is spent as a full sock, the rest as a small one. */
static void fin_wait2_over(struct sock *sk)
{
	ktime_t rest = tcp_fin_time(sk) - TCP_TIMEWAIT_LEN;

	if (tcp_sk(sk)->linger2_s != ~0u && rest > 0) {
		tcp_time_wait(sk, TCP_FIN_WAIT2, rest);
		return;
	}
	tcp_send_active_reset(sk);
	tcp_done(sk);
}

void tcp_keepalive_timer(struct timer_list *t)
{
	struct sock *sk = container_of(t, struct sock, timer);
	struct tcp_sock *tp = tcp_sk(sk);

	bh_lock_sock(sk);
	if (sock_owned_by_user(sk)) {	/* try again soon */
		tcp_reset_keepalive_timer(sk, NSEC_PER_SEC / 20);
		goto out;
	}
	if (sk->sk_state == TCP_LISTEN)
		goto out;
	tcp_mstamp_refresh(tp);
	if (sk->sk_state == TCP_FIN_WAIT2 && sock_flag(sk, SOCK_DEAD))
		fin_wait2_over(sk);
	else
		keepalive_handler(sk);
out:
	bh_unlock_sock(sk);
	sock_put(sk);
}
