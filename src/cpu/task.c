/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sleeping and waking. `woken` closes the gap between looking at a condition
 * and going to sleep: the waker sets it before it calls unpark, the sleeper
 * takes it before and after park. A wake-up that finds it set already has
 * nothing to do, so a burst of wake-ups costs one unpark.
 */
#include "cpu/task.h"

#define RELAX_NS	(20 * NSEC_PER_USEC)

void task_init(struct task *t, struct machine *m, const char *name)
{
	memset(t, 0, sizeof(*t));
	t->machine = m;
	t->id = __atomic_add_fetch(&m->next_task_id, 1, __ATOMIC_RELAXED);
	for (size_t i = 0; i < sizeof(t->name) - 1 && name[i]; i++)
		t->name[i] = name[i];
}

static bool take_wakeup(struct task *t)
{
	if (!smp_load_acquire(&t->woken) ||
	    !__atomic_exchange_n(&t->woken, 0, __ATOMIC_ACQ_REL))
		return false;
	t->nr_wakeups++;
	return true;
}

int schedule_until(ktime_t deadline)
{
	struct cpu *cpu = this_cpu();
	struct platform *p = cpu->pc.platform;
	struct task *t = cpu->current;
	int err;

	BUG_ON(!t || !in_task() || cpu->bh_off || cpu->irq_off);
	if (take_wakeup(t))
		return 0;
	t->nr_parks++;
	err = p->ops->park(p, t, deadline);
	if (take_wakeup(t))
		return 0;
	if (err)
		return err;
	if (deadline != KTIME_MAX && ktime_get() >= deadline)
		return -ETIME;
	return 0;
}

void task_relax(void)
{
	struct task *t = current_task();
	struct platform *p = this_percpu()->platform;

	cpu_run_pending(this_cpu());
	p->ops->park(p, t, ktime_get() + RELAX_NS);
}

bool wake_up_task(struct task *t)
{
	struct platform *p = t->machine->platform;

	if (__atomic_exchange_n(&t->woken, 1, __ATOMIC_ACQ_REL))
		return false;
	p->ops->unpark(p, t);
	return true;
}
