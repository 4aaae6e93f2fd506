/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The service thread: stands for every CPU that nobody occupies, and attends
 * the machine when no thread of the program does. See linux_platform.h.
 */
#define _GNU_SOURCE
#include "platform/linux/linux_platform.h"

#include "cpu/deferred.h"

#include <poll.h>
#include <unistd.h>

#define TICK		(1 * NSEC_PER_MSEC)
#define QUIET_REST	4	/* ticks a thread's sleep lasts before we rest */
#define WORK_ROUNDS	64	/* before we look whether to stop or give way */

void lx_wake_ksoftirqd(struct linux_platform *lp)
{
	u64 one = 1;

	(void)!write(lp->ks_efd, &one, sizeof(one));
}

static bool sleeps_long(u32 state)
{
	return state == KS_RESTING || state == KS_DOZING;
}

void lx_rouse_ksoftirqd(struct linux_platform *lp)
{
	if (sleeps_long(__atomic_load_n(&lp->ks_state, __ATOMIC_SEQ_CST)))
		lx_wake_ksoftirqd(lp);
}

/* Work items are for ksoftirqd alone; anybody may run softirqs. The occupant
 * of a busy CPU looks again when it has left, and kicks then if it must. */
void lx_kick(struct platform *p, struct cpu *cpu)
{
	struct linux_platform *lp = to_lp(p);

	if (READ_ONCE(lp->machine->work_count))
		lx_rouse_ksoftirqd(lp);
	if (__atomic_load_n(&cpu->busy, __ATOMIC_SEQ_CST) ||
	    __atomic_exchange_n(&lp->kicked, 1, __ATOMIC_SEQ_CST))
		return;
	if (!lx_thread_attends(lp))
		lx_rouse_ksoftirqd(lp);
}

void lx_timer_program(struct platform *p, struct cpu *cpu, ktime_t expires)
{
	struct linux_platform *lp = to_lp(p);
	ktime_t covered;

	lx_timer_hint_lower(lp, expires);
	smp_mb();	/* cpu->next_event is there before we look who sleeps */
	if (!sleeps_long(__atomic_load_n(&lp->ks_state, __ATOMIC_SEQ_CST)) ||
	    lx_thread_attends(lp))
		return;
	covered = __atomic_load_n(&lp->ks_until, __ATOMIC_SEQ_CST);
	if (lx_thread_polls(lp))
		covered = min(covered, __atomic_load_n(&lp->sleep_until,
						       __ATOMIC_SEQ_CST));
	if (expires < covered)
		lx_wake_ksoftirqd(lp);
}

static void sleep_on_efd(struct linux_platform *lp, ktime_t until)
{
	struct pollfd pfd = { .fd = lp->ks_efd, .events = POLLIN };
	u64 drained;

	lx_ppoll(lp, &pfd, 1, until, NULL);
	if (pfd.revents)
		(void)!read(lp->ks_efd, &drained, sizeof(drained));
}

static void publish_state(struct linux_platform *lp,
			  enum lx_ksoftirqd_state state, ktime_t until)
{
	__atomic_store_n(&lp->ks_until, until, __ATOMIC_SEQ_CST);
	__atomic_store_n(&lp->ks_state, state, __ATOMIC_SEQ_CST);
}

static bool nothing_for_us(struct linux_platform *lp)
{
	return !__atomic_load_n(&lp->stop, __ATOMIC_SEQ_CST) &&
	       !__atomic_load_n(&lp->machine->work_count, __ATOMIC_SEQ_CST);
}

/* A thread sleeps as poller: we see to what it does not wake for. If it woke
 * meanwhile it looks for itself, and wakes us when it gives up the role. */
static void rest(struct linux_platform *lp, ktime_t drain_at)
{
	ktime_t next = lx_next_timer(lp), until = drain_at;

	if (next < __atomic_load_n(&lp->sleep_until, __ATOMIC_SEQ_CST))
		until = min(until, next);
	publish_state(lp, KS_RESTING, until);
	if (!nothing_for_us(lp) || !lx_thread_polls(lp))
		return;
	if (lx_thread_asleep(lp) &&
	    (__atomic_load_n(&lp->kicked, __ATOMIC_SEQ_CST) ||
	     lx_next_timer(lp) < min(until, __atomic_load_n(&lp->sleep_until,
							    __ATOMIC_SEQ_CST))))
		return;
	sleep_on_efd(lp, until);
}

/* As poller ourselves. On our CPU. */
static void doze(struct linux_platform *lp, ktime_t drain_at)
{
	ktime_t until = min(lx_next_timer(lp), drain_at);

	publish_state(lp, KS_DOZING, until);
	if (nothing_for_us(lp))
		lx_sleep_armed(lp, &lp->ks, until);
	__atomic_store_n(&lp->ks.token, 0, __ATOMIC_SEQ_CST);
}

static void tick(struct linux_platform *lp)
{
	ktime_t end = lp->p.ops->clock_mono(&lp->p) + TICK;

	publish_state(lp, KS_TICKING, end);
	if (nothing_for_us(lp))
		sleep_on_efd(lp, min(end, lx_next_timer(lp)));
}

static bool attend_once(struct linux_platform *lp)
{
	bool worked;

	if (lx_thread_polls(lp)) {
		worked = cpu_run_pending(this_cpu());
		worked |= lx_attend_vacant(lp);
	} else {
		worked = lx_attend(lp, &lp->ks);
		if (READ_ONCE(lp->nr_watches))
			worked |= lx_host_events(lp);
	}
	return worked | run_workqueue(lp->machine);
}

/* True: there is probably more. */
static bool work(struct linux_platform *lp)
{
	u32 round;

	for (round = 0; round < WORK_ROUNDS; round++)
		if (!attend_once(lp))
			return false;
	return true;
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

/* Nothing to do: sleep as befits how busy the program is. `quiet`: ticks
 * since a thread last took the poller's role. On our CPU, which is left. */
static u32 sleep_somehow(struct linux_platform *lp, u32 quiet, ktime_t drain_at)
{
	if (quiet && is_poller(lp)) {
		doze(lp, drain_at);
		cpu_put(this_cpu());
		return quiet;
	}
	cpu_put(this_cpu());
	if (quiet >= QUIET_REST && lx_thread_asleep(lp)) {
		rest(lp, drain_at);
		return 0;
	}
	tick(lp);
	return quiet + 1;
}

void *lx_ksoftirqd(void *arg)
{
	struct linux_platform *lp = arg;
	u32 polls = 0, seen, quiet = 0;
	ktime_t drain_at = 0;

	pthread_setname_np(pthread_self(), "ksoftirqd/0");
	while (!__atomic_load_n(&lp->stop, __ATOMIC_SEQ_CST)) {
		publish_state(lp, KS_RUNNING, 0);
		lx_get_cpu(lp, &lp->ks);
		seen = polls;
		polls = __atomic_load_n(&lp->polls, __ATOMIC_RELAXED);
		if (polls != seen)
			quiet = 0;
		if (work(lp))
			cpu_put(this_cpu());
		else
			quiet = sleep_somehow(lp, quiet, drain_at);
		drain_at = drain(lp, drain_at);
	}
	return NULL;
}
