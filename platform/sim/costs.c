/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The text of a cost table, read and written. Numbers are decimal text to
 * integers and back, without floating point, so that a table means the same
 * everywhere. A row is looked up by name among the stages first and then among
 * the machine's own rows; `*` is kept aside until all rows are known.
 */
#include "platform/sim/costs.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#define ROW_WORDS	3u		/* name, ns, ns per byte */

struct word {
	const char *s;
	size_t len;
};

struct machine_row {
	const char *name;
	size_t offset;			/* of its u32 in struct sim_costs */
};

static const struct machine_row machine_rows[] = {
	{ "syscall", offsetof(struct sim_costs, syscall_ns) },
	{ "context_switch", offsetof(struct sim_costs, context_switch_ns) },
	{ "wakeup", offsetof(struct sim_costs, wakeup_ns) },
	{ "interrupt", offsetof(struct sim_costs, interrupt_ns) },
	{ "softirq", offsetof(struct sim_costs, softirq_ns) },
};

/* Row numbers: a stage, STAGE_MAX for `*`, then the machine's. */
enum { ROW_DEFAULT = STAGE_MAX, ROW_MACHINE };
#define ROWS		(ROW_MACHINE + ARRAY_SIZE(machine_rows))

struct parser {
	struct sim_costs *c;
	struct stage_cost other;	/* row `*` */
	bool seen[ROWS];
	u32 line;
	char *err;
	size_t errlen;
};

static int refuse(struct parser *p, const char *format, ...)
{
	int n = snprintf(p->err, p->errlen, "line %u: ", p->line);
	va_list ap;

	va_start(ap, format);
	if (n >= 0 && (size_t)n < p->errlen)
		vsnprintf(p->err + n, p->errlen - (size_t)n, format, ap);
	va_end(ap);
	return -EINVAL;
}

/* --- words ------------------------------------------------------------------- */

static bool is_blank(char ch)
{
	return ch == ' ' || ch == '\t' || ch == '\r';
}

static bool word_is(const struct word *w, const char *name)
{
	return strlen(name) == w->len && memcmp(name, w->s, w->len) == 0;
}

/* Words of the line at s into w[max + 1]; stops at a comment, or when there is
 * one word too many. Their number. */
static u32 split(const char *s, struct word *w, u32 max)
{
	u32 n = 0;

	while (n <= max) {
		while (is_blank(*s))
			s++;
		if (!*s || *s == '\n' || *s == '#')
			break;
		w[n].s = s;
		while (*s && *s != '\n' && *s != '#' && !is_blank(*s))
			s++;
		w[n].len = (size_t)(s - w[n].s);
		n++;
	}
	return n;
}

/* One more digit behind *v; false: not a digit, or more than 32 bits. */
static bool digit_add(u64 *v, char ch)
{
	if (ch < '0' || ch > '9')
		return false;
	*v = *v * 10 + (u64)(ch - '0');
	return *v <= UINT32_MAX;
}

/* "12.5" with three decimals is 12500. False: not such a number, or its
 * thousandfold is more than 32 bits (with none: the number itself). */
static bool number(const struct word *w, u32 decimals, u32 *to)
{
	size_t i = 0, point, fraction;
	u64 v = 0;

	for (; i < w->len && w->s[i] != '.'; i++)
		if (!digit_add(&v, w->s[i]))
			return false;
	point = i;
	if (i < w->len)
		i++;
	fraction = w->len - i;
	if (!point || fraction > decimals || (point < w->len && !fraction))
		return false;
	for (; i < w->len; i++, decimals--)
		if (!digit_add(&v, w->s[i]))
			return false;
	for (; decimals; decimals--)
		if (!digit_add(&v, '0'))
			return false;
	*to = (u32)v;
	return true;
}

/* --- rows -------------------------------------------------------------------- */

static u32 row_find(const struct word *name)
{
	u32 i;

	if (word_is(name, "*"))
		return ROW_DEFAULT;
	for (i = STAGE_NONE + 1; i < STAGE_MAX; i++)
		if (word_is(name, stage_name(i)))
			return i;
	for (i = 0; i < ARRAY_SIZE(machine_rows); i++)
		if (word_is(name, machine_rows[i].name))
			return ROW_MACHINE + i;
	return ROWS;
}

static u32 *machine_ns(struct sim_costs *c, u32 i)
{
	return (u32 *)(void *)((u8 *)c + machine_rows[i].offset);
}

