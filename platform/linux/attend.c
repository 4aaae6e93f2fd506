/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The poller's work: hardware, interrupts, softirqs, timers; and its sleep on
 * all that can end it.
 */
#define _GNU_SOURCE
#include "platform/linux/linux_platform.h"

#include <linux/futex.h>
#include <poll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

ktime_t lx_next_timer(struct linux_platform *lp)
{
	struct machine *m = lp->machine;
	ktime_t next = KTIME_MAX;
	u32 i;

	for (i = 0; i < m->nr_cpus; i++)
		next = min(next, cpu_next_timer(m->cpus[i]));
	return next;
}

static void run_visited(struct cpu *cpu)
{
	cpu_run_pending(cpu);
}

/* CPUs that nobody occupies and that have work or due timers. */
static bool attend_vacant(struct linux_platform *lp, ktime_t now)
{
	struct machine *m = lp->machine;
	bool worked = false;
	u32 i;

	for (i = 0; i < m->nr_cpus; i++) {
		struct cpu *cpu = m->cpus[i];

		if (cpu != this_cpu() && !READ_ONCE(cpu->busy) &&
		    (cpu_has_work(cpu) || cpu_next_timer(cpu) <= now))
			worked |= cpu_visit(cpu, run_visited);
	}
	return worked;
}

bool lx_attend(struct linux_platform *lp, struct lx_task *lt)
{
	bool worked = hw_step_all(lp->machine);

	worked |= cpu_run_pending(this_cpu());
	return worked | lx_attend_vacant(lp);
}

bool lx_attend_vacant(struct linux_platform *lp)
{
	ktime_t now = ktime_get();

	if (!READ_ONCE(lp->kicked) && lx_next_timer(lp) > now)
		return false;
	WRITE_ONCE(lp->kicked, 0);
	return attend_vacant(lp, now);
}

/* Devices come and go: the table has holes. */
#define for_each_hw(hw, i, m) \
	for ((i) = 0; (i) < (m)->nr_hw; (i)++) \
		if (((hw) = smp_load_acquire(&(m)->hw[i])))

static bool all_have_futex(struct machine *m)
{
	struct hw_device *hw;
	u32 i;

	for_each_hw(hw, i, m)
		if (!hw->futex)
			return false;
	return true;
}

void lx_disarm_all(struct machine *m)
{
	struct hw_device *hw;
	u32 i;

	for_each_hw(hw, i, m)
		hw->disarm(hw);
}

static bool arm_all(struct machine *m, enum hw_arm how)
{
	struct hw_device *hw;
	u32 i;

	for_each_hw(hw, i, m)
		if (!hw->arm(hw, how)) {
			lx_disarm_all(m);
			return false;
		}
	return true;
}

#define MAX_WAITV	(MACHINE_MAX_HW + 1)

/* Sleep on futex words: our token and the devices' doorbells. */
static int sleep_on_futexes(struct machine *m, struct lx_task *lt,
			    const struct timespec *until)
{
	struct futex_waitv v[MAX_WAITV] = { 0 };
	struct hw_device *hw;
	u32 i, n = 0, value;
	long ret;

	v[n].uaddr = (uintptr_t)&lt->token;
	v[n++].flags = FUTEX_32 | FUTEX_PRIVATE_FLAG;
	for_each_hw(hw, i, m) {
		v[n].uaddr = (uintptr_t)hw->futex(hw, &value);
		v[n].val = value;
		v[n++].flags = FUTEX_32;
	}
	ret = syscall(SYS_futex_waitv, v, n, 0, until, CLOCK_MONOTONIC);
	return ret < 0 && errno != EAGAIN && errno != ETIMEDOUT ? -errno : 0;
}

/* Sleep on descriptors: eventfd, doorbells, the host's. */
static int sleep_on_fds(struct linux_platform *lp, struct lx_task *lt,
			ktime_t until, int efd)
{
	struct machine *m = lp->machine;
	struct pollfd p[MACHINE_MAX_HW + 2];
	struct hw_device *hw;
	struct timespec ts, *tsp = NULL;
	ktime_t left;
	u64 drained;
	u32 i, n = 0;

	p[n++] = (struct pollfd){ .fd = efd, .events = POLLIN };
	p[n++] = (struct pollfd){ .fd = lp->host_epfd, .events = POLLIN };
	for_each_hw(hw, i, m)
		p[n++] = (struct pollfd){ .fd = hw->fd(hw), .events = POLLIN };
	if (until != KTIME_MAX) {
		left = until - lp->p.ops->clock_mono(&lp->p);
		left = max_t(ktime_t, left, 0);
		ts.tv_sec = left / NSEC_PER_SEC;
		ts.tv_nsec = left % NSEC_PER_SEC;
		tsp = &ts;
	}
	if (ppoll(p, n, tsp, lt->task.sigmask) < 0 && errno == EINTR)
		return -EINTR;
	if (p[0].revents)
		(void)!read(efd, &drained, sizeof(drained));
	return 0;
}

static int sleep_now(struct linux_platform *lp, struct lx_task *lt,
		     ktime_t until, bool futexes, int efd)
{
	struct timespec ts = { until / NSEC_PER_SEC, until % NSEC_PER_SEC };
	int err;

	if (futexes) {
		err = sleep_on_futexes(lp->machine, lt,
				       until == KTIME_MAX ? NULL : &ts);
		if (err != -ENOSYS)
			return err;
		WRITE_ONCE(lp->no_futex_waitv, true);	/* Linux < 5.16 */
		return 0;
	}
	return sleep_on_fds(lp, lt, until, efd);
}

int lx_sleep_armed(struct linux_platform *lp, struct lx_task *lt, ktime_t until,
		   bool is_ksoftirqd)
{
	struct machine *m = lp->machine;
	/* ksoftirqd sleeps on descriptors: a doorbell rung for a thread that
	 * sleeps on futexes must not wake both. */
	bool futexes = !is_ksoftirqd && !READ_ONCE(lp->nr_watches) &&
		       !READ_ONCE(lp->no_futex_waitv) &&
		       !lt->task.sigmask && all_have_futex(m);
	int err = 0;

	if (!arm_all(m, futexes ? HW_ARM_FUTEX : HW_ARM_FD))
		return 0;
	__atomic_store_n(&lp->sleep_until, until, __ATOMIC_SEQ_CST);
	__atomic_store_n(&lt->sleep, futexes ? LX_FUTEX : LX_POLL,
			 __ATOMIC_SEQ_CST);
	__atomic_store_n(&lp->poller_asleep, true, __ATOMIC_SEQ_CST);
	cpu_put(this_cpu());
	if (!__atomic_load_n(&lt->token, __ATOMIC_SEQ_CST) &&
	    !__atomic_load_n(&lp->kicked, __ATOMIC_SEQ_CST) &&
	    lx_next_timer(lp) >= until)
		err = sleep_now(lp, lt, until, futexes,
				is_ksoftirqd ? lp->ks_efd : lp->poller_efd);
	__atomic_store_n(&lp->poller_asleep, false, __ATOMIC_SEQ_CST);
	__atomic_store_n(&lt->sleep, LX_AWAKE, __ATOMIC_SEQ_CST);
	__atomic_store_n(&lp->sleep_until, KTIME_MAX, __ATOMIC_SEQ_CST);
	lx_get_cpu(lp, lt);
	if (__atomic_load_n(&lp->poller, __ATOMIC_SEQ_CST) == lt)
		lx_disarm_all(m);
	return err;
}
