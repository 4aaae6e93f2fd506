/* SPDX-License-Identifier: BSD-2-Clause */
/* A clock and memory for cables and switches in tests. Calls that a cable
 * asks for are noted; memory that is not given back fails the test. */
#ifndef WEIR_TESTS_CABLE_LAB_H
#define WEIR_TESTS_CABLE_LAB_H

#include "tests/hw/hw_test.h"

#include "hw/cable.h"

#define LAB_ASKED 8u

struct lab {
	struct cable c;
	ktime_t now, asked[2][LAB_ASKED];
	u32 nr_asked[2];
	u32 tapped[2], tapped_bytes;
	bool no_memory;
	size_t out;			/* bytes of the cable's memory */
};

static inline ktime_t lab_now(void *arg)
{
	return ((struct lab *)arg)->now;
}

static inline void lab_at(void *arg, u32 end, ktime_t when)
{
	struct lab *l = arg;

	if (l->nr_asked[end] < LAB_ASKED)
		l->asked[end][l->nr_asked[end]++] = when;
}

static inline void *lab_alloc(void *arg, size_t size)
{
	struct lab *l = arg;

	if (l->no_memory)
		return NULL;
	l->out += size;
	return malloc(size);
}

static inline void lab_free(void *arg, void *mem, size_t size)
{
	((struct lab *)arg)->out -= size;
	free(mem);
}

static inline void lab_tap(void *arg, u32 end, const struct hw_frame *f,
			   const struct hw_vec *v, u32 n)
{
	struct lab *l = arg;
	u32 i;

	l->tapped[end]++;
	for (i = 0; i < n; i++)
		l->tapped_bytes += v[i].len;
}

static const struct cable_ops lab_ops = {
	.now = lab_now, .at = lab_at, .alloc = lab_alloc, .free = lab_free,
	.tap = lab_tap,
};

static inline struct lab *lab_new(const struct cable_params *p)
{
	struct lab *l = calloc(1, sizeof(*l));

	l->now = NSEC_PER_SEC;
	cable_init(&l->c, p, &lab_ops, l, 1000);
	return l;
}

static inline void lab_free_all(struct lab *l)
{
	cable_fini(&l->c);
	assert_int_equal(l->out, 0);
	free(l);
}

/* Onto a link, a frame of len bytes between stations that ends with the number
 * n. What xmit says. */
static inline int link_send(struct hw_link *link, u32 len, u8 dst, u8 src,
			    u32 n)
{
	u8 *frame = malloc(len);
	struct hw_frame f = { .len = len };
	struct hw_vec v = { frame, len };
	int ret;

	hw_test_frame(frame, len, dst, src, 0);
	put_unaligned_be32(n, frame + len - 4);
	ret = link->ops->xmit(link, &f, &v, 1);
	free(frame);
	return ret;
}

/* The number of the next frame there; -1: none. */
static inline s64 link_take(struct hw_link *link)
{
	struct hw_frame f;
	const u8 *data = link->ops->rx_peek(link, &f);
	s64 n;

	if (!data)
		return -1;
	n = get_unaligned_be32(data + f.len - 4);
	link->ops->rx_next(link);
	return n;
}

static inline int lab_send(struct lab *l, u32 end, u32 len, u32 n)
{
	return link_send(&l->c.end[end].link, len, 0xff, 1, n);
}

static inline s64 lab_take(struct lab *l, u32 end)
{
	return link_take(&l->c.end[end].link);
}

#endif
