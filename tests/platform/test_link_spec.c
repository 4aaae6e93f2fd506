/* SPDX-License-Identifier: BSD-2-Clause */
/* The text of a link: what is understood, and what is said of the rest. */
#include "tests/hw/hw_test.h"

#include "platform/linux/link_spec.h"

static void a_wire_takes_its_options(void **state)
{
	struct link_spec s;
	char err[256] = "";

	assert_int_equal(link_spec_parse(&s, "wire:lab,mtu=9000,queues=2,"
					 "mac=02:00:00:00:00:07", err,
					 sizeof(err)), 0);
	assert_int_equal(s.kind, LINK_WIRE);
	assert_string_equal(s.name, "lab");
	assert_int_equal(s.mtu, 9000);
	assert_int_equal(s.queues, 2);
	assert_true(s.has_mac);
	assert_int_equal(s.mac[5], 7);
	assert_false(s.plain);
	assert_false(link_spec_impaired(&s));
}

static void offload_off_is_a_plain_cable(void **state)
{
	struct link_spec s;
	char err[256] = "";

	assert_int_equal(link_spec_parse(&s, "wire:lab,offload=off", err,
					 sizeof(err)), 0);
	assert_true(s.plain);
	assert_int_equal(link_spec_parse(&s, "wire:lab,offload=on", err,
					 sizeof(err)), 0);
	assert_false(s.plain);
}

static void a_mistake_is_named(void **state)
{
	static const struct { const char *text, *says; } bad[] = {
		{ "lab", "\"lab\" is not known" },
		{ "wire:", "empty or too long" },
		{ "tap:a-name-that-is-too-long", "empty or too long" },
		{ "wire:lab,speed=1", "\"speed\" is not known" },
		{ "wire:lab,offload=some", "\"offload\": bad value \"some\"" },
		{ "wire:lab,mtu", "\"mtu\": bad value" },
		{ "wire:lab,mtu=12", "bad value \"12\"" },
		{ "wire:lab,mac=01:00:00:00:00:07", "\"mac\": bad value" },
	};
	struct link_spec s;
	char err[256];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		err[0] = '\0';
		assert_int_equal(link_spec_parse(&s, bad[i].text, err,
						 sizeof(err)), -EINVAL);
		if (!strstr(err, bad[i].says))
			fail_msg("%s: says \"%s\"", bad[i].text, err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wire_takes_its_options),
		cmocka_unit_test(offload_off_is_a_plain_cable),
		cmocka_unit_test(a_mistake_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
