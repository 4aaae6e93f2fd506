/* SPDX-License-Identifier: BSD-2-Clause */
/* The text of a link in virtual time, and what is said about bad ones. */
#include "tests/hw/hw_test.h"

#include "hw/cable_spec.h"

static char err[256];

static void parse(struct cable_params p[2], int direction, const char *spec)
{
	if (cable_spec_parse(p, direction, spec, err, sizeof(err)))
		fail_msg("%s", err);
}

static void refused(const char *spec, const char *why)
{
	struct cable_params p[2] = { 0 }, before[2] = { 0 };

	memset(err, 0, sizeof(err));
	assert_int_equal(cable_spec_parse(p, CABLE_BOTH, spec, err,
					  sizeof(err)), -EINVAL);
	assert_string_equal(err, why);
	assert_memory_equal(p, before, sizeof(p));
}

static void all_words_set_their_property(void **state)
{
	struct cable_params p[2] = { 0 };

	parse(p, CABLE_BOTH, "rate=10mbit,delay=20ms,jitter=2ms,queue=1000,"
	      "loss=1%,burst=1%/20%/50%,mask=0x14,reorder=2%,dup=300ppm,"
	      "corrupt=0.001,mtu=1500,offload,cut,seed=7");
	for (u32 i = 0; i < 2; i++) {
		assert_int_equal(p[i].rate_bps, 10000000);
		assert_int_equal(p[i].delay, 20 * NSEC_PER_MSEC);
		assert_int_equal(p[i].jitter, 2 * NSEC_PER_MSEC);
		assert_int_equal(p[i].queue, 1000);
		assert_int_equal(p[i].fault.loss_ppm, 10000);
		assert_int_equal(p[i].fault.burst_ppm, 10000);
		assert_int_equal(p[i].fault.mask, 0x14);
		assert_int_equal(p[i].fault.reorder_ppm, 20000);
		assert_int_equal(p[i].fault.dup_ppm, 300);
		assert_int_equal(p[i].fault.corrupt_ppm, 1000);
		assert_int_equal(p[i].mtu, 1500);
		assert_true(p[i].offload && p[i].cut);
	}
	assert_int_equal(p[0].fault.seed, 7);
	assert_true(p[1].fault.seed == cable_seed(7, 1));
}

static void units_are_exact(void **state)
{
	static const struct { const char *spec; u64 rate; ktime_t delay; } v[] = {
		{ "rate=1bit,delay=1ns", 1, 1 },
		{ "rate=1.5kbit,delay=1.5us", 1500, 1500 },
		{ "rate=2.048mbit,delay=0.000001s", 2048000, 1000 },
		{ "rate=0.000000001gbit,delay=3600s", 1, 3600 * NSEC_PER_SEC },
		{ "rate=1000gbit,delay=0", 1000000000000, 0 },
		{ "rate=0,delay=0ms", 0, 0 },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(v); i++) {
		struct cable_params p[2] = { { .rate_bps = 9, .delay = 9 } };

		parse(p, 0, v[i].spec);
		assert_int_equal(p[0].rate_bps, v[i].rate);
		assert_int_equal(p[0].delay, v[i].delay);
	}
}

static void a_direction_alone_can_be_set(void **state)
{
	struct cable_params p[2] = { 0 };

	parse(p, 1, "delay=5ms");
	assert_int_equal(p[0].delay, 0);
	assert_int_equal(p[1].delay, 5 * NSEC_PER_MSEC);
	parse(p, 0, "delay=1ms,cut");
	assert_int_equal(p[0].delay, NSEC_PER_MSEC);
	assert_int_equal(p[1].delay, 5 * NSEC_PER_MSEC);
	parse(p, CABLE_BOTH, "heal");
	assert_false(p[0].cut);
}

static void what_is_not_named_stays(void **state)
{
	struct cable_params p[2] = { { .rate_bps = 8, .fault.seed = 5 } };
	struct cable_params before[2] = { p[0], p[1] };

	parse(p, CABLE_BOTH, NULL);
	parse(p, CABLE_BOTH, "");
	assert_memory_equal(p, before, sizeof(p));
	parse(p, CABLE_BOTH, "delay=1ms");
	assert_int_equal(p[0].rate_bps, 8);
	assert_int_equal(p[0].fault.seed, 5);
}

static void errors_say_which_word_and_what_is_allowed(void **state)
{
	refused("delay=1ms,rate=10", "link option \"rate=10\": the value must "
		"be a rate of at most 1000gbit, in bit, kbit, mbit or gbit: "
		"10mbit; or 0 for no limit");
	refused("delay=20", "link option \"delay=20\": the value must be a time "
		"of at most an hour, in ns, us, ms or s: 20ms");
	refused("speed=1", "link option \"speed\" is not known; there are rate, "
		"delay, jitter, queue, loss, burst, mask, reorder, dup, "
		"corrupt, mtu, offload, cut, heal, seed");
	refused("cut=1", "link option \"cut\" takes no value");
	refused("queue", "link option \"queue\" needs a value: a number of "
		"frames, at most 1000000");
	refused("loss=2", "link option \"loss=2\": the value must be a share: "
		"1%, 300ppm, or a fraction such as 0.01");
	refused("cut,,heal", "link options \"cut,,heal\": a comma too many");
}

static void what_does_not_fit_is_refused(void **state)
{
	static const char *const bad[] = {
		"rate=1001gbit", "rate=99999999999999999999gbit",
		"rate=18446744073709gbit", "rate=-1mbit", "rate=mbit",
		"rate=0.1bit", "delay=3601s", "delay=9223372036855s",
		"delay=0.1ns", "delay=1.0000000000s", "queue=1000001",
		"queue=-1", "queue=1.5", "mtu=67", "mtu=65536", "burst=1%",
		"seed", "cut,", ",cut", "loss", "rate=1mbit ", " cut",
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct cable_params p[2] = { 0 };

		if (!cable_spec_parse(p, CABLE_BOTH, bad[i], err, sizeof(err)))
			fail_msg("\"%s\" is taken", bad[i]);
	}
}

static void an_error_fits_the_room_there_is(void **state)
{
	struct cable_params p[2] = { 0 };
	char small[8], spec[300];

	memset(spec, 'x', sizeof(spec));
	spec[sizeof(spec) - 1] = '\0';
	assert_int_equal(cable_spec_parse(p, 0, spec, small, sizeof(small)),
			 -EINVAL);
	assert_string_equal(small, "link op");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_words_set_their_property),
		cmocka_unit_test(units_are_exact),
		cmocka_unit_test(a_direction_alone_can_be_set),
		cmocka_unit_test(what_is_not_named_stays),
		cmocka_unit_test(errors_say_which_word_and_what_is_allowed),
		cmocka_unit_test(what_does_not_fit_is_refused),
		cmocka_unit_test(an_error_fits_the_room_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
