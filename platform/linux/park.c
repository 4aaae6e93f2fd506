/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Blocking: how a thread waits in the stack, and what wakes it.
 *
 * The token is the truth: unpark sets it, park takes it. Everything else
 * (futex, eventfd) only ends a sleep early. `sleep` tells unpark which of
 * them to use; it is set before the token is looked at for the last time, and
 * read after the token was set (both seq_cst), so one of the two is seen.
 */
#define _GNU_SOURCE
#include "platform/linux/linux_platform.h"

#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SPIN_MAX_NS	(100 * NSEC_PER_USEC)
#define SPIN_MIN_NS	(2 * NSEC_PER_USEC)
#define SPIN_YIELD	16		/* rounds between sched_yield */
#define SPIN_HOST	8		/* rounds between looks at host fds */

static bool take_token(struct lx_task *lt)
{
	return __atomic_load_n(&lt->token, __ATOMIC_RELAXED) &&
	       __atomic_exchange_n(&lt->token, 0, __ATOMIC_SEQ_CST);
}

static bool take_signal(struct lx_task *lt)
{
	return unlikely(__atomic_load_n(&lt->signaled, __ATOMIC_RELAXED)) &&
	       __atomic_exchange_n(&lt->signaled, 0, __ATOMIC_SEQ_CST);
}

void lx_unpark(struct platform *p, struct task *t)
{
	struct lx_task *lt = (struct lx_task *)t;
	u64 one = 1;

	if (__atomic_exchange_n(&lt->token, 1, __ATOMIC_SEQ_CST))
		return;
	switch (__atomic_load_n(&lt->sleep, __ATOMIC_SEQ_CST)) {
	case LX_FUTEX:
		syscall(SYS_futex, &lt->token, FUTEX_WAKE_PRIVATE, 1);
		break;
	case LX_POLL:
		(void)!write(lt->task.is_ksoftirqd ? lt->lp->ks_efd :
			     lt->lp->poller_efd, &one, sizeof(one));
		break;
	}
}

/* From the program's signal handler: park must return -EINTR. */
void lx_signal(struct linux_platform *lp)
{
	struct lx_task *lt = lx_task_of_thread(lp);

	if (!lt)
		return;
	__atomic_store_n(&lt->signaled, 1, __ATOMIC_SEQ_CST);
	/* A futex_wait that is about to begin sees the word changed. */
	__atomic_store_n(&lt->token, 1, __ATOMIC_SEQ_CST);
}

/* Somebody else attends the machine: just sleep. */
static int sleep_plain(struct linux_platform *lp, struct lx_task *lt,
		       ktime_t deadline)
{
	struct timespec ts, *tsp = NULL;
	int err = 0;

	if (deadline != KTIME_MAX) {
		ts.tv_sec = deadline / NSEC_PER_SEC;
		ts.tv_nsec = deadline % NSEC_PER_SEC;
		tsp = &ts;
	}
	__atomic_store_n(&lt->sleep, LX_FUTEX, __ATOMIC_SEQ_CST);
	cpu_put(this_cpu());
	if (!__atomic_load_n(&lt->token, __ATOMIC_SEQ_CST) &&
	    syscall(SYS_futex, &lt->token, FUTEX_WAIT_BITSET_PRIVATE, 0, tsp,
		    NULL, FUTEX_BITSET_MATCH_ANY) < 0 && errno == EINTR)
		err = -EINTR;
	__atomic_store_n(&lt->sleep, LX_AWAKE, __ATOMIC_SEQ_CST);
	lx_get_cpu(lp, lt);
	return err;
}

static bool become_poller(struct linux_platform *lp, struct lx_task *lt)
{
	struct lx_task *who = NULL;

	if (!__atomic_compare_exchange_n(&lp->poller, &who, lt, false,
					 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
		/* ksoftirqd gives way; it will see that when it wakes. */
		if (who != &lp->ks ||
		    !__atomic_compare_exchange_n(&lp->poller, &who, lt, false,
						 __ATOMIC_SEQ_CST,
						 __ATOMIC_SEQ_CST))
			return false;
		lx_disarm_all(lp->machine);
	}
	__atomic_fetch_add(&lp->polls, 1, __ATOMIC_RELAXED);
	return true;
}

static void stop_polling(struct linux_platform *lp)
{
	__atomic_store_n(&lp->poller, NULL, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&lp->ks_state, __ATOMIC_SEQ_CST) == KS_RESTING)
		lx_wake_ksoftirqd(lp);
}

/* Attends the machine until lt is woken or `until`. True: woken. */
static bool spin(struct linux_platform *lp, struct lx_task *lt, ktime_t until)
{
	u32 round = 0;

	for (;;) {
		bool worked = lx_attend(lp, lt);

		if (take_token(lt))
			return true;
		if (++round % SPIN_HOST == 0 && READ_ONCE(lp->nr_watches) &&
		    lx_host_events(lp) && take_token(lt))
			return true;
		if (worked)
			continue;
		if (round % SPIN_YIELD == 0)
			sched_yield();
		else
			__builtin_ia32_pause();
		if (ktime_get() >= until)
			return false;
	}
}

static int poll_until_woken(struct linux_platform *lp, struct lx_task *lt,
			    ktime_t deadline)
{
	ktime_t start = ktime_get(), until = start + lt->spin_ns;
	int err = 0;

	if (spin(lp, lt, min(until, deadline))) {
		lt->spin_ns = min_t(ktime_t, SPIN_MAX_NS, lt->spin_ns * 2);
		return 0;
	}
	lt->spin_ns = max_t(ktime_t, SPIN_MIN_NS, lt->spin_ns * 3 / 4);
	while (!take_token(lt)) {
		if (ktime_get() >= deadline)
			break;
		err = lx_sleep_armed(lp, lt, min(deadline, lx_next_timer(lp)),
				     false);
		if (err)
			break;
		while (lx_attend(lp, lt))
			;
		if (READ_ONCE(lp->nr_watches))
			lx_host_events(lp);
	}
	return err;
}

int lx_park(struct platform *p, struct task *t, ktime_t deadline)
{
	struct linux_platform *lp = to_lp(p);
	struct lx_task *lt = (struct lx_task *)t;
	int err = 0;

	if (take_token(lt))
		return take_signal(lt) ? -EINTR : 0;
	if (become_poller(lp, lt)) {
		err = poll_until_woken(lp, lt, deadline);
		stop_polling(lp);
	} else {
		err = sleep_plain(lp, lt, deadline);
		take_token(lt);
	}
	return take_signal(lt) ? -EINTR : err;
}
