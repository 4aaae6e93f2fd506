/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where TCP meets IPv4: a segment comes in (RFC 9293 3.10.7), its header and
 * checksum are checked, its socket is found: a full sock, a request
 * (tcp_check_req), or one in TIME-WAIT. A full sock gets it at once, or on its
 * backlog while a task owns it.
 */
#include "tcp/tcp_ipv4.h"

#include "inet/route.h"
#include "sock/filter.h"
#include "sock/sock_input.h"
#include "tcp/tcp_out.h"

/* Another than last time. */
static noinline void take_rx_dst(struct tcp_sock *tp, struct sk_buff *skb)
{
	struct dst_entry *dst = skb->dst;

	if (!dst || !refcount_inc_not_zero(&dst->ref.refs))
		return;
	dst_release(tp->rx_dst);
	rcu_assign_pointer(tp->rx_dst, dst);
	WRITE_ONCE(tp->rx_dst_ifindex, skb->skb_iif);
}

/* The input route of the last segment, for the next one. Owner or slock. */
static inline void save_rx_dst(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (unlikely(skb->dst != tp->rx_dst ||
		     skb->skb_iif != tp->rx_dst_ifindex))
		take_rx_dst(tp, skb);
}

/* --- to the socket -------------------------------------------------------------- */

/* LISTEN: SYN goes on to tcp_conn_request, anything else may be a cookie. */
static int listen_rcv(struct sock *sk, struct sk_buff *skb)
{
	enum skb_drop_reason why;
	struct sock *child = sk;

	if (!tcp_has(tcp_hdr(skb), TCPHDR_SYN)) {
		child = cookie_v4_check(sk, skb);
		if (!child) {
			kfree_skb_reason(skb, SKB_DROP_REASON_TCP_BAD_COOKIE);
			return 0;
		}
	}
	if (child != sk)
		why = (enum skb_drop_reason)tcp_child_process(sk, child, skb);
	else
		why = tcp_rcv_state_process(sk, skb);
	if (why) {
		tcp_v4_send_reset(child == sk ? sk : NULL, skb);
		kfree_skb_reason(skb, why);
	}
	return 0;
}

/* In any state but ESTABLISHED. */
static noinline int do_rcv_state(struct sock *sk, struct sk_buff *skb)
{
	enum skb_drop_reason why;

	if (READ_ONCE(sk->sk_state) == TCP_LISTEN)
		return listen_rcv(sk, skb);
	why = tcp_rcv_state_process(sk, skb);
	if (unlikely(why)) {
		tcp_v4_send_reset(sk, skb);
		kfree_skb_reason(skb, why);
	}
	return 0;
}

static inline int do_rcv(struct sock *sk, struct sk_buff *skb)
{
	skb_stage(skb, STAGE_tcp_v4_do_rcv);
	if (unlikely(READ_ONCE(sk->sk_state) != TCP_ESTABLISHED))
		return do_rcv_state(sk, skb);
	save_rx_dst(sk, skb);
	tcp_rcv_established(sk, skb);
	return 0;
}

int tcp_v4_do_rcv(struct sock *sk, struct sk_buff *skb)
{
	return do_rcv(sk, skb);
}

/* --- checks ------------------------------------------------------------------------ */

/* The header is not linear, or too short. */
static noinline enum skb_drop_reason pull_header(struct net *net,
						 struct sk_buff *skb)
{
	u32 doff;

	if (!pskb_may_pull(skb, sizeof(struct tcphdr)))
		return SKB_DROP_REASON_PKT_TOO_SMALL;
	doff = tcp_doff((const struct tcphdr *)skb->data);
	if (doff < sizeof(struct tcphdr)) {
		NET_INC_STATS(net, Tcp, InErrs);
		return SKB_DROP_REASON_TCP_HDR;
	}
	return pskb_may_pull(skb, doff) ? SKB_NOT_DROPPED_YET :
	       SKB_DROP_REASON_PKT_TOO_SMALL;
}

/* Nobody vouches for it. */
static noinline enum skb_drop_reason check_csum(struct net *net,
						struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);

	if (!skb_checksum_validate(skb, csum_tcpudp_nofold(iph->saddr,
				   iph->daddr, skb->len, IPPROTO_TCP, 0)))
		return SKB_NOT_DROPPED_YET;
	NET_INC_STATS(net, Tcp, InCsumErrors);
	NET_INC_STATS(net, Tcp, InErrs);
	return SKB_DROP_REASON_TCP_CSUM;
}

