/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls that scripts may make, by name, with how many arguments. */
#include "sys.h"

#include <string.h>

static const struct sys calls[] = {
	{ "accept", call_accept, 3, 3 },
	{ "accept4", call_accept4, 4, 4 },
	{ "bind", call_bind, 3, 3 },
	{ "close", call_close, 1, 1 },
	{ "connect", call_connect, 3, 3 },
	{ "epoll_create", call_epoll_create, 1, 1 },
	{ "epoll_create1", call_epoll_create1, 1, 1 },
	{ "epoll_ctl", call_epoll_ctl, 4, 4 },
	{ "epoll_wait", call_epoll_wait, 4, 4 },
	{ "fcntl", call_fcntl, 2, 3 },
	{ "getsockopt", call_getsockopt, 5, 5 },
	{ "ioctl", call_ioctl, 3, 3 },
	{ "listen", call_listen, 2, 2 },
	{ "open", call_open, 2, 3 },
	{ "pipe", call_pipe, 1, 1 },
	{ "poll", call_poll, 3, 3 },
	{ "read", call_read, 3, 3 },
	{ "readv", call_readv, 3, 3 },
	{ "recv", call_recv, 4, 4 },
	{ "recvfrom", call_recvfrom, 6, 6 },
	{ "recvmsg", call_recvmsg, 3, 3 },
	{ "send", call_send, 4, 4 },
	{ "sendfile", call_sendfile, 4, 4 },
	{ "sendmsg", call_sendmsg, 3, 3 },
	{ "sendto", call_sendto, 6, 6 },
	{ "setsockopt", call_setsockopt, 5, 5 },
	{ "shutdown", call_shutdown, 2, 2 },
	{ "socket", call_socket, 3, 3 },
	{ "splice", call_splice, 6, 6 },
	{ "write", call_write, 3, 3 },
	{ "writev", call_writev, 3, 3 },
};

const struct sys *sys_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (!strcmp(calls[i].name, name))
			return &calls[i];
	return NULL;
}
