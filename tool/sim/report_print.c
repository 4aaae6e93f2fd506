/* SPDX-License-Identifier: BSD-2-Clause */
/* Reports for people: three tables, with the cases of a file side by side in
 * each, and what the worlds ended with. */
#include <inttypes.h>
#include <string.h>

#include "report.h"
#include "table.h"

/* What a field is worth, for people; "" if there is no such field or value. */
static void put(char *cell, const struct entry *e, const char *field)
{
	const struct value *v = entry_value(e, field);

	if (v && v->known)
		amount_print(cell, TABLE_CELL, v->unit, v->v);
}

static void text(char *cell, const char *s)
{
	snprintf(cell, TABLE_CELL, "%s", s ? s : "");
}

static uint64_t number(const struct entry *e, const char *field)
{
	const struct value *v = entry_value(e, field);

	return v ? v->v : 0;
}

/* --- programs ------------------------------------------------------------------------- */

enum { P_CASE, P_NAME, P_HOST, P_WHAT, P_AMOUNT, P_RATE, P_TIME, P_MIN, P_AVG,
       P_P99, P_MAX, P_CPU, P_REMARK };

static const struct column program_columns[] = {
	[P_CASE] = { "case", true, true },
	[P_NAME] = { "program", true, false },
	[P_HOST] = { "host", true, false },
	[P_WHAT] = { "what", true, false },
	[P_AMOUNT] = { "amount", false, false },
	[P_RATE] = { "rate", false, true },
	[P_TIME] = { "time", false, false },
	[P_MIN] = { "min", false, true },
	[P_AVG] = { "avg", false, true },
	[P_P99] = { "p99", false, true },
	[P_MAX] = { "max", false, true },
	[P_CPU] = { "cpu", false, true },
	[P_REMARK] = { "", true, true },
};

static void put_amount(char *cell, const struct entry *e)
{
	if (entry_value(e, "lost"))
		snprintf(cell, TABLE_CELL, "%" PRIu64 " of %" PRIu64,
			 number(e, "received"), number(e, "sent"));
	else if (entry_value(e, "per_second"))
		put(cell, e, "count");
	else if (entry_value(e, "bytes"))
		put(cell, e, "bytes");
}

static void put_quantile(char *cell, const struct entry *e, const char *name)
{
	char field[32];

	snprintf(field, sizeof(field), "rtt_%s", name);
	put(cell, e, field);
	snprintf(field, sizeof(field), "latency_%s", name);
	put(cell, e, field);
}

static void put_remark(char *cell, const struct entry *e, bool over)
{
	uint64_t errors = number(e, "errors");

	if (errors)
		snprintf(cell, TABLE_CELL, "%" PRIu64 " failed: %s", errors,
			 e->error ? e->error : "");
	else if (!over && number(e, "running"))
		text(cell, "not done");
}

static void program_row(struct table *t, const struct report *r,
			const struct entry *e)
{
	char (*cell)[TABLE_CELL] = table_row(t);
	const struct program_kind *kind = program_find(e->what);

	if (!cell)
		return;
	text(cell[P_CASE], r->scene->name);
	text(cell[P_NAME], e->name);
	text(cell[P_HOST], e->host);
	text(cell[P_WHAT], e->what);
	put_amount(cell[P_AMOUNT], e);
	put(cell[P_RATE], e, "rate");
	put(cell[P_RATE], e, "per_second");
	put(cell[P_RATE], e, "share");
	put(cell[P_TIME], e, "time");
	put_quantile(cell[P_MIN], e, "min");
	put_quantile(cell[P_AVG], e, "avg");
	put_quantile(cell[P_P99], e, "p99");
	put_quantile(cell[P_MAX], e, "max");
	if (r->has_costs || entry_value(e, "share"))
		put(cell[P_CPU], e, "cpu");
	put_remark(cell[P_REMARK], e, kind && kind->server);
}

/* --- links ------------------------------------------------------------------------------ */

static const struct column link_columns[] = {
	{ "case", true, true }, { "link", true, false },
	{ "", true, false }, { "frames", false, false },
	{ "bytes", false, false }, { "delivered", false, false },
	{ "lost", false, false }, { "queue full", false, false },
	{ "longest queue", false, false }, { "overrun", false, true },
	{ "cut", false, true },
	{ "too long", false, true }, { "duplicated", false, true },
	{ "reordered", false, true }, { "corrupted", false, true },
};
static const char *const link_cells[] = {
	"frames", "bytes", "delivered", "lost", "queue_full", "queued_max",
	"overrun", "cut", "too_long", "duplicated", "reordered", "corrupted",
};

static void link_row(struct table *t, const struct report *r,
		     const struct entry *e)
{
	char (*cell)[TABLE_CELL] = table_row(t);
	size_t i;

	if (!cell)
		return;
	text(cell[0], r->scene->name);
	snprintf(cell[1], TABLE_CELL, "%.*s", (int)strcspn(e->name, "."),
		 e->name);
	text(cell[2], e->what);
	for (i = 0; i < sizeof(link_cells) / sizeof(link_cells[0]); i++)
		put(cell[3 + i], e, link_cells[i]);
}

