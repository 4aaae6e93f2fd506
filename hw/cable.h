/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A cable for virtual time: two NICs, full duplex, with a rate and a delay.
 *
 * A frame occupies the sender's end for its length at the rate, with preamble,
 * CRC and gap (IEEE 802.3: 24 octets, frames of at least 64), and is at the
 * other end `delay` later. While an end is occupied its NIC's next frame
 * stays in its descriptor ring (-EAGAIN), as on a real card.
 *
 * The cable has no clock: it asks for calls at the times when there is
 * something for a NIC to do.
 */
#ifndef WEIR_HW_CABLE_H
#define WEIR_HW_CABLE_H

#include "hw/link.h"

#define CABLE_OVERHEAD	24u	/* preamble 8, CRC 4, gap 12 */
#define CABLE_MIN_FRAME	60u	/* without CRC */

struct cable_params {
	u64 rate_bps;			/* bits per second; 0: no limit */
	ktime_t delay;			/* one way */
	bool offload;			/* large frames pass whole */
};

struct cable_ops {
	ktime_t (*now)(void *arg);
	/* Step the NIC at `end` (0 or 1) at time `when`. */
	void (*at)(void *arg, u32 end, ktime_t when);
	void *(*alloc)(void *arg, size_t size);	/* NULL: frame is lost */
	void (*free)(void *arg, void *mem, size_t size);
};

struct cable_frame;
struct cable;

struct cable_end {
	struct hw_link link;		/* must be first; for the NIC */
	struct cable *cable;
	u32 index;
	ktime_t busy_until;		/* sending side */
	bool wake_due;			/* a call at busy_until is asked for */
	struct cable_frame *first, **tail; /* on their way to this end */
	u32 queued;
	u64 next_frame, sent, sent_bytes, lost;
};

struct cable {
	struct cable_end end[2];
	struct cable_params params;
	const struct cable_ops *ops;
	void *arg;
};

/* c is the caller's memory; `first_id`: frame numbers count from there (give
 * each cable its own range). */
void cable_init(struct cable *c, const struct cable_params *params,
		const struct cable_ops *ops, void *arg, u64 first_id);
/* Frees the frames that are on their way. */
void cable_fini(struct cable *c);

#endif
