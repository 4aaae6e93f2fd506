/* SPDX-License-Identifier: BSD-2-Clause */
/* From what a script writes as arguments to what a call wants, and from what a
 * call gives back to what a script expects. */
#include "sys.h"
#include "symbols.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* What one call may ask for. */
#define MEMORY_MAX	(64 * 1024 * 1024)

struct call_memory {
	struct call_memory *next;
	_Alignas(16) uint8_t bytes[];
};

int call_wrong(struct call *c, const char *fmt, ...)
{
	va_list ap;

	if (c->wrong)
		return -1;
	c->wrong = true;
	va_start(ap, fmt);
	vsnprintf(c->why, sizeof(c->why), fmt, ap);
	va_end(ap);
	return -1;
}

void *call_memory(struct call *c, size_t n)
{
	struct call_memory *m = n > MEMORY_MAX ? NULL : calloc(1, sizeof(*m) + n + 1);

	if (!m) {
		call_wrong(c, "no memory for %zu bytes", n);
		return NULL;
	}
	m->next = c->memory;
	c->memory = m;
	return m->bytes;
}

void call_memory_free(struct call *c)
{
	struct call_memory *m;

	while ((m = c->memory)) {
		c->memory = m->next;
		free(m);
	}
}

/* --- arguments ------------------------------------------------------------------- */

const struct drill_expr *call_arg(const struct call *c, size_t i)
{
	return i < c->s->nargs ? c->s->args[i] : NULL;
}

bool expr_is_any(const struct drill_expr *e)
{
	return !e || e->kind == DRILL_ELLIPSIS;
}

bool expr_is_null(const struct drill_expr *e)
{
	return e && e->kind == DRILL_SYMBOL && !strcmp(e->text, "NULL");
}

const struct drill_expr *expr_inner(const struct drill_expr *e)
{
	return e && e->kind == DRILL_LIST && e->nitems == 1 ? e->items[0] : e;
}

int expr_int(struct call *c, const struct drill_expr *e, int64_t *v)
{
	struct drill_why why;

	e = expr_inner(e);
	if (!e)
		return call_wrong(c, "an argument is missing");
	if (drill_expr_int(e, v, &why))
		return 0;
	return call_wrong(c, "%s", why.text);
}

int call_int(struct call *c, size_t i, int64_t *v)
{
	if (expr_is_any(call_arg(c, i)))
		return call_wrong(c, "argument %zu of %s has to be a number", i + 1, c->s->name);
	return expr_int(c, call_arg(c, i), v);
}

int call_int_or(struct call *c, size_t i, int64_t other, int64_t *v)
{
	*v = other;
	return expr_is_any(expr_inner(call_arg(c, i))) ? 0 : expr_int(c, call_arg(c, i), v);
}

int field_int_or(struct call *c, const struct drill_expr *e, const char *name, int64_t other,
		 int64_t *v)
{
	const struct drill_field *f = drill_expr_field(e, name);

	*v = other;
	return !f || expr_is_any(f->value) ? 0 : expr_int(c, f->value, v);
}

int call_fd_any(struct call *c, size_t i, int *fd, bool *host)
{
	int64_t v = 0;

	if (call_int(c, i, &v))
		return -1;
	*fd = run_fd_live(c->r, (int)v, host);
	return 0;
}

int call_fd(struct call *c, size_t i, int *fd)
{
	bool host;

	if (call_fd_any(c, i, fd, &host))
		return -1;
	return host ? call_wrong(c, "argument 1 of %s is not a socket", c->s->name) : 0;
}

int call_data(struct call *c, const struct drill_expr *e, size_t len, void **data)
{
	uint8_t *p;
	size_t i;

	*data = NULL;
	if (expr_is_null(e))
		return 0;
	p = call_memory(c, len);
	if (!p)
		return -1;
	for (i = 0; i < len; i++)
		p[i] = drill_pattern((uint32_t)i);
	*data = p;
	if (expr_is_any(e))
		return 0;
	if (e->kind != DRILL_STRING)
		return call_wrong(c, "data to send is \"text\" or `...`");
	memcpy(p, e->text, e->len < len ? e->len : len);
	return 0;
}

static int addr_fields(struct call *c, const struct drill_expr *e, struct sockaddr_in *a)
{
	int64_t family = 0, port = 0, addr = 0;

	if (field_int_or(c, e, "sa_family", a->sin_family, &family) ||
	    field_int_or(c, e, "sin_family", family, &family) ||
	    field_int_or(c, e, "sin_port", a->sin_port, &port) ||
	    field_int_or(c, e, "sin_addr", a->sin_addr.s_addr, &addr))
		return -1;
	a->sin_family = (sa_family_t)family;
	a->sin_port = (in_port_t)port;
	a->sin_addr.s_addr = (in_addr_t)addr;
	return 0;
}

