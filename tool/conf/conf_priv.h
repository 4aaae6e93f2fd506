/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inside of tool/conf: a command is a function that gets its words, its input
 * as a whole, and sinks for what it writes. Commands of a pipeline run one
 * after the other; the output of one is the input of the next.
 */
#ifndef WEIR_TOOL_CONF_PRIV_H
#define WEIR_TOOL_CONF_PRIV_H

#include <stdint.h>

#include "conf.h"
#include "text.h"

/* Exit statuses of a shell. */
enum { ST_OK = 0, ST_FAIL = 1, ST_USAGE = 2, ST_NOT_FOUND = 127 };

/* Where writes go: `also` gets what is worth keeping apart (complaints).
 * Both NULL: nowhere. */
struct sink {
	struct text *to, *also;
};

struct input {
	const char *s;
	size_t len, pos;
};

struct io {
	struct input *in;
	struct sink out, err;
};

struct cmd {
	struct conf *conf;
	int argc;
	char **argv;			/* [argc] is NULL */
	struct io *io;
};

struct command_entry {
	const char *name;
	int (*run)(struct cmd *c);
};

void sink_add(const struct sink *s, const char *text, size_t len);
void cmd_out(const struct cmd *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* "NAME: text" and a newline to the error output; returns `status`. */
int cmd_fail(const struct cmd *c, int status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* What is left of the input; the command has then read it. */
const char *cmd_input(struct cmd *c, size_t *len);

struct mem_file {
	struct mem_file *next;
	char *path;
	struct text text;
};

struct variable {
	struct variable *next;
	char *name, *value;
};

/* nstat's memory of a counter. */
struct counter {
	char name[48];
	uint64_t value;
};

struct conf {
	struct conf_options o;
	struct text all, errs;
	struct mem_file *files;
	struct variable *vars;
	struct counter *seen;
	size_t nr_seen;
	struct arena arena;		/* of the present run */
	unsigned int depth;		/* runs inside of runs */
	unsigned int commands;		/* so far in this run */
	int status;			/* $? */
	bool exiting, errexit;
	char **args;			/* $1 ..., ended by NULL; or NULL */
	const char *name;		/* $0 */
};

/* --- conf.c, commands.c --- */

/* By name, also as /bin/NAME and the like; NULL: there is none. */
const struct command_entry *command_find(const char *name);
/* A view of the stack as an arena text; NULL: there is none. */
char *conf_view(struct conf *c, const char *name);
const char *var_get(const struct conf *c, const char *name);	/* or NULL */
void var_set(struct conf *c, const char *name, const char *value);

/* --- files.c --- */

/* Content of a file in memory, or of /proc/net/.., /proc/sys/..; valid until
 * the run ends or the file is written. NULL: no such file. */
const char *file_read(struct conf *c, const char *path, size_t *len);
/* 0 or -errno with err: -ENOENT no such setting. */
int file_write(struct conf *c, const char *path, const char *s, size_t len,
	       bool append, char *err, size_t errlen);
int file_remove(struct conf *c, const char *path);	/* 0 or -ENOENT */
/* The setting that a path under /proc/sys or /sys/module names. False: other. */
bool file_is_setting(const char *path, char *name, size_t room);

/* --- shell.c --- */

/* Runs text inside of a run. */
int shell_text(struct conf *c, const char *text, struct io *io);
/* Words as one command: special built-ins, commands, scripts. */
int shell_command(struct conf *c, int argc, char **argv, struct io *io);

/* --- scripts.c --- */

/* Command given by a path: defaults.sh, set_sysctls.py, scripts in memory. */
int script_run(struct cmd *c);

#endif
