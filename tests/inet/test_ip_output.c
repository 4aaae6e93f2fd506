/* SPDX-License-Identifier: BSD-2-Clause */
/* From ip_queue_xmit and ip_build_and_send to the frame, ARP included. */
#include "tests/inet/inet_test.h"

static int xmit(struct inet_world *iw, struct inet_flow *fl, u32 len)
{
	return ip_queue_xmit(iw->net, NULL, payload(len), fl, 0);
}

static void the_first_packet_waits_for_arp(void **s)
{
	struct inet_world iw;
	struct inet_flow fl = flow_to(PEER);
	struct sk_buff *skb;

	inet_begin(&iw);
	assert_int_equal(xmit(&iw, &fl, 30), 0);
	skb = next_frame(&iw);
	assert_non_null(skb);
	assert_int_equal(be16_to_cpu(eth_hdr(skb)->h_proto), ETH_P_ARP);
	assert_true(is_broadcast_ether_addr(eth_hdr(skb)->h_dest));
	assert_int_equal(be16_to_cpu(arp_hdr(skb)->ar_op), ARPOP_REQUEST);
	assert_int_equal(be32_to_cpu(arp_body(skb)->ar_tip), PEER);
	assert_int_equal(be32_to_cpu(arp_body(skb)->ar_sip), US);
	consume_skb(skb);
	assert_null(next_frame(&iw));
	inject_arp(&iw, ARPOP_REPLY, peer_mac, PEER, US);
	skb = next_ip(&iw);
	assert_non_null(skb);
	assert_memory_equal(eth_hdr(skb)->h_dest, peer_mac, ETH_ALEN);
	assert_int_equal(skb->len, 50);
	assert_int_equal(be32_to_cpu(ip_hdr(skb)->saddr), US);
	assert_int_equal(be32_to_cpu(ip_hdr(skb)->daddr), PEER);
	assert_int_equal(ip_hdr(skb)->ttl, 64);
	assert_int_equal(be16_to_cpu(ip_hdr(skb)->frag_off), IP_DF);
	assert_int_equal(be32_to_cpu(fl.saddr.v4), US);
	consume_skb(skb);
	inet_flow_drop_route(&fl);
	inet_end(&iw);
}

static void what_is_far_goes_to_the_gateway(void **s)
{
	struct inet_world iw;
	struct inet_flow fl = flow_to(FAR);
	struct sk_buff *skb;

	inet_begin(&iw);
	know_neighbour(&iw, GW);
	assert_int_equal(xmit(&iw, &fl, 30), 0);
	skb = next_ip(&iw);
	assert_non_null(skb);
	assert_int_equal(be32_to_cpu(ip_hdr(skb)->daddr), FAR);
	consume_skb(skb);
	inet_flow_drop_route(&fl);
	inet_end(&iw);
}

static void a_second_packet_allocates_no_route_and_asks_nobody(void **s)
{
	struct inet_world iw;
	struct inet_flow fl = flow_to(FAR);
	struct dst_entry *dst;
	s32 refs;

	inet_begin(&iw);
	know_neighbour(&iw, GW);
	assert_int_equal(xmit(&iw, &fl, 30), 0);
	dst = fl.dst;
	refs = refcount_read(&dst->ref.refs);
	assert_int_equal(xmit(&iw, &fl, 30), 0);
	assert_ptr_equal(fl.dst, dst);
	assert_int_equal(refcount_read(&dst->ref.refs), refs);
	assert_int_equal(iw.w.toy->sent.qlen, 2);
	inet_flow_drop_route(&fl);
	inet_end(&iw);
}

static void no_route_is_an_error_to_the_caller(void **s)
{
	struct inet_world iw;
	struct inet_flow fl = flow_to(FAR);
	struct fib_config cfg = { .type = RTN_UNICAST_,
				  .gateway = cpu_to_be32(GW) };

	inet_begin(&iw);
	assert_int_equal(fib_del(iw.net, &cfg), 0);
	assert_int_equal(xmit(&iw, &fl, 30), -ENETUNREACH);
	assert_int_equal(drops(SKB_DROP_REASON_IP_OUTNOROUTES), 1);
	inet_end(&iw);
}

