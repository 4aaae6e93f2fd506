/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets of scripts become bytes and come back. */
#include "tests/drill/drill_fixture.h"

#include "tool/drill/packet.h"

#include <arpa/inet.h>

static const struct drill_path path = {
	.src = { 0xc0000201 }, .dst = { 0xc0a80001 }, .src_port = 40001, .dst_port = 8080,
};

/* The line's packet. */
static struct drill_packet line(const char *text)
{
	struct drill_script *s = parse(text);
	struct drill_packet p = *s->events[0].packet;

	drill_script_free(s);
	return p;
}

/* The packet as it comes out of its bytes. */
static struct drill_wire through(const struct drill_packet *p)
{
	uint8_t buf[DRILL_PACKET_ROOM];
	struct drill_wire w;
	const char *why;
	long len = drill_packet_build(p, &path, buf, sizeof(buf), &why);

	if (len < 0)
		fail_msg("%s", why);
	if (drill_packet_parse(buf, (size_t)len, &w, &why))
		fail_msg("%s", why);
	assert_false(w.bad_checksum);
	return w;
}

/* Nothing of what the line says is lost. */
static void survives(const char *text)
{
	static const struct drill_compare exact = { 0 };
	struct drill_packet p = line(text);
	struct drill_wire w = through(&p);
	char buf[256];
	const char *what;

	if (p.proto == DRILL_ICMP)
		assert_true(drill_icmp_resolve(&p.icmp, false, &p.icmp.type, &p.icmp.code, NULL));
	what = drill_packet_differs(&p, &w.p, &exact, buf, sizeof(buf));
	if (what)
		fail_msg("%s: %s", text, what);
}

static void tcp_with_all_options_survives(void **state)
{
	survives("0 < S 7:7(0) win 100 <mss 1460,sackOK,TS val 5 ecr 6,nop,wscale 7>");
	survives("0 < . 1:1(0) ack 9 win 257 <nop,nop,sack 1:2 3:4 5:6>");
	survives("0 < S 0:10(10) win 1 <mss 10,FO 0123456789abcdef,nop,nop>");
	survives("0 < S 0:0(0) win 1 <FOEXP>");
	survives("0 < S 0:0(0) win 1 <FOEXP aabbccdd>");
	survives("0 < .5 1:1(0) ack 1 win 264 <ECN e0b 1 ceb 2 e1b 3,nop>");
	survives("0 < . 1:1(0) ack 1 win 264 <ECN e1b 70000 ceb 2>");
	survives("0 < . 1:1(0) ack 1 win 1 <md5 000102030405060708090a0b0c0d0e0f,nop,nop>");
}

static void every_flag_survives(void **state)
{
	survives("0 < FSRPUEWA. 1:1(0) ack 1 win 9 urg 3");
	survives("0 < F 1:1(0) win 9");
	survives("0 < .7 1:1(0) ack 1 win 9");
}

static void payload_and_ip_fields_survive(void **state)
{
	survives("0 < [ect0] P. 1:1461(1460) ack 1 win 9");
	survives("0 < [tos 0x2f] P. 1:60001(60000) ack 1 win 9");
	survives("0 < [ttl 3] . 1:2(1) ack 1 win 9");
}

static void udp_survives(void **state)
{
	survives("0 < udp (0)");
	survives("0 < udp (1001)");
}

static void icmp_survives(void **state)
{
	survives("0 < icmp unreachable frag_needed mtu 1200 [5:105(100)]");
	survives("0 < icmp unreachable host_unreachable [0:0(0)]");
	survives("0 < icmp time_exceeded [1:2(1)]");
	survives("0 < icmp echo_request id 3 seq 4");
}

static void the_quote_of_an_icmp_error_goes_the_other_way(void **state)
{
	struct drill_packet p = line("0 < icmp unreachable host_unreachable [0:0(0)]");
	struct drill_wire w = through(&p);

	assert_true(w.quoted);
	assert_int_equal(w.src_port, path.src_port);
	assert_int_equal(w.dst_port, path.dst_port);
}

static void options_of_more_than_40_bytes_are_refused(void **state)
{
	struct drill_packet p = line("0 < . 1:1(0) ack 1 win 1 <sack 1:2 3:4 5:6 7:8>");
	uint8_t buf[256];
	const char *why;

	p.tcp.opts[p.tcp.nopts++].kind = DRILL_OPT_TS;
	assert_int_equal(drill_packet_build(&p, &path, buf, sizeof(buf), &why), -1);
	assert_string_equal(why, "its TCP options take more than 40 bytes");
}

static void a_changed_byte_is_a_bad_checksum(void **state)
{
	struct drill_packet p = line("0 < P. 1:101(100) ack 1 win 1");
	uint8_t buf[256];
	struct drill_wire w;
	const char *why;
	long len = drill_packet_build(&p, &path, buf, sizeof(buf), &why);

	buf[len - 1] ^= 1;
	assert_int_equal(drill_packet_parse(buf, (size_t)len, &w, &why), 0);
	assert_true(w.bad_checksum);
}

