/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ethernet as drivers need it: what a device of that kind looks like, the
 * header built and taken off (RFC 894; IEEE 802.3 3.2.6: a type field below
 * 0x600 is a length).
 */
#include "dev/netdevice.h"
#include "buf/wire/eth.h"

static int eth_header(struct sk_buff *skb, struct net_device *dev, u16 type,
		      const u8 *daddr, const u8 *saddr, u32 len)
{
	struct ethhdr *eth;

	if (unlikely(skb_cow_head(skb, ETH_HLEN)))
		return -ENOMEM;
	eth = (struct ethhdr *)skb_push(skb, ETH_HLEN);
	skb_reset_mac_header(skb);
	if (unlikely(type == ETH_P_802_3 || type == ETH_P_802_2))
		type = (u16)len;
	eth->h_proto = cpu_to_be16(type);
	ether_addr_copy(eth->h_source, saddr ? saddr : dev->dev_addr);
	if (likely(daddr))
		ether_addr_copy(eth->h_dest, daddr);
	else
		memset(eth->h_dest, 0, ETH_ALEN);
	return ETH_HLEN;
}

const struct header_ops eth_header_ops = {
	.create = eth_header,
};

void ether_setup(struct net_device *dev)
{
	dev->header_ops = &eth_header_ops;
	dev->type = ARPHRD_ETHER;
	dev->hard_header_len = ETH_HLEN;
	dev->needed_headroom = 0;
	dev->mtu = ETH_DATA_LEN;
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = ETH_DATA_LEN;
	dev->addr_len = ETH_ALEN;
	dev->tx_queue_len = 1000;
	dev->flags = IFF_BROADCAST | IFF_MULTICAST;
	eth_broadcast_addr(dev->broadcast);
}

static u8 eth_pkt_type(const struct net_device *dev, const u8 *dest)
{
	if (likely(ether_addr_equal(dest, dev->dev_addr)))
		return PACKET_HOST;
	if (!is_multicast_ether_addr(dest))
		return PACKET_OTHERHOST;
	return ether_addr_equal(dest, dev->broadcast) ? PACKET_BROADCAST
						      : PACKET_MULTICAST;
}

/* 802.3 frame: Novell's raw form begins with 0xffff, else LLC. */
static __be16 eth_802_3_protocol(const struct sk_buff *skb)
{
	const u8 *p = skb->data;

	if (skb_headlen(skb) >= 2 && p[0] == 0xff && p[1] == 0xff)
		return cpu_to_be16(ETH_P_802_3);
	return cpu_to_be16(ETH_P_802_2);
}

__be16 eth_type_trans_rare(struct sk_buff *skb, struct net_device *dev,
			   const u8 *dest, __be16 type)
{
	skb->pkt_type = eth_pkt_type(dev, dest);
	if (likely(be16_to_cpu(type) >= ETH_P_802_3_MIN))
		skb->protocol = type;
	else
		skb->protocol = eth_802_3_protocol(skb);
	return skb->protocol;
}

__be16 eth_type_trans(struct sk_buff *skb, struct net_device *dev)
{
	return eth_type_trans_fast(skb, dev);
}
