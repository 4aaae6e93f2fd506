/* SPDX-License-Identifier: BSD-2-Clause */
/* Files in memory: cat, rm, dd; and reading for other commands. */
#include "commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DD_MAX	((size_t)64 << 20)

/* "-": the input. */
static const char *open_input(struct cmd *c, const char *path, size_t *len)
{
	const char *s;

	if (!strcmp(path, "-"))
		return cmd_input(c, len);
	s = file_read(c->conf, path, len);
	if (!s)
		cmd_fail(c, ST_FAIL, "%s: No such file or directory", path);
	return s;
}

static int text_lines(const char *file, const char *s, size_t len,
		      int (*fn)(void *arg, const char *file, const char *line,
				size_t len), void *arg)
{
	const char *end = s + len, *nl;
	int stop = 0;

	while (s < end && !stop) {
		nl = memchr(s, '\n', (size_t)(end - s));
		if (!nl)
			nl = end;
		stop = fn(arg, file, s, (size_t)(nl - s));
		s = nl + 1;
	}
	return stop;
}

int each_line(struct cmd *c, int first,
	      int (*fn)(void *arg, const char *file, const char *line,
			size_t len), void *arg)
{
	int i, status = ST_OK, stop = 0;
	const char *s;
	size_t len;

	if (first >= c->argc) {
		s = cmd_input(c, &len);
		text_lines("(standard input)", s, len, fn, arg);
		return ST_OK;
	}
	for (i = first; i < c->argc && !stop; i++) {
		s = open_input(c, c->argv[i], &len);
		if (s)
			stop = text_lines(c->argv[i], s, len, fn, arg);
		else
			status = ST_FAIL;
	}
	return status;
}

const char *all_text(struct cmd *c, int first, size_t *len)
{
	struct text t = { NULL, 0, 0 };
	const char *s;
	size_t n;
	int i;

	if (first >= c->argc)
		return cmd_input(c, len);
	for (i = first; i < c->argc; i++) {
		s = open_input(c, c->argv[i], &n);
		if (!s) {
			text_free(&t);
			return NULL;
		}
		text_add(&t, s, n);
	}
	s = arena_strndup(&c->conf->arena, text_str(&t), t.len);
	*len = t.len;
	text_free(&t);
	return s;
}

int cmd_cat(struct cmd *c)
{
	int i, status = ST_OK;
	const char *s;
	size_t len;

	if (c->argc < 2) {
		s = cmd_input(c, &len);
		sink_add(&c->io->out, s, len);
	}
	for (i = 1; i < c->argc; i++) {
		s = open_input(c, c->argv[i], &len);
		if (s)
			sink_add(&c->io->out, s, len);
		else
			status = ST_FAIL;
	}
	return status;
}

/* [-f] [-r] PATH... */
int cmd_rm(struct cmd *c)
{
	bool force = false;
	int i, status = ST_OK;

	for (i = 1; i < c->argc && c->argv[i][0] == '-'; i++)
		force |= !!strchr(c->argv[i], 'f');
	for (; i < c->argc; i++)
		if (file_remove(c->conf, c->argv[i]) && !force)
			status = cmd_fail(c, ST_FAIL, "%s: No such file or "
					  "directory", c->argv[i]);
	return status;
}

/* "5", "1k", "2M" */
static bool parse_size(const char *text, size_t *v)
{
	char *end;
	unsigned long long n = strtoull(text, &end, 10);

	if (end == text || n > DD_MAX)
		return false;
	if (*end == 'k' || *end == 'K')
		n *= 1024, end++;
	else if (*end == 'M')
		n *= 1024 * 1024, end++;
	*v = (size_t)n;
	return !*end && n <= DD_MAX;
}

struct dd {
	const char *in, *out;
	size_t bs, count;
};

static int dd_words(struct cmd *c, struct dd *d)
{
	int i;

	for (i = 1; i < c->argc; i++) {
		const char *a = c->argv[i];

		if (!strncmp(a, "if=", 3))
			d->in = a + 3;
		else if (!strncmp(a, "of=", 3))
			d->out = a + 3;
		else if (!strncmp(a, "bs=", 3) ? !parse_size(a + 3, &d->bs) :
			 !strncmp(a, "count=", 6) ?
			 !parse_size(a + 6, &d->count) :
			 strncmp(a, "status=", 7) && strncmp(a, "conv=", 5))
			return cmd_fail(c, ST_FAIL, "%s: there are if=, of=, "
					"bs=, count=, status= (sizes up to "
					"64M)", a);
	}
	return ST_OK;
}

/* What dd reads, arena; NULL after a complaint. */
static const char *dd_read(struct cmd *c, const struct dd *d, size_t *len)
{
	bool zero = d->in && !strcmp(d->in, "/dev/zero");
	const char *s;
	size_t want = DD_MAX;

	if (d->count != SIZE_MAX)
		want = d->bs && d->count > DD_MAX / d->bs ? DD_MAX + 1
							  : d->bs * d->count;
	if (want > DD_MAX || (zero && d->count == SIZE_MAX)) {
		cmd_fail(c, ST_FAIL, "more than 64M");
		return NULL;
	}
	if (zero) {
		*len = want;
		return arena_alloc(&c->conf->arena, want + 1);
	}
	s = open_input(c, d->in ? d->in : "-", len);
	if (s && *len > want)
		*len = want;
	return s;
}

int cmd_dd(struct cmd *c)
{
	struct dd d = { .bs = 512, .count = SIZE_MAX };
	const char *s;
	char err[256];
	size_t len;
	int status = dd_words(c, &d);

	if (status)
		return status;
	s = dd_read(c, &d, &len);
	if (!s)
		return ST_FAIL;
	if (!d.out)
		sink_add(&c->io->out, s, len);
	else if (file_write(c->conf, d.out, s, len, false, err, sizeof(err)))
		return cmd_fail(c, ST_FAIL, "%s", err);
	return ST_OK;
}
