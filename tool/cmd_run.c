/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * weir run, weir record: an unmodified program on a stack of its own. All is
 * checked, the environment for the shim is made, and then this process
 * becomes the program: its exit code, signals and terminal are its own.
 */
#define _GNU_SOURCE
#include "run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RUN_OPTIONS \
	{ 'l', "link", "LINK", "wire:NAME or tap:NAME; again for eth1, ...", \
	  false }, \
	{ 'a', "addr", "CIDR", "IPv4 address of the link before it: " \
	  "10.0.0.1/24", false }, \
	{ 'g', "gw", "IP", "default gateway", false }, \
	{ 'd', "dns", "IP[,IP]", "name servers instead of /etc/resolv.conf's", \
	  false }, \
	{ 's', "set", "NAME=VALUE", "a setting: net.ipv4.tcp_sack=0", false }, \
	{ 'K', "feature", "NAME=on|off", "an offload of all links, as in " \
	  "ethtool -K: gro=off", false }, \
	{ 'n', "name", "NAME", "the stack's name in traces", false }, \
	{ 'p', "pcap", "FILE", "capture all frames (pcapng)", false }, \
	{ 'R', "trace-records", "N", "trace ring per CPU, in records (65536)", \
	  true }, \
	{ 'S', "stats", NULL, "counters at the end, on stderr", false }, \
	{ 'q', "quiet", NULL, "do not tell what bypassed the stack", false }

static const struct tool_option run_options[] = {
	RUN_OPTIONS,
	{ 't', "trace", "FILE", "record each packet's way; see weir trace",
	  false },
	{ 0 },
};
static const struct tool_option record_options[] = {
	{ 'o', "output", "FILE", "the trace (weir.weirtrace)", false },
	RUN_OPTIONS,
	{ 0 },
};

static int add(const struct run_request *r, const char **list, int *n, int max,
	       const char *value, const char *what)
{
	if (*n == max)
		return tool_fail(r->command, EXIT_USAGE, "--%s: at most %d",
				 what, max);
	list[(*n)++] = value;
	return EXIT_OK;
}

static int set_option(void *ctx, char letter, const char *value)
{
	struct run_request *r = ctx;

	switch (letter) {
	case 'l':
		return add(r, r->link, &r->nr_links, RUN_MAX, value, "link");
	case 'a':
		return add(r, r->addr, &r->nr_addrs, RUN_MAX, value, "addr");
	case 's':
		return add(r, r->set, &r->nr_sets, RUN_MAX_SETS, value, "set");
	case 'K':
		return add(r, r->feature, &r->nr_features, RUN_MAX_FEATURES,
			   value, "feature");
	case 'g':
		r->gw = value;
		break;
	case 'd':
		r->dns = value;
		break;
	case 'n':
		r->name = value;
		break;
	case 'p':
		r->pcap = value;
		break;
	case 't':
	case 'o':
		r->trace = value;
		break;
	case 'R':
		r->records = value;
		if (atoi(value) < 16)
			return tool_fail(r->command, EXIT_USAGE,
					 "--trace-records %s: at least 16",
					 value);
		break;
	case 'S':
		r->stats = true;
		break;
	case 'q':
		r->quiet = true;
		break;
	}
	return EXIT_OK;
}

static int become(const struct command *c, const char *path, char **argv)
{
	execv(path, argv);
	return tool_fail(c, errno == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN,
			 "%s: %s", path, strerror(errno));
}

static int run_with(struct run_request *r, int argc, char **argv)
{
	char *path;
	int at, ret;

	at = tool_parse(r->command, argc, argv, set_option, r);
	if (at < 0)
		return -1 - at;
	if (at == argc)
		return tool_fail(r->command, EXIT_USAGE, "no program; write "
				 "weir %s %s", r->command->name,
				 r->command->args);
	ret = run_program(r->command, argv[at], &path);
	if (ret)
		return ret;
	ret = run_check(r);
	if (!ret)
		ret = run_environment(r);
	if (!ret)
		ret = become(r->command, path, argv + at);
	free(path);
	return ret;
}

static int run(const struct command *c, int argc, char **argv)
{
	struct run_request r = { .command = c };

	return run_with(&r, argc, argv);
}

static int record(const struct command *c, int argc, char **argv)
{
	struct run_request r = { .command = c, .trace = "weir.weirtrace" };

	return run_with(&r, argc, argv);
}

const struct command cmd_run = {
	.name = "run",
	.args = "[OPTIONS] -- CMD [ARGS]",
	.what = "run a program on a network stack of its own",
	.text = "Without --link the stack has only its loopback device. The "
		"exit code is the\nprogram's; 126, 127: it cannot be run, is "
		"not there.",
	.options = run_options,
	.run = run,
};

const struct command cmd_record = {
	.name = "record",
	.args = "[-o FILE] [OPTIONS] -- CMD [ARGS]",
	.what = "the same, recording each packet's way",
	.options = record_options,
	.run = record,
};
