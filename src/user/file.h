/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files of the stack: sockets, epoll sets, and stand-ins for descriptors of
 * the host. The fd table maps small numbers to them; in a preloaded program
 * the numbers are real descriptors of the host, reserved through fd_ops.
 */
#ifndef WEIR_USER_FILE_H
#define WEIR_USER_FILE_H

#include "sock/socket.h"
#include "user/fd_table.h"

struct file;
struct poll_table;
struct eventpoll;
struct epitem;

struct file_operations {
	/* EPOLL* bits ready now; with pt: also queues the poller on the wait
	 * queue(s) that will be woken when that changes. */
	u32 (*poll)(struct file *f, struct poll_table *pt);
	ssize_t (*read_iter)(struct file *f, struct iov_iter *to);
	ssize_t (*write_iter)(struct file *f, struct iov_iter *from);
	int (*ioctl)(struct file *f, unsigned long cmd, void *arg);
	void (*release)(struct file *f);	/* last reference went */
	bool embedded;			/* f is in what release frees by RCU */
};

struct file {
	const struct file_operations *ops;
	void *private;			/* struct socket, eventpoll, host_file */
	struct net *net;
	refcount_t refs;
	u32 flags;			/* O_NONBLOCK, O_RDWR, O_ASYNC */
	spinlock_t ep_lock;
	union {
		struct epitem *ep_items; /* that watch this file (ep_lock) */
		struct rcu_head rcu;	/* nobody can watch it any more */
	};
};
/* A descriptor's memory but for the transport's sock and the table's entry. */
static_assert(sizeof(struct socket) + sizeof(struct file) <= 128,
	      "a slab class");

/* What poll() does with a wait queue: select/poll queue pollwake, epoll
 * queues ep_poll_callback. */
struct poll_table {
	void (*queue)(struct file *f, struct wait_queue_head *wq,
		      struct poll_table *pt);
	u32 key;			/* EPOLL* bits of interest */
};
static inline void poll_wait(struct file *f, struct wait_queue_head *wq,
			     struct poll_table *pt)
{
	if (pt && pt->queue)
		pt->queue(f, wq, pt);
}

/* Where descriptor numbers come from; NULL in the net: lowest free number
 * from 0. reserve: a fresh number or -EMFILE...; cloexec as asked. */
struct fd_ops {
	int (*reserve)(void *ctx, bool cloexec);
	void (*release)(void *ctx, int fd);
	void *ctx;
};

/* Received bytes lent to the program (loan.c). */
struct loan_table {
	spinlock_t lock;
	u32 free, room;			/* first free slot; slots */
	struct loan_slot *slots;
};

/* net->user */
struct user_net {
	struct fdtable *fds;
	const struct fd_ops *fd_ops;
	u32 max_fds;
	spinlock_t ep_mutex;		/* epoll sets and files going away */
	spinlock_t host_lock;
	struct list_head host_files;	/* stand-ins, host_file.c */
	struct loan_table loans;
};

struct file *file_alloc(struct net *net, const struct file_operations *ops,
			void *private, u32 flags) __must_check;
/* The same, in memory of zeroes. */
void file_init(struct file *f, struct net *net,
	       const struct file_operations *ops, void *private, u32 flags);
static inline void get_file(struct file *f) { refcount_inc(&f->refs); }
void __fput(struct file *f);		/* the last reference went */
static inline void fput(struct file *f)
{
	if (unlikely(refcount_dec_and_test(&f->refs)))
		__fput(f);
}
/* Referenced; NULL: not one of the stack's. Lock-free: a file that was found is
 * not freed before its finder leaves the CPU, only its references may be gone,
 * and then the descriptor is closed or another file's. */
static inline struct file *fget(struct net *net, int fd)
{
	struct file **slot = fd_slot(net->user->fds, fd);
	struct file *f;

	if (unlikely(!slot))
		return NULL;
	while (likely(f = smp_load_acquire(slot)))
		if (likely(refcount_inc_not_zero(&f->refs)))
			return f;
	return NULL;
}
/* Number for f (takes over the reference), or -EMFILE/-ENOMEM (not taken). */
int fd_install_new(struct net *net, struct file *f, bool cloexec);
/* The same in two steps, for calls that must not fail for want of a number
 * once they have done their work (accept). 0 or -EMFILE; then either of: */
#define FD_LOWEST	(-1)
int fd_reserve(struct net *net, bool cloexec, int *fd);
int fd_install_reserved(struct net *net, int fd, struct file *f);
void fd_unreserve(struct net *net, int fd);
/* At this very number (dup2 in a preloaded program): replaces what is there. */
int fd_install_at(struct net *net, int fd, struct file *f);
/* Lowest free number >= from; only without fd_ops (F_DUPFD). */
int fd_install_from(struct net *net, struct file *f, int from);
/* A hint without reference. Any thread, lock-free. */
bool fd_is_ours(struct net *net, int fd);
void fd_close_all(struct net *net);
/* Out of the table; reference to the caller. NULL: was not there. */
struct file *fd_remove(struct net *net, int fd);

/* A descriptor for s, which is released on failure. `fd`: reserved. */
int sock_map_fd(struct net *net, struct socket *s, u32 flags, int fd);
extern const struct file_operations socket_file_ops, eventpoll_fops,
				    host_file_ops;
static inline bool file_is_socket(const struct file *f)
{
	return likely(f->ops == &socket_file_ops);
}
static inline struct socket *sock_from_file(struct file *f)
{
	return file_is_socket(f) ? f->private : NULL;
}

/* Stand-in for the host's descriptor fd, one reference; ERR_PTR(-EBADF: not
 * open, -ENOMEM). */
struct file *host_file_open(struct net *net, int fd);
int host_file_fd(struct file *f);	/* -1: not a stand-in */
/* The host tells when f's descriptor gets ready: asked for by its poll with a
 * queue. False: it cannot (regular files are always ready). */
bool host_file_watched(struct file *f);
bool host_fd_open(struct net *net, int fd);

extern const struct pernet_operations user_net_ops;

#endif
