/* SPDX-License-Identifier: BSD-2-Clause */
/* Who gets a datagram: one socket, one of a group, or all of them. And what is
 * told beside the data. */
#include <stdlib.h>

#include "tests/sock/sock_test.h"

#define GROUP	0xe9010203u	/* 233.1.2.3 */

static struct socket *bound(struct inet_world *iw, u32 addr, u16 port)
{
	struct socket *s = sk_open(iw, SOCK_DGRAM, 0);

	set_int(s, SOL_SOCKET, SO_REUSEADDR, 1);
	assert_int_equal(do_bind(s, addr, port), 0);
	return s;
}

static int join(struct socket *s, u32 group, u32 addr)
{
	struct ip_mreq m = { { htonl(group) }, { htonl(addr) } };

	return s->ops->setsockopt(s, SOL_IP, IP_ADD_MEMBERSHIP, &m, sizeof(m));
}

static int leave(struct socket *s, u32 group, u32 addr)
{
	struct ip_mreq m = { { htonl(group) }, { htonl(addr) } };

	return s->ops->setsockopt(s, SOL_IP, IP_DROP_MEMBERSHIP, &m, sizeof(m));
}

static int got(struct socket *s)
{
	struct received r;
	int n = 0;

	while (recv_now(s, &r) > 0)
		n++;
	return n;
}

static void every_member_gets_a_copy_of_a_group_packet(void **state)
{
	struct inet_world *iw = *state;
	struct socket *a = bound(iw, 0, 5000), *b = bound(iw, GROUP, 5000);
	struct socket *other = bound(iw, US, 5000), *port = bound(iw, 0, 5001);

	assert_int_equal(join(a, GROUP, US), 0);
	assert_int_equal(join(b, GROUP, US), 0);
	assert_int_equal(join(a, GROUP, US), -EADDRINUSE);
	assert_int_equal(join(a, PEER, US), -EINVAL);
	assert_int_equal(join(a, GROUP, FAR), -ENODEV);
	inject_udp(iw, GROUP, 9, 5000, "all", 3, 0);
	assert_int_equal(got(a), 1);
	assert_int_equal(got(b), 1);
	assert_int_equal(got(other), 0);
	assert_int_equal(got(port), 0);
	assert_int_equal(leave(a, GROUP, US), 0);
	assert_int_equal(leave(a, GROUP, US), -EADDRNOTAVAIL);
	inject_udp(iw, GROUP, 9, 5000, "all", 3, 0);
	/* IP_MULTICAST_ALL: others of this host are members still */
	assert_int_equal(got(a), 1);
	set_int(a, SOL_IP, IP_MULTICAST_ALL, 0);
	inject_udp(iw, GROUP, 9, 5000, "all", 3, 0);
	assert_int_equal(got(a), 0);
	assert_int_equal(got(b), 2);
	sock_release(a);
	sock_release(b);	/* leaves by itself */
	inject_udp(iw, GROUP, 9, 5000, "all", 3, 0);
	sock_release(other);
	sock_release(port);
}

static void sources_can_be_blocked_or_chosen(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = bound(iw, 0, 5000);
	struct ip_mreq_source m = { { htonl(GROUP) }, { htonl(US) },
				    { htonl(PEER) } };

	assert_int_equal(join(s, GROUP, US), 0);
	assert_int_equal(s->ops->setsockopt(s, SOL_IP, IP_BLOCK_SOURCE, &m,
					    sizeof(m)), 0);
	inject_udp(iw, GROUP, 9, 5000, "x", 1, 0);
	assert_int_equal(got(s), 0);
	s->ops->setsockopt(s, SOL_IP, IP_UNBLOCK_SOURCE, &m, sizeof(m));
	inject_udp(iw, GROUP, 9, 5000, "x", 1, 0);
	assert_int_equal(got(s), 1);
	assert_int_equal(leave(s, GROUP, US), 0);
	assert_int_equal(s->ops->setsockopt(s, SOL_IP, IP_ADD_SOURCE_MEMBERSHIP,
					    &m, sizeof(m)), 0);
	inject_udp(iw, GROUP, 9, 5000, "x", 1, 0);
	assert_int_equal(got(s), 1);
	sock_release(s);
}

