/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The linear part: making it larger, private, longer (pull) and shorter
 * (trim), and whole copies of packets.
 *
 * Whatever changes a shared buffer first makes a private one
 * (pskb_expand_head): its linear bytes are copied, its pages are shared by
 * reference.
 */
#include "base/slab.h"
#include "buf/skb_internal.h"

/* --- a new buffer --------------------------------------------------------------- */

/* The new shared info refers to all that the old one does. */
static void share_pieces(struct sk_buff *skb)
{
	struct skb_shared_info *si = skb_shinfo(skb);

	for (u32 i = 0; i < si->nr_frags; i++)
		page_get(si->frags[i].page);
	for (struct sk_buff *f = si->frag_list; f; f = f->next)
		skb_get(f);
}

static void move_offsets(struct sk_buff *skb, u32 by)
{
	skb->tail += by;
	skb->mac_header = (u16)(skb->mac_header + by);
	skb->network_header = (u16)(skb->network_header + by);
	skb->transport_header = (u16)(skb->transport_header + by);
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		skb->csum_start = (u16)(skb->csum_start + by);
}

/* Used bytes of shared info. */
static size_t shinfo_used(const struct skb_shared_info *si)
{
	return offsetof(struct skb_shared_info, frags) +
	       si->nr_frags * sizeof(si->frags[0]);
}

int pskb_expand_head(struct sk_buff *skb, u32 nhead, u32 ntail)
{
	u32 end = ALIGN_UP(nhead + skb->end + ntail, 64u), old_end = skb->end;
	u32 data = nhead + skb_headroom(skb);
	u8 *head = kmalloc(end + SKB_SHINFO_SIZE);
	struct skb_shared_info *si;

	if (unlikely(!head))
		return -ENOMEM;
	copy_bytes(head + data, skb->data, skb->tail - skb_headroom(skb),
		   COPY_LINEARIZE);
	/* headers already pulled are looked at by their positions */
	memcpy(head + nhead, skb->head, skb_headroom(skb));
	si = (struct skb_shared_info *)(head + end);
	memcpy(si, skb_shinfo(skb), shinfo_used(skb_shinfo(skb)));
	refcount_set(&si->dataref, 1);
	si->home = NULL;
	share_pieces(skb);
	skb_release_data(skb);
	skb->head = head;
	skb->data = head + data;
	skb->end = end;
	skb->head_frag = 0;
	skb->head_page = NULL;
	skb->cloned = 0;
	skb->nohdr = 0;
	move_offsets(skb, nhead);
	if (!skb->sk)		/* else its memory is counted already */
		skb->truesize += end - old_end;
	return 0;
}

int __skb_cow_head(struct sk_buff *skb, u32 n)
{
	u32 room = skb_headroom(skb);

	return pskb_expand_head(skb, n > room ? ALIGN_UP(n - room, 64u) : 0,
				0);
}

int skb_cow(struct sk_buff *skb, u32 n)
{
	u32 room = skb_headroom(skb);

	if (likely(n <= room && !skb_cloned(skb)))
		return 0;
	return pskb_expand_head(skb, n > room ? ALIGN_UP(n - room, 64u) : 0,
				0);
}

int skb_unclone(struct sk_buff *skb)
{
	return skb_cloned(skb) ? pskb_expand_head(skb, 0, 0) : 0;
}

/* --- copies of packets ------------------------------------------------------------ */

static void copy_gso(struct sk_buff *n, const struct sk_buff *skb)
{
	skb_shinfo(n)->gso_size = skb_shinfo(skb)->gso_size;
	skb_shinfo(n)->gso_segs = skb_shinfo(skb)->gso_segs;
	skb_shinfo(n)->gso_type = skb_shinfo(skb)->gso_type;
	skb_shinfo(n)->tx_flags = skb_shinfo(skb)->tx_flags;
	skb_shinfo(n)->tskey = skb_shinfo(skb)->tskey;
}

/* Headers that lie before data, too: their positions stay valid. */
static void copy_headroom(struct sk_buff *n, const struct sk_buff *skb)
{
	u32 keep = skb_headroom(skb), have = skb_headroom(n);

	keep = min(keep, have);
	memcpy(n->data - keep, skb->data - keep, keep);
}

