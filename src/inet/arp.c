/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ARP: RFC 826, RFC 1122 2.3.2, RFC 5227 (announcements, conflicts).
 *
 * arp_rcv checks the form, arp_process the meaning: requests for one of our
 * addresses are answered and teach us the asker; answers update entries that
 * exist already. What a neighbour entry does with the news is the state
 * machine's business (ether/neighbour.h).
 *
 * An answer does not need an entry: when the table is full, askers are
 * answered all the same.
 */
#include "inet/in_device.h"

#include "buf/wire/arp.h"
#include "buf/wire/eth.h"
#include "inet/ip.h"
#include "inet/rtable.h"

/* RFC1122 2.3.2.1: an entry that was just updated is not changed at once;
 * of several answers the first wins. Linux: locktime. */
#define ARP_LOCKTIME	HZ

/* --- sending --------------------------------------------------------------------- */

struct arp_out {
	u16 op;
	__be32 sip, tip;
	const u8 *dst_hw;		/* link-layer destination; NULL: all */
	const u8 *target_hw;		/* in the packet; NULL: zeros */
};

static struct sk_buff *arp_create(struct net_device *dev,
				  const struct arp_out *out)
{
	struct sk_buff *skb = alloc_skb(ll_headroom(dev) + ARP_ETHER_IPV4_LEN);
	struct arp_ether_ipv4 *body;
	struct arphdr *arp;

	if (!skb)
		return NULL;
	skb_reserve(skb, ll_headroom(dev));
	skb_reset_network_header(skb);
	arp = (struct arphdr *)skb_put(skb, ARP_ETHER_IPV4_LEN);
	body = (struct arp_ether_ipv4 *)(arp + 1);
	arp->ar_hrd = cpu_to_be16(dev->type);
	arp->ar_pro = cpu_to_be16(ETH_P_IP);
	arp->ar_hln = ETH_ALEN;
	arp->ar_pln = 4;
	arp->ar_op = cpu_to_be16(out->op);
	ether_addr_copy(body->ar_sha, dev->dev_addr);
	body->ar_sip = out->sip;
	memset(body->ar_tha, 0, ETH_ALEN);
	if (out->target_hw)
		ether_addr_copy(body->ar_tha, out->target_hw);
	body->ar_tip = out->tip;
	skb->dev = dev;
	skb->protocol = cpu_to_be16(ETH_P_ARP);
	return skb;
}

static void arp_send(struct net_device *dev, const struct arp_out *out)
{
	const u8 *dst = out->dst_hw ? out->dst_hw : dev->broadcast;
	struct sk_buff *skb;

	if (dev->flags & IFF_NOARP || dev->addr_len != ETH_ALEN)
		return;
	skb = arp_create(dev, out);
	if (!skb)
		return;
	if (dev->header_ops &&
	    dev->header_ops->create(skb, dev, ETH_P_ARP, dst, dev->dev_addr,
				    skb->len) < 0) {
		kfree_skb_reason(skb, SKB_DROP_REASON_DEV_TX_ERROR);
		return;
	}
	dev_queue_xmit(skb);
}

void arp_announce(struct net_device *dev, __be32 addr)
{
	struct arp_out out = { .op = ARPOP_REQUEST, .sip = addr, .tip = addr };

	arp_send(dev, &out);
}

/* --- neigh_table's ops ---------------------------------------------------------------- */

/* Whose question is it? conf.all.arp_announce 0: the packet's source if it is
 * ours; 1: only if on the target's subnet; 2: the best on dev. */
static __be32 arp_source(struct net_device *dev, const struct sk_buff *skb,
			 __be32 target)
{
	u32 mode = dev->net->ipv4->sysctl.arp_announce;
	struct in_device *in_dev = in_dev_get(dev);
	__be32 saddr;

	if (!skb || mode == 2 || skb->protocol != cpu_to_be16(ETH_P_IP))
		return inet_select_addr(dev, target);
	saddr = ip_hdr(skb)->saddr;
	if (inet_addr_type(dev->net, saddr) != RTN_LOCAL_)
		return inet_select_addr(dev, target);
	if (mode == 1 && !(in_dev && inet_addr_onlink(in_dev, saddr) &&
			   inet_addr_onlink(in_dev, target)))
		return inet_select_addr(dev, target);
	return saddr;
}

/* RFC1122 2.3.2.1 (2): first unicast polls of an address that was known. */
static void arp_solicit(struct neighbour *n, struct sk_buff *skb)
{
	struct arp_out out = { .op = ARPOP_REQUEST };
	u8 ha[MAX_ADDR_LEN];

	memcpy(&out.tip, n->key, sizeof(out.tip));
	out.sip = arp_source(n->dev, skb, out.tip);
	if (!out.sip)
		return;
	if (n->state & NUD_VALID && n->probes < n->tbl->ucast_probes) {
		memcpy(ha, n->ha, sizeof(ha));
		out.dst_hw = ha;
	}
	arp_send(n->dev, &out);
}

