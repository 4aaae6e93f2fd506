/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Long transfers between two whole stacks, exact to the byte over links of all
 * kinds, and the same to the bit when repeated.
 *
 * WEIR_TEST_SEEDS (8) and WEIR_TEST_KB (512) set the size of the lossy test;
 * the soak runs 50 seeds of 10 MB.
 */
#include "tests/support/world.h"

#include <stdio.h>

#define PORT 7000

struct flow {
	struct host *from, *to;
	int out, in;
	u64 key, sent, got, bytes;
	bool shut, ended;
};

static u32 setting(const char *name, u32 otherwise)
{
	const char *v = getenv(name);

	return v ? (u32)atoi(v) : otherwise;
}

static bool flow_send(struct flow *f)
{
	static const u32 sizes[] = { 1, 100, 1460, 4096, 16384, 65536 };
	bool did = false;
	ssize_t n;

	while (f->sent < f->bytes) {
		size_t want = min(sizes[f->sent % 6], f->bytes - f->sent);

		n = host_send_stream(f->from, f->out, f->key, f->sent, want);
		if (n == -EAGAIN)
			return did;
		if (n <= 0)
			fail_msg("send after %llu bytes: %s",
				 (unsigned long long)f->sent, strerror((int)-n));
		f->sent += (u64)n;
		did = true;
	}
	if (!f->shut)
		sys_shutdown(f->from->net, f->out, SHUT_WR);
	f->shut = true;
	return did;
}

static bool flow_receive(struct flow *f)
{
	bool did = false;
	ssize_t n;

	while (!f->ended) {
		n = host_recv_stream(f->to, f->in, f->key, f->got, 65536);
		if (n == -EAGAIN)
			return did;
		if (n < 0)
			fail_msg("recv after %llu bytes: %s",
				 (unsigned long long)f->got, strerror((int)-n));
		f->got += (u64)n;
		f->ended = !n;
		did = true;
	}
	return did;
}

static bool step(void *arg)
{
	struct flow *f = arg;
	bool did = false;

	for (int i = 0; i < 2; i++) {
		did |= flow_send(&f[i]);
		did |= flow_receive(&f[i]);
	}
	return did;
}

static bool both_ended(void *arg)
{
	struct flow *f = arg;

	return f[0].ended && f[1].ended;
}

/* So many bytes to b and back at once; hash of all frames. */
static u64 transfer(const struct world_params *p, u64 bytes, u64 back,
		    ktime_t *took)
{
	struct world *w = malloc(sizeof(*w));
	ktime_t start;
	int fd[2];
	u64 hash;

	world_open(w, p);
	world_connect(w, PORT, fd);
	struct flow f[2] = {
		{ &w->a, &w->b, fd[0], fd[1], 1, .bytes = bytes },
		{ &w->b, &w->a, fd[1], fd[0], 2, .bytes = back },
	};
	start = world_now(w);
	fake_set_pump(w->fp, step, f);
	if (!world_until(w, 4000 * SEC, both_ended, f))
		fail_msg("stuck after %llu bytes to b and %llu back",
			 (unsigned long long)f[0].got,
			 (unsigned long long)f[1].got);
	fake_set_pump(w->fp, NULL, NULL);
	if (took)
		*took = world_now(w) - start;
	assert_int_equal(f[0].got, bytes);
	assert_int_equal(f[1].got, back);
	host_close(&w->a, fd[0]);
	host_close(&w->b, fd[1]);
	world_pass(w, 200 * SEC);
	hash = w->hash;
	world_close(w);
	free(w);
	return hash;
}

static void a_clean_link_is_filled(void **state)
{
	/* HyStart takes ACKs less than 2 ms apart for one train: the round
	 * trip is longer */
	struct world_params p = { .rate_bps = 1000000000,
				  .delay = 2500 * NSEC_PER_USEC };
	ktime_t took;

	transfer(&p, 8 << 20, 0, &took);
	/* 67 ms at line rate, headers and slow start aside */
	assert_in_range(took / MSEC, 67, 130);
}

static void large_frames_pass_whole_on_a_link_with_offload(void **state)
{
	struct world_params p = { .offload = true, .delay = 100 * 1000 };

	transfer(&p, 4 << 20, 4 << 20, NULL);
}

static void a_slow_link_is_filled(void **state)
{
	struct world_params p = { .rate_bps = 2000000, .delay = 30 * MSEC };
	ktime_t took;

	transfer(&p, 250000, 250000, &took);
	assert_in_range(took / MSEC, 1000, 1800);
}

static void several_queues_and_cpus_keep_the_stream_whole(void **state)
{
	struct world_params p = { .queues = 4, .delay = MSEC,
				  .rate_bps = 1000000000 };

	transfer(&p, 4 << 20, 4 << 20, NULL);
}

static void a_small_mtu_works(void **state)
{
	transfer(&(struct world_params){ .mtu = 576, .delay = MSEC }, 200000,
		 200000, NULL);
}

static void a_jumbo_mtu_works(void **state)
{
	transfer(&(struct world_params){ .mtu = 9000, .delay = MSEC }, 4 << 20,
		 4 << 20, NULL);
}

static void streams_are_exact_over_bad_links(void **state)
{
	u32 seeds = setting("WEIR_TEST_SEEDS", 8);
	u64 bytes = (u64)setting("WEIR_TEST_KB", 512) << 10;

	for (u64 seed = 1; seed <= seeds; seed++) {
		struct world_params p = {
			.seed = seed, .delay = 5 * MSEC,
			.rate_bps = seed % 2 ? 100000000 : 0,
			.impair = { .loss_ppm = 3000 * (u32)(seed % 5),
				    .dup_ppm = 10000, .reorder_ppm = 20000,
				    .corrupt_ppm = 2000, .seed = seed },
		};

		if (getenv("WEIR_TEST_FRAMES"))
			fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
		transfer(&p, bytes, bytes, NULL);
	}
}

static void the_same_seed_gives_the_same_frames(void **state)
{
	struct world_params p = {
		.seed = 42, .delay = 5 * MSEC, .rate_bps = 50000000,
		.impair = { .loss_ppm = 10000, .dup_ppm = 10000,
			    .reorder_ppm = 10000, .corrupt_ppm = 1000,
			    .seed = 42 },
	};
	u64 first = transfer(&p, 200000, 100000, NULL);

	assert_true(transfer(&p, 200000, 100000, NULL) == first);
	p.seed = 43;
	assert_true(transfer(&p, 200000, 100000, NULL) != first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clean_link_is_filled),
		cmocka_unit_test(large_frames_pass_whole_on_a_link_with_offload),
		cmocka_unit_test(a_slow_link_is_filled),
		cmocka_unit_test(several_queues_and_cpus_keep_the_stream_whole),
		cmocka_unit_test(a_small_mtu_works),
		cmocka_unit_test(a_jumbo_mtu_works),
		cmocka_unit_test(streams_are_exact_over_bad_links),
		cmocka_unit_test(the_same_seed_gives_the_same_frames),
	};

	return cmocka_run_group_tests_name("bulk", tests, NULL, NULL);
}
