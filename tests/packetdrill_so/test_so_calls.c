/* SPDX-License-Identifier: BSD-2-Clause */
/* The system calls of the library that packetdrill opens, in one thread. */
#include "tests/packetdrill_so/so_test.h"

static void the_peer_opens_and_both_send(void **state)
{
	struct tool t;
	char buf[100];
	int lfd, fd;

	tool_start(&t, NULL);
	lfd = listener(&t, 0);
	fd = accepted(&t, lfd);
	inject(&t, "P. 1:6(5) ack 1", "hello");
	expect(&t, 0, ". 1:1(0) ack 6");
	assert_int_equal(t.ifc.read(t.ifc.userdata, fd, buf, sizeof(buf)), 5);
	assert_memory_equal(buf, "hello", 5);
	assert_int_equal(t.ifc.write(t.ifc.userdata, fd, "world!", 6), 6);
	expect(&t, 0, "P. 1:7(6) ack 6");
	inject(&t, "F. 6:6(0) ack 7", NULL);
	expect(&t, 40000, ". 7:7(0) ack 7");
	assert_int_equal(t.ifc.read(t.ifc.userdata, fd, buf, sizeof(buf)), 0);
	assert_int_equal(t.ifc.close(t.ifc.userdata, fd), 0);
	expect(&t, 40000, "F. 7:7(0) ack 7");
	tool_end(&t);
}

static void data_goes_through_each_kind_of_call(void **state)
{
	struct iovec v[2] = { { "ab", 2 }, { "cd", 2 } };
	struct msghdr m = { .msg_iov = v, .msg_iovlen = 2 };
	struct sockaddr_in from = { 0 };
	socklen_t len = sizeof(from);
	char a[3] = "", b[10] = "";
	int fd, on = 1;
	struct tool t;

	tool_start(&t, "");
	fd = accepted(&t, listener(&t, 0));
	assert_int_equal(t.ifc.setsockopt(t.ifc.userdata, fd, IPPROTO_TCP,
					  TCP_NODELAY, &on, sizeof(on)), 0);
	assert_int_equal(t.ifc.writev(t.ifc.userdata, fd, v, 2), 4);
	expect(&t, 0, "P. 1:5(4) ack 1");
	assert_int_equal(t.ifc.sendmsg(t.ifc.userdata, fd, &m, 0), 4);
	expect(&t, 0, "P. 5:9(4) ack 1");
	assert_int_equal(t.ifc.send(t.ifc.userdata, fd, "x", 1, 0), 1);
	expect(&t, 0, "P. 9:10(1) ack 1");
	assert_int_equal(t.ifc.sendto(t.ifc.userdata, fd, "y", 1, 0, NULL, 0), 1);
	expect(&t, 0, "P. 10:11(1) ack 1");
	inject(&t, "P. 1:11(10) ack 11", "0123456789");
	v[0] = (struct iovec){ a, 2 };
	v[1] = (struct iovec){ b, 1 };
	assert_int_equal(t.ifc.readv(t.ifc.userdata, fd, v, 2), 3);
	assert_string_equal(a, "01");
	assert_int_equal(t.ifc.recvmsg(t.ifc.userdata, fd, &m, 0), 3);
	assert_string_equal(a, "34");
	assert_int_equal(t.ifc.recv(t.ifc.userdata, fd, b, 2, 0), 2);
	assert_int_equal(t.ifc.recvfrom(t.ifc.userdata, fd, b, 2, 0,
					(struct sockaddr *)&from, &len), 2);
	assert_memory_equal(b, "89", 2);
	tool_end(&t);
}

