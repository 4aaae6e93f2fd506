/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A cable for virtual time: two devices, full duplex. Each direction has its
 * own rate, delay, queue and faults, which may change while it runs.
 *
 * A frame occupies the sender's end for its length at the rate, with preamble,
 * CRC and gap (IEEE 802.3: 24 octets, frames of at least 64; each segment of a
 * large frame by itself), and is at the other end `delay` later. While an end
 * is occupied its NIC's next frame stays in its descriptor ring (-EAGAIN), as
 * on a real card; with a queue it is taken, and lost when the queue is full.
 * Lost frames have taken their time on the wire, but no place in the queue.
 *
 * The cable has no clock: it asks for calls at the times when there is
 * something for a device to do, through `at`, one for each end: a call that is
 * asked for replaces a later one. When it comes, whoever keeps the time says
 * cable_called() and steps the device until it has no more to do (for an
 * 82576: e82576_step() until false). The cable then asks for the next.
 */
#ifndef WEIR_HW_CABLE_H
#define WEIR_HW_CABLE_H

#include "hw/fault.h"
#include "hw/link.h"

#define CABLE_OVERHEAD	24u	/* preamble 8, CRC 4, gap 12 */
#define CABLE_MIN_FRAME	60u	/* without CRC */
#define CABLE_ETH_HLEN	14u
/* Limits of the properties. */
#define CABLE_MAX_RATE	1000000000000ull
#define CABLE_MAX_DELAY	(3600 * NSEC_PER_SEC)
#define CABLE_MAX_QUEUE	1000000u

/* Of one direction. All 0: a good cable, infinitely fast. */
struct cable_params {
	u64 rate_bps;		/* bits per second; 0: no limit */
	ktime_t delay;
	ktime_t jitter;		/* delay +- this, uniformly, >= 0; frames keep
				 * their order */
	u32 queue;		/* frames that wait for the wire; 0: none does,
				 * the NIC waits */
	u32 mtu;		/* longer packets are lost; 0: no limit */
	bool offload;		/* large frames pass whole, and frames without
				 * checksum */
	bool cut;		/* all that is put on it from now on is lost, and
				 * what waits for the wire */
	/* With its state. A reordered frame has no delay. A damaged frame
	 * without checksum is lost, since nobody could see the damage. */
	struct fault fault;
};

/* Of one direction. */
struct cable_stats {
	u64 frames, bytes;	/* given to it */
	u64 delivered;		/* taken by the other end, doubles included */
	u64 lost, duplicated, reordered, corrupted;	/* by faults */
	u64 queue_full, too_long, cut;	/* lost for these reasons */
	u64 overrun;		/* lost in the other end's full NIC */
	u32 queued, queued_max;	/* waiting for the wire */
};

struct cable_ops {
	ktime_t (*now)(void *arg);
	/* Call the device at `end` (0 or 1) at time `when`, not later. */
	void (*at)(void *arg, u32 end, ktime_t when);
	void *(*alloc)(void *arg, size_t size);	/* NULL: frame is lost */
	void (*free)(void *arg, void *mem, size_t size);
	/* NULL, or: the frame is put on the cable at `end`, lost or not. */
	void (*tap)(void *arg, u32 end, const struct hw_frame *f,
		    const struct hw_vec *v, u32 n);
};

struct cable_frame;
struct cable;

/* Frames from end d to the other. */
struct cable_dir {
	struct cable_params params;	/* to be changed by cable_set() */
	ktime_t busy_until;		/* the wire, with all that wait for it */
	u64 busy_rest;			/* of a ns, in 1 / rate_bps */
	struct cable_frame *first, **tail;	/* not yet taken, by arrival */
	ktime_t last_arrival;
	/* of these, not yet on the wire, by start */
	struct cable_frame *waiting, *last_waiting;
	u64 next_frame;
	struct cable_stats stats;
};

struct cable_end {
	struct hw_link link;		/* must be first; for the device */
	struct cable *cable;
	u32 index;
	ktime_t asked;			/* a call that will come; KTIME_MAX */
};

struct cable {
	struct cable_end end[2];
	struct cable_dir dir[2];	/* from end 0, from end 1 */
	const struct cable_ops *ops;
	void *arg;
};

/* c is the caller's memory; params: of both directions, whose faults get
 * different seeds; `first_id`: frame numbers count from there (give each cable
 * its own range). */
void cable_init(struct cable *c, const struct cable_params *params,
		const struct cable_ops *ops, void *arg, u64 first_id);
/* Frees the frames that are on their way. */
void cable_fini(struct cable *c);

/* A call for `end` that `at` asked for is here: the device is to be stepped
 * next. False: it has been replaced by another, nothing is to be done. */
bool cable_called(struct cable *c, u32 end);
/* After that: the device at `end` has room for `room` bytes of frames that have
 * arrived and that it could not take yet; others of them are lost. How many. */
u32 cable_overrun(struct cable *c, u32 end, u32 room);
/* Properties of the direction from end `from`, now. Frames that have not begun
 * to be sent follow the new ones; others are not touched. To change some, copy
 * params of the direction, change the copy, and give it here. */
void cable_set(struct cable *c, u32 from, const struct cable_params *params);
void cable_stats(struct cable *c, u32 from, struct cable_stats *st);

/* The seed of the direction from end `from`: different in both. */
static inline u64 cable_seed(u64 seed, u32 from)
{
	return from ? ~seed : seed;
}

#endif
