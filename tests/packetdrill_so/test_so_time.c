/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time as packetdrill sees it: calls that block in the second thread, and the
 * first thread inside the library or out of it. All times are exact.
 */
#include "tests/packetdrill_so/so_test.h"

static void job_accept(struct tool *t)
{
	t->ret = t->ifc.accept(t->ifc.userdata, t->fd, NULL, NULL);
}

static void job_connect(struct tool *t)
{
	struct sockaddr_in a = address(REMOTE, PORT);

	t->ret = t->ifc.connect(t->ifc.userdata, t->fd, (struct sockaddr *)&a,
				sizeof(a));
}

static void job_read(struct tool *t)
{
	char buf[100];

	t->ret = t->ifc.read(t->ifc.userdata, t->fd, buf, sizeof(buf));
}

static void job_poll(struct tool *t)
{
	struct pollfd p = { .fd = t->fd, .events = POLLIN };

	t->ret = t->ifc.poll(t->ifc.userdata, &p, 1, 200);
}

static void job_epoll_wait(struct tool *t)
{
	struct epoll_event ev;

	t->ret = t->ifc.epoll_wait(t->ifc.userdata, t->fd, &ev, 1, -1);
}

static void sleeping_takes_as_long_as_it_says(void **state)
{
	struct tool t;

	tool_start(&t, "");
	for (int i = 1; i <= 10; i++) {
		assert_int_equal(t.ifc.usleep(t.ifc.userdata, 123457), 0);
		assert_int_equal(now(&t), i * 123457);
	}
	assert_int_equal(t.ifc.usleep(t.ifc.userdata, 0), 0);
	assert_int_equal(now(&t), 10 * 123457);
	tool_end(&t);
}

/* The tool may wait for a time by asking for it again and again. */
static void a_look_at_the_clock_may_be_the_wait(void **state)
{
	struct tool t;

	tool_start(&t, "");
	while (now(&t) < 100)
		;
	assert_int_equal(now(&t), 101);
	tool_end(&t);
}

static void a_blocked_accept_returns_when_the_handshake_ends(void **state)
{
	struct tool t;

	tool_start(&t, "");
	t.fd = listener(&t, 0);
	tool_block(&t, job_accept);
	assert_int_equal(t.ifc.usleep(t.ifc.userdata, 100000), 0);
	inject(&t, "S 0:0(0) win 65535 <mss 1000>", NULL);
	expect(&t, 100000, "S. 0:0(0) ack 1");
	assert_int_equal(t.ifc.usleep(t.ifc.userdata, 50000), 0);
	inject(&t, ". 1:1(0) ack 1", NULL);
	tool_join(&t);
	assert_true(t.ret >= 0);
	assert_int_equal(t.when, 150000);
	tool_end(&t);
}

static void a_blocked_connect_returns_with_the_answer(void **state)
{
	struct tool t;

	tool_start(&t, "");
	t.fd = tcp_socket(&t, 0);
	tool_block(&t, job_connect);
	expect(&t, 0, "S 0:0(0)");
	assert_int_equal(t.ifc.usleep(t.ifc.userdata, 50000), 0);
	inject(&t, "S. 0:0(0) ack 1 win 65535 <mss 1000>", NULL);
	expect(&t, 50000, ". 1:1(0) ack 1");
	tool_join(&t);
	assert_int_equal(t.ret, 0);
	assert_int_equal(t.when, 50000);
	tool_end(&t);
}

/* The first thread waits for packets, as the tool does. */
static void a_connection_that_nobody_answers_is_tried_again(void **state)
{
	static const int at_s[] = { 0, 1, 3, 7 };
	struct tool t;

	tool_start(&t, "net.ipv4.tcp_syn_retries=3,"
		   "net.ipv4.tcp_syn_linear_timeouts=0");
	t.fd = tcp_socket(&t, 0);
	tool_block(&t, job_connect);
	for (int i = 0; i < 4; i++)
		expect(&t, at_s[i] * 1000000, "S 0:0(0)");
	expect(&t, 15000000, "none");
	tool_join(&t);
	assert_int_equal(t.ret, -1);
	assert_int_equal(t.err, ETIMEDOUT);
	assert_int_equal(t.when, 15000000);
	tool_end(&t);
}

