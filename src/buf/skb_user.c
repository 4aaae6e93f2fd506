/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frags that are the program's memory (MSG_ZEROCOPY). Such a page has a
 * release function, which tells the program that it may write there again;
 * packets that may have one carry SKB_TX_USER_FRAGS, which goes with the frags
 * from packet to packet.
 *
 * A sender's packets end by themselves: acknowledged, or sent by the device.
 * Where a packet is kept by somebody else (it loops back to a receiver, a tap
 * looks at it, it waits on an error queue) the program's memory is replaced by
 * a copy before, and the page remembers that this had to be.
 */
#include "buf/skb_internal.h"

/* A page with a copy of what `f` refers to. */
static struct page *copy_frag(const struct skb_frag *f)
{
	struct page *pg = page_alloc(f->len);

	if (likely(pg))
		copy_bytes(pg->addr, skb_frag_address(f), f->len,
			   COPY_LINEARIZE);
	return pg;
}

static void replace_frag(struct skb_frag *f, struct page *pg)
{
	struct page *old = f->page;

	WRITE_ONCE(old->copied, true);
	f->page = pg;
	f->offset = 0;
	page_put(old);
}

int __skb_orphan_frags(struct sk_buff *skb)
{
	struct page *copy[MAX_SKB_FRAGS] = { NULL };
	struct skb_shared_info *si;
	u32 i;

	if (skb_unclone(skb))
		return -ENOMEM;
	si = skb_shinfo(skb);
	for (i = 0; i < si->nr_frags; i++) {
		if (!si->frags[i].page->release)
			continue;
		copy[i] = copy_frag(&si->frags[i]);
		if (unlikely(!copy[i]))
			goto free_copies;
	}
	for (i = 0; i < si->nr_frags; i++)
		if (copy[i])
			replace_frag(&si->frags[i], copy[i]);
	si->tx_flags &= (u8)~SKB_TX_USER_FRAGS;
	return 0;

free_copies:
	while (i--)
		if (copy[i])
			page_put(copy[i]);
	return -ENOMEM;
}

void __skb_frags_copied(struct sk_buff *skb)
{
	const struct skb_shared_info *si = skb_shinfo(skb);

	for (u32 i = 0; i < si->nr_frags; i++)
		if (si->frags[i].page->release)
			WRITE_ONCE(si->frags[i].page->copied, true);
}
