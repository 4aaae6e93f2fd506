/* SPDX-License-Identifier: BSD-2-Clause */
/* The platform's life, clocks, memory and randomness. */
#define _GNU_SOURCE
#include "platform/linux/linux_platform.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static ktime_t lx_clock_mono(struct platform *p)
{
	return tsc_clock_read(&to_lp(p)->clock);
}

static ktime_t lx_clock_trace(struct platform *p)
{
	return tsc_clock_read_early(&to_lp(p)->clock);
}

static ktime_t lx_clock_real(struct platform *p)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

static void lx_random(struct platform *p, void *buf, size_t len)
{
	u8 *b = buf;

	while (len) {
		ssize_t n = getrandom(b, len, 0);

		if (n < 0)
			continue;
		b += n;
		len -= (size_t)n;
	}
}

/* aligned_alloc and not mmap: leak checkers then see what is lost. */
static void *lx_alloc(struct platform *p, size_t size, size_t align)
{
	void *mem = NULL;

	if (align < sizeof(void *))
		align = sizeof(void *);
	return posix_memalign(&mem, align, size) ? NULL : mem;
}

static void lx_free(struct platform *p, void *mem, size_t size)
{
	free(mem);
}

static void lx_relax(struct platform *p)
{
	sched_yield();
}

static const struct platform_ops lx_ops = {
	.clock_mono = lx_clock_mono,
	.clock_real = lx_clock_real,
	.clock_trace = lx_clock_trace,
	.random = lx_random,
	.alloc = lx_alloc,
	.free = lx_free,
	.enter = lx_enter,
	.leave = lx_leave,
	.park = lx_park,
	.unpark = lx_unpark,
	.poll = lx_poll,
	.kick = lx_kick,
	.timer_program = lx_timer_program,
	.relax = lx_relax,
	.host_poll = lx_host_poll,
	.host_watch_add = lx_watch_add,
	.host_watch_del = lx_watch_del,
};

int lx_high_fd(int fd)
{
	struct rlimit rl;
	int from = 900, high;

	if (fd < 0)
		return -errno;
	if (!getrlimit(RLIMIT_NOFILE, &rl) && rl.rlim_cur < 1100)
		from = rl.rlim_cur > 128 ? (int)rl.rlim_cur - 64 : 64;
	high = fcntl(fd, F_DUPFD_CLOEXEC, from);
	if (high < 0)
		return fd;
	close(fd);
	return high;
}

struct linux_platform *lx_create(void)
{
	static atomic_uint_fast64_t next_id;	/* RULE 9: numbers all stacks */
	struct linux_platform *lp = calloc(1, sizeof(*lp));

	if (!lp)
		return NULL;
	lp->p.ops = &lx_ops;
	lp->p.shares_stamps = true;
	tsc_clock_init(&lp->clock, true);
	lp->id = atomic_fetch_add(&next_id, 1) + 1;
	lp->pid = getpid();
	lp->sleep_until = KTIME_MAX;
	lp->timer_hint = KTIME_MAX;
	lp->drain_every = KTIME_MAX;
	pthread_mutex_init(&lp->watch_lock, NULL);
	pthread_mutex_init(&lp->arm_lock, NULL);
	lp->poller_efd = lx_high_fd(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
	lp->ks_efd = lx_high_fd(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
	lp->host_epfd = lx_high_fd(epoll_create1(EPOLL_CLOEXEC));
	if (lp->poller_efd < 0 || lp->ks_efd < 0 || lp->host_epfd < 0) {
		lx_destroy(lp);
		return NULL;
	}
	return lp;
}

int lx_start(struct linux_platform *lp, struct machine *m)
{
	sigset_t all, old;
	int err;

	lp->machine = m;
	lp->ks.lp = lp;
	lp->ks.lp_id = lp->id;
	task_init(&lp->ks.task, m, "ksoftirqd/0");
	lp->ks.task.is_ksoftirqd = true;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&lp->thread, NULL, lx_ksoftirqd, lp);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (err)
		return -err;
	lp->started = true;
	return 0;
}

void lx_stop(struct linux_platform *lp)
{
	if (!lp->started)
		return;
	__atomic_store_n(&lp->stop, true, __ATOMIC_SEQ_CST);
	lx_wake_ksoftirqd(lp);
	pthread_join(lp->thread, NULL);
	lp->started = false;
}

void lx_destroy(struct linux_platform *lp)
{
	lx_forget_thread(lp);
	lx_hostfd_fini(lp);
	if (lp->poller_efd > 0)
		close(lp->poller_efd);
	if (lp->ks_efd > 0)
		close(lp->ks_efd);
	if (lp->host_epfd > 0)
		close(lp->host_epfd);
	pthread_mutex_destroy(&lp->watch_lock);
	pthread_mutex_destroy(&lp->arm_lock);
	free(lp);
}
