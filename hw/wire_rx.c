/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Receiving on a wire port: the rings from all other ports are emptied in
 * turn, a burst from each. Every slot is checked before it is believed; a ring
 * that holds nonsense is emptied and counted.
 */
#include "hw/wire.h"

#define RX_BURST	64u	/* frames from one ring before the next */

static u32 rx_ports(const struct wire_port *p)
{
	return READ_ONCE(p->shm->up_mask) & ((1u << p->nr_ports) - 1) &
	       ~(1u << p->index);
}

/* The producer's index. Slots are aligned: lower bits mean nothing. */
static u32 ring_tail(const struct wire_rx_ring *r)
{
	return smp_load_acquire(&r->shm->tail) & ~(WIRE_SLOT_ALIGN - 1);
}

static void ring_reset(struct wire_port *p, u32 src)
{
	struct wire_rx_ring *r = &p->rx[src];

	p->stats.rx_bad++;
	r->head = r->tail = ring_tail(r);
	p->rx_dirty |= 1u << src;
}

/* Bytes there to read; looks at the producer's index when none are known. */
static u32 ring_used(struct wire_port *p, u32 src)
{
	struct wire_rx_ring *r = &p->rx[src];
	u32 used = r->tail - r->head;

	if (used)
		return used;
	r->tail = ring_tail(r);
	used = r->tail - r->head;
	if (likely(used <= p->ring_bytes))
		return used;
	ring_reset(p, src);
	return 0;
}

static bool offloads_ok(const struct hw_frame *f)
{
	if (f->flags & HW_FRAME_CSUM_PARTIAL &&
	    (u32)f->csum_start + f->csum_offset + 2 > f->len)
		return false;
	return !f->gso_size || (f->hdr_len && f->hdr_len < f->len);
}

static bool slot_ok(u32 size, const struct hw_frame *f, u32 room)
{
	if (size % WIRE_SLOT_ALIGN || size > room || !size)
		return false;
	if (unlikely(!f->len))
		return true;
	return f->len >= 14 && f->len <= HW_MAX_FRAME &&
	       f->len <= size - sizeof(struct wire_slot) &&
	       (likely(!(f->flags | f->gso_size)) || offloads_ok(f));
}

/* The lines of a small frame that is there, while the one before is looked at:
 * they come from the sender's core. */
static void prefetch_slot(const u8 *slot)
{
	__builtin_prefetch(slot);
	__builtin_prefetch(slot + 64);
	__builtin_prefetch(slot + 128);
}

/* The first frame of the ring from src; NULL: none. A slot is looked at once,
 * the frame's description is the copy that was checked. */
static const u8 *ring_peek(struct wire_port *p, u32 src, struct hw_frame *f)
{
	struct wire_rx_ring *r = &p->rx[src];
	const struct wire_slot *s;
	u32 off, used, size;

	while ((used = ring_used(p, src))) {
		off = r->head & (p->ring_bytes - 1);
		s = (const struct wire_slot *)(r->data + off);
		size = READ_ONCE(s->size);
		memcpy(f, &s->f, sizeof(*f));
		barrier();
		if (unlikely(!slot_ok(size, f, min(used, p->ring_bytes - off)))) {
			ring_reset(p, src);
			return NULL;
		}
		if (likely(f->len)) {
			p->rx_slot = size;
			if (used > size)
				prefetch_slot(r->data + ((r->head + size) &
							 (p->ring_bytes - 1)));
			return (const u8 *)(s + 1);
		}
		WRITE_ONCE(r->head, r->head + size);	/* padding */
		p->rx_dirty |= 1u << src;
	}
	return NULL;
}

/* The port after `src` in turn. ports is not 0. */
static u32 next_port(u32 ports, u32 src)
{
	u32 above = ports & ~1u << src;

	return (u32)__builtin_ctz(above ? above : ports);
}

/* Something is in one of the rings: the next frame by turn. */
static noinline const u8 *peek_in_turn(struct wire_port *p, u32 ports,
				       struct hw_frame *f)
{
	const u8 *data;
	u32 first;

	if (p->rx_burst >= RX_BURST || !(ports & 1u << p->rx_src)) {
		p->rx_burst = 0;
		p->rx_src = next_port(ports, p->rx_src);
	}
	first = p->rx_src;
	do {
		data = ring_peek(p, p->rx_src, f);
		if (data)
			return data;
		p->rx_burst = 0;
		p->rx_src = next_port(ports, p->rx_src);
	} while (p->rx_src != first);
	return NULL;
}

const u8 *wire_rx_peek(struct hw_link *l, struct hw_frame *f)
{
	struct wire_port *p = (struct wire_port *)l;
	const struct wire_rx_ring *r = &p->rx[p->rx_src];
	const u8 *data;
	u32 ports, m;

	if (likely(r->tail != r->head && p->rx_burst < RX_BURST)) {
		data = ring_peek(p, p->rx_src, f);
		if (likely(data))
			return data;
	}
	for (m = ports = rx_ports(p); m; m &= m - 1) {
		r = &p->rx[__builtin_ctz(m)];
		if (ring_tail(r) != r->head)
			return peek_in_turn(p, ports, f);
	}
	p->rx_burst = 0;
	return NULL;
}

/* Lets the producer have the bytes, and tells it if it waits for them. */
static void ring_release(struct wire_port *p, u32 src)
{
	struct wire_rx_ring *r = &p->rx[src];

	p->rx_dirty &= ~(1u << src);
	if (r->published == r->head)
		return;
	smp_store_release(&r->shm->head, r->head);
	r->published = r->head;
	smp_mb();
	if (likely(!READ_ONCE(r->shm->want_space)) ||
	    READ_ONCE(r->shm->tail) - r->head > p->ring_bytes / 2)
		return;
	WRITE_ONCE(r->shm->want_space, 0);
	wire_ring_doorbell(p, src);
}

void wire_rx_next(struct hw_link *l)
{
	struct wire_port *p = (struct wire_port *)l;
	struct wire_rx_ring *r = &p->rx[p->rx_src];

	WRITE_ONCE(r->head, r->head + p->rx_slot);	/* read by who arms */
	p->rx_burst++;
	p->stats.rx_frames++;
	p->rx_dirty |= 1u << p->rx_src;
	if (unlikely(r->head - r->published >= p->ring_bytes / 4))
		ring_release(p, p->rx_src);
}

void wire_rx_end(struct hw_link *l)
{
	struct wire_port *p = (struct wire_port *)l;

	while (p->rx_dirty)
		ring_release(p, (u32)__builtin_ctz(p->rx_dirty));
}

/* Something was published that was not taken. Beside the receiver. */
bool wire_rx_ready(struct wire_port *p)
{
	u32 ports = rx_ports(p), i;

	for (i = 0; ports >> i; i++)
		if (ports & 1u << i &&
		    ring_tail(&p->rx[i]) != READ_ONCE(p->rx[i].head))
			return true;
	return false;
}
