/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reassembly: RFC 791 3.2, RFC 1122 3.2.1.4, 3.3.2, RFC 815; overlaps as RFC
 * 5722 asks for IPv6; ECN RFC 3168 5.3.
 *
 * The fragments of a datagram hang on its queue's tree by offset and never
 * overlap: what brings nothing new is ignored, what overlaps kills the whole
 * queue, since one of the two is a lie. The whole is the first fragment with
 * the others on its frag_list; no byte is copied. Queues, their memory and
 * their time are in inet_frag.c.
 */
#include "inet/ip.h"

#include "inet/ipv4_net.h"

/* --- one fragment ------------------------------------------------------------------- */

/* RFC791 3.2: where it belongs, and whether that can be. Sets end, trims to
 * whole units. */
static bool frag_geometry(struct ipq *q, struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	u32 field = be16_to_cpu(iph->frag_off), ihl = iph_len(iph);
	u32 offset = (field & IP_OFFSET) * 8, end = offset + skb->len - ihl;

	if (end > IPV4_MAX_LEN)
		return false;
	if (!(field & IP_MF)) {
		/* The last: nothing behind it, and there is one last. */
		if (end < q->len || (q->last_in & IPQ_LAST_IN && end != q->len))
			return false;
		q->last_in |= IPQ_LAST_IN;
		q->len = end;
	} else {
		end &= ~7u;
		if (end > q->len) {
			if (q->last_in & IPQ_LAST_IN)
				return false;
			q->len = end;
		}
	}
	if (end <= offset)
		return false;
	FRAG_CB(skb)->offset = offset;
	FRAG_CB(skb)->end = end;
	skb_pull(skb, ihl);
	if (skb->len == end - offset)
		return true;
	return !pskb_trim_rcsum(skb, end - offset);
}

/* All of [offset, end) is in the run of fragments that begins with skb. */
static bool frag_covered(struct sk_buff *skb, u32 end)
{
	struct sk_buff *next;

	while (FRAG_CB(skb)->end < end) {
		next = skb_rb_next(skb);
		if (!next || FRAG_CB(next)->offset != FRAG_CB(skb)->end)
			return false;
		skb = next;
	}
	return true;
}

/* SKB_NOT_DROPPED_YET: in the tree. FRAG_DUPLICATE: brings nothing.
 * FRAG_OVERLAP. */
static enum skb_drop_reason frag_insert(struct ipq *q, struct sk_buff *skb)
{
	struct rb_node **p = &q->frags.rb_node, *parent = NULL;
	u32 offset = FRAG_CB(skb)->offset, end = FRAG_CB(skb)->end;
	struct sk_buff *prev = NULL, *next = NULL;

	while (*p) {
		struct sk_buff *at = rb_to_skb(*p);

		parent = *p;
		if (FRAG_CB(at)->offset <= offset) {
			prev = at;
			p = &parent->rb_right;
		} else {
			next = at;
			p = &parent->rb_left;
		}
	}
	if (prev && FRAG_CB(prev)->end > offset)
		return frag_covered(prev, end) ? SKB_DROP_REASON_FRAG_DUPLICATE
					       : SKB_DROP_REASON_FRAG_OVERLAP;
	if (next && FRAG_CB(next)->offset < end)
		return SKB_DROP_REASON_FRAG_OVERLAP;
	rb_link_node(&skb->rbnode, parent, p);
	rb_insert_color(&skb->rbnode, &q->frags);
	return SKB_NOT_DROPPED_YET;
}

/* What the whole will need to know of its fragments. */
static void ipq_note(struct ipq *q, const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	u32 size = FRAG_CB(skb)->end - FRAG_CB(skb)->offset + iph_len(iph);

	if (!FRAG_CB(skb)->offset)
		q->last_in |= IPQ_FIRST_IN;
	q->meat += FRAG_CB(skb)->end - FRAG_CB(skb)->offset;
	q->ecn |= (u8)(1u << (iph->tos & INET_ECN_MASK));
	q->max_size = max(q->max_size, size);
	if (be16_to_cpu(iph->frag_off) & IP_DF)
		q->max_df_size = max(q->max_df_size, size);
}

