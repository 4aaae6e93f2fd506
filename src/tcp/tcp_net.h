/* SPDX-License-Identifier: BSD-2-Clause */
/* The stack-wide part of TCP, among its files. */
#ifndef WEIR_TCP_TCP_NET_H
#define WEIR_TCP_TCP_NET_H

#include "tcp/tcp.h"

int tcp_sysctl_register(struct net *net);
/* 0 or -ENOENT. */
int tcp_set_default_congestion_control(struct net *net, const char *name);
/* Requests, TIME-WAIT socks and orphans that are still there when the stack
 * ends. */
void tcp_socks_purge(struct net *net);

/* tcp_metrics.c: what was learnt of a destination, for the next connection */
int tcp_metrics_init(struct net *net);
void tcp_metrics_exit(struct net *net);
void tcp_metrics_flush(struct net *net);

/* tcp_fastopen.c: keys of the stack */
#define TCP_FASTOPEN_KEY_LEN	16
struct tcp_fastopen_context {
	u64 key[2][2];
	u32 nr;				/* keys: 1, or 2: the second is old */
	struct rcu_head rcu;
};
int tcp_fastopen_net_init(struct net *net);
void tcp_fastopen_net_exit(struct net *net);
/* sk NULL: of the stack. 0 or -ENOMEM. */
int tcp_fastopen_set_keys(struct net *net, struct sock *sk, const u8 *primary,
			  const u8 *backup);
/* Copies the keys (16 bytes each); number of keys. */
u32 tcp_fastopen_get_keys(struct net *net, struct sock *sk, u8 *out);

#endif
