/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The library's calls: onto a CPU, through the boundary, off again. What the
 * entry instruction is to a kernel, ENTER is here.
 */
#define _GNU_SOURCE
#include "user/stack.h"

#include "sock/zerocopy.h"
#include "user/epoll.h"
#include "user/sys.h"

#define ENTER(w) do { \
	if (unlikely((w)->dead || \
		     !(w)->platform->ops->enter((w)->platform, (w)->machine))) \
		return -EBADF; \
} while (0)
#define LEAVE(w) ((w)->platform->ops->leave((w)->platform, (w)->machine))
/* The call's value, computed inside the stack. */
#define CALL(w, expr) __extension__({ \
	__typeof__(expr) ret_; \
	ENTER(w); \
	ret_ = (expr); \
	LEAVE(w); \
	ret_; })

/* The call came back with nothing: the program may be spinning on it. True: it
 * may well find something now. */
static bool found_nothing(struct weir *w)
{
	return w->platform->ops->poll && w->platform->ops->poll(w->platform);
}
/* CALL of what may find nothing, which it says by the value `none`. */
#define TRY(w, none, expr) __extension__({ \
	__typeof__(expr) ret_; \
	ENTER(w); \
	ret_ = (expr); \
	if (unlikely(ret_ == (none)) && found_nothing(w)) \
		ret_ = (expr); \
	LEAVE(w); \
	ret_; })

int weir_socket(struct weir *w, int domain, int type, int protocol)
{
	return CALL(w, sys_socket(w->net, domain, type, protocol));
}

int weir_bind(struct weir *w, int fd, const struct sockaddr *a, socklen_t len)
{
	return CALL(w, sys_bind(w->net, fd, a, len));
}

int weir_listen(struct weir *w, int fd, int backlog)
{
	return CALL(w, sys_listen(w->net, fd, backlog));
}

int weir_accept4(struct weir *w, int fd, struct sockaddr *a, socklen_t *len,
		 int flags)
{
	return TRY(w, -EAGAIN, sys_accept4(w->net, fd, a, len, flags));
}

int weir_connect(struct weir *w, int fd, const struct sockaddr *a,
		 socklen_t len)
{
	return CALL(w, sys_connect(w->net, fd, a, len));
}

int weir_shutdown(struct weir *w, int fd, int how)
{
	return CALL(w, sys_shutdown(w->net, fd, how));
}

int weir_getsockname(struct weir *w, int fd, struct sockaddr *a, socklen_t *len)
{
	return CALL(w, sys_getsockname(w->net, fd, a, len));
}

int weir_getpeername(struct weir *w, int fd, struct sockaddr *a, socklen_t *len)
{
	return CALL(w, sys_getpeername(w->net, fd, a, len));
}

int weir_setsockopt(struct weir *w, int fd, int level, int name,
		    const void *val, socklen_t len)
{
	return CALL(w, sys_setsockopt(w->net, fd, level, name, val, len));
}

int weir_getsockopt(struct weir *w, int fd, int level, int name, void *val,
		    socklen_t *len)
{
	return CALL(w, sys_getsockopt(w->net, fd, level, name, val, len));
}

ssize_t weir_send(struct weir *w, int fd, const void *buf, size_t len, int flags)
{
	return CALL(w, sys_send(w->net, fd, buf, len, flags));
}

ssize_t weir_sendto(struct weir *w, int fd, const void *buf, size_t len,
		    int flags, const struct sockaddr *a, socklen_t alen)
{
	return CALL(w, sys_sendto(w->net, fd, buf, len, flags, a, alen));
}

ssize_t weir_sendmsg(struct weir *w, int fd, const struct msghdr *m, int flags)
{
	return CALL(w, sys_sendmsg(w->net, fd, m, flags));
}

int weir_sendmmsg(struct weir *w, int fd, struct mmsghdr *v, unsigned int n,
		  int flags)
{
	return CALL(w, sys_sendmmsg(w->net, fd, v, n, flags));
}

ssize_t weir_recv(struct weir *w, int fd, void *buf, size_t len, int flags)
{
	return TRY(w, -EAGAIN, sys_recv(w->net, fd, buf, len, flags));
}

