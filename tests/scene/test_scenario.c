/* SPDX-License-Identifier: BSD-2-Clause */
/* Scenario files as read: what becomes of each statement, and of mistakes. */
#include "tool/sim/scene.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

struct reading {
	struct drill_arena arena;
	struct scenario s;
	struct complaint c;
	struct setting set[2];
	size_t nr_set;
};

static int begin(void **state)
{
	static struct reading r;

	memset(&r, 0, sizeof(r));
	*state = &r;
	return 0;
}

static int end(void **state)
{
	drill_arena_fini(&((struct reading *)*state)->arena);
	return 0;
}

static int read_text(struct reading *r, const char *text)
{
	return scenario_read(&r->arena, &r->s, "f", text, strlen(text), r->set,
			     r->nr_set, &r->c);
}

static const struct scene *scene(struct reading *r, const char *text)
{
	if (read_text(r, text))
		fail_msg("refused: %s", r->c.text);
	return r->s.scenes;
}

static void refuse(struct reading *r, const char *text, const char *says)
{
	assert_int_equal(read_text(r, text), -EINVAL);
	if (!strstr(r->c.text, says))
		fail_msg("\"%s\" does not say \"%s\"", r->c.text, says);
}

#define TWO_HOSTS	"host a b\nlink a b rate 10mbit\n"

static void test_hosts_take_options_together(void **state)
{
	const struct scene *s = scene(*state, "host a b cpus 4 accounting bsd "
				      "rx-ring 64\n");

	assert_int_equal(s->nr_steps, 2);
	assert_string_equal(s->steps[1].name, "b");
	assert_int_equal(s->steps[1].host.cpus, 4);
	assert_int_equal(s->steps[0].host.rx_ring, 64);
	assert_true(s->steps[0].host.bsd_accounting);
}

static void test_link_words_may_have_blanks_or_signs(void **state)
{
	const struct scene *s = scene(*state, "host a b\nlink a b rate 10mbit "
				      "offload delay=20ms,loss=1% queue 5\n");

	assert_string_equal(s->steps[2].name, "l1");
	assert_string_equal(s->steps[2].text, "rate=10mbit,offload,delay=20ms,"
			    "loss=1%,queue=5");
}

static void test_a_link_with_a_name_is_set_by_it(void **state)
{
	const struct scene *s = scene(*state, "host a b\nlink up a b\n"
				      "at 2.5s link up from b cut\n");

	assert_int_equal(s->steps[3].kind, STEP_LINK_SET);
	assert_int_equal(s->steps[3].at_ns, 2500000000);
	assert_string_equal(s->steps[3].a, "b");
	assert_string_equal(s->steps[3].text, "cut");
}

static void test_a_switch_gets_plugs(void **state)
{
	const struct scene *s = scene(*state, "host a\nswitch s\nplug s a\n"
				      "plug p s a delay 1ms\n");

	assert_int_equal(s->steps[2].kind, STEP_PLUG);
	assert_string_equal(s->steps[2].name, "l1");
	assert_string_equal(s->steps[3].name, "p");
	assert_string_equal(s->steps[3].text, "delay=1ms");
}

static void test_commands_go_to_each_host_named(void **state)
{
	const struct scene *s = scene(*state, "host a b c\na c: ip link\n"
				      "all: echo 'x # y' # z\n");

	assert_int_equal(s->nr_steps, 3 + 2 + 3);
	assert_string_equal(s->steps[4].name, "c");
	assert_string_equal(s->steps[4].text, " ip link");
	assert_string_equal(s->steps[7].text, " echo 'x # y'");
}

static void test_programs_are_numbered_by_kind(void **state)
{
	const struct scene *s = scene(*state, TWO_HOSTS
		"run a: ping to 10.0.0.2\nrun a big: bulk to 10.0.0.2 bytes 1M "
		"flows 3\nrun b: ping to 10.0.0.1 interval 5ms\n");

	assert_string_equal(s->programs[0].name, "ping1");
	assert_string_equal(s->programs[1].name, "big");
	assert_int_equal(s->programs[1].args.bytes, 1 << 20);
	assert_int_equal(s->programs[1].args.flows, 3);
	assert_string_equal(s->programs[2].name, "ping2");
	assert_int_equal(s->programs[2].args.interval_ns, 5000000);
}

static void test_cases_share_what_is_in_none(void **state)
{
	struct reading *r = *state;
	const struct scene *s = scene(r, "host a\ncase x\nhost b\ncase y\n"
				      "host c\nend\nhost d\n");

	assert_int_equal(r->s.n, 2);
	assert_string_equal(s[0].name, "x");
	assert_int_equal(s[0].nr_steps, 3);
	assert_string_equal(s[1].steps[1].name, "c");
	assert_string_equal(s[1].steps[2].name, "d");
}

static void test_a_case_has_its_own_parameters(void **state)
{
	const struct scene *s = scene(*state, "let n 1\nseed $n\ncase x\n"
				      "let n 2\ncase y\nend\n");

	assert_int_equal(s[0].seed, 2);
	assert_int_equal(s[1].seed, 1);
}

static void test_a_setting_goes_before_all_parameters(void **state)
{
	struct reading *r = *state;

	r->set[r->nr_set++] = (struct setting){ "n", "9", false };
	assert_int_equal(scene(r, "let n 1\nseed $n\n")->seed, 9);
}

static void test_a_setting_for_nothing_is_refused(void **state)
{
	struct reading *r = *state;

	r->set[r->nr_set++] = (struct setting){ "m", "9", false };
	refuse(r, "let n 1\nseed $n\n", "\"let m\"");
}

