/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The connection's timers: one for retransmission, window probes, loss probes
 * and reordering (`pending` says which), one for delayed acknowledgements, one
 * for keepalive and FIN-WAIT-2 (tcp_keepalive.c). RFC 6298, RFC 1122 4.2.3.
 *
 * Arming is lazy: tp->timeout moves on with every packet, the wheel's timer
 * stays where it is if it is due earlier, and looks again when it fires. So a
 * busy connection touches the wheel once per timeout, not once per packet.
 *
 * A pending timer holds a reference. Handlers run in softirq; when a task owns
 * the sock they leave a bit in tsq_flags and tcp_release_cb does the work.
 */
#include "tcp/tcp_out.h"

#include "base/random.h"
#include "inet/route.h"
#include "tcp/tcp_rtt.h"

/* First tick that is not before t. */
static jiffies_t jiffies_at(ktime_t t)
{
	return (jiffies_t)((t + TICK_NSEC - 1) / TICK_NSEC);
}

void tcp_sk_reset_timer(struct sock *sk, struct timer_list *t, ktime_t when)
{
	if (!mod_timer(t, jiffies_at(when)))
		sock_hold(sk);
}

void tcp_sk_stop_timer(struct sock *sk, struct timer_list *t)
{
	if (del_timer(t))
		sock_put(sk);
}

void tcp_clear_xmit_timer(struct sock *sk, int what)
{
	(void)what;
	tcp_sk(sk)->pending = ICSK_TIME_NONE;	/* it may fire: nothing to do */
}

s64 tcp_rto_delta_us(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	const struct sk_buff *skb = tcp_rtx_queue_head(sk);

	if (unlikely(!skb))
		return tp->rto / NSEC_PER_USEC;
	return (s64)tcp_skb_timestamp_us(skb) + tp->rto / NSEC_PER_USEC -
	       (s64)tp->tcp_mstamp;
}

/* --- giving up ------------------------------------------------------------------- */

static void write_err(struct sock *sk)
{
	u32 soft = READ_ONCE(sk->err_soft);

	NET_INC_STATS(sock_net(sk), TcpExt, TCPAbortOnTimeout);
	tcp_done_with_error(sk, soft ? (int)soft : ETIMEDOUT);
}

/* Orphans use memory of nobody: not too many, and not when memory is short. */
bool tcp_too_many_orphans(struct sock *sk)
{
	return READ_ONCE(sock_net(sk)->sock->orphans) >
	       tcp_net(sk)->max_orphans || sk_out_of_memory(sk);
}

/* True: the orphan was ended for lack of resources. */
static bool out_of_resources(struct sock *sk, bool do_reset)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 now = tcp_now_ts(tp);

	if (!tcp_too_many_orphans(sk))
		return false;
	/* A peer that answered lately, or all but done: tell it. */
	if ((s32)(now - tp->lsndtime) <= 2 * (s32)(TCP_RTO_MAX / NSEC_PER_MSEC) ||
	    (!tp->snd_wnd && !tp->packets_out))
		do_reset = true;
	if (do_reset)
		tcp_send_active_reset(sk);
	tcp_done(sk);
	NET_INC_STATS(sock_net(sk), TcpExt, TCPAbortOnMemory);
	return true;
}

/* Retries an orphan gets; fewer when the path is known to be dead. */
static u32 orphan_retries(struct sock *sk, bool alive)
{
	u32 n = tcp_net(sk)->orphan_retries;

	if (READ_ONCE(sk->err_soft) && !alive)
		return 0;
	return n || !alive ? n : 8;
}

/* RFC1122 4.2.3.5: as many retries take as long as `boundary` backoffs. */
static ktime_t backoff_total(struct sock *sk, u32 boundary)
{
	ktime_t base = tcp_rto_min(tcp_sk(sk)), max = tcp_sk(sk)->rto_max;
	ktime_t total = 0;

	for (u32 i = 0; i <= boundary; i++) {
		total += base;
		base = min(base << 1, max);
	}
	return total;
}

static bool retransmits_timed_out(struct sock *sk, u32 boundary, ktime_t limit)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 start = tp->retrans_stamp;
	s64 elapsed;

	if (!tp->retransmits)
		return false;
	if (!start) {
		struct sk_buff *head = tcp_rtx_queue_head(sk);

		if (!head)
			return false;
		start = (u32)(tcp_skb_timestamp_us(head) / 1000);
	}
	if (!limit)
		limit = backoff_total(sk, boundary);
	elapsed = (s64)(s32)(tcp_now_ts(tp) - start) *
		  NSEC_PER_MSEC;
	return elapsed - limit >= 0;
}

