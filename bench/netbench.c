/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * netbench: one figure per mode, by plain socket calls, so that the same
 * program runs on the host's kernel and, under `weir run`, on weir.
 *
 *	netbench server MODE PORT
 *	netbench client MODE ADDRESS PORT SECONDS [CONNECTIONS]
 *
 * Modes: bulk (one stream), rr (64-byte request/response, blocking), rrn (the
 * same over CONNECTIONS with epoll), crr (connect, request, response, close),
 * udp (64-byte datagrams one way, counted where they arrive). The client
 * prints one number: bytes or transactions or datagrams per second. The server
 * ends when its client has gone.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MSG		64
#define BULK		(256 * 1024)
#define MAX_CONNS	10000

struct args {
	struct sockaddr_in addr;
	double seconds;
	int conns;
};

static void die(const char *what)
{
	fprintf(stderr, "netbench: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int tcp_socket(void)
{
	int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static int listener(const struct args *a)
{
	int fd = tcp_socket();

	if (bind(fd, (const struct sockaddr *)&a->addr, sizeof(a->addr)) ||
	    listen(fd, 4096))
		die("listen");
	return fd;
}

/* The server may not be up yet: tries for ten seconds. */
static int connected(const struct args *a)
{
	double end = now() + 10;
	int fd;

	for (;;) {
		fd = tcp_socket();
		if (!connect(fd, (const struct sockaddr *)&a->addr,
			     sizeof(a->addr)))
			return fd;
		close(fd);
		if (now() > end)
			die("connect");
		usleep(20000);
	}
}

static int accepted(int lfd)
{
	int one = 1, fd = accept(lfd, NULL, NULL);

	if (fd < 0)
		die("accept");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

/* One message whole. 0: the peer has gone. */
static int read_msg(int fd, char *buf)
{
	size_t got = 0;
	ssize_t n;

	while (got < MSG) {
		n = recv(fd, buf + got, MSG - got, 0);
		if (n <= 0)
			return 0;
		got += (size_t)n;
	}
	return 1;
}

static int exchange(int fd, char *buf)
{
	return send(fd, buf, MSG, MSG_NOSIGNAL) == MSG && read_msg(fd, buf);
}

/* --- bulk: the client says how long it took to be read wholly ------------- */

static void bulk_server(const struct args *a)
{
	char *buf = malloc(BULK);
	int lfd = listener(a), fd = accepted(lfd);

	while (recv(fd, buf, BULK, 0) > 0)
		;
	send(fd, "x", 1, MSG_NOSIGNAL);
	close(fd);
	free(buf);
}

static double bulk_client(const struct args *a)
{
	char *buf = calloc(1, BULK), c;
	int fd = connected(a);
	double start = now(), end = start + a->seconds;
	double bytes = 0;
	ssize_t n;

	do {
		n = send(fd, buf, BULK, MSG_NOSIGNAL);
		if (n <= 0)
			die("send");
		bytes += (double)n;
	} while (now() < end);
	shutdown(fd, SHUT_WR);
	if (recv(fd, &c, 1, 0) != 1)
		die("the server's word");
	free(buf);
	return bytes / (now() - start);
}

/* --- request/response -------------------------------------------------------- */

static void rr_server(const struct args *a)
{
	char buf[MSG];
	int fd = accepted(listener(a));

	while (read_msg(fd, buf) && send(fd, buf, MSG, MSG_NOSIGNAL) == MSG)
		;
}

static double rr_client(const struct args *a)
{
	char buf[MSG] = "";
	int fd = connected(a);
	double start = now(), end = start + a->seconds, n = 0;

	do {
		if (!exchange(fd, buf))
			die("exchange");
		n++;
	} while (now() < end);
	return n / (now() - start);
}

static void add(int ep, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev))
		die("epoll_ctl");
}

static void rrn_server(const struct args *a)
{
	struct epoll_event ev[256];
	int lfd = listener(a), ep = epoll_create1(0), open_conns = 0, seen = 0;
	char buf[MSG];

	add(ep, lfd);
	while (!seen || open_conns) {
		int i, n = epoll_wait(ep, ev, 256, -1);

		for (i = 0; i < n; i++) {
			int fd = ev[i].data.fd;

			if (fd == lfd) {
				add(ep, accepted(lfd));
				open_conns++;
				seen = 1;
			} else if (recv(fd, buf, MSG, 0) != MSG ||
				   send(fd, buf, MSG, MSG_NOSIGNAL) != MSG) {
				close(fd);
				open_conns--;
			}
		}
	}
}

static double rrn_client(const struct args *a)
{
	struct epoll_event ev[256];
	int i, n, ep = epoll_create1(0);
	int *fds = calloc((size_t)a->conns, sizeof(int));
	double start, end, done = 0;
	char buf[MSG] = "";

	for (i = 0; i < a->conns; i++) {
		fds[i] = connected(a);
		add(ep, fds[i]);
	}
	for (i = 0; i < a->conns; i++)
		if (send(fds[i], buf, MSG, MSG_NOSIGNAL) != MSG)
			die("send");
	start = now();
	end = start + a->seconds;
	do {
		n = epoll_wait(ep, ev, 256, -1);
		for (i = 0; i < n; i++) {
			if (recv(ev[i].data.fd, buf, MSG, 0) != MSG ||
			    send(ev[i].data.fd, buf, MSG, MSG_NOSIGNAL) != MSG)
				die("exchange");
			done++;
		}
	} while (now() < end);
	free(fds);
	return done / (now() - start);
}

/* --- connections -------------------------------------------------------------- */

/* The client closes first, so that TIME-WAIT is its own; a message that
 * starts with 'q' ends the server. */
static void crr_server(const struct args *a)
{
	int fd, lfd = listener(a);
	char buf[MSG] = "";

	while (buf[0] != 'q') {
		fd = accepted(lfd);
		if (read_msg(fd, buf))
			send(fd, buf, MSG, MSG_NOSIGNAL);
		recv(fd, buf + 1, MSG - 1, 0);
		close(fd);
	}
}

static double crr_client(const struct args *a)
{
	struct linger now_gone = { 1, 0 };
	double start, end, n = 0;
	char buf[MSG] = "";
	int fd = connected(a);

	exchange(fd, buf);
	close(fd);
	start = now();
	end = start + a->seconds;
	while (buf[0] != 'q') {
		if (now() >= end)
			buf[0] = 'q';
		fd = tcp_socket();
		if (connect(fd, (const struct sockaddr *)&a->addr,
			    sizeof(a->addr)))
			die("connect");
		if (!exchange(fd, buf))
			die("exchange");
		/* A reset, or the ports would run out within a second. */
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &now_gone,
			   sizeof(now_gone));
		close(fd);
		n++;
	}
	return n / (now() - start);
}

/* --- datagrams ------------------------------------------------------------------ */

static void udp_server(const struct args *a)
{
	struct timeval patience = { 20, 0 };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), size = 4 << 20;
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	uint64_t count = 0;
	char buf[MSG];

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (bind(fd, (const struct sockaddr *)&a->addr, sizeof(a->addr)))
		die("bind");
	for (;;) {
		if (recvfrom(fd, buf, MSG, 0, (struct sockaddr *)&from,
			     &len) < 0)
			return;
		if (buf[0] == 'd') {
			count++;
			continue;
		}
		if (buf[0] == 'h')
			count = 0;
		sendto(fd, &count, sizeof(count), 0, (struct sockaddr *)&from,
		       len);
		if (buf[0] == 'q')
			return;
	}
}

