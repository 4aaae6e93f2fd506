/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses of both families, and the part of a socket that the network layer
 * needs to send for it: struct inet_flow is embedded in struct sock, so that
 * this floor need not know sockets.
 */
#ifndef WEIR_INET_FLOW_H
#define WEIR_INET_FLOW_H

#include "base/uapi.h"
#include "dev/dst.h"

/* Holds either family; IPv4 in a[3] would be mapped, v4 uses .v4 directly. */
union inet_addr {
	__be32 v4;
	__be32 v6[4];
	u64 q[2];
};

enum { IP_PMTUDISC_DONT_, IP_PMTUDISC_WANT_, IP_PMTUDISC_DO_,
       IP_PMTUDISC_PROBE_, IP_PMTUDISC_INTERFACE_, IP_PMTUDISC_OMIT_ };

struct ip_options {
	__be32 faddr;			/* first hop of a source route */
	u8 optlen;			/* multiple of 4, at most 40 */
	u8 srr, rr, ts, router_alert;	/* offsets from the IP header, 0: none */
	bool is_strictroute, srr_is_hit, is_changed, rr_needaddr, ts_needaddr,
	     ts_needtime;
	u8 data[40];
};

struct inet_flow {
	u16 family;
	u16 ip_id;			/* counter for packets without DF */
	__be16 sport, dport;		/* for policy and hashing only */
	union inet_addr saddr, daddr;
	u8 protocol, tos, ttl;		/* ttl 0: route's default */
	u8 mc_ttl, pmtudisc;
	u8 mc_loop:1, hdrincl:1, transparent:1, freebind:1;
	u32 mark, priority, oif;	/* oif 0: any */
	u32 mc_index;
	__be32 mc_addr;
	u32 txhash;
	struct ip_options *opt;		/* or NULL */
	struct dst_entry *dst;		/* cached route, own reference; owner's lock */
};

#endif
