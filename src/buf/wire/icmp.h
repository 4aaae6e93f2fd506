/* SPDX-License-Identifier: BSD-2-Clause */
/* ICMP (RFC 792; codes RFC 1122 3.2.2, RFC 1812 5.2.7; MTU field RFC 1191). */
#ifndef WEIR_BUF_WIRE_ICMP_H
#define WEIR_BUF_WIRE_ICMP_H

#include "base/types.h"
#include "buf/skbuff.h"

struct icmphdr {
	u8 type;
	u8 code;
	__sum16 checksum;
	union {
		struct {
			__be16 id;
			__be16 sequence;
		} __packed __aligned(2) echo;
		__be32 gateway;
		struct {
			__be16 unused;
			__be16 mtu;
		} __packed __aligned(2) frag;
		u8 reserved[4];		/* [0]: pointer of PARAMETERPROB,
					 * [1]: RFC 4884 length in words */
	} __packed __aligned(2) un;
} __packed __aligned(2);
static_assert(sizeof(struct icmphdr) == 8, "wire format");

enum {	/* type */
	ICMP_ECHOREPLY = 0,
	ICMP_DEST_UNREACH = 3,
	ICMP_SOURCE_QUENCH = 4,		/* RFC 6633: deprecated */
	ICMP_REDIRECT = 5,
	ICMP_ECHO = 8,
	ICMP_ROUTERADVERT = 9,		/* RFC 1256 */
	ICMP_ROUTERSOLICIT = 10,
	ICMP_TIME_EXCEEDED = 11,
	ICMP_PARAMETERPROB = 12,
	ICMP_TIMESTAMP = 13,
	ICMP_TIMESTAMPREPLY = 14,
	ICMP_INFO_REQUEST = 15,
	ICMP_INFO_REPLY = 16,
	ICMP_ADDRESS = 17,		/* RFC 950 */
	ICMP_ADDRESSREPLY = 18,
	NR_ICMP_TYPES = 18,
	ICMP_EXT_ECHO = 42,		/* RFC 8335 */
	ICMP_EXT_ECHOREPLY = 43,
};

enum {	/* code of ICMP_DEST_UNREACH */
	ICMP_NET_UNREACH, ICMP_HOST_UNREACH, ICMP_PROT_UNREACH,
	ICMP_PORT_UNREACH, ICMP_FRAG_NEEDED, ICMP_SR_FAILED, ICMP_NET_UNKNOWN,
	ICMP_HOST_UNKNOWN, ICMP_HOST_ISOLATED, ICMP_NET_ANO, ICMP_HOST_ANO,
	ICMP_NET_UNR_TOS, ICMP_HOST_UNR_TOS, ICMP_PKT_FILTERED,
	ICMP_PREC_VIOLATION, ICMP_PREC_CUTOFF,
	NR_ICMP_UNREACH = 15,
};
enum {	/* code of ICMP_REDIRECT */
	ICMP_REDIR_NET, ICMP_REDIR_HOST, ICMP_REDIR_NETTOS, ICMP_REDIR_HOSTTOS,
};
enum {	/* code of ICMP_TIME_EXCEEDED */
	ICMP_EXC_TTL, ICMP_EXC_FRAGTIME,
};

/* Valid after pskb_may_pull(skb, sizeof(struct icmphdr)) at the transport
 * header. */
static inline struct icmphdr *icmp_hdr(const struct sk_buff *skb)
{
	return (struct icmphdr *)skb_transport_header(skb);
}

#endif
