/* SPDX-License-Identifier: BSD-2-Clause */
/* How TCP connections end: in all orders, and by force. */
#include "tests/support/peer.h"

struct setup {
	struct world w;
	struct peer p;
	struct talk t;
	int fd;
};

static int setup(void **state)
{
	struct setup *s = malloc(sizeof(*s));

	world_open_peer(&s->w, &s->p, NULL);
	s->fd = talk_serve(&s->t, &s->p, 80, 65535, NULL);
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

static int state_of(struct setup *s)
{
	return host_tcp_state(&s->w.a, s->fd);
}

static ssize_t get(struct setup *s, void *buf, size_t n)
{
	return host_recv(&s->w.a, s->fd, buf, n);
}

static void closing_first_ends_in_time_wait_for_a_minute(void **state)
{
	struct setup *s = *state;

	host_close(&s->w.a, s->fd);
	hear(&s->t, "F. 1:1(0) ack 1");
	say(&s->t, ". 1:1(0) ack 2 win 65535");
	silence(&s->t, SEC);
	say(&s->t, "F. 1:1(0) ack 2 win 65535");
	hear(&s->t, ". 2:2(0) ack 2");
	assert_int_equal(s->w.a.net->tcp->tw_count, 1);
	/* the last ACK was lost: it is given again */
	say(&s->t, "F. 1:1(0) ack 2 win 65535");
	hear(&s->t, ". 2:2(0) ack 2");
	silence(&s->t, 70 * SEC);
	assert_int_equal(s->w.a.net->tcp->tw_count, 0);
	say(&s->t, ". 2:2(0) ack 2 win 65535");
	hear(&s->t, "R 2:2(0) win 0");
}

static void closing_second_ends_at_once(void **state)
{
	struct setup *s = *state;
	char buf[8];

	say(&s->t, "F. 1:1(0) ack 1 win 65535");
	hear_in(&s->t, 0, 250 * MSEC, ". 1:1(0) ack 2");
	assert_int_equal(state_of(s), TCP_CLOSE_WAIT);
	assert_int_equal(get(s, buf, 8), 0);
	assert_true(host_poll(&s->w.a, s->fd) & EPOLLRDHUP);
	host_close(&s->w.a, s->fd);
	hear(&s->t, "F. 1:1(0) ack 2");
	say(&s->t, ". 2:2(0) ack 2 win 65535");
	assert_int_equal(s->w.a.net->tcp->tw_count, 0);
	say(&s->t, ". 2:2(0) ack 2 win 65535");
	hear(&s->t, "R 2:2(0) win 0");
}

static void both_may_close_at_the_same_time(void **state)
{
	struct setup *s = *state;

	host_close(&s->w.a, s->fd);
	hear(&s->t, "F. 1:1(0) ack 1");
	say(&s->t, "F. 1:1(0) ack 1 win 65535");
	hear(&s->t, ". 2:2(0) ack 2");
	say(&s->t, ". 2:2(0) ack 2 win 65535");
	silence(&s->t, SEC);
	assert_int_equal(s->w.a.net->tcp->tw_count, 1);
}

static void half_closed_we_still_receive(void **state)
{
	struct setup *s = *state;
	char buf[200];

	assert_int_equal(sys_shutdown(s->w.a.net, s->fd, SHUT_WR), 0);
	hear(&s->t, "F. 1:1(0) ack 1");
	assert_int_equal(host_send(&s->w.a, s->fd, "x", 1), -EPIPE);
	say(&s->t, ". 1:1(0) ack 2 win 65535");
	assert_int_equal(state_of(s), TCP_FIN_WAIT2);
	say(&s->t, "P. 1:101(100) ack 2 win 65535");
	hear_in(&s->t, 0, 250 * MSEC, ". 2:2(0) ack 101");
	assert_int_equal(get(s, buf, 200), 100);
	say(&s->t, "F. 101:101(0) ack 2 win 65535");
	hear(&s->t, ". 2:2(0) ack 102");
	assert_int_equal(get(s, buf, 200), 0);
}

static void half_closed_by_the_peer_we_still_send(void **state)
{
	struct setup *s = *state;

	say(&s->t, "F. 1:1(0) ack 1 win 65535");
	hear_in(&s->t, 0, 250 * MSEC, ". 1:1(0) ack 2");
	assert_int_equal(host_send(&s->w.a, s->fd, "abc", 3), 3);
	hear(&s->t, "P. 1:4(3) ack 2");
	say(&s->t, ". 2:2(0) ack 4 win 65535");
	host_close(&s->w.a, s->fd);
	hear(&s->t, "F. 4:4(0) ack 2");
	say(&s->t, ". 2:2(0) ack 5 win 65535");
	silence(&s->t, SEC);
}

static void data_and_fin_come_together(void **state)
{
	struct setup *s = *state;
	char buf[200];

	say(&s->t, "FP. 1:101(100) ack 1 win 65535");
	hear_in(&s->t, 0, 250 * MSEC, ". 1:1(0) ack 102");
	assert_int_equal(get(s, buf, 200), 100);
	assert_int_equal(get(s, buf, 200), 0);
}

static void a_fin_that_overtakes_waits_for_the_data_before_it(void **state)
{
	struct setup *s = *state;
	char buf[200];

	say(&s->t, "F. 101:101(0) ack 1 win 65535");
	hear(&s->t, ". 1:1(0) ack 1");
	assert_int_equal(state_of(s), TCP_ESTABLISHED);
	say(&s->t, "P. 1:101(100) ack 1 win 65535");
	hear(&s->t, ". 1:1(0) ack 102");
	assert_int_equal(get(s, buf, 200), 100);
	assert_int_equal(get(s, buf, 200), 0);
	assert_int_equal(state_of(s), TCP_CLOSE_WAIT);
}

static void what_was_written_before_close_goes_out_with_the_fin(void **state)
{
	struct setup *s = *state;
	static char data[3000];

	assert_int_equal(host_send(&s->w.a, s->fd, data, 3000), 3000);
	host_close(&s->w.a, s->fd);
	hear(&s->t, ". 1:1461(1460) ack 1");
	hear(&s->t, ". 1461:2921(1460) ack 1");
	hear(&s->t, "P. 2921:3001(80) ack 1");
	hear(&s->t, "F. 3001:3001(0) ack 1");
	say(&s->t, ". 1:1(0) ack 3002 win 65535");
	silence(&s->t, SEC);
}

static void a_lost_fin_is_sent_again(void **state)
{
	struct setup *s = *state;

	host_close(&s->w.a, s->fd);
	hear(&s->t, "F. 1:1(0) ack 1");
	/* never measured: the first timeout is of a second, or TLP's */
	hear_in(&s->t, 150 * MSEC, 1100 * MSEC, "F. 1:1(0) ack 1");
	say(&s->t, "F. 1:1(0) ack 2 win 65535");
	hear(&s->t, ". 2:2(0) ack 2");
	silence(&s->t, 5 * SEC);
}

static void closing_with_unread_data_resets(void **state)
{
	struct setup *s = *state;

	say(&s->t, "P. 1:101(100) ack 1 win 65535");
	hear_in(&s->t, 0, 250 * MSEC, ". 1:1(0) ack 101");
	host_close(&s->w.a, s->fd);
	hear(&s->t, "R. 1:1(0) ack 101");
	silence(&s->t, SEC);
	assert_int_equal(STAT(&s->w.a, TcpExt, TCPAbortOnClose), 1);
}

static void linger_zero_resets(void **state)
{
	struct setup *s = *state;
	struct linger l = { .l_onoff = 1 };

	assert_int_equal(sys_setsockopt(s->w.a.net, s->fd, SOL_SOCKET, SO_LINGER,
					&l, sizeof(l)), 0);
	host_close(&s->w.a, s->fd);
	hear(&s->t, "R. 1:1(0) ack 1");
	silence(&s->t, SEC);
}

static void linger_waits_for_the_last_ack(void **state)
{
	struct setup *s = *state;
	struct linger l = { .l_onoff = 1, .l_linger = 2 };
	ktime_t start = world_now(&s->w);

	sys_setsockopt(s->w.a.net, s->fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	sys_fcntl(s->w.a.net, s->fd, F_SETFL, 0);
	host_send(&s->w.a, s->fd, "x", 1);
	host_close(&s->w.a, s->fd);		/* nobody acknowledges */
	assert_int_equal((world_now(&s->w) - start) / (100 * MSEC), 20);
}

static void data_after_close_is_answered_with_a_reset(void **state)
{
	struct setup *s = *state;

	host_close(&s->w.a, s->fd);
	hear(&s->t, "F. 1:1(0) ack 1");
	say(&s->t, "P. 1:101(100) ack 2 win 65535");
	hear(&s->t, "R 2:2(0) win 0");
	silence(&s->t, 10 * SEC);
}

static void a_reset_is_an_error_to_the_reader_and_the_writer(void **state)
{
	struct setup *s = *state;
	char buf[8];

	say(&s->t, "R. 1:1(0) ack 1 win 0");
	assert_int_equal(state_of(s), TCP_CLOSE);
	assert_int_equal(host_poll(&s->w.a, s->fd) &
			 (EPOLLERR | EPOLLHUP | EPOLLIN | EPOLLRDHUP),
			 EPOLLERR | EPOLLHUP | EPOLLIN | EPOLLRDHUP);
	assert_int_equal(get(s, buf, 8), -ECONNRESET);
	assert_int_equal(get(s, buf, 8), 0);
	assert_int_equal(host_send(&s->w.a, s->fd, "x", 1), -EPIPE);
	assert_int_equal(STAT(&s->w.a, Tcp, EstabResets), 1);
}

static void a_reset_not_exactly_at_rcv_nxt_is_challenged(void **state)
{
	struct setup *s = *state;

	say(&s->t, "R 100:100(0) win 0");
	hear(&s->t, ". 1:1(0) ack 1");
	assert_int_equal(state_of(s), TCP_ESTABLISHED);
	assert_int_equal(STAT(&s->w.a, TcpExt, TCPChallengeACK), 1);
	say(&s->t, "R 70000:70000(0) win 0");	/* outside the window */
	silence(&s->t, SEC);
	assert_int_equal(state_of(s), TCP_ESTABLISHED);
	say(&s->t, "R 1:1(0) win 0");
	assert_int_equal(state_of(s), TCP_CLOSE);
}

static void a_syn_in_a_connection_is_challenged(void **state)
{
	struct setup *s = *state;

	say(&s->t, "S 50:50(0) win 65535 <mss 1460>");
	hear(&s->t, ". 1:1(0) ack 1");
	assert_int_equal(STAT(&s->w.a, TcpExt, TCPSYNChallenge), 1);
	assert_int_equal(state_of(s), TCP_ESTABLISHED);
}

static void a_new_syn_takes_over_time_wait(void **state)
{
	struct setup *s = *state;
	struct talk t;

	host_close(&s->w.a, s->fd);
	hear(&s->t, "F. 1:1(0) ack 1");
	say(&s->t, "F. 1:1(0) ack 2 win 65535");
	hear(&s->t, ". 2:2(0) ack 2");
	host_listen(&s->w.a, 80, 1);
	talk_init(&t, &s->p, 40000, 80);
	t.isn = PEER_ISN + 1000;
	talk_open(&t, 65535, NULL);
	assert_true((s32)(t.stack_isn - s->t.stack_isn) > 0);
	assert_int_equal(s->w.a.net->tcp->tw_count, 0);
}

static void an_old_syn_in_time_wait_is_answered_by_its_ack(void **state)
{
	struct setup *s = *state;

	host_close(&s->w.a, s->fd);
	hear(&s->t, "F. 1:1(0) ack 1");
	say(&s->t, "F. 1:1(0) ack 2 win 65535");
	hear(&s->t, ". 2:2(0) ack 2");
	host_listen(&s->w.a, 80, 1);
	say(&s->t, "S 0:0(0) win 65535 <mss 1460>");
	hear(&s->t, ". 2:2(0) ack 2");
	assert_int_equal(s->w.a.net->tcp->tw_count, 1);
}

/* The stack ends right after: nothing of it may be left. */
static void a_reset_ends_time_wait_at_once(void **state)
{
	struct setup *s = *state;

	host_close(&s->w.a, s->fd);
	hear(&s->t, "F. 1:1(0) ack 1");
	say(&s->t, "F. 1:1(0) ack 2 win 65535");
	hear(&s->t, ". 2:2(0) ack 2");
	say(&s->t, "R 2:2(0) win 0");
	assert_int_equal(s->w.a.net->tcp->tw_count, 0);
}

static void an_orphan_in_fin_wait_2_is_forgotten_after_a_minute(void **state)
{
	struct setup *s = *state;

	host_close(&s->w.a, s->fd);
	hear(&s->t, "F. 1:1(0) ack 1");
	say(&s->t, ". 1:1(0) ack 2 win 65535");
	silence(&s->t, 70 * SEC);
	say(&s->t, "F. 1:1(0) ack 2 win 65535");
	hear(&s->t, "R 2:2(0) win 0");
}

static void shutdown_of_reading_reads_the_end_and_still_acknowledges(void **state)
{
	struct setup *s = *state;
	char buf[8];

	assert_int_equal(sys_shutdown(s->w.a.net, s->fd, SHUT_RD), 0);
	assert_int_equal(get(s, buf, 8), 0);
	assert_int_equal(host_send(&s->w.a, s->fd, "x", 1), 1);
	hear(&s->t, "P. 1:2(1) ack 1");
	say(&s->t, ". 1:1(0) ack 2 win 65535");
	silence(&s->t, SEC);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(closing_first_ends_in_time_wait_for_a_minute),
		T(closing_second_ends_at_once),
		T(both_may_close_at_the_same_time),
		T(half_closed_we_still_receive),
		T(half_closed_by_the_peer_we_still_send),
		T(data_and_fin_come_together),
		T(a_fin_that_overtakes_waits_for_the_data_before_it),
		T(what_was_written_before_close_goes_out_with_the_fin),
		T(a_lost_fin_is_sent_again),
		T(closing_with_unread_data_resets),
		T(linger_zero_resets),
		T(linger_waits_for_the_last_ack),
		T(data_after_close_is_answered_with_a_reset),
		T(a_reset_is_an_error_to_the_reader_and_the_writer),
		T(a_reset_not_exactly_at_rcv_nxt_is_challenged),
		T(a_syn_in_a_connection_is_challenged),
		T(a_new_syn_takes_over_time_wait),
		T(an_old_syn_in_time_wait_is_answered_by_its_ack),
		T(a_reset_ends_time_wait_at_once),
		T(an_orphan_in_fin_wait_2_is_forgotten_after_a_minute),
		T(shutdown_of_reading_reads_the_end_and_still_acknowledges),
	};

	return cmocka_run_group_tests_name("TCP close", tests, NULL, NULL);
}