ssize_t weir_recvfrom(struct weir *w, int fd, void *buf, size_t len, int flags,
		      struct sockaddr *a, socklen_t *alen)
{
	return TRY(w, -EAGAIN, sys_recvfrom(w->net, fd, buf, len, flags, a, alen));
}

ssize_t weir_recvmsg(struct weir *w, int fd, struct msghdr *m, int flags)
{
	return TRY(w, -EAGAIN, sys_recvmsg(w->net, fd, m, flags));
}

int weir_recvmmsg(struct weir *w, int fd, struct mmsghdr *v, unsigned int n,
		  int flags, const struct timespec *timeout)
{
	return TRY(w, -EAGAIN, sys_recvmmsg(w->net, fd, v, n, flags, timeout));
}

ssize_t weir_read(struct weir *w, int fd, void *buf, size_t len)
{
	return TRY(w, -EAGAIN, sys_read(w->net, fd, buf, len));
}

ssize_t weir_write(struct weir *w, int fd, const void *buf, size_t len)
{
	return CALL(w, sys_write(w->net, fd, buf, len));
}

ssize_t weir_readv(struct weir *w, int fd, const struct iovec *v, int n)
{
	return TRY(w, -EAGAIN, sys_readv(w->net, fd, v, n));
}

ssize_t weir_writev(struct weir *w, int fd, const struct iovec *v, int n)
{
	return CALL(w, sys_writev(w->net, fd, v, n));
}

int weir_ioctl(struct weir *w, int fd, unsigned long cmd, void *arg)
{
	return CALL(w, sys_ioctl(w->net, fd, cmd, arg));
}

int weir_fcntl(struct weir *w, int fd, int cmd, long arg)
{
	return CALL(w, sys_fcntl(w->net, fd, cmd, arg));
}

/* --- without copying -------------------------------------------------------------- */

ssize_t weir_recvmsg_zc(struct weir *w, int fd, struct msghdr *m, size_t len,
			int flags, uint64_t *loan)
{
	return TRY(w, -EAGAIN, sys_recvmsg_zc(w->net, fd, m, len, flags, loan));
}

int weir_recv_return(struct weir *w, uint64_t loan)
{
	return CALL(w, sys_recv_return(w->net, loan));
}

ssize_t weir_sendmsg_zc(struct weir *w, int fd, const struct msghdr *m,
			int flags, uint32_t *id)
{
	return CALL(w, sys_sendmsg_zc(w->net, fd, m, flags, id));
}

static ktime_t ms_to_ktime(int ms)
{
	return ms < 0 ? KTIME_MAX : ms * NSEC_PER_MSEC;
}

int weir_send_completed(struct weir *w, int fd, struct weir_completion *c,
			int timeout_ms)
{
	struct zerocopy_range r = { 0 };
	int ret = TRY(w, 0, sys_send_completed(w->net, fd, &r,
					       ms_to_ktime(timeout_ms)));

	if (ret == 1)
		*c = (struct weir_completion){ r.lo, r.hi, r.copied };
	return ret;
}

/* --- descriptors --------------------------------------------------------------- */

int weir_close(struct weir *w, int fd)
{
	return CALL(w, sys_close(w->net, fd));
}

int weir_dup(struct weir *w, int fd)
{
	return CALL(w, sys_dup(w->net, fd, 0, false));
}

int weir_dup3(struct weir *w, int fd, int to, int flags)
{
	return CALL(w, sys_dup3(w->net, fd, to, flags));
}

int weir_owns(struct weir *w, int fd)
{
	return !w->dead && fd_is_ours(w->net, fd);
}

static int alias(struct net *net, int fd, int to)
{
	struct file *f = fget(net, fd);
	int err;

	if (!f)
		return -EBADF;
	err = fd_install_at(net, to, f);
	if (err)
		fput(f);
	return err;
}

int weir_fd_alias(struct weir *w, int fd, int to)
{
	return CALL(w, alias(w->net, fd, to));
}

static int forget(struct net *net, int fd)
{
	struct file *f = fd_remove(net, fd);

	if (!f)
		return -EBADF;
	fput(f);
	return 0;
}

int weir_fd_forget(struct weir *w, int fd)
{
	return CALL(w, forget(w->net, fd));
}

