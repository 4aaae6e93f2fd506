/* SPDX-License-Identifier: BSD-2-Clause */
/* epoll against epoll(7): triggering, turns, nesting, errors. */
#include "tests/user/user_test.h"

#define MAX 8

static int make_set(struct user_test *t)
{
	int ep = sys_epoll_create1(t->net, 0);

	assert_true(ep >= 0);
	return ep;
}

static int ctl(struct user_test *t, int ep, int op, int fd, u32 events)
{
	struct epoll_event ev = { .events = events, .data.fd = fd };

	return sys_epoll_ctl(t->net, ep, op, fd, &ev);
}

static void add(struct user_test *t, int ep, int fd, u32 events)
{
	assert_int_equal(ctl(t, ep, EPOLL_CTL_ADD, fd, events), 0);
}

/* Number of events now; the first is in *first. */
static int look(struct user_test *t, int ep, int max, struct epoll_event *first)
{
	struct epoll_event ev[MAX];
	int n = sys_epoll_wait(t->net, ep, ev, max, 0, NULL);

	if (n > 0 && first)
		*first = ev[0];
	return n;
}

static void a_level_triggered_item_is_reported_once_per_wait_until_read(
		void **state)
{
	struct user_test *t = *state;
	int ep = make_set(t), i, fd[4];
	struct epoll_event ev;

	for (i = 0; i < 4; i++) {
		fd[i] = user_listener(t, (u16)(7000 + i));
		add(t, ep, fd[i], EPOLLIN);
	}
	assert_int_equal(look(t, ep, MAX, NULL), 0);
	user_send(t, 7002, "x");
	for (i = 0; i < 3; i++) {
		assert_int_equal(look(t, ep, MAX, &ev), 1);
		assert_int_equal(ev.data.fd, fd[2]);
		assert_int_equal(ev.events, EPOLLIN);
	}
	user_read(t, fd[2]);
	assert_int_equal(look(t, ep, MAX, NULL), 0);
}

static void ready_items_take_turns_when_the_array_is_small(void **state)
{
	struct user_test *t = *state;
	int ep = make_set(t), i, fd[3], seen[3] = { 0 };
	struct epoll_event ev = { 0 };

	for (i = 0; i < 3; i++) {
		fd[i] = user_listener(t, (u16)(7000 + i));
		add(t, ep, fd[i], EPOLLIN);
		user_send(t, (u16)(7000 + i), "x");
	}
	for (i = 0; i < 6; i++) {
		assert_int_equal(look(t, ep, 1, &ev), 1);
		seen[ev.data.fd - fd[0]]++;
	}
	for (i = 0; i < 3; i++)
		assert_int_equal(seen[i], 2);
}

static void an_edge_triggered_item_is_reported_when_something_new_comes(
		void **state)
{
	struct user_test *t = *state;
	int ep = make_set(t), fd = user_listener(t, 7000);

	add(t, ep, fd, EPOLLIN | EPOLLET);
	user_send(t, 7000, "one");
	assert_int_equal(look(t, ep, MAX, NULL), 1);
	assert_int_equal(look(t, ep, MAX, NULL), 0);
	user_send(t, 7000, "two");
	assert_int_equal(look(t, ep, MAX, NULL), 1);
	assert_int_equal(look(t, ep, MAX, NULL), 0);
}

static void modifying_an_edge_triggered_item_looks_again(void **state)
{
	struct user_test *t = *state;
	int ep = make_set(t), fd = user_listener(t, 7000);

	add(t, ep, fd, EPOLLIN | EPOLLET);
	user_send(t, 7000, "one");
	assert_int_equal(look(t, ep, MAX, NULL), 1);
	assert_int_equal(ctl(t, ep, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLET), 0);
	assert_int_equal(look(t, ep, MAX, NULL), 1);
}

static void a_oneshot_item_is_silent_until_it_is_modified(void **state)
{
	struct user_test *t = *state;
	int ep = make_set(t), fd = user_listener(t, 7000);

	add(t, ep, fd, EPOLLIN | EPOLLONESHOT);
	user_send(t, 7000, "one");
	assert_int_equal(look(t, ep, MAX, NULL), 1);
	user_send(t, 7000, "two");
	assert_int_equal(look(t, ep, MAX, NULL), 0);
	assert_int_equal(ctl(t, ep, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLONESHOT),
			 0);
	assert_int_equal(look(t, ep, MAX, NULL), 1);
	assert_int_equal(look(t, ep, MAX, NULL), 0);
}

