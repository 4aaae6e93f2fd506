/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Receive. igb_poll is the NAPI poll of a vector: transmit completions first,
 * then up to `budget` frames. Buffers are pages of the ring's pool, one page
 * per descriptor; a frame that is larger than a page lies in several, the last
 * with EOP (82576 7.1.5).
 *
 *	<= IGB_RX_COPYBREAK	copied into an sk_buff of its own, page kept
 *	larger			headers copied, pages attached, no copy
 *
 * The ring is refilled in batches; a page that was kept goes back as it is.
 * It need not be full of buffers: a small host begins with few (r->fill), and
 * twice as many are posted each time that the device had used them all. A
 * frame that finds too few waits on the link and comes after the refill.
 */
#include "drivers/igb/igb.h"
#include "buf/wire/eth.h"

/* --- refill ---------------------------------------------------------------------- */

static bool igb_alloc_mapped_page(struct igb_rx_ring *r, struct igb_rx_buffer *b)
{
	struct hw_bus *bus = r->adapter->bus;

	if (b->page)
		return true;
	b->page = page_pool_alloc(r->pool);
	if (unlikely(!b->page)) {
		r->alloc_failed++;
		return false;
	}
	b->dma = hw_dma_map(bus, b->page->addr, IGB_RX_BUFSZ);
	if (likely(b->dma))
		return true;
	page_put(b->page);
	b->page = NULL;
	r->alloc_failed++;
	return false;
}

/* Posts buffers and tells the device (7.1.4). */
void igb_alloc_rx_buffers(struct igb_rx_ring *r)
{
	u32 i = r->next_to_use, n = r->fill - igb_rx_posted(r);

	for (; n && igb_alloc_mapped_page(r, &r->buf[i]); n--) {
		/* the write-back's status shares this word with hdr_addr */
		r->desc[i].read.pkt_addr = r->buf[i].dma;
		r->desc[i].read.hdr_addr = 0;
		i = i + 1 == r->count ? 0 : i + 1;
	}
	if (i == r->next_to_use)
		return;
	r->next_to_use = i;
	igb_wr32(r->adapter, E1000_RX_Q(r->index, Q_TAIL), i);
}

/* --- headers ---------------------------------------------------------------------- */

static u32 igb_l4_headlen(const u8 *p, u32 off, u32 len, u8 proto)
{
	if (proto == IPPROTO_TCP && off + 20 <= len)
		return off + (u32)(p[off + 12] >> 4) * 4;
	if (proto == IPPROTO_UDP)
		return off + 8;
	return off;
}

/* Bytes of headers at the front of a frame, as far as they are understood. */
static u32 igb_headlen(const u8 *p, u32 len)
{
	u32 off = ETH_HLEN;
	u16 type = get_unaligned_be16(p + 12);

	if (type == ETH_P_8021Q && len >= ETH_HLEN + VLAN_HLEN) {
		type = get_unaligned_be16(p + 16);
		off += VLAN_HLEN;
	}
	if (type == ETH_P_IP && off + 20 <= len)
		off = igb_l4_headlen(p, off + (p[off] & 15u) * 4, len,
				     p[off + 9]);
	else if (type == ETH_P_IPV6 && off + 40 <= len)
		off = igb_l4_headlen(p, off + 40, len, p[off + 6]);
	off = min(off, len);
	return min(off, IGB_RX_HDR_ROOM);
}

/* --- from descriptors to an sk_buff ------------------------------------------------- */

static inline struct sk_buff *igb_alloc_rx_skb(struct igb_rx_ring *r, u32 room)
{
	struct sk_buff *skb = alloc_skb(IGB_RX_HEADROOM + room);

	if (unlikely(!skb)) {
		r->alloc_failed++;
		return NULL;
	}
	skb_reserve(skb, IGB_RX_HEADROOM);
	return skb;
}

static void igb_add_rx_frag(struct igb_rx_ring *r, struct igb_rx_buffer *b,
			    struct sk_buff *skb, u32 off, u32 len)
{
	struct hw_bus *bus = r->adapter->bus;

