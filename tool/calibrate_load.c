/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The load of a calibration: a table of kinds of traffic, each a burst short
 * enough that the trace keeps up. A round is the table once.
 */
#include "calibrate.h"

#include <errno.h>
#include <string.h>
#include <sys/time.h>

#define IN_FLIGHT	8		/* datagrams before the answers are read */
#define CLOSED_PORT	(LOAD_PORT + 1)

struct phase {
	int (*run)(struct load *l, const struct phase *p);
	const char *what;
	uint32_t mode, link, size, count;
};

static int fail(struct load *l, const char *what, int error)
{
	l->failed = what;
	l->error = error;
	return -1;
}

static struct sockaddr_in server_address(const struct load *l, uint32_t link,
					 uint16_t port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_addr = l->addr[link][1],
				     .sin_port = htons(port) };
}

/* --- streams ------------------------------------------------------------------------- */

static int sink(struct load *l, int fd, const struct phase *p)
{
	uint32_t i;
	int ret = 0;

	for (i = 0; i < p->count && !ret; i++)
		ret = load_send_all(l->a, fd, l->buf, p->size);
	return ret ? ret : load_recv_all(l->a, fd, l->buf, 1);
}

static int echo(struct load *l, int fd, const struct phase *p)
{
	uint32_t i;
	int ret = 0;

	for (i = 0; i < p->count && !ret; i++) {
		ret = load_send_all(l->a, fd, l->buf, p->size);
		if (!ret)
			ret = load_recv_all(l->a, fd, l->buf, p->size);
	}
	return ret;
}

/* Reads what comes back while the other thread sends: the socket is owned by
 * one when the other's packets come. */
struct reader {
	struct load *l;
	const struct phase *p;
	int fd, ret;
};

static void *read_echo(void *arg)
{
	struct reader *r = arg;
	char buf[4096];
	uint64_t left = (uint64_t)r->p->size * r->p->count;

	while (left) {
		ssize_t n = weir_recv(r->l->a, r->fd, buf, left < sizeof(buf) ?
				      left : sizeof(buf), 0);

		if (n <= 0) {
			r->ret = n ? (int)n : -EPIPE;
			break;
		}
		left -= (uint64_t)n;
	}
	return NULL;
}

static int echo_both_ways(struct load *l, int fd, const struct phase *p)
{
	struct reader r = { .l = l, .p = p, .fd = fd };
	pthread_t t;
	uint32_t i;
	int ret = -pthread_create(&t, NULL, read_echo, &r);

	if (ret)
		return ret;
	for (i = 0; i < p->count && !ret; i++)
		ret = load_send_all(l->a, fd, l->buf, p->size);
	pthread_join(t, NULL);
	return ret ? ret : r.ret;
}

static int converse(struct load *l, int fd, const struct phase *p)
{
	switch (p->mode) {
	case LOAD_SINK:
		return sink(l, fd, p);
	case LOAD_ECHO_BOTH_WAYS:
		return echo_both_ways(l, fd, p);
	default:
		return echo(l, fd, p);
	}
}

static int stream(struct load *l, const struct phase *p)
{
	struct load_request r = { p->mode, p->size, p->count };
	struct sockaddr_in to = server_address(l, p->link, LOAD_PORT);
	int fd = weir_socket(l->a, AF_INET, SOCK_STREAM, 0), ret;

	if (fd < 0)
		return fail(l, p->what, fd);
	load_socket(l->a, fd);
	ret = weir_connect(l->a, fd, (struct sockaddr *)&to, sizeof(to));
	if (!ret)
		ret = load_send_all(l->a, fd, &r, sizeof(r));
	if (!ret)
		ret = converse(l, fd, p);
	weir_close(l->a, fd);
	return ret ? fail(l, p->what, ret) : 0;
}

static int connections(struct load *l, const struct phase *p)
{
	struct phase one = *p;
	uint32_t i;

	one.count = 1;
	for (i = 0; i < p->count; i++)
		if (stream(l, &one))
			return -1;
	return 0;
}

/* --- datagrams ----------------------------------------------------------------------- */

static int datagram_socket(struct load *l, const struct sockaddr_in *to)
{
	struct timeval patience = { .tv_usec = 50000 };
	int fd = weir_socket(l->a, AF_INET, SOCK_DGRAM, 0), ret;

	if (fd < 0)
		return fd;
	weir_setsockopt(l->a, fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
			sizeof(patience));
	ret = weir_connect(l->a, fd, (const struct sockaddr *)to, sizeof(*to));
	if (ret) {
		weir_close(l->a, fd);
		return ret;
	}
	return fd;
}

/* Datagrams may be lost; that only ends a batch later. */
static int datagrams(struct load *l, const struct phase *p)
{
	struct sockaddr_in to = server_address(l, p->link, LOAD_PORT);
	int fd = datagram_socket(l, &to);
	uint32_t i, j;

	if (fd < 0)
		return fail(l, p->what, fd);
	for (i = 0; i < p->count; i += IN_FLIGHT) {
		for (j = 0; j < IN_FLIGHT; j++)
			weir_send(l->a, fd, l->buf, p->size, 0);
		for (j = 0; j < IN_FLIGHT; j++)
			if (weir_recv(l->a, fd, l->buf, LOAD_BUF, 0) < 0)
				break;
	}
	weir_close(l->a, fd);
	return 0;
}

