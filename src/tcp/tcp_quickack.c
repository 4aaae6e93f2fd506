/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When to acknowledge: at once, or with the next data or in up to 200 ms.
 * RFC 9293 3.8.6.3 (SHLD-18, MUST-58: not one for each; SHLD-19: every second
 * full segment; MUST-40: within 500 ms), RFC 5681 4.2 (out of order: at once).
 *
 * A connection starts, and starts again after loss, with a number of quick
 * ACKs, since the peer is then in slow start and clocked by them. When the
 * program answers what it reads (ping-pong), ACKs ride on the answers.
 */
#include "tcp/tcp.h"
#include "tcp/tcp_rx.h"
#include "tcp/tcp_window.h"

/* As many quick ACKs as half a window of full segments asks for. */
void tcp_incr_quickack(struct sock *sk, u32 max_quickacks)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 n = tp->ack.rcv_mss ? tp->rcv_wnd / (2u * tp->ack.rcv_mss) : 0;

	n = min(n ? n : 2u, max_quickacks);
	if (n > tp->ack.quick)
		tp->ack.quick = (u8)n;
}

void tcp_enter_quickack_mode(struct sock *sk, u32 max_quickacks)
{
	struct tcp_sock *tp = tcp_sk(sk);

	tcp_incr_quickack(sk, max_quickacks);
	inet_csk_exit_pingpong_mode(tp);
	tp->ack.ato = TCP_ATO_MIN;
}

static inline bool tcp_in_quickack_mode(const struct tcp_sock *tp)
{
	const struct dst_entry *dst = tp->sk.flow.dst;

	if (unlikely(dst && dst->quickack))
		return true;
	return tp->ack.quick && !inet_csk_in_pingpong_mode(tp);
}

/* How long the acknowledgement may wait at most now. */
static inline ktime_t delack_limit(struct tcp_sock *tp)
{
	ktime_t limit = NSEC_PER_SEC / 2;
	ktime_t rtt;

	if (inet_csk_in_pingpong_mode(tp) || tp->ack.pending & ICSK_ACK_PUSHED)
		limit = TCP_DELACK_MAX;
	if (tp->srtt_us) {
		rtt = max_t(ktime_t, (tp->srtt_us >> 3) * NSEC_PER_USEC,
			    TCP_DELACK_MIN);
		limit = min(limit, rtt);
	}
	return limit;
}

/* RFC9293 3.8.6.3 MUST-58, MUST-40: an acknowledgement is owed within 0.5 s */
static inline void delay_ack(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	ktime_t ato = tp->ack.ato, due;
	ktime_t now = (ktime_t)tp->tcp_clock_cache;	/* its segment's */

	if (ato > TCP_DELACK_MIN)
		ato = min(ato, delack_limit(tp));
	ato = min(ato, tp->delack_max);
	due = now + ato;
	/* A timer runs already: sooner of the two, or at once if near. */
	if (tp->ack.pending & ICSK_ACK_TIMER) {
		if (tp->ack.timeout <= now + (ato >> 2)) {
			tcp_send_ack(sk);
			return;
		}
		due = min(due, tp->ack.timeout);
	}
	tp->ack.pending |= ICSK_ACK_SCHED | ICSK_ACK_TIMER;
	tp->ack.timeout = due;
	/* A timer that is due earlier looks again by itself. */
	if (unlikely(!timer_pending(&tp->delack_timer) ||
		     (s64)(tp->delack_timer.expires - 1) * TICK_NSEC > due))
		tcp_sk_reset_timer(sk, &tp->delack_timer, due);
}

void tcp_send_delayed_ack(struct sock *sk)
{
	delay_ack(sk);
}

/* More than a segment of unacknowledged data, and the window could go on:
 * either the reader waits for more, or it has room. */
static noinline bool tcp_ack_every_second(struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	return (s32)(tp->rcv_nxt - tp->copied_seq) < sk->rcvlowat ||
	       __tcp_select_window(sk) >= tp->rcv_wnd;
}

/* RFC9293 MUST-59: ACKs of a backlog being drained by its owner are sent once,
 * at its end. */
static noinline void tcp_ack_now(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (sock_owned_by_user(sk) && tcp_net(sk)->backlog_ack_defer) {
		tcp_set_bit(&tp->tsq_flags, TCP_ACK_DEFERRED);
		return;
	}
	tcp_send_ack(sk);
}

