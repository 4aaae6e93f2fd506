/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Routes as results, inside of this floor: making them, keeping them in slots
 * (a fib_info's, an in_device's, an exception's), finding the neighbour.
 *
 * A slot owns a reference and gives it back only after a grace period. Hence
 * whoever took a route from a slot may use it without a reference until it
 * leaves the CPU, and may take a reference meanwhile.
 */
#ifndef WEIR_INET_RTABLE_H
#define WEIR_INET_RTABLE_H

#include "inet/ipv4_net.h"

/* --- route_dst.c ------------------------------------------------------------- */

struct rt_init {
	struct net_device *dev;
	__be32 gateway, prefsrc;
	u8 type;
	bool is_input;
	const struct fib_config *metrics;	/* or NULL */
};
/* Referenced, or NULL: no memory. */
struct rtable *rt_alloc(struct net *net, const struct rt_init *in);
/* What the slot holds if it is still right, else NULL. RCU. */
static inline struct rtable *rt_slot_get(const struct net *net,
					 struct rtable **slot)
{
	struct rtable *rt = rcu_dereference(*slot);

	if (likely(rt && rt->dst.genid == READ_ONCE(net->ipv4->rt_genid) &&
		   !READ_ONCE(rt->dst.obsolete)))
		return rt;
	return NULL;
}
/* The slot takes over rt's reference; what it held is released later. */
void rt_slot_set(struct rtable **slot, struct rtable *rt);
/* Nobody shall use it any more: socket caches look again. */
static inline void rt_kill(struct rtable *rt)
{
	WRITE_ONCE(rt->dst.obsolete, 1);
}
/* dev vanishes: routes that somebody still holds lead nowhere. */
void rt_flush_dev(struct net *net, struct net_device *dev);
int ip_rt_bug(struct sk_buff *skb);

/* --- how large a packet may be (ip_output.c) ------------------------------------ */

/* Room that the link layer's header takes in front. */
static inline u32 ll_headroom(const struct net_device *dev)
{
	return ALIGN_UP((u32)dev->hard_header_len + dev->needed_headroom, 16u);
}
/* IP bytes of each packet that a GSO packet stands for; ~0 when its headers
 * are not what it says. */
u32 ip_gso_seglen(const struct sk_buff *skb);
/* MTU that this packet has to keep. */
u32 ip_skb_mtu(const struct sk_buff *skb);
/* MTU for packets that are passed on. A router does not use what ICMP taught
 * it about paths (it could be anybody's lie), unless told to. */
u32 ip_forward_mtu(const struct dst_entry *dst);

/* --- route_neigh.c ------------------------------------------------------------ */

struct neighbour *rt_neigh_slow(struct rtable *rt, __be32 key,
				struct neighbour **slot);
/* Next hop for a packet to daddr; borrowed (RCU), or ERR_PTR. No search
 * when the last packet to it was not long ago. */
static inline struct neighbour *rt_neigh(struct rtable *rt, __be32 daddr)
{
	__be32 key = rt->nh_fixed ? rt->nh_key : daddr;
	struct neighbour **slot = &rt->neigh[rt_neigh_index(rt, key)];
	struct neighbour *n = rcu_dereference(*slot);

	if (likely(n && !memcmp(n->key, &key, sizeof(key)) &&
		   !READ_ONCE(n->dead)))
		return n;
	return rt_neigh_slow(rt, key, slot);
}

/* --- route_exception.c --------------------------------------------------------- */

int rt_exceptions_init(struct net *net);
void rt_exceptions_exit(struct net *net);
/* Something was learnt about daddr: the route for it instead of `base`,
 * made from it. Borrowed (RCU); NULL: nothing learnt. */
struct rtable *rt_exception_route(struct net *net, __be32 daddr,
				  const struct fib_info *fi);
/* An ICMP redirect from old_gw, checked by icmp.c. */
void ip_rt_redirect(struct net *net, struct net_device *dev, __be32 old_gw,
		    __be32 daddr, __be32 new_gw);
/* Forget all. */
void rt_exceptions_flush(struct net *net);

#endif
