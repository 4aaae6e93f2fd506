/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sendmsg and recvmsg, whose second argument is written
 *
 *	{msg_name(...)=..., msg_iov(1)=[{..., 40}], msg_flags=0, msg_control=[...]}
 *
 * For recvmsg, msg_flags and msg_control are what is expected to come back.
 */
#define _GNU_SOURCE
#include "sys.h"
#include "symbols.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#define CONTROL_ROOM	1024

static const struct drill_expr *field(const struct drill_expr *e, const char *name)
{
	const struct drill_field *f = drill_expr_field(e, name);

	return f ? f->value : NULL;
}

static int set_vectors(struct call *c, const struct drill_expr *e, bool out, struct msghdr *m)
{
	const struct drill_expr *iov = field(e, "msg_iov");
	size_t n;

	if (e->kind != DRILL_STRUCT)
		return call_wrong(c, "argument 2 of %s is {msg_name=..., msg_iov=...}",
				  c->s->name);
	if (call_vectors(c, iov, out, &m->msg_iov, &n))
		return -1;
	m->msg_iovlen = n;
	return 0;
}

int call_sendmsg(struct call *c)
{
	const struct drill_expr *e = call_arg(c, 1), *name = field(e, "msg_name");
	struct sockaddr_in a = {
		.sin_family = AF_INET, .sin_addr = c->r->cfg.remote,
		.sin_port = htons(c->r->cfg.connect_port),
	};
	struct msghdr m = { 0 };
	int64_t flags;
	int fd;

	if (call_fd(c, 0, &fd) || set_vectors(c, e, true, &m) || call_int(c, 2, &flags) ||
	    field_int_or(c, e, "msg_flags", 0, &(int64_t){ 0 }))
		return -1;
	if (name && !expr_is_null(name)) {
		m.msg_name = &a;
		m.msg_namelen = sizeof(a);
	}
	if (call_opens(c, fd, flags))
		return -1;
	c->lent = flags & MSG_ZEROCOPY;
	return call_result(c, weir_sendmsg(c->r->host, fd, &m, (int)flags));
}

static int check_flags(struct call *c, const struct drill_expr *e, int have)
{
	char want_text[96], have_text[96];
	int64_t want;

	if (expr_is_any(field(e, "msg_flags")))
		return 0;
	if (expr_int(c, field(e, "msg_flags"), &want))
		return -1;
	if (want == have)
		return 0;
	return call_wrong(c, "msg_flags is %s, not %s",
			  drill_symbol_flags(DRILL_FAM_MSG, (uint64_t)have, have_text,
					     sizeof(have_text)),
			  drill_symbol_flags(DRILL_FAM_MSG, (uint64_t)want, want_text,
					     sizeof(want_text)));
}

int call_recvmsg(struct call *c)
{
	const struct drill_expr *e = call_arg(c, 1), *control = field(e, "msg_control");
	_Alignas(16) char room[CONTROL_ROOM] = { 0 };
	struct sockaddr_in a;
	struct msghdr m = { .msg_name = &a, .msg_namelen = sizeof(a) };
	int64_t flags;
	long n;
	int fd, ret;

	if (call_fd(c, 0, &fd) || set_vectors(c, e, false, &m) || call_int(c, 2, &flags))
		return -1;
	if (control) {
		m.msg_control = room;
		m.msg_controllen = sizeof(room);
	}
	n = weir_recvmsg(c->r->host, fd, &m, (int)flags);
	ret = call_result(c, n);
	if (ret || check_flags(c, e, m.msg_flags) ||
	    call_check_stream(c, m.msg_iov, (size_t)n, flags))
		return ret ? ret : -1;
	return control ? cmsg_check(c, control, &m) : 0;
}
