/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What differs between compilers and analysers, in one place. No other file
 * under src/ asks which compiler it is built by.
 */
#ifndef WEIR_BASE_COMPILER_H
#define WEIR_BASE_COMPILER_H

/* struct mmsghdr, POLLRDHUP and others; before the first libc header */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <stddef.h>

#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#define noinline	__attribute__((noinline))
#define __aligned(n)	__attribute__((aligned(n)))
#define __cacheline	__attribute__((aligned(64)))
#define __packed	__attribute__((packed))
#define __printf(f, a)	__attribute__((format(printf, f, a)))
#define __must_check	__attribute__((warn_unused_result))
#define __maybe_unused	__attribute__((unused))
#define fallthrough	__attribute__((fallthrough))

#ifdef __CHECKER__	/* sparse */
#define __bitwise	__attribute__((bitwise))
#define __force		__attribute__((force))
#else
#define __bitwise
#define __force
#endif

#define READ_ONCE(x)	__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, v) __atomic_store_n(&(x), (v), __ATOMIC_RELAXED)
#define smp_load_acquire(p)	__atomic_load_n((p), __ATOMIC_ACQUIRE)
#define smp_store_release(p, v)	__atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define smp_mb()	__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_rmb()	__atomic_thread_fence(__ATOMIC_ACQUIRE)
#define barrier()	__asm__ __volatile__("" ::: "memory")
/* smp_mb() right behind an atomic read-modify-write, which is one on x86. */
#if defined(__x86_64__)
#define smp_mb__after_atomic() barrier()
#else
#define smp_mb__after_atomic() smp_mb()
#endif
/* In a spin loop: let the core's other thread run, save power. */
#if defined(__x86_64__)
#define cpu_relax_hint() __builtin_ia32_pause()
#elif defined(__aarch64__)
#define cpu_relax_hint() __asm__ __volatile__("yield" ::: "memory")
#else
#define cpu_relax_hint() barrier()
#endif

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Names of their own for each use, so that they nest without shadowing. */
#define WEIR_CAT_(a, b)	a##b
#define WEIR_CAT(a, b)	WEIR_CAT_(a, b)
#define weir_min(a, b, x, y) __extension__({ __typeof__(a) x = (a); \
	__typeof__(b) y = (b); x < y ? x : y; })
#define weir_max(a, b, x, y) __extension__({ __typeof__(a) x = (a); \
	__typeof__(b) y = (b); x > y ? x : y; })
#define min(a, b) weir_min(a, b, WEIR_CAT(x_, __COUNTER__), \
			   WEIR_CAT(y_, __COUNTER__))
#define max(a, b) weir_max(a, b, WEIR_CAT(x_, __COUNTER__), \
			   WEIR_CAT(y_, __COUNTER__))
#define min_t(t, a, b)	min((t)(a), (t)(b))
#define max_t(t, a, b)	max((t)(a), (t)(b))
#define clamp_t(t, v, lo, hi) min_t(t, max_t(t, v, lo), hi)
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define ALIGN_UP(x, a)	(((x) + (a) - 1) & ~((__typeof__(x))(a) - 1))

/* Memory that must not be touched, for AddressSanitizer. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define WEIR_ASAN 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define WEIR_ASAN 1
#endif
#ifdef WEIR_ASAN
void __asan_poison_memory_region(const volatile void *p, size_t n);
void __asan_unpoison_memory_region(const volatile void *p, size_t n);
#define asan_poison(p, n)	__asan_poison_memory_region(p, n)
#define asan_unpoison(p, n)	__asan_unpoison_memory_region(p, n)
#else
#define asan_poison(p, n)	((void)(p), (void)(n))
#define asan_unpoison(p, n)	((void)(p), (void)(n))
#endif

/* What cannot happen. Never for what a peer, a program or a lack of memory
 * can cause. */
void weir_bug(const char *file, int line, const char *what)
	__attribute__((noreturn, cold));
#define BUG_ON(c)	do { if (unlikely(c)) \
	weir_bug(__FILE__, __LINE__, #c); } while (0)

#endif
