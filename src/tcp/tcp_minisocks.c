/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From request to connection: a segment for a request is checked in the order
 * of RFC 9293 3.10.7.4 for SYN-RECEIVED; the acknowledgement of our SYN makes
 * the child sock.
 */
#include "tcp/tcp_accecn.h"

#include "base/random.h"
#include "base/slab.h"
#include "inet/route.h"

/* --- the child --------------------------------------------------------------------- */

/* Copied from the listener with its options; what is of one connection only
 * starts anew. */
static void child_reset(struct tcp_sock *tp)
{
	struct sock *sk = &tp->sk;

	tp->ucopy = NULL;
	tp->accept_queue = NULL;
	tp->rtx_queue = RB_ROOT;
	tp->out_of_order_queue = RB_ROOT;
	tp->ooo_last_skb = NULL;
	INIT_LIST_HEAD(&tp->tsorted_sent);
	tp->frag_page = NULL;
	tp->rx_dst = NULL;
	tp->caps_dst = NULL;
	tp->frag_off = 0;
	tp->fastopen_req = NULL;
	tp->fastopen_ctx = NULL;
	tp->fastopen_rsk = NULL;
	tp->saved_syn = NULL;
	tp->tsq_flags = 0;
	tp->ca_initialized = false;
	memset(tp->ca_priv, 0, sizeof(tp->ca_priv));
	memset(&tp->ack, 0, sizeof(tp->ack));
	tp->rx_opt.ts_recent_stamp = 0;
	tcp_init_xmit_timers(sk);
	tp->probes_out = 0;
}

static void child_sequences(struct tcp_sock *tp, const struct request_sock *req)
{
	u32 seq = req->rcv_isn + 1;

	tp->rcv_wup = tp->copied_seq = tp->rcv_nxt = seq;
	tp->segs_in = 1;
	seq = req->snt_isn + 1;
	tp->snd_sml = tp->snd_una = tp->snd_nxt = tp->snd_up = seq;
	tp->write_seq = tp->pushed_seq = seq;
	tp->snd_wl1 = req->rcv_isn;
}

/* RFC7323 2.2, 3.2; RFC 2018: what both SYNs had. */
static void child_options(struct tcp_sock *tp, const struct request_sock *req,
			  const struct sk_buff *skb)
{
	struct tcp_options_received *o = &tp->rx_opt;

	o->dsack = 0;
	o->num_sacks = 0;
	o->saw_tstamp = 0;
	o->tstamp_ok = req->tstamp_ok;
	o->sack_ok = req->sack_ok;
	o->wscale_ok = req->wscale_ok;
	o->snd_wscale = req->wscale_ok ? req->snd_wscale : 0;
	o->rcv_wscale = req->wscale_ok ? req->rcv_wscale : 0;
	o->mss_clamp = req->mss;
	tp->window_clamp = req->window_clamp;
	if (!req->wscale_ok)
		tp->window_clamp = min_t(u32, tp->window_clamp, 65535);
	tp->rcv_ssthresh = req->rsk_rcv_wnd;
	tp->rcv_wnd = req->rsk_rcv_wnd;
	tp->snd_wnd = (u32)be16_to_cpu(tcp_hdr(skb)->window) << o->snd_wscale;
	tp->max_window = tp->snd_wnd;
	tp->tcp_header_len = sizeof(struct tcphdr);
	if (o->tstamp_ok) {
		o->ts_recent = req->ts_recent;
		o->ts_recent_stamp = (u32)(ktime_get() / NSEC_PER_SEC);
		tp->tcp_header_len += TCPOLEN_TSTAMP_ALIGNED;
	} else {
		o->ts_recent = 0;
	}
	tp->tsoffset = req->ts_off;
	tp->ecn_flags = req->ecn_ok ? TCP_ECN_OK : 0;
	tcp_accecn_child(tp, req);
}

static void child_init(struct sock *sk, struct request_sock *req,
		       const struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 now = tcp_jiffies32();

	child_reset(tp);
	child_sequences(tp, req);
	child_options(tp, req, skb);
	tp->srtt_us = 0;
	tp->mdev_us = TCP_TIMEOUT_INIT / NSEC_PER_USEC;
	for (u32 i = 0; i < ARRAY_SIZE(tp->rtt_min.s); i++) {
		tp->rtt_min.s[i].t_ms = now;
		tp->rtt_min.s[i].v_us = ~0u;
	}
	tp->rto = TCP_TIMEOUT_INIT;
	tp->lrcvtime = tp->rcv_tstamp = now;
	tp->ack.lrcvtime = ktime_get();
	tp->snd_cwnd = TCP_INIT_CWND;
	tp->snd_ssthresh = TCP_INFINITE_SSTHRESH;
	tp->app_limited = ~0u;
	tp->total_retrans = req->num_retrans;
	if (req->num_timeout) {
		tp->total_rto = req->num_timeout;
		tp->undo_marker = req->snt_isn;
		tp->retrans_stamp = (u32)(req->snt_synack_us / 1000);
		tp->total_rto_time = (u32)(ktime_get() / NSEC_PER_MSEC) -
				     tp->retrans_stamp;
		tp->total_rto_recoveries = 1;
	}
	tcp_mstamp_refresh(tp);
	tp->delivered_mstamp = tp->tcp_mstamp;
}

