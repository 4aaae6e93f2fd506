/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A CPU for tests of the lowest floors: a platform over malloc with a clock
 * that moves by one microsecond at each look and repeatable randomness, one
 * struct percpu, its depot. No cpu/ floor, no threads.
 *
 * As cmocka fixtures, `*state` is the struct percpu_fixture:
 *
 *	cmocka_unit_test_setup_teardown(t, percpu_setup, percpu_teardown)
 *
 * The teardown fails the test when memory leaked.
 */
#ifndef WEIR_TESTS_SUPPORT_PERCPU_FIXTURE_H
#define WEIR_TESTS_SUPPORT_PERCPU_FIXTURE_H

#include "base/percpu.h"
#include "base/slab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

struct percpu_fixture {
	struct platform platform;	/* must be first */
	struct slab_depot *depot;
	struct percpu pc;
	ktime_t now;
	u64 random_state;
	size_t bytes_out;		/* from the platform, not freed */
	u32 relaxed;			/* calls of relax() */
};

int percpu_setup(void **state);
int percpu_teardown(void **state);
/* A second CPU on the fixture's depot; the caller gives the storage, and
 * makes it current by setting weir_this_cpu. */
void percpu_add(struct percpu_fixture *f, struct percpu *pc, u32 id);

#define WEIR_TEST(t) cmocka_unit_test_setup_teardown(t, percpu_setup, \
						     percpu_teardown)

#endif
