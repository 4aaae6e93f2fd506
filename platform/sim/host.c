/* SPDX-License-Identifier: BSD-2-Clause */
/* Hosts: a machine and a stack in a world. */
#include "platform/sim/world.h"

#include <stdlib.h>

#include "base/slab.h"
#include "base/trace_header.h"
#include "dev/netdevice.h"

/* Hash tables of small hosts are a 32nd of their usual size, their NICs have
 * rings of 64 and few posted buffers. */
#define SMALL_SHIFT	5

static int start_net(struct sim_host *h, const char *name, char *err,
		     size_t errlen)
{
	const char *failed = "dev";
	struct weir *w = &h->w;
	int ret;

	if (!sim_enter(w->platform, w->machine))
		return sim_fail(err, errlen, -EBUSY, "host %s: called from a "
				"task", name);
	ret = net_dev_init(w->machine);
	if (!ret) {
		ret = stack_init(w->machine, name, &w->net, &failed);
		if (ret)
			net_dev_exit(w->machine);
	}
	if (!ret) {
		failed = "loopback";
		ret = dev_open(w->net->loopback_dev);
	}
	sim_leave(w->platform, w->machine);
	if (ret)
		sim_fail(err, errlen, ret, "host %s: cannot start the stack's "
			 "floor \"%s\": %s", name, failed, strerror(-ret));
	return ret;
}

static void set_costs(struct sim_host *h)
{
	struct machine *m = h->w.machine;

	account_enable(m, true);
	for (u32 i = 0; h->sim->has_costs && i < m->nr_cpus; i++)
		stage_costs_set(&m->cpus[i]->pc, h->sim->costs.stage);
}

static int start_trace(struct sim_host *h)
{
	struct machine *m = h->w.machine;
	struct percpu *pc;

	for (u32 i = 0; h->sim->trace_records && i < m->nr_cpus; i++) {
		pc = &m->cpus[i]->pc;
		pc->trace = trace_ring_create(&h->platform,
					      h->sim->trace_records);
		if (!pc->trace)
			return -ENOMEM;
		trace_switch(pc, true);
	}
	return 0;
}

static int start_machine(struct sim_host *h)
{
	struct weir_sim *s = h->sim;
	struct machine *m;
	int err = 0;

	m = machine_create_on(&h->platform, h->nr_cpus, s->depot,
			      s->magazines);
	if (!m)
		return -ENOMEM;
	h->w.machine = m;
	m->size_shift = h->small ? SMALL_SHIFT : 0;
	for (u32 i = 0; i < h->nr_cpus && !err; i++)
		err = sim_cpu_init(&h->cpu[i], h, m->cpus[i]);
	if (!err)
		err = sim_daemons_init(h);
	if (!err)
		err = start_trace(h);
	sim_task_init(&h->outside, h, "outside");
	h->outside.outside = true;
	return err;
}

static void set_options(struct sim_host *h,
			const struct weir_sim_host_options *o)
{
	h->nr_cpus = o->cpus ? min_t(u32, o->cpus, NR_CPUS) : 1;
	h->small = o->small;
	h->rx_ring = o->rx_ring;
	h->tx_ring = o->tx_ring;
	h->stack_bytes = o->stack_bytes ? o->stack_bytes : SIM_STACK_BYTES;
}

static struct sim_host *host_alloc(struct weir_sim *s,
				   const struct weir_sim_host_options *o)
{
	struct sim_host *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	set_options(h, o);
	h->cpu = calloc(h->nr_cpus, sizeof(*h->cpu));
	h->ksoftirqd = calloc(h->nr_cpus, sizeof(*h->ksoftirqd));
	h->sim = s;
	h->index = s->next_host++;
	h->rng = sim_random(s);
	h->platform.ops = &sim_platform_ops;
	h->w.platform = &h->platform;
	INIT_LIST_HEAD(&h->ports);
	INIT_LIST_HEAD(&h->list);
	if (h->cpu && h->ksoftirqd)
		return h;
	sim_host_destroy(h);
	return NULL;
}

