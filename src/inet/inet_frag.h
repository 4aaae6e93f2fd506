/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reassembly queues of one stack (inet_frag.c). An ipq is a datagram in
 * pieces, found by source, destination, protocol, identification and user;
 * ip_frag_reasm.c puts the pieces together.
 */
#ifndef WEIR_INET_INET_FRAG_H
#define WEIR_INET_INET_FRAG_H

#include "base/rbtree.h"
#include "cpu/lock.h"
#include "cpu/timer.h"
#include "inet/ip.h"

#define IP_FRAG_HASH	1024	/* see net_table_size() */
#define IP_FRAG_SOURCES	512

/* Hosts whose keyed hash is the same. */
struct ip_frag_source {
	struct list_head queues;	/* oldest first */
	u32 mem;			/* truesize held */
	u32 rid;			/* counts fragments, for max_dist */
};

struct ip_frags {
	spinlock_t lock;		/* all of this and of the queues; bh */
	u32 nr_hash, nr_sources;	/* powers of 2 */
	struct hlist_head *hash;
	struct ip_frag_source *sources;
	struct list_head lru;		/* all queues, oldest first: expiry */
	u32 mem, nr_queues, seed;
	struct timer_list timer;	/* for the oldest queue */
	struct net *net;
};

enum { IPQ_FIRST_IN = 1, IPQ_LAST_IN = 2 };

struct ipq {
	struct hlist_node hash;
	struct list_head lru;		/* frags->lru */
	struct list_head of_source;	/* source->queues */
	struct ip_frag_source *source;
	__be32 saddr, daddr;
	__be16 id;
	u8 protocol, last_in, ecn;
	u32 user;
	u32 len, meat;			/* bytes known of, bytes here */
	u32 mem;			/* charged */
	u32 max_size, max_df_size;	/* of a fragment, with header */
	u32 rid;			/* source->rid at the last fragment */
	struct rb_root frags;		/* sk_buffs, by offset */
	jiffies_t expires;
};

/* skb->cb of a queued fragment */
struct frag_cb {
	struct inet_skb_parm h;
	u32 offset, end;
};
#define FRAG_CB(skb) ((struct frag_cb *)(skb)->cb)
static_assert(sizeof(struct frag_cb) <= sizeof(((struct sk_buff *)0)->cb),
	      "must fit into skb->cb");

int ip_frags_init(struct net *net);	/* 0 or -ENOMEM */
void ip_frags_exit(struct net *net);

/* --- frags->lock held --------------------------------------------------------- */

struct ipq *ipq_find(struct ip_frags *f, const struct iphdr *iph, u32 user);
struct ipq *ipq_create(struct net *net, const struct iphdr *iph, u32 user);
/* What q holds, changed by n bytes. */
void ipq_charge(struct ip_frags *f, struct ipq *q, u32 n);
void ipq_uncharge(struct ip_frags *f, struct ipq *q, u32 n);
/* Its fragments; their charge is the caller's business. */
void ipq_drop_frags(struct ipq *q, enum skb_drop_reason why);
/* Fragments, charge, and q itself. */
void ipq_kill(struct ip_frags *f, struct ipq *q, enum skb_drop_reason why);
/* Keeps the limits of the source and of all; may kill any queue. */
void ip_frags_make_room(struct net *net, struct ip_frag_source *src);

#endif
