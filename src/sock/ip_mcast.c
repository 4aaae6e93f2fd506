/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Groups that a socket is a member of (RFC 1112 7.1; sources RFC 3376 3.1,
 * interface RFC 3678 4.1). Membership of the host is counted by inet/igmp.c;
 * here is what the socket itself wants to see: with IP_MULTICAST_ALL (the
 * default, as in Linux) also packets of groups that others on this host have
 * joined. The list is read by softirqs under RCU and replaced entry by entry.
 */
#include "sock/ip_sockglue.h"

#include "base/slab.h"
#include "inet/ipv4_net.h"
#include "inet/route.h"

/* --- what the packet path asks ------------------------------------------------------- */

static bool source_listed(const struct ip_mc_socklist *ml, __be32 src)
{
	for (u32 i = 0; i < ml->nr_sources; i++)
		if (ml->sources[i] == src)
			return true;
	return false;
}

bool ip_mc_sf_allow(const struct sock *sk, __be32 group, __be32 src, u32 dif)
{
	const struct ip_mc_socklist *ml;

	if (!ipv4_is_multicast(group))
		return true;
	for (ml = rcu_dereference(((struct sock *)sk)->mc_list); ml;
	     ml = rcu_dereference(((struct ip_mc_socklist *)ml)->next))
		if (ml->group == group && (!dif || ml->ifindex == dif))
			return source_listed(ml, src) != ml->exclude;
	return sk->mc_all;
}

/* --- the device of a group -------------------------------------------------------------- */

static struct net_device *route_dev(struct sock *sk, __be32 group)
{
	struct flowi4 fl = { .daddr = group };
	struct net_device *dev;
	struct rtable *rt;

	rt = ip_route_output(sock_net(sk), &fl);
	if (IS_ERR(rt))
		return NULL;
	dev = rt->dst.dev;	/* stays while this CPU is not left */
	dst_release(&rt->dst);
	return dev;
}

static struct net_device *group_dev(struct sock *sk, __be32 group, __be32 addr,
				    u32 ifindex)
{
	struct net *net = sock_net(sk);

	if (ifindex)
		return dev_get_by_index(net, ifindex);
	if (addr)
		return ip_dev_find(net, addr);
	return route_dev(sk, group);
}

/* --- the list; owner ----------------------------------------------------------------------- */

static void free_rcu(struct rcu_head *head)
{
	kfree(container_of(head, struct ip_mc_socklist, rcu));
}

static struct ip_mc_socklist **find_link(struct sock *sk, __be32 group,
					 u32 ifindex)
{
	struct ip_mc_socklist **p;

	for (p = &sk->mc_list; *p; p = &(*p)->next)
		if ((*p)->group == group &&
		    (!ifindex || (*p)->ifindex == ifindex))
			return p;
	return NULL;
}

static u32 count_groups(const struct sock *sk)
{
	const struct ip_mc_socklist *ml;
	u32 n = 0;

	for (ml = sk->mc_list; ml; ml = ml->next)
		n++;
	return n;
}

static struct ip_mc_socklist *entry_alloc(u32 sources)
{
	return kzalloc(sizeof(struct ip_mc_socklist) +
		       sources * sizeof(__be32));
}

static int mc_join(struct sock *sk, __be32 group, struct net_device *dev,
		   bool exclude)
{
	struct ip_mc_socklist *ml;
	int err;

	if (find_link(sk, group, dev->ifindex))
		return -EADDRINUSE;
	if (count_groups(sk) >= sock_net(sk)->ipv4->sysctl.igmp_max_memberships)
		return -ENOBUFS;
	ml = entry_alloc(0);
	if (!ml)
		return -ENOBUFS;
	err = ip_mc_join(dev, group);
	if (err) {
		kfree(ml);
		return err;
	}
	ml->group = group;
	ml->ifindex = dev->ifindex;
	ml->exclude = exclude;
	ml->next = sk->mc_list;
	rcu_assign_pointer(sk->mc_list, ml);
	return 0;
}

static void mc_unlink(struct sock *sk, struct ip_mc_socklist **link)
{
	struct ip_mc_socklist *ml = *link;
	struct net_device *dev;

	rcu_assign_pointer(*link, ml->next);
	dev = dev_get_by_index(sock_net(sk), ml->ifindex);
	if (dev)
		ip_mc_leave(dev, ml->group);
	call_rcu(&ml->rcu, free_rcu);
}

void ip_mc_drop_socket(struct sock *sk)
{
	while (sk->mc_list)
		mc_unlink(sk, &sk->mc_list);
}

