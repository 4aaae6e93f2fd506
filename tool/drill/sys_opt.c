/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * getsockopt and setsockopt. Values are written [1], [A|B], "text",
 * {onoff=1, linger=2}, {tv_sec=1, tv_usec=0}; getsockopt shows what is expected
 * to come back, and [4] for its length.
 */
#include "sys.h"

#include <string.h>
#include <sys/time.h>

#define VALUE_ROOM	512

static bool is_linger(const struct drill_expr *e)
{
	return drill_expr_field(e, "onoff") || drill_expr_field(e, "l_onoff");
}

static int linger_fields(struct call *c, const struct drill_expr *e, int64_t *on, int64_t *time)
{
	if (field_int_or(c, e, "onoff", 0, on) || field_int_or(c, e, "linger", 0, time) ||
	    field_int_or(c, e, "l_onoff", *on, on))
		return -1;
	return field_int_or(c, e, "l_linger", *time, time);
}

/* The bytes of a value; *len: how many. */
static int value_bytes(struct call *c, const struct drill_expr *e, void *to, size_t *len)
{
	struct timeval tv;
	struct linger l;
	int64_t a, b;
	int number;

	e = expr_inner(e);
	if (e->kind == DRILL_STRING) {
		*len = e->len < VALUE_ROOM ? e->len : VALUE_ROOM;
		memcpy(to, e->text, *len);
	} else if (e->kind == DRILL_STRUCT && is_linger(e)) {
		if (linger_fields(c, e, &a, &b))
			return -1;
		l = (struct linger){ (int)a, (int)b };
		memcpy(to, &l, *len = sizeof(l));
	} else if (e->kind == DRILL_STRUCT) {
		if (field_int_or(c, e, "tv_sec", 0, &a) || field_int_or(c, e, "tv_usec", 0, &b))
			return -1;
		tv = (struct timeval){ a, b };
		memcpy(to, &tv, *len = sizeof(tv));
	} else {
		if (expr_int(c, e, &a))
			return -1;
		number = (int)a;
		memcpy(to, &number, *len = sizeof(number));
	}
	return 0;
}

int call_setsockopt(struct call *c)
{
	const struct drill_expr *e = call_arg(c, 3);
	uint8_t value[VALUE_ROOM] = { 0 };
	int64_t level, name, len;
	size_t size = 0;
	int fd;

	if (call_fd(c, 0, &fd) || call_int(c, 1, &level) || call_int(c, 2, &name))
		return -1;
	if (!expr_is_any(e) && !expr_is_null(e) && value_bytes(c, e, value, &size))
		return -1;
	if (call_int_or(c, 4, (int64_t)size, &len))
		return -1;
	return call_result(c, weir_setsockopt(c->r->host, fd, (int)level, (int)name,
					      expr_is_null(e) ? NULL : value, (socklen_t)len));
}

static int check_value(struct call *c, const struct drill_expr *e, const void *value, size_t len)
{
	uint8_t want[VALUE_ROOM];
	size_t size;
	int number = 0;

	e = expr_inner(e);
	if (expr_is_any(e))
		return 0;
	if (e->kind != DRILL_STRING && e->kind != DRILL_STRUCT) {
		memcpy(&number, value, len < sizeof(number) ? len : sizeof(number));
		/* [0xffffffff] is the same as [-1] here */
		if (expr_int(c, e, &(int64_t){ 0 }))
			return -1;
		if (value_bytes(c, e, want, &size))
			return -1;
		return memcmp(want, &number, sizeof(number)) ?
		       call_check_int(c, "the value", e, number) : 0;
	}
	if (value_bytes(c, e, want, &size))
		return -1;
	return memcmp(want, value, size < len ? size : len) ?
	       call_wrong(c, "the value is another than the script shows") : 0;
}

int call_getsockopt(struct call *c)
{
	uint8_t value[VALUE_ROOM] = { 0 };
	socklen_t len = sizeof(value);
	int64_t level, name, room;
	int fd, ret;

	if (call_fd(c, 0, &fd) || call_int(c, 1, &level) || call_int(c, 2, &name) ||
	    call_int_or(c, 4, sizeof(value), &room))
		return -1;
	if (room >= 0 && room < (int64_t)sizeof(value))
		len = (socklen_t)room;
	ret = call_result(c, weir_getsockopt(c->r->host, fd, (int)level, (int)name, value, &len));
	if (ret || check_value(c, call_arg(c, 3), value, len))
		return ret ? ret : -1;
	return call_check_int(c, "the value's length", call_arg(c, 4), len);
}
