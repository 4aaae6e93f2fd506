/* SPDX-License-Identifier: BSD-2-Clause */
/* The cable of virtual time: 1 Gb/s, 1 ms, unless said otherwise. */
#include "tests/hw/cable_lab.h"

#define LEN	1000u
#define FRAME_NS ((LEN + CABLE_OVERHEAD) * 8)	/* at 1 Gb/s */
#define DELAY	NSEC_PER_MSEC
#define MANY	20000u

static const struct cable_params gigabit = {
	.rate_bps = 1000000000, .delay = DELAY,
};

static int send(struct lab *l, u32 end, u32 n)
{
	return lab_send(l, end, LEN, n);
}

/* Properties of the direction from end 0, to be changed. */
static struct cable_params now_set(const struct lab *l)
{
	return l->c.dir[0].params;
}

static struct cable_stats stats(struct lab *l)
{
	struct cable_stats st;

	cable_stats(&l->c, 0, &st);
	return st;
}

/* --- time ------------------------------------------------------------------------ */

static void a_frame_arrives_after_its_length_and_the_delay(void **state)
{
	struct lab *l = lab_new(&gigabit);
	ktime_t due = l->now + FRAME_NS + DELAY;

	assert_int_equal(send(l, 0, 5), 0);
	assert_int_equal(l->nr_asked[1], 1);
	assert_int_equal(l->asked[1][0], due);
	l->now = due - 1;
	assert_int_equal(lab_take(l, 1), -1);
	l->now = due;
	assert_int_equal(lab_take(l, 1), 5);
	assert_int_equal(lab_take(l, 1), -1);
	lab_free_all(l);
}

static void the_next_frame_waits_until_the_first_has_left(void **state)
{
	struct lab *l = lab_new(&gigabit);

	assert_int_equal(send(l, 0, 1), 0);
	assert_int_equal(send(l, 0, 2), -EAGAIN);
	assert_int_equal(send(l, 0, 2), -EAGAIN);
	assert_int_equal(l->nr_asked[0], 1);
	assert_int_equal(l->asked[0][0], l->now + FRAME_NS);
	l->now += FRAME_NS;
	assert_int_equal(send(l, 0, 2), 0);
	assert_int_equal(stats(l).frames, 2);
	l->now += NSEC_PER_SEC;
	assert_int_equal(lab_take(l, 1), 1);
	assert_int_equal(lab_take(l, 1), 2);
	lab_free_all(l);
}

static void the_rate_is_exact_over_many_frames(void **state)
{
	/* 8192 bits at 7 Mb/s are 1170285 and 5/7 ns */
	struct cable_params p = { .rate_bps = 7000000, .queue = 1000 };
	struct lab *l = lab_new(&p);
	ktime_t begin = l->now;
	u32 i;

	for (i = 0; i < 700; i++)
		assert_int_equal(send(l, 0, i), 0);
	assert_int_equal(l->c.dir[0].busy_until - begin,
			 700 * (s64)FRAME_NS * 1000 / 7);
	lab_free_all(l);
}

static void each_segment_of_a_large_frame_takes_its_time(void **state)
{
	struct cable_params p = gigabit;
	u8 data[54 + 2500] = { 0 };
	struct hw_frame f = { .len = sizeof(data), .hdr_len = 54,
			      .gso_size = 1000,
			      .flags = HW_FRAME_CSUM_PARTIAL };
	struct hw_vec v = { data, sizeof(data) };
	struct hw_link *link;
	struct lab *l;

	p.offload = true;
	l = lab_new(&p);
	link = &l->c.end[0].link;
	assert_int_equal(link->ops->xmit(link, &f, &v, 1), 0);
	assert_int_equal(l->c.dir[0].busy_until - l->now,
			 (2500 + 3 * (54 + CABLE_OVERHEAD)) * 8);
	lab_free_all(l);
}

static void a_large_frame_needs_a_cable_that_offloads(void **state)
{
	struct lab *l = lab_new(&gigabit);
	u8 data[100] = { 0 };
	struct hw_frame f = { .len = 100, .flags = HW_FRAME_CSUM_PARTIAL };
	struct hw_vec v = { data, 100 };
	struct hw_link *link = &l->c.end[0].link;

	assert_int_equal(link->ops->xmit(link, &f, &v, 1), -EOPNOTSUPP);
	assert_int_equal(stats(l).frames, 0);
	lab_free_all(l);
}

