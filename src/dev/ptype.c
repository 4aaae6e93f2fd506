/* SPDX-License-Identifier: BSD-2-Clause */
/* The demultiplexing tables: writers under ptype_lock, readers under RCU. */
#include "dev/ptype.h"
#include "cpu/lock.h"
#include "dev/gro.h"
#include "dev/ptype_hash.h"

static struct hlist_head *ptype_head(struct net *net, struct packet_type *pt)
{
	if (be16_to_cpu(pt->type) == ETH_P_ALL_)
		return pt->dev ? &pt->dev->ptype_all : &net->ptype_all;
	return ptype_bucket(net, pt->type);
}

void dev_add_pack(struct net *net, struct packet_type *pt)
{
	pt->net = net;
	spin_lock_bh(&net->ptype_lock);
	hlist_add_head(&pt->node, ptype_head(net, pt));
	spin_unlock_bh(&net->ptype_lock);
}

void dev_remove_pack(struct packet_type *pt)
{
	spin_lock_bh(&pt->net->ptype_lock);
	hlist_del_init(&pt->node);
	spin_unlock_bh(&pt->net->ptype_lock);
	synchronize_rcu();
}

void dev_add_offload(struct net *net, struct net_offload *o)
{
	spin_lock_bh(&net->ptype_lock);
	hlist_add_head(&o->node, &net->offload_base);
	spin_unlock_bh(&net->ptype_lock);
}

void dev_remove_offload(struct net *net, struct net_offload *o)
{
	spin_lock_bh(&net->ptype_lock);
	hlist_del_init(&o->node);
	spin_unlock_bh(&net->ptype_lock);
	synchronize_rcu();
}
