/* SPDX-License-Identifier: BSD-2-Clause */
/* The shell's language, as sh has it. */
#include "tests/conf/conf_test.h"

static void quotes_keep_words_together(void **state)
{
	runs(*state, "echo 'a  b' \"c  d\" e\\ \\ f  g", 0,
	     "a  b c  d e  f g\n");
	runs(*state, "echo \"a\\\"b\" 'a\\b' \"\\x\"", 0, "a\"b a\\b \\x\n");
	runs(*state, "echo '' \"\" x", 0, "  x\n");
}

static void variables_are_replaced_and_split(void **state)
{
	runs(*state, "x='1  2'; echo $x \"$x\" ${x}3 '$x'", 0,
	     "1 2 1  2 1 23 $x\n");
	runs(*state, "echo $PPID ${PPID} [$nothing] ${nothing:-else}", 0,
	     "77 77 [] else\n");
	runs(*state, "false; echo $?; echo $?", 0, "1\n0\n");
	runs(*state, "x=abc; echo ${#x} ${x:+yes}", 0, "3 yes\n");
}

static void output_of_commands_is_replaced(void **state)
{
	runs(*state, "echo a$(echo b; echo c)d \"$(echo 'x  y')\"", 0,
	     "ab cd x  y\n");
	runs(*state, "x=$(false); echo $?", 0, "1\n");
	runs(*state, "echo $(echo $(echo deep))", 0, "deep\n");
}

static void arithmetic_is_cs(void **state)
{
	runs(*state, "x=5; echo $((32*1024*1024)) $((x + 2 * 3)) $(((1|6)<<2)) "
	     "$((7 % 4 - -1)) $((x > 4 && !0)) $((0x10 ? 2 : 3))", 0,
	     "33554432 11 28 4 1 2\n");
	fails(*state, "echo $((1/0))", 2, "sh: 1/0: division by 0");
	fails(*state, "echo $((1+))", 2, "sh: 1+: a number is missing");
}

static void lists_depend_on_status(void **state)
{
	runs(*state, "true && echo a || echo b; false && echo c || echo d", 0,
	     "a\nd\n");
	runs(*state, "! false && echo yes", 0, "yes\n");
	runs(*state, "! true", 1, "");
	runs(*state, "false;", 1, "");
	runs(*state, "true # not: false\n# a comment\n", 0, "");
	runs(*state, "echo a \\\n b", 0, "a b\n");
	runs(*state, "", 0, "");
}

static void pipelines_pass_text_on(void **state)
{
	runs(*state, "printf 'b\\na\\n' | sort | head -n 1", 0, "a\n");
	runs(*state, "false | true", 0, "");
	runs(*state, "true | false", 1, "");
	runs(*state, "printf '1\\n2\\n' | while read x; do echo \"<$x>\"; done",
	     0, "<1>\n<2>\n");
}

static void conditions_and_loops(void **state)
{
	runs(*state, "if false; then echo a; elif true; then echo b; else echo "
	     "c; fi", 0, "b\n");
	runs(*state, "for i in 1 2 $(echo 3); do\n echo -n $i\ndone", 0, "123");
	runs(*state, "i=0; while [ $i -lt 3 ]; do i=$((i+1)); done; echo $i", 0,
	     "3\n");
	runs(*state, "i=0; until [ $i = 2 ]; do i=$((i+1)); done; echo $i", 0,
	     "2\n");
	runs(*state, "if false; then echo a; fi", 0, "");
	runs(*state, "{ echo a; (exit 3); echo $?; } | tr a b", 0, "b\n3\n");
}

static void loops_end(void **state)
{
	fails(*state, "while true; do true; done; echo never", 1,
	      "sh: too many commands");
}

