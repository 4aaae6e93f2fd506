/* SPDX-License-Identifier: BSD-2-Clause */
/* weir trace -j: one document, schema weir.trace/1. Times are CLOCK_MONOTONIC
 * nanoseconds; packet and frame numbers are strings, being 64 bits wide. */
#include "trace.h"

#include <inttypes.h>

static const char *const kinds[KIND_MAX] = {
	"stage", "drop", "queue", "copy", "wire", "flow", "note",
};

static void print_string(const char *s)
{
	putchar('"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			printf("\\%c", *s);
		else if ((unsigned char)*s < 0x20)
			printf("\\u%04x", (unsigned int)*s);
		else
			putchar(*s);
	}
	putchar('"');
}

static void print_kind(const struct trace *t, const struct record *r)
{
	switch (r->kind) {
	case KIND_DROP:
		printf(",\"reason\":\"%s\"", trace_name(&t->drops, r->code));
		break;
	case KIND_QUEUE:
		printf(",\"stage\":\"%s\",\"wait_ns\":%" PRIu64,
		       trace_name(&t->stages, r->code), r->arg);
		break;
	case KIND_COPY:
		printf(",\"why\":\"%s\"", trace_name(&t->copies, r->code));
		break;
	case KIND_WIRE:
		printf(",\"stage\":\"%s\",\"frame\":\"%#" PRIx64 "\"",
		       trace_name(&t->stages, r->code), r->arg);
		break;
	case KIND_STAGE:
		printf(",\"stage\":\"%s\"", trace_name(&t->stages, r->code));
		break;
	default:
		printf(",\"code\":%u,\"arg\":\"%#" PRIx64 "\"", r->code,
		       r->arg);
		break;
	}
}

static void print_record(const struct trace *t, const struct record *r)
{
	printf("{\"time_ns\":%" PRIu64 ",\"kind\":\"%s\"", r->time_ns,
	       r->kind < KIND_MAX ? kinds[r->kind] : "?");
	print_kind(t, r);
	printf(",\"len_bytes\":%u,\"cpu\":%u,\"context\":\"%s\"", r->len,
	       r->cpu, trace_name(&t->contexts, r->context));
	if (r->task)
		printf(",\"task\":%u", r->task);
	if (r->queue != 0xffff)
		printf(",\"queue\":%u", r->queue);
	putchar('}');
}

static void print_packet(const struct packet *p)
{
	size_t i;

	printf("{\"stack\":");
	print_string(p->trace->name);
	printf(",\"packet\":\"%#" PRIx64 "\",\"len_bytes\":%u,"
	       "\"copied_bytes\":%" PRIu64 ",\"events\":[\n", p->id, p->len,
	       packet_copied(p));
	for (i = 0; i < p->n; i++) {
		if (i)
			printf(",\n");
		print_record(p->trace, &p->first[i]);
	}
	printf("]}");
}

static void print_stack(const struct trace *t)
{
	printf("{\"name\":");
	print_string(t->name);
	printf(",\"start_mono_ns\":%" PRIu64 ",\"start_real_ns\":%" PRIu64
	       ",\"records\":%zu,\"records_lost\":%" PRIu64 "}",
	       t->start_mono_ns, t->start_real_ns, t->nr_records, t->lost);
}

/* `only` and what it became in the other stack, or all. */
static bool is_wanted(struct join *j, struct packet *p, struct packet *only)
{
	return !only || p == only || trace_origin(j, p) == only ||
	       trace_origin(j, only) == p;
}

void trace_print_json(struct join *j, struct packet *only)
{
	bool comma = false;
	size_t i;
	int k;

	printf("{\"schema\":\"weir.trace/1\",\"stacks\":[");
	for (k = 0; k < j->nr_traces; k++) {
		if (k)
			putchar(',');
		print_stack(j->trace[k]);
	}
	printf("],\"packets\":[\n");
	for (k = 0; k < j->nr_traces; k++) {
		for (i = 0; i < j->trace[k]->nr_packets; i++) {
			struct packet *p = &j->trace[k]->packets[i];

			if (!is_wanted(j, p, only))
				continue;
			if (comma)
				printf(",\n");
			print_packet(p);
			comma = true;
		}
	}
	printf("]}\n");
}
