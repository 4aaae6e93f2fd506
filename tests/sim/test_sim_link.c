/* SPDX-License-Identifier: BSD-2-Clause */
/* Links, switches and ports of virtual time: what a frame's way takes, and
 * what becomes of frames that do not arrive. */
#include "tests/support/lab.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <stdio.h>
#include <string.h>

#define WIRE_BYTES(payload)	((payload) + 8 + 20 + 14 + 24)

static struct weir_sim_link_stats stats(struct lab *l, int direction)
{
	struct weir_sim_link_stats st;

	assert_int_equal(weir_sim_link_stats(l->l, direction, &st), 0);
	return st;
}

static void send_n(struct lab *l, int fd, unsigned int n, size_t bytes)
{
	static char data[1472];

	while (n--)
		assert_int_equal(lab_sendto(l->a, fd, data, bytes, LAB_B, 9),
				 bytes);
}

/* Datagrams that are at b and not read yet. */
static unsigned int arrived(struct lab *l, int fd)
{
	char data[1500];
	unsigned int n = 0;

	while (weir_recv(l->b, fd, data, sizeof(data), MSG_DONTWAIT) >= 0)
		n++;
	return n;
}

static void open_udp(struct lab *l, const char *spec, int *a, int *b)
{
	lab_open(l, NULL, NULL, spec);
	lab_neighbours(l);
	*a = lab_udp(l->a, NULL, 8);
	*b = lab_udp(l->b, NULL, 9);
}

static void a_frame_takes_its_length_at_the_rate_and_the_delay(void **state)
{
	int64_t takes = WIRE_BYTES(1000) * 8 * 100 + 7 * LAB_MS + 5;
	struct lab l;
	int a, b;

	open_udp(&l, "rate=10mbit,delay=7000005ns", &a, &b);
	send_n(&l, a, 1, 1000);
	weir_sim_pass(l.s, takes - 1);
	assert_int_equal(arrived(&l, b), 0);
	weir_sim_pass(l.s, 1);
	assert_int_equal(arrived(&l, b), 1);
	lab_close(&l);
}

static void frames_follow_each_other_at_the_rate(void **state)
{
	int64_t each = WIRE_BYTES(1000) * 8 * 100;
	struct lab l;
	int a, b;

	open_udp(&l, "rate=10mbit,delay=1ms,queue=100", &a, &b);
	send_n(&l, a, 20, 1000);
	for (int i = 1; i <= 20; i++) {
		weir_sim_pass(l.s, WEIR_SIM_START_NS + LAB_MS + i * each -
			      weir_sim_now(l.s) - 1);
		assert_int_equal(arrived(&l, b), 0);
		weir_sim_pass(l.s, 1);
		assert_int_equal(arrived(&l, b), 1);
	}
	lab_close(&l);
}

static void a_full_queue_loses_what_comes_beyond(void **state)
{
	struct weir_sim_link_stats st;
	struct lab l;
	int a, b;

	open_udp(&l, "rate=10mbit,queue=5", &a, &b);
	send_n(&l, a, 20, 1000);
	weir_sim_pass(l.s, LAB_SEC);
	st = stats(&l, 0);
	assert_int_equal(arrived(&l, b), 6);	/* one was on the wire */
	assert_int_equal(st.frames, 20);
	assert_int_equal(st.queue_full, 14);
	assert_int_equal(st.delivered, 6);
	assert_int_equal(st.queued_max, 5);
	lab_close(&l);
}

static void without_a_queue_frames_wait_in_the_host(void **state)
{
	struct lab l;
	int a, b;

	open_udp(&l, "rate=10mbit", &a, &b);
	send_n(&l, a, 40, 1000);
	weir_sim_pass(l.s, LAB_SEC);
	assert_int_equal(arrived(&l, b), 40);
	assert_int_equal(stats(&l, 0).queue_full, 0);
	lab_close(&l);
}

static void directions_differ(void **state)
{
	struct lab l;
	int a, b;

	open_udp(&l, "delay=1ms", &a, &b);
	lab_link_set(&l, 0, "delay=30ms");
	send_n(&l, a, 1, 100);
	assert_int_equal(lab_sendto(l.b, b, "x", 1, LAB_A, 8), 1);
	weir_sim_pass(l.s, LAB_MS);
	assert_int_equal(stats(&l, 1).delivered, 1);
	assert_int_equal(stats(&l, 0).delivered, 0);
	weir_sim_pass(l.s, 29 * LAB_MS);
	assert_int_equal(stats(&l, 0).delivered, 1);
	lab_close(&l);
}

