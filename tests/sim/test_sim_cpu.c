/* SPDX-License-Identifier: BSD-2-Clause */
/* CPU time in virtual time: who gets it, who waits, and that none is lost. */
#include "tests/support/lab.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COSTS	"* 300 0.1\nsyscall 400\ncontext_switch 900\nwakeup 700\n" \
		"interrupt 500\nsoftirq 200\n"

struct job {
	int64_t ns, started, ended;
	unsigned int pieces;
};

static int computes(struct weir *h, void *arg)
{
	struct job *j = arg;

	j->started = weir_sim_now(weir_sim_of(h));
	for (unsigned int i = 0; i < (j->pieces ? j->pieces : 1); i++)
		weir_sim_compute(h, j->ns);
	j->ended = weir_sim_now(weir_sim_of(h));
	return 0;
}

static void open_costs(struct lab *l, const char *costs, unsigned int cpus,
		       int bsd)
{
	struct weir_sim_host_options ho = { .cpus = cpus,
					    .bsd_accounting = bsd };

	lab_open(l, &(struct weir_sim_options){ .costs = costs }, &ho,
		 "rate=1gbit,delay=10us");
	lab_neighbours(l);
}

static struct weir_sim_cpu_time cpu_time(struct weir *h, int cpu)
{
	struct weir_sim_cpu_time t;

	assert_int_equal(weir_sim_cpu_time(h, cpu, &t), 0);
	return t;
}

/* --- computing --------------------------------------------------------------------- */

static void computing_takes_its_time_and_is_user_time(void **state)
{
	struct job j = { .ns = 12345 };
	struct lab l;

	open_costs(&l, "* 0", 1, 0);
	weir_sim_wait(lab_spawn(l.a, computes, &j));
	assert_int_equal(j.ended - j.started, 12345);
	assert_int_equal(cpu_time(l.a, 0).user, 12345);
	lab_close(&l);
}

static void computing_takes_time_without_a_cost_table_too(void **state)
{
	struct job j = { .ns = 12345 };
	struct weir_sim_task *t;
	struct lab l;

	lab_open_alone(&l, NULL, NULL);
	t = lab_spawn(l.a, computes, &j);
	weir_sim_wait(t);
	assert_int_equal(j.ended - j.started, 12345);
	assert_int_equal(weir_sim_task_cpu_ns(t), 12345);
	assert_int_equal(cpu_time(l.a, 0).user, 12345);
	lab_close(&l);
}

static void two_tasks_share_a_cpu_equally(void **state)
{
	struct job j[2] = { { .ns = 100 * LAB_MS }, { .ns = 100 * LAB_MS } };
	struct weir_sim_task *t[2];
	struct lab l;
	int64_t diff;

	open_costs(&l, "* 0", 1, 0);
	for (int i = 0; i < 2; i++)
		t[i] = lab_spawn(l.a, computes, &j[i]);
	weir_sim_pass(l.s, 100 * LAB_MS);
	diff = (int64_t)weir_sim_task_cpu_ns(t[0]) -
	       (int64_t)weir_sim_task_cpu_ns(t[1]);
	assert_in_range(diff + 6 * LAB_MS, 0, 12 * LAB_MS);
	weir_sim_run(l.s, WEIR_SIM_FOREVER);
	assert_int_equal(lab_ns(l.s), 200 * LAB_MS);
	lab_close(&l);
}

static int starts_late(struct weir *h, void *arg)
{
	weir_sim_sleep(h, 10 * LAB_MS);
	return computes(h, arg);
}

static void a_task_that_comes_later_gets_its_share_of_a_long_computation(void **state)
{
	struct job longer = { .ns = 1000 * LAB_MS }, late = { .ns = 20 * LAB_MS };
	struct lab l;

	open_costs(&l, "* 0", 1, 0);
	lab_spawn(l.a, starts_late, &late);
	lab_spawn(l.a, computes, &longer);
	weir_sim_run(l.s, WEIR_SIM_FOREVER);
	assert_in_range(late.started - WEIR_SIM_START_NS, 10 * LAB_MS,
			14 * LAB_MS);
	assert_in_range(late.ended - late.started, 30 * LAB_MS, 50 * LAB_MS);
	assert_int_equal(longer.ended - WEIR_SIM_START_NS, 1020 * LAB_MS);
	lab_close(&l);
}