static int mc_leave(struct sock *sk, __be32 group, __be32 addr, u32 ifindex)
{
	struct net_device *dev = group_dev(sk, group, addr, ifindex);
	struct ip_mc_socklist **link;

	if (!dev && !ifindex)
		return -ENODEV;
	if (dev)
		ifindex = dev->ifindex;
	link = find_link(sk, group, ifindex);
	if (!link)
		return -EADDRNOTAVAIL;
	mc_unlink(sk, link);
	return 0;
}

/* --- sources ---------------------------------------------------------------------------------- */

/* The entry at `link` replaced by one with `src` added or taken out. */
static int replace_sources(struct ip_mc_socklist **link, __be32 src, bool add)
{
	struct ip_mc_socklist *old = *link, *n;

	if (add && old->nr_sources >= IP_MC_MAX_SOURCES)
		return -ENOBUFS;
	n = entry_alloc(old->nr_sources + 1);
	if (!n)
		return -ENOBUFS;
	n->next = old->next;
	n->group = old->group;
	n->ifindex = old->ifindex;
	n->exclude = old->exclude;
	for (u32 i = 0; i < old->nr_sources; i++)
		if (old->sources[i] != src)
			n->sources[n->nr_sources++] = old->sources[i];
	if (add)
		n->sources[n->nr_sources++] = src;
	rcu_assign_pointer(*link, n);
	call_rcu(&old->rcu, free_rcu);
	return 0;
}

/* RFC3678 4.1.2: block/unblock work on EXCLUDE lists, add/drop on INCLUDE. */
static int mc_source(struct sock *sk, int name, __be32 group,
		     struct net_device *dev, __be32 src)
{
	bool exclude = name == IP_BLOCK_SOURCE || name == IP_UNBLOCK_SOURCE;
	bool add = name == IP_BLOCK_SOURCE || name == IP_ADD_SOURCE_MEMBERSHIP;
	struct ip_mc_socklist **link;
	int err;

	if (!dev)
		return -ENODEV;
	link = find_link(sk, group, dev->ifindex);
	if (!link && name == IP_ADD_SOURCE_MEMBERSHIP) {
		err = mc_join(sk, group, dev, false);
		if (err)
			return err;
		link = find_link(sk, group, dev->ifindex);
	}
	if (!link || (*link)->exclude != exclude)
		return -EINVAL;
	if (source_listed(*link, src) == add)
		return -EADDRNOTAVAIL;
	err = replace_sources(link, src, add);
	if (!err && !exclude && !(*link)->nr_sources)
		mc_unlink(sk, link);
	return err;
}

/* --- options ------------------------------------------------------------------------------------ */

static int set_membership(struct sock *sk, int name, const void *val, u32 len)
{
	struct ip_mreqn mreq = { 0 };
	struct net_device *dev;
	__be32 group, addr;

	if (len < sizeof(struct ip_mreq))
		return -EINVAL;
	memcpy(&mreq, val, min_t(size_t, len, sizeof(mreq)));
	group = (__force __be32)mreq.imr_multiaddr.s_addr;
	addr = (__force __be32)mreq.imr_address.s_addr;
	if (name == IP_DROP_MEMBERSHIP)
		return mc_leave(sk, group, addr, (u32)mreq.imr_ifindex);
	if (!ipv4_is_multicast(group))
		return -EINVAL;
	dev = group_dev(sk, group, addr, (u32)mreq.imr_ifindex);
	return dev ? mc_join(sk, group, dev, true) : -ENODEV;
}

static int set_source_membership(struct sock *sk, int name, const void *val,
				 u32 len)
{
	struct ip_mreq_source m;
	__be32 group;

	if (len != sizeof(m))
		return -EINVAL;
	memcpy(&m, val, sizeof(m));
	group = (__force __be32)m.imr_multiaddr.s_addr;
	if (!ipv4_is_multicast(group))
		return -EINVAL;
	return mc_source(sk, name, group,
			 group_dev(sk, group,
				   (__force __be32)m.imr_interface.s_addr, 0),
			 (__force __be32)m.imr_sourceaddr.s_addr);
}

static int source_name(int name)
{
	switch (name) {
	case MCAST_BLOCK_SOURCE:
		return IP_BLOCK_SOURCE;
	case MCAST_UNBLOCK_SOURCE:
		return IP_UNBLOCK_SOURCE;
	case MCAST_JOIN_SOURCE_GROUP:
		return IP_ADD_SOURCE_MEMBERSHIP;
	default:
		return IP_DROP_SOURCE_MEMBERSHIP;
	}
}

