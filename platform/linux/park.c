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
#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SPIN_MAX_NS	(100 * NSEC_PER_USEC)
#define SPIN_MIN_NS	(2 * NSEC_PER_USEC)
#define WAKE_NS		(100 * NSEC_PER_USEC)	/* what a sleep may cost */
#define IN_VAIN		8		/* wakes for others before that is noticed */
#define TAKE_OVER_NS	(50 * NSEC_PER_USEC)

static bool take_signal(struct lx_task *lt)
{
	return unlikely(__atomic_load_n(&lt->signaled, __ATOMIC_RELAXED)) &&
	       __atomic_exchange_n(&lt->signaled, 0, __ATOMIC_SEQ_CST);
}

static void ring(int efd)
{
	u64 one = 1;

	(void)!write(efd, &one, sizeof(one));
}

void lx_unpark(struct platform *p, struct task *t)
{
	struct lx_task *lt = (struct lx_task *)t;

	if (__atomic_exchange_n(&lt->token, 1, __ATOMIC_SEQ_CST))
		return;
	switch (__atomic_load_n(&lt->sleep, __ATOMIC_SEQ_CST)) {
	case LX_FUTEX:
		syscall(SYS_futex, &lt->token, FUTEX_WAKE_PRIVATE, 1);
		break;
	case LX_POLL:
		ring(t->is_ksoftirqd ? lt->lp->ks_efd : lt->lp->poller_efd);
		break;
	case LX_OWN_EFD:
		ring(lt->efd);
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

static int sleep_on_futex(struct lx_task *lt, ktime_t deadline)
{
	struct timespec ts = { deadline / NSEC_PER_SEC,
			       deadline % NSEC_PER_SEC };

	return syscall(SYS_futex, &lt->token, FUTEX_WAIT_BITSET_PRIVATE, 0,
		       deadline == KTIME_MAX ? NULL : &ts, NULL,
		       FUTEX_BITSET_MATCH_ANY) < 0 && errno == EINTR ?
	       -EINTR : 0;
}

/* Only ppoll sets a signal mask and goes to sleep in one step. */
static int sleep_on_own_efd(struct linux_platform *lp, struct lx_task *lt,
			    ktime_t deadline)
{
	struct pollfd pfd = { .fd = lt->efd, .events = POLLIN };
	u64 drained;

	if (lx_ppoll(lp, &pfd, 1, deadline, lt->task.sigmask))
		return -EINTR;
	if (pfd.revents)
		(void)!read(lt->efd, &drained, sizeof(drained));
	return 0;
}

static bool has_own_efd(struct lx_task *lt)
{
	if (lt->efd < 0)
		lt->efd = lx_high_fd(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
	return lt->efd >= 0;
}

/* Somebody else attends the machine: just sleep. */
static int sleep_plain(struct linux_platform *lp, struct lx_task *lt,
		       ktime_t deadline)
{
	bool masked = lt->task.sigmask && has_own_efd(lt);
	int err = 0;

	__atomic_store_n(&lt->sleep, masked ? LX_OWN_EFD : LX_FUTEX,
			 __ATOMIC_SEQ_CST);
	cpu_put(this_cpu());
	if (!__atomic_load_n(&lt->token, __ATOMIC_SEQ_CST))
		err = masked ? sleep_on_own_efd(lp, lt, deadline) :
		      sleep_on_futex(lt, deadline);
	__atomic_store_n(&lt->sleep, LX_AWAKE, __ATOMIC_SEQ_CST);
	lx_get_cpu(lp, lt);
	return err;
}

bool lx_become_poller(struct linux_platform *lp, struct lx_task *lt)
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
		pthread_mutex_lock(&lp->arm_lock);
		lx_disarm_all(lp->machine);
		pthread_mutex_unlock(&lp->arm_lock);
	}
	WRITE_ONCE(lp->polls, lp->polls + 1);
	WRITE_ONCE(lp->in_vain, 0);
	return true;
}

/* The poller sleeps, and mostly wakes for others, such as us: asks it for the
 * role. It may not answer in time; then all is as before. */
static bool take_over(struct linux_platform *lp, struct lx_task *lt)
{
	ktime_t until;
	bool done;

	if (READ_ONCE(lp->in_vain) < IN_VAIN || lt->task.is_ksoftirqd ||
	    !lx_thread_asleep(lp) ||
	    __atomic_exchange_n(&lp->wanted, 1, __ATOMIC_SEQ_CST))
		return false;
	lx_poke(lp);
	until = ktime_get() + TAKE_OVER_NS;
	while (!(done = lx_become_poller(lp, lt)) && !READ_ONCE(lt->token) &&
	       ktime_get() < until)
		sched_yield();
	__atomic_store_n(&lp->wanted, 0, __ATOMIC_SEQ_CST);
	return done;
}

void lx_stop_polling(struct linux_platform *lp)
{
	__atomic_store_n(&lp->poller, NULL, __ATOMIC_SEQ_CST);
	lx_rouse_ksoftirqd(lp);
}

/* Right after a sleep. A wake-up that brought nothing may come again at once,
 * if somebody else is at it and has to get on. */
static bool attend_awoken(struct linux_platform *lp, struct lx_task *lt)
{
	bool worked = lx_attend(lp, lt);

	if (READ_ONCE(lp->nr_watches))
		worked |= lx_host_events(lp);
	if (!worked && !READ_ONCE(lt->token))
		sched_yield();
	return worked;
}

/* Spinning pays for waits that are not much longer than a sleep would be. */
static void learn_spin(struct lx_task *lt, ktime_t waited)
{
	if (waited < SPIN_MAX_NS + WAKE_NS)
		lt->spin_ns = min_t(ktime_t, SPIN_MAX_NS, lt->spin_ns * 2);
	else
		lt->spin_ns = max_t(ktime_t, SPIN_MIN_NS, lt->spin_ns * 3 / 4);
}

/* Until woken, the deadline or a signal, or another thread wants the role. */
static int sleep_until_woken(struct linux_platform *lp, struct lx_task *lt,
			     ktime_t deadline, bool *displaced)
{
	ktime_t start = ktime_get();
	bool woken = false;
	int err = 0;

	while (!err && !woken && !*displaced && ktime_get() < deadline) {
		err = lx_sleep_armed(lp, lt, min(deadline, lx_next_timer(lp)));
		if (attend_awoken(lp, lt))
			WRITE_ONCE(lp->in_vain, lp->in_vain + 1);
		woken = lx_spin(lp, lt, 0, deadline);
		if (!woken)
			*displaced = READ_ONCE(lp->wanted);
	}
	learn_spin(lt, ktime_get() - start);
	return woken ? 0 : err;
}

static int poll_until_woken(struct linux_platform *lp, struct lx_task *lt,
			    ktime_t deadline, bool *displaced)
{
	if (lx_spin(lp, lt, lt->spin_ns, deadline)) {
		if (unlikely(lt->spin_ns < SPIN_MAX_NS))
			lt->spin_ns *= 2;
		return 0;
	}
	return sleep_until_woken(lp, lt, deadline, displaced);
}

int lx_park(struct platform *p, struct task *t, ktime_t deadline)
{
	struct linux_platform *lp = to_lp(p);
	struct lx_task *lt = (struct lx_task *)t;
	bool plain = true;
	int err = 0;

	lt->parked_at = lt->calls;
	if (lx_take_token(lt))
		return take_signal(lt) ? -EINTR : 0;
	if (lx_become_poller(lp, lt) || take_over(lp, lt)) {
		plain = false;
		err = poll_until_woken(lp, lt, deadline, &plain);
		lx_stop_polling(lp);
	}
	if (plain && !err) {
		err = sleep_plain(lp, lt, deadline);
		lx_take_token(lt);
	}
	return take_signal(lt) ? -EINTR : err;
}
