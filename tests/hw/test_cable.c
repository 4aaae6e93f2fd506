/* SPDX-License-Identifier: BSD-2-Clause */
/* The cable of virtual time: 1 Gb/s, 1 ms. */
#include "tests/hw/hw_test.h"

#include "hw/cable.h"

#define LEN	1000u
#define FRAME_NS ((LEN + CABLE_OVERHEAD) * 8)	/* at 1 Gb/s */

struct lab {
	struct cable c;
	ktime_t now, asked[2][8];
	u32 nr_asked[2];
	size_t out;
};

static ktime_t lab_now(void *arg) { return ((struct lab *)arg)->now; }

static void lab_at(void *arg, u32 end, ktime_t when)
{
	struct lab *l = arg;

	if (l->nr_asked[end] < 8)
		l->asked[end][l->nr_asked[end]++] = when;
}

static void *lab_alloc(void *arg, size_t size)
{
	((struct lab *)arg)->out += size;
	return malloc(size);
}

static void lab_free(void *arg, void *mem, size_t size)
{
	((struct lab *)arg)->out -= size;
	free(mem);
}

static const struct cable_ops lab_ops = {
	.now = lab_now, .at = lab_at, .alloc = lab_alloc, .free = lab_free,
};

static struct lab *lab_new(void)
{
	struct lab *l = calloc(1, sizeof(*l));
	struct cable_params p = { .rate_bps = 1000000000,
				  .delay = NSEC_PER_MSEC };

	l->now = NSEC_PER_SEC;
	cable_init(&l->c, &p, &lab_ops, l, 1000);
	return l;
}

static void lab_free_all(struct lab *l)
{
	cable_fini(&l->c);
	assert_int_equal(l->out, 0);
	free(l);
}

static int send(struct lab *l, u32 end, u8 fill)
{
	u8 frame[LEN];
	struct hw_frame f = { .len = LEN };
	struct hw_vec v = { frame, LEN };
	struct hw_link *link = &l->c.end[end].link;

	hw_test_frame(frame, LEN, 0xff, 1, fill);
	return link->ops->xmit(link, &f, &v, 1);
}

static int take(struct lab *l, u32 end)
{
	struct hw_link *link = &l->c.end[end].link;
	struct hw_frame f;
	const u8 *data = link->ops->rx_peek(link, &f);
	int last;

	if (!data)
		return -1;
	last = data[f.len - 1];
	link->ops->rx_next(link);
	return last;
}

static void a_frame_arrives_after_its_length_and_the_delay(void **state)
{
	struct lab *l = lab_new();
	ktime_t due = l->now + FRAME_NS + NSEC_PER_MSEC;

	assert_int_equal(send(l, 0, 5), 0);
	assert_int_equal(l->nr_asked[1], 1);
	assert_int_equal(l->asked[1][0], due);
	l->now = due - 1;
	assert_int_equal(take(l, 1), -1);
	l->now = due;
	assert_int_equal(take(l, 1), 5);
	assert_int_equal(take(l, 1), -1);
	lab_free_all(l);
}

static void the_next_frame_waits_until_the_first_has_left(void **state)
{
	struct lab *l = lab_new();

	assert_int_equal(send(l, 0, 1), 0);
	assert_int_equal(send(l, 0, 2), -EAGAIN);
	assert_int_equal(send(l, 0, 2), -EAGAIN);
	assert_int_equal(l->nr_asked[0], 1);
	assert_int_equal(l->asked[0][0], l->now + FRAME_NS);
	l->now += FRAME_NS;
	assert_int_equal(send(l, 0, 2), 0);
	l->now += NSEC_PER_SEC;
	assert_int_equal(take(l, 1), 1);
	assert_int_equal(take(l, 1), 2);
	lab_free_all(l);
}

static void the_directions_do_not_meet(void **state)
{
	struct lab *l = lab_new();

	assert_int_equal(send(l, 0, 1), 0);
	assert_int_equal(send(l, 1, 2), 0);
	l->now += NSEC_PER_SEC;
	assert_int_equal(take(l, 1), 1);
	assert_int_equal(take(l, 0), 2);
	lab_free_all(l);
}

static void frames_on_the_way_are_freed_with_the_cable(void **state)
{
	struct lab *l = lab_new();

	assert_int_equal(send(l, 0, 1), 0);
	assert_true(l->out > 0);
	lab_free_all(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_arrives_after_its_length_and_the_delay),
		cmocka_unit_test(the_next_frame_waits_until_the_first_has_left),
		cmocka_unit_test(the_directions_do_not_meet),
		cmocka_unit_test(frames_on_the_way_are_freed_with_the_cable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
