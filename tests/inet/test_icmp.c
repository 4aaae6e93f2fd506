/* SPDX-License-Identifier: BSD-2-Clause */
/* ICMP: answers, errors in and out, and when there are none. */
#include "tests/inet/inet_test.h"

#include "base/random.h"

static void sum(u8 *icmp, u32 len)
{
	memset(icmp + 2, 0, 2);
	memcpy(icmp + 2, &(__sum16){ ip_compute_csum(icmp, len) }, 2);
}

static void send_icmp(struct inet_world *iw, u8 *icmp, u32 len, u32 saddr,
		      u32 daddr)
{
	struct pkt p = { .protocol = IPPROTO_ICMP, .data = icmp, .len = len,
			 .saddr = saddr, .daddr = daddr };

	inject_ip(iw, &p);
}

static void begin(struct inet_world *iw)
{
	inet_begin(iw);
	know_neighbour(iw, PEER);
	know_neighbour(iw, GW);
}

static void an_echo_comes_back_with_the_same_data(void **s)
{
	u8 icmp[200] = { ICMP_ECHO, 0, 0, 0, 0x12, 0x34, 0, 7 };
	struct inet_world iw;
	struct sk_buff *skb;

	begin(&iw);
	for (u32 i = 8; i < sizeof(icmp); i++)
		icmp[i] = (u8)i;
	sum(icmp, sizeof(icmp));
	send_icmp(&iw, icmp, sizeof(icmp), PEER, US);
	skb = next_ip(&iw);
	assert_non_null(skb);
	assert_int_equal(skb->len, 20 + sizeof(icmp));
	assert_int_equal(skb->data[20], ICMP_ECHOREPLY);
	assert_memory_equal(skb->data + 24, icmp + 4, sizeof(icmp) - 4);
	assert_int_equal(ip_compute_csum(skb->data + 20, sizeof(icmp)), 0);
	assert_int_equal(be32_to_cpu(ip_hdr(skb)->saddr), US);
	assert_int_equal(STAT(&iw, Icmp, InEchos), 1);
	assert_int_equal(STAT(&iw, Icmp, OutEchoReps), 1);
	consume_skb(skb);
	inet_end(&iw);
}

/* attacks.md 16: nothing of the frame's padding in the answer. */
static void padding_is_not_reflected(void **s)
{
	struct inet_world iw;
	struct sk_buff *skb;
	u8 icmp[8] = { ICMP_ECHO }, frame[1400];
	struct pkt p = { .protocol = IPPROTO_ICMP, .data = icmp, .len = 8 };

	begin(&iw);
	sum(icmp, 8);
	memset(frame, 0xa5, sizeof(frame));
	pkt_build(&p, frame);
	inject(&iw, frame, sizeof(frame), ETH_P_IP);
	skb = next_ip(&iw);
	assert_non_null(skb);
	assert_int_equal(skb->len, 28);
	consume_skb(skb);
	inet_end(&iw);
}

static void a_large_echo_is_reassembled_and_cut_again(void **s)
{
	static u8 icmp[4000] = { ICMP_ECHO };
	struct inet_world iw;
	u32 frames = 0, bytes = 0;
	struct sk_buff *skb;

	begin(&iw);
	sum(icmp, sizeof(icmp));
	for (u32 off = 0; off < sizeof(icmp); off += 1480) {
		u32 len = min_t(u32, 1480, sizeof(icmp) - off);
		struct pkt p = { .protocol = IPPROTO_ICMP, .id = 5,
				 .data = icmp + off, .len = len };

		p.frag_off = (u16)(off / 8);
		if (off + len < sizeof(icmp))
			p.frag_off |= IP_MF;
		inject_ip(&iw, &p);
	}
	while ((skb = next_ip(&iw))) {
		frames++;
		bytes += skb->len - 20;
		consume_skb(skb);
	}
	assert_int_equal(frames, 3);
	assert_int_equal(bytes, sizeof(icmp));
	inet_end(&iw);
}

