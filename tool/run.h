/* SPDX-License-Identifier: BSD-2-Clause */
/* What `weir run` was asked for, and the steps to it. */
#ifndef WEIR_TOOL_RUN_H
#define WEIR_TOOL_RUN_H

#include "tool.h"

#define RUN_MAX		8	/* links, addresses */
#define RUN_MAX_SETS	64
#define RUN_MAX_FEATURES 32

struct run_request {
	const struct command *command;
	const char *link[RUN_MAX];
	const char *addr[RUN_MAX];
	const char *set[RUN_MAX_SETS];	/* "name=value" */
	const char *feature[RUN_MAX_FEATURES];	/* "name=on", "name=off" */
	int nr_links, nr_addrs, nr_sets, nr_features;
	const char *gw, *dns, *pcap, *trace, *records, *name;
	bool stats, quiet;
};

/* run_check.c: 0, or an exit code (said why). */
int run_check(const struct run_request *r);
/* run_env.c: the environment for the shim. 0 or an exit code. */
int run_environment(const struct run_request *r);
/* run_program.c: file to execute for the word `cmd` in *path (to be freed).
 * 0, or an exit code: not found, not executable, or out of the shim's reach. */
int run_program(const struct command *c, const char *cmd, char **path);

#endif
