// SPDX-License-Identifier: BSD-2-Clause
/*
 * Names of constants, searched from front to back: a script has few of them, and
 * each is looked up once.
 */
#include "symbols.h"
#include "symbols_table.h"

#include <stdio.h>
#include <string.h>

static const struct drill_symbol_table *const tables[] = {
	&drill_symbols_errno, &drill_symbols_socket, &drill_symbols_inet,
	&drill_symbols_tcp, &drill_symbols_state, &drill_symbols_file,
};

#define NTABLES (sizeof(tables) / sizeof(tables[0]))

bool drill_symbol_value(const char *name, int64_t *value)
{
	for (size_t i = 0; i < NTABLES; i++) {
		for (size_t j = 0; j < tables[i]->n; j++) {
			if (strcmp(tables[i]->symbols[j].name, name) != 0)
				continue;
			*value = tables[i]->symbols[j].value;
			return true;
		}
	}
	return false;
}

const char *drill_symbol_name(enum drill_family family, int64_t value)
{
	for (size_t i = 0; i < NTABLES; i++) {
		for (size_t j = 0; j < tables[i]->n; j++) {
			const struct drill_symbol *s = &tables[i]->symbols[j];

			if (s->family == family && s->value == value)
				return s->name;
		}
	}
	return NULL;
}

/* The name that covers most of the bits of value and no other; NULL: none. */
static const struct drill_symbol *best_flag(enum drill_family family, uint64_t value)
{
	const struct drill_symbol *best = NULL;

	for (size_t i = 0; i < NTABLES; i++) {
		for (size_t j = 0; j < tables[i]->n; j++) {
			const struct drill_symbol *s = &tables[i]->symbols[j];
			uint64_t bits = (uint64_t)s->value;

			if (s->family != family || !bits || (bits & ~value))
				continue;
			if (!best || __builtin_popcountll(bits) >
					     __builtin_popcountll((uint64_t)best->value))
				best = s;
		}
	}
	return best;
}

char *drill_symbol_flags(enum drill_family family, uint64_t value, char *buf, size_t size)
{
	size_t n = 0;
	const char *bar = "";

	if (size)
		*buf = '\0';
	if (!value)
		snprintf(buf, size, "0");
	while (value && n < size) {
		const struct drill_symbol *s = best_flag(family, value);
		int len;

		if (s)
			len = snprintf(buf + n, size - n, "%s%s", bar, s->name);
		else
			len = snprintf(buf + n, size - n, "%s0x%llx", bar,
				       (unsigned long long)value);
		n += (size_t)len;
		value = s ? value & ~(uint64_t)s->value : 0;
		bar = "|";
	}
	return buf;
}
