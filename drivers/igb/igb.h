/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Driver for the Intel 82576 family. Reaches the device only through struct
 * hw_bus: registers, DMA mappings, interrupt lines.
 *
 *	igb_main.c	probe, open, stop; device configuration
 *	igb_ring.c	the rings' memory
 *	igb_intr.c	interrupts: the top half
 *	igb_input.c	NAPI poll, receive
 *	igb_output.c	transmit and its completion
 *	igb_ethtool.c	what ethtool shows and sets
 */
#ifndef WEIR_DRIVERS_IGB_H
#define WEIR_DRIVERS_IGB_H

#include "dev/netdevice.h"
#include "dev/ethtool.h"
#include "hw/bus.h"
#include "hw/e82576_regs.h"

#define IGB_MAX_QUEUES		16u
#define IGB_DEFAULT_QUEUES	4u
#define IGB_DEFAULT_RXD		256u
#define IGB_DEFAULT_TXD		1024u
#define IGB_SMALL_RING		64u	/* default in small hosts */
/*
 * Ring sizes, by ethtool_ops.set_ringparam (best before open), in steps of 8
 * (RDLEN and TDLEN count 128 bytes). The device lets one descriptor be the
 * gap. Receive: a frame that needs more buffers than the rest is dropped, so
 * with fewer than 24 descriptors 64 KiB frames of an offload link are. Transmit:
 * room for a frame of IGB_DESC_NEEDED descriptors, twice or the queue stops.
 */
#define IGB_MIN_RXD		16u
#define IGB_MIN_TXD		64u
#define IGB_MAX_RING		E82576_MAX_RING
#define IGB_RX_BUFSZ		4096u	/* one page, one descriptor */
#define IGB_RX_COPYBREAK	256u	/* up to here a frame is copied */
#define IGB_RX_HDR_ROOM		256u	/* linear part of larger ones */
#define IGB_RX_HEADROOM		66u	/* the IP header comes to lie at 4n */
#define IGB_RX_POOL_PAGES	(1u << 16)
/* Buffers that the device has at least, if the ring has room for them: the
 * largest frame lies in one less. */
#define IGB_RX_MIN_FILL		((1u << 16) / IGB_RX_BUFSZ + 2)
#define IGB_RX_BUFFER_WRITE	16u	/* descriptors per refill */
#define IGB_MAX_DATA_PER_TXD	32768u
/* A frame's descriptors at worst: frags, head in two, context, a gap. */
#define IGB_DESC_NEEDED		(MAX_SKB_FRAGS + 5u)
#define IGB_TX_CLEAN_BUDGET	256u
#define IGB_EITR_USECS		20u
#define IGB_MAX_TX_FRAMES	31u

struct igb_adapter;

struct igb_tx_buffer {
	struct sk_buff *skb;		/* at the frame's first descriptor, */
	u32 eop;			/* and the index of its last */
	u32 len;			/* of the mapping; 0: none */
	u64 dma;
};

struct igb_rx_buffer {
	struct page *page;
	u64 dma;
};

struct igb_tx_ring {
	struct igb_adapter *adapter;
	union e1000_adv_tx_desc *desc;
	struct e82576_tx_side *side;	/* NULL: a real card */
	struct igb_tx_buffer *buf;
	u32 count;
	u16 index;
	u64 dma, side_dma;
	/* sender, under the queue's xmit_lock */
	u32 next_to_use __cacheline;
	bool doorbell_due;		/* descriptors that TDT does not cover */
	union e1000_adv_tx_desc ctx;	/* in the device, context 0 */
	u64 busy, errors;
	/* cleaner */
	spinlock_t clean_lock __cacheline; /* next_to_clean and below */
	u32 next_to_clean;
	u64 packets, bytes;
};

struct igb_rx_ring {
	struct igb_adapter *adapter;
	union e1000_adv_rx_desc *desc;
	struct e82576_rx_side *side;
	struct igb_rx_buffer *buf;
	struct page_pool *pool;
	struct sk_buff *skb;		/* frame whose EOP has not come yet */
	bool skipping;			/* rest of a frame is thrown away */
	u32 count, next_to_use, next_to_clean;
	u32 fill;			/* buffers that the device is to have */
	u16 index;
	u64 dma, side_dma;
	u64 packets, bytes, alloc_failed, csum_errors, dropped;
};

