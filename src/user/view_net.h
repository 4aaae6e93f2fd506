/* SPDX-License-Identifier: BSD-2-Clause */
/* The network's tables as text, for the list in view.c. On a CPU. */
#ifndef WEIR_USER_VIEW_NET_H
#define WEIR_USER_VIEW_NET_H

#include "user/view.h"

void view_tcp(struct view *v, struct net *net);
void view_udp(struct view *v, struct net *net);
void view_arp(struct view *v, struct net *net);
void view_route(struct view *v, struct net *net);
void view_sockstat(struct view *v, struct net *net);
void view_softnet_stat(struct view *v, struct net *net);
void view_interrupts(struct view *v, struct net *net);

/* view_config.c */
void view_ip_addr(struct view *v, struct net *net);
void view_ip_link(struct view *v, struct net *net);
void view_ip_route(struct view *v, struct net *net);
void view_ip_neigh(struct view *v, struct net *net);
void view_tc_qdisc(struct view *v, struct net *net);
void view_sysctl(struct view *v, struct net *net);

#endif
