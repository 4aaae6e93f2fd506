/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Neighbour tables: entries found by (address, device), made, let go.
 *
 * An entry is in its table from neigh_create until it is detached; readers
 * find it under RCU, its memory goes with the last reference after a grace
 * period. The table, a pending timer and every user hold one reference each.
 *
 * Locks: n->lock (state, address, queue), inside it tbl->lock (chains and
 * classes). What sends packets runs without either.
 *
 * Where the rest is: news of an entry neigh_update.c, the state machine's clock
 * neigh_timer.c, full tables neigh_gc.c, packets ether_output.c.
 */
#include "ether/neighbour.h"
#include "base/hash.h"
#include "base/random.h"
#include "base/slab.h"
#include "cpu/rcu.h"
#include "ether/neigh_priv.h"

const char *neigh_state_name(enum neigh_state s)
{
	switch (s) {
	case NUD_NONE:
		return "NONE";
	case NUD_INCOMPLETE:
		return "INCOMPLETE";
	case NUD_REACHABLE:
		return "REACHABLE";
	case NUD_STALE:
		return "STALE";
	case NUD_DELAY:
		return "DELAY";
	case NUD_PROBE:
		return "PROBE";
	case NUD_FAILED:
		return "FAILED";
	case NUD_NOARP:
		return "NOARP";
	case NUD_PERMANENT:
		return "PERMANENT";
	}
	return "?";
}

/* --- lookup ------------------------------------------------------------------ */

struct hlist_head *neigh_bucket(struct neigh_table *t, const void *key,
				const struct net_device *dev)
{
	u32 h;

	if (likely(t->key_len == 4)) {
		u32 k;

		memcpy(&k, key, sizeof(k));
		h = hash_2(k, dev->ifindex, t->hash_seed);
	} else {
		h = hash_bytes(key, t->key_len, t->hash_seed ^ dev->ifindex);
	}
	return &t->buckets[h & t->hash_mask];
}

static struct neighbour *bucket_find(struct hlist_head *bucket,
				     const struct neigh_table *t,
				     const void *key,
				     const struct net_device *dev)
{
	struct neighbour *n;

	hlist_for_each_entry(n, bucket, hash)
		if (n->dev == dev && !memcmp(n->key, key, t->key_len))
			return n;
	return NULL;
}

struct neighbour *neigh_lookup_noref(struct neigh_table *t, const void *key,
				     struct net_device *dev)
{
	return bucket_find(neigh_bucket(t, key, dev), t, key, dev);
}

struct neighbour *neigh_lookup(struct neigh_table *t, const void *key,
			       struct net_device *dev)
{
	struct neighbour *n = neigh_lookup_noref(t, key, dev);

	return n && refcount_inc_not_zero(&n->refs) ? n : NULL;
}

/* --- birth and death ----------------------------------------------------------- */

static void neigh_free_rcu(struct rcu_head *head)
{
	struct neighbour *n = container_of(head, struct neighbour, rcu);

	kfree(n);
}

void neigh_release(struct neighbour *n)
{
	if (!n || !refcount_dec_and_test(&n->refs))
		return;
	dev_put(n->dev);
	call_rcu(&n->rcu, neigh_free_rcu);
}

static struct neighbour *neigh_alloc(struct neigh_table *t, const void *key,
				     struct net_device *dev)
{
	struct neighbour *n = kzalloc(sizeof(*n));

	if (!n)
		return NULL;
	n->tbl = t;
	n->dev = dev;
	n->state = NUD_NONE;
	n->class = NEIGH_CLASS_NONE;
	n->updated = n->used = jiffies();
	n->confirmed = n->used - 2 * ms_to_jiffies(t->base_reachable_ms);
	memcpy(n->key, key, t->key_len);
	spin_lock_init(&n->lock);
	INIT_LIST_HEAD(&n->lru);
	skb_queue_head_init(&n->arp_queue);
	refcount_set(&n->refs, 1);
	neigh_timer_setup(n);
	dev_hold(dev);
	return n;
}

bool neigh_detach(struct neighbour *n)
{
	if (hlist_unhashed(&n->hash))
		return false;
	hlist_del_init(&n->hash);
	list_del_init(&n->lru);
	n->class = NEIGH_CLASS_NONE;
	n->tbl->entries--;
	return true;
}

