/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Links: a cable (hw/cable.h), and at each end a NIC in a host or a port of a
 * switch. The cable and the NIC ask to be stepped at times, which are events
 * here; whatever a step does happens outside of all CPUs, as hardware does.
 */
#include "platform/sim/link.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/trace.h"
#include "dev/ethtool.h"
#include "drivers/igb/igb.h"
#include "hw/cable_spec.h"
#include "platform/sim/hash.h"

#define FRAME_BYTES	2048u		/* frames up to here are pooled */
#define RX_FIFO_BYTES	65536u		/* an 82576's receive packet buffer */

/* --- the cable's ops ------------------------------------------------------------------ */

static struct weir_sim *world_of(void *link)
{
	return ((struct weir_sim_link *)link)->sim;
}

static ktime_t link_now(void *arg)
{
	return world_of(arg)->now;
}

static void link_at(void *arg, u32 end, ktime_t when)
{
	struct weir_sim_link *l = arg;
	struct weir_sim *s = l->sim;

	sim_heap_set(&s->heap, &l->end[end].called, max(when, s->now));
}

static void *link_alloc(void *arg, size_t size)
{
	struct weir_sim *s = world_of(arg);
	void *mem = s->free_frames;

	if (size > FRAME_BYTES)
		return malloc(size);
	if (!mem)
		return malloc(FRAME_BYTES);
	memcpy(&s->free_frames, mem, sizeof(void *));
	return mem;
}

static void link_free(void *arg, void *mem, size_t size)
{
	struct weir_sim *s = world_of(arg);

	if (size > FRAME_BYTES) {
		free(mem);
		return;
	}
	memcpy(mem, &s->free_frames, sizeof(void *));
	s->free_frames = mem;
}

static void give_to_tap(struct weir_sim_link *l, u32 end,
			const struct hw_frame *f, const struct hw_vec *v, u32 n)
{
	u8 *flat = malloc(f->len);
	u32 off = 0;

	if (!flat)
		return;
	for (u32 i = 0; i < n; off += v[i++].len)
		memcpy(flat + off, v[i].base, v[i].len);
	l->tap(l->tap_arg, l->sim->now, (int)end, flat, f->len);
	free(flat);
}

static void link_tap(void *arg, u32 end, const struct hw_frame *f,
		     const struct hw_vec *v, u32 n)
{
	struct weir_sim_link *l = arg;
	struct weir_sim *s = l->sim;
	u64 h = sim_hash_word(s->hash, (u64)s->now);

	h = sim_hash_word(h, (u64)l->index << 32 | end << 31 | f->len);
	for (u32 i = 0; i < n; i++)
		h = sim_hash_bytes(h, v[i].base, v[i].len);
	s->hash = h;
	s->stats.frames++;
	s->stats.bytes += f->len;
	if (unlikely(l->tap))
		give_to_tap(l, end, f, v, n);
}

static const struct cable_ops link_cable_ops = {
	.now = link_now,
	.at = link_at,
	.alloc = link_alloc,
	.free = link_free,
	.tap = link_tap,
};

/* --- NICs --------------------------------------------------------------------------------- */

static void step_nic(struct sim_end *e)
{
	struct percpu *before = sim_hw_begin(e->host);

	while (e82576_step(&e->nic->hw))
		;
	sim_hw_end(e->host, before);
}

/* What finds no descriptor waits in the NIC, and is missed when that is full. */
static void receive(struct sim_end *e)
{
	u32 missed;

	step_nic(e);
	missed = cable_overrun(&e->link->cable, e->index, RX_FIFO_BYTES);
	if (unlikely(missed))
		e82576_count(&e->nic->hw, E1000_MPC, missed);
}

/* The cable wanted this end to be called. */
static void end_called(struct sim_event *ev)
{
	struct sim_end *e = container_of(ev, struct sim_end, called);

	if (!cable_called(&e->link->cable, e->index))
		return;
	if (e->nic)
		receive(e);
	else if (e->link->plugged)
		switch_step(&e->link->port);
}

/* The NIC wanted to be stepped once more. */
static void end_again(struct sim_event *ev)
{
	struct sim_end *e = container_of(ev, struct sim_end, again);

	if (e->nic)
		step_nic(e);
}

static ktime_t nic_now(void *arg)
{
	return ((struct sim_end *)arg)->link->sim->now;
}

static void nic_again(void *arg)
{
	struct sim_end *e = arg;
	struct weir_sim *s = e->link->sim;

	sim_heap_set(&s->heap, &e->again, s->now);
}

static void nic_after(void *arg, u32 vector, ktime_t delay)
{
	struct sim_end *e = arg;
	struct weir_sim *s = e->link->sim;

	sim_heap_set(&s->heap, &e->vector[vector].event, s->now + delay);
}

