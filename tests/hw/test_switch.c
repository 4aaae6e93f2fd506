/* SPDX-License-Identifier: BSD-2-Clause */
/* The switch of virtual time: stations 0 to 3 behind its ports of that
 * number, cables without delay. */
#include "tests/hw/cable_lab.h"

#include "hw/switch.h"

#define PORTS	4u
#define ALL	0xff
#define LEN	100u

struct rack {
	struct lab lab;			/* clock and memory */
	struct hw_switch sw;
	struct cable c[PORTS];
	struct switch_port port[PORTS];
};

static struct rack *rack_new(const struct cable_params *p)
{
	struct cable_params good = { 0 };
	struct rack *r = calloc(1, sizeof(*r));
	u32 i;

	r->lab.now = NSEC_PER_SEC;
	switch_init(&r->sw, &lab_ops, &r->lab);
	for (i = 0; i < PORTS; i++) {
		cable_init(&r->c[i], p ? p : &good, &lab_ops, &r->lab, 1);
		assert_int_equal(switch_plug(&r->sw, &r->port[i],
					     &r->c[i].end[1]), 0);
	}
	return r;
}

static void rack_free(struct rack *r)
{
	u32 i;

	switch_fini(&r->sw);
	for (i = 0; i < PORTS; i++) {
		switch_unplug(&r->port[i]);
		cable_fini(&r->c[i]);
	}
	assert_int_equal(r->lab.out, 0);
	free(r);
}

static void send(struct rack *r, u8 src, u8 dst, u32 n)
{
	assert_int_equal(link_send(&r->c[src].end[0].link, LEN, dst, src, n), 0);
	switch_step(&r->port[src]);
}

/* Bit i: port i has received frame n, and nothing else. */
static u32 receivers(struct rack *r, u32 n)
{
	u32 i, got = 0;
	s64 m;

	for (i = 0; i < PORTS; i++)
		while ((m = link_take(&r->c[i].end[0].link)) >= 0) {
			assert_int_equal(m, n);
			got |= 1u << i;
		}
	return got;
}

static void frames_to_unknown_stations_go_to_all_other_ports(void **state)
{
	struct rack *r = rack_new(NULL);

	send(r, 0, 2, 1);
	assert_int_equal(receivers(r, 1), 0xe);
	send(r, 1, ALL, 2);
	assert_int_equal(receivers(r, 2), 0xd);
	assert_int_equal(r->port[0].stats.flooded, 1);
	rack_free(r);
}

static void a_station_that_was_heard_gets_its_frames_alone(void **state)
{
	struct rack *r = rack_new(NULL);
	u8 mac[6];

	send(r, 0, ALL, 1);
	receivers(r, 1);
	send(r, 2, 0, 2);
	assert_int_equal(receivers(r, 2), 1u << 0);
	send(r, 0, 2, 3);
	assert_int_equal(receivers(r, 3), 1u << 2);
	hw_test_mac(mac, 2);
	assert_ptr_equal(switch_find(&r->sw, mac), &r->port[2]);
	rack_free(r);
}

static void a_frame_never_goes_back(void **state)
{
	struct rack *r = rack_new(NULL);

	send(r, 0, ALL, 1);
	receivers(r, 1);
	send(r, 0, 0, 2);
	assert_int_equal(receivers(r, 2), 0);
	assert_int_equal(r->port[0].stats.filtered, 1);
	rack_free(r);
}

static void a_station_that_moves_is_found_again(void **state)
{
	struct rack *r = rack_new(NULL);

	send(r, 0, ALL, 1);
	receivers(r, 1);
	assert_int_equal(link_send(&r->c[3].end[0].link, LEN, ALL, 0, 2), 0);
	switch_step(&r->port[3]);
	receivers(r, 2);
	send(r, 1, 0, 3);
	assert_int_equal(receivers(r, 3), 1u << 3);
	rack_free(r);
}

static void a_silent_station_is_forgotten_after_300_s(void **state)
{
	struct rack *r = rack_new(NULL);

	send(r, 0, ALL, 1);
	receivers(r, 1);
	r->lab.now += SWITCH_AGEING - 1;
	send(r, 1, 0, 2);
	assert_int_equal(receivers(r, 2), 1u << 0);
	r->lab.now += 1;
	send(r, 1, 0, 3);
	assert_int_equal(receivers(r, 3), 0xd);
	rack_free(r);
}

static void an_unplugged_port_is_forgotten(void **state)
{
	struct rack *r = rack_new(NULL);

	send(r, 3, ALL, 1);
	receivers(r, 1);
	switch_unplug(&r->port[3]);
	send(r, 0, 3, 2);
	assert_int_equal(receivers(r, 2), 0x6);
	assert_int_equal(switch_plug(&r->sw, &r->port[3], &r->c[3].end[1]), 0);
	send(r, 0, 3, 3);
	assert_int_equal(receivers(r, 3), 0xe);
	rack_free(r);
}

static void frames_for_the_switch_itself_stay_there(void **state)
{
	static const u8 pause[6] = { 0x01, 0x80, 0xc2, 0, 0, 1 };
	struct rack *r = rack_new(NULL);
	struct hw_link *link = &r->c[0].end[0].link;
	u8 frame[LEN];
	struct hw_frame f = { .len = LEN };
	struct hw_vec v = { frame, LEN };

	hw_test_frame(frame, LEN, ALL, 0, 0);
	memcpy(frame, pause, 6);
	assert_int_equal(link->ops->xmit(link, &f, &v, 1), 0);
	switch_step(&r->port[0]);
	assert_int_equal(receivers(r, 0), 0);
	rack_free(r);
}

