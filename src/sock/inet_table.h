/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hash table that grows under its users' hands: chains with a lock each.
 *
 * It has `nr` buckets, and grows by one at a time (linear hashing): bucket
 * nr - 2^k is split in two, by the next bit of the hashes, when the table
 * holds more entries than buckets. So there is no moment at which everything
 * is moved, the buckets lie where they are for ever, and each insertion pays
 * for one or two splits. Buckets come in segments, a first one when the table
 * is made. It never shrinks.
 *
 * Writers: inet_table_lock. Readers walk without locks, under RCU; a walk that
 * found nothing is only to be trusted if no bucket was split meanwhile:
 *
 *	u32 seq = inet_table_read_begin(t);
 *	... walk inet_table_bucket(t, hash)->chain ...
 *	if (!found && inet_table_read_retry(t, seq))
 *		again
 */
#ifndef WEIR_SOCK_INET_TABLE_H
#define WEIR_SOCK_INET_TABLE_H

#include "base/list.h"
#include "base/lock.h"

#define INET_TABLE_SEGMENTS	64u

struct inet_ehash_bucket {
	spinlock_t lock;
	struct hlist_head chain;
};
struct inet_table {
	u32 seq;			/* odd: a bucket is being split; (r) */
	u32 nr, mask;			/* mask: of 2^k >= nr; (r) */
	u32 shift;			/* a segment has 1 << shift buckets */
	s32 hash_offset;		/* from an entry's node to its hash */
	s32 count;			/* entries; atomic */
	spinlock_t grow_lock;
	struct inet_ehash_bucket *segment[INET_TABLE_SEGMENTS];
};

/* size: buckets at first, a power of two. 0 or -ENOMEM. */
int inet_table_init(struct inet_table *t, u32 size, s32 hash_offset);
void inet_table_fini(struct inet_table *t);

static inline struct inet_ehash_bucket *inet_table_slot(
		const struct inet_table *t, u32 slot)
{
	return &t->segment[slot >> t->shift][slot & ((1u << t->shift) - 1)];
}

static inline struct inet_ehash_bucket *inet_table_bucket(
		const struct inet_table *t, u32 hash)
{
	u32 nr = smp_load_acquire(&t->nr), mask = READ_ONCE(t->mask);
	u32 slot = hash & mask;

	if (slot >= nr)
		slot &= mask >> 1;
	return inet_table_slot(t, slot);
}

/* The bucket of hash, locked, bh off: spin_unlock_bh(&b->lock). */
struct inet_ehash_bucket *inet_table_lock(struct inet_table *t, u32 hash);

static inline u32 inet_table_read_begin(const struct inet_table *t)
{
	return smp_load_acquire(&t->seq);
}
static inline bool inet_table_read_retry(const struct inet_table *t, u32 seq)
{
	smp_mb();
	return seq & 1 || READ_ONCE(t->seq) != seq;
}

/* One entry more or less. No bucket of t locked; the first may make it grow. */
void inet_table_added(struct inet_table *t);
static inline void inet_table_removed(struct inet_table *t)
{
	__atomic_fetch_sub(&t->count, 1, __ATOMIC_RELAXED);
}

#endif
