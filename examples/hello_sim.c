/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two hosts in virtual time, one transfer: the smallest use of weir/sim.h.
 *
 *	cc hello_sim.c $(pkg-config --cflags --libs weir) && ./a.out
 *
 * The programs are plain C functions over sockets. They block where programs
 * block; the clock moves when nothing is left to do. Run it twice: same hash.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <weir/sim.h>

#define BYTES	(1 << 20)

static struct sockaddr_in address(const char *ip)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(80) };

	inet_pton(AF_INET, ip, &a.sin_addr);
	return a;
}

static int server(struct weir *h, void *arg)
{
	struct sockaddr_in at = address("10.0.0.2");
	int listener = weir_socket(h, AF_INET, SOCK_STREAM, 0), fd;
	long total = 0;
	char buf[8192];
	ssize_t n;

	weir_bind(h, listener, (struct sockaddr *)&at, sizeof(at));
	weir_listen(h, listener, 1);
	fd = weir_accept4(h, listener, NULL, NULL, 0);
	while ((n = weir_recv(h, fd, buf, sizeof(buf), 0)) > 0)
		total += n;
	*(long *)arg = total;
	return (int)n;
}

static int client(struct weir *h, void *arg)
{
	struct sockaddr_in to = address("10.0.0.2");
	int fd = weir_socket(h, AF_INET, SOCK_STREAM, 0);
	int err = weir_connect(h, fd, (struct sockaddr *)&to, sizeof(to));
	static const char block[8192];
	int sent;

	for (sent = 0; !err && sent < BYTES; sent += (int)sizeof(block))
		if (weir_send(h, fd, block, sizeof(block), 0) < 0)
			err = -1;
	weir_close(h, fd);
	return err;
}

int main(void)
{
	char err[256] = "";
	struct weir_sim *s = weir_sim_create(&(struct weir_sim_options){
						.seed = 7 }, err, sizeof(err));
	struct weir *a = weir_sim_host(s, "a", NULL, err, sizeof(err));
	struct weir *b = weir_sim_host(s, "b", NULL, err, sizeof(err));
	long got = 0;

	if (!weir_sim_link(s, a, b, "rate=10mbit,delay=20ms,queue=100", err,
			   sizeof(err)) ||
	    weir_addr_add(a, "eth0", "10.0.0.1/24", err, sizeof(err)) ||
	    weir_addr_add(b, "eth0", "10.0.0.2/24", err, sizeof(err))) {
		fprintf(stderr, "hello_sim: %s\n", err);
		return 1;
	}
	weir_sim_spawn(b, "server", server, &got);
	weir_sim_spawn(a, "client", client, NULL);
	if (weir_sim_run(s, WEIR_SIM_FOREVER) != WEIR_SIM_DONE)
		return 1;
	printf("%ld bytes in %lld us of virtual time, hash %016llx\n", got,
	       (long long)(weir_sim_now(s) - WEIR_SIM_START_NS) / 1000,
	       (unsigned long long)weir_sim_hash(s));
	return weir_sim_destroy(s) || got != BYTES;
}
