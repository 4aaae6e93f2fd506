/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls that move bytes. Those that may sleep are cancellation points and are
 * begun again after handlers with SA_RESTART. The stack answers EPIPE; the
 * signal that goes with it is raised here.
 */
#include "shim.h"

#include <pthread.h>

static ssize_t sent(ssize_t n, int flags)
{
	if (unlikely(n < 0 && errno == EPIPE) && !(flags & MSG_NOSIGNAL))
		shim_broken_pipe();
	return n;
}

/* A socket of ours in a message to another process cannot work there. */
static void look_for_rights(const struct msghdr *m)
{
	struct cmsghdr *c;
	size_t i, n;
	int fd;

	if (!m->msg_control)
		return;
	for (c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR((struct msghdr *)m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < n; i++) {
			__builtin_memcpy(&fd, CMSG_DATA(c) + i * sizeof(int),
					 sizeof(fd));
			if (!on_host(fd))
				shim_bypassed(BYPASS_PASSED);
		}
	}
}

/* --- send -------------------------------------------------------------------------- */

EXPORT ssize_t send(int fd, const void *buf, size_t n, int flags)
{
	if (on_host(fd))
		return real(send)(fd, buf, n, flags);
	pthread_testcancel();
	return sent(STACK_RESTART(fd, SO_SNDTIMEO,
				  weir_send(w, fd, buf, n, flags)), flags);
}

EXPORT ssize_t __send(int fd, const void *buf, size_t n, int flags)
{
	return send(fd, buf, n, flags);
}

EXPORT ssize_t sendto(int fd, const void *buf, size_t n, int flags,
		      __CONST_SOCKADDR_ARG a, socklen_t alen)
{
	if (on_host(fd))
		return real(sendto)(fd, buf, n, flags, a, alen);
	pthread_testcancel();
	return sent(STACK_RESTART(fd, SO_SNDTIMEO,
				  weir_sendto(w, fd, buf, n, flags,
					      a.__sockaddr__, alen)), flags);
}

EXPORT ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
	if (on_host(fd)) {
		if (shim.w && m)
			look_for_rights(m);
		return real(sendmsg)(fd, m, flags);
	}
	pthread_testcancel();
	return sent(STACK_RESTART(fd, SO_SNDTIMEO,
				  weir_sendmsg(w, fd, m, flags)), flags);
}

EXPORT int sendmmsg(int fd, struct mmsghdr *v, unsigned int n, int flags)
{
	if (on_host(fd))
		return real(sendmmsg)(fd, v, n, flags);
	pthread_testcancel();
	return (int)sent(STACK_RESTART(fd, SO_SNDTIMEO,
				       weir_sendmmsg(w, fd, v, n, flags)),
			 flags);
}

EXPORT ssize_t write(int fd, const void *buf, size_t n)
{
	if (on_host(fd))
		return real(write)(fd, buf, n);
	pthread_testcancel();
	return sent(STACK_RESTART(fd, SO_SNDTIMEO, weir_write(w, fd, buf, n)),
		    0);
}
OURS(write);

EXPORT ssize_t __write(int fd, const void *buf, size_t n)
{
	return write(fd, buf, n);
}

EXPORT ssize_t writev(int fd, const struct iovec *v, int n)
{
	if (on_host(fd))
		return real(writev)(fd, v, n);
	pthread_testcancel();
	return sent(STACK_RESTART(fd, SO_SNDTIMEO, weir_writev(w, fd, v, n)),
		    0);
}
OURS(writev);

/* At offset -1 these are writev and readv. */
EXPORT ssize_t pwritev2(int fd, const struct iovec *v, int n, off_t off,
			int flags)
{
	if (on_host(fd) || off != -1 || flags)
		return real(pwritev2)(fd, v, n, off, flags);
	return writev(fd, v, n);
}

EXPORT ssize_t pwritev64v2(int fd, const struct iovec *v, int n, off_t off,
			   int flags)
{
	return pwritev2(fd, v, n, off, flags);
}

/* --- receive ------------------------------------------------------------------------- */

EXPORT ssize_t recv(int fd, void *buf, size_t n, int flags)
{
	if (on_host(fd))
		return real(recv)(fd, buf, n, flags);
	pthread_testcancel();
	return STACK_RESTART(fd, SO_RCVTIMEO, weir_recv(w, fd, buf, n, flags));
}

EXPORT ssize_t __recv_chk(int fd, void *buf, size_t n, size_t room, int flags)
{
	if (n > room)
		__chk_fail();
	return recv(fd, buf, n, flags);
}

EXPORT ssize_t recvfrom(int fd, void *buf, size_t n, int flags,
			__SOCKADDR_ARG a, socklen_t *alen)
{
	if (on_host(fd))
		return real(recvfrom)(fd, buf, n, flags, a, alen);
	pthread_testcancel();
	return STACK_RESTART(fd, SO_RCVTIMEO,
			     weir_recvfrom(w, fd, buf, n, flags,
					   a.__sockaddr__, alen));
}

EXPORT ssize_t __recvfrom_chk(int fd, void *buf, size_t n, size_t room,
			      int flags, __SOCKADDR_ARG a, socklen_t *alen)
{
	if (n > room)
		__chk_fail();
	return recvfrom(fd, buf, n, flags, a, alen);
}

EXPORT ssize_t recvmsg(int fd, struct msghdr *m, int flags)
{
	if (on_host(fd))
		return real(recvmsg)(fd, m, flags);
	pthread_testcancel();
	return STACK_RESTART(fd, SO_RCVTIMEO, weir_recvmsg(w, fd, m, flags));
}

EXPORT int recvmmsg(int fd, struct mmsghdr *v, unsigned int n, int flags,
		    struct timespec *timeout)
{
	if (on_host(fd))
		return real(recvmmsg)(fd, v, n, flags, timeout);
	pthread_testcancel();
	return (int)STACK_RESTART(fd, SO_RCVTIMEO,
				  weir_recvmmsg(w, fd, v, n, flags, timeout));
}

EXPORT ssize_t read(int fd, void *buf, size_t n)
{
	if (on_host(fd))
		return real(read)(fd, buf, n);
	pthread_testcancel();
	return STACK_RESTART(fd, SO_RCVTIMEO, weir_read(w, fd, buf, n));
}
OURS(read);

EXPORT ssize_t __read(int fd, void *buf, size_t n)
{
	return read(fd, buf, n);
}

EXPORT ssize_t __read_chk(int fd, void *buf, size_t n, size_t room)
{
	if (n > room)
		__chk_fail();
	return read(fd, buf, n);
}

EXPORT ssize_t readv(int fd, const struct iovec *v, int n)
{
	if (on_host(fd))
		return real(readv)(fd, v, n);
	pthread_testcancel();
	return STACK_RESTART(fd, SO_RCVTIMEO, weir_readv(w, fd, v, n));
}
OURS(readv);

EXPORT ssize_t preadv2(int fd, const struct iovec *v, int n, off_t off,
		       int flags)
{
	if (on_host(fd) || off != -1 || flags)
		return real(preadv2)(fd, v, n, off, flags);
	return readv(fd, v, n);
}

EXPORT ssize_t preadv64v2(int fd, const struct iovec *v, int n, off_t off,
			  int flags)
{
	return preadv2(fd, v, n, off, flags);
}
