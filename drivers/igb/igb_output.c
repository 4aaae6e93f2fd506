/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Transmit. A frame takes one data descriptor per piece (linear part, frags),
 * before them a context descriptor if checksum or segmentation is wanted and
 * the device does not hold the same context already (82576 7.2.2.2). The
 * doorbell (TDT) is rung once per burst.
 *
 * The completion is found by the DD bit in the frame's last descriptor. The
 * sender cleans, too, when the ring runs low, so that a bulk sender depends on
 * no interrupt; what it finds is freed by the NET_TX softirq.
 */
#include "drivers/igb/igb.h"
#include "base/checksum.h"
#include "dev/tx_stamp.h"

/* The sender cleans when so few descriptors are free, or half of the ring. */
#define IGB_CLEAN_BELOW	(4 * IGB_DESC_NEEDED)

static u32 igb_next(const struct igb_tx_ring *r, u32 i)
{
	return i + 1 == r->count ? 0 : i + 1;
}

static u32 igb_desc_unused(const struct igb_tx_ring *r)
{
	u32 clean = smp_load_acquire(&r->next_to_clean);

	return (clean > r->next_to_use ? 0 : r->count) + clean -
	       r->next_to_use - 1;
}

/* --- offloads ------------------------------------------------------------------------ */

struct igb_tx_offload {
	union e1000_adv_tx_desc ctx;
	u32 cmd, olinfo;		/* for the data descriptors */
	u32 hdr_len;			/* not 0: TSO */
};

static bool igb_is_udp(const struct sk_buff *skb)
{
	return skb->csum_offset == 6;
}

static bool igb_is_ipv4(const struct sk_buff *skb)
{
	return skb_network_header(skb)[0] >> 4 == 4;
}

static inline void igb_tx_ctx(const struct sk_buff *skb, struct igb_tx_offload *o,
		       u32 l4_len, u32 mss)
{
	u32 mac = (u32)skb_network_offset(skb);
	u32 l4 = (u32)(skb->head + skb->csum_start - skb->data);

	o->ctx.ctx.vlan_macip_lens = (l4 - mac) | mac << CTX_MACLEN_SHIFT;
	o->ctx.ctx.seqnum_seed = 0;
	o->ctx.ctx.type_tucmd = TXD_DEXT | TXD_DTYP_CTX |
		(igb_is_ipv4(skb) ? TUCMD_IPV4 : 0) |
		(igb_is_udp(skb) ? 0 : TUCMD_TCP);
	o->ctx.ctx.mss_l4len_idx = l4_len << CTX_L4LEN_SHIFT |
				   mss << CTX_MSS_SHIFT;
	o->olinfo |= TXD_TXSM;
}

/* A real card adds each segment's length to the pseudo header's sum by
 * itself (7.2.4.5): take the length of the whole out. 0 or -ENOMEM. */
static int igb_tso_pseudo_sum(struct sk_buff *skb, u32 l4_off)
{
	u32 paylen = skb->len - l4_off;
	__sum16 *field;

	if (skb_cow_head(skb, 0))
		return -ENOMEM;
	field = (__sum16 *)(skb->data + l4_off + skb->csum_offset);
	*field = (__force __sum16)(u16)~(__force u16)csum_fold(csum_sub(
		csum_unfold(*field), (__force __wsum)cpu_to_be32(paylen)));
	return 0;
}

/* 0 or -errno. */
static noinline int igb_tso(struct igb_tx_ring *r, struct sk_buff *skb,
		   struct igb_tx_offload *o)
{
	u32 l4 = (u32)(skb->head + skb->csum_start - skb->data), l4_len = 8;

	if (!igb_is_udp(skb))
		l4_len = (u32)(skb->data[l4 + 12] >> 4) * 4;
	o->hdr_len = l4 + l4_len;
	if (o->hdr_len > skb_headlen(skb))
		return -EINVAL;
	if (!r->adapter->virtual && igb_tso_pseudo_sum(skb, l4))
		return -ENOMEM;
	igb_tx_ctx(skb, o, l4_len, skb_shinfo(skb)->gso_size);
	if (igb_is_ipv4(skb))
		o->olinfo |= TXD_IXSM;
	o->cmd |= TXD_TSE;
	return 0;
}

