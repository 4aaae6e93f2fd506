/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Amounts: numbers with units, in whole numbers of the smallest unit, so that
 * what is written in a file is exactly what is used, and what is printed can
 * be compared.
 */
#ifndef WEIR_SIM_AMOUNT_H
#define WEIR_SIM_AMOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum unit {
	UNIT_COUNT,		/* things */
	UNIT_TIME,		/* ns: "20ms" */
	UNIT_RATE,		/* bits/s: "10mbit" */
	UNIT_BYTES,		/* "1460", "64K" */
	UNIT_SHARE,		/* millionths: "1%" */
	UNIT_PER_SECOND,	/* things per second */
	UNIT_MAX
};

/* The word as an amount of this unit. 0, or -EINVAL: it is none, not a whole
 * number of the smallest unit, or above INT64_MAX. */
int amount_parse(const char *word, enum unit unit, uint64_t *out);
/* The same, whichever unit the word has: *unit is UNIT_COUNT for a plain
 * number. */
int amount_parse_any(const char *word, enum unit *unit, uint64_t *out);
/* What such a word looks like, for errors: "a time, in ns, us, ms, s, ...". */
const char *amount_allowed(enum unit unit);
/* For people: "12.3 ms", three or four digits. */
void amount_print(char *to, size_t room, enum unit unit, uint64_t v);
/* Behind a JSON key: "_ns", "_bps", ... */
const char *amount_suffix(enum unit unit);
/* May amounts of these units be compared? Plain numbers are also bytes and
 * things per second. */
bool amount_comparable(enum unit a, enum unit b);
/* a * b / c without overflow, at most UINT64_MAX; c == 0: 0. */
uint64_t amount_scale(uint64_t a, uint64_t b, uint64_t c);

#endif
