/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The poller's work: hardware, interrupts, softirqs, timers; and its sleep on
 * all that can end it.
 */
#define _GNU_SOURCE
#include "platform/linux/linux_platform.h"

#include "cpu/timer.h"

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

void lx_timer_hint_lower(struct linux_platform *lp, ktime_t next)
{
	ktime_t hint = READ_ONCE(lp->timer_hint);

	while (next < hint &&
	       !__atomic_compare_exchange_n(&lp->timer_hint, &hint, next, true,
					    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		;
}

/* "Never" while the CPUs are asked: a timer that is programmed meanwhile lowers
 * that, or its CPU is asked after. */
void lx_timer_hint_update(struct linux_platform *lp)
{
	__atomic_store_n(&lp->timer_hint, KTIME_MAX, __ATOMIC_SEQ_CST);
	lx_timer_hint_lower(lp, lx_next_timer(lp));
}

static void run_visited(struct cpu *cpu)
{
	cpu_run_pending(cpu);
}

static bool wants_attention(struct cpu *cpu, ktime_t now)
{
	return cpu_has_work(cpu) || cpu_next_timer(cpu) <= now;
}

/* Vacant CPUs that have work or due timers. The occupant of a busy one sees to
 * its work on the way out, but does not look at the clock. */
static bool attend_vacant(struct linux_platform *lp, ktime_t now)
{
	struct task *t = current_task();
	struct machine *m = lp->machine;
	bool worked = false;
	u32 i;

	for (i = 0; i < m->nr_cpus; i++) {
		struct cpu *cpu = m->cpus[i];

		if (cpu == this_cpu() || !wants_attention(cpu, now))
			continue;
		if (cpu_visit(cpu, t->is_ksoftirqd ? run_ksoftirqd :
			      run_visited))
			worked = true;
		else
			timer_interrupt(cpu, now);
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
	/* Cleared before the CPUs are looked at: who kicks after that is seen
	 * by the next round, who kicked before has set his bits. */
	__atomic_exchange_n(&lp->kicked, 0, __ATOMIC_SEQ_CST);
	return attend_vacant(lp, now);
}

/* --- sleeping ------------------------------------------------------------------- */

#define MAX_WAITV	(MACHINE_MAX_HW + 2)

/* What a poller sleeps on: futex words, if all devices have them and nothing
 * else is wanted, or descriptors. Made on a CPU, since devices may go. */
struct bed {
	bool futexes;
	int efd;
	u32 poke, nr;
	struct futex_waitv v[MAX_WAITV];
	struct pollfd p[MAX_WAITV];
};

static struct hw_device *device(struct machine *m, u32 i)
{
	return smp_load_acquire(&m->hw[i]);	/* NULL: unplugged */
}

static bool all_have_futex(struct machine *m)
{
	u32 i, n = smp_load_acquire(&m->nr_hw);

	for (i = 0; i < n; i++)
		if (device(m, i) && !device(m, i)->futex)
			return false;
	return true;
}

void lx_disarm_all(struct machine *m)
{
	u32 i, n = smp_load_acquire(&m->nr_hw);

	for (i = 0; i < n; i++)
		if (device(m, i))
			device(m, i)->disarm(device(m, i));
}

static void add_word(struct bed *b, u32 *word, u32 value, u32 flags)
{
	b->v[b->nr++] = (struct futex_waitv){ .uaddr = (uintptr_t)word,
					      .val = value,
					      .flags = FUTEX_32 | flags };
}

static void add_fd(struct bed *b, int fd)
{
	b->p[b->nr++] = (struct pollfd){ .fd = fd, .events = POLLIN };
}

/* False: an event is there already. */
static bool add_device(struct bed *b, struct hw_device *hw)
{
	u32 value, *word;

	if (!hw->arm(hw, b->futexes ? HW_ARM_FUTEX : HW_ARM_FD))
		return false;
	if (b->futexes) {
		word = hw->futex(hw, &value);
		add_word(b, word, value, 0);	/* shared by processes */
	} else {
		add_fd(b, hw->fd(hw));
	}
	return true;
}

/* ksoftirqd sleeps on descriptors: a doorbell rung for a thread that sleeps on
 * futexes must not wake both. */
static bool may_use_futexes(struct linux_platform *lp, struct lx_task *lt)
{
	return !lt->task.is_ksoftirqd && !lt->task.sigmask &&
	       !READ_ONCE(lp->no_futex_waitv) &&
	       !__atomic_load_n(&lp->nr_watches, __ATOMIC_SEQ_CST) &&
	       all_have_futex(lp->machine);
}

static bool make_bed(struct bed *b, struct linux_platform *lp,
		     struct lx_task *lt)
{
	struct machine *m = lp->machine;
	u32 i, n;

	b->poke = __atomic_load_n(&lp->poke, __ATOMIC_SEQ_CST);
	b->efd = lt->task.is_ksoftirqd ? lp->ks_efd : lp->poller_efd;
	b->futexes = may_use_futexes(lp, lt);
	b->nr = 0;
	if (b->futexes) {
		add_word(b, &lt->token, 0, FUTEX_PRIVATE_FLAG);
		add_word(b, &lp->poke, b->poke, FUTEX_PRIVATE_FLAG);
	} else {
		add_fd(b, b->efd);
		add_fd(b, lp->host_epfd);
	}
	n = smp_load_acquire(&m->nr_hw);
	for (i = 0; i < n; i++) {
		struct hw_device *hw = device(m, i);

		if (hw && !add_device(b, hw)) {
			lx_disarm_all(m);
			return false;
		}
	}
	return true;
}

int lx_ppoll(struct linux_platform *lp, struct pollfd *p, u32 n, ktime_t until,
	     const void *sigmask)
{
	struct timespec ts;
	ktime_t left;

	if (until != KTIME_MAX) {
		left = max_t(ktime_t, 0,
			     until - lp->p.ops->clock_mono(&lp->p));
		ts.tv_sec = left / NSEC_PER_SEC;
		ts.tv_nsec = left % NSEC_PER_SEC;
	}
	return ppoll(p, n, until == KTIME_MAX ? NULL : &ts, sigmask) < 0 &&
	       errno == EINTR ? -EINTR : 0;
}

static int sleep_on_fds(struct linux_platform *lp, struct lx_task *lt,
			struct bed *b, ktime_t until)
{
	u64 drained;

	if (lx_ppoll(lp, b->p, b->nr, until, lt->task.sigmask))
		return -EINTR;
	if (b->p[0].revents)
		(void)!read(b->efd, &drained, sizeof(drained));
	return 0;
}

static int sleep_on_futexes(struct linux_platform *lp, struct bed *b,
			    ktime_t until)
{
	struct timespec ts = { until / NSEC_PER_SEC, until % NSEC_PER_SEC };

	if (syscall(SYS_futex_waitv, b->v, b->nr, 0,
		    until == KTIME_MAX ? NULL : &ts, CLOCK_MONOTONIC) >= 0 ||
	    errno == EAGAIN || errno == ETIMEDOUT)
		return 0;
	if (errno == EINTR)
		return -EINTR;
	WRITE_ONCE(lp->no_futex_waitv, true);	/* before Linux 5.16 */
	return 0;
}

/* The last look, after it is known that we sleep and how. */
static bool nothing_happened(struct linux_platform *lp, struct lx_task *lt,
			     const struct bed *b, ktime_t until)
{
	return !__atomic_load_n(&lt->token, __ATOMIC_SEQ_CST) &&
	       !__atomic_load_n(&lp->kicked, __ATOMIC_SEQ_CST) &&
	       __atomic_load_n(&lp->poke, __ATOMIC_SEQ_CST) == b->poke &&
	       lx_next_timer(lp) >= until;
}

static void publish_sleep(struct linux_platform *lp, struct lx_task *lt,
			  enum lx_sleep how)
{
	__atomic_store_n(&lt->sleep, how, __ATOMIC_SEQ_CST);
	if (!lt->task.is_ksoftirqd)
		__atomic_store_n(&lp->asleep, how, __ATOMIC_SEQ_CST);
}

/*
 * A thread may take the role from ksoftirqd at any time, arm the devices and
 * sleep on them. ksoftirqd must not touch them then, or a doorbell would find
 * nobody to wake.
 */
static bool keep_role(struct linux_platform *lp, struct lx_task *lt)
{
	if (lt->task.is_ksoftirqd)
		pthread_mutex_lock(&lp->arm_lock);
	return __atomic_load_n(&lp->poller, __ATOMIC_SEQ_CST) == lt;
}

static void let_go_of_role(struct linux_platform *lp, struct lx_task *lt)
{
	if (lt->task.is_ksoftirqd)
		pthread_mutex_unlock(&lp->arm_lock);
}

static bool arm_as_poller(struct linux_platform *lp, struct lx_task *lt,
			  struct bed *b)
{
	bool armed = keep_role(lp, lt) && make_bed(b, lp, lt);

	let_go_of_role(lp, lt);
	return armed;
}

static void disarm_as_poller(struct linux_platform *lp, struct lx_task *lt)
{
	if (keep_role(lp, lt))
		lx_disarm_all(lp->machine);
	let_go_of_role(lp, lt);
}

int lx_sleep_armed(struct linux_platform *lp, struct lx_task *lt, ktime_t until)
{
	struct bed b;
	int err = 0;

	if (!arm_as_poller(lp, lt, &b))
		return 0;
	if (!lt->task.is_ksoftirqd)
		__atomic_store_n(&lp->sleep_until, until, __ATOMIC_SEQ_CST);
	publish_sleep(lp, lt, b.futexes ? LX_FUTEX : LX_POLL);
	cpu_put(this_cpu());
	if (nothing_happened(lp, lt, &b, until))
		err = b.futexes ? sleep_on_futexes(lp, &b, until) :
		      sleep_on_fds(lp, lt, &b, until);
	publish_sleep(lp, lt, LX_AWAKE);
	lx_get_cpu(lp, lt);
	disarm_as_poller(lp, lt);
	return err;
}

void lx_poke(struct linux_platform *lp)
{
	u64 one = 1;

	__atomic_fetch_add(&lp->poke, 1, __ATOMIC_SEQ_CST);
	switch (lx_thread_asleep(lp)) {
	case LX_FUTEX:
		syscall(SYS_futex, &lp->poke, FUTEX_WAKE_PRIVATE, INT32_MAX);
		break;
	case LX_POLL:
		(void)!write(lp->poller_efd, &one, sizeof(one));
		break;
	}
}
