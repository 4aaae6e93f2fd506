/* SPDX-License-Identifier: BSD-2-Clause */
/* IGMP version 1 and 2 (RFC 1112, RFC 2236) and 3 (RFC 3376 4). */
#ifndef WEIR_BUF_WIRE_IGMP_H
#define WEIR_BUF_WIRE_IGMP_H

#include "base/types.h"
#include "buf/skbuff.h"

struct igmphdr {
	u8 type;
	u8 code;		/* max response time, 1/10 s */
	__sum16 csum;
	__be32 group;
} __packed __aligned(2);
static_assert(sizeof(struct igmphdr) == 8, "wire format");

enum {	/* type */
	IGMP_HOST_MEMBERSHIP_QUERY = 0x11,
	IGMP_HOST_MEMBERSHIP_REPORT = 0x12,
	IGMPV2_HOST_MEMBERSHIP_REPORT = 0x16,
	IGMP_HOST_LEAVE_MESSAGE = 0x17,
	IGMPV3_HOST_MEMBERSHIP_REPORT = 0x22,
};

/* RFC 3376 4.1: a query of 12 bytes or more. */
struct igmpv3_query {
	u8 type;
	u8 code;
	__sum16 csum;
	__be32 group;
	u8 resv_s_qrv;		/* IGMPV3_QUERY_S, low 3 bits: robustness */
	u8 qqic;
	__be16 nsrcs;
	/* __be32 srcs[nsrcs] */
} __packed __aligned(2);
static_assert(sizeof(struct igmpv3_query) == 12, "wire format");
#define IGMPV3_QUERY_S	0x08

/* RFC 3376 4.2.4 */
struct igmpv3_grec {
	u8 grec_type;		/* IGMPV3_* */
	u8 grec_auxwords;
	__be16 grec_nsrcs;
	__be32 grec_mca;
	/* __be32 grec_src[grec_nsrcs] */
} __packed __aligned(2);
static_assert(sizeof(struct igmpv3_grec) == 8, "wire format");

/* RFC 3376 4.2 */
struct igmpv3_report {
	u8 type;
	u8 resv1;
	__sum16 csum;
	__be16 resv2;
	__be16 ngrec;
	/* struct igmpv3_grec grec[ngrec] */
} __packed __aligned(2);
static_assert(sizeof(struct igmpv3_report) == 8, "wire format");

enum {	/* grec_type */
	IGMPV3_MODE_IS_INCLUDE = 1,
	IGMPV3_MODE_IS_EXCLUDE,
	IGMPV3_CHANGE_TO_INCLUDE,
	IGMPV3_CHANGE_TO_EXCLUDE,
	IGMPV3_ALLOW_NEW_SOURCES,
	IGMPV3_BLOCK_OLD_SOURCES,
};

#define IGMP_ALL_HOSTS		0xe0000001u	/* host order */
#define IGMP_ALL_ROUTER		0xe0000002u
#define IGMPV3_ALL_MCR		0xe0000016u

/* Valid after pskb_may_pull(skb, sizeof(struct igmphdr)) at the transport
 * header. */
static inline struct igmphdr *igmp_hdr(const struct sk_buff *skb)
{
	return (struct igmphdr *)skb_transport_header(skb);
}

#endif
