/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See hw/switch.h. One thread moves it: no locks.
 *
 * The table of stations grows with their number. A slot whose entry is too
 * old, or has no port any more, stays in use until the table would have to
 * grow, and is thrown out then.
 */
#include "hw/switch.h"
#include "hw/hw_drop.h"
#include "buf/iov_iter.h"

#define FIRST_SLOTS	16u
#define SWEEP_INTERVAL	NSEC_PER_SEC	/* of a table that cannot grow */

struct switch_frame {
	struct switch_frame *next;
	struct hw_frame f;
	u8 data[];
};

static ktime_t switch_now(const struct hw_switch *sw)
{
	return sw->ops->now(sw->arg);
}

/* --- stations -------------------------------------------------------------------- */

static u64 mac_of(const u8 *bytes)
{
	u64 mac = 0;

	memcpy(&mac, bytes, 6);
	return mac;
}

static bool is_group(const u8 *mac)
{
	return mac[0] & 1;
}

static bool is_known(const struct switch_station *s, ktime_t now)
{
	return s->port && now - s->seen < SWITCH_AGEING;
}

/* The station's slot, or the free one where it would be. */
static struct switch_station *slot_of(struct switch_station *table, u32 slots,
				      u64 mac)
{
	u32 i = (u32)(mac * 0x9e3779b97f4a7c15ull >> 32);

	for (;; i++) {
		struct switch_station *s = &table[i & (slots - 1)];

		if (s->mac == mac || !s->mac)
			return s;
	}
}

static size_t table_bytes(u32 slots)
{
	return slots * sizeof(struct switch_station);
}

/* A new table with those stations that are known. */
static bool rebuild(struct hw_switch *sw, u32 slots, ktime_t now)
{
	struct switch_station *table;
	u32 i;

	table = sw->ops->alloc(sw->arg, table_bytes(slots));
	if (!table)
		return false;
	memset(table, 0, table_bytes(slots));
	sw->used = 0;
	for (i = 0; i < sw->slots; i++) {
		struct switch_station *s = &sw->table[i];

		if (!s->mac || !is_known(s, now))
			continue;
		*slot_of(table, slots, s->mac) = *s;
		sw->used++;
	}
	if (sw->table)
		sw->ops->free(sw->arg, sw->table, table_bytes(sw->slots));
	sw->table = table;
	sw->slots = slots;
	sw->swept = now;
	return true;
}

/* Three quarters of the slots are used at most, so that searches end soon. */
static bool is_full(const struct hw_switch *sw)
{
	return sw->used >= sw->slots / 4 * 3;
}

static bool has_room(struct hw_switch *sw, ktime_t now)
{
	if (likely(!is_full(sw)))
		return true;
	if (sw->slots < SWITCH_MAX_SLOTS)
		return rebuild(sw, max(sw->slots * 2, FIRST_SLOTS), now);
	return now - sw->swept >= SWEEP_INTERVAL &&
	       rebuild(sw, sw->slots, now) && !is_full(sw);
}

/* 802.1D 7.8 */
static void learn(struct switch_port *port, const u8 *bytes)
{
	struct hw_switch *sw = port->sw;
	ktime_t now = switch_now(sw);
	struct switch_station *s = NULL;
	u64 mac = mac_of(bytes);

	if (is_group(bytes) || !mac)
		return;
	if (sw->slots)
		s = slot_of(sw->table, sw->slots, mac);
	if (!s || !s->mac) {
		if (!has_room(sw, now))
			return;
		s = slot_of(sw->table, sw->slots, mac);
		s->mac = mac;
		sw->used++;
	}
	s->port = port;
	s->seen = now;
}

struct switch_port *switch_find(const struct hw_switch *sw, const u8 mac[6])
{
	struct switch_station *s;

	if (is_group(mac) || !sw->slots)
		return NULL;
	s = slot_of(sw->table, sw->slots, mac_of(mac));
	return is_known(s, switch_now(sw)) ? s->port : NULL;
}

/* --- output ------------------------------------------------------------------------ */

static void lose(const struct hw_frame *f, u64 *counter,
		 enum skb_drop_reason why)
{
	(*counter)++;
	hw_drop(why, f->packet, f->len);
}

static void enqueue(struct switch_port *port, const struct hw_frame *f,
		    const u8 *data)
{
	const struct cable_ops *ops = port->sw->ops;
	struct switch_frame *sf;

	if (port->queued >= SWITCH_MAX_QUEUE) {
		lose(f, &port->stats.queue_full, SKB_DROP_REASON_FIFO_FULL);
		return;
	}
	sf = ops->alloc(port->sw->arg, sizeof(*sf) + f->len);
	if (!sf) {
		lose(f, &port->stats.queue_full, SKB_DROP_REASON_NOMEM);
		return;
	}
	sf->next = NULL;
	sf->f = *f;
	copy_bytes(sf->data, data, f->len, COPY_DMA_TX);
	*port->tail = sf;
	port->tail = &sf->next;
	port->queued++;
}

