/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The header comes from outside, so nothing in it is believed: every offset is
 * held against the frame's own headers, and what does not agree is refused
 * whole. virtio 1.2, 5.1.6.3.1 and 5.1.6.4.2; where they leave the receiver a
 * choice (hdr_len wrong), the field is ignored.
 *
 * A GSO frame must be exactly what its type says: right ethertype, an IP header
 * without fragmentation (v6: without extension headers), the transport right
 * behind it, whole transport header, checksum to be finished in its checksum
 * field, payload of more than nothing in a sane number of segments.
 */
#include "drivers/tap/tap_vnet.h"
#include "buf/wire/eth.h"
#include "buf/wire/ip.h"
#include "buf/wire/tcp.h"
#include "buf/wire/udp.h"

#define IPV6_HLEN	40
#define VNET_MAX_SEGS	2048	/* 64 KiB at less than any real MSS */

/* What the frame's own headers say. */
struct frame_shape {
	__be16 ethertype;
	u8 transport;		/* IPPROTO_* */
	u32 thoff;		/* transport header, from the Ethernet header */
};

static int vnet_csum(struct sk_buff *skb, const struct vnet_hdr *h)
{
	u32 start = h->csum_start, end = start + h->csum_offset + 2u;

	if (start < ETH_HLEN || end > skb->len || !pskb_may_pull(skb, end))
		return -EINVAL;
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = (u16)(skb_headroom(skb) + start);
	skb->csum_offset = h->csum_offset;
	return 0;
}

static int shape_ipv4(struct sk_buff *skb, struct frame_shape *f)
{
	const struct iphdr *ih;

	if (!pskb_may_pull(skb, ETH_HLEN + sizeof(*ih)))
		return -EINVAL;
	ih = (const struct iphdr *)(skb->data + ETH_HLEN);
	if (ip_version(ih) != IPVERSION || iph_len(ih) < sizeof(*ih) ||
	    ip_is_fragment(ih))
		return -EINVAL;
	f->transport = ih->protocol;
	f->thoff = ETH_HLEN + iph_len(ih);
	return 0;
}

static int shape_ipv6(struct sk_buff *skb, struct frame_shape *f)
{
	if (!pskb_may_pull(skb, ETH_HLEN + IPV6_HLEN) ||
	    skb->data[ETH_HLEN] >> 4 != 6)
		return -EINVAL;
	f->transport = skb->data[ETH_HLEN + 6];
	f->thoff = ETH_HLEN + IPV6_HLEN;
	return 0;
}

static int frame_shape(struct sk_buff *skb, struct frame_shape *f)
{
	f->ethertype = ((const struct ethhdr *)skb->data)->h_proto;
	switch (be16_to_cpu(f->ethertype)) {
	case ETH_P_IP:
		return shape_ipv4(skb, f);
	case ETH_P_IPV6:
		return shape_ipv6(skb, f);
	default:
		return -EINVAL;
	}
}

/* Length of all headers up to the payload, or -EINVAL. */
static int transport_end(struct sk_buff *skb, const struct frame_shape *f)
{
	u32 doff;

	if (f->transport == IPPROTO_UDP)
		return pskb_may_pull(skb, f->thoff + sizeof(struct udphdr)) ?
		       (int)(f->thoff + sizeof(struct udphdr)) : -EINVAL;
	if (!pskb_may_pull(skb, f->thoff + sizeof(struct tcphdr)))
		return -EINVAL;
	doff = (u32)(skb->data[f->thoff + 12] >> 4) * 4;
	if (doff < sizeof(struct tcphdr) ||
	    !pskb_may_pull(skb, f->thoff + doff))
		return -EINVAL;
	return (int)(f->thoff + doff);
}

/* SKB_GSO_*, or 0: type and frame do not agree. */
static u8 gso_type_of(u8 vnet_type, const struct frame_shape *f)
{
	bool v4 = f->ethertype == cpu_to_be16(ETH_P_IP);
	bool tcp = f->transport == IPPROTO_TCP;
	u8 ecn = vnet_type & VNET_GSO_ECN ? SKB_GSO_TCP_ECN : 0;

	switch (vnet_type & ~VNET_GSO_ECN) {
	case VNET_GSO_TCPV4:
		return v4 && tcp ? SKB_GSO_TCPV4 | ecn : 0;
	case VNET_GSO_TCPV6:
		return !v4 && tcp ? SKB_GSO_TCPV6 | ecn : 0;
	case VNET_GSO_UDP_L4:
		return f->transport == IPPROTO_UDP && !ecn ? SKB_GSO_UDP_L4 : 0;
	default:
		return 0;
	}
}

static int vnet_gso(struct sk_buff *skb, const struct vnet_hdr *h)
{
	struct skb_shared_info *si;
	struct frame_shape f;
	u32 payload, segs;
	int hlen;
	u8 type;

	if (!h->gso_size || !(h->flags & VNET_F_NEEDS_CSUM) ||
	    frame_shape(skb, &f))
		return -EINVAL;
	type = gso_type_of(h->gso_type, &f);
	if (!type || h->csum_start != f.thoff ||
	    h->csum_offset != (f.transport == IPPROTO_TCP ? 16 : 6))
		return -EINVAL;
	hlen = transport_end(skb, &f);
	if (hlen < 0 || (u32)hlen >= skb->len)
		return -EINVAL;
	payload = skb->len - (u32)hlen;
	segs = DIV_ROUND_UP(payload, h->gso_size);
	if (segs > VNET_MAX_SEGS)
		return -EINVAL;
	if (segs == 1)
		return 0;	/* one segment: an ordinary packet */
	si = skb_shinfo(skb);
	si->gso_size = h->gso_size;
	si->gso_type = type;
	si->gso_segs = (u16)segs;
	return 0;
}

int vnet_hdr_to_skb(struct sk_buff *skb, const struct vnet_hdr *h)
{
	if (h->flags & VNET_F_NEEDS_CSUM) {
		if (vnet_csum(skb, h))
			return -EINVAL;
	} else if (h->flags & VNET_F_DATA_VALID) {
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	}
	return h->gso_type == VNET_GSO_NONE ? 0 : vnet_gso(skb, h);
}

void vnet_hdr_from_skb(const struct sk_buff *skb, struct vnet_hdr *h)
{
	const struct skb_shared_info *si = skb_shinfo(skb);

	memset(h, 0, sizeof(*h));
	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		h->flags = VNET_F_NEEDS_CSUM;
		h->csum_start = (u16)(skb->csum_start - skb_headroom(skb));
		h->csum_offset = skb->csum_offset;
	}
	if (!si->gso_size)
		return;
	h->gso_size = si->gso_size;
	h->hdr_len = (u16)skb_headlen(skb);
	if (si->gso_type & SKB_GSO_TCPV4)
		h->gso_type = VNET_GSO_TCPV4;
	else if (si->gso_type & SKB_GSO_TCPV6)
		h->gso_type = VNET_GSO_TCPV6;
	else if (si->gso_type & SKB_GSO_UDP_L4)
		h->gso_type = VNET_GSO_UDP_L4;
	if (si->gso_type & SKB_GSO_TCP_ECN)
		h->gso_type |= VNET_GSO_ECN;
}
