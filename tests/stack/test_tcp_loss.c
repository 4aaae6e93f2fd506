/* SPDX-License-Identifier: BSD-2-Clause */
/* Lost segments: timeouts, probes, fast retransmit, selective acknowledgement;
 * as a sender and as a receiver. */
#include "tests/support/peer.h"

#define OPTS	"mss 1000,sackOK,nop,nop"

struct setup {
	struct world w;
	struct peer p;
	struct talk t;
	struct host *a;
	int fd;
	u32 pos;
};

static void begin(struct setup *s, const char *opts)
{
	struct segment echo = { .protocol = IPPROTO_ICMP, .type = ICMP_ECHO };

	/* a round trip of 20 ms: RTO 220, reordering window 5 */
	world_open_peer(&s->w, &s->p,
			&(struct world_params){ .delay = 10 * MSEC });
	s->a = &s->w.a;
	s->pos = 0;
	peer_send(&s->p, &echo);		/* ARP is done */
	assert_true(peer_next(&s->p, 100 * MSEC));
	s->fd = host_listen(s->a, 80, 1);
	talk_init(&s->t, &s->p, 40000, 80);
	say(&s->t, "S 0:0(0) win 65535 <%s>", opts);
	hear_in(&s->t, 0, 50 * MSEC, "S. 0:0(0) ack 1");
	say(&s->t, ". 1:1(0) ack 1 win 65535");
	s->fd = sys_accept4(s->a->net, s->fd, NULL, NULL, SOCK_NONBLOCK);
	assert_true(s->fd >= 0);
}

static int setup_sack(void **state)
{
	struct setup *s = malloc(sizeof(*s));

	begin(s, OPTS);
	*state = s;
	return 0;
}

