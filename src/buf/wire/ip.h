/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv4 header (RFC 791 3.1; DS field RFC 2474, ECN RFC 3168). IPPROTO_* are
 * in base/uapi.h. */
#ifndef WEIR_BUF_WIRE_IP_H
#define WEIR_BUF_WIRE_IP_H

#include "base/uapi.h"
#include "base/checksum.h"
#include "buf/skbuff.h"

struct iphdr {
	u8 version_ihl;		/* version << 4 | length in 32 bit words */
	u8 tos;
	__be16 tot_len;
	__be16 id;
	__be16 frag_off;	/* IP_DF, IP_MF, offset in units of 8 bytes */
	u8 ttl;
	u8 protocol;
	__sum16 check;
	__be32 saddr;
	__be32 daddr;
	/* options */
} __packed __aligned(2);
static_assert(sizeof(struct iphdr) == 20, "wire format");

#define IPVERSION	4
#define IPDEFTTL	64
#define MAXTTL		255
#define IP_HLEN_MAX	60
#define IPV4_MIN_MTU	68	/* RFC 791: every link carries 68 bytes */
#define IPV4_MAX_LEN	65535

#define IP_CE		0x8000	/* reserved bit, must be 0 */
#define IP_DF		0x4000
#define IP_MF		0x2000
#define IP_OFFSET	0x1fff

static inline u32 ip_version(const struct iphdr *iph)
{
	return iph->version_ihl >> 4;
}
/* Header length in bytes, as the header says. */
static inline u32 iph_len(const struct iphdr *iph)
{
	return (iph->version_ihl & 0xfu) * 4;
}
static inline void iph_set_len(struct iphdr *iph, u32 bytes)
{
	iph->version_ihl = (u8)(IPVERSION << 4 | bytes / 4);
}
static inline bool ip_is_fragment(const struct iphdr *iph)
{
	return be16_to_cpu(iph->frag_off) & (IP_MF | IP_OFFSET);
}
static inline bool ip_is_first_fragment_or_whole(const struct iphdr *iph)
{
	return !(be16_to_cpu(iph->frag_off) & IP_OFFSET);
}
static inline void ip_send_check(struct iphdr *iph)
{
	iph->check = 0;
	iph->check = ip_fast_csum(iph, iph_len(iph) / 4);
}
/* RFC 1812 5.3.1, RFC 1141: one less, checksum updated. Returns the new. */
static inline u8 ip_decrease_ttl(struct iphdr *iph)
{
	u32 check = (__force u16)iph->check;

	check += (__force u16)cpu_to_be16(0x0100);
	iph->check = (__force __sum16)(check + (check >= 0xffff));
	return --iph->ttl;
}

/* Valid from ip_rcv's checks (or ip_build) on, as long as network_header is
 * set and the header linear. */
static inline struct iphdr *ip_hdr(const struct sk_buff *skb)
{
	return (struct iphdr *)skb_network_header(skb);
}
static inline u32 ip_hdrlen(const struct sk_buff *skb)
{
	return iph_len(ip_hdr(skb));
}

/* --- type of service ------------------------------------------------------ */

#define IPTOS_TOS_MASK		0x1e
#define IPTOS_RT_MASK		0x1c
#define IPTOS_DSCP_MASK		0xfc
#define IPTOS_LOWDELAY		0x10
#define IPTOS_THROUGHPUT	0x08
#define IPTOS_RELIABILITY	0x04
#define IPTOS_MINCOST		0x02

enum {	/* RFC 3168 5 */
	INET_ECN_NOT_ECT = 0,
	INET_ECN_ECT_1 = 1,
	INET_ECN_ECT_0 = 2,
	INET_ECN_CE = 3,
	INET_ECN_MASK = 3,
};

/* --- options: RFC 791 3.1 --------------------------------------------------- */

#define IPOPT_COPY	0x80	/* copied into each fragment */
#define IPOPT_END	0
#define IPOPT_NOOP	1
#define IPOPT_RR	7
#define IPOPT_TIMESTAMP	68
#define IPOPT_SEC	130
#define IPOPT_LSRR	131
#define IPOPT_CIPSO	134
#define IPOPT_SID	136
#define IPOPT_SSRR	137
#define IPOPT_RA	148	/* RFC 2113 */
#define IPOPT_COPIED(o)	((o) & IPOPT_COPY)
#define IPOPT_TS_TSONLY	0
#define IPOPT_TS_TSANDADDR 1
#define IPOPT_TS_PRESPEC 3
#define MAX_IPOPTLEN	40

/* --- addresses: RFC 1122 3.2.1.3, RFC 6890 ---------------------------------- */

static inline bool ipv4_is_loopback(__be32 a)
{
	return be32_to_cpu(a) >> 24 == 127;
}
static inline bool ipv4_is_multicast(__be32 a)
{
	return be32_to_cpu(a) >> 28 == 0xe;
}
static inline bool ipv4_is_local_multicast(__be32 a)
{
	return be32_to_cpu(a) >> 8 == 0xe00000;
}
static inline bool ipv4_is_lbcast(__be32 a)
{
	return (__force u32)a == 0xffffffff;
}
static inline bool ipv4_is_zeronet(__be32 a)
{
	return be32_to_cpu(a) >> 24 == 0;
}
static inline bool ipv4_is_linklocal_169(__be32 a)
{
	return be32_to_cpu(a) >> 16 == 0xa9fe;
}
static inline bool ipv4_is_all_snoopers(__be32 a)
{
	return be32_to_cpu(a) == 0xe000006a;
}

#endif
