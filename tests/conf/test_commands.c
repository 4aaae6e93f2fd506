/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands: those of the stack, and those of files and text. */
#include "tests/conf/conf_test.h"

#include <errno.h>
#include <netinet/in.h>

static void sysctl_sets_and_shows(void **state)
{
	runs(*state, "sysctl -q net.ipv4.tcp_rmem=\"4096 131072 "
	     "$((32*1024*1024))\"; sysctl net.ipv4.tcp_rmem", 0,
	     "net.ipv4.tcp_rmem = 4096\t131072\t33554432\n");
	runs(*state, "sysctl -w net/ipv4/tcp_ecn=1; sysctl -n net.ipv4.tcp_ecn",
	     0, "net.ipv4.tcp_ecn = 1\n1\n");
	fails(*state, "sysctl -q net.inet.tcp.rfc5827=1", 1, "sysctl: cannot "
	      "stat /proc/sys/net/inet/tcp/rfc5827: No such file");
	runs(*state, "sysctl -e -q net.inet.tcp.rfc5827=1", 0, "");
	fails(*state, "sysctl net.ipv4.tcp_sack=many", 1,
	      "sysctl: setting key \"net.ipv4.tcp_sack\": Invalid argument");
	runs(*state, "sysctl -a | grep -q '^net.ipv4.tcp_sack = 1$'", 0, "");
}

static void ip_route_takes_metrics(void **state)
{
	runs(*state, "ip route add 192.0.2.1 via 192.168.0.2 dev tun0\n"
	     "ip route change 192.0.2.1 via 192.168.0.2 dev tun0 advmss 600 mtu "
	     "lock 640 initcwnd 11 rto_min 5ms features ecn\n"
	     "ip route show", 0, "192.0.2.1 via 192.168.0.2 dev tun0 mtu lock "
	     "640 advmss 600 initcwnd 11 features ecn rto_min lock 5ms\n"
	     "192.168.0.0/16 dev tun0 proto kernel scope link src "
	     "192.168.0.1\n");
	runs(*state, "ip -4 r del 192.0.2.1 && ip ro | wc -l", 0, "1\n");
	fails(*state, "ip route add 10.0.0.0/8 dev tun0 colour red", 2,
	      "ip: route: \"colour\" is not there; there are via, dev");
	fails(*state, "ip -6 route change fd::3 via fd::2", 1,
	      "ip: IPv6 is not in this stack");
}

static void ip_configures_devices(void **state)
{
	runs(*state, "ip link set dev tun0 mtu 1400 txqueuelen 5 && ip addr add "
	     "10.1.0.1/24 dev tun0 && ip link show tun0 | grep -o 'mtu [0-9]*'",
	     0, "mtu 1400\n");
	runs(*state, "ip a show dev tun0 | cut -d' ' -f7", 0,
	     "192.168.0.1/16\n10.1.0.1/24\n");
	runs(*state, "ip tcp_metrics flush all > /dev/null 2>&1", 0, "");
	fails(*state, "ip tunnel add x", 1, "ip: Object \"tunnel\" is unknown");
	fails(*state, "ip link set tun9 up", 2, "ip: tun9: no such device");
}

static void tc_sets_the_root(void **state)
{
	runs(*state, "tc qdisc add dev tun0 root pfifo limit 10; tc qdisc show "
	     "dev tun0", 0, "qdisc pfifo 8001: dev tun0 root refcnt 2 limit "
	     "10p\n");
	fails(*state, "tc qdisc add dev tun0 root bfifo", 2,
	      "tc: Exclusivity flag on");
	runs(*state, "tc qdisc replace dev tun0 root bfifo limit 64k; tc qdisc "
	     "show dev tun0 | grep -o 'limit .*'", 0, "limit 65536b\n");
	runs(*state, "tc qdisc del dev tun0 root", 0, "");
	fails(*state, "tc qdisc delete dev tun0 root", 2,
	      "tc: Cannot delete qdisc with handle of zero");
	fails(*state, "tc qdisc replace dev tun0 root red", 2,
	      "tc: red: no such queueing discipline");
	fails(*state, "tc qdisc replace dev tun9 root pfifo", 1,
	      "tc: Cannot find device \"tun9\"");
}

static void ethtool_switches_offloads(void **state)
{
	runs(*state, "ethtool -K tun0 gso off gro off; ethtool -k tun0 | grep "
	     "generic", 0, "generic-segmentation-offload: off\n"
	     "generic-receive-offload: off\n");
	fails(*state, "ethtool -K tun0 warp on", 1, "ethtool: warp: no such "
	      "feature");
	fails(*state, "ethtool -K tun0 gso maybe", 1,
	      "ethtool: gso: on or off");
}

static void count_one(struct conf_test *t)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9),
				  .sin_addr.s_addr = htonl(0x7f000001) };
	int fd = weir_socket(t->w, AF_INET, SOCK_STREAM, 0);

	assert_int_equal(weir_connect(t->w, fd, (struct sockaddr *)&to,
				      sizeof(to)), -ECONNREFUSED);
	weir_close(t->w, fd);
}

static void nstat_shows_what_was_added(void **state)
{
	struct conf_test *t = *state;
	static const char one[] = "TcpActiveOpens                  1          "
				  "        0.0\n";

	count_one(t);
	runs(t, "nstat | grep TcpActiveOpens", 0, one);
	runs(t, "nstat | grep TcpActiveOpens", 1, "");
	count_one(t);
	runs(t, "nstat -s | grep -q 'TcpActiveOpens .* 1 '; nstat -s | grep "
	     "TcpActiveOpens | grep -q ' 1 '", 0, "");
	runs(t, "nstat -n; nstat | grep TcpActiveOpens", 1, "");
	runs(t, "nstat -a 'TcpAct*' | tail -n 1 | awk '{print $2}'", 0, "2\n");
	runs(t, "nstat -z TcpExtBeyondWindow | wc -l", 0, "2\n");
}

