/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * idle_conns [CONNECTIONS] [epoll]: what many idle connections cost.
 *
 * Two hosts in this process, as bench/world.h makes them, open that many TCP
 * connections (1,000,000) through the system-call boundary, from as few
 * addresses of the client as have ports for them; with `epoll` each descriptor
 * is in an epoll set as well. Each connection then carries a byte there and
 * one back, in an order that caches do not like. Prints
 *
 *	connects	per second of real time, both ends
 *	exchange	of a byte with so many connections held: time, and
 *			instructions if the host counts them for us
 *	memory		of a connection and end: what the stacks use, tables
 *			included, and what the process has grown by
 *
 * Exit 3 if a byte is lost or memory is more than LIMIT.
 */
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "dev/sysctl.h"
#include "inet/route.h"
#include "world.h"

#define LIMIT		2048u		/* bytes per connection and end */
#define PORT		7200
#define RING		512
#define BATCH		128u		/* under way at once */
#define PORTS		64500u		/* per address; most of what there are */
#define CLIENT		0x0a000002u	/* and up */
#define SERVER		0x0a00fffeu
#define SAMPLE		1000u		/* exchanges per figure */
#define NO_PORT		24		/* IP_BIND_ADDRESS_NO_PORT */

struct bench {
	struct world w;
	struct host h[2];		/* client, server */
	struct cable cable;
	u32 n, held, lost;
	int *fd[2];			/* by connection */
	int listener, epfd[2];
	bool epoll;
	int counter;			/* perf event, or -1 */
};

static u64 nanoseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (u64)t.tv_sec * 1000000000u + (u64)t.tv_nsec;
}

static int open_counter(void)
{
	struct perf_event_attr a = {
		.type = PERF_TYPE_HARDWARE, .size = sizeof(a),
		.config = PERF_COUNT_HW_INSTRUCTIONS,
		.exclude_kernel = 1, .exclude_hv = 1,
	};

	return (int)syscall(SYS_perf_event_open, &a, 0, -1, -1, 0);
}

static u64 instructions(const struct bench *b)
{
	u64 n = 0;

	return b->counter >= 0 && read(b->counter, &n, sizeof(n)) == sizeof(n) ?
	       n : 0;
}

