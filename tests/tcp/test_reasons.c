/* SPDX-License-Identifier: BSD-2-Clause */
/* Each reason for which a received segment dies, provoked once; and what the
 * peer hears of it (RFC 9293 3.10.7.4, RFC 5961). */
#include "tests/support/peer.h"

struct setup {
	struct world w;
	struct peer p;
	struct talk t;
	int fd;
};

static int setup(void **state)
{
	struct setup *s = calloc(1, sizeof(*s));

	world_open_peer(&s->w, &s->p, NULL);
	s->fd = talk_serve(&s->t, &s->p, 80, 65535, "mss 1460,sackOK");
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct setup *s = *state;

	host_close(&s->w.a, s->fd);
	world_pass(&s->w, 200 * SEC);
	world_close(&s->w);
	free(s);
	return 0;
}

static void expect_drop(struct setup *s, enum skb_drop_reason why)
{
	if (world_drops(&s->w, why) != 1)
		fail_msg("%s: %llu packets instead of 1", drop_reason_name(why),
			 (unsigned long long)world_drops(&s->w, why));
}
#define EXPECT_DROP(s, name) expect_drop(s, SKB_DROP_REASON_##name)

/* The segment with the line's flags and numbers, not as the language says. */
static void send_raw(struct setup *s, const char *line, u32 seq, u32 ack)
{
	struct segment_line l;

	segment_line_parse(&l, line);
	l.s.seq = seq;
	l.s.ack = ack;
	l.s.ether_type = ETH_P_IP;
	l.s.protocol = IPPROTO_TCP;
	l.s.ttl = 64;
	l.s.saddr = s->t.addr;
	l.s.daddr = HOST_A;
	l.s.sport = s->t.port;
	l.s.dport = s->t.stack_port;
	peer_send(&s->p, &l.s);
	world_pass(&s->w, MSEC);
}

static void no_flags_mean_nothing(void **state)
{
	struct setup *s = *state;

	say(&s->t, "P 1:101(100) win 65535");
	silence(&s->t, 50 * MSEC);
	EXPECT_DROP(s, TCP_FLAGS);
}

static void old_data_is_acknowledged_and_dropped(void **state)
{
	struct setup *s = *state;

	say(&s->t, ". 1:101(100) ack 1 win 65535");
	hear(&s->t, ". 1:1(0) ack 101");
	say(&s->t, ". 1:51(50) ack 1 win 65535");
	hear(&s->t, ". 1:1(0) ack 101 <nop,nop,sack 1:51>");
	EXPECT_DROP(s, TCP_OLD_SEQUENCE);
}

/* It touches the left edge of the window. */
static void the_last_segment_once_more_is_old_data(void **state)
{
	struct setup *s = *state;

	say(&s->t, ". 1:101(100) ack 1 win 65535");
	hear(&s->t, ". 1:1(0) ack 101");
	say(&s->t, ". 1:101(100) ack 1 win 65535");
	hear(&s->t, ". 1:1(0) ack 101 <nop,nop,sack 1:101>");
	EXPECT_DROP(s, TCP_OLD_DATA);
}

static void data_wholly_beyond_the_window_is_refused(void **state)
{
	struct setup *s = *state;

	say(&s->t, ". 300001:300101(100) ack 1 win 65535");
	hear(&s->t, ". 1:1(0) ack 1");
	EXPECT_DROP(s, TCP_INVALID_SEQUENCE);
}

static void data_over_the_edge_is_refused_while_data_waits(void **state)
{
	struct setup *s = *state;

	say(&s->t, ". 1:101(100) ack 1 win 65535");
	hear(&s->t, ". 1:1(0) ack 101");
	say(&s->t, ". 64001:65001(1000) ack 1 win 65535");
	hear(&s->t, ". 1:1(0) ack 101");
	EXPECT_DROP(s, TCP_OVERWINDOW);
	assert_int_equal(STAT(&s->w.a, TcpExt, BeyondWindow), 1);
}

static void a_reset_at_rcv_nxt_ends_the_connection(void **state)
{
	struct setup *s = *state;

	say(&s->t, "R 1:1(0) win 0");
	silence(&s->t, 50 * MSEC);
	assert_int_equal(host_tcp_state(&s->w.a, s->fd), TCP_CLOSE);
	EXPECT_DROP(s, TCP_RESET);
}

static void a_reset_elsewhere_is_challenged(void **state)
{
	struct setup *s = *state;

	say(&s->t, "R 100:100(0) win 0");
	hear(&s->t, ". 1:1(0) ack 1");
	assert_int_equal(host_tcp_state(&s->w.a, s->fd), TCP_ESTABLISHED);
	EXPECT_DROP(s, TCP_RESET);
}

static void a_syn_is_challenged(void **state)
{
	struct setup *s = *state;

	send_raw(s, "S 0:0(0) win 65535", s->t.isn + 1, 0);
	hear(&s->t, ". 1:1(0) ack 1");
	EXPECT_DROP(s, TCP_INVALID_SYN);
	assert_int_equal(STAT(&s->w.a, TcpExt, TCPSYNChallenge), 1);
}

