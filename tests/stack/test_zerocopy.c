/* SPDX-License-Identifier: BSD-2-Clause */
/* MSG_ZEROCOPY: packets that are the program's memory, and when it is told
 * that it may write there again. */
#include "tests/support/peer.h"

#include "base/slab.h"
#include "tests/support/pair.h"

#define LO	0x7f000001u

struct setup {
	struct world w;
	struct peer p;
	struct talk t;
	int fd;
};

static int setup(void **state)
{
	struct setup *s = calloc(1, sizeof(*s));

	world_open_peer(&s->w, &s->p, NULL);
	s->fd = talk_serve(&s->t, &s->p, 80, 65535, NULL);
	host_setsockopt(&s->w.a, s->fd, SOL_SOCKET, SO_ZEROCOPY, 1);
	*state = s;
	return 0;
}

static int setup_hosts(void **state)
{
	struct setup *s = calloc(1, sizeof(*s));

	world_open(&s->w, NULL);
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

static ssize_t zc_send(struct host *h, int fd, const void *p, size_t n)
{
	return sys_sendto(h->net, fd, p, n,
			  MSG_ZEROCOPY | MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0);
}

/* The first message of the error queue; -EAGAIN: none. */
static ssize_t told(struct host *h, int fd, struct sock_extended_err *ee)
{
	char control[128];
	struct msghdr m = { .msg_control = control,
			    .msg_controllen = sizeof(control) };
	ssize_t n = sys_recvmsg(h->net, fd, &m, MSG_ERRQUEUE);
	struct cmsghdr *c;

	if (n < 0)
		return n;
	assert_int_equal(m.msg_flags, MSG_ERRQUEUE);
	c = CMSG_FIRSTHDR(&m);
	assert_non_null(c);
	assert_int_equal(c->cmsg_level, SOL_IP);
	assert_int_equal(c->cmsg_type, IP_RECVERR);
	memcpy(ee, CMSG_DATA(c), sizeof(*ee));
	assert_int_equal(ee->ee_origin, SO_EE_ORIGIN_ZEROCOPY);
	assert_int_equal(ee->ee_errno, 0);
	return n;
}

static void is_told(struct host *h, int fd, u32 lo, u32 hi, u8 code)
{
	struct sock_extended_err ee;

	assert_int_equal(told(h, fd, &ee), 0);
	assert_int_equal(ee.ee_info, lo);
	assert_int_equal(ee.ee_data, hi);
	assert_int_equal(ee.ee_code, code);
}

static void is_told_nothing(struct host *h, int fd)
{
	struct sock_extended_err ee;

	assert_int_equal(told(h, fd, &ee), -EAGAIN);
}

/* --- TCP -------------------------------------------------------------------- */

static void memory_is_in_use_until_it_is_acknowledged(void **state)
{
	struct setup *s = *state;
	char data[] = "before";

	assert_int_equal(zc_send(&s->w.a, s->fd, data, 6), 6);
	hear(&s->t, "P. 1:7(6) ack 1");
	assert_memory_equal(s->p.last.data, "before", 6);
	is_told_nothing(&s->w.a, s->fd);
	assert_false(host_poll(&s->w.a, s->fd) & EPOLLERR);
	say(&s->t, ". 1:1(0) ack 7 win 65535");
	assert_true(host_poll(&s->w.a, s->fd) & EPOLLERR);
	is_told(&s->w.a, s->fd, 0, 0, 0);
	assert_false(host_poll(&s->w.a, s->fd) & EPOLLERR);
	is_told_nothing(&s->w.a, s->fd);
}

static void a_retransmission_reads_the_same_memory(void **state)
{
	struct setup *s = *state;
	char data[] = "before";

	zc_send(&s->w.a, s->fd, data, 6);
	hear(&s->t, "P. 1:7(6) ack 1");
	memcpy(data, "after.", 6);	/* which a program must not do */
	hear_in(&s->t, 0, SEC, "P. 1:7(6) ack 1");
	assert_memory_equal(s->p.last.data, "after.", 6);
	say(&s->t, ". 1:1(0) ack 7 win 65535");
	is_told(&s->w.a, s->fd, 0, 0, 0);
}

static void part_acknowledged_is_not_enough(void **state)
{
	struct setup *s = *state;
	static u8 data[2920];

	assert_int_equal(zc_send(&s->w.a, s->fd, data, 2920), 2920);
	hear(&s->t, ". 1:1461(1460) ack 1");
	hear(&s->t, "P. 1461:2921(1460) ack 1");
	say(&s->t, ". 1:1(0) ack 1461 win 65535");
	is_told_nothing(&s->w.a, s->fd);
	say(&s->t, ". 1:1(0) ack 2921 win 65535");
	is_told(&s->w.a, s->fd, 0, 0, 0);
}

static void numbers_that_follow_make_one_range(void **state)
{
	struct setup *s = *state;
	char data[8] = "abcdefg";

	for (u32 i = 0; i < 3; i++) {
		u32 at = 1 + i;

		zc_send(&s->w.a, s->fd, data + i, 1);
		hear(&s->t, "P. %u:%u(1) ack 1", at, at + 1);
		say(&s->t, ". 1:1(0) ack %u win 65535", at + 1);
	}
	is_told(&s->w.a, s->fd, 0, 2, 0);
	is_told_nothing(&s->w.a, s->fd);
}

static void without_the_option_the_flag_means_nothing(void **state)
{
	struct setup *s = *state;
	char data[] = "before";

	host_setsockopt(&s->w.a, s->fd, SOL_SOCKET, SO_ZEROCOPY, 0);
	zc_send(&s->w.a, s->fd, data, 6);
	hear(&s->t, "P. 1:7(6) ack 1");
	memcpy(data, "after.", 6);
	hear_in(&s->t, 0, SEC, "P. 1:7(6) ack 1");
	assert_memory_equal(s->p.last.data, "before", 6);
	say(&s->t, ". 1:1(0) ack 7 win 65535");
	is_told_nothing(&s->w.a, s->fd);
}

static void a_send_that_fails_has_no_number(void **state)
{
	struct setup *s = *state;
	int fd = host_socket(&s->w.a, SOCK_STREAM | SOCK_NONBLOCK);

	host_setsockopt(&s->w.a, fd, SOL_SOCKET, SO_ZEROCOPY, 1);
	assert_int_equal(zc_send(&s->w.a, fd, "x", 1), -EPIPE);
	is_told_nothing(&s->w.a, fd);
	assert_int_equal(zc_send(&s->w.a, s->fd, "", 0), 0);
	zc_send(&s->w.a, s->fd, "x", 1);
	hear(&s->t, "P. 1:2(1) ack 1");
	say(&s->t, ". 1:1(0) ack 2 win 65535");
	is_told(&s->w.a, s->fd, 0, 0, 0);
}

static void too_many_at_once_are_refused(void **state)
{
	struct setup *s = *state;
	char data[1] = "x";
	u32 n = 0;

	host_setsockopt(&s->w.a, s->fd, IPPROTO_TCP, TCP_NODELAY, 1);
	host_sysctl(&s->w.a, "net.core.optmem_max", "3000");
	while (zc_send(&s->w.a, s->fd, data, 1) == 1)
		n++;
	assert_in_range(n, 2, 6);
	assert_int_equal(zc_send(&s->w.a, s->fd, data, 1), -ENOBUFS);
	peer_forget(&s->p);
	say(&s->t, ". 1:1(0) ack %u win 65535", n + 1);
	world_pass(&s->w, MSEC);
	is_told(&s->w.a, s->fd, 0, n - 1, 0);
	assert_int_equal(zc_send(&s->w.a, s->fd, data, 1), 1);
}

static void after_close_the_memory_is_the_programs_again(void **state)
{
	struct setup *s = *state;
	char data[] = "before";

	zc_send(&s->w.a, s->fd, data, 6);
	hear(&s->t, "P. 1:7(6) ack 1");
	host_close(&s->w.a, s->fd);
	hear(&s->t, "F. 7:7(0) ack 1");
	memcpy(data, "after.", 6);
	say(&s->t, ". 1:1(0) ack 1 win 65535 <nop,nop,sack 7:8>");
	hear_in(&s->t, 0, 2 * SEC, "P. 1:7(6) ack 1");
	assert_memory_equal(s->p.last.data, "before", 6);
	say(&s->t, ". 1:1(0) ack 8 win 65535");
}

static void a_reset_gives_all_memory_back(void **state)
{
	struct setup *s = *state;
	char data[] = "0123456789";

	host_setsockopt(&s->w.a, s->fd, IPPROTO_TCP, TCP_NODELAY, 1);
	zc_send(&s->w.a, s->fd, data, 5);
	zc_send(&s->w.a, s->fd, data + 5, 5);
	say(&s->t, "R. 1:1(0) ack 1 win 0");
	is_told(&s->w.a, s->fd, 0, 1, 0);
}

static void an_edge_triggered_poller_hears_of_each_completion(void **state)
{
	struct setup *s = *state;
	struct epoll_event ev = { .events = EPOLLET };
	int ep = sys_epoll_create1(s->w.a.net, 0);

	sys_epoll_ctl(s->w.a.net, ep, EPOLL_CTL_ADD, s->fd, &ev);
	for (u32 i = 1; i <= 2; i++) {
		assert_int_equal(sys_epoll_wait(s->w.a.net, ep, &ev, 1, 0,
						NULL), 0);
		zc_send(&s->w.a, s->fd, "x", 1);
		hear(&s->t, "P. %u:%u(1) ack 1", i, i + 1);
		say(&s->t, ". 1:1(0) ack %u win 65535", i + 1);
		assert_int_equal(sys_epoll_wait(s->w.a.net, ep, &ev, 1, 0,
						NULL), 1);
		assert_int_equal(ev.events, EPOLLERR);
	}
	is_told(&s->w.a, s->fd, 0, 1, 0);
	host_close(&s->w.a, ep);
}

static void many_pieces_arrive_whole_over_a_bad_line(void **state)
{
	struct setup *s = calloc(1, sizeof(*s));
	struct world_params p = { .impair = { .loss_ppm = 20000 } };
	static u8 data[400000], in[400000];
	struct iovec iov[50];
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 50 };
	size_t got = 0;
	ssize_t n;
	int fd[2];

	(void)state;
	world_open(&s->w, &p);
	world_connect(&s->w, 80, fd);
	host_setsockopt(&s->w.a, fd[0], SOL_SOCKET, SO_ZEROCOPY, 1);
	host_setsockopt(&s->w.a, fd[0], SOL_SOCKET, SO_SNDBUF, 1000000);
	stream_fill(data, sizeof(data), 3, 0);
	for (u32 i = 0; i < 50; i++)
		iov[i] = (struct iovec){ data + i * 8000, 8000 };
	iov[3].iov_len = 0;		/* an empty piece, bytes of the next */
	iov[4] = (struct iovec){ data + 3 * 8000, 16000 };
	assert_int_equal(sys_sendmsg(s->w.a.net, fd[0], &m, MSG_ZEROCOPY |
				     MSG_DONTWAIT), sizeof(data));
	for (u32 i = 0; i < 3000 && got < sizeof(data); i++) {
		world_pass(&s->w, 10 * MSEC);
		n = host_recv(&s->w.b, fd[1], in + got, sizeof(in) - got);
		got += n > 0 ? (size_t)n : 0;
	}
	assert_int_equal(got, sizeof(data));
	assert_memory_equal(in, data, sizeof(data));
	world_pass(&s->w, SEC);
	is_told(&s->w.a, fd[0], 0, 0, 0);
	world_close(&s->w);
	free(s);
}

