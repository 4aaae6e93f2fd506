/* SPDX-License-Identifier: BSD-2-Clause */
/* Options and figures of TCP sockets, by what they do on the wire. */
#include "tests/support/pair.h"
#include "tests/support/peer.h"

struct setup {
	struct world w;
	struct peer p;
	struct talk t;
	struct host *a;
	int fd;
};

static int setup(void **state)
{
	struct setup *s = malloc(sizeof(*s));

	world_open_peer(&s->w, &s->p, NULL);
	s->a = &s->w.a;
	s->fd = -1;
	talk_init(&s->t, &s->p, 40000, 80);
	*state = s;
	return 0;
}

static int setup_open(void **state)
{
	struct setup *s;

	setup(state);
	s = *state;
	s->fd = talk_serve(&s->t, &s->p, 80, 65535, NULL);
	return 0;
}

static int setup_hosts(void **state)
{
	struct setup *s = malloc(sizeof(*s));

	world_open(&s->w, NULL);
	s->a = &s->w.a;
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

static int get_opt(struct setup *s, int level, int name)
{
	return host_getsockopt(s->a, s->fd, level, name);
}

static int set_opt(struct setup *s, int level, int name, int v)
{
	return host_setsockopt(s->a, s->fd, level, name, v);
}

static struct tcp_info info(struct setup *s)
{
	struct tcp_info ti = { 0 };
	u32 len = sizeof(ti);

	assert_int_equal(sys_getsockopt(s->a->net, s->fd, SOL_TCP, TCP_INFO, &ti,
					&len), 0);
	return ti;
}

/* --- before the connection -------------------------------------------------------------- */

static void maxseg_limits_what_is_announced(void **state)
{
	struct setup *s = *state;

	s->t.stack_port = 0;
	s->fd = host_socket(s->a, SOCK_STREAM | SOCK_NONBLOCK);
	assert_int_equal(set_opt(s, SOL_TCP, TCP_MAXSEG, 1000), 0);
	assert_int_equal(host_connect(s->a, s->fd, HOST_B, 40000), -EINPROGRESS);
	hear(&s->t, "S 0:0(0) <mss 1000,*>");
}

static void a_small_receive_buffer_makes_a_small_window(void **state)
{
	struct setup *s = *state;

	s->t.stack_port = 0;
	s->fd = host_socket(s->a, SOCK_STREAM | SOCK_NONBLOCK);
	set_opt(s, SOL_SOCKET, SO_RCVBUF, 4096);
	assert_int_equal(get_opt(s, SOL_SOCKET, SO_RCVBUF), 8192);
	host_connect(s->a, s->fd, HOST_B, 40000);
	hear(&s->t, "S 0:0(0) <mss 1460,*,wscale 0>");
	assert_in_range(s->p.last.win, 2000, 8192);
}

static void settings_turn_options_of_the_syn_off(void **state)
{
	struct setup *s = *state;

	s->t.stack_port = 0;
	host_sysctl(s->a, "net.ipv4.tcp_timestamps", "0");
	host_sysctl(s->a, "net.ipv4.tcp_sack", "0");
	host_sysctl(s->a, "net.ipv4.tcp_window_scaling", "0");
	s->fd = host_socket(s->a, SOCK_STREAM | SOCK_NONBLOCK);
	host_connect(s->a, s->fd, HOST_B, 40000);
	hear(&s->t, "S 0:0(0) <mss 1460>");
}

static void ecn_is_asked_for_and_a_mark_is_echoed(void **state)
{
	struct setup *s = *state;

	s->t.stack_port = 0;
	host_sysctl(s->a, "net.ipv4.tcp_ecn", "1");
	s->fd = host_socket(s->a, SOCK_STREAM | SOCK_NONBLOCK);
	host_connect(s->a, s->fd, HOST_B, 40000);
	hear(&s->t, "SEW 0:0(0)");
	say(&s->t, "S.E 0:0(0) ack 1 win 65535 <mss 1460,sackOK,nop,nop>");
	hear(&s->t, ". 1:1(0) ack 1");
	host_send(s->a, s->fd, "x", 1);
	hear(&s->t, "P. 1:2(1) ack 1");
	assert_int_equal(s->p.last.tos & INET_ECN_MASK, INET_ECN_ECT_0);
	s->p.next.tos = INET_ECN_CE;
	say(&s->t, "P. 1:101(100) ack 2 win 65535");
	hear(&s->t, ".E 2:2(0) ack 101");
	s->p.next.tos = INET_ECN_ECT_0;
	say(&s->t, "P. 101:201(100) ack 2 win 65535");
	hear(&s->t, ".E 2:2(0) ack 201");
	s->p.next.tos = INET_ECN_ECT_0;
	say(&s->t, "P.W 201:301(100) ack 2 win 65535");	/* window reduced */
	hear(&s->t, ". 2:2(0) ack 301");
	/* and the other way: our window is cut once, and we say so */
	say(&s->t, ".E 301:301(0) ack 2 win 65535");
	host_send(s->a, s->fd, "y", 1);
	hear(&s->t, "P. 2:3(1) ack 301");
	say(&s->t, ".E 301:301(0) ack 3 win 65535");
	host_send(s->a, s->fd, "z", 1);
	hear(&s->t, "P.W 3:4(1) ack 301");
	say(&s->t, ". 301:301(0) ack 4 win 65535");
}

static void defer_accept_waits_for_data(void **state)
{
	struct setup *s = *state;
	int lfd = host_listen(s->a, 80, 1);
	char buf[200];

	assert_int_equal(host_setsockopt(s->a, lfd, SOL_TCP, TCP_DEFER_ACCEPT,
					 10), 0);
	say(&s->t, "S 0:0(0) win 65535 <mss 1460>");
	hear(&s->t, "S. 0:0(0) ack 1");
	say(&s->t, ". 1:1(0) ack 1 win 65535");
	assert_int_equal(host_poll(s->a, lfd), 0);
	say(&s->t, "P. 1:101(100) ack 1 win 65535");
	hear(&s->t, ". 1:1(0) ack 101");
	s->fd = sys_accept4(s->a->net, lfd, NULL, NULL, SOCK_NONBLOCK);
	assert_true(s->fd >= 0);
	assert_int_equal(host_recv(s->a, s->fd, buf, 200), 100);
}

static void a_port_in_use_cannot_be_bound_twice(void **state)
{
	struct setup *s = *state;
	int one = host_socket(s->a, SOCK_STREAM), two;

	host_listen(s->a, 80, 1);
	assert_int_equal(host_bind(s->a, one, 0, 80), -EADDRINUSE);
	host_setsockopt(s->a, one, SOL_SOCKET, SO_REUSEADDR, 1);
	assert_int_equal(host_bind(s->a, one, 0, 80), -EADDRINUSE);
	assert_int_equal(host_bind(s->a, one, 0, 81), 0);
	host_setsockopt(s->a, one, SOL_SOCKET, SO_REUSEPORT, 1);
	two = host_socket(s->a, SOCK_STREAM);
	assert_int_equal(host_bind(s->a, two, 0, 81), -EADDRINUSE);
	host_setsockopt(s->a, two, SOL_SOCKET, SO_REUSEPORT, 1);
	assert_int_equal(host_bind(s->a, two, 0, 81), 0);
	two = host_socket(s->a, SOCK_STREAM);
	assert_int_equal(host_bind(s->a, two, HOST_B, 82), -EADDRNOTAVAIL);
}

static void listeners_of_one_port_share_the_connections(void **state)
{
	struct setup *s = *state;
	struct talk t;
	int fd[2], got[2] = { 0 };

	for (int i = 0; i < 2; i++) {
		fd[i] = host_socket(s->a, SOCK_STREAM | SOCK_NONBLOCK);
		host_setsockopt(s->a, fd[i], SOL_SOCKET, SO_REUSEPORT, 1);
		assert_int_equal(host_bind(s->a, fd[i], 0, 80), 0);
		assert_int_equal(sys_listen(s->a->net, fd[i], 64), 0);
	}
	for (u16 port = 50000; port < 50032; port++) {
		talk_init(&t, &s->p, port, 80);
		talk_open(&t, 65535, NULL);
	}
	for (int i = 0; i < 2; i++)
		while (sys_accept4(s->a->net, fd[i], NULL, NULL, 0) >= 0)
			got[i]++;
	assert_int_equal(got[0] + got[1], 32);
	assert_true(got[0] >= 5 && got[1] >= 5);
}

/* --- in the connection -------------------------------------------------------------------- */

static void peek_leaves_the_data_and_trunc_throws_them_away(void **state)
{
	struct setup *s = *state;
	char buf[200];

	say(&s->t, "P. 1:101(100) ack 1 win 65535");
	assert_int_equal(sys_recvfrom(s->a->net, s->fd, buf, 200,
				      MSG_PEEK | MSG_DONTWAIT, NULL, NULL), 100);
	assert_int_equal(sys_recvfrom(s->a->net, s->fd, NULL, 40,
				      MSG_TRUNC | MSG_DONTWAIT, NULL, NULL), 40);
	assert_int_equal(host_recv_stream(s->a, s->fd, 40000, 40, 200), 60);
	hear(&s->t, ". 1:1(0) ack 101");
}

static void rcvlowat_is_waited_for(void **state)
{
	struct setup *s = *state;

	set_opt(s, SOL_SOCKET, SO_RCVLOWAT, 150);
	say(&s->t, "P. 1:101(100) ack 1 win 65535");
	assert_int_equal(host_poll(s->a, s->fd) & EPOLLIN, 0);
	say(&s->t, "P. 101:201(100) ack 1 win 65535");
	assert_int_equal(host_poll(s->a, s->fd) & EPOLLIN, EPOLLIN);
	peer_forget(&s->p);
}

static void ioctls_tell_what_is_queued(void **state)
{
	struct setup *s = *state;
	int n = -1;

	say(&s->t, "P. 1:101(100) ack 1 win 65535");
	assert_int_equal(sys_ioctl(s->a->net, s->fd, FIONREAD, &n), 0);
	assert_int_equal(n, 100);
	host_send(s->a, s->fd, "abc", 3);
	assert_int_equal(sys_ioctl(s->a->net, s->fd, SIOCOUTQ, &n), 0);
	assert_int_equal(n, 3);
	say(&s->t, ". 101:101(0) ack 4 win 65535");
	sys_ioctl(s->a->net, s->fd, SIOCOUTQ, &n);
	assert_int_equal(n, 0);
	peer_forget(&s->p);
}

static void tcp_info_counts(void **state)
{
	struct setup *s = *state;
	struct tcp_info ti;

	say(&s->t, "P. 1:101(100) ack 1 win 65535");
	host_send_stream(s->a, s->fd, 7, 0, 3000);
	world_pass(&s->w, MSEC);
	peer_forget(&s->p);
	say(&s->t, ". 101:101(0) ack 3001 win 65535");
	ti = info(s);
	assert_int_equal(ti.tcpi_state, TCP_ESTABLISHED);
	assert_int_equal(ti.tcpi_bytes_received, 100);
	assert_int_equal(ti.tcpi_bytes_acked, 3000);
	assert_int_equal(ti.tcpi_snd_mss, 1460);
	assert_int_equal(ti.tcpi_unacked, 0);
	assert_int_equal(ti.tcpi_total_retrans, 0);
	assert_in_range(ti.tcpi_rto, 200000, 210000);
	assert_int_equal(ti.tcpi_data_segs_out, 3);
	assert_int_equal(ti.tcpi_data_segs_in, 1);
}

static void notsent_lowat_limits_what_poll_invites(void **state)
{
	struct setup *s = *state;

	set_opt(s, SOL_TCP, TCP_NOTSENT_LOWAT, 2000);
	host_send_stream(s->a, s->fd, 7, 0, 14600 + 4000);
	assert_int_equal(host_poll(s->a, s->fd) & EPOLLOUT, 0);
	world_pass(&s->w, MSEC);
	peer_forget(&s->p);
	say(&s->t, ". 1:1(0) ack 14601 win 65535");
	assert_int_equal(host_poll(s->a, s->fd) & EPOLLOUT, EPOLLOUT);
	world_pass(&s->w, MSEC);
	peer_forget(&s->p);
}

static void quickack_acknowledges_each_segment(void **state)
{
	struct setup *s = *state;

	u32 seq;

	set_opt(s, SOL_TCP, TCP_QUICKACK, 0);
	assert_int_equal(get_opt(s, SOL_TCP, TCP_QUICKACK), 0);
	say(&s->t, "P. 1:101(100) ack 1 win 65535");
	hear_in(&s->t, 35 * MSEC, 205 * MSEC, ". 1:1(0) ack 101");
	for (seq = 101; seq < 1000; seq += 100) {
		set_opt(s, SOL_TCP, TCP_QUICKACK, 1);
		say(&s->t, "P. %u:%u(100) ack 1 win 65535", seq, seq + 100);
		hear(&s->t, ". 1:1(0) ack %u", seq + 100);
	}
}

static void a_send_timeout_is_kept(void **state)
{
	struct setup *s = *state;
	struct timeval tv = { .tv_usec = 300000 };
	static char buf[100000];
	ktime_t start;

	sys_setsockopt(s->a->net, s->fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	set_opt(s, SOL_SOCKET, SO_SNDBUF, 10000);
	sys_fcntl(s->a->net, s->fd, F_SETFL, 0);
	start = world_now(&s->w);
	assert_in_range(sys_sendto(s->a->net, s->fd, buf, sizeof(buf), 0, NULL, 0),
			1000, 60000);
	assert_int_equal((world_now(&s->w) - start) / MSEC, 300);
	assert_int_equal(sys_sendto(s->a->net, s->fd, buf, sizeof(buf), 0, NULL, 0),
			 -EAGAIN);
	peer_forget(&s->p);
}

static void tos_and_ttl_are_in_each_packet(void **state)
{
	struct setup *s = *state;

	set_opt(s, SOL_IP, IP_TOS, 0x10);
	set_opt(s, SOL_IP, IP_TTL, 7);
	host_send(s->a, s->fd, "x", 1);
	hear(&s->t, "P. 1:2(1) ack 1");
	assert_int_equal(s->p.last.tos, 0x10);
	assert_int_equal(s->p.last.ttl, 7);
	say(&s->t, ". 1:1(0) ack 2 win 65535");
}

static void disconnect_by_af_unspec_resets_and_frees_the_socket(void **state)
{
	struct setup *s = *state;
	struct sockaddr_in none = { .sin_family = AF_UNSPEC };

	assert_int_equal(sys_connect(s->a->net, s->fd, (struct sockaddr *)&none,
				     sizeof(none)), 0);
	hear(&s->t, "R. 1:1(0) ack 1");
	assert_int_equal(host_tcp_state(s->a, s->fd), TCP_CLOSE);
	talk_init(&s->t, &s->p, 40001, 0);
	assert_int_equal(host_connect(s->a, s->fd, HOST_B, 40001), -EINPROGRESS);
	hear(&s->t, "S 0:0(0)");
}

/* --- between two stacks -------------------------------------------------------------------- */

static void two_stacks_connect_to_each_other_at_the_same_time(void **state)
{
	struct setup *s = *state;
	int a = host_socket(&s->w.a, SOCK_STREAM | SOCK_NONBLOCK);
	int b = host_socket(&s->w.b, SOCK_STREAM | SOCK_NONBLOCK);
	char buf[8];

	/* ARP first, else the SYNs do not cross */
	int u = host_socket(&s->w.a, SOCK_DGRAM);
	struct sockaddr_in to = sa(HOST_B, 9);

	sys_sendto(s->w.a.net, u, "x", 1, 0, (struct sockaddr *)&to, sizeof(to));
	world_pass(&s->w, MSEC);
	host_bind(&s->w.a, a, HOST_A, 5000);
	host_bind(&s->w.b, b, HOST_B, 6000);
	assert_int_equal(host_connect(&s->w.a, a, HOST_B, 6000), -EINPROGRESS);
	assert_int_equal(host_connect(&s->w.b, b, HOST_A, 5000), -EINPROGRESS);
	world_pass(&s->w, 10 * MSEC);
	assert_int_equal(host_tcp_state(&s->w.a, a), TCP_ESTABLISHED);
	assert_int_equal(host_tcp_state(&s->w.b, b), TCP_ESTABLISHED);
	host_send(&s->w.a, a, "ping", 4);
	world_pass(&s->w, MSEC);
	assert_int_equal(host_recv(&s->w.b, b, buf, 8), 4);
}

static void a_stack_connects_to_itself_over_the_loopback(void **state)
{
	struct setup *s = *state;
	int lfd = host_listen(s->a, 80, 5), c, fd;
	u64 frames = s->w.frames;

	c = host_socket(s->a, SOCK_STREAM);
	assert_int_equal(host_connect(s->a, c, 0x7f000001, 80), 0);
	fd = sys_accept4(s->a->net, lfd, NULL, NULL, SOCK_NONBLOCK);
	assert_true(fd >= 0);
	assert_int_equal(host_send_stream(s->a, c, 3, 0, 60000), 60000);
	world_pass(&s->w, 10 * MSEC);
	for (u64 pos = 0; pos < 60000;) {
		ssize_t n = host_recv_stream(s->a, fd, 3, pos, 60000);

		assert_true(n > 0);
		pos += (u64)n;
	}
	assert_int_equal(s->w.frames, frames);
}

static void a_thousand_connections_one_after_another(void **state)
{
	struct setup *s = *state;
	int lfd = host_listen(&s->w.b, 80, 5);
	char c;

	for (int i = 0; i < 1000; i++) {
		int a = host_socket(&s->w.a, SOCK_STREAM), b;

		assert_int_equal(host_connect(&s->w.a, a, HOST_B, 80), 0);
		world_pass(&s->w, 100 * NSEC_PER_USEC);
		b = sys_accept4(s->w.b.net, lfd, NULL, NULL, SOCK_NONBLOCK);
		assert_true(b >= 0);
		host_send(&s->w.a, a, "x", 1);
		world_pass(&s->w, 100 * NSEC_PER_USEC);
		assert_int_equal(host_recv(&s->w.b, b, &c, 1), 1);
		host_close(&s->w.a, a);
		host_close(&s->w.b, b);
		world_pass(&s->w, 100 * NSEC_PER_USEC);
	}
	assert_int_equal(s->w.a.net->tcp->tw_count, 1000);
	world_pass(&s->w, 70 * SEC);
	assert_int_equal(s->w.a.net->tcp->tw_count, 0);
}

static void a_device_that_goes_down_stops_and_comes_back(void **state)
{
	struct setup *s = *state;
	int fd[2];

	world_connect(&s->w, 80, fd);
	dev_close(s->w.b.dev);
	host_send_stream(&s->w.a, fd[0], 7, 0, 5000);
	world_pass(&s->w, 3 * SEC);
	assert_int_equal(dev_open(s->w.b.dev), 0);
	world_pass(&s->w, 30 * SEC);
	assert_int_equal(host_recv_stream(&s->w.b, fd[1], 7, 0, 9000), 5000);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#define O(f) cmocka_unit_test_setup_teardown(f, setup_open, teardown)
#define H(f) cmocka_unit_test_setup_teardown(f, setup_hosts, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(maxseg_limits_what_is_announced),
		T(a_small_receive_buffer_makes_a_small_window),
		T(settings_turn_options_of_the_syn_off),
		T(ecn_is_asked_for_and_a_mark_is_echoed),
		T(defer_accept_waits_for_data),
		T(a_port_in_use_cannot_be_bound_twice),
		T(listeners_of_one_port_share_the_connections),
		O(peek_leaves_the_data_and_trunc_throws_them_away),
		O(rcvlowat_is_waited_for),
		O(ioctls_tell_what_is_queued),
		O(tcp_info_counts),
		O(notsent_lowat_limits_what_poll_invites),
		O(quickack_acknowledges_each_segment),
		O(a_send_timeout_is_kept),
		O(tos_and_ttl_are_in_each_packet),
		O(disconnect_by_af_unspec_resets_and_frees_the_socket),
		H(two_stacks_connect_to_each_other_at_the_same_time),
		H(a_stack_connects_to_itself_over_the_loopback),
		H(a_thousand_connections_one_after_another),
		H(a_device_that_goes_down_stops_and_comes_back),
	};

	return cmocka_run_group_tests_name("TCP options", tests, NULL, NULL);
}
