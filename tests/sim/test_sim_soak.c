/* SPDX-License-Identifier: BSD-2-Clause */
/* The first minutes of `make soak`. */
#include "tests/support/soak.h"

static void nothing_grows_while_everything_happens(void **state)
{
	struct soak_params p = { .seed = 3, .period_s = 60, .periods = 5 };
	char why[200];

	if (soak(&p, why, sizeof(why)))
		fail_msg("%s", why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_grows_while_everything_happens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
