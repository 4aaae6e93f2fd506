/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Routes for what this host sends: choice of interface and source address
 * (RFC 1122 3.3.1, 3.3.4.3), and the route that a socket keeps.
 *
 * A result is kept where the lookup ended (a fib_info, or an in_device for
 * groups and the limited broadcast), so that a lookup normally allocates
 * nothing.
 */
#include "inet/rtable.h"

#include "inet/in_device.h"

static bool fl_bad_saddr(__be32 saddr)
{
	return ipv4_is_multicast(saddr) || ipv4_is_lbcast(saddr) ||
	       ipv4_is_zeronet(saddr);
}

/* A slot's route, referenced. */
static struct rtable *rt_output_slot(struct net *net, struct rtable **slot,
				     const struct rt_init *in,
				     struct fib_info *fi)
{
	struct rtable *rt = rt_slot_get(net, slot);

	if (likely(rt)) {
		dst_hold(&rt->dst);
		return rt;
	}
	rt = rt_alloc(net, in);
	if (!rt)
		return ERR_PTR(-ENOMEM);
	rt->fi = fi;
	dst_hold(&rt->dst);		/* one for the slot, one for the caller */
	rt_slot_set(slot, rt);
	return rt;
}

/* Groups and the limited broadcast: no table is asked when the interface is
 * given. */
static struct rtable *rt_output_many(struct net *net, struct net_device *dev,
				     u8 type)
{
	struct in_device *in_dev = in_dev_get(dev);
	struct rt_init in = { .dev = dev, .type = type };
	bool mc = type == RTN_MULTICAST_;

	if (!in_dev)
		return ERR_PTR(-EINVAL);
	return rt_output_slot(net, &in_dev->rt[mc ? IN_DEV_RT_MC_OUT
						  : IN_DEV_RT_BC_OUT],
			      &in, NULL);
}

static struct rtable *rt_output_local(struct net *net, struct flowi4 *fl,
				      struct fib_info *fi)
{
	struct net_device *lo = net->loopback_dev;
	struct rt_init in = { .dev = lo, .type = RTN_LOCAL_,
			      .prefsrc = fi->cfg.prefsrc };

	if (!lo)
		return ERR_PTR(-ENETUNREACH);
	if (!fl->saddr)
		fl->saddr = fi->cfg.prefsrc ? fi->cfg.prefsrc : fl->daddr;
	fl->oif = lo->ifindex;
	return rt_output_slot(net, &fi->rt_out, &in, fi);
}

static struct rtable *rt_output_unicast(struct net *net, struct flowi4 *fl,
					struct fib_info *fi)
{
	struct rt_init in = {
		.dev = fi->dev, .type = fi->cfg.type, .metrics = &fi->cfg,
		.gateway = fi->cfg.gateway, .prefsrc = fi->cfg.prefsrc,
	};
	struct rtable *rt;

	fl->oif = fi->dev->ifindex;
	rt = rt_exception_route(net, fl->daddr, fi);
	if (unlikely(rt))
		dst_hold(&rt->dst);
	else
		rt = rt_output_slot(net, &fi->rt_out, &in, fi);
	if (IS_ERR(rt) || fl->saddr)
		return rt;
	fl->saddr = fi->cfg.prefsrc ? fi->cfg.prefsrc :
		inet_select_addr(fi->dev, rt->gateway ? rt->gateway
						      : fl->daddr);
	return rt;
}

/* By what the lookup found. */
static struct rtable *rt_output_result(struct net *net, struct flowi4 *fl,
				       struct fib_info *fi)
{
	if (fi->cfg.type == RTN_LOCAL_)
		return rt_output_local(net, fl, fi);
	if (ipv4_is_multicast(fl->daddr) || ipv4_is_lbcast(fl->daddr)) {
		fl->oif = fi->dev->ifindex;
		if (!fl->saddr)
			fl->saddr = fi->cfg.prefsrc ? fi->cfg.prefsrc :
				inet_select_addr(fi->dev, 0);
		return rt_output_many(net, fi->dev, ipv4_is_lbcast(fl->daddr) ?
				      RTN_BROADCAST_ : RTN_MULTICAST_);
	}
	return rt_output_unicast(net, fl, fi);
}

/* The interface is given: some destinations need no table. NULL: ask it. */
static struct rtable *rt_output_bound(struct net *net, struct flowi4 *fl,
				      struct net_device *dev)
{
	bool lbcast = ipv4_is_lbcast(fl->daddr);

	if (!(dev->flags & IFF_UP) || !in_dev_get(dev))
		return ERR_PTR(-ENETUNREACH);
	if (!lbcast && !ipv4_is_multicast(fl->daddr))
		return NULL;
	if (!fl->saddr)
		fl->saddr = inet_select_addr(dev, 0);
	return rt_output_many(net, dev, lbcast ? RTN_BROADCAST_
					       : RTN_MULTICAST_);
}

/* No route but an interface: the destination is taken to be on its link. */
static struct rtable *rt_output_onlink(struct net *net, struct flowi4 *fl,
				       struct net_device *dev)
{
	struct rt_init in = { .dev = dev, .type = RTN_UNICAST_ };
	struct rtable *rt = rt_alloc(net, &in);

