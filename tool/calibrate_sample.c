/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Traces into samples: the time of a stage is that until the next stage of the
 * same CPU in the same context and task, less what the records themselves took.
 * What another context or task did meanwhile ends it without a sample.
 *
 * A call into the stack leaves no record of its own. An interval that ends at
 * the first stage of a call has the way out of the stack and into it again in
 * it, which is the row `syscall`.
 */
#include "calibrate.h"

#include <stdlib.h>
#include <string.h>

#define MAX_CPUS	256

/* A stage's interval that has not ended yet, per CPU. */
struct open {
	const struct record *since;	/* NULL: none */
	unsigned int records;		/* written since, its own among them */
};

struct walk {
	struct samples *s;
	const struct trace *t;
	double trace_ns;
	bool is_hw[SAMPLE_STAGES], is_entry[SAMPLE_STAGES];
	struct open cpu[MAX_CPUS];
};

static bool stage_is(const struct walk *w, const struct record *r,
		     const char *name)
{
	return r->kind == KIND_STAGE &&
	       !strcmp(trace_name(&w->t->stages, r->code), name);
}

/* --- what a record costs -------------------------------------------------------- */

/* At the wire two records are written in a row, with nothing between. */
static bool add_trace_cost(struct samples *s, const struct trace *t)
{
	const struct record *last[MAX_CPUS] = { NULL };
	size_t i;

	for (i = 0; i < t->nr_records; i++) {
		const struct record *r = &t->records[i], *l = last[r->cpu];

		if (r->kind == KIND_WIRE && l && l->kind == KIND_STAGE &&
		    l->code == r->code && l->packet == r->packet &&
		    !fit_add(&s->trace, 0, (int64_t)(r->time_ns - l->time_ns)))
			return false;
		last[r->cpu] = r;
	}
	return true;
}

/* --- intervals ---------------------------------------------------------------------- */

static bool same_run(const struct record *a, const struct record *b)
{
	return a->context == b->context && a->task == b->task;
}

/* Where the sample of an interval that ends with r belongs; NULL: nowhere. */
static struct fit *fit_for(struct walk *w, const struct record *since,
			   const struct record *r)
{
	if (same_run(since, r))
		return w->is_hw[since->code] ? NULL :
		       &w->s->stage[since->code];
	if (stage_is(w, since, "nic_irq") && stage_is(w, r, "igb_intr"))
		return &w->s->interrupt;
	if (stage_is(w, since, "napi_schedule") &&
	    stage_is(w, r, "net_rx_action"))
		return &w->s->softirq;
	return NULL;
}

static bool end_interval(struct walk *w, const struct open *o,
			 const struct record *r)
{
	struct fit *f = fit_for(w, o->since, r);
	double ns = (double)(r->time_ns - o->since->time_ns) -
		    w->trace_ns * o->records;

	if (!f || r->time_ns < o->since->time_ns)
		return true;
	if (w->is_entry[r->code])
		ns -= w->s->syscall_ns;
	return fit_add(f, o->since->len, (int64_t)ns);
}

static bool take(struct walk *w, const struct record *r)
{
	struct open *o = &w->cpu[r->cpu];
	bool ok = true;

	if (r->kind != KIND_STAGE) {
		o->records++;
		if (o->since && !same_run(o->since, r))
			o->since = NULL;
		return true;
	}
	if (r->code >= SAMPLE_STAGES)
		return true;
	if (o->since)
		ok = end_interval(w, o, r);
	*o = (struct open){ r, 1 };
	return ok;
}

static void know_stages(struct walk *w)
{
	static const char *const entries[] = {
		"sock_sendmsg", "tcp_recvmsg", "udp_recvmsg",
	};
	unsigned int i, j;

	for (i = 0; i < SAMPLE_STAGES && i < w->t->stages.n; i++) {
		const struct name_row *row = &w->t->stages.rows[i];

		w->is_hw[i] = row->floor && !strcmp(row->floor, "hw");
		for (j = 0; row->name && j < sizeof(entries) /
					     sizeof(entries[0]); j++)
			w->is_entry[i] |= !strcmp(row->name, entries[j]);
	}
}

bool samples_add(struct samples *s, const struct trace *t)
{
	struct walk *w = calloc(1, sizeof(*w));
	bool ok = w && add_trace_cost(s, t);
	size_t i;

	if (ok) {
		w->s = s;
		w->t = t;
		w->trace_ns = fit_solve(&s->trace).ns;
		know_stages(w);
	}
	for (i = 0; ok && i < t->nr_records; i++)
		ok = take(w, &t->records[i]);
	s->records += t->nr_records;
	free(w);
	return ok;
}

void samples_free(struct samples *s)
{
	unsigned int i;

	for (i = 0; i < SAMPLE_STAGES; i++)
		fit_free(&s->stage[i]);
	fit_free(&s->trace);
	fit_free(&s->interrupt);
	fit_free(&s->softirq);
}