static void thousands_of_stations_are_remembered_and_no_more(void **state)
{
	struct rack *r = rack_new(NULL);
	struct hw_link *link = &r->c[1].end[0].link;
	u8 frame[60] = { 0 };
	struct hw_frame f = { .len = 60 };
	struct hw_vec v = { frame, 60 };
	u32 i, known = 0;

	memset(frame, 0xff, 6);
	frame[6] = 2;
	for (i = 0; i < SWITCH_MAX_SLOTS; i++) {
		put_unaligned_be32(i, frame + 8);
		assert_int_equal(link->ops->xmit(link, &f, &v, 1), 0);
		switch_step(&r->port[1]);
		receivers(r, 0);
	}
	for (i = 0; i < SWITCH_MAX_SLOTS; i++) {
		put_unaligned_be32(i, frame + 8);
		known += switch_find(&r->sw, frame + 6) == &r->port[1];
	}
	assert_int_equal(known, SWITCH_MAX_SLOTS / 4 * 3);
	/* when they are too old there is room for others */
	r->lab.now += SWITCH_AGEING;
	send(r, 2, ALL, 1);
	receivers(r, 1);
	send(r, 0, 2, 2);
	assert_int_equal(receivers(r, 2), 1u << 2);
	rack_free(r);
}

static void a_busy_port_keeps_frames_in_order_up_to_a_limit(void **state)
{
	struct cable_params slow = { .rate_bps = 1000000 };
	struct rack *r = rack_new(NULL);
	struct hw_link *out = &r->c[1].end[0].link;
	u32 i;

	cable_set(&r->c[1], 1, &slow);
	send(r, 1, ALL, 0);
	receivers(r, 0);
	for (i = 0; i < SWITCH_MAX_QUEUE + 11; i++)
		send(r, 0, 1, i);
	assert_int_equal(r->port[1].queued, SWITCH_MAX_QUEUE);
	assert_int_equal(r->port[1].stats.queue_full, 10);
	for (i = 0; i <= SWITCH_MAX_QUEUE; i++) {
		r->lab.now = r->c[1].dir[1].busy_until;
		switch_step(&r->port[1]);
		assert_int_equal(link_take(out), i);
	}
	assert_int_equal(link_take(out), -1);
	assert_int_equal(r->port[1].queued, 0);
	rack_free(r);
}

static void frames_that_wait_are_freed_with_the_port(void **state)
{
	struct cable_params slow = { .rate_bps = 1000000 };
	struct rack *r = rack_new(NULL);

	cable_set(&r->c[1], 1, &slow);
	send(r, 0, 1, 1);
	send(r, 0, 1, 2);
	assert_int_equal(r->port[1].queued, 1);
	rack_free(r);
}

static void all_cables_offload_or_none(void **state)
{
	struct cable_params offload = { .offload = true }, none = { 0 };
	struct rack *r = rack_new(&offload);
	struct switch_port port;
	struct cable c;

	cable_init(&c, &none, &lab_ops, &r->lab, 1);
	assert_int_equal(switch_plug(&r->sw, &port, &c.end[1]), -EINVAL);
	cable_set(&c, 0, &offload);
	assert_int_equal(switch_plug(&r->sw, &port, &c.end[1]), -EINVAL);
	cable_set(&c, 1, &offload);
	assert_int_equal(switch_plug(&r->sw, &port, &c.end[1]), 0);
	switch_unplug(&port);
	cable_fini(&c);
	rack_free(r);
}

static void a_frame_that_an_output_does_not_take_is_counted(void **state)
{
	struct cable_params offload = { .offload = true }, none = { 0 };
	struct rack *r = rack_new(&offload);
	struct hw_link *link = &r->c[0].end[0].link;
	u8 frame[LEN];
	struct hw_frame f = { .len = LEN, .flags = HW_FRAME_CSUM_PARTIAL };
	struct hw_vec v = { frame, LEN };

	cable_set(&r->c[1], 1, &none);
	hw_test_frame(frame, LEN, ALL, 0, 0);
	assert_int_equal(link->ops->xmit(link, &f, &v, 1), 0);
	switch_step(&r->port[0]);
	assert_int_equal(receivers(r, 0), 0xc);
	assert_int_equal(r->port[1].stats.refused, 1);
	rack_free(r);
}

static void without_memory_frames_are_flooded_or_lost(void **state)
{
	struct cable_params slow = { .rate_bps = 1000000 };
	struct rack *r = rack_new(NULL);

	cable_set(&r->c[1], 1, &slow);
	assert_int_equal(link_send(&r->c[0].end[0].link, LEN, ALL, 0, 1), 0);
	assert_int_equal(link_send(&r->c[0].end[0].link, LEN, ALL, 0, 2), 0);
	r->lab.no_memory = true;
	switch_step(&r->port[0]);
	assert_int_equal(r->sw.slots, 0);
	assert_int_equal(r->port[1].stats.queue_full, 1);
	r->lab.no_memory = false;
	rack_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_to_unknown_stations_go_to_all_other_ports),
		cmocka_unit_test(a_station_that_was_heard_gets_its_frames_alone),
		cmocka_unit_test(a_frame_never_goes_back),
		cmocka_unit_test(a_station_that_moves_is_found_again),
		cmocka_unit_test(a_silent_station_is_forgotten_after_300_s),
		cmocka_unit_test(an_unplugged_port_is_forgotten),
		cmocka_unit_test(frames_for_the_switch_itself_stay_there),
		cmocka_unit_test(thousands_of_stations_are_remembered_and_no_more),
		cmocka_unit_test(a_busy_port_keeps_frames_in_order_up_to_a_limit),
		cmocka_unit_test(frames_that_wait_are_freed_with_the_port),
		cmocka_unit_test(all_cables_offload_or_none),
		cmocka_unit_test(a_frame_that_an_output_does_not_take_is_counted),
		cmocka_unit_test(without_memory_frames_are_flooded_or_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