	hw_dma_unmap(bus, b->dma, IGB_RX_BUFSZ);
	skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, b->page, off, len,
			IGB_RX_BUFSZ);
	b->page = NULL;
}

/* A small frame, page kept. NULL: no memory. */
static inline struct sk_buff *igb_copy_frame(struct igb_rx_ring *r,
					     const u8 *va, u32 len)
{
	struct sk_buff *skb = igb_alloc_rx_skb(r, len);

	if (likely(skb))
		copy_bytes(skb_put(skb, len), va, len, COPY_LINEARIZE);
	return skb;
}

/* The first buffer of a frame. NULL: no memory, page kept. */
static struct sk_buff *igb_construct_skb(struct igb_rx_ring *r,
					 struct igb_rx_buffer *b, u32 len,
					 bool eop)
{
	const u8 *va = b->page->addr;
	struct sk_buff *skb;
	u32 hlen;

	if (eop && len <= IGB_RX_COPYBREAK)
		return igb_copy_frame(r, va, len);
	skb = igb_alloc_rx_skb(r, IGB_RX_HDR_ROOM);
	if (unlikely(!skb))
		return NULL;
	hlen = igb_headlen(va, len);
	memcpy(skb_put(skb, hlen), va, hlen);
	if (len > hlen)
		igb_add_rx_frag(r, b, skb, hlen, len - hlen);
	return skb;
}

/* One buffer: begins a frame or goes on with one. False: frame is lost. */
static bool igb_fetch_rx_buffer(struct igb_rx_ring *r, u32 index, u32 len,
				bool eop)
{
	struct igb_rx_buffer *b = &r->buf[index];

	__builtin_prefetch(b->page->addr);
	if (unlikely(len > IGB_RX_BUFSZ || (!r->skb && len < ETH_HLEN)))
		return false;
	if (!r->skb) {
		r->skb = igb_construct_skb(r, b, len, eop);
		return r->skb;
	}
	if (unlikely(skb_shinfo(r->skb)->nr_frags == MAX_SKB_FRAGS))
		return false;
	igb_add_rx_frag(r, b, r->skb, 0, len);
	return true;
}

/* --- fields -------------------------------------------------------------------------- */

static inline void igb_rx_checksum(struct igb_rx_ring *r, struct sk_buff *skb,
				   netdev_features_t features, u32 status)
{
	if (unlikely(!(features & NETIF_F_RXCSUM)))
		return;
	if (unlikely(status & (RXD_ERR_L4E | RXD_ERR_IPE))) {
		r->csum_errors++;	/* the stack will look again */
		return;
	}
	if (status & RXD_STAT_L4CS)
		skb->ip_summed = CHECKSUM_UNNECESSARY;
}

#define IGB_L4_HASHES	(1u << RSS_TCPV4 | 1u << RSS_TCPV6 | \
			 1u << RSS_UDPV4 | 1u << RSS_UDPV6)

static inline void igb_rx_hash(struct sk_buff *skb, netdev_features_t features,
			       const union e1000_adv_rx_desc *d)
{
	u32 type = d->wb.pkt_info & RXD_RSS_TYPE;

	if (!type || !(features & NETIF_F_RXHASH))
		return;
	skb->hash = d->wb.rss;
	skb->l4_hash = IGB_L4_HASHES >> type & 1;
}

/* What the side ring says of a frame that came whole (virtual extension).
 * False: it cannot be true. */
static noinline bool igb_rx_large(struct sk_buff *skb, const struct e82576_rx_side *s)
{
	struct skb_shared_info *si = skb_shinfo(skb);

	if (s->hdr_len >= skb->len || s->gso_size < 8)
		return false;
	si->gso_size = s->gso_size;
	si->gso_type = s->gso_type;
	si->gso_segs = (u16)DIV_ROUND_UP(skb->len - s->hdr_len,
					 (u32)s->gso_size);
	return true;
}

