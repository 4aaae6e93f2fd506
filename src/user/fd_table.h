/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The descriptor table: two levels of pointers, read without locks, so that a
 * descriptor costs two loads. The chunks of the second level are made when a
 * number in them is first used; each holds as many numbers as all before it
 * together, so that few descriptors cost little and no chunk ever moves.
 *
 * The lowest free number is found by bits: one per number, and one per word of
 * these that says that all in it are taken.
 */
#ifndef WEIR_USER_FD_TABLE_H
#define WEIR_USER_FD_TABLE_H

#include "base/bitops.h"
#include "cpu/lock.h"

#define FD_FIRST	64u		/* numbers in chunk 0, and in chunk 1 */
#define FD_CHUNKS	18u
#define FD_MAX		(FD_FIRST << (FD_CHUNKS - 1))

struct file;

struct fdtable {
	spinlock_t lock;
	int next_free;			/* no free number below it */
	struct file **chunk[FD_CHUNKS];	/* (r) */
	u64 *taken[FD_CHUNKS];		/* behind the chunk's pointers */
};

static inline u32 fd_chunk_of(u32 fd)
{
	return ilog2(fd | (FD_FIRST - 1)) - ilog2(FD_FIRST - 1);
}
static inline u32 fd_chunk_start(u32 i)
{
	return i ? FD_FIRST << (i - 1) : 0;
}
static inline u32 fd_chunk_size(u32 i)
{
	return i ? FD_FIRST << (i - 1) : FD_FIRST;
}

/* NULL: there was never a descriptor of such a number. */
static inline struct file **fd_slot(struct fdtable *t, int fd)
{
	struct file **c;
	u32 i;

	if (unlikely((u32)fd >= FD_MAX))
		return NULL;
	i = fd_chunk_of((u32)fd);
	c = smp_load_acquire(&t->chunk[i]);
	return c ? &c[(u32)fd - fd_chunk_start(i)] : NULL;
}

/* Makes the chunk of fd exist. Lock not held. 0, -EMFILE, -ENOMEM. */
int fd_table_ensure(struct fdtable *t, int fd);
/* Lock held, the chunk exists: f (NULL: nothing) at fd. What was there. */
struct file *fd_table_set(struct fdtable *t, int fd, struct file *f);
/* Lock held: lowest free number >= from; its chunk may not exist. FD_MAX: all
 * are taken. */
int fd_table_lowest(const struct fdtable *t, int from);
void fd_table_fini(struct fdtable *t);

#endif