/* One interrupt vector: a receive and a transmit queue, one NAPI. */
struct igb_q_vector {
	struct napi_struct napi;
	struct igb_adapter *adapter;
	struct igb_rx_ring rx;
	struct igb_tx_ring tx;
	u32 bit;			/* in EICR, EIMS */
	char name[DEV_IFNAMSIZ + 16];
};

struct igb_adapter {
	struct net_device *netdev;
	struct hw_bus *bus;
	bool virtual;			/* the device has the extension */
	bool msix;
	u32 nr_queues, max_queues;
	u32 rx_count, tx_count;		/* ring sizes for the next open */
	u32 itr_usecs;
	u32 tx_frames;			/* descriptors written back together */
	u8 rss_key[40], rss_table[128];
	u64 missed, no_buffer, length_errors; /* read from the device so far */
	u64 interrupts;
	struct igb_q_vector *q[IGB_MAX_QUEUES];
};

static inline u32 igb_rd32(struct igb_adapter *a, u32 reg)
{
	return a->bus->ops->readl(a->bus, reg);
}
static inline void igb_wr32(struct igb_adapter *a, u32 reg, u32 value)
{
	a->bus->ops->writel(a->bus, reg, value);
}

/*
 * Takes the device on `bus` over for net, as interface `name` (may hold "%d"),
 * with `queues` queue pairs (0: IGB_DEFAULT_QUEUES or one per CPU). Task
 * context. *out is registered and down. 0, -ENODEV, -ENOMEM, -EEXIST.
 */
int igb_probe(struct net *net, struct hw_bus *bus, const char *name,
	      u32 queues, struct net_device **out);
/* Unregisters and frees; the bus may go afterwards. */
void igb_remove(struct net_device *dev);

/* igb_main.c */
int igb_open(struct net_device *dev);
int igb_stop(struct net_device *dev);
void igb_update_stats(struct igb_adapter *a);
void igb_write_rss(struct igb_adapter *a);
void igb_write_itr(struct igb_adapter *a);
/* TXDCTL of queue n: enabled, with a->tx_frames. */
void igb_write_txdctl(struct igb_adapter *a, u32 n);

/* igb_ring.c: for all queues. 0 or -ENOMEM. */
int igb_setup_all_tx_resources(struct igb_adapter *a);
int igb_setup_all_rx_resources(struct igb_adapter *a);
void igb_free_all_tx_resources(struct igb_adapter *a);
void igb_free_all_rx_resources(struct igb_adapter *a);

/* igb_intr.c */
int igb_request_irq(struct igb_adapter *a);
void igb_free_irq(struct igb_adapter *a);
void igb_irq_enable(struct igb_adapter *a);
void igb_irq_disable(struct igb_adapter *a);
void igb_ring_irq_enable(struct igb_q_vector *q);

/* igb_input.c */
int igb_poll(struct napi_struct *napi, int budget);
u32 igb_clean_rx_irq(struct igb_q_vector *q, u32 budget);
/* Brings what the device has up to r->fill. */
void igb_alloc_rx_buffers(struct igb_rx_ring *r);
/* Buffers with the device, or written by it and not yet cleaned. */
static inline u32 igb_rx_posted(const struct igb_rx_ring *r)
{
	return (r->next_to_clean > r->next_to_use ? r->count : 0) +
	       r->next_to_use - r->next_to_clean;
}

/* igb_output.c */
netdev_tx_t igb_xmit_frame(struct sk_buff *skb, struct net_device *dev,
			   bool more);
/* Frees what was sent; `in_softirq`: at once, otherwise in NET_TX softirq.
 * True when all was done. */
bool igb_clean_tx_irq(struct igb_q_vector *q, bool in_softirq);
/* Frees what was not sent. The queue is disabled. */
void igb_clean_tx_ring(struct igb_tx_ring *r);

extern const struct ethtool_ops igb_ethtool_ops;	/* igb_ethtool.c */

#endif
