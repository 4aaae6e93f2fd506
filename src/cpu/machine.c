/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine and who occupies its CPUs.
 *
 * Work of a CPU is in its pending bits (interrupts, softirqs), which any
 * thread may set, and in its timers. Nothing is lost when the occupant leaves,
 * since it publishes "vacant" before it looks at the bits for the last time,
 * and who sets a bit does so before it looks whether somebody is there: all
 * four accesses are sequentially consistent, so at least one of the two sees
 * the other. Whoever sees it has the CPU kicked, and ksoftirqd comes.
 *
 * The pair cpu_get/cpu_put costs two atomic exchanges and reads no clock.
 */
#include "cpu/account.h"
#include "base/slab.h"
#include "cpu/deferred.h"
#include "cpu/irq.h"
#include "cpu/napi.h"
#include "cpu/rcu.h"
#include "cpu/timer.h"

/* A task that leaves softirqs to ksoftirqd does so this often in a row; then
 * ksoftirqd gets no share of the host's cores and the task runs them. */
#define KSOFTIRQD_MAX_SKIPS	8

#define PACKET_ID_CPU_SHIFT	48

static bool cpu_pending(const struct cpu *cpu)
{
	return __atomic_load_n(&cpu->softirq_pending, __ATOMIC_SEQ_CST) ||
	       __atomic_load_n(&cpu->irq_work, __ATOMIC_SEQ_CST);
}

bool cpu_has_work(const struct cpu *cpu)
{
	if (cpu_pending(cpu))
		return true;
	return cpu->pc.id == 0 && READ_ONCE(cpu->machine->work_count);
}

ktime_t cpu_next_timer(const struct cpu *cpu)
{
	return smp_load_acquire(&cpu->next_event);
}

static void occupy(struct cpu *cpu, struct task *t)
{
	weir_this_cpu = &cpu->pc;
	cpu->current = t;
	cpu->pc.task_id = t ? t->id : 0;
	account_enter(cpu, t && t->is_ksoftirqd ? CTX_KSOFTIRQD : CTX_TASK);
	rcu_qs(cpu);
}

bool cpu_get(struct cpu *cpu, struct task *t)
{
	if (__atomic_load_n(&cpu->busy, __ATOMIC_SEQ_CST) ||
	    __atomic_exchange_n(&cpu->busy, 1, __ATOMIC_SEQ_CST))
		return false;
	occupy(cpu, t);
	if (t)
		t->last_cpu = cpu;
	return true;
}

static noinline void run_before_put(struct cpu *cpu)
{
	if (READ_ONCE(cpu->irq_work))
		irq_deliver(cpu);
	if (!READ_ONCE(cpu->softirq_pending))
		return;
	if (cpu->ksoftirqd_should_run && ++cpu->put_skips < KSOFTIRQD_MAX_SKIPS)
		return;
	cpu->ksoftirqd_should_run = false;
	cpu->put_skips = 0;
	__do_softirq(cpu);
}

static void vacate(struct cpu *cpu)
{
	account_enter(cpu, CTX_IDLE);
	cpu->current = NULL;
	cpu->pc.task_id = 0;
	rcu_qs(cpu);	/* saves others the look at whether it is vacant */
	__atomic_exchange_n(&cpu->busy, 0, __ATOMIC_SEQ_CST);
	if (unlikely(cpu_pending(cpu)))
		cpu->pc.platform->ops->kick(cpu->pc.platform, cpu);
}

void cpu_put(struct cpu *cpu)
{
	BUG_ON(cpu->bh_off || cpu->irq_off);
	if (unlikely(cpu_pending(cpu)))
		run_before_put(cpu);
	weir_this_cpu = NULL;
	vacate(cpu);
}

bool cpu_visit(struct cpu *cpu, void (*fn)(struct cpu *cpu))
{
	struct percpu *home = weir_this_cpu;

	BUG_ON(home == &cpu->pc);
	if (__atomic_load_n(&cpu->busy, __ATOMIC_SEQ_CST) ||
	    __atomic_exchange_n(&cpu->busy, 1, __ATOMIC_SEQ_CST))
		return false;
	occupy(cpu, NULL);
	fn(cpu);
	weir_this_cpu = home;
	vacate(cpu);
	return true;
}

bool cpu_run_pending(struct cpu *cpu)
{
	struct platform *p = cpu->pc.platform;
	bool did = false;
	ktime_t now;

	BUG_ON(cpu->bh_off || cpu->irq_off);
	if (READ_ONCE(cpu->next_event) != KTIME_MAX) {
		now = p->ops->clock_mono(p);
		if (now >= READ_ONCE(cpu->next_event))
			timer_interrupt(cpu, now);
	}
	if (cpu_pending(cpu)) {
		cpu->ksoftirqd_should_run = false;
		cpu->put_skips = 0;
		__do_softirq(cpu);
		did = true;
	}
	rcu_qs(cpu);
	return did;
}

/* --- life of a machine ------------------------------------------------------- */

