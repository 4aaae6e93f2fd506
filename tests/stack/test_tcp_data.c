/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP in the established state: sending, acknowledging, windows, timers that
 * are not about loss. */
#include "tests/support/pair.h"
#include "tests/support/peer.h"

struct setup {
	struct world w;
	struct peer p;
	struct talk t;
	struct host *a;
	int fd;
};

static void begin(struct setup *s, u32 win, const char *opts)
{
	world_open_peer(&s->w, &s->p, NULL);
	s->a = &s->w.a;
	s->fd = talk_serve(&s->t, &s->p, 80, win, opts);
}

static int setup(void **state)
{
	struct setup *s = malloc(sizeof(*s));

	begin(s, 65535, NULL);
	*state = s;
	return 0;
}

static int setup_closed_world(void **state)
{
	*state = malloc(sizeof(struct setup));
	return 0;
}

static int teardown(void **state)
{
	struct setup *s = *state;

	world_close(&s->w);
	free(s);
	return 0;
}

static int opt(struct setup *s, int name, int value)
{
	return host_setsockopt(s->a, s->fd, SOL_TCP, name, value);
}

static void put(struct setup *s, u32 pos, u32 n)
{
	assert_int_equal(host_send_stream(s->a, s->fd, 7, pos, n), n);
}

/* --- acknowledging -------------------------------------------------------------------- */

static void the_first_segments_are_acknowledged_at_once(void **state)
{
	struct setup *s = *state;

	for (u32 seq = 1; seq < 1000; seq += 100) {
		say(&s->t, "P. %u:%u(100) ack 1 win 65535", seq, seq + 100);
		hear(&s->t, ". 1:1(0) ack %u", seq + 100);
	}
}

static void later_single_segments_are_acknowledged_after_40_ms(void **state)
{
	struct setup *s = *state;
	char buf[100];
	u32 seq = 1;

	for (; seq < 16 * 100; seq += 100) {	/* quick ones used up */
		say(&s->t, "P. %u:%u(100) ack 1 win 65535", seq, seq + 100);
		hear(&s->t, ". 1:1(0) ack %u", seq + 100);
		host_recv(s->a, s->fd, buf, 100);
		world_pass(&s->w, 5 * MSEC);
	}
	say(&s->t, ". %u:%u(100) ack 1 win 65535", seq, seq + 100);
	hear_in(&s->t, 35 * MSEC, 45 * MSEC, ". 1:1(0) ack %u", seq + 100);
}

static void an_answer_carries_the_acknowledgement(void **state)
{
	struct setup *s = *state;
	u32 rseq = 1, seq = 1;
	char buf[100];

	for (int i = 0; i < 5; i++, seq += 10, rseq++) {
		say(&s->t, "P. %u:%u(10) ack %u win 65535", seq, seq + 10, rseq);
		if (i == 0)	/* nothing known yet: at once */
			hear(&s->t, ". 1:1(0) ack 11");
		assert_int_equal(host_recv(s->a, s->fd, buf, 100), 10);
		put(s, rseq - 1, 1);
		hear(&s->t, "P. %u:%u(1) ack %u", rseq, rseq + 1, seq + 10);
	}
	say(&s->t, ". %u:%u(0) ack %u win 65535", seq, seq, rseq);
	silence(&s->t, SEC);
}

static void segments_out_of_order_are_put_in_order(void **state)
{
	struct setup *s = *state;
	static const u32 order[] = { 4, 2, 3, 0, 1 };
	u32 acked[] = { 1, 1, 1, 101, 501 };

	for (u32 i = 0; i < 5; i++) {
		u32 seq = 1 + order[i] * 100;

		say(&s->t, "P. %u:%u(100) ack 1 win 65535", seq, seq + 100);
		hear(&s->t, ". 1:1(0) ack %u", acked[i]);
	}
	assert_int_equal(host_recv_stream(s->a, s->fd, 40000, 0, 1000), 500);
}

