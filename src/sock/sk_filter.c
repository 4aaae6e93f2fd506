/* SPDX-License-Identifier: BSD-2-Clause */
/* Filters on sockets: attached by setsockopt, changed under RCU while packets
 * run through them. */
#include "sock/filter.h"

#include "base/slab.h"

struct sk_filter *sk_filter_create(const struct sock_fprog *fp)
{
	struct sk_filter *f;
	int err;

	if (!fp->filter)
		return ERR_PTR(-EFAULT);
	if (fp->len == 0 || fp->len > BPF_MAXINSNS)
		return ERR_PTR(-EINVAL);
	f = kmalloc(sizeof(*f) + fp->len * sizeof(*fp->filter));
	if (!f)
		return ERR_PTR(-ENOMEM);
	f->len = fp->len;
	memcpy(f->insns, fp->filter, fp->len * sizeof(*fp->filter));
	err = bpf_check_classic(f->insns, f->len);
	if (err) {
		kfree(f);
		return ERR_PTR(err);
	}
	return f;
}

void sk_filter_free(struct sk_filter *f)
{
	kfree(f);
}

static void filter_free_rcu(struct rcu_head *head)
{
	kfree(container_of(head, struct sk_filter, rcu));
}

static void filter_replace(struct sock *sk, struct sk_filter *f)
{
	struct sk_filter *old = sk->filter;

	rcu_assign_pointer(sk->filter, f);
	if (old)
		call_rcu(&old->rcu, filter_free_rcu);
}

int sk_attach_filter(struct sock *sk, const struct sock_fprog *fp)
{
	struct sk_filter *f;

	if (sock_flag(sk, SOCK_FILTER_LOCKED))
		return -EPERM;
	f = sk_filter_create(fp);
	if (IS_ERR(f))
		return (int)PTR_ERR(f);
	filter_replace(sk, f);
	return 0;
}

int sk_detach_filter(struct sock *sk)
{
	if (sock_flag(sk, SOCK_FILTER_LOCKED))
		return -EPERM;
	if (!sk->filter)
		return -ENOENT;
	filter_replace(sk, NULL);
	return 0;
}

int sk_filter_share(struct sock *child, const struct sock *parent)
{
	const struct sk_filter *f = rcu_dereference(parent->filter);
	size_t size;

	if (likely(!f))
		return 0;
	size = sizeof(*f) + f->len * sizeof(f->insns[0]);
	child->filter = kmemdup(f, size);
	return child->filter ? 0 : -ENOMEM;
}

/* SO_GET_FILTER: *len counts instructions, both ways. */
int sk_get_filter(struct sock *sk, void *val, u32 *len)
{
	const struct sk_filter *f = sk->filter;

	if (!f) {
		*len = 0;
		return 0;
	}
	if (*len && *len < f->len)
		return -EINVAL;
	if (*len)
		memcpy(val, f->insns, f->len * sizeof(f->insns[0]));
	*len = f->len;
	return 0;
}

bool sk_filter(struct sock *sk, struct sk_buff *skb)
{
	const struct sk_filter *f = rcu_dereference(sk->filter);
	u32 keep;

	if (!f)
		return true;
	keep = bpf_run(f, skb);
	if (keep == 0)
		return false;
	/* Never below the transport header: who comes after relies on it. */
	return keep >= skb->len || !pskb_trim(skb, max(keep, 8u));
}