/* Addresses, route, MSS. Takes over rt's reference. */
static void child_network(struct sock *sk, const struct sock *listener,
			  struct request_sock *req, struct rtable *rt)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 advmss = tcp_dst_advmss(&rt->dst);

	sk->c.daddr = req->c.daddr;
	sk->c.rcv_saddr = req->c.rcv_saddr;
	sk->c.dport = req->c.dport;
	sk->c.num = req->c.num;
	sk->c.bound_dev_if = req->c.bound_dev_if;
	sk->c.hash = req->c.hash;
	sk->mark = req->mark;
	sk->txhash = req->txhash;
	sk->flow.opt = req->opt;
	req->opt = NULL;
	tp->ext_hdr_len = sk->flow.opt ? sk->flow.opt->optlen : 0;
	sk->flow.saddr = req->c.rcv_saddr;
	sk->flow.daddr = req->c.daddr;
	if (sk->flow.opt && sk->flow.opt->srr)
		sk->flow.daddr.v4 = sk->flow.opt->faddr;
	sk->flow.sport = cpu_to_be16(req->c.num);
	sk->flow.dport = req->c.dport;
	sk->flow.oif = req->c.bound_dev_if;
	sk->flow.mark = req->mark;
	sk->flow.txhash = req->txhash;
	sk->flow.ip_id = (u16)get_random_u32();
	sk->rcv_tos = req->tos;
	if (tcp_net(sk)->reflect_tos)
		sk->flow.tos = (u8)(req->tos & ~INET_ECN_MASK);
	sk->flow.dst = &rt->dst;
	tcp_setup_caps(sk, &rt->dst);
	tp->mtup.enabled = false;	/* until ESTABLISHED */
	tcp_sync_mss(sk, dst_mtu(&rt->dst));
	tp->advmss = tcp_sk(listener)->rx_opt.user_mss &&
		     tcp_sk(listener)->rx_opt.user_mss < advmss ?
		     tcp_sk(listener)->rx_opt.user_mss : advmss;
	tcp_initialize_rcv_mss(sk);
}

/* A cc that setsockopt chose on the listener stays; else the route's or the
 * default. */
static void child_congestion(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tp->ca_setsockopt || !tp->ca_ops)
		tcp_assign_congestion_control(sk);
	tcp_ca_dst_init(sk, sk->flow.dst);
	tp->ca_state = TCP_CA_Open;
}

struct sock *tcp_v4_syn_recv_sock(struct sock *listener, struct sk_buff *skb,
				  struct request_sock *req, bool replace)
{
	struct net *net = sock_net(listener);
	struct rtable *rt;
	struct sock *sk;

	if (tcp_acceptq_is_full(listener)) {
		NET_INC_STATS(net, TcpExt, ListenOverflows);
		goto drop;
	}
	rt = tcp_req_route(listener, req);
	if (!rt)
		goto drop;
	sk = sk_clone(listener);
	if (!sk)
		goto put_route;
	spin_lock(&sk->slock);
	child_init(sk, req, skb);
	sk->sk_state = TCP_SYN_RECV;
	sk->userlocks &= (u8)~SOCK_BINDPORT_LOCK;
	sock_reset_flag(sk, SOCK_DONE);
	sock_reset_flag(sk, SOCK_DEAD);
	child_network(sk, listener, req, rt);
	child_congestion(sk);
	if (sock_flag(sk, SOCK_KEEPOPEN))
		tcp_reset_keepalive_timer(sk, tcp_keepalive_time(sk));
	tcp_sk(sk)->saved_syn = req->saved_syn;
	req->saved_syn = NULL;
	NET_INC_STATS(net, Tcp, PassiveOpens);
	inet_bind_bucket_add(sk, sk->c.num);
	sk->c.hash = inet_ehashfn(net, &sk->c.rcv_saddr, sk->c.num,
				  &sk->c.daddr, sk->c.dport, sk->c.family);
	if (!inet_ehash_insert(&sk->c, replace ? &req->c : NULL))
		goto somebody_else;
	return sk;
somebody_else:		/* another CPU was faster with the same segment */
	sock_set_flag(sk, SOCK_DEAD);
	__atomic_fetch_add(&net->sock->orphans, 1, __ATOMIC_RELAXED);
	tcp_sk(sk)->write_seq = 0;
	spin_unlock(&sk->slock);
	tcp_done(sk);
	return NULL;
put_route:
	dst_release(&rt->dst);
drop:
	NET_INC_STATS(net, TcpExt, ListenDrops);
	return NULL;
}

