/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The transmit engine (82576 7.2). The driver writes TDT; the engine, in the
 * writer's context, takes descriptors from TDH on: a context descriptor
 * (7.2.2.2) is remembered, data descriptors (7.2.2.3) up to EOP are a frame,
 * which is DMAed straight onto the link. Done descriptors with RS get DD, when
 * the run ends or, with TXDCTL.WTHRESH, when so many are done (7.2.3.2).
 *
 * A frame that the link's receiver has no room for stays where it is, TDH at
 * its first descriptor, and is tried again by e82576_step().
 */
#include "hw/e82576.h"
#include "hw/hw_drop.h"

static u32 next_index(const struct e82576_txq *q, u32 i)
{
	return i + 1 == q->count ? 0 : i + 1;
}

/* --- descriptors -------------------------------------------------------------- */

static void take_context(struct e82576_txq *q, const union e1000_adv_tx_desc *d)
{
	u32 idx = d->ctx.mss_l4len_idx;

	q->ctx[idx >> TXD_IDX_SHIFT & 1] = (struct e82576_tx_ctx){
		.iplen = d->ctx.vlan_macip_lens & 0x1ff,
		.maclen = d->ctx.vlan_macip_lens >> CTX_MACLEN_SHIFT & 0x7f,
		.tucmd = d->ctx.type_tucmd,
		.l4len = idx >> CTX_L4LEN_SHIFT & 0xff,
		.mss = (u16)(idx >> CTX_MSS_SHIFT),
	};
}

static bool gather_one(struct e82576 *hw, struct e82576_tx_frame *t,
		       const union e1000_adv_tx_desc *d)
{
	u32 cmd = d->read.cmd_type_len, len = cmd & TXD_DTALEN;
	const u8 *p;

	if ((cmd & TXD_DTYP) != TXD_DTYP_DATA || !(cmd & TXD_DEXT) || !len ||
	    !d->read.addr || t->nr_vec == HW_MAX_VEC)
		return false;
	p = dma_translate(hw->cfg.dma, d->read.addr, len);
	if (!p)
		return false;
	t->v[t->nr_vec++] = (struct hw_vec){ p, len };
	t->f.len += len;
	return true;
}

/* The frame at head, which is not tail. 1: whole; 0: its EOP is not there yet;
 * -EINVAL: bad descriptor, t->last is the last one looked at. */
static int gather(struct e82576 *hw, struct e82576_txq *q,
		  struct e82576_tx_frame *t)
{
	u32 i = q->head, tail = q->tail;

	t->nr_vec = 0;
	t->f = (struct hw_frame){ 0 };
	t->cmd = q->ring[i].read.cmd_type_len;
	t->olinfo = q->ring[i].read.olinfo_status;
	t->ctx = &q->ctx[t->olinfo >> TXD_IDX_SHIFT & 1];
	for (; i != tail; i = next_index(q, i)) {
		t->last = i;
		if (!gather_one(hw, t, &q->ring[i]))
			return -EINVAL;
		if (q->ring[i].read.cmd_type_len & TXD_EOP)
			return 1;
	}
	return 0;
}

/* --- offloads: what the context asks for, as the link says it ------------------- */

static u8 gso_type(const struct e82576_tx_frame *t, bool tcp)
{
	bool v4 = t->ctx->tucmd & TUCMD_IPV4;
	u32 flags_at = (u32)t->ctx->maclen + t->ctx->iplen + 13;
	u8 type = v4 ? HW_GSO_TCPV4 : HW_GSO_TCPV6;

	if (!tcp)
		return HW_GSO_UDP_L4;
	if (flags_at < t->v[0].len && t->v[0].base[flags_at] & 0x80)
		type |= HW_GSO_TCP_ECN;
	return type;
}