static inline int igb_tx_offload(struct igb_tx_ring *r, struct sk_buff *skb,
			  struct igb_tx_offload *o)
{
	u32 start;
	int err;

	o->cmd = TXD_DTYP_DATA | TXD_DEXT | TXD_IFCS;
	o->olinfo = 0;
	o->hdr_len = 0;
	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		start = (u32)(skb->head + skb->csum_start - skb->data);
		if (unlikely(start + (igb_is_udp(skb) ? 8 : 20) >
			     skb_headlen(skb)))
			return -EINVAL;
		err = 0;
		if (skb_is_gso(skb))
			err = igb_tso(r, skb, o);
		else
			igb_tx_ctx(skb, o, 0, 0);
		if (unlikely(err))
			return err;
	} else if (unlikely(skb_is_gso(skb))) {
		return -EINVAL;		/* the stack cuts these itself */
	}
	o->olinfo |= (skb->len - o->hdr_len) << TXD_PAYLEN_SHIFT;
	return 0;
}

/* --- descriptors ----------------------------------------------------------------------- */

/* At *i, unless the device has it already. */
static inline void igb_put_context(struct igb_tx_ring *r, u32 *i,
			    const union e1000_adv_tx_desc *ctx)
{
	if (likely(!memcmp(&r->ctx, ctx, sizeof(*ctx))))
		return;
	r->ctx = *ctx;
	r->desc[*i] = *ctx;
	r->buf[*i].len = 0;
	*i = igb_next(r, *i);
}

static inline void igb_put_data(struct igb_tx_ring *r, u32 i, u64 dma, u32 len,
				const struct igb_tx_offload *o)
{
	union e1000_adv_tx_desc *d = &r->desc[i];

	r->buf[i].dma = dma;
	r->buf[i].len = len;
	d->read.addr = dma;
	d->read.cmd_type_len = o->cmd | len;
	d->read.olinfo_status = o->olinfo;
}

/* One piece, at *i on. False: it cannot be mapped. */
static bool igb_map_piece(struct igb_tx_ring *r, u32 *i, u8 *va, u32 len,
			  const struct igb_tx_offload *o)
{
	struct hw_bus *bus = r->adapter->bus;

	while (len) {
		u32 n = min(len, IGB_MAX_DATA_PER_TXD);
		u64 dma = hw_dma_map(bus, va, n);

		if (unlikely(!dma))
			return false;
		igb_put_data(r, *i, dma, n, o);
		*i = igb_next(r, *i);
		va += n;
		len -= n;
	}
	return true;
}

static void igb_unmap(struct igb_tx_ring *r, u32 i)
{
	struct hw_bus *bus = r->adapter->bus;

	if (r->buf[i].len)
		hw_dma_unmap(bus, r->buf[i].dma, r->buf[i].len);
	r->buf[i].len = 0;
}

static noinline bool igb_map_skb(struct igb_tx_ring *r, u32 *i,
				 struct sk_buff *skb,
				 const struct igb_tx_offload *o)
{
	struct skb_shared_info *si = skb_shinfo(skb);
	bool ok = igb_map_piece(r, i, skb->data, skb_headlen(skb), o);
	u32 k;

	for (k = 0; ok && k < si->nr_frags; k++)
		ok = igb_map_piece(r, i, si->frags[k].page->addr +
				   si->frags[k].offset, si->frags[k].len, o);
	return ok;
}

/* A linear frame in memory that needs no mapping: one descriptor. */
static inline bool igb_map_linear(struct igb_tx_ring *r, u32 *i,
				  const struct sk_buff *skb,
				  const struct igb_tx_offload *o)
{
	if (unlikely(skb->data_len || !r->adapter->bus->direct ||
		     skb->len - 1 >= IGB_MAX_DATA_PER_TXD))
		return false;
	igb_put_data(r, *i, (u64)(uintptr_t)skb->data, skb->len, o);
	*i = igb_next(r, *i);
	return true;
}

