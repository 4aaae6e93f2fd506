/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Coroutines: C functions with stacks of their own that give each other the
 * thread. The world's loop is the main one; it switches to a coroutine, which
 * switches back.
 */
#ifndef WEIR_PLATFORM_SIM_COROUTINE_H
#define WEIR_PLATFORM_SIM_COROUTINE_H

#include "base/types.h"

struct coroutine {
	void *sp;			/* where it was left */
	void (*fn)(void *arg);
	void *arg;
	u8 *stack;			/* lowest byte, above the guard page */
	size_t size;
	struct coroutine *next_free;	/* the pool's */
	/* for sanitizers that watch stacks */
	void *fake_stack;
	const void *main_stack;
	size_t main_size;
};

/* The side that switches to coroutines. */
struct coroutine_main {
	void *sp;
	void *fake_stack;
};

/* A stack of `size` bytes (rounded up to pages) with a guard page below. NULL:
 * the system gives none. */
struct coroutine *coroutine_create(size_t size);
/* It is not running and will not be switched to again; what its functions hold
 * is forgotten. */
void coroutine_destroy(struct coroutine *co);
/* The next switch begins fn(arg) at the top of the stack. fn must not return:
 * its last act is coroutine_leave(). */
void coroutine_prepare(struct coroutine *co, void (*fn)(void *arg), void *arg);
/* From main into co; returns when co switches back. */
void coroutine_enter(struct coroutine_main *m, struct coroutine *co);
/* From co to main; returns when main enters co again. `last`: it never will. */
void coroutine_leave(struct coroutine_main *m, struct coroutine *co, bool last);

#endif
