/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two tables. By local port: who may bind what, and copies for groups. hash2
 * says where a unicast packet goes: connected sockets are in it by both ends,
 * so that a server with a socket per peer finds each at once, all others by
 * local address and port. A lookup tries the packet's two ends, its own
 * destination, and then the wildcard.
 *
 * Two sockets may have one port if their addresses or devices differ, if both
 * say SO_REUSEADDR, or both SO_REUSEPORT. Which of several gets a packet is
 * told by a score: connected to the sender beats bound to the device beats
 * the rest; among equals the group's hash or the newest bind decides.
 *
 * Readers walk under RCU. A socket that connects moves to another chain of
 * hash2; a reader that stood on it looks at the end whether it is still in the
 * right chain, and begins again if not.
 */
#include "udp/udp_sock.h"

#include "base/bitops.h"
#include "base/hash.h"
#include "base/random.h"
#include "base/slab.h"
#include "sock/inet_hash_internal.h"
#include "sock/reuseport.h"

#define LOOKUP_RESTARTS	64

int udp_table_init(struct udp_table *t, u32 size)
{
	size = (u32)roundup_pow_of_two(size);
	t->mask = size - 1;
	t->hash = kcalloc(size, sizeof(*t->hash));
	t->hash2 = kcalloc(size, sizeof(*t->hash2));
	if (t->hash && t->hash2)
		return 0;
	udp_table_fini(t);
	return -ENOMEM;
}

void udp_table_fini(struct udp_table *t)
{
	kfree(t->hash);
	kfree(t->hash2);
	t->hash = t->hash2 = NULL;
}

static struct udp_table *table(const struct net *net)
{
	return &udp_net(net)->table;
}

static u32 port_hash(const struct net *net, u16 port)
{
	return hash_1(port, (u32)net->hash_secret[0]);
}

static u32 addr_port_hash(const struct net *net, __be32 addr, u16 port)
{
	return hash_2((__force u32)addr, port, (u32)net->hash_secret[1]);
}

struct udp_hslot *udp_port_slot(struct net *net, u16 port)
{
	struct udp_table *t = table(net);

	return &t->hash[port_hash(net, port) & t->mask];
}

static u32 ends_hash(const struct net *net, __be32 faddr, __be16 fport,
		     __be32 laddr, u16 lport)
{
	return hash_4tuple(faddr, fport, laddr, cpu_to_be16(lport),
			   (u32)net->hash_secret[1]);
}

/* Owner. Where the socket belongs in hash2. */
static u32 sock_hash2(const struct sock *sk)
{
	const struct sock_common *c = &sk->c;

	if (c->daddr.v4 && c->dport)
		return ends_hash(c->net, c->daddr.v4, c->dport,
				 c->rcv_saddr.v4, c->num);
	return addr_port_hash(c->net, c->rcv_saddr.v4, c->num);
}

static struct udp_hslot *addr_slot(const struct net *net, u32 hash2)
{
	struct udp_table *t = table(net);

	return &t->hash2[hash2 & t->mask];
}

/* --- lookup ------------------------------------------------------------------------- */

struct udp_key {
	__be32 saddr, daddr;
	__be16 sport;
	u16 hnum;
	u32 dif;
};

/* -1: the packet is not for it. A socket may connect while it is looked at. */
static int udp_score(struct sock *sk, const struct udp_key *k, __be32 bound)
{
	__be32 daddr = READ_ONCE(sk->c.daddr.v4);
	__be16 dport = READ_ONCE(sk->c.dport);
	u32 dif = READ_ONCE(sk->c.bound_dev_if);
	int score = 1;

	if (READ_ONCE(sk->c.num) != k->hnum ||
	    READ_ONCE(sk->c.rcv_saddr.v4) != bound)
		return -1;
	if (daddr) {
		if (daddr != k->saddr)
			return -1;
		score += 4;
	}
	if (dport) {
		if (dport != k->sport)
			return -1;
		score += 4;
	}
	if (dif) {
		if (dif != k->dif)
			return -1;
		score += 4;
	}
	if (READ_ONCE(sk->incoming_cpu) == this_percpu()->id)
		score++;
	return score;
}

