/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses of devices. RFC 950, RFC 1122 3.2.1.3, 3.3.1.1.
 *
 * An address brings routes with it: itself (local), its subnet (connected),
 * the subnet's broadcast address. They exist while the device is up; the
 * loopback device gets 127.0.0.1/8 when it comes up. struct in_device is made
 * with the first event of a device and freed when it is unregistered.
 *
 * Writers hold ipv4->cfg_lock, readers walk lists and the hash under RCU.
 */
#include "inet/in_device.h"

#include "base/hash.h"
#include "base/slab.h"
#include "inet/rtable.h"

/* --- looking up ---------------------------------------------------------------- */

static struct hlist_head *addr_bucket(struct ipv4_net *ip, __be32 addr)
{
	return &ip->addr_hash[hash_1((__force u32)addr, ip->hash_seed) &
			      (ip->nr_addr_hash - 1)];
}

struct in_ifaddr *inet_lookup_ifaddr(struct net *net, __be32 addr)
{
	struct in_ifaddr *ifa;

	hlist_for_each_entry(ifa, addr_bucket(net->ipv4, addr), hash)
		if (ifa->local == addr)
			return ifa;
	return NULL;
}

struct net_device *ip_dev_find(struct net *net, __be32 addr)
{
	struct in_ifaddr *ifa = inet_lookup_ifaddr(net, addr);

	return ifa ? ifa->in_dev->dev : NULL;
}

bool inet_addr_onlink(const struct in_device *in_dev, __be32 addr)
{
	struct in_ifaddr *ifa = rcu_dereference(in_dev->ifa_list);

	for (; ifa; ifa = rcu_dereference(ifa->next))
		if (inet_ifa_match(addr, ifa))
			return true;
	return false;
}

/* First of dev's addresses, rather one whose subnet dst is in. */
static __be32 select_on_dev(struct net_device *dev, __be32 dst)
{
	struct in_device *in_dev = in_dev_get(dev);
	struct in_ifaddr *ifa;
	__be32 first = 0;

	if (!in_dev)
		return 0;
	for (ifa = rcu_dereference(in_dev->ifa_list); ifa;
	     ifa = rcu_dereference(ifa->next)) {
		if (!first)
			first = ifa->local;
		if (!dst || inet_ifa_match(dst, ifa))
			return ifa->local;
	}
	return first;
}

/* A device without addresses uses another's that is not only for this host. */
static __be32 select_elsewhere(struct net *net, const struct net_device *not)
{
	struct net_device *dev;

	list_for_each_entry(dev, &net->dev_base, dev_list) {
		__be32 addr = 0;

		if (dev != not && !(dev->flags & IFF_LOOPBACK))
			addr = select_on_dev(dev, 0);
		if (addr)
			return addr;
	}
	return 0;
}

__be32 inet_select_addr(struct net_device *dev, __be32 dst)
{
	__be32 addr;

	rcu_read_lock();
	addr = select_on_dev(dev, dst);
	if (!addr)
		addr = select_elsewhere(dev->net, dev);
	rcu_read_unlock();
	return addr;
}

void inet_addr_for_each(struct net *net,
	void (*fn)(void *arg, struct net_device *dev, __be32 addr, u8 plen),
	void *arg)
{
	struct net_device *dev;

	rcu_read_lock();
	list_for_each_entry(dev, &net->dev_base, dev_list) {
		struct in_device *in_dev = in_dev_get(dev);
		struct in_ifaddr *ifa = in_dev ?
			rcu_dereference(in_dev->ifa_list) : NULL;

		for (; ifa; ifa = rcu_dereference(ifa->next))
			fn(arg, dev, ifa->local, ifa->prefixlen);
	}
	rcu_read_unlock();
}

/* --- routes of an address; cfg_lock held -------------------------------------------- */

static struct fib_config ifa_config(const struct in_ifaddr *ifa, __be32 dst,
				    u8 plen, u8 type)
{
	bool unicast = type == RTN_UNICAST_;

	return (struct fib_config){
		.dst = dst, .prefixlen = plen, .type = type,
		.scope = type == RTN_LOCAL_ ? RT_SCOPE_HOST_ : RT_SCOPE_LINK_,
		.protocol = RTPROT_KERNEL_, .prefsrc = ifa->local,
		.table = unicast ? RT_TABLE_MAIN_ : RT_TABLE_LOCAL_,
		.oif = ifa->in_dev->dev->ifindex,
	};
}

/* Adds or deletes; that it was there (not there) already is no harm: another
 * address of the subnet brought it. */
static void ifa_route(const struct in_ifaddr *ifa, __be32 dst, u8 plen,
		      u8 type, bool add)
{
	struct fib_config cfg = ifa_config(ifa, dst, plen, type);
	struct net *net = ifa->in_dev->dev->net;

	if (add)
		__fib_add(net, &cfg, FIB_ADD);
	else
		__fib_del(net, &cfg);
}

