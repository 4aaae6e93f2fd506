/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a NIC is plugged into: a link. A shared-memory wire port is a link, and
 * so is an impairment around one ("faults are devices around devices").
 *
 * Sending is done in bursts: tx_begin (exclusive), any number of xmit, tx_end
 * (frames become visible, the receivers' doorbells ring). Receiving looks at
 * the frames in place: rx_peek, rx_next, and rx_end at the end of a burst;
 * one receiver at a time, which the caller sees to.
 */
#ifndef WEIR_HW_LINK_H
#define WEIR_HW_LINK_H

#include "base/types.h"

#define HW_MAX_FRAME	(65536u + 256u)	/* a GSO frame handed over whole */
#define HW_MAX_VEC	32		/* pieces of a frame being sent */

enum {	/* hw_frame.flags */
	HW_FRAME_CSUM_PARTIAL = 1,	/* L4 checksum is the pseudo header's */
	HW_FRAME_CSUM_GOOD = 2,		/* L4 checksum was put in by the sender's
					 * card, and nothing has happened since:
					 * links that may damage frames clear it */
};

enum {	/* hw_frame.gso_type; same numbers as SKB_GSO_* */
	HW_GSO_TCPV4 = 1, HW_GSO_TCP_ECN = 2, HW_GSO_TCPV6 = 4,
	HW_GSO_UDP_L4 = 8,
};

/* What travels beside the bytes of a frame. */
struct hw_frame {
	u32 len;
	u16 flags;
	u16 gso_size;		/* payload per segment; 0: one plain frame */
	u16 hdr_len;		/* all headers, when gso_size */
	u16 csum_start, csum_offset;	/* when HW_FRAME_CSUM_PARTIAL */
	u8 gso_type;
	u64 id;			/* frame number on the wire, given by it */
	u64 packet;		/* sender's packet id */
};

struct hw_vec {
	const u8 *base;
	u32 len;
};

enum {	/* events a link can be armed for */
	HW_LINK_RX = 1,		/* a frame is there */
	HW_LINK_TX = 2,		/* a frame that had to wait can be sent */
};

enum {	/* how to be woken; same numbers in the wire's `armed` word */
	HW_LINK_FUTEX = 1,
	HW_LINK_FD = 2,
};

struct hw_link;

struct hw_link_ops {
	void (*tx_begin)(struct hw_link *l);
	/*
	 * Copies the frame out of the n pieces; sets f->id. 0: on its way, or
	 * lost and counted, as on a wire. -EAGAIN: the receiver is full, try
	 * again later (Ethernet pause). -EOPNOTSUPP: some receiver takes no
	 * large frames or partial checksums: segment and try again. -EINVAL:
	 * impossible length.
	 */
	int (*xmit)(struct hw_link *l, struct hw_frame *f,
		    const struct hw_vec *v, u32 n);
	void (*tx_end)(struct hw_link *l);
	/* The oldest frame, in place, valid until rx_next; NULL: none. The
	 * sender may still scribble on the bytes: check what is read. */
	const u8 *(*rx_peek)(struct hw_link *l, struct hw_frame *f);
	void (*rx_next)(struct hw_link *l);
	void (*rx_end)(struct hw_link *l);
	/* False: one of `events` has happened already, nothing is armed. */
	bool (*arm)(struct hw_link *l, u32 events, u32 how);
	void (*disarm)(struct hw_link *l);
	/* Word to sleep on while it holds *value; NULL: only fd. */
	u32 *(*futex)(struct hw_link *l, u32 *value);
	int (*fd)(struct hw_link *l);	/* -1: none */
};

struct hw_link {
	const struct hw_link_ops *ops;
};

#endif
