/* SPDX-License-Identifier: BSD-2-Clause */
/* See amount.h. Decimals are read digit by digit: no floating point. */
#include "amount.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct suffix {
	const char *name;
	enum unit unit;
	uint64_t factor;
};

static const struct suffix suffixes[] = {
	{ "ns", UNIT_TIME, 1 },
	{ "us", UNIT_TIME, 1000 },
	{ "ms", UNIT_TIME, 1000000 },
	{ "s", UNIT_TIME, 1000000000 },
	{ "min", UNIT_TIME, 60000000000 },
	{ "h", UNIT_TIME, 3600000000000 },
	{ "bit", UNIT_RATE, 1 },
	{ "kbit", UNIT_RATE, 1000 },
	{ "mbit", UNIT_RATE, 1000000 },
	{ "gbit", UNIT_RATE, 1000000000 },
	{ "K", UNIT_BYTES, 1ull << 10 },
	{ "M", UNIT_BYTES, 1ull << 20 },
	{ "G", UNIT_BYTES, 1ull << 30 },
	{ "%", UNIT_SHARE, 10000 },
	{ "ppm", UNIT_SHARE, 1 },
	{ "pps", UNIT_PER_SECOND, 1 },
	{ "/s", UNIT_PER_SECOND, 1 },
};

static const struct {
	const char *allowed, *json;
} units[] = {
	[UNIT_COUNT] = { "a whole number", "" },
	[UNIT_TIME] = { "a time in ns, us, ms, s, min or h: 20ms", "_ns" },
	[UNIT_RATE] = { "a rate in bit, kbit, mbit or gbit (per second): "
			"10mbit", "_bits_per_s" },
	[UNIT_BYTES] = { "a number of bytes, or of 1024 (K), 1024^2 (M) or "
			 "1024^3 (G): 64K", "_bytes" },
	[UNIT_SHARE] = { "a share in % or ppm: 1%", "_ppm" },
	[UNIT_PER_SECOND] = { "a number per second: 1000, 1000pps", "_per_s" },
};
_Static_assert(sizeof(units) / sizeof(units[0]) == UNIT_MAX, "all units");

uint64_t amount_scale(uint64_t a, uint64_t b, uint64_t c)
{
	unsigned __int128 v = c ? (unsigned __int128)a * b / c : 0;

	return v > UINT64_MAX ? UINT64_MAX : (uint64_t)v;
}

/* --- reading ---------------------------------------------------------------------- */

/* Digits with at most one point between them: their value without the point
 * and 10 to the number of decimals. Where they end, or NULL. */
static const char *read_digits(const char *p, uint64_t *v, uint64_t *scale)
{
	bool point = false, digit = false;

	for (*v = 0, *scale = 1; ; p++) {
		if (*p == '.' && !point && digit) {
			point = true;
			digit = false;
			continue;
		}
		if (*p < '0' || *p > '9')
			return digit ? p : NULL;
		digit = true;
		if (__builtin_mul_overflow(*v, 10u, v) ||
		    __builtin_add_overflow(*v, (uint64_t)(*p - '0'), v))
			return NULL;
		if (point && __builtin_mul_overflow(*scale, 10u, scale))
			return NULL;
	}
}

static int finish(uint64_t v, uint64_t scale, uint64_t factor, uint64_t *out)
{
	unsigned __int128 n = (unsigned __int128)v * factor;

	if (n % scale || n / scale > INT64_MAX)
		return -EINVAL;
	*out = (uint64_t)(n / scale);
	return 0;
}

int amount_parse_any(const char *word, enum unit *unit, uint64_t *out)
{
	uint64_t v, scale;
	const char *end = read_digits(word, &v, &scale);
	size_t i;

	if (!end)
		return -EINVAL;
	*unit = UNIT_COUNT;
	if (!*end)
		return finish(v, scale, 1, out);
	for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		if (strcmp(end, suffixes[i].name))
			continue;
		*unit = suffixes[i].unit;
		return finish(v, scale, suffixes[i].factor, out);
	}
	return -EINVAL;
}

bool amount_comparable(enum unit a, enum unit b)
{
	if (a == b)
		return true;
	if (b == UNIT_COUNT)
		return a == UNIT_BYTES || a == UNIT_PER_SECOND;
	return a == UNIT_COUNT && (b == UNIT_BYTES || b == UNIT_PER_SECOND);
}

int amount_parse(const char *word, enum unit unit, uint64_t *out)
{
	enum unit found;
	int err = amount_parse_any(word, &found, out);

	if (err)
		return err;
	if (found == UNIT_COUNT && *out == 0)
		return 0;
	if (found == unit || (found == UNIT_COUNT &&
			      amount_comparable(unit, UNIT_COUNT)))
		return 0;
	return -EINVAL;
}

const char *amount_allowed(enum unit unit)
{
	return units[unit].allowed;
}

const char *amount_suffix(enum unit unit)
{
	return units[unit].json;
}

/* --- printing --------------------------------------------------------------------- */

/* v / one with three digits or so: "1.23", "12.3", "123". */
static void print_scaled(char *to, size_t room, uint64_t v, uint64_t one,
			 const char *name)
{
	uint64_t whole = v / one;

	if (one == 1)
		snprintf(to, room, "%" PRIu64 "%s", v, name);
	else if (whole < 10)
		snprintf(to, room, "%" PRIu64 ".%02" PRIu64 "%s", whole,
			 amount_scale(v % one, 100, one), name);
	else if (whole < 100)
		snprintf(to, room, "%" PRIu64 ".%" PRIu64 "%s", whole,
			 amount_scale(v % one, 10, one), name);
	else
		snprintf(to, room, "%" PRIu64 "%s", whole, name);
}

struct step {
	uint64_t one;
	const char *name;
};

static const struct step times[] = {
	{ 1000000000, " s" }, { 1000000, " ms" }, { 1000, " us" }, { 1, " ns" },
};
static const struct step rates[] = {
	{ 1000000000, " Gbit/s" }, { 1000000, " Mbit/s" }, { 1000, " kbit/s" },
	{ 1, " bit/s" },
};
static const struct step sizes[] = {
	{ 1ull << 30, " GiB" }, { 1ull << 20, " MiB" }, { 1ull << 10, " KiB" },
	{ 1, " B" },
};

static void print_steps(char *to, size_t room, uint64_t v,
			const struct step *s)
{
	while (s->one > 1 && v < s->one)
		s++;
	print_scaled(to, room, v, s->one, s->name);
}

void amount_print(char *to, size_t room, enum unit unit, uint64_t v)
{
	switch (unit) {
	case UNIT_TIME:
		if (v)
			print_steps(to, room, v, times);
		else
			snprintf(to, room, "0");
		return;
	case UNIT_RATE:
		print_steps(to, room, v, rates);
		return;
	case UNIT_BYTES:
		print_steps(to, room, v, sizes);
		return;
	case UNIT_SHARE:
		print_scaled(to, room, v, 10000, "%");
		return;
	case UNIT_PER_SECOND:
		snprintf(to, room, "%" PRIu64 "/s", v);
		return;
	case UNIT_COUNT:
	case UNIT_MAX:
		break;
	}
	snprintf(to, room, "%" PRIu64, v);
}
