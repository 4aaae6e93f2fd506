/* SPDX-License-Identifier: BSD-2-Clause */
/* RSS hash: see toeplitz.h. A 64 bit window slides over the key a byte at a
 * time, so that the 32 bits from each of eight positions are at hand. */
#include "base/toeplitz.h"

u32 toeplitz_hash(const u8 key[TOEPLITZ_KEY_LEN], const void *in, size_t len)
{
	const u8 *p = in;
	u64 window = (u64)get_unaligned_be32(key) << 32;
	u32 hash = 0;

	BUG_ON(len > TOEPLITZ_KEY_LEN - 4);
	for (size_t i = 0; i < len; i++) {
		window |= (u64)key[i + 4] << 24;
		for (int bit = 7; bit >= 0; bit--) {
			/* all ones when the bit is set: no branch */
			u32 mask = -(u32)((p[i] >> bit) & 1);

			hash ^= (u32)(window >> 32) & mask;
			window <<= 1;
		}
	}
	return hash;
}

u32 toeplitz_ipv4(const u8 key[TOEPLITZ_KEY_LEN], __be32 saddr, __be32 daddr)
{
	__be32 in[2] = { saddr, daddr };

	return toeplitz_hash(key, in, sizeof(in));
}

u32 toeplitz_ipv4_ports(const u8 key[TOEPLITZ_KEY_LEN], __be32 saddr,
			__be32 daddr, __be16 sport, __be16 dport)
{
	struct {
		__be32 saddr, daddr;
		__be16 sport, dport;
	} in = { saddr, daddr, sport, dport };

	return toeplitz_hash(key, &in, sizeof(in));
}