static void ss_lists_sockets(void **state)
{
	struct sockaddr_in any = { .sin_family = AF_INET,
				   .sin_port = htons(8080) };
	struct conf_test *t = *state;
	int fd = weir_socket(t->w, AF_INET, SOCK_STREAM, 0);

	weir_bind(t->w, fd, (struct sockaddr *)&any, sizeof(any));
	weir_listen(t->w, fd, 5);
	runs(t, "ss -t -n -H", 0, "");
	runs(t, "ss -tlnH | awk '{print $1, $4}'", 0, "LISTEN 0.0.0.0:8080\n");
	runs(t, "ss -tan state listening sport = :8080 | wc -l", 0, "2\n");
	runs(t, "ss -tanH sport = :80", 0, "");
	runs(t, "grep ' 0A ' /proc/net/tcp | grep -q ':1F90'", 0, "");
	fails(t, "ss -tp", 1, "ss: option -p is not there");
}

static void grep_finds(void **state)
{
	runs(*state, "printf 'ab\\nAC\\nb\\n' | grep -c a", 0, "1\n");
	runs(*state, "printf 'ab\\nAC\\nb\\n' | grep -i 'A[BC]'", 0, "ab\nAC\n");
	runs(*state, "printf 'ab\\nAC\\nb\\n' | grep -v b", 0, "AC\n");
	runs(*state, "printf 'a1b22\\n' | grep -oE '[0-9]+'", 0, "1\n22\n");
	runs(*state, "printf 'a.b\\naxb\\n' | grep -F a.b", 0, "a.b\n");
	runs(*state, "printf 'foobar\\nfoo\\n' | grep -w foo", 0, "foo\n");
	runs(*state, "echo x | grep -q y", 1, "");
	fails(*state, "grep x /tmp/none", 2,
	      "grep: /tmp/none: No such file or directory");
	fails(*state, "grep -P x", 2, "grep: option -P is not there");
}

static void text_is_cut_and_counted(void **state)
{
	runs(*state, "printf 'a b\\nc\\n' | wc", 0, "2 3 6\n");
	runs(*state, "printf '1\\n2\\n3\\n' | tail -n 2 | head -1", 0, "2\n");
	runs(*state, "printf '1\\n2\\n3\\n' | tail -n +2", 0, "2\n3\n");
	runs(*state, "echo a:b:c | cut -d: -f1,3", 0, "a:c\n");
	runs(*state, "echo abc | tr a-c A-C | tr -d B", 0, "AC\n");
	runs(*state, "printf '10\\n9\\n9\\n' | sort -n -u", 0, "9\n10\n");
	runs(*state, "printf '10\\n9\\n' | sort -r", 0, "9\n10\n");
}

static void sed_and_awk_do_the_simple_things(void **state)
{
	runs(*state, "echo aaxa | sed 's/a/[&]/g'", 0, "[a][a]x[a]\n");
	runs(*state, "echo ab | sed -E 's/(a)(b)/\\2\\1/'", 0, "ba\n");
	runs(*state, "printf '1\\n2\\n3\\n' | sed -n 2p", 0, "2\n");
	runs(*state, "printf '1\\n2\\n3\\n' | sed /2/d", 0, "1\n3\n");
	fails(*state, "sed 'y/a/b/'", 1, "sed: y/a/b/: only s/A/B/");
	runs(*state, "echo ' a  b c ' | awk '{print $2 \"-\" $3, NR}'", 0,
	     "b-c 1\n");
	runs(*state, "printf 'x 1\\ny 2\\n' | awk '/y/ {print $NF}'", 0, "2\n");
	runs(*state, "echo a:b | awk -F: '{ print $2 }'", 0, "b\n");
	fails(*state, "awk 'BEGIN {x=1}'", 2, "awk: only [/RE/] {print");
}

static void dd_makes_files(void **state)
{
	struct conf_test *t = *state;
	size_t len = 0;

	runs(t, "/bin/dd bs=1 count=5 if=/dev/zero of=/tmp/testfile status=none",
	     0, "");
	assert_memory_equal(conf_file(t->c, "/tmp/testfile", &len),
			    "\0\0\0\0\0", 5);
	assert_int_equal(len, 5);
	runs(t, "/bin/rm -f /tmp/testfile; cat /tmp/testfile 2> /dev/null", 1,
	     "");
	assert_null(conf_file(t->c, "/tmp/testfile", NULL));
	fails(t, "dd if=/dev/zero of=/tmp/x", 1, "dd: more than 64M");
	runs(t, "printf abcdef | dd bs=2 count=2", 0, "abcd");
}

static void one_command_goes_without_the_shell(void **state)
{
	char *argv[] = { "sysctl", "-n", "net.ipv4.tcp_sack", NULL };
	struct conf_test *t = *state;

	assert_int_equal(conf_command(t->c, 3, argv), 0);
	assert_string_equal(conf_output(t->c, NULL), "1\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(sysctl_sets_and_shows),
		CASE(ip_route_takes_metrics),
		CASE(ip_configures_devices),
		CASE(tc_sets_the_root),
		CASE(ethtool_switches_offloads),
		CASE(nstat_shows_what_was_added),
		CASE(ss_lists_sockets),
		CASE(grep_finds),
		CASE(text_is_cut_and_counted),
		CASE(sed_and_awk_do_the_simple_things),
		CASE(dd_makes_files),
		CASE(one_command_goes_without_the_shell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
