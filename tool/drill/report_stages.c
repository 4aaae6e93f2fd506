/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How far the stack got with its last packets, from its own trace: one line per
 * packet, the stages of its last passage, and why it was dropped. Names and records are
 * those of docs/trace-format.md.
 */
#include "run.h"

#include <stdlib.h>
#include <string.h>

#define HEADER_ROOM	65536
#define HEADER_NAMES	40	/* where the names begin */
#define RECORDS		1024	/* more than the world keeps */
#define PACKETS		3	/* that are told */
#define NAME_ROOM	40

struct record {
	int64_t time;
	uint64_t packet, arg;
	uint32_t len, task;
	uint16_t code, queue;
	uint8_t kind, context, cpu, verdict;
};

enum { KIND_STAGE, KIND_DROP };

struct stages {
	char names[HEADER_ROOM];
	struct record records[RECORDS];
	size_t n;
};

/* "stage\tN\tNAME\t...": NAME of number n, or "?". */
static const char *name_of(const struct stages *s, const char *what, unsigned int n, char *to)
{
	char want[32];
	const char *at;
	int len;

	snprintf(want, sizeof(want), "\n%s\t%u\t", what, n);
	at = strstr(s->names, want);
	if (!at)
		return "?";
	at += strlen(want);
	len = (int)strcspn(at, "\t\n");
	snprintf(to, NAME_ROOM, "%.*s", len, at);
	return to;
}

/* Its last passage: time does not move on the way through the stack. */
static void tell_one(struct run *r, const struct stages *s, uint64_t packet)
{
	const struct record *e, *last = NULL;
	char line[1024], name[NAME_ROOM];
	int at = 0;

	for (e = s->records; e < s->records + s->n; e++)
		if (e->packet == packet && e->kind <= KIND_DROP)
			last = e;
	for (e = s->records; last && e <= last && at < (int)sizeof(line) - 64; e++) {
		if (e->packet != packet || e->time != last->time || e->kind > KIND_DROP)
			continue;
		at += snprintf(line + at, sizeof(line) - (size_t)at, "%s%s%s", at ? " > " : "",
			       e->kind == KIND_DROP ? "DROP " : "",
			       name_of(s, e->kind == KIND_DROP ? "drop" : "stage", e->code,
				       name));
	}
	if (at)
		run_tell(r, "  %.6f %s", (double)(last->time - r->start) / 1e9, line);
}

/* The packets of the last records, the oldest of them first. */
static size_t last_packets(const struct stages *s, uint64_t *to)
{
	uint64_t ids[PACKETS];
	size_t i, k, n = 0;

	for (i = s->n; i-- > 0 && n < PACKETS;) {
		if (!s->records[i].packet || s->records[i].kind > KIND_DROP)
			continue;
		for (k = 0; k < n && ids[k] != s->records[i].packet; k++)
			;
		if (k == n)
			ids[n++] = s->records[i].packet;
	}
	for (k = 0; k < n; k++)
		to[k] = ids[n - 1 - k];
	return n;
}

static void load(struct run *r, struct stages *s)
{
	uint64_t lost = 0;
	size_t i, len = weir_sim_trace_header(r->host, s->names, sizeof(s->names) - 1);

	/* the names alone, as one text that begins with a line's end */
	len = len < sizeof(s->names) - 1 ? len : sizeof(s->names) - 1;
	for (i = 0; i < len; i++)
		if (i < HEADER_NAMES || !s->names[i])
			s->names[i] = '\n';
	s->names[len] = '\0';
	s->n = weir_sim_trace(r->host, s->records, RECORDS, &lost);
}

void run_tell_stages(struct run *r)
{
	struct stages *s = calloc(1, sizeof(*s));
	uint64_t ids[PACKETS];
	size_t i, n;

	if (!s)
		return;
	load(r, s);
	n = last_packets(s, ids);
	if (n)
		run_tell(r, "what the stack did last:");
	for (i = 0; i < n; i++)
		tell_one(r, s, ids[i]);
	free(s);
}