static struct sock *udp_walk(struct net *net, u32 hash2,
			     const struct udp_key *k, __be32 bound, bool *moved)
{
	struct udp_table *t = table(net);
	struct sock *sk, *best = NULL, *last = NULL;
	int hi = 0, score;

	hlist_for_each_entry(sk, &addr_slot(net, hash2)->head, c.bind_node) {
		last = sk;
		if (READ_ONCE(sk->bind_hash2) != hash2)
			continue;
		score = udp_score(sk, k, bound);
		if (score > hi) {
			hi = score;
			best = sk;
		}
	}
	/* A sock that was met in another chain, where it was put after its hash
	 * had changed, has the new hash from here on. */
	smp_rmb();
	*moved = last && ((READ_ONCE(last->bind_hash2) ^ hash2) & t->mask ||
			  hlist_unhashed(&last->c.bind_node));
	return best;
}

static struct sock *udp_search(struct net *net, u32 hash2,
			       const struct udp_key *k, __be32 bound)
{
	struct sock *sk = NULL;
	bool moved = true;

	for (u32 n = 0; moved && n < LOOKUP_RESTARTS; n++)
		sk = udp_walk(net, hash2, k, bound, &moved);
	return sk;
}

static struct sock *udp_search_connected(struct net *net,
					 const struct udp_key *k)
{
	return udp_search(net, ends_hash(net, k->saddr, k->sport, k->daddr,
					 k->hnum), k, k->daddr);
}

static struct sock *udp_search_bound(struct net *net, const struct udp_key *k,
				     __be32 bound)
{
	return udp_search(net, addr_port_hash(net, bound, k->hnum), k, bound);
}

static struct sock *udp_group_member(struct sock *sk, const struct udp_key *k,
				     struct sk_buff *skb)
{
	struct sock *member;
	u32 hash;

	if (likely(!sk->c.reuseport) ||
	    READ_ONCE(sk->c.state) == TCP_ESTABLISHED)
		return sk;
	hash = hash_4tuple(k->saddr, k->sport, k->daddr, cpu_to_be16(k->hnum),
			   (u32)sock_net(sk)->hash_secret[0]);
	member = reuseport_select_sock(sk, hash, skb, sizeof(struct udphdr));
	return member ? member : sk;
}

struct sock *udp_lookup(struct net *net, __be32 saddr, __be16 sport,
			__be32 daddr, __be16 dport, u32 dif,
			struct sk_buff *skb)
{
	struct udp_key k = { .saddr = saddr, .daddr = daddr, .sport = sport,
			     .hnum = be16_to_cpu(dport), .dif = dif };
	struct sock *sk = udp_search_connected(net, &k);

	if (sk)
		return sk;
	sk = udp_search_bound(net, &k, daddr);
	if (!sk)
		sk = udp_search_bound(net, &k, 0);
	return sk ? udp_group_member(sk, &k, skb) : NULL;
}

struct sock *udp_lookup_connected(struct net *net, __be32 saddr, __be16 sport,
				  __be32 daddr, __be16 dport, u32 dif)
{
	struct udp_key k = { .saddr = saddr, .daddr = daddr, .sport = sport,
			     .hnum = be16_to_cpu(dport), .dif = dif };

	return udp_search_connected(net, &k);
}

/* --- bind ------------------------------------------------------------------------------ */

static bool ends_overlap(const struct sock *a, const struct sock *b)
{
	if (a->c.bound_dev_if && b->c.bound_dev_if &&
	    a->c.bound_dev_if != b->c.bound_dev_if)
		return false;
	return !a->c.rcv_saddr.v4 || !b->c.rcv_saddr.v4 ||
	       a->c.rcv_saddr.v4 == b->c.rcv_saddr.v4;
}

static bool may_share(const struct sock *a, const struct sock *b)
{
	if (a->c.reuse && b->c.reuse)
		return true;
	return a->c.reuseport && b->c.reuseport && a->uid == b->uid;
}

