/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The same bytes arrive whoever cuts and joins them: the card, the stack's own
 * GSO and GRO, or nobody. And what paces or sizes the segments.
 */
#include "tests/support/pair.h"
#include "tests/support/peer.h"

struct setup {
	struct world w;
	int fd[2];
};

static void begin(struct setup *s, const struct world_params *p,
		  netdev_features_t off)
{
	world_open(&s->w, p);
	dev_set_features(s->w.a.dev, s->w.a.dev->features & ~off);
	dev_set_features(s->w.b.dev, s->w.b.dev->features & ~off);
	assert_int_equal(s->w.a.dev->features & off, 0);
	world_connect(&s->w, 80, s->fd);
}

/* From a to b; how long it took. */
static ktime_t transfer(struct setup *s, u64 bytes, ktime_t limit)
{
	ktime_t start = world_now(&s->w);
	u64 sent = 0, got = 0;
	ssize_t n;

	while (got < bytes) {
		while (sent < bytes) {
			n = host_send_stream(&s->w.a, s->fd[0], 7, sent,
					     min(bytes - sent, 30001u));
			if (n <= 0)
				break;
			sent += (u64)n;
		}
		world_pass(&s->w, 200 * NSEC_PER_USEC);
		while ((n = host_recv_stream(&s->w.b, s->fd[1], 7, got, 65536))
		       > 0)
			got += (u64)n;
		if (world_now(&s->w) - start > limit)
			fail_msg("%llu of %llu bytes in %.3f s",
				 (unsigned long long)got,
				 (unsigned long long)bytes, (double)limit / SEC);
	}
	return world_now(&s->w) - start;
}

static void run(netdev_features_t off, const struct world_params *p)
{
	struct setup *s = malloc(sizeof(*s));

	begin(s, p, off);
	transfer(s, 1000000, 60 * SEC);
	world_close(&s->w);
	free(s);
}

static const struct world_params plain = { .delay = MSEC };
static const struct world_params lossy = {
	.delay = MSEC, .impair = { .loss_ppm = 10000, .reorder_ppm = 10000,
				   .seed = 9 },
};

static void without_tso_the_stack_cuts_itself(void **state)
{
	run(NETIF_F_ALL_TSO, &plain);
	run(NETIF_F_ALL_TSO, &lossy);
}

static void without_gso_tcp_sends_single_segments(void **state)
{
	run(NETIF_F_ALL_TSO | NETIF_F_GSO, &plain);
}

static void without_scatter_and_checksums_all_is_done_in_software(void **state)
{
	run(NETIF_F_ALL_TSO | NETIF_F_GSO | NETIF_F_SG | NETIF_F_CSUM_MASK |
	    NETIF_F_RXCSUM, &plain);
	run(NETIF_F_ALL_TSO | NETIF_F_SG | NETIF_F_CSUM_MASK | NETIF_F_RXCSUM,
	    &lossy);
}

static void without_gro_each_segment_is_taken_alone(void **state)
{
	run(NETIF_F_GRO, &plain);
	run(NETIF_F_GRO, &lossy);
}

/* --- what sizes and paces them ------------------------------------------------------------ */

static void max_pacing_rate_is_kept(void **state)
{
	struct setup *s = malloc(sizeof(*s));
	u32 rate = 1000000;
	ktime_t took;

	begin(s, &plain, 0);
	assert_int_equal(sys_setsockopt(s->w.a.net, s->fd[0], SOL_SOCKET,
					SO_MAX_PACING_RATE, &rate, sizeof(rate)),
			 0);
	took = transfer(s, 500000, 5 * SEC);
	assert_in_range(took / MSEC, 430, 620);
	world_close(&s->w);
	free(s);
}

static void reno_recovers_as_well(void **state)
{
	struct setup *s = malloc(sizeof(*s));
	char name[16] = "";
	u32 len = sizeof(name);

	begin(s, &lossy, 0);
	assert_int_equal(sys_setsockopt(s->w.a.net, s->fd[0], SOL_TCP,
					TCP_CONGESTION, "reno", 4), 0);
	assert_int_equal(sys_getsockopt(s->w.a.net, s->fd[0], SOL_TCP,
					TCP_CONGESTION, name, &len), 0);
	assert_string_equal(name, "reno");
	transfer(s, 1000000, 60 * SEC);
	assert_int_equal(sys_setsockopt(s->w.a.net, s->fd[0], SOL_TCP,
					TCP_CONGESTION, "none", 4), -ENOENT);
	world_close(&s->w);
	free(s);
}