static void what_is_sent_to_a_group_comes_back_unless_loop_is_off(void **state)
{
	struct inet_world *iw = *state;
	struct socket *a = bound(iw, 0, 5000);
	struct sk_buff *skb;

	assert_int_equal(join(a, GROUP, US), 0);
	assert_int_equal(send_to(a, GROUP, 5000, "x", 1, 0), 1);
	skb = next_ip(iw);
	while (skb && ip_hdr(skb)->protocol != IPPROTO_UDP) {
		consume_skb(skb);
		skb = next_ip(iw);
	}
	assert_non_null(skb);
	assert_int_equal(ip_hdr(skb)->ttl, 1);
	consume_skb(skb);
	assert_int_equal(got(a), 1);
	set_int(a, SOL_IP, IP_MULTICAST_LOOP, 0);
	set_int(a, SOL_IP, IP_MULTICAST_TTL, 9);
	assert_int_equal(send_to(a, GROUP, 5000, "x", 1, 0), 1);
	fake_run(iw->w.fp);
	assert_int_equal(got(a), 0);
	sock_release(a);
}

static void broadcast_reaches_all_on_the_port(void **state)
{
	struct inet_world *iw = *state;
	struct socket *a = bound(iw, 0, 5000), *b = bound(iw, 0, 5000);

	inject_udp(iw, 0x0a0000ff, 9, 5000, "x", 1, 0);
	inject_udp(iw, 0xffffffff, 9, 5000, "x", 1, 0);
	assert_int_equal(got(a), 2);
	assert_int_equal(got(b), 2);
	/* nobody: no ICMP for a broadcast */
	inject_udp(iw, 0xffffffff, 9, 5001, "x", 1, 0);
	assert_int_equal(STAT(iw, Udp, IgnoredMulti), 1);
	assert_int_equal(STAT(iw, Icmp, OutDestUnreachs), 0);
	sock_release(a);
	sock_release(b);
}

static void unicast_goes_to_the_best_match_only(void **state)
{
	struct inet_world *iw = *state;
	struct socket *any = bound(iw, 0, 5000), *addr = bound(iw, US, 5000);
	struct socket *conn = bound(iw, US, 5000);

	assert_int_equal(do_connect(conn, PEER, 77), 0);
	inject_udp(iw, US, 77, 5000, "x", 1, 0);
	assert_int_equal(got(conn), 1);
	inject_udp(iw, US, 78, 5000, "x", 1, 0);
	assert_int_equal(got(addr), 1);
	assert_int_equal(got(any) + got(conn), 0);
	/* again, by the route that the first one left */
	inject_udp(iw, US, 77, 5000, "x", 1, 0);
	inject_udp(iw, US, 77, 5000, "x", 1, 0);
	assert_int_equal(got(conn), 2);
	sock_release(addr);
	inject_udp(iw, US, 78, 5000, "x", 1, 0);
	assert_int_equal(got(any), 1);
	sock_release(any);
	sock_release(conn);
}

static void connect_and_disconnect_move_the_socket(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, SOCK_DGRAM, 0);
	struct sockaddr un = { .sa_family = AF_UNSPEC };
	struct sockaddr_in a;
	u16 port;

	assert_int_equal(s->ops->getname(s, (void *)&a, GETNAME_PEER), -ENOTCONN);
	assert_int_equal(do_connect(s, PEER, 77), 0);
	port = local_port(s);
	s->ops->getname(s, (void *)&a, GETNAME_OWN);
	assert_int_equal(ntohl(a.sin_addr.s_addr), US);
	inject_udp(iw, US, 78, port, "x", 1, 0);
	assert_int_equal(got(s), 0);
	inject_udp(iw, US, 77, port, "x", 1, 0);
	assert_int_equal(got(s), 1);
	assert_int_equal(s->ops->connect(s, &un, sizeof(un), 0), 0);
	s->ops->getname(s, (void *)&a, GETNAME_OWN);
	assert_int_equal(a.sin_addr.s_addr, 0);
	assert_int_equal(a.sin_port, 0);	/* bind() had not chosen it */
	inject_udp(iw, US, 77, port, "x", 1, 0);
	assert_int_equal(got(s), 0);
	assert_int_equal(do_bind(s, 0, 5000), 0);
	sock_release(s);
}

