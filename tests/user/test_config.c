/* SPDX-License-Identifier: BSD-2-Clause */
/* The configuration calls, and that what they set takes effect. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <cmocka.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
#include <weir/sim.h>

#define MS	1000000LL
#define PEER	"192.0.2.1"
#define GATEWAY	"192.168.0.2"

struct config_test {
	struct weir_sim *sim;
	struct weir *w;
	struct weir_sim_port *port;
	unsigned char packet[2048];
	ssize_t len;
	char err[256], text[8192];
};

static int setup(void **state)
{
	struct config_test *t = calloc(1, sizeof(*t));

	t->sim = weir_sim_create(NULL, t->err, sizeof(t->err));
	assert_non_null(t->sim);
	t->w = weir_sim_host(t->sim, "h", NULL, t->err, sizeof(t->err));
	assert_non_null(t->w);
	t->port = weir_sim_port(t->w, &(struct weir_sim_port_options){ 0 },
				t->err, sizeof(t->err));
	assert_non_null(t->port);
	assert_int_equal(weir_addr_add(t->w, "tun0", "192.168.0.1/16", t->err,
				       sizeof(t->err)), 0);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct config_test *t = *state;
	size_t left = weir_sim_destroy(t->sim);

	free(t);
	return (int)left;
}

static int route(struct config_test *t, enum weir_route_op op,
		 struct weir_route r)
{
	return weir_route(t->w, op, &r, t->err, sizeof(t->err));
}

static const char *view(struct config_test *t, const char *name)
{
	assert_true(weir_view(t->w, name, t->text, sizeof(t->text)) >= 0);
	return t->text;
}

/* A packet that leaves; false: none. */
static int next(struct config_test *t)
{
	int64_t when;

	weir_sim_pass(t->sim, 1 * MS);
	t->len = weir_sim_port_next(t->port, t->packet, sizeof(t->packet), &when);
	return t->len > 0;
}

static int start_connect(struct config_test *t)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(80) };
	int fd = weir_socket(t->w, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	inet_pton(AF_INET, PEER, &to.sin_addr);
	assert_int_equal(weir_connect(t->w, fd, (struct sockaddr *)&to,
				      sizeof(to)), -EINPROGRESS);
	assert_true(next(t));
	assert_int_equal(t->packet[0], 0x45);
	assert_int_equal(t->packet[33] & 0x3f, 0x02);
	return fd;
}

/* MSS option of the SYN in t->packet: it comes first. */
static unsigned int syn_mss(const struct config_test *t)
{
	assert_int_equal(t->packet[40], 2);
	return t->packet[42] << 8 | t->packet[43];
}

static void sum_in(unsigned int *sum, const unsigned char *p, size_t n)
{
	size_t i;

	for (i = 0; i + 1 < n; i += 2)
		*sum += (unsigned int)(p[i] << 8 | p[i + 1]);
}

static void put_sum(unsigned char *at, unsigned int sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	at[0] = (unsigned char)(~sum >> 8);
	at[1] = (unsigned char)~sum;
}

/* Answers the SYN in t->packet with a SYN-ACK: MSS 1460, window 65535. */
static void answer(struct config_test *t)
{
	static const unsigned char mss[4] = { 2, 4, 1460 >> 8, 1460 & 255 };
	unsigned char p[44] = { 0x45, 0, 0, 44, 0, 1, 0x40, 0, 64, 6 };
	unsigned int sum = 0;

	memcpy(p + 12, t->packet + 16, 4);
	memcpy(p + 16, t->packet + 12, 4);
	memcpy(p + 20, t->packet + 22, 2);
	memcpy(p + 22, t->packet + 20, 2);
	memcpy(p + 28, t->packet + 24, 4);
	p[31]++;			/* the ISN may wrap here: carried on */
	if (!p[31] && !++p[30] && !++p[29])
		p[28]++;
	p[32] = 0x60;
	p[33] = 0x12;
	p[34] = p[35] = 0xff;
	memcpy(p + 40, mss, 4);
	sum_in(&sum, p, 20);
	put_sum(p + 10, sum);
	sum = 6 + 24;
	sum_in(&sum, p + 12, 8);
	sum_in(&sum, p + 20, 24);
	put_sum(p + 36, sum);
	assert_int_equal(weir_sim_port_input(t->port, p, sizeof(p)), 0);
	assert_true(next(t));		/* our ACK */
}

/* --- routes --------------------------------------------------------------------- */

