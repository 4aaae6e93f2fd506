/* SPDX-License-Identifier: BSD-2-Clause */
/* What goes over the wire in known situations, to the nanosecond: see
 * tests/golden/, and tests/support/golden.h for how to read and renew it. */
#include "tests/support/golden.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <string.h>

#define WIRE	"rate=10mbit,delay=10ms"

/* A connection whose handshake is over, and the trace begins. */
static void open_pair(struct lab *l, struct golden *g, int fd[2])
{
	lab_open(l, NULL, NULL, WIRE);
	lab_neighbours(l);
	golden_open(g, l);
	lab_pair(l, 80, fd);
	weir_sim_pass(l->s, 100 * LAB_MS);
}

static void handshake_transfer_and_close(void **state)
{
	struct golden g;
	struct lab l;
	int fd[2];

	lab_open(&l, NULL, NULL, WIRE);
	golden_open(&g, &l);
	lab_pair(&l, 80, fd);
	golden_note(&g, "a sends 5000, b reads them and sends 100");
	assert_int_equal(lab_send_stream(l.a, fd[0], 1, 5000), 0);
	assert_int_equal(lab_recv_stream(l.b, fd[1], 1, 5000), 0);
	assert_int_equal(lab_send_stream(l.b, fd[1], 2, 100), 0);
	assert_int_equal(lab_recv_stream(l.a, fd[0], 2, 100), 0);
	golden_note(&g, "a closes");
	weir_close(l.a, fd[0]);
	weir_sim_pass(l.s, 100 * LAB_MS);
	golden_note(&g, "b closes");
	weir_close(l.b, fd[1]);
	weir_sim_pass(l.s, LAB_SEC);
	golden_check(&g, "tcp_transfer");
	lab_close(&l);
}

static void a_lost_segment_is_recovered_by_sack(void **state)
{
	struct golden g;
	struct lab l;
	int fd[2];

	open_pair(&l, &g, fd);
	lab_link_set(&l, 0, "mask=0x4");
	golden_note(&g, "a sends ten segments, the third is lost");
	assert_int_equal(lab_send_stream(l.a, fd[0], 1, 14480), 0);
	assert_int_equal(lab_recv_stream(l.b, fd[1], 1, 14480), 0);
	golden_note(&g, "b has them");
	weir_sim_pass(l.s, LAB_SEC);
	golden_check(&g, "tcp_sack");
	lab_close(&l);
}

static void a_lonely_segment_is_recovered_by_timeouts(void **state)
{
	struct golden g;
	struct lab l;
	int fd[2];

	open_pair(&l, &g, fd);
	lab_link_set(&l, 0, "cut");
	golden_note(&g, "cut");
	assert_int_equal(lab_send_stream(l.a, fd[0], 1, 100), 0);
	weir_sim_pass(l.s, 2 * LAB_SEC);
	lab_link_set(&l, 0, "heal");
	golden_note(&g, "healed");
	assert_int_equal(lab_recv_stream(l.b, fd[1], 1, 100), 0);
	golden_note(&g, "b has it");
	weir_sim_pass(l.s, LAB_SEC);
	golden_check(&g, "tcp_rto");
	lab_close(&l);
}

static void a_closed_window_is_probed_until_it_opens(void **state)
{
	int small = 4608, fd[2], listener;
	uint8_t data[20000];
	struct golden g;
	struct lab l;

	lab_open(&l, NULL, NULL, WIRE);
	lab_neighbours(&l);
	golden_open(&g, &l);
	listener = lab_listen(l.b, 80);
	weir_setsockopt(l.b, listener, SOL_SOCKET, SO_RCVBUF, &small,
			sizeof(small));
	fd[0] = lab_connect(l.a, LAB_B, 80);
	fd[1] = lab_accept(l.b, listener);
	lab_fill(data, sizeof(data), 1, 0);
	golden_note(&g, "a sends 20000, b does not read");
	assert_int_equal(weir_send(l.a, fd[0], data, sizeof(data), 0),
			 sizeof(data));
	weir_sim_pass(l.s, 3 * LAB_SEC);
	golden_note(&g, "b reads");
	assert_int_equal(lab_recv_stream(l.b, fd[1], 1, sizeof(data)), 0);
	weir_sim_pass(l.s, LAB_SEC);
	golden_check(&g, "tcp_zero_window");
	lab_close(&l);
}

static void acknowledgements_are_delayed(void **state)
{
	struct golden g;
	struct lab l;
	int fd[2];

	open_pair(&l, &g, fd);
	for (int i = 0; i < 30; i++) {
		if (i >= 27)
			golden_note(&g, "a sends 1 byte");
		assert_int_equal(weir_send(l.a, fd[0], "x", 1, 0), 1);
		weir_sim_pass(l.s, 200 * LAB_MS);
	}
	golden_check(&g, "tcp_delayed_ack");
	lab_close(&l);
}

static void a_datagram_is_answered_or_refused(void **state)
{
	char data[100] = "";
	struct golden g;
	struct lab l;
	int a, b;

	lab_open(&l, NULL, NULL, WIRE);
	golden_open(&g, &l);
	a = lab_udp(l.a, NULL, 1000);
	b = lab_udp(l.b, NULL, 2000);
	lab_sendto(l.a, a, data, 100, LAB_B, 2000);
	assert_int_equal(weir_recv(l.b, b, data, sizeof(data), 0), 100);
	lab_sendto(l.b, b, data, 10, LAB_A, 1000);
	assert_int_equal(weir_recv(l.a, a, data, sizeof(data), 0), 10);
	golden_note(&g, "to a port where nobody is");
	lab_sendto(l.a, a, data, 50, LAB_B, 3000);
	weir_sim_pass(l.s, LAB_SEC);
	golden_check(&g, "udp");
	lab_close(&l);
}

