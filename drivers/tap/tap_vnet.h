/* SPDX-License-Identifier: BSD-2-Clause */
/* virtio_net_hdr (virtio 1.2, 5.1.6) to and from a packet's metadata. */
#ifndef WEIR_DRIVERS_TAP_TAP_VNET_H
#define WEIR_DRIVERS_TAP_TAP_VNET_H

#include "buf/skbuff.h"

enum {	/* flags */
	VNET_F_NEEDS_CSUM = 1,		/* finish at csum_start + csum_offset */
	VNET_F_DATA_VALID = 2,		/* checksum was verified */
};
enum {	/* gso_type */
	VNET_GSO_NONE = 0,
	VNET_GSO_TCPV4 = 1,
	VNET_GSO_UDP = 3,		/* IP fragmentation: not offered */
	VNET_GSO_TCPV6 = 4,
	VNET_GSO_UDP_L4 = 5,
	VNET_GSO_ECN = 0x80,
};

/* Little-endian; offsets count from the Ethernet header. */
struct vnet_hdr {
	u8 flags;
	u8 gso_type;
	u16 hdr_len;			/* a hint, never believed */
	u16 gso_size;
	u16 csum_start;
	u16 csum_offset;
};
static_assert(sizeof(struct vnet_hdr) == 10, "wire format");

/* skb->data at the Ethernet header. 0, or -EINVAL: the header lies about the
 * frame; the caller drops it (SKB_DROP_REASON_DEV_HDR). */
int vnet_hdr_to_skb(struct sk_buff *skb, const struct vnet_hdr *h);
/* The packet as the device is to see it. */
void vnet_hdr_from_skb(const struct sk_buff *skb, struct vnet_hdr *h);

#endif
