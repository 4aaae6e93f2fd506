/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames that make no sense: good ones of every kind with some bytes changed,
 * cut or padded, with broken and with repaired checksums. The stack takes
 * them, drops them by name, and goes on.
 *
 * WEIR_TEST_SEEDS (30) sets how many runs of 400 frames.
 */
#include "tests/support/peer.h"

#include <stdio.h>

#define FRAMES	400

struct frames {
	struct world w;
	struct peer p;
	u64 rng;
	int fd[6];
};

static u32 rnd(struct frames *f, u32 n)
{
	f->rng = f->rng * 6364136223846793005ull + 1442695040888963407ull;
	return (u32)(f->rng >> 33) % n;
}

static u32 any_address(struct frames *f)
{
	static const u32 known[] = {
		HOST_A, HOST_A, HOST_A, HOST_A, HOST_B, 0x0a0000ff, 0xffffffff,
		0xe0000001, 0xe0010203, 0x7f000001, 0, 0x0a000063, 0xc6336401,
	};

	return known[rnd(f, ARRAY_SIZE(known))];
}

static u32 good_ip(struct frames *f, u8 *frame, u32 room)
{
	static const u8 protocols[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP,
					IPPROTO_IGMP, 4, 41, 255, IPPROTO_UDP };
	static const u8 icmp_types[] = { 0, 3, 4, 5, 8, 11, 12, 13, 14, 17 };
	static u8 data[3000];
	struct segment s = {
		.ether_type = ETH_P_IP, .saddr = rnd(f, 4) ? HOST_B :
		any_address(f), .daddr = any_address(f), .id = (u16)rnd(f, 30),
		.ttl = (u8)rnd(f, 70), .tos = (u8)rnd(f, 256),
		.protocol = protocols[rnd(f, ARRAY_SIZE(protocols))],
		.sport = (u16)(1000 + rnd(f, 3)), .dport = (u16)(1000 + rnd(f, 4)),
		.seq = rnd(f, 5000), .ack = rnd(f, 5000),
		.flags = (u8)rnd(f, 256), .win = (u16)rnd(f, 65536),
		.type = icmp_types[rnd(f, ARRAY_SIZE(icmp_types))],
		.code = (u8)rnd(f, 16), .info = rnd(f, 70000), .data = data,
		.len = rnd(f, rnd(f, 3) ? 64 : 1400),
	};

	if (rnd(f, 4) == 0)
		s.frag_off = (u16)rnd(f, 65536);
	else if (rnd(f, 4) == 0)
		s.frag_off = (u16)(rnd(f, 4) * 8 | (rnd(f, 2) ? IP_MF : 0));
	memcpy(s.src_mac, f->p.mac, 6);
	memcpy(s.dst_mac, f->w.a.dev->dev_addr, 6);
	if (rnd(f, 8) == 0)
		eth_broadcast_addr(s.dst_mac);
	for (u32 i = 0; i < 64; i++)
		data[i] = (u8)rnd(f, 256);
	if (s.protocol == IPPROTO_ICMP && f->p.last_len > 40 && rnd(f, 2)) {
		s.len = min(f->p.last_len - ETH_HLEN, 200u);
		memcpy(data, f->p.last_frame + ETH_HLEN, s.len);
	}
	return segment_build(&s, frame, room);
}

static u32 good_arp(struct frames *f, u8 *frame)
{
	u8 arp[28] = { 0, 1, 8, 0, 6, 4, 0, (u8)(1 + rnd(f, 3)) };

	memcpy(frame, f->w.a.dev->dev_addr, 6);
	memcpy(frame + 6, f->p.mac, 6);
	put_unaligned_be16(ETH_P_ARP, frame + 12);
	memcpy(arp + 8, f->p.mac, 6);
	put_unaligned_be32(any_address(f), arp + 14);
	put_unaligned_be32(any_address(f), arp + 24);
	memcpy(frame + ETH_HLEN, arp, sizeof(arp));
	return ETH_HLEN + sizeof(arp);
}

/* IP options of some length, from bytes of all kinds. */
static u32 add_ip_options(struct frames *f, u8 *frame, u32 len)
{
	static const u8 kinds[] = { 0, 1, 7, 68, 130, 131, 137, 148, 222 };
	u32 n = 4 * (1 + rnd(f, 10));
	u8 *opt = frame + ETH_HLEN + 20;

	memmove(opt + n, opt, len - ETH_HLEN - 20);
	for (u32 i = 0; i < n; i++)
		opt[i] = (u8)rnd(f, rnd(f, 2) ? 12 : 256);
	opt[0] = kinds[rnd(f, ARRAY_SIZE(kinds))];
	opt[1] = (u8)(rnd(f, 3) ? n : rnd(f, 256));
	opt[2] = (u8)rnd(f, 12);
	frame[ETH_HLEN] = (u8)(0x40 | (5 + n / 4));
	put_unaligned_be16((u16)(len + n - ETH_HLEN), frame + ETH_HLEN + 2);
	return len + n;
}

static void repair_ip(u8 *frame, u32 len)
{
	u32 hlen = (frame[ETH_HLEN] & 15u) * 4;
	__sum16 sum;

	if (hlen < 20 || hlen + ETH_HLEN > len)
		return;
	memset(frame + ETH_HLEN + 10, 0, 2);
	sum = ip_fast_csum(frame + ETH_HLEN, hlen / 4);
	memcpy(frame + ETH_HLEN + 10, &sum, 2);
}