static int calls_all_the_time(struct weir *h, void *arg)
{
	struct job *j = arg;
	int fd = weir_socket(h, AF_INET, SOCK_DGRAM, 0);
	int64_t end = weir_sim_now(weir_sim_of(h)) + j->ns;
	char c;

	while (weir_sim_now(weir_sim_of(h)) < end) {
		weir_recv(h, fd, &c, 1, MSG_DONTWAIT);
		j->pieces++;
	}
	weir_close(h, fd);
	return 0;
}

static void tasks_that_only_make_calls_share_a_cpu(void **state)
{
	struct job j[3] = { { .ns = 90 * LAB_MS }, { .ns = 90 * LAB_MS },
			    { .ns = 90 * LAB_MS } };
	struct lab l;

	open_costs(&l, "syscall 1000", 1, 0);
	for (int i = 0; i < 3; i++)
		lab_spawn(l.a, calls_all_the_time, &j[i]);
	weir_sim_run(l.s, WEIR_SIM_FOREVER);
	for (int i = 0; i < 3; i++)
		assert_in_range(j[i].pieces, 25000, 36000);
	lab_close(&l);
}

static void a_waking_task_preempts_one_that_had_more(void **state)
{
	struct job longer = { .ns = 50 * LAB_MS }, late = { .ns = 1000 };
	struct lab l;

	open_costs(&l, "* 0", 1, 0);
	lab_spawn(l.a, starts_late, &late);
	lab_spawn(l.a, computes, &longer);
	weir_sim_run(l.s, WEIR_SIM_FOREVER);
	assert_int_equal(late.started - WEIR_SIM_START_NS, 10 * LAB_MS);
	assert_int_equal(late.ended - late.started, 1000);
	assert_int_equal(longer.ended - WEIR_SIM_START_NS, 50 * LAB_MS + 1000);
	lab_close(&l);
}

/* --- several CPUs --------------------------------------------------------------------- */

static void tasks_spread_over_the_cpus(void **state)
{
	struct job j[4] = { { .ns = LAB_MS }, { .ns = LAB_MS }, { .ns = LAB_MS },
			    { .ns = LAB_MS } };
	struct lab l;

	open_costs(&l, "* 0", 4, 0);
	for (int i = 0; i < 4; i++)
		lab_spawn(l.a, computes, &j[i]);
	weir_sim_run(l.s, WEIR_SIM_FOREVER);
	assert_int_equal(lab_ns(l.s), LAB_MS);
	for (int cpu = 0; cpu < 4; cpu++)
		assert_int_equal(cpu_time(l.a, cpu).user, LAB_MS);
	lab_close(&l);
}

static void more_tasks_than_cpus_are_done_when_all_cpus_worked(void **state)
{
	struct job j[6];
	struct lab l;

	open_costs(&l, "* 0", 3, 0);
	for (int i = 0; i < 6; i++) {
		j[i] = (struct job){ .ns = 30 * LAB_MS };
		lab_spawn(l.a, computes, &j[i]);
	}
	weir_sim_run(l.s, WEIR_SIM_FOREVER);
	assert_int_equal(lab_ns(l.s), 60 * LAB_MS);
	lab_close(&l);
}

static void a_cpu_that_runs_dry_takes_over_waiting_tasks(void **state)
{
	struct job j[3] = { { .ns = 10 * LAB_MS }, { .ns = 100 * LAB_MS },
			    { .ns = 100 * LAB_MS } };
	struct lab l;

	open_costs(&l, "* 0", 2, 0);
	for (int i = 0; i < 3; i++)
		lab_spawn(l.a, computes, &j[i]);
	weir_sim_run(l.s, WEIR_SIM_FOREVER);
	assert_in_range(lab_ns(l.s), 105 * LAB_MS, 110 * LAB_MS);
	lab_close(&l);
}

