/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A peer that says anything: segments with random flags, numbers near (and
 * far from) the right ones, broken options, wrong lengths, fragments, ICMP
 * errors about them; while the program writes, reads and shuts down, and in
 * some runs allocations fail. Nothing
 * crashes or leaks, and a good connection works afterwards.
 *
 * WEIR_TEST_SEEDS (40) sets how many; each prints its seed when it fails.
 */
#include "tests/support/peer.h"

#include <stdio.h>

#include "base/slab.h"

#define SEGMENTS	250

struct hostile {
	struct world w;
	struct peer p;
	struct talk t;
	u64 seed, rng;
	int lfd, fd;
	u32 seq, ack;			/* what would be right */
};

static u32 rnd(struct hostile *h, u32 n)
{
	h->rng = h->rng * 6364136223846793005ull + 1442695040888963407ull;
	return (u32)(h->rng >> 33) % n;
}

/* Mostly small steps, at times a leap. */
static u32 near(struct hostile *h, u32 right)
{
	switch (rnd(h, 8)) {
	case 0: return right + rnd(h, 3000);
	case 1: return right - rnd(h, 3000);
	case 2: return right + rnd(h, 200000) - 100000;
	case 3: return rnd(h, 2) ? rnd(h, 0x7fffffff) : right + 0x7fffffff;
	default: return right;
	}
}

static const char *const option_sets[] = {
	"", "", "mss 1460", "mss 0", "mss 1", "wscale 15", "sackOK",
	"nop,nop,TS val 1 ecr 0", "nop,nop,TS val 4000000000 ecr 5",
	"nop,nop,sack 1:2", "nop,nop,sack 1:1000 2000:3000 0:4000000000",
	"nop,nop,sack 5:1", "nop,nop,sack 1:1", "kind 8 len 2",
	"kind 5 len 3", "kind 2 len 40", "kind 34 len 10", "kind 254 len 4",
	"mss 1460,kind 34 len 2", "mss 1460,kind 34 len 10,nop,nop",
	"kind 255 len 2", "kind 19 len 18", "eol",
	"mss 1460,sackOK,TS val 7 ecr 0,nop,wscale 7",
};

static void random_options(struct hostile *h, struct segment *s)
{
	s->optlen = segment_opts_build(s->raw_opts,
				       option_sets[rnd(h, ARRAY_SIZE(option_sets))],
				       h->t.stack_isn);
	if (rnd(h, 20) == 0) {
		s->optlen = 4 * rnd(h, 11);
		for (u32 i = 0; i < s->optlen; i++)
			s->raw_opts[i] = (u8)rnd(h, 256);
	}
}

static u8 random_flags(struct hostile *h)
{
	static const u8 usual[] = {
		TCPHDR_ACK, TCPHDR_ACK, TCPHDR_ACK | TCPHDR_PSH, TCPHDR_ACK,
		TCPHDR_ACK | TCPHDR_FIN, TCPHDR_SYN, TCPHDR_SYN | TCPHDR_ACK,
		TCPHDR_ACK | TCPHDR_URG, TCPHDR_ACK | TCPHDR_ECE,
		TCPHDR_ACK | TCPHDR_CWR,
	};

	if (rnd(h, 60) == 0)
		return TCPHDR_RST | (rnd(h, 2) ? TCPHDR_ACK : 0);
	if (rnd(h, 10) == 0)
		return (u8)(rnd(h, 256) & ~TCPHDR_RST);
	return usual[rnd(h, ARRAY_SIZE(usual))];
}

static void random_segment(struct hostile *h)
{
	static u8 data[3000];
	struct segment s = {
		.protocol = IPPROTO_TCP, .sport = h->t.port,
		.dport = h->t.stack_port, .flags = random_flags(h),
		.seq = near(h, h->seq), .ack = near(h, h->ack),
		.win = (u16)(rnd(h, 4) ? 65535 : rnd(h, 3) * rnd(h, 3000)),
		.urg = (u16)rnd(h, 5000), .data = data,
	};

	if (rnd(h, 2))
		s.len = rnd(h, rnd(h, 3) ? 1400 : 100);
	random_options(h, &s);
	h->p.next.tos = (u8)rnd(h, 4);
	h->p.next.bad_csum = rnd(h, 40) == 0;
	if (rnd(h, 60) == 0)
		h->p.next.frag_off = (u16)rnd(h, 0x4000);
	h->p.next.quiet = rnd(h, 3) == 0;
	peer_send(&h->p, &s);
}

/* What the stack said tells what would be right. */
static void listen_to_it(struct hostile *h)
{
	while (h->p.count) {
		assert_true(peer_next(&h->p, 0));
		if (h->p.last.protocol != IPPROTO_TCP ||
		    h->p.last.dport != h->t.port)
			continue;
		if (h->p.last.flags & TCPHDR_ACK)
			h->seq = h->p.last.ack;
		h->ack = h->p.last.seq + h->p.last.len +
			 !!(h->p.last.flags & (TCPHDR_SYN | TCPHDR_FIN));
		if (rnd(h, 25) == 0)
			say_icmp_error(&h->p, (u8)(3 + rnd(h, 10)),
				       (u8)rnd(h, 16), rnd(h, 2000));
	}
}

