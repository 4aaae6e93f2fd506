/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of the fault harness share; see faults.h. */
#ifndef WEIR_TESTS_FAULTS_RUN_H
#define WEIR_TESTS_FAULTS_RUN_H

#include "base/types.h"
#include "tests/support/faults.h"

#define FAULTS_DEPTH	32
#define FAULTS_TABLE	(1u << 16)

enum faults_role { FAULTS_OFF, FAULTS_ORIGINAL, FAULTS_CHILD };
enum faults_mode { FAULTS_EACH, FAULTS_PATHS, FAULTS_LOG };

/* How the process of a test ends: its exit code. Sanitizers use 1. */
enum faults_end {
	FAULTS_PASSED = 0,
	FAULTS_STOPPED = 10,		/* by an assertion */
	FAULTS_FAILURES = 11,		/* the original: children did not survive */
	FAULTS_SKIPPED = 12,		/* the original */
	FAULTS_LEAK = 13,
	FAULTS_HANG = 14,
	FAULTS_BROKEN = 15,		/* the harness itself */
};

struct faults_path {
	u64 hash;
	u32 count;			/* allocations that came this way */
};

/* Of all tests of the program; in memory that its processes share. */
struct faults_shared {
	u64 paths;
	u64 injected, passed;
	char why[64];			/* a test was skipped */
	struct faults_path path[FAULTS_TABLE];
};

struct faults {
	enum faults_role role;
	enum faults_mode mode;
	u32 every, depth;
	struct faults_shared *shared;
	int log;			/* what a child prints */
	/* this test's */
	const char *test;
	u64 allocations, injected, passed, bad;
	struct faults_fixture *fixtures;
};

extern struct faults faults;

/* faults_hit() on behalf of a wrapped allocator's caller. */
bool faults_hit_from(void *caller);
/* Threads that this process has. */
u32 faults_threads(void);
/* An assertion failed in a child: shuts the fixtures and ends the process. */
void faults_stopped(void) __attribute__((noreturn));
/* Ends the original with what its children came to. */
void faults_done(enum faults_end end) __attribute__((noreturn));
/* Ends the original: this test is not for the harness. */
void faults_skip(const char *why) __attribute__((noreturn));

#endif
