/* SPDX-License-Identifier: BSD-2-Clause */
/* Four lanes of multiply and fold, so that a frame costs its loads. */
#include "platform/sim/hash.h"

#define LANES	4

static u64 word_at(const u8 *p)
{
	u64 w;

	memcpy(&w, p, sizeof(w));
	return w;
}

static u64 last_bytes(const u8 *p, size_t n)
{
	u64 w = 0;

	for (size_t i = 0; i < n; i++)
		w |= (u64)p[i] << 8 * i;
	return w;
}

u64 sim_hash_bytes(u64 h, const void *bytes, size_t n)
{
	u64 lane[LANES] = { h, ~h, h >> 32 | h << 32, h + n };
	const u8 *p = bytes;

	for (; n >= 8 * LANES; n -= 8 * LANES, p += 8 * LANES)
		for (int i = 0; i < LANES; i++)
			lane[i] = sim_hash_word(lane[i], word_at(p + 8 * i));
	for (; n >= 8; n -= 8, p += 8)
		lane[0] = sim_hash_word(lane[0], word_at(p));
	lane[1] = sim_hash_word(lane[1], last_bytes(p, n));
	for (int i = 1; i < LANES; i++)
		lane[0] = sim_hash_word(lane[0], lane[i]);
	return lane[0];
}
