/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls on sockets. Each is a pair: the entry of the table, which packs
 * its arguments, and what the worker runs as a task. The first argument of all
 * is the descriptor, which the task finds translated.
 *
 * What the caller's memory holds is read and written by the task; the caller
 * sleeps meanwhile.
 */
#define _GNU_SOURCE
#include "drill_world.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

/* What the tool takes for the length of struct tcp_info at least. */
#define TCP_INFO_BYTES	280

long pd_errno(long ret)
{
	if (ret >= 0)
		return ret;
	errno = (int)-ret;
	return -1;
}

long pd_call(struct pd *d, long (*fn)(struct pd *d, const long *arg),
	     const long *arg)
{
	struct pd_request r = { .kind = PD_CALL, .fn = fn };

	memcpy(r.arg, arg, sizeof(r.arg));
	return pd_errno(pd_ask(d, &r));
}

/* The call's first argument is a socket of the stack's. */
static long on_socket(struct pd *d, long (*fn)(struct pd *d, const long *arg),
		      const long *given)
{
	long arg[PD_ARGS];

	memcpy(arg, given, sizeof(arg));
	arg[0] = pd_fd_find(d, (int)given[0]);
	return arg[0] < 0 ? pd_errno(-EBADF) : pd_call(d, fn, arg);
}
#define ON_SOCKET(d, fn, ...) \
	on_socket(d, fn, (const long[PD_ARGS]){ __VA_ARGS__ })

static long do_close(struct pd *d, const long *a)
{
	return weir_close(d->host, (int)a[0]);
}

/* A new descriptor of the stack gets a number of the process. */
static int numbered(struct pd *d, long ours)
{
	int fd;

	if (ours < 0)
		return -1;
	fd = pd_fd_add(d, (int)ours, 0);
	if (fd < 0)
		PD_CALL_WITH(d, do_close, ours);
	return (int)pd_errno(fd);
}

/* --- connections ---------------------------------------------------------------------- */

static long do_socket(struct pd *d, const long *a)
{
	return weir_socket(d->host, (int)a[0], (int)a[1], (int)a[2]);
}

static int pd_socket(void *userdata, int domain, int type, int protocol)
{
	struct pd *d = userdata;

	return numbered(d, PD_CALL_WITH(d, do_socket, domain, type, protocol));
}

static long do_bind(struct pd *d, const long *a)
{
	return weir_bind(d->host, (int)a[0], (const struct sockaddr *)a[1],
			 (socklen_t)a[2]);
}

static int pd_bind(void *userdata, int fd, const struct sockaddr *a,
		   socklen_t len)
{
	return (int)ON_SOCKET(userdata, do_bind, fd, PD_PTR(a), len);
}

static long do_listen(struct pd *d, const long *a)
{
	return weir_listen(d->host, (int)a[0], (int)a[1]);
}

static int pd_listen(void *userdata, int fd, int backlog)
{
	return (int)ON_SOCKET(userdata, do_listen, fd, backlog);
}

static long do_accept(struct pd *d, const long *a)
{
	return weir_accept4(d->host, (int)a[0], (struct sockaddr *)a[1],
			    (socklen_t *)a[2], 0);
}

static int pd_accept(void *userdata, int fd, struct sockaddr *a,
		     socklen_t *len)
{
	return numbered(userdata, ON_SOCKET(userdata, do_accept, fd, PD_PTR(a),
					    PD_PTR(len)));
}

static long do_connect(struct pd *d, const long *a)
{
	return weir_connect(d->host, (int)a[0], (const struct sockaddr *)a[1],
			    (socklen_t)a[2]);
}

static int pd_connect(void *userdata, int fd, const struct sockaddr *a,
		      socklen_t len)
{
	return (int)ON_SOCKET(userdata, do_connect, fd, PD_PTR(a), len);
}

static long do_shutdown(struct pd *d, const long *a)
{
	return weir_shutdown(d->host, (int)a[0], (int)a[1]);
}

static int pd_shutdown(void *userdata, int fd, int how)
{
	return (int)ON_SOCKET(userdata, do_shutdown, fd, how);
}

/* --- options ---------------------------------------------------------------------------- */

