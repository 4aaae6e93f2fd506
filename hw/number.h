/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers with units in the texts that describe links: "10mbit", "2.5ms",
 * "0.1%". Whole numbers inside; what does not fit is refused, never cut.
 */
#ifndef WEIR_HW_NUMBER_H
#define WEIR_HW_NUMBER_H

#include "base/types.h"

/* `scale` of the result's units are one of `name`. */
struct number_unit {
	const char *name;
	u64 scale;
};

/*
 * A number, with a fraction perhaps, and one of the n units, into *out in the
 * result's units, rounded down. 0; -EINVAL: no number, no such unit, above
 * `max`, or so small that nothing would be left of it.
 */
int number_parse(const char *text, const struct number_unit *units, u32 n,
		 u64 max, u64 *out);
/* A whole number, decimal or 0x... -EINVAL: it is none, or above `max`. */
int number_whole(const char *text, u64 max, u64 *out);

#endif
