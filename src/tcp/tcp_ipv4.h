/* SPDX-License-Identifier: BSD-2-Clause */
/* The family's edge of TCP, among its files. */
#ifndef WEIR_TCP_TCP_IPV4_H
#define WEIR_TCP_TCP_IPV4_H

#include "tcp/tcp.h"

void tcp_v4_early_demux(struct sk_buff *skb);
void tcp_edemux_free(struct sk_buff *skb);
void tcp_v4_timewait_ack(struct inet_timewait_sock *tw, struct sk_buff *skb);
/* A path MTU was learnt: owner or slock. */
void tcp_v4_mtu_reduced(struct sock *sk);

#endif