static void test_other_dollars_are_the_shells(void **state)
{
	const struct scene *s = scene(*state, "let n 1\nhost a\n"
				      "a: x=$n; echo $x $ ${n} $nn\n");

	assert_string_equal(s->steps[1].text, " x=1; echo $x $ ${n} $nn");
}

static void test_lines_that_end_in_a_backslash_go_on(void **state)
{
	struct reading *r = *state;

	assert_int_equal(scene(r, "host a \\\n\tb\n")->nr_steps, 2);
	refuse(r, "host a \\\n\tb\nhoist\n", "f:3: hoist");
}

static void test_expectations_have_operands_and_factors(void **state)
{
	const struct scene *s = scene(*state, TWO_HOSTS
		"run a p: ping to 10.0.0.2\n"
		"expect p.rtt_avg < p.rtt_max / 2.5\n"
		"expect l1.a.bytes between 10K 20K\n"
		"expect a.TcpInSegs == b.TcpOutSegs\n");
	const struct expectation *e = s->expects;

	assert_int_equal(s->nr_expects, 3);
	assert_int_equal(e[0].op, OP_LT);
	assert_int_equal(e[0].right.mul, 10);
	assert_int_equal(e[0].right.div, 25);
	assert_int_equal(e[1].right2.amount, 20480);
	assert_string_equal(e[2].right.metric, "b.TcpOutSegs");
}

static void test_expectations_across_cases_are_read_once(void **state)
{
	struct reading *r = *state;

	scene(r, "host a\ncase x\ncase y\nend\n"
	      "expect x.sim.time < y.sim.time\n");
	assert_int_equal(r->s.nr_across, 1);
	assert_int_equal(r->s.scenes[0].nr_expects, 0);
	refuse(r, "host a\ncase x\ncase y\nend\n"
	       "expect x.sim.time < sim.time\n", "say of which case");
}

static void test_mistakes_name_their_line_and_word(void **state)
{
	static const char *const mistakes[][2] = {
		{ "frob\n", "f:1: frob: not understood" },
		{ "\n# x\nhost\n", "f:3: host: write" },
		{ "host 1a\n", "f:1: 1a: no name" },
		{ "host link\n", "f:1: link: a word of the language" },
		{ "host a cpus 0\n", "f:1: cpus: needs a number" },
		{ "host a accounting x\n", "f:1: accounting: needs" },
		{ "host a\nhost a\n", "f:2: a: this name is taken" },
		{ "link a b\n", "f:1: b: " },
		{ "host a b\nlink a b\nlink l1\n", "f:3: " },
		{ "host a b c\nlink a b\nlink l1 from c cut\n", "f:3: c: " },
		{ "host a\nplug s a\n", "f:2: s: write plug" },
		{ "at\n", "f:1: at: write at" },
		{ "at 1 host a\n", "f:1: 1: write at" },
		{ "at 1s seed 3\n", "f:1: seed: cannot happen at a time" },
		{ "seed x\n", "f:1: x: a whole number" },
		{ "until 0\n", "f:1: 0: a time" },
		{ "let x\n", "f:1: let: write" },
		{ "end\n", "f:1: end: there is no case" },
		{ "case\n", "f:1: case: write" },
		{ "case x\nhost x\n", "f:2: x: this name is taken" },
		{ "host a\nb: ip link\n", "f:2: b: a host" },
		{ "host a\na:\n", "f:2: a: a command" },
		{ "host a\nrun a\n", "f:2: run: write" },
		{ "host a\nrun b: sink\n", "f:2: b: a host" },
		{ "host a\nrun a: sink to 1.2.3.4\n", "f:2: to: sink takes" },
		{ "host a\nrun a: ping to 1.2.3\n", "f:2: 1.2.3: to needs" },
		{ "host a\nrun a: sink port 65536\n", "f:2: 65536: port" },
		{ "host a\nexpect 3 < 4\n", "f:2: 3: begin with a metric" },
		{ "host a\nexpect a.cpu_sys = 4s\n", "f:2: =: write" },
		{ "host a\nexpect a.cpu_sys < 4\n", "f:2: " },
		{ "host a\nexpect a.cpu_foo < 4\n", "f:2: a.cpu_foo: " },
		{ "host a\nexpect z.x < 4\n", "f:2: z.x: there is no" },
		{ "host a\nexpect a.cpu_sys < 4s 5s\n", "f:2: 5s: one word" },
		{ "host a\nexpect a.cpu_sys < a.cpu_user * 0\n", "f:2: 0: " },
	};
	size_t i;

	for (i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++)
		refuse(*state, mistakes[i][0], mistakes[i][1]);
}

static void test_a_byte_that_is_no_text_is_refused(void **state)
{
	struct reading *r = *state;

	assert_int_equal(scenario_read(&r->arena, &r->s, "f", "host a\0b\n", 9,
				       NULL, 0, &r->c), -EINVAL);
}

#define T(f)	cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_hosts_take_options_together),
		T(test_link_words_may_have_blanks_or_signs),
		T(test_a_link_with_a_name_is_set_by_it),
		T(test_a_switch_gets_plugs),
		T(test_commands_go_to_each_host_named),
		T(test_programs_are_numbered_by_kind),
		T(test_cases_share_what_is_in_none),
		T(test_a_case_has_its_own_parameters),
		T(test_a_setting_goes_before_all_parameters),
		T(test_a_setting_for_nothing_is_refused),
		T(test_other_dollars_are_the_shells),
		T(test_lines_that_end_in_a_backslash_go_on),
		T(test_expectations_have_operands_and_factors),
		T(test_expectations_across_cases_are_read_once),
		T(test_mistakes_name_their_line_and_word),
		T(test_a_byte_that_is_no_text_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
