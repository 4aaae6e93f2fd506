/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ip [-4] [-o] addr | link | neigh | route | tcp_metrics: words as iproute2
 * takes them. Other options only shape output and are taken without effect.
 */
#include "commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool word_is(const char *word, const char *full)
{
	return *word && !strncmp(word, full, strlen(word));
}

bool parse_u32(const char *text, uint32_t *v)
{
	unsigned long long n;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	n = strtoull(text, &end, 0);
	*v = (uint32_t)n;
	return !*end && n <= UINT32_MAX;
}

bool parse_ms(const char *text, uint32_t *ms)
{
	char *end;
	double v = strtod(text, &end);

	if (end == text || v < 0)
		return false;
	if (!strcmp(end, "s") || !strcmp(end, "sec") || !strcmp(end, "secs"))
		v *= 1000;
	else if (!strcmp(end, "us"))
		v /= 1000;
	else if (*end && strncmp(end, "ms", 2))
		return false;
	*ms = (uint32_t)v;
	return v <= UINT32_MAX;
}

/* Lines of a view that have all of these words; NULL words do not count. */
static int show_lines(struct cmd *c, const char *view, const char *dev)
{
	const char *s = conf_view(c->conf, view), *end;
	char word[64];

	snprintf(word, sizeof(word), " %s", dev ? dev : "");
	for (; s && *s; s = end + (*end != '\0')) {
		const char *at;

		end = s + strcspn(s, "\n");
		at = strstr(s, word);
		if (dev && (!at || at > end ||
			    !strchr(" :\n", at[strlen(word)])))
			continue;
		cmd_out(c, "%.*s\n", (int)(end - s), s);
	}
	return ST_OK;
}

static int failed(struct cmd *c, const char *err)
{
	return cmd_fail(c, ST_USAGE, "%s", err);
}

/* Value of `name` among the words from i on; NULL: not there. */
static const char *word_after(struct cmd *c, int i, const char *name)
{
	for (; i + 1 < c->argc; i++)
		if (!strcmp(c->argv[i], name))
			return c->argv[i + 1];
	return NULL;
}

/* --- ip addr ------------------------------------------------------------------------ */

static int addr_change(struct cmd *c, int i, bool add)
{
	const char *cidr = NULL, *dev = NULL;
	char err[256];
	int ret;

	for (; i < c->argc; i++) {
		if (!strcmp(c->argv[i], "dev") && i + 1 < c->argc)
			dev = c->argv[++i];
		else if ((!strcmp(c->argv[i], "brd") ||
			  !strcmp(c->argv[i], "broadcast") ||
			  !strcmp(c->argv[i], "scope")) && i + 1 < c->argc)
			i++;		/* follow from the prefix */
		else if (!cidr)
			cidr = c->argv[i];
		else
			return cmd_fail(c, ST_USAGE, "garbage instead of "
					"arguments \"%s\"", c->argv[i]);
	}
	if (!cidr || !dev)
		return cmd_fail(c, ST_USAGE, "addr: ADDRESS/LEN dev DEVICE is "
				"needed");
	ret = add ? weir_addr_add(c->conf->o.w, dev, cidr, err, sizeof(err))
		  : weir_addr_del(c->conf->o.w, dev, cidr, err, sizeof(err));
	return ret ? failed(c, err) : ST_OK;
}

static int ip_addr(struct cmd *c, int i)
{
	const char *op = i < c->argc ? c->argv[i] : "show";

	if (word_is(op, "add"))
		return addr_change(c, i + 1, true);
	if (word_is(op, "del") || word_is(op, "delete"))
		return addr_change(c, i + 1, false);
	if (word_is(op, "show") || word_is(op, "list"))
		return show_lines(c, "ip/addr", i + 2 == c->argc ?
				  c->argv[i + 1] : word_after(c, i, "dev"));
	return cmd_fail(c, ST_FAIL, "addr: \"%s\" is unknown; there are add, "
			"del, show", op);
}

/* --- ip link ------------------------------------------------------------------------- */

/* One property at argv[*i]; *i moves behind it. */
static int link_word(struct cmd *c, const char *dev, int *i)
{
	static const char *const keys[] = { "mtu", "txqueuelen", "qlen",
					    "gso_max_size", "gso_max_segs",
					    "address", "promisc",
					    "allmulticast" };
	const char *word = c->argv[*i], *value = word;
	const char *key = NULL;
	char err[256];
	size_t k;

	if (!strcmp(word, "up") || !strcmp(word, "down"))
		key = "state";
	for (k = 0; k < sizeof(keys) / sizeof(keys[0]) && !key; k++)
		if (!strcmp(word, keys[k])) {
			key = strcmp(word, "qlen") ? keys[k] : "txqueuelen";
			if (*i + 1 >= c->argc)
				return cmd_fail(c, ST_USAGE, "link: \"%s\" "
						"needs a value", word);
			value = c->argv[++*i];
		}
	if (!key)
		return cmd_fail(c, ST_USAGE, "link: \"%s\" is unknown; there "
				"are up, down, mtu, txqueuelen, gso_max_size, "
				"gso_max_segs, address, promisc, allmulticast",
				word);
	++*i;
	if (weir_link_set(c->conf->o.w, dev, key, value, err, sizeof(err)))
		return failed(c, err);
	return ST_OK;
}

