/* SPDX-License-Identifier: BSD-2-Clause */
/* Python in scripts. */
#include "tests/drill/run_fixture.h"

static struct code *python;

static int start_python(void **state)
{
	char *text = NULL;

	python = code_create("python3");
	assert_non_null(python);
	if (code_run(python, "x", 1, "", "pass", &text) == CODE_NO_PYTHON) {
		print_message("there is no python3\n");
		code_destroy(python);
		python = NULL;
	}
	free(text);
	return 0;
}

static int stop_python(void **state)
{
	if (python)
		code_destroy(python);
	return 0;
}

static void code_passes(const char *text)
{
	struct run_result res;

	if (!python)
		skip();
	res = run_text_with(text, NULL, python);
	if (res.verdict != RUN_PASSED)
		fail_msg("%s", res.text);
	free(res.text);
}

static void code_fails(const char *text, const char *what)
{
	struct run_result res;

	if (!python)
		skip();
	res = run_text_with(text, NULL, python);
	if (res.verdict != RUN_FAILED || !strstr(res.text, what))
		fail_msg("verdict %d, not \"%s\": %s", res.verdict, what, res.text);
	free(res.text);
}

static void a_snippet_reads_the_connection_s_tcp_info(void **state)
{
	code_passes(ACCEPTS
		    "+0 %{ assert tcpi_snd_cwnd == 10, tcpi_snd_cwnd }%\n"
		    "+0 %{\nassert tcpi_state == TCP_ESTABLISHED\n"
		    "assert tcpi_ca_state == TCP_CA_Open\n"
		    "assert (tcpi_options & TCPI_OPT_SACK) != 0\n}%\n"
		    "+0 %{ assert SK_MEMINFO_RCVBUF > 0 }%\n");
}

static void what_a_snippet_sets_the_next_sees(void **state)
{
	code_passes(ACCEPTS
		    "+0 %{ cwnd = tcpi_snd_cwnd }%\n"
		    "+0 %{\n    if cwnd:\n        cwnd += 1\n}%\n"
		    "+0 %{ assert cwnd == tcpi_snd_cwnd + 1 }%\n");
}

static void names_do_not_reach_the_next_script(void **state)
{
	code_passes(ACCEPTS "+0 %{ mine = 1 }%\n");
	code_fails(ACCEPTS "+0 %{ assert mine }%\n", "NameError");
}

static void an_exception_is_told_with_its_line(void **state)
{
	code_fails(ACCEPTS "+0 %{\nx = 1\nassert x == 2, x\n}%\n", "line 11: AssertionError: 1");
}

static void lines_may_go_on_behind_a_backslash(void **state)
{
	code_passes(ACCEPTS "+0 %{ assert tcpi_snd_cwnd == 10; \\\n"
		    "         assert tcpi_lost == 0;\\\n}%\n");
}

static void what_is_no_python_is_told(void **state)
{
	code_fails(ACCEPTS "+0 %{ assert ( }%\n", "SyntaxError");
}

static void code_that_exits_is_an_error_and_not_the_end(void **state)
{
	code_fails(ACCEPTS "+0 %{ raise SystemExit(0) }%\n", "SystemExit");
	code_passes(ACCEPTS "+0 %{ pass }%\n");
}

static void a_missing_python_is_told(void **state)
{
	struct code *none = code_create("/nonexistent/python");
	struct run_result res = run_text_with(ACCEPTS "+0 %{ pass }%\n", NULL, none);

	assert_int_equal(res.verdict, RUN_NO_PYTHON);
	assert_non_null(strstr(res.text, "cannot be started"));
	free(res.text);
	code_destroy(none);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WEIR_TEST(a_snippet_reads_the_connection_s_tcp_info),
		WEIR_TEST(what_a_snippet_sets_the_next_sees),
		WEIR_TEST(names_do_not_reach_the_next_script),
		WEIR_TEST(an_exception_is_told_with_its_line),
		WEIR_TEST(lines_may_go_on_behind_a_backslash),
		WEIR_TEST(what_is_no_python_is_told),
		WEIR_TEST(code_that_exits_is_an_error_and_not_the_end),
		WEIR_TEST(a_missing_python_is_told),
	};

	return cmocka_run_group_tests(tests, start_python, stop_python);
}
