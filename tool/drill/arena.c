// SPDX-License-Identifier: BSD-2-Clause
/*
 * Chunks in a list, each cut from the front. Large pieces get a chunk of their
 * own, which goes behind the one that is being cut.
 */
#include "arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_SIZE	((size_t)32 * 1024)
#define ALIGN		_Alignof(max_align_t)

struct drill_chunk {
	struct drill_chunk *next;
	size_t used, size;
	_Alignas(max_align_t) unsigned char bytes[];
};

static struct drill_chunk *chunk_add(struct drill_arena *a, size_t size)
{
	struct drill_chunk *c = calloc(1, sizeof(*c) + size);

	if (!c)
		return NULL;
	c->size = size;
	c->next = a->chunks;
	a->chunks = c;
	return c;
}

void *drill_alloc(struct drill_arena *a, size_t size)
{
	struct drill_chunk *c = a->chunks;

	if (size > SIZE_MAX / 2)
		return NULL;
	size = (size + ALIGN - 1) & ~(ALIGN - 1);
	if (!c || c->size - c->used < size) {
		struct drill_chunk *last = c;

		c = chunk_add(a, size > CHUNK_SIZE / 4 ? size : CHUNK_SIZE);
		if (!c)
			return NULL;
		if (last && size > CHUNK_SIZE / 4) {	/* keep cutting the other */
			a->chunks = last;
			c->next = last->next;
			last->next = c;
		}
	}
	c->used += size;
	return c->bytes + c->used - size;
}

void *drill_dup(struct drill_arena *a, const void *what, size_t size)
{
	void *p = drill_alloc(a, size);

	if (p && size)
		memcpy(p, what, size);
	return p;
}

char *drill_copy(struct drill_arena *a, const char *text, size_t len)
{
	char *p = drill_alloc(a, len + 1);

	if (p && len)
		memcpy(p, text, len);
	return p;
}

void drill_arena_fini(struct drill_arena *a)
{
	while (a->chunks) {
		struct drill_chunk *c = a->chunks;

		a->chunks = c->next;
		free(c);
	}
}

void *drill_push(struct drill_arena *a, struct drill_vec *v, const void *item, size_t size)
{
	unsigned char *p;

	if (v->n == v->room) {
		size_t room = v->room ? v->room * 2 : 4;
		void *items = drill_alloc(a, room * size);

		if (!items)
			return NULL;
		if (v->n)
			memcpy(items, v->items, v->n * size);
		v->items = items;
		v->room = room;
	}
	p = (unsigned char *)v->items + v->n++ * size;
	memcpy(p, item, size);
	return p;
}
