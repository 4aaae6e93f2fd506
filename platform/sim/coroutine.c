/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Switching stacks. A switch pushes the registers that a called function must
 * preserve, stores the stack pointer, loads the other one and pops. Twenty
 * instructions, where swapcontext() makes two system calls for signal masks.
 * Machines other than x86-64 and AArch64 use swapcontext().
 *
 * A new coroutine's stack is laid out as if it had been left inside a switch
 * called by `trampoline`.
 */
#define _GNU_SOURCE
#include "platform/sim/coroutine.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#if !defined(__x86_64__) && !defined(__aarch64__)
#include <ucontext.h>
#endif

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WATCHED_STACKS 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define WATCHED_STACKS 1
#endif

#ifdef WATCHED_STACKS
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

/* --- sanitizers ------------------------------------------------------------------- */

static void before_enter(struct coroutine_main *m, const struct coroutine *co)
{
#ifdef WATCHED_STACKS
	__sanitizer_start_switch_fiber(&m->fake_stack, co->stack, co->size);
#endif
}

static void after_enter(struct coroutine *co)
{
#ifdef WATCHED_STACKS
	__sanitizer_finish_switch_fiber(co->fake_stack, &co->main_stack,
					&co->main_size);
#endif
}

static void before_leave(struct coroutine *co, bool last)
{
#ifdef WATCHED_STACKS
	__sanitizer_start_switch_fiber(last ? NULL : &co->fake_stack,
				       co->main_stack, co->main_size);
#endif
}

static void after_leave(const struct coroutine_main *m)
{
#ifdef WATCHED_STACKS
	__sanitizer_finish_switch_fiber(m->fake_stack, NULL, NULL);
#endif
}

/* What a coroutine that was ended half-way left poisoned. */
static void forget_poison(const struct coroutine *co)
{
#ifdef WATCHED_STACKS
	__asan_unpoison_memory_region(co->stack, co->size);
#endif
}

/* --- the switch ----------------------------------------------------------------------- */

#if defined(__x86_64__)
void weir_switch_stack(void **from, void *to)
	__attribute__((visibility("hidden")));
__asm__(
	".text\n"
	".globl weir_switch_stack\n"
	".hidden weir_switch_stack\n"
	".type weir_switch_stack, @function\n"
	"weir_switch_stack:\n"
	"	pushq %rbp\n	pushq %rbx\n	pushq %r12\n"
	"	pushq %r13\n	pushq %r14\n	pushq %r15\n"
	"	movq %rsp, (%rdi)\n"
	"	movq %rsi, %rsp\n"
	"	popq %r15\n	popq %r14\n	popq %r13\n"
	"	popq %r12\n	popq %rbx\n	popq %rbp\n"
	"	ret\n"
	".size weir_switch_stack, .-weir_switch_stack\n");
#define FRAME_WORDS	8		/* 6 registers, return, alignment */
#define FRAME_RETURN	6
#elif defined(__aarch64__)
void weir_switch_stack(void **from, void *to)
	__attribute__((visibility("hidden")));
__asm__(
	".text\n"
	".globl weir_switch_stack\n"
	".hidden weir_switch_stack\n"
	".type weir_switch_stack, %function\n"
	"weir_switch_stack:\n"
	"	sub sp, sp, #160\n"
	"	stp x19, x20, [sp, #0]\n	stp x21, x22, [sp, #16]\n"
	"	stp x23, x24, [sp, #32]\n	stp x25, x26, [sp, #48]\n"
	"	stp x27, x28, [sp, #64]\n	stp x29, x30, [sp, #80]\n"
	"	stp d8, d9, [sp, #96]\n		stp d10, d11, [sp, #112]\n"
	"	stp d12, d13, [sp, #128]\n	stp d14, d15, [sp, #144]\n"
	"	mov x9, sp\n	str x9, [x0]\n	mov sp, x1\n"
	"	ldp x19, x20, [sp, #0]\n	ldp x21, x22, [sp, #16]\n"
	"	ldp x23, x24, [sp, #32]\n	ldp x25, x26, [sp, #48]\n"
	"	ldp x27, x28, [sp, #64]\n	ldp x29, x30, [sp, #80]\n"
	"	ldp d8, d9, [sp, #96]\n		ldp d10, d11, [sp, #112]\n"
	"	ldp d12, d13, [sp, #128]\n	ldp d14, d15, [sp, #144]\n"
	"	add sp, sp, #160\n"
	"	ret\n"
	".size weir_switch_stack, .-weir_switch_stack\n");