static int host_closed(struct net *net, int fd)
{
	eventpoll_host_closed(net, fd);
	return 0;
}

void weir_host_closed(struct weir *w, int fd)
{
	if (w->dead || list_empty(&w->net->user->host_files) ||
	    !w->platform->ops->enter(w->platform, w->machine))
		return;
	host_closed(w->net, fd);
	LEAVE(w);
}

/* --- waiting --------------------------------------------------------------------- */

/* KTIME_MAX: NULL or very long. -EINVAL for what is no time. */
static ktime_t timespec_to_ktime(const struct timespec *ts)
{
	if (!ts)
		return KTIME_MAX;
	if (ts->tv_sec < 0 || ts->tv_nsec < 0 || ts->tv_nsec >= NSEC_PER_SEC)
		return -EINVAL;
	if (ts->tv_sec > KTIME_MAX / NSEC_PER_SEC / 2)
		return KTIME_MAX;
	return ts->tv_sec * NSEC_PER_SEC + ts->tv_nsec;
}

int weir_poll(struct weir *w, struct pollfd *fds, nfds_t n, int timeout_ms)
{
	return TRY(w, 0, sys_poll(w->net, fds, (u32)n, ms_to_ktime(timeout_ms),
				  NULL));
}

int weir_ppoll(struct weir *w, struct pollfd *fds, nfds_t n,
	       const struct timespec *timeout, const sigset_t *mask)
{
	ktime_t t = timespec_to_ktime(timeout);

	if (t < 0)
		return -EINVAL;
	return TRY(w, 0, sys_poll(w->net, fds, (u32)n, t, mask));
}

/* The sets are gone when it has found nothing: no second look in one call. */
static int try_select(struct weir *w, int n, fd_set *r, fd_set *wr, fd_set *e,
		      ktime_t *timeout, const sigset_t *mask)
{
	int ret = sys_select(w->net, n, r, wr, e, timeout, mask);

	if (!ret)
		found_nothing(w);
	return ret;
}

int weir_select(struct weir *w, int n, fd_set *r, fd_set *wr, fd_set *e,
		struct timeval *timeout)
{
	ktime_t t = KTIME_MAX;
	int ret;

	if (timeout) {
		struct timespec ts = { timeout->tv_sec + timeout->tv_usec /
				       1000000, timeout->tv_usec % 1000000 *
				       1000 };

		t = timespec_to_ktime(&ts);
		if (t < 0)
			return -EINVAL;
	}
	ret = CALL(w, try_select(w, n, r, wr, e, &t, NULL));
	if (timeout && t != KTIME_MAX) {
		timeout->tv_sec = t / NSEC_PER_SEC;
		timeout->tv_usec = t % NSEC_PER_SEC / NSEC_PER_USEC;
	}
	return ret;
}

int weir_pselect(struct weir *w, int n, fd_set *r, fd_set *wr, fd_set *e,
		 const struct timespec *timeout, const sigset_t *mask)
{
	ktime_t t = timespec_to_ktime(timeout);

	if (t < 0)
		return -EINVAL;
	return CALL(w, try_select(w, n, r, wr, e, &t, mask));
}

int weir_epoll_create1(struct weir *w, int flags)
{
	return CALL(w, sys_epoll_create1(w->net, flags));
}

int weir_epoll_ctl(struct weir *w, int epfd, int op, int fd,
		   struct epoll_event *ev)
{
	return CALL(w, sys_epoll_ctl(w->net, epfd, op, fd, ev));
}

int weir_epoll_wait(struct weir *w, int epfd, struct epoll_event *ev, int max_ev,
		    int timeout_ms)
{
	return TRY(w, 0, sys_epoll_wait(w->net, epfd, ev, max_ev,
					ms_to_ktime(timeout_ms), NULL));
}

int weir_epoll_pwait2(struct weir *w, int epfd, struct epoll_event *ev,
		      int max_ev, const struct timespec *timeout,
		      const sigset_t *mask)
{
	ktime_t t = timespec_to_ktime(timeout);

	if (t < 0)
		return -EINVAL;
	return TRY(w, 0, sys_epoll_wait(w->net, epfd, ev, max_ev, t, mask));
}
