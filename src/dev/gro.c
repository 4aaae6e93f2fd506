/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Generic receive offload: a NAPI instance holds packets for the length of a
 * poll, by flow; what follows on is merged into them, so that the floors above
 * are walked once for many segments. Whether two packets belong together only
 * their protocols know (net_offload.gro_receive).
 *
 * Held packets go up when their protocol says so (PSH, a hole, another header),
 * when the bucket is full, when the poll finds nothing more (napi_complete) or
 * when they are older than a tick. Packets that are not merged are collected
 * and go up in lists of gro_normal_batch.
 */
#include "dev/gro.h"
#include "base/slab.h"
#include "cpu/lock.h"
#include "dev/ptype_hash.h"

/* --- up ---------------------------------------------------------------------- */

static void gro_normal_list(struct gro_state *gro)
{
	if (!skb_queue_empty(&gro->rx_list))
		netif_receive_skb_list(&gro->rx_list);
}

static void gro_normal_one(struct gro_state *gro, struct sk_buff *skb)
{
	u32 batch = skb->dev->net->gro_normal_batch;

	__skb_queue_tail(&gro->rx_list, skb);
	if (gro->rx_list.qlen >= batch)
		gro_normal_list(gro);
}

/* A held packet (unlinked) goes up; merged headers are made right first. */
static void napi_gro_complete(struct gro_state *gro, struct sk_buff *skb)
{
	struct net_offload *o;

	skb->next = NULL;
	if (NAPI_GRO_CB(skb)->count == 1) {
		skb_shinfo(skb)->gso_size = 0;
		gro_normal_one(gro, skb);
		return;
	}
	skb_stage(skb, STAGE_gro_flush);
	skb_shinfo(skb)->gso_segs = NAPI_GRO_CB(skb)->count;
	o = offload_find(skb->dev->net, skb->protocol);
	if (unlikely(!o || o->gro_complete(skb, 0))) {
		kfree_skb_reason(skb, SKB_DROP_REASON_HDR_TRUNC);
		return;
	}
	gro_normal_one(gro, skb);
}

/* Oldest first; `all` or only those held since an earlier tick. */
static void gro_flush_bucket(struct gro_state *gro, u32 bucket, bool all,
			     jiffies_t now)
{
	struct gro_list *list = &gro->hash[bucket];
	struct sk_buff *held[MAX_GRO_SKBS], *skb, **keep;
	u32 n = 0;

	for (skb = list->first; skb && n < MAX_GRO_SKBS; skb = skb->next)
		held[n++] = skb;
	keep = &list->first;
	for (u32 i = 0; i < n; i++)	/* the young stay, newest first */
		if (!all && NAPI_GRO_CB(held[i])->age == now) {
			*keep = held[i];
			keep = &held[i]->next;
			held[i] = NULL;
		}
	*keep = NULL;
	while (n--)
		if (held[n]) {
			list->count--;
			napi_gro_complete(gro, held[n]);
		}
	if (!list->count)
		gro->bitmask &= ~(1u << bucket);
}

static void napi_gro_flush(struct napi_struct *n, bool all)
{
	struct gro_state *gro = n->gro;

	if (!gro)
		return;
	if (gro->bitmask) {
		jiffies_t now = all ? 0 : jiffies();
		u32 mask = gro->bitmask;

		for (; mask; mask &= mask - 1)
			gro_flush_bucket(gro, (u32)__builtin_ctz(mask), all,
					 now);
	}
	gro_normal_list(gro);
}

/* --- in ---------------------------------------------------------------------- */

static bool same_link_header(const struct sk_buff *a, const struct sk_buff *b)
{
	return a->mac_len == b->mac_len &&
	       !memcmp(skb_mac_header(a), skb_mac_header(b), a->mac_len);
}

/* What this floor can tell of held packets that may be of skb's flow. */
static void gro_list_prepare(struct sk_buff *held, const struct sk_buff *skb)
{
	for (; held; held = held->next) {
		NAPI_GRO_CB(held)->flush = 0;
		NAPI_GRO_CB(held)->same_flow =
			held->hash == skb->hash && held->dev == skb->dev &&
			held->protocol == skb->protocol &&
			held->vlan_present == skb->vlan_present &&
			(!skb->vlan_present ||
			 held->vlan_tci == skb->vlan_tci) &&
			same_link_header(held, skb);
	}
}

static void gro_flush_oldest(struct gro_state *gro, struct gro_list *list)
{
	struct sk_buff **pp = &list->first, *oldest;

	while ((*pp)->next)
		pp = &(*pp)->next;
	oldest = *pp;
	*pp = NULL;
	list->count--;
	napi_gro_complete(gro, oldest);
}

