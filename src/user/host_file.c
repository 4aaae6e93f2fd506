/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stand-ins for descriptors of the host (pipes, terminals, files, eventfds) in
 * the stack's poll and epoll sets: a file with a wait queue, which the
 * platform wakes when the host says that something has changed.
 */
#include "user/file.h"

#include "base/slab.h"
#include "user/epoll.h"

#define HOST_EVENTS	(EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP)

struct host_file {
	int fd;
	struct file *file;
	struct net *net;
	struct wait_queue_head wq;
	struct host_watch *watch;
	u32 watched;			/* events of the watch */
	struct list_head link;		/* user_net.host_files */
};

static void host_event(void *arg, u32 events)
{
	struct host_file *h = arg;

	wake_up_all_poll(&h->wq, events);
}

/* Only what somebody waits for is watched: an idle pipe is always writable. */
static void watch(struct host_file *h, u32 want)
{
	struct platform *p = h->net->machine->platform;

	want = (want & HOST_EVENTS) | h->watched;
	if (h->watch && want == h->watched)
		return;
	if (h->watch)
		p->ops->host_watch_del(p, h->watch);
	h->watch = p->ops->host_watch_add(p, h->fd, want, host_event, h);
	h->watched = want;
}

static u32 host_file_poll(struct file *f, struct poll_table *pt)
{
	struct host_file *h = f->private;
	struct platform *p = h->net->machine->platform;
	u32 want = pt && pt->key ? pt->key : HOST_EVENTS;

	if (pt && pt->queue) {
		poll_wait(f, &h->wq, pt);
		watch(h, want);
	}
	return p->ops->host_poll(p, h->fd, want);
}

static void host_file_release(struct file *f)
{
	struct host_file *h = f->private;
	struct platform *p = h->net->machine->platform;

	spin_lock_bh(&h->net->user->host_lock);
	list_del(&h->link);
	spin_unlock_bh(&h->net->user->host_lock);
	if (h->watch)
		p->ops->host_watch_del(p, h->watch);
	kfree(h);
}

const struct file_operations host_file_ops = {
	.poll = host_file_poll,
	.release = host_file_release,
};

int host_file_fd(struct file *f)
{
	return f->ops == &host_file_ops ?
	       ((struct host_file *)f->private)->fd : -1;
}

bool host_file_watched(struct file *f)
{
	return ((struct host_file *)f->private)->watch;
}

bool host_fd_open(struct net *net, int fd)
{
	struct platform *p = net->machine->platform;

	return fd >= 0 && p->ops->host_poll &&
	       !(p->ops->host_poll(p, fd, 0) & POLLNVAL);
}

struct file *host_file_open(struct net *net, int fd)
{
	struct host_file *h;
	struct file *f;

	if (!host_fd_open(net, fd))
		return ERR_PTR(-EBADF);
	h = kzalloc(sizeof(*h));
	if (!h)
		return ERR_PTR(-ENOMEM);
	f = file_alloc(net, &host_file_ops, h, 0);
	if (!f) {
		kfree(h);
		return ERR_PTR(-ENOMEM);
	}
	h->fd = fd;
	h->file = f;
	h->net = net;
	init_waitqueue_head(&h->wq);
	spin_lock_bh(&net->user->host_lock);
	list_add(&h->link, &net->user->host_files);
	spin_unlock_bh(&net->user->host_lock);
	return f;
}

/* One at a time: releasing a file changes the list. */
static struct file *next_host_file(struct net *net, int fd)
{
	struct host_file *h;
	struct file *f = NULL;

	spin_lock_bh(&net->user->host_lock);
	list_for_each_entry(h, &net->user->host_files, link) {
		if (h->fd == fd && READ_ONCE(h->file->ep_items) &&
		    refcount_inc_not_zero(&h->file->refs)) {
			f = h->file;
			break;
		}
	}
	spin_unlock_bh(&net->user->host_lock);
	return f;
}

void eventpoll_host_closed(struct net *net, int fd)
{
	struct file *f;

	while ((f = next_host_file(net, fd))) {
		eventpoll_release_file(f);
		fput(f);
	}
}