static void arp_map_multicast(struct neighbour *n, __be32 addr)
{
	u32 a = be32_to_cpu(addr);

	/* RFC1112 6.4 */
	n->ha[0] = 0x01;
	n->ha[1] = 0x00;
	n->ha[2] = 0x5e;
	n->ha[3] = (u8)(a >> 16 & 0x7f);
	n->ha[4] = (u8)(a >> 8);
	n->ha[5] = (u8)a;
}

/* Sets what needs no question. RFC1122 3.3.6: IP broadcasts and groups go to
 * link-layer ones. */
static int arp_constructor(struct neighbour *n)
{
	struct net_device *dev = n->dev;
	__be32 addr;
	u8 type;

	memcpy(&addr, n->key, sizeof(addr));
	if (dev->flags & (IFF_NOARP | IFF_LOOPBACK) || !dev->header_ops ||
	    dev->addr_len != ETH_ALEN) {
		n->state = NUD_NOARP;
		memcpy(n->ha, dev->flags & IFF_LOOPBACK ? dev->dev_addr
							: dev->broadcast,
		       MAX_ADDR_LEN);
		return 0;
	}
	type = inet_addr_type(dev->net, addr);
	if (type == RTN_MULTICAST_) {
		n->state = NUD_NOARP;
		arp_map_multicast(n, addr);
	} else if (type == RTN_BROADCAST_ || dev->flags & IFF_POINTOPOINT) {
		n->state = NUD_NOARP;
		memcpy(n->ha, dev->broadcast, MAX_ADDR_LEN);
	}
	return 0;
}

