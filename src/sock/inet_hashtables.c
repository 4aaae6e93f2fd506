/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ehash and lhash: who gets a segment. Readers walk the chains under RCU
 * without locks. A sock may leave a chain and enter another while a reader
 * stands on it; the reader would then follow the wrong chain to its end. So
 * at the end of a chain a reader asks whether the last node it stood on still
 * belongs to the slot it searches, and begins again if not. Writers store the
 * hash before they link the node, which makes the question safe.
 *
 * TCP's children, requests and TIME-WAIT socks replace each other in one step:
 * the new one is linked before the old one goes, so that a segment that comes
 * at that moment finds one of them.
 */
#include "sock/inet_hashtables.h"

#include "base/hash.h"
#include "base/slab.h"
#include "cpu/lock.h"
#include "inet/ip.h"
#include "sock/inet_hash_internal.h"
#include "sock/reuseport.h"

#define EHASH_SIZE	16384u
#define LHASH_SIZE	256u
#define BHASH_SIZE	4096u
#define LOOKUP_RESTARTS	16	/* then with the lock */

static int tables_init(struct inet_hashinfo *h, const struct net *net)
{
	u32 lsize = net_table_size(net, LHASH_SIZE);
	int err = inet_table_init(&h->ehash, net_table_size(net, EHASH_SIZE),
				  (s32)offsetof(struct sock_common, hash) -
				  (s32)offsetof(struct sock_common, node));

	if (!err)
		err = inet_table_init(&h->bhash, net_table_size(net, BHASH_SIZE),
				      (s32)offsetof(struct inet_bind_bucket, hash) -
				      (s32)offsetof(struct inet_bind_bucket, node));
	if (!err)
		err = inet_port_rows_init(h, net);
	h->lhash_mask = lsize - 1;
	h->lhash = kcalloc(lsize, sizeof(*h->lhash));
	return h->lhash ? err : -ENOMEM;
}

struct inet_hashinfo *inet_hashinfo_create(const struct net *net)
{
	struct inet_hashinfo *h = kzalloc(sizeof(*h));

	if (!h || !tables_init(h, net))
		return h;
	inet_hashinfo_destroy(h);
	return NULL;
}

void inet_hashinfo_destroy(struct inet_hashinfo *h)
{
	if (!h)
		return;
	inet_table_fini(&h->ehash);
	inet_table_fini(&h->bhash);
	kfree(h->lhash);
	kfree(h->port_rows);
	kfree(h);
}

u32 inet_ehashfn(struct net *net, const union inet_addr *laddr, u16 lport,
		 const union inet_addr *faddr, __be16 fport, u16 family)
{
	u32 seed = (u32)net->hash_secret[0];
	u64 h;

	if (likely(family == AF_INET))
		return hash_4tuple(faddr->v4, fport, laddr->v4,
				   cpu_to_be16(lport), seed);
	h = hash_fold(laddr->q[0] ^ HASH_K1, laddr->q[1] ^ net->hash_secret[1]);
	h = hash_fold(h ^ faddr->q[0], faddr->q[1] ^ HASH_K0);
	return hash_64(h + ((u64)lport << 16 | (__force u16)fport), seed);
}

bool inet_addr_equal(const union inet_addr *a, const union inet_addr *b,
		     u16 family)
{
	if (likely(family == AF_INET))
		return a->v4 == b->v4;
	return a->q[0] == b->q[0] && a->q[1] == b->q[1];
}

bool inet_addr_any(const union inet_addr *a, u16 family)
{
	return family == AF_INET ? !a->v4 : !a->q[0] && !a->q[1];
}

static struct inet_hashinfo *hashinfo(const struct net *net)
{
	return net->sock->hashinfo;
}

static u32 lhash_slot(const struct net *net, u16 port)
{
	return hash_1(port, (u32)net->hash_secret[0]) &
	       hashinfo(net)->lhash_mask;
}

/* --- established -------------------------------------------------------------- */

struct ehash_key {
	const union inet_addr *laddr, *faddr;
	u32 hash;
	u16 lport, family;
	__be16 fport;
	u32 dif;
};

static bool ehash_match(const struct sock_common *c, const struct ehash_key *k)
{
	return READ_ONCE(c->hash) == k->hash && c->num == k->lport &&
	       c->dport == k->fport && c->family == k->family &&
	       inet_addr_equal(&c->daddr, k->faddr, k->family) &&
	       inet_addr_equal(&c->rcv_saddr, k->laddr, k->family) &&
	       (!c->bound_dev_if || c->bound_dev_if == k->dif);
}

static bool in_ehash_bucket(const struct inet_hashinfo *h,
			    const struct sock_common *c,
			    const struct inet_ehash_bucket *b)
{
	return !hlist_unhashed(&c->node) && READ_ONCE(c->state) != TCP_LISTEN &&
	       inet_table_bucket(&h->ehash, READ_ONCE(c->hash)) == b;
}

