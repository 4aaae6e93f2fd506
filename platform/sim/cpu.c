/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPUs in virtual time: who is on them, and how their time passes. See world.h.
 */
#include "platform/sim/world.h"

#include "cpu/irq.h"
#include "cpu/timer.h"

static struct weir_sim *world_of(const struct sim_cpu *c)
{
	return c->host->sim;
}

/* --- interrupts ------------------------------------------------------------------- */

/* An interrupt or softirq is pending that the code on the CPU may be
 * interrupted for. Hardirqs come even where softirqs are off. */
static bool interruptible(const struct cpu *cpu)
{
	if (cpu->irq_off || cpu->in_hardirq)
		return false;
	if (irqs_pending(cpu))
		return true;
	return softirqs_pending(cpu) && !cpu->bh_off &&
	       !cpu->in_softirq && !cpu->ksoftirqd_should_run;
}

static void take_interrupts(struct sim_cpu *c)
{
	if (likely(!interruptible(c->cpu)))
		return;
	if (c->cpu->bh_off)
		irq_deliver(c->cpu);
	else
		do_IRQ(c->cpu);
}

/* What each entry of a hardirq or softirq since the last look costs. */
static ktime_t entry_costs(struct sim_cpu *c)
{
	const struct sim_costs *costs = &world_of(c)->costs;
	u64 irqs = c->cpu->context_count[CTX_HARDIRQ];
	u64 softirqs = c->cpu->context_count[CTX_SOFTIRQ];
	u64 ns = (irqs - c->seen_irqs) * costs->interrupt_ns +
		 (softirqs - c->seen_softirqs) * costs->softirq_ns;

	c->seen_irqs = irqs;
	c->seen_softirqs = softirqs;
	return (ktime_t)ns;
}

/* --- time passes --------------------------------------------------------------------- */

/* The holder is left until `until`, or until somebody calls it back. */
static void wait_on_cpu(struct sim_cpu *c, ktime_t until)
{
	struct weir_sim *s = world_of(c);

	sim_heap_set(&s->heap, &c->go, until);
	c->waiting = true;
	sim_switch_out(s, c->holder);
	c->waiting = false;
	sim_heap_del(&s->heap, &c->go);
}

/* Lets up to `ns` pass; what is left when the CPU was called back. */
static ktime_t pass(struct sim_cpu *c, ktime_t ns)
{
	struct weir_sim *s = world_of(c);
	ktime_t start = s->now;

	if (start + ns < sim_heap_next(&s->heap) && start + ns <= s->limit) {
		s->now = start + ns;
		return 0;
	}
	wait_on_cpu(c, start + ns);
	return ns - (s->now - start);
}

void sim_wait(struct sim_cpu *c, ktime_t ns)
{
	pass(c, ns);
}

void sim_spend(struct sim_cpu *c, ktime_t ns)
{
	ns += c->debt + entry_costs(c);
	c->debt = 0;
	while (ns > 0) {
		ns = pass(c, ns);
		take_interrupts(c);
		ns += c->debt;
		c->debt = 0;
	}
}

/* Something is pending for code that is outside of the stack. */
static bool has_interrupts(const struct cpu *cpu)
{
	return irqs_pending(cpu) ||
	       (softirqs_pending(cpu) && !cpu->ksoftirqd_should_run);
}

/* Into the stack and out again; t is what is interrupted, or NULL. */
static void interrupt(struct sim_cpu *c, struct task *t)
{
	cpu_get(c->cpu, t);
	do_IRQ(c->cpu);
	sim_settle(c);
	cpu_put(c->cpu);
}

void sim_spend_user(struct sim_cpu *c, ktime_t ns)
{
	struct weir_sim_task *t = c->curr;
	struct weir_sim *s = world_of(c);

	while (ns > 0 && !s->ending) {
		ktime_t part = !c->queued ? ns :
			       min(ns, max(c->slice_end - s->now, (ktime_t)1));
		ktime_t start = s->now;

		account_enter(c->cpu, CTX_USER);
		c->user = true;
		pass(c, part);
		c->user = false;
		account_enter(c->cpu, CTX_IDLE);
		ns -= s->now - start;
		t->task.time_ns[CTX_USER] += (u64)(s->now - start);
		sim_task_charge(t);
		if (has_interrupts(c->cpu))
			interrupt(c, &t->task);
		if (sim_should_preempt(c))
			sim_task_preempt(t);
		c = t->ctx.cpu;		/* another one, perhaps */
	}
}

