/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The service thread: stands for every CPU that nobody occupies, and attends
 * the machine when no thread of the program does. See linux_platform.h.
 */
#define _GNU_SOURCE
#include "platform/linux/linux_platform.h"

#include "cpu/deferred.h"

#include <poll.h>
#include <time.h>
#include <unistd.h>

#define TICK	(1 * NSEC_PER_MSEC)

void lx_wake_ksoftirqd(struct linux_platform *lp)
{
	u64 one = 1;

	(void)!write(lp->ks_efd, &one, sizeof(one));
}

void lx_kick(struct platform *p, struct cpu *cpu)
{
	struct linux_platform *lp = to_lp(p);
	u32 state;

	if (__atomic_exchange_n(&lp->kicked, 1, __ATOMIC_SEQ_CST))
		return;
	state = __atomic_load_n(&lp->ks_state, __ATOMIC_SEQ_CST);
	if (state == KS_POLLER || (state == KS_RESTING &&
	    (__atomic_load_n(&lp->poller_asleep, __ATOMIC_SEQ_CST) ||
	     !__atomic_load_n(&lp->poller, __ATOMIC_SEQ_CST))))
		lx_wake_ksoftirqd(lp);
}

void lx_timer_program(struct platform *p, struct cpu *cpu, ktime_t expires)
{
	struct linux_platform *lp = to_lp(p);
	u32 state = __atomic_load_n(&lp->ks_state, __ATOMIC_SEQ_CST);
	ktime_t covered;

	if (state != KS_POLLER && state != KS_RESTING)
		return;		/* somebody looks within a tick */
	if (!__atomic_load_n(&lp->poller_asleep, __ATOMIC_SEQ_CST))
		return;		/* a poller spins */
	covered = __atomic_load_n(&lp->sleep_until, __ATOMIC_SEQ_CST);
	if (state == KS_RESTING)
		covered = min(covered, __atomic_load_n(&lp->ks_until,
						       __ATOMIC_SEQ_CST));
	if (expires < covered)
		lx_wake_ksoftirqd(lp);
}

static void sleep_on_efd(struct linux_platform *lp, ktime_t until)
{
	struct pollfd pfd = { .fd = lp->ks_efd, .events = POLLIN };
	struct timespec ts, *tsp = NULL;
	ktime_t left;
	u64 drained;

	if (until != KTIME_MAX) {
		left = max_t(ktime_t, 0,
			     until - lp->p.ops->clock_mono(&lp->p));
		ts.tv_sec = left / NSEC_PER_SEC;
		ts.tv_nsec = left % NSEC_PER_SEC;
		tsp = &ts;
	}
	if (ppoll(&pfd, 1, tsp, NULL) > 0)
		(void)!read(lp->ks_efd, &drained, sizeof(drained));
}

/* A poller sleeps on the doorbells: only what it does not know ends our rest. */
static void rest(struct linux_platform *lp, ktime_t drain_at)
{
	ktime_t next = lx_next_timer(lp), until = KTIME_MAX;
	ktime_t attended = __atomic_load_n(&lp->sleep_until, __ATOMIC_SEQ_CST);

	if (next < attended)
		until = next;
	until = min(until, drain_at);
	__atomic_store_n(&lp->ks_until, until, __ATOMIC_SEQ_CST);
	__atomic_store_n(&lp->ks_state, KS_RESTING, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&lp->poller_asleep, __ATOMIC_SEQ_CST) &&
	    __atomic_load_n(&lp->poller, __ATOMIC_SEQ_CST) &&
	    !__atomic_load_n(&lp->kicked, __ATOMIC_SEQ_CST) &&
	    lx_next_timer(lp) >= min(until, attended))
		sleep_on_efd(lp, until);
}

static void tick(struct linux_platform *lp)
{
	__atomic_store_n(&lp->ks_state, KS_TICKING, __ATOMIC_SEQ_CST);
	if (!__atomic_load_n(&lp->stop, __ATOMIC_SEQ_CST))
		sleep_on_efd(lp, lp->p.ops->clock_mono(&lp->p) + TICK);
}

static void work(struct linux_platform *lp)
{
	struct lx_task *poller = __atomic_load_n(&lp->poller, __ATOMIC_SEQ_CST);

	if (!poller || poller == &lp->ks) {
		while (lx_attend(lp, &lp->ks))
			;
		if (READ_ONCE(lp->nr_watches))
			lx_host_events(lp);
	} else {
		cpu_run_pending(this_cpu());
		lx_attend_vacant(lp);
	}
	run_workqueue(lp->machine);
}

static bool is_poller(struct linux_platform *lp)
{
	struct lx_task *none = NULL;

	return __atomic_compare_exchange_n(&lp->poller, &none, &lp->ks, false,
					   __ATOMIC_SEQ_CST,
					   __ATOMIC_SEQ_CST) ||
	       none == &lp->ks;
}

static ktime_t drain(struct linux_platform *lp, ktime_t due)
{
	ktime_t now;

	if (!lp->drain)
		return KTIME_MAX;
	now = lp->p.ops->clock_mono(&lp->p);
	if (now < due)
		return due;
	lp->drain(lp->drain_arg, false);
	return now + lp->drain_every;
}

void *lx_ksoftirqd(void *arg)
{
	struct linux_platform *lp = arg;
	struct lx_task *ks = &lp->ks;
	ktime_t drain_at = 0;
	u32 polls = 0, seen;

	pthread_setname_np(pthread_self(), "ksoftirqd/0");
	while (!__atomic_load_n(&lp->stop, __ATOMIC_SEQ_CST)) {
		__atomic_store_n(&lp->ks_state, KS_RUNNING, __ATOMIC_SEQ_CST);
		lx_get_cpu(lp, ks);
		work(lp);
		seen = polls;
		polls = __atomic_load_n(&lp->polls, __ATOMIC_RELAXED);
		if (polls == seen && is_poller(lp)) {
			__atomic_store_n(&lp->ks_state, KS_POLLER,
					 __ATOMIC_SEQ_CST);
			if (!__atomic_load_n(&lp->stop, __ATOMIC_SEQ_CST))
				lx_sleep_armed(lp, ks, min(lx_next_timer(lp),
							   drain_at), true);
			__atomic_store_n(&ks->token, 0, __ATOMIC_SEQ_CST);
			cpu_put(this_cpu());
		} else {
			cpu_put(this_cpu());
			if (polls == seen && __atomic_load_n(&lp->poller_asleep,
							     __ATOMIC_SEQ_CST))
				rest(lp, drain_at);
			else
				tick(lp);
		}
		drain_at = drain(lp, drain_at);
	}
	return NULL;
}