static void a_read_with_a_time_limit_ends_then(void **state)
{
	struct timeval tv = { .tv_usec = 300000 };
	struct tool t;

	tool_start(&t, "");
	t.fd = accepted(&t, listener(&t, 0));
	assert_int_equal(t.ifc.setsockopt(t.ifc.userdata, t.fd, SOL_SOCKET,
					  SO_RCVTIMEO, &tv, sizeof(tv)), 0);
	tool_block(&t, job_read);
	expect(&t, 300000, "none");	/* nothing more is going to happen */
	tool_join(&t);
	assert_int_equal(t.ret, -1);
	assert_int_equal(t.err, EAGAIN);
	assert_int_equal(t.when, 300000);
	tool_end(&t);
}

static void the_clock_moves_while_the_tool_waits_for_its_own_thread(void **state)
{
	struct tool t;

	tool_start(&t, "");
	t.fd = accepted(&t, listener(&t, 0));
	for (int i = 1; i <= 5; i++) {
		tool_block(&t, job_poll);
		tool_join(&t);
		assert_int_equal(t.ret, 0);
		assert_int_equal(t.when, i * 200000);
	}
	tool_end(&t);
}

static void the_clock_stands_while_the_tool_is_busy(void **state)
{
	struct tool t;

	tool_start(&t, "");
	t.fd = accepted(&t, listener(&t, 0));
	tool_block(&t, job_poll);
	/* a child process, as for a command in back-ticks */
	assert_int_equal(system("exit 0"), 0);
	for (int i = 0; i < 200; i++)
		sched_yield();
	inject(&t, "P. 1:6(5) ack 1", "hello");
	tool_join(&t);
	assert_int_equal(t.ret, 1);
	assert_int_equal(t.when, 0);
	tool_end(&t);
}

static void a_wait_for_a_packet_ends_when_no_event_is_left(void **state)
{
	struct tool t;
	char text[400];
	long long at;

	tool_start(&t, "");
	listener(&t, 0);
	at = next_packet(&t, text, sizeof(text), NULL);
	assert_string_equal(text, "none");
	for (int i = 0; i < 3; i++)	/* and the clock stands */
		expect(&t, at, "none");
	assert_int_equal(now(&t), at);
	tool_end(&t);
}

static void a_wait_for_a_packet_is_no_longer_than_the_flags_say(void **state)
{
	struct tool t;
	char text[400];

	tool_start(&t, "wait=2,net.ipv4.tcp_syn_retries=3,"
		   "net.ipv4.tcp_syn_linear_timeouts=0");
	t.fd = tcp_socket(&t, 0);
	tool_block(&t, job_connect);
	expect(&t, 0, "S 0:0(0)");
	expect(&t, 1000000, "S 0:0(0)");
	expect(&t, 3000000, "S 0:0(0)");
	next_packet(&t, text, sizeof(text), NULL);
	assert_string_equal(text, "none");	/* the next is at 7 s */
	assert_int_equal(t.ifc.usleep(t.ifc.userdata, 2500000), 0);
	expect(&t, 7000000, "S 0:0(0)");
	assert_int_equal(t.ifc.usleep(t.ifc.userdata, 8000000), 0);
	tool_join(&t);
	assert_int_equal(t.when, 15000000);
	tool_end(&t);
}

static void an_epoll_wait_sees_data_when_it_comes(void **state)
{
	struct epoll_event ev = { .events = EPOLLIN };
	struct tool t;
	int fd;

	tool_start(&t, "");
	fd = accepted(&t, listener(&t, 0));
	t.fd = t.ifc.epoll_create(t.ifc.userdata, 1);
	assert_int_equal(t.ifc.epoll_ctl(t.ifc.userdata, t.fd, EPOLL_CTL_ADD, fd,
					 &ev), 0);
	tool_block(&t, job_epoll_wait);
	assert_int_equal(t.ifc.usleep(t.ifc.userdata, 777), 0);
	inject(&t, "P. 1:6(5) ack 1", "hello");
	tool_join(&t);
	assert_int_equal(t.ret, 1);
	assert_int_equal(t.when, 777);
	tool_end(&t);
}

