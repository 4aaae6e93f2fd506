/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ending a connection: close, shutdown, disconnect, abort (RFC 9293 3.10.4,
 * 3.10.5, 3.6; RFC 1122 4.2.2.13; RFC 2525 2.17).
 */
#include "tcp/tcp_out.h"

#include "inet/route.h"

#define ACTION_FIN	0x80

/* RFC9293 3.10.4: what CLOSE means in each state. */
static const u8 close_next[TCP_MAX_STATES] = {
	[TCP_ESTABLISHED] = TCP_FIN_WAIT1 | ACTION_FIN,
	[TCP_SYN_SENT] = TCP_CLOSE,
	[TCP_SYN_RECV] = TCP_FIN_WAIT1 | ACTION_FIN,
	[TCP_FIN_WAIT1] = TCP_FIN_WAIT1,
	[TCP_FIN_WAIT2] = TCP_FIN_WAIT2,
	[TCP_TIME_WAIT] = TCP_CLOSE,
	[TCP_CLOSE] = TCP_CLOSE,
	[TCP_CLOSE_WAIT] = TCP_LAST_ACK | ACTION_FIN,
	[TCP_LAST_ACK] = TCP_LAST_ACK,
	[TCP_LISTEN] = TCP_CLOSE,
	[TCP_CLOSING] = TCP_CLOSING,
	[TCP_NEW_SYN_RECV] = TCP_CLOSE,
};

/* True: a FIN is to be sent. */
static bool close_state(struct sock *sk)
{
	u8 next = close_next[sk->sk_state];

	tcp_set_state(sk, next & ~ACTION_FIN);
	return next & ACTION_FIN;
}

/* The other direction goes on. Owner (or slock, from the handshake's end). */
void tcp_shutdown(struct sock *sk, int how)
{
	if (!(how & SEND_SHUTDOWN))
		return;
	if (TCPF(sk->sk_state) & (TCPF(TCP_ESTABLISHED) | TCPF(TCP_SYN_SENT) |
				  TCPF(TCP_CLOSE_WAIT)))
		if (close_state(sk))
			tcp_send_fin(sk);
}

static bool close_done(struct sock *sk)
{
	return !(TCPF(sk->sk_state) & (TCPF(TCP_FIN_WAIT1) |
				       TCPF(TCP_CLOSING) |
				       TCPF(TCP_LAST_ACK)));
}

/* SO_LINGER: until all is acknowledged. */
static void wait_close(struct sock *sk, ktime_t timeout)
{
	if (timeout)
		sk_wait_event(sk, ktime_get() + timeout, close_done);
}

/* Bytes the program never read. */
static u32 drain_receive_queue(struct sock *sk)
{
	struct sk_buff *skb;
	u32 unread = 0;

	while ((skb = __skb_dequeue(&sk->receive_queue))) {
		u32 end = TCP_SKB_CB(skb)->end_seq;

		if (TCP_SKB_CB(skb)->flags & TCPHDR_FIN)
			end--;
		if (after(end, tcp_sk(sk)->copied_seq))
			unread += end - tcp_sk(sk)->copied_seq;
		kfree_skb_reason(skb, SKB_DROP_REASON_SOCKET_CLOSE);
	}
	return unread;
}

/* The socket is gone; what happens to the sock? Owned. */
static void decide_orphan(struct sock *sk, u8 state)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct net *net = sock_net(sk);
	ktime_t tmo;

	/* Ended by the backlog just now: destroyed already. */
	if (state != TCP_CLOSE && sk->sk_state == TCP_CLOSE)
		return;
	if (sk->sk_state == TCP_FIN_WAIT2) {
		if ((s32)tp->linger2_s < 0) {
			tcp_set_state(sk, TCP_CLOSE);
			tcp_send_active_reset(sk);
			NET_INC_STATS(net, TcpExt, TCPAbortOnLinger);
		} else {
			tmo = tcp_fin_time(sk);
			if (tmo <= TCP_TIMEWAIT_LEN) {
				tcp_time_wait(sk, TCP_FIN_WAIT2, tmo);
				return;
			}
			tcp_reset_keepalive_timer(sk, tmo - TCP_TIMEWAIT_LEN);
		}
	}
	if (sk->sk_state != TCP_CLOSE && tcp_too_many_orphans(sk)) {
		tcp_set_state(sk, TCP_CLOSE);
		tcp_send_active_reset(sk);
		NET_INC_STATS(net, TcpExt, TCPAbortOnMemory);
	}
	if (sk->sk_state == TCP_CLOSE)
		tcp_destroy_sock(sk);
}