static void our_own_address_is_reached_over_lo(void **s)
{
	struct inet_world iw;
	struct inet_flow fl = flow_to(US);

	inet_begin(&iw);
	assert_int_equal(xmit(&iw, &fl, 30), 0);
	fake_run(iw.w.fp);
	assert_int_equal(iw.got.qlen, 1);
	assert_int_equal(be32_to_cpu(ip_hdr(iw.got.next)->saddr), US);
	inet_flow_drop_route(&fl);
	fl = flow_to(0x7f000001);
	assert_int_equal(xmit(&iw, &fl, 30), 0);
	fake_run(iw.w.fp);
	assert_int_equal(iw.got.qlen, 2);
	assert_null(next_frame(&iw));
	inet_flow_drop_route(&fl);
	inet_end(&iw);
}

static void a_changed_table_is_seen_by_cached_flows(void **s)
{
	struct inet_world iw;
	struct inet_flow fl = flow_to(FAR);
	struct sk_buff *skb;

	inet_begin(&iw);
	know_neighbour(&iw, GW);
	know_neighbour(&iw, 0x0a000009);
	assert_int_equal(xmit(&iw, &fl, 10), 0);
	skb = next_ip(&iw);
	assert_non_null(skb);
	consume_skb(skb);
	add_route(&iw, FAR & ~0xffu, 24, 0x0a000009);
	assert_int_equal(xmit(&iw, &fl, 10), 0);
	assert_int_equal(be32_to_cpu(((struct rtable *)fl.dst)->gateway),
			 0x0a000009);
	inet_flow_drop_route(&fl);
	inet_end(&iw);
}

static void large_datagrams_are_cut_into_fragments(void **s)
{
	struct inet_world iw;
	struct inet_flow fl = flow_to(PEER);
	static const u32 off[] = { 0, 1480, 2960 }, len[] = { 1480, 1480, 540 };
	u16 id = 0;

	inet_begin(&iw);
	know_neighbour(&iw, PEER);
	fl.pmtudisc = IP_PMTUDISC_DONT_;
	assert_int_equal(xmit(&iw, &fl, 3500), 0);
	for (int i = 0; i < 3; i++) {
		struct sk_buff *skb = next_ip(&iw);
		struct iphdr *iph;

		assert_non_null(skb);
		iph = ip_hdr(skb);
		if (!i)
			id = be16_to_cpu(iph->id);
		assert_int_equal(be16_to_cpu(iph->id), id);
		assert_int_equal((be16_to_cpu(iph->frag_off) & IP_OFFSET) * 8,
				 off[i]);
		assert_int_equal(!!(be16_to_cpu(iph->frag_off) & IP_MF), i < 2);
		assert_int_equal(skb->len, 20 + len[i]);
		assert_int_equal(skb->data[20], (u8)off[i]);
		consume_skb(skb);
	}
	assert_null(next_ip(&iw));
	assert_int_equal(STAT(&iw, Ip, FragOKs), 1);
	assert_int_equal(STAT(&iw, Ip, FragCreates), 3);
	inet_flow_drop_route(&fl);
	inet_end(&iw);
}

static void df_and_too_large_is_refused_and_told(void **s)
{
	struct inet_world iw;
	struct inet_flow fl = flow_to(PEER);

	inet_begin(&iw);
	know_neighbour(&iw, PEER);
	fl.pmtudisc = IP_PMTUDISC_DO_;
	assert_int_equal(xmit(&iw, &fl, 3500), -EMSGSIZE);
	assert_null(next_ip(&iw));
	assert_int_equal(STAT(&iw, Ip, FragFails), 1);
	/* the ICMP error came to ourselves, and to the protocol */
	assert_int_equal(iw.err.count, 1);
	assert_int_equal(iw.err.code, ICMP_FRAG_NEEDED);
	assert_int_equal(iw.err.info, 1500);
	inet_flow_drop_route(&fl);
	inet_end(&iw);
}

static void options_without_copied_bit_stay_in_the_first_fragment(void **s)
{
	static const u8 opt[] = { IPOPT_RR, 7, 4, 0, 0, 0, 0, IPOPT_END };
	struct inet_world iw;
	struct inet_flow fl = flow_to(PEER);
	struct ip_options *o;

	inet_begin(&iw);
	know_neighbour(&iw, PEER);
	o = ip_options_get(iw.net, opt, sizeof(opt));
	assert_false(IS_ERR(o));
	fl.opt = o;
	fl.pmtudisc = IP_PMTUDISC_DONT_;
	assert_int_equal(xmit(&iw, &fl, 2000), 0);
	for (int i = 0; i < 2; i++) {
		struct sk_buff *skb = next_ip(&iw);

		assert_non_null(skb);
		assert_int_equal(skb->data[20], i ? IPOPT_NOOP : IPOPT_RR);
		if (!i) {	/* our own address is recorded */
			assert_int_equal(skb->data[22], 8);
			assert_int_equal(get_unaligned_be32(skb->data + 23), US);
		}
		consume_skb(skb);
	}
	inet_flow_drop_route(&fl);
	kfree(o);
	inet_end(&iw);
}

