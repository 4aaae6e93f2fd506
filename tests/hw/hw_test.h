/* SPDX-License-Identifier: BSD-2-Clause */
/* What tests of hw/ share: a small segment in memory, and frames. */
#ifndef WEIR_TESTS_HW_TEST_H
#define WEIR_TESTS_HW_TEST_H

#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>

#include "hw/wire.h"

#define HW_TEST_PORTS	4u

struct hw_test_wire {
	void *mem;
	size_t size;
	struct wire_port port[HW_TEST_PORTS];
	ktime_t now;
	bool dead;			/* owners of ports do not live */
	u32 wakes[HW_TEST_PORTS], how[HW_TEST_PORTS];
};

static inline void hw_test_wake(void *arg, u32 port, u32 *word, u32 how)
{
	struct hw_test_wire *w = arg;

	w->wakes[port]++;
	w->how[port] = how;
}
static inline ktime_t hw_test_now(void *arg)
{
	return ((struct hw_test_wire *)arg)->now;
}
static inline bool hw_test_alive(void *arg, const struct wire_port_shm *owner)
{
	return !((struct hw_test_wire *)arg)->dead;
}

/* A segment with ports 0 .. n - 1 attached, all features. */
static inline struct hw_test_wire *hw_test_wire_new(u32 n)
{
	struct hw_test_wire *w = calloc(1, sizeof(*w));
	struct wire_os os = { .wake = hw_test_wake, .now = hw_test_now,
			      .alive = hw_test_alive, .arg = w };
	u32 i;

	w->now = NSEC_PER_SEC;
	w->size = wire_size(HW_TEST_PORTS, WIRE_RING_MIN);
	w->mem = aligned_alloc(4096, w->size);
	memset(w->mem, 0, w->size);
	assert_int_equal(wire_format(w->mem, w->size, HW_TEST_PORTS,
				     WIRE_RING_MIN), 0);
	for (i = 0; i < n; i++)
		assert_int_equal(wire_attach(&w->port[i], w->mem, w->size, &os,
					     (s32)i + 1, 0,
					     WIRE_F_CSUM | WIRE_F_GSO), 0);
	return w;
}

static inline void hw_test_wire_free(struct hw_test_wire *w)
{
	u32 i;

	for (i = 0; i < HW_TEST_PORTS; i++)
		wire_detach(&w->port[i]);
	free(w->mem);
	free(w);
}

/* Address of station n; 0xff: broadcast. */
static inline void hw_test_mac(u8 *mac, u8 n)
{
	static const u8 base[6] = { 2, 0, 0, 0, 0, 0 };

	memcpy(mac, base, 6);
	mac[5] = n;
	if (n == 0xff)
		memset(mac, 0xff, 6);
}

/* An IPv4 Ethernet header; bytes from 14 on are `fill`. */
static inline void hw_test_frame(u8 *buf, u32 len, u8 dst, u8 src, u8 fill)
{
	memset(buf, fill, len);
	hw_test_mac(buf, dst);
	hw_test_mac(buf + 6, src);
	put_unaligned_be16(0x0800, buf + 12);
}

/* One burst of one frame. What xmit says. */
static inline int hw_test_send(struct wire_port *p, u8 *buf, struct hw_frame *f)
{
	struct hw_vec v = { buf, f->len };
	int r;

	p->link.ops->tx_begin(&p->link);
	r = p->link.ops->xmit(&p->link, f, &v, 1);
	p->link.ops->tx_end(&p->link);
	return r;
}

static inline int hw_test_send_plain(struct wire_port *p, u32 len, u8 dst,
				     u8 src, u8 fill)
{
	u8 *buf = malloc(len);
	struct hw_frame f = { .len = len };
	int r;

	hw_test_frame(buf, len, dst, src, fill);
	r = hw_test_send(p, buf, &f);
	free(buf);
	return r;
}

/* Takes one frame; its length, 0: none. `copy`: room for it or NULL. */
static inline u32 hw_test_take(struct wire_port *p, u8 *copy, struct hw_frame *f)
{
	struct hw_frame mine;
	const u8 *data;

	f = f ? f : &mine;
	data = p->link.ops->rx_peek(&p->link, f);
	if (!data)
		return 0;
	if (copy)
		memcpy(copy, data, f->len);
	p->link.ops->rx_next(&p->link);
	p->link.ops->rx_end(&p->link);
	return f->len;
}

#endif
