/* SPDX-License-Identifier: BSD-2-Clause */
/* SACK blocks received: what they mark, D-SACK, RACK. */
#include "tests/tcp/tcp_test.h"

struct ack {
	struct tcp_sacktag_state state;
	struct rate_sample rs;
	int flag;
};

/* An ACK of `ack` (from ISS) with n blocks (from ISS) given as pairs. */
static struct ack sack(struct tcp_world *w, u32 ack, u32 n, const u32 *blocks)
{
	u8 opts[36] = { 1, 1, 5, (u8)(2 + 8 * n) };
	struct ack a = { .state.reord = w->tp->snd_nxt };
	struct sk_buff *skb;

	for (u32 i = 0; i < 2 * n; i++)
		put_unaligned_be32(ISS + blocks[i], opts + 4 + 4 * i);
	skb = tcp_segment(IRS, ISS + ack, TCPHDR_ACK, 0, opts, 4 + 8 * n);
	tcp_parse_options(skb, &w->tp->rx_opt, true);
	a.state.rate = &a.rs;
	a.flag = tcp_sacktag_write_queue(w->sk, skb, w->tp->snd_una, &a.state);
	consume_skb(skb);
	return a;
}
#define SACK(w, ack, ...) \
	sack(w, ack, sizeof((u32[]){ __VA_ARGS__ }) / 8, \
	     (const u32[]){ __VA_ARGS__ })

static bool sacked(const struct sk_buff *skb)
{
	return TCP_SKB_CB(skb)->sacked & TCPCB_SACKED_ACKED;
}

static bool lost(const struct sk_buff *skb)
{
	return TCP_SKB_CB(skb)->sacked & TCPCB_LOST;
}

static void a_block_marks_the_packets_it_covers(void **state)
{
	struct sk_buff *p[5];
	struct tcp_world w;
	struct ack a;

	tcp_begin(&w);
	for (int i = 0; i < 5; i++)
		p[i] = tcp_sent(&w, 1, 1000);
	a = SACK(&w, 0, 1000, 3000);
	assert_true(!sacked(p[0]) && sacked(p[1]) && sacked(p[2]) &&
		    !sacked(p[3]));
	assert_int_equal(w.tp->sacked_out, 2);
	assert_int_equal(a.state.sack_delivered, 2);
	assert_true(a.flag & FLAG_DATA_SACKED);
	assert_int_equal(tcp_highest_sack_seq(w.tp), ISS + 3000);
	tcp_end(&w);
}

static void a_packet_covered_in_part_is_not_marked(void **state)
{
	struct sk_buff *p[3];
	struct tcp_world w;

	tcp_begin(&w);
	for (int i = 0; i < 3; i++)
		p[i] = tcp_sent(&w, 1, 1000);
	SACK(&w, 0, 1000, 2500);
	assert_true(sacked(p[1]) && !sacked(p[2]));
	/* and when the rest comes, it is, though most of it was cached */
	SACK(&w, 0, 1000, 3000);
	assert_true(sacked(p[2]));
	tcp_end(&w);
}

static void repeated_blocks_count_once(void **state)
{
	struct tcp_world w;
	struct ack a;

	tcp_begin(&w);
	for (int i = 0; i < 6; i++)
		tcp_sent(&w, 1, 1000);
	SACK(&w, 0, 1000, 2000);
	a = SACK(&w, 0, 4000, 5000, 1000, 2000);
	assert_int_equal(a.state.sack_delivered, 1);
	assert_int_equal(w.tp->sacked_out, 2);
	a = SACK(&w, 0, 1000, 5000);
	assert_int_equal(a.state.sack_delivered, 2);
	assert_int_equal(w.tp->sacked_out, 4);
	tcp_end(&w);
}

static void blocks_of_what_was_never_sent_are_discarded(void **state)
{
	struct tcp_world w;

	tcp_begin(&w);
	tcp_sent(&w, 1, 1000);
	SACK(&w, 0, 500, 5000);
	SACK(&w, 0, 900, 800);
	assert_int_equal(w.tp->sacked_out, 0);
	assert_int_equal(net_read_stats(w.net, MIB(TcpExt, TCPSACKDiscard)), 2);
	tcp_end(&w);
}

static void holes_filled_late_are_reordering(void **state)
{
	struct tcp_world w;

	tcp_begin(&w);
	for (int i = 0; i < 8; i++)
		tcp_sent(&w, 1, 1000);
	SACK(&w, 0, 6000, 7000);
	SACK(&w, 0, 1000, 2000, 6000, 7000);
	assert_int_equal(w.tp->reord_seen, 1);
	assert_int_equal(w.tp->reordering, 6);
	tcp_end(&w);
}

static void a_block_below_the_ack_is_a_dsack(void **state)
{
	struct tcp_world w;
	struct ack a;

	tcp_begin(&w);
	for (int i = 0; i < 4; i++)
		tcp_sent(&w, 1, 1000);
	w.tp->total_retrans = 1;
	w.tp->undo_marker = ISS;
	w.tp->undo_retrans = 1;
	w.tp->snd_una = ISS + 2000;
	a = SACK(&w, 2000, 1000, 2000);
	assert_true(a.flag & FLAG_DSACKING_ACK);
	assert_int_equal(w.tp->undo_retrans, 0);
	assert_int_equal(w.tp->sacked_out, 0);
	tcp_end(&w);
}

