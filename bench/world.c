/* SPDX-License-Identifier: BSD-2-Clause */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "cpu/deferred.h"
#include "cpu/rcu.h"
#include "drivers/igb/igb.h"
#include "inet/route.h"
#include "user/stack.h"

#define PAGE	((size_t)4096)

/* --- the platform ----------------------------------------------------------------- */

static struct world *world_of(struct platform *p)
{
	return (struct world *)p;
}

void world_die(const char *what, int err)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(-err));
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

/* Straight from the system: malloc() would touch a page of its own before each
 * aligned piece, and what is resident is measured here. */
static void *alloc(struct platform *p, size_t size, size_t align)
{
	size_t room = ALIGN_UP(size, PAGE) + align;
	u8 *mem = mmap(NULL, room, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0), *at;

	if (mem == MAP_FAILED)
		return NULL;
	at = (u8 *)ALIGN_UP((uintptr_t)mem, align);
	if (at != mem)
		munmap(mem, (size_t)(at - mem));
	munmap(at + ALIGN_UP(size, PAGE),
	       (size_t)(mem + room - at) - ALIGN_UP(size, PAGE));
	world_of(p)->bytes += size;
	return at;
}

static void release(struct platform *p, void *mem, size_t size)
{
	world_of(p)->bytes -= size;
	munmap(mem, ALIGN_UP(size, PAGE));
}

static int park(struct platform *p, struct task *t, ktime_t deadline)
{
	if (deadline == KTIME_MAX)
		world_die("a call blocked", -EDEADLK);
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
	world_die("spins", -EDEADLK);
}

static const struct platform_ops ops = {
	.clock_mono = now, .clock_real = now, .random = fill_random,
	.alloc = alloc, .free = release, .park = park, .unpark = unpark,
	.kick = kick, .timer_program = timer_program, .relax = relax,
};

static ktime_t cable_now(void *arg)
{
	return ((struct world *)arg)->now;
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

const struct cable_ops world_cable_ops = {
	.now = cable_now, .at = cable_at, .alloc = cable_alloc,
	.free = cable_free,
};

void world_check(const char *what, int err)
{
	if (err)
		world_die(what, err);
}

void world_init(struct world *w)
{
	*w = (struct world){ .platform.ops = &ops,
			     .now = 1000 * NSEC_PER_SEC };
	w->depot = slab_depot_create(&w->platform);
	w->magazines = w->depot ? slab_magazines_create(w->depot) : NULL;
	if (!w->magazines)
		world_die("start", -ENOMEM);
}

size_t world_exit(struct world *w)
{
	return slab_depot_destroy(w->depot);
}

size_t world_bytes_in_use(struct world *w)
{
	return w->bytes - slab_bytes(w->depot) + slab_bytes_in_use(w->depot);
}

/* --- hosts -------------------------------------------------------------------------- */

void host_enter(struct host *h)
{
	if (!cpu_get(h->m->cpus[0], &h->task))
		world_die("CPU", -EBUSY);
}

void host_leave(struct host *h)
{
	cpu_put(h->m->cpus[0]);
}

static void done(const struct host_params *p, enum step step)
{
	if (p->done)
		p->done(p->arg, step);
}

static void start_nic(struct host *h, const struct host_params *p)
{
	const u8 mac[6] = { 2, 0, (u8)(p->addr >> 24), (u8)(p->addr >> 16),
			    (u8)(p->addr >> 8), (u8)p->addr };
	struct ethtool_ringparam ring = { .rx_pending = p->ring,
					  .tx_pending = p->ring };

	h->nic = hw_nic_create(h->m, p->link, mac, 1, false);
	if (IS_ERR(h->nic))
		world_die("NIC", (int)PTR_ERR(h->nic));
	done(p, NIC);
	world_check("driver", igb_probe(h->net, &h->nic->bus, "eth%d", 1,
					&h->dev));
	world_check("rings", h->dev->ethtool_ops->set_ringparam(h->dev, &ring));
	done(p, DRIVER);
	world_check("NIC up", dev_open(h->dev));
	done(p, OPEN);
	world_check("address", inet_addr_add(h->dev, cpu_to_be32(p->addr),
					     p->prefix));
	done(p, ADDRESS);
}

void host_start(struct host *h, struct world *w, const struct host_params *p)
{
	const char *failed = "";
	int err;

	h->m = machine_create_on(&w->platform, 1, w->depot, w->magazines);
	if (!h->m)
		world_die("machine", -ENOMEM);
	h->m->size_shift = p->size_shift;
	task_init(&h->task, h->m, "bench");
	done(p, MACHINE);
	host_enter(h);
	world_check("softnet", net_dev_init(h->m));
	done(p, SOFTNET);
	err = stack_init(h->m, "host", &h->net, &failed);
	world_check(failed, err);
	done(p, STACK);
	world_check("loopback", dev_open(h->net->loopback_dev));
	done(p, LOOPBACK);
	start_nic(h, p);
	host_leave(h);
}

void host_stop(struct host *h)
{
	host_enter(h);
	fd_close_all(h->net);
	igb_remove(h->dev);
	hw_nic_destroy(h->nic);
	stack_exit(h->net);
	net_dev_exit(h->m);
	host_leave(h);
	machine_destroy(h->m);
}

void host_run(struct host *h)
{
	e82576_step(&h->nic->hw);
	host_enter(h);
	cpu_run_pending(h->m->cpus[0]);
	run_workqueue(h->m);
	host_leave(h);
}

void hosts_pass(struct world *w, struct host h[2], ktime_t ns)
{
	for (ktime_t end = w->now + ns; w->now < end;
	     w->now += 100 * NSEC_PER_USEC) {
		host_run(&h[0]);
		host_run(&h[1]);
	}
}

struct sockaddr_in world_address(u32 addr, u16 port)
{
	struct sockaddr_in s = { .sin_family = AF_INET };
	__be32 a = cpu_to_be32(addr);
	__be16 p = cpu_to_be16(port);

	memcpy(&s.sin_addr, &a, 4);
	memcpy(&s.sin_port, &p, 2);
	return s;
}
