/* SPDX-License-Identifier: BSD-2-Clause */
/* The script's numbers and the live ones. */
#include "tests/drill/drill_fixture.h"

#include "tool/drill/live.h"

static struct live live;

static int begin(void **state)
{
	memset(&live, 0, sizeof(live));
	live.bind_port = live.connect_port = 8080;
	live_init(&live);
	return 0;
}

static int end(void **state)
{
	live_fini(&live);
	return 0;
}

static struct drill_packet line(const char *text)
{
	struct drill_script *s = parse(text);
	struct drill_packet p = *s->events[0].packet;

	drill_script_free(s);
	return p;
}

/* A line `<` goes in; what goes to the stack. */
static struct drill_packet in(const char *text)
{
	struct drill_packet p = line(text), out;
	struct live_conn *c;
	struct drill_path path;

	assert_int_equal(live_inbound(&live, &p, &out, &path, &c), 0);
	return out;
}

/* The stack sends what the line says, with its numbers ahead by seq and ack,
 * to this port of the script's end. */
static struct live_conn *out(const char *text, uint32_t seq, uint32_t ack, uint16_t port)
{
	struct drill_wire w = { .src_port = 8080, .dst_port = port, .p = line(text) };
	struct live_conn *c;

	w.p.tcp.seq += seq;
	w.p.tcp.end += seq;
	w.p.tcp.ack += ack;
	c = live_outbound(&live, &w);
	assert_non_null(c);
	live_pair(&live, c, &(struct drill_packet){ .proto = DRILL_TCP }, &w.p);
	return c;
}

static void a_passive_connection_counts_from_both_syns(void **state)
{
	struct drill_packet p;

	live_listen(&live);
	p = in("0 < S 700:700(0) win 9");
	assert_int_equal(p.tcp.seq, 700);
	out("0 > S. 0:0(0) ack 701", 5000, 0, 40001);
	p = in("0 < . 1:11(10) ack 1 win 9 <nop,nop,sack 2:3>");
	assert_int_equal(p.tcp.seq, 701);
	assert_int_equal(p.tcp.ack, 5001);
	assert_int_equal(p.tcp.opts[2].sack.blocks[0].start, 5002);
}

static void the_stack_s_packets_come_back_in_the_script_s_numbers(void **state)
{
	struct drill_packet live_packet, script;
	struct live_conn *c;

	live_listen(&live);
	in("0 < S 700:700(0) win 9");
	c = out("0 > S. 0:0(0) ack 701", 5000, 0, 40001);
	live_packet = line("0 > P. 5001:5011(10) ack 705 <nop,nop,sack 706:707>");
	live_to_script(&live, c, &live_packet, &script);
	assert_int_equal(script.tcp.seq, 1);
	assert_int_equal(script.tcp.end, 11);
	assert_int_equal(script.tcp.ack, 5);
	assert_int_equal(script.tcp.opts[2].sack.blocks[0].start, 6);
}

static void numbers_wrap_around(void **state)
{
	struct drill_packet p;

	live_listen(&live);
	in("0 < S 0:0(0) win 9");
	out("0 > S. 0:0(0) ack 1", 0xfffffff0, 0, 40001);
	p = in("0 < . 1:1(0) ack 33 win 9");
	assert_int_equal(p.tcp.ack, 0x11);
}

static void the_script_may_choose_the_stack_s_first_number(void **state)
{
	struct drill_packet script = line("0 > S. 1234:1234(0) ack 1"), actual;
	struct drill_wire w = { .src_port = 8080, .dst_port = 40001, .p = script };
	struct live_conn *c;

	live_listen(&live);
	in("0 < S 0:0(0) win 9");
	w.p.tcp.seq = w.p.tcp.end = 99;
	c = live_outbound(&live, &w);
	live_pair(&live, c, &script, &w.p);
	live_to_script(&live, c, &w.p, &actual);
	assert_int_equal(actual.tcp.seq, 1234);
	/* what comes later counts from it */
	assert_int_equal(in("0 < . 1:1(0) ack 1 win 9").tcp.ack, 100);
}

static void an_active_connection_is_known_by_its_syn(void **state)
{
	struct drill_packet p;
	struct live_conn *c;

	assert_int_equal(live_connect(&live, 3, DRILL_TCP), 0);
	c = out("0 > S 0:0(0)", 5000, 0, 8080);
	assert_ptr_equal(c, live.current);
	assert_int_equal(c->fd, 3);
	p = in("0 < S. 800:800(0) ack 1 win 9");
	assert_int_equal(p.tcp.seq, 800);
	assert_int_equal(p.tcp.ack, 5001);
	assert_int_equal(in("0 < . 1:1(0) ack 1 win 9").tcp.seq, 801);
}

static void a_refused_syn_ack_does_not_count(void **state)
{
	live_connect(&live, 3, DRILL_TCP);
	out("0 > S 0:0(0)", 5000, 0, 8080);
	in("0 < S. 800:800(0) ack 77 win 9");
	in("0 < S. 900:900(0) ack 1 win 9");
	out("0 > . 1:1(0) ack 901", 5000, 0, 8080);
	in("0 < S. 300:300(0) ack 1 win 9");
	assert_int_equal(in("0 < . 1:1(0) ack 1 win 9").tcp.seq, 901);
}

