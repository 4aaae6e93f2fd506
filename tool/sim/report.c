/* SPDX-License-Identifier: BSD-2-Clause */
/* Collecting what a world has to tell. See report.h. */
#include "report.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

struct collector {
	struct drill_arena *arena;
	struct report *r;
	struct entry *e;		/* the present one */
	struct program *program;
	bool no_memory;
};

/* --- entries -------------------------------------------------------------------------- */

static void put(struct collector *c, const char *field, enum unit unit,
		bool known, uint64_t v)
{
	struct value value = { field, unit, known, known ? v : 0 };

	if (c->e && !drill_push(c->arena, &c->e->values, &value, sizeof(value)))
		c->no_memory = true;
}

static void begin(struct collector *c, enum entry_kind kind, const char *name)
{
	struct entry e = { .kind = kind, .name = name };

	c->e = name ? drill_push(c->arena, &c->r->entries, &e, sizeof(e)) :
		      NULL;
	if (!c->e)
		c->no_memory = true;
}

static char *joined(struct collector *c, const char *a, const char *between,
		    const char *b)
{
	size_t room = strlen(a) + strlen(between) + strlen(b) + 1;
	char *text = drill_alloc(c->arena, room);

	if (text)
		snprintf(text, room, "%s%s%s", a, between, b);
	return text;
}

/* --- programs --------------------------------------------------------------------------- */

static void put_field(void *arg, const char *field, enum unit unit)
{
	struct collector *c = arg;
	uint64_t v = 0;
	bool known = program_value(c->program, field, &v);

	field = drill_copy(c->arena, field, strlen(field));
	if (field)
		put(c, field, unit, known, v);
	else
		c->no_memory = true;
}

static void collect_program(struct collector *c, struct program *p)
{
	begin(c, ENTRY_PROGRAM, p->name);
	if (!c->e)
		return;
	c->e->what = p->kind->name;
	c->e->host = p->host;
	if (p->last_error)
		c->e->error = strerror(p->last_error);
	c->program = p;
	program_each_field(p->kind, put_field, c);
}

/* --- links --------------------------------------------------------------------------------- */

#define LINK_FIELD(name, unit)	{ #name, unit, \
				  offsetof(struct weir_sim_link_stats, name) }

static const struct {
	const char *name;
	enum unit unit;
	size_t offset;
} link_fields[] = {
	LINK_FIELD(frames, UNIT_COUNT), LINK_FIELD(bytes, UNIT_BYTES),
	LINK_FIELD(delivered, UNIT_COUNT), LINK_FIELD(lost, UNIT_COUNT),
	LINK_FIELD(duplicated, UNIT_COUNT), LINK_FIELD(reordered, UNIT_COUNT),
	LINK_FIELD(corrupted, UNIT_COUNT), LINK_FIELD(queue_full, UNIT_COUNT),
	LINK_FIELD(too_long, UNIT_COUNT), LINK_FIELD(cut, UNIT_COUNT),
	LINK_FIELD(overrun, UNIT_COUNT), LINK_FIELD(queued_max, UNIT_COUNT),
};
#define NR_LINK_FIELDS	(sizeof(link_fields) / sizeof(link_fields[0]))

static uint64_t link_value(const struct weir_sim_link_stats *st, size_t i)
{
	uint64_t v;

	memcpy(&v, (const char *)st + link_fields[i].offset, sizeof(v));
	return v;
}

/* Of one direction, or of both: sums, but the longer queue. */
static void put_link(struct collector *c, const struct weir_sim_link_stats *a,
		     const struct weir_sim_link_stats *b)
{
	size_t i;

	for (i = 0; i < NR_LINK_FIELDS; i++) {
		uint64_t v = link_value(a, i), v2 = b ? link_value(b, i) : 0;

		if (strcmp(link_fields[i].name, "queued_max"))
			v += v2;
		else if (v2 > v)
			v = v2;
		put(c, link_fields[i].name, link_fields[i].unit, true, v);
	}
}

static void collect_link(struct collector *c, const struct world_link *l)
{
	struct weir_sim_link_stats st[2];
	const char *ends[] = { l->a, l->b };
	int i;

	for (i = 0; i < 2; i++)
		weir_sim_link_stats(l->link, i, &st[i]);
	begin(c, ENTRY_LINK, l->name);
	put_link(c, &st[0], &st[1]);
	for (i = 0; i < 2; i++) {
		begin(c, ENTRY_DIRECTION,
		      joined(c, l->name, ".", ends[i]));
		if (c->e)
			c->e->what = joined(c, "from ", "", ends[i]);
		put_link(c, &st[i], NULL);
	}
}

/* --- hosts ---------------------------------------------------------------------------------- */

static const char *const cpu_fields[] = {
	"cpu_user", "cpu_sys", "cpu_softirq", "cpu_hardirq", "cpu_ksoftirqd",
	"cpu_idle",
};
#define NR_CPU_FIELDS	(sizeof(cpu_fields) / sizeof(cpu_fields[0]))

static void put_cpu(struct collector *c, struct weir *w)
{
	struct weir_sim_cpu_time t;
	uint64_t v[NR_CPU_FIELDS];
	size_t i;

	weir_sim_cpu_time(w, -1, &t);
	memcpy(v, (uint64_t[]){ t.user, t.sys, t.softirq, t.hardirq,
				t.ksoftirqd, t.idle }, sizeof(v));
	for (i = 0; i < NR_CPU_FIELDS; i++)
		put(c, cpu_fields[i], UNIT_TIME, true, v[i]);
}

