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

/* Whole blocks of eight words. Written out, so that the lanes are registers. */
static const u8 *mix_blocks(u64 lane[LANES], const u8 *p, size_t blocks)
{
	u64 a = lane[0], b = lane[1], c = lane[2], d = lane[3];
	u64 e = lane[4], f = lane[5], g = lane[6], h = lane[7];

	for (; blocks; blocks--, p += 8 * LANES) {
		a = mix(a, word_at(p));
		b = mix(b, word_at(p + 8));
		c = mix(c, word_at(p + 16));
		d = mix(d, word_at(p + 24));
		e = mix(e, word_at(p + 32));
		f = mix(f, word_at(p + 40));
		g = mix(g, word_at(p + 48));
		h = mix(h, word_at(p + 56));
	}
	lane[0] = a, lane[1] = b, lane[2] = c, lane[3] = d;
	lane[4] = e, lane[5] = f, lane[6] = g, lane[7] = h;
	return p;
}

u64 sim_hash_bytes(u64 h, const void *bytes, size_t n)
{
	u64 lane[LANES];
	const u8 *p;
	int i;

	for (i = 0; i < LANES; i++)
		lane[i] = h + (u64)i * PRIME;
	lane[0] ^= n;
	p = mix_blocks(lane, bytes, n / (8 * LANES));
	n %= 8 * LANES;
	for (i = 0; n >= 8; n -= 8, p += 8, i++)
		lane[i] = mix(lane[i], word_at(p));
	h = sim_hash_word(h, last_bytes(p, n));
	for (i = 0; i < LANES; i++)
		h = sim_hash_word(h, lane[i]);
	return h;
}