static void gro_hold(struct gro_state *gro, u32 bucket, struct sk_buff *skb)
{
	struct gro_list *list = &gro->hash[bucket];

	if (unlikely(list->count >= MAX_GRO_SKBS))
		gro_flush_oldest(gro, list);
	NAPI_GRO_CB(skb)->count = 1;
	NAPI_GRO_CB(skb)->age = jiffies();
	NAPI_GRO_CB(skb)->last = skb;
	skb_shinfo(skb)->gso_size = (u16)skb_gro_len(skb);
	skb->next = list->first;
	list->first = skb;
	list->count++;
	gro->bitmask |= 1u << bucket;
}

static void dev_gro_receive(struct gro_state *gro, struct net_offload *o,
			    struct sk_buff *skb)
{
	u32 bucket = skb_get_hash(skb) & (GRO_HASH_BUCKETS - 1);
	struct gro_list *list = &gro->hash[bucket];
	struct napi_gro_cb verdict;
	struct sk_buff **pp;

	memset(NAPI_GRO_CB(skb), 0, sizeof(struct napi_gro_cb));
	gro_list_prepare(list->first, skb);
	pp = o->gro_receive(&list->first, skb);
	/* Merged, skb goes up with the packet that it is part of now. */
	verdict = *NAPI_GRO_CB(skb);
	if (pp) {
		struct sk_buff *done = *pp;

		*pp = done->next;
		if (!--list->count)
			gro->bitmask &= ~(1u << bucket);
		napi_gro_complete(gro, done);
	}
	if (verdict.merged) {
		if (verdict.free)
			consume_skb(skb);
	} else if (verdict.flush) {
		gro_normal_one(gro, skb);
	} else {
		gro_hold(gro, bucket, skb);
	}
}

void napi_gro_receive(struct napi_struct *n, struct sk_buff *skb)
{
	struct gro_state *gro = n->gro;
	struct net_offload *o = NULL;

	skb_stage(skb, STAGE_napi_gro_receive);
	skb->napi_id = n->napi_id;
	if (unlikely(!gro)) {
		netif_receive_skb(skb);
		return;
	}
	skb_reset_network_header(skb);
	if (likely(skb->dev->features & NETIF_F_GRO) && !skb_is_gso(skb) &&
	    !skb_shinfo(skb)->frag_list)
		o = offload_find(skb->dev->net, skb->protocol);
	if (o && o->gro_receive)
		dev_gro_receive(gro, o, skb);
	else
		gro_normal_one(gro, skb);
}

void napi_gro_receive_last(struct napi_struct *n, struct sk_buff *skb)
{
	struct gro_state *gro = n->gro;

	if (!gro || gro->bitmask || !skb_queue_empty(&gro->rx_list)) {
		napi_gro_receive(n, skb);
		return;
	}
	skb_stage(skb, STAGE_napi_gro_receive);
	skb->napi_id = n->napi_id;
	netif_receive_skb(skb);
}

/* --- NAPI instances of a device ------------------------------------------------- */

void netif_napi_add(struct net_device *dev, struct napi_struct *n,
		    int (*poll)(struct napi_struct *, int), u32 weight)
{
	napi_struct_init(n, dev->net->machine, poll, weight);
	n->dev = dev;
	n->flush = napi_gro_flush;
	n->gro = kzalloc(sizeof(*n->gro));	/* without: no merging */
	if (n->gro)
		skb_queue_head_init(&n->gro->rx_list);
	spin_lock_bh(&dev->net->rtnl);
	list_add_tail(&n->dev_list, &dev->napi_list);
	spin_unlock_bh(&dev->net->rtnl);
}

static void gro_purge(struct gro_state *gro)
{
	for (u32 i = 0; i < GRO_HASH_BUCKETS; i++) {
		kfree_skb_list_reason(gro->hash[i].first,
				      SKB_DROP_REASON_DEV_DOWN);
		gro->hash[i].first = NULL;
	}
	skb_queue_purge_reason(&gro->rx_list, SKB_DROP_REASON_DEV_DOWN);
}

void netif_napi_del(struct napi_struct *n)
{
	spin_lock_bh(&n->dev->net->rtnl);
	list_del_init(&n->dev_list);
	spin_unlock_bh(&n->dev->net->rtnl);
	if (n->gro) {
		gro_purge(n->gro);
		kfree(n->gro);
		n->gro = NULL;
	}
}
