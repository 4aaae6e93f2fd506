/* SPDX-License-Identifier: BSD-2-Clause */
/* tool/drill/parse.c: options, commands, events and their times. */
#include "tests/drill/drill_fixture.h"

#define MS	INT64_C(1000000)

static void an_empty_script_has_no_events(void **state)
{
	struct drill_script *s = parse("");

	assert_int_equal(s->nevents, 0);
	assert_string_equal(s->name, "test.pkt");
	drill_script_free(s);
	drill_script_free(parse(" \n\t// nothing\n# at all\n/* here\n */"));
}

static void options_are_names_and_values(void **state)
{
	struct drill_script *s = parse("--tolerance_usecs=5000 // generous\n"
				       "--strict\n--remote_ip=fd::1\n--tolerance_usecs=7\n");

	assert_int_equal(s->noptions, 4);
	assert_int_equal(s->options[1].line, 2);
	assert_string_equal(s->options[1].name, "strict");
	assert_string_equal(s->options[1].value, "");
	assert_string_equal(drill_script_option(s, "remote_ip"), "fd::1");
	assert_string_equal(drill_script_option(s, "tolerance_usecs"), "7");
	assert_null(drill_script_option(s, "mtu"));
	drill_script_free(s);
}

static void commands_without_a_time_stand_before_and_behind_the_events(void **state)
{
	struct drill_script *s = parse("`echo one\necho two`\n0 close(3) = 0\n`echo \"3 // 4\"`");

	assert_int_equal(s->ninit, 1);
	assert_string_equal(s->init[0].text, "echo one\necho two");
	assert_int_equal(s->nevents, 1);
	assert_int_equal(s->events[0].line, 3);
	assert_int_equal(s->ncleanup, 1);
	assert_int_equal(s->cleanup[0].line, 4);
	assert_string_equal(s->cleanup[0].text, "echo \"3 // 4\"");
	drill_script_free(s);
}

static void an_event_behind_a_command_without_a_time_is_refused(void **state)
{
	refused("0 close(3) = 0\n`true`\n+0 close(4) = 0", 3, 1);
}

static void times_are_absolute_relative_or_any(void **state)
{
	struct drill_script *s = parse("1.25 close(3)\n+.002 close(4)\n* > . 1:1(0)");

	assert_int_equal(s->events[0].time.kind, DRILL_TIME_ABSOLUTE);
	assert_int_equal(s->events[0].time.at, 1250 * MS);
	assert_int_equal(s->events[1].time.kind, DRILL_TIME_RELATIVE);
	assert_int_equal(s->events[1].time.at, 2 * MS);
	assert_int_equal(s->events[1].time.until, 2 * MS);
	assert_int_equal(s->events[2].time.kind, DRILL_TIME_ANY);
	drill_script_free(s);
}

static void ranges_of_times_have_two_ends(void **state)
{
	struct drill_script *s = parse("1~1.5 > . 1:1(0)\n+.1 ~ +0.2 > . 1:1(0)");

	assert_int_equal(s->events[0].time.kind, DRILL_TIME_RANGE);
	assert_int_equal(s->events[0].time.until, 1500 * MS);
	assert_int_equal(s->events[1].time.kind, DRILL_TIME_RELATIVE_RANGE);
	assert_int_equal(s->events[1].time.at, 100 * MS);
	assert_int_equal(s->events[1].time.until, 200 * MS);
	drill_script_free(s);
}

static void a_blocking_call_has_an_end(void **state)
{
	struct drill_script *s = parse("+.1...0.3 accept(3, ..., ...) = 4\n"
				       "2 ... 2.5 read(4, ..., 9) = 9");

	assert_true(s->events[0].time.has_end);
	assert_int_equal(s->events[0].time.at, 100 * MS);
	assert_int_equal(s->events[0].time.end, 300 * MS);
	assert_int_equal(s->events[1].time.end, 2500 * MS);
	drill_script_free(s);
}

static void impossible_times_are_refused(void **state)
{
	refused("+.2~+.1 > . 1:1(0)", 1, 9);
	refused("+.1~.2 > . 1:1(0)", 1, 5);
	refused("0.3...0.1 close(3) = 0", 1, 11);
	refused("0.1...0.2 > . 1:1(0)", 1, 1);
	refused("1~2 close(3) = 0", 1, 1);
	refused("* < . 1:1(0) win 9", 1, 1);
	refused("99999999999999999999 close(3) = 0", 1, 1);
	refused("0.0000000001 close(3) = 0", 1, 1);
}

