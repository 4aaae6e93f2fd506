/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtual time: the inside of a world.
 *
 * One thread runs everything. The world's loop (world.c) takes the earliest
 * event from a heap, sets the clock to its time and calls its function, on the
 * thread's own stack ("outside"): devices move, timers are found due, CPUs are
 * looked at. Code of the stack runs in coroutines: a task has its own, and
 * interrupts and softirqs that find their CPU idle borrow one.
 *
 * A CPU is held by at most one coroutine. Where its time goes (cpu.c): the
 * code of a stage is run in no time, then sim_spend() lets the cost of the
 * stage pass. If no event lies in that stretch the clock is simply moved;
 * otherwise the coroutine is left until its time is up, and an interrupt for
 * its CPU makes it come back early, take the interrupt on top of what it was
 * doing (hardirq > softirq > task, as the stack's enable points have it) and
 * then spend the rest. So work of one CPU delays other work of that CPU and
 * nothing else, and a stage sees all that happened elsewhere before it.
 *
 * Tasks share a CPU by virtual run time as in a fair scheduler. They are
 * preempted in their own code (weir_sim_compute) and at the end of a system
 * call, not inside one: it is a kernel without preemption.
 */
#ifndef WEIR_PLATFORM_SIM_WORLD_H
#define WEIR_PLATFORM_SIM_WORLD_H

#include <weir/sim.h>

#include "cpu/account.h"
#include "platform/sim/coroutine.h"
#include "platform/sim/costs.h"
#include "user/stack.h"

struct sim_host;
struct sim_cpu;
struct slab_depot;

/* --- events (event.c) ---------------------------------------------------------------- */

/* Something that will happen; its memory is its owner's. */
struct sim_event {
	void (*fn)(struct sim_event *e);
	u32 slot;			/* in the heap; SIM_NO_SLOT: none */
};
#define SIM_NO_SLOT	(~0u)

struct sim_slot {
	ktime_t when;
	u64 order;			/* of two at the same time, first come */
	struct sim_event *event;
};

struct sim_heap {
	struct sim_slot *slot;
	u32 count, room;
	u64 order;
};

static inline void sim_event_init(struct sim_event *e,
				  void (*fn)(struct sim_event *e))
{
	e->fn = fn;
	e->slot = SIM_NO_SLOT;
}
static inline bool sim_event_pending(const struct sim_event *e)
{
	return e->slot != SIM_NO_SLOT;
}
/* Room for n more events, so that adding them cannot fail. -ENOMEM. */
int sim_heap_reserve(struct sim_heap *h, u32 n);
/* (Re)schedules. The heap has room: who makes an event reserves for it. */
void sim_heap_set(struct sim_heap *h, struct sim_event *e, ktime_t when);
void sim_heap_del(struct sim_heap *h, struct sim_event *e);
static inline ktime_t sim_heap_next(const struct sim_heap *h)
{
	return h->count ? h->slot[0].when : KTIME_MAX;
}
/* Earliest event, taken out. The heap is not empty. */
struct sim_event *sim_heap_pop(struct sim_heap *h, ktime_t *when);

/* --- the world ----------------------------------------------------------------------------- */

struct weir_sim {
	ktime_t now, limit;		/* the clock goes no further than limit */
	struct sim_heap heap;
	u32 nr_events;			/* that exist; the heap has room for them */
	struct coroutine_main main;
	struct sim_context *running;	/* NULL: outside */
	bool in_event;			/* in a callback: nothing may block */
	bool stop;
	enum weir_sim_end end;
	u64 rng, hash;
	struct sim_costs costs;
	bool has_costs;
	u32 trace_records;
	u64 spin_limit;
	struct slab_depot *depot;	/* of all hosts */
	struct slab_magazines *magazines;
	struct platform memory;		/* where the depot gets its from */
	u64 mem_bytes;
	struct weir_sim_stats stats;
	struct coroutine *free_stacks;	/* of SIM_STACK_BYTES */
	struct list_head hosts, links, switches, callbacks;
	struct list_head tasks;		/* all that were ever spawned */
	struct weir_sim_task *last_asked; /* weir_sim_task()'s finger */
	size_t last_asked_index;
	u64 tasks_left;			/* spawned and not returned */
	ktime_t last_ran;		/* when a task last got on a CPU */
	bool ending;			/* tasks are to return */
	u32 next_host, next_link;
	void *free_frames;		/* link.c's pool */
};

/* An event that will exist until sim_drop_event. -ENOMEM. */
int sim_add_event(struct weir_sim *s, struct sim_event *e,
		  void (*fn)(struct sim_event *e));
void sim_drop_event(struct weir_sim *s, struct sim_event *e);
/* Handles one event not later than `limit`; false: there is none. */
bool sim_step(struct weir_sim *s, ktime_t limit);
/* No task has been on a CPU for long, and none will be. */
bool sim_is_stuck(struct weir_sim *s);
/* The next number of a generator. */
u64 sim_next_random(u64 *state);
static inline u64 sim_random(struct weir_sim *s)
{
	return sim_next_random(&s->rng);
}

/* What runs in a coroutine: a task, or the interrupts of an idle CPU. */
struct sim_context {
	struct coroutine *co;
	struct sim_cpu *cpu;		/* held, or last held */
	struct weir_sim_task *task;	/* NULL: an idle CPU's */
	struct percpu *this_cpu;	/* while it is left */
};

#define SIM_STACK_BYTES	(256u << 10)
/* What "for long" is, see sim_is_stuck. */
#define SIM_STUCK_NS	(24 * 3600 * NSEC_PER_SEC)

/* Stacks of that size are kept for the next. NULL: no memory. */
struct coroutine *sim_stack_get(struct weir_sim *s, size_t size);
void sim_stack_put(struct weir_sim *s, struct coroutine *co);
/* Into the context until it waits or ends. */
void sim_switch_to(struct weir_sim *s, struct sim_context *c);
/* Back to the world's loop; returns when switched to again. */
void sim_switch_out(struct weir_sim *s, struct sim_context *c);

/* --- CPUs (cpu.c) -------------------------------------------------------------------------- */

struct sim_cpu {
	struct cpu *cpu;
	struct sim_host *host;
	struct sim_context *holder;	/* who is on it; NULL: idle */
	bool waiting;			/* the holder lets time pass */
	bool user;			/* ... in its program's code */
	bool resched;			/* another task has a better claim */
	struct sim_event timer;		/* clock event device */
	struct sim_event go;		/* the holder's time is up, or: look */
	ktime_t debt;			/* to be added to the next cost */
	u64 seen_irqs, seen_softirqs;	/* whose entry has been charged */
	struct sim_context idle;	/* interrupts with no task around */
	struct list_head runq;		/* runnable tasks, sim_task.run */
	u32 queued;			/* on it */
	struct weir_sim_task *curr;	/* task that has it */
	u64 min_vruntime;
	ktime_t slice_end;
};

int sim_cpu_init(struct sim_cpu *c, struct sim_host *h, struct cpu *cpu);
void sim_cpu_fini(struct sim_cpu *c);
/* Something is pending on it, or a task is waiting for it: look. */
void sim_cpu_look(struct sim_cpu *c);
/* Its holder leaves it. */
void sim_cpu_vacate(struct sim_cpu *c);
/* The CPU time `ns` passes in the running context. */
void sim_spend(struct sim_cpu *c, ktime_t ns);
/* Time passes, `ns` or less, and the CPU does nothing. */
void sim_wait(struct sim_cpu *c, ktime_t ns);
/* The same as code of the program (not in the stack). */
void sim_spend_user(struct sim_cpu *c, ktime_t ns);
/* What is owed (entries, wake-ups) is spent. */
static inline void sim_settle(struct sim_cpu *c)
{
	if (unlikely(c->debt))
		sim_spend(c, 0);
}

/* --- tasks (sched.c, task.c, spawn.c) ------------------------------------------------------------------------- */

enum sim_task_state {
	SIM_TASK_RUNNABLE,		/* on a run queue */
	SIM_TASK_RUNNING,		/* has a CPU */
	SIM_TASK_BLOCKED,
	SIM_TASK_DONE,
	SIM_TASK_MAX
};

struct weir_sim_task {
	struct task task;		/* must be first */
	struct sim_context ctx;
	struct sim_host *host;
	struct list_head run;		/* sim_cpu.runq */
	struct list_head all;		/* weir_sim.tasks; the daemons' empty */
	enum sim_task_state state;
	struct sim_event deadline;	/* while blocked with one */
	int (*fn)(struct weir *h, void *arg);
	void (*daemon)(struct weir_sim_task *t); /* instead of fn */
	void *arg;
	int ret;
	u32 depth;			/* enter/leave pairs */
	bool signaled;
	bool outside;			/* the caller of weir_sim_run */
	u64 vruntime, charged;		/* ns; CPU time counted into it */
	u32 refused;			/* calls since the world ends */
	u64 spins;			/* calls since time moved */
	ktime_t spins_at;
	struct list_head waiters;	/* sim_waiter, for weir_sim_wait */
};

void sim_task_init(struct weir_sim_task *t, struct sim_host *h,
		   const char *name);
/* A daemon gets its stack when it first has something to do. */
bool sim_task_has_stack(struct weir_sim_task *t);
/* The running task sleeps until it is woken, or `deadline`. */
void sim_task_block(struct weir_sim_task *t, ktime_t deadline);
/* What weir_sim_task.deadline does. */
void sim_task_deadline(struct sim_event *e);
/* Makes a blocked one runnable. */
void sim_task_wake(struct weir_sim_task *t);
/* The CPU is free: lets the task with the best claim have it. False: none. */
bool sim_schedule(struct sim_cpu *c);
/* The running task has its CPU no more. */
void sim_task_leave_cpu(struct weir_sim_task *t);
/* Some task could have the CPU. */
bool sim_cpu_has_tasks(const struct sim_cpu *c);
/* Its task's slice is over, or another's claim is better. */
bool sim_should_preempt(const struct sim_cpu *c);
/* The running task goes to the end of its CPU's queue. */
void sim_task_yield(struct weir_sim_task *t);
/* It gives its CPU to another if one has a better claim; else it has a new
 * slice. */
void sim_task_preempt(struct weir_sim_task *t);
/* CPU time of the running task has passed. */
void sim_task_charge(struct weir_sim_task *t);
/* CPU time of t so far: without what interrupted it, and without the idle time
 * of the CPU before it came back to it. */
u64 sim_task_charged(const struct weir_sim_task *t);
void sim_tasks_end(struct weir_sim *s);
/* A call of the running task while the world ends; does not return when there
 * were too many. */
void sim_task_refuse(struct weir_sim_task *t);
/* The host's own tasks. 0 or -ENOMEM. */
int sim_daemons_init(struct sim_host *h);
void sim_daemons_fini(struct sim_host *h);
/* The platform's ops for tasks, see base/platform.h. */
struct task *sim_enter(struct platform *p, struct machine *m);
void sim_leave(struct platform *p, struct machine *m);
int sim_park(struct platform *p, struct task *t, ktime_t deadline);
void sim_unpark(struct platform *p, struct task *t);

/* --- hosts (host.c) -------------------------------------------------------------------------- */

#define SIM_MAX_NICS	16

struct sim_host {
	struct weir w;			/* must be first */
	struct platform platform;
	struct weir_sim *sim;
	struct list_head list;		/* weir_sim.hosts */
	u64 rng;			/* of this host */
	u32 index, nr_cpus, nr_nics;
	u32 rx_ring, tx_ring;
	bool small;
	size_t stack_bytes;
	struct list_head ports;
	struct weir_sim_task outside;	/* calls from outside of tasks */
	struct weir_sim_task kworker;
	struct weir_sim_task *ksoftirqd; /* per CPU */
	struct sim_cpu *cpu;		/* nr_cpus */
};

static inline struct sim_host *to_sim_host(struct weir *w)
{
	return (struct sim_host *)w;
}
static inline struct sim_host *host_of_platform(struct platform *p)
{
	return container_of(p, struct sim_host, platform);
}
static inline struct sim_cpu *sim_cpu_of(struct sim_host *h,
					 const struct cpu *cpu)
{
	return &h->cpu[cpu->pc.id];
}
extern const struct platform_ops sim_platform_ops;	/* platform.c */
void sim_host_destroy(struct sim_host *h);
/* A device of h is moved from outside: its traces and memory are CPU 0's. */
struct percpu *sim_hw_begin(struct sim_host *h);
void sim_hw_end(struct sim_host *h, struct percpu *before);
int sim_fail(char *err, size_t errlen, int ret, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* link.c, switch.c, port.c: all of them, as the world or the host ends */
void sim_links_end(struct weir_sim *s);
void sim_switches_end(struct weir_sim *s);
void sim_ports_end(struct sim_host *h);

#endif
