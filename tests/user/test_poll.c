/* SPDX-License-Identifier: BSD-2-Clause */
/* poll and select against their man pages. */
#include "tests/user/user_test.h"

static void poll_reports_what_is_ready_and_nothing_else(void **state)
{
	struct user_test *t = *state;
	struct pollfd p[4] = {
		{ .fd = user_listener(t, 7000), .events = POLLIN },
		{ .fd = user_listener(t, 7001), .events = POLLIN | POLLOUT },
		{ .fd = -1, .events = POLLIN, .revents = 77 },
		{ .fd = 900, .events = POLLIN },
	};

	user_send(t, 7000, "x");
	assert_int_equal(sys_poll(t->net, p, 4, KTIME_MAX, NULL), 3);
	assert_int_equal(p[0].revents, POLLIN);
	assert_int_equal(p[1].revents, POLLOUT);
	assert_int_equal(p[2].revents, 0);
	assert_int_equal(p[3].revents, POLLNVAL);
}

static void poll_waits_for_its_timeout(void **state)
{
	struct user_test *t = *state;
	struct pollfd p = { user_listener(t, 7000), POLLIN, 0 };
	ktime_t start = world_now(&t->w);

	assert_int_equal(sys_poll(t->net, &p, 1, 0, NULL), 0);
	assert_int_equal(world_now(&t->w), start);
	assert_int_equal(sys_poll(t->net, &p, 1, 20 * MSEC, NULL), 0);
	assert_true(world_now(&t->w) - start >= 20 * MSEC);
	assert_int_equal(sys_poll(t->net, NULL, 0, 20 * MSEC, NULL), 0);
	assert_true(world_now(&t->w) - start >= 40 * MSEC);
	assert_int_equal(sys_poll(t->net, NULL, 1, 0, NULL), -EFAULT);
}

static void send_later(void *arg)
{
	user_send(arg, 7000, "late");
}

static void poll_ends_when_something_comes(void **state)
{
	struct user_test *t = *state;
	struct pollfd p[2] = {
		{ user_listener(t, 7001), POLLIN, 0 },
		{ user_listener(t, 7000), POLLIN, 0 },
	};

	assert_true(fake_at(t->w.fp, MSEC, send_later, t));
	assert_int_equal(sys_poll(t->net, p, 2, KTIME_MAX, NULL), 1);
	assert_int_equal(p[0].revents, 0);
	assert_int_equal(p[1].revents, POLLIN);
}

static void poll_does_not_end_for_events_not_asked_for(void **state)
{
	struct user_test *t = *state;
	struct pollfd p = { user_listener(t, 7000), POLLPRI, 0 };

	assert_true(fake_at(t->w.fp, MSEC, send_later, t));
	assert_int_equal(sys_poll(t->net, &p, 1, 10 * MSEC, NULL), 0);
}

static void a_signal_ends_poll_and_select(void **state)
{
	struct user_test *t = *state;
	int fd = user_listener(t, 7000);
	struct pollfd p = { fd, POLLIN, 0 };
	fd_set r;

	fake_signal(t->w.fp);
	assert_int_equal(sys_poll(t->net, &p, 1, KTIME_MAX, NULL), -EINTR);
	FD_ZERO(&r);
	FD_SET(fd, &r);
	fake_signal(t->w.fp);
	assert_int_equal(sys_select(t->net, fd + 1, &r, NULL, NULL, NULL, NULL),
			 -EINTR);
	assert_true(FD_ISSET(fd, &r));		/* untouched by an error */
}

static void close_polled(void *arg)
{
	struct user_test *t = arg;

	sys_close(t->net, t->sender + 1);
	user_send(t, 7000, "to nobody's number");
}

static void a_socket_closed_meanwhile_is_found_closed(void **state)
{
	struct user_test *t = *state;
	struct pollfd p = { user_listener(t, 7000), POLLIN, 0 };

	assert_int_equal(p.fd, t->sender + 1);
	assert_true(fake_at(t->w.fp, MSEC, close_polled, t));
	assert_int_equal(sys_poll(t->net, &p, 1, SEC, NULL), 1);
	assert_int_equal(p.revents, POLLNVAL);
}

/* --- select -------------------------------------------------------------------------- */

static void select_counts_bits_in_all_sets(void **state)
{
	struct user_test *t = *state;
	int a = user_listener(t, 7000), b = user_listener(t, 7001);
	fd_set r, w, e;

	FD_ZERO(&r);
	FD_SET(a, &r);
	FD_SET(b, &r);
	w = e = r;
	user_send(t, 7001, "x");
	assert_int_equal(sys_select(t->net, b + 1, &r, &w, &e, NULL, NULL), 3);
	assert_false(FD_ISSET(a, &r));
	assert_true(FD_ISSET(b, &r));
	assert_true(FD_ISSET(a, &w) && FD_ISSET(b, &w));
	assert_false(FD_ISSET(a, &e) || FD_ISSET(b, &e));
}

static void select_says_how_much_time_is_left(void **state)
{
	struct user_test *t = *state;
	int fd = user_listener(t, 7000);
	ktime_t left = 10 * MSEC;
	fd_set r;

	FD_ZERO(&r);
	FD_SET(fd, &r);
	assert_true(fake_at(t->w.fp, 4 * MSEC, send_later, t));
	assert_int_equal(sys_select(t->net, fd + 1, &r, NULL, NULL, &left,
				    NULL), 1);
	assert_true(left <= 6 * MSEC && left > 5 * MSEC);
	user_read(t, fd);
	assert_int_equal(sys_select(t->net, fd + 1, &r, NULL, NULL, &left,
				    NULL), 0);
	assert_int_equal(left, 0);
	assert_false(FD_ISSET(fd, &r));
}

static void select_refuses_what_is_not_open_and_negative_numbers(void **state)
{
	struct user_test *t = *state;
	ktime_t none = 0, negative = -1;
	fd_set r;

	FD_ZERO(&r);
	FD_SET(900, &r);
	assert_int_equal(sys_select(t->net, 901, &r, NULL, NULL, &none, NULL),
			 -EBADF);
	assert_int_equal(sys_select(t->net, 900, &r, NULL, NULL, &none, NULL),
			 0);
	assert_int_equal(sys_select(t->net, -1, NULL, NULL, NULL, &none, NULL),
			 -EINVAL);
	assert_int_equal(sys_select(t->net, 0, NULL, NULL, NULL, &negative,
				    NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		user_unit(poll_reports_what_is_ready_and_nothing_else),
		user_unit(poll_waits_for_its_timeout),
		user_unit(poll_ends_when_something_comes),
		user_unit(poll_does_not_end_for_events_not_asked_for),
		user_unit(a_signal_ends_poll_and_select),
		user_unit(a_socket_closed_meanwhile_is_found_closed),
		user_unit(select_counts_bits_in_all_sets),
		user_unit(select_says_how_much_time_is_left),
		user_unit(select_refuses_what_is_not_open_and_negative_numbers),
	};

	return cmocka_run_group_tests_name("poll and select", tests, NULL,
					   NULL);
}
