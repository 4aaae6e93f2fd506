/* SPDX-License-Identifier: BSD-2-Clause */
/* socket, bind, listen, accept, connect, shutdown, close. */
#define _GNU_SOURCE
#include "sys.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

static enum drill_proto proto_of(struct call *c, int fd)
{
	int type = SOCK_STREAM;
	socklen_t len = sizeof(type);

	weir_getsockopt(c->r->host, fd, SOL_SOCKET, SO_TYPE, &type, &len);
	return type == SOCK_DGRAM ? DRILL_UDP : DRILL_TCP;
}

/* The script's number of a descriptor that an argument names. */
static int script_fd(struct call *c)
{
	int64_t v = -1;

	call_int(c, 0, &v);
	return (int)v;
}

int call_socket(struct call *c)
{
	int64_t domain, type, protocol;
	int ret;

	if (call_int_or(c, 0, AF_INET, &domain) || call_int(c, 1, &type) ||
	    call_int_or(c, 2, 0, &protocol))
		return -1;
	ret = call_result_fd(c, weir_socket(c->r->host, (int)domain, (int)type, (int)protocol),
			     false);
	if (!ret && !expr_is_any(c->s->result))
		ret = expr_int(c, c->s->result, &domain);
	if (!ret)
		c->r->last_socket = (int)domain;
	return ret;
}

int call_bind(struct call *c)
{
	struct sockaddr_in a;
	socklen_t len;
	int fd, ret;

	if (call_fd(c, 0, &fd) ||
	    call_addr(c, 1, c->r->cfg.local, c->r->cfg.bind_port, &a, &len))
		return -1;
	ret = call_result(c, weir_bind(c->r->host, fd, (struct sockaddr *)&a, len));
	if (!ret && live_bind(&c->r->live, script_fd(c), proto_of(c, fd), ntohs(a.sin_port)))
		ret = call_wrong(c, "out of memory");
	return ret;
}

int call_listen(struct call *c)
{
	int64_t backlog;
	int fd, ret;

	if (call_fd(c, 0, &fd) || call_int(c, 1, &backlog))
		return -1;
	ret = call_result(c, weir_listen(c->r->host, fd, (int)backlog));
	if (!ret)
		live_listen(&c->r->live);
	return ret;
}

static int accept_with(struct call *c, int64_t flags)
{
	struct sockaddr_in a = { 0 };
	socklen_t len = sizeof(a);
	int64_t number;
	int fd, ret;

	if (call_fd(c, 0, &fd))
		return -1;
	ret = call_result_fd(c, weir_accept4(c->r->host, fd, (struct sockaddr *)&a, &len,
					     (int)flags), false);
	if (ret || expr_is_any(c->s->result))
		return ret;
	if (expr_int(c, c->s->result, &number))
		return -1;
	live_accepted(&c->r->live, (int)number, ntohs(a.sin_port));
	c->r->last_socket = (int)number;
	return 0;
}

int call_accept(struct call *c)
{
	return accept_with(c, 0);
}

int call_accept4(struct call *c)
{
	int64_t flags;

	return call_int(c, 3, &flags) ? -1 : accept_with(c, flags);
}

int call_connect(struct call *c)
{
	struct sockaddr_in a;
	socklen_t len;
	int fd;

	if (call_fd(c, 0, &fd) ||
	    call_addr(c, 1, c->r->cfg.remote, c->r->cfg.connect_port, &a, &len))
		return -1;
	if (a.sin_family == AF_INET &&
	    live_connect(&c->r->live, script_fd(c), proto_of(c, fd)))
		return call_wrong(c, "out of memory");
	return call_result(c, weir_connect(c->r->host, fd, (struct sockaddr *)&a, len));
}

int call_shutdown(struct call *c)
{
	int64_t how;
	int fd;

	if (call_fd(c, 0, &fd) || call_int(c, 1, &how))
		return -1;
	return call_result(c, weir_shutdown(c->r->host, fd, (int)how));
}

int call_close(struct call *c)
{
	bool host;
	int fd, ret;

	if (call_fd_any(c, 0, &fd, &host))
		return -1;
	ret = call_result(c, host ? close(fd) : weir_close(c->r->host, fd));
	if (ret)
		return ret;
	live_closed(&c->r->live, script_fd(c));
	run_fd_drop(c->r, script_fd(c));
	return 0;
}
