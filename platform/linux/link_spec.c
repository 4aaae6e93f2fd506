/* SPDX-License-Identifier: BSD-2-Clause */
/* Parsing of link texts, with errors that name the word. */
#include "platform/linux/link_spec.h"

#include <stdio.h>

#include "user/config_text.h"

static int parse_option(struct link_spec *s, const char *key, const char *val)
{
	if (!strcmp(key, "mac")) {
		s->has_mac = true;
		return mac_parse(val, s->mac) || s->mac[0] & 1 /* a group */ ?
		       -EINVAL : 0;
	}
	if (!strcmp(key, "mtu"))
		return u32_parse(val, 68, 9216, &s->mtu);
	if (!strcmp(key, "queues"))
		return u32_parse(val, 1, 8, &s->queues);
	if (!strcmp(key, "offload")) {
		s->plain = !strcmp(val, "off");
		return s->plain || !strcmp(val, "on") ? 0 : -EINVAL;
	}
	return fault_parse(&s->impair, key, val);
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
				 "there are mac, mtu, queues, offload, loss, "
				 "burst, mask, reorder, dup, corrupt, seed",
				 word);
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
