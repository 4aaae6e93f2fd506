/* SPDX-License-Identifier: BSD-2-Clause */
/* See table.h. */
#include "table.h"

#include <stdlib.h>
#include <string.h>

char (*table_row(struct table *t))[TABLE_CELL]
{
	size_t room = t->room ? 2 * t->room : 16;
	void *more;

	if (t->n == t->room) {
		more = reallocarray(t->rows, room, sizeof(t->rows[0]));
		if (!more) {
			t->no_memory = true;
			return NULL;
		}
		t->rows = more;
		t->room = room;
	}
	memset(t->rows[t->n], 0, sizeof(t->rows[0]));
	return t->rows[t->n++];
}

/* 0: it is left out. */
static int width(const struct table *t, unsigned int col)
{
	size_t w = strlen(t->columns[col].title), i, len;
	bool something = !t->columns[col].may_go;

	for (i = 0; i < t->n; i++) {
		const char *cell = t->rows[i][col];

		len = strlen(cell);
		w = len > w ? len : w;
		something |= len && strcmp(cell, "0");
	}
	return something ? (int)w : 0;
}

static void print_row(const struct table *t, const int *widths,
		      const char *(*cell)(const struct table *t, size_t row,
					  unsigned int col),
		      size_t row, FILE *out)
{
	char line[TABLE_COLUMNS * (TABLE_CELL + 3)];
	unsigned int i;
	int len = 0;

	for (i = 0; i < t->nr_columns; i++)
		if (widths[i])
			len += sprintf(line + len, "%s%*s", len ? "  " : "",
				       t->columns[i].left ? -widths[i] :
				       widths[i], cell(t, row, i));
	while (len && line[len - 1] == ' ')
		len--;
	fprintf(out, "%.*s\n", len, line);
}

static const char *title(const struct table *t, size_t row, unsigned int col)
{
	return t->columns[col].title;
}

static const char *content(const struct table *t, size_t row, unsigned int col)
{
	return t->rows[row][col];
}

void table_print(const struct table *t, FILE *out)
{
	int widths[TABLE_COLUMNS];
	unsigned int i;
	size_t row;

	if (!t->n)
		return;
	for (i = 0; i < t->nr_columns; i++)
		widths[i] = width(t, i);
	print_row(t, widths, title, 0, out);
	for (row = 0; row < t->n; row++)
		print_row(t, widths, content, row, out);
}

void table_fini(struct table *t)
{
	free(t->rows);
}
