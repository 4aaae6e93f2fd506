/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench-instr: work to count instructions of, by the public interface alone.
 *
 *	bench-instr [--rounds N] [ROW...]
 *
 * Two hosts with a link in virtual time, CPUs infinitely fast, so that each run
 * does the same work instruction by instruction. Each row warms up (routes,
 * neighbours, windows, caches of the allocator), calls measure_begin(), works,
 * calls measure_end() and prints
 *
 *	ROW UNITS STACKS
 *
 * the units of work in between, and by how many stacks each was done. Whoever
 * counts (bench/instr.py by callgrind) looks from the one call to the other.
 * Rows:
 *
 *	tcp-rr	64 B there and 64 B back on a connection; a unit is one stack's
 *		part, a send and a receive
 *	udp-rr	the same by connected UDP sockets
 *	tcp-mss	a transfer, by data segment; interrupts for each
 *	tcp-gso	a transfer, by large packet, on a link that passes these whole
 *	tcp-borrow	tcp-gso, received by reference
 *	tcp-crr	connect, tcp-rr once, close
 *	tcp-epoll	tcp-rr on 100 connections at once: both ends wait by epoll
 *		for whatever is there; a unit as in tcp-rr, with its part of
 *		the waiting
 */
#include <arpa/inet.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <weir/sim.h>

#define PORT	7000
#define MESSAGE	64
#define CHUNK	65536
#define WARM_UP	200
#define CONNECTIONS	100	/* of tcp-epoll */

struct row {
	const char *name, *link;
	int type;			/* of its sockets */
	int (*client)(struct weir *h, void *arg);
	int (*server)(struct weir *h, void *arg);
	unsigned int stacks;		/* that do a unit together */
};

/* A row that runs; arg of both tasks. */
struct work {
	const struct row *row;
	struct weir_sim_link *link;
	uint64_t rounds;
	uint64_t units;			/* done between begin and end */
	uint64_t frames;		/* from the client, when it began */
};

static char err[256];

static void die(const char *who, const char *what)
{
	fprintf(stderr, "bench-instr: %s: %s %s\n", who, what, err);
	exit(2);
}

/* The counting is switched at these two names. They do something, and not the
 * same, so that no compiler drops or merges them. */
void measure_begin(void);
void measure_end(void);
static volatile int measuring;
__attribute__((noinline)) void measure_begin(void) { measuring = 1; }
__attribute__((noinline)) void measure_end(void) { measuring = 0; }

static uint64_t client_frames(const struct work *w)
{
	struct weir_sim_link_stats st;

	weir_sim_link_stats(w->link, 0, &st);
	return st.frames;
}

/* --- sockets ------------------------------------------------------------------- */

static struct sockaddr_in at(uint32_t host, uint16_t port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons(port),
				     .sin_addr.s_addr = htonl(host) };
}

static int bound(struct weir *h, int type)
{
	struct sockaddr_in a = at(INADDR_ANY, PORT);
	int fd = weir_socket(h, AF_INET, type, 0);

	if (fd < 0 || weir_bind(h, fd, (struct sockaddr *)&a, sizeof(a)))
		die("server", "bind");
	if (type == SOCK_STREAM && weir_listen(h, fd, CONNECTIONS))
		die("server", "listen");
	return fd;
}

static int connected(struct weir *h, int type, uint32_t to, uint16_t port)
{
	struct sockaddr_in a = at(to, port);
	int on = 1, fd = weir_socket(h, AF_INET, type, 0);

	if (fd < 0)
		return fd;
	if (type == SOCK_STREAM)
		weir_setsockopt(h, fd, IPPROTO_TCP, TCP_NODELAY, &on,
				sizeof(on));
	if (weir_connect(h, fd, (struct sockaddr *)&a, sizeof(a)))
		die("client", "connect");
	return fd;
}

/* --- rows ---------------------------------------------------------------------- */

/* Sends back what comes, until nothing more does or a message is empty. */
static int echo(struct weir *h, int fd)
{
	char buf[MESSAGE];
	ssize_t n;

	while ((n = weir_recv(h, fd, buf, sizeof(buf), 0)) > 0)
		if (weir_send(h, fd, buf, (size_t)n, 0) != n)
			return -1;
	return (int)n;
}

static int request(struct weir *h, int fd)
{
	char buf[MESSAGE] = "request";

	if (weir_send(h, fd, buf, MESSAGE, 0) != MESSAGE)
		return -1;
	return weir_recv(h, fd, buf, MESSAGE, 0) == MESSAGE ? 0 : -1;
}

static int tcp_echo_server(struct weir *h, void *arg)
{
	return echo(h, weir_accept4(h, bound(h, SOCK_STREAM), NULL, NULL, 0));
}

