/* SPDX-License-Identifier: BSD-2-Clause */
/* SO_TIMESTAMPING: when packets were sent. See sock/tx_stamp.c. */
#ifndef WEIR_SOCK_TX_STAMP_H
#define WEIR_SOCK_TX_STAMP_H

#include "sock/sock.h"

/* What makes stamps, also by a control message for one call; the other flags
 * say how they are told. */
#define SOF_TX_RECORD	((u32)(SOF_TIMESTAMPING_TX_HARDWARE | \
			       SOF_TIMESTAMPING_TX_SOFTWARE | \
			       SOF_TIMESTAMPING_TX_SCHED | \
			       SOF_TIMESTAMPING_TX_ACK))

/* setsockopt(SO_TIMESTAMPING). Owner. 0 or -EINVAL. */
int sock_set_timestamping(struct sock *sk, u32 flags);
/* SKB_TX_* of shared_info.tx_flags. */
static inline u8 sock_tx_stamp_flags(u32 tsflags)
{
	return (u8)((tsflags & SOF_TIMESTAMPING_TX_SCHED ?
		     SKB_TX_SCHED_STAMP : 0) |
		    (tsflags & SOF_TIMESTAMPING_TX_SOFTWARE ?
		     SKB_TX_SW_STAMP : 0));
}
/* A datagram is about to be sent with these flags. */
void __sock_stamp_datagram(struct sock *sk, struct sk_buff *skb, u32 tsflags);
static inline void sock_stamp_datagram(struct sock *sk, struct sk_buff *skb,
				       u32 tsflags)
{
	if (unlikely(tsflags & SOF_TX_RECORD))
		__sock_stamp_datagram(sk, skb, tsflags);
}
/* skb (borrowed) passed the point `what` (SCM_TSTAMP_*) now: a message for the
 * error queue of sk. Any context on a CPU. */
void sock_stamp_sent(struct sk_buff *skb, struct sock *sk, u32 what);

#endif
