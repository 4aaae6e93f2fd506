/* SPDX-License-Identifier: BSD-2-Clause */
/* run HOST [NAME]: PROGRAM ARGUMENTS, from the tables of program.c. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "scene.h"

static int unknown_program(struct reader *r, const char *word)
{
	char all[160];
	size_t len = 0, i;

	for (i = 0; program_kinds[i] && len < sizeof(all); i++)
		len += (size_t)snprintf(all + len, sizeof(all) - len, "%s%s",
					i ? ", " : "", program_kinds[i]->name);
	return reader_refuse(r, word, "no program; there are %s", all);
}

/* "ping3" if it is the third of its kind that has no name of its own. */
static int default_name(struct reader *r, struct program *p)
{
	const struct program *had = r->programs.items;
	unsigned int nr = 1;
	char text[32];
	size_t i;

	for (i = 0; i < r->programs.n; i++)
		nr += had[i].kind == p->kind;
	snprintf(text, sizeof(text), "%s%u", p->kind->name, nr);
	p->name = drill_copy(r->arena, text, strlen(text));
	return p->name ? 0 : -ENOMEM;
}

/* Words from i on are its arguments. */
static int read_args(struct reader *r, struct program *p, size_t i)
{
	char **w = r->words.w, name[16];
	const char *allowed, *missing;
	size_t first = i;
	int used;

	for (; i < r->words.n; i += (size_t)used) {
		used = program_set(p->kind, &p->args, &w[i], &allowed);
		if (!used)
			return reader_refuse(r, w[i], "%s takes %s",
					     p->kind->name, p->kind->accepts);
		if (used < 0)
			return reader_refuse(r, w[i + 1] ? w[i + 1] : w[i],
					     "%s needs %s", w[i], allowed);
	}
	missing = program_missing(p->kind, w + first, r->words.n - first, name,
				  sizeof(name));
	if (missing)
		return reader_refuse(r, p->kind->name, "say \"%s\"; it takes "
				     "%s", missing, p->kind->accepts);
	return 0;
}

static int push_program(struct reader *r, struct program *p)
{
	struct name n = { .kind = NAME_PROGRAM, .program = p->kind };
	int err = p->name ? 0 : default_name(r, p);

	if (err)
		return err;
	n.name = p->name;
	err = reader_declare(r, &n);
	if (err)
		return err;
	return drill_push(r->arena, &r->programs, p, sizeof(*p)) ? 0 : -ENOMEM;
}

int read_program(struct reader *r)
{
	char **w = r->words.w;
	const struct name *host;
	struct program p = { .line = r->line };
	size_t n, len;
	int err;

	for (n = 1; n < r->words.n && !strchr(w[n], ':'); n++)
		;
	len = n < r->words.n ? strlen(w[n]) : 0;
	if (n > 2 || !len || w[n][len - 1] != ':' || !w[n + 1])
		return reader_refuse(r, w[0], "write run HOST [NAME]: PROGRAM "
				     "ARGUMENTS");
	w[n][len - 1] = '\0';
	host = reader_find(r, w[1]);
	if (!host || host->kind != NAME_HOST)
		return reader_refuse(r, w[1], "a host that was declared before "
				     "is wanted here");
	p.host = host->name;
	p.name = n == 2 ? w[2] : NULL;
	p.kind = program_find(w[n + 1]);
	if (!p.kind)
		return unknown_program(r, w[n + 1]);
	p.args = p.kind->defaults;
	err = read_args(r, &p, n + 2);
	return err ? err : push_program(r, &p);
}
