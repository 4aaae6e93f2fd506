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
	u64 rcu_epoch;			/* of the youngest grace period: atomic */
	bool account;			/* CPU time by clock reads, see account.h */
	bool own_depot;			/* it ends with the machine */
	enum account_mode account_mode;
	u32 nr_cpus;
	struct slab_depot *depot;
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
	/* net.core.* settings of the softirq engine */
	u32 netdev_budget;		/* packets per net_rx_action, 300 */
	u32 netdev_budget_usecs;	/* 2 jiffies: 2000 */
	u32 dev_weight;			/* per NAPI poll, 64 */
	u32 busy_poll_usecs;		/* longest spin of a waiting thread */
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

/*
 * Work that waits for a CPU is a bit in one of two words: those of softirqs,
 * and above them one for each word of interrupt lines. What the occupant
 * raises for his own CPU, nearly everything, goes to the words that are his
 * alone; what others raise, to the atomic ones.
 */
#define IRQ_WORDS	(MACHINE_MAX_IRQS / 64)
#define IRQ_WORK_SHIFT	(32 - IRQ_WORDS)
#define IRQ_WORK	(~0u << IRQ_WORK_SHIFT)	/* some interrupt is pending */
static_assert((int)NR_SOFTIRQS <= (int)IRQ_WORK_SHIFT, "bits of cpu->raised");

struct cpu {
	struct percpu pc;		/* must be first */
	/* What entering, leaving and softirqs touch stands together. */
	struct machine *machine __cacheline;
	struct task *current;
	u32 busy;			/* occupied; taken by exchange */
	u32 raised;			/* by the occupant */
	u32 pending;			/* the same by others: atomic */
	bool ksoftirqd_should_run;	/* softirqs wait for ksoftirqd */
	u8 put_skips;			/* cpu_put()s that left them to it */
	/* Depths; softirqs run when bh_off, irq_off, in_hardirq and
	 * in_softirq are all 0. Touched by the occupant only. */
	u16 bh_off, irq_off, in_hardirq, in_softirq;
	ktime_t next_event;		/* what timer_program was told last;
					 * never later than the next timer */
	ktime_t clock_hint;		/* last clock read by the softirqs */
	u64 rcu_seen;			/* epoch last seen: atomic */
	u64 context_count[CTX_MAX];
	u64 irq_raised[IRQ_WORDS];	/* the lines, as in raised */
	u64 irq_pending[IRQ_WORDS];	/* and in pending: atomic */
	u64 irq_count;
	u64 softirq_count[NR_SOFTIRQS];
	/* NET_RX */
	struct list_head poll_list;	/* napi_struct.poll_list */
	struct softnet_data *softnet;	/* dev/: backlog, output queue */
	struct task *ksoftirqd;
	struct timer_base timers;
	struct hrtimer_base hrtimers;
	spinlock_t event_lock;		/* writers of next_event */
	/* tasklets */
	struct tasklet_struct *tasklets, *tasklets_hi;
	/* RCU */
	struct rcu_head *rcu_wait, *rcu_next, **rcu_next_tail;
	u64 rcu_wait_epoch;		/* of rcu_wait; 0: it is over */
	u64 rcu_queued, rcu_done;	/* callbacks: atomic, for rcu_barrier */
	struct timer_list rcu_timer;	/* looks again for the grace period */
	/* accounting */
	ktime_t context_since;
	u64 time_ns[CTX_MAX];
	u64 time_squeeze, softirq_restarts, ksoftirqd_wakeups;
} __cacheline;
static_assert(offsetof(struct cpu, rcu_seen) + sizeof(u64) -
	      offsetof(struct cpu, machine) <= 64,
	      "what entering and leaving touch is one cache line");

static inline struct cpu *this_cpu(void)
{
	return (struct cpu *)this_percpu();
}
static inline struct task *current_task(void)
{
	return this_cpu()->current;
}
/* Softirqs, interrupts, either of them pending: bits as above. */
static inline u32 cpu_pending(const struct cpu *cpu)
{
	return READ_ONCE(cpu->raised) | READ_ONCE(cpu->pending);
}
static inline u32 softirqs_pending(const struct cpu *cpu)
{
	return cpu_pending(cpu) & ~IRQ_WORK;
}
static inline u32 irqs_pending(const struct cpu *cpu)
{
	return cpu_pending(cpu) & IRQ_WORK;
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
/* The same without a look at the timers: for who spins. */
bool cpu_run_raised(struct cpu *cpu);
/* Something is pending on it (any thread may ask). */
bool cpu_has_work(const struct cpu *cpu);
/* The occupant of one CPU visits another, vacant one: fn(cpu) runs on it. False
 * when somebody has it. */
bool cpu_visit(struct cpu *cpu, void (*fn)(struct cpu *cpu));
/* When its next timer is due, or earlier (any thread may ask); KTIME_MAX:
 * never. At that time somebody should call timer_interrupt(). */
ktime_t cpu_next_timer(const struct cpu *cpu);

/* In softirqs it may be the time when their round, or the poll of this NIC,
 * began. */
static inline ktime_t ktime_get(void)
{
	struct percpu *pc = this_percpu();

	return pc->stamp ? pc->stamp : pc->platform->ops->clock_mono(pc->platform);
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

	if (--cpu->bh_off == 0 && unlikely(cpu_pending(cpu)))
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
/* Reads the clock for what the softirqs do next; for their actions. */
ktime_t softirq_stamp(struct cpu *cpu);
/* Body of ksoftirqd/N: one pass; the platform loops. Caller occupies cpu. */
void run_ksoftirqd(struct cpu *cpu);

#endif
