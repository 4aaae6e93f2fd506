/* SPDX-License-Identifier: BSD-2-Clause */
/* wc, head, tail, cut, tr, sort. */
#include "commands.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Options that are single letters without value: index of the first other
 * word, or -1 after a complaint. */
static int letters(struct cmd *c, const char *allowed, char *seen)
{
	int i;

	for (i = 1; i < c->argc && c->argv[i][0] == '-' && c->argv[i][1]; i++) {
		const char *o = c->argv[i] + 1;

		if (o[strspn(o, allowed)]) {
			cmd_fail(c, ST_USAGE, "option -%c is not there; there "
				 "are the letters %s", o[strspn(o, allowed)],
				 allowed);
			return -1;
		}
		for (; *o; o++)
			seen[strchr(allowed, *o) - allowed] = 1;
	}
	return i;
}

/* --- wc [-lwc] [FILE...] ------------------------------------------------------------ */

int cmd_wc(struct cmd *c)
{
	char on[4] = { 0 };
	size_t counts[3] = { 0 }, len, i;
	int first = letters(c, "lwc", on), shown = 0;
	const char *s = first < 0 ? NULL : all_text(c, first, &len);
	bool in_word = false;

	if (!s)
		return ST_FAIL;
	for (i = 0; i < len; i++) {
		bool blank = isspace((unsigned char)s[i]);

		counts[0] += s[i] == '\n';
		counts[1] += !blank && !in_word;
		in_word = !blank;
	}
	counts[2] = len;
	for (i = 0; i < 3; i++)
		if (on[i] || (!on[0] && !on[1] && !on[2]))
			cmd_out(c, shown++ ? " %zu" : "%zu", counts[i]);
	if (c->argc - first == 1)
		cmd_out(c, " %s", c->argv[first]);
	cmd_out(c, "\n");
	return ST_OK;
}

/* --- head and tail: [-n N | -N | -c N] [FILE...] --------------------------------------- */

struct count {
	long n;
	bool bytes, from;		/* from: +N, from the N-th on */
};

/* Index of the first file, or -1 after a complaint. */
static int parse_count(struct cmd *c, struct count *k)
{
	const char *number = NULL;
	char *end;
	int i = 1;

	k->n = 10;
	if (i < c->argc && c->argv[i][0] == '-' && c->argv[i][1]) {
		const char *a = c->argv[i++] + 1;

		k->bytes = *a == 'c';
		if (*a == 'n' || *a == 'c')
			number = a[1] ? a + 1 : i < c->argc ? c->argv[i++] : "";
		else
			number = a;
	}
	if (!number)
		return i;
	k->from = *number == '+';
	k->n = strtol(number + k->from, &end, 10);
	if (*end || end == number || k->n < 0) {
		cmd_fail(c, ST_FAIL, "-n or -c and a number are expected");
		return -1;
	}
	return i;
}

/* Behind the first n lines or bytes. */
static size_t skip_first(const char *s, size_t len, const struct count *k)
{
	size_t at = 0;
	long n = k->n;

	if (k->bytes)
		return (size_t)n < len ? (size_t)n : len;
	for (; at < len && n > 0; at++)
		n -= s[at] == '\n';
	return at;
}

int cmd_head(struct cmd *c)
{
	struct count k = { 0 };
	int first = parse_count(c, &k);
	size_t len;
	const char *s = first < 0 ? NULL : all_text(c, first, &len);

	if (!s)
		return ST_FAIL;
	sink_add(&c->io->out, s, skip_first(s, len, &k));
	return ST_OK;
}

int cmd_tail(struct cmd *c)
{
	struct count k = { 0 };
	int first = parse_count(c, &k);
	size_t len, at;
	const char *s = first < 0 ? NULL : all_text(c, first, &len);

	if (!s)
		return ST_FAIL;
	if (k.from) {
		k.n -= k.n > 0;
		at = skip_first(s, len, &k);
	} else if (k.bytes) {
		at = (size_t)k.n < len ? len - (size_t)k.n : 0;
	} else {
		for (at = len; at > 0; at--)
			if (at < len && s[at - 1] == '\n' && --k.n <= 0)
				break;
		if (k.n < 0)
			at = len;
	}
	sink_add(&c->io->out, s + at, len - at);
	return ST_OK;
}

/* --- cut -d C -f LIST | -c LIST [FILE...] ------------------------------------------------ */

struct cut {
	struct cmd *c;
	char delimiter;
	bool chars, only_delimited;
	const char *list;
};

/* n (from 1) is in "1,3-5,7-". */
static bool in_list(const char *list, long n)
{
	while (*list) {
		char *end;
		long lo = strtol(list, &end, 10), hi = lo;

		if (*end == '-') {
			hi = strtol(end + 1, &end, 10);
			if (!hi)
				hi = n;
		}
		if (n >= lo && n <= hi)
			return true;
		if (*end != ',')
			return false;
		list = end + 1;
	}
	return false;
}

static int cut_line(void *arg, const char *file, const char *s, size_t len)
{
	const struct cut *k = arg;
	struct text out = { NULL, 0, 0 };
	bool some = false;
	size_t i, start = 0;
	long n = 1;

	if (!k->chars && !memchr(s, k->delimiter, len)) {
		if (!k->only_delimited)
			cmd_out(k->c, "%.*s\n", (int)len, s);
		return 0;
	}
	for (i = 0; i <= len; i++) {
		if (k->chars ? i == len : i < len && s[i] != k->delimiter)
			continue;
		if (in_list(k->list, n++)) {
			if (some && !k->chars)
				text_putc(&out, k->delimiter);
			text_add(&out, s + start, k->chars ? 1 : i - start);
			some = true;
		}
		start = i + 1;
	}
	cmd_out(k->c, "%s\n", text_str(&out));
	text_free(&out);
	return 0;
}

