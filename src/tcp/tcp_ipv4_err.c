/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ICMP errors about segments we sent (RFC 9293 3.9.2.2, RFC 1122 4.2.3.9, RFC
 * 5927, RFC 1191). Only those whose quoted sequence is in flight are believed.
 * Soft errors are remembered; while connecting they end the attempt.
 */
#include "tcp/tcp_ipv4.h"

#include "buf/wire/icmp.h"
#include "inet/route.h"
#include "tcp/tcp_out.h"
#include "tcp/tcp_rtt.h"

/* RFC1191 6.5, RFC5927 7.2: smaller segments from now on; what is larger goes
 * again at once. */
void tcp_v4_mtu_reduced(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct dst_entry *dst;
	u32 mtu;
	int err;

	if (TCPF(sk->sk_state) & (TCPF(TCP_LISTEN) | TCPF(TCP_CLOSE)))
		return;
	ip_update_pmtu(sock_net(sk), sk->flow.daddr.v4,
		       READ_ONCE(tp->mtu_info));
	dst = inet_flow_route(sock_net(sk), &sk->flow, &err);
	if (!dst)
		return;
	mtu = dst_mtu(dst);
	/* A program that wants DF hears of it. */
	if (mtu < dst_mtu(dst) && sk->flow.pmtudisc == IP_PMTUDISC_DO_)
		WRITE_ONCE(sk->err_soft, EMSGSIZE);
	if (sk->flow.pmtudisc != IP_PMTUDISC_DONT_ &&
	    sk->flow.pmtudisc != IP_PMTUDISC_INTERFACE_ &&
	    sk->flow.pmtudisc != IP_PMTUDISC_OMIT_ && tp->pmtu_cookie > mtu) {
		tcp_sync_mss(sk, mtu);
		tcp_mstamp_refresh(tp);
		tcp_simple_retransmit(sk);
	}
}

/* RFC 6069: the network says that it, not congestion, loses our
 * retransmissions: take one backoff back. */
static void revert_backoff(struct sock *sk, u32 seq)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb;
	s64 left;

	if (TCPF(sk->sk_state) & (TCPF(TCP_LISTEN) | TCPF(TCP_CLOSE)) ||
	    sock_owned_by_user(sk) || seq != tp->snd_una ||
	    !tp->retransmits || !tp->backoff)
		return;
	skb = tcp_rtx_queue_head(sk);
	if (!skb)
		return;
	tp->backoff--;
	tcp_set_rto(sk);
	tp->rto = min_t(ktime_t, tp->rto << tp->backoff, tp->rto_max);
	tcp_mstamp_refresh(tp);
	left = tp->rto - ((s64)tp->tcp_clock_cache - skb->tstamp);
	if (left > 0)
		tcp_reset_xmit_timer(sk, ICSK_TIME_RETRANS, left);
	else
		tcp_retransmit_skb(sk, skb, 1);
}

/* RFC1122 4.2.3.9: a request dies of what would end a connection attempt. */
static void err_for_request(struct request_sock *req, u32 seq, bool abort)
{
	struct net *net = req->c.net;

	if (seq != req->snt_isn)
		NET_INC_STATS(net, TcpExt, OutOfWindowIcmps);
	else if (abort && tcp_reqsk_drop(req))
		NET_INC_STATS(net, TcpExt, ListenDrops);
}

/* errno; 0: nothing to report. */
static int err_of(u8 type, u8 code)
{
	bool fatal;

	switch (type) {
	case ICMP_PARAMETERPROB:
		return EPROTO;
	case ICMP_DEST_UNREACH:
		return icmp_err_convert(type, code, &fatal);
	case ICMP_TIME_EXCEEDED:
		return EHOSTUNREACH;
	default:
		return 0;
	}
}

