/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bulk data over TCP, either way: bulk sends to a sink, fetch reads from a
 * source. Who sends bytes says when it is the end.
 */
#include "program.h"

#include <errno.h>
#include <stdlib.h>

#define CHUNK	65536u

/* --- bulk and sink --------------------------------------------------------------------- */

/* Sends until the bytes are out or the time is over. */
static int send_bulk(struct program *p, struct weir *w, int fd, const char *buf)
{
	int64_t deadline = program_deadline(p, program_now(p));
	uint64_t left = p->args.bytes ? p->args.bytes : UINT64_MAX;
	ssize_t n;

	while (left && program_now(p) < deadline) {
		if (p->args.for_ns)
			program_limit(w, fd, SO_SNDTIMEO,
				      deadline - program_now(p) + 1000);
		n = weir_send(w, fd, buf,
			      left < p->args.size ? left : p->args.size,
			      MSG_NOSIGNAL);
		if (n == -EAGAIN)
			break;
		if (n < 0)
			return (int)n;
		left -= (uint64_t)n;
		p->bytes += (uint64_t)n;
		program_mark(p);
	}
	return 0;
}

/* Waits until the other end has read all and closed. */
static int finish_bulk(struct program *p, struct weir *w, int fd)
{
	char byte;
	int err = weir_shutdown(w, fd, SHUT_WR);
	ssize_t n;

	if (err)
		return err;
	n = weir_recv(w, fd, &byte, 1, 0);
	program_mark(p);
	return n < 0 ? (int)n : 0;
}

/* One connection, used and closed. */
static int over_connection(struct program *p, struct weir *w,
			   int (*use)(struct program *p, struct weir *w, int fd,
				      char *buf))
{
	char *buf = calloc(1, p->args.size);
	int fd, err;

	if (!buf)
		return -ENOMEM;
	program_mark(p);
	fd = program_connect(p, w);
	err = fd;
	if (fd >= 0) {
		err = use(p, w, fd, buf);
		weir_close(w, fd);
	}
	if (err >= 0)
		p->done++;
	free(buf);
	return err;
}

static int send_and_finish(struct program *p, struct weir *w, int fd, char *buf)
{
	int err = send_bulk(p, w, fd, buf);

	return err ? err : finish_bulk(p, w, fd);
}

static int bulk(struct program *p, struct weir *w)
{
	return over_connection(p, w, send_and_finish);
}

const struct program_kind prog_bulk = {
	.name = "bulk",
	.accepts = "to port start for bytes size flows",
	.needs = "to",
	.fields = "bytes rate time count",
	.defaults = { .port = 5001, .for_ns = 0, .size = CHUNK, .flows = 1 },
	.work = bulk,
};

static int drain(struct program *p, struct weir *w, int fd, void *state)
{
	char buf[CHUNK / 2];
	ssize_t n;

	while ((n = weir_recv(w, fd, buf, sizeof(buf), 0)) > 0) {
		p->bytes += (uint64_t)n;
		program_mark(p);
	}
	if (n == -EAGAIN)
		return 0;
	return n ? (int)n : -EPIPE;
}

static int sink(struct program *p, struct weir *w)
{
	static const struct server_ops ops = { .ready = drain };

	return program_serve(p, w, &ops);
}

const struct program_kind prog_sink = {
	.name = "sink",
	.accepts = "port start",
	.fields = "bytes rate time count",
	.defaults = { .port = 5001 },
	.server = true,
	.work = sink,
};

/* --- fetch and source --------------------------------------------------------------------- */

static int receive(struct program *p, struct weir *w, int fd, char *buf)
{
	int64_t deadline = program_deadline(p, program_now(p));
	uint64_t left = p->args.bytes ? p->args.bytes : UINT64_MAX;
	ssize_t n;

	while (left && program_now(p) < deadline) {
		if (p->args.for_ns)
			program_limit(w, fd, SO_RCVTIMEO,
				      deadline - program_now(p) + 1000);
		n = weir_recv(w, fd, buf,
			      left < p->args.size ? left : p->args.size, 0);
		if (n == -EAGAIN)
			break;
		if (n <= 0)
			return n ? (int)n : -EPIPE;
		left -= (uint64_t)n;
		p->bytes += (uint64_t)n;
		program_mark(p);
	}
	return 0;
}

static int fetch(struct program *p, struct weir *w)
{
	return over_connection(p, w, receive);
}

const struct program_kind prog_fetch = {
	.name = "fetch",
	.accepts = "from port start for bytes size flows",
	.needs = "from",
	.fields = "bytes rate time count",
	.defaults = { .port = 19, .size = CHUNK, .flows = 1 },
	.work = fetch,
};

static int pour(struct program *p, struct weir *w, int fd, void *state)
{
	static const char zeros[CHUNK];
	ssize_t n;

	while ((n = weir_send(w, fd, zeros, sizeof(zeros), MSG_NOSIGNAL)) > 0) {
		p->bytes += (uint64_t)n;
		program_mark(p);
	}
	if (n == -EAGAIN)
		return 1;
	/* The reader closes when it has enough. */
	return n == -ECONNRESET ? -EPIPE : (int)n;
}

static int source(struct program *p, struct weir *w)
{
	static const struct server_ops ops = { .ready = pour,
					       .writes_first = true };

	return program_serve(p, w, &ops);
}

const struct program_kind prog_source = {
	.name = "source",
	.accepts = "port start",
	.fields = "bytes rate time count",
	.defaults = { .port = 19 },
	.server = true,
	.work = source,
};
