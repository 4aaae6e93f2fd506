/* SPDX-License-Identifier: BSD-2-Clause */
/* UDP between two whole stacks, and between a stack and a scripted peer. */
#include "tests/support/pair.h"
#include "tests/support/peer.h"

#define GROUP	0xe0010203u	/* 224.1.2.3 */

struct setup {
	struct world w;
	struct peer p;
};

static int setup_hosts(void **state)
{
	struct setup *s = malloc(sizeof(*s));

	world_open(&s->w, NULL);
	*state = s;
	return 0;
}

static int setup_peer(void **state)
{
	struct setup *s = malloc(sizeof(*s));

	world_open_peer(&s->w, &s->p, NULL);
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

static int bound(struct host *h, u32 addr, u16 port)
{
	int fd = host_socket(h, SOCK_DGRAM | SOCK_NONBLOCK);

	assert_int_equal(host_bind(h, fd, addr, port), 0);
	return fd;
}

static ssize_t send_to(struct host *h, int fd, u32 addr, u16 port,
		       const void *data, size_t len)
{
	struct sockaddr_in to = sa(addr, port);

	return sys_sendto(h->net, fd, data, len, 0, (struct sockaddr *)&to,
			  sizeof(to));
}

/* --- between two stacks ------------------------------------------------------------ */

static void datagrams_of_all_sizes_come_whole_and_in_order(void **state)
{
	static const u32 sizes[] = { 0, 1, 1472, 1473, 9000, 65507 };
	static u8 out[65536], in[65536];
	struct world *w = &((struct setup *)*state)->w;
	int a = bound(&w->a, 0, 1000), b = bound(&w->b, 0, 2000);

	host_setsockopt(&w->b, b, SOL_SOCKET, SO_RCVBUF, 1 << 20);
	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++) {
		stream_fill(out, sizes[i], i, 0);
		assert_int_equal(send_to(&w->a, a, HOST_B, 2000, out, sizes[i]),
				 sizes[i]);
	}
	world_pass(w, 10 * MSEC);
	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++) {
		assert_int_equal(host_recv(&w->b, b, in, sizeof(in)), sizes[i]);
		assert_int_equal(stream_check(in, sizes[i], i, 0), -1);
	}
	assert_int_equal(host_recv(&w->b, b, in, sizeof(in)), -EAGAIN);
	assert_int_equal(send_to(&w->a, a, HOST_B, 2000, out, 65508), -EMSGSIZE);
}

static void a_blocking_reader_sleeps_until_the_datagram_is_there(void **state)
{
	struct world *w = &((struct setup *)*state)->w;
	int a = bound(&w->a, 0, 1000), b = bound(&w->b, 0, 2000);
	struct sockaddr_in from;
	u32 len = sizeof(from);
	ktime_t start = world_now(w);
	char buf[8];

	assert_int_equal(send_to(&w->a, a, HOST_B, 2000, "hello", 5), 5);
	assert_int_equal(sys_recvfrom(w->b.net, b, buf, 8, MSG_WAITALL, (void *)&from, &len),
			 -EAGAIN);	/* the socket does not block */
	sys_fcntl(w->b.net, b, F_SETFL, 0);
	assert_int_equal(sys_recvfrom(w->b.net, b, buf, 8, 0, (void *)&from, &len),
			 5);
	assert_true(world_now(w) > start);
	assert_int_equal(len, sizeof(from));
	assert_memory_equal(&from, &(struct sockaddr_in[]){ sa(HOST_A, 1000) },
			    sizeof(from));
}

static void a_read_that_is_too_short_truncates(void **state)
{
	struct world *w = &((struct setup *)*state)->w;
	int a = bound(&w->a, 0, 1000), b = bound(&w->b, 0, 2000);
	char buf[8];

	send_to(&w->a, a, HOST_B, 2000, "hello", 5);
	world_pass(w, MSEC);
	assert_int_equal(sys_recvfrom(w->b.net, b, buf, 2, MSG_PEEK | MSG_TRUNC,
				      NULL, NULL), 5);
	assert_int_equal(host_recv(&w->b, b, buf, 2), 2);
	assert_int_equal(host_recv(&w->b, b, buf, 2), -EAGAIN);
}

