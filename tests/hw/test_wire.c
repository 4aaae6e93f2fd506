/* SPDX-License-Identifier: BSD-2-Clause */
/* The Ethernet segment in memory. */
#include "tests/hw/hw_test.h"

static void a_frame_arrives_with_its_bytes(void **state)
{
	struct hw_test_wire *w = hw_test_wire_new(2);
	u8 sent[300], got[300];
	struct hw_frame f = { .len = 300, .packet = 77 }, g;

	hw_test_frame(sent, 300, 2, 1, 0xab);
	assert_int_equal(hw_test_send(&w->port[0], sent, &f), 0);
	assert_int_equal(hw_test_take(&w->port[1], got, &g), 300);
	assert_memory_equal(sent, got, 300);
	assert_int_equal(g.packet, 77);
	assert_int_equal(g.id, f.id);
	assert_int_equal(hw_test_take(&w->port[1], NULL, NULL), 0);
	hw_test_wire_free(w);
}

static void frame_numbers_differ_between_ports(void **state)
{
	struct hw_test_wire *w = hw_test_wire_new(2);
	struct hw_frame a, b;

	hw_test_send_plain(&w->port[0], 60, 0xff, 1, 0);
	hw_test_send_plain(&w->port[1], 60, 0xff, 2, 0);
	assert_int_equal(hw_test_take(&w->port[1], NULL, &a), 60);
	assert_int_equal(hw_test_take(&w->port[0], NULL, &b), 60);
	assert_int_equal(a.id >> 48, 0);
	assert_int_equal(b.id >> 48, 1);
	hw_test_wire_free(w);
}

static void an_unknown_address_is_flooded_and_a_learnt_one_is_not(void **state)
{
	struct hw_test_wire *w = hw_test_wire_new(3);

	hw_test_send_plain(&w->port[0], 60, 2, 1, 0);
	assert_int_equal(hw_test_take(&w->port[1], NULL, NULL), 60);
	assert_int_equal(hw_test_take(&w->port[2], NULL, NULL), 60);
	hw_test_send_plain(&w->port[1], 60, 1, 2, 0);
	assert_int_equal(hw_test_take(&w->port[0], NULL, NULL), 60);
	assert_int_equal(hw_test_take(&w->port[2], NULL, NULL), 0);
	hw_test_send_plain(&w->port[0], 60, 2, 1, 0);
	assert_int_equal(hw_test_take(&w->port[1], NULL, NULL), 60);
	assert_int_equal(hw_test_take(&w->port[2], NULL, NULL), 0);
	hw_test_wire_free(w);
}

static void an_address_that_moves_is_learnt_again(void **state)
{
	struct hw_test_wire *w = hw_test_wire_new(3);

	hw_test_send_plain(&w->port[1], 60, 0xff, 9, 0);
	hw_test_send_plain(&w->port[2], 60, 0xff, 9, 0);
	while (hw_test_take(&w->port[1], NULL, NULL) ||
	       hw_test_take(&w->port[2], NULL, NULL))
		;
	hw_test_send_plain(&w->port[0], 60, 9, 1, 0);
	assert_int_equal(hw_test_take(&w->port[1], NULL, NULL), 0);
	assert_int_equal(hw_test_take(&w->port[2], NULL, NULL), 60);
	hw_test_wire_free(w);
}

/* Port 1 has said who it is; then its ring is filled. Frames that fitted. */
static u32 fill_ring(struct hw_test_wire *w)
{
	u32 n = 0;

	hw_test_send_plain(&w->port[1], 60, 0xff, 2, 0);
	while (hw_test_take(&w->port[0], NULL, NULL))
		;
	while (!hw_test_send_plain(&w->port[0], 9000, 2, 1, (u8)n))
		n++;
	return n;
}

static void a_full_ring_makes_the_sender_wait_and_loses_nothing(void **state)
{
	struct hw_test_wire *w = hw_test_wire_new(2);
	u32 n = fill_ring(w), i;
	u8 got[9000];

	assert_true(n >= 20);
	assert_int_equal(hw_test_send_plain(&w->port[0], 9000, 2, 1, 0),
			 -EAGAIN);
	for (i = 0; i < n; i++) {
		assert_int_equal(hw_test_take(&w->port[1], got, NULL), 9000);
		assert_int_equal(got[8999], (u8)i);
	}
	assert_int_equal(hw_test_send_plain(&w->port[0], 9000, 2, 1, 0), 0);
	assert_int_equal(w->port[0].stats.tx_full, 0);
	hw_test_wire_free(w);
}

