/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One datagram made: buffer, payload, header, checksum, handed to IP.
 *
 * A datagram that fits the path is one linear piece, and its checksum is left
 * to the device or computed while the payload is copied in. A larger one is
 * kept in pages: either for IP to fragment or, with UDP_SEGMENT, as one large
 * packet that is cut into datagrams of gso_size as late as possible.
 */
#include "udp/udp_sock.h"

#include "base/bitops.h"
#include "sock/tx_stamp.h"
#include "sock/zerocopy.h"

#define UDP_HLEN	((u32)sizeof(struct udphdr))
/* Linear part of a datagram that will be fragmented. */
#define UDP_BIG_LINEAR	1024u

u32 udp_path_mtu(const struct sock *sk, const struct rtable *rt)
{
	u8 d = sk->flow.pmtudisc;

	if (d == IP_PMTUDISC_PROBE_ || d == IP_PMTUDISC_INTERFACE_ ||
	    d == IP_PMTUDISC_OMIT_)
		return min_t(u32, READ_ONCE(rt->dst.dev->mtu), UDP_MAX_LEN);
	return dst_mtu(&rt->dst);
}

static u32 ip_hlen(const struct sock *sk, const struct udp_dest *d)
{
	const struct ip_options *opt = d->ck.opt ? d->ck.opt : sk->flow.opt;

	return (u32)sizeof(struct iphdr) + (opt ? opt->optlen : 0);
}

/* May larger ones be fragmented here? */
static bool may_fragment(const struct sock *sk)
{
	u8 d = sk->flow.pmtudisc;

	return d < IP_PMTUDISC_DO_ || d == IP_PMTUDISC_OMIT_;
}

static bool device_sums(const struct sock *sk, const struct udp_dest *d)
{
	return d->rt->dst.dev->features & (NETIF_F_IP_CSUM | NETIF_F_HW_CSUM) &&
	       ip_hlen(sk, d) == sizeof(struct iphdr);
}

/* MSG_ZEROCOPY: the payload where it is. 0, -ENOMEM or, when it is in too many
 * pieces, -EMSGSIZE. */
static int map_payload(struct sk_buff *skb, struct sockmsg *m, u32 len)
{
	while (len) {
		int n = zerocopy_add(m->zerocopy, skb, &m->iter, len);

		if (n <= 0)
			return n ? n : -EMSGSIZE;
		len -= (u32)n;
	}
	return 0;
}

/* Pages that the payload took count to the send buffer, too. */
static int add_accounted(struct sock *sk, struct sk_buff *skb,
			 struct sockmsg *m, u32 len)
{
	bool map = m->zerocopy && m->zerocopy->map;
	u32 before = skb->truesize;
	int err = unlikely(map) ? map_payload(skb, m, len) :
				  skb_add_data(skb, &m->iter, len);

	if (skb->truesize != before)
		__atomic_fetch_add(&sk->wmem_alloc, skb->truesize - before,
				   __ATOMIC_RELAXED);
	return err;
}

int udp_add_payload(struct sock *sk, struct sk_buff *skb, struct sockmsg *m,
		    u32 len, __wsum *csum)
{
	if (!csum || len > skb_tailroom(skb))
		return add_accounted(sk, skb, m, len);
	*csum = 0;
	if (csum_and_copy_from_iter(skb_put(skb, len), len, csum,
				    &m->iter) != len)
		return -EFAULT;
	trace_event(TRACE_COPY, COPY_USER_TO_SKB, skb->id, len, 0xffff, 0, 0);
	return 0;
}

/* Where the bytes are not touched: the device sums, nobody fragments. */
static void set_mapping(const struct sock *sk, const struct sockmsg *m,
			const struct udp_dest *d, bool fits, bool gso)
{
	bool sums = gso || (fits && device_sums(sk, d));

	zerocopy_may_map(m->zerocopy, m,
			 sums ? d->rt->dst.dev->features : 0);
}

struct sk_buff *udp_make_skb(struct sock *sk, struct sockmsg *m, u32 len,
			     const struct udp_dest *d, bool nonblock)
{
	u32 total = ip_hlen(sk, d) + UDP_HLEN + len;
	u32 mtu = udp_path_mtu(sk, d->rt), linear = len;
	bool gso = d->ck.gso_size && len > d->ck.gso_size;
	bool fits = total <= mtu, sum_now;
	struct sk_buff *skb;
	int err;

	if (total > UDP_MAX_LEN || (!gso && !fits && !may_fragment(sk))) {
		ip_local_error(sk, EMSGSIZE, d->daddr, d->dport, mtu);
		return ERR_PTR(-EMSGSIZE);
	}
	if (unlikely(m->zerocopy))
		set_mapping(sk, m, d, fits, gso);
	if (!fits || (m->zerocopy && m->zerocopy->map))
		linear = fits || gso ? 0 : min(len, UDP_BIG_LINEAR);
	skb = sock_alloc_send_skb(sk, SKB_MAX_HEADROOM + UDP_HLEN + linear,
				  nonblock, &err);
	if (!skb)
		return ERR_PTR(err);
	skb_reserve(skb, SKB_MAX_HEADROOM);
	skb_reset_transport_header(skb);
	skb_put(skb, UDP_HLEN);
	skb->protocol = cpu_to_be16(ETH_P_IP);
	skb->ip_summed = (gso || (fits && device_sums(sk, d))) ?
			 CHECKSUM_PARTIAL : CHECKSUM_NONE;
	sum_now = fits && skb->ip_summed == CHECKSUM_NONE && !sk->no_check_tx;
	err = udp_add_payload(sk, skb, m, len,
			      sum_now ? &skb->csum : NULL);
	if (unlikely(err)) {
		kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
		return ERR_PTR(err);
	}
	if (sum_now)
		skb->ip_summed = CHECKSUM_COMPLETE; /* csum: of the payload */
	return skb;
}