int cmd_cut(struct cmd *c)
{
	struct cut k = { .c = c, .delimiter = '\t' };
	int i;

	for (i = 1; i < c->argc && c->argv[i][0] == '-' && c->argv[i][1]; i++) {
		char o = c->argv[i][1];
		const char *value = c->argv[i] + 2;

		if (o == 's' && !*value) {
			k.only_delimited = true;
			continue;
		}
		if (!*value && i + 1 < c->argc)
			value = c->argv[++i];
		if (o == 'd')
			k.delimiter = *value;
		else if (o == 'f' || o == 'c')
			k.list = value;
		else
			return cmd_fail(c, ST_FAIL, "option -%c is not there; "
					"there are -d, -f, -c, -s", o);
		k.chars |= o == 'c';
	}
	if (!k.list || k.list[strspn(k.list, "0123456789,-")])
		return cmd_fail(c, ST_FAIL, "-f or -c and a list such as 1,3-5 "
				"is needed");
	return each_line(c, i, cut_line, &k);
}

/* --- tr [-d] [-s] SET [SET] ---------------------------------------------------------------- */

/* Ranges, \n \t \\, and [:upper:] and the like, as a list of characters. */
static void expand_set(const char *s, struct text *set)
{
	static const struct {
		const char *name;
		int (*is)(int ch);
	} classes[] = {
		{ "[:digit:]", isdigit }, { "[:space:]", isspace },
		{ "[:upper:]", isupper }, { "[:lower:]", islower },
		{ "[:alpha:]", isalpha }, { "[:alnum:]", isalnum },
	};
	size_t i;
	int ch;

	while (*s) {
		for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
			if (!strncmp(s, classes[i].name, strlen(classes[i].name)))
				break;
		if (i < sizeof(classes) / sizeof(classes[0])) {
			for (ch = 0; ch < 128; ch++)
				if (classes[i].is(ch))
					text_putc(set, (char)ch);
			s += strlen(classes[i].name);
		} else if (*s == '\\' && s[1]) {
			text_putc(set, s[1] == 'n' ? '\n' : s[1] == 't' ? '\t'
							  : s[1]);
			s += 2;
		} else if (s[1] == '-' && s[2]) {
			for (ch = (unsigned char)*s; ch <= (unsigned char)s[2];
			     ch++)
				text_putc(set, (char)ch);
			s += 3;
		} else {
			text_putc(set, *s++);
		}
	}
}

static bool in_set(const struct text *set, char ch, size_t *at)
{
	const char *p = set->len ? memchr(set->s, ch, set->len) : NULL;

	if (p)
		*at = (size_t)(p - set->s);
	return p;
}

int cmd_tr(struct cmd *c)
{
	struct text from = { NULL, 0, 0 }, to = { NULL, 0, 0 };
	char on[3] = { 0 }, last = 0, ch;
	int first = letters(c, "ds", on);
	size_t len, i, at = 0;
	const char *s;

	if (first < 0 || first >= c->argc || (!on[0] && !on[1] &&
					      first + 1 >= c->argc))
		return cmd_fail(c, ST_FAIL, "[-d] [-s] SET [SET] is expected");
	expand_set(c->argv[first], &from);
	if (first + 1 < c->argc)
		expand_set(c->argv[first + 1], &to);
	s = cmd_input(c, &len);
	for (i = 0; i < len; i++) {
		bool found = in_set(&from, s[i], &at);

		if (found && on[0])
			continue;
		ch = found && to.len ? to.s[at < to.len ? at : to.len - 1]
				     : s[i];
		if (found && on[1] && i && ch == last)
			continue;
		last = ch;
		sink_add(&c->io->out, &ch, 1);
	}
	text_free(&from);
	text_free(&to);
	return ST_OK;
}

/* --- sort [-n] [-r] [-u] [FILE...] ------------------------------------------------------------ */

struct sorted {
	struct conf *conf;
	struct fields {
		char **v;
		size_t n, room;
	} lines;
};

static int keep_line(void *arg, const char *file, const char *s, size_t len)
{
	struct sorted *k = arg;

	if (k->lines.n == k->lines.room) {
		size_t room = k->lines.room ? 2 * k->lines.room : 64;
		char **v = arena_alloc(&k->conf->arena, room * sizeof(*v));

		if (k->lines.n)
			memcpy(v, k->lines.v, k->lines.n * sizeof(*v));
		k->lines.v = v;
		k->lines.room = room;
	}
	k->lines.v[k->lines.n++] = arena_strndup(&k->conf->arena, s, len);
	return 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int by_number(const void *a, const void *b)
{
	long long x = strtoll(*(char *const *)a, NULL, 10);
	long long y = strtoll(*(char *const *)b, NULL, 10);

	return x < y ? -1 : x > y ? 1 : by_text(a, b);
}

int cmd_sort(struct cmd *c)
{
	struct sorted k = { .conf = c->conf };
	char on[4] = { 0 };
	int first = letters(c, "nru", on), status;
	size_t i, at;

	if (first < 0)
		return ST_USAGE;
	status = each_line(c, first, keep_line, &k);
	if (k.lines.n)
		qsort(k.lines.v, k.lines.n, sizeof(*k.lines.v),
		      on[0] ? by_number : by_text);
	for (i = 0; i < k.lines.n; i++) {
		at = on[1] ? k.lines.n - 1 - i : i;
		if (on[2] && i && !strcmp(k.lines.v[at],
					  k.lines.v[on[1] ? at + 1 : at - 1]))
			continue;
		cmd_out(c, "%s\n", k.lines.v[at]);
	}
	return status ? ST_USAGE : ST_OK;
}
