/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is told about devices. */
#ifndef WEIR_DEV_DEV_NOTIFY_H
#define WEIR_DEV_DEV_NOTIFY_H

#include "dev/netdevice.h"

/* rtnl held, task context. */
void call_netdevice_notifiers(struct net *net, unsigned long event,
			      struct net_device *dev);

#endif