static void a_receive_timeout_is_kept(void **state)
{
	struct world *w = &((struct setup *)*state)->w;
	int fd = host_socket(&w->a, SOCK_DGRAM);
	struct timeval tv = { .tv_usec = 250000 };
	ktime_t start = world_now(w);
	char buf[8];

	assert_int_equal(sys_setsockopt(w->a.net, fd, SOL_SOCKET, SO_RCVTIMEO,
					&tv, sizeof(tv)), 0);
	assert_int_equal(host_bind(&w->a, fd, 0, 5), 0);
	assert_int_equal(sys_recvfrom(w->a.net, fd, buf, 8, 0, NULL, NULL),
			 -EAGAIN);
	assert_int_equal((world_now(w) - start) / MSEC, 250);
}

static void a_closed_port_refuses_a_connected_socket(void **state)
{
	struct world *w = &((struct setup *)*state)->w;
	int fd = host_socket(&w->a, SOCK_DGRAM | SOCK_NONBLOCK);
	char buf[8];

	assert_int_equal(host_connect(&w->a, fd, HOST_B, 99), 0);
	assert_int_equal(host_send(&w->a, fd, "x", 1), 1);
	world_pass(w, MSEC);
	assert_true(host_poll(&w->a, fd) & EPOLLERR);
	assert_int_equal(host_send(&w->a, fd, "x", 1), -ECONNREFUSED);
	world_pass(w, 2 * SEC);
	host_send(&w->a, fd, "x", 1);
	world_pass(w, MSEC);
	assert_int_equal(host_recv(&w->a, fd, buf, 8), -ECONNREFUSED);
	assert_int_equal(host_recv(&w->a, fd, buf, 8), -EAGAIN);
	assert_true(STAT(&w->b, Udp, NoPorts) >= 2);
}

static void a_closed_port_says_nothing_to_an_unconnected_socket(void **state)
{
	struct world *w = &((struct setup *)*state)->w;
	int fd = bound(&w->a, 0, 1000);
	char buf[8];

	send_to(&w->a, fd, HOST_B, 99, "x", 1);
	world_pass(w, MSEC);
	assert_int_equal(host_recv(&w->a, fd, buf, 8), -EAGAIN);
}

static void a_connected_socket_hears_only_its_peer(void **state)
{
	struct world *w = &((struct setup *)*state)->w;
	int a1 = bound(&w->a, 0, 1000), a2 = bound(&w->a, 0, 1001);
	int b = bound(&w->b, 0, 2000), other = bound(&w->b, HOST_B, 2000 + 1);
	char buf[8];

	assert_int_equal(host_connect(&w->b, b, HOST_A, 1000), 0);
	send_to(&w->a, a2, HOST_B, 2000, "no", 2);
	send_to(&w->a, a1, HOST_B, 2000, "yes", 3);
	send_to(&w->a, a2, HOST_B, 2001, "ok", 2);
	world_pass(w, MSEC);
	assert_int_equal(host_recv(&w->b, b, buf, 8), 3);
	assert_int_equal(host_recv(&w->b, b, buf, 8), -EAGAIN);
	assert_int_equal(host_recv(&w->b, other, buf, 8), 2);
}

