/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting for sockets: poll, select, epoll in all its modes. */
#include "tests/support/world.h"

#define N	8

struct setup {
	struct world w;
	struct host *a;
	int fd[2];			/* connected datagram sockets of a */
};

static int udp_pair_end(struct host *h, u16 port, u16 to)
{
	int fd = host_socket(h, SOCK_DGRAM | SOCK_NONBLOCK);

	assert_int_equal(host_bind(h, fd, 0x7f000001, port), 0);
	assert_int_equal(host_connect(h, fd, 0x7f000001, to), 0);
	return fd;
}

static int setup(void **state)
{
	struct setup *s = malloc(sizeof(*s));

	world_open(&s->w, NULL);
	s->a = &s->w.a;
	s->fd[0] = udp_pair_end(s->a, 1000, 1001);
	s->fd[1] = udp_pair_end(s->a, 1001, 1000);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct setup *s = *state;

	world_close(&s->w);
	free(s);
	return 0;
}

static void tell(void *arg)
{
	struct setup *s = arg;

	assert_int_equal(host_send(s->a, s->fd[0], "x", 1), 1);
}

static void hear(struct setup *s)
{
	char c;

	assert_int_equal(host_recv(s->a, s->fd[1], &c, 1), 1);
}

static int ep_new(struct setup *s)
{
	int ep = sys_epoll_create1(s->a->net, 0);

	assert_true(ep >= 0);
	return ep;
}

static int ep_ctl(struct setup *s, int ep, int op, int fd, u32 events)
{
	struct epoll_event ev = { .events = events, .data.u32 = (u32)fd };

	return sys_epoll_ctl(s->a->net, ep, op, fd, &ev);
}

static int ep_wait(struct setup *s, int ep, struct epoll_event *ev, ktime_t t)
{
	return sys_epoll_wait(s->a->net, ep, ev, N, t, NULL);
}

/* Number of events ready now; the first one's bits. */
static int ep_now(struct setup *s, int ep, u32 *events)
{
	struct epoll_event ev[N];
	int n = ep_wait(s, ep, ev, 0);

	if (n > 0 && events)
		*events = ev[0].events;
	return n;
}

/* --- poll and select ------------------------------------------------------------------ */

static void poll_sleeps_until_something_is_ready(void **state)
{
	struct setup *s = *state;
	struct pollfd p[2] = { { .fd = s->fd[0], .events = POLLIN },
			       { .fd = s->fd[1], .events = POLLIN } };
	ktime_t start = world_now(&s->w);

	fake_at(s->w.fp, 7 * MSEC, tell, s);
	assert_int_equal(sys_poll(s->a->net, p, 2, SEC, NULL), 1);
	assert_int_equal(p[0].revents, 0);
	assert_int_equal(p[1].revents, POLLIN);
	assert_int_equal((world_now(&s->w) - start) / MSEC, 7);
}

static void poll_times_out_and_ignores_negative_descriptors(void **state)
{
	struct setup *s = *state;
	struct pollfd p[2] = { { .fd = -1, .events = POLLIN, .revents = 5 },
			       { .fd = s->fd[1], .events = POLLIN } };
	ktime_t start = world_now(&s->w);

	assert_int_equal(sys_poll(s->a->net, p, 2, 50 * MSEC, NULL), 0);
	assert_int_equal((world_now(&s->w) - start) / MSEC, 50);
	assert_int_equal(p[0].revents, 0);
	p[0].fd = 500;
	assert_int_equal(sys_poll(s->a->net, p, 1, 0, NULL), 1);
	assert_int_equal(p[0].revents, POLLNVAL);
}

static void a_signal_ends_poll(void **state)
{
	struct setup *s = *state;
	struct pollfd p = { .fd = s->fd[1], .events = POLLIN };

	fake_signal(s->w.fp);
	assert_int_equal(sys_poll(s->a->net, &p, 1, KTIME_MAX, NULL), -EINTR);
}

