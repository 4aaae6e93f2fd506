/* SPDX-License-Identifier: BSD-2-Clause */
/* The mixer of base/hash.h over bytes of any length, eight at a time. */
#include "base/hash.h"

u32 hash_bytes(const void *p, size_t n, u32 seed)
{
	const u8 *b = p;
	u64 h = HASH_K0 ^ seed ^ n * HASH_K1;
	u64 w;

	for (; n >= 8; n -= 8, b += 8) {
		memcpy(&w, b, 8);
		h = hash_fold(h ^ w, HASH_K1);
	}
	if (n) {
		w = 0;
		memcpy(&w, b, n);
		h = hash_fold(h ^ w, HASH_K1);
	}
	return hash_64(h, seed);
}
