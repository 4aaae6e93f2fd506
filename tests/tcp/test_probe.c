/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions of the sender that need no network: Nagle, window, backoff, TSO
 * sizes, how long SYN-ACKs are deferred. */
#include "tcp/tcp_test.h"
#include "tcp/tcp_out.h"

static struct sk_buff *to_send(u32 seq, u32 len)
{
	struct sk_buff *skb = alloc_skb(len);

	assert_non_null(skb);
	skb_put(skb, len);
	memset(skb->cb, 0, sizeof(skb->cb));
	TCP_SKB_CB(skb)->seq = seq;
	TCP_SKB_CB(skb)->end_seq = seq + len;
	return skb;
}

static void one_small_segment_may_be_on_its_way(void **state)
{
	struct tcp_world w;
	struct sk_buff *skb;

	tcp_begin(&w);
	skb = to_send(ISS, 100);
	assert_true(tcp_nagle_test(w.tp, skb, 1000, 0));
	w.tp->packets_out = 1;
	assert_true(tcp_nagle_test(w.tp, skb, 1000, 0)); /* that was full */
	w.tp->snd_una = ISS;
	w.tp->snd_nxt = w.tp->snd_sml = ISS + 50;
	w.tp->snd_up = w.tp->snd_una;
	assert_false(tcp_nagle_test(w.tp, skb, 1000, 0));
	assert_true(tcp_nagle_test(w.tp, skb, 1000, TCP_NAGLE_OFF));
	assert_true(tcp_nagle_test(w.tp, skb, 100, 0));	/* a full one */
	w.tp->snd_una = ISS + 50;
	w.tp->snd_up = w.tp->snd_una;
	assert_true(tcp_nagle_test(w.tp, skb, 1000, 0));
	consume_skb(skb);
	tcp_end(&w);
}

static void a_cork_holds_all_but_full_segments_and_the_end(void **state)
{
	struct tcp_world w;
	struct sk_buff *skb;

	tcp_begin(&w);
	w.tp->snd_up = w.tp->snd_una;
	skb = to_send(ISS, 100);
	assert_false(tcp_nagle_test(w.tp, skb, 1000, TCP_NAGLE_CORK));
	assert_false(tcp_nagle_test(w.tp, skb, 1000,
				    TCP_NAGLE_CORK | TCP_NAGLE_OFF));
	assert_true(tcp_nagle_test(w.tp, skb, 1000,
				   TCP_NAGLE_CORK | TCP_NAGLE_PUSH));
	TCP_SKB_CB(skb)->flags = TCPHDR_FIN;
	assert_true(tcp_nagle_test(w.tp, skb, 1000, TCP_NAGLE_CORK));
	consume_skb(skb);
	tcp_end(&w);
}

static void the_first_segment_must_lie_in_the_window(void **state)
{
	struct tcp_world w;
	struct sk_buff *skb;

	tcp_begin(&w);
	skb = to_send(ISS, 3000);
	w.tp->snd_una = ISS;
	w.tp->snd_wnd = 1000;
	assert_true(tcp_snd_wnd_test(w.tp, skb, 1000));
	w.tp->snd_wnd = 999;
	assert_false(tcp_snd_wnd_test(w.tp, skb, 1000));
	consume_skb(skb);
	tcp_end(&w);
}

static void probes_of_a_closed_window_back_off_to_a_bound(void **state)
{
	struct tcp_world w;

	tcp_begin(&w);
	w.tp->rto = 300 * NSEC_PER_MSEC;
	assert_int_equal(tcp_probe0_when(w.sk, TCP_RTO_MAX),
			 300 * NSEC_PER_MSEC);
	w.tp->backoff = 3;
	assert_int_equal(tcp_probe0_when(w.sk, TCP_RTO_MAX),
			 2400 * NSEC_PER_MSEC);
	w.tp->backoff = 31;
	assert_int_equal(tcp_probe0_when(w.sk, TCP_RTO_MAX), TCP_RTO_MAX);
	w.tp->rto = 10 * NSEC_PER_MSEC;
	w.tp->backoff = 0;
	assert_int_equal(tcp_probe0_when(w.sk, TCP_RTO_MAX), TCP_RTO_MIN);
	tcp_end(&w);
}

static void seconds_of_deferring_become_syn_acks(void **state)
{
	struct tcp_world w;

	tcp_begin(&w);
	assert_int_equal(tcp_defer_tries(w.tp), 0);
	w.tp->defer_accept_s = 1;
	assert_int_equal(tcp_defer_tries(w.tp), 1);
	w.tp->defer_accept_s = 3;
	assert_int_equal(tcp_defer_tries(w.tp), 2);
	w.tp->defer_accept_s = 5;
	assert_int_equal(tcp_defer_tries(w.tp), 3);
	tcp_end(&w);
}

static void segments_are_counted_by_what_they_carry(void **state)
{
	struct sk_buff *skb;
	struct tcp_world w;

	tcp_begin(&w);
	skb = to_send(ISS, 2500);
	assert_int_equal(tcp_set_skb_tso_segs(skb, 1000), 3);
	assert_int_equal(tcp_skb_mss(skb), 1000);
	assert_int_equal(tcp_set_skb_tso_segs(skb, 2500), 1);
	assert_int_equal(tcp_skb_mss(skb), 0);
	consume_skb(skb);
	tcp_end(&w);
}

static void a_packet_is_about_a_millisecond_at_the_present_rate(void **state)
{
	struct tcp_world w;

	tcp_begin(&w);
	w.net->tcp->min_tso_segs = 2;
	w.net->tcp->tso_rtt_log = 9;
	w.sk->gso_max_segs = 64;
	w.sk->gso_max_size = 65000;
	w.sk->pacing_shift = 10;
	w.sk->pacing_rate = 10 * 1000 * 1024;	/* 10000 bytes in 1/1024 s */
	tcp_update_rtt_min(w.sk, 100000);
	assert_int_equal(tcp_tso_segs(w.sk, 1000), 10);
	w.sk->pacing_rate = 1000;
	assert_int_equal(tcp_tso_segs(w.sk, 1000), 2);
	w.sk->pacing_rate = ~0ull;
	assert_int_equal(tcp_tso_segs(w.sk, 1000), 64);
	tcp_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TCP_TEST(one_small_segment_may_be_on_its_way),
		TCP_TEST(a_cork_holds_all_but_full_segments_and_the_end),
		TCP_TEST(the_first_segment_must_lie_in_the_window),
		TCP_TEST(probes_of_a_closed_window_back_off_to_a_bound),
		TCP_TEST(seconds_of_deferring_become_syn_acks),
		TCP_TEST(segments_are_counted_by_what_they_carry),
		TCP_TEST(a_packet_is_about_a_millisecond_at_the_present_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
