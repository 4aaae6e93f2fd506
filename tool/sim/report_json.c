/* SPDX-License-Identifier: BSD-2-Clause */
/* Reports for programs: one JSON document, weir.sim/1. Units stand in the
 * keys; what is not known is null; counters of hosts that are 0 are left
 * out. */
#include <inttypes.h>
#include <string.h>

#include "report.h"

struct json {
	FILE *out;
	bool first;		/* nothing in this object or array yet */
};

static void separate(struct json *j)
{
	if (!j->first)
		fputc(',', j->out);
	j->first = false;
}

static void put_string(struct json *j, const char *s)
{
	fputc('"', j->out);
	for (; *s; s++) {
		unsigned char ch = (unsigned char)*s;

		if (ch == '"' || ch == '\\')
			fprintf(j->out, "\\%c", ch);
		else if (ch < 0x20)
			fprintf(j->out, "\\u%04x", ch);
		else
			fputc(ch, j->out);
	}
	fputc('"', j->out);
}

static void put_key(struct json *j, const char *key, const char *suffix)
{
	separate(j);
	fprintf(j->out, "\"%s%s\":", key, suffix);
}

static void put_text(struct json *j, const char *key, const char *text)
{
	put_key(j, key, "");
	put_string(j, text);
}

static void put_number(struct json *j, const char *key, enum unit unit,
		       uint64_t v)
{
	put_key(j, key, amount_suffix(unit));
	fprintf(j->out, "%" PRIu64, v);
}

static void open_with(struct json *j, char bracket)
{
	fputc(bracket, j->out);
	j->first = true;
}

static void close_with(struct json *j, char bracket)
{
	fputc(bracket, j->out);
	j->first = false;
}

/* --- entries ------------------------------------------------------------------------------ */

/* "bytes" needs no "_bytes". */
static const char *suffix_of(const struct value *v)
{
	const char *suffix = amount_suffix(v->unit);
	size_t len = strlen(suffix);

	if (len && !strcmp(v->field, suffix + 1))
		return "";
	if (v->unit == UNIT_PER_SECOND)
		return "";
	return suffix;
}

static void put_value(struct json *j, const struct entry *e,
		      const struct value *v)
{
	if (e->kind == ENTRY_HOST && v->unit == UNIT_COUNT && !v->v)
		return;
	put_key(j, v->field, suffix_of(v));
	if (v->known)
		fprintf(j->out, "%" PRIu64, v->v);
	else
		fputs("null", j->out);
}

static void put_entry(struct json *j, const struct entry *e)
{
	const struct value *v = e->values.items;
	size_t i;

	separate(j);
	open_with(j, '{');
	put_text(j, "name", e->name);
	if (e->what)
		put_text(j, e->kind == ENTRY_PROGRAM ? "program" : "what",
			 e->what);
	if (e->host)
		put_text(j, "host", e->host);
	if (e->error)
		put_text(j, "error", e->error);
	for (i = 0; i < e->values.n; i++)
		put_value(j, e, &v[i]);
	close_with(j, '}');
}

static void put_entries(struct json *j, const struct report *r,
			const char *key, enum entry_kind kind)
{
	const struct entry *e = r->entries.items;
	size_t i;

	put_key(j, key, "");
	open_with(j, '[');
	for (i = 0; i < r->entries.n; i++)
		if (e[i].kind == kind)
			put_entry(j, &e[i]);
	close_with(j, ']');
}

static void put_said(struct json *j, const struct report *r)
{
	const struct said *s = r->said.items;
	size_t i;

	put_key(j, "outputs", "");
	open_with(j, '[');
	for (i = 0; i < r->said.n; i++) {
		separate(j);
		open_with(j, '{');
		put_number(j, "at", UNIT_TIME, (uint64_t)s[i].at_ns);
		put_text(j, "host", s[i].host);
		put_text(j, "command", s[i].command +
			 strspn(s[i].command, " \t"));
		put_text(j, "text", s[i].text);
		close_with(j, '}');
	}
	close_with(j, ']');
}

/* --- the document ------------------------------------------------------------------------- */

static void put_hash(struct json *j, uint64_t hash)
{
	char text[20];

	snprintf(text, sizeof(text), "%016" PRIx64, hash);
	put_text(j, "hash", text);
}

static void put_case(struct json *j, const struct report *r)
{
	static const char *const ends[] = {
		[END_DONE] = "done", [END_TIME] = "time",
		[END_SPIN] = "spin",
	};

	separate(j);
	open_with(j, '{');
	put_text(j, "case", r->scene->name);
	put_text(j, "end", ends[r->end]);
	put_number(j, "time", UNIT_TIME, (uint64_t)r->time_ns);
	put_hash(j, r->hash);
	put_entries(j, r, "programs", ENTRY_PROGRAM);
	put_entries(j, r, "links", ENTRY_LINK);
	put_entries(j, r, "directions", ENTRY_DIRECTION);
	put_entries(j, r, "hosts", ENTRY_HOST);
	put_entries(j, r, "world", ENTRY_WORLD);
	put_said(j, r);
	close_with(j, '}');
}

void report_print_json(const struct scenario *s, const struct report *reports,
		       int failed, FILE *out)
{
	struct json j = { .out = out, .first = true };
	size_t i;

	open_with(&j, '{');
	put_text(&j, "format", "weir.sim/1");
	put_text(&j, "file", s->source.path);
	put_hash(&j, report_hash(reports, s->n));
	put_number(&j, "expectations_failed", UNIT_COUNT, (uint64_t)failed);
	put_key(&j, "cases", "");
	open_with(&j, '[');
	for (i = 0; i < s->n; i++)
		put_case(&j, &reports[i]);
	close_with(&j, ']');
	close_with(&j, '}');
	fputc('\n', out);
}
