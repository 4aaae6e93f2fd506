/* SPDX-License-Identifier: BSD-2-Clause */
/* Both kinds of descriptors in one set; signals in calls that sleep. */
#include "preload/shim_test.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/time.h>

/* --- sets ------------------------------------------------------------------------- */

static void poll_sees_pipe_and_socket(void **state)
{
	struct pollfd p[2];
	int pair[2], tube[2];

	connected(pair);
	assert_int_equal(pipe(tube), 0);
	p[0] = (struct pollfd){ .fd = pair[1], .events = POLLIN };
	p[1] = (struct pollfd){ .fd = tube[0], .events = POLLIN };
	assert_int_equal(poll(p, 2, 0), 0);
	assert_int_equal(write(tube[1], "x", 1), 1);
	assert_int_equal(poll(p, 2, 1000), 1);
	assert_int_equal(p[1].revents, POLLIN);
	assert_int_equal(write(pair[0], "x", 1), 1);
	p[1].fd = -1;
	assert_int_equal(poll(p, 2, 1000), 1);
	assert_int_equal(p[0].revents, POLLIN);
	close_pair(pair);
	close_pair(tube);
}

/* As OpenSSH does: a set of one word, with nothing behind it. */
static void select_touches_no_more_than_asked(void **state)
{
	struct {
		unsigned long set[1], behind;
	} s = { .behind = 0x5a5a5a5a5a5a5a5aul };
	struct timeval now = { 0 };
	int pair[2];

	connected(pair);
	s.set[0] = 1ul << pair[0];
	assert_int_equal(select(pair[0] + 1, NULL, (fd_set *)(void *)s.set,
				NULL, &now), 1);
	assert_true(s.set[0] >> pair[0] & 1);
	assert_int_equal(s.behind, 0x5a5a5a5a5a5a5a5aul);
	close_pair(pair);
}

static void an_epoll_set_moves_with_all_it_has(void **state)
{
	struct epoll_event ev = { .events = EPOLLIN }, out[4];
	int ep = epoll_create1(0), tube[2], pair[2];

	assert_int_equal(pipe(tube), 0);
	ev.data.u64 = 0x1122334455667788ull;
	assert_int_equal(epoll_ctl(ep, EPOLL_CTL_ADD, tube[0], &ev), 0);
	connected(pair);
	ev.data.u64 = 42;
	assert_int_equal(epoll_ctl(ep, EPOLL_CTL_ADD, pair[1], &ev), 0);
	assert_int_equal(epoll_wait(ep, out, 4, 0), 0);
	assert_int_equal(write(tube[1], "x", 1), 1);
	assert_int_equal(epoll_wait(ep, out, 4, 1000), 1);
	assert_true(out[0].data.u64 == 0x1122334455667788ull);
	assert_int_equal(epoll_ctl(ep, EPOLL_CTL_DEL, tube[0], NULL), 0);
	assert_int_equal(write(pair[0], "x", 1), 1);
	assert_int_equal(epoll_wait(ep, out, 4, 1000), 1);
	assert_true(out[0].data.u64 == 42);
	close(ep);
	close_pair(pair);
	close_pair(tube);
}

static void *wait_for_one(void *arg)
{
	struct epoll_event out;
	int *ep = arg;

	return (void *)(intptr_t)(epoll_wait(*ep, &out, 1, 5000) == 1 ?
				  out.data.fd : -1);
}

static void a_sleeper_in_the_hosts_set_sees_the_socket(void **state)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int ep = epoll_create1(0), pair[2];
	struct timespec nap = { .tv_nsec = 20000000 };
	pthread_t thread;
	void *got;

	assert_int_equal(pthread_create(&thread, NULL, wait_for_one, &ep), 0);
	nanosleep(&nap, NULL);
	connected(pair);
	ev.data.fd = pair[1];
	assert_int_equal(epoll_ctl(ep, EPOLL_CTL_ADD, pair[1], &ev), 0);
	assert_int_equal(write(pair[0], "x", 1), 1);
	pthread_join(thread, &got);
	assert_int_equal((intptr_t)got, pair[1]);
	close(ep);
	close_pair(pair);
}

/* --- signals ----------------------------------------------------------------------- */

static volatile sig_atomic_t handled;	/* RULE 9: what handlers can reach */
static int answer_fd;
static sigjmp_buf back;

static void on_alarm(int sig)
{
	handled++;
	if (answer_fd >= 0)
		(void)!write(answer_fd, "s", 1);	/* from inside recv */
}

static void on_alarm_jump(int sig)
{
	siglongjmp(back, 1);
}

static void alarm_in_20_ms(void (*handler)(int), int flags)
{
	struct sigaction act = { .sa_handler = handler, .sa_flags = flags };
	struct itimerval t = { .it_value.tv_usec = 20000 };

	sigaction(SIGALRM, &act, NULL);
	handled = 0;
	setitimer(ITIMER_REAL, &t, NULL);
}

