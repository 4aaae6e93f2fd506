/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes in and out of packets: iterators, checksums, split, splice, merge,
 * queues. */
#include "base/random.h"
#include "tests/buf/skb_test.h"

static void iterators_cross_segments(void **state)
{
	u8 a[10], b[1], c[20], in[31], back[31];
	struct iovec iov[4] = { { a, 10 }, { NULL, 0 }, { b, 1 }, { c, 20 } };
	struct iov_iter it;

	fill_pattern(in, 0, 31);
	iov_iter_init(&it, iov, 4, 31);
	assert_int_equal(copy_to_iter(in, 5, &it, COPY_SKB_TO_USER), 5);
	assert_int_equal(copy_to_iter(in + 5, 30, &it, COPY_SKB_TO_USER), 26);
	assert_int_equal(it.count, 0);
	iov_iter_revert(&it, iov, 31);
	assert_int_equal(it.count, 31);
	assert_int_equal(copy_from_iter(back, 31, &it, COPY_USER_TO_SKB), 31);
	assert_memory_equal(in, back, 31);
	iov_iter_revert(&it, iov, 21);
	assert_int_equal(copy_from_iter(back, 2, &it, COPY_USER_TO_SKB), 2);
	assert_int_equal(back[0], pattern(10));
	iov_iter_advance(&it, 3);
	assert_int_equal(copy_from_iter(back, 1, &it, COPY_USER_TO_SKB), 1);
	assert_int_equal(back[0], pattern(15));
}

static int refuse_in(void *ctx, void *to, const void *from, size_t n)
{
	return -EFAULT;
}
static int count_out(void *ctx, void *to, const void *from, size_t n)
{
	*(size_t *)ctx += n;
	memcpy(to, from, n);
	return 0;
}

static void foreign_memory_goes_through_its_ops(void **state)
{
	static const struct user_mem_ops ops = { refuse_in, count_out };
	size_t seen = 0;
	u8 buf[8];
	struct iovec iov;
	struct iov_iter it;

	iov_iter_single(&it, &iov, buf, 8);
	it.mem = &ops;
	it.mem_ctx = &seen;
	assert_int_equal(copy_to_iter("12345678", 8, &it, COPY_SKB_TO_USER), 8);
	assert_int_equal(seen, 8);
	iov_iter_single(&it, &iov, buf, 8);
	it.mem = &ops;
	assert_int_equal(copy_from_iter(buf, 8, &it, COPY_USER_TO_SKB), 0);
}

static void sums_are_right_across_odd_segments(void **state)
{
	u8 src[101], to[101];
	struct iovec iov[3] = { { src, 33 }, { src + 33, 1 }, { src + 34, 67 } };
	struct iovec out[2] = { { to, 7 }, { to + 7, 94 } };
	struct iov_iter it;
	__wsum sum = 0;

	fill_pattern(src, 0, 101);
	iov_iter_init(&it, iov, 3, 101);
	assert_int_equal(csum_and_copy_from_iter(to, 101, &sum, &it), 101);
	assert_memory_equal(src, to, 101);
	assert_int_equal(csum_fold(sum), ip_compute_csum(src, 101));
	memset(to, 0, 101);
	sum = 0;
	iov_iter_init(&it, out, 2, 101);
	assert_int_equal(csum_and_copy_to_iter(src, 101, &sum, &it), 101);
	assert_memory_equal(src, to, 101);
	assert_int_equal(csum_fold(sum), ip_compute_csum(src, 101));
}

static void data_is_added_and_read_back(void **state)
{
	struct percpu_fixture *f = *state;
	static const u32 lens[] = { 1, 100, 1500, 4096, 5000, 9000, 65000 };
	u8 *src = got(kmalloc(65000)), *dst = got(kmalloc(65000));

	fill_pattern(src, 0, 65000);
	for (u32 i = 0; i < ARRAY_SIZE(lens); i++) {
		struct sk_buff *skb = got(alloc_skb(128));
		struct iovec iov;
		struct iov_iter it;

		skb_reserve(skb, 100);
		iov_iter_single(&it, &iov, src, lens[i]);
		assert_int_equal(skb_add_data(skb, &it, lens[i]), 0);
		assert_sane(skb);
		assert_pattern(skb, 0, lens[i]);
		iov_iter_single(&it, &iov, dst, lens[i]);
		assert_int_equal(skb_copy_datagram_iter(skb, 0, &it, lens[i]),
				 0);
		assert_memory_equal(src, dst, lens[i]);
		consume_skb(skb);
	}
	assert_true(f->pc.copy_bytes[COPY_USER_TO_SKB] >= 65000);
	kfree(src);
	kfree(dst);
}

