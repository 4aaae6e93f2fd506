/* SPDX-License-Identifier: BSD-2-Clause */
/* Fast Open (RFC 7413) with a scripted peer; cookies are not asked for. */
#include "tests/support/peer.h"

struct setup {
	struct world w;
	struct peer p;
	struct talk t;
	struct host *a;
	char buf[4000];
};

static int setup(void **state)
{
	struct setup *s = malloc(sizeof(*s));

	world_open_peer(&s->w, &s->p, NULL);
	talk_init(&s->t, &s->p, 40000, 0);
	s->a = &s->w.a;
	memset(s->buf, 'x', sizeof(s->buf));
	/* client without cookie; server, all listeners, without cookie */
	host_sysctl(s->a, "net.ipv4.tcp_fastopen", "0x607");
	host_sysctl(s->a, "net.ipv4.tcp_timestamps", "0");
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

static ssize_t fast_send(struct setup *s, int fd, size_t n, int flags)
{
	struct sockaddr_in to = sa(HOST_B, 40000);

	return sys_sendto(s->a->net, fd, s->buf, n, MSG_FASTOPEN | flags,
			  (struct sockaddr *)&to, sizeof(to));
}

/* --- client ---------------------------------------------------------------------------- */

static void say_syn_ack(void *arg)
{
	struct setup *s = arg;

	hear(&s->t, "S 0:1420(1420)");
	s->p.next.quiet = true;
	say(&s->t, "S. 0:0(0) ack 1421 win 65535 <mss 1460>");
}

static void a_waiting_writer_sends_the_last_ack_with_its_data(void **state)
{
	struct setup *s = *state;
	int fd = host_socket(s->a, SOCK_STREAM);

	fake_at(s->w.fp, 30 * MSEC, say_syn_ack, s);
	assert_int_equal(fast_send(s, fd, 2000, 0), 2000);
	hear(&s->t, "P. 1421:2001(580) ack 1");
}

static void say_syn_ack_for_hundred(void *arg)
{
	struct setup *s = arg;

	hear(&s->t, "S 0:100(100)");
	s->p.next.quiet = true;
	say(&s->t, "S. 0:0(0) ack 101 win 65535 <mss 1460>");
}

static void a_writer_whose_data_are_through_acknowledges_at_once(void **state)
{
	struct setup *s = *state;
	int fd = host_socket(s->a, SOCK_STREAM);

	fake_at(s->w.fp, 30 * MSEC, say_syn_ack_for_hundred, s);
	assert_int_equal(fast_send(s, fd, 100, 0), 100);
	hear(&s->t, ". 101:101(0) ack 1");
}

static void a_second_fast_send_waits_for_the_first_or_goes_on(void **state)
{
	struct setup *s = *state;
	int fd = host_socket(s->a, SOCK_STREAM | SOCK_NONBLOCK);

	assert_int_equal(fast_send(s, fd, 100, MSG_DONTWAIT), 100);
	hear(&s->t, "S 0:100(100)");
	assert_int_equal(fast_send(s, fd, 100, MSG_DONTWAIT), -EALREADY);
	say(&s->t, "S. 0:0(0) ack 101 win 65535 <mss 1460>");
	hear(&s->t, ". 101:101(0) ack 1");
	assert_int_equal(fast_send(s, fd, 100, MSG_DONTWAIT), 100);
	hear(&s->t, "P. 101:201(100) ack 1");
	assert_int_equal(fast_send(s, fd, 100, MSG_DONTWAIT), -EISCONN);
}

static void a_syn_too_large_for_the_path_goes_again_without_data(void **state)
{
	struct setup *s = *state;
	int fd = host_socket(s->a, SOCK_STREAM | SOCK_NONBLOCK);

	assert_int_equal(fast_send(s, fd, 1000, MSG_DONTWAIT), 1000);
	hear(&s->t, "S 0:1000(1000) <mss 1460,*>");
	say_icmp_error(&s->p, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, 800);
	hear(&s->t, "S 0:0(0) <mss 760,*>");
	say(&s->t, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
	hear(&s->t, ". 1:761(760) ack 1");
	hear(&s->t, "P. 761:1001(240) ack 1");
}

/* --- server ---------------------------------------------------------------------------- */

/* A listener, and a child that has the data of a SYN. */
static int fast_child(struct setup *s)
{
	int lfd = host_listen(s->a, 80, 5);

	host_setsockopt(s->a, lfd, SOL_TCP, TCP_FASTOPEN, 5);
	talk_init(&s->t, &s->p, 40000, 80);
	say(&s->t, "S 0:10(10) win 65535 <mss 1460>");
	hear(&s->t, "S. 0:0(0) ack 11");
	return lfd;
}

static void a_child_that_was_reset_is_accepted_with_address_and_data(void **state)
{
	struct setup *s = *state;
	struct sockaddr_in from;
	u32 len = sizeof(from);
	int lfd = fast_child(s), fd;

	say(&s->t, "R. 11:11(0) win 65535");
	fd = sys_accept4(s->a->net, lfd, (struct sockaddr *)&from, &len,
			 SOCK_NONBLOCK);
	assert_true(fd >= 0);
	assert_int_equal(from.sin_port, htons(40000));
	assert_int_equal(host_tcp_state(s->a, fd), TCP_CLOSE);
	assert_int_equal(host_recv(s->a, fd, s->buf, 100), 10);
	assert_int_equal(host_recv(s->a, fd, s->buf, 100), -ECONNRESET);
	assert_int_equal(sys_getpeername(s->a->net, fd,
					 (struct sockaddr *)&from, &len),
			 -ENOTCONN);
}

static void a_child_that_is_disconnected_connects_as_a_client(void **state)
{
	struct setup *s = *state;
	struct sockaddr any = { .sa_family = AF_UNSPEC };
	int lfd = fast_child(s);
	int fd = sys_accept4(s->a->net, lfd, NULL, NULL, SOCK_NONBLOCK);
	struct talk other;

	assert_int_equal(sys_connect(s->a->net, fd, &any, sizeof(any)), 0);
	hear(&s->t, "R. 1:1(0) ack 11");
	assert_int_equal(host_connect(s->a, fd, HOST_B, 50000), -EINPROGRESS);
	talk_init(&other, &s->p, 50000, 0);
	hear(&other, "S 0:0(0)");
	hear_in(&other, 990 * MSEC, 1100 * MSEC, "S 0:0(0)");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_waiting_writer_sends_the_last_ack_with_its_data),
		T(a_writer_whose_data_are_through_acknowledges_at_once),
		T(a_second_fast_send_waits_for_the_first_or_goes_on),
		T(a_syn_too_large_for_the_path_goes_again_without_data),
		T(a_child_that_was_reset_is_accepted_with_address_and_data),
		T(a_child_that_is_disconnected_connects_as_a_client),
	};

	return cmocka_run_group_tests_name("TCP Fast Open", tests, NULL, NULL);
}