static void only_what_was_asked_for_is_reported(void **state)
{
	struct user_test *t = *state;
	int ep = make_set(t), fd = user_listener(t, 7000);
	struct epoll_event ev;

	add(t, ep, fd, EPOLLIN | EPOLLOUT);
	assert_int_equal(look(t, ep, MAX, &ev), 1);
	assert_int_equal(ev.events, EPOLLOUT);
	user_send(t, 7000, "x");
	assert_int_equal(look(t, ep, MAX, &ev), 1);
	assert_int_equal(ev.events, EPOLLIN | EPOLLOUT);
	assert_int_equal(ctl(t, ep, EPOLL_CTL_MOD, fd, 0), 0);
	assert_int_equal(look(t, ep, MAX, NULL), 0);
	assert_int_equal(ctl(t, ep, EPOLL_CTL_MOD, fd, EPOLLIN), 0);
	assert_int_equal(look(t, ep, MAX, &ev), 1);
	assert_int_equal(ev.events, EPOLLIN);
}

/* --- membership ------------------------------------------------------------------ */

static void the_last_close_takes_an_item_out(void **state)
{
	struct user_test *t = *state;
	int ep = make_set(t), fd = user_listener(t, 7000);
	int copy = sys_dup(t->net, fd, 0, false);
	struct epoll_event ev;

	add(t, ep, fd, EPOLLIN);
	assert_int_equal(sys_close(t->net, fd), 0);
	user_send(t, 7000, "x");
	assert_int_equal(look(t, ep, MAX, &ev), 1);	/* as epoll(7) warns */
	assert_int_equal(ev.data.fd, fd);
	assert_int_equal(sys_close(t->net, copy), 0);
	assert_int_equal(look(t, ep, MAX, NULL), 0);
}

static void one_socket_may_be_in_a_set_under_two_numbers(void **state)
{
	struct user_test *t = *state;
	int ep = make_set(t), fd = user_listener(t, 7000);
	int copy = sys_dup(t->net, fd, 0, false);

	add(t, ep, fd, EPOLLIN);
	add(t, ep, copy, EPOLLIN);
	user_send(t, 7000, "x");
	assert_int_equal(look(t, ep, MAX, NULL), 2);
	assert_int_equal(ctl(t, ep, EPOLL_CTL_DEL, copy, 0), 0);
	assert_int_equal(look(t, ep, MAX, NULL), 1);
}

static void a_set_that_is_closed_lets_its_items_go(void **state)
{
	struct user_test *t = *state;
	int ep = make_set(t), fd = user_listener(t, 7000);

	add(t, ep, fd, EPOLLIN);
	user_send(t, 7000, "x");
	assert_int_equal(sys_close(t->net, ep), 0);
	user_send(t, 7000, "y");
	user_read(t, fd);
}

static void wrong_calls_are_refused_as_by_linux(void **state)
{
	struct user_test *t = *state;
	int ep = make_set(t), fd = user_listener(t, 7000), other;
	struct epoll_event ev[MAX];

	other = user_listener(t, 7001);
	add(t, ep, fd, EPOLLIN);
	assert_int_equal(ctl(t, ep, EPOLL_CTL_ADD, fd, EPOLLIN), -EEXIST);
	assert_int_equal(ctl(t, ep, EPOLL_CTL_MOD, other, EPOLLIN), -ENOENT);
	assert_int_equal(ctl(t, ep, EPOLL_CTL_DEL, other, EPOLLIN), -ENOENT);
	assert_int_equal(ctl(t, ep, EPOLL_CTL_ADD, 900, EPOLLIN), -EBADF);
	assert_int_equal(ctl(t, 900, EPOLL_CTL_ADD, fd, EPOLLIN), -EBADF);
	assert_int_equal(ctl(t, other, EPOLL_CTL_ADD, fd, EPOLLIN), -EINVAL);
	assert_int_equal(ctl(t, ep, EPOLL_CTL_ADD, ep, EPOLLIN), -EINVAL);
	assert_int_equal(ctl(t, ep, 9, fd, EPOLLIN), -EINVAL);
	assert_int_equal(sys_epoll_ctl(t->net, ep, EPOLL_CTL_ADD, other, NULL),
			 -EFAULT);
	assert_int_equal(sys_epoll_wait(t->net, ep, ev, 0, 0, NULL), -EINVAL);
	assert_int_equal(sys_epoll_wait(t->net, ep, NULL, 1, 0, NULL), -EFAULT);
	assert_int_equal(sys_epoll_wait(t->net, fd, ev, 1, 0, NULL), -EINVAL);
	assert_int_equal(sys_epoll_wait(t->net, 900, ev, 1, 0, NULL), -EBADF);
	assert_int_equal(sys_epoll_create1(t->net, 1), -EINVAL);
}

