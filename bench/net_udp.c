/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * udp: 64-byte datagrams one way, counted where they arrive. Of gso=N each send
 * is N datagrams that the stack or the device cuts apart (UDP_SEGMENT). The
 * server receives them one by one or, with gro=1, as many at once as the
 * stack has put together (UDP_GRO). The first byte says what one is:
 *
 *	'h'	hello: count from 0		'd'	data
 *	'q'	the client has ended		'e'	end: it knows the count
 *
 * A question is asked until it is answered; the answer repeats its number.
 */
#include "net.h"

#include <errno.h>
#include <netinet/udp.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT	103
#define UDP_GRO		104
#endif
#ifndef SOL_UDP
#define SOL_UDP		17
#endif

#define ROOM		65536	/* of a receive, with UDP_GRO */

struct word {
	char what;
	uint32_t number;
	uint64_t count;
};

static void patience(int fd, long us)
{
	struct timeval t = { us / 1000000, us % 1000000 };

	net_setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
}

/* Datagrams of data among `n` bytes; what is something else is left in *w. */
static uint64_t take(const char *buf, size_t n, struct word *w)
{
	uint64_t count = 0;
	size_t i;

	for (i = 0; i + MSG <= n; i += MSG) {
		if (buf[i] == 'd')
			count++;
		else
			memcpy(w, buf + i, sizeof(*w));
	}
	return count;
}

static int server_socket(const struct args *a)
{
	int fd = must("socket", net_socket(SOCK_DGRAM)), size = 4 << 20, on = 1;

	net_setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	patience(fd, 20000000);
	if (a->gro)
		must("UDP_GRO", net_setsockopt(fd, SOL_UDP, UDP_GRO, &on,
					       sizeof(on)));
	must("bind", net_bind(fd, &a->addr));
	return fd;
}

void udp_server(const struct args *a, struct result *r)
{
	size_t room = a->gro ? ROOM : MSG;
	char *buf = malloc(room);
	int fd = server_socket(a);
	struct sockaddr_in from;
	uint64_t count = 0;
	ssize_t n;

	while ((n = net_recvfrom(fd, buf, room, &from)) > 0) {
		struct word w = { 0 };

		count += take(buf, (size_t)n, &w);
		if (!w.what)
			continue;
		if (w.what == 'h') {
			count = 0;
			r->cpu = -cpu_seconds();
		}
		if (w.what == 'e')
			break;
		w.count = count;
		net_sendto(fd, &w, sizeof(w), &from);
	}
	r->cpu += cpu_seconds();	/* or nobody came for a long time */
	free(buf);
}

/* The count at the other end. */
static uint64_t ask(int fd, char what, uint32_t number)
{
	struct word q = { .what = what, .number = number }, answer;
	char buf[MSG] = "";
	int tries;

	memcpy(buf, &q, sizeof(q));
	patience(fd, 100000);
	for (tries = 0; tries < 100; tries++) {
		net_send(fd, buf, MSG, 0);
		while (net_recv(fd, &answer, sizeof(answer), 0) ==
		       sizeof(answer))
			if (answer.number == number)
				return answer.count;
		usleep(10000);
	}
	die("the server's answer", -ETIMEDOUT);
}

void udp_client(const struct args *a, struct result *r)
{
	int fd = must("socket", net_socket(SOCK_DGRAM)), segment = MSG, i;
	size_t len = (size_t)a->gso * MSG;
	char *buf = calloc((size_t)a->gso, MSG), end_word[MSG] = "e";
	double start, end, cpu;

	for (i = 0; i < a->gso; i++)
		buf[i * MSG] = 'd';
	must("connect", net_connect(fd, &a->addr));
	ask(fd, 'h', 1);
	if (a->gso > 1)
		must("UDP_SEGMENT", net_setsockopt(fd, SOL_UDP, UDP_SEGMENT,
						   &segment, sizeof(segment)));
	start = now();
	cpu = cpu_seconds();
	end = start + a->seconds;
	do {
		for (i = 0; i < 64; i++)
			net_send(fd, buf, len, 0);
	} while (now() < end);
	end = now();
	r->cpu = cpu_seconds() - cpu;
	r->rate = (double)ask(fd, 'q', 2) / (end - start);
	for (i = 0; i < 3; i++)
		net_send(fd, end_word, MSG, 0);
	free(buf);
}
