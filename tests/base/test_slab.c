/* SPDX-License-Identifier: BSD-2-Clause */
/* base/slab.c: classes, magazines, depot, failure injection, leaks. */
#include "tests/support/percpu_fixture.h"

static void every_size_is_writable_and_aligned(void **state)
{
	static const size_t sizes[] = {
		1, 15, 16, 17, 48, 49, 63, 64, 65, 128, 129, 448, 512, 1000,
		2048, 2049, 2112, 4096, 4097, 4160, 4161, 8192, 8256, 8257,
		16448, 16449, 32832, 32833, 100000, 1000000,
	};

	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++) {
		u8 *p = kmalloc(sizes[i]);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % (sizes[i] < 64 ? 16 : 64), 0);
		memset(p, 0xa5, sizes[i]);
		assert_true(ksize(p) >= sizes[i]);
		kfree(p);
	}
}

static void every_size_gets_the_smallest_class(void **state)
{
	size_t last = 0;

	for (size_t n = 1; n <= 33000; n++) {
		void *p = kmalloc(n);
		size_t got;

		assert_non_null(p);
		got = ksize(p);
		assert_true(got >= n);
		assert_true(got >= last);
		assert_true(got < 2 * n + 64);
		last = got;
		kfree(p);
	}
}

static void objects_in_use_are_counted(void **state)
{
	struct percpu_fixture *f = *state;
	void *p[300];

	for (u32 i = 0; i < ARRAY_SIZE(p); i++)
		p[i] = kmalloc(100 + i);
	assert_int_equal(slab_in_use(f->depot), ARRAY_SIZE(p));
	for (u32 i = 0; i < ARRAY_SIZE(p); i++)
		kfree(p[i]);
	assert_int_equal(slab_in_use(f->depot), 0);
}

static void bytes_in_use_are_those_of_the_classes(void **state)
{
	struct percpu_fixture *f = *state;
	void *small = kmalloc(1), *middle = kmalloc(1000);
	void *large = kmalloc(100000);

	assert_true(slab_bytes_in_use(f->depot) >= 16 + 1024 + 100000);
	assert_true(slab_bytes_in_use(f->depot) <= 16 + 1024 + 101000);
	kfree(large);
	assert_int_equal(slab_bytes_in_use(f->depot), 16 + 1024);
	kfree(small);
	kfree(middle);
	assert_int_equal(slab_bytes_in_use(f->depot), 0);
}

static void objects_do_not_overlap(void **state)
{
	u32 *p[2000];

	for (u32 i = 0; i < ARRAY_SIZE(p); i++) {
		p[i] = kmalloc(256);
		assert_non_null(p[i]);
		for (u32 j = 0; j < 64; j++)
			p[i][j] = i;
	}
	for (u32 i = 0; i < ARRAY_SIZE(p); i++) {
		for (u32 j = 0; j < 64; j++)
			assert_int_equal(p[i][j], i);
		kfree(p[i]);
	}
}

static void freed_memory_is_used_again(void **state)
{
	struct percpu_fixture *f = *state;
	size_t bytes;

	kfree(kmalloc(2048));
	bytes = f->bytes_out;
	for (u32 i = 0; i < 100000; i++)
		kfree(kmalloc(2048));
	assert_int_equal(f->bytes_out, bytes);
}

static void memory_freed_on_another_cpu_returns(void **state)
{
	struct percpu_fixture *f = *state;
	struct percpu other;
	size_t bytes = 0;

	percpu_add(f, &other, 2);
	for (u32 round = 0; round < 50; round++) {
		void *p[100];

		for (u32 i = 0; i < ARRAY_SIZE(p); i++)
			p[i] = kmalloc(1024);
		weir_this_cpu = &other;
		for (u32 i = 0; i < ARRAY_SIZE(p); i++)
			kfree(p[i]);
		weir_this_cpu = &f->pc;
		if (round == 4)
			bytes = f->bytes_out;
	}
	assert_int_equal(f->bytes_out, bytes);
	assert_int_equal(slab_in_use(f->depot), 0);
	slab_depot_destroy(f->depot);	/* before `other` goes out of scope */
	f->depot = slab_depot_create(&f->platform);
	assert_non_null(f->depot);
	assert_int_equal(slab_attach_cpu(f->depot, NULL, &f->pc), 0);
}

static void kfree_works_without_a_cpu(void **state)
{
	struct percpu_fixture *f = *state;
	void *p = kmalloc(64), *large = kmalloc(1 << 20);

	weir_this_cpu = NULL;
	kfree(p);
	kfree(large);
	kfree(NULL);
	weir_this_cpu = &f->pc;
	assert_int_equal(slab_in_use(f->depot), 0);
}

static void drained_objects_are_found_again(void **state)
{
	struct percpu_fixture *f = *state;
	void *p[70];
	size_t bytes;

	for (u32 i = 0; i < ARRAY_SIZE(p); i++)
		p[i] = kmalloc(64);
	for (u32 i = 0; i < ARRAY_SIZE(p); i++)
		kfree(p[i]);
	bytes = f->bytes_out;
	slab_drain_cpu(&f->pc);
	assert_int_equal(slab_in_use(f->depot), 0);
	for (u32 i = 0; i < ARRAY_SIZE(p); i++)
		p[i] = kmalloc(64);
	assert_int_equal(slab_in_use(f->depot), ARRAY_SIZE(p));
	for (u32 i = 0; i < ARRAY_SIZE(p); i++)
		kfree(p[i]);
	assert_int_equal(f->bytes_out, bytes);
}

