/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Everything that can be wrong with a request is found before the program
 * starts: first by looking at the words, then by building such a stack here
 * for a moment.
 */
#include "run.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <weir/weir.h>

/* "10.0.0.1/24": 0, host byte order. -1: said why. */
static int parse_cidr(const struct command *c, const char *text,
		      uint32_t *addr, uint32_t *mask)
{
	const char *slash = strchr(text, '/');
	char host[INET_ADDRSTRLEN], *end;
	struct in_addr in;
	long bits;

	if (!slash) {
		tool_fail(c, 0, "--addr %s: no prefix length; write %s/24 for a "
			  "network of 256 addresses", text, text);
		return -1;
	}
	bits = strtol(slash + 1, &end, 10);
	if (slash - text >= (long)sizeof(host) || !slash[1] || *end ||
	    bits < 0 || bits > 32)
		goto not_an_address;
	memcpy(host, text, (size_t)(slash - text));
	host[slash - text] = '\0';
	if (inet_pton(AF_INET, host, &in) != 1)
		goto not_an_address;
	*addr = ntohl(in.s_addr);
	*mask = bits ? ~0u << (32 - bits) : 0;
	return 0;

not_an_address:
	tool_fail(c, 0, "--addr %s: not an IPv4 address with prefix length, "
		  "such as 10.0.0.1/24", text);
	return -1;
}

static int check_addrs(const struct run_request *r)
{
	uint32_t addr, mask, gw = 0;
	bool on_link = false;
	struct in_addr in;
	int i;

	if (r->nr_addrs > r->nr_links)
		return tool_fail(r->command, EXIT_USAGE, "--addr %s: no link "
				 "for it; give one --link before each --addr, "
				 "such as --link wire:lab",
				 r->addr[r->nr_addrs - 1]);
	if (r->gw && inet_pton(AF_INET, r->gw, &in) != 1)
		return tool_fail(r->command, EXIT_USAGE,
				 "--gw %s: not an IPv4 address", r->gw);
	if (r->gw)
		gw = ntohl(in.s_addr);
	for (i = 0; i < r->nr_addrs; i++) {
		if (parse_cidr(r->command, r->addr[i], &addr, &mask))
			return EXIT_USAGE;
		if ((addr & mask) == (gw & mask))
			on_link = true;
	}
	if (r->gw && !on_link)
		return tool_fail(r->command, EXIT_USAGE, "--gw %s: on none of "
				 "the networks given with --addr", r->gw);
	return EXIT_OK;
}

/* "on" or "off"; NULL: neither. */
static const char *feature_value(const char *text)
{
	const char *v = strchr(text, '=');

	return v && (!strcmp(v, "=on") || !strcmp(v, "=off")) ? v + 1 : NULL;
}

static int check_words(const struct run_request *r)
{
	int i;

	for (i = 0; i < r->nr_links; i++)
		if ((strncmp(r->link[i], "wire:", 5) &&
		     strncmp(r->link[i], "tap:", 4)) ||
		    !strchr(r->link[i], ':')[1])
			return tool_fail(r->command, EXIT_USAGE, "--link %s: "
					 "no such link; there are wire:NAME "
					 "(a segment shared by weir programs) "
					 "and tap:NAME (a device of the host)",
					 r->link[i]);
	for (i = 0; i < r->nr_sets; i++)
		if (!strchr(r->set[i], '='))
			return tool_fail(r->command, EXIT_USAGE,
					 "--set %s: no value; write %s=VALUE",
					 r->set[i], r->set[i]);
	for (i = 0; i < r->nr_features; i++)
		if (!feature_value(r->feature[i]))
			return tool_fail(r->command, EXIT_USAGE, "--feature %s: "
					 "write NAME=on or NAME=off",
					 r->feature[i]);
	return check_addrs(r);
}

/* --- trying it ---------------------------------------------------------------- */

static int try_links(const struct run_request *r, struct weir *w, char *err,
		     size_t room)
{
	char dev[16];
	int i, ret;

	for (i = 0; i < r->nr_links; i++) {
		ret = weir_link_add(w, r->link[i], err, room);
		if (ret < 0)
			return ret;
		snprintf(dev, sizeof(dev), "eth%d", i);
		ret = i < r->nr_addrs ?
		      weir_addr_add(w, dev, r->addr[i], err, room) : 0;
		if (ret)
			return ret;
	}
	return 0;
}

/* What is before the "=". */
static const char *left_side(const char *text, char *name, size_t room)
{
	snprintf(name, room, "%.*s", (int)strcspn(text, "="), text);
	return name;
}

static int try_features(const struct run_request *r, struct weir *w, char *err,
			size_t room)
{
	char name[128], dev[16];
	int i, k, ret;

	for (i = 0; i < r->nr_links; i++) {
		snprintf(dev, sizeof(dev), "eth%d", i);
		for (k = 0; k < r->nr_features; k++) {
			left_side(r->feature[k], name, sizeof(name));
			ret = weir_feature_set(w, dev, name, !strcmp(
				feature_value(r->feature[k]), "on"), err, room);
			if (ret < 0)
				return ret;
		}
	}
	return 0;
}

static int try_sets(const struct run_request *r, struct weir *w, char *err,
		    size_t room)
{
	char name[128];
	int i, ret;

	for (i = 0; i < r->nr_sets; i++) {
		left_side(r->set[i], name, sizeof(name));
		ret = weir_sysctl_set(w, name, strchr(r->set[i], '=') + 1, err,
				      room);
		if (ret < 0)
			return ret;
	}
	return 0;
}

static int code_of(int ret)
{
	switch (ret) {
	case -EPERM:
	case -EACCES:
	case -ENODEV:
	case -ENXIO:
		return EXIT_ENVIRON;
	case -EINVAL:
	case -ENOENT:
		return EXIT_USAGE;
	default:
		return EXIT_REFUSED;
	}
}

int run_check(const struct run_request *r)
{
	int ret = check_words(r);
	char err[256] = "";
	struct weir *w;

	if (ret || (!r->nr_links && !r->nr_sets))
		return ret;
	w = weir_create(NULL, err, sizeof(err));
	if (!w)
		return tool_fail(r->command, EXIT_REFUSED, "%s", err);
	ret = try_links(r, w, err, sizeof(err));
	if (!ret)
		ret = try_features(r, w, err, sizeof(err));
	if (!ret)
		ret = try_sets(r, w, err, sizeof(err));
	if (!ret && r->gw)
		ret = weir_route_add(w, "default", r->gw, NULL, err,
				     sizeof(err));
	weir_destroy(w);
	return ret ? tool_fail(r->command, code_of(ret), "%s", err) : EXIT_OK;
}