static void the_sender_is_woken_when_there_is_room_again(void **state)
{
	struct hw_test_wire *w = hw_test_wire_new(2);
	const struct hw_link_ops *ops = &wire_link_ops;

	fill_ring(w);
	assert_true(ops->arm(&w->port[0].link, HW_LINK_TX, HW_LINK_FUTEX));
	while (hw_test_take(&w->port[1], NULL, NULL))
		;
	assert_int_equal(w->wakes[0], 1);
	assert_false(ops->arm(&w->port[0].link, HW_LINK_TX, HW_LINK_FUTEX));
	hw_test_wire_free(w);
}

static void a_ring_that_stands_full_loses_frames_but_not_for_ever(void **state)
{
	struct hw_test_wire *w = hw_test_wire_new(2);

	fill_ring(w);
	w->now += WIRE_PAUSE_NS;
	assert_int_equal(hw_test_send_plain(&w->port[0], 9000, 2, 1, 0), 0);
	assert_int_equal(w->port[0].stats.tx_full, 1);
	while (hw_test_take(&w->port[1], NULL, NULL))
		;
	assert_int_equal(hw_test_send_plain(&w->port[0], 9000, 2, 1, 0), 0);
	assert_int_equal(w->port[0].stats.tx_full, 1);
	assert_int_equal(hw_test_take(&w->port[1], NULL, NULL), 9000);
	hw_test_wire_free(w);
}

static void a_dead_receiver_is_taken_off_the_segment(void **state)
{
	struct hw_test_wire *w = hw_test_wire_new(2);

	fill_ring(w);
	w->dead = true;
	w->now += WIRE_DEAD_NS;
	assert_int_equal(hw_test_send_plain(&w->port[0], 9000, 2, 1, 0), 0);
	assert_int_equal(hw_test_send_plain(&w->port[0], 9000, 2, 1, 0), 0);
	assert_int_equal(w->port[0].stats.tx_no_port, 1);
	hw_test_wire_free(w);
}

static void a_large_frame_goes_only_to_a_port_that_takes_it(void **state)
{
	struct hw_test_wire *w = hw_test_wire_new(2);
	struct hw_frame f = { .len = 60000, .gso_size = 1448, .hdr_len = 66,
			      .flags = HW_FRAME_CSUM_PARTIAL, .csum_start = 34,
			      .csum_offset = 16, .gso_type = HW_GSO_TCPV4 }, g;
	u8 *buf = malloc(60000);

	hw_test_frame(buf, 60000, 2, 1, 3);
	assert_int_equal(hw_test_send(&w->port[0], buf, &f), 0);
	assert_int_equal(hw_test_take(&w->port[1], NULL, &g), 60000);
	assert_int_equal(g.gso_size, 1448);
	assert_int_equal(g.hdr_len, 66);
	assert_int_equal(g.csum_offset, 16);
	wire_set_features(&w->port[1], WIRE_F_CSUM);
	assert_int_equal(hw_test_send(&w->port[0], buf, &f), -EOPNOTSUPP);
	free(buf);
	hw_test_wire_free(w);
}

static void frames_of_all_sizes_survive_many_turns_of_the_ring(void **state)
{
	struct hw_test_wire *w = hw_test_wire_new(2);
	u8 *got = malloc(HW_MAX_FRAME);
	u32 i, len;

	for (i = 0; i < 3000; i++) {
		len = 14 + i * 7919 % (HW_MAX_FRAME - 13);
		assert_int_equal(hw_test_send_plain(&w->port[0], len, 0xff, 1,
						    (u8)i), 0);
		assert_int_equal(hw_test_take(&w->port[1], got, NULL), len);
		assert_true(len == 14 || got[len - 1] == (u8)i);
	}
	free(got);
	hw_test_wire_free(w);
}

