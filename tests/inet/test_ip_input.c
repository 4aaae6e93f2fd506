/* SPDX-License-Identifier: BSD-2-Clause */
/* What ip_rcv lets in, and what it counts. */
#include "tests/inet/inet_test.h"

static const u8 body[64] = "0123456789abcdef0123456789abcdef";

static void a_good_packet_reaches_its_protocol(void **s)
{
	struct pkt p = { .data = body, .len = 20 };
	struct inet_world iw;

	inet_begin(&iw);
	inject_ip(&iw, &p);
	assert_int_equal(iw.got.qlen, 1);
	assert_int_equal(iw.got.next->len, 20);
	assert_memory_equal(iw.got.next->data, body, 20);
	assert_int_equal(STAT(&iw, Ip, InDelivers), 1);
	inet_end(&iw);
}

static void what_the_link_padded_is_trimmed(void **s)
{
	struct pkt p = { .data = body, .len = 8 };
	struct inet_world iw;
	u8 buf[128] = { 0 };

	inet_begin(&iw);
	pkt_build(&p, buf);
	inject(&iw, buf, 46, ETH_P_IP);
	assert_int_equal(iw.got.qlen, 1);
	assert_int_equal(iw.got.next->len, 8);
	inet_end(&iw);
}

/* One wrong header each: attacks.md 2, 11, 13, 14, 17. */
struct bad {
	const char *name;
	u32 off, len;			/* byte changed; frame length, 0: whole */
	u8 value;
	bool fix_csum;
	enum skb_drop_reason why;
	enum mib mib;
};
static const struct bad bad_headers[] = {
	{ "header only 0 bytes", 0, 1, 0x45, false,
	  SKB_DROP_REASON_HDR_TRUNC, MIB_Ip_InHdrErrors },
	{ "19 bytes", 0, 19, 0x45, false,
	  SKB_DROP_REASON_HDR_TRUNC, MIB_Ip_InHdrErrors },
	{ "version 0", 0, 0, 0x05, true,
	  SKB_DROP_REASON_IP_VERSION, MIB_Ip_InHdrErrors },
	{ "version 6", 0, 0, 0x65, true,
	  SKB_DROP_REASON_IP_VERSION, MIB_Ip_InHdrErrors },
	{ "version 15", 0, 0, 0xf5, true,
	  SKB_DROP_REASON_IP_VERSION, MIB_Ip_InHdrErrors },
	{ "header length 16", 0, 0, 0x44, false,
	  SKB_DROP_REASON_IP_INHDR, MIB_Ip_InHdrErrors },
	{ "header length 60 in 24 bytes", 0, 24, 0x4f, false,
	  SKB_DROP_REASON_IP_INHDR, MIB_Ip_InHdrErrors },
	{ "total length 0", 3, 0, 0, true,
	  SKB_DROP_REASON_IP_INHDR, MIB_Ip_InHdrErrors },
	{ "total length 19", 3, 0, 19, true,
	  SKB_DROP_REASON_IP_INHDR, MIB_Ip_InHdrErrors },
	{ "total length beyond the frame", 3, 0, 200, true,
	  SKB_DROP_REASON_IP_LEN, MIB_IpExt_InTruncatedPkts },
	{ "checksum", 10, 0, 0x12, false,
	  SKB_DROP_REASON_IP_CSUM, MIB_IpExt_InCsumErrors },
};

static void each_malformed_header_is_dropped_and_counted(void **s)
{
	for (size_t i = 0; i < ARRAY_SIZE(bad_headers); i++) {
		const struct bad *b = &bad_headers[i];
		struct pkt p = { .data = body, .len = 20 };
		struct inet_world iw;
		u8 buf[128];
		u32 len;

		inet_begin(&iw);
		len = pkt_build(&p, buf);
		buf[b->off] = b->value;
		if (b->fix_csum) {
			buf[10] = buf[11] = 0;
			memcpy(buf + 10, &(__sum16){ ip_fast_csum(buf, 5) }, 2);
		}
		inject(&iw, buf, b->len ? b->len : len, ETH_P_IP);
		if (iw.got.qlen || drops(b->why) != 1 ||
		    stat_of(&iw, b->mib) != 1)
			fail_msg("%s: got %u, drops %llu, counter %llu", b->name,
				 iw.got.qlen, (unsigned long long)drops(b->why),
				 (unsigned long long)stat_of(&iw, b->mib));
		assert_null(next_frame(&iw));
		inet_end(&iw);
	}
}

