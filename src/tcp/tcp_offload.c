/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GRO and GSO of TCP over IPv4. Segments of one connection that follow each
 * other and differ in nothing but sequence, length, checksum, PSH and FIN are
 * merged on the way up; on the way down a large packet is cut, as late as
 * possible, into segments of gso_size. Cutting undoes merging.
 */
#include "tcp/tcp_out.h"

#include "dev/gro.h"

/* --- GRO -------------------------------------------------------------------------- */

/* Headers must be right before packets are merged: nobody can tell later. */
static bool gro_checksum_ok(struct sk_buff *skb, u32 off)
{
	const struct iphdr *iph = ip_hdr(skb);
	u32 len = skb->len - off;
	__wsum pseudo;

	if (skb->ip_summed == CHECKSUM_UNNECESSARY ||
	    skb->ip_summed == CHECKSUM_PARTIAL)
		return true;
	pseudo = csum_tcpudp_nofold(iph->saddr, iph->daddr, len, IPPROTO_TCP, 0);
	if (csum_fold(skb_checksum(skb, off, len, pseudo)))
		return false;
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	return true;
}

/* The held packet of the same ports; *link points to it. */
static struct sk_buff *gro_find(struct sk_buff **head, const struct tcphdr *th,
				u32 off, struct sk_buff ***link)
{
	for (struct sk_buff **pp = head; *pp; pp = &(*pp)->next) {
		struct sk_buff *p = *pp;
		const struct tcphdr *held;

		if (!NAPI_GRO_CB(p)->same_flow)
			continue;
		held = (const struct tcphdr *)(p->data + off);
		if (held->source == th->source && held->dest == th->dest) {
			*link = pp;
			return p;
		}
		NAPI_GRO_CB(p)->same_flow = 0;
	}
	return NULL;
}

/* May skb follow p directly? */
static bool gro_can_merge(struct sk_buff *p, const struct tcphdr *held,
			  struct sk_buff *skb, const struct tcphdr *th)
{
	const u8 may_differ = TCPHDR_CWR | TCPHDR_FIN | TCPHDR_PSH;
	u32 thlen = tcp_doff(th), len = skb_gro_len(skb);

	if (NAPI_GRO_CB(p)->flush || th->flags & TCPHDR_CWR ||
	    ((th->flags ^ held->flags) & ~may_differ) ||
	    th->doff_res != held->doff_res || th->ack_seq != held->ack_seq)
		return false;
	if (memcmp(th + 1, held + 1, thlen - sizeof(*th)))
		return false;
	if (!len || len > skb_shinfo(p)->gso_size)
		return false;
	return be32_to_cpu(held->seq) + skb_gro_len(p) ==
	       be32_to_cpu(th->seq);
}

/* Ends a train: nothing is to be waited for behind it. */
static bool gro_ends(const struct tcphdr *th, u32 len, u32 mss)
{
	return len < mss || th->flags & (TCPHDR_URG | TCPHDR_PSH | TCPHDR_RST |
					 TCPHDR_SYN | TCPHDR_FIN);
}

static struct sk_buff **tcp4_gro_receive(struct sk_buff **head,
					 struct sk_buff *skb)
{
	u32 off = skb_gro_offset(skb), thlen, len, mss = 1;
	struct sk_buff **link = NULL, *p;
	struct tcphdr *th, *held;
	u8 flags;

	th = skb_gro_header(skb, sizeof(*th), off);
	if (!th)
		goto flush;
	thlen = tcp_doff(th);
	if (thlen < sizeof(*th))
		goto flush;
	th = skb_gro_header(skb, thlen, off);
	if (!th || !gro_checksum_ok(skb, off))
		goto flush;
	skb_gro_pull(skb, thlen);
	len = skb_gro_len(skb);
	flags = th->flags;
	p = gro_find(head, th, off, &link);
	if (p) {
		held = (struct tcphdr *)(p->data + off);
		if (gro_can_merge(p, held, skb, th) &&
		    !skb_gro_receive(p, skb)) {
			held->flags |= flags & (TCPHDR_FIN | TCPHDR_PSH);
			mss = skb_shinfo(p)->gso_size;
			return len < mss || flags & (TCPHDR_URG | TCPHDR_PSH |
						     TCPHDR_FIN) ? link : NULL;
		}
	}
	if (gro_ends(th, len, mss))
		NAPI_GRO_CB(skb)->flush = 1;
	return link;		/* the held one goes first */
flush:
	NAPI_GRO_CB(skb)->flush = 1;
	return NULL;
}

