/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stack up to IPv4 with the loopback device and one toy device, 10.0.0.1/24
 * on it. Frames are put in with inject(), what is sent is looked at with
 * next_ip() and next_arp(). PROTO is a transport that keeps what it gets.
 */
#ifndef WEIR_TESTS_INET_INET_TEST_H
#define WEIR_TESTS_INET_INET_TEST_H

#include "tests/dev/dev_test.h"

#include "buf/wire/arp.h"
#include "drivers/loopback/loopback.h"
#include "filter/netfilter.h"
#include "inet/in_device.h"
#include "inet/ip.h"
#include "inet/rtable.h"

#define PROTO	253		/* RFC 3692: for experiments */
#define US	0x0a000001u	/* 10.0.0.1 */
#define PEER	0x0a000002u	/* on the link */
#define GW	0x0a0000feu	/* default gateway */
#define FAR	0xc6336401u	/* 198.51.100.1, behind it */

struct err_seen {
	u8 type, code;
	u32 info, count;
	__be32 offender;
};

struct inet_world {
	struct world w;
	struct net *net;
	struct net_device *dev;
	struct sk_buff_head got;	/* by PROTO */
	struct err_seen err;
};

/* RULE 9: where PROTO's handler puts packets; one test runs at a time. */
static struct inet_world *the_world;

static const u8 peer_mac[ETH_ALEN] = { 2, 0, 0, 0, 0, 2 };

static inline int proto_rcv(struct sk_buff *skb)
{
	skb_dst_drop(skb);
	__skb_queue_tail(&the_world->got, skb);
	return 0;
}

static inline int proto_err(struct sk_buff *skb, u8 type, u8 code, u32 info)
{
	struct err_seen *e = &the_world->err;

	e->type = type;
	e->code = code;
	e->info = info;
	e->count++;
	e->offender = IPCB(skb)->offender;
	assert_ptr_equal(skb->data, (u8 *)ip_hdr(skb));
	assert_true(skb_headlen(skb) >= ip_hdrlen(skb) + 8);
	return 0;
}

static const struct net_protocol test_proto = {
	.handler = proto_rcv, .err_handler = proto_err,
};

static inline void add_route(struct inet_world *iw, u32 dst, u8 plen, u32 gw)
{
	struct fib_config cfg = {
		.dst = cpu_to_be32(dst), .prefixlen = plen, .type = RTN_UNICAST_,
		.gateway = cpu_to_be32(gw), .oif = gw ? 0 : iw->dev->ifindex,
	};

	assert_int_equal(fib_add(iw->net, &cfg, false), 0);
}

static inline void inet_begin(struct inet_world *iw)
{
	memset(iw, 0, sizeof(*iw));
	the_world = iw;
	skb_queue_head_init(&iw->got);
	iw->w.fp = fake_platform_create(1);
	iw->w.m = fake_machine(iw->w.fp);
	assert_int_equal(net_dev_init(iw->w.m), 0);
	iw->net = iw->w.net = net_alloc(iw->w.m, "test");
	assert_non_null(iw->net);
	assert_int_equal(neigh_net_ops.init(iw->net), 0);
	assert_int_equal(nf_net_ops.init(iw->net), 0);
	assert_int_equal(ipv4_net_ops.init(iw->net), 0);
	assert_int_equal(loopback_net_ops.init(iw->net), 0);
	assert_int_equal(dev_open(iw->net->loopback_dev), 0);
	iw->dev = iw->w.dev = toy_create(iw->net, 0);
	iw->w.toy = iw->dev->priv;
	assert_int_equal(inet_addr_add(iw->dev, cpu_to_be32(US), 24), 0);
	add_route(iw, 0, 0, GW);
	assert_int_equal(inet_add_protocol(iw->net, &test_proto, PROTO), 0);
	fake_run(iw->w.fp);
	skb_queue_consume(&iw->w.toy->sent);
}

/* Nothing may be left. */
static inline void inet_end(struct inet_world *iw)
{
	fake_run(iw->w.fp);
	skb_queue_consume(&iw->got);
	toy_destroy(iw->dev);
	loopback_net_ops.exit(iw->net);
	ipv4_net_ops.exit(iw->net);
	nf_net_ops.exit(iw->net);
	neigh_net_ops.exit(iw->net);
	net_free(iw->net);
	rcu_barrier(iw->w.m);
	net_dev_exit(iw->w.m);
	assert_int_equal(fake_platform_destroy(iw->w.fp), 0);
}

static inline u64 stat_of(struct inet_world *iw, enum mib m)
{
	return net_read_stats(iw->net, m);
}
#define STAT(iw, group, name) stat_of(iw, MIB_##group##_##name)

static inline u64 drops(enum skb_drop_reason why)
{
	return this_percpu()->drops[why];
}

/* --- frames in ------------------------------------------------------------------ */

/* `len` bytes as the payload of a frame from the peer to us. */
static inline void inject_to(struct inet_world *iw, const void *bytes, u32 len,
			     u16 type, const u8 *dst)
{
	struct sk_buff *skb = alloc_skb(64 + ETH_HLEN + len);
	struct ethhdr *eth;

	if (!skb)
		return;
	skb_reserve(skb, 50);
	eth = (struct ethhdr *)skb_put(skb, ETH_HLEN);
	ether_addr_copy(eth->h_dest, dst);
	ether_addr_copy(eth->h_source, peer_mac);
	eth->h_proto = cpu_to_be16(type);
	memcpy(skb_put(skb, len), bytes, len);
	eth_type_trans(skb, iw->dev);
	local_bh_disable();
	netif_receive_skb(skb);
	local_bh_enable();
	fake_run(iw->w.fp);
}

