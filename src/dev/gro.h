/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GRO: successive segments of a flow become one packet on the way up; GSO:
 * one large packet becomes segments on the way down, as late as possible.
 * What a segment is, the protocols know: they register net_offload (by
 * ethertype) and, on the inet floor, per-protocol offloads.
 */
#ifndef WEIR_DEV_GRO_H
#define WEIR_DEV_GRO_H

#include "dev/netdevice.h"

#define GRO_HASH_BUCKETS	8
#define MAX_GRO_SKBS		8	/* held packets per bucket */

/* skb->cb while in GRO */
struct napi_gro_cb {
	struct sk_buff *last;		/* tail of the frag_list being built */
	u32 data_offset;		/* headers looked at so far, from data */
	u16 count;			/* segments merged */
	u16 flush;			/* do not merge this one */
	u8 same_flow, is_atomic, csum_valid;
	u8 merged, free;		/* set by skb_gro_receive only */
	u16 proto;
	u64 age;			/* jiffies when held first */
	u16 flush_id;
	__wsum csum;
};
#define NAPI_GRO_CB(skb) ((struct napi_gro_cb *)(skb)->cb)

static_assert(sizeof(struct napi_gro_cb) <= 48, "fits skb->cb");

struct gro_list {
	struct sk_buff *first;		/* newest first, linked by ->next */
	u32 count;
};

struct gro_state {
	struct gro_list hash[GRO_HASH_BUCKETS];
	u32 bitmask;			/* non-empty buckets */
	struct sk_buff_head rx_list;	/* normal packets on their way up */
};

struct net_offload {
	__be16 type;			/* ethertype */
	/* For each held packet p of `head` list clears same_flow if it is of
	 * another flow (on entry it is set if the link layer agrees); returns
	 * the held packet to flush now (link to it), or NULL. Borrows skb. It
	 * merges by skb_gro_receive, and sets NAPI_GRO_CB(skb)->flush if skb
	 * can neither be merged nor held. data_offset must be the payload's
	 * when skb is to be held. */
	struct sk_buff **(*gro_receive)(struct sk_buff **head,
					struct sk_buff *skb);
	/* Headers of a merged packet made right. nhoff from data. */
	int (*gro_complete)(struct sk_buff *skb, int nhoff);
	/* skb->data at the network header, mac_header and mac_len set. Pulls
	 * the network header, sets transport_header, calls the transport's.
	 * Segments as a list linked by ->next (skb itself not consumed), or
	 * ERR_PTR; NULL: nothing to do, header was checked only. May leave
	 * skb->data advanced: the caller puts it back. */
	struct sk_buff *(*gso_segment)(struct sk_buff *skb,
				       netdev_features_t features);
	struct hlist_node node;
};

void dev_add_offload(struct net *net, struct net_offload *o);
void dev_remove_offload(struct net *net, struct net_offload *o);

/* Appends skb's payload (after NAPI_GRO_CB(skb)->data_offset) to p. 0, or
 * -E2BIG when p is full. skb's bytes are p's afterwards. */
int skb_gro_receive(struct sk_buff *p, struct sk_buff *skb);
/* Bytes of headers already looked at, and what is behind them. */
static inline u32 skb_gro_offset(const struct sk_buff *skb)
{
	return NAPI_GRO_CB(skb)->data_offset;
}
static inline u32 skb_gro_len(const struct sk_buff *skb)
{
	return skb->len - NAPI_GRO_CB(skb)->data_offset;
}
/* The header of len bytes at the offset has been looked at. */
static inline void skb_gro_pull(struct sk_buff *skb, u32 len)
{
	NAPI_GRO_CB(skb)->data_offset += len;
}
/* A header of hlen bytes at off (from skb->data), linear or pulled so (reads
 * headers again afterwards); NULL: no. */
void *skb_gro_header(struct sk_buff *skb, u32 hlen, u32 off);

/*
 * Cuts a GSO packet into segments for a device that cannot; list linked by
 * ->next, or ERR_PTR (-EINVAL, -ENOMEM). Used by transports' gso_segment:
 * skb->data must be at the first payload byte (all headers pulled, linear).
 * Copies the headers, shares payload pages. Each segment has data at the
 * link-layer header, mac/network/transport_header set as in skb, and, if skb
 * is CHECKSUM_PARTIAL, is so too with the same csum_start and csum_offset:
 * the protocol corrects lengths, ids, sequence numbers and the pseudo-header
 * sum; who sends the segment finishes the checksum if the device cannot.
 * The last segment takes over skb's socket and destructor.
 */
struct sk_buff *skb_segment(struct sk_buff *skb, netdev_features_t features);
/* By ethertype; for dev_output. */
struct sk_buff *skb_gso_segment(struct sk_buff *skb, netdev_features_t features);

#endif
