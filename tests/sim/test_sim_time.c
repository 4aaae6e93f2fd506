/* SPDX-License-Identifier: BSD-2-Clause */
/* Virtual time: its order, how long calls take, and how runs end. */
#include "tests/support/lab.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <time.h>

/* --- the order of events --------------------------------------------------------- */

struct order {
	struct weir_sim *s;
	char seen[400];
	int64_t last;
};

struct mark {
	struct order *o;
	char c;
};

static void see(void *arg)
{
	struct mark *m = arg;
	size_t n = strlen(m->o->seen);

	assert_true(weir_sim_now(m->o->s) >= m->o->last);
	m->o->last = weir_sim_now(m->o->s);
	m->o->seen[n] = m->c;
	m->o->seen[n + 1] = 0;
}

static void events_at_the_same_time_come_in_the_order_they_were_asked_for(void **state)
{
	struct order o = { 0 };
	struct mark m[26];
	struct lab l;

	lab_open_alone(&l, NULL, NULL);
	o.s = l.s;
	for (int i = 0; i < 26; i++) {
		m[i] = (struct mark){ &o, (char)('a' + i) };
		assert_int_equal(weir_sim_at(l.s, WEIR_SIM_START_NS + 5, see,
					     &m[i]), 0);
	}
	weir_sim_pass(l.s, 5);
	assert_string_equal(o.seen, "abcdefghijklmnopqrstuvwxyz");
	lab_close(&l);
}

static void events_come_in_the_order_of_their_times(void **state)
{
	struct order o = { 0 };
	struct mark m[300];
	struct lab l;

	lab_open_alone(&l, &(struct weir_sim_options){ .seed = 3 }, NULL);
	o.s = l.s;
	for (int i = 0; i < 300; i++) {
		m[i] = (struct mark){ &o, 'x' };
		weir_sim_at(l.s, WEIR_SIM_START_NS +
			    (int64_t)(weir_sim_random(l.s) % 100), see, &m[i]);
	}
	weir_sim_pass(l.s, 100);
	assert_int_equal(strlen(o.seen), 300);
	lab_close(&l);
}

static void an_event_in_the_past_comes_now(void **state)
{
	struct order o = { 0 };
	struct mark m = { &o, 'p' };
	struct lab l;

	lab_open_alone(&l, NULL, NULL);
	o.s = l.s;
	weir_sim_pass(l.s, 1000);
	weir_sim_at(l.s, 5, see, &m);
	weir_sim_pass(l.s, 0);
	assert_string_equal(o.seen, "p");
	assert_int_equal(lab_ns(l.s), 1000);
	lab_close(&l);
}

static void passing_time_does_what_is_due_at_its_end(void **state)
{
	struct order o = { 0 };
	struct mark now = { &o, 'n' }, later = { &o, 'l' };
	struct lab l;

	lab_open_alone(&l, NULL, NULL);
	o.s = l.s;
	weir_sim_at(l.s, WEIR_SIM_START_NS + 10, see, &now);
	weir_sim_at(l.s, WEIR_SIM_START_NS + 11, see, &later);
	assert_int_equal(weir_sim_pass(l.s, 10), WEIR_SIM_TIME);
	assert_string_equal(o.seen, "n");
	assert_int_equal(lab_ns(l.s), 10);
	assert_int_equal(weir_sim_next_event(l.s), WEIR_SIM_START_NS + 11);
	lab_close(&l);
}

/* --- waiting takes as long as it says ------------------------------------------------ */

static int sleeper(struct weir *h, void *arg)
{
	struct weir_sim *s = weir_sim_of(h);
	int64_t start = weir_sim_now(s);

	assert_int_equal(weir_sim_sleep(h, *(int64_t *)arg), 0);
	assert_int_equal(weir_sim_now(s) - start, *(int64_t *)arg);
	return 0;
}

static void a_sleep_ends_at_its_nanosecond(void **state)
{
	int64_t ns[] = { 0, 1, 999, 1000001, 86400 * LAB_SEC + 7 };
	struct lab l;

	lab_open_alone(&l, NULL, NULL);
	for (size_t i = 0; i < sizeof(ns) / sizeof(*ns); i++)
		assert_int_equal(weir_sim_wait(lab_spawn(l.a, sleeper, &ns[i])),
				 0);
	lab_close(&l);
}

