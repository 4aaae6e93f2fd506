/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See world.h. What stands before the beginning is done in the order of the
 * file; then the programs start, and time passes in pieces: up to the next
 * thing to happen, or a little, so that traces are drained and progress is
 * seen. The pieces change nothing: the clock is where the events put it.
 */
#include "world.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../tool.h"

#define PIECE_NS	100000000LL		/* 100 ms */
#define TRACED_PIECE_NS	5000000LL
#define LONGEST_NS	3600000000000LL		/* without `until` */
#define TRACE_RECORDS	(1u << 16)

/* --- before the beginning --- */

/* The cost table's file; of the scenario's own, next to the scenario unless it
 * is absolute. NULL: CPU time is free, or no memory (which has been said). */
static const char *costs_path(struct world *w)
{
	const char *name = w->scene->costs, *from = w->scene->source->path;
	const char *slash = strrchr(from, '/');
	size_t dir = slash ? (size_t)(slash - from) + 1 : 0;
	char *path;

	if (w->options->costs)
		return strcmp(w->options->costs, "free") ? w->options->costs :
							   NULL;
	if (!name || *name == '/')
		return name;
	path = drill_alloc(w->arena, dir + strlen(name) + 1);
	if (!path) {
		world_no_memory(w);
		return NULL;
	}
	memcpy(path, from, dir);
	memcpy(path + dir, name, strlen(name) + 1);
	return path;
}

static int bad_costs(struct world *w, const char *path, const char *why)
{
	if (!w->options->costs)
		return world_fail(w, EXIT_USAGE, w->scene->costs_line, path, why);
	snprintf(w->c->text, sizeof(w->c->text), "%s: %s", path, why);
	w->exit_code = EXIT_USAGE;
	return -1;
}

/* The cost table's text for free(), or NULL after complaining. */
static char *read_costs(struct world *w, const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t room = 0;

	if (!f) {
		bad_costs(w, path, strerror(errno));
		return NULL;
	}
	if (getdelim(&text, &room, '\0', f) < 0) {
		free(text);
		text = NULL;
		bad_costs(w, path, "no cost table; weir calibrate makes one");
	}
	fclose(f);
	return text;
}

static int create(struct world *w)
{
	struct weir_sim_options o = { .seed = w->options->has_seed ?
				      w->options->seed : w->scene->seed };
	const char *path = costs_path(w);
	char err[256], *costs = path ? read_costs(w, path) : NULL;

	if (w->exit_code)
		return -1;
	w->has_costs = costs != NULL;
	o.costs = costs;
	if (w->options->trace_dir)
		o.trace_records = TRACE_RECORDS;
	w->sim = weir_sim_create(&o, err, sizeof(err));
	free(costs);
	if (w->sim)
		return 0;
	if (w->has_costs)
		return bad_costs(w, path, err);
	snprintf(w->c->text, sizeof(w->c->text), "%s", err);
	w->exit_code = EXIT_REFUSED;
	return -1;
}

static void program_ended(struct program *p)
{
	struct world *w = p->owner;

	if (!p->kind->server && !--w->left)
		weir_sim_stop(w->sim);
}

static int start_programs(struct world *w)
{
	size_t n = w->scene->nr_programs, i;

	w->programs = drill_alloc(w->arena, (n + 1) * sizeof(*w->programs));
	if (!w->programs)
		return world_no_memory(w);
	for (i = 0; i < n; i++) {
		struct program *p = &w->programs[i];

		*p = w->scene->programs[i];
		p->owner = w;
		p->on_end = program_ended;
		w->left += !p->kind->server;
		if (program_start(p, world_host(w, p->host)->w))
			return world_no_memory(w);
	}
	return 0;
}

/* The words of link changes that come later, tried on a link of their own, so
 * that a mistake in the file is found before anything runs. */
static int check_link_sets(struct world *w, struct weir_sim_link *l)
{
	const struct step *s = w->scene->steps;
	char err[256];
	size_t i;

	for (i = 0; i < w->scene->nr_steps; i++)
		if (s[i].kind == STEP_LINK_SET && s[i].at_ns >= 0 &&
		    weir_sim_link_set(l, -1, s[i].text, err, sizeof(err)))
			return world_fail(w, EXIT_USAGE, s[i].line, NULL, err);
	return 0;
}

static int check_later(struct world *w)
{
	struct weir_sim *sim = weir_sim_create(NULL, NULL, 0);
	struct weir_sim_link *l = NULL;
	struct weir *h;
	int ret;

	if (!sim)
		return world_no_memory(w);
	h = weir_sim_host(sim, "a", NULL, NULL, 0);
	if (h)
		l = weir_sim_link(sim, h, h, NULL, NULL, 0);
	ret = l ? check_link_sets(w, l) : world_no_memory(w);
	weir_sim_destroy(sim);
	return ret;
}

static int build(struct world *w)
{
	const struct step *s = w->scene->steps;
	size_t i;

	if (check_later(w) || create(w))
		return -1;
	for (i = 0; i < w->scene->nr_steps; i++)
		if (s[i].at_ns < 0 && world_step(w, &s[i]))
			return -1;
	return start_programs(w);
}

