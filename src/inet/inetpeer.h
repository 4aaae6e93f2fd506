/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is remembered of single remote hosts: tokens for rate limits. A cache
 * of fixed size, several ways per set; the way that was idle longest makes
 * room, so that no flood of addresses costs memory.
 */
#ifndef WEIR_INET_INETPEER_H
#define WEIR_INET_INETPEER_H

#include "cpu/lock.h"
#include "inet/flow.h"

#define INET_PEER_SETS	256	/* see net_table_size() */
#define INET_PEER_WAYS	4

struct inet_peer {
	__be32 addr;
	u32 tokens;			/* jiffies' worth */
	jiffies_t stamp;		/* last use */
};
struct inet_peers {
	spinlock_t lock;
	u32 nr_sets;			/* a power of 2 */
	struct inet_peer (*sets)[INET_PEER_WAYS];
};

int inet_peers_init(struct net *net, struct inet_peers *p); /* 0 or -ENOMEM */
void inet_peers_exit(struct inet_peers *p);
/* Token bucket of addr: one packet per `timeout` jiffies, bursts of
 * XRLIM_BURST_FACTOR. True: may go. Any context with bh off. */
#define XRLIM_BURST_FACTOR 6
bool inet_peer_xrlim_allow(struct net *net, __be32 addr, u32 timeout);

#endif
