// SPDX-License-Identifier: BSD-2-Clause
/*
 * System calls and the expressions in them. Operators bind as in C. The result
 * of a call may be followed by an event that begins with `+`, `*` or `<`, so
 * only `|` joins what stands there.
 */
#include "parse.h"

#include "symbols.h"

#include <string.h>

static struct drill_expr *expr_new(struct drill_parser *p, enum drill_expr_kind kind)
{
	struct drill_expr *e = drill_alloc(p->arena, sizeof(*e));

	if (!e) {
		drill_no_memory(p);
		return NULL;
	}
	e->kind = kind;
	e->line = p->tok.line;
	e->column = p->tok.column;
	return e;
}

static bool set_text(struct drill_parser *p, struct drill_expr *e)
{
	e->text = drill_copy(p->arena, p->tok.text, p->tok.len);
	e->len = p->tok.len;
	return e->text || drill_no_memory(p);
}

static const struct drill_expr *parse_int(struct drill_parser *p)
{
	struct drill_expr *e = expr_new(p, DRILL_INT);

	if (!e)
		return NULL;
	if (!p->tok.whole) {
		drill_expected(p, "an integer");
		return NULL;
	}
	if (p->tok.overflow || p->tok.num > INT64_MAX) {
		drill_fail(p, "an integer that is too large");
		return NULL;
	}
	e->num = (int64_t)p->tok.num;
	drill_advance(p);
	return e;
}

/* ------------------------------------------------------------ strings */

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte behind a backslash at s[*i]; *i is left behind it. -1: none. */
static int unescape(const char *s, size_t len, size_t *i)
{
	static const char from[] = "nrtabfv0\\\"'", to[] = "\n\r\t\a\b\f\v\0\\\"'";
	char c = s[(*i)++];
	const char *at = memchr(from, c, sizeof(from) - 1);
	int value = 0, n = 0;

	if (at)
		return (unsigned char)to[at - from];
	if (c != 'x')
		return -1;
	for (; n < 2 && *i < len && hex_value(s[*i]) >= 0; n++)
		value = value * 16 + hex_value(s[(*i)++]);
	return n ? value : -1;
}

static const struct drill_expr *parse_string(struct drill_parser *p)
{
	struct drill_expr *e = expr_new(p, DRILL_STRING);
	const char *s = p->tok.text;
	size_t n = 0;
	char *out;

	if (!e)
		return NULL;
	out = drill_alloc(p->arena, p->tok.len + 1);
	if (!out) {
		drill_no_memory(p);
		return NULL;
	}
	for (size_t i = 0; i < p->tok.len;) {
		int c = (unsigned char)s[i++];

		if (c == '\\')
			c = unescape(s, p->tok.len, &i);
		if (c < 0) {
			drill_fail(p, "unknown escape in a string; known: \\xHH \\n \\r \\t \\a \\b "
				      "\\f \\v \\0 \\\\ \\\" \\'");
			return NULL;
		}
		out[n++] = (char)c;
	}
	e->text = out;
	e->len = n;
	drill_advance(p);
	return e;
}

/* --------------------------------------------- lists, structs, calls */

/* Expressions up to the closing character, which is taken. */
static bool parse_items(struct drill_parser *p, char close, const char *what,
			const struct drill_expr ***items, size_t *nitems)
{
	struct drill_vec v = { 0 };

	while (!drill_is_char(p, close)) {
		const struct drill_expr *e;

		if (v.n && !drill_expect(p, ',', what))
			return false;
		e = drill_parse_expr(p);
		if (!e)
			return false;
		if (!drill_push(p->arena, &v, &e, sizeof(e)))
			return drill_no_memory(p);
	}
	drill_advance(p);
	*items = v.items;
	*nitems = v.n;
	return !p->failed;
}

static const struct drill_expr *parse_list(struct drill_parser *p)
{
	struct drill_expr *e = expr_new(p, DRILL_LIST);

	if (!e)
		return NULL;
	drill_advance(p);
	return parse_items(p, ']', "`,` or `]`", &e->items, &e->nitems) ? e : NULL;
}

