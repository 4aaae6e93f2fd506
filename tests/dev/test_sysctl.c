/* SPDX-License-Identifier: BSD-2-Clause */
/* Settings: text in, text out, nothing half done; the size of tables. */
#include "dev/sysctl.h"
#include "tests/dev/dev_test.h"

struct owner {
	u32 number, vec[3];
	bool flag;
	s32 signed_one;
};

static const struct ctl_table table[] = {
	{ .name = "net.test.number", .offset = offsetof(struct owner, number),
	  .kind = CTL_U32, .min = 1, .max = 100 },
	{ .name = "net.test.vec", .offset = offsetof(struct owner, vec),
	  .kind = CTL_U32, .count = 3 },
	{ .name = "net.test.flag", .offset = offsetof(struct owner, flag),
	  .kind = CTL_BOOL },
	{ .name = "net.test.signed", .offset = offsetof(struct owner, signed_one),
	  .kind = CTL_S32 },
	{ .name = NULL },
};

static void values_are_read_back_as_they_were_written(void **s)
{
	struct owner o = { 0 };
	struct world w;
	char text[64];

	world_begin(&w, 0);
	assert_int_equal(register_net_sysctl(w.net, table, &o), 0);
	assert_int_equal(sysctl_write(w.net, "net.test.number", "42\n"), 0);
	assert_int_equal(o.number, 42);
	assert_int_equal(sysctl_write(w.net, "net/test/vec", "1 2\t3"), 0);
	assert_int_equal(sysctl_read(w.net, "net.test.vec", text, 64), 5);
	assert_string_equal(text, "1\t2\t3");
	assert_int_equal(sysctl_write(w.net, "net.test.signed", "-7"), 0);
	assert_int_equal(o.signed_one, -7);
	assert_int_equal(sysctl_write(w.net, "net.test.flag", "1"), 0);
	assert_true(o.flag);
	unregister_net_sysctl(w.net, &o);
	world_end(&w);
}

static void what_is_no_value_changes_nothing(void **s)
{
	static const char *const bad[] = { "", "x", "0", "101", "5x", "1 2",
					   "-1", "99999999999999999999" };
	struct owner o = { .number = 50, .vec = { 7, 8, 9 } };
	struct world w;

	world_begin(&w, 0);
	assert_int_equal(register_net_sysctl(w.net, table, &o), 0);
	for (u32 i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(sysctl_write(w.net, "net.test.number", bad[i]),
				 -EINVAL);
	assert_int_equal(o.number, 50);
	assert_int_equal(sysctl_write(w.net, "net.test.vec", "1 2 x"), -EINVAL);
	assert_int_equal(o.vec[0], 7);
	assert_int_equal(sysctl_write(w.net, "net.test.flag", "2"), -EINVAL);
	unregister_net_sysctl(w.net, &o);
	world_end(&w);
}

static void an_unknown_name_is_said_to_be_unknown(void **s)
{
	struct world w;
	char text[8];

	world_begin(&w, 0);
	assert_int_equal(sysctl_write(w.net, "net.core.nothing", "1"), -ENOENT);
	assert_int_equal(sysctl_read(w.net, "net.core", text, 8), -ENOENT);
	world_end(&w);
}

static void the_default_qdisc_must_exist(void **s)
{
	struct net_device *dev;
	struct world w;

	world_begin(&w, 0);
	assert_int_equal(sysctl_write(w.net, "net.core.default_qdisc", "pfifo"),
			 0);
	assert_int_equal(sysctl_write(w.net, "net.core.default_qdisc", "nope"),
			 -ENOENT);
	dev = toy_create(w.net, 0);
	assert_ptr_equal(dev->tx[0].qdisc->ops, &pfifo_qdisc_ops);
	toy_destroy(dev);
	world_end(&w);
}

static void tables_are_as_small_as_the_machine_says_but_not_too_small(void **s)
{
	struct world w;

	world_begin(&w, 0);
	assert_int_equal(net_table_size(w.net, 1024), 1024);
	w.m->size_shift = 4;
	assert_int_equal(net_table_size(w.net, 1024), 64);
	assert_int_equal(net_table_size(w.net, 64), NET_TABLE_MIN);
	assert_int_equal(net_table_size(w.net, 8), 8);
	w.m->size_shift = 40;
	assert_int_equal(net_table_size(w.net, 1024), NET_TABLE_MIN);
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_read_back_as_they_were_written),
		cmocka_unit_test(what_is_no_value_changes_nothing),
		cmocka_unit_test(an_unknown_name_is_said_to_be_unknown),
		cmocka_unit_test(the_default_qdisc_must_exist),
		cmocka_unit_test(tables_are_as_small_as_the_machine_says_but_not_too_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