static void ifa_subnet_routes(const struct in_ifaddr *ifa, bool add)
{
	__be32 prefix = ifa->local & ifa->mask;
	struct net_device *dev = ifa->in_dev->dev;

	if (ifa->prefixlen < 32 && !ipv4_is_zeronet(prefix))
		ifa_route(ifa, prefix, ifa->prefixlen,
			  dev->flags & IFF_LOOPBACK ? RTN_LOCAL_
						    : RTN_UNICAST_, add);
	/* RFC1122 3.3.6; RFC3021: none on a /31. */
	if (ifa->broadcast)
		ifa_route(ifa, ifa->broadcast, 32, RTN_BROADCAST_, add);
}

static void ifa_add_routes(const struct in_ifaddr *ifa)
{
	ifa_route(ifa, ifa->local, 32, RTN_LOCAL_, true);
	if (ifa->in_dev->dev->flags & IFF_UP)
		ifa_subnet_routes(ifa, true);
}

static void in_dev_add_routes(struct in_device *in_dev)
{
	for (struct in_ifaddr *i = in_dev->ifa_list; i; i = i->next)
		ifa_add_routes(i);
}

/* --- addresses; cfg_lock held --------------------------------------------------------- */

static struct in_ifaddr *ifa_alloc(struct in_device *in_dev, __be32 addr,
				   u8 prefixlen)
{
	struct in_ifaddr *ifa = kzalloc(sizeof(*ifa));

	if (!ifa)
		return NULL;
	ifa->in_dev = in_dev;
	ifa->local = addr;
	ifa->prefixlen = prefixlen;
	ifa->mask = cpu_to_be32(plen_mask(prefixlen));
	if (prefixlen < 31)
		ifa->broadcast = addr | ~ifa->mask;
	return ifa;
}

static bool ifa_addr_valid(__be32 addr, u8 prefixlen)
{
	return prefixlen <= 32 && !ipv4_is_multicast(addr) &&
	       !ipv4_is_lbcast(addr) && !ipv4_is_zeronet(addr);
}

static int __inet_addr_add(struct in_device *in_dev, __be32 addr, u8 prefixlen)
{
	struct ipv4_net *ip = in_dev->dev->net->ipv4;
	struct in_ifaddr **p = &in_dev->ifa_list, *ifa;

	if (in_dev->nr_addrs >= IN_DEV_MAX_ADDRS)
		return -ENOMEM;
	for (; *p; p = &(*p)->next)
		if ((*p)->local == addr && (*p)->prefixlen == prefixlen)
			return -EEXIST;
	ifa = ifa_alloc(in_dev, addr, prefixlen);
	if (!ifa)
		return -ENOMEM;
	rcu_assign_pointer(*p, ifa);
	hlist_add_head(&ifa->hash, addr_bucket(ip, addr));
	in_dev->nr_addrs++;
	ifa_add_routes(ifa);
	rt_genid_bump(in_dev->dev->net);
	return 0;
}

static void ifa_free_rcu(struct rcu_head *head)
{
	kfree(container_of(head, struct in_ifaddr, rcu));
}

/* Takes *p out. Routes that other addresses need too come back with them as
 * preferred source. */
static void ifa_remove(struct in_device *in_dev, struct in_ifaddr **p)
{
	struct in_ifaddr *ifa = *p;

	rcu_assign_pointer(*p, ifa->next);
	hlist_del_init(&ifa->hash);
	in_dev->nr_addrs--;
	ifa_route(ifa, ifa->local, 32, RTN_LOCAL_, false);
	ifa_subnet_routes(ifa, false);
	in_dev_add_routes(in_dev);
	rt_genid_bump(in_dev->dev->net);
	call_rcu(&ifa->rcu, ifa_free_rcu);
}

static int __inet_addr_del(struct in_device *in_dev, __be32 addr, u8 prefixlen)
{
	struct in_ifaddr **p = &in_dev->ifa_list;

	for (; *p; p = &(*p)->next)
		if ((*p)->local == addr && (*p)->prefixlen == prefixlen)
			break;
	if (!*p)
		return -EADDRNOTAVAIL;
	ifa_remove(in_dev, p);
	return 0;
}

/* --- in_device ----------------------------------------------------------------------------- */

static struct in_device *in_dev_create(struct net_device *dev)
{
	struct in_device *in_dev = kzalloc(sizeof(*in_dev));

	if (!in_dev)
		return NULL;
	in_dev->dev = dev;
	ip_mc_init_dev(in_dev);
	rcu_assign_pointer(dev->ip_ptr, in_dev);
	return in_dev;
}

static struct in_device *in_dev_get_or_create(struct net_device *dev)
{
	struct in_device *in_dev = in_dev_get(dev);

	return in_dev ? in_dev : in_dev_create(dev);
}

static void in_dev_free_rcu(struct rcu_head *head)
{
	struct in_device *in_dev = container_of(head, struct in_device, rcu);

	for (int i = 0; i < IN_DEV_RTS; i++)
		rt_slot_set(&in_dev->rt[i], NULL);
	kfree(in_dev);
}

