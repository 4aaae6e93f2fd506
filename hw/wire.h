/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An Ethernet segment in plain memory: a learning switch whose ports may be in
 * one process or in several that share the memory. No call of the operating
 * system here; what it needs of one (waking a sleeper, the time, whether a
 * process lives) comes through struct wire_os.
 *
 * Memory: a header with the ports, the table of learnt addresses and the
 * indexes of all rings; then the bytes of one ring for every ordered pair of
 * ports. A ring has one producer (the
 * source port) and one consumer (the destination port), so that a process that
 * is killed at any instruction leaves nothing locked: at worst a frame that
 * was never published. Rings that no two ports use are never touched and, in
 * sparse memory, cost nothing.
 *
 * Nothing read from the memory is trusted: geometry is copied at attach,
 * indexes and slot headers are checked at each use. A ring found damaged is
 * counted and emptied by its consumer; the others go on.
 */
#ifndef WEIR_HW_WIRE_H
#define WEIR_HW_WIRE_H

#include "base/lock.h"
#include "hw/link.h"

#define WIRE_MAGIC	0x72696577u	/* "weir" */
#define WIRE_VERSION	2u
#define WIRE_MAX_PORTS	16u
#define WIRE_MAC_SLOTS	256u
#define WIRE_RING_BYTES	(1u << 20)	/* usual size of a ring */
#define WIRE_RING_MIN	(1u << 18)	/* holds the largest frame twice */
#define WIRE_SLOT_ALIGN	64u
#define WIRE_DEAD_NS	(10 * NSEC_PER_MSEC)	/* full ring: is the owner alive? */
#define WIRE_PAUSE_NS	(100 * NSEC_PER_MSEC)	/* longest wait for a full ring */

enum {	/* what a port takes */
	WIRE_F_CSUM = 1,	/* partial checksums */
	WIRE_F_GSO = 2,		/* large frames */
};

enum wire_state { WIRE_PORT_FREE, WIRE_PORT_CLAIMED, WIRE_PORT_UP };

/* Shared. One port. */
struct wire_port_shm {
	u32 armed __cacheline;	/* HW_LINK_FUTEX | HW_LINK_FD; 0: awake */
	u32 state __cacheline;	/* enum wire_state; atomic */
	u32 features;
	s32 pid;		/* owner and its start time, so that a number */
	u32 generation;		/* used again is not taken for the owner */
	u64 start_time;
};

/* Shared. The indexes of a ring; one cache line per writer. */
struct wire_ring_shm {
	u32 tail __cacheline;	/* bytes ever put; producer */
	u32 head __cacheline;	/* bytes ever taken; consumer */
	u32 want_space __cacheline; /* producer waits; consumer clears */
};

/* Shared. In front of each frame; the frame's bytes follow. */
struct wire_slot {
	u32 size;		/* of the slot, header included */
	u32 unused1;
	struct hw_frame f;	/* len 0: padding up to the ring's end */
	u64 unused2;
};
static_assert(sizeof(struct wire_slot) == 48, "format of the segment");
static_assert(offsetof(struct hw_frame, id) == 16 &&
	      offsetof(struct hw_frame, gso_type) == 14, "so is this");

/* Shared. The segment. */
struct wire_shm {
	u32 magic, version;
	u32 nr_ports, ring_bytes;
	u32 up_mask;		/* ports that are up; atomic */
	struct wire_port_shm port[WIRE_MAX_PORTS];
	u64 mac[WIRE_MAC_SLOTS];/* address << 16 | port + 1; atomic */
};

struct wire_os {
	/* Port `port` was armed (how: HW_LINK_* bits) and has an event now. */
	void (*wake)(void *arg, u32 port, u32 *word, u32 how);
	ktime_t (*now)(void *arg);
	/* Is the owner of a port that does not empty its ring alive? */
	bool (*alive)(void *arg, const struct wire_port_shm *owner);
	/* Memory at `off` of the segment is about to be used for the first
	 * time. 0 or -errno (no room: the ring is not used). NULL: fine. */
	int (*reserve)(void *arg, size_t off, size_t len);
	int (*fd)(void *arg);		/* -1: none. NULL: none */
	void (*drain)(void *arg);	/* fd not readable any more. NULL: - */
	void *arg;
};

