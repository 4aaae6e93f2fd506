/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Payload moved between packets without copying: page references change
 * hands. Used to cut a write queue at a segment boundary (skb_split), to send
 * bytes again that lie in several packets (skb_splice_from), and to make one
 * packet of two received ones (skb_try_coalesce).
 */
#include "buf/skb_internal.h"

void skb_add_rx_frag(struct sk_buff *skb, int i, struct page *pg, u32 off,
		     u32 len, u32 truesize)
{
	struct skb_shared_info *si = skb_shinfo(skb);

	BUG_ON(i >= MAX_SKB_FRAGS);
	si->frags[i] = (struct skb_frag){ .page = pg, .offset = off,
					  .len = len };
	si->nr_frags = (u8)(i + 1);
	skb->len += len;
	skb->data_len += len;
	skb->truesize += truesize;
}

/* Frags of `from` are now of `to`, too. */
static void take_user_flag(struct skb_shared_info *to,
			   const struct skb_shared_info *from)
{
	to->tx_flags |= from->tx_flags & SKB_TX_USER_FRAGS;
}

/* Bytes of pg after the last frag; takes over one reference. False (and no
 * reference taken) when all frags are used. */
static bool append_frag(struct skb_shared_info *si, struct page *pg, u32 off,
			u32 len)
{
	struct skb_frag *last = si->nr_frags ? &si->frags[si->nr_frags - 1]
					     : NULL;

	if (last && last->page == pg && last->offset + last->len == off) {
		last->len += len;
		page_put(pg);
		return true;
	}
	if (si->nr_frags == MAX_SKB_FRAGS)
		return false;
	si->frags[si->nr_frags++] = (struct skb_frag){ .page = pg,
						       .offset = off,
						       .len = len };
	return true;
}

/* --- splice ----------------------------------------------------------------------- */

/* The linear bytes of src: in their page, or in a copy. */
static int append_linear(struct skb_shared_info *si, const struct sk_buff *src,
			 u32 off, u32 len)
{
	struct page *pg = src->head_page;
	u32 at;

	if (src->head_frag) {
		page_get(pg);
		at = (u32)(src->data + off - pg->addr);
	} else {
		pg = page_alloc(len);
		if (!pg)
			return -ENOMEM;
		copy_bytes(pg->addr, src->data + off, len, COPY_COLLAPSE);
		at = 0;
	}
	if (append_frag(si, pg, at, len))
		return 0;
	page_put(pg);
	return -EMSGSIZE;
}

static int append_frags(struct skb_shared_info *si,
			const struct skb_shared_info *from, u32 off, u32 len)
{
	for (u32 i = 0; i < from->nr_frags && len; i++) {
		const struct skb_frag *f = &from->frags[i];
		u32 n;

		if (off >= f->len) {
			off -= f->len;
			continue;
		}
		n = min(f->len - off, len);
		page_get(f->page);
		if (!append_frag(si, f->page, f->offset + off, n)) {
			page_put(f->page);
			return -EMSGSIZE;
		}
		len -= n;
		off = 0;
	}
	return 0;
}

static int append_range(struct skb_shared_info *si, const struct sk_buff *src,
			u32 off, u32 len)
{
	u32 head = skb_headlen(src), n = 0;
	int err;

	if (off < head) {
		n = min(head - off, len);
		err = append_linear(si, src, off, n);
		if (err || n == len)
			return err;
		off = head;
	}
	return append_frags(si, skb_shinfo(src), off - head, len - n);
}

/* Back to `nr` frags, the last of which had `last_len` bytes. */
static void undo_append(struct skb_shared_info *si, u8 nr, u32 last_len)
{
	while (si->nr_frags > nr)
		page_put(si->frags[--si->nr_frags].page);
	if (nr)
		si->frags[nr - 1].len = last_len;
}

int skb_splice_from(struct sk_buff *dst, struct sk_buff *src, u32 off, u32 len)
{
	struct skb_shared_info *si = skb_shinfo(dst);
	u8 nr = si->nr_frags;
	u32 last_len = nr ? si->frags[nr - 1].len : 0;
	int err;

	BUG_ON(!skb_range_ok(src, off, len) || skb_cloned(dst) ||
	       skb_has_frag_list(src));
	if (!len)
		return 0;
	err = append_range(si, src, off, len);
	if (err) {
		undo_append(si, nr, last_len);
		return err;
	}
	take_user_flag(si, skb_shinfo(src));
	dst->len += len;
	dst->data_len += len;
	return 0;
}

/* --- split ------------------------------------------------------------------------- */

