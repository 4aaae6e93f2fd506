/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a bad link does to its frames, as one direction's generator of faults:
 * each frame gets one verdict, from a seed and never from a clock. The link
 * carries it out: hw/impair.h around real wires, hw/cable.h in virtual time.
 *
 * Bursts are by the model of Gilbert and Elliott: the link is good or bad, may
 * change before each frame, and loses frames in the bad state only. Loss
 * without memory (loss_ppm) comes on top, in both states.
 */
#ifndef WEIR_HW_FAULT_H
#define WEIR_HW_FAULT_H

#include "base/types.h"

#define FAULT_PPM	1000000u	/* always */

enum {	/* bits of a verdict; FAULT_LOSE comes alone */
	FAULT_LOSE = 1, FAULT_DOUBLE = 2, FAULT_REORDER = 4, FAULT_CORRUPT = 8,
};

/* All 0: no faults. */
struct fault {
	/* how often, in ppm of the frames */
	u32 loss_ppm, dup_ppm, reorder_ppm, corrupt_ppm;
	u32 burst_ppm, calm_ppm;	/* good -> bad; bad -> good */
	u32 burst_loss_ppm;		/* of a frame in the bad state */
	bool bad;			/* the state, now */
	u64 mask;			/* frames to come that are lost; bit 0:
					 * the next one */
	u64 seed;			/* any; moves on with each number drawn */
};

static inline bool fault_any(const struct fault *f)
{
	return f->loss_ppm | f->dup_ppm | f->reorder_ppm | f->corrupt_ppm |
	       f->burst_ppm || f->mask;
}

/* For the next frame: FAULT_* bits. */
u32 fault_judge(struct fault *f);
/* Turns one bit of the frame behind its Ethernet header, where damage would
 * only look like loss. False: the frame has nothing there. */
bool fault_damage(struct fault *f, u8 *frame, u32 len);
/* 0..ceil-1; 0 for 0. */
u64 fault_random_below(struct fault *f, u64 ceil);

/*
 * A property from its text: loss, dup, reorder, corrupt with a share ("1%",
 * "5‰", "300ppm", "0.01"), burst with P/R or P/R/H, mask and seed with whole
 * numbers. 0; -ENOENT: not a word of ours; -EINVAL: not a value. f is
 * unchanged on errors.
 */
int fault_parse(struct fault *f, const char *word, const char *value);

#endif