/* A line of names and one of numbers, both after "Tcp:". */
static void put_counters(struct collector *c, char *names, char *numbers)
{
	char *n, *v, *save_n, *save_v;
	const char *prefix = strtok_r(names, ": ", &save_n);

	strtok_r(numbers, " ", &save_v);
	while (prefix && (n = strtok_r(NULL, " ", &save_n)) &&
	       (v = strtok_r(NULL, " ", &save_v))) {
		const char *field = joined(c, prefix, "", n);

		if (!field)
			c->no_memory = true;
		else if (*v != '-')
			put(c, field, UNIT_COUNT, true,
			    strtoull(v, NULL, 10));
	}
}

static void put_view(struct collector *c, struct weir *w, const char *view)
{
	ssize_t len = weir_view(w, view, NULL, 0);
	char *text, *names, *numbers, *save;

	if (len < 0)
		return;
	text = drill_alloc(c->arena, (size_t)len + 4096);
	if (!text) {
		c->no_memory = true;
		return;
	}
	weir_view(w, view, text, (size_t)len + 4095);
	names = strtok_r(text, "\n", &save);
	while (names && (numbers = strtok_r(NULL, "\n", &save))) {
		put_counters(c, names, numbers);
		names = strtok_r(NULL, "\n", &save);
	}
}

static void collect_host(struct collector *c, const struct world_host *h)
{
	begin(c, ENTRY_HOST, h->name);
	put_cpu(c, h->w);
	put_view(c, h->w, "net/snmp");
	put_view(c, h->w, "net/netstat");
}

/* --- all -------------------------------------------------------------------------------------- */

static void collect_world(struct collector *c, const struct world *w)
{
	struct weir_sim_stats st;

	weir_sim_stats(w->sim, &st);
	begin(c, ENTRY_WORLD, "sim");
	put(c, "time", UNIT_TIME, true, (uint64_t)c->r->time_ns);
	put(c, "frames", UNIT_COUNT, true, st.frames);
	put(c, "bytes", UNIT_BYTES, true, st.bytes);
	put(c, "events", UNIT_COUNT, true, st.events);
}

int report_collect(struct drill_arena *a, struct report *r, struct world *w)
{
	struct collector c = { .arena = a, .r = r };
	struct world_link *l = w->links.items;
	struct world_host *h = w->hosts.items;
	size_t i;

	*r = (struct report){
		.scene = w->scene, .end = w->end, .has_costs = w->has_costs,
		.said = w->said, .hash = weir_sim_hash(w->sim),
		.time_ns = weir_sim_now(w->sim) - WEIR_SIM_START_NS,
	};
	for (i = 0; i < w->scene->nr_programs; i++)
		collect_program(&c, &w->programs[i]);
	for (i = 0; i < w->links.n; i++)
		collect_link(&c, &l[i]);
	for (i = 0; i < w->hosts.n; i++)
		collect_host(&c, &h[i]);
	collect_world(&c, w);
	return c.no_memory ? -ENOMEM : 0;
}

/* --- looking things up --------------------------------------------------------------------------- */

static bool link_field(const char *field, enum unit *unit)
{
	size_t i;

	for (i = 0; i < NR_LINK_FIELDS; i++) {
		if (strcmp(link_fields[i].name, field))
			continue;
		*unit = link_fields[i].unit;
		return true;
	}
	return false;
}

static bool host_field(const char *field, enum unit *unit)
{
	size_t i;

	*unit = UNIT_TIME;
	for (i = 0; i < NR_CPU_FIELDS; i++)
		if (!strcmp(cpu_fields[i], field))
			return true;
	*unit = UNIT_COUNT;
	return isupper((unsigned char)field[0]);
}

static bool world_field(const char *field, enum unit *unit)
{
	*unit = !strcmp(field, "time") ? UNIT_TIME :
		!strcmp(field, "bytes") ? UNIT_BYTES : UNIT_COUNT;
	return *unit != UNIT_COUNT || !strcmp(field, "frames") ||
	       !strcmp(field, "events");
}

bool report_field(enum entry_kind kind, const char *field, enum unit *unit)
{
	switch (kind) {
	case ENTRY_PROGRAM:
		break;
	case ENTRY_LINK:
	case ENTRY_DIRECTION:
		return link_field(field, unit);
	case ENTRY_HOST:
		return host_field(field, unit);
	case ENTRY_WORLD:
		return world_field(field, unit);
	}
	return false;
}

const struct value *entry_value(const struct entry *e, const char *field)
{
	const struct value *v = e->values.items;
	size_t i;

	for (i = 0; i < e->values.n; i++)
		if (!strcmp(v[i].field, field))
			return &v[i];
	return NULL;
}

const struct value *report_find(const struct report *r, const char *metric)
{
	const char *dot = strrchr(metric, '.');
	const struct entry *e = r->entries.items;
	size_t i;

	for (i = 0; dot && i < r->entries.n; i++)
		if (strlen(e[i].name) == (size_t)(dot - metric) &&
		    !memcmp(e[i].name, metric, (size_t)(dot - metric)))
			return entry_value(&e[i], dot + 1);
	return NULL;
}
