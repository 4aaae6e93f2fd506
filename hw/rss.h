/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Receive-side scaling: what a NIC finds out about a frame on its way in, and
 * the Toeplitz hash of its addresses and ports (82576 7.1.1.7). The hash of n
 * bytes is the xor of one table word per nibble; the table is made from the
 * key once. The last IPv4 flow is remembered, since frames come in trains.
 */
#ifndef WEIR_HW_RSS_H
#define WEIR_HW_RSS_H

#include "base/types.h"

#define RSS_KEY_BYTES	40u
#define RSS_MAX_INPUT	36u		/* two IPv6 addresses, two ports */

struct rss_key {
	u8 key[RSS_KEY_BYTES];
	u32 table[RSS_MAX_INPUT * 2][16];
	u64 last_addrs;			/* of a frame with ports, and its */
	u32 last_ports, last_hash;	/* hash */
};

/* Makes the table from k->key. */
void rss_key_ready(struct rss_key *k);
/* n <= RSS_MAX_INPUT. */
u32 rss_toeplitz(const struct rss_key *k, const u8 *input, u32 n);

/* What the parser saw; offsets from the frame's start. */
struct hw_parsed {
	u16 l3_off, l4_off;
	u32 l4_len;			/* L4 header and payload */
	u8 l3;				/* 4, 6 or 0 */
	u8 l4;				/* 6 TCP, 17 UDP, 0: other or fragment */
	u16 packet_type;		/* RXD_PKT_* */
};

/* Never reads beyond data[0..len). */
void hw_parse(struct hw_parsed *p, const u8 *data, u32 len);
/* Hash of the fields that `mrqc` (MRQC_* bits) selects; *type is RSS_*. */
u32 rss_hash_frame(struct rss_key *k, u32 mrqc, const struct hw_parsed *p,
		   const u8 *data, u8 *type);

#endif
