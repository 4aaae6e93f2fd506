/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the stack asks of libc. It is linked into the same library as the
 * functions that stand before libc's, which must not catch its calls: the
 * linker lets the stack's calls end here (wrap.args) and they go on to libc.
 * Descriptors that the stack opens for itself are noted as its own, and a
 * thread is not cancelled in the middle of the stack.
 *
 * Calls within the shim to a wrapped name are written ours(name)(...).
 */
#include "shim.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>

int __wrap_close(int fd);
ssize_t __wrap_read(int fd, void *buf, size_t n);
ssize_t __wrap_readv(int fd, const struct iovec *v, int n);
ssize_t __wrap_write(int fd, const void *buf, size_t n);
ssize_t __wrap_writev(int fd, const struct iovec *v, int n);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout);
int __wrap_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
		 const sigset_t *mask);
int __wrap_epoll_create1(int flags);
int __wrap_epoll_ctl(int epfd, int op, int fd, struct epoll_event *ev);
int __wrap_epoll_wait(int epfd, struct epoll_event *ev, int max, int timeout);
int __wrap_fcntl(int fd, int cmd, ...);
int __wrap_fcntl64(int fd, int cmd, ...);
int __wrap_ioctl(int fd, unsigned long cmd, ...);
int __wrap_socket(int domain, int type, int protocol);
int __wrap_eventfd(unsigned int value, int flags);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __wrap_memfd_create(const char *name, unsigned int flags);
long __wrap_syscall(long nr, ...);

/* Not wrapped for the shim's own use: named by the linker. */
int __real_epoll_create1(int flags);
int __real_eventfd(unsigned int value, int flags);
int __real_open(const char *path, int flags, ...);
int __real_memfd_create(const char *name, unsigned int flags);

static int own(int fd)
{
	if (fd >= 0)
		shim_set_kind(fd, FD_OWN);
	return fd;
}

/* libc's function, which would be a cancellation point. */
#define UNCANCELLED(call) __extension__({ \
	__typeof__(call) ret_; \
	int state_; \
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state_); \
	ret_ = (call); \
	pthread_setcancelstate(state_, &state_); \
	ret_; })

int __wrap_close(int fd)
{
	if (fd_kind(fd) == FD_OWN)
		shim_set_kind(fd, FD_HOST);
	return UNCANCELLED(real(close)(fd));
}

ssize_t __wrap_read(int fd, void *buf, size_t n)
{
	return UNCANCELLED(real(read)(fd, buf, n));
}

ssize_t __wrap_readv(int fd, const struct iovec *v, int n)
{
	return UNCANCELLED(real(readv)(fd, v, n));
}

ssize_t __wrap_write(int fd, const void *buf, size_t n)
{
	return UNCANCELLED(real(write)(fd, buf, n));
}

ssize_t __wrap_writev(int fd, const struct iovec *v, int n)
{
	return UNCANCELLED(real(writev)(fd, v, n));
}

int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	return UNCANCELLED(real(poll)(fds, n, timeout));
}

int __wrap_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
		 const sigset_t *mask)
{
	return UNCANCELLED(real(ppoll)(fds, n, timeout, mask));
}

int __wrap_epoll_create1(int flags)
{
	return own(__real_epoll_create1(flags));
}

int __wrap_epoll_ctl(int epfd, int op, int fd, struct epoll_event *ev)
{
	return real(epoll_ctl)(epfd, op, fd, ev);
}

int __wrap_epoll_wait(int epfd, struct epoll_event *ev, int max, int timeout)
{
	return UNCANCELLED(real(epoll_wait)(epfd, ev, max, timeout));
}

int __wrap_fcntl(int fd, int cmd, ...)
{
	va_list ap;
	long arg;
	int ret;

	va_start(ap, cmd);
	arg = va_arg(ap, long);
	va_end(ap);
	ret = UNCANCELLED(real(fcntl)(fd, cmd, arg));
	if (cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC)
		return own(ret);
	return ret;
}

int __wrap_fcntl64(int fd, int cmd, ...)
{
	va_list ap;
	long arg;

	va_start(ap, cmd);
	arg = va_arg(ap, long);
	va_end(ap);
	return __wrap_fcntl(fd, cmd, arg);
}

int __wrap_ioctl(int fd, unsigned long cmd, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, cmd);
	arg = va_arg(ap, void *);
	va_end(ap);
	return real(ioctl)(fd, cmd, arg);
}

int __wrap_socket(int domain, int type, int protocol)
{
	return own(real(socket)(domain, type, protocol));
}

int __wrap_eventfd(unsigned int value, int flags)
{
	return own(__real_eventfd(value, flags));
}

int __wrap_open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = va_arg(ap, mode_t);
	va_end(ap);
	return own(UNCANCELLED(__real_open(path, flags, mode)));
}

int __wrap_open64(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = va_arg(ap, mode_t);
	va_end(ap);
	return __wrap_open(path, flags, mode);
}

int __wrap_memfd_create(const char *name, unsigned int flags)
{
	return own(__real_memfd_create(name, flags));
}

long __wrap_syscall(long nr, ...)
{
	long a[6];
	va_list ap;
	int i;

	va_start(ap, nr);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	return real(syscall)(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}
