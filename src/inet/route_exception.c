/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was learnt about single destinations and differs from the tables: the
 * path MTU (RFC 1191) and a better first hop (ICMP Redirect, RFC 1122
 * 3.2.2.2). An exception lives for a limited time, and there are at most
 * EXC_BUCKETS * EXC_DEPTH of them: the oldest of a bucket makes room.
 *
 * An exception holds a route of its own, made from the table's at the first
 * lookup. Learning something new marks the shared route stale once, so that
 * sockets look again and find the exception.
 */
#include "inet/rtable.h"

#include "base/hash.h"
#include "base/random.h"
#include "base/slab.h"

#define EXC_BUCKETS	1024
#define EXC_DEPTH	5
#define EXC_GW_LIFETIME	(300 * HZ)	/* Linux: ip_rt_gc_timeout */

struct rt_exception {
	struct hlist_node node;		/* RCU */
	__be32 daddr;
	/* under lock; readers copy */
	u32 pmtu;			/* 0: none */
	bool pmtu_locked;
	jiffies_t pmtu_expires;
	__be32 gw;			/* 0: the route's */
	u32 gw_ifindex;
	jiffies_t gw_expires;
	jiffies_t stamp;		/* last news */
	struct rtable *rt;		/* slot */
	struct rcu_head rcu;
};

struct rt_exceptions {
	spinlock_t lock;
	u32 count, seed, nr_buckets;
	struct hlist_head buckets[];
};

static struct hlist_head *exc_bucket(struct rt_exceptions *ex, __be32 daddr)
{
	u32 h = hash_1((__force u32)daddr, ex->seed);

	return &ex->buckets[h & (ex->nr_buckets - 1)];
}

static struct rt_exception *exc_find(struct rt_exceptions *ex, __be32 daddr)
{
	struct rt_exception *e;

	hlist_for_each_entry(e, exc_bucket(ex, daddr), node)
		if (e->daddr == daddr)
			return e;
	return NULL;
}

static void exc_free_rcu(struct rcu_head *head)
{
	kfree(container_of(head, struct rt_exception, rcu));
}

static void exc_remove(struct rt_exceptions *ex, struct rt_exception *e)
{
	hlist_del_init(&e->node);
	WRITE_ONCE(ex->count, ex->count - 1);
	rt_slot_set(&e->rt, NULL);
	call_rcu(&e->rcu, exc_free_rcu);
}

/* A full bucket gives up what is oldest. Lock held. */
static void exc_make_room(struct rt_exceptions *ex, struct hlist_head *bucket)
{
	struct rt_exception *e, *oldest = NULL;
	u32 depth = 0;

	hlist_for_each_entry(e, bucket, node) {
		depth++;
		if (!oldest || e->stamp < oldest->stamp)
			oldest = e;
	}
	if (depth >= EXC_DEPTH)
		exc_remove(ex, oldest);
}

static struct rt_exception *exc_get(struct rt_exceptions *ex, __be32 daddr)
{
	struct hlist_head *bucket = exc_bucket(ex, daddr);
	struct rt_exception *e = exc_find(ex, daddr);

	if (e)
		return e;
	exc_make_room(ex, bucket);
	e = kzalloc(sizeof(*e));
	if (!e)
		return NULL;
	e->daddr = daddr;
	hlist_add_head(&e->node, bucket);
	WRITE_ONCE(ex->count, ex->count + 1);
	return e;
}

/* --- lookup ---------------------------------------------------------------------- */

static bool exc_gw_valid(const struct rt_exception *e,
			 const struct fib_info *fi, jiffies_t now)
{
	return e->gw && now < e->gw_expires &&
	       e->gw_ifindex == fi->dev->ifindex;
}

static struct rtable *exc_make_route(struct net *net, struct rt_exception *e,
				     const struct fib_info *fi)
{
	jiffies_t now = jiffies();
	bool pmtu = e->pmtu && now < e->pmtu_expires;
	bool gw = exc_gw_valid(e, fi, now);
	struct rt_init in = {
		.dev = fi->dev,
		.type = fi->cfg.type,
		.gateway = gw ? e->gw : fi->cfg.gateway,
		.prefsrc = fi->cfg.prefsrc,
		.metrics = &fi->cfg,
	};
	struct rtable *rt;

	if (!pmtu && !gw)
		return NULL;
	rt = rt_alloc(net, &in);
	if (!rt)
		return NULL;
	rt->learnt_for = e->daddr;
	rt->fi = (struct fib_info *)fi;
	if (gw)
		rt->expires = e->gw_expires;
	if (pmtu) {
		rt->pmtu = e->pmtu;
		rt->pmtu_locked = e->pmtu_locked;
		rt->pmtu_expires = e->pmtu_expires;
	}
	return rt;
}