/* --- where it is copied after all ------------------------------------------------ */

static void over_loopback_the_receiver_gets_a_copy(void **state)
{
	struct setup *s = *state;
	int l = host_listen(&s->w.a, 90, 1), c, d;
	char data[] = "before", in[8];

	c = host_socket(&s->w.a, SOCK_STREAM);
	host_setsockopt(&s->w.a, c, SOL_SOCKET, SO_ZEROCOPY, 1);
	assert_int_equal(host_connect(&s->w.a, c, LO, 90), 0);
	d = sys_accept4(s->w.a.net, l, NULL, NULL, SOCK_NONBLOCK);
	assert_int_equal(zc_send(&s->w.a, c, data, 6), 6);
	world_pass(&s->w, SEC);
	is_told(&s->w.a, c, 0, 0, SO_EE_CODE_ZEROCOPY_COPIED);
	memcpy(data, "after.", 6);
	assert_int_equal(host_recv(&s->w.a, d, in, 8), 6);
	assert_memory_equal(in, "before", 6);
}

static void copied_and_not_copied_are_two_ranges(void **state)
{
	struct setup *s = *state;
	char data[8] = "abcdefg";

	zc_send(&s->w.a, s->fd, data, 1);
	hear(&s->t, "P. 1:2(1) ack 1");
	say(&s->t, ". 1:1(0) ack 2 win 65535");
	s->w.a.dev->features &= ~NETIF_F_SG;	/* made flat for it */
	zc_send(&s->w.a, s->fd, data, 1);
	hear(&s->t, "P. 2:3(1) ack 1");
	say(&s->t, ". 1:1(0) ack 3 win 65535");
	s->w.a.dev->features |= NETIF_F_SG;
	is_told(&s->w.a, s->fd, 0, 0, 0);
	is_told(&s->w.a, s->fd, 1, 1, SO_EE_CODE_ZEROCOPY_COPIED);
}

