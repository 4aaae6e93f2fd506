/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table that transports register in (inet_protos), and the family's ops
 * that transports ask, so that TCP and UDP never name IPv4 or IPv6.
 */
#ifndef WEIR_INET_PROTOCOL_H
#define WEIR_INET_PROTOCOL_H

#include "dev/netdevice.h"
#include "dev/gro.h"

struct net_protocol {
	/* Consumes skb: data at the transport header, IP header checked. softirq */
	int (*handler)(struct sk_buff *skb);
	/* ICMP error about a packet we sent. skb->data at the quoted IP
	 * header, network_header too; at least 8 bytes of the quoted transport
	 * header are linear behind it. Borrows skb. info: next-hop MTU for
	 * FRAG_NEEDED, gateway/pointer otherwise. */
	int (*err_handler)(struct sk_buff *skb, u8 type, u8 code, u32 info);
	/* Optional: finds an established socket early; sets skb->sk and
	 * skb->dst from its cached route. Borrows. */
	void (*early_demux)(struct sk_buff *skb);
};

/* Segmentation and coalescing of a transport; offsets as in dev/gro.h. */
struct inet_offload {
	struct sk_buff **(*gro_receive)(struct sk_buff **head,
					struct sk_buff *skb);
	int (*gro_complete)(struct sk_buff *skb, int thoff);
	struct sk_buff *(*gso_segment)(struct sk_buff *skb,
				       netdev_features_t features);
};

/* 0 or -EEXIST. `p` is constant and outlives the net. */
int inet_add_protocol(struct net *net, const struct net_protocol *p, u8 num);
void inet_del_protocol(struct net *net, u8 num);
int inet_add_offload(struct net *net, const struct inet_offload *o, u8 num);
/* Raw sockets: sees (borrows; clones what it keeps) every local packet before
 * the handler; returns true if some socket took it. */
void inet_set_raw_deliver(struct net *net,
			  bool (*fn)(struct sk_buff *skb, u8 protocol));
/* Raw sockets: ICMP errors about packets of any protocol, arguments as for
 * err_handler. Borrows. */
void inet_set_raw_err(struct net *net,
		      void (*fn)(struct sk_buff *skb, u8 protocol, u8 type,
				 u8 code, u32 info));

#endif
