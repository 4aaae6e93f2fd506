/* SPDX-License-Identifier: BSD-2-Clause */
/* NAPI: polled receive, scheduled by an interrupt. Seed 004 section 35.2. */
#ifndef WEIR_CPU_NAPI_H
#define WEIR_CPU_NAPI_H

#include "cpu/cpu.h"

struct net_device;
struct gro_state;	/* dev/gro.h */

enum {	/* napi->state bits, atomic */
	NAPI_STATE_SCHED,	/* somebody owns it: on a poll list or polling */
	NAPI_STATE_MISSED,	/* scheduled again while owned */
	NAPI_STATE_DISABLE,	/* being disabled */
	NAPI_STATE_BUSY_POLL,	/* owned by a waiting thread */
};

struct napi_struct {
	struct list_head poll_list;
	u32 state;
	u32 weight;
	u32 napi_id;
	struct machine *machine;
	struct net_device *dev;
	/* Returns packets received; < budget means all done and
	 * napi_complete_done was called (true) by poll itself. softirq. */
	int (*poll)(struct napi_struct *n, int budget);
	/* Set by dev/ (napi_add in dev/netdevice.h): called after a poll
	 * (flush old held packets) and on complete (flush all). */
	void (*flush)(struct napi_struct *n, bool all);
	struct gro_state *gro;
	struct list_head dev_list;
	u64 polls, packets, completes;
};

void napi_struct_init(struct napi_struct *n, struct machine *m,
		      int (*poll)(struct napi_struct *, int), u32 weight);
/* True: the caller got the ownership and must call __napi_schedule. */
bool napi_schedule_prep(struct napi_struct *n);
void __napi_schedule(struct napi_struct *n);	/* on this CPU's poll list */
static inline void napi_schedule(struct napi_struct *n)
{
	if (napi_schedule_prep(n))
		__napi_schedule(n);
}
/* False: missed events were there, it has been scheduled again: do not
 * re-enable the interrupt. */
bool napi_complete_done(struct napi_struct *n, int work_done);
void napi_enable(struct napi_struct *n);
void napi_disable(struct napi_struct *n);	/* task; waits for the owner */

/* NET_RX_SOFTIRQ's action. */
void net_rx_action(struct cpu *cpu);
/* A waiting thread polls n itself if nobody owns it. Task context with a CPU.
 * Returns packets handled, or -EBUSY. */
int napi_busy_poll(struct napi_struct *n, int budget);

#endif
