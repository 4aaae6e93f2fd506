/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Real time on Linux. Threads of the program are the tasks; one service
 * thread, ksoftirqd, stands for the CPUs that nobody occupies.
 *
 * Somebody has to attend the machine: step its hardware, take its interrupts,
 * run its timers. That is the poller. A thread that blocks in the stack
 * becomes it if nobody else is; it spins for a while, since the answer is
 * often there within microseconds, then arms the devices' doorbells and sleeps
 * on them itself, so that one wake-up separates a packet from its reader. When
 * it goes back to its program, nobody attends the machine until some thread
 * blocks again or ksoftirqd's next tick finds it unattended and takes over.
 *
 * Who wakes again and again for others only is asked to hand the role to one
 * of them, or an idle acceptor would stand between every packet and its reader.
 *
 * ksoftirqd ticks (once a millisecond) only while the program's threads come
 * and go. When a poller has slept through some ticks it stops ticking, and
 * the poller that leaves later wakes it once. When nobody came for a tick
 * it becomes the poller and sleeps on the doorbells. An idle stack uses no CPU.
 *
 * Who must be told of new work (lx_kick, lx_timer_program):
 *
 *	a thread is poller, awake	nobody: it looks before it sleeps
 *	ksoftirqd runs or ticks		nobody: it looks within a tick
 *	ksoftirqd rests or dozes	ksoftirqd
 *
 * Each side publishes what it is about to do before it looks for the last
 * time (sequentially consistent), so that work and sleeper cannot miss each
 * other. A thread writes only `asleep` and `sleep_until`, ksoftirqd only
 * `ks_state` and `ks_until`: either may take the poller's role from the other.
 */
#ifndef WEIR_PLATFORM_LINUX_PLATFORM_H
#define WEIR_PLATFORM_LINUX_PLATFORM_H

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "cpu/irq.h"
#include "cpu/task.h"
#include "platform/linux/tsc_clock.h"

/* How a task sleeps: what unpark has to do. */
enum lx_sleep {
	LX_AWAKE,
	LX_FUTEX,			/* on its token, among other words */
	LX_POLL,			/* poller: on the platform's eventfd */
	LX_OWN_EFD,			/* on its own, with a signal mask */
};

struct lx_task {
	struct task task;		/* first */
	struct linux_platform *lp;
	u64 lp_id;			/* tells stacks apart that shared an address */
	struct lx_task *next;		/* the thread's other stacks */
	u32 token;			/* futex word: 1 = was unparked */
	u32 sleep;			/* enum lx_sleep */
	u32 signaled;			/* a handler of the program ran */
	u32 depth;			/* of enter() */
	int efd;			/* for LX_OWN_EFD, -1: none yet */
	ktime_t spin_ns;		/* how long it pays to spin */
	/* spin.c */
	u32 yield_after;		/* idle rounds until the core is offered */
	u32 idle;			/* rounds of calls that did not wait */
	u32 calls;			/* so far; which of them was the last */
	u32 empty_at, parked_at;	/* that found nothing, that slept */
};

enum lx_ksoftirqd_state {
	KS_RUNNING,
	KS_TICKING,			/* sleeps a tick at most */
	KS_RESTING,			/* a thread attends: sleeps until woken */
	KS_DOZING,			/* sleeps on the doorbells itself */
};

struct lx_hostfd;

struct linux_platform {
	struct platform p;		/* first */
	struct tsc_clock clock;
	u64 id;
	struct machine *machine;
	pid_t pid;
	/* the poller */
	struct lx_task *poller;		/* atomic */
	pthread_mutex_t arm_lock;	/* ksoftirqd arms and disarms, as long as
					 * it is the poller; whoever took the role
					 * from it waits here before he does */
	u32 asleep;			/* a thread sleeps as poller, and how:
					 * enum lx_sleep, atomic */
	ktime_t sleep_until;		/* while asleep; atomic */
	u32 polls;			/* times a thread took the role; atomic */
	u32 poke;			/* futex word: there is something new to
					 * sleep on; atomic */
	u32 in_vain;			/* wakes of the poller in a row that
					 * brought only others' packets; atomic */
	u32 wanted;			/* a thread asks for the role; atomic */
	int poller_efd;			/* wakes a thread that sleeps in ppoll */
	/* ksoftirqd */
	pthread_t thread;
	bool started, stop;
	ktime_t timer_hint;		/* no timer of any CPU is due earlier;
					 * atomic */
	struct lx_task ks;
	u32 ks_state;			/* enum lx_ksoftirqd_state, atomic */
	u32 kicked;			/* work for ksoftirqd; atomic */
	ktime_t ks_until;		/* while resting or dozing; atomic */
	bool no_futex_waitv;
	int ks_efd;
	/* housekeeping of others, on ksoftirqd's thread between sleeps */
	void (*drain)(void *arg, bool last);
	void *drain_arg;
	ktime_t drain_every;
	/* descriptors of the host that somebody waits for (hostfd.c) */
	int host_epfd;
	u32 nr_watches;			/* atomic */
	pthread_mutex_t watch_lock;
	struct lx_hostfd **hostfds;
	u32 hostfds_room;
	/* signals */
	bool sa_restart_only;
};

