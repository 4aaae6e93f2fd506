/* SPDX-License-Identifier: BSD-2-Clause */
/* System calls of scripts: arguments, results, and what they write. */
#include "tests/drill/run_fixture.h"

static void options_are_set_and_shown(void **state)
{
	passes("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
	       "+0 setsockopt(3, SOL_SOCKET, SO_SNDBUF, [10000], 4) = 0\n"
	       "+0 getsockopt(3, SOL_SOCKET, SO_SNDBUF, [20000], [4]) = 0\n"
	       "+0 getsockopt(3, SOL_SOCKET, SO_ERROR, [0], [4]) = 0\n"
	       "+0 setsockopt(3, SOL_SOCKET, SO_LINGER, {onoff=1, linger=3}, 8) = 0\n"
	       "+0 getsockopt(3, SOL_SOCKET, SO_LINGER, {onoff=1, linger=3}, [8]) = 0\n");
	fails("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
	      "+0 getsockopt(3, SOL_SOCKET, SO_ERROR, [104], [4]) = 0\n", 2,
	      "the value is 0, not 104");
}

static void flags_of_a_descriptor_are_shown(void **state)
{
	passes("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
	       "+0 fcntl(3, F_GETFL) = 0x02 (flags O_RDWR)\n"
	       "+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n"
	       "+0 fcntl(3, F_GETFL) = 0x802 (flags O_RDWR|O_NONBLOCK)\n");
}

static void data_is_read_and_peeked(void **state)
{
	passes(ACCEPTS
	       "+0 < P. 1:101(100) ack 1 win 257\n"
	       "+0 ioctl(4, SIOCINQ, [100]) = 0\n"
	       "+0 recv(4, ..., 1000, MSG_PEEK) = 100\n"
	       "+0 recv(4, ..., 40, 0) = 40\n"
	       "+0 read(4, ..., 1000) = 60\n"
	       "+0 fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n"
	       "+0 read(4, ..., 1000) = -1 EAGAIN (Resource temporarily unavailable)\n");
}

static void data_is_written_in_pieces(void **state)
{
	passes(ACCEPTS
	       "+0 writev(4, [{..., 100}, {..., 200}], 2) = 300\n"
	       "+0 > P. 1:301(300) ack 1\n"
	       "+0 sendmsg(4, {msg_name(...)=..., msg_iov(2)=[{..., 10}, {..., 20}],\n"
	       "            msg_flags=0}, 0) = 30\n"
	       "+.1 < . 1:1(0) ack 301 win 257\n"
	       "+0 > P. 301:331(30) ack 1\n");
}

static void poll_tells_what_is_ready(void **state)
{
	passes(ACCEPTS
	       "+0...0.1 poll([{fd=4, events=POLLIN, revents=POLLIN}], 1, 1000) = 1\n"
	       "+.1 < P. 1:11(10) ack 1 win 257\n"
	       "+0 poll([{fd=4, events=POLLIN|POLLOUT, revents=POLLIN|POLLOUT}], 1, 0) = 1\n");
	fails(ACCEPTS
	      "+0 poll([{fd=4, events=POLLOUT, revents=POLLIN}], 1, 0) = 1\n", 9,
	      "revents is POLLOUT, not POLLIN");
}

static void epoll_tells_what_is_ready(void **state)
{
	passes(ACCEPTS
	       "+0 epoll_create(1) = 5\n"
	       "+0 epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLIN|EPOLLET, fd=4}) = 0\n"
	       "+0 epoll_wait(5, {events=0, ptr=0}, 1, 0) = 0\n"
	       "+0 < P. 1:11(10) ack 1 win 257\n"
	       "+0 epoll_wait(5, {events=EPOLLIN, fd=4}, 1, 0) = 1\n"
	       "+0 epoll_wait(5, {events=0, ptr=0}, 1, 0) = 0\n");
}

