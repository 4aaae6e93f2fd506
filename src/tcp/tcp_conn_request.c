/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A SYN for a listener (RFC 9293 3.10.7.2): a request is made, or, when there
 * is no room, a SYN cookie is sent and nothing kept. And the SYN-ACK.
 */
#include "tcp/tcp_accecn.h"

#include "base/random.h"
#include "base/slab.h"
#include "inet/route.h"
#include "tcp/tcp_window.h"

static u32 mss_clamp(const struct tcp_sock *tp, u32 mss)
{
	return tp->rx_opt.user_mss && tp->rx_opt.user_mss < mss ?
	       tp->rx_opt.user_mss : mss;
}

/* As many requests as may wait to be accepted; one more than listen() said, as
 * there. */
u32 tcp_synq_max(const struct sock *sk)
{
	return READ_ONCE(sk->max_ack_backlog);
}

void tcp_openreq_init_rwin(struct request_sock *req, const struct sock *sk,
			   const struct dst_entry *dst)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 mss = mss_clamp(tp, tcp_dst_advmss(dst)), full = tcp_full_space(sk);
	u8 wscale;

	if (req->window_clamp && req->rsk_rcv_wnd)
		return;
	req->window_clamp = tp->window_clamp ? tp->window_clamp : dst->window;
	if (sk->userlocks & SOCK_RCVBUF_LOCK &&
	    (req->window_clamp > full || !req->window_clamp))
		req->window_clamp = full;
	if (dst->initrwnd)
		full = max_t(u32, full, dst->initrwnd * mss);
	tcp_select_initial_window(sk, full,
				  mss - (req->tstamp_ok ?
					 TCPOLEN_TSTAMP_ALIGNED : 0),
				  &req->rsk_rcv_wnd, &req->window_clamp,
				  req->wscale_ok, &wscale, dst->initrwnd);
	req->rcv_wscale = wscale;
}

/* Route for the SYN-ACK; referenced, NULL: none. */
struct rtable *tcp_req_route(const struct sock *sk, struct request_sock *req)
{
	const struct ip_options *opt = req->opt;
	struct flowi4 fl = {
		.saddr = req->c.rcv_saddr.v4,
		.daddr = opt && opt->srr ? opt->faddr : req->c.daddr.v4,
		.tos = sk->flow.tos, .protocol = IPPROTO_TCP,
		.mark = req->mark, .oif = req->c.bound_dev_if,
		.sport = cpu_to_be16(req->c.num), .dport = req->c.dport,
	};
	struct rtable *rt = ip_route_output(sock_net(sk), &fl);

	if (IS_ERR(rt)) {
		NET_INC_STATS(sock_net(sk), Ip, OutNoRoutes);
		return NULL;
	}
	return rt;
}

/* Header and options; the checksum's sum is done. NULL: no memory. */
struct sk_buff *tcp_make_synack(const struct sock *sk, struct dst_entry *dst,
				struct request_sock *req,
				const struct tcp_fastopen_cookie *foc)
{
	u32 mss = mss_clamp(tcp_sk(sk), tcp_dst_advmss(dst)), len;
	struct sk_buff *skb = alloc_skb(SKB_MAX_HEADROOM + TCP_HLEN_MAX);
	u32 now_ms = (u32)(ktime_get() / NSEC_PER_MSEC);
	struct tcp_out_options o;
	struct tcphdr *th;

	if (!skb)
		return NULL;
	skb_reserve(skb, SKB_MAX_HEADROOM + TCP_HLEN_MAX);
	len = tcp_synack_options(sk, req, mss, foc, &o) + (u32)sizeof(*th);
	o.tsval = req->cookie_ts ? cookie_ts_init(req, now_ms) :
		  now_ms + req->ts_off;
	th = (struct tcphdr *)skb_push(skb, len);
	skb_reset_transport_header(skb);
	memset(th, 0, sizeof(*th));
	th->source = cpu_to_be16(req->c.num);
	th->dest = req->c.dport;
	th->seq = cpu_to_be32(req->snt_isn);
	th->ack_seq = cpu_to_be32(req->rcv_nxt);
	th->flags = TCPHDR_SYN | TCPHDR_ACK | (req->ecn_ok ? TCPHDR_ECE : 0);
	th->window = cpu_to_be16(min_t(u32, req->rsk_rcv_wnd, 0xffff));
	tcp_set_doff(th, len);
	tcp_accecn_synack_sent(req, th);
	tcp_options_write((u8 *)(th + 1), &o);
	tcp_v4_send_check(skb, req->c.rcv_saddr.v4, req->c.daddr.v4);
	skb->mark = req->mark;
	skb->hash = req->txhash;
	skb->l4_hash = 1;
	NET_INC_STATS(sock_net(sk), Tcp, OutSegs);
	return skb;
}