static void recv_goes_on_after_a_handler_with_sa_restart(void **state)
{
	int pair[2];
	char c;

	connected(pair);
	answer_fd = pair[0];
	alarm_in_20_ms(on_alarm, SA_RESTART);
	assert_int_equal(recv(pair[1], &c, 1, 0), 1);
	assert_int_equal(c, 's');
	assert_int_equal(handled, 1);
	close_pair(pair);
}

static void recv_ends_after_a_handler_without_it(void **state)
{
	int pair[2];
	char c;

	connected(pair);
	answer_fd = -1;
	alarm_in_20_ms(on_alarm, 0);
	assert_int_equal(recv(pair[1], &c, 1, 0), -1);
	assert_int_equal(errno, EINTR);
	assert_int_equal(handled, 1);
	close_pair(pair);
}

static void poll_ends_after_any_handler(void **state)
{
	struct pollfd p = { .events = POLLIN };
	int pair[2];

	connected(pair);
	p.fd = pair[1];
	answer_fd = -1;
	alarm_in_20_ms(on_alarm, SA_RESTART);
	assert_int_equal(poll(&p, 1, 5000), -1);
	assert_int_equal(errno, EINTR);
	close_pair(pair);
}

static void a_handler_may_leave_by_siglongjmp(void **state)
{
	int pair[2];
	char c;

	connected(pair);
	if (!sigsetjmp(back, 1)) {
		alarm_in_20_ms(on_alarm_jump, 0);
		recv(pair[1], &c, 1, 0);
		fail();
	}
	assert_int_equal(write(pair[0], "x", 1), 1);	/* nothing is locked */
	assert_int_equal(recv(pair[1], &c, 1, 0), 1);
	close_pair(pair);
}

static void sigaction_tells_what_was_set(void **state)
{
	struct sigaction old;

	signal(SIGUSR1, on_alarm);
	assert_int_equal(sigaction(SIGUSR1, NULL, &old), 0);
	assert_ptr_equal(old.sa_handler, on_alarm);
	assert_true(old.sa_flags & SA_RESTART);
	assert_ptr_equal(signal(SIGUSR1, SIG_DFL), on_alarm);
	assert_int_equal(sigaction(SIGTERM, NULL, &old), 0);
	assert_ptr_equal(old.sa_handler, SIG_DFL);
}

static void writing_to_a_closed_peer_raises_sigpipe(void **state)
{
	int pair[2];
	char c;

	connected(pair);
	close(pair[1]);
	assert_int_equal(read(pair[0], &c, 1), 0);
	answer_fd = -1;
	handled = 0;
	signal(SIGPIPE, on_alarm);
	(void)!write(pair[0], "x", 1);		/* answered by a reset */
	poll(&(struct pollfd){ .fd = pair[0], .events = 0 }, 1, 1000);
	while (write(pair[0], "x", 1) == -1 && errno == ECONNRESET)
		;
	assert_int_equal(handled, 1);
	assert_int_equal(send(pair[0], "x", 1, MSG_NOSIGNAL), -1);
	assert_int_equal(errno, EPIPE);
	assert_int_equal(handled, 1);
	close(pair[0]);
}

static void *wait_for_ever(void *arg)
{
	char c;

	recv(*(int *)arg, &c, 1, 0);
	return NULL;
}

static void a_thread_asleep_in_recv_can_be_cancelled(void **state)
{
	struct timespec nap = { .tv_nsec = 20000000 };
	pthread_t thread;
	void *got = NULL;
	int pair[2];

	connected(pair);
	assert_int_equal(pthread_create(&thread, NULL, wait_for_ever, &pair[0]),
			 0);
	nanosleep(&nap, NULL);
	assert_int_equal(pthread_cancel(thread), 0);
	assert_int_equal(pthread_join(thread, &got), 0);
	assert_ptr_equal(got, PTHREAD_CANCELED);
	close_pair(pair);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(poll_sees_pipe_and_socket),
		cmocka_unit_test(select_touches_no_more_than_asked),
		cmocka_unit_test(an_epoll_set_moves_with_all_it_has),
		cmocka_unit_test(a_sleeper_in_the_hosts_set_sees_the_socket),
		cmocka_unit_test(recv_goes_on_after_a_handler_with_sa_restart),
		cmocka_unit_test(recv_ends_after_a_handler_without_it),
		cmocka_unit_test(poll_ends_after_any_handler),
		cmocka_unit_test(a_handler_may_leave_by_siglongjmp),
		cmocka_unit_test(sigaction_tells_what_was_set),
		cmocka_unit_test(writing_to_a_closed_peer_raises_sigpipe),
		cmocka_unit_test(a_thread_asleep_in_recv_can_be_cancelled),
	};

	under_the_shim(argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
