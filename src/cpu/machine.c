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

/* The last look before sleep, or after the CPU is left. */
static u32 pending_for_sure(const struct cpu *cpu)
{
	return READ_ONCE(cpu->raised) |
	       __atomic_load_n(&cpu->pending, __ATOMIC_SEQ_CST);
}

bool cpu_has_work(const struct cpu *cpu)
{
	if (pending_for_sure(cpu))
		return true;
	return cpu->pc.id == 0 && READ_ONCE(cpu->machine->work_count);
}

ktime_t cpu_next_timer(const struct cpu *cpu)
{
	return smp_load_acquire(&cpu->next_event);
}

/* --- entering and leaving ---------------------------------------------------- */

static bool take_busy(struct cpu *cpu)
{
	return !__atomic_load_n(&cpu->busy, __ATOMIC_SEQ_CST) &&
	       !__atomic_exchange_n(&cpu->busy, 1, __ATOMIC_SEQ_CST);
}

static inline void occupy(struct cpu *cpu, struct task *t, u32 task_id,
			  enum cpu_context ctx)
{
	weir_this_cpu = &cpu->pc;
	cpu->current = t;
	cpu->pc.task_id = task_id;
	account_change(cpu, ctx);
	rcu_qs(cpu);
}

/* The stretch that ends here was idle, and still is charged as such. */
static noinline bool charge_idle(struct cpu *cpu)
{
	account_charge(cpu, CTX_IDLE);
	return true;
}

static noinline bool get_for_event(struct cpu *cpu)
{
	if (!take_busy(cpu))
		return false;
	occupy(cpu, NULL, 0, CTX_TASK);
	return !account_is_on(cpu) || charge_idle(cpu);
}

bool cpu_get(struct cpu *cpu, struct task *t)
{
	if (unlikely(!t))
		return get_for_event(cpu);
	if (unlikely(!take_busy(cpu)))
		return false;
	occupy(cpu, t, t->id, t->is_ksoftirqd ? CTX_KSOFTIRQD : CTX_TASK);
	t->last_cpu = cpu;
	if (unlikely(account_is_on(cpu)))
		return charge_idle(cpu);
	return true;
}

static noinline void run_before_put(struct cpu *cpu)
{
	BUG_ON(cpu->bh_off || cpu->irq_off);
	if (irqs_pending(cpu))
		irq_deliver(cpu);
	if (!softirqs_pending(cpu))
		return;
	if (cpu->ksoftirqd_should_run && ++cpu->put_skips < KSOFTIRQD_MAX_SKIPS)
		return;
	cpu->ksoftirqd_should_run = false;
	cpu->put_skips = 0;
	__do_softirq(cpu);
}

static noinline void kick(struct cpu *cpu)
{
	cpu->pc.platform->ops->kick(cpu->pc.platform, cpu);
}

static inline void vacate(struct cpu *cpu)
{
	account_enter(cpu, CTX_IDLE);
	cpu->current = NULL;
	cpu->pc.task_id = 0;
	rcu_qs(cpu);	/* saves others the look at whether it is vacant */
	__atomic_exchange_n(&cpu->busy, 0, __ATOMIC_SEQ_CST);
	if (unlikely(pending_for_sure(cpu)))
		kick(cpu);
}

void cpu_put(struct cpu *cpu)
{
	if (unlikely(cpu_pending(cpu) | cpu->bh_off | cpu->irq_off))
		run_before_put(cpu);
	weir_this_cpu = NULL;
	vacate(cpu);
}

bool cpu_visit(struct cpu *cpu, void (*fn)(struct cpu *cpu))
{
	struct percpu *home = weir_this_cpu;

	BUG_ON(home == &cpu->pc);
	if (!get_for_event(cpu))
		return false;
	fn(cpu);
	weir_this_cpu = home;
	vacate(cpu);
	return true;
}

bool cpu_run_raised(struct cpu *cpu)
{
	rcu_qs(cpu);
	if (likely(!cpu_pending(cpu)))
		return false;
	BUG_ON(cpu->bh_off || cpu->irq_off);
	cpu->ksoftirqd_should_run = false;
	cpu->put_skips = 0;
	__do_softirq(cpu);
	rcu_qs(cpu);
	return true;
}

bool cpu_run_pending(struct cpu *cpu)
{
	ktime_t now;

	BUG_ON(cpu->bh_off || cpu->irq_off);
	if (READ_ONCE(cpu->next_event) != KTIME_MAX) {
		now = ktime_get();
		if (unlikely(now >= READ_ONCE(cpu->next_event)))
			timer_interrupt(cpu, now);
	}
	return cpu_run_raised(cpu);
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
