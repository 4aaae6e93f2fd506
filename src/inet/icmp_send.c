/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ICMP errors about packets: RFC 792, RFC 1122 3.2.2, RFC 1812 4.3.2.
 *
 * When none may be sent is one function, icmp_may_send. The error quotes as
 * much of the packet as fits into 576 bytes (RFC 1812 4.3.2.3).
 */
#include "inet/ip.h"

#include "inet/rtable.h"

#define ICMP_ERROR_MAX	576

static bool icmp_type_is_error(u8 type)
{
	switch (type) {
	case ICMP_DEST_UNREACH:
	case ICMP_SOURCE_QUENCH:
	case ICMP_REDIRECT:
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAMETERPROB:
		return true;
	default:
		return false;
	}
}

/* RFC1122 3.2.2: not about ICMP errors; nor what is not known to be none. */
static bool about_icmp_error(const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	int off = skb_network_offset(skb) + (int)iph_len(iph);
	const u8 *type;
	u8 buf;

	if (iph->protocol != IPPROTO_ICMP)
		return false;
	type = off < 0 ? NULL : skb_header_pointer(skb, (u32)off, 1, &buf);
	return !type || *type > NR_ICMP_TYPES || icmp_type_is_error(*type);
}

/* RFC1122 3.2.2: the source must be one host. */
static bool icmp_source_ok(struct net *net, const struct sk_buff *skb)
{
	__be32 saddr = ip_hdr(skb)->saddr;
	u8 type = inet_addr_type(net, saddr);

	return type == RTN_UNICAST_ || type == RTN_LOCAL_;
}

/* RFC1122 3.2.2: the rules of when not to. */
static bool icmp_may_send(struct net *net, const struct sk_buff *skb)
{
	const struct rtable *rt = skb_rtable(skb);
	const struct iphdr *iph = ip_hdr(skb);
	u8 type = rt ? rt->type : inet_addr_type(net, iph->daddr);

	if (skb->pkt_type != PACKET_HOST)
		return false;
	if (type == RTN_BROADCAST_ || type == RTN_MULTICAST_ ||
	    ipv4_is_multicast(iph->daddr) || ipv4_is_lbcast(iph->daddr))
		return false;
	if (!ip_is_first_fragment_or_whole(iph))
		return false;
	return icmp_source_ok(net, skb) && !about_icmp_error(skb);
}

/* The packet's first len bytes from its IP header on. */
static int icmp_quote(const struct sk_buff *skb, u8 *to, u32 len)
{
	int off = skb_network_offset(skb);
	u32 before = off < 0 ? (u32)-off : 0;

	if (off >= 0)
		return skb_copy_bits(skb, (u32)off, to, len, COPY_LINEARIZE);
	before = min(before, len);
	memcpy(to, skb_network_header(skb), before);
	return skb_copy_bits(skb, 0, to + before, len - before, COPY_LINEARIZE);
}

static struct sk_buff *icmp_build(const struct sk_buff *about, u8 type,
				  u8 code, u32 info, u32 room)
{
	u32 whole = (u32)((int)about->len - skb_network_offset(about));
	u32 quote = min(whole, room - (u32)sizeof(struct icmphdr));
	u32 len = (u32)sizeof(struct icmphdr) + quote;
	struct sk_buff *skb = alloc_skb(SKB_MAX_HEADROOM + len);
	struct icmphdr *icmph;

	if (!skb)
		return NULL;
	skb_reserve(skb, SKB_MAX_HEADROOM);
	icmph = (struct icmphdr *)skb_put(skb, len);
	memset(icmph, 0, sizeof(*icmph));
	icmph->type = type;
	icmph->code = code;
	icmph->un.gateway = cpu_to_be32(info);
	if (icmp_quote(about, (u8 *)(icmph + 1), quote)) {
		consume_skb(skb);
		return NULL;
	}
	icmph->checksum = ip_compute_csum(icmph, len);
	return skb;
}

/* RFC1122 3.2.2: the specific destination; RFC1812 4.3.2.4: else the address
 * of the interface that it leaves by (0: the route says). */
static __be32 icmp_source(struct net *net, const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct net_device *in;
	__be32 saddr = 0;

	if (inet_addr_type(net, iph->daddr) == RTN_LOCAL_)
		return iph->daddr;
	if (!net->ipv4->sysctl.icmp_errors_use_inbound_ifaddr)
		return 0;
	in = dev_get_by_index(net, IPCB(skb)->iif);
	if (in)
		saddr = inet_select_addr(in, iph->saddr);
	return saddr;
}

/* Routed and allowed; RCU. Builds and sends. */
static void icmp_push_error(struct net *net, struct sk_buff *about, u8 type,
			    u8 code, u32 info, struct rtable *rt,
			    const struct flowi4 *fl)
{
	/* RFC1122 3.2.2: TOS 0. Linux: network control and the packet's TOS
	 * bits; here as Linux. */
	struct ip_tx tx = {
		.saddr = fl->saddr, .daddr = fl->daddr,
		.protocol = IPPROTO_ICMP, .tos = fl->tos,
	};
	struct ip_options opt;
	u32 room = min_t(u32, dst_mtu(&rt->dst), ICMP_ERROR_MAX);
	struct sk_buff *skb;

	/* What is wrong with the options may be what we complain about. */
	if (!ip_options_echo(net, &opt, about) && opt.optlen)
		tx.opt = &opt;
	room -= (u32)sizeof(struct iphdr) + opt.optlen;
	skb = icmp_build(about, type, code, info, room);
	if (!skb) {
		NET_INC_STATS(net, Icmp, OutErrors);
		return;
	}
	icmp_count_out(net, type);
	ip_build_and_send(net, NULL, skb, rt, &tx);
}

void icmp_send(struct sk_buff *skb, u8 type, u8 code, u32 info)
{
	struct net *net = skb->dst ? skb->dst->net : skb->dev->net;
	const struct iphdr *iph = ip_hdr(skb);
	struct flowi4 fl = { .daddr = iph->saddr, .protocol = IPPROTO_ICMP };
	struct rtable *rt;

	rcu_read_lock();
	if (!icmp_may_send(net, skb))
		goto out;
	fl.tos = (iph->tos & IPTOS_TOS_MASK) | 0xc0;
	fl.saddr = icmp_source(net, skb);
	rt = ip_route_output(net, &fl);
	if (IS_ERR(rt))
		goto out;
	if (rt->type != RTN_BROADCAST_ && rt->type != RTN_MULTICAST_ &&
	    icmp_xrlim_allow(net, rt->dst.dev, type, code, fl.daddr))
		icmp_push_error(net, skb, type, code, info, rt, &fl);
	dst_release(&rt->dst);
out:
	rcu_read_unlock();
}