static const struct drill_expr *parse_name(struct drill_parser *p, bool result)
{
	struct drill_expr *e = expr_new(p, DRILL_SYMBOL);

	if (!e || !set_text(p, e))
		return NULL;
	e->known = drill_symbol_value(e->text, &e->num);
	drill_advance(p);
	if (result || !drill_accept(p, '('))
		return e;
	e->kind = DRILL_CALL;
	return parse_items(p, ')', "`,` or `)`", &e->items, &e->nitems) ? e : NULL;
}

/* `name = value`, `name(count) = value` or a value: f from what came first. */
static bool parse_field(struct drill_parser *p, struct drill_field *f)
{
	const struct drill_expr *e = drill_parse_expr(p);

	if (!e)
		return false;
	f->value = e;
	if (!drill_is_char(p, '='))
		return true;
	if (e->kind != DRILL_SYMBOL && !(e->kind == DRILL_CALL && e->nitems == 1))
		return drill_fail(p, "the name of a field, or name(count), must stand before `=`");
	f->name = e->text;
	f->count = e->kind == DRILL_CALL ? e->items[0] : NULL;
	drill_advance(p);
	f->value = drill_parse_expr(p);
	return f->value != NULL;
}

static const struct drill_expr *parse_struct(struct drill_parser *p)
{
	struct drill_expr *e = expr_new(p, DRILL_STRUCT);
	struct drill_vec v = { 0 };

	if (!e)
		return NULL;
	drill_advance(p);
	while (!drill_is_char(p, '}')) {
		struct drill_field f = { 0 };

		if (v.n && !drill_expect(p, ',', "`,` or `}`"))
			return NULL;
		if (!parse_field(p, &f))
			return NULL;
		if (!drill_push(p->arena, &v, &f, sizeof(f))) {
			drill_no_memory(p);
			return NULL;
		}
	}
	drill_advance(p);
	e->fields = v.items;
	e->nfields = v.n;
	return p->failed ? NULL : e;
}

/* ---------------------------------------------------------- operators */

static const struct drill_expr *parse_unary(struct drill_parser *p, bool result);
static const struct drill_expr *parse_binary(struct drill_parser *p, int level);

static const struct drill_expr *parse_paren(struct drill_parser *p)
{
	const struct drill_expr *e;

	drill_advance(p);
	e = drill_parse_expr(p);
	return e && drill_expect(p, ')', "`)`") ? e : NULL;
}

static const struct drill_expr *parse_primary(struct drill_parser *p, bool result)
{
	struct drill_expr *e;

	switch (p->tok.kind) {
	case DRILL_TOK_NUMBER:
		return parse_int(p);
	case DRILL_TOK_STRING:
		return parse_string(p);
	case DRILL_TOK_NAME:
		return parse_name(p, result);
	case DRILL_TOK_ELLIPSIS:
		e = expr_new(p, DRILL_ELLIPSIS);
		drill_advance(p);
		return e;
	default:
		break;
	}
	if (drill_is_char(p, '['))
		return parse_list(p);
	if (drill_is_char(p, '{'))
		return parse_struct(p);
	if (drill_is_char(p, '('))
		return parse_paren(p);
	drill_expected(p, "a value");
	return NULL;
}

static const struct drill_expr *parse_operator(struct drill_parser *p, bool result)
{
	struct drill_expr *e = expr_new(p, DRILL_UNARY);

	if (!e)
		return NULL;
	e->op = *p->tok.text;
	drill_advance(p);
	e->a = parse_unary(p, result);
	return e->a ? e : NULL;
}

/* Every way down into an expression leads through here. */
static const struct drill_expr *parse_unary(struct drill_parser *p, bool result)
{
	const struct drill_expr *e;

	if (p->failed)
		return NULL;
	if (p->depth >= DRILL_NEST_MAX) {
		drill_fail(p, "an expression that nests more than %d deep", DRILL_NEST_MAX);
		return NULL;
	}
	p->depth++;
	if (drill_is_char(p, '-') || drill_is_char(p, '~'))
		e = parse_operator(p, result);
	else
		e = parse_primary(p, result);
	p->depth--;
	return p->failed ? NULL : e;
}

