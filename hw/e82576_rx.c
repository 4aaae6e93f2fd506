/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The receive engine: filter (82576 7.1.2), checksum (7.1.10), queue choice by
 * RSS (7.1.1.7), DMA into posted buffers and write-back (7.1.5).
 *
 * A descriptor belongs to the device from RDH up to, not including, RDT. A
 * frame without descriptors waits on the link, whose flow control then stops
 * the sender, unless SRRCTL.Drop_En says to drop it (7.1.9).
 */
#include "hw/e82576.h"
#include "hw/hw_drop.h"
#include "base/checksum.h"
#include "buf/iov_iter.h"

#define RX_BATCH_FRAMES	64u
#define RX_BATCH_BYTES	(512u << 10)	/* what stays in a cache */

/* Counted once per step, not per frame. */
struct rx_batch {
	u32 frames, bytes, multicast, broadcast;
	u32 vectors;
};

/* One frame on its way through the engine. */
struct rx_frame {
	const u8 *data;
	struct hw_frame f;
	struct hw_parsed p;
	u64 packet;
	u32 hash, status;
	u16 pkt_info;
};

/* --- filter -------------------------------------------------------------------- */

static bool is_broadcast(const u8 *mac)
{
	return (mac[0] & mac[1] & mac[2] & mac[3] & mac[4] & mac[5]) == 0xff;
}

static bool filter_unicast(const struct e82576 *hw, const u8 *mac)
{
	u64 a = 0;
	u32 i;

	if (hw->rctl & RCTL_UPE)
		return true;
	memcpy(&a, mac, 6);
	if (likely(hw->rar[0] == a))
		return a;
	for (i = 1; i < E82576_RAR; i++)
		if (hw->rar[i] == a)
			return a;
	return false;
}

/* 8.10.22 with RCTL.MO = 0: bits 47:36 of the address pick a bit. */
static bool filter_multicast(const struct e82576 *hw, const u8 *mac)
{
	u32 bit = (mac[4] >> 4 | (u32)mac[5] << 4) & 0xfff;

	return hw->rctl & RCTL_MPE || hw->mta[bit / 32] >> bit % 32 & 1;
}

static bool filter_address(const struct e82576 *hw, const u8 *mac)
{
	if (!(mac[0] & 1))
		return filter_unicast(hw, mac);
	if (is_broadcast(mac))
		return hw->rctl & RCTL_BAM;
	return filter_multicast(hw, mac);
}

/* False: dropped and counted. */
static bool filter_length(struct e82576 *hw, const struct hw_frame *f)
{
	u32 limit = hw->rctl & RCTL_LPE ? hw->rlpml : 1518;

	if (f->gso_size ? hw->vx_ctrl & VX_RX_LARGE : f->len <= limit)
		return true;
	e82576_count(hw, E1000_ROC, 1);
	hw_drop(SKB_DROP_REASON_RX_LENGTH, 0, f->len);
	return false;
}

/* --- checksums -------------------------------------------------------------------- */

/* Of L4 with pseudo header; 0 when right. */
static u16 l4_residue(const struct rx_frame *r)
{
	const u8 *ip = r->data + r->p.l3_off, *l4 = r->data + r->p.l4_off;
	u32 addrs = r->p.l3 == 4 ? 8 : 32;
	__wsum sum;

	sum = csum_partial(ip + (r->p.l3 == 4 ? 12 : 8), addrs, 0);
	sum = csum_add(sum, (__force __wsum)cpu_to_be32(r->p.l4));
	sum = csum_add(sum, (__force __wsum)cpu_to_be32(r->p.l4_len));
	return (__force u16)csum_fold(csum_partial(l4, r->p.l4_len, sum));
}