static void overlapping_and_repeated_data_are_read_once(void **state)
{
	struct setup *s = *state;

	say(&s->t, ". 1:201(200) ack 1 win 65535");
	hear(&s->t, ". 1:1(0) ack 201");
	say(&s->t, ". 101:301(200) ack 1 win 65535");
	hear(&s->t, ". 1:1(0) ack 301");
	say(&s->t, ". 1:201(200) ack 1 win 65535");
	hear(&s->t, ". 1:1(0) ack 301");
	say(&s->t, ". 401:501(100) ack 1 win 65535");
	hear(&s->t, ". 1:1(0) ack 301");
	say(&s->t, ". 251:451(200) ack 1 win 65535");
	hear(&s->t, ". 1:1(0) ack 501");
	assert_int_equal(host_recv_stream(s->a, s->fd, 40000, 0, 1000), 500);
}

static void a_wrong_checksum_is_dropped_with_its_reason(void **state)
{
	struct setup *s = *state;

	s->p.next.bad_csum = true;
	say(&s->t, "P. 1:101(100) ack 1 win 65535");
	silence(&s->t, SEC);
	assert_int_equal(world_drops(&s->w, SKB_DROP_REASON_TCP_CSUM), 1);
	assert_int_equal(STAT(s->a, Tcp, InCsumErrors), 1);
	assert_int_equal(STAT(s->a, Tcp, InErrs), 1);
}

static void data_beyond_the_window_is_dropped_and_answered(void **state)
{
	struct setup *s = *state;

	say(&s->t, "P. 70001:70101(100) ack 1 win 65535");
	hear(&s->t, ". 1:1(0) ack 1");
	assert_int_equal(host_poll(s->a, s->fd) & EPOLLIN, 0);
}

static void an_ack_of_what_was_never_sent_is_answered(void **state)
{
	struct setup *s = *state;

	say(&s->t, ". 1:1(0) ack 5000 win 65535");
	hear(&s->t, ". 1:1(0) ack 1");
	put(s, 0, 100);
	hear(&s->t, "P. 1:101(100) ack 1");
	say(&s->t, ". 1:1(0) ack 101 win 65535");
	silence(&s->t, SEC);
}

/* --- sending --------------------------------------------------------------------------- */

static void large_writes_go_out_in_full_segments_within_ten(void **state)
{
	struct setup *s = *state;

	put(s, 0, 30000);
	for (u32 seq = 1; seq < 14600; seq += 1460) {
		hear(&s->t, ". %u:%u(1460) ack 1", seq, seq + 1460);
		assert_int_equal(stream_check(s->p.last.data, 1460, 7, seq - 1),
				 -1);
	}
	silence(&s->t, 100 * MSEC);		/* RFC 6928 */
	say(&s->t, ". 1:1(0) ack 2921 win 65535");
	for (u32 seq = 14601; seq < 14600 + 4 * 1460; seq += 1460)
		hear(&s->t, ". %u:%u(1460) ack 1", seq, seq + 1460);
	silence(&s->t, 100 * MSEC);
}

static void nagle_holds_small_segments_while_one_is_out(void **state)
{
	struct setup *s = *state;

	put(s, 0, 100);
	hear(&s->t, "P. 1:101(100) ack 1");
	put(s, 100, 100);
	put(s, 200, 100);
	silence(&s->t, 100 * MSEC);
	say(&s->t, ". 1:1(0) ack 101 win 65535");
	hear(&s->t, "P. 101:301(200) ack 1");
	say(&s->t, ". 1:1(0) ack 301 win 65535");
}

static void nodelay_sends_each_write_at_once(void **state)
{
	struct setup *s = *state;

	opt(s, TCP_NODELAY, 1);
	for (u32 i = 0; i < 5; i++) {
		put(s, i * 10, 10);
		hear(&s->t, "P. %u:%u(10) ack 1", 1 + i * 10, 11 + i * 10);
	}
	say(&s->t, ". 1:1(0) ack 51 win 65535");
}

