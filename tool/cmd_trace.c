/* SPDX-License-Identifier: BSD-2-Clause */
/* weir trace: what happened to each packet, from one stack's record or from
 * the records of two that talked to each other. */
#include "trace.h"

#include <inttypes.h>
#include <stdlib.h>

static const struct tool_option options[] = {
	{ 'p', "packet", "ID", "the tree of this packet", false },
	{ 'l', "list", NULL, "all packets, one line each", false },
	{ 's', "stages", NULL, "per stage: how often, how long, in which "
	  "context", false },
	{ 'd', "drops", NULL, "why packets were dropped", false },
	{ 'j', "json", NULL, "events as JSON (with --packet: of this one)",
	  false },
	{ 0 },
};

struct request {
	const struct command *c;
	const char *packet;
	bool list, stages, drops, json;
};

static int set_option(void *ctx, char letter, const char *value)
{
	struct request *r = ctx;

	switch (letter) {
	case 'p':
		r->packet = value;
		break;
	case 'l':
		r->list = true;
		break;
	case 's':
		r->stages = true;
		break;
	case 'd':
		r->drops = true;
		break;
	case 'j':
		r->json = true;
		break;
	}
	return EXIT_OK;
}

/* The packet asked for, or the one that shows most; *out may become NULL. */
static int choose(const struct request *r, struct join *j, struct packet **out)
{
	char *end;
	uint64_t id;

	*out = NULL;
	if (!r->packet) {
		*out = trace_typical(j);
		return EXIT_OK;
	}
	id = strtoull(r->packet, &end, 0);
	if (!*r->packet || *end)
		return tool_fail(r->c, EXIT_USAGE, "--packet %s: not a packet's "
				 "number; weir trace --list shows them",
				 r->packet);
	*out = trace_find(j, id);
	return *out ? EXIT_OK :
	       tool_fail(r->c, EXIT_REFUSED, "no packet %s in the trace; weir "
			 "trace --list shows them", r->packet);
}

static int show(const struct request *r, struct join *j)
{
	struct packet *p;
	int ret = choose(r, j, &p);

	if (ret)
		return ret;
	if (r->json) {
		trace_print_json(j, r->packet ? p : NULL);
		return EXIT_OK;
	}
	if (r->list)
		trace_print_list(j);
	if (r->stages)
		trace_print_stages(j);
	if (r->drops)
		trace_print_drops(j);
	if (p && (r->packet || !(r->list || r->stages || r->drops)))
		trace_print_tree(j, p);
	if (!r->packet && !(r->list || r->stages || r->drops)) {
		putchar('\n');
		trace_print_summary(j);
	}
	return EXIT_OK;
}

static int trace(const struct command *c, int argc, char **argv)
{
	struct request r = { .c = c };
	struct trace t[2] = { 0 };
	struct join j = { .trace = { &t[0], &t[1] } };
	int at = tool_parse(c, argc, argv, set_option, &r), ret = EXIT_OK;

	if (at < 0)
		return -1 - at;
	if (argc - at < 1 || argc - at > 2)
		return tool_fail(c, EXIT_USAGE, "one trace or two; write weir "
				 "trace %s", c->args);
	for (; at < argc && !ret; at++)
		ret = trace_load(c, &t[j.nr_traces++], argv[at]);
	if (!ret && trace_join(&j))
		ret = tool_fail(c, EXIT_REFUSED, "out of memory");
	if (!ret)
		ret = show(&r, &j);
	trace_unjoin(&j);
	trace_free(&t[0]);
	trace_free(&t[1]);
	return ret;
}

const struct command cmd_trace = {
	.name = "trace",
	.args = "[OPTIONS] FILE [FILE2]",
	.what = "show each packet's way, from what weir record wrote",
	.text = "FILE2 is the record of the stack at the other end: the tree "
		"then goes through both.\nWithout options: the way of one "
		"full packet, and a summary.",
	.options = options,
	.run = trace,
};
