/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The routing tables of a stack: local (what is delivered here), main, and
 * default; looked up in this order. RFC 1122 3.3.1, RFC 1812 5.2.4.
 *
 * A route is found by prefix, then type of service, then priority (lower is
 * better). Changes bump ipv4->rt_genid, which makes every cached result look
 * again at its next use.
 */
#include "inet/fib.h"

#include "base/slab.h"
#include "inet/ipv4_net.h"

void rt_genid_bump(struct net *net)
{
	__atomic_fetch_add(&net->ipv4->rt_genid, 1, __ATOMIC_RELEASE);
}

int fib_lookup(struct net *net, const struct fib_key *k, struct fib_info **res)
{
	struct fib_table *t = net->ipv4->tables;

	for (int i = 0; i < FIB_TABLES; i++) {
		struct fib_info *fi = fib_trie_lookup(&t[i], k);

		if (!fi)
			continue;
		*res = fi;
		return fib_type_error(fi->cfg.type);
	}
	return -ENETUNREACH;
}

static struct fib_table *fib_get_table(struct net *net, u32 id)
{
	switch (id) {
	case 0:
	case RT_TABLE_MAIN_:
		return &net->ipv4->tables[FIB_MAIN];
	case RT_TABLE_LOCAL_:
		return &net->ipv4->tables[FIB_LOCAL];
	case RT_TABLE_DEFAULT_:
		return &net->ipv4->tables[FIB_DEFAULT];
	default:
		return NULL;
	}
}

/* --- changes; cfg_lock held --------------------------------------------------- */

/* Where a route with this tos and priority belongs in the list. */
static struct fib_info **fib_position(struct fib_node *n, u8 tos, u32 priority)
{
	struct fib_info **p = &n->routes;

	while (*p && ((*p)->cfg.tos > tos ||
		      ((*p)->cfg.tos == tos && (*p)->cfg.priority < priority)))
		p = &(*p)->next;
	return p;
}

static int fib_link(struct fib_table *t, struct fib_node *n,
		    struct fib_info *fi, enum fib_op op)
{
	struct fib_info **p = fib_position(n, fi->cfg.tos, fi->cfg.priority);
	struct fib_info *old = *p;
	bool same = old && old->cfg.tos == fi->cfg.tos &&
		    old->cfg.priority == fi->cfg.priority;

	if (same && op == FIB_ADD)
		return -EEXIST;
	if (!same && op == FIB_CHANGE)
		return -ENOENT;
	fi->next = same ? old->next : old;
	rcu_assign_pointer(*p, fi);
	if (same)
		fib_free_info(old);
	else
		t->routes++;
	return 0;
}

static bool fib_config_sane(const struct fib_config *cfg)
{
	if (cfg->prefixlen > 32 || cfg->type > RTN_PROHIBIT_)
		return false;
	return !(be32_to_cpu(cfg->dst) & ~plen_mask(cfg->prefixlen));
}

int __fib_add(struct net *net, const struct fib_config *cfg, enum fib_op op)
{
	struct fib_table *t = fib_get_table(net, cfg->table);
	struct fib_info *fi;
	struct fib_node *n;
	int err;

	if (!t || !fib_config_sane(cfg))
		return -EINVAL;
	if (t->routes >= FIB_MAX_ROUTES)
		return -ENOMEM;
	fi = fib_create_info(net, cfg);
	if (IS_ERR(fi))
		return (int)PTR_ERR(fi);
	n = fib_trie_insert(t, be32_to_cpu(cfg->dst), cfg->prefixlen);
	err = n ? fib_link(t, n, fi, op) : -ENOMEM;
	if (err) {
		fib_free_info(fi);
		fib_trie_prune(t, be32_to_cpu(cfg->dst), cfg->prefixlen);
		return err;
	}
	rt_genid_bump(net);
	return 0;
}

static bool fib_matches(const struct fib_info *fi, const struct fib_config *cfg)
{
	const struct fib_config *c = &fi->cfg;

	return c->tos == cfg->tos &&
	       (!cfg->type || c->type == cfg->type) &&
	       (!cfg->priority || c->priority == cfg->priority) &&
	       (!cfg->protocol || c->protocol == cfg->protocol) &&
	       (!cfg->gateway || c->gateway == cfg->gateway) &&
	       (!cfg->prefsrc || c->prefsrc == cfg->prefsrc) &&
	       (!cfg->oif || c->oif == cfg->oif);
}

