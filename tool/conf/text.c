/* SPDX-License-Identifier: BSD-2-Clause */
/* Growing texts and the arena. */
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>



#define CHUNK	((size_t)16384)

static void no_memory(void)
{
	fprintf(stderr, "weir: out of memory\n");
	exit(4);		/* the environment lacks something */
}

void *conf_alloc(size_t size)
{
	void *p = calloc(1, size);

	if (!p)
		no_memory();
	return p;
}

char *conf_strdup(const char *s)
{
	size_t len = strlen(s) + 1;

	return memcpy(conf_alloc(len), s, len);
}

void text_add(struct text *t, const char *s, size_t len)
{
	size_t need = t->len + len + 1;

	if (need > t->room) {
		size_t room = need > 2 * t->room ? need + 64 : 2 * t->room;
		char *grown = realloc(t->s, room);

		if (!grown)
			no_memory();
		t->s = grown;
		t->room = room;
	}
	if (len)
		memcpy(t->s + t->len, s, len);
	t->len += len;
	t->s[t->len] = '\0';
}

void text_puts(struct text *t, const char *s)
{
	text_add(t, s, strlen(s));
}

void text_putc(struct text *t, char c)
{
	text_add(t, &c, 1);
}

void text_clear(struct text *t)
{
	t->len = 0;
	if (t->s)
		t->s[0] = '\0';
}

void text_free(struct text *t)
{
	free(t->s);
	*t = (struct text){ NULL, 0, 0 };
}

struct arena_chunk {
	struct arena_chunk *next;
	size_t used, room;
	max_align_t data[];
};

void *arena_alloc(struct arena *a, size_t size)
{
	struct arena_chunk *c = a->chunks;
	void *p;

	size = (size + sizeof(max_align_t) - 1) & ~(sizeof(max_align_t) - 1);
	if (!c || c->room - c->used < size) {
		size_t room = size > CHUNK ? size : CHUNK;

		c = conf_alloc(sizeof(*c) + room);
		c->room = room;
		c->next = a->chunks;
		a->chunks = c;
		a->size += room;
	}
	p = (char *)c->data + c->used;
	c->used += size;
	return p;
}

char *arena_strndup(struct arena *a, const char *s, size_t len)
{
	char *p = arena_alloc(a, len + 1);

	if (len)
		memcpy(p, s, len);
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

void arena_free(struct arena *a)
{
	struct arena_chunk *c;

	while ((c = a->chunks)) {
		a->chunks = c->next;
		free(c);
	}
	a->size = 0;
}
