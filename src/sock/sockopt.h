/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the files of SOL_SOCKET's options. */
#ifndef WEIR_SOCK_SOCKOPT_H
#define WEIR_SOCK_SOCKOPT_H

#include "sock/sock.h"

#define SOCK_MIN_SNDBUF	4608	/* two segments and their sk_buffs, as Linux */
#define SOCK_MIN_RCVBUF	2304

struct so_timestamping {
	u32 flags, bind_phc;
};
struct sock_txtime {
	s32 clockid;
	u32 flags;
};
/* Options that are one flag of the sock, both ways. -1: not one. */
int sockopt_flag(int name);
bool sockopt_has_peek_off(const struct sock *sk);	/* raw and ping: no */
/* Binds to a device by index (0: none), there or not. Owner. 0, -EINVAL. */
int sock_bindtoindex(struct sock *sk, int ifindex);

#endif
