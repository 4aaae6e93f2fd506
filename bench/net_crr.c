/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crr: connect, 64 bytes there, 64 bytes back, close; `conns` at a time. One at
 * a time by blocking calls, several by epoll. The client closes with a reset,
 * or the kernel's ports would all be in TIME-WAIT within a second. A request
 * that begins with 'q' ends the server.
 */
#include "net.h"

#include <errno.h>

#define EVENTS	256
#define LISTEN	0xffffffffu

static const struct linger now_gone = { 1, 0 };

/* --- server: an epoll loop -------------------------------------------------------- */

/* One request answered, or the connection closed. True: it was the last. */
static bool serve(int fd, int *open)
{
	char buf[MSG];
	ssize_t n = net_recv(fd, buf, MSG, 0);

	if (n == MSG && net_send(fd, buf, MSG, 0) == MSG)
		return buf[0] == 'q';
	net_close(fd);
	--*open;
	return false;
}

void crr_server(const struct args *a, struct result *r)
{
	int lfd = listener(a), ep = net_epoll_create(), open = 0, i, n, fd;
	struct epoll_event ev[EVENTS];
	bool last = false, began = false;

	must("fcntl", net_nonblock(lfd));
	watch(ep, lfd, EPOLLIN, LISTEN);
	while (!last || open) {
		n = must("epoll_wait", net_epoll_wait(ep, ev, EVENTS, -1));
		if (!began)
			r->cpu = -cpu_seconds();
		began = true;
		for (i = 0; i < n; i++) {
			if (ev[i].data.u32 != LISTEN) {
				last |= serve((int)ev[i].data.u32, &open);
				continue;
			}
			while ((fd = net_accept(lfd, 0)) >= 0) {
				watch(ep, fd, EPOLLIN, (uint32_t)fd);
				open++;
			}
		}
	}
	r->cpu += cpu_seconds();
}

/* --- client ------------------------------------------------------------------------ */

static void drop(int fd)
{
	net_setsockopt(fd, SOL_SOCKET, SO_LINGER, &now_gone, sizeof(now_gone));
	net_close(fd);
}

static void one(const struct args *a, char what)
{
	char buf[MSG] = { what };
	int fd = tcp_socket();

	must("connect", net_connect(fd, &a->addr));
	if (net_send(fd, buf, MSG, 0) != MSG ||
	    !recv_all(fd, buf, MSG, WAIT_BLOCK))
		die("exchange", -ECONNRESET);
	drop(fd);
}

static void begin(const struct args *a, int ep)
{
	int fd = tcp_socket(), ret;

	must("fcntl", net_nonblock(fd));
	ret = net_connect(fd, &a->addr);
	if (ret && ret != -EINPROGRESS)
		die("connect", ret);
	watch(ep, fd, EPOLLOUT, (uint32_t)fd);
}

/* Connected: asks. Answered: closes. True: that was a whole one. */
static bool go_on(int ep, const struct epoll_event *was)
{
	struct epoll_event ev = { .events = EPOLLIN, .data = was->data };
	int fd = (int)was->data.u32;
	char buf[MSG] = "r";

	if (was->events & EPOLLOUT) {
		if (net_send(fd, buf, MSG, 0) != MSG)
			die("send", -ECONNRESET);
		must("epoll_ctl", net_epoll_ctl(ep, EPOLL_CTL_MOD, fd, &ev));
		return false;
	}
	if (net_recv(fd, buf, MSG, 0) != MSG)
		die("recv", -ECONNRESET);
	drop(fd);
	return true;
}

static double many(const struct args *a, double end)
{
	struct epoll_event ev[EVENTS];
	int ep = net_epoll_create(), open = 0, i, n;
	bool over = false;
	double done = 0;

	while (!over || open) {
		for (; !over && open < a->conns; open++)
			begin(a, ep);
		n = must("epoll_wait", net_epoll_wait(ep, ev, EVENTS, -1));
		for (i = 0; i < n; i++)
			if (go_on(ep, &ev[i])) {
				open--;
				done++;
			}
		over = over || now() >= end;
	}
	return done;
}

void crr_client(const struct args *a, struct result *r)
{
	double start, end, cpu, n = 0;

	net_close(connected(a));
	cpu = cpu_seconds();
	start = now();
	end = start + a->seconds;
	if (a->conns > 1)
		n = many(a, end);
	else
		for (; now() < end; n++)
			one(a, 'r');
	r->rate = n / (now() - start);
	r->cpu = cpu_seconds() - cpu;
	one(a, 'q');
}
