/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hashes for tables. hash_*() are fast mixers: a 64x64 bit multiplication
 * whose two halves are folded together. Keyed with a secret seed they keep a
 * table's chains short; where a peer could profit from guessing (initial
 * sequence numbers, ports, cookies) use siphash.h. The hash that a NIC
 * computes is in toeplitz.h.
 */
#ifndef WEIR_BASE_HASH_H
#define WEIR_BASE_HASH_H

#include "base/types.h"

__extension__ typedef unsigned __int128 weir_u128;

/* The product's halves xored: every bit of a and b reaches every bit. */
static inline u64 hash_fold(u64 a, u64 b)
{
	weir_u128 r = (weir_u128)a * b;

	return (u64)r ^ (u64)(r >> 64);
}

/* Odd constants with about half of their bits set. */
#define HASH_K0	0x9e3779b97f4a7c15ull	/* 2^64 / golden ratio */
#define HASH_K1	0xd6e8feb86659fd93ull

static inline u32 hash_64(u64 v, u32 seed)
{
	u64 h = hash_fold(v ^ HASH_K1, HASH_K0 ^ seed);

	return (u32)(h ^ (h >> 32));
}

static inline u32 hash_1(u32 a, u32 seed) { return hash_64(a, seed); }

static inline u32 hash_2(u32 a, u32 b, u32 seed)
{
	return hash_64((u64)a << 32 | b, seed);
}

static inline u32 hash_3(u32 a, u32 b, u32 c, u32 seed)
{
	u64 h = hash_fold(((u64)a << 32 | b) ^ HASH_K1, HASH_K0 ^ seed);

	return hash_64(h + c, seed);
}

/* Both ends of a connection; ports in network order, as they come. */
static inline u32 hash_4tuple(__be32 saddr, __be16 sport, __be32 daddr,
			      __be16 dport, u32 seed)
{
	u64 addrs = (u64)(__force u32)saddr << 32 | (__force u32)daddr;
	u64 ports = (u64)(__force u16)sport << 16 | (__force u16)dport;

	return hash_64(hash_fold(addrs ^ HASH_K1, HASH_K0 ^ seed) + ports,
		       seed);
}

/* Any bytes. */
u32 hash_bytes(const void *p, size_t n, u32 seed);	/* base/hash.c */

/* A hash scaled to 0..n-1 without division. */
static inline u32 reciprocal_scale(u32 hash, u32 n)
{
	return (u32)((u64)hash * n >> 32);
}

#endif
