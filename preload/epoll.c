/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * epoll. Every set starts as the host's, at no cost; when the first socket of
 * the stack comes in, the set moves: a set of the stack takes over its number
 * with all it had (the host tells in /proc/self/fdinfo), and the host's set
 * stays behind as the placeholder. A thread that sleeps in the host's set at
 * that moment is woken by an eventfd left there, sees whose set it is now, and
 * goes on waiting in the stack.
 */
#include "shim.h"

#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>

static pthread_mutex_t moving = PTHREAD_MUTEX_INITIALIZER;

/* --- moving a set -------------------------------------------------------------------- */

/* "tfd:        5 events:       19 data: ffffffff00000005  pos:0 ..." */
static int copy_entry(struct weir *w, int to, const char *line)
{
	struct epoll_event ev;
	unsigned long long data;
	unsigned int events;
	int fd;

	if (sscanf(line, "tfd: %d events: %x data: %llx", &fd, &events,
		   &data) != 3)
		return 0;
	ev.events = events;
	ev.data.u64 = data;
	fd = weir_epoll_ctl(w, to, EPOLL_CTL_ADD, fd, &ev);
	return fd == -ENOMEM ? fd : 0;	/* others: the number is gone */
}

/* 0 or -errno. */
static int copy_entries(struct weir *w, int from, int to)
{
	char path[64], line[256];
	FILE *f;
	int err = 0;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", from);
	f = fopen(path, "rce");		/* c: not cancelled with the lock */
	if (!f)
		return -errno;
	while (!err && fgets(line, sizeof(line), f))
		err = copy_entry(w, to, line);
	fclose(f);
	return err;
}

/* Whoever sleeps in the host's set comes back and looks again. */
static void wake_sleepers(int epfd)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		return;
	real(epoll_ctl)(epfd, EPOLL_CTL_ADD, fd, &ev);
	shim_set_kind(fd, FD_OWN);
}

static bool is_host_epoll(int fd)
{
	static const char want[] = "anon_inode:[eventpoll]";
	char path[64], is[sizeof(want)];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return readlink(path, is, sizeof(is)) == sizeof(want) - 1 &&
	       !memcmp(is, want, sizeof(want) - 1);
}

/* 0 or -errno; epfd is the stack's afterwards. */
static int move_set(struct weir *w, int epfd)
{
	int fd, err;

	if (fd_kind(epfd) == FD_STACK)
		return 0;
	if (!is_host_epoll(epfd))
		return real(fcntl)(epfd, F_GETFD) < 0 ? -EBADF : -EINVAL;
	fd = weir_epoll_create1(w, EPOLL_CLOEXEC);
	if (fd < 0)
		return fd;
	err = copy_entries(w, epfd, fd);
	if (!err)
		err = weir_fd_alias(w, fd, epfd);
	if (!err) {
		shim_set_kind(epfd, FD_STACK);
		wake_sleepers(epfd);
	}
	weir_close(w, fd);
	return err;
}

static int move_set_locked(struct weir *w, int epfd)
{
	int err;

	pthread_mutex_lock(&moving);
	err = move_set(w, epfd);
	pthread_mutex_unlock(&moving);
	return err;
}

void shim_epolls_after_fork(void)
{
	pthread_mutex_init(&moving, NULL);
}

/* --- calls --------------------------------------------------------------------------------- */

EXPORT int epoll_ctl(int epfd, int op, int fd, struct epoll_event *ev)
{
	if (on_host(epfd)) {
		if (on_host(fd))
			return real(epoll_ctl)(epfd, op, fd, ev);
		if (fd_kind(fd) == FD_STACK &&
		    STACK(move_set_locked(w, epfd)) < 0)
			return -1;
	}
	return (int)STACK(weir_epoll_ctl(w, epfd, op, fd, ev));
}
OURS(epoll_ctl);

EXPORT int epoll_wait(int epfd, struct epoll_event *ev, int max, int timeout)
{
	int n;

	if (on_host(epfd)) {
		n = real(epoll_wait)(epfd, ev, max, timeout);
		if (likely(on_host(epfd)))
			return n;
	}
	pthread_testcancel();
	return (int)STACK_WAIT(weir_epoll_wait(w, epfd, ev, max, timeout));
}

/* The stack's only call with a mask takes a timespec. */
static struct timespec *ms_to_timespec(int ms, struct timespec *ts)
{
	if (ms < 0)
		return NULL;
	ts->tv_sec = ms / 1000;
	ts->tv_nsec = ms % 1000 * 1000000l;
	return ts;
}

EXPORT int epoll_pwait(int epfd, struct epoll_event *ev, int max, int timeout,
		       const sigset_t *mask)
{
	struct timespec ts;
	int n;

	if (on_host(epfd)) {
		n = real(epoll_pwait)(epfd, ev, max, timeout, mask);
		if (likely(on_host(epfd)))
			return n;
	}
	pthread_testcancel();
	return (int)STACK_WAIT(weir_epoll_pwait2(w, epfd, ev, max,
						 ms_to_timespec(timeout, &ts),
						 mask));
}

EXPORT int epoll_pwait2(int epfd, struct epoll_event *ev, int max,
			const struct timespec *timeout, const sigset_t *mask)
{
	int n;

	if (on_host(epfd)) {
		n = real(epoll_pwait2)(epfd, ev, max, timeout, mask);
		if (likely(on_host(epfd)))
			return n;
	}
	pthread_testcancel();
	return (int)STACK_WAIT(weir_epoll_pwait2(w, epfd, ev, max, timeout,
						 mask));
}
