/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Forwarding information base, inside of this floor. A table is a trie of
 * prefixes (fib_trie.c); at each prefix hangs a list of fib_info, the routes
 * to it, best first. Readers walk under RCU, writers hold ipv4->cfg_lock.
 */
#ifndef WEIR_INET_FIB_H
#define WEIR_INET_FIB_H

#include "buf/wire/ip.h"
#include "cpu/lock.h"
#include "inet/route.h"

#define RT_TABLE_DEFAULT_	253
#define RT_TABLE_MAIN_		254
#define RT_TABLE_LOCAL_		255
enum { FIB_LOCAL, FIB_MAIN, FIB_DEFAULT, FIB_TABLES };	/* order of lookup */

enum { RT_SCOPE_UNIVERSE_ = 0, RT_SCOPE_SITE_ = 200, RT_SCOPE_LINK_ = 253,
       RT_SCOPE_HOST_ = 254, RT_SCOPE_NOWHERE_ = 255 };
enum { RTPROT_KERNEL_ = 2, RTPROT_BOOT_ = 3, RTPROT_STATIC_ = 4 };

#define FIB_MAX_ROUTES	(1u << 20)	/* in one stack */

/* One route. cfg and dev do not change once it is in a table. */
struct fib_info {
	struct fib_info *next;		/* same prefix, RCU */
	struct fib_info *gone;		/* while being removed; cfg_lock */
	struct fib_config cfg;		/* dst masked, table and scope filled in */
	struct net_device *dev;		/* held; NULL for refusals */
	/* Results of lookups that ended here, for output and for input; RCU.
	 * The slot owns a reference. */
	struct rtable *rt_out, *rt_in;
	u32 failed_at;			/* jiffies of negative advice, 0: none */
	struct rcu_head rcu;
};

struct fib_node {
	u32 key;			/* host order, masked */
	u8 plen;
	struct fib_node *child[2];	/* RCU */
	struct fib_info *routes;	/* RCU; NULL: only a branching */
	struct rcu_head rcu;
};

struct fib_table {
	struct fib_node *root;		/* RCU */
	u32 routes;
};

/* --- fib_trie.c --------------------------------------------------------------- */

static inline u32 plen_mask(u8 plen)
{
	return plen ? ~0u << (32 - plen) : 0;
}
/* The prefix's node; made when absent. NULL: no memory. cfg_lock. */
struct fib_node *fib_trie_insert(struct fib_table *t, u32 key, u8 plen);
struct fib_node *fib_trie_find(struct fib_table *t, u32 key, u8 plen);
/* Takes nodes without routes out, as far as they are not needed. cfg_lock. */
void fib_trie_prune(struct fib_table *t, u32 key, u8 plen);
/* In order of prefixes; nodes may lose their routes meanwhile. RCU. */
void fib_trie_walk(struct fib_table *t,
		   void (*fn)(void *arg, struct fib_node *n), void *arg);

struct fib_key {
	__be32 daddr;
	u8 tos;
	u32 oif;			/* 0: any */
};
/* Longest prefix with a route that suits; NULL. RCU. */
struct fib_info *fib_trie_lookup(struct fib_table *t, const struct fib_key *k);

/* --- fib.c ---------------------------------------------------------------------- */

/* Over the tables in order. 0; -ENETUNREACH: none; or the refusal's errno. */
int fib_lookup(struct net *net, const struct fib_key *k, struct fib_info **fi);
/* All routes over dev go. cfg_lock held. */
void fib_flush_dev(struct net *net, struct net_device *dev);
/* fib_add and fib_del for who holds cfg_lock. */
enum fib_op { FIB_ADD, FIB_REPLACE, FIB_CHANGE };
int __fib_add(struct net *net, const struct fib_config *cfg, enum fib_op op);
int __fib_del(struct net *net, const struct fib_config *cfg);
void fib_exit(struct net *net);
/* Everything cached is stale from now on. Any context. */
void rt_genid_bump(struct net *net);

/* --- fib_semantics.c ---------------------------------------------------------- */

/* A route from a configuration that makes sense; ERR_PTR. cfg_lock held. */
struct fib_info *fib_create_info(struct net *net, const struct fib_config *cfg);
void fib_free_info(struct fib_info *fi);	/* after a grace period */
/* Is gw one of the gateways of a default route over dev? RCU. */
bool fib_is_default_gw(struct net *net, __be32 gw, struct net_device *dev);
/* errno of a refusing type; 0 for those that lead somewhere. */
int fib_type_error(u8 type);

#endif
