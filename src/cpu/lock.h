/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Locks that know of contexts. Data shared between tasks and softirqs is
 * taken with spin_lock_bh in task context and plain spin_lock in softirq.
 * The order of locks is in docs/locking.md.
 */
#ifndef WEIR_CPU_LOCK_H
#define WEIR_CPU_LOCK_H

#include "base/lock.h"
#include "cpu/cpu.h"

static inline void spin_lock_bh(spinlock_t *l)
{
	local_bh_disable();
	spin_lock(l);
}
/* May run pending softirqs, unless in an outer bh-disabled section. */
static inline void spin_unlock_bh(spinlock_t *l)
{
	spin_unlock(l);
	local_bh_enable();
}
static inline void spin_lock_irq(spinlock_t *l)
{
	local_irq_disable();
	spin_lock(l);
}
static inline void spin_unlock_irq(spinlock_t *l)
{
	spin_unlock(l);
	local_irq_enable();
}

#endif