/* --- segments for a request -------------------------------------------------------------- */

static bool in_window(u32 seq, u32 end, u32 win_start, u32 win_end)
{
	if (seq == win_start)
		return true;
	if (after(end, win_start) && before(seq, win_end))
		return true;
	return seq == win_end && seq == end;
}

/* An acknowledgement on behalf of the request. */
static void reqsk_send_ack(struct request_sock *req, struct sk_buff *skb)
{
	u32 now = (u32)(ktime_get() / NSEC_PER_MSEC);

	tcp_v4_send_ack(req->c.net, skb, req->snt_isn + 1, req->rcv_nxt,
			req->rsk_rcv_wnd >> req->rcv_wscale,
			now + req->ts_off,
			req->tstamp_ok ? req->ts_recent : 0,
			(u8)(req->listener->flow.tos & ~INET_ECN_MASK), req->c.bound_dev_if);
}

/* Timestamps, echoes on our clock. True: PAWS says old. */
static bool req_paws(struct request_sock *req, struct sk_buff *skb,
		     struct tcp_options_received *o)
{
	const struct tcphdr *th = tcp_hdr(skb);
	u32 now = (u32)(ktime_get() / NSEC_PER_SEC);

	memset(o, 0, sizeof(*o));
	if (tcp_doff(th) == sizeof(*th))
		return false;
	tcp_parse_options(skb, o, false);
	if (!o->saw_tstamp || !req->tstamp_ok)
		return false;
	o->ts_recent = req->ts_recent;
	o->ts_recent_stamp = now - 1;
	return tcp_paws_reject(o, tcp_has(th, TCPHDR_RST), now);
}

/* The peer did not get our SYN-ACK. */
static void resend_synack(struct sock *sk, struct request_sock *req,
			  struct sk_buff *skb)
{
	if (tcp_oow_rate_limited(sock_net(sk), skb,
				 MIB(TcpExt, TCPACKSkippedSynRecv),
				 &req->last_oow_ack_time))
		return;
	if (tcp_v4_send_synack(sk, NULL, req, false))
		return;
	NET_INC_STATS(sock_net(sk), Tcp, RetransSegs);
	NET_INC_STATS(sock_net(sk), TcpExt, TCPSynRetrans);
	req->num_retrans++;
}

/* RFC 5961 3, 4: exact RST or SYN in the window ends the request. */
static void embryonic_reset(struct sock *sk, struct sk_buff *skb,
			    struct request_sock *req, bool *stolen)
{
	if (!tcp_has(tcp_hdr(skb), TCPHDR_RST))
		tcp_v4_send_reset(sk, skb);
	else if (tcp_sk(sk)->fastopen_rsk == req)
		tcp_reset(sk, skb);
	if (tcp_sk(sk)->fastopen_rsk != req) {
		if (tcp_reqsk_drop(req))
			NET_INC_STATS(sock_net(sk), TcpExt, EmbryonicRsts);
		else
			*stolen = true;
	}
}

/* Second half of the ACK's way: child instead of request. */
static struct sock *finish_handshake(struct sock *sk, struct sk_buff *skb,
				     struct request_sock *req, bool *stolen,
				     enum skb_drop_reason *why)
{
	struct sock *child;

	if (req->num_timeout < tcp_defer_tries(tcp_sk(sk)) &&
	    TCP_SKB_CB(skb)->end_seq == req->rcv_isn + 1) {
		req->acked = 1;		/* wait for data */
		NET_INC_STATS(sock_net(sk), TcpExt, TCPDeferAcceptDrop);
		return NULL;
	}
	child = tcp_v4_syn_recv_sock(sk, skb, req, true);
	if (!child) {
		*why = SKB_DROP_REASON_TCP_LISTEN_OVERFLOW;
		if (!tcp_net(sk)->abort_on_overflow) {
			req->acked = 1;
			return NULL;
		}
		embryonic_reset(sk, skb, req, stolen);
		return NULL;
	}
	tcp_synack_rtt_meas(child, req);
	if (likely(tcp_reqsk_replaced(req))) {
		refcount_inc(&req->c.refs);	/* the accept queue's */
		sock_hold(child);		/* the caller's */
		if (tcp_reqsk_queue_add(sk, req, child))
			return child;
		reqsk_put(req);
		sock_put(child);
	}
	/* Dropped meanwhile, or the listener was closed. */
	sock_set_flag(child, SOCK_DEAD);
	__atomic_fetch_add(&sock_net(sk)->sock->orphans, 1, __ATOMIC_RELAXED);
	spin_unlock(&child->slock);
	tcp_done(child);
	*why = SKB_DROP_REASON_TCP_CLOSE;
	return NULL;
}