static void a_ping_is_answered(void **state)
{
	struct icmphdr echo = { .type = ICMP_ECHO };
	struct golden g;
	char packet[200];
	struct lab l;
	int fd;

	lab_open(&l, NULL, NULL, WIRE);
	golden_open(&g, &l);
	fd = weir_socket(l.a, AF_INET, SOCK_RAW, IPPROTO_ICMP);
	echo.un.echo.id = htons(7);
	for (uint16_t i = 1; i <= 3; i++) {
		echo.un.echo.sequence = htons(i);
		echo.checksum = 0;
		echo.checksum = (uint16_t)~(htons(0x0800) + echo.un.echo.id +
					    echo.un.echo.sequence);
		assert_int_equal(lab_sendto(l.a, fd, &echo, sizeof(echo), LAB_B,
					    0), sizeof(echo));
		assert_int_equal(weir_recv(l.a, fd, packet, sizeof(packet), 0),
				 20 + sizeof(echo));
		golden_note(&g, "answer %u", i);
		weir_sim_sleep(l.a, LAB_SEC);
	}
	golden_check(&g, "ping");
	lab_close(&l);
}

static void a_large_datagram_is_fragmented(void **state)
{
	static uint8_t data[4000];
	struct golden g;
	struct lab l;
	int a, b;

	lab_open(&l, NULL, NULL, WIRE);
	golden_open(&g, &l);
	a = lab_udp(l.a, NULL, 1000);
	b = lab_udp(l.b, NULL, 2000);
	lab_fill(data, sizeof(data), 1, 0);
	lab_sendto(l.a, a, data, sizeof(data), LAB_B, 2000);
	memset(data, 0, sizeof(data));
	assert_int_equal(weir_recv(l.b, b, data, sizeof(data), 0), 4000);
	assert_int_equal(lab_check(data, sizeof(data), 1, 0), -1);
	golden_note(&g, "b has it");
	golden_check(&g, "fragments");
	lab_close(&l);
}

static void nobody_answers_arp(void **state)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	struct golden g;
	struct lab l;
	int fd, err, one = 1;
	char c;

	lab_open(&l, NULL, NULL, WIRE);
	golden_open(&g, &l);
	fd = weir_socket(l.a, AF_INET, SOCK_DGRAM, 0);
	weir_setsockopt(l.a, fd, IPPROTO_IP, IP_RECVERR, &one, sizeof(one));
	to.sin_addr.s_addr = htonl(0x0a000063);
	weir_connect(l.a, fd, (struct sockaddr *)&to, sizeof(to));
	assert_int_equal(weir_send(l.a, fd, "x", 1, 0), 1);
	err = (int)weir_recv(l.a, fd, &c, 1, 0);
	golden_note(&g, "recv: %s", strerror(-err));
	assert_int_equal(err, -EHOSTUNREACH);
	golden_check(&g, "arp_failure");
	lab_close(&l);
}

static int sends_a_datagram(struct weir *h, void *arg)
{
	char data[200] = "";
	int fd = lab_udp(h, NULL, 1000);

	weir_sim_sleep(h, LAB_MS);
	return lab_sendto(h, fd, data, sizeof(data), LAB_B, 2000) !=
	       sizeof(data);
}

static int receives_a_datagram(struct weir *h, void *arg)
{
	int fd = lab_udp(h, NULL, 2000);
	char data[200];

	return weir_recv(h, fd, data, sizeof(data), 0) != sizeof(data);
}

/* One host's way of a datagram after the other's. */
static void the_stages_of_a_datagram_take_what_the_table_says(void **state)
{
	struct weir_sim_options o = {
		.costs = "* 100 0.5\nsyscall 400\ncontext_switch 900\n"
			 "wakeup 700\ninterrupt 500\nsoftirq 200\n",
		.trace_records = 4096,
	};
	struct weir_sim_task *t;
	struct golden g;
	struct lab l;

	lab_open(&l, &o, NULL, "rate=1gbit,delay=5us");
	lab_neighbours(&l);
	golden_open(&g, &l);
	lab_spawn(l.a, sends_a_datagram, NULL);
	t = lab_spawn(l.b, receives_a_datagram, NULL);
	assert_int_equal(weir_sim_wait(t), 0);
	golden_note(&g, "b has it");
	weir_sim_pass(l.s, LAB_MS);
	golden_stages(&g, l.a);
	golden_stages(&g, l.b);
	golden_check(&g, "stages_udp");
	lab_close(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(handshake_transfer_and_close),
		cmocka_unit_test(a_lost_segment_is_recovered_by_sack),
		cmocka_unit_test(a_lonely_segment_is_recovered_by_timeouts),
		cmocka_unit_test(a_closed_window_is_probed_until_it_opens),
		cmocka_unit_test(acknowledgements_are_delayed),
		cmocka_unit_test(a_datagram_is_answered_or_refused),
		cmocka_unit_test(a_ping_is_answered),
		cmocka_unit_test(a_large_datagram_is_fragmented),
		cmocka_unit_test(nobody_answers_arp),
		cmocka_unit_test(the_stages_of_a_datagram_take_what_the_table_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