/* The operators, from the loosest; 0: the token is none of the level. */
#define LEVEL_LAST 4

static char level_op(const struct drill_parser *p, int level)
{
	static const char *const ops[LEVEL_LAST + 1] = { "|", "&", "<>", "+-", "*/" };
	enum drill_tok_kind kind = level == 2 ? DRILL_TOK_SHIFT : DRILL_TOK_CHAR;
	char c = p->tok.kind == kind ? *p->tok.text : '\0';

	return c && strchr(ops[level], c) ? c : '\0';
}

/* a, and what `op b` follow it. */
static const struct drill_expr *parse_chain(struct drill_parser *p, const struct drill_expr *a,
					    int level, bool result)
{
	unsigned int depth = p->depth;
	char op;

	while (a && (op = level_op(p, level))) {
		struct drill_expr *e = expr_new(p, DRILL_BINARY);

		if (!e)
			return NULL;
		p->depth++;	/* the tree grows to the left with each operator */
		drill_advance(p);
		e->op = op;
		e->a = a;
		if (result || level == LEVEL_LAST)
			e->b = parse_unary(p, result);
		else
			e->b = parse_binary(p, level + 1);
		a = e->b ? e : NULL;
	}
	p->depth = depth;
	return a;
}

static const struct drill_expr *parse_binary(struct drill_parser *p, int level)
{
	const struct drill_expr *a;

	a = level == LEVEL_LAST ? parse_unary(p, false) : parse_binary(p, level + 1);
	return parse_chain(p, a, level, false);
}

const struct drill_expr *drill_parse_expr(struct drill_parser *p)
{
	return parse_binary(p, 0);
}

const struct drill_expr *drill_parse_result(struct drill_parser *p)
{
	return parse_chain(p, parse_unary(p, true), 0, true);
}

/* --------------------------------------------------------------- calls */

static bool parse_errno(struct drill_parser *p, struct drill_syscall *c)
{
	char *name = drill_copy(p->arena, p->tok.text, p->tok.len);
	int64_t num;

	if (!name)
		return drill_no_memory(p);
	if (*name != 'E' || !drill_symbol_value(name, &num))
		return drill_expected(p, "the name of an error (EAGAIN), a note in parentheses, "
					 "or the next event");
	c->err = name;
	c->err_num = (int)num;
	drill_advance(p);
	return !p->failed;
}

static bool parse_note(struct drill_parser *p, struct drill_syscall *c)
{
	p->tok = drill_lex_note(&p->lex, &p->tok);
	if (p->tok.kind == DRILL_TOK_BAD)
		return drill_fail(p, "%s", p->tok.why);
	c->note = drill_copy(p->arena, p->tok.text, p->tok.len);
	if (!c->note)
		return drill_no_memory(p);
	drill_advance(p);
	return !p->failed;
}

const struct drill_syscall *drill_parse_call(struct drill_parser *p)
{
	struct drill_syscall *c = drill_alloc(p->arena, sizeof(*c));

	if (c)
		c->name = drill_copy(p->arena, p->tok.text, p->tok.len);
	if (!c || !c->name) {
		drill_no_memory(p);
		return NULL;
	}
	drill_advance(p);
	if (!drill_expect(p, '(', "`(` and the arguments of the call") ||
	    !parse_items(p, ')', "`,` or `)`", &c->args, &c->nargs))
		return NULL;
	if (!drill_accept(p, '='))
		return p->failed ? NULL : c;
	c->result = drill_parse_result(p);
	if (!c->result)
		return NULL;
	if (p->tok.kind == DRILL_TOK_NAME && !parse_errno(p, c))
		return NULL;
	if (drill_is_char(p, '(') && !parse_note(p, c))
		return NULL;
	return p->failed ? NULL : c;
}