static bool set_offloads(struct e82576_tx_frame *t)
{
	bool tcp = (t->ctx->tucmd & TUCMD_L4T) == TUCMD_TCP;
	u32 l4 = (u32)t->ctx->maclen + t->ctx->iplen;

	if (t->olinfo & TXD_TXSM) {
		t->f.flags |= HW_FRAME_CSUM_PARTIAL;
		t->f.csum_start = (u16)l4;
		t->f.csum_offset = tcp ? 16 : 6;
		if (l4 + t->f.csum_offset + 2 > t->f.len)
			return false;
	}
	if (!(t->cmd & TXD_TSE))
		return true;
	t->f.gso_size = t->ctx->mss;
	t->f.hdr_len = (u16)(l4 + t->ctx->l4len);
	t->f.gso_type = gso_type(t, tcp);
	return t->ctx->mss && t->f.hdr_len < t->f.len &&
	       t->f.flags & HW_FRAME_CSUM_PARTIAL;
}

/* A large frame may go out whole only if its headers are complete. */
static bool may_go_whole(const struct e82576 *hw, const struct e82576_tx_frame *t)
{
	if (t->f.gso_size)
		return hw->vx_ctrl & VX_TSO_FULL_SUM;
	return !(t->olinfo & TXD_IXSM);
}

/* --- one frame -------------------------------------------------------------------- */

void e82576_tx_sent(struct e82576 *hw, const struct hw_frame *f, const u8 *dest)
{
	e82576_count(hw, E1000_GPTC, 1);
	e82576_count(hw, E1000_TPT, 1);
	e82576_count(hw, E1000_GOTCL, f->len);
	if (unlikely(dest[0] & 1))
		e82576_count(hw, dest[0] == 0xff ? E1000_BPTC : E1000_MPTC, 1);
	trace_stage(STAGE_wire_tx, f->packet, f->len);
	trace_event(TRACE_WIRE, STAGE_wire_tx, f->packet, f->len, 0xffff,
		    f->id, 0);
}

static int put_on_link(struct e82576 *hw, struct e82576_txq *q,
		       struct e82576_tx_frame *t)
{
	int r = -EOPNOTSUPP;

	if (!q->seg_done && may_go_whole(hw, t))
		r = hw->link->ops->xmit(hw->link, &t->f, t->v, t->nr_vec);
	if (r == -EOPNOTSUPP)
		return e82576_tx_segment(hw, q, t);
	if (!r)
		e82576_tx_sent(hw, &t->f, t->v[0].base);
	return r;
}

/* Head passes the frame. */
static void complete(struct e82576_txq *q, const struct e82576_tx_frame *t)
{
	u32 end = next_index(q, t->last);

	q->unwritten += end - q->head + (end > q->head ? 0 : q->count);
	q->head = end;
	q->seg_done = 0;
}

/* RS gets its DD (7.2.2.3.6). True: there was one. */
static bool write_back(struct e82576 *hw, struct e82576_txq *q)
{
	bool report = false;
	u32 i;

	for (i = q->written; i != q->head; i = next_index(q, i)) {
		if (!(q->ring[i].read.cmd_type_len & TXD_RS))
			continue;
		smp_store_release(&q->ring[i].wb.status, TXD_STAT_DD);
		report = true;
	}
	q->written = i;
	q->unwritten = 0;
	return report;
}

static void wait_for_more(struct e82576 *hw, struct e82576_txq *q)
{
	WRITE_ONCE(hw->tx_steps, 0);
	if (hw->tx_unwritten & 1u << q->index)
		return;
	WRITE_ONCE(hw->tx_unwritten, hw->tx_unwritten | 1u << q->index);
	if (hw->cfg.wake)
		hw->cfg.wake(hw->cfg.arg);
}

/* The run is over. True: the driver is to be told. */
static bool report_done(struct e82576 *hw, struct e82576_txq *q)
{
	if (unlikely(q->unwritten < q->wthresh)) {
		if (q->unwritten)
			wait_for_more(hw, q);
		return false;
	}
	if (unlikely(hw->tx_unwritten & 1u << q->index))
		WRITE_ONCE(hw->tx_unwritten,
			   hw->tx_unwritten & ~(1u << q->index));
	return write_back(hw, q);
}