static void cork_sends_full_segments_only_and_uncork_the_rest(void **state)
{
	struct setup *s = *state;

	opt(s, TCP_CORK, 1);
	put(s, 0, 1000);
	silence(&s->t, 150 * MSEC);
	put(s, 1000, 1000);
	hear(&s->t, ". 1:1461(1460) ack 1");
	silence(&s->t, 50 * MSEC);
	opt(s, TCP_CORK, 0);
	hear(&s->t, "P. 1461:2001(540) ack 1");
	say(&s->t, ". 1:1(0) ack 2001 win 65535");
}

static void corked_data_go_out_after_200_ms_anyway(void **state)
{
	struct setup *s = *state;

	opt(s, TCP_CORK, 1);
	put(s, 0, 1000);
	hear_in(&s->t, 190 * MSEC, 1100 * MSEC, "P. 1:1001(1000) ack 1");
	say(&s->t, ". 1:1(0) ack 1001 win 65535");
}

static void msg_more_holds_what_a_later_write_completes(void **state)
{
	struct setup *s = *state;

	assert_int_equal(sys_sendto(s->a->net, s->fd, "head", 4, MSG_MORE, NULL,
				    0), 4);
	silence(&s->t, 100 * MSEC);
	put(s, 4, 6);
	hear(&s->t, "P. 1:11(10) ack 1");
	say(&s->t, ". 1:1(0) ack 11 win 65535");
}

static void a_full_send_buffer_says_eagain_and_poll_says_when(void **state)
{
	struct setup *s = *state;
	u32 pos = 0, acked = 1;
	ssize_t n;

	host_setsockopt(s->a, s->fd, SOL_SOCKET, SO_SNDBUF, 20000);
	while ((n = host_send_stream(s->a, s->fd, 7, pos, 5000)) > 0)
		pos += (u32)n;
	assert_int_equal(n, -EAGAIN);
	assert_int_equal(host_poll(s->a, s->fd) & EPOLLOUT, 0);
	while (acked < pos && peer_next(&s->p, 300 * MSEC)) {
		acked = s->p.last.seq + s->p.last.len - s->t.stack_isn;
		if (!s->p.count)
			say(&s->t, ". 1:1(0) ack %u win 65535", acked);
	}
	assert_true(host_poll(s->a, s->fd) & EPOLLOUT);
}

static void urgent_data_is_pointed_at_and_read_out_of_band(void **state)
{
	struct setup *s = *state;
	char c = 0, buf[8];

	assert_int_equal(sys_sendto(s->a->net, s->fd, "!", 1, MSG_OOB, NULL, 0),
			 1);
	hear(&s->t, "PU. 1:2(1) ack 1 urg 1");
	say(&s->t, "PU. 1:4(3) ack 2 win 65535 urg 3");
	assert_true(host_poll(s->a, s->fd) & EPOLLPRI);
	assert_int_equal(sys_recvfrom(s->a->net, s->fd, &c, 1, MSG_OOB, NULL,
				      NULL), 1);
	assert_int_equal(host_recv(s->a, s->fd, buf, 8), 2);
	assert_int_equal(host_recv(s->a, s->fd, buf, 8), -EAGAIN);
	hear_in(&s->t, 0, 300 * MSEC, ". 2:2(0) ack 4");
}

/* --- windows ----------------------------------------------------------------------------- */

