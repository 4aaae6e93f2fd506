/* SPDX-License-Identifier: BSD-2-Clause */
/* tool/drill/parse_packet.c, parse_opts.c, parse_icmp.c and format.c. */
#include "tests/drill/drill_fixture.h"

#include <stdio.h>

/* The packet of a line without its time. */
static struct drill_packet packet(const char *line)
{
	struct drill_packet p;
	struct drill_script *s;
	char text[512];

	snprintf(text, sizeof(text), "0 %s", line);
	s = parse(text);
	assert_int_equal(s->nevents, 1);
	assert_int_equal(s->events[0].kind, DRILL_PACKET);
	p = *s->events[0].packet;
	drill_script_free(s);
	return p;
}

/* The line is printed as it stands. */
static void same(const char *line)
{
	struct drill_packet p = packet(line);
	char buf[DRILL_FORMAT_SIZE];

	assert_string_equal(drill_format_packet(&p, buf, sizeof(buf)), line);
}

static void a_segment_has_all_its_fields(void **state)
{
	struct drill_packet p = packet("< P. 1:1001(1000) ack 7 win 257 urg 3 <nop>");

	assert_int_equal(p.dir, DRILL_IN);
	assert_int_equal(p.proto, DRILL_TCP);
	assert_int_equal(p.tcp.flags, DRILL_PSH | DRILL_ACK);
	assert_int_equal(p.tcp.seq, 1);
	assert_int_equal(p.tcp.end, 1001);
	assert_int_equal(p.tcp.len, 1000);
	assert_true(p.tcp.has_ack && p.tcp.has_win && p.tcp.has_urg);
	assert_int_equal(p.tcp.ack, 7);
	assert_int_equal(p.tcp.win, 257);
	assert_int_equal(p.tcp.urg, 3);
	assert_int_equal(p.tcp.nopts, 1);
}

static void what_is_left_out_is_not_given(void **state)
{
	struct drill_packet p = packet("> R 5:5(0)");

	assert_int_equal(p.dir, DRILL_OUT);
	assert_false(p.tcp.has_ack || p.tcp.has_win || p.tcp.has_urg || p.has_ports);
	assert_int_equal(p.ip.given, 0);
	assert_int_equal(p.tcp.nopts, 0);
	assert_false(p.tcp.any_opts);
}

static void every_flag_has_its_bit(void **state)
{
	assert_int_equal(packet("> SEWA 0:0(0)").tcp.flags,
			 DRILL_SYN | DRILL_ECE | DRILL_CWR | DRILL_AE);
	assert_int_equal(packet("> FSRP.U 0:0(0)").tcp.flags, 0x3f);
	assert_int_equal(packet("> - 0:0(0)").tcp.flags, 0);
}

static void ace_can_be_a_number(void **state)
{
	struct drill_packet p = packet("> P.5 0:0(0)");

	assert_true(p.tcp.ace_digit);
	assert_int_equal(p.tcp.flags, DRILL_PSH | DRILL_ACK | DRILL_AE | DRILL_ECE);
	assert_int_equal(packet("> F5. 1:1(0)").tcp.flags & DRILL_ACE, 5 << DRILL_ACE_SHIFT);
	assert_int_equal(packet("> .6 1:1(0)").tcp.flags & DRILL_ACE, 6 << DRILL_ACE_SHIFT);
	refused("0 > E5. 1:1(0)", 1, 5);
	refused("0 > .8 1:1(0)", 1, 5);
}

static void sequence_ranges_wrap_and_must_be_consistent(void **state)
{
	assert_int_equal(packet("> . 4294967295:9(10)").tcp.end, 9);
	refused("0 > . 1:100(100)", 1, 7);
	refused("0 > . 4294967296:1(0)", 1, 7);
	refused("0 > . 1:1 ack 1", 1, 11);
}

static void ip_fields_stand_in_a_bracket(void **state)
{
	struct drill_packet p = packet("> [tos 0x2e, ttl 3] . 1:1(0)");

	assert_int_equal(p.ip.given, DRILL_IP_TOS | DRILL_IP_TTL);
	assert_int_equal(p.ip.tos, 0x2e);
	assert_int_equal(p.ip.ttl, 3);
	assert_int_equal(packet("> [ect0] . 1:1(0)").ip.ecn, 2);
	assert_int_equal(packet("> [ect1] . 1:1(0)").ip.ecn, 1);
	assert_int_equal(packet("> [ce] . 1:1(0)").ip.ecn, 3);
	assert_int_equal(packet("> [noecn] . 1:1(0)").ip.given, DRILL_IP_ECN);
	assert_int_equal(packet("> [flowlabel 0xfffff] . 1:1(0)").ip.flow_label, 0xfffff);
	refused("0 > [tos 256] . 1:1(0)", 1, 10);
	refused("0 > [ect2] . 1:1(0)", 1, 6);
}

