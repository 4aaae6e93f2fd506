/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A packet's flow hash: the sender's or the NIC's if there is one, else made
 * from addresses, protocol and ports, which are only looked at, never trusted.
 * Used to spread flows over transmit queues and GRO buckets.
 */
#include "dev/netdevice.h"
#include "base/hash.h"
#include "buf/wire/ip.h"

#define IPV6_HLEN	40

/* Ports when they are there and linear (bytes from the network header). */
static u32 flow_ports(const u8 *nh, u32 room, u32 off, u8 protocol)
{
	u32 ports;

	if ((protocol != IPPROTO_TCP && protocol != IPPROTO_UDP) ||
	    off + sizeof(ports) > room)
		return 0;
	memcpy(&ports, nh + off, sizeof(ports));
	return ports;
}

static u32 flow_hash_ipv4(const u8 *nh, u32 room, u32 seed)
{
	struct iphdr ih;
	u32 ports = 0;

	if (room < sizeof(ih))
		return 0;
	memcpy(&ih, nh, sizeof(ih));
	if (!ip_is_fragment(&ih))
		ports = flow_ports(nh, room, iph_len(&ih), ih.protocol);
	return hash_3((__force u32)ih.saddr, (__force u32)ih.daddr,
		      ports ^ ih.protocol, seed);
}

static u32 flow_hash_ipv6(const u8 *nh, u32 room, u32 seed)
{
	u32 ports;

	if (room < IPV6_HLEN)
		return 0;
	ports = flow_ports(nh, room, IPV6_HLEN, nh[6]);
	return hash_3(hash_bytes(nh + 8, 32, seed), nh[6], ports, seed);
}

u32 skb_get_hash(struct sk_buff *skb)
{
	const u8 *nh = skb_network_header(skb);
	const u8 *end = skb_tail_pointer(skb);
	u32 seed = (u32)skb->dev->net->hash_secret[0];
	u32 room = nh >= skb->head && nh < end ? (u32)(end - nh) : 0;
	u32 hash = 0;

	if (likely(skb->hash))
		return skb->hash;
	if (skb->protocol == cpu_to_be16(ETH_P_IP))
		hash = flow_hash_ipv4(nh, room, seed);
	else if (skb->protocol == cpu_to_be16(ETH_P_IPV6))
		hash = flow_hash_ipv6(nh, room, seed);
	skb->hash = hash ? hash : 1;
	return skb->hash;
}