static void a_sleep_outside_runs_the_world_for_so_long(void **state)
{
	struct order o = { 0 };
	struct mark m = { &o, 'm' };
	struct lab l;

	lab_open_alone(&l, NULL, NULL);
	o.s = l.s;
	weir_sim_at(l.s, WEIR_SIM_START_NS + 77, see, &m);
	assert_int_equal(weir_sim_sleep(l.a, 12345), 0);
	assert_string_equal(o.seen, "m");
	assert_int_equal(lab_ns(l.s), 12345);
	lab_close(&l);
}

/* Each waits for nothing; how long it took. */
static int64_t wait_poll(struct weir *h, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t start = weir_sim_now(weir_sim_of(h));

	assert_int_equal(weir_poll(h, &p, 1, 25), 0);
	return weir_sim_now(weir_sim_of(h)) - start;
}

static int64_t wait_ppoll(struct weir *h, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct timespec ts = { .tv_nsec = 1234567 };
	int64_t start = weir_sim_now(weir_sim_of(h));

	assert_int_equal(weir_ppoll(h, &p, 1, &ts, NULL), 0);
	return weir_sim_now(weir_sim_of(h)) - start;
}

static int64_t wait_select(struct weir *h, int fd)
{
	struct timeval tv = { .tv_usec = 777 };
	int64_t start = weir_sim_now(weir_sim_of(h));
	fd_set r;

	FD_ZERO(&r);
	FD_SET(fd, &r);
	assert_int_equal(weir_select(h, fd + 1, &r, NULL, NULL, &tv), 0);
	return weir_sim_now(weir_sim_of(h)) - start;
}

static int64_t wait_epoll(struct weir *h, int fd)
{
	int64_t start = weir_sim_now(weir_sim_of(h));
	struct epoll_event ev = { .events = EPOLLIN };
	struct timespec ts = { .tv_nsec = 1000001 };
	int ep = weir_epoll_create1(h, 0);

	assert_int_equal(weir_epoll_ctl(h, ep, EPOLL_CTL_ADD, fd, &ev), 0);
	assert_int_equal(weir_epoll_wait(h, ep, &ev, 1, 3), 0);
	assert_int_equal(weir_sim_now(weir_sim_of(h)) - start, 3 * LAB_MS);
	assert_int_equal(weir_epoll_pwait2(h, ep, &ev, 1, &ts, NULL), 0);
	weir_close(h, ep);
	return weir_sim_now(weir_sim_of(h)) - start;
}

static int64_t wait_recv(struct weir *h, int fd)
{
	struct timeval tv = { .tv_usec = 50000 };
	int64_t start = weir_sim_now(weir_sim_of(h));
	char c;

	assert_int_equal(weir_setsockopt(h, fd, SOL_SOCKET, SO_RCVTIMEO, &tv,
					 sizeof(tv)), 0);
	assert_int_equal(weir_recv(h, fd, &c, 1, 0), -EAGAIN);
	return weir_sim_now(weir_sim_of(h)) - start;
}

static const struct {
	int64_t (*fn)(struct weir *h, int fd);
	int64_t takes;
} waits[] = {
	{ wait_poll, 25 * LAB_MS },
	{ wait_ppoll, 1234567 },
	{ wait_select, 777 * LAB_US },
	{ wait_epoll, 3 * LAB_MS + 1000001 },
	{ wait_recv, 50 * LAB_MS },
};
#define WAITS	(sizeof(waits) / sizeof(*waits))

static void wait_all_ways(struct weir *h)
{
	int fd = lab_udp(h, NULL, 5000);

	for (size_t i = 0; i < WAITS; i++) {
		int64_t took = waits[i].fn(h, fd);

		if (took != waits[i].takes)
			fail_msg("wait %zu took %lld ns", i, (long long)took);
	}
	weir_close(h, fd);
}

static int waiter(struct weir *h, void *arg)
{
	weir_sim_sleep(h, 333);		/* off the jiffies */
	wait_all_ways(h);
	return 0;
}