/* False: the cable is busy, and will ask for a call. */
static bool put_on_cable(struct switch_port *port, const struct hw_frame *f,
			 const u8 *data)
{
	struct hw_link *link = &port->end->link;
	struct hw_frame copy = *f;
	struct hw_vec v = { data, f->len };
	int ret;

	link->ops->tx_begin(link);
	ret = link->ops->xmit(link, &copy, &v, 1);
	link->ops->tx_end(link);
	if (ret == -EAGAIN)
		return false;
	if (ret)
		lose(f, &port->stats.refused, SKB_DROP_REASON_DEV_TX_ERROR);
	else
		port->stats.sent++;
	return true;
}

static void output(struct switch_port *port, const struct hw_frame *f,
		   const u8 *data)
{
	if (port->first || !put_on_cable(port, f, data))
		enqueue(port, f, data);
}

static void drop_first(struct switch_port *port)
{
	struct switch_frame *sf = port->first;

	port->first = sf->next;
	if (!port->first)
		port->tail = &port->first;
	port->queued--;
	port->sw->ops->free(port->sw->arg, sf, sizeof(*sf) + sf->f.len);
}

/* --- input ------------------------------------------------------------------------- */

static void flood(struct switch_port *from, const struct hw_frame *f,
		  const u8 *data)
{
	struct switch_port *port;

	from->stats.flooded++;
	list_for_each_entry(port, &from->sw->ports, entry)
		if (port != from)
			output(port, f, data);
}

/* 01-80-c2-00-00-0x: for the bridge itself, never forwarded. */
static bool is_reserved(const u8 *mac)
{
	static const u8 group[5] = { 0x01, 0x80, 0xc2, 0, 0 };

	return !memcmp(mac, group, 5) && mac[5] < 16;
}

/* 802.1D 7.7 */
static void forward(struct switch_port *from, const struct hw_frame *f,
		    const u8 *data)
{
	struct switch_port *to;

	from->stats.received++;
	learn(from, data + 6);
	to = switch_find(from->sw, data);
	if (to == from || is_reserved(data))
		from->stats.filtered++;
	else if (to)
		output(to, f, data);
	else
		flood(from, f, data);
}

void switch_step(struct switch_port *port)
{
	struct hw_link *link = &port->end->link;
	struct hw_frame f;
	const u8 *data;

	while (port->first &&
	       put_on_cable(port, &port->first->f, port->first->data))
		drop_first(port);
	while ((data = link->ops->rx_peek(link, &f))) {
		forward(port, &f, data);
		link->ops->rx_next(link);
	}
	link->ops->rx_end(link);
}

/* --- life -------------------------------------------------------------------------- */

static bool offloads(const struct cable_end *end, bool *both)
{
	const struct cable_dir *d = end->cable->dir;

	*both = d[0].params.offload == d[1].params.offload;
	return d[0].params.offload;
}

int switch_plug(struct hw_switch *sw, struct switch_port *port,
		struct cable_end *end)
{
	struct switch_port *other;
	bool offload, both;

	offload = offloads(end, &both);
	if (!both)
		return -EINVAL;
	if (!list_empty(&sw->ports)) {
		other = list_first_entry(&sw->ports, struct switch_port, entry);
		if (offloads(other->end, &both) != offload)
			return -EINVAL;
	}
	memset(port, 0, sizeof(*port));
	port->sw = sw;
	port->end = end;
	port->tail = &port->first;
	list_add_tail(&port->entry, &sw->ports);
	return 0;
}

void switch_unplug(struct switch_port *port)
{
	struct hw_switch *sw = port->sw;
	u32 i;

	while (port->first)
		drop_first(port);
	list_del(&port->entry);
	for (i = 0; i < sw->slots; i++)
		if (sw->table[i].port == port)
			sw->table[i].port = NULL;
}

void switch_init(struct hw_switch *sw, const struct cable_ops *ops, void *arg)
{
	memset(sw, 0, sizeof(*sw));
	INIT_LIST_HEAD(&sw->ports);
	sw->ops = ops;
	sw->arg = arg;
}

void switch_fini(struct hw_switch *sw)
{
	if (sw->table)
		sw->ops->free(sw->arg, sw->table, table_bytes(sw->slots));
	sw->table = NULL;
	sw->slots = 0;
}
