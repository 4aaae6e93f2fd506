/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Life of a TCP sock: initial values, states, end. RFC 9293 3.3.2:
 *
 *	CLOSE -> SYN-SENT -> ESTABLISHED		tcp_connect.c
 *	LISTEN (-> NEW-SYN-RECV -> SYN-RECV) -> ESTABLISHED	tcp_listen.c
 *	ESTABLISHED -> FIN-WAIT-1 -> FIN-WAIT-2 -> TIME-WAIT	tcp_close.c
 *	ESTABLISHED -> CLOSE-WAIT -> LAST-ACK -> CLOSE
 *
 * The program's socket may go long before its sock: then it is an orphan
 * (SOCK_DEAD) and whoever brings it to CLOSE destroys it (tcp_done).
 */
#include "tcp/tcp_out.h"

#include "base/slab.h"
#include "tcp/tcp_window.h"

static const char *const state_names[TCP_MAX_STATES] = {
	[TCP_ESTABLISHED] = "ESTABLISHED", [TCP_SYN_SENT] = "SYN_SENT",
	[TCP_SYN_RECV] = "SYN_RECV", [TCP_FIN_WAIT1] = "FIN_WAIT1",
	[TCP_FIN_WAIT2] = "FIN_WAIT2", [TCP_TIME_WAIT] = "TIME_WAIT",
	[TCP_CLOSE] = "CLOSE", [TCP_CLOSE_WAIT] = "CLOSE_WAIT",
	[TCP_LAST_ACK] = "LAST_ACK", [TCP_LISTEN] = "LISTEN",
	[TCP_CLOSING] = "CLOSING", [TCP_NEW_SYN_RECV] = "NEW_SYN_RECV",
};
static_assert(ARRAY_SIZE(state_names) == 13, "a name for each state");

const char *tcp_state_name(int state)
{
	return state > 0 && state < TCP_MAX_STATES ? state_names[state] : "?";
}

/* --- birth ------------------------------------------------------------------------ */

static void init_sender(struct tcp_sock *tp)
{
	const struct tcp_net *tn = tcp_net(&tp->sk);

	tp->rto = TCP_TIMEOUT_INIT;
	tp->rto_min = (ktime_t)tn->rto_min_us * NSEC_PER_USEC;
	tp->rto_max = (ktime_t)tn->rto_max_ms * NSEC_PER_MSEC;
	tp->delack_max = TCP_DELACK_MAX;
	tp->mdev_us = TCP_TIMEOUT_INIT / NSEC_PER_USEC;
	for (u32 i = 0; i < ARRAY_SIZE(tp->rtt_min.s); i++) {
		tp->rtt_min.s[i].t_ms = tcp_jiffies32();
		tp->rtt_min.s[i].v_us = ~0u;
	}
	tp->snd_cwnd = TCP_INIT_CWND;
	tp->snd_cwnd_clamp = ~0u;
	tp->snd_ssthresh = TCP_INFINITE_SSTHRESH;
	tp->app_limited = ~0u;
	tp->reordering = tn->reordering;
	tp->rack.reo_wnd_steps = 1;
	tp->mss_cache = TCP_MSS_DEFAULT;
	tp->ca_state = TCP_CA_Open;
}

/* Fresh memory (zero), sock_init_data done. Cannot fail. */
void tcp_init_sock(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	const struct tcp_net *tn = tcp_net(sk);

	tp->rtx_queue = RB_ROOT;
	tp->out_of_order_queue = RB_ROOT;
	INIT_LIST_HEAD(&tp->tsorted_sent);
	tcp_init_xmit_timers(sk);
	init_sender(tp);
	tp->scaling_ratio = 128;
	tcp_mstamp_refresh(tp);
	sk->write_space = tcp_write_space;
	sk->destruct = tcp_sock_destruct;
	sk->sndbuf = (s32)tn->wmem[1];
	sk->rcvbuf = (s32)tn->rmem[1];
	sk->flow.protocol = IPPROTO_TCP;
	tcp_assign_congestion_control(sk);
	tcp_set_state(sk, TCP_CLOSE);
}

/* --- states ---------------------------------------------------------------------------- */