static long do_getsockopt(struct pd *d, const long *a)
{
	socklen_t *len = (socklen_t *)a[4], room = len ? *len : 0;
	long ret = weir_getsockopt(d->host, (int)a[0], (int)a[1], (int)a[2],
				   (void *)a[3], len);

	if (ret || a[1] != IPPROTO_TCP || a[2] != TCP_INFO)
		return ret;
	/* a newer kernel's struct is longer: what is not known is 0 */
	if (room > TCP_INFO_BYTES)
		room = TCP_INFO_BYTES;
	if (*len < room) {
		memset((char *)a[3] + *len, 0, room - *len);
		*len = room;
	}
	return 0;
}

static int pd_getsockopt(void *userdata, int fd, int level, int name,
			 void *value, socklen_t *len)
{
	return (int)ON_SOCKET(userdata, do_getsockopt, fd, level, name,
			      PD_PTR(value), PD_PTR(len));
}

static long do_setsockopt(struct pd *d, const long *a)
{
	return weir_setsockopt(d->host, (int)a[0], (int)a[1], (int)a[2],
			       (const void *)a[3], (socklen_t)a[4]);
}

static int pd_setsockopt(void *userdata, int fd, int level, int name,
			 const void *value, socklen_t len)
{
	return (int)ON_SOCKET(userdata, do_setsockopt, fd, level, name,
			      PD_PTR(value), len);
}

/* --- data ------------------------------------------------------------------------------------ */

static long do_recvfrom(struct pd *d, const long *a)
{
	return weir_recvfrom(d->host, (int)a[0], (void *)a[1], (size_t)a[2],
			     (int)a[3], (struct sockaddr *)a[4],
			     (socklen_t *)a[5]);
}

static ssize_t pd_recvfrom(void *userdata, int fd, void *buf, size_t n,
			   int flags, struct sockaddr *a, socklen_t *len)
{
	return ON_SOCKET(userdata, do_recvfrom, fd, PD_PTR(buf), (long)n, flags,
			 PD_PTR(a), PD_PTR(len));
}

static ssize_t pd_recv(void *userdata, int fd, void *buf, size_t n, int flags)
{
	return pd_recvfrom(userdata, fd, buf, n, flags, NULL, NULL);
}

static long do_recvmsg(struct pd *d, const long *a)
{
	return weir_recvmsg(d->host, (int)a[0], (struct msghdr *)a[1],
			    (int)a[2]);
}

static ssize_t pd_recvmsg(void *userdata, int fd, struct msghdr *m, int flags)
{
	return ON_SOCKET(userdata, do_recvmsg, fd, PD_PTR(m), flags);
}

static long do_sendto(struct pd *d, const long *a)
{
	return weir_sendto(d->host, (int)a[0], (const void *)a[1],
			   (size_t)a[2], (int)a[3],
			   (const struct sockaddr *)a[4], (socklen_t)a[5]);
}

static ssize_t pd_sendto(void *userdata, int fd, const void *buf, size_t n,
			 int flags, const struct sockaddr *a, socklen_t len)
{
	return ON_SOCKET(userdata, do_sendto, fd, PD_PTR(buf), (long)n, flags,
			 PD_PTR(a), len);
}

static ssize_t pd_send(void *userdata, int fd, const void *buf, size_t n,
		       int flags)
{
	return pd_sendto(userdata, fd, buf, n, flags, NULL, 0);
}

static long do_sendmsg(struct pd *d, const long *a)
{
	return weir_sendmsg(d->host, (int)a[0], (const struct msghdr *)a[1],
			    (int)a[2]);
}

static ssize_t pd_sendmsg(void *userdata, int fd, const struct msghdr *m,
			  int flags)
{
	return ON_SOCKET(userdata, do_sendmsg, fd, PD_PTR(m), flags);
}

void pd_socket_calls(struct packetdrill_interface *ifc)
{
	ifc->socket = pd_socket;
	ifc->bind = pd_bind;
	ifc->listen = pd_listen;
	ifc->accept = pd_accept;
	ifc->connect = pd_connect;
	ifc->shutdown = pd_shutdown;
	ifc->getsockopt = pd_getsockopt;
	ifc->setsockopt = pd_setsockopt;
	ifc->recv = pd_recv;
	ifc->recvfrom = pd_recvfrom;
	ifc->recvmsg = pd_recvmsg;
	ifc->send = pd_send;
	ifc->sendto = pd_sendto;
	ifc->sendmsg = pd_sendmsg;
}
