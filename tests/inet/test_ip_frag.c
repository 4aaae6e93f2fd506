/* SPDX-License-Identifier: BSD-2-Clause */
/* Reassembly: order, overlaps, lies about lengths, floods, time. */
#include "tests/inet/inet_test.h"

#include "base/random.h"

#define PIECE	16u

static u8 data[66000];

static void fill(void)
{
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (u8)(i * 7 + (i >> 8));
}

/* One fragment of the datagram `id`: bytes [off, off + len) of data. */
static void frag(struct inet_world *iw, u16 id, u32 off, u32 len, bool more)
{
	struct pkt p = { .id = id, .data = data + off, .len = len,
			 .frag_off = (u16)(off / 8 | (more ? IP_MF : 0)) };

	inject_ip(iw, &p);
}

/* The datagram that came is data[0, len). Frees it. */
static void expect(struct inet_world *iw, u32 len)
{
	struct sk_buff *skb;
	static u8 buf[66000];

	assert_int_equal(iw->got.qlen, 1);
	skb = __skb_dequeue(&iw->got);
	assert_int_equal(skb->len, len);
	assert_int_equal(skb_copy_bits(skb, 0, buf, len, COPY_LINEARIZE), 0);
	assert_memory_equal(buf, data, len);
	assert_int_equal(be16_to_cpu(ip_hdr(skb)->tot_len), len + 20);
	assert_false(ip_is_fragment(ip_hdr(skb)));
	assert_int_equal(ip_fast_csum(ip_hdr(skb), 5), 0);
	consume_skb(skb);
}

static u32 memory(const struct inet_world *iw)
{
	return iw->net->ipv4->frags.mem;
}

static void begin(struct inet_world *iw)
{
	fill();
	inet_begin(iw);
	know_neighbour(iw, PEER);
}

static void end(struct inet_world *iw)
{
	assert_int_equal(memory(iw), 0);
	inet_end(iw);
}

/* All orders of four pieces, each once twice. */
static void any_order_and_duplicates_give_the_datagram(void **s)
{
	struct inet_world iw;
	u16 id = 1;

	begin(&iw);
	for (u32 perm = 0; perm < 256; perm++, id++) {
		u32 order[4] = { perm & 3, perm >> 2 & 3, perm >> 4 & 3,
				 perm >> 6 };
		u32 seen = 0;

		for (int i = 0; i < 4; i++)
			seen |= 1u << order[i];
		if (seen != 15)
			continue;
		for (int i = 0; i < 4; i++) {
			u32 at = order[i] * PIECE;

			frag(&iw, id, at, PIECE, order[i] < 3);
			if (i < 3)
				frag(&iw, id, at, PIECE, order[i] < 3);
		}
		expect(&iw, 4 * PIECE);
	}
	assert_int_equal(STAT(&iw, Ip, ReasmOKs), 24);
	assert_int_equal(drops(SKB_DROP_REASON_FRAG_DUPLICATE), 24 * 3);
	end(&iw);
}

static void random_cuts_in_random_order_give_the_datagram(void **s)
{
	struct inet_world iw;

	begin(&iw);
	for (u16 round = 1; round < 60; round++) {
		u32 cut[20], n = 0, at = 0, len = 1 + get_random_u32_below(9000);

		while (at < len && n < 19) {
			cut[n++] = at;
			at += 8 * (1 + get_random_u32_below(80));
		}
		cut[n] = len;
		for (u32 left = n; left; left--) {
			u32 i = get_random_u32_below(left), c = cut[i], e = len;

			/* its end is the next larger cut */
			for (u32 j = 0; j <= n; j++)
				if (cut[j] > c && cut[j] < e)
					e = cut[j];
			frag(&iw, round, c, e - c, e < len);
			/* taken cuts move behind the others but stay known */
			cut[i] = cut[left - 1];
			cut[left - 1] = c;
		}
		expect(&iw, len);
	}
	end(&iw);
}

static void a_datagram_of_65535_bytes_is_whole(void **s)
{
	struct inet_world iw;

	begin(&iw);
	for (u32 off = 0; off < 65515; off += 1480)
		frag(&iw, 9, off, min(1480u, 65515 - off), off + 1480 < 65515);
	expect(&iw, 65515);
	end(&iw);
}

