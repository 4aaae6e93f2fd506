/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files: what descriptors refer to (fd_table.h), found without locks.
 */
#include "user/file.h"

#include "base/slab.h"
#include "sock/sock.h"
#include "user/epoll.h"
#include "user/loan.h"

void file_init(struct file *f, struct net *net,
	       const struct file_operations *ops, void *private, u32 flags)
{
	f->ops = ops;
	f->private = private;
	f->flags = flags;
	f->net = net;
	refcount_set(&f->refs, 1);
	spin_lock_init(&f->ep_lock);
}

struct file *file_alloc(struct net *net, const struct file_operations *ops,
			void *private, u32 flags)
{
	struct file *f = kzalloc(sizeof(*f));

	if (f)
		file_init(f, net, ops, private, flags);
	return f;
}

bool fd_is_ours(struct net *net, int fd)
{
	struct file **slot = fd_slot(net->user->fds, fd);

	return slot && READ_ONCE(*slot);
}

static void file_free_rcu(struct rcu_head *head)
{
	kfree(container_of(head, struct file, rcu));
}

void __fput(struct file *f)
{
	eventpoll_release_file(f);
	f->ops->release(f);
	if (!f->ops->embedded)
		call_rcu(&f->rcu, file_free_rcu);
}

/* Lowest free number with its slot taken by f. */
static int take_lowest(struct net *net, struct file *f, int from)
{
	struct fdtable *t = net->user->fds;
	bool taken;
	int fd, err;

	for (;;) {
		spin_lock_bh(&t->lock);
		fd = fd_table_lowest(t, from);
		taken = fd_slot(t, fd) && (u32)fd < net->user->max_fds;
		if (taken) {
			fd_table_set(t, fd, f);
			if (from <= t->next_free)
				t->next_free = fd + 1;
		}
		spin_unlock_bh(&t->lock);
		if (taken)
			return fd;
		if ((u32)fd >= net->user->max_fds)
			return -EMFILE;
		err = fd_table_ensure(t, fd);
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
	struct file *old;
	int err = fd_table_ensure(t, fd);

	if (err)
		return err;
	spin_lock_bh(&t->lock);
	old = fd_table_set(t, fd, f);
	spin_unlock_bh(&t->lock);
	if (old)
		fput(old);
	return 0;
}

struct file *fd_remove(struct net *net, int fd)
{
	struct fdtable *t = net->user->fds;
	struct file *f;

	if (!fd_slot(t, fd))
		return NULL;
	spin_lock_bh(&t->lock);
	f = fd_table_set(t, fd, NULL);
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
	loan_table_init(&u->loans);
	u->max_fds = FD_MAX;
	net->sock->file_room = sizeof(struct file);
	net->user = u;
	return 0;
}

/* Whatever the program left open is closed, as at the exit of a process. */
void fd_close_all(struct net *net)
{
	struct fdtable *t = net->user->fds;
	u32 i, j;

	for (i = 0; i < FD_CHUNKS; i++) {
		for (j = 0; t->chunk[i] && j < fd_chunk_size(i); j++) {
			struct file *f = fd_remove(net, (int)(fd_chunk_start(i) +
							      j));

			if (f)
				fput(f);
		}
	}
}

static void user_net_exit(struct net *net)
{
	loan_table_fini(&net->user->loans);
	fd_table_fini(net->user->fds);
	kfree(net->user->fds);
	kfree(net->user);
	net->user = NULL;
}

const struct pernet_operations user_net_ops = {
	.name = "user",
	.init = user_net_init,
	.exit = user_net_exit,
};