/* RFC1122 3.3.1.4: the sender learns that the next hop is dead. */
static void arp_error_report(struct neighbour *n, struct sk_buff *skb)
{
	if (skb->protocol == cpu_to_be16(ETH_P_IP))
		icmp_send(skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
	kfree_skb_reason(skb, SKB_DROP_REASON_NEIGH_FAILED);
}

/* --- receiving --------------------------------------------------------------------------- */

/* May addr be told on dev? conf.all.arp_ignore 0: any of ours; 1: only dev's
 * own; 2: and the asker in its subnet; 8: none. */
static bool arp_may_answer(struct net_device *dev, __be32 sip, __be32 tip)
{
	struct in_device *in_dev = in_dev_get(dev);
	struct in_ifaddr *ifa = inet_lookup_ifaddr(dev->net, tip);
	u32 mode = dev->net->ipv4->sysctl.arp_ignore;

	switch (mode) {
	case 0:
		return true;
	case 1:
		return ifa && ifa->in_dev == in_dev;
	case 2:
		return ifa && ifa->in_dev == in_dev &&
		       (!sip || inet_ifa_match(sip, ifa));
	default:
		return false;
	}
}

/* conf.all.arp_filter: only on the device by which we would answer. */
static bool arp_filtered(struct net_device *dev, __be32 sip)
{
	struct fib_key k = { .daddr = sip };
	struct net *net = dev->net;
	struct fib_info *fi;

	if (!net->ipv4->sysctl.arp_filter || !sip)
		return false;
	if (!fib_lookup(net, &k, &fi) && fi->dev == dev)
		return false;
	NET_INC_STATS(net, TcpExt, ArpFilter);
	return true;
}

/* The asker shows its address: worth an entry, if it can be a neighbour at
 * all; otherwise it could fill the table with anything. */
static void arp_learn_asker(struct net_device *dev, __be32 sip, const u8 *sha)
{
	struct ipv4_net *ip = dev->net->ipv4;
	struct in_device *in_dev = in_dev_get(dev);
	struct neighbour *n = neigh_lookup(&ip->arp_tbl, &sip, dev);

	if (!n) {
		if (!in_dev || !inet_addr_onlink(in_dev, sip))
			return;
		n = neigh_create(&ip->arp_tbl, &sip, dev);
		if (IS_ERR(n))
			return;
	}
	neigh_update(n, sha, NUD_STALE, NEIGH_UPDATE_F_OVERRIDE);
	neigh_release(n);
}

/* RFC826: request for one of ours. True: answered, or deliberately not. */
static bool arp_request(struct sk_buff *skb, const struct arp_ether_ipv4 *body)
{
	struct net_device *dev = skb->dev;
	struct arp_out out = {
		.op = ARPOP_REPLY, .sip = body->ar_tip, .tip = body->ar_sip,
		.dst_hw = body->ar_sha, .target_hw = body->ar_sha,
	};

	if (inet_addr_type(dev->net, body->ar_tip) != RTN_LOCAL_)
		return false;
	if (!arp_may_answer(dev, body->ar_sip, body->ar_tip) ||
	    arp_filtered(dev, body->ar_sip))
		return true;
	/* RFC5227 2.1.1: a probe (from 0.0.0.0) is defended against. */
	if (body->ar_sip)
		arp_learn_asker(dev, body->ar_sip, body->ar_sha);
	arp_send(dev, &out);
	return true;
}

/* News about an address that somebody else has. Answers we did not ask for
 * change existing entries only (conf.all.arp_accept makes new ones). */
static void arp_update(struct sk_buff *skb, u16 op,
		       const struct arp_ether_ipv4 *body)
{
	struct net_device *dev = skb->dev;
	struct ipv4_net *ip = dev->net->ipv4;
	struct in_device *in_dev = in_dev_get(dev);
	bool garp = body->ar_sip == body->ar_tip, override;
	enum neigh_state state = NUD_REACHABLE;
	struct neighbour *n;

	n = neigh_lookup(&ip->arp_tbl, &body->ar_sip, dev);
	if (!n && ip->sysctl.arp_accept && garp && in_dev &&
	    inet_addr_onlink(in_dev, body->ar_sip)) {
		n = neigh_create(&ip->arp_tbl, &body->ar_sip, dev);
		if (IS_ERR(n))
			n = NULL;
	}
	if (!n)
		return;
	override = garp || jiffies() > READ_ONCE(n->updated) + ARP_LOCKTIME;
	/* Only an answer to us confirms the two-way path. */
	if (op != ARPOP_REPLY || skb->pkt_type != PACKET_HOST)
		state = NUD_STALE;
	neigh_update(n, body->ar_sha, state,
		     override ? NEIGH_UPDATE_F_OVERRIDE : 0);
	neigh_release(n);
}

static enum skb_drop_reason arp_process(struct sk_buff *skb)
{
	const struct arp_ether_ipv4 *body = arp_body(skb);
	struct net *net = skb->dev->net;
	u16 op = be16_to_cpu(arp_hdr(skb)->ar_op);

	if (ipv4_is_multicast(body->ar_tip) || ipv4_is_loopback(body->ar_tip) ||
	    ipv4_is_multicast(body->ar_sip) || ipv4_is_lbcast(body->ar_sip) ||
	    ipv4_is_loopback(body->ar_sip) ||
	    !is_valid_ether_addr(body->ar_sha))
		return SKB_DROP_REASON_ARP_MARTIAN;
	/* RFC5227 2.4: somebody claims our address. As Linux we carry on with
	 * it; what must not be is that the claim gets into the table. */
	if (body->ar_sip && inet_lookup_ifaddr(net, body->ar_sip))
		return SKB_DROP_REASON_ARP_MARTIAN;
	if (op == ARPOP_REQUEST && arp_request(skb, body))
		return SKB_NOT_DROPPED_YET;
	if (!body->ar_sip)
		return SKB_DROP_REASON_ARP_NOT_FOR_US;
	arp_update(skb, op, body);
	return SKB_NOT_DROPPED_YET;
}

/* Form: what we can understand at all. */
static bool arp_hdr_ok(const struct sk_buff *skb, const struct net_device *dev)
{
	const struct arphdr *arp = arp_hdr(skb);
	u16 op = be16_to_cpu(arp->ar_op), hrd = be16_to_cpu(arp->ar_hrd);

	/* RFC1042: IEEE 802 networks may say 6. */
	return (hrd == dev->type || (hrd == 6 && dev->type == ARPHRD_ETHER)) &&
	       arp->ar_pro == cpu_to_be16(ETH_P_IP) &&
	       arp->ar_hln == ETH_ALEN && arp->ar_pln == 4 &&
	       (op == ARPOP_REQUEST || op == ARPOP_REPLY);
}

/* Consumes. softirq */
int arp_rcv(struct sk_buff *skb, struct net_device *dev,
	    struct packet_type *pt, struct net_device *orig_dev)
{
	enum skb_drop_reason why = SKB_DROP_REASON_OTHERHOST;

	skb_stage(skb, STAGE_arp_rcv);
	if (dev->flags & (IFF_NOARP | IFF_LOOPBACK) || !in_dev_get(dev) ||
	    skb->pkt_type == PACKET_OTHERHOST ||
	    skb->pkt_type == PACKET_LOOPBACK)
		goto drop;
	skb = skb_share_check(skb);
	if (!skb)
		return 0;
	skb_reset_network_header(skb);
	why = SKB_DROP_REASON_ARP_HDR;
	if (!pskb_may_pull(skb, ARP_ETHER_IPV4_LEN) || !arp_hdr_ok(skb, dev))
		goto drop;
	why = arp_process(skb);
	if (why)
		goto drop;
	consume_skb(skb);
	return 0;

drop:
	kfree_skb_reason(skb, why);
	return 0;
}

int arp_init(struct net *net)
{
	struct neigh_table *t = &net->ipv4->arp_tbl;

	t->family = AF_INET;
	t->key_len = sizeof(__be32);
	t->name = "arp_cache";
	t->solicit = arp_solicit;
	t->constructor = arp_constructor;
	t->error_report = arp_error_report;
	return neigh_table_init(net, t);
}

void arp_exit(struct net *net)
{
	neigh_table_clear(&net->ipv4->arp_tbl);
}
