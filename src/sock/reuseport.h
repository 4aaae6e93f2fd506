/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SO_REUSEPORT: sockets with the same local end form a group; a packet picks
 * its member by hash, so that a flow stays with one of them.
 */
#ifndef WEIR_SOCK_REUSEPORT_H
#define WEIR_SOCK_REUSEPORT_H

#include "sock/sock.h"

struct sk_filter;

struct sock_reuseport {
	struct rcu_head rcu;
	u16 room, num;
	struct sk_filter *prog;		/* SO_ATTACH_REUSEPORT_CBPF, or NULL */
	struct sock *socks[];
};

/* Owner. sk joins the group of `mate`, or founds one (mate NULL). 0/-ENOMEM */
int reuseport_add_sock(struct sock *sk, struct sock *mate);
void reuseport_detach_sock(struct sock *sk);
/* RCU. A member by hash (or the program), NULL: no group. skb may be NULL;
 * hdr_len: bytes before the payload, which is what the program sees. */
struct sock *reuseport_select_sock(struct sock *sk, u32 hash,
				   struct sk_buff *skb, u32 hdr_len);
int reuseport_attach_prog(struct sock *sk, struct sk_filter *prog);
int reuseport_detach_prog(struct sock *sk);

#endif