/* RFC768: over pseudo-header, header and data; 0 is sent as all ones. */
static void udp_set_checksum(struct sock *sk, struct sk_buff *skb,
			     struct udphdr *uh, const struct udp_dest *d)
{
	u32 len = skb->len;
	__wsum csum;

	uh->check = 0;
	if (sk->no_check_tx && !skb_is_gso(skb)) {
		skb->ip_summed = CHECKSUM_NONE;
		return;
	}
	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		uh->check = (__force __sum16)(u16)~(__force u16)
			csum_tcpudp_magic(d->saddr, d->daddr, len, IPPROTO_UDP, 0);
		skb->csum_start = skb->transport_header;
		skb->csum_offset = offsetof(struct udphdr, check);
		return;
	}
	csum = skb->ip_summed == CHECKSUM_COMPLETE ?
	       csum_partial(uh, UDP_HLEN, skb->csum) :
	       skb_checksum(skb, 0, len, 0);
	uh->check = csum_tcpudp_magic(d->saddr, d->daddr, len, IPPROTO_UDP, csum);
	if (!uh->check)
		uh->check = CSUM_MANGLED_0;
	skb->ip_summed = CHECKSUM_NONE;
}

/* UDP_SEGMENT: 0 or -EINVAL, as Linux says it. */
static int udp_set_gso(struct sock *sk, struct sk_buff *skb,
		       const struct udp_dest *d)
{
	u32 payload = skb->len - UDP_HLEN, size = d->ck.gso_size;
	struct skb_shared_info *si = skb_shinfo(skb);

	if (likely(!size))
		return 0;
	if (ip_hlen(sk, d) + UDP_HLEN + size > udp_path_mtu(sk, d->rt) ||
	    payload > size * UDP_MAX_SEGMENTS || sk->no_check_tx)
		return -EINVAL;
	if (payload <= size)
		return 0;
	si->gso_size = (u16)size;
	si->gso_segs = (u16)DIV_ROUND_UP(payload, size);
	si->gso_type = SKB_GSO_UDP_L4;
	return 0;
}

static bool want_df(const struct sock *sk, const struct sk_buff *skb,
		    const struct udp_dest *d)
{
	u8 pd = sk->flow.pmtudisc;

	if (pd == IP_PMTUDISC_DO_ || pd == IP_PMTUDISC_PROBE_)
		return true;
	return pd == IP_PMTUDISC_WANT_ && !d->rt->dst.mtu_locked &&
	       !d->rt->pmtu_locked &&
	       (skb_is_gso(skb) ||
		skb->len + ip_hlen(sk, d) <= dst_mtu(&d->rt->dst));
}

static u8 message_ttl(const struct sock *sk, const struct udp_dest *d)
{
	if (d->ck.has_ttl)
		return d->ck.ttl;
	return ipv4_is_multicast(d->daddr) ? sk->flow.mc_ttl : d->ck.ttl;
}

int udp_send_skb(struct sock *sk, struct sk_buff *skb, const struct udp_dest *d)
{
	struct net *net = sock_net(sk);
	struct ip_tx tx = {
		.saddr = d->saddr, .daddr = d->daddr, .protocol = IPPROTO_UDP,
		.tos = d->ck.tos, .ttl = message_ttl(sk, d),
		.no_mc_loop = !sk->flow.mc_loop,
		.dev_mtu = sk->flow.pmtudisc >= IP_PMTUDISC_PROBE_,
		.opt = d->ck.opt ? d->ck.opt : sk->flow.opt,
		.mark = d->ck.mark, .priority = d->ck.priority,
	};
	struct udphdr *uh = udp_hdr(skb);
	int err = udp_set_gso(sk, skb, d);

	if (unlikely(err)) {
		kfree_skb_reason(skb, SKB_DROP_REASON_PKT_TOO_BIG);
		return err;
	}
	tx.df = want_df(sk, skb, d);
	uh->source = cpu_to_be16(READ_ONCE(sk->c.num));
	uh->dest = d->dport;
	uh->len = cpu_to_be16(skb->len);
	udp_set_checksum(sk, skb, uh, d);
	if (d->connected) {
		skb->hash = sk->txhash;
		skb->l4_hash = 1;
	}
	skb->tstamp = (ktime_t)d->ck.transmit_time;
	sock_stamp_datagram(sk, skb, d->ck.tsflags);
	err = ip_build_and_send(net, sk, skb, d->rt, &tx);
	if (likely(!err)) {
		NET_INC_STATS(net, Udp, OutDatagrams);
		return 0;
	}
	/* Lost below, like on the wire: only who asked is told. */
	if (err == -ENOBUFS && !sk->recverr) {
		NET_INC_STATS(net, Udp, SndbufErrors);
		err = 0;
	}
	return err;
}
