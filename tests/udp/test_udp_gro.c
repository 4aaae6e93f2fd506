/* SPDX-License-Identifier: BSD-2-Clause */
/* UDP_GRO: datagrams of one size travel as one packet to a socket that has
 * asked for it, and one by one to all others. */
#include <stdlib.h>

#include "tests/sock/sock_test.h"

#include "udp/udp_sock.h"

/* RULE 9: what the toy's poll takes from; one test runs at a time. */
static struct sk_buff_head arriving;

static int gro_poll(struct napi_struct *n, int budget)
{
	struct sk_buff *skb;
	int done = 0;

	while (done < budget && (skb = __skb_dequeue(&arriving))) {
		done++;
		napi_gro_receive(n, skb);
	}
	if (done < budget)
		napi_complete_done(n, done);
	return done;
}

/* A datagram from PEER:sport to US:5000, its bytes numbered from `first`. */
static void arrive(struct inet_world *iw, u16 sport, u32 len, u8 first, bool bad)
{
	struct sk_buff *skb = alloc_skb(64 + ETH_HLEN + 28 + len);
	struct ethhdr *eth;
	struct udphdr *uh;
	u8 *p;

	assert_non_null(skb);
	skb_reserve(skb, 50);
	eth = (struct ethhdr *)skb_put(skb, ETH_HLEN);
	ether_addr_copy(eth->h_dest, iw->dev->dev_addr);
	ether_addr_copy(eth->h_source, peer_mac);
	eth->h_proto = cpu_to_be16(ETH_P_IP);
	p = skb_put(skb, 20);
	pkt_build(&(struct pkt){ .protocol = IPPROTO_UDP, .frag_off = IP_DF }, p);
	((struct iphdr *)p)->tot_len = cpu_to_be16(28 + len);
	ip_send_check((struct iphdr *)p);
	uh = (struct udphdr *)skb_put(skb, 8 + len);
	uh->source = cpu_to_be16(sport);
	uh->dest = cpu_to_be16(5000);
	uh->len = cpu_to_be16(8 + len);
	uh->check = 0;
	for (u32 i = 0; i < len; i++)
		((u8 *)(uh + 1))[i] = (u8)(first + i);
	uh->check = csum_tcpudp_magic(cpu_to_be32(PEER), cpu_to_be32(US),
				      8 + len, IPPROTO_UDP,
				      csum_partial(uh, 8 + len, 0));
	if (bad)
		uh->check = (__force __sum16)(u16)~(__force u16)uh->check;
	eth_type_trans(skb, iw->dev);
	__skb_queue_tail(&arriving, skb);
}

static void poll_them(struct inet_world *iw)
{
	struct napi_struct napi;

	memset(&napi, 0, sizeof(napi));
	iw->dev->features |= NETIF_F_GRO;
	netif_napi_add(iw->dev, &napi, gro_poll, 64);
	napi_enable(&napi);
	napi_schedule(&napi);
	fake_run(iw->w.fp);
	napi_disable(&napi);
	netif_napi_del(&napi);
}

static struct socket *receiver(struct inet_world *iw, bool gro)
{
	struct socket *s = sk_open(iw, SOCK_DGRAM, 0);

	assert_int_equal(do_bind(s, US, 5000), 0);
	if (gro)
		assert_int_equal(set_int(s, SOL_UDP, UDP_GRO, 1), 0);
	return s;
}

static void datagrams_of_one_size_come_as_one(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = receiver(iw, true);
	struct received r;
	const int *size;

	for (u32 i = 0; i < 4; i++)
		arrive(iw, 77, i < 3 ? 100 : 40, (u8)(100 * i), false);
	arrive(iw, 77, 10, 0, false);	/* a shorter one ended the first */
	poll_them(iw);
	assert_int_equal(recv_now(s, &r), 340);
	size = find_cmsg(&r, SOL_UDP, UDP_GRO);
	assert_non_null(size);
	assert_int_equal(*size, 100);
	for (u32 i = 0; i < 340; i++)
		assert_int_equal((u8)r.data[i], (u8)i);
	assert_int_equal(recv_now(s, &r), 10);
	assert_null(find_cmsg(&r, SOL_UDP, UDP_GRO));
	assert_int_equal(recv_now(s, &r), -EAGAIN);
	sock_release(s);
}

static void flows_are_kept_apart_and_wrong_sums_out(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = receiver(iw, true);
	struct received r;
	ssize_t n;

	for (u32 i = 0; i < 3; i++) {
		arrive(iw, 77, 50, 0, false);
		arrive(iw, 78, 60, 0, i == 1);
	}
	poll_them(iw);
	n = recv_now(s, &r);
	n += recv_now(s, &r);
	assert_int_equal(n, 150 + 120);
	assert_int_equal(recv_now(s, &r), -EAGAIN);
	assert_int_equal(STAT(iw, Udp, InCsumErrors), 1);
	sock_release(s);
}

