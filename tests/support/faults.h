/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fault injection around the existing tests: each allocation that a test makes
 * fails once, in a process of its own, and nothing may crash, leak or hang.
 *
 *	WEIR_FAULTS=paths build-asan/tests/test_tcp_open	see scripts/test.sh
 *
 * The linker lets this program's kmalloc() and its kin, and cmocka's runner,
 * pass through here (tests/support/faults.args). Without WEIR_FAULTS nothing
 * else happens. With it, each test function runs once in a process of its own,
 * the original. At an allocation that is wanted the original forks: in the
 * child the allocation fails and the test goes on from there; the original
 * waits, judges the child, and goes on as if nothing had been. No run is made
 * twice, and no counting beforehand can be wrong.
 *
 * A child survives when its test passes, or when an assertion fails: the test
 * saw an error and says so. What ends it otherwise is a failure of the stack:
 *   - a signal, BUG_ON, or a report of a sanitizer;
 *   - a leak: faults_leaked(), called by the fixtures when something is left
 *     after all was closed. A test that was stopped by an assertion closes
 *     nothing, so fixtures that can close all by themselves (struct world,
 *     whose tests hold descriptors only) say so with faults_fixture_open();
 *     they are shut on top of the failed assertion. Other tests' leaks are
 *     looked at only when they run to their end;
 *   - a hang: HANG_SECONDS of CPU time, or HANG_WALL seconds.
 *
 * WEIR_FAULTS is what is wanted:
 *   paths     the first allocation of each call path that this program makes;
 *   paths/N   one in N of those paths (by the path's number, the same ones
 *             each time);
 *   log       of each path the first, second, fourth, eighth, ... allocation;
 *   N         each N-th allocation; all: each one.
 * WEIR_FAULTS_DEPTH: callers that make a path (6). WEIR_FAULTS_ONLY: part of
 * the names of the test functions to run.
 *
 * A test that makes allocations fail itself is left there: from that moment on
 * it does what is done here. Of one that runs in real time only the start of its
 * first stack is looked at: fork() copies one thread only. Others with threads
 * are skipped.
 */
#ifndef WEIR_TESTS_FAULTS_H
#define WEIR_TESTS_FAULTS_H

#include <stdbool.h>
#include <stddef.h>

struct faults_fixture;

/* What the harness offers to the fixtures. Weak: fuzz targets and benchmarks
 * link the fake platform without the harness, and the functions below do
 * nothing then. */
struct faults_ops {
	bool (*hit)(void *caller);
	void (*leaked)(const char *what, size_t n);
	void (*stop)(void);
	void (*open)(struct faults_fixture *f);
	void (*close)(struct faults_fixture *f);
};
extern const struct faults_ops faults_ops
	__attribute__((weak, visibility("hidden")));

/* An allocation is about to be made; true: it has to fail. For allocators that
 * are not the slab: the test platforms' own. */
static inline bool faults_hit(void)
{
	return &faults_ops && faults_ops.hit(__builtin_return_address(0));
}

/*
 * A failed assertion shuts what is open, the newest first. shut() runs on top
 * of the assertion; it returns at once when the moment does not allow it.
 * `f` is the caller's memory and stays in use until faults_fixture_close().
 */
struct faults_fixture {
	struct faults_fixture *next;
	void (*shut)(void *arg);
	void *arg;
};

static inline void faults_fixture_open(struct faults_fixture *f,
				       void (*shut)(void *arg), void *arg)
{
	f->shut = shut;
	f->arg = arg;
	if (&faults_ops)
		faults_ops.open(f);
}

static inline void faults_fixture_close(struct faults_fixture *f)
{
	if (&faults_ops)
		faults_ops.close(f);
}

/* All is closed and `n` pieces are left. Nothing when n is 0, or when no
 * failure has been injected: then the test fails by its own means. */
static inline void faults_leaked(const char *what, size_t n)
{
	if (&faults_ops && n)
		faults_ops.leaked(what, n);
}

/* A fixture cannot be made: the test ends as by an assertion. Returns when no
 * failure has been injected. */
static inline void faults_stop(void)
{
	if (&faults_ops)
		faults_ops.stop();
}

#endif