int __fib_del(struct net *net, const struct fib_config *cfg)
{
	struct fib_table *t = fib_get_table(net, cfg->table);
	u32 key = be32_to_cpu(cfg->dst);
	struct fib_info **p, *fi;
	struct fib_node *n;

	if (!t || !fib_config_sane(cfg))
		return -EINVAL;
	n = fib_trie_find(t, key, cfg->prefixlen);
	if (!n)
		return -ESRCH;
	for (p = &n->routes; (fi = *p); p = &fi->next)
		if (fib_matches(fi, cfg))
			break;
	if (!fi)
		return -ESRCH;
	rcu_assign_pointer(*p, fi->next);
	t->routes--;
	fib_free_info(fi);
	fib_trie_prune(t, key, cfg->prefixlen);
	rt_genid_bump(net);
	return 0;
}

static int fib_add_locked(struct net *net, const struct fib_config *cfg,
			  enum fib_op op)
{
	int err;

	spin_lock_bh(&net->ipv4->cfg_lock);
	err = __fib_add(net, cfg, op);
	spin_unlock_bh(&net->ipv4->cfg_lock);
	return err;
}

int fib_add(struct net *net, const struct fib_config *cfg, bool replace)
{
	return fib_add_locked(net, cfg, replace ? FIB_REPLACE : FIB_ADD);
}

int fib_change(struct net *net, const struct fib_config *cfg)
{
	return fib_add_locked(net, cfg, FIB_CHANGE);
}

int fib_del(struct net *net, const struct fib_config *cfg)
{
	int err;

	spin_lock_bh(&net->ipv4->cfg_lock);
	err = __fib_del(net, cfg);
	spin_unlock_bh(&net->ipv4->cfg_lock);
	return err;
}

/* --- all routes of a device, or all ------------------------------------------- */

struct flush {
	struct net_device *dev;		/* NULL: every route */
	struct fib_info *gone;
};

static void fib_flush_node(void *arg, struct fib_node *n)
{
	struct fib_info **p = &n->routes, *fi;
	struct flush *f = arg;

	while ((fi = *p)) {
		if (f->dev && fi->dev != f->dev) {
			p = &fi->next;
			continue;
		}
		rcu_assign_pointer(*p, fi->next);
		fi->gone = f->gone;
		f->gone = fi;
	}
}

/* The walk only unlinks; nodes may go when it is over. */
static void fib_flush_table(struct fib_table *t, struct net_device *dev)
{
	struct flush f = { .dev = dev };
	struct fib_info *fi;

	fib_trie_walk(t, fib_flush_node, &f);
	while ((fi = f.gone)) {
		f.gone = fi->gone;
		t->routes--;
		fib_trie_prune(t, be32_to_cpu(fi->cfg.dst), fi->cfg.prefixlen);
		fib_free_info(fi);
	}
}

void fib_flush_dev(struct net *net, struct net_device *dev)
{
	for (int i = 0; i < FIB_TABLES; i++)
		fib_flush_table(&net->ipv4->tables[i], dev);
	rt_genid_bump(net);
}

void fib_exit(struct net *net)
{
	spin_lock_bh(&net->ipv4->cfg_lock);
	fib_flush_dev(net, NULL);
	spin_unlock_bh(&net->ipv4->cfg_lock);
}

/* --- listing -------------------------------------------------------------------- */

struct listing {
	void (*fn)(void *arg, const struct fib_config *cfg);
	void *arg;
};

static void fib_list_node(void *arg, struct fib_node *n)
{
	struct listing *l = arg;
	struct fib_info *fi = rcu_dereference(n->routes);

	for (; fi; fi = rcu_dereference(fi->next))
		l->fn(l->arg, &fi->cfg);
}

void fib_for_each(struct net *net,
		  void (*fn)(void *arg, const struct fib_config *cfg),
		  void *arg)
{
	struct listing l = { fn, arg };

	rcu_read_lock();
	for (int i = 0; i < FIB_TABLES; i++)
		fib_trie_walk(&net->ipv4->tables[i], fib_list_node, &l);
	rcu_read_unlock();
}
