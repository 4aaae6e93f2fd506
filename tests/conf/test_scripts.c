/* SPDX-License-Identifier: BSD-2-Clause */
/* defaults.sh, set_sysctls.py, and that scripts of the host are read nowhere
 * but there. */
#include "tests/conf/conf_test.h"

#include <stdio.h>
#include <unistd.h>

static void run_as(struct conf_test *t, const char *script, const char *text,
		   const char *output)
{
	conf_destroy(t->c);
	t->c = new_conf(t, script);
	runs(t, text, 0, output);
}

static void defaults_depend_on_the_suite(void **state)
{
	static const char show[] = "../common/defaults.sh && sysctl -n "
				   "net.ipv4.tcp_fastopen net.ipv4.tcp_rmem";

	run_as(*state, "google/tcp/ack/x.pkt", show,
	       "459779\n4096\t540000\t15728640\n");
	run_as(*state, "suites/linux/x.pkt", show,
	       "3\n4096\t540000\t15728640\n");
}

static void defaults_set_the_queue_of_the_scripts_device(void **state)
{
	runs(*state, "./defaults.sh; tc qdisc show dev tun0 | cut -d' ' -f2", 0,
	     "pfifo\n");
}

static void defaults_next_to_the_script_are_read(void **state)
{
	char dir[] = "/tmp/weir-conf-XXXXXX", path[64], script[64];
	FILE *f;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/defaults.sh", dir);
	snprintf(script, sizeof(script), "%s/a.pkt", dir);
	f = fopen(path, "w");
	fputs("#!/bin/bash\nsysctl -q net.ipv4.tcp_reordering=9\n", f);
	fclose(f);
	run_as(*state, script, "./defaults.sh; cat "
	       "/proc/sys/net/ipv4/tcp_reordering", "9\n");
	fails(*state, "sh ./other.sh", 127, "other.sh: ./other.sh: No such");
	unlink(path);
	rmdir(dir);
}

static void set_sysctls_can_be_restored(void **state)
{
	runs(*state, "./set_sysctls.py /proc/sys/net/ipv4/tcp_timestamps=0 \\\n"
	     "  /proc/sys/net/ipv4/tcp_wmem=\"4096 50000 4194304\"\n"
	     "sysctl -n net.ipv4.tcp_timestamps net.ipv4.tcp_wmem", 0,
	     "0\n4096\t50000\t4194304\n");
	runs(*state, "/tmp/sysctl_restore_${PPID}.sh; sysctl -n "
	     "net.ipv4.tcp_timestamps; sysctl -n net.ipv4.tcp_wmem | cut -f2",
	     0, "1\n16384\n");
	fails(*state, "./set_sysctls.py /proc/sys/net/ipv4/tcp_warp=0", 1,
	      "set_sysctls.py: /proc/sys/net/ipv4/tcp_warp: No such file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(defaults_depend_on_the_suite),
		CASE(defaults_set_the_queue_of_the_scripts_device),
		CASE(defaults_next_to_the_script_are_read),
		CASE(set_sysctls_can_be_restored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