/* --- interrupts ------------------------------------------------------------------------- */

/* b sends n datagrams to a's port 9, one every `gap` ns, without CPU cost. */
struct flood {
	struct lab *l;
	int fd;
	unsigned int n;
	int64_t gap;
};

static void send_one(void *arg)
{
	struct flood *f = arg;
	char data[100] = "";

	if (!f->n--)
		return;
	assert_int_equal(lab_sendto(f->l->b, f->fd, data, sizeof(data), LAB_A, 9),
			 sizeof(data));
	weir_sim_at(f->l->s, weir_sim_now(f->l->s) + f->gap, send_one, f);
}

static void flood(struct flood *f, struct lab *l, unsigned int n, int64_t gap)
{
	*f = (struct flood){ l, lab_udp(l->b, NULL, 8), n, gap };
	weir_sim_at(l->s, weir_sim_now(l->s), send_one, f);
}

static void computing_is_stretched_by_exactly_what_interrupts_take(void **state)
{
	struct job j = { .ns = 5 * LAB_MS };
	struct weir_sim_cpu_time t;
	struct flood f;
	struct lab l;

	open_costs(&l, COSTS, 1, 0);
	lab_udp(l.a, NULL, 9);
	lab_spawn(l.a, computes, &j);
	flood(&f, &l, 20, 100 * LAB_US);
	weir_sim_run(l.s, WEIR_SIM_FOREVER);
	t = cpu_time(l.a, 0);
	assert_true(t.hardirq > 0);
	assert_true(t.softirq > 0);
	assert_int_equal(j.ended - j.started,
			 5 * LAB_MS + (int64_t)(t.hardirq + t.softirq));
	assert_int_equal(t.user, 5 * LAB_MS);
	assert_int_equal(t.ksoftirqd, 0);
	lab_close(&l);
}

static void computing_is_stretched_by_nothing_when_interrupts_go_elsewhere(void **state)
{
	struct job j[2] = { { .ns = 5 * LAB_MS }, { .ns = 5 * LAB_MS } };
	struct flood f;
	struct lab l;
	uint64_t hit = 0, calm = 0;

	open_costs(&l, COSTS, 2, 0);
	lab_udp(l.a, NULL, 9);
	lab_spawn(l.a, computes, &j[0]);
	lab_spawn(l.a, computes, &j[1]);
	flood(&f, &l, 20, 100 * LAB_US);
	weir_sim_run(l.s, WEIR_SIM_FOREVER);
	for (int cpu = 0; cpu < 2; cpu++) {
		struct weir_sim_cpu_time t = cpu_time(l.a, cpu);

		hit += t.softirq > 0;
		assert_int_equal(t.user, 5 * LAB_MS);
	}
	assert_int_equal(hit, 1);
	/* the other had its context switch, and perhaps looked at its timers */
	for (int i = 0; i < 2; i++)
		calm += j[i].ended - j[i].started <= 5 * LAB_MS + 900 + 200;
	assert_int_equal(calm, 1);
	lab_close(&l);
}

static int sends_once(struct weir *h, void *arg)
{
	struct job *j = arg;
	char data[500] = "";
	int fd = weir_socket(h, AF_INET, SOCK_DGRAM, 0);

	weir_sim_sleep(h, 500 * LAB_US);
	j->started = weir_sim_now(weir_sim_of(h));
	lab_sendto(h, fd, data, sizeof(data), LAB_B, 99);
	j->ended = weir_sim_now(weir_sim_of(h));
	weir_close(h, fd);
	return 0;
}

static int64_t time_of_a_send(int flooded)
{
	struct job j = { 0 };
	struct flood f;
	struct lab l;

	open_costs(&l, "udp_sendmsg 200000\ninterrupt 1000\nigb_poll 2000\n",
		   1, 0);
	lab_udp(l.a, NULL, 9);
	lab_spawn(l.a, sends_once, &j);
	if (flooded)
		flood(&f, &l, 30, 20 * LAB_US);
	weir_sim_run(l.s, WEIR_SIM_FOREVER);
	lab_close(&l);
	return j.ended - j.started;
}