static void one_call_is_asked_for_until_it_has_come(void **state)
{
	struct lab *l = lab_new(&gigabit);
	ktime_t due = l->now + FRAME_NS + DELAY;

	assert_int_equal(send(l, 0, 1), 0);
	l->now += FRAME_NS;
	assert_int_equal(send(l, 0, 2), 0);
	assert_int_equal(l->nr_asked[1], 1);
	assert_false(cable_called(&l->c, 1));
	l->now = due;
	assert_true(cable_called(&l->c, 1));
	assert_int_equal(lab_take(l, 1), 1);
	assert_int_equal(l->nr_asked[1], 1);
	assert_int_equal(lab_take(l, 1), -1);
	assert_int_equal(l->nr_asked[1], 2);
	assert_int_equal(l->asked[1][1], due + FRAME_NS);
	lab_free_all(l);
}

static void the_directions_do_not_meet(void **state)
{
	struct lab *l = lab_new(&gigabit);

	assert_int_equal(send(l, 0, 1), 0);
	assert_int_equal(send(l, 1, 2), 0);
	l->now += NSEC_PER_SEC;
	assert_int_equal(lab_take(l, 1), 1);
	assert_int_equal(lab_take(l, 0), 2);
	lab_free_all(l);
}

static void frames_on_the_way_are_freed_with_the_cable(void **state)
{
	struct lab *l = lab_new(&gigabit);

	assert_int_equal(send(l, 0, 1), 0);
	assert_true(l->out > 0);
	lab_free_all(l);
}

static void jitter_is_uniform_and_frames_keep_their_order(void **state)
{
	struct cable_params p = { .delay = 20 * NSEC_PER_MSEC,
				  .jitter = 5 * NSEC_PER_MSEC };
	ktime_t gap = 20 * NSEC_PER_MSEC, begin, least = KTIME_MAX, most = 0;
	struct lab *l = lab_new(&p);
	u64 sum = 0;
	u32 i;

	for (i = 0; i < 1000; i++, l->now = begin + gap) {
		begin = l->now;
		assert_int_equal(send(l, 0, i), 0);
		l->now = l->c.dir[0].last_arrival;
		assert_int_equal(lab_take(l, 1), i);
		least = min(least, l->now - begin);
		most = max(most, l->now - begin);
		sum += (u64)(l->now - begin);
	}
	assert_in_range(least, 15000000, 15200000);
	assert_in_range(most, 24800000, 25000000);
	assert_in_range(sum / 1000, 19700000, 20300000);
	for (i = 0; i < 1000; i++, l->now += NSEC_PER_USEC)
		assert_int_equal(send(l, 0, i), 0);
	l->now += NSEC_PER_SEC;
	for (i = 0; i < 1000; i++)
		assert_int_equal(lab_take(l, 1), i);
	lab_free_all(l);
}

/* --- queue ----------------------------------------------------------------------- */

static void a_queue_takes_frames_that_wait_and_loses_more(void **state)
{
	struct cable_params p = gigabit;
	struct lab *l;
	u32 i;

	p.queue = 3;
	l = lab_new(&p);
	for (i = 0; i < 6; i++)
		assert_int_equal(send(l, 0, i), 0);
	assert_int_equal(stats(l).queued, 3);
	assert_int_equal(stats(l).queue_full, 2);
	assert_int_equal(l->nr_asked[0], 0);
	l->now += FRAME_NS;
	assert_int_equal(stats(l).queued, 2);
	assert_int_equal(send(l, 0, 6), 0);
	l->now += 3 * FRAME_NS + DELAY - 1;
	for (i = 0; i < 3; i++)
		assert_int_equal(lab_take(l, 1), i);
	assert_int_equal(lab_take(l, 1), -1);
	l->now += FRAME_NS + 1;
	assert_int_equal(lab_take(l, 1), 3);
	assert_int_equal(lab_take(l, 1), 6);
	assert_int_equal(stats(l).queued, 0);
	assert_int_equal(stats(l).queued_max, 3);
	assert_int_equal(stats(l).frames, 7);
	assert_int_equal(stats(l).delivered, 5);
	lab_free_all(l);
}

static void frames_that_wait_follow_a_new_rate_and_delay(void **state)
{
	struct cable_params p = gigabit;
	struct lab *l;
	u32 i;

	p.queue = 10;
	l = lab_new(&p);
	for (i = 0; i < 3; i++)
		assert_int_equal(send(l, 0, i), 0);
	p = now_set(l);
	p.rate_bps = 2000000000;
	p.delay = 2 * DELAY;
	cable_set(&l->c, 0, &p);
	assert_int_equal(stats(l).queued, 2);
	l->now += FRAME_NS + DELAY;
	assert_int_equal(lab_take(l, 1), 0);
	l->now += FRAME_NS / 2 + DELAY - 1;
	assert_int_equal(lab_take(l, 1), -1);
	l->now += 1;
	assert_int_equal(lab_take(l, 1), 1);
	l->now += FRAME_NS / 2;
	assert_int_equal(lab_take(l, 1), 2);
	lab_free_all(l);
}

