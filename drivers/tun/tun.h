/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A point-to-point device that carries IP packets without link-layer headers;
 * the other end is code: who made it gets what is sent, and hands in what is
 * to be received. The device of scripted peers (weir_sim_port).
 */
#ifndef WEIR_DRIVERS_TUN_TUN_H
#define WEIR_DRIVERS_TUN_TUN_H

#include "dev/netdevice.h"

struct tun_config {
	const char *name;		/* may hold "%d" */
	u32 mtu;			/* 0: 1500 */
	bool offload;			/* TCP packets larger than the MTU */
	/* One packet, checksums complete; borrowed. bh off, any context. */
	void (*output)(void *arg, const u8 *packet, u32 len);
	void *arg;
};

#define TUN_MAX_PACKET	65535u

/* Registered, not up. ERR_PTR. Task. */
struct net_device *tun_create(struct net *net, const struct tun_config *cfg);
void tun_destroy(struct net_device *dev);

/*
 * The other end sends: `packet`, 1 to TUN_MAX_PACKET bytes, is copied, and the
 * device interrupts. 0, -EINVAL (its length, or neither IPv4 nor IPv6),
 * -ENETDOWN, -ENOMEM. Any thread on a CPU of the machine, or its simulator.
 */
int tun_deliver(struct net_device *dev, const void *packet, u32 len);

#endif
