/* SPDX-License-Identifier: BSD-2-Clause */
/* Token buckets of remote hosts, in a set-associative cache. */
#include "inet/inetpeer.h"

#include "base/hash.h"
#include "base/slab.h"
#include "inet/ipv4_net.h"

int inet_peers_init(struct net *net, struct inet_peers *p)
{
	spin_lock_init(&p->lock);
	p->nr_sets = net_table_size(net, INET_PEER_SETS);
	p->sets = kcalloc(p->nr_sets, sizeof(*p->sets));
	return p->sets ? 0 : -ENOMEM;
}

void inet_peers_exit(struct inet_peers *p)
{
	kfree(p->sets);
	p->sets = NULL;
}

/* addr's entry, or the set's least recently used one made addr's. A bucket
 * starts full. Lock held. */
static struct inet_peer *peer_get(struct net *net, __be32 addr, u32 full,
				  jiffies_t now)
{
	struct ipv4_net *ip = net->ipv4;
	u32 set = hash_1((__force u32)addr, ip->hash_seed) &
		  (ip->peers.nr_sets - 1);
	struct inet_peer *ways = ip->peers.sets[set], *oldest = ways;

	for (int i = 0; i < INET_PEER_WAYS; i++) {
		if (ways[i].addr == addr)
			return &ways[i];
		if (ways[i].stamp < oldest->stamp)
			oldest = &ways[i];
	}
	*oldest = (struct inet_peer){ .addr = addr, .tokens = full,
				      .stamp = now };
	return oldest;
}

bool inet_peer_xrlim_allow(struct net *net, __be32 addr, u32 timeout)
{
	struct inet_peers *peers = &net->ipv4->peers;
	u64 full = (u64)timeout * XRLIM_BURST_FACTOR;
	jiffies_t now = jiffies();
	struct inet_peer *p;
	bool allow = false;
	u64 tokens;

	if (!timeout)
		return true;
	spin_lock_bh(&peers->lock);
	p = peer_get(net, addr, (u32)min_t(u64, full, UINT32_MAX), now);
	tokens = min_t(u64, p->tokens + (now - p->stamp), full);
	if (tokens >= timeout) {
		tokens -= timeout;
		allow = true;
	}
	p->tokens = (u32)min_t(u64, tokens, UINT32_MAX);
	p->stamp = now;
	spin_unlock_bh(&peers->lock);
	return allow;
}