struct sk_buff *skb_copy(const struct sk_buff *skb)
{
	struct sk_buff *n = alloc_skb(skb_headroom(skb) + skb->len);

	if (unlikely(!n))
		return NULL;
	skb_reserve(n, skb_headroom(skb));
	skb_copy_header(n, skb);
	copy_headroom(n, skb);
	copy_gso(n, skb);
	skb_shinfo(n)->tx_flags &= (u8)~SKB_TX_USER_FRAGS;
	skb_copy_bits(skb, 0, skb_put(n, skb->len), skb->len, COPY_LINEARIZE);
	return n;
}

static void share_frags(struct sk_buff *n, const struct sk_buff *skb)
{
	struct skb_shared_info *to = skb_shinfo(n), *from = skb_shinfo(skb);

	memcpy(to->frags, from->frags, from->nr_frags * sizeof(to->frags[0]));
	to->nr_frags = from->nr_frags;
	to->frag_list = from->frag_list;
	share_pieces(n);
}

struct sk_buff *pskb_copy(const struct sk_buff *skb, u32 headroom)
{
	u32 linear = skb_headlen(skb), shift;
	struct sk_buff *n = alloc_skb(headroom + linear);

	if (unlikely(!n))
		return NULL;
	skb_reserve(n, headroom);
	skb_copy_header(n, skb);
	shift = headroom - skb_headroom(skb);	/* mod 2^32 when less */
	move_offsets(n, shift);
	n->tail -= shift;			/* was right already */
	copy_headroom(n, skb);
	copy_gso(n, skb);
	copy_bytes(skb_put(n, linear), skb->data, linear, COPY_LINEARIZE);
	share_frags(n, skb);
	n->data_len = skb->data_len;
	n->len += n->data_len;
	n->truesize += n->data_len;
	return n;
}

/* --- pull ------------------------------------------------------------------------- */

static void drop_frag(struct skb_shared_info *si, u32 i)
{
	page_put(si->frags[i].page);
	si->nr_frags--;
	memmove(&si->frags[i], &si->frags[i + 1],
		(si->nr_frags - i) * sizeof(si->frags[0]));
}

/* n bytes from the front of the frags; returns how many they lacked. */
static u32 eat_frags(struct skb_shared_info *si, u32 n)
{
	while (n && si->nr_frags) {
		struct skb_frag *f = &si->frags[0];

		if (f->len > n) {
			f->offset += n;
			f->len -= n;
			return 0;
		}
		n -= f->len;
		drop_frag(si, 0);
	}
	return n;
}

/* The frag_list's members become private to skb, descriptors and shared infos
 * (they are shared after pskb_expand_head or pskb_copy): what follows can
 * change them without fail. */
static int unshare_frag_list(struct sk_buff *skb)
{
	struct sk_buff **link = &skb_shinfo(skb)->frag_list;

	for (; *link; link = &(*link)->next) {
		struct sk_buff *f = *link;

		if (skb_shared(f)) {
			struct sk_buff *n = skb_clone(f);

			if (!n)
				return -ENOMEM;
			n->next = f->next;
			*link = n;
			consume_skb(f);
			f = n;
		}
		if (skb_unclone(f))
			return -ENOMEM;
	}
	return 0;
}

/* n bytes, fewer than it has, from the front of one member. */
static void eat_member(struct sk_buff *f, u32 n)
{
	u32 head = skb_headlen(f);

	head = min(head, n);
	f->data += head;
	f->len -= n;
	f->data_len -= n - head;
	eat_frags(skb_shinfo(f), n - head);
}

/* n bytes from the front of the frag_list, which has at least so many. */
static void eat_frag_list(struct sk_buff *skb, u32 n)
{
	struct skb_shared_info *si = skb_shinfo(skb);

	while (n) {
		struct sk_buff *f = si->frag_list;

		if (f->len > n) {
			eat_member(f, n);
			return;
		}
		n -= f->len;
		si->frag_list = f->next;
		f->next = NULL;
		consume_skb(f);
	}
}