static bool is_hardware(u32 stage)
{
	return strcmp(stage_floor(stage), "hw") == 0;
}

static int row_set(struct parser *p, u32 row, const struct stage_cost *cost)
{
	bool free = !cost->ns && !cost->ps_per_byte;

	if (row == ROW_DEFAULT) {
		p->other = *cost;
	} else if (row < STAGE_MAX) {
		if (is_hardware(row) && !free)
			return refuse(p, "%s is done by the hardware and takes "
				      "no CPU time; leave it out, or 0",
				      stage_name(row));
		p->c->stage[row] = *cost;
	} else {
		row -= ROW_MACHINE;
		if (cost->ps_per_byte)
			return refuse(p, "%s has no bytes: only NS, please",
				      machine_rows[row].name);
		*machine_ns(p->c, row) = cost->ns;
	}
	return 0;
}

static int row_parse(struct parser *p, const struct word *w, u32 n)
{
	struct stage_cost cost = { 0 };
	u32 row = row_find(&w[0]);

	if (row == ROWS)
		return refuse(p, "\"%.*s\" is no stage; docs/costs.md lists "
			      "the rows there are",
			      (int)min_t(size_t, w[0].len, 64), w[0].s);
	if (n < 2 || n > ROW_WORDS)
		return refuse(p, "a row is NAME NS [NS_PER_BYTE], this one has "
			      "%s words", n < 2 ? "too few" : "too many");
	if (p->seen[row])
		return refuse(p, "a second row for %.*s", (int)w[0].len,
			      w[0].s);
	p->seen[row] = true;
	if (!number(&w[1], 0, &cost.ns))
		return refuse(p, "\"%.*s\" is no whole number of nanoseconds "
			      "(0 to 4294967295)",
			      (int)min_t(size_t, w[1].len, 64), w[1].s);
	if (n == ROW_WORDS && !number(&w[2], 3, &cost.ps_per_byte))
		return refuse(p, "\"%.*s\" is no number of nanoseconds per byte "
			      "(up to three decimals, at most 4294967.295)",
			      (int)min_t(size_t, w[2].len, 64), w[2].s);
	return row_set(p, row, &cost);
}

int sim_costs_parse(struct sim_costs *c, const char *text, char *err,
		    size_t errlen)
{
	struct parser p = { .c = c, .err = err, .errlen = errlen };
	struct word w[ROW_WORDS + 1];
	int ret;
	u32 n, i;

	memset(c, 0, sizeof(*c));
	while (text && *text) {
		p.line++;
		n = split(text, w, ROW_WORDS);
		ret = n ? row_parse(&p, w, n) : 0;
		if (ret)
			return ret;
		text = strchr(text, '\n');
		if (text)
			text++;
	}
	for (i = STAGE_NONE + 1; i < STAGE_MAX; i++)
		if (!p.seen[i] && !is_hardware(i))
			c->stage[i] = p.other;
	return 0;
}

/* --- back to text -------------------------------------------------------------- */

struct printer {
	char *to;
	size_t room, len;
};

static void put(struct printer *o, const char *format, ...)
{
	bool fits = o->len < o->room;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(fits ? o->to + o->len : NULL, fits ? o->room - o->len : 0,
		      format, ap);
	va_end(ap);
	if (n > 0)
		o->len += (size_t)n;
}

size_t sim_costs_print(const struct sim_costs *c, char *to, size_t room)
{
	struct printer o = { to, room, 0 };
	u32 i, ns;

	if (room)
		*to = '\0';
	for (i = 0; i < ARRAY_SIZE(machine_rows); i++) {
		memcpy(&ns, (const u8 *)c + machine_rows[i].offset, sizeof(ns));
		if (ns)
			put(&o, "%-24s %6u\n", machine_rows[i].name, ns);
	}
	for (i = STAGE_NONE + 1; i < STAGE_MAX; i++) {
		const struct stage_cost *s = &c->stage[i];

		if (s->ns || s->ps_per_byte)
			put(&o, "%-24s %6u", stage_name(i), s->ns);
		if (s->ps_per_byte)
			put(&o, " %3u.%03u", s->ps_per_byte / 1000,
			    s->ps_per_byte % 1000);
		if (s->ns || s->ps_per_byte)
			put(&o, "\n");
	}
	return o.len;
}
