/* SPDX-License-Identifier: BSD-2-Clause */
/* Switches (hw/switch.h): each port is the far end of a host's cable. */
#include "platform/sim/link.h"

#include <stdlib.h>

struct weir_sim_switch {
	struct list_head list;		/* weir_sim.switches */
	struct weir_sim *sim;
	struct hw_switch hw;
};

static ktime_t switch_now(void *arg)
{
	return ((struct weir_sim_switch *)arg)->sim->now;
}

static void *switch_alloc(void *arg, size_t size)
{
	return malloc(size);
}

static void switch_free(void *arg, void *mem, size_t size)
{
	free(mem);
}

static const struct cable_ops switch_ops = {
	.now = switch_now,
	.alloc = switch_alloc,
	.free = switch_free,
};

struct weir_sim_switch *weir_sim_switch(struct weir_sim *s, char *err,
					size_t errlen)
{
	struct weir_sim_switch *sw = calloc(1, sizeof(*sw));

	if (!sw) {
		sim_fail(err, errlen, 0, "switch: out of memory");
		return NULL;
	}
	sw->sim = s;
	switch_init(&sw->hw, &switch_ops, sw);
	list_add_tail(&sw->list, &s->switches);
	return sw;
}

struct weir_sim_link *weir_sim_plug(struct weir_sim_switch *sw, struct weir *h,
				    const char *spec, char *err, size_t errlen)
{
	struct weir_sim_link *l = sim_link_create(sw->sim, spec, err, errlen);

	if (!l)
		return NULL;
	if (switch_plug(&sw->hw, &l->port, &l->cable.end[1])) {
		sim_fail(err, errlen, 0, "switch: all its cables have the word "
			 "\"offload\", or none has");
		goto destroy;
	}
	l->plugged = true;
	if (!sim_link_plug(l, 0, h, err, errlen))
		return l;
destroy:
	sim_link_destroy(l);
	return NULL;
}

void sim_switches_end(struct weir_sim *s)
{
	struct weir_sim_switch *sw, *next;

	list_for_each_entry_safe(sw, next, &s->switches, list) {
		switch_fini(&sw->hw);
		list_del(&sw->list);
		free(sw);
	}
}
