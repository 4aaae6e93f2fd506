/* SPDX-License-Identifier: BSD-2-Clause */
/* Round-trip time, RTO, the least round trip. */
#include "tests/tcp/tcp_test.h"

static u32 rto_ms(struct tcp_world *w)
{
	tcp_set_rto(w->sk);
	return (u32)(w->tp->rto / NSEC_PER_MSEC);
}

static void the_first_sample_makes_three_times_itself(void **state)
{
	struct tcp_world w;

	tcp_begin(&w);
	tcp_rtt_estimator(w.sk, 400000);
	assert_int_equal(w.tp->srtt_us >> 3, 400000);
	assert_int_equal(rto_ms(&w), 1200);
	tcp_end(&w);
}

static void the_rto_is_never_under_200_ms_beyond_srtt(void **state)
{
	struct tcp_world w;

	tcp_begin(&w);
	for (int i = 0; i < 100; i++) {
		w.tp->snd_una = w.tp->snd_nxt += 10;
		tcp_rtt_estimator(w.sk, 1000);
	}
	assert_int_equal(rto_ms(&w), 201);
	tcp_end(&w);
}

static void the_average_follows_an_eighth_at_a_time(void **state)
{
	struct tcp_world w;

	tcp_begin(&w);
	tcp_rtt_estimator(w.sk, 100000);
	tcp_rtt_estimator(w.sk, 180000);
	assert_int_equal(w.tp->srtt_us >> 3, 110000);
	tcp_end(&w);
}

static void the_rto_has_an_upper_bound(void **state)
{
	struct tcp_world w;

	tcp_begin(&w);
	tcp_rtt_estimator(w.sk, 100 * 1000 * 1000);
	assert_int_equal(rto_ms(&w), 120000);
	tcp_end(&w);
}

static void the_least_round_trip_is_kept_for_its_window(void **state)
{
	struct tcp_world w;

	tcp_begin(&w);
	w.net->tcp->min_rtt_wlen_s = 10;
	tcp_update_rtt_min(w.sk, 500);
	assert_int_equal(tcp_min_rtt(w.tp), 500);
	tcp_pass(&w, 4000000);
	tcp_update_rtt_min(w.sk, 900);
	assert_int_equal(tcp_min_rtt(w.tp), 500);
	tcp_pass(&w, 3000000);
	tcp_update_rtt_min(w.sk, 700);
	assert_int_equal(tcp_min_rtt(w.tp), 500);
	tcp_pass(&w, 4000000);
	tcp_update_rtt_min(w.sk, 1000);
	assert_int_equal(tcp_min_rtt(w.tp), 700);
	tcp_update_rtt_min(w.sk, 100);
	assert_int_equal(tcp_min_rtt(w.tp), 100);
	tcp_end(&w);
}

static void a_retransmitted_segment_gives_no_sample_without_timestamps(void **state)
{
	struct rate_sample rs = { 0 };
	struct tcp_world w;

	tcp_begin(&w);
	assert_false(tcp_ack_update_rtt(w.sk, FLAG_DATA_ACKED |
					FLAG_RETRANS_DATA_ACKED, -1, -1, -1,
					&rs));
	assert_int_equal(w.tp->srtt_us, 0);
	tcp_end(&w);
}

static void a_timestamp_tells_which_transmission_was_answered(void **state)
{
	struct rate_sample rs = { 0 };
	struct tcp_world w;

	tcp_begin(&w);
	w.tp->rx_opt.saw_tstamp = 1;
	w.tp->rx_opt.rcv_tsecr = tcp_now_ts(w.tp) - 30;
	assert_true(tcp_ack_update_rtt(w.sk, FLAG_DATA_ACKED |
				       FLAG_RETRANS_DATA_ACKED, -1, -1, -1,
				       &rs));
	assert_int_equal(w.tp->srtt_us >> 3, 30000);
	tcp_end(&w);
}

static void a_delayed_ack_does_not_set_the_least_round_trip(void **state)
{
	struct rate_sample rs = { 0 };
	struct tcp_world w;

	tcp_begin(&w);
	tcp_update_rtt_min(w.sk, 1000);
	tcp_pass(&w, 400 * 1000 * 1000);
	tcp_ack_update_rtt(w.sk, FLAG_DATA_ACKED | FLAG_ACK_MAYBE_DELAYED,
			   40000, -1, 40000, &rs);
	assert_int_equal(tcp_min_rtt(w.tp), 1000);
	tcp_ack_update_rtt(w.sk, FLAG_DATA_ACKED, 40000, -1, 40000, &rs);
	assert_int_equal(tcp_min_rtt(w.tp), 40000);
	tcp_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TCP_TEST(the_first_sample_makes_three_times_itself),
		TCP_TEST(the_rto_is_never_under_200_ms_beyond_srtt),
		TCP_TEST(the_average_follows_an_eighth_at_a_time),
		TCP_TEST(the_rto_has_an_upper_bound),
		TCP_TEST(the_least_round_trip_is_kept_for_its_window),
		TCP_TEST(a_retransmitted_segment_gives_no_sample_without_timestamps),
		TCP_TEST(a_timestamp_tells_which_transmission_was_answered),
		TCP_TEST(a_delayed_ack_does_not_set_the_least_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
