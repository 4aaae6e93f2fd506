/* SPDX-License-Identifier: BSD-2-Clause */
/* Scripts are run: what passes, what fails, and what is said about it. */
#include "tests/drill/run_fixture.h"

static void a_connection_is_accepted_and_closed(void **state)
{
	passes(ACCEPTS
	       "+0 write(4, ..., 1000) = 1000\n"
	       "+0 > P. 1:1001(1000) ack 1\n"
	       "+.1 < . 1:1(0) ack 1001 win 257\n"
	       "+0 close(4) = 0\n"
	       "+0 > F. 1001:1001(0) ack 1\n"
	       "+.1 < F. 1:1(0) ack 1002 win 257\n"
	       "+0 > . 1002:1002(0) ack 2\n");
}

static void a_connection_is_opened(void **state)
{
	passes("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
	       "+.1...0.2 connect(3, ..., ...) = 0\n"
	       "+0 > S 0:0(0) <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 10>\n"
	       "+.1 < S. 5000:5000(0) ack 1 win 32768 <mss 1000,nop,wscale 6,nop,nop,sackOK>\n"
	       "+0 > . 1:1(0) ack 1\n"
	       "+0 < P. 1:101(100) ack 1 win 257\n"
	       "+0~+.05 > . 1:1(0) ack 101\n"
	       "+0 read(3, ..., 200) = 100\n");
}

static void an_unexpected_flag_is_told(void **state)
{
	fails(ACCEPTS
	      "+0 write(4, ..., 10) = 10\n"
	      "+0 > F. 1:11(10) ack 1\n", 10, "the flags are P., not F.");
}

static void an_unexpected_acknowledgment_is_told(void **state)
{
	fails(LISTENS
	      "+0 < S 0:0(0) win 32792 <mss 1000>\n"
	      "+0 > S. 0:0(0) ack 2 <...>\n", 6, "the acknowledgment is 1, not 2");
}

static void an_unexpected_option_is_told(void **state)
{
	fails(LISTENS
	      "+0 < S 0:0(0) win 32792 <mss 1000>\n"
	      "+0 > S. 0:0(0) ack 1 <mss 1459>\n", 6, "TCP option 1 is mss 1460, not mss 1459");
}

static void a_packet_that_does_not_come_is_told(void **state)
{
	fails(ACCEPTS "+0 > P. 1:1001(1000) ack 1\n", 9, "no packet comes");
}

static void a_packet_that_comes_late_is_told(void **state)
{
	fails("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
	      "+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n"
	      "+0 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)\n"
	      "+0 > S 0:0(0) <...>\n"
	      "+.5 > S 0:0(0) <...>\n", 5, "the packet comes too late");
}

static void a_range_of_times_holds_the_packet(void **state)
{
	passes("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
	       "+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n"
	       "+0 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)\n"
	       "+0 > S 0:0(0) <...>\n"
	       "+.5~+1.5 > S 0:0(0) <...>\n"
	       "* > S 0:0(0) <...>\n");
}

static void the_script_s_tolerance_is_taken(void **state)
{
	passes_with("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
		    "+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n"
		    "+0 connect(3, ..., ...) = -1 EINPROGRESS (...)\n"
		    "+0 > S 0:0(0) <...>\n"
		    "+.5 > S 0:0(0) <...>\n", "tolerance_usecs=600000");
}

static void a_call_that_blocks_unexpectedly_is_told(void **state)
{
	fails(LISTENS "+0 accept(3, ..., ...) = 4\n", 5, "accept blocks");
}

static void a_blocking_call_returns_at_its_time(void **state)
{
	passes(LISTENS
	       "+0...0.2 accept(3, ..., ...) = 4\n"
	       "+.1 < S 0:0(0) win 32792 <mss 1000>\n"
	       "+0 > S. 0:0(0) ack 1 <...>\n"
	       "+.1 < . 1:1(0) ack 1 win 257\n"
	       "+0 close(4) = 0\n");
}

static void a_blocking_call_that_returns_late_is_told(void **state)
{
	fails(LISTENS
	      "+0...0.1 accept(3, ..., ...) = 4\n"
	      "+.1 < S 0:0(0) win 32792 <mss 1000>\n"
	      "+0 > S. 0:0(0) ack 1 <...>\n"
	      "+.1 < . 1:1(0) ack 1 win 257\n", 5, "accept returns too late");
}

