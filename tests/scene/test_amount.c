/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers with units: exactly what was written, or nothing. */
#include "tool/sim/amount.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static uint64_t parsed(const char *word, enum unit unit)
{
	uint64_t v = 0;

	if (amount_parse(word, unit, &v))
		fail_msg("%s is refused", word);
	return v;
}

static bool refused(const char *word, enum unit unit)
{
	uint64_t v;

	return amount_parse(word, unit, &v) != 0;
}

static void test_units_are_factors(void **state)
{
	assert_int_equal(parsed("20ms", UNIT_TIME), 20000000);
	assert_int_equal(parsed("3ns", UNIT_TIME), 3);
	assert_int_equal(parsed("2h", UNIT_TIME), 7200000000000);
	assert_int_equal(parsed("10mbit", UNIT_RATE), 10000000);
	assert_int_equal(parsed("64K", UNIT_BYTES), 65536);
	assert_int_equal(parsed("1460", UNIT_BYTES), 1460);
	assert_int_equal(parsed("1%", UNIT_SHARE), 10000);
	assert_int_equal(parsed("5000pps", UNIT_PER_SECOND), 5000);
}

static void test_decimals_are_exact(void **state)
{
	assert_int_equal(parsed("0.1s", UNIT_TIME), 100000000);
	assert_int_equal(parsed("1.000000001s", UNIT_TIME), 1000000001);
	assert_int_equal(parsed("0.0001%", UNIT_SHARE), 1);
	assert_int_equal(parsed("1.5K", UNIT_BYTES), 1536);
}

static void test_what_is_no_whole_number_is_refused(void **state)
{
	assert_true(refused("0.1ns", UNIT_TIME));
	assert_true(refused("0.3K", UNIT_BYTES));
	assert_true(refused("0.00001%", UNIT_SHARE));
	assert_true(refused("1.5", UNIT_COUNT));
}

static void test_what_is_no_number_is_refused(void **state)
{
	static const char *const words[] = {
		"", "s", ".5s", "5.s", "-1s", "+1s", "1 s", "1e3s", "1s2",
		"0x10", "1..2s", "1.2.3s", "1sec", "NaN",
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!refused(words[i], UNIT_TIME))
			fail_msg("\"%s\" is taken", words[i]);
}

static void test_the_largest_amount_is_taken_and_the_next_refused(void **state)
{
	assert_int_equal(parsed("9223372036854775807", UNIT_COUNT), INT64_MAX);
	assert_true(refused("9223372036854775808", UNIT_COUNT));
	assert_true(refused("18446744073709551616", UNIT_COUNT));
	assert_int_equal(parsed("9223372036.854775807s", UNIT_TIME), INT64_MAX);
	assert_true(refused("9223372036.854775808s", UNIT_TIME));
	assert_true(refused("99999999999999999999h", UNIT_TIME));
}

static void test_another_unit_is_refused_and_none_where_one_is_needed(void **s)
{
	assert_true(refused("10mbit", UNIT_TIME));
	assert_true(refused("10", UNIT_TIME));
	assert_true(refused("10ms", UNIT_COUNT));
	assert_int_equal(parsed("0", UNIT_TIME), 0);
}

static void test_scaling_does_not_overflow(void **state)
{
	assert_int_equal(amount_scale(UINT64_MAX, 8000000000, 8000000000),
			 UINT64_MAX);
	assert_int_equal(amount_scale(UINT64_MAX, 2, 1), UINT64_MAX);
	assert_int_equal(amount_scale(10, 3, 0), 0);
	assert_int_equal(amount_scale(10, 3, 4), 7);
}

static void check_print(enum unit unit, uint64_t v, const char *want)
{
	char text[32];

	amount_print(text, sizeof(text), unit, v);
	assert_string_equal(text, want);
}

static void test_people_get_three_digits(void **state)
{
	check_print(UNIT_TIME, 0, "0");
	check_print(UNIT_TIME, 999, "999 ns");
	check_print(UNIT_TIME, 1234567, "1.23 ms");
	check_print(UNIT_TIME, 12345678901, "12.3 s");
	check_print(UNIT_RATE, 9410000, "9.41 Mbit/s");
	check_print(UNIT_BYTES, 1536, "1.50 KiB");
	check_print(UNIT_SHARE, 992500, "99.2%");
	check_print(UNIT_COUNT, 1234567, "1234567");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_units_are_factors),
		cmocka_unit_test(test_decimals_are_exact),
		cmocka_unit_test(test_what_is_no_whole_number_is_refused),
		cmocka_unit_test(test_what_is_no_number_is_refused),
		cmocka_unit_test(test_the_largest_amount_is_taken_and_the_next_refused),
		cmocka_unit_test(
			test_another_unit_is_refused_and_none_where_one_is_needed),
		cmocka_unit_test(test_scaling_does_not_overflow),
		cmocka_unit_test(test_people_get_three_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