static void exclusive_items_cannot_be_modified_and_take_few_flags(void **state)
{
	struct user_test *t = *state;
	int ep = make_set(t), inner = make_set(t), fd = user_listener(t, 7000);
	int other = user_listener(t, 7001);

	assert_int_equal(ctl(t, ep, EPOLL_CTL_ADD, fd, EPOLLIN |
			     EPOLLEXCLUSIVE | EPOLLONESHOT), -EINVAL);
	assert_int_equal(ctl(t, ep, EPOLL_CTL_ADD, inner,
			     EPOLLIN | EPOLLEXCLUSIVE), -EINVAL);
	add(t, ep, fd, EPOLLIN | EPOLLEXCLUSIVE | EPOLLET);
	assert_int_equal(ctl(t, ep, EPOLL_CTL_MOD, fd, EPOLLIN), -EINVAL);
	add(t, ep, other, EPOLLIN);
	assert_int_equal(ctl(t, ep, EPOLL_CTL_MOD, other,
			     EPOLLIN | EPOLLEXCLUSIVE), -EINVAL);
	user_send(t, 7000, "x");
	assert_int_equal(look(t, ep, MAX, NULL), 1);
}

/* --- sets in sets ------------------------------------------------------------------ */

static void a_set_with_something_ready_is_readable(void **state)
{
	struct user_test *t = *state;
	int outer = make_set(t), inner = make_set(t);
	int fd = user_listener(t, 7000);
	struct epoll_event ev;

	add(t, outer, inner, EPOLLIN);
	add(t, inner, fd, EPOLLIN);
	assert_int_equal(look(t, outer, MAX, NULL), 0);
	user_send(t, 7000, "x");
	assert_int_equal(look(t, outer, MAX, &ev), 1);
	assert_int_equal(ev.data.fd, inner);
	assert_int_equal(look(t, inner, MAX, NULL), 1);
	user_read(t, fd);
	assert_int_equal(look(t, outer, MAX, NULL), 0);
}

static void sets_cannot_watch_each_other_in_a_circle(void **state)
{
	struct user_test *t = *state;
	int a = make_set(t), b = make_set(t), c = make_set(t);

	add(t, a, b, EPOLLIN);
	add(t, b, c, EPOLLIN);
	assert_int_equal(ctl(t, c, EPOLL_CTL_ADD, a, EPOLLIN), -ELOOP);
	assert_int_equal(ctl(t, b, EPOLL_CTL_ADD, a, EPOLLIN), -ELOOP);
	add(t, a, c, EPOLLIN);
}

static void chains_of_sets_have_at_most_five_links(void **state)
{
	struct user_test *t = *state;
	int chain[7], i;

	for (i = 0; i < 7; i++)
		chain[i] = make_set(t);
	for (i = 0; i < 4; i++)
		add(t, chain[i], chain[i + 1], EPOLLIN);
	assert_int_equal(ctl(t, chain[4], EPOLL_CTL_ADD, chain[5], EPOLLIN),
			 -ELOOP);
	assert_int_equal(ctl(t, chain[6], EPOLL_CTL_ADD, chain[0], EPOLLIN),
			 -ELOOP);
}

/* --- waiting ------------------------------------------------------------------------- */