static void an_ack_of_what_was_not_sent_is_challenged(void **state)
{
	struct setup *s = *state;

	say(&s->t, ". 1:1(0) ack 1000 win 65535");
	hear(&s->t, ". 1:1(0) ack 1");
	EXPECT_DROP(s, TCP_ACK_UNSENT_DATA);
}

static void an_ack_older_than_any_window_is_challenged(void **state)
{
	struct setup *s = *state;

	send_raw(s, ". 0:0(0) ack 0 win 65535", s->t.isn + 1,
		 s->t.stack_isn - 100000);
	hear(&s->t, ". 1:1(0) ack 1");
	EXPECT_DROP(s, TCP_TOO_OLD_ACK);
}

static void challenges_are_rationed(void **state)
{
	struct setup *s = *state;

	say(&s->t, "R 100:100(0) win 0");
	hear(&s->t, ". 1:1(0) ack 1");
	say(&s->t, "R 100:100(0) win 0");
	silence(&s->t, 100 * MSEC);
	assert_int_equal(STAT(&s->w.a, TcpExt, TCPChallengeACK), 1);
	assert_int_equal(STAT(&s->w.a, TcpExt, TCPACKSkippedChallenge), 1);
}

static void what_is_behind_a_hole_already_is_dropped(void **state)
{
	struct setup *s = *state;

	say(&s->t, ". 1001:2001(1000) ack 1 win 65535");
	hear(&s->t, ". 1:1(0) ack 1 <nop,nop,sack 1001:2001>");
	say(&s->t, ". 1101:1201(100) ack 1 win 65535");
	hear(&s->t, ". 1:1(0) ack 1 <nop,nop,sack 1101:1201 1001:2001>");
	EXPECT_DROP(s, TCP_OFO_DROP);
}

static void what_a_larger_segment_covers_is_merged(void **state)
{
	struct setup *s = *state;

	say(&s->t, ". 1001:1101(100) ack 1 win 65535");
	say(&s->t, ". 901:1901(1000) ack 1 win 65535");
	EXPECT_DROP(s, TCP_OFOMERGE);
}

static void what_waits_behind_a_fin_is_given_up(void **state)
{
	struct setup *s = *state;

	say(&s->t, ". 1001:1101(100) ack 1 win 65535");
	say(&s->t, "F. 1:1(0) ack 1 win 65535");
	EXPECT_DROP(s, TCP_OFO_QUEUE_PRUNE);
}

static void data_for_a_closed_reader_is_reset(void **state)
{
	struct setup *s = *state;

	assert_int_equal(sys_shutdown(s->w.a.net, s->fd, SHUT_RDWR), 0);
	hear(&s->t, "F. 1:1(0) ack 1");
	say(&s->t, "P. 1:101(100) ack 2 win 65535");
	hear(&s->t, "R 2:2(0)");
	EXPECT_DROP(s, TCP_ABORT_ON_DATA);
}

static void a_wrong_ack_of_our_syn_is_reset(void **state)
{
	struct setup *s = *state;
	int fd = host_socket(&s->w.a, SOCK_STREAM | SOCK_NONBLOCK);
	struct talk t;

	assert_int_equal(host_connect(&s->w.a, fd, HOST_B, 99), -EINPROGRESS);
	assert_true(peer_next(&s->p, 5 * MSEC));
	talk_init(&t, &s->p, 99, s->p.last.sport);
	t.stack_isn = s->p.last.seq;
	t.stack_isn_known = true;
	say(&t, "S. 0:0(0) ack 77 win 65535");
	EXPECT_DROP(s, TCP_INVALID_ACK_SEQUENCE);
	host_close(&s->w.a, fd);
	peer_forget(&s->p);
}

#define REASON_TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		REASON_TEST(no_flags_mean_nothing),
		REASON_TEST(old_data_is_acknowledged_and_dropped),
		REASON_TEST(the_last_segment_once_more_is_old_data),
		REASON_TEST(data_wholly_beyond_the_window_is_refused),
		REASON_TEST(data_over_the_edge_is_refused_while_data_waits),
		REASON_TEST(a_reset_at_rcv_nxt_ends_the_connection),
		REASON_TEST(a_reset_elsewhere_is_challenged),
		REASON_TEST(a_syn_is_challenged),
		REASON_TEST(an_ack_of_what_was_not_sent_is_challenged),
		REASON_TEST(an_ack_older_than_any_window_is_challenged),
		REASON_TEST(challenges_are_rationed),
		REASON_TEST(what_is_behind_a_hole_already_is_dropped),
		REASON_TEST(what_a_larger_segment_covers_is_merged),
		REASON_TEST(what_waits_behind_a_fin_is_given_up),
		REASON_TEST(data_for_a_closed_reader_is_reset),
		REASON_TEST(a_wrong_ack_of_our_syn_is_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