static void who_has_not_asked_gets_datagrams(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = receiver(iw, false);
	struct received r;

	for (u32 i = 0; i < 3; i++)
		arrive(iw, 77, 50, (u8)(50 * i), false);
	poll_them(iw);
	for (u32 i = 0; i < 3; i++) {
		assert_int_equal(recv_now(s, &r), 50);
		assert_int_equal((u8)r.data[0], 50 * i);
	}
	assert_int_equal(recv_now(s, &r), -EAGAIN);
	sock_release(s);
}

/* Datagrams of 50 bytes in one packet, as a large send comes by a wire. */
static void arrive_large(struct inet_world *iw, u32 len)
{
	struct skb_shared_info *si;

	arrive(iw, 77, len, 0, false);
	si = skb_shinfo(skb_peek_tail(&arriving));
	si->gso_size = 50;
	si->gso_segs = (u16)DIV_ROUND_UP(len, 50);
	si->gso_type = SKB_GSO_UDP_L4;
	skb_peek_tail(&arriving)->ip_summed = CHECKSUM_UNNECESSARY;
	poll_them(iw);
}

static void datagrams_of_a_large_packet_are_read_one_by_one(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = receiver(iw, false);
	struct received r;
	int n;

	arrive_large(iw, 120);
	assert_int_equal(s->sk->receive_queue.qlen, 1);
	assert_int_equal(recv_now(s, &r), 50);
	assert_int_equal(udp_ioctl(s->sk, SIOCINQ, &n), 0);
	assert_int_equal(n, 50);
	assert_int_equal(recv_all(s, &r, 200, MSG_DONTWAIT | MSG_PEEK), 50);
	assert_int_equal((u8)r.data[0], 50);
	assert_int_equal(set_int(s, SOL_SOCKET, SO_PEEK_OFF, 60), 0);
	assert_int_equal(recv_all(s, &r, 200, MSG_DONTWAIT | MSG_PEEK), 10);
	assert_int_equal((u8)r.data[0], 110);
	assert_int_equal(recv_now(s, &r), 50);
	assert_int_equal((u8)r.data[0], 50);
	assert_int_equal(recv_now(s, &r), 20);
	assert_int_equal((u8)r.data[0], 100);
	assert_int_equal(recv_now(s, &r), -EAGAIN);
	assert_int_equal(sk_rmem_alloc_get(s->sk), 0);
	sock_release(s);
}

static void a_large_packet_half_read_ends_with_its_socket(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = receiver(iw, false);
	struct received r;

	arrive_large(iw, 200);
	assert_int_equal(recv_now(s, &r), 50);
	sock_release(s);
}

static void a_large_packet_that_is_refused_counts_its_datagrams(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = receiver(iw, false);

	arrive_large(iw, 50);
	WRITE_ONCE(s->sk->rcvbuf, 1);
	arrive_large(iw, 130);
	assert_int_equal(STAT(iw, Udp, RcvbufErrors), 3);
	assert_int_equal(STAT(iw, Udp, InErrors), 3);
	assert_int_equal(s->sk->drops, 3);
	sock_release(s);
}

static void the_stack_counts_who_wants_it(void **state)
{
	struct inet_world *iw = *state;
	struct socket *s = receiver(iw, true);

	assert_int_equal(iw->net->udp->gro_sockets, 1);
	set_int(s, SOL_UDP, UDP_GRO, 1);
	assert_int_equal(iw->net->udp->gro_sockets, 1);
	set_int(s, SOL_UDP, UDP_GRO, 0);
	assert_int_equal(iw->net->udp->gro_sockets, 0);
	set_int(s, SOL_UDP, UDP_GRO, 1);
	sock_release(s);
	assert_int_equal(iw->net->udp->gro_sockets, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(datagrams_of_one_size_come_as_one),
		TEST(flows_are_kept_apart_and_wrong_sums_out),
		TEST(who_has_not_asked_gets_datagrams),
		TEST(datagrams_of_a_large_packet_are_read_one_by_one),
		TEST(a_large_packet_half_read_ends_with_its_socket),
		TEST(a_large_packet_that_is_refused_counts_its_datagrams),
		TEST(the_stack_counts_who_wants_it),
	};

	skb_queue_head_init(&arriving);
	return cmocka_run_group_tests_name("udp_gro", tests, NULL, NULL);
}
