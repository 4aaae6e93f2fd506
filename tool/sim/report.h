/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a run of a scene has shown, as names and amounts: entries (programs,
 * directions of links, hosts, the world) with values. Tables, JSON and
 * expectations are made of this and of nothing else, so that what is expected
 * is what is printed. It outlives the world.
 */
#ifndef WEIR_SIM_REPORT_H
#define WEIR_SIM_REPORT_H

#include <stdio.h>

#include "scene.h"

enum entry_kind { ENTRY_PROGRAM, ENTRY_LINK, ENTRY_DIRECTION, ENTRY_HOST,
		  ENTRY_WORLD };

struct value {
	const char *field;
	enum unit unit;
	bool known;		/* false: nothing to measure has happened */
	uint64_t v;
};

struct entry {
	enum entry_kind kind;
	const char *name;	/* "bulk1", "l1", "l1.a", "a", "sim" */
	const char *what;	/* program's kind, link's ends; may be NULL */
	const char *host;	/* of a program */
	const char *error;	/* last of a program's; NULL: none */
	struct drill_vec values;	/* struct value */
};

enum report_end { END_DONE, END_TIME, END_SPIN };

struct report {
	const struct scene *scene;
	struct drill_vec entries;	/* struct entry */
	enum report_end end;
	uint64_t hash;
	int64_t time_ns;	/* of the world, since its beginning */
	bool has_costs;
	struct drill_vec said;		/* struct said */
};

/* What a command of a host has printed. */
struct said {
	int64_t at_ns;
	const char *host, *command, *text;
};

/* The unit of a field that an entry of this kind tells; programs: see
 * program_field(). Counters of hosts (TcpRetransSegs) are not known before
 * they are there: UNIT_COUNT for anything that begins with a capital. */
bool report_field(enum entry_kind kind, const char *field, enum unit *unit);
/* "ping1.rtt_avg", without a case. NULL: there is no such thing. */
const struct value *report_find(const struct report *r, const char *metric);
const struct value *entry_value(const struct entry *e, const char *field);

struct world;
/* Everything the world has to tell. 0 or -ENOMEM. */
int report_collect(struct drill_arena *a, struct report *r, struct world *w);

/* expect.c: for each expectation, a line to `out` if it fails or `all`. Number
 * that failed; -EINVAL with *c when one asks for a counter that is none. */
int expect_check(const struct scenario *s, const struct report *reports,
		 FILE *out, bool all, struct complaint *c);

/* One table of programs, one of links, one of CPU time. */
void report_print(const struct report *reports, size_t n, FILE *out);
void report_print_end(const struct report *reports, size_t n, FILE *out);
/* Of all worlds together. */
uint64_t report_hash(const struct report *reports, size_t n);
/* One document; `failed`: expectations. */
void report_print_json(const struct scenario *s, const struct report *reports,
		       int failed, FILE *out);

#endif
