/* SPDX-License-Identifier: BSD-2-Clause */
/* A table of text: columns as wide as they must be, those that are empty or 0
 * in all rows left out where the caller allows it. */
#ifndef WEIR_SIM_TABLE_H
#define WEIR_SIM_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#define TABLE_COLUMNS	16
#define TABLE_CELL	48

struct column {
	const char *title;
	bool left;		/* text; numbers stand at the right */
	bool may_go;		/* when there is nothing but 0 in it */
};

struct table {
	const struct column *columns;
	unsigned int nr_columns;
	char (*rows)[TABLE_COLUMNS][TABLE_CELL];
	size_t n, room;
	bool no_memory;		/* some rows are missing */
};

/* A new row of empty cells. NULL: no memory. */
char (*table_row(struct table *t))[TABLE_CELL];
void table_print(const struct table *t, FILE *out);
void table_fini(struct table *t);

#endif
