/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupt lines. Raising one sets a bit in the target CPU, from whatever
 * thread (cpu.h says in which word); the CPU calls the handlers when it next has interrupts and softirqs
 * enabled (irq_deliver). Handlers hang on the line in a chain that CPUs walk
 * as RCU readers, so that delivery takes no lock.
 *
 * The list of hardware models that must be stepped is here as well.
 */
#include "cpu/irq.h"
#include "base/slab.h"
#include "cpu/account.h"
#include "cpu/rcu.h"

#define FIRST_IRQ	16	/* below: the legacy lines of a PC */
#define ANY_CPU		(~0u)

static struct irq_desc *irq_to_desc(struct machine *m, int irq)
{
	if (irq < 0 || irq >= MACHINE_MAX_IRQS)
		return NULL;
	return smp_load_acquire(&m->irqs[irq]);
}

int irq_alloc(struct machine *m)
{
	struct irq_desc *desc = kzalloc(sizeof(*desc) + m->nr_cpus *
					sizeof(desc->count[0]));
	int irq = FIRST_IRQ;

	if (!desc)
		return -ENOMEM;
	desc->affinity = ANY_CPU;
	spin_lock(&m->irq_lock);
	while (irq < MACHINE_MAX_IRQS && m->irqs[irq])
		irq++;
	if (irq < MACHINE_MAX_IRQS) {
		desc->irq = irq;
		smp_store_release(&m->irqs[irq], desc);
	}
	spin_unlock(&m->irq_lock);
	if (irq < MACHINE_MAX_IRQS)
		return irq;
	kfree(desc);
	return -ENOSPC;
}

void irq_free(struct machine *m, int irq)
{
	struct irq_desc *desc = irq_to_desc(m, irq);

	if (!desc)
		return;
	BUG_ON(desc->actions);
	smp_store_release(&m->irqs[irq], NULL);
	synchronize_rcu();
	kfree(desc);
}

/* Adds at the end of the chain; under irq_lock. */
static int add_action(struct irq_desc *desc, struct irqaction *a, u32 flags)
{
	struct irqaction **at = &desc->actions;

	if (*at && !(flags & desc->flags & IRQF_SHARED))
		return -EBUSY;
	while (*at)
		at = &(*at)->next;
	desc->flags = flags;
	smp_store_release(at, a);
	return 0;
}

int request_irq(struct machine *m, int irq, irq_handler_t h, u32 flags,
		const char *name, void *dev)
{
	struct irq_desc *desc = irq_to_desc(m, irq);
	struct irqaction *a;
	int err;

	if (!desc || !h || ((flags & IRQF_SHARED) && !dev))
		return -EINVAL;
	a = kzalloc(sizeof(*a));
	if (!a)
		return -ENOMEM;
	a->handler = h;
	a->dev = dev;
	a->name = name;
	spin_lock(&m->irq_lock);
	err = add_action(desc, a, flags);
	spin_unlock(&m->irq_lock);
	if (err)
		kfree(a);
	return err;
}

void free_irq(struct machine *m, int irq, void *dev)
{
	struct irq_desc *desc = irq_to_desc(m, irq);
	struct irqaction **at, *a;

	if (!desc)
		return;
	spin_lock(&m->irq_lock);
	at = &desc->actions;
	while (*at && (*at)->dev != dev)
		at = &(*at)->next;
	a = *at;
	if (a)
		smp_store_release(at, a->next);
	spin_unlock(&m->irq_lock);
	if (!a)
		return;
	synchronize_rcu();
	kfree(a);
}

void disable_irq(struct machine *m, int irq)
{
	struct irq_desc *desc = irq_to_desc(m, irq);

	if (desc)
		__atomic_fetch_add(&desc->disabled, 1, __ATOMIC_SEQ_CST);
}

void enable_irq(struct machine *m, int irq)
{
	struct irq_desc *desc = irq_to_desc(m, irq);
	u32 depth;

	if (!desc)
		return;
	depth = __atomic_fetch_sub(&desc->disabled, 1, __ATOMIC_SEQ_CST);
	BUG_ON(depth == 0);
	if (depth == 1 &&
	    __atomic_exchange_n(&desc->pending, 0, __ATOMIC_SEQ_CST))
		irq_raise(m, irq);
}

/* True: the line is disabled, and the interrupt is kept for enable_irq(),
 * which either sees `pending` or has let us see that it is enabled again. */
static noinline bool keep_pending(struct irq_desc *desc)
{
	__atomic_store_n(&desc->pending, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&desc->disabled, __ATOMIC_SEQ_CST))
		return true;
	return !__atomic_exchange_n(&desc->pending, 0, __ATOMIC_SEQ_CST);
}

static bool keep_disabled(struct irq_desc *desc)
{
	return unlikely(__atomic_load_n(&desc->disabled, __ATOMIC_SEQ_CST)) &&
	       keep_pending(desc);
}

static noinline void count_unhandled(struct irq_desc *desc)
{
	__atomic_fetch_add(&desc->unhandled, 1, __ATOMIC_RELAXED);
}

