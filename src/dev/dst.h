/* SPDX-License-Identifier: BSD-2-Clause */
/* dst_entry: where a packet goes next. Made by the route lookup of a family,
 * held by sockets (cached) and packets. */
#ifndef WEIR_DEV_DST_H
#define WEIR_DEV_DST_H

#include "buf/dst_ref.h"
#include "dev/netdevice.h"

struct dst_ops;

#define DST_CONGCTL_MAX	16

struct dst_entry {
	struct dst_ref ref;		/* must be first: see skb_dst_drop */
	struct net *net;
	struct net_device *dev;		/* held */
	const struct dst_ops *ops;
	/* Both consume skb. */
	int (*input)(struct sk_buff *skb);
	int (*output)(struct net *net, struct sock *sk, struct sk_buff *skb);
	u32 mtu;			/* route's or learnt; 0: the device's */
	u32 advmss, rtt_ms, cwnd, ssthresh, initcwnd, initrwnd, window, rto_min_ms;
	bool mtu_locked, quickack, ecn;
	u8 hoplimit;			/* 0: the stack's */
	char congctl[DST_CONGCTL_MAX];	/* "": the socket's */
	s16 error;			/* unreachable routes: -EHOSTUNREACH ... */
	u16 obsolete;			/* 1: look up again (dst_check fails) */
	u32 genid;			/* fib generation it was made in */
	struct rcu_head rcu;
};

struct dst_ops {
	u16 family;
	/* Still right? NULL: look up again. Borrowed reference. */
	struct dst_entry *(*check)(struct dst_entry *dst);
	u32 (*mtu)(const struct dst_entry *dst);	/* effective path MTU */
	void (*update_pmtu)(struct dst_entry *dst, u32 mtu);
	/* Something above heard from the next hop: neighbour confirmed. */
	void (*confirm)(struct dst_entry *dst);
	/* Path looks dead: choose another gateway next time. */
	void (*negative_advice)(struct dst_entry *dst);
};

static inline void dst_hold(struct dst_entry *dst)
{
	refcount_inc(&dst->ref.refs);
}
void dst_release(struct dst_entry *dst);	/* NULL is fine */
static inline u32 dst_mtu(const struct dst_entry *dst)
{
	return dst->ops->mtu(dst);
}
/* skb takes a reference of its own. */
static inline void skb_dst_set(struct sk_buff *skb, struct dst_entry *dst)
{
	skb->dst = dst;			/* takes over the caller's reference */
	skb->dst_noref = 0;
}
/* Valid only inside the RCU section, as long as the packet is processed. */
static inline void skb_dst_set_noref(struct sk_buff *skb, struct dst_entry *dst)
{
	skb->dst = dst;
	skb->dst_noref = 1;
}
/* Before the packet is queued beyond the RCU section. */
static inline void skb_dst_force(struct sk_buff *skb)
{
	if (skb->dst && skb->dst_noref) {
		dst_hold(skb->dst);
		skb->dst_noref = 0;
	}
}
static inline int dst_output(struct net *net, struct sock *sk,
			     struct sk_buff *skb)
{
	return skb->dst->output(net, sk, skb);
}
static inline int dst_input(struct sk_buff *skb)
{
	return skb->dst->input(skb);
}

#endif
