/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One script from its first line to its last. Times are exact: before an event
 * the world runs up to the event's time, and everything that is due then has
 * been done. A line `>` waits for its packet; what follows it at "+0" follows
 * at the same instant.
 */
#include "code.h"
#include "run.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* --- failing --------------------------------------------------------------------- */

static void say_where(struct run *r, unsigned int line)
{
	if (line)
		fprintf(r->told, "%s:%u: ", r->script->name, line);
	else
		fprintf(r->told, "%s: ", r->script->name);
}

int run_fail(struct run *r, const struct drill_event *ev, const char *fmt, ...)
{
	va_list ap;

	r->failed = true;
	say_where(r, ev ? ev->line : 0);
	va_start(ap, fmt);
	vfprintf(r->told, fmt, ap);
	va_end(ap);
	fputc('\n', r->told);
	if (ev)
		run_tell(r, "  script: %s", ev->source);
	return -1;
}

void run_tell(struct run *r, const char *fmt, ...)
{
	va_list ap;

	fputs("  ", r->told);
	va_start(ap, fmt);
	vfprintf(r->told, fmt, ap);
	va_end(ap);
	fputc('\n', r->told);
}

/* --- times ------------------------------------------------------------------------ */

void run_event_time(const struct run *r, const struct drill_event *ev, int64_t *from,
		    int64_t *to)
{
	const struct drill_time *t = &ev->time;

	*from = r->last;
	*to = INT64_MAX;
	switch (t->kind) {
	case DRILL_TIME_ABSOLUTE:
	case DRILL_TIME_RANGE:
		*from = r->start + t->at;
		*to = r->start + t->until;
		break;
	case DRILL_TIME_RELATIVE:
	case DRILL_TIME_RELATIVE_RANGE:
		*from = r->last + t->at;
		*to = r->last + t->until;
		break;
	case DRILL_TIME_ANY:
		break;
	}
}

int64_t run_tolerance(const struct run *r, int64_t since)
{
	int64_t relative = (int64_t)((double)since * r->cfg.tolerance_percent / 100);

	return relative > r->cfg.tolerance_ns ? relative : r->cfg.tolerance_ns;
}

int run_check_time(struct run *r, const struct drill_event *ev, int64_t when, const char *what)
{
	int64_t from, to, slack;

	run_event_time(r, ev, &from, &to);
	slack = run_tolerance(r, from - r->last);
	if (when >= from - slack && (to == INT64_MAX || when <= to + slack))
		return 0;
	run_fail(r, ev, "%s comes too %s", what, when < from ? "early" : "late");
	if (from == to)
		run_tell(r, "expected: at %.6f s, give or take %.6f s",
			 (double)(from - r->start) / 1e9, (double)slack / 1e9);
	else
		run_tell(r, "expected: from %.6f s to %.6f s, give or take %.6f s",
			 (double)(from - r->start) / 1e9, (double)(to - r->start) / 1e9,
			 (double)slack / 1e9);
	run_tell(r, "  actual: at %.6f s", (double)(when - r->start) / 1e9);
	return -1;
}

/* --- events ------------------------------------------------------------------------- */

int run_command(struct run *r, const char *text, unsigned int line)
{
	int status = conf_shell_run(r->conf, text);
	const char *err = conf_error(r->conf);

	if (!status)
		return 0;
	r->failed = true;
	say_where(r, line);
	fprintf(r->told, "a command ended with status %d%s%s\n", status, *err ? ": " : "", err);
	return -1;
}

/* Everything but a line `>` happens at its time, and that is now. */
static int run_now_event(struct run *r, const struct drill_event *ev)
{
	switch (ev->kind) {
	case DRILL_PACKET:
		return run_inbound(r, ev);
	case DRILL_SYSCALL:
		return run_syscall(r, ev);
	case DRILL_COMMAND:
		return run_command(r, ev->command, ev->line);
	case DRILL_CODE:
		return run_code(r, ev);
	}
	return 0;
}

static bool forgiven(const struct run *r, const struct drill_event *ev)
{
	return (ev->kind == DRILL_PACKET && r->cfg.non_fatal_packet) ||
	       (ev->kind == DRILL_SYSCALL && r->cfg.non_fatal_call);
}

