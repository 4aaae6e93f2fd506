/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * IPv4 send: RFC 791, RFC 1122 3.2.1, 3.3.
 *
 *	ip_queue_xmit		cached route of the flow, header
 *	ip_build_and_send	explicit addresses and route, header
 *	ip_local_out		length, checksum, hook LOCAL_OUT
 *	ip_output		(dst.output) device, hook POSTROUTING
 *	ip_mc_output		the same for groups and broadcasts: copy for us
 *	ip_finish_output	MTU: whole, GSO or fragments
 *	ip_finish_output2	neighbour, neigh_output
 *
 * The file reads from the bottom up. All functions consume the packet.
 */
#include "inet/ip.h"

#include "filter/netfilter.h"
#include "inet/rtable.h"

/* --- how large -------------------------------------------------------- */

u32 ip_forward_mtu(const struct dst_entry *dst)
{
	if (dst->net->ipv4->sysctl.ip_forward_use_pmtu)
		return dst_mtu(dst);
	if (dst->mtu)
		return dst->mtu;
	return min_t(u32, dst->dev->mtu, IPV4_MAX_LEN);
}

u32 ip_gso_seglen(const struct sk_buff *skb)
{
	const struct skb_shared_info *si = skb_shinfo(skb);
	u32 hdr = (u32)(skb->transport_header - skb->network_header);
	int thoff = skb_transport_offset(skb);
	const u8 *th;
	u8 buf[14];

	if (si->gso_type & SKB_GSO_UDP_L4)
		return hdr + 8 + si->gso_size;
	th = thoff < 0 ? NULL : skb_header_pointer(skb, (u32)thoff, 14, buf);
	if (!th)
		return ~0u;
	return hdr + (u32)(th[12] >> 4) * 4 + si->gso_size;
}

u32 ip_skb_mtu(const struct sk_buff *skb)
{
	const struct dst_entry *dst = skb->dst;

	if (unlikely(IPCB(skb)->flags & IPSKB_FORWARDED))
		return ip_forward_mtu(dst);
	if (unlikely(IPCB(skb)->flags & IPSKB_DEV_MTU))
		return min_t(u32, dst->dev->mtu, IPV4_MAX_LEN);
	return dst_mtu(dst);
}

/* --- ip_finish_output2 -------------------------------------------------------- */

static void ip_count_out_many(struct net *net, const struct sk_buff *skb,
			      u8 type)
{
	if (type == RTN_MULTICAST_) {
		NET_INC_STATS(net, IpExt, OutMcastPkts);
		NET_ADD_STATS(net, IpExt, OutMcastOctets, skb->len);
	} else if (type == RTN_BROADCAST_) {
		NET_INC_STATS(net, IpExt, OutBcastPkts);
		NET_ADD_STATS(net, IpExt, OutBcastOctets, skb->len);
	}
}

static int ip_finish_output2(struct net *net, struct sock *sk,
			     struct sk_buff *skb)
{
	struct rtable *rt = skb_rtable(skb);
	struct net_device *dev = rt->dst.dev;
	struct neighbour *n;

	if (unlikely(rt->type == RTN_MULTICAST_ || rt->type == RTN_BROADCAST_))
		ip_count_out_many(net, skb, rt->type);
	if (unlikely(skb_headroom(skb) < (u32)dev->hard_header_len +
					 dev->needed_headroom) &&
	    skb_cow_head(skb, ll_headroom(dev))) {
		NET_INC_STATS(net, Ip, OutDiscards);
		kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
		return -ENOMEM;
	}
	n = rt_neigh(rt, ip_hdr(skb)->daddr);
	if (unlikely(IS_ERR(n))) {
		NET_INC_STATS(net, Ip, OutDiscards);
		kfree_skb_reason(skb, SKB_DROP_REASON_NEIGH_CREATEFAIL);
		return -ENOBUFS;
	}
	return neigh_output(n, skb);
}

