/* SPDX-License-Identifier: BSD-2-Clause */
/* Accurate ECN (RFC 9768) with a scripted peer. */
#include "tests/support/peer.h"

#define OPT(e1b, ceb, e0b) "ECN e1b " #e1b " ceb " #ceb " e0b " #e0b ",nop"

struct setup {
	struct world w;
	struct peer p;
	struct talk t;
	struct host *a;
	int fd, lfd;
	char buf[20000];
};

static int setup(void **state)
{
	struct setup *s = malloc(sizeof(*s));

	world_open_peer(&s->w, &s->p, NULL);
	talk_init(&s->t, &s->p, 40000, 0);
	s->a = &s->w.a;
	memset(s->buf, 'x', sizeof(s->buf));
	host_sysctl(s->a, "net.ipv4.tcp_ecn", "3");
	host_sysctl(s->a, "net.ipv4.tcp_timestamps", "0");
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct setup *s = *state;

	world_close(&s->w);
	free(s);
	return 0;
}

static void start(struct setup *s)
{
	s->fd = host_socket(s->a, SOCK_STREAM | SOCK_NONBLOCK);
	host_connect(s->a, s->fd, HOST_B, 40000);
}

static void put(struct setup *s, size_t n)
{
	assert_int_equal(host_send(s->a, s->fd, s->buf, n), n);
}

static u32 ect(struct setup *s)
{
	return s->p.last.tos & INET_ECN_MASK;
}

/* As client; the SYN-ACK had codepoint `ect` and the option. */
static void connected(struct setup *s, u8 ect)
{
	start(s);
	hear(&s->t, "SEWA 0:0(0)");
	s->p.next.tos = ect;
	say(&s->t, "SW. 0:0(0) ack 1 win 65535 <mss 1460,sackOK,nop,nop,"
	    OPT(1, 0, 1) ">");
}

static void say_with(struct setup *s, u8 ect, const char *line)
{
	s->p.next.tos = ect;
	say(&s->t, "%s", line);
}

static struct tcp_info info(struct setup *s)
{
	struct tcp_info i;
	u32 len = sizeof(i);

	assert_int_equal(sys_getsockopt(s->a->net, s->fd, SOL_TCP, TCP_INFO,
					&i, &len), 0);
	return i;
}

/* --- client --------------------------------------------------------------------------- */

static void all_three_flags_ask_and_the_last_ack_reflects(void **state)
{
	struct setup *s = *state;

	connected(s, INET_ECN_CE);
	hear(&s->t, ".WA 1:1(0) ack 1 <" OPT(1, 0, 1) ">");
	assert_int_equal(ect(s), INET_ECN_ECT_0);
	put(s, 100);
	/* the mark on the SYN-ACK is counted: 5 + 1 */
	hear(&s->t, "P.WA 1:101(100) ack 1 <" OPT(1, 0, 1) ">");
	assert_int_equal(ect(s), INET_ECN_ECT_0);
	assert_int_equal(info(s).tcpi_received_ce, 1);
}

static void a_server_of_classic_ecn_gets_classic_ecn(void **state)
{
	struct setup *s = *state;

	start(s);
	hear(&s->t, "SEWA 0:0(0)");
	say(&s->t, "SE. 0:0(0) ack 1 win 65535 <mss 1460>");
	hear(&s->t, ". 1:1(0) ack 1 <>");
	assert_int_equal(ect(s), INET_ECN_NOT_ECT);
	put(s, 100);
	hear(&s->t, "P. 1:101(100) ack 1");
	assert_int_equal(ect(s), INET_ECN_ECT_0);
}

static void a_server_that_mirrors_all_flags_gets_none(void **state)
{
	struct setup *s = *state;

	start(s);
	hear(&s->t, "SEWA 0:0(0)");
	say(&s->t, "SEWA. 0:0(0) ack 1 win 65535 <mss 1460>");
	hear(&s->t, ". 1:1(0) ack 1 <>");
	put(s, 100);
	hear(&s->t, "P. 1:101(100) ack 1");
	assert_int_equal(ect(s), INET_ECN_NOT_ECT);
}

