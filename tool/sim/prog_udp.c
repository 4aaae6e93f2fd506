/* SPDX-License-Identifier: BSD-2-Clause */
/* Datagrams at a rate of their own, whatever becomes of them, and who takes
 * them. The i-th is due at i intervals after the first. */
#include "program.h"

#include <errno.h>
#include <stdlib.h>

static int send_datagrams(struct program *p, struct weir *w, int fd,
			  const char *buf)
{
	int64_t begin = program_now(p), next = begin;
	int64_t deadline = program_deadline(p, begin);
	uint64_t count = p->args.count, i;
	int err = 0;
	ssize_t n;

	if (!count)
		count = p->args.for_ns ? UINT64_MAX : 1000;
	for (i = 0; !err && i < count && next < deadline; i++) {
		n = weir_send(w, fd, buf, p->args.size, 0);
		program_mark(p);
		if (n >= 0) {
			p->sent++;
			p->bytes += p->args.size;
		} else if (n == -EINTR) {
			return -EINTR;
		} else {
			p->errors++;
			p->last_error = (int)-n;
		}
		next += (int64_t)p->args.interval_ns;
		err = program_sleep_until(p, w, next);
	}
	return err;
}

static int udp(struct program *p, struct weir *w)
{
	struct sockaddr_in to = program_address(p);
	char *buf = calloc(1, p->args.size);
	int fd, err;

	if (!buf)
		return -ENOMEM;
	fd = weir_socket(w, AF_INET, SOCK_DGRAM, 0);
	err = fd;
	if (fd >= 0) {
		err = weir_connect(w, fd, (struct sockaddr *)&to, sizeof(to));
		if (!err)
			err = send_datagrams(p, w, fd, buf);
		weir_close(w, fd);
	}
	free(buf);
	return err;
}

const struct program_kind prog_udp = {
	.name = "udp",
	.accepts = "to port start for count rate payload flows",
	.needs = "to",
	.fields = "sent bytes rate time",
	.defaults = { .port = 9, .size = 1000, .flows = 1,
		      .interval_ns = 1000000 },
	.work = udp,
};

static int receive_datagrams(struct program *p, struct weir *w, int fd)
{
	char buf[16];		/* what does not fit is not wanted */
	ssize_t n;

	for (;;) {
		n = weir_recv(w, fd, buf, sizeof(buf), MSG_TRUNC);
		if (n == -EINTR)
			return 0;
		if (n < 0)
			return (int)n;
		p->received++;
		p->bytes += (uint64_t)n;
		program_mark(p);
	}
}

static int udp_sink(struct program *p, struct weir *w)
{
	struct sockaddr_in at = program_address(p);
	int fd = weir_socket(w, AF_INET, SOCK_DGRAM, 0), err;

	if (fd < 0)
		return fd;
	at.sin_addr.s_addr = INADDR_ANY;
	err = weir_bind(w, fd, (struct sockaddr *)&at, sizeof(at));
	if (!err)
		err = receive_datagrams(p, w, fd);
	weir_close(w, fd);
	return err;
}

const struct program_kind prog_udp_sink = {
	.name = "udp-sink",
	.accepts = "port start",
	.fields = "received bytes rate time",
	.defaults = { .port = 9 },
	.server = true,
	.work = udp_sink,
};
