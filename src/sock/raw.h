/* SPDX-License-Identifier: BSD-2-Clause */
/* What raw and ping sockets share. */
#ifndef WEIR_SOCK_RAW_H
#define WEIR_SOCK_RAW_H

#include "sock/ip_sockglue.h"
#include "sock/sock_net.h"

#define RAW_HASH	32u

/* net->sock->raw */
struct raw_net {
	spinlock_t lock;		/* writers of both tables; bh */
	struct hlist_head raw[RAW_HASH]; /* by protocol; sock_common.node */
	struct hlist_head ping[64];	/* by ICMP identifier */
};

static inline struct raw_net *raw_net(const struct net *net)
{
	return net->sock->raw;
}

/* Where a message goes. */
struct raw_dest {
	struct rtable *rt;		/* referenced */
	__be32 daddr, saddr;
	struct ipcm_cookie ck;
};
/* Address, control messages, route. 0 (then raw_dest_put) or -errno. */
int raw_find_dest(struct sock *sk, struct sockmsg *m, u8 protocol,
		  struct raw_dest *d);
void raw_dest_put(struct raw_dest *d);
/* Data at the transport header, headroom kept. Consumes. */
int raw_send_skb(struct sock *sk, struct sk_buff *skb, u8 protocol,
		 const struct raw_dest *d);
/* Room for len bytes behind SKB_MAX_HEADROOM, filled from m. ERR_PTR. */
struct sk_buff *raw_make_skb(struct sock *sk, struct sockmsg *m, u32 len);
/* recvmsg: all of the packet from skb->data on, with address and cmsgs. */
ssize_t raw_recvmsg(struct sock *sk, struct sockmsg *m, size_t len, int flags);
/* ICMP error for sk; payload of the quoted packet. Borrows. */
void raw_sock_err(struct sock *sk, struct sk_buff *skb, u8 type, u8 code,
		  u32 info, const u8 *payload);
int raw_ioctl(struct sock *sk, unsigned long cmd, int *arg);

/* ping.c: echo replies and errors, by raw.c's hooks. Borrows. */
bool ping_deliver(struct sk_buff *skb);
void ping_err(struct sk_buff *skb, u8 type, u8 code, u32 info);

#endif