static void the_third_syn_no_longer_asks(void **state)
{
	struct setup *s = *state;

	start(s);
	hear(&s->t, "SEWA 0:0(0)");
	hear_in(&s->t, 990 * MSEC, 1100 * MSEC, "SEWA 0:0(0)");
	hear_in(&s->t, 990 * MSEC, 1100 * MSEC, "S 0:0(0)");
	/* but an answer to the first is still one */
	say(&s->t, "SW. 0:0(0) ack 1 win 65535 <mss 1460>");
	hear(&s->t, ".W 1:1(0) ack 1 <>");
}

static void a_changed_codepoint_ends_sending_of_ect(void **state)
{
	struct setup *s = *state;

	start(s);
	hear(&s->t, "SEWA 0:0(0)");
	say(&s->t, "SA. 0:0(0) ack 1 win 65535 <mss 1460>"); /* "was ECT(0)" */
	hear(&s->t, ".W 1:1(0) ack 1");
	assert_int_equal(ect(s), INET_ECN_NOT_ECT);
	put(s, 100);
	hear(&s->t, "P.EA 1:101(100) ack 1");	/* feedback goes on */
	assert_int_equal(ect(s), INET_ECN_NOT_ECT);
}

/* --- as receiver ------------------------------------------------------------------------ */

static void packets_and_bytes_are_counted_by_codepoint(void **state)
{
	struct setup *s = *state;
	struct tcp_info i;

	connected(s, 0);
	hear(&s->t, ".W 1:1(0) ack 1");
	say_with(s, INET_ECN_CE, "P.EA 1:101(100) ack 1 win 65535");
	hear(&s->t, ".WA 1:1(0) ack 101 <" OPT(1, 100, 1) ">");
	say_with(s, INET_ECN_ECT_0, "P.EA 101:301(200) ack 1 win 65535");
	hear(&s->t, ".WA 1:1(0) ack 301 <" OPT(1, 100, 201) ">");
	say_with(s, INET_ECN_ECT_1, "P.EA 301:601(300) ack 1 win 65535");
	hear(&s->t, ".WA 1:1(0) ack 601 <" OPT(301, 100, 201) ">");
	say_with(s, INET_ECN_CE, "P.EA 601:701(100) ack 1 win 65535");
	hear(&s->t, ".EWA 1:1(0) ack 701 <" OPT(301, 200, 201) ">");
	say_with(s, INET_ECN_CE, "P.EA 701:801(100) ack 1 win 65535");
	hear(&s->t, ". 1:1(0) ack 801 <" OPT(301, 300, 201) ">"); /* 8: 0 */
	i = info(s);
	assert_int_equal(i.tcpi_received_ce, 3);
	assert_int_equal(i.tcpi_received_e1_bytes, 300);
	assert_int_equal(i.tcpi_received_e0_bytes, 200);
	assert_int_equal(i.tcpi_received_ce_bytes, 300);
}

static void sack_blocks_make_room_for_news_but_two_stay(void **state)
{
	struct setup *s = *state;

	connected(s, 0);
	hear(&s->t, ".W 1:1(0) ack 1");
	for (u32 i = 1; i <= 3; i++) {
		say(&s->t, "P.EA %u:%u(100) ack 1 win 65535", i * 200 + 1,
		    i * 200 + 101);
		hear(&s->t, ".EA 1:1(0) ack 1");
	}
	say_with(s, INET_ECN_CE, "P.EA 801:901(100) ack 1 win 65535");
	hear(&s->t, ".WA 1:1(0) ack 1 <" OPT(1, 100, 1)
	     ",nop,nop,sack 801:901 601:701 401:501>");
	/* without news the blocks have precedence */
	say(&s->t, "P.EA 1001:1101(100) ack 1 win 65535");
	hear(&s->t, ".WA 1:1(0) ack 1 <*nop,nop,sack 1001:1101 *>");
}