static void options_are_parsed_in_their_order(void **state)
{
	struct drill_packet p = packet("> S 0:0(0) <mss 1460,sackOK,TS val 10 ecr 0,nop,wscale 8>");

	assert_int_equal(p.tcp.nopts, 5);
	assert_int_equal(p.tcp.opts[0].kind, DRILL_OPT_MSS);
	assert_int_equal(p.tcp.opts[0].mss, 1460);
	assert_int_equal(p.tcp.opts[1].kind, DRILL_OPT_SACKOK);
	assert_int_equal(p.tcp.opts[2].ts.val, 10);
	assert_int_equal(p.tcp.opts[4].wscale, 8);
}

static void sack_blocks_are_limited_by_the_header(void **state)
{
	struct drill_packet p = packet("> . 1:1(0) <nop,nop,sack 1:2 5:6 9:10>");

	assert_int_equal(p.tcp.opts[2].sack.n, 3);
	assert_int_equal(p.tcp.opts[2].sack.blocks[2].end, 10);
	refused("0 > . 1:1(0) <sack 1:2 3:4 5:6 7:8 9:10>", 1, 36);
	refused("0 > . 1:1(0) <TS val 1 ecr 2,sack 1:2 3:4 5:6 7:8>", 1, 30);
}

static void cookies_are_even_hexadecimal(void **state)
{
	struct drill_packet p = packet("> S 0:0(0) <FO 12345678,FOEXP abcdef>");

	assert_int_equal(p.tcp.opts[0].data.len, 4);
	assert_int_equal(p.tcp.opts[1].kind, DRILL_OPT_FOEXP);
	assert_memory_equal(p.tcp.opts[1].data.bytes, "\xab\xcd\xef", 3);
	assert_int_equal(packet("> S 0:0(0) <FO,nop>").tcp.opts[0].data.len, 0);
	refused("0 > S 0:0(0) <FO 123>", 1, 18);
	refused("0 > S 0:0(0) <FO COOKIE>", 1, 18);
}

static void accecn_counters_come_in_two_orders(void **state)
{
	struct drill_packet p = packet("> . 1:1(0) <ECN e1b 3 ceb 2 e0b 1,nop>");

	assert_int_equal(p.tcp.opts[0].kind, DRILL_OPT_ACCECN1);
	assert_int_equal(p.tcp.opts[0].accecn.n, 3);
	assert_int_equal(p.tcp.opts[0].accecn.bytes[0], 3);
	p = packet("> . 1:1(0) <ECN e0b 1 ceb 2>");
	assert_int_equal(p.tcp.opts[0].kind, DRILL_OPT_ACCECN0);
	assert_int_equal(p.tcp.opts[0].accecn.n, 2);
	refused("0 > . 1:1(0) <ECN e1b 1 e0b 2>", 1, 25);
	refused("0 > . 1:1(0) <ECN e1b 16777216>", 1, 23);
}

static void only_expected_packets_leave_options_open(void **state)
{
	assert_true(packet("> . 1:1(0) <...>").tcp.any_opts);
	assert_false(packet("> . 1:1(0) <>").tcp.any_opts);
	refused("0 < . 1:1(0) win 5 <...>", 1, 21);
}

static void udp_has_a_length(void **state)
{
	struct drill_packet p = packet("< udp (1472)");

	assert_int_equal(p.proto, DRILL_UDP);
	assert_int_equal(p.udp.len, 1472);
	refused("0 < udp (65536)", 1, 10);
}

static void ports_may_stand_before_the_flags(void **state)
{
	struct drill_packet p = packet("< 8080 > 443 S 0:0(0) win 5");

	assert_true(p.has_ports);
	assert_int_equal(p.src_port, 8080);
	assert_int_equal(p.dst_port, 443);
}

static void icmp_errors_quote_a_packet(void **state)
{
	struct drill_packet p = packet("< [1:11(10)] icmp unreachable frag_needed mtu 1400");

	assert_int_equal(p.proto, DRILL_ICMP);
	assert_string_equal(p.icmp.code_name, "frag_needed");
	assert_int_equal(p.icmp.mtu, 1400);
	assert_true(p.icmp.quote.given);
	assert_int_equal(p.icmp.quote.len, 10);
	p = packet("< icmp type_3 code_255 [udp (20)]");
	assert_int_equal(p.icmp.quote.proto, DRILL_UDP);
	assert_int_equal(p.icmp.quote.len, 20);
	refused("0 < icmp unreachable because [1:1(0)]", 1, 22);
	refused("0 < icmp unreachables", 1, 10);
	refused("0 < [1:1(0)] . 1:1(0)", 1, 14);
}