/* --- interrupts that find the CPU idle -------------------------------------------------- */

static void run_idle(void *arg)
{
	struct sim_cpu *c = arg;
	struct weir_sim *s = world_of(c);

	interrupt(c, NULL);
	sim_cpu_vacate(c);
	s->running = NULL;
	coroutine_leave(&s->main, c->idle.co, true);
}

/* False: no memory for a stack; the work waits a little. */
static bool begin_idle(struct sim_cpu *c)
{
	struct weir_sim *s = world_of(c);
	struct coroutine *co = sim_stack_get(s, SIM_STACK_BYTES);

	if (!co) {
		sim_heap_set(&s->heap, &c->go, s->now + NSEC_PER_MSEC);
		return false;
	}
	c->idle.co = co;
	c->idle.cpu = c;
	c->idle.this_cpu = NULL;
	c->holder = &c->idle;
	coroutine_prepare(co, run_idle, c);
	return true;
}

static void enter_holder(struct sim_cpu *c)
{
	struct weir_sim *s = world_of(c);
	struct sim_context *ctx = c->holder;
	bool ended;

	sim_switch_to(s, ctx);
	ended = ctx->task ? ctx->task->state == SIM_TASK_DONE : !c->holder;
	if (!ended)
		return;
	sim_stack_put(s, ctx->co);
	ctx->co = NULL;
}

static void wake_daemons(struct sim_cpu *c)
{
	struct sim_host *h = c->host;

	if (c->cpu->ksoftirqd_should_run)
		sim_task_wake(&h->ksoftirqd[c->cpu->pc.id]);
	if (c == &h->cpu[0] && READ_ONCE(h->w.machine->work_count))
		sim_task_wake(&h->kworker);
}

/* The holder's time is up, or an idle CPU has got something to do. */
static void cpu_go(struct sim_event *e)
{
	struct sim_cpu *c = container_of(e, struct sim_cpu, go);

	if (!c->holder) {
		wake_daemons(c);
		if (READ_ONCE(c->cpu->busy))	/* a call from outside */
			return;
		if (has_interrupts(c->cpu) ? !begin_idle(c) : !sim_schedule(c))
			return;
	}
	enter_holder(c);
}

void sim_cpu_look(struct sim_cpu *c)
{
	struct weir_sim *s = world_of(c);
	const struct cpu *cpu = c->cpu;

	if (!c->holder) {
		if (!sim_event_pending(&c->go))
			sim_heap_set(&s->heap, &c->go, s->now);
		return;
	}
	wake_daemons(c);
	if (!c->waiting)
		return;		/* it runs: at its next enable point */
	if (c->user ? has_interrupts(cpu) || c->resched || c->queued :
	    interruptible(cpu))
		sim_heap_set(&s->heap, &c->go, s->now);
}

/* Whoever had it is gone. It need not be looked at if nothing is waiting. */
void sim_cpu_vacate(struct sim_cpu *c)
{
	c->curr = NULL;
	c->holder = NULL;
	if (sim_cpu_has_tasks(c) || has_interrupts(c->cpu) ||
	    c->cpu->ksoftirqd_should_run || cpu_has_work(c->cpu))
		sim_cpu_look(c);
}

/* --- the clock event device ------------------------------------------------------------- */

static void cpu_timer(struct sim_event *e)
{
	struct sim_cpu *c = container_of(e, struct sim_cpu, timer);

	timer_interrupt(c->cpu, world_of(c)->now);
}

int sim_cpu_init(struct sim_cpu *c, struct sim_host *h, struct cpu *cpu)
{
	int err;

	c->cpu = cpu;
	c->host = h;
	INIT_LIST_HEAD(&c->runq);
	err = sim_add_event(h->sim, &c->timer, cpu_timer);
	if (!err)
		err = sim_add_event(h->sim, &c->go, cpu_go);
	return err;
}

void sim_cpu_fini(struct sim_cpu *c)
{
	sim_drop_event(c->host->sim, &c->timer);
	sim_drop_event(c->host->sim, &c->go);
}