/* attacks.md 43 */
static void requests_to_many_are_not_answered(void **s)
{
	static const u32 to[] = { 0x0a0000ff, 0xffffffff, 0xe0000001 };
	u8 icmp[8] = { ICMP_ECHO };
	struct inet_world iw;

	begin(&iw);
	sum(icmp, 8);
	for (size_t i = 0; i < ARRAY_SIZE(to); i++)
		send_icmp(&iw, icmp, 8, PEER, to[i]);
	assert_null(next_ip(&iw));
	/* unless somebody wants them to be */
	iw.net->ipv4->sysctl.icmp_echo_ignore_broadcasts = 0;
	send_icmp(&iw, icmp, 8, PEER, 0x0a0000ff);
	assert_int_equal(iw.w.toy->sent.qlen, 1);
	inet_end(&iw);
}

static void a_timestamp_is_answered_with_the_time(void **s)
{
	u8 icmp[20] = { ICMP_TIMESTAMP, 0, 0, 0, 1, 2, 3, 4, 9, 9, 9, 9 };
	struct inet_world iw;
	struct sk_buff *skb;

	begin(&iw);
	sum(icmp, sizeof(icmp));
	send_icmp(&iw, icmp, sizeof(icmp), PEER, US);
	skb = next_ip(&iw);
	assert_non_null(skb);
	assert_int_equal(skb->data[20], ICMP_TIMESTAMPREPLY);
	assert_memory_equal(skb->data + 24, icmp + 4, 8);
	assert_int_equal(get_unaligned_be32(skb->data + 32),
			 ktime_get_real() / NSEC_PER_MSEC % 86400000);
	assert_int_equal(ip_compute_csum(skb->data + 20, 20), 0);
	consume_skb(skb);
	send_icmp(&iw, icmp, 19, PEER, US);
	assert_null(next_ip(&iw));
	inet_end(&iw);
}

/* RFC1122 3.2.2.6 */
static void recorded_and_source_routes_are_reflected(void **s)
{
	static const u8 opt[] = { IPOPT_RR, 11, 8, 10, 0, 0, 2, 0, 0, 0, 0,
				  IPOPT_NOOP,
				  IPOPT_LSRR, 11, 12, 10, 0, 0, 2, 10, 0, 0, 3,
				  IPOPT_END };
	u8 icmp[8] = { ICMP_ECHO };
	struct pkt p = { .protocol = IPPROTO_ICMP, .data = icmp, .len = 8,
			 .opt = opt, .optlen = sizeof(opt), .saddr = FAR };
	struct inet_world iw;
	struct sk_buff *skb;

	begin(&iw);
	know_neighbour(&iw, 0x0a000003);
	iw.net->ipv4->sysctl.accept_source_route = 1;
	sum(icmp, 8);
	inject_ip(&iw, &p);
	skb = next_ip(&iw);
	assert_non_null(skb);
	assert_int_equal(be32_to_cpu(ip_hdr(skb)->daddr), 0x0a000003);
	assert_int_equal(skb->data[20], IPOPT_RR);
	assert_int_equal(skb->data[22], 12);
	assert_int_equal(get_unaligned_be32(skb->data + 27), US);
	assert_int_equal(skb->data[31], IPOPT_LSRR);
	assert_int_equal(skb->data[33], 4);
	assert_int_equal(get_unaligned_be32(skb->data + 34), PEER);
	assert_int_equal(get_unaligned_be32(skb->data + 38), FAR);
	consume_skb(skb);
	inet_end(&iw);
}