/* The linear part has the header with its options. */
static inline bool header_is_linear(const struct sk_buff *skb)
{
	u32 n = skb_headlen(skb), doff;

	if (unlikely(n < sizeof(struct tcphdr)))
		return false;
	doff = tcp_doff((const struct tcphdr *)skb->data);
	return doff >= sizeof(struct tcphdr) && doff <= n;
}

/* RFC9293 3.1: data offset, checksum (MUST-2, MUST-3). 0 or the reason. */
static inline enum skb_drop_reason check_header(struct net *net,
						struct sk_buff *skb)
{
	enum skb_drop_reason why;

	if (unlikely(skb->pkt_type != PACKET_HOST))
		return SKB_DROP_REASON_OTHERHOST;
	NET_INC_STATS(net, Tcp, InSegs);
	if (unlikely(!header_is_linear(skb))) {
		why = pull_header(net, skb);
		if (why)
			return why;
	}
	skb_reset_transport_header(skb);
	if (likely(skb->ip_summed == CHECKSUM_UNNECESSARY))
		return SKB_NOT_DROPPED_YET;
	return check_csum(net, skb);
}

/* What TCP wants to know of the packet, from the headers. */
static inline void fill_cb(struct sk_buff *skb)
{
	const struct tcphdr *th = (const struct tcphdr *)skb->data;
	struct inet_skb_parm h4 = *IPCB(skb);
	struct tcp_skb_cb *cb = TCP_SKB_CB(skb);

	cb->h4 = h4;
	cb->seq = be32_to_cpu(th->seq);
	cb->end_seq = cb->seq + skb->len - tcp_doff(th);
	if (unlikely(th->flags & (TCPHDR_SYN | TCPHDR_FIN)))
		cb->end_seq += !!(th->flags & TCPHDR_SYN) +
			       !!(th->flags & TCPHDR_FIN);
	cb->ack_seq = be32_to_cpu(th->ack_seq);
	cb->flags = th->flags;
	cb->ip_dsfield = ip_hdr(skb)->tos;
	cb->sacked = 0;
	cb->tw_isn = 0;
	cb->gso_segs = cb->gso_size = 0;
	cb->eor = cb->txstamp_ack = cb->is_app_limited = cb->urg = 0;
	cb->has_rxtstamp = skb->tstamp != 0;
}

/* SO_TIMESTAMP and its kin, of a sock that is not a request's. */
static void stamp_received(const struct sock *sk, struct sk_buff *skb)
{
	if (likely(!sock_wants_rx_stamp(sk)))
		return;
	sock_skb_stamp(sk, skb);
	TCP_SKB_CB(skb)->has_rxtstamp = 1;
}

/* A filter sees the TCP header; it may shorten the payload, not the header. */
static noinline enum skb_drop_reason run_filter(struct sock *sk, struct sk_buff *skb)
{
	const struct sk_filter *f = rcu_dereference(sk->filter);
	u32 hdr = tcp_hdrlen(skb), keep = f ? bpf_run(f, skb) : UINT32_MAX;

	if (!keep)
		return SKB_DROP_REASON_SOCKET_FILTER;
	if (keep >= skb->len)
		return SKB_NOT_DROPPED_YET;
	keep = max(keep, hdr);
	TCP_SKB_CB(skb)->end_seq -= skb->len - keep;
	return pskb_trim(skb, keep) ? SKB_DROP_REASON_NOMEM :
	       SKB_NOT_DROPPED_YET;
}

/* What goes wrong before the socket's own rules. 0: all right. */
static noinline enum skb_drop_reason check_demands(struct sock *sk,
						   struct sk_buff *skb)
{
	if (sk->min_ttl && ip_hdr(skb)->ttl < sk->min_ttl) {
		NET_INC_STATS(sock_net(sk), TcpExt, TCPMinTTLDrop);
		return SKB_DROP_REASON_SOCKET_FILTER;
	}
	return run_filter(sk, skb);
}

static inline enum skb_drop_reason check_socket(struct sock *sk,
						struct sk_buff *skb)
{
	if (unlikely(sk->min_ttl || sk->filter))
		return check_demands(sk, skb);
	return SKB_NOT_DROPPED_YET;
}

