/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test EXPR, [ EXPR ]: strings, numbers, files, ! ( ) -a -o. Status 0: true,
 * 1: false, 2: no expression.
 */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH	1000		/* primaries in one expression */

struct test {
	struct cmd *c;
	char **a;			/* next word */
	char **end;
	bool bad;
	int depth;
};

static bool or_expr(struct test *t);

static bool file_exists(struct test *t, const char *path, bool filled)
{
	size_t len;
	const char *s = file_read(t->c->conf, path, &len);

	return s && (!filled || len);
}

static long long number(struct test *t, const char *s)
{
	char *end;
	long long v = strtoll(s, &end, 10);

	if (end == s || *end) {
		cmd_fail(t->c, ST_USAGE, "%s: a number is expected", s);
		t->bad = true;
	}
	return v;
}

static bool unary(struct test *t, char op, const char *arg)
{
	switch (op) {
	case 'n':
		return *arg;
	case 'z':
		return !*arg;
	case 's':
		return file_exists(t, arg, true);
	case 'x':
	case 'e': case 'f': case 'r': case 'w':
		return file_exists(t, arg, false);
	}
	return false;			/* -d, -L: there are none */
}

static bool is_binary(const char *op)
{
	static const char *const ops[] = { "=", "==", "!=", "-eq", "-ne", "-lt",
					   "-le", "-gt", "-ge" };
	size_t i;

	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (!strcmp(ops[i], op))
			return true;
	return false;
}

static bool binary(struct test *t, const char *l, const char *op, const char *r)
{
	long long a, b;

	if (*op == '=')
		return !strcmp(l, r);
	if (*op == '!')
		return strcmp(l, r);
	a = number(t, l);
	b = number(t, r);
	switch (op[1] << 8 | op[2]) {
	case 'e' << 8 | 'q': return a == b;
	case 'n' << 8 | 'e': return a != b;
	case 'l' << 8 | 't': return a < b;
	case 'l' << 8 | 'e': return a <= b;
	case 'g' << 8 | 't': return a > b;
	}
	return a >= b;
}

static bool primary(struct test *t)
{
	char *w;
	bool v;

	if (t->a >= t->end || ++t->depth > MAX_DEPTH) {
		t->bad = true;
		return false;
	}
	if (t->end - t->a >= 3 && is_binary(t->a[1])) {
		t->a += 3;
		return binary(t, t->a[-3], t->a[-2], t->a[-1]);
	}
	w = *t->a++;
	if (!strcmp(w, "!"))
		return !primary(t);
	if (!strcmp(w, "(")) {
		v = or_expr(t);
		t->bad |= t->a >= t->end || strcmp(*t->a, ")");
		t->a++;
		return v;
	}
	if (w[0] == '-' && w[1] && !w[2] && strchr("nzsefrwxdL", w[1]) &&
	    t->a < t->end)
		return unary(t, w[1], *t->a++);
	return *w;
}

static bool and_expr(struct test *t)
{
	bool v = primary(t);

	while (t->a < t->end && !strcmp(*t->a, "-a")) {
		t->a++;
		v &= primary(t);
	}
	return v;
}

static bool or_expr(struct test *t)
{
	bool v = and_expr(t);

	while (t->a < t->end && !strcmp(*t->a, "-o")) {
		t->a++;
		v |= and_expr(t);
	}
	return v;
}

int cmd_test(struct cmd *c)
{
	struct test t = { c, c->argv + 1, c->argv + c->argc, false, 0 };
	bool v;

	if (!strcmp(c->argv[0], "[")) {
		if (c->argc < 2 || strcmp(t.end[-1], "]"))
			return cmd_fail(c, ST_USAGE, "\"]\" is missing");
		t.end--;
	}
	if (t.a == t.end)
		return ST_FAIL;
	v = or_expr(&t);
	if (t.bad || t.a < t.end)
		return cmd_fail(c, ST_USAGE, "no expression: near \"%s\"",
				t.a < t.end ? *t.a : "the end");
	return v ? ST_OK : ST_FAIL;
}
