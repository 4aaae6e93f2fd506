/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hostile neighbour on the shared-memory wire: it writes what it likes where
 * it likes into the segment, while we attach, send and receive.
 *
 * Input: records of { u8 op, ... }: write u32 at an offset of the header or
 * near a ring's indexes, put a slot header, send, receive, detach and attach.
 */
#include "fuzz/fuzz_input.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "hw/wire.h"

#define PORTS	3u

struct wire_fuzz {
	u8 *mem;
	size_t size;
	struct wire_port port[2];
	bool up[2];
	ktime_t now;
};

/* Zeroed memory between two pages that may not be touched, ending at the
 * second. Only what is used costs time. */
static u8 *guarded_alloc(size_t size, u8 **base, size_t *whole)
{
	size_t pages = (size + 4095) & ~(size_t)4095;
	u8 *p;

	*whole = pages + 8192;
	p = mmap(NULL, *whole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED ||
	    mprotect(p + 4096, pages, PROT_READ | PROT_WRITE))
		abort();
	*base = p;
	return p + 4096 + (pages - size);
}

static void os_wake(void *arg, u32 port, u32 *word, u32 how) { }
static ktime_t os_now(void *arg) { return ((struct wire_fuzz *)arg)->now += 1000; }
static bool os_alive(void *arg, const struct wire_port_shm *owner) { return true; }

static void attach(struct wire_fuzz *f, u32 i)
{
	struct wire_os os = { .wake = os_wake, .now = os_now, .alive = os_alive,
			      .arg = f };

	if (f->up[i])
		return;
	f->up[i] = !wire_attach(&f->port[i], f->mem, f->size, &os, 1, 1,
				WIRE_F_CSUM | WIRE_F_GSO);
}

static void detach(struct wire_fuzz *f, u32 i)
{
	if (f->up[i])
		wire_detach(&f->port[i]);
	f->up[i] = false;
}

static void send(struct wire_fuzz *f, u32 i, struct fuzz_input *in)
{
	static const u8 bytes[4096];
	struct hw_frame frame = {
		.len = fuzz_u16(in) % sizeof(bytes), .flags = fuzz_u8(in),
		.gso_size = fuzz_u16(in), .hdr_len = fuzz_u16(in),
		.csum_start = fuzz_u16(in), .csum_offset = fuzz_u16(in),
	};
	struct hw_vec v = { bytes, frame.len };
	struct hw_link *l = &f->port[i].link;

	if (!f->up[i])
		return;
	l->ops->tx_begin(l);
	l->ops->xmit(l, &frame, &v, 1);
	l->ops->tx_end(l);
}

/* Reads each byte of what is there: the sanitizer sees a bad pointer. */
static void receive(struct wire_fuzz *f, u32 i)
{
	struct hw_link *l = &f->port[i].link;
	struct hw_frame frame;
	const u8 *data;
	u32 sum = 0;

	if (!f->up[i])
		return;
	for (int n = 0; n < 64; n++) {
		data = l->ops->rx_peek(l, &frame);
		if (!data)
			break;
		for (u32 k = 0; k < frame.len; k++)
			sum += data[k];
		l->ops->rx_next(l);
	}
	l->ops->rx_end(l);
	if (sum == 0xdeadbeef)
		abort();
}

static void scribble(struct wire_fuzz *f, struct fuzz_input *in, bool anywhere)
{
	size_t room = anywhere ? f->size : wire_header_bytes(PORTS);
	u32 value = fuzz_u32(in);
	size_t at = fuzz_u32(in) % (room - 4);

	memcpy(f->mem + (at & ~(size_t)3), &value, 4);
}

/* A whole slot header at a place where slots may be. */
static void put_slot(struct wire_fuzz *f, struct fuzz_input *in)
{
	size_t first = wire_header_bytes(PORTS);
	size_t slots = (f->size - first) / WIRE_SLOT_ALIGN;
	size_t at = first + fuzz_u16(in) % (slots - 1) * WIRE_SLOT_ALIGN;

	fuzz_bytes(in, f->mem + at, sizeof(struct wire_slot));
}

static void one_op(struct wire_fuzz *f, struct fuzz_input *in)
{
	u8 op = fuzz_u8(in);
	u32 i = op >> 7;

	switch (op & 7) {
	case 0:
		attach(f, i);
		break;
	case 1:
		detach(f, i);
		break;
	case 2:
		send(f, i, in);
		break;
	case 3:
	case 4:
		receive(f, i);
		break;
	case 5:
		put_slot(f, in);
		break;
	default:
		scribble(f, in, op & 1);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct wire_fuzz *f = calloc(1, sizeof(*f));
	size_t whole;
	u8 *base;

	if (!f)
		abort();
	f->now = NSEC_PER_SEC;
	f->size = wire_size(PORTS, WIRE_RING_MIN);
	f->mem = guarded_alloc(f->size, &base, &whole);
	if (wire_format(f->mem, f->size, PORTS, WIRE_RING_MIN))
		abort();
	attach(f, 0);
	attach(f, 1);
	for (int n = 0; in.left && n < 200; n++)
		one_op(f, &in);
	detach(f, 0);
	detach(f, 1);
	munmap(base, whole);
	free(f);
	return 0;
}