/* slock held. RFC9293 3.9.2.2 MUST-54..56 */
static void report(struct sock *sk, struct sk_buff *skb, int err, __be16 port,
		   u32 info, const u8 *th)
{
	bool owned = sock_owned_by_user(sk);

	if (TCPF(sk->sk_state) & (TCPF(TCP_SYN_SENT) | TCPF(TCP_SYN_RECV))) {
		/* A fast open child may be read from already. */
		if (tcp_sk(sk)->fastopen_rsk && sk->socket)
			return;
		if (sk->recverr)
			ip_icmp_error(sk, skb, err, port, info, th);
		if (!owned)
			tcp_done_with_error(sk, err);
		else
			WRITE_ONCE(sk->err_soft, (u32)err);
		return;
	}
	if (!owned && sk->recverr) {
		WRITE_ONCE(sk->err, (u32)err);
		sk->error_report(sk);
	} else {
		WRITE_ONCE(sk->err_soft, (u32)err);
	}
}

static void err_for_sock(struct sock *sk, struct sk_buff *skb, u8 type, u8 code,
			 u32 info, const struct tcphdr *th)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 seq = be32_to_cpu(th->seq), una = tp->snd_una;
	int err = err_of(type, code);

	if (sk->sk_state == TCP_CLOSE || (err < 0 ? (err = -err) : err) == 0)
		return;
	if (tp->fastopen_rsk)
		una = tp->fastopen_rsk->snt_isn;
	if (sk->sk_state != TCP_LISTEN && !between(seq, una, tp->snd_nxt)) {
		NET_INC_STATS(sock_net(sk), TcpExt, OutOfWindowIcmps);
		return;
	}
	if (type == ICMP_DEST_UNREACH && code == ICMP_FRAG_NEEDED) {
		if (sk->sk_state == TCP_LISTEN)
			return;
		WRITE_ONCE(tp->mtu_info, info);
		if (!sock_owned_by_user(sk))
			tcp_v4_mtu_reduced(sk);
		else
			tcp_set_bit(&tp->tsq_flags, TCP_MTU_REDUCED_DEFERRED);
		return;
	}
	if (type == ICMP_DEST_UNREACH && !tp->fastopen_rsk &&
	    (code == ICMP_NET_UNREACH || code == ICMP_HOST_UNREACH))
		revert_backoff(sk, seq);
	report(sk, skb, err, th->dest, info, (const u8 *)th);
}

/* Softirq. Borrows. */
int tcp_v4_err(struct sk_buff *skb, u8 type, u8 code, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	const struct tcphdr *th = (const struct tcphdr *)
				  (skb->data + iph_len(iph));
	union inet_addr daddr = { .v4 = iph->daddr };
	union inet_addr saddr = { .v4 = iph->saddr };
	struct net *net = skb->dev->net;
	struct sock_common *c;
	struct sock *sk;
	bool abort;

	c = __inet_lookup_established(net, &daddr, th->dest, &saddr,
				      be16_to_cpu(th->source), AF_INET,
				      skb->skb_iif);
	if (!c) {
		NET_INC_STATS(net, Icmp, InErrors);
		return -ENOENT;
	}
	if (c->state == TCP_NEW_SYN_RECV) {
		abort = type == ICMP_PARAMETERPROB ||
			type == ICMP_TIME_EXCEEDED ||
			(type == ICMP_DEST_UNREACH &&
			 (code == ICMP_NET_UNREACH ||
			  code == ICMP_HOST_UNREACH));
		err_for_request((struct request_sock *)c,
				be32_to_cpu(th->seq), abort);
	} else if (c->state != TCP_TIME_WAIT) {
		sk = (struct sock *)c;
		bh_lock_sock(sk);
		if (sock_owned_by_user(sk) &&
		    !(type == ICMP_DEST_UNREACH && code == ICMP_FRAG_NEEDED))
			NET_INC_STATS(net, TcpExt, LockDroppedIcmps);
		if (likely(!sk->min_ttl || ip_hdr(skb)->ttl >= sk->min_ttl))
			err_for_sock(sk, skb, type, code, info, th);
		bh_unlock_sock(sk);
	}
	sock_gen_put(c);
	return 0;
}
