/* SPDX-License-Identifier: BSD-2-Clause */
/* netbench by the calls of libc: on the host's kernel, or on weir by the shim. */
#define _GNU_SOURCE
#include "net.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static ssize_t result(ssize_t ret)
{
	return ret < 0 ? -errno : ret;
}

void net_start(void)
{
}

void net_end(void)
{
}

int net_socket(int type)
{
	return (int)result(socket(AF_INET, type, 0));
}

int net_bind(int fd, const struct sockaddr_in *a)
{
	return (int)result(bind(fd, (const struct sockaddr *)a, sizeof(*a)));
}

int net_listen(int fd, int backlog)
{
	return (int)result(listen(fd, backlog));
}

int net_accept(int fd, int flags)
{
	return (int)result(accept4(fd, NULL, NULL, flags));
}

int net_connect(int fd, const struct sockaddr_in *a)
{
	return (int)result(connect(fd, (const struct sockaddr *)a, sizeof(*a)));
}

ssize_t net_send(int fd, const void *buf, size_t n, int flags)
{
	return result(send(fd, buf, n, flags | MSG_NOSIGNAL));
}

ssize_t net_recv(int fd, void *buf, size_t n, int flags)
{
	return result(recv(fd, buf, n, flags));
}

ssize_t net_sendto(int fd, const void *buf, size_t n,
		   const struct sockaddr_in *to)
{
	return result(sendto(fd, buf, n, 0, (const struct sockaddr *)to,
			     sizeof(*to)));
}

ssize_t net_recvfrom(int fd, void *buf, size_t n, struct sockaddr_in *from)
{
	socklen_t len = sizeof(*from);

	return result(recvfrom(fd, buf, n, 0, (struct sockaddr *)from, &len));
}

int net_setsockopt(int fd, int level, int name, const void *v, socklen_t n)
{
	return (int)result(setsockopt(fd, level, name, v, n));
}

int net_nonblock(int fd)
{
	return (int)result(fcntl(fd, F_SETFL, O_NONBLOCK));
}

int net_shutdown(int fd, int how)
{
	return (int)result(shutdown(fd, how));
}

int net_close(int fd)
{
	return (int)result(close(fd));
}

int net_epoll_create(void)
{
	return (int)result(epoll_create1(0));
}

int net_epoll_ctl(int ep, int op, int fd, struct epoll_event *ev)
{
	return (int)result(epoll_ctl(ep, op, fd, ev));
}

int net_epoll_wait(int ep, struct epoll_event *ev, int n, int ms)
{
	return (int)result(epoll_wait(ep, ev, n, ms));
}
