/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory of one script: given out in small pieces, taken back all at once.
 * What comes from it is zeroed and fit for any object.
 */
#ifndef WEIR_DRILL_ARENA_H
#define WEIR_DRILL_ARENA_H

#include <stddef.h>

struct drill_chunk;

struct drill_arena {		/* empty: all zero */
	struct drill_chunk *chunks;
};

/* NULL: no memory. */
void *drill_alloc(struct drill_arena *a, size_t size);
/* A copy of len bytes and a NUL after them. NULL: no memory. */
char *drill_copy(struct drill_arena *a, const char *text, size_t len);
/* A copy of size bytes. NULL: no memory. */
void *drill_dup(struct drill_arena *a, const void *what, size_t size);
void drill_arena_fini(struct drill_arena *a);

/*
 * A growing array of the arena: items of `size` bytes each. The items move as
 * it grows.
 */
struct drill_vec {
	void *items;
	size_t n, room;
};

/* Appends a copy of *item; NULL: no memory. Returns the copy. */
void *drill_push(struct drill_arena *a, struct drill_vec *v, const void *item, size_t size);

#endif
