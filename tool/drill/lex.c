// SPDX-License-Identifier: BSD-2-Clause
/*
 * The lexer. The script is frame 0; a name that is a define pushes a frame with
 * the define's text, which is read to its end before the script goes on. Frames
 * are popped when the next token is asked for, so that the token read last can
 * always be read again where it stands. Lines are counted in frame 0 only:
 * tokens of a define stand where its name stands.
 */
#include "lex.h"

#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static struct drill_frame *top(struct drill_lex *l)
{
	return &l->frames[l->depth];
}

static size_t left(const struct drill_frame *f)
{
	return (size_t)(f->end - f->p);
}

static bool at(const struct drill_frame *f, const char *what)
{
	size_t n = strlen(what);

	return left(f) >= n && memcmp(f->p, what, n) == 0;
}

/* Over n bytes of the frame, counting the script's lines. */
static void step(struct drill_lex *l, size_t n)
{
	struct drill_frame *f = top(l);

	if (l->depth == 0) {
		const char *nl, *to = f->p + n;

		for (const char *q = f->p; (nl = memchr(q, '\n', (size_t)(to - q))); q = nl + 1) {
			l->line++;
			l->line_start = nl + 1;
		}
	}
	f->p += n;
}

void drill_lex_init(struct drill_lex *l, const char *text, size_t len,
		    const struct drill_define *defs, size_t ndefs)
{
	memset(l, 0, sizeof(*l));
	l->frames[0] = (struct drill_frame){ .p = text, .end = text + len };
	l->line = 1;
	l->line_start = text;
	l->defs = defs;
	l->ndefs = ndefs;
}

/* Length of the text up to `end`, which is included; 0: there is no end. */
static size_t up_to(const struct drill_frame *f, size_t from, const char *end)
{
	size_t n = strlen(end);

	if (left(f) < from + n)
		return 0;
	for (const char *q = f->p + from; q + n <= f->end; q++)
		if (memcmp(q, end, n) == 0)
			return (size_t)(q - f->p) + n;
	return 0;
}

static void skip_line(struct drill_lex *l)
{
	size_t n = up_to(top(l), 0, "\n");

	step(l, n ? n : left(top(l)));
}

/* Over white space, comments and ended defines. False: an endless comment. */
static bool skip_blank(struct drill_lex *l)
{
	for (;;) {
		struct drill_frame *f = top(l);

		if (f->p == f->end && l->depth > 0) {
			l->depth--;
		} else if (f->p == f->end) {
			return true;
		} else if (is_space(*f->p)) {
			step(l, 1);
		} else if (*f->p == '#' || at(f, "//")) {
			skip_line(l);
		} else if (at(f, "/*")) {
			size_t n = up_to(f, 2, "*/");

			if (!n)
				return false;
			step(l, n);
		} else {
			return true;
		}
	}
}

static struct drill_tok tok_here(struct drill_lex *l)
{
	struct drill_frame *f = top(l);
	struct drill_tok t = { .start = f->p, .text = f->p };

	if (l->depth > 0) {
		t.line = l->def_line;
		t.column = l->def_column;
		t.from = l->def_from;
	} else {
		t.line = l->line;
		t.column = (unsigned int)(f->p - l->line_start) + 1;
		t.from = f->p;
	}
	return t;
}

/* Ends t, which takes `whole` bytes of the frame, with its text in between. */
static void tok_end(struct drill_lex *l, struct drill_tok *t, enum drill_tok_kind kind,
		    size_t whole, size_t skip_front, size_t skip_back)
{
	t->kind = kind;
	t->text = t->start + skip_front;
	t->len = whole - skip_front - skip_back;
	step(l, whole);
	t->base_end = l->frames[0].p;
}

static void tok_bad(struct drill_lex *l, struct drill_tok *t, const char *why)
{
	struct drill_frame *f = top(l);
	size_t n = 0;

	while (n < left(f) && n < 24 && f->p[n] != '\n')
		n++;
	t->why = why;
	tok_end(l, t, DRILL_TOK_BAD, n, 0, 0);
}