u32 e82576_tx_flush(struct e82576 *hw)
{
	u32 i, vectors = 0;

	e82576_tx_lock(hw);
	for (i = 0; hw->tx_unwritten >> i; i++)
		if (hw->tx_unwritten & 1u << i && hw->txq[i].ring &&
		    write_back(hw, &hw->txq[i]))
			vectors |= e82576_vector_bit(hw->txq[i].vector);
	WRITE_ONCE(hw->tx_unwritten, 0);
	e82576_tx_unlock(hw);
	return vectors;
}

static void bad_descriptor(struct e82576 *hw, struct e82576_txq *q,
			   struct e82576_tx_frame *t)
{
	e82576_bad_descriptor(hw);
	hw_drop(SKB_DROP_REASON_DEV_TX_ERROR, t->f.packet, t->f.len);
	complete(q, t);
}

/* 1: something was taken; 0: nothing to do; -EAGAIN: must wait. */
static int transmit_next(struct e82576 *hw, struct e82576_txq *q,
			 struct e82576_tx_frame *t)
{
	union e1000_adv_tx_desc *d = &q->ring[q->head];
	int r;

	if ((d->read.cmd_type_len & (TXD_DTYP | TXD_DEXT)) ==
	    (TXD_DTYP_CTX | TXD_DEXT)) {
		take_context(q, d);
		q->head = next_index(q, q->head);
		q->unwritten++;
		return 1;
	}
	r = gather(hw, q, t);
	if (!r)
		return 0;
	if (q->side)
		t->f.packet = q->side[q->head].packet;
	if (r < 0 || !set_offloads(t)) {
		bad_descriptor(hw, q, t);
		return 1;
	}
	trace_stage(STAGE_nic_dma_tx, t->f.packet, t->f.len);
	r = put_on_link(hw, q, t);
	if (r == -EAGAIN)
		return r;
	if (r)
		bad_descriptor(hw, q, t);
	else
		complete(q, t);
	return 1;
}

static void set_waiting(struct e82576 *hw, const struct e82576_txq *q, bool on)
{
	u32 bit = 1u << q->index, old = hw->tx_waiting;

	if (unlikely(on != !!(old & bit)))
		WRITE_ONCE(hw->tx_waiting, old ^ bit);
}

/* Under the lock. What is to be told, ICR_*; *did: something was taken. */
static u32 run(struct e82576 *hw, struct e82576_txq *q, bool *did)
{
	u64 bad = hw->bad_descriptors;
	struct e82576_tx_frame t;
	u32 icr = 0, n = 0;
	int r = 1;

	if (unlikely(!q->ring || !(READ_ONCE(hw->tctl) & TCTL_EN)))
		return 0;
	for (; q->head != q->tail && r == 1; n++)
		r = transmit_next(hw, q, &t);
	set_waiting(hw, q, r == -EAGAIN);
	*did |= n > (r == -EAGAIN);
	if (report_done(hw, q))
		icr = ICR_TXDW;
	return unlikely(bad != hw->bad_descriptors) ? ICR_TXDW | ICR_FER : icr;
}

bool e82576_tx_retry(struct e82576 *hw, u32 waiting)
{
	bool did = false;
	u32 i, icr;

	for (i = 0; waiting >> i; i++) {
		if (!(waiting & 1u << i))
			continue;
		e82576_tx_lock(hw);
		icr = run(hw, &hw->txq[i], &did);
		e82576_tx_unlock(hw);
		if (icr)
			e82576_cause(hw, e82576_vector_bit(hw->txq[i].vector),
				     icr);
	}
	return did;
}

/* --- queue registers (8.12.8 to 8.12.14) -------------------------------------------- */