static void select_says_which_and_how_much_time_is_left(void **state)
{
	struct setup *s = *state;
	ktime_t left = 100 * MSEC;
	fd_set r, w;

	FD_ZERO(&r);
	FD_ZERO(&w);
	FD_SET(s->fd[0], &r);
	FD_SET(s->fd[1], &r);
	fake_at(s->w.fp, 30 * MSEC, tell, s);
	assert_int_equal(sys_select(s->a->net, s->fd[1] + 1, &r, NULL, NULL,
				    &left, NULL), 1);
	assert_false(FD_ISSET(s->fd[0], &r));
	assert_true(FD_ISSET(s->fd[1], &r));
	assert_int_equal(left / MSEC, 70);
	FD_SET(s->fd[0], &w);
	FD_SET(s->fd[0], &r);
	left = 0;
	assert_int_equal(sys_select(s->a->net, s->fd[1] + 1, &r, &w, NULL, &left,
				    NULL), 2);
	assert_true(FD_ISSET(s->fd[1], &r) && FD_ISSET(s->fd[0], &w));
	FD_SET(60, &r);
	assert_int_equal(sys_select(s->a->net, 61, &r, NULL, NULL, &left, NULL),
			 -EBADF);
}

/* --- epoll ------------------------------------------------------------------------------ */

static void level_triggered_says_it_until_it_is_read(void **state)
{
	struct setup *s = *state;
	int ep = ep_new(s);
	u32 got = 0;

	assert_int_equal(ep_ctl(s, ep, EPOLL_CTL_ADD, s->fd[1], EPOLLIN), 0);
	assert_int_equal(ep_now(s, ep, NULL), 0);
	tell(s);
	for (int i = 0; i < 3; i++)
		assert_int_equal(ep_now(s, ep, &got), 1);
	assert_int_equal(got, EPOLLIN);
	hear(s);
	assert_int_equal(ep_now(s, ep, NULL), 0);
}

static void edge_triggered_says_it_once_per_arrival(void **state)
{
	struct setup *s = *state;
	int ep = ep_new(s);

	ep_ctl(s, ep, EPOLL_CTL_ADD, s->fd[1], EPOLLIN | EPOLLET);
	tell(s);
	assert_int_equal(ep_now(s, ep, NULL), 1);
	assert_int_equal(ep_now(s, ep, NULL), 0);
	tell(s);			/* unread data, a new arrival */
	assert_int_equal(ep_now(s, ep, NULL), 1);
	assert_int_equal(ep_now(s, ep, NULL), 0);
	hear(s);
	assert_int_equal(ep_now(s, ep, NULL), 0);
}

static void what_is_ready_when_added_is_said_also_edge_triggered(void **state)
{
	struct setup *s = *state;
	int ep = ep_new(s);

	tell(s);
	ep_ctl(s, ep, EPOLL_CTL_ADD, s->fd[1], EPOLLIN | EPOLLET);
	assert_int_equal(ep_now(s, ep, NULL), 1);
	assert_int_equal(ep_now(s, ep, NULL), 0);
	/* changing it looks again */
	ep_ctl(s, ep, EPOLL_CTL_MOD, s->fd[1], EPOLLIN | EPOLLET);
	assert_int_equal(ep_now(s, ep, NULL), 1);
}

static void oneshot_is_silent_until_armed_again(void **state)
{
	struct setup *s = *state;
	int ep = ep_new(s);

	ep_ctl(s, ep, EPOLL_CTL_ADD, s->fd[1], EPOLLIN | EPOLLONESHOT);
	tell(s);
	assert_int_equal(ep_now(s, ep, NULL), 1);
	tell(s);
	assert_int_equal(ep_now(s, ep, NULL), 0);
	ep_ctl(s, ep, EPOLL_CTL_MOD, s->fd[1], EPOLLIN | EPOLLONESHOT);
	assert_int_equal(ep_now(s, ep, NULL), 1);
	assert_int_equal(ep_now(s, ep, NULL), 0);
}

static void epoll_wait_sleeps_until_the_event_or_the_timeout(void **state)
{
	struct setup *s = *state;
	int ep = ep_new(s);
	struct epoll_event ev[N];
	ktime_t start = world_now(&s->w);

	ep_ctl(s, ep, EPOLL_CTL_ADD, s->fd[1], EPOLLIN);
	assert_int_equal(ep_wait(s, ep, ev, 20 * MSEC), 0);
	assert_int_equal((world_now(&s->w) - start) / MSEC, 20);
	fake_at(s->w.fp, 5 * MSEC, tell, s);
	assert_int_equal(ep_wait(s, ep, ev, KTIME_MAX), 1);
	assert_int_equal(ev[0].data.u32, s->fd[1]);
	assert_int_equal((world_now(&s->w) - start) / MSEC, 25);
}

