/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Groups of SO_REUSEPORT. A group is an array that all members point to;
 * lookups read it under RCU. Writers hold sock_net.lock. When the array is
 * full a larger copy takes its place.
 */
#include "sock/reuseport.h"

#include "base/hash.h"
#include "base/slab.h"
#include "sock/filter.h"

#define REUSEPORT_FIRST_ROOM	16
#define REUSEPORT_MAX		32768

static void group_free_rcu(struct rcu_head *head)
{
	struct sock_reuseport *g = container_of(head, struct sock_reuseport, rcu);

	sk_filter_free(g->prog);
	kfree(g);
}

static void group_memory_free_rcu(struct rcu_head *head)
{
	kfree(container_of(head, struct sock_reuseport, rcu));
}

static struct sock_reuseport *group_alloc(u16 room)
{
	struct sock_reuseport *g;

	g = kzalloc(sizeof(*g) + room * sizeof(g->socks[0]));
	if (g)
		g->room = room;
	return g;
}

/* Copy of twice the size that all members point to. Lock held. */
static struct sock_reuseport *group_grow(struct sock_reuseport *g)
{
	struct sock_reuseport *n;

	if (g->room >= REUSEPORT_MAX)
		return NULL;
	n = group_alloc((u16)(g->room * 2));
	if (!n)
		return NULL;
	n->num = g->num;
	n->prog = g->prog;
	memcpy(n->socks, g->socks, g->num * sizeof(g->socks[0]));
	for (u32 i = 0; i < n->num; i++)
		rcu_assign_pointer(n->socks[i]->reuseport_cb, n);
	call_rcu(&g->rcu, group_memory_free_rcu);
	return n;
}

static struct sock_reuseport *group_of(struct sock *mate)
{
	struct sock_reuseport *g;

	if (mate && mate->reuseport_cb) {
		g = mate->reuseport_cb;
		return g->num < g->room ? g : group_grow(g);
	}
	g = group_alloc(REUSEPORT_FIRST_ROOM);
	if (g && mate) {
		g->socks[g->num++] = mate;
		rcu_assign_pointer(mate->reuseport_cb, g);
	}
	return g;
}

int reuseport_add_sock(struct sock *sk, struct sock *mate)
{
	struct sock_net *sn = sock_net(sk)->sock;
	struct sock_reuseport *g, *own;
	int err = 0;

	spin_lock_bh(&sn->lock);
	/* A group of its own comes from a program attached before bind(). */
	own = sk->reuseport_cb;
	if (own && (!mate || own == mate->reuseport_cb || own->num > 1))
		goto out;
	g = group_of(mate);
	if (!g) {
		err = -ENOMEM;
		goto out;
	}
	g->socks[g->num] = sk;
	smp_store_release(&g->num, (u16)(g->num + 1));
	rcu_assign_pointer(sk->reuseport_cb, g);
	if (own)
		call_rcu(&own->rcu, group_free_rcu);
out:
	spin_unlock_bh(&sn->lock);
	return err;
}

void reuseport_detach_sock(struct sock *sk)
{
	struct sock_net *sn = sock_net(sk)->sock;
	struct sock_reuseport *g;

	if (!sk->reuseport_cb)
		return;
	spin_lock_bh(&sn->lock);
	g = sk->reuseport_cb;
	if (!g)
		goto out;
	for (u32 i = 0; i < g->num; i++) {
		if (g->socks[i] != sk)
			continue;
		WRITE_ONCE(g->socks[i], g->socks[g->num - 1]);
		WRITE_ONCE(g->num, (u16)(g->num - 1));
		break;
	}
	rcu_assign_pointer(sk->reuseport_cb, NULL);
	if (!g->num)
		call_rcu(&g->rcu, group_free_rcu);
out:
	spin_unlock_bh(&sn->lock);
}

static struct sock *select_by_prog(struct sock_reuseport *g, u32 num,
				   struct sk_buff *skb, u32 hdr_len)
{
	const struct sk_filter *prog = rcu_dereference(g->prog);
	u32 i;

	/* The program sees the payload, as in Linux. */
	if (!prog || !pskb_pull(skb, hdr_len))
		return NULL;
	i = bpf_run(prog, skb);
	skb_push(skb, hdr_len);
	return i < num ? READ_ONCE(g->socks[i]) : NULL;
}

/* True for members that packets without connection may go to. */
static bool member_free(const struct sock *sk)
{
	return READ_ONCE(((struct sock *)sk)->c.state) != TCP_ESTABLISHED;
}

struct sock *reuseport_select_sock(struct sock *sk, u32 hash,
				   struct sk_buff *skb, u32 hdr_len)
{
	struct sock_reuseport *g = rcu_dereference(sk->reuseport_cb);
	u32 num, first;
	struct sock *s;

	if (!g)
		return NULL;
	num = smp_load_acquire(&g->num);
	if (!num)
		return NULL;
	if (unlikely(READ_ONCE(g->prog)) && skb) {
		s = select_by_prog(g, num, skb, hdr_len);
		if (s)
			return s;
	}
	first = reciprocal_scale(hash, num);
	for (u32 n = 0; n < num; n++) {
		s = READ_ONCE(g->socks[(first + n) % num]);
		if (s && member_free(s))
			return s;
	}
	return NULL;
}

int reuseport_attach_prog(struct sock *sk, struct sk_filter *prog)
{
	struct sock_net *sn = sock_net(sk)->sock;
	struct sk_filter *old = NULL;
	struct sock_reuseport *g;
	int err = 0;

	if (!sk->c.reuseport)
		return -EINVAL;
	if (!sk->reuseport_cb) {
		err = reuseport_add_sock(sk, NULL);
		if (err)
			return err;
	}
	spin_lock_bh(&sn->lock);
	g = sk->reuseport_cb;
	old = g->prog;
	rcu_assign_pointer(g->prog, prog);
	spin_unlock_bh(&sn->lock);
	if (old) {
		synchronize_rcu();
		sk_filter_free(old);
	}
	return err;
}

int reuseport_detach_prog(struct sock *sk)
{
	struct sock_net *sn = sock_net(sk)->sock;
	struct sk_filter *old = NULL;

	if (!sk->c.reuseport)
		return -EINVAL;
	spin_lock_bh(&sn->lock);
	if (sk->reuseport_cb) {
		old = sk->reuseport_cb->prog;
		rcu_assign_pointer(sk->reuseport_cb->prog, NULL);
	}
	spin_unlock_bh(&sn->lock);
	if (!old)
		return -ENOENT;
	synchronize_rcu();
	sk_filter_free(old);
	return 0;
}
