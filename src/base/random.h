/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Randomness, from the platform only: unpredictable in real time, seeded and
 * repeatable in virtual time. Needs a CPU (this_percpu()). Any context.
 */
#ifndef WEIR_BASE_RANDOM_H
#define WEIR_BASE_RANDOM_H

#include "base/percpu.h"

static inline void get_random_bytes(void *buf, size_t len)
{
	struct platform *p = this_percpu()->platform;

	p->ops->random(p, buf, len);
}

static inline u32 get_random_u32(void)
{
	u32 v;

	get_random_bytes(&v, sizeof(v));
	return v;
}

static inline u64 get_random_u64(void)
{
	u64 v;

	get_random_bytes(&v, sizeof(v));
	return v;
}

/*
 * 0..ceil-1, each equally likely: the product's low half says when a value
 * belongs to the incomplete last round and must be drawn again. 0 for 0.
 */
static inline u32 get_random_u32_below(u32 ceil)
{
	u32 unfair = ceil ? -ceil % ceil : 0;
	u64 r;

	do
		r = (u64)get_random_u32() * ceil;
	while (unlikely((u32)r < unfair));
	return (u32)(r >> 32);
}

/* lo..hi, both included. */
static inline u32 get_random_u32_inclusive(u32 lo, u32 hi)
{
	u32 span = hi - lo + 1;

	return span ? lo + get_random_u32_below(span) : get_random_u32();
}

#endif
