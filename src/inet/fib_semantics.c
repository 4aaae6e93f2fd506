/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a route means: its type, whether its next hop makes sense, over which
 * device it leads. RFC 1122 3.3.1.1: a gateway must be on a connected
 * network.
 */
#include "inet/fib.h"

#include "base/slab.h"
#include "inet/in_device.h"
#include "inet/rtable.h"

/* By enum rt_type. Linux's errno for each refusal. */
int fib_type_error(u8 type)
{
	switch ((enum rt_type)type) {
	case RTN_UNSPEC_:
	case RTN_BLACKHOLE_:
		return -EINVAL;
	case RTN_UNREACHABLE_:
		return -EHOSTUNREACH;
	case RTN_PROHIBIT_:
		return -EACCES;
	case RTN_UNICAST_:
	case RTN_LOCAL_:
	case RTN_BROADCAST_:
	case RTN_ANYCAST_:
	case RTN_MULTICAST_:
		return 0;
	}
	return -EINVAL;
}

/* The administrator says that the gateway is a neighbour on this device,
 * whatever its addresses say. */
static struct net_device *fib_onlink_dev(struct net *net,
					 const struct fib_config *cfg)
{
	struct net_device *dev = dev_get_by_index(net, cfg->oif);

	if (cfg->type != RTN_UNICAST_ || !cfg->oif ||
	    inet_addr_type(net, cfg->gateway) != RTN_UNICAST_)
		return ERR_PTR(-EINVAL);
	if (!dev)
		return ERR_PTR(-ENODEV);
	return dev->flags & IFF_UP ? dev : ERR_PTR(-ENETDOWN);
}

/* The device over which cfg->gateway is a neighbour; ERR_PTR. */
static struct net_device *fib_gateway_dev(struct net *net,
					  const struct fib_config *cfg)
{
	struct fib_key k = { .daddr = cfg->gateway, .oif = cfg->oif };
	struct fib_info *fi;

	if (cfg->type != RTN_UNICAST_ || ipv4_is_multicast(cfg->gateway) ||
	    ipv4_is_lbcast(cfg->gateway) || ipv4_is_zeronet(cfg->gateway))
		return ERR_PTR(-EINVAL);
	if (fib_lookup(net, &k, &fi))
		return ERR_PTR(-ENETUNREACH);
	if (fi->cfg.type == RTN_LOCAL_ || fi->cfg.type == RTN_BROADCAST_)
		return ERR_PTR(-EINVAL);
	if (fi->cfg.gateway || fi->cfg.scope < RT_SCOPE_LINK_)
		return ERR_PTR(-ENETUNREACH);
	return fi->dev;
}

static struct net_device *fib_find_dev(struct net *net,
				       const struct fib_config *cfg)
{
	struct net_device *dev;

	if (fib_type_error(cfg->type))
		return cfg->gateway ? ERR_PTR(-EINVAL) : NULL;
	if (cfg->onlink && cfg->gateway)
		return fib_onlink_dev(net, cfg);
	if (cfg->gateway)
		return fib_gateway_dev(net, cfg);
	if (!cfg->oif)
		return ERR_PTR(-ENODEV);
	dev = dev_get_by_index(net, cfg->oif);
	if (!dev)
		return ERR_PTR(-ENODEV);
	/* An address's local route exists before its device is up. */
	if (!(dev->flags & IFF_UP) && cfg->type != RTN_LOCAL_)
		return ERR_PTR(-ENETDOWN);
	return dev;
}

static u8 fib_default_scope(const struct fib_config *cfg)
{
	if (cfg->type == RTN_LOCAL_)
		return RT_SCOPE_HOST_;
	if (cfg->type == RTN_BROADCAST_ || cfg->type == RTN_ANYCAST_)
		return RT_SCOPE_LINK_;
	if (cfg->type == RTN_UNICAST_ && !cfg->gateway)
		return RT_SCOPE_LINK_;
	return RT_SCOPE_UNIVERSE_;
}

struct fib_info *fib_create_info(struct net *net, const struct fib_config *in)
{
	struct fib_config cfg = *in;
	struct net_device *dev;
	struct fib_info *fi;

	if (!cfg.type)
		cfg.type = RTN_UNICAST_;
	if (!cfg.table)
		cfg.table = RT_TABLE_MAIN_;
	if (!cfg.scope)
		cfg.scope = fib_default_scope(&cfg);
	cfg.tos &= IPTOS_RT_MASK;
	if (cfg.prefsrc && !(cfg.type == RTN_LOCAL_ && cfg.prefsrc == cfg.dst) &&
	    inet_addr_type(net, cfg.prefsrc) != RTN_LOCAL_)
		return ERR_PTR(-EINVAL);
	rcu_read_lock();
	dev = fib_find_dev(net, &cfg);
	if (!IS_ERR_OR_NULL(dev))
		dev_hold(dev);
	rcu_read_unlock();
	if (IS_ERR(dev))
		return ERR_PTR(PTR_ERR(dev));
	fi = kzalloc(sizeof(*fi));
	if (!fi) {
		if (dev)
			dev_put(dev);
		return ERR_PTR(-ENOMEM);
	}
	fi->cfg = cfg;
	fi->dev = dev;
	if (dev)
		fi->cfg.oif = dev->ifindex;
	return fi;
}

/* The device is held until readers are gone: they take references from it.
 * One that came late may have put a result into a slot. */
static void fib_info_free_rcu(struct rcu_head *head)
{
	struct fib_info *fi = container_of(head, struct fib_info, rcu);

	rt_slot_set(&fi->rt_out, NULL);
	rt_slot_set(&fi->rt_in, NULL);
	if (fi->dev)
		dev_put(fi->dev);
	kfree(fi);
}

void fib_free_info(struct fib_info *fi)
{
	call_rcu(&fi->rcu, fib_info_free_rcu);
}

bool fib_is_default_gw(struct net *net, __be32 gw, struct net_device *dev)
{
	struct fib_table *t = net->ipv4->tables;

	for (int i = FIB_MAIN; i < FIB_TABLES; i++) {
		struct fib_node *n = fib_trie_find(&t[i], 0, 0);
		struct fib_info *fi = n ? rcu_dereference(n->routes) : NULL;

		for (; fi; fi = rcu_dereference(fi->next))
			if (fi->cfg.gateway == gw && fi->dev == dev)
				return true;
	}
	return false;
}