/* RFC3678 5.1.2 */
static int set_source_group(struct sock *sk, int name, const void *val, u32 len)
{
	struct group_source_req g;
	struct sockaddr_in in, src;
	__be32 group;

	if (len != sizeof(g))
		return -EINVAL;
	memcpy(&g, val, sizeof(g));
	memcpy(&in, &g.gsr_group, sizeof(in));
	memcpy(&src, &g.gsr_source, sizeof(src));
	group = (__force __be32)in.sin_addr.s_addr;
	if (in.sin_family != AF_INET || src.sin_family != AF_INET)
		return -EADDRNOTAVAIL;
	if (!ipv4_is_multicast(group))
		return -EINVAL;
	return mc_source(sk, source_name(name), group,
			 group_dev(sk, group, 0, g.gsr_interface),
			 (__force __be32)src.sin_addr.s_addr);
}

/* RFC3678 5.1.1: the family-independent form. */
static int set_group(struct sock *sk, int name, const void *val, u32 len)
{
	struct group_req g;
	struct sockaddr_in in;
	struct net_device *dev;
	__be32 group;

	if (len < sizeof(g))
		return -EINVAL;
	memcpy(&g, val, sizeof(g));
	memcpy(&in, &g.gr_group, sizeof(in));
	group = (__force __be32)in.sin_addr.s_addr;
	if (in.sin_family != AF_INET || !ipv4_is_multicast(group))
		return -EINVAL;
	if (name == MCAST_LEAVE_GROUP)
		return mc_leave(sk, group, 0, g.gr_interface);
	dev = group_dev(sk, group, 0, g.gr_interface);
	return dev ? mc_join(sk, group, dev, true) : -ENODEV;
}

static int set_multicast_if(struct sock *sk, const void *val, u32 len)
{
	struct ip_mreqn mreq = { 0 };
	struct net_device *dev;
	__be32 addr;

	if (sk->type == SOCK_STREAM || len < sizeof(struct in_addr))
		return -EINVAL;
	if (len >= sizeof(struct ip_mreq))
		memcpy(&mreq, val, min_t(size_t, len, sizeof(mreq)));
	else
		memcpy(&mreq.imr_address, val, sizeof(struct in_addr));
	addr = (__force __be32)mreq.imr_address.s_addr;
	if (!mreq.imr_ifindex && !addr) {
		sk->flow.mc_index = 0;
		sk->flow.mc_addr = 0;
		return 0;
	}
	dev = group_dev(sk, 0, addr, (u32)mreq.imr_ifindex);
	if (!dev)
		return -EADDRNOTAVAIL;
	if (sk->c.bound_dev_if && sk->c.bound_dev_if != dev->ifindex)
		return -EINVAL;
	sk->flow.mc_index = dev->ifindex;
	sk->flow.mc_addr = addr;
	return 0;
}

bool ip_mc_is_option(int name)
{
	switch (name) {
	case IP_ADD_MEMBERSHIP:
	case IP_DROP_MEMBERSHIP:
	case IP_ADD_SOURCE_MEMBERSHIP:
	case IP_DROP_SOURCE_MEMBERSHIP:
	case IP_BLOCK_SOURCE:
	case IP_UNBLOCK_SOURCE:
	case MCAST_JOIN_GROUP:
	case MCAST_LEAVE_GROUP:
	case MCAST_BLOCK_SOURCE:
	case MCAST_UNBLOCK_SOURCE:
	case MCAST_JOIN_SOURCE_GROUP:
	case MCAST_LEAVE_SOURCE_GROUP:
	case IP_MULTICAST_IF:
		return true;
	default:
		return false;
	}
}

int ip_mc_setsockopt(struct sock *sk, int name, const void *val, u32 len)
{
	switch (name) {
	case IP_MULTICAST_IF:
		return set_multicast_if(sk, val, len);
	case IP_ADD_MEMBERSHIP:
	case IP_DROP_MEMBERSHIP:
		if (sk->type == SOCK_STREAM)
			return -EPROTO;
		return set_membership(sk, name, val, len);
	case MCAST_JOIN_GROUP:
	case MCAST_LEAVE_GROUP:
		return set_group(sk, name, val, len);
	case MCAST_BLOCK_SOURCE:
	case MCAST_UNBLOCK_SOURCE:
	case MCAST_JOIN_SOURCE_GROUP:
	case MCAST_LEAVE_SOURCE_GROUP:
		return set_source_group(sk, name, val, len);
	default:
		return set_source_membership(sk, name, val, len);
	}
}
