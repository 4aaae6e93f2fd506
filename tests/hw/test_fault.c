/* SPDX-License-Identifier: BSD-2-Clause */
/* The generator of faults: verdicts and texts. */
#include "tests/hw/hw_test.h"

#include "hw/fault.h"

#define MANY	200000u

static struct fault seeded(void)
{
	return (struct fault){ .seed = 42 };
}

static u32 count(struct fault *f, u32 verdict)
{
	u32 i, n = 0;

	for (i = 0; i < MANY; i++)
		n += !!(fault_judge(f) & verdict);
	return n;
}

/* n within 5% of `share` ppm of MANY. */
static void assert_share(u32 n, u64 share)
{
	u32 want = (u32)(MANY * share / FAULT_PPM);

	assert_in_range(n, want - want / 20, want + want / 20);
}

static void shares_are_kept(void **state)
{
	struct fault f = seeded();

	f.loss_ppm = 20000;
	assert_share(count(&f, FAULT_LOSE), 20000);
	f = seeded();
	f.dup_ppm = 20000;
	assert_share(count(&f, FAULT_DOUBLE), 20000);
	f = seeded();
	f.reorder_ppm = 20000;
	assert_share(count(&f, FAULT_REORDER), 20000);
	f = seeded();
	f.corrupt_ppm = 20000;
	assert_share(count(&f, FAULT_CORRUPT), 20000);
}

static void nothing_and_everything_are_exact(void **state)
{
	struct fault f = seeded();

	assert_false(fault_any(&f));
	assert_int_equal(count(&f, ~0u), 0);
	f.loss_ppm = FAULT_PPM;
	assert_true(fault_any(&f));
	assert_int_equal(count(&f, FAULT_LOSE), MANY);
}

/* P 1%, R 20%: bursts of 5 frames, 1/21 of the time. */
static void bursts_have_the_length_and_share_of_the_model(void **state)
{
	struct fault f = seeded();
	u32 i, lost = 0, bursts = 0;
	bool before = false, now;

	assert_int_equal(fault_parse(&f, "burst", "1%/20%"), 0);
	for (i = 0; i < MANY; i++, before = now) {
		now = fault_judge(&f) & FAULT_LOSE;
		lost += now;
		bursts += now && !before;
	}
	assert_share(lost, FAULT_PPM / 21);
	assert_in_range(lost * 100 / bursts, 475, 525);
}

static void in_the_bad_state_a_part_may_be_lost(void **state)
{
	struct fault f = seeded();

	assert_int_equal(fault_parse(&f, "burst", "1%/20%/50%"), 0);
	assert_share(count(&f, FAULT_LOSE), FAULT_PPM / 42);
}

static void a_mask_is_exact_up_to_its_last_bit(void **state)
{
	struct fault f = { .mask = 1ull << 63 | 0x14 };
	u32 i;

	for (i = 0; i < 200; i++)
		assert_int_equal(fault_judge(&f), i == 2 || i == 4 || i == 63 ?
				 FAULT_LOSE : 0);
	assert_false(fault_any(&f));
}

static void the_same_seed_gives_the_same_verdicts(void **state)
{
	struct fault f = { .loss_ppm = 100000, .dup_ppm = 100000,
			   .reorder_ppm = 100000, .corrupt_ppm = 100000,
			   .burst_ppm = 10000, .calm_ppm = 200000,
			   .burst_loss_ppm = 500000, .seed = 7 }, g = f;
	u32 i;

	for (i = 0; i < MANY; i++)
		assert_int_equal(fault_judge(&f), fault_judge(&g));
}

static void damage_is_one_bit_behind_the_header(void **state)
{
	struct fault f = seeded();
	u8 frame[15] = { 0 };
	u32 i, seen = 0;

	for (i = 0; i < 200; i++) {
		assert_true(fault_damage(&f, frame, 15));
		assert_int_equal(__builtin_popcount(frame[14]), 1);
		seen |= frame[14];
		frame[14] = 0;
	}
	assert_int_equal(seen, 0xff);
	assert_false(fault_damage(&f, frame, 14));
}