/* Compressed SACKs: a burst of out-of-order segments needs one ACK, after a
 * twentieth of the round trip, once the peer has its three duplicates. False:
 * acknowledge at once. */
static bool tcp_compress_ofo_ack(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	const struct tcp_net *tn = tcp_net(sk);
	struct tcp_hrtimers *h;
	u64 rtt_us, delay_ns;

	if (!tcp_is_sack(tp) || tp->ack.compressed >= tn->comp_sack_nr)
		return false;
	if (tp->compressed_ack_rcv_nxt != tp->rcv_nxt) {
		tp->compressed_ack_rcv_nxt = tp->rcv_nxt;
		tp->dup_ack_counter = 0;
	}
	if (tp->dup_ack_counter < TCP_FASTRETRANS_THRESH) {
		tp->dup_ack_counter++;
		return false;
	}
	h = tcp_hrtimers_get(sk);
	if (!h)
		return false;
	tp->ack.compressed++;
	if (hrtimer_active(&h->compressed_ack))
		return true;
	rtt_us = tp->rcv_rtt_est.rtt_us;
	if (tp->srtt_us && tp->srtt_us < rtt_us)
		rtt_us = tp->srtt_us;
	delay_ns = min(rtt_us * (1000 >> 3) / 20, (u64)tn->comp_sack_delay_ns);
	sock_hold(sk);
	if (!hrtimer_start(&h->compressed_ack,
			   (ktime_t)(tp->tcp_clock_cache + delay_ns))) {
		sock_put(sk);
		tp->ack.compressed--;
		return false;
	}
	return true;
}

void __tcp_ack_snd_check(struct sock *sk, bool ofo_possible)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if ((tp->rcv_nxt - tp->rcv_wup > tp->ack.rcv_mss &&
	     tcp_ack_every_second(sk)) ||
	    tcp_in_quickack_mode(tp) || (tp->ack.pending & ICSK_ACK_NOW)) {
		tcp_ack_now(sk);
		return;
	}
	if (likely(!ofo_possible || RB_EMPTY_ROOT(&tp->out_of_order_queue))) {
		delay_ack(sk);
		return;
	}
	/* RFC5681 4.2: out-of-order data is acknowledged at once. */
	if (!tcp_compress_ofo_ack(sk))
		tcp_ack_now(sk);
}

void tcp_ack_snd_check(struct sock *sk)
{
	if (inet_csk_ack_scheduled(tcp_sk(sk)))
		__tcp_ack_snd_check(sk, true);
}

/* --- the timer of compressed SACKs ---------------------------------------- */

/* What was withheld is sent now (also by the retransmission logic). */
void tcp_sack_compress_send_ack(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tp->ack.compressed)
		return;
	if (hrtimer_try_to_cancel(&tp->hrtimers->compressed_ack))
		sock_put(sk);
	/* The ACK that goes now stands for one of them. */
	NET_ADD_STATS(sock_net(sk), TcpExt, TCPAckCompressed,
		      tp->ack.compressed - 1u);
	tp->ack.compressed = 0;
	tcp_send_ack(sk);
}

/* HRTIMER softirq. The timer holds a reference. */
enum hrtimer_restart tcp_compressed_ack_kick(struct hrtimer *t)
{
	struct sock *sk = container_of(t, struct tcp_hrtimers,
				       compressed_ack)->sk;
	struct tcp_sock *tp = tcp_sk(sk);

	bh_lock_sock(sk);
	if (sock_owned_by_user(sk)) {
		/* The owner sends it when it lets go (tcp_release_cb). */
		tcp_set_bit(&tp->tsq_flags, TCP_DELACK_TIMER_DEFERRED);
	} else if (tp->ack.compressed) {
		tcp_mstamp_refresh(tp);
		tp->ack.compressed--;	/* the one sent here */
		tcp_send_ack(sk);
	}
	bh_unlock_sock(sk);
	sock_put(sk);
	return HRTIMER_NORESTART;
}

/* Owner or slock; the connection ends. */
void tcp_clear_compressed_ack(struct sock *sk)
{
	struct tcp_hrtimers *h = tcp_sk(sk)->hrtimers;

	if (h && hrtimer_try_to_cancel(&h->compressed_ack))
		sock_put(sk);
}
