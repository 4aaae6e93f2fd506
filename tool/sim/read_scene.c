/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading a scenario: the file is gone through once to find its cases and
 * parameters, and once per case for that case's scene. Lines of other cases
 * are passed over. See scene.h for the language.
 */
#include "scene.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CPUS	64

static const char *const reserved[] = {
	"all", "at", "between", "case", "costs", "end", "expect", "from",
	"host", "let", "link", "plug", "run", "seed", "sim", "switch", "until",
	"cpus", "accounting", "rx-ring", "tx-ring", NULL
};

int reader_refuse(struct reader *r, const char *word, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return complain(r->c, r->source, r->line, word, "%s", text);
}

/* --- names ------------------------------------------------------------------------ */

const struct name *reader_find(const struct reader *r, const char *name)
{
	const struct name *n = r->names.items;
	size_t i;

	for (i = 0; i < r->names.n; i++)
		if (!strcmp(n[i].name, name))
			return &n[i];
	return NULL;
}

static bool well_formed(const char *name)
{
	size_t i;

	if (!isalpha((unsigned char)name[0]))
		return false;
	for (i = 0; name[i]; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '_' &&
		    name[i] != '-')
			return false;
	return i <= SCENE_NAME_MAX;
}

static bool is_reserved(const char *name)
{
	size_t i;

	for (i = 0; reserved[i]; i++)
		if (!strcmp(reserved[i], name))
			return true;
	return false;
}

int reader_declare(struct reader *r, const struct name *n)
{
	if (!well_formed(n->name))
		return reader_refuse(r, n->name, "no name; names have letters, "
				     "digits, - and _, begin with a letter and "
				     "have at most %d characters",
				     SCENE_NAME_MAX);
	if (is_reserved(n->name))
		return reader_refuse(r, n->name, "a word of the language; take "
				     "another name");
	if (reader_find(r, n->name))
		return reader_refuse(r, n->name, "this name is taken; hosts, "
				     "links, programs and cases need "
				     "different names");
	return drill_push(r->arena, &r->names, n, sizeof(*n)) ? 0 : -ENOMEM;
}

static int expect_host(struct reader *r, const char *name)
{
	const struct name *n = name ? reader_find(r, name) : NULL;

	if (n && n->kind == NAME_HOST)
		return 0;
	return reader_refuse(r, name, "a host that was declared before is "
			     "wanted here");
}

/* --- words -------------------------------------------------------------------------- */

char *reader_join(struct reader *r, size_t i, char between)
{
	size_t len = 1, at;
	char *text;

	for (at = i; at < r->words.n; at++)
		len += strlen(r->words.w[at]) + 1;
	text = drill_alloc(r->arena, len);
	for (len = 0; text && i < r->words.n; i++)
		len += (size_t)sprintf(text + len, "%s%s", r->words.w[i],
				       i + 1 < r->words.n ?
				       (char[]){ between, '\0' } : "");
	return text;
}

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

static int push_step(struct reader *r, struct step s)
{
	s.line = r->line;
	s.at_ns = r->at_ns;
	return drill_push(r->arena, &r->steps, &s, sizeof(s)) ? 0 : -ENOMEM;
}

static int want_words(struct reader *r, size_t n, const char *form)
{
	if (r->words.n == n)
		return 0;
	return reader_refuse(r, r->words.w[r->words.n > n ? n :
						 r->words.n - 1],
			     "write %s", form);
}

/* --- hosts, switches, links ----------------------------------------------------------- */

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

static int read_host(struct reader *r)
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
			err = push_step(r, s);
		if (err)
			return err;
	}
	return 0;
}

static int read_switch(struct reader *r)
{
	struct name name = { .kind = NAME_SWITCH };
	int err = want_words(r, 2, "switch NAME");

	if (err)
		return err;
	name.name = r->words.w[1];
	err = reader_declare(r, &name);
	return err ? err : push_step(r, (struct step){ .kind = STEP_SWITCH,
						      .name = name.name });
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
	return err ? err : push_step(r, s);
}

static int read_plug(struct reader *r)
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
	err = expect_host(r, r->words.w[i + 1]);
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
	return s.text ? push_step(r, s) : -ENOMEM;
}

static int read_link(struct reader *r)
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
	err = expect_host(r, r->words.w[i]);
	if (!err)
		err = expect_host(r, r->words.w[i + 1]);
	return err ? err : declare_link(r, i, false);
}