static void a_source_route_goes_to_its_first_hop(void **s)
{
	static const u8 opt[] = { IPOPT_LSRR, 11, 4, 10, 0, 0, 2, 10, 0, 0, 3,
				  IPOPT_END };
	struct inet_world iw;
	struct inet_flow fl = flow_to(FAR);
	struct sk_buff *skb;
	struct ip_options *o;

	inet_begin(&iw);
	know_neighbour(&iw, PEER);
	o = ip_options_get(iw.net, opt, sizeof(opt));
	assert_false(IS_ERR(o));
	fl.opt = o;
	assert_int_equal(xmit(&iw, &fl, 20), 0);
	skb = next_ip(&iw);
	assert_non_null(skb);
	assert_int_equal(be32_to_cpu(ip_hdr(skb)->daddr), PEER);
	assert_int_equal(get_unaligned_be32(skb->data + 23), 0x0a000003);
	assert_int_equal(get_unaligned_be32(skb->data + 27), FAR);
	consume_skb(skb);
	inet_flow_drop_route(&fl);
	kfree(o);
	inet_end(&iw);
}

static void a_group_is_sent_to_its_link_layer_address_and_to_members(void **s)
{
	struct inet_world iw;
	struct inet_flow fl = flow_to(0xe1812345);	/* 225.129.35.69 */
	static const u8 mac[] = { 1, 0, 0x5e, 1, 0x23, 0x45 };
	struct sk_buff *skb;

	inet_begin(&iw);
	fl.oif = iw.dev->ifindex;
	assert_int_equal(xmit(&iw, &fl, 20), 0);
	skb = next_ip(&iw);
	assert_non_null(skb);
	assert_memory_equal(eth_hdr(skb)->h_dest, mac, ETH_ALEN);
	assert_int_equal(ip_hdr(skb)->ttl, 1);
	consume_skb(skb);
	assert_int_equal(iw.got.qlen, 0);
	assert_int_equal(ip_mc_join(iw.dev, fl.daddr.v4), 0);
	assert_int_equal(xmit(&iw, &fl, 20), 0);
	fake_run(iw.w.fp);
	assert_int_equal(iw.got.qlen, 1);
	assert_int_equal(iw.got.next->pkt_type, PACKET_LOOPBACK);
	inet_flow_drop_route(&fl);
	assert_int_equal(ip_mc_leave(iw.dev, cpu_to_be32(0xe1812345)), 0);
	inet_end(&iw);
}

static void a_dead_neighbour_is_reported_to_the_sender(void **s)
{
	struct inet_world iw;
	struct inet_flow fl = flow_to(PEER);

	inet_begin(&iw);
	assert_int_equal(xmit(&iw, &fl, 20), 0);
	fake_advance(iw.w.fp, 10 * NSEC_PER_SEC);
	assert_int_equal(iw.err.count, 1);
	assert_int_equal(iw.err.type, ICMP_DEST_UNREACH);
	assert_int_equal(iw.err.code, ICMP_HOST_UNREACH);
	inet_flow_drop_route(&fl);
	inet_end(&iw);
}

static u16 id_to(struct inet_world *iw, u32 daddr)
{
	struct inet_flow fl = flow_to(daddr);
	struct sk_buff *skb;
	u16 id;

	fl.pmtudisc = IP_PMTUDISC_DONT_;
	assert_int_equal(xmit(iw, &fl, 10), 0);
	inet_flow_drop_route(&fl);
	skb = next_ip(iw);
	assert_non_null(skb);
	id = be16_to_cpu(ip_hdr(skb)->id);
	consume_skb(skb);
	return id;
}