/* One header for all: the checksum is that of the pseudo-header, as if the
 * packet were to be sent. */
static int tcp4_gro_complete(struct sk_buff *skb, int thoff)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct tcphdr *th = (struct tcphdr *)(skb->data + thoff);
	struct skb_shared_info *si = skb_shinfo(skb);

	th->check = (__force __sum16)~(__force u32)
		csum_tcpudp_magic(iph->saddr, iph->daddr,
				  skb->len - (u32)thoff, IPPROTO_TCP, 0);
	skb->csum_start = (u16)((u8 *)th - skb->head);
	skb->csum_offset = offsetof(struct tcphdr, check);
	skb->ip_summed = CHECKSUM_PARTIAL;
	si->gso_type = SKB_GSO_TCPV4;
	si->gso_segs = NAPI_GRO_CB(skb)->count;
	if (th->flags & TCPHDR_CWR)
		si->gso_type |= SKB_GSO_TCP_ECN;
	return 0;
}

/* --- GSO --------------------------------------------------------------------------- */

static void fix_segment(struct sk_buff *seg, u32 seq, u8 clear)
{
	const struct iphdr *iph = ip_hdr(seg);
	struct tcphdr *th = tcp_hdr(seg);
	u32 len = seg->len - (u32)skb_transport_offset(seg);

	th->seq = cpu_to_be32(seq);
	th->flags &= (u8)~clear;
	th->check = (__force __sum16)~(__force u32)
		csum_tcpudp_magic(iph->saddr, iph->daddr, len, IPPROTO_TCP, 0);
	seg->csum_start = (u16)((u8 *)th - seg->head);
	seg->csum_offset = offsetof(struct tcphdr, check);
	seg->ip_summed = CHECKSUM_PARTIAL;
}

/* skb->data at the TCP header; not consumed. */
static struct sk_buff *tcp4_gso_segment(struct sk_buff *skb,
					netdev_features_t features)
{
	u32 mss = skb_shinfo(skb)->gso_size, thlen, seq;
	struct sk_buff *segs, *seg;
	struct tcphdr *th;
	u8 cwr = 0;

	if (!pskb_may_pull(skb, sizeof(*th)))
		return ERR_PTR(-EINVAL);
	th = tcp_hdr(skb);
	thlen = tcp_doff(th);
	if (thlen < sizeof(*th) || !pskb_may_pull(skb, thlen) || !mss ||
	    skb->len <= thlen)
		return ERR_PTR(-EINVAL);
	seq = be32_to_cpu(tcp_hdr(skb)->seq);
	skb_pull(skb, thlen);
	segs = skb_segment(skb, features);
	if (IS_ERR_OR_NULL(segs))
		return segs;
	if (!(skb_shinfo(skb)->gso_type & SKB_GSO_TCP_ACCECN))
		cwr = TCPHDR_CWR;
	/* RFC 3168 6.1.2: CWR once, unless it is of RFC 9768's ACE field; FIN
	 * and PSH belong to the last byte. */
	for (seg = segs; seg; seg = seg->next, seq += mss)
		fix_segment(seg, seq,
			    (seg != segs ? cwr : 0) |
			    (seg->next ? TCPHDR_FIN | TCPHDR_PSH : 0));
	return segs;
}

const struct inet_offload tcp4_offload = {
	.gro_receive = tcp4_gro_receive,
	.gro_complete = tcp4_gro_complete,
	.gso_segment = tcp4_gso_segment,
};