static void only_a_sleeper_is_woken_and_only_once_per_burst(void **state)
{
	struct hw_test_wire *w = hw_test_wire_new(2);
	struct hw_link *a = &w->port[0].link, *b = &w->port[1].link;
	u8 buf[60];
	struct hw_frame f = { .len = 60 };
	struct hw_vec v = { buf, 60 };
	u32 i;

	hw_test_frame(buf, 60, 0xff, 1, 0);
	hw_test_send_plain(&w->port[0], 60, 0xff, 1, 0);
	assert_int_equal(w->wakes[1], 0);
	assert_int_equal(hw_test_take(&w->port[1], NULL, NULL), 60);
	assert_true(b->ops->arm(b, HW_LINK_RX, HW_LINK_FD));
	a->ops->tx_begin(a);
	for (i = 0; i < 8; i++)
		assert_int_equal(a->ops->xmit(a, &f, &v, 1), 0);
	assert_int_equal(w->wakes[1], 0);
	a->ops->tx_end(a);
	assert_int_equal(w->wakes[1], 1);
	assert_int_equal(w->how[1], HW_LINK_FD);
	assert_false(b->ops->arm(b, HW_LINK_RX, HW_LINK_FUTEX));
	hw_test_wire_free(w);
}

static void damaged_indexes_empty_the_ring_and_nothing_else(void **state)
{
	static const u32 nonsense[] = { 0x80000000u, 0xffffffffu, 0xffffffc0u,
					WIRE_RING_MIN + 64 };
	struct hw_test_wire *w = hw_test_wire_new(3);
	struct wire_port *p = &w->port[1];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(nonsense); i++) {
		p->rx[0].shm->tail = p->rx[0].head + nonsense[i];
		hw_test_send_plain(&w->port[2], 60, 0xff, 3, 0);
		assert_int_equal(hw_test_take(p, NULL, NULL), 60);
		assert_int_equal(hw_test_take(p, NULL, NULL), 0);
	}
	assert_int_equal(p->stats.rx_bad, ARRAY_SIZE(nonsense));
	hw_test_wire_free(w);
}

static void an_index_between_slots_does_not_keep_us_awake(void **state)
{
	struct hw_test_wire *w = hw_test_wire_new(2);
	struct hw_link *l = &w->port[1].link;

	w->port[1].rx[0].shm->tail += 63;
	assert_int_equal(hw_test_take(&w->port[1], NULL, NULL), 0);
	assert_true(l->ops->arm(l, HW_LINK_RX, HW_LINK_FUTEX));
	hw_test_wire_free(w);
}

static void a_damaged_slot_is_never_read_beyond_the_ring(void **state)
{
	static const struct wire_slot bad[] = {
		{ .size = 0, .f.len = 60 }, { .size = 63, .f.len = 60 },
		{ .size = 0xffffffc0u, .f.len = 60 },
		{ .size = 128, .f.len = 0xffffffffu },
		{ .size = 128, .f.len = 81 }, { .size = 128, .f.len = 13 },
		{ .size = 128,
		  .f = { .len = 60, .flags = HW_FRAME_CSUM_PARTIAL,
			 .csum_start = 50, .csum_offset = 9 } },
		{ .size = 128,
		  .f = { .len = 60, .gso_size = 10, .hdr_len = 60 } },
		{ .size = 128, .f = { .len = 60, .gso_size = 10 } },
	};
	struct hw_test_wire *w = hw_test_wire_new(2);
	struct wire_port *p = &w->port[1];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		u32 at = w->port[0].tx[1].tail & (WIRE_RING_MIN - 1);

		hw_test_send_plain(&w->port[0], 60, 0xff, 1, 0);
		memcpy(w->port[0].tx[1].data + at, &bad[i], sizeof(bad[i]));
		assert_int_equal(hw_test_take(p, NULL, NULL), 0);
		assert_int_equal(p->stats.rx_bad, i + 1);
	}
	hw_test_send_plain(&w->port[0], 60, 0xff, 1, 0);
	assert_int_equal(hw_test_take(p, NULL, NULL), 60);
	hw_test_wire_free(w);
}

static void a_consumer_that_lies_only_makes_its_sender_wait(void **state)
{
	struct hw_test_wire *w = hw_test_wire_new(2);
	u32 n;

	hw_test_send_plain(&w->port[1], 60, 0xff, 2, 0);
	w->port[0].tx[1].shm->head = 12345;
	for (n = 0; n < 100; n++)
		if (hw_test_send_plain(&w->port[0], 9000, 2, 1, 0))
			break;
	assert_true(n < 100);
	hw_test_wire_free(w);
}