static int link_set(struct cmd *c, int i)
{
	const char *dev;
	int status = ST_OK;

	i += i < c->argc && !strcmp(c->argv[i], "dev");
	if (i >= c->argc)
		return cmd_fail(c, ST_USAGE, "link set: a device is needed");
	dev = c->argv[i++];
	while (i < c->argc && !status)
		status = link_word(c, dev, &i);
	return status;
}

static int ip_link(struct cmd *c, int i)
{
	const char *op = i < c->argc ? c->argv[i] : "show";

	if (word_is(op, "set"))
		return link_set(c, i + 1);
	if (word_is(op, "show") || word_is(op, "list"))
		return show_lines(c, "ip/link", i + 2 == c->argc ?
				  c->argv[i + 1] : word_after(c, i, "dev"));
	return cmd_fail(c, ST_FAIL, "link: \"%s\" is unknown; there are set, "
			"show", op);
}

/* --- ip neigh, ip tcp_metrics ---------------------------------------------------------- */

static int neigh_change(struct cmd *c, int i, bool add)
{
	const char *addr = i < c->argc ? c->argv[i] : NULL;
	const char *dev = word_after(c, i, "dev");
	const char *mac = word_after(c, i, "lladdr");
	char err[256];

	if (!addr || !dev || (add && !mac))
		return cmd_fail(c, ST_USAGE, "neigh: ADDRESS %sdev DEVICE is "
				"needed", add ? "lladdr MAC " : "");
	if (weir_neigh_set(c->conf->o.w, dev, addr, add ? mac : NULL, err,
			   sizeof(err)))
		return failed(c, err);
	return ST_OK;
}

static int ip_neigh(struct cmd *c, int i)
{
	const char *op = i < c->argc ? c->argv[i] : "show";
	const char *dev = word_after(c, i, "dev");

	if (word_is(op, "add") || word_is(op, "replace") ||
	    word_is(op, "change"))
		return neigh_change(c, i + 1, true);
	if (word_is(op, "del") || word_is(op, "delete"))
		return neigh_change(c, i + 1, false);
	if (word_is(op, "flush")) {
		if (weir_neigh_flush(c->conf->o.w, dev))
			return cmd_fail(c, ST_FAIL, "Cannot find device \"%s\"",
					dev ? dev : "");
		return ST_OK;
	}
	if (word_is(op, "show") || word_is(op, "list"))
		return show_lines(c, "ip/neigh", dev);
	return cmd_fail(c, ST_FAIL, "neigh: \"%s\" is unknown; there are add, "
			"replace, change, del, flush, show", op);
}

static int ip_tcp_metrics(struct cmd *c, int i)
{
	const char *op = i < c->argc ? c->argv[i] : "show";

	if (!word_is(op, "flush"))
		return cmd_fail(c, ST_FAIL, "tcp_metrics: \"%s\" is not there; "
				"there is flush", op);
	if (i + 1 < c->argc && strcmp(c->argv[i + 1], "all"))
		return cmd_fail(c, ST_FAIL, "tcp_metrics flush: only all of "
				"them can go");
	weir_tcp_metrics_flush(c->conf->o.w);
	return ST_OK;
}

static int ip_route_words(struct cmd *c, int i)
{
	struct cmd rest = { c->conf, c->argc - i + 1, c->argv + i - 1, c->io };

	return cmd_ip_route(&rest);
}

static const struct {
	const char *name, *least;	/* least: as short as it may be */
	int (*run)(struct cmd *c, int i);
} objects[] = {
	{ "address", "a", ip_addr },
	{ "link", "l", ip_link },
	{ "neighbour", "n", ip_neigh },
	{ "neighbor", "n", ip_neigh },
	{ "neigh", "n", ip_neigh },
	{ "route", "r", ip_route_words },
	{ "tcp_metrics", "tcp", ip_tcp_metrics },
	{ "tcpmetrics", "tcp", ip_tcp_metrics },
};

int cmd_ip(struct cmd *c)
{
	const char *object;
	size_t k;
	int i;

	for (i = 1; i < c->argc && c->argv[i][0] == '-'; i++)
		if (!strcmp(c->argv[i], "-6"))
			return cmd_fail(c, ST_FAIL, "IPv6 is not in this stack");
	object = i < c->argc ? c->argv[i] : "";
	for (k = 0; k < sizeof(objects) / sizeof(objects[0]); k++)
		if (word_is(object, objects[k].name) &&
		    !strncmp(object, objects[k].least,
			     strlen(objects[k].least)))
			return objects[k].run(c, i + 1);
	return cmd_fail(c, ST_FAIL, "Object \"%s\" is unknown; there are addr, "
			"link, neigh, route, tcp_metrics", object);
}