static void a_broadcast_needs_permission_and_reaches_all_sockets(void **state)
{
	struct world *w = &((struct setup *)*state)->w;
	int a = bound(&w->a, 0, 1000), b[2];
	char buf[8];

	for (int i = 0; i < 2; i++) {
		b[i] = host_socket(&w->b, SOCK_DGRAM | SOCK_NONBLOCK);
		host_setsockopt(&w->b, b[i], SOL_SOCKET, SO_REUSEADDR, 1);
		assert_int_equal(host_bind(&w->b, b[i], 0, 2000), 0);
	}
	assert_int_equal(send_to(&w->a, a, 0x0a0000ff, 2000, "all", 3), -EACCES);
	host_setsockopt(&w->a, a, SOL_SOCKET, SO_BROADCAST, 1);
	assert_int_equal(send_to(&w->a, a, 0x0a0000ff, 2000, "all", 3), 3);
	assert_int_equal(send_to(&w->a, a, 0xffffffff, 2000, "all", 3),
			 -ENETUNREACH);	/* no default route */
	world_pass(w, MSEC);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(host_recv(&w->b, b[i], buf, 8), 3);
		assert_int_equal(host_recv(&w->b, b[i], buf, 8), -EAGAIN);
	}
}

static int join(struct host *h, int fd, int option)
{
	struct ip_mreq m = { 0 };
	__be32 g = cpu_to_be32(GROUP), i = cpu_to_be32(h->addr);

	memcpy(&m.imr_multiaddr, &g, 4);
	memcpy(&m.imr_interface, &i, 4);
	return sys_setsockopt(h->net, fd, SOL_IP, option, &m, sizeof(m));
}

static void a_group_is_heard_by_members_and_by_nobody_else(void **state)
{
	struct world *w = &((struct setup *)*state)->w;
	int a = bound(&w->a, 0, 1000), b = bound(&w->b, 0, 2000);
	__be32 ifaddr = cpu_to_be32(HOST_A);
	char buf[8];

	assert_int_equal(sys_setsockopt(w->a.net, a, SOL_IP, IP_MULTICAST_IF,
					&ifaddr, 4), 0);
	send_to(&w->a, a, GROUP, 2000, "1", 1);
	world_pass(w, MSEC);
	assert_int_equal(host_recv(&w->b, b, buf, 8), -EAGAIN);
	assert_int_equal(join(&w->b, b, IP_ADD_MEMBERSHIP), 0);
	assert_int_equal(join(&w->b, b, IP_ADD_MEMBERSHIP), -EADDRINUSE);
	send_to(&w->a, a, GROUP, 2000, "22", 2);
	world_pass(w, MSEC);
	assert_int_equal(host_recv(&w->b, b, buf, 8), 2);
	assert_int_equal(join(&w->b, b, IP_DROP_MEMBERSHIP), 0);
	send_to(&w->a, a, GROUP, 2000, "333", 3);
	world_pass(w, MSEC);
	assert_int_equal(host_recv(&w->b, b, buf, 8), -EAGAIN);
}

static void a_sender_in_the_group_hears_itself_unless_told_not_to(void **state)
{
	struct world *w = &((struct setup *)*state)->w;
	int a = bound(&w->a, 0, 2000);
	__be32 ifaddr = cpu_to_be32(HOST_A);
	char buf[8];

	sys_setsockopt(w->a.net, a, SOL_IP, IP_MULTICAST_IF, &ifaddr, 4);
	assert_int_equal(join(&w->a, a, IP_ADD_MEMBERSHIP), 0);
	send_to(&w->a, a, GROUP, 2000, "1", 1);
	world_pass(w, MSEC);
	assert_int_equal(host_recv(&w->a, a, buf, 8), 1);
	assert_int_equal(host_setsockopt(&w->a, a, SOL_IP, IP_MULTICAST_LOOP, 0),
			 0);
	send_to(&w->a, a, GROUP, 2000, "1", 1);
	world_pass(w, MSEC);
	assert_int_equal(host_recv(&w->a, a, buf, 8), -EAGAIN);
}

static void the_loopback_reaches_the_stack_itself(void **state)
{
	struct world *w = &((struct setup *)*state)->w;
	int a = bound(&w->a, 0x7f000001, 2000);
	u64 frames = w->frames;
	char buf[8];

	assert_int_equal(send_to(&w->a, a, 0x7f000001, 2000, "me", 2), 2);
	world_pass(w, MSEC);
	assert_int_equal(host_recv(&w->a, a, buf, 8), 2);
	assert_int_equal(w->frames, frames);
}