static void redirections_reach_files_in_memory(void **state)
{
	struct conf_test *t = *state;
	size_t len;

	runs(t, "echo a > /tmp/x; echo b >> /tmp/x; cat < /tmp/x", 0, "a\nb\n");
	assert_string_equal(conf_file(t->c, "/tmp/x", &len), "a\nb\n");
	assert_int_equal(len, 4);
	runs(t, "foo > /dev/null 2>&1 || echo gone", 0, "gone\n");
	runs(t, "foo &> /dev/null || echo gone", 0, "gone\n");
	runs(t, "{ echo a; foo; } 2>/tmp/err; cat /tmp/err", 0,
	     "a\nsh: foo: command not found\n");
	fails(t, "cat < /etc/passwd", 1,
	      "sh: /etc/passwd: No such file or directory");
	runs(t, "rm -f /tmp/x; [ -e /tmp/x ]", 1, "");
}

static void settings_are_files(void **state)
{
	runs(*state, "echo 2 > /proc/sys/net/ipv4/tcp_ecn && "
	     "cat /proc/sys/net/ipv4/tcp_ecn", 0, "2\n");
	fails(*state, "echo 1 > /proc/sys/net/ipv4/tcp_warp", 1,
	      "sh: net.ipv4.tcp_warp: no such setting");
	runs(*state, "echo 3 > /sys/module/tcp_cubic/parameters/hystart_detect",
	     0, "");
	runs(*state, "grep -c tun0 /proc/net/dev", 0, "1\n");
}

static void unknown_commands_are_named(void **state)
{
	fails(*state, "frobnicate -x", 127, "sh: frobnicate: command not found");
	fails(*state, "/opt/tool", 127, "tool: /opt/tool: No such file");
	runs(*state, "/bin/true && /usr/bin/echo a", 0, "a\n");
}

static void what_is_not_there_is_refused(void **state)
{
	fails(*state, "sleep 1 &", 2, "sh: syntax error: jobs");
	fails(*state, "f() { true; }", 2, "sh: syntax error: functions");
	fails(*state, "echo 'a", 2, "sh: syntax error: a quote");
	fails(*state, "if true; then echo a", 2,
	      "sh: syntax error: \"fi\" is missing");
	fails(*state, "cat << END", 2, "sh: syntax error: this redirection");
	fails(*state, "echo a | | cat", 2, "sh: syntax error: a command");
	fails(*state, "echo )", 2, "sh: syntax error");
}

static void exit_ends_the_text(void **state)
{
	runs(*state, "echo a; exit 5; echo b", 5, "a\n");
	runs(*state, "sh -c 'exit 4'; echo $?", 0, "4\n");
	runs(*state, "set -e; false; echo b", 1, "");
	runs(*state, "set -e; if false; then :; fi; false || echo c", 0, "c\n");
}

static void scripts_in_memory_run(void **state)
{
	runs(*state, "echo 'echo $1-$#-$0; exit 2' > /tmp/s; /tmp/s a b; "
	     "echo $?", 0, "a-2-/tmp/s\n2\n");
	fails(*state, "echo /tmp/s > /tmp/s; /tmp/s", 2,
	      "sh: nested too deeply");
}

static void sleeping_is_the_callers(void **state)
{
	struct conf_test *t = *state;

	runs(t, "sleep 0.25; sleep 2", 0, "");
	assert_int_equal(t->slept, 2250000000LL);
}

static void test_compares(void **state)
{
	runs(*state, "[ a = a ] && [ 3 -gt 2 ] && [ -n x ] && [ ! -z x ] && "
	     "test \\( a = b -o 1 -eq 1 \\) -a x != y && echo all", 0, "all\n");
	fails(*state, "[ a = a", 2, "[: \"]\" is missing");
	fails(*state, "[ x -eq 1 ]", 2, "[: x: a number is expected");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(quotes_keep_words_together),
		CASE(variables_are_replaced_and_split),
		CASE(output_of_commands_is_replaced),
		CASE(arithmetic_is_cs),
		CASE(lists_depend_on_status),
		CASE(pipelines_pass_text_on),
		CASE(conditions_and_loops),
		CASE(loops_end),
		CASE(redirections_reach_files_in_memory),
		CASE(settings_are_files),
		CASE(unknown_commands_are_named),
		CASE(what_is_not_there_is_refused),
		CASE(exit_ends_the_text),
		CASE(scripts_in_memory_run),
		CASE(sleeping_is_the_callers),
		CASE(test_compares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