/* --- what holds for the whole world ------------------------------------------------------ */

static int read_seed(struct reader *r)
{
	int err = want_words(r, 2, "seed NUMBER");
	uint64_t v;

	if (err)
		return err;
	if (amount_parse(r->words.w[1], UNIT_COUNT, &v))
		return reader_refuse(r, r->words.w[1], "a whole number of at "
				     "most 63 bits is wanted");
	r->scene.seed = v;
	return 0;
}

static int read_until(struct reader *r)
{
	int err = want_words(r, 2, "until TIME");
	uint64_t v;

	if (err)
		return err;
	if (amount_parse(r->words.w[1], UNIT_TIME, &v) || !v ||
	    v > INT64_MAX / 4)
		return reader_refuse(r, r->words.w[1], "%s is wanted",
				     amount_allowed(UNIT_TIME));
	r->scene.until_ns = (int64_t)v;
	return 0;
}

static int read_costs(struct reader *r)
{
	int err = want_words(r, 2, "costs FILE, or costs free");

	if (err)
		return err;
	r->scene.costs = strcmp(r->words.w[1], "free") ? r->words.w[1] : NULL;
	r->scene.costs_line = r->line;
	return 0;
}

/* --- commands of hosts ------------------------------------------------------------------- */

static int push_config(struct reader *r, const char *host, char *text)
{
	return push_step(r, (struct step){ .kind = STEP_CONFIG, .name = host,
					   .text = text });
}

static int config_of_all(struct reader *r, char *text)
{
	const struct name *n = r->names.items;
	size_t i, found = 0;
	int err = 0;

	for (i = 0; i < r->names.n && !err; i++) {
		if (n[i].kind != NAME_HOST)
			continue;
		found++;
		err = push_config(r, n[i].name, text);
	}
	return found ? err : reader_refuse(r, "all", "there is no host yet");
}

/* HOST...: COMMAND; `n` words with the one that has the colon. */
static int read_config(struct reader *r, size_t n, const char *text)
{
	char *command = drill_copy(r->arena, text, strlen(text)), *colon;
	size_t i;
	int err;

	if (!command)
		return -ENOMEM;
	colon = strchr(r->words.w[n - 1], ':');
	*colon = '\0';
	if (!text[strspn(text, " \t")])
		return reader_refuse(r, r->words.w[n - 1], "a command is "
				     "wanted after the colon: ip, tc, sysctl, "
				     "...");
	if (n == 1 && !strcmp(r->words.w[0], "all"))
		return config_of_all(r, command);
	for (i = 0; i < n; i++) {
		err = expect_host(r, r->words.w[i]);
		if (!err)
			err = push_config(r, r->words.w[i], command);
		if (err)
			return err;
	}
	return 0;
}

/* --- statements ---------------------------------------------------------------------------- */

static int read_nothing(struct reader *r)
{
	return 0;		/* let: done when the cases were found */
}

struct statement {
	const char *word;
	int (*read)(struct reader *r);
	bool timed;		/* may stand after `at` */
};

static const struct statement statements[] = {
	{ "host", read_host, false },
	{ "switch", read_switch, false },
	{ "link", read_link, true },
	{ "plug", read_plug, false },
	{ "seed", read_seed, false },
	{ "until", read_until, false },
	{ "costs", read_costs, false },
	{ "run", read_program, false },
	{ "expect", read_expectation, false },
	{ "let", read_nothing, false },
	{ NULL }
};

/* `text`: the line from the present word on. */
static int read_statement(struct reader *r, const char *text)
{
	const struct statement *s;
	const char *colon;
	size_t n;

	for (s = statements; s->word; s++) {
		if (strcmp(s->word, r->words.w[0]))
			continue;
		if (r->at_ns >= 0 && !s->timed)
			return reader_refuse(r, s->word, "cannot happen at a "
					     "time; link changes and host "
					     "commands can");
		return s->read(r);
	}
	colon = strchr(text, ':');
	for (n = 0; colon && n < r->words.n; n++)
		if (strchr(r->words.w[n], ':'))
			break;
	if (colon && (colon[1] == '\0' || strchr(" \t", colon[1])))
		return read_config(r, n + 1, colon + 1);
	return reader_refuse(r, r->words.w[0], "not understood; there are host, "
			     "switch, link, plug, run, at, expect, seed, "
			     "until, costs, let, case, end, and HOST: COMMAND");
}