/* The pieces of the frame from `data` on could not all be mapped. */
static noinline bool igb_tx_unmap(struct igb_tx_ring *r, u32 data, u32 i)
{
	for (; data != i; data = igb_next(r, data))
		igb_unmap(r, data);
	memset(&r->ctx, 0, sizeof(r->ctx));	/* it never got there */
	return false;
}

/* The frame's descriptors. False: nothing has been taken. */
static inline bool igb_tx_map(struct igb_tx_ring *r, struct sk_buff *skb,
			      const struct igb_tx_offload *o)
{
	u32 first = r->next_to_use, i = first, data, last;

	if (skb->ip_summed == CHECKSUM_PARTIAL)
		igb_put_context(r, &i, &o->ctx);
	last = data = i;
	if (unlikely(!igb_map_linear(r, &i, skb, o))) {
		if (unlikely(!igb_map_skb(r, &i, skb, o) || i == data))
			return igb_tx_unmap(r, data, i);
		last = i ? i - 1 : r->count - 1;
	}
	r->desc[last].read.cmd_type_len |= TXD_EOP | TXD_RS;
	if (likely(r->side))
		r->side[data].packet = skb->id;
	r->buf[first].skb = skb;
	r->buf[first].eop = last;
	smp_store_release(&r->next_to_use, i);	/* the cleaner may look */
	return true;
}

/* --- xmit --------------------------------------------------------------------------------- */

static void igb_ring_doorbell(struct igb_tx_ring *r)
{
	if (!r->doorbell_due)
		return;
	r->doorbell_due = false;
	smp_mb();	/* descriptors before TDT (7.2.1.2) */
	igb_wr32(r->adapter, E1000_TX_Q(r->index, Q_TAIL), r->next_to_use);
}

/* Room for the largest frame, after cleaning if need be. */
static noinline bool igb_maybe_clean(struct igb_q_vector *q)
{
	struct igb_tx_ring *r = &q->tx;

	if (likely(igb_desc_unused(r) >= min(IGB_CLEAN_BELOW, r->count / 2)))
		return true;
	igb_ring_doorbell(r);
	igb_clean_tx_irq(q, false);
	return igb_desc_unused(r) >= IGB_DESC_NEEDED;
}

/* The queue stops; unless room appeared just now. */
static bool igb_maybe_stop_tx(struct igb_q_vector *q, struct netdev_queue *txq)
{
	netif_tx_stop_queue(txq);
	smp_mb();
	if (igb_desc_unused(&q->tx) < IGB_DESC_NEEDED)
		return true;
	netif_tx_wake_queue(txq);
	return false;
}

static noinline netdev_tx_t igb_tx_drop(struct igb_tx_ring *r, struct sk_buff *skb,
			       struct net_device *dev, bool more)
{
	r->errors++;
	dev_stats(dev)->tx_errors++;
	kfree_skb_reason(skb, SKB_DROP_REASON_DEV_TX_ERROR);
	if (!more)
		igb_ring_doorbell(r);
	return NETDEV_TX_OK;
}

/* After a frame that found little room: the next one may find none. */
static noinline void igb_xmit_last(struct igb_q_vector *q,
				   struct netdev_queue *txq)
{
	if (igb_desc_unused(&q->tx) >= IGB_DESC_NEEDED || igb_maybe_clean(q))
		return;
	igb_maybe_stop_tx(q, txq);
	igb_ring_doorbell(&q->tx);
}

netdev_tx_t igb_xmit_frame(struct sk_buff *skb, struct net_device *dev,
			   bool more)
{
	struct igb_adapter *a = dev->priv;
	struct igb_q_vector *q = a->q[skb->queue_mapping < a->nr_queues ?
					skb->queue_mapping : 0];
	struct igb_tx_ring *r = &q->tx;
	struct netdev_queue *txq = netdev_get_tx_queue(dev, r->index);
	bool low = igb_desc_unused(r) < IGB_CLEAN_BELOW;
	struct igb_tx_offload o;

	if (unlikely(low) && !igb_maybe_clean(q)) {
		r->busy++;
		if (igb_maybe_stop_tx(q, txq))
			return NETDEV_TX_BUSY;
	}
	skb_stage_cpu(this_percpu(), skb, STAGE_igb_xmit_frame);
	if (unlikely(igb_tx_offload(r, skb, &o)))
		return igb_tx_drop(r, skb, dev, more);
	skb_sent_stamp(skb, dev);
	if (unlikely(!igb_tx_map(r, skb, &o)))
		return igb_tx_drop(r, skb, dev, more);
	r->doorbell_due = true;
	if (!more || netif_tx_queue_stopped(txq))
		igb_ring_doorbell(r);
	if (unlikely(low))
		igb_xmit_last(q, txq);
	return NETDEV_TX_OK;
}

