/* SPDX-License-Identifier: BSD-2-Clause */
/* read, recv, recvfrom, readv; write, send, sendto, writev. */
#define _GNU_SOURCE
#include "sys.h"

#include <errno.h>
#include <netinet/in.h>
#include <unistd.h>

/* After a successful read of n bytes. */
static int check_read(struct call *c, void *buf, size_t n, int64_t flags)
{
	const struct iovec v = { buf, n };

	if (call_check_data(c, call_arg(c, 1), buf, n))
		return -1;
	return call_check_stream(c, &v, n, flags);
}

/* A result of this process' own calls in the stack's manner. */
static long host_result(ssize_t n)
{
	return n < 0 ? -errno : n;
}

static int buffer(struct call *c, size_t i, size_t len, void **buf)
{
	*buf = expr_is_null(call_arg(c, i)) ? NULL : call_memory(c, len);
	return *buf || expr_is_null(call_arg(c, i)) ? 0 : -1;
}

int call_read(struct call *c)
{
	int64_t len;
	void *buf;
	bool host;
	long n;
	int fd, ret;

	if (call_fd_any(c, 0, &fd, &host) || call_int(c, 2, &len) ||
	    buffer(c, 1, (size_t)len, &buf))
		return -1;
	n = host ? host_result(read(fd, buf, (size_t)len)) :
	    weir_read(c->r->host, fd, buf, (size_t)len);
	ret = call_result(c, n);
	return ret || host ? ret : check_read(c, buf, (size_t)n, 0);
}

int call_recv(struct call *c)
{
	int64_t len, flags;
	void *buf;
	long n;
	int fd, ret;

	if (call_fd(c, 0, &fd) || call_int(c, 2, &len) || buffer(c, 1, (size_t)len, &buf) ||
	    call_int(c, 3, &flags))
		return -1;
	n = weir_recv(c->r->host, fd, buf, (size_t)len, (int)flags);
	ret = call_result(c, n);
	return ret ? ret : check_read(c, buf, (size_t)(n < len ? n : len), flags);
}

int call_recvfrom(struct call *c)
{
	struct sockaddr_in a = { 0 };
	socklen_t alen = sizeof(a);
	int64_t len, flags;
	void *buf;
	long n;
	int fd, ret;

	if (call_fd(c, 0, &fd) || call_int(c, 2, &len) || buffer(c, 1, (size_t)len, &buf) ||
	    call_int(c, 3, &flags))
		return -1;
	n = expr_is_null(call_arg(c, 4)) ?
	    weir_recvfrom(c->r->host, fd, buf, (size_t)len, (int)flags, NULL, NULL) :
	    weir_recvfrom(c->r->host, fd, buf, (size_t)len, (int)flags, (struct sockaddr *)&a,
			  &alen);
	ret = call_result(c, n);
	return ret ? ret : check_read(c, buf, (size_t)(n < len ? n : len), flags);
}

int call_write(struct call *c)
{
	int64_t len;
	void *data;
	bool host;
	int fd;

	if (call_fd_any(c, 0, &fd, &host) || call_int(c, 2, &len) ||
	    call_data(c, call_arg(c, 1), (size_t)len, &data))
		return -1;
	return call_result(c, host ? host_result(write(fd, data, (size_t)len)) :
			   weir_write(c->r->host, fd, data, (size_t)len));
}

int call_send(struct call *c)
{
	int64_t len, flags;
	void *data;
	int fd;

	if (call_fd(c, 0, &fd) || call_int(c, 2, &len) ||
	    call_data(c, call_arg(c, 1), (size_t)len, &data) || call_int(c, 3, &flags))
		return -1;
	c->lent = flags & MSG_ZEROCOPY;
	return call_result(c, weir_send(c->r->host, fd, data, (size_t)len, (int)flags));
}

int call_opens(struct call *c, int fd, int64_t flags)
{
	int type = SOCK_STREAM;
	socklen_t len = sizeof(type);
	int64_t number;

	weir_getsockopt(c->r->host, fd, SOL_SOCKET, SO_TYPE, &type, &len);
	if (call_int(c, 0, &number))
		return -1;
	if (type == SOCK_DGRAM ? live_by_fd(&c->r->live, (int)number) != NULL :
	    !(flags & MSG_FASTOPEN))
		return 0;
	return live_connect(&c->r->live, (int)number,
			    type == SOCK_DGRAM ? DRILL_UDP : DRILL_TCP) ?
	       call_wrong(c, "out of memory") : 0;
}

int call_sendto(struct call *c)
{
	struct sockaddr_in a;
	socklen_t alen;
	int64_t len, flags;
	void *data;
	int fd;

	if (call_fd(c, 0, &fd) || call_int(c, 2, &len) ||
	    call_data(c, call_arg(c, 1), (size_t)len, &data) || call_int(c, 3, &flags) ||
	    call_addr(c, 4, c->r->cfg.remote, c->r->cfg.connect_port, &a, &alen) ||
	    call_opens(c, fd, flags))
		return -1;
	c->lent = flags & MSG_ZEROCOPY;
	return call_result(c, weir_sendto(c->r->host, fd, data, (size_t)len, (int)flags,
					  alen ? (struct sockaddr *)&a : NULL, alen));
}

int call_vectors(struct call *c, const struct drill_expr *e, bool out, struct iovec **to,
		 size_t *n)
{
	struct iovec *v;
	int64_t len;
	size_t i;

	if (!e || e->kind != DRILL_LIST)
		return call_wrong(c, "buffers are written [{..., length}, ...]");
	v = *to = call_memory(c, (e->nitems + 1) * sizeof(*v));
	*n = e->nitems;
	for (i = 0; v && i < e->nitems; i++) {
		if (e->items[i]->kind != DRILL_STRUCT || e->items[i]->nfields != 2)
			return call_wrong(c, "a buffer is written {..., length}");
		if (expr_int(c, e->items[i]->fields[1].value, &len))
			return -1;
		v[i].iov_len = (size_t)len;
		if (out ? call_data(c, e->items[i]->fields[0].value, (size_t)len,
				    &v[i].iov_base) :
			  !(v[i].iov_base = call_memory(c, (size_t)len)))
			return -1;
	}
	return v ? 0 : -1;
}

int call_readv(struct call *c)
{
	struct iovec *v = NULL;
	int64_t count = 0;
	size_t n = 0;
	long got;
	int fd, ret;

	if (call_fd(c, 0, &fd) || call_vectors(c, call_arg(c, 1), false, &v, &n) ||
	    call_int_or(c, 2, (int64_t)n, &count))
		return -1;
	got = weir_readv(c->r->host, fd, v, (int)(count < (int64_t)n ? count : (int64_t)n));
	ret = call_result(c, got);
	return ret ? ret : call_check_stream(c, v, (size_t)got, 0);
}

int call_writev(struct call *c)
{
	struct iovec *v = NULL;
	int64_t count = 0;
	size_t n = 0;
	int fd;

	if (call_fd(c, 0, &fd) || call_vectors(c, call_arg(c, 1), true, &v, &n) ||
	    call_int_or(c, 2, (int64_t)n, &count))
		return -1;
	return call_result(c, weir_writev(c->r->host, fd, v, (int)(count < (int64_t)n ?
							 count : (int64_t)n)));
}
