/* SPDX-License-Identifier: BSD-2-Clause */
/* Segment sizes: of the path, of the peer, with options, of large packets. */
#include "tcp/tcp_test.h"
#include "tcp/tcp_out.h"

static void mss_world(struct tcp_world *w)
{
	tcp_begin(w);
	w->net->tcp->min_snd_mss = 48;
	w->net->tcp->base_mss = 1024;
	w->tp->rx_opt.mss_clamp = 1460;
	w->tp->max_window = 65535;
}

static void headers_and_usual_options_are_taken_off(void **state)
{
	struct tcp_world w;

	mss_world(&w);
	assert_int_equal(tcp_mtu_to_mss(w.sk, 1500), 1460);
	w.tp->tcp_header_len = 32;	/* timestamps */
	assert_int_equal(tcp_mtu_to_mss(w.sk, 1500), 1448);
	assert_int_equal(tcp_mss_to_mtu(w.sk, 1448), 1500);
	tcp_end(&w);
}

static void the_peers_mss_bounds_ours(void **state)
{
	struct tcp_world w;

	mss_world(&w);
	w.tp->rx_opt.mss_clamp = 1000;
	assert_int_equal(tcp_sync_mss(w.sk, 1500), 1000);
	assert_int_equal(w.tp->mss_cache, 1000);
	assert_int_equal(w.tp->pmtu_cookie, 1500);
	tcp_end(&w);
}

static void a_tiny_path_does_not_make_tiny_segments(void **state)
{
	struct tcp_world w;

	mss_world(&w);
	assert_int_equal(tcp_sync_mss(w.sk, 60), 48);
	tcp_end(&w);
}

static void a_segment_is_at_most_half_the_window(void **state)
{
	struct tcp_world w;

	mss_world(&w);
	w.tp->max_window = 1000;
	assert_int_equal(tcp_sync_mss(w.sk, 1500), 500);
	w.tp->max_window = 400;		/* too small to be halved */
	assert_int_equal(tcp_sync_mss(w.sk, 1500), 400);
	tcp_end(&w);
}

static void sack_blocks_of_the_moment_are_taken_off_too(void **state)
{
	struct tcp_world w;

	mss_world(&w);
	tcp_sync_mss(w.sk, 1500);
	w.tp->rx_opt.num_sacks = 2;
	assert_int_equal(tcp_current_mss(w.sk), 1460 - 20);
	w.tp->rx_opt.num_sacks = 0;
	assert_int_equal(tcp_current_mss(w.sk), 1460);
	tcp_end(&w);
}

static void a_large_packet_is_whole_segments(void **state)
{
	struct tcp_world w;
	u32 goal;

	mss_world(&w);
	tcp_sync_mss(w.sk, 1500);
	assert_int_equal(tcp_send_mss(w.sk, &goal, 0), 1460);
	assert_int_equal(goal, 1460);	/* no offload */
	w.sk->route_caps = NETIF_F_TSO;
	w.sk->gso_max_size = 65000;
	w.sk->gso_max_segs = 64;
	assert_int_equal(tcp_send_mss(w.sk, &goal, 0), 1460);
	assert_int_equal(goal, 32767 / 1460 * 1460); /* half the window */
	tcp_send_mss(w.sk, &goal, MSG_OOB);
	assert_int_equal(goal, 1460);
	w.sk->gso_max_segs = 3;
	tcp_send_mss(w.sk, &goal, 0);
	assert_int_equal(goal, 3 * 1460);
	tcp_end(&w);
}

static void probing_starts_from_the_base(void **state)
{
	struct tcp_world w;

	mss_world(&w);
	w.net->tcp->mtu_probing = 2;
	tcp_mtup_init(w.sk);
	assert_true(w.tp->mtup.enabled);
	assert_int_equal(w.tp->mtup.search_high, 1500);
	assert_int_equal(w.tp->mtup.search_low, 1064);
	assert_int_equal(tcp_sync_mss(w.sk, 1500), 1024);
	tcp_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TCP_TEST(headers_and_usual_options_are_taken_off),
		TCP_TEST(the_peers_mss_bounds_ours),
		TCP_TEST(a_tiny_path_does_not_make_tiny_segments),
		TCP_TEST(a_segment_is_at_most_half_the_window),
		TCP_TEST(sack_blocks_of_the_moment_are_taken_off_too),
		TCP_TEST(a_large_packet_is_whole_segments),
		TCP_TEST(probing_starts_from_the_base),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
