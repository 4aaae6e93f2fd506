/* SPDX-License-Identifier: BSD-2-Clause */
/* base/checksum.c against RFC 1071's example and a sum done the slow way. */
#include "base/checksum.h"
#include "base/random.h"
#include "tests/support/percpu_fixture.h"

/* 16 bit words in network order, end-around carry at each: RFC 1071 1. */
static u16 slow_sum(const u8 *p, size_t len)
{
	u32 s = 0;

	for (size_t i = 0; i < len; i++) {
		s += i & 1 ? p[i] : (u32)p[i] << 8;
		s = (s & 0xffff) + (s >> 16);
	}
	return (u16)s;
}

static u16 folded(__wsum sum)
{
	return __builtin_bswap16((u16)~csum_fold(sum));
}

static void rfc1071_example_is_summed(void **state)
{
	static const u8 data[] = { 0x00, 0x01, 0xf2, 0x03,
				   0xf4, 0xf5, 0xf6, 0xf7 };

	assert_int_equal(folded(csum_partial(data, 8, 0)), 0xddf2);
}

static void every_length_and_alignment_agrees(void **state)
{
	u8 buf[300];

	get_random_bytes(buf, sizeof(buf));
	for (size_t off = 0; off < 9; off++)
		for (size_t len = 0; len < 290; len++)
			assert_int_equal(folded(csum_partial(buf + off, len,
							     0)),
					 slow_sum(buf + off, len));
}

static void carries_are_not_lost(void **state)
{
	static u8 ones[65536];

	memset(ones, 0xff, sizeof(ones));
	for (size_t len = 65000; len < 65536; len += 7)
		assert_int_equal(folded(csum_partial(ones, len, 0xffffffff)),
				 slow_sum(ones, len));
}

static void copying_sums_the_same(void **state)
{
	u8 from[300], to[300];

	get_random_bytes(from, sizeof(from));
	for (size_t len = 0; len < 300; len++) {
		memset(to, 0, sizeof(to));
		assert_int_equal(csum_and_copy(to, from, len, 7),
				 csum_partial(from, len, 7));
		assert_memory_equal(to, from, len);
	}
}

static void blocks_add_at_any_offset(void **state)
{
	u8 b[100];

	get_random_bytes(b, sizeof(b));
	for (size_t cut = 1; cut < 100; cut++) {
		__wsum head = csum_partial(b, cut, 0);
		__wsum tail = csum_partial(b + cut, 100 - cut, 0);
		__wsum all = csum_block_add(head, tail, cut);

		assert_int_equal(folded(all), slow_sum(b, 100));
		assert_int_equal(folded(csum_block_sub(all, tail, cut)),
				 slow_sum(b, cut));
	}
}

static void ip_header_checksum_is_right(void **state)
{
	/* a header that is often printed in books; its checksum is b861 */
	u8 h[20] = { 0x45, 0, 0, 0x73, 0, 0, 0x40, 0, 0x40, 0x11, 0, 0,
		     0xc0, 0xa8, 0, 1, 0xc0, 0xa8, 0, 0xc7 };
	__sum16 sum = ip_fast_csum(h, 5);

	memcpy(h + 10, &sum, 2);
	assert_int_equal(h[10], 0xb8);
	assert_int_equal(h[11], 0x61);
	assert_int_equal(ip_fast_csum(h, 5), 0);
	assert_int_equal(ip_compute_csum(h, 20), 0);
}

static void incremental_update_equals_a_new_sum(void **state)
{
	for (u32 round = 0; round < 1000; round++) {
		u8 h[20];
		__sum16 sum;
		__be32 old4, new4 = get_random_u32();
		__be16 old2, new2 = (__be16)get_random_u32();

		get_random_bytes(h, sizeof(h));
		memset(h + 10, 0, 2);
		sum = ip_fast_csum(h, 5);
		memcpy(&old4, h + 12, 4);
		memcpy(&old2, h + 4, 2);
		csum_replace4(&sum, old4, new4);
		csum_replace2(&sum, old2, new2);
		memcpy(h + 12, &new4, 4);
		memcpy(h + 4, &new2, 2);
		memcpy(h + 10, &sum, 2);
		assert_int_equal(ip_fast_csum(h, 5), 0);
	}
}

static void pseudo_header_is_included(void **state)
{
	/* UDP 10.0.0.1:53 > 10.0.0.2:1024, "hi" */
	u8 u[10] = { 0, 53, 4, 0, 0, 10, 0, 0, 'h', 'i' };
	u8 pseudo[22] = { 10, 0, 0, 1, 10, 0, 0, 2, 0, 17, 0, 10 };
	__be32 s, d;

	memcpy(&s, pseudo, 4);
	memcpy(&d, pseudo + 4, 4);
	memcpy(pseudo + 12, u, 10);
	assert_int_equal(csum_tcpudp_magic(s, d, 10, 17,
					   csum_partial(u, 10, 0)),
			 ip_compute_csum(pseudo, 22));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEIR_TEST(rfc1071_example_is_summed),
		WEIR_TEST(every_length_and_alignment_agrees),
		WEIR_TEST(carries_are_not_lost),
		WEIR_TEST(copying_sums_the_same),
		WEIR_TEST(blocks_add_at_any_offset),
		WEIR_TEST(ip_header_checksum_is_right),
		WEIR_TEST(incremental_update_equals_a_new_sum),
		WEIR_TEST(pseudo_header_is_included),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
