/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Faults on demand, written as a plain sequence: calls from outside of tasks
 * that block run the world until they are done. Exactly the third and the
 * fourth frame of a transfer are lost, then the link is cut for a second, then
 * an allocation fails; each time what TCP made of it is looked at.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <weir/sim.h>

static struct weir_sim *s;
static struct weir *a, *b;

/* Tcp's RetransSegs of a, so far: the 12th number of its line. */
static long retransmitted(void)
{
	char text[8192], *line;
	long n = -1;

	weir_view(a, "net/snmp", text, sizeof(text));
	line = strstr(text, "\nTcp: RtoAlgorithm");
	line = line ? strstr(line + 1, "\nTcp: ") : NULL;
	if (line)
		sscanf(line, "\nTcp: %*d %*d %*d %*d %*d %*d %*d %*d %*d %*d "
		       "%*d %ld", &n);
	return n;
}

/* A connection from a to b: both ends' descriptors. */
static int connect_both(int *here, int *there)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(80) };
	int listener = weir_socket(b, AF_INET, SOCK_STREAM, 0), err;

	inet_pton(AF_INET, "10.0.0.2", &to.sin_addr);
	weir_bind(b, listener, (struct sockaddr *)&to, sizeof(to));
	weir_listen(b, listener, 1);
	*here = weir_socket(a, AF_INET, SOCK_STREAM, 0);
	err = weir_connect(a, *here, (struct sockaddr *)&to, sizeof(to));
	*there = weir_accept4(b, listener, NULL, NULL, 0);
	return err;
}

/* 64 KiB from a to b; how many ms they took. */
static long transfer(int here, int there)
{
	static char buf[65536];
	int64_t start = weir_sim_now(s);
	size_t got = 0;
	ssize_t n = weir_send(a, here, buf, sizeof(buf), 0);

	while (n > 0 && got < sizeof(buf)) {
		n = weir_recv(b, there, buf, sizeof(buf), 0);
		got += n > 0 ? (size_t)n : 0;
	}
	return n > 0 ? (long)((weir_sim_now(s) - start) / 1000000) : -1;
}

static void heal(void *link)
{
	weir_sim_link_set(link, -1, "heal", NULL, 0);
}

int main(void)
{
	struct weir_sim_link *l;
	int here, there, err;

	s = weir_sim_create(NULL, NULL, 0);
	a = weir_sim_host(s, "a", NULL, NULL, 0);
	b = weir_sim_host(s, "b", NULL, NULL, 0);
	l = weir_sim_link(s, a, b, "rate=100mbit,delay=10ms", NULL, 0);
	weir_addr_add(a, "eth0", "10.0.0.1/24", NULL, 0);
	weir_addr_add(b, "eth0", "10.0.0.2/24", NULL, 0);
	if (connect_both(&here, &there))
		return 1;
	printf("undisturbed      %5ld ms\n", transfer(here, there));
	weir_sim_link_set(l, 0, "mask=0xc", NULL, 0);
	printf("two frames lost  %5ld ms, ", transfer(here, there));
	printf("%ld segments sent again\n", retransmitted());
	weir_sim_link_set(l, -1, "cut", NULL, 0);
	weir_sim_at(s, weir_sim_now(s) + 1000000000, heal, l);
	printf("cut for 1 s      %5ld ms, ", transfer(here, there));
	printf("%ld segments sent again\n", retransmitted());
	weir_sim_fail_alloc(s, 1);
	err = weir_socket(a, AF_INET, SOCK_STREAM, 0);
	printf("no memory        %s\n", strerror(err < 0 ? -err : 0));
	return weir_sim_destroy(s) != 0 || err != -ENOMEM;
}
