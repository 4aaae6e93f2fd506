/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * IPv4 receive: RFC 791, RFC 1122 3.2.1, RFC 1812 5.2.2.
 *
 *	ip_rcv			header checks, hook PREROUTING
 *	ip_rcv_finish		early demux or route, options
 *	ip_local_deliver	(dst.input) reassembly, hook LOCAL_IN
 *	ip_local_deliver_finish	raw sockets, then the protocol's handler
 *
 * The file reads from the bottom up. All functions consume the packet.
 */
#include "inet/ip.h"

#include "filter/netfilter.h"
#include "inet/in_device.h"

/* --- ip_local_deliver_finish ----------------------------------------------------- */

/* RFC1122 3.2.2.1: no such protocol here. */
static int ip_no_protocol(struct net *net, struct sk_buff *skb, bool raw)
{
	if (raw) {
		NET_INC_STATS(net, Ip, InDelivers);
		consume_skb(skb);
		return 0;
	}
	NET_INC_STATS(net, Ip, InUnknownProtos);
	icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PROT_UNREACH, 0);
	kfree_skb_reason(skb, SKB_DROP_REASON_IP_NOPROTO);
	return 0;
}

static int ip_local_deliver_finish(struct net *net, struct sock *sk,
				   struct sk_buff *skb)
{
	struct ipv4_net *ip = net->ipv4;
	bool (*raw_deliver)(struct sk_buff *, u8);
	const struct net_protocol *proto;
	u8 protocol = ip_hdr(skb)->protocol;
	bool raw = false;

	skb_stage(skb, STAGE_ip_local_deliver_finish);
	skb_pull(skb, ip_hdrlen(skb));
	skb_reset_transport_header(skb);
	raw_deliver = rcu_dereference(ip->raw_deliver);
	if (raw_deliver)
		raw = raw_deliver(skb, protocol);
	proto = rcu_dereference(ip->protos[protocol]);
	if (unlikely(!proto))
		return ip_no_protocol(net, skb, raw);
	NET_INC_STATS(net, Ip, InDelivers);
	return proto->handler(skb);
}

int ip_local_deliver(struct sk_buff *skb)
{
	struct net *net = skb->dev->net;
	struct net_device *dev = skb->dev;

	skb_stage(skb, STAGE_ip_local_deliver);
	if (unlikely(ip_is_fragment(ip_hdr(skb)))) {
		skb = ip_defrag(net, skb, IP_DEFRAG_LOCAL_DELIVER);
		if (!skb)
			return 0;
	}
	return nf_hook(NFPROTO_IPV4, NF_INET_LOCAL_IN, net, NULL, skb, dev,
		       NULL, ip_local_deliver_finish);
}

/* --- ip_rcv_finish ----------------------------------------------------------------- */

/* False: the packet is to be dropped for *why. */
static bool ip_rcv_options(struct net *net, struct sk_buff *skb,
			   enum skb_drop_reason *why)
{
	struct inet_skb_parm *cb = IPCB(skb);
	struct ip_options opt;
	u8 where;

	*why = SKB_DROP_REASON_IP_OPTIONS;
	if (ip_options_compile(net, &opt, skb, &where)) {
		NET_INC_STATS(net, Ip, InHdrErrors);
		/* RFC1122 3.2.2.5 */
		icmp_send(skb, ICMP_PARAMETERPROB, 0, (u32)where << 24);
		return false;
	}
	cb->opt.optlen = opt.optlen;
	cb->opt.srr = opt.srr;
	cb->opt.rr = opt.rr;
	cb->opt.ts = opt.ts;
	cb->opt.router_alert = opt.router_alert;
	/* RFC1122 3.3.5, RFC7126 4.3: source routing is off by default. What
	 * is on: a route that ends here. */
	*why = SKB_DROP_REASON_IP_SOURCE_ROUTE;
	if (!opt.srr)
		return true;
	return net->ipv4->sysctl.accept_source_route && opt.srr_is_hit;
}

/* RFC1812 4.3.2.7, 5.2.7.1: a router says that there is no way. */
static void ip_input_no_route(struct net *net, struct sk_buff *skb, int err)
{
	if (!ip_forwarding(net))
		return;
	if (err == -ENETUNREACH)
		icmp_send(skb, ICMP_DEST_UNREACH, ICMP_NET_UNREACH, 0);
	else if (err == -EHOSTUNREACH)
		icmp_send(skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
	else if (err == -EACCES)
		icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PKT_FILTERED, 0);
}

static void ip_count_many(struct net *net, const struct sk_buff *skb, u8 type)
{
	if (type == RTN_MULTICAST_) {
		NET_INC_STATS(net, IpExt, InMcastPkts);
		NET_ADD_STATS(net, IpExt, InMcastOctets, skb->len);
	} else if (type == RTN_BROADCAST_) {
		NET_INC_STATS(net, IpExt, InBcastPkts);
		NET_ADD_STATS(net, IpExt, InBcastOctets, skb->len);
	}
}

/* RFC1122 3.3.6: a link-layer broadcast must be an IP broadcast. Linux lets
 * it pass by default, and so do we. False: drop. */
static bool ip_check_pkt_type(struct net *net, const struct sk_buff *skb,
			      u8 type)
{
	if (skb->pkt_type != PACKET_BROADCAST &&
	    skb->pkt_type != PACKET_MULTICAST)
		return true;
	if (type == RTN_MULTICAST_ || type == RTN_BROADCAST_)
		return true;
	return !net->ipv4->sysctl.drop_unicast_in_l2_multicast;
}

