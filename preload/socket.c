/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that make, name and connect sockets. The stack has AF_INET; other
 * families are the host's, except those that would go round the stack. */
#include "shim.h"

#include <pthread.h>

EXPORT int socket(int domain, int type, int protocol)
{
	struct weir *stack;

	switch (domain) {
	case AF_INET:
	case AF_INET6:
	case AF_PACKET:
		stack = shim_stack();
		return stack ? (int)STACK(weir_socket(w, domain, type,
						      protocol)) : -1;
	case AF_NETLINK:
		shim_bypassed(BYPASS_NETLINK);
		break;
	}
	return real(socket)(domain, type, protocol);
}
OURS(socket);

EXPORT int bind(int fd, __CONST_SOCKADDR_ARG a, socklen_t len)
{
	if (on_host(fd))
		return real(bind)(fd, a, len);
	return (int)STACK(weir_bind(w, fd, a.__sockaddr__, len));
}

EXPORT int listen(int fd, int backlog)
{
	if (on_host(fd))
		return real(listen)(fd, backlog);
	return (int)STACK(weir_listen(w, fd, backlog));
}

EXPORT int accept4(int fd, __SOCKADDR_ARG a, socklen_t *len, int flags)
{
	if (on_host(fd))
		return real(accept4)(fd, a, len, flags);
	pthread_testcancel();
	return (int)STACK_RESTART(fd, SO_RCVTIMEO,
				  weir_accept4(w, fd, a.__sockaddr__, len,
					       flags));
}

EXPORT int accept(int fd, __SOCKADDR_ARG a, socklen_t *len)
{
	if (on_host(fd))
		return real(accept)(fd, a, len);
	return accept4(fd, a, len, 0);
}

EXPORT int connect(int fd, __CONST_SOCKADDR_ARG a, socklen_t len)
{
	if (on_host(fd))
		return real(connect)(fd, a, len);
	pthread_testcancel();
	return (int)STACK_RESTART(fd, SO_SNDTIMEO,
				  weir_connect(w, fd, a.__sockaddr__, len));
}

EXPORT int __connect(int fd, __CONST_SOCKADDR_ARG a, socklen_t len)
{
	return connect(fd, a, len);
}

EXPORT int shutdown(int fd, int how)
{
	if (on_host(fd))
		return real(shutdown)(fd, how);
	return (int)STACK(weir_shutdown(w, fd, how));
}

EXPORT int getsockname(int fd, __SOCKADDR_ARG a, socklen_t *len)
{
	if (on_host(fd))
		return real(getsockname)(fd, a, len);
	return (int)STACK(weir_getsockname(w, fd, a.__sockaddr__, len));
}

EXPORT int getpeername(int fd, __SOCKADDR_ARG a, socklen_t *len)
{
	if (on_host(fd))
		return real(getpeername)(fd, a, len);
	return (int)STACK(weir_getpeername(w, fd, a.__sockaddr__, len));
}

EXPORT int getsockopt(int fd, int level, int name, void *val, socklen_t *len)
{
	if (on_host(fd))
		return real(getsockopt)(fd, level, name, val, len);
	return (int)STACK(weir_getsockopt(w, fd, level, name, val, len));
}

EXPORT int setsockopt(int fd, int level, int name, const void *val,
		      socklen_t len)
{
	if (on_host(fd))
		return real(setsockopt)(fd, level, name, val, len);
	return (int)STACK(weir_setsockopt(w, fd, level, name, val, len));
}

EXPORT int sockatmark(int fd)
{
	int at_mark = 0;

	if (on_host(fd))
		return real(sockatmark)(fd);
	return STACK(weir_ioctl(w, fd, SIOCATMARK, &at_mark)) < 0 ? -1 :
	       at_mark;
}