static void in_dev_destroy(struct net_device *dev)
{
	struct ipv4_net *ip = dev->net->ipv4;
	struct in_device *in_dev = in_dev_get(dev);

	if (!in_dev)
		return;
	ip_mc_destroy_dev(in_dev);
	spin_lock_bh(&ip->cfg_lock);
	while (in_dev->ifa_list)
		ifa_remove(in_dev, &in_dev->ifa_list);
	fib_flush_dev(dev->net, dev);
	rcu_assign_pointer(dev->ip_ptr, NULL);
	spin_unlock_bh(&ip->cfg_lock);
	call_rcu(&in_dev->rcu, in_dev_free_rcu);
}

int inet_addr_add(struct net_device *dev, __be32 addr, u8 prefixlen)
{
	struct ipv4_net *ip = dev->net->ipv4;
	struct in_device *in_dev;
	int err = -ENOMEM;

	if (!ifa_addr_valid(addr, prefixlen))
		return -EINVAL;
	spin_lock_bh(&ip->cfg_lock);
	in_dev = in_dev_get_or_create(dev);
	if (in_dev)
		err = __inet_addr_add(in_dev, addr, prefixlen);
	spin_unlock_bh(&ip->cfg_lock);
	if (!err && ip->sysctl.arp_notify && dev->flags & IFF_UP)
		arp_announce(dev, addr);
	return err;
}

int inet_addr_del(struct net_device *dev, __be32 addr, u8 prefixlen)
{
	struct ipv4_net *ip = dev->net->ipv4;
	struct in_device *in_dev;
	int err = -EADDRNOTAVAIL;

	spin_lock_bh(&ip->cfg_lock);
	in_dev = in_dev_get(dev);
	if (in_dev)
		err = __inet_addr_del(in_dev, addr, prefixlen);
	spin_unlock_bh(&ip->cfg_lock);
	return err;
}

/* --- events -------------------------------------------------------------------------------- */

static void inetdev_up(struct net_device *dev)
{
	struct ipv4_net *ip = dev->net->ipv4;
	struct in_device *in_dev;

	spin_lock_bh(&ip->cfg_lock);
	in_dev = in_dev_get_or_create(dev);
	if (in_dev) {
		if (dev->flags & IFF_LOOPBACK && !in_dev->ifa_list)
			__inet_addr_add(in_dev, cpu_to_be32(INADDR_LOOPBACK), 8);
		in_dev_add_routes(in_dev);
		rt_genid_bump(dev->net);
	}
	spin_unlock_bh(&ip->cfg_lock);
	if (in_dev)
		ip_mc_up(in_dev);
}

static void inetdev_down(struct net_device *dev)
{
	struct ipv4_net *ip = dev->net->ipv4;
	struct in_device *in_dev = in_dev_get(dev);

	if (in_dev)
		ip_mc_down(in_dev);
	spin_lock_bh(&ip->cfg_lock);
	fib_flush_dev(dev->net, dev);
	spin_unlock_bh(&ip->cfg_lock);
	neigh_ifdown(&ip->arp_tbl, dev);
}

static void inetdev_announce(struct net_device *dev)
{
	struct in_device *in_dev = in_dev_get(dev);
	struct in_ifaddr *ifa;

	if (!in_dev || !dev->net->ipv4->sysctl.arp_notify)
		return;
	for (ifa = in_dev->ifa_list; ifa; ifa = ifa->next)
		arp_announce(dev, ifa->local);
}

/* net->rtnl held. */
static int inetdev_event(struct notifier_block *nb, unsigned long event,
			 void *ptr)
{
	struct net_device *dev = ptr;

	switch (event) {
	case NETDEV_UP:
		inetdev_up(dev);
		inetdev_announce(dev);
		break;
	case NETDEV_DOWN:
		inetdev_down(dev);
		break;
	case NETDEV_CHANGEADDR:
		neigh_ifdown(&dev->net->ipv4->arp_tbl, dev);
		inetdev_announce(dev);
		break;
	case NETDEV_CHANGEMTU:
		rt_genid_bump(dev->net);
		break;
	case NETDEV_UNREGISTER:
		inetdev_down(dev);
		in_dev_destroy(dev);
		rt_flush_dev(dev->net, dev);
		break;
	default:
		break;
	}
	return 0;
}

int devinet_init(struct net *net)
{
	struct ipv4_net *ip = net->ipv4;

	ip->netdev_nb.call = inetdev_event;
	return register_netdevice_notifier(net, &ip->netdev_nb);
}

void devinet_exit(struct net *net)
{
	struct net_device *dev;

	unregister_netdevice_notifier(net, &net->ipv4->netdev_nb);
	/* Devices that outlive this floor. */
	list_for_each_entry(dev, &net->dev_base, dev_list) {
		in_dev_destroy(dev);
		rt_flush_dev(net, dev);
	}
}
