/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine as the stack sees it: CPUs, contexts, and who runs where.
 *
 * A machine has up to NR_CPUS CPUs. A CPU is a slot of per-CPU data that one
 * thread (or coroutine, or event of virtual time) occupies at a time: it is
 * taken by cpu_get() on the way into the stack and given up by cpu_put() on
 * the way out or while parked. Code that runs "on" a CPU may use its data
 * without locks, as in a kernel with preemption off; a task may find itself
 * on another CPU after any call that can sleep.
 *
 * Interrupts are not asynchronous to the code: a raised interrupt is pending
 * in the CPU until the CPU next has interrupts and softirqs enabled, which is
 * at local_bh_enable(), local_irq_enable(), on the way out, or while parked.
 */
#ifndef WEIR_CPU_CPU_H
#define WEIR_CPU_CPU_H

#include "base/percpu.h"
#include "base/list.h"
#include "base/lock.h"
#include "clock/timer_wheel.h"
#include "clock/hrtimer_heap.h"

struct slab_depot;
struct slab_magazines;
struct softnet_data;
struct napi_struct;
struct rcu_head;
struct tasklet_struct;
struct work_struct;
struct irq_desc;
struct hw_device;

/* Softirqs, in the kernel's order: lower numbers run first. */
enum {
	HI_SOFTIRQ,
	TIMER_SOFTIRQ,
	NET_TX_SOFTIRQ,
	NET_RX_SOFTIRQ,
	BLOCK_SOFTIRQ,
	IRQ_POLL_SOFTIRQ,
	TASKLET_SOFTIRQ,
	SCHED_SOFTIRQ,
	HRTIMER_SOFTIRQ,
	RCU_SOFTIRQ,
	NR_SOFTIRQS
};

typedef void (*softirq_action_t)(struct cpu *cpu);

/* How interrupt time is booked, see cpu/account.h. */
enum account_mode { ACCOUNT_LINUX, ACCOUNT_BSD };

#define MACHINE_MAX_IRQS	256
#define MACHINE_MAX_HW		64

struct machine {
	struct platform *platform;
	struct slab_depot *depot;
	bool own_depot;			/* it ends with the machine */
	u32 nr_cpus;
	/* Hash tables and receive buffers of its stacks are 2^n times smaller
	 * than usual, for worlds of thousands. Set before stack_init(). */
	u32 size_shift;
	struct cpu *cpus[NR_CPUS];
	softirq_action_t softirq_vec[NR_SOFTIRQS];
	struct irq_desc *irqs[MACHINE_MAX_IRQS];
	spinlock_t irq_lock;		/* irqs[], hw[] */
	/* Hardware models that move only when stepped (real time). */
	struct hw_device *hw[MACHINE_MAX_HW];
	u32 nr_hw;
	enum account_mode account_mode;
	bool account;			/* CPU time by clock reads, see account.h */
	/* net.core.* settings of the softirq engine */
	u32 netdev_budget;		/* packets per net_rx_action, 300 */
	u32 netdev_budget_usecs;	/* 2 jiffies: 2000 */
	u32 dev_weight;			/* per NAPI poll, 64 */
	u32 busy_poll_usecs;		/* longest spin of a waiting thread */
	/* RCU (cpu/rcu.c) */
	u64 rcu_epoch;			/* of the youngest grace period: atomic */
	/* work queue (cpu/deferred.c) */
	spinlock_t work_lock;		/* work_list, work_running */
	struct list_head work_list;
	struct work_struct *work_running;
	u32 work_count;			/* queued: atomic */
	u32 work_runner;		/* somebody runs work: atomic */
	u32 next_task_id;
	u32 next_napi_id;
	u64 trace_packet_base;
};

struct timer_base {
	spinlock_t lock;
	struct timer_wheel wheel;
	struct timer_list *running;	/* its function is being called */
	struct cpu *cpu;
};

struct hrtimer_base {
	spinlock_t lock;
	struct hrtimer_heap queue;
	struct hrtimer *running;
	struct cpu *cpu;
};

struct cpu {
	struct percpu pc;		/* must be first */
	struct machine *machine;
	struct task *current;
	u32 busy;			/* occupied; taken by exchange */
	/* Depths; softirqs run when bh_off, irq_off, in_hardirq and
	 * in_softirq are all 0. Touched by the occupant only. */
	u16 bh_off, irq_off, in_hardirq, in_softirq;
	u32 softirq_pending;		/* bits; others may set: atomic */
	bool irq_work;			/* some irq_pending bit is set: atomic */
	bool ksoftirqd_should_run;	/* softirqs wait for ksoftirqd */
	u32 put_skips;			/* cpu_put()s that left them to it */
	u64 irq_pending[MACHINE_MAX_IRQS / 64];	/* atomic */
	struct task *ksoftirqd;
	struct timer_base timers;
	struct hrtimer_base hrtimers;
	spinlock_t event_lock;		/* writers of next_event */
	ktime_t next_event;		/* what timer_program was told last;
					 * never later than the next timer */
	ktime_t clock_hint;		/* last clock read by the softirqs */
	/* NET_RX */
	struct list_head poll_list;	/* napi_struct.poll_list */
	struct softnet_data *softnet;	/* dev/: backlog, output queue */
	/* tasklets */
	struct tasklet_struct *tasklets, *tasklets_hi;
	/* RCU */
	u64 rcu_seen;			/* epoch last seen: atomic */
	struct rcu_head *rcu_wait, *rcu_next, **rcu_next_tail;
	u64 rcu_wait_epoch;		/* of rcu_wait; 0: it is over */
	u64 rcu_queued, rcu_done;	/* callbacks: atomic, for rcu_barrier */
	struct timer_list rcu_timer;	/* looks again for the grace period */
	/* accounting */
	ktime_t context_since;
	u64 time_ns[CTX_MAX];
	u64 context_count[CTX_MAX];
	u64 softirq_count[NR_SOFTIRQS];
	u64 time_squeeze, softirq_restarts, ksoftirqd_wakeups;
	u64 irq_count;
} __cacheline;

