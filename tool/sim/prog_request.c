/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests that are answered: rr on one connection, storm with a connection
 * for each, both to an echo server. An answer is complete when as many bytes
 * have come back as were sent.
 */
#include "program.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>

#define ECHO_BYTES	16384u

/* One request and its answer on fd. */
static int transact(struct program *p, struct weir *w, int fd, char *buf)
{
	int err = program_send_all(w, fd, buf, p->args.size);

	return err ? err : program_recv_all(w, fd, buf, p->args.size);
}

static int answered(struct program *p, int64_t since)
{
	p->done++;
	p->bytes += p->args.size;
	program_mark(p);
	return program_sample(&p->times, (uint64_t)(program_now(p) - since));
}

/* --- rr ---------------------------------------------------------------------------------- */

static int exchange(struct program *p, struct weir *w, int fd, char *buf)
{
	int64_t deadline = program_deadline(p, program_now(p)), since;
	uint64_t left = p->args.count ? p->args.count : UINT64_MAX;
	int err = 0;

	for (; left && !err && program_now(p) < deadline; left--) {
		since = program_now(p);
		err = transact(p, w, fd, buf);
		if (!err)
			err = answered(p, since);
		if (!err && p->args.interval_ns)
			err = program_sleep_until(p, w, since +
					(int64_t)p->args.interval_ns);
	}
	return err;
}

static int rr(struct program *p, struct weir *w)
{
	char *buf = calloc(1, p->args.size);
	int one = 1, fd, err;

	if (!buf)
		return -ENOMEM;
	if (!p->args.count && !p->args.for_ns)
		p->args.count = 1000;
	program_mark(p);
	fd = program_connect(p, w);
	err = fd;
	if (fd >= 0) {
		weir_setsockopt(w, fd, IPPROTO_TCP, TCP_NODELAY, &one,
				sizeof(one));
		err = exchange(p, w, fd, buf);
		weir_close(w, fd);
	}
	free(buf);
	return err;
}

const struct program_kind prog_rr = {
	.name = "rr",
	.accepts = "to port start for count size interval flows",
	.needs = "to",
	.fields = "count per_second bytes time",
	.times = "latency",
	.defaults = { .port = 7, .size = 64, .flows = 1 },
	.work = rr,
};

/* --- storm -------------------------------------------------------------------------------- */

static int connect_and_ask(struct program *p, struct weir *w, char *buf)
{
	int64_t since = program_now(p);
	int fd = program_connect(p, w), err;

	if (fd < 0)
		return fd;
	err = transact(p, w, fd, buf);
	weir_close(w, fd);
	return err ? err : answered(p, since);
}

/* A connection that fails counts, and the next is tried. `sent` counts those
 * begun, of all tasks. */
static int storm(struct program *p, struct weir *w)
{
	int64_t deadline = program_deadline(p, program_now(p));
	char *buf = calloc(1, p->args.size);
	int err;

	if (!buf)
		return -ENOMEM;
	if (!p->args.count && !p->args.for_ns)
		p->args.count = 1000;
	program_mark(p);
	while ((!p->args.count || p->sent < p->args.count) &&
	       program_now(p) < deadline) {
		p->sent++;
		err = connect_and_ask(p, w, buf);
		if (err == -EINTR || err == -ENOMEM)
			break;
		if (!err)
			continue;
		p->errors++;
		p->last_error = -err;
		program_mark(p);
		/* What failed at once would do so again at the same time. */
		if (weir_sim_sleep(w, 1000000))
			break;
	}
	free(buf);
	return 0;
}

const struct program_kind prog_storm = {
	.name = "storm",
	.accepts = "to port start for conns size in-flight",
	.needs = "to",
	.fields = "count per_second bytes time",
	.times = "latency",
	.defaults = { .port = 7, .size = 1, .flows = 1 },
	.work = storm,
};

/* --- echo --------------------------------------------------------------------------------- */

struct echo_conn {
	char *bytes;		/* read and not yet written back */
	size_t at, n;
};

static int echo_back(struct program *p, struct weir *w, int fd,
		     struct echo_conn *c)
{
	ssize_t n;

	while (c->at < c->n) {
		n = weir_send(w, fd, c->bytes + c->at, c->n - c->at,
			      MSG_NOSIGNAL);
		if (n == -EAGAIN)
			return 1;
		if (n < 0)
			return (int)n;
		c->at += (size_t)n;
		p->bytes += (uint64_t)n;
		program_mark(p);
	}
	return 0;
}

static int echo_some(struct program *p, struct weir *w, int fd,
		     struct echo_conn *c)
{
	int want = echo_back(p, w, fd, c);
	ssize_t n;

	while (!want) {
		n = weir_recv(w, fd, c->bytes, ECHO_BYTES, 0);
		if (n == -EAGAIN)
			return 0;
		if (n <= 0)
			return n ? (int)n : -EPIPE;
		c->at = 0;
		c->n = (size_t)n;
		want = echo_back(p, w, fd, c);
	}
	return want;
}

static int echo_ready(struct program *p, struct weir *w, int fd, void *state)
{
	struct echo_conn *c = state;
	int want;

	if (!c->bytes)
		c->bytes = malloc(ECHO_BYTES);
	want = c->bytes ? echo_some(p, w, fd, c) : -ENOMEM;
	if (want < 0 || c->at == c->n) {
		free(c->bytes);
		*c = (struct echo_conn){ 0 };
	}
	return want;
}

static void echo_closed(void *state)
{
	free(((struct echo_conn *)state)->bytes);
}

static int echo(struct program *p, struct weir *w)
{
	static const struct server_ops ops = {
		.ready = echo_ready,
		.closed = echo_closed,
		.state_size = sizeof(struct echo_conn),
	};

	return program_serve(p, w, &ops);
}

const struct program_kind prog_echo = {
	.name = "echo",
	.accepts = "port start",
	.fields = "count bytes time",
	.defaults = { .port = 7 },
	.server = true,
	.work = echo,
};
