/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Intel 82576 as a register-level model: a driver sees registers,
 * descriptor rings in its memory, DMA and interrupts, nothing else. On the
 * other side is a link (hw/link.h).
 *
 * The model has no thread of its own. Writing TDT runs the transmit engine in
 * the writer's context; e82576_step() fetches frames from the link and retries
 * what had to wait. In virtual time the simulator calls it at its events.
 *
 * Locks, in this order: rx_lock covers the receive engine, its configuration
 * and its statistics; the link's tx_begin to tx_end, which lets one sender in,
 * all transmit engines and theirs; irq_lock the interrupt registers, of which
 * EICR and EIMS are changed by atomic operations, with or without the lock.
 * `raise` is called with none of them held.
 */
#ifndef WEIR_HW_E82576_H
#define WEIR_HW_E82576_H

#include "base/lock.h"
#include "hw/bus.h"
#include "hw/e82576_regs.h"
#include "hw/link.h"
#include "hw/rss.h"

#define E82576_RAR	24u		/* receive address registers, 8.10.24 */
#define E82576_MTA	128u
#define E82576_VECTOR_NONE 0xffu
#define E82576_MAX_JUMBO 9728u		/* 82576 1.3: 9.5 KB */
#define E82576_NR_STATS	((E1000_STATS_END - E1000_STATS) / 4)

struct e82576_config {
	struct hw_link *link;
	const struct dma_ops *dma;	/* NULL: bus addresses are pointers */
	u8 mac[6];
	/* Interrupt message of `vector` goes out. */
	void (*raise)(void *arg, u32 vector);
	/* Virtual time only (else NULL): call e82576_moderation_over() for
	 * the vector `delay` ns from now. */
	void (*moderate)(void *arg, u32 vector, ktime_t delay);
	ktime_t (*now)(void *arg);	/* with `moderate` */
	/* Virtual time only (else NULL): e82576_step() is due, after the
	 * present call: a frame that waited has descriptors now. */
	void (*wake)(void *arg);
	void *arg;
};

struct e82576_rxq {
	union e1000_adv_rx_desc *ring;	/* translated; NULL: disabled */
	struct e82576_rx_side *side;
	u32 count, head, tail;		/* descriptors */
	u32 buf_size;
	u8 vector;
	bool drop_en;
	u32 bal, bah, len, srrctl, dctl, xbal, xbah;
	u64 dropped;			/* RQDPC */
};

struct e82576_tx_ctx {			/* context descriptor, 7.2.2.2 */
	u16 iplen, maclen, mss, l4len;
	u32 tucmd;
};

struct e82576_txq {
	union e1000_adv_tx_desc *ring;
	struct e82576_tx_side *side;
	u32 count, head, tail;
	u32 written, unwritten;		/* first descriptor, and how many, that
					 * are done without write-back */
	u32 wthresh;			/* as many are written back together */
	u8 vector;
	u8 index;
	u32 seg_done;			/* payload of the frame at head that has
					 * been sent as segments already */
	struct e82576_tx_ctx ctx[2];
	u32 bal, bah, len, dctl, xbal, xbah;
} __cacheline;

struct e82576 {
	struct e82576_config cfg;
	struct hw_link *link;
	/* receive */
	spinlock_t rx_lock;
	u32 rctl, rxcsum, rlpml, mrqc, ctrl, vx_ctrl;
	u64 rar[E82576_RAR];		/* address in wire order; 0: unused */
	u32 mta[E82576_MTA];
	u8 reta[128];
	struct rss_key rss;
	bool rx_starved;		/* next frame waits for descriptors */
	struct e82576_rxq rxq[E82576_QUEUES];
	/* transmit */
	u32 tctl;
	u32 tx_waiting;			/* queues whose frame must wait */
	u32 tx_unwritten;		/* queues with less than WTHRESH done */
	u32 tx_steps;			/* since then, in vain */
	struct e82576_txq txq[E82576_QUEUES];
	/* interrupts */
	spinlock_t irq_lock;
	u32 icr, ims, iam, eicr, eims, eiac, eiam, gpie;
	u32 ivar[8], ivar_misc, eitr[E82576_VECTORS];
	u32 held;			/* vectors whose EITR interval runs */
	ktime_t last_raise[E82576_VECTORS];
	u64 raised[E82576_VECTORS];	/* messages */
	/* statistics, 8.18; each under the lock of what it counts */
	u64 stat[E82576_NR_STATS];
	u64 raised_read;		/* IAC began anew there */
	u64 bad_descriptors;		/* not in the datasheet */
};

