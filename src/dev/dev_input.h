/* SPDX-License-Identifier: BSD-2-Clause */
/* Taps, for the send path: each sees what is sent on dev. */
#ifndef WEIR_DEV_DEV_INPUT_H
#define WEIR_DEV_DEV_INPUT_H

#include "dev/ptype.h"

static inline bool dev_nit_active(const struct net_device *dev)
{
	return READ_ONCE(dev->net->ptype_all.first) ||
	       READ_ONCE(dev->ptype_all.first);
}
/* Borrows skb. bh off. */
void dev_queue_xmit_nit(struct sk_buff *skb, struct net_device *dev);

#endif