static void a_closed_window_is_probed_until_it_opens(void **state)
{
	struct setup *s = *state;

	put(s, 0, 1000);
	hear(&s->t, "P. 1:1001(1000) ack 1");
	say(&s->t, ". 1:1(0) ack 1001 win 0");
	put(s, 1000, 1000);
	hear_in(&s->t, 190 * MSEC, 260 * MSEC, ". 1000:1000(0) ack 1");
	say(&s->t, ". 1:1(0) ack 1001 win 0");
	hear_in(&s->t, 390 * MSEC, 480 * MSEC, ". 1000:1000(0) ack 1");
	say(&s->t, ". 1:1(0) ack 1001 win 0");
	hear_in(&s->t, 780 * MSEC, 900 * MSEC, ". 1000:1000(0) ack 1");
	say(&s->t, ". 1:1(0) ack 1001 win 65535");
	hear(&s->t, "P. 1001:2001(1000) ack 1");
	say(&s->t, ". 1:1(0) ack 2001 win 65535");
	silence(&s->t, 10 * SEC);
	assert_int_equal(STAT(s->a, TcpExt, TCPWinProbe), 3);
}

/* Linux; RFC 9293 3.8.6.2.1 would hold the small piece back. */
static void a_window_is_filled_to_its_edge_and_the_small_rest_waits(void **state)
{
	struct setup *s = *state;

	put(s, 0, 100);
	hear(&s->t, "P. 1:101(100) ack 1");
	say(&s->t, ". 1:1(0) ack 101 win 2000");
	put(s, 100, 3000);
	hear(&s->t, ". 101:1561(1460) ack 1");
	hear(&s->t, ". 1561:2101(540) ack 1");
	say(&s->t, ". 1:1(0) ack 1561 win 2000");
	silence(&s->t, 100 * MSEC);		/* Nagle */
	say(&s->t, ". 1:1(0) ack 2101 win 2000");
	hear(&s->t, "P. 2101:3101(1000) ack 1");
	say(&s->t, ". 1:1(0) ack 3101 win 2000");
}

static void our_window_closes_when_nobody_reads_and_reopens_after(void **state)
{
	struct setup *s = *state;
	u32 seq = 1, edge = 1 + 64240;
	ssize_t n;
	u64 pos = 0;

	do {
		u32 len = min(edge - seq, 1460u);

		say(&s->t, ". %u:%u(%u) ack 1 win 65535", seq, seq + len, len);
		seq += len;
		while (peer_next(&s->p, 50 * MSEC))
			edge = s->p.last.ack - PEER_ISN + s->p.last.win;
	} while (edge > seq);
	assert_true(seq > 30000);
	s->p.since = world_now(&s->w);
	say(&s->t, ". %u:%u(1) ack 1 win 65535", seq, seq + 1);	/* a probe */
	hear(&s->t, ". 1:1(0) ack %u win 0", seq);
	while ((n = host_recv_stream(s->a, s->fd, 40000, pos, 8000)) > 0)
		pos += (u64)n;
	assert_int_equal(pos, seq - 1);
	hear(&s->t, ". 1:1(0) ack %u", seq);
	assert_true(s->p.last.win >= 1460);
}

static void window_scaling_is_used_both_ways(void **state)
{
	struct setup *s = *state;
	struct file *f;
	u32 scale;

	begin(s, 1000, "mss 1460,nop,wscale 5");
	/* 32000 from now on: ten segments, then more as they are acked */
	put(s, 0, 40000);
	for (u32 seq = 1; seq < 14600; seq += 1460)
		hear(&s->t, ". %u:%u(1460) ack 1", seq, seq + 1460);
	f = fget(s->a->net, s->fd);
	scale = tcp_sk(sock_from_file(f)->sk)->rx_opt.rcv_wscale;
	fput(f);
	assert_true(scale >= 1);
	assert_true((u32)s->p.last.win << scale >= 60000);
}

/* --- timestamps ------------------------------------------------------------------------ */

