/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Datagrams between two stacks with many threads on the same sockets: senders
 * share one, readers share one, and all the while sockets are connected,
 * moved and closed under them. Run under TSan by `make test`.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/time.h>

#include "support/pair.h"

#define PORT	7300
#define THREADS	3
#define EACH	2000

struct job {
	struct weir *w;
	int fd;
	struct sockaddr_in to;
	atomic_uint *count;
	atomic_bool *stop;
};

static void *send_many(void *arg)
{
	struct job *j = arg;
	char msg[64] = "datagram";

	for (int i = 0; i < EACH; i++)
		if (weir_sendto(j->w, j->fd, msg, sizeof(msg), 0,
				(struct sockaddr *)&j->to, sizeof(j->to)) == 64)
			atomic_fetch_add(j->count, 1);
	return NULL;
}

static void *recv_many(void *arg)
{
	struct job *j = arg;
	char buf[100];

	while (!atomic_load(j->stop)) {
		ssize_t n = weir_recv(j->w, j->fd, buf, sizeof(buf), 0);

		if (n == 64 && !memcmp(buf, "datagram", 8))
			atomic_fetch_add(j->count, 1);
	}
	return NULL;
}

/* Connects and disconnects sockets of the sending stack. */
static void *move_about(void *arg)
{
	struct job *j = arg;
	struct sockaddr un = { .sa_family = AF_UNSPEC };
	char c = 'x';

	while (!atomic_load(j->stop)) {
		int fd = weir_socket(j->w, AF_INET, SOCK_DGRAM, 0);

		weir_connect(j->w, fd, (struct sockaddr *)&j->to, sizeof(j->to));
		weir_send(j->w, fd, &c, 1, 0);
		weir_connect(j->w, fd, &un, sizeof(un));
		weir_connect(j->w, j->fd, (struct sockaddr *)&j->to,
			     sizeof(j->to));
		weir_close(j->w, fd);
	}
	return NULL;
}

static int bound(struct weir *w, uint16_t port)
{
	struct sockaddr_in any = { .sin_family = AF_INET,
				   .sin_port = htons(port) };
	struct timeval tv = { .tv_usec = 200000 };
	int fd = weir_socket(w, AF_INET, SOCK_DGRAM, 0), big = 4 << 20;

	assert_true(fd >= 0);
	assert_int_equal(weir_bind(w, fd, (struct sockaddr *)&any, sizeof(any)),
			 0);
	weir_setsockopt(w, fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	weir_setsockopt(w, fd, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof(big));
	return fd;
}

static void threads_share_sockets_that_move(void **state)
{
	atomic_uint sent = 0, got = 0;
	atomic_bool stop = false;
	pthread_t tx[THREADS], rx[THREADS], mover;
	struct pair p;
	struct job a, b;

	pair_open(&p, "");
	a = (struct job){ p.a, weir_socket(p.a, AF_INET, SOCK_DGRAM, 0),
			  p.addr_b, &sent, &stop };
	a.to.sin_port = htons(PORT);
	b = (struct job){ p.b, bound(p.b, PORT), p.addr_a, &got, &stop };
	for (int i = 0; i < THREADS; i++)
		pthread_create(&rx[i], NULL, recv_many, &b);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&tx[i], NULL, send_many, &a);
	pthread_create(&mover, NULL, move_about, &a);
	for (int i = 0; i < THREADS; i++)
		pthread_join(tx[i], NULL);
	for (int i = 0; i < 100 && atomic_load(&got) < atomic_load(&sent); i++)
		poll(NULL, 0, 20);
	atomic_store(&stop, true);
	pthread_join(mover, NULL);
	for (int i = 0; i < THREADS; i++)
		pthread_join(rx[i], NULL);
	assert_int_equal(atomic_load(&sent), THREADS * EACH);
	/* Datagrams may be lost to full rings and queues, how many is a matter
	 * of the machine's load; none comes twice. */
	assert_in_range(atomic_load(&got), 1, THREADS * EACH);
	weir_close(p.a, a.fd);
	weir_close(p.b, b.fd);
	pair_close(&p);
}

static void *flood(void *arg)
{
	struct job *j = arg;
	char msg[64] = "datagram";

	while (!atomic_load(j->stop))
		weir_sendto(j->w, j->fd, msg, sizeof(msg), MSG_DONTWAIT,
			    (struct sockaddr *)&j->to, sizeof(j->to));
	return NULL;
}

static void sockets_close_while_datagrams_come(void **state)
{
	atomic_bool stop = false;
	atomic_uint n = 0;
	struct pair p;
	struct job a;
	pthread_t t;
	char buf[100];

	pair_open(&p, "");
	a = (struct job){ p.a, weir_socket(p.a, AF_INET, SOCK_DGRAM, 0),
			  p.addr_b, &n, &stop };
	a.to.sin_port = htons(PORT);
	pthread_create(&t, NULL, flood, &a);
	for (int i = 0; i < 200; i++) {
		int fd = bound(p.b, PORT);

		weir_recv(p.b, fd, buf, sizeof(buf), MSG_DONTWAIT);
		weir_recv(p.b, fd, buf, sizeof(buf), MSG_DONTWAIT);
		weir_close(p.b, fd);
	}
	atomic_store(&stop, true);
	pthread_join(t, NULL);
	weir_close(p.a, a.fd);
	pair_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_share_sockets_that_move),
		cmocka_unit_test(sockets_close_while_datagrams_come),
	};

	return cmocka_run_group_tests_name("udp_threads", tests, NULL, NULL);
}
