/* SPDX-License-Identifier: BSD-2-Clause */
/* UDP header (RFC 768). */
#ifndef WEIR_BUF_WIRE_UDP_H
#define WEIR_BUF_WIRE_UDP_H

#include "base/types.h"
#include "buf/skbuff.h"

struct udphdr {
	__be16 source;
	__be16 dest;
	__be16 len;		/* header and data; 0: RFC 2675 jumbogram */
	__sum16 check;		/* 0: not computed */
} __packed __aligned(2);
static_assert(sizeof(struct udphdr) == 8, "wire format");

/* Valid after pskb_may_pull(skb, sizeof(struct udphdr)) at the transport
 * header. */
static inline struct udphdr *udp_hdr(const struct sk_buff *skb)
{
	return (struct udphdr *)skb_transport_header(skb);
}

#endif