static void a_wrong_result_is_told(void **state)
{
	fails("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
	      "+0 read(3, ..., 10) = 5\n", 2,
	      "read: it returned -1 ENOTCONN (Transport endpoint is not connected), not 5");
}

static void a_wrong_errno_is_told(void **state)
{
	fails("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
	      "+0 read(3, ..., 10) = -1 EAGAIN (no)\n", 2, "not -1 EAGAIN");
}

static void an_unknown_call_is_told(void **state)
{
	fails("0 reboot(1) = 0\n", 1, "there is no call reboot");
}

static void a_line_may_be_several_packets(void **state)
{
	/* the pace of a round trip of 0.1 s makes packets of two segments */
	passes(ACCEPTS
	       "+0 write(4, ..., 4000) = 4000\n"
	       "+0 > P. 1:4001(4000) ack 1\n");
}

static void segments_can_be_strict(void **state)
{
	const char *const given[] = { "strict_segments", NULL };
	struct run_result res = run_text_with(ACCEPTS
		"+0 write(4, ..., 4000) = 4000\n"
		"+0 > P. 1:4001(4000) ack 1\n", given, NULL);

	assert_int_equal(res.verdict, RUN_FAILED);
	assert_non_null(strstr(res.text, "the payload has 2000 bytes, not 4000"));
	free(res.text);
}

static void a_packet_may_be_several_lines(void **state)
{
	passes(ACCEPTS
	       "+0 write(4, ..., 2000) = 2000\n"
	       "+0 > . 1:1001(1000) ack 1\n"
	       "+0 > P. 1001:2001(1000) ack 1\n");
}

static void a_second_listener_starts_a_second_connection(void **state)
{
	passes(ACCEPTS
	       "+0 close(4) = 0\n"
	       "+0 > F. 1:1(0) ack 1\n"
	       "+0 close(3) = 0\n"
	       "+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
	       "+0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0\n"
	       "+0 bind(3, ..., ...) = 0\n"
	       "+0 listen(3, 1) = 0\n"
	       "+0 < S 7000:7000(0) win 32792 <mss 1000>\n"
	       "+0 > S. 0:0(0) ack 7001 <mss 1460>\n"
	       "+0 < . 1:1(0) ack 1 win 257\n"
	       "+0 accept(3, ..., ...) = 4\n");
}

static void an_icmp_error_reaches_the_connection(void **state)
{
	passes("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
	       "+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n"
	       "+0 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)\n"
	       "+0 > S 0:0(0) <...>\n"
	       "+0 < icmp unreachable port_unreachable [0:0(0)]\n"
	       "+0 getsockopt(3, SOL_SOCKET, SO_ERROR, [ECONNREFUSED], [4]) = 0\n");
}

static void time_stamps_are_compared_when_their_unit_is_known(void **state)
{
#define STAMPED(when, val) LISTENS \
	"+0 < S 0:0(0) win 20000 <mss 1000,sackOK,TS val 100 ecr 0>\n" \
	"+0 > S. 0:0(0) ack 1 <mss 1460,sackOK,TS val 100 ecr 100>\n" \
	"+.1 < . 1:1(0) ack 1 win 20000 <nop,nop,TS val 200 ecr 100>\n" \
	"+0 accept(3, ..., ...) = 4\n" \
	when " close(4) = 0\n" \
	"+0 > F. 1:1(0) ack 1 <nop,nop,TS val " val " ecr 200>\n"
	const char *const given[] = { "tcp_ts_tick_usecs=1000", NULL };
	struct run_result res;

	passes_with(STAMPED("+1", "1200"), "tcp_ts_tick_usecs=1000");
	passes(STAMPED("+1", "1300"));
	res = run_text_with(STAMPED("+1", "1300"), given, NULL);
	assert_int_equal(res.verdict, RUN_FAILED);
	free(res.text);
}

static void scripts_of_ipv6_are_skipped(void **state)
{
	struct run_result res = run_text_with("--ip_version=ipv6\n"
		"0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n", NULL, NULL);

	assert_int_equal(res.verdict, RUN_SKIPPED);
	free(res.text);
}

static void what_is_no_script_is_told_with_its_place(void **state)
{
	struct run_result res = run_text_with("0 socket(..., SOCK_STREAM\n", NULL, NULL);

	assert_int_equal(res.verdict, RUN_UNPARSED);
	assert_non_null(strstr(res.text, ":1:"));
	free(res.text);
}