static void moderation_over(struct sim_event *ev)
{
	struct sim_vector *v = container_of(ev, struct sim_vector, event);
	struct sim_end *e = v->end;
	struct percpu *before = sim_hw_begin(e->host);

	hw_nic_moderation_over(e->nic, (u32)(v - e->vector));
	sim_hw_end(e->host, before);
}

/* Vector i interrupts CPU i. */
static void spread_interrupts(struct sim_end *e)
{
	struct machine *m = e->host->w.machine;

	for (u32 i = 0; i < e->nic->bus.nr_vectors && m->nr_cpus > 1; i++)
		m->irqs[e->nic->bus.irq[i]]->affinity = i % m->nr_cpus;
}

static int create_nic(struct sim_end *e)
{
	struct sim_host *h = e->host;
	struct hw_nic_clock clock = {
		.now = nic_now, .after = nic_after, .step = nic_again, .arg = e,
	};
	u8 mac[6] = { 0x02, 0, (u8)(h->index >> 16), (u8)(h->index >> 8),
		      (u8)h->index, (u8)h->nr_nics };
	u32 vectors = min_t(u32, max(h->nr_cpus, 2u), SIM_VECTORS);

	for (u32 i = 0; i < vectors; i++) {
		e->vector[i].end = e;
		if (sim_add_event(h->sim, &e->vector[i].event, moderation_over))
			return -ENOMEM;
	}
	e->nic = hw_nic_create(h->w.machine,
			       &e->link->cable.end[e->index].link, mac,
			       vectors, false);
	if (IS_ERR(e->nic)) {
		int err = (int)PTR_ERR(e->nic);

		e->nic = NULL;
		return err;
	}
	hw_nic_set_clock(e->nic, &clock);
	spread_interrupts(e);
	h->nr_nics++;
	return 0;
}

static int set_rings(struct net_device *dev, u32 rx, u32 tx)
{
	struct ethtool_ringparam r;

	dev->ethtool_ops->get_ringparam(dev, &r);
	r.rx_pending = rx ? rx : r.rx_pending;
	r.tx_pending = tx ? tx : r.tx_pending;
	return dev->ethtool_ops->set_ringparam(dev, &r);
}

static int open_device(struct sim_end *e, u32 mtu)
{
	struct sim_host *h = e->host;
	int err = igb_probe(h->w.net, &e->nic->bus, "eth%d",
			    min_t(u32, h->nr_cpus, SIM_VECTORS), &e->dev);

	if (!err && (h->rx_ring || h->tx_ring))
		err = set_rings(e->dev, h->rx_ring, h->tx_ring);
	if (!err && mtu)
		err = dev_set_mtu(e->dev, mtu);
	if (!err)
		err = dev_open(e->dev);
	return err;
}

static int plug(struct sim_end *e, struct sim_host *h, u32 mtu)
{
	struct weir *w = &h->w;
	int err;

	e->host = h;
	if (!w->platform->ops->enter(w->platform, w->machine))
		return -EBUSY;
	err = create_nic(e);
	if (!err)
		err = open_device(e, mtu);
	w->platform->ops->leave(w->platform, w->machine);
	return err;
}

static void unplug(struct sim_end *e)
{
	struct weir *w = &e->host->w;

	if (!w->platform->ops->enter(w->platform, w->machine))
		return;
	if (e->dev)
		igb_remove(e->dev);
	if (e->nic)
		hw_nic_destroy(e->nic);
	e->dev = NULL;
	e->nic = NULL;
	w->platform->ops->leave(w->platform, w->machine);
}

/* --- life ------------------------------------------------------------------------------------ */

void sim_link_destroy(struct weir_sim_link *l)
{
	struct weir_sim *s = l->sim;

	if (l->plugged)
		switch_unplug(&l->port);
	l->plugged = false;
	for (u32 i = 0; i < 2; i++) {
		struct sim_end *e = &l->end[i];

		if (e->host)
			unplug(e);
		sim_drop_event(s, &e->called);
		sim_drop_event(s, &e->again);
		for (u32 v = 0; v < SIM_VECTORS; v++)
			sim_drop_event(s, &e->vector[v].event);
	}
	cable_fini(&l->cable);
	if (!list_empty(&l->list))
		s->stats.links--;
	list_del(&l->list);
	free(l);
}