/* at TIME STATEMENT */
static int read_at(struct reader *r, const char *text)
{
	uint64_t v;

	if (r->words.n < 3 || amount_parse(r->words.w[1], UNIT_TIME, &v) ||
	    v > INT64_MAX / 4)
		return reader_refuse(r, r->words.w[r->words.n > 1], "write at "
				     "TIME STATEMENT; TIME is %s",
				     amount_allowed(UNIT_TIME));
	r->at_ns = (int64_t)v;
	for (int i = 0; i < 2; i++) {
		text += strcspn(text, " \t");
		text += strspn(text, " \t");
	}
	r->words.w += 2;
	r->words.n -= 2;
	return read_statement(r, text);
}

/* --- parameters ------------------------------------------------------------------------------ */

static const char *parameter(const struct reader *r, const char *name,
			     size_t len)
{
	const struct let *l = r->lets.items;
	size_t i;

	for (i = 0; i < r->lets.n; i++)
		if (strlen(l[i].name) == len && !memcmp(l[i].name, name, len))
			return l[i].value;
	return NULL;
}

/* Appends len bytes. 0 or -ENOMEM. */
static int put_bytes(struct reader *r, struct drill_vec *to, const char *from,
		     size_t len)
{
	while (len--)
		if (!drill_push(r->arena, to, from++, 1))
			return -ENOMEM;
	return 0;
}

/* $name of parameters that there are; other dollars are the shell's. NULL: no
 * memory. */
static char *fill_in(struct reader *r, const char *text)
{
	struct drill_vec out = { 0 };
	const char *value;
	size_t n;

	for (; *text; text += n) {
		n = *text == '$' ? 1 : strcspn(text, "$");
		value = NULL;
		if (*text == '$') {
			while (isalnum((unsigned char)text[n]) ||
			       text[n] == '_')
				n++;
			value = parameter(r, text + 1, n - 1);
		}
		if (put_bytes(r, &out, value ? value : text,
			      value ? strlen(value) : n))
			return NULL;
	}
	return put_bytes(r, &out, "", 1) ? NULL : out.items;
}

static int add_let(struct reader *r, const char *name, const char *value,
		   int line)
{
	struct let l = { name, value, line };

	if (parameter(r, name, strlen(name)))
		return 0;		/* who comes first counts */
	return drill_push(r->arena, &r->lets, &l, sizeof(l)) ? 0 : -ENOMEM;
}

/* let NAME VALUE, from the settings if there is one. */
static int read_let(struct reader *r)
{
	size_t i;
	char *value;

	if (r->words.n < 3)
		return reader_refuse(r, r->words.w[0], "write let NAME VALUE");
	for (i = 0; r->words.w[1][i]; i++)
		if (!isalnum((unsigned char)r->words.w[1][i]) &&
		    r->words.w[1][i] != '_')
			return reader_refuse(r, r->words.w[1], "names of "
					     "parameters have letters, digits "
					     "and _");
	for (i = 0; i < r->nr_set; i++) {
		if (strcmp(r->set[i].name, r->words.w[1]))
			continue;
		r->set[i].used = true;
		return add_let(r, r->words.w[1], r->set[i].value, r->line);
	}
	value = reader_join(r, 2, ' ');
	return value ? add_let(r, r->words.w[1], value, r->line) : -ENOMEM;
}

/* --- cases ------------------------------------------------------------------------------------ */

/* Follows case and end lines: *now is the case that the line is in. 1: it was
 * such a line; 0; or an error. */
static int follow_case(struct reader *r, const char **now)
{
	if (!strcmp(r->words.w[0], "end")) {
		if (!**now)
			return reader_refuse(r, "end", "there is no case to "
					     "end here");
		*now = "";
		return want_words(r, 1, "end alone") ? -EINVAL : 1;
	}
	if (strcmp(r->words.w[0], "case"))
		return 0;
	if (want_words(r, 2, "case NAME"))
		return -EINVAL;
	*now = r->words.w[1];
	return 1;
}

/* Calls fn for each line that belongs to the case r->in_case and, if `common`,
 * those of no case. */