/* Fragments of the same source that came in between: the counter has wrapped
 * since (RFC 4963), what is here belongs to an older datagram. */
static void ipq_check_distance(struct net *net, struct ipq *q)
{
	u32 max_dist = net->ipv4->sysctl.ipfrag_max_dist;
	u32 rid = ++q->source->rid, distance = rid - q->rid;

	q->rid = rid;
	if (!max_dist || distance <= max_dist || !q->meat)
		return;
	NET_INC_STATS(net, Ip, ReasmFails);
	ipq_drop_frags(q, SKB_DROP_REASON_FRAG_TOO_FAR);
	ipq_uncharge(&net->ipv4->frags, q, q->mem - (u32)sizeof(*q));
	q->last_in = 0;
	q->len = q->meat = q->max_size = q->max_df_size = 0;
	q->ecn = 0;
}

/* --- the whole ------------------------------------------------------------------------ */

/* RFC3168 5.3: CE in one means CE; not-ECT mixed with ECT cannot be. False:
 * drop. */
static bool ipq_ecn(const struct ipq *q, u8 *tos)
{
	const u8 not_ect = 1u << INET_ECN_NOT_ECT;

	if (q->ecn & not_ect && q->ecn != not_ect)
		return false;
	if (q->ecn & 1u << INET_ECN_CE)
		*tos |= INET_ECN_CE;
	return true;
}

/* One fragment onto the end of head's list. */
static void reasm_append(struct sk_buff *head, struct sk_buff ***tail,
			 struct sk_buff *skb)
{
	skb->next = skb->prev = NULL;
	**tail = skb;
	*tail = &skb->next;
	head->len += skb->len;
	head->data_len += skb->len;
	head->truesize += skb->truesize;
	if (head->ip_summed != skb->ip_summed)
		head->ip_summed = CHECKSUM_NONE;
	else if (head->ip_summed == CHECKSUM_COMPLETE)
		head->csum = csum_add(head->csum, skb->csum);
}

/* Head's buffer will be written to, and lists do not nest. */
static bool reasm_prepare(struct ipq *q, struct sk_buff *head)
{
	struct rb_node *node;

	if (skb_cloned(head) && pskb_expand_head(head, 0, 0))
		return false;
	for (node = rb_first(&q->frags); node; node = rb_next(node)) {
		struct sk_buff *skb = rb_to_skb(node);

		if (skb_shinfo(skb)->frag_list && skb_linearize(skb))
			return false;
	}
	return true;
}

static void reasm_header(const struct ipq *q, struct sk_buff *head, u8 tos)
{
	struct iphdr *iph = ip_hdr(head);

	skb_push(head, iph_len(iph));
	iph->tot_len = cpu_to_be16(head->len);
	iph->tos = tos;
	iph->frag_off = 0;
	IPCB(head)->frag_max_size = (u16)q->max_size;
	/* The largest had DF: so has the whole, and it may be cut again. */
	if (q->max_df_size == q->max_size) {
		IPCB(head)->flags |= IPSKB_FRAG_PMTU;
		iph->frag_off = cpu_to_be16(IP_DF);
	}
	IPCB(head)->flags |= IPSKB_FRAG_COMPLETE;
	ip_send_check(iph);
	head->transport_header = (u16)(head->network_header + iph_len(iph));
}

/* All is here: q's fragments as one packet; NULL: it cannot be. */
static struct sk_buff *ipq_reasm(struct ipq *q)
{
	struct sk_buff *head = skb_rb_first(&q->frags), **tail;
	u8 tos = ip_hdr(head)->tos;
	struct rb_node *node;

