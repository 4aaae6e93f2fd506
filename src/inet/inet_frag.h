/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reassembly queues of one stack. Used by ip_frag_reasm.c; see there for how
 * memory is shared fairly.
 */
#ifndef WEIR_INET_INET_FRAG_H
#define WEIR_INET_INET_FRAG_H

#include "cpu/lock.h"
#include "cpu/timer.h"
#include "dev/netdevice.h"

#define IP_FRAG_HASH	1024
#define IP_FRAG_SOURCES	512

/* Hosts whose keyed hash is the same. */
struct ip_frag_source {
	struct list_head queues;	/* oldest first */
	u32 mem;			/* truesize held */
	u32 rid;			/* counts fragments, for max_dist */
};

struct ip_frags {
	spinlock_t lock;		/* all of this and of the queues; bh */
	struct hlist_head *hash;	/* IP_FRAG_HASH */
	struct ip_frag_source *sources;	/* IP_FRAG_SOURCES */
	struct list_head lru;		/* all queues, oldest first: expiry */
	u32 mem, nr_queues, seed;
	struct timer_list timer;	/* for the oldest queue */
	struct net *net;
};

int ip_frags_init(struct net *net);	/* 0 or -ENOMEM */
void ip_frags_exit(struct net *net);

#endif
