/* SPDX-License-Identifier: BSD-2-Clause */
/* Entries of AF_INET's proto_ops, shared by the tables of af_inet.c. */
#ifndef WEIR_SOCK_INET_COMMON_H
#define WEIR_SOCK_INET_COMMON_H

#include "sock/sock.h"

ssize_t inet_sendmsg(struct socket *s, struct sockmsg *m, size_t len);
ssize_t inet_recvmsg(struct socket *s, struct sockmsg *m, size_t len, int flags);
int inet_release(struct socket *s);
int inet_bind(struct socket *s, const struct sockaddr *a, u32 len);
int inet_getname(struct socket *s, struct sockaddr *a,
		 enum getname_what what);
int inet_shutdown(struct socket *s, int how);
int inet_setsockopt(struct socket *s, int level, int name, const void *val,
		    u32 len);
int inet_getsockopt(struct socket *s, int level, int name, void *val, u32 *len);
u32 inet_poll(struct socket *s);
/* inet_ioctl.c */
int inet_ioctl(struct socket *s, unsigned long cmd, void *arg);
/* dev_ioctl.c: SIOCGIF*; arg in the stack's memory. -ENOTTY: not one of its. */
int dev_ioctl(struct net *net, unsigned long cmd, void *arg);
/* inet_connect.c */
int inet_stream_connect(struct socket *s, const struct sockaddr *a, u32 len,
			int flags);
int inet_dgram_connect(struct socket *s, const struct sockaddr *a, u32 len,
		       int flags);
int inet_accept(struct socket *s, struct socket *to, int flags);
int inet_listen(struct socket *s, int backlog);
/* Shared by udp, raw, ping: remembers the peer and the route (slock is taken
 * inside). Owner. */
int ip4_datagram_connect(struct sock *sk, const struct sockaddr *a, u32 len);
int inet_dgram_disconnect(struct sock *sk, int flags);
/* May addr be bound? 0 or -EADDRNOTAVAIL. */
int inet_check_bind_addr(struct sock *sk, __be32 addr, u8 *type);

#endif