static void advmss_of_the_route_is_announced(void **state)
{
	struct config_test *t = *state;

	assert_int_equal(route(t, WEIR_ROUTE_ADD, (struct weir_route){
			 .dst = PEER, .via = GATEWAY, .dev = "tun0" }), 0);
	start_connect(t);
	assert_int_equal(syn_mss(t), 1460);
	assert_int_equal(route(t, WEIR_ROUTE_CHANGE, (struct weir_route){
			 .dst = PEER, .via = GATEWAY, .dev = "tun0",
			 .advmss = 600 }), 0);
	start_connect(t);
	assert_int_equal(syn_mss(t), 600);
}

static void a_locked_mtu_bounds_segments_and_forbids_df(void **state)
{
	static const char data[1400];
	struct config_test *t = *state;
	int fd;

	assert_int_equal(route(t, WEIR_ROUTE_ADD, (struct weir_route){
			 .dst = "default", .via = GATEWAY, .mtu = 640,
			 .mtu_lock = 1 }), 0);
	assert_int_equal(weir_sysctl_set(t->w, "net.ipv4.tcp_timestamps", "0",
					 t->err, sizeof(t->err)), 0);
	fd = start_connect(t);
	assert_int_equal(syn_mss(t), 600);
	answer(t);
	assert_int_equal(weir_send(t->w, fd, data, sizeof(data), 0),
			 sizeof(data));
	assert_true(next(t));
	assert_int_equal(t->len, 640);
	assert_int_equal(t->packet[6] & 0x40, 0);
}

static void without_lock_packets_keep_df(void **state)
{
	struct config_test *t = *state;

	assert_int_equal(route(t, WEIR_ROUTE_ADD, (struct weir_route){
			 .dst = "default", .via = GATEWAY, .mtu = 640 }), 0);
	start_connect(t);
	assert_int_equal(t->packet[6] & 0x40, 0x40);
}

static void hoplimit_and_ecn_of_the_route_are_used(void **state)
{
	struct config_test *t = *state;

	assert_int_equal(route(t, WEIR_ROUTE_ADD, (struct weir_route){
			 .dst = PEER, .dev = "tun0", .hoplimit = 7,
			 .ecn = 1 }), 0);
	start_connect(t);
	assert_int_equal(t->packet[8], 7);
	assert_int_equal(t->packet[33], 0xc2);
}

static void initcwnd_and_congctl_of_the_route_are_used(void **state)
{
	static const char data[20000];
	struct config_test *t = *state;
	struct tcp_info info;
	socklen_t len = sizeof(info);
	char name[16] = "";
	int fd;

	assert_int_equal(route(t, WEIR_ROUTE_ADD, (struct weir_route){
			 .dst = PEER, .dev = "tun0", .initcwnd = 3,
			 .congctl = "reno" }), 0);
	fd = start_connect(t);
	answer(t);
	assert_int_equal(weir_send(t->w, fd, data, sizeof(data), 0),
			 sizeof(data));
	assert_int_equal(weir_getsockopt(t->w, fd, IPPROTO_TCP, TCP_INFO, &info,
					 &len), 0);
	assert_int_equal(info.tcpi_snd_cwnd, 3);
	assert_int_equal(info.tcpi_unacked, 3);
	len = sizeof(name);
	assert_int_equal(weir_getsockopt(t->w, fd, IPPROTO_TCP, TCP_CONGESTION,
					 name, &len), 0);
	assert_string_equal(name, "reno");
}

static void a_route_that_is_not_there_cannot_change(void **state)
{
	struct config_test *t = *state;
	struct weir_route r = { .dst = "10.0.0.0/8", .dev = "tun0" };

	assert_int_equal(route(t, WEIR_ROUTE_CHANGE, r), -ENOENT);
	assert_string_equal(t->err, "10.0.0.0/8: there is no such route");
	assert_int_equal(route(t, WEIR_ROUTE_DEL, r), -ESRCH);
	assert_int_equal(route(t, WEIR_ROUTE_REPLACE, r), 0);
	assert_int_equal(route(t, WEIR_ROUTE_ADD, r), -EEXIST);
	r.metric = 5;
	assert_int_equal(route(t, WEIR_ROUTE_CHANGE, r), -ENOENT);
	r.metric = 0;
	assert_int_equal(route(t, WEIR_ROUTE_DEL, r), 0);
}

static void onlink_gateways_need_no_address(void **state)
{
	struct config_test *t = *state;
	struct weir_route r = { .dst = "10.0.0.0/8", .via = "172.16.0.1",
				.dev = "tun0" };

	assert_int_equal(route(t, WEIR_ROUTE_ADD, r), -ENETUNREACH);
	r.onlink = 1;
	assert_int_equal(route(t, WEIR_ROUTE_ADD, r), 0);
	assert_string_equal(view(t, "ip/route"), "10.0.0.0/8 via 172.16.0.1 dev "
			    "tun0 onlink\n192.168.0.0/16 dev tun0 proto kernel "
			    "scope link src 192.168.0.1\n");
}