static inline struct cpu *this_cpu(void)
{
	return (struct cpu *)this_percpu();
}
static inline struct task *current_task(void)
{
	return this_cpu()->current;
}

/* --- machine (cpu/machine.c) ----------------------------------------------- */

/* A machine of nr_cpus CPUs. Allocates from the platform. Opens TIMER,
 * HRTIMER, TASKLET, HI, NET_RX and RCU softirqs; dev/ opens NET_TX. */
struct machine *machine_create(struct platform *p, u32 nr_cpus) __must_check;
/* The same on memory of somebody else's: `depot` (NULL: its own) outlives the
 * machine and may serve others; all its CPUs use the magazines `shared` of that
 * depot (NULL: each its own), if one thread runs whatever uses these. */
struct machine *machine_create_on(struct platform *p, u32 nr_cpus,
				  struct slab_depot *depot,
				  struct slab_magazines *shared) __must_check;
/* All nets and devices must be gone, and all threads but the caller, who is on
 * no CPU or on one of m's (it is left). Returns objects leaked (0: clean);
 * always 0 on somebody else's depot, who may ask slab_in_use() at the end. */
size_t machine_destroy(struct machine *m);

/* Occupies CPU `cpu` for the calling thread with `t` as current (NULL: an event
 * of virtual time, which cannot sleep); false when somebody has it. Sets
 * this_cpu(). */
bool cpu_get(struct cpu *cpu, struct task *t);
/* Runs what is pending (bounded), reports a quiescent state, gives it up.
 * What is left over is handed to ksoftirqd by platform->kick. */
void cpu_put(struct cpu *cpu);
/* Occupant: take pending interrupts, softirqs, due timers now. True if any
 * work was done. For idle loops and parked threads. */
bool cpu_run_pending(struct cpu *cpu);
/* Something is pending on it (any thread may ask). */
bool cpu_has_work(const struct cpu *cpu);
/* The occupant of one CPU visits another, vacant one: fn(cpu) runs on it. False
 * when somebody has it. */
bool cpu_visit(struct cpu *cpu, void (*fn)(struct cpu *cpu));
/* When its next timer is due, or earlier (any thread may ask); KTIME_MAX:
 * never. At that time somebody should call timer_interrupt(). */
ktime_t cpu_next_timer(const struct cpu *cpu);

static inline ktime_t ktime_get(void)
{
	struct platform *p = this_percpu()->platform;

	return p->ops->clock_mono(p);
}
static inline ktime_t ktime_get_real(void)
{
	struct platform *p = this_percpu()->platform;

	return p->ops->clock_real(p);
}
static inline jiffies_t ktime_to_jiffies(ktime_t t)
{
	return (jiffies_t)(t / TICK_NSEC);
}
static inline jiffies_t jiffies(void)
{
	return ktime_to_jiffies(ktime_get());
}

/* --- contexts (cpu/softirq.c) ------------------------------------------------ */

static inline void local_bh_disable(void) { this_cpu()->bh_off++; }
void local_bh_enable_slow(struct cpu *cpu);
static inline void local_bh_enable(void)
{
	struct cpu *cpu = this_cpu();

	if (--cpu->bh_off == 0 &&
	    unlikely(READ_ONCE(cpu->softirq_pending) || READ_ONCE(cpu->irq_work)))
		local_bh_enable_slow(cpu);
}
static inline void local_irq_disable(void) { this_cpu()->irq_off++; }
void local_irq_enable(void);
static inline bool in_hardirq(void) { return this_cpu()->in_hardirq; }
static inline bool in_serving_softirq(void) { return this_cpu()->in_softirq; }
static inline bool in_task(void)
{
	struct cpu *cpu = this_cpu();

	return !cpu->in_hardirq && !cpu->in_softirq;
}

/* Registers the action of softirq `nr`. Set-up time. */
void open_softirq(struct machine *m, int nr, softirq_action_t action);
/* Marks `nr` pending on this CPU; it runs at the next enable point, at the
 * latest when the CPU is given up. */
void raise_softirq(int nr);
/* The same on any CPU, from any thread; another CPU is kicked. */
void __raise_softirq(struct cpu *cpu, int nr);
/* Runs pending softirqs: at most MAX_SOFTIRQ_RESTART rounds and
 * MAX_SOFTIRQ_TIME, the rest goes to ksoftirqd. */
void __do_softirq(struct cpu *cpu);
/* Body of ksoftirqd/N: one pass; the platform loops. Caller occupies cpu. */
void run_ksoftirqd(struct cpu *cpu);

#endif
