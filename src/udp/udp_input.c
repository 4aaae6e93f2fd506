/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Datagrams on their way up (RFC 768; RFC 1122 4.1.3): lengths, checksum, the
 * socket. Unicast goes to exactly one socket; to a group or broadcast address
 * every socket that wants it gets a copy. Nobody there: ICMP port unreachable.
 * And ICMP errors about datagrams that we sent (RFC 1122 4.1.3.3).
 *
 * The checksum is verified while the payload is copied to the program, unless
 * somebody must know before (a filter, an error message, nobody to copy to).
 */
#include "udp/udp_sock.h"

#include "dev/gro.h"
#include "inet/route.h"

static u32 skb_dif(const struct sk_buff *skb)
{
	return skb->dev ? skb->dev->ifindex : skb->skb_iif;
}

bool udp_checksum_ok(struct sk_buff *skb)
{
	return skb_csum_unnecessary(skb) || !skb_checksum_complete(skb);
}

/*
 * From here on either the checksum is known to be right, or ip_summed is NONE
 * and skb->csum holds the pseudo-header's sum.
 */
static void udp_csum_init(struct sk_buff *skb, const struct udphdr *uh,
			  const struct iphdr *iph)
{
	__wsum pseudo;

	if (!uh->check) {	/* RFC768: the sender did not compute it */
		skb->ip_summed = CHECKSUM_UNNECESSARY;
		return;
	}
	if (skb_csum_unnecessary(skb))
		return;
	pseudo = csum_tcpudp_nofold(iph->saddr, iph->daddr, skb->len,
				    IPPROTO_UDP, 0);
	if (skb->ip_summed == CHECKSUM_COMPLETE &&
	    !csum_fold(csum_add(skb->csum, pseudo))) {
		skb->ip_summed = CHECKSUM_UNNECESSARY;
		skb->csum_valid = 1;
		return;
	}
	skb->ip_summed = CHECKSUM_NONE;
	skb->csum = pseudo;
}

/* Drop reason if the header is bad. */
static enum skb_drop_reason udp_check_header(struct sk_buff *skb)
{
	u32 ulen;

	if (!pskb_may_pull(skb, sizeof(struct udphdr)))
		return SKB_DROP_REASON_UDP_HDR;
	skb_reset_transport_header(skb);
	ulen = be16_to_cpu(udp_hdr(skb)->len);
	if (ulen > skb->len)
		return SKB_DROP_REASON_PKT_TOO_SMALL;
	/* A packet of GRO: the header's length is that of one segment. */
	if (skb_is_gso(skb))
		return SKB_NOT_DROPPED_YET;
	if (ulen < sizeof(struct udphdr))
		return SKB_DROP_REASON_UDP_HDR;
	if (ulen < skb->len && pskb_trim_rcsum(skb, ulen))
		return SKB_DROP_REASON_NOMEM;
	return SKB_NOT_DROPPED_YET;
}

/* --- delivery ----------------------------------------------------------------------- */

/* Segments of a packet that was merged, for a socket that looks at each of
 * them before it takes it. Consumes. */
static void udp_deliver_segments(struct sock *sk, struct sk_buff *skb)
{
	u32 l4 = (u32)(skb_transport_header(skb) - skb_mac_header(skb));
	struct sk_buff *segs, *next;

	skb_push(skb, (u32)(skb->data - skb_mac_header(skb)));
	segs = skb_gso_segment(skb, NETIF_F_SG | NETIF_F_HW_CSUM);
	if (IS_ERR_OR_NULL(segs)) {
		NET_INC_STATS(sock_net(sk), Udp, InErrors);
		kfree_skb_reason(skb, SKB_DROP_REASON_SKB_CSUM);
		return;
	}
	for (; segs; segs = next) {
		next = segs->next;
		segs->next = NULL;
		/* the sum was right when it was whole, or filled in later */
		segs->ip_summed = CHECKSUM_UNNECESSARY;
		if (!pskb_pull(segs, l4)) {
			kfree_skb_reason(segs, SKB_DROP_REASON_NOMEM);
			continue;
		}
		skb_reset_transport_header(segs);
		udp_queue_rcv_skb(sk, segs);
	}
	consume_skb(skb);
}

