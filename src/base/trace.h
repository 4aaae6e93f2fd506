/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The microscope's film: one ring of fixed-size records per CPU, written
 * without locks by the CPU itself, read (drained to a file, merged by time)
 * by the platform. When a ring is full the oldest records are lost and
 * counted. The record is also the on-disk format (docs/trace-format.md).
 *
 * A packet's stage is also where virtual time charges the CPU: first comes the
 * record, then the stage's cost is spent (base/stage_cost.h). One byte of the
 * CPU, stage_hooks, says whether any of this is wanted, so that a stage is two
 * additions and one test otherwise.
 */
#ifndef WEIR_BASE_TRACE_H
#define WEIR_BASE_TRACE_H

#include "base/percpu.h"
#include "base/stage_cost.h"

enum trace_kind {
	TRACE_STAGE,		/* packet reached a stage */
	TRACE_DROP,		/* packet died; `code` is the reason */
	TRACE_QUEUE,		/* left a queue: `arg` = wait in ns, `queue` */
	TRACE_COPY,		/* payload copied; `code` = enum copy_why */
	TRACE_WIRE,		/* `arg` = frame number on the wire */
	TRACE_FLOW,		/* `arg` = hash of 4-tuple, see docs */
	TRACE_NOTE,		/* `code` = enum trace_note */
};

struct trace_record {
	u64 time_ns;		/* monotonic */
	u64 packet;		/* skb->id; 0: none */
	u64 arg;
	u32 len;		/* bytes of packet or copy */
	u32 task;		/* id of the task charged; 0: none */
	u16 code;		/* stage, or by kind */
	u16 queue;		/* queue or device index, 0xffff: none */
	u8 kind;		/* enum trace_kind */
	u8 context;		/* enum cpu_context */
	u8 cpu;
	u8 verdict;		/* filter hooks: enum nf verdict; else 0 */
};
static_assert(sizeof(struct trace_record) == 40, "on-disk format");

/* Ring of `records` (rounded up to a power of two). NULL: no memory. */
struct trace_ring *trace_ring_create(struct platform *p, u32 records);
void trace_ring_destroy(struct platform *p, struct trace_ring *r);
/* Up to n records, oldest first, to `to`; *lost grows by what was overrun.
 * One reader per ring at a time; may run beside the writer. */
u32 trace_ring_read(struct trace_ring *r, struct trace_record *to, u32 n,
		    u64 *lost);

void trace_write(struct percpu *pc, enum trace_kind kind, u16 code, u64 packet,
		 u32 len, u16 queue, u64 arg, u8 verdict);

/* Records of this CPU are wanted or not; it has a ring. Any thread. */
void trace_switch(struct percpu *pc, bool on);
/* Stages of this CPU cost what the table of STAGE_MAX rows says, which stays
 * the caller's; NULL: nothing. While nothing runs on the CPU. */
void stage_costs_set(struct percpu *pc, const struct stage_cost *costs);

static inline bool trace_is_on(const struct percpu *pc)
{
	return unlikely(READ_ONCE(pc->stage_hooks) & HOOK_TRACE);
}

/* The record and the cost of a stage, for the inline functions below. */
void stage_hooks_run(enum stage stage, u64 packet, u32 len, u16 queue, u64 arg,
		     u8 verdict);

/* The packet reached a stage. Interrupts may be taken here in virtual time. */
static inline void trace_stage_more(enum stage stage, u64 packet, u32 len,
				    u16 queue, u64 arg, u8 verdict)
{
	struct percpu *pc = this_percpu();

	if (unlikely(!pc))
		return;
	pc->stage_count[stage]++;
	pc->stage_bytes[stage] += len;
	if (unlikely(pc->stage_hooks))
		stage_hooks_run(stage, packet, len, queue, arg, verdict);
}

/* The same on a CPU that the caller has looked up. */
static inline void trace_stage_cpu(struct percpu *pc, enum stage stage,
				   u64 packet, u32 len)
{
	pc->stage_count[stage]++;
	pc->stage_bytes[stage] += len;
	if (unlikely(pc->stage_hooks))
		stage_hooks_run(stage, packet, len, 0xffff, 0, 0);
}

static inline void trace_stage(enum stage stage, u64 packet, u32 len)
{
	trace_stage_more(stage, packet, len, 0xffff, 0, 0);
}

static inline void trace_event(enum trace_kind kind, u16 code, u64 packet,
			       u32 len, u16 queue, u64 arg, u8 verdict)
{
	struct percpu *pc = this_percpu();

	if (unlikely(pc && trace_is_on(pc)))
		trace_write(pc, kind, code, packet, len, queue, arg, verdict);
}

#endif
