/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Many threads on one stack: each with a connection of its own, some waiting
 * in recv, some in epoll, one opening and closing connections all the time.
 * Run under TSan by `make test`.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <errno.h>
#include <cmocka.h>

#include "support/pair.h"

#define PORT	7100
#define ROUNDS	2000
#define THREADS	4

struct end {
	struct weir *w;
	int fd, failed;
	unsigned int rounds;
};

static void *ask(void *arg)
{
	struct end *e = arg;
	uint8_t out[300], in[300];
	unsigned int i;

	for (i = 0; i < e->rounds && !e->failed; i++) {
		size_t n = 1 + i % 300;

		stream_fill(out, n, i, 0);
		e->failed |= weir_send(e->w, e->fd, out, n, 0) != (ssize_t)n;
		e->failed |= weir_recv(e->w, e->fd, in, n, MSG_WAITALL) !=
			     (ssize_t)n || memcmp(in, out, n) != 0;
	}
	weir_shutdown(e->w, e->fd, SHUT_WR);
	return NULL;
}

static void *answer(void *arg)
{
	struct end *e = arg;
	uint8_t buf[300];
	ssize_t n;

	while ((n = weir_recv(e->w, e->fd, buf, sizeof(buf), 0)) > 0)
		e->failed |= weir_send(e->w, e->fd, buf, (size_t)n, 0) != n;
	e->failed |= n != 0;
	return NULL;
}

static void *answer_by_epoll(void *arg)
{
	struct end *e = arg;
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET };
	int ep = weir_epoll_create1(e->w, 0);
	uint8_t buf[300];
	ssize_t n = 1;

	weir_epoll_ctl(e->w, ep, EPOLL_CTL_ADD, e->fd, &ev);
	while (n) {
		weir_epoll_wait(e->w, ep, &ev, 1, -1);
		while ((n = weir_recv(e->w, e->fd, buf, sizeof(buf),
				      MSG_DONTWAIT)) > 0)
			e->failed |= weir_send(e->w, e->fd, buf, (size_t)n, 0)
				     != n;
		if (n < 0 && n != -EAGAIN)
			e->failed = 1;
		if (e->failed)
			break;
	}
	weir_close(e->w, ep);
	return NULL;
}

static void four_threads_share_each_stack(void **state)
{
	struct end ends[2 * THREADS];
	pthread_t t[2 * THREADS];
	struct pair p;
	int lfd, i, fd[2];

	pair_open(&p, "");
	lfd = pair_listen(p.b, PORT);
	for (i = 0; i < THREADS; i++) {
		pair_connect(p.a, p.b, &p.addr_b, PORT, lfd, fd);
		ends[i] = (struct end){ p.a, fd[0], 0, ROUNDS };
		ends[THREADS + i] = (struct end){ p.b, fd[1], 0, 0 };
	}
	for (i = 0; i < THREADS; i++) {
		pthread_create(&t[i], NULL, ask, &ends[i]);
		pthread_create(&t[THREADS + i], NULL,
			       i % 2 ? answer : answer_by_epoll,
			       &ends[THREADS + i]);
	}
	for (i = 0; i < 2 * THREADS; i++)
		pthread_join(t[i], NULL);
	for (i = 0; i < 2 * THREADS; i++)
		assert_int_equal(ends[i].failed, 0);
	pair_close(&p);
}

struct churn {
	struct pair *p;
	int lfd, failed;
};

static void *acceptor(void *arg)
{
	struct churn *c = arg;
	char buf[8];
	int i;

	for (i = 0; i < 300; i++) {
		int fd = weir_accept4(c->p->b, c->lfd, NULL, NULL, 0);

		c->failed |= fd < 0;
		c->failed |= weir_recv(c->p->b, fd, buf, 4, 0) != 4;
		weir_send(c->p->b, fd, buf, 4, 0);
		weir_close(c->p->b, fd);
	}
	return NULL;
}

static int one_connection(struct pair *p, const struct sockaddr_in *to)
{
	int fd = weir_socket(p->a, AF_INET, SOCK_STREAM, 0), bad;
	char buf[8];

	bad = weir_connect(p->a, fd, (const void *)to, sizeof(*to)) ||
	      weir_send(p->a, fd, "ping", 4, 0) != 4 ||
	      weir_recv(p->a, fd, buf, 4, 0) != 4 ||
	      weir_recv(p->a, fd, buf, 4, 0) != 0;
	weir_close(p->a, fd);
	return bad;
}

static void *connector(void *arg)
{
	struct churn *c = arg;
	struct sockaddr_in to = c->p->addr_b;
	int i;

	to.sin_port = htons(PORT + 1);
	for (i = 0; i < 100; i++)
		c->failed |= one_connection(c->p, &to);
	return NULL;
}

static void connections_come_and_go_from_three_threads(void **state)
{
	struct pair p;
	struct churn c[4];
	pthread_t t[4];
	int i;

	pair_open(&p, "");
	for (i = 0; i < 4; i++)
		c[i] = (struct churn){ &p, -1, 0 };
	c[0].lfd = pair_listen(p.b, PORT + 1);
	pthread_create(&t[0], NULL, acceptor, &c[0]);
	for (i = 1; i < 4; i++)
		pthread_create(&t[i], NULL, connector, &c[i]);
	for (i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	for (i = 0; i < 4; i++)
		assert_int_equal(c[i].failed, 0);
	pair_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(four_threads_share_each_stack),
		cmocka_unit_test(connections_come_and_go_from_three_threads),
	};

	return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
