/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Initial sequence numbers and timestamp offsets that nobody outside can
 * predict (RFC 6528, RFC 7323 5.4): a keyed hash of the 4-tuple. The ISN adds
 * a clock, so that a new incarnation of a connection starts beyond the old.
 */
#include "tcp/tcp_out.h"

#include "base/siphash.h"

/* RFC6528 3: M counts in units of 64 ns here, a cycle of 274 s. RFC9293 3.4.1
 * MUST-8 asks for about 4.55 h at 4 us; Linux: 64 ns; here: Linux. */
#define ISN_CLOCK_SHIFT	6

u32 secure_tcp_seq(struct net *net, __be32 saddr, __be32 daddr, __be16 sport,
		   __be16 dport)
{
	struct siphash_key key;
	u64 h;

	key.key[0] = net->tcp->isn_secret[0];
	key.key[1] = net->tcp->isn_secret[1];
	h = siphash_3u32((__force u32)saddr, (__force u32)daddr,
			 (u32)(__force u16)sport << 16 | (__force u16)dport,
			 &key);
	return (u32)h + (u32)(ktime_get_real() >> ISN_CLOCK_SHIFT);
}

/* The same for all connections between two hosts: RFC 6191 and the per-host
 * checks of peers stay usable. 0 when tcp_timestamps is 2. */
u32 secure_tcp_ts_off(struct net *net, __be32 saddr, __be32 daddr)
{
	struct siphash_key key;

	if (net->tcp->timestamps != 1)
		return 0;
	key.key[0] = net->tcp->ts_secret[0];
	key.key[1] = net->tcp->ts_secret[1];
	return (u32)siphash_2u32((__force u32)saddr, (__force u32)daddr, &key);
}
