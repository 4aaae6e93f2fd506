/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Routes for what arrives: is it for this host, to be forwarded, or a
 * martian? RFC 1122 3.2.1.3, RFC 1812 5.3.7 (martian addresses), RFC 3704
 * (reverse path: rp_filter 0 off, 1 strict, 2 loose).
 *
 * Results are kept in the fib_info or in_device where the lookup ended; the
 * packet borrows them.
 */
#include "inet/rtable.h"

#include "inet/in_device.h"
#include "inet/ip.h"

static int rt_input_slot(struct sk_buff *skb, struct net *net,
			 struct rtable **slot, const struct rt_init *in,
			 enum skb_drop_reason *why)
{
	struct rtable *rt = rt_slot_get(net, slot);

	if (unlikely(!rt)) {
		rt = rt_alloc(net, in);
		if (!rt) {
			*why = SKB_DROP_REASON_NOMEM;
			return -ENOMEM;
		}
		rt_slot_set(slot, rt);
	}
	skb_dst_set_noref(skb, &rt->dst);
	return 0;
}

/* --- sources ---------------------------------------------------------------------- */

/* RFC1122 3.2.1.3 (a)-(g). Class E is valid unicast for Linux, and here. */
static bool saddr_martian(struct net *net, __be32 saddr,
			  const struct net_device *dev)
{
	if (ipv4_is_multicast(saddr) || ipv4_is_lbcast(saddr))
		return true;
	if (ipv4_is_zeronet(saddr))
		return true;
	return ipv4_is_loopback(saddr) && !(dev->flags & IFF_LOOPBACK) &&
	       !net->ipv4->sysctl.route_localnet;
}

/* RFC3704: would we send to saddr over dev (strict), or at all (loose)? */
static bool rp_filter_ok(struct net *net, __be32 saddr, u8 tos,
			 const struct net_device *dev, u32 mode)
{
	struct fib_key k = { .daddr = saddr, .tos = tos };
	struct fib_info *fi;

	if (fib_lookup(net, &k, &fi) || fi->cfg.type != RTN_UNICAST_)
		return false;
	return mode == 2 || fi->dev == dev;
}

/* 0; -EINVAL: martian; -EXDEV: came the wrong way. */
static int fib_validate_source(struct net *net, __be32 saddr, u8 tos,
			       const struct net_device *dev,
			       enum skb_drop_reason *why)
{
	const struct ipv4_sysctl *ctl = &net->ipv4->sysctl;

	if (dev->flags & IFF_LOOPBACK)
		return 0;
	/* Nobody else sends from our address. */
	if (unlikely(inet_lookup_ifaddr(net, saddr) && !ctl->accept_local)) {
		*why = SKB_DROP_REASON_IP_INVALID_SOURCE;
		return -EINVAL;
	}
	if (likely(!ctl->rp_filter) ||
	    rp_filter_ok(net, saddr, tos, dev, ctl->rp_filter))
		return 0;
	*why = SKB_DROP_REASON_IP_RPFILTER;
	NET_INC_STATS(net, TcpExt, IPReversePathFilter);
	return -EXDEV;
}

/* --- destinations -------------------------------------------------------------------- */

/* RFC1112 7.1: groups we are member of on this link. */
static int ip_route_input_mc(struct sk_buff *skb, __be32 daddr, __be32 saddr,
			     u8 tos, struct net_device *dev,
			     enum skb_drop_reason *why)
{
	struct in_device *in_dev = in_dev_get(dev);
	struct net *net = dev->net;
	struct rt_init in = { .dev = net->loopback_dev ? net->loopback_dev : dev,
			      .type = RTN_MULTICAST_, .is_input = true };
	int err;

	*why = SKB_DROP_REASON_IP_MULTICAST_NOT_JOINED;
	if (!in_dev || !ip_check_mc(dev, daddr))
		return -EINVAL;
	*why = SKB_DROP_REASON_IP_INVALID_SOURCE;
	/* Hosts without an address yet speak IGMP from 0.0.0.0. */
	if (ipv4_is_zeronet(saddr) ? !ipv4_is_local_multicast(daddr)
				   : saddr_martian(net, saddr, dev))
		return -EINVAL;
	if (!ipv4_is_zeronet(saddr)) {
		err = fib_validate_source(net, saddr, tos, dev, why);
		if (err)
			return err;
	}
	return rt_input_slot(skb, net, &in_dev->rt[IN_DEV_RT_MC_IN], &in, why);
}

static int ip_route_input_bc(struct sk_buff *skb, __be32 saddr, u8 tos,
			     struct net_device *dev, enum skb_drop_reason *why)
{
	struct in_device *in_dev = in_dev_get(dev);
	struct net *net = dev->net;
	struct rt_init in = { .dev = net->loopback_dev ? net->loopback_dev : dev,
			      .type = RTN_BROADCAST_, .is_input = true };
	int err;

	if (saddr) {
		err = fib_validate_source(net, saddr, tos, dev, why);
		if (err)
			return err;
	}
	return rt_input_slot(skb, net, &in_dev->rt[IN_DEV_RT_BC_IN], &in, why);
}

