// SPDX-License-Identifier: BSD-2-Clause
/*
 * Values of expressions. What overflows, or is divided by 0, has no value; the
 * parser has bounded how deep a tree can be.
 */
#include "script.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static bool no_value(struct drill_why *why, const char *what, const char *text)
{
	if (why)
		snprintf(why->text, sizeof(why->text), "%s '%.60s'", what, text);
	return false;
}

static bool unary_value(char op, int64_t a, int64_t *num)
{
	if (op == '~')
		*num = ~a;
	else
		return !__builtin_sub_overflow((int64_t)0, a, num);
	return true;
}

static bool shift_value(char op, int64_t a, int64_t b, int64_t *num)
{
	if (b < 0 || b > 63)
		return false;
	*num = op == '<' ? (int64_t)((uint64_t)a << b) : a >> b;
	return true;
}

static bool binary_value(char op, int64_t a, int64_t b, int64_t *num)
{
	switch (op) {
	case '|':
		*num = a | b;
		return true;
	case '&':
		*num = a & b;
		return true;
	case '+':
		return !__builtin_add_overflow(a, b, num);
	case '-':
		return !__builtin_sub_overflow(a, b, num);
	case '*':
		return !__builtin_mul_overflow(a, b, num);
	case '/':
		if (b == 0 || (a == INT64_MIN && b == -1))
			return false;
		*num = a / b;
		return true;
	default:
		return shift_value(op, a, b, num);
	}
}

static bool address_value(const struct drill_expr *arg, int64_t *num, struct drill_why *why)
{
	struct in_addr a;

	if (arg->kind != DRILL_STRING || inet_pton(AF_INET, arg->text, &a) != 1)
		return no_value(why, "no IPv4 address in", "inet_addr");
	*num = a.s_addr;
	return true;
}

static bool call_value(const struct drill_expr *e, int64_t *num, struct drill_why *why)
{
	int64_t arg = 0;

	if (e->nitems != 1)
		return no_value(why, "one argument is wanted by", e->text);
	if (strcmp(e->text, "inet_addr") == 0)
		return address_value(e->items[0], num, why);
	if (!drill_expr_int(e->items[0], &arg, why))
		return false;
	if (strcmp(e->text, "htons") == 0 || strcmp(e->text, "ntohs") == 0)
		*num = htons((uint16_t)arg);
	else if (strcmp(e->text, "htonl") == 0 || strcmp(e->text, "ntohl") == 0)
		*num = htonl((uint32_t)arg);
	else
		return no_value(why, "unknown function", e->text);
	return true;
}

bool drill_expr_int(const struct drill_expr *e, int64_t *num, struct drill_why *why)
{
	int64_t a = 0, b = 0;

	switch (e->kind) {
	case DRILL_INT:
		*num = e->num;
		return true;
	case DRILL_SYMBOL:
		*num = e->num;
		return e->known || no_value(why, "unknown name", e->text);
	case DRILL_UNARY:
		return drill_expr_int(e->a, &a, why) &&
		       (unary_value(e->op, a, num) || no_value(why, "out of range:", "-"));
	case DRILL_BINARY:
		return drill_expr_int(e->a, &a, why) && drill_expr_int(e->b, &b, why) &&
		       (binary_value(e->op, a, b, num) ||
			no_value(why, "out of range:", (char[]){ e->op, '\0' }));
	case DRILL_CALL:
		return call_value(e, num, why);
	case DRILL_ELLIPSIS:
		return no_value(why, "no integer:", "...");
	case DRILL_STRING:
		return no_value(why, "no integer but a string:", e->text);
	case DRILL_LIST:
		return no_value(why, "no integer but a list:", "[ ]");
	case DRILL_STRUCT:
		return no_value(why, "no integer but a struct:", "{ }");
	}
	return false;
}

const struct drill_field *drill_expr_field(const struct drill_expr *e, const char *name)
{
	if (!e || e->kind != DRILL_STRUCT)
		return NULL;
	for (size_t i = 0; i < e->nfields; i++)
		if (e->fields[i].name && strcmp(e->fields[i].name, name) == 0)
			return &e->fields[i];
	return NULL;
}