/* --- time ---------------------------------------------------------------------------------------- */

/* The next step of the file that is due after `done` of them were, or NULL:
 * the earliest, of those at one time the first in the file. */
static const struct step *next_step(const struct world *w,
				    const struct step *done)
{
	const struct step *s = w->scene->steps, *best = NULL;
	size_t i;

	for (i = 0; i < w->scene->nr_steps; i++, s++) {
		if (s->at_ns < 0)
			continue;
		if (done && (s->at_ns < done->at_ns ||
			     (s->at_ns == done->at_ns && s <= done)))
			continue;
		if (!best || s->at_ns < best->at_ns)
			best = s;
	}
	return best;
}

static void look(struct world *w)
{
	struct world_host *h = w->hosts.items;
	struct weir_sim_stats st;
	size_t i;

	for (i = 0; i < w->hosts.n; i++)
		if (h[i].trace)
			trace_out_drain(h[i].trace);
	if (!w->options->progress)
		return;
	weir_sim_stats(w->sim, &st);
	w->options->progress(w->options->arg, w->scene,
			     weir_sim_now(w->sim) - WEIR_SIM_START_NS,
			     st.frames);
}

/* Up to `when`, or an end before. true: it is the end. */
static bool advance(struct world *w, int64_t when)
{
	int64_t piece = w->options->trace_dir ? TRACED_PIECE_NS : PIECE_NS;
	bool waits = w->left > 0;

	while (weir_sim_now(w->sim) < when) {
		int64_t left = when - weir_sim_now(w->sim);

		if (weir_sim_pass(w->sim, left < piece ? left : piece) ==
		    WEIR_SIM_SPIN) {
			w->end = END_SPIN;
			return true;
		}
		look(w);
		if (waits && !w->left) {
			w->end = END_DONE;
			return true;
		}
	}
	return false;
}

static int64_t limit(const struct world *w)
{
	return w->options->until_ns ? w->options->until_ns :
				      w->scene->until_ns;
}

/* Without `until`: when the programs have ended, or, if there are none to wait
 * for, when the file's last step is done. */
static int64_t end_time(const struct world *w)
{
	const struct step *s = w->scene->steps;
	int64_t ns = limit(w);
	size_t i;

	if (!ns && w->left)
		ns = LONGEST_NS;
	for (i = 0; !w->left && !limit(w) && i < w->scene->nr_steps; i++)
		if (s[i].at_ns > ns)
			ns = s[i].at_ns;
	return WEIR_SIM_START_NS + ns;
}

static int run(struct world *w)
{
	const struct step *s = next_step(w, NULL);
	int64_t end = end_time(w), when;

	w->end = END_TIME;
	for (; s; s = next_step(w, s)) {
		when = WEIR_SIM_START_NS + s->at_ns;
		if (when > end)
			break;
		if (advance(w, when))
			return 0;
		if (world_step(w, s))
			return -1;
	}
	if (advance(w, end) || !w->left || limit(w))
		return 0;
	snprintf(w->c->text, sizeof(w->c->text), "%s: %s%sthe programs did not "
		 "end within an hour of virtual time; say until TIME",
		 w->scene->source->path, w->scene->name,
		 *w->scene->name ? ": " : "");
	w->exit_code = EXIT_REFUSED;
	return -1;
}

/* --- after the end ----------------------------------------------------------------------------------- */

static void close_outputs(struct world *w)
{
	struct world_link *l = w->links.items;
	struct world_host *h = w->hosts.items;
	const char *what = NULL;
	size_t i;
	int err = 0, ret;

	for (i = 0; i < w->links.n; i++) {
		ret = l[i].pcap ? pcapng_close(l[i].pcap) : 0;
		if (ret) {
			err = -ret;
			what = w->options->pcap_dir;
		}
	}
	for (i = 0; i < w->hosts.n; i++) {
		ret = h[i].trace ? trace_out_close(h[i].trace) : 0;
		if (ret) {
			err = -ret;
			what = w->options->trace_dir;
		}
		conf_destroy(h[i].conf);
	}
	if (err && !w->exit_code)
		world_cannot_write(w, what, err);
}

static void destroy(struct world *w)
{
	struct world_link *l = w->links.items;
	size_t i;

	for (i = 0; i < w->links.n; i++)
		weir_sim_link_tap(l[i].link, NULL, NULL);
	close_outputs(w);
	weir_sim_destroy(w->sim);
	for (i = 0; w->programs && i < w->scene->nr_programs; i++)
		program_fini(&w->programs[i]);
}

int world_run(struct drill_arena *a, const struct scene *s,
	      const struct world_options *o, struct report *r,
	      struct complaint *c)
{
	struct world w = { .arena = a, .scene = s, .options = o, .c = c };

	if (!build(&w) && !run(&w)) {
		look(&w);
		if (report_collect(a, r, &w))
			world_no_memory(&w);
	}
	destroy(&w);
	return w.exit_code;
}