static void a_wait_ends_at_its_timeout_and_not_before(void **state)
{
	struct user_test *t = *state;
	int ep = make_set(t), fd = user_listener(t, 7000);
	struct epoll_event ev[MAX];
	ktime_t start = world_now(&t->w);

	add(t, ep, fd, EPOLLIN);
	assert_int_equal(sys_epoll_wait(t->net, ep, ev, MAX, 30 * MSEC, NULL),
			 0);
	assert_true(world_now(&t->w) - start >= 30 * MSEC);
	assert_true(world_now(&t->w) - start < 31 * MSEC);
}

static void send_later(void *arg)
{
	user_send(arg, 7000, "late");
}

static void a_wait_ends_when_something_comes(void **state)
{
	struct user_test *t = *state;
	int ep = make_set(t), fd = user_listener(t, 7000);
	struct epoll_event ev[MAX];

	add(t, ep, fd, EPOLLIN);
	assert_true(fake_at(t->w.fp, 10 * MSEC, send_later, t));
	assert_int_equal(sys_epoll_wait(t->net, ep, ev, MAX, KTIME_MAX, NULL),
			 1);
	assert_int_equal(ev[0].data.fd, fd);
}

static void a_wait_on_an_outer_set_ends_when_something_comes(void **state)
{
	struct user_test *t = *state;
	int outer = make_set(t), ep = make_set(t), fd = user_listener(t, 7000);
	struct epoll_event ev[MAX];

	add(t, outer, ep, EPOLLIN | EPOLLET);
	add(t, ep, fd, EPOLLIN | EPOLLET);
	assert_true(fake_at(t->w.fp, 10 * MSEC, send_later, t));
	assert_int_equal(sys_epoll_wait(t->net, outer, ev, MAX, KTIME_MAX,
					NULL), 1);
	assert_int_equal(ev[0].data.fd, ep);
}

static void a_signal_ends_a_wait(void **state)
{
	struct user_test *t = *state;
	int ep = make_set(t);
	struct epoll_event ev[MAX];

	fake_signal(t->w.fp);
	assert_int_equal(sys_epoll_wait(t->net, ep, ev, MAX, KTIME_MAX, NULL),
			 -EINTR);
}

static void close_set(void *arg)
{
	struct user_test *t = arg;

	sys_close(t->net, t->sender + 1);
	user_send(t, 7000, "after");
}

static void a_set_closed_by_another_task_still_ends_its_wait(void **state)
{
	struct user_test *t = *state;
	int ep = make_set(t), fd = user_listener(t, 7000);
	struct epoll_event ev[MAX];

	assert_int_equal(ep, t->sender + 1);
	add(t, ep, fd, EPOLLIN);
	assert_true(fake_at(t->w.fp, MSEC, close_set, t));
	assert_int_equal(sys_epoll_wait(t->net, ep, ev, MAX, SEC, NULL), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		user_unit(a_level_triggered_item_is_reported_once_per_wait_until_read),
		user_unit(ready_items_take_turns_when_the_array_is_small),
		user_unit(an_edge_triggered_item_is_reported_when_something_new_comes),
		user_unit(modifying_an_edge_triggered_item_looks_again),
		user_unit(a_oneshot_item_is_silent_until_it_is_modified),
		user_unit(only_what_was_asked_for_is_reported),
		user_unit(the_last_close_takes_an_item_out),
		user_unit(one_socket_may_be_in_a_set_under_two_numbers),
		user_unit(a_set_that_is_closed_lets_its_items_go),
		user_unit(wrong_calls_are_refused_as_by_linux),
		user_unit(exclusive_items_cannot_be_modified_and_take_few_flags),
		user_unit(a_set_with_something_ready_is_readable),
		user_unit(sets_cannot_watch_each_other_in_a_circle),
		user_unit(chains_of_sets_have_at_most_five_links),
		user_unit(a_wait_ends_at_its_timeout_and_not_before),
		user_unit(a_wait_ends_when_something_comes),
		user_unit(a_wait_on_an_outer_set_ends_when_something_comes),
		user_unit(a_signal_ends_a_wait),
		user_unit(a_set_closed_by_another_task_still_ends_its_wait),
	};

	return cmocka_run_group_tests_name("epoll", tests, NULL, NULL);
}
