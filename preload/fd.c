/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptor numbers: making, copying, closing. Whatever a call does to a
 * number of the stack is done to its placeholder too, so that the host's
 * kernel goes on choosing the numbers.
 *
 * The stack's own descriptors (FD_OWN: doorbells, files) are not there for
 * the program: daemons close all numbers they do not know.
 */
#include "shim.h"

#include <linux/close_range.h>

static int placeholder = -1;		/* what all placeholders are copies of */

void shim_set_kind(int fd, enum fd_kind kind)
{
	int top;

	if ((unsigned int)fd >= SHIM_MAX_FDS)
		return;
	__atomic_store_n(&shim.kind[fd], (uint8_t)kind, __ATOMIC_RELAXED);
	top = __atomic_load_n(&shim.highest, __ATOMIC_RELAXED);
	while (kind != FD_HOST && fd > top &&
	       !__atomic_compare_exchange_n(&shim.highest, &top, fd, false,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

/* --- numbers for the stack ---------------------------------------------------------- */

static int get_placeholder(void)
{
	int fd, high, none = -1;

	if (placeholder >= 0)
		return placeholder;
	fd = real(socket)(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	high = real(fcntl)(fd, F_DUPFD_CLOEXEC, 200);
	if (high >= 0) {
		real(close)(fd);
		fd = high;
	}
	if (!__atomic_compare_exchange_n(&placeholder, &none, fd, false,
					 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		real(close)(fd);
	else
		shim_set_kind(fd, FD_OWN);
	return placeholder;
}

static int reserve(void *ctx, int cloexec)
{
	int from = get_placeholder(), fd;

	if (from < 0)
		return from;
	fd = real(fcntl)(from, cloexec ? F_DUPFD_CLOEXEC : F_DUPFD, 0);
	if (fd < 0)
		return -errno;
	if (fd >= SHIM_MAX_FDS) {
		real(close)(fd);
		return -EMFILE;
	}
	shim_set_kind(fd, FD_STACK);
	return fd;
}

/* Called from inside the stack, where a thread must not be cancelled. */
static void release(void *ctx, int fd)
{
	int state;

	shim_set_kind(fd, FD_HOST);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	real(close)(fd);
	pthread_setcancelstate(state, &state);
}

const struct weir_fd_ops shim_fd_ops = { reserve, release, NULL };

/* --- close ----------------------------------------------------------------------------- */

static void forget_host(int fd)
{
	int saved = errno;

	if (shim.w)
		STACK((weir_host_closed(w, fd), 0));
	errno = saved;
}

EXPORT int close(int fd)
{
	switch (fd_kind(fd)) {
	case FD_STACK:
		return (int)STACK(weir_close(w, fd));
	case FD_OWN:
		errno = EBADF;
		return -1;
	case FD_DEAD:
		shim_set_kind(fd, FD_HOST);
		break;
	case FD_HOST:
		forget_host(fd);
		break;
	}
	return real(close)(fd);
}
OURS(close);

EXPORT int __close(int fd)
{
	return close(fd);
}

/* The host's numbers first..last, without the stack's own among them. */
static int close_gaps(unsigned int first, unsigned int last, int flags)
{
	unsigned int fd, start = first, top = (unsigned int)shim.highest;
	int ret = 0;

	for (fd = first; fd <= last && fd <= top; fd++) {
		if (fd_kind((int)fd) != FD_OWN)
			continue;
		if (fd > start)
			ret |= real(close_range)(start, fd - 1, flags);
		start = fd + 1;
	}
	if (start <= last)
		ret |= real(close_range)(start, last, flags);
	return ret;
}

EXPORT int close_range(unsigned int first, unsigned int last, int flags)
{
	unsigned int fd, end = last < SHIM_MAX_FDS ? last : SHIM_MAX_FDS - 1;

	if (first > last) {
		errno = EINVAL;
		return -1;
	}
	if (flags & (int)CLOSE_RANGE_CLOEXEC)
		return real(close_range)(first, last, flags);
	for (fd = first; fd <= end; fd++) {
		switch (fd_kind((int)fd)) {
		case FD_STACK:
			STACK(weir_close(w, (int)fd));
			break;
		case FD_DEAD:
			shim_set_kind((int)fd, FD_HOST);
			break;
		case FD_HOST:
			forget_host((int)fd);
			break;
		case FD_OWN:
			break;
		}
	}
	return close_gaps(first, last, flags);
}

EXPORT void closefrom(int low)
{
	close_range(low < 0 ? 0 : (unsigned int)low, ~0u, 0);
}

/* --- dup ---------------------------------------------------------------------------------- */

int shim_alias(int fd, int to)
{
	enum fd_kind kind = fd_kind(fd);
	int saved = errno;
	long err = 0;

	if (to < 0)
		return -1;
	if (to >= SHIM_MAX_FDS) {
		err = -1;
		saved = EMFILE;
	} else if (kind == FD_STACK) {
		err = STACK(weir_fd_alias(w, fd, to));
		if (err)
			saved = errno;
	}
	if (err)
		real(close)(to);
	else
		shim_set_kind(to, kind);
	errno = saved;
	return err ? -1 : to;
}

EXPORT int dup(int fd)
{
	if (on_host(fd))
		return real(dup)(fd);
	if (fd_kind(fd) == FD_OWN) {
		errno = EBADF;
		return -1;
	}
	return shim_alias(fd, real(dup)(fd));
}

/* fd is at the number `to` too, whatever that was, and whoever's fd is. */
static int after_dup(int fd, int to, enum fd_kind was)
{
	enum fd_kind kind = fd_kind(fd);

	if (was == FD_HOST)
		forget_host(to);
	else if (was == FD_STACK && kind != FD_STACK)
		STACK(weir_fd_forget(w, to));
	if (kind != FD_HOST)
		return shim_alias(fd, to);
	shim_set_kind(to, FD_HOST);
	return to;
}

EXPORT int dup3(int fd, int to, int flags)
{
	enum fd_kind was = fd_kind(to);

	if (fd_kind(fd) == FD_OWN || was == FD_OWN) {
		errno = EBADF;
		return -1;
	}
	if (real(dup3)(fd, to, flags) < 0)
		return -1;
	return after_dup(fd, to, was);
}

EXPORT int dup2(int fd, int to)
{
	if (fd == to)
		return real(dup2)(fd, to);	/* is it open? */
	return dup3(fd, to, 0);
}

EXPORT int __dup2(int fd, int to)
{
	return dup2(fd, to);
}

/* --- fcntl, ioctl ---------------------------------------------------------------------------- */

static int stack_fcntl(int fd, int cmd, long arg)
{
	switch (cmd) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		if (fd_kind(fd) == FD_OWN)
			break;
		return shim_alias(fd, real(fcntl)(fd, cmd, arg));
	case F_GETFD:
	case F_SETFD:
		if (fd_kind(fd) == FD_OWN)
			break;
		return real(fcntl)(fd, cmd, arg);
	default:
		return (int)STACK(weir_fcntl(w, fd, cmd, arg));
	}
	errno = EBADF;
	return -1;
}

EXPORT int fcntl(int fd, int cmd, ...)
{
	va_list ap;
	long arg;

	va_start(ap, cmd);
	arg = va_arg(ap, long);
	va_end(ap);
	if (on_host(fd))
		return real(fcntl)(fd, cmd, arg);
	return stack_fcntl(fd, cmd, arg);
}
OURS(fcntl);

EXPORT int fcntl64(int fd, int cmd, ...)
{
	va_list ap;
	long arg;

	va_start(ap, cmd);
	arg = va_arg(ap, long);
	va_end(ap);
	return fcntl(fd, cmd, arg);
}

EXPORT int __fcntl(int fd, int cmd, ...)
{
	va_list ap;
	long arg;

	va_start(ap, cmd);
	arg = va_arg(ap, long);
	va_end(ap);
	return fcntl(fd, cmd, arg);
}

EXPORT int ioctl(int fd, unsigned long cmd, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, cmd);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (on_host(fd) || ((cmd == FIOCLEX || cmd == FIONCLEX) &&
			    fd_kind(fd) != FD_OWN))
		return real(ioctl)(fd, cmd, arg);
	return (int)STACK(weir_ioctl(w, fd, cmd, arg));
}
OURS(ioctl);