static void a_cut_link_loses_all_until_it_heals(void **state)
{
	struct lab l;
	int a, b;

	open_udp(&l, "", &a, &b);
	lab_link_set(&l, -1, "cut");
	send_n(&l, a, 5, 100);
	weir_sim_pass(l.s, LAB_MS);
	assert_int_equal(arrived(&l, b), 0);
	assert_int_equal(stats(&l, 0).cut, 5);
	lab_link_set(&l, -1, "heal");
	send_n(&l, a, 5, 100);
	weir_sim_pass(l.s, LAB_MS);
	assert_int_equal(arrived(&l, b), 5);
	lab_close(&l);
}

static void a_mask_loses_the_frames_it_names(void **state)
{
	char data[10];
	struct lab l;
	int a, b;

	open_udp(&l, "", &a, &b);
	lab_link_set(&l, 0, "mask=0x14");
	for (char i = 0; i < 8; i++)
		lab_sendto(l.a, a, &i, 1, LAB_B, 9);
	weir_sim_pass(l.s, LAB_MS);
	for (char i = 0; i < 8; i++) {
		if (i == 2 || i == 4)
			continue;
		assert_int_equal(weir_recv(l.b, b, data, 10, MSG_DONTWAIT), 1);
		assert_int_equal(data[0], i);
	}
	assert_int_equal(stats(&l, 0).lost, 2);
	lab_close(&l);
}

static void faults_are_as_frequent_as_they_say(void **state)
{
	struct weir_sim_link_stats st;
	struct lab l;
	int a, b;

	open_udp(&l, "loss=10%,dup=5%,reorder=2%,delay=1ms", &a, &b);
	for (int i = 0; i < 200; i++) {
		send_n(&l, a, 20, 10);
		weir_sim_pass(l.s, 100 * LAB_US);
		arrived(&l, b);
	}
	weir_sim_pass(l.s, LAB_SEC);
	st = stats(&l, 0);
	assert_int_equal(st.frames, 4000);
	assert_in_range(st.lost, 330, 470);
	assert_in_range(st.duplicated, 130, 240);
	assert_in_range(st.reordered, 45, 120);
	assert_int_equal(st.delivered, st.frames - st.lost + st.duplicated);
	lab_close(&l);
}

static void bad_words_are_refused_and_change_nothing(void **state)
{
	char err[200] = "";
	struct lab l;

	lab_open(&l, NULL, NULL, "delay=1ms");
	assert_int_equal(weir_sim_link_set(l.l, 0, "dealy=3ms", err,
					   sizeof(err)), -EINVAL);
	assert_non_null(strstr(err, "dealy"));
	assert_int_equal(weir_sim_link_set(l.l, 7, "cut", err, sizeof(err)),
			 -EINVAL);
	assert_null(weir_sim_link(l.s, l.a, l.b, "rate=fast", err,
				  sizeof(err)));
	assert_string_equal(weir_sim_link_dev(l.l, 0), "eth0");
	assert_null(weir_sim_link_dev(l.l, 2));
	lab_close(&l);
}

/* --- switches ------------------------------------------------------------------------ */

static void a_switch_joins_hosts_and_learns_where_they_are(void **state)
{
	struct weir_sim_link *link[3];
	struct weir_sim_link_stats st;
	struct weir_sim_switch *sw;
	char err[200] = "", cidr[20], name[8];
	struct weir *h[3];
	struct weir_sim *s;
	int fd[3];

	s = weir_sim_create(NULL, err, sizeof(err));
	sw = weir_sim_switch(s, err, sizeof(err));
	assert_non_null(sw);
	for (int i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "h%d", i);
		snprintf(cidr, sizeof(cidr), "10.0.0.%d/24", i + 1);
		h[i] = lab_host(s, name, NULL);
		link[i] = weir_sim_plug(sw, h[i], "delay=1ms", err, sizeof(err));
		assert_non_null(link[i]);
		lab_addr(h[i], "eth0", cidr);
		fd[i] = lab_udp(h[i], NULL, 9);
	}
	assert_null(weir_sim_link_dev(link[0], 1));
	for (int i = 0; i < 5; i++)
		lab_sendto(h[0], fd[0], "x", 1, LAB_B, 9);
	weir_sim_pass(s, 100 * LAB_MS);
	weir_sim_link_stats(link[2], 1, &st);
	assert_int_equal(st.delivered, 1);	/* who-has, for all */
	weir_sim_link_stats(link[1], 1, &st);
	assert_int_equal(st.delivered, 6);
	assert_int_equal(weir_sim_destroy(s), 0);
}

/* --- ports --------------------------------------------------------------------------- */