static void interrupts_are_taken_in_the_middle_of_a_system_call(void **state)
{
	int64_t alone = time_of_a_send(0), flooded = time_of_a_send(1);

	assert_true(alone >= 200000);
	assert_true(flooded >= alone + 3000);
	assert_int_equal((flooded - alone) % 1000, 0);
}

/* --- no time is lost ---------------------------------------------------------------------- */

static uint64_t sum(struct weir_sim_cpu_time t)
{
	return t.user + t.sys + t.softirq + t.hardirq + t.ksoftirqd + t.idle;
}

static int talks(struct weir *h, void *arg)
{
	int fd = lab_connect(h, LAB_B, 80);

	assert_int_equal(lab_send_stream(h, fd, 1, 300000), 0);
	weir_sim_compute(h, LAB_MS);
	weir_close(h, fd);
	return 0;
}

static int listens(struct weir *h, void *arg)
{
	int listener = lab_listen(h, 80), fd = lab_accept(h, listener);

	assert_int_equal(lab_recv_stream(h, fd, 1, 300000), 0);
	weir_close(h, fd);
	weir_close(h, listener);
	return 0;
}

static void every_nanosecond_of_a_cpu_is_accounted(unsigned int cpus, int bsd)
{
	struct job j = { .ns = 7 * LAB_MS };
	struct lab l;
	int64_t since;

	open_costs(&l, COSTS, cpus, bsd);
	since = lab_ns(l.s);
	lab_spawn(l.b, listens, NULL);
	lab_spawn(l.a, talks, NULL);
	lab_spawn(l.a, computes, &j);
	for (int i = 0; i < 50; i++) {
		weir_sim_pass(l.s, 654321);
		for (int cpu = 0; cpu < (int)cpus; cpu++) {
			assert_int_equal(sum(cpu_time(l.a, cpu)),
					 lab_ns(l.s) - since);
			assert_int_equal(sum(cpu_time(l.b, cpu)),
					 lab_ns(l.s) - since);
		}
		assert_int_equal(sum(cpu_time(l.a, -1)),
				 (lab_ns(l.s) - since) * cpus);
	}
	assert_true(cpu_time(l.b, -1).softirq > 0);
	lab_close(&l);
}

static void linux_accounting_loses_no_nanosecond(void **state)
{
	every_nanosecond_of_a_cpu_is_accounted(1, 0);
	every_nanosecond_of_a_cpu_is_accounted(3, 0);
}

static void bsd_accounting_loses_no_nanosecond(void **state)
{
	every_nanosecond_of_a_cpu_is_accounted(1, 1);
	every_nanosecond_of_a_cpu_is_accounted(2, 1);
}

/* CPU time of a task that computes 5 ms under 20 packets. */
static int64_t charged(int bsd, int64_t *interrupts)
{
	struct job j = { .ns = 5 * LAB_MS };
	struct weir_sim_task *t;
	struct flood f;
	struct lab l;
	int64_t ns;

	open_costs(&l, COSTS, 1, bsd);
	lab_udp(l.a, NULL, 9);
	t = lab_spawn(l.a, computes, &j);
	flood(&f, &l, 20, 100 * LAB_US);
	weir_sim_run(l.s, WEIR_SIM_FOREVER);
	*interrupts = j.ended - j.started - 5 * LAB_MS;
	ns = (int64_t)weir_sim_task_cpu_ns(t);
	lab_close(&l);
	return ns;
}

static void only_bsd_accounting_charges_interrupts_to_the_interrupted(void **state)
{
	int64_t interrupts;

	assert_int_equal(charged(0, &interrupts), 5 * LAB_MS);
	assert_int_equal(charged(1, &interrupts), 5 * LAB_MS + interrupts);
	assert_true(interrupts > 0);
}

/* --- overload ------------------------------------------------------------------------------- */

/* 50 ms of a CPU on which a task computes while a packet comes every `gap`, each
 * of which costs 10 us in softirq. */
struct overload {
	uint64_t user, ksoftirqd;
	uint64_t received, missed;	/* by the host's counters */
	uint64_t overrun;		/* by the link's */
};