static void timestamps_are_echoed_and_grow(void **state)
{
	struct setup *s = *state;
	u32 v;

	begin(s, 65535, "mss 1460,sackOK,TS val 100 ecr 0");
	say(&s->t, "P. 1:101(100) ack 1 win 65535 <nop,nop,TS val 200 ecr 0>");
	hear(&s->t, ". 1:1(0) ack 101 <nop,nop,TS val * ecr 200>");
	v = s->p.last.ts_val;
	world_pass(&s->w, 50 * MSEC);
	say(&s->t, "P. 101:201(100) ack 1 win 65535 <nop,nop,TS val 250 ecr 0>");
	hear(&s->t, ". 1:1(0) ack 201 <nop,nop,TS val * ecr 250>");
	assert_in_range(s->p.last.ts_val - v, 49, 52);
}

static void paws_drops_an_old_timestamp(void **state)
{
	struct setup *s = *state;

	begin(s, 65535, "mss 1460,sackOK,TS val 1000 ecr 0");
	say(&s->t, "P. 1:101(100) ack 1 win 65535 <nop,nop,TS val 2000 ecr 0>");
	hear(&s->t, ". 1:1(0) ack 101");
	say(&s->t, "P. 101:201(100) ack 1 win 65535 <nop,nop,TS val 500 ecr 0>");
	hear(&s->t, ". 1:1(0) ack 101");
	assert_int_equal(world_drops(&s->w, SKB_DROP_REASON_TCP_PAWS), 1);
	assert_int_equal(STAT(s->a, TcpExt, PAWSEstab), 1);
}

/* --- quiet connections ------------------------------------------------------------------- */

