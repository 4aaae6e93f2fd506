/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files and the descriptor table: two levels of pointers, read without locks,
 * so that a descriptor costs two loads and a reference. The chunks of the
 * second level are made when a number in them is first used; each holds as many
 * numbers as all before it together, so that few descriptors cost little and
 * no chunk ever moves.
 */
#include "user/file.h"

#include "base/bitops.h"
#include "base/slab.h"
#include "user/epoll.h"

#define FD_FIRST	64u		/* numbers in chunk 0, and in chunk 1 */
#define FD_CHUNKS	15u
#define FD_MAX		(FD_FIRST << (FD_CHUNKS - 1))

struct fdtable {
	spinlock_t lock;
	struct file **chunk[FD_CHUNKS];
	int next_free;			/* no free number below it */
};

struct file *file_alloc(struct net *net, const struct file_operations *ops,
			void *private, u32 flags)
{
	struct file *f = kzalloc(sizeof(*f));

	if (!f)
		return NULL;
	f->ops = ops;
	f->private = private;
	f->flags = flags;
	f->net = net;
	refcount_set(&f->refs, 1);
	spin_lock_init(&f->ep_lock);
	INIT_LIST_HEAD(&f->ep_links);
	return f;
}

static u32 chunk_of(u32 fd)
{
	return ilog2(fd | (FD_FIRST - 1)) - ilog2(FD_FIRST - 1);
}

static u32 chunk_start(u32 i)
{
	return i ? FD_FIRST << (i - 1) : 0;
}

static u32 chunk_size(u32 i)
{
	return i ? FD_FIRST << (i - 1) : FD_FIRST;
}

static struct file **slot_of(struct fdtable *t, int fd)
{
	struct file **c;
	u32 i;

	if (unlikely((u32)fd >= FD_MAX))
		return NULL;
	i = chunk_of((u32)fd);
	c = smp_load_acquire(&t->chunk[i]);
	return c ? &c[(u32)fd - chunk_start(i)] : NULL;
}

struct file *fget(struct net *net, int fd)
{
	struct file **slot = slot_of(net->user->fds, fd);
	struct file *f;

	if (!slot)
		return NULL;
	while ((f = smp_load_acquire(slot))) {
		if (!refcount_inc_not_zero(&f->refs))
			continue;
		if (likely(smp_load_acquire(slot) == f))
			return f;
		fput(f);
	}
	return NULL;
}

bool fd_is_ours(struct net *net, int fd)
{
	struct file **slot = slot_of(net->user->fds, fd);

	return slot && READ_ONCE(*slot);
}

static void file_free_rcu(struct rcu_head *head)
{
	kfree(container_of(head, struct file, rcu));
}

void fput(struct file *f)
{
	if (!refcount_dec_and_test(&f->refs))
		return;
	eventpoll_release_file(f);
	f->ops->release(f);
	call_rcu(&f->rcu, file_free_rcu);
}

/* Makes the chunk of fd exist. Table lock not held. 0 or -errno. */
static int ensure_chunk(struct fdtable *t, int fd)
{
	struct file **c;
	u32 i;

	if ((u32)fd >= FD_MAX)
		return -EMFILE;
	i = chunk_of((u32)fd);
	if (smp_load_acquire(&t->chunk[i]))
		return 0;
	c = kcalloc(chunk_size(i), sizeof(*c));
	if (!c)
		return -ENOMEM;
	spin_lock_bh(&t->lock);
	if (!t->chunk[i]) {
		smp_store_release(&t->chunk[i], c);
		c = NULL;
	}
	spin_unlock_bh(&t->lock);
	kfree(c);
	return 0;
}