/* attacks.md 41 */
static void short_and_wrongly_summed_messages_are_errors(void **s)
{
	u8 icmp[8] = { ICMP_ECHO };
	struct inet_world iw;

	begin(&iw);
	sum(icmp, 8);
	for (u32 len = 0; len < 8; len++)
		send_icmp(&iw, icmp, len, PEER, US);
	icmp[2] ^= 0x55;
	send_icmp(&iw, icmp, 8, PEER, US);
	assert_int_equal(STAT(&iw, Icmp, InErrors), 9);
	assert_int_equal(drops(SKB_DROP_REASON_ICMP_HDR), 8);
	assert_int_equal(drops(SKB_DROP_REASON_ICMP_CSUM), 1);
	assert_int_equal(STAT(&iw, Icmp, InCsumErrors), 1);
	assert_null(next_ip(&iw));
	inet_end(&iw);
}

static void unknown_types_are_silently_ignored(void **s)
{
	struct inet_world iw;

	begin(&iw);
	for (u32 type = 0; type < 256; type++) {
		u8 icmp[60] = { (u8)type };

		if (type == ICMP_ECHO || type == ICMP_TIMESTAMP)
			continue;
		sum(icmp, sizeof(icmp));
		send_icmp(&iw, icmp, sizeof(icmp), PEER, US);
	}
	assert_null(next_ip(&iw));
	assert_int_equal(iw.err.count, 0);
	assert_true(drops(SKB_DROP_REASON_ICMP_IGNORED) > 230);
	inet_end(&iw);
}

static void answers_are_limited_when_the_mask_says_so(void **s)
{
	u8 icmp[8] = { ICMP_ECHO };
	struct inet_world iw;

	begin(&iw);
	iw.net->ipv4->sysctl.icmp_ratemask |= 1u << ICMP_ECHOREPLY;
	sum(icmp, 8);
	for (int i = 0; i < 10; i++)
		send_icmp(&iw, icmp, 8, PEER, US);
	assert_int_equal(iw.w.toy->sent.qlen, 6);
	assert_int_equal(drops(SKB_DROP_REASON_ICMP_RATELIMIT), 4);
	inet_end(&iw);
}

/* An error that quotes a packet of ours to daddr. Length of the message. */
static u32 error_about(u8 *icmp, u8 type, u8 code, u32 rest, u32 daddr,
		       u32 quoted)
{
	struct pkt p = { .saddr = US, .daddr = daddr, .data = "12345678",
			 .len = 8 };

	memset(icmp, 0, 8);
	icmp[0] = type;
	icmp[1] = code;
	put_unaligned_be32(rest, icmp + 4);
	pkt_build(&p, icmp + 8);
	sum(icmp, 8 + quoted);
	return 8 + quoted;
}

static void errors_reach_the_protocol_they_quote(void **s)
{
	struct inet_world iw;
	u8 icmp[100];

	begin(&iw);
	send_icmp(&iw, icmp, error_about(icmp, ICMP_DEST_UNREACH,
					 ICMP_PORT_UNREACH, 0, FAR, 28),
		  FAR, US);
	assert_int_equal(iw.err.count, 1);
	assert_int_equal(iw.err.code, ICMP_PORT_UNREACH);
	assert_int_equal(be32_to_cpu(iw.err.offender), FAR);
	send_icmp(&iw, icmp, error_about(icmp, ICMP_PARAMETERPROB, 0,
					 20u << 24, FAR, 28), FAR, US);
	assert_int_equal(iw.err.info, 20);
	/* RFC1191 7.1: a router that does not know of the field */
	send_icmp(&iw, icmp, error_about(icmp, ICMP_DEST_UNREACH,
					 ICMP_FRAG_NEEDED, 0, FAR, 28),
		  FAR, US);
	assert_int_equal(iw.err.info, 68);
	inet_end(&iw);
}

