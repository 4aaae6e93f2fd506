/* SPDX-License-Identifier: BSD-2-Clause */
/* The five hook points and who is registered at them, by family. */
#ifndef WEIR_FILTER_NETFILTER_H
#define WEIR_FILTER_NETFILTER_H

#include "dev/netdevice.h"

enum nf_inet_hooks {
	NF_INET_PRE_ROUTING, NF_INET_LOCAL_IN, NF_INET_FORWARD,
	NF_INET_LOCAL_OUT, NF_INET_POST_ROUTING, NF_INET_NUMHOOKS
};
enum { NFPROTO_IPV4, NFPROTO_IPV6, NFPROTO_ARP, NFPROTO_NUM };
enum nf_verdict { NF_DROP, NF_ACCEPT, NF_STOLEN, NF_QUEUE, NF_REPEAT };

struct nf_hook_state {
	u8 hook, pf;
	struct net_device *in, *out;
	struct sock *sk;
	struct net *net;
};

/* Borrows skb unless it says STOLEN; on DROP nf_hook frees it. softirq or
 * task, bh off. */
typedef enum nf_verdict (*nf_hookfn)(void *priv, struct sk_buff *skb,
				     const struct nf_hook_state *state);

struct nf_hook_ops {
	nf_hookfn hook;
	void *priv;
	u8 pf, hooknum;
	int priority;			/* lower first: -400 raw ... 100 nat */
};

#define NF_MAX_HOOKS	32

struct nf_hook_entries {
	u32 num;
	struct rcu_head rcu;
	const struct nf_hook_ops *ops[NF_MAX_HOOKS];
};

struct nf_net {
	spinlock_t lock;
	struct nf_hook_entries *hooks[NFPROTO_NUM][NF_INET_NUMHOOKS]; /* RCU */
};

/* Task context. 0, -EINVAL, -ENOSPC (NF_MAX_HOOKS at one point), -ENOMEM.
 * ops outlives its registration. At equal priority the newest runs first. */
int nf_register_net_hook(struct net *net, const struct nf_hook_ops *ops);
/* No CPU runs or will run the hook after it. Task context. */
void nf_unregister_net_hook(struct net *net, const struct nf_hook_ops *ops);

/* 1: go on with okfn (the caller calls it); otherwise skb is gone and the
 * value is 0 (stolen) or -EPERM. */
int nf_hook_slow(struct sk_buff *skb, struct nf_hook_state *st,
		 const struct nf_hook_entries *e);

/* A hook point was passed: its record and cost, where wanted. */
void nf_hook_trace(const struct sk_buff *skb, u8 pf, u8 hook,
		   enum nf_verdict verdict);

/* NF_HOOK: runs the hook's entries, then okfn. Consumes skb. */
static inline int nf_hook(u8 pf, u8 hook, struct net *net, struct sock *sk,
			  struct sk_buff *skb, struct net_device *in,
			  struct net_device *out,
			  int (*okfn)(struct net *, struct sock *,
				      struct sk_buff *))
{
	const struct nf_hook_entries *e =
		rcu_dereference(net->nf->hooks[pf][hook]);

	if (unlikely(e)) {
		struct nf_hook_state st = { .hook = hook, .pf = pf, .in = in,
					    .out = out, .sk = sk, .net = net };
		int ret = nf_hook_slow(skb, &st, e);

		if (ret != 1)
			return ret;
	} else if (unlikely(this_percpu()->stage_hooks)) {
		nf_hook_trace(skb, pf, hook, NF_ACCEPT);
	}
	return okfn(net, sk, skb);
}

extern const struct pernet_operations nf_net_ops;

#endif
