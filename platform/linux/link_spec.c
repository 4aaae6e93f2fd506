/* SPDX-License-Identifier: BSD-2-Clause */
/* Parsing of link and address texts, with errors that name the word. */
#include "platform/linux/link_spec.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

static int parse_mac(const char *text, u8 mac[6])
{
	unsigned int b[6];
	int i, used = 0;

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2],
		   &b[3], &b[4], &b[5], &used) != 6 || text[used])
		return -EINVAL;
	for (i = 0; i < 6; i++)
		mac[i] = (u8)b[i];
	return mac[0] & 1 ? -EINVAL : 0;	/* a group address */
}

static int parse_u32(const char *text, u32 lo, u32 hi, u32 *out)
{
	unsigned long v;
	char *end;

	errno = 0;
	v = strtoul(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || v < lo || v > hi)
		return -EINVAL;
	*out = (u32)v;
	return 0;
}

static int parse_impairment(struct link_spec *s, const char *key,
			    const char *val)
{
	static const char *const keys[] = { "loss", "reorder", "dup", "corrupt",
					    "seed" };
	char option[64];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		if (strcmp(key, keys[i]))
			continue;
		snprintf(option, sizeof(option), "%s=%s", key, val);
		return impair_parse(&s->impair, option);
	}
	return -ENOENT;
}

static int parse_option(struct link_spec *s, const char *key, const char *val)
{
	if (!strcmp(key, "mac")) {
		s->has_mac = true;
		return parse_mac(val, s->mac);
	}
	if (!strcmp(key, "mtu"))
		return parse_u32(val, 68, 9216, &s->mtu);
	if (!strcmp(key, "queues"))
		return parse_u32(val, 1, 8, &s->queues);
	return parse_impairment(s, key, val);
}

static int parse_options(struct link_spec *s, char *text, char *err,
			 size_t errlen)
{
	char *word, *save = NULL, *eq;
	int ret;

	for (word = strtok_r(text, ",", &save); word;
	     word = strtok_r(NULL, ",", &save)) {
		eq = strchr(word, '=');
		if (eq)
			*eq++ = '\0';
		ret = eq ? parse_option(s, word, eq) : -EINVAL;
		if (!ret)
			continue;
		if (ret == -ENOENT)
			snprintf(err, errlen, "link option \"%s\" is not known; "
				 "there are mac, mtu, queues, loss, reorder, "
				 "dup, corrupt, seed", word);
		else
			snprintf(err, errlen, "link option \"%s\": bad value "
				 "\"%s\"", word, eq ? eq : "");
		return -EINVAL;
	}
	return 0;
}

int link_spec_parse(struct link_spec *s, const char *text, char *err,
		    size_t errlen)
{
	char copy[512], *name, *options;

	memset(s, 0, sizeof(*s));
	if (strlen(text) >= sizeof(copy)) {
		snprintf(err, errlen, "link is too long");
		return -EINVAL;
	}
	strcpy(copy, text);
	name = strchr(copy, ':');
	if (name)
		*name++ = '\0';
	if (!name || (strcmp(copy, "wire") && strcmp(copy, "tap"))) {
		snprintf(err, errlen, "link \"%s\" is not known; use wire:NAME "
			 "or tap:NAME", text);
		return -EINVAL;
	}
	s->kind = copy[0] == 'w' ? LINK_WIRE : LINK_TAP;
	options = strchr(name, ',');
	if (options)
		*options++ = '\0';
	if (!*name || strlen(name) >= sizeof(s->name) ||
	    (s->kind == LINK_TAP && strlen(name) > 15)) {
		snprintf(err, errlen, "link name \"%s\" is empty or too long",
			 name);
		return -EINVAL;
	}
	strcpy(s->name, name);
	return options ? parse_options(s, options, err, errlen) : 0;
}

int cidr_parse(const char *text, __be32 *addr, u8 *plen)
{
	char copy[32], *slash;
	u32 len = 32;

	if (strlen(text) >= sizeof(copy))
		return -EINVAL;
	strcpy(copy, text);
	slash = strchr(copy, '/');
	if (slash) {
		*slash++ = '\0';
		if (parse_u32(slash, 0, 32, &len))
			return -EINVAL;
	}
	if (inet_pton(AF_INET, copy, addr) != 1)
		return -EINVAL;
	*plen = (u8)len;
	return 0;
}
