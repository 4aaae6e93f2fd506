/* SPDX-License-Identifier: BSD-2-Clause */
/* lo: what is sent comes back. One per stack. */
#ifndef WEIR_DRIVERS_LOOPBACK_LOOPBACK_H
#define WEIR_DRIVERS_LOOPBACK_LOOPBACK_H

#include "dev/netdevice.h"

/* init makes and registers "lo" (ifindex 1 when it is the first device), not
 * up yet; exit takes it down and frees it. Task context. */
extern const struct pernet_operations loopback_net_ops;

#endif