static void check_l4(struct e82576 *hw, struct rx_frame *r)
{
	bool udp = r->p.l4 == 17;

	if (!r->p.l4 || !(hw->rxcsum & RXCSUM_TUOFL))
		return;
	if (r->f.flags & (HW_FRAME_CSUM_PARTIAL | HW_FRAME_CSUM_GOOD)) {
		r->status |= RXD_STAT_L4CS | (udp ? RXD_STAT_UDPCS : 0);
		return;
	}
	if (udp && !get_unaligned_be16(r->data + r->p.l4_off + 6))
		return;			/* sender computed none */
	r->status |= RXD_STAT_L4CS | (udp ? RXD_STAT_UDPCS : 0);
	if (l4_residue(r))
		r->status |= RXD_ERR_L4E;
}

static void check_ip(struct e82576 *hw, struct rx_frame *r)
{
	const u8 *ip = r->data + r->p.l3_off;
	u32 ihl = ip[0] & 15u;

	if (r->p.l3 != 4 || !(hw->rxcsum & RXCSUM_IPOFL) ||
	    r->p.l3_off + ihl * 4 > r->f.len)
		return;
	r->status |= RXD_STAT_IPCS;
	if (ip_fast_csum(ip, ihl))
		r->status |= RXD_ERR_IPE;
}

/* --- DMA ---------------------------------------------------------------------------- */

static u32 owned(const struct e82576_rxq *q)
{
	u32 tail = smp_load_acquire(&q->tail);

	return tail >= q->head ? tail - q->head : tail + q->count - q->head;
}

static void write_side(const struct e82576_rxq *q, const struct rx_frame *r,
		       u32 index)
{
	if (!q->side)
		return;
	q->side[index] = (struct e82576_rx_side){
		.packet = r->packet, .frame = r->f.id,
		.gso_size = r->f.gso_size, .hdr_len = r->f.hdr_len,
		.csum_start = r->f.csum_start,
		.csum_offset = r->f.csum_offset,
		.gso_type = r->f.gso_type,
		.partial = r->f.flags & HW_FRAME_CSUM_PARTIAL,
	};
}

/* Status last: it is what the driver looks at. */
static void write_back(struct e82576_rxq *q, const struct rx_frame *r,
		       u32 len, bool eop)
{
	union e1000_adv_rx_desc *d = &q->ring[q->head];
	u32 status = RXD_STAT_DD;

	if (eop) {
		status |= RXD_STAT_EOP | r->status;
		write_side(q, r, q->head);
	}
	d->wb.pkt_info = r->pkt_info;
	d->wb.hdr_info = 0;
	d->wb.rss = r->hash;
	d->wb.length = (u16)len;
	d->wb.vlan = 0;
	smp_store_release(&d->wb.status_error, status);
	q->head = q->head + 1 == q->count ? 0 : q->head + 1;
}

static void dma_frame(struct e82576 *hw, struct e82576_rxq *q,
		      struct rx_frame *r)
{
	u32 off = 0, n;

	trace_stage(STAGE_nic_dma_rx, r->packet, r->f.len);
	for (; off < r->f.len; off += n) {
		u64 addr = q->ring[q->head].read.pkt_addr;
		u8 *to = addr ? dma_translate(hw->cfg.dma, addr,
					      q->buf_size) : NULL;

		n = min(r->f.len - off, q->buf_size);
		if (likely(to))
			copy_bytes(to, r->data + off, n, COPY_DMA_RX);
		else
			e82576_bad_descriptor(hw);
		if (unlikely(!to))
			r->status |= RXD_ERR_RXE;
		write_back(q, r, n, off + n == r->f.len);
	}
}

/* --- one frame ------------------------------------------------------------------------ */

static struct e82576_rxq *pick_queue(struct e82576 *hw, struct rx_frame *r)
{
	u8 type;

	r->hash = rss_hash_frame(&hw->rss, hw->mrqc, &r->p, r->data, &type);
	r->pkt_info = (u16)(r->p.packet_type | type);
	if (type == RSS_NONE)
		return &hw->rxq[0];
	return &hw->rxq[hw->reta[r->hash & 127] & (E82576_QUEUES - 1)];
}

static u64 new_packet_id(void)
{
	struct percpu *pc = this_percpu();

	return pc ? (u64)pc->id << 56 | ++pc->next_packet_id : 0;
}