/* attacks.md 40, RFC7739 */
static void identifications_say_nothing_about_others(void **s)
{
	u16 first, second, apart = 0;
	struct inet_world iw;

	inet_begin(&iw);
	know_neighbour(&iw, GW);
	first = id_to(&iw, FAR);
	for (u32 i = 1; i <= 20; i++) {
		u16 other = id_to(&iw, FAR + i);

		apart |= (u16)(other - first) > 100;
	}
	assert_true(apart);
	/* to the same host they count, whatever was sent to others */
	second = id_to(&iw, FAR);
	assert_int_equal((u16)(second - first), 1);
	/* but not by the time that went by */
	for (int i = 0; i < 3; i++) {
		fake_advance(iw.w.fp, 10 * NSEC_PER_SEC);
		first = second;
		second = id_to(&iw, FAR);
		apart |= (u16)(second - first) > 1 ? 2 : 0;
	}
	assert_int_equal(apart, 3);
	inet_end(&iw);
}

static void a_full_neighbour_table_refuses(void **s)
{
	struct inet_world iw;
	struct inet_flow fl = flow_to(PEER);

	inet_begin(&iw);
	iw.net->ipv4->arp_tbl.gc_thresh3 = 0;
	assert_int_equal(xmit(&iw, &fl, 20), -ENOBUFS);
	assert_int_equal(drops(SKB_DROP_REASON_NEIGH_CREATEFAIL), 1);
	inet_flow_drop_route(&fl);
	inet_end(&iw);
}

static void explicit_sends_fragment_unless_df(void **s)
{
	struct inet_world iw;
	struct flowi4 fl = { .daddr = cpu_to_be32(PEER) };
	struct ip_tx tx = { .daddr = fl.daddr, .protocol = PROTO, .ttl = 7,
			    .tos = 0x10 };
	struct rtable *rt;
	struct sk_buff *skb;

	inet_begin(&iw);
	know_neighbour(&iw, PEER);
	rt = ip_route_output(iw.net, &fl);
	assert_false(IS_ERR(rt));
	tx.saddr = fl.saddr;
	assert_int_equal(ip_build_and_send(iw.net, NULL, payload(2000), rt,
					   &tx), 0);
	skb = next_ip(&iw);
	assert_int_equal(ip_hdr(skb)->ttl, 7);
	assert_int_equal(ip_hdr(skb)->tos, 0x10);
	consume_skb(skb);
	skb = next_ip(&iw);
	consume_skb(skb);
	tx.df = true;
	assert_int_equal(ip_build_and_send(iw.net, NULL, payload(2000), rt,
					   &tx), -EMSGSIZE);
	dst_release(&rt->dst);
	inet_end(&iw);
}

static void routes_let_go_of_a_device_that_vanishes(void **s)
{
	struct inet_world iw;
	struct inet_flow fl = flow_to(0xc0a80005);
	struct net_device *other;

	inet_begin(&iw);
	other = toy_create(iw.net, 0);
	assert_int_equal(inet_addr_add(other, cpu_to_be32(0xc0a80001), 24), 0);
	assert_int_equal(xmit(&iw, &fl, 20), 0);
	fake_run(iw.w.fp);
	toy_destroy(other);
	/* its address is not ours any more */
	assert_int_equal(xmit(&iw, &fl, 20), -ENETUNREACH);
	fl.saddr.v4 = 0;
	assert_int_equal(xmit(&iw, &fl, 20), 0);	/* by the gateway now */
	assert_int_equal(be32_to_cpu(((struct rtable *)fl.dst)->gateway), GW);
	inet_flow_drop_route(&fl);
	inet_end(&iw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_packet_waits_for_arp),
		cmocka_unit_test(what_is_far_goes_to_the_gateway),
		cmocka_unit_test(a_second_packet_allocates_no_route_and_asks_nobody),
		cmocka_unit_test(no_route_is_an_error_to_the_caller),
		cmocka_unit_test(our_own_address_is_reached_over_lo),
		cmocka_unit_test(a_changed_table_is_seen_by_cached_flows),
		cmocka_unit_test(large_datagrams_are_cut_into_fragments),
		cmocka_unit_test(df_and_too_large_is_refused_and_told),
		cmocka_unit_test(options_without_copied_bit_stay_in_the_first_fragment),
		cmocka_unit_test(a_source_route_goes_to_its_first_hop),
		cmocka_unit_test(a_group_is_sent_to_its_link_layer_address_and_to_members),
		cmocka_unit_test(a_dead_neighbour_is_reported_to_the_sender),
		cmocka_unit_test(identifications_say_nothing_about_others),
		cmocka_unit_test(a_full_neighbour_table_refuses),
		cmocka_unit_test(explicit_sends_fragment_unless_df),
		cmocka_unit_test(routes_let_go_of_a_device_that_vanishes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
