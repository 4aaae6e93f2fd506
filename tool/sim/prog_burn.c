/* SPDX-License-Identifier: BSD-2-Clause */
/* burn: a program that only computes. What it gets done in its time is what
 * interrupts, softirqs and other tasks have left of the CPU. */
#include "program.h"

#define SLICE_NS	100000

static int burn(struct program *p, struct weir *w)
{
	int64_t deadline = program_deadline(p, program_now(p));

	program_mark(p);
	while (program_now(p) < deadline) {
		int64_t before = program_now(p);

		weir_sim_compute(w, SLICE_NS);
		if (program_now(p) == before)
			return 0;	/* the world ends */
		p->busy_ns += SLICE_NS;
		program_mark(p);
	}
	return 0;
}

const struct program_kind prog_burn = {
	.name = "burn",
	.accepts = "start for flows",
	.needs = "for",
	.fields = "share time",
	.defaults = { .flows = 1 },
	.work = burn,
};
