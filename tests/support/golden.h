/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Golden traces: what a scenario did in virtual time, as text for people, and
 * compared with the text that is committed in tests/golden/.
 *
 *	struct golden g;
 *
 *	golden_open(&g, &lab);		// from now on all frames of lab.l
 *	...
 *	golden_note(&g, "b reads %d", n);
 *	golden_check(&g, "tcp_open");	// tests/golden/tcp_open.txt
 *
 * A line is: seconds since golden_open, who sends, the frame. TCP segments are
 * written as in packetdrill scripts, sequence numbers from each side's SYN.
 *
 * WEIR_GOLDEN=write in the environment writes the files instead of comparing:
 * look at what `git diff` says then.
 */
#ifndef WEIR_TESTS_GOLDEN_H
#define WEIR_TESTS_GOLDEN_H

#include <stdbool.h>

#include "tests/support/lab.h"

struct golden {
	struct lab *lab;
	char *text;
	size_t len, room;
	int64_t start;
	uint32_t isn[2];		/* of each direction */
	uint32_t ts[2];			/* first TS value of each */
	bool has_ts[2];
	int last;			/* direction of the last line; -1 */
	uint64_t lost;			/* of it, before that line */
};

/* lab->l may be NULL: notes and stages only. */
void golden_open(struct golden *g, struct lab *lab);
/* A line of the test's own, with its time. */
void golden_note(struct golden *g, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* The stages that a host's packets have passed since the last time: when, on
 * which CPU, in which context, bytes. Needs trace_records. */
void golden_stages(struct golden *g, struct weir *h);
/* Fails the test when the text is not that of tests/golden/NAME.txt. */
void golden_check(struct golden *g, const char *name);

#endif