/* --- who is it for --------------------------------------------------------------------- */

static inline void count_segs(struct tcp_sock *tp, const struct sk_buff *skb)
{
	u32 segs = skb_shinfo(skb)->gso_segs;

	if (!segs)
		segs = 1;
	tp->segs_in += segs;
	if (skb->len > tcp_doff((const struct tcphdr *)skb->data))
		tp->data_segs_in += segs;
}

/* A task owns the sock: it will look at the backlog when it is done. */
static noinline void to_backlog(struct sock *sk, struct sk_buff *skb)
{
	u32 limit = (u32)READ_ONCE(sk->rcvbuf) +
		    ((u32)READ_ONCE(sk->sndbuf) >> 1) + 64 * 1024;

	if (unlikely(sk_add_backlog(sk, skb, limit))) {
		NET_INC_STATS(sock_net(sk), TcpExt, TCPBacklogDrop);
		kfree_skb_reason(skb, SKB_DROP_REASON_SOCKET_BACKLOG);
	}
}

static noinline int refuse(struct sock *sk, struct sk_buff *skb,
			   enum skb_drop_reason why)
{
	__atomic_fetch_add(&sk->drops, 1, __ATOMIC_RELAXED);
	kfree_skb_reason(skb, why);
	return 0;
}

/* Consumes skb. */
static inline int deliver(struct sock *sk, struct sk_buff *skb)
{
	enum skb_drop_reason why = check_socket(sk, skb);

	if (unlikely(why))
		return refuse(sk, skb, why);
	if (unlikely(READ_ONCE(sk->sk_state) == TCP_LISTEN))
		return tcp_v4_do_rcv(sk, skb);	/* takes no lock */
	bh_lock_sock(sk);
	count_segs(tcp_sk(sk), skb);
	if (likely(!sock_owned_by_user(sk)))
		do_rcv(sk, skb);
	else
		to_backlog(sk, skb);
	bh_unlock_sock(sk);
	return 0;
}

/* A SYN for a listener whose TIME-WAIT sock makes room. Consumes skb. */
static noinline int deliver_syn(struct sock *sk, struct sk_buff *skb)
{
	return deliver(sk, skb);
}

/* Segment for a request. Consumes skb; the request's reference is kept by the
 * caller. */
static noinline int rcv_request(struct net *net, struct request_sock *req,
		       struct sk_buff *skb)
{
	enum skb_drop_reason why = SKB_DROP_REASON_TCP_CLOSE;
	struct sock *listener = req->listener, *sk;
	bool stolen = false;

	(void)net;
	if (unlikely(READ_ONCE(listener->sk_state) != TCP_LISTEN)) {
		tcp_reqsk_drop(req);
		tcp_v4_send_reset(NULL, skb);
		goto drop;
	}
	why = check_socket(listener, skb);
	if (why)
		goto drop;
	sk = tcp_check_req(listener, skb, req, &stolen, &why);
	if (sk == listener)
		return tcp_v4_do_rcv(listener, skb);
	if (!sk)
		goto drop;
	why = (enum skb_drop_reason)tcp_child_process(listener, sk, skb);
	if (likely(!why))
		return 0;
	tcp_v4_send_reset(listener, skb);
drop:
	kfree_skb_reason(skb, why);
	return 0;
}

/* RFC9293 3.10.7.4 TIME-WAIT. A listener that may take the SYN, or NULL: skb
 * was consumed. Consumes tw's reference. */
static noinline struct sock *rcv_timewait(struct net *net, struct sk_buff *skb,
				 struct inet_timewait_sock *tw)
{
	enum skb_drop_reason why = SKB_DROP_REASON_TCP_TIMEWAIT;
	const struct tcphdr *th = tcp_hdr(skb);
	union inet_addr saddr = { .v4 = ip_hdr(skb)->saddr };
	union inet_addr daddr = { .v4 = ip_hdr(skb)->daddr };
	struct sock *sk;
	u32 isn = 0;