static void small_writes_fill_one_page(void **state)
{
	struct sk_buff *skb = got(alloc_skb(0));
	u8 src[100];
	struct iovec iov;
	struct iov_iter it;

	for (u32 i = 0; i < 40; i++) {
		fill_pattern(src, i * 100, 100);
		iov_iter_single(&it, &iov, src, 100);
		assert_int_equal(skb_add_data(skb, &it, 100), 0);
	}
	assert_int_equal(skb_shinfo(skb)->nr_frags, 1);
	assert_pattern(skb, 0, 4000);
	consume_skb(skb);
}

static void a_short_source_is_a_fault_that_keeps_what_came(void **state)
{
	struct sk_buff *skb = got(alloc_skb(0));
	u8 src[100];
	struct iovec iov;
	struct iov_iter it;

	fill_pattern(src, 0, 100);
	iov_iter_single(&it, &iov, src, 100);
	assert_int_equal(skb_add_data(skb, &it, 200), -EFAULT);
	assert_sane(skb);
	assert_pattern(skb, 0, 100);
	assert_int_equal(skb_add_data(skb, &it, 1), -EFAULT);
	assert_pattern(skb, 0, 100);
	consume_skb(skb);
}

static void full_frags_are_reported(void **state)
{
	struct sk_buff *skb = make_skb(0, MAX_SKB_FRAGS, 10);
	u8 src[100] = { 0 };
	struct iovec iov;
	struct iov_iter it;

	iov_iter_single(&it, &iov, src, 100);
	assert_int_equal(skb_add_data(skb, &it, 100), -EMSGSIZE);
	assert_sane(skb);
	consume_skb(skb);
}

static void adding_fails_whole_pages_without_memory(void **state)
{
	struct percpu_fixture *f = *state;
	struct sk_buff *skb = got(alloc_skb(0));
	u8 src[100] = { 0 };
	struct iovec iov;
	struct iov_iter it;

	iov_iter_single(&it, &iov, src, 100);
	slab_fail_nth(f->depot, 1);
	assert_int_equal(skb_add_data(skb, &it, 100), -ENOMEM);
	assert_int_equal(skb->len, 0);
	assert_sane(skb);
	consume_skb(skb);
}

static void a_range_outside_is_refused(void **state)
{
	struct sk_buff *skb = make_skb(10, 1, 10);
	u8 buf[32] = { 0 };

	assert_int_equal(skb_copy_bits(skb, 15, buf, 6, COPY_COLLAPSE),
			 -EFAULT);
	assert_int_equal(skb_copy_bits(skb, 0xfffffff0, buf, 20,
				       COPY_COLLAPSE), -EFAULT);
	assert_int_equal(skb_store_bits(skb, 0, buf, 21), -EFAULT);
	consume_skb(skb);
}

static void checksum_help_fills_in_the_field(void **state)
{
	struct sk_buff *skb = make_skb(41, 3, 33);
	__sum16 zero = 0;

	memcpy(skb->data + 20 + 6, &zero, 2);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = (u16)(skb_headroom(skb) + 20);
	skb->csum_offset = 6;
	assert_int_equal(skb_checksum_help(skb), 0);
	assert_int_equal(skb->ip_summed, CHECKSUM_NONE);
	assert_int_equal(csum_fold(skb_checksum(skb, 20, skb->len - 20, 0)),
			 0);
	consume_skb(skb);
}

static void checksum_help_refuses_a_field_outside(void **state)
{
	struct sk_buff *skb = make_skb(10, 0, 0);

	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = (u16)skb_headroom(skb);
	skb->csum_offset = 9;
	assert_int_equal(skb_checksum_help(skb), -EINVAL);
	skb->csum_start = 0;
	assert_int_equal(skb_checksum_help(skb), -EINVAL);
	consume_skb(skb);
}

/* A packet whose bytes and `pseudo` sum to zero. */
static struct sk_buff *make_summed(__wsum pseudo)
{
	struct sk_buff *skb = make_skb(21, 2, 33);
	__sum16 sum = 0;

	memcpy(skb->data + 6, &sum, 2);
	sum = csum_fold(skb_checksum(skb, 0, skb->len, pseudo));
	memcpy(skb->data + 6, &sum, 2);
	return skb;
}

