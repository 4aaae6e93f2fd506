/* SPDX-License-Identifier: BSD-2-Clause */
/* Congestion control: Reno, CUBIC, HyStart, proportional rate reduction. */
#include "tests/tcp/tcp_test.h"

static void begin(struct tcp_world *w, struct tcp_congestion_ops *ca)
{
	tcp_begin(w);
	assert_int_equal(tcp_register_congestion_control(w->net, ca), 0);
	tcp_assign_congestion_control(w->sk);
	tcp_init_congestion_control(w->sk);
	w->tp->is_cwnd_limited = true;
}

static void acked(struct tcp_world *w, u32 packets)
{
	w->tp->ca_ops->cong_avoid(w->sk, w->tp->snd_una, packets);
}

static void an_unfit_module_is_refused(void **state)
{
	struct tcp_congestion_ops none = { .name = "none" };
	struct tcp_congestion_ops reno = tcp_reno_tmpl;
	struct tcp_world w;

	tcp_begin(&w);
	assert_int_equal(tcp_register_congestion_control(w.net, &none), -EINVAL);
	assert_int_equal(tcp_register_congestion_control(w.net, &reno), 0);
	assert_int_equal(tcp_register_congestion_control(w.net, &reno), -EEXIST);
	assert_ptr_equal(tcp_ca_find(w.net, "reno"), &reno);
	assert_null(tcp_ca_find(w.net, "vegas"));
	tcp_end(&w);
}

static void slow_start_adds_what_was_delivered(void **state)
{
	struct tcp_congestion_ops reno = tcp_reno_tmpl;
	struct tcp_world w;

	begin(&w, &reno);
	acked(&w, 10);
	assert_int_equal(w.tp->snd_cwnd, 20);
	tcp_end(&w);
}

static void slow_start_ends_at_ssthresh(void **state)
{
	struct tcp_congestion_ops reno = tcp_reno_tmpl;
	struct tcp_world w;

	begin(&w, &reno);
	w.tp->snd_ssthresh = 12;
	acked(&w, 10);
	assert_int_equal(w.tp->snd_cwnd, 12);
	assert_int_equal(w.tp->snd_cwnd_cnt, 8);
	acked(&w, 4);
	assert_int_equal(w.tp->snd_cwnd, 13);
	tcp_end(&w);
}

static void an_unused_window_does_not_grow(void **state)
{
	struct tcp_congestion_ops reno = tcp_reno_tmpl;
	struct tcp_world w;

	begin(&w, &reno);
	w.tp->is_cwnd_limited = false;
	acked(&w, 5);
	assert_int_equal(w.tp->snd_cwnd, 10);
	tcp_end(&w);
}

static void cubic_comes_down_to_seven_tenths(void **state)
{
	struct tcp_congestion_ops cubic = tcp_cubic_tmpl;
	struct tcp_world w;

	begin(&w, &cubic);
	w.tp->snd_cwnd = 100;
	assert_int_equal(w.tp->ca_ops->ssthresh(w.sk), 70);
	w.tp->snd_cwnd = 2;
	assert_int_equal(w.tp->ca_ops->ssthresh(w.sk), 2);
	tcp_end(&w);
}

/* One round trip of 100 ms. */
static void cubic_round(struct tcp_world *w)
{
	u32 cwnd = w->tp->snd_cwnd;

	for (u32 i = 0; i < cwnd; i++) {
		tcp_pass(w, 100000 / cwnd);
		acked(w, 1);
	}
}

/* RFC9438 4.2: K = cbrt(30/0.4) = 4.2 s from 70 back to 100. */
static void cubic_is_back_at_its_maximum_after_k(void **state)
{
	struct tcp_congestion_ops cubic = tcp_cubic_tmpl;
	struct tcp_world w;

	begin(&w, &cubic);
	w.tp->snd_cwnd = 100;
	w.tp->snd_ssthresh = w.tp->snd_cwnd = w.tp->ca_ops->ssthresh(w.sk);
	for (int i = 0; i < 20; i++)
		cubic_round(&w);
	assert_in_range(w.tp->snd_cwnd, 88, 99);
	for (int i = 0; i < 22; i++)
		cubic_round(&w);
	assert_in_range(w.tp->snd_cwnd, 97, 106);
	tcp_end(&w);
}