struct weir_sim_link *sim_link_create(struct weir_sim *s, const char *spec,
				      char *err, size_t errlen)
{
	struct cable_params params[2] = { 0 };
	struct weir_sim_link *l;
	u64 seed = sim_random(s);

	for (u32 i = 0; i < 2; i++)
		params[i].fault.seed = cable_seed(seed, i);
	if (cable_spec_parse(params, CABLE_BOTH, spec, err, errlen))
		return NULL;
	l = calloc(1, sizeof(*l));
	if (!l)
		goto no_memory;
	l->sim = s;
	l->index = s->next_link++;
	INIT_LIST_HEAD(&l->list);
	cable_init(&l->cable, &params[0], &link_cable_ops, l,
		   ((u64)l->index + 1) << 41);
	for (u32 i = 0; i < 2; i++) {
		cable_set(&l->cable, i, &params[i]);
		l->end[i].link = l;
		l->end[i].index = i;
		if (sim_add_event(s, &l->end[i].called, end_called) ||
		    sim_add_event(s, &l->end[i].again, end_again))
			goto no_events;
	}
	list_add_tail(&l->list, &s->links);
	s->stats.links++;
	return l;

no_events:
	sim_link_destroy(l);
no_memory:
	sim_fail(err, errlen, 0, "link: out of memory");
	return NULL;
}

int sim_link_plug(struct weir_sim_link *l, u32 end, struct weir *w, char *err,
		  size_t errlen)
{
	int ret = plug(&l->end[end], to_sim_host(w),
		       l->cable.dir[end].params.mtu);

	if (ret)
		sim_fail(err, errlen, ret, "link: cannot put a NIC into host "
			 "%s: %s", weir_sim_host_name(w), strerror(-ret));
	return ret;
}

struct weir_sim_link *weir_sim_link(struct weir_sim *s, struct weir *a,
				    struct weir *b, const char *spec, char *err,
				    size_t errlen)
{
	struct weir_sim_link *l = sim_link_create(s, spec, err, errlen);

	if (!l)
		return NULL;
	if (sim_link_plug(l, 0, a, err, errlen) ||
	    sim_link_plug(l, 1, b, err, errlen)) {
		sim_link_destroy(l);
		return NULL;
	}
	return l;
}

void sim_links_end(struct weir_sim *s)
{
	struct weir_sim_link *l, *next;

	list_for_each_entry_safe(l, next, &s->links, list)
		sim_link_destroy(l);
	while (s->free_frames) {
		void *mem = s->free_frames;

		memcpy(&s->free_frames, mem, sizeof(void *));
		free(mem);
	}
}

/* --- to change and to look at ------------------------------------------------------------------ */

const char *weir_sim_link_dev(const struct weir_sim_link *l, int end)
{
	if (end < 0 || end > 1 || !l->end[end].dev)
		return NULL;
	return l->end[end].dev->name;
}

int weir_sim_link_mac(const struct weir_sim_link *l, int end, char text[18])
{
	const u8 *a;

	if (end < 0 || end > 1 || !l->end[end].dev)
		return -ENODEV;
	a = l->end[end].dev->dev_addr;
	snprintf(text, 18, "%02x:%02x:%02x:%02x:%02x:%02x", a[0], a[1], a[2],
		 a[3], a[4], a[5]);
	return 0;
}

int weir_sim_link_set(struct weir_sim_link *l, int direction, const char *spec,
		      char *err, size_t errlen)
{
	struct cable_params params[2] = { l->cable.dir[0].params,
					  l->cable.dir[1].params };

	if (direction < -1 || direction > 1)
		return sim_fail(err, errlen, -EINVAL, "link: direction %d is "
				"none of -1, 0, 1", direction);
	if (cable_spec_parse(params, direction, spec, err, errlen))
		return -EINVAL;
	for (u32 i = 0; i < 2; i++)
		if (direction < 0 || (u32)direction == i)
			cable_set(&l->cable, i, &params[i]);
	return 0;
}

int weir_sim_link_stats(const struct weir_sim_link *l, int direction,
			struct weir_sim_link_stats *st)
{
	struct cable_stats cs;

	if (direction < 0 || direction > 1)
		return -EINVAL;
	cable_stats((struct cable *)&l->cable, (u32)direction, &cs);
	*st = (struct weir_sim_link_stats){
		.frames = cs.frames, .bytes = cs.bytes,
		.delivered = cs.delivered, .lost = cs.lost,
		.duplicated = cs.duplicated, .reordered = cs.reordered,
		.corrupted = cs.corrupted, .queue_full = cs.queue_full,
		.too_long = cs.too_long, .cut = cs.cut, .overrun = cs.overrun,
		.queued = cs.queued, .queued_max = cs.queued_max,
	};
	return 0;
}

void weir_sim_link_tap(struct weir_sim_link *l,
		       void (*fn)(void *arg, int64_t now, int direction,
				  const void *frame, size_t len), void *arg)
{
	l->tap = fn;
	l->tap_arg = arg;
}
