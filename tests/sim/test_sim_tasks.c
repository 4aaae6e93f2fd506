/* SPDX-License-Identifier: BSD-2-Clause */
/* Tasks in virtual time: waiting for each other, signals, calls from outside,
 * and worlds that end while their tasks are in the middle of something. */
#include "tests/support/lab.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define COSTS	"* 500\nsyscall 1000\nsk_data_ready 0\n"

/* --- waiting for tasks ------------------------------------------------------------ */

static int sleeps_and_returns_5(struct weir *h, void *arg)
{
	weir_sim_sleep(h, 1000);
	return 5;
}

static void waiting_outside_runs_the_world_until_the_task_returns(void **state)
{
	struct lab l;

	lab_open_alone(&l, NULL, NULL);
	assert_int_equal(weir_sim_wait(lab_spawn(l.a, sleeps_and_returns_5,
						 NULL)), 5);
	assert_int_equal(lab_ns(l.s), 1000);
	lab_close(&l);
}

static void waiting_for_a_task_that_has_returned_takes_no_time(void **state)
{
	struct weir_sim_task *t;
	struct lab l;

	lab_open_alone(&l, NULL, NULL);
	t = lab_spawn(l.a, sleeps_and_returns_5, NULL);
	weir_sim_pass(l.s, LAB_SEC);
	assert_int_equal(weir_sim_wait(t), 5);
	assert_int_equal(lab_ns(l.s), LAB_SEC);
	lab_close(&l);
}

static int forks_and_waits(struct weir *h, void *arg)
{
	struct weir *other = arg;
	struct weir_sim_task *t = weir_sim_spawn(other, "child",
						 sleeps_and_returns_5, NULL);

	return weir_sim_wait(t) * 10;
}

static void a_task_waits_for_a_task_of_another_host(void **state)
{
	struct lab l;

	lab_open(&l, NULL, NULL, "");
	assert_int_equal(weir_sim_wait(lab_spawn(l.a, forks_and_waits, l.b)),
			 50);
	lab_close(&l);
}

static int waits_for(struct weir *h, void *arg)
{
	return weir_sim_wait(arg);
}

static void any_number_of_tasks_may_wait_for_one(void **state)
{
	struct weir_sim_task *t, *w[3];
	struct lab l;

	lab_open_alone(&l, NULL, NULL);
	t = lab_spawn(l.a, sleeps_and_returns_5, NULL);
	for (int i = 0; i < 3; i++)
		w[i] = lab_spawn(l.a, waits_for, t);
	assert_int_equal(weir_sim_run(l.s, WEIR_SIM_FOREVER), WEIR_SIM_DONE);
	for (int i = 0; i < 3; i++)
		assert_int_equal(weir_sim_wait(w[i]), 5);
	lab_close(&l);
}

static int sleeps_for_ever(struct weir *h, void *arg)
{
	int fd = lab_udp(h, NULL, 5000);
	char c;
	ssize_t n = weir_recv(h, fd, &c, 1, 0);

	weir_close(h, fd);
	return (int)n;
}

static void waiting_for_what_cannot_come_is_a_deadlock(void **state)
{
	struct weir_sim_task *t;
	struct lab l;

	lab_open_alone(&l, NULL, NULL);
	t = lab_spawn(l.a, sleeps_for_ever, NULL);
	assert_int_equal(weir_sim_wait(t), -EDEADLK);
	weir_sim_signal(t);
	assert_int_equal(weir_sim_wait(t), -EINTR);
	lab_close(&l);
}

static void tasks_are_listed_in_the_order_of_their_start(void **state)
{
	struct weir_sim_task *t[3];
	struct lab l;

	lab_open_alone(&l, NULL, NULL);
	for (int i = 0; i < 3; i++)
		t[i] = lab_spawn(l.a, sleeps_and_returns_5, NULL);
	assert_ptr_equal(weir_sim_task(l.s, 2), t[2]);
	assert_ptr_equal(weir_sim_task(l.s, 0), t[0]);
	assert_ptr_equal(weir_sim_task(l.s, 1), t[1]);
	assert_null(weir_sim_task(l.s, 3));
	assert_string_equal(weir_sim_task_name(t[0]), "task");
	lab_close(&l);
}

/* --- signals -------------------------------------------------------------------------- */

static void signal_it(void *arg)
{
	weir_sim_signal(arg);
}

static void a_signal_ends_a_blocked_call_at_once(void **state)
{
	struct weir_sim_task *t;
	struct lab l;

	lab_open_alone(&l, NULL, NULL);
	t = lab_spawn(l.a, sleeps_for_ever, NULL);
	weir_sim_at(l.s, WEIR_SIM_START_NS + 500, signal_it, t);
	assert_int_equal(weir_sim_wait(t), -EINTR);
	assert_int_equal(lab_ns(l.s), 500);
	lab_close(&l);
}

