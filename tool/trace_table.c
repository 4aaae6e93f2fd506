/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables of a whole trace: summary, packets, stages, drops. */
#include "trace.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* --- summary ------------------------------------------------------------------- */

static void summary_of(const struct trace *t)
{
	uint64_t copied = 0;
	size_t i, dropped = 0;
	double span = t->nr_records ?
		      (double)(t->last_ns - t->first_ns) / 1e9 : 0;

	for (i = 0; i < t->nr_packets; i++) {
		copied += packet_copied(&t->packets[i]);
		dropped += packet_drop(&t->packets[i]) != NULL;
	}
	printf("%s (%s): %zu packets, %zu records in %.6f s; %zu dropped, %"
	       PRIu64 " bytes copied", t->name, t->path, t->nr_packets,
	       t->nr_records, span, dropped, copied);
	if (t->lost)
		printf("; %" PRIu64 " records lost (a larger --trace-records "
		       "holds more)", t->lost);
	putchar('\n');
}

void trace_print_summary(struct join *j)
{
	size_t i, both = 0;
	int k;

	for (k = 0; k < j->nr_traces; k++)
		summary_of(j->trace[k]);
	for (i = 0; i < j->nr_frames; i++)
		both += j->frames[i].sent && j->frames[i].received;
	if (j->nr_traces > 1)
		printf("%zu frames on the wire, %zu of them seen at both "
		       "ends\n", j->nr_frames, both);
}

/* --- packets --------------------------------------------------------------------- */

static const struct record *edge_stage(const struct packet *p, bool last)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		const struct record *r = &p->first[last ? p->n - 1 - i : i];

		if (r->kind == KIND_STAGE)
			return r;
	}
	return p->first;
}

static void print_row(const struct packet *p, uint64_t start_ns)
{
	const struct names *s = &p->trace->stages;
	const struct record *drop = packet_drop(p);

	printf("%-8s %#14" PRIx64 " %14.3f %11.3f %6u %7" PRIu64
	       "  %s .. %s", p->trace->name, p->id,
	       (double)(p->first->time_ns - start_ns) / 1e3,
	       (double)(packet_last(p)->time_ns - p->first->time_ns) / 1e3,
	       p->len, packet_copied(p),
	       trace_name(s, edge_stage(p, false)->code),
	       trace_name(s, edge_stage(p, true)->code));
	if (drop)
		printf("  DROP %s", trace_name(&p->trace->drops, drop->code));
	putchar('\n');
}

/* Both stacks' packets in one order of time. */
void trace_print_list(struct join *j)
{
	size_t at[2] = { 0, 0 };
	uint64_t start = UINT64_MAX;
	int k, next;

	for (k = 0; k < j->nr_traces; k++)
		if (j->trace[k]->nr_packets &&
		    j->trace[k]->packets[0].first->time_ns < start)
			start = j->trace[k]->packets[0].first->time_ns;
	printf("%-8s %14s %14s %11s %6s %7s  %s\n", "stack", "packet",
	       "time_us", "took_us", "bytes", "copied", "way");
	for (;;) {
		next = -1;
		for (k = 0; k < j->nr_traces; k++) {
			if (at[k] == j->trace[k]->nr_packets)
				continue;
			if (next < 0 ||
			    j->trace[k]->packets[at[k]].first->time_ns <
			    j->trace[next]->packets[at[next]].first->time_ns)
				next = k;
		}
		if (next < 0)
			break;
		print_row(&j->trace[next]->packets[at[next]++], start);
	}
}

/* --- stages ----------------------------------------------------------------------- */

struct stage_sum {
	uint64_t count, bytes, ns;
	uint64_t by_context[8];
};

/* Time is charged to the stage in which it was spent: until the next record
 * of the same packet. */
static void sum_packet(const struct packet *p, struct stage_sum *sums,
		       unsigned int n)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		const struct record *r = &p->first[i];

		if (r->kind != KIND_STAGE || r->code >= n)
			continue;
		sums[r->code].count++;
		sums[r->code].bytes += r->len;
		sums[r->code].by_context[r->context & 7]++;
		if (i + 1 < p->n)
			sums[r->code].ns += r[1].time_ns - r->time_ns;
	}
}

static void print_stage_row(const struct trace *t, unsigned int code,
			    const struct stage_sum *s)
{
	unsigned int i;

	printf("%-24s %-9s %9" PRIu64 " %12" PRIu64 " %12.3f ",
	       trace_name(&t->stages, code),
	       t->stages.rows[code].floor ? t->stages.rows[code].floor : "",
	       s->count, s->bytes, (double)s->ns / (double)s->count / 1e3);
	for (i = 0; i < 8; i++)
		if (s->by_context[i])
			printf(" %s %" PRIu64 "%%",
			       trace_name(&t->contexts, i),
			       s->by_context[i] * 100 / s->count);
	putchar('\n');
}

static void print_stages_of(const struct trace *t)
{
	struct stage_sum *sums = calloc(t->stages.n + 1, sizeof(*sums));
	unsigned int i;
	size_t k;

	if (!sums)
		return;
	for (k = 0; k < t->nr_packets; k++)
		sum_packet(&t->packets[k], sums, t->stages.n);
	for (k = 0; k < t->nr_bare; k++)
		if (t->records[k].kind == KIND_STAGE &&
		    t->records[k].code < t->stages.n) {
			sums[t->records[k].code].count++;
			sums[t->records[k].code].by_context
				[t->records[k].context & 7]++;
		}
	printf("%s\n%-24s %-9s %9s %12s %12s  %s\n", t->name, "stage", "floor",
	       "times", "bytes", "mean_us", "in context");
	for (i = 0; i < t->stages.n; i++)
		if (sums[i].count)
			print_stage_row(t, i, &sums[i]);
	free(sums);
}

void trace_print_stages(struct join *j)
{
	int k;

	for (k = 0; k < j->nr_traces; k++)
		print_stages_of(j->trace[k]);
}

/* --- drops ------------------------------------------------------------------------- */

static void print_drops_of(const struct trace *t)
{
	uint64_t *count = calloc(t->drops.n + 1, sizeof(*count)), all = 0;
	unsigned int i;
	size_t k;

	if (!count)
		return;
	for (k = 0; k < t->nr_records; k++)
		if (t->records[k].kind == KIND_DROP &&
		    t->records[k].code < t->drops.n) {
			count[t->records[k].code]++;
			all++;
		}
	printf("%s: %" PRIu64 " drops\n", t->name, all);
	for (i = 0; i < t->drops.n; i++)
		if (count[i])
			printf("%9" PRIu64 "  %-26s %s\n", count[i],
			       trace_name(&t->drops, i),
			       trace_what(&t->drops, i));
	free(count);
}

void trace_print_drops(struct join *j)
{
	int k;

	for (k = 0; k < j->nr_traces; k++)
		print_drops_of(j->trace[k]);
}
