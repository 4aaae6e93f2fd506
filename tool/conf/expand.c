/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What words become: quotes go, $NAME, ${NAME}, $(commands) and $((numbers))
 * are replaced; what came from an unquoted replacement is split at blanks.
 * Patterns of file names stay as they are: there are no files to match.
 */
#include "shell.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct expand {
	struct conf *c;
	struct io *io;
	struct fields *f;
	struct text cur;		/* the field so far */
	bool some;			/* there is one, even if empty */
	bool split;
	bool failed;
};

void fields_add(struct conf *c, struct fields *f, char *s)
{
	if (f->n + 2 > f->room) {
		int room = f->room ? 2 * f->room : 8;
		char **v = arena_alloc(&c->arena,
				       (size_t)room * sizeof(*v));

		if (f->n)
			memcpy(v, f->v, (size_t)f->n * sizeof(*v));
		f->v = v;
		f->room = room;
	}
	f->v[f->n++] = s;
	f->v[f->n] = NULL;
}

static void finish_field(struct expand *x)
{
	if (x->some)
		fields_add(x->c, x->f, arena_strndup(&x->c->arena,
						     text_str(&x->cur),
						     x->cur.len));
	text_clear(&x->cur);
	x->some = false;
}

static void put(struct expand *x, const char *s, size_t len)
{
	text_add(&x->cur, s, len);
	x->some = true;
}

/* A replacement's text. */
static void put_value(struct expand *x, const char *s, bool quoted)
{
	if (quoted || !x->split) {
		put(x, s, strlen(s));
		return;
	}
	while (*s) {
		size_t n = strcspn(s, " \t\n");

		if (n)
			put(x, s, n);
		s += n;
		if (*s)
			finish_field(x);
		s += strspn(s, " \t\n");
	}
}

static void complain(struct expand *x, const char *what, const char *why)
{
	char line[256];
	int n = snprintf(line, sizeof(line), "sh: %.150s: %s\n", what, why);

	sink_add(&x->io->err, line, (size_t)n);
	x->failed = true;
}

static void expand_raw(struct expand *x, const char *s, const char *end,
		       bool quoted);

/* Expanded like between double quotes, into the arena. */
static char *expand_text(struct expand *x, const char *s, size_t len)
{
	struct expand in = { .c = x->c, .io = x->io };
	char *text;

	expand_raw(&in, s, s + len, true);
	x->failed |= in.failed;
	text = arena_strndup(&x->c->arena, text_str(&in.cur), in.cur.len);
	text_free(&in.cur);
	return text;
}

/* --- $ ---------------------------------------------------------------------------- */

static const char *special(struct expand *x, char which)
{
	char *text = arena_alloc(&x->c->arena, 16);
	int i, n = 0;

	while (x->c->args && x->c->args[n])
		n++;
	switch (which) {
	case '?':
		snprintf(text, 16, "%d", x->c->status);
		return text;
	case '$':
		snprintf(text, 16, "%u", x->c->o.ppid + 1);
		return text;
	case '#':
		snprintf(text, 16, "%d", n);
		return text;
	case '0':
		return x->c->name;
	}
	i = which - '1';
	return i >= 0 && i < 9 && i < n ? x->c->args[i] : NULL;
}

static void put_args(struct expand *x, bool quoted)
{
	char **a;

	for (a = x->c->args; a && *a; a++) {
		if (a != x->c->args)
			finish_field(x);
		put_value(x, *a, quoted);
	}
}

/* ${NAME}, ${NAME:-word}, ${NAME-word}, ${NAME:+word}, ${#NAME} */
static void put_braces(struct expand *x, const char *s, size_t len, bool quoted)
{
	char *name = arena_strndup(&x->c->arena, s, len);
	bool length = *name == '#' && len > 1;
	const char *value, *how;
	char number[24];
	size_t n;

	name += length;
	n = isalpha((unsigned char)*name) || *name == '_' ?
	    strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			 "0123456789_") : *name ? 1 : 0;
	how = arena_strdup(&x->c->arena, name + n);
	name[n] = '\0';
	value = n == 1 && !isalpha((unsigned char)*name) && *name != '_' ?
		special(x, *name) : var_get(x->c, name);
	if (length) {
		snprintf(number, sizeof(number), "%zu",
			 value ? strlen(value) : 0);
		put_value(x, number, quoted);
		return;
	}
	if (how[0] == ':' && value && !*value)
		value = NULL;
	how += *how == ':';
	if (*how == '-' && !value)
		value = expand_text(x, how + 1, strlen(how + 1));
	else if (*how == '+')
		value = value ? expand_text(x, how + 1, strlen(how + 1)) : NULL;
	else if (*how && *how != '-')
		complain(x, s, "this form of ${...} is not for this shell");
	if (value)
		put_value(x, value, quoted);
}

