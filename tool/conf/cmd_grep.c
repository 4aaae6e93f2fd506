/* SPDX-License-Identifier: BSD-2-Clause */
/* grep: [-qcvioEFwxnhs] [-e PATTERN] [-m N] PATTERN [FILE...] */
#include "commands.h"

#include <ctype.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

struct grep {
	struct cmd *c;
	regex_t re;
	const char *pattern;
	bool quiet, count, invert, icase, only, extended, fixed, word, whole,
	     number, bare, silent;
	bool several;			/* names go in front of lines */
	long max, found, line_no;
	const char *file;
};

static bool word_char(char ch)
{
	return isalnum((unsigned char)ch) || ch == '_';
}

/* -w, -x: the match stands alone. */
static bool stands_alone(const struct grep *g, const char *line,
			 const regmatch_t *m)
{
	if (g->whole)
		return m->rm_so == 0 && !line[m->rm_eo];
	if (!g->word)
		return true;
	return (!m->rm_so || !word_char(line[m->rm_so - 1])) &&
	       !word_char(line[m->rm_eo]);
}

/* The first match at or behind `from`. */
static bool find(struct grep *g, const char *line, size_t from, regmatch_t *m)
{
	size_t len = strlen(line);

	while (from <= len) {
		if (regexec(&g->re, line + from, 1, m, from ? REG_NOTBOL : 0))
			return false;
		m->rm_so += (regoff_t)from;
		m->rm_eo += (regoff_t)from;
		if (stands_alone(g, line, m))
			return true;
		from = (size_t)m->rm_so + 1;
	}
	return false;
}

static void show_prefix(struct grep *g)
{
	if (g->several)
		cmd_out(g->c, "%s:", g->file);
	if (g->number)
		cmd_out(g->c, "%ld:", g->line_no);
}

static void show_matches(struct grep *g, const char *line)
{
	size_t from = 0;
	regmatch_t m;

	while (find(g, line, from, &m)) {
		if (m.rm_eo > m.rm_so) {
			show_prefix(g);
			cmd_out(g->c, "%.*s\n", (int)(m.rm_eo - m.rm_so),
				line + m.rm_so);
		}
		from = (size_t)m.rm_eo + (m.rm_eo == m.rm_so);
	}
}

static int grep_line(void *arg, const char *file, const char *s, size_t len)
{
	struct grep *g = arg;
	char *line = arena_strndup(&g->c->conf->arena, s, len);
	regmatch_t m;

	g->line_no = file == g->file ? g->line_no + 1 : 1;
	g->file = file;
	if (find(g, line, 0, &m) == g->invert)
		return 0;
	g->found++;
	if (g->quiet)
		return 1;
	if (g->only && !g->invert) {
		show_matches(g, line);
	} else if (!g->count) {
		show_prefix(g);
		cmd_out(g->c, "%s\n", line);
	}
	return g->max && g->found >= g->max;
}

static bool set_option(struct grep *g, char o)
{
	switch (o) {
	case 'q': g->quiet = true; return true;
	case 'c': g->count = true; return true;
	case 'v': g->invert = true; return true;
	case 'i': g->icase = true; return true;
	case 'o': g->only = true; return true;
	case 'E': g->extended = true; return true;
	case 'F': g->fixed = true; return true;
	case 'w': g->word = true; return true;
	case 'x': g->whole = true; return true;
	case 'n': g->number = true; return true;
	case 'h': g->bare = true; return true;
	case 's': g->silent = true; return true;
	}
	return false;
}

/* Index of the first file, or -1 after a complaint. */
static int options(struct grep *g)
{
	struct cmd *c = g->c;
	const char *o;
	int i;

	for (i = 1; i < c->argc && c->argv[i][0] == '-' && c->argv[i][1]; i++) {
		if (!strcmp(c->argv[i], "--")) {
			i++;
			break;
		}
		for (o = c->argv[i] + 1; *o; o++) {
			if ((*o == 'e' || *o == 'm') && !o[1] &&
			    i + 1 < c->argc) {
				i++;
				if (*o == 'e')
					g->pattern = c->argv[i];
				else
					g->max = atol(c->argv[i]);
				break;
			}
			if (set_option(g, *o))
				continue;
			cmd_fail(c, ST_USAGE, "option -%c is not there; there "
				 "are -q -c -v -i -o -E -F -w -x -n -h -s, -e "
				 "PATTERN, -m N", *o);
			return -1;
		}
	}
	if (!g->pattern && i < c->argc)
		g->pattern = c->argv[i++];
	if (g->pattern)
		return i;
	cmd_fail(c, ST_USAGE, "a pattern is missing");
	return -1;
}

/* -F: what is special in a basic expression is quoted. */
static char *quote(struct cmd *c, const char *s)
{
	char *q = arena_alloc(&c->conf->arena, 2 * strlen(s) + 1), *p = q;

	for (; *s; *p++ = *s++)
		if (strchr("\\.[]*^$", *s))
			*p++ = '\\';
	return q;
}

int cmd_grep(struct cmd *c)
{
	struct grep g = { .c = c };
	struct io io = *c->io;
	struct cmd local = { c->conf, c->argc, c->argv, &io };
	int first = options(&g), err, status;
	char why[128];

	if (first < 0)
		return ST_USAGE;
	if (g.count && c->argc - first > 1)
		return cmd_fail(c, ST_USAGE, "-c counts one file only");
	err = regcomp(&g.re, g.fixed ? quote(c, g.pattern) : g.pattern,
		      (g.extended && !g.fixed ? REG_EXTENDED : 0) |
		      (g.icase ? REG_ICASE : 0));
	if (err) {
		regerror(err, &g.re, why, sizeof(why));
		return cmd_fail(c, ST_USAGE, "%s: %s", g.pattern, why);
	}
	g.several = c->argc - first > 1 && !g.bare;
	if (g.silent)
		io.err = (struct sink){ NULL, NULL };
	status = each_line(&local, first, grep_line, &g);
	regfree(&g.re);
	if (g.count && !g.quiet)
		cmd_out(c, "%ld\n", g.found);
	if (status && !(g.quiet && g.found))
		return ST_USAGE;
	return g.found ? ST_OK : ST_FAIL;
}
