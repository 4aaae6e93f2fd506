/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One packet as one tree: its stages in order of time, each with the time
 * since the packet's first and since the stage before, the CPU and the context
 * that were charged. What belongs to a stage (copies, waits) hangs below it;
 * so does, at the wire, what the packet became in the other stack.
 */
#include "trace.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH	4

struct tree {
	struct join *j;
	uint64_t start_ns;		/* of the root's first record */
	int depth;
};

static void print_time(char *to, size_t room, uint64_t ns)
{
	if (ns < 1000000)
		snprintf(to, room, "%.3f us", (double)ns / 1e3);
	else if (ns < 1000000000)
		snprintf(to, room, "%.3f ms", (double)ns / 1e6);
	else
		snprintf(to, room, "%.3f s", (double)ns / 1e9);
}

static void indent(int depth)
{
	int i;

	for (i = 0; i < depth; i++)
		fputs("|  ", stdout);
}

static void print_head(const struct tree *tr, const struct packet *p)
{
	char span[32];

	print_time(span, sizeof(span),
		   packet_last(p)->time_ns - p->first->time_ns);
	indent(tr->depth);
	printf("packet %#" PRIx64 " in %s: %u bytes, %s, %" PRIu64
	       " bytes copied\n", p->id, p->trace->name, p->len, span,
	       packet_copied(p));
}

/* "+0.120 us" since the root began, "0.031 us" since the last line. */
static void print_when(const struct tree *tr, const struct record *r,
		       uint64_t before_ns)
{
	char at[32], delta[32];

	if (r->time_ns >= tr->start_ns)
		print_time(at, sizeof(at), r->time_ns - tr->start_ns);
	else
		snprintf(at, sizeof(at), "before");
	print_time(delta, sizeof(delta),
		   r->time_ns > before_ns ? r->time_ns - before_ns : 0);
	indent(tr->depth);
	printf("%12s %12s  ", at, delta);
}

static void print_place(const struct packet *p, const struct record *r)
{
	printf("cpu%-2u %-9s  ", r->cpu,
	       trace_name(&p->trace->contexts, r->context));
}

static void print_stage(const struct packet *p, const struct record *r)
{
	const struct names *s = &p->trace->stages;

	printf("%-24s %6u  %s\n", trace_name(s, r->code), r->len,
	       trace_what(s, r->code));
}

static void print_other(const struct packet *p, const struct record *r)
{
	const struct trace *t = p->trace;
	char wait[32];

	switch (r->kind) {
	case KIND_DROP:
		printf("DROP %s: %s\n", trace_name(&t->drops, r->code),
		       trace_what(&t->drops, r->code));
		break;
	case KIND_QUEUE:
		print_time(wait, sizeof(wait), r->arg);
		printf("  waited %s before %s\n", wait,
		       trace_name(&t->stages, r->code));
		break;
	case KIND_COPY:
		printf("  copy %-17s %6u\n", trace_name(&t->copies, r->code),
		       r->len);
		break;
	case KIND_WIRE:
		printf("  frame %#" PRIx64 "\n", r->arg);
		break;
	default:
		printf("  note %u %#" PRIx64 "\n", r->code, r->arg);
		break;
	}
}

static void print_packet(struct tree *tr, struct packet *p);

static void print_far_end(struct tree *tr, struct packet *p,
			  const struct record *r)
{
	struct packet *far = trace_far_end(tr->j, p, r);

	if (!far || far->seen || tr->depth == MAX_DEPTH ||
	    strcmp(trace_name(&p->trace->stages, r->code), "wire_tx"))
		return;
	tr->depth++;
	print_packet(tr, far);
	tr->depth--;
}

static void print_packet(struct tree *tr, struct packet *p)
{
	const struct record **way;
	uint64_t before;
	size_t i, n;

	p->seen = true;
	way = trace_weave(p, &n);
	if (!way)
		return;
	print_head(tr, p);
	before = way[0]->time_ns;
	if (!tr->depth)
		tr->start_ns = before;
	for (i = 0; i < n; i++) {
		const struct record *r = way[i];

		print_when(tr, r, before);
		print_place(p, r);
		if (r->kind == KIND_STAGE)
			print_stage(p, r);
		else
			print_other(p, r);
		before = r->time_ns;
		if (r->kind == KIND_WIRE)
			print_far_end(tr, p, r);
	}
	free(way);
}

void trace_print_tree(struct join *j, struct packet *p)
{
	struct tree tr = { .j = j };

	p = trace_origin(j, p);
	tr.start_ns = p->first->time_ns;
	printf("%12s %12s  %-5s %-9s  %-24s %6s\n", "time", "delta", "cpu",
	       "context", "stage", "bytes");
	print_packet(&tr, p);
}
