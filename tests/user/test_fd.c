/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptors: numbers, copies, flags, closing while somebody waits. */
#include "tests/user/user_test.h"

static void the_lowest_free_number_is_given(void **state)
{
	struct user_test *t = *state;
	int a = user_listener(t, 7000), b = user_listener(t, 7001);

	assert_int_equal(b, a + 1);
	assert_int_equal(sys_close(t->net, a), 0);
	assert_int_equal(sys_close(t->net, a), -EBADF);
	assert_int_equal(host_socket(&t->w.a, SOCK_DGRAM), a);
	assert_int_equal(sys_fcntl(t->net, a, F_DUPFD, 50), 50);
	assert_int_equal(sys_fcntl(t->net, a, F_DUPFD, 50), 51);
	assert_int_equal(sys_fcntl(t->net, a, F_DUPFD, -1), -EINVAL);
	assert_int_equal(sys_dup(t->net, 900, 0, false), -EBADF);
}

static void numbers_beyond_the_first_thousand_work(void **state)
{
	struct user_test *t = *state;
	int i, fd = t->sender;

	for (i = 0; i < 1500; i++)
		assert_int_equal(sys_dup(t->net, fd, 0, false), fd + 1 + i);
	assert_int_equal(sys_close(t->net, fd + 1200), 0);
	assert_int_equal(sys_dup(t->net, fd, 0, false), fd + 1200);
}

static void holes_are_filled_from_below(void **state)
{
	struct user_test *t = *state;
	int first = t->sender + 1, n = 20000, next = 0;
	u8 *open = calloc(1, (size_t)n);

	for (int i = 0; i < n; i++)
		assert_int_equal(sys_dup(t->net, t->sender, 0, false), first + i);
	for (int i = 0; i < n; i++)
		open[i] = i % 7 && (i < 4000 || i > 13000);
	for (int i = n - 1; i >= 0; i--)
		if (!open[i])
			assert_int_equal(sys_close(t->net, first + i), 0);
	assert_int_equal(sys_fcntl(t->net, t->sender, F_DUPFD, first + 13001),
			 first + 13006);	/* 7 divides that */
	open[13006] = 1;
	for (;;) {
		while (next < n && open[next])
			next++;
		assert_int_equal(sys_dup(t->net, t->sender, 0, false),
				 first + next);
		if (next == n)
			break;
		next++;
	}
	free(open);
}