static void handle_irq(struct cpu *cpu, int irq)
{
	struct irq_desc *desc = irq_to_desc(cpu->machine, irq);
	enum irqreturn ret = IRQ_NONE;
	struct irqaction *a;

	cpu->irq_count++;
	if (unlikely(!desc || keep_disabled(desc)))
		return;
	WRITE_ONCE(desc->count[cpu->pc.id], desc->count[cpu->pc.id] + 1);
	for (a = smp_load_acquire(&desc->actions); a;
	     a = smp_load_acquire(&a->next))
		ret |= a->handler(irq, a->dev);
	if (unlikely(ret == IRQ_NONE))
		count_unhandled(desc);
}

/* Lines of one word, those that others raised as well. */
static u64 take_lines(struct cpu *cpu, u32 word)
{
	u64 lines = cpu->irq_raised[word];

	cpu->irq_raised[word] = 0;
	if (unlikely(READ_ONCE(cpu->irq_pending[word])))
		lines |= __atomic_exchange_n(&cpu->irq_pending[word], 0,
					     __ATOMIC_SEQ_CST);
	return lines;
}

static noinline u32 take_irq_words_of_others(struct cpu *cpu)
{
	return __atomic_fetch_and(&cpu->pending, ~IRQ_WORK, __ATOMIC_SEQ_CST) &
	       IRQ_WORK;
}

static u32 take_irq_words(struct cpu *cpu)
{
	u32 words = cpu->raised & IRQ_WORK;

	WRITE_ONCE(cpu->raised, cpu->raised & ~IRQ_WORK);
	if (unlikely(READ_ONCE(cpu->pending) & IRQ_WORK))
		words |= take_irq_words_of_others(cpu);
	return words >> IRQ_WORK_SHIFT;
}

void irq_deliver(struct cpu *cpu)
{
	u32 words = take_irq_words(cpu);
	u8 from;

	if (!words)
		return;
	cpu->bh_off++;
	cpu->in_hardirq++;
	from = account_enter(cpu, CTX_HARDIRQ);
	for (; words; words &= words - 1) {
		u32 word = (u32)__builtin_ctz(words);
		u64 lines = take_lines(cpu, word);

		for (; lines; lines &= lines - 1)
			handle_irq(cpu, (int)word * 64 + __builtin_ctzll(lines));
	}
	account_leave(cpu, from);
	cpu->in_hardirq--;
	cpu->bh_off--;
}

void do_IRQ(struct cpu *cpu)
{
	irq_deliver(cpu);
	if (softirqs_pending(cpu) && !cpu->bh_off && !cpu->irq_off &&
	    !cpu->ksoftirqd_should_run)
		__do_softirq(cpu);
}

static struct cpu *irq_target(struct machine *m, int irq, struct cpu *here)
{
	struct irq_desc *desc = irq_to_desc(m, irq);
	u32 affinity = desc ? READ_ONCE(desc->affinity) : ANY_CPU;

	if (affinity < m->nr_cpus)
		return m->cpus[affinity];
	return here && here->machine == m ? here : m->cpus[0];
}

/* The line is there before the bit that has the word looked at. */
static noinline void raise_elsewhere(struct cpu *cpu, int irq)
{
	u32 work = 1u << (IRQ_WORK_SHIFT + irq / 64);

	__atomic_fetch_or(&cpu->irq_pending[irq / 64], 1ULL << (irq % 64),
			  __ATOMIC_SEQ_CST);
	if (!(__atomic_fetch_or(&cpu->pending, work, __ATOMIC_SEQ_CST) & work))
		cpu->pc.platform->ops->kick(cpu->pc.platform, cpu);
}

void irq_raise(struct machine *m, int irq)
{
	struct cpu *here = this_cpu(), *cpu;

	BUG_ON((u32)irq >= MACHINE_MAX_IRQS);
	cpu = irq_target(m, irq, here);
	if (unlikely(cpu != here)) {
		raise_elsewhere(cpu, irq);
		return;
	}
	cpu->irq_raised[irq / 64] |= 1ULL << (irq % 64);
	WRITE_ONCE(cpu->raised, cpu->raised |
				1u << (IRQ_WORK_SHIFT + irq / 64));
}

/* --- hardware that has to be stepped ------------------------------------------ */

int hw_device_register(struct machine *m, struct hw_device *hw)
{
	u32 i = 0;

	spin_lock(&m->irq_lock);
	while (i < MACHINE_MAX_HW && m->hw[i])
		i++;
	if (i < MACHINE_MAX_HW) {
		smp_store_release(&m->hw[i], hw);
		if (i >= m->nr_hw)
			smp_store_release(&m->nr_hw, i + 1);
	}
	spin_unlock(&m->irq_lock);
	return i < MACHINE_MAX_HW ? 0 : -ENOSPC;
}

void hw_device_unregister(struct machine *m, struct hw_device *hw)
{
	spin_lock(&m->irq_lock);
	for (u32 i = 0; i < m->nr_hw; i++)
		if (m->hw[i] == hw)
			smp_store_release(&m->hw[i], NULL);
	spin_unlock(&m->irq_lock);
	synchronize_rcu();
}

bool hw_step_all(struct machine *m)
{
	u32 n = smp_load_acquire(&m->nr_hw);
	bool did = false;

	for (u32 i = 0; i < n; i++) {
		struct hw_device *hw = smp_load_acquire(&m->hw[i]);

		if (hw && hw->step(hw))
			did = true;
	}
	return did;
}
