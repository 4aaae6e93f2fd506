/* SPDX-License-Identifier: BSD-2-Clause */
/* Transmit watchdog: a queue that its driver stopped and never woke. */
#ifndef WEIR_DEV_WATCHDOG_H
#define WEIR_DEV_WATCHDOG_H

#include "dev/netdevice.h"

void dev_watchdog_init(struct net_device *dev);
void dev_watchdog_up(struct net_device *dev);	/* rtnl held */
void dev_watchdog_down(struct net_device *dev);	/* rtnl held */

#endif