struct rtable *rt_exception_route(struct net *net, __be32 daddr,
				  const struct fib_info *fi)
{
	struct rt_exceptions *ex = net->ipv4->exceptions;
	struct rt_exception *e;
	struct rtable *rt;

	if (likely(!READ_ONCE(ex->count)))
		return NULL;
	e = exc_find(ex, daddr);
	if (!e)
		return NULL;
	rt = rt_slot_get(net, &e->rt);
	if (rt && rt->fi == fi && (!rt->expires || jiffies() < rt->expires))
		return rt;
	spin_lock_bh(&ex->lock);
	rt = NULL;
	if (!hlist_unhashed(&e->node)) {
		rt = exc_make_route(net, e, fi);
		rt_slot_set(&e->rt, rt);
	}
	spin_unlock_bh(&ex->lock);
	return rt;
}

/* --- learning ---------------------------------------------------------------------- */

/* The route towards a destination that is not ours. RCU. */
static struct fib_info *exc_fib(struct net *net, __be32 daddr)
{
	struct fib_key k = { .daddr = daddr };
	struct fib_info *fi;

	if (fib_lookup(net, &k, &fi) || fi->cfg.type != RTN_UNICAST_)
		return NULL;
	return fi;
}

/* Sockets that use the shared route must find the exception. */
static void exc_publish(struct rt_exception *e, struct fib_info *fi)
{
	struct rtable *shared = rcu_dereference(fi->rt_out);

	e->stamp = jiffies();
	rt_slot_set(&e->rt, NULL);
	if (shared)
		rt_kill(shared);
}

static u32 exc_mtu(const struct rt_exception *e, const struct fib_info *fi)
{
	if (e->pmtu && jiffies() < e->pmtu_expires)
		return e->pmtu;
	return fi->cfg.mtu ? fi->cfg.mtu : fi->dev->mtu;
}

static void exc_set_pmtu(struct net *net, struct rt_exception *e,
			 struct fib_info *fi, u32 mtu)
{
	const struct ipv4_sysctl *ctl = &net->ipv4->sysctl;
	u32 old = exc_mtu(e, fi);
	bool locked = mtu < ctl->min_pmtu;

	/* RFC1191 3 allows 68; Linux does not go below min_pmtu but sends
	 * without DF then, and so do we. */
	if (locked)
		mtu = min(old, ctl->min_pmtu);
	/* RFC1191 6.3: never raised by a message. */
	if (mtu > old)
		return;
	e->pmtu = mtu;
	e->pmtu_locked = locked;
	e->pmtu_expires = jiffies() + (u64)ctl->mtu_expires * HZ;
	exc_publish(e, fi);
}

void ip_update_pmtu(struct net *net, __be32 daddr, u32 mtu)
{
	struct rt_exceptions *ex = net->ipv4->exceptions;
	struct rt_exception *e;
	struct fib_info *fi;

	rcu_read_lock();
	fi = exc_fib(net, daddr);
	if (!fi || fi->cfg.mtu_locked)
		goto out;
	spin_lock_bh(&ex->lock);
	e = exc_get(ex, daddr);
	if (e)
		exc_set_pmtu(net, e, fi, mtu);
	spin_unlock_bh(&ex->lock);
out:
	rcu_read_unlock();
}

void ip_rt_redirect(struct net *net, struct net_device *dev, __be32 old_gw,
		    __be32 daddr, __be32 new_gw)
{
	struct rt_exceptions *ex = net->ipv4->exceptions;
	struct rt_exception *e;
	struct fib_info *fi;

	rcu_read_lock();
	fi = exc_fib(net, daddr);
	if (!fi || fi->dev != dev)
		goto out;
	spin_lock_bh(&ex->lock);
	e = exc_find(ex, daddr);
	/* RFC1122 3.2.2.2: only from the first-hop gateway in use. */
	if ((e && exc_gw_valid(e, fi, jiffies()) ? e->gw : fi->cfg.gateway) ==
	    old_gw && (e = exc_get(ex, daddr))) {
		e->gw = new_gw;
		e->gw_ifindex = dev->ifindex;
		e->gw_expires = jiffies() + EXC_GW_LIFETIME;
		exc_publish(e, fi);
	}
	spin_unlock_bh(&ex->lock);
out:
	rcu_read_unlock();
}

void rt_exceptions_flush(struct net *net)
{
	struct rt_exceptions *ex = net->ipv4->exceptions;
	struct rt_exception *e;
	struct hlist_node *next;

	spin_lock_bh(&ex->lock);
	for (u32 i = 0; i < ex->nr_buckets; i++)
		hlist_for_each_entry_safe(e, next, &ex->buckets[i], node)
			exc_remove(ex, e);
	spin_unlock_bh(&ex->lock);
}

int rt_exceptions_init(struct net *net)
{
	u32 nr_buckets = net_table_size(net, EXC_BUCKETS);
	struct rt_exceptions *ex = kzalloc(sizeof(*ex) + nr_buckets *
					   sizeof(ex->buckets[0]));

	if (!ex)
		return -ENOMEM;
	ex->nr_buckets = nr_buckets;
	spin_lock_init(&ex->lock);
	ex->seed = get_random_u32();
	net->ipv4->exceptions = ex;
	return 0;
}

void rt_exceptions_exit(struct net *net)
{
	rt_exceptions_flush(net);
	kfree(net->ipv4->exceptions);
	net->ipv4->exceptions = NULL;
}
