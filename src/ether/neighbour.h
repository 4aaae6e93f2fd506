/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Neighbours: from the next hop's network address to its link-layer address.
 * One state machine (RFC 4861 7.3.2, used for IPv4 as Linux does), one table
 * per protocol: ARP registers arp_tbl, NDP will register its own.
 */
#ifndef WEIR_ETHER_NEIGHBOUR_H
#define WEIR_ETHER_NEIGHBOUR_H

#include "dev/netdevice.h"

enum neigh_state {
	NUD_NONE = 0x00, NUD_INCOMPLETE = 0x01, NUD_REACHABLE = 0x02,
	NUD_STALE = 0x04, NUD_DELAY = 0x08, NUD_PROBE = 0x10,
	NUD_FAILED = 0x20, NUD_NOARP = 0x40, NUD_PERMANENT = 0x80,
};
#define NUD_CONNECTED	(NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE)
#define NUD_VALID	(NUD_CONNECTED | NUD_PROBE | NUD_STALE | NUD_DELAY)
const char *neigh_state_name(enum neigh_state s);

#define NEIGH_KEY_MAX	16

struct neigh_table;

/* How easily an entry is given up when the table is full, lowest first:
 * answers nobody, somebody only claimed it, we asked and wait, two-way
 * traffic was seen (see neigh_gc.c). */
enum neigh_class { NEIGH_CLASS_FAILED, NEIGH_CLASS_CLAIMED, NEIGH_CLASS_ASKED,
		   NEIGH_CLASS_PROVEN, NEIGH_CLASSES, NEIGH_CLASS_NONE };

struct neighbour {
	struct hlist_node hash;		/* RCU */
	struct neigh_table *tbl;
	struct net_device *dev;		/* held */
	spinlock_t lock;		/* state, ha, queue, timer */
	u8 state;			/* enum neigh_state */
	u8 ha[MAX_ADDR_LEN];
	u32 ha_seq;			/* odd while ha changes */
	u8 key[NEIGH_KEY_MAX];
	refcount_t refs;
	struct sk_buff_head arp_queue;	/* waiting for the address */
	u32 arp_queue_bytes;
	struct timer_list timer;
	u32 probes;
	jiffies_t used, confirmed, updated;
	bool dead;
	bool proven;			/* was REACHABLE once */
	u8 class;			/* enum neigh_class; tbl->lock */
	struct list_head lru;		/* of its class; tbl->lock */
	struct neighbour *gc_next;	/* of those just taken out */
	struct rcu_head rcu;
};

/* Per-protocol part. */
struct neigh_table {
	u16 family;
	u8 key_len;
	const char *name;
	struct net *net;
	/* Sends a question; skb: the packet that wants it, borrowed, or NULL. */
	void (*solicit)(struct neighbour *n, struct sk_buff *skb);
	/* Sets state/ha for addresses that need no asking (multicast,
	 * broadcast, NOARP devices). 0 or -errno. */
	int (*constructor)(struct neighbour *n);
	/* Tell the sender of skb that the next hop is dead. Consumes. */
	void (*error_report)(struct neighbour *n, struct sk_buff *skb);
	/* settings, sysctl net.ipv4.neigh.default.* */
	u32 base_reachable_ms, retrans_ms, delay_probe_ms, gc_stale_ms;
	u32 ucast_probes, mcast_probes, unres_qlen_bytes;
	u32 gc_thresh1, gc_thresh2, gc_thresh3;
	u32 reachable_ms;		/* randomised */
	/* kept by neighbour.c */
	u32 entries;
	u32 hash_mask, hash_seed;
	struct hlist_head *buckets;
	spinlock_t lock;		/* buckets, lru; inside n->lock */
	struct list_head lru[NEIGH_CLASSES]; /* oldest first */
	u32 unres_bytes;		/* waiting in all entries: atomic */
	u32 table_fulls;		/* times an entry was refused */
	u32 forced_gc;			/* entries given up for others */
	jiffies_t last_rand;
	struct timer_list gc_timer;
	bool gc_ended;			/* it is not armed any more */
	struct neigh_table *next;
};

/* t: family, key_len (multiple of 4), name, solicit, constructor,
 * error_report set; settings that are 0 get Linux's defaults. Registers the
 * settings of AF_INET's table as net.ipv4.neigh.default.*. 0 or -ENOMEM. */
int neigh_table_init(struct net *net, struct neigh_table *t);
void neigh_table_clear(struct neigh_table *t);

/* Referenced entry or NULL. */
struct neighbour *neigh_lookup(struct neigh_table *t, const void *key,
			       struct net_device *dev);
/* The same without a reference: valid until the CPU is left (RCU). For the
 * send path. */
struct neighbour *neigh_lookup_noref(struct neigh_table *t, const void *key,
				     struct net_device *dev);
/* Finds or makes, referenced. ERR_PTR(-ENOBUFS) when the table is full, -ENOMEM. */
struct neighbour *neigh_create(struct neigh_table *t, const void *key,
			       struct net_device *dev);
void neigh_release(struct neighbour *n);
static inline void neigh_hold(struct neighbour *n) { refcount_inc(&n->refs); }

#define NEIGH_UPDATE_F_OVERRIDE	1u
#define NEIGH_UPDATE_F_ADMIN	2u
/* News about n: lladdr NULL: keep. Sends what waited. 0 or -errno. */
int neigh_update(struct neighbour *n, const u8 *lladdr, enum neigh_state s,
		 u32 flags);
/* Upper layer saw forward progress (RFC 4861 7.3.1). */
void neigh_confirm(struct neighbour *n);

/* ether_output.c: link-layer header and dev_queue_xmit, or wait for the
 * address. Consumes. n is borrowed. */
int neigh_output(struct neighbour *n, struct sk_buff *skb);

/* All entries, for `ip neigh`; fn under RCU. */
void neigh_for_each(struct neigh_table *t,
		    void (*fn)(void *arg, struct neighbour *n), void *arg);
/* 0, or -ENOENT: there is no such entry. */
int neigh_delete(struct neigh_table *t, const void *key, struct net_device *dev);
/* All entries of dev (NULL: of every device) but permanent ones. */
void neigh_flush_learnt(struct neigh_table *t, struct net_device *dev);
/* Device goes down or changes its address: entries are dropped. */
void neigh_ifdown(struct neigh_table *t, struct net_device *dev);

/* This floor's part of a stack: tables, their upkeep when devices go down,
 * and the 802.1Q input handler. */
extern const struct pernet_operations neigh_net_ops;

#endif