static void options_and_states_can_be_asked_for(void **state)
{
	struct linger l = { 1, 3 }, got = { 0 };
	socklen_t len = sizeof(got);
	char info[400];
	int fd, n = -1;
	struct tool t;

	tool_start(&t, "");
	fd = accepted(&t, listener(&t, 0));
	assert_int_equal(t.ifc.setsockopt(t.ifc.userdata, fd, SOL_SOCKET,
					  SO_LINGER, &l, sizeof(l)), 0);
	assert_int_equal(t.ifc.getsockopt(t.ifc.userdata, fd, SOL_SOCKET,
					  SO_LINGER, &got, &len), 0);
	assert_memory_equal(&got, &l, sizeof(l));
	assert_int_equal(t.ifc.ioctl(t.ifc.userdata, fd, FIONREAD, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(t.ifc.fcntl(t.ifc.userdata, fd, F_SETFL, O_NONBLOCK),
			 0);
	assert_int_equal(t.ifc.fcntl(t.ifc.userdata, fd, F_GETFL),
			 O_RDWR | O_NONBLOCK);
	assert_int_equal(t.ifc.recv(t.ifc.userdata, fd, info, 1, 0), -1);
	assert_int_equal(errno, EAGAIN);
	/* as much as the tool's struct has, whatever ours is */
	memset(info, 0xff, sizeof(info));
	len = sizeof(info);
	assert_int_equal(t.ifc.getsockopt(t.ifc.userdata, fd, IPPROTO_TCP,
					  TCP_INFO, info, &len), 0);
	assert_true(len >= 280 && len < sizeof(info));
	assert_int_equal(info[279], 0);
	assert_int_equal((u8)info[len], 0xff);
	len = 8;
	assert_int_equal(t.ifc.getsockopt(t.ifc.userdata, fd, IPPROTO_TCP,
					  TCP_INFO, info, &len), 0);
	assert_int_equal(len, 8);
	assert_int_equal(t.ifc.shutdown(t.ifc.userdata, fd, SHUT_WR), 0);
	expect(&t, 0, "F. 1:1(0) ack 1");
	tool_end(&t);
}

static void numbers_are_reserved_in_the_process(void **state)
{
	int fd, copy, file;
	struct tool t;

	tool_start(&t, "");
	fd = tcp_socket(&t, 0);
	assert_int_not_equal(fcntl(fd, F_GETFD), -1);
	file = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_int_not_equal(file, fd);
	copy = t.ifc.fcntl(t.ifc.userdata, fd, F_DUPFD, 70L);
	assert_true(copy >= 70);
	assert_int_equal(t.ifc.close(t.ifc.userdata, fd), 0);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_int_equal(t.ifc.listen(t.ifc.userdata, fd, 1), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(t.ifc.listen(t.ifc.userdata, copy, 1), 0);
	/* what is not the stack's is the host's */
	assert_int_equal(t.ifc.listen(t.ifc.userdata, file, 1), -1);
	assert_int_equal(t.ifc.read(t.ifc.userdata, file, &fd, 1), 0);
	assert_int_equal(t.ifc.close(t.ifc.userdata, file), 0);
	assert_int_equal(fcntl(file, F_GETFD), -1);
	/* as the tool does at its end */
	assert_int_equal(close(copy), 0);
	tool_end(&t);
}

static void no_number_is_left_over_when_there_are_none(void **state)
{
	struct rlimit before, few;
	int fd[64], n = 0;
	struct tool t;

	tool_start(&t, "");
	getrlimit(RLIMIT_NOFILE, &before);
	few = before;
	few.rlim_cur = 32;
	setrlimit(RLIMIT_NOFILE, &few);
	while (n < 64 && (fd[n] = t.ifc.socket(t.ifc.userdata, AF_INET,
					       SOCK_STREAM, 0)) >= 0)
		n++;
	assert_int_equal(errno, EMFILE);
	assert_true(n < 32);
	setrlimit(RLIMIT_NOFILE, &before);
	while (n--)
		assert_int_equal(t.ifc.close(t.ifc.userdata, fd[n]), 0);
	tool_end(&t);
}

static void poll_takes_sockets_and_pipes(void **state)
{
	struct pollfd p[4];
	struct tool t;
	int fd, ends[2];

	tool_start(&t, "");
	fd = accepted(&t, listener(&t, 0));
	assert_int_equal(t.ifc.pipe(t.ifc.userdata, ends), 0);
	p[0] = (struct pollfd){ .fd = fd, .events = POLLIN | POLLOUT };
	p[1] = (struct pollfd){ .fd = ends[0], .events = POLLIN };
	p[2] = (struct pollfd){ .fd = -1, .revents = 7 };
	p[3] = (struct pollfd){ .fd = 999 };
	assert_int_equal(t.ifc.poll(t.ifc.userdata, p, 3, -1), 1);
	assert_int_equal(p[0].revents, POLLOUT);
	assert_int_equal(p[1].revents, 0);
	assert_int_equal(p[2].revents, 0);
	p[0].events = POLLIN;
	assert_int_equal(t.ifc.poll(t.ifc.userdata, p, 3, 20), 0);
	assert_int_equal(now(&t), 20000);
	assert_int_equal(t.ifc.write(t.ifc.userdata, ends[1], "x", 1), 1);
	assert_int_equal(t.ifc.poll(t.ifc.userdata, p, 4, -1), 2);
	assert_int_equal(p[1].revents, POLLIN);
	assert_int_equal(p[3].revents, POLLNVAL);
	assert_int_equal(t.ifc.close(t.ifc.userdata, ends[0]), 0);
	assert_int_equal(t.ifc.close(t.ifc.userdata, ends[1]), 0);
	tool_end(&t);
}

static void epoll_sets_hold_sockets(void **state)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u64 = 77 };
	struct tool t;
	int fd, set;

	tool_start(&t, "");
	fd = accepted(&t, listener(&t, 0));
	set = t.ifc.epoll_create(t.ifc.userdata, 1);
	assert_true(set >= 0);
	assert_int_equal(t.ifc.epoll_ctl(t.ifc.userdata, set, EPOLL_CTL_ADD, fd,
					 &ev), 0);
	assert_int_equal(t.ifc.epoll_wait(t.ifc.userdata, set, &ev, 1, 10), 0);
	assert_int_equal(now(&t), 10000);
	inject(&t, "P. 1:6(5) ack 1", "hello");
	assert_int_equal(t.ifc.epoll_wait(t.ifc.userdata, set, &ev, 1, -1), 1);
	assert_int_equal(ev.data.u64, 77);
	assert_int_equal(t.ifc.epoll_create(t.ifc.userdata, 0), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(t.ifc.epoll_ctl(t.ifc.userdata, set, EPOLL_CTL_ADD, 0,
					 &ev), -1);
	assert_int_equal(errno, EPERM);
	tool_end(&t);
}

/* The tool may give the address of an offset where a program gives none. */
static void a_pipe_is_spliced_into_a_socket_and_back(void **state)
{
	loff_t in_off = 0, out_off = 0;
	struct tool t;
	int fd, ends[2];
	char buf[8];

	tool_start(&t, "");
	fd = accepted(&t, listener(&t, 0));
	assert_int_equal(t.ifc.pipe(t.ifc.userdata, ends), 0);
	assert_int_equal(t.ifc.splice(t.ifc.userdata, ends[0], &in_off, fd,
				      &out_off, 8, SPLICE_F_NONBLOCK), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(t.ifc.write(t.ifc.userdata, ends[1], "abcd", 4), 4);
	assert_int_equal(t.ifc.splice(t.ifc.userdata, ends[0], &in_off, fd,
				      &out_off, 4, 0), 4);
	expect(&t, 0, "P. 1:5(4) ack 1");
	inject(&t, "P. 1:4(3) ack 5", "xyz");
	assert_int_equal(t.ifc.splice(t.ifc.userdata, fd, &in_off, ends[1],
				      &out_off, 3, 0), 3);
	assert_int_equal(t.ifc.read(t.ifc.userdata, ends[0], buf, 8), 3);
	assert_memory_equal(buf, "xyz", 3);
	assert_int_equal(t.ifc.splice(t.ifc.userdata, fd, NULL, fd, NULL, 1, 0),
			 -1);
	assert_int_equal(errno, EINVAL);
	tool_end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_peer_opens_and_both_send),
		cmocka_unit_test(data_goes_through_each_kind_of_call),
		cmocka_unit_test(options_and_states_can_be_asked_for),
		cmocka_unit_test(numbers_are_reserved_in_the_process),
		cmocka_unit_test(no_number_is_left_over_when_there_are_none),
		cmocka_unit_test(poll_takes_sockets_and_pipes),
		cmocka_unit_test(epoll_sets_hold_sockets),
		cmocka_unit_test(a_pipe_is_spliced_into_a_socket_and_back),
	};

	return cmocka_run_group_tests_name("so calls", tests, NULL, NULL);
}
