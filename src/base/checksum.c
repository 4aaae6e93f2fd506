/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RFC 1071. The sum of 16 bit words equals that of 32 bit words folded (2 (A)
 * and (C) there), so wide words are added. Of each 64 bit word the high half is
 * summed, which cannot overflow below 2^32 words and needs no carry, and the
 * whole word, modulo 2^64; the sum of the low halves, which fits as well, is
 * what is left when the high halves are taken off that. Four of each run side
 * by side in vector registers. Carries are folded in once, at the end.
 */
#include "base/checksum.h"

/* Two words of 64 bits; SSE2 or NEON have it in the baseline. */
typedef u64 csum_vec __attribute__((vector_size(16)));

struct csum_acc {
	csum_vec all[2], hi[2];
};

static __always_inline void acc_add(struct csum_acc *a, csum_vec v, int i)
{
	a->all[i] += v;
	a->hi[i] += v >> 32;
}

static __always_inline u64 acc_sum(const struct csum_acc *a)
{
	csum_vec hi = a->hi[0] + a->hi[1];
	csum_vec lo = a->all[0] + a->all[1] - (hi << 32);
	csum_vec s = lo + hi;
	u64 w[2];

	memcpy(w, &s, sizeof(w));
	return w[0] + w[1];
}

/* Fewer than 32 bytes. */
static __always_inline u64 sum_tail(const u8 *p, size_t len)
{
	u64 s = 0, w;
	u32 w4;
	u16 w2;

	for (; len >= 8; len -= 8, p += 8) {
		memcpy(&w, p, 8);
		s += (w & 0xffffffff) + (w >> 32);
	}
	if (len & 4) {
		memcpy(&w4, p, 4);
		s += w4;
		p += 4;
	}
	if (len & 2) {
		memcpy(&w2, p, 2);
		s += w2;
		p += 2;
	}
	if (len & 1)
		s += *p;	/* padded with a zero byte after it */
	return s;
}

__wsum csum_partial(const void *buf, size_t len, __wsum sum)
{
	struct csum_acc a = { 0 };
	const u8 *p = buf;
	csum_vec v[2];
	u64 s = (__force u32)sum;

	if (len >= 32) {
		for (; len >= 32; len -= 32, p += 32) {
			memcpy(v, p, 32);
			acc_add(&a, v[0], 0);
			acc_add(&a, v[1], 1);
		}
		s += acc_sum(&a);
	}
	return csum_from64(s + sum_tail(p, len));
}

__wsum csum_and_copy(void *to, const void *from, size_t len, __wsum sum)
{
	struct csum_acc a = { 0 };
	const u8 *p = from;
	u8 *q = to;
	csum_vec v[2];
	u64 s = (__force u32)sum;

	for (; len >= 32; len -= 32, p += 32, q += 32) {
		memcpy(v, p, 32);
		memcpy(q, v, 32);
		acc_add(&a, v[0], 0);
		acc_add(&a, v[1], 1);
	}
	memcpy(q, p, len);
	return csum_from64(s + acc_sum(&a) + sum_tail(p, len));
}

__sum16 ip_compute_csum(const void *buf, size_t len)
{
	return csum_fold(csum_partial(buf, len, 0));
}
