/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Netfilter hooks. Each (family, point) has an array of hooks sorted by
 * priority, which packets walk under RCU; registering makes a new array. The
 * common case, nobody registered, is a NULL pointer that nf_hook() tests.
 *
 * A hook's word is final only if it is one of the verdicts: anything else
 * drops the packet, and so does a packet queued to nobody or a hook that asks
 * to be repeated without end.
 */
#include "filter/netfilter.h"
#include "base/slab.h"
#include "cpu/lock.h"
#include "cpu/rcu.h"

#define NF_MAX_REPEATS	8

/* --- packets ------------------------------------------------------------------ */

static const u8 stages[NF_INET_NUMHOOKS] = {
	[NF_INET_PRE_ROUTING] = STAGE_nf_prerouting,
	[NF_INET_LOCAL_IN] = STAGE_nf_local_in,
	[NF_INET_FORWARD] = STAGE_nf_forward,
	[NF_INET_LOCAL_OUT] = STAGE_nf_local_out,
	[NF_INET_POST_ROUTING] = STAGE_nf_postrouting,
};
static_assert(STAGE_MAX < 256, "stages fit the table above");

void nf_hook_trace(const struct sk_buff *skb, u8 pf, u8 hook,
		   enum nf_verdict verdict)
{
	if (pf == NFPROTO_IPV4 || pf == NFPROTO_IPV6)
		trace_stage_more(stages[hook], skb->id, skb->len, 0xffff, 0,
				 (u8)verdict);
}

static enum nf_verdict run_hook(const struct nf_hook_ops *ops,
				struct sk_buff *skb, struct nf_hook_state *st)
{
	enum nf_verdict v = NF_REPEAT;

	for (u32 i = 0; v == NF_REPEAT && i < NF_MAX_REPEATS; i++)
		v = ops->hook(ops->priv, skb, st);
	return v;
}

int nf_hook_slow(struct sk_buff *skb, struct nf_hook_state *st,
		 const struct nf_hook_entries *e)
{
	for (u32 i = 0; i < e->num; i++) {
		enum nf_verdict v = run_hook(smp_load_acquire(&e->ops[i]), skb,
					     st);

		if (likely(v == NF_ACCEPT))
			continue;
		if (v == NF_STOLEN)
			return 0;	/* skb is not ours to look at */
		nf_hook_trace(skb, st->pf, st->hook, NF_DROP);
		kfree_skb_reason(skb, SKB_DROP_REASON_NETFILTER_DROP);
		return -EPERM;
	}
	nf_hook_trace(skb, st->pf, st->hook, NF_ACCEPT);
	return 1;
}

/* --- registration ---------------------------------------------------------------- */

static void entries_free(struct rcu_head *head)
{
	kfree(container_of(head, struct nf_hook_entries, rcu));
}

/* `fresh` takes the place of what is there. lock held. */
static void entries_publish(struct nf_hook_entries **slot,
			    struct nf_hook_entries *fresh)
{
	struct nf_hook_entries *old = *slot;

	rcu_assign_pointer(*slot, fresh);
	if (old)
		call_rcu(&old->rcu, entries_free);
}

static void entries_insert(struct nf_hook_entries *to,
			   const struct nf_hook_entries *from,
			   const struct nf_hook_ops *ops)
{
	u32 n = from ? from->num : 0, i = 0;

	while (i < n && from->ops[i]->priority < ops->priority) {
		to->ops[i] = from->ops[i];
		i++;
	}
	to->ops[i] = ops;
	for (; i < n; i++)
		to->ops[i + 1] = from->ops[i];
	to->num = n + 1;
}

int nf_register_net_hook(struct net *net, const struct nf_hook_ops *ops)
{
	struct nf_hook_entries *fresh, **slot;
	int err = 0;

	if (ops->pf >= NFPROTO_NUM || ops->hooknum >= NF_INET_NUMHOOKS ||
	    !ops->hook)
		return -EINVAL;
	fresh = kzalloc(sizeof(*fresh));
	if (!fresh)
		return -ENOMEM;
	slot = &net->nf->hooks[ops->pf][ops->hooknum];
	spin_lock_bh(&net->nf->lock);
	if (*slot && (*slot)->num == NF_MAX_HOOKS) {
		err = -ENOSPC;
	} else {
		entries_insert(fresh, *slot, ops);
		entries_publish(slot, fresh);
	}
	spin_unlock_bh(&net->nf->lock);
	if (err)
		kfree(fresh);
	return err;
}

static enum nf_verdict accept_all(void *priv, struct sk_buff *skb,
				  const struct nf_hook_state *state)
{
	return NF_ACCEPT;
}

/* Unregistering cannot fail: without memory for a shorter array the hook's
 * place is taken by one that accepts. */
static const struct nf_hook_ops accept_ops = { .hook = accept_all };

static void entries_remove(struct nf_hook_entries **slot,
			   struct nf_hook_entries *fresh, u32 at)
{
	struct nf_hook_entries *old = *slot;

	if (old->num == 1) {
		entries_publish(slot, NULL);
		kfree(fresh);
		return;
	}
	if (!fresh) {
		smp_store_release(&old->ops[at], &accept_ops);
		return;
	}
	for (u32 i = 0; i < old->num; i++)
		if (i != at)
			fresh->ops[fresh->num++] = old->ops[i];
	entries_publish(slot, fresh);
}

void nf_unregister_net_hook(struct net *net, const struct nf_hook_ops *ops)
{
	struct nf_hook_entries **slot = &net->nf->hooks[ops->pf][ops->hooknum];
	struct nf_hook_entries *fresh = kzalloc(sizeof(*fresh));
	u32 n, i = 0;

	spin_lock_bh(&net->nf->lock);
	n = *slot ? (*slot)->num : 0;
	while (i < n && (*slot)->ops[i] != ops)
		i++;
	if (i < n)
		entries_remove(slot, fresh, i);
	else
		kfree(fresh);
	spin_unlock_bh(&net->nf->lock);
	synchronize_rcu();
}

/* --- life -------------------------------------------------------------------------- */

static int nf_net_init(struct net *net)
{
	net->nf = kzalloc(sizeof(*net->nf));
	if (!net->nf)
		return -ENOMEM;
	spin_lock_init(&net->nf->lock);
	return 0;
}

static void nf_net_exit(struct net *net)
{
	if (!net->nf)
		return;
	for (u32 pf = 0; pf < NFPROTO_NUM; pf++)
		for (u32 h = 0; h < NF_INET_NUMHOOKS; h++)
			kfree(net->nf->hooks[pf][h]);
	kfree(net->nf);
	net->nf = NULL;
}

const struct pernet_operations nf_net_ops = {
	.name = "netfilter",
	.init = nf_net_init,
	.exit = nf_net_exit,
};
