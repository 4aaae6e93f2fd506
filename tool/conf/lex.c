/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the pieces of a shell text end, with quotes and nesting. */
#include "shell.h"

#include <string.h>

const char *skip_single(const char *s, const char *end)
{
	return memchr(s, '\'', (size_t)(end - s));
}

/* $( and ${ inside, s at the '$'. */
static const char *skip_dollar(const char *s, const char *end)
{
	if (s + 1 < end && s[1] == '(')
		return skip_parens(s + 2, end);
	if (s + 1 < end && s[1] == '{')
		return skip_braces(s + 2, end);
	return s;
}

const char *skip_double(const char *s, const char *end)
{
	for (; s && s < end; s++) {
		if (*s == '"')
			return s;
		if (*s == '\\')
			s++;
		else if (*s == '$')
			s = skip_dollar(s, end);
		if (!s)
			break;
	}
	return NULL;
}

/* One piece: quoted text as a whole, else one character. At its last one. */
static const char *skip_piece(const char *s, const char *end)
{
	switch (*s) {
	case '\\':
		return s + 1 < end ? s + 1 : s;
	case '\'':
		return skip_single(s + 1, end);
	case '"':
		return skip_double(s + 1, end);
	case '$':
		return skip_dollar(s, end);
	}
	return s;
}

static const char *skip_nested(const char *s, const char *end, char open,
			       char close)
{
	int depth = 1;

	for (; s && s < end; s++) {
		if (*s == close && --depth == 0)
			return s;
		if (*s == open)
			depth++;
		s = skip_piece(s, end);
		if (!s)
			break;
	}
	return NULL;
}

const char *skip_parens(const char *s, const char *end)
{
	return skip_nested(s, end, '(', ')');
}

const char *skip_braces(const char *s, const char *end)
{
	return skip_nested(s, end, '{', '}');
}

const char *skip_word(const char *s, const char *end)
{
	for (; s < end && !strchr(" \t\n;&|<>()", *s); s++) {
		s = skip_piece(s, end);
		if (!s)
			return NULL;
	}
	return s < end ? s : end;
}