/* attacks.md 28 */
static void beyond_65535_is_discarded(void **s)
{
	struct inet_world iw;

	begin(&iw);
	frag(&iw, 9, 0, 1480, true);
	frag(&iw, 9, 65512 - 0, 400, false);
	assert_int_equal(iw.got.qlen, 0);
	assert_int_equal(STAT(&iw, Ip, ReasmFails), 1);
	assert_int_equal(drops(SKB_DROP_REASON_FRAG_MALFORMED), 2);
	end(&iw);
}

/* attacks.md 31, 38 */
static const struct {
	u32 off[3], len[3];
	bool more[3];
} overlaps[] = {
	{ { 0, 8, 24 }, { 16, 16, 8 }, { true, true, false } },	/* front */
	{ { 8, 0, 24 }, { 16, 16, 8 }, { true, true, false } },	/* back */
	{ { 8, 0, 24 }, { 8, 24, 8 }, { true, true, false } },	/* swallows */
	{ { 0, 16, 8 }, { 8, 8, 24 }, { true, true, false } },
};

static void overlapping_fragments_kill_the_datagram(void **s)
{
	for (size_t i = 0; i < ARRAY_SIZE(overlaps); i++) {
		struct inet_world iw;

		begin(&iw);
		for (int f = 0; f < 3; f++)
			frag(&iw, 9, overlaps[i].off[f], overlaps[i].len[f],
			     overlaps[i].more[f]);
		assert_int_equal(iw.got.qlen, 0);
		assert_int_equal(STAT(&iw, IpExt, ReasmOverlaps), 1);
		assert_true(drops(SKB_DROP_REASON_FRAG_OVERLAP) >= 2);
		fake_advance(iw.w.fp, 40 * NSEC_PER_SEC);
		end(&iw);
	}
}

static void a_part_of_what_is_here_is_ignored(void **s)
{
	struct inet_world iw;

	begin(&iw);
	frag(&iw, 9, 0, 16, true);
	frag(&iw, 9, 16, 16, true);
	frag(&iw, 9, 8, 16, true);	/* inside the run of both */
	frag(&iw, 9, 32, 8, false);
	expect(&iw, 40);
	end(&iw);
}

/* attacks.md 34 */
static void impossible_lengths_are_discarded(void **s)
{
	struct inet_world iw;

	begin(&iw);
	frag(&iw, 1, 8, 0, true);	/* nothing in it */
	frag(&iw, 2, 0, 7, true);	/* less than a unit */
	frag(&iw, 3, 16, 8, false);
	frag(&iw, 3, 24, 8, true);	/* behind the end */
	frag(&iw, 4, 16, 8, false);
	frag(&iw, 4, 8, 8, false);	/* two ends */
	assert_int_equal(STAT(&iw, Ip, ReasmFails), 4);
	frag(&iw, 5, 0, 12, true);	/* rounded down to 8 */
	frag(&iw, 5, 8, 8, false);
	expect(&iw, 16);
	end(&iw);
}

static void missing_pieces_time_out_with_an_icmp_error(void **s)
{
	struct inet_world iw;
	struct sk_buff *skb;

	begin(&iw);
	frag(&iw, 1, 0, 16, true);
	frag(&iw, 2, 16, 16, true);	/* no first: no error */
	fake_advance(iw.w.fp, 29 * NSEC_PER_SEC);
	assert_true(memory(&iw));
	fake_advance(iw.w.fp, 2 * NSEC_PER_SEC);
	assert_int_equal(memory(&iw), 0);
	assert_int_equal(STAT(&iw, Ip, ReasmTimeout), 2);
	assert_int_equal(drops(SKB_DROP_REASON_FRAG_REASM_TIMEOUT), 2);
	skb = next_ip(&iw);
	assert_non_null(skb);
	assert_int_equal(skb->data[20], ICMP_TIME_EXCEEDED);
	assert_int_equal(skb->data[21], ICMP_EXC_FRAGTIME);
	assert_memory_equal(skb->data + 28 + 20, data, 16);
	consume_skb(skb);
	assert_null(next_ip(&iw));
	end(&iw);
}

static void flood(struct inet_world *iw, u32 n, bool many_sources)
{
	for (u32 i = 0; i < n; i++) {
		struct pkt p = { .id = (u16)i, .data = data, .len = 1400,
				 .frag_off = IP_MF, .saddr = 0x0a000080 };

		if (many_sources)
			p.saddr = 0xc0000000 | get_random_u32_below(1u << 24);
		inject_ip(iw, &p);
	}
}