struct weir *weir_sim_host(struct weir_sim *s, const char *name,
			   const struct weir_sim_host_options *o, char *err,
			   size_t errlen)
{
	static const struct weir_sim_host_options none;
	struct sim_host *h = host_alloc(s, o ? o : &none);

	if (!h || start_machine(h)) {
		sim_fail(err, errlen, 0, "host %s: out of memory", name);
		goto destroy;
	}
	if (o && o->bsd_accounting)
		h->w.machine->account_mode = ACCOUNT_BSD;
	if (start_net(h, name, err, errlen))
		goto destroy;
	set_costs(h);
	list_add_tail(&h->list, &s->hosts);
	s->stats.hosts++;
	return &h->w;

destroy:
	if (h)
		sim_host_destroy(h);
	return NULL;
}

static void stop_trace(struct sim_host *h)
{
	struct machine *m = h->w.machine;

	for (u32 i = 0; i < m->nr_cpus; i++)
		trace_ring_destroy(&h->platform, m->cpus[i]->pc.trace);
}

static void stop_net(struct sim_host *h)
{
	struct weir *w = &h->w;

	if (!sim_enter(w->platform, w->machine))
		return;
	sim_ports_end(h);
	stack_exit(w->net);
	net_dev_exit(w->machine);
	sim_leave(w->platform, w->machine);
}

void sim_host_destroy(struct sim_host *h)
{
	if (h->w.net)
		stop_net(h);
	sim_daemons_fini(h);
	for (u32 i = 0; h->w.machine && i < h->nr_cpus; i++)
		sim_cpu_fini(&h->cpu[i]);
	if (h->w.machine) {
		stop_trace(h);
		machine_destroy(h->w.machine);
	}
	if (!list_empty(&h->list))
		h->sim->stats.hosts--;
	list_del(&h->list);
	free(h->ksoftirqd);
	free(h->cpu);
	free(h);
}

/* --- devices moved from outside ------------------------------------------------------ */

struct percpu *sim_hw_begin(struct sim_host *h)
{
	struct percpu *before = weir_this_cpu;

	weir_this_cpu = &h->w.machine->cpus[0]->pc;
	return before;
}

void sim_hw_end(struct sim_host *h, struct percpu *before)
{
	weir_this_cpu = before;
	if (cpu_has_work(h->cpu[0].cpu))
		sim_cpu_look(&h->cpu[0]);
}

/* --- to look at ------------------------------------------------------------------------- */

const char *weir_sim_host_name(struct weir *w)
{
	return w->net->name;
}

struct weir_sim *weir_sim_of(struct weir *w)
{
	return to_sim_host(w)->sim;
}

struct weir *weir_sim_find_host(struct weir_sim *s, const char *name)
{
	struct sim_host *h;

	list_for_each_entry(h, &s->hosts, list)
		if (!strcmp(h->w.net->name, name))
			return &h->w;
	return NULL;
}

int weir_sim_cpu_time(struct weir *w, int cpu, struct weir_sim_cpu_time *t)
{
	struct machine *m = w->machine;

	memset(t, 0, sizeof(*t));
	if (cpu >= (int)m->nr_cpus)
		return -EINVAL;
	for (u32 i = 0; i < m->nr_cpus; i++) {
		if (cpu >= 0 && i != (u32)cpu)
			continue;
		t->user += account_cpu_ns(m->cpus[i], CTX_USER);
		t->sys += account_cpu_ns(m->cpus[i], CTX_TASK);
		t->softirq += account_cpu_ns(m->cpus[i], CTX_SOFTIRQ);
		t->hardirq += account_cpu_ns(m->cpus[i], CTX_HARDIRQ);
		t->ksoftirqd += account_cpu_ns(m->cpus[i], CTX_KSOFTIRQD);
		t->idle += account_cpu_ns(m->cpus[i], CTX_IDLE);
	}
	return 0;
}

size_t weir_sim_trace(struct weir *w, void *records, size_t n, uint64_t *lost)
{
	struct machine *m = w->machine;
	struct trace_record *to = records;
	size_t got = 0;

	for (u32 i = 0; i < m->nr_cpus && got < n; i++)
		if (m->cpus[i]->pc.trace)
			got += trace_ring_read(m->cpus[i]->pc.trace, to + got,
					       (u32)min(n - got, (size_t)~0u),
					       lost);
	return got;
}

size_t weir_sim_trace_header(struct weir *w, void *to, size_t room)
{
	return trace_header(w->platform, w->net->name, w->machine->nr_cpus,
			    to_sim_host(w)->index + 1, to, room);
}