/* attacks.md 22, 23 */
static const struct {
	u32 saddr, daddr;
	enum skb_drop_reason why;	/* 0: delivered */
} addresses[] = {
#define BAD_SRC SKB_DROP_REASON_IP_INVALID_SOURCE
	{ 0x7f000001, US, BAD_SRC },		/* loopback on the wire */
	{ 0x7f000001, 0x7f000001, BAD_SRC },
	{ PEER, 0x7f000001, SKB_DROP_REASON_IP_LOCALNET },
	{ 0xe0000001, US, BAD_SRC },		/* group as source */
	{ 0xffffffff, US, BAD_SRC },
	{ 0x00000001, US, BAD_SRC },		/* 0/8 */
	{ US, US, BAD_SRC },			/* LAND */
	{ PEER, 0x00000001, SKB_DROP_REASON_IP_INVALID_DEST },
	/* somebody else's; a group without member */
	{ PEER, 0x0a000003, SKB_DROP_REASON_IP_FORWARDING_OFF },
	{ PEER, 0xe0000005, SKB_DROP_REASON_IP_MULTICAST_NOT_JOINED },
	{ PEER, 0xe0000001, 0 },		/* all hosts */
	{ PEER, 0x0a0000ff, 0 },		/* subnet broadcast */
	{ PEER, 0xffffffff, 0 },
	{ 0xf0000001, US, 0 },			/* class E: unicast for Linux */
	{ FAR, US, 0 },
};

static void martian_addresses_are_dropped(void **s)
{
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
		struct pkt p = { .data = body, .len = 8 };
		struct inet_world iw;

		inet_begin(&iw);
		p.saddr = addresses[i].saddr;
		p.daddr = addresses[i].daddr;
		inject_ip(&iw, &p);
		if (iw.got.qlen != !addresses[i].why ||
		    (!iw.got.qlen && drops(addresses[i].why) != 1))
			fail_msg("%08x -> %08x: %u", p.saddr, p.daddr,
				 iw.got.qlen);
		inet_end(&iw);
	}
}

static void frames_for_others_are_not_ours(void **s)
{
	static const u8 other[ETH_ALEN] = { 2, 9, 9, 9, 9, 9 };
	struct pkt p = { .data = body, .len = 8 };
	struct inet_world iw;
	u8 buf[128];

	inet_begin(&iw);
	inject_to(&iw, buf, pkt_build(&p, buf), ETH_P_IP, other);
	assert_int_equal(iw.got.qlen, 0);
	assert_int_equal(STAT(&iw, Ip, InReceives), 0);
	assert_int_equal(drops(SKB_DROP_REASON_OTHERHOST), 1);
	inet_end(&iw);
}

static void an_unknown_protocol_is_answered_with_an_icmp_error(void **s)
{
	struct pkt p = { .data = body, .len = 20, .protocol = 200 };
	struct inet_world iw;
	struct sk_buff *skb;

	inet_begin(&iw);
	know_neighbour(&iw, PEER);
	inject_ip(&iw, &p);
	skb = next_ip(&iw);
	assert_non_null(skb);
	assert_int_equal(ip_hdr(skb)->protocol, IPPROTO_ICMP);
	assert_int_equal(skb->data[20], ICMP_DEST_UNREACH);
	assert_int_equal(skb->data[21], ICMP_PROT_UNREACH);
	assert_int_equal(STAT(&iw, Ip, InUnknownProtos), 1);
	assert_int_equal(drops(SKB_DROP_REASON_IP_NOPROTO), 1);
	consume_skb(skb);
	inet_end(&iw);
}

static bool raw_takes_all(struct sk_buff *skb, u8 protocol)
{
	return true;
}

static void no_icmp_error_when_a_raw_socket_took_it(void **s)
{
	struct pkt p = { .data = body, .len = 20, .protocol = 200 };
	struct inet_world iw;

	inet_begin(&iw);
	know_neighbour(&iw, PEER);
	inet_set_raw_deliver(iw.net, raw_takes_all);
	inject_ip(&iw, &p);
	assert_null(next_ip(&iw));
	assert_int_equal(STAT(&iw, Ip, InDelivers), 1);
	inet_end(&iw);
}

static void ttl_0_and_1_are_delivered_to_a_host(void **s)
{
	struct pkt p = { .data = body, .len = 20, .ttl = 1 };
	struct inet_world iw;

	inet_begin(&iw);
	inject_ip(&iw, &p);
	assert_int_equal(iw.got.qlen, 1);
	inet_end(&iw);
}