static int sleeps_a_second(struct weir *h, void *arg)
{
	return weir_sim_sleep(h, LAB_SEC);
}

static void a_signal_ends_a_sleep(void **state)
{
	struct weir_sim_task *t;
	struct lab l;

	lab_open_alone(&l, NULL, NULL);
	t = lab_spawn(l.a, sleeps_a_second, NULL);
	weir_sim_at(l.s, WEIR_SIM_START_NS + 500, signal_it, t);
	assert_int_equal(weir_sim_wait(t), -EINTR);
	assert_int_equal(lab_ns(l.s), 500);
	lab_close(&l);
}

/* Computes while the signal comes, makes a call that does not block, and one
 * that does. */
static int is_signaled_outside_of_calls(struct weir *h, void *arg)
{
	int fd = lab_udp(h, NULL, 5000), ret;
	char c;

	weir_sim_compute(h, 1000);
	assert_int_equal(weir_recv(h, fd, &c, 1, MSG_DONTWAIT), -EAGAIN);
	ret = weir_sim_sleep(h, LAB_SEC);
	assert_int_equal(weir_sim_sleep(h, 10), 0);
	weir_close(h, fd);
	return ret;
}

static void a_signal_while_nothing_blocks_is_kept_for_the_next_call_that_would(void **state)
{
	struct weir_sim_task *t;
	struct lab l;

	lab_open_alone(&l, NULL, NULL);
	t = lab_spawn(l.a, is_signaled_outside_of_calls, NULL);
	weir_sim_at(l.s, WEIR_SIM_START_NS + 500, signal_it, t);
	assert_int_equal(weir_sim_wait(t), -EINTR);
	assert_int_equal(lab_ns(l.s), 1010);
	lab_close(&l);
}

/* --- calls from outside, and of others --------------------------------------------------- */

static int echoes(struct weir *h, void *arg)
{
	int listener = lab_listen(h, 7), fd = lab_accept(h, listener);
	char buf[100];
	ssize_t n;

	while ((n = weir_recv(h, fd, buf, sizeof(buf), 0)) > 0)
		weir_send(h, fd, buf, (size_t)n, MSG_NOSIGNAL);
	weir_close(h, fd);
	weir_close(h, listener);
	return (int)n;
}

static void a_test_may_be_a_plain_sequence_of_blocking_calls(void **state)
{
	char buf[10] = "";
	struct lab l;
	int fd;

	lab_open(&l, NULL, NULL, "delay=10ms");
	lab_spawn(l.b, echoes, NULL);
	weir_sim_pass(l.s, 1);
	fd = lab_connect(l.a, LAB_B, 7);
	assert_int_equal(lab_ns(l.s) / LAB_MS, 40);	/* ARP, SYN */
	assert_int_equal(weir_send(l.a, fd, "hello", 5, 0), 5);
	assert_int_equal(weir_recv(l.a, fd, buf, sizeof(buf), 0), 5);
	assert_string_equal(buf, "hello");
	assert_int_equal(lab_ns(l.s) / LAB_MS, 60);
	weir_close(l.a, fd);
	assert_int_equal(weir_sim_run(l.s, WEIR_SIM_FOREVER), WEIR_SIM_DONE);
	lab_close(&l);
}

static int uses_another_host(struct weir *h, void *arg)
{
	struct weir *other = arg;

	return weir_socket(other, AF_INET, SOCK_DGRAM, 0);
}

static void a_task_cannot_use_the_stack_of_another_host(void **state)
{
	struct lab l;

	lab_open(&l, NULL, NULL, "");
	assert_int_equal(weir_sim_wait(lab_spawn(l.a, uses_another_host, l.b)),
			 -EBADF);
	lab_close(&l);
}

static int counts_down(struct weir *h, void *arg)
{
	int *left = arg;

	if (!--*left)
		return 0;
	return weir_sim_wait(weir_sim_spawn(h, "child", counts_down, left));
}

static void tasks_may_start_tasks(void **state)
{
	int left = 100;
	struct lab l;

	lab_open_alone(&l, NULL, &(struct weir_sim_host_options){
		       .stack_bytes = 65536 });
	assert_int_equal(weir_sim_wait(lab_spawn(l.a, counts_down, &left)), 0);
	assert_int_equal(left, 0);
	lab_close(&l);
}

/* --- the end of a world in the middle of things ------------------------------------------- */

/* These must do with any call failing. */
static int socket_at(struct weir *h, int type, uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons(port) };
	int fd = weir_socket(h, AF_INET, type, 0);

	weir_bind(h, fd, (struct sockaddr *)&a, sizeof(a));
	return fd;
}

static int waits_for_datagrams(struct weir *h, void *arg)
{
	int fd = socket_at(h, SOCK_DGRAM, 5001);
	char c;

	return (int)weir_recv(h, fd, &c, 1, 0);
}