static inline bool igb_rx_side(struct igb_rx_ring *r, struct sk_buff *skb, u32 index)
{
	const struct e82576_rx_side *s;

	if (!r->side)
		return true;
	s = &r->side[index];
	if (s->packet)
		skb->id = s->packet;
	skb->wire_id = s->frame;
	if (likely(s->partial)) {
		/* good as received; whoever forwards it must complete it */
		skb->csum_start = (u16)(skb_headroom(skb) + s->csum_start);
		skb->csum_offset = s->csum_offset;
		skb->csum_open = 1;
	}
	return !s->gso_size || igb_rx_large(skb, s);
}

static noinline void igb_rx_error(struct igb_rx_ring *r, struct sk_buff *skb)
{
	dev_stats(r->adapter->netdev)->rx_errors++;
	r->dropped++;
	kfree_skb_reason(skb, SKB_DROP_REASON_RX_LENGTH);
}

/* True: the frame goes up. False: it has been dropped. */
static inline bool igb_cleanup_headers(struct igb_rx_ring *r,
				       struct sk_buff *skb, u32 status,
				       u32 index)
{
	if (likely(!(status & RXD_ERR_RXE) && igb_rx_side(r, skb, index)))
		return true;
	igb_rx_error(r, skb);
	return false;
}

static inline void igb_process_skb_fields(struct igb_q_vector *q,
					  struct sk_buff *skb,
					  const union e1000_adv_rx_desc *d,
					  u32 status)
{
	struct igb_rx_ring *r = &q->rx;
	struct net_device *dev = r->adapter->netdev;
	netdev_features_t features = dev->features;

	igb_rx_hash(skb, features, d);
	igb_rx_checksum(r, skb, features, status);
	skb->queue_mapping = r->index;
	skb_stage_cpu(this_percpu(), skb, STAGE_igb_clean_rx_irq);
	eth_type_trans_fast(skb, dev);
}

/* last: the device has written no frame after it yet. */
static inline void igb_receive_skb(struct igb_q_vector *q, struct sk_buff *skb,
			    bool last)
{
	if (unlikely(q->adapter->netdev->rx_interrupt_mode)) {
		skb->napi_id = q->napi.napi_id;
		netif_rx(skb);
		return;
	}
	if (last)
		napi_gro_receive_last(&q->napi, skb);
	else
		napi_gro_receive(&q->napi, skb);
}

/* --- the ring -------------------------------------------------------------------------- */

/* The frame is incomplete or cannot be built: forget it up to its EOP. */
static noinline void igb_lose_frame(struct igb_rx_ring *r, u32 len, bool eop)
{
	struct percpu *pc = this_percpu();
	enum skb_drop_reason why = r->skb ? SKB_DROP_REASON_RX_LENGTH :
					    SKB_DROP_REASON_NOMEM;

	dev_stats(r->adapter->netdev)->rx_dropped++;
	r->dropped++;
	r->skipping = !eop;
	if (r->skb) {
		kfree_skb_reason(r->skb, why);
		r->skb = NULL;
		return;
	}
	pc->drops[why]++;
	trace_event(TRACE_DROP, (u16)why, 0, len, r->index, 0, 0);
}

/* Takes one descriptor's buffer. The finished frame, or NULL. */
static noinline struct sk_buff *igb_take_descriptor(struct igb_rx_ring *r,
						    u32 index, u32 status)
{
	bool eop = status & RXD_STAT_EOP;
	u32 len = r->desc[index].wb.length;
	struct sk_buff *skb;

	if (unlikely(r->skipping)) {
		r->skipping = !eop;
		return NULL;
	}
	if (unlikely(!igb_fetch_rx_buffer(r, index, len, eop))) {
		igb_lose_frame(r, len, eop);
		return NULL;
	}
	if (!eop)
		return NULL;
	skb = r->skb;
	r->skb = NULL;
	return skb;
}

/* The same, straight for what most frames are: small and in one buffer. */
static inline struct sk_buff *igb_take_frame(struct igb_rx_ring *r, u32 index,
					     u32 status)
{
	u32 len = r->desc[index].wb.length;
	struct sk_buff *skb;

	if (unlikely(!(status & RXD_STAT_EOP) || r->skb || r->skipping ||
		     len < ETH_HLEN || len > IGB_RX_COPYBREAK))
		return igb_take_descriptor(r, index, status);
	skb = igb_copy_frame(r, r->buf[index].page->addr, len);
	if (unlikely(!skb))
		igb_lose_frame(r, len, true);
	return skb;
}

