/* SPDX-License-Identifier: BSD-2-Clause */
/* ARP: form, answers, what is learnt and what is not. */
#include "tests/inet/inet_test.h"

static const u8 mac_a[ETH_ALEN] = { 2, 0, 0, 0, 0, 0xa };
static const u8 mac_b[ETH_ALEN] = { 2, 0, 0, 0, 0, 0xb };

static struct neighbour *entry(struct inet_world *iw, u32 addr)
{
	__be32 key = cpu_to_be32(addr);

	return neigh_lookup_noref(&iw->net->ipv4->arp_tbl, &key, iw->dev);
}

static void a_request_for_our_address_is_answered_and_teaches(void **s)
{
	struct inet_world iw;
	struct sk_buff *skb;

	inet_begin(&iw);
	inject_arp(&iw, ARPOP_REQUEST, mac_a, PEER, US);
	skb = next_of(&iw, ETH_P_ARP);
	assert_non_null(skb);
	assert_int_equal(be16_to_cpu(arp_hdr(skb)->ar_op), ARPOP_REPLY);
	assert_memory_equal(eth_hdr(skb)->h_dest, mac_a, ETH_ALEN);
	assert_memory_equal(arp_body(skb)->ar_tha, mac_a, ETH_ALEN);
	assert_memory_equal(arp_body(skb)->ar_sha, iw.dev->dev_addr, ETH_ALEN);
	assert_int_equal(be32_to_cpu(arp_body(skb)->ar_sip), US);
	assert_int_equal(be32_to_cpu(arp_body(skb)->ar_tip), PEER);
	consume_skb(skb);
	assert_non_null(entry(&iw, PEER));
	assert_int_equal(entry(&iw, PEER)->state, NUD_STALE);
	assert_memory_equal(entry(&iw, PEER)->ha, mac_a, ETH_ALEN);
	inet_end(&iw);
}

static void requests_for_others_are_not_answered(void **s)
{
	struct inet_world iw;

	inet_begin(&iw);
	inject_arp(&iw, ARPOP_REQUEST, mac_a, PEER, 0x0a000077);
	inject_arp(&iw, ARPOP_REQUEST, mac_a, PEER, 0x0a0000ff);
	inject_arp(&iw, ARPOP_REQUEST, mac_a, PEER, 0x7f000001);
	inject_arp(&iw, ARPOP_REQUEST, mac_a, PEER, 0xe0000001);
	assert_null(next_frame(&iw));
	assert_null(entry(&iw, PEER));
	inject_arp(&iw, ARPOP_REQUEST, mac_a, 0, 0x0a000077);	/* a probe */
	assert_null(next_frame(&iw));
	assert_int_equal(drops(SKB_DROP_REASON_ARP_NOT_FOR_US), 1);
	inet_end(&iw);
}

/* RFC5227 2.1.1: a probe has no sender address. */
static void a_probe_for_our_address_is_answered(void **s)
{
	struct inet_world iw;
	struct sk_buff *skb;

	inet_begin(&iw);
	inject_arp(&iw, ARPOP_REQUEST, mac_a, 0, US);
	skb = next_of(&iw, ETH_P_ARP);
	assert_non_null(skb);
	consume_skb(skb);
	assert_null(entry(&iw, 0));
	inet_end(&iw);
}

/* attacks.md 7 */
static void claims_on_our_address_do_not_get_into_the_table(void **s)
{
	struct inet_world iw;

	inet_begin(&iw);
	inject_arp(&iw, ARPOP_REQUEST, mac_a, US, US);
	inject_arp(&iw, ARPOP_REPLY, mac_a, US, US);
	inject_arp(&iw, ARPOP_REQUEST, mac_a, US, PEER);
	assert_null(entry(&iw, US));
	assert_int_equal(drops(SKB_DROP_REASON_ARP_MARTIAN), 3);
	assert_null(next_frame(&iw));
	inet_end(&iw);
}

static void unasked_answers_make_no_entries(void **s)
{
	struct inet_world iw;

	inet_begin(&iw);
	inject_arp(&iw, ARPOP_REPLY, mac_a, PEER, US);
	inject_arp(&iw, ARPOP_REQUEST, mac_a, PEER, PEER);
	assert_null(entry(&iw, PEER));
	iw.net->ipv4->sysctl.arp_accept = 1;
	inject_arp(&iw, ARPOP_REQUEST, mac_a, PEER, PEER);
	assert_non_null(entry(&iw, PEER));
	inet_end(&iw);
}

static void an_asker_off_the_subnet_is_answered_but_not_remembered(void **s)
{
	struct inet_world iw;
	struct sk_buff *skb;

	inet_begin(&iw);
	inject_arp(&iw, ARPOP_REQUEST, mac_a, 0xac100005, US);
	skb = next_of(&iw, ETH_P_ARP);
	assert_non_null(skb);
	consume_skb(skb);
	assert_null(entry(&iw, 0xac100005));
	inet_end(&iw);
}