static void put_arith(struct expand *x, const char *s, size_t len, bool quoted)
{
	char *text = expand_text(x, s, len), number[24];
	const char *why;
	long long v;

	if (x->failed)
		return;
	if (arith_eval(x->c, text, &v, &why)) {
		complain(x, text, why);
		return;
	}
	snprintf(number, sizeof(number), "%lld", v);
	put_value(x, number, quoted);
}

static void put_commands(struct expand *x, const char *s, size_t len,
			 bool quoted)
{
	struct text out = { NULL, 0, 0 };
	struct io io = { x->io->in, { &out, NULL }, x->io->err };

	x->c->status = shell_text(x->c, arena_strndup(&x->c->arena, s, len),
				  &io);
	while (out.len && out.s[out.len - 1] == '\n')
		out.s[--out.len] = '\0';
	put_value(x, text_str(&out), quoted);
	text_free(&out);
}

/* s at the '$'; returns behind what belongs to it. */
static const char *put_dollar(struct expand *x, const char *s, const char *end,
			      bool quoted)
{
	const char *close, *value, *p = s + 1;
	char name[128];

	if (p < end && *p == '(') {
		close = skip_parens(p + 1, end);
		if (!close)
			return end;
		if (p[1] == '(' && close[-1] == ')')
			put_arith(x, p + 2, (size_t)(close - 1 - (p + 2)),
				  quoted);
		else
			put_commands(x, p + 1, (size_t)(close - (p + 1)),
				     quoted);
		return close + 1;
	}
	if (p < end && *p == '{') {
		close = skip_braces(p + 1, end);
		if (!close)
			return end;
		put_braces(x, p + 1, (size_t)(close - (p + 1)), quoted);
		return close + 1;
	}
	if (p < end && (*p == '@' || *p == '*')) {
		put_args(x, quoted);
		return p + 1;
	}
	if (p < end && *p && (isdigit((unsigned char)*p) || strchr("?$#", *p))) {
		value = special(x, *p);
		if (value)
			put_value(x, value, quoted);
		return p + 1;
	}
	while (p < end && (isalnum((unsigned char)*p) || *p == '_'))
		p++;
	if (p == s + 1) {
		put(x, "$", 1);
		return p;
	}
	snprintf(name, sizeof(name), "%.*s", (int)(p - s - 1), s + 1);
	value = var_get(x->c, name);
	if (value)
		put_value(x, value, quoted);
	return p;
}

/* --- words ---------------------------------------------------------------------------- */

/* s at the backslash; returns behind it and what it quotes. */
static const char *put_escaped(struct expand *x, const char *s, const char *end,
			       bool quoted)
{
	if (s + 1 >= end) {
		put(x, "\\", 1);
		return end;
	}
	if (s[1] == '\n')
		return s + 2;
	if (quoted && !strchr("$`\"\\", s[1]))
		put(x, s, 2);
	else
		put(x, s + 1, 1);
	return s + 2;
}

static void expand_raw(struct expand *x, const char *s, const char *end,
		       bool quoted)
{
	const char *close;

	while (s < end && !x->failed) {
		if (*s == '\\') {
			s = put_escaped(x, s, end, quoted);
		} else if (*s == '$') {
			s = put_dollar(x, s, end, quoted);
		} else if (*s == '\'' && !quoted) {
			close = skip_single(s + 1, end);
			put(x, s + 1, (size_t)(close - s - 1));
			s = close + 1;
		} else if (*s == '"' && !quoted) {
			close = skip_double(s + 1, end);
			put(x, "", 0);
			expand_raw(x, s + 1, close, true);
			s = close + 1;
		} else if (*s == '`') {
			complain(x, s, "use $(...) instead of back-ticks");
		} else {
			put(x, s++, 1);
		}
	}
}

int word_fields(struct conf *c, const struct word *w, struct fields *f,
		struct io *io)
{
	struct expand x = { .c = c, .io = io, .f = f, .split = true };

	expand_raw(&x, w->raw, w->raw + w->len, false);
	finish_field(&x);
	text_free(&x.cur);
	return x.failed ? ST_USAGE : 0;
}

char *word_string(struct conf *c, const struct word *w, struct io *io)
{
	struct fields f = { NULL, 0, 0 };
	struct expand x = { .c = c, .io = io, .f = &f };
	char *s;

	expand_raw(&x, w->raw, w->raw + w->len, false);
	s = arena_strndup(&c->arena, text_str(&x.cur), x.cur.len);
	text_free(&x.cur);
	return x.failed ? NULL : s;
}

size_t assignment_name(const struct word *w)
{
	size_t n = 0;

	if (!w->len || isdigit((unsigned char)*w->raw))
		return 0;
	while (n < w->len && (isalnum((unsigned char)w->raw[n]) ||
			      w->raw[n] == '_'))
		n++;
	return n && n < w->len && w->raw[n] == '=' ? n : 0;
}