static void a_call_that_can_never_end_is_interrupted(void **state)
{
	struct tool t;

	tool_start(&t, "");
	t.fd = listener(&t, 0);
	tool_block(&t, job_accept);
	tool_join(&t);
	assert_int_equal(t.ret, -1);
	assert_int_equal(t.err, EINTR);
	tool_end(&t);
}

static void job_accept_at_the_end(struct tool *t)
{
	job_accept(t);
	t->err = errno;
	t->busy = false;
	pthread_exit(NULL);
}

static void ending_interrupts_what_is_blocked(void **state)
{
	struct tool t;

	tool_start(&t, "");
	t.fd = listener(&t, 0);
	tool_block(&t, job_accept_at_the_end);
	t.ifc.free(t.ifc.userdata);
	t.ifc.userdata = NULL;
	pthread_join(t.thread, NULL);
	t.thread = 0;
	assert_int_equal(t.ret, -1);
	assert_int_equal(t.err, EINTR);
	tool_end(&t);
}

static void a_cancelled_thread_leaves_the_library(void **state)
{
	struct tool t;
	long long at;
	int lfd;

	tool_start(&t, "");
	lfd = t.fd = listener(&t, 0);
	tool_block(&t, job_accept);
	assert_int_equal(pthread_cancel(t.thread), 0);
	pthread_join(t.thread, NULL);
	t.thread = 0;
	at = now(&t);
	assert_int_equal(t.ifc.usleep(t.ifc.userdata, 1000), 0);
	assert_int_equal(now(&t), at + 1000);
	assert_true(accepted(&t, lfd) >= 0);
	tool_end(&t);
}

/* Everything of a run as text. */
static void play(char *text, size_t room)
{
	struct tool t;
	size_t len = 0;
	char line[400];
	long long when;

	tool_start(&t, "seed=5,net.ipv4.tcp_syn_retries=2");
	t.fd = tcp_socket(&t, 0);
	tool_block(&t, job_connect);
	do {
		when = next_packet(&t, line, sizeof(line), NULL);
		len += (size_t)snprintf(text + len, room - len,
					"%lld port %u seq %u %s\n", when,
					t.stack_port, t.ack, line);
	} while (strcmp(line, "none"));
	tool_join(&t);
	snprintf(text + len, room - len, "%ld at %lld\n", t.ret, t.when);
	tool_end(&t);
}

static void the_same_calls_give_the_same_bytes(void **state)
{
	char first[2000], again[2000];

	play(first, sizeof(first));
	for (int i = 0; i < 5; i++) {
		play(again, sizeof(again));
		assert_string_equal(first, again);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sleeping_takes_as_long_as_it_says),
		cmocka_unit_test(a_look_at_the_clock_may_be_the_wait),
		cmocka_unit_test(a_blocked_accept_returns_when_the_handshake_ends),
		cmocka_unit_test(a_blocked_connect_returns_with_the_answer),
		cmocka_unit_test(a_connection_that_nobody_answers_is_tried_again),
		cmocka_unit_test(a_read_with_a_time_limit_ends_then),
		cmocka_unit_test(the_clock_moves_while_the_tool_waits_for_its_own_thread),
		cmocka_unit_test(the_clock_stands_while_the_tool_is_busy),
		cmocka_unit_test(a_wait_for_a_packet_ends_when_no_event_is_left),
		cmocka_unit_test(a_wait_for_a_packet_is_no_longer_than_the_flags_say),
		cmocka_unit_test(an_epoll_wait_sees_data_when_it_comes),
		cmocka_unit_test(a_call_that_can_never_end_is_interrupted),
		cmocka_unit_test(ending_interrupts_what_is_blocked),
		cmocka_unit_test(a_cancelled_thread_leaves_the_library),
		cmocka_unit_test(the_same_calls_give_the_same_bytes),
	};

	return cmocka_run_group_tests_name("so time", tests, NULL, NULL);
}