static void an_unknown_option_is_told_with_its_line(void **state)
{
	struct run_result res = run_text_with("\n--no_such=1\n"
		"0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n", NULL, NULL);

	assert_int_equal(res.verdict, RUN_UNPARSED);
	assert_non_null(strstr(res.text, ":2: there is no option --no_such"));
	free(res.text);
}

static void a_command_that_fails_is_told(void **state)
{
	fails("`false`\n0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n", 1,
	      "a command ended with status 1");
}

static void commands_set_up_the_stack(void **state)
{
	passes("`sysctl -q net.ipv4.tcp_timestamps=0`\n"
	       "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
	       "+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n"
	       "+0 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)\n"
	       "+0 > S 0:0(0) <mss 1460,nop,nop,sackOK,nop,wscale 10>\n");
}

static void a_failure_tells_why_the_stack_dropped_a_packet(void **state)
{
	fails(ACCEPTS
	      "+0 < . 100000:100100(100) ack 1 win 257\n"
	      "+0 > P. 1:1(0) ack 1\n", 10, "DROP TCP_INVALID_SEQUENCE");
}

static void mistakes_can_be_forgiven(void **state)
{
	const char *const given[] = { "non_fatal=packet", NULL };
	struct run_result res = run_text_with(LISTENS
		"+0 < S 0:0(0) win 32792 <mss 1000>\n"
		"+0 > S. 0:0(0) ack 2 <mss 1460>\n"
		"+0 < . 1:1(0) ack 1 win 257\n"
		"+0 accept(3, ..., ...) = 4\n", given, NULL);

	/* the run goes on, its verdict stays */
	assert_int_equal(res.verdict, RUN_FAILED);
	assert_null(strstr(res.text, "accept"));
	free(res.text);
}

static void a_run_is_the_same_every_time(void **state)
{
	static const char text[] = ACCEPTS "+0 write(4, ..., 5000) = 5000\n"
		"+0 > P. 1:5002(5001) ack 1\n";
	struct run_result a = run_text_with(text, NULL, NULL);
	struct run_result b = run_text_with(text, NULL, NULL);

	/* but for the file's name */
	assert_string_equal(strchr(a.text, '\n'), strchr(b.text, '\n'));
	free(a.text);
	free(b.text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WEIR_TEST(a_connection_is_accepted_and_closed),
		WEIR_TEST(a_connection_is_opened),
		WEIR_TEST(an_unexpected_flag_is_told),
		WEIR_TEST(an_unexpected_acknowledgment_is_told),
		WEIR_TEST(an_unexpected_option_is_told),
		WEIR_TEST(a_packet_that_does_not_come_is_told),
		WEIR_TEST(a_packet_that_comes_late_is_told),
		WEIR_TEST(a_range_of_times_holds_the_packet),
		WEIR_TEST(the_script_s_tolerance_is_taken),
		WEIR_TEST(a_call_that_blocks_unexpectedly_is_told),
		WEIR_TEST(a_blocking_call_returns_at_its_time),
		WEIR_TEST(a_blocking_call_that_returns_late_is_told),
		WEIR_TEST(a_wrong_result_is_told),
		WEIR_TEST(a_wrong_errno_is_told),
		WEIR_TEST(an_unknown_call_is_told),
		WEIR_TEST(a_line_may_be_several_packets),
		WEIR_TEST(segments_can_be_strict),
		WEIR_TEST(a_packet_may_be_several_lines),
		WEIR_TEST(a_second_listener_starts_a_second_connection),
		WEIR_TEST(an_icmp_error_reaches_the_connection),
		WEIR_TEST(time_stamps_are_compared_when_their_unit_is_known),
		WEIR_TEST(scripts_of_ipv6_are_skipped),
		WEIR_TEST(what_is_no_script_is_told_with_its_place),
		WEIR_TEST(an_unknown_option_is_told_with_its_line),
		WEIR_TEST(a_command_that_fails_is_told),
		WEIR_TEST(commands_set_up_the_stack),
		WEIR_TEST(a_failure_tells_why_the_stack_dropped_a_packet),
		WEIR_TEST(mistakes_can_be_forgiven),
		WEIR_TEST(a_run_is_the_same_every_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
