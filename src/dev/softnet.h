/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * softnet_data: what a CPU keeps for the network. The backlog is the classic
 * "IP queue": netif_rx puts packets on input_pkt_queue, and the NET_RX softirq
 * polls it like any device, through a NAPI instance of its own. Only the CPU's
 * occupant touches it, therefore no locks.
 */
#ifndef WEIR_DEV_SOFTNET_H
#define WEIR_DEV_SOFTNET_H

#include "dev/netdevice.h"

#define XMIT_RECURSION_LIMIT	8

struct softnet_data {
	struct sk_buff_head input_pkt_queue;	/* filled by netif_rx */
	struct sk_buff_head process_queue;	/* being worked off */
	struct napi_struct backlog;
	struct Qdisc *output_queue;		/* waiting for NET_TX */
	struct Qdisc **output_queue_tailp;
	struct sk_buff *completion_queue;	/* to be freed in NET_TX */
	u32 xmit_recursion;			/* depth of queueless devices */
	/* /proc/net/softnet_stat */
	u64 processed, dropped, received_rps;
	/* packets that entered and left the backlog; read by other CPUs */
	u64 enqueued, dequeued;
};

static inline struct softnet_data *this_softnet(void)
{
	return this_cpu()->softnet;
}

/* Task context: every packet that is in a backlog now has left it. */
void softnet_flush_backlogs(struct machine *m);
/* net_rx_action ran out of budget or time this often on `cpu`. */
static inline u64 softnet_time_squeeze(const struct cpu *cpu)
{
	return cpu->time_squeeze;
}

#endif
