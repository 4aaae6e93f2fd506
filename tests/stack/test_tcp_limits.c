/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP when something is short or in the way: queues, ports, memory, path. */
#include "tests/support/pair.h"
#include "tests/support/peer.h"

struct setup {
	struct world w;
	struct peer p;
	struct talk t;
	struct host *a, *b;
	int fd;
};

static int setup(void **state)
{
	struct setup *s = malloc(sizeof(*s));

	world_open_peer(&s->w, &s->p, NULL);
	s->a = &s->w.a;
	talk_init(&s->t, &s->p, 40000, 80);
	*state = s;
	return 0;
}

static int setup_hosts(void **state)
{
	struct setup *s = malloc(sizeof(*s));

	world_open(&s->w, &(struct world_params){ .delay = MSEC });
	s->a = &s->w.a;
	s->b = &s->w.b;
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

static int try_connect(struct host *h, int *fd)
{
	*fd = host_socket(h, SOCK_STREAM | SOCK_NONBLOCK);
	return host_connect(h, *fd, HOST_B, 80);
}

/* --- queues ---------------------------------------------------------------------------- */

static void a_last_ack_for_a_full_accept_queue_is_not_lost_for_good(void **state)
{
	struct setup *s = *state;
	int lfd = host_listen(s->a, 80, 2);
	struct talk t[4];

	/* backlog 2 holds three; both SYNs get in while there is room */
	for (u16 i = 0; i < 4; i++)
		talk_init(&t[i], &s->p, 50000 + i, 80);
	talk_open(&t[0], 65535, NULL);
	talk_open(&t[1], 65535, NULL);
	for (u16 i = 2; i < 4; i++) {
		say(&t[i], "S 0:0(0) win 65535 <mss 1460>");
		hear(&t[i], "S. 0:0(0) ack 1");
	}
	say(&t[2], ". 1:1(0) ack 1 win 65535");
	say(&t[3], ". 1:1(0) ack 1 win 65535");
	assert_int_equal(STAT(s->a, TcpExt, ListenOverflows), 1);
	for (int i = 0; i < 3; i++)
		assert_true(sys_accept4(s->a->net, lfd, NULL, NULL, 0) >= 0);
	assert_int_equal(sys_accept4(s->a->net, lfd, NULL, NULL, 0), -EAGAIN);
	hear_in(&t[3], 900 * MSEC, 1100 * MSEC, "S. 0:0(0) ack 1");
	say(&t[3], ". 1:1(0) ack 1 win 65535");
	assert_true(sys_accept4(s->a->net, lfd, NULL, NULL, 0) >= 0);
}

static void a_backlog_of_zero_still_accepts(void **state)
{
	struct setup *s = *state;
	int lfd = host_listen(s->a, 80, 0);

	for (u32 i = 0; i < 4; i++) {
		talk_init(&s->t, &s->p, (u16)(50000 + i), 80);
		talk_open(&s->t, 65535, NULL);
		assert_true(sys_accept4(s->a->net, lfd, NULL, NULL, 0) >= 0);
	}
}

static void a_cookie_may_be_answered_within_the_tick(void **state)
{
	struct setup *s = *state;
	int lfd = host_listen(s->a, 80, 0);
	struct talk t[3];

	for (u16 i = 0; i < 3; i++) {	/* one is kept, then come cookies */
		talk_init(&t[i], &s->p, 50000 + i, 80);
		say(&t[i], "S 0:0(0) win 65535 <mss 1460>");
		hear(&t[i], "S. 0:0(0) ack 1");
	}
	assert_true(STAT(s->a, TcpExt, SyncookiesSent) >= 1);
	say(&t[2], ". 1:1(0) ack 1 win 65535");
	assert_true(sys_accept4(s->a->net, lfd, NULL, NULL, 0) >= 0);
	assert_int_equal(STAT(s->a, TcpExt, SyncookiesRecv), 1);
}

static void a_flood_of_syns_turns_cookies_on(void **state)
{
	struct setup *s = *state;
	struct talk t;
	int lfd;

	host_sysctl(s->a, "net.ipv4.tcp_max_syn_backlog", "32");
	lfd = host_listen(s->a, 80, 16);
	for (u16 i = 0; i < 200; i++) {
		talk_init(&t, &s->p, 50000 + i, 80);
		t.addr = 0xc6336400 + i;	/* spoofed, each another */
		say(&t, "S 0:0(0) win 65535 <mss 1460>");
	}
	assert_true(STAT(s->a, TcpExt, SyncookiesSent) > 100);
	world_pass(&s->w, MSEC);
	peer_forget(&s->p);
	talk_init(&t, &s->p, 40000, 80);
	talk_open(&t, 65535, NULL);		/* an honest one gets in */
	assert_true(sys_accept4(s->a->net, lfd, NULL, NULL, 0) >= 0);
	world_pass(&s->w, 200 * SEC);
	peer_forget(&s->p);
}

static void one_byte_segments_out_of_order_do_not_eat_the_memory(void **state)
{
	struct setup *s = *state;
	struct file *f;
	u32 used;

	s->fd = talk_serve(&s->t, &s->p, 80, 65535, "mss 1460,sackOK,nop,nop");
	host_setsockopt(s->a, s->fd, SOL_SOCKET, SO_RCVBUF, 20000);
	f = fget(s->a->net, s->fd);
	for (u32 seq = 3; seq < 4000; seq += 2) {
		s->p.next.quiet = true;
		say(&s->t, ". %u:%u(1) ack 1 win 65535", seq, seq + 1);
		if (seq % 64 == 1) {
			world_pass(&s->w, MSEC);
			peer_forget(&s->p);
		}
		used = sk_rmem_alloc_get(sock_from_file(f)->sk);
		assert_in_range(used, 0, 90000);
	}
	fput(f);
	world_pass(&s->w, SEC);
	peer_forget(&s->p);
	for (u32 seq = 1; seq < 4001; seq += 1000)
		say(&s->t, ". %u:%u(1000) ack 1 win 65535", seq, seq + 1000);
	world_pass(&s->w, SEC);
	peer_forget(&s->p);
	assert_int_equal(host_recv_stream(s->a, s->fd, 40000, 0, 5000), 4000);
}

static void time_wait_buckets_are_limited(void **state)
{
	struct setup *s = *state;

	host_sysctl(s->a, "net.ipv4.tcp_max_tw_buckets", "1");
	for (u16 i = 0; i < 2; i++) {
		s->fd = talk_serve(&s->t, &s->p, (u16)(80 + i), 65535, NULL);
		host_close(s->a, s->fd);
		hear(&s->t, "F. 1:1(0) ack 1");
		say(&s->t, "F. 1:1(0) ack 2 win 65535");
		world_pass(&s->w, MSEC);
		peer_forget(&s->p);
	}
	assert_int_equal(s->w.a.net->tcp->tw_count, 1);
	assert_int_equal(STAT(s->a, TcpExt, TCPTimeWaitOverflow), 1);
}

/* --- ports ---------------------------------------------------------------------------- */

static void when_all_ports_are_used_connect_says_so(void **state)
{
	struct setup *s = *state;
	int lfd = host_listen(s->b, 80, 16), fd[5];

	host_sysctl(s->a, "net.ipv4.ip_local_port_range", "50000 50003");
	for (int i = 0; i < 4; i++)
		assert_int_equal(try_connect(s->a, &fd[i]), -EINPROGRESS);
	assert_int_equal(try_connect(s->a, &fd[4]), -EADDRNOTAVAIL);
	world_pass(&s->w, 10 * MSEC);
	for (int i = 0; i < 4; i++)
		assert_true(sys_accept4(s->b->net, lfd, NULL, NULL, 0) >= 0);
	host_close(s->a, fd[0]);		/* TIME-WAIT keeps the port */
	world_pass(&s->w, 10 * MSEC);
	assert_int_equal(try_connect(s->a, &fd[4]), -EADDRNOTAVAIL);
}

static void time_wait_ports_are_used_again_after_a_second_if_allowed(void **state)
{
	struct setup *s = *state;
	int lfd = host_listen(s->b, 80, 16), fd, b;

	host_sysctl(s->a, "net.ipv4.ip_local_port_range", "50000 50000");
	host_sysctl(s->a, "net.ipv4.tcp_tw_reuse", "1");
	assert_int_equal(try_connect(s->a, &fd), -EINPROGRESS);
	world_pass(&s->w, 10 * MSEC);
	b = sys_accept4(s->b->net, lfd, NULL, NULL, 0);
	host_close(s->a, fd);
	world_pass(&s->w, 5 * MSEC);
	host_close(s->b, b);
	world_pass(&s->w, 2 * SEC);
	assert_int_equal(s->a->net->tcp->tw_count, 1);
	assert_int_equal(try_connect(s->a, &fd), -EINPROGRESS);
	world_pass(&s->w, 10 * MSEC);
	assert_true(sys_accept4(s->b->net, lfd, NULL, NULL, 0) >= 0);
	assert_int_equal(host_tcp_state(s->a, fd), TCP_ESTABLISHED);
}

/* --- the path -------------------------------------------------------------------------- */

static bool lose_large(void *arg, u32 from, const u8 *frame, u32 len)
{
	return len > 1200;
}

static void a_black_hole_for_large_packets_is_found_by_probing(void **state)
{
	struct setup *s = *state;
	u64 got = 0;
	int fd[2];
	ssize_t n;

	host_sysctl(s->a, "net.ipv4.tcp_mtu_probing", "1");
	world_connect(&s->w, 80, fd);
	s->w.fault = lose_large;
	assert_int_equal(host_send_stream(s->a, fd[0], 7, 0, 20000), 20000);
	for (int i = 0; i < 60; i++) {
		world_pass(&s->w, SEC);
		while ((n = host_recv_stream(s->b, fd[1], 7, got, 30000)) > 0)
			got += (u64)n;
	}
	assert_int_equal(got, 20000);
}

static void an_idle_connection_starts_slowly_again(void **state)
{
	struct setup *s = *state;
	struct tcp_info ti;
	u32 len = sizeof(ti);
	int fd[2];

	world_connect(&s->w, 80, fd);
	for (u64 pos = 0, got = 0; pos < 500000;) {
		ssize_t n = host_send_stream(s->a, fd[0], 7, pos, 60000);

		pos += n > 0 ? (u64)n : 0;
		world_pass(&s->w, 5 * MSEC);
		while ((n = host_recv_stream(s->b, fd[1], 7, got, 60000)) > 0)
			got += (u64)n;
	}
	sys_getsockopt(s->a->net, fd[0], SOL_TCP, TCP_INFO, &ti, &len);
	assert_true(ti.tcpi_snd_cwnd > 30);
	world_pass(&s->w, 60 * SEC);
	host_send(s->a, fd[0], "x", 1);
	sys_getsockopt(s->a->net, fd[0], SOL_TCP, TCP_INFO, &ti, &len);
	assert_int_equal(ti.tcpi_snd_cwnd, 10);
}

/* --- memory ----------------------------------------------------------------------------- */

static void under_memory_pressure_data_still_get_through(void **state)
{
	struct setup *s = *state;
	u64 sent = 0, got = 0;
	int fd[2];
	ssize_t n;

	host_sysctl(s->a, "net.ipv4.tcp_mem", "4 8 64");
	host_sysctl(s->b, "net.ipv4.tcp_mem", "4 8 64");
	world_connect(&s->w, 80, fd);
	for (int i = 0; i < 4000 && got < 1000000; i++) {
		n = host_send_stream(s->a, fd[0], 7, sent, 1000000 - sent);
		sent += n > 0 ? (u64)n : 0;
		world_pass(&s->w, 2 * MSEC);
		while ((n = host_recv_stream(s->b, fd[1], 7, got, 60000)) > 0)
			got += (u64)n;
	}
	assert_int_equal(got, 1000000);
}

/* --- fast open --------------------------------------------------------------------------- */

static void fast_open_carries_data_in_the_second_syn(void **state)
{
	struct setup *s = *state;
	struct sockaddr_in to = sa(HOST_B, 80);
	int lfd = host_listen(s->b, 80, 16), fd, b;
	char buf[8];
	ssize_t n;

	host_sysctl(s->a, "net.ipv4.tcp_fastopen", "1");
	host_sysctl(s->b, "net.ipv4.tcp_fastopen", "2");
	host_setsockopt(s->b, lfd, SOL_TCP, TCP_FASTOPEN, 5);
	fd = host_socket(s->a, SOCK_STREAM | SOCK_NONBLOCK);
	n = sys_sendto(s->a->net, fd, "hello", 5, MSG_FASTOPEN,
		       (struct sockaddr *)&to, sizeof(to));
	assert_int_equal(n, -EINPROGRESS);	/* no cookie yet */
	world_pass(&s->w, 10 * MSEC);
	b = sys_accept4(s->b->net, lfd, NULL, NULL, SOCK_NONBLOCK);
	assert_true(b >= 0);
	assert_int_equal(host_recv(s->b, b, buf, 8), -EAGAIN);
	host_close(s->a, fd);
	host_close(s->b, b);
	world_pass(&s->w, SEC);
	fd = host_socket(s->a, SOCK_STREAM | SOCK_NONBLOCK);
	n = sys_sendto(s->a->net, fd, "hello", 5, MSG_FASTOPEN,
		       (struct sockaddr *)&to, sizeof(to));
	assert_int_equal(n, 5);
	/* half a round trip later the data are with the program */
	world_pass(&s->w, MSEC + 100 * NSEC_PER_USEC);
	b = sys_accept4(s->b->net, lfd, NULL, NULL, SOCK_NONBLOCK);
	assert_true(b >= 0);
	assert_int_equal(host_recv(s->b, b, buf, 8), 5);
	assert_memory_equal(buf, "hello", 5);
	world_pass(&s->w, 10 * MSEC);
	assert_int_equal(host_tcp_state(s->a, fd), TCP_ESTABLISHED);
	assert_int_equal(host_tcp_state(s->b, b), TCP_ESTABLISHED);
	assert_int_equal(STAT(s->a, TcpExt, TCPFastOpenActive), 1);
	assert_int_equal(STAT(s->b, TcpExt, TCPFastOpenPassive), 1);
	assert_int_equal(host_send(s->b, b, "back", 4), 4);
	world_pass(&s->w, 10 * MSEC);
	assert_int_equal(host_recv(s->a, fd, buf, 8), 4);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#define H(f) cmocka_unit_test_setup_teardown(f, setup_hosts, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_last_ack_for_a_full_accept_queue_is_not_lost_for_good),
		T(a_backlog_of_zero_still_accepts),
		T(a_cookie_may_be_answered_within_the_tick),
		T(a_flood_of_syns_turns_cookies_on),
		T(one_byte_segments_out_of_order_do_not_eat_the_memory),
		T(time_wait_buckets_are_limited),
		H(when_all_ports_are_used_connect_says_so),
		H(time_wait_ports_are_used_again_after_a_second_if_allowed),
		H(a_black_hole_for_large_packets_is_found_by_probing),
		H(an_idle_connection_starts_slowly_again),
		H(under_memory_pressure_data_still_get_through),
		H(fast_open_carries_data_in_the_second_syn),
	};

	return cmocka_run_group_tests_name("TCP limits", tests, NULL, NULL);
}
