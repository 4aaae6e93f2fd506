/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * syscall(3): network calls by number. io_uring does not exist here: its
 * requests would be carried out by the host.
 */
#include "shim.h"

#include <sys/syscall.h>

struct args {
	long a, b, c, d, e, f;
};

static long socket_call(long nr, const struct args *x)
{
	int fd = (int)x->a;
	void *p = (void *)x->b;

	switch (nr) {
	case SYS_socket:
		return ours(socket)(fd, (int)x->b, (int)x->c);
	case SYS_bind:
		return bind(fd, p, (socklen_t)x->c);
	case SYS_listen:
		return listen(fd, (int)x->b);
	case SYS_accept:
		return accept4(fd, p, (void *)x->c, 0);
	case SYS_accept4:
		return accept4(fd, p, (void *)x->c, (int)x->d);
	case SYS_connect:
		return connect(fd, p, (socklen_t)x->c);
	case SYS_shutdown:
		return shutdown(fd, (int)x->b);
	case SYS_getsockname:
		return getsockname(fd, p, (void *)x->c);
	case SYS_getpeername:
		return getpeername(fd, p, (void *)x->c);
	case SYS_getsockopt:
		return getsockopt(fd, (int)x->b, (int)x->c, (void *)x->d,
				  (void *)x->e);
	default:
		return setsockopt(fd, (int)x->b, (int)x->c, (void *)x->d,
				  (socklen_t)x->e);
	}
}

static long data_call(long nr, const struct args *x)
{
	int fd = (int)x->a;
	void *p = (void *)x->b;
	size_t n = (size_t)x->c;

	switch (nr) {
	case SYS_read:
		return ours(read)(fd, p, n);
	case SYS_write:
		return ours(write)(fd, p, n);
	case SYS_readv:
		return ours(readv)(fd, p, (int)n);
	case SYS_writev:
		return ours(writev)(fd, p, (int)n);
	case SYS_sendto:
		return sendto(fd, p, n, (int)x->d, (void *)x->e,
			      (socklen_t)x->f);
	case SYS_recvfrom:
		return recvfrom(fd, p, n, (int)x->d, (void *)x->e,
				(void *)x->f);
	case SYS_sendmsg:
		return sendmsg(fd, p, (int)n);
	case SYS_recvmsg:
		return recvmsg(fd, p, (int)n);
	case SYS_sendmmsg:
		return sendmmsg(fd, p, (unsigned int)n, (int)x->d);
	default:
		return recvmmsg(fd, p, (unsigned int)n, (int)x->d,
				(void *)x->e);
	}
}

static long fd_call(long nr, const struct args *x)
{
	int fd = (int)x->a;

	switch (nr) {
	case SYS_close:
		return ours(close)(fd);
	case SYS_close_range:
		return close_range((unsigned int)x->a, (unsigned int)x->b,
				   (int)x->c);
	case SYS_dup:
		return dup(fd);
	case SYS_dup3:
		return dup3(fd, (int)x->b, (int)x->c);
	case SYS_fcntl:
		return ours(fcntl)(fd, (int)x->b, x->c);
	case SYS_ioctl:
		return ours(ioctl)(fd, (unsigned long)x->b, (void *)x->c);
	case SYS_epoll_ctl:
		return ours(epoll_ctl)(fd, (int)x->b, (int)x->c, (void *)x->d);
	default:
		return sendfile(fd, (int)x->b, (void *)x->c, (size_t)x->d);
	}
}

EXPORT long syscall(long nr, ...)
{
	struct args x;
	va_list ap;

	va_start(ap, nr);
	x.a = va_arg(ap, long);
	x.b = va_arg(ap, long);
	x.c = va_arg(ap, long);
	x.d = va_arg(ap, long);
	x.e = va_arg(ap, long);
	x.f = va_arg(ap, long);
	va_end(ap);
	switch (nr) {
	case SYS_socket: case SYS_bind: case SYS_listen: case SYS_accept:
	case SYS_accept4: case SYS_connect: case SYS_shutdown:
	case SYS_getsockname: case SYS_getpeername: case SYS_getsockopt:
	case SYS_setsockopt:
		return socket_call(nr, &x);
	case SYS_read: case SYS_write: case SYS_readv: case SYS_writev:
	case SYS_sendto: case SYS_recvfrom: case SYS_sendmsg:
	case SYS_recvmsg: case SYS_sendmmsg: case SYS_recvmmsg:
		return data_call(nr, &x);
	case SYS_close: case SYS_close_range: case SYS_dup: case SYS_dup3:
	case SYS_fcntl: case SYS_ioctl: case SYS_epoll_ctl: case SYS_sendfile:
		return fd_call(nr, &x);
	case SYS_exit_group:
		_exit((int)x.a);
	case SYS_io_uring_setup:
		errno = ENOSYS;
		return -1;
	}
	return real(syscall)(nr, x.a, x.b, x.c, x.d, x.e, x.f);
}
