/* SPDX-License-Identifier: BSD-2-Clause */
/* Datagrams from socket to socket and to the wire. */
#include <stdlib.h>

#include "tests/sock/sock_test.h"

static void a_datagram_goes_over_loopback_with_its_senders_name(void **state)
{
	struct inet_world *iw = *state;
	struct socket *a = sk_open(iw, SOCK_DGRAM, 0);
	struct socket *b = sk_open(iw, SOCK_DGRAM, IPPROTO_UDP);
	struct received r;

	assert_int_equal(do_bind(b, LO, 5000), 0);
	assert_int_equal(send_to(a, LO, 5000, "hello", 5, 0), 5);
	fake_run(iw->w.fp);
	assert_int_equal(recv_now(b, &r), 5);
	assert_memory_equal(r.data, "hello", 5);
	assert_int_equal(ntohl(r.from.sin_addr.s_addr), LO);
	assert_int_equal(ntohs(r.from.sin_port), local_port(a));
	assert_int_equal(recv_now(b, &r), -EAGAIN);
	assert_int_equal(STAT(iw, Udp, InDatagrams), 1);
	assert_int_equal(STAT(iw, Udp, OutDatagrams), 1);
	sock_release(a);
	sock_release(b);
}

static void what_is_sent_has_right_lengths_and_checksum(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, SOCK_DGRAM, 0);
	struct sk_buff *skb;

	assert_int_equal(do_connect(s, PEER, 7), 0);
	assert_int_equal(send_to(s, 0, 0, "odd", 3, 0), 3);
	skb = next_ip(iw);
	assert_non_null(skb);
	assert_int_equal(be16_to_cpu(ip_hdr(skb)->tot_len), 31);
	assert_true(ip_hdr(skb)->frag_off == cpu_to_be16(IP_DF));
	skb_pull(skb, 20);
	skb_reset_transport_header(skb);
	assert_int_equal(be16_to_cpu(udp_hdr(skb)->len), 11);
	assert_int_equal(be16_to_cpu(udp_hdr(skb)->dest), 7);
	assert_int_equal(csum_tcpudp_magic(cpu_to_be32(US), cpu_to_be32(PEER),
			 11, IPPROTO_UDP, csum_partial(skb->data, 11, 0)), 0);
	consume_skb(skb);
	sock_release(s);
}

static void a_large_datagram_is_fragmented_and_arrives_whole(void **state)
{
	struct inet_world *iw = *state;
	struct socket *a = sk_open(iw, SOCK_DGRAM, 0);
	struct socket *b = sk_open(iw, SOCK_DGRAM, 0);
	u8 *big = malloc(60000);
	struct sk_buff *skb;
	u32 n = 0;

	for (u32 i = 0; i < 60000; i++)
		big[i] = (u8)(i * 7);
	assert_int_equal(do_bind(b, US, 9), 0);
	assert_int_equal(set_int(b, SOL_SOCKET, SO_RCVBUF, 200000), 0);
	assert_int_equal(send_to(a, US, 9, big, 60000, 0), 60000);
	fake_run(iw->w.fp);
	skb = skb_peek(&b->sk->receive_queue);
	assert_non_null(skb);
	assert_int_equal(skb->len, 60008);
	assert_true(udp_checksum_ok(skb));
	/* and on the wire */
	assert_int_equal(send_to(a, PEER, 9, big, 4000, 0), 4000);
	while ((skb = next_ip(iw))) {
		assert_false(ip_hdr(skb)->frag_off & cpu_to_be16(IP_DF));
		n += be16_to_cpu(ip_hdr(skb)->tot_len) - 20;
		consume_skb(skb);
	}
	assert_int_equal(n, 4008);
	free(big);
	sock_release(a);
	sock_release(b);
}