/* 0 or -errno. dst NULL: looked up. */
static int send_synack(const struct sock *sk, struct dst_entry *dst,
		       struct request_sock *req,
		       const struct tcp_fastopen_cookie *foc)
{
	struct rtable *rt = (struct rtable *)dst;
	struct ip_tx tx = {
		.saddr = req->c.rcv_saddr.v4, .daddr = req->c.daddr.v4,
		.protocol = IPPROTO_TCP, .ttl = sk->flow.ttl,
		.df = sk->flow.pmtudisc != IP_PMTUDISC_DONT_,
		.opt = req->opt, .mark = req->mark, .priority = sk->priority,
	};
	struct sk_buff *skb;
	int err;

	if (!rt) {
		rt = tcp_req_route(sk, req);
		if (!rt)
			return -EHOSTUNREACH;
	}
	tx.tos = tcp_net(sk)->reflect_tos ?
		 (u8)((req->tos & ~INET_ECN_MASK) |
		      (sk->flow.tos & INET_ECN_MASK)) : sk->flow.tos;
	skb = tcp_make_synack(sk, &rt->dst, req, foc);
	err = skb ? ip_build_and_send(sock_net(sk), (struct sock *)sk, skb,
				      rt, &tx) : -ENOMEM;
	if (!dst)
		dst_release(&rt->dst);
	return err > 0 ? 0 : err;
}

int tcp_v4_send_synack(const struct sock *sk, struct dst_entry *dst,
		       struct request_sock *req, bool cookie)
{
	(void)cookie;
	if (!req->snt_synack_us)
		req->snt_synack_us = (u64)ktime_get() / 1000;
	return send_synack(sk, dst, req, NULL);
}

/* RFC1122 4.2.3.8 MUST-51: source route of the SYN, reversed. The compiled
 * options are where ip_rcv's control block was. */
static struct ip_options *save_ip_options(struct net *net, struct sk_buff *skb)
{
	struct ip_options *opt = NULL;
	struct sk_buff *copy;

	if (likely(!TCP_SKB_CB(skb)->h4.opt.optlen))
		return NULL;
	copy = skb_clone(skb);
	if (!copy)
		return NULL;
	*IPCB(copy) = TCP_SKB_CB(skb)->h4;
	opt = kzalloc(sizeof(*opt));
	if (opt && (ip_options_echo(net, opt, copy) || !opt->optlen)) {
		kfree(opt);
		opt = NULL;
	}
	consume_skb(copy);
	return opt;
}

/* RFC 3168 6.1.1: ECN if the SYN asks and we (or the route) want. */
static bool ecn_wanted(const struct sock *sk, const struct sk_buff *skb,
		       const struct dst_entry *dst)
{
	const u8 both = TCPHDR_ECE | TCPHDR_CWR;

	if ((tcp_hdr(skb)->flags & both) != both)
		return false;
	if (tcp_ca_needs_ecn(sk))
		return true;
	/* An ECT mark on a SYN means: mangled, do not trust. */
	return (tcp_net(sk)->ecn || dst->ecn) &&
	       (TCP_SKB_CB(skb)->ip_dsfield & INET_ECN_MASK) ==
	       INET_ECN_NOT_ECT;
}