static int ip_route_input_local(struct sk_buff *skb, __be32 saddr, u8 tos,
				struct net_device *dev, struct fib_info *fi,
				enum skb_drop_reason *why)
{
	struct net *net = dev->net;
	struct rt_init in = { .dev = net->loopback_dev ? net->loopback_dev : dev,
			      .type = RTN_LOCAL_, .is_input = true,
			      .prefsrc = fi->cfg.prefsrc };
	int err = fib_validate_source(net, saddr, tos, dev, why);

	if (unlikely(err))
		return err;
	return rt_input_slot(skb, net, &fi->rt_in, &in, why);
}

/* RFC1812 5.2.7.2: the sender and the next hop are on one link. */
static bool rt_needs_redirect(const struct in_device *in_dev,
			      const struct fib_info *fi, __be32 saddr)
{
	const struct ipv4_sysctl *ctl = &in_dev->dev->net->ipv4->sysctl;

	return fi->dev == in_dev->dev && ctl->send_redirects &&
	       (ctl->shared_media ||
		(inet_addr_onlink(in_dev, saddr) && fi->cfg.gateway &&
		 inet_addr_onlink(in_dev, fi->cfg.gateway)));
}

static int ip_route_input_forward(struct sk_buff *skb, __be32 saddr, u8 tos,
				  struct net_device *dev, struct fib_info *fi,
				  enum skb_drop_reason *why)
{
	struct in_device *in_dev = in_dev_get(dev);
	struct net *net = dev->net;
	struct rt_init in = {
		.dev = fi->dev, .type = fi->cfg.type, .is_input = true,
		.gateway = fi->cfg.gateway, .prefsrc = fi->cfg.prefsrc,
		.metrics = &fi->cfg,
	};
	int err = fib_validate_source(net, saddr, tos, dev, why);

	if (err)
		return err;
	if (rt_needs_redirect(in_dev, fi, saddr))
		IPCB(skb)->flags |= IPSKB_DOREDIRECT;
	return rt_input_slot(skb, net, &fi->rt_in, &in, why);
}

/* By what the table says. */
static int ip_route_input_fib(struct sk_buff *skb, __be32 daddr, __be32 saddr,
			      u8 tos, struct net_device *dev,
			      enum skb_drop_reason *why)
{
	struct fib_key k = { .daddr = daddr, .tos = tos };
	struct net *net = dev->net;
	struct fib_info *fi;
	int err = fib_lookup(net, &k, &fi);

	if (likely(!err && fi->cfg.type == RTN_LOCAL_))
		return ip_route_input_local(skb, saddr, tos, dev, fi, why);
	if (!err && fi->cfg.type == RTN_BROADCAST_)
		return ip_route_input_bc(skb, saddr, tos, dev, why);
	/* RFC1122 3.2.1.3: a host discards what is not for it. */
	if (!ip_forwarding(net)) {
		*why = SKB_DROP_REASON_IP_FORWARDING_OFF;
		NET_INC_STATS(net, Ip, InAddrErrors);
		return -EHOSTUNREACH;
	}
	*why = SKB_DROP_REASON_IP_INNOROUTES;
	if (err) {
		NET_INC_STATS(net, IpExt, InNoRoutes);
		return err;
	}
	if (fi->cfg.type != RTN_UNICAST_)
		return -EINVAL;
	return ip_route_input_forward(skb, saddr, tos, dev, fi, why);
}

int ip_route_input(struct sk_buff *skb, __be32 daddr, __be32 saddr, u8 tos,
		   struct net_device *dev, enum skb_drop_reason *why)
{
	struct net *net = dev->net;
	int err;

	skb_stage(skb, STAGE_ip_route_input);
	*why = SKB_DROP_REASON_IP_INNOROUTES;
	if (unlikely(!in_dev_get(dev)))
		return -EINVAL;
	if (unlikely(ipv4_is_multicast(daddr)))
		return ip_route_input_mc(skb, daddr, saddr, tos, dev, why);
	*why = SKB_DROP_REASON_IP_INVALID_SOURCE;
	if (unlikely(ipv4_is_multicast(saddr) || ipv4_is_lbcast(saddr)))
		return -EINVAL;
	if (unlikely(ipv4_is_lbcast(daddr) || (!saddr && !daddr)))
		return saddr && saddr_martian(net, saddr, dev) ? -EINVAL :
			ip_route_input_bc(skb, saddr, tos, dev, why);
	if (unlikely(saddr_martian(net, saddr, dev)))
		return -EINVAL;
	*why = SKB_DROP_REASON_IP_INVALID_DEST;
	err = -EINVAL;
	if (unlikely(ipv4_is_zeronet(daddr)))
		goto bad_addr;
	if (unlikely(ipv4_is_loopback(daddr)) && !(dev->flags & IFF_LOOPBACK) &&
	    !net->ipv4->sysctl.route_localnet) {
		*why = SKB_DROP_REASON_IP_LOCALNET;
		goto bad_addr;
	}
	return ip_route_input_fib(skb, daddr, saddr, tos, dev, why);

bad_addr:
	NET_INC_STATS(net, Ip, InAddrErrors);
	return err;
}
