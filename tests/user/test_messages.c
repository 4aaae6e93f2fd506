/* SPDX-License-Identifier: BSD-2-Clause */
/* recvmsg, sendmsg and their vectors: what goes in and out of the headers. */
#define _GNU_SOURCE
#include "tests/user/user_test.h"


static struct msghdr message(struct iovec *iov, size_t n)
{
	return (struct msghdr){ .msg_iov = iov, .msg_iovlen = n };
}

static void pieces_are_gathered_and_scattered(void **state)
{
	struct user_test *t = *state;
	struct sockaddr_in to = sa(LOCALHOST, 7000), from = { 0 };
	int fd = user_listener(t, 7000);
	char a[3] = "", b[8] = "";
	struct iovec out[3] = { { "ab", 2 }, { NULL, 0 }, { "cdef", 4 } };
	struct iovec in[2] = { { a, 3 }, { b, 8 } };
	struct msghdr m = message(out, 3);

	m.msg_name = &to;
	m.msg_namelen = sizeof(to);
	assert_int_equal(sys_sendmsg(t->net, t->sender, &m, 0), 6);
	m = message(in, 2);
	m.msg_name = &from;
	m.msg_namelen = sizeof(from);
	assert_int_equal(sys_recvmsg(t->net, fd, &m, 0), 6);
	assert_memory_equal(a, "abc", 3);
	assert_memory_equal(b, "def", 3);
	assert_int_equal(m.msg_namelen, sizeof(from));
	assert_int_equal(from.sin_addr.s_addr, to.sin_addr.s_addr);
	assert_int_equal(m.msg_flags, 0);
}

static void what_does_not_fit_is_cut_and_said(void **state)
{
	struct user_test *t = *state;
	int fd = user_listener(t, 7000);
	char a[4];
	struct iovec in = { a, 4 };
	struct msghdr m = message(&in, 1);

	user_send(t, 7000, "0123456789");
	m.msg_namelen = 77;		/* no name: left alone */
	assert_int_equal(sys_recvmsg(t->net, fd, &m, 0), 4);
	assert_true(m.msg_flags & MSG_TRUNC);
	assert_int_equal(m.msg_namelen, 77);
	user_send(t, 7000, "0123456789");
	assert_int_equal(sys_recvfrom(t->net, fd, a, 4, MSG_TRUNC, NULL, NULL),
			 10);
}

static void a_short_room_for_the_address_is_filled_and_the_length_said(
		void **state)
{
	struct user_test *t = *state;
	int fd = user_listener(t, 7000);
	u32 len = 2;
	char c[4], addr[4] = { 0, 0, 77, 77 };

	user_send(t, 7000, "x");
	assert_int_equal(sys_recvfrom(t->net, fd, c, 4, 0,
				      (struct sockaddr *)addr, &len), 1);
	assert_int_equal(len, sizeof(struct sockaddr_in));
	assert_int_equal(addr[0], AF_INET);
	assert_int_equal(addr[2], 77);
}

static void impossible_vectors_are_refused(void **state)
{
	struct user_test *t = *state;
	int fd = user_listener(t, 7000);
	struct iovec huge = { &fd, SIZE_MAX }, bad = { NULL, 4 };
	struct msghdr m = message(&huge, 1);

	assert_int_equal(sys_recvmsg(t->net, fd, &m, MSG_DONTWAIT), -EINVAL);
	m = message(&bad, 1);
	assert_int_equal(sys_recvmsg(t->net, fd, &m, MSG_DONTWAIT), -EFAULT);
	m = message(&bad, UIO_MAXIOV + 1);
	assert_int_equal(sys_sendmsg(t->net, fd, &m, 0), -EMSGSIZE);
	assert_int_equal(sys_writev(t->net, fd, &bad, UIO_MAXIOV + 1), -EINVAL);
	assert_int_equal(sys_readv(t->net, fd, &bad, -1), -EINVAL);
	assert_int_equal(sys_recvmsg(t->net, fd, NULL, 0), -EFAULT);
	assert_int_equal(sys_sendmsg(t->net, fd, NULL, 0), -EFAULT);
}

