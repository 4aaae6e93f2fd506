/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A world in which everything happens that can, for hours of virtual time, and
 * nothing may grow: tests/sim/soak.c has the command, test_sim_soak.c a short
 * version.
 *
 * Hosts a and b with a router r between, lossy links. All the time connections
 * are opened, used and closed, datagrams and fragments are echoed, links flap,
 * addresses and routes come and go, and guests (whole worlds of a few hosts)
 * are made and ended beside it. Every byte of a stream is looked at. At the end
 * of a period all comes to rest; sockets, addresses and routes must then be the
 * same as at the rest before, and after the first few rests the memory of the
 * stacks must not be more.
 */
#ifndef WEIR_TESTS_SOAK_H
#define WEIR_TESTS_SOAK_H

#include "tests/support/lab.h"

struct soak_params {
	uint64_t seed;
	unsigned int period_s, periods;
	int verbose;			/* a line to stdout per rest */
};

/* 0, or -1 with `why` set. */
int soak(const struct soak_params *p, char *why, size_t len);

#endif