/* What the SYN says. */
static void req_init(struct request_sock *req, struct sock *sk,
		     struct sk_buff *skb, const struct tcp_options_received *o)
{
	const struct iphdr *iph = ip_hdr(skb);
	const struct tcphdr *th = tcp_hdr(skb);

	req->c.rcv_saddr.v4 = iph->daddr;
	req->c.daddr.v4 = iph->saddr;
	req->c.dport = th->source;
	req->c.bound_dev_if = sk->c.bound_dev_if;
	req->rcv_isn = TCP_SKB_CB(skb)->seq;
	req->rcv_nxt = req->rcv_isn + 1;
	req->ts_recent = o->saw_tstamp ? o->rcv_tsval : 0;
	req->tstamp_ok = o->tstamp_ok;
	req->sack_ok = o->sack_ok;
	req->wscale_ok = o->wscale_ok;
	req->snd_wscale = o->snd_wscale;
	req->mss = o->mss_clamp;
	req->tos = iph->tos;
	req->mark = sk->mark;
	req->no_srccheck = sk->flow.transparent;
	req->opt = save_ip_options(sock_net(sk), skb);
	req->ts_off = secure_tcp_ts_off(sock_net(sk), iph->daddr, iph->saddr);
	req->txhash = get_random_u32() | 1;
}

/* TCP_SAVE_SYN: u32 length, then network and transport header. */
static void save_syn(const struct sock *sk, struct request_sock *req,
		     const struct sk_buff *skb)
{
	u32 off = 0, len, *buf;
	const u8 *from = skb_network_header(skb);

	if (!tcp_sk(sk)->save_syn)
		return;
	if (tcp_sk(sk)->save_syn == 2)
		from = skb_mac_header(skb);
	off = (u32)(skb_transport_header(skb) - from);
	len = off + tcp_hdrlen(skb);
	buf = kmalloc(sizeof(u32) + len);
	if (!buf)
		return;
	buf[0] = len;
	memcpy(buf + 1, from, len);
	req->saved_syn = buf;
}

/* True: answer with a cookie. The SYN queue is full. */
static bool flood_action(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct net *net = sock_net(sk);
	bool cookies = tcp_net(sk)->syncookies;
	u32 now = tcp_jiffies32();

	if (cookies)
		NET_INC_STATS(net, TcpExt, TCPReqQFullDoCookies);
	else
		NET_INC_STATS(net, TcpExt, TCPReqQFullDrop);
	/* 0: never. Not in the future: the answer may come in this tick. */
	WRITE_ONCE(tp->accept_queue->synflood_warned, now ? now : now - 1);
	return cookies;
}

/* Without cookies the last quarter is kept for hosts known to be alive. */
static bool synq_reserved(const struct sock *sk)
{
	u32 max = tcp_net(sk)->max_syn_backlog;
	u32 qlen = READ_ONCE(tcp_sk(sk)->accept_queue->qlen);

	return !tcp_net(sk)->syncookies && max - min(qlen, max) < max >> 2;
}

static void parse_syn(struct sock *sk, struct sk_buff *skb, bool want_cookie,
		      struct tcp_options_received *o,
		      struct tcp_fastopen_cookie *foc)
{
	memset(o, 0, sizeof(*o));
	o->mss_clamp = TCP_MSS_DEFAULT;
	o->user_mss = tcp_sk(sk)->rx_opt.user_mss;
	tcp_parse_options(skb, o, false);
	tcp_parse_fastopen(skb, foc);
	/* What a cookie cannot hold without a timestamp is not agreed on. */
	if (want_cookie && !o->saw_tstamp) {
		o->sack_ok = o->wscale_ok = 0;
		o->snd_wscale = 0;
	}
	o->tstamp_ok = o->saw_tstamp;
}

