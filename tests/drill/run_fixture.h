/* SPDX-License-Identifier: BSD-2-Clause */
/* For tests that run scripts: a text becomes a file and is run. */
#ifndef WEIR_TESTS_DRILL_RUN_FIXTURE_H
#define WEIR_TESTS_DRILL_RUN_FIXTURE_H

#include "tests/drill/drill_fixture.h"

#include "tool/drill/code.h"
#include "tool/drill/run.h"

#include <stdio.h>
#include <unistd.h>

/* The options in `given` are those of a command line: "name=value", ended by
 * NULL; NULL: none. */
static inline struct run_result run_text_with(const char *text, const char *const *given,
					      struct code *code)
{
	static struct run_arguments args;
	static char names[8][64];
	char path[] = "/tmp/weir-drill-XXXXXX", buf[160];
	int fd = mkstemp(path), i;
	struct run_result res;
	const char *eq;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	memset(&args, 0, sizeof(args));
	run_config_init(&args.base);
	for (i = 0; given && given[i]; i++) {
		eq = strchr(given[i], '=');
		snprintf(names[i], sizeof(names[i]), "%.*s",
			 eq ? (int)(eq - given[i]) : (int)strlen(given[i]), given[i]);
		assert_null(run_arguments_add(&args, names[i], eq ? eq + 1 : "", buf,
					      sizeof(buf)));
	}
	run_file(path, &args, code, &res);
	unlink(path);
	return res;
}

static inline void passes(const char *text)
{
	struct run_result res = run_text_with(text, NULL, NULL);

	if (res.verdict != RUN_PASSED)
		fail_msg("%s", res.text);
	free(res.text);
}

static inline void passes_with(const char *text, const char *option)
{
	const char *const given[] = { option, NULL };
	struct run_result res = run_text_with(text, given, NULL);

	if (res.verdict != RUN_PASSED)
		fail_msg("%s", res.text);
	free(res.text);
}

/* It fails in line `line` and says `what`. */
static inline void fails(const char *text, unsigned int line, const char *what)
{
	struct run_result res = run_text_with(text, NULL, NULL);
	char at[16];

	snprintf(at, sizeof(at), ":%u: ", line);
	if (res.verdict != RUN_FAILED || !strstr(res.text, at) || !strstr(res.text, what))
		fail_msg("verdict %d, not \"%s%s\": %s", res.verdict, at, what, res.text);
	free(res.text);
}

#define LISTENS \
	"0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n" \
	"+0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0\n" \
	"+0 bind(3, ..., ...) = 0\n" \
	"+0 listen(3, 1) = 0\n"

/* Five lines more: the connection is descriptor 4, at 0.1 s. */
#define ACCEPTS LISTENS \
	"+0 < S 0:0(0) win 32792 <mss 1000,sackOK,nop,nop,nop,wscale 7>\n" \
	"+0 > S. 0:0(0) ack 1 <mss 1460,nop,nop,sackOK,nop,wscale 10>\n" \
	"+.1 < . 1:1(0) ack 1 win 257\n" \
	"+0 accept(3, ..., ...) = 4\n"

#endif
