/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SYN cookies (RFC 4987 3.6): when the SYN queue is full, what a request would
 * hold is put into the initial sequence number of the SYN-ACK, so that it
 * comes back with the ACK:
 *
 *	isn = h1(tuple) + their_isn + (minute << 24)
 *	      + (h2(tuple, minute) + mss_index) mod 2^24
 *
 * Scaling, SACK and ECN fit in the low bits of the timestamp, if there is one.
 */
#include "tcp/tcp_out.h"

#include "base/siphash.h"
#include "base/slab.h"
#include "inet/route.h"

#define COOKIE_BITS	24
#define COOKIE_MASK	((1u << COOKIE_BITS) - 1)
#define COOKIE_MINUTES	2		/* how old one may be */
#define COOKIE_PERIOD	(60 * NSEC_PER_SEC)
#define OVERFLOW_VALID_MS (COOKIE_MINUTES * 60 * 1000u)

#define TS_BITS		6
#define TS_WSCALE_MASK	0xfu		/* all ones: no scaling */
#define TS_SACK		0x10u
#define TS_ECN		0x20u

static const u16 mss_table[] = { 536, 1300, 1440, 1460 };

static u32 cookie_hash(const struct net *net, const struct sk_buff *skb,
		       u32 count, u32 which)
{
	const struct iphdr *iph = ip_hdr(skb);
	const struct tcphdr *th = tcp_hdr(skb);
	struct siphash_key key = { { net->tcp->cookie_secret[0] ^ which,
				     net->tcp->cookie_secret[1] } };

	return (u32)siphash_4u32((__force u32)iph->saddr,
				 (__force u32)iph->daddr,
				 (u32)(__force u16)th->source << 16 |
				 (__force u16)th->dest, count, &key);
}

static u32 cookie_minute(void)
{
	return (u32)(ktime_get() / COOKIE_PERIOD);
}

/* Of the SYN skb. *mss becomes the largest of the table that is not above. */
u32 cookie_v4_init_sequence(const struct sk_buff *skb, u16 *mss,
			    struct net *net)
{
	u32 i = ARRAY_SIZE(mss_table) - 1, minute = cookie_minute();

	while (i && *mss < mss_table[i])
		i--;
	*mss = mss_table[i];
	NET_INC_STATS(net, TcpExt, SyncookiesSent);
	return cookie_hash(net, skb, 0, 0) + TCP_SKB_CB(skb)->seq +
	       (minute << COOKIE_BITS) +
	       ((cookie_hash(net, skb, minute, 1) + i) & COOKIE_MASK);
}

/* MSS, or 0: not one of ours, or too old. skb is the ACK. */
u16 cookie_v4_mss(struct net *net, const struct sk_buff *skb, u32 cookie)
{
	u32 minute = cookie_minute(), age, i;

	cookie -= cookie_hash(net, skb, 0, 0) + TCP_SKB_CB(skb)->seq - 1;
	age = (minute - (cookie >> COOKIE_BITS)) & (~0u >> COOKIE_BITS);
	if (age >= COOKIE_MINUTES)
		return 0;
	i = (cookie - cookie_hash(net, skb, minute - age, 1)) & COOKIE_MASK;
	return i < ARRAY_SIZE(mss_table) ? mss_table[i] : 0;
}

/* Timestamp for the SYN-ACK: options in the low bits, not ahead of time. */
u32 cookie_ts_init(const struct request_sock *req, u32 now_ms)
{
	u32 opts = req->wscale_ok ? req->snd_wscale : TS_WSCALE_MASK, ts;

	if (req->sack_ok)
		opts |= TS_SACK;
	if (req->ecn_ok)
		opts |= TS_ECN;
	ts = (now_ms >> TS_BITS << TS_BITS) | opts;
	if (ts > now_ms)
		ts -= 1u << TS_BITS;
	return ts + req->ts_off;
}