/* --- ip_finish_output -------------------------------------------------------- */

/* A GSO packet whose segments do not fit either (it was merged on a link with
 * a larger MTU): cut here, then fragment. */
static int ip_output_gso_too_big(struct net *net, struct sock *sk,
				 struct sk_buff *skb)
{
	struct inet_skb_parm cb = *IPCB(skb);
	struct sk_buff *segs, *next;
	int ret = 0;

	skb_reset_mac_header(skb);
	skb->mac_len = 0;
	segs = skb_gso_segment(skb, 0);
	if (IS_ERR_OR_NULL(segs)) {
		NET_INC_STATS(net, Ip, OutDiscards);
		kfree_skb_reason(skb, SKB_DROP_REASON_PKT_TOO_BIG);
		return -ENOMEM;
	}
	for (; segs; segs = next) {
		int err;

		next = segs->next;
		segs->next = NULL;
		*IPCB(segs) = cb;
		skb_dst_drop(segs);
		dst_hold(skb->dst);
		skb_dst_set(segs, skb->dst);
		err = ip_do_fragment(net, sk, segs, ip_finish_output2);
		if (err && !ret)
			ret = err;
	}
	consume_skb(skb);
	return ret;
}

static int ip_finish_output(struct net *net, struct sock *sk,
			    struct sk_buff *skb)
{
	u32 mtu = ip_skb_mtu(skb);

	skb_stage(skb, STAGE_ip_finish_output);
	if (likely(skb->len <= mtu && !IPCB(skb)->frag_max_size))
		return ip_finish_output2(net, sk, skb);
	if (skb_is_gso(skb)) {
		if (likely(ip_gso_seglen(skb) <= mtu))
			return ip_finish_output2(net, sk, skb);
		return ip_output_gso_too_big(net, sk, skb);
	}
	return ip_do_fragment(net, sk, skb, ip_finish_output2);
}

/* --- ip_mc_output, ip_output -------------------------------------------------------- */

/* A copy of what we send, received as if it came from the link. */
static int ip_loop_back(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	skb_pull(skb, (u32)skb_network_offset(skb));
	skb_reset_mac_header(skb);
	skb->pkt_type = PACKET_LOOPBACK;
	if (skb->ip_summed == CHECKSUM_NONE)
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb_dst_force(skb);
	skb->tstamp = 0;
	netif_rx(skb);
	return 0;
}

static void ip_mc_loop(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff *copy = skb_clone(skb);

	if (!copy)
		return;
	if (skb_orphan_frags(copy)) {
		kfree_skb_reason(copy, SKB_DROP_REASON_NOMEM);
		return;
	}
	skb_orphan(copy);
	nf_hook(NFPROTO_IPV4, NF_INET_POST_ROUTING, net, sk, copy, NULL,
		copy->dev, ip_loop_back);
}

int ip_mc_output(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	struct rtable *rt = skb_rtable(skb);
	struct net_device *dev = rt->dst.dev;
	__be32 daddr = ip_hdr(skb)->daddr;
	bool many = rt->type == RTN_MULTICAST_;

	skb->dev = dev;
	skb->protocol = cpu_to_be16(ETH_P_IP);
	/* RFC1112 7.1: members on this host hear it too. */
	if (!(dev->flags & IFF_LOOPBACK) &&
	    (!many || (!(IPCB(skb)->flags & IPSKB_NO_MCLOOP) &&
		       ip_check_mc(dev, daddr))))
		ip_mc_loop(net, sk, skb);
	/* RFC1112 6.1: TTL 0 does not leave the host. */
	if (many && ip_hdr(skb)->ttl == 0) {
		consume_skb(skb);
		return 0;
	}
	return ip_output(net, sk, skb);
}

