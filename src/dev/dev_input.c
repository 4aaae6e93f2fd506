/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way up from every device: taps first, then the handler of the packet's
 * link-layer protocol (packet_type). All but the last receiver get clones; the
 * usual packet has one receiver and is not cloned.
 *
 * From here the packet belongs to the floors above; nothing above asks which
 * driver it came from.
 */
#include "dev/dev_input.h"
#include "buf/wire/eth.h"
#include "cpu/lock.h"
#include "dev/ptype_hash.h"
#include "dev/softnet.h"

/* A clone for a further receiver; without memory it sees nothing. */
static void deliver_clone(struct sk_buff *skb, struct packet_type *pt,
			  struct net_device *orig_dev)
{
	struct sk_buff *copy = skb_clone(skb);

	if (copy)
		pt->func(copy, copy->dev, pt, orig_dev);
}

static void deliver_to_taps(struct sk_buff *skb, struct hlist_head *taps,
			    struct net_device *orig_dev)
{
	struct packet_type *pt;

	hlist_for_each_entry(pt, taps, node)
		deliver_clone(skb, pt, orig_dev);
}

static noinline void deliver_to_several(struct sk_buff *skb,
					struct net_device *dev)
{
	struct packet_type *pt, *last = NULL;
	__be16 type = skb->protocol;

	hlist_for_each_entry(pt, ptype_bucket(dev->net, type), node) {
		if (pt->type != type || (pt->dev && pt->dev != dev))
			continue;
		if (unlikely(last))
			deliver_clone(skb, last, dev);
		last = pt;
	}
	if (likely(last)) {
		last->func(skb, dev, last, dev);
		return;
	}
	dev_stats(dev)->rx_nohandler++;
	kfree_skb_reason(skb, SKB_DROP_REASON_UNHANDLED_PROTO);
}

/* Usually one handler is alone in its bucket. */
static inline void deliver_by_type(struct sk_buff *skb, struct net_device *dev)
{
	struct hlist_head *bucket = ptype_bucket(dev->net, skb->protocol);
	struct hlist_node *first = smp_load_acquire(&bucket->first);
	struct packet_type *pt;

	if (likely(first && !READ_ONCE(first->next))) {
		pt = container_of(first, struct packet_type, node);
		if (likely(pt->type == skb->protocol && !pt->dev)) {
			pt->func(skb, dev, pt, dev);
			return;
		}
	}
	deliver_to_several(skb, dev);
}

static noinline void deliver_to_all_taps(struct sk_buff *skb,
					 struct net_device *dev)
{
	if (!skb->tstamp)
		skb->tstamp = ktime_get_real();
	deliver_to_taps(skb, &dev->net->ptype_all, dev);
	deliver_to_taps(skb, &dev->ptype_all, dev);
}

static __always_inline void __netif_receive_skb(struct sk_buff *skb)
{
	struct net_device *dev = skb->dev;

	this_softnet()->processed++;
	skb_stage_cpu(this_percpu(), skb, STAGE_netif_receive_skb);
	skb_reset_network_header(skb);
	skb->transport_header = skb->network_header;
	skb->mac_len = (u16)(skb->network_header - skb->mac_header);
	skb->skb_iif = dev->ifindex;

	if (unlikely(dev_nit_active(dev)))
		deliver_to_all_taps(skb, dev);
	/* a tag for a VLAN that has no device here: only taps saw it */
	if (unlikely(skb->vlan_present)) {
		if (skb->vlan_tci & VLAN_VID_MASK)
			skb->pkt_type = PACKET_OTHERHOST;
		skb->vlan_present = 0;
	}
	deliver_by_type(skb, dev);
}

void netif_receive_skb(struct sk_buff *skb)
{
	__netif_receive_skb(skb);
}

void netif_receive_skb_list(struct sk_buff_head *list)
{
	struct sk_buff *skb;

	while ((skb = __skb_dequeue(list)))
		__netif_receive_skb(skb);
}

static void xmit_tap(struct sk_buff *skb, struct packet_type *pt,
		     struct net_device *dev)
{
	struct sk_buff *copy;

	/* not back to the socket that sends it */
	if (pt->af_packet_priv && pt->af_packet_priv == skb->sk)
		return;
	copy = skb_clone(skb);
	if (!copy)
		return;
	if (skb_orphan_frags(copy)) {
		consume_skb(copy);
		return;
	}
	copy->tstamp = ktime_get_real();
	skb_reset_mac_header(copy);
	if (copy->network_header < copy->mac_header)
		skb_set_network_header(copy, dev->hard_header_len);
	copy->transport_header = copy->network_header;
	copy->pkt_type = PACKET_OUTGOING;
	pt->func(copy, dev, pt, dev);
}

void dev_queue_xmit_nit(struct sk_buff *skb, struct net_device *dev)
{
	struct packet_type *pt;

	hlist_for_each_entry(pt, &dev->net->ptype_all, node)
		xmit_tap(skb, pt, dev);
	hlist_for_each_entry(pt, &dev->ptype_all, node)
		xmit_tap(skb, pt, dev);
}