/* attacks.md 44 */
static void errors_with_a_bogus_quote_are_dropped(void **s)
{
	static const u32 quoted[] = { 0, 10, 19, 20, 27 };
	struct inet_world iw;
	u8 icmp[100];
	u32 n = 0;

	begin(&iw);
	for (size_t i = 0; i < ARRAY_SIZE(quoted); i++, n++)
		send_icmp(&iw, icmp, error_about(icmp, ICMP_DEST_UNREACH, 1, 0,
						 FAR, quoted[i]), FAR, US);
	/* header length 60 in it; version 6; a protocol nobody speaks */
	error_about(icmp, ICMP_TIME_EXCEEDED, 0, 0, FAR, 28);
	icmp[8] = 0x4f;
	sum(icmp, 36);
	send_icmp(&iw, icmp, 36, FAR, US);
	icmp[8] = 0x65;
	sum(icmp, 36);
	send_icmp(&iw, icmp, 36, FAR, US);
	icmp[8] = 0x45;
	icmp[8 + 9] = 201;
	sum(icmp, 36);
	send_icmp(&iw, icmp, 36, FAR, US);
	assert_int_equal(STAT(&iw, Icmp, InErrors), n + 3);
	assert_int_equal(iw.err.count, 0);
	inet_end(&iw);
}

/* --- errors that we send ------------------------------------------------------- */

/* RFC1122 3.2.2: never about these. */
static void there_are_no_errors_about_what_must_not_have_them(void **s)
{
	u8 err[64];
	struct pkt t[] = {
		{ .protocol = IPPROTO_ICMP, .data = err },	/* an error */
		{ .daddr = 0x0a0000ff },
		{ .daddr = 0xe0000001 },
		{ .frag_off = 4 },
		{ .saddr = 0 }, { .saddr = 0xe0000009 }, { .saddr = 0x7f000009 },
	};
	struct inet_world iw;

	begin(&iw);
	t[0].len = error_about(err, ICMP_DEST_UNREACH, 3, 0, FAR, 28);
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct sk_buff *skb = alloc_skb(256);
		u8 buf[256];
		u32 len;

		assert_non_null(skb);
		if (!t[i].data) {
			t[i].data = "xxxxxxxx";
			t[i].len = 8;
		}
		len = pkt_build(&t[i], buf);
		if (i == 4)
			memset(buf + 12, 0, 4);
		memcpy(skb_put(skb, len), buf, len);
		skb_reset_network_header(skb);
		skb->dev = iw.dev;
		icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
		if (next_ip(&iw))
			fail_msg("case %zu was answered", i);
		consume_skb(skb);
	}
	inet_end(&iw);
}

static void an_error_quotes_at_most_576_bytes(void **s)
{
	static u8 data[1400];
	struct pkt p = { .protocol = 200, .data = data, .len = sizeof(data) };
	struct inet_world iw;
	struct sk_buff *skb;

	begin(&iw);
	inject_ip(&iw, &p);
	skb = next_ip(&iw);
	assert_non_null(skb);
	assert_int_equal(skb->len, 576);
	assert_int_equal(ip_compute_csum(skb->data + 20, 556), 0);
	consume_skb(skb);
	inet_end(&iw);
}

/* attacks.md 49 */
static void one_destination_gets_six_errors_and_then_one_a_second(void **s)
{
	struct pkt p = { .protocol = 200, .data = "x", .len = 1 };
	struct inet_world iw;

	begin(&iw);
	for (int i = 0; i < 500; i++)
		inject_ip(&iw, &p);
	assert_int_equal(iw.w.toy->sent.qlen, 6);
	fake_advance(iw.w.fp, NSEC_PER_SEC);
	for (int i = 0; i < 500; i++)
		inject_ip(&iw, &p);
	assert_int_equal(iw.w.toy->sent.qlen, 7);
	assert_true(STAT(&iw, Icmp, OutRateLimitHost) > 0);
	inet_end(&iw);
}