static inline void inject(struct inet_world *iw, const void *bytes, u32 len,
			  u16 type)
{
	inject_to(iw, bytes, len, type, iw->dev->dev_addr);
}

/* What the packets of a test look like; fields in host order. */
struct pkt {
	u32 saddr, daddr;
	u16 id, frag_off;		/* with flags */
	u8 protocol, ttl, tos;
	const u8 *opt;
	u32 optlen;			/* multiple of 4 */
	const void *data;
	u32 len;
};

static inline u32 pkt_build(const struct pkt *p, u8 *buf)
{
	struct iphdr *iph = (struct iphdr *)buf;
	u32 hlen = 20 + p->optlen;

	memset(iph, 0, sizeof(*iph));
	iph_set_len(iph, hlen);
	iph->tos = p->tos;
	iph->tot_len = cpu_to_be16(hlen + p->len);
	iph->id = cpu_to_be16(p->id);
	iph->frag_off = cpu_to_be16(p->frag_off);
	iph->ttl = p->ttl ? p->ttl : 64;
	iph->protocol = p->protocol ? p->protocol : PROTO;
	iph->saddr = cpu_to_be32(p->saddr ? p->saddr : PEER);
	iph->daddr = cpu_to_be32(p->daddr ? p->daddr : US);
	if (p->optlen)
		memcpy(iph + 1, p->opt, p->optlen);
	ip_send_check(iph);
	if (p->len)
		memcpy(buf + hlen, p->data, p->len);
	return hlen + p->len;
}

static inline void inject_ip(struct inet_world *iw, const struct pkt *p)
{
	static u8 buf[70000];

	inject(iw, buf, pkt_build(p, buf), ETH_P_IP);
}

static inline void inject_arp(struct inet_world *iw, u16 op, const u8 *sha,
			      u32 sip, u32 tip)
{
	u8 buf[ARP_ETHER_IPV4_LEN] = { 0 };
	struct arphdr *arp = (struct arphdr *)buf;
	struct arp_ether_ipv4 *body = (struct arp_ether_ipv4 *)(arp + 1);

	arp->ar_hrd = cpu_to_be16(ARPHRD_ETHER);
	arp->ar_pro = cpu_to_be16(ETH_P_IP);
	arp->ar_hln = ETH_ALEN;
	arp->ar_pln = 4;
	arp->ar_op = cpu_to_be16(op);
	ether_addr_copy(body->ar_sha, sha);
	body->ar_sip = cpu_to_be32(sip);
	body->ar_tip = cpu_to_be32(tip);
	inject(iw, buf, sizeof(buf), ETH_P_ARP);
}

/* --- frames out ------------------------------------------------------------------- */

/* Next frame sent, network header set; NULL: none. consume_skb() it. */
static inline struct sk_buff *next_frame(struct inet_world *iw)
{
	struct sk_buff *skb;

	fake_run(iw->w.fp);
	skb = __skb_dequeue(&iw->w.toy->sent);
	if (skb) {
		skb_reset_mac_header(skb);
		skb_pull(skb, ETH_HLEN);
		skb_reset_network_header(skb);
	}
	return skb;
}

static inline struct sk_buff *next_of(struct inet_world *iw, u16 type)
{
	struct sk_buff *skb;

	while ((skb = next_frame(iw))) {
		if (eth_hdr(skb)->h_proto == cpu_to_be16(type))
			return skb;
		consume_skb(skb);
	}
	return NULL;
}
/* ARP requests that are in the way are skipped. */
static inline struct sk_buff *next_ip(struct inet_world *iw)
{
	struct sk_buff *skb = next_of(iw, ETH_P_IP);

	if (skb) {
		assert_int_equal(skb_linearize(skb), 0);
		assert_int_equal(ip_fast_csum(ip_hdr(skb),
					      ip_hdrlen(skb) / 4), 0);
	}
	return skb;
}

/* The peers on the link are known, no ARP needed. */
static inline void know_neighbour(struct inet_world *iw, u32 addr)
{
	__be32 key = cpu_to_be32(addr);
	struct neighbour *n = neigh_create(&iw->net->ipv4->arp_tbl, &key,
					   iw->dev);

	assert_false(IS_ERR(n));
	neigh_update(n, peer_mac, NUD_PERMANENT, NEIGH_UPDATE_F_OVERRIDE |
		     NEIGH_UPDATE_F_ADMIN);
	neigh_release(n);
}

/* A payload of len bytes ready for ip_queue_xmit; bytes count up. Memory that
 * is made short for the stack is not for the test: it asks again. */
static inline struct sk_buff *payload(u32 len)
{
	struct sk_buff *skb = alloc_skb(SKB_MAX_HEADROOM + len);
	u8 *p;

	if (!skb)
		skb = alloc_skb(SKB_MAX_HEADROOM + len);
	assert_non_null(skb);
	skb_reserve(skb, SKB_MAX_HEADROOM);
	p = skb_put(skb, len);
	for (u32 i = 0; i < len; i++)
		p[i] = (u8)i;
	return skb;
}

static inline struct inet_flow flow_to(u32 daddr)
{
	return (struct inet_flow){
		.family = AF_INET, .daddr.v4 = cpu_to_be32(daddr),
		.protocol = PROTO, .pmtudisc = IP_PMTUDISC_WANT_, .mc_ttl = 1,
		.mc_loop = true,
	};
}

#endif
