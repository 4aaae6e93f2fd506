/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The bare spinlock and reference counter. The variants that know of
 * contexts (_bh, _irq) are in cpu/lock.h.
 *
 * A waiter spins briefly and then asks the platform to give the core away,
 * since the holder may be a thread that the host has taken off its core.
 */
#ifndef WEIR_BASE_LOCK_H
#define WEIR_BASE_LOCK_H

#include "base/types.h"

typedef struct { u32 locked; } spinlock_t;
#define SPINLOCK_INIT { 0 }

void spin_lock_slow(spinlock_t *l);	/* base/lock.c */

static inline void spin_lock_init(spinlock_t *l) { l->locked = 0; }

static inline bool spin_trylock(spinlock_t *l)
{
	return __atomic_load_n(&l->locked, __ATOMIC_RELAXED) == 0 &&
	       __atomic_exchange_n(&l->locked, 1, __ATOMIC_ACQUIRE) == 0;
}

static inline void spin_lock(spinlock_t *l)
{
	if (unlikely(__atomic_exchange_n(&l->locked, 1, __ATOMIC_ACQUIRE)))
		spin_lock_slow(l);
}

static inline void spin_unlock(spinlock_t *l)
{
	__atomic_store_n(&l->locked, 0, __ATOMIC_RELEASE);
}

typedef struct { s32 refs; } refcount_t;

static inline void refcount_set(refcount_t *r, s32 n)
{
	__atomic_store_n(&r->refs, n, __ATOMIC_RELAXED);
}
static inline s32 refcount_read(const refcount_t *r)
{
	return __atomic_load_n(&r->refs, __ATOMIC_RELAXED);
}
static inline void refcount_inc(refcount_t *r)
{
	__atomic_fetch_add(&r->refs, 1, __ATOMIC_RELAXED);
}
static inline bool refcount_inc_not_zero(refcount_t *r)
{
	s32 old = refcount_read(r);

	while (old)
		if (__atomic_compare_exchange_n(&r->refs, &old, old + 1, true,
						__ATOMIC_ACQUIRE,
						__ATOMIC_RELAXED))
			return true;
	return false;
}
/* True when the last reference went. */
static inline bool refcount_dec_and_test(refcount_t *r)
{
	return __atomic_fetch_sub(&r->refs, 1, __ATOMIC_ACQ_REL) == 1;
}

#endif