static void udp_deliver(struct sock *sk, struct sk_buff *skb)
{
	if (unlikely(skb_is_gso(skb)) && !udp_sk(sk)->gro_enabled &&
	    (READ_ONCE(sk->filter) || !skb_csum_unnecessary(skb)))
		udp_deliver_segments(sk, skb);
	else
		udp_queue_rcv_skb(sk, skb);
}

static bool wants_group_packet(struct sock *sk, const struct sk_buff *skb,
			       const struct udphdr *uh)
{
	const struct iphdr *iph = ip_hdr(skb);
	__be32 daddr = READ_ONCE(sk->c.daddr.v4);
	__be32 laddr = READ_ONCE(sk->c.rcv_saddr.v4);
	__be16 dport = READ_ONCE(sk->c.dport);
	u32 dif = READ_ONCE(sk->c.bound_dev_if);

	return READ_ONCE(sk->c.num) == be16_to_cpu(uh->dest) &&
	       (!daddr || daddr == iph->saddr) &&
	       (!dport || dport == uh->source) &&
	       (!laddr || laddr == iph->daddr) &&
	       (!dif || dif == skb_dif(skb)) &&
	       ip_mc_sf_allow(sk, iph->daddr, iph->saddr, skb_dif(skb));
}

/* The last one gets the packet itself, the others copies. Consumes. */
static void udp_mcast_deliver(struct net *net, struct sk_buff *skb)
{
	const struct udphdr *uh = udp_hdr(skb);
	struct udp_hslot *slot = udp_port_slot(net, be16_to_cpu(uh->dest));
	struct sock *sk, *first = NULL;
	struct sk_buff *copy;

	hlist_for_each_entry(sk, &slot->head, c.node) {
		if (!wants_group_packet(sk, skb, uh))
			continue;
		if (!first) {
			first = sk;
			continue;
		}
		copy = skb_clone(skb);
		if (copy) {
			udp_deliver(sk, copy);
			continue;
		}
		__atomic_fetch_add(&sk->drops, 1, __ATOMIC_RELAXED);
		NET_INC_STATS(net, Udp, RcvbufErrors);
		NET_INC_STATS(net, Udp, InErrors);
	}
	if (first) {
		udp_deliver(first, skb);
		return;
	}
	NET_INC_STATS(net, Udp, IgnoredMulti);
	kfree_skb_reason(skb, SKB_DROP_REASON_NO_SOCKET);
}

static int udp_drop(struct net *net, struct sk_buff *skb,
		    enum skb_drop_reason why)
{
	if (why == SKB_DROP_REASON_UDP_CSUM)
		NET_INC_STATS(net, Udp, InCsumErrors);
	NET_INC_STATS(net, Udp, InErrors);
	kfree_skb_reason(skb, why);
	return 0;
}

/* RFC1122 4.1.3.1: nobody listens. Consumes. */
static int udp_no_socket(struct net *net, struct sk_buff *skb)
{
	if (!udp_checksum_ok(skb))
		return udp_drop(net, skb, SKB_DROP_REASON_UDP_CSUM);
	NET_INC_STATS(net, Udp, NoPorts);
	icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
	kfree_skb_reason(skb, SKB_DROP_REASON_NO_SOCKET);
	return 0;
}

static struct sock *steal_demuxed_sock(struct sk_buff *skb)
{
	struct sock *sk = skb->sk;

	skb->sk = NULL;
	skb->destructor = NULL;
	return sk;
}

/* Cached for early demux: what comes next from the peer comes the same way. */
static void udp_cache_rx_dst(struct sock *sk, struct sk_buff *skb)
{
	struct udp_sock *up = udp_sk(sk);
	struct dst_entry *old;

	if (likely(READ_ONCE(up->rx_dst) == skb->dst) || !skb->dst)
		return;
	dst_hold(skb->dst);
	WRITE_ONCE(up->rx_dst_ifindex, skb_dif(skb));
	old = __atomic_exchange_n(&up->rx_dst, skb->dst, __ATOMIC_ACQ_REL);
	dst_release(old);
}

