/* SPDX-License-Identifier: BSD-2-Clause */
/* How TCP connections begin, and how they do not. */
#include "tests/support/peer.h"

struct setup {
	struct world w;
	struct peer p;
	struct talk t;
};

static int setup(void **state)
{
	struct setup *s = malloc(sizeof(*s));

	world_open_peer(&s->w, &s->p, NULL);
	talk_init(&s->t, &s->p, 40000, 0);
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

static int start_connect(struct setup *s)
{
	int fd = host_socket(&s->w.a, SOCK_STREAM | SOCK_NONBLOCK);

	assert_int_equal(host_connect(&s->w.a, fd, HOST_B, 40000), -EINPROGRESS);
	return fd;
}

static int so_error(struct setup *s, int fd)
{
	return host_getsockopt(&s->w.a, fd, SOL_SOCKET, SO_ERROR);
}

/* --- active --------------------------------------------------------------------------- */

static void connect_shakes_hands_in_three_segments(void **state)
{
	struct setup *s = *state;
	int fd = start_connect(s);

	hear(&s->t, "S 0:0(0) win 64240 <mss 1460,sackOK,TS val * ecr 0,nop,wscale *>");
	assert_int_equal(host_poll(&s->w.a, fd) & EPOLLOUT, 0);
	assert_int_equal(host_connect(&s->w.a, fd, HOST_B, 40000), -EALREADY);
	say(&s->t, "S. 0:0(0) ack 1 win 65535 <mss 1460,sackOK,nop,wscale 7>");
	hear(&s->t, ". 1:1(0) ack 1 <>");
	assert_true(host_poll(&s->w.a, fd) & EPOLLOUT);
	assert_int_equal(so_error(s, fd), 0);
	assert_int_equal(host_connect(&s->w.a, fd, HOST_B, 40000), 0);
	assert_int_equal(host_connect(&s->w.a, fd, HOST_B, 40000), -EISCONN);
	assert_int_equal(host_tcp_state(&s->w.a, fd), TCP_ESTABLISHED);
	assert_int_equal(STAT(&s->w.a, Tcp, ActiveOpens), 1);
}

static void a_blocking_connect_returns_when_established(void **state)
{
	struct setup *s = *state;
	struct world two;
	int fd, lfd;

	world_close(&s->w);
	world_open(&two, &(struct world_params){ .delay = 5 * MSEC });
	lfd = host_listen(&two.b, 80, 1);
	fd = host_socket(&two.a, SOCK_STREAM);
	assert_int_equal(host_connect(&two.a, fd, HOST_B, 80), 0);
	/* ARP and SYN: two round trips */
	assert_int_equal((world_now(&two) - FAKE_START_NS) / MSEC, 20);
	world_pass(&two, 5 * MSEC + 1);
	assert_true(sys_accept4(two.b.net, lfd, NULL, NULL, 0) >= 0);
	world_close(&two);
	world_open_peer(&s->w, &s->p, NULL);
}

static void a_lost_syn_is_sent_again_with_doubled_waits(void **state)
{
	struct setup *s = *state;
	int fd = start_connect(s);

	hear(&s->t, "S 0:0(0)");
	hear_in(&s->t, 990 * MSEC, 1050 * MSEC, "S 0:0(0)");
	/* Linux 6.5: tcp_syn_linear_timeouts more after a second, then the
	 * waits double */
	hear_in(&s->t, 990 * MSEC, 1050 * MSEC, "S 0:0(0)");
	hear_in(&s->t, 990 * MSEC, 1050 * MSEC, "S 0:0(0)");
	hear_in(&s->t, 990 * MSEC, 1050 * MSEC, "S 0:0(0)");
	hear_in(&s->t, 990 * MSEC, 1050 * MSEC, "S 0:0(0)");
	hear_in(&s->t, 1980 * MSEC, 2100 * MSEC, "S 0:0(0)");
	hear_in(&s->t, 3960 * MSEC, 4200 * MSEC, "S 0:0(0)");
	say(&s->t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
	hear(&s->t, ". 1:1(0) ack 1");
	assert_int_equal(so_error(s, fd), 0);
	assert_int_equal(STAT(&s->w.a, TcpExt, TCPSynRetrans), 7);
}

static void connect_gives_up_after_syn_retries(void **state)
{
	struct setup *s = *state;
	int fd;

	host_sysctl(&s->w.a, "net.ipv4.tcp_syn_linear_timeouts", "0");
	fd = start_connect(s);
	host_setsockopt(&s->w.a, fd, SOL_TCP, TCP_SYNCNT, 2);
	hear(&s->t, "S 0:0(0)");
	hear_in(&s->t, 990 * MSEC, 1050 * MSEC, "S 0:0(0)");
	hear_in(&s->t, 1980 * MSEC, 2100 * MSEC, "S 0:0(0)");
	silence(&s->t, 60 * SEC);
	assert_true(host_poll(&s->w.a, fd) & EPOLLERR);
	assert_int_equal(so_error(s, fd), ETIMEDOUT);
	assert_int_equal(host_tcp_state(&s->w.a, fd), TCP_CLOSE);
}

static void a_reset_refuses_the_connection(void **state)
{
	struct setup *s = *state;
	int fd = start_connect(s);

	hear(&s->t, "S 0:0(0)");
	say(&s->t, "R. 0:0(0) ack 1 win 0");
	assert_int_equal(host_poll(&s->w.a, fd) & (EPOLLERR | EPOLLHUP),
			 EPOLLERR | EPOLLHUP);
	assert_int_equal(so_error(s, fd), ECONNREFUSED);
	silence(&s->t, 10 * SEC);
	assert_int_equal(STAT(&s->w.a, Tcp, AttemptFails), 1);
}

static void a_reset_that_acknowledges_nothing_of_ours_is_ignored(void **state)
{
	struct setup *s = *state;
	int fd = start_connect(s);

	hear(&s->t, "S 0:0(0)");
	say(&s->t, "R. 0:0(0) ack 77 win 0");
	assert_int_equal(host_tcp_state(&s->w.a, fd), TCP_SYN_SENT);
	say(&s->t, "R 0:0(0) win 0");
	assert_int_equal(host_tcp_state(&s->w.a, fd), TCP_SYN_SENT);
}

static void a_wrong_ack_in_syn_sent_is_answered_with_a_reset(void **state)
{
	struct setup *s = *state;
	int fd = start_connect(s);

	hear(&s->t, "S 0:0(0)");
	say(&s->t, "S. 0:0(0) ack 1000 win 65535 <mss 1460>");
	hear(&s->t, "R 1000:1000(0) win 0");
	assert_int_equal(host_tcp_state(&s->w.a, fd), TCP_SYN_SENT);
}

static void host_unreachable_is_only_a_hint_until_connect_gives_up(void **state)
{
	struct setup *s = *state;
	int fd = start_connect(s);

	hear(&s->t, "S 0:0(0)");
	say_icmp_error(&s->p, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
	assert_int_equal(host_tcp_state(&s->w.a, fd), TCP_CLOSE);
	assert_int_equal(so_error(s, fd), EHOSTUNREACH);
}

static void both_may_open_at_the_same_time(void **state)
{
	struct setup *s = *state;
	int fd = start_connect(s);

	hear(&s->t, "S 0:0(0)");
	say(&s->t, "S 0:0(0) win 65535 <mss 1460>");
	hear(&s->t, "S. 0:0(0) ack 1");
	assert_int_equal(host_tcp_state(&s->w.a, fd), TCP_SYN_RECV);
	say(&s->t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
	assert_int_equal(host_tcp_state(&s->w.a, fd), TCP_ESTABLISHED);
	hear(&s->t, ". 1:1(0) ack 1");
	host_send(&s->w.a, fd, "x", 1);
	hear(&s->t, "P. 1:2(1) ack 1");
}

static void a_closed_socket_in_syn_sent_says_nothing_more(void **state)
{
	struct setup *s = *state;
	int fd = start_connect(s);

	hear(&s->t, "S 0:0(0)");
	host_close(&s->w.a, fd);
	silence(&s->t, 10 * SEC);
	say(&s->t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
	hear(&s->t, "R 1:1(0) win 0");
}

/* --- passive -------------------------------------------------------------------------- */

static void a_listener_shakes_hands_and_accept_gives_the_connection(void **state)
{
	struct setup *s = *state;
	int lfd = host_listen(&s->w.a, 80, 1), fd;
	struct sockaddr_in peer;
	u32 len = sizeof(peer);

	s->t.stack_port = 80;
	assert_int_equal(sys_accept4(s->w.a.net, lfd, NULL, NULL, 0), -EAGAIN);
	say(&s->t, "S 0:0(0) win 1000 <mss 1000,sackOK,TS val 5 ecr 0,nop,wscale 3>");
	hear(&s->t, "S. 0:0(0) ack 1 win 65160 <mss 1460,sackOK,TS val * ecr 5,nop,wscale *>");
	assert_int_equal(host_poll(&s->w.a, lfd), 0);
	say(&s->t, ". 1:1(0) ack 1 win 1000 <nop,nop,TS val 6 ecr %u>",
	    s->t.heard->ts_val);
	assert_true(host_poll(&s->w.a, lfd) & EPOLLIN);
	fd = sys_accept4(s->w.a.net, lfd, (struct sockaddr *)&peer, &len, 0);
	assert_true(fd >= 0);
	assert_memory_equal(&peer, &(struct sockaddr_in[]){ sa(HOST_B, 40000) },
			    sizeof(peer));
	assert_int_equal(STAT(&s->w.a, Tcp, PassiveOpens), 1);
	silence(&s->t, 10 * SEC);
}

static void data_may_come_with_the_last_ack_of_the_handshake(void **state)
{
	struct setup *s = *state;
	int lfd = host_listen(&s->w.a, 80, 1), fd;
	char buf[200];

	s->t.stack_port = 80;
	say(&s->t, "S 0:0(0) win 65535 <mss 1460>");
	hear(&s->t, "S. 0:0(0) ack 1 <mss 1460>");
	say(&s->t, "P. 1:101(100) ack 1 win 65535");
	hear(&s->t, ". 1:1(0) ack 101");
	fd = sys_accept4(s->w.a.net, lfd, NULL, NULL, 0);
	assert_int_equal(host_recv(&s->w.a, fd, buf, 200), 100);
}

static void a_lost_syn_ack_is_sent_again(void **state)
{
	struct setup *s = *state;
	int lfd = host_listen(&s->w.a, 80, 1);

	s->t.stack_port = 80;
	say(&s->t, "S 0:0(0) win 65535 <mss 1460>");
	hear(&s->t, "S. 0:0(0) ack 1");
	hear_in(&s->t, 990 * MSEC, 1050 * MSEC, "S. 0:0(0) ack 1");
	hear_in(&s->t, 1980 * MSEC, 2100 * MSEC, "S. 0:0(0) ack 1");
	say(&s->t, ". 1:1(0) ack 1 win 65535");
	assert_true(sys_accept4(s->w.a.net, lfd, NULL, NULL, 0) >= 0);
	silence(&s->t, 10 * SEC);
}

static void a_syn_that_comes_again_is_answered_again(void **state)
{
	struct setup *s = *state;

	host_listen(&s->w.a, 80, 1);
	s->t.stack_port = 80;
	say(&s->t, "S 0:0(0) win 65535 <mss 1460>");
	hear(&s->t, "S. 0:0(0) ack 1");
	world_pass(&s->w, 600 * MSEC);
	say(&s->t, "S 0:0(0) win 65535 <mss 1460>");
	hear(&s->t, "S. 0:0(0) ack 1");
}

static void a_request_is_given_up_after_synack_retries(void **state)
{
	struct setup *s = *state;
	int lfd = host_listen(&s->w.a, 80, 1);

	host_sysctl(&s->w.a, "net.ipv4.tcp_synack_retries", "2");
	s->t.stack_port = 80;
	say(&s->t, "S 0:0(0) win 65535 <mss 1460>");
	hear(&s->t, "S. 0:0(0) ack 1");
	hear_in(&s->t, 990 * MSEC, 1050 * MSEC, "S. 0:0(0) ack 1");
	hear_in(&s->t, 1980 * MSEC, 2100 * MSEC, "S. 0:0(0) ack 1");
	silence(&s->t, 60 * SEC);
	say(&s->t, ". 1:1(0) ack 1 win 65535");
	hear(&s->t, "R 1:1(0) win 0");
	assert_int_equal(sys_accept4(s->w.a.net, lfd, NULL, NULL, 0), -EAGAIN);
}

static void a_port_without_listener_resets(void **state)
{
	struct setup *s = *state;

	s->t.stack_port = 81;
	say(&s->t, "S 0:0(0) win 65535 <mss 1460>");
	hear(&s->t, "R. 0:0(0) ack 1 win 0 <>");
	assert_int_equal(STAT(&s->w.a, Tcp, OutRsts), 1);
	assert_int_equal(world_drops(&s->w, SKB_DROP_REASON_NO_SOCKET), 1);
	say(&s->t, ". 5:5(0) ack 9 win 65535");
	s->t.stack_isn = 0;
	hear(&s->t, "R 9:9(0) win 0");
	say(&s->t, "R 5:5(0) win 0");
	silence(&s->t, SEC);
}

static void an_ack_to_a_listener_is_reset(void **state)
{
	struct setup *s = *state;

	host_listen(&s->w.a, 80, 1);
	s->t.stack_port = 80;
	say(&s->t, ". 1:1(0) ack 1000 win 65535");
	hear(&s->t, "R 1000:1000(0) win 0");
}

static void a_reset_ends_a_request(void **state)
{
	struct setup *s = *state;
	int lfd = host_listen(&s->w.a, 80, 1);

	s->t.stack_port = 80;
	say(&s->t, "S 0:0(0) win 65535 <mss 1460>");
	hear(&s->t, "S. 0:0(0) ack 1");
	say(&s->t, "R 1:1(0) win 0");
	silence(&s->t, 10 * SEC);
	assert_int_equal(sys_accept4(s->w.a.net, lfd, NULL, NULL, 0), -EAGAIN);
}

static void a_bad_ack_of_the_syn_ack_is_reset(void **state)
{
	struct setup *s = *state;

	host_listen(&s->w.a, 80, 1);
	s->t.stack_port = 80;
	say(&s->t, "S 0:0(0) win 65535 <mss 1460>");
	hear(&s->t, "S. 0:0(0) ack 1");
	say(&s->t, ". 1:1(0) ack 500 win 65535");
	hear(&s->t, "R 500:500(0) win 0");
}

static void a_full_accept_queue_drops_the_last_ack_and_syn(void **state)
{
	struct setup *s = *state;
	int lfd = host_listen(&s->w.a, 80, 1);
	struct talk t[4];

	for (u16 i = 0; i < 4; i++)
		talk_init(&t[i], &s->p, 50000 + i, 80);
	for (int i = 0; i < 2; i++)	/* backlog 1 holds two, as in Linux */
		talk_open(&t[i], 65535, NULL);
	say(&t[2], "S 0:0(0) win 65535 <mss 1460>");
	silence(&t[2], 500 * MSEC);
	assert_int_equal(STAT(&s->w.a, TcpExt, ListenOverflows), 1);
	assert_int_equal(STAT(&s->w.a, TcpExt, ListenDrops), 1);
	assert_int_equal(world_drops(&s->w, SKB_DROP_REASON_TCP_LISTEN_OVERFLOW),
			 1);
	assert_true(sys_accept4(s->w.a.net, lfd, NULL, NULL, 0) >= 0);
	talk_open(&t[3], 65535, NULL);
}

static void closing_a_listener_resets_those_who_wait(void **state)
{
	struct setup *s = *state;
	int lfd = host_listen(&s->w.a, 80, 5);

	s->t.stack_port = 80;
	talk_open(&s->t, 65535, NULL);
	host_close(&s->w.a, lfd);
	hear(&s->t, "R. 1:1(0) ack 1");
	silence(&s->t, 10 * SEC);
}

static void cookies_are_sent_when_the_syn_queue_is_full(void **state)
{
	struct setup *s = *state;
	int lfd = host_listen(&s->w.a, 80, 1), fd;
	struct talk t[8];
	char buf[200];

	host_sysctl(&s->w.a, "net.ipv4.tcp_syncookies", "2");	/* always */
	for (u16 i = 0; i < 8; i++) {
		talk_init(&t[i], &s->p, 50000 + i, 80);
		say(&t[i], "S 0:0(0) win 65535 <mss 1460>");
		hear(&t[i], "S. 0:0(0) ack 1 <mss 1460>");
	}
	assert_int_equal(STAT(&s->w.a, TcpExt, SyncookiesSent), 8);
	say(&t[5], "P. 1:101(100) ack 1 win 65535");
	hear(&t[5], ". 1:1(0) ack 101");
	fd = sys_accept4(s->w.a.net, lfd, NULL, NULL, 0);
	assert_true(fd >= 0);
	assert_int_equal(host_recv(&s->w.a, fd, buf, 200), 100);
	assert_int_equal(STAT(&s->w.a, TcpExt, SyncookiesRecv), 1);
	say(&t[6], ". 1:1(0) ack 3 win 65535");		/* not what we sent */
	hear(&t[6], "R 3:3(0) win 0");
	assert_int_equal(STAT(&s->w.a, TcpExt, SyncookiesFailed), 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(connect_shakes_hands_in_three_segments),
		T(a_blocking_connect_returns_when_established),
		T(a_lost_syn_is_sent_again_with_doubled_waits),
		T(connect_gives_up_after_syn_retries),
		T(a_reset_refuses_the_connection),
		T(a_reset_that_acknowledges_nothing_of_ours_is_ignored),
		T(a_wrong_ack_in_syn_sent_is_answered_with_a_reset),
		T(host_unreachable_is_only_a_hint_until_connect_gives_up),
		T(both_may_open_at_the_same_time),
		T(a_closed_socket_in_syn_sent_says_nothing_more),
		T(a_listener_shakes_hands_and_accept_gives_the_connection),
		T(data_may_come_with_the_last_ack_of_the_handshake),
		T(a_lost_syn_ack_is_sent_again),
		T(a_syn_that_comes_again_is_answered_again),
		T(a_request_is_given_up_after_synack_retries),
		T(a_port_without_listener_resets),
		T(an_ack_to_a_listener_is_reset),
		T(a_reset_ends_a_request),
		T(a_bad_ack_of_the_syn_ack_is_reset),
		T(a_full_accept_queue_drops_the_last_ack_and_syn),
		T(closing_a_listener_resets_those_who_wait),
		T(cookies_are_sent_when_the_syn_queue_is_full),
	};

	return cmocka_run_group_tests_name("TCP open", tests, NULL, NULL);
}