static void a_full_receive_buffer_drops_with_its_reason(void **state)
{
	struct world *w = &((struct setup *)*state)->w;
	int a = bound(&w->a, 0, 1000), b = bound(&w->b, 0, 2000);
	static u8 out[1400];
	u32 got = 0;

	host_setsockopt(&w->b, b, SOL_SOCKET, SO_RCVBUF, 4096);
	for (u32 i = 0; i < 50; i++) {
		send_to(&w->a, a, HOST_B, 2000, out, sizeof(out));
		world_pass(w, MSEC);
	}
	while (host_recv(&w->b, b, out, sizeof(out)) > 0)
		got++;
	assert_true(got > 0 && got < 50);
	assert_int_equal(world_drops(w, SKB_DROP_REASON_SOCKET_RCVBUF), 50 - got);
	assert_int_equal(STAT(&w->b, Udp, RcvbufErrors), 50 - got);
}

/* --- with a peer ---------------------------------------------------------------------- */

static void a_wrong_udp_checksum_is_dropped_with_its_reason(void **state)
{
	struct setup *s = *state;
	int fd = bound(&s->w.a, 0, 2000);
	char buf[8];

	s->p.next.bad_csum = true;
	say_udp(&s->p, 1000, 2000, "x", 1);
	assert_int_equal(host_recv(&s->w.a, fd, buf, 8), -EAGAIN);
	assert_int_equal(world_drops(&s->w, SKB_DROP_REASON_UDP_CSUM), 1);
	say_udp(&s->p, 1000, 2000, "x", 1);
	assert_int_equal(host_recv(&s->w.a, fd, buf, 8), 1);
}

static void a_closed_port_answers_with_port_unreachable(void **state)
{
	struct setup *s = *state;

	say_udp(&s->p, 1000, 99, "xyz", 3);
	hear_icmp(&s->p, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH);
	assert_true(s->p.last.len >= 28 + 3);	/* quotes it */
}