static void of_two_answers_the_first_stands_for_a_second(void **s)
{
	struct inet_flow fl = flow_to(PEER);
	struct inet_world iw;

	inet_begin(&iw);
	ip_queue_xmit(iw.net, NULL, payload(8), &fl, 0);
	inject_arp(&iw, ARPOP_REPLY, mac_a, PEER, US);
	assert_non_null(entry(&iw, PEER));
	assert_int_equal(entry(&iw, PEER)->state, NUD_REACHABLE);
	inject_arp(&iw, ARPOP_REPLY, mac_b, PEER, US);
	assert_memory_equal(entry(&iw, PEER)->ha, mac_a, ETH_ALEN);
	fake_advance(iw.w.fp, 2 * NSEC_PER_SEC);
	inject_arp(&iw, ARPOP_REPLY, mac_b, PEER, US);
	assert_memory_equal(entry(&iw, PEER)->ha, mac_b, ETH_ALEN);
	inet_flow_drop_route(&fl);
	inet_end(&iw);
}

static void a_permanent_entry_is_not_poisoned(void **s)
{
	struct inet_world iw;

	inet_begin(&iw);
	know_neighbour(&iw, PEER);
	inject_arp(&iw, ARPOP_REQUEST, mac_a, PEER, PEER);
	inject_arp(&iw, ARPOP_REQUEST, mac_a, PEER, US);
	inject_arp(&iw, ARPOP_REPLY, mac_a, PEER, US);
	assert_memory_equal(entry(&iw, PEER)->ha, peer_mac, ETH_ALEN);
	inet_end(&iw);
}

/* attacks.md 5: byte, value, length. */
static const struct {
	u32 off, value, len;
} malformed[] = {
	{ 0, 0, 10 }, { 0, 0, 27 }, { 4, 255, 28 }, { 5, 0, 28 },
	{ 1, 32, 28 }, { 2, 0x86, 28 }, { 7, 9, 28 }, { 7, 0, 28 },
	{ 8, 1, 28 },			/* sender's address is a group's */
	{ 14, 0xe0, 28 },
};

static void malformed_packets_are_dropped(void **s)
{
	for (size_t i = 0; i < ARRAY_SIZE(malformed); i++) {
		u8 buf[28] = { 0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 0xa,
			       10, 0, 0, 2, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1 };
		struct inet_world iw;

		inet_begin(&iw);
		buf[malformed[i].off] = (u8)malformed[i].value;
		inject(&iw, buf, malformed[i].len, ETH_P_ARP);
		if (next_frame(&iw))
			fail_msg("case %zu was answered", i);
		assert_int_equal(drops(SKB_DROP_REASON_ARP_HDR) +
				 drops(SKB_DROP_REASON_ARP_MARTIAN), 1);
		inet_end(&iw);
	}
}

/* attacks.md 8 */
static void a_flood_of_askers_does_not_stop_answers(void **s)
{
	struct inet_world iw;
	struct sk_buff *skb;
	u32 answers = 0;

	inet_begin(&iw);
	assert_int_equal(inet_addr_add(iw.dev, cpu_to_be32(0x0b000001), 8), 0);
	for (u32 i = 0; i < 3000; i++) {
		inject_arp(&iw, ARPOP_REQUEST, mac_a, 0x0b000100 + i, US);
		while ((skb = next_frame(&iw))) {
			answers++;
			consume_skb(skb);
		}
	}
	assert_int_equal(answers, 3000);
	assert_true(iw.net->ipv4->arp_tbl.entries <= 1024);
	inet_end(&iw);
}

static void arp_ignore_restricts_answers(void **s)
{
	struct net_device *other;
	struct inet_world iw;
	struct sk_buff *skb;

	inet_begin(&iw);
	other = toy_create(iw.net, 0);
	assert_int_equal(inet_addr_add(other, cpu_to_be32(0xc0a80001), 24), 0);
	inject_arp(&iw, ARPOP_REQUEST, mac_a, PEER, 0xc0a80001);
	skb = next_of(&iw, ETH_P_ARP);	/* weak host model, as Linux */
	assert_non_null(skb);
	consume_skb(skb);
	iw.net->ipv4->sysctl.arp_ignore = 1;
	inject_arp(&iw, ARPOP_REQUEST, mac_a, PEER, 0xc0a80001);
	assert_null(next_frame(&iw));
	toy_destroy(other);
	inet_end(&iw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_for_our_address_is_answered_and_teaches),
		cmocka_unit_test(requests_for_others_are_not_answered),
		cmocka_unit_test(a_probe_for_our_address_is_answered),
		cmocka_unit_test(claims_on_our_address_do_not_get_into_the_table),
		cmocka_unit_test(unasked_answers_make_no_entries),
		cmocka_unit_test(an_asker_off_the_subnet_is_answered_but_not_remembered),
		cmocka_unit_test(of_two_answers_the_first_stands_for_a_second),
		cmocka_unit_test(a_permanent_entry_is_not_poisoned),
		cmocka_unit_test(malformed_packets_are_dropped),
		cmocka_unit_test(a_flood_of_askers_does_not_stop_answers),
		cmocka_unit_test(arp_ignore_restricts_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
