/* SPDX-License-Identifier: BSD-2-Clause */
/* CLOCK_MONOTONIC, read by the processor's time stamp counter. */
#ifndef WEIR_PLATFORM_TSC_CLOCK_H
#define WEIR_PLATFORM_TSC_CLOCK_H

#include "base/types.h"

struct tsc_clock {
	/* A line through (tsc0, ns0), good for `span` cycles. Written under
	 * seq, which is odd meanwhile. */
	u32 seq;
	u32 mult;			/* ns per 2^32 cycles; 0: no line yet */
	u64 tsc0, span;
	ktime_t ns0;
	/* the calibrator's */
	u32 busy __cacheline;		/* somebody calibrates: atomic */
	bool usable;			/* else: CLOCK_MONOTONIC itself */
	u32 rate;			/* as measured last; 0: never */
	u64 seen_tsc;			/* both clocks at that time */
	ktime_t seen_ns;
	ktime_t floor;			/* what was returned before, at most */
};

/* `wanted` false: by the system's clock_gettime() always. */
void tsc_clock_init(struct tsc_clock *c, bool wanted);
/* Never less than any thread got before. Any thread. */
ktime_t tsc_clock_read(struct tsc_clock *c);
/* The same at half the price, and up to some 100 ns before: beside what
 * another thread got a moment ago, it may be less. */
ktime_t tsc_clock_read_early(struct tsc_clock *c);

#endif
