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

int reader_host(struct reader *r, const char *name)
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

int reader_step(struct reader *r, struct step s)
{
	s.line = r->line;
	s.at_ns = r->at_ns;
	return drill_push(r->arena, &r->steps, &s, sizeof(s)) ? 0 : -ENOMEM;
}

int reader_words(struct reader *r, size_t n, const char *form)
{
	if (r->words.n == n)
		return 0;
	return reader_refuse(r, r->words.w[r->words.n > n ? n :
						 r->words.n - 1],
			     "write %s", form);
}

/* --- what holds for the whole world --- */

static int read_seed(struct reader *r)
{
	int err = reader_words(r, 2, "seed NUMBER");
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
	int err = reader_words(r, 2, "until TIME");
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
	int err = reader_words(r, 2, "costs FILE, or costs free");

	if (err)
		return err;
	r->scene.costs = strcmp(r->words.w[1], "free") ? r->words.w[1] : NULL;
	r->scene.costs_line = r->line;
	return 0;
}

/* --- commands of hosts ------------------------------------------------------------------- */

static int push_config(struct reader *r, const char *host, char *text)
{
	return reader_step(r, (struct step){ .kind = STEP_CONFIG, .name = host,
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
		err = reader_host(r, r->words.w[i]);
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
		return reader_words(r, 1, "end alone") ? -EINVAL : 1;
	}
	if (strcmp(r->words.w[0], "case"))
		return 0;
	if (reader_words(r, 2, "case NAME"))
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
	char *filled = NULL;
	int err = fill_in(r, text, &filled);

	if (!err)
		err = words_split(r->arena, filled, &r->words);
	if (err || !r->words.n)
		return err;
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
		if (r->cases.n == SCENE_CASES)
			return reader_refuse(r, now, "more than %d cases",
					     SCENE_CASES);
		err = reader_declare(r, &n);
		if (err)
			return err;
		if (!drill_push(r->arena, &r->cases, &now, sizeof(now)))
			return -ENOMEM;
	}
	return 0;
}

/* --- a scene, the scenario --- */

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
