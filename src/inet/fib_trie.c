/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Longest-prefix match: a binary trie without one-way branches.
 *
 * Each node stands for a prefix (key/plen). A child's prefix extends its
 * parent's, and the bit behind the parent's prefix says which child it is.
 * Nodes either carry routes or have two children, so that a table of n
 * prefixes has less than 2n nodes and a lookup visits one node per branching
 * on the way: three or four on a host, about twenty with a full table.
 *
 * A lookup walks down as long as the node's prefix matches and remembers the
 * last route that suits. Writers hold ipv4->cfg_lock; each change is one
 * pointer store, so readers see the trie before or after it.
 */
#include "inet/fib.h"

#include "base/bitops.h"
#include "base/slab.h"
#include "inet/ipv4_net.h"

#define FIB_MAX_DEPTH	33

static inline u32 key_bit(u32 key, u8 pos)
{
	return key >> (31 - pos) & 1;
}

static inline bool node_matches(const struct fib_node *n, u32 key)
{
	return !((key ^ n->key) & plen_mask(n->plen));
}

static struct fib_node *node_alloc(u32 key, u8 plen)
{
	struct fib_node *n = kzalloc(sizeof(*n));

	if (n) {
		n->key = key & plen_mask(plen);
		n->plen = plen;
	}
	return n;
}

static void node_free_rcu(struct rcu_head *head)
{
	kfree(container_of(head, struct fib_node, rcu));
}

/* Length of the prefix that both have in common. */
static u8 common_plen(const struct fib_node *n, u32 key, u8 plen)
{
	u8 same = (u8)(32 - fls(n->key ^ key));
	u8 shorter = min(n->plen, plen);

	return min(same, shorter);
}

/* `n` is in the way of key/plen: the new node goes above it, with a branching
 * between them if neither contains the other. */
static struct fib_node *insert_above(struct fib_node **link,
				     struct fib_node *n, u32 key, u8 plen,
				     u8 common)
{
	struct fib_node *node = node_alloc(key, plen), *top = node;

	if (!node)
		return NULL;
	if (common < plen) {
		top = node_alloc(key, common);
		if (!top) {
			kfree(node);
			return NULL;
		}
		top->child[key_bit(key, common)] = node;
	}
	top->child[key_bit(n->key, common)] = n;
	rcu_assign_pointer(*link, top);
	return node;
}

struct fib_node *fib_trie_insert(struct fib_table *t, u32 key, u8 plen)
{
	struct fib_node **link = &t->root, *n;

	key &= plen_mask(plen);
	while ((n = *link)) {
		u8 common = common_plen(n, key, plen);

		if (common < n->plen)
			return insert_above(link, n, key, plen, common);
		if (n->plen == plen)
			return n;
		link = &n->child[key_bit(key, n->plen)];
	}
	n = node_alloc(key, plen);
	if (n)
		rcu_assign_pointer(*link, n);
	return n;
}

struct fib_node *fib_trie_find(struct fib_table *t, u32 key, u8 plen)
{
	struct fib_node *n = rcu_dereference(t->root);

	key &= plen_mask(plen);
	while (n && n->plen <= plen && node_matches(n, key)) {
		if (n->plen == plen)
			return n;
		n = rcu_dereference(n->child[key_bit(key, n->plen)]);
	}
	return NULL;
}

/* Takes *link out if it neither has routes nor branches. True if so. */
static bool prune_link(struct fib_node **link)
{
	struct fib_node *n = *link;

	if (!n || n->routes || (n->child[0] && n->child[1]))
		return false;
	rcu_assign_pointer(*link, n->child[0] ? n->child[0] : n->child[1]);
	call_rcu(&n->rcu, node_free_rcu);
	return true;
}

void fib_trie_prune(struct fib_table *t, u32 key, u8 plen)
{
	struct fib_node **path[FIB_MAX_DEPTH], **link = &t->root, *n;
	int depth = 0;

	key &= plen_mask(plen);
	while ((n = *link) && n->plen <= plen && node_matches(n, key)) {
		path[depth++] = link;
		if (n->plen == plen)
			break;
		link = &n->child[key_bit(key, n->plen)];
	}
	/* A node that goes may leave its parent with one child only. */
	while (depth > 0 && prune_link(path[--depth]))
		;
}

void fib_trie_walk(struct fib_table *t,
		   void (*fn)(void *arg, struct fib_node *n), void *arg)
{
	struct fib_node *stack[2 * FIB_MAX_DEPTH], *n;
	int top = 0;

	n = rcu_dereference(t->root);
	if (n)
		stack[top++] = n;
	while (top) {
		struct fib_node *l, *r;

		n = stack[--top];
		l = rcu_dereference(n->child[0]);
		r = rcu_dereference(n->child[1]);
		/* Concurrent inserts can make a reader's way longer than 33. */
		if (r && top < 2 * FIB_MAX_DEPTH)
			stack[top++] = r;
		if (l && top < 2 * FIB_MAX_DEPTH)
			stack[top++] = l;
		if (READ_ONCE(n->routes))
			fn(arg, n);
	}
}

/* Next hop known not to answer: somebody gave negative advice lately. */
static bool fib_info_failed(const struct fib_info *fi)
{
	u32 at = READ_ONCE(fi->failed_at);

	return at && (u32)jiffies() - at < 30 * HZ;
}

static bool fib_info_suits(const struct fib_info *fi, const struct fib_key *k)
{
	if (fi->cfg.tos && fi->cfg.tos != (k->tos & IPTOS_RT_MASK))
		return false;
	return !k->oif || !fi->dev || fi->dev->ifindex == k->oif;
}

/* Best route of a prefix. RFC1122 3.3.1.5: from a gateway that failed to
 * another one; when all have failed, the first. */
static struct fib_info *fib_select(struct fib_info *fi, const struct fib_key *k)
{
	struct fib_info *first = NULL;

	for (; fi; fi = rcu_dereference(fi->next)) {
		if (!fib_info_suits(fi, k))
			continue;
		if (likely(!READ_ONCE(fi->failed_at) || !fib_info_failed(fi)))
			return fi;
		if (!first)
			first = fi;
	}
	return first;
}

struct fib_info *fib_trie_lookup(struct fib_table *t, const struct fib_key *k)
{
	struct fib_info *best = NULL, *fi;
	u32 key = be32_to_cpu(k->daddr);
	struct fib_node *n = rcu_dereference(t->root);

	while (n && node_matches(n, key)) {
		fi = rcu_dereference(n->routes);
		if (fi) {
			fi = fib_select(fi, k);
			if (fi)
				best = fi;
		}
		if (n->plen == 32)
			break;
		n = rcu_dereference(n->child[key_bit(key, n->plen)]);
	}
	return best;
}