static void icmp_names_depend_on_the_version(void **state)
{
	struct drill_icmp m = packet("< icmp unreachable port_unreachable").icmp;
	const char *bad = NULL;
	uint8_t type, code;

	assert_true(drill_icmp_resolve(&m, false, &type, &code, NULL));
	assert_int_equal(type, 3);
	assert_int_equal(code, 3);
	assert_true(drill_icmp_resolve(&m, true, &type, &code, NULL));
	assert_int_equal(type, 1);
	assert_int_equal(code, 4);
	m = packet("< icmp packet_too_big mtu 1280").icmp;
	assert_false(drill_icmp_resolve(&m, false, &type, &code, &bad));
	assert_string_equal(bad, "packet_too_big");
}

static void packets_are_printed_as_they_are_written(void **state)
{
	same("> SEWA 0:0(0) <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 8>");
	same("< [ect0] EAP. 1:1001(1000) ack 1 win 264 <ECN e1b 1 ceb 0 e0b 1,nop>");
	same("> [flowlabel 0x5,ttl 3,tos 0x10] F. 1:1(0) ack 4294967295");
	same("> P.5 1:1(0) ack 1 <...>");
	same("> .0 1:1(0)");
	same("< 80 > 90 U. 1:2(1) ack 1 win 9 urg 2");
	same("< . 1:1(0) ack 1 win 9 <nop,nop,sack 1:2 3:4>");
	same("< S 0:0(0) win 1 <FO 00ff,FOEXP,eol>");
	same("< . 1:1(0) win 1 <md5 000102030405060708090a0b0c0d0e0f,opt 77 0a0b,opt 78>");
	same("< udp (10)");
	same("< icmp echo_request id 4 seq 5");
	same("< icmp unreachable frag_needed mtu 1400 [1:11(10)]");
	same("< icmp time_exceeded [udp (10)]");
}

static void a_packet_without_names_is_printed_in_numbers(void **state)
{
	struct drill_packet p = { .dir = DRILL_OUT, .proto = DRILL_ICMP };
	char buf[64];

	p.icmp.type = 3;
	p.icmp.code = 1;
	assert_string_equal(drill_format_packet(&p, buf, sizeof(buf)), "> icmp type_3 code_1");
}

static void what_does_not_fit_is_cut_off(void **state)
{
	struct drill_packet p = packet("> S 0:0(0) <mss 1460>");
	char buf[64];

	for (size_t size = 1; size < 22; size++) {
		memset(buf, 'x', sizeof(buf));
		drill_format_packet(&p, buf, size);
		assert_int_equal(strlen(buf), size - 1);
		assert_int_equal(buf[size], 'x');
	}
	buf[0] = 'x';
	drill_format_packet(&p, buf, 0);
	assert_int_equal(buf[0], 'x');
}

static void times_are_printed_to_the_microsecond(void **state)
{
	struct drill_script *s = parse("+.5 close(3)\n1~2 > . 1:1(0)\n* > . 1:1(0)\n"
				       "+0...0.25 read(4, ..., 1)\n0.000000001 close(3)");
	static const char *const want[] = { "+0.500000", "1.000000~2.000000", "*",
					    "+0.000000...0.250000", "0.000000001" };
	char buf[64];

	for (size_t i = 0; i < 5; i++)
		assert_string_equal(drill_format_time(&s->events[i].time, buf, sizeof(buf)), want[i]);
	drill_script_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEIR_TEST(a_segment_has_all_its_fields),
		WEIR_TEST(what_is_left_out_is_not_given),
		WEIR_TEST(every_flag_has_its_bit),
		WEIR_TEST(ace_can_be_a_number),
		WEIR_TEST(sequence_ranges_wrap_and_must_be_consistent),
		WEIR_TEST(ip_fields_stand_in_a_bracket),
		WEIR_TEST(options_are_parsed_in_their_order),
		WEIR_TEST(sack_blocks_are_limited_by_the_header),
		WEIR_TEST(cookies_are_even_hexadecimal),
		WEIR_TEST(accecn_counters_come_in_two_orders),
		WEIR_TEST(only_expected_packets_leave_options_open),
		WEIR_TEST(udp_has_a_length),
		WEIR_TEST(ports_may_stand_before_the_flags),
		WEIR_TEST(icmp_errors_quote_a_packet),
		WEIR_TEST(icmp_names_depend_on_the_version),
		WEIR_TEST(packets_are_printed_as_they_are_written),
		WEIR_TEST(a_packet_without_names_is_printed_in_numbers),
		WEIR_TEST(what_does_not_fit_is_cut_off),
		WEIR_TEST(times_are_printed_to_the_microsecond),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