/* --- vectors of messages ---------------------------------------------------------- */

static void sendmmsg_stops_at_the_first_message_that_fails(void **state)
{
	struct user_test *t = *state;
	struct sockaddr_in to = sa(LOCALHOST, 7000);
	int fd = user_listener(t, 7000);
	struct iovec iov[3] = { { "a", 1 }, { "bb", 2 }, { NULL, 3 } };
	struct mmsghdr v[3] = { 0 };
	int i;

	for (i = 0; i < 3; i++) {
		v[i].msg_hdr = message(&iov[i], 1);
		v[i].msg_hdr.msg_name = &to;
		v[i].msg_hdr.msg_namelen = sizeof(to);
	}
	assert_int_equal(sys_sendmmsg(t->net, t->sender, v, 3, 0), 2);
	assert_int_equal(v[1].msg_len, 2);
	assert_int_equal(sys_sendmmsg(t->net, t->sender, v + 2, 1, 0), -EFAULT);
	assert_int_equal(sys_sendmmsg(t->net, t->sender, v, 0, 0), 0);
	assert_int_equal(sys_sendmmsg(t->net, t->sender, NULL, 1, 0), -EFAULT);
	user_read(t, fd);
	user_read(t, fd);
}

static void recvmmsg_takes_what_is_there_after_the_first(void **state)
{
	struct user_test *t = *state;
	int fd = user_listener(t, 7000), i;
	char buf[4][8];
	struct iovec iov[4];
	struct mmsghdr v[4] = { 0 };

	for (i = 0; i < 4; i++) {
		iov[i] = (struct iovec){ buf[i], 8 };
		v[i].msg_hdr = message(&iov[i], 1);
	}
	user_send(t, 7000, "one");
	user_send(t, 7000, "three");
	assert_int_equal(sys_recvmmsg(t->net, fd, v, 4, MSG_WAITFORONE, NULL),
			 2);
	assert_int_equal(v[0].msg_len, 3);
	assert_int_equal(v[1].msg_len, 5);
	assert_int_equal(sys_recvmmsg(t->net, fd, v, 4, MSG_DONTWAIT, NULL),
			 -EAGAIN);
}

static void send_one(void *arg)
{
	user_send(arg, 7000, "x");
}

static void recvmmsg_looks_at_its_timeout_after_each_message(void **state)
{
	struct user_test *t = *state;
	int fd = user_listener(t, 7000), i;
	struct timespec limit = { 0, 15 * 1000000 }, bad = { 0, -1 };
	char buf[4][8];
	struct iovec iov[4];
	struct mmsghdr v[4] = { 0 };

	for (i = 0; i < 4; i++) {
		iov[i] = (struct iovec){ buf[i], 8 };
		v[i].msg_hdr = message(&iov[i], 1);
		fake_at(t->w.fp, (i + 1) * 10 * MSEC, send_one, t);
	}
	assert_int_equal(sys_recvmmsg(t->net, fd, v, 4, 0, &limit), 2);
	assert_int_equal(sys_recvmmsg(t->net, fd, v, 4, 0, &bad), -EINVAL);
	world_pass(&t->w, 50 * MSEC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		user_unit(pieces_are_gathered_and_scattered),
		user_unit(what_does_not_fit_is_cut_and_said),
		user_unit(a_short_room_for_the_address_is_filled_and_the_length_said),
		user_unit(impossible_vectors_are_refused),
		user_unit(sendmmsg_stops_at_the_first_message_that_fails),
		user_unit(recvmmsg_takes_what_is_there_after_the_first),
		user_unit(recvmmsg_looks_at_its_timeout_after_each_message),
	};

	return cmocka_run_group_tests_name("messages", tests, NULL, NULL);
}