static void random_numbers_fill_their_range(void **state)
{
	struct fault f = seeded();
	u32 seen = 0, i;

	for (i = 0; i < 200; i++)
		seen |= 1u << fault_random_below(&f, 7);
	assert_int_equal(seen, 0x7f);
	assert_int_equal(fault_random_below(&f, 0), 0);
	assert_int_equal(fault_random_below(&f, 1), 0);
}

static void texts_are_understood(void **state)
{
	struct fault f = { 0 };

	assert_int_equal(fault_parse(&f, "loss", "1%"), 0);
	assert_int_equal(f.loss_ppm, 10000);
	assert_int_equal(fault_parse(&f, "loss", "0.025"), 0);
	assert_int_equal(f.loss_ppm, 25000);
	assert_int_equal(fault_parse(&f, "loss", "1.0"), 0);
	assert_int_equal(f.loss_ppm, FAULT_PPM);
	assert_int_equal(fault_parse(&f, "loss", "0"), 0);
	assert_int_equal(f.loss_ppm, 0);
	assert_int_equal(fault_parse(&f, "dup", "0.05%"), 0);
	assert_int_equal(f.dup_ppm, 500);
	assert_int_equal(fault_parse(&f, "dup", "5‰"), 0);
	assert_int_equal(f.dup_ppm, 5000);
	assert_int_equal(fault_parse(&f, "reorder", "25ppm"), 0);
	assert_int_equal(f.reorder_ppm, 25);
	assert_int_equal(fault_parse(&f, "corrupt", "100%"), 0);
	assert_int_equal(f.corrupt_ppm, FAULT_PPM);
	assert_int_equal(fault_parse(&f, "burst", "1%/0.25/900000ppm"), 0);
	assert_int_equal(f.burst_ppm, 10000);
	assert_int_equal(f.calm_ppm, 250000);
	assert_int_equal(f.burst_loss_ppm, 900000);
	assert_int_equal(fault_parse(&f, "mask", "0xffffffffffffffff"), 0);
	assert_true(f.mask == UINT64_MAX);
	assert_int_equal(fault_parse(&f, "seed", "16"), 0);
	assert_int_equal(f.seed, 16);
}

static void what_is_no_value_is_refused(void **state)
{
	static const char *const bad[][2] = {
		{ "loss", "101%" }, { "loss", "" }, { "loss", "1" },
		{ "loss", "1.5" }, { "loss", "-1%" }, { "loss", "1%%" },
		{ "loss", "1.%" }, { "loss", ".5%" }, { "loss", "1 %" },
		{ "loss", "0.00001%" }, { "loss", "99999999999999999999999%" },
		{ "loss", "0.1234567890123456789012345%" },
		{ "burst", "1%" }, { "burst", "1%/" }, { "burst", "/1%" },
		{ "burst", "1%/2%/3%/4%" }, { "mask", "0x" }, { "mask", "" },
		{ "mask", "0x10000000000000000" }, { "mask", "5x" },
		{ "seed", "" }, { "seed", "-1" },
		{ "seed", "18446744073709551616" },
	};
	struct fault f = seeded(), before = f;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		if (fault_parse(&f, bad[i][0], bad[i][1]) != -EINVAL)
			fail_msg("%s=%s is taken", bad[i][0], bad[i][1]);
	assert_memory_equal(&f, &before, sizeof(f));
	assert_int_equal(fault_parse(&f, "mtu", "9000"), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_are_kept),
		cmocka_unit_test(nothing_and_everything_are_exact),
		cmocka_unit_test(bursts_have_the_length_and_share_of_the_model),
		cmocka_unit_test(in_the_bad_state_a_part_may_be_lost),
		cmocka_unit_test(a_mask_is_exact_up_to_its_last_bit),
		cmocka_unit_test(the_same_seed_gives_the_same_verdicts),
		cmocka_unit_test(damage_is_one_bit_behind_the_header),
		cmocka_unit_test(random_numbers_fill_their_range),
		cmocka_unit_test(texts_are_understood),
		cmocka_unit_test(what_is_no_value_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
