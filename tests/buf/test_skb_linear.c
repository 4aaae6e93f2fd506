/* SPDX-License-Identifier: BSD-2-Clause */
/* buf/skb_linear.c: pull, trim, expand, copies, on every kind of packet. */
#include "base/random.h"
#include "buf/wire/ip.h"
#include "tests/buf/skb_test.h"

/* linear 50, two frags of 100, and two listed packets of 30 + 1 x 70. */
#define LISTED_LEN	450
static struct sk_buff *make_listed(void)
{
	struct sk_buff *skb = make_skb(50, 2, 100), **link;

	link = &skb_shinfo(skb)->frag_list;
	for (u32 k = 0; k < 2; k++) {
		struct sk_buff *f = make_skb(30, 1, 70);
		u8 all[100];

		fill_pattern(all, 250 + k * 100, 100);
		assert_int_equal(skb_store_bits(f, 0, all, 100), 0);
		*link = f;
		link = &f->next;
		skb->len += 100;
		skb->data_len += 100;
	}
	assert_sane(skb);
	return skb;
}

static void pull_makes_bytes_linear(void **state)
{
	for (u32 n = 0; n <= LISTED_LEN; n += 13) {
		struct sk_buff *skb = make_listed();

		assert_true(pskb_may_pull(skb, n));
		assert_true(skb_headlen(skb) >= n);
		assert_sane(skb);
		assert_pattern(skb, 0, LISTED_LEN);
		consume_skb(skb);
	}
}

static void pull_beyond_the_end_is_refused(void **state)
{
	struct sk_buff *skb = make_listed();

	assert_false(pskb_may_pull(skb, LISTED_LEN + 1));
	assert_null(pskb_pull(skb, LISTED_LEN + 1));
	assert_pattern(skb, 0, LISTED_LEN);
	consume_skb(skb);
}

static void pull_leaves_a_clone_as_it_was(void **state)
{
	for (u32 n = 60; n <= LISTED_LEN; n += 30) {
		struct sk_buff *skb = make_listed(), *c = got(skb_clone(skb));

		assert_true(pskb_may_pull(skb, n));
		assert_sane(skb);
		assert_sane(c);
		assert_pattern(skb, 0, LISTED_LEN);
		assert_pattern(c, 0, LISTED_LEN);
		consume_skb(c);
		assert_pattern(skb, 0, LISTED_LEN);
		consume_skb(skb);
	}
}

static void linearize_leaves_one_piece(void **state)
{
	struct sk_buff *skb = make_listed();

	assert_int_equal(skb_linearize(skb), 0);
	assert_false(skb_is_nonlinear(skb));
	assert_int_equal(skb_shinfo(skb)->nr_frags, 0);
	assert_null(skb_shinfo(skb)->frag_list);
	for (u32 i = 0; i < LISTED_LEN; i++)
		assert_int_equal(skb->data[i], pattern(i));
	consume_skb(skb);
}

static void pull_fails_whole_without_memory(void **state)
{
	struct percpu_fixture *f = *state;

	for (u64 n = 1; n < 20; n++) {
		struct sk_buff *skb = make_listed(), *c = got(skb_clone(skb));
		bool ok;

		slab_fail_nth(f->depot, n);
		ok = pskb_may_pull(skb, 300);
		slab_fail_nth(f->depot, 0);
		assert_sane(skb);
		assert_pattern(skb, 0, LISTED_LEN);
		assert_pattern(c, 0, LISTED_LEN);
		consume_skb(skb);
		consume_skb(c);
		if (ok)
			return;
	}
	fail();
}

static void trim_cuts_anywhere(void **state)
{
	for (u32 n = 0; n <= LISTED_LEN; n += 7) {
		struct sk_buff *skb = make_listed(), *c = got(skb_clone(skb));

		assert_int_equal(pskb_trim(skb, n), 0);
		assert_sane(skb);
		assert_pattern(skb, 0, n);
		assert_pattern(c, 0, LISTED_LEN);
		consume_skb(skb);
		consume_skb(c);
	}
}

static void trim_keeps_a_complete_checksum_right(void **state)
{
	for (u32 n = 2; n < LISTED_LEN; n += 11) {
		struct sk_buff *skb = make_listed();
		__sum16 want;

		skb->ip_summed = CHECKSUM_COMPLETE;
		skb->csum = skb_checksum(skb, 0, skb->len, 0);
		assert_int_equal(pskb_trim_rcsum(skb, n), 0);
		want = csum_fold(skb_checksum(skb, 0, n, 0));
		assert_int_equal(csum_fold(skb->csum), want);
		consume_skb(skb);
	}
}

