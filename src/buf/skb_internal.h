/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For the files of buf/ only: the bytes of a packet as a sequence of pieces.
 *
 * Pieces come in packet order: the linear part, the frags, then the same of
 * each packet on the frag_list (whose members have none of their own).
 */
#ifndef WEIR_BUF_SKB_INTERNAL_H
#define WEIR_BUF_SKB_INTERNAL_H

#include "buf/skbuff.h"

/* Gives up the descriptor's claim on its buffer; head is then invalid. */
void skb_release_data(struct sk_buff *skb);

struct skb_seq {
	const struct sk_buff *top, *skb;
	int piece;		/* next of skb: -1 linear, else frag */
	u32 skip;		/* bytes before the range */
	u32 left;		/* bytes of the range */
};

static inline void skb_seq_init(struct skb_seq *s, const struct sk_buff *skb,
				u32 off, u32 len)
{
	*s = (struct skb_seq){ .top = skb, .skb = skb, .piece = -1,
			       .skip = off, .left = len };
}

/* The packet after `skb` in the sequence. */
static inline const struct sk_buff *skb_seq_follow(const struct skb_seq *s)
{
	return s->skb == s->top ? skb_shinfo(s->top)->frag_list : s->skb->next;
}

/* Next piece of the range, at most its rest. False: no more bytes. */
static inline bool skb_seq_next(struct skb_seq *s, u8 **p, u32 *n)
{
	while (s->left && s->skb) {
		const struct skb_shared_info *si = skb_shinfo(s->skb);
		u32 size;

		if (s->piece == (int)si->nr_frags) {
			s->skb = skb_seq_follow(s);
			s->piece = -1;
			continue;
		}
		if (s->piece < 0) {
			*p = s->skb->data;
			size = skb_headlen(s->skb);
		} else {
			*p = skb_frag_address(&si->frags[s->piece]);
			size = si->frags[s->piece].len;
		}
		s->piece++;
		if (s->skip >= size) {
			s->skip -= size;
			continue;
		}
		*p += s->skip;
		*n = min(size - s->skip, s->left);
		s->skip = 0;
		s->left -= *n;
		return true;
	}
	return false;
}

/* Whether [off, off + len) is in the packet; no overflow. */
static inline bool skb_range_ok(const struct sk_buff *skb, u32 off, u32 len)
{
	return off <= skb->len && len <= skb->len - off;
}

#endif