static void an_icmp_error_comes_with_its_details_in_the_error_queue(void **state)
{
	struct setup *s = *state;
	int fd = host_socket(&s->w.a, SOCK_DGRAM | SOCK_NONBLOCK);
	char payload[64], control[256];
	struct iovec iov = { payload, sizeof(payload) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct sock_extended_err *ee;
	struct cmsghdr *c;

	host_setsockopt(&s->w.a, fd, SOL_IP, IP_RECVERR, 1);
	assert_int_equal(host_connect(&s->w.a, fd, HOST_B, 99), 0);
	host_send(&s->w.a, fd, "abc", 3);
	hear_udp(&s->p, 0, 99, 3);
	say_icmp_error(&s->p, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
	assert_int_equal(sys_recvmsg(s->w.a.net, fd, &m, MSG_ERRQUEUE), 3);
	assert_memory_equal(payload, "abc", 3);
	assert_true(m.msg_flags & MSG_ERRQUEUE);
	c = CMSG_FIRSTHDR(&m);
	assert_non_null(c);
	assert_int_equal(c->cmsg_level, SOL_IP);
	assert_int_equal(c->cmsg_type, IP_RECVERR);
	ee = (struct sock_extended_err *)CMSG_DATA(c);
	assert_int_equal(ee->ee_errno, EHOSTUNREACH);
	assert_int_equal(ee->ee_origin, SO_EE_ORIGIN_ICMP);
	assert_int_equal(ee->ee_type, ICMP_DEST_UNREACH);
}

static void frag_needed_lowers_the_path_mtu_for_datagrams(void **state)
{
	struct setup *s = *state;
	int fd = host_socket(&s->w.a, SOCK_DGRAM | SOCK_NONBLOCK);
	static u8 data[1472];

	host_setsockopt(&s->w.a, fd, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
	assert_int_equal(host_connect(&s->w.a, fd, 0xc6336401, 99), 0);
	assert_int_equal(host_send(&s->w.a, fd, data, 1472), 1472);
	hear_udp(&s->p, 0, 99, 1472);
	assert_true(s->p.last.frag_off & IP_DF);
	say_icmp_error(&s->p, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, 1400);
	assert_int_equal(host_getsockopt(&s->w.a, fd, SOL_SOCKET, SO_ERROR),
			 EMSGSIZE);
	assert_int_equal(host_send(&s->w.a, fd, data, 1472), -EMSGSIZE);
	assert_int_equal(host_getsockopt(&s->w.a, fd, SOL_IP, IP_MTU), 1400);
	assert_int_equal(host_send(&s->w.a, fd, data, 1372), 1372);
	hear_udp(&s->p, 0, 99, 1372);
}

static void fragments_come_together_in_any_order(void **state)
{
	struct setup *s = *state;
	static const u32 order[] = { 2, 0, 1 };
	int fd = bound(&s->w.a, 0, 2000);
	u8 whole[8 + 3992] = { 3, 0xe8, 7, 0xd0, 0x0f, 0xa0 }, in[4096];

	/* ports 1000 and 2000, length 4000, no checksum */
	stream_fill(whole + 8, 3992, 5, 0);
	for (u32 i = 0; i < 3; i++) {
		u32 off = order[i] * 1480;
		struct segment f = { .protocol = IPPROTO_UDP, .id = 9,
				     .data = whole + off };

		f.len = min(4000 - off, 1480u);
		s->p.next.frag_off = (u16)(off / 8 | (order[i] < 2 ? IP_MF : 0));
		peer_send(&s->p, &f);
	}
	assert_int_equal(host_recv(&s->w.a, fd, in, sizeof(in)), 3992);
	assert_int_equal(stream_check(in, 3992, 5, 0), -1);
}

static void missing_fragments_are_given_up_after_thirty_seconds(void **state)
{
	struct setup *s = *state;
	u8 part[1480] = { 3, 0xe8, 7, 0xd0, 0x0f, 0xa0 };
	struct segment f = { .protocol = IPPROTO_UDP, .id = 9, .data = part,
			     .len = sizeof(part) };

	s->p.next.frag_off = IP_MF;
	peer_send(&s->p, &f);
	peer_quiet(&s->p, 29 * SEC);
	world_pass(&s->w, SEC);
	hear_icmp(&s->p, ICMP_TIME_EXCEEDED, ICMP_EXC_FRAGTIME);
	assert_int_equal(STAT(&s->w.a, Ip, ReasmTimeout), 1);
	assert_int_equal(world_drops(&s->w, SKB_DROP_REASON_FRAG_REASM_TIMEOUT),
			 1);
}

#define H(f) cmocka_unit_test_setup_teardown(f, setup_hosts, teardown)
#define P(f) cmocka_unit_test_setup_teardown(f, setup_peer, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		H(datagrams_of_all_sizes_come_whole_and_in_order),
		H(a_blocking_reader_sleeps_until_the_datagram_is_there),
		H(a_read_that_is_too_short_truncates),
		H(a_receive_timeout_is_kept),
		H(a_closed_port_refuses_a_connected_socket),
		H(a_closed_port_says_nothing_to_an_unconnected_socket),
		H(a_connected_socket_hears_only_its_peer),
		H(a_broadcast_needs_permission_and_reaches_all_sockets),
		H(a_group_is_heard_by_members_and_by_nobody_else),
		H(a_sender_in_the_group_hears_itself_unless_told_not_to),
		H(the_loopback_reaches_the_stack_itself),
		H(a_full_receive_buffer_drops_with_its_reason),
		P(a_wrong_udp_checksum_is_dropped_with_its_reason),
		P(a_closed_port_answers_with_port_unreachable),
		P(an_icmp_error_comes_with_its_details_in_the_error_queue),
		P(frag_needed_lowers_the_path_mtu_for_datagrams),
		P(fragments_come_together_in_any_order),
		P(missing_fragments_are_given_up_after_thirty_seconds),
	};

	return cmocka_run_group_tests_name("datagrams", tests, NULL, NULL);
}
