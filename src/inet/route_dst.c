/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * struct rtable: making and freeing routes, the slots they are kept in, and
 * dst_ops for IPv4.
 *
 * Life: rt_alloc (one reference) -> a slot, a socket, packets -> the last
 * reference goes -> freed after a grace period, because packets use routes
 * without references while they are on a CPU. Somebody may even take a new
 * reference meanwhile; then the route lives on.
 */
#include "inet/rtable.h"

#include "base/slab.h"
#include "inet/ip.h"

static int rt_discard(struct sk_buff *skb)
{
	kfree_skb_reason(skb, SKB_DROP_REASON_IP_INNOROUTES);
	return 0;
}

static int rt_discard_out(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	NET_INC_STATS(net, Ip, OutNoRoutes);
	kfree_skb_reason(skb, SKB_DROP_REASON_IP_OUTNOROUTES);
	return -ENETDOWN;
}

/* --- dst_ops ---------------------------------------------------------------------- */

static struct dst_entry *ipv4_dst_check(struct dst_entry *dst)
{
	struct rtable *rt = container_of(dst, struct rtable, dst);

	if (unlikely(rt->expires) && jiffies() >= rt->expires)
		return NULL;
	if (unlikely(READ_ONCE(dst->obsolete) ||
		     dst->genid != READ_ONCE(dst->net->ipv4->rt_genid)))
		return NULL;
	return dst;
}

static u32 ipv4_mtu(const struct dst_entry *dst)
{
	const struct rtable *rt = container_of(dst, struct rtable, dst);
	u32 mtu = READ_ONCE(rt->pmtu);

	if (unlikely(mtu) && jiffies() < READ_ONCE(rt->pmtu_expires))
		return mtu;
	if (unlikely(dst->mtu))
		return dst->mtu;
	return min_t(u32, READ_ONCE(READ_ONCE(dst->dev)->mtu), IPV4_MAX_LEN);
}

/*
 * The destination is known only if something has been learnt for it before;
 * who knows it calls ip_update_pmtu(), which affects no other destination.
 * Otherwise all that share the route get the lower MTU for a while.
 */
static void ipv4_update_pmtu(struct dst_entry *dst, u32 mtu)
{
	struct rtable *rt = container_of(dst, struct rtable, dst);
	struct ipv4_net *ip = dst->net->ipv4;

	if (rt->learnt_for) {
		ip_update_pmtu(dst->net, rt->learnt_for, mtu);
		return;
	}
	mtu = max(mtu, ip->sysctl.min_pmtu);
	if (mtu >= ipv4_mtu(dst))
		return;
	WRITE_ONCE(rt->pmtu_expires, jiffies() + (u64)ip->sysctl.mtu_expires * HZ);
	WRITE_ONCE(rt->pmtu, mtu);
}

/* RFC1122 2.3.2.1, RFC4861 7.3.1: upper layers' advice on the next hop. */
static void ipv4_confirm(struct dst_entry *dst)
{
	struct rtable *rt = container_of(dst, struct rtable, dst);
	struct neighbour *n;

	if (!rt->nh_fixed)
		return;
	n = rcu_dereference(rt->neigh[0]);
	if (n)
		neigh_confirm(n);
}

/* RFC1122 3.3.1.4, 3.3.1.5: the gateway does not answer; try another. */
static void ipv4_negative_advice(struct dst_entry *dst)
{
	struct rtable *rt = container_of(dst, struct rtable, dst);
	struct fib_key k = { .daddr = 0 };
	struct neighbour *n;
	struct fib_info *fi;

	rt_kill(rt);
	if (!rt->uses_gateway)
		return;
	n = rcu_dereference(rt->neigh[0]);
	if (n && (n->state & NUD_CONNECTED))
		return;		/* it answers ARP: the fault is farther away */
	rcu_read_lock();
	if (!fib_lookup(dst->net, &k, &fi) && fi == rt->fi)
		WRITE_ONCE(fi->failed_at, max_t(u32, jiffies(), 1));
	rcu_read_unlock();
}

static const struct dst_ops ipv4_dst_ops = {
	.family = AF_INET,
	.check = ipv4_dst_check,
	.mtu = ipv4_mtu,
	.update_pmtu = ipv4_update_pmtu,
	.confirm = ipv4_confirm,
	.negative_advice = ipv4_negative_advice,
};

/* --- life ---------------------------------------------------------------------------- */

static void rt_drop_neighs(struct rtable *rt)
{
	for (int i = 0; i < RT_NEIGH_SLOTS; i++) {
		struct neighbour *n = __atomic_exchange_n(&rt->neigh[i], NULL,
							  __ATOMIC_ACQ_REL);

		if (n)
			neigh_release(n);
	}
}

static void rt_destroy(struct rtable *rt)
{
	struct ipv4_net *ip = rt->dst.net->ipv4;

	spin_lock_bh(&ip->rt_lock);
	list_del(&rt->list);
	spin_unlock_bh(&ip->rt_lock);
	rt_drop_neighs(rt);
	dev_put(rt->dst.dev);
	kfree(rt);
}

