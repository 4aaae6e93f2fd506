/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Queueing disciplines: what waits, in which order, before a transmit queue.
 *
 * One CPU at a time works a qdisc off (`running`); others enqueue and leave.
 * The lock is held while the discipline's own code runs and dropped while the
 * driver works, so that enqueueing goes on meanwhile.
 */
#ifndef WEIR_DEV_QDISC_SCH_GENERIC_H
#define WEIR_DEV_QDISC_SCH_GENERIC_H

#include "dev/netdevice.h"

#define TCQ_F_CAN_BYPASS	1u	/* empty: straight to the driver */
#define TCQ_F_BUILTIN		2u	/* noop, noqueue: lives with the device */

#define QDISC_BULK		8	/* packets per hand-over to the driver */

enum {	/* Qdisc.state, atomic */
	__QDISC_STATE_SCHED,		/* on some CPU's output_queue */
	__QDISC_STATE_DEACTIVATED,
};

struct Qdisc;

/* What `tc` may set; NULL instead: the discipline's defaults. */
struct qdisc_params {
	u32 limit;			/* packets or bytes; 0: nothing fits */
};

struct Qdisc_ops {
	const char *id;
	u32 priv_size;
	u32 flags;			/* TCQ_F_* */
	/* Consumes skb: queued, or put on *to_free (linked by ->next) by
	 * qdisc_drop. NET_XMIT_*. Lock held. NULL: no queue at all. */
	int (*enqueue)(struct sk_buff *skb, struct Qdisc *q,
		       struct sk_buff **to_free);
	struct sk_buff *(*dequeue)(struct Qdisc *q);
	struct sk_buff *(*peek)(struct Qdisc *q);
	int (*init)(struct Qdisc *q, const struct qdisc_params *p);
	int (*change)(struct Qdisc *q, const struct qdisc_params *p);
	void (*reset)(struct Qdisc *q);	/* frees what is queued; lock held */
	void (*destroy)(struct Qdisc *q);
};

struct Qdisc {
	const struct Qdisc_ops *ops;
	/* copies of the ops, for the fast path */
	int (*enqueue)(struct sk_buff *skb, struct Qdisc *q,
		       struct sk_buff **to_free);
	struct sk_buff *(*dequeue)(struct Qdisc *q);
	struct netdev_queue *dev_queue;
	u32 flags;
	u32 limit;
	spinlock_t lock;		/* all below but state */
	bool running;
	u32 state;
	u32 qlen, backlog;		/* packets, bytes; gso_skb included */
	struct sk_buff_head gso_skb;	/* refused by the driver: go first */
	u64 packets, bytes;		/* sent */
	u32 drops, requeues, overlimits;
	u32 handle, parent;		/* handle 0: nobody asked for it */
	refcount_t refs;
	struct Qdisc *next_sched;
	struct rcu_head rcu;
	void *priv;
};

extern const struct Qdisc_ops noop_qdisc_ops, noqueue_qdisc_ops;
extern const struct Qdisc_ops pfifo_fast_ops, pfifo_qdisc_ops, bfifo_qdisc_ops;

/* By name; NULL: no such discipline. */
const struct Qdisc_ops *qdisc_lookup_ops(const char *id);
/* Referenced. NULL: no memory or init failed. */
struct Qdisc *qdisc_create(struct netdev_queue *txq,
			   const struct Qdisc_ops *ops,
			   const struct qdisc_params *p) __must_check;
static inline void qdisc_hold(struct Qdisc *q) { refcount_inc(&q->refs); }
void qdisc_put(struct Qdisc *q);
/* Puts `ops` on every transmit queue of dev (what waits in the old ones is
 * dropped); `ops` NULL: the device's default. p may be NULL. Task context, rtnl
 * not held. 0 or -errno. */
int dev_qdisc_change(struct net_device *dev, const struct Qdisc_ops *ops,
		     const struct qdisc_params *p);

/* An administrator's discipline of the same kind gets other parameters and
 * keeps what waits. -ENOENT: there is none such. As dev_qdisc_change. */
int dev_qdisc_params(struct net_device *dev, const struct Qdisc_ops *ops,
		     const struct qdisc_params *p);

/* Device life: qdiscs made at registration, live from open to close. */
int dev_init_scheduler(struct net_device *dev);
void dev_shutdown(struct net_device *dev);
void dev_activate(struct net_device *dev);
void dev_deactivate(struct net_device *dev);

/* Lock held. False: another CPU is at it and will see what was enqueued. */
static inline bool qdisc_run_begin(struct Qdisc *q)
{
	if (q->running)
		return false;
	q->running = true;
	return true;
}
static inline void qdisc_run_end(struct Qdisc *q) { q->running = false; }
/* Between begin and end; lock held, dropped meanwhile. */
void __qdisc_run(struct Qdisc *q);
/* Sends skb (a list when validated). True: go on with the next; false: it was
 * put back. Lock held, dropped meanwhile. */
bool sch_direct_xmit(struct sk_buff *skb, struct Qdisc *q,
		     struct net_device *dev, struct netdev_queue *txq,
		     bool validate);

/* The driver did not take these: they go first next time; unless the qdisc
 * was shut meanwhile, and emptied. Lock held. Always false. */
bool dev_requeue_skb(struct sk_buff *skb, struct Qdisc *q);

/* Nothing that validate_xmit_skb would have to do. */
static inline bool skb_fits_device(const struct sk_buff *skb,
				   const struct net_device *dev)
{
	const struct skb_shared_info *si = skb_shinfo(skb);
	netdev_features_t csum = NETIF_F_HW_CSUM;

	if (unlikely(skb->vlan_present || si->gso_size))
		return false;
	if (skb->ip_summed != CHECKSUM_PARTIAL && !skb->data_len)
		return true;
	if (unlikely(dev->netdev_ops->ndo_features_check || si->frag_list))
		return false;
	if (skb->data_len && unlikely(!(dev->features & NETIF_F_SG)))
		return false;
	if (skb->protocol == cpu_to_be16(ETH_P_IP))
		csum |= NETIF_F_IP_CSUM;
	else if (skb->protocol == cpu_to_be16(ETH_P_IPV6))
		csum |= NETIF_F_IPV6_CSUM;
	return skb->ip_summed != CHECKSUM_PARTIAL || dev->features & csum;
}

/* dev_output.c, for sch_direct_xmit: what the driver did not take. */
struct sk_buff *dev_hard_start_xmit(struct sk_buff *first,
				    struct net_device *dev,
				    struct netdev_queue *txq);
struct sk_buff *validate_xmit_skb_list(struct sk_buff *skb,
				       struct net_device *dev);

/* --- for disciplines; lock held ---------------------------------------------- */

static inline int qdisc_drop(struct sk_buff *skb, struct Qdisc *q,
			     struct sk_buff **to_free)
{
	q->drops++;
	skb->next = *to_free;
	*to_free = skb;
	return NET_XMIT_DROP;
}
static inline void qdisc_qlen_add(struct Qdisc *q, const struct sk_buff *skb)
{
	q->qlen++;
	q->backlog += skb->len;
}
static inline void qdisc_qlen_sub(struct Qdisc *q, const struct sk_buff *skb)
{
	q->qlen--;
	q->backlog -= skb->len;
}
static inline void qdisc_bstats_update(struct Qdisc *q,
				       const struct sk_buff *skb)
{
	u32 segs = skb_shinfo(skb)->gso_segs;

	q->bytes += skb->len;
	q->packets += segs ? segs : 1;
}

#endif
