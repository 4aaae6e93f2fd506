/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Classic BPF programs on sockets (SO_ATTACH_FILTER). The instruction set is
 * that of the BPF paper (McCanne, Jacobson, USENIX 1993) with Linux's
 * ancillary loads. A program is checked once, when it is attached: after that
 * it cannot jump backward, leave its memory or run for ever.
 */
#ifndef WEIR_SOCK_FILTER_H
#define WEIR_SOCK_FILTER_H

#include "sock/sock.h"

struct sock_filter {
	u16 code;
	u8 jt, jf;
	u32 k;
};
static_assert(sizeof(struct sock_filter) == 8, "ABI");
struct sock_fprog {
	u16 len;
	struct sock_filter *filter;
};

#define BPF_MAXINSNS	4096

struct sk_filter {
	struct rcu_head rcu;
	u32 len;
	struct sock_filter insns[];
};

/* 0 or -EINVAL. Any input is safe. */
int bpf_check_classic(const struct sock_filter *prog, u32 len);
/* Checked program on a packet from skb->data on. Bytes to keep; 0: drop. */
u32 bpf_run(const struct sk_filter *f, const struct sk_buff *skb);
/* Copies and checks; ERR_PTR: -EINVAL, -ENOMEM, -EFAULT. */
struct sk_filter *sk_filter_create(const struct sock_fprog *fp);
void sk_filter_free(struct sk_filter *f);	/* now; NULL is fine */
/* Owner. */
int sk_attach_filter(struct sock *sk, const struct sock_fprog *fp);
int sk_detach_filter(struct sock *sk);
/* The child gets a copy of its listener's program. 0 or -ENOMEM. */
int sk_filter_share(struct sock *child, const struct sock *parent);
int sk_get_filter(struct sock *sk, void *val, u32 *len);
/* The socket's filter looks at the packet and may cut it. False: drop. */
bool sk_filter(struct sock *sk, struct sk_buff *skb);

#endif