/* The one setter. CLOSE takes the sock out of the tables. */
void tcp_set_state(struct sock *sk, int state)
{
	struct net *net = sock_net(sk);
	u8 old = sk->sk_state;

	if (state == TCP_CLOSE) {
		if (old == TCP_CLOSE_WAIT || old == TCP_ESTABLISHED)
			NET_INC_STATS(net, Tcp, EstabResets);
		inet_unhash(sk);
		if (sk->bind_bucket && !(sk->userlocks & SOCK_BINDPORT_LOCK))
			inet_put_port(sk);
	}
	/* Lookups read it without lock, after they found the sock. */
	__atomic_store_n(&sk->sk_state, (u8)state, __ATOMIC_RELEASE);
}

/* --- death -------------------------------------------------------------------------------- */

/* The connection is over; an orphan is gone after it. Owner or slock. */
void tcp_done(struct sock *sk)
{
	if (sk->sk_state == TCP_SYN_SENT || sk->sk_state == TCP_SYN_RECV)
		NET_INC_STATS(sock_net(sk), Tcp, AttemptFails);
	tcp_set_state(sk, TCP_CLOSE);
	tcp_clear_xmit_timers(sk);
	tcp_fastopen_req_done(sk);
	WRITE_ONCE(sk->shutdown, SHUTDOWN_MASK);
	if (!sock_flag(sk, SOCK_DEAD))
		sk->state_change(sk);
	else
		tcp_destroy_sock(sk);
}

void tcp_done_with_error(struct sock *sk, int err)
{
	/* Readers see the error before the end. */
	WRITE_ONCE(sk->err, (u32)err);
	smp_mb();
	tcp_write_queue_purge(sk);
	tcp_done(sk);
	if (!sock_flag(sk, SOCK_DEAD))
		sk->error_report(sk);
}

/* proto.destroy: what the sock holds besides memory for itself. */
void tcp_destroy(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	tcp_clear_xmit_timers(sk);
	tcp_fastopen_req_done(sk);
	tcp_cleanup_congestion_control(sk);
	tcp_write_queue_purge(sk);
	tcp_rbtree_purge(&tp->out_of_order_queue);
	tp->ooo_last_skb = NULL;
	if (sk->bind_bucket)
		inet_put_port(sk);
	tcp_frag_page_free(tp);
	tcp_free_fastopen_req(tp);
	tcp_fastopen_ctx_free(sk);
	kfree(tp->saved_syn);
	tp->saved_syn = NULL;
	dst_release(tp->rx_dst);
	tp->rx_dst = NULL;
}

/* An orphan in CLOSE: drops the sock's own reference. */
void tcp_destroy_sock(struct sock *sk)
{
	BUG_ON(sk->sk_state != TCP_CLOSE || !sock_flag(sk, SOCK_DEAD));
	sk->sk_prot->destroy(sk);
	skb_queue_purge_reason(&sk->receive_queue,
			       SKB_DROP_REASON_SOCKET_CLOSE);
	skb_queue_consume(&sk->error_queue);
	sk_mem_reclaim(sk);
	__atomic_fetch_sub(&sock_net(sk)->sock->orphans, 1, __ATOMIC_RELAXED);
	sock_put(sk);
}

/* The last reference and the last packet below went. */
void tcp_sock_destruct(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	tcp_rbtree_purge(&tp->out_of_order_queue);
	tcp_frag_page_free(tp);
	tcp_hrtimers_free(tp);
	tcp_accept_queue_free(tp);
	dst_release(tp->rx_dst);
	tp->rx_dst = NULL;
	skb_queue_purge_reason(&sk->receive_queue,
			       SKB_DROP_REASON_SOCKET_CLOSE);
	sk_mem_reclaim(sk);
}

void tcp_rbtree_purge(struct rb_root *root)
{
	struct rb_node *n;

	while ((n = rb_first(root))) {
		struct sk_buff *skb = rb_entry(n, struct sk_buff, rbnode);

		rb_erase(n, root);
		skb->next = skb->prev = NULL;
		skb->dev = NULL;
		kfree_skb_reason(skb, SKB_DROP_REASON_SOCKET_CLOSE);
	}
}

/* --- poll and ioctl -------------------------------------------------------------------------- */

/* Enough to read for a poller. A closed window also is a reason to read. */
static bool readable(const struct sock *sk, u32 target)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 avail = READ_ONCE(tp->rcv_nxt) - READ_ONCE(tp->copied_seq);
	s32 buf = READ_ONCE(sk->rcvbuf);

	if ((s32)avail <= 0)
		return false;
	return avail >= target || tcp_receive_window(tp) <= tp->ack.rcv_mss ||
	       (s32)sk_rmem_alloc_get(sk) > buf - (buf >> 3);
}

