/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the files of the driver. */
#ifndef WEIR_DRIVERS_TUN_TUN_PRIV_H
#define WEIR_DRIVERS_TUN_TUN_PRIV_H

#include "drivers/tun/tun.h"

struct tun {
	struct net_device *dev;
	struct tun_config cfg;
	int irq;			/* while open */
	struct sk_buff_head in;		/* delivered, not yet interrupted for */
	/* a packet being sent, flat; under the transmit queue's lock */
	u8 flat[TUN_MAX_PACKET];
};

static inline struct tun *tun_priv(struct net_device *dev)
{
	return dev->priv;
}

/* tun_input.c: the interrupt's handler. */
enum irqreturn tun_intr(int irq, void *arg);
/* tun_output.c */
netdev_tx_t tun_xmit(struct sk_buff *skb, struct net_device *dev, bool more);

#endif
