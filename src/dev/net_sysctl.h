/* SPDX-License-Identifier: BSD-2-Clause */
/* The tree of settings of a stack, and the net.core.* ones of this floor. */
#ifndef WEIR_DEV_NET_SYSCTL_H
#define WEIR_DEV_NET_SYSCTL_H

#include "dev/net.h"

int net_sysctl_init(struct net *net);	/* 0 or -ENOMEM */
void net_sysctl_exit(struct net *net);	/* also after a failed init */

#endif
