/* SPDX-License-Identifier: BSD-2-Clause */
/* Learnt path MTUs, and packets for somebody else. */
#include "tests/inet/inet_test.h"

#include "dev/sysctl.h"

#define OTHER_NET	0xc0a80000u	/* 192.168.0.0/24 on the second device */

static u32 mtu_of(struct inet_world *iw, struct inet_flow *fl)
{
	int err = 0;
	struct dst_entry *dst = inet_flow_route(iw->net, fl, &err);

	assert_non_null(dst);
	return dst_mtu(dst);
}

static void a_path_mtu_is_learnt_for_one_destination_and_expires(void **s)
{
	struct inet_flow a = flow_to(FAR), b = flow_to(FAR + 1);
	struct inet_world iw;

	inet_begin(&iw);
	assert_int_equal(mtu_of(&iw, &a), 1500);
	assert_int_equal(mtu_of(&iw, &b), 1500);
	ip_update_pmtu(iw.net, cpu_to_be32(FAR), 1300);
	assert_int_equal(mtu_of(&iw, &a), 1300);
	assert_int_equal(mtu_of(&iw, &b), 1500);
	/* never raised by a message */
	ip_update_pmtu(iw.net, cpu_to_be32(FAR), 1400);
	assert_int_equal(mtu_of(&iw, &a), 1300);
	fake_advance(iw.w.fp, 599 * NSEC_PER_SEC);
	assert_int_equal(mtu_of(&iw, &a), 1300);
	fake_advance(iw.w.fp, 2 * NSEC_PER_SEC);
	assert_int_equal(mtu_of(&iw, &a), 1500);
	inet_flow_drop_route(&a);
	inet_flow_drop_route(&b);
	inet_end(&iw);
}

/* attacks.md 46 */
static void a_path_mtu_is_never_below_min_pmtu(void **s)
{
	struct inet_flow fl = flow_to(FAR);
	struct inet_world iw;
	struct sk_buff *skb;

	inet_begin(&iw);
	know_neighbour(&iw, GW);
	ip_update_pmtu(iw.net, cpu_to_be32(FAR), 68);
	assert_int_equal(mtu_of(&iw, &fl), 552);
	/* and packets go without DF, so that the path may cut them */
	ip_queue_xmit(iw.net, NULL, payload(500), &fl, 0);
	skb = next_ip(&iw);
	assert_non_null(skb);
	assert_int_equal(be16_to_cpu(ip_hdr(skb)->frag_off), 0);
	consume_skb(skb);
	inet_flow_drop_route(&fl);
	inet_end(&iw);
}

static void learning_is_bounded(void **s)
{
	struct inet_flow fl = flow_to(FAR);
	struct inet_world iw;
	size_t used;

	inet_begin(&iw);
	for (u32 i = 0; i < 20000; i++)
		ip_update_pmtu(iw.net, cpu_to_be32(0xc0000000 + i), 1000);
	rcu_barrier(iw.w.m);
	used = slab_in_use(iw.w.m->depot);
	for (u32 i = 0; i < 20000; i++)
		ip_update_pmtu(iw.net, cpu_to_be32(0xd0000000 + i), 1000);
	rcu_barrier(iw.w.m);
	assert_true(slab_in_use(iw.w.m->depot) <= used + 100);
	assert_int_equal(mtu_of(&iw, &fl), 1500);
	inet_flow_drop_route(&fl);
	inet_end(&iw);
}

static void a_routes_own_mtu_counts(void **s)
{
	struct fib_config cfg = { .dst = cpu_to_be32(FAR & ~0xffu),
				  .prefixlen = 24, .mtu = 1280,
				  .gateway = cpu_to_be32(GW) };
	struct inet_flow fl = flow_to(FAR);
	struct inet_world iw;

	inet_begin(&iw);
	assert_int_equal(fib_add(iw.net, &cfg, false), 0);
	assert_int_equal(mtu_of(&iw, &fl), 1280);
	inet_flow_drop_route(&fl);
	inet_end(&iw);
}