/* RFC 1191 black hole: halve what is probed for. RFC 4821 7.7 */
static void mtu_probing(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	const struct tcp_net *tn = tcp_net(sk);
	u32 mss;

	if (!tn->mtu_probing)
		return;
	if (!tp->mtup.enabled) {
		tp->mtup.enabled = true;
		tp->mtup.probe_ts = tcp_now_ts(tp);
	} else {
		mss = tcp_mtu_to_mss(sk, tp->mtup.search_low) >> 1;
		mss = min(mss, tn->base_mss);
		mss = max(mss, tn->mtu_probe_floor);
		mss = max(mss, tn->min_snd_mss);
		tp->mtup.search_low = tcp_mss_to_mtu(sk, mss);
	}
	tcp_sync_mss(sk, tp->pmtu_cookie);
}

static void negative_advice(struct sock *sk)
{
	struct dst_entry *dst = sk->flow.dst;

	if (dst && dst->ops->negative_advice)
		dst->ops->negative_advice(dst);
	sk->txhash = get_random_u32() | 1;
	sk->flow.txhash = sk->txhash;
	tcp_sk(sk)->timeout_rehash++;
	NET_INC_STATS(sock_net(sk), TcpExt, TcpTimeoutRehash);
}

/* RFC9293 3.8.3 MUST-20..23: R1 asks for another route, R2 gives up. True:
 * it is over. */
static bool write_timeout(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	const struct tcp_net *tn = tcp_net(sk);
	u32 retry_until;
	bool expired;

	if (TCPF(sk->sk_state) & (TCPF(TCP_SYN_SENT) | TCPF(TCP_SYN_RECV))) {
		u32 max = tp->syn_retries ? tp->syn_retries : tn->syn_retries;

		if (tp->retransmits)
			negative_advice(sk);
		if (sk->sk_state == TCP_SYN_SENT)
			max += min_t(u32, tp->total_rto, tn->syn_linear_timeouts);
		expired = tp->retransmits >= max;
	} else {
		if (retransmits_timed_out(sk, tn->retries1, 0)) {
			mtu_probing(sk);
			negative_advice(sk);
		}
		retry_until = tn->retries2;
		if (sock_flag(sk, SOCK_DEAD)) {
			bool alive = tp->rto < tp->rto_max;

			retry_until = orphan_retries(sk, alive);
			if (out_of_resources(sk, alive ||
			    !retransmits_timed_out(sk, retry_until, 0)))
				return true;
		}
		expired = retransmits_timed_out(sk, retry_until,
			(ktime_t)tp->user_timeout_ms * NSEC_PER_MSEC);
	}
	if (expired) {
		write_err(sk);
		return true;
	}
	return false;
}

/* --- the retransmission timer ------------------------------------------------------ */

/* RFC9293 3.8.3: not beyond what the program allowed. */
static ktime_t clamp_rto_to_user_timeout(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	s64 elapsed, left;

	if (!tp->user_timeout_ms || !tp->retrans_stamp)
		return tp->rto;
	elapsed = (s32)(tcp_now_ts(tp) - tp->retrans_stamp);
	left = (s64)tp->user_timeout_ms - elapsed;
	if (left <= 0)
		return TICK_NSEC;
	return min_t(ktime_t, tp->rto, left * NSEC_PER_MSEC);
}

static void count_timeout(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct net *net = sock_net(sk);

	if (tp->retransmits) {
		NET_INC_STATS(net, TcpExt, TCPTimeouts);
		return;
	}
	if (tp->ca_state == TCP_CA_Recovery) {
		if (tcp_is_sack(tp))
			NET_INC_STATS(net, TcpExt, TCPSackRecoveryFail);
		else
			NET_INC_STATS(net, TcpExt, TCPRenoRecoveryFail);
	} else if (tp->ca_state == TCP_CA_Loss) {
		NET_INC_STATS(net, TcpExt, TCPLossFailures);
	} else if (tp->ca_state == TCP_CA_Disorder || tp->sacked_out) {
		if (tcp_is_sack(tp))
			NET_INC_STATS(net, TcpExt, TCPSackFailures);
		else
			NET_INC_STATS(net, TcpExt, TCPRenoFailures);
	}
	NET_INC_STATS(net, TcpExt, TCPTimeouts);
}

static void book_rto(struct tcp_sock *tp)
{
	tp->total_rto++;
	if (!tp->rto_stamp) {
		tp->rto_stamp = tcp_now_ts(tp);
		tp->total_rto_recoveries++;
	}
}

