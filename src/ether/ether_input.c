/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the link layer itself has to receive: 802.1Q tags. A tagged frame comes
 * here by its ethertype, is freed of the tag (which goes to vlan_tci) and goes
 * through the demultiplexer once more as what it carries.
 *
 * Priority tags (VID 0) are ordinary packets. A VID needs a VLAN device; the
 * demultiplexer marks what has none as another host's. One tag only: a second
 * one inside is refused, so that nesting cannot recurse (CVE-2016-7039).
 */
#include "buf/wire/eth.h"
#include "ether/neigh_priv.h"

/* The addresses move up to the inner type, as if there never was a tag. */
static void vlan_close_gap(struct sk_buff *skb)
{
	u8 *mac = skb_mac_header(skb);

	memmove(mac + VLAN_HLEN, mac, 2 * ETH_ALEN);
	skb->mac_header += VLAN_HLEN;
}

static enum skb_drop_reason vlan_untag(struct sk_buff *skb)
{
	const struct vlan_hdr *vh;
	u16 type;

	if (skb->vlan_present)
		return SKB_DROP_REASON_UNHANDLED_PROTO;
	if (skb->data - skb_mac_header(skb) != ETH_HLEN)
		return SKB_DROP_REASON_PKT_TOO_SMALL;
	/* the inner type has to be there, and something behind it */
	if (!pskb_may_pull(skb, VLAN_HLEN) || skb_cow(skb, 0))
		return SKB_DROP_REASON_HDR_TRUNC;
	vh = (const struct vlan_hdr *)skb->data;
	type = be16_to_cpu(vh->h_vlan_encapsulated_proto);
	if (type == ETH_P_8021Q || type == ETH_P_8021AD)
		return SKB_DROP_REASON_UNHANDLED_PROTO;
	skb->vlan_tci = be16_to_cpu(vh->h_vlan_TCI);
	skb->vlan_present = 1;
	skb->protocol = vh->h_vlan_encapsulated_proto;
	if (type < ETH_P_802_3_MIN)
		skb->protocol = cpu_to_be16(ETH_P_802_2);
	skb_pull_rcsum(skb, VLAN_HLEN);
	vlan_close_gap(skb);
	return SKB_NOT_DROPPED_YET;
}

static int vlan_rcv(struct sk_buff *skb, struct net_device *dev,
		    struct packet_type *pt, struct net_device *orig_dev)
{
	enum skb_drop_reason why = vlan_untag(skb);

	if (why) {
		kfree_skb_reason(skb, why);
		return 1;
	}
	netif_receive_skb(skb);
	return 0;
}

void ether_input_init(struct net *net, struct neigh_net *nn)
{
	nn->vlan.type = cpu_to_be16(ETH_P_8021Q);
	nn->vlan.func = vlan_rcv;
	dev_add_pack(net, &nn->vlan);
}

void ether_input_exit(struct neigh_net *nn)
{
	dev_remove_pack(&nn->vlan);
}
