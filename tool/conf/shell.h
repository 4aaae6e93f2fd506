/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The shell's language: POSIX sh without functions, jobs, here-documents and
 * pathname expansion. A text is parsed into a tree as a whole, then run;
 * words stay as written until they are expanded.
 *
 * Commands given by a path:
 *
 *	DIR/defaults.sh		if that file exists on the host, relative to the
 *				folder of conf_options.script, this shell runs
 *				it; else the settings with which the suites of
 *				packetdrill scripts start (scripts.c)
 *	DIR/set_sysctls.py	PATH=VALUE ...: writes each, and leaves
 *				/tmp/sysctl_restore_$PPID.sh that restores
 *	/bin/NAME and the like	the command NAME
 *	anything else		a file in memory, run as a script
 */
#ifndef WEIR_TOOL_CONF_SHELL_H
#define WEIR_TOOL_CONF_SHELL_H

#include "conf_priv.h"

struct word {
	struct word *next;
	const char *raw;		/* with its quotes */
	size_t len;
};

enum redir_kind { REDIR_IN, REDIR_OUT, REDIR_APPEND, REDIR_DUP, REDIR_BOTH };
struct redir {
	struct redir *next;
	enum redir_kind kind;
	int fd;
	struct word *target;		/* file, or the number for DUP */
};

enum node_kind {
	NODE_SIMPLE,	/* words, redirs; assignments are its first words */
	NODE_PIPE,	/* a | b */
	NODE_AND, NODE_OR, NODE_NOT,	/* a && b, a || b, ! a */
	NODE_SEQ,	/* a, then b (NODE_SEQ or NULL) */
	NODE_IF,	/* if a then b else c */
	NODE_WHILE, NODE_UNTIL,		/* while a do b */
	NODE_FOR,	/* for word in words do b */
	NODE_GROUP, NODE_SUBSHELL,	/* { a } ( a ) */
};

struct node {
	enum node_kind kind;
	struct node *a, *b, *c;
	struct word *words;
	struct redir *redirs;
};

/* The text's tree; NULL with *err set (arena) when it is none, NULL and *err
 * NULL when it is empty. */
struct node *shell_parse(struct conf *c, const char *text, const char **err);

/* --- expand.c --- */

struct fields {
	char **v;			/* arena; ended by NULL */
	int n, room;
};

void fields_add(struct conf *c, struct fields *f, char *s);
/* Appends what the word becomes: none, one or several fields. 0, or a status
 * after a complaint to io->err. */
int word_fields(struct conf *c, const struct word *w, struct fields *f,
		struct io *io);
/* The word without splitting; NULL after a complaint. */
char *word_string(struct conf *c, const struct word *w, struct io *io);
/* Length of "NAME=" in front of an assignment; 0: it is none. */
size_t assignment_name(const struct word *w);

/* --- arith.c --- */

/* 0, or -1 with *why. Names are variables of c. */
int arith_eval(const struct conf *c, const char *text, long long *value,
	       const char **why);

/* --- lex.c: where pieces of raw text end. NULL: never. --- */

/* s is behind the opening quote, or "$(", or "${"; result at the closing one. */
const char *skip_single(const char *s, const char *end);
const char *skip_double(const char *s, const char *end);
const char *skip_parens(const char *s, const char *end);
const char *skip_braces(const char *s, const char *end);
/* End of the word that starts at s. */
const char *skip_word(const char *s, const char *end);

#endif
