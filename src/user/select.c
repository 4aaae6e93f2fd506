/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * poll and select. Both look at every descriptor; if none is ready they queue
 * pollwake on every wait queue, sleep, and when one of them calls look at
 * every descriptor again: O(n) at each wake-up, which is what epoll is for
 * (seed 004, section 35.4).
 */
#include "user/sys.h"

#include "base/slab.h"
#include "base/trace.h"
#include "user/uaccess.h"

struct poll_wqueues;

struct poll_entry {
	struct wait_queue_entry wait;
	struct wait_queue_head *wq;
	struct poll_wqueues *pwq;
	struct file *file;		/* referenced while queued */
	u32 key;
};

/* One poll or select in progress. */
struct poll_wqueues {
	struct poll_table pt;		/* first */
	struct task *task;
	u32 triggered;			/* atomic: re-scan */
	u32 n, room;
	struct poll_entry *entries;
};

static int pollwake(struct wait_queue_entry *e, u32 key)
{
	struct poll_entry *pe = container_of(e, struct poll_entry, wait);

	if (key && !(key & pe->key))
		return 0;
	trace_stage(STAGE_pollwake, 0, 0);
	__atomic_store_n(&pe->pwq->triggered, 1, __ATOMIC_SEQ_CST);
	return wake_up_task(pe->pwq->task);
}

static void queue_pollwake(struct file *f, struct wait_queue_head *wq,
			   struct poll_table *pt)
{
	struct poll_wqueues *pwq = (struct poll_wqueues *)pt;
	struct poll_entry *pe;

	if (pwq->n == pwq->room)
		return;		/* cannot be: one queue per file */
	pe = &pwq->entries[pwq->n++];
	pe->pwq = pwq;
	pe->wq = wq;
	pe->file = f;
	pe->key = pt->key | EPOLLERR | EPOLLHUP;
	get_file(f);
	init_waitqueue_func_entry(&pe->wait, pollwake);
	add_wait_queue(wq, &pe->wait);
}

static int pwq_init(struct poll_wqueues *pwq, u32 room)
{
	*pwq = (struct poll_wqueues){ .pt.queue = queue_pollwake,
				      .task = current_task(), .room = room };
	if (!room)
		return 0;
	pwq->entries = kmalloc(room * sizeof(*pwq->entries));
	return pwq->entries ? 0 : -ENOMEM;
}

static void pwq_fini(struct poll_wqueues *pwq)
{
	u32 i;

	for (i = 0; i < pwq->n; i++) {
		remove_wait_queue(pwq->entries[i].wq, &pwq->entries[i].wait);
		fput(pwq->entries[i].file);
	}
	kfree(pwq->entries);
}

static u32 poll_host(struct net *net, int fd, u32 key, struct poll_table *pt)
{
	struct platform *p = net->machine->platform;
	struct file *f;
	u32 mask;

	if (!pt)
		return p->ops->host_poll ?
		       p->ops->host_poll(p, fd, key) : POLLNVAL;
	f = host_file_open(net, fd);
	if (IS_ERR(f))
		return PTR_ERR(f) == -EBADF ? POLLNVAL : 0;
	mask = f->ops->poll(f, pt);
	fput(f);
	return mask;
}

/* Events ready on fd among `events`; with pt, queues the poller too. */
static u32 poll_one(struct net *net, int fd, u32 events, struct poll_table *pt)
{
	u32 filter = events | EPOLLERR | EPOLLHUP | POLLNVAL, mask;
	struct file *f = fget(net, fd);

	if (pt)
		pt->key = events;
	if (!f)
		return poll_host(net, fd, events, pt) & filter;
	mask = f->ops->poll(f, pt) & filter;
	fput(f);
	return mask;
}

/* Sleeps until some entry was triggered. 0, -ETIME, -EINTR. */
static int pwq_sleep(struct poll_wqueues *pwq, ktime_t deadline,
		     const void *sigmask)
{
	struct task *t = pwq->task;
	int err = 0;

	t->sigmask = sigmask;
	while (!err && !__atomic_exchange_n(&pwq->triggered, 0,
					    __ATOMIC_SEQ_CST))
		err = schedule_until(deadline);
	t->sigmask = NULL;
	return err;
}

static ktime_t deadline_of(ktime_t timeout)
{
	return timeout == KTIME_MAX ? KTIME_MAX : ktime_get() + timeout;
}

/* --- poll ----------------------------------------------------------------- */

static int scan_pollfds(struct net *net, struct pollfd *fds, u32 n,
			struct poll_table *pt)
{
	int ready = 0;
	u32 i;

	for (i = 0; i < n; i++) {
		fds[i].revents = 0;
		if (fds[i].fd < 0)
			continue;
		fds[i].revents = (short)poll_one(net, fds[i].fd,
						 (u16)fds[i].events, pt);
		if (fds[i].revents) {
			ready++;
			pt = NULL;	/* will not sleep */
		}
	}
	return ready;
}