/* The frags from `from` of skb on become rest's; its first begins at `off`
 * of the frag (then shared by both). */
static void move_frags(struct sk_buff *skb, struct sk_buff *rest, u32 from,
		       u32 off)
{
	struct skb_shared_info *a = skb_shinfo(skb), *b = skb_shinfo(rest);
	u32 n = a->nr_frags - from;

	memcpy(b->frags, &a->frags[from], n * sizeof(b->frags[0]));
	b->nr_frags = (u8)n;
	a->nr_frags = (u8)from;
	take_user_flag(b, a);
	if (!off)
		return;
	page_get(b->frags[0].page);
	b->frags[0].offset += off;
	b->frags[0].len -= off;
	a->frags[from].len = off;
	a->nr_frags++;
}

static void split_linear(struct sk_buff *skb, struct sk_buff *rest, u32 len)
{
	u32 n = skb_headlen(skb) - len;

	copy_bytes(skb_put(rest, n), skb->data + len, n, COPY_COLLAPSE);
	move_frags(skb, rest, 0, 0);
	rest->data_len = skb->data_len;
	rest->len += rest->data_len;
	skb->data_len = 0;
	skb->len = len;
	skb->tail = skb_headroom(skb) + len;
}

static void split_frags(struct sk_buff *skb, struct sk_buff *rest, u32 len)
{
	const struct skb_shared_info *si = skb_shinfo(skb);
	u32 off = len - skb_headlen(skb), moved = skb->len - len, i = 0;

	while (i < si->nr_frags && off >= si->frags[i].len)
		off -= si->frags[i++].len;
	move_frags(skb, rest, i, off);
	rest->len += moved;
	rest->data_len += moved;
	skb->len -= moved;
	skb->data_len -= moved;
}

void skb_split(struct sk_buff *skb, struct sk_buff *rest, u32 len)
{
	BUG_ON(skb_cloned(skb) || skb_has_frag_list(skb) ||
	       skb_shinfo(rest)->nr_frags || len > skb->len);
	if (len < skb_headlen(skb))
		split_linear(skb, rest, len);
	else
		split_frags(skb, rest, len);
}

/* --- coalesce ---------------------------------------------------------------------- */

/* How many frags more `to` has room for. */
static u32 frags_free(const struct sk_buff *to)
{
	return MAX_SKB_FRAGS - skb_shinfo(to)->nr_frags;
}

/* from's frags to the end of `to`, which has room. Its own references go over
 * unless a clone of `from` keeps them. */
static void take_frags(struct sk_buff *to, struct sk_buff *from)
{
	struct skb_shared_info *a = skb_shinfo(to), *b = skb_shinfo(from);
	bool shared = skb_cloned(from);

	for (u32 i = 0; i < b->nr_frags; i++) {
		struct skb_frag *f = &b->frags[i];

		if (shared)
			page_get(f->page);
		append_frag(a, f->page, f->offset, f->len);
	}
	take_user_flag(a, b);
	if (!shared)
		b->nr_frags = 0;
}

static void add_len(struct sk_buff *to, u32 len, u32 truesize)
{
	to->len += len;
	to->data_len += len;
	to->truesize += truesize;
}

bool skb_try_coalesce(struct sk_buff *to, struct sk_buff *from, bool *stolen,
		      u32 *delta_truesize)
{
	u32 head = skb_headlen(from), len = from->len, own, delta;

	*stolen = false;
	*delta_truesize = 0;
	if (skb_cloned(to) || skb_shared(from))
		return false;
	if (len <= skb_tailroom(to)) {
		if (len)
			skb_copy_bits(from, 0, skb_put(to, len), len,
				      COPY_COLLAPSE);
		return true;
	}
	if (skb_has_frag_list(to) || skb_has_frag_list(from) ||
	    skb_shinfo(from)->nr_frags + (head ? 1u : 0u) > frags_free(to))
		return false;
	if (head) {
		/* only a head that lies in a page and is ours can be a frag */
		if (!from->head_frag || skb_cloned(from))
			return false;
		append_frag(skb_shinfo(to), from->head_page,
			    (u32)(from->data - from->head_page->addr), head);
		*stolen = true;
		own = (u32)sizeof(struct sk_buff);
	} else {
		own = (u32)SKB_TRUESIZE(from->end);
	}
	delta = from->truesize > own ? from->truesize - own : 0;
	take_frags(to, from);
	add_len(to, len, delta);
	*delta_truesize = delta;
	from->len = head;		/* what it still describes */
	from->data_len = 0;
	return true;
}