static void a_reuseport_group_shares_by_flow(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s[4];
	int n[4], sum = 0;

	for (int i = 0; i < 4; i++) {
		s[i] = sk_open(iw, SOCK_DGRAM, 0);
		set_int(s[i], SOL_SOCKET, SO_REUSEPORT, 1);
		assert_int_equal(do_bind(s[i], 0, 5000), 0);
	}
	for (u16 p = 1; p <= 200; p++)
		inject_udp(iw, US, p, 5000, "x", 1, 0);
	for (int i = 0; i < 4; i++) {
		n[i] = got(s[i]);
		assert_in_range(n[i], 20, 90);
		sum += n[i];
	}
	assert_int_equal(sum, 200);
	for (u16 p = 0; p < 20; p++)
		inject_udp(iw, US, 1234, 5000, "x", 1, 0);
	for (int i = 0; i < 4; i++) {
		n[i] = got(s[i]);
		assert_true(n[i] == 0 || n[i] == 20);
		sock_release(s[i]);
	}
}

static void a_reader_is_told_what_it_asked_for(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = bound(iw, 0, 5000);
	const struct in_pktinfo *info;
	const struct sockaddr_in *dst;
	struct received r;
	const int *v;

	set_int(s, SOL_IP, IP_PKTINFO, 1);
	set_int(s, SOL_IP, IP_RECVTTL, 1);
	set_int(s, SOL_IP, IP_RECVTOS, 1);
	set_int(s, SOL_IP, IP_RECVORIGDSTADDR, 1);
	set_int(s, SOL_SOCKET, SO_TIMESTAMPNS, 1);
	inject_udp(iw, US, 9, 5000, "x", 1, 0);
	assert_int_equal(recv_now(s, &r), 1);
	info = find_cmsg(&r, SOL_IP, IP_PKTINFO);
	assert_non_null(info);
	assert_int_equal(info->ipi_ifindex, iw->dev->ifindex);
	assert_int_equal(ntohl(info->ipi_addr.s_addr), US);
	assert_int_equal(ntohl(info->ipi_spec_dst.s_addr), US);
	v = find_cmsg(&r, SOL_IP, IP_TTL);
	assert_int_equal(*v, 64);
	assert_non_null(find_cmsg(&r, SOL_IP, IP_TOS));
	dst = find_cmsg(&r, SOL_IP, IP_ORIGDSTADDR);
	assert_int_equal(ntohs(dst->sin_port), 5000);
	assert_non_null(find_cmsg(&r, SOL_SOCKET, SCM_TIMESTAMPNS));
	/* to a broadcast: the address to answer from is the device's */
	inject_udp(iw, 0x0a0000ff, 9, 5000, "x", 1, 0);
	recv_now(s, &r);
	info = find_cmsg(&r, SOL_IP, IP_PKTINFO);
	assert_non_null(info);
	assert_int_equal(ntohl(info->ipi_addr.s_addr), 0x0a0000ff);
	assert_int_equal(ntohl(info->ipi_spec_dst.s_addr), US);
	sock_release(s);
}

static void lost_datagrams_are_told_to_who_asks(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = bound(iw, 0, 5000);
	struct received r;
	const u32 *lost = NULL;

	set_int(s, SOL_SOCKET, SO_RXQ_OVFL, 1);
	set_int(s, SOL_SOCKET, SO_RCVBUF, 2304);
	for (int i = 0; i < 20; i++)
		inject_udp(iw, US, 9, 5000, "x", 1, 0);
	got(s);
	inject_udp(iw, US, 9, 5000, "x", 1, 0);
	assert_int_equal(recv_now(s, &r), 1);
	lost = find_cmsg(&r, SOL_SOCKET, SO_RXQ_OVFL);
	assert_non_null(lost);
	assert_int_equal(*lost, s->sk->drops);
	sock_release(s);
}

static void peek_with_offset_walks_over_the_queue(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = bound(iw, 0, 5000);
	struct received r;

	inject_udp(iw, US, 9, 5000, "abcdef", 6, 0);
	inject_udp(iw, US, 9, 5000, "ghi", 3, 0);
	assert_int_equal(set_int(s, SOL_SOCKET, SO_PEEK_OFF, 2), 0);
	assert_int_equal(recv_all(s, &r, 2, MSG_PEEK), 2);
	assert_memory_equal(r.data, "cd", 2);
	assert_int_equal(recv_all(s, &r, 10, MSG_PEEK), 2);
	assert_memory_equal(r.data, "ef", 2);
	assert_int_equal(recv_all(s, &r, 10, MSG_PEEK), 3);
	assert_memory_equal(r.data, "ghi", 3);
	assert_int_equal(recv_all(s, &r, 10, 0), 6);
	assert_int_equal(get_int(s, SOL_SOCKET, SO_PEEK_OFF), 3);
	sock_release(s);
}

