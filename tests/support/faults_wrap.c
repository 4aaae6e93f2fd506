/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See faults.h. What the linker puts in the way of a test program's calls
 * (faults.args): the allocators, what makes allocations fail, and the worlds of
 * the public interface, which close and count what is left by themselves.
 */
#include "tests/support/faults_run.h"

#include <stdlib.h>
#include <unistd.h>

#include <weir/sim.h>
#include <weir/weir.h>

#include "base/percpu.h"
#include "base/slab.h"

#define CALLER		__builtin_return_address(0)
#define MAIN_STACK	(8u << 20)	/* from where a world was made */

/* --- allocators ------------------------------------------------------------------- */

void *__real_kmalloc(size_t size);
void *__real_kzalloc(size_t size);
void *__real_kcalloc(size_t n, size_t size);
char *__real_kstrdup(const char *s);
void *__real_kmemdup(const void *p, size_t n);
u64 __real_slab_fail_nth(struct slab_depot *d, u64 n);
void *__wrap_kmalloc(size_t size);
void *__wrap_kzalloc(size_t size);
void *__wrap_kcalloc(size_t n, size_t size);
char *__wrap_kstrdup(const char *s);
void *__wrap_kmemdup(const void *p, size_t n);
u64 __wrap_slab_fail_nth(struct slab_depot *d, u64 n);

void *__wrap_kmalloc(size_t size)
{
	return faults_hit_from(CALLER) ? NULL : __real_kmalloc(size);
}

void *__wrap_kzalloc(size_t size)
{
	return faults_hit_from(CALLER) ? NULL : __real_kzalloc(size);
}

void *__wrap_kcalloc(size_t n, size_t size)
{
	return faults_hit_from(CALLER) ? NULL : __real_kcalloc(n, size);
}

char *__wrap_kstrdup(const char *s)
{
	return faults_hit_from(CALLER) ? NULL : __real_kstrdup(s);
}

void *__wrap_kmemdup(const void *p, size_t n)
{
	return faults_hit_from(CALLER) ? NULL : __real_kmemdup(p, n);
}

u64 __wrap_slab_fail_nth(struct slab_depot *d, u64 n)
{
	if (faults.role == FAULTS_CHILD && n)
		faults_stopped();
	if (faults.role == FAULTS_ORIGINAL && n)
		faults_done(FAULTS_PASSED);
	return __real_slab_fail_nth(d, n);
}

/* --- worlds -------------------------------------------------------------------------- */

struct sim_fixture {
	struct faults_fixture fixture;	/* must be first */
	struct weir_sim *sim;
	uintptr_t stack;		/* of the thread that made it */
};

/* Weak: there with AddressSanitizer only. */
int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

size_t __real_machine_destroy(struct machine *m);
struct weir *__real_weir_create(const struct weir_options *o, char *err,
				size_t errlen);
struct weir_sim *__real_weir_sim_create(const struct weir_sim_options *o,
					char *err, size_t errlen);
size_t __real_weir_sim_destroy(struct weir_sim *s);
size_t __wrap_machine_destroy(struct machine *m);
struct weir *__wrap_weir_create(const struct weir_options *o, char *err,
				size_t errlen);
struct weir_sim *__wrap_weir_sim_create(const struct weir_sim_options *o,
					char *err, size_t errlen);
size_t __wrap_weir_sim_destroy(struct weir_sim *s);

size_t __wrap_machine_destroy(struct machine *m)
{
	size_t left = __real_machine_destroy(m);

	faults_leaked("memory of the machine", left);
	return left;
}

/* In real time only the start is looked at: once it has threads, a process
 * cannot be forked, and what is the n-th allocation is chance. */
struct weir *__wrap_weir_create(const struct weir_options *o, char *err,
				size_t errlen)
{
	struct weir *w = __real_weir_create(o, err, errlen);

	if (faults.role == FAULTS_OFF)
		return w;
	if (w)
		weir_destroy(w);
	if (faults.role == FAULTS_ORIGINAL)
		faults_skip("from here on it runs in real time");
	faults_leaked("threads", faults_threads() - 1);
	if (__lsan_do_recoverable_leak_check)
		faults_leaked("host memory",
			      (size_t)__lsan_do_recoverable_leak_check());
	_exit(w ? FAULTS_PASSED : FAULTS_STOPPED);
}

/* Not from inside of a task, which has a stack of its own, or of the stack. */
static void sim_shut(void *arg)
{
	struct sim_fixture *f = arg;
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	uintptr_t apart = max(here, f->stack) - min(here, f->stack);

	if (apart < MAIN_STACK && !this_percpu())
		faults_leaked("the world's memory",
			      __real_weir_sim_destroy(f->sim));
}

struct weir_sim *__wrap_weir_sim_create(const struct weir_sim_options *o,
					char *err, size_t errlen)
{
	struct weir_sim *s = __real_weir_sim_create(o, err, errlen);
	struct sim_fixture *f;

	if (!s || faults.role == FAULTS_OFF)
		return s;
	f = calloc(1, sizeof(*f));
	if (!f)
		abort();
	f->sim = s;
	f->stack = (uintptr_t)__builtin_frame_address(0);
	faults_fixture_open(&f->fixture, sim_shut, f);
	return s;
}

size_t __wrap_weir_sim_destroy(struct weir_sim *s)
{
	struct faults_fixture *f = faults.fixtures;
	size_t left = __real_weir_sim_destroy(s);

	while (f && !(f->shut == sim_shut &&
		      ((struct sim_fixture *)f)->sim == s))
		f = f->next;
	if (f) {
		faults_fixture_close(f);
		free(f);
	}
	faults_leaked("the world's memory", left);
	return left;
}
