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

static bool tcp_in_quickack_mode(const struct tcp_sock *tp)
{
	const struct dst_entry *dst = tp->sk.flow.dst;

	if (unlikely(dst && dst->quickack))
		return true;
	return tp->ack.quick && !inet_csk_in_pingpong_mode(tp);
}

/* Two segments of unacknowledged data, and the window could go on: either the
 * reader waits for more, or it has room. */
static bool tcp_ack_every_second(struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (tp->rcv_nxt - tp->rcv_wup <= tp->ack.rcv_mss)
		return false;
	return (s32)(tp->rcv_nxt - tp->copied_seq) < sk->rcvlowat ||
	       __tcp_select_window(sk) >= tp->rcv_wnd;
}

/* RFC9293 MUST-59: ACKs of a backlog being drained by its owner are sent once,
 * at its end. */
static void tcp_ack_now(struct sock *sk)
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
	u64 rtt_us, delay_ns;

	if (!tcp_is_sack(tp) || tp->ack.compressed >= tn->comp_sack_nr)
		return false;
	if (tp->compressed_ack_rcv_nxt != tp->rcv_nxt) {
		tp->compressed_ack_rcv_nxt = tp->rcv_nxt;
		tp->ack.dup_ack_counter = 0;
	}
	if (tp->ack.dup_ack_counter < TCP_FASTRETRANS_THRESH) {
		tp->ack.dup_ack_counter++;
		return false;
	}
	tp->ack.compressed++;
	if (hrtimer_active(&tp->compressed_ack_timer))
		return true;
	rtt_us = tp->rcv_rtt_est.rtt_us;
	if (tp->srtt_us && tp->srtt_us < rtt_us)
		rtt_us = tp->srtt_us;
	delay_ns = min(rtt_us * (1000 >> 3) / 20, (u64)tn->comp_sack_delay_ns);
	sock_hold(sk);
	if (!hrtimer_start(&tp->compressed_ack_timer,
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

	if (tcp_ack_every_second(sk) || tcp_in_quickack_mode(tp) ||
	    (tp->ack.pending & ICSK_ACK_NOW)) {
		tcp_ack_now(sk);
		return;
	}
	if (!ofo_possible || RB_EMPTY_ROOT(&tp->out_of_order_queue)) {
		tcp_send_delayed_ack(sk);
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

/* The acknowledgement may have made room: in the window, in cwnd, in the send
 * buffer. */
void tcp_data_snd_check(struct sock *sk)
{
	tcp_push_pending_frames(sk);
	tcp_check_space(sk);
}

/* --- the timer of compressed SACKs ---------------------------------------- */

/* What was withheld is sent now (also by the retransmission logic). */
void tcp_sack_compress_send_ack(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tp->ack.compressed)
		return;
	if (hrtimer_try_to_cancel(&tp->compressed_ack_timer))
		sock_put(sk);
	/* The ACK that goes now stands for one of them. */
	NET_ADD_STATS(sock_net(sk), TcpExt, TCPAckCompressed,
		      tp->ack.compressed - 1u);
	tp->ack.compressed = 0;
	tcp_send_ack(sk);
}

/* HRTIMER softirq. The timer holds a reference. */
static enum hrtimer_restart tcp_compressed_ack_kick(struct hrtimer *t)
{
	struct tcp_sock *tp = container_of(t, struct tcp_sock,
					   compressed_ack_timer);
	struct sock *sk = &tp->sk;

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

void tcp_init_compressed_ack(struct sock *sk)
{
	hrtimer_init(&tcp_sk(sk)->compressed_ack_timer, tcp_compressed_ack_kick);
}

/* Owner or slock; the connection ends. */
void tcp_clear_compressed_ack(struct sock *sk)
{
	if (hrtimer_try_to_cancel(&tcp_sk(sk)->compressed_ack_timer))
		sock_put(sk);
}