/* FIN, or RST when data would be lost: RFC2525 2.17, RFC9293 3.6.1 MUST-12 */
static void close_connection(struct sock *sk, u32 unread, ktime_t timeout)
{
	struct net *net = sock_net(sk);

	if (unread) {
		NET_INC_STATS(net, TcpExt, TCPAbortOnClose);
		tcp_set_state(sk, TCP_CLOSE);
		tcp_send_active_reset(sk);
	} else if (sock_flag(sk, SOCK_LINGER) && !sk->lingertime_s) {
		tcp_disconnect(sk, 0);
		NET_INC_STATS(net, TcpExt, TCPAbortOnLinger);
	} else if (close_state(sk)) {
		tcp_send_fin(sk);
	}
	wait_close(sk, timeout);
}

/* Owner. Takes a reference, which the caller drops after release. */
void __tcp_close(struct sock *sk, ktime_t timeout)
{
	u32 unread;
	u8 state;

	WRITE_ONCE(sk->shutdown, SHUTDOWN_MASK);
	if (sk->sk_state == TCP_LISTEN) {
		tcp_set_state(sk, TCP_CLOSE);
		tcp_listen_stop(sk);
	} else {
		unread = drain_receive_queue(sk);
		if (sk->sk_state != TCP_CLOSE) {
			if (tcp_sk(sk)->repair)
				tcp_disconnect(sk, 0);
			else
				close_connection(sk, unread, timeout);
		}
	}
	state = sk->sk_state;
	sock_hold(sk);
	__atomic_fetch_add(&sock_net(sk)->sock->orphans, 1, __ATOMIC_RELAXED);
	sock_orphan(sk);
	sk_flush_backlog(sk);
	local_bh_disable();
	decide_orphan(sk, state);
	local_bh_enable();
}

void tcp_close(struct sock *sk, ktime_t timeout)
{
	lock_sock(sk);
	__tcp_close(sk, timeout);
	release_sock(sk);
	sock_put(sk);
}

/* --- disconnect and abort ---------------------------------------------------------------- */

static bool need_reset(u8 state)
{
	return TCPF(state) & (TCPF(TCP_ESTABLISHED) | TCPF(TCP_CLOSE_WAIT) |
			      TCPF(TCP_FIN_WAIT1) | TCPF(TCP_FIN_WAIT2) |
			      TCPF(TCP_SYN_RECV));
}

/* All that belonged to the connection; options stay. */
static void forget_connection(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 seq = tp->write_seq + tp->max_window + 2;

	tp->write_seq = seq ? seq : 1;
	tp->srtt_us = 0;
	tp->mdev_us = TCP_TIMEOUT_INIT / NSEC_PER_USEC;
	tp->rto = TCP_TIMEOUT_INIT;
	for (u32 i = 0; i < ARRAY_SIZE(tp->rtt_min.s); i++)
		tp->rtt_min.s[i].v_us = ~0u;
	tp->rcv_rtt_last_tsecr = 0;
	tp->backoff = tp->probes_out = tp->retransmits = 0;
	tp->user_timeout_start = 0;
	memset(&tp->ack, 0, sizeof(tp->ack));
	tp->ack.rcv_mss = TCP_MIN_MSS;
	tp->snd_ssthresh = TCP_INFINITE_SSTHRESH;
	tp->snd_cwnd = TCP_INIT_CWND;
	tp->snd_cwnd_cnt = 0;
	tp->is_cwnd_limited = false;
	tp->max_packets_out = 0;
	tp->window_clamp = 0;
	tp->delivered = tp->delivered_ce = 0;
	memset(&tp->accecn, 0, sizeof(tp->accecn));
	tp->lost = tp->total_retrans = 0;
	tp->segs_in = tp->segs_out = 0;
	tp->data_segs_in = tp->data_segs_out = 0;
	tp->bytes_sent = tp->bytes_acked = tp->bytes_received = 0;
	tp->bytes_retrans = 0;
	tp->dsack_dups = tp->reord_seen = tp->rcv_ooopack = 0;
	tp->retrans_stamp = tp->undo_marker = 0;
	tp->total_rto = tp->total_rto_recoveries = 0;
	tp->total_rto_time = tp->rto_stamp = 0;
	tp->tlp_high_seq = 0;
	tp->duplicate_sack[0].start_seq = tp->duplicate_sack[0].end_seq = 0;
	tp->rate_delivered = tp->rate_interval_us = 0;
	tp->app_limited = ~0u;
	tp->syn_fastopen = tp->syn_data = tp->syn_data_acked = 0;
	tp->tfo_child = 0;
	sk->defer_connect = false;
	memset(&tp->rack, 0, sizeof(tp->rack));
	tp->rack.reo_wnd_steps = 1;
	tp->rx_opt.num_sacks = 0;
	tp->rx_opt.dsack = tp->rx_opt.saw_tstamp = 0;
	tp->rx_opt.tstamp_ok = tp->rx_opt.sack_ok = tp->rx_opt.wscale_ok = 0;
	tp->rx_opt.snd_wscale = tp->rx_opt.rcv_wscale = 0;
	tcp_clear_retrans(tp);
}

