/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The porting contract: all that the stack asks of the world below it.
 * platform/linux answers in real time (threads, futexes), platform/sim in
 * virtual time (event heap, coroutines). The stack cannot tell which.
 *
 * Every op gets the struct platform that the machine was made with. Ops may
 * be called from any context unless they say "task".
 */
#ifndef WEIR_BASE_PLATFORM_H
#define WEIR_BASE_PLATFORM_H

#include "base/types.h"

struct platform;
struct machine;
struct cpu;
struct percpu;
struct task;
struct host_watch;

struct platform_ops {
	/* Nanoseconds since an arbitrary start; never goes back. */
	ktime_t (*clock_mono)(struct platform *p);
	/* Nanoseconds since 1970-01-01 UTC. */
	ktime_t (*clock_real)(struct platform *p);
	/* clock_mono for records of what happens, many and of this CPU alone:
	 * as cheap as it can be, a little back between CPUs at worst. NULL:
	 * by clock_mono. */
	ktime_t (*clock_trace)(struct platform *p);
	/* Unpredictable bytes (seeded and repeatable in virtual time). */
	void (*random)(struct platform *p, void *buf, size_t len);

	/* Memory in large pieces; base/slab.c cuts them. NULL: none left. */
	void *(*alloc)(struct platform *p, size_t size, size_t align);
	void (*free)(struct platform *p, void *mem, size_t size);

	/*
	 * The calling thread wants to run in the stack of m: takes a CPU and
	 * makes its task current (cpu_get). Nests: an inner enter/leave pair
	 * does nothing. NULL: no memory for a task. Task context, any thread.
	 */
	struct task *(*enter)(struct platform *p, struct machine *m);
	void (*leave)(struct platform *p, struct machine *m);

	/*
	 * Task context only, no lock held, no bh/irq disabled. Gives the CPU
	 * away until unpark(t), a signal, or `deadline` (absolute, KTIME_MAX
	 * for ever). An unpark that came before the park makes it return at
	 * once. May return early; callers loop. While parked the platform may
	 * use the calling thread to poll devices and run interrupts, softirqs
	 * and timers of the machine. this_cpu() may differ afterwards.
	 * Returns 0, or -EINTR when a signal handler of the program ran.
	 */
	int (*park)(struct platform *p, struct task *t, ktime_t deadline);
	/* Any context: lets t's park() return. */
	void (*unpark)(struct platform *p, struct task *t);

	/*
	 * Task context, as park (NULL: nothing is to be done). The task's call
	 * has found nothing and will not wait for it; a program that spins on
	 * such calls moves the hardware by them. True: something was done, and
	 * the task has not been parked in this call, so that it may look again.
	 */
	bool (*poll)(struct platform *p);

	/*
	 * CPU `cpu` of m has work pending (softirq, interrupt, tasklet) that
	 * its present occupant, if any, will not see by itself soon: let
	 * ksoftirqd/N run it. Any context.
	 */
	void (*kick)(struct platform *p, struct cpu *cpu);
	/* The clock event device of `cpu`: an interrupt is wanted not later
	 * than `expires`. Replaces what was programmed. Any context. */
	void (*timer_program)(struct platform *p, struct cpu *cpu,
			      ktime_t expires);
	/*
	 * Virtual time only (NULL: real time): the CPU `pc`, which runs the
	 * caller, works for `ns` (> 0) in its present context. It is a point
	 * like local_bh_enable(): interrupts, and softirqs where the caller
	 * has them enabled, may be taken; other tasks and CPUs may run
	 * meanwhile. The caller stays on its CPU. It may hold spinlocks, with
	 * softirqs or interrupts disabled as they ask for: what waits for one
	 * must let the caller's time go on (relax). Any context.
	 */
	void (*spend)(struct platform *p, struct percpu *pc, ktime_t ns);
	/* A spinning waiter lets others have the core. */
	void (*relax)(struct platform *p);

	/*
	 * Descriptors of the host in the stack's poll sets (NULL ops: none).
	 * host_poll: EPOLL* bits ready now on `fd`, never blocks.
	 * host_watch_add: fn(arg, events) is called, in some task's or
	 * ksoftirqd's thread with a CPU, after `fd` became ready for one of
	 * `events` (edge: once until re-added). Returns NULL if `fd` cannot be
	 * watched (regular file: always ready) or memory is short.
	 * host_watch_del: no call of fn is running or comes after it.
	 */
	u32 (*host_poll)(struct platform *p, int fd, u32 events);
	struct host_watch *(*host_watch_add)(struct platform *p, int fd,
					     u32 events,
					     void (*fn)(void *arg, u32 events),
					     void *arg);
	void (*host_watch_del)(struct platform *p, struct host_watch *w);

	/* A BUG_ON was true: say so; does not return. NULL: trap at once. */
	void (*bug)(struct platform *p, const char *file, int line,
		    const char *what);
};

struct platform {
	const struct platform_ops *ops;
	/* One reading of the clock may do for all that a batch of packets asks
	 * for. Not in virtual time, where each stage takes its own. */
	bool shares_stamps;
};

#endif