	switch (tcp_timewait_state_process(tw, skb, &isn, &why)) {
	case TCP_TW_SYN:
		sk = __inet_lookup_listener(net, skb, &saddr, th->source,
					    &daddr, be16_to_cpu(th->dest),
					    AF_INET, skb->skb_iif);
		if (sk) {
			inet_twsk_deschedule_put(tw);
			TCP_SKB_CB(skb)->tw_isn = isn;
			return sk;
		}
		fallthrough;
	case TCP_TW_ACK:
		tcp_v4_timewait_ack(tw, skb);
		break;
	case TCP_TW_RST:
		tcp_v4_send_reset(NULL, skb);
		inet_twsk_deschedule_put(tw);
		kfree_skb_reason(skb, why);
		return NULL;
	case TCP_TW_SUCCESS:
		break;
	}
	inet_twsk_put(tw);
	kfree_skb_reason(skb, why);
	return NULL;
}

/* RFC9293 3.10.7.1: no socket. */
static int rcv_closed(struct net *net, struct sk_buff *skb)
{
	(void)net;
	tcp_v4_send_reset(NULL, skb);
	kfree_skb_reason(skb, SKB_DROP_REASON_NO_SOCKET);
	return 0;
}

static struct sock_common *find_sock(struct net *net, struct sk_buff *skb,
				     bool *refcounted)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct sock *sk = skb->sk;

	if (sk && skb->destructor == tcp_edemux_free) {
		skb->sk = NULL;
		skb->destructor = NULL;
		*refcounted = true;
		return &sk->c;
	}
	return __inet_lookup_skb(net, skb, th->source, th->dest, refcounted);
}

int tcp_v4_rcv(struct sk_buff *skb)
{
	struct net *net = skb->dev->net;
	enum skb_drop_reason why;
	struct sock_common *c;
	struct sock *sk;
	bool refcounted;

	skb_stage(skb, STAGE_tcp_v4_rcv);
	why = check_header(net, skb);
	if (unlikely(why)) {
		kfree_skb_reason(skb, why);
		return 0;
	}
	c = find_sock(net, skb, &refcounted);
	fill_cb(skb);
	if (unlikely(!c))
		return rcv_closed(net, skb);
	if (unlikely(READ_ONCE(c->state) == TCP_TIME_WAIT)) {
		sk = rcv_timewait(net, skb, (struct inet_timewait_sock *)c);
		return sk ? deliver_syn(sk, skb) : 0;
	}
	if (unlikely(READ_ONCE(c->state) == TCP_NEW_SYN_RECV)) {
		rcv_request(net, (struct request_sock *)c, skb);
	} else {
		stamp_received((struct sock *)c, skb);
		deliver((struct sock *)c, skb);
	}
	if (refcounted)
		sock_gen_put(c);
	return 0;
}

/* --- early demux: the route of an established connection is known ------------------ */

/* Destructor of a packet that found its sock early and was dropped before
 * tcp_v4_rcv. */
void tcp_edemux_free(struct sk_buff *skb)
{
	sock_put(skb->sk);
}

void tcp_v4_early_demux(struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	u32 ihl = iph_len(iph), off = (u32)skb_network_offset(skb) + ihl;
	union inet_addr saddr, daddr;
	const struct tcphdr *th;
	struct sock_common *c;
	struct dst_entry *dst;
	u8 state;

	if (skb->pkt_type != PACKET_HOST ||
	    !skb->dev->net->tcp->early_demux ||
	    !pskb_may_pull(skb, off + sizeof(*th)))
		return;
	iph = ip_hdr(skb);
	th = (const struct tcphdr *)((const u8 *)iph + ihl);
	if (unlikely(tcp_doff(th) < sizeof(*th)))
		return;
	saddr.v4 = iph->saddr;
	daddr.v4 = iph->daddr;
	c = __inet_lookup_established(skb->dev->net, &saddr, th->source, &daddr,
				      be16_to_cpu(th->dest), AF_INET,
				      skb->skb_iif);
	if (!c)
		return;
	state = READ_ONCE(c->state);
	if (unlikely(state == TCP_TIME_WAIT || state == TCP_NEW_SYN_RECV)) {
		sock_gen_put(c);
		return;
	}
	skb_stage(skb, STAGE___inet_lookup_skb);
	skb->sk = (struct sock *)c;
	skb->destructor = tcp_edemux_free;
	/* Routes outlive the packet's stay on this CPU. */
	dst = rcu_dereference(tcp_sk(skb->sk)->rx_dst);
	if (dst && skb->skb_iif == READ_ONCE(tcp_sk(skb->sk)->rx_dst_ifindex) &&
	    dst->ops->check(dst))
		skb_dst_set_noref(skb, dst);
}
