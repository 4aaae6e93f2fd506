/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tables behind symbols.h, in several files because the system's headers do
 * not all go together. In a family the first name of a value is the one that is
 * printed.
 */
#ifndef WEIR_DRILL_SYMBOLS_TABLE_H
#define WEIR_DRILL_SYMBOLS_TABLE_H

#include "symbols.h"

struct drill_symbol {
	const char *name;
	int64_t value;
	enum drill_family family;
};

struct drill_symbol_table {
	const struct drill_symbol *symbols;
	size_t n;
};

#define DRILL_SYMBOL(family, name)	{ #name, (int64_t)(name), DRILL_FAM_##family }
#define DRILL_TABLE(array)		{ (array), sizeof(array) / sizeof((array)[0]) }

extern const struct drill_symbol_table drill_symbols_errno;
extern const struct drill_symbol_table drill_symbols_socket;
extern const struct drill_symbol_table drill_symbols_inet;
extern const struct drill_symbol_table drill_symbols_tcp;
extern const struct drill_symbol_table drill_symbols_state;
extern const struct drill_symbol_table drill_symbols_file;

#endif