/* --- UDP -------------------------------------------------------------------------- */

static int udp(struct setup *s, u32 to, u16 port)
{
	int fd = host_socket(&s->w.a, SOCK_DGRAM | SOCK_NONBLOCK);

	host_setsockopt(&s->w.a, fd, SOL_SOCKET, SO_ZEROCOPY, 1);
	assert_int_equal(host_connect(&s->w.a, fd, to, port), 0);
	return fd;
}

static void a_datagram_is_over_when_it_was_sent(void **state)
{
	struct setup *s = *state;
	int fd = udp(s, HOST_B, 99);
	static u8 data[1000];

	stream_fill(data, sizeof(data), 9, 0);
	assert_int_equal(zc_send(&s->w.a, fd, data, 1000), 1000);
	hear_udp(&s->p, 0, 99, 1000);
	assert_memory_equal(s->p.last.data, data, 1000);
	assert_true(s->p.last.csum_ok);
	world_pass(&s->w, 100 * MSEC);
	is_told(&s->w.a, fd, 0, 0, 0);
}

static void a_datagram_that_is_cut_or_corked_is_copied(void **state)
{
	struct setup *s = *state;
	int fd = udp(s, HOST_B, 99);
	static u8 data[4000];

	assert_int_equal(zc_send(&s->w.a, fd, data, 4000), 4000);
	is_told(&s->w.a, fd, 0, 0, SO_EE_CODE_ZEROCOPY_COPIED);
	assert_int_equal(sys_sendto(s->w.a.net, fd, data, 9, MSG_ZEROCOPY |
				    MSG_MORE, NULL, 0), 9);
	is_told(&s->w.a, fd, 1, 1, SO_EE_CODE_ZEROCOPY_COPIED);
}

