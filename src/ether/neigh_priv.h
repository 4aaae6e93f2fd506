/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the neighbour subsystem share. */
#ifndef WEIR_ETHER_NEIGH_PRIV_H
#define WEIR_ETHER_NEIGH_PRIV_H

#include "cpu/lock.h"
#include "dev/ptype.h"
#include "ether/neighbour.h"

/* States in which the timer runs. */
#define NUD_IN_TIMER	(NUD_INCOMPLETE | NUD_REACHABLE | NUD_DELAY | NUD_PROBE)

#define NEIGH_HASH_SIZE		1024
#define NEIGH_GC_INTERVAL	(30 * HZ)
#define NEIGH_RAND_INTERVAL	(300 * HZ)
#define NEIGH_FLUSH_AGE		(5 * HZ)
/* Packets waiting in all entries of a table: unres_qlen_bytes times this. */
#define NEIGH_UNRES_FACTOR	16

struct neigh_net {
	spinlock_t lock;
	struct neigh_table *tables;
	struct notifier_block nb;
	struct packet_type vlan;
};

static inline jiffies_t ms_to_jiffies(u32 ms)
{
	jiffies_t j = DIV_ROUND_UP((u64)ms * HZ, 1000);

	return j ? j : 1;
}

/* --- neighbour.c --- */

/* Out of the table; true: it was in, and the caller owes neigh_kill. Table
 * lock held. */
bool neigh_detach(struct neighbour *n);
/* Ends a detached entry: timer, queue, the table's reference. */
void neigh_kill(struct neighbour *n);
struct hlist_head *neigh_bucket(struct neigh_table *t, const void *key,
				const struct net_device *dev);

/* --- neigh_timer.c; n->lock held unless said --- */

void neigh_add_timer(struct neighbour *n, jiffies_t when);
void neigh_del_timer(struct neighbour *n);
void neigh_timer_setup(struct neighbour *n);
/* Drops or reports what waits. Not locked. */
void neigh_fail_queue(struct neighbour *n, struct sk_buff_head *waiting);
/* Asks once; not locked. */
void neigh_probe(struct neighbour *n);
/* The one setter of n->state. */
void neigh_set_state(struct neighbour *n, enum neigh_state s);
/* All that waits, taken off the entry. */
void neigh_take_queue(struct neighbour *n, struct sk_buff_head *to);

/* --- neigh_gc.c --- */

/* n's class follows its state. n->lock held. */
void neigh_reclass(struct neighbour *n);
/* Frees a place in a full table. The victim (detached), or NULL. Table lock
 * held. */
struct neighbour *neigh_pick_victim(struct neigh_table *t);
/* The table has grown: the periodic pass comes if there is work. t->lock. */
void neigh_gc_look(struct neigh_table *t);
void neigh_gc_start(struct neigh_table *t);
void neigh_gc_stop(struct neigh_table *t);

/* --- neigh_sysctl.c --- */

int neigh_sysctl_register(struct neigh_table *t);
void neigh_sysctl_unregister(struct neigh_table *t);

/* --- ether_input.c --- */

void ether_input_init(struct net *net, struct neigh_net *nn);
void ether_input_exit(struct neigh_net *nn);

#endif