/* RFC9293 3.10.7.4: first, check sequence number. False: dealt with. */
static bool req_check_sequence(struct sock *sk, struct sk_buff *skb,
			       struct request_sock *req, bool paws_old,
			       enum skb_drop_reason *why)
{
	const struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
	bool rst = cb->flags & TCPHDR_RST;

	if (!paws_old && in_window(cb->seq, cb->end_seq, req->rcv_nxt,
				   req->rcv_nxt + req->rsk_rcv_wnd) &&
	    (!rst || cb->seq == req->rcv_nxt))
		return true;
	*why = paws_old ? SKB_DROP_REASON_TCP_PAWS :
	       SKB_DROP_REASON_TCP_INVALID_SEQUENCE;
	if (paws_old)
		NET_INC_STATS(sock_net(sk), TcpExt, PAWSEstab);
	/* RFC5961 3.2: a RST that is not exact is challenged; an old one is
	 * ignored. */
	if (rst && !after(cb->seq, req->rcv_nxt))
		return false;
	if (!tcp_oow_rate_limited(sock_net(sk), skb,
				  MIB(TcpExt, TCPACKSkippedSynRecv),
				  &req->last_oow_ack_time))
		reqsk_send_ack(req, skb);
	return false;
}

/* Softirq. sk: the listener, or the fast open child. Borrows skb. */
struct sock *tcp_check_req(struct sock *sk, struct sk_buff *skb,
			   struct request_sock *req, bool *req_stolen,
			   enum skb_drop_reason *why)
{
	const struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
	bool tfo = tcp_sk(sk)->fastopen_rsk == req, paws_old;
	struct tcp_options_received opt;
	u8 flags = cb->flags & (TCPHDR_SYN | TCPHDR_ACK | TCPHDR_RST);

	*why = SKB_DROP_REASON_TCP_FLAGS;
	paws_old = req_paws(req, skb, &opt);
	if (cb->seq == req->rcv_isn && flags == TCPHDR_SYN && !paws_old) {
		resend_synack(sk, req, skb);
		return NULL;
	}
	if (!req_check_sequence(sk, skb, req, paws_old, why))
		return NULL;
	/* RFC9293 3.10.7.4: fifth, an ACK that is not of our SYN: the
	 * listener answers with RST. */
	if ((flags & TCPHDR_ACK) && !(flags & TCPHDR_RST) && !tfo &&
	    cb->ack_seq != req->snt_isn + 1)
		return sk;
	/* RFC7323 5.6: an echo of what we never sent */
	if (opt.saw_tstamp && !after(cb->seq, req->rcv_nxt) && req->tstamp_ok)
		req->ts_recent = opt.rcv_tsval;
	if (cb->seq == req->rcv_isn)
		flags &= (u8)~TCPHDR_SYN;	/* SYN again, but with ACK */
	if (flags & (TCPHDR_RST | TCPHDR_SYN)) {
		NET_INC_STATS(sock_net(sk), Tcp, AttemptFails);
		*why = flags & TCPHDR_RST ? SKB_DROP_REASON_TCP_RESET :
		       SKB_DROP_REASON_TCP_INVALID_SYN;
		embryonic_reset(sk, skb, req, req_stolen);
		return NULL;
	}
	if (!(flags & TCPHDR_ACK))
		return NULL;
	if (tfo)
		return sk;
	return finish_handshake(sk, skb, req, req_stolen, why);
}

/* The segment that made the child is its first. Consumes the caller's
 * reference of the child and unlocks it. */
int tcp_child_process(struct sock *parent, struct sock *child,
		      struct sk_buff *skb)
{
	u8 state = child->sk_state;
	int why = 0;

	tcp_sk(child)->segs_in += skb_is_gso(skb) ?
				  max_t(u32, skb_shinfo(skb)->gso_segs, 1) : 1;
	if (!sock_owned_by_user(child)) {
		why = (int)tcp_rcv_state_process(child, skb);
		if (state == TCP_SYN_RECV && child->sk_state != state)
			parent->data_ready(parent);
	} else if (sk_add_backlog(child, skb, UINT32_MAX)) {
		kfree_skb_reason(skb, SKB_DROP_REASON_SOCKET_BACKLOG);
	}
	bh_unlock_sock(child);
	sock_put(child);
	return why;
}
