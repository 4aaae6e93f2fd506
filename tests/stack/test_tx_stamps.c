/* SPDX-License-Identifier: BSD-2-Clause */
/* SO_TIMESTAMPING: when what was sent passed the qdisc and the device, and when
 * it was acknowledged; and stamps of what TCP received. */
#include "tests/support/peer.h"

#include "base/slab.h"

#define ALL (SOF_TIMESTAMPING_TX_SCHED | SOF_TIMESTAMPING_TX_SOFTWARE | \
	     SOF_TIMESTAMPING_TX_ACK | SOF_TIMESTAMPING_SOFTWARE | \
	     SOF_TIMESTAMPING_OPT_ID)
#define SENT (SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE | \
	      SOF_TIMESTAMPING_OPT_ID)
#define ACKED (SOF_TIMESTAMPING_TX_ACK | SOF_TIMESTAMPING_SOFTWARE | \
	       SOF_TIMESTAMPING_OPT_ID)
#define TSONLY SOF_TIMESTAMPING_OPT_TSONLY

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
	s->fd = talk_serve(&s->t, &s->p, 80, 65535, NULL);
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

static int want(struct setup *s, int fd, u32 flags)
{
	return host_setsockopt(&s->w.a, fd, SOL_SOCKET, SO_TIMESTAMPING,
			       (int)flags);
}

struct message {
	ssize_t len;
	u8 data[2000];
	struct sock_extended_err ee;
	struct sockaddr_in offender;
	struct scm_timestamping ts;
	struct in_pktinfo info;
	u8 stats[512];
	size_t stats_len;
};

static void take_cmsg(struct message *msg, const struct cmsghdr *c)
{
	const void *data = CMSG_DATA(c);

	if (c->cmsg_level == SOL_IP && c->cmsg_type == IP_RECVERR)
		memcpy(&msg->ee, data, sizeof(msg->ee) + sizeof(msg->offender));
	if (c->cmsg_level == SOL_IP && c->cmsg_type == IP_PKTINFO)
		memcpy(&msg->info, data, sizeof(msg->info));
	if (c->cmsg_level != SOL_SOCKET)
		return;
	if (c->cmsg_type == SCM_TIMESTAMPING)
		memcpy(&msg->ts, data, sizeof(msg->ts));
	if (c->cmsg_type == SCM_TIMESTAMPING_OPT_STATS) {
		msg->stats_len = c->cmsg_len - CMSG_LEN(0);
		memcpy(msg->stats, data, msg->stats_len);
	}
}

