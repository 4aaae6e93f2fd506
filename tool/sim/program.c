/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kinds of programs, their arguments and what they tell: tables. A kind lists
 * names of both; what a name means is the same for all kinds.
 */
#include "program.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct program_kind *const program_kinds[] = {
	&prog_bulk, &prog_sink, &prog_fetch, &prog_source, &prog_rr,
	&prog_echo, &prog_storm, &prog_ping, &prog_udp, &prog_udp_sink,
	&prog_burn, NULL,
};

const struct program_kind *program_find(const char *name)
{
	size_t i;

	for (i = 0; program_kinds[i]; i++)
		if (!strcmp(program_kinds[i]->name, name))
			return program_kinds[i];
	return NULL;
}

/* Is `name` one of the words of `list`? */
static bool listed(const char *list, const char *name)
{
	size_t len = strlen(name), n;

	for (; list && *list; list += n + strspn(list + n, " ")) {
		n = strcspn(list, " ");
		if (n == len && !memcmp(list, name, n))
			return true;
	}
	return false;
}

/* --- arguments ----------------------------------------------------------------------- */

struct arg {
	const char *name;
	enum unit unit;
	size_t offset;
	uint64_t min, max;
	const char *allowed;	/* NULL: any amount of the unit */
};

#define AT(field)	offsetof(struct program_args, field)
#define ANY		1, INT64_MAX, NULL

static const struct arg args[] = {
	{ "port", UNIT_COUNT, AT(port), 1, 65535, "a number from 1 to 65535" },
	{ "start", UNIT_TIME, AT(start_ns), 0, INT64_MAX / 4, NULL },
	{ "for", UNIT_TIME, AT(for_ns), 1, INT64_MAX / 4, NULL },
	{ "bytes", UNIT_BYTES, AT(bytes), ANY },
	{ "count", UNIT_COUNT, AT(count), ANY },
	{ "conns", UNIT_COUNT, AT(count), ANY },
	{ "size", UNIT_BYTES, AT(size), 1, 1 << 20, "1 to 1M bytes" },
	{ "payload", UNIT_BYTES, AT(size), 16, 65000, "16 to 65000 bytes" },
	{ "flows", UNIT_COUNT, AT(flows), 1, 10000, "a number from 1 to 10000" },
	{ "in-flight", UNIT_COUNT, AT(flows), 1, 10000,
	  "a number from 1 to 10000" },
	{ "interval", UNIT_TIME, AT(interval_ns), 1000, INT64_MAX / 4,
	  "a time of at least 1us: 100ms" },
	{ "wait", UNIT_TIME, AT(wait_ns), 0, INT64_MAX / 4, NULL },
};

static int set_rate(struct program_args *a, const char *value)
{
	uint64_t v;

	if (amount_parse(value, UNIT_PER_SECOND, &v) || !v || v > 1000000000)
		return -EINVAL;
	a->interval_ns = 1000000000 / v;
	return 0;
}

static int set_amount(const struct arg *g, struct program_args *a,
		      const char *value)
{
	uint64_t v;

	if (!value || amount_parse(value, g->unit, &v) || v < g->min ||
	    v > g->max)
		return -EINVAL;
	memcpy((char *)a + g->offset, &v, sizeof(v));
	return 0;
}

int program_set(const struct program_kind *k, struct program_args *a, char **w,
		const char **allowed)
{
	size_t i;

	if (!listed(k->accepts, w[0]))
		return 0;
	if (!strcmp(w[0], "to") || !strcmp(w[0], "from")) {
		*allowed = "an IPv4 address: 10.0.0.2";
		return w[1] && inet_pton(AF_INET, w[1], &a->to) == 1 ? 2 : -1;
	}
	if (!strcmp(w[0], "rate")) {
		*allowed = "datagrams per second, at most 1000000000: 1000pps";
		return w[1] && !set_rate(a, w[1]) ? 2 : -1;
	}
	for (i = 0; i < sizeof(args) / sizeof(args[0]); i++) {
		if (strcmp(args[i].name, w[0]))
			continue;
		*allowed = args[i].allowed ? args[i].allowed :
			   amount_allowed(args[i].unit);
		return set_amount(&args[i], a, w[1]) ? -1 : 2;
	}
	return 0;
}

const char *program_missing(const struct program_kind *k, char **w, size_t n,
			    char *name, size_t room)
{
	const char *p = k->needs;
	size_t len, i;

	for (; p && *p; p += len + strspn(p + len, " ")) {
		len = strcspn(p, " ");
		snprintf(name, room, "%.*s", (int)len, p);
		for (i = 0; i < n && strcmp(w[i], name); i++)
			;
		if (i == n)
			return name;
	}
	return NULL;
}

/* --- what they tell -------------------------------------------------------------------- */

struct field {
	const char *name;
	enum unit unit;
	bool (*get)(struct program *p, uint64_t *v);
};

static uint64_t elapsed(const struct program *p)
{
	return p->end > p->begin ? (uint64_t)(p->end - p->begin) : 0;
}

static bool get_bytes(struct program *p, uint64_t *v)
{
	*v = p->bytes;
	return true;
}

static bool get_time(struct program *p, uint64_t *v)
{
	*v = elapsed(p);
	return p->begin != 0;
}