static void keepalive_probes_and_gives_up(void **state)
{
	struct setup *s = *state;

	opt(s, TCP_KEEPIDLE, 10);
	opt(s, TCP_KEEPINTVL, 3);
	opt(s, TCP_KEEPCNT, 2);
	host_setsockopt(s->a, s->fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	hear_in(&s->t, 9900 * MSEC, 10300 * MSEC, ". 0:0(0) ack 1");
	say(&s->t, ". 1:1(0) ack 1 win 65535");
	hear_in(&s->t, 9900 * MSEC, 10300 * MSEC, ". 0:0(0) ack 1");
	hear_in(&s->t, 2900 * MSEC, 3200 * MSEC, ". 0:0(0) ack 1");
	hear_in(&s->t, 2900 * MSEC, 3200 * MSEC, "R. 1:1(0) ack 1");
	assert_int_equal(host_getsockopt(s->a, s->fd, SOL_SOCKET, SO_ERROR),
			 ETIMEDOUT);
	assert_int_equal(STAT(s->a, TcpExt, TCPKeepAlive), 3);
}

static void a_keepalive_probe_is_answered(void **state)
{
	struct setup *s = *state;

	say(&s->t, ". 0:0(0) ack 1 win 65535");
	hear(&s->t, ". 1:1(0) ack 1");
}

/* --- path MTU ---------------------------------------------------------------------------- */

static void frag_needed_makes_segments_smaller_at_once(void **state)
{
	struct setup *s = *state;

	put(s, 0, 2920);
	hear(&s->t, ". 1:1461(1460) ack 1");
	assert_true(s->p.last.frag_off & IP_DF);
	say_icmp_error(&s->p, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, 1300);
	hear(&s->t, "P. 1461:2921(1460) ack 1");	/* was on its way */
	hear(&s->t, ". 1:1261(1260) ack 1");
	say(&s->t, ". 1:1(0) ack 1261 win 65535");
	hear(&s->t, ". 1261:2521(1260) ack 1");
	hear(&s->t, "P. 2521:2921(400) ack 1");
	say(&s->t, ". 1:1(0) ack 2921 win 65535");
	assert_int_equal(host_getsockopt(s->a, s->fd, SOL_IP, IP_MTU), 1300);
}

static void frag_needed_about_what_was_never_sent_is_ignored(void **state)
{
	struct setup *s = *state;
	u8 forged[14 + 28 + 20];

	put(s, 0, 100);
	hear(&s->t, "P. 1:101(100) ack 1");
	memcpy(forged, s->p.last_frame, sizeof(forged) - 8);
	put_unaligned_be32(s->t.stack_isn + 100000, s->p.last_frame + 38);
	say_icmp_error(&s->p, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, 600);
	say(&s->t, ". 1:1(0) ack 101 win 65535");
	put(s, 100, 1460);
	hear(&s->t, "P. 101:1561(1460) ack 1");
	assert_int_equal(STAT(s->a, TcpExt, OutOfWindowIcmps), 1);
}

/* --- blocking ------------------------------------------------------------------------------ */

static void say_hundred(void *arg)
{
	struct setup *s = arg;

	s->p.next.quiet = true;
	say(&s->t, "P. 1:101(100) ack 1 win 65535");
}

static void a_blocking_reader_is_woken_by_data(void **state)
{
	struct setup *s = *state;
	ktime_t start = world_now(&s->w);
	char buf[200];

	fake_at(s->w.fp, 30 * MSEC, say_hundred, s);
	sys_fcntl(s->a->net, s->fd, F_SETFL, 0);
	assert_int_equal(sys_recvfrom(s->a->net, s->fd, buf, 200, 0, NULL, NULL),
			 100);
	assert_int_equal((world_now(&s->w) - start) / MSEC, 30);
	assert_int_equal(stream_check((u8 *)buf, 100, 40000, 0), -1);
}

static void say_fin(void *arg)
{
	struct setup *s = arg;

	s->p.next.quiet = true;
	say(&s->t, "F. 101:101(0) ack 1 win 65535");
}

static void waitall_returns_less_only_at_the_end(void **state)
{
	struct setup *s = *state;
	char buf[200];

	fake_at(s->w.fp, 30 * MSEC, say_hundred, s);
	fake_at(s->w.fp, 60 * MSEC, say_fin, s);
	sys_fcntl(s->a->net, s->fd, F_SETFL, 0);
	assert_int_equal(sys_recvfrom(s->a->net, s->fd, buf, 200, MSG_WAITALL,
				      NULL, NULL), 100);
	assert_true(world_now(&s->w) >= FAKE_START_NS + 60 * MSEC);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#define C(f) cmocka_unit_test_setup_teardown(f, setup_closed_world, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_first_segments_are_acknowledged_at_once),
		T(later_single_segments_are_acknowledged_after_40_ms),
		T(an_answer_carries_the_acknowledgement),
		T(segments_out_of_order_are_put_in_order),
		T(overlapping_and_repeated_data_are_read_once),
		T(a_wrong_checksum_is_dropped_with_its_reason),
		T(data_beyond_the_window_is_dropped_and_answered),
		T(an_ack_of_what_was_never_sent_is_answered),
		T(large_writes_go_out_in_full_segments_within_ten),
		T(nagle_holds_small_segments_while_one_is_out),
		T(nodelay_sends_each_write_at_once),
		T(cork_sends_full_segments_only_and_uncork_the_rest),
		T(corked_data_go_out_after_200_ms_anyway),
		T(msg_more_holds_what_a_later_write_completes),
		T(a_full_send_buffer_says_eagain_and_poll_says_when),
		T(urgent_data_is_pointed_at_and_read_out_of_band),
		T(a_closed_window_is_probed_until_it_opens),
		T(a_window_is_filled_to_its_edge_and_the_small_rest_waits),
		T(our_window_closes_when_nobody_reads_and_reopens_after),
		C(window_scaling_is_used_both_ways),
		C(timestamps_are_echoed_and_grow),
		C(paws_drops_an_old_timestamp),
		T(keepalive_probes_and_gives_up),
		T(a_keepalive_probe_is_answered),
		T(frag_needed_makes_segments_smaller_at_once),
		T(frag_needed_about_what_was_never_sent_is_ignored),
		T(a_blocking_reader_is_woken_by_data),
		T(waitall_returns_less_only_at_the_end),
	};

	return cmocka_run_group_tests_name("TCP data", tests, NULL, NULL);
}
