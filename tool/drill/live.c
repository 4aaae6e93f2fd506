/* SPDX-License-Identifier: BSD-2-Clause */
/* Which connection a packet or a call is about. live_map.c has the numbers. */
#include "live.h"
#include "live_map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Ports of the script's end of passive connections, from here up. */
#define FIRST_REMOTE_PORT	40001

void live_init(struct live *l)
{
	l->next_port = FIRST_REMOTE_PORT;
}

void live_fini(struct live *l)
{
	struct live_conn *c;

	while ((c = l->conns)) {
		l->conns = c->next;
		free(c);
	}
	l->current = NULL;
}

static struct live_conn *conn_create(struct live *l, enum drill_proto proto)
{
	struct live_conn *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->proto = proto;
	c->fd = -1;
	c->next = l->conns;
	l->conns = c;
	l->current = c;
	return c;
}

static void set_ports(struct live_conn *c, uint16_t local, uint16_t remote)
{
	c->has_ports = true;
	c->local_port = local;
	c->remote_port = remote;
}

static struct live_conn *by_ports(struct live *l, enum drill_proto proto, uint16_t local,
				  uint16_t remote)
{
	struct live_conn *c;

	for (c = l->conns; c; c = c->next)
		if (c->proto == proto && c->has_ports && c->local_port == local &&
		    c->remote_port == remote)
			return c;
	return NULL;
}

struct live_conn *live_by_fd(struct live *l, int fd)
{
	struct live_conn *c;

	for (c = l->conns; c; c = c->next)
		if (c->fd == fd)
			return c;
	return NULL;
}

/* --- what calls tell ------------------------------------------------------------ */

void live_listen(struct live *l)
{
	l->listening = true;
}

int live_connect(struct live *l, int fd, enum drill_proto proto)
{
	struct live_conn *c = live_by_fd(l, fd);

	if (c) {
		c->reopened = true;
		l->current = c;
	} else {
		c = conn_create(l, proto);
	}
	if (!c)
		return -ENOMEM;
	c->fd = fd;
	c->active = true;
	l->listening = false;
	if (proto == DRILL_UDP && c->has_ports)
		c->remote_port = l->connect_port;
	return 0;
}

int live_bind(struct live *l, int fd, enum drill_proto proto, uint16_t port)
{
	struct live_conn *c;

	if (proto != DRILL_UDP)
		return 0;
	c = conn_create(l, proto);
	if (!c)
		return -ENOMEM;
	c->fd = fd;
	set_ports(c, port, l->connect_port);
	return 0;
}

void live_accepted(struct live *l, int fd, uint16_t remote_port)
{
	struct live_conn *c;

	for (c = l->conns; c; c = c->next)
		if (!c->active && c->proto == DRILL_TCP && c->remote_port == remote_port) {
			c->fd = fd;
			return;
		}
}

void live_closed(struct live *l, int fd)
{
	struct live_conn *c = live_by_fd(l, fd);

	if (c)
		c->fd = -1;
}

size_t live_read(struct live_conn *c, const uint8_t *bytes, size_t n, bool peek)
{
	uint32_t first = c->remote.live + 1 + c->read;
	size_t i;

	if (c->read_unknown || c->proto != DRILL_TCP || !c->remote.known)
		return n;
	for (i = 0; i < n; i++)
		if (bytes[i] != drill_pattern(first + (uint32_t)i))
			break;
	if (!peek)
		c->read += (uint32_t)n;
	return i;
}

/* --- packets ---------------------------------------------------------------------- */

static bool opens(const struct drill_packet *p)
{
	return p->proto == DRILL_TCP &&
	       (p->tcp.flags & (DRILL_SYN | DRILL_ACK | DRILL_RST)) == DRILL_SYN;
}

static struct live_conn *create_passive(struct live *l, const struct drill_packet *script)
{
	enum drill_proto proto = script->proto == DRILL_UDP ? DRILL_UDP : DRILL_TCP;
	struct live_conn *c = conn_create(l, proto);

	if (!c)
		return NULL;
	if (script->has_ports)
		set_ports(c, script->dst_port, script->src_port);
	else
		set_ports(c, l->bind_port, l->next_port++);
	if (opens(script))
		l->listening = false;
	return c;
}

/* The connection that a line `<` speaks to; it may be a new one. */
static struct live_conn *inbound_conn(struct live *l, const struct drill_packet *script)
{
	struct live_conn *c = NULL;

