/* SPDX-License-Identifier: BSD-2-Clause */
/* Eight lanes, each of which waits for its own multiplication only, so that a
 * frame costs about a cycle per word. */
#include "platform/sim/hash.h"

#define LANES	8
#define PRIME	0x9e3779b97f4a7c15ULL

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

static u64 mix(u64 lane, u64 w)
{
	lane ^= w;
	return (lane << 29 | lane >> 35) * PRIME;
}

u64 sim_hash_bytes(u64 h, const void *bytes, size_t n)
{
	u64 lane[LANES];
	const u8 *p = bytes;
	int i;

	for (i = 0; i < LANES; i++)
		lane[i] = h + (u64)i * PRIME;
	lane[0] ^= n;
	for (; n >= 8 * LANES; n -= 8 * LANES, p += 8 * LANES)
		for (i = 0; i < LANES; i++)
			lane[i] = mix(lane[i], word_at(p + 8 * i));
	for (i = 0; n >= 8; n -= 8, p += 8, i = (i + 1) % LANES)
		lane[i] = mix(lane[i], word_at(p));
	h = sim_hash_word(h, last_bytes(p, n));
	for (i = 0; i < LANES; i++)
		h = sim_hash_word(h, lane[i]);
	return h;
}
