/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Some steps of a packet's way are a CPU's, not one packet's: the interrupt,
 * the scheduling of NAPI, the softirq that polls, the system call that writes.
 * Their records name no packet. Here they are woven into the way of the packet
 * that the same CPU handled next: before its first record those of the system
 * call, and in a gap between two records on one CPU those of that gap, each
 * stage once (its last time).
 */
#include "trace.h"

#include <stdlib.h>
#include <string.h>

#define MAX_GAP_NS	5000000u	/* longer: not what led to the packet */
#define MAX_IN_GAP	12
#define MAX_BEFORE	400		/* records looked at, going back */

struct weave {
	const struct packet *p;
	const struct record **out;
	size_t n, room;
};

static void put(struct weave *w, const struct record *r)
{
	if (w->n < w->room)
		w->out[w->n++] = r;
}

/* First bare record after `time`. */
static size_t bare_after(const struct trace *t, uint64_t time)
{
	size_t lo = 0, hi = t->nr_bare;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (t->records[mid].time_ns <= time)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool stage_is(const struct trace *t, const struct record *r,
		     const char *name)
{
	return r->kind == KIND_STAGE &&
	       !strcmp(trace_name(&t->stages, r->code), name);
}

/* The system call that made the packet: back to sock_sendmsg. */
static void weave_call(struct weave *w)
{
	const struct trace *t = w->p->trace;
	const struct record *first = w->p->first, *call[MAX_IN_GAP];
	size_t i = bare_after(t, first->time_ns), n = 0, looked = 0;

	if (!stage_is(t, first, "tcp_write_xmit") &&
	    !stage_is(t, first, "udp_sendmsg"))
		return;
	while (i-- > 0 && n < MAX_IN_GAP && looked++ < MAX_BEFORE) {
		const struct record *r = &t->records[i];

		if (r->cpu != first->cpu || r->task != first->task)
			continue;
		if (first->time_ns - r->time_ns > MAX_GAP_NS)
			return;
		call[n++] = r;
		if (!stage_is(t, r, "sock_sendmsg"))
			continue;
		while (n--)
			put(w, call[n]);
		return;
	}
}

/* Does the stage come again in the gap, later? Then that one is shown. */
static bool again(const struct trace *t, size_t i, const struct record *until)
{
	const struct record *r = &t->records[i];

	for (i++; i < t->nr_bare && t->records[i].time_ns < until->time_ns; i++)
		if (t->records[i].cpu == r->cpu &&
		    t->records[i].kind == r->kind &&
		    t->records[i].code == r->code)
			return true;
	return false;
}

static void weave_gap(struct weave *w, const struct record *from,
		      const struct record *to)
{
	const struct trace *t = w->p->trace;
	size_t i, n = 0;

	if (from->cpu != to->cpu || to->time_ns - from->time_ns > MAX_GAP_NS)
		return;
	for (i = bare_after(t, from->time_ns);
	     i < t->nr_bare && t->records[i].time_ns < to->time_ns; i++) {
		if (t->records[i].cpu != to->cpu || n == MAX_IN_GAP ||
		    again(t, i, to))
			continue;
		put(w, &t->records[i]);
		n++;
	}
}

const struct record **trace_weave(const struct packet *p, size_t *n)
{
	struct weave w = { .p = p,
			   .room = (p->n + 1) * (MAX_IN_GAP + 1) };
	size_t i;

	w.out = calloc(w.room, sizeof(*w.out));
	if (!w.out)
		return NULL;
	weave_call(&w);
	for (i = 0; i < p->n; i++) {
		if (i)
			weave_gap(&w, &p->first[i - 1], &p->first[i]);
		put(&w, &p->first[i]);
	}
	*n = w.n;
	return w.out;
}
