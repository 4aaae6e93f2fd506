/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Answers to segments that have no connection to send them by: RST (RFC 9293
 * 3.5.2, 3.10.7.1) and ACK for requests and TIME-WAIT. Built from the segment
 * itself, routed back to where it came from.
 */
#include "tcp/tcp_ipv4.h"

#include "inet/route.h"
#include "tcp/tcp_out.h"

struct reply {
	u32 seq, ack, win, tsval, tsecr;
	u8 flags, tos;
	u32 oif, mark;
};

static struct sk_buff *reply_skb(const struct reply *r, const struct tcphdr *to)
{
	u32 len = sizeof(struct tcphdr) +
		  (r->tsecr ? TCPOLEN_TSTAMP_ALIGNED : 0);
	struct sk_buff *skb = alloc_skb(SKB_MAX_HEADROOM + len);
	struct tcphdr *th;

	if (!skb)
		return NULL;
	skb_reserve(skb, SKB_MAX_HEADROOM);
	th = (struct tcphdr *)skb_put(skb, len);
	skb_reset_transport_header(skb);
	memset(th, 0, sizeof(*th));
	th->source = to->dest;
	th->dest = to->source;
	th->seq = cpu_to_be32(r->seq);
	th->ack_seq = cpu_to_be32(r->ack);
	th->window = cpu_to_be16(min_t(u32, r->win, 0xffff));
	th->flags = r->flags;
	tcp_set_doff(th, len);
	if (r->tsecr) {
		struct tcp_out_options o = { .flags = OPTION_TS,
			.tsval = r->tsval, .tsecr = r->tsecr };

		tcp_options_write((u8 *)(th + 1), &o);
	}
	return skb;
}

/* To the sender of `skb`. Borrows. */
static void send_reply(struct net *net, struct sk_buff *skb,
		       const struct reply *r)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct ip_tx tx = { .saddr = iph->daddr, .daddr = iph->saddr,
			    .protocol = IPPROTO_TCP, .tos = r->tos, .df = true,
			    .mark = r->mark };
	struct flowi4 fl = { .saddr = iph->daddr, .daddr = iph->saddr,
			     .tos = r->tos, .protocol = IPPROTO_TCP,
			     .mark = r->mark, .oif = r->oif,
			     .sport = tcp_hdr(skb)->dest,
			     .dport = tcp_hdr(skb)->source };
	struct rtable *rt = ip_route_output(net, &fl);
	struct sk_buff *out;

	if (IS_ERR(rt))
		return;
	out = reply_skb(r, tcp_hdr(skb));
	if (out) {
		tcp_v4_send_check(out, tx.saddr, tx.daddr);
		NET_INC_STATS(net, Tcp, OutSegs);
		if (r->flags & TCPHDR_RST)
			NET_INC_STATS(net, Tcp, OutRsts);
		ip_build_and_send(net, NULL, out, rt, &tx);
	}
	dst_release(&rt->dst);
}

/* RFC9293 3.5.2 group 1: sequence from the segment's ACK, or 0 and an ACK of
 * the segment. Never in answer to a RST. */
void tcp_v4_send_reset(const struct sock *sk, struct sk_buff *skb)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct net *net = sk ? sock_net(sk) : skb->dev->net;
	struct reply r = { .flags = TCPHDR_RST };

	if (tcp_has(th, TCPHDR_RST))
		return;
	/* Without a socket only what was really for this host. */
	if (!sk && (!skb_rtable(skb) || skb_rtable(skb)->type != RTN_LOCAL_))
		return;
	if (tcp_has(th, TCPHDR_ACK)) {
		r.seq = be32_to_cpu(th->ack_seq);
	} else {
		r.flags |= TCPHDR_ACK;
		r.ack = be32_to_cpu(th->seq) + tcp_has(th, TCPHDR_SYN) +
			tcp_has(th, TCPHDR_FIN) + skb->len - tcp_doff(th);
	}
	if (sk) {
		r.oif = sk->c.bound_dev_if;
		r.mark = sk->mark;
		r.tos = (u8)(sk->flow.tos & ~INET_ECN_MASK);
	}
	send_reply(net, skb, &r);
}

void tcp_v4_send_ack(struct net *net, struct sk_buff *skb, u32 seq, u32 ack,
		     u32 win, u32 tsval, u32 tsecr, u8 tos, u32 oif)
{
	struct reply r = { .seq = seq, .ack = ack, .win = win, .tsval = tsval,
			   .tsecr = tsecr, .flags = TCPHDR_ACK,
			   .tos = tos, .oif = oif };

	send_reply(net, skb, &r);
}

void tcp_v4_timewait_ack(struct inet_timewait_sock *tw, struct sk_buff *skb)
{
	u32 now = (u32)(ktime_get() / NSEC_PER_MSEC);

	tcp_v4_send_ack(tw->c.net, skb, tw->snd_nxt, tw->rcv_nxt,
			tw->rcv_wnd >> tw->rcv_wscale, now + tw->ts_offset,
			tw->ts_recent, tw->tos, tw->c.bound_dev_if);
}