static size_t resident(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	unsigned long pages = 0;

	if (!f || fscanf(f, "%*u %lu", &pages) != 1)
		world_die("/proc/self/statm", -ENOENT);
	fclose(f);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* --- the hosts -------------------------------------------------------------------- */

static void sysctl(struct host *h, const char *name, const char *text)
{
	world_check(name, sysctl_write(h->net, name, text));
}

static void start(struct bench *b)
{
	struct sockaddr_in any = world_address(0, PORT);
	struct host_params p = { .ring = RING, .prefix = 16 };

	world_init(&b->w);
	cable_init(&b->cable, &(struct cable_params){ .delay = 1000 },
		   &world_cable_ops, &b->w, 1);
	for (u32 i = 0; i < 2; i++) {
		p.link = &b->cable.end[i].link;
		p.addr = i ? SERVER : CLIENT;
		host_start(&b->h[i], &b->w, &p);
		host_enter(&b->h[i]);
		sysctl(&b->h[i], "net.ipv4.ip_local_port_range", "1024 65535");
		b->epfd[i] = sys_epoll_create1(b->h[i].net, 0);
		host_leave(&b->h[i]);
	}
	host_enter(&b->h[0]);
	for (u32 i = 1; i * PORTS < b->n; i++)
		world_check("address", inet_addr_add(b->h[0].dev,
					cpu_to_be32(CLIENT + i), 16));
	host_leave(&b->h[0]);
	host_enter(&b->h[1]);
	b->listener = sys_socket(b->h[1].net, AF_INET,
				 SOCK_STREAM | SOCK_NONBLOCK, 0);
	world_check("bind", sys_bind(b->h[1].net, b->listener,
				     (struct sockaddr *)&any, sizeof(any)));
	world_check("listen", sys_listen(b->h[1].net, b->listener,
					 (int)(2 * BATCH)));
	host_leave(&b->h[1]);
}

static void watch(struct bench *b, u32 side, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	if (b->epoll)
		world_check("epoll_ctl", sys_epoll_ctl(b->h[side].net,
					b->epfd[side], EPOLL_CTL_ADD, fd, &ev));
}

/* --- connections -------------------------------------------------------------------- */

static int connect_one(struct bench *b, u32 i)
{
	struct sockaddr_in to = world_address(SERVER, PORT);
	struct sockaddr_in from = world_address(CLIENT + i / PORTS, 0);
	struct net *net = b->h[0].net;
	int fd, err, on = 1;

	fd = sys_socket(net, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (fd < 0)
		world_die("socket", fd);
	world_check("no port", sys_setsockopt(net, fd, IPPROTO_IP, NO_PORT, &on,
					      sizeof(on)));
	world_check("bind", sys_bind(net, fd, (struct sockaddr *)&from,
				     sizeof(from)));
	err = sys_connect(net, fd, (struct sockaddr *)&to, sizeof(to));
	if (err != -EINPROGRESS)
		world_die("connect", err);
	watch(b, 0, fd);
	return fd;
}

/* Those that have come, from connection `first` on: in the order of connect,
 * since nothing is lost on the cable. */
static u32 accept_some(struct bench *b, u32 first, u32 max)
{
	u32 n = 0;
	int fd;

	host_enter(&b->h[1]);
	while (n < max) {
		fd = sys_accept4(b->h[1].net, b->listener, NULL, NULL,
				 SOCK_NONBLOCK);
		if (fd < 0)
			break;
		watch(b, 1, fd);
		b->fd[1][first + n++] = fd;
	}
	host_leave(&b->h[1]);
	return n;
}

static void open_until(struct bench *b, u32 held)
{
	while (b->held < held) {
		u32 n = min(BATCH, held - b->held), got = 0;

		host_enter(&b->h[0]);
		for (u32 i = 0; i < n; i++)
			b->fd[0][b->held + i] = connect_one(b, b->held + i);
		host_leave(&b->h[0]);
		while (got < n) {
			hosts_pass(&b->w, b->h, 100 * NSEC_PER_USEC);
			got += accept_some(b, b->held + got, n - got);
		}
		b->held += n;
	}
}

/* --- a byte there and back ------------------------------------------------------------ */

static void send_byte(struct bench *b, u32 side, u32 conn)
{
	u8 byte = (u8)(conn * 167 + side);

	host_enter(&b->h[side]);
	if (sys_write(b->h[side].net, b->fd[side][conn], &byte, 1) != 1)
		b->lost++;
	host_leave(&b->h[side]);
}

static ssize_t read_byte(struct bench *b, u32 side, u32 conn, u8 *byte)
{
	ssize_t n;

	host_enter(&b->h[side]);
	n = sys_read(b->h[side].net, b->fd[side][conn], byte, 1);
	host_leave(&b->h[side]);
	return n;
}

static void expect_byte(struct bench *b, u32 side, u32 conn)
{
	ktime_t patience = b->w.now + NSEC_PER_SEC;
	u8 byte = 0;
	ssize_t n;

	while ((n = read_byte(b, side, conn, &byte)) == -EAGAIN &&
	       b->w.now < patience)
		hosts_pass(&b->w, b->h, 100 * NSEC_PER_USEC);
	if (n != 1 || byte != (u8)(conn * 167 + 1 - side))
		b->lost++;
}

/* `count` connections from the `from`-th of an order that jumps about. */
static void exchange(struct bench *b, u32 from, u32 count)
{
	u32 conn[BATCH];

	for (u32 done = 0; done < count; done += BATCH) {
		u32 n = min(BATCH, count - done);

		for (u32 i = 0; i < n; i++)
			conn[i] = (u32)((u64)(from + done + i) * 1000003u %
					b->held);
		for (u32 side = 0; side < 2; side++) {
			for (u32 i = 0; i < n; i++)
				send_byte(b, side, conn[i]);
			hosts_pass(&b->w, b->h, 100 * NSEC_PER_USEC);
			for (u32 i = 0; i < n; i++)
				expect_byte(b, 1 - side, conn[i]);
		}
	}
}

/* Twice, so that what a connection does once is not in the figure. */
static void sample(struct bench *b)
{
	u64 t, ins;

	exchange(b, 0, SAMPLE);
	hosts_pass(&b->w, b->h, 300 * NSEC_PER_MSEC);
	t = nanoseconds();
	ins = instructions(b);
	exchange(b, 0, SAMPLE);
	ins = instructions(b) - ins;
	t = nanoseconds() - t;
	printf("exchange   with %7u held: %5.2f us", b->held,
	       (double)t / SAMPLE / 1000);
	if (ins)
		printf(", %llu instructions",
		       (unsigned long long)(ins / SAMPLE));
	printf("\n");
	fflush(stdout);
}

/* --- the work ------------------------------------------------------------------------- */

static void open_all(struct bench *b)
{
	static const u32 stops[] = { 1000, 10000, 100000 };
	u64 t = 0, from;

	for (u32 i = 0; b->held < b->n; i++) {
		u32 stop = i < ARRAY_SIZE(stops) ? min(stops[i], b->n) : b->n;
		u32 n = stop - b->held;

		from = nanoseconds();
		open_until(b, stop);
		t = nanoseconds() - from;
		printf("connects   to   %7u held: %5.2f us each, %.0f/s\n",
		       b->held, (double)t / n / 1000, n * 1e9 / (double)t);
		sample(b);
	}
}

static int report(const struct bench *b, size_t used, size_t rss)
{
	u32 ends = 2 * b->n;
	bool over = used / ends >= LIMIT || rss / ends >= LIMIT;

	printf("memory     of a connection and end%s: %zu bytes in use, %zu "
	       "resident%s\n", b->epoll ? ", in an epoll set" : "",
	       used / ends, rss / ends, over ? " (over 2 KiB)" : "");
	printf("bytes lost %u of %u\n", b->lost, ends);
	return over || b->lost ? 3 : 0;
}

int main(int argc, char **argv)
{
	struct bench b = { .n = argc > 1 ? (u32)atoi(argv[1]) : 1000000,
			   .epoll = argc > 2 && !strcmp(argv[2], "epoll"),
			   .counter = open_counter() };
	size_t used, rss;

	if (b.n < SAMPLE) {
		fprintf(stderr, "idle_conns: %u connections at least\n", SAMPLE);
		return 1;
	}
	for (u32 i = 0; i < 2; i++) {
		b.fd[i] = malloc(b.n * sizeof(int));
		if (!b.fd[i])
			world_die("start", -ENOMEM);
		memset(b.fd[i], 0xff, b.n * sizeof(int));
	}
	start(&b);
	used = world_bytes_in_use(&b.w);
	rss = resident();
	open_all(&b);
	exchange(&b, 0, b.n);
	hosts_pass(&b.w, b.h, 500 * NSEC_PER_MSEC);	/* the last delayed ACKs */
	return report(&b, world_bytes_in_use(&b.w) - used, resident() - rss);
}
