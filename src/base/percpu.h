/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The part of a CPU that the lowest floors need: who am I, which context is
 * running, my allocator caches, my trace ring, my counters. struct cpu
 * (cpu/cpu.h) starts with it.
 *
 * RULE 9: `weir_this_cpu` is a thread-local, not a field, because it answers
 * the question "which CPU runs this code", which only the thread knows. The
 * platform sets it whenever a thread (or, in virtual time, a coroutine or an
 * event) takes a CPU, and clears it when the CPU is given up; nothing else
 * hides in thread-locals.
 */
#ifndef WEIR_BASE_PERCPU_H
#define WEIR_BASE_PERCPU_H

#include "base/types.h"
#include "base/platform.h"
#include "base/drop_reason.h"
#include "base/stage.h"

#define NR_CPUS		64

/* Contexts, lowest priority first; what CPU time is charged to. */
enum cpu_context {
	CTX_IDLE,
	CTX_USER,	/* the program's own code */
	CTX_TASK,	/* a system call ("sys") */
	CTX_KSOFTIRQD,	/* softirq work in ksoftirqd/N */
	CTX_SOFTIRQ,	/* "si" */
	CTX_HARDIRQ,	/* "hi" */
	CTX_MAX
};

/* Why payload was copied; see copy_bytes() in buf/copy.h. */
enum copy_why {
	COPY_USER_TO_SKB,
	COPY_SKB_TO_USER,
	COPY_DMA_TX,		/* skb to wire, by the NIC */
	COPY_DMA_RX,		/* wire to receive buffer, by the NIC */
	COPY_LINEARIZE,		/* pull, linearize, unshare */
	COPY_FRAGMENT,		/* IP fragmentation */
	COPY_COLLAPSE,		/* queues squeezed to save memory */
	COPY_WHY_MAX
};

struct trace_ring;
struct slab_depot;
struct slab_magazines;
struct stage_cost;

/* Bits of stage_hooks: what a stage does besides being counted. */
enum stage_hook {
	HOOK_TRACE = 1,	/* a record is written to `trace` */
	HOOK_COST = 2,	/* its cost is spent, virtual time only */
};

struct percpu {
	u32 id;
	u8 context;			/* enum cpu_context */
	u8 stage_hooks;			/* of enum stage_hook; 0: none */
	struct platform *platform;
	struct machine *machine;
	struct slab_depot *depot;	/* set by slab_attach_cpu() */
	struct slab_magazines *magazines;
	struct trace_ring *trace;
	const struct stage_cost *costs;	/* STAGE_MAX; NULL: stages are free */
	u64 next_packet_id;		/* see skb->id; high bits: CPU */
	u32 task_id;			/* current task's, for the trace */
	ktime_t stamp;			/* the time for who runs; 0: ask */
	u64 drops[SKB_DROP_REASON_MAX];
	u64 copies[COPY_WHY_MAX];
	u64 copy_bytes[COPY_WHY_MAX];
	u64 stage_count[STAGE_MAX];
	u64 stage_bytes[STAGE_MAX];
};

extern _Thread_local struct percpu *weir_this_cpu
	__attribute__((tls_model("initial-exec"), visibility("hidden")));

/* NULL outside the stack (set-up code of a program's thread). */
static inline struct percpu *this_percpu(void)
{
	return weir_this_cpu;
}

#endif