/* One walk. *moved: that nobody was found cannot be trusted. */
static struct sock_common *ehash_walk(struct inet_hashinfo *h,
				      const struct ehash_key *k, bool *moved)
{
	u32 seq = inet_table_read_begin(&h->ehash);
	struct inet_ehash_bucket *b = inet_table_bucket(&h->ehash, k->hash);
	struct sock_common *c, *last = NULL;

	*moved = false;
	hlist_for_each_entry(c, &b->chain, node) {
		last = c;
		if (!ehash_match(c, k))
			continue;
		if (!refcount_inc_not_zero(&c->refs)) {
			*moved = true;
			return NULL;
		}
		if (likely(ehash_match(c, k)))
			return c;
		sock_gen_put(c);
		*moved = true;
		return NULL;
	}
	*moved = inet_table_read_retry(&h->ehash, seq) ||
		 (last && !in_ehash_bucket(h, last, b));
	return NULL;
}

/* The chain is never quiet. */
static noinline struct sock_common *ehash_find_locked(struct inet_hashinfo *h,
						      const struct ehash_key *k)
{
	struct inet_ehash_bucket *b = inet_table_lock(&h->ehash, k->hash);
	struct sock_common *c, *found = NULL;

	hlist_for_each_entry(c, &b->chain, node) {
		if (ehash_match(c, k) && refcount_inc_not_zero(&c->refs)) {
			found = c;
			break;
		}
	}
	spin_unlock_bh(&b->lock);
	return found;
}

struct sock_common *__inet_lookup_established(struct net *net,
		const union inet_addr *saddr, __be16 sport,
		const union inet_addr *daddr, u16 hnum, u16 family, u32 dif)
{
	struct inet_hashinfo *h = hashinfo(net);
	struct ehash_key k = { .laddr = daddr, .faddr = saddr, .lport = hnum,
			       .fport = sport, .family = family, .dif = dif };
	struct sock_common *c;
	bool moved;

	k.hash = inet_ehashfn(net, daddr, hnum, saddr, sport, family);
	for (u32 n = 0; n < LOOKUP_RESTARTS; n++) {
		c = ehash_walk(h, &k, &moved);
		if (c || likely(!moved))
			return c;
	}
	return ehash_find_locked(h, &k);
}

/* --- listeners ------------------------------------------------------------------ */

/* -1: not for it. Bound address beats bound device beats the CPU. */
static int listener_score(const struct sock *sk, const union inet_addr *daddr,
			  u16 hnum, u16 family, u32 dif)
{
	int score = 1;

	if (sk->c.num != hnum || sk->c.family != family ||
	    READ_ONCE(((struct sock *)sk)->c.state) != TCP_LISTEN)
		return -1;
	if (!inet_addr_any(&sk->c.rcv_saddr, family)) {
		if (!inet_addr_equal(&sk->c.rcv_saddr, daddr, family))
			return -1;
		score += 8;
	}
	if (sk->c.bound_dev_if) {
		if (sk->c.bound_dev_if != dif)
			return -1;
		score += 4;
	}
	if (READ_ONCE(((struct sock *)sk)->incoming_cpu) == this_percpu()->id)
		score++;
	return score;
}

struct sock *__inet_lookup_listener(struct net *net, struct sk_buff *skb,
		const union inet_addr *saddr, __be16 sport,
		const union inet_addr *daddr, u16 hnum, u16 family, u32 dif)
{
	struct inet_hashinfo *h = hashinfo(net);
	struct sock *sk, *best = NULL, *member;
	int hi = 0, score;
	u32 hash;

	hlist_for_each_entry(sk, &h->lhash[lhash_slot(net, hnum)].chain, c.node) {
		score = listener_score(sk, daddr, hnum, family, dif);
		if (score > hi) {
			hi = score;
			best = sk;
		}
	}
	if (!best || !best->c.reuseport)
		return best;
	hash = inet_ehashfn(net, daddr, hnum, saddr, sport, family);
	member = reuseport_select_sock(best, hash, skb, 0);
	return member ? member : best;
}

struct sock_common *__inet_lookup_skb(struct net *net, struct sk_buff *skb,
				      __be16 sport, __be16 dport,
				      bool *refcounted)
{
	union inet_addr s = { 0 }, d = { 0 };
	struct sock_common *c;
	struct sock *sk = skb->sk;
	u32 dif = skb->dev ? skb->dev->ifindex : skb->skb_iif;

	skb_stage(skb, STAGE___inet_lookup_skb);
	if (sk) {	/* found by early demux */
		*refcounted = skb->destructor;
		skb->sk = NULL;
		skb->destructor = NULL;
		return &sk->c;
	}
	s.v4 = ip_hdr(skb)->saddr;
	d.v4 = ip_hdr(skb)->daddr;
	*refcounted = true;
	c = __inet_lookup_established(net, &s, sport, &d, be16_to_cpu(dport),
				      AF_INET, dif);
	if (c)
		return c;
	*refcounted = false;
	sk = __inet_lookup_listener(net, skb, &s, sport, &d,
				    be16_to_cpu(dport), AF_INET, dif);
	return sk ? &sk->c : NULL;
}

/* --- writers ---------------------------------------------------------------------- */

static struct inet_table *ehash_of(const struct sock_common *c)
{
	return &hashinfo(c->net)->ehash;
}