static void with_do_too_large_is_emsgsize_and_the_queue_tells_the_mtu(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, SOCK_DGRAM, 0);
	const struct sock_extended_err *ee;
	static u8 big[3000];
	struct received r;

	set_int(s, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
	set_int(s, SOL_IP, IP_RECVERR, 1);
	assert_int_equal(do_connect(s, PEER, 7), 0);
	assert_int_equal(get_int(s, SOL_IP, IP_MTU), 1500);
	assert_int_equal(send_to(s, 0, 0, big, 1472, 0), 1472);
	assert_int_equal(send_to(s, 0, 0, big, 1473, 0), -EMSGSIZE);
	assert_int_equal(s->ops->poll(s) & EPOLLERR, EPOLLERR);
	assert_int_equal(recv_all(s, &r, 100, MSG_ERRQUEUE), 0);
	ee = find_cmsg(&r, SOL_IP, IP_RECVERR);
	assert_non_null(ee);
	assert_int_equal(ee->ee_errno, EMSGSIZE);
	assert_int_equal(ee->ee_origin, SO_EE_ORIGIN_LOCAL);
	assert_int_equal(ee->ee_info, 1500);
	assert_int_equal(recv_all(s, &r, 100, MSG_ERRQUEUE), -EAGAIN);
	assert_int_equal(send_to(s, 0, 0, big, 70000, 0), -EMSGSIZE);
	sock_release(s);
}

static void what_does_not_fit_the_buffer_is_cut_and_said_so(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, SOCK_DGRAM, 0);
	struct received r;

	assert_int_equal(do_bind(s, 0, 53), 0);
	inject_udp(iw, US, 1, 53, "0123456789", 10, 0);
	inject_udp(iw, US, 1, 53, "abc", 3, 0);
	assert_int_equal(recv_all(s, &r, 4, MSG_PEEK), 4);
	assert_int_equal(recv_all(s, &r, 4, MSG_TRUNC), 10);
	assert_int_equal(r.m.flags & MSG_TRUNC, MSG_TRUNC);
	assert_memory_equal(r.data, "0123", 4);
	assert_int_equal(get_int(s, SOL_SOCKET, SO_ERROR), 0);
	assert_int_equal(recv_all(s, &r, 100, 0), 3);
	assert_int_equal(r.m.flags & MSG_TRUNC, 0);
	sock_release(s);
}

static void a_wrong_checksum_was_never_there(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, SOCK_DGRAM, 0);
	struct received r;

	assert_int_equal(do_bind(s, 0, 53), 0);
	inject_udp(iw, US, 1, 53, "bad", 3, 0x1234);
	assert_int_equal(recv_now(s, &r), -EAGAIN);
	inject_udp(iw, US, 1, 53, "bad", 3, 0x1234);
	inject_udp(iw, US, 1, 53, "good", 4, 0);
	assert_int_equal(s->ops->poll(s) & EPOLLIN, EPOLLIN);
	assert_int_equal(recv_now(s, &r), 4);
	inject_udp(iw, US, 1, 53, "bad", 3, 0x1234);
	assert_int_equal(s->ops->poll(s) & EPOLLIN, 0);
	assert_int_equal(STAT(iw, Udp, InCsumErrors), 3);
	assert_int_equal(STAT(iw, Udp, InErrors), 3);
	assert_int_equal(drops(SKB_DROP_REASON_UDP_CSUM), 3);
	sock_release(s);
}

static void a_header_that_lies_is_dropped(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, SOCK_DGRAM, 0);
	u8 b[12] = { 0, 1, 0, 53, 0, 100, 0, 0 };
	struct pkt p = { .protocol = IPPROTO_UDP, .data = b, .len = 12 };
	struct received r;

	assert_int_equal(do_bind(s, 0, 53), 0);
	inject_ip(iw, &p);			/* longer than the packet */
	b[5] = 7;
	inject_ip(iw, &p);			/* shorter than the header */
	p.len = 6;
	inject_ip(iw, &p);			/* no header */
	assert_int_equal(recv_now(s, &r), -EAGAIN);
	assert_int_equal(STAT(iw, Udp, InErrors), 3);
	assert_int_equal(drops(SKB_DROP_REASON_UDP_HDR), 2);
	assert_int_equal(drops(SKB_DROP_REASON_PKT_TOO_SMALL), 1);
	/* what IP carries behind the datagram is not part of it */
	p.len = 12;
	b[5] = 10;
	inject_ip(iw, &p);
	assert_int_equal(recv_now(s, &r), 2);
	sock_release(s);
}

