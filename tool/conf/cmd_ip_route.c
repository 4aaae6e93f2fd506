/* SPDX-License-Identifier: BSD-2-Clause */
/* ip route add|replace|change|del|show: argv[1] is the word behind `route`. */
#include "commands.h"

#include <stddef.h>
#include <string.h>

enum word_kind { W_TEXT, W_NUMBER, W_MTU, W_MS, W_FLAG, W_ECN, W_IGNORED };

/* Words of a route and where they go in struct weir_route. */
static const struct {
	const char *name;
	enum word_kind kind;
	size_t at;
} words[] = {
	{ "to", W_TEXT, offsetof(struct weir_route, dst) },
	{ "via", W_TEXT, offsetof(struct weir_route, via) },
	{ "dev", W_TEXT, offsetof(struct weir_route, dev) },
	{ "src", W_TEXT, offsetof(struct weir_route, src) },
	{ "congctl", W_TEXT, offsetof(struct weir_route, congctl) },
	{ "metric", W_NUMBER, offsetof(struct weir_route, metric) },
	{ "priority", W_NUMBER, offsetof(struct weir_route, metric) },
	{ "preference", W_NUMBER, offsetof(struct weir_route, metric) },
	{ "mtu", W_MTU, offsetof(struct weir_route, mtu) },
	{ "advmss", W_NUMBER, offsetof(struct weir_route, advmss) },
	{ "window", W_NUMBER, offsetof(struct weir_route, window) },
	{ "initcwnd", W_NUMBER, offsetof(struct weir_route, initcwnd) },
	{ "initrwnd", W_NUMBER, offsetof(struct weir_route, initrwnd) },
	{ "hoplimit", W_NUMBER, offsetof(struct weir_route, hoplimit) },
	{ "quickack", W_NUMBER, offsetof(struct weir_route, quickack) },
	{ "rto_min", W_MS, offsetof(struct weir_route, rto_min_ms) },
	{ "features", W_ECN, offsetof(struct weir_route, ecn) },
	{ "onlink", W_FLAG, offsetof(struct weir_route, onlink) },
	{ "proto", W_IGNORED, 0 },
	{ "scope", W_IGNORED, 0 },	/* follows from the rest */
};

static int bad_value(struct cmd *c, const char *word, const char *value)
{
	return cmd_fail(c, ST_USAGE, "route: \"%s\" value is invalid: \"%s\"",
			word, value);
}

/* The value at argv[*i] of words[k]; *i moves behind it. */
static int take_value(struct cmd *c, struct weir_route *r, size_t k, int *i)
{
	void *at = (char *)r + words[k].at;
	const char *value;
	bool ok = true;

	if (words[k].kind == W_FLAG) {
		*(int *)at = 1;
		return ST_OK;
	}
	if (*i < c->argc && !strcmp(c->argv[*i], "lock")) {
		if (words[k].kind != W_MTU && words[k].kind != W_MS &&
		    strcmp(words[k].name, "congctl"))
			return cmd_fail(c, ST_USAGE, "route: \"%s\" cannot be "
					"locked", words[k].name);
		r->mtu_lock |= words[k].kind == W_MTU;
		++*i;
	}
	if (*i >= c->argc)
		return cmd_fail(c, ST_USAGE, "route: \"%s\" needs a value",
				words[k].name);
	value = c->argv[(*i)++];
	if (words[k].kind == W_TEXT)
		*(const char **)at = value;
	else if (words[k].kind == W_NUMBER || words[k].kind == W_MTU)
		ok = parse_u32(value, at);
	else if (words[k].kind == W_MS)
		ok = parse_ms(value, at);
	else if (words[k].kind == W_ECN)
		ok = (*(int *)at = !strcmp(value, "ecn"));
	return ok ? ST_OK : bad_value(c, words[k].name, value);
}

/* "table main" is the only one. */
static int take_table(struct cmd *c, int *i)
{
	const char *table = *i < c->argc ? c->argv[(*i)++] : "";

	if (!strcmp(table, "main") || !strcmp(table, "254"))
		return ST_OK;
	return cmd_fail(c, ST_USAGE, "route: table \"%s\": only main is there",
			table);
}

static int take_type(struct cmd *c, struct weir_route *r, int *i)
{
	static const char *const types[] = { "unicast", "blackhole",
					     "unreachable", "prohibit" };
	size_t k;

	for (k = 0; k < sizeof(types) / sizeof(types[0]); k++)
		if (*i < c->argc && !strcmp(c->argv[*i], types[k])) {
			r->type = types[k];
			++*i;
			return 1;
		}
	return 0;
}

static int take_word(struct cmd *c, struct weir_route *r, int *i)
{
	const char *word = c->argv[*i];
	size_t k;

	for (k = 0; k < sizeof(words) / sizeof(words[0]); k++)
		if (!strcmp(word, words[k].name)) {
			++*i;
			return take_value(c, r, k, i);
		}
	if (!strcmp(word, "table")) {
		++*i;
		return take_table(c, i);
	}
	if (!r->dst) {
		r->dst = word;
		++*i;
		return ST_OK;
	}
	return cmd_fail(c, ST_USAGE, "route: \"%s\" is not there; there are "
			"via, dev, src, metric, onlink, mtu [lock], advmss, "
			"window, initcwnd, initrwnd, hoplimit, rto_min, "
			"quickack, congctl, features ecn", word);
}

static int change(struct cmd *c, enum weir_route_op op)
{
	struct weir_route r = { .dst = NULL };
	int i = 2, status = ST_OK;
	char err[256];

	take_type(c, &r, &i);
	while (i < c->argc && !status)
		status = take_word(c, &r, &i);
	if (status)
		return status;
	if (!r.dst)
		return cmd_fail(c, ST_USAGE, "route: a destination is needed");
	if (weir_route(c->conf->o.w, op, &r, err, sizeof(err)))
		return cmd_fail(c, ST_USAGE, "route: %s", err);
	return ST_OK;
}

static int show(struct cmd *c)
{
	const char *text = conf_view(c->conf, "ip/route");

	if (c->argc > 2)
		return cmd_fail(c, ST_USAGE, "route show: \"%s\": nothing can "
				"be selected", c->argv[2]);
	sink_add(&c->io->out, text, strlen(text));
	return ST_OK;
}

int cmd_ip_route(struct cmd *c)
{
	static const struct {
		const char *name;
		enum weir_route_op op;
	} ops[] = {
		{ "add", WEIR_ROUTE_ADD },
		{ "replace", WEIR_ROUTE_REPLACE },
		{ "change", WEIR_ROUTE_CHANGE },
		{ "delete", WEIR_ROUTE_DEL },
	};
	const char *op = c->argc > 1 ? c->argv[1] : "show";
	size_t k;

	c->argv[0] = "ip";
	for (k = 0; k < sizeof(ops) / sizeof(ops[0]); k++)
		if (word_is(op, ops[k].name))
			return change(c, ops[k].op);
	if (word_is(op, "show") || word_is(op, "list"))
		return show(c);
	return cmd_fail(c, ST_FAIL, "route: \"%s\" is unknown; there are add, "
			"replace, change, del, show", op);
}