/* Connected to the first who sends, as the client is to it. */
static int udp_echo_server(struct weir *h, void *arg)
{
	struct sockaddr_in peer;
	socklen_t len = sizeof(peer);
	int fd = bound(h, SOCK_DGRAM);
	char buf[MESSAGE];

	if (weir_recvfrom(h, fd, buf, MESSAGE, 0, (struct sockaddr *)&peer,
			  &len) != MESSAGE ||
	    weir_connect(h, fd, (struct sockaddr *)&peer, len) ||
	    weir_send(h, fd, buf, MESSAGE, 0) != MESSAGE)
		return -1;
	return echo(h, fd);
}

static int rr_client(struct weir *h, void *arg)
{
	struct work *w = arg;
	int fd = connected(h, w->row->type, 0x0a000002, PORT);

	for (uint64_t i = 0; i < WARM_UP + w->rounds; i++) {
		if (i == WARM_UP)
			measure_begin();
		if (request(h, fd))
			return -1;
	}
	measure_end();
	w->units = w->rounds;
	if (w->row->type == SOCK_DGRAM)
		weir_send(h, fd, "", 0, 0);
	return weir_close(h, fd);
}

static int crr_server(struct weir *h, void *arg)
{
	struct work *w = arg;
	int lfd = bound(h, SOCK_STREAM);

	for (uint64_t i = 0; i < WARM_UP + w->rounds; i++) {
		int fd = weir_accept4(h, lfd, NULL, NULL, 0);

		if (fd < 0 || echo(h, fd) || weir_close(h, fd))
			return -1;
	}
	return weir_close(h, lfd);
}

static int crr_client(struct weir *h, void *arg)
{
	struct work *w = arg;

	for (uint64_t i = 0; i < WARM_UP + w->rounds; i++) {
		int fd;

		if (i == WARM_UP)
			measure_begin();
		fd = connected(h, SOCK_STREAM, 0x0a000002, PORT);
		if (request(h, fd) || weir_close(h, fd))
			return -1;
	}
	measure_end();
	w->units = w->rounds;
	return 0;
}

static int watch(struct weir *h, int epfd, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	return weir_epoll_ctl(h, epfd, EPOLL_CTL_ADD, fd, &ev);
}

/* Echoes whatever is there, until all connections have been closed. */
static int epoll_server(struct weir *h, void *arg)
{
	struct epoll_event ev[CONNECTIONS];
	int lfd = bound(h, SOCK_STREAM), epfd = weir_epoll_create1(h, 0);
	int left = CONNECTIONS;
	char buf[MESSAGE];

	for (int i = 0; i < CONNECTIONS; i++)
		if (watch(h, epfd, weir_accept4(h, lfd, NULL, NULL, 0)))
			return -1;
	while (left) {
		int n = weir_epoll_wait(h, epfd, ev, CONNECTIONS, -1);

		for (int i = 0; i < n; i++) {
			int fd = ev[i].data.fd;
			ssize_t got = weir_recv(h, fd, buf, sizeof(buf), 0);

			if (got < 0)
				return -1;
			if (got)
				weir_send(h, fd, buf, (size_t)got, 0);
			else
				left -= !weir_close(h, fd);
		}
	}
	return weir_close(h, epfd) | weir_close(h, lfd);
}

/* A request on each connection, then the responses as they come. */
static int request_all(struct weir *h, int epfd, const int *fds)
{
	struct epoll_event ev[CONNECTIONS];
	char buf[MESSAGE] = "request";
	int left = CONNECTIONS;

	for (int i = 0; i < CONNECTIONS; i++)
		if (weir_send(h, fds[i], buf, MESSAGE, 0) != MESSAGE)
			return -1;
	while (left) {
		int n = weir_epoll_wait(h, epfd, ev, CONNECTIONS, -1);

		for (int i = 0; i < n; i++, left--)
			if (weir_recv(h, ev[i].data.fd, buf, MESSAGE, 0) !=
			    MESSAGE)
				return -1;
	}
	return 0;
}

static int epoll_client(struct weir *h, void *arg)
{
	struct work *w = arg;
	uint64_t i, bursts = w->rounds / 10 + 1, warm_up = WARM_UP / 10;
	int fds[CONNECTIONS], epfd = weir_epoll_create1(h, 0);

	for (i = 0; i < CONNECTIONS; i++) {
		fds[i] = connected(h, SOCK_STREAM, 0x0a000002, PORT);
		if (watch(h, epfd, fds[i]))
			return -1;
	}
	for (i = 0; i < warm_up + bursts; i++) {
		if (i == warm_up)
			measure_begin();
		if (request_all(h, epfd, fds))
			return -1;
	}
	measure_end();
	w->units = bursts * CONNECTIONS;
	for (i = 0; i < CONNECTIONS; i++)
		weir_close(h, fds[i]);
	return weir_close(h, epfd);
}