/* The peer closed its window on data it had let us send, and does not answer:
 * RFC9293 3.8.6.1 the connection lives as long as it does. */
static bool window_closed_on_us(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 now = tcp_now_ts(tp);

	if (tp->snd_wnd || sock_flag(sk, SOCK_DEAD) ||
	    TCPF(sk->sk_state) & (TCPF(TCP_SYN_SENT) | TCPF(TCP_SYN_RECV)))
		return false;
	if ((s64)(s32)(now - tp->rcv_tstamp) * NSEC_PER_MSEC >
	    2 * tp->rto_max) {
		write_err(sk);
		return true;
	}
	tcp_enter_loss(sk);
	tcp_retransmit_skb(sk, skb, 1);
	return true;
}

/* RFC6298 5.5: double; RFC 7323-thin streams and SYNs may stay linear. */
static void backoff(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	const struct tcp_net *tn = tcp_net(sk);
	bool thin = tp->packets_out < 4 && !tcp_in_initial_slowstart(tp);

	if (sk->sk_state == TCP_ESTABLISHED &&
	    (tp->thin_lto || tn->thin_linear_timeouts) && thin &&
	    tp->retransmits <= 6) {
		tp->backoff = 0;
		tcp_set_rto(sk);
	} else if (sk->sk_state != TCP_SYN_SENT ||
		   tp->total_rto > tn->syn_linear_timeouts) {
		tp->backoff++;
		tp->rto = min(tp->rto << 1, tp->rto_max);
	}
	tcp_reset_xmit_timer(sk, ICSK_TIME_RETRANS,
			     clamp_rto_to_user_timeout(sk));
	if (retransmits_timed_out(sk, tn->retries1 + 1u, 0))
		inet_flow_drop_route(&sk->flow);
}

/* RFC6298 5.4..5.6 */
static void retransmit_timer(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb;

	if (unlikely(tp->fastopen_rsk) && tcp_fastopen_synack_timer(sk))
		return;
	if (!tp->packets_out)
		return;
	skb = tcp_rtx_queue_head(sk);
	if (unlikely(!skb))
		return;
	if (window_closed_on_us(sk, skb)) {
		if (sk->sk_state != TCP_CLOSE)
			backoff(sk);
		return;
	}
	count_timeout(sk);
	if (write_timeout(sk))
		return;
	tcp_enter_loss(sk);
	book_rto(tp);
	skb = tcp_rtx_queue_head(sk);
	if (tcp_retransmit_skb(sk, skb, 1) == -ENOBUFS) {
		/* Our own queue was full: no sign of the path. */
		tp->retransmits = max_t(u8, tp->retransmits, 1);
		tcp_reset_xmit_timer(sk, ICSK_TIME_RETRANS,
				     min_t(ktime_t, tp->rto,
					   TCP_RESOURCE_PROBE_INTERVAL));
		return;
	}
	if (tp->retransmits < 255)
		tp->retransmits++;
	backoff(sk);
}

/* --- zero-window probe timer ---------------------------------------------------------- */

ktime_t tcp_clamp_probe0_to_user_timeout(const struct sock *sk, ktime_t when)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	ktime_t left;

	if (!tp->user_timeout_ms || !tp->user_timeout_start)
		return when;
	left = tp->user_timeout_start +
	       (ktime_t)tp->user_timeout_ms * NSEC_PER_MSEC -
	       (ktime_t)tp->tcp_clock_cache;
	left = max_t(ktime_t, left, TCP_TIMEOUT_MIN);
	return min(when, left);
}

/* RFC9293 3.8.6.1 MUST-35..37: as long as the peer answers, we go on. */
static void probe_timer(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 max_probes = tcp_net(sk)->retries2;
	ktime_t limit = (ktime_t)tp->user_timeout_ms * NSEC_PER_MSEC;
	ktime_t now = (ktime_t)tp->tcp_clock_cache;

	if (tp->packets_out || !tcp_send_head(sk)) {
		tp->probes_out = 0;
		tp->user_timeout_start = 0;
		return;
	}
	if (!tp->user_timeout_start)
		tp->user_timeout_start = now;
	else if (limit && now - tp->user_timeout_start >= limit)
		goto abort;
	if (sock_flag(sk, SOCK_DEAD)) {
		bool alive = tcp_probe0_when(sk, tp->rto_max) < tp->rto_max;

		max_probes = orphan_retries(sk, alive);
		if (!alive && tp->backoff >= max_probes)
			goto abort;
		if (out_of_resources(sk, true))
			return;
	}
	if (tp->probes_out < max_probes) {
		tcp_send_probe0(sk);
		return;
	}
abort:
	write_err(sk);
}