	/* RFC791: 65535 with the header. */
	if (q->len + ip_hdrlen(head) > IPV4_MAX_LEN || !ipq_ecn(q, &tos) ||
	    !reasm_prepare(q, head))
		return NULL;
	rb_erase(&head->rbnode, &q->frags);
	head->next = head->prev = NULL;
	tail = &skb_shinfo(head)->frag_list;
	while ((node = rb_first(&q->frags))) {
		rb_erase(node, &q->frags);
		reasm_append(head, &tail, rb_to_skb(node));
	}
	reasm_header(q, head, tos);
	return head;
}

/* --- ip_defrag ---------------------------------------------------------------------------- */

static void frag_reject(struct net *net, struct sk_buff *skb,
			enum skb_drop_reason why)
{
	NET_INC_STATS(net, Ip, ReasmFails);
	kfree_skb_reason(skb, why);
}

/* The queue is worth nothing any more, nor is skb. */
static void ipq_reject(struct net *net, struct ipq *q, struct sk_buff *skb,
		       enum skb_drop_reason why)
{
	if (why == SKB_DROP_REASON_FRAG_OVERLAP)
		NET_INC_STATS(net, IpExt, ReasmOverlaps);
	frag_reject(net, skb, why);
	ipq_kill(&net->ipv4->frags, q, why);
}

/* skb into q; the whole if that was the last missing. Consumes. Lock held. */
static struct sk_buff *ipq_add(struct net *net, struct ipq *q,
			       struct sk_buff *skb)
{
	struct ip_frags *f = &net->ipv4->frags;
	struct net_device *dev = skb->dev;
	enum skb_drop_reason why;
	struct sk_buff *whole;

	ipq_check_distance(net, q);
	why = SKB_DROP_REASON_FRAG_MALFORMED;
	if (!frag_geometry(q, skb)) {
		ipq_reject(net, q, skb, why);
		return NULL;
	}
	why = frag_insert(q, skb);
	if (why == SKB_DROP_REASON_FRAG_DUPLICATE) {
		kfree_skb_reason(skb, why);
		return NULL;
	}
	if (why) {
		ipq_reject(net, q, skb, why);
		return NULL;
	}
	ipq_note(q, skb);
	ipq_charge(f, q, skb->truesize);
	if (q->last_in != (IPQ_FIRST_IN | IPQ_LAST_IN) || q->meat != q->len)
		return NULL;
	whole = ipq_reasm(q);
	if (whole) {
		NET_INC_STATS(net, Ip, ReasmOKs);
		whole->dev = dev;
	} else {
		NET_INC_STATS(net, Ip, ReasmFails);
	}
	ipq_kill(f, q, SKB_DROP_REASON_FRAG_MALFORMED);
	return whole;
}

struct sk_buff *ip_defrag(struct net *net, struct sk_buff *skb, u32 user)
{
	struct ip_frags *f = &net->ipv4->frags;
	struct dst_entry *dst = skb->dst;
	bool noref = skb->dst_noref;
	struct ip_frag_source *src;
	struct ipq *q;

	skb_stage(skb, STAGE_ip_defrag);
	NET_INC_STATS(net, Ip, ReasmReqds);
	skb_orphan(skb);
	/* The whole goes the way of the fragment that completes it. */
	skb->dst = NULL;
	skb->dst_noref = 0;
	spin_lock_bh(&f->lock);
	q = ipq_find(f, ip_hdr(skb), user);
	if (!q)
		q = ipq_create(net, ip_hdr(skb), user);
	if (q) {
		/* q may be gone afterwards */
		src = q->source;
		skb = ipq_add(net, q, skb);
		ip_frags_make_room(net, src);
	} else {
		frag_reject(net, skb, SKB_DROP_REASON_NOMEM);
		skb = NULL;
	}
	spin_unlock_bh(&f->lock);
	if (skb) {
		skb->dst = dst;
		skb->dst_noref = noref;
		skb->ignore_df = user != IP_DEFRAG_LOCAL_DELIVER;
	} else if (!noref) {
		dst_release(dst);
	}
	return skb;
}
