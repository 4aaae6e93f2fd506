/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Internet checksum (RFC 1071; incremental update RFC 1624).
 *
 * A __wsum is a 32 bit one's complement sum of 16 bit words as they lie in
 * memory, not yet folded or complemented: sums may be added, subtracted and
 * moved. A __sum16 is what goes into a header. Since the sum is byte-order
 * independent (RFC 1071 2 (B)) nothing is swapped anywhere.
 */
#ifndef WEIR_BASE_CHECKSUM_H
#define WEIR_BASE_CHECKSUM_H

#include "base/types.h"

#define CSUM_MANGLED_0	((__force __sum16)0xffff)

/* Sum of len bytes added to `sum`. Any alignment. */
__wsum csum_partial(const void *buf, size_t len, __wsum sum);
/* The same while copying; `to` and `from` do not overlap. */
__wsum csum_and_copy(void *to, const void *from, size_t len, __wsum sum);
/* Complete checksum of len bytes, for a header field. */
__sum16 ip_compute_csum(const void *buf, size_t len);

/* Folded and complemented: the header field. 0 when a sum over data that
 * includes its checksum is right. */
static inline __sum16 csum_fold(__wsum csum)
{
	u32 s = (__force u32)csum;

	s = (s & 0xffff) + (s >> 16);
	s = (s & 0xffff) + (s >> 16);
	return (__force __sum16)~s;
}

static inline __wsum csum_unfold(__sum16 n) { return (__force __wsum)(__force u32)n; }

static inline __wsum csum_add(__wsum a, __wsum b)
{
	u32 r = (__force u32)a + (__force u32)b;

	return (__force __wsum)(r + (r < (__force u32)b));
}

static inline __wsum csum_sub(__wsum a, __wsum b)
{
	return csum_add(a, (__force __wsum)~(__force u32)b);
}

/* A 64 bit sum of 32 bit words brought down to 32 bits with end-around
 * carry. */
static inline __wsum csum_from64(u64 s)
{
	s = (s & 0xffffffff) + (s >> 32);
	s = (s & 0xffffffff) + (s >> 32);
	return (__force __wsum)(u32)s;
}

/* The sum of bytes that start at an odd offset: its bytes change places. */
static inline __wsum csum_shift(__wsum sum, size_t offset)
{
	u32 s = (__force u32)sum;

	return (__force __wsum)(offset & 1 ? (s << 24 | s >> 8) : s);
}

/* `b` is the sum of bytes that begin `offset` bytes after those of `a`. */
static inline __wsum csum_block_add(__wsum a, __wsum b, size_t offset)
{
	return csum_add(a, csum_shift(b, offset));
}
static inline __wsum csum_block_sub(__wsum a, __wsum b, size_t offset)
{
	return csum_sub(a, csum_shift(b, offset));
}

/* IPv4 header of ihl 32 bit words; ihl >= 5. */
static inline __sum16 ip_fast_csum(const void *iph, u32 ihl)
{
	const u8 *p = iph;
	u32 w[5];
	u64 s;

	memcpy(w, p, sizeof(w));
	s = (u64)w[0] + w[1] + w[2] + w[3] + w[4];
	for (u32 i = 5; unlikely(i < ihl); i++) {
		memcpy(w, p + 4 * i, 4);
		s += w[0];
	}
	return csum_fold(csum_from64(s));
}

/* Pseudo-header of RFC 9293 3.1, RFC 768; len in host order. */
static inline __wsum csum_tcpudp_nofold(__be32 saddr, __be32 daddr, u32 len,
					u8 proto, __wsum sum)
{
	u64 s = (__force u32)sum;

	s += (__force u32)saddr;
	s += (__force u32)daddr;
	s += (u64)(__force u32)cpu_to_be32(len + proto);
	return csum_from64(s);
}
static inline __sum16 csum_tcpudp_magic(__be32 saddr, __be32 daddr, u32 len,
					u8 proto, __wsum sum)
{
	return csum_fold(csum_tcpudp_nofold(saddr, daddr, len, proto, sum));
}
/* RFC 8200 8.1; addresses of 16 bytes each. */
static inline __sum16 csum_ipv6_magic(const void *saddr, const void *daddr,
				      u32 len, u8 proto, __wsum sum)
{
	sum = csum_partial(saddr, 16, sum);
	sum = csum_partial(daddr, 16, sum);
	sum = csum_add(sum, (__force __wsum)cpu_to_be32(len));
	return csum_fold(csum_add(sum, (__force __wsum)cpu_to_be32(proto)));
}

/*
 * A field covered by *sum changed: RFC 1624 [Eqn. 3], HC' = ~(~HC + ~m + m').
 * For UDP the caller leaves a zero checksum alone.
 */
static inline void csum_replace_by_diff(__sum16 *sum, __wsum diff)
{
	__wsum s = (__force __wsum)(u32)(u16)~(__force u16)*sum;

	*sum = csum_fold(csum_add(s, diff));
}
static inline void csum_replace4(__sum16 *sum, __be32 from, __be32 to)
{
	csum_replace_by_diff(sum, csum_sub((__force __wsum)to,
					   (__force __wsum)from));
}
static inline void csum_replace2(__sum16 *sum, __be16 from, __be16 to)
{
	__wsum s = (__force __wsum)(u32)(u16)~(__force u16)*sum;

	s = csum_add(s, (__force __wsum)(u32)(u16)~(__force u16)from);
	s = csum_add(s, (__force __wsum)(u32)(__force u16)to);
	*sum = csum_fold(s);
}

#endif
