/* SPDX-License-Identifier: BSD-2-Clause */
/* tc [-s] qdisc add|replace|change|del|show dev DEVICE root [KIND WORDS...] */
#include "commands.h"

#include <stdio.h>
#include <string.h>

/* The root discipline of dev as the view says it: its kind, and whether
 * somebody asked for it. False: no such device. */
static bool present(struct cmd *c, const char *dev, char kind[32], bool *asked)
{
	const char *s = conf_view(c->conf, "tc/qdisc");
	char name[64];
	unsigned int handle;

	for (; s && *s; s += strcspn(s, "\n"), s += *s != '\0')
		if (sscanf(s, "qdisc %31s %x: dev %63s", kind, &handle,
			   name) == 3 && !strcmp(name, dev)) {
			*asked = handle;
			return true;
		}
	return false;
}

static int show(struct cmd *c, const char *dev, bool stats)
{
	const char *s = conf_view(c->conf, "tc/qdisc");
	bool mine = true;
	char name[64];
	int n;

	for (; s && *s; s += n + (s[n] != '\0')) {
		n = (int)strcspn(s, "\n");
		if (*s != ' ')
			mine = !dev || (sscanf(s, "qdisc %*s %*s dev %63s",
					       name) == 1 &&
					!strcmp(name, dev));
		if (mine && (stats || *s != ' '))
			cmd_out(c, "%.*s\n", n, s);
	}
	return ST_OK;
}

/* The words behind `root` as one text. */
static const char *kind_words(struct cmd *c, int i)
{
	struct text t = { NULL, 0, 0 };
	const char *s;

	for (; i < c->argc; i++) {
		if (t.len)
			text_putc(&t, ' ');
		text_puts(&t, c->argv[i]);
	}
	s = arena_strdup(&c->conf->arena, text_str(&t));
	text_free(&t);
	return s;
}

static int set(struct cmd *c, const char *dev, const char *words)
{
	char err[256];

	if (weir_qdisc_set(c->conf->o.w, dev, words, err, sizeof(err)))
		return cmd_fail(c, ST_USAGE, "%s", err);
	return ST_OK;
}

/* Add wants none, change and del want one that was asked for. */
static int change(struct cmd *c, const char *op, const char *dev, int i)
{
	char kind[32];
	bool asked;

	if (!present(c, dev, kind, &asked))
		return cmd_fail(c, ST_FAIL, "Cannot find device \"%s\"", dev);
	if (word_is(op, "del") || word_is(op, "delete")) {
		if (!asked)
			return cmd_fail(c, ST_USAGE, "Cannot delete qdisc with "
					"handle of zero: %s has its default",
					dev);
		return set(c, dev, NULL);
	}
	if (i >= c->argc)
		return cmd_fail(c, ST_FAIL, "the kind of the queueing "
				"discipline is missing");
	if (word_is(op, "add") && asked)
		return cmd_fail(c, ST_USAGE, "Exclusivity flag on, cannot "
				"modify: %s has %s", dev, kind);
	if (word_is(op, "change") && (!asked || strcmp(kind, c->argv[i])))
		return cmd_fail(c, ST_USAGE, "qdisc not found: %s has %s", dev,
				kind);
	return set(c, dev, kind_words(c, i));
}

int cmd_tc(struct cmd *c)
{
	const char *op, *dev = NULL;
	bool stats = false;
	int i;

	for (i = 1; i < c->argc && c->argv[i][0] == '-'; i++)
		stats |= strchr(c->argv[i], 's') != NULL;
	if (i >= c->argc || !word_is(c->argv[i], "qdisc"))
		return cmd_fail(c, ST_FAIL, "Object \"%s\" is unknown; there "
				"is qdisc", i < c->argc ? c->argv[i] : "");
	op = ++i < c->argc ? c->argv[i++] : "show";
	if (i + 1 < c->argc && !strcmp(c->argv[i], "dev")) {
		dev = c->argv[i + 1];
		i += 2;
	}
	if (word_is(op, "show") || word_is(op, "list"))
		return show(c, dev, stats);
	if (!word_is(op, "add") && !word_is(op, "replace") &&
	    !word_is(op, "change") && !word_is(op, "delete"))
		return cmd_fail(c, ST_FAIL, "qdisc: \"%s\" is unknown; there "
				"are add, replace, change, del, show", op);
	if (!dev || i >= c->argc || strcmp(c->argv[i], "root"))
		return cmd_fail(c, ST_FAIL, "qdisc %s: dev DEVICE root is "
				"needed", op);
	i++;
	if (i + 1 < c->argc && !strcmp(c->argv[i], "handle"))
		i += 2;		/* handles are given by the stack */
	return change(c, op, dev, i);
}