int ip_output(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	struct net_device *dev = skb->dst->dev;

	skb_stage(skb, STAGE_ip_output);
	NET_INC_STATS(net, Ip, OutTransmits);
	NET_ADD_STATS(net, IpExt, OutOctets, skb->len);
	skb->dev = dev;
	skb->protocol = cpu_to_be16(ETH_P_IP);
	return nf_hook(NFPROTO_IPV4, NF_INET_POST_ROUTING, net, sk, skb, NULL,
		       dev, ip_finish_output);
}

/* --- ip_local_out -------------------------------------------------------- */

int ip_local_out(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	struct iphdr *iph = ip_hdr(skb);
	int ret;

	NET_INC_STATS(net, Ip, OutRequests);
	iph->tot_len = cpu_to_be16(min_t(u32, skb->len, IPV4_MAX_LEN));
	ip_send_check(iph);
	skb->protocol = cpu_to_be16(ETH_P_IP);
	/* Hooks run with bh off, in tasks too: they share data with softirqs. */
	local_bh_disable();
	ret = nf_hook(NFPROTO_IPV4, NF_INET_LOCAL_OUT, net, sk, skb, NULL,
		      skb->dst->dev, dst_output);
	local_bh_enable();
	if (likely(ret <= 0))
		return ret;
	/* NET_XMIT_CN: it went, though others did not. */
	return ret == NET_XMIT_CN ? 0 : -ENOBUFS;
}

/* --- headers -------------------------------------------------------- */

static u32 skb_segs(const struct sk_buff *skb)
{
	u32 segs = skb_shinfo(skb)->gso_segs;

	return segs ? segs : 1;
}

/* Pushes the header with all that both kinds of senders fill alike. */
static struct iphdr *ip_push_header(struct net *net, struct sk_buff *skb,
				    struct rtable *rt, __be32 saddr,
				    __be32 daddr, const struct ip_options *opt)
{
	u32 len = (u32)sizeof(struct iphdr) + (opt ? opt->optlen : 0);
	struct iphdr *iph;

	skb_reset_transport_header(skb);
	iph = (struct iphdr *)skb_push(skb, len);
	skb_reset_network_header(skb);
	iph_set_len(iph, len);
	iph->saddr = saddr;
	iph->daddr = daddr;
	if (unlikely(opt && opt->optlen))
		ip_options_build(net, iph, opt, daddr, saddr);
	return iph;
}

/* RFC1191 3; Linux's IP_MTU_DISCOVER. */
static bool ip_dont_fragment(const struct inet_flow *fl,
			     const struct rtable *rt)
{
	switch (fl->pmtudisc) {
	case IP_PMTUDISC_DO_:
	case IP_PMTUDISC_PROBE_:
		return true;
	case IP_PMTUDISC_WANT_:
		return !rt->dst.mtu_locked && !rt->pmtu_locked;
	default:
		return false;
	}
}

/* RFC1122 3.2.1.7: never 0 on the wire, but for groups on this host. */
static u8 ip_flow_ttl(const struct net *net, const struct inet_flow *fl,
		      const struct dst_entry *dst)
{
	if (ipv4_is_multicast(fl->daddr.v4))
		return fl->mc_ttl;
	if (fl->ttl)
		return fl->ttl;
	return dst->hoplimit ? dst->hoplimit
			     : (u8)net->ipv4->sysctl.ip_default_ttl;
}

/* A TCP segment of a connection does not need a unique identification while
 * it has DF (RFC 6864 4.1); the flow's own counter gives nothing away about
 * others and still suits those who look at it. */
static void ip_flow_ident(struct net *net, struct iphdr *iph,
			  struct sk_buff *skb, struct inet_flow *fl, bool df)
{
	u32 segs = skb_segs(skb);

	if (likely(df)) {
		iph->frag_off = cpu_to_be16(IP_DF);
		iph->id = cpu_to_be16(fl->ip_id);
		fl->ip_id = (u16)(fl->ip_id + segs);
		return;
	}
	iph->frag_off = 0;
	iph->id = cpu_to_be16(ip_select_ident(net, iph->daddr, iph->saddr,
					      fl->protocol, segs));
}

