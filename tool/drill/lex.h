/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The words of a packetdrill script. One token at a time, without looking
 * further: where the language has a place with rules of its own (TCP flags, the
 * note behind a result), the parser has the token read again by those rules.
 */
#ifndef WEIR_DRILL_LEX_H
#define WEIR_DRILL_LEX_H

#include "script.h"

enum drill_tok_kind {
	DRILL_TOK_END,		/* of the script */
	DRILL_TOK_BAD,		/* what is wrong: why */
	DRILL_TOK_NAME,		/* letter or _, then also digits */
	DRILL_TOK_NUMBER,	/* 12 0x1f 1.5 .25 */
	DRILL_TOK_WORD,		/* begins with a digit, is no number: 3021b9d8 */
	DRILL_TOK_STRING,	/* text and len are what stands between the quotes */
	DRILL_TOK_ELLIPSIS,	/* ... */
	DRILL_TOK_SHIFT,	/* << >>, told apart by text[0] */
	DRILL_TOK_OPTION,	/* --name=value: text without the dashes */
	DRILL_TOK_COMMAND,	/* `...`: text between the back-ticks */
	DRILL_TOK_CODE,		/* %{ ... }%: text between */
	DRILL_TOK_FLAGS,	/* by drill_lex_flags only */
	DRILL_TOK_NOTE,		/* by drill_lex_note only: text between ( and ) */
	DRILL_TOK_CHAR,		/* any other character: text[0] */
};

struct drill_tok {
	enum drill_tok_kind kind;
	const char *text;	/* in the script or in a define; no NUL after it */
	size_t len;
	const char *start;	/* where the token begins, quotes included */
	const char *from;	/* the same in the script itself, whatever a define gave */
	const char *base_end;	/* where the script goes on after it */
	unsigned int line, column;
	bool whole;		/* NUMBER: no fraction; num holds */
	bool overflow;		/* NUMBER: larger than num can hold */
	bool ns_overflow;	/* NUMBER: ns does not hold it (too large or too fine) */
	uint64_t num;
	int64_t ns;		/* NUMBER as seconds, in ns */
	const char *why;	/* BAD */
};

#define DRILL_DEFINE_DEPTH 8	/* defines within defines */

struct drill_frame {
	const char *p, *end;
	const struct drill_define *def;	/* NULL: the script */
};

struct drill_lex {
	struct drill_frame frames[DRILL_DEFINE_DEPTH + 1];
	unsigned int depth;		/* frame being read */
	unsigned int line;		/* of frames[0] */
	const char *line_start;
	unsigned int def_line, def_column;	/* where the outermost define stands */
	const char *def_from;
	const struct drill_define *defs;
	size_t ndefs;
};

void drill_lex_init(struct drill_lex *l, const char *text, size_t len,
		    const struct drill_define *defs, size_t ndefs);
struct drill_tok drill_lex_next(struct drill_lex *l);

/* t, the token read last, again: as TCP flags (letters, digits, `.`, `-`). */
struct drill_tok drill_lex_flags(struct drill_lex *l, const struct drill_tok *t);
/* t, a `(` read last, again: as the text up to its `)`, in the same line. */
struct drill_tok drill_lex_note(struct drill_lex *l, const struct drill_tok *t);

#endif
