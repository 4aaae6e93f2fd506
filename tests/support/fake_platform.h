/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A platform for tests: one thread, a clock that stands still unless it is
 * moved, seeded randomness. A test that uses it is deterministic.
 *
 *	struct fake_platform *fp = fake_platform_create(1);
 *	struct machine *m = fake_machine(fp);
 *
 *	mod_timer(&t, jiffies() + 10);	// the test is on CPU 0, as task "test"
 *	fake_advance(fp, 10 * NSEC_PER_MSEC);
 *	assert_true(fired);
 *	assert_int_equal(fake_platform_destroy(fp), 0);	// nothing leaked
 *
 * From create to destroy the calling thread occupies CPU 0 with a task, so
 * kmalloc(), ktime_get(), raise_softirq() and the rest work at once. The other
 * CPUs (four in all) are vacant. There are no threads: ksoftirqd of every CPU
 * runs inside fake_run(), fake_advance() and while the test sleeps.
 *
 * Sleeping. schedule_until(), and so every blocking call of the stack, ends in
 * park, which here pumps: it gives the CPU away and repeats
 *   1. run what is pending on all CPUs, and queued work;
 *   2. nothing was: call the pump (see fake_set_pump), if there is one;
 *   3. nothing still: move the clock to the next timer, event, or deadline;
 * until the task is woken or its deadline is there. A task that nothing can
 * wake any more, or nothing has woken in FAKE_PATIENCE_NS (there are timers
 * that run for ever), gets -EINTR and is counted in stats.deadlocks, so that a
 * test fails instead of hanging.
 */
#ifndef WEIR_TESTS_FAKE_PLATFORM_H
#define WEIR_TESTS_FAKE_PLATFORM_H

#include "cpu/cpu.h"

#define FAKE_CPUS	4
/* The clock at the start: not 0, so that 0 is recognisable as "never set". */
#define FAKE_START_NS	(1000 * NSEC_PER_SEC)

#define FAKE_PATIENCE_NS (24 * 3600 * NSEC_PER_SEC)

struct fake_platform;

struct fake_stats {
	u64 kicks, timer_programs, parks, unparks, deadlocks;
	struct cpu *last_kicked;
	ktime_t last_programmed;
};

struct fake_platform *fake_platform_create(u64 seed);
struct fake_platform *fake_platform_create_cpus(u64 seed, u32 nr_cpus);
/* Destroys the machine too. Returns what was not freed: slab objects and
 * pieces of platform memory (0: clean). */
size_t fake_platform_destroy(struct fake_platform *fp);

/* The test itself runs, no event and no callback of the stack's. */
bool fake_is_idle(struct fake_platform *fp);

struct platform *fake_platform(struct fake_platform *fp);
struct machine *fake_machine(struct fake_platform *fp);
struct fake_stats *fake_stats(struct fake_platform *fp);

ktime_t fake_now(struct fake_platform *fp);
/* Sets the clock on without running anything: time passes in the code. */
void fake_clock_skip(struct fake_platform *fp, ktime_t ns);
/* The clock moves on by read_ns at each reading (0: stands still). */
void fake_clock_per_read(struct fake_platform *fp, ktime_t read_ns);

/* Runs interrupts, softirqs, due timers and work of all CPUs until nothing is
 * pending; time stands still. True if anything ran. Task context. */
bool fake_run(struct fake_platform *fp);
/* Lets ns pass: each timer and event runs at its own time. Task context. */
void fake_advance(struct fake_platform *fp, ktime_t ns);

/* fn(arg) is called in `delay` ns of fake time, as task "event" on CPU 0. */
bool fake_at(struct fake_platform *fp, ktime_t delay, void (*fn)(void *arg),
	     void *arg);
/* What is to come of fake_at() does not. */
void fake_forget_events(struct fake_platform *fp);
/* What moves the test's world on while it sleeps (the other end of a wire, a
 * peer): as task "event" on CPU 0; returns true if it did anything. */
void fake_set_pump(struct fake_platform *fp, bool (*pump)(void *arg),
		   void *arg);
/* Leaves the test's CPU, runs fn(arg) as a task on CPU `cpu`, comes back. */
void fake_on_cpu(struct fake_platform *fp, u32 cpu, void (*fn)(void *arg),
		 void *arg);
/* The same on no CPU at all: what a foreign thread would do. */
void fake_off_cpu(struct fake_platform *fp, void (*fn)(void *arg), void *arg);
/* The next park returns -EINTR, as if a signal handler had run. */
void fake_signal(struct fake_platform *fp);
/* platform->alloc fails from the n-th call from now on (0: never). */
void fake_fail_alloc(struct fake_platform *fp, u64 nth);

#endif
