/* SPDX-License-Identifier: BSD-2-Clause */
/* The text of a cost table: what is understood, and what is said of the rest.
 * With files as arguments: are these tables? (tests/scripts/calibrate.sh) */
#include "platform/sim/costs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static struct sim_costs parse(const char *text)
{
	struct sim_costs c;
	char err[200] = "";

	if (sim_costs_parse(&c, text, err, sizeof(err)))
		fail_msg("refused: %s", err);
	return c;
}

static void refused(const char *text, const char *why)
{
	struct sim_costs c;
	char err[200] = "";

	assert_int_equal(sim_costs_parse(&c, text, err, sizeof(err)), -EINVAL);
	if (!strstr(err, why))
		fail_msg("\"%s\" says \"%s\", not \"%s\"", text, err, why);
}

static void a_row_has_nanoseconds_and_those_per_byte(void **state)
{
	struct sim_costs c = parse("ip_rcv 120\n"
				   "\ttcp_recvmsg  300  0.25 # copy\r\n"
				   "\n# nothing\n"
				   "skb_copy_datagram 0 12.5");

	assert_int_equal(c.stage[STAGE_ip_rcv].ns, 120);
	assert_int_equal(c.stage[STAGE_ip_rcv].ps_per_byte, 0);
	assert_int_equal(c.stage[STAGE_tcp_recvmsg].ns, 300);
	assert_int_equal(c.stage[STAGE_tcp_recvmsg].ps_per_byte, 250);
	assert_int_equal(c.stage[STAGE_skb_copy_datagram].ps_per_byte, 12500);
	assert_int_equal(c.stage[STAGE_udp_rcv].ns, 0);
}

static void a_cost_counts_packet_and_bytes(void **state)
{
	struct stage_cost c = { .ns = 100, .ps_per_byte = 250 };

	assert_int_equal(stage_cost_ns(&c, 0), 100);
	assert_int_equal(stage_cost_ns(&c, 1460), 465);
	assert_int_equal(stage_cost_ns(&c, 3), 100);
	c = (struct stage_cost){ UINT32_MAX, UINT32_MAX };
	assert_true(stage_cost_ns(&c, UINT32_MAX) == 4294967295ull +
		    4294967295ull * 4294967295ull / 1000);
}

static void the_star_is_for_stages_without_a_row_but_the_hardware(void **state)
{
	struct sim_costs c = parse("ip_rcv 7\n* 50 0.1\nudp_rcv 0\nwire_rx 0\n");

	assert_int_equal(c.stage[STAGE_ip_rcv].ns, 7);
	assert_int_equal(c.stage[STAGE_ip_rcv].ps_per_byte, 0);
	assert_int_equal(c.stage[STAGE_udp_rcv].ns, 0);
	assert_int_equal(c.stage[STAGE_tcp_ack].ns, 50);
	assert_int_equal(c.stage[STAGE_tcp_ack].ps_per_byte, 100);
	assert_int_equal(c.stage[STAGE_wire_rx].ns, 0);
	assert_int_equal(c.stage[STAGE_nic_dma_tx].ns, 0);
	assert_int_equal(c.stage[STAGE_NONE].ns, 0);
	assert_int_equal(c.syscall_ns, 0);
}

static void the_machine_has_rows_of_its_own(void **state)
{
	struct sim_costs c = parse("syscall 1\ncontext_switch 2\nwakeup 3\n"
				   "interrupt 4\nsoftirq 5\n");

	assert_int_equal(c.syscall_ns, 1);
	assert_int_equal(c.context_switch_ns, 2);
	assert_int_equal(c.wakeup_ns, 3);
	assert_int_equal(c.interrupt_ns, 4);
	assert_int_equal(c.softirq_ns, 5);
	refused("wakeup 3 1\n", "line 1: wakeup has no bytes");
}

static void no_text_is_free(void **state)
{
	struct sim_costs c = parse(""), d = parse(NULL), zero = { 0 };

	assert_memory_equal(&c, &zero, sizeof(c));
	assert_memory_equal(&d, &zero, sizeof(d));
}

