/* SPDX-License-Identifier: BSD-2-Clause */
/* ARP and ICMP of a whole stack, seen from the cable. */
#include "tests/support/peer.h"

struct setup {
	struct world w;
	struct peer p;
};

static int setup(void **state)
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

static void echo(struct peer *p, u16 id, u16 seq, const void *data, u32 len)
{
	struct segment s = { .protocol = IPPROTO_ICMP, .type = ICMP_ECHO,
			     .info = (u32)id << 16 | seq, .data = data,
			     .len = len };

	peer_send(p, &s);
}

static void an_echo_request_is_answered_with_the_same_bytes(void **state)
{
	struct setup *s = *state;

	echo(&s->p, 7, 1, "weir", 4);
	hear_icmp(&s->p, ICMP_ECHOREPLY, 0);
	assert_int_equal(s->p.last.info, 7 << 16 | 1);
	assert_int_equal(s->p.last.len, 4);
	assert_memory_equal(s->p.last.data, "weir", 4);
	assert_int_equal(s->p.last.saddr, HOST_A);
}

static void an_answer_of_zeros_only_has_a_right_checksum(void **state)
{
	struct setup *s = *state;

	echo(&s->p, 0, 0, "", 0);
	hear_icmp(&s->p, ICMP_ECHOREPLY, 0);	/* which looks at it */
}

static void a_large_echo_comes_back_in_fragments(void **state)
{
	struct setup *s = *state;
	static u8 data[4000];
	struct segment f = { .protocol = IPPROTO_ICMP, .type = ICMP_ECHO,
			     .id = 77, .len = 1472, .data = data };
	u32 total = 0;

	/* three fragments made by hand: the first has the ICMP header */
	u8 whole[8 + 4000] = { ICMP_ECHO };
	__sum16 sum = ip_compute_csum(whole, sizeof(whole));

	memcpy(whole + 2, &sum, 2);
	for (u32 off = 0; off < sizeof(whole); off += 1480) {
		f.len = min((u32)sizeof(whole) - off, 1480u);
		f.data = whole + off;
		s->p.next.frag_off = (u16)(off / 8 |
			(off + f.len < sizeof(whole) ? IP_MF : 0));
		peer_send(&s->p, &f);
	}
	while (peer_next(&s->p, HEAR_NOW)) {
		assert_int_equal(s->p.last.protocol, IPPROTO_ICMP);
		assert_int_equal((s->p.last.frag_off & IP_OFFSET) * 8, total);
		total += s->p.last.len;
	}
	assert_int_equal(total, sizeof(whole));
	assert_int_equal(STAT(&s->w.a, Ip, ReasmOKs), 1);
}

static void a_wrong_icmp_checksum_is_not_answered_and_counted(void **state)
{
	struct setup *s = *state;

	s->p.next.bad_csum = true;
	echo(&s->p, 7, 1, "weir", 4);
	peer_quiet(&s->p, SEC);
	assert_int_equal(world_drops(&s->w, SKB_DROP_REASON_ICMP_CSUM), 1);
	assert_int_equal(STAT(&s->w.a, Icmp, InCsumErrors), 1);
}

static void a_wrong_ip_checksum_is_dropped_with_its_reason(void **state)
{
	struct setup *s = *state;

	s->p.next.bad_ip_csum = true;
	echo(&s->p, 7, 1, "weir", 4);
	peer_quiet(&s->p, SEC);
	assert_int_equal(world_drops(&s->w, SKB_DROP_REASON_IP_CSUM), 1);
}

static void an_echo_to_the_broadcast_address_is_ignored(void **state)
{
	struct setup *s = *state;
	struct segment e = { .protocol = IPPROTO_ICMP, .type = ICMP_ECHO,
			     .daddr = 0x0a0000ff };

	eth_broadcast_addr(e.dst_mac);
	peer_send(&s->p, &e);
	peer_quiet(&s->p, SEC);
}

static void arp_asks_once_a_second_and_gives_up_after_three(void **state)
{
	struct setup *s = *state;
	int fd = host_socket(&s->w.a, SOCK_DGRAM | SOCK_NONBLOCK);

	s->p.deaf_to_arp = true;
	host_setsockopt(&s->w.a, fd, SOL_IP, IP_RECVERR, 1);
	assert_int_equal(host_connect(&s->w.a, fd, HOST_B + 1, 9), 0);
	assert_int_equal(host_send(&s->w.a, fd, "x", 1), 1);
	world_pass(&s->w, 500 * MSEC);
	assert_int_equal(s->p.arp_requests, 1);
	world_pass(&s->w, SEC);
	assert_int_equal(s->p.arp_requests, 2);
	world_pass(&s->w, 5 * SEC);
	assert_int_equal(s->p.arp_requests, 3);
	assert_int_equal(world_drops(&s->w, SKB_DROP_REASON_NEIGH_FAILED), 1);
	assert_int_equal(host_send(&s->w.a, fd, "x", 1), -EHOSTUNREACH);
}

static void packets_wait_for_arp_and_go_out_in_order(void **state)
{
	struct setup *s = *state;
	int fd = host_socket(&s->w.a, SOCK_DGRAM | SOCK_NONBLOCK);

	assert_int_equal(host_connect(&s->w.a, fd, HOST_B, 9), 0);
	for (u32 i = 1; i <= 3; i++)
		assert_int_equal(host_send(&s->w.a, fd, "abc", i), i);
	for (u32 i = 1; i <= 3; i++)
		hear_udp(&s->p, 0, 9, i);
}

static void a_stack_asked_by_arp_says_its_address(void **state)
{
	struct setup *s = *state;
	u8 ask[42] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 2, 8, 6,
		0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 2, 10, 0, 0, 2,
		0, 0, 0, 0, 0, 0, 10, 0, 0, 1,
	};
	u64 frames = s->w.frames;

	peer_send_bytes(&s->p, ask, sizeof(ask));
	world_pass(&s->w, MSEC);
	assert_int_equal(s->w.frames, frames + 2);
	ask[41] = 9;	/* not its address */
	peer_send_bytes(&s->p, ask, sizeof(ask));
	world_pass(&s->w, MSEC);
	assert_int_equal(s->w.frames, frames + 3);
}

static void a_packet_for_another_host_is_not_answered(void **state)
{
	struct setup *s = *state;
	struct segment e = { .protocol = IPPROTO_ICMP, .type = ICMP_ECHO,
			     .daddr = 0x0a000063 };

	peer_send(&s->p, &e);
	peer_quiet(&s->p, SEC);
}

static void an_unknown_protocol_is_refused_by_icmp(void **state)
{
	struct setup *s = *state;
	struct segment e = { .protocol = 253, .data = (u8 *)"12345678",
			     .len = 8 };

	peer_send(&s->p, &e);
	hear_icmp(&s->p, ICMP_DEST_UNREACH, ICMP_PROT_UNREACH);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_echo_request_is_answered_with_the_same_bytes),
		T(an_answer_of_zeros_only_has_a_right_checksum),
		T(a_large_echo_comes_back_in_fragments),
		T(a_wrong_icmp_checksum_is_not_answered_and_counted),
		T(a_wrong_ip_checksum_is_dropped_with_its_reason),
		T(an_echo_to_the_broadcast_address_is_ignored),
		T(arp_asks_once_a_second_and_gives_up_after_three),
		T(packets_wait_for_arp_and_go_out_in_order),
		T(a_stack_asked_by_arp_says_its_address),
		T(a_packet_for_another_host_is_not_answered),
		T(an_unknown_protocol_is_refused_by_icmp),
	};

	return cmocka_run_group_tests_name("ping and ARP", tests, NULL, NULL);
}