static void refusing_routes_refuse(void **state)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	struct config_test *t = *state;
	int fd = weir_socket(t->w, AF_INET, SOCK_DGRAM, 0);

	inet_pton(AF_INET, "10.1.1.1", &to.sin_addr);
	assert_int_equal(route(t, WEIR_ROUTE_ADD, (struct weir_route){
			 .dst = "10.1.0.0/16", .type = "prohibit" }), 0);
	assert_int_equal(weir_sendto(t->w, fd, "x", 1, 0,
				     (struct sockaddr *)&to, sizeof(to)),
			 -EACCES);
	assert_int_equal(route(t, WEIR_ROUTE_REPLACE, (struct weir_route){
			 .dst = "10.1.0.0/16", .type = "blackhole" }), 0);
	assert_int_equal(weir_sendto(t->w, fd, "x", 1, 0,
				     (struct sockaddr *)&to, sizeof(to)),
			 -EINVAL);
}

static void bad_words_are_named(void **state)
{
	struct config_test *t = *state;

	assert_int_equal(route(t, WEIR_ROUTE_ADD, (struct weir_route){
			 .dst = "10.0.0/8", .dev = "tun0" }), -EINVAL);
	assert_string_equal(t->err, "10.0.0/8: not an IPv4 prefix, such as "
			    "10.1.0.0/16");
	assert_int_equal(route(t, WEIR_ROUTE_ADD, (struct weir_route){
			 .dst = "default", .dev = "tun7" }), -ENODEV);
	assert_string_equal(t->err, "tun7: no such device");
	assert_int_equal(route(t, WEIR_ROUTE_ADD, (struct weir_route){
			 .dst = "default", .dev = "tun0", .congctl = "vegas" }),
			 -EINVAL);
	assert_string_equal(t->err, "vegas: no such congestion control");
}

/* --- devices -------------------------------------------------------------------- */

static void properties_of_a_device_can_be_set(void **state)
{
	struct config_test *t = *state;
	char *e = t->err;

	assert_int_equal(weir_link_set(t->w, "tun0", "mtu", "1400", e, 256), 0);
	assert_int_equal(weir_link_set(t->w, "tun0", "txqueuelen", "7", e, 256),
			 0);
	assert_int_equal(weir_link_set(t->w, "tun0", "gso_max_segs", "9", e,
				       256), 0);
	assert_non_null(strstr(view(t, "ip/link"), " mtu 1400 "));
	assert_non_null(strstr(t->text, " qlen 7 gso_max_size 65535 "
			       "gso_max_segs 9 "));
	assert_int_equal(weir_link_set(t->w, "tun0", "state", "down", e, 256),
			 0);
	assert_non_null(strstr(view(t, "ip/link"), "state DOWN"));
	assert_int_equal(weir_link_set(t->w, "tun0", "colour", "red", e, 256),
			 -ENOENT);
	assert_int_equal(weir_link_set(t->w, "tun0", "mtu", "many", e, 256),
			 -EINVAL);
}

static void addresses_come_and_go(void **state)
{
	struct config_test *t = *state;

	assert_int_equal(weir_addr_add(t->w, "tun0", "10.2.0.1/24", t->err, 256),
			 0);
	assert_non_null(strstr(view(t, "ip/addr"), "tun0    inet 10.2.0.1/24 "
			       "brd 10.2.0.255 scope global tun0"));
	assert_int_equal(weir_addr_del(t->w, "tun0", "10.2.0.1/24", t->err, 256),
			 0);
	assert_int_equal(weir_addr_del(t->w, "tun0", "10.2.0.1/24", t->err, 256),
			 -EADDRNOTAVAIL);
}

static void features_have_short_and_long_names(void **state)
{
	struct config_test *t = *state;
	char *e = t->err;

	assert_int_equal(weir_feature_set(t->w, "tun0", "gso", 0, e, 256), 0);
	assert_int_equal(weir_feature_get(t->w, "tun0",
				"generic-segmentation-offload"), 0);
	assert_int_equal(weir_feature_set(t->w, "tun0",
				"tx-generic-segmentation", 1, e, 256), 0);
	assert_int_equal(weir_feature_get(t->w, "tun0", "gso"), 1);
	assert_int_equal(weir_feature_set(t->w, "tun0", "warp", 1, e, 256),
			 -ENOENT);
	assert_int_equal(weir_feature_get(t->w, "tun9", "gso"), -ENODEV);
}