/* Options from the echo. False: impossible ones, not our timestamp. */
static bool cookie_ts_decode(struct sock *sk, struct request_sock *req,
			     const struct tcp_options_received *o)
{
	const struct tcp_net *tn = tcp_net(sk);
	u32 opts = o->rcv_tsecr - req->ts_off;

	if (!o->saw_tstamp)
		return true;
	if (!tn->timestamps)
		return false;
	req->tstamp_ok = 1;
	req->ts_recent = o->rcv_tsval;
	req->sack_ok = !!(opts & TS_SACK);
	req->ecn_ok = !!(opts & TS_ECN);
	if (req->sack_ok && !tn->sack)
		return false;
	if ((opts & TS_WSCALE_MASK) == TS_WSCALE_MASK)
		return true;
	req->wscale_ok = 1;
	req->snd_wscale = opts & TS_WSCALE_MASK;
	return tn->window_scaling;
}

static bool recent_overflow(const struct sock *sk)
{
	u32 at = READ_ONCE(tcp_sk(sk)->accept_queue->synflood_warned);

	return tcp_net(sk)->syncookies == 2 ||
	       (at && tcp_jiffies32() - at <= OVERFLOW_VALID_MS);
}

/* The request that was never kept. */
static struct request_sock *rebuild(struct sock *sk, struct sk_buff *skb,
				    u16 mss)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct request_sock *req = tcp_reqsk_alloc(sk);

	if (!req)
		return NULL;
	req->c.rcv_saddr.v4 = iph->daddr;
	req->c.daddr.v4 = iph->saddr;
	req->c.dport = tcp_hdr(skb)->source;
	req->c.bound_dev_if = sk->c.bound_dev_if;
	req->rcv_isn = TCP_SKB_CB(skb)->seq - 1;
	req->rcv_nxt = TCP_SKB_CB(skb)->seq;
	req->snt_isn = TCP_SKB_CB(skb)->ack_seq - 1;
	req->mss = mss;
	req->tos = iph->tos;
	req->mark = sk->mark;
	req->ts_off = secure_tcp_ts_off(sock_net(sk), iph->daddr, iph->saddr);
	return req;
}

/* Child for a right cookie, locked, on the accept queue. NULL. */
static struct sock *cookie_child(struct sock *sk, struct sk_buff *skb,
				 struct request_sock *req)
{
	struct rtable *rt = tcp_req_route(sk, req);
	struct sock *child;

	if (!rt)
		return NULL;
	tcp_openreq_init_rwin(req, sk, &rt->dst);
	dst_release(&rt->dst);
	child = tcp_v4_syn_recv_sock(sk, skb, req, false);
	if (!child)
		return NULL;
	sock_hold(child);	/* the caller's */
	refcount_inc(&req->c.refs);
	if (tcp_reqsk_queue_add(sk, req, child))
		return child;
	reqsk_put(req);
	sock_put(child);
	sock_set_flag(child, SOCK_DEAD);
	__atomic_fetch_add(&sock_net(sk)->sock->orphans, 1, __ATOMIC_RELAXED);
	spin_unlock(&child->slock);
	tcp_done(child);
	return NULL;
}

/* An ACK for a listener. sk: no cookie, go on with it (RST); NULL: drop. */
struct sock *cookie_v4_check(struct sock *sk, struct sk_buff *skb)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct net *net = sock_net(sk);
	struct tcp_options_received o;
	struct request_sock *req;
	struct sock *child;
	u16 mss;

	if (!tcp_net(sk)->syncookies || !tcp_has(th, TCPHDR_ACK) ||
	    tcp_has(th, TCPHDR_RST) || !recent_overflow(sk))
		return sk;
	mss = cookie_v4_mss(net, skb, TCP_SKB_CB(skb)->ack_seq - 1);
	if (!mss) {
		NET_INC_STATS(net, TcpExt, SyncookiesFailed);
		return sk;
	}
	NET_INC_STATS(net, TcpExt, SyncookiesRecv);
	req = rebuild(sk, skb, mss);
	if (!req)
		return NULL;
	memset(&o, 0, sizeof(o));
	tcp_parse_options(skb, &o, false);
	child = cookie_ts_decode(sk, req, &o) ? cookie_child(sk, skb, req) :
						NULL;
	reqsk_put(req);
	return child;
}