static void time_outs_of_calls_in_tasks_are_exact(void **state)
{
	struct lab l;

	lab_open_alone(&l, NULL, NULL);
	lab_spawn(l.a, waiter, NULL);
	assert_int_equal(weir_sim_run(l.s, WEIR_SIM_FOREVER), WEIR_SIM_DONE);
	lab_close(&l);
}

static void time_outs_of_calls_from_outside_are_exact(void **state)
{
	struct lab l;

	lab_open_alone(&l, NULL, NULL);
	weir_sim_pass(l.s, 4321);
	wait_all_ways(l.a);
	lab_close(&l);
}

/* --- how runs end -------------------------------------------------------------------------- */

static void a_run_without_tasks_is_done_at_once(void **state)
{
	struct lab l;

	lab_open_alone(&l, NULL, NULL);
	assert_int_equal(weir_sim_run(l.s, WEIR_SIM_FOREVER), WEIR_SIM_DONE);
	assert_int_equal(lab_ns(l.s), 0);
	lab_close(&l);
}

static void a_run_ends_at_its_time_and_goes_on_later(void **state)
{
	int64_t ns = 5000;
	struct lab l;
	int ret = -1;
	struct weir_sim_task *t;

	lab_open_alone(&l, NULL, NULL);
	t = lab_spawn(l.a, sleeper, &ns);
	assert_int_equal(weir_sim_run(l.s, WEIR_SIM_START_NS + 4999),
			 WEIR_SIM_TIME);
	assert_int_equal(lab_ns(l.s), 4999);
	assert_int_equal(weir_sim_task_done(t, &ret), 0);
	assert_int_equal(weir_sim_run(l.s, WEIR_SIM_START_NS + 9000),
			 WEIR_SIM_DONE);
	assert_int_equal(lab_ns(l.s), 5000);
	assert_int_equal(weir_sim_task_done(t, &ret), 1);
	assert_int_equal(ret, 0);
	lab_close(&l);
}

static int reads_for_ever(struct weir *h, void *arg)
{
	int fd = lab_udp(h, NULL, 5000);
	char c;
	ssize_t n = weir_recv(h, fd, &c, 1, 0);

	weir_close(h, fd);
	return (int)n;
}

static void a_world_whose_tasks_wait_for_nothing_is_stuck(void **state)
{
	struct weir_sim_task *t;
	struct lab l;

	lab_open(&l, NULL, NULL, "");
	t = lab_spawn(l.a, reads_for_ever, NULL);
	assert_int_equal(weir_sim_run(l.s, WEIR_SIM_FOREVER), WEIR_SIM_STUCK);
	assert_string_equal(weir_sim_task_state(t), "sleeps");
	lab_close(&l);
}

static void again(void *arg)
{
	weir_sim_at(arg, weir_sim_now(arg) + LAB_SEC, again, arg);
}

static void callbacks_that_ask_for_each_other_do_not_hide_that(void **state)
{
	struct lab l;

	lab_open_alone(&l, NULL, NULL);
	lab_spawn(l.a, reads_for_ever, NULL);
	again(l.s);
	assert_int_equal(weir_sim_run(l.s, WEIR_SIM_FOREVER), WEIR_SIM_STUCK);
	lab_close(&l);
}

static void stop(void *arg)
{
	weir_sim_stop(arg);
}

static void a_world_that_waits_for_days_is_not_stuck(void **state)
{
	int64_t ns = 3 * 86400 * LAB_SEC;
	struct lab l;

	lab_open(&l, NULL, NULL, "");
	lab_spawn(l.a, sleeper, &ns);
	assert_int_equal(weir_sim_run(l.s, WEIR_SIM_FOREVER), WEIR_SIM_DONE);
	assert_int_equal(lab_ns(l.s), ns);
	lab_spawn(l.a, reads_for_ever, NULL);
	weir_sim_at(l.s, weir_sim_now(l.s) + ns, stop, l.s);
	assert_int_equal(weir_sim_run(l.s, WEIR_SIM_FOREVER), WEIR_SIM_STOPPED);
	lab_close(&l);
}