static void recvmsg_shows_control_messages(void **state)
{
	passes(ACCEPTS
	       "+0 setsockopt(4, SOL_TCP, TCP_INQ, [1], 4) = 0\n"
	       "+0 < P. 1:101(100) ack 1 win 257\n"
	       "+0 recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 60}], msg_flags=0,\n"
	       "     msg_control=[{cmsg_level=SOL_TCP, cmsg_type=TCP_CM_INQ,\n"
	       "                   cmsg_data=40}]}, 0) = 60\n");
	fails(ACCEPTS
	      "+0 setsockopt(4, SOL_TCP, TCP_INQ, [1], 4) = 0\n"
	      "+0 < P. 1:101(100) ack 1 win 257\n"
	      "+0 recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 60}], msg_flags=0,\n"
	      "     msg_control=[]}, 0) = 60\n", 11, "a control message more");
}

static void descriptors_are_the_script_s(void **state)
{
	passes("0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 17\n"
	       "+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 4\n"
	       "+0 close(17) = 0\n"
	       "+0 close(17) = -1 EBADF (Bad file descriptor)\n"
	       "+0 fcntl(4, F_GETFL) = 2\n");
}

static void a_file_is_sent(void **state)
{
	passes("`dd if=/dev/zero of=/tmp/drill-file bs=1 count=5 status=none`\n" ACCEPTS
	       "+0 open(\"/tmp/drill-file\", O_RDONLY) = 5\n"
	       "+0 sendfile(4, 5, [0], 5) = 5\n"
	       "+0 > P. 1:6(5) ack 1\n");
}

static void data_is_spliced_into_a_pipe(void **state)
{
	passes(ACCEPTS
	       "+0 pipe([5, 6]) = 0\n"
	       "+0 < P. 1:101(100) ack 1 win 257\n"
	       "+0 splice(4, NULL, 6, NULL, 100, 0) = 100\n"
	       "+0 read(5, ..., 200) = 100\n");
}

static void missing_and_wrong_arguments_are_told(void **state)
{
	fails("0 socket(..., SOCK_STREAM) = 3\n", 1, "socket takes 3 arguments, not 2");
	fails("0 socket(..., NO_SUCH, 0) = 3\n", 1, "NO_SUCH");
}

static void datagrams_are_sent_and_received(void **state)
{
	passes("0 socket(..., SOCK_DGRAM, IPPROTO_UDP) = 3\n"
	       "+0 bind(3, ..., ...) = 0\n"
	       "+0 connect(3, ..., ...) = 0\n"
	       "+0 write(3, ..., 100) = 100\n"
	       "+0 > udp (100)\n"
	       "+.1 < udp (40)\n"
	       "+0 read(3, ..., 100) = 40\n");
}

static void memory_lent_to_the_stack_lasts(void **state)
{
	passes(ACCEPTS
	       "+0 setsockopt(4, SOL_SOCKET, SO_ZEROCOPY, [1], 4) = 0\n"
	       "+0 send(4, ..., 1000, MSG_ZEROCOPY) = 1000\n"
	       "+0 > P. 1:1001(1000) ack 1\n"
	       "+0~+1 > P. 1:1001(1000) ack 1\n"
	       "+0 < . 1:1(0) ack 1001 win 257\n"
	       "+0 recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{...,0}],\n"
	       "	msg_flags=MSG_ERRQUEUE|MSG_CTRUNC}, MSG_ERRQUEUE) = 0\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WEIR_TEST(options_are_set_and_shown),
		WEIR_TEST(flags_of_a_descriptor_are_shown),
		WEIR_TEST(data_is_read_and_peeked),
		WEIR_TEST(data_is_written_in_pieces),
		WEIR_TEST(poll_tells_what_is_ready),
		WEIR_TEST(epoll_tells_what_is_ready),
		WEIR_TEST(recvmsg_shows_control_messages),
		WEIR_TEST(descriptors_are_the_script_s),
		WEIR_TEST(a_file_is_sent),
		WEIR_TEST(data_is_spliced_into_a_pipe),
		WEIR_TEST(missing_and_wrong_arguments_are_told),
		WEIR_TEST(datagrams_are_sent_and_received),
		WEIR_TEST(memory_lent_to_the_stack_lasts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
