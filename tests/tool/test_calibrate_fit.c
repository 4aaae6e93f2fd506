/* SPDX-License-Identifier: BSD-2-Clause */
/* Samples of weir calibrate into costs. The command is no library: its file is
 * taken in whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tool/calibrate_fit.c"

static void add(struct fit *f, uint32_t len, int64_t ns, unsigned int times)
{
	while (times--)
		assert_true(fit_add(f, len, ns));
}

static struct fit_line solved(struct fit *f)
{
	struct fit_line l = fit_solve(f);

	fit_free(f);
	return l;
}

static void one_length_has_a_fixed_cost_only(void **state)
{
	struct fit f = { 0 };
	struct fit_line l;

	add(&f, 60, 120, 100);
	l = solved(&f);
	assert_float_equal(l.ns, 120, 0.01);
	assert_float_equal(l.ns_per_byte, 0, 0.0001);
	assert_int_equal(l.samples, 100);
}

static void a_line_is_found(void **state)
{
	struct fit f = { 0 };
	struct fit_line l;
	uint32_t len;

	for (len = 0; len <= 64000; len += 1000)
		add(&f, len, 100 + len / 4, 10);
	l = solved(&f);
	assert_float_equal(l.ns, 100, 1);
	assert_float_equal(l.ns_per_byte, 0.25, 0.001);
}

static void a_length_that_is_off_does_not_bend_the_line(void **state)
{
	struct fit f = { 0 };
	struct fit_line l;
	uint32_t len;

	for (len = 256; len <= 65536; len *= 2)
		add(&f, len, 50 + len / 8, 20);
	add(&f, 90000, 900000, 20);
	l = solved(&f);
	assert_float_equal(l.ns, 50, 2);
	assert_float_equal(l.ns_per_byte, 0.125, 0.002);
}

static void disturbed_samples_do_not_count(void **state)
{
	struct fit f = { 0 };
	struct fit_line l;

	add(&f, 60, 40, 50);
	add(&f, 60, 3000000, 40);	/* almost every second one */
	l = solved(&f);
	assert_float_equal(l.ns, 40, 0.01);
}

static void a_coarse_clock_averages_out(void **state)
{
	struct fit f = { 0 };
	struct fit_line l;

	add(&f, 60, 0, 70);
	add(&f, 60, 10, 30);
	l = solved(&f);
	assert_float_equal(l.ns, 3, 0.01);
}

static void noise_is_no_slope(void **state)
{
	struct fit f = { 0 };
	struct fit_line l;

	add(&f, 60, 100, 50);
	add(&f, 1500, 104, 50);
	l = solved(&f);
	assert_float_equal(l.ns_per_byte, 0, 0.0001);
	assert_in_range((unsigned long)l.ns, 100, 104);
}

static void costs_are_never_negative(void **state)
{
	struct fit f = { 0 };
	struct fit_line l;

	add(&f, 60, -20, 50);
	add(&f, 1500, -400, 50);	/* dearer when shorter */
	l = solved(&f);
	assert_true(l.ns >= 0);
	assert_true(l.ns_per_byte >= 0);
}

static void a_stage_seen_too_rarely_has_no_cost(void **state)
{
	struct fit f = { 0 };
	struct fit_line l;

	add(&f, 60, 100, FIT_ENOUGH - 1);
	l = solved(&f);
	assert_int_equal(l.samples, FIT_ENOUGH - 1);
	assert_float_equal(l.ns, 0, 0.0001);
}

static void every_length_has_a_class_and_they_are_in_order(void **state)
{
	uint64_t len;

	assert_int_equal(bucket_of(0), 0);
	for (len = 1; len <= UINT32_MAX; len = len + len / 7 + 1)
		assert_in_range(bucket_of((uint32_t)len),
				bucket_of((uint32_t)len - 1), FIT_BUCKETS - 1);
	assert_int_equal(bucket_of(UINT32_MAX), FIT_BUCKETS - 1);
}

static void only_the_latest_samples_are_kept(void **state)
{
	struct fit f = { 0 };
	struct fit_line l;

	add(&f, 60, 10, FIT_KEEP);
	add(&f, 60, 20, FIT_KEEP);
	l = solved(&f);
	assert_float_equal(l.ns, 20, 0.01);
	assert_int_equal(l.samples, 2 * FIT_KEEP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_length_has_a_fixed_cost_only),
		cmocka_unit_test(a_line_is_found),
		cmocka_unit_test(a_length_that_is_off_does_not_bend_the_line),
		cmocka_unit_test(disturbed_samples_do_not_count),
		cmocka_unit_test(a_coarse_clock_averages_out),
		cmocka_unit_test(noise_is_no_slope),
		cmocka_unit_test(costs_are_never_negative),
		cmocka_unit_test(a_stage_seen_too_rarely_has_no_cost),
		cmocka_unit_test(every_length_has_a_class_and_they_are_in_order),
		cmocka_unit_test(only_the_latest_samples_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