static void nobody_there_is_told_by_icmp(void **state)
{
	struct inet_world *iw = *state;
	struct sk_buff *skb;

	inject_udp(iw, US, 1000, 1234, "x", 1, 0);
	skb = next_ip(iw);
	assert_non_null(skb);
	assert_int_equal(ip_hdr(skb)->protocol, IPPROTO_ICMP);
	assert_int_equal(skb->data[20], ICMP_DEST_UNREACH);
	assert_int_equal(skb->data[21], ICMP_PORT_UNREACH);
	assert_int_equal(STAT(iw, Udp, NoPorts), 1);
	assert_int_equal(drops(SKB_DROP_REASON_NO_SOCKET), 1);
	consume_skb(skb);
}

static void a_connected_sender_hears_of_port_unreachable(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, SOCK_DGRAM, 0);
	struct received r;

	assert_int_equal(do_connect(s, LO, 4321), 0);
	assert_int_equal(send_to(s, 0, 0, "x", 1, 0), 1);
	fake_run(iw->w.fp);
	assert_int_equal(s->ops->poll(s) & EPOLLERR, EPOLLERR);
	assert_int_equal(recv_now(s, &r), -ECONNREFUSED);
	assert_int_equal(recv_now(s, &r), -EAGAIN);
	sock_release(s);
}

static void an_unconnected_sender_hears_of_errors_only_if_it_asks(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, SOCK_DGRAM, 0);
	const struct sock_extended_err *ee;
	const struct sockaddr_in *off;
	struct received r;
	struct sk_buff *skb;

	send_to(s, PEER, 99, "quoted", 6, 0);
	skb = next_ip(iw);
	assert_non_null(skb);
	inject_icmp_error(iw, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0,
			  skb->data, skb->len);
	assert_int_equal(get_int(s, SOL_SOCKET, SO_ERROR), 0);
	set_int(s, SOL_IP, IP_RECVERR, 1);
	inject_icmp_error(iw, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0,
			  skb->data, skb->len);
	assert_int_equal(get_int(s, SOL_SOCKET, SO_ERROR), EHOSTUNREACH);
	assert_int_equal(recv_all(s, &r, 100, MSG_ERRQUEUE), 6);
	assert_memory_equal(r.data, "quoted", 6);
	assert_int_equal(ntohl(r.from.sin_addr.s_addr), PEER);
	assert_int_equal(ntohs(r.from.sin_port), 99);
	ee = find_cmsg(&r, SOL_IP, IP_RECVERR);
	assert_non_null(ee);
	assert_int_equal(ee->ee_errno, EHOSTUNREACH);
	assert_int_equal(ee->ee_type, ICMP_DEST_UNREACH);
	assert_int_equal(ee->ee_code, ICMP_HOST_UNREACH);
	off = (const void *)SO_EE_OFFENDER(ee);
	assert_int_equal(ntohl(off->sin_addr.s_addr), GW);
	consume_skb(skb);
	sock_release(s);
}

static void fragmentation_needed_lowers_the_path_mtu(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, SOCK_DGRAM, 0);
	static u8 big[1400];
	struct sk_buff *skb;

	assert_int_equal(do_connect(s, FAR, 7), 0);
	know_neighbour(iw, GW);
	assert_int_equal(send_to(s, 0, 0, big, sizeof(big), 0), sizeof(big));
	skb = next_ip(iw);
	assert_non_null(skb);
	inject_icmp_error(iw, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, 1000,
			  skb->data, 40);
	consume_skb(skb);
	assert_int_equal(get_int(s, SOL_SOCKET, SO_ERROR), EMSGSIZE);
	assert_int_equal(get_int(s, SOL_IP, IP_MTU), 1000);
	sock_release(s);
}

