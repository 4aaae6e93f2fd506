/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A scenario as read. A file has cases: the same scene with differences, each
 * of which becomes a world of its own. Reading it for one case gives a scene,
 * in which names are known, parameters filled in and values checked; what
 * only the world can know (words of links and of host commands) is not.
 *
 *	statement	= [ "at" TIME ] ( link-set | config ) | other
 *	host NAME... [cpus N] [accounting bsd|linux] [rx-ring N] [tx-ring N]
 *	switch NAME...			link [NAME] HOST HOST WORDS
 *	plug [NAME] SWITCH HOST WORDS	link NAME [from HOST] WORDS
 *	HOST...: COMMAND	all: COMMAND
 *	run HOST [NAME]: PROGRAM ARGUMENTS
 *	seed N   until TIME   costs FILE|free   let NAME VALUE
 *	case NAME   end   expect METRIC OP VALUE
 */
#ifndef WEIR_SIM_SCENE_H
#define WEIR_SIM_SCENE_H

#include <stdbool.h>
#include <stdint.h>

#include "program.h"
#include "source.h"

#define SCENE_NAME_MAX	31		/* characters */
#define SCENE_CASES	100

enum step_kind {
	STEP_HOST, STEP_SWITCH, STEP_LINK, STEP_PLUG, STEP_LINK_SET, STEP_CONFIG
};

struct step {
	enum step_kind kind;
	int line;
	int64_t at_ns;		/* after the beginning; -1: before it */
	const char *name;	/* host, switch or link */
	const char *a, *b;	/* hosts of a link; a: switch of a plug, from */
	char *text;		/* the link's words, or the command */
	struct weir_sim_host_options host;
};

enum op { OP_LT, OP_LE, OP_GT, OP_GE, OP_EQ, OP_NE, OP_BETWEEN };

/* An amount, or a metric times mul by div. */
struct operand {
	const char *metric;	/* NULL: an amount */
	enum unit unit;
	uint64_t amount, mul, div;
};

struct expectation {
	int line;
	const char *text;	/* as written, parameters filled in */
	enum op op;
	struct operand left, right, right2;
	bool across;		/* its metrics name their cases */
};

struct scene {
	const char *name;	/* of the case; "" if the file has none */
	uint64_t seed;
	int64_t until_ns;	/* 0: not said */
	const char *costs;	/* file; NULL: free */
	int costs_line;
	struct step *steps;	/* in order of the file */
	size_t nr_steps;
	struct program *programs;
	size_t nr_programs;
	struct expectation *expects;
	size_t nr_expects;
	const struct source *source;
};

struct scenario {
	struct source source;
	struct scene *scenes;
	size_t n;
	struct expectation *across;	/* those about several cases */
	size_t nr_across;
};

/* NAME=VALUE of the command line. */
struct setting {
	const char *name, *value;
	bool used;
};

/* The scene that a metric such as "short.ping1.rtt_avg" begins with, and the
 * rest of it in *rest; NULL: none, *rest is all. */
const struct scene *metric_scene(const struct scenario *s, const char *metric,
				 const char **rest);
/* 0, -ENOMEM, or -EINVAL with *c set. Settings that the file has no `let` for
 * are a mistake. */
int scenario_read(struct drill_arena *a, struct scenario *s, const char *path,
		  const char *text, size_t len, struct setting *set, size_t n,
		  struct complaint *c);

/* --- between the reader's files -------------------------------------------------------- */

enum name_kind {
	NAME_CASE, NAME_HOST, NAME_SWITCH, NAME_LINK, NAME_PROGRAM, NAME_WORLD
};

struct name {
	const char *name;
	enum name_kind kind;
	const char *a, *b;	/* a link's ends; b of a plug: the switch */
	const struct program_kind *program;
};

struct let {
	const char *name, *value;
	int line;
};

struct reader {
	struct drill_arena *arena;
	const struct source *source;
	struct complaint *c;
	struct setting *set;
	size_t nr_set;
	const char *in_case;		/* being read for; "" */
	struct drill_vec cases;		/* const char * */
	struct drill_vec lets;		/* struct let */
	struct drill_vec names;		/* struct name */
	struct drill_vec steps, programs, expects, across;
	struct scene scene;
	unsigned int nr_links;
	/* present statement */
	int line;
	struct words words;
	int64_t at_ns;
};

const struct name *reader_find(const struct reader *r, const char *name);
/* A name that is free, well-formed and no word of the language: remembered. */
int reader_declare(struct reader *r, const struct name *n);
int reader_refuse(struct reader *r, const char *word, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* read_expect.c: an `expect` line; and, when all scenes are read, whether what
 * it is about exists. */
int read_expectation(struct reader *r);
int check_expectations(struct scenario *s, struct complaint *c);
/* read_program.c: `run HOST [NAME]: ...` */
int read_program(struct reader *r);
/* read_parts.c */
int read_host(struct reader *r);
int read_switch(struct reader *r);
int read_plug(struct reader *r);
int read_link(struct reader *r);
/* read_params.c: a `let` line, from the settings if there is one for it; and
 * `text` with $name of parameters that there are filled in (other dollars are
 * the shell's). */
int read_let(struct reader *r);
int fill_in(struct reader *r, const char *text, char **out);

/* Words from i on, joined. NULL: no memory. */
char *reader_join(struct reader *r, size_t i, char between);
/* 0 if it is a host that was declared; else a complaint. */
int reader_host(struct reader *r, const char *name);
/* 0 if the statement has n words; else a complaint: write `form`. */
int reader_words(struct reader *r, size_t n, const char *form);
/* Remembers the step, with the statement's line and time. */
int reader_step(struct reader *r, struct step s);

#endif
