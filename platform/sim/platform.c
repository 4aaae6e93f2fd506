/* SPDX-License-Identifier: BSD-2-Clause */
/* The porting contract (base/platform.h) in virtual time. Tasks: task.c. */
#include "platform/sim/world.h"

#include <stdio.h>
#include <stdlib.h>

#define EPOCH_NS	(1600000000 * NSEC_PER_SEC)	/* at the clock's 0 */
#define RELAX_NS	100		/* of a lock's holder, between two looks */

static struct weir_sim *world_of(struct platform *p)
{
	return host_of_platform(p)->sim;
}

static ktime_t sim_clock_mono(struct platform *p)
{
	return world_of(p)->now;
}

static ktime_t sim_clock_real(struct platform *p)
{
	return world_of(p)->now + EPOCH_NS;
}

/* Each host has its own sequence: what one asks for does not change what
 * others get. */
static void sim_random_bytes(struct platform *p, void *buf, size_t len)
{
	struct sim_host *h = host_of_platform(p);
	u64 word = 0;
	u8 *to = buf;

	for (size_t i = 0; i < len; i++, word >>= 8) {
		if (i % 8 == 0)
			word = sim_next_random(&h->rng);
		to[i] = (u8)word;
	}
}

static void *sim_alloc(struct platform *p, size_t size, size_t align)
{
	struct platform *memory = &world_of(p)->memory;

	return memory->ops->alloc(memory, size, align);
}

static void sim_free(struct platform *p, void *mem, size_t size)
{
	struct platform *memory = &world_of(p)->memory;

	memory->ops->free(memory, mem, size);
}

static void sim_kick(struct platform *p, struct cpu *cpu)
{
	sim_cpu_look(sim_cpu_of(host_of_platform(p), cpu));
}

static void sim_timer_program(struct platform *p, struct cpu *cpu,
			      ktime_t expires)
{
	struct sim_host *h = host_of_platform(p);
	struct weir_sim *s = h->sim;
	struct sim_cpu *c = sim_cpu_of(h, cpu);

	if (!c->cpu)
		return;			/* while the machine is being made */
	if (expires == KTIME_MAX)
		sim_heap_del(&s->heap, &c->timer);
	else
		sim_heap_set(&s->heap, &c->timer, max(expires, s->now));
}

static void sim_relax(struct platform *p)
{
	struct weir_sim *s = world_of(p);

	if (s->running)
		sim_wait(s->running->cpu, RELAX_NS);
	else
		sim_step(s, KTIME_MAX);
}

static void sim_spend_stage(struct platform *p, struct percpu *pc, ktime_t ns)
{
	struct sim_context *c = world_of(p)->running;

	/* not outside, and not while another CPU is visited */
	if (c && &c->cpu->cpu->pc == pc)
		sim_spend(c->cpu, ns);
}

static void sim_bug(struct platform *p, const char *file, int line,
		    const char *what)
{
	struct sim_host *h = host_of_platform(p);

	fprintf(stderr, "weir: BUG in host %s at %lld ns: %s:%d: %s\n",
		h->w.net ? h->w.net->name : "?", (long long)h->sim->now, file,
		line, what);
	abort();
}

const struct platform_ops sim_platform_ops = {
	.clock_mono = sim_clock_mono,
	.clock_real = sim_clock_real,
	.random = sim_random_bytes,
	.alloc = sim_alloc,
	.free = sim_free,
	.enter = sim_enter,
	.leave = sim_leave,
	.park = sim_park,
	.unpark = sim_unpark,
	.kick = sim_kick,
	.timer_program = sim_timer_program,
	.relax = sim_relax,
	.spend = sim_spend_stage,
	.bug = sim_bug,
};
