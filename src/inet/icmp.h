/* SPDX-License-Identifier: BSD-2-Clause */
/* ICMP inside of this floor: what icmp_rcv dispatches to. */
#ifndef WEIR_INET_ICMP_H
#define WEIR_INET_ICMP_H

#include "inet/ip.h"

/* skb->data at the ICMP header, checksum right. Consume and return
 * SKB_NOT_DROPPED_YET, or return why the caller shall drop it. softirq */
enum skb_drop_reason icmp_error(struct net *net, struct sk_buff *skb);
enum skb_drop_reason icmp_redirect(struct net *net, struct sk_buff *skb);

#endif