static void one_frame(struct frames *f)
{
	static u8 frame[4096];
	u32 len = rnd(f, 8) ? good_ip(f, frame, sizeof(frame)) :
		  good_arp(f, frame);
	u32 changes = rnd(f, 3) ? rnd(f, 4) : 0;

	if (rnd(f, 8) == 0 && frame[12] == 8 && !frame[13])
		len = add_ip_options(f, frame, len);
	for (u32 i = 0; i < changes; i++)
		frame[rnd(f, min(len, rnd(f, 2) ? len : 54u))] ^=
			(u8)(1u << rnd(f, 8));
	if (rnd(f, 8) == 0)
		len = max(rnd(f, len), 14u);
	else if (rnd(f, 8) == 0)
		len += rnd(f, 50);
	if (len > ETH_HLEN + 20 && rnd(f, 4))
		repair_ip(frame, len);
	f->p.next.quiet = rnd(f, 4) == 0;
	peer_send_bytes(&f->p, frame, len);
}

static void begin(struct frames *f, u64 seed)
{
	struct world_params p = { .seed = seed };
	struct ip_mreq mr = { 0 };
	__be32 g = cpu_to_be32(0xe0010203);

	f->rng = seed;
	world_open_peer(&f->w, &f->p, &p);
	f->p.forwarding = seed % 2;
	host_sysctl(&f->w.a, "net.ipv4.ip_forward", seed % 2 ? "1" : "0");
	f->fd[0] = host_listen(&f->w.a, 1000, 2);
	for (u32 i = 1; i < 4; i++) {
		f->fd[i] = host_socket(&f->w.a, SOCK_DGRAM | SOCK_NONBLOCK);
		host_setsockopt(&f->w.a, f->fd[i], SOL_SOCKET, SO_REUSEADDR, 1);
		host_setsockopt(&f->w.a, f->fd[i], SOL_IP, IP_RECVERR, i & 1);
		host_setsockopt(&f->w.a, f->fd[i], SOL_IP, IP_RECVOPTS, 1);
		host_setsockopt(&f->w.a, f->fd[i], SOL_IP, IP_PKTINFO, 1);
		host_bind(&f->w.a, f->fd[i], 0, (u16)(1001 + i / 2));
	}
	memcpy(&mr.imr_multiaddr, &g, 4);
	sys_setsockopt(f->w.a.net, f->fd[1], SOL_IP, IP_ADD_MEMBERSHIP, &mr,
		       sizeof(mr));
	f->fd[4] = sys_socket(f->w.a.net, AF_INET, SOCK_RAW | SOCK_NONBLOCK,
			      IPPROTO_ICMP);
	f->fd[5] = host_socket(&f->w.a, SOCK_DGRAM | SOCK_NONBLOCK);
	host_connect(&f->w.a, f->fd[5], HOST_B, 1000);
}

static void read_all(struct frames *f)
{
	char buf[4000], control[400];

	for (u32 i = 1; i < 6; i++) {
		struct iovec iov = { buf, sizeof(buf) };
		struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
				    .msg_control = control,
				    .msg_controllen = sizeof(control) };

		if (f->fd[i] >= 0)
			sys_recvmsg(f->w.a.net, f->fd[i], &m, MSG_DONTWAIT |
				    (rnd(f, 3) ? 0 : MSG_ERRQUEUE));
	}
	host_send(&f->w.a, f->fd[5], buf, rnd(f, 100));
	host_close(&f->w.a, sys_accept4(f->w.a.net, f->fd[0], NULL, NULL, 0));
}

/* peer_next() looks at the checksums. */
static void hear_all(struct frames *f)
{
	while (f->p.count)
		peer_next(&f->p, 0);
}

static void run(u64 seed)
{
	struct frames *f = calloc(1, sizeof(*f));
	struct segment echo = { .protocol = IPPROTO_ICMP, .type = ICMP_ECHO };

	begin(f, seed);
	for (u32 i = 0; i < FRAMES; i++) {
		one_frame(f);
		if (rnd(f, 3) == 0)
			read_all(f);
		hear_all(f);
		if (rnd(f, 50) == 0)
			world_pass(&f->w, rnd(f, 20000) * MSEC);
	}
	world_pass(&f->w, 100 * SEC);
	peer_forget(&f->p);
	peer_send(&f->p, &echo);
	hear_icmp(&f->p, ICMP_ECHOREPLY, 0);
	assert_int_equal(world_drops(&f->w, SKB_DROP_REASON_NOT_SPECIFIED), 0);
	world_close(&f->w);
	free(f);
}

static void no_frame_does_harm(void **state)
{
	const char *first = getenv("WEIR_TEST_SEED");
	const char *n = getenv("WEIR_TEST_SEEDS");
	u64 seed = first ? (u64)atoll(first) : 1;
	u64 end = seed + (n ? (u64)atoll(n) : 30);

	for (; seed < end; seed++) {
		if (n)
			fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
		run(seed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_frame_does_harm),
	};

	return cmocka_run_group_tests_name("frames", tests, NULL, NULL);
}
