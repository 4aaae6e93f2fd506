/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of this floor share: a machine per test, leaks are failures. */
#ifndef WEIR_TESTS_CPU_TEST_H
#define WEIR_TESTS_CPU_TEST_H

#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/support/fake_platform.h"

static inline int set_up(void **state)
{
	*state = fake_platform_create(1);
	return 0;
}

static inline int tear_down(void **state)
{
	return fake_platform_destroy(*state) ? -1 : 0;
}

#define machine_test(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

#endif
