/* SPDX-License-Identifier: BSD-2-Clause */
/* What --so_flags can say, and what happens when it is wrong. */
#include "tests/packetdrill_so/so_test.h"

/* What the library writes to standard error while it is started. */
static void said_with(struct tool *t, const char *flags, char *text, size_t room)
{
	int before = dup(2), file = memfd_create("stderr", MFD_CLOEXEC);
	ssize_t n;

	dup2(file, 2);
	tool_open(t, flags);
	dup2(before, 2);
	close(before);
	n = pread(file, text, room - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	close(file);
}

static void wrong_words_are_named(void **state)
{
	static const struct { const char *flags, *say; } *c, cases[] = {
		{ "nonsense", "\"nonsense\": a word is NAME=VALUE" },
		{ "colour=red", "no \"colour\"" },
		{ "local=10.0.0.1/33", "33" },
		{ "local=10.0.0", "\"local=10.0.0\"" },
		{ "local=1.2.3.4.5.6.7.8.9.0.1.2/8", "IPv4 address" },
		{ "mtu=1500,remote=host", "\"remote=host\"" },
		{ "netmask=255.0.255.0", "not all on the left" },
		{ "mtu=65536", "68 to 65535" }, { "mtu=-1", "68 to 65535" },
		{ "mtu=67", "mtu=67" },
		{ "seed=99999999999999999999", "seed" },
		{ "net.ipv4.no_such=1", "no_such" },
		{ "net.ipv4.tcp_sack=maybe", "tcp_sack" },
		{ "script=/nowhere/a.pkt", "No such file" },
		{ "help", "--so_flags=WORD" },
	};
	long long when = -1;
	char text[4000];
	struct tool t;
	size_t len;

	for (c = cases; c < cases + ARRAY_SIZE(cases); c++) {
		said_with(&t, c->flags, text, sizeof(text));
		if (t.init != -1 || !strstr(text, c->say))
			fail_msg("%s: %d, \"%s\"", c->flags, t.init, text);
		errno = 0;
		assert_int_equal(t.ifc.socket(t.ifc.userdata, AF_INET,
					      SOCK_STREAM, 0), -1);
		assert_int_equal(errno, ENXIO);
		len = sizeof(text);
		assert_int_equal(t.ifc.netdev_receive(t.ifc.userdata, text,
						      &len, &when), 0);
		assert_int_equal(len, 0);
		tool_end(&t);
	}
}

static void settings_are_the_stacks(void **state)
{
	struct tool t;

	tool_start(&t, " net.ipv4.tcp_sack = 0, net.ipv4.tcp_timestamps=0 ,,"
		   "net.ipv4.tcp_wmem=4096 16384 4194304,mtu=1400");
	listener(&t, 0);
	inject(&t, "S 0:0(0) win 65535 <mss 1000,sackOK,nop,nop>", NULL);
	expect(&t, 0, "S. 0:0(0) ack 1 win 65280 <mss 1360>");
	tool_end(&t);
}

static void a_scripts_head_gives_addresses(void **state)
{
	static const char head[] =
		"// --local_ip=9.9.9.9\n"
		"/* --local_ip=8.8.8.8\n --mtu=99 */\n# and more\n"
		"--tolerance_usecs=10000\n"
		"--local_ip=10.1.0.1 --netmask_ip=255.255.255.0 // here\n"
		"\n--remote_ip=10.2.0.1\n--gateway_ip=10.1.0.2 --ip_version=ipv4\n"
		"`sysctl -q net.ipv4.tcp_sack=0`\n"
		"--local_ip=7.7.7.7\n";
	char name[] = "/tmp/weir-so-flags-XXXXXX", flags[100];
	int file = mkstemp(name), fd;
	struct sockaddr_in a = address("10.1.0.1", 5);
	struct sockaddr_in b = address("10.2.0.1", 5);
	struct tool t;

	assert_int_equal(write(file, head, sizeof(head) - 1),
			 sizeof(head) - 1);
	close(file);
	snprintf(flags, sizeof(flags), "script=%s", name);
	tool_start(&t, flags);
	unlink(name);
	fd = t.ifc.socket(t.ifc.userdata, AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(t.ifc.bind(t.ifc.userdata, fd, (struct sockaddr *)&a,
				    sizeof(a)), 0);
	assert_int_equal(t.ifc.sendto(t.ifc.userdata, fd, "x", 1, 0,
				      (struct sockaddr *)&b, sizeof(b)), 1);
	a = address("7.7.7.7", 6);
	fd = t.ifc.socket(t.ifc.userdata, AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(t.ifc.bind(t.ifc.userdata, fd, (struct sockaddr *)&a,
				    sizeof(a)), -1);
	assert_int_equal(errno, EADDRNOTAVAIL);
	tool_end(&t);
}

static void large_packets_pass_unless_they_must_not(void **state)
{
	static const char zeros[3000];
	struct tool t;
	int fd;

	tool_start(&t, "");
	fd = accepted(&t, listener(&t, 0));
	assert_int_equal(t.ifc.send(t.ifc.userdata, fd, zeros, 3000, 0), 3000);
	expect(&t, 0, "P. 1:3001(3000) ack 1");
	tool_end(&t);
	tool_start(&t, "offload=0");
	fd = accepted(&t, listener(&t, 0));
	assert_int_equal(t.ifc.send(t.ifc.userdata, fd, zeros, 3000, 0), 3000);
	expect(&t, 0, ". 1:1001(1000) ack 1");
	expect(&t, 0, ". 1001:2001(1000) ack 1");
	expect(&t, 0, "P. 2001:3001(1000) ack 1");
	tool_end(&t);
}

static void two_stacks_may_be_there_at_once(void **state)
{
	struct tool a, b;

	tool_start(&a, "seed=1");
	tool_start(&b, "seed=2");
	assert_int_equal(a.ifc.usleep(a.ifc.userdata, 1000), 0);
	assert_int_equal(now(&a), 1000);
	assert_int_equal(now(&b), 0);
	accepted(&b, listener(&b, 0));
	accepted(&a, listener(&a, 0));
	tool_end(&a);
	tool_end(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_words_are_named),
		cmocka_unit_test(settings_are_the_stacks),
		cmocka_unit_test(a_scripts_head_gives_addresses),
		cmocka_unit_test(large_packets_pass_unless_they_must_not),
		cmocka_unit_test(two_stacks_may_be_there_at_once),
	};

	return cmocka_run_group_tests_name("so flags", tests, NULL, NULL);
}