static void enable_queue(struct e82576 *hw, struct e82576_txq *q)
{
	u32 count = q->len / sizeof(union e1000_adv_tx_desc);
	u64 addr = (u64)q->bah << 32 | q->bal, side = (u64)q->xbah << 32 | q->xbal;

	q->ring = NULL;
	q->side = NULL;
	set_waiting(hw, q, false);
	WRITE_ONCE(hw->tx_unwritten, hw->tx_unwritten & ~(1u << q->index));
	if (!(q->dctl & DCTL_ENABLE))
		return;
	if (!addr || !count || count > E82576_MAX_RING) {
		e82576_bad_descriptor(hw);
		return;
	}
	q->count = count;
	q->head = q->tail = q->seg_done = 0;
	q->written = q->unwritten = 0;
	memset(q->ctx, 0, sizeof(q->ctx));
	if (side && hw->vx_ctrl & VX_SIDE_RINGS)
		q->side = dma_translate(hw->cfg.dma, side,
					count * sizeof(*q->side));
	q->ring = dma_translate(hw->cfg.dma, addr, q->len);
}

/* The doorbell. */
static void write_tdt(struct e82576 *hw, struct e82576_txq *q, u32 value)
{
	bool did = false;
	u32 icr = 0;

	e82576_tx_lock(hw);
	if (likely(q->ring && value < q->count)) {
		q->tail = value;
		icr = run(hw, q, &did);
	} else {
		e82576_bad_descriptor(hw);
	}
	e82576_tx_unlock(hw);
	if (icr)
		e82576_cause(hw, e82576_vector_bit(q->vector), icr);
}

/* What an enabled queue is told is its threshold, or to write back now. True:
 * to write back; SWFLSH clears itself. */
static bool write_dctl(struct e82576 *hw, struct e82576_txq *q, u32 value)
{
	bool on = q->ring && value & DCTL_ENABLE;

	q->dctl = value & ~DCTL_SWFLSH;
	if (!on)
		enable_queue(hw, q);
	q->wthresh = (value & DCTL_WTHRESH) >> DCTL_WTHRESH_SHIFT;
	return on && q->unwritten &&
	       (value & DCTL_SWFLSH || q->unwritten >= q->wthresh);
}

static noinline void write_queue(struct e82576 *hw, struct e82576_txq *q,
				 u32 reg, u32 value)
{
	bool flush = false;

	e82576_tx_lock(hw);
	switch (reg) {
	case Q_BAL: q->bal = value & ~0x7fu; break;
	case Q_BAH: q->bah = value; break;
	case Q_LEN: q->len = value & 0xfff80; break;
	case Q_XBAL: q->xbal = value; break;
	case Q_XBAH: q->xbah = value; break;
	case Q_HEAD:
		if (!q->ring)
			q->head = 0;
		break;
	case Q_DCTL: flush = write_dctl(hw, q, value); break;
	}
	e82576_tx_unlock(hw);
	if (flush)
		e82576_cause(hw, e82576_tx_flush(hw), ICR_TXDW);
}

void e82576_txq_writel(struct e82576 *hw, u32 reg, u32 value)
{
	struct e82576_txq *q = &hw->txq[(reg - E1000_TX_Q(0, 0)) / 0x40];

	if (likely((reg & 0x3f) == Q_TAIL))
		write_tdt(hw, q, value);
	else
		write_queue(hw, q, reg & 0x3f, value);
}

u32 e82576_txq_readl(struct e82576 *hw, u32 reg)
{
	struct e82576_txq *q = &hw->txq[(reg - E1000_TX_Q(0, 0)) / 0x40];

	switch (reg & 0x3f) {
	case Q_BAL: return q->bal;
	case Q_BAH: return q->bah;
	case Q_LEN: return q->len;
	case Q_HEAD: return READ_ONCE(q->head);
	case Q_TAIL: return READ_ONCE(q->tail);
	case Q_DCTL: return q->dctl;
	case Q_XBAL: return q->xbal;
	case Q_XBAH: return q->xbah;
	}
	return 0;
}
