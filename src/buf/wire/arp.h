/* SPDX-License-Identifier: BSD-2-Clause */
/* ARP (RFC 826) with its body for IPv4 over Ethernet; ARPHRD_* are in
 * base/uapi.h. */
#ifndef WEIR_BUF_WIRE_ARP_H
#define WEIR_BUF_WIRE_ARP_H

#include "base/uapi.h"
#include "buf/skbuff.h"

struct arphdr {
	__be16 ar_hrd;		/* ARPHRD_* */
	__be16 ar_pro;		/* ETH_P_* */
	u8 ar_hln;
	u8 ar_pln;
	__be16 ar_op;
} __packed __aligned(2);
static_assert(sizeof(struct arphdr) == 8, "wire format");

/* Body when ar_hln is 6 and ar_pln 4. */
struct arp_ether_ipv4 {
	u8 ar_sha[ETH_ALEN];
	__be32 ar_sip;
	u8 ar_tha[ETH_ALEN];
	__be32 ar_tip;
} __packed __aligned(2);
static_assert(sizeof(struct arp_ether_ipv4) == 20, "wire format");

#define ARP_ETHER_IPV4_LEN \
	(sizeof(struct arphdr) + sizeof(struct arp_ether_ipv4))

enum {	/* ar_op */
	ARPOP_REQUEST = 1,
	ARPOP_REPLY = 2,
	ARPOP_RREQUEST = 3,	/* RFC 903 */
	ARPOP_RREPLY = 4,
	ARPOP_InREQUEST = 8,	/* RFC 2390 */
	ARPOP_InREPLY = 9,
	ARPOP_NAK = 10,
};

/* Valid after pskb_may_pull(skb, ARP_ETHER_IPV4_LEN) at the ARP header. */
static inline struct arphdr *arp_hdr(const struct sk_buff *skb)
{
	return (struct arphdr *)skb_network_header(skb);
}
static inline struct arp_ether_ipv4 *arp_body(const struct sk_buff *skb)
{
	return (struct arp_ether_ipv4 *)(arp_hdr(skb) + 1);
}

#endif
