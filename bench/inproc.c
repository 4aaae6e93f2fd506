/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inproc: two stacks in one process, joined by a link, driven by one thread
 * through the sockets API. What bench/lwip.c does with lwIP's raw callbacks.
 *
 *	inproc bulk|rr SECONDS [LINK [FEATURE=on|off...]]
 *
 * bulk prints the bytes per second that arrived, rr the 64-byte round trips per
 * second. No call waits: a receive that finds nothing has looked at the NIC.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <weir/weir.h>

#define MESSAGE		64
#define PORT		7000
#define CHUNK		65536

struct end {
	struct weir *w;
	int fd;
};

static char err[256], data[CHUNK];

static void die(const char *what, int ret)
{
	fprintf(stderr, "inproc: %s: %s\n", what,
		err[0] ? err : strerror(-ret));
	exit(2);
}

static int must(const char *what, int ret)
{
	if (ret < 0)
		die(what, ret);
	return ret;
}

static struct weir *stack(const char *name, const char *link, const char *addr,
			  char **features)
{
	struct weir_options o = { .name = name, .cpus = 2 };
	struct weir *w = weir_create(&o, err, sizeof(err));

	if (!w)
		die(name, 0);
	must(link, weir_link_add(w, link, err, sizeof(err)));
	must(addr, weir_addr_add(w, "eth0", addr, err, sizeof(err)));
	for (; *features; features++) {
		char f[64], *eq;

		snprintf(f, sizeof(f), "%s", *features);
		eq = strchr(f, '=');
		if (!eq)
			die(f, -EINVAL);
		*eq = '\0';
		must(f, weir_feature_set(w, "eth0", f, !strcmp(eq + 1, "on"),
					 err, sizeof(err)));
	}
	return w;
}

static void meet(struct end *client, struct end *server)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons(PORT),
				 .sin_addr.s_addr = htonl(0x0a000002) };
	int on = 1, l = weir_socket(server->w, AF_INET, SOCK_STREAM, 0);

	must("bind", weir_bind(server->w, l, (void *)&a, sizeof(a)));
	must("listen", weir_listen(server->w, l, 1));
	client->fd = weir_socket(client->w, AF_INET, SOCK_STREAM, 0);
	must("connect", weir_connect(client->w, client->fd, (void *)&a,
				     sizeof(a)));
	server->fd = must("accept", weir_accept4(server->w, l, NULL, NULL, 0));
	weir_setsockopt(client->w, client->fd, IPPROTO_TCP, TCP_NODELAY, &on,
			sizeof(on));
	weir_setsockopt(server->w, server->fd, IPPROTO_TCP, TCP_NODELAY, &on,
			sizeof(on));
}

/* What there is, at most len; 0: nothing. */
static size_t take(struct end *e, size_t len)
{
	static char buf[CHUNK];
	ssize_t n = weir_recv(e->w, e->fd, buf, len, MSG_DONTWAIT);

	if (n == -EAGAIN)
		return 0;
	return (size_t)must("recv", n ? (int)n : -ECONNRESET);
}

static size_t give(struct end *e, size_t len)
{
	ssize_t n = weir_send(e->w, e->fd, data, len, MSG_DONTWAIT);

	return n == -EAGAIN ? 0 : (size_t)must("send", (int)n);
}

static void whole_message(struct end *e)
{
	size_t got = 0;

	while (got < MESSAGE)
		got += take(e, MESSAGE - got);
}

static size_t round_trip(struct end *client, struct end *server)
{
	give(client, MESSAGE);
	whole_message(server);
	give(server, MESSAGE);
	whole_message(client);
	return 1;
}

/* Until neither moves. The sender, too, must look at its NIC: for the ACKs. */
static size_t transfer(struct end *client, struct end *server)
{
	size_t n, got = 0;

	give(client, CHUNK);
	while ((n = take(server, CHUNK)))
		got += n;
	take(client, 1);
	return got;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int main(int argc, char **argv)
{
	int rr = argc > 1 && !strcmp(argv[1], "rr");
	double seconds = argc > 2 ? atof(argv[2]) : 0, begin, t, sum = 0;
	struct end client, server;
	char link[64];

	if (argc < 3 || seconds <= 0 || (!rr && strcmp(argv[1], "bulk"))) {
		fprintf(stderr, "usage: inproc bulk|rr SECONDS [LINK "
			"[FEATURE=on|off...]]\n");
		return 1;
	}
	snprintf(link, sizeof(link), "wire:inproc%d", (int)getpid());
	client.w = stack("client", argc > 3 ? argv[3] : link, "10.0.0.1/24",
			 argv + (argc > 3 ? 4 : 3));
	server.w = stack("server", argc > 3 ? argv[3] : link, "10.0.0.2/24",
			 argv + (argc > 3 ? 4 : 3));
	meet(&client, &server);
	for (int warm = 1000; warm--;)
		rr ? round_trip(&client, &server) : transfer(&client, &server);
	begin = now();
	do {
		for (int i = 0; i < 100; i++)
			sum += (double)(rr ? round_trip(&client, &server) :
					transfer(&client, &server));
		t = now() - begin;
	} while (t < seconds);
	printf("%.0f\n", sum / t);
	weir_destroy(client.w);
	weir_destroy(server.w);
	return 0;
}
