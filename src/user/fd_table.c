/* SPDX-License-Identifier: BSD-2-Clause */
/* The bits of the descriptor table, and its chunks. */
#include "user/fd_table.h"

#include "base/slab.h"

/* Words of a chunk's bits; behind them the words about these. */
static u32 nr_words(u32 i)
{
	return fd_chunk_size(i) / 64;
}

int fd_table_ensure(struct fdtable *t, int fd)
{
	struct file **c;
	u32 i, n, words;

	if ((u32)fd >= FD_MAX)
		return -EMFILE;
	i = fd_chunk_of((u32)fd);
	if (smp_load_acquire(&t->chunk[i]))
		return 0;
	n = fd_chunk_size(i);
	words = nr_words(i);
	c = kcalloc(n + words + DIV_ROUND_UP(words, 64), sizeof(*c));
	if (!c)
		return -ENOMEM;
	spin_lock_bh(&t->lock);
	if (!t->chunk[i]) {
		t->taken[i] = (u64 *)(c + n);
		smp_store_release(&t->chunk[i], c);
		c = NULL;
	}
	spin_unlock_bh(&t->lock);
	kfree(c);
	return 0;
}
static_assert(sizeof(struct file *) == sizeof(u64), "one allocation for both");

static void mark(struct fdtable *t, u32 fd, bool taken)
{
	u32 i = fd_chunk_of(fd), bit = fd - fd_chunk_start(i);
	u64 *word = &t->taken[i][bit / 64];
	u64 *about = &t->taken[i][nr_words(i) + bit / 4096];

	if (taken)
		*word |= 1ull << (bit % 64);
	else
		*word &= ~(1ull << (bit % 64));
	if (*word == ~0ull)
		*about |= 1ull << (bit / 64 % 64);
	else
		*about &= ~(1ull << (bit / 64 % 64));
}

struct file *fd_table_set(struct fdtable *t, int fd, struct file *f)
{
	struct file **slot = fd_slot(t, fd), *old = *slot;

	smp_store_release(slot, f);
	mark(t, (u32)fd, f);
	if (!f && fd < t->next_free)
		t->next_free = fd;
	return old;
}

/* Lowest free bit >= from of chunk i, or its size. */
static u32 lowest_in(const struct fdtable *t, u32 i, u32 from)
{
	const u64 *word = t->taken[i], *about = word + nr_words(i);
	u32 words = nr_words(i), w = from / 64;
	u64 free = ~word[w] & ~0ull << from % 64;

	if (free)
		return w * 64 + __ffs64(free);
	for (w++; w < words; w = (w | 63) + 1) {
		free = ~about[w / 64] & ~0ull << w % 64;
		if (!free)
			continue;
		w = (w & ~63u) + __ffs64(free);
		break;
	}
	return w < words ? w * 64 + __ffs64(~word[w]) : words * 64;
}

int fd_table_lowest(const struct fdtable *t, int from)
{
	u32 fd = (u32)max(from, t->next_free), i, bit;

	if (fd >= FD_MAX)
		return (int)FD_MAX;
	for (i = fd_chunk_of(fd); i < FD_CHUNKS; i++) {
		u32 start = fd_chunk_start(i);

		bit = fd > start ? fd - start : 0;
		if (t->chunk[i])
			bit = lowest_in(t, i, bit);
		if (bit < fd_chunk_size(i))
			return (int)(start + bit);
	}
	return (int)FD_MAX;
}

void fd_table_fini(struct fdtable *t)
{
	for (u32 i = 0; i < FD_CHUNKS; i++)
		kfree(t->chunk[i]);
}