static void longer_round_trips_end_slow_start(void **state)
{
	struct tcp_congestion_ops cubic = tcp_cubic_tmpl;
	struct ack_sample s = { .pkts_acked = 1, .rtt_us = 50000 };
	struct tcp_world w;

	begin(&w, &cubic);
	w.tp->snd_cwnd = 40;
	for (int i = 0; i < 10; i++)
		w.tp->ca_ops->pkts_acked(w.sk, &s);
	assert_true(tcp_in_slow_start(w.tp));
	/* a new round, a quarter slower */
	tcp_pass(&w, 50000);
	w.tp->snd_nxt += 40000;
	w.tp->snd_una += 1;
	s.rtt_us = 62500;
	for (int i = 0; i < 10; i++) {
		tcp_pass(&w, 3000);
		w.tp->ca_ops->pkts_acked(w.sk, &s);
	}
	assert_false(tcp_in_slow_start(w.tp));
	assert_int_equal(net_read_stats(w.net,
				MIB(TcpExt, TCPHystartDelayDetect)), 1);
	tcp_end(&w);
}

static void a_long_train_of_acks_ends_slow_start(void **state)
{
	struct tcp_congestion_ops cubic = tcp_cubic_tmpl;
	struct ack_sample s = { .pkts_acked = 1, .rtt_us = 50000 };
	struct tcp_world w;

	begin(&w, &cubic);
	w.tp->snd_cwnd = 40;
	for (int i = 0; i < 30 && tcp_in_slow_start(w.tp); i++) {
		tcp_pass(&w, 1000);
		w.tp->ca_ops->pkts_acked(w.sk, &s);
	}
	assert_false(tcp_in_slow_start(w.tp));
	assert_int_equal(net_read_stats(w.net,
				MIB(TcpExt, TCPHystartTrainDetect)), 1);
	tcp_end(&w);
}

static void trains_end_nothing_when_hystart_looks_at_delays(void **state)
{
	struct tcp_congestion_ops cubic = tcp_cubic_tmpl;
	struct ack_sample s = { .pkts_acked = 1, .rtt_us = 50000 };
	struct tcp_world w;

	begin(&w, &cubic);
	w.net->tcp->cubic_hystart_detect = 2;
	w.tp->snd_cwnd = 40;
	for (int i = 0; i < 30; i++) {
		tcp_pass(&w, 1000);
		w.tp->ca_ops->pkts_acked(w.sk, &s);
	}
	assert_true(tcp_in_slow_start(w.tp));
	tcp_end(&w);
}

/* RFC6937: of 20 packets 4 are lost, the others come back one by one. */
static void the_window_comes_down_in_proportion(void **state)
{
	struct tcp_congestion_ops reno = tcp_reno_tmpl;
	struct tcp_world w;
	u32 sent = 0;

	begin(&w, &reno);
	w.tp->snd_cwnd = w.tp->packets_out = 20;
	tcp_enter_recovery(w.sk, false);
	w.tp->lost_out = 4;
	assert_int_equal(w.tp->snd_ssthresh, 10);
	for (u32 i = 0; i < 16; i++) {
		w.tp->sacked_out++;
		tcp_cwnd_reduction(w.sk, 1, 0, 0);
		while (tcp_packets_in_flight(w.tp) < w.tp->snd_cwnd) {
			w.tp->retrans_out++;
			w.tp->prr_out++;
			sent++;
		}
	}
	assert_in_range(sent, 7, 10);
	w.tp->snd_una = w.tp->high_seq;
	tcp_end_cwnd_reduction(w.sk);
	assert_int_equal(w.tp->snd_cwnd, 10);
	tcp_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TCP_TEST(an_unfit_module_is_refused),
		TCP_TEST(slow_start_adds_what_was_delivered),
		TCP_TEST(slow_start_ends_at_ssthresh),
		TCP_TEST(an_unused_window_does_not_grow),
		TCP_TEST(cubic_comes_down_to_seven_tenths),
		TCP_TEST(cubic_is_back_at_its_maximum_after_k),
		TCP_TEST(longer_round_trips_end_slow_start),
		TCP_TEST(a_long_train_of_acks_ends_slow_start),
		TCP_TEST(trains_end_nothing_when_hystart_looks_at_delays),
		TCP_TEST(the_window_comes_down_in_proportion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
