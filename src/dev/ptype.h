/* SPDX-License-Identifier: BSD-2-Clause */
/* Demultiplexing by link-layer protocol: the table that floors above
 * register in, and taps (captures, packet sockets). */
#ifndef WEIR_DEV_PTYPE_H
#define WEIR_DEV_PTYPE_H

#include "dev/netdevice.h"

#define ETH_P_ALL_	0x0003

struct packet_type {
	__be16 type;			/* ETH_P_*, or ETH_P_ALL: every packet */
	struct net_device *dev;		/* NULL: any */
	/* Consumes skb. softirq (taps on transmit: also task, bh off). */
	int (*func)(struct sk_buff *skb, struct net_device *dev,
		    struct packet_type *pt, struct net_device *orig_dev);
	struct net *net;
	void *af_packet_priv;
	struct hlist_node node;
};

void dev_add_pack(struct net *net, struct packet_type *pt);
/* Returns after a grace period: pt is not used any more. Task context. */
void dev_remove_pack(struct packet_type *pt);

#endif
