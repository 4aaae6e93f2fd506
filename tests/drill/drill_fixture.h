/* SPDX-License-Identifier: BSD-2-Clause */
/* For tests of the script language: parse a text, or see it refused. */
#ifndef WEIR_TESTS_DRILL_FIXTURE_H
#define WEIR_TESTS_DRILL_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tool/drill/format.h"
#include "tool/drill/script.h"
#include "tool/drill/symbols.h"

#define WEIR_TEST(name)	cmocka_unit_test(name)

/* The parser gets a copy of exactly the text's size, which is freed before the
 * script is used, so that a sanitizer sees what reads beyond or too late. */
static inline struct drill_script *parse_with(const char *text, const struct drill_define *defs,
					      size_t ndefs, struct drill_error *e)
{
	size_t len = strlen(text);
	char *copy = malloc(len ? len : 1);
	struct drill_script *s;

	assert_non_null(copy);
	memcpy(copy, text, len);
	s = drill_parse("test.pkt", copy, len, defs, ndefs, e);
	free(copy);
	return s;
}

static inline struct drill_script *parse(const char *text)
{
	struct drill_error e;
	struct drill_script *s = parse_with(text, NULL, 0, &e);

	if (!s)
		fail_msg("%u:%u: %s", e.line, e.column, e.message);
	return s;
}

/* The text is refused at line:column; returns why. */
static inline struct drill_error refused(const char *text, unsigned int line, unsigned int column)
{
	struct drill_error e;

	assert_null(parse_with(text, NULL, 0, &e));
	if (e.line != line || e.column != column)
		fail_msg("refused at %u:%u: %s", e.line, e.column, e.message);
	return e;
}

#endif