static void probing_finds_the_largest_segment_that_passes(void **state)
{
	struct setup *s = malloc(sizeof(*s));
	struct tcp_info ti;
	u32 len = sizeof(ti);

	world_open(&s->w, &plain);
	host_sysctl(&s->w.a, "net.ipv4.tcp_mtu_probing", "2");
	world_connect(&s->w, 80, s->fd);
	sys_getsockopt(s->w.a.net, s->fd[0], SOL_TCP, TCP_INFO, &ti, &len);
	assert_in_range(ti.tcpi_snd_mss, 900, 1024);
	transfer(s, 3000000, 60 * SEC);
	sys_getsockopt(s->w.a.net, s->fd[0], SOL_TCP, TCP_INFO, &ti, &len);
	assert_in_range(ti.tcpi_snd_mss, 1300, 1448);
	assert_true(STAT(&s->w.a, TcpExt, TCPMTUPSuccess) > 0);
	world_close(&s->w);
	free(s);
}

/* --- datagrams -------------------------------------------------------------------------------- */

static void one_send_with_segment_size_makes_many_datagrams(void **state)
{
	struct world *w = malloc(sizeof(*w));
	struct sockaddr_in to = sa(HOST_B, 9);
	static u8 out[10000], in[2000];
	int a, b;

	world_open(w, &plain);
	a = host_socket(&w->a, SOCK_DGRAM | SOCK_NONBLOCK);
	b = host_socket(&w->b, SOCK_DGRAM | SOCK_NONBLOCK);
	host_bind(&w->b, b, 0, 9);
	stream_fill(out, sizeof(out), 1, 0);
	assert_int_equal(host_setsockopt(&w->a, a, SOL_UDP, UDP_SEGMENT, 1200),
			 0);
	assert_int_equal(sys_sendto(w->a.net, a, out, sizeof(out), 0,
				    (struct sockaddr *)&to, sizeof(to)),
			 sizeof(out));
	world_pass(w, 10 * MSEC);
	for (u32 pos = 0; pos < sizeof(out); pos += 1200) {
		ssize_t n = host_recv(&w->b, b, in, sizeof(in));

		assert_int_equal(n, min((u32)sizeof(out) - pos, 1200u));
		assert_memory_equal(in, out + pos, n);
	}
	world_close(w);
	free(w);
}

static void corked_pieces_make_one_datagram(void **state)
{
	struct world *w = malloc(sizeof(*w));
	static u8 out[5000], in[6000];
	int a, b;

	world_open(w, &plain);
	a = host_socket(&w->a, SOCK_DGRAM | SOCK_NONBLOCK);
	b = host_socket(&w->b, SOCK_DGRAM | SOCK_NONBLOCK);
	host_bind(&w->b, b, 0, 9);
	assert_int_equal(host_connect(&w->a, a, HOST_B, 9), 0);
	stream_fill(out, sizeof(out), 1, 0);
	for (u32 pos = 0; pos < sizeof(out); pos += 1000)
		assert_int_equal(sys_sendto(w->a.net, a, out + pos, 1000,
					    pos < 4000 ? MSG_MORE : 0, NULL, 0),
				 1000);
	world_pass(w, 10 * MSEC);
	assert_int_equal(host_recv(&w->b, b, in, sizeof(in)), sizeof(out));
	assert_memory_equal(in, out, sizeof(out));
	assert_int_equal(host_recv(&w->b, b, in, sizeof(in)), -EAGAIN);
	world_close(w);
	free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_tso_the_stack_cuts_itself),
		cmocka_unit_test(without_gso_tcp_sends_single_segments),
		cmocka_unit_test(without_scatter_and_checksums_all_is_done_in_software),
		cmocka_unit_test(without_gro_each_segment_is_taken_alone),
		cmocka_unit_test(max_pacing_rate_is_kept),
		cmocka_unit_test(reno_recovers_as_well),
		cmocka_unit_test(probing_finds_the_largest_segment_that_passes),
		cmocka_unit_test(one_send_with_segment_size_makes_many_datagrams),
		cmocka_unit_test(corked_pieces_make_one_datagram),
	};

	return cmocka_run_group_tests_name("offload", tests, NULL, NULL);
}
