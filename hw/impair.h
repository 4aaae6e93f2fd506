/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A bad link: a link around a link that loses, doubles, reorders and damages
 * frames, in each direction by a generator of its own. Faults are devices around
 * devices: neither the NIC nor the wire knows. The verdicts are hw/fault.h's.
 *
 * It takes only plain frames with complete checksums, so that damage can be
 * found; whoever opens the port below must give it no WIRE_F_* features, so
 * that peers send none but such.
 */
#ifndef WEIR_HW_IMPAIR_H
#define WEIR_HW_IMPAIR_H

#include "hw/fault.h"
#include "hw/link.h"

#define IMPAIR_FRAME_MAX 9792u		/* a jumbo frame */
#define IMPAIR_HOLD_NS	(2 * NSEC_PER_MSEC) /* longest delay by reordering */

struct impair_frame {
	struct hw_frame f;
	u8 data[IMPAIR_FRAME_MAX];
};

/* One direction. */
struct impair_dir {
	struct fault fault;
	struct impair_frame held;	/* overtaken by others; len 0: none */
	struct impair_frame copy;	/* damaged, or the second of a pair */
	ktime_t held_since;
	bool holding;			/* as held; read by who arms: atomic */
	u64 lost, doubled, reordered, corrupted, passed;
};

enum impair_source { IMPAIR_NONE, IMPAIR_LOWER, IMPAIR_COPY, IMPAIR_HELD };

struct impair {
	struct hw_link link;		/* must be first; for the NIC */
	struct hw_link *lower;
	ktime_t (*now)(void *arg);
	void *arg;
	struct impair_dir tx;		/* under the lower link's tx section */
	u32 tx_verdict;			/* of a frame that has to wait */
	struct impair_dir rx;
	enum impair_source current;	/* what rx_peek shows */
	const u8 *lower_data;
	struct hw_frame lower_frame;
	bool copy_due, held_due;	/* next to be shown */
};

/* im is the caller's memory; `lower` outlives it. `fault`: of both directions,
 * which get different seeds. */
void impair_init(struct impair *im, struct hw_link *lower,
		 const struct fault *fault, ktime_t (*now)(void *arg),
		 void *arg);

#endif