static void a_datagram_to_ourselves_is_copied(void **state)
{
	struct setup *s = *state;
	int fd = udp(s, LO, 99), in = host_socket(&s->w.a, SOCK_DGRAM);
	char data[] = "before", got[8];

	host_bind(&s->w.a, in, 0, 99);
	assert_int_equal(zc_send(&s->w.a, fd, data, 6), 6);
	is_told(&s->w.a, fd, 0, 0, SO_EE_CODE_ZEROCOPY_COPIED);
	memcpy(data, "after.", 6);
	assert_int_equal(host_recv(&s->w.a, in, got, 8), 6);
	assert_memory_equal(got, "before", 6);
}

/* --- without memory ------------------------------------------------------------------ */

static bool each_allocation(u64 nth)
{
	struct setup *s = calloc(1, sizeof(*s));
	static u8 data[20000];
	u64 left;
	int fd[2];

	world_open(&s->w, NULL);
	world_connect(&s->w, 80, fd);
	host_setsockopt(&s->w.a, fd[0], SOL_SOCKET, SO_ZEROCOPY, 1);
	slab_fail_nth(s->w.m->depot, nth);
	for (u32 i = 0; i < 3; i++) {
		zc_send(&s->w.a, fd[0], data, sizeof(data));
		world_pass(&s->w, MSEC);
	}
	host_close(&s->w.a, fd[0]);
	left = slab_fail_nth(s->w.m->depot, 0);
	world_pass(&s->w, 10 * SEC);
	world_close(&s->w);
	free(s);
	return left;
}

static void no_failed_allocation_loses_anything(void **state)
{
	u64 n = 1;

	(void)state;
	while (!each_allocation(n))
		n++;
	assert_in_range(n, 20, 2000);
}

#define P(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#define H(f) cmocka_unit_test_setup_teardown(f, setup_hosts, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		P(memory_is_in_use_until_it_is_acknowledged),
		P(a_retransmission_reads_the_same_memory),
		P(part_acknowledged_is_not_enough),
		P(numbers_that_follow_make_one_range),
		P(without_the_option_the_flag_means_nothing),
		P(a_send_that_fails_has_no_number),
		P(too_many_at_once_are_refused),
		P(after_close_the_memory_is_the_programs_again),
		P(a_reset_gives_all_memory_back),
		P(an_edge_triggered_poller_hears_of_each_completion),
		cmocka_unit_test(many_pieces_arrive_whole_over_a_bad_line),
		H(over_loopback_the_receiver_gets_a_copy),
		P(copied_and_not_copied_are_two_ranges),
		P(a_datagram_is_over_when_it_was_sent),
		P(a_datagram_that_is_cut_or_corked_is_copied),
		P(a_datagram_to_ourselves_is_copied),
		cmocka_unit_test(no_failed_allocation_loses_anything),
	};

	return cmocka_run_group_tests_name("zerocopy", tests, NULL, NULL);
}