/* --- handlers: slock or owner ------------------------------------------------------------- */

void tcp_write_timer_handler(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	int what = tp->pending;

	if (TCPF(sk->sk_state) & (TCPF(TCP_CLOSE) | TCPF(TCP_LISTEN)) || !what)
		return;
	tcp_mstamp_refresh(tp);
	if (tp->timeout > (ktime_t)tp->tcp_clock_cache) {
		tcp_sk_reset_timer(sk, &tp->retransmit_timer, tp->timeout);
		return;
	}
	switch (what) {
	case ICSK_TIME_REO_TIMEOUT:
		tcp_rack_reo_timeout(sk);
		break;
	case ICSK_TIME_LOSS_PROBE:
		tcp_send_loss_probe(sk);
		break;
	case ICSK_TIME_RETRANS:
		tp->pending = ICSK_TIME_NONE;
		retransmit_timer(sk);
		break;
	case ICSK_TIME_PROBE0:
		tp->pending = ICSK_TIME_NONE;
		probe_timer(sk);
		break;
	default:
		break;
	}
}

static void tcp_write_timer(struct timer_list *t)
{
	struct tcp_sock *tp = container_of(t, struct tcp_sock,
					   retransmit_timer);
	struct sock *sk = &tp->sk;

	bh_lock_sock(sk);
	if (!sock_owned_by_user(sk))
		tcp_write_timer_handler(sk);
	else
		tcp_set_bit(&tp->tsq_flags, TCP_WRITE_TIMER_DEFERRED);
	bh_unlock_sock(sk);
	sock_put(sk);
}

/* RFC1122 4.2.3.2: the acknowledgement waited long enough. */
void tcp_delack_timer_handler(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (TCPF(sk->sk_state) & (TCPF(TCP_CLOSE) | TCPF(TCP_LISTEN)))
		return;
	tcp_mstamp_refresh(tp);
	if (tp->ack.compressed) {
		tcp_sack_compress_send_ack(sk);
		return;
	}
	if (!(tp->ack.pending & ICSK_ACK_TIMER))
		return;
	if (tp->ack.timeout > (ktime_t)tp->tcp_clock_cache) {
		tcp_sk_reset_timer(sk, &tp->delack_timer, tp->ack.timeout);
		return;
	}
	tp->ack.pending &= (u8)~ICSK_ACK_TIMER;
	if (!(tp->ack.pending & ICSK_ACK_SCHED))
		return;
	if (!inet_csk_in_pingpong_mode(tp)) {
		/* Missed: answer slower. */
		tp->ack.ato = min(tp->ack.ato << 1, tp->rto);
	} else {
		/* No data came along with it: not interactive after all. */
		tp->ack.pingpong = 0;
		tp->ack.ato = TCP_ATO_MIN;
	}
	tcp_send_ack(sk);
	NET_INC_STATS(sock_net(sk), TcpExt, DelayedACKs);
}

static void tcp_delack_timer(struct timer_list *t)
{
	struct tcp_sock *tp = container_of(t, struct tcp_sock, delack_timer);
	struct sock *sk = &tp->sk;

	bh_lock_sock(sk);
	if (!sock_owned_by_user(sk)) {
		tcp_delack_timer_handler(sk);
	} else {
		NET_INC_STATS(sock_net(sk), TcpExt, DelayedACKLocked);
		tcp_set_bit(&tp->tsq_flags, TCP_DELACK_TIMER_DEFERRED);
	}
	bh_unlock_sock(sk);
	sock_put(sk);
}

void tcp_init_xmit_timers(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	timer_setup(&tp->retransmit_timer, tcp_write_timer);
	timer_setup(&tp->delack_timer, tcp_delack_timer);
	timer_setup(&sk->timer, tcp_keepalive_timer);
	tp->hrtimers = NULL;
	tasklet_setup(&tp->tsq_tasklet, tcp_tsq_tasklet);
	tp->pending = ICSK_TIME_NONE;
	tp->ack.pending = 0;
}

void tcp_clear_xmit_timers(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	tp->pending = ICSK_TIME_NONE;
	tp->ack.pending = 0;
	if (unlikely(tp->hrtimers)) {
		if (hrtimer_try_to_cancel(&tp->hrtimers->pacing))
			sock_put(sk);
		tcp_clear_compressed_ack(sk);
	}
	tcp_sk_stop_timer(sk, &tp->retransmit_timer);
	tcp_sk_stop_timer(sk, &tp->delack_timer);
	tcp_sk_stop_timer(sk, &sk->timer);
}
