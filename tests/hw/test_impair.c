/* SPDX-License-Identifier: BSD-2-Clause */
/* A link that loses, doubles, reorders and damages; seed 42. */
#include "tests/hw/hw_test.h"

#include "hw/impair.h"

#define FRAMES	2000u
#define LEN	100u

struct bad {
	struct hw_test_wire *w;
	struct impair im;		/* around port 0 */
};

static struct bad *bad_new(struct fault params)
{
	struct bad *b = calloc(1, sizeof(*b));

	params.seed = 42;
	b->w = hw_test_wire_new(2);
	impair_init(&b->im, &b->w->port[0].link, &params, hw_test_now, b->w);
	return b;
}

static void bad_free(struct bad *b)
{
	hw_test_wire_free(b->w);
	free(b);
}

/* Frame i carries i; the rest is known. */
static void make(u8 *frame, u32 i)
{
	hw_test_frame(frame, LEN, 0xff, 1, 0x3c);
	put_unaligned_be32(i, frame + 14);
}

static void send(struct hw_link *l, u32 i)
{
	u8 frame[LEN];
	struct hw_frame f = { .len = LEN };
	struct hw_vec v = { frame, LEN };

	make(frame, i);
	l->ops->tx_begin(l);
	assert_int_equal(l->ops->xmit(l, &f, &v, 1), 0);
	l->ops->tx_end(l);
}

struct tally {
	u32 seen[FRAMES], total, late, damaged;
	s64 highest;
};

static void note(struct tally *t, const u8 *data)
{
	u32 i = get_unaligned_be32(data + 14);
	u8 want[LEN];

	t->total++;
	make(want, i);
	if (i >= FRAMES || memcmp(want, data, LEN)) {
		t->damaged++;
		return;
	}
	t->seen[i]++;
	if ((s64)i < t->highest)
		t->late++;
	t->highest = max(t->highest, (s64)i);
}

static void take_all(struct hw_link *l, struct tally *t)
{
	const u8 *data;
	struct hw_frame f;

	while ((data = l->ops->rx_peek(l, &f))) {
		assert_int_equal(f.len, LEN);
		/* looking twice changes nothing */
		assert_ptr_equal(l->ops->rx_peek(l, &f), data);
		note(t, data);
		l->ops->rx_next(l);
	}
	l->ops->rx_end(l);
}

/* Through the impaired port outwards, or inwards. */
static struct tally pass(struct bad *b, bool outwards)
{
	struct hw_link *bad = &b->im.link, *good = &b->w->port[1].link;
	struct tally t = { .highest = -1 };
	u32 i;

	for (i = 0; i < FRAMES; i++) {
		send(outwards ? bad : good, i);
		take_all(outwards ? good : bad, &t);
	}
	b->w->now += IMPAIR_HOLD_NS;
	take_all(bad, &t);
	take_all(outwards ? good : bad, &t);
	return t;
}

static u32 missing(const struct tally *t)
{
	u32 i, n = 0;

	for (i = 0; i < FRAMES; i++)
		n += !t->seen[i];
	return n;
}

static void without_faults_all_pass_in_order(void **state)
{
	struct bad *b = bad_new((struct fault){ 0 });
	u32 way;

	for (way = 0; way < 2; way++) {
		struct tally t = pass(b, way);

		assert_int_equal(t.total, FRAMES);
		assert_int_equal(missing(&t) + t.late + t.damaged, 0);
	}
	bad_free(b);
}

static void about_as_many_are_lost_as_asked_for(void **state)
{
	struct bad *b = bad_new((struct fault){ .loss_ppm = 100000 });
	u32 way;

	for (way = 0; way < 2; way++) {
		struct tally t = pass(b, way);

		assert_in_range(missing(&t), FRAMES / 20, FRAMES / 5);
		assert_int_equal(t.total, FRAMES - missing(&t));
		assert_int_equal(t.late + t.damaged, 0);
	}
	bad_free(b);
}

static void doubled_frames_come_twice(void **state)
{
	struct bad *b = bad_new((struct fault){ .dup_ppm = 100000 });
	u32 way;

	for (way = 0; way < 2; way++) {
		struct tally t = pass(b, way);

		assert_int_equal(missing(&t), 0);
		assert_in_range(t.total, FRAMES + FRAMES / 20,
				FRAMES + FRAMES / 5);
	}
	bad_free(b);
}

