/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * UDP in large packets. Down: one packet of UDP_SEGMENT is cut into datagrams
 * of gso_size. Up: datagrams of one flow and one size travel as one packet, if
 * and only if the socket they are for has asked for it (UDP_GRO): they are
 * datagrams, and only who knows their size can take them apart.
 */
#include "udp/udp_sock.h"

#include "dev/gro.h"

#define UDP_GRO_MAX	64	/* datagrams in one packet, as in Linux */
#define UDP_HLEN	((u32)sizeof(struct udphdr))

/* --- down ----------------------------------------------------------------------------- */

/* Length and pseudo-header sum of one segment; the device, or who finishes
 * CHECKSUM_PARTIAL in software, does the rest. */
static void segment_header(struct sk_buff *seg)
{
	const struct iphdr *iph = ip_hdr(seg);
	struct udphdr *uh = udp_hdr(seg);
	u32 len = (u32)(skb_tail_pointer(seg) - (u8 *)uh) + seg->data_len;

	uh->len = cpu_to_be16(len);
	uh->check = (__force __sum16)(u16)~(__force u16)
		csum_tcpudp_magic(iph->saddr, iph->daddr, len, IPPROTO_UDP, 0);
	seg->ip_summed = CHECKSUM_PARTIAL;
	seg->csum_start = seg->transport_header;
	seg->csum_offset = offsetof(struct udphdr, check);
}

static struct sk_buff *udp_gso_segment(struct sk_buff *skb,
				       netdev_features_t features)
{
	struct sk_buff *segs;

	if (!(skb_shinfo(skb)->gso_type & SKB_GSO_UDP_L4) ||
	    !pskb_may_pull(skb, UDP_HLEN))
		return ERR_PTR(-EINVAL);
	skb_pull(skb, UDP_HLEN);
	segs = skb_segment(skb, features);
	if (IS_ERR_OR_NULL(segs))
		return segs;
	for (struct sk_buff *seg = segs; seg; seg = seg->next)
		segment_header(seg);
	return segs;
}

/* --- up -------------------------------------------------------------------------------- */

static bool socket_wants_gro(struct sk_buff *skb, const struct udphdr *uh)
{
	struct net *net = skb->dev->net;
	const struct iphdr *iph = ip_hdr(skb);
	struct sock *sk;

	if (likely(!READ_ONCE(udp_net(net)->gro_sockets)))
		return false;
	sk = udp_lookup(net, iph->saddr, uh->source, iph->daddr, uh->dest,
			skb->dev->ifindex, NULL);
	return sk && udp_sk(sk)->gro_enabled;
}

/* What is merged is not verified again. */
static bool gro_checksum_ok(struct sk_buff *skb, const struct udphdr *uh)
{
	const struct iphdr *iph = ip_hdr(skb);
	u32 off = skb_gro_offset(skb), len = skb_gro_len(skb);
	__wsum csum;

	if (!uh->check || skb_csum_unnecessary(skb))
		return true;
	csum = csum_tcpudp_nofold(iph->saddr, iph->daddr, len, IPPROTO_UDP, 0);
	if (csum_fold(skb_checksum(skb, off, len, csum)))
		return false;
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb->csum_valid = 1;
	return true;
}

/* Merges skb into the held packet p; true: p is complete with it (or without,
 * when skb does not go on). */
static bool gro_merge_into(struct sk_buff *p, struct sk_buff *skb, u32 ulen,
			   u32 held)
{
	if (ulen > held || NAPI_GRO_CB(p)->count >= UDP_GRO_MAX)
		return true;
	if (skb_gro_receive(p, skb))
		return true;
	return ulen < held || NAPI_GRO_CB(p)->count >= UDP_GRO_MAX;
}

static struct sk_buff **udp_gro_receive(struct sk_buff **head,
					struct sk_buff *skb)
{
	u32 off = skb_gro_offset(skb), ulen;
	const struct udphdr *uh, *held;
	struct sk_buff **pp, *p;

	uh = skb_gro_header(skb, UDP_HLEN, off);
	if (!uh || !socket_wants_gro(skb, uh) ||
	    be16_to_cpu(uh->len) != skb_gro_len(skb) ||
	    be16_to_cpu(uh->len) <= UDP_HLEN || !gro_checksum_ok(skb, uh)) {
		NAPI_GRO_CB(skb)->flush = 1;
		return NULL;
	}
	ulen = be16_to_cpu(uh->len);
	skb_gro_pull(skb, UDP_HLEN);
	for (pp = head; (p = *pp); pp = &p->next) {
		if (!NAPI_GRO_CB(p)->same_flow)
			continue;
		held = (const struct udphdr *)(const void *)(p->data + off);
		if (held->source != uh->source || held->dest != uh->dest ||
		    !held->check != !uh->check) {
			NAPI_GRO_CB(p)->same_flow = 0;
			continue;
		}
		return gro_merge_into(p, skb, ulen, be16_to_cpu(held->len)) ?
		       pp : NULL;
	}
	return NULL;
}

static int udp_gro_complete(struct sk_buff *skb, int thoff)
{
	struct udphdr *uh = (struct udphdr *)(void *)(skb->data + thoff);
	struct skb_shared_info *si = skb_shinfo(skb);
	u32 len = skb->len - (u32)thoff;

	si->gso_type = SKB_GSO_UDP_L4;
	si->gso_segs = NAPI_GRO_CB(skb)->count;
	if (uh->check) {
		skb->transport_header = (u16)((u8 *)uh - skb->head);
		uh->check = (__force __sum16)(u16)~(__force u16)
			csum_tcpudp_magic(ip_hdr(skb)->saddr, ip_hdr(skb)->daddr,
					  len, IPPROTO_UDP, 0);
		skb->ip_summed = CHECKSUM_PARTIAL;
		skb->csum_start = skb->transport_header;
		skb->csum_offset = offsetof(struct udphdr, check);
	}
	return 0;
}

const struct inet_offload udp_offload = {
	.gro_receive = udp_gro_receive,
	.gro_complete = udp_gro_complete,
	.gso_segment = udp_gso_segment,
};
