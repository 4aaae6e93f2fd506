/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nstat [-n] [-s] [-a] [-r] [-z] [PATTERN...]: counters of net/snmp and
 * net/netstat since the last time, as one line each. The last values are the
 * conf's. -n shows nothing, -s remembers nothing, -a shows what they are, -r
 * forgets what was, -z shows also those that did not move.
 */
#include "commands.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
	bool quiet, keep, absolute, reset, zeros;
};

static struct counter *counter_of(struct conf *c, const char *name)
{
	struct counter *grown;
	size_t i;

	for (i = 0; i < c->nr_seen; i++)
		if (!strcmp(c->seen[i].name, name))
			return &c->seen[i];
	if (c->nr_seen % 64 == 0) {
		grown = conf_alloc((c->nr_seen + 64) * sizeof(*grown));
		if (c->nr_seen)
			memcpy(grown, c->seen, c->nr_seen * sizeof(*grown));
		free(c->seen);
		c->seen = grown;
	}
	snprintf(c->seen[c->nr_seen].name, sizeof(c->seen[0].name), "%s", name);
	return &c->seen[c->nr_seen++];
}

static bool wanted(const struct cmd *c, int first, const char *name)
{
	int i;

	for (i = first; i < c->argc; i++)
		if (!fnmatch(c->argv[i], name, 0))
			return true;
	return first >= c->argc;
}

static void one(struct cmd *c, const struct options *o, int first,
		const char *name, uint64_t value)
{
	struct counter *last = counter_of(c->conf, name);
	uint64_t show = o->absolute || o->reset ? value : value - last->value;

	if (!o->keep)
		last->value = value;
	if (!o->quiet && (show || o->zeros) && wanted(c, first, name))
		cmd_out(c, "%-32s%-16llu%6.1f\n", name,
			(unsigned long long)show, 0.0);
}

/* Two lines: "Group: names" and "Group: values". */
static void group(struct cmd *c, const struct options *o, int first,
		  const char *names, const char *values)
{
	int prefix = (int)strcspn(names, ":");
	char name[48], *end;
	uint64_t v;
	int n;

	snprintf(name, sizeof(name), "%.*s", prefix, names);
	names += prefix + 1;
	values += strcspn(values, ":") + 1;
	while (*names == ' ') {
		n = (int)strcspn(++names, " \n");
		snprintf(name + prefix, sizeof(name) - (size_t)prefix, "%.*s",
			 n, names);
		v = (uint64_t)strtoll(values, &end, 10);
		one(c, o, first, name, v);
		names += n;
		values = end;
	}
}

static void view(struct cmd *c, const struct options *o, int first,
		 const char *name)
{
	const char *s = conf_view(c->conf, name), *values;

	while (s && *s) {
		values = s + strcspn(s, "\n");
		if (!*values)
			return;
		values++;
		group(c, o, first, s, values);
		s = values + strcspn(values, "\n");
		s += *s != '\0';
	}
}

int cmd_nstat(struct cmd *c)
{
	struct options o = { false };
	const char *p;
	int i;

	for (i = 1; i < c->argc && c->argv[i][0] == '-'; i++)
		for (p = c->argv[i] + 1; *p; p++) {
			o.quiet |= *p == 'n';
			o.keep |= *p == 's';
			o.absolute |= *p == 'a';
			o.reset |= *p == 'r';
			o.zeros |= *p == 'z';
			if (!strchr("nsarz", *p))
				return cmd_fail(c, ST_FAIL, "option -%c is not "
						"there; there are -n -s -a -r "
						"-z", *p);
		}
	if (!o.quiet)
		cmd_out(c, "#kernel\n");
	view(c, &o, i, "net/snmp");
	view(c, &o, i, "net/netstat");
	return ST_OK;
}
