/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The per-CPU backlog and the NET_TX softirq.
 *
 * netif_rx -> input_pkt_queue -> NET_RX softirq -> process_backlog: packets
 * that no NAPI polls for, that is loopback, and devices in interrupt mode (the
 * receive model of 4.4BSD: the interrupt handler queues, the software
 * interrupt processes). When the queue is full the packet is dropped there and
 * then: work not begun is the cheapest to give up.
 *
 * NET_TX: qdiscs that ran out of quota or were woken, packets to be freed.
 */
#include "dev/softnet.h"
#include "base/slab.h"
#include "cpu/lock.h"
#include "cpu/task.h"
#include "dev/dev_input.h"
#include "dev/dst.h"
#include "dev/qdisc/sch_generic.h"

#define FLUSH_TRIES	1000	/* of a millisecond each */

/* --- in ---------------------------------------------------------------------- */

static int backlog_drop(struct softnet_data *sd, struct sk_buff *skb,
			enum skb_drop_reason why)
{
	sd->dropped++;
	dev_stats(skb->dev)->rx_dropped++;
	kfree_skb_reason(skb, why);
	return 1;
}

int netif_rx(struct sk_buff *skb)
{
	struct softnet_data *sd;
	int ret = 0;

	local_bh_disable();
	sd = this_softnet();
	skb_stage(skb, STAGE_netif_rx);
	skb->queued_at = trace_is_on(this_percpu()) ? ktime_get() : 0;
	if (unlikely(!netif_running(skb->dev))) {
		ret = backlog_drop(sd, skb, SKB_DROP_REASON_DEV_DOWN);
	} else if (unlikely(sd->input_pkt_queue.qlen >=
			    skb->dev->net->netdev_max_backlog)) {
		ret = backlog_drop(sd, skb, SKB_DROP_REASON_CPU_BACKLOG);
	} else {
		skb_dst_force(skb);
		__skb_queue_tail(&sd->input_pkt_queue, skb);
		WRITE_ONCE(sd->enqueued, sd->enqueued + 1);
		napi_schedule(&sd->backlog);
	}
	local_bh_enable();
	return ret;
}

static void backlog_deliver(struct softnet_data *sd, struct sk_buff *skb)
{
	struct percpu *pc = this_percpu();

	skb_stage(skb, STAGE_process_backlog);
	if (trace_is_on(pc) && skb->queued_at)
		trace_write(pc, TRACE_QUEUE, STAGE_process_backlog, skb->id,
			    skb->len, (u16)skb->dev->ifindex,
			    (u64)(ktime_get() - skb->queued_at), 0);
	netif_receive_skb(skb);
	WRITE_ONCE(sd->dequeued, sd->dequeued + 1);
}

static int process_backlog(struct napi_struct *napi, int quota)
{
	struct softnet_data *sd = container_of(napi, struct softnet_data,
					       backlog);
	int work = 0;

	while (work < quota) {
		struct sk_buff *skb = __skb_dequeue(&sd->process_queue);

		if (skb) {
			backlog_deliver(sd, skb);
			work++;
			continue;
		}
		if (skb_queue_empty(&sd->input_pkt_queue)) {
			napi_complete_done(napi, work);
			break;
		}
		skb_queue_splice_tail_init(&sd->input_pkt_queue,
					   &sd->process_queue);
	}
	return work;
}

static bool backlog_passed(const struct cpu *cpu, u64 mark)
{
	return (s64)(READ_ONCE(cpu->softnet->dequeued) - mark) >= 0;
}

void softnet_flush_backlogs(struct machine *m)
{
	for (u32 i = 0; i < m->nr_cpus; i++) {
		struct cpu *cpu = m->cpus[i];
		u64 mark;

		if (!cpu->softnet)
			continue;
		mark = READ_ONCE(cpu->softnet->enqueued);
		for (u32 n = 0; n < FLUSH_TRIES; n++) {
			if (backlog_passed(cpu, mark))
				break;
			schedule_until(ktime_get() + NSEC_PER_MSEC);
		}
	}
}