static int receives_for_ever(struct weir *h, void *arg)
{
	int fd = socket_at(h, SOCK_STREAM, 80), ret = weir_listen(h, fd, 5);

	return ret ? ret : lab_recv_stream(h, weir_accept4(h, fd, NULL, NULL, 0),
					   1, ~(size_t)0);
}

static int sends_for_ever(struct weir *h, void *arg)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(80),
				 .sin_addr.s_addr = htonl(0x0a000002) };
	int fd = weir_socket(h, AF_INET, SOCK_STREAM, 0);

	weir_connect(h, fd, (struct sockaddr *)&a, sizeof(a));
	return lab_send_stream(h, fd, 1, ~(size_t)0);
}

static int computes_for_ever(struct weir *h, void *arg)
{
	while (h)
		weir_sim_compute(h, 1000 * LAB_SEC);
	return 0;
}

static int never_looks_at_errors(struct weir *h, void *arg)
{
	while (h)
		weir_sim_sleep(h, 100);
	return 0;
}

static int never_looks_at_calls(struct weir *h, void *arg)
{
	struct pollfd p = { .fd = socket_at(h, SOCK_DGRAM, 5002),
			    .events = POLLIN };

	while (h)
		weir_poll(h, &p, 1, 1000);
	return 0;
}

/* The world ends at time `ns`, whatever goes on. */
static void end_in_the_middle(int64_t ns, const char *costs, unsigned int cpus)
{
	static int (*const fn[])(struct weir *, void *) = {
		waits_for_datagrams, sends_for_ever, receives_for_ever,
		computes_for_ever, never_looks_at_errors, never_looks_at_calls,
	};
	struct weir_sim_host_options ho = { .cpus = cpus };
	struct weir_sim_options o = { .costs = costs };
	struct lab l;

	lab_open(&l, &o, &ho, "rate=100mbit,delay=1ms,queue=100");
	for (size_t i = 0; i < sizeof(fn) / sizeof(*fn); i++)
		lab_spawn(i % 2 ? l.a : l.b, fn[i], NULL);
	weir_sim_run(l.s, WEIR_SIM_START_NS + ns);
	lab_close(&l);
}

static void a_world_can_end_in_the_middle_of_everything(void **state)
{
	for (int64_t ns = 0; ns < 20 * LAB_MS; ns += 1700123)
		end_in_the_middle(ns, NULL, 1);
}

static void a_world_can_end_in_the_middle_of_costs(void **state)
{
	for (int64_t ns = 0; ns < 20 * LAB_MS; ns += 1700123)
		end_in_the_middle(ns, COSTS, 1);
	for (int64_t ns = 0; ns < 20 * LAB_MS; ns += 1700123)
		end_in_the_middle(ns, COSTS, 3);
}

static int wants_to_clean_up(struct weir *h, void *arg)
{
	char *mem = malloc(100);
	int ret = sleeps_for_ever(h, NULL);

	free(mem);
	*(int *)arg = ret;
	return ret;
}

static void tasks_return_with_eintr_when_their_world_ends(void **state)
{
	struct lab l;
	int ret = 0;

	lab_open_alone(&l, NULL, NULL);
	lab_spawn(l.a, wants_to_clean_up, &ret);
	weir_sim_pass(l.s, 100);
	lab_close(&l);
	assert_int_equal(ret, -EINTR);
}

static void a_task_that_never_ran_is_no_leak(void **state)
{
	struct lab l;

	lab_open_alone(&l, NULL, NULL);
	lab_spawn(l.a, waits_for_datagrams, NULL);
	lab_close(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waiting_outside_runs_the_world_until_the_task_returns),
		cmocka_unit_test(waiting_for_a_task_that_has_returned_takes_no_time),
		cmocka_unit_test(a_task_waits_for_a_task_of_another_host),
		cmocka_unit_test(any_number_of_tasks_may_wait_for_one),
		cmocka_unit_test(waiting_for_what_cannot_come_is_a_deadlock),
		cmocka_unit_test(tasks_are_listed_in_the_order_of_their_start),
		cmocka_unit_test(a_signal_ends_a_blocked_call_at_once),
		cmocka_unit_test(a_signal_ends_a_sleep),
		cmocka_unit_test(a_signal_while_nothing_blocks_is_kept_for_the_next_call_that_would),
		cmocka_unit_test(a_test_may_be_a_plain_sequence_of_blocking_calls),
		cmocka_unit_test(a_task_cannot_use_the_stack_of_another_host),
		cmocka_unit_test(tasks_may_start_tasks),
		cmocka_unit_test(tasks_return_with_eintr_when_their_world_ends),
		cmocka_unit_test(a_task_that_never_ran_is_no_leak),
		cmocka_unit_test(a_world_can_end_in_the_middle_of_everything),
		cmocka_unit_test(a_world_can_end_in_the_middle_of_costs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