u8 *__pskb_pull_tail(struct sk_buff *skb, u32 delta)
{
	u32 room = skb->end - skb->tail, rest;

	if (skb_cloned(skb) || room < delta) {
		u32 more = room < delta ? delta - room + 128 : 0;

		if (pskb_expand_head(skb, 0, more))
			return NULL;
	}
	if (skb_shinfo(skb)->frag_list && unshare_frag_list(skb))
		return NULL;
	if (skb_copy_bits(skb, skb_headlen(skb), skb_tail_pointer(skb), delta,
			  COPY_LINEARIZE))
		return NULL;
	rest = eat_frags(skb_shinfo(skb), delta);
	eat_frag_list(skb, rest);
	skb->tail += delta;
	skb->data_len -= delta;
	return skb_tail_pointer(skb);
}

int skb_linearize(struct sk_buff *skb)
{
	if (!skb_is_nonlinear(skb))
		return 0;
	skb_frags_copied(skb);
	return __pskb_pull_tail(skb, skb->data_len) ? 0 : -ENOMEM;
}

u8 *skb_pull_rcsum(struct sk_buff *skb, u32 n)
{
	u8 *start = skb->data;

	skb_pull(skb, n);
	skb_postpull_rcsum(skb, start, n);
	return skb->data;
}

/* --- trim ------------------------------------------------------------------------- */

void skb_trim(struct sk_buff *skb, u32 len)
{
	if (skb->len <= len)
		return;
	BUG_ON(skb_is_nonlinear(skb));
	skb->len = len;
	skb->tail = skb_headroom(skb) + len;
}

/* Frags cut to `keep` bytes in all; returns how many they lacked. */
static u32 trim_frags(struct skb_shared_info *si, u32 keep)
{
	u32 i = 0;

	while (i < si->nr_frags && keep) {
		struct skb_frag *f = &si->frags[i];

		f->len = min(f->len, keep);
		keep -= f->len;
		i++;
	}
	while (si->nr_frags > i)
		drop_frag(si, si->nr_frags - 1u);
	return keep;
}

/* One private member, longer than that, cut to `keep` bytes. */
static void trim_member(struct sk_buff *f, u32 keep)
{
	u32 head = skb_headlen(f);

	trim_frags(skb_shinfo(f), keep > head ? keep - head : 0);
	f->len = keep;
	f->data_len = keep > head ? keep - head : 0;
	f->tail = skb_headroom(f) + min(keep, head);
}

static void trim_frag_list(struct sk_buff *skb, u32 keep)
{
	struct sk_buff **link = &skb_shinfo(skb)->frag_list, *rest;

	for (; *link && keep; link = &(*link)->next) {
		if ((*link)->len > keep)
			trim_member(*link, keep);
		keep -= (*link)->len;
	}
	while ((rest = *link)) {
		*link = rest->next;
		rest->next = NULL;
		consume_skb(rest);
	}
}

int pskb_trim(struct sk_buff *skb, u32 len)
{
	u32 head = skb_headlen(skb), keep;

	if (skb->len <= len)
		return 0;
	if (likely(!skb_is_nonlinear(skb))) {
		skb_trim(skb, len);
		return 0;
	}
	if (skb_unclone(skb))
		return -ENOMEM;
	if (skb_has_frag_list(skb) && unshare_frag_list(skb))
		return -ENOMEM;
	keep = trim_frags(skb_shinfo(skb), len > head ? len - head : 0);
	trim_frag_list(skb, keep);
	skb->len = len;
	skb->data_len = len > head ? len - head : 0;
	skb->tail = skb_headroom(skb) + min(len, head);
	return 0;
}

int pskb_trim_rcsum(struct sk_buff *skb, u32 len)
{
	if (skb->ip_summed == CHECKSUM_COMPLETE && skb->len > len) {
		u32 cut = skb->len - len;
		__wsum sum = skb_checksum(skb, len, cut, 0);

		skb->csum = csum_block_sub(skb->csum, sum, len);
	}
	return pskb_trim(skb, len);
}
