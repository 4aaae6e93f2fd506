/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the pieces of a shell text end, with quotes and nesting. */
#include "shell.h"

#include <string.h>

const char *skip_single(const char *s, const char *end)
{
	return memchr(s, '\'', (size_t)(end - s));
}

#define MAX_NESTING	100

static const char *nested(const char *s, const char *end, char open, char close,
			  int depth);

/* $( and ${ inside, s at the '$'. */
static const char *dollar(const char *s, const char *end, int depth)
{
	if (s + 1 < end && s[1] == '(')
		return nested(s + 2, end, '(', ')', depth + 1);
	if (s + 1 < end && s[1] == '{')
		return nested(s + 2, end, '{', '}', depth + 1);
	return s;
}

static const char *doubly(const char *s, const char *end, int depth)
{
	for (; s && s < end; s++) {
		if (*s == '"')
			return s;
		if (*s == '\\')
			s++;
		else if (*s == '$')
			s = dollar(s, end, depth);
		if (!s)
			break;
	}
	return NULL;
}

/* One piece: quoted text as a whole, else one character. At its last one. */
static const char *piece(const char *s, const char *end, int depth)
{
	switch (*s) {
	case '\\':
		return s + 1 < end ? s + 1 : s;
	case '\'':
		return skip_single(s + 1, end);
	case '"':
		return doubly(s + 1, end, depth);
	case '$':
		return dollar(s, end, depth);
	}
	return s;
}

static const char *nested(const char *s, const char *end, char open, char close,
			  int depth)
{
	int level = 1;

	if (depth > MAX_NESTING)
		return NULL;
	for (; s && s < end; s++) {
		if (*s == close && --level == 0)
			return s;
		if (*s == open)
			level++;
		s = piece(s, end, depth);
		if (!s)
			break;
	}
	return NULL;
}

const char *skip_double(const char *s, const char *end)
{
	return doubly(s, end, 0);
}

const char *skip_parens(const char *s, const char *end)
{
	return nested(s, end, '(', ')', 0);
}

const char *skip_braces(const char *s, const char *end)
{
	return nested(s, end, '{', '}', 0);
}

const char *skip_word(const char *s, const char *end)
{
	for (; s < end && !strchr(" \t\n;&|<>()", *s); s++) {
		s = piece(s, end, 0);
		if (!s)
			return NULL;
	}
	return s < end ? s : end;
}
