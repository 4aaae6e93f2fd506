/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bhash: who has bound which port, and who may share one. Two sockets collide
 * when port, device and address overlap (a wildcard overlaps everything),
 * unless
 *   both say SO_REUSEADDR and who has the port does not listen, or
 *   both say SO_REUSEPORT (and belong to the same user).
 * A port found by the stack itself is shared less freely: there SO_REUSEADDR
 * does not help (Linux gives each such bind() a port of its own as long as
 * there is one).
 */
#include "sock/inet_hash_internal.h"

#include "base/hash.h"
#include "base/random.h"
#include "base/slab.h"
#include "cpu/lock.h"

static u32 bhash_of(const struct net *net, u16 port)
{
	return hash_1(port, (u32)net->hash_secret[1]);
}

static struct inet_hashinfo *hashinfo(const struct net *net)
{
	return net->sock->hashinfo;
}

struct inet_ehash_bucket *inet_bhash_lock(struct net *net, u16 port)
{
	return inet_table_lock(&hashinfo(net)->bhash, bhash_of(net, port));
}

void inet_bhash_unlock(struct net *net, struct inet_ehash_bucket *b, bool made)
{
	spin_unlock_bh(&b->lock);
	if (made)
		inet_table_added(&hashinfo(net)->bhash);
}

struct inet_bind_bucket *inet_bind_bucket_find(struct inet_ehash_bucket *b,
					       u16 port)
{
	struct inet_bind_bucket *tb;

	hlist_for_each_entry(tb, &b->chain, node)
		if (tb->port == port)
			return tb;
	return NULL;
}

struct inet_bind_bucket *inet_bind_bucket_create(struct net *net,
		struct inet_ehash_bucket *b, u16 port)
{
	struct inet_bind_bucket *tb = kzalloc(sizeof(*tb));

	if (!tb)
		return NULL;
	tb->port = port;
	tb->hash = bhash_of(net, port);
	hlist_add_head(&tb->node, &b->chain);
	return tb;
}

static void bucket_add_owner(struct inet_bind_bucket *tb, struct sock_common *c)
{
	hlist_add_head(&c->bind_node, &tb->owners);
}

/* The last owner takes the bucket with him. */
void inet_bind_bucket_disown(struct inet_bind_bucket *tb, struct sock_common *c)
{
	struct inet_hashinfo *h = hashinfo(c->net);

	hlist_del_init(&c->bind_node);
	if (tb->owners.first)
		return;
	if (tb->fastreuse >= 0)
		__atomic_fetch_add(&h->ports_freed, 1, __ATOMIC_RELAXED);
	hlist_del_init(&tb->node);
	inet_table_removed(&h->bhash);
	kfree(tb);
}

void inet_bind_bucket_own(struct inet_bind_bucket *tb, struct sock *sk)
{
	sk->c.num = tb->port;
	sk->bind_bucket = tb;
	bucket_add_owner(tb, &sk->c);
}

/* --- rules ------------------------------------------------------------------------ */

bool inet_rcv_saddr_overlap(const struct sock_common *a,
			    const struct sock_common *b)
{
	if (a->family != b->family)
		return false;
	return inet_addr_any(&a->rcv_saddr, a->family) ||
	       inet_addr_any(&b->rcv_saddr, b->family) ||
	       inet_addr_equal(&a->rcv_saddr, &b->rcv_saddr, a->family);
}

static bool devices_overlap(const struct sock_common *a,
			    const struct sock_common *b)
{
	return !a->bound_dev_if || !b->bound_dev_if ||
	       a->bound_dev_if == b->bound_dev_if;
}

/* a asks, b has it. `own_choice`: the program asked for this port. */
static bool may_share(const struct sock_common *a, const struct sock_common *b,
		      bool own_choice)
{
	if (!own_choice)
		return false;
	if (a->reuse && b->reuse && b->state != TCP_LISTEN)
		return true;
	return a->reuseport && b->reuseport;
}

static bool bind_conflict(const struct sock *sk,
			  const struct inet_bind_bucket *tb, bool own_choice)
{
	const struct sock_common *o;

	hlist_for_each_entry(o, &tb->owners, bind_node) {
		if (o != &sk->c && devices_overlap(o, &sk->c) &&
		    !may_share(&sk->c, o, own_choice) &&
		    inet_rcv_saddr_overlap(&sk->c, o))
			return true;
	}
	return false;
}