static int setup_plain(void **state)
{
	struct setup *s = malloc(sizeof(*s));

	begin(s, "mss 1000");
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

static void put(struct setup *s, u32 n)
{
	assert_int_equal(host_send_stream(s->a, s->fd, 7, s->pos, n), n);
	s->pos += n;
}

/* n full segments from the one at `seq` on, within a round trip. */
static void hear_segments(struct setup *s, u32 seq, u32 n)
{
	for (u32 i = 0; i < n; i++, seq += 1000)
		hear_in(&s->t, 0, 45 * MSEC, ". %u:%u(1000) ack 1", seq,
			seq + 1000);
}

static void hear_one(struct setup *s, u32 seq)
{
	hear_segments(s, seq, 1);
}

static void ack(struct setup *s, u32 n)
{
	say(&s->t, ". 1:1(0) ack %u win 65535", n);
}

static void sack(struct setup *s, u32 n, const char *blocks)
{
	say(&s->t, ". 1:1(0) ack %u win 65535 <nop,nop,sack %s>", n, blocks);
}

static enum tcp_ca_state ca_state(struct setup *s)
{
	struct tcp_info ti;
	u32 len = sizeof(ti);

	assert_int_equal(sys_getsockopt(s->a->net, s->fd, SOL_TCP, TCP_INFO,
					&ti, &len), 0);
	return ti.tcpi_ca_state;
}

/* --- sender: timers -------------------------------------------------------------------- */

static void the_retransmission_timeout_doubles(void **state)
{
	struct setup *s = *state;

	host_sysctl(s->a, "net.ipv4.tcp_early_retrans", "0");	/* no TLP */
	put(s, 1000);
	hear_one(s, 1);
	for (u32 rto = 220; rto < 8000; rto *= 2)
		hear_in(&s->t, (rto - 25) * MSEC, (rto + rto / 7 + 25) * MSEC,
			"P. 1:1001(1000) ack 1");
	assert_int_equal(ca_state(s), TCP_CA_Loss);
	ack(s, 1001);
	silence(&s->t, SEC);
	assert_int_equal(ca_state(s), TCP_CA_Open);
	assert_true(STAT(s->a, TcpExt, TCPTimeouts) >= 6);
}

static void a_connection_is_given_up_after_retries2(void **state)
{
	struct setup *s = *state;

	host_sysctl(s->a, "net.ipv4.tcp_early_retrans", "0");
	host_sysctl(s->a, "net.ipv4.tcp_retries2", "3");
	put(s, 1000);
	hear_one(s, 1);
	while (peer_next(&s->p, 10 * SEC))
		;
	assert_int_equal(host_getsockopt(s->a, s->fd, SOL_SOCKET, SO_ERROR),
			 ETIMEDOUT);
	assert_int_equal(host_tcp_state(s->a, s->fd), TCP_CLOSE);
}

static void user_timeout_gives_up_sooner(void **state)
{
	struct setup *s = *state;
	ktime_t start = world_now(&s->w);

	host_setsockopt(s->a, s->fd, SOL_TCP, TCP_USER_TIMEOUT, 3000);
	put(s, 1000);
	while (host_tcp_state(s->a, s->fd) == TCP_ESTABLISHED &&
	       world_now(&s->w) < start + 60 * SEC)
		world_pass(&s->w, 100 * MSEC);
	assert_in_range((world_now(&s->w) - start) / MSEC, 2900, 3600);
	peer_forget(&s->p);
}

static void a_tail_that_is_lost_is_probed_after_two_round_trips(void **state)
{
	struct setup *s = *state;

	put(s, 3000);
	hear_segments(s, 1, 3);
	ack(s, 1001);			/* the rest is lost */
	/* 2 SRTT and a little from the ACK's arrival on; and the way */
	hear_in(&s->t, 50 * MSEC, 56 * MSEC, "P. 2001:3001(1000) ack 1");
	assert_int_equal(STAT(s->a, TcpExt, TCPLossProbes), 1);
	ack(s, 3001);
	silence(&s->t, SEC);
	assert_int_equal(STAT(s->a, TcpExt, TCPTimeouts), 0);
}

static void after_a_timeout_all_is_sent_again_in_slow_start(void **state)
{
	struct setup *s = *state;

	host_sysctl(s->a, "net.ipv4.tcp_early_retrans", "0");
	put(s, 5000);
	hear_segments(s, 1, 5);
	hear_in(&s->t, 195 * MSEC, 280 * MSEC, ". 1:1001(1000) ack 1");
	ack(s, 1001);
	hear_segments(s, 1001, 2);
	ack(s, 3001);
	hear_segments(s, 3001, 1);
	hear_in(&s->t, 0, 45 * MSEC, "P. 4001:5001(1000) ack 1");
	ack(s, 5001);
	silence(&s->t, SEC);
	assert_int_equal(STAT(s->a, TcpExt, TCPTimeouts), 1);
	assert_int_equal(STAT(s->a, Tcp, RetransSegs), 5);
}

static void a_timeout_that_was_too_early_is_undone(void **state)
{
	struct setup *s = *state;
	struct tcp_info ti;
	u32 len = sizeof(ti);

	host_sysctl(s->a, "net.ipv4.tcp_early_retrans", "0");
	put(s, 10000);
	hear_segments(s, 1, 9);
	hear_in(&s->t, 0, 45 * MSEC, "P. 9001:10001(1000) ack 1");
	hear_in(&s->t, 195 * MSEC, 280 * MSEC, ". 1:1001(1000) ack 1");
	/* the originals arrived after all: F-RTO (RFC 5682) with SACK */
	sack(s, 1001, "2001:4001");
	world_pass(&s->w, 30 * MSEC);
	peer_forget(&s->p);
	ack(s, 10001);
	world_pass(&s->w, 30 * MSEC);
	assert_int_equal(ca_state(s), TCP_CA_Open);
	assert_int_equal(STAT(s->a, TcpExt, TCPSpuriousRTOs), 1);
	sys_getsockopt(s->a->net, s->fd, SOL_TCP, TCP_INFO, &ti, &len);
	assert_true(ti.tcpi_snd_cwnd >= 10);
	peer_forget(&s->p);
}

/* --- sender: acknowledgements tell ------------------------------------------------------ */

static void a_segment_passed_by_three_sacked_ones_is_sent_again(void **state)
{
	struct setup *s = *state;

	put(s, 6000);
	hear_segments(s, 1, 5);
	hear_in(&s->t, 0, 45 * MSEC, "P. 5001:6001(1000) ack 1");
	sack(s, 1001, "2001:3001");
	sack(s, 1001, "2001:4001");
	sack(s, 1001, "2001:5001");
	hear_in(&s->t, 0, 45 * MSEC, ". 1001:2001(1000) ack 1");
	assert_int_equal(ca_state(s), TCP_CA_Recovery);
	ack(s, 6001);
	silence(&s->t, SEC);
	assert_int_equal(ca_state(s), TCP_CA_Open);
	assert_int_equal(STAT(s->a, TcpExt, TCPSackRecovery), 1);
	assert_int_equal(STAT(s->a, TcpExt, TCPFastRetrans), 1);
	assert_int_equal(STAT(s->a, TcpExt, TCPTimeouts), 0);
}

static void three_duplicate_acks_do_it_without_sack(void **state)
{
	struct setup *s = *state;

	put(s, 6000);
	hear_segments(s, 1, 5);
	hear_in(&s->t, 0, 45 * MSEC, "P. 5001:6001(1000) ack 1");
	ack(s, 1001);
	for (int i = 0; i < 3; i++)
		ack(s, 1001);
	hear_in(&s->t, 0, 45 * MSEC, ". 1001:2001(1000) ack 1");
	assert_int_equal(ca_state(s), TCP_CA_Recovery);
	ack(s, 6001);
	silence(&s->t, SEC);
	assert_int_equal(STAT(s->a, TcpExt, TCPRenoRecovery), 1);
	assert_int_equal(STAT(s->a, TcpExt, TCPTimeouts), 0);
}

static void a_partial_ack_in_recovery_sends_the_next_hole(void **state)
{
	struct setup *s = *state;

	put(s, 8000);
	hear_segments(s, 1, 7);
	hear_in(&s->t, 0, 45 * MSEC, "P. 7001:8001(1000) ack 1");
	ack(s, 1001);
	for (int i = 0; i < 3; i++)
		ack(s, 1001);
	hear_in(&s->t, 0, 45 * MSEC, ". 1001:2001(1000) ack 1");
	ack(s, 4001);				/* 4001 is missing too */
	hear_in(&s->t, 0, 45 * MSEC, ". 4001:5001(1000) ack 1");
	ack(s, 8001);
	silence(&s->t, SEC);
	assert_int_equal(STAT(s->a, TcpExt, TCPTimeouts), 0);
}

static void several_holes_are_filled_in_one_round_trip(void **state)
{
	struct setup *s = *state;

	put(s, 10000);
	hear_segments(s, 1, 9);
	hear_in(&s->t, 0, 45 * MSEC, "P. 9001:10001(1000) ack 1");
	sack(s, 1, "1001:2001 3001:4001 5001:10001");
	hear_in(&s->t, 0, 45 * MSEC, ". 1:1001(1000) ack 1");
	hear_in(&s->t, 0, 45 * MSEC, ". 2001:3001(1000) ack 1");
	hear_in(&s->t, 0, 45 * MSEC, ". 4001:5001(1000) ack 1");
	ack(s, 10001);
	silence(&s->t, SEC);
	assert_int_equal(STAT(s->a, TcpExt, TCPTimeouts), 0);
	assert_int_equal(STAT(s->a, Tcp, RetransSegs), 3);
}

static void slight_reordering_does_not_send_again(void **state)
{
	struct setup *s = *state;

	put(s, 4000);
	hear_segments(s, 1, 3);
	hear_in(&s->t, 0, 45 * MSEC, "P. 3001:4001(1000) ack 1");
	s->p.next.quiet = true;
	sack(s, 1, "1001:2001");
	s->p.next.quiet = true;
	ack(s, 2001);
	ack(s, 4001);
	silence(&s->t, SEC);
	assert_int_equal(STAT(s->a, Tcp, RetransSegs), 0);
}

static void a_dsack_undoes_a_needless_recovery(void **state)
{
	struct setup *s = *state;
	struct tcp_info ti;
	u32 len = sizeof(ti);

	put(s, 6000);
	hear_segments(s, 1, 5);
	hear_in(&s->t, 0, 45 * MSEC, "P. 5001:6001(1000) ack 1");
	sack(s, 1, "1001:6001");
	hear_in(&s->t, 0, 45 * MSEC, ". 1:1001(1000) ack 1");
	ack(s, 6001);
	sack(s, 6001, "1:1001");			/* came twice */
	world_pass(&s->w, 20 * MSEC);
	sys_getsockopt(s->a->net, s->fd, SOL_TCP, TCP_INFO, &ti, &len);
	assert_int_equal(ti.tcpi_snd_cwnd, 10);
	assert_int_equal(ti.tcpi_ca_state, TCP_CA_Open);
	assert_int_equal(STAT(s->a, TcpExt, TCPDSACKRecv), 1);
	assert_int_equal(STAT(s->a, TcpExt, TCPDSACKUndo), 1);
}

static void a_lost_retransmission_is_noticed_without_timeout(void **state)
{
	struct setup *s = *state;

	put(s, 10000);
	hear_segments(s, 1, 9);
	hear_in(&s->t, 0, 45 * MSEC, "P. 9001:10001(1000) ack 1");
	sack(s, 1, "1001:7001");
	hear_in(&s->t, 0, 45 * MSEC, ". 1:1001(1000) ack 1");	/* lost again */
	put(s, 5000);
	world_pass(&s->w, 20 * MSEC);
	peer_forget(&s->p);
	world_pass(&s->w, 10 * MSEC);
	/* later data are sacked: RACK knows that the copy is gone */
	sack(s, 1, "1001:12001");
	hear_in(&s->t, 0, 60 * MSEC, ". 1:1001(1000) ack 1");
	assert_int_equal(STAT(s->a, TcpExt, TCPLostRetransmit), 1);
	assert_int_equal(STAT(s->a, TcpExt, TCPTimeouts), 0);
	ack(s, 15001);
	world_pass(&s->w, SEC);
	peer_forget(&s->p);
}

/* --- receiver --------------------------------------------------------------------------- */

static void holes_are_reported_by_sack_newest_first(void **state)
{
	struct setup *s = *state;

	say(&s->t, ". 1001:2001(1000) ack 1 win 65535");
	hear_in(&s->t, 0, 25 * MSEC, ". 1:1(0) ack 1 <nop,nop,sack 1001:2001>");
	say(&s->t, ". 3001:4001(1000) ack 1 win 65535");
	hear_in(&s->t, 0, 25 * MSEC,
		". 1:1(0) ack 1 <nop,nop,sack 3001:4001 1001:2001>");
	say(&s->t, ". 5001:6001(1000) ack 1 win 65535");
	hear_in(&s->t, 0, 25 * MSEC, ". 1:1(0) ack 1 "
		"<nop,nop,sack 5001:6001 3001:4001 1001:2001>");
	say(&s->t, ". 2001:3001(1000) ack 1 win 65535");
	hear_in(&s->t, 0, 25 * MSEC, ". 1:1(0) ack 1 "
		"<nop,nop,sack 1001:4001 5001:6001>");
	say(&s->t, ". 1:1001(1000) ack 1 win 65535");
	hear_in(&s->t, 0, 25 * MSEC,
		". 1:1(0) ack 4001 <nop,nop,sack 5001:6001>");
	say(&s->t, ". 4001:5001(1000) ack 1 win 65535");
	hear_in(&s->t, 0, 25 * MSEC, ". 1:1(0) ack 6001 <>");
	assert_int_equal(host_recv_stream(s->a, s->fd, 40000, 0, 9000), 6000);
}

static void what_comes_twice_is_reported_by_dsack(void **state)
{
	struct setup *s = *state;

	say(&s->t, ". 1:1001(1000) ack 1 win 65535");
	hear_in(&s->t, 0, 25 * MSEC, ". 1:1(0) ack 1001");
	say(&s->t, ". 1:1001(1000) ack 1 win 65535");
	hear_in(&s->t, 0, 25 * MSEC,
		". 1:1(0) ack 1001 <nop,nop,sack 1:1001>");
	say(&s->t, ". 2001:3001(1000) ack 1 win 65535");
	hear_in(&s->t, 0, 25 * MSEC,
		". 1:1(0) ack 1001 <nop,nop,sack 2001:3001>");
	say(&s->t, ". 2001:3001(1000) ack 1 win 65535");
	hear_in(&s->t, 0, 25 * MSEC,
		". 1:1(0) ack 1001 <nop,nop,sack 2001:3001 2001:3001>");
	assert_int_equal(STAT(s->a, TcpExt, TCPDSACKOldSent), 1);
	assert_int_equal(STAT(s->a, TcpExt, TCPDSACKOfoSent), 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup_sack, teardown)
#define R(f) cmocka_unit_test_setup_teardown(f, setup_plain, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_retransmission_timeout_doubles),
		T(a_connection_is_given_up_after_retries2),
		T(user_timeout_gives_up_sooner),
		T(a_tail_that_is_lost_is_probed_after_two_round_trips),
		T(after_a_timeout_all_is_sent_again_in_slow_start),
		T(a_timeout_that_was_too_early_is_undone),
		T(a_segment_passed_by_three_sacked_ones_is_sent_again),
		R(three_duplicate_acks_do_it_without_sack),
		R(a_partial_ack_in_recovery_sends_the_next_hole),
		T(several_holes_are_filled_in_one_round_trip),
		T(slight_reordering_does_not_send_again),
		T(a_dsack_undoes_a_needless_recovery),
		T(a_lost_retransmission_is_noticed_without_timeout),
		T(holes_are_reported_by_sack_newest_first),
		T(what_comes_twice_is_reported_by_dsack),
	};

	return cmocka_run_group_tests_name("TCP loss", tests, NULL, NULL);
}