static void the_program(struct hostile *h)
{
	static u8 buf[9000];
	struct host *a = &h->w.a;

	if (h->lfd >= 0 && rnd(h, 4) == 0) {
		int fd = sys_accept4(a->net, h->lfd, NULL, NULL, SOCK_NONBLOCK);

		if (fd >= 0 && h->fd >= 0)
			host_close(a, h->fd);
		if (fd >= 0)
			h->fd = fd;
	}
	if (h->fd < 0)
		return;
	switch (rnd(h, 12)) {
	case 0: case 1: host_send(a, h->fd, buf, rnd(h, sizeof(buf))); break;
	case 2: case 3: host_recv(a, h->fd, buf, rnd(h, sizeof(buf))); break;
	case 4: sys_recvfrom(a->net, h->fd, buf, 10, MSG_DONTWAIT | MSG_PEEK,
			     NULL, NULL); break;
	case 5: sys_sendto(a->net, h->fd, buf, 1, MSG_OOB | MSG_DONTWAIT |
			   MSG_NOSIGNAL, NULL, 0); break;
	case 6: sys_recvfrom(a->net, h->fd, buf, 1, MSG_OOB | MSG_DONTWAIT,
			     NULL, NULL); break;
	case 7: host_setsockopt(a, h->fd, SOL_TCP, TCP_NODELAY, (int)rnd(h, 2));
		break;
	case 8: host_setsockopt(a, h->fd, SOL_SOCKET, SO_RCVBUF,
				(int)rnd(h, 20000)); break;
	case 9: if (rnd(h, 15) == 0)
			sys_shutdown(a->net, h->fd, (int)rnd(h, 3));
		break;
	case 10: host_setsockopt(a, h->fd, SOL_TCP, TCP_CORK, (int)rnd(h, 2));
		break;
	default: host_poll(a, h->fd);
	}
}

static void begin(struct hostile *h)
{
	struct world_params p = { .seed = h->seed };

	h->lfd = h->fd = -1;
	world_open_peer(&h->w, &h->p, &p);
	talk_init(&h->t, &h->p, 40000, 80);
	host_sysctl(&h->w.a, "net.ipv4.tcp_syncookies",
		    h->seed % 3 ? "1" : "2");
	host_sysctl(&h->w.a, "net.ipv4.tcp_ecn", h->seed % 2 ? "1" : "2");
	if (h->seed % 4 == 0) {
		h->fd = host_socket(&h->w.a, SOCK_STREAM | SOCK_NONBLOCK);
		host_bind(&h->w.a, h->fd, 0, 80);
		host_connect(&h->w.a, h->fd, HOST_B, 40000);
		return;
	}
	h->lfd = host_listen(&h->w.a, 80, 2);
	if (h->seed % 5 == 0) {	/* fast open, cookies not required */
		host_sysctl(&h->w.a, "net.ipv4.tcp_fastopen", "515");
		host_setsockopt(&h->w.a, h->lfd, SOL_TCP, TCP_FASTOPEN, 5);
	}
	if (h->seed % 4 == 1)
		return;
	talk_open(&h->t, 65535, h->seed % 4 == 2 ? NULL :
		  "mss 1460,sackOK,TS val 7 ecr 0,nop,wscale 7");
	h->seq = PEER_ISN + 1;
	h->ack = h->t.stack_isn + 1;
}

static void one_hostile_peer(u64 seed)
{
	struct hostile *h = calloc(1, sizeof(*h));
	struct talk good;
	char buf[200];
	int lfd, fd;

	h->seed = h->rng = seed;
	begin(h);
	for (u32 i = 0; i < SEGMENTS; i++) {
		if (seed % 7 == 6 && rnd(h, 3) == 0)
			slab_fail_nth(h->w.m->depot, 1 + rnd(h, 40));
		random_segment(h);
		listen_to_it(h);
		the_program(h);
		if (rnd(h, 30) == 0)
			world_pass(&h->w, rnd(h, 3000) * MSEC);
	}
	slab_fail_nth(h->w.m->depot, 0);
	lfd = host_listen(&h->w.a, 81, 1);
	talk_init(&good, &h->p, 40001, 81);
	world_pass(&h->w, MSEC);
	peer_forget(&h->p);
	talk_open(&good, 65535, NULL);
	say(&good, "P. 1:101(100) ack 1 win 65535");
	fd = sys_accept4(h->w.a.net, lfd, NULL, NULL, SOCK_NONBLOCK);
	assert_int_equal(host_recv(&h->w.a, fd, buf, 200), 100);
	world_close(&h->w);
	free(h);
}

static void nothing_a_peer_says_does_harm(void **state)
{
	const char *first = getenv("WEIR_TEST_SEED");
	const char *n = getenv("WEIR_TEST_SEEDS");
	u64 seed = first ? (u64)atoll(first) : 1;
	u64 end = seed + (n ? (u64)atoll(n) : 40);

	for (; seed < end; seed++) {
		if (n)
			fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
		one_hostile_peer(seed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_a_peer_says_does_harm),
	};

	return cmocka_run_group_tests_name("hostile", tests, NULL, NULL);
}
