/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Generic segmentation offload: a large packet is cut as late as possible,
 * here, when the device cannot do it. The protocols know their headers
 * (net_offload.gso_segment); this file finds them and does the cutting: each
 * segment gets a copy of the headers and shares the payload's pages, or copies
 * what is linear or chained.
 */
#include "dev/gro.h"
#include "dev/ptype_hash.h"

/* More segments than any honest packet has: 64 KiB at 48 bytes (the least MSS
 * that Linux sends) are 1,366. */
#define GSO_SEGS_LIMIT	2048

static void segment_metadata(struct sk_buff *seg, const struct sk_buff *skb)
{
	int moved = (int)seg->mac_header - (int)skb->mac_header;

	seg->network_header = (u16)(skb->network_header + moved);
	seg->transport_header = (u16)(skb->transport_header + moved);
	seg->mac_len = skb->mac_len;
	seg->ip_summed = skb->ip_summed;
	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		seg->csum_start = (u16)(skb->csum_start + moved);
		seg->csum_offset = skb->csum_offset;
	}
	seg->dev = skb->dev;
	seg->id = skb->id;
	seg->protocol = skb->protocol;
	seg->pkt_type = skb->pkt_type;
	seg->priority = skb->priority;
	seg->mark = skb->mark;
	seg->hash = skb->hash;
	seg->l4_hash = skb->l4_hash;
	seg->queue_mapping = skb->queue_mapping;
	seg->tstamp = skb->tstamp;
	seg->skb_iif = skb->skb_iif;
}

/* One segment: doffset bytes of headers and `len` of payload from pos. */
static struct sk_buff *segment_one(struct sk_buff *skb, u32 doffset, u32 pos,
				   u32 len, bool sg)
{
	bool share = sg && pos >= skb_headlen(skb) &&
		     !skb_shinfo(skb)->frag_list;
	struct sk_buff *seg = alloc_skb(SKB_MAX_HEADROOM + doffset +
					(share ? 0 : len));
	int err;

	if (!seg)
		return NULL;
	skb_reserve(seg, SKB_MAX_HEADROOM);
	skb_reset_mac_header(seg);
	memcpy(skb_put(seg, doffset), skb->data - doffset, doffset);
	segment_metadata(seg, skb);
	if (share)
		err = skb_splice_from(seg, skb, pos, len);
	else
		err = skb_copy_bits(skb, pos, skb_put(seg, len), len,
				    COPY_FRAGMENT);
	if (err) {
		kfree_skb_reason(seg, SKB_DROP_REASON_NOMEM);
		return NULL;
	}
	return seg;
}

/* Who counts skb's memory goes on with the last segment, which is also the one
 * to tell it when all have been sent. */
static void segment_inherit_owner(struct sk_buff *last, struct sk_buff *skb)
{
	u32 truesize = last->truesize;

	if (!skb->destructor)
		return;
	last->destructor = skb->destructor;
	last->sk = skb->sk;
	last->truesize = skb->truesize;
	skb_take_stamps(last, skb);
	skb->destructor = NULL;
	skb->sk = NULL;
	skb->truesize = truesize;
}

struct sk_buff *skb_segment(struct sk_buff *skb, netdev_features_t features)
{
	u32 mss = skb_shinfo(skb)->gso_size;
	int doffset = (int)(skb->data - skb_mac_header(skb));
	struct sk_buff *first = NULL, *seg = NULL, **tail = &first;

	if (!mss || doffset < 0 || !skb->len ||
	    skb->len / mss >= GSO_SEGS_LIMIT)
		return ERR_PTR(-EINVAL);
	if (!(features & NETIF_F_SG))
		skb_frags_copied(skb);
	for (u32 pos = 0; pos < skb->len; pos += mss) {
		seg = segment_one(skb, (u32)doffset, pos,
				  min_t(u32, mss, skb->len - pos),
				  features & NETIF_F_SG);
		if (!seg) {
			kfree_skb_list_reason(first, SKB_DROP_REASON_NOMEM);
			return ERR_PTR(-ENOMEM);
		}
		*tail = seg;
		tail = &seg->next;
	}
	segment_inherit_owner(seg, skb);
	return first;
}

struct sk_buff *skb_gso_segment(struct sk_buff *skb, netdev_features_t features)
{
	struct net_offload *o = offload_find(skb->dev->net, skb->protocol);
	struct sk_buff *segs;
	int mac_len;

	if (!o || !o->gso_segment)
		return ERR_PTR(-EPROTONOSUPPORT);
	skb_reset_mac_header(skb);
	mac_len = skb_network_offset(skb);
	if (mac_len < 0 || !pskb_may_pull(skb, (u32)mac_len))
		return ERR_PTR(-EINVAL);
	skb->mac_len = (u16)mac_len;
	skb_pull(skb, (u32)mac_len);
	segs = o->gso_segment(skb, features);
	skb_push(skb, (u32)(skb->data - skb_mac_header(skb)));
	return segs;
}