static void the_nth_allocation_fails_on_request(void **state)
{
	struct percpu_fixture *f = *state;
	void *a, *b;

	slab_fail_nth(f->depot, 3);
	a = kmalloc(10);
	b = kmalloc(100000);
	assert_non_null(a);
	assert_non_null(b);
	assert_null(kmalloc(10));
	kfree(a);
	kfree(b);
	a = kmalloc(10);
	assert_non_null(a);
	kfree(a);
}

static void allocations_are_counted(void **state)
{
	struct percpu_fixture *f = *state;

	assert_int_equal(slab_allocs(f->depot), 0);
	kfree(kmalloc(10));
	kfree(kzalloc(100000));
	slab_fail_nth(f->depot, 1);
	assert_null(kmalloc(10));
	assert_int_equal(slab_allocs(f->depot), 3);
}

static void the_allocation_that_failed_is_found_by_its_number(void **state)
{
	struct percpu_fixture *f = *state;

	slab_fail_nth(f->depot, 5);
	while (true) {
		void *p = kmalloc(64);

		kfree(p);
		if (!p)
			break;
	}
	assert_int_equal(slab_allocs(f->depot), 5);
	assert_int_equal(slab_fail_nth(f->depot, 7), 0);
	kfree(kmalloc(64));
	assert_int_equal(slab_fail_nth(f->depot, 0), 6);
}

static void the_depot_knows_what_it_holds(void **state)
{
	struct percpu_fixture *f = *state;
	size_t before = slab_bytes(f->depot);
	void *p;

	assert_int_equal(before, f->bytes_out);
	p = kmalloc(1 << 20);
	assert_true(slab_bytes(f->depot) >= before + (1 << 20));
	assert_int_equal(slab_bytes(f->depot), f->bytes_out);
	kfree(p);
	assert_int_equal(slab_bytes(f->depot), before);
}

static void cpus_that_share_magazines_share_what_is_free(void **state)
{
	struct percpu_fixture *f = *state;
	struct slab_magazines *shared = slab_magazines_create(f->depot);
	struct percpu cpu[100] = { 0 };
	void *first = NULL;
	size_t bytes = 0;

	for (u32 i = 0; i < ARRAY_SIZE(cpu); i++) {
		void *p;

		assert_int_equal(slab_attach_cpu(f->depot, shared, &cpu[i]), 0);
		weir_this_cpu = &cpu[i];
		p = kmalloc(2048);
		if (!first) {
			first = p;
			bytes = slab_bytes(f->depot);
		}
		assert_ptr_equal(p, first);
		kfree(p);
	}
	assert_int_equal(slab_bytes(f->depot), bytes);
	assert_int_equal(slab_in_use(f->depot), 0);
	weir_this_cpu = &f->pc;
}

static void a_cpu_that_goes_takes_no_memory_along(void **state)
{
	struct percpu_fixture *f = *state;
	struct percpu other;
	size_t bytes = slab_bytes(f->depot);
	void *p;

	percpu_add(f, &other, 2);
	weir_this_cpu = &other;
	p = kmalloc(1024);
	weir_this_cpu = &f->pc;
	slab_detach_cpu(&other);
	assert_int_equal(slab_in_use(f->depot), 1);
	kfree(p);
	assert_int_equal(slab_in_use(f->depot), 0);
	assert_true(slab_bytes(f->depot) < bytes + 300000);	/* a chunk */
	assert_null(other.depot);
}

static void kcalloc_refuses_an_overflow(void **state)
{
	u8 *p = kcalloc(3, 7);

	assert_non_null(p);
	assert_null(kcalloc(SIZE_MAX / 2, 3));
	for (u32 i = 0; i < 21; i++)
		assert_int_equal(p[i], 0);
	kfree(p);
}

static void strings_are_duplicated(void **state)
{
	char *s = kstrdup("weir");

	assert_non_null(s);
	assert_string_equal(s, "weir");
	kfree(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEIR_TEST(every_size_is_writable_and_aligned),
		WEIR_TEST(every_size_gets_the_smallest_class),
		WEIR_TEST(objects_in_use_are_counted),
		WEIR_TEST(bytes_in_use_are_those_of_the_classes),
		WEIR_TEST(objects_do_not_overlap),
		WEIR_TEST(freed_memory_is_used_again),
		WEIR_TEST(memory_freed_on_another_cpu_returns),
		WEIR_TEST(kfree_works_without_a_cpu),
		WEIR_TEST(drained_objects_are_found_again),
		WEIR_TEST(the_nth_allocation_fails_on_request),
		WEIR_TEST(allocations_are_counted),
		WEIR_TEST(the_allocation_that_failed_is_found_by_its_number),
		WEIR_TEST(the_depot_knows_what_it_holds),
		WEIR_TEST(cpus_that_share_magazines_share_what_is_free),
		WEIR_TEST(a_cpu_that_goes_takes_no_memory_along),
		WEIR_TEST(kcalloc_refuses_an_overflow),
		WEIR_TEST(strings_are_duplicated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
