/* SPDX-License-Identifier: BSD-2-Clause */
/* The views of a stack, as the programs that read /proc/net expect them. */
#include "tests/user/user_test.h"
#include "user/view.h"

static char text[32768];

static const char *view(struct host *h, const char *name)
{
	ssize_t n = net_view(h->net, name, text, sizeof(text));

	assert_true(n > 0 && n < (ssize_t)sizeof(text));
	return text;
}

static void assert_has(const char *where, const char *what)
{
	if (strstr(where, what))
		return;
	print_error("\"%s\" is not in:\n%s", what, where);
	fail();
}

/* All lines are as long as in Linux. */
static void assert_width(const char *lines, size_t width)
{
	const char *end;

	for (; (end = strchr(lines, '\n')); lines = end + 1)
		assert_int_equal(end - lines, width);
	assert_int_equal(*lines, 0);
}

static void tcp_lists_listeners_and_connections(void **state)
{
	struct user_test *t = *state;
	int fd[2];

	host_listen(&t->w.b, 7001, 5);
	world_connect(&t->w, 7000, fd);
	view(&t->w.b, "net/tcp");
	assert_has(text, "  sl  local_address rem_address   st tx_queue");
	assert_has(text, "   0: 00000000:1B59 00000000:0000 0A ");
	assert_has(text, "   1: 0200000A:1B58 0100000A:");
	assert_width(text, 149);
	host_send(&t->w.a, fd[0], "0123456789", 10);
	world_pass(&t->w, 10 * MSEC);
	assert_has(view(&t->w.b, "net/tcp"), " 01 00000000:0000000A ");
}

static void udp_lists_sockets_with_their_queues(void **state)
{
	struct user_test *t = *state;

	user_listener(t, 7000);
	view(&t->w.a, "net/udp");
	assert_has(text, ": 0100007F:1B58 00000000:0000 07 00000000:00000000 ");
	assert_width(text, 127);
	user_send(t, 7000, "x");
	assert_null(strstr(view(&t->w.a, "net/udp"),
			   "1B58 00000000:0000 07 00000000:00000000 "));
}

static void arp_lists_neighbours(void **state)
{
	struct user_test *t = *state;
	int fd[2];

	world_connect(&t->w, 7000, fd);
	assert_has(view(&t->w.a, "net/arp"),
		   "10.0.0.2         0x1         0x2         ");
	assert_has(text, "     *        eth0\n");
}

static void route_lists_the_main_table(void **state)
{
	struct user_test *t = *state;

	view(&t->w.a, "net/route");
	assert_has(text, "eth0\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0");
	assert_width(text, 127);
}

static void sockstat_counts(void **state)
{
	struct user_test *t = *state;
	int fd[2];

	host_listen(&t->w.b, 7001, 5);
	world_connect(&t->w, 7000, fd);
	view(&t->w.b, "net/sockstat");
	assert_has(text, "TCP: inuse 2 orphan 0 tw 0 alloc 2 mem ");
	assert_has(text, "FRAG: inuse 0 memory 0\n");
	user_listener(t, 7000);
	assert_has(view(&t->w.a, "net/sockstat"), "UDP: inuse 1 mem ");
}

static void softnet_stat_has_a_line_of_fifteen_words_per_cpu(void **state)
{
	struct user_test *t = *state;

	view(&t->w.a, "net/softnet_stat");
	assert_width(text, 15 * 9 - 1);
	assert_int_equal(strlen(text), FAKE_CPUS * 15 * 9);
}

static void interrupts_name_their_devices(void **state)
{
	struct user_test *t = *state;

	view(&t->w.a, "interrupts");
	assert_has(text, "     CPU0       CPU1 ");
	assert_has(text, "weir-msi");
	assert_has(text, "eth0");
}

static void a_view_that_does_not_fit_says_its_length(void **state)
{
	struct user_test *t = *state;
	ssize_t whole = net_view(t->net, "net/snmp", text, sizeof(text));

	memset(text, 7, 12);
	assert_int_equal(net_view(t->net, "net/snmp", text, 10), whole);
	assert_int_equal(text[9], 0);
	assert_int_equal(text[10], 7);
	assert_int_equal(net_view(t->net, "net/none", text, 10), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		user_unit(tcp_lists_listeners_and_connections),
		user_unit(udp_lists_sockets_with_their_queues),
		user_unit(arp_lists_neighbours),
		user_unit(route_lists_the_main_table),
		user_unit(sockstat_counts),
		user_unit(softnet_stat_has_a_line_of_fifteen_words_per_cpu),
		user_unit(interrupts_name_their_devices),
		user_unit(a_view_that_does_not_fit_says_its_length),
	};

	return cmocka_run_group_tests_name("views", tests, NULL, NULL);
}