/* --- CPU time ------------------------------------------------------------------------------ */

static const struct column cpu_columns[] = {
	{ "case", true, true }, { "cpu time of", true, false },
	{ "user", false, false }, { "sys", false, false },
	{ "softirq", false, false }, { "hardirq", false, false },
	{ "ksoftirqd", false, false }, { "idle", false, false },
};
static const char *const cpu_cells[] = {
	"cpu_user", "cpu_sys", "cpu_softirq", "cpu_hardirq", "cpu_ksoftirqd",
	"cpu_idle",
};

static void cpu_row(struct table *t, const struct report *r,
		    const struct entry *e)
{
	char (*cell)[TABLE_CELL] = r->has_costs ? table_row(t) : NULL;
	size_t i;

	if (!cell)
		return;
	text(cell[0], r->scene->name);
	text(cell[1], e->name);
	for (i = 0; i < sizeof(cpu_cells) / sizeof(cpu_cells[0]); i++)
		put(cell[2 + i], e, cpu_cells[i]);
}

/* --- all ------------------------------------------------------------------------------------- */

#define TABLE(cols)	{ .columns = cols, \
			  .nr_columns = sizeof(cols) / sizeof(cols[0]) }

static void fill(struct table *programs, struct table *links,
		 struct table *cpus, const struct report *r)
{
	const struct entry *e = r->entries.items;
	size_t i;

	for (i = 0; i < r->entries.n; i++, e++) {
		switch (e->kind) {
		case ENTRY_PROGRAM:
			program_row(programs, r, e);
			break;
		case ENTRY_DIRECTION:
			link_row(links, r, e);
			break;
		case ENTRY_HOST:
			cpu_row(cpus, r, e);
			break;
		case ENTRY_LINK:
		case ENTRY_WORLD:
			break;
		}
	}
}

static void print_said(const struct report *r, FILE *out)
{
	const struct said *s = r->said.items;
	char when[TABLE_CELL];
	size_t i;

	for (i = 0; i < r->said.n; i++) {
		amount_print(when, sizeof(when), UNIT_TIME,
			     (uint64_t)s[i].at_ns);
		fprintf(out, "%s%s%s %s:%s\n%s", r->scene->name,
			*r->scene->name ? ": " : "", when, s[i].host,
			s[i].command, s[i].text);
		if (s[i].text[strlen(s[i].text) - 1] != '\n')
			fputc('\n', out);
		fputc('\n', out);
	}
}

static void print_and_end(struct table *t, FILE *out)
{
	if (t->n)
		table_print(t, out);
	if (t->no_memory)
		fprintf(out, "(rows are missing: out of memory)\n");
	if (t->n)
		fputc('\n', out);
	table_fini(t);
}

void report_print(const struct report *reports, size_t n, FILE *out)
{
	struct table programs = TABLE(program_columns);
	struct table links = TABLE(link_columns);
	struct table cpus = TABLE(cpu_columns);
	size_t i;

	for (i = 0; i < n; i++) {
		print_said(&reports[i], out);
		fill(&programs, &links, &cpus, &reports[i]);
	}
	print_and_end(&programs, out);
	print_and_end(&links, out);
	print_and_end(&cpus, out);
}

uint64_t report_hash(const struct report *reports, size_t n)
{
	uint64_t h = reports[0].hash;
	size_t i;

	for (i = 1; i < n; i++) {	/* FNV-1a's prime */
		h = (h << 23 | h >> 41) ^ reports[i].hash;
		h *= 0x100000001b3ULL;
	}
	return h;
}

static uint64_t frames(const struct report *r)
{
	const struct value *v = report_find(r, "sim.frames");

	return v ? v->v : 0;
}

/* The last line; for several cases, one for each before it. */
void report_print_end(const struct report *reports, size_t n, FILE *out)
{
	uint64_t all_frames = 0, all_ns = 0;
	char time[TABLE_CELL];
	size_t i;

	for (i = 0; i < n; i++) {
		all_frames += frames(&reports[i]);
		all_ns += (uint64_t)reports[i].time_ns;
		if (n == 1)
			break;
		amount_print(time, sizeof(time), UNIT_TIME,
			     (uint64_t)reports[i].time_ns);
		fprintf(out, "case %s: end %s, %" PRIu64 " frames, hash "
			"%016" PRIx64 "\n", reports[i].scene->name, time,
			frames(&reports[i]), reports[i].hash);
	}
	amount_print(time, sizeof(time), UNIT_TIME, all_ns);
	fprintf(out, "end %s, %" PRIu64 " frames, hash %016" PRIx64 "\n",
		time, all_frames, report_hash(reports, n));
}
