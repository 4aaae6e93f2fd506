/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * $((...)): C's operators on integers by precedence climbing. Both sides of
 * && and || are computed; nothing has effects.
 */
#include "shell.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct arith {
	const struct conf *c;
	const char *s, *why;
	int depth;
};

static const struct op {
	const char *text;
	int level;			/* binds tighter the higher */
} ops[] = {	/* longest first */
	{ "||", 1 }, { "&&", 2 }, { "==", 6 }, { "!=", 6 }, { "<=", 7 },
	{ ">=", 7 }, { "<<", 8 }, { ">>", 8 }, { "|", 3 }, { "^", 4 },
	{ "&", 5 }, { "<", 7 }, { ">", 7 }, { "+", 9 }, { "-", 9 },
	{ "*", 10 }, { "/", 10 }, { "%", 10 },
};

static long long ternary(struct arith *a);

static void blanks(struct arith *a)
{
	while (isspace((unsigned char)*a->s))
		a->s++;
}

static long long name(struct arith *a)
{
	const char *value;
	char text[64];
	size_t n = 0;

	while (isalnum((unsigned char)*a->s) || *a->s == '_') {
		if (n < sizeof(text) - 1)
			text[n++] = *a->s;
		a->s++;
	}
	text[n] = '\0';
	value = var_get(a->c, text);
	return value ? strtoll(value, NULL, 0) : 0;
}

static long long primary(struct arith *a)
{
	long long v;
	char *end;

	blanks(a);
	if (isalpha((unsigned char)*a->s) || *a->s == '_')
		return name(a);
	if (*a->s == '(') {
		a->s++;
		v = ternary(a);
		blanks(a);
		if (*a->s != ')')
			a->why = "a parenthesis is not closed";
		else
			a->s++;
		return v;
	}
	v = strtoll(a->s, &end, 0);
	if (end == a->s)
		a->why = "a number is missing";
	a->s = end;
	return v;
}

static long long unary(struct arith *a)
{
	char op;
	long long v;

	blanks(a);
	op = *a->s;
	if (!op || !strchr("!~+-", op))
		return primary(a);
	a->s++;
	if (++a->depth > 100) {
		a->why = "nested too deeply";
		return 0;
	}
	v = unary(a);
	a->depth--;
	if (op == '!')
		return !v;
	if (op == '~')
		return ~v;
	return op == '-' ? (long long)(0 - (unsigned long long)v) : v;
}

static const struct op *next_op(struct arith *a)
{
	size_t i;

	blanks(a);
	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (!strncmp(a->s, ops[i].text, strlen(ops[i].text)))
			return &ops[i];
	return NULL;
}

static long long divide(struct arith *a, char op, long long l, long long r)
{
	if (!r) {
		a->why = "division by 0";
		return 0;
	}
	if (r == -1)
		return op == '/' ? (long long)(0 - (unsigned long long)l) : 0;
	return op == '/' ? l / r : l % r;
}

/* Wraps around as the machine does. */
static long long apply(struct arith *a, const char *op, long long l,
		       long long r)
{
	unsigned long long ul = (unsigned long long)l;
	unsigned long long ur = (unsigned long long)r;

	switch (op[0] << 8 | op[1]) {
	case '|' << 8 | '|': return l || r;
	case '&' << 8 | '&': return l && r;
	case '=' << 8 | '=': return l == r;
	case '!' << 8 | '=': return l != r;
	case '<' << 8 | '=': return l <= r;
	case '>' << 8 | '=': return l >= r;
	case '<' << 8 | '<': return (long long)(ul << (ur & 63));
	case '>' << 8 | '>': return l >> (ur & 63);
	case '|' << 8: return l | r;
	case '^' << 8: return l ^ r;
	case '&' << 8: return l & r;
	case '<' << 8: return l < r;
	case '>' << 8: return l > r;
	case '+' << 8: return (long long)(ul + ur);
	case '-' << 8: return (long long)(ul - ur);
	case '*' << 8: return (long long)(ul * ur);
	}
	return divide(a, op[0], l, r);
}

static long long binary(struct arith *a, int level)
{
	long long l = unary(a);
	const struct op *op;

	while (!a->why && (op = next_op(a)) && op->level >= level) {
		a->s += strlen(op->text);
		l = apply(a, op->text, l, binary(a, op->level + 1));
	}
	return l;
}

static long long ternary(struct arith *a)
{
	long long v, yes, no;

	if (++a->depth > 100) {
		a->why = "nested too deeply";
		return 0;
	}
	v = binary(a, 1);
	blanks(a);
	if (*a->s == '?' && !a->why) {
		a->s++;
		yes = ternary(a);
		blanks(a);
		if (*a->s == ':')
			a->s++;
		else
			a->why = "\":\" is missing";
		no = ternary(a);
		v = v ? yes : no;
	}
	a->depth--;
	return v;
}

int arith_eval(const struct conf *c, const char *text, long long *value,
	       const char **why)
{
	struct arith a = { c, text, NULL, 0 };

	blanks(&a);
	*value = *a.s ? ternary(&a) : 0;
	blanks(&a);
	if (!a.why && *a.s)
		a.why = "an operator is missing, or not for this shell";
	*why = a.why;
	return a.why ? -1 : 0;
}
