/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A scenario file as numbered lines: comments gone, lines ending in a
 * backslash joined with the next. And errors that say where.
 */
#ifndef WEIR_SIM_SOURCE_H
#define WEIR_SIM_SOURCE_H

#include "../drill/arena.h"

#define SOURCE_LINE_MAX	65536		/* characters, joined */

struct line {
	int no;			/* of its first line in the file */
	char *text;
};

struct source {
	const char *path;
	struct line *lines;
	size_t n;
};

/* Words of a line, or of what is left of one. */
struct words {
	char **w;		/* w[n] == NULL */
	size_t n;
};

/* One line of complaint: "FILE:LINE: word: what is allowed". */
struct complaint {
	char text[512];
};

/* `text` is the file's content. -ENOMEM, or -EINVAL with *c set. */
int source_read(struct drill_arena *a, struct source *s, const char *path,
		const char *text, size_t len, struct complaint *c);
/* Splits at blanks. Quotes mean nothing here. 0 or -ENOMEM. */
int words_split(struct drill_arena *a, const char *text, struct words *out);
/* Returns -EINVAL. `word` may be NULL. */
int complain(struct complaint *c, const struct source *s, int line,
	     const char *word, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

#endif
