/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hosts [HOSTS] [CONNECTIONS]: what a stack costs in memory. Makes that many
 * hosts (a machine with one CPU, a stack, a NIC with small rings) on one depot,
 * as a world of virtual time does, cables them in pairs, opens that many TCP
 * connections per pair, leaves them idle, and prints bytes per host, step by
 * step, and what the process takes. HOSTS is rounded up to an even number.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/slab.h"
#include "cpu/deferred.h"
#include "cpu/rcu.h"
#include "cpu/task.h"
#include "dev/netdevice.h"
#include "drivers/igb/igb.h"
#include "hw/cable.h"
#include "hw/nic.h"
#include "inet/route.h"
#include "user/stack.h"
#include "user/sys.h"

#define RING	32
#define SIZE_SHIFT	5	/* see struct machine */
#define PORT	7200

/* --- the world below ------------------------------------------------------------- */

struct world {
	struct platform platform;	/* must be first */
	ktime_t now;
	u64 random;
	size_t bytes;			/* of the platform, out */
	struct slab_depot *depot;
	struct slab_magazines *magazines;
};

struct host {
	struct machine *m;
	struct net *net;
	struct hw_nic *nic;
	struct net_device *dev;
	struct task task;
};

struct pair {
	struct host h[2];
	struct cable cable;
	struct world *w;
};

static struct world *world_of(struct platform *p)
{
	return (struct world *)p;
}

static void die(const char *what, int err)
{
	fprintf(stderr, "hosts: %s: %s\n", what, strerror(-err));
	exit(2);
}

static ktime_t now(struct platform *p)
{
	return world_of(p)->now;
}

static void fill_random(struct platform *p, void *buf, size_t len)
{
	u64 *x = &world_of(p)->random;
	u8 *b = buf;

	for (; len; len--) {
		*x = *x * 6364136223846793005ull + 1442695040888963407ull;
		*b++ = (u8)(*x >> 56);
	}
}

static void *alloc(struct platform *p, size_t size, size_t align)
{
	void *mem = aligned_alloc(align, ALIGN_UP(size, align));

	if (mem)
		world_of(p)->bytes += size;
	return mem;
}

static void release(struct platform *p, void *mem, size_t size)
{
	world_of(p)->bytes -= size;
	free(mem);
}

static int park(struct platform *p, struct task *t, ktime_t deadline)
{
	if (deadline == KTIME_MAX)
		die("a call blocked", -EDEADLK);
	world_of(p)->now = max(world_of(p)->now, deadline);
	return 0;
}

static void unpark(struct platform *p, struct task *t)
{
}

static void kick(struct platform *p, struct cpu *cpu)
{
}

static void timer_program(struct platform *p, struct cpu *cpu, ktime_t when)
{
}

static void relax(struct platform *p)
{
	die("spins", -EDEADLK);
}

static const struct platform_ops ops = {
	.clock_mono = now, .clock_real = now, .random = fill_random,
	.alloc = alloc, .free = release, .park = park, .unpark = unpark,
	.kick = kick, .timer_program = timer_program, .relax = relax,
};

static ktime_t cable_now(void *arg)
{
	return ((struct pair *)arg)->w->now;
}

static void cable_at(void *arg, u32 end, ktime_t when)
{
}

static void *cable_alloc(void *arg, size_t size)
{
	return malloc(size);
}

static void cable_free(void *arg, void *mem, size_t size)
{
	free(mem);
}

static const struct cable_ops cable_ops = {
	.now = cable_now, .at = cable_at, .alloc = cable_alloc,
	.free = cable_free,
};

/* --- what it costs ---------------------------------------------------------------- */

enum step { MACHINE, SOFTNET, STACK, LOOPBACK, NIC, DRIVER, OPEN, ADDRESS,
	    CONNECTIONS, NR_STEPS };
static const char *const step_names[] = {
	"machine and CPU", "softnet", "stack", "loopback up", "NIC",
	"driver", "NIC up", "address", "connections",
};
static_assert(ARRAY_SIZE(step_names) == NR_STEPS, "a name per step");

struct costs {
	size_t bytes[NR_STEPS], last;
};

static size_t bytes_in_use(struct world *w)
{
	return w->bytes - slab_bytes(w->depot) + slab_bytes_in_use(w->depot);
}

static void spent(struct world *w, struct costs *c, enum step step)
{
	size_t bytes = bytes_in_use(w);

	c->bytes[step] += bytes - c->last;
	c->last = bytes;
}

/* --- hosts -------------------------------------------------------------------------- */

static void enter(struct host *h)
{
	if (!cpu_get(h->m->cpus[0], &h->task))
		die("CPU", -EBUSY);
}

static void leave(struct host *h)
{
	cpu_put(h->m->cpus[0]);
}

static void check(const char *what, int err)
{
	if (err)
		die(what, err);
}