/* Lowest free number with its slot taken by f. */
static int take_lowest(struct net *net, struct file *f, int from)
{
	struct fdtable *t = net->user->fds;
	struct file **slot;
	int fd, err;

	for (;;) {
		spin_lock_bh(&t->lock);
		for (fd = max(from, t->next_free);
		     (slot = slot_of(t, fd)) && *slot; fd++)
			;
		if (slot) {
			smp_store_release(slot, f);
			if (from <= t->next_free)
				t->next_free = fd + 1;
		}
		spin_unlock_bh(&t->lock);
		if (slot)
			return fd;
		if ((u32)fd >= net->user->max_fds)
			return -EMFILE;
		err = ensure_chunk(t, fd);
		if (err)
			return err;
	}
}

int fd_reserve(struct net *net, bool cloexec, int *fd)
{
	const struct fd_ops *ops = net->user->fd_ops;

	*fd = ops ? ops->reserve(ops->ctx, cloexec) : FD_LOWEST;
	return ops && *fd < 0 ? *fd : 0;
}

void fd_unreserve(struct net *net, int fd)
{
	const struct fd_ops *ops = net->user->fd_ops;

	if (ops && fd != FD_LOWEST)
		ops->release(ops->ctx, fd);
}

int fd_install_reserved(struct net *net, int fd, struct file *f)
{
	int err;

	if (fd == FD_LOWEST)
		return take_lowest(net, f, 0);
	err = fd_install_at(net, fd, f);
	if (err)
		fd_unreserve(net, fd);
	return err ? err : fd;
}

int fd_install_new(struct net *net, struct file *f, bool cloexec)
{
	int fd, err = fd_reserve(net, cloexec, &fd);

	return err ? err : fd_install_reserved(net, fd, f);
}

int fd_install_from(struct net *net, struct file *f, int from)
{
	return take_lowest(net, f, from);
}

int fd_install_at(struct net *net, int fd, struct file *f)
{
	struct fdtable *t = net->user->fds;
	struct file *old, **slot;
	int err = ensure_chunk(t, fd);

	if (err)
		return err;
	spin_lock_bh(&t->lock);
	slot = slot_of(t, fd);
	old = *slot;
	smp_store_release(slot, f);
	spin_unlock_bh(&t->lock);
	if (old)
		fput(old);
	return 0;
}

struct file *fd_remove(struct net *net, int fd)
{
	struct fdtable *t = net->user->fds;
	struct file *f = NULL, **slot = slot_of(t, fd);

	if (!slot)
		return NULL;
	spin_lock_bh(&t->lock);
	f = *slot;
	smp_store_release(slot, NULL);
	if (f && fd < t->next_free)
		t->next_free = fd;
	spin_unlock_bh(&t->lock);
	return f;
}

/* --- the user floor's part of a stack ---------------------------------------- */

static int user_net_init(struct net *net)
{
	struct user_net *u = kzalloc(sizeof(*u));

	if (!u)
		return -ENOMEM;
	u->fds = kzalloc(sizeof(*u->fds));
	if (!u->fds) {
		kfree(u);
		return -ENOMEM;
	}
	spin_lock_init(&u->fds->lock);
	spin_lock_init(&u->ep_mutex);
	spin_lock_init(&u->host_lock);
	INIT_LIST_HEAD(&u->host_files);
	u->max_fds = FD_MAX;
	net->user = u;
	return 0;
}

/* Whatever the program left open is closed, as at the exit of a process. */
void fd_close_all(struct net *net)
{
	struct fdtable *t = net->user->fds;
	u32 i, j;

	for (i = 0; i < FD_CHUNKS; i++) {
		for (j = 0; t->chunk[i] && j < chunk_size(i); j++) {
			struct file *f = fd_remove(net, (int)(chunk_start(i) +
							      j));

			if (f)
				fput(f);
		}
	}
}

static void user_net_exit(struct net *net)
{
	struct fdtable *t = net->user->fds;
	u32 i;

	for (i = 0; i < FD_CHUNKS; i++)
		kfree(t->chunk[i]);
	kfree(t);
	kfree(net->user);
	net->user = NULL;
}

const struct pernet_operations user_net_ops = {
	.name = "user",
	.init = user_net_init,
	.exit = user_net_exit,
};