/* Slot's lock held. */
static bool port_in_use(const struct udp_hslot *slot, const struct sock *sk,
			u16 port, bool own_choice)
{
	const struct sock *o;

	hlist_for_each_entry(o, &slot->head, c.node) {
		if (o != sk && o->c.num == port && ends_overlap(o, sk) &&
		    !(own_choice && may_share(o, sk)))
			return true;
	}
	return false;
}

static struct sock *reuseport_mate(const struct udp_hslot *slot,
				   const struct sock *sk)
{
	struct sock *o;

	hlist_for_each_entry(o, &slot->head, c.node) {
		if (o != sk && o->c.num == sk->c.num && o->c.reuseport &&
		    o->uid == sk->uid &&
		    o->c.bound_dev_if == sk->c.bound_dev_if &&
		    o->c.rcv_saddr.v4 == sk->c.rcv_saddr.v4)
			return o;
	}
	return NULL;
}

static void hash2_insert(struct sock *sk)
{
	struct udp_hslot *slot;

	WRITE_ONCE(sk->bind_hash2, sock_hash2(sk));
	smp_mb();
	slot = addr_slot(sock_net(sk), sk->bind_hash2);
	spin_lock(&slot->lock);
	hlist_add_head(&sk->c.bind_node, &slot->head);
	slot->count++;
	spin_unlock(&slot->lock);
}

static void hash2_remove(struct sock *sk)
{
	struct udp_hslot *slot = addr_slot(sock_net(sk), sk->bind_hash2);

	spin_lock(&slot->lock);
	hlist_del_init(&sk->c.bind_node);
	slot->count--;
	spin_unlock(&slot->lock);
}

/* 0, -EADDRINUSE, -ENOMEM */
static int udp_try_port(struct sock *sk, u16 port, bool own_choice)
{
	struct udp_hslot *slot = udp_port_slot(sock_net(sk), port);
	int err = 0;

	spin_lock_bh(&slot->lock);
	if (port_in_use(slot, sk, port, own_choice)) {
		err = -EADDRINUSE;
		goto out;
	}
	WRITE_ONCE(sk->c.num, port);
	if (sk->c.reuseport)
		err = reuseport_add_sock(sk, reuseport_mate(slot, sk));
	if (err) {
		WRITE_ONCE(sk->c.num, 0);
		goto out;
	}
	hlist_add_head(&sk->c.node, &slot->head);
	slot->count++;
	hash2_insert(sk);
out:
	spin_unlock_bh(&slot->lock);
	return err;
}

/* RFC 6056 3.3.2: from a random port on, the next that is free. */
static int udp_find_port(struct sock *sk)
{
	u32 low, high, span, start;

	inet_sk_port_range(sk, &low, &high);
	span = high - low + 1;
	start = get_random_u32_below(span);
	for (u32 i = 0; i < span; i++) {
		int err = udp_try_port(sk, (u16)(low + (start + i) % span), false);

		if (err != -EADDRINUSE)
			return err;
	}
	return -EADDRINUSE;
}

int udp_get_port(struct sock *sk, u16 num)
{
	return num ? udp_try_port(sk, num, true) : udp_find_port(sk);
}

void udp_unhash(struct sock *sk)
{
	struct udp_hslot *slot;

	if (hlist_unhashed(&sk->c.node))
		return;
	slot = udp_port_slot(sock_net(sk), sk->c.num);
	spin_lock_bh(&slot->lock);
	reuseport_detach_sock(sk);
	hlist_del_init(&sk->c.node);
	slot->count--;
	hash2_remove(sk);
	spin_unlock_bh(&slot->lock);
}

/* The local address changed (connect, disconnect). */
void udp_rehash(struct sock *sk)
{
	struct net *net = sock_net(sk);
	struct udp_hslot *slot;

	if (hlist_unhashed(&sk->c.node) || sock_hash2(sk) == sk->bind_hash2)
		return;
	slot = udp_port_slot(net, sk->c.num);
	spin_lock_bh(&slot->lock);
	if (sk->reuseport_cb)
		reuseport_detach_sock(sk);
	hash2_remove(sk);
	hash2_insert(sk);
	spin_unlock_bh(&slot->lock);
}
