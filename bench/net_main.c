/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * netbench server MODE ADDRESS PORT [NAME=VALUE...]
 * netbench client MODE ADDRESS PORT SECONDS [NAME=VALUE...]
 *
 * Modes: bulk rr crr udp. Names: conns, size, wait (block, epoll, spin), gso, gro.
 * Both print one line of JSON: the CPU seconds that the process used while it
 * was measured; the client the rate and, where it is asked, latencies, too. A
 * server ends when its client has gone.
 */
#include "net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

void die(const char *what, int ret)
{
	fprintf(stderr, "netbench: %s: %s\n", what, strerror(-ret));
	exit(1);
}

int must(const char *what, int ret)
{
	if (ret < 0)
		die(what, ret);
	return ret;
}

uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

double now(void)
{
	return (double)now_ns() * 1e-9;
}

double cpu_seconds(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

/* --- latencies: steps of 3 % ------------------------------------------------------ */

void lat_add(struct result *r, uint64_t ns)
{
	unsigned int shift = ns < LAT_SUB ? 0 :
			     63 - (unsigned int)__builtin_clzll(ns) - 5;

	r->lat[ns < LAT_SUB ? ns :
	       (shift + 1) * LAT_SUB + (ns >> shift) - LAT_SUB]++;
}

/* The middle of a step. */
static double lat_value(unsigned int i)
{
	unsigned int shift = i < LAT_SUB ? 0 : i / LAT_SUB - 1;
	uint64_t step = i < LAT_SUB ? i : i % LAT_SUB + LAT_SUB;

	return (double)(step << shift) + (double)(1ull << shift) / 2;
}

/* The latency that a share of all did not exceed. */
static double lat_at(const struct result *r, double share)
{
	uint64_t all = 0, sum = 0;
	unsigned int i, n = sizeof(r->lat) / sizeof(r->lat[0]);

	for (i = 0; i < n; i++)
		all += r->lat[i];
	for (i = 0; i < n; i++) {
		sum += r->lat[i];
		if (sum && (double)sum >= share * (double)all)
			return lat_value(i);
	}
	return 0;
}

/* --- sockets ---------------------------------------------------------------------- */

int tcp_socket(void)
{
	int one = 1, fd = must("socket", net_socket(SOCK_STREAM));

	net_setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	net_setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

int listener(const struct args *a)
{
	int fd = tcp_socket();

	must("bind", net_bind(fd, &a->addr));
	must("listen", net_listen(fd, 4096));
	return fd;
}

int accepted(int lfd)
{
	int one = 1, fd = must("accept", net_accept(lfd, 0));

	net_setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

int connected(const struct args *a)
{
	double end = now() + 10;
	int fd, ret;

	for (;;) {
		fd = tcp_socket();
		ret = net_connect(fd, &a->addr);
		if (!ret)
			return fd;
		net_close(fd);
		if (now() > end)
			die("connect", ret);
		usleep(20000);
	}
}

void watch(int ep, int fd, uint32_t events, uint32_t data)
{
	struct epoll_event ev = { .events = events, .data.u32 = data };

	must("epoll_ctl", net_epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
}

bool recv_all(int fd, char *buf, size_t n, enum waiting wait)
{
	size_t got = 0;
	ssize_t ret;

	while (got < n) {
		ret = net_recv(fd, buf + got, n - got,
			       wait == WAIT_SPIN ? MSG_DONTWAIT : 0);
		if (ret == -EAGAIN)
			continue;
		if (ret <= 0)
			return false;
		got += (size_t)ret;
	}
	return true;
}

/* --- the command line --------------------------------------------------------------- */

static const struct mode {
	const char *name;
	void (*server)(const struct args *a, struct result *r);
	void (*client)(const struct args *a, struct result *r);
} modes[] = {
	{ "bulk", bulk_server, bulk_client },
	{ "rr", rr_server, rr_client },
	{ "crr", crr_server, crr_client },
	{ "udp", udp_server, udp_client },
};

static void usage(void)
{
	fprintf(stderr,
		"usage: netbench server MODE ADDRESS PORT [NAME=VALUE...]\n"
		"       netbench client MODE ADDRESS PORT SECONDS [NAME=VALUE...]\n"
		"modes: bulk rr crr udp\n"
		"names: conns=N size=BYTES wait=block|epoll|spin gso=DATAGRAMS gro=1\n");
	exit(1);
}

static const struct mode *find_mode(const char *name)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (!strcmp(modes[i].name, name))
			return &modes[i];
	usage();
	return NULL;
}

static int number(const char *text, int least, int most)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (end == text || *end || n < least || n > most) {
		fprintf(stderr, "netbench: \"%s\" is not a number from %d to "
			"%d\n", text, least, most);
		exit(1);
	}
	return (int)n;
}

static enum waiting way_to_wait(const char *text)
{
	static const char *const names[] = { "block", "epoll", "spin" };

	for (unsigned int i = 0; i < 3; i++)
		if (!strcmp(text, names[i]))
			return (enum waiting)i;
	usage();
	return WAIT_BLOCK;
}

static void option(struct args *a, const char *text)
{
	const char *value = strchr(text, '=');

	if (!value++)
		usage();
	if (!strncmp(text, "conns=", 6))
		a->conns = number(value, 1, MAX_CONNS);
	else if (!strncmp(text, "size=", 5))
		a->size = number(value, 1, 1 << 24);
	else if (!strncmp(text, "wait=", 5))
		a->wait = way_to_wait(value);
	else if (!strncmp(text, "gso=", 4))
		a->gso = number(value, 1, 64);
	else if (!strncmp(text, "gro=", 4))
		a->gro = number(value, 0, 1);
	else
		usage();
}

static void print(const struct result *r, bool client)
{
	printf("{\"cpu_s\": %.6f", r->cpu);
	if (client)
		printf(", \"rate\": %.1f", r->rate);
	if (client && lat_at(r, 1) > 0)
		printf(", \"p50_us\": %.3f, \"p99_us\": %.3f",
		       lat_at(r, 0.5) / 1e3, lat_at(r, 0.99) / 1e3);
	printf("}\n");
}

int main(int argc, char **argv)
{
	struct args a = { .addr.sin_family = AF_INET, .conns = 1,
			  .size = 256 * 1024, .gso = 1 };
	static struct result r;
	bool client = argc > 1 && !strcmp(argv[1], "client");
	int first = client ? 6 : 5, i;
	const struct mode *m;

	if (argc < first || (!client && strcmp(argv[1], "server")) ||
	    inet_pton(AF_INET, argv[3], &a.addr.sin_addr) != 1)
		usage();
	m = find_mode(argv[2]);
	a.addr.sin_port = htons((uint16_t)number(argv[4], 1, 65535));
	if (client)
		a.seconds = atof(argv[5]);
	for (i = first; i < argc; i++)
		option(&a, argv[i]);
	net_start();
	(client ? m->client : m->server)(&a, &r);
	print(&r, client);
	net_end();
	return 0;
}