	if (!rt)
		return ERR_PTR(-ENOMEM);
	if (!fl->saddr)
		fl->saddr = inet_select_addr(dev, 0);
	return rt;
}

/* RFC1122 3.2.1.3: the source must be ours. Finds the interface for many
 * when only a source is given. 0, -EINVAL, -ENETUNREACH. */
static int rt_output_source(struct net *net, struct flowi4 *fl)
{
	struct net_device *dev;

	if (fl_bad_saddr(fl->saddr))
		return -EINVAL;
	if (fl->anysrc)
		return 0;
	dev = ip_dev_find(net, fl->saddr);
	if (!dev)
		return inet_addr_type(net, fl->saddr) == RTN_LOCAL_ ?
		       0 : -ENETUNREACH;	/* as Linux says it */
	if (!fl->oif && (ipv4_is_multicast(fl->daddr) ||
			 ipv4_is_lbcast(fl->daddr)))
		fl->oif = dev->ifindex;
	return 0;
}

/* RCU. */
static struct rtable *__ip_route_output(struct net *net, struct flowi4 *fl)
{
	struct net_device *dev = NULL;
	struct fib_info *fi;
	struct fib_key k;
	int err;

	if (fl->saddr) {
		err = rt_output_source(net, fl);
		if (err)
			return ERR_PTR(err);
	}
	if (fl->oif) {
		struct rtable *rt;

		dev = dev_get_by_index(net, fl->oif);
		if (!dev)
			return ERR_PTR(-ENODEV);
		rt = rt_output_bound(net, fl, dev);
		if (rt)
			return rt;
	}
	if (!fl->daddr)		/* 0 means this host, as in BSD */
		fl->daddr = fl->saddr ? fl->saddr : cpu_to_be32(INADDR_LOOPBACK);
	k = (struct fib_key){ .daddr = fl->daddr, .tos = fl->tos,
			      .oif = fl->oif };
	err = fib_lookup(net, &k, &fi);
	if (likely(!err))
		return rt_output_result(net, fl, fi);
	if (dev && err == -ENETUNREACH) {
		/* Our own addresses are reached whatever it is bound to. */
		k.oif = 0;
		if (!fib_lookup(net, &k, &fi) && fi->cfg.type == RTN_LOCAL_)
			return rt_output_local(net, fl, fi);
		return rt_output_onlink(net, fl, dev);
	}
	return ERR_PTR(err);
}

struct rtable *ip_route_output(struct net *net, struct flowi4 *fl)
{
	struct rtable *rt;

	rcu_read_lock();
	rt = __ip_route_output(net, fl);
	rcu_read_unlock();
	if (IS_ERR(rt))
		NET_INC_STATS(net, Ip, OutNoRoutes);
	return rt;
}

/* --- a socket's route ------------------------------------------------------------- */

static struct dst_entry *inet_flow_route_slow(struct net *net,
					      struct inet_flow *fl, int *err)
{
	bool srr = fl->opt && fl->opt->srr;
	struct flowi4 fl4 = {
		.daddr = srr ? fl->opt->faddr : fl->daddr.v4,
		.saddr = fl->saddr.v4, .tos = fl->tos, .mark = fl->mark,
		.protocol = fl->protocol, .oif = fl->oif,
		.sport = fl->sport, .dport = fl->dport,
		.anysrc = fl->transparent || fl->hdrincl,
	};
	struct rtable *rt;

	if (ipv4_is_multicast(fl4.daddr) && !fl4.oif)
		fl4.oif = fl->mc_index;
	if (ipv4_is_multicast(fl4.daddr) && !fl4.saddr)
		fl4.saddr = fl->mc_addr;
	inet_flow_drop_route(fl);
	rt = ip_route_output(net, &fl4);
	if (IS_ERR(rt)) {
		*err = (int)PTR_ERR(rt);
		return NULL;
	}
	if (!fl->saddr.v4)
		fl->saddr.v4 = fl4.saddr;
	fl->dst = &rt->dst;
	return fl->dst;
}

struct dst_entry *inet_flow_route(struct net *net, struct inet_flow *fl,
				  int *err)
{
	struct dst_entry *dst = fl->dst;

	if (likely(dst && dst->ops->check(dst)))
		return dst;
	return inet_flow_route_slow(net, fl, err);
}

void inet_flow_drop_route(struct inet_flow *fl)
{
	struct dst_entry *dst = fl->dst;

	fl->dst = NULL;
	dst_release(dst);
}

/* --- kinds of addresses -------------------------------------------------------------- */

u8 inet_addr_type(struct net *net, __be32 addr)
{
	struct fib_key k = { .daddr = addr };
	u8 type = RTN_UNICAST_;
	struct fib_info *fi;

	if (ipv4_is_zeronet(addr) || ipv4_is_lbcast(addr))
		return RTN_BROADCAST_;
	if (ipv4_is_multicast(addr))
		return RTN_MULTICAST_;
	rcu_read_lock();
	fi = fib_trie_lookup(&net->ipv4->tables[FIB_LOCAL], &k);
	if (fi)
		type = fi->cfg.type;
	rcu_read_unlock();
	return type;
}
