/* SPDX-License-Identifier: BSD-2-Clause */
/* What a step of a scene does to its world, and how it is said that it cannot. */
#include "world.h"

#include <errno.h>
#include <string.h>

#include "../tool.h"

int world_fail(struct world *w, int code, int line, const char *word,
		const char *text)
{
	complain(w->c, w->scene->source, line, word, "%s", text);
	w->exit_code = code;
	return -1;
}

int world_no_memory(struct world *w)
{
	snprintf(w->c->text, sizeof(w->c->text), "out of memory");
	w->exit_code = EXIT_REFUSED;
	return -1;
}

int world_cannot_write(struct world *w, const char *path, int err)
{
	snprintf(w->c->text, sizeof(w->c->text), "%s: cannot be written: %s; "
		 "give another folder", path, strerror(err));
	w->exit_code = EXIT_ENVIRON;
	return -1;
}

/* --- what there is --------------------------------------------------------------------- */

struct world_host *world_host(struct world *w, const char *name)
{
	struct world_host *h = w->hosts.items;
	size_t i;

	for (i = 0; i < w->hosts.n; i++)
		if (!strcmp(h[i].name, name))
			return &h[i];
	return NULL;
}

static struct world_link *find_link(struct world *w, const char *name)
{
	struct world_link *l = w->links.items;
	size_t i;

	for (i = 0; i < w->links.n; i++)
		if (!strcmp(l[i].name, name))
			return &l[i];
	return NULL;
}

static struct weir_sim_switch *find_switch(struct world *w, const char *name)
{
	struct world_switch *s = w->switches.items;
	size_t i;

	for (i = 0; i < w->switches.n; i++)
		if (!strcmp(s[i].name, name))
			return s[i].sw;
	return NULL;
}

/* DIR/[CASE-]NAME.EXT */
static char *out_path(struct world *w, const char *dir, const char *name,
		      const char *ext)
{
	const char *in_case = w->scene->name;
	size_t room = strlen(dir) + strlen(in_case) + strlen(name) +
		      strlen(ext) + 4;
	char *path = drill_alloc(w->arena, room);

	if (path)
		snprintf(path, room, "%s/%s%s%s.%s", dir, in_case,
			 *in_case ? "-" : "", name, ext);
	return path;
}

/* --- steps ------------------------------------------------------------------------------- */

static void pass(void *arg, int64_t ns)
{
	struct world *w = arg;

	weir_sim_pass(w->sim, ns);
}

static int add_host(struct world *w, const struct step *s)
{
	struct world_host h = { .name = s->name };
	struct conf_options conf = { .script = w->scene->source->path,
				     .sleep = pass, .arg = w };
	char err[256], *path;

	h.w = weir_sim_host(w->sim, s->name, &s->host, err, sizeof(err));
	if (!h.w)
		return world_fail(w, EXIT_REFUSED, s->line, s->name, err);
	conf.w = h.w;
	h.conf = conf_create(&conf);
	if (!h.conf || !drill_push(w->arena, &w->hosts, &h, sizeof(h))) {
		conf_destroy(h.conf);
		return world_no_memory(w);
	}
	if (!w->options->trace_dir)
		return 0;
	path = out_path(w, w->options->trace_dir, s->name, "weirtrace");
	if (!path)
		return world_no_memory(w);
	h.trace = trace_out_open(path, h.w);
	if (!h.trace)
		return world_cannot_write(w, path, errno);
	world_host(w, s->name)->trace = h.trace;
	return 0;
}

static int add_switch(struct world *w, const struct step *s)
{
	struct world_switch sw = { .name = s->name };
	char err[256];

	sw.sw = weir_sim_switch(w->sim, err, sizeof(err));
	if (!sw.sw)
		return world_fail(w, EXIT_REFUSED, s->line, s->name, err);
	return drill_push(w->arena, &w->switches, &sw, sizeof(sw)) ? 0 :
	       world_no_memory(w);
}

static int add_link(struct world *w, const struct step *s)
{
	bool plug = s->kind == STEP_PLUG;
	struct world_link l = { .name = s->name, .a = plug ? s->b : s->a,
				.b = plug ? s->a : s->b };
	struct weir *a = world_host(w, l.a)->w;
	char err[256], *path;

	if (plug)
		l.link = weir_sim_plug(find_switch(w, l.b), a, s->text, err,
				       sizeof(err));
	else
		l.link = weir_sim_link(w->sim, a, world_host(w, l.b)->w,
				       s->text, err, sizeof(err));
	if (!l.link)
		return world_fail(w, EXIT_USAGE, s->line, NULL, err);
	if (w->options->pcap_dir) {
		path = out_path(w, w->options->pcap_dir, s->name, "pcapng");
		l.pcap = path ? pcapng_open(path, s->name) : NULL;
		if (!l.pcap)
			return path ? world_cannot_write(w, path, errno) :
				      world_no_memory(w);
		weir_sim_link_tap(l.link, pcapng_frame, l.pcap);
	}
	if (drill_push(w->arena, &w->links, &l, sizeof(l)))
		return 0;
	if (l.pcap)
		pcapng_close(l.pcap);
	return world_no_memory(w);
}

static int set_link(struct world *w, const struct step *s)
{
	struct world_link *l = find_link(w, s->name);
	int direction = !s->a ? -1 : strcmp(s->a, l->a) != 0;
	char err[256];

	if (!weir_sim_link_set(l->link, direction, s->text, err, sizeof(err)))
		return 0;
	return world_fail(w, EXIT_USAGE, s->line, NULL, err);
}

/* What a command has printed is kept for whoever shows the report. */
static int keep_output(struct world *w, const struct step *s,
		       const struct world_host *h)
{
	struct said said = { .at_ns = weir_sim_now(w->sim) - WEIR_SIM_START_NS,
			     .host = s->name, .command = s->text };
	size_t len;
	const char *text = conf_output(h->conf, &len);

	if (!len)
		return 0;
	said.text = drill_copy(w->arena, text, len);
	if (!said.text || !drill_push(w->arena, &w->said, &said, sizeof(said)))
		return world_no_memory(w);
	return 0;
}

static int configure(struct world *w, const struct step *s)
{
	struct world_host *h = world_host(w, s->name);
	int status = conf_shell_run(h->conf, s->text);
	const char *error = conf_error(h->conf);
	char text[64];

	if (!status)
		return keep_output(w, s, h);
	snprintf(text, sizeof(text), "exit status %d", status);
	return world_fail(w, status == 127 ? EXIT_USAGE : EXIT_REFUSED, s->line,
		    s->name, *error ? error : text);
}

int world_step(struct world *w, const struct step *s)
{
	switch (s->kind) {
	case STEP_HOST:
		return add_host(w, s);
	case STEP_SWITCH:
		return add_switch(w, s);
	case STEP_LINK:
	case STEP_PLUG:
		return add_link(w, s);
	case STEP_LINK_SET:
		return set_link(w, s);
	case STEP_CONFIG:
		return configure(w, s);
	}
	return 0;
}
