/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inside the parser: the state that its files share. Recursive descent over one
 * token. Functions return false (or NULL) after an error, which the first to
 * meet it has written down; callers just return.
 */
#ifndef WEIR_DRILL_PARSE_H
#define WEIR_DRILL_PARSE_H

#include "arena.h"
#include "lex.h"

/* How deep expressions may nest, and how many operators may stand in a row. */
#define DRILL_NEST_MAX 32

struct drill_parser {
	struct drill_lex lex;
	struct drill_tok tok;		/* the token to be looked at */
	const char *prev_end;		/* where the one before ended, in the script */
	unsigned int prev_line;		/* and its last line */
	unsigned int depth;		/* of expressions */
	struct drill_arena *arena;
	bool failed;
	struct drill_error *error;	/* never NULL */
};

void drill_advance(struct drill_parser *p);
bool drill_is_char(const struct drill_parser *p, char c);
bool drill_is_name(const struct drill_parser *p, const char *name);
bool drill_accept(struct drill_parser *p, char c);
/* what: "`)` after the arguments". */
bool drill_expect(struct drill_parser *p, char c, const char *what);

/* "unexpected 'token', expected WHAT": always false. */
bool drill_expected(struct drill_parser *p, const char *what);
/* Any other message about the present token: always false. */
bool drill_fail(struct drill_parser *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
bool drill_no_memory(struct drill_parser *p);

/* An integer up to max; what names it in messages: "a window". */
bool drill_number(struct drill_parser *p, uint64_t max, const char *what, uint64_t *num);

const struct drill_expr *drill_parse_expr(struct drill_parser *p);
/* An expression that may be followed by the next event (`= 3`, then `+0 …`). */
const struct drill_expr *drill_parse_result(struct drill_parser *p);
const struct drill_syscall *drill_parse_call(struct drill_parser *p);

/* start:end(len) */
bool drill_parse_seq(struct drill_parser *p, uint32_t *start, uint32_t *end, uint32_t *len);
const struct drill_packet *drill_parse_packet(struct drill_parser *p);
/* From `<` to `>`. */
bool drill_parse_opts(struct drill_parser *p, enum drill_dir dir, struct drill_tcp *t);
/* Behind the word icmp. */
bool drill_parse_icmp(struct drill_parser *p, struct drill_icmp *m);
/* [1:1001(1000)], the token is what follows `[`. */
bool drill_parse_quote(struct drill_parser *p, struct drill_quote *q);

#endif