static struct cpu *cpu_create(struct machine *m, u32 id,
			      struct slab_magazines *shared)
{
	struct platform *p = m->platform;
	struct cpu *cpu = p->ops->alloc(p, sizeof(*cpu), 64);

	if (!cpu)
		return NULL;
	memset(cpu, 0, sizeof(*cpu));
	cpu->pc.id = id;
	cpu->pc.platform = p;
	cpu->pc.machine = m;
	cpu->pc.next_packet_id = ((u64)id << PACKET_ID_CPU_SHIFT) + 1;
	if (slab_attach_cpu(m->depot, shared, &cpu->pc)) {
		p->ops->free(p, cpu, sizeof(*cpu));
		return NULL;
	}
	cpu->machine = m;
	cpu->timers.cpu = cpu;
	timer_wheel_init(&cpu->timers.wheel,
			 ktime_to_jiffies(p->ops->clock_mono(p)));
	cpu->hrtimers.cpu = cpu;
	cpu->next_event = KTIME_MAX;
	INIT_LIST_HEAD(&cpu->poll_list);
	rcu_cpu_init(cpu);
	return cpu;
}

static void free_machine(struct machine *m)
{
	struct platform *p = m->platform;

	for (u32 i = 0; i < m->nr_cpus; i++)
		if (m->cpus[i])
			p->ops->free(p, m->cpus[i], sizeof(*m->cpus[i]));
	p->ops->free(p, m, sizeof(*m));
}

/* What is left in the depot; 0 when that is somebody else's. */
static size_t leave_depot(struct machine *m)
{
	for (u32 i = 0; i < m->nr_cpus; i++)
		if (m->cpus[i])
			slab_detach_cpu(&m->cpus[i]->pc);
	return m->own_depot ? slab_depot_destroy(m->depot) : 0;
}

static void set_defaults(struct machine *m)
{
	INIT_LIST_HEAD(&m->work_list);
	m->netdev_budget = 300;
	m->netdev_budget_usecs = 2 * TICK_NSEC / NSEC_PER_USEC;
	m->dev_weight = 64;
	m->busy_poll_usecs = 50;
	m->rcu_epoch = 1;
	m->next_napi_id = NR_CPUS;	/* ids tell themselves from CPUs */
	open_softirq(m, HI_SOFTIRQ, tasklet_hi_action);
	open_softirq(m, TIMER_SOFTIRQ, run_timer_softirq);
	open_softirq(m, NET_RX_SOFTIRQ, net_rx_action);
	open_softirq(m, TASKLET_SOFTIRQ, tasklet_action);
	open_softirq(m, HRTIMER_SOFTIRQ, run_hrtimer_softirq);
	open_softirq(m, RCU_SOFTIRQ, rcu_softirq);
}

struct machine *machine_create_on(struct platform *p, u32 nr_cpus,
				  struct slab_depot *depot,
				  struct slab_magazines *shared)
{
	struct machine *m;

	if (!nr_cpus || nr_cpus > NR_CPUS)
		return NULL;
	m = p->ops->alloc(p, sizeof(*m), 64);
	if (!m)
		return NULL;
	memset(m, 0, sizeof(*m));
	m->platform = p;
	m->nr_cpus = nr_cpus;
	set_defaults(m);
	m->own_depot = !depot;
	m->depot = depot ? depot : slab_depot_create(p);
	if (!m->depot)
		goto no_depot;
	for (u32 i = 0; i < nr_cpus; i++) {
		m->cpus[i] = cpu_create(m, i, shared);
		if (!m->cpus[i])
			goto no_cpu;
	}
	return m;

no_cpu:
	leave_depot(m);
no_depot:
	free_machine(m);
	return NULL;
}

struct machine *machine_create(struct platform *p, u32 nr_cpus)
{
	return machine_create_on(p, nr_cpus, NULL, NULL);
}

static void cpu_clean_up(struct cpu *cpu)
{
	rcu_run_all(cpu);
	kfree(cpu->hrtimers.queue.slot);
	memset(&cpu->hrtimers.queue, 0, sizeof(cpu->hrtimers.queue));
}

static void on_each_cpu(struct machine *m, void (*fn)(struct cpu *cpu))
{
	for (u32 i = 0; i < m->nr_cpus; i++)
		BUG_ON(!cpu_visit(m->cpus[i], fn));
}

static void free_irq_descs(struct cpu *cpu)
{
	struct machine *m = cpu->machine;

	for (int i = 0; i < MACHINE_MAX_IRQS; i++)
		kfree(m->irqs[i]);
}

size_t machine_destroy(struct machine *m)
{
	size_t leaked;

	if (weir_this_cpu) {
		struct cpu *cpu = this_cpu();

		weir_this_cpu = NULL;
		__atomic_store_n(&cpu->busy, 0, __ATOMIC_RELEASE);
	}
	on_each_cpu(m, cpu_clean_up);
	cpu_visit(m->cpus[0], free_irq_descs);
	leaked = leave_depot(m);
	free_machine(m);
	return leaked;
}