/* Field number `field` after "name:" in net/dev. */
static uint64_t dev_field(struct weir *h, const char *name, int field)
{
	char text[8192], *at;

	assert_in_range(weir_view(h, "net/dev", text, sizeof(text)), 1,
			sizeof(text) - 1);
	at = strstr(text, name);
	assert_non_null(at);
	at += strlen(name);
	while (field--)
		strtoull(at, &at, 10);
	return strtoull(at, NULL, 10);
}

static struct overload overload(int64_t gap)
{
	struct job j = { .ns = 1000 * LAB_MS };
	struct weir_sim_link_stats st;
	struct overload o = { 0 };
	struct weir_sim_task *t;
	struct flood f;
	struct lab l;

	open_costs(&l, "ip_rcv 10000\n", 1, 0);
	lab_udp(l.a, NULL, 9);
	t = lab_spawn(l.a, computes, &j);
	flood(&f, &l, 1u << 30, gap);
	weir_sim_pass(l.s, 50 * LAB_MS);
	o.user = weir_sim_task_cpu_ns(t);
	o.ksoftirqd = cpu_time(l.a, 0).ksoftirqd;
	weir_sim_link_stats(l.l, 1, &st);
	o.overrun = st.overrun;
	o.received = dev_field(l.a, "eth0:", 1);
	o.missed = dev_field(l.a, "eth0:", 3);
	lab_close(&l);
	return o;
}

static void a_load_that_fits_is_served_in_softirqs(void **state)
{
	struct overload o = overload(20 * LAB_US);

	assert_int_equal(o.ksoftirqd, 0);
	assert_int_equal(o.user / LAB_MS, 25);
	assert_in_range(o.received, 2490, 2500);
	assert_int_equal(o.missed, 0);
}

static void ksoftirqd_and_a_task_share_an_overloaded_cpu(void **state)
{
	struct overload o = overload(5 * LAB_US);

	assert_in_range(o.user / LAB_MS, 19, 30);
	assert_in_range(o.ksoftirqd / LAB_MS, 19, 30);
	assert_true(o.missed > 3000);
	assert_int_equal(o.missed, o.overrun);
}

/* Softirqs come first while they are short: ksoftirqd does not help the task. */
static void a_load_that_just_fits_leaves_a_task_the_rest(void **state)
{
	struct overload o = overload(12500);

	assert_int_equal(o.ksoftirqd, 0);
	assert_int_equal(o.missed, 0);
	assert_in_range(o.user / LAB_MS, 9, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(computing_takes_its_time_and_is_user_time),
		cmocka_unit_test(computing_takes_time_without_a_cost_table_too),
		cmocka_unit_test(two_tasks_share_a_cpu_equally),
		cmocka_unit_test(a_task_that_comes_later_gets_its_share_of_a_long_computation),
		cmocka_unit_test(tasks_that_only_make_calls_share_a_cpu),
		cmocka_unit_test(a_waking_task_preempts_one_that_had_more),
		cmocka_unit_test(tasks_spread_over_the_cpus),
		cmocka_unit_test(more_tasks_than_cpus_are_done_when_all_cpus_worked),
		cmocka_unit_test(a_cpu_that_runs_dry_takes_over_waiting_tasks),
		cmocka_unit_test(computing_is_stretched_by_exactly_what_interrupts_take),
		cmocka_unit_test(computing_is_stretched_by_nothing_when_interrupts_go_elsewhere),
		cmocka_unit_test(interrupts_are_taken_in_the_middle_of_a_system_call),
		cmocka_unit_test(linux_accounting_loses_no_nanosecond),
		cmocka_unit_test(bsd_accounting_loses_no_nanosecond),
		cmocka_unit_test(only_bsd_accounting_charges_interrupts_to_the_interrupted),
		cmocka_unit_test(a_load_that_fits_is_served_in_softirqs),
		cmocka_unit_test(ksoftirqd_and_a_task_share_an_overloaded_cpu),
		cmocka_unit_test(a_load_that_just_fits_leaves_a_task_the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
