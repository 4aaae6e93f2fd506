/* SPDX-License-Identifier: BSD-2-Clause */
/* Data in and out of order: queues, and the SACK blocks we send. */
#include "tests/tcp/tcp_test.h"

static void give(struct tcp_world *w, u32 off, u32 len)
{
	tcp_data_queue(w->sk, tcp_data(IRS + off, len));
}

/* The receive queue holds IRS.. in order and without gap, `len` bytes. */
static void expect_queued(struct tcp_world *w, u32 len)
{
	u32 seq = IRS;
	struct sk_buff *skb;

	assert_int_equal(w->tp->rcv_nxt - IRS, len);
	skb_queue_walk(&w->sk->receive_queue, skb) {
		u32 off = seq - TCP_SKB_CB(skb)->seq;

		for (u32 i = off; i < skb->len; i++) {
			u8 byte;

			assert_int_equal(skb_copy_bits(skb, i, &byte, 1,
						       COPY_LINEARIZE), 0);
			assert_int_equal(byte, (u8)(TCP_SKB_CB(skb)->seq + i));
		}
		seq = TCP_SKB_CB(skb)->end_seq;
	}
	assert_int_equal(seq - IRS, len);
}

static void expect_sack(struct tcp_world *w, u32 i, u32 start, u32 end)
{
	assert_true(i < w->tp->rx_opt.num_sacks);
	assert_int_equal(w->tp->selective_acks[i].start_seq - IRS, start);
	assert_int_equal(w->tp->selective_acks[i].end_seq - IRS, end);
}

static void expect_dsack(struct tcp_world *w, u32 start, u32 end)
{
	assert_true(w->tp->rx_opt.dsack);
	assert_int_equal(w->tp->duplicate_sack[0].start_seq - IRS, start);
	assert_int_equal(w->tp->duplicate_sack[0].end_seq - IRS, end);
}

static void data_in_order_is_queued_and_owed_an_ack(void **state)
{
	struct tcp_world w;

	tcp_begin(&w);
	give(&w, 0, 1000);
	give(&w, 1000, 500);
	expect_queued(&w, 1500);
	assert_true(w.tp->ack.pending & ICSK_ACK_SCHED);
	assert_int_equal(w.tp->bytes_received, 1500);
	tcp_end(&w);
}

static void a_hole_is_filled_from_the_tree(void **state)
{
	struct tcp_world w;

	tcp_begin(&w);
	give(&w, 1000, 1000);
	give(&w, 3000, 1000);
	expect_queued(&w, 0);
	assert_int_equal(w.tp->rx_opt.num_sacks, 2);
	expect_sack(&w, 0, 3000, 4000);
	expect_sack(&w, 1, 1000, 2000);
	give(&w, 2000, 1000);
	assert_int_equal(w.tp->rx_opt.num_sacks, 1);
	expect_sack(&w, 0, 1000, 4000);
	give(&w, 0, 1000);
	expect_queued(&w, 4000);
	assert_int_equal(w.tp->rx_opt.num_sacks, 0);
	assert_true(w.tp->ack.pending & ICSK_ACK_NOW);
	tcp_end(&w);
}

static void the_newest_block_comes_first(void **state)
{
	struct tcp_world w;

	tcp_begin(&w);
	give(&w, 1000, 500);
	give(&w, 2000, 500);
	give(&w, 3000, 500);
	give(&w, 1500, 100);
	expect_sack(&w, 0, 1000, 1600);
	expect_sack(&w, 1, 3000, 3500);
	expect_sack(&w, 2, 2000, 2500);
	tcp_end(&w);
}

static void the_oldest_block_is_forgotten(void **state)
{
	struct tcp_world w;

	tcp_begin(&w);
	for (u32 i = 1; i <= 5; i++)
		give(&w, i * 2000, 500);
	assert_int_equal(w.tp->rx_opt.num_sacks, TCP_NUM_SACKS);
	expect_sack(&w, 0, 10000, 10500);
	expect_sack(&w, 3, 4000, 4500);
	tcp_end(&w);
}

static void old_data_is_reported_as_dsack(void **state)
{
	struct tcp_world w;

	tcp_begin(&w);
	give(&w, 0, 1000);
	give(&w, 200, 300);
	expect_dsack(&w, 200, 500);
	expect_queued(&w, 1000);
	assert_int_equal(net_read_stats(w.net, MIB(TcpExt, TCPDSACKOldSent)), 1);
	tcp_end(&w);
}

static void what_is_old_of_a_segment_is_reported_the_rest_taken(void **state)
{
	struct tcp_world w;

	tcp_begin(&w);
	give(&w, 0, 1000);
	give(&w, 600, 1000);
	expect_dsack(&w, 600, 1000);
	expect_queued(&w, 1600);
	tcp_end(&w);
}

static void a_duplicate_behind_a_hole_is_reported(void **state)
{
	struct tcp_world w;

	tcp_begin(&w);
	give(&w, 1000, 1000);
	give(&w, 1200, 300);
	expect_dsack(&w, 1200, 1500);
	expect_sack(&w, 0, 1000, 2000);
	assert_int_equal(net_read_stats(w.net, MIB(TcpExt, TCPOFOMerge)), 1);
	tcp_end(&w);
}

