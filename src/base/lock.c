/* SPDX-License-Identifier: BSD-2-Clause */
/* The waiting side of the spinlock. */
#include "base/lock.h"
#include "base/percpu.h"

/* About as long as a short critical section takes on another core. */
#define SPINS_BEFORE_RELAX	200

void spin_lock_slow(spinlock_t *l)
{
	u32 spins = 0;

	do {
		while (__atomic_load_n(&l->locked, __ATOMIC_RELAXED)) {
			struct percpu *pc = this_percpu();

			cpu_relax_hint();
			if (++spins < SPINS_BEFORE_RELAX)
				continue;
			spins = 0;
			if (pc && pc->platform->ops->relax)
				pc->platform->ops->relax(pc->platform);
		}
	} while (__atomic_exchange_n(&l->locked, 1, __ATOMIC_ACQUIRE));
}
