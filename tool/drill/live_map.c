/* SPDX-License-Identifier: BSD-2-Clause */
/* Sequence numbers, acknowledgments, SACK blocks and time stamps between the
 * script's numbers and the live ones. See live.h. */
#include "live.h"
#include "live_map.h"
#include "symbols.h"

#include <netinet/ip_icmp.h>

/* How far a side's numbers are ahead of the script's. */
static uint32_t shift(const struct live_side *s, bool syn)
{
	return s->known ? s->live - (syn ? s->script : 0) : 0;
}

/* --- time stamps -------------------------------------------------------------------- */

static uint32_t stamp_to_live(const struct live *l, const struct live_conn *c, uint32_t script)
{
	unsigned int i, kept = c->nr_stamps < LIVE_STAMPS ? c->nr_stamps : LIVE_STAMPS;
	const struct live_stamp *s;

	for (i = 1; i <= kept && !l->ts_ecr_scaled; i++) {
		s = &c->stamps[(c->nr_stamps - i) % LIVE_STAMPS];
		if (s->script == script)
			return s->live;
	}
	/* one that the script never saw: as far from the last as it says */
	if (!kept || !script)
		return script;
	s = l->ts_ecr_scaled ? &c->first_stamp : &c->stamps[(c->nr_stamps - 1) % LIVE_STAMPS];
	return s->live + (script - s->script);
}

static uint32_t stamp_to_script(const struct live *l, const struct live_conn *c, uint32_t live)
{
	unsigned int i, kept = c->nr_stamps < LIVE_STAMPS ? c->nr_stamps : LIVE_STAMPS;
	const struct live_stamp *s;

	if (!c->nr_stamps)
		return live;
	for (i = 1; i <= kept && !l->ts_tick_usecs; i++) {
		s = &c->stamps[(c->nr_stamps - i) % LIVE_STAMPS];
		if (s->live == live)
			return s->script;
	}
	return c->first_stamp.script + (live - c->first_stamp.live);
}

static const struct drill_opt *find_stamp(const struct drill_tcp *t)
{
	unsigned int i;

	for (i = 0; i < t->nopts; i++)
		if (t->opts[i].kind == DRILL_OPT_TS)
			return &t->opts[i];
	return NULL;
}

static void pair_stamps(struct live_conn *c, const struct drill_opt *script,
			const struct drill_opt *live)
{
	struct live_stamp s = { script->ts.val, live->ts.val };

	if (!c->nr_stamps)
		c->first_stamp = s;
	c->stamps[c->nr_stamps++ % LIVE_STAMPS] = s;
}

/* --- packets -------------------------------------------------------------------------- */

static void shift_sacks(struct drill_tcp *t, uint32_t by)
{
	unsigned int i, j;

	for (i = 0; i < t->nopts; i++) {
		if (t->opts[i].kind != DRILL_OPT_SACK)
			continue;
		for (j = 0; j < t->opts[i].sack.n; j++) {
			t->opts[i].sack.blocks[j].start += by;
			t->opts[i].sack.blocks[j].end += by;
		}
	}
}

static void shift_tcp(struct drill_tcp *t, uint32_t seq, uint32_t ack, uint32_t sack)
{
	t->seq += seq;
	t->end += seq;
	if (t->flags & DRILL_ACK)
		t->ack += ack;
	shift_sacks(t, sack);
}

/* An ICMP error is about a packet, also when the line does not say which: then
 * it is the first. */
static void quote_first(const struct live_conn *c, struct drill_icmp *m)
{
	uint8_t type, code;

	if (m->quote.given || !drill_icmp_resolve(m, false, &type, &code, NULL))
		return;
	if (type == ICMP_DEST_UNREACH || type == ICMP_SOURCE_QUENCH || type == ICMP_REDIRECT ||
	    type == ICMP_TIME_EXCEEDED || type == ICMP_PARAMETERPROB)
		m->quote = (struct drill_quote){ .given = true, .proto = c->proto };
}

void live_map_in(const struct live *l, const struct live_conn *c,
		 const struct drill_packet *script, struct drill_packet *live)
{
	struct drill_tcp *t = &live->tcp;
	bool syn = script->proto == DRILL_TCP && script->tcp.flags & DRILL_SYN;
	unsigned int i;

	*live = *script;
	if (script->proto == DRILL_ICMP) {
		quote_first(c, &live->icmp);
		live->icmp.quote.seq += shift(&c->local, false);
		live->icmp.quote.end += shift(&c->local, false);
	}
	if (script->proto != DRILL_TCP)
		return;
	/* an initial number is what it is, on a connection or not */
	shift_tcp(t, syn ? 0 : shift(&c->remote, false), shift(&c->local, syn),
		  shift(&c->local, false));
	for (i = 0; i < t->nopts; i++)
		if (t->opts[i].kind == DRILL_OPT_TS)
			t->opts[i].ts.ecr = stamp_to_live(l, c, t->opts[i].ts.ecr);
}

void live_pair(struct live *l, struct live_conn *c, const struct drill_packet *script,
	       const struct drill_packet *live)
{
	const struct drill_opt *s, *a;

	if (!c || script->proto != DRILL_TCP || live->proto != DRILL_TCP)
		return;
	/* the number of the stack's SYN is the script's to choose */
	if (script->tcp.flags & live->tcp.flags & DRILL_SYN && c->local.known &&
	    live->tcp.seq == c->local.live)
		c->local.script = script->tcp.seq;
	s = find_stamp(&script->tcp);
	a = find_stamp(&live->tcp);
	if (s && a)
		pair_stamps(c, s, a);
}

void live_to_script(const struct live *l, const struct live_conn *c,
		    const struct drill_packet *live, struct drill_packet *script)
{
	struct drill_tcp *t = &script->tcp;
	bool syn = live->proto == DRILL_TCP && live->tcp.flags & DRILL_SYN;
	unsigned int i;

	*script = *live;
	if (!c)
		return;
	if (live->proto == DRILL_ICMP && live->icmp.quote.given) {
		script->icmp.quote.seq -= shift(&c->remote, false);
		script->icmp.quote.end -= shift(&c->remote, false);
	}
	if (live->proto != DRILL_TCP)
		return;
	shift_tcp(t, -shift(&c->local, syn), -shift(&c->remote, syn),
		  -shift(&c->remote, false));
	for (i = 0; i < t->nopts; i++)
		if (t->opts[i].kind == DRILL_OPT_TS)
			t->opts[i].ts.val = stamp_to_script(l, c, t->opts[i].ts.val);
}