void neigh_kill(struct neighbour *n)
{
	struct sk_buff_head waiting;

	skb_queue_head_init(&waiting);
	spin_lock_bh(&n->lock);
	n->dead = true;
	neigh_del_timer(n);
	neigh_take_queue(n, &waiting);
	spin_unlock_bh(&n->lock);
	skb_queue_purge_reason(&waiting, SKB_DROP_REASON_NEIGH_DEAD);
	neigh_release(n);
}

/* Puts the new entry in, unless another CPU was faster (then that one is
 * returned) or there is no place. *victim: to be killed by the caller. */
static struct neighbour *neigh_insert(struct neigh_table *t,
				      struct neighbour *n,
				      struct neighbour **victim)
{
	struct hlist_head *bucket = neigh_bucket(t, n->key, n->dev);
	struct neighbour *other = bucket_find(bucket, t, n->key, n->dev);

	*victim = NULL;
	if (other) {
		neigh_hold(other);
		return other;
	}
	if (t->entries >= t->gc_thresh3) {
		*victim = neigh_pick_victim(t);
		if (!*victim) {
			t->table_fulls++;
			return ERR_PTR(-ENOBUFS);
		}
	}
	neigh_hold(n);
	t->entries++;
	neigh_gc_look(t);
	n->class = NEIGH_CLASS_CLAIMED;
	list_add_tail(&n->lru, &t->lru[NEIGH_CLASS_CLAIMED]);
	hlist_add_head(&n->hash, bucket);
	return n;
}

struct neighbour *neigh_create(struct neigh_table *t, const void *key,
			       struct net_device *dev)
{
	struct neighbour *n = neigh_lookup(t, key, dev), *in, *victim;
	int err = 0;

	if (n)
		return n;
	n = neigh_alloc(t, key, dev);
	if (!n)
		return ERR_PTR(-ENOMEM);
	if (t->constructor)
		err = t->constructor(n);
	if (err) {
		neigh_release(n);
		return ERR_PTR(err);
	}
	spin_lock_bh(&t->lock);
	in = neigh_insert(t, n, &victim);
	spin_unlock_bh(&t->lock);
	if (victim)
		neigh_kill(victim);
	if (in != n) {
		neigh_release(n);
	} else if (READ_ONCE(n->state) != NUD_NONE) {	/* by constructor */
		spin_lock_bh(&n->lock);
		neigh_reclass(n);
		spin_unlock_bh(&n->lock);
	}
	return in;
}

void neigh_for_each(struct neigh_table *t,
		    void (*fn)(void *arg, struct neighbour *n), void *arg)
{
	struct neighbour *n;

	for (u32 i = 0; i <= t->hash_mask; i++)
		hlist_for_each_entry(n, &t->buckets[i], hash)
			fn(arg, n);
}

/* --- tables -------------------------------------------------------------------------- */

/* All entries of dev (NULL: of every device); not those in a state of `keep`. */
static void neigh_flush(struct neigh_table *t, struct net_device *dev, u8 keep)
{
	struct neighbour *dead = NULL, *n;
	struct hlist_node *next;

	spin_lock_bh(&t->lock);
	for (u32 i = 0; i <= t->hash_mask; i++)
		hlist_for_each_entry_safe(n, next, &t->buckets[i], hash) {
			if ((dev && n->dev != dev) ||
			    READ_ONCE(n->state) & keep)
				continue;
			neigh_detach(n);
			n->gc_next = dead;
			dead = n;
		}
	spin_unlock_bh(&t->lock);
	while (dead) {
		n = dead;
		dead = n->gc_next;
		neigh_kill(n);
	}
}

void neigh_ifdown(struct neigh_table *t, struct net_device *dev)
{
	neigh_flush(t, dev, 0);
}

void neigh_flush_learnt(struct neigh_table *t, struct net_device *dev)
{
	neigh_flush(t, dev, NUD_PERMANENT | NUD_NOARP);
}