static int calls_for_ever(struct weir *h, void *arg)
{
	int fd = lab_udp(h, NULL, 5000);
	char c;

	while (weir_recv(h, fd, &c, 1, MSG_DONTWAIT) == -EAGAIN)
		;
	return 0;
}

static void a_task_that_runs_in_circles_ends_the_run(void **state)
{
	struct lab l;

	lab_open_alone(&l, &(struct weir_sim_options){ .spin_limit = 1000 },
		       NULL);
	lab_spawn(l.a, calls_for_ever, NULL);
	assert_int_equal(weir_sim_run(l.s, WEIR_SIM_FOREVER), WEIR_SIM_SPIN);
	assert_int_equal(lab_ns(l.s), 0);
	assert_int_equal(weir_sim_run(l.s, WEIR_SIM_FOREVER), WEIR_SIM_SPIN);
	lab_close(&l);
}

static int stopper(struct weir *h, void *arg)
{
	weir_sim_sleep(h, 100);
	weir_sim_stop(weir_sim_of(h));
	weir_sim_sleep(h, 100);
	return 0;
}

static void a_callback_can_stop_a_run(void **state)
{
	int64_t ns = LAB_SEC;
	struct lab l;

	lab_open_alone(&l, NULL, NULL);
	lab_spawn(l.a, sleeper, &ns);
	weir_sim_at(l.s, WEIR_SIM_START_NS + 50, stop, l.s);
	assert_int_equal(weir_sim_run(l.s, WEIR_SIM_FOREVER), WEIR_SIM_STOPPED);
	assert_int_equal(lab_ns(l.s), 50);
	assert_int_equal(weir_sim_run(l.s, WEIR_SIM_FOREVER), WEIR_SIM_DONE);
	lab_close(&l);
}

static void a_task_can_stop_a_run(void **state)
{
	struct lab l;

	lab_open_alone(&l, NULL, NULL);
	lab_spawn(l.a, stopper, NULL);
	assert_int_equal(weir_sim_run(l.s, WEIR_SIM_FOREVER), WEIR_SIM_STOPPED);
	assert_int_equal(lab_ns(l.s), 100);
	assert_int_equal(weir_sim_run(l.s, WEIR_SIM_FOREVER), WEIR_SIM_DONE);
	assert_int_equal(lab_ns(l.s), 200);
	lab_close(&l);
}

static void passing_time_does_not_end_with_the_tasks(void **state)
{
	int64_t ns = 10;
	struct lab l;

	lab_open_alone(&l, NULL, NULL);
	lab_spawn(l.a, sleeper, &ns);
	assert_int_equal(weir_sim_pass(l.s, 1000), WEIR_SIM_TIME);
	assert_int_equal(lab_ns(l.s), 1000);
	lab_close(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_at_the_same_time_come_in_the_order_they_were_asked_for),
		cmocka_unit_test(events_come_in_the_order_of_their_times),
		cmocka_unit_test(an_event_in_the_past_comes_now),
		cmocka_unit_test(passing_time_does_what_is_due_at_its_end),
		cmocka_unit_test(a_sleep_ends_at_its_nanosecond),
		cmocka_unit_test(a_sleep_outside_runs_the_world_for_so_long),
		cmocka_unit_test(time_outs_of_calls_in_tasks_are_exact),
		cmocka_unit_test(time_outs_of_calls_from_outside_are_exact),
		cmocka_unit_test(a_run_without_tasks_is_done_at_once),
		cmocka_unit_test(a_run_ends_at_its_time_and_goes_on_later),
		cmocka_unit_test(a_world_whose_tasks_wait_for_nothing_is_stuck),
		cmocka_unit_test(callbacks_that_ask_for_each_other_do_not_hide_that),
		cmocka_unit_test(a_world_that_waits_for_days_is_not_stuck),
		cmocka_unit_test(a_task_that_runs_in_circles_ends_the_run),
		cmocka_unit_test(a_callback_can_stop_a_run),
		cmocka_unit_test(a_task_can_stop_a_run),
		cmocka_unit_test(passing_time_does_not_end_with_the_tasks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