static void packets_of_older_connections_are_told_apart(void **state)
{
	struct live_conn *old, *new;

	live_listen(&live);
	in("0 < S 0:0(0) win 9");
	old = out("0 > S. 0:0(0) ack 1", 5000, 0, 40001);
	live_listen(&live);
	in("0 < S 0:0(0) win 9");
	new = out("0 > S. 0:0(0) ack 1", 6000, 0, 40002);
	assert_ptr_not_equal(old, new);
	assert_ptr_equal(live.current, new);
	assert_ptr_equal(out("0 > F. 1:1(0) ack 1", 5000, 0, 40001), old);
}

static void a_second_syn_without_a_new_listener_is_the_same_connection(void **state)
{
	struct live_conn *c;

	live_listen(&live);
	in("0 < S 0:0(0) win 9");
	c = live.current;
	out("0 > S. 0:0(0) ack 1", 5000, 0, 40001);
	assert_int_equal(in("0 < S 2:2(0) win 9").tcp.seq, 2);
	assert_ptr_equal(live.current, c);
	/* and the old numbers hold */
	assert_int_equal(in("0 < . 1:1(0) ack 1 win 9").tcp.seq, 1);
}

static void echoes_of_time_stamps_find_the_live_value(void **state)
{
	struct drill_packet script = line("0 > S. 0:0(0) ack 1 <TS val 100 ecr 5>"), p;
	struct drill_wire w = { .src_port = 8080, .dst_port = 40001, .p = script };
	struct live_conn *c;

	live_listen(&live);
	in("0 < S 0:0(0) win 9 <TS val 5 ecr 0>");
	w.p.tcp.opts[0].ts.val = 123456;
	c = live_outbound(&live, &w);
	live_pair(&live, c, &script, &w.p);
	p = in("0 < . 1:1(0) ack 1 win 9 <nop,nop,TS val 6 ecr 100>");
	assert_int_equal(p.tcp.opts[2].ts.val, 6);
	assert_int_equal(p.tcp.opts[2].ts.ecr, 123456);
	/* one that was never sent is as far off as the script says */
	p = in("0 < . 1:1(0) ack 1 win 9 <nop,nop,TS val 6 ecr 97>");
	assert_int_equal(p.tcp.opts[2].ts.ecr, 123453);
}

static void an_icmp_error_without_a_quote_is_about_the_first_packet(void **state)
{
	struct drill_packet p;

	live_connect(&live, 3, DRILL_TCP);
	out("0 > S 0:0(0)", 5000, 0, 8080);
	p = in("0 < icmp unreachable frag_needed mtu 800");
	assert_true(p.icmp.quote.given);
	assert_int_equal(p.icmp.quote.seq, 5000);
	p = in("0 < icmp unreachable host_unreachable [3:4(1)]");
	assert_int_equal(p.icmp.quote.seq, 5003);
	assert_false(in("0 < icmp echo_request id 1 seq 1").icmp.quote.given);
}

static void what_is_read_is_what_was_sent(void **state)
{
	uint8_t good[4], bad[4];
	unsigned int i;

	live_listen(&live);
	in("0 < S 700:700(0) win 9");
	out("0 > S. 0:0(0) ack 701", 5000, 0, 40001);
	for (i = 0; i < 4; i++)
		good[i] = bad[i] = drill_pattern(701 + i);
	bad[2] ^= 1;
	assert_int_equal(live_read(live.current, bad, 4, true), 2);
	assert_int_equal(live_read(live.current, good, 4, true), 4);
	assert_int_equal(live_read(live.current, good, 1, false), 1);
	assert_int_equal(live_read(live.current, good + 1, 3, false), 3);
	assert_int_equal(live_read(live.current, good, 4, false), 0);
}

static void packets_without_a_syn_keep_their_numbers(void **state)
{
	struct drill_packet p = in("0 < . 7:7(0) ack 9 win 9");

	assert_int_equal(p.tcp.seq, 7);
	assert_int_equal(p.tcp.ack, 9);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	static const struct CMUnitTest tests[] = {
		TEST(a_passive_connection_counts_from_both_syns),
		TEST(the_stack_s_packets_come_back_in_the_script_s_numbers),
		TEST(numbers_wrap_around),
		TEST(the_script_may_choose_the_stack_s_first_number),
		TEST(an_active_connection_is_known_by_its_syn),
		TEST(a_refused_syn_ack_does_not_count),
		TEST(packets_of_older_connections_are_told_apart),
		TEST(a_second_syn_without_a_new_listener_is_the_same_connection),
		TEST(echoes_of_time_stamps_find_the_live_value),
		TEST(an_icmp_error_without_a_quote_is_about_the_first_packet),
		TEST(what_is_read_is_what_was_sent),
		TEST(packets_without_a_syn_keep_their_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