u32 inet_sock_hash(const struct sock_common *c)
{
	return inet_ehashfn(c->net, &c->rcv_saddr, c->num, &c->daddr, c->dport,
			    c->family);
}

/* Somebody else with the same two ends. Bucket lock held. */
struct sock_common *inet_ehash_twin(struct inet_ehash_bucket *b,
				    const struct sock_common *c)
{
	struct sock_common *o;

	hlist_for_each_entry(o, &b->chain, node) {
		if (o != c && o->hash == c->hash && o->num == c->num &&
		    o->dport == c->dport && o->family == c->family &&
		    inet_addr_equal(&o->daddr, &c->daddr, c->family) &&
		    inet_addr_equal(&o->rcv_saddr, &c->rcv_saddr, c->family) &&
		    (!o->bound_dev_if || !c->bound_dev_if ||
		     o->bound_dev_if == c->bound_dev_if))
			return o;
	}
	return NULL;
}

bool inet_ehash_insert(struct sock_common *c, struct sock_common *old)
{
	struct inet_ehash_bucket *b;
	bool ok;

	WRITE_ONCE(c->hash, inet_sock_hash(c));
	smp_mb();
	b = inet_table_lock(ehash_of(c), c->hash);
	ok = old ? !hlist_unhashed(&old->node) : !inet_ehash_twin(b, c);
	if (ok)
		hlist_add_head(&c->node, &b->chain);
	if (ok && old)
		hlist_del_init(&old->node);
	spin_unlock_bh(&b->lock);
	if (ok && !old)
		inet_table_added(ehash_of(c));
	return ok;
}

void inet_ehash_remove(struct sock_common *c)
{
	struct inet_ehash_bucket *b = inet_table_lock(ehash_of(c), c->hash);

	if (!hlist_unhashed(&c->node))
		inet_table_removed(ehash_of(c));
	hlist_del_init(&c->node);
	spin_unlock_bh(&b->lock);
}

/* Listener of the same group to be: same end, both with SO_REUSEPORT. */
static struct sock *reuseport_mate(struct inet_ehash_bucket *b,
				   const struct sock *sk)
{
	struct sock *o;

	hlist_for_each_entry(o, &b->chain, c.node) {
		if (o != sk && o->c.reuseport && o->c.num == sk->c.num &&
		    o->c.family == sk->c.family && o->uid == sk->uid &&
		    o->c.bound_dev_if == sk->c.bound_dev_if &&
		    inet_addr_equal(&o->c.rcv_saddr, &sk->c.rcv_saddr,
				    sk->c.family))
			return o;
	}
	return NULL;
}

static int inet_lhash_insert(struct sock *sk)
{
	struct inet_hashinfo *h = hashinfo(sock_net(sk));
	struct inet_ehash_bucket *b;
	int err = 0;

	b = &h->lhash[lhash_slot(sock_net(sk), sk->c.num)];
	spin_lock_bh(&b->lock);
	if (sk->c.reuseport)
		err = reuseport_add_sock(sk, reuseport_mate(b, sk));
	if (!err) {
		hlist_add_head(&sk->c.node, &b->chain);
		sk->c.in_lhash = true;
	}
	spin_unlock_bh(&b->lock);
	return err;
}

int inet_hash(struct sock *sk)
{
	if (!hlist_unhashed(&sk->c.node))
		return 0;
	if (sk->sk_state == TCP_LISTEN)
		return inet_lhash_insert(sk);
	return inet_ehash_insert(&sk->c, NULL) ? 0 : -EADDRNOTAVAIL;
}

static noinline void listener_unhash(struct inet_hashinfo *h, struct sock *sk)
{
	struct inet_ehash_bucket *b;

	b = &h->lhash[lhash_slot(sock_net(sk), sk->c.num)];
	spin_lock_bh(&b->lock);
	if (sk->reuseport_cb)
		reuseport_detach_sock(sk);
	hlist_del_init(&sk->c.node);
	sk->c.in_lhash = false;
	spin_unlock_bh(&b->lock);
}

void inet_unhash(struct sock *sk)
{
	struct inet_hashinfo *h = hashinfo(sock_net(sk));

	if (hlist_unhashed(&sk->c.node))
		return;
	if (sk->c.in_lhash)
		listener_unhash(h, sk);
	else
		inet_ehash_remove(&sk->c);
}

static void for_each_in(struct inet_ehash_bucket *b,
			void (*fn)(void *arg, struct sock_common *c), void *arg)
{
	struct sock_common *c;

	if (!READ_ONCE(b->chain.first))
		return;
	spin_lock_bh(&b->lock);
	hlist_for_each_entry(c, &b->chain, node)
		fn(arg, c);
	spin_unlock_bh(&b->lock);
}

void inet_hash_for_each(struct inet_hashinfo *h, bool listeners,
			void (*fn)(void *arg, struct sock_common *c), void *arg)
{
	u32 n = listeners ? h->lhash_mask + 1 : READ_ONCE(h->ehash.nr);

	for (u32 i = 0; i < n; i++)
		for_each_in(listeners ? &h->lhash[i] :
			    inet_table_slot(&h->ehash, i), fn, arg);
}
