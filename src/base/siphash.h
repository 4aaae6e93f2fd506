/* SPDX-License-Identifier: BSD-2-Clause */
/* SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash that nobody can
 * predict without the key. For initial sequence numbers (RFC 6528), ephemeral
 * ports (RFC 6056), SYN cookies, Fast Open cookies, IP identifiers. */
#ifndef WEIR_BASE_SIPHASH_H
#define WEIR_BASE_SIPHASH_H

#include "base/types.h"

struct siphash_key {
	u64 key[2];
};

/* Of any bytes; the result as the paper's test vectors have it. */
u64 siphash(const void *data, size_t len, const struct siphash_key *key);
/* Of words, first argument first in memory. */
u64 siphash_2u32(u32 a, u32 b, const struct siphash_key *key);
u64 siphash_3u32(u32 a, u32 b, u32 c, const struct siphash_key *key);
u64 siphash_4u32(u32 a, u32 b, u32 c, u32 d, const struct siphash_key *key);

#endif