static bool get_rate(struct program *p, uint64_t *v)
{
	*v = amount_scale(p->bytes, 8000000000ull, elapsed(p));
	return elapsed(p) != 0;
}

static bool get_per_second(struct program *p, uint64_t *v)
{
	*v = amount_scale(p->done, 1000000000, elapsed(p));
	return elapsed(p) != 0;
}

static bool get_sent(struct program *p, uint64_t *v)
{
	*v = p->sent;
	return true;
}

static bool get_received(struct program *p, uint64_t *v)
{
	*v = p->received;
	return true;
}

static bool get_lost(struct program *p, uint64_t *v)
{
	*v = p->sent > p->received ? p->sent - p->received : 0;
	return true;
}

static bool get_done(struct program *p, uint64_t *v)
{
	*v = p->done;
	return true;
}

static bool get_errors(struct program *p, uint64_t *v)
{
	*v = p->errors;
	return true;
}

static bool get_running(struct program *p, uint64_t *v)
{
	*v = p->nr_tasks - p->finished;
	return true;
}

static bool get_share(struct program *p, uint64_t *v)
{
	*v = amount_scale(p->busy_ns, 1000000, elapsed(p));
	return elapsed(p) != 0;
}

static bool get_cpu(struct program *p, uint64_t *v)
{
	uint64_t i;

	*v = 0;
	for (i = 0; p->tasks && i < p->nr_tasks; i++)
		if (p->tasks[i])
			*v += weir_sim_task_cpu_ns(p->tasks[i]);
	return p->tasks != NULL;
}

static const struct field fields[] = {
	{ "bytes", UNIT_BYTES, get_bytes },
	{ "rate", UNIT_RATE, get_rate },
	{ "time", UNIT_TIME, get_time },
	{ "count", UNIT_COUNT, get_done },
	{ "per_second", UNIT_PER_SECOND, get_per_second },
	{ "sent", UNIT_COUNT, get_sent },
	{ "received", UNIT_COUNT, get_received },
	{ "lost", UNIT_COUNT, get_lost },
	{ "share", UNIT_SHARE, get_share },
	{ "errors", UNIT_COUNT, get_errors },
	{ "running", UNIT_COUNT, get_running },
	{ "cpu", UNIT_TIME, get_cpu },
};

static const struct field *find_field(const struct program_kind *k,
				      const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (!strcmp(fields[i].name, name))
			return listed(k->fields, name) ||
			       listed("errors running cpu", name) ?
			       &fields[i] : NULL;
	return NULL;
}

/* --- times ---------------------------------------------------------------------------- */

static const struct {
	const char *name;
	int permille;		/* < 0: the average */
} quantiles[] = {
	{ "min", 0 }, { "avg", -1 }, { "p50", 500 }, { "p90", 900 },
	{ "p99", 990 }, { "max", 1000 },
};
#define NR_QUANTILES	(sizeof(quantiles) / sizeof(quantiles[0]))

int program_sample(struct samples *s, uint64_t ns)
{
	size_t room = s->room ? 2 * s->room : 256;
	uint64_t *more;

	if (s->n == s->room) {
		more = reallocarray(s->ns, room, sizeof(*more));
		if (!more)
			return -ENOMEM;
		s->ns = more;
		s->room = room;
	}
	s->ns[s->n++] = ns;
	s->sum += ns;
	s->sorted = false;
	return 0;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The smallest sample that at least so many of 1000 are not above. */
static uint64_t quantile(struct samples *s, int permille)
{
	size_t rank;

	if (permille < 0)
		return s->sum / s->n;
	if (!s->sorted)
		qsort(s->ns, s->n, sizeof(*s->ns), by_value);
	s->sorted = true;
	rank = (s->n * (size_t)permille + 999) / 1000;
	return s->ns[rank ? rank - 1 : 0];
}

/* Index of the quantile that "rtt_avg" names if times are "rtt"; -1: none. */
static int find_quantile(const struct program_kind *k, const char *name)
{
	size_t len = k->times ? strlen(k->times) : 0, i;

	if (!len || strncmp(name, k->times, len) || name[len] != '_')
		return -1;
	for (i = 0; i < NR_QUANTILES; i++)
		if (!strcmp(quantiles[i].name, name + len + 1))
			return (int)i;
	return -1;
}

bool program_field(const struct program_kind *k, const char *name,
		   enum unit *unit)
{
	const struct field *f = find_field(k, name);

	if (f)
		*unit = f->unit;
	else if (find_quantile(k, name) >= 0)
		*unit = UNIT_TIME;
	else
		return false;
	return true;
}

bool program_value(struct program *p, const char *name, uint64_t *v)
{
	const struct field *f = find_field(p->kind, name);
	int q;

	if (f)
		return f->get(p, v);
	q = find_quantile(p->kind, name);
	if (q < 0 || !p->times.n)
		return false;
	*v = quantile(&p->times, quantiles[q].permille);
	return true;
}

void program_each_field(const struct program_kind *k,
			void (*fn)(void *arg, const char *field,
				   enum unit unit), void *arg)
{
	char name[32];
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (find_field(k, fields[i].name))
			fn(arg, fields[i].name, fields[i].unit);
	for (i = 0; k->times && i < NR_QUANTILES; i++) {
		snprintf(name, sizeof(name), "%s_%s", k->times,
			 quantiles[i].name);
		fn(arg, name, UNIT_TIME);
	}
}