/* --- out --------------------------------------------------------------------- */

/* Any context; q is held while it is on an output queue. */
void __netif_schedule(struct Qdisc *q)
{
	struct softnet_data *sd;
	u32 bit = 1u << __QDISC_STATE_SCHED;

	if (!q || __atomic_fetch_or(&q->state, bit, __ATOMIC_ACQ_REL) & bit)
		return;
	if (!refcount_inc_not_zero(&q->refs))
		return;		/* being replaced: it sends no more */
	local_irq_disable();
	sd = this_softnet();
	q->next_sched = NULL;
	*sd->output_queue_tailp = q;
	sd->output_queue_tailp = &q->next_sched;
	raise_softirq(NET_TX_SOFTIRQ);
	local_irq_enable();
}

void dev_kfree_skb_irq(struct sk_buff *skb)
{
	struct softnet_data *sd;

	local_irq_disable();
	sd = this_softnet();
	skb->next = sd->completion_queue;
	sd->completion_queue = skb;
	raise_softirq(NET_TX_SOFTIRQ);
	local_irq_enable();
}

static void completion_run(struct softnet_data *sd)
{
	struct sk_buff *skb = sd->completion_queue;

	sd->completion_queue = NULL;
	while (skb) {
		struct sk_buff *next = skb->next;

		skb->next = NULL;
		consume_skb(skb);
		skb = next;
	}
}

static void net_tx_action(struct cpu *cpu)
{
	struct softnet_data *sd = cpu->softnet;
	struct Qdisc *q = sd->output_queue;

	trace_stage(STAGE_net_tx_action, 0, 0);
	completion_run(sd);
	sd->output_queue = NULL;
	sd->output_queue_tailp = &sd->output_queue;
	while (q) {
		struct Qdisc *next = q->next_sched;

		spin_lock(&q->lock);
		/* cleared first: a wake-up from now on schedules again */
		__atomic_fetch_and(&q->state, ~(1u << __QDISC_STATE_SCHED),
				   __ATOMIC_ACQ_REL);
		if (!(READ_ONCE(q->state) & 1u << __QDISC_STATE_DEACTIVATED) &&
		    qdisc_run_begin(q)) {
			__qdisc_run(q);
			qdisc_run_end(q);
		}
		spin_unlock(&q->lock);
		qdisc_put(q);
		q = next;
	}
}

/* --- life ---------------------------------------------------------------------- */

static void softnet_init(struct machine *m, struct softnet_data *sd)
{
	skb_queue_head_init(&sd->input_pkt_queue);
	skb_queue_head_init(&sd->process_queue);
	sd->output_queue_tailp = &sd->output_queue;
	napi_struct_init(&sd->backlog, m, process_backlog, m->dev_weight);
	napi_enable(&sd->backlog);
}

int net_dev_init(struct machine *m)
{
	for (u32 i = 0; i < m->nr_cpus; i++) {
		struct softnet_data *sd = kzalloc(sizeof(*sd));

		if (!sd) {
			net_dev_exit(m);
			return -ENOMEM;
		}
		softnet_init(m, sd);
		m->cpus[i]->softnet = sd;
	}
	open_softirq(m, NET_TX_SOFTIRQ, net_tx_action);
	return 0;
}

/* All devices are gone: what is left over is freed here. */
void net_dev_exit(struct machine *m)
{
	for (u32 i = 0; i < m->nr_cpus; i++) {
		struct softnet_data *sd = m->cpus[i]->softnet;

		if (!sd)
			continue;
		skb_queue_purge_reason(&sd->input_pkt_queue,
				       SKB_DROP_REASON_DEV_DOWN);
		skb_queue_purge_reason(&sd->process_queue,
				       SKB_DROP_REASON_DEV_DOWN);
		completion_run(sd);
		while (sd->output_queue) {
			struct Qdisc *q = sd->output_queue;

			sd->output_queue = q->next_sched;
			qdisc_put(q);
		}
		m->cpus[i]->softnet = NULL;
		kfree(sd);
	}
}
