/* SPDX-License-Identifier: BSD-2-Clause */
/* Records into packets, and packets of two stacks joined by their frames. */
#include "trace.h"

#include <stdlib.h>
#include <string.h>

/* --- one trace ------------------------------------------------------------------ */

static int by_packet(const void *a, const void *b)
{
	const struct record *x = a, *y = b;

	if (x->packet != y->packet)
		return x->packet < y->packet ? -1 : 1;
	if (x->time_ns != y->time_ns)
		return x->time_ns < y->time_ns ? -1 : 1;
	return 0;
}

static int by_time(const void *a, const void *b)
{
	const struct packet *x = a, *y = b;

	if (x->first->time_ns != y->first->time_ns)
		return x->first->time_ns < y->first->time_ns ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

static size_t count_packets(const struct trace *t)
{
	size_t i, n = 0;

	for (i = 0; i < t->nr_records; i++)
		if (t->records[i].packet &&
		    (!i || t->records[i].packet != t->records[i - 1].packet))
			n++;
	return n;
}

static void fill_packet(struct trace *t, struct packet *p, size_t i)
{
	p->trace = t;
	p->first = &t->records[i];
	p->id = p->first->packet;
	for (; i < t->nr_records && t->records[i].packet == p->id; i++) {
		p->n++;
		if (t->records[i].kind != KIND_COPY &&
		    t->records[i].len > p->len)
			p->len = t->records[i].len;
	}
}

int trace_group(struct trace *t)
{
	size_t i, n = 0;

	qsort(t->records, t->nr_records, sizeof(*t->records), by_packet);
	while (t->nr_bare < t->nr_records && !t->records[t->nr_bare].packet)
		t->nr_bare++;
	t->packets = calloc(count_packets(t) + 1, sizeof(*t->packets));
	if (!t->packets)
		return -1;
	for (i = t->nr_bare; i < t->nr_records; i += t->packets[n++].n)
		fill_packet(t, &t->packets[n], i);
	t->nr_packets = n;
	qsort(t->packets, n, sizeof(*t->packets), by_time);
	return 0;
}

const struct record *packet_last(const struct packet *p)
{
	return &p->first[p->n - 1];
}

uint64_t packet_copied(const struct packet *p)
{
	uint64_t bytes = 0;
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->first[i].kind == KIND_COPY)
			bytes += p->first[i].len;
	return bytes;
}

const struct record *packet_drop(const struct packet *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->first[i].kind == KIND_DROP)
			return &p->first[i];
	return NULL;
}

bool packet_passed(const struct packet *p, const char *stage)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->first[i].kind == KIND_STAGE &&
		    !strcmp(trace_name(&p->trace->stages, p->first[i].code),
			    stage))
			return true;
	return false;
}

/* --- frames ----------------------------------------------------------------------- */

static int by_frame(const void *a, const void *b)
{
	const struct frame *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static bool is_sent(const struct trace *t, const struct record *r)
{
	return !strcmp(trace_name(&t->stages, r->code), "wire_tx");
}

/* One entry per wire record; entries of the same frame are merged later. */
static size_t list_frames(struct trace *t, struct frame *to)
{
	size_t i, k, n = 0;

	for (i = 0; i < t->nr_packets; i++) {
		struct packet *p = &t->packets[i];

		for (k = 0; k < p->n; k++) {
			const struct record *r = &p->first[k];

			if (r->kind != KIND_WIRE)
				continue;
			if (to && is_sent(t, r))
				to[n] = (struct frame){ r->arg, p, NULL };
			else if (to)
				to[n] = (struct frame){ r->arg, NULL, p };
			n++;
		}
	}
	return n;
}

static size_t merge_frames(struct frame *f, size_t n)
{
	size_t i, out = 0;

	for (i = 0; i < n; i++) {
		if (out && f[out - 1].id == f[i].id) {
			if (!f[out - 1].sent)
				f[out - 1].sent = f[i].sent;
			if (!f[out - 1].received)
				f[out - 1].received = f[i].received;
		} else {
			f[out++] = f[i];
		}
	}
	return out;
}

int trace_join(struct join *j)
{
	size_t n = 0;
	int i;

	for (i = 0; i < j->nr_traces; i++)
		n += list_frames(j->trace[i], NULL);
	j->frames = calloc(n + 1, sizeof(*j->frames));
	if (!j->frames)
		return -1;
	for (n = 0, i = 0; i < j->nr_traces; i++)
		n += list_frames(j->trace[i], j->frames + n);
	qsort(j->frames, n, sizeof(*j->frames), by_frame);
	j->nr_frames = merge_frames(j->frames, n);
	return 0;
}

void trace_unjoin(struct join *j)
{
	free(j->frames);
}

static struct frame *find_frame(struct join *j, uint64_t id)
{
	struct frame key = { .id = id };

	return bsearch(&key, j->frames, j->nr_frames, sizeof(key), by_frame);
}

struct packet *trace_far_end(struct join *j, const struct packet *p,
			     const struct record *r)
{
	struct frame *f = find_frame(j, r->arg);

	if (!f)
		return NULL;
	return f->sent == p ? f->received : f->received == p ? f->sent : NULL;
}

struct packet *trace_origin(struct join *j, struct packet *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		struct frame *f = p->first[i].kind == KIND_WIRE ?
				  find_frame(j, p->first[i].arg) : NULL;

		if (f && f->received == p && f->sent)
			return f->sent;
	}
	return p;
}

struct packet *trace_find(struct join *j, uint64_t id)
{
	size_t i;
	int k;

	for (k = 0; k < j->nr_traces; k++)
		for (i = 0; i < j->trace[k]->nr_packets; i++)
			if (j->trace[k]->packets[i].id == id)
				return &j->trace[k]->packets[i];
	return NULL;
}

/* Has it payload that a program wrote or read? */
static bool carries_data(const struct packet *p)
{
	return packet_passed(p, "tcp_sendmsg") ||
	       packet_passed(p, "udp_sendmsg") ||
	       packet_passed(p, "tcp_transmit_skb") ||
	       packet_passed(p, "tcp_v4_rcv") || packet_passed(p, "udp_rcv");
}

struct packet *trace_typical(struct join *j)
{
	struct packet *best = NULL;
	uint32_t full = 0;
	size_t i;
	int k, full_only;

	for (k = 0; k < j->nr_traces; k++)
		for (i = 0; i < j->trace[k]->nr_packets; i++)
			if (j->trace[k]->packets[i].len > full)
				full = j->trace[k]->packets[i].len;
	full = full > 1400 ? 1400 : full;
	for (full_only = 1; full_only >= 0 && !best; full_only--)
		for (k = 0; k < j->nr_traces && !best; k++)
			for (i = 0; i < j->trace[k]->nr_packets && !best; i++) {
				struct packet *p = &j->trace[k]->packets[i];

				if (p->len >= full &&
				    (!full_only || carries_data(p)))
					best = p;
			}
	return best ? trace_origin(j, best) : NULL;
}
