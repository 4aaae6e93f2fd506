/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets for somebody else: RFC 1812 5.2.1.2, 5.3.1 (TTL), RFC 1191 4
 * (DF and MTU), 5.2.7.2 (redirects).
 *
 *	ip_forward		(dst.input) checks, hook FORWARD
 *	ip_forward_finish	options, then as any output
 */
#include "inet/ip.h"

#include "filter/netfilter.h"
#include "inet/rtable.h"

static int ip_forward_finish(struct net *net, struct sock *sk,
			     struct sk_buff *skb)
{
	NET_INC_STATS(net, Ip, ForwDatagrams);
	if (unlikely(IPCB(skb)->opt.optlen))
		ip_options_forward(net, skb);
	skb->tstamp = 0;		/* arrival time is not a departure time */
	return dst_output(net, sk, skb);
}

static bool ip_exceeds_mtu(const struct sk_buff *skb, u32 mtu)
{
	if (skb->len <= mtu)
		return false;
	if (skb_is_gso(skb) && ip_gso_seglen(skb) <= mtu)
		return false;
	if (skb->ignore_df)
		return false;
	/* Fragments that were put together for a filter keep their DF. */
	if (IPCB(skb)->frag_max_size > mtu)
		return true;
	return be16_to_cpu(ip_hdr(skb)->frag_off) & IP_DF;
}

static void ip_send_redirect(struct net *net, struct sk_buff *skb)
{
	struct rtable *rt = skb_rtable(skb);
	__be32 gw = rt->gateway ? rt->gateway : ip_hdr(skb)->daddr;

	/* RFC1812 5.2.7.2: limited; source routes are left alone. */
	if (IPCB(skb)->opt.srr ||
	    !inet_peer_xrlim_allow(net, ip_hdr(skb)->saddr, HZ))
		return;
	icmp_send(skb, ICMP_REDIRECT, ICMP_REDIR_HOST, be32_to_cpu(gw));
}

/* The sender of a wire's frame left the checksum to the hardware (csum_open):
 * on the way out somebody has to complete it. */
static void complete_checksum_later(struct sk_buff *skb)
{
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->ip_summed = CHECKSUM_NONE;
	if (!skb->csum_open)
		return;
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_open = 0;
}

int ip_forward(struct sk_buff *skb)
{
	struct net_device *dev = skb->dev;
	struct net *net = dev->net;
	struct rtable *rt = skb_rtable(skb);
	enum skb_drop_reason why;
	u32 mtu;

	skb_stage(skb, STAGE_ip_forward);
	/* RFC1812 4.2.3.1, 5.3.4: not what the link sent to many. */
	why = SKB_DROP_REASON_OTHERHOST;
	if (unlikely(skb->pkt_type != PACKET_HOST || skb->sk))
		goto drop;
	/* RFC1812 5.3.1 */
	if (ip_hdr(skb)->ttl <= 1)
		goto drop_ttl;
	mtu = ip_forward_mtu(&rt->dst);
	if (unlikely(ip_exceeds_mtu(skb, mtu)))
		goto drop_too_big;
	complete_checksum_later(skb);
	why = SKB_DROP_REASON_NOMEM;
	if (skb_cow_head(skb, ll_headroom(rt->dst.dev))) {
		NET_INC_STATS(net, Ip, InDiscards);
		goto drop;
	}
	if (unlikely(IPCB(skb)->flags & IPSKB_DOREDIRECT))
		ip_send_redirect(net, skb);
	ip_decrease_ttl(ip_hdr(skb));
	IPCB(skb)->flags |= IPSKB_FORWARDED;
	return nf_hook(NFPROTO_IPV4, NF_INET_FORWARD, net, NULL, skb, dev,
		       rt->dst.dev, ip_forward_finish);

drop_ttl:
	NET_INC_STATS(net, Ip, InHdrErrors);
	icmp_send(skb, ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, 0);
	why = SKB_DROP_REASON_IP_TTL;
	goto drop;
drop_too_big:
	NET_INC_STATS(net, Ip, FragFails);
	icmp_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, mtu);
	why = SKB_DROP_REASON_IP_NEED_FRAG;
drop:
	kfree_skb_reason(skb, why);
	return 0;
}