static bool drop_no_buffer(struct e82576 *hw, struct e82576_rxq *q,
			   const struct rx_frame *r)
{
	q->dropped++;
	e82576_count(hw, E1000_RNBC, 1);
	e82576_count(hw, E1000_MPC, 1);
	hw_drop(SKB_DROP_REASON_RX_NO_BUFFER, 0, r->f.len);
	return true;
}

static void account(struct rx_batch *b, const struct e82576_rxq *q,
		    const struct rx_frame *r)
{
	b->frames++;
	b->bytes += r->f.len;
	if (r->data[0] & 1) {
		if (is_broadcast(r->data))
			b->broadcast++;
		else
			b->multicast++;
	}
	b->vectors |= e82576_vector_bit(q->vector);
}

/* False: it must wait for descriptors. */
static bool receive(struct e82576 *hw, struct rx_frame *r, struct rx_batch *b)
{
	struct e82576_rxq *q;
	u32 need;

	if (!(hw->rctl & RCTL_EN) || !filter_length(hw, &r->f) ||
	    !filter_address(hw, r->data))
		return true;
	hw_parse(&r->p, r->data, r->f.len);
	q = pick_queue(hw, r);
	if (unlikely(!q->ring))
		return drop_no_buffer(hw, q, r);
	need = r->f.len <= q->buf_size ? 1 : DIV_ROUND_UP(r->f.len, q->buf_size);
	if (unlikely(owned(q) < need))
		return q->drop_en || need >= q->count ?
			drop_no_buffer(hw, q, r) : false;
	check_ip(hw, r);
	check_l4(hw, r);
	r->packet = new_packet_id();
	trace_stage(STAGE_wire_rx, r->packet, r->f.len);
	trace_event(TRACE_WIRE, STAGE_wire_rx, r->packet, r->f.len, 0xffff,
		    r->f.id, 0);
	dma_frame(hw, q, r);
	account(b, q, r);
	return true;
}

static void batch_count(struct e82576 *hw, const struct rx_batch *b)
{
	e82576_count(hw, E1000_GPRC, b->frames);
	e82576_count(hw, E1000_TPR, b->frames);
	e82576_count(hw, E1000_GORCL, b->bytes);
	e82576_count(hw, E1000_TORL, b->bytes);
	if (unlikely(b->broadcast | b->multicast)) {
		e82576_count(hw, E1000_BPRC, b->broadcast);
		e82576_count(hw, E1000_MPRC, b->multicast);
	}
}

/* Frames from the first one on, which is there. Their number. */
static u32 receive_batch(struct e82576 *hw, struct rx_frame *r,
			 struct rx_batch *b)
{
	const struct hw_link_ops *ops = hw->link->ops;
	u32 n = 0;

	do {
		r->status = 0;
		if (!receive(hw, r, b)) {
			WRITE_ONCE(hw->rx_starved, true);
			return n;
		}
		ops->rx_next(hw->link);
		if (++n == RX_BATCH_FRAMES || b->bytes >= RX_BATCH_BYTES)
			return n;
		r->data = ops->rx_peek(hw->link, &r->f);
	} while (r->data);
	return n;
}

static noinline u32 receive_all(struct e82576 *hw, struct rx_frame *r,
				struct rx_batch *b)
{
	u32 n;

	*b = (struct rx_batch){ 0 };
	n = receive_batch(hw, r, b);
	if (b->frames)
		batch_count(hw, b);
	return n;
}

/* One interrupt for both directions. */
static void tell(struct e82576 *hw, u32 vectors)
{
	u32 icr = ICR_RXDW;

	if (unlikely(READ_ONCE(hw->tx_unwritten))) {
		vectors |= e82576_tx_flush(hw);
		icr |= ICR_TXDW;
	}
	e82576_cause(hw, vectors, icr);
}