/* Asks to be told, then looks again: room may just have come. */
static noinline u32 poll_no_room(struct sock *sk)
{
	if (sk->socket)
		__atomic_fetch_or(&sk->socket->flags, SOCK_F_NOSPACE,
				  __ATOMIC_ACQ_REL);
	smp_mb();
	return tcp_writeable(sk) ? EPOLLOUT | EPOLLWRNORM : 0;
}

static inline u32 poll_connected(struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 target = (u32)max_t(s32, READ_ONCE(sk->rcvlowat), 1), mask = 0;
	u16 urg = READ_ONCE(tp->urg_data);

	if (unlikely(urg) && READ_ONCE(tp->urg_seq) == READ_ONCE(tp->copied_seq) &&
	    !sock_flag(sk, SOCK_URGINLINE))
		target++;
	if (readable(sk, target))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (likely(tcp_writeable(sk)) || READ_ONCE(sk->shutdown) & SEND_SHUTDOWN)
		mask |= EPOLLOUT | EPOLLWRNORM;
	else
		mask |= poll_no_room(sk);
	if (urg & TCP_URG_VALID)
		mask |= EPOLLPRI;
	return mask;
}

/* Without lock: what is true now. The error is written before the state changes
 * (tcp_done_with_error) and read after it. */
u32 tcp_poll(struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u8 state = __atomic_load_n(&sk->sk_state, __ATOMIC_ACQUIRE);
	u8 shutdown = READ_ONCE(sk->shutdown);
	u32 mask = 0;

	if (state == TCP_LISTEN)
		return READ_ONCE(tp->accept_queue->head) ?
		       EPOLLIN | EPOLLRDNORM : 0;
	if (shutdown == SHUTDOWN_MASK || state == TCP_CLOSE)
		mask |= EPOLLHUP;
	if (shutdown & RCV_SHUTDOWN)
		mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
	if (state != TCP_SYN_SENT && (state != TCP_SYN_RECV || tp->tfo_child))
		mask |= poll_connected(sk);
	else if (state == TCP_SYN_SENT && READ_ONCE(sk->defer_connect))
		mask |= EPOLLOUT | EPOLLWRNORM;
	if (READ_ONCE(sk->err) || !skb_queue_empty(&sk->error_queue))
		mask |= EPOLLERR;
	return mask;
}

/* Bytes to read without a wait; the urgent byte ends a stretch. */
static int inq(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 n = tp->rcv_nxt - tp->copied_seq;

	if (TCPF(sk->sk_state) & (TCPF(TCP_SYN_SENT) | TCPF(TCP_SYN_RECV)))
		return 0;
	if (sock_flag(sk, SOCK_URGINLINE) || !tp->urg_data ||
	    before(tp->urg_seq, tp->copied_seq) ||
	    !before(tp->urg_seq, tp->rcv_nxt)) {
		if (n && sock_flag(sk, SOCK_DONE))	/* the FIN */
			n--;
		return (int)n;
	}
	return (int)(tp->urg_seq - tp->copied_seq);
}

static int ioctl_locked(struct sock *sk, unsigned long cmd, int *arg)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	bool young = TCPF(sk->sk_state) &
		     (TCPF(TCP_SYN_SENT) | TCPF(TCP_SYN_RECV));

	if (cmd == SIOCATMARK) {
		*arg = tp->urg_data && tp->urg_seq == tp->copied_seq;
		return 0;
	}
	if (cmd != SIOCINQ && cmd != SIOCOUTQ && cmd != SIOCOUTQNSD)
		return -ENOTTY;
	if (sk->sk_state == TCP_LISTEN)
		return -EINVAL;
	if (cmd == SIOCINQ)
		*arg = inq(sk);
	else if (young)
		*arg = 0;
	else
		*arg = (int)(tp->write_seq - (cmd == SIOCOUTQ ? tp->snd_una :
					      tp->snd_nxt));
	return 0;
}

/* Not owned. */
int tcp_ioctl(struct sock *sk, unsigned long cmd, int *arg)
{
	int err;

	lock_sock(sk);
	err = ioctl_locked(sk, cmd, arg);
	release_sock(sk);
	return err;
}
