/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cutting a datagram to the MTU: RFC 791 3.2, RFC 1812 4.2.2.7, RFC 1191 4.
 *
 * Each fragment is a packet of its own with a copy of its part of the
 * payload; the last takes over the sender's memory charge, so that the socket
 * gets its room back when all are sent.
 */
#include "inet/ip.h"

#include "inet/rtable.h"

struct frag_state {
	struct sk_buff *skb;		/* the datagram */
	u32 hlen, max;			/* header; payload per fragment */
	u32 pos, left;			/* in skb, from data */
	u32 offset;			/* of pos in the original datagram */
	bool mf;			/* skb is a fragment itself, not the last */
};

/* What belongs to the packet but not to its bytes. */
static void frag_copy_metadata(struct sk_buff *to, const struct sk_buff *from)
{
	to->dev = from->dev;
	to->protocol = from->protocol;
	to->pkt_type = from->pkt_type;
	to->priority = from->priority;
	to->mark = from->mark;
	to->hash = from->hash;
	to->l4_hash = from->l4_hash;
	to->tstamp = from->tstamp;
	to->queue_mapping = from->queue_mapping;
	*IPCB(to) = *IPCB(from);
	IPCB(to)->frag_max_size = 0;
	dst_hold(from->dst);
	skb_dst_set(to, from->dst);
}

/* The memory charge moves with its size; `from` charges nobody any more. Linux
 * stamps the time of the first fragment, here it is that of the last, which
 * has the owner to tell. */
static void frag_move_owner(struct sk_buff *to, struct sk_buff *from)
{
	u32 truesize = to->truesize;

	if (!from->destructor)
		return;
	to->sk = from->sk;
	to->destructor = from->destructor;
	to->truesize = from->truesize;
	from->truesize = truesize;
	skb_take_stamps(to, from);
	from->sk = NULL;
	from->destructor = NULL;
}

static void frag_header(const struct frag_state *s, struct sk_buff *frag,
			u32 len)
{
	struct iphdr *iph = ip_hdr(frag);
	u32 off = s->offset / 8;

	/* RFC791 3.1: options without the copied bit are in the first only. */
	if (s->offset && s->hlen > sizeof(*iph))
		ip_options_fragment(iph);
	if (len < s->left || s->mf)
		off |= IP_MF;
	/* Fragments that arrived with DF leave with DF. */
	if (IPCB(frag)->flags & IPSKB_FRAG_PMTU)
		off |= IP_DF;
	iph->frag_off = cpu_to_be16(off);
	iph->tot_len = cpu_to_be16(s->hlen + len);
	ip_send_check(iph);
}

static struct sk_buff *frag_next(struct frag_state *s)
{
	u32 room = ll_headroom(s->skb->dst->dev), len = min(s->left, s->max);
	struct sk_buff *frag;
	u8 *p;

	if (len < s->left)
		len &= ~7u;
	frag = alloc_skb(room + s->hlen + len);
	if (!frag)
		return NULL;
	skb_reserve(frag, room);
	skb_reset_network_header(frag);
	p = skb_put(frag, s->hlen + len);
	frag->transport_header = (u16)(frag->network_header + s->hlen);
	memcpy(p, skb_network_header(s->skb), s->hlen);
	if (skb_copy_bits(s->skb, s->pos, p + s->hlen, len, COPY_FRAGMENT)) {
		kfree_skb_reason(frag, SKB_DROP_REASON_FRAG_MALFORMED);
		return NULL;
	}
	frag_copy_metadata(frag, s->skb);
	frag_header(s, frag, len);
	s->pos += len;
	s->offset += len;
	s->left -= len;
	if (!s->left)
		frag_move_owner(frag, s->skb);
	return frag;
}

/* RFC1191 4: not with DF; nor larger than what was seen to come through. */
static bool frag_forbidden(const struct sk_buff *skb, u32 mtu)
{
	if (!(be16_to_cpu(ip_hdr(skb)->frag_off) & IP_DF))
		return false;
	return !skb->ignore_df || IPCB(skb)->frag_max_size > mtu;
}

static u32 frag_mtu(const struct sk_buff *skb)
{
	u32 mtu = ip_skb_mtu(skb), seen = IPCB(skb)->frag_max_size;

	return seen ? min(seen, mtu) : mtu;
}

static int frag_all(struct net *net, struct sock *sk, struct frag_state *s,
		    int (*output)(struct net *, struct sock *,
				  struct sk_buff *))
{
	while (s->left) {
		struct sk_buff *frag = frag_next(s);
		int err;

		if (!frag)
			return -ENOMEM;
		NET_INC_STATS(net, Ip, FragCreates);
		skb_stage(frag, STAGE_ip_fragment);
		err = output(net, sk, frag);
		if (err)
			return err;
	}
	return 0;
}

int ip_do_fragment(struct net *net, struct sock *sk, struct sk_buff *skb,
		   int (*output)(struct net *, struct sock *, struct sk_buff *))
{
	u32 mtu = frag_mtu(skb), hlen = ip_hdrlen(skb);
	u32 frag_off = be16_to_cpu(ip_hdr(skb)->frag_off);
	struct frag_state s = {
		.skb = skb, .hlen = hlen, .pos = hlen, .left = skb->len - hlen,
		.offset = (frag_off & IP_OFFSET) * 8, .mf = frag_off & IP_MF,
	};
	int err = -EMSGSIZE;

	if (skb->len <= mtu)
		return output(net, sk, skb);
	if (frag_forbidden(skb, ip_skb_mtu(skb))) {
		NET_INC_STATS(net, Ip, FragFails);
		icmp_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, mtu);
		kfree_skb_reason(skb, SKB_DROP_REASON_IP_NEED_FRAG);
		return err;
	}
	if (mtu < hlen + 8)
		goto fail;
	s.max = (mtu - hlen) & ~7u;
	/* The transport's checksum is over the whole. */
	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		err = skb_checksum_help(skb);
		if (err)
			goto fail;
	}
	err = frag_all(net, sk, &s, output);
	if (err)
		goto fail;
	NET_INC_STATS(net, Ip, FragOKs);
	consume_skb(skb);
	return 0;

fail:
	NET_INC_STATS(net, Ip, FragFails);
	kfree_skb_reason(skb, err == -ENOMEM ? SKB_DROP_REASON_NOMEM
					     : SKB_DROP_REASON_PKT_TOO_BIG);
	return err;
}
