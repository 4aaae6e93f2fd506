/* SPDX-License-Identifier: BSD-2-Clause */
/* See percpu_fixture.h. */
#include <stdlib.h>

#include "tests/support/faults.h"
#include "tests/support/percpu_fixture.h"

static struct percpu_fixture *fixture(struct platform *p)
{
	return (struct percpu_fixture *)p;
}

static ktime_t fix_clock(struct platform *p)
{
	return fixture(p)->now += NSEC_PER_USEC;
}

/* Marsaglia's xorshift64: repeatable, good enough to spread. */
static void fix_random(struct platform *p, void *buf, size_t len)
{
	u64 *x = &fixture(p)->random_state;
	u8 *b = buf;

	for (; len; len--) {
		*x ^= *x << 13;
		*x ^= *x >> 7;
		*x ^= *x << 17;
		*b++ = (u8)(*x >> 32);
	}
}

static void *fix_alloc(struct platform *p, size_t size, size_t align)
{
	void *mem = NULL;

	if (!faults_hit())
		mem = aligned_alloc(align, ALIGN_UP(size, align));
	if (mem)
		fixture(p)->bytes_out += size;
	return mem;
}

static void fix_free(struct platform *p, void *mem, size_t size)
{
	fixture(p)->bytes_out -= size;
	free(mem);
}

static void fix_relax(struct platform *p)
{
	fixture(p)->relaxed++;
}

static const struct platform_ops fix_ops = {
	.clock_mono = fix_clock,
	.clock_real = fix_clock,
	.random = fix_random,
	.alloc = fix_alloc,
	.free = fix_free,
	.relax = fix_relax,
};

void percpu_add(struct percpu_fixture *f, struct percpu *pc, u32 id)
{
	*pc = (struct percpu){ .id = id, .platform = &f->platform,
			       .next_packet_id = (u64)id << 56 };
	assert_int_equal(slab_attach_cpu(f->depot, NULL, pc), 0);
}

int percpu_setup(void **state)
{
	struct percpu_fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	f->platform.ops = &fix_ops;
	f->random_state = 88172645463325252ull;
	f->depot = slab_depot_create(&f->platform);
	if (!f->depot)
		return -1;
	percpu_add(f, &f->pc, 1);
	weir_this_cpu = &f->pc;
	*state = f;
	return 0;
}

int percpu_teardown(void **state)
{
	struct percpu_fixture *f = *state;
	size_t leaked = slab_depot_destroy(f->depot), bytes = f->bytes_out;

	weir_this_cpu = NULL;
	free(f);
	faults_leaked("objects of the slab", leaked);
	faults_leaked("bytes of the platform", bytes);
	return leaked || bytes ? -1 : 0;
}
