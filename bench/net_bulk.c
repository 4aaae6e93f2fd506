/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bulk: conns streams from the client to the server, writes of `size` bytes.
 * The time goes on until the server has read all. Several streams: one thread
 * each way with epoll, writing and reading what is possible in turn.
 */
#include "net.h"

#include <errno.h>

#define READ	(256 * 1024)

static void read_all(const struct args *a, const int *fds, char *buf)
{
	struct epoll_event ev[64];
	int ep = net_epoll_create(), open = a->conns, i, n, fd;

	for (i = 0; i < a->conns; i++)
		watch(ep, fds[i], EPOLLIN, (uint32_t)fds[i]);
	while (open) {
		n = must("epoll_wait", net_epoll_wait(ep, ev, 64, -1));
		for (i = 0; i < n; i++) {
			fd = (int)ev[i].data.u32;
			if (net_recv(fd, buf, READ, MSG_DONTWAIT) != 0)
				continue;
			net_epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL);
			open--;
		}
	}
}

void bulk_server(const struct args *a, struct result *r)
{
	int *fds = calloc((size_t)a->conns, sizeof(int)), lfd = listener(a), i;
	char *buf = malloc(READ);
	double begin;

	for (i = 0; i < a->conns; i++)
		fds[i] = accepted(lfd);
	begin = cpu_seconds();
	if (a->conns > 1)
		read_all(a, fds, buf);
	else
		while (net_recv(fds[0], buf, READ, 0) > 0)
			;
	r->cpu = cpu_seconds() - begin;
	for (i = 0; i < a->conns; i++) {
		net_send(fds[i], "x", 1, 0);
		net_close(fds[i]);
	}
	free(buf);
	free(fds);
}

/* What all streams took until `end`. */
static double send_to_all(const struct args *a, const int *fds, const char *buf,
			  double end)
{
	struct epoll_event ev[64];
	int ep = net_epoll_create(), i, n;
	double bytes = 0;
	ssize_t sent;

	for (i = 0; i < a->conns; i++)
		watch(ep, fds[i], EPOLLOUT, (uint32_t)i);
	do {
		n = must("epoll_wait", net_epoll_wait(ep, ev, 64, -1));
		for (i = 0; i < n; i++) {
			sent = net_send(fds[ev[i].data.u32], buf,
					(size_t)a->size, MSG_DONTWAIT);
			if (sent < 0 && sent != -EAGAIN)
				die("send", (int)sent);
			bytes += sent > 0 ? (double)sent : 0;
		}
	} while (now() < end);
	return bytes;
}

static double send_to_one(const struct args *a, int fd, const char *buf,
			  double end)
{
	int i, burst = 1 + 65536 / a->size;
	double bytes = 0;
	ssize_t sent;

	do {
		for (i = 0; i < burst; i++) {
			sent = net_send(fd, buf, (size_t)a->size, 0);
			if (sent <= 0)
				die("send", (int)sent);
			bytes += (double)sent;
		}
	} while (now() < end);
	return bytes;
}

void bulk_client(const struct args *a, struct result *r)
{
	char *buf = calloc(1, (size_t)a->size), c;
	int *fds = calloc((size_t)a->conns, sizeof(int)), i;
	double start, cpu, bytes;

	for (i = 0; i < a->conns; i++)
		fds[i] = connected(a);
	start = now();
	cpu = cpu_seconds();
	bytes = a->conns > 1 ? send_to_all(a, fds, buf, start + a->seconds) :
			       send_to_one(a, fds[0], buf, start + a->seconds);
	for (i = 0; i < a->conns; i++)
		net_shutdown(fds[i], SHUT_WR);
	for (i = 0; i < a->conns; i++)
		if (net_recv(fds[i], &c, 1, 0) != 1)
			die("the server's word", -ECONNRESET);
	r->cpu = cpu_seconds() - cpu;
	r->rate = bytes / (now() - start);
	free(fds);
	free(buf);
}
