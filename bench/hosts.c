/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hosts [HOSTS] [CONNECTIONS]: what a stack costs in memory. Makes that many
 * hosts (a machine with one CPU, a stack, a NIC with small rings) on one depot,
 * as a world of virtual time does, cables them in pairs, opens that many TCP
 * connections per pair, leaves them idle, and prints bytes per host, step by
 * step, and what the process takes. HOSTS is rounded up to an even number.
 * (What a connection costs, when there are many: idle_conns.)
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "world.h"

#define RING	32
#define SIZE_SHIFT	5	/* see struct machine */
#define PORT	7200

/* --- what it costs ---------------------------------------------------------------- */

enum { CONNECTIONS = HOST_STEPS, NR_STEPS };
static const char *const step_names[] = {
	"machine and CPU", "softnet", "stack", "loopback up", "NIC",
	"driver", "NIC up", "address", "connections",
};
static_assert(ARRAY_SIZE(step_names) == NR_STEPS, "a name per step");

struct costs {
	struct world *w;
	size_t bytes[NR_STEPS], last;
};

static void spent(void *arg, enum step step)
{
	struct costs *c = arg;
	size_t bytes = world_bytes_in_use(c->w);

	c->bytes[step] += bytes - c->last;
	c->last = bytes;
}

/* --- pairs -------------------------------------------------------------------------- */

struct pair {
	struct host h[2];
	struct cable cable;
	struct world *w;
};

static void start_host(struct host *h, struct hw_link *link, u32 addr,
		       struct costs *c)
{
	struct host_params p = { .link = link, .addr = addr, .prefix = 30,
				 .ring = RING, .size_shift = SIZE_SHIFT,
				 .done = spent, .arg = c };

	c->last = world_bytes_in_use(c->w);
	host_start(h, c->w, &p);
}

static int open_listener(struct host *h)
{
	struct sockaddr_in any = world_address(0, PORT);
	int fd;

	host_enter(h);
	fd = sys_socket(h->net, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	world_check("bind", sys_bind(h->net, fd, (struct sockaddr *)&any,
			       sizeof(any)));
	world_check("listen", sys_listen(h->net, fd, 16));
	host_leave(h);
	return fd;
}

static void connect_once(struct pair *p, u32 to, int listener)
{
	struct sockaddr_in s = world_address(to, PORT);
	int fd, err;

	host_enter(&p->h[0]);
	fd = sys_socket(p->h[0].net, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	err = sys_connect(p->h[0].net, fd, (struct sockaddr *)&s, sizeof(s));
	if (err != -EINPROGRESS)
		world_die("connect", err);
	host_leave(&p->h[0]);
	hosts_pass(p->w, p->h, 2 * NSEC_PER_MSEC);
	host_enter(&p->h[1]);
	fd = sys_accept4(p->h[1].net, listener, NULL, NULL, SOCK_NONBLOCK);
	if (fd < 0)
		world_die("accept", fd);
	host_leave(&p->h[1]);
}

static void start_pair(struct pair *p, struct world *w, u32 i, u32 connections,
		       struct costs *c)
{
	u32 net = 0x0a000000u + i * 4;
	int listener;

	p->w = w;
	cable_init(&p->cable, &(struct cable_params){ .delay = 1000 },
		   &world_cable_ops, w, 1);
	start_host(&p->h[0], &p->cable.end[0].link, net + 1, c);
	start_host(&p->h[1], &p->cable.end[1].link, net + 2, c);
	listener = open_listener(&p->h[1]);
	for (u32 n = 0; n < connections; n++)
		connect_once(p, net + 2, listener);
	hosts_pass(p->w, p->h, 5 * NSEC_PER_MSEC);
	spent(c, (enum step)CONNECTIONS);
}

static void print_costs(struct world *w, const struct costs *c, u32 hosts)
{
	size_t sum = 0;
	struct rusage u;

	for (u32 i = 0; i < NR_STEPS; i++) {
		printf("%-18s %8zu bytes\n", step_names[i], c->bytes[i] / hosts);
		sum += c->bytes[i];
	}
	printf("%-18s %8zu bytes, in use\n", "a host", sum / hosts);
	printf("%-18s %8zu bytes, with what lies ready in the depot\n", "",
	       w->bytes / hosts);
	getrusage(RUSAGE_SELF, &u);
	printf("%-18s %8ld KiB, %ld KiB per host\n", "the process",
	       u.ru_maxrss, u.ru_maxrss / (long)hosts);
}

int main(int argc, char **argv)
{
	u32 n = argc > 1 ? ((u32)atoi(argv[1]) + 1) / 2 : 500;
	u32 connections = argc > 2 ? (u32)atoi(argv[2]) : 2;
	struct pair *p = calloc(n ? n : 1, sizeof(*p));
	struct world w;
	struct costs c = { .w = &w };

	if (!n || !p)
		world_die("start", -ENOMEM);
	world_init(&w);
	for (u32 i = 0; i < n; i++)
		start_pair(&p[i], &w, i, connections, &c);
	print_costs(&w, &c, 2 * n);
	for (u32 i = 0; i < n; i++) {
		host_stop(&p[i].h[0]);
		host_stop(&p[i].h[1]);
		cable_fini(&p[i].cable);
	}
	free(p);
	return world_exit(&w) ? 3 : 0;
}
