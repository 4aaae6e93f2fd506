/* SPDX-License-Identifier: BSD-2-Clause */
/* recv on a connection: flags, waiting, direct copy, urgent data. */
#include "tests/support/peer.h"

#include "tcp/tcp.h"

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
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct setup *s = *state;

	host_close(&s->w.a, s->fd);
	world_pass(&s->w, 200 * SEC);
	world_close(&s->w);
	free(s);
	return 0;
}

static void block(struct setup *s)
{
	assert_int_equal(sys_fcntl(s->w.a.net, s->fd, F_SETFL, O_RDWR), 0);
}

static ssize_t get(struct setup *s, void *buf, size_t n, int flags)
{
	return sys_recvfrom(s->w.a.net, s->fd, buf, n, flags, NULL, NULL);
}

static u64 direct_copies(struct setup *s)
{
	u64 n = 0;

	for (u32 i = 0; i < s->w.m->nr_cpus; i++)
		n += s->w.m->cpus[i]->pc.stage_count[STAGE_sk_direct_copy];
	return n;
}

/* What the peer says while the reader sleeps. */
static void say_first(void *arg)
{
	say(&((struct setup *)arg)->t, "P. 1:501(500) ack 1 win 65535");
}

static void say_second(void *arg)
{
	say(&((struct setup *)arg)->t, "P. 501:1001(500) ack 1 win 65535");
}

static void say_fin(void *arg)
{
	say(&((struct setup *)arg)->t, "F. 501:501(0) ack 1 win 65535");
}

static void nothing_to_read_is_eagain(void **state)
{
	struct setup *s = *state;
	char b[10];

	assert_int_equal(get(s, b, sizeof(b), MSG_DONTWAIT), -EAGAIN);
}

static void a_waiting_reader_gets_the_data_directly(void **state)
{
	struct setup *s = *state;
	u64 before_it = direct_copies(s);
	char b[1000];

	block(s);
	fake_at(s->w.fp, 10 * MSEC, say_first, s);
	assert_int_equal(get(s, b, sizeof(b), 0), 500);
	assert_int_equal(direct_copies(s), before_it + 1);
	/* and the next call finds nothing of it */
	assert_int_equal(get(s, b, sizeof(b), MSG_DONTWAIT), -EAGAIN);
}

static void a_reader_of_less_than_a_segment_gets_it_from_the_queue(void **state)
{
	struct setup *s = *state;
	u64 before_it = direct_copies(s);
	char b[1000];

	block(s);
	fake_at(s->w.fp, 10 * MSEC, say_first, s);
	assert_int_equal(get(s, b, 100, 0), 100);
	assert_int_equal(direct_copies(s), before_it);
	assert_int_equal(get(s, b, sizeof(b), 0), 400);
}

static void waitall_waits_for_all(void **state)
{
	struct setup *s = *state;
	ktime_t start = world_now(&s->w);
	char b[1000];

	block(s);
	fake_at(s->w.fp, 10 * MSEC, say_first, s);
	fake_at(s->w.fp, 30 * MSEC, say_second, s);
	assert_int_equal(get(s, b, 1000, MSG_WAITALL), 1000);
	assert_true(world_now(&s->w) - start >= 30 * MSEC);
}

static void waitall_ends_with_the_stream(void **state)
{
	struct setup *s = *state;
	char b[1000];

	block(s);
	fake_at(s->w.fp, 10 * MSEC, say_first, s);
	fake_at(s->w.fp, 30 * MSEC, say_fin, s);
	assert_int_equal(get(s, b, 1000, MSG_WAITALL), 500);
	assert_int_equal(get(s, b, 1000, 0), 0);
}

static void a_hole_filled_goes_to_the_waiting_reader(void **state)
{
	struct setup *s = *state;
	u64 before_it = direct_copies(s);
	char b[2000];

	block(s);
	say(&s->t, "P. 501:1001(500) ack 1 win 65535");
	fake_at(s->w.fp, 10 * MSEC, say_first, s);
	assert_int_equal(get(s, b, sizeof(b), 0), 1000);
	assert_int_equal(direct_copies(s), before_it + 2);
}

static void the_time_limit_of_the_socket_holds(void **state)
{
	struct timeval tv = { .tv_usec = 50000 };
	struct setup *s = *state;
	ktime_t start = world_now(&s->w);
	char b[10];

	block(s);
	assert_int_equal(sys_setsockopt(s->w.a.net, s->fd, SOL_SOCKET,
					SO_RCVTIMEO, &tv, sizeof(tv)), 0);
	assert_int_equal(get(s, b, sizeof(b), 0), -EAGAIN);
	assert_in_range(world_now(&s->w) - start, 50 * MSEC, 60 * MSEC);
}

static void rcvlowat_holds_back_the_reader(void **state)
{
	struct setup *s = *state;
	ktime_t start = world_now(&s->w);
	char b[1000];

	block(s);
	host_setsockopt(&s->w.a, s->fd, SOL_SOCKET, SO_RCVLOWAT, 800);
	fake_at(s->w.fp, 10 * MSEC, say_first, s);
	fake_at(s->w.fp, 30 * MSEC, say_second, s);
	assert_int_equal(get(s, b, 1000, 0), 1000);
	assert_true(world_now(&s->w) - start >= 30 * MSEC);
}