static inline struct linux_platform *to_lp(struct platform *p)
{
	return (struct linux_platform *)p;
}

/* A thread has the poller's role (its task may be gone: do not look at it). */
static inline bool lx_thread_polls(struct linux_platform *lp)
{
	struct lx_task *poller = __atomic_load_n(&lp->poller, __ATOMIC_SEQ_CST);

	return poller && poller != &lp->ks;
}
static inline u32 lx_thread_asleep(struct linux_platform *lp)
{
	return __atomic_load_n(&lp->asleep, __ATOMIC_SEQ_CST);
}
/* Some thread looks at everything before it sleeps or gives up the role. */
static inline bool lx_thread_attends(struct linux_platform *lp)
{
	return lx_thread_polls(lp) && lx_thread_asleep(lp) == LX_AWAKE;
}

static inline bool lx_take_token(struct lx_task *lt)
{
	return __atomic_load_n(&lt->token, __ATOMIC_RELAXED) &&
	       __atomic_exchange_n(&lt->token, 0, __ATOMIC_SEQ_CST);
}

/* NULL: no memory or descriptors. The machine is made by the caller with
 * &lp->p and given by lx_start, which starts ksoftirqd. */
struct linux_platform *lx_create(void);
int lx_start(struct linux_platform *lp, struct machine *m);
void lx_stop(struct linux_platform *lp);	/* ksoftirqd ends */
void lx_destroy(struct linux_platform *lp);

/* thread_task.c */
struct task *lx_enter(struct platform *p, struct machine *m);
void lx_leave(struct platform *p, struct machine *m);
void lx_get_cpu(struct linux_platform *lp, struct lx_task *lt);
/* The calling thread's task, or NULL; async-signal-safe. */
struct lx_task *lx_task_of_thread(struct linux_platform *lp);
void lx_forget_thread(struct linux_platform *lp);	/* frees it */
/* park.c */
int lx_park(struct platform *p, struct task *t, ktime_t deadline);
void lx_unpark(struct platform *p, struct task *t);
void lx_signal(struct linux_platform *lp);
bool lx_become_poller(struct linux_platform *lp, struct lx_task *lt);
void lx_stop_polling(struct linux_platform *lp);
/* spin.c: the poller attends the machine until lt is woken (true), the
 * deadline, or nothing has come for `ns`. */
bool lx_spin(struct linux_platform *lp, struct lx_task *lt, ktime_t ns,
	     ktime_t deadline);
bool lx_poll(struct platform *p);
/* attend.c: one round of the poller's work on this thread's CPU and on all
 * CPUs that nobody occupies. True if anything was done. */
bool lx_attend(struct linux_platform *lp, struct lx_task *lt);
/* The part of it that concerns CPUs without occupant. */
bool lx_attend_vacant(struct linux_platform *lp);
void lx_disarm_all(struct machine *m);
ktime_t lx_next_timer(struct linux_platform *lp);
/* timer_hint: lowered as timers are programmed; made exact when it has passed. */
void lx_timer_hint_lower(struct linux_platform *lp, ktime_t next);
void lx_timer_hint_update(struct linux_platform *lp);
/* The poller sleeps until a doorbell, a host descriptor, lt's token or `until`,
 * its CPU given up meanwhile. May return at once. 0 or -EINTR. */
int lx_sleep_armed(struct linux_platform *lp, struct lx_task *lt,
		   ktime_t until);
/* What sleepers should sleep on has changed: a thread's bed is made anew. */
void lx_poke(struct linux_platform *lp);
/* ksoftirqd.c */
void *lx_ksoftirqd(void *arg);
void lx_kick(struct platform *p, struct cpu *cpu);
void lx_timer_program(struct platform *p, struct cpu *cpu, ktime_t expires);
void lx_wake_ksoftirqd(struct linux_platform *lp);
/* Unless it will look by itself soon. */
void lx_rouse_ksoftirqd(struct linux_platform *lp);
/* hostfd.c */
u32 lx_host_poll(struct platform *p, int fd, u32 events);
struct host_watch *lx_watch_add(struct platform *p, int fd, u32 events,
				void (*fn)(void *arg, u32 events), void *arg);
void lx_watch_del(struct platform *p, struct host_watch *w);
/* Calls the watchers of what is ready; true if there was any. */
bool lx_host_events(struct linux_platform *lp);
void lx_hostfd_fini(struct linux_platform *lp);
/* ppoll until an absolute time (KTIME_MAX: for ever). 0 or -EINTR. */
struct pollfd;
int lx_ppoll(struct linux_platform *lp, struct pollfd *p, u32 n, ktime_t until,
	     const void *sigmask);
/* fd of the stack's own, out of the program's way: high and close-on-exec. */
int lx_high_fd(int fd);

#endif
