/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Configuring a stack with the words that administrators use: ip, tc, sysctl,
 * ethtool, nstat, ss, and a small shell around them. Everything acts on the
 * simulated stack and on files in memory; nothing reaches the host but reading
 * a script that lies next to the script that is being run (see defaults.sh in
 * shell.h).
 *
 *	struct conf *c = conf_create(&(struct conf_options){ .w = w });
 *	if (conf_shell_run(c, "sysctl -q net.ipv4.tcp_ecn=2"))
 *		fail("%s", conf_error(c));
 *	conf_destroy(c);
 *
 * A conf belongs to one stack and one thread. What nstat has shown, files,
 * variables and functions last from one run to the next.
 */
#ifndef WEIR_TOOL_CONF_CONF_H
#define WEIR_TOOL_CONF_CONF_H

#include <weir/weir.h>

struct conf;

/* All but w may be 0/NULL for the default. */
struct conf_options {
	struct weir *w;			/* outlives the conf */
	/* Path of the script whose commands these are, as the user gave it:
	 * $0, the folder of relative paths, and which suite's defaults apply. */
	const char *script;
	unsigned int ppid;		/* $PPID; 1000 */
	/* `sleep`: lets ns of the stack's time pass. NULL: no time passes. */
	void (*sleep)(void *arg, int64_t ns);
	void *arg;
	/* Largest number of commands in one run, so that no loop is endless;
	 * 100000. */
	unsigned int max_commands;
};

/* NULL: no memory. */
struct conf *conf_create(const struct conf_options *o);
void conf_destroy(struct conf *c);

/*
 * Runs the text as a shell would: exit status of its last command, 0 to 255.
 * 127: there is no such command; 2: the text is no shell text, or uses what
 * this shell does not have. What was written is in conf_output(), what was
 * complained of also in conf_error().
 */
int conf_shell_run(struct conf *c, const char *text);
/* One command given as words, argv[argc] NULL: exit status. No expansion. */
int conf_command(struct conf *c, int argc, char **argv);

/* What the last run or command wrote to its standard output and standard error,
 * in this order of writing; ends with NUL, valid until the next run. `len` may
 * be NULL. */
const char *conf_output(const struct conf *c, size_t *len);
/* What it wrote to standard error alone, without the last newline: one line
 * per complaint; "" when there was none. */
const char *conf_error(const struct conf *c);

/* Files in memory, by path: `dd of=/tmp/x` makes one that a script's open()
 * may want. Content, valid until the file is next written; NULL: no such file.
 * Views of the stack (/proc/...) are no files. */
const void *conf_file(struct conf *c, const char *path, size_t *len);
/* 0 or -ENOMEM, -EINVAL (a path under /proc or /sys). */
int conf_file_write(struct conf *c, const char *path, const void *data,
		    size_t len);

#endif
