/* SPDX-License-Identifier: BSD-2-Clause */
/* What tasks of a world with a cost table have used of their CPU. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <weir/sim.h>
#include <cmocka.h>

#define SECOND	1000000000LL

struct world {
	struct weir_sim *s;
	struct weir *a;
};

static int begin(void **state)
{
	static struct world w;

	w.s = weir_sim_create(&(struct weir_sim_options){
			.costs = "syscall 1000\n" }, NULL, 0);
	w.a = weir_sim_host(w.s, "a", NULL, NULL, 0);
	*state = &w;
	return !w.a;
}

static int end(void **state)
{
	return weir_sim_destroy(((struct world *)*state)->s) != 0;
}

static int sleeper(struct weir *h, void *arg)
{
	return weir_sim_sleep(h, SECOND);
}

static int worker(struct weir *h, void *arg)
{
	weir_sim_compute(h, SECOND);
	return 0;
}

/* The CPU was idle before it came back: not its time. */
static void test_a_task_that_slept_used_no_cpu_time(void **state)
{
	struct world *w = *state;
	struct weir_sim_task *t = weir_sim_spawn(w->a, "t", sleeper, NULL);

	assert_int_equal(weir_sim_run(w->s, WEIR_SIM_FOREVER), WEIR_SIM_DONE);
	assert_in_range(weir_sim_task_cpu_ns(t), 1000, 10000);
}

static void test_two_that_compute_have_half_the_cpu_each(void **state)
{
	struct world *w = *state;
	struct weir_sim_task *t = weir_sim_spawn(w->a, "t", worker, NULL);
	struct weir_sim_task *u = weir_sim_spawn(w->a, "u", worker, NULL);

	weir_sim_run(w->s, WEIR_SIM_START_NS + SECOND);
	assert_in_range(weir_sim_task_cpu_ns(t), SECOND / 2 - 10000000,
			SECOND / 2 + 10000000);
	assert_in_range(weir_sim_task_cpu_ns(u), SECOND / 2 - 10000000,
			SECOND / 2 + 10000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_a_task_that_slept_used_no_cpu_time, begin, end),
		cmocka_unit_test_setup_teardown(
			test_two_that_compute_have_half_the_cpu_each, begin,
			end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