/* The next message of the error queue; false: none. */
static bool next(struct setup *s, int fd, struct message *msg)
{
	char control[1024];
	struct iovec iov = { msg->data, sizeof(msg->data) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c;

	memset(msg, 0, sizeof(*msg));
	msg->len = sys_recvmsg(s->w.a.net, fd, &m, MSG_ERRQUEUE);
	if (msg->len < 0)
		return false;
	assert_true(m.msg_flags & MSG_ERRQUEUE);
	for (c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
		take_cmsg(msg, c);
	assert_int_equal(msg->ee.ee_errno, ENOMSG);
	assert_int_equal(msg->ee.ee_origin, SO_EE_ORIGIN_TIMESTAMPING);
	return true;
}

static void is_stamped(struct setup *s, int fd, u32 what, u32 key)
{
	struct message m;

	assert_true(next(s, fd, &m));
	assert_int_equal(m.ee.ee_info, what);
	assert_int_equal(m.ee.ee_data, key);
	assert_true(m.ts.ts[0].tv_sec || m.ts.ts[0].tv_nsec);
}

static void no_stamp(struct setup *s, int fd)
{
	struct message m;

	assert_false(next(s, fd, &m));
	assert_int_equal(m.len, -EAGAIN);
}

/* --- a stream ------------------------------------------------------------------ */

static void each_point_is_told_with_the_last_bytes_number(void **state)
{
	struct setup *s = *state;
	struct message m;

	assert_int_equal(want(s, s->fd, ALL), 0);
	host_send(&s->w.a, s->fd, "0123456789", 10);
	hear(&s->t, "P. 1:11(10) ack 1");
	is_stamped(s, s->fd, SCM_TSTAMP_SCHED, 9);
	is_stamped(s, s->fd, SCM_TSTAMP_SND, 9);
	no_stamp(s, s->fd);
	world_pass(&s->w, 20 * MSEC);
	say(&s->t, ". 1:1(0) ack 11 win 65535");
	assert_true(host_poll(&s->w.a, s->fd) & EPOLLERR);
	assert_true(next(s, s->fd, &m));
	assert_int_equal(m.ee.ee_info, SCM_TSTAMP_ACK);
	assert_int_equal(m.ee.ee_data, 9);
	assert_int_equal(m.len, 10);	/* with the bytes */
	assert_memory_equal(m.data, "0123456789", 10);
	assert_false(host_poll(&s->w.a, s->fd) & EPOLLERR);
	host_send(&s->w.a, s->fd, "abc", 3);
	is_stamped(s, s->fd, SCM_TSTAMP_SCHED, 12);
}

static void a_stamp_comes_with_the_whole_frame_or_alone(void **state)
{
	struct setup *s = *state;
	struct message m;

	want(s, s->fd, SENT);
	host_send(&s->w.a, s->fd, "abc", 3);
	assert_true(next(s, s->fd, &m));
	assert_int_equal(m.len, 14 + 20 + 20 + 3);
	assert_memory_equal(m.data + m.len - 3, "abc", 3);
	say(&s->t, ". 1:1(0) ack 4 win 65535");
	want(s, s->fd, SENT | TSONLY);
	host_send(&s->w.a, s->fd, "def", 3);
	assert_true(next(s, s->fd, &m));
	assert_int_equal(m.len, 0);
	assert_int_equal(m.ee.ee_data, 5);
	assert_true(m.ts.ts[0].tv_sec || m.ts.ts[0].tv_nsec);
}

static void without_numbers_the_key_is_zero(void **state)
{
	struct setup *s = *state;

	want(s, s->fd, SENT & ~SOF_TIMESTAMPING_OPT_ID);
	host_send(&s->w.a, s->fd, "abc", 3);
	is_stamped(s, s->fd, SCM_TSTAMP_SND, 0);
}

static void numbers_begin_at_the_first_byte_not_acknowledged_or_written(
	void **state)
{
	struct setup *s = *state;

	host_send(&s->w.a, s->fd, "0123456789", 10);
	hear(&s->t, "P. 1:11(10) ack 1");
	want(s, s->fd, ACKED);
	host_send(&s->w.a, s->fd, "a", 1);
	say(&s->t, ". 1:1(0) ack 11 win 65535");
	hear(&s->t, "P. 11:12(1) ack 1");
	want(s, s->fd, 0);
	want(s, s->fd, ACKED | SOF_TIMESTAMPING_OPT_ID_TCP);
	host_setsockopt(&s->w.a, s->fd, IPPROTO_TCP, TCP_NODELAY, 1);
	host_send(&s->w.a, s->fd, "b", 1);
	hear(&s->t, "P. 12:13(1) ack 1");
	want(s, s->fd, ACKED);		/* it is set: the base stays */
	say(&s->t, ". 1:1(0) ack 13 win 65535");
	is_stamped(s, s->fd, SCM_TSTAMP_ACK, (u32)-1);
	is_stamped(s, s->fd, SCM_TSTAMP_ACK, 0);
}

static void all_segments_must_have_passed(void **state)
{
	struct setup *s = *state;
	static u8 data[2920];

	want(s, s->fd, SENT | SOF_TIMESTAMPING_TX_ACK | TSONLY);
	host_send(&s->w.a, s->fd, data, 2920);
	hear(&s->t, ". 1:1461(1460) ack 1");
	hear(&s->t, "P. 1461:2921(1460) ack 1");
	is_stamped(s, s->fd, SCM_TSTAMP_SND, 2919);
	say(&s->t, ". 1:1(0) ack 1461 win 65535");
	no_stamp(s, s->fd);
	say(&s->t, ". 1:1(0) ack 2921 win 65535");
	is_stamped(s, s->fd, SCM_TSTAMP_ACK, 2919);
	no_stamp(s, s->fd);
}

static void the_key_stays_with_its_byte_when_the_window_cuts(void **state)
{
	struct setup *s = *state;
	static u8 data[3000];

	say(&s->t, "P. 1:2(1) ack 1 win 2920");
	hear(&s->t, ". 1:1(0) ack 2");
	say(&s->t, ". 2:2(0) ack 1 win 2920");
	want(s, s->fd, SENT | SOF_TIMESTAMPING_TX_ACK | TSONLY);
	host_send(&s->w.a, s->fd, data, 3000);
	hear(&s->t, ". 1:1461(1460) ack 2");
	hear(&s->t, ". 1461:2921(1460) ack 2");
	no_stamp(s, s->fd);
	say(&s->t, ". 2:2(0) ack 2921 win 2920");
	hear(&s->t, "P. 2921:3001(80) ack 2");
	is_stamped(s, s->fd, SCM_TSTAMP_SND, 2999);
	say(&s->t, ". 2:2(0) ack 3001 win 2920");
	is_stamped(s, s->fd, SCM_TSTAMP_ACK, 2999);
}

static void of_calls_in_one_packet_the_last_is_told(void **state)
{
	struct setup *s = *state;

	want(s, s->fd, ACKED | TSONLY);
	host_send(&s->w.a, s->fd, "a", 1);
	hear(&s->t, "P. 1:2(1) ack 1");
	host_send(&s->w.a, s->fd, "bc", 2);	/* Nagle: they wait */
	host_send(&s->w.a, s->fd, "def", 3);
	say(&s->t, ". 1:1(0) ack 2 win 65535");
	hear(&s->t, "P. 2:7(5) ack 1");
	say(&s->t, ". 1:1(0) ack 7 win 65535");
	is_stamped(s, s->fd, SCM_TSTAMP_ACK, 0);
	is_stamped(s, s->fd, SCM_TSTAMP_ACK, 5);
	no_stamp(s, s->fd);
}

static void a_retransmission_is_sent_again_and_acknowledged_once(void **state)
{
	struct setup *s = *state;

	want(s, s->fd, SENT | SOF_TIMESTAMPING_TX_ACK | TSONLY);
	host_send(&s->w.a, s->fd, "abc", 3);
	hear(&s->t, "P. 1:4(3) ack 1");
	is_stamped(s, s->fd, SCM_TSTAMP_SND, 2);
	hear_in(&s->t, 0, SEC, "P. 1:4(3) ack 1");
	is_stamped(s, s->fd, SCM_TSTAMP_SND, 2);
	say(&s->t, ". 1:1(0) ack 4 win 65535");
	is_stamped(s, s->fd, SCM_TSTAMP_ACK, 2);
	say(&s->t, ". 1:1(0) ack 4 win 65535");
	no_stamp(s, s->fd);
}

static void packets_joined_for_retransmission_keep_the_last_key(void **state)
{
	struct setup *s = *state;

	host_setsockopt(&s->w.a, s->fd, IPPROTO_TCP, TCP_NODELAY, 1);
	want(s, s->fd, ACKED | TSONLY);
	host_send(&s->w.a, s->fd, "abc", 3);
	host_send(&s->w.a, s->fd, "de", 2);
	hear(&s->t, "P. 1:4(3) ack 1");
	hear(&s->t, "P. 4:6(2) ack 1");
	hear_in(&s->t, 0, SEC, "P. 1:6(5) ack 1");
	say(&s->t, ". 1:1(0) ack 6 win 65535");
	is_stamped(s, s->fd, SCM_TSTAMP_ACK, 4);
	no_stamp(s, s->fd);
}

static ssize_t send_with(struct setup *s, int fd, u32 flags)
{
	char control[CMSG_SPACE(sizeof(flags))] = { 0 };
	struct iovec iov = { (void *)"abc", 3 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SO_TIMESTAMPING;
	c->cmsg_len = CMSG_LEN(sizeof(flags));
	memcpy(CMSG_DATA(c), &flags, sizeof(flags));
	return sys_sendmsg(s->w.a.net, fd, &m, MSG_DONTWAIT);
}

static void one_call_can_ask_for_itself(void **state)
{
	struct setup *s = *state;

	host_setsockopt(&s->w.a, s->fd, IPPROTO_TCP, TCP_NODELAY, 1);
	want(s, s->fd, SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID);
	host_send(&s->w.a, s->fd, "abc", 3);
	no_stamp(s, s->fd);
	assert_int_equal(send_with(s, s->fd, SOF_TIMESTAMPING_TX_SOFTWARE), 3);
	is_stamped(s, s->fd, SCM_TSTAMP_SND, 5);
	host_send(&s->w.a, s->fd, "abc", 3);
	no_stamp(s, s->fd);
	assert_int_equal(send_with(s, s->fd, SOF_TIMESTAMPING_SOFTWARE), -EINVAL);
}

static void options_that_make_no_sense_are_refused(void **state)
{
	struct setup *s = *state;
	int fd = host_socket(&s->w.a, SOCK_STREAM);

	assert_int_equal(want(s, fd, ALL), -EINVAL); /* not connected */
	assert_int_equal(want(s, fd, SENT & ~SOF_TIMESTAMPING_OPT_ID), 0);
	assert_int_equal(want(s, s->fd, SOF_TIMESTAMPING_OPT_ID_TCP), -EINVAL);
	assert_int_equal(want(s, s->fd, SOF_TIMESTAMPING_OPT_STATS), -EINVAL);
	assert_int_equal(want(s, s->fd, 1u << 30), -EINVAL);
	assert_int_equal(want(s, s->fd, ALL), 0);
	assert_int_equal(host_getsockopt(&s->w.a, s->fd, SOL_SOCKET,
					 SO_TIMESTAMPING), ALL);
}

/* The value of an attribute; fails the test when it is not there. */
static u64 attribute(const struct message *m, u16 type)
{
	u16 head[2];
	u64 v = 0;

	for (size_t at = 0; at + sizeof(head) <= m->stats_len;
	     at += ALIGN_UP(head[0], 4u)) {
		memcpy(head, m->stats + at, sizeof(head));
		if (head[1] != type)
			continue;
		memcpy(&v, m->stats + at + 4, head[0] - 4u);
		return v;
	}
	fail_msg("no attribute %u", type);
	return 0;
}

static void an_acknowledgement_can_come_with_the_connections_numbers(
	void **state)
{
	struct setup *s = *state;
	struct message m;

	want(s, s->fd, ACKED | TSONLY | SOF_TIMESTAMPING_OPT_STATS);
	host_send(&s->w.a, s->fd, "abc", 3);
	hear(&s->t, "P. 1:4(3) ack 1");
	say(&s->t, ". 1:1(0) ack 4 win 65535");
	assert_true(next(s, s->fd, &m));
	assert_int_equal(attribute(&m, TCP_NLA_BYTES_SENT), 3);
	assert_int_equal(attribute(&m, TCP_NLA_DATA_SEGS_OUT), 1);
	assert_int_equal(attribute(&m, TCP_NLA_SND_CWND), 10);
	assert_int_equal(attribute(&m, TCP_NLA_TIMEOUT_REHASH), 0);
	assert_int_equal(attribute(&m, TCP_NLA_BYTES_NOTSENT), 0);
	attribute(&m, TCP_NLA_SRTT);
	attribute(&m, TCP_NLA_EDT);
}

static void received_bytes_are_stamped_when_asked_for(void **state)
{
	struct setup *s = *state;
	char control[256], in[8];
	struct iovec iov = { in, sizeof(in) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c;

	want(s, s->fd, SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE);
	say(&s->t, "P. 1:4(3) ack 1 win 65535");
	assert_int_equal(sys_recvmsg(s->w.a.net, s->fd, &m, MSG_DONTWAIT), 3);
	c = CMSG_FIRSTHDR(&m);
	assert_non_null(c);
	assert_int_equal(c->cmsg_type, SCM_TIMESTAMPING);
	want(s, s->fd, 0);
	host_setsockopt(&s->w.a, s->fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
	say(&s->t, "P. 4:7(3) ack 1 win 65535");
	m.msg_controllen = sizeof(control);
	assert_int_equal(sys_recvmsg(s->w.a.net, s->fd, &m, MSG_DONTWAIT), 3);
	c = CMSG_FIRSTHDR(&m);
	assert_non_null(c);
	assert_int_equal(c->cmsg_type, SCM_TIMESTAMPNS);
}

/* --- datagrams ------------------------------------------------------------------- */

static int udp(struct setup *s, u32 flags)
{
	int fd = host_socket(&s->w.a, SOCK_DGRAM | SOCK_NONBLOCK);

	assert_int_equal(want(s, fd, flags), 0);
	assert_int_equal(host_connect(&s->w.a, fd, HOST_B, 99), 0);
	return fd;
}

static void datagrams_are_counted(void **state)
{
	struct setup *s = *state;
	int fd = udp(s, ALL & ~SOF_TIMESTAMPING_TX_SCHED);
	struct message m;

	host_send(&s->w.a, fd, "abc", 3);
	host_send(&s->w.a, fd, "de", 2);
	assert_true(next(s, fd, &m));
	assert_int_equal(m.ee.ee_info, SCM_TSTAMP_SND);
	assert_int_equal(m.ee.ee_data, 0);
	assert_int_equal(m.len, 14 + 20 + 8 + 3);
	assert_int_equal(m.offender.sin_family, 0);
	is_stamped(s, fd, SCM_TSTAMP_SND, 1);
	no_stamp(s, fd);
}

static void a_datagram_in_fragments_is_stamped_once(void **state)
{
	struct setup *s = *state;
	int fd = udp(s, SENT | TSONLY);
	static u8 data[4000];

	assert_int_equal(host_send(&s->w.a, fd, data, sizeof(data)), 4000);
	is_stamped(s, fd, SCM_TSTAMP_SND, 0);
	no_stamp(s, fd);
	host_setsockopt(&s->w.a, fd, SOL_UDP, UDP_SEGMENT, 1000);
	assert_int_equal(host_send(&s->w.a, fd, data, sizeof(data)), 4000);
	is_stamped(s, fd, SCM_TSTAMP_SND, 1);
	no_stamp(s, fd);
}

static void the_device_can_be_told_with_the_stamp(void **state)
{
	struct setup *s = *state;
	int fd = udp(s, SENT | SOF_TIMESTAMPING_OPT_CMSG);
	struct message m;

	host_setsockopt(&s->w.a, fd, SOL_IP, IP_PKTINFO, 1);
	host_send(&s->w.a, fd, "abc", 3);
	assert_true(next(s, fd, &m));
	assert_int_equal(m.info.ipi_ifindex, s->w.a.dev->ifindex);
	assert_int_equal(ntohl(m.info.ipi_spec_dst.s_addr), HOST_A);
	assert_int_equal(ntohl(m.info.ipi_addr.s_addr), HOST_B);
}

static void errors_that_are_not_wanted_any_more_take_no_stamps_along(
	void **state)
{
	struct setup *s = *state;
	int fd = udp(s, SENT);

	host_setsockopt(&s->w.a, fd, SOL_IP, IP_RECVERR, 1);
	host_send(&s->w.a, fd, "abc", 3);
	hear_udp(&s->p, 0, 99, 3);
	say_icmp_error(&s->p, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
	host_setsockopt(&s->w.a, fd, SOL_IP, IP_RECVERR, 0);
	is_stamped(s, fd, SCM_TSTAMP_SND, 0);
	no_stamp(s, fd);
}

static void a_full_error_queue_loses_stamps_and_nothing_else(void **state)
{
	struct setup *s = *state;
	int fd = udp(s, SENT);
	struct message m;
	u32 n = 0;

	host_setsockopt(&s->w.a, fd, SOL_SOCKET, SO_RCVBUF, 2304);
	for (u32 i = 0; i < 20; i++)
		assert_int_equal(host_send(&s->w.a, fd, "abc", 3), 3);
	while (next(s, fd, &m))
		n++;
	assert_in_range(n, 1, 19);
	world_pass(&s->w, 10 * MSEC);
	host_send(&s->w.a, fd, "abc", 3);
	is_stamped(s, fd, SCM_TSTAMP_SND, 20);
}

/* --- without memory ---------------------------------------------------------------- */

static bool each_allocation(u64 nth)
{
	struct setup *s = calloc(1, sizeof(*s));
	static u8 data[4000];
	u64 left;
	int fd[2];

	world_open(&s->w, NULL);
	world_connect(&s->w, 80, fd);
	want(s, fd[0], ALL);
	slab_fail_nth(s->w.m->depot, nth);
	for (u32 i = 0; i < 2; i++) {
		host_send(&s->w.a, fd[0], data, sizeof(data));
		world_pass(&s->w, MSEC);
		want(s, fd[0], ALL | TSONLY | SOF_TIMESTAMPING_OPT_STATS);
	}
	left = slab_fail_nth(s->w.m->depot, 0);
	host_close(&s->w.a, fd[0]);
	world_pass(&s->w, 10 * SEC);
	world_close(&s->w);
	free(s);
	return left;
}

static void no_failed_allocation_loses_anything(void **state)
{
	u64 n = 1;

	(void)state;
	while (!each_allocation(n))
		n++;
	assert_in_range(n, 10, 2000);
}

#define P(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		P(each_point_is_told_with_the_last_bytes_number),
		P(a_stamp_comes_with_the_whole_frame_or_alone),
		P(without_numbers_the_key_is_zero),
		P(numbers_begin_at_the_first_byte_not_acknowledged_or_written),
		P(all_segments_must_have_passed),
		P(the_key_stays_with_its_byte_when_the_window_cuts),
		P(of_calls_in_one_packet_the_last_is_told),
		P(a_retransmission_is_sent_again_and_acknowledged_once),
		P(packets_joined_for_retransmission_keep_the_last_key),
		P(one_call_can_ask_for_itself),
		P(options_that_make_no_sense_are_refused),
		P(an_acknowledgement_can_come_with_the_connections_numbers),
		P(received_bytes_are_stamped_when_asked_for),
		P(datagrams_are_counted),
		P(a_datagram_in_fragments_is_stamped_once),
		P(the_device_can_be_told_with_the_stamp),
		P(errors_that_are_not_wanted_any_more_take_no_stamps_along),
		P(a_full_error_queue_loses_stamps_and_nothing_else),
		cmocka_unit_test(no_failed_allocation_loses_anything),
	};

	return cmocka_run_group_tests_name("tx stamps", tests, NULL, NULL);
}