static void a_shorter_delay_does_not_change_the_order(void **state)
{
	struct cable_params p = { .delay = DELAY };
	struct lab *l = lab_new(&p);

	assert_int_equal(send(l, 0, 1), 0);
	p.delay = 0;
	cable_set(&l->c, 0, &p);
	assert_int_equal(send(l, 0, 2), 0);
	assert_int_equal(lab_take(l, 1), -1);
	l->now += DELAY;
	assert_int_equal(lab_take(l, 1), 1);
	assert_int_equal(lab_take(l, 1), 2);
	lab_free_all(l);
}

/* --- faults ----------------------------------------------------------------------- */

static void a_cut_cable_loses_all_until_it_heals(void **state)
{
	struct cable_params p = gigabit;
	struct lab *l;

	p.queue = 10;
	l = lab_new(&p);
	assert_int_equal(send(l, 0, 1), 0);
	assert_int_equal(send(l, 0, 2), 0);
	p = now_set(l);
	p.cut = true;
	cable_set(&l->c, 0, &p);		/* 2 still waits */
	assert_int_equal(send(l, 0, 3), 0);
	assert_int_equal(send(l, 1, 7), 0);
	l->now += NSEC_PER_SEC;
	p.cut = false;
	cable_set(&l->c, 0, &p);
	assert_int_equal(send(l, 0, 4), 0);
	l->now += NSEC_PER_SEC;
	assert_int_equal(lab_take(l, 1), 1);
	assert_int_equal(lab_take(l, 1), 4);
	assert_int_equal(lab_take(l, 1), -1);
	assert_int_equal(lab_take(l, 0), 7);
	assert_int_equal(stats(l).cut, 2);
	lab_free_all(l);
}

static void a_packet_longer_than_the_mtu_is_lost(void **state)
{
	struct cable_params p = { .mtu = LEN - CABLE_ETH_HLEN };
	struct lab *l = lab_new(&p);

	assert_int_equal(lab_send(l, 0, LEN, 1), 0);
	assert_int_equal(lab_send(l, 0, LEN + 1, 2), 0);
	assert_int_equal(lab_take(l, 1), 1);
	assert_int_equal(lab_take(l, 1), -1);
	assert_int_equal(stats(l).too_long, 1);
	lab_free_all(l);
}

static void the_mask_loses_exactly_its_frames(void **state)
{
	struct cable_params p = { .fault.mask = 0x14 };
	struct lab *l = lab_new(&p);
	u32 i;

	for (i = 1; i <= 8; i++) {
		assert_int_equal(send(l, 0, i), 0);
		assert_int_equal(lab_take(l, 1), i == 3 || i == 5 ? -1 : (s64)i);
	}
	assert_int_equal(stats(l).lost, 2);
	lab_free_all(l);
}

static void a_reordered_frame_has_no_delay(void **state)
{
	struct cable_params p = gigabit;
	struct lab *l = lab_new(&p);
	u32 i;

	for (i = 1; i <= 2; i++, l->now += FRAME_NS)
		assert_int_equal(send(l, 0, i), 0);
	p = now_set(l);
	p.fault.reorder_ppm = FAULT_PPM;
	cable_set(&l->c, 0, &p);
	assert_int_equal(send(l, 0, 3), 0);
	assert_int_equal(l->asked[1][1], l->now + FRAME_NS);
	l->now += FRAME_NS;
	assert_int_equal(lab_take(l, 1), 3);
	assert_int_equal(lab_take(l, 1), -1);
	l->now += DELAY;
	assert_int_equal(lab_take(l, 1), 1);
	assert_int_equal(lab_take(l, 1), 2);
	assert_int_equal(stats(l).reordered, 1);
	lab_free_all(l);
}

static void doubles_and_damage_are_counted(void **state)
{
	struct cable_params p = { .fault = { .dup_ppm = 100000, .seed = 3,
					     .corrupt_ppm = 50000 } };
	struct lab *l = lab_new(&p);
	struct cable_stats st;
	u32 i, came = 0;

	for (i = 0; i < MANY; i++) {
		assert_int_equal(send(l, 0, i), 0);
		while (lab_take(l, 1) >= 0)
			came++;
	}
	st = stats(l);
	assert_in_range(st.duplicated, MANY / 10 * 9 / 10, MANY / 10 * 11 / 10);
	assert_in_range(st.corrupted, MANY / 20 * 9 / 10, MANY / 20 * 11 / 10);
	assert_int_equal(came, MANY + st.duplicated);
	assert_int_equal(st.delivered, came);
	lab_free_all(l);
}

