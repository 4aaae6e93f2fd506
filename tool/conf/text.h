/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory of the shell: texts that grow, and an arena from which everything of
 * one run comes. Without memory the program ends with a message (exit 4).
 */
#ifndef WEIR_TOOL_CONF_TEXT_H
#define WEIR_TOOL_CONF_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* s ends with NUL, which len does not count; NULL while nothing was added. */
struct text {
	char *s;
	size_t len, room;
};

void text_add(struct text *t, const char *s, size_t len);
void text_puts(struct text *t, const char *s);
void text_putc(struct text *t, char c);
void text_clear(struct text *t);	/* keeps the memory */
void text_free(struct text *t);
/* Never NULL. */
static inline const char *text_str(const struct text *t)
{
	return t->s ? t->s : "";
}

struct arena_chunk;
struct arena {
	struct arena_chunk *chunks;
	size_t size;			/* of them all */
};

void *arena_alloc(struct arena *a, size_t size);	/* zeroed */
char *arena_strndup(struct arena *a, const char *s, size_t len);
char *arena_strdup(struct arena *a, const char *s);
void arena_free(struct arena *a);

/* malloc'd copies; end the program instead of failing. */
void *conf_alloc(size_t size);				/* zeroed */
char *conf_strdup(const char *s);

#endif
