/* SPDX-License-Identifier: BSD-2-Clause */
/* Parameters: let NAME VALUE, --set NAME=VALUE, and $NAME in other lines. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "scene.h"

static const char *parameter(const struct reader *r, const char *name,
			     size_t len)
{
	const struct let *l = r->lets.items;
	size_t i;

	for (i = 0; i < r->lets.n; i++)
		if (strlen(l[i].name) == len && !memcmp(l[i].name, name, len))
			return l[i].value;
	return NULL;
}

/* Appends len bytes. 0 or -ENOMEM. */
static int put_bytes(struct reader *r, struct drill_vec *to, const char *from,
		     size_t len)
{
	while (len--)
		if (!drill_push(r->arena, to, from++, 1))
			return -ENOMEM;
	return 0;
}

/* Length of the word at text: a dollar and a name, or all up to the next. */
static size_t piece(const char *text)
{
	size_t n = 1;

	if (*text != '$')
		return strcspn(text, "$");
	while (isalnum((unsigned char)text[n]) || text[n] == '_')
		n++;
	return n;
}

int fill_in(struct reader *r, const char *text, char **out)
{
	struct drill_vec v = { 0 };
	const char *value;
	size_t n, len;

	for (; *text; text += n) {
		n = piece(text);
		value = *text == '$' ? parameter(r, text + 1, n - 1) : NULL;
		len = value ? strlen(value) : n;
		if (v.n + len > SOURCE_LINE_MAX)
			return reader_refuse(r, r->words.w[0], "the line is "
					     "longer than %d characters",
					     SOURCE_LINE_MAX);
		if (put_bytes(r, &v, value ? value : text, len))
			return -ENOMEM;
	}
	if (put_bytes(r, &v, "", 1))
		return -ENOMEM;
	*out = v.items;
	return 0;
}

static int add_let(struct reader *r, const char *name, const char *value,
		   int line)
{
	struct let l = { name, value, line };

	if (parameter(r, name, strlen(name)))
		return 0;		/* who comes first counts */
	return drill_push(r->arena, &r->lets, &l, sizeof(l)) ? 0 : -ENOMEM;
}

int read_let(struct reader *r)
{
	size_t i;
	char *value;

	if (r->words.n < 3)
		return reader_refuse(r, r->words.w[0], "write let NAME VALUE");
	for (i = 0; r->words.w[1][i]; i++)
		if (!isalnum((unsigned char)r->words.w[1][i]) &&
		    r->words.w[1][i] != '_')
			return reader_refuse(r, r->words.w[1], "names of "
					     "parameters have letters, digits "
					     "and _");
	for (i = 0; i < r->nr_set; i++) {
		if (strcmp(r->set[i].name, r->words.w[1]))
			continue;
		r->set[i].used = true;
		return add_let(r, r->words.w[1], r->set[i].value, r->line);
	}
	value = reader_join(r, 2, ' ');
	return value ? add_let(r, r->words.w[1], value, r->line) : -ENOMEM;
}