/* attacks.md 37: and others' datagrams still come through. */
static void a_flood_is_bounded_and_does_not_starve_others(void **s)
{
	for (int many = 0; many < 2; many++) {
		struct inet_world iw;

		begin(&iw);
		flood(&iw, 6000, many);
		assert_true(memory(&iw) <=
			    iw.net->ipv4->sysctl.ipfrag_high_thresh);
		for (u16 id = 1; id <= 10; id++) {
			frag(&iw, id, 0, 1480, true);
			flood(&iw, 50, many);
			frag(&iw, id, 1480, 1000, false);
			expect(&iw, 2480);
		}
		fake_advance(iw.w.fp, 31 * NSEC_PER_SEC);
		end(&iw);
	}
}

static void one_source_holds_no_more_than_its_share(void **s)
{
	struct inet_world iw;

	begin(&iw);
	flood(&iw, 2000, false);
	assert_true(drops(SKB_DROP_REASON_FRAG_MEM_LIMIT) > 1000);
	assert_true(memory(&iw) <= iw.net->ipv4->sysctl.ipfrag_source_max);
	fake_advance(iw.w.fp, 31 * NSEC_PER_SEC);
	end(&iw);
}

static void many_tiny_fragments_cost_little_and_no_more_memory(void **s)
{
	struct inet_world iw;

	begin(&iw);
	for (u32 i = 0; i < 8000; i++)
		frag(&iw, 1, 65504 - 8 * (i + 1), 8, true);
	assert_true(memory(&iw) <= iw.net->ipv4->sysctl.ipfrag_high_thresh);
	fake_advance(iw.w.fp, 31 * NSEC_PER_SEC);
	end(&iw);
}

/* RFC3168 5.3 */
static void ecn_of_fragments_is_combined(void **s)
{
	static const struct {
		u8 a, b;
		int tos;		/* -1: dropped */
	} t[] = { { 0, 0, 0 }, { 2, 2, 2 }, { 2, 3, 3 }, { 3, 3, 3 },
		  { 0, 3, -1 }, { 0, 2, -1 } };

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct pkt a = { .id = 1, .data = data, .len = 8,
				 .frag_off = IP_MF, .tos = t[i].a };
		struct pkt b = { .id = 1, .data = data, .len = 8,
				 .frag_off = 1, .tos = t[i].b };
		struct inet_world iw;

		begin(&iw);
		inject_ip(&iw, &a);
		inject_ip(&iw, &b);
		assert_int_equal(iw.got.qlen, t[i].tos >= 0);
		if (iw.got.qlen)
			assert_int_equal(ip_hdr(iw.got.next)->tos, t[i].tos);
		end(&iw);
	}
}

static void an_old_datagrams_rest_does_not_join_a_new_one(void **s)
{
	struct inet_world iw;

	begin(&iw);
	frag(&iw, 7, 0, 16, true);
	for (u16 i = 0; i < 70; i++)
		frag(&iw, (u16)(1000 + i), 0, 8, true);
	frag(&iw, 7, 16, 16, false);	/* the id has come round */
	assert_int_equal(iw.got.qlen, 0);
	assert_int_equal(drops(SKB_DROP_REASON_FRAG_TOO_FAR), 1);
	fake_advance(iw.w.fp, 31 * NSEC_PER_SEC);
	end(&iw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order_and_duplicates_give_the_datagram),
		cmocka_unit_test(random_cuts_in_random_order_give_the_datagram),
		cmocka_unit_test(a_datagram_of_65535_bytes_is_whole),
		cmocka_unit_test(beyond_65535_is_discarded),
		cmocka_unit_test(overlapping_fragments_kill_the_datagram),
		cmocka_unit_test(a_part_of_what_is_here_is_ignored),
		cmocka_unit_test(impossible_lengths_are_discarded),
		cmocka_unit_test(missing_pieces_time_out_with_an_icmp_error),
		cmocka_unit_test(a_flood_is_bounded_and_does_not_starve_others),
		cmocka_unit_test(one_source_holds_no_more_than_its_share),
		cmocka_unit_test(many_tiny_fragments_cost_little_and_no_more_memory),
		cmocka_unit_test(ecn_of_fragments_is_combined),
		cmocka_unit_test(an_old_datagrams_rest_does_not_join_a_new_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