int udp_rcv(struct sk_buff *skb)
{
	const struct rtable *rt = skb_rtable(skb);
	struct net *net = skb->dev->net;
	const struct iphdr *iph;
	const struct udphdr *uh;
	enum skb_drop_reason why;
	struct sock *sk;

	skb_stage(skb, STAGE_udp_rcv);
	why = udp_check_header(skb);
	if (why)
		return udp_drop(net, skb, why);
	iph = ip_hdr(skb);
	uh = udp_hdr(skb);
	udp_csum_init(skb, uh, iph);
	if (skb->sk) {
		sk = steal_demuxed_sock(skb);
	} else {
		if (rt && (rt->type == RTN_BROADCAST_ ||
			   rt->type == RTN_MULTICAST_)) {
			udp_mcast_deliver(net, skb);
			return 0;
		}
		sk = udp_lookup(net, iph->saddr, uh->source, iph->daddr,
				uh->dest, skb_dif(skb), skb);
	}
	if (!sk)
		return udp_no_socket(net, skb);
	if (READ_ONCE(sk->sk_state) == TCP_ESTABLISHED)
		udp_cache_rx_dst(sk, skb);
	udp_deliver(sk, skb);
	return 0;
}

void udp_early_demux(struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	const struct udphdr *uh;
	struct dst_entry *dst;
	struct sock *sk;
	u32 hlen = iph_len(iph);

	if (skb->pkt_type != PACKET_HOST ||
	    !pskb_may_pull(skb, hlen + (u32)sizeof(*uh)))
		return;
	iph = ip_hdr(skb);
	uh = (const struct udphdr *)((const u8 *)iph + hlen);
	sk = udp_lookup_connected(skb->dev->net, iph->saddr, uh->source,
				  iph->daddr, uh->dest, skb_dif(skb));
	if (!sk)
		return;
	dst = rcu_dereference(udp_sk(sk)->rx_dst);
	if (!dst || !dst->ops->check(dst) ||
	    READ_ONCE(udp_sk(sk)->rx_dst_ifindex) != skb_dif(skb))
		return;
	skb_dst_set_noref(skb, dst);
	skb->sk = sk;		/* valid in this RCU section; no destructor */
	skb->destructor = NULL;
}

/* --- ICMP errors ------------------------------------------------------------------------ */

/* errno, 0: nothing for the socket. *hard: the peer is known not to be there. */
static int udp_err_convert(struct sock *sk, const struct iphdr *iph, u8 type,
			   u8 code, u32 info, bool *hard)
{
	*hard = false;
	switch (type) {
	case ICMP_TIME_EXCEEDED:
		return EHOSTUNREACH;
	case ICMP_PARAMETERPROB:
		*hard = true;
		return EPROTO;
	case ICMP_DEST_UNREACH:
		if (code != ICMP_FRAG_NEEDED)
			return icmp_err_convert(type, code, hard);
		ip_update_pmtu(sock_net(sk), iph->daddr, info);
		if (sk->flow.pmtudisc == IP_PMTUDISC_DONT_)
			return 0;
		*hard = true;
		return EMSGSIZE;
	default:	/* source quench (RFC 6633), redirect: not for programs */
		return 0;
	}
}

int udp_err(struct sk_buff *skb, u8 type, u8 code, u32 info)
{
	struct net *net = skb->dev->net;
	const struct iphdr *iph = (const struct iphdr *)(const void *)skb->data;
	const struct udphdr *uh;
	struct sock *sk;
	bool hard;
	int err;

	uh = (const struct udphdr *)(const void *)(skb->data + iph_len(iph));
	/* The quoted packet was ours: its source is our end. */
	sk = udp_lookup(net, iph->daddr, uh->dest, iph->saddr, uh->source,
			skb_dif(skb), NULL);
	if (!sk) {
		NET_INC_STATS(net, Icmp, InErrors);
		return -ENOENT;
	}
	err = udp_err_convert(sk, iph, type, code, info, &hard);
	if (err < 0)
		err = -err;
	if (!err)
		return 0;
	/* RFC1122 4.1.3.3: passed up. Linux: unasked only when connected and
	 * for hard errors. Here: Linux. */
	if (sk->recverr)
		ip_icmp_error(sk, skb, err, uh->dest, info, (const u8 *)(uh + 1));
	else if (!hard || sk->sk_state != TCP_ESTABLISHED)
		return 0;
	WRITE_ONCE(sk->err, (u32)err);
	sk->error_report(sk);
	return 0;
}