int call_addr(struct call *c, size_t i, struct in_addr addr, uint16_t port,
	      struct sockaddr_in *a, socklen_t *len)
{
	const struct drill_expr *e = call_arg(c, i);
	int64_t v;

	*a = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port),
				   .sin_addr = addr };
	if (call_int_or(c, i + 1, expr_is_null(e) ? 0 : sizeof(*a), &v))
		return -1;
	*len = (socklen_t)v;
	if (expr_is_any(e) || expr_is_null(e))
		return 0;
	if (e->kind == DRILL_STRUCT)
		return addr_fields(c, e, a);
	if (expr_int(c, e, &v))
		return -1;
	a->sin_family = (sa_family_t)v;		/* a bare AF_UNSPEC */
	return 0;
}

/* --- results --------------------------------------------------------------------- */

static const char *result_text(long ret, char *buf, size_t size)
{
	const char *name = ret < 0 ? drill_symbol_name(DRILL_FAM_ERRNO, -ret) : NULL;

	if (ret >= 0)
		snprintf(buf, size, "%ld", ret);
	else
		snprintf(buf, size, "-1 %s (%s)", name ? name : "", strerror((int)-ret));
	return buf;
}

static int result_differs(struct call *c, long ret, int64_t want)
{
	char text[96];

	if (c->s->err)
		return call_wrong(c, "it returned %s, not %lld %s",
				  result_text(ret, text, sizeof(text)), (long long)want,
				  c->s->err);
	return call_wrong(c, "it returned %s, not %lld", result_text(ret, text, sizeof(text)),
			  (long long)want);
}

int call_result(struct call *c, long ret)
{
	int64_t want;

	if (expr_is_any(c->s->result))
		return ret < 0;
	if (expr_int(c, c->s->result, &want))
		return -1;
	if (ret < 0)
		return want == -1 && (!c->s->err_num || c->s->err_num == -ret) ? 1 :
		       result_differs(c, ret, want);
	return ret == want ? 0 : result_differs(c, ret, want);
}

int call_result_fd(struct call *c, long ret, bool host)
{
	int64_t want = -1;

	if (ret < 0 || expr_is_any(c->s->result))
		return call_result(c, ret);
	if (expr_int(c, c->s->result, &want))
		return -1;
	if (want < 0)
		return result_differs(c, ret, want);
	if (run_fd_set(c->r, (int)want, (int)ret, host))
		return call_wrong(c, "the script has too many descriptors");
	return 0;
}

int call_check_int(struct call *c, const char *what, const struct drill_expr *e, int64_t v)
{
	int64_t want;

	if (expr_is_any(e))
		return 0;
	if (expr_int(c, e, &want))
		return -1;
	return want == v ? 0 : call_wrong(c, "%s is %lld, not %lld", what, (long long)v,
					  (long long)want);
}

int call_check_data(struct call *c, const struct drill_expr *e, const void *data, size_t len)
{
	if (expr_is_any(e) || e->kind != DRILL_STRING)
		return 0;
	if (len <= e->len && !memcmp(data, e->text, len))
		return 0;
	return call_wrong(c, "other data was read than the script shows");
}

static struct live_conn *stream_of(struct call *c)
{
	int64_t fd = -1;

	return call_int(c, 0, &fd) ? NULL : live_by_fd(&c->r->live, (int)fd);
}

int call_check_stream(struct call *c, const struct iovec *v, size_t n, int64_t flags)
{
	struct live_conn *conn = stream_of(c);
	size_t at = 0, len, good;

	if (conn && flags & (MSG_TRUNC | MSG_OOB | MSG_ERRQUEUE))
		conn->read_unknown = true;
	for (; conn && at < n && !conn->read_unknown; v++, at += len) {
		len = v->iov_len < n - at ? v->iov_len : n - at;
		good = live_read(conn, v->iov_base, len, flags & MSG_PEEK);
		if (good < len)
			return call_wrong(c, "byte %zu of what it read is not the one that was "
					  "sent there", at + good + 1);
		if (flags & MSG_PEEK)
			break;		/* the others would count from there */
	}
	return 0;
}

void call_lose_stream(struct call *c)
{
	struct live_conn *conn = stream_of(c);

	if (conn)
		conn->read_unknown = true;
}
