/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The world of one script: one host, with an address on "tun0", behind which
 * everything else lies. Packets that leave wait in a queue until a line `>`
 * asks for them.
 */
#include "run.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Calls that a task may make, and events that may come, at one instant. */
#define SPIN_LIMIT	(1000 * 1000)
#define TRACE_RECORDS	512

int64_t run_now(const struct run *r)
{
	return weir_sim_now(r->sim);
}

/* A packet has left; whose it is, is clear now and not later: a connection may
 * be closed and another opened before the script looks at it. */
static void output(void *arg, int64_t now, const void *packet, size_t len)
{
	struct run *r = arg;
	struct run_queued *q = malloc(sizeof(*q));
	const char *why;

	if (!q)
		return;
	if (drill_packet_parse(packet, len, &q->w, &why)) {
		free(q);
		return;
	}
	q->w.when = now;
	q->w.p.dir = DRILL_OUT;
	q->conn = live_outbound(&r->live, &q->w);
	q->next = NULL;
	*r->queue_end = q;
	r->queue_end = &q->next;
}

/* ------------------------------------------------------------------- set up */

static int world_fail(struct run *r, const char *err)
{
	return run_fail(r, NULL, "the world for it cannot be made: %s", err);
}

/* The network of an address, as "192.0.0.0/16". */
static void network(struct in_addr a, unsigned int prefix, char *to, size_t size)
{
	char text[INET_ADDRSTRLEN];

	a.s_addr &= prefix ? htonl(UINT32_MAX << (32 - prefix)) : 0;
	inet_ntop(AF_INET, &a, text, sizeof(text));
	snprintf(to, size, "%s/%u", text, prefix);
}

/* Routes to the script's address by itself, which commands change, and to the
 * network around it. A gateway that is the host itself is none. */
static int set_routes(struct run *r, char *err, size_t size)
{
	char to[64], gw[INET_ADDRSTRLEN];
	bool direct = r->cfg.gateway.s_addr == r->cfg.local.s_addr;
	int ret;

	inet_ntop(AF_INET, &r->cfg.gateway, gw, sizeof(gw));
	network(r->cfg.remote, 32, to, sizeof(to));
	ret = weir_route_add(r->host, to, direct ? NULL : gw, "tun0", err, size);
	if (ret)
		return ret;
	network(r->cfg.remote, 24, to, sizeof(to));
	return weir_route_add(r->host, to, direct ? NULL : gw, "tun0", err, size);
}

static int set_addresses(struct run *r, char *err, size_t size)
{
	char text[64], addr[INET_ADDRSTRLEN];
	int ret;

	inet_ntop(AF_INET, &r->cfg.local, addr, sizeof(addr));
	snprintf(text, sizeof(text), "%s/%u", addr, r->cfg.prefix);
	ret = weir_addr_add(r->host, "tun0", text, err, size);
	return ret ? ret : set_routes(r, err, size);
}

static int create_host(struct run *r, char *err, size_t size)
{
	const struct weir_sim_port_options port = {
		.output = output, .arg = r, .mtu = r->cfg.mtu, .offload = 1, .name = "tun0",
	};

	r->host = weir_sim_host(r->sim, "drill", NULL, err, size);
	if (!r->host)
		return -1;
	r->port = weir_sim_port(r->host, &port, err, size);
	return r->port ? set_addresses(r, err, size) : -1;
}

static void conf_sleep(void *arg, int64_t ns)
{
	struct run *r = arg;

	weir_sim_pass(r->sim, ns);
}

int run_world_create(struct run *r)
{
	const struct weir_sim_options world = {
		.seed = 1, .trace_records = TRACE_RECORDS, .spin_limit = SPIN_LIMIT,
	};
	char err[256] = "";

	r->queue_end = &r->queue;
	r->live = (struct live){
		.local_addr = r->cfg.local, .remote_addr = r->cfg.remote,
		.bind_port = r->cfg.bind_port, .connect_port = r->cfg.connect_port,
		.ts_tick_usecs = r->cfg.ts_tick_usecs, .ts_ecr_scaled = r->cfg.ts_ecr_scaled,
	};
	live_init(&r->live);
	r->sim = weir_sim_create(&world, err, sizeof(err));
	if (!r->sim || create_host(r, err, sizeof(err)))
		return world_fail(r, err);
	r->conf = conf_create(&(struct conf_options){
		.w = r->host, .script = r->script->name, .sleep = conf_sleep, .arg = r,
	});
	return r->conf ? 0 : world_fail(r, "out of memory");
}

void run_world_destroy(struct run *r)
{
	struct run_queued *q;
	unsigned int i;

	for (i = 0; i < r->nr_fds; i++)
		if (r->fds[i].host)
			close(r->fds[i].live);
	r->nr_fds = 0;
	if (r->conf)
		conf_destroy(r->conf);
	if (r->sim)
		weir_sim_destroy(r->sim);
	r->conf = NULL;
	r->sim = NULL;
	run_free_calls(r);
	while ((q = r->queue)) {
		r->queue = q->next;
		free(q);
	}
	live_fini(&r->live);
}

/* ------------------------------------------------------------------ running */

int run_until(struct run *r, int64_t when)
{
	int64_t now = run_now(r);

	if (weir_sim_pass(r->sim, when > now ? when - now : 0) == WEIR_SIM_SPIN)
		return run_fail(r, r->event, "the stack runs in circles: something is called "
				"again and again and time does not move");
	return run_collect_calls(r);
}

struct run_queued *run_dequeue(struct run *r, const struct live_conn *c)
{
	struct run_queued *q;
	struct run_seen s;

	while ((q = r->queue)) {
		r->queue = q->next;
		if (!r->queue)
			r->queue_end = &r->queue;
		s = (struct run_seen){ .conn = q->conn, .w = q->w, .ignored = c && q->conn != c };
		run_note_seen(r, &s);
		if (!s.ignored)
			return q;
		free(q);
	}
	return NULL;
}

void run_requeue(struct run *r, struct run_queued *q)
{
	if (!r->queue)
		r->queue_end = &q->next;
	q->next = r->queue;
	r->queue = q;
}
