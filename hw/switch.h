/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A learning Ethernet switch in virtual time (IEEE 802.1D 7.7 to 7.9, without
 * spanning tree: who plugs switches into a ring gets a storm). Its ports are
 * ends of cables; whoever keeps the time steps a port when its cable asks for
 * a call of that end.
 *
 * A frame is forwarded when it has arrived whole, in no time. Frames to
 * groups and unknown stations go to all ports but the one they came from. A
 * port whose cable is busy keeps frames, in order, up to a limit.
 *
 * The cables of a switch offload all or none: the first one decides. So a
 * large frame, or one without checksum, comes in only where it can go out.
 */
#ifndef WEIR_HW_SWITCH_H
#define WEIR_HW_SWITCH_H

#include "base/list.h"
#include "hw/cable.h"

#define SWITCH_AGEING	(300 * NSEC_PER_SEC)	/* 802.1D table 7-5 */
#define SWITCH_MAX_SLOTS 65536u			/* of stations; 3/4 are used */
#define SWITCH_MAX_QUEUE 1000u			/* frames, of a port */

struct hw_switch;
struct switch_frame;
struct switch_port;

struct switch_station {
	u64 mac;			/* in wire order; 0: slot is free */
	ktime_t seen;			/* a frame from it, the last time */
	struct switch_port *port;	/* NULL: has been unplugged */
};

struct switch_port_stats {
	u64 received, sent;
	u64 filtered;		/* came from where they would go to, or to the
				 * switch alone (802.1D 7.12.6) */
	u64 flooded;		/* received here, sent to all others */
	u64 queue_full;		/* lost at this output: cable too slow, */
	u64 refused;		/* or does not take such frames */
};

/* The caller's memory, from plug to unplug. */
struct switch_port {
	struct list_head entry;		/* sw->ports */
	struct hw_switch *sw;
	struct cable_end *end;
	struct switch_frame *first, **tail; /* wait for the cable */
	u32 queued;
	struct switch_port_stats stats;
};

/* Only now, alloc and free are used; NULL from alloc: the frame is lost at
 * that output, or the station not learned. */
struct hw_switch {
	struct list_head ports;
	const struct cable_ops *ops;
	void *arg;
	struct switch_station *table;	/* open addressing, linear */
	u32 slots;			/* a power of 2, or 0 */
	u32 used;			/* with those that are not known */
	ktime_t swept;			/* last time it was cleared of these */
};

/* sw is the caller's memory. */
void switch_init(struct hw_switch *sw, const struct cable_ops *ops, void *arg);
/* Frees the stations. Ports are unplugged before or (faster) after it. */
void switch_fini(struct hw_switch *sw);

/* 0; -EINVAL: this cable offloads and others do not, or the reverse. */
int switch_plug(struct hw_switch *sw, struct switch_port *port,
		struct cable_end *end);
/* Frees the frames that wait and forgets the stations behind it. */
void switch_unplug(struct switch_port *port);

/* Moves what can be moved at this port now. */
void switch_step(struct switch_port *port);
/* Where frames to the station go; NULL: to all ports. */
struct switch_port *switch_find(const struct hw_switch *sw, const u8 mac[6]);

#endif
