/* SPDX-License-Identifier: BSD-2-Clause */
/* See hw/number.h. */
#include "hw/number.h"

#define FRACTION_DIGITS	9u

static int digit_of(char c, u32 base)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (base == 16 && c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (base == 16 && c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The digits at *text, which moves behind them. False: none, or too many. */
static bool take_digits(const char **text, u32 base, u64 *out)
{
	const char *p = *text;
	u64 v = 0;
	int d;

	for (; (d = digit_of(*p, base)) >= 0; p++)
		if (__builtin_mul_overflow(v, (u64)base, &v) ||
		    __builtin_add_overflow(v, (u64)d, &v))
			return false;
	*out = v;
	if (p == *text)
		return false;
	*text = p;
	return true;
}

/* What follows the point, in 1 / *of. */
static bool take_fraction(const char **text, u64 *out, u64 *of)
{
	const char *begin = ++*text;
	size_t n;

	if (!take_digits(text, 10, out))
		return false;
	for (*of = 1, n = (size_t)(*text - begin); n; n--)
		*of *= 10;
	return *text - begin <= (ptrdiff_t)FRACTION_DIGITS;
}

int number_parse(const char *text, const struct number_unit *units, u32 n,
		 u64 max, u64 *out)
{
	u64 whole, part = 0, of = 1, v, rest;
	u32 i;

	if (!take_digits(&text, 10, &whole) ||
	    (*text == '.' && !take_fraction(&text, &part, &of)))
		return -EINVAL;
	for (i = 0; i < n && strcmp(text, units[i].name); i++)
		;
	if (i == n || __builtin_mul_overflow(whole, units[i].scale, &v) ||
	    __builtin_mul_overflow(part, units[i].scale, &rest) ||
	    __builtin_add_overflow(v, rest / of, &v) || v > max ||
	    (!v && (whole || part)))
		return -EINVAL;
	*out = v;
	return 0;
}

int number_whole(const char *text, u64 max, u64 *out)
{
	u32 base = 10;
	u64 v;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
	}
	if (!take_digits(&text, base, &v) || *text || v > max)
		return -EINVAL;
	*out = v;
	return 0;
}