static int bulk_client(struct weir *h, void *arg)
{
	static const char buf[CHUNK];
	struct work *w = arg;
	int fd = connected(h, SOCK_STREAM, 0x0a000002, PORT);

	for (uint64_t i = 0; i < WARM_UP + w->rounds; i++)
		if (weir_write(h, fd, buf, CHUNK) != CHUNK)
			return -1;
	return weir_close(h, fd);
}

/* read, or the same by reference: what is borrowed comes back at once. */
static ssize_t take(struct weir *h, int fd, bool borrow)
{
	static char buf[CHUNK];
	struct iovec piece[64];
	struct msghdr m = { .msg_iov = piece, .msg_iovlen = 64 };
	uint64_t loan;
	ssize_t n;

	if (!borrow)
		return weir_read(h, fd, buf, sizeof(buf));
	n = weir_recvmsg_zc(h, fd, &m, CHUNK, 0, &loan);
	return n > 0 && weir_recv_return(h, loan) ? -1 : n;
}

/* Begins and ends where as much is under way, so that what was sent before the
 * beginning makes up for what is received after the end. */
static int bulk_receive(struct weir *h, void *arg, bool borrow)
{
	int fd = weir_accept4(h, bound(h, SOCK_STREAM), NULL, NULL, 0);
	struct work *w = arg;
	uint64_t got = 0, begin = WARM_UP / 2 * CHUNK;
	uint64_t end = begin + w->rounds * CHUNK;
	ssize_t n;

	while ((n = take(h, fd, borrow)) > 0) {
		bool began = got >= begin, ended = got >= end;

		got += (uint64_t)n;
		if (!began && got >= begin) {
			w->frames = client_frames(w);
			measure_begin();
		}
		if (!ended && got >= end) {
			measure_end();
			w->units = client_frames(w) - w->frames;
		}
	}
	return (int)n;
}

static int bulk_server(struct weir *h, void *arg)
{
	return bulk_receive(h, arg, false);
}

static int borrow_server(struct weir *h, void *arg)
{
	return bulk_receive(h, arg, true);
}

static const struct row rows[] = {
	{ "tcp-rr", "delay=10us", SOCK_STREAM, rr_client, tcp_echo_server, 2 },
	{ "udp-rr", "delay=10us", SOCK_DGRAM, rr_client, udp_echo_server, 2 },
	{ "tcp-mss", "rate=1gbit,delay=10us", SOCK_STREAM, bulk_client,
	  bulk_server, 1 },
	{ "tcp-gso", "rate=10gbit,delay=10us,offload", SOCK_STREAM,
	  bulk_client, bulk_server, 1 },
	{ "tcp-borrow", "rate=10gbit,delay=10us,offload", SOCK_STREAM,
	  bulk_client, borrow_server, 1 },
	{ "tcp-crr", "delay=10us", SOCK_STREAM, crr_client, crr_server, 1 },
	{ "tcp-epoll", "delay=10us", SOCK_STREAM, epoll_client, epoll_server,
	  2 },
};

/* --- the world ----------------------------------------------------------------- */

static void run_row(const struct row *r, uint64_t rounds)
{
	struct weir_sim *s = weir_sim_create(NULL, err, sizeof(err));
	struct weir *a = weir_sim_host(s, "a", NULL, err, sizeof(err));
	struct weir *b = weir_sim_host(s, "b", NULL, err, sizeof(err));
	struct work w = { .row = r, .rounds = rounds };
	struct weir_sim_task *client, *server;
	int ret;

	if (!a || !b)
		die(r->name, "hosts:");
	w.link = weir_sim_link(s, a, b, r->link, err, sizeof(err));
	if (!w.link ||
	    weir_addr_add(a, "eth0", "10.0.0.1/24", err, sizeof(err)) ||
	    weir_addr_add(b, "eth0", "10.0.0.2/24", err, sizeof(err)))
		die(r->name, "link:");
	server = weir_sim_spawn(b, "server", r->server, &w);
	client = weir_sim_spawn(a, "client", r->client, &w);
	weir_sim_run(s, WEIR_SIM_FOREVER);
	if (weir_sim_task_done(client, &ret) != 1 || ret ||
	    weir_sim_task_done(server, &ret) != 1 || ret)
		die(r->name, "a task did not come to its end");
	printf("%s %llu %u\n", r->name,
	       (unsigned long long)w.units * r->stacks, r->stacks);
	if (weir_sim_destroy(s))
		die(r->name, "objects leaked");
}

static bool wanted(const char *name, char **names, int n)
{
	for (int i = 0; i < n; i++)
		if (!strcmp(names[i], name))
			return true;
	return !n;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "rounds", required_argument, NULL, 'r' },
		{ 0 },
	};
	uint64_t rounds = 1000;
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (opt != 'r')
			return 1;
		rounds = strtoull(optarg, NULL, 0);
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (wanted(rows[i].name, argv + optind, argc - optind))
			run_row(&rows[i], rounds);
	return 0;
}
