/* SPDX-License-Identifier: BSD-2-Clause */
/* Options from a command's table: parsing with getopt_long, and --help. */
#include "tool.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MAX_OPTIONS	64

int tool_fail(const struct command *c, int code, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "weir %s: ", c->name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return code;
}

static void help_option(const struct tool_option *o)
{
	char left[64], letter[4] = "   ";

	if (!o->no_letter)
		snprintf(letter, sizeof(letter), "-%c,", o->letter);
	snprintf(left, sizeof(left), "%s --%s%s%s", letter, o->name,
		 o->arg ? " " : "", o->arg ? o->arg : "");
	printf("  %-26s %s\n", left, o->what);
}

void tool_help(const struct command *c)
{
	static const struct tool_option help = { 'h', "help", NULL,
						 "this text", false };
	const struct tool_option *o;

	printf("Usage: weir %s %s\n\n%s\n", c->name, c->args, c->what);
	if (c->text)
		printf("%s\n", c->text);
	printf("\nOptions:\n");
	for (o = c->options; o && o->letter; o++)
		help_option(o);
	help_option(&help);
}

/* The tables of getopt_long made from ours. */
static void make_tables(const struct command *c, char *letters,
			struct option *longs)
{
	const struct tool_option *o;
	int n = 0;

	*letters++ = '+';		/* stop at the first other word */
	*letters++ = 'h';
	for (o = c->options; o && o->letter && n < MAX_OPTIONS - 2; o++, n++) {
		longs[n] = (struct option){ o->name, o->arg ?
					    required_argument : no_argument,
					    NULL, o->letter };
		if (o->no_letter)
			continue;
		*letters++ = o->letter;
		if (o->arg)
			*letters++ = ':';
	}
	*letters = '\0';
	longs[n++] = (struct option){ "help", no_argument, NULL, 'h' };
	longs[n] = (struct option){ 0 };
}

int tool_parse(const struct command *c, int argc, char **argv,
	       int (*set)(void *ctx, char letter, const char *value),
	       void *ctx)
{
	char letters[2 * MAX_OPTIONS + 4];
	struct option longs[MAX_OPTIONS];
	int letter, code;

	make_tables(c, letters, longs);
	opterr = 0;
	optind = 0;
	while ((letter = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (letter == 'h') {
			tool_help(c);
			return -1 - EXIT_OK;
		}
		if (letter == '?') {
			tool_fail(c, 0, "%s: no such option, or its value is "
				  "missing; see weir %s --help",
				  argv[optind - 1], c->name);
			return -1 - EXIT_USAGE;
		}
		code = set(ctx, (char)letter, optarg);
		if (code)
			return -1 - code;
	}
	return optind;
}