int sys_poll(struct net *net, struct pollfd *fds, u32 n, ktime_t timeout,
	     const void *sigmask)
{
	ktime_t deadline;
	struct poll_wqueues pwq;
	int ready, err;

	if (n > net->user->max_fds)
		return -EINVAL;
	if (n && !fds)
		return -EFAULT;
	ready = scan_pollfds(net, fds, n, NULL);
	if (ready || !timeout)
		return ready;
	deadline = deadline_of(timeout);
	err = pwq_init(&pwq, n);
	if (err)
		return err;
	ready = scan_pollfds(net, fds, n, &pwq.pt);
	while (!ready && !err) {
		err = pwq_sleep(&pwq, deadline, sigmask);
		ready = scan_pollfds(net, fds, n, NULL);
	}
	pwq_fini(&pwq);
	return ready ? ready : err == -EINTR ? err : 0;
}

/* --- select ---------------------------------------------------------------- */

#define SELECT_IN	(EPOLLRDNORM | EPOLLRDBAND | EPOLLIN | EPOLLHUP | EPOLLERR)
#define SELECT_OUT	(EPOLLWRBAND | EPOLLWRNORM | EPOLLOUT | EPOLLERR)
#define SELECT_EX	(EPOLLPRI)
#define BITS		(8 * sizeof(long))

/* The program's sets are as long as `n` asks, not sizeof(fd_set). */
struct select_sets {
	int n;
	u32 words;
	unsigned long *in[3];		/* as given; NULL: not asked */
	unsigned long *out;		/* three results, one after another */
};

static bool in_set(const unsigned long *set, int fd)
{
	return set && set[(u32)fd / BITS] >> ((u32)fd % BITS) & 1;
}

static u32 wanted(const struct select_sets *s, int fd)
{
	return (in_set(s->in[0], fd) ? SELECT_IN : 0) |
	       (in_set(s->in[1], fd) ? SELECT_OUT : 0) |
	       (in_set(s->in[2], fd) ? SELECT_EX : 0);
}

static int scan_sets(struct net *net, struct select_sets *s,
		     struct poll_table *pt)
{
	static const u32 groups[3] = { SELECT_IN, SELECT_OUT, SELECT_EX };
	int fd, k, ready = 0;

	memset(s->out, 0, 3 * s->words * sizeof(long));
	for (fd = 0; fd < s->n; fd++) {
		u32 mask, want = wanted(s, fd);

		if (!want)
			continue;
		mask = poll_one(net, fd, want, pt);
		if (mask & POLLNVAL)
			return -EBADF;
		for (k = 0; k < 3; k++) {
			if (!in_set(s->in[k], fd) || !(mask & groups[k]))
				continue;
			s->out[(u32)k * s->words + (u32)fd / BITS] |=
				1ul << ((u32)fd % BITS);
			ready++;
			pt = NULL;
		}
	}
	return ready;
}

static u32 count_wanted(const struct select_sets *s)
{
	u32 n = 0;
	int fd;

	for (fd = 0; fd < s->n; fd++)
		n += wanted(s, fd) != 0;
	return n;
}

static int do_select(struct net *net, struct select_sets *s, ktime_t timeout,
		     const void *sigmask)
{
	ktime_t deadline;
	struct poll_wqueues pwq;
	int err, ready = scan_sets(net, s, NULL);

	if (ready || !timeout)
		return ready;
	deadline = deadline_of(timeout);
	err = pwq_init(&pwq, count_wanted(s));
	if (err)
		return err;
	ready = scan_sets(net, s, &pwq.pt);
	while (!ready && !err) {
		err = pwq_sleep(&pwq, deadline, sigmask);
		ready = scan_sets(net, s, NULL);
	}
	pwq_fini(&pwq);
	return ready ? ready : err == -EINTR ? err : 0;
}

int sys_select(struct net *net, int n, fd_set *r, fd_set *w, fd_set *e,
	       ktime_t *timeout, const void *sigmask)
{
	ktime_t start = ktime_get(), length = timeout ? *timeout : KTIME_MAX;
	struct select_sets s = { .n = n, .in = { (void *)r, (void *)w,
						 (void *)e } };
	int k, ret;

	if (n < 0 || length < 0)
		return -EINVAL;
	s.n = min_t(int, n, (int)net->user->max_fds);
	s.words = (u32)DIV_ROUND_UP((u32)s.n, BITS);
	s.out = kmalloc(3 * s.words * sizeof(long) + 1);
	if (!s.out)
		return -ENOMEM;
	ret = do_select(net, &s, length, sigmask);
	for (k = 0; ret >= 0 && k < 3; k++)
		if (s.in[k])
			memcpy(s.in[k], s.out + (u32)k * s.words,
			       s.words * sizeof(long));
	kfree(s.out);
	if (timeout && length != KTIME_MAX)	/* Linux: what is left */
		*timeout = max_t(ktime_t, 0, length - (ktime_get() - start));
	return ret;
}
