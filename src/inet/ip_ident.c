/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Identification field. RFC 791 3.2: unique per source, destination and
 * protocol for as long as a datagram may live; RFC 6864: no meaning for
 * packets that are never fragmented; RFC 7739: not to be predictable, nor to
 * tell one host how much is sent to others.
 *
 * Counters in a table that starts with random values; a keyed hash of
 * addresses and protocol says which. Each use after a pause jumps by a
 * random step of up to the pause's length, so that two hosts which share a
 * counter cannot count each other's packets.
 */
#include "base/hash.h"
#include "base/random.h"
#include "inet/ipv4_net.h"

u16 ip_select_ident(struct net *net, __be32 daddr, __be32 saddr, u8 protocol,
		    u32 segs)
{
	struct ipv4_net *ip = net->ipv4;
	u64 addrs = (u64)(__force u32)daddr << 32 | (__force u32)saddr;
	u64 h = hash_fold(addrs ^ net->hash_secret[0],
			  (HASH_K0 ^ net->hash_secret[1]) + 2 * protocol);
	struct ip_ident *ident = &ip->idents[h & (ip->nr_idents - 1)];
	u32 now = (u32)jiffies(), old = READ_ONCE(ident->stamp), jump = 0;

	if (old != now &&
	    __atomic_compare_exchange_n(&ident->stamp, &old, now, false,
					__ATOMIC_RELAXED, __ATOMIC_RELAXED))
		jump = get_random_u32_below(now - old);
	return (u16)__atomic_fetch_add(&ident->id, segs + jump,
				       __ATOMIC_RELAXED) + (u16)jump;
}