static void options_that_do_not_get_through_are_given_up(void **state)
{
	struct setup *s = *state;

	connected(s, 0);
	hear(&s->t, ".W 1:1(0) ack 1");
	say(&s->t, "P.EA 1:101(100) ack 1 win 65535");
	hear(&s->t, ".EA 1:1(0) ack 101 <ECN *>");
	say(&s->t, "P.EA 1:101(100) ack 1 win 65535");
	hear(&s->t, ".EA 1:1(0) ack 101 <ECN *>");
	say(&s->t, "P.EA 1:101(100) ack 1 win 65535");
	hear(&s->t, ".EA 1:1(0) ack 101 <nop,nop,sack *>");
	say(&s->t, "P.EA 101:201(100) ack 1 win 65535");
	hear(&s->t, ".EA 1:1(0) ack 201 <>");
	assert_int_equal(info(s).tcpi_accecn_fail_mode,
			 TCP_ACCECN_OPT_FAIL_SEND);
}

static void no_options_are_sent_to_who_sends_none(void **state)
{
	struct setup *s = *state;

	start(s);
	hear(&s->t, "SEWA 0:0(0)");
	say(&s->t, "SW. 0:0(0) ack 1 win 65535 <mss 1460>");
	hear(&s->t, ".W 1:1(0) ack 1 <>");
	say_with(s, INET_ECN_CE, "P.EA 1:101(100) ack 1 win 65535");
	hear(&s->t, ".WA 1:1(0) ack 101 <>");
	assert_int_equal(info(s).tcpi_accecn_opt_seen, 0);
	/* one without counters says at least that it gets through */
	say(&s->t, "P.EA 101:201(100) ack 1 win 65535 <kind 172 len 2>");
	hear(&s->t, ".WA 1:1(0) ack 201 <ECN *>");
	assert_int_equal(info(s).tcpi_accecn_opt_seen,
			 TCP_ACCECN_OPT_EMPTY_SEEN);
}

/* --- as sender --------------------------------------------------------------------------- */

static void a_reported_mark_halves_the_rate_once(void **state)
{
	struct setup *s = *state;
	struct tcp_info i;

	connected(s, 0);
	hear(&s->t, ".W 1:1(0) ack 1");
	put(s, 3000);
	hear(&s->t, ".EA 1:1449(1448) ack 1");	/* 12 bytes are the option's */
	hear(&s->t, ".EA 1449:2897(1448) ack 1");
	hear(&s->t, "P.EA 2897:3001(104) ack 1");
	say(&s->t, ".WA 1:1(0) ack 1449 win 65535 <" OPT(1, 1448, 1) ">");
	i = info(s);
	assert_int_equal(i.tcpi_delivered_ce, 1);
	assert_int_equal(i.tcpi_delivered_ce_bytes, 1448);
	assert_int_equal(i.tcpi_ca_state, TCP_CA_CWR);
	say(&s->t, ".WA 1:1(0) ack 3001 win 65535 <" OPT(1, 1448, 1553) ">");
	i = info(s);
	assert_int_equal(i.tcpi_delivered_ce, 1);
	assert_int_equal(i.tcpi_delivered_e0_bytes, 1552);
}

static void a_large_ack_is_resolved_by_the_bytes(void **state)
{
	struct setup *s = *state;

	connected(s, 0);
	hear(&s->t, ".W 1:1(0) ack 1");
	put(s, 14480);
	for (u32 i = 0; i < 10; i++)
		hear(&s->t, ".EA %u:%u(1448) ack 1", i * 1448 + 1,
		     i * 1448 + 1449);
	/* 9 marked: the field moves by 1 */
	say(&s->t, ".WA 1:1(0) ack 14481 win 65535 <" OPT(1, 13032, 1449) ">");
	assert_int_equal(info(s).tcpi_delivered_ce, 9);
}

static void an_ack_that_may_be_old_changes_nothing(void **state)
{
	struct setup *s = *state;

	connected(s, 0);
	hear(&s->t, ".W 1:1(0) ack 1");
	put(s, 100);
	hear(&s->t, "P.EA 1:101(100) ack 1");
	say(&s->t, ".WA 1:1(0) ack 1 win 65535 <" OPT(1, 100, 1) ">");
	assert_int_equal(info(s).tcpi_delivered_ce, 0);
}

