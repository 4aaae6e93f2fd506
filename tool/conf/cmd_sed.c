/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The simple ends of sed and awk: `sed [-n] [-E] [-e] s/A/B/[g][p][i]`, `Np`,
 * `N,Mp`, `Nd`, `/RE/p`, `/RE/d`; `awk [-F C] {print $N, ...}` with an
 * optional /RE/ before it.
 */
#include "commands.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#define GROUPS	10

struct sed {
	struct cmd *c;
	regex_t re;
	bool has_re, quiet, extended, global, print;
	char op;			/* s p d */
	const char *to;			/* of s */
	long from_line, to_line;	/* 0: by re */
	long line_no;
};

/* Text up to the delimiter, which may be quoted by a backslash; *s moves
 * behind it. NULL: it does not end. */
static char *part(struct cmd *c, const char **s, char delimiter)
{
	char *out = arena_alloc(&c->conf->arena, strlen(*s) + 1), *p = out;

	for (; **s && **s != delimiter; *p++ = *(*s)++) {
		if (**s != '\\' || !(*s)[1])
			continue;
		if ((*s)[1] == delimiter)
			(*s)++;
		else
			*p++ = *(*s)++;
	}
	if (!**s)
		return NULL;
	(*s)++;
	return out;
}

static bool compile(struct sed *k, const char *re, int flags)
{
	k->has_re = re && !regcomp(&k->re, re, flags | (k->extended ?
						       REG_EXTENDED : 0));
	return k->has_re;
}

static bool parse_s(struct sed *k, const char *s)
{
	char delimiter = *s++;
	const char *re = delimiter ? part(k->c, &s, delimiter) : NULL;
	int flags = 0;

	k->op = 's';
	k->to = re ? part(k->c, &s, delimiter) : NULL;
	for (; k->to && *s; s++) {
		k->global |= *s == 'g';
		k->print |= *s == 'p';
		flags |= *s == 'i' || *s == 'I' ? REG_ICASE : 0;
		if (!strchr("gpiI", *s))
			return false;
	}
	return k->to && compile(k, re, flags);
}

static bool parse_script(struct sed *k, const char *s)
{
	char *end;

	s += strspn(s, " \t");
	if (*s == 's')
		return parse_s(k, s + 1);
	if (*s == '/') {
		s++;
		if (!compile(k, part(k->c, &s, '/'), 0))
			return false;
	} else {
		k->from_line = k->to_line = strtol(s, &end, 10);
		if (*end == ',')
			k->to_line = strtol(end + 1, &end, 10);
		if (end == s || k->from_line < 1)
			return false;
		s = end;
	}
	k->op = *s;
	return (*s == 'p' || *s == 'd') && !s[1];
}

static void put_replacement(struct text *out, const char *to, const char *line,
			    const regmatch_t *m)
{
	for (; *to; to++) {
		int group = *to == '&' ? 0 : -1;

		if (*to == '\\' && to[1]) {
			to++;
			if (*to >= '0' && *to <= '9')
				group = *to - '0';
			else
				text_putc(out, *to == 'n' ? '\n' : *to);
		} else if (group < 0) {
			text_putc(out, *to);
		}
		if (group >= 0 && m[group].rm_so >= 0)
			text_add(out, line + m[group].rm_so,
				 (size_t)(m[group].rm_eo - m[group].rm_so));
	}
}

/* True: something was replaced. */
static bool substitute(struct sed *k, const char *line, struct text *out)
{
	regmatch_t m[GROUPS];
	bool some = false;

	while (!regexec(&k->re, line, GROUPS, m, some ? REG_NOTBOL : 0)) {
		text_add(out, line, (size_t)m[0].rm_so);
		put_replacement(out, k->to, line, m);
		line += m[0].rm_eo;
		some = true;
		if (m[0].rm_eo == m[0].rm_so) {
			if (!*line)
				break;
			text_putc(out, *line++);
		}
		if (!k->global)
			break;
	}
	text_puts(out, line);
	return some;
}

static int sed_line(void *arg, const char *file, const char *s, size_t len)
{
	struct sed *k = arg;
	char *line = arena_strndup(&k->c->conf->arena, s, len);
	struct text out = { NULL, 0, 0 };
	bool hit;

	k->line_no++;
	if (k->op == 's') {
		hit = substitute(k, line, &out);
		if (!k->quiet)
			cmd_out(k->c, "%s\n", text_str(&out));
		if (hit && k->print)
			cmd_out(k->c, "%s\n", text_str(&out));
		text_free(&out);
		return 0;
	}
	hit = k->from_line ? k->line_no >= k->from_line &&
			     k->line_no <= k->to_line
			   : !regexec(&k->re, line, 0, NULL, 0);
	if (!k->quiet && !(hit && k->op == 'd'))
		cmd_out(k->c, "%s\n", line);
	if (hit && k->op == 'p')
		cmd_out(k->c, "%s\n", line);
	return 0;
}