static void start_nic(struct host *h, struct world *w, struct hw_link *link,
		      u32 addr, struct costs *c)
{
	const u8 mac[6] = { 2, 0, (u8)(addr >> 24), (u8)(addr >> 16),
			    (u8)(addr >> 8), (u8)addr };
	struct ethtool_ringparam ring = { .rx_pending = RING,
					  .tx_pending = RING };

	h->nic = hw_nic_create(h->m, link, mac, 1, false);
	if (IS_ERR(h->nic))
		die("NIC", (int)PTR_ERR(h->nic));
	spent(w, c, NIC);
	check("driver", igb_probe(h->net, &h->nic->bus, "eth%d", 1, &h->dev));
	check("rings", h->dev->ethtool_ops->set_ringparam(h->dev, &ring));
	spent(w, c, DRIVER);
	check("NIC up", dev_open(h->dev));
	spent(w, c, OPEN);
	check("address", inet_addr_add(h->dev, cpu_to_be32(addr), 30));
	spent(w, c, ADDRESS);
}

static void start_host(struct host *h, struct world *w, struct hw_link *link,
		       u32 addr, struct costs *c)
{
	const char *failed = "";
	int err;

	c->last = bytes_in_use(w);
	h->m = machine_create_on(&w->platform, 1, w->depot, w->magazines);
	if (!h->m)
		die("machine", -ENOMEM);
	h->m->size_shift = SIZE_SHIFT;
	task_init(&h->task, h->m, "hosts");
	spent(w, c, MACHINE);
	enter(h);
	check("softnet", net_dev_init(h->m));
	spent(w, c, SOFTNET);
	err = stack_init(h->m, "host", &h->net, &failed);
	check(failed, err);
	spent(w, c, STACK);
	check("loopback", dev_open(h->net->loopback_dev));
	spent(w, c, LOOPBACK);
	start_nic(h, w, link, addr, c);
	leave(h);
}

static void stop_host(struct host *h)
{
	enter(h);
	fd_close_all(h->net);
	igb_remove(h->dev);
	hw_nic_destroy(h->nic);
	stack_exit(h->net);
	net_dev_exit(h->m);
	leave(h);
	machine_destroy(h->m);
}

static void run_host(struct host *h)
{
	e82576_step(&h->nic->hw);
	enter(h);
	cpu_run_pending(h->m->cpus[0]);
	run_workqueue(h->m);
	leave(h);
}

static void pass(struct pair *p, ktime_t ns)
{
	for (ktime_t end = p->w->now + ns; p->w->now < end;
	     p->w->now += 100 * NSEC_PER_USEC) {
		run_host(&p->h[0]);
		run_host(&p->h[1]);
	}
}

static struct sockaddr_in address(u32 addr)
{
	struct sockaddr_in s = { .sin_family = AF_INET };
	__be32 a = cpu_to_be32(addr);
	__be16 port = cpu_to_be16(PORT);

	memcpy(&s.sin_addr, &a, 4);
	memcpy(&s.sin_port, &port, 2);
	return s;
}

static int open_listener(struct host *h)
{
	struct sockaddr_in any = address(0);
	int fd;

	enter(h);
	fd = sys_socket(h->net, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	check("bind", sys_bind(h->net, fd, (struct sockaddr *)&any,
			       sizeof(any)));
	check("listen", sys_listen(h->net, fd, 16));
	leave(h);
	return fd;
}

static void connect_once(struct pair *p, u32 to, int listener)
{
	struct sockaddr_in s = address(to);
	int fd, err;

	enter(&p->h[0]);
	fd = sys_socket(p->h[0].net, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	err = sys_connect(p->h[0].net, fd, (struct sockaddr *)&s, sizeof(s));
	if (err != -EINPROGRESS)
		die("connect", err);
	leave(&p->h[0]);
	pass(p, 2 * NSEC_PER_MSEC);
	enter(&p->h[1]);
	fd = sys_accept4(p->h[1].net, listener, NULL, NULL, SOCK_NONBLOCK);
	if (fd < 0)
		die("accept", fd);
	leave(&p->h[1]);
}

static void start_pair(struct pair *p, struct world *w, u32 i, u32 connections,
		       struct costs *c)
{
	u32 net = 0x0a000000u + i * 4;
	int listener;

	p->w = w;
	cable_init(&p->cable, &(struct cable_params){ .delay = 1000 },
		   &cable_ops, p, 1);
	start_host(&p->h[0], w, &p->cable.end[0].link, net + 1, c);
	start_host(&p->h[1], w, &p->cable.end[1].link, net + 2, c);
	listener = open_listener(&p->h[1]);
	for (u32 n = 0; n < connections; n++)
		connect_once(p, net + 2, listener);
	pass(p, 5 * NSEC_PER_MSEC);
	spent(w, c, CONNECTIONS);
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
	struct world w = { .platform.ops = &ops, .now = 1000 * NSEC_PER_SEC };
	struct costs c = { 0 };
	size_t leaked;

	w.depot = slab_depot_create(&w.platform);
	w.magazines = w.depot ? slab_magazines_create(w.depot) : NULL;
	if (!n || !p || !w.magazines)
		die("start", -ENOMEM);
	for (u32 i = 0; i < n; i++)
		start_pair(&p[i], &w, i, connections, &c);
	print_costs(&w, &c, 2 * n);
	for (u32 i = 0; i < n; i++) {
		stop_host(&p[i].h[0]);
		stop_host(&p[i].h[1]);
		cable_fini(&p[i].cable);
	}
	leaked = slab_depot_destroy(w.depot);
	free(p);
	return leaked ? 3 : 0;
}