static void arrive_later(void *arg)
{
	inject_udp(arg, US, 9, 5000, "xyz", 3, 0);
}

static void a_peek_past_the_queue_sleeps_until_more_comes(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = bound(iw, 0, 5000);
	struct received r;
	ktime_t since;

	inject_udp(iw, US, 9, 5000, "abc", 3, 0);
	assert_int_equal(set_int(s, SOL_SOCKET, SO_PEEK_OFF, 3), 0);
	assert_true(fake_at(iw->w.fp, NSEC_PER_SEC, arrive_later, iw));
	since = fake_now(iw->w.fp);
	assert_int_equal(recv_all(s, &r, 10, MSG_PEEK), 3);
	assert_memory_equal(r.data, "xyz", 3);
	assert_true(fake_now(iw->w.fp) - since == NSEC_PER_SEC);
	sock_release(s);
}

static void one_message_can_say_its_own_source_and_ttl(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, SOCK_DGRAM, 0);
	struct sockaddr_in to = in_addr(PEER, 7);
	u8 control[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(12)] = { 0 };
	struct cmsghdr *c = (struct cmsghdr *)control;
	struct sockmsg m = { .name = &to, .namelen = sizeof(to),
			     .control = control, .controllen = sizeof(control) };
	struct in_pktinfo info = { .ipi_spec_dst.s_addr = htonl(US) };
	struct iovec iov;
	struct sk_buff *skb;
	int ttl = 3;

	c->cmsg_level = SOL_IP;
	c->cmsg_type = IP_TTL;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &ttl, sizeof(ttl));
	c = (struct cmsghdr *)(control + CMSG_SPACE(sizeof(int)));
	c->cmsg_level = SOL_IP;
	c->cmsg_type = IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(c), &info, sizeof(info));
	iov_iter_single(&m.iter, &iov, (void *)"x", 1);
	assert_int_equal(s->ops->sendmsg(s, &m, 1), 1);
	skb = next_ip(iw);
	assert_non_null(skb);
	assert_int_equal(ip_hdr(skb)->ttl, 3);
	consume_skb(skb);
	/* malformed: longer than what is there */
	c->cmsg_len = 1000;
	iov_iter_single(&m.iter, &iov, (void *)"x", 1);
	assert_int_equal(s->ops->sendmsg(s, &m, 1), -EINVAL);
	c->cmsg_len = 3;
	assert_int_equal(s->ops->sendmsg(s, &m, 1), -EINVAL);
	sock_release(s);
}

static void zerocopy_sends_are_copied_and_say_so(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, SOCK_DGRAM, 0);
	const struct sock_extended_err *ee;
	struct received r;

	set_int(s, SOL_SOCKET, SO_ZEROCOPY, 1);
	for (int i = 0; i < 3; i++)
		assert_int_equal(send_to(s, PEER, 7, "x", 1, MSG_ZEROCOPY), 1);
	assert_int_equal(recv_all(s, &r, 10, MSG_ERRQUEUE), 0);
	ee = find_cmsg(&r, SOL_IP, IP_RECVERR);
	assert_int_equal(ee->ee_origin, SO_EE_ORIGIN_ZEROCOPY);
	assert_int_equal(ee->ee_info, 0);
	assert_int_equal(ee->ee_data, 2);
	assert_int_equal(ee->ee_code, SO_EE_CODE_ZEROCOPY_COPIED);
	sock_release(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_member_gets_a_copy_of_a_group_packet),
		TEST(sources_can_be_blocked_or_chosen),
		TEST(what_is_sent_to_a_group_comes_back_unless_loop_is_off),
		TEST(broadcast_reaches_all_on_the_port),
		TEST(unicast_goes_to_the_best_match_only),
		TEST(connect_and_disconnect_move_the_socket),
		TEST(a_reuseport_group_shares_by_flow),
		TEST(a_reader_is_told_what_it_asked_for),
		TEST(lost_datagrams_are_told_to_who_asks),
		TEST(peek_with_offset_walks_over_the_queue),
		TEST(a_peek_past_the_queue_sleeps_until_more_comes),
		TEST(one_message_can_say_its_own_source_and_ttl),
		TEST(zerocopy_sends_are_copied_and_say_so),
	};

	return cmocka_run_group_tests_name("udp_groups", tests, NULL, NULL);
}