static void strict_rp_filter_refuses_the_wrong_way(void **s)
{
	struct pkt p = { .data = body, .len = 8, .saddr = 0xac100001 };
	struct inet_world iw;
	struct net_device *other;
	struct fib_config cfg = { .dst = cpu_to_be32(0xac100000),
				  .prefixlen = 16, .type = RTN_UNICAST_ };

	inet_begin(&iw);
	other = toy_create(iw.net, 0);
	cfg.oif = other->ifindex;
	assert_int_equal(fib_add(iw.net, &cfg, false), 0);
	inject_ip(&iw, &p);
	assert_int_equal(iw.got.qlen, 1);
	iw.net->ipv4->sysctl.rp_filter = 1;
	inject_ip(&iw, &p);
	assert_int_equal(iw.got.qlen, 1);
	assert_int_equal(STAT(&iw, TcpExt, IPReversePathFilter), 1);
	assert_int_equal(drops(SKB_DROP_REASON_IP_RPFILTER), 1);
	iw.net->ipv4->sysctl.rp_filter = 2;
	inject_ip(&iw, &p);
	assert_int_equal(iw.got.qlen, 2);
	toy_destroy(other);
	inet_end(&iw);
}

/* attacks.md 19, 20 */
static const struct {
	u8 opt[12];
	bool delivered;
} option_cases[] = {
	{ { IPOPT_NOOP, IPOPT_NOOP, IPOPT_NOOP, IPOPT_END }, true },
	{ { IPOPT_RR, 7, 4, 0, 0, 0, 0, 0 }, true },
	{ { IPOPT_RR, 7, 8, 0, 0, 0, 0, 0 }, true },	/* full */
	{ { IPOPT_RR, 7, 6, 0, 0, 0, 0, 0 }, false },	/* overruns */
	{ { IPOPT_RR, 7, 3, 0, 0, 0, 0, 0 }, false },
	{ { IPOPT_RR, 13, 4 }, false },			/* beyond the header */
	{ { IPOPT_RR, 1, 4 }, false },
	{ { IPOPT_RR, 0, 4 }, false },
	{ { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, IPOPT_RR }, false },
	{ { IPOPT_TIMESTAMP, 8, 5, 0 }, true },
	{ { IPOPT_TIMESTAMP, 8, 5, 2 }, false },	/* unknown flag */
	{ { IPOPT_TIMESTAMP, 8, 9, 0xf0 }, false },	/* overflow of overflow */
	{ { IPOPT_TIMESTAMP, 8, 9, 0xe0 }, true },
	{ { IPOPT_TIMESTAMP, 8, 7, 0 }, false },
	{ { IPOPT_LSRR, 7, 4, 10, 0, 0, 9 }, false },	/* source routing off */
	{ { IPOPT_LSRR, 7, 8, 10, 0, 0, 9 }, false },
	{ { IPOPT_RA, 4, 0, 0 }, true },
	{ { 0x5e, 6, 1, 2, 3, 4 }, true },		/* unknown: ignored */
};

static void options_are_checked_before_anything_reads_them(void **s)
{
	for (size_t i = 0; i < ARRAY_SIZE(option_cases); i++) {
		struct pkt p = { .data = body, .len = 8, .optlen = 12,
				 .opt = option_cases[i].opt };
		struct inet_world iw;

		inet_begin(&iw);
		inject_ip(&iw, &p);
		if (iw.got.qlen != option_cases[i].delivered)
			fail_msg("case %zu: %u", i, iw.got.qlen);
		assert_int_equal(drops(option_cases[i].opt[0] == IPOPT_LSRR ?
				       SKB_DROP_REASON_IP_SOURCE_ROUTE :
				       SKB_DROP_REASON_IP_OPTIONS),
				 !option_cases[i].delivered);
		inet_end(&iw);
	}
}

static void ecn_and_octets_are_counted(void **s)
{
	struct pkt p = { .data = body, .len = 20 };
	struct inet_world iw;

	inet_begin(&iw);
	for (u8 tos = 0; tos < 4; tos++) {
		p.tos = tos;
		inject_ip(&iw, &p);
	}
	assert_int_equal(STAT(&iw, IpExt, InNoECTPkts), 1);
	assert_int_equal(STAT(&iw, IpExt, InECT1Pkts), 1);
	assert_int_equal(STAT(&iw, IpExt, InECT0Pkts), 1);
	assert_int_equal(STAT(&iw, IpExt, InCEPkts), 1);
	assert_int_equal(STAT(&iw, IpExt, InOctets), 160);
	inet_end(&iw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_packet_reaches_its_protocol),
		cmocka_unit_test(what_the_link_padded_is_trimmed),
		cmocka_unit_test(each_malformed_header_is_dropped_and_counted),
		cmocka_unit_test(martian_addresses_are_dropped),
		cmocka_unit_test(frames_for_others_are_not_ours),
		cmocka_unit_test(an_unknown_protocol_is_answered_with_an_icmp_error),
		cmocka_unit_test(no_icmp_error_when_a_raw_socket_took_it),
		cmocka_unit_test(ttl_0_and_1_are_delivered_to_a_host),
		cmocka_unit_test(strict_rp_filter_refuses_the_wrong_way),
		cmocka_unit_test(options_are_checked_before_anything_reads_them),
		cmocka_unit_test(ecn_and_octets_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