/* Whatever is cut off or broken: no byte beyond is read (a sanitizer sees it). */
static void broken_packets_are_refused_or_read_within_bounds(void **state)
{
	struct drill_packet p = line("0 < S 7:7(0) win 100 <mss 1460,sackOK,TS val 5 ecr 6,"
				     "nop,wscale 7>");
	uint8_t buf[256], *copy;
	struct drill_wire w;
	const char *why;
	size_t len = (size_t)drill_packet_build(&p, &path, buf, sizeof(buf), &why), n, at;

	for (n = 0; n <= len; n++) {
		for (at = 0; at < n; at++) {
			copy = malloc(n);
			memcpy(copy, buf, n);
			copy[at] ^= 0xff;
			drill_packet_parse(copy, n, &w, &why);
			free(copy);
		}
	}
}

static void what_is_not_asked_for_may_be_anything(void **state)
{
	static const struct drill_compare any = { -1 };
	struct drill_packet a = line("0 < P. 1:2(1) ack 1 win 77 <nop,nop,TS val 9 ecr 4>");
	struct drill_packet s = line("0 > P. 1:2(1) ack 1 <nop,nop,TS val 1 ecr 4>");
	struct drill_packet wild = line("0 > P. 1:2(1) ack 1 <...>");
	char buf[256];

	assert_null(drill_packet_differs(&s, &a, &any, buf, sizeof(buf)));
	assert_null(drill_packet_differs(&wild, &a, &any, buf, sizeof(buf)));
}

static void each_difference_is_named(void **state)
{
	static const struct {
		const char *script, *what;
	} cases[] = {
		{ "0 > . 1:11(10) ack 5 win 9 <nop>", "the flags" },
		{ "0 > P. 2:12(10) ack 5 win 9 <nop>", "the sequence number" },
		{ "0 > P. 1:12(11) ack 5 win 9 <nop>", "the payload" },
		{ "0 > P. 1:11(10) ack 6 win 9 <nop>", "the acknowledgment" },
		{ "0 > P. 1:11(10) ack 5 win 8 <nop>", "the window" },
		{ "0 > P. 1:11(10) ack 5 win 9 <eol>", "TCP option 1 is nop, not eol" },
		{ "0 > P. 1:11(10) ack 5 win 9 <nop,nop>", "a TCP option is missing" },
		{ "0 > P. 1:11(10) ack 5 win 9", "a TCP option is there" },
		{ "0 > [ce] P. 1:11(10) ack 5 win 9 <nop>", "the ECN bits" },
		{ "0 > udp (10)", "it is TCP, not UDP" },
	};
	static const struct drill_compare any = { -1 };
	struct drill_packet a = line("0 < [noecn] P. 1:11(10) ack 5 win 9 <nop>"), s;
	const char *what;
	char buf[256];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		s = line(cases[i].script);
		what = drill_packet_differs(&s, &a, &any, buf, sizeof(buf));
		if (!what || strncmp(what, cases[i].what, strlen(cases[i].what)))
			fail_msg("%s: %s", cases[i].script, what ? what : "no difference");
	}
}

static void a_large_packet_is_cut_where_the_device_would(void **state)
{
	struct drill_packet a = line("0 > FP. 1:3001(3000) ack 1 win 1"), head;
	struct drill_packet odd = line("0 > . 1:1501(1500) ack 1");
	struct drill_packet s = line("0 > . 1:2001(2000) ack 1");

	assert_false(drill_packet_cut(&odd, &a, 1000, &head));
	assert_true(drill_packet_cut(&s, &a, 1000, &head));
	assert_int_equal(head.tcp.len, 2000);
	assert_int_equal(head.tcp.flags, DRILL_ACK);
	assert_int_equal(a.tcp.seq, 2001);
	assert_int_equal(a.tcp.len, 1000);
	assert_int_equal(a.tcp.flags, DRILL_ACK | DRILL_PSH | DRILL_FIN);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WEIR_TEST(tcp_with_all_options_survives),
		WEIR_TEST(every_flag_survives),
		WEIR_TEST(payload_and_ip_fields_survive),
		WEIR_TEST(udp_survives),
		WEIR_TEST(icmp_survives),
		WEIR_TEST(the_quote_of_an_icmp_error_goes_the_other_way),
		WEIR_TEST(options_of_more_than_40_bytes_are_refused),
		WEIR_TEST(a_changed_byte_is_a_bad_checksum),
		WEIR_TEST(broken_packets_are_refused_or_read_within_bounds),
		WEIR_TEST(what_is_not_asked_for_may_be_anything),
		WEIR_TEST(each_difference_is_named),
		WEIR_TEST(a_large_packet_is_cut_where_the_device_would),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
