/* SPDX-License-Identifier: BSD-2-Clause */
/* Statements that make or change parts of the network: host, switch, link,
 * plug. What the words of a link mean is the world's to say. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "scene.h"

#define MAX_CPUS	64

/* --- hosts and switches ----------------------------------------------------------- */

static int host_option(struct reader *r, struct weir_sim_host_options *o,
		       const char *name, const char *value)
{
	unsigned int *to = !strcmp(name, "cpus") ? &o->cpus :
			   !strcmp(name, "rx-ring") ? &o->rx_ring :
			   !strcmp(name, "tx-ring") ? &o->tx_ring : NULL;
	uint64_t v, max = to == &o->cpus ? MAX_CPUS : 4096;

	if (to) {
		if (!value || amount_parse(value, UNIT_COUNT, &v) || !v ||
		    v > max)
			return reader_refuse(r, name, "needs a number from 1 "
					     "to %llu",
					     (unsigned long long)max);
		*to = (unsigned int)v;
		return 0;
	}
	o->bsd_accounting = value && !strcmp(value, "bsd");
	if (!o->bsd_accounting && (!value || strcmp(value, "linux")))
		return reader_refuse(r, name, "needs bsd or linux");
	return 0;
}

static bool is_host_option(const char *word)
{
	return !strcmp(word, "cpus") || !strcmp(word, "accounting") ||
	       !strcmp(word, "rx-ring") || !strcmp(word, "tx-ring");
}

int read_host(struct reader *r)
{
	struct step s = { .kind = STEP_HOST };
	char **w = r->words.w;
	size_t n, i;
	int err;

	for (n = 1; n < r->words.n && !is_host_option(w[n]); n++)
		;
	if (n == 1)
		return reader_refuse(r, w[0], "write host NAME... [cpus N] "
				     "[accounting bsd|linux] [rx-ring N] "
				     "[tx-ring N]");
	for (i = n; i < r->words.n; i += 2) {
		if (!is_host_option(w[i]))
			return reader_refuse(r, w[i], "there are cpus, "
					     "accounting, rx-ring, tx-ring");
		err = host_option(r, &s.host, w[i], w[i + 1]);
		if (err)
			return err;
	}
	for (i = 1; i < n; i++) {
		struct name name = { .name = w[i], .kind = NAME_HOST };

		s.name = w[i];
		err = reader_declare(r, &name);
		if (!err)
			err = reader_step(r, s);
		if (err)
			return err;
	}
	return 0;
}

int read_switch(struct reader *r)
{
	struct name name = { .kind = NAME_SWITCH };
	int err = reader_words(r, 2, "switch NAME");

	if (err)
		return err;
	name.name = r->words.w[1];
	err = reader_declare(r, &name);
	return err ? err : reader_step(r, (struct step){ .kind = STEP_SWITCH,
						      .name = name.name });
}

/* --- links ------------------------------------------------------------------------ */

/* "rate 10mbit delay 20ms" or "rate=10mbit,delay=20ms" or a mixture, as
 * sim.h wants it: words that have values get them. */
static char *link_spec(struct reader *r, size_t i)
{
	static const char *const lone[] = { "offload", "cut", "heal", NULL };
	size_t len = 1, at, k;
	char *text;

	for (at = i; at < r->words.n; at++)
		len += strlen(r->words.w[at]) + 1;
	text = drill_alloc(r->arena, len);
	for (len = 0; text && i < r->words.n; i++) {
		const char *w = r->words.w[i];

		len += (size_t)sprintf(text + len, "%s%s", len ? "," : "", w);
		for (k = 0; lone[k] && strcmp(lone[k], w); k++)
			;
		if (!lone[k] && !strchr(w, '=') && i + 1 < r->words.n)
			len += (size_t)sprintf(text + len, "=%s",
					       r->words.w[++i]);
	}
	return text;
}

static const char *default_link_name(struct reader *r)
{
	char text[16];

	snprintf(text, sizeof(text), "l%u", r->nr_links);
	return drill_copy(r->arena, text, strlen(text));
}

/* A link is declared: its ends stand from w[i] on. */
static int declare_link(struct reader *r, size_t i, bool plug)
{
	char **w = r->words.w;
	struct name name = {
		.kind = NAME_LINK,
		.a = plug ? w[i + 1] : w[i],
		.b = plug ? w[i] : w[i + 1],
	};
	struct step s = { .kind = plug ? STEP_PLUG : STEP_LINK,
			  .a = w[i], .b = w[i + 1] };
	int err;

	r->nr_links++;
	name.name = i == 2 ? w[1] : default_link_name(r);
	s.name = name.name;
	s.text = link_spec(r, i + 2);
	if (!s.name || !s.text)
		return -ENOMEM;
	err = reader_declare(r, &name);
	return err ? err : reader_step(r, s);
}

int read_plug(struct reader *r)
{
	const struct name *n;
	size_t i = 1;
	int err;

	if (r->words.n >= 4) {
		n = reader_find(r, r->words.w[1]);
		i = n && n->kind == NAME_SWITCH ? 1 : 2;
	}
	n = r->words.n > i + 1 ? reader_find(r, r->words.w[i]) : NULL;
	if (!n || n->kind != NAME_SWITCH)
		return reader_refuse(r, r->words.w[r->words.n > i ? i : 0],
				     "write plug [NAME] SWITCH HOST WORDS...; "
				     "the switch was declared before");
	err = reader_host(r, r->words.w[i + 1]);
	return err ? err : declare_link(r, i, true);
}

/* link NAME [from HOST] WORDS: of one that exists. */
static int read_link_set(struct reader *r, const struct name *link)
{
	struct step s = { .kind = STEP_LINK_SET, .name = link->name };
	size_t i = 2;

	if (r->words.n > 3 && !strcmp(r->words.w[2], "from")) {
		s.a = r->words.w[3];
		i = 4;
		if (strcmp(s.a, link->a) && strcmp(s.a, link->b))
			return reader_refuse(r, s.a, "link %s joins %s and %s",
					     link->name, link->a, link->b);
	}
	if (i >= r->words.n)
		return reader_refuse(r, r->words.w[r->words.n - 1], "say what "
				     "changes: cut, heal, loss 5%%, ...");
	s.text = link_spec(r, i);
	return s.text ? reader_step(r, s) : -ENOMEM;
}

int read_link(struct reader *r)
{
	const struct name *first;
	size_t i;
	int err;

	if (r->words.n < 3)
		return reader_refuse(r, r->words.w[0], "write link [NAME] HOST "
				     "HOST WORDS..., or link NAME [from HOST] "
				     "WORDS... for one that is there");
	first = reader_find(r, r->words.w[1]);
	if (first && first->kind == NAME_LINK)
		return read_link_set(r, first);
	if (r->at_ns >= 0)
		return reader_refuse(r, r->words.w[1], "no link that was "
				     "declared before");
	i = first && first->kind == NAME_HOST ? 1 : 2;
	err = reader_host(r, r->words.w[i]);
	if (!err)
		err = reader_host(r, r->words.w[i + 1]);
	return err ? err : declare_link(r, i, false);
}