/* To a port where nobody is: an ICMP error comes back. */
static int refused(struct load *l, const struct phase *p)
{
	struct sockaddr_in to = server_address(l, p->link, CLOSED_PORT);
	int fd = datagram_socket(l, &to);
	uint32_t i;

	if (fd < 0)
		return fail(l, p->what, fd);
	for (i = 0; i < p->count; i++) {
		weir_send(l->a, fd, l->buf, p->size, 0);
		weir_recv(l->a, fd, l->buf, LOAD_BUF, 0);
	}
	weir_close(l->a, fd);
	return 0;
}

/* From a socket of the client's stack to itself, over its loopback device. */
static int loopback(struct load *l, const struct phase *p)
{
	struct sockaddr_in self = { .sin_family = AF_INET,
				    .sin_port = htons(LOAD_PORT),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = weir_socket(l->a, AF_INET, SOCK_DGRAM, 0), ret;
	uint32_t i;

	if (fd < 0)
		return fail(l, p->what, fd);
	load_socket(l->a, fd);
	ret = weir_bind(l->a, fd, (struct sockaddr *)&self, sizeof(self));
	if (!ret)
		ret = weir_connect(l->a, fd, (struct sockaddr *)&self,
				   sizeof(self));
	for (i = 0; i < p->count && !ret; i++) {
		ssize_t n = weir_send(l->a, fd, l->buf, p->size, 0);

		if (n >= 0)
			n = weir_recv(l->a, fd, l->buf, LOAD_BUF, 0);
		ret = n < 0 ? (int)n : 0;
	}
	weir_close(l->a, fd);
	return ret ? fail(l, p->what, ret) : 0;
}

/* --- the table ------------------------------------------------------------------------- */

static const struct phase phases[] = {
	{ stream, "a bulk transfer", LOAD_SINK, 0, 200, 500 },
	{ stream, "a bulk transfer", LOAD_SINK, 0, 1400, 500 },
	{ stream, "a bulk transfer", LOAD_SINK, 0, 8000, 200 },
	{ stream, "a bulk transfer", LOAD_SINK, 0, 65536, 60 },
	{ stream, "a transfer with loss", LOAD_SINK, 1, 1400, 300 },
	{ stream, "a transfer with loss", LOAD_SINK, 1, 16000, 40 },
	{ stream, "requests", LOAD_ECHO, 0, 1, 60 },
	{ stream, "requests", LOAD_ECHO, 0, 500, 60 },
	{ stream, "requests", LOAD_ECHO, 0, 4000, 60 },
	{ stream, "requests with poll", LOAD_ECHO_POLL, 0, 64, 60 },
	{ stream, "requests with epoll", LOAD_ECHO_EPOLL, 0, 64, 60 },
	{ stream, "both ways at once", LOAD_ECHO_BOTH_WAYS, 0, 1000, 400 },
	{ connections, "connections", LOAD_ECHO, 0, 64, 20 },
	{ datagrams, "datagrams", 0, 0, 16, 80 },
	{ datagrams, "datagrams", 0, 0, 400, 80 },
	{ datagrams, "datagrams", 0, 0, 1472, 80 },
	{ datagrams, "large datagrams", 0, 0, 4000, 40 },
	{ refused, "datagrams to a closed port", 0, 0, 64, 20 },
	{ loopback, "datagrams to itself", 0, 0, 64, 40 },
	{ loopback, "datagrams to itself", 0, 0, 1400, 40 },
	{ loopback, "datagrams to itself", 0, 0, 16000, 40 },
};

int load_round(struct load *l)
{
	size_t i;

	for (i = 0; i < sizeof(phases) / sizeof(phases[0]); i++)
		if (phases[i].run(l, &phases[i]))
			return -1;
	return 0;
}

/* --- start and end ------------------------------------------------------------------------ */

static int bound(struct load *l, int type)
{
	struct sockaddr_in any = { .sin_family = AF_INET,
				   .sin_port = htons(LOAD_PORT) };
	int fd = weir_socket(l->b, AF_INET, type, 0), ret;

	if (fd < 0)
		return fd;
	ret = weir_bind(l->b, fd, (struct sockaddr *)&any, sizeof(any));
	if (!ret && type == SOCK_STREAM)
		ret = weir_listen(l->b, fd, 16);
	return ret ? ret : fd;
}

int load_start(struct load *l)
{
	int ret;

	l->listener = bound(l, SOCK_STREAM);
	l->udp = bound(l, SOCK_DGRAM);
	if (l->listener < 0 || l->udp < 0)
		return fail(l, "a server's socket", l->listener < 0 ?
			    l->listener : l->udp);
	ret = pthread_create(&l->tcp_server, NULL, load_serve_tcp, l);
	if (ret)
		return fail(l, "a server's thread", -ret);
	ret = pthread_create(&l->udp_server, NULL, load_serve_udp, l);
	if (!ret)
		return 0;
	atomic_store(&l->stop, true);
	pthread_join(l->tcp_server, NULL);
	return fail(l, "a server's thread", -ret);
}

void load_stop(struct load *l)
{
	atomic_store(&l->stop, true);
	pthread_join(l->tcp_server, NULL);
	pthread_join(l->udp_server, NULL);
}