/* --- forwarding -------------------------------------------------------------------- */

struct router {
	struct inet_world iw;
	struct net_device *out;
	struct toy *toy;
};

static void router_begin(struct router *r, u32 mtu)
{
	__be32 key = cpu_to_be32(OTHER_NET + 9);
	struct neighbour *n;

	inet_begin(&r->iw);
	know_neighbour(&r->iw, PEER);
	r->out = toy_create(r->iw.net, 0);
	r->toy = r->out->priv;
	assert_int_equal(inet_addr_add(r->out, cpu_to_be32(OTHER_NET + 1), 24),
			 0);
	assert_int_equal(dev_set_mtu(r->out, mtu), 0);
	n = neigh_create(&r->iw.net->ipv4->arp_tbl, &key, r->out);
	assert_false(IS_ERR(n));
	neigh_update(n, peer_mac, NUD_PERMANENT, NEIGH_UPDATE_F_ADMIN);
	neigh_release(n);
	assert_int_equal(sysctl_write(r->iw.net, "net.ipv4.ip_forward", "1"),
			 0);
	fake_run(r->iw.w.fp);
	skb_queue_consume(&r->toy->sent);
	skb_queue_consume(&r->iw.w.toy->sent);
}

static void router_end(struct router *r)
{
	toy_destroy(r->out);
	inet_end(&r->iw);
}

static struct pkt through(u32 len, const u8 *data)
{
	return (struct pkt){ .daddr = OTHER_NET + 9, .data = data, .len = len };
}

static void a_host_does_not_forward(void **s)
{
	static const u8 data[100];
	struct pkt p = through(100, data);
	struct router r;

	router_begin(&r, 1500);
	assert_int_equal(sysctl_write(r.iw.net, "net.ipv4.ip_forward", "0"), 0);
	inject_ip(&r.iw, &p);
	assert_int_equal(r.toy->sent.qlen, 0);
	assert_int_equal(STAT(&r.iw, Ip, InAddrErrors), 1);
	assert_int_equal(drops(SKB_DROP_REASON_IP_FORWARDING_OFF), 1);
	router_end(&r);
}

static void a_router_passes_on_with_ttl_one_less(void **s)
{
	static const u8 data[100];
	struct pkt p = through(100, data);
	struct router r;
	struct sk_buff *skb;

	router_begin(&r, 1500);
	inject_ip(&r.iw, &p);
	assert_int_equal(r.toy->sent.qlen, 1);
	skb = __skb_dequeue(&r.toy->sent);
	skb_pull(skb, ETH_HLEN);
	skb_reset_network_header(skb);
	assert_int_equal(ip_hdr(skb)->ttl, 63);
	assert_int_equal(ip_fast_csum(ip_hdr(skb), 5), 0);
	assert_int_equal(STAT(&r.iw, Ip, ForwDatagrams), 1);
	consume_skb(skb);
	router_end(&r);
}

static void ttl_1_is_not_passed_on_but_told(void **s)
{
	static const u8 data[100];
	struct pkt p = through(100, data);
	struct router r;
	struct sk_buff *skb;

	router_begin(&r, 1500);
	p.ttl = 1;
	inject_ip(&r.iw, &p);
	assert_int_equal(r.toy->sent.qlen, 0);
	skb = next_ip(&r.iw);
	assert_non_null(skb);
	assert_int_equal(skb->data[20], ICMP_TIME_EXCEEDED);
	assert_int_equal(be32_to_cpu(ip_hdr(skb)->saddr), US);
	assert_int_equal(drops(SKB_DROP_REASON_IP_TTL), 1);
	consume_skb(skb);
	router_end(&r);
}