static void corked_pieces_leave_as_one_datagram(void **state)
{
	struct inet_world *iw = *state;
	struct socket *a = sk_open(iw, SOCK_DGRAM, 0);
	struct socket *b = sk_open(iw, SOCK_DGRAM, 0);
	struct received r;

	assert_int_equal(do_bind(b, LO, 5000), 0);
	assert_int_equal(send_to(a, LO, 5000, "one", 3, MSG_MORE), 3);
	assert_int_equal(send_to(a, LO, 5000, "two", 3, MSG_MORE), 3);
	fake_run(iw->w.fp);
	assert_int_equal(recv_now(b, &r), -EAGAIN);
	assert_int_equal(send_to(a, LO, 5000, "three", 5, 0), 5);
	fake_run(iw->w.fp);
	assert_int_equal(recv_now(b, &r), 11);
	assert_memory_equal(r.data, "onetwothree", 11);
	/* UDP_CORK */
	set_int(a, SOL_UDP, UDP_CORK, 1);
	send_to(a, LO, 5000, "a", 1, 0);
	send_to(a, LO, 5000, "b", 1, 0);
	assert_int_equal(recv_now(b, &r), -EAGAIN);
	set_int(a, SOL_UDP, UDP_CORK, 0);
	fake_run(iw->w.fp);
	assert_int_equal(recv_now(b, &r), 2);
	/* closing with something corked leaks nothing */
	send_to(a, LO, 5000, "lost", 4, MSG_MORE);
	sock_release(a);
	sock_release(b);
}

static void udp_segment_leaves_as_many_datagrams(void **state)
{
	struct inet_world *iw = *state;
	struct socket *a = sk_open(iw, SOCK_DGRAM, 0);
	struct socket *b = sk_open(iw, SOCK_DGRAM, 0);
	u8 data[2500];
	struct received r;
	struct sk_buff *skb;
	u32 n = 0;

	for (u32 i = 0; i < sizeof(data); i++)
		data[i] = (u8)i;
	assert_int_equal(set_int(a, SOL_UDP, UDP_SEGMENT, 1000), 0);
	assert_int_equal(send_to(a, PEER, 7, data, sizeof(data), 0), 2500);
	while ((skb = next_ip(iw))) {
		u32 len = be16_to_cpu(ip_hdr(skb)->tot_len) - 20;

		assert_int_equal(len, n < 2 ? 1008 : 508);
		skb_pull(skb, 20);
		assert_int_equal(csum_tcpudp_magic(cpu_to_be32(US),
				 cpu_to_be32(PEER), len, IPPROTO_UDP,
				 csum_partial(skb->data, len, 0)), 0);
		assert_memory_equal(skb->data + 8, data + 1000 * n, len - 8);
		consume_skb(skb);
		n++;
	}
	assert_int_equal(n, 3);
	/* and to a socket here that knows nothing of it */
	assert_int_equal(do_bind(b, LO, 5000), 0);
	assert_int_equal(send_to(a, LO, 5000, data, sizeof(data), 0), 2500);
	fake_run(iw->w.fp);
	assert_int_equal(recv_now(b, &r), 1000);
	assert_int_equal(recv_now(b, &r), 1000);
	assert_int_equal(recv_now(b, &r), 500);
	assert_memory_equal(r.data, data + 2000, 500);
	assert_int_equal(recv_now(b, &r), -EAGAIN);
	assert_int_equal(send_to(a, LO, 5000, data, 1000 * 0 + 10, 0), 10);
	sock_release(a);
	sock_release(b);
}

static void a_full_receive_buffer_drops_and_counts(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, SOCK_DGRAM, 0);
	struct received r;
	u32 got = 0;

	assert_int_equal(do_bind(s, 0, 53), 0);
	set_int(s, SOL_SOCKET, SO_RCVBUF, 4096);
	for (int i = 0; i < 100; i++)
		inject_udp(iw, US, 1, 53, "x", 1, 0);
	while (recv_now(s, &r) == 1)
		got++;
	assert_in_range(got, 1, 50);
	assert_int_equal(STAT(iw, Udp, RcvbufErrors), 100 - got);
	assert_int_equal(drops(SKB_DROP_REASON_SOCKET_RCVBUF), 100 - got);
	assert_int_equal(sk_rmem_alloc_get(s->sk), 0);
	sock_release(s);
	fake_run(iw->w.fp);
	rcu_barrier(iw->w.m);
	assert_int_equal(iw->net->sock->memory_allocated[SK_MEM_UDP], 0);
}