/* The device has written the last buffer that it had: too few. */
static noinline void igb_rx_grow(struct igb_rx_ring *r)
{
	u32 last = (r->next_to_use ? r->next_to_use : r->count) - 1;
	u32 status = smp_load_acquire(&r->desc[last].wb.status_error);

	if (status & RXD_STAT_DD)
		r->fill = min(2 * r->fill, r->count - 1);
}

/* A page that a frame left behind: the next buffer posted lies in another slot
 * unless the ring is full. */
static noinline void igb_rx_recycle(struct igb_rx_ring *r,
				    struct igb_rx_buffer *b)
{
	struct hw_bus *bus = r->adapter->bus;

	if (!b->page)
		return;
	hw_dma_unmap(bus, b->dma, IGB_RX_BUFSZ);
	page_put(b->page);
	b->page = NULL;
}

/* A batch at a time, but the device must keep enough for the largest frame. */
static u32 igb_rx_batch(const struct igb_rx_ring *r)
{
	return r->fill < IGB_RX_MIN_FILL + IGB_RX_BUFFER_WRITE ?
	       1 : IGB_RX_BUFFER_WRITE;
}

static u32 igb_rx_status(const struct igb_rx_ring *r)
{
	return smp_load_acquire(&r->desc[r->next_to_clean].wb.status_error);
}

static inline void igb_rx_count(struct igb_rx_ring *r, u32 packets, u64 bytes)
{
	struct rtnl_link_stats64 *st = dev_stats(r->adapter->netdev);

	r->packets += packets;
	r->bytes += bytes;
	st->rx_packets += packets;
	st->rx_bytes += bytes;
}

u32 igb_clean_rx_irq(struct igb_q_vector *q, u32 budget)
{
	struct igb_rx_ring *r = &q->rx;
	u32 done = 0, freed, batch;
	u64 bytes = 0;
	bool full = r->fill == r->count - 1;

	if (unlikely(!full))
		igb_rx_grow(r);
	freed = r->fill - igb_rx_posted(r);
	batch = igb_rx_batch(r);
	while (done < budget) {
		u32 i = r->next_to_clean;
		u32 status = igb_rx_status(r);
		struct sk_buff *skb;

		if (!(status & RXD_STAT_DD))
			break;
		skb = igb_take_frame(r, i, status);
		if (unlikely(!full))
			igb_rx_recycle(r, &r->buf[i]);
		r->next_to_clean = i + 1 == r->count ? 0 : i + 1;
		freed++;
		if (skb && igb_cleanup_headers(r, skb, status, i)) {
			done++;
			bytes += skb->len;
			igb_process_skb_fields(q, skb, &r->desc[i], status);
			igb_receive_skb(q, skb,
					!(igb_rx_status(r) & RXD_STAT_DD));
		}
		if (unlikely(freed >= batch)) {
			igb_alloc_rx_buffers(r);
			freed = r->fill - igb_rx_posted(r);
		}
	}
	if (done)
		igb_rx_count(r, done, bytes);
	return done;
}

/*
 * The vector was masked when its interrupt went out. EICR is cleared first:
 * a cause that comes later than that is either seen by this poll or raises
 * the interrupt again when it is enabled.
 */
int igb_poll(struct napi_struct *napi, int budget)
{
	struct igb_q_vector *q = container_of(napi, struct igb_q_vector, napi);
	bool clean_complete;
	u32 done;

	trace_stage(STAGE_igb_poll, 0, 0);
	if (q->adapter->msix)
		igb_wr32(q->adapter, E1000_EICR, q->bit);
	clean_complete = igb_clean_tx_irq(q, true);
	done = igb_clean_rx_irq(q, (u32)budget);
	if (done >= (u32)budget || !clean_complete)
		return budget;
	if (napi_complete_done(napi, (int)done))
		igb_ring_irq_enable(q);
	return (int)done;
}
