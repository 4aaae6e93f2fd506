/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time stamps of sending, for the socket that asked (SO_TIMESTAMPING): a flag
 * in the packet's shared info says which, and the sockets' floor hangs itself
 * into net->tx_stamp. A packet has no stamps to give once its sock let go.
 */
#ifndef WEIR_DEV_TX_STAMP_H
#define WEIR_DEV_TX_STAMP_H

#include "dev/netdevice.h"

/* Borrows. what: SCM_TSTAMP_*. */
static inline void skb_tx_stamp(struct sk_buff *skb, struct net_device *dev,
				u8 flag, u32 what)
{
	if (unlikely(skb_shinfo(skb)->tx_flags & flag) && skb->sk &&
	    dev->net->tx_stamp)
		dev->net->tx_stamp(skb, skb->sk, what);
}
/* At the entry of the queueing discipline. */
static inline void skb_sched_stamp(struct sk_buff *skb, struct net_device *dev)
{
	skb_tx_stamp(skb, dev, SKB_TX_SCHED_STAMP, SCM_TSTAMP_SCHED);
}
/* By drivers, when nothing but damage can keep the packet from leaving. */
static inline void skb_sent_stamp(struct sk_buff *skb, struct net_device *dev)
{
	skb_tx_stamp(skb, dev, SKB_TX_SW_STAMP, SCM_TSTAMP_SND);
}

#endif