static void the_protocols_memory_is_limited(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, SOCK_DGRAM, 0);
	struct received r;
	u32 got = 0;

	assert_int_equal(sysctl_write(iw->net, "net.ipv4.udp_mem", "1 2 4"), 0);
	assert_int_equal(do_bind(s, 0, 53), 0);
	for (int i = 0; i < 100; i++)
		inject_udp(iw, US, 1, 53, "x", 1, 0);
	while (recv_now(s, &r) == 1)
		got++;
	assert_in_range(got, 4, 40);
	assert_int_equal(STAT(iw, Udp, MemErrors), 100 - got);
	assert_int_equal(drops(SKB_DROP_REASON_PROTO_MEM), 100 - got);
	inject_udp(iw, US, 1, 53, "x", 1, 0);	/* there is room again */
	assert_int_equal(recv_now(s, &r), 1);
	sock_release(s);
}

static void what_nobody_read_dies_with_its_socket(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, SOCK_DGRAM, 0);

	assert_int_equal(do_bind(s, 0, 53), 0);
	inject_udp(iw, US, 1, 53, "x", 1, 0);
	inject_udp(iw, US, 1, 53, "y", 1, 0);
	sock_release(s);
	rcu_barrier(iw->w.m);
	assert_int_equal(drops(SKB_DROP_REASON_SOCKET_CLOSE), 2);
	assert_int_equal(iw->net->sock->memory_allocated[SK_MEM_UDP], 0);
}

/* What each datagram's way must show, in this order. */
static const enum stage way[] = {
	STAGE_udp_sendmsg, STAGE_ip_output, STAGE_ip_finish_output,
	STAGE_dev_queue_xmit, STAGE_loopback_xmit, STAGE_netif_receive_skb,
	STAGE_ip_rcv, STAGE_ip_local_deliver, STAGE_udp_rcv,
	STAGE_sk_receive_queue, STAGE_sk_data_ready, STAGE_udp_recvmsg,
	STAGE_skb_copy_datagram, STAGE_consume_skb,
};

static void the_trace_shows_the_way_of_a_datagram_in_order(void **state)
{
	struct inet_world *iw = *state;
	struct socket *a = sk_open(iw, SOCK_DGRAM, 0);
	struct socket *b = sk_open(iw, SOCK_DGRAM, 0);
	struct platform *p = fake_platform(iw->w.fp);
	static struct trace_record rec[256];
	struct percpu *pc = this_percpu();
	u64 lost = 0, packet = 0;
	struct received r;
	u32 n, next = 0;

	assert_int_equal(do_bind(b, LO, 5000), 0);
	assert_int_equal(do_connect(a, LO, 5000), 0);
	pc->trace = trace_ring_create(p, 256);
	assert_non_null(pc->trace);
	trace_switch(pc, true);
	assert_int_equal(send_to(a, 0, 0, "x", 1, 0), 1);
	fake_run(iw->w.fp);
	assert_int_equal(recv_now(b, &r), 1);
	trace_switch(pc, false);
	n = trace_ring_read(pc->trace, rec, 256, &lost);
	for (u32 i = 0; i < n && next < ARRAY_SIZE(way); i++) {
		if (rec[i].kind != TRACE_STAGE || rec[i].code != way[next] ||
		    (packet && rec[i].packet != packet))
			continue;
		packet = rec[i].packet;
		next++;
	}
	if (next < ARRAY_SIZE(way))
		print_error("no %s\n", stage_name(way[next]));
	assert_int_equal(next, ARRAY_SIZE(way));
	assert_int_not_equal(packet, 0);
	trace_ring_destroy(p, pc->trace);
	pc->trace = NULL;
	sock_release(a);
	sock_release(b);
}