static int run_event(struct run *r, const struct drill_event *ev)
{
	int64_t from, to;
	int ret;

	r->event = ev;
	run_event_time(r, ev, &from, &to);
	if (ev->kind == DRILL_PACKET && ev->packet->dir == DRILL_OUT) {
		ret = run_outbound(r, ev);
	} else {
		ret = run_until(r, from);
		if (!ret)
			ret = run_check_time(r, ev, run_now(r), "the moment for this");
		if (!ret)
			ret = run_now_event(r, ev);
	}
	if (!ret)
		ret = run_until(r, 0);
	r->last = run_now(r);	/* what the next one counts from */
	if (ret && forgiven(r, ev) && !r->no_python)
		ret = 0;
	return ret;
}

/* --init_scripts: files with commands, before those of the script. */
static int run_init_scripts(struct run *r)
{
	const char *at = r->cfg.init_scripts;
	char line[1024];
	int n;

	for (; at && *at; at += n + (at[n] == ',')) {
		n = (int)strcspn(at, ",");
		snprintf(line, sizeof(line), "%.*s", n, at);
		if (n && run_command(r, line, 0))
			return -1;
	}
	return 0;
}

static int run_commands(struct run *r, const struct drill_command *c, size_t n)
{
	int ret = 0;

	for (; n && !ret; n--, c++)
		ret = run_command(r, c->text, c->line);
	return ret;
}

static int run_events(struct run *r)
{
	size_t i;

	if (run_world_create(r) || run_init_scripts(r) ||
	    run_commands(r, r->script->init, r->script->ninit))
		return -1;
	r->start = r->last = run_now(r);
	for (i = 0; i < r->script->nevents; i++)
		if (run_event(r, &r->script->events[i]))
			return -1;
	if (run_finish_calls(r))
		return -1;
	/* the world ends with the script; what tidies up may also look at it */
	return run_commands(r, r->script->cleanup, r->script->ncleanup);
}

/* --- files ------------------------------------------------------------------------ */

static char *read_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "re");
	char *text = NULL, *more;
	size_t room = 0, got = 1;

	*len = 0;
	while (f && got) {
		if (*len == room) {
			room += 65536;
			more = realloc(text, room);
			if (!more)
				break;
			text = more;
		}
		got = fread(text + *len, 1, room - *len, f);
		*len += got;
	}
	if (f && (got || ferror(f))) {
		free(text);
		text = NULL;
	}
	if (f)
		fclose(f);
	return text;
}

static int set_options(struct run *r, const struct run_arguments *args)
{
	unsigned int line = 0;
	char err[160];

	if (!run_config_for(&r->cfg, args, r->script, &line, err, sizeof(err)))
		return 0;
	say_where(r, line);
	fprintf(r->told, "%s\n", err);
	return -1;
}

static enum run_verdict run_script(struct run *r, const struct run_arguments *args)
{
	if (set_options(r, args))
		return RUN_UNPARSED;
	if (r->cfg.family != RUN_IPV4) {
		fprintf(r->told, "%s: skipped: it is for %s, and the stack has IPv4 only\n",
			r->script->name,
			r->cfg.family == RUN_IPV6 ? "IPv6" : "ipv4-mapped-ipv6");
		return RUN_SKIPPED;
	}
	if (r->code)
		code_new_script(r->code);
	if (!r->cfg.dry_run)
		run_events(r);
	return r->no_python ? RUN_NO_PYTHON : r->failed ? RUN_FAILED : RUN_PASSED;
}

static struct drill_script *parse(const char *path, const struct run_arguments *args, FILE *told)
{
	struct run_config cfg = args->base;
	struct drill_script *s = NULL;
	struct drill_error e;
	size_t len;
	char *text = read_file(path, &len);

	if (!text) {
		fprintf(told, "%s: cannot be read: %s\n", path, strerror(errno));
		return NULL;
	}
	run_config_finish(&cfg);
	s = drill_parse(path, text, len, cfg.defines, cfg.ndefines, &e);
	if (!s)
		fprintf(told, "%s:%u:%u: %s\n", path, e.line, e.column, e.message);
	free(text);
	return s;
}

void run_file(const char *path, const struct run_arguments *args, struct code *code,
	      struct run_result *res)
{
	struct run *r = calloc(1, sizeof(*r));
	struct drill_script *s;
	size_t size;

	res->verdict = RUN_UNPARSED;
	res->text = NULL;
	if (!r)
		return;
	r->told = open_memstream(&res->text, &size);
	r->code = code;
	r->last_socket = -1;
	s = r->told ? parse(path, args, r->told) : NULL;
	if (s) {
		r->script = s;
		res->verdict = run_script(r, args);
		run_world_destroy(r);
		drill_script_free(s);
	}
	if (r->told)
		fclose(r->told);
	free(r);
}
