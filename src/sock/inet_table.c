/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Splitting. Who splits holds the old bucket's lock; the new bucket cannot be
 * reached before `nr` says that it is there, and then all that belongs to it
 * is in it. A writer that waited for the old bucket's lock looks again where
 * his entry belongs. A reader who stood on an entry that was moved goes on
 * along the other chain, whose end tells him so (inet_hashtables.c); one that
 * came too late or too early sees that `seq` has changed.
 */
#include "sock/inet_table.h"

#include "base/slab.h"
#include "cpu/lock.h"

#define SPLITS	2u		/* per insertion, so that it catches up */

int inet_table_init(struct inet_table *t, u32 size, s32 hash_offset)
{
	*t = (struct inet_table){ .nr = size, .mask = size - 1,
				  .shift = (u32)__builtin_ctz(size),
				  .hash_offset = hash_offset };
	t->segment[0] = kcalloc(size, sizeof(struct inet_ehash_bucket));
	return t->segment[0] ? 0 : -ENOMEM;
}

void inet_table_fini(struct inet_table *t)
{
	for (u32 i = 0; i < INET_TABLE_SEGMENTS; i++)
		kfree(t->segment[i]);
}

struct inet_ehash_bucket *inet_table_lock(struct inet_table *t, u32 hash)
{
	struct inet_ehash_bucket *b;

	local_bh_disable();
	for (;;) {
		b = inet_table_bucket(t, hash);
		spin_lock(&b->lock);
		if (likely(b == inet_table_bucket(t, hash)))
			return b;
		spin_unlock(&b->lock);
	}
}

static u32 hash_of(const struct inet_table *t, const struct hlist_node *n)
{
	return READ_ONCE(*(const u32 *)((const u8 *)n + t->hash_offset));
}

/* Never unhashed in between: others look at that without a lock. */
static void move(struct hlist_node *n, struct hlist_head *to)
{
	struct hlist_node *first = to->first;

	WRITE_ONCE(*n->pprev, n->next);
	if (n->next)
		WRITE_ONCE(n->next->pprev, n->pprev);
	WRITE_ONCE(n->next, first);
	WRITE_ONCE(n->pprev, &to->first);
	smp_store_release(&to->first, n);
	if (first)
		WRITE_ONCE(first->pprev, &n->next);
}

/* grow_lock held. False: as large as it can be. */
static bool segment_ready(struct inet_table *t, u32 slot)
{
	u32 i = slot >> t->shift;

	if (i >= INET_TABLE_SEGMENTS)
		return false;
	if (!t->segment[i])
		t->segment[i] = kcalloc((size_t)1 << t->shift,
					sizeof(struct inet_ehash_bucket));
	return t->segment[i];
}

static void split(struct inet_table *t, u32 slot)
{
	struct inet_ehash_bucket *from, *to = inet_table_slot(t, slot);
	struct hlist_node *n, *next;

	if (slot > t->mask)
		WRITE_ONCE(t->mask, t->mask << 1 | 1);
	from = inet_table_slot(t, slot & t->mask >> 1);
	spin_lock_bh(&from->lock);
	WRITE_ONCE(t->seq, t->seq + 1);
	smp_mb();
	for (n = from->chain.first; n; n = next) {
		next = n->next;
		if ((hash_of(t, n) & t->mask) == slot)
			move(n, &to->chain);
	}
	smp_store_release(&t->nr, slot + 1);
	smp_store_release(&t->seq, t->seq + 1);
	spin_unlock_bh(&from->lock);
}

static noinline void grow(struct inet_table *t)
{
	if (!spin_trylock(&t->grow_lock))
		return;
	for (u32 n = 0; n < SPLITS && segment_ready(t, t->nr); n++)
		split(t, t->nr);
	spin_unlock(&t->grow_lock);
}

void inet_table_added(struct inet_table *t)
{
	s32 count = __atomic_add_fetch(&t->count, 1, __ATOMIC_RELAXED);

	if (unlikely(count > (s32)READ_ONCE(t->nr)))
		grow(t);
}
