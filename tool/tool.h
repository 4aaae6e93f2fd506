/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The weir command: a table of subcommands, each in its cmd_*.c with a table
 * of its options, from which both the parser and --help are made.
 */
#ifndef WEIR_TOOL_TOOL_H
#define WEIR_TOOL_TOOL_H

#include <stdbool.h>
#include <stddef.h>

#define TOOL_VERSION	"0.1.0"

/* Exit codes; `weir run` also passes on those of its program. */
enum {
	EXIT_OK = 0,
	EXIT_USAGE = 1,		/* usage, or input not understood */
	EXIT_REFUSED = 2,	/* refused or failed */
	EXIT_EXPECT = 3,	/* an expectation failed */
	EXIT_ENVIRON = 4,	/* the environment lacks something */
	EXIT_CANNOT_RUN = 126,
	EXIT_NOT_FOUND = 127,
};

struct tool_option {
	char letter;		/* also what is given to set(); never 0 */
	const char *name;
	const char *arg;	/* NULL: takes none */
	const char *what;	/* one line for --help */
	bool no_letter;		/* only the long form is offered */
};

struct command {
	const char *name;
	const char *args;	/* "[OPTIONS] -- CMD [ARGS]" */
	const char *what;
	const char *text;	/* further lines for --help, or NULL */
	const struct tool_option *options;	/* ended by letter 0 */
	int (*run)(const struct command *c, int argc, char **argv);
};

extern const struct command *const commands[];	/* main.c, ended by NULL */
extern const struct command cmd_run, cmd_record, cmd_trace, cmd_sim,
	cmd_drill, cmd_calibrate, cmd_help;

/*
 * Parses options up to the first other word. set(ctx, letter, value): 0 or an
 * exit code (it has said why). Returns the index of the first other word, or
 * -1 - exit code: the command ends (after --help or a mistake).
 */
int tool_parse(const struct command *c, int argc, char **argv,
	       int (*set)(void *ctx, char letter, const char *value),
	       void *ctx);
void tool_help(const struct command *c);
/* "weir run: ..." on stderr; returns `code`. */
int tool_fail(const struct command *c, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
