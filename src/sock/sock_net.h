/* SPDX-License-Identifier: BSD-2-Clause */
/* What sock_net.c puts together for a stack. */
#ifndef WEIR_SOCK_SOCK_NET_H
#define WEIR_SOCK_SOCK_NET_H

#include "sock/sock.h"

extern const struct net_proto_family inet_family;
int raw_init(struct net *net);
void raw_exit(struct net *net);
int ping_init(struct net *net);

#endif
