/* SPDX-License-Identifier: BSD-2-Clause */
/* A conf: its life, its output, its variables; what commands share. */
#include "conf_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_COMMANDS	100000
#define PPID		1000

struct conf *conf_create(const struct conf_options *o)
{
	struct conf *c = conf_alloc(sizeof(*c));
	char number[16];

	c->o = *o;
	if (!c->o.ppid)
		c->o.ppid = PPID;
	if (!c->o.max_commands)
		c->o.max_commands = MAX_COMMANDS;
	c->name = "sh";
	snprintf(number, sizeof(number), "%u", c->o.ppid);
	var_set(c, "PPID", number);
	return c;
}

void conf_destroy(struct conf *c)
{
	struct mem_file *f;
	struct variable *v;

	if (!c)
		return;
	while ((f = c->files)) {
		c->files = f->next;
		free(f->path);
		text_free(&f->text);
		free(f);
	}
	while ((v = c->vars)) {
		c->vars = v->next;
		free(v->name);
		free(v->value);
		free(v);
	}
	free(c->seen);
	arena_free(&c->arena);
	text_free(&c->all);
	text_free(&c->errs);
	free(c);
}

const char *conf_output(const struct conf *c, size_t *len)
{
	if (len)
		*len = c->all.len;
	return text_str(&c->all);
}

const char *conf_error(const struct conf *c)
{
	return text_str(&c->errs);
}

/* --- variables ------------------------------------------------------------------- */

static struct variable *var_find(const struct conf *c, const char *name)
{
	struct variable *v;

	for (v = c->vars; v; v = v->next)
		if (!strcmp(v->name, name))
			return v;
	return NULL;
}

const char *var_get(const struct conf *c, const char *name)
{
	struct variable *v = var_find(c, name);

	return v ? v->value : NULL;
}

void var_set(struct conf *c, const char *name, const char *value)
{
	struct variable *v = var_find(c, name);
	char *copy = conf_strdup(value);

	if (!v) {
		v = conf_alloc(sizeof(*v));
		v->name = conf_strdup(name);
		v->next = c->vars;
		c->vars = v;
	}
	free(v->value);
	v->value = copy;
}

/* --- what commands share -------------------------------------------------------------- */

void sink_add(const struct sink *s, const char *text, size_t len)
{
	if (s->to)
		text_add(s->to, text, len);
	if (s->also)
		text_add(s->also, text, len);
}

static void sink_vprintf(const struct sink *s, const char *fmt, va_list ap)
{
	char room[512], *text = room;
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(room, sizeof(room), fmt, ap);
	if (n >= (int)sizeof(room)) {
		text = conf_alloc((size_t)n + 1);
		vsnprintf(text, (size_t)n + 1, fmt, again);
	}
	va_end(again);
	if (n > 0)
		sink_add(s, text, (size_t)n);
	if (text != room)
		free(text);
}

void cmd_out(const struct cmd *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	sink_vprintf(&c->io->out, fmt, ap);
	va_end(ap);
}

int cmd_fail(const struct cmd *c, int status, const char *fmt, ...)
{
	const char *slash = strrchr(c->argv[0], '/');
	const char *name = slash ? slash + 1 : c->argv[0];
	va_list ap;

	sink_add(&c->io->err, name, strlen(name));
	sink_add(&c->io->err, ": ", 2);
	va_start(ap, fmt);
	sink_vprintf(&c->io->err, fmt, ap);
	va_end(ap);
	sink_add(&c->io->err, "\n", 1);
	return status;
}

const char *cmd_input(struct cmd *c, size_t *len)
{
	struct input *in = c->io->in;
	const char *s = in->s ? in->s + in->pos : "";

	*len = in->len - in->pos;
	in->pos = in->len;
	return s;
}

char *conf_view(struct conf *c, const char *name)
{
	ssize_t n = weir_view(c->o.w, name, NULL, 0);
	char *text;

	if (n < 0)
		return NULL;
	text = arena_alloc(&c->arena, (size_t)n + 4096);
	n = weir_view(c->o.w, name, text, (size_t)n + 4096);
	return n < 0 ? NULL : text;
}