static void errors_of_epoll_ctl(void **state)
{
	struct setup *s = *state;
	int ep = ep_new(s);

	assert_int_equal(ep_ctl(s, ep, EPOLL_CTL_ADD, s->fd[1], EPOLLIN), 0);
	assert_int_equal(ep_ctl(s, ep, EPOLL_CTL_ADD, s->fd[1], EPOLLIN),
			 -EEXIST);
	assert_int_equal(ep_ctl(s, ep, EPOLL_CTL_MOD, s->fd[0], EPOLLIN),
			 -ENOENT);
	assert_int_equal(ep_ctl(s, ep, EPOLL_CTL_DEL, s->fd[0], 0), -ENOENT);
	assert_int_equal(ep_ctl(s, ep, EPOLL_CTL_ADD, ep, EPOLLIN), -EINVAL);
	assert_int_equal(ep_ctl(s, s->fd[0], EPOLL_CTL_ADD, s->fd[1], EPOLLIN),
			 -EINVAL);
	assert_int_equal(ep_ctl(s, ep, EPOLL_CTL_ADD, 300, EPOLLIN), -EBADF);
	assert_int_equal(sys_epoll_wait(s->a->net, ep, NULL, 0, 0, NULL),
			 -EINVAL);
	assert_int_equal(ep_ctl(s, ep, EPOLL_CTL_MOD, s->fd[1],
				EPOLLIN | EPOLLEXCLUSIVE), -EINVAL);
	assert_int_equal(ep_ctl(s, ep, EPOLL_CTL_ADD, s->fd[0],
				EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT),
			 -EINVAL);
}

static void a_set_in_a_set_passes_readiness_up(void **state)
{
	struct setup *s = *state;
	int in = ep_new(s), out = ep_new(s);
	struct epoll_event ev[N];

	ep_ctl(s, in, EPOLL_CTL_ADD, s->fd[1], EPOLLIN);
	assert_int_equal(ep_ctl(s, out, EPOLL_CTL_ADD, in, EPOLLIN), 0);
	assert_int_equal(ep_ctl(s, in, EPOLL_CTL_ADD, out, EPOLLIN), -ELOOP);
	assert_int_equal(ep_now(s, out, NULL), 0);
	fake_at(s->w.fp, 5 * MSEC, tell, s);
	assert_int_equal(ep_wait(s, out, ev, SEC), 1);
	assert_int_equal(ev[0].data.u32, in);
	assert_true(host_poll(s->a, in) & EPOLLIN);
	assert_int_equal(ep_now(s, in, NULL), 1);
	hear(s);
	assert_int_equal(ep_now(s, out, NULL), 0);
	assert_int_equal(host_poll(s->a, in) & EPOLLIN, 0);
}

static void sets_nest_five_deep_and_no_deeper(void **state)
{
	struct setup *s = *state;
	int ep[7];

	for (int i = 0; i < 7; i++)
		ep[i] = ep_new(s);
	ep_ctl(s, ep[0], EPOLL_CTL_ADD, s->fd[1], EPOLLIN);
	for (int i = 1; i < 5; i++)
		assert_int_equal(ep_ctl(s, ep[i], EPOLL_CTL_ADD, ep[i - 1],
					EPOLLIN), 0);
	assert_int_equal(ep_ctl(s, ep[5], EPOLL_CTL_ADD, ep[4], EPOLLIN),
			 -ELOOP);
	tell(s);
	assert_int_equal(ep_now(s, ep[4], NULL), 1);
}

static void closing_a_descriptor_takes_it_out_of_the_set(void **state)
{
	struct setup *s = *state;
	int ep = ep_new(s), copy;

	ep_ctl(s, ep, EPOLL_CTL_ADD, s->fd[1], EPOLLIN);
	copy = sys_dup(s->a->net, s->fd[1], 0, false);
	assert_true(copy >= 0);
	tell(s);
	host_close(s->a, s->fd[1]);
	assert_int_equal(ep_now(s, ep, NULL), 1);	/* the copy lives */
	host_close(s->a, copy);
	assert_int_equal(ep_now(s, ep, NULL), 0);
}

static void many_ready_take_turns(void **state)
{
	struct setup *s = *state;
	struct epoll_event ev[2];
	u32 seen = 0;
	int ep = ep_new(s), fd[6];

	for (int i = 0; i < 6; i++) {
		fd[i] = host_socket(s->a, SOCK_DGRAM);
		ep_ctl(s, ep, EPOLL_CTL_ADD, fd[i], EPOLLOUT);
	}
	for (int i = 0; i < 3; i++) {
		assert_int_equal(sys_epoll_wait(s->a->net, ep, ev, 2, 0, NULL),
				 2);
		seen |= 1u << ev[0].data.u32 | 1u << ev[1].data.u32;
	}
	for (int i = 0; i < 6; i++)
		assert_true(seen & 1u << fd[i]);
}

