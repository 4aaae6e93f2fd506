/* SPDX-License-Identifier: BSD-2-Clause */
/* Options as they are written: their order, their NOPs, what fits. */
#include "tcp/tcp_test.h"
#include "tcp/tcp_out.h"

static void written(const struct tcp_out_options *o, u32 len, const u8 *want,
		    u32 want_len)
{
	u8 buf[MAX_TCP_OPTION_SPACE + 8];

	memset(buf, 0xee, sizeof(buf));
	tcp_options_write(buf, o);
	assert_int_equal(len, want_len);
	assert_memory_equal(buf, want, want_len);
	assert_int_equal(buf[want_len], 0xee);	/* and not one byte more */
}

static void a_syn_has_mss_sack_timestamp_scale_in_this_order(void **state)
{
	const u8 want[] = { 2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0, 0, 5,
			    0, 0, 0, 0, 1, 3, 3, 7 };
	struct tcp_out_options o;
	struct tcp_world w;
	struct sk_buff *skb;
	u32 len;

	tcp_begin(&w);
	w.tp->advmss = 1460;
	w.tp->rx_opt.rcv_wscale = 7;
	skb = alloc_skb(0);
	assert_non_null(skb);
	skb->tstamp = 5 * NSEC_PER_MSEC;
	len = tcp_syn_options(w.sk, skb, &o);
	written(&o, len, want, sizeof(want));
	consume_skb(skb);
	tcp_end(&w);
}

static void without_timestamps_nops_stand_before_sack(void **state)
{
	const u8 want[] = { 2, 4, 0x05, 0xb4, 1, 1, 4, 2, 1, 3, 3, 7 };
	struct tcp_out_options o;
	struct tcp_world w;
	u32 len;

	tcp_begin(&w);
	w.net->tcp->timestamps = 0;
	w.tp->advmss = 1460;
	w.tp->rx_opt.rcv_wscale = 7;
	len = tcp_syn_options(w.sk, NULL, &o);
	written(&o, len, want, sizeof(want));
	tcp_end(&w);
}

static void a_syn_ack_has_only_what_the_syn_had(void **state)
{
	const u8 want[] = { 2, 4, 0x02, 0x18, 1, 3, 3, 4 };
	struct request_sock req = { .wscale_ok = 1, .rcv_wscale = 4 };
	struct tcp_out_options o;
	struct tcp_world w;
	u32 len;

	tcp_begin(&w);
	len = tcp_synack_options(w.sk, &req, 536, NULL, &o);
	written(&o, len, want, sizeof(want));
	tcp_end(&w);
}

static void a_fast_open_cookie_ends_on_a_whole_word(void **state)
{
	const u8 want[] = { 2, 4, 0x02, 0x18, 34, 6, 0xab, 0xcd, 0x12, 0x34,
			    1, 1 };
	struct tcp_fastopen_cookie c = { .len = 4,
					 .val = { 0xab, 0xcd, 0x12, 0x34 } };
	struct request_sock req = { .mss = 0 };
	struct tcp_out_options o;
	struct tcp_world w;
	u32 len;

	tcp_begin(&w);
	len = tcp_synack_options(w.sk, &req, 536, &c, &o);
	written(&o, len, want, sizeof(want));
	c.len = TCP_FASTOPEN_NO_OPTION;
	assert_int_equal(tcp_synack_options(w.sk, &req, 536, &c, &o), 4);
	tcp_end(&w);
}

static void a_data_segment_has_its_timestamp_aligned(void **state)
{
	const u8 want[] = { 1, 1, 8, 10, 0, 0, 1, 0, 0, 0, 0, 9 };
	struct tcp_out_options o;
	struct tcp_world w;
	struct sk_buff *skb;
	u32 len;

	tcp_begin(&w);
	w.tp->rx_opt.tstamp_ok = 1;
	w.tp->rx_opt.ts_recent = 9;
	w.tp->tsoffset = 0xf0;
	skb = alloc_skb(0);
	assert_non_null(skb);
	skb->tstamp = 16 * NSEC_PER_MSEC;
	len = tcp_established_options(w.sk, skb, &o);
	written(&o, len, want, sizeof(want));
	consume_skb(skb);
	tcp_end(&w);
}

static void a_dsack_stands_before_the_blocks(void **state)
{
	const u8 want[] = { 1, 1, 5, 18, 0, 0, 0, 1, 0, 0, 0, 2,
			    0, 0, 0, 7, 0, 0, 0, 9 };
	struct tcp_out_options o;
	struct tcp_world w;
	u32 len;

	tcp_begin(&w);
	w.tp->rx_opt.dsack = 1;
	w.tp->duplicate_sack[0] = (struct tcp_sack_block){ 1, 2 };
	w.tp->rx_opt.num_sacks = 1;
	w.tp->selective_acks[0] = (struct tcp_sack_block){ 7, 9 };
	len = tcp_established_options(w.sk, NULL, &o);
	written(&o, len, want, sizeof(want));
	tcp_end(&w);
}

static void three_blocks_fit_beside_a_timestamp_and_four_alone(void **state)
{
	struct tcp_out_options o;
	struct tcp_world w;

	tcp_begin(&w);
	w.tp->rx_opt.num_sacks = 4;
	assert_int_equal(tcp_established_options(w.sk, NULL, &o), 36);
	assert_int_equal(o.num_sacks, 4);
	w.tp->rx_opt.tstamp_ok = 1;
	assert_int_equal(tcp_established_options(w.sk, NULL, &o), 40);
	assert_int_equal(o.num_sacks, 3);
	tcp_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TCP_TEST(a_syn_has_mss_sack_timestamp_scale_in_this_order),
		TCP_TEST(without_timestamps_nops_stand_before_sack),
		TCP_TEST(a_syn_ack_has_only_what_the_syn_had),
		TCP_TEST(a_fast_open_cookie_ends_on_a_whole_word),
		TCP_TEST(a_data_segment_has_its_timestamp_aligned),
		TCP_TEST(a_dsack_stands_before_the_blocks),
		TCP_TEST(three_blocks_fit_beside_a_timestamp_and_four_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