static void rt_free_rcu(struct rcu_head *head)
{
	struct rtable *rt = container_of(head, struct rtable, dst.rcu);

	if (refcount_read(&rt->dst.ref.refs) == 0) {
		rt_destroy(rt);
		return;
	}
	/* Taken up again meanwhile; the next last reference comes here. */
	__atomic_store_n(&rt->release_queued, 0, __ATOMIC_SEQ_CST);
	if (refcount_read(&rt->dst.ref.refs) == 0 &&
	    !__atomic_exchange_n(&rt->release_queued, 1, __ATOMIC_SEQ_CST))
		call_rcu(&rt->dst.rcu, rt_free_rcu);
}

static void rt_release(struct dst_ref *ref)
{
	struct rtable *rt = container_of(ref, struct rtable, dst.ref);

	if (!__atomic_exchange_n(&rt->release_queued, 1, __ATOMIC_SEQ_CST))
		call_rcu(&rt->dst.rcu, rt_free_rcu);
}

static void rt_put_rcu(struct rcu_head *head)
{
	struct rtable *rt = container_of(head, struct rtable, put_rcu);

	dst_ref_put(&rt->dst.ref);
}

void rt_slot_set(struct rtable **slot, struct rtable *rt)
{
	struct rtable *old = __atomic_exchange_n(slot, rt, __ATOMIC_ACQ_REL);

	if (!old)
		return;
	rt_kill(old);
	call_rcu(&old->put_rcu, rt_put_rcu);
}

/* Metrics of `ip route ... mtu 1400 advmss ...`. */
static void rt_set_metrics(struct dst_entry *dst, const struct fib_config *m)
{
	dst->mtu = m->mtu;
	dst->mtu_locked = m->mtu_locked;
	dst->advmss = m->advmss;
	dst->rtt_ms = m->rtt_ms;
	dst->cwnd = m->cwnd;
	dst->ssthresh = m->ssthresh;
	dst->initcwnd = m->initcwnd;
	dst->initrwnd = m->initrwnd;
	dst->window = m->window;
	dst->rto_min_ms = m->rto_min_ms;
	dst->hoplimit = m->hoplimit;
	dst->quickack = m->quickack;
	dst->ecn = m->ecn;
	memcpy(dst->congctl, m->congctl, sizeof(dst->congctl));
}

/* Where packets on this route go, by its type. */
static void rt_set_handlers(struct rtable *rt)
{
	struct dst_entry *dst = &rt->dst;

	dst->input = rt_discard;
	dst->output = ip_output;
	switch ((enum rt_type)rt->type) {
	case RTN_LOCAL_:
		dst->input = ip_local_deliver;
		break;
	case RTN_BROADCAST_:
	case RTN_MULTICAST_:
		dst->input = ip_local_deliver;
		dst->output = ip_mc_output;
		break;
	case RTN_UNICAST_:
	case RTN_ANYCAST_:
		if (rt->is_input)
			dst->input = ip_forward;
		break;
	case RTN_UNSPEC_:
	case RTN_BLACKHOLE_:
	case RTN_UNREACHABLE_:
	case RTN_PROHIBIT_:
		dst->output = rt_discard_out;
		break;
	}
}

struct rtable *rt_alloc(struct net *net, const struct rt_init *in)
{
	struct ipv4_net *ip = net->ipv4;
	struct rtable *rt = kzalloc(sizeof(*rt));

	if (!rt)
		return NULL;
	refcount_set(&rt->dst.ref.refs, 1);
	rt->dst.ref.release = rt_release;
	rt->dst.net = net;
	rt->dst.ops = &ipv4_dst_ops;
	rt->dst.dev = in->dev;
	rt->dst.genid = READ_ONCE(ip->rt_genid);
	dev_hold(in->dev);
	rt->type = in->type;
	rt->is_input = in->is_input;
	rt->gateway = in->gateway;
	rt->uses_gateway = in->gateway;
	rt->prefsrc = in->prefsrc;
	/* Links without link-layer addresses have one neighbour: 0. */
	rt->nh_key = in->gateway;
	rt->nh_fixed = in->gateway;
	if (in->dev->flags & (IFF_LOOPBACK | IFF_POINTOPOINT)) {
		rt->nh_key = 0;
		rt->nh_fixed = true;
	}
	if (in->metrics)
		rt_set_metrics(&rt->dst, in->metrics);
	rt_set_handlers(rt);
	spin_lock_bh(&ip->rt_lock);
	list_add_tail(&rt->list, &ip->rt_list);
	spin_unlock_bh(&ip->rt_lock);
	return rt;
}

/*
 * Sockets may keep a route for ever without looking at it. So that the device
 * can go, such routes are moved to the loopback device and lead nowhere.
 */
void rt_flush_dev(struct net *net, struct net_device *dev)
{
	struct net_device *lo = net->loopback_dev;
	struct ipv4_net *ip = net->ipv4;
	struct rtable *rt;

	spin_lock_bh(&ip->rt_lock);
	list_for_each_entry(rt, &ip->rt_list, list) {
		if (rt->dst.dev != dev)
			continue;
		rt_kill(rt);
		rt->dst.input = rt_discard;
		rt->dst.output = rt_discard_out;
		rt_drop_neighs(rt);
		if (lo && lo != dev) {
			dev_hold(lo);
			WRITE_ONCE(rt->dst.dev, lo);
			dev_put(dev);
		}
	}
	spin_unlock_bh(&ip->rt_lock);
}
