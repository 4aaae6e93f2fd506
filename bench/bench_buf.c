/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Nanoseconds per operation of the lowest floors, best of five runs: what
 * every packet pays for its memory, checksum and copies.
 */
#include <stdio.h>
#include <time.h>

#include "base/checksum.h"
#include "base/hash.h"
#include "buf/skbuff.h"
#include "tests/support/percpu_fixture.h"

static u8 from[65536], to[65536];
static volatile u32 sink;

static void keep(const void *p)
{
	__asm__ volatile("" :: "r"(p) : "memory");
}

static void do_kmalloc(u32 i)
{
	void *p = kmalloc(256);

	keep(p);
	kfree(p);
}

static void do_alloc_skb(u32 i)
{
	struct sk_buff *skb = alloc_skb(1600);

	keep(skb);
	consume_skb(skb);
}

static void do_clone(u32 i)
{
	struct sk_buff *skb = alloc_skb(128), *c = skb_clone(skb);

	consume_skb(c);
	consume_skb(skb);
}

static void do_csum_1460(u32 i) { sink = csum_partial(from, 1460, i); }
static void do_csum_64k(u32 i) { sink = csum_partial(from, 65536, i); }
static void do_copy_64k(u32 i) { memcpy(to, from, 65536); keep(to); }
static void do_csum_copy_64k(u32 i) { sink = csum_and_copy(to, from, 65536, i); }

static void do_add_data_64k(u32 i)
{
	struct sk_buff *skb = alloc_skb(128);
	struct iovec iov;
	struct iov_iter it;

	iov_iter_single(&it, &iov, from, sizeof(from));
	keep((void *)(intptr_t)skb_add_data(skb, &it, sizeof(from)));
	consume_skb(skb);
}

static void do_hash(u32 i) { sink = hash_4tuple(i, 1, 2, 3, 4); }
static void do_stage(u32 i) { trace_stage(STAGE_ip_rcv, i, 60); }

static const struct {
	const char *name;
	void (*op)(u32 i);
	u32 count;
} benches[] = {
	{ "kmalloc(256) + kfree", do_kmalloc, 2000000 },
	{ "alloc_skb(1600) + consume_skb", do_alloc_skb, 2000000 },
	{ "the same and skb_clone", do_clone, 1000000 },
	{ "csum_partial 1460", do_csum_1460, 500000 },
	{ "csum_partial 65536", do_csum_64k, 10000 },
	{ "memcpy 65536", do_copy_64k, 10000 },
	{ "csum_and_copy 65536", do_csum_copy_64k, 10000 },
	{ "skb_add_data 65536, with skb", do_add_data_64k, 10000 },
	{ "hash_4tuple", do_hash, 2000000 },
	{ "trace_stage, trace off", do_stage, 2000000 },
};

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double best_of_five(void (*op)(u32 i), u32 count)
{
	double best = 1e18, start, each;

	for (u32 run = 0; run < 5; run++) {
		start = now_ns();
		for (u32 i = 0; i < count; i++)
			op(i);
		each = (now_ns() - start) / count;
		if (each < best)
			best = each;
	}
	return best;
}

int main(void)
{
	void *state;

	if (percpu_setup(&state))
		return 1;
	for (u32 i = 0; i < ARRAY_SIZE(benches); i++)
		printf("%-32s %8.1f ns\n", benches[i].name,
		       best_of_five(benches[i].op, benches[i].count));
	return percpu_teardown(&state) ? 1 : 0;
}
