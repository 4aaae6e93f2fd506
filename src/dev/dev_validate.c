/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A packet is made fit for its device just before the driver sees it, so that
 * it travels whole as far down as possible: VLAN tag put in, cut into segments
 * (gso.c), made linear, checksum finished - each only if the device cannot do
 * it. netif_skb_features says what it can do for this packet.
 */
#include "dev/netdevice.h"
#include "base/checksum.h"
#include "buf/wire/eth.h"
#include "dev/gro.h"
#include "dev/qdisc/sch_generic.h"

/* The features that a GSO packet of this type needs. */
static netdev_features_t gso_features(const struct sk_buff *skb)
{
	u32 type = skb_shinfo(skb)->gso_type;
	netdev_features_t f = 0;

	if (type & SKB_GSO_TCPV4)
		f |= NETIF_F_TSO;
	if (type & SKB_GSO_TCPV6)
		f |= NETIF_F_TSO6;
	if (type & SKB_GSO_TCP_ECN)
		f |= NETIF_F_TSO_ECN;
	if (type & SKB_GSO_TCP_ACCECN)
		f |= NETIF_F_GSO_ACCECN;
	if (type & SKB_GSO_UDP_L4)
		f |= NETIF_F_GSO_UDP_L4;
	return f;
}

static bool can_checksum(netdev_features_t f, __be16 protocol)
{
	if (f & NETIF_F_HW_CSUM)
		return true;
	switch (be16_to_cpu(protocol)) {
	case ETH_P_IP:
		return f & NETIF_F_IP_CSUM;
	case ETH_P_IPV6:
		return f & NETIF_F_IPV6_CSUM;
	default:
		return false;
	}
}

#define GSO_FEATURES (NETIF_F_ALL_TSO | NETIF_F_GSO_UDP_L4)

netdev_features_t netif_skb_features(struct sk_buff *skb)
{
	struct net_device *dev = skb->dev;
	netdev_features_t f = dev->features;

	if (skb_is_gso(skb) &&
	    (skb_shinfo(skb)->gso_segs > dev->gso_max_segs ||
	     skb->len > dev->gso_max_size + dev->hard_header_len))
		f &= ~GSO_FEATURES;
	if (skb->ip_summed == CHECKSUM_PARTIAL &&
	    !can_checksum(f, skb->protocol))
		f &= ~(NETIF_F_CSUM_MASK | GSO_FEATURES);
	if (dev->netdev_ops->ndo_features_check)
		f &= dev->netdev_ops->ndo_features_check(skb, dev, f);
	return f;
}

static bool needs_gso(const struct sk_buff *skb, netdev_features_t f)
{
	netdev_features_t need;

	if (!skb_is_gso(skb))
		return false;
	need = gso_features(skb);
	return !need || (f & need) != need ||
	       skb->ip_summed != CHECKSUM_PARTIAL;
}

static bool needs_linearize(const struct sk_buff *skb, netdev_features_t f)
{
	return skb_is_nonlinear(skb) &&
	       (!(f & NETIF_F_SG) ||
		(skb_shinfo(skb)->frag_list && !(f & NETIF_F_FRAGLIST)));
}

/* IEEE 802.1Q: the tag goes between the addresses and the type. */
static int vlan_insert_tag(struct sk_buff *skb)
{
	struct ethhdr *eth;
	struct vlan_hdr *vlan;
	__be16 inner;

	if (skb_cow_head(skb, VLAN_HLEN))
		return -ENOMEM;
	inner = ((struct ethhdr *)skb->data)->h_proto;
	eth = (struct ethhdr *)skb_push(skb, VLAN_HLEN);
	memmove(eth, (u8 *)eth + VLAN_HLEN, 2 * ETH_ALEN);
	skb_reset_mac_header(skb);
	skb->mac_len += VLAN_HLEN;
	eth->h_proto = cpu_to_be16(ETH_P_8021Q);
	vlan = (struct vlan_hdr *)(eth + 1);
	vlan->h_vlan_TCI = cpu_to_be16(skb->vlan_tci);
	vlan->h_vlan_encapsulated_proto = inner;
	skb->vlan_present = 0;
	return 0;
}

static struct sk_buff *validate_drop(struct sk_buff *skb,
				     struct net_device *dev,
				     enum skb_drop_reason why)
{
	dev_stats(dev)->tx_dropped++;
	kfree_skb_reason(skb, why);
	return NULL;
}

/* One packet that is no GSO packet (any more) for the device. */
static struct sk_buff *validate_plain(struct sk_buff *skb,
				      struct net_device *dev,
				      netdev_features_t f)
{
	if (needs_linearize(skb, f) && skb_linearize(skb))
		return validate_drop(skb, dev, SKB_DROP_REASON_NOMEM);
	if (skb->ip_summed == CHECKSUM_PARTIAL && !(f & NETIF_F_CSUM_MASK) &&
	    skb_checksum_help(skb))
		return validate_drop(skb, dev, SKB_DROP_REASON_SKB_CSUM);
	return skb;
}

static struct sk_buff *validate_gso(struct sk_buff *skb,
				    struct net_device *dev,
				    netdev_features_t f)
{
	struct sk_buff *segs, *first = NULL, **tail = &first;

	skb_stage(skb, STAGE_gso_segment);
	segs = skb_gso_segment(skb, f);
	if (IS_ERR(segs))
		return validate_drop(skb, dev,
				     PTR_ERR(segs) == -ENOMEM ?
				     SKB_DROP_REASON_NOMEM :
				     SKB_DROP_REASON_PKT_TOO_BIG);
	if (!segs)		/* was one segment after all */
		return validate_plain(skb, dev, f);
	consume_skb(skb);
	while (segs) {
		struct sk_buff *next = segs->next;

		segs->next = NULL;
		segs = validate_plain(segs, dev, netif_skb_features(segs));
		if (segs) {
			*tail = segs;
			tail = &segs->next;
		}
		segs = next;
	}
	return first;
}

struct sk_buff *validate_xmit_skb(struct sk_buff *skb, struct net_device *dev)
{
	netdev_features_t f;

	if (likely(!skb_is_nonlinear(skb) && !skb->vlan_present &&
		   skb->ip_summed != CHECKSUM_PARTIAL && !skb_is_gso(skb)))
		return skb;	/* nothing that a device could lack */
	f = netif_skb_features(skb);
	if (unlikely(skb->vlan_present) && vlan_insert_tag(skb))
		return validate_drop(skb, dev, SKB_DROP_REASON_NOMEM);
	if (unlikely(needs_gso(skb, f)))
		return validate_gso(skb, dev, f);
	return validate_plain(skb, dev, f);
}

struct sk_buff *validate_xmit_skb_list(struct sk_buff *skb,
				       struct net_device *dev)
{
	struct sk_buff *first = NULL, **tail = &first;

	while (skb) {
		struct sk_buff *next = skb->next;

		skb->next = NULL;
		*tail = validate_xmit_skb(skb, dev);
		while (*tail)
			tail = &(*tail)->next;
		skb = next;
	}
	return first;
}
