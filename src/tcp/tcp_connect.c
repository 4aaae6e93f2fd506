/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Active open (RFC 9293 3.10.1, 3.5): route, source address, port, initial
 * values, SYN.
 */
#include "tcp/tcp_accecn.h"

#include "base/random.h"
#include "inet/route.h"
#include "tcp/tcp_window.h"

/* RFC 6191, RFC 6056: may a new connection have the 4-tuple of one in
 * TIME-WAIT? If its timestamps are sure to be newer. Takes them over. */
bool tcp_twsk_unique(struct sock *sk, struct sock_common *c)
{
	struct inet_timewait_sock *tw = (struct inet_timewait_sock *)c;
	struct tcp_sock *tp = tcp_sk(sk);
	u8 reuse = tcp_net(sk)->tw_reuse;
	u32 now_s = (u32)(ktime_get() / NSEC_PER_SEC);

	/* 2: only on loopback */
	if (reuse == 2 && !ipv4_is_loopback(tw->c.daddr.v4) &&
	    !ipv4_is_loopback(tw->c.rcv_saddr.v4))
		reuse = 0;
	if (!tw->ts_recent_stamp || !reuse || now_s == tw->ts_recent_stamp)
		return false;
	/* RFC6191 2: beyond all that the old one sent */
	tp->write_seq = tw->snd_nxt + 0xffff + 2;
	if (!tp->write_seq)
		tp->write_seq = 1;
	tp->rx_opt.ts_recent = tw->ts_recent;
	tp->rx_opt.ts_recent_stamp = tw->ts_recent_stamp;
	return true;
}

static int check_address(const struct sockaddr_in *sin, u32 len)
{
	if (len < sizeof(*sin))
		return -EINVAL;
	if (sin->sin_family != AF_INET)
		return -EAFNOSUPPORT;
	return 0;
}

/* Route to the peer; writes the flow's addresses. 0 or -errno. */
static int find_route(struct sock *sk, __be32 daddr)
{
	struct inet_flow *fl = &sk->flow;
	struct rtable *rt;
	int err = 0;

	inet_flow_drop_route(fl);
	fl->daddr.v4 = fl->opt && fl->opt->srr ? fl->opt->faddr : daddr;
	if (!fl->daddr.v4)		/* "this host" */
		fl->daddr.v4 = daddr = cpu_to_be32(0x7f000001);
	rt = (struct rtable *)inet_flow_route(sock_net(sk), fl, &err);
	if (!rt) {
		if (err == -ENETUNREACH)
			NET_INC_STATS(sock_net(sk), Ip, OutNoRoutes);
		return err;
	}
	/* RFC9293 3.9.2.3 MUST-57, MUST-63 */
	if (rt->type == RTN_MULTICAST_ || rt->type == RTN_BROADCAST_) {
		inet_flow_drop_route(fl);
		return -ENETUNREACH;
	}
	if (!sk->c.rcv_saddr.v4)
		sk->c.rcv_saddr.v4 = fl->saddr.v4;
	sk->c.daddr.v4 = daddr;
	return 0;
}

int tcp_v4_connect(struct sock *sk, const struct sockaddr *a, u32 len)
{
	const struct sockaddr_in *sin = (const struct sockaddr_in *)a;
	struct tcp_sock *tp = tcp_sk(sk);
	struct net *net = sock_net(sk);
	__be32 bound = sk->c.rcv_saddr.v4;
	struct sock_common *reused = NULL;
	__be16 dport;
	int err = check_address(sin, len);

	if (err)
		return err;
	dport = (__force __be16)sin->sin_port;
	err = find_route(sk, (__force __be32)sin->sin_addr.s_addr);
	if (err)
		return err;
	if (tp->rx_opt.ts_recent_stamp && bound) {
		tp->rx_opt.ts_recent = 0;	/* used before (disconnect) */
		tp->rx_opt.ts_recent_stamp = 0;
		if (!tp->repair)
			tp->write_seq = 0;
	}
	sk->c.dport = dport;
	sk->flow.dport = dport;
	tp->ext_hdr_len = sk->flow.opt ? sk->flow.opt->optlen : 0;
	tp->rx_opt.mss_clamp = TCP_MSS_DEFAULT;

	tcp_set_state(sk, TCP_SYN_SENT);
	err = inet_hash_connect(sk, tcp_twsk_unique, &reused);
	if (err)
		goto failed;
	if (reused)
		inet_twsk_deschedule_put((struct inet_timewait_sock *)reused);
	sk->flow.sport = cpu_to_be16(sk->c.num);
	sk->txhash = get_random_u32() | 1;
	sk->flow.txhash = sk->txhash;
	tcp_setup_caps(sk, sk->flow.dst);
	if (!tp->repair) {
		if (!tp->write_seq)
			tp->write_seq = secure_tcp_seq(net,
				sk->c.rcv_saddr.v4, sk->c.daddr.v4,
				sk->flow.sport, dport);
		tp->tsoffset = secure_tcp_ts_off(net, sk->c.rcv_saddr.v4,
						 sk->c.daddr.v4);
	}
	sk->flow.ip_id = (u16)get_random_u32();
	if (tcp_fastopen_defer_connect(sk, &err))
		return err;
	if (err)
		goto failed;
	err = tcp_connect(sk);
	if (!err)
		return 0;
failed:
	tcp_set_state(sk, TCP_CLOSE);
	if (!(sk->userlocks & SOCK_BINDADDR_LOCK)) {
		sk->c.rcv_saddr.v4 = 0;
		sk->flow.saddr.v4 = 0;
	}
	inet_flow_drop_route(&sk->flow);
	sk->route_caps = 0;
	sk->c.dport = sk->flow.dport = 0;
	return err;
}

