/* SPDX-License-Identifier: BSD-2-Clause */
/* SYN-SENT, where an answer to our SYN is looked at. */
#ifndef WEIR_TCP_TCP_SYNSENT_H
#define WEIR_TCP_TCP_SYNSENT_H

#include "tcp/tcp.h"

/* As tcp_rcv_state_process(). */
enum skb_drop_reason tcp_rcv_synsent(struct sock *sk, struct sk_buff *skb,
				     const struct tcphdr *th);

#endif
