/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a link-layer protocol's handlers are, and its offload. */
#ifndef WEIR_DEV_PTYPE_HASH_H
#define WEIR_DEV_PTYPE_HASH_H

#include "dev/gro.h"
#include "dev/ptype.h"

static inline struct hlist_head *ptype_bucket(struct net *net, __be16 type)
{
	u32 h = (__force u16)type;	/* either byte order gives the same */

	return &net->ptype_base[(h ^ h >> 8) % PTYPE_HASH_SIZE];
}

/* NULL: packets of this type are neither merged nor cut. RCU. */
static inline struct net_offload *offload_find(struct net *net, __be16 type)
{
	struct net_offload *o;

	hlist_for_each_entry(o, &net->offload_base, node)
		if (o->type == type)
			return o;
	return NULL;
}

#endif