static void a_dsack_of_what_was_sent_once_is_dubious(void **state)
{
	struct tcp_world w;
	struct ack a;

	tcp_begin(&w);
	tcp_sent(&w, 2, 1000);
	w.tp->snd_una = ISS + 1000;
	a = SACK(&w, 1000, 0, 1000);
	assert_false(a.flag & FLAG_DSACKING_ACK);
	assert_int_equal(net_read_stats(w.net,
				MIB(TcpExt, TCPDSACKIgnoredDubious)), 1);
	tcp_end(&w);
}

static void a_sacked_retransmission_is_no_longer_lost(void **state)
{
	struct sk_buff *p;
	struct tcp_world w;

	tcp_begin(&w);
	p = tcp_sent(&w, 1, 1000);
	tcp_sent(&w, 1, 1000);
	tcp_mark_skb_lost(w.sk, p);
	TCP_SKB_CB(p)->sacked |= TCPCB_RETRANS;
	w.tp->retrans_out = 1;
	w.tp->snd_una = ISS - 1;
	SACK(&w, 0, 0, 1000);
	assert_int_equal(w.tp->lost_out, 0);
	assert_int_equal(w.tp->retrans_out, 0);
	tcp_end(&w);
}

static void rack_finds_lost_what_was_sent_before_the_delivered(void **state)
{
	struct sk_buff *p[5];
	struct tcp_world w;

	tcp_begin(&w);
	for (int i = 0; i < 5; i++)
		p[i] = tcp_sent(&w, 1, 10000u - 10u * (u32)i);
	w.tp->srtt_us = 10000 << 3;
	tcp_update_rtt_min(w.sk, 10000);
	/* three SACKed: no reordering window */
	SACK(&w, 0, 1000, 4000);
	assert_false(tcp_rack_mark_lost(w.sk));
	assert_true(lost(p[0]) && !lost(p[4]));
	assert_int_equal(w.tp->lost_out, 1);
	tcp_end(&w);
}

static void rack_waits_where_packets_are_reordered(void **state)
{
	struct sk_buff *p[3];
	struct tcp_world w;

	tcp_begin(&w);
	for (int i = 0; i < 3; i++)
		p[i] = tcp_sent(&w, 1, 10000);
	w.tp->reord_seen = 1;
	w.tp->srtt_us = 10000 << 3;
	tcp_update_rtt_min(w.sk, 10000);
	SACK(&w, 0, 1000, 3000);
	w.tp->pending = ICSK_TIME_RETRANS;	/* it sets no timer */
	/* a quarter of the least round trip more than it took the others */
	tcp_pass(&w, 2400);
	w.tp->rack.advanced = true;
	tcp_rack_reo_timeout(w.sk);
	assert_false(lost(p[0]));
	tcp_end(&w);
}

static void dsacks_widen_the_reordering_window(void **state)
{
	struct rate_sample rs = { .prior_delivered = 5 };
	struct tcp_world w;

	tcp_begin(&w);
	w.tp->rack.dsack_seen = true;
	w.tp->delivered = 9;
	tcp_rack_update_reo_wnd(w.sk, &rs);
	assert_int_equal(w.tp->rack.reo_wnd_steps, 2);
	assert_int_equal(w.tp->rack.reo_wnd_persist, 16);
	/* the same round trip */
	w.tp->rack.dsack_seen = true;
	tcp_rack_update_reo_wnd(w.sk, &rs);
	assert_int_equal(w.tp->rack.reo_wnd_steps, 2);
	tcp_end(&w);
}

static void duplicate_acks_stand_for_packets_without_sack(void **state)
{
	struct sk_buff *p;
	struct tcp_world w;

	tcp_begin(&w);
	w.tp->rx_opt.sack_ok = 0;
	p = tcp_sent(&w, 1, 1000);
	for (int i = 0; i < 4; i++)
		tcp_sent(&w, 1, 1000);
	tcp_add_reno_sack(w.sk, 2, false);
	tcp_newreno_mark_lost(w.sk, false);
	assert_false(lost(p));
	tcp_add_reno_sack(w.sk, 1, false);
	tcp_newreno_mark_lost(w.sk, false);
	assert_true(lost(p));
	assert_int_equal(tcp_packets_in_flight(w.tp), 1);
	tcp_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TCP_TEST(a_block_marks_the_packets_it_covers),
		TCP_TEST(a_packet_covered_in_part_is_not_marked),
		TCP_TEST(repeated_blocks_count_once),
		TCP_TEST(blocks_of_what_was_never_sent_are_discarded),
		TCP_TEST(holes_filled_late_are_reordering),
		TCP_TEST(a_block_below_the_ack_is_a_dsack),
		TCP_TEST(a_dsack_of_what_was_sent_once_is_dubious),
		TCP_TEST(a_sacked_retransmission_is_no_longer_lost),
		TCP_TEST(rack_finds_lost_what_was_sent_before_the_delivered),
		TCP_TEST(rack_waits_where_packets_are_reordered),
		TCP_TEST(dsacks_widen_the_reordering_window),
		TCP_TEST(duplicate_acks_stand_for_packets_without_sack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