int cmd_sed(struct cmd *c)
{
	struct sed k = { .c = c };
	bool ok;
	int i, status;

	for (i = 1; i < c->argc && c->argv[i][0] == '-'; i++) {
		const char *o = c->argv[i] + 1;

		if (!strcmp(o, "n"))
			k.quiet = true;
		else if (!strcmp(o, "E") || !strcmp(o, "r"))
			k.extended = true;
		else if (strcmp(o, "e"))
			return cmd_fail(c, ST_FAIL, "option -%s is not there; "
					"there are -n, -E, -e", o);
	}
	ok = i < c->argc && parse_script(&k, c->argv[i]);
	if (ok)
		status = each_line(c, i + 1, sed_line, &k);
	else
		status = cmd_fail(c, ST_FAIL, "%s: only s/A/B/, N[,M] and /RE/ "
				  "with p or d are there", i < c->argc ?
				  c->argv[i] : "no script");
	if (k.has_re)
		regfree(&k.re);
	return status;
}

/* --- awk -------------------------------------------------------------------------- */

struct awk {
	struct cmd *c;
	char separator;			/* 0: blanks */
	const char *print;		/* what stands behind `print` */
	regex_t re;
	bool has_re;
	long line_no;
};

/* The n-th field of the line (0: all of it). */
static void put_field(const struct awk *k, const char *line, long n)
{
	char between[2] = { k->separator, '\0' };
	const char *blanks = k->separator ? between : " \t";
	long i;

	if (!n) {
		cmd_out(k->c, "%s", line);
		return;
	}
	if (n < 0) {			/* $NF */
		const char *last = line, *p = line;

		for (; *p; p += strcspn(p, blanks)) {
			p += k->separator ? *p == k->separator
					  : (long)strspn(p, blanks);
			last = *p || k->separator ? p : last;
		}
		line = last;
	} else {
		line += k->separator ? 0 : strspn(line, blanks);
		for (i = 1; i < n && *line; i++) {
			line += strcspn(line, blanks);
			line += k->separator ? !!*line
					     : (int)strspn(line, blanks);
		}
	}
	cmd_out(k->c, "%.*s", (int)strcspn(line, blanks), line);
}

/* One item of print at s; behind it, or NULL. */
static const char *put_item(const struct awk *k, const char *s,
			    const char *line)
{
	char *end;
	long n;

	if (*s == '"') {
		for (s++; *s && *s != '"'; s++)
			cmd_out(k->c, "%c", *s);
		return *s ? s + 1 : NULL;
	}
	if (!strncmp(s, "NR", 2)) {
		cmd_out(k->c, "%ld", k->line_no);
		return s + 2;
	}
	if (*s != '$')
		return NULL;
	if (!strncmp(s + 1, "NF", 2)) {
		put_field(k, line, -1);
		return s + 3;
	}
	n = strtol(s + 1, &end, 10);
	if (end == s + 1 || n < 0)
		return NULL;
	put_field(k, line, n);
	return end;
}

static int awk_line(void *arg, const char *file, const char *s, size_t len)
{
	struct awk *k = arg;
	char *line = arena_strndup(&k->c->conf->arena, s, len);
	const char *p = k->print + strspn(k->print, " \t");

	k->line_no++;
	if (k->has_re && regexec(&k->re, line, 0, NULL, 0))
		return 0;
	if (*p == '}' || *p == ';')
		cmd_out(k->c, "%s", line);
	while (*p && *p != '}' && *p != ';') {
		p = put_item(k, p, line);
		if (!p)
			return 1;	/* told beforehand: cmd_awk */
		p += strspn(p, " \t");
		if (*p == ',') {
			cmd_out(k->c, " ");
			p += 1 + strspn(p + 1, " \t");
		}
	}
	cmd_out(k->c, "\n");
	return 0;
}

/* All items are known ones: tried on an empty line, with the output away. */
static bool print_ok(const struct awk *k)
{
	struct io io = { NULL, { NULL, NULL }, { NULL, NULL } };
	struct cmd quiet = { k->c->conf, k->c->argc, k->c->argv, &io };
	struct awk copy = *k;

	copy.c = &quiet;
	copy.has_re = false;
	return !awk_line(&copy, "", "", 0);
}

int cmd_awk(struct cmd *c)
{
	struct awk k = { .c = c };
	const char *s, *re;
	int i = 1, status;

	if (i + 1 < c->argc && !strcmp(c->argv[i], "-F")) {
		k.separator = c->argv[i + 1][0];
		i += 2;
	} else if (i < c->argc && !strncmp(c->argv[i], "-F", 2)) {
		k.separator = c->argv[i++][2];
	}
	s = i < c->argc ? c->argv[i] + strspn(c->argv[i], " \t") : "";
	if (*s == '/') {
		s++;
		re = part(c, &s, '/');
		k.has_re = re && !regcomp(&k.re, re, REG_EXTENDED | REG_NOSUB);
		s += strspn(s, " \t");
	}
	s += *s == '{' ? 1 + strspn(s + 1, " \t") : strlen(s);
	k.print = s + strlen("print");
	if (strncmp(s, "print", strlen("print")) ||
	    (i < c->argc && c->argv[i][0] == '/' && !k.has_re) || !print_ok(&k))
		status = cmd_fail(c, ST_USAGE, "only [/RE/] {print $N, \"text\", "
				  "NR} is there");
	else
		status = each_line(c, i + 1, awk_line, &k);
	if (k.has_re)
		regfree(&k.re);
	return status;
}
