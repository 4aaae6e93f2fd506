/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP header (RFC 9293 3.1; ECN bits RFC 3168 6.1; options RFC 9293 3.2,
 * RFC 7323, RFC 2018, RFC 7413, RFC 2385, RFC 5925). */
#ifndef WEIR_BUF_WIRE_TCP_H
#define WEIR_BUF_WIRE_TCP_H

#include "base/types.h"
#include "buf/skbuff.h"

struct tcphdr {
	__be16 source;
	__be16 dest;
	__be32 seq;
	__be32 ack_seq;
	u8 doff_res;		/* header length in words << 4 | AE bit */
	u8 flags;		/* TCPHDR_* */
	__be16 window;
	__sum16 check;
	__be16 urg_ptr;
	/* options */
} __packed __aligned(2);
static_assert(sizeof(struct tcphdr) == 20, "wire format");

#define TCPHDR_FIN	0x01
#define TCPHDR_SYN	0x02
#define TCPHDR_RST	0x04
#define TCPHDR_PSH	0x08
#define TCPHDR_ACK	0x10
#define TCPHDR_URG	0x20
#define TCPHDR_ECE	0x40
#define TCPHDR_CWR	0x80
#define TCPHDR_SYN_ECN	(TCPHDR_SYN | TCPHDR_ECE | TCPHDR_CWR)
#define TCPHDR_RES_AE	0x01	/* in doff_res: accurate ECN, RFC 9768 */

#define TCP_HLEN_MAX	60
#define MAX_TCP_OPTION_SPACE 40

/* Header length in bytes, as the header says. */
static inline u32 tcp_doff(const struct tcphdr *th)
{
	return (u32)(th->doff_res >> 4) * 4;
}
static inline void tcp_set_doff(struct tcphdr *th, u32 bytes)
{
	th->doff_res = (u8)((bytes / 4) << 4);
}
static inline u8 tcp_flags(const struct tcphdr *th) { return th->flags; }
static inline bool tcp_has(const struct tcphdr *th, u8 flags)
{
	return th->flags & flags;
}

enum {	/* option kinds */
	TCPOPT_EOL = 0,
	TCPOPT_NOP = 1,
	TCPOPT_MSS = 2,
	TCPOPT_WINDOW = 3,
	TCPOPT_SACK_PERM = 4,
	TCPOPT_SACK = 5,
	TCPOPT_TIMESTAMP = 8,
	TCPOPT_MD5SIG = 19,
	TCPOPT_AO = 29,
	TCPOPT_MPTCP = 30,
	TCPOPT_FASTOPEN = 34,
	TCPOPT_ACCECN0 = 172,
	TCPOPT_ACCECN1 = 174,
	TCPOPT_EXP = 254,		/* RFC 6994 */
};
#define TCPOPT_FASTOPEN_MAGIC	0xf989

enum {	/* option lengths; _ALIGNED: with NOPs up to whole words */
	TCPOLEN_MSS = 4,
	TCPOLEN_WINDOW = 3,
	TCPOLEN_SACK_PERM = 2,
	TCPOLEN_TIMESTAMP = 10,
	TCPOLEN_MD5SIG = 18,
	TCPOLEN_FASTOPEN_BASE = 2,
	TCPOLEN_EXP_FASTOPEN_BASE = 4,
	TCPOLEN_SACK_BASE = 2,
	TCPOLEN_SACK_PERBLOCK = 8,
	TCPOLEN_TSTAMP_ALIGNED = 12,
	TCPOLEN_WSCALE_ALIGNED = 4,
	TCPOLEN_SACKPERM_ALIGNED = 4,
	TCPOLEN_SACK_BASE_ALIGNED = 4,
	TCPOLEN_MD5SIG_ALIGNED = 20,
	TCPOLEN_ACCECN_BASE = 2,
	TCPOLEN_ACCECN_PERFIELD = 3,
};

/* Valid after pskb_may_pull(skb, sizeof(struct tcphdr)) at the transport
 * header, the options after a second one of tcp_doff(). */
static inline struct tcphdr *tcp_hdr(const struct sk_buff *skb)
{
	return (struct tcphdr *)skb_transport_header(skb);
}
static inline u32 tcp_hdrlen(const struct sk_buff *skb)
{
	return tcp_doff(tcp_hdr(skb));
}
static inline u32 tcp_optlen(const struct sk_buff *skb)
{
	return tcp_hdrlen(skb) - (u32)sizeof(struct tcphdr);
}

/* The sequence space is a ring (RFC 9293 3.4): no other comparison is right. */
static inline bool before(u32 a, u32 b) { return (s32)(a - b) < 0; }
static inline bool after(u32 a, u32 b) { return (s32)(b - a) < 0; }
/* b <= a <= c on the ring */
static inline bool between(u32 a, u32 b, u32 c) { return c - b >= a - b; }

#endif
