/* SPDX-License-Identifier: BSD-2-Clause */
/* Published vectors of SipHash and Toeplitz; spread of the mixers. */
#include "base/bitops.h"
#include "base/hash.h"
#include "base/random.h"
#include "base/siphash.h"
#include "base/toeplitz.h"
#include "tests/support/percpu_fixture.h"

static const struct siphash_key paper_key = {
	{ 0x0706050403020100ull, 0x0f0e0d0c0b0a0908ull }
};

/* "SipHash: a fast short-input PRF", appendix A: bytes 00 .. 0e. */
static void siphash_gives_the_paper_s_example(void **state)
{
	u8 in[15];

	for (u8 i = 0; i < 15; i++)
		in[i] = i;
	assert_true(siphash(in, 15, &paper_key) == 0xa129ca6149be45e5ull);
}

/* First of the authors' vectors_sip64, lengths 0, 1 and 8. */
static void siphash_gives_the_authors_vectors(void **state)
{
	u8 in[8] = { 0, 1, 2, 3, 4, 5, 6, 7 };

	assert_true(siphash(in, 0, &paper_key) == 0x726fdb47dd0e0e31ull);
	assert_true(siphash(in, 1, &paper_key) == 0x74f839c593dc67fdull);
	assert_true(siphash(in, 8, &paper_key) == 0x93f5f5799a932462ull);
}

static void siphash_of_words_equals_that_of_bytes(void **state)
{
	u32 w[4] = { 0x01020304, 0xdeadbeef, 77, 0xffffffff };

	assert_true(siphash_2u32(w[0], w[1], &paper_key) ==
		    siphash(w, 8, &paper_key));
	assert_true(siphash_3u32(w[0], w[1], w[2], &paper_key) ==
		    siphash(w, 12, &paper_key));
	assert_true(siphash_4u32(w[0], w[1], w[2], w[3], &paper_key) ==
		    siphash(w, 16, &paper_key));
}

/* The verification suite of Microsoft's RSS documents. */
static const u8 rss_key[TOEPLITZ_KEY_LEN] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
	0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
	0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
	0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

static __be32 ip4(u8 a, u8 b, u8 c, u8 d)
{
	return cpu_to_be32((u32)a << 24 | b << 16 | c << 8 | d);
}

static void toeplitz_gives_the_published_ipv4_vectors(void **state)
{
	static const struct {
		u8 d[4], s[4];
		u16 dport, sport;
		u32 ip, tcp;
	} v[] = {
		{ { 161, 142, 100, 80 }, { 66, 9, 149, 187 }, 1766, 2794,
		  0x323e8fc2, 0x51ccc178 },
		{ { 65, 69, 140, 83 }, { 199, 92, 111, 2 }, 4739, 14230,
		  0xd718262a, 0xc626b0ea },
		{ { 12, 22, 207, 184 }, { 24, 19, 198, 95 }, 38024, 12898,
		  0xd2d0a5de, 0x5c2b394a },
		{ { 209, 142, 163, 6 }, { 38, 27, 205, 30 }, 2217, 48228,
		  0x82989176, 0xafc7327f },
		{ { 202, 188, 127, 2 }, { 153, 39, 163, 191 }, 1303, 44251,
		  0x5d1809c5, 0x10e828a2 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(v); i++) {
		__be32 s = ip4(v[i].s[0], v[i].s[1], v[i].s[2], v[i].s[3]);
		__be32 d = ip4(v[i].d[0], v[i].d[1], v[i].d[2], v[i].d[3]);

		assert_int_equal(toeplitz_ipv4(rss_key, s, d), v[i].ip);
		assert_int_equal(toeplitz_ipv4_ports(rss_key, s, d,
						     cpu_to_be16(v[i].sport),
						     cpu_to_be16(v[i].dport)),
				 v[i].tcp);
	}
}

/* 64k keys that differ in little, in 1024 buckets: 64 each on average. */
static void neighbouring_ports_spread_over_buckets(void **state)
{
	static u32 count[1024];
	u32 most = 0;

	for (u32 port = 0; port < 65536; port++) {
		u32 h = hash_4tuple(ip4(10, 0, 0, 1), cpu_to_be16(port),
				    ip4(10, 0, 0, 2), cpu_to_be16(80), 42);

		if (++count[h & 1023] > most)
			most = count[h & 1023];
	}
	assert_in_range(most, 64, 110);
}

static void a_flipped_bit_flips_half_of_the_hash(void **state)
{
	u32 flips = 0;

	for (u32 i = 0; i < 64 * 100; i++) {
		u32 a = get_random_u32(), b = get_random_u32();
		u32 bit = i % 64;
		u32 c = bit < 32 ? a ^ BIT(bit) : a;
		u32 d = bit < 32 ? b : b ^ BIT(bit - 32);

		flips += hweight32(hash_2(a, b, 1) ^ hash_2(c, d, 1));
	}
	assert_in_range(flips / 6400, 15, 16);
}

static void bytes_hash_by_content_and_length(void **state)
{
	const char *s = "0123456789abcdef0";

	assert_int_equal(hash_bytes(s, 9, 5), hash_bytes("012345678", 9, 5));
	assert_int_not_equal(hash_bytes(s, 9, 5), hash_bytes(s, 10, 5));
	assert_int_not_equal(hash_bytes(s, 9, 5), hash_bytes(s, 9, 6));
	assert_int_not_equal(hash_bytes("\0", 1, 5), hash_bytes("\0\0", 2, 5));
}

static void random_below_stays_below(void **state)
{
	u32 seen = 0;

	for (u32 i = 0; i < 1000; i++) {
		u32 r = get_random_u32_below(7);

		assert_in_range(r, 0, 6);
		seen |= BIT(r);
		assert_in_range(get_random_u32_inclusive(5, 6), 5, 6);
	}
	assert_int_equal(seen, 0x7f);
}

static void logarithms_are_exact_at_the_edges(void **state)
{
	assert_int_equal(fls(0), 0);
	assert_int_equal(fls(1), 1);
	assert_int_equal(fls(0x80000000), 32);
	assert_int_equal(ilog2(1), 0);
	assert_int_equal(ilog2(4095), 11);
	assert_int_equal(ilog2(4096), 12);
	assert_int_equal(roundup_pow_of_two(0), 1);
	assert_int_equal(roundup_pow_of_two(1), 1);
	assert_int_equal(roundup_pow_of_two(4096), 4096);
	assert_int_equal(roundup_pow_of_two(4097), 8192);
	assert_int_equal(rol32(0x80000001, 1), 3);
	assert_int_equal(rol32(5, 0), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEIR_TEST(siphash_gives_the_paper_s_example),
		WEIR_TEST(siphash_gives_the_authors_vectors),
		WEIR_TEST(siphash_of_words_equals_that_of_bytes),
		WEIR_TEST(toeplitz_gives_the_published_ipv4_vectors),
		WEIR_TEST(neighbouring_ports_spread_over_buckets),
		WEIR_TEST(a_flipped_bit_flips_half_of_the_hash),
		WEIR_TEST(bytes_hash_by_content_and_length),
		WEIR_TEST(random_below_stays_below),
		WEIR_TEST(logarithms_are_exact_at_the_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