/* Answers and keeps (or not) the request. Consumes the caller's reference. */
static void answer_syn(struct sock *sk, struct sk_buff *skb,
		       struct request_sock *req, struct dst_entry *dst,
		       bool want_cookie, struct tcp_fastopen_cookie *foc)
{
	struct sock *tfo = NULL;

	save_syn(sk, req, skb);
	if (!want_cookie)
		tfo = tcp_try_fastopen(sk, skb, req, foc);
	req->snt_synack_us = (u64)ktime_get() / 1000;
	if (tfo) {
		send_synack(sk, dst, req, foc);
		tcp_fastopen_queue_child(sk, req, tfo);
		return;
	}
	if (want_cookie) {
		send_synack(sk, dst, req, NULL);
		goto put;
	}
	if (!tcp_reqsk_hash_add(sk, req, TCP_TIMEOUT_INIT))
		goto put;
	send_synack(sk, dst, req, foc);
put:
	reqsk_put(req);
}

/* Softirq, no lock. Borrows skb. 0: answered; or why the SYN is not: the
 * caller drops it without a word. */
enum skb_drop_reason tcp_conn_request(struct sock *sk, struct sk_buff *skb)
{
	struct net *net = sock_net(sk);
	struct tcp_options_received opt;
	struct tcp_fastopen_cookie foc = { .len = TCP_FASTOPEN_NO_OPTION };
	u32 isn = TCP_SKB_CB(skb)->tw_isn;
	struct request_sock *req;
	enum skb_drop_reason why = SKB_DROP_REASON_IP_INVALID_DEST;
	bool want_cookie = false;
	struct rtable *rt;

	/* RFC9293 3.9.2.3 MUST-57: not for broadcast or multicast */
	if (skb_rtable(skb) && (skb_rtable(skb)->type == RTN_BROADCAST_ ||
				skb_rtable(skb)->type == RTN_MULTICAST_))
		goto drop;
	if ((tcp_net(sk)->syncookies == 2 || READ_ONCE(
	     tcp_sk(sk)->accept_queue->qlen) > tcp_synq_max(sk)) && !isn) {
		want_cookie = flood_action(sk);
		why = SKB_DROP_REASON_TCP_REQQ_FULL;
		if (!want_cookie)
			goto drop;
	}
	if (tcp_acceptq_is_full(sk)) {
		NET_INC_STATS(net, TcpExt, ListenOverflows);
		why = SKB_DROP_REASON_TCP_LISTEN_OVERFLOW;
		goto drop;
	}
	why = SKB_DROP_REASON_TCP_REQQ_FULL;
	if (!want_cookie && !isn && synq_reserved(sk))
		goto drop;
	why = SKB_DROP_REASON_NOMEM;
	req = tcp_reqsk_alloc(sk);
	if (!req)
		goto drop;
	parse_syn(sk, skb, want_cookie, &opt, &foc);
	req_init(req, sk, skb, &opt);
	rt = tcp_req_route(sk, req);
	why = SKB_DROP_REASON_IP_OUTNOROUTES;
	if (!rt)
		goto drop_put;
	/* A cookie has no room for the codepoint to be confirmed. */
	req->accecn = !want_cookie && tcp_accecn_wanted(sk, skb);
	req->syn_ect = TCP_SKB_CB(skb)->ip_dsfield & INET_ECN_MASK;
	req->ecn_ok = !req->accecn && ecn_wanted(sk, skb, &rt->dst);
	if (want_cookie) {
		isn = cookie_v4_init_sequence(skb, &req->mss, net);
		req->cookie_ts = req->tstamp_ok;
		req->ecn_ok = req->ecn_ok && req->tstamp_ok;
	} else if (!isn) {
		isn = secure_tcp_seq(net, req->c.rcv_saddr.v4,
				     req->c.daddr.v4,
				     cpu_to_be16(req->c.num), req->c.dport);
	}
	req->snt_isn = isn;
	tcp_openreq_init_rwin(req, sk, &rt->dst);
	answer_syn(sk, skb, req, &rt->dst, want_cookie, &foc);
	dst_release(&rt->dst);
	return SKB_NOT_DROPPED_YET;
drop_put:
	reqsk_put(req);
drop:
	NET_INC_STATS(net, TcpExt, ListenDrops);
	return why;
}
