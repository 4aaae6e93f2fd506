/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a route to the neighbour that packets go to. A route keeps the
 * neighbours it used last: a gateway's has one, that of a connected network
 * one per destination in a few slots. The search in ARP's table is for the
 * first packet only.
 */
#include "inet/rtable.h"

struct neighbour *rt_neigh_slow(struct rtable *rt, __be32 key,
				struct neighbour **slot)
{
	struct neigh_table *tbl = &rt->dst.net->ipv4->arp_tbl;
	struct neighbour *n, *old;

	n = neigh_lookup(tbl, &key, rt->dst.dev);
	if (!n) {
		n = neigh_create(tbl, &key, rt->dst.dev);
		if (IS_ERR(n))
			return n;
	}
	if (READ_ONCE(rt->dst.obsolete)) {
		/* Do not keep what the device's end has cleared already; the
		 * entry lives until the CPU is left. */
		neigh_release(n);
		return n;
	}
	old = __atomic_exchange_n(slot, n, __ATOMIC_ACQ_REL);
	if (old)
		neigh_release(old);
	return n;
}