/* Asks until there is an answer: 'h'ello resets the count, 'q'uit ends it. */
static uint64_t ask(int fd, char what)
{
	struct timeval wait = { 0, 200000 };
	char buf[MSG] = { what };
	uint64_t count;
	int tries;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	for (tries = 0; tries < 50; tries++) {
		send(fd, buf, MSG, 0);
		if (recv(fd, &count, sizeof(count), 0) == sizeof(count))
			return count;
		usleep(20000);
	}
	die("no answer");
	return 0;
}

static double udp_client(const struct args *a)
{
	int i, fd = socket(AF_INET, SOCK_DGRAM, 0);
	char buf[MSG] = "d";
	double start, end;

	if (connect(fd, (const struct sockaddr *)&a->addr, sizeof(a->addr)))
		die("connect");
	ask(fd, 'h');
	start = now();
	end = start + a->seconds;
	do {
		for (i = 0; i < 64; i++)
			send(fd, buf, MSG, 0);
	} while (now() < end);
	end = now();
	return (double)ask(fd, 'q') / (end - start);
}

static const struct mode {
	const char *name;
	void (*server)(const struct args *a);
	double (*client)(const struct args *a);
} modes[] = {
	{ "bulk", bulk_server, bulk_client },
	{ "rr", rr_server, rr_client },
	{ "rrn", rrn_server, rrn_client },
	{ "crr", crr_server, crr_client },
	{ "udp", udp_server, udp_client },
};

static const struct mode *find_mode(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (!strcmp(modes[i].name, name))
			return &modes[i];
	return NULL;
}

int main(int argc, char **argv)
{
	struct args a = { .addr.sin_family = AF_INET };
	const struct mode *m = argc > 2 ? find_mode(argv[2]) : NULL;

	if (m && argc == 4 && !strcmp(argv[1], "server")) {
		a.addr.sin_port = htons((uint16_t)atoi(argv[3]));
		m->server(&a);
		return 0;
	}
	if (!m || argc < 6 || strcmp(argv[1], "client") ||
	    inet_pton(AF_INET, argv[3], &a.addr.sin_addr) != 1) {
		fprintf(stderr, "usage: netbench server MODE PORT\n"
			"       netbench client MODE ADDRESS PORT SECONDS "
			"[CONNECTIONS]\n"
			"modes: bulk rr rrn crr udp\n");
		return 1;
	}
	a.addr.sin_port = htons((uint16_t)atoi(argv[4]));
	a.seconds = atof(argv[5]);
	a.conns = argc > 6 ? atoi(argv[6]) : 100;
	if (a.conns < 1 || a.conns > MAX_CONNS)
		a.conns = 100;
	printf("%.0f\n", m->client(&a));
	return 0;
}