static void received_checksums_are_judged(void **state)
{
	struct sk_buff *skb = make_summed(0x1234);

	assert_int_equal(skb_checksum_validate(skb, 0x1234), 0);
	assert_int_equal(skb->ip_summed, CHECKSUM_UNNECESSARY);
	consume_skb(skb);

	skb = make_summed(0x1234);
	skb->ip_summed = CHECKSUM_COMPLETE;
	skb->csum = skb_checksum(skb, 0, skb->len, 0);
	assert_int_equal(skb_checksum_validate(skb, 0x1234), 0);
	consume_skb(skb);

	skb = make_summed(0x1234);
	skb->data[20] ^= 1;
	assert_int_not_equal(skb_checksum_validate(skb, 0x1234), 0);
	consume_skb(skb);
}

static void hardware_that_says_wrong_is_checked(void **state)
{
	struct sk_buff *skb = make_summed(0x1234);

	skb->ip_summed = CHECKSUM_COMPLETE;
	skb->csum = 77;
	assert_int_equal(skb_checksum_validate(skb, 0x1234), 0);
	consume_skb(skb);
}

static void copying_to_the_program_checks_on_the_way(void **state)
{
	u8 out[100];
	struct iovec iov;
	struct iov_iter it;
	struct sk_buff *skb;

	for (u32 off = 0; off < 30; off++) {
		skb = make_summed(0x1234);
		skb->csum = 0x1234;
		iov_iter_single(&it, &iov, out, 100);
		assert_int_equal(skb_copy_and_csum_datagram_iter(skb, off,
								 &it), 0);
		assert_int_equal(it.count, 100 - (87 - off));
		consume_skb(skb);
		skb = make_summed(0x1234);
		skb->csum = 0x1234;
		skb->data[3] ^= 4;
		iov_iter_single(&it, &iov, out, 100);
		assert_int_equal(skb_copy_and_csum_datagram_iter(skb, off,
								 &it),
				 -EINVAL);
		assert_int_equal(it.count, 100);
		consume_skb(skb);
	}
}

static void a_split_makes_two_of_one(void **state)
{
	for (u32 cut = 0; cut <= 350; cut += 7) {
		struct sk_buff *skb = make_skb(50, 3, 100);
		struct sk_buff *rest = got(alloc_skb(64));

		skb_split(skb, rest, cut);
		assert_sane(skb);
		assert_sane(rest);
		assert_pattern(skb, 0, cut);
		assert_pattern(rest, cut, 350 - cut);
		consume_skb(skb);
		assert_pattern(rest, cut, 350 - cut);
		consume_skb(rest);
	}
}

static void a_splice_shares_a_range(void **state)
{
	for (u32 off = 0; off < 350; off += 29)
		for (u32 len = 0; len <= 350 - off; len += 31) {
			struct sk_buff *src = make_skb(50, 3, 100);
			struct sk_buff *dst = got(alloc_skb(0));

			assert_int_equal(skb_splice_from(dst, src, off, len),
					 0);
			assert_sane(dst);
			assert_pattern(src, 0, 350);
			consume_skb(src);
			assert_pattern(dst, off, len);
			consume_skb(dst);
		}
}

static void neighbouring_bytes_of_a_page_are_one_frag(void **state)
{
	struct sk_buff *src = make_skb(0, 1, 1000), *dst = got(alloc_skb(0));

	for (u32 i = 0; i < 10; i++)
		assert_int_equal(skb_splice_from(dst, src, i * 100, 100), 0);
	assert_int_equal(skb_shinfo(dst)->nr_frags, 1);
	assert_pattern(dst, 0, 1000);
	consume_skb(src);
	consume_skb(dst);
}

static void a_splice_that_does_not_fit_changes_nothing(void **state)
{
	struct sk_buff *dst = make_skb(10, 15, 10);
	struct sk_buff *src = make_skb(0, 3, 10);

	assert_int_equal(skb_splice_from(dst, src, 0, 30), -EMSGSIZE);
	assert_sane(dst);
	assert_pattern(dst, 0, 160);
	consume_skb(src);
	consume_skb(dst);
}

/* A packet as a driver receives it: head in a page. */
static struct sk_buff *make_received(u32 from, u32 len)
{
	struct sk_buff *skb = got(build_skb(got(page_alloc(2048)),
					    0, 2048));

	skb_reserve(skb, 66);
	fill_pattern(skb_put(skb, len), from, len);
	return skb;
}