struct second_waiter {
	struct setup *s;
	int ep, got;
};

static void wait_too(void *arg)
{
	struct second_waiter *x = arg;
	struct epoll_event ev[N];

	x->got = ep_wait(x->s, x->ep, ev, 20 * MSEC);
}

/* Two sets watch one socket, and a thread sleeps in each. */
static void two_waiters(struct setup *s, u32 events, int *first, int *second)
{
	struct second_waiter x = { s, ep_new(s), -1 };
	struct epoll_event ev[N];
	int ep = ep_new(s);

	assert_int_equal(ep_ctl(s, ep, EPOLL_CTL_ADD, s->fd[1], events), 0);
	assert_int_equal(ep_ctl(s, x.ep, EPOLL_CTL_ADD, s->fd[1], events), 0);
	fake_at(s->w.fp, MSEC, wait_too, &x);
	fake_at(s->w.fp, 2 * MSEC, tell, s);
	*first = ep_wait(s, ep, ev, 50 * MSEC);
	*second = x.got;
}

static void an_exclusive_event_wakes_one_of_two(void **state)
{
	int first, second;

	two_waiters(*state, EPOLLIN | EPOLLEXCLUSIVE | EPOLLET, &first, &second);
	assert_int_equal(first + second, 1);
}

static void a_shared_event_wakes_both(void **state)
{
	int first, second;

	two_waiters(*state, EPOLLIN, &first, &second);
	assert_int_equal(first, 1);
	assert_int_equal(second, 1);
}

/* --- what a TCP socket says ------------------------------------------------------------- */

static void a_tcp_socket_says_each_state(void **state)
{
	struct setup *s = *state;
	int ep = ep_new(s), lfd, fd[2];
	u32 got = 0;

	lfd = host_listen(&s->w.b, 80, 5);
	fd[0] = host_socket(s->a, SOCK_STREAM | SOCK_NONBLOCK);
	assert_int_equal(host_poll(s->a, fd[0]), POLLOUT | POLLWRNORM | POLLHUP);
	assert_int_equal(host_connect(s->a, fd[0], HOST_B, 80), -EINPROGRESS);
	ep_ctl(s, ep, EPOLL_CTL_ADD, fd[0],
	       EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
	assert_int_equal(ep_now(s, ep, NULL), 0);
	world_pass(&s->w, 10 * MSEC);
	assert_int_equal(ep_now(s, ep, &got), 1);
	assert_int_equal(got, EPOLLOUT);
	fd[1] = sys_accept4(s->w.b.net, lfd, NULL, NULL, SOCK_NONBLOCK);
	host_send(&s->w.b, fd[1], "abc", 3);
	world_pass(&s->w, 10 * MSEC);
	assert_int_equal(ep_now(s, ep, &got), 1);
	assert_int_equal(got, EPOLLIN | EPOLLOUT);
	sys_shutdown(s->w.b.net, fd[1], SHUT_WR);
	world_pass(&s->w, 10 * MSEC);
	assert_int_equal(ep_now(s, ep, &got), 1);
	assert_int_equal(got, EPOLLIN | EPOLLOUT | EPOLLRDHUP);
	sys_shutdown(s->a->net, fd[0], SHUT_WR);
	world_pass(&s->w, 10 * MSEC);
	assert_int_equal(ep_now(s, ep, &got), 1);
	assert_int_equal(got, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLHUP);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(poll_sleeps_until_something_is_ready),
		T(poll_times_out_and_ignores_negative_descriptors),
		T(a_signal_ends_poll),
		T(select_says_which_and_how_much_time_is_left),
		T(level_triggered_says_it_until_it_is_read),
		T(edge_triggered_says_it_once_per_arrival),
		T(what_is_ready_when_added_is_said_also_edge_triggered),
		T(oneshot_is_silent_until_armed_again),
		T(epoll_wait_sleeps_until_the_event_or_the_timeout),
		T(errors_of_epoll_ctl),
		T(a_set_in_a_set_passes_readiness_up),
		T(sets_nest_five_deep_and_no_deeper),
		T(closing_a_descriptor_takes_it_out_of_the_set),
		T(many_ready_take_turns),
		T(an_exclusive_event_wakes_one_of_two),
		T(a_shared_event_wakes_both),
		T(a_tcp_socket_says_each_state),
	};

	return cmocka_run_group_tests_name("readiness", tests, NULL, NULL);
}