#define FRAME_WORDS	20
#define FRAME_RETURN	11		/* x30 */
#endif

/* The coroutine that is being entered for the first time: a new stack has no
 * registers to carry it. RULE 9: as weir_this_cpu, a fact about the thread. */
static _Thread_local struct coroutine *starting;

static void trampoline(void)
{
	struct coroutine *co = starting;

	after_enter(co);
	co->fn(co->arg);
	abort();			/* fn ends in coroutine_leave */
}

#ifdef FRAME_WORDS

void coroutine_prepare(struct coroutine *co, void (*fn)(void *arg), void *arg)
{
	u64 *top = (u64 *)(co->stack + co->size) - FRAME_WORDS;

	memset(top, 0, FRAME_WORDS * sizeof(*top));
	top[FRAME_RETURN] = (u64)(uintptr_t)trampoline;
	co->sp = top;
	co->fn = fn;
	co->arg = arg;
	co->fake_stack = NULL;
}

static void to_coroutine(struct coroutine_main *m, struct coroutine *co)
{
	weir_switch_stack(&m->sp, co->sp);
}

static void to_main(struct coroutine_main *m, struct coroutine *co)
{
	weir_switch_stack(&co->sp, m->sp);
}

static void *context_alloc(void)
{
	return NULL;
}

#else

void coroutine_prepare(struct coroutine *co, void (*fn)(void *arg), void *arg)
{
	ucontext_t *uc = co->sp;

	getcontext(uc);
	uc->uc_stack.ss_sp = co->stack;
	uc->uc_stack.ss_size = co->size;
	makecontext(uc, trampoline, 0);
	co->fn = fn;
	co->arg = arg;
	co->fake_stack = NULL;
}

static void to_coroutine(struct coroutine_main *m, struct coroutine *co)
{
	ucontext_t here;

	m->sp = &here;
	swapcontext(&here, co->sp);
}

static void to_main(struct coroutine_main *m, struct coroutine *co)
{
	swapcontext(co->sp, m->sp);
}

static void *context_alloc(void)
{
	return calloc(1, sizeof(ucontext_t));
}

#endif

void coroutine_enter(struct coroutine_main *m, struct coroutine *co)
{
	struct coroutine *outer = starting;

	starting = co;
	before_enter(m, co);
	to_coroutine(m, co);
	after_leave(m);
	starting = outer;
}

void coroutine_leave(struct coroutine_main *m, struct coroutine *co, bool last)
{
	before_leave(co, last);
	to_main(m, co);
	after_enter(co);
}

/* --- life --------------------------------------------------------------------------------- */

struct coroutine *coroutine_create(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct coroutine *co = calloc(1, sizeof(*co));
	u8 *mem;

	if (!co)
		return NULL;
	co->size = ALIGN_UP(size, page);
	mem = mmap(NULL, co->size + page, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK,
		   -1, 0);
	if (mem == MAP_FAILED)
		goto no_stack;
	if (mprotect(mem, page, PROT_NONE)) {
		munmap(mem, co->size + page);
		goto no_stack;
	}
	co->stack = mem + page;
	co->sp = context_alloc();
	return co;

no_stack:
	free(co);
	return NULL;
}

void coroutine_destroy(struct coroutine *co)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	forget_poison(co);
	munmap(co->stack - page, co->size + page);
#ifndef FRAME_WORDS
	free(co->sp);
#endif
	free(co);
}