static void make_echo(uint8_t *p, uint32_t from, uint32_t to)
{
	static const uint8_t icmp[8] = { 8, 0, 0xf7, 0xfe, 0, 1, 0, 0 };
	struct iphdr ip = { .version = 4, .ihl = 5, .ttl = 64,
			    .protocol = IPPROTO_ICMP, .tot_len = htons(28),
			    .saddr = htonl(from), .daddr = htonl(to) };
	uint32_t sum = 0;
	uint16_t w[10];

	memcpy(w, &ip, 20);
	for (int i = 0; i < 10; i++)
		sum += w[i];
	sum = (sum & 0xffff) + (sum >> 16);
	ip.check = (uint16_t)~((sum & 0xffff) + (sum >> 16));
	memcpy(p, &ip, 20);
	memcpy(p + 20, icmp, 8);
}

static void packets_go_in_and_out_of_a_port(void **state)
{
	uint8_t packet[28], answer[100];
	struct weir_sim_port *p;
	char err[200] = "";
	struct lab l;
	int64_t when;

	lab_open_alone(&l, NULL, NULL);
	p = weir_sim_port(l.a, NULL, err, sizeof(err));
	assert_non_null(p);
	lab_addr(l.a, "tun0", "192.0.2.1/24");
	weir_sim_pass(l.s, 777);
	make_echo(packet, 0xc0000202, 0xc0000201);
	assert_int_equal(weir_sim_port_next(p, answer, 100, &when), -EAGAIN);
	assert_int_equal(weir_sim_port_input(p, packet, sizeof(packet)), 0);
	weir_sim_pass(l.s, 0);
	assert_int_equal(weir_sim_port_next(p, answer, 100, &when), 28);
	assert_int_equal(when, WEIR_SIM_START_NS + 777);
	assert_int_equal(answer[20], 0);	/* echo reply */
	assert_memory_equal(answer + 16, packet + 12, 4);
	assert_int_equal(weir_sim_port_next(p, answer, 100, &when), -EAGAIN);
	lab_close(&l);
}

static void a_port_refuses_what_is_no_ip_packet(void **state)
{
	static uint8_t junk[70000];
	struct weir_sim_port *p;
	char err[200] = "";
	struct lab l;

	lab_open_alone(&l, NULL, NULL);
	p = weir_sim_port(l.a, NULL, err, sizeof(err));
	assert_non_null(p);
	assert_int_equal(weir_sim_port_input(p, junk, 20), -EINVAL);
	assert_int_equal(weir_sim_port_input(p, junk, sizeof(junk)), -EINVAL);
	assert_int_equal(weir_sim_port_input(p, junk, 0), -EINVAL);
	assert_null(weir_sim_port(l.a, NULL, err, sizeof(err)));
	assert_non_null(strstr(err, "tun0"));
	lab_close(&l);
}

struct reflector {
	struct weir_sim_port *to;
	unsigned int packets;
};

static void count_output(void *arg, int64_t now, const void *packet, size_t len)
{
	((struct reflector *)arg)->packets++;
}

static void a_callback_sees_each_packet_as_it_leaves(void **state)
{
	struct reflector r = { 0 };
	struct weir_sim_port_options o = { .output = count_output, .arg = &r,
					   .name = "wan", .mtu = 576 };
	static char data[1000];
	char err[200] = "";
	struct lab l;
	int fd;

	lab_open_alone(&l, NULL, NULL);
	assert_non_null(weir_sim_port(l.a, &o, err, sizeof(err)));
	lab_addr(l.a, "wan", "192.0.2.1/24");
	fd = lab_udp(l.a, NULL, 9);
	assert_int_equal(lab_sendto(l.a, fd, data, 1000, "192.0.2.9", 9), 1000);
	assert_int_equal(r.packets, 2);
	lab_close(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_takes_its_length_at_the_rate_and_the_delay),
		cmocka_unit_test(frames_follow_each_other_at_the_rate),
		cmocka_unit_test(a_full_queue_loses_what_comes_beyond),
		cmocka_unit_test(without_a_queue_frames_wait_in_the_host),
		cmocka_unit_test(directions_differ),
		cmocka_unit_test(a_cut_link_loses_all_until_it_heals),
		cmocka_unit_test(a_mask_loses_the_frames_it_names),
		cmocka_unit_test(faults_are_as_frequent_as_they_say),
		cmocka_unit_test(bad_words_are_refused_and_change_nothing),
		cmocka_unit_test(a_switch_joins_hosts_and_learns_where_they_are),
		cmocka_unit_test(packets_go_in_and_out_of_a_port),
		cmocka_unit_test(a_port_refuses_what_is_no_ip_packet),
		cmocka_unit_test(a_callback_sees_each_packet_as_it_leaves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