static void expanding_moves_headers_along(void **state)
{
	struct sk_buff *skb = make_skb(100, 2, 50);
	u8 *net;

	skb_reset_mac_header(skb);
	skb_pull(skb, 14);
	skb_reset_network_header(skb);
	skb_pull(skb, 20);
	skb_reset_transport_header(skb);
	net = skb_network_header(skb);
	assert_int_equal(*net, pattern(14));
	assert_int_equal(pskb_expand_head(skb, 128, 64), 0);
	assert_int_equal(*skb_mac_header(skb), pattern(0));
	assert_int_equal(*skb_network_header(skb), pattern(14));
	assert_int_equal(*skb_transport_header(skb), pattern(34));
	assert_int_equal(skb_network_offset(skb), -20);
	assert_true(skb_headroom(skb) >= 128 + 64 + 34);
	assert_pattern(skb, 34, 166);
	consume_skb(skb);
}

static void cow_head_gives_room_and_a_private_head(void **state)
{
	struct sk_buff *skb = make_skb(100, 1, 50), *c = got(skb_clone(skb));

	assert_int_equal(skb_cow_head(skb, 200), 0);
	assert_true(skb_headroom(skb) >= 200);
	assert_ptr_not_equal(skb->head, c->head);
	memset(skb->data, 0xff, 20);
	assert_pattern(c, 0, 150);
	consume_skb(skb);
	consume_skb(c);
}

static void a_copy_is_linear_and_its_own(void **state)
{
	struct sk_buff *skb = make_listed(), *n;

	skb->mark = 99;
	skb_reset_network_header(skb);
	n = got(skb_copy(skb));
	assert_false(skb_is_nonlinear(n));
	assert_pattern(n, 0, LISTED_LEN);
	assert_int_equal(n->mark, 99);
	assert_ptr_equal(skb_network_header(n), n->data);
	assert_true(n->id == skb->id);
	consume_skb(skb);
	memset(n->data, 0, n->len);
	consume_skb(n);
}

static void a_partial_copy_shares_the_pages(void **state)
{
	static const u32 headrooms[] = { 0, 16, 64, 300 };

	for (u32 i = 0; i < ARRAY_SIZE(headrooms); i++) {
		struct sk_buff *skb = make_listed(), *n;

		skb_reset_network_header(skb);
		n = got(pskb_copy(skb, headrooms[i]));
		assert_sane(n);
		assert_int_equal(skb_headroom(n), headrooms[i]);
		assert_ptr_equal(skb_network_header(n), n->data);
		memset(skb->data, 0, skb_headlen(skb));
		assert_pattern(n, 0, LISTED_LEN);
		consume_skb(skb);
		assert_int_equal(skb_linearize(n), 0);
		assert_pattern(n, 0, LISTED_LEN);
		consume_skb(n);
	}
}

static void a_header_is_looked_at_across_pieces(void **state)
{
	struct sk_buff *skb = make_listed();
	u8 buf[20];
	const u8 *p;

	assert_ptr_equal(skb_header_pointer(skb, 10, 20, buf), skb->data + 10);
	p = skb_header_pointer(skb, 40, 20, buf);
	assert_ptr_equal(p, buf);
	for (u32 i = 0; i < 20; i++)
		assert_int_equal(p[i], pattern(40 + i));
	assert_null(skb_header_pointer(skb, LISTED_LEN - 19, 20, buf));
	assert_null(skb_header_pointer(skb, 0xffffffff, 20, buf));
	consume_skb(skb);
}

/* Many random operations, then the bytes are still those they should be. */
static void random_operations_keep_the_bytes(void **state)
{
	for (u32 round = 0; round < 300; round++) {
		struct sk_buff *skb = make_listed(), *c = NULL;
		u32 from = 0, len = LISTED_LEN;

		for (u32 op = 0; op < 8 && len > 20; op++) {
			u32 n = get_random_u32_below(len / 4);

			switch (get_random_u32_below(5)) {
			case 0:
				assert_non_null(pskb_pull(skb, n));
				from += n;
				len -= n;
				break;
			case 1:
				len -= n;
				assert_int_equal(pskb_trim(skb, len), 0);
				break;
			case 2:
				consume_skb(c);
				c = got(skb_clone(skb));
				break;
			case 3:
				assert_int_equal(skb_cow(skb, n), 0);
				break;
			case 4:
				consume_skb(c);
				c = skb;
				skb = got(pskb_copy(c, n));
				break;
			}
			assert_sane(skb);
			assert_pattern(skb, from, len);
		}
		consume_skb(skb);
		consume_skb(c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEIR_TEST(pull_makes_bytes_linear),
		WEIR_TEST(pull_beyond_the_end_is_refused),
		WEIR_TEST(pull_leaves_a_clone_as_it_was),
		WEIR_TEST(linearize_leaves_one_piece),
		WEIR_TEST(pull_fails_whole_without_memory),
		WEIR_TEST(trim_cuts_anywhere),
		WEIR_TEST(trim_keeps_a_complete_checksum_right),
		WEIR_TEST(expanding_moves_headers_along),
		WEIR_TEST(cow_head_gives_room_and_a_private_head),
		WEIR_TEST(a_copy_is_linear_and_its_own),
		WEIR_TEST(a_partial_copy_shares_the_pages),
		WEIR_TEST(a_header_is_looked_at_across_pieces),
		WEIR_TEST(random_operations_keep_the_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
