/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a stage costs the CPU that runs it, in virtual time: so much for each
 * packet, and so much for each of its bytes. Integers, so that every machine
 * computes the same nanosecond. trace_stage() is where it is charged
 * (base/trace.h); platform/sim/costs.c reads the table from text.
 */
#ifndef WEIR_BASE_STAGE_COST_H
#define WEIR_BASE_STAGE_COST_H

#include "base/types.h"

struct stage_cost {
	u32 ns;			/* per packet */
	u32 ps_per_byte;	/* picoseconds; 1000: 1 ns per byte */
};

/* Nanoseconds for a packet of `len` bytes, rounded down. */
static inline u64 stage_cost_ns(const struct stage_cost *c, u32 len)
{
	return c->ns + (u64)len * c->ps_per_byte / 1000;
}

#endif