static void a_damaged_frame_without_checksum_does_not_come(void **state)
{
	struct cable_params p = { .offload = true,
				  .fault.corrupt_ppm = FAULT_PPM };
	struct lab *l = lab_new(&p);
	u8 data[100] = { 0 };
	struct hw_frame f = { .len = 100, .flags = HW_FRAME_CSUM_PARTIAL };
	struct hw_vec v = { data, 100 };
	struct hw_link *link = &l->c.end[0].link;

	assert_int_equal(link->ops->xmit(link, &f, &v, 1), 0);
	assert_int_equal(lab_take(l, 1), -1);
	assert_int_equal(stats(l).corrupted, 1);
	lab_free_all(l);
}

static void waiting_doubles_and_late_frames_survive_a_change(void **state)
{
	struct cable_params p = {
		.rate_bps = 1000000000, .delay = DELAY, .queue = 1000,
		.jitter = DELAY / 2,
		.fault = { .dup_ppm = 200000, .reorder_ppm = 200000, .seed = 9 },
	};
	struct lab *l = lab_new(&p);
	u32 i, came = 0;

	for (i = 0; i < 500; i++) {
		assert_int_equal(send(l, 0, i), 0);
		if (i % 50 == 49) {
			l->now += 10 * FRAME_NS;
			p = now_set(l);
			p.rate_bps = p.rate_bps == 1000000000 ? 0 : 1000000000;
			cable_set(&l->c, 0, &p);
		}
		while (lab_take(l, 1) >= 0)
			came++;
	}
	l->now += NSEC_PER_SEC;
	while (lab_take(l, 1) >= 0)
		came++;
	assert_int_equal(came, 500 + stats(l).duplicated);
	assert_int_equal(stats(l).queued, 0);
	lab_free_all(l);
}

static void without_memory_a_frame_is_lost(void **state)
{
	struct lab *l = lab_new(&gigabit);

	l->no_memory = true;
	assert_int_equal(send(l, 0, 1), 0);
	assert_int_equal(stats(l).lost, 1);
	lab_free_all(l);
}

static void the_tap_sees_all_that_is_put_on_the_cable(void **state)
{
	struct cable_params p = gigabit;
	struct lab *l;

	p.fault.loss_ppm = FAULT_PPM;
	l = lab_new(&p);
	assert_int_equal(send(l, 0, 1), 0);
	assert_int_equal(send(l, 0, 2), -EAGAIN);
	assert_int_equal(send(l, 1, 1), 0);
	assert_int_equal(l->tapped[0], 1);
	assert_int_equal(l->tapped[1], 1);
	assert_int_equal(l->tapped_bytes, 2 * LEN);
	lab_free_all(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_arrives_after_its_length_and_the_delay),
		cmocka_unit_test(the_next_frame_waits_until_the_first_has_left),
		cmocka_unit_test(the_rate_is_exact_over_many_frames),
		cmocka_unit_test(each_segment_of_a_large_frame_takes_its_time),
		cmocka_unit_test(a_large_frame_needs_a_cable_that_offloads),
		cmocka_unit_test(one_call_is_asked_for_until_it_has_come),
		cmocka_unit_test(the_directions_do_not_meet),
		cmocka_unit_test(frames_on_the_way_are_freed_with_the_cable),
		cmocka_unit_test(jitter_is_uniform_and_frames_keep_their_order),
		cmocka_unit_test(a_queue_takes_frames_that_wait_and_loses_more),
		cmocka_unit_test(frames_that_wait_follow_a_new_rate_and_delay),
		cmocka_unit_test(a_shorter_delay_does_not_change_the_order),
		cmocka_unit_test(a_cut_cable_loses_all_until_it_heals),
		cmocka_unit_test(a_packet_longer_than_the_mtu_is_lost),
		cmocka_unit_test(the_mask_loses_exactly_its_frames),
		cmocka_unit_test(a_reordered_frame_has_no_delay),
		cmocka_unit_test(doubles_and_damage_are_counted),
		cmocka_unit_test(a_damaged_frame_without_checksum_does_not_come),
		cmocka_unit_test(waiting_doubles_and_late_frames_survive_a_change),
		cmocka_unit_test(without_memory_a_frame_is_lost),
		cmocka_unit_test(the_tap_sees_all_that_is_put_on_the_cable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
