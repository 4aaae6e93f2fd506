/* SPDX-License-Identifier: BSD-2-Clause */
/* The two that hold nothing: noqueue (no enqueue op: dev_queue_xmit goes to
 * the driver) and noop (a device that is not open swallows all). */
#include "dev/qdisc/sch_generic.h"

static int noop_enqueue(struct sk_buff *skb, struct Qdisc *q,
			struct sk_buff **to_free)
{
	return qdisc_drop(skb, q, to_free);
}

static struct sk_buff *noop_dequeue(struct Qdisc *q)
{
	return NULL;
}

const struct Qdisc_ops noop_qdisc_ops = {
	.id = "noop",
	.flags = TCQ_F_BUILTIN,
	.enqueue = noop_enqueue,
	.dequeue = noop_dequeue,
	.peek = noop_dequeue,
};

const struct Qdisc_ops noqueue_qdisc_ops = {
	.id = "noqueue",
	.flags = TCQ_F_BUILTIN,
	.dequeue = noop_dequeue,
	.peek = noop_dequeue,
};
