/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets for the tests of buf/: byte i of the payload is (u8)(i * 7). */
#ifndef WEIR_TESTS_BUF_SKB_TEST_H
#define WEIR_TESTS_BUF_SKB_TEST_H

#include "base/slab.h"
#include "buf/skbuff.h"
#include "tests/support/percpu_fixture.h"

/* p, which must have been allocated: for what the test itself needs. */
static inline void *got(void *p)
{
	assert_non_null(p);
	return p;
}

static inline u8 pattern(u32 i) { return (u8)(i * 7); }

static inline void fill_pattern(u8 *p, u32 from, u32 n)
{
	for (u32 i = 0; i < n; i++)
		p[i] = pattern(from + i);
}

/* `linear` bytes in the linear part, then `frags` frags of `each` bytes. */
static inline struct sk_buff *make_skb(u32 linear, u32 frags, u32 each)
{
	struct sk_buff *skb = alloc_skb(64 + linear);

	assert_non_null(skb);
	skb_reserve(skb, 64);
	fill_pattern(skb_put(skb, linear), 0, linear);
	for (u32 i = 0; i < frags; i++) {
		struct page *pg = page_alloc(each + 32);

		assert_non_null(pg);
		fill_pattern(pg->addr + 16, linear + i * each, each);
		skb_add_rx_frag(skb, (int)i, pg, 16, each, pg->size);
	}
	return skb;
}

/* All bytes are the pattern that begins at `from`. */
static inline void assert_pattern(const struct sk_buff *skb, u32 from, u32 len)
{
	u8 *buf = kmalloc(len + 1);

	assert_non_null(buf);
	assert_int_equal(skb->len, len);
	assert_int_equal(skb_copy_bits(skb, 0, buf, len, COPY_COLLAPSE), 0);
	for (u32 i = 0; i < len; i++)
		assert_int_equal(buf[i], pattern(from + i));
	kfree(buf);
}

/* Lengths agree with the pieces. */
static inline void assert_sane(const struct sk_buff *skb)
{
	const struct skb_shared_info *si = skb_shinfo(skb);
	u32 n = 0;

	for (u32 i = 0; i < si->nr_frags; i++)
		n += si->frags[i].len;
	for (const struct sk_buff *f = si->frag_list; f; f = f->next)
		n += f->len;
	assert_int_equal(skb->data_len, n);
	assert_int_equal(skb_headlen(skb), skb_tail_pointer(skb) - skb->data);
	assert_true(skb->tail <= skb->end);
}

#endif