static void send_datagram(struct config_test *t)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd = weir_socket(t->w, AF_INET, SOCK_DGRAM, 0);

	inet_pton(AF_INET, "192.168.0.9", &to.sin_addr);
	weir_sendto(t->w, fd, "x", 1, 0, (struct sockaddr *)&to, sizeof(to));
	weir_close(t->w, fd);
}

static void a_queue_of_limit_0_drops_everything(void **state)
{
	struct config_test *t = *state;

	send_datagram(t);
	assert_true(next(t));
	assert_int_equal(weir_qdisc_set(t->w, "tun0", "pfifo limit 0", t->err,
					256), 0);
	send_datagram(t);
	assert_false(next(t));
	assert_non_null(strstr(view(t, "tc/qdisc"),
			       "qdisc pfifo 8001: dev tun0 root refcnt 2 limit "
			       "0p\n Sent 0 bytes 0 pkt (dropped 1,"));
	assert_int_equal(weir_qdisc_set(t->w, "tun0", "pfifo limit 10", t->err,
					256), 0);
	send_datagram(t);
	assert_true(next(t));
	assert_non_null(strstr(view(t, "tc/qdisc"), "(dropped 1,"));
	assert_int_equal(weir_qdisc_set(t->w, "tun0", NULL, t->err, 256), 0);
	assert_null(strstr(view(t, "tc/qdisc"), "8001:"));
}

static void disciplines_that_are_not_there_are_named(void **state)
{
	struct config_test *t = *state;

	assert_int_equal(weir_qdisc_set(t->w, "tun0", "red limit 5", t->err,
					256), -ENOENT);
	assert_non_null(strstr(t->err, "red: no such queueing discipline; there "
			       "are "));
	assert_int_equal(weir_qdisc_set(t->w, "tun0", "pfifo limit", t->err,
					256), -EINVAL);
	assert_int_equal(weir_qdisc_set(t->w, "tun0", "pfifo burst 5", t->err,
					256), -EINVAL);
}

static void neighbours_can_be_permanent(void **state)
{
	struct config_test *t = *state;
	struct weir *b = weir_sim_host(t->sim, "b", NULL, t->err, 256);
	char *e = t->err;

	assert_non_null(b);
	assert_non_null(weir_sim_link(t->sim, t->w, b, "", e, 256));
	assert_int_equal(weir_neigh_set(t->w, "eth0", "10.3.0.2",
					"02:00:00:00:00:02", e, 256), 0);
	assert_string_equal(view(t, "ip/neigh"), "10.3.0.2 dev eth0 lladdr "
			    "02:00:00:00:00:02 PERMANENT\n");
	assert_int_equal(weir_neigh_flush(t->w, NULL), 0);
	assert_string_not_equal(view(t, "ip/neigh"), "");
	assert_int_equal(weir_neigh_set(t->w, "eth0", "10.3.0.2", NULL, e, 256),
			 0);
	assert_string_equal(view(t, "ip/neigh"), "");
	assert_int_equal(weir_neigh_set(t->w, "eth0", "10.3.0.2", NULL, e, 256),
			 -ENOENT);
	assert_int_equal(weir_neigh_set(t->w, "eth0", "10.3.0.2", "zz", e, 256),
			 -EINVAL);
}

static void rings_are_the_nics(void **state)
{
	struct config_test *t = *state;
	struct weir *b = weir_sim_host(t->sim, "b", NULL, t->err, 256);

	assert_non_null(b);
	assert_non_null(weir_sim_link(t->sim, t->w, b, "", t->err, 256));
	assert_int_equal(weir_ring_set(t->w, "eth0", 512, 0, t->err, 256), 0);
	assert_int_equal(weir_ring_set(t->w, "eth0", 1 << 20, 0, t->err, 256),
			 -EINVAL);
	assert_int_equal(weir_ring_set(t->w, "tun0", 512, 0, t->err, 256),
			 -EOPNOTSUPP);
}

#define CASE(fn)	cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(advmss_of_the_route_is_announced),
		CASE(a_locked_mtu_bounds_segments_and_forbids_df),
		CASE(without_lock_packets_keep_df),
		CASE(hoplimit_and_ecn_of_the_route_are_used),
		CASE(initcwnd_and_congctl_of_the_route_are_used),
		CASE(a_route_that_is_not_there_cannot_change),
		CASE(onlink_gateways_need_no_address),
		CASE(refusing_routes_refuse),
		CASE(bad_words_are_named),
		CASE(properties_of_a_device_can_be_set),
		CASE(addresses_come_and_go),
		CASE(features_have_short_and_long_names),
		CASE(a_queue_of_limit_0_drops_everything),
		CASE(disciplines_that_are_not_there_are_named),
		CASE(neighbours_can_be_permanent),
		CASE(rings_are_the_nics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