	if (script->has_ports) {
		c = by_ports(l, script->proto == DRILL_UDP ? DRILL_UDP : DRILL_TCP,
			     script->dst_port, script->src_port);
		if (c)
			l->current = c;
		return c ? c : create_passive(l, script);
	}
	if (!l->current || (opens(script) && l->listening))
		return create_passive(l, script);
	return l->current;
}

/* Options of a SYN that matter later. */
static void note_syn(struct live_conn *c, const struct drill_tcp *t)
{
	unsigned int i;

	for (i = 0; i < t->nopts; i++)
		if (t->opts[i].kind == DRILL_OPT_MSS)
			c->mss = t->opts[i].mss;
	c->last_syn = t->seq;
	c->last_syn_len = t->len;
	if (c->remote_fixed)
		return;
	c->remote = (struct live_side){ true, t->seq, t->seq };
}

int live_inbound(struct live *l, const struct drill_packet *script, struct drill_packet *live,
		 struct drill_path *path, struct live_conn **conn)
{
	struct live_conn *c = inbound_conn(l, script);

	if (!c)
		return -ENOMEM;
	if (script->proto == DRILL_TCP && script->tcp.flags & DRILL_SYN)
		note_syn(c, &script->tcp);
	/* an urgent byte is not read with the others */
	if (script->proto == DRILL_TCP && script->tcp.flags & DRILL_URG)
		c->read_unknown = true;
	live_map_in(l, c, script, live);
	*path = (struct drill_path){
		.src = l->remote_addr, .dst = l->local_addr,
		.src_port = c->remote_port, .dst_port = c->local_port,
	};
	*conn = c;
	return 0;
}

/* The stack's SYN: of the connection that a call opens, or again: then what the
 * descriptor was before is over. */
static struct live_conn *outbound_syn(struct live *l, const struct drill_wire *w)
{
	struct live_conn *c = l->current;
	int fd = -1;

	if (c && c->active && c->has_ports && c->reopened) {
		fd = c->fd;
		c->fd = -1;
		c->reopened = false;
	}
	if (!c || !c->active || c->has_ports) {
		c = conn_create(l, DRILL_TCP);
		if (!c)
			return NULL;
		c->active = true;
		c->fd = fd;
	}
	set_ports(c, w->src_port, w->dst_port);
	return c;
}

/* The stack answers a SYN of the script: perhaps the connection's second. */
static void learn_syn_ack(struct live_conn *c, const struct drill_tcp *t)
{
	if (t->ack - c->last_syn - 1 <= c->last_syn_len && c->last_syn != c->remote.live) {
		c->remote.script = c->remote.live = c->last_syn;
		c->local.known = false;
	}
	if (!c->local.known)
		c->local.live = t->seq;
	c->local.known = true;
}

static void learn_outbound(struct live_conn *c, const struct drill_tcp *t)
{
	if (t->flags & DRILL_SYN && t->flags & DRILL_ACK)
		learn_syn_ack(c, t);
	else if (t->flags & DRILL_SYN && (!c->local.known || c->reopened))
		c->local = (struct live_side){ true, 0, t->seq };
	if (t->flags & DRILL_SYN)
		c->reopened = false;
	if (t->flags & DRILL_ACK && !(t->flags & DRILL_RST))
		c->remote_fixed = true;
}

struct live_conn *live_outbound(struct live *l, const struct drill_wire *w)
{
	enum drill_proto proto = w->p.proto;
	struct live_conn *c;

	if (proto == DRILL_ICMP)
		proto = w->p.icmp.quote.proto;
	c = by_ports(l, proto, w->src_port, w->dst_port);
	if (!c && opens(&w->p))
		c = outbound_syn(l, w);
	if (!c && proto == DRILL_UDP && l->current && l->current->proto == DRILL_UDP) {
		c = l->current;
		set_ports(c, w->src_port, w->dst_port);
	}
	if (c && w->p.proto == DRILL_TCP)
		learn_outbound(c, &w->p.tcp);
	return c;
}

struct live_conn *live_expected(struct live *l, const struct drill_packet *script)
{
	enum drill_proto proto = script->proto == DRILL_UDP ? DRILL_UDP : DRILL_TCP;
	struct live_conn *c;

	if (!script->has_ports)
		return l->current;
	c = by_ports(l, proto, script->src_port, script->dst_port);
	return c ? c : l->current;
}