/* connect(AF_UNSPEC), close with SO_LINGER 0. Owner. RFC9293 3.10.5 */
int tcp_disconnect(struct sock *sk, int flags)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u8 old = sk->sk_state;

	(void)flags;
	if (old != TCP_CLOSE)
		tcp_set_state(sk, TCP_CLOSE);
	if (old == TCP_LISTEN) {
		tcp_listen_stop(sk);
	} else if (tp->repair) {
		WRITE_ONCE(sk->err, ECONNABORTED);
	} else if (need_reset(old) ||
		   (tp->snd_nxt != tp->write_seq &&
		    TCPF(old) & (TCPF(TCP_CLOSING) | TCPF(TCP_LAST_ACK)))) {
		/* Data was not sent or not acknowledged. */
		tcp_send_active_reset(sk);
		WRITE_ONCE(sk->err, ECONNRESET);
	} else if (old == TCP_SYN_SENT) {
		WRITE_ONCE(sk->err, ECONNRESET);
	}
	tcp_fastopen_req_done(sk);
	tcp_clear_xmit_timers(sk);
	skb_queue_purge_reason(&sk->receive_queue,
			       SKB_DROP_REASON_SOCKET_CLOSE);
	WRITE_ONCE(tp->copied_seq, tp->rcv_nxt);
	tp->urg_data = 0;
	tcp_write_queue_purge(sk);
	tcp_rbtree_purge(&tp->out_of_order_queue);
	tp->ooo_last_skb = NULL;
	sk->c.dport = sk->flow.dport = 0;
	if (!(sk->userlocks & SOCK_BINDADDR_LOCK)) {
		sk->c.rcv_saddr.v4 = 0;
		sk->flow.saddr.v4 = 0;
	}
	WRITE_ONCE(sk->shutdown, 0);
	sock_reset_flag(sk, SOCK_DONE);
	forget_connection(sk);
	tcp_free_fastopen_req(tp);
	tcp_cleanup_congestion_control(sk);
	tcp_set_ca_state(sk, TCP_CA_Open);
	inet_flow_drop_route(&sk->flow);
	dst_release(tp->rx_dst);
	tp->rx_dst = NULL;
	if (!(sk->userlocks & SOCK_BINDPORT_LOCK)) {
		sk->c.num = 0;
		sk->flow.sport = 0;
	}
	sk->error_report(sk);
	return 0;
}

/* Somebody else (`ss -K`) ends it. Task context, not owned. */
int tcp_abort(struct sock *sk, int err)
{
	lock_sock(sk);
	if (sk->sk_state == TCP_LISTEN) {
		tcp_set_state(sk, TCP_CLOSE);
		tcp_listen_stop(sk);
	}
	local_bh_disable();
	if (!sock_flag(sk, SOCK_DEAD)) {
		if (need_reset(sk->sk_state))
			tcp_send_active_reset(sk);
		tcp_done_with_error(sk, err);
	}
	local_bh_enable();
	release_sock(sk);
	return 0;
}
