/* SPDX-License-Identifier: BSD-2-Clause */
/* tool/drill: any bytes are parsed or refused, with bounded depth and no leak. */
#include "tests/drill/drill_fixture.h"

static const char everything[] =
	"--mss=1000 // comment\n`true`\n"
	"0 socket(..., SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_TCP) = 3\n"
	"+0 setsockopt(3, SOL_TCP, TCP_FASTOPEN_KEY, \"\\x00a\", 2) = -1 EINVAL (note)\n"
	"+.1...0.2 poll([{fd=3, events=POLLIN, revents=~(1 + 2)}], 1, -1) = 1\n"
	"+0 sendmsg(4, {msg_iov(1)=[{..., 5}], msg_flags=0}, 0) = 5\n"
	"+0~+.1 > [ect0, ttl 5] SEW 0:0(0) win 9 <mss 1,sackOK,TS val 1 ecr 2,FO 00ff,...>\n"
	"* > 80 > 90 P.5 1:2(1) ack 1 urg 2 <nop,sack 1:2 3:4,ECN e1b 1 ceb 2>\n"
	"+0 < [1:2(1)] icmp unreachable frag_needed mtu 500\n+0 < udp (5)\n"
	"+0 %{ assert 1 }%\n`cleanup`\n";

/* Parses len bytes of text in memory of their own. */
static void try(const char *text, size_t len)
{
	char *copy = malloc(len ? len : 1);
	struct drill_error e = { 0 };
	struct drill_script *s;

	assert_non_null(copy);
	memcpy(copy, text, len);
	s = drill_parse("test.pkt", copy, len, NULL, 0, &e);
	free(copy);
	if (!s) {
		assert_true(e.line > 0 && e.column > 0);
		assert_true(*e.message);
	}
	drill_script_free(s);
}

static void every_beginning_of_a_script_is_parsed_or_refused(void **state)
{
	for (size_t len = 0; len < sizeof(everything); len++)
		try(everything, len);
}

static void a_changed_byte_does_no_harm(void **state)
{
	static const char bytes[] = "\0\n .,:0\"`%{[(<~\x80\xff";
	char text[sizeof(everything)];

	for (size_t at = 0; at + 1 < sizeof(everything); at++) {
		for (size_t b = 0; b < sizeof(bytes) - 1; b++) {
			memcpy(text, everything, sizeof(text));
			text[at] = bytes[b];
			try(text, sizeof(text) - 1);
		}
	}
}

static void a_nul_byte_is_refused_where_it_stands(void **state)
{
	struct drill_error e;

	assert_null(drill_parse("test.pkt", "0 close(3)\n+0 \0", 15, NULL, 0, &e));
	assert_int_equal(e.line, 2);
	assert_int_equal(e.column, 4);
	assert_string_equal(e.token, "\\x00");
}

/* begin, n times what, at the end of a script. */
static void nested(const char *begin, const char *what, size_t n, bool good)
{
	size_t head = strlen(begin), unit = strlen(what);
	char *text = malloc(head + n * unit + 1);
	struct drill_error e;
	struct drill_script *s;

	assert_non_null(text);
	memcpy(text, begin, head);
	for (size_t i = 0; i < n; i++)
		memcpy(text + head + i * unit, what, unit);
	text[head + n * unit] = '\0';
	s = parse_with(text, NULL, 0, &e);
	free(text);
	assert_int_equal(s != NULL, good);
	if (!s)
		assert_non_null(strstr(e.message, good ? "" : "nests more than"));
	drill_script_free(s);
}

static void deep_expressions_are_refused(void **state)
{
	nested("0 f(", "(", 100000, false);
	nested("0 f(", "[", 100000, false);
	nested("0 f(", "{a=", 100000, false);
	nested("0 f(", "~", 100000, false);
	nested("0 f(1", "|1", 100000, false);
	nested("0 f() = 1", "|1", 100000, false);
	nested("0 f(", "g(", 100000, false);
}

static void a_moderate_chain_of_flags_is_fine(void **state)
{
	nested("0 f() = A", "|B", 20, true);
}

static void many_events_are_fine(void **state)
{
	nested("", "+0 < . 1:1(0) win 5 <nop>\n+0 f([1, 2]) = 3\n", 5000, true);
}

static void a_long_token_is_cut_in_the_message(void **state)
{
	static char text[5000];
	struct drill_error e;

	memset(text, 'a', sizeof(text) - 1);
	assert_null(parse_with(text, NULL, 0, &e));
	assert_true(strlen(e.token) < sizeof(e.token));
	assert_non_null(strstr(e.message, ", expected the time of an event"));
}

static void unprintable_bytes_are_shown_as_numbers(void **state)
{
	struct drill_error e = refused("\n \x80", 2, 2);

	assert_string_equal(e.token, "\\x80");
}

static void a_chain_of_defines_ends(void **state)
{
	static const struct drill_define defs[] = {
		{ "A", "B B" }, { "B", "C C" }, { "C", "A A" },
	};
	struct drill_error e;

	assert_null(parse_with("0 f(A)", defs, 3, &e));
	assert_int_equal(e.column, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEIR_TEST(every_beginning_of_a_script_is_parsed_or_refused),
		WEIR_TEST(a_changed_byte_does_no_harm),
		WEIR_TEST(a_nul_byte_is_refused_where_it_stands),
		WEIR_TEST(deep_expressions_are_refused),
		WEIR_TEST(a_moderate_chain_of_flags_is_fine),
		WEIR_TEST(many_events_are_fine),
		WEIR_TEST(a_long_token_is_cut_in_the_message),
		WEIR_TEST(unprintable_bytes_are_shown_as_numbers),
		WEIR_TEST(a_chain_of_defines_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