static void an_event_knows_its_lines_and_text(void **state)
{
	struct drill_script *s = parse("\n+0 poll([{fd=3,\n  events=POLLIN}],\n 1, 0) = 0  // end\n"
				       "+0 close(3) = 0");

	assert_int_equal(s->events[0].line, 2);
	assert_int_equal(s->events[0].last_line, 4);
	assert_string_equal(s->events[0].source,
			    "+0 poll([{fd=3,\n  events=POLLIN}],\n 1, 0) = 0");
	assert_string_equal(s->events[1].source, "+0 close(3) = 0");
	drill_script_free(s);
}

static void code_and_commands_keep_their_text(void **state)
{
	struct drill_script *s = parse("0 %{ assert a == 1, '//' # }\nprint(`b`) }%\n+1 `true # x`");

	assert_int_equal(s->events[0].kind, DRILL_CODE);
	assert_string_equal(s->events[0].code, " assert a == 1, '//' # }\nprint(`b`) ");
	assert_int_equal(s->events[0].text_len, strlen(s->events[0].code));
	assert_int_equal(s->events[0].last_line, 2);
	assert_int_equal(s->events[1].kind, DRILL_COMMAND);
	assert_string_equal(s->events[1].command, "true # x");
	assert_int_equal(s->events[1].line, 3);
	drill_script_free(s);
}

static void defines_replace_names_by_text(void **state)
{
	static const struct drill_define defs[] = {
		{ "LEVEL", "SOL_IP" }, { "COOKIE", "3021b9d8" }, { "ANSWER", "LEVEL | 4" },
		{ "ROUND", "ROUND" },
	};
	struct drill_script *s = parse_with("0 f(LEVEL, ANSWER, ROUND) = 0\n"
					    "+0 < S 0:0(0) win 1 <FO COOKIE,nop>",
					    defs, 4, NULL);
	const struct drill_opt *fo;
	int64_t value;

	assert_non_null(s);
	assert_string_equal(s->events[0].call->args[0]->text, "SOL_IP");
	assert_true(drill_expr_int(s->events[0].call->args[1], &value, NULL));
	assert_int_equal(value, 4);
	assert_string_equal(s->events[0].call->args[2]->text, "ROUND");
	assert_string_equal(s->events[0].source, "0 f(LEVEL, ANSWER, ROUND) = 0");
	fo = &s->events[1].packet->tcp.opts[0];
	assert_int_equal(fo->data.len, 4);
	assert_memory_equal(fo->data.bytes, "\x30\x21\xb9\xd8", 4);
	drill_script_free(s);
}

static void an_error_says_where_what_and_what_was_expected(void **state)
{
	struct drill_error e = refused("0 close(3) = 0\n+0 < S 0:0(0) wim 10\n", 2, 15);

	assert_string_equal(e.token, "wim");
	assert_string_equal(e.message, "unexpected 'wim', expected the time of an event "
				       "(0.5, +0.1, +0~+0.2 or *)");
	e = refused("+0 < S 0:0(0", 1, 13);
	assert_string_equal(e.message, "unexpected end of script, expected `)` after the length");
}

static void what_never_ends_is_refused(void **state)
{
	refused("0 %{ a\nb", 1, 3);
	refused("`true", 1, 1);
	refused("0 open(\"a\n\")", 1, 8);
	refused("\n /* x", 2, 2);
	refused("0 close(3) = -1 (what", 1, 17);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEIR_TEST(an_empty_script_has_no_events),
		WEIR_TEST(options_are_names_and_values),
		WEIR_TEST(commands_without_a_time_stand_before_and_behind_the_events),
		WEIR_TEST(an_event_behind_a_command_without_a_time_is_refused),
		WEIR_TEST(times_are_absolute_relative_or_any),
		WEIR_TEST(ranges_of_times_have_two_ends),
		WEIR_TEST(a_blocking_call_has_an_end),
		WEIR_TEST(impossible_times_are_refused),
		WEIR_TEST(an_event_knows_its_lines_and_text),
		WEIR_TEST(code_and_commands_keep_their_text),
		WEIR_TEST(defines_replace_names_by_text),
		WEIR_TEST(an_error_says_where_what_and_what_was_expected),
		WEIR_TEST(what_never_ends_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
