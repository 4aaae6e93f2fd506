/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory fails at any moment: the n-th allocation, for each n, while two
 * stacks connect, talk, and close. Calls may fail, connections may break, but
 * nothing crashes, nothing leaks, and once there is memory again all works.
 */
#include "tests/support/world.h"

#include "base/slab.h"

#define PORT 80

struct run {
	struct world w;
	u64 nth;
	bool failed;			/* the allocation was reached */
};

static void arm(struct run *r)
{
	slab_fail_nth(r->w.m->depot, r->nth);
}

static bool disarm(struct run *r)
{
	u64 left = slab_fail_nth(r->w.m->depot, 0);

	r->failed |= !left;
	return r->failed;
}

static void close_if(struct host *h, int fd)
{
	if (fd >= 0)
		host_close(h, fd);
}

/* The scenario: whatever fails is given up. */
static void talk(struct world *w, int lfd)
{
	struct sockaddr_in to = sa(HOST_B, PORT);
	static char buf[20000];
	int c = sys_socket(w->a.net, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	int ep = sys_epoll_create1(w->b.net, 0), s = -1;
	struct epoll_event ev = { .events = EPOLLIN };

	if (c >= 0)
		sys_connect(w->a.net, c, (struct sockaddr *)&to, sizeof(to));
	world_pass(w, 5 * MSEC);
	if (lfd >= 0)
		s = sys_accept4(w->b.net, lfd, NULL, NULL, SOCK_NONBLOCK);
	if (s >= 0 && ep >= 0)
		sys_epoll_ctl(w->b.net, ep, EPOLL_CTL_ADD, s, &ev);
	if (c >= 0)
		host_send(&w->a, c, buf, 20000);
	world_pass(w, 10 * MSEC);
	if (ep >= 0)
		sys_epoll_wait(w->b.net, ep, &ev, 1, 0, NULL);
	if (s >= 0) {
		host_recv(&w->b, s, buf, 10000);
		host_send(&w->b, s, buf, 3000);
	}
	world_pass(w, 10 * MSEC);
	close_if(&w->a, c);
	world_pass(w, 5 * MSEC);
	close_if(&w->b, s);
	close_if(&w->b, ep);
	world_pass(w, 5 * MSEC);
}

static void datagrams(struct world *w)
{
	int a = sys_socket(w->a.net, AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	int b = sys_socket(w->b.net, AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	struct sockaddr_in to = sa(HOST_B, 9);
	static char buf[5000];

	if (b >= 0)
		host_bind(&w->b, b, 0, 9);
	if (a >= 0)
		sys_sendto(w->a.net, a, buf, sizeof(buf), 0,
			   (struct sockaddr *)&to, sizeof(to));
	world_pass(w, 5 * MSEC);
	if (b >= 0)
		host_recv(&w->b, b, buf, sizeof(buf));
	close_if(&w->a, a);
	close_if(&w->b, b);
}

static void all_is_well_now(struct world *w)
{
	char buf[8];
	int fd[2];

	world_connect(w, PORT + 1, fd);
	assert_int_equal(host_send(&w->a, fd[0], "hello", 5), 5);
	world_pass(w, 5 * SEC);		/* the link may lose it */
	assert_int_equal(host_recv(&w->b, fd[1], buf, 8), 5);
	host_close(&w->a, fd[0]);
	host_close(&w->b, fd[1]);
}

static bool run_once(u64 nth, bool tcp, bool impaired)
{
	struct run *r = calloc(1, sizeof(*r));
	struct world_params p = { .impair.loss_ppm = impaired ? 50000 : 0 };
	bool failed;
	int lfd;

	r->nth = nth;
	world_open(&r->w, &p);
	lfd = host_listen(&r->w.b, PORT, 5);
	arm(r);
	if (tcp)
		talk(&r->w, lfd);
	else
		datagrams(&r->w);
	failed = disarm(r);
	world_pass(&r->w, 200 * SEC);
	all_is_well_now(&r->w);
	world_pass(&r->w, 200 * SEC);
	world_close(&r->w);
	free(r);
	return failed;
}

static void a_tcp_conversation_survives_each_failed_allocation(void **state)
{
	u64 n = 1;

	while (run_once(n, true, false))
		n++;
	assert_in_range(n, 50, 5000);
}

static void a_lossy_conversation_survives_each_failed_allocation(void **state)
{
	u64 n = 1;

	while (run_once(n, true, true))
		n++;
	assert_in_range(n, 50, 5000);
}

static void datagrams_survive_each_failed_allocation(void **state)
{
	u64 n = 1;

	while (run_once(n, false, false))
		n++;
	assert_in_range(n, 10, 1000);
}

static void a_stack_that_cannot_start_leaves_nothing_behind(void **state)
{
	struct fake_platform *fp = fake_platform_create(1);
	struct machine *m = fake_machine(fp);
	const char *failed = NULL;
	struct net *net;
	u64 n = 1;
	int err;

	assert_int_equal(net_dev_init(m), 0);
	do {
		slab_fail_nth(m->depot, n++);
		err = stack_init(m, "x", &net, &failed);
		assert_true(err == 0 || err == -ENOMEM);
		assert_non_null(failed);
		slab_fail_nth(m->depot, 0);
	} while (err);
	stack_exit(net);
	assert_in_range(n, 20, 5000);
	net_dev_exit(m);
	assert_int_equal(fake_platform_destroy(fp), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stack_that_cannot_start_leaves_nothing_behind),
		cmocka_unit_test(datagrams_survive_each_failed_allocation),
		cmocka_unit_test(a_tcp_conversation_survives_each_failed_allocation),
		cmocka_unit_test(a_lossy_conversation_survives_each_failed_allocation),
	};

	return cmocka_run_group_tests_name("no memory", tests, NULL, NULL);
}
