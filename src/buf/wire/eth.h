/* SPDX-License-Identifier: BSD-2-Clause */
/* Ethernet II and 802.1Q frame headers (RFC 894, RFC 1042; IEEE 802.3,
 * 802.1Q). ETH_P_* and ETH_ALEN are in base/uapi.h. */
#ifndef WEIR_BUF_WIRE_ETH_H
#define WEIR_BUF_WIRE_ETH_H

#include "base/uapi.h"
#include "buf/skbuff.h"

struct ethhdr {
	u8 h_dest[ETH_ALEN];
	u8 h_source[ETH_ALEN];
	__be16 h_proto;
} __packed __aligned(2);
static_assert(sizeof(struct ethhdr) == ETH_HLEN, "wire format");

/* What follows h_proto == ETH_P_8021Q. */
#define VLAN_HLEN	4
struct vlan_hdr {
	__be16 h_vlan_TCI;
	__be16 h_vlan_encapsulated_proto;
} __packed __aligned(2);
static_assert(sizeof(struct vlan_hdr) == VLAN_HLEN, "wire format");

#define VLAN_PRIO_MASK	0xe000
#define VLAN_PRIO_SHIFT	13
#define VLAN_CFI_MASK	0x1000
#define VLAN_VID_MASK	0x0fff
#define VLAN_N_VID	4096

/* Valid after the frame's first ETH_HLEN bytes were checked (eth_type_trans)
 * or built. */
static inline struct ethhdr *eth_hdr(const struct sk_buff *skb)
{
	return (struct ethhdr *)skb_mac_header(skb);
}

static inline bool ether_addr_equal(const u8 *a, const u8 *b)
{
	return !memcmp(a, b, ETH_ALEN);
}
static inline void ether_addr_copy(u8 *to, const u8 *from)
{
	memcpy(to, from, ETH_ALEN);
}
static inline bool is_zero_ether_addr(const u8 *a)
{
	return !(a[0] | a[1] | a[2] | a[3] | a[4] | a[5]);
}
static inline bool is_multicast_ether_addr(const u8 *a) { return a[0] & 1; }
static inline bool is_broadcast_ether_addr(const u8 *a)
{
	return (a[0] & a[1] & a[2] & a[3] & a[4] & a[5]) == 0xff;
}
static inline bool is_valid_ether_addr(const u8 *a)
{
	return !is_multicast_ether_addr(a) && !is_zero_ether_addr(a);
}
static inline void eth_broadcast_addr(u8 *a) { memset(a, 0xff, ETH_ALEN); }

#endif
