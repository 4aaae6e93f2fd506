/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of received segments, and PAWS. */
#include "tests/tcp/tcp_test.h"

static struct tcp_options_received parse(const u8 *opts, u32 len, u8 flags,
					 bool estab, bool agreed)
{
	struct tcp_options_received o = { .tstamp_ok = agreed,
					  .sack_ok = agreed };
	struct sk_buff *skb = tcp_segment(1, 1, flags, 0, opts, len);

	tcp_parse_options(skb, &o, estab);
	consume_skb(skb);
	return o;
}

static void the_options_of_a_syn_are_understood(void **state)
{
	static const u8 opts[] = { 2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0, 0, 9, 0,
				   0, 0, 7, 1, 3, 3, 7 };
	struct tcp_options_received o;
	struct tcp_world w;

	tcp_begin(&w);
	o = parse(opts, sizeof(opts), TCPHDR_SYN, false, false);
	assert_int_equal(o.mss_clamp, 1460);
	assert_true(o.sack_ok && o.wscale_ok && o.saw_tstamp);
	assert_int_equal(o.snd_wscale, 7);
	assert_int_equal(o.rcv_tsval, 9);
	assert_int_equal(o.rcv_tsecr, 7);
	tcp_end(&w);
}

static void a_shift_over_14_is_taken_as_14(void **state)
{
	static const u8 opts[] = { 3, 3, 200, 1 };
	struct tcp_world w;

	tcp_begin(&w);
	assert_int_equal(parse(opts, 4, TCPHDR_SYN, false, false).snd_wscale,
			 14);
	tcp_end(&w);
}

static void options_of_a_syn_mean_nothing_later(void **state)
{
	static const u8 opts[] = { 2, 4, 2, 0, 3, 3, 2, 1, 4, 2, 1, 1 };
	struct tcp_options_received o;
	struct tcp_world w;

	tcp_begin(&w);
	o = parse(opts, sizeof(opts), TCPHDR_ACK, true, false);
	assert_int_equal(o.mss_clamp, 0);
	assert_false(o.wscale_ok);
	assert_false(o.sack_ok);
	tcp_end(&w);
}

static void timestamps_not_agreed_on_are_ignored(void **state)
{
	static const u8 opts[] = { 1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2 };
	struct tcp_world w;

	tcp_begin(&w);
	assert_false(parse(opts, 12, TCPHDR_ACK, true, false).saw_tstamp);
	assert_true(parse(opts, 12, TCPHDR_ACK, true, true).saw_tstamp);
	tcp_end(&w);
}

static void impossible_lengths_end_the_walk(void **state)
{
	static const u8 zero[] = { 99, 0, 1, 1 }, one[] = { 99, 1, 1, 1 };
	static const u8 beyond[] = { 1, 1, 8, 10 }, last[] = { 1, 1, 1, 8 };
	struct tcp_world w;

	tcp_begin(&w);
	parse(zero, 4, TCPHDR_SYN, false, true);
	parse(one, 4, TCPHDR_SYN, false, true);
	assert_false(parse(beyond, 4, TCPHDR_ACK, true, true).saw_tstamp);
	parse(last, 4, TCPHDR_ACK, true, true);
	tcp_end(&w);
}

static void what_follows_an_unknown_option_is_seen(void **state)
{
	static const u8 opts[] = { 77, 5, 1, 2, 3, 2, 4, 1, 0, 1, 1, 1 };
	struct tcp_options_received o;
	struct tcp_world w;

	tcp_begin(&w);
	o = parse(opts, sizeof(opts), TCPHDR_SYN, false, false);
	assert_true(o.saw_unknown);
	assert_int_equal(o.mss_clamp, 256);
	tcp_end(&w);
}

static void the_programs_mss_bounds_the_peers(void **state)
{
	static const u8 opts[] = { 2, 4, 0x05, 0xb4 };
	struct tcp_options_received o = { .user_mss = 700 };
	struct sk_buff *skb;
	struct tcp_world w;

	tcp_begin(&w);
	skb = tcp_segment(1, 0, TCPHDR_SYN, 0, opts, 4);
	tcp_parse_options(skb, &o, false);
	assert_int_equal(o.mss_clamp, 700);
	consume_skb(skb);
	tcp_end(&w);
}

static void aligned_timestamps_are_found_and_put_on_our_clock(void **state)
{
	static const u8 opts[] = { 1, 1, 8, 10, 0, 0, 0, 5, 0, 0, 1, 0 };
	struct sk_buff *skb;
	struct tcp_world w;

	tcp_begin(&w);
	w.tp->rx_opt.tstamp_ok = 1;
	w.tp->tsoffset = 0x50;
	skb = tcp_segment(IRS, ISS, TCPHDR_ACK, 0, opts, 12);
	assert_true(tcp_fast_parse_options(w.tp, skb, tcp_hdr(skb)));
	assert_int_equal(w.tp->rx_opt.rcv_tsval, 5);
	assert_int_equal(w.tp->rx_opt.rcv_tsecr, 0x100 - 0x50);
	consume_skb(skb);
	tcp_end(&w);
}

static void old_timestamps_are_rejected_for_24_days(void **state)
{
	struct tcp_options_received o = { .ts_recent = 100,
					  .ts_recent_stamp = 1000,
					  .rcv_tsval = 99 };

	assert_true(tcp_paws_reject(&o, false, 1001));
	assert_false(tcp_paws_reject(&o, false, 1000 + TCP_PAWS_24DAYS_S));
	o.rcv_tsval = 100;
	assert_false(tcp_paws_reject(&o, false, 1001));
}

static void a_late_reset_is_not_held_to_its_timestamp(void **state)
{
	struct tcp_options_received o = { .ts_recent = 100,
					  .ts_recent_stamp = 1000,
					  .rcv_tsval = 50 };

	assert_true(tcp_paws_reject(&o, true, 1000 + TCP_PAWS_MSL_S));
	assert_false(tcp_paws_reject(&o, true, 1001 + TCP_PAWS_MSL_S));
}

static void the_timestamp_clock_may_wrap(void **state)
{
	struct tcp_options_received o = { .ts_recent = 0xfffffff0u,
					  .ts_recent_stamp = 1,
					  .rcv_tsval = 5 };

	assert_false(tcp_paws_reject(&o, false, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TCP_TEST(the_options_of_a_syn_are_understood),
		TCP_TEST(a_shift_over_14_is_taken_as_14),
		TCP_TEST(options_of_a_syn_mean_nothing_later),
		TCP_TEST(timestamps_not_agreed_on_are_ignored),
		TCP_TEST(impossible_lengths_end_the_walk),
		TCP_TEST(what_follows_an_unknown_option_is_seen),
		TCP_TEST(the_programs_mss_bounds_the_peers),
		TCP_TEST(aligned_timestamps_are_found_and_put_on_our_clock),
		TCP_TEST(old_timestamps_are_rejected_for_24_days),
		TCP_TEST(a_late_reset_is_not_held_to_its_timestamp),
		TCP_TEST(the_timestamp_clock_may_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
