/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Control messages that recvmsg gave, against the script's
 *
 *	msg_control=[{cmsg_level=SOL_TCP, cmsg_type=TCP_CM_INQ, cmsg_data=1000}, ...]
 *
 * cmsg_data is a number, {scm_sec=.., scm_nsec=..} (time since the script's
 * start, to the tolerance), or the fields of struct sock_extended_err.
 */
#include "sys.h"
#include "symbols.h"

#include <linux/errqueue.h>
#include <string.h>

struct stamps {
	struct timespec at[3];		/* software, none, hardware */
};

/* How far the stack's wall clock is ahead of the world's. */
static int64_t wall_offset(const struct run *r)
{
	int64_t both[2] = { 0 };	/* docs/trace-format.md */
	uint8_t header[32] = { 0 };

	weir_sim_trace_header(r->host, header, sizeof(header));
	memcpy(both, header + 16, sizeof(both));
	return both[1] - both[0];
}

static int check_stamp(struct call *c, const struct drill_expr *e, const void *data, size_t len)
{
	struct stamps s = { 0 };
	int64_t sec, nsec, want, have;

	if (field_int_or(c, e, "scm_sec", 0, &sec) || field_int_or(c, e, "scm_nsec", 0, &nsec))
		return -1;
	memcpy(&s, data, len < sizeof(s) ? len : sizeof(s));
	want = sec * 1000000000 + nsec;
	have = (int64_t)s.at[0].tv_sec * 1000000000 + s.at[0].tv_nsec - wall_offset(c->r) -
	       c->r->start;
	if (have - want <= c->r->cfg.tolerance_ns && want - have <= c->r->cfg.tolerance_ns)
		return 0;
	return call_wrong(c, "the time stamp is %.9f s after the script's start, not %.9f s",
			  (double)have / 1e9, (double)want / 1e9);
}

static int check_extended_err(struct call *c, const struct drill_expr *e, const void *data,
			      size_t len)
{
	struct sock_extended_err err = { 0 };
	const struct drill_field *f;
	const struct {
		const char *name;
		int64_t have;
	} *m, members[] = {
		{ "ee_errno", (memcpy(&err, data, len < sizeof(err) ? len : sizeof(err)),
			       err.ee_errno) },
		{ "ee_origin", err.ee_origin }, { "ee_type", err.ee_type },
		{ "ee_code", err.ee_code }, { "ee_info", err.ee_info },
		{ "ee_data", err.ee_data },
	};

	for (m = members; m < members + sizeof(members) / sizeof(members[0]); m++) {
		f = drill_expr_field(e, m->name);
		if (f && call_check_int(c, m->name, f->value, m->have))
			return -1;
	}
	return 0;
}

static int check_data(struct call *c, const struct drill_expr *e, const struct cmsghdr *h)
{
	size_t len = h->cmsg_len - CMSG_LEN(0);
	const void *data = CMSG_DATA(h);
	int number = 0;

	if (expr_is_any(e))
		return 0;
	if (e->kind == DRILL_STRUCT && drill_expr_field(e, "scm_sec"))
		return check_stamp(c, e, data, len);
	if (e->kind == DRILL_STRUCT)
		return check_extended_err(c, e, data, len);
	memcpy(&number, data, len < sizeof(number) ? len : sizeof(number));
	return call_check_int(c, "cmsg_data", e, number);
}

static int check_one(struct call *c, const struct drill_expr *e, const struct cmsghdr *h)
{
	const struct drill_field *level = drill_expr_field(e, "cmsg_level");
	const struct drill_field *type = drill_expr_field(e, "cmsg_type");
	const struct drill_field *data = drill_expr_field(e, "cmsg_data");

	if ((level && call_check_int(c, "cmsg_level", level->value, h->cmsg_level)) ||
	    (type && call_check_int(c, "cmsg_type", type->value, h->cmsg_type)))
		return -1;
	return data ? check_data(c, data->value, h) : 0;
}

int cmsg_check(struct call *c, const struct drill_expr *e, struct msghdr *m)
{
	struct cmsghdr *h = CMSG_FIRSTHDR(m);
	size_t i;

	if (expr_is_any(e))
		return 0;
	if (e->kind != DRILL_LIST)
		return call_wrong(c, "msg_control is written [{cmsg_level=...}, ...]");
	for (i = 0; i < e->nitems; i++, h = CMSG_NXTHDR(m, h)) {
		if (!h)
			return call_wrong(c, "there are %zu control messages, not %zu", i,
					  e->nitems);
		if (check_one(c, e->items[i], h))
			return -1;
	}
	return h ? call_wrong(c, "there is a control message more than the script shows: level "
			      "%d, type %d", h->cmsg_level, h->cmsg_type) : 0;
}