static void peeking_leaves_the_data(void **state)
{
	struct setup *s = *state;
	char b[1000];

	say_first(s);
	assert_int_equal(get(s, b, 300, MSG_PEEK), 300);
	assert_int_equal(get(s, b, 1000, MSG_PEEK), 500);
	assert_int_equal(get(s, b, 1000, 0), 500);
}

static void truncating_throws_the_data_away(void **state)
{
	struct setup *s = *state;
	char b[4] = "keep";

	say_first(s);
	assert_int_equal(get(s, b, 300, MSG_TRUNC), 300);
	assert_memory_equal(b, "keep", 4);
	assert_int_equal(get(s, b, 4, 0), 4);
}

static void the_urgent_byte_is_read_apart(void **state)
{
	struct setup *s = *state;
	char b[1000];

	say(&s->t, "PU. 1:501(500) ack 1 win 65535 urg 101");
	assert_int_equal(get(s, b, 1, MSG_OOB), 1);
	assert_int_equal(get(s, b, 1, MSG_OOB), -EINVAL);
	/* up to the mark, and behind it without the byte */
	assert_int_equal(get(s, b, 1000, 0), 100);
	assert_int_equal(get(s, b, 1000, 0), 399);
}

static void the_urgent_byte_may_stay_in_line(void **state)
{
	struct setup *s = *state;
	char b[1000];

	host_setsockopt(&s->w.a, s->fd, SOL_SOCKET, SO_OOBINLINE, 1);
	say(&s->t, "PU. 1:501(500) ack 1 win 65535 urg 101");
	assert_int_equal(get(s, b, 1, MSG_OOB), -EINVAL);
	assert_int_equal(get(s, b, 1000, 0), 100);
	assert_int_equal(get(s, b, 1000, 0), 400);
}

static void an_announced_urgent_byte_is_waited_for(void **state)
{
	struct setup *s = *state;
	char b[10];

	say(&s->t, "PU. 1:11(10) ack 1 win 65535 urg 101");
	assert_int_equal(get(s, b, 1, MSG_OOB), -EAGAIN);
}

static void peeking_at_a_lone_urgent_byte_ends_with_the_timeout(void **state)
{
	struct setup *s = *state;
	struct timeval tv = { .tv_usec = 50000 };
	char b[10];

	say(&s->t, "PU. 1:2(1) ack 1 win 65535 urg 1");
	assert_int_equal(sys_setsockopt(s->w.a.net, s->fd, SOL_SOCKET,
					SO_RCVTIMEO, &tv, sizeof(tv)), 0);
	sys_fcntl(s->w.a.net, s->fd, F_SETFL, 0);
	assert_int_equal(get(s, b, 1, MSG_PEEK), -EAGAIN);
}

static void a_reset_is_told_once(void **state)
{
	struct setup *s = *state;
	char b[1000];

	say_first(s);
	say(&s->t, "R. 501:501(0) ack 1 win 65535");
	assert_int_equal(get(s, b, 1000, 0), 500);
	assert_int_equal(get(s, b, 1000, 0), -ECONNRESET);
	assert_int_equal(get(s, b, 1000, 0), 0);
}

static void a_connection_tells_no_address(void **state)
{
	struct setup *s = *state;
	struct sockaddr_in from;
	u32 len = sizeof(from);
	char b[1000];

	say_first(s);
	assert_int_equal(sys_recvfrom(s->w.a.net, s->fd, b, sizeof(b), 0,
				      (struct sockaddr *)&from, &len), 500);
	assert_int_equal(len, 0);
}

static void what_can_be_read_now_is_told_with_it(void **state)
{
	struct setup *s = *state;
	char b[100], control[64];
	struct iovec iov = { b, sizeof(b) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	int inq;

	host_setsockopt(&s->w.a, s->fd, SOL_TCP, TCP_INQ, 1);
	say_first(s);
	assert_int_equal(sys_recvmsg(s->w.a.net, s->fd, &m, 0), 100);
	c = CMSG_FIRSTHDR(&m);
	assert_non_null(c);
	assert_int_equal(c->cmsg_level, SOL_TCP);
	assert_int_equal(c->cmsg_type, TCP_CM_INQ);
	memcpy(&inq, CMSG_DATA(c), sizeof(inq));
	assert_int_equal(inq, 400);
}

#define RECV_TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECV_TEST(nothing_to_read_is_eagain),
		RECV_TEST(a_waiting_reader_gets_the_data_directly),
		RECV_TEST(a_reader_of_less_than_a_segment_gets_it_from_the_queue),
		RECV_TEST(waitall_waits_for_all),
		RECV_TEST(waitall_ends_with_the_stream),
		RECV_TEST(a_hole_filled_goes_to_the_waiting_reader),
		RECV_TEST(the_time_limit_of_the_socket_holds),
		RECV_TEST(rcvlowat_holds_back_the_reader),
		RECV_TEST(peeking_leaves_the_data),
		RECV_TEST(truncating_throws_the_data_away),
		RECV_TEST(the_urgent_byte_is_read_apart),
		RECV_TEST(the_urgent_byte_may_stay_in_line),
		RECV_TEST(an_announced_urgent_byte_is_waited_for),
		RECV_TEST(peeking_at_a_lone_urgent_byte_ends_with_the_timeout),
		RECV_TEST(a_reset_is_told_once),
		RECV_TEST(a_connection_tells_no_address),
		RECV_TEST(what_can_be_read_now_is_told_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
