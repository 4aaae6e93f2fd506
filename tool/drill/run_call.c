/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Making a system call: it runs in a task of its own, so that the script goes on
 * when it blocks. One that the script shows without an end ("...") has to be
 * back at the same instant.
 */
#define _GNU_SOURCE
#include "run.h"
#include "sys.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* A number that no descriptor has. */
#define NO_FD	(1 << 20)

/* --- descriptors --------------------------------------------------------------------- */

static struct run_fd *find_fd(const struct run *r, int script)
{
	unsigned int i;

	for (i = 0; i < r->nr_fds; i++)
		if (r->fds[i].script == script)
			return (struct run_fd *)&r->fds[i];
	return NULL;
}

int run_fd_live(const struct run *r, int script, bool *host)
{
	const struct run_fd *f = find_fd(r, script);

	*host = f && f->host;
	return f ? f->live : script < 0 ? script : NO_FD;
}

int run_fd_set(struct run *r, int script, int live, bool host)
{
	struct run_fd *f = find_fd(r, script);

	if (!f) {
		if (r->nr_fds == RUN_FDS)
			return -ENFILE;
		f = &r->fds[r->nr_fds++];
	}
	*f = (struct run_fd){ script, live, host };
	return 0;
}

void run_fd_drop(struct run *r, int script)
{
	struct run_fd *f = find_fd(r, script);

	if (f)
		*f = r->fds[--r->nr_fds];
}

/* --- calls ----------------------------------------------------------------------------- */

static int task(struct weir *h, void *arg)
{
	struct call *c = arg;

	c->sys->fn(c);
	c->returned = run_now(c->r);
	c->done = true;
	return 0;
}

static void call_free(struct call *c)
{
	call_memory_free(c);
	free(c);
}

static void call_done(struct run *r, struct call *c)
{
	if (!c->lent) {
		call_free(c);
		return;
	}
	c->next = r->lent;
	r->lent = c;
}

static struct call *call_create(struct run *r, const struct drill_event *ev,
				const struct sys *sys)
{
	struct call *c = calloc(1, sizeof(*c)), **at;
	int64_t from = r->last, slack;

	if (!c)
		return NULL;
	*c = (struct call){ .r = r, .ev = ev, .s = ev->call, .sys = sys };
	if (ev->time.kind == DRILL_TIME_ABSOLUTE)
		from = r->start;
	c->earliest = c->latest = run_now(r);
	if (ev->time.has_end)
		c->earliest = c->latest = from + ev->time.end;
	slack = run_tolerance(r, c->latest - run_now(r));
	c->earliest -= slack;
	c->latest += slack;
	for (at = &r->calls; *at; at = &(*at)->next)
		;
	*at = c;
	return c;
}

static int check_return(struct run *r, const struct call *c)
{
	if (c->wrong)
		return run_fail(r, c->ev, "%s: %s", c->s->name, c->why);
	if (c->returned >= c->earliest && c->returned <= c->latest)
		return 0;
	run_fail(r, c->ev, "%s returns too %s", c->s->name,
		 c->returned < c->earliest ? "early" : "late");
	run_tell(r, "expected: from %.6f s to %.6f s", (double)(c->earliest - r->start) / 1e9,
		 (double)(c->latest - r->start) / 1e9);
	run_tell(r, "  actual: at %.6f s", (double)(c->returned - r->start) / 1e9);
	return -1;
}

int run_collect_calls(struct run *r)
{
	struct call *c, **at = &r->calls;
	int ret = 0;

	while ((c = *at)) {
		if (!c->done) {
			at = &c->next;
			continue;
		}
		*at = c->next;
		if (check_return(r, c))
			ret = -1;
		call_done(r, c);
	}
	if (ret)
		run_tell_seen(r);
	return ret;
}

static int still_blocked(struct run *r, const struct call *c)
{
	run_fail(r, c->ev, "%s blocks, but is expected to return by %.6f s", c->s->name,
		 (double)(c->latest - r->start) / 1e9);
	run_tell_seen(r);
	return -1;
}

int run_finish_calls(struct run *r)
{
	while (r->calls) {
		if (run_until(r, r->calls->latest))
			return -1;
		if (r->calls && run_now(r) >= r->calls->latest)
			return still_blocked(r, r->calls);
	}
	return 0;
}

void run_free_calls(struct run *r)
{
	struct call *c;

	while ((c = r->calls)) {
		r->calls = c->next;
		call_free(c);
	}
	while ((c = r->lent)) {
		r->lent = c->next;
		call_free(c);
	}
}

int run_syscall(struct run *r, const struct drill_event *ev)
{
	const struct drill_syscall *s = ev->call;
	const struct sys *sys = sys_find(s->name);
	struct call *c;

	if (!sys)
		return run_fail(r, ev, "there is no call %s", s->name);
	if (s->nargs < sys->min_args || s->nargs > sys->max_args)
		return run_fail(r, ev, "%s takes %zu arguments, not %zu", s->name,
				sys->min_args, s->nargs);
	c = call_create(r, ev, sys);
	if (c)
		c->task = weir_sim_spawn(r->host, s->name, task, c);
	if (!c || !c->task)
		return run_fail(r, ev, "out of memory");
	weir_sim_pass(r->sim, 0);
	if (!c->done && !ev->time.has_end)
		return still_blocked(r, c);
	return run_collect_calls(r);
}
