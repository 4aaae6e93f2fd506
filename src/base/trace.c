/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trace ring: one writer (the CPU's occupant), one reader, no lock.
 *
 * `head` counts records ever written, `tail` those read. The writer never
 * waits: it announces the slot it is about to overwrite by moving `claim`,
 * fills the slot, then publishes it by moving `head`. The reader copies a
 * slot and looks at `claim` afterwards: if the writer has meanwhile come
 * within a ring's length of that slot, the copy may be torn and is counted
 * as lost instead.
 */
#include "base/trace.h"
#include "base/bitops.h"

/* A ring is larger than the near caches: slots are fetched this much ahead. */
#define PREFETCH	8

struct trace_ring {
	u64 claim __cacheline;		/* writer: records begun */
	u64 head;			/* writer: records complete */
	u64 latest;			/* writer: time of the last */
	u64 tail __cacheline;		/* reader: next to be read */
	u64 mask;
	struct trace_record slots[];
};

static size_t ring_bytes(u64 records)
{
	return sizeof(struct trace_ring) +
	       records * sizeof(struct trace_record);
}

struct trace_ring *trace_ring_create(struct platform *p, u32 records)
{
	u64 n = roundup_pow_of_two(records);
	struct trace_ring *r = p->ops->alloc(p, ring_bytes(n), 64);

	if (!r)
		return NULL;
	memset(r, 0, sizeof(*r));
	r->mask = n - 1;
	return r;
}

void trace_ring_destroy(struct platform *p, struct trace_ring *r)
{
	if (r)
		p->ops->free(p, r, ring_bytes(r->mask + 1));
}

/* Slots are read while they may be written: field by field, untorn. */
static void record_read(struct trace_record *to, const struct trace_record *from)
{
	to->time_ns = READ_ONCE(from->time_ns);
	to->packet = READ_ONCE(from->packet);
	to->arg = READ_ONCE(from->arg);
	to->len = READ_ONCE(from->len);
	to->task = READ_ONCE(from->task);
	to->code = READ_ONCE(from->code);
	to->queue = READ_ONCE(from->queue);
	to->kind = READ_ONCE(from->kind);
	to->context = READ_ONCE(from->context);
	to->cpu = READ_ONCE(from->cpu);
	to->verdict = READ_ONCE(from->verdict);
}

/* The oldest record that the writer is not about to overwrite. */
static u64 oldest(const struct trace_ring *r)
{
	u64 claim = __atomic_load_n(&r->claim, __ATOMIC_ACQUIRE);

	return claim > r->mask + 1 ? claim - (r->mask + 1) : 0;
}

static void skip_overrun(struct trace_ring *r, u64 *lost)
{
	u64 first = oldest(r);

	if (first <= r->tail)
		return;
	*lost += first - r->tail;
	r->tail = first;
}

u32 trace_ring_read(struct trace_ring *r, struct trace_record *to, u32 n,
		    u64 *lost)
{
	u64 head = smp_load_acquire(&r->head);
	u32 got = 0;

	skip_overrun(r, lost);
	while (got < n && r->tail < head) {
		record_read(&to[got], &r->slots[r->tail & r->mask]);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (unlikely(oldest(r) > r->tail)) {
			skip_overrun(r, lost);
			continue;
		}
		r->tail++;
		got++;
	}
	return got;
}

void trace_write(struct percpu *pc, enum trace_kind kind, u16 code, u64 packet,
		 u32 len, u16 queue, u64 arg, u8 verdict)
{
	struct trace_ring *r = pc->trace;
	struct platform *p = pc->platform;
	struct trace_record *rec;
	u64 head, now;

	if (unlikely(!r))
		return;
	now = (u64)(p->ops->clock_trace ? p->ops->clock_trace(p) :
					  p->ops->clock_mono(p));
	now = r->latest = max(now, r->latest);
	head = r->head;
	rec = &r->slots[head & r->mask];
	__builtin_prefetch(&r->slots[(head + PREFETCH) & r->mask], 1);
	WRITE_ONCE(r->claim, head + 1);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	WRITE_ONCE(rec->time_ns, now);
	WRITE_ONCE(rec->packet, packet);
	WRITE_ONCE(rec->arg, arg);
	WRITE_ONCE(rec->len, len);
	WRITE_ONCE(rec->task, pc->task_id);
	WRITE_ONCE(rec->code, code);
	WRITE_ONCE(rec->queue, queue);
	WRITE_ONCE(rec->kind, (u8)kind);
	WRITE_ONCE(rec->context, pc->context);
	WRITE_ONCE(rec->cpu, (u8)pc->id);
	WRITE_ONCE(rec->verdict, verdict);
	smp_store_release(&r->head, head + 1);
}

/* --- stages ------------------------------------------------------------------- */

void stage_hooks_run(enum stage stage, u64 packet, u32 len, u16 queue, u64 arg,
		     u8 verdict)
{
	struct percpu *pc = this_percpu();
	struct platform *p = pc->platform;
	u64 ns;

	if (trace_is_on(pc))
		trace_write(pc, TRACE_STAGE, stage, packet, len, queue, arg,
			    verdict);
	if (!(pc->stage_hooks & HOOK_COST) || !p->ops->spend)
		return;
	ns = stage_cost_ns(&pc->costs[stage], len);
	if (ns)
		p->ops->spend(p, pc, (ktime_t)ns);
}

static void hook_switch(struct percpu *pc, u8 bit, bool on)
{
	u8 others = pc->stage_hooks & (u8)~bit;

	WRITE_ONCE(pc->stage_hooks, on ? others | bit : others);
}

void trace_switch(struct percpu *pc, bool on)
{
	hook_switch(pc, HOOK_TRACE, on);
}

void stage_costs_set(struct percpu *pc, const struct stage_cost *costs)
{
	pc->costs = costs;
	hook_switch(pc, HOOK_COST, costs != NULL);
}