static void copies_share_their_flags(void **state)
{
	struct user_test *t = *state;
	int a = user_listener(t, 7000), b = sys_dup(t->net, a, 0, false), on = 1;

	assert_int_equal(sys_fcntl(t->net, a, F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(sys_fcntl(t->net, b, F_GETFL, 0), O_RDWR | O_NONBLOCK);
	assert_int_equal(sys_recvfrom(t->net, b, &on, 4, 0, NULL, NULL),
			 -EAGAIN);
	assert_int_equal(sys_fcntl(t->net, b, F_SETFL, 0), 0);
	assert_int_equal(sys_fcntl(t->net, a, F_GETFL, 0), O_RDWR);
	assert_int_equal(sys_ioctl(t->net, a, FIONBIO, &on), 0);
	assert_int_equal(sys_fcntl(t->net, b, F_GETFL, 0), O_RDWR | O_NONBLOCK);
	assert_int_equal(sys_ioctl(t->net, a, FIONBIO, NULL), -EFAULT);
}

static void dup3_replaces_what_was_at_the_number(void **state)
{
	struct user_test *t = *state;
	int a = user_listener(t, 7000), b = user_listener(t, 7001);

	assert_int_equal(sys_dup3(t->net, a, a, 0), -EINVAL);
	assert_int_equal(sys_dup3(t->net, a, b, O_NONBLOCK), -EINVAL);
	assert_int_equal(sys_dup3(t->net, 900, b, 0), -EBADF);
	assert_int_equal(sys_dup3(t->net, a, -1, 0), -EBADF);
	assert_int_equal(sys_dup3(t->net, a, b, 0), b);
	assert_int_equal(host_bind(&t->w.a, t->sender, LOCALHOST, 7001), 0);
	user_send(t, 7000, "x");
	user_read(t, b);
	assert_int_equal(sys_dup3(t->net, a, 70, O_CLOEXEC), 70);
}

static void calls_on_the_wrong_kind_of_file_are_refused(void **state)
{
	struct user_test *t = *state;
	int ep = sys_epoll_create1(t->net, 0);
	char c;

	assert_int_equal(sys_recvfrom(t->net, ep, &c, 1, 0, NULL, NULL),
			 -ENOTSOCK);
	assert_int_equal(sys_listen(t->net, ep, 1), -ENOTSOCK);
	assert_int_equal(sys_read(t->net, ep, &c, 1), -EINVAL);
	assert_int_equal(sys_write(t->net, ep, &c, 1), -EINVAL);
	assert_int_equal(sys_ioctl(t->net, ep, 0x5401, &c), -ENOTTY);
	assert_int_equal(sys_read(t->net, 900, &c, 1), -EBADF);
	assert_int_equal(sys_ioctl(t->net, 900, FIONBIO, &c), -EBADF);
	assert_int_equal(sys_socket(t->net, AF_INET, SOCK_DGRAM | 0x40, 0),
			 -EINVAL);
}

static void close_then_send(void *arg)
{
	struct user_test *t = arg;

	sys_close(t->net, t->sender + 1);
	user_send(t, 7000, "late");
}

static void a_reader_finishes_on_a_socket_that_another_task_closed(void **state)
{
	struct user_test *t = *state;
	int fd = user_listener(t, 7000);
	char buf[8];

	assert_int_equal(fd, t->sender + 1);
	assert_true(fake_at(t->w.fp, MSEC, close_then_send, t));
	assert_int_equal(sys_recvfrom(t->net, fd, buf, sizeof(buf), 0, NULL,
				      NULL), 4);
	assert_int_equal(sys_recvfrom(t->net, fd, buf, sizeof(buf), 0, NULL,
				      NULL), -EBADF);
}

static void a_signal_ends_a_blocking_read(void **state)
{
	struct user_test *t = *state;
	int fd = user_listener(t, 7000);
	char c;

	fake_signal(t->w.fp);
	assert_int_equal(sys_read(t->net, fd, &c, 1), -EINTR);
}

/* --- numbers from elsewhere, as in a preloaded program ---------------------------- */

struct numbers {
	int next, released, fail;
};

static int reserve(void *ctx, bool cloexec)
{
	struct numbers *n = ctx;

	return n->fail ? -EMFILE : n->next++;
}

static void release(void *ctx, int fd)
{
	((struct numbers *)ctx)->released = fd;
}

static void numbers_may_come_from_elsewhere(void **state)
{
	struct user_test *t = *state;
	struct numbers n = { 300, -1, 0 };
	struct fd_ops ops = { reserve, release, &n };

	t->net->user->fd_ops = &ops;
	assert_int_equal(sys_socket(t->net, AF_INET, SOCK_DGRAM, 0), 300);
	assert_int_equal(sys_dup(t->net, 300, 0, false), 301);
	assert_int_equal(sys_close(t->net, 300), 0);
	assert_int_equal(n.released, 300);
	n.fail = 1;
	assert_int_equal(sys_socket(t->net, AF_INET, SOCK_DGRAM, 0), -EMFILE);
	assert_int_equal(sys_epoll_create1(t->net, 0), -EMFILE);
	t->net->user->fd_ops = NULL;
}

static void accept_without_a_number_leaves_the_connection(void **state)
{
	struct user_test *t = *state;
	struct numbers n = { 300, -1, 0 };
	struct fd_ops ops = { reserve, release, &n };
	int listener = host_listen(&t->w.b, 7000, 5);
	int fd = host_socket(&t->w.a, SOCK_STREAM | SOCK_NONBLOCK);

	host_connect(&t->w.a, fd, HOST_B, 7000);
	world_pass(&t->w, 10 * MSEC);
	t->w.b.net->user->fd_ops = &ops;
	n.fail = 1;
	assert_int_equal(sys_accept4(t->w.b.net, listener, NULL, NULL, 0),
			 -EMFILE);
	n.fail = 0;
	assert_int_equal(sys_accept4(t->w.b.net, listener, NULL, NULL, 0), 300);
	assert_int_equal(sys_accept4(t->w.b.net, listener, NULL, NULL, 0),
			 -EAGAIN);
	assert_int_equal(n.released, -1);	/* none was needed */
	t->w.b.net->user->fd_ops = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		user_unit(the_lowest_free_number_is_given),
		user_unit(numbers_beyond_the_first_thousand_work),
		user_unit(holes_are_filled_from_below),
		user_unit(copies_share_their_flags),
		user_unit(dup3_replaces_what_was_at_the_number),
		user_unit(calls_on_the_wrong_kind_of_file_are_refused),
		user_unit(a_reader_finishes_on_a_socket_that_another_task_closed),
		user_unit(a_signal_ends_a_blocking_read),
		user_unit(numbers_may_come_from_elsewhere),
		user_unit(accept_without_a_number_leaves_the_connection),
	};

	return cmocka_run_group_tests_name("descriptors", tests, NULL, NULL);
}
