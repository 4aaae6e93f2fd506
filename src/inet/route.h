/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv4 routing: tables, lookup, cached results, learnt exceptions. */
#ifndef WEIR_INET_ROUTE_H
#define WEIR_INET_ROUTE_H

#include "cpu/rcu.h"
#include "inet/flow.h"

enum rt_type {	/* values of RTN_* */
	RTN_UNSPEC_, RTN_UNICAST_, RTN_LOCAL_, RTN_BROADCAST_, RTN_ANYCAST_,
	RTN_MULTICAST_, RTN_BLACKHOLE_, RTN_UNREACHABLE_, RTN_PROHIBIT_,
};

struct neighbour;
struct fib_info;
#define RT_NEIGH_SLOTS	8		/* next hops remembered per route */

struct rtable {
	struct dst_entry dst;		/* first */
	u8 type;			/* enum rt_type */
	bool is_input, uses_gateway;
	__be32 gateway;			/* next hop, or 0: the destination */
	__be32 prefsrc;			/* source to use when none is bound */
	u32 iif;
	/* below: the inet floor's own (inet/rtable.h) */
	bool nh_fixed;			/* one next hop, nh_key, for all */
	bool pmtu_locked;		/* below min_pmtu: send without DF */
	__be32 nh_key;
	u32 pmtu;			/* learnt, 0: none */
	jiffies_t pmtu_expires;
	jiffies_t expires;		/* a redirect's end; 0: never */
	__be32 learnt_for;		/* the destination it was learnt for */
	struct fib_info *fi;		/* only compared, never followed */
	struct neighbour *neigh[RT_NEIGH_SLOTS]; /* RCU; references held */
	struct list_head list;		/* ipv4->rt_list */
	u32 release_queued;
	struct rcu_head put_rcu;
};

/* Where in rt->neigh the next hop is kept. */
static inline u32 rt_neigh_index(const struct rtable *rt, __be32 key)
{
	u32 k = (__force u32)key;

	return rt->nh_fixed ? 0 : (k ^ k >> 24) % RT_NEIGH_SLOTS;
}

struct flowi4 {
	__be32 saddr, daddr;		/* saddr 0: chosen, written back */
	u8 tos, protocol;
	u32 mark, oif, iif;
	__be16 sport, dport;
	bool anysrc;			/* saddr need not be ours */
};

/* Referenced route, or ERR_PTR: -ENETUNREACH, -EHOSTUNREACH, -EINVAL, -EACCES
 * (broadcast is the caller's check: rt->type), -ENODEV, -ENOMEM. Writes
 * fl->saddr, fl->oif. Task or softirq. */
struct rtable *ip_route_output(struct net *net, struct flowi4 *fl);
/* Sets skb->dst (noref). 0 or -errno; *why says the drop reason. softirq */
int ip_route_input(struct sk_buff *skb, __be32 daddr, __be32 saddr, u8 tos,
		   struct net_device *dev, enum skb_drop_reason *why);
/* The flow's cached route if still right, else a new one (cached). NULL with
 * *err set on failure. Borrowed by the caller while it holds the owner's lock.
 * Fills fl->saddr.v4 when 0. */
struct dst_entry *inet_flow_route(struct net *net, struct inet_flow *fl,
				  int *err);
void inet_flow_drop_route(struct inet_flow *fl);

static inline struct rtable *skb_rtable(const struct sk_buff *skb)
{
	return (struct rtable *)skb->dst;
}

/* --- tables (inet/fib.c), also for `ip route` ---------------------------- */
struct fib_config {
	__be32 dst;
	u8 prefixlen, type, scope, protocol, tos;
	u32 table;			/* 254 main, 255 local */
	u32 priority;
	__be32 gateway, prefsrc;
	u32 oif;
	u32 mtu, advmss, rtt_ms, cwnd, ssthresh, initcwnd, initrwnd, window,
	    rto_min_ms;
	u8 hoplimit;
	bool mtu_locked, onlink, quickack, ecn;
	char congctl[DST_CONGCTL_MAX];	/* name; "": the socket's */
};
/* 0, -EEXIST, -ENODEV, -ENETUNREACH (gateway not on link), -EINVAL, -ENOMEM.
 * Task context. */
int fib_add(struct net *net, const struct fib_config *cfg, bool replace);
/* Instead of the route with the same destination, tos and priority; -ENOENT:
 * there is none. Else as fib_add. */
int fib_change(struct net *net, const struct fib_config *cfg);
int fib_del(struct net *net, const struct fib_config *cfg);	/* -ESRCH */
void fib_for_each(struct net *net,
		  void (*fn)(void *arg, const struct fib_config *cfg), void *arg);

/* enum rt_type of an address for this host: local, broadcast, multicast... */
u8 inet_addr_type(struct net *net, __be32 addr);
/* ICMP said so (or PLPMTUD), and the caller has checked that the news is about
 * a packet of its own: path MTU to daddr, for mtu_expires. Never below
 * min_pmtu (then packets to daddr go without DF). Cached routes to daddr are
 * looked up again. Any context. */
void ip_update_pmtu(struct net *net, __be32 daddr, u32 mtu);

/* --- addresses (inet/devinet.c) -------------------------------------------- */
/* Adds local, broadcast and connected routes. 0, -EEXIST, -EINVAL, -ENOMEM. */
int inet_addr_add(struct net_device *dev, __be32 addr, u8 prefixlen);
int inet_addr_del(struct net_device *dev, __be32 addr, u8 prefixlen);
/* First address of dev, preferring one on dst's subnet; 0: none. */
__be32 inet_select_addr(struct net_device *dev, __be32 dst);
void inet_addr_for_each(struct net *net,
	void (*fn)(void *arg, struct net_device *dev, __be32 addr, u8 plen),
	void *arg);
struct net_device *ip_dev_find(struct net *net, __be32 addr); /* RCU */

/* --- multicast membership (inet/igmp.c) ------------------------------------- */
int ip_mc_join(struct net_device *dev, __be32 group);	/* counted */
int ip_mc_leave(struct net_device *dev, __be32 group);
bool ip_check_mc(struct net_device *dev, __be32 group);	/* RCU */

extern const struct pernet_operations ipv4_net_ops;

#endif