/* attacks.md 50 */
static void all_destinations_together_get_a_number_that_cannot_be_counted(void **s)
{
	u32 count[4], differ = 0;

	for (int round = 0; round < 4; round++) {
		struct inet_world iw;

		begin(&iw);
		for (int i = 0; i < round * 17; i++)
			get_random_u32();	/* another seed, in effect */
		for (u32 i = 0; i < 1200; i++) {
			struct pkt p = { .protocol = 200, .data = "x", .len = 1,
					 .saddr = 0xc6336400 + i % 200 };

			inject_ip(&iw, &p);
		}
		count[round] = iw.w.toy->sent.qlen;
		assert_in_range(count[round], 30, 120);
		differ |= count[round] ^ count[0];
		inet_end(&iw);
	}
	assert_true(differ);
}

/* --- redirects ------------------------------------------------------------------ */

static u32 gateway_to_far(struct inet_world *iw)
{
	struct flowi4 fl = { .daddr = cpu_to_be32(FAR) };
	struct rtable *rt = ip_route_output(iw->net, &fl);
	u32 gw;

	assert_false(IS_ERR(rt));
	gw = be32_to_cpu(rt->gateway);
	dst_release(&rt->dst);
	return gw;
}

static void a_redirect_counts_only_from_the_gateway_in_use(void **s)
{
	const u32 better = 0x0a000009;
	struct inet_world iw;
	u8 icmp[100];
	u32 len;

	begin(&iw);
	len = error_about(icmp, ICMP_REDIRECT, ICMP_REDIR_HOST, better, FAR,
			  28);
	send_icmp(&iw, icmp, len, PEER, US);		/* not the gateway */
	assert_int_equal(gateway_to_far(&iw), GW);
	len = error_about(icmp, ICMP_REDIRECT, ICMP_REDIR_HOST, 0xac100001,
			  FAR, 28);
	send_icmp(&iw, icmp, len, GW, US);		/* off the link */
	assert_int_equal(gateway_to_far(&iw), GW);
	len = error_about(icmp, ICMP_REDIRECT, ICMP_REDIR_HOST, US, FAR, 28);
	send_icmp(&iw, icmp, len, GW, US);		/* ourselves */
	assert_int_equal(gateway_to_far(&iw), GW);
	len = error_about(icmp, ICMP_REDIRECT, ICMP_REDIR_HOST, better, FAR,
			  28);
	iw.net->ipv4->sysctl.accept_redirects = 0;
	send_icmp(&iw, icmp, len, GW, US);
	assert_int_equal(gateway_to_far(&iw), GW);
	iw.net->ipv4->sysctl.accept_redirects = 1;
	send_icmp(&iw, icmp, len, GW, US);
	assert_int_equal(gateway_to_far(&iw), better);
	fake_advance(iw.w.fp, 301 * NSEC_PER_SEC);
	assert_int_equal(gateway_to_far(&iw), GW);
	inet_end(&iw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_echo_comes_back_with_the_same_data),
		cmocka_unit_test(padding_is_not_reflected),
		cmocka_unit_test(a_large_echo_is_reassembled_and_cut_again),
		cmocka_unit_test(requests_to_many_are_not_answered),
		cmocka_unit_test(a_timestamp_is_answered_with_the_time),
		cmocka_unit_test(recorded_and_source_routes_are_reflected),
		cmocka_unit_test(short_and_wrongly_summed_messages_are_errors),
		cmocka_unit_test(unknown_types_are_silently_ignored),
		cmocka_unit_test(answers_are_limited_when_the_mask_says_so),
		cmocka_unit_test(errors_reach_the_protocol_they_quote),
		cmocka_unit_test(errors_with_a_bogus_quote_are_dropped),
		cmocka_unit_test(there_are_no_errors_about_what_must_not_have_them),
		cmocka_unit_test(an_error_quotes_at_most_576_bytes),
		cmocka_unit_test(one_destination_gets_six_errors_and_then_one_a_second),
		cmocka_unit_test(all_destinations_together_get_a_number_that_cannot_be_counted),
		cmocka_unit_test(a_redirect_counts_only_from_the_gateway_in_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
