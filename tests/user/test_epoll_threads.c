/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One epoll set and many threads, in real time: nothing is lost, nothing is
 * reported twice, and sets, items and files may come and go meanwhile.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/pair.h"

#define PORT	7500
#define SOCKETS	8
#define READERS	4
#define TOTAL	2000

struct many {
	struct weir *w;
	int ep, fd[SOCKETS], sender;
	uint32_t how;
	unsigned int got, stop;		/* atomic */
};

static struct sockaddr_in local(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port) };

	a.sin_addr.s_addr = htonl(0x7f000001);
	return a;
}

static int bound(struct weir *w, int port)
{
	struct sockaddr_in a = local(port);
	int fd = weir_socket(w, AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	assert_int_equal(weir_bind(w, fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static void watch(struct many *m, int op, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN | m->how, .data.fd = fd };

	assert_int_equal(weir_epoll_ctl(m->w, m->ep, op, fd, &ev), 0);
}

static void send_one(struct many *m, int port)
{
	struct sockaddr_in to = local(port);

	while (weir_sendto(m->w, m->sender, "x", 1, 0, (struct sockaddr *)&to,
			   sizeof(to)) != 1)
		sched_yield();
}

static void open_many(struct many *m, uint32_t how)
{
	char err[256] = "";
	int i;

	memset(m, 0, sizeof(*m));
	m->how = how;
	m->w = weir_create(NULL, err, sizeof(err));
	if (!m->w)
		fail_msg("%s", err);
	m->ep = weir_epoll_create1(m->w, 0);
	m->sender = weir_socket(m->w, AF_INET, SOCK_DGRAM, 0);
	for (i = 0; i < SOCKETS; i++) {
		m->fd[i] = bound(m->w, PORT + i);
		watch(m, EPOLL_CTL_ADD, m->fd[i]);
	}
}

/* Reads until TOTAL came, all threads together. */
static void *read_events(void *arg)
{
	struct many *m = arg;
	struct epoll_event ev[3];
	int i, n;
	char c;

	while (__atomic_load_n(&m->got, __ATOMIC_SEQ_CST) < TOTAL) {
		n = weir_epoll_wait(m->w, m->ep, ev, 3, 50);
		for (i = 0; i < n; i++) {
			while (weir_recv(m->w, ev[i].data.fd, &c, 1, 0) == 1)
				__atomic_fetch_add(&m->got, 1, __ATOMIC_SEQ_CST);
			if (m->how & EPOLLONESHOT)
				watch(m, EPOLL_CTL_MOD, ev[i].data.fd);
		}
	}
	return NULL;
}

static void share_a_set(uint32_t how)
{
	pthread_t t[READERS];
	struct many m;
	unsigned int i;

	open_many(&m, how);
	for (i = 0; i < READERS; i++)
		pthread_create(&t[i], NULL, read_events, &m);
	for (i = 0; i < TOTAL; i++) {
		send_one(&m, PORT + (int)(i * 7 % SOCKETS));
		while (i - __atomic_load_n(&m.got, __ATOMIC_SEQ_CST) + 1 > 64)
			sched_yield();	/* the receive buffers are small */
	}
	for (i = 0; i < READERS; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(m.got, TOTAL);
	weir_destroy(m.w);
}

static void threads_share_a_level_triggered_set(void **state)
{
	share_a_set(0);
}

static void threads_share_an_edge_triggered_set(void **state)
{
	share_a_set(EPOLLET);
}

static void threads_share_a_oneshot_set(void **state)
{
	share_a_set(EPOLLONESHOT);
}

static void *wait_all_the_time(void *arg)
{
	struct many *m = arg;
	struct epoll_event ev[4];

	while (!__atomic_load_n(&m->stop, __ATOMIC_SEQ_CST))
		weir_epoll_wait(m->w, m->ep, ev, 4, 1);
	return NULL;
}

static void *send_all_the_time(void *arg)
{
	struct many *m = arg;
	int i = 0;

	while (!__atomic_load_n(&m->stop, __ATOMIC_SEQ_CST))
		send_one(m, PORT + SOCKETS + i++ % 2);
	return NULL;
}

static void items_come_and_go_while_threads_wait_and_data_comes(void **state)
{
	struct many m;
	pthread_t t[3];
	int i, fd, inner;

	open_many(&m, 0);
	pthread_create(&t[0], NULL, wait_all_the_time, &m);
	pthread_create(&t[1], NULL, wait_all_the_time, &m);
	pthread_create(&t[2], NULL, send_all_the_time, &m);
	for (i = 0; i < 300; i++) {
		struct epoll_event ev = { .events = EPOLLIN };

		fd = bound(m.w, PORT + SOCKETS + i % 2);
		watch(&m, EPOLL_CTL_ADD, fd);
		inner = weir_epoll_create1(m.w, 0);
		watch(&m, EPOLL_CTL_ADD, inner);
		assert_int_equal(weir_epoll_ctl(m.w, inner, EPOLL_CTL_ADD, fd,
						&ev), 0);
		watch(&m, EPOLL_CTL_MOD, fd);
		if (i % 3 == 0)
			watch(&m, EPOLL_CTL_DEL, fd);
		if (i % 2)
			weir_close(m.w, inner);
		weir_close(m.w, fd);
		if (i % 2 == 0)
			weir_close(m.w, inner);
	}
	__atomic_store_n(&m.stop, 1, __ATOMIC_SEQ_CST);
	for (i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	weir_destroy(m.w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_share_a_level_triggered_set),
		cmocka_unit_test(threads_share_an_edge_triggered_set),
		cmocka_unit_test(threads_share_a_oneshot_set),
		cmocka_unit_test(items_come_and_go_while_threads_wait_and_data_comes),
	};

	return cmocka_run_group_tests_name("epoll and threads", tests, NULL,
					   NULL);
}
