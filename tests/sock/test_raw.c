/* SPDX-License-Identifier: BSD-2-Clause */
/* Raw sockets and ping sockets. */
#include <stdlib.h>

#include "tests/sock/sock_test.h"

static void a_raw_socket_sees_its_protocol_with_the_ip_header(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, SOCK_RAW, IPPROTO_UDP);
	struct socket *u = sk_open(iw, SOCK_DGRAM, 0);
	struct received r;

	assert_int_equal(do_bind(u, 0, 53), 0);
	inject_udp(iw, US, 9, 53, "both", 4, 0);
	assert_int_equal(recv_now(u, &r), 4);
	assert_int_equal(recv_now(s, &r), 32);
	assert_int_equal(r.data[0], 0x45);
	assert_int_equal(ntohl(r.from.sin_addr.s_addr), PEER);
	assert_memory_equal(r.data + 28, "both", 4);
	assert_int_equal(do_connect(s, FAR, 0), 0);
	inject_udp(iw, US, 9, 53, "one", 3, 0);
	assert_int_equal(recv_now(s, &r), -EAGAIN);
	sock_release(s);
	sock_release(u);
}

static void a_protocol_of_a_raw_socket_is_not_unreachable(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, SOCK_RAW, 200);
	struct pkt p = { .protocol = 200, .data = "x", .len = 1 };
	struct received r;

	inject_ip(iw, &p);
	assert_int_equal(recv_now(s, &r), 21);
	assert_int_equal(STAT(iw, Icmp, OutDestUnreachs), 0);
	sock_release(s);
	inject_ip(iw, &p);
	assert_int_equal(STAT(iw, Icmp, OutDestUnreachs), 1);
}

static void raw_sends_with_the_stacks_header_or_its_own(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, SOCK_RAW, 200);
	u8 own[24] = { 0 };
	struct iphdr *iph = (struct iphdr *)own;
	struct sk_buff *skb;

	assert_int_equal(send_to(s, PEER, 0, "data", 4, 0), 4);
	skb = next_ip(iw);
	assert_int_equal(ip_hdr(skb)->protocol, 200);
	assert_int_equal(be16_to_cpu(ip_hdr(skb)->tot_len), 24);
	consume_skb(skb);
	assert_int_equal(set_int(s, SOL_IP, IP_HDRINCL, 1), 0);
	iph_set_len(iph, 20);
	iph->ttl = 9;
	iph->protocol = 201;
	iph->daddr = cpu_to_be32(PEER);
	assert_int_equal(send_to(s, PEER, 0, own, 24, 0), 24);
	skb = next_ip(iw);	/* looks at the checksum */
	assert_int_equal(ip_hdr(skb)->ttl, 9);
	assert_int_equal(ip_hdr(skb)->protocol, 201);
	assert_true(ip_hdr(skb)->saddr == cpu_to_be32(US));
	assert_int_equal(be16_to_cpu(ip_hdr(skb)->tot_len), 24);
	assert_int_not_equal(ip_hdr(skb)->id, 0);
	consume_skb(skb);
	assert_int_equal(send_to(s, PEER, 0, own, 10, 0), -EINVAL);
	own[0] = 0x4f;		/* longer than the packet */
	assert_int_equal(send_to(s, PEER, 0, own, 24, 0), -EINVAL);
	sock_release(s);
}

static void icmp_filter_hides_types(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, SOCK_RAW, IPPROTO_ICMP);
	struct icmp_filter f = { 1u << ICMP_DEST_UNREACH };
	struct received r;
	u8 quoted[28] = { 0x45 };

	assert_int_equal(s->ops->setsockopt(s, SOL_RAW, ICMP_FILTER, &f,
					    sizeof(f)), 0);
	inject_icmp_error(iw, ICMP_DEST_UNREACH, 1, 0, quoted, 28);
	assert_int_equal(recv_now(s, &r), -EAGAIN);
	inject_icmp_error(iw, ICMP_TIME_EXCEEDED, 0, 0, quoted, 28);
	assert_int_equal(recv_now(s, &r), 56);
	sock_release(s);
	s = sk_open(iw, SOCK_RAW, IPPROTO_UDP);
	assert_int_equal(s->ops->setsockopt(s, SOL_RAW, ICMP_FILTER, &f,
					    sizeof(f)), -EOPNOTSUPP);
	sock_release(s);
}

static void ping_sockets_get_their_own_replies(void **state)
{
	struct inet_world *iw = *state;
	struct socket *a = sk_open(iw, SOCK_DGRAM, IPPROTO_ICMP);
	struct socket *b = sk_open(iw, SOCK_DGRAM, IPPROTO_ICMP);
	u8 echo[16] = { ICMP_ECHO, 0, 0, 0, 0xde, 0xad, 0, 7, 'd', 'a', 't', 'a' };
	struct received r;

	assert_int_equal(send_to(a, LO, 0, echo, 16, 0), 16);
	fake_run(iw->w.fp);
	assert_int_equal(recv_now(a, &r), 16);
	assert_int_equal(r.data[0], ICMP_ECHOREPLY);
	assert_int_equal(r.data[7], 7);
	assert_int_equal(get_unaligned_be16(r.data + 4), local_port(a));
	assert_memory_equal(r.data + 8, "data", 4);
	assert_int_equal(recv_now(b, &r), -EAGAIN);
	echo[0] = ICMP_ECHOREPLY;
	assert_int_equal(send_to(a, LO, 0, echo, 16, 0), -EINVAL);
	assert_int_equal(send_to(a, LO, 0, echo, 7, 0), -EINVAL);
	sock_release(a);
	sock_release(b);
}

static void ping_sockets_hear_of_errors(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, SOCK_DGRAM, IPPROTO_ICMP);
	u8 echo[8] = { ICMP_ECHO };
	const struct sock_extended_err *ee;
	struct sk_buff *skb;
	struct received r;

	set_int(s, SOL_IP, IP_RECVERR, 1);
	assert_int_equal(send_to(s, PEER, 0, echo, 8, 0), 8);
	skb = next_ip(iw);
	inject_icmp_error(iw, ICMP_TIME_EXCEEDED, 0, 0, skb->data, skb->len);
	consume_skb(skb);
	assert_int_equal(recv_now(s, &r), -EHOSTUNREACH);
	assert_int_equal(recv_all(s, &r, 100, MSG_ERRQUEUE), 8);
	ee = find_cmsg(&r, SOL_IP, IP_RECVERR);
	assert_int_equal(ee->ee_type, ICMP_TIME_EXCEEDED);
	sock_release(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_raw_socket_sees_its_protocol_with_the_ip_header),
		TEST(a_protocol_of_a_raw_socket_is_not_unreachable),
		TEST(raw_sends_with_the_stacks_header_or_its_own),
		TEST(icmp_filter_hides_types),
		TEST(ping_sockets_get_their_own_replies),
		TEST(ping_sockets_hear_of_errors),
	};

	return cmocka_run_group_tests_name("raw", tests, NULL, NULL);
}