static void send_errors_are_those_of_linux(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, SOCK_DGRAM, 0);
	struct received r;

	assert_int_equal(send_to(s, 0, 0, "x", 1, 0), -EDESTADDRREQ);
	assert_int_equal(send_to(s, PEER, 0, "x", 1, 0), -EINVAL);
	assert_int_equal(send_to(s, PEER, 1, "x", 1, MSG_OOB), -EOPNOTSUPP);
	assert_int_equal(send_to(s, 0xffffffff, 1, "x", 1, 0), -EACCES);
	assert_int_equal(do_connect(s, 0x0a0000ff, 1), -EACCES);
	set_int(s, SOL_SOCKET, SO_BROADCAST, 1);
	assert_int_equal(send_to(s, 0x0a0000ff, 1, "x", 1, 0), 1);
	assert_int_equal(s->ops->listen(s, 1), -EOPNOTSUPP);
	assert_int_equal(s->ops->shutdown(s, SHUT_RDWR), -ENOTCONN);
	assert_int_equal(recv_now(s, &r), -EAGAIN);
	assert_int_equal(recv_all(s, &r, 10, 0), 0);
	assert_int_equal(send_to(s, PEER, 1, "x", 1, 0), -EPIPE);
	sock_release(s);
}

static void a_reader_waits_until_its_timeout(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, SOCK_DGRAM, 0);
	struct timeval tv = { .tv_sec = 2, .tv_usec = 500000 };
	ktime_t before = fake_now(iw->w.fp);
	struct received r;

	assert_int_equal(do_bind(s, 0, 53), 0);
	s->ops->setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	assert_int_equal(recv_all(s, &r, 10, 0), -EAGAIN);
	assert_int_equal(fake_now(iw->w.fp) - before, 2500 * NSEC_PER_MSEC);
	sock_release(s);
}

struct late {
	struct inet_world *iw;
	struct socket *to;
};

static void send_late(void *arg)
{
	struct late *l = arg;
	struct socket *s = sk_open(l->iw, SOCK_DGRAM, 0);

	assert_int_equal(send_to(s, LO, 53, "late", 4, 0), 4);
	sock_release(s);
}

static void shut_late(void *arg)
{
	struct late *l = arg;

	l->to->ops->shutdown(l->to, SHUT_RD);
}

static void a_sleeping_reader_is_woken_by_a_packet_or_shutdown(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = sk_open(iw, SOCK_DGRAM, 0);
	struct late late = { iw, s };
	struct received r;

	assert_int_equal(do_bind(s, 0, 53), 0);
	fake_at(iw->w.fp, NSEC_PER_SEC, send_late, &late);
	assert_int_equal(recv_all(s, &r, 10, 0), 4);
	fake_at(iw->w.fp, NSEC_PER_SEC, shut_late, &late);
	assert_int_equal(recv_all(s, &r, 10, 0), 0);
	fake_signal(iw->w.fp);
	sock_release(s);
	s = sk_open(iw, SOCK_DGRAM, 0);
	assert_int_equal(recv_all(s, &r, 10, 0), -EINTR);
	sock_release(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_datagram_goes_over_loopback_with_its_senders_name),
		TEST(what_is_sent_has_right_lengths_and_checksum),
		TEST(a_large_datagram_is_fragmented_and_arrives_whole),
		TEST(with_do_too_large_is_emsgsize_and_the_queue_tells_the_mtu),
		TEST(what_does_not_fit_the_buffer_is_cut_and_said_so),
		TEST(a_wrong_checksum_was_never_there),
		TEST(a_header_that_lies_is_dropped),
		TEST(nobody_there_is_told_by_icmp),
		TEST(a_connected_sender_hears_of_port_unreachable),
		TEST(an_unconnected_sender_hears_of_errors_only_if_it_asks),
		TEST(fragmentation_needed_lowers_the_path_mtu),
		TEST(corked_pieces_leave_as_one_datagram),
		TEST(udp_segment_leaves_as_many_datagrams),
		TEST(a_full_receive_buffer_drops_and_counts),
		TEST(the_protocols_memory_is_limited),
		TEST(what_nobody_read_dies_with_its_socket),
		TEST(the_trace_shows_the_way_of_a_datagram_in_order),
		TEST(send_errors_are_those_of_linux),
		TEST(a_reader_waits_until_its_timeout),
		TEST(a_sleeping_reader_is_woken_by_a_packet_or_shutdown),
	};

	return cmocka_run_group_tests_name("udp", tests, NULL, NULL);
}