/* The socket that is cached for the flow knows the route. */
static void ip_early_demux(struct ipv4_net *ip, struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	const struct net_protocol *proto;

	if (skb->sk || skb->dst || ip_is_fragment(iph) ||
	    !ip->sysctl.ip_early_demux)
		return;
	proto = rcu_dereference(ip->protos[iph->protocol]);
	if (proto && proto->early_demux)
		proto->early_demux(skb);
}

static int ip_rcv_finish(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	struct net_device *dev = skb->dev;
	enum skb_drop_reason why;
	const struct iphdr *iph;
	u8 type;

	skb_stage(skb, STAGE_ip_rcv_finish);
	ip_early_demux(net->ipv4, skb);
	iph = ip_hdr(skb);
	if (!skb->dst) {
		int err = ip_route_input(skb, iph->daddr, iph->saddr, iph->tos,
					 dev, &why);

		if (unlikely(err)) {
			ip_input_no_route(net, skb, err);
			goto drop;
		}
	}
	if (unlikely(iph_len(iph) > sizeof(*iph)) &&
	    !ip_rcv_options(net, skb, &why))
		goto drop;
	type = skb_rtable(skb)->type;
	if (unlikely(type == RTN_MULTICAST_ || type == RTN_BROADCAST_))
		ip_count_many(net, skb, type);
	why = SKB_DROP_REASON_IP_INVALID_DEST;
	if (unlikely(!ip_check_pkt_type(net, skb, type)))
		goto drop;
	return dst_input(skb);

drop:
	kfree_skb_reason(skb, why);
	return 0;
}

/* --- ip_rcv ------------------------------------------------------------------------- */

static void ip_count_ecn(struct net *net, u8 tos)
{
	switch (tos & INET_ECN_MASK) {
	case INET_ECN_NOT_ECT:
		NET_INC_STATS(net, IpExt, InNoECTPkts);
		break;
	case INET_ECN_ECT_1:
		NET_INC_STATS(net, IpExt, InECT1Pkts);
		break;
	case INET_ECN_ECT_0:
		NET_INC_STATS(net, IpExt, InECT0Pkts);
		break;
	default:
		NET_INC_STATS(net, IpExt, InCEPkts);
		break;
	}
}

/* All that RFC 1122 3.2.1 and RFC 1812 5.2.2 ask of a header. Trims what the
 * link added. SKB_NOT_DROPPED_YET: good. */
static enum skb_drop_reason ip_rcv_check(struct net *net, struct sk_buff *skb)
{
	const struct iphdr *iph;
	u32 len, ihl;

	if (unlikely(!pskb_may_pull(skb, sizeof(*iph)))) {
		NET_INC_STATS(net, Ip, InHdrErrors);
		return SKB_DROP_REASON_HDR_TRUNC;
	}
	iph = ip_hdr(skb);
	ihl = iph_len(iph);
	/* RFC1122 3.2.1.1 */
	if (unlikely(ip_version(iph) != IPVERSION)) {
		NET_INC_STATS(net, Ip, InHdrErrors);
		return SKB_DROP_REASON_IP_VERSION;
	}
	if (unlikely(ihl < sizeof(*iph) || !pskb_may_pull(skb, ihl))) {
		NET_INC_STATS(net, Ip, InHdrErrors);
		return SKB_DROP_REASON_IP_INHDR;
	}
	iph = ip_hdr(skb);
	ip_count_ecn(net, iph->tos);
	/* RFC1122 3.2.1.2 */
	if (unlikely(ip_fast_csum(iph, ihl / 4))) {
		NET_INC_STATS(net, IpExt, InCsumErrors);
		NET_INC_STATS(net, Ip, InHdrErrors);
		return SKB_DROP_REASON_IP_CSUM;
	}
	len = be16_to_cpu(iph->tot_len);
	if (unlikely(len < ihl)) {
		NET_INC_STATS(net, Ip, InHdrErrors);
		return SKB_DROP_REASON_IP_INHDR;
	}
	if (unlikely(len > skb->len)) {
		NET_INC_STATS(net, IpExt, InTruncatedPkts);
		return SKB_DROP_REASON_IP_LEN;
	}
	if (len < skb->len && pskb_trim_rcsum(skb, len)) {
		NET_INC_STATS(net, Ip, InDiscards);
		return SKB_DROP_REASON_NOMEM;
	}
	return SKB_NOT_DROPPED_YET;
}

int ip_rcv(struct sk_buff *skb, struct net_device *dev, struct packet_type *pt,
	   struct net_device *orig_dev)
{
	struct net *net = dev->net;
	enum skb_drop_reason why;

	skb_stage(skb, STAGE_ip_rcv);
	/* Promiscuous mode brings frames that are others' business. */
	why = SKB_DROP_REASON_OTHERHOST;
	if (unlikely(skb->pkt_type == PACKET_OTHERHOST))
		goto drop;
	NET_INC_STATS(net, Ip, InReceives);
	NET_ADD_STATS(net, IpExt, InOctets, skb->len);
	skb = skb_share_check(skb);
	if (unlikely(!skb)) {
		NET_INC_STATS(net, Ip, InDiscards);
		return 0;
	}
	skb_reset_network_header(skb);
	why = ip_rcv_check(net, skb);
	if (unlikely(why))
		goto drop;
	skb->transport_header = (u16)(skb->network_header + ip_hdrlen(skb));
	memset(IPCB(skb), 0, sizeof(struct inet_skb_parm));
	IPCB(skb)->iif = skb->skb_iif ? skb->skb_iif : dev->ifindex;
	/* What was sent over the loopback device is the receiver's now. */
	skb_orphan(skb);
	return nf_hook(NFPROTO_IPV4, NF_INET_PRE_ROUTING, net, NULL, skb, dev,
		       NULL, ip_rcv_finish);

drop:
	kfree_skb_reason(skb, why);
	return 0;
}
