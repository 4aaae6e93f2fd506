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

static bool slot_ok(const struct wire_port *p, const struct wire_slot *s,
		    u32 off, u32 used)
{
	if (s->size < WIRE_SLOT_ALIGN || s->size % WIRE_SLOT_ALIGN ||
	    s->size > used || s->size > p->ring_bytes - off)
		return false;
	if (!s->len)
		return true;
	if (s->len < 14 || s->len > HW_MAX_FRAME ||
	    s->len > s->size - sizeof(*s))
		return false;
	if (s->flags & HW_FRAME_CSUM_PARTIAL &&
	    (u32)s->csum_start + s->csum_offset + 2 > s->len)
		return false;
	return !s->gso_size || (s->hdr_len && s->hdr_len < s->len);
}

static void frame_of_slot(struct hw_frame *f, const struct wire_slot *s)
{
	*f = (struct hw_frame){
		.len = s->len, .flags = s->flags, .gso_size = s->gso_size,
		.hdr_len = s->hdr_len, .csum_start = s->csum_start,
		.csum_offset = s->csum_offset, .gso_type = s->gso_type,
		.id = s->id, .packet = s->packet,
	};
}

/* The first frame of the ring from src; NULL: none. */
static const u8 *ring_peek(struct wire_port *p, u32 src, struct hw_frame *f)
{
	struct wire_rx_ring *r = &p->rx[src];
	struct wire_slot s;
	u32 off, used;

	while ((used = ring_used(p, src))) {
		off = r->head & (p->ring_bytes - 1);
		memcpy(&s, r->data + off, sizeof(s));
		if (unlikely(!slot_ok(p, &s, off, used))) {
			ring_reset(p, src);
			return NULL;
		}
		if (likely(s.len)) {
			p->rx_slot = s.size;
			frame_of_slot(f, &s);
			return r->data + off + sizeof(s);
		}
		WRITE_ONCE(r->head, r->head + s.size);	/* padding */
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

const u8 *wire_rx_peek(struct hw_link *l, struct hw_frame *f)
{
	struct wire_port *p = (struct wire_port *)l;
	u32 ports = rx_ports(p), first;
	const u8 *data;

	if (!ports)
		return NULL;
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
	if (r->head - r->published >= p->ring_bytes / 4)
		ring_release(p, p->rx_src);
}

void wire_rx_end(struct hw_link *l)
{
	struct wire_port *p = (struct wire_port *)l;
	u32 i;

	for (i = 0; p->rx_dirty >> i; i++)
		if (p->rx_dirty & 1u << i)
			ring_release(p, i);
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