int neigh_delete(struct neigh_table *t, const void *key, struct net_device *dev)
{
	struct neighbour *n = neigh_lookup(t, key, dev);
	bool mine;

	if (!n)
		return -ENOENT;
	spin_lock_bh(&t->lock);
	mine = neigh_detach(n);
	spin_unlock_bh(&t->lock);
	if (mine)
		neigh_kill(n);
	neigh_release(n);
	return mine ? 0 : -ENOENT;
}

#define DEFAULT(field, value) do { if (!t->field) t->field = (value); } while (0)

static void neigh_table_defaults(struct neigh_table *t)
{
	DEFAULT(base_reachable_ms, 30000);	/* RFC 4861 10 */
	DEFAULT(retrans_ms, 1000);
	DEFAULT(delay_probe_ms, 5000);
	DEFAULT(gc_stale_ms, 60000);
	DEFAULT(ucast_probes, 3);
	DEFAULT(mcast_probes, 3);
	DEFAULT(unres_qlen_bytes, 212992);
	DEFAULT(gc_thresh1, 128);
	DEFAULT(gc_thresh2, 512);
	DEFAULT(gc_thresh3, 1024);
	t->reachable_ms = t->base_reachable_ms;
	t->last_rand = jiffies();
}

int neigh_table_init(struct net *net, struct neigh_table *t)
{
	BUG_ON(!t->key_len || t->key_len > NEIGH_KEY_MAX || t->key_len % 4);
	neigh_table_defaults(t);
	t->net = net;
	t->entries = 0;
	t->hash_mask = net_table_size(net, NEIGH_HASH_SIZE) - 1;
	t->hash_seed = get_random_u32();
	t->buckets = kcalloc(t->hash_mask + 1, sizeof(*t->buckets));
	if (!t->buckets)
		return -ENOMEM;
	spin_lock_init(&t->lock);
	for (u32 i = 0; i < NEIGH_CLASSES; i++)
		INIT_LIST_HEAD(&t->lru[i]);
	if (neigh_sysctl_register(t)) {
		kfree(t->buckets);
		return -ENOMEM;
	}
	neigh_gc_start(t);
	spin_lock_bh(&net->neigh->lock);
	t->next = net->neigh->tables;
	net->neigh->tables = t;
	spin_unlock_bh(&net->neigh->lock);
	return 0;
}

void neigh_table_clear(struct neigh_table *t)
{
	struct neigh_net *nn = t->net->neigh;
	struct neigh_table **p;

	spin_lock_bh(&nn->lock);
	for (p = &nn->tables; *p && *p != t; p = &(*p)->next)
		;
	if (*p)
		*p = t->next;
	spin_unlock_bh(&nn->lock);
	neigh_gc_stop(t);
	neigh_flush(t, NULL, 0);
	neigh_sysctl_unregister(t);
	synchronize_rcu();	/* nobody walks the chains any more */
	rcu_barrier(t->net->machine);
	kfree(t->buckets);
	t->buckets = NULL;
}

/* --- the stack's part ------------------------------------------------------------------ */

static int neigh_netdev_event(struct notifier_block *nb, unsigned long event,
			      void *ptr)
{
	struct neigh_net *nn = container_of(nb, struct neigh_net, nb);

	if (event == NETDEV_DOWN || event == NETDEV_UNREGISTER ||
	    event == NETDEV_CHANGEADDR)
		for (struct neigh_table *t = nn->tables; t; t = t->next)
			neigh_ifdown(t, ptr);
	return 0;
}

static int neigh_net_init(struct net *net)
{
	struct neigh_net *nn = kzalloc(sizeof(*nn));

	if (!nn)
		return -ENOMEM;
	spin_lock_init(&nn->lock);
	nn->nb.call = neigh_netdev_event;
	net->neigh = nn;
	register_netdevice_notifier(net, &nn->nb);
	ether_input_init(net, nn);
	return 0;
}

static void neigh_net_exit(struct net *net)
{
	struct neigh_net *nn = net->neigh;

	if (!nn)
		return;
	BUG_ON(nn->tables);
	ether_input_exit(nn);
	unregister_netdevice_notifier(net, &nn->nb);
	kfree(nn);
	net->neigh = NULL;
}

const struct pernet_operations neigh_net_ops = {
	.name = "neigh",
	.init = neigh_net_init,
	.exit = neigh_net_exit,
};
