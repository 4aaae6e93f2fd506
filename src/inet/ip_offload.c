/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GRO and GSO for IPv4: the part that both transports share. A packet may
 * join a held one when everything in the header but length, identification
 * and checksum is equal; identifications must count up, unless DF says that
 * they mean nothing (RFC 6864). The property to keep: cutting what was merged
 * gives the packets back, byte for byte.
 */
#include "buf/wire/ip.h"
#include "dev/gro.h"
#include "inet/ipv4_net.h"

/* --- GRO ------------------------------------------------------------------------- */

/* Whole, plain, and of the length that it says (no padding). */
static bool gro_header_ok(const struct sk_buff *skb, const struct iphdr *iph)
{
	return iph->version_ihl == (IPVERSION << 4 | 5) &&
	       !ip_fast_csum(iph, 5) && !ip_is_fragment(iph) &&
	       be16_to_cpu(iph->tot_len) == skb_gro_len(skb);
}

/* What NAPI_GRO_CB(p)->flush_id says of the packets merged so far. */
enum { GRO_ID_COUNTS = 1, GRO_ID_FIXED };

/*
 * Identification of skb as it should be behind p's packets: one more, or with
 * DF (some hosts send 0) always the same. The second packet decides which.
 */
static bool gro_id_follows(struct sk_buff *p, const struct iphdr *held,
			   const struct iphdr *iph)
{
	u16 next = (u16)(be16_to_cpu(held->id) + NAPI_GRO_CB(p)->count);
	bool fixed = iph->id == held->id &&
		     be16_to_cpu(iph->frag_off) & IP_DF;

	if (NAPI_GRO_CB(p)->count == 1)
		NAPI_GRO_CB(p)->flush_id = fixed ? GRO_ID_FIXED
						 : GRO_ID_COUNTS;
	if (NAPI_GRO_CB(p)->flush_id == GRO_ID_FIXED)
		return fixed;
	return be16_to_cpu(iph->id) == next;
}

/* Held packets of other hosts are no match; those that match but differ in
 * other ways are to be flushed by the transport (flush). */
static void gro_mark_flows(struct sk_buff *head, struct sk_buff *skb,
			   u32 off, const struct iphdr *iph)
{
	for (struct sk_buff *p = head; p; p = p->next) {
		const struct iphdr *held;

		if (!NAPI_GRO_CB(p)->same_flow)
			continue;
		held = skb_gro_header(p, sizeof(*held), off);
		if (!held || held->saddr != iph->saddr ||
		    held->daddr != iph->daddr ||
		    held->protocol != iph->protocol) {
			NAPI_GRO_CB(p)->same_flow = 0;
			continue;
		}
		NAPI_GRO_CB(p)->flush = held->ttl != iph->ttl ||
					held->tos != iph->tos ||
					held->frag_off != iph->frag_off ||
					!gro_id_follows(p, held, iph);
	}
}

static struct sk_buff **inet_gro_receive(struct sk_buff **head,
					 struct sk_buff *skb)
{
	struct ipv4_net *ip = skb->dev->net->ipv4;
	const struct inet_offload *o;
	u32 off = skb_gro_offset(skb);
	const struct iphdr *iph = skb_gro_header(skb, sizeof(*iph), off);

	if (!iph || !gro_header_ok(skb, iph))
		goto flush;
	o = rcu_dereference(ip->offloads[iph->protocol]);
	if (!o || !o->gro_receive)
		goto flush;
	gro_mark_flows(*head, skb, off, iph);
	NAPI_GRO_CB(skb)->is_atomic =
		!!(be16_to_cpu(iph->frag_off) & IP_DF);
	NAPI_GRO_CB(skb)->flush_id = 0;
	NAPI_GRO_CB(skb)->proto = iph->protocol;
	skb->network_header = (u16)(skb->data - skb->head + (int)off);
	skb_gro_pull(skb, sizeof(*iph));
	skb_set_transport_header(skb, (int)skb_gro_offset(skb));
	return o->gro_receive(head, skb);

flush:
	NAPI_GRO_CB(skb)->flush = 1;
	return NULL;
}

static int inet_gro_complete(struct sk_buff *skb, int nhoff)
{
	struct iphdr *iph = (struct iphdr *)(skb->data + nhoff);
	const struct inet_offload *o =
		rcu_dereference(skb->dev->net->ipv4->offloads[iph->protocol]);
	bool fixed = NAPI_GRO_CB(skb)->flush_id == GRO_ID_FIXED;
	int err;

	iph->tot_len = cpu_to_be16(skb->len - (u32)nhoff);
	ip_send_check(iph);
	if (!o || !o->gro_complete)
		return -ENOSYS;
	err = o->gro_complete(skb, nhoff + (int)sizeof(*iph));
	if (fixed)
		skb_shinfo(skb)->gso_type |= SKB_GSO_TCP_FIXEDID;
	return err;
}

/* --- GSO -------------------------------------------------------------------------- */

/* Each segment's own length and identification. */
static void gso_fix_headers(struct sk_buff *segs, u16 id, u16 step)
{
	for (struct sk_buff *seg = segs; seg; seg = seg->next) {
		struct iphdr *iph = ip_hdr(seg);

		iph->id = cpu_to_be16(id);
		id = (u16)(id + step);
		iph->tot_len = cpu_to_be16((u32)((int)seg->len -
						 skb_network_offset(seg)));
		ip_send_check(iph);
	}
}

/* skb->data at the IP header; not consumed. */
static struct sk_buff *inet_gso_segment(struct sk_buff *skb,
					netdev_features_t features)
{
	const struct inet_offload *o;
	struct ipv4_net *ip = skb->dev->net->ipv4;
	const struct iphdr *iph;
	struct sk_buff *segs;
	u32 ihl;
	u16 id, step;

	step = !(skb_shinfo(skb)->gso_type & SKB_GSO_TCP_FIXEDID);
	skb_reset_network_header(skb);
	if (!pskb_may_pull(skb, sizeof(*iph)))
		return ERR_PTR(-EINVAL);
	iph = ip_hdr(skb);
	ihl = iph_len(iph);
	if (ip_version(iph) != IPVERSION || ihl < sizeof(*iph) ||
	    !pskb_may_pull(skb, ihl))
		return ERR_PTR(-EINVAL);
	iph = ip_hdr(skb);
	/* A fragment has no transport header to cut by. */
	if (ip_is_fragment(iph))
		return ERR_PTR(-EINVAL);
	o = rcu_dereference(ip->offloads[iph->protocol]);
	if (!o || !o->gso_segment)
		return ERR_PTR(-EPROTONOSUPPORT);
	id = be16_to_cpu(iph->id);
	skb_pull(skb, ihl);
	skb_reset_transport_header(skb);
	segs = o->gso_segment(skb, features);
	if (!IS_ERR_OR_NULL(segs))
		gso_fix_headers(segs, id, step);
	return segs;
}

void ip_offload_init(struct ipv4_net *ip)
{
	ip->ip_offload.type = cpu_to_be16(ETH_P_IP);
	ip->ip_offload.gro_receive = inet_gro_receive;
	ip->ip_offload.gro_complete = inet_gro_complete;
	ip->ip_offload.gso_segment = inet_gso_segment;
}
