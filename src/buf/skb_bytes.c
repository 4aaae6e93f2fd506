/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes anywhere in a packet: read, write, to the program and from it.
 * Offsets count from skb->data and go on through frags and frag_list.
 */
#include "base/slab.h"
#include "buf/skb_internal.h"

int skb_copy_bits(const struct sk_buff *skb, u32 off, void *to, u32 len,
		  enum copy_why why)
{
	struct skb_seq s;
	u8 *p, *out = to;
	u32 n;

	if (unlikely(!skb_range_ok(skb, off, len)))
		return -EFAULT;
	skb_seq_init(&s, skb, off, len);
	while (skb_seq_next(&s, &p, &n)) {
		copy_bytes(out, p, n, why);
		out += n;
	}
	return 0;
}

int skb_store_bits(struct sk_buff *skb, u32 off, const void *from, u32 len)
{
	const u8 *in = from;
	struct skb_seq s;
	u8 *p;
	u32 n;

	if (unlikely(!skb_range_ok(skb, off, len)))
		return -EFAULT;
	skb_seq_init(&s, skb, off, len);
	while (skb_seq_next(&s, &p, &n)) {
		memcpy(p, in, n);
		in += n;
	}
	return 0;
}

const void *skb_header_pointer(const struct sk_buff *skb, u32 off, u32 len,
			       void *buf)
{
	u32 head = skb_headlen(skb);
	struct skb_seq s;
	u8 *p, *out = buf;
	u32 n;

	if (likely(off <= head && len <= head - off))
		return skb->data + off;
	if (!skb_range_ok(skb, off, len))
		return NULL;
	skb_seq_init(&s, skb, off, len);
	while (skb_seq_next(&s, &p, &n)) {
		memcpy(out, p, n);
		out += n;
	}
	return buf;
}

/* --- the program's memory --------------------------------------------------------- */

int skb_copy_datagram_iter(const struct sk_buff *skb, u32 off,
			   struct iov_iter *to, u32 len)
{
	struct skb_seq s;
	u8 *p;
	u32 n;

	if (unlikely(!skb_range_ok(skb, off, len)))
		return -EFAULT;
	trace_stage(STAGE_skb_copy_datagram, skb->id, len);
	skb_seq_init(&s, skb, off, len);
	while (skb_seq_next(&s, &p, &n))
		if (unlikely(copy_to_iter(p, n, to, COPY_SKB_TO_USER) != n))
			return -EFAULT;
	trace_event(TRACE_COPY, COPY_SKB_TO_USER, skb->id, len, 0xffff, 0, 0);
	return 0;
}

/*
 * A page for `left` more bytes. Sizes are those that the slab has exactly;
 * large sends get few large pages, small ones a small page that the next
 * write fills up.
 */
static struct page *payload_page(u32 left)
{
	static const u32 sizes[] = { 32768, 16384, 8192 };

	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++)
		if (left >= sizes[i])
			return page_alloc(sizes[i]);
	return page_alloc(left > SKB_PAGE_SIZE ? 8192 : SKB_PAGE_SIZE);
}

/* Room behind the last frag that nobody else can write to. */
static u32 last_frag_room(const struct skb_shared_info *si)
{
	const struct skb_frag *f;

	if (!si->nr_frags)
		return 0;
	f = &si->frags[si->nr_frags - 1];
	if (refcount_read(&f->page->refs) != 1 || f->page->release)
		return 0;
	return f->page->size - f->offset - f->len;
}

/* An empty frag on a fresh page. */
static int add_page(struct sk_buff *skb, u32 left)
{
	struct skb_shared_info *si = skb_shinfo(skb);
	struct page *pg;

	if (si->nr_frags == MAX_SKB_FRAGS)
		return -EMSGSIZE;
	pg = payload_page(left);
	if (!pg)
		return -ENOMEM;
	skb_add_rx_frag(skb, si->nr_frags, pg, 0, 0, pg->size);
	return 0;
}

/* An empty last frag is of no use to anybody. */
static void drop_empty_frag(struct sk_buff *skb)
{
	struct skb_shared_info *si = skb_shinfo(skb);
	struct page *pg;

	if (!si->nr_frags || si->frags[si->nr_frags - 1].len)
		return;
	pg = si->frags[--si->nr_frags].page;
	skb->truesize -= pg->size;
	page_put(pg);
}

static u32 fill_linear(struct sk_buff *skb, struct iov_iter *from, u32 len)
{
	u32 n = skb_tailroom(skb);

	n = min(n, len);
	n = (u32)copy_from_iter(skb_tail_pointer(skb), n, from,
				COPY_USER_TO_SKB);
	skb_put(skb, n);
	return n;
}

static u32 fill_frag(struct sk_buff *skb, struct iov_iter *from, u32 len,
		     u32 room)
{
	struct skb_shared_info *si = skb_shinfo(skb);
	struct skb_frag *f = &si->frags[si->nr_frags - 1];
	u32 n = min(room, len);

	n = (u32)copy_from_iter(f->page->addr + f->offset + f->len, n, from,
				COPY_USER_TO_SKB);
	f->len += n;
	skb->len += n;
	skb->data_len += n;
	return n;
}

static int add_to_frags(struct sk_buff *skb, struct iov_iter *from, u32 len)
{
	struct skb_shared_info *si = skb_shinfo(skb);
	u32 room, want, n;
	int err;

	while (len) {
		room = last_frag_room(si);
		if (!room) {
			err = add_page(skb, len);
			if (err)
				return err;
			room = last_frag_room(si);
		}
		want = min(room, len);
		n = fill_frag(skb, from, want, room);
		if (unlikely(n != want)) {
			drop_empty_frag(skb);
			return -EFAULT;
		}
		len -= n;
	}
	return 0;
}

int skb_add_data(struct sk_buff *skb, struct iov_iter *from, u32 len)
{
	u32 before = skb->len, want = skb_tailroom(skb);
	int err = 0;

	want = min(want, len);
	if (want && fill_linear(skb, from, want) != want)
		err = -EFAULT;
	if (!err && len > want)
		err = add_to_frags(skb, from, len - want);
	trace_event(TRACE_COPY, COPY_USER_TO_SKB, skb->id, skb->len - before,
		    0xffff, 0, 0);
	return err;
}