static void a_larger_segment_replaces_what_it_covers(void **state)
{
	struct tcp_world w;

	tcp_begin(&w);
	give(&w, 1000, 100);
	give(&w, 1300, 100);
	give(&w, 1600, 100);
	give(&w, 900, 900);
	expect_sack(&w, 0, 900, 1800);
	assert_int_equal(w.tp->rx_opt.num_sacks, 1);
	give(&w, 0, 900);
	expect_queued(&w, 1800);
	tcp_end(&w);
}

static void data_behind_the_window_is_not_taken(void **state)
{
	struct tcp_world w;

	tcp_begin(&w);
	w.tp->rcv_wnd = 1000;
	give(&w, 1000, 100);
	assert_true(RB_EMPTY_ROOT(&w.tp->out_of_order_queue));
	assert_true(w.tp->ack.pending & ICSK_ACK_SCHED);
	tcp_end(&w);
}

static void a_closed_window_takes_nothing(void **state)
{
	struct tcp_world w;

	tcp_begin(&w);
	w.tp->rcv_wnd = 0;
	give(&w, 0, 100);
	expect_queued(&w, 0);
	assert_int_equal(net_read_stats(w.net, MIB(TcpExt, TCPZeroWindowDrop)),
			 1);
	assert_int_equal(this_percpu()->drops[SKB_DROP_REASON_TCP_ZEROWINDOW],
			 1);
	tcp_end(&w);
}

/* Every order of arrival, with overlaps, ends in the same stream. */
static void any_order_gives_the_stream(void **state)
{
	struct tcp_world w;
	u32 seed = 12345;

	for (int round = 0; round < 200; round++) {
		tcp_begin(&w);
		for (int i = 0; i < 60; i++) {
			u32 off, len;

			seed = seed * 1664525 + 1013904223;
			off = (seed >> 8) % 5000;
			len = (seed >> 24) * 4 + 1;
			if (off + len > 5000)
				len = 5000 - off;
			if (before(IRS + off + len, w.tp->rcv_nxt + 1))
				continue;
			give(&w, off, len);
		}
		for (u32 off = 0; off < 5000; off += 1000)
			give(&w, off, 1000);
		expect_queued(&w, 5000);
		assert_true(RB_EMPTY_ROOT(&w.tp->out_of_order_queue));
		assert_int_equal(w.tp->rx_opt.num_sacks, 0);
		tcp_end(&w);
	}
}

static void memory_pressure_gives_up_what_is_farthest(void **state)
{
	struct tcp_world w;

	tcp_begin(&w);
	w.sk->userlocks |= SOCK_RCVBUF_LOCK;
	w.sk->rcvbuf = 12000;
	for (u32 i = 1; i <= 8; i++)
		give(&w, i * 2000, 1000);
	assert_int_equal(tcp_prune_queue(w.sk, skb_rb_first(
				&w.tp->out_of_order_queue)), 0);
	assert_true((s32)sk_rmem_alloc_get(w.sk) <= w.sk->rcvbuf);
	assert_int_equal(w.tp->rx_opt.num_sacks, 0);
	assert_int_equal(TCP_SKB_CB(skb_rb_first(
				&w.tp->out_of_order_queue))->seq - IRS, 2000);
	tcp_end(&w);
}

static void small_packets_are_collapsed(void **state)
{
	struct tcp_world w;
	u32 before_it;

	tcp_begin(&w);
	w.sk->userlocks |= SOCK_RCVBUF_LOCK;
	for (u32 i = 0; i < 64; i++) {
		struct sk_buff *skb = tcp_data(IRS + i * 10, 10);

		/* a page for ten bytes: what a driver may give us */
		skb->truesize = 4096;
		skb_pull(skb, 20);
		w.tp->rcv_nxt = TCP_SKB_CB(skb)->end_seq;
		__skb_queue_tail(&w.sk->receive_queue, skb);
		skb_set_owner_r(skb, w.sk);
	}
	before_it = sk_rmem_alloc_get(w.sk);
	w.sk->rcvbuf = 65536;
	assert_int_equal(tcp_prune_queue(w.sk,
					 skb_peek(&w.sk->receive_queue)), 0);
	assert_true(sk_rmem_alloc_get(w.sk) < before_it / 10);
	expect_queued(&w, 640);
	tcp_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TCP_TEST(data_in_order_is_queued_and_owed_an_ack),
		TCP_TEST(a_hole_is_filled_from_the_tree),
		TCP_TEST(the_newest_block_comes_first),
		TCP_TEST(the_oldest_block_is_forgotten),
		TCP_TEST(old_data_is_reported_as_dsack),
		TCP_TEST(what_is_old_of_a_segment_is_reported_the_rest_taken),
		TCP_TEST(a_duplicate_behind_a_hole_is_reported),
		TCP_TEST(a_larger_segment_replaces_what_it_covers),
		TCP_TEST(data_behind_the_window_is_not_taken),
		TCP_TEST(a_closed_window_takes_nothing),
		TCP_TEST(any_order_gives_the_stream),
		TCP_TEST(memory_pressure_gives_up_what_is_farthest),
		TCP_TEST(small_packets_are_collapsed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