/* RFC9293 3.10.1: MSS, window, timers before the SYN. */
static void connect_init(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	const struct tcp_net *tn = tcp_net(sk);
	const struct dst_entry *dst = sk->flow.dst;
	u32 mtu = dst_mtu(dst), init_rwnd = dst->initrwnd;
	u8 rcv_wscale;

	tcp_ca_dst_init(sk, dst);
	tp->tcp_header_len = sizeof(struct tcphdr);
	if (tn->timestamps)
		tp->tcp_header_len += TCPOLEN_TSTAMP_ALIGNED;
	if (tp->rx_opt.user_mss)
		tp->rx_opt.mss_clamp = tp->rx_opt.user_mss;
	tp->max_window = 0;
	tcp_mtup_init(sk);
	tcp_sync_mss(sk, mtu);
	if (!tp->window_clamp)
		tp->window_clamp = dst->window;
	tp->advmss = tcp_dst_advmss(dst);
	if (tp->rx_opt.user_mss && tp->rx_opt.user_mss < tp->advmss)
		tp->advmss = tp->rx_opt.user_mss;
	tcp_initialize_rcv_mss(sk);
	if (sk->userlocks & SOCK_RCVBUF_LOCK &&
	    (tp->window_clamp > tcp_full_space(sk) || !tp->window_clamp))
		tp->window_clamp = tcp_full_space(sk);
	tcp_select_initial_window(sk, tcp_full_space(sk),
		tp->advmss - (tp->rx_opt.ts_recent_stamp ?
			      tp->tcp_header_len -
			      (u32)sizeof(struct tcphdr) : 0),
		&tp->rcv_wnd, &tp->window_clamp, tn->window_scaling,
		&rcv_wscale, init_rwnd);
	tp->rx_opt.rcv_wscale = rcv_wscale;
	tp->rcv_ssthresh = tp->rcv_wnd;

	WRITE_ONCE(sk->err, 0);
	sock_reset_flag(sk, SOCK_DONE);
	tp->snd_wnd = 0;
	tp->snd_wl1 = 0;
	tcp_write_queue_purge(sk);
	tp->snd_una = tp->snd_sml = tp->snd_up = tp->snd_nxt = tp->write_seq;
	if (!tp->repair)
		tp->rcv_nxt = 0;
	else
		tp->rcv_tstamp = tcp_jiffies32();
	tp->rcv_wup = tp->copied_seq = tp->rcv_nxt;
	tp->rto = TCP_TIMEOUT_INIT;
	tp->retransmits = 0;
	tcp_clear_retrans(tp);
}

/* RFC3168 6.1.1: tcp_ecn = 1 and 4 ask for it on our own SYNs; so does a route
 * with `ecn`. RFC9768 3.1.1: 3 asks for Accurate ECN. */
static u8 syn_flags(struct sock *sk)
{
	u32 ecn = tcp_net(sk)->ecn;
	struct tcp_sock *tp = tcp_sk(sk);

	tp->ecn_flags = 0;
	if (!tcp_accecn_ask(sk) && ecn != 1 && ecn != 4 &&
	    !tcp_ca_needs_ecn(sk) && !sk->flow.dst->ecn)
		return TCPHDR_SYN;
	tp->ecn_flags = TCP_ECN_OK;
	return TCPHDR_SYN | TCPHDR_ECE | TCPHDR_CWR;
}

int tcp_connect(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb;
	int err;

	connect_init(sk);
	if (tp->repair) {
		tcp_finish_connect(sk, NULL);
		return 0;
	}
	skb = tcp_stream_alloc_skb(sk, 0);
	if (unlikely(!skb))
		return -ENOBUFS;
	tcp_mstamp_refresh(tp);
	tcp_init_nondata_skb(skb, tp->write_seq, syn_flags(sk));
	tp->write_seq++;
	tp->retrans_stamp = tcp_now_ts(tp);
	tp->packets_out++;
	tcp_rtx_queue_insert(sk, skb);
	skb->tstamp = (ktime_t)tp->tcp_clock_cache;

	err = tp->fastopen_req ? tcp_send_syn_data(sk, skb) :
	      tcp_transmit_skb(sk, skb, true);
	/* It is up to the timer if it did not go (RFC 9293 3.8.1). */
	if (err == -ECONNREFUSED)
		return err;
	tp->snd_nxt = tp->write_seq;
	tp->pushed_seq = tp->write_seq;
	skb = tcp_send_head(sk);
	if (unlikely(skb)) {		/* data behind a SYN with data */
		tp->snd_nxt = TCP_SKB_CB(skb)->seq;
		tp->pushed_seq = TCP_SKB_CB(skb)->seq;
	}
	NET_INC_STATS(sock_net(sk), Tcp, ActiveOpens);
	tcp_reset_xmit_timer(sk, ICSK_TIME_RETRANS, tp->rto);
	return 0;
}
