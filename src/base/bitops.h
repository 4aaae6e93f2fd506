/* SPDX-License-Identifier: BSD-2-Clause */
/* Powers of two and positions of bits. */
#ifndef WEIR_BASE_BITOPS_H
#define WEIR_BASE_BITOPS_H

#include "base/types.h"

#define BIT(n)		(1u << (n))
#define BIT_ULL(n)	(1ull << (n))

/* Number (from 1) of the highest bit set; 0 for 0. */
static inline u32 fls(u32 x) { return x ? 32 - (u32)__builtin_clz(x) : 0; }
static inline u32 fls64(u64 x) { return x ? 64 - (u32)__builtin_clzll(x) : 0; }
/* Index (from 0) of the lowest bit set; x must not be 0. */
static inline u32 __ffs(u32 x) { return (u32)__builtin_ctz(x); }
static inline u32 __ffs64(u64 x) { return (u32)__builtin_ctzll(x); }
static inline u32 hweight32(u32 x) { return (u32)__builtin_popcount(x); }
static inline u32 hweight64(u64 x) { return (u32)__builtin_popcountll(x); }

/* Floor of the logarithm; x must not be 0. */
static inline u32 ilog2(u64 x) { return 63 - (u32)__builtin_clzll(x); }
static inline bool is_power_of_2(u64 x) { return x && !(x & (x - 1)); }
/* Least power of two >= x; 1 for 0. */
static inline u64 roundup_pow_of_two(u64 x)
{
	return x <= 1 ? 1 : 1ull << (ilog2(x - 1) + 1);
}

static inline u32 rol32(u32 x, u32 n)
{
	return (x << (n & 31)) | (x >> (-n & 31));
}
static inline u64 rol64(u64 x, u32 n)
{
	return (x << (n & 63)) | (x >> (-n & 63));
}

#endif
