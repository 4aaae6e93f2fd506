/* SPDX-License-Identifier: BSD-2-Clause */
/* The window offered: scaling, silly window avoidance, no way back. */
#include "tcp/tcp_test.h"

static void window_world(struct tcp_world *w)
{
	tcp_begin(w);
	w->sk->rcvbuf = 131072;		/* 65536 of them for payload */
	w->tp->rcv_ssthresh = 65535;
	w->tp->ack.rcv_mss = 1460;
}

static void half_of_the_buffer_is_payload_at_first(void **state)
{
	struct tcp_world w;

	window_world(&w);
	assert_int_equal(tcp_full_space(w.sk), 65536);
	assert_int_equal(tcp_space(w.sk), 65536);
	w.sk->rmem_alloc = 131072 + 1;
	assert_int_equal(tcp_space(w.sk), 0);
	w.sk->rmem_alloc = 0;
	tcp_end(&w);
}

static void the_first_window_is_whole_segments_of_at_most_64k(void **state)
{
	u32 wnd, clamp = 0;
	struct tcp_world w;
	u8 shift;

	window_world(&w);
	tcp_select_initial_window(w.sk, 65536, 1460, &wnd, &clamp, true,
				  &shift, 0);
	assert_int_equal(wnd, 64240);
	clamp = 0;
	tcp_select_initial_window(w.sk, 270000, 1460, &wnd, &clamp, true,
				  &shift, 0);
	assert_int_equal(wnd, 65535);
	tcp_end(&w);
}

static void the_shift_lets_the_largest_buffer_be_offered(void **state)
{
	u32 wnd, clamp = 0;
	struct tcp_world w;
	u8 shift;

	window_world(&w);
	w.net->tcp->rmem[2] = 15728640;
	tcp_select_initial_window(w.sk, 65536, 1460, &wnd, &clamp, true,
				  &shift, 0);
	assert_int_equal(shift, 8);
	assert_int_equal(clamp, 0xffffu << 8);
	clamp = 0;
	tcp_select_initial_window(w.sk, 65536, 1460, &wnd, &clamp, false,
				  &shift, 0);
	assert_int_equal(shift, 0);
	assert_int_equal(clamp, 0xffff);
	tcp_end(&w);
}

static void a_route_may_limit_the_first_window_in_segments(void **state)
{
	u32 wnd, clamp = 0;
	struct tcp_world w;
	u8 shift;

	window_world(&w);
	tcp_select_initial_window(w.sk, 65536, 1000, &wnd, &clamp, true,
				  &shift, 4);
	assert_int_equal(wnd, 4000);
	tcp_end(&w);
}

static void what_was_offered_is_not_taken_back(void **state)
{
	struct tcp_world w;

	window_world(&w);
	w.tp->rcv_wnd = 60000;
	w.sk->rmem_alloc = 131072;	/* nothing is free */
	assert_int_equal(tcp_select_window(w.sk), 60000);
	w.tp->rcv_nxt += 60000;		/* the peer used it all */
	assert_int_equal(tcp_select_window(w.sk), 0);
	w.sk->rmem_alloc = 0;
	tcp_end(&w);
}

static void no_window_is_offered_below_a_segment(void **state)
{
	struct tcp_world w;

	window_world(&w);
	w.tp->rcv_wnd = 0;
	w.tp->rcv_wup = w.tp->rcv_nxt;
	w.sk->rmem_alloc = 131072 - 2 * 1400;
	assert_int_equal(__tcp_select_window(w.sk), 0);
	w.sk->rmem_alloc = 131072 - 2 * 10000;
	assert_true(__tcp_select_window(w.sk) >= 1460);
	w.sk->rmem_alloc = 0;
	tcp_end(&w);
}

static void a_scaled_window_is_a_multiple_of_its_unit(void **state)
{
	struct tcp_world w;
	u16 field;

	window_world(&w);
	w.tp->rx_opt.rcv_wscale = 7;
	w.tp->window_clamp = 0xffff << 7;
	w.tp->rcv_wnd = 0;
	w.tp->rcv_wup = w.tp->rcv_nxt;
	w.sk->rmem_alloc = 4321;
	assert_int_equal(__tcp_select_window(w.sk) % 128, 0);
	field = tcp_select_window(w.sk);
	assert_int_equal(field, w.tp->rcv_wnd >> 7);
	w.sk->rmem_alloc = 0;
	tcp_end(&w);
}

static void closing_and_opening_are_counted(void **state)
{
	struct tcp_world w;

	window_world(&w);
	w.tp->rcv_wnd = 1000;
	w.tp->rcv_nxt += 1000;
	w.sk->rmem_alloc = 131072;
	assert_int_equal(tcp_select_window(w.sk), 0);
	assert_int_equal(net_read_stats(w.net,
			 MIB(TcpExt, TCPToZeroWindowAdv)), 1);
	w.sk->rmem_alloc = 0;
	assert_int_not_equal(tcp_select_window(w.sk), 0);
	assert_int_equal(net_read_stats(w.net,
			 MIB(TcpExt, TCPFromZeroWindowAdv)), 1);
	tcp_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TCP_TEST(half_of_the_buffer_is_payload_at_first),
		TCP_TEST(the_first_window_is_whole_segments_of_at_most_64k),
		TCP_TEST(the_shift_lets_the_largest_buffer_be_offered),
		TCP_TEST(a_route_may_limit_the_first_window_in_segments),
		TCP_TEST(what_was_offered_is_not_taken_back),
		TCP_TEST(no_window_is_offered_below_a_segment),
		TCP_TEST(a_scaled_window_is_a_multiple_of_its_unit),
		TCP_TEST(closing_and_opening_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
