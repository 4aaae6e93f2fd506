/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SipHash-2-4 as in J.-P. Aumasson and D. J. Bernstein, "SipHash: a fast
 * short-input PRF", section 2: two rounds per message word, four to finish.
 * The last word carries the remaining bytes and, on top, the length mod 256.
 */
#include "base/siphash.h"
#include "base/bitops.h"

struct sip_state {
	u64 v0, v1, v2, v3;
};

static __always_inline void sip_round(struct sip_state *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = rol64(s->v1, 13) ^ s->v0;
	s->v3 = rol64(s->v3, 16) ^ s->v2;
	s->v0 = rol64(s->v0, 32);
	s->v2 += s->v1;
	s->v0 += s->v3;
	s->v1 = rol64(s->v1, 17) ^ s->v2;
	s->v3 = rol64(s->v3, 21) ^ s->v0;
	s->v2 = rol64(s->v2, 32);
}

static __always_inline void sip_init(struct sip_state *s,
				     const struct siphash_key *k)
{
	/* "somepseudorandomlygeneratedbytes" */
	s->v0 = k->key[0] ^ 0x736f6d6570736575ull;
	s->v1 = k->key[1] ^ 0x646f72616e646f6dull;
	s->v2 = k->key[0] ^ 0x6c7967656e657261ull;
	s->v3 = k->key[1] ^ 0x7465646279746573ull;
}

static __always_inline void sip_word(struct sip_state *s, u64 m)
{
	s->v3 ^= m;
	sip_round(s);
	sip_round(s);
	s->v0 ^= m;
}

static __always_inline u64 sip_end(struct sip_state *s, u64 last)
{
	sip_word(s, last);
	s->v2 ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(s);
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

u64 siphash(const void *data, size_t len, const struct siphash_key *key)
{
	const u8 *p = data;
	u64 last = (u64)len << 56, m;
	struct sip_state s;

	sip_init(&s, key);
	for (; len >= 8; len -= 8, p += 8) {
		memcpy(&m, p, 8);
		sip_word(&s, m);
	}
	m = 0;
	memcpy(&m, p, len);
	return sip_end(&s, last | m);
}

u64 siphash_2u32(u32 a, u32 b, const struct siphash_key *key)
{
	struct sip_state s;

	sip_init(&s, key);
	sip_word(&s, (u64)b << 32 | a);
	return sip_end(&s, 8ull << 56);
}

u64 siphash_3u32(u32 a, u32 b, u32 c, const struct siphash_key *key)
{
	struct sip_state s;

	sip_init(&s, key);
	sip_word(&s, (u64)b << 32 | a);
	return sip_end(&s, 12ull << 56 | c);
}

u64 siphash_4u32(u32 a, u32 b, u32 c, u32 d, const struct siphash_key *key)
{
	struct sip_state s;

	sip_init(&s, key);
	sip_word(&s, (u64)b << 32 | a);
	sip_word(&s, (u64)d << 32 | c);
	return sip_end(&s, 16ull << 56);
}