static void add_digit(struct drill_tok *t, unsigned int base, unsigned int digit)
{
	if (t->num > (UINT64_MAX - digit) / base)
		t->overflow = true;
	t->num = t->num * base + digit;
}

static unsigned int hex_digit(char c)
{
	return is_digit(c) ? (unsigned int)(c - '0') : (unsigned int)((c | 0x20) - 'a') + 10;
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* The fraction behind the point, n digits, as ns. */
static int64_t fraction(struct drill_tok *t, const char *p, size_t n)
{
	int64_t ns = 0, unit = 100000000;

	for (size_t i = 0; i < n; i++, unit /= 10) {
		if (unit == 0 && p[i] != '0')
			t->ns_overflow = true;
		ns += unit * (p[i] - '0');
	}
	return ns;
}

static void set_ns(struct drill_tok *t, int64_t frac)
{
	if (t->overflow || t->num > INT64_MAX / 1000000000 - 1)
		t->ns_overflow = true;
	else
		t->ns = (int64_t)t->num * 1000000000 + frac;
}

/* A number, or a word that begins with a digit. */
static void lex_number(struct drill_lex *l, struct drill_tok *t)
{
	struct drill_frame *f = top(l);
	size_t max = left(f), n = 0, point;
	bool hex = max > 2 && f->p[0] == '0' && (f->p[1] | 0x20) == 'x' && is_hex(f->p[2]);

	t->whole = true;
	if (hex)
		for (n = 2; n < max && is_hex(f->p[n]); n++)
			add_digit(t, 16, hex_digit(f->p[n]));
	else
		for (; n < max && is_digit(f->p[n]); n++)
			add_digit(t, 10, hex_digit(f->p[n]));
	if (n < max && is_letter(f->p[n])) {
		while (n < max && (is_letter(f->p[n]) || is_digit(f->p[n])))
			n++;
		tok_end(l, t, DRILL_TOK_WORD, n, 0, 0);
		return;
	}
	point = n;
	if (!hex && max - n > 1 && f->p[n] == '.' && is_digit(f->p[n + 1])) {
		t->whole = false;
		for (n++; n < max && is_digit(f->p[n]); n++)
			;
	}
	set_ns(t, t->whole ? 0 : fraction(t, f->p + point + 1, n - point - 1));
	tok_end(l, t, DRILL_TOK_NUMBER, n, 0, 0);
}

static void lex_string(struct drill_lex *l, struct drill_tok *t)
{
	struct drill_frame *f = top(l);
	size_t n = 1;

	while (n < left(f) && f->p[n] != '"' && f->p[n] != '\n')
		n += f->p[n] == '\\' && n + 1 < left(f) ? 2 : 1;
	if (n >= left(f) || f->p[n] != '"')
		tok_bad(l, t, "a string that does not end in this line");
	else
		tok_end(l, t, DRILL_TOK_STRING, n + 1, 1, 1);
}

static void lex_option(struct drill_lex *l, struct drill_tok *t)
{
	struct drill_frame *f = top(l);
	size_t n = 2;

	while (n < left(f) && !is_space(f->p[n]))
		n++;
	tok_end(l, t, DRILL_TOK_OPTION, n, 2, 0);
}

static void lex_block(struct drill_lex *l, struct drill_tok *t, enum drill_tok_kind kind,
		      const char *end, size_t mark, const char *why)
{
	size_t n = up_to(top(l), mark, end);

	if (!n)
		tok_bad(l, t, why);
	else
		tok_end(l, t, kind, n, mark, mark);
}

static void lex_other(struct drill_lex *l, struct drill_tok *t)
{
	struct drill_frame *f = top(l);

	if (*f->p == '"')
		lex_string(l, t);
	else if (*f->p == '`')
		lex_block(l, t, DRILL_TOK_COMMAND, "`", 1, "a back-tick without the closing one");
	else if (at(f, "%{"))
		lex_block(l, t, DRILL_TOK_CODE, "}%", 2, "a %{ without }%");
	else if (at(f, "..."))
		tok_end(l, t, DRILL_TOK_ELLIPSIS, 3, 0, 0);
	else if (at(f, "<<") || at(f, ">>"))
		tok_end(l, t, DRILL_TOK_SHIFT, 2, 0, 0);
	else if (at(f, "--") && left(f) > 2 && is_letter(f->p[2]))
		lex_option(l, t);
	else if (is_digit(*f->p) || (*f->p == '.' && left(f) > 1 && is_digit(f->p[1])))
		lex_number(l, t);
	else
		tok_end(l, t, DRILL_TOK_CHAR, 1, 0, 0);
}

static const struct drill_define *find_define(const struct drill_lex *l, const struct drill_tok *t)
{
	for (size_t i = 0; i < l->ndefs; i++) {
		const struct drill_define *d = &l->defs[i];

		if (strlen(d->name) == t->len && memcmp(d->name, t->text, t->len) == 0)
			return d;
	}
	return NULL;
}

/* Inside its own text the name of a define is just a name. */
static bool is_open(const struct drill_lex *l, const struct drill_define *d)
{
	for (unsigned int i = 1; i <= l->depth; i++)
		if (l->frames[i].def == d)
			return true;
	return false;
}

/* True: t was a define, whose text is read from now on. */
static bool enter_define(struct drill_lex *l, const struct drill_tok *t)
{
	const struct drill_define *d = find_define(l, t);

	if (!d || is_open(l, d) || l->depth == DRILL_DEFINE_DEPTH)
		return false;
	if (l->depth == 0) {
		l->def_line = t->line;
		l->def_column = t->column;
		l->def_from = t->from;
	}
	l->frames[++l->depth] = (struct drill_frame){
		.p = d->value, .end = d->value + strlen(d->value), .def = d,
	};
	return true;
}

struct drill_tok drill_lex_next(struct drill_lex *l)
{
	for (;;) {
		struct drill_frame *f;
		struct drill_tok t;
		size_t n = 0;

		if (!skip_blank(l)) {
			t = tok_here(l);
			tok_bad(l, &t, "a comment /* without */");
			return t;
		}
		f = top(l);
		t = tok_here(l);
		if (f->p == f->end) {
			tok_end(l, &t, DRILL_TOK_END, 0, 0, 0);
			return t;
		}
		if (!is_letter(*f->p)) {
			lex_other(l, &t);
			return t;
		}
		while (n < left(f) && (is_letter(f->p[n]) || is_digit(f->p[n])))
			n++;
		tok_end(l, &t, DRILL_TOK_NAME, n, 0, 0);
		if (!enter_define(l, &t))
			return t;
	}
}

struct drill_tok drill_lex_flags(struct drill_lex *l, const struct drill_tok *t)
{
	struct drill_tok again = *t;
	struct drill_frame *f = top(l);
	size_t n = 0;

	f->p = t->start;
	while (n < left(f) && (is_letter(f->p[n]) || is_digit(f->p[n]) || f->p[n] == '.' ||
			       f->p[n] == '-'))
		n++;
	tok_end(l, &again, DRILL_TOK_FLAGS, n, 0, 0);
	return again;
}

struct drill_tok drill_lex_note(struct drill_lex *l, const struct drill_tok *t)
{
	struct drill_tok again = *t;
	struct drill_frame *f = top(l);
	size_t n = 1, open = 1;

	f->p = t->start;
	for (; n < left(f) && f->p[n] != '\n' && open; n++) {
		if (f->p[n] == '(')
			open++;
		if (f->p[n] == ')')
			open--;
	}
	if (open)
		tok_bad(l, &again, "a note ( that does not end in this line");
	else
		tok_end(l, &again, DRILL_TOK_NOTE, n, 1, 1);
	return again;
}