/* --- completion ------------------------------------------------------------------------------ */

static u32 igb_segs(const struct sk_buff *skb)
{
	return skb_is_gso(skb) && skb_shinfo(skb)->gso_segs ?
		skb_shinfo(skb)->gso_segs : 1;
}

static inline void igb_free_tx_skb(struct igb_tx_ring *r, struct sk_buff *skb,
			    bool in_softirq)
{
	r->packets += igb_segs(skb);
	r->bytes += skb->len;
	skb_stage_cpu(this_percpu(), skb, STAGE_igb_clean_tx_irq);
	if (in_softirq)
		consume_skb(skb);
	else
		dev_kfree_skb_irq(skb);
}

static noinline void igb_tx_unmap_frame(struct igb_tx_ring *r, u32 i, u32 end)
{
	for (; i != end; i = igb_next(r, i))
		igb_unmap(r, i);
}

/* The frame at *i, if it is done. */
static inline bool igb_clean_one(struct igb_tx_ring *r, u32 *i, bool in_softirq)
{
	struct igb_tx_buffer *b = &r->buf[*i];
	u32 end = igb_next(r, b->eop);

	if (!(smp_load_acquire(&r->desc[b->eop].wb.status) & TXD_STAT_DD))
		return false;
	if (unlikely(!r->adapter->bus->direct))
		igb_tx_unmap_frame(r, *i, end);
	*i = end;
	igb_free_tx_skb(r, b->skb, in_softirq);
	b->skb = NULL;
	return true;
}

static void igb_wake_queue(struct igb_q_vector *q)
{
	struct net_device *dev = q->adapter->netdev;
	struct netdev_queue *txq = netdev_get_tx_queue(dev, q->tx.index);

	smp_mb();
	if (unlikely(netif_tx_queue_stopped(txq)) &&
	    igb_desc_unused(&q->tx) >= 2 * IGB_DESC_NEEDED &&
	    netif_running(dev))
		netif_tx_wake_queue(txq);
}

bool igb_clean_tx_irq(struct igb_q_vector *q, bool in_softirq)
{
	struct igb_tx_ring *r = &q->tx;
	u64 packets, bytes;
	u32 budget = IGB_TX_CLEAN_BUDGET, i, end;

	if (READ_ONCE(r->next_to_clean) == READ_ONCE(r->next_to_use))
		return true;
	if (!spin_trylock(&r->clean_lock))
		return true;		/* somebody is at it */
	packets = r->packets;
	bytes = r->bytes;
	end = smp_load_acquire(&r->next_to_use);
	for (i = r->next_to_clean; i != end && budget; budget--)
		if (!igb_clean_one(r, &i, in_softirq))
			break;
	if (likely(i != r->next_to_clean)) {
		struct rtnl_link_stats64 *st = dev_stats(q->adapter->netdev);

		st->tx_packets += r->packets - packets;
		st->tx_bytes += r->bytes - bytes;
		smp_store_release(&r->next_to_clean, i);
	}
	spin_unlock(&r->clean_lock);
	igb_wake_queue(q);
	return budget;
}

void igb_clean_tx_ring(struct igb_tx_ring *r)
{
	for (; r->next_to_clean != r->next_to_use;
	     r->next_to_clean = igb_next(r, r->next_to_clean)) {
		struct igb_tx_buffer *b = &r->buf[r->next_to_clean];

		igb_unmap(r, r->next_to_clean);
		if (b->skb)
			kfree_skb_reason(b->skb, SKB_DROP_REASON_DEV_DOWN);
		b->skb = NULL;
	}
}