static void received_packets_merge_without_copying(void **state)
{
	struct percpu_fixture *f = *state;
	struct sk_buff *to = make_received(0, 1448);
	u64 copied = f->pc.copy_bytes[COPY_COLLAPSE];
	u32 delta, total = to->truesize, n = 1;
	bool stolen;

	for (;; n++) {
		struct sk_buff *from = make_received(n * 1448, 1448);

		if (!skb_try_coalesce(to, from, &stolen, &delta)) {
			consume_skb(from);
			break;
		}
		assert_true(stolen);
		total += delta;
		kfree_skb_partial(from, stolen);
	}
	assert_int_equal(n, MAX_SKB_FRAGS + 1);
	assert_int_equal(to->truesize, total);
	assert_int_equal(f->pc.copy_bytes[COPY_COLLAPSE], copied);
	assert_sane(to);
	assert_pattern(to, 0, n * 1448);
	consume_skb(to);
}

static void frags_of_a_clone_are_shared_when_merged(void **state)
{
	struct sk_buff *to = make_skb(1000, 0, 0);	/* little tailroom */
	struct sk_buff *orig = make_skb(0, 2, 100), *from;
	u8 all[200];
	bool stolen;
	u32 delta;

	fill_pattern(all, 1000, 200);
	skb_store_bits(orig, 0, all, 200);
	from = got(skb_clone(orig));
	assert_true(skb_try_coalesce(to, from, &stolen, &delta));
	assert_false(stolen);
	kfree_skb_partial(from, stolen);
	assert_pattern(orig, 1000, 200);
	consume_skb(orig);
	assert_pattern(to, 0, 1200);
	consume_skb(to);
}

static void small_packets_merge_into_the_tailroom(void **state)
{
	struct sk_buff *to = make_received(0, 100);
	struct sk_buff *from = make_received(100, 50);
	bool stolen;
	u32 delta;

	assert_true(skb_try_coalesce(to, from, &stolen, &delta));
	assert_false(stolen);
	kfree_skb_partial(from, stolen);
	assert_int_equal(delta, 0);
	assert_pattern(to, 0, 150);
	consume_skb(to);
}

static void queues_are_first_in_first_out(void **state)
{
	struct percpu_fixture *f = *state;
	struct sk_buff_head q, r;
	struct sk_buff *skb;

	skb_queue_head_init(&q);
	skb_queue_head_init(&r);
	assert_null(__skb_dequeue(&q));
	for (u32 i = 0; i < 5; i++) {
		skb = got(alloc_skb(10));
		skb->mark = i;
		__skb_queue_tail(i < 3 ? &q : &r, skb);
	}
	skb_queue_splice_tail_init(&r, &q);
	assert_true(skb_queue_empty(&r));
	assert_int_equal(skb_queue_len(&r), 0);
	assert_int_equal(skb_queue_len(&q), 5);
	assert_int_equal(skb_peek_tail(&q)->mark, 4);
	for (u32 i = 0; i < 3; i++) {
		skb = __skb_dequeue(&q);
		assert_int_equal(skb->mark, i);
		consume_skb(skb);
	}
	skb_queue_purge_reason(&q, SKB_DROP_REASON_SOCKET_CLOSE);
	assert_int_equal(f->pc.drops[SKB_DROP_REASON_SOCKET_CLOSE], 2);
	assert_true(skb_queue_empty(&q));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEIR_TEST(iterators_cross_segments),
		WEIR_TEST(foreign_memory_goes_through_its_ops),
		WEIR_TEST(sums_are_right_across_odd_segments),
		WEIR_TEST(data_is_added_and_read_back),
		WEIR_TEST(small_writes_fill_one_page),
		WEIR_TEST(a_short_source_is_a_fault_that_keeps_what_came),
		WEIR_TEST(full_frags_are_reported),
		WEIR_TEST(adding_fails_whole_pages_without_memory),
		WEIR_TEST(a_range_outside_is_refused),
		WEIR_TEST(checksum_help_fills_in_the_field),
		WEIR_TEST(checksum_help_refuses_a_field_outside),
		WEIR_TEST(received_checksums_are_judged),
		WEIR_TEST(hardware_that_says_wrong_is_checked),
		WEIR_TEST(copying_to_the_program_checks_on_the_way),
		WEIR_TEST(a_split_makes_two_of_one),
		WEIR_TEST(a_splice_shares_a_range),
		WEIR_TEST(neighbouring_bytes_of_a_page_are_one_frag),
		WEIR_TEST(a_splice_that_does_not_fit_changes_nothing),
		WEIR_TEST(received_packets_merge_without_copying),
		WEIR_TEST(frags_of_a_clone_are_shared_when_merged),
		WEIR_TEST(small_packets_merge_into_the_tailroom),
		WEIR_TEST(queues_are_first_in_first_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