int ip_queue_xmit(struct net *net, struct sock *sk, struct sk_buff *skb,
		  struct inet_flow *fl, u8 ecn)
{
	struct dst_entry *dst;
	struct rtable *rt;
	struct iphdr *iph;
	int err = -EHOSTUNREACH;

	skb_stage(skb, STAGE_ip_queue_xmit);
	rcu_read_lock();
	dst = inet_flow_route(net, fl, &err);
	if (unlikely(!dst))
		goto drop_no_route;
	rt = container_of(dst, struct rtable, dst);
	if (unlikely(fl->opt && fl->opt->is_strictroute && rt->uses_gateway))
		goto drop_no_route;
	skb_dst_set_noref(skb, dst);
	memset(IPCB(skb), 0, sizeof(struct inet_skb_parm));
	if (unlikely(fl->pmtudisc >= IP_PMTUDISC_PROBE_))
		IPCB(skb)->flags = IPSKB_DEV_MTU;
	iph = ip_push_header(net, skb, rt, fl->saddr.v4, fl->daddr.v4, fl->opt);
	iph->tos = (u8)((fl->tos & ~INET_ECN_MASK) | (ecn & INET_ECN_MASK));
	iph->ttl = ip_flow_ttl(net, fl, dst);
	iph->protocol = fl->protocol;
	ip_flow_ident(net, iph, skb, fl,
		      !skb->ignore_df && ip_dont_fragment(fl, rt));
	skb->priority = fl->priority;
	skb->mark = fl->mark;
	err = ip_local_out(net, sk, skb);
	rcu_read_unlock();
	return err;

drop_no_route:
	rcu_read_unlock();
	kfree_skb_reason(skb, SKB_DROP_REASON_IP_OUTNOROUTES);
	return err;
}

int ip_build_and_send(struct net *net, struct sock *sk, struct sk_buff *skb,
		      struct rtable *rt, const struct ip_tx *tx)
{
	u32 hlen = (u32)sizeof(struct iphdr) + (tx->opt ? tx->opt->optlen : 0);
	struct iphdr *iph;

	/* Answers are made of received packets: their headroom is the driver's. */
	if (unlikely(skb_headroom(skb) < hlen + ll_headroom(rt->dst.dev)) &&
	    skb_cow_head(skb, hlen + ll_headroom(rt->dst.dev))) {
		NET_INC_STATS(net, Ip, OutDiscards);
		kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
		return -ENOMEM;
	}
	skb_dst_drop(skb);
	skb_dst_set_noref(skb, &rt->dst);
	memset(IPCB(skb), 0, sizeof(struct inet_skb_parm));
	IPCB(skb)->flags = (tx->no_mc_loop ? IPSKB_NO_MCLOOP : 0) |
			   (tx->dev_mtu ? IPSKB_DEV_MTU : 0);
	iph = ip_push_header(net, skb, rt, tx->saddr, tx->daddr, tx->opt);
	iph->tos = tx->tos;
	iph->ttl = tx->ttl;
	/* To the host's own members only when asked for: a group, loop on. */
	if (!tx->ttl && !ipv4_is_multicast(tx->daddr))
		iph->ttl = rt->dst.hoplimit ? rt->dst.hoplimit
				: (u8)net->ipv4->sysctl.ip_default_ttl;
	iph->protocol = tx->protocol;
	iph->frag_off = tx->df ? cpu_to_be16(IP_DF) : 0;
	skb->ignore_df = !tx->df;
	/* RFC6864 4.1: atomic, the value means nothing. */
	iph->id = 0;
	if (!tx->df || skb_is_gso(skb))
		iph->id = cpu_to_be16(ip_select_ident(net, iph->daddr,
						      iph->saddr, tx->protocol,
						      skb_segs(skb)));
	skb->priority = tx->priority;
	skb->mark = tx->mark;
	return ip_local_out(net, sk, skb);
}
