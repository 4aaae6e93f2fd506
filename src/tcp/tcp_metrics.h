/* SPDX-License-Identifier: BSD-2-Clause */
/* The cache per destination: tcp_metrics.c. */
#ifndef WEIR_TCP_TCP_METRICS_H
#define WEIR_TCP_TCP_METRICS_H

#include "tcp/tcp_net.h"
#include "tcp/tcp_out.h"

/* Owner. Leaves *mss and *c as they are when nothing is known. */
void tcp_fastopen_cache_get(struct sock *sk, u16 *mss,
			    struct tcp_fastopen_cookie *c);
void tcp_fastopen_cache_set(struct sock *sk, u16 mss,
			    const struct tcp_fastopen_cookie *c, bool syn_lost,
			    u8 try_exp);

#endif