static int try_port(struct sock *sk, u16 port, bool own_choice)
{
	struct inet_ehash_bucket *b = inet_bhash_lock(sock_net(sk), port);
	struct inet_bind_bucket *tb = inet_bind_bucket_find(b, port);
	bool made = !tb;
	int err = -EADDRINUSE;

	if (tb && bind_conflict(sk, tb, own_choice))
		goto out;
	err = 0;
	if (sk->bind_bucket)
		goto out;	/* listen() asks again for its own port */
	if (!tb)
		tb = inet_bind_bucket_create(sock_net(sk), b, port);
	if (!tb) {
		err = -ENOMEM;
		goto out;
	}
	tb->fastreuse = sk->c.reuse && sk->sk_state != TCP_LISTEN;
	tb->fastreuseport = sk->c.reuseport;
	tb->uid = sk->uid;
	inet_bind_bucket_own(tb, sk);
out:
	inet_bhash_unlock(sock_net(sk), b, made && tb);
	return err;
}

void inet_sk_port_range(const struct sock *sk, u32 *low, u32 *high)
{
	const struct sock_net *sn = sock_net(sk)->sock;
	u32 lo = READ_ONCE(sn->port_range[0]), hi = READ_ONCE(sn->port_range[1]);
	u32 own_lo = sk->port_range[0], own_hi = sk->port_range[1];

	*low = own_lo && own_lo >= lo && own_lo <= hi ? own_lo : lo;
	*high = own_hi && own_hi >= lo && own_hi <= hi ? own_hi : hi;
	/* The range was being changed while it was read. */
	*high = max(*low, *high);
}

/*
 * Every other port first, beginning at a random one: connect() prefers the
 * ports of the other parity, so that the two seldom meet.
 */
static int find_open_port(struct sock *sk)
{
	u32 low, high, span, start;

	inet_sk_port_range(sk, &low, &high);
	span = high - low + 1;
	BUG_ON(!span);
	start = get_random_u32_below(span);
	for (u32 pass = 0; pass < 2; pass++) {
		u32 first = ((start & ~1u) | (pass == 0)) % span;

		for (u32 i = 0; i < span; i += 2) {
			u16 port = (u16)(low + (first + i) % span);
			int err = try_port(sk, port, false);

			if (err != -EADDRINUSE)
				return err;
		}
	}
	return -EADDRINUSE;
}

int inet_csk_get_port(struct sock *sk, u16 num)
{
	return num ? try_port(sk, num, true) : find_open_port(sk);
}

/* --- owners that come and go with connections ----------------------------------------- */

void inet_bind_bucket_add(struct sock *sk, u16 port)
{
	struct inet_ehash_bucket *b = inet_bhash_lock(sock_net(sk), port);
	struct inet_bind_bucket *tb = inet_bind_bucket_find(b, port);
	bool made = !tb;

	if (!tb)	/* the listener has closed meanwhile */
		tb = inet_bind_bucket_create(sock_net(sk), b, port);
	sk->c.num = port;
	if (tb)
		inet_bind_bucket_own(tb, sk);
	inet_bhash_unlock(sock_net(sk), b, made && tb);
}

void inet_put_port(struct sock *sk)
{
	struct inet_ehash_bucket *b;

	if (!sk->bind_bucket)
		return;
	b = inet_bhash_lock(sock_net(sk), sk->c.num);
	inet_bind_bucket_disown(sk->bind_bucket, &sk->c);
	sk->bind_bucket = NULL;
	inet_port_row_put(&sk->c);
	sk->c.num = 0;
	inet_bhash_unlock(sock_net(sk), b, false);
}

void inet_twsk_bind(struct sock_common *tw, struct sock *sk)
{
	struct inet_ehash_bucket *b = inet_bhash_lock(tw->net, tw->num);

	if (sk->bind_bucket) {
		bucket_add_owner(sk->bind_bucket, tw);
		tw->port_row = sk->c.port_row;
		sk->c.port_row = 0;
	}
	inet_bhash_unlock(tw->net, b, false);
}

void inet_twsk_unbind(struct sock_common *tw)
{
	struct inet_ehash_bucket *b = inet_bhash_lock(tw->net, tw->num);
	struct inet_bind_bucket *tb;

	tb = hlist_unhashed(&tw->bind_node) ? NULL :
	     inet_bind_bucket_find(b, tw->num);
	if (tb)
		inet_bind_bucket_disown(tb, tw);
	inet_port_row_put(tw);
	inet_bhash_unlock(tw->net, b, false);
}