static void what_is_wrong_is_named_with_its_line(void **state)
{
	refused("ip_rcv 1\n\nip_recv 2\n", "line 3: \"ip_recv\" is no stage");
	refused("? 1\n", "line 1: \"?\" is no stage");
	refused("ip_rcv\n", "too few");
	refused("ip_rcv 1 2 3\n", "too many");
	refused("ip_rcv 1\nip_rcv 1\n", "line 2: a second row for ip_rcv");
	refused("* 1\n* 1\n", "line 2: a second row for *");
	refused("wire_tx 1\n", "line 1: wire_tx is done by the hardware");
	refused("nic_dma_rx 0 0.1\n", "nic_dma_rx is done by the hardware");
}

static void numbers_are_plain_and_fit(void **state)
{
	static const char *const bad_ns[] = {
		"-1", "+1", "1.5", "1e3", "0x10", "4294967296", "ns", "1.",
		"99999999999999999999999",
	}, *const bad_per_byte[] = {
		"-1", ".5", "1.", ".", "1.2.3", "0.0001", "4294968", "1,5",
	};
	char text[64];

	for (size_t i = 0; i < ARRAY_SIZE(bad_ns); i++) {
		snprintf(text, sizeof(text), "ip_rcv %s\n", bad_ns[i]);
		refused(text, "is no whole number of nanoseconds");
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad_per_byte); i++) {
		snprintf(text, sizeof(text), "ip_rcv 1 %s\n", bad_per_byte[i]);
		refused(text, "is no number of nanoseconds per byte");
	}
	assert_int_equal(parse("ip_rcv 4294967295 4294967.295").
			 stage[STAGE_ip_rcv].ps_per_byte, UINT32_MAX);
}

static void a_short_error_buffer_is_kept_to(void **state)
{
	struct sim_costs c;
	char err[16];

	memset(err, 'x', sizeof(err));
	assert_int_equal(sim_costs_parse(&c, "bogus 1", err, 10), -EINVAL);
	assert_string_equal(err, "line 1: \"");
	assert_int_equal(err[10], 'x');
	assert_int_equal(sim_costs_parse(&c, "bogus 1", NULL, 0), -EINVAL);
}

static void what_is_printed_parses_to_the_same(void **state)
{
	struct sim_costs c = parse("* 50 0.1\nip_rcv 0 1.025\nudp_rcv 7\n"
				   "syscall 9\nsoftirq 4294967295\n");
	static char text[STAGE_MAX * 64];
	char small[20];
	size_t len = sim_costs_print(&c, text, sizeof(text));
	struct sim_costs d = parse(text);

	assert_int_equal(len, strlen(text));
	assert_memory_equal(&c, &d, sizeof(c));
	assert_int_equal(sim_costs_print(&c, small, sizeof(small)), len);
	assert_int_equal(strlen(small), sizeof(small) - 1);
	assert_memory_equal(small, text, sizeof(small) - 1);
	assert_int_equal(sim_costs_print(&c, NULL, 0), len);
}

static int check_file(const char *path)
{
	static char text[1 << 16];
	struct sim_costs c;
	char err[200] = "cannot be read";
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

	text[n] = '\0';
	if (f)
		fclose(f);
	if (n && !sim_costs_parse(&c, text, err, sizeof(err)))
		return 0;
	fprintf(stderr, "%s: %s\n", path, err);
	return 1;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_has_nanoseconds_and_those_per_byte),
		cmocka_unit_test(a_cost_counts_packet_and_bytes),
		cmocka_unit_test(the_star_is_for_stages_without_a_row_but_the_hardware),
		cmocka_unit_test(the_machine_has_rows_of_its_own),
		cmocka_unit_test(no_text_is_free),
		cmocka_unit_test(what_is_wrong_is_named_with_its_line),
		cmocka_unit_test(numbers_are_plain_and_fit),
		cmocka_unit_test(a_short_error_buffer_is_kept_to),
		cmocka_unit_test(what_is_printed_parses_to_the_same),
	};

	if (argc > 1) {
		int bad = 0;

		while (--argc)
			bad |= check_file(*++argv);
		return bad;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