/* hw is the caller's zeroed memory. */
void e82576_init(struct e82576 *hw, const struct e82576_config *cfg);
/* As after CTRL.RST. */
void e82576_reset(struct e82576 *hw);

u32 e82576_readl(struct e82576 *hw, u32 reg);
void e82576_writel(struct e82576 *hw, u32 reg, u32 value);

/* Moves what can be moved now; true if anything did. Any thread. */
bool e82576_step(struct e82576 *hw);
/* See struct hw_device; `how` is HW_LINK_FUTEX or HW_LINK_FD. */
bool e82576_arm(struct e82576 *hw, u32 how);
void e82576_disarm(struct e82576 *hw);
void e82576_moderation_over(struct e82576 *hw, u32 vector);

/* --- between the files of the model ------------------------------------------ */

/* e82576_irq.c: events happened; bits of EICR by vector, and of ICR. */
void e82576_cause(struct e82576 *hw, u32 vectors, u32 icr);
u32 e82576_irq_readl(struct e82576 *hw, u32 reg);
void e82576_irq_writel(struct e82576 *hw, u32 reg, u32 value);
static inline u32 e82576_vector_bit(u8 vector)
{
	return vector == E82576_VECTOR_NONE ? 0 : 1u << vector;
}

/* e82576_rx.c */
bool e82576_rx_step(struct e82576 *hw);
void e82576_rxq_writel(struct e82576 *hw, u32 reg, u32 value);
u32 e82576_rxq_readl(struct e82576 *hw, u32 reg);

/* e82576_tx.c */
static inline void e82576_tx_lock(struct e82576 *hw)
{
	hw->link->ops->tx_begin(hw->link);
}
static inline void e82576_tx_unlock(struct e82576 *hw)
{
	hw->link->ops->tx_end(hw->link);
}
/* Queues of `waiting` once more; true if anything was taken. */
bool e82576_tx_retry(struct e82576 *hw, u32 waiting);
/* Writes back what waits for WTHRESH. Bits of EICR that this sets. */
u32 e82576_tx_flush(struct e82576 *hw);
void e82576_txq_writel(struct e82576 *hw, u32 reg, u32 value);
u32 e82576_txq_readl(struct e82576 *hw, u32 reg);

/* A frame being sent, gathered from its descriptors. */
struct e82576_tx_frame {
	struct hw_frame f;
	struct hw_vec v[HW_MAX_VEC];
	u32 nr_vec;
	u32 last;			/* index of the EOP descriptor */
	const struct e82576_tx_ctx *ctx;
	u32 cmd, olinfo;		/* of the first data descriptor */
};
/* e82576_tso.c: checksums and segments made by the NIC itself. As
 * hw_link_ops.xmit; goes on where it stopped after -EAGAIN. */
int e82576_tx_segment(struct e82576 *hw, struct e82576_txq *q,
		      struct e82576_tx_frame *t);
/* After a frame has left: counters and trace. */
void e82576_tx_sent(struct e82576 *hw, const struct hw_frame *f,
		    const u8 *dest);

/* e82576_stats.c */
static inline void e82576_count(struct e82576 *hw, u32 reg, u64 n)
{
	hw->stat[(reg - E1000_STATS) / 4] += n;
}
static inline void e82576_bad_descriptor(struct e82576 *hw)
{
	__atomic_fetch_add(&hw->bad_descriptors, 1, __ATOMIC_RELAXED);
}
u32 e82576_stats_readl(struct e82576 *hw, u32 reg);

#endif