bool e82576_rx_step(struct e82576 *hw)
{
	const struct hw_link_ops *ops = hw->link->ops;
	struct rx_batch b;
	struct rx_frame r;
	u32 n = 0;

	if (!spin_trylock(&hw->rx_lock))
		return false;
	if (unlikely(READ_ONCE(hw->rx_starved)))
		WRITE_ONCE(hw->rx_starved, false);
	r.data = ops->rx_peek(hw->link, &r.f);
	if (r.data)
		n = receive_all(hw, &r, &b);
	ops->rx_end(hw->link);
	spin_unlock(&hw->rx_lock);
	if (n && b.frames)
		tell(hw, b.vectors);
	return n;
}

/* --- queue registers (8.10.5 to 8.10.12) ----------------------------------------------- */

static void enable_queue(struct e82576 *hw, struct e82576_rxq *q)
{
	u32 count = q->len / sizeof(union e1000_adv_rx_desc);
	u64 addr = (u64)q->bah << 32 | q->bal, side = (u64)q->xbah << 32 | q->xbal;

	q->ring = NULL;
	q->side = NULL;
	if (!(q->dctl & DCTL_ENABLE))
		return;
	if (!addr || !count || count > E82576_MAX_RING || q->tail >= count ||
	    !(q->srrctl & SRRCTL_BSIZE)) {
		e82576_bad_descriptor(hw);
		return;
	}
	q->count = count;
	q->head = 0;
	q->buf_size = (q->srrctl & SRRCTL_BSIZE) << 10;
	q->drop_en = q->srrctl & SRRCTL_DROP_EN;
	if (side && hw->vx_ctrl & VX_SIDE_RINGS)
		q->side = dma_translate(hw->cfg.dma, side,
					count * sizeof(*q->side));
	q->ring = dma_translate(hw->cfg.dma, addr, q->len);
}

/* The engine may run: only an index within the ring is taken over. */
static void write_rdt(struct e82576 *hw, struct e82576_rxq *q, u32 value)
{
	if (unlikely(q->ring && value >= q->count)) {
		e82576_bad_descriptor(hw);
		return;
	}
	smp_store_release(&q->tail, value);
	if (likely(!READ_ONCE(hw->rx_starved)))
		return;
	WRITE_ONCE(hw->rx_starved, false);
	if (hw->cfg.wake)
		hw->cfg.wake(hw->cfg.arg);
}

void e82576_rxq_writel(struct e82576 *hw, u32 reg, u32 value)
{
	struct e82576_rxq *q = &hw->rxq[(reg - E1000_RX_Q(0, 0)) / 0x40];

	if (likely((reg & 0x3f) == Q_TAIL)) {
		write_rdt(hw, q, value);
		return;
	}
	spin_lock(&hw->rx_lock);
	switch (reg & 0x3f) {
	case Q_BAL: q->bal = value & ~0x7fu; break;
	case Q_BAH: q->bah = value; break;
	case Q_LEN: q->len = value & 0xfff80; break;
	case Q_SRRCTL: q->srrctl = value; break;
	case Q_XBAL: q->xbal = value; break;
	case Q_XBAH: q->xbah = value; break;
	case Q_HEAD:
		if (!q->ring)
			q->head = 0;
		break;
	case Q_DCTL:
		q->dctl = value;
		enable_queue(hw, q);
		break;
	}
	spin_unlock(&hw->rx_lock);
}

u32 e82576_rxq_readl(struct e82576 *hw, u32 reg)
{
	struct e82576_rxq *q = &hw->rxq[(reg - E1000_RX_Q(0, 0)) / 0x40];
	u32 v;

	switch (reg & 0x3f) {
	case Q_BAL: return q->bal;
	case Q_BAH: return q->bah;
	case Q_LEN: return q->len;
	case Q_SRRCTL: return q->srrctl;
	case Q_HEAD: return READ_ONCE(q->head);
	case Q_TAIL: return READ_ONCE(q->tail);
	case Q_DCTL: return q->dctl;
	case Q_XBAL: return q->xbal;
	case Q_XBAH: return q->xbah;
	case Q_RQDPC:
		v = (u32)q->dropped;
		q->dropped = 0;
		return v;
	}
	return 0;
}
