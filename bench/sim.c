/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench-sim: what virtual time costs, by the public interface alone.
 *
 *	bench-sim [--megabytes N] [--hosts N]
 *
 * Rows: TCP data segments carried per second of CPU time, end to end (one
 * sender, one receiver, checksums made and checked, every frame hashed), on
 * links where each frame is interrupted for, where they come in batches, and
 * where large ones pass whole; then memory: N hosts (10,000), each with a TCP
 * connection to its neighbour, established and idle, over which a byte went.
 * --hosts 0 leaves the last row out.
 */
#include <arpa/inet.h>
#include <getopt.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <weir/sim.h>

#define PORT	7000
#define CHUNK	65536
#define MSS	1448			/* Ethernet, with timestamps */

static char err[256];

static void die(const char *what)
{
	fprintf(stderr, "bench-sim: %s: %s\n", what, err);
	exit(2);
}

static double cpu_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static struct sockaddr_in at(uint32_t host)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons(PORT),
				     .sin_addr.s_addr = htonl(host) };
}

static int listen_at(struct weir *h)
{
	struct sockaddr_in a = at(INADDR_ANY);
	int fd = weir_socket(h, AF_INET, SOCK_STREAM, 0);

	if (weir_bind(h, fd, (struct sockaddr *)&a, sizeof(a)) ||
	    weir_listen(h, fd, 8))
		return -1;
	return fd;
}

/* --- speed --------------------------------------------------------------------------- */

static size_t received;

static int receiver(struct weir *h, void *arg)
{
	static char buf[CHUNK];
	int fd = weir_accept4(h, listen_at(h), NULL, NULL, 0);
	ssize_t n;

	received = 0;
	while ((n = weir_read(h, fd, buf, sizeof(buf))) > 0)
		received += (size_t)n;
	return (int)n;
}

static int sender(struct weir *h, void *arg)
{
	static const char buf[CHUNK];
	struct sockaddr_in a = at(0x0a000002);
	size_t left = *(size_t *)arg;
	int fd = weir_socket(h, AF_INET, SOCK_STREAM, 0);
	ssize_t n = weir_connect(h, fd, (struct sockaddr *)&a, sizeof(a));

	while (n >= 0 && left) {
		n = weir_write(h, fd, buf, left < CHUNK ? left : CHUNK);
		left -= n > 0 ? (size_t)n : 0;
	}
	weir_close(h, fd);
	return n < 0 ? (int)n : 0;
}

static void bulk(const char *what, const char *link, size_t bytes)
{
	struct weir_sim *s = weir_sim_create(NULL, err, sizeof(err));
	struct weir *a = weir_sim_host(s, "a", NULL, err, sizeof(err));
	struct weir *b = weir_sim_host(s, "b", NULL, err, sizeof(err));
	struct weir_sim_stats st;
	double cpu;

	if (!a || !b || !weir_sim_link(s, a, b, link, err, sizeof(err)) ||
	    weir_addr_add(a, "eth0", "10.0.0.1/24", err, sizeof(err)) ||
	    weir_addr_add(b, "eth0", "10.0.0.2/24", err, sizeof(err)))
		die(what);
	weir_sim_spawn(b, "receiver", receiver, NULL);
	weir_sim_spawn(a, "sender", sender, &bytes);
	cpu = cpu_seconds();
	if (weir_sim_run(s, WEIR_SIM_FOREVER) != WEIR_SIM_DONE ||
	    received != bytes)
		die("the transfer did not come to its end");
	cpu = cpu_seconds() - cpu;
	weir_sim_stats(s, &st);
	printf("%-34s %11.0f segments/s %9.0f MB/s %6.2f events/segment\n",
	       what, (double)bytes / MSS / cpu, (double)bytes / cpu / 1e6,
	       (double)st.events / ((double)bytes / MSS));
	weir_sim_destroy(s);
}

/* --- memory ------------------------------------------------------------------------------ */

static int byte_server(struct weir *h, void *arg)
{
	int fd = weir_accept4(h, listen_at(h), NULL, NULL, 0);
	char c;

	return weir_read(h, fd, &c, 1) == 1 ? 0 : -1;
}

static int byte_client(struct weir *h, void *arg)
{
	struct sockaddr_in a = at((uint32_t)(uintptr_t)arg);
	int fd = weir_socket(h, AF_INET, SOCK_STREAM, 0);

	if (weir_connect(h, fd, (struct sockaddr *)&a, sizeof(a)))
		return -1;
	return weir_write(h, fd, "x", 1) == 1 ? 0 : -1;
}

/* Hosts in pairs; each connects to the other. */
static void pair(struct weir_sim *s, uint32_t n)
{
	struct weir_sim_host_options small = { .small = 1 };
	struct weir *h[2];

	for (uint32_t i = 0; i < 2; i++) {
		char name[16];

		snprintf(name, sizeof(name), "h%u", 2 * n + i);
		h[i] = weir_sim_host(s, name, &small, err, sizeof(err));
		if (!h[i])
			die("host");
	}
	if (!weir_sim_link(s, h[0], h[1], "rate=1gbit,delay=1ms", err,
			   sizeof(err)))
		die("link");
	for (uint32_t i = 0; i < 2; i++) {
		char cidr[24];

		snprintf(cidr, sizeof(cidr), "10.0.0.%u/24", i + 1);
		if (weir_addr_add(h[i], "eth0", cidr, err, sizeof(err)) ||
		    !weir_sim_spawn(h[i], "server", byte_server, NULL) ||
		    !weir_sim_spawn(h[i], "client", byte_client,
				    (void *)(uintptr_t)(0x0a000002 - i)))
			die("tasks");
	}
}

static void check_tasks(struct weir_sim *s)
{
	struct weir_sim_task *t;
	int ret;

	for (size_t i = 0; (t = weir_sim_task(s, i)); i++)
		if (weir_sim_task_done(t, &ret) != 1 || ret)
			die("a connection failed");
}

static void many(uint32_t hosts)
{
	struct weir_sim *s = weir_sim_create(NULL, err, sizeof(err));
	double cpu = cpu_seconds();
	struct rusage ru;

	for (uint32_t i = 0; i < hosts / 2; i++)
		pair(s, i);
	if (weir_sim_run(s, WEIR_SIM_FOREVER) != WEIR_SIM_DONE)
		die("connections are missing");
	check_tasks(s);
	getrusage(RUSAGE_SELF, &ru);
	printf("%u hosts, %u connections: %ld MiB resident at most, "
	       "%.1f s of CPU\n", hosts, hosts, ru.ru_maxrss / 1024,
	       cpu_seconds() - cpu);
	if (weir_sim_destroy(s))
		die("objects leaked");
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "megabytes", required_argument, NULL, 'm' },
		{ "hosts", required_argument, NULL, 'h' },
		{ 0 },
	};
	size_t bytes = 1000u * 1000 * 1000;
	uint32_t hosts = 10000;
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 'm': bytes = strtoul(optarg, NULL, 0) * 1000000; break;
		case 'h': hosts = (uint32_t)strtoul(optarg, NULL, 0); break;
		default: return 1;
		}
	}
	bulk("1 Gb/s, an interrupt per frame", "rate=1gbit,delay=1ms", bytes);
	bulk("10 Gb/s", "rate=10gbit,delay=100us", bytes);
	bulk("no limit, frames in batches", "delay=100us", bytes);
	bulk("1 Gb/s, large frames pass whole", "rate=1gbit,delay=1ms,offload",
	     bytes);
	if (hosts)
		many(hosts & ~1u);
	return 0;
}