static void reordered_frames_come_late_but_come(void **state)
{
	struct bad *b = bad_new((struct fault){ .reorder_ppm = 100000 });
	u32 way;

	for (way = 0; way < 2; way++) {
		struct tally t = pass(b, way);

		assert_int_equal(missing(&t), 0);
		assert_int_equal(t.total, FRAMES);
		assert_in_range(t.late, FRAMES / 20, FRAMES / 5);
	}
	bad_free(b);
}

static void a_held_frame_does_not_wait_for_ever(void **state)
{
	struct bad *b = bad_new((struct fault){ .reorder_ppm = 1000000 });
	struct hw_link *bad = &b->im.link;
	struct tally t = { .highest = -1 };

	send(bad, 0);
	take_all(&b->w->port[1].link, &t);
	assert_int_equal(t.total, 0);
	assert_false(bad->ops->arm(bad, HW_LINK_RX, HW_LINK_FUTEX));
	b->w->now += IMPAIR_HOLD_NS;
	take_all(bad, &t);
	take_all(&b->w->port[1].link, &t);
	assert_int_equal(t.total, 1);
	assert_true(bad->ops->arm(bad, HW_LINK_RX, HW_LINK_FUTEX));
	bad_free(b);
}

static void damage_is_one_bit_behind_the_ethernet_header(void **state)
{
	struct bad *b = bad_new((struct fault){ .corrupt_ppm = 100000 });
	u32 way;

	for (way = 0; way < 2; way++) {
		struct tally t = pass(b, way);

		assert_int_equal(t.total, FRAMES);
		assert_in_range(t.damaged, FRAMES / 20, FRAMES / 5);
	}
	bad_free(b);
}

static void the_same_seed_gives_the_same_faults(void **state)
{
	struct fault p = { .loss_ppm = 50000, .dup_ppm = 50000,
				   .reorder_ppm = 50000, .corrupt_ppm = 50000 };
	struct bad *a = bad_new(p), *b = bad_new(p);
	struct tally t = pass(a, true), u = pass(b, true);

	assert_memory_equal(&t, &u, sizeof(t));
	bad_free(a);
	bad_free(b);
}

static void large_frames_must_be_cut_before(void **state)
{
	struct bad *b = bad_new((struct fault){ 0 });
	struct hw_frame f = { .len = 60, .flags = HW_FRAME_CSUM_PARTIAL };
	u8 frame[60] = { 0 };
	struct hw_vec v = { frame, 60 };
	struct hw_link *l = &b->im.link;

	l->ops->tx_begin(l);
	assert_int_equal(l->ops->xmit(l, &f, &v, 1), -EOPNOTSUPP);
	l->ops->tx_end(l);
	bad_free(b);
}

static void nobody_vouches_for_what_passed(void **state)
{
	struct bad *b = bad_new((struct fault){ 0 });
	struct hw_frame f = { .len = LEN, .flags = HW_FRAME_CSUM_GOOD }, g;
	struct hw_link *l = &b->im.link;
	u8 frame[LEN];
	struct hw_vec v = { frame, LEN };

	make(frame, 0);
	l->ops->tx_begin(l);
	assert_int_equal(l->ops->xmit(l, &f, &v, 1), 0);
	l->ops->tx_end(l);
	assert_int_equal(hw_test_take(&b->w->port[1], NULL, &g), LEN);
	assert_int_equal(g.flags, 0);
	f.flags = HW_FRAME_CSUM_GOOD;
	assert_int_equal(hw_test_send(&b->w->port[1], frame, &f), 0);
	assert_non_null(l->ops->rx_peek(l, &g));
	assert_int_equal(g.flags, 0);
	bad_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_faults_all_pass_in_order),
		cmocka_unit_test(about_as_many_are_lost_as_asked_for),
		cmocka_unit_test(doubled_frames_come_twice),
		cmocka_unit_test(reordered_frames_come_late_but_come),
		cmocka_unit_test(a_held_frame_does_not_wait_for_ever),
		cmocka_unit_test(damage_is_one_bit_behind_the_ethernet_header),
		cmocka_unit_test(the_same_seed_gives_the_same_faults),
		cmocka_unit_test(large_frames_must_be_cut_before),
		cmocka_unit_test(nobody_vouches_for_what_passed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
