/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See faults.h. This half runs the tests of a program in the place of cmocka's
 * runner and prints one line of TAP for each: how many failures were injected,
 * and after how many of them the test passed all the same.
 *
 * cmocka's assertions end in _fail() and _skip(), which are called through the
 * dynamic linker even by cmocka itself; so those here come first.
 */
#include "tests/support/faults_run.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define DEFAULT_DEPTH	6

struct group {
	const struct CMUnitTest *tests;
	size_t count;
	CMFixtureFunction setup, teardown;
};

/* --- the end of a test --------------------------------------------------------------- */

static void next_one(const char *name, const char *file, int line)
{
	void (*next)(const char *, int);
	void *symbol = dlsym(RTLD_NEXT, name);

	memcpy(&next, &symbol, sizeof(next));
	next(file, line);
}

__attribute__((visibility("default")))
void _fail(const char *const file, const int line)
{
	if (faults.role == FAULTS_OFF) {
		next_one("_fail", file, line);
		return;
	}
	fprintf(stderr, "%s:%d: the assertion failed\n", file, line);
	if (faults.role == FAULTS_CHILD)
		faults_stopped();
	_exit(FAULTS_STOPPED);
}

void faults_skip(const char *why)
{
	if (faults.bad)
		faults_done(FAULTS_FAILURES);
	faults.shared->injected = faults.injected;
	snprintf(faults.shared->why, sizeof(faults.shared->why), "%s", why);
	_exit(FAULTS_SKIPPED);
}

__attribute__((visibility("default")))
void _skip(const char *const file, const int line)
{
	if (faults.role == FAULTS_OFF) {
		next_one("_skip", file, line);
		return;
	}
	if (faults.role == FAULTS_CHILD)
		faults_stopped();
	faults_skip("it skips itself");
}

/* --- one test --------------------------------------------------------------------------- */

static enum faults_end run_functions(const struct group *g,
				     const struct CMUnitTest *t)
{
	void *state = NULL;

	if (g->setup && g->setup(&state))
		return FAULTS_STOPPED;
	if (t->initial_state)
		state = t->initial_state;
	if (t->setup_func && t->setup_func(&state))
		return FAULTS_STOPPED;
	t->test_func(&state);
	if (t->teardown_func && t->teardown_func(&state))
		return FAULTS_STOPPED;
	if (g->teardown && g->teardown(&state))
		return FAULTS_STOPPED;
	return FAULTS_PASSED;
}

void faults_done(enum faults_end end)
{
	faults.shared->injected = faults.injected;
	faults.shared->passed = faults.passed;
	_exit(end == FAULTS_PASSED && faults.bad ? FAULTS_FAILURES : (int)end);
}

/* The original, and each child that reaches the end. */
static void run_process(const struct group *g, const struct CMUnitTest *t)
{
	enum faults_end end;

	faults.role = FAULTS_ORIGINAL;
	faults.test = t->name;
	end = run_functions(g, t);
	if (faults.role == FAULTS_ORIGINAL)
		faults_done(end);
	_exit((int)end);
}

static const char *word(int status)
{
	if (!WIFEXITED(status))
		return "not ok";
	switch (WEXITSTATUS(status)) {
	case FAULTS_PASSED:
	case FAULTS_SKIPPED:
		return "ok";
	}
	return "not ok";
}

static bool one_test(const struct group *g, size_t i)
{
	const struct CMUnitTest *t = &g->tests[i];
	struct faults_shared *sh = faults.shared;
	int status = 0;
	pid_t pid;

	sh->injected = sh->passed = 0;
	fflush(NULL);
	pid = fork();
	if (!pid)
		run_process(g, t);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == FAULTS_SKIPPED) {
		printf("ok %zu - %s # SKIP %s\n# %llu allocations failed\n",
		       i + 1, t->name, sh->why,
		       (unsigned long long)sh->injected);
		return true;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == FAULTS_STOPPED)
		fprintf(stderr, "# %s fails without faults\n", t->name);
	printf("%s %zu - %s\n# %llu allocations failed, it passed after %llu\n",
	       word(status), i + 1, t->name, (unsigned long long)sh->injected,
	       (unsigned long long)sh->passed);
	return word(status)[0] == 'o';
}

/* --- the program ---------------------------------------------------------------------------- */

static bool parse_mode(const char *s)
{
	const char *number = s;
	char *end;

	faults.mode = FAULTS_EACH;
	faults.every = 1;
	if (!strcmp(s, "all"))
		return true;
	if (!strcmp(s, "log")) {
		faults.mode = FAULTS_LOG;
		return true;
	}
	if (!strncmp(s, "paths", 5)) {
		faults.mode = FAULTS_PATHS;
		if (!s[5])
			return true;
		if (s[5] != '/')
			return false;
		number = s + 6;
	}
	faults.every = (u32)strtoul(number, &end, 10);
	return faults.every && !*end;
}

static void start(const char *mode)
{
	const char *depth = getenv("WEIR_FAULTS_DEPTH");
	void *frame[1];

	if (!parse_mode(mode)) {
		fprintf(stderr, "faults: WEIR_FAULTS=%s: not all, log, paths, "
			"paths/N, or a number\n", mode);
		exit(1);
	}
	faults.depth = depth ? (u32)atoi(depth) : DEFAULT_DEPTH;
	faults.depth = clamp_t(u32, faults.depth, 1, FAULTS_DEPTH);
	faults.shared = mmap(NULL, sizeof(*faults.shared),
			     PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	faults.log = memfd_create("faults", MFD_CLOEXEC);
	if (faults.shared == MAP_FAILED || faults.log < 0) {
		perror("faults");
		exit(1);
	}
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	backtrace(frame, 1);		/* it allocates the first time */
}

int __real__cmocka_run_group_tests(const char *name,
				   const struct CMUnitTest *tests, size_t count,
				   CMFixtureFunction setup,
				   CMFixtureFunction teardown);
int __wrap__cmocka_run_group_tests(const char *name,
				   const struct CMUnitTest *tests, size_t count,
				   CMFixtureFunction setup,
				   CMFixtureFunction teardown);

int __wrap__cmocka_run_group_tests(const char *name,
				   const struct CMUnitTest *tests, size_t count,
				   CMFixtureFunction setup,
				   CMFixtureFunction teardown)
{
	struct group g = { tests, count, setup, teardown };
	const char *mode = getenv("WEIR_FAULTS");
	const char *only = getenv("WEIR_FAULTS_ONLY");
	int failed = 0;

	if (!mode)
		return __real__cmocka_run_group_tests(name, tests, count,
						      setup, teardown);
	start(mode);
	printf("1..%zu\n", count);
	for (size_t i = 0; i < count; i++)
		if (!only || strstr(tests[i].name, only))
			failed += !one_test(&g, i);
	return failed;
}
