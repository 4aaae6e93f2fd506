/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How the payload of one packet becomes part of another without being copied,
 * in the order tried:
 *
 *	payload in frags		the frags move
 *	payload in a page-backed head	the head's page becomes a frag
 *	otherwise			the whole packet goes on frag_list
 *
 * Once a packet hangs on p's frag_list, what follows must come behind it, so
 * frags are then added to the last of the list.
 */
#include "dev/gro.h"

void *skb_gro_header(struct sk_buff *skb, u32 hlen, u32 off)
{
	if (unlikely(!pskb_may_pull(skb, off + hlen)))
		return NULL;
	return skb->data + off;
}

/* Room in `to` for skb's pieces; *head: the linear part is one of them. */
static bool frags_fit(const struct sk_buff *to, const struct sk_buff *skb,
		      u32 offset, bool *head)
{
	u32 n = skb_shinfo(to)->nr_frags + skb_shinfo(skb)->nr_frags;

	*head = skb_headlen(skb) > offset;
	if (*head && (!skb->head_frag || !skb->head_page))
		return false;
	return n + *head <= MAX_SKB_FRAGS;
}

static void frag_append(struct sk_buff *to, struct page *page, u32 offset,
			u32 len)
{
	struct skb_shared_info *si = skb_shinfo(to);

	si->frags[si->nr_frags++] = (struct skb_frag){
		.page = page, .offset = offset, .len = len,
	};
}

/* Frags of skb, without the first `skip` bytes, to the end of `to`. */
static void frags_move(struct sk_buff *to, struct sk_buff *skb, u32 skip)
{
	struct skb_shared_info *from = skb_shinfo(skb);

	for (u32 i = 0; i < from->nr_frags; i++) {
		struct skb_frag *f = &from->frags[i];

		if (skip >= f->len) {		/* headers only */
			skip -= f->len;
			page_put(f->page);
			continue;
		}
		frag_append(to, f->page, f->offset + skip, f->len - skip);
		skip = 0;
	}
	from->nr_frags = 0;
	skb->len -= skb->data_len;
	skb->data_len = 0;
}

/* The bytes become pieces of `to`; skb is an empty shell afterwards. */
static u32 merge_frags(struct sk_buff *to, struct sk_buff *skb, u32 offset,
		       bool head)
{
	u32 headlen = skb_headlen(skb);
	u32 truesize = skb->truesize;

	if (head) {
		struct page *page = skb->head_page;

		page_get(page);
		frag_append(to, page, (u32)(skb->data - page->addr) + offset,
			    headlen - offset);
		frags_move(to, skb, 0);
		truesize -= sizeof(*skb);
	} else {
		frags_move(to, skb, offset - headlen);
		truesize -= min_t(u32, truesize, SKB_TRUESIZE(skb->end));
	}
	skb->truesize -= truesize;
	NAPI_GRO_CB(skb)->free = 1;
	return truesize;
}

/* skb hangs on the list whole, with its payload only. */
static u32 merge_chain(struct sk_buff *p, struct sk_buff *skb, u32 offset)
{
	struct sk_buff *last = NAPI_GRO_CB(p)->last;

	skb_pull(skb, offset);
	skb->next = NULL;
	if (last == p)
		skb_shinfo(p)->frag_list = skb;
	else
		last->next = skb;
	NAPI_GRO_CB(p)->last = skb;
	return skb->truesize;
}

static void merged_trace(const struct sk_buff *p, const struct sk_buff *skb,
			 u32 len)
{
	/* arg: the packet it is part of now */
	trace_stage_more(STAGE_gro_merged, skb->id, len, 0xffff, p->id, 0);
}

int skb_gro_receive(struct sk_buff *p, struct sk_buff *skb)
{
	struct sk_buff *last = NAPI_GRO_CB(p)->last;
	u32 offset = skb_gro_offset(skb), len = skb_gro_len(skb);
	u32 truesize;
	bool head;

	if (unlikely(p->len + len >= GSO_MAX_SIZE || NAPI_GRO_CB(skb)->flush))
		return -E2BIG;
	if (likely(frags_fit(last, skb, offset, &head))) {
		truesize = merge_frags(last, skb, offset, head);
		if (last != p) {
			last->len += len;
			last->data_len += len;
			last->truesize += truesize;
		}
	} else if (offset <= skb_headlen(skb)) {
		truesize = merge_chain(p, skb, offset);
	} else {
		return -E2BIG;
	}
	p->len += len;
	p->data_len += len;
	p->truesize += truesize;
	NAPI_GRO_CB(p)->count++;
	NAPI_GRO_CB(skb)->merged = 1;
	NAPI_GRO_CB(skb)->same_flow = 1;
	merged_trace(p, skb, len);
	return 0;
}
