/* SPDX-License-Identifier: BSD-2-Clause */
/* poll and epoll. An event carries the script's number of the descriptor, or
 * whatever number `ptr=`, `u32=` or `u64=` shows. */
#include "sys.h"
#include "symbols.h"

#include <string.h>

static int check_events(struct call *c, enum drill_family family, const char *what,
			const struct drill_expr *e, uint32_t have)
{
	char want_text[96], have_text[96];
	int64_t want;

	if (expr_is_any(e))
		return 0;
	if (expr_int(c, e, &want))
		return -1;
	if ((uint32_t)want == have)
		return 0;
	return call_wrong(c, "%s is %s, not %s", what,
			  drill_symbol_flags(family, have, have_text, sizeof(have_text)),
			  drill_symbol_flags(family, (uint32_t)want, want_text,
					     sizeof(want_text)));
}

/* --- poll ------------------------------------------------------------------------ */

static int poll_sets(struct call *c, const struct drill_expr *e, struct pollfd *p)
{
	int64_t fd, events;
	bool host;
	size_t i;

	for (i = 0; i < e->nitems; i++) {
		if (field_int_or(c, e->items[i], "fd", -1, &fd) ||
		    field_int_or(c, e->items[i], "events", 0, &events))
			return -1;
		p[i].fd = run_fd_live(c->r, (int)fd, &host);
		p[i].events = (short)events;
	}
	return 0;
}

int call_poll(struct call *c)
{
	const struct drill_expr *e = call_arg(c, 0);
	const struct drill_field *f;
	int64_t n, timeout;
	struct pollfd *p;
	size_t i;
	int ret;

	if (e->kind != DRILL_LIST)
		return call_wrong(c, "argument 1 of poll is [{fd=.., events=.., revents=..}]");
	p = call_memory(c, e->nitems * sizeof(*p));
	if (!p || poll_sets(c, e, p) || call_int_or(c, 1, (int64_t)e->nitems, &n) ||
	    call_int(c, 2, &timeout))
		return -1;
	if (n > (int64_t)e->nitems)
		return call_wrong(c, "poll is given %zu descriptors, not %lld", e->nitems,
				  (long long)n);
	ret = call_result(c, weir_poll(c->r->host, p, (nfds_t)n, (int)timeout));
	for (i = 0; i < (size_t)n && !ret; i++) {
		f = drill_expr_field(e->items[i], "revents");
		ret = f ? check_events(c, DRILL_FAM_POLL, "revents", f->value,
				       (uint16_t)p[i].revents) : 0;
	}
	return ret;
}

/* --- epoll ------------------------------------------------------------------------- */

int call_epoll_create(struct call *c)
{
	int64_t size;

	if (call_int(c, 0, &size))
		return -1;
	return call_result_fd(c, weir_epoll_create1(c->r->host, 0), false);
}

int call_epoll_create1(struct call *c)
{
	int64_t flags;

	if (call_int(c, 0, &flags))
		return -1;
	return call_result_fd(c, weir_epoll_create1(c->r->host, (int)flags), false);
}

/* The number that the event carries; -1 with *given false: it shows none. */
static int event_data(struct call *c, const struct drill_expr *e, int64_t *data, bool *given)
{
	static const char *const names[] = { "fd", "ptr", "u32", "u64" };
	size_t i;

	*given = false;
	*data = -1;
	for (i = 0; i < 4; i++) {
		if (!drill_expr_field(e, names[i]))
			continue;
		*given = true;
		return field_int_or(c, e, names[i], -1, data);
	}
	return 0;
}

int call_epoll_ctl(struct call *c)
{
	const struct drill_expr *e = call_arg(c, 3);
	struct epoll_event ev = { 0 };
	int64_t op, events = 0, data = 0;
	int epfd, fd;
	bool host, given;

	if (call_fd(c, 0, &epfd) || call_int(c, 1, &op) || call_fd_any(c, 2, &fd, &host))
		return -1;
	if (e->kind == DRILL_STRUCT && (field_int_or(c, e, "events", 0, &events) ||
					event_data(c, e, &data, &given)))
		return -1;
	ev.events = (uint32_t)events;
	ev.data.u64 = (uint64_t)data;
	return call_result(c, weir_epoll_ctl(c->r->host, epfd, (int)op, fd,
					     expr_is_null(e) ? NULL : &ev));
}

static int check_event(struct call *c, const struct drill_expr *e, const struct epoll_event *ev)
{
	const struct drill_field *f = drill_expr_field(e, "events");
	int64_t data;
	bool given;

	if (expr_is_any(e))
		return 0;
	if (f && check_events(c, DRILL_FAM_EPOLL, "events", f->value, ev->events))
		return -1;
	if (event_data(c, e, &data, &given))
		return -1;
	return given && (uint64_t)data != ev->data.u64 ?
	       call_wrong(c, "the event carries %lld, not %lld", (long long)ev->data.u64,
			  (long long)data) : 0;
}

int call_epoll_wait(struct call *c)
{
	const struct drill_expr *e = call_arg(c, 1);
	int64_t max, timeout;
	struct epoll_event *ev;
	int epfd, i, n, ret;

	if (call_fd(c, 0, &epfd) || call_int(c, 2, &max) || call_int(c, 3, &timeout))
		return -1;
	ev = call_memory(c, max > 0 ? (size_t)max * sizeof(*ev) : 1);
	if (!ev)
		return -1;
	n = weir_epoll_wait(c->r->host, epfd, ev, (int)max, (int)timeout);
	ret = call_result(c, n);
	for (i = 0; i < n && !ret; i++) {
		if (e->kind != DRILL_LIST)
			ret = i ? 0 : check_event(c, e, &ev[i]);
		else if (i < (int)e->nitems)
			ret = check_event(c, e->items[i], &ev[i]);
	}
	return ret;
}