static int each_line(struct reader *r, bool own, bool common,
		     int (*fn)(struct reader *r, const char *text))
{
	const char *now = "";
	size_t i;
	int err;

	for (i = 0; i < r->source->n; i++) {
		char *text = r->source->lines[i].text;

		r->line = r->source->lines[i].no;
		r->at_ns = -1;
		text += strspn(text, " \t");
		if (words_split(r->arena, text, &r->words))
			return -ENOMEM;
		err = follow_case(r, &now);
		if (!err && (*now ? own && !strcmp(now, r->in_case) : common))
			err = fn(r, text);
		if (err < 0)
			return err;
	}
	return 0;
}

static int take_let(struct reader *r, const char *text)
{
	return strcmp(r->words.w[0], "let") ? 0 : read_let(r);
}

static int take_line(struct reader *r, const char *text)
{
	char *filled = fill_in(r, text);

	if (!filled || words_split(r->arena, filled, &r->words))
		return -ENOMEM;
	if (!r->words.n)
		return 0;
	return strcmp(r->words.w[0], "at") ? read_statement(r, filled) :
					     read_at(r, filled);
}

static int find_cases(struct reader *r)
{
	const char *now = "";
	size_t i;
	int err;

	for (i = 0; i < r->source->n; i++) {
		struct name n = { .kind = NAME_CASE };

		r->line = r->source->lines[i].no;
		if (words_split(r->arena, r->source->lines[i].text, &r->words))
			return -ENOMEM;
		err = follow_case(r, &now);
		if (err < 0)
			return err;
		n.name = now;
		if (!err || !*now || reader_find(r, now))
			continue;	/* a case may go on later */
		err = reader_declare(r, &n);
		if (err)
			return err;
		if (!drill_push(r->arena, &r->cases, &now, sizeof(now)))
			return -ENOMEM;
	}
	return 0;
}

/* --- a scene, the scenario ---------------------------------------------------------------------- */

static int read_scene(struct reader *r, const char *name, struct scene *out)
{
	static const struct name world = { .name = "sim", .kind = NAME_WORLD };
	size_t cases = r->cases.n;
	int err;

	r->in_case = name;
	r->scene = (struct scene){ .name = name, .source = r->source };
	r->names.n = cases;		/* these stay */
	r->nr_links = 0;
	r->lets = r->steps = r->programs = r->expects =
		(struct drill_vec){ 0 };
	if (!drill_push(r->arena, &r->names, &world, sizeof(world)))
		return -ENOMEM;
	err = each_line(r, true, false, take_let);
	if (!err)
		err = each_line(r, false, true, take_let);
	if (!err)
		err = each_line(r, true, true, take_line);
	r->scene.steps = r->steps.items;
	r->scene.nr_steps = r->steps.n;
	r->scene.programs = r->programs.items;
	r->scene.nr_programs = r->programs.n;
	r->scene.expects = r->expects.items;
	r->scene.nr_expects = r->expects.n;
	*out = r->scene;
	return err;
}

static int check_settings(struct reader *r)
{
	size_t i;

	for (i = 0; i < r->nr_set; i++) {
		if (r->set[i].used)
			continue;
		snprintf(r->c->text, sizeof(r->c->text), "%s: there is no "
			 "\"let %.60s\" for --set to change", r->source->path,
			 r->set[i].name);
		return -EINVAL;
	}
	return 0;
}

int scenario_read(struct drill_arena *a, struct scenario *s, const char *path,
		  const char *text, size_t len, struct setting *set, size_t n,
		  struct complaint *c)
{
	struct reader r = { .arena = a, .source = &s->source, .c = c,
			    .set = set, .nr_set = n };
	const char **names;
	size_t i;
	int err = source_read(a, &s->source, path, text, len, c);

	if (!err)
		err = find_cases(&r);
	s->n = r.cases.n ? r.cases.n : 1;
	s->scenes = drill_alloc(a, s->n * sizeof(*s->scenes));
	if (!err && !s->scenes)
		err = -ENOMEM;
	names = r.cases.items;
	for (i = 0; i < s->n && !err; i++)
		err = read_scene(&r, names ? names[i] : "", &s->scenes[i]);
	if (err)
		return err;
	s->across = r.across.items;
	s->nr_across = r.across.n;
	err = check_expectations(s, c);
	return err ? err : check_settings(&r);
}