static void a_port_can_be_taken_over_after_its_owner_died(void **state)
{
	struct hw_test_wire *w = hw_test_wire_new(2);
	struct wire_os os = w->port[1].os;
	struct wire_port next;

	hw_test_send_plain(&w->port[0], 60, 0xff, 1, 1);
	hw_test_send_plain(&w->port[1], 60, 0xff, 2, 2);
	/* owner of port 1 vanishes, leaving an unread frame and a sent one */
	wire_reclaim(w->mem, 1);
	assert_int_equal(wire_attach(&next, w->mem, w->size, &os, 99, 0, 0), 0);
	assert_int_equal(next.index, 1);
	assert_int_equal(hw_test_take(&next, NULL, NULL), 0);
	hw_test_send_plain(&w->port[0], 60, 0xff, 1, 3);
	assert_int_equal(hw_test_take(&next, NULL, NULL), 60);
	hw_test_send_plain(&next, 60, 0xff, 5, 4);
	assert_int_equal(hw_test_take(&w->port[0], NULL, NULL), 60);
	assert_int_equal(hw_test_take(&w->port[0], NULL, NULL), 60);
	wire_detach(&next);
	w->port[1].shm = NULL;
	hw_test_wire_free(w);
}

static void ports_run_out_and_come_back(void **state)
{
	struct hw_test_wire *w = hw_test_wire_new(HW_TEST_PORTS);
	struct wire_port p;
	struct wire_os os = w->port[0].os;

	assert_int_equal(wire_attach(&p, w->mem, w->size, &os, 9, 0, 0),
			 -ENOSPC);
	wire_detach(&w->port[2]);
	assert_int_equal(wire_attach(&p, w->mem, w->size, &os, 9, 0, 0), 0);
	assert_int_equal(p.index, 2);
	wire_detach(&p);
	hw_test_wire_free(w);
}

static void memory_that_is_no_segment_is_refused(void **state)
{
	size_t size = wire_size(2, WIRE_RING_MIN);
	struct wire_shm *shm = calloc(1, size);

	assert_int_equal(wire_check(shm, size), -EPROTO);
	assert_int_equal(wire_format(shm, size, 2, WIRE_RING_MIN), 0);
	assert_int_equal(wire_check(shm, size), 0);
	assert_int_equal(wire_check(shm, size - 1), -EPROTO);
	shm->nr_ports = 3;
	assert_int_equal(wire_check(shm, size), -EPROTO);
	assert_int_equal(wire_size(2, WIRE_RING_MIN + 1), 0);
	assert_int_equal(wire_size(WIRE_MAX_PORTS + 1, WIRE_RING_MIN), 0);
	free(shm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_arrives_with_its_bytes),
		cmocka_unit_test(frame_numbers_differ_between_ports),
		cmocka_unit_test(an_unknown_address_is_flooded_and_a_learnt_one_is_not),
		cmocka_unit_test(an_address_that_moves_is_learnt_again),
		cmocka_unit_test(a_full_ring_makes_the_sender_wait_and_loses_nothing),
		cmocka_unit_test(the_sender_is_woken_when_there_is_room_again),
		cmocka_unit_test(a_ring_that_stands_full_loses_frames_but_not_for_ever),
		cmocka_unit_test(a_dead_receiver_is_taken_off_the_segment),
		cmocka_unit_test(a_large_frame_goes_only_to_a_port_that_takes_it),
		cmocka_unit_test(frames_of_all_sizes_survive_many_turns_of_the_ring),
		cmocka_unit_test(only_a_sleeper_is_woken_and_only_once_per_burst),
		cmocka_unit_test(damaged_indexes_empty_the_ring_and_nothing_else),
		cmocka_unit_test(an_index_between_slots_does_not_keep_us_awake),
		cmocka_unit_test(a_damaged_slot_is_never_read_beyond_the_ring),
		cmocka_unit_test(a_consumer_that_lies_only_makes_its_sender_wait),
		cmocka_unit_test(a_port_can_be_taken_over_after_its_owner_died),
		cmocka_unit_test(ports_run_out_and_come_back),
		cmocka_unit_test(memory_that_is_no_segment_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
