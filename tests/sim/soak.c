/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * soak: hours of virtual time in which nothing may grow (tests/support/soak.h).
 *
 *	soak [--hours H] [--seed S]
 *
 * All comes to rest every ten minutes: one line each, with memory and what was
 * done so far. Exit 0 when all is well, 3 when not.
 */
#include "tests/support/soak.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "hours", required_argument, NULL, 'h' },
		{ "seed", required_argument, NULL, 's' },
		{ 0 },
	};
	struct soak_params p = { .seed = 1, .period_s = 600, .periods = 24,
				 .verbose = 1 };
	char why[200] = "";
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 'h': p.periods = (unsigned int)(6 * atof(optarg)); break;
		case 's': p.seed = strtoull(optarg, NULL, 0); break;
		default: return 1;
		}
	}
	if (soak(&p, why, sizeof(why))) {
		printf("soak: seed %llu: %s\n", (unsigned long long)p.seed, why);
		return 3;
	}
	printf("soak: %u periods of %u s, all well\n", p.periods, p.period_s);
	return 0;
}