/* --- server --------------------------------------------------------------------------------- */

static void listening(struct setup *s, u8 ect)
{
	s->lfd = host_listen(s->a, 80, 5);
	talk_init(&s->t, &s->p, 40000, 80);
	say_with(s, ect, "SEWA 0:0(0) win 65535 <mss 1460,sackOK,nop,nop>");
}

static void the_syn_ack_reflects_and_loses_the_option_then_the_flags(void **state)
{
	struct setup *s = *state;

	listening(s, INET_ECN_ECT_1);
	hear(&s->t, "SEW. 0:0(0) ack 1 <mss 1460," OPT(1, 0, 1)
	     ",nop,nop,sackOK>");
	hear_in(&s->t, 990 * MSEC, 1100 * MSEC,
		"SEW. 0:0(0) ack 1 <mss 1460,nop,nop,sackOK>");
	hear_in(&s->t, 1990 * MSEC, 2200 * MSEC, "S. 0:0(0) ack 1");
	say(&s->t, ".W 1:1(0) ack 1 win 65535 <" OPT(1, 0, 1) ">");
	s->fd = sys_accept4(s->a->net, s->lfd, NULL, NULL, SOCK_NONBLOCK);
	put(s, 100);
	hear(&s->t, "P.EA 1:101(100) ack 1 <" OPT(1, 0, 1) ">");
	assert_int_equal(ect(s), INET_ECN_ECT_0);
}

static void a_bleached_last_ack_ends_sending_of_ect(void **state)
{
	struct setup *s = *state;

	listening(s, 0);
	hear(&s->t, "SW. 0:0(0) ack 1");
	say(&s->t, ". 1:1(0) ack 1 win 65535");
	s->fd = sys_accept4(s->a->net, s->lfd, NULL, NULL, SOCK_NONBLOCK);
	put(s, 100);
	hear(&s->t, "P.EA 1:101(100) ack 1 <>");
	assert_int_equal(ect(s), INET_ECN_NOT_ECT);
}

static void with_classic_ecn_only_the_third_flag_is_not_seen(void **state)
{
	struct setup *s = *state;

	host_sysctl(s->a, "net.ipv4.tcp_ecn", "2");
	listening(s, 0);
	hear(&s->t, "SE. 0:0(0) ack 1 <mss 1460,nop,nop,sackOK>");
}

static void cwr_stays_in_all_segments_of_a_large_packet(void **state)
{
	struct setup *s = *state;

	connected(s, INET_ECN_CE);		/* ACE 6: AE and CWR */
	hear(&s->t, ".WA 1:1(0) ack 1");
	put(s, 4344);
	hear(&s->t, ".WA 1:1449(1448) ack 1");
	hear(&s->t, ".WA 1449:2897(1448) ack 1");
	hear(&s->t, ".WA 2897:4345(1448) ack 1");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(all_three_flags_ask_and_the_last_ack_reflects),
		T(a_server_of_classic_ecn_gets_classic_ecn),
		T(a_server_that_mirrors_all_flags_gets_none),
		T(the_third_syn_no_longer_asks),
		T(a_changed_codepoint_ends_sending_of_ect),
		T(packets_and_bytes_are_counted_by_codepoint),
		T(sack_blocks_make_room_for_news_but_two_stay),
		T(options_that_do_not_get_through_are_given_up),
		T(no_options_are_sent_to_who_sends_none),
		T(a_reported_mark_halves_the_rate_once),
		T(a_large_ack_is_resolved_by_the_bytes),
		T(an_ack_that_may_be_old_changes_nothing),
		T(the_syn_ack_reflects_and_loses_the_option_then_the_flags),
		T(a_bleached_last_ack_ends_sending_of_ect),
		T(with_classic_ecn_only_the_third_flag_is_not_seen),
		T(cwr_stays_in_all_segments_of_a_large_packet),
	};

	return cmocka_run_group_tests_name("Accurate ECN", tests, NULL, NULL);
}
