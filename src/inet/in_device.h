/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv4's part of a network device: its addresses and groups. dev->ip_ptr. */
#ifndef WEIR_INET_IN_DEVICE_H
#define WEIR_INET_IN_DEVICE_H

#include "inet/ipv4_net.h"

#define IN_DEV_MAX_ADDRS	4096
#define IN_DEV_MAX_GROUPS	4096

struct in_ifaddr {
	struct in_ifaddr *next;		/* RCU */
	struct hlist_node hash;		/* by local, RCU */
	struct in_device *in_dev;
	__be32 local, mask, broadcast;	/* broadcast 0: none */
	u8 prefixlen;
	struct rcu_head rcu;
};

struct ip_mc_list {
	struct ip_mc_list *next;	/* RCU */
	struct in_device *in_dev;
	__be32 group;
	u32 users;			/* under mc_lock, as the rest */
	u8 resends;			/* unsolicited reports still to come */
	bool reporter;			/* the last report was ours (v2) */
	struct timer_list timer;
	struct rcu_head rcu;
};

enum in_dev_rt { IN_DEV_RT_MC_IN, IN_DEV_RT_BC_IN, IN_DEV_RT_MC_OUT,
		 IN_DEV_RT_BC_OUT, IN_DEV_RTS };

struct in_device {
	struct net_device *dev;
	struct in_ifaddr *ifa_list;	/* RCU; writers: cfg_lock */
	u32 nr_addrs;
	/* routes that belong to no prefix; slots as in struct fib_info */
	struct rtable *rt[IN_DEV_RTS];
	/* igmp.c */
	spinlock_t mc_lock;		/* lists, timers' state; bh */
	struct ip_mc_list *mc_list;	/* RCU */
	u32 nr_groups, joined;
	jiffies_t v1_seen, v2_seen;	/* older querier present until then */
	struct timer_list gq_timer;	/* answer to a general query (v3) */
	struct rcu_head rcu;
};

static inline struct in_device *in_dev_get(const struct net_device *dev)
{
	return rcu_dereference(dev->ip_ptr);
}
static inline bool inet_ifa_match(__be32 addr, const struct in_ifaddr *ifa)
{
	return !(((__force u32)addr ^ (__force u32)ifa->local) &
		 (__force u32)ifa->mask);
}
/* addr lies in one of the subnets of dev. RCU. */
bool inet_addr_onlink(const struct in_device *in_dev, __be32 addr);
struct in_ifaddr *inet_lookup_ifaddr(struct net *net, __be32 addr); /* RCU */

/* igmp.c. Task context. */
void ip_mc_init_dev(struct in_device *in_dev);
void ip_mc_up(struct in_device *in_dev);	/* says what we are member of */
void ip_mc_down(struct in_device *in_dev);
void ip_mc_destroy_dev(struct in_device *in_dev);

#endif
