/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rr: 64 bytes there, 64 bytes back, on `conns` connections. With one, both ends
 * wait in recv() (block) or call it until something is there (spin); with
 * several both ends are epoll loops (spin: that never sleep).
 */
#include "net.h"

#include <errno.h>

#define EVENTS	256
#define SAMPLE	8		/* of so many exchanges one's time is taken */

/* --- one connection ------------------------------------------------------------- */

static void serve_one(int fd, enum waiting wait)
{
	char buf[MSG];

	while (recv_all(fd, buf, MSG, wait) && net_send(fd, buf, MSG, 0) == MSG)
		;
}

static double ask_one(const struct args *a, int fd, struct result *r)
{
	double start = now(), end = start + a->seconds, n = 0;
	char buf[MSG] = "";
	uint64_t t;
	int i;

	do {
		for (i = 0; i < SAMPLE; i++) {
			t = i ? 0 : now_ns();
			if (net_send(fd, buf, MSG, 0) != MSG ||
			    !recv_all(fd, buf, MSG, a->wait))
				die("exchange", -ECONNRESET);
			if (!i)
				lat_add(r, now_ns() - t);
		}
		n += SAMPLE;
	} while (now() < end);
	return n / (now() - start);
}

/* --- many ------------------------------------------------------------------------ */

static int wait_for(int ep, struct epoll_event *ev, enum waiting wait)
{
	return must("epoll_wait", net_epoll_wait(ep, ev, EVENTS,
						 wait == WAIT_SPIN ? 0 : -1));
}

static void serve_many(const struct args *a, int lfd, int first)
{
	struct epoll_event ev[EVENTS];
	int ep = net_epoll_create(), open, i, n, fd;
	char buf[MSG];

	watch(ep, first, EPOLLIN, (uint32_t)first);
	for (open = 1; open < a->conns; open++) {
		fd = accepted(lfd);
		watch(ep, fd, EPOLLIN, (uint32_t)fd);
	}
	while (open) {
		n = wait_for(ep, ev, a->wait);
		for (i = 0; i < n; i++) {
			fd = (int)ev[i].data.u32;
			if (net_recv(fd, buf, MSG, 0) == MSG &&
			    net_send(fd, buf, MSG, 0) == MSG)
				continue;
			net_close(fd);
			open--;
		}
	}
}

/* One of SAMPLE connections tells how long its exchanges take. */
static double ask_many(const struct args *a, const int *fds, struct result *r)
{
	uint64_t *sent = calloc((size_t)a->conns, sizeof(*sent));
	int ep = net_epoll_create(), i, n;
	struct epoll_event ev[EVENTS];
	double start, end, done = 0;
	char buf[MSG] = "";

	for (i = 0; i < a->conns; i++)
		watch(ep, fds[i], EPOLLIN, (uint32_t)i);
	start = now();
	end = start + a->seconds;
	for (i = 0; i < a->conns; i++) {
		sent[i] = now_ns();
		if (net_send(fds[i], buf, MSG, 0) != MSG)
			die("send", -ECONNRESET);
	}
	do {
		n = wait_for(ep, ev, a->wait);
		for (i = 0; i < n; i++) {
			uint32_t c = ev[i].data.u32;

			if (net_recv(fds[c], buf, MSG, 0) != MSG)
				die("recv", -ECONNRESET);
			if (c % SAMPLE == 0) {
				lat_add(r, now_ns() - sent[c]);
				sent[c] = now_ns();
			}
			if (net_send(fds[c], buf, MSG, 0) != MSG)
				die("send", -ECONNRESET);
			done++;
		}
	} while (now() < end);
	free(sent);
	return done / (now() - start);
}

void rr_server(const struct args *a, struct result *r)
{
	int lfd = listener(a), fd = accepted(lfd);
	double begin = cpu_seconds();

	if (a->conns == 1)
		serve_one(fd, a->wait);
	else
		serve_many(a, lfd, fd);
	r->cpu = cpu_seconds() - begin;
}

void rr_client(const struct args *a, struct result *r)
{
	int *fds = calloc((size_t)a->conns, sizeof(int)), i;
	double cpu;

	for (i = 0; i < a->conns; i++)
		fds[i] = connected(a);
	cpu = cpu_seconds();
	r->rate = a->conns == 1 ? ask_one(a, fds[0], r) : ask_many(a, fds, r);
	r->cpu = cpu_seconds() - cpu;
	free(fds);
}