struct wire_stats {
	u64 tx_frames, tx_bytes, rx_frames, rx_bytes;
	u64 tx_flooded;		/* frames to all ports */
	u64 tx_full;		/* lost: a receiver's ring stood full */
	u64 tx_waits;		/* times a frame had to wait */
	u64 tx_no_port;		/* lost: nobody there */
	u64 rx_bad;		/* rings emptied because of a damaged slot */
	u64 wakes;
};

/* Private to the process: my end of the ring to/from another port. */
struct wire_tx_ring {
	struct wire_ring_shm *shm;
	u8 *data;
	u32 tail, published, head;	/* head: as last read */
	bool reserved;
	ktime_t full_since;		/* 0: not full */
};
struct wire_rx_ring {
	struct wire_ring_shm *shm;
	const u8 *data;
	u32 head, published, tail;	/* tail: as last read */
};

/* Private: where in the table an address was found last. */
struct wire_mac_memo {
	u64 key, entry;
	u32 at;
};

/* Private to the process: a port. */
struct wire_port {
	struct hw_link link;		/* must be first */
	struct wire_shm *shm;
	size_t size;
	struct wire_os os;
	u32 nr_ports, ring_bytes, index;
	spinlock_t tx_lock;
	u32 tx_dirty;			/* destinations with unpublished frames */
	u64 next_frame;
	struct wire_mac_memo src, dst;
	bool fd_armed;
	struct wire_tx_ring tx[WIRE_MAX_PORTS];
	/* receiver's */
	u32 rx_src;			/* ring looked at */
	u32 rx_burst;			/* frames taken from it in a row */
	u32 rx_slot;			/* size of the slot that was peeked */
	u32 rx_dirty;			/* rings with unpublished heads */
	struct wire_rx_ring rx[WIRE_MAX_PORTS];
	struct wire_stats stats;
};

/* Bytes a segment needs; 0: impossible geometry. */
size_t wire_size(u32 nr_ports, u32 ring_bytes);
/* The part of it that every port uses: all but the rings' bytes. */
size_t wire_header_bytes(u32 nr_ports);
/* Makes an empty segment of zeroed memory. 0 or -EINVAL. */
int wire_format(void *mem, size_t size, u32 nr_ports, u32 ring_bytes);
/* Is it a segment this code can use? 0, or -EPROTO. */
int wire_check(const void *mem, size_t size);

/*
 * Takes a free port for process `pid`. p is the caller's memory. 0, -ENOSPC
 * (all taken), -EPROTO. Ports may come and go while others are in use.
 */
int wire_attach(struct wire_port *p, void *mem, size_t size,
		const struct wire_os *os, s32 pid, u64 start_time,
		u32 features);
void wire_detach(struct wire_port *p);
/* Frees port `index` of a dead owner; the caller made sure of that. */
void wire_reclaim(struct wire_shm *shm, u32 index);
/* Bit per port in use. */
u32 wire_ports_in_use(const struct wire_shm *shm);
/* What others may send us from now on, WIRE_F_*. */
void wire_set_features(struct wire_port *p, u32 features);

/* hw/wire_tx.c, hw/wire_rx.c */
extern const struct hw_link_ops wire_link_ops;
void wire_tx_begin(struct hw_link *l);
int wire_xmit(struct hw_link *l, struct hw_frame *f, const struct hw_vec *v,
	      u32 n);
void wire_tx_end(struct hw_link *l);
bool wire_tx_ready(struct wire_port *p);
const u8 *wire_rx_peek(struct hw_link *l, struct hw_frame *f);
void wire_rx_next(struct hw_link *l);
void wire_rx_end(struct hw_link *l);
bool wire_rx_ready(struct wire_port *p);
/* The port's doorbell, if it sleeps. Call after what it shall see. */
void wire_ring_doorbell(struct wire_port *p, u32 port);

#endif