static void too_large_is_cut_or_with_df_refused(void **s)
{
	static const u8 data[1400];
	struct pkt p = through(1400, data);
	struct router r;
	struct sk_buff *skb;

	router_begin(&r, 1000);
	inject_ip(&r.iw, &p);
	assert_int_equal(r.toy->sent.qlen, 2);
	p.frag_off = IP_DF;
	inject_ip(&r.iw, &p);
	assert_int_equal(r.toy->sent.qlen, 2);
	skb = next_ip(&r.iw);
	assert_non_null(skb);
	assert_int_equal(skb->data[21], ICMP_FRAG_NEEDED);
	assert_int_equal(get_unaligned_be16(skb->data + 26), 1000);
	assert_int_equal(drops(SKB_DROP_REASON_IP_NEED_FRAG), 1);
	consume_skb(skb);
	router_end(&r);
}

static void no_route_is_told_by_a_router(void **s)
{
	static const u8 data[100];
	struct fib_config cfg = { .gateway = cpu_to_be32(GW) };
	struct pkt p = { .daddr = FAR, .data = data, .len = 100 };
	struct router r;
	struct sk_buff *skb;

	router_begin(&r, 1500);
	assert_int_equal(fib_del(r.iw.net, &cfg), 0);
	inject_ip(&r.iw, &p);
	skb = next_ip(&r.iw);
	assert_non_null(skb);
	assert_int_equal(skb->data[20], ICMP_DEST_UNREACH);
	assert_int_equal(skb->data[21], ICMP_NET_UNREACH);
	assert_int_equal(STAT(&r.iw, IpExt, InNoRoutes), 1);
	assert_int_equal(drops(SKB_DROP_REASON_IP_INNOROUTES), 1);
	consume_skb(skb);
	router_end(&r);
}

static void a_sender_who_could_go_straight_is_redirected(void **s)
{
	static const u8 data[100];
	struct pkt p = { .daddr = FAR, .data = data, .len = 100 };
	struct router r;
	struct sk_buff *skb;
	bool told = false;

	router_begin(&r, 1500);
	know_neighbour(&r.iw, GW);
	inject_ip(&r.iw, &p);
	while ((skb = next_ip(&r.iw))) {
		if (ip_hdr(skb)->protocol == IPPROTO_ICMP) {
			told = true;
			assert_int_equal(skb->data[20], ICMP_REDIRECT);
			assert_int_equal(get_unaligned_be32(skb->data + 24),
					 GW);
		} else {
			assert_int_equal(be32_to_cpu(ip_hdr(skb)->daddr), FAR);
		}
		consume_skb(skb);
	}
	assert_true(told);
	router_end(&r);
}

static void a_router_records_its_address(void **s)
{
	static const u8 opt[] = { IPOPT_RR, 7, 4, 0, 0, 0, 0, IPOPT_END };
	static const u8 data[20];
	struct pkt p = through(20, data);
	struct router r;
	struct sk_buff *skb;

	router_begin(&r, 1500);
	p.opt = opt;
	p.optlen = sizeof(opt);
	inject_ip(&r.iw, &p);
	assert_int_equal(r.toy->sent.qlen, 1);
	skb = __skb_dequeue(&r.toy->sent);
	skb_pull(skb, ETH_HLEN);
	assert_int_equal(skb->data[22], 8);
	assert_int_equal(get_unaligned_be32(skb->data + 23), OTHER_NET + 1);
	assert_int_equal(ip_fast_csum(skb->data, 7), 0);
	consume_skb(skb);
	router_end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_mtu_is_learnt_for_one_destination_and_expires),
		cmocka_unit_test(a_path_mtu_is_never_below_min_pmtu),
		cmocka_unit_test(learning_is_bounded),
		cmocka_unit_test(a_routes_own_mtu_counts),
		cmocka_unit_test(a_host_does_not_forward),
		cmocka_unit_test(a_router_passes_on_with_ttl_one_less),
		cmocka_unit_test(ttl_1_is_not_passed_on_but_told),
		cmocka_unit_test(too_large_is_cut_or_with_df_refused),
		cmocka_unit_test(no_route_is_told_by_a_router),
		cmocka_unit_test(a_sender_who_could_go_straight_is_redirected),
		cmocka_unit_test(a_router_records_its_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
