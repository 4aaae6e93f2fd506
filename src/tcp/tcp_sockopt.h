/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of IPPROTO_TCP, among their files. Owner. */
#ifndef WEIR_TCP_TCP_SOCKOPT_H
#define WEIR_TCP_TCP_SOCKOPT_H

#include "tcp/tcp_net.h"

/* tcp_repair.c: values as the options' man page says; 0 or -errno. */
int tcp_repair_set(struct sock *sk, int name, int v);
int tcp_repair_get(struct sock *sk, int name, int *v);
int tcp_repair_set_struct(struct sock *sk, int name, const void *v, u32 len);
int tcp_repair_get_window(struct sock *sk, void *v, u32 *len);

#endif
