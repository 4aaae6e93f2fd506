/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * epoll: the interest list is a tree of epitems, each of which hangs with
 * ep_poll_callback on its file's wait queue. The callback puts the item on the
 * ready list, so that epoll_wait looks only at what has called: O(1) per event
 * (seed 004, section 35.4).
 *
 * Locks: ep_mutex (net: sets and files going away) > mtx (tree, one
 * consumer of the ready list) > the file's wait queue > lock (ready list).
 * Sets may be nested (a set watched by a set), at most EP_MAX_NESTS deep and
 * never in a circle, which is checked when one is added; then mtx and lock of
 * the outer are never wanted by who holds those of the inner except upwards.
 */
#include "user/epoll.h"

#include "base/rbtree.h"
#include "base/slab.h"
#include "base/trace.h"
#include "user/sys.h"
#include "user/uaccess.h"

#define EP_MAX_NESTS	4
#define EP_PRIVATE_BITS	(EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE)
#define EP_EXCLUSIVE_OK	(EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | \
			 EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE)

struct eventpoll {
	spinlock_t mtx;
	spinlock_t lock;
	struct rb_root items;
	struct list_head ready;
	bool scanned;			/* somebody looks at ready items */
	u32 scan_nr;			/* the looks so far, and this one */
	struct wait_queue_head wq;	/* threads in epoll_wait */
	struct wait_queue_head poll_wq;	/* whoever watches this set */
	struct net *net;
	struct file *file;		/* this set as a file */
};

/* wait.private: the wait queue it is on, or NULL. */
struct epitem {
	struct rb_node node;		/* by fd, file */
	struct list_head ready_link;
	bool is_ready;			/* on ready or being looked at */
	bool own_file;			/* stand-in of the host's descriptor */
	u32 called_nr;			/* last look it was called back in */
	int fd;
	struct epoll_event event;
	struct file *file;
	struct eventpoll *ep;
	struct epitem *file_next;	/* file->ep_items; seldom more than one */
	struct wait_queue_entry wait;
};
static_assert(sizeof(struct epitem) <= 128, "a slab class");

struct ep_queue {
	struct poll_table pt;		/* first */
	struct epitem *epi;
};

/* --- the callback ------------------------------------------------------------- */

static void mark_ready(struct eventpoll *ep, struct epitem *epi)
{
	if (!epi->is_ready) {
		epi->is_ready = true;
		list_add_tail(&epi->ready_link, &ep->ready);
	} else {
		WRITE_ONCE(epi->called_nr, ep->scan_nr);
	}
}

/* Whoever waits for this set. One fence, as nearly always nobody does. */
static void ep_wake(struct eventpoll *ep)
{
	smp_mb();
	if (waitqueue_active(&ep->wq))
		__wake_up(&ep->wq, 1, 0);
	if (unlikely(waitqueue_active(&ep->poll_wq)))
		__wake_up(&ep->poll_wq, 0, EPOLLIN | EPOLLRDNORM);
}

/* Softirqs are off: the lock of the file's queue is held. */
static int ep_poll_callback(struct wait_queue_entry *e, u32 key)
{
	struct epitem *epi = container_of(e, struct epitem, wait);
	struct eventpoll *ep = epi->ep;
	u32 events;
	int woke = 1;

	spin_lock(&ep->lock);
	events = epi->event.events;
	if (!(events & ~EP_PRIVATE_BITS) || (key && !(key & events))) {
		spin_unlock(&ep->lock);
		return 0;
	}
	trace_stage(STAGE_ep_poll_callback, 0, 0);
	mark_ready(ep, epi);
	if (unlikely(events & EPOLLEXCLUSIVE))
		woke = waitqueue_active(&ep->wq);
	spin_unlock(&ep->lock);
	ep_wake(ep);
	return woke;
}

static void ep_queue_callback(struct file *f, struct wait_queue_head *wq,
			      struct poll_table *pt)
{
	struct epitem *epi = ((struct ep_queue *)pt)->epi;

	init_waitqueue_func_entry(&epi->wait, ep_poll_callback);
	epi->wait.private = wq;
	if (epi->event.events & EPOLLEXCLUSIVE)
		add_wait_queue_exclusive(wq, &epi->wait);
	else
		add_wait_queue(wq, &epi->wait);
}

static inline u32 item_poll(struct epitem *epi, struct poll_table *pt)
{
	u32 events = epi->event.events;

	pt->key = events;
	return epi->file->ops->poll(epi->file, pt) & events;
}

/* --- the tree ------------------------------------------------------------------- */

/* Stand-ins of the host's descriptors are known by number alone (f NULL). */
static int item_cmp(int fd, const struct file *f, const struct epitem *epi)
{
	const struct file *other = epi->own_file ? NULL : epi->file;

	if (fd != epi->fd)
		return fd < epi->fd ? -1 : 1;
	if (f != other)
		return f < other ? -1 : 1;
	return 0;
}

static struct epitem *ep_find(struct eventpoll *ep, int fd, struct file *f)
{
	struct rb_node *n = ep->items.rb_node;

	while (n) {
		struct epitem *epi = rb_entry(n, struct epitem, node);
		int c = item_cmp(fd, f, epi);

		if (!c)
			return epi;
		n = c < 0 ? n->rb_left : n->rb_right;
	}
	return NULL;
}

static void tree_insert(struct eventpoll *ep, struct epitem *epi)
{
	struct rb_node **p = &ep->items.rb_node, *parent = NULL;
	struct file *f = epi->own_file ? NULL : epi->file;

	while (*p) {
		parent = *p;
		p = item_cmp(epi->fd, f,
			     rb_entry(parent, struct epitem, node)) < 0 ?
		    &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&epi->node, parent, p);
	rb_insert_color(&epi->node, &ep->items);
}

/* mtx held. The item is gone afterwards. */
static void ep_remove(struct eventpoll *ep, struct epitem *epi)
{
	struct file *f = epi->file;
	struct epitem **link = &f->ep_items;

	if (epi->wait.private)
		remove_wait_queue(epi->wait.private, &epi->wait);
	spin_lock_bh(&f->ep_lock);
	while (*link != epi)
		link = &(*link)->file_next;
	WRITE_ONCE(*link, epi->file_next);
	spin_unlock_bh(&f->ep_lock);
	spin_lock_bh(&ep->lock);
	if (epi->is_ready)
		list_del(&epi->ready_link);
	spin_unlock_bh(&ep->lock);
	rb_erase(&epi->node, &ep->items);
	if (epi->own_file)
		fput(f);
	kfree(epi);
}

/* Ready from the start: on the list, and waiters told. */
static void ep_announce(struct eventpoll *ep, struct epitem *epi)
{
	spin_lock_bh(&ep->lock);
	mark_ready(ep, epi);
	spin_unlock_bh(&ep->lock);
	ep_wake(ep);
}

static int ep_insert(struct eventpoll *ep, const struct epoll_event *ev,
		     struct file *f, int fd, bool own_file)
{
	struct ep_queue epq = { .pt.queue = ep_queue_callback };
	struct epitem *epi = kzalloc(sizeof(*epi));

	if (!epi)
		return -ENOMEM;
	epi->fd = fd;
	epi->file = f;
	epi->ep = ep;
	epi->event = *ev;
	epi->own_file = own_file;
	spin_lock_bh(&f->ep_lock);
	epi->file_next = f->ep_items;
	WRITE_ONCE(f->ep_items, epi);
	spin_unlock_bh(&f->ep_lock);
	tree_insert(ep, epi);
	epq.epi = epi;
	if (item_poll(epi, &epq.pt))
		ep_announce(ep, epi);
	if (!own_file || host_file_watched(f))
		return 0;
	epi->own_file = false;		/* the caller's again */
	ep_remove(ep, epi);
	return -EPERM;			/* a regular file */
}

/* A stand-in is queued anew: the host must watch for other events. */
static int ep_modify(struct eventpoll *ep, struct epitem *epi,
		     const struct epoll_event *ev)
{
	struct ep_queue epq = { .pt.queue = ep_queue_callback, .epi = epi };

	spin_lock_bh(&ep->lock);
	epi->event = *ev;
	spin_unlock_bh(&ep->lock);
	if (epi->own_file && epi->wait.private)
		remove_wait_queue(epi->wait.private, &epi->wait);
	if (!epi->own_file)
		epq.pt.queue = NULL;
	if (item_poll(epi, &epq.pt))
		ep_announce(ep, epi);
	return 0;
}

/* --- the ready list ---------------------------------------------------------------- */

/*
 * Who looks at the ready items (mtx held) takes them all at once, looks at one
 * after the other without the lock, and sorts: those that stay ready go back
 * behind what has become ready meanwhile, so that every item is looked at once
 * and all have their turn; the others wait until the end to learn whether they
 * were called back after they had been looked at. The two lists are the
 * looker's alone, since the callback leaves items alone that are marked.
 */
struct ep_scan {
	struct list_head todo, keep, idle;
	struct poll_table pt;		/* queues nothing */
};

static void scan_begin(struct eventpoll *ep, struct ep_scan *s)
{
	INIT_LIST_HEAD(&s->todo);
	INIT_LIST_HEAD(&s->keep);
	INIT_LIST_HEAD(&s->idle);
	s->pt.queue = NULL;
	spin_lock_bh(&ep->lock);
	WRITE_ONCE(ep->scanned, true);
	ep->scan_nr++;
	list_splice_tail_init(&ep->ready, &s->todo);
	spin_unlock_bh(&ep->lock);
}

/*
 * What is there now. Who called back before scan_begin had written first what
 * is to be seen; who called later made the item come back. An edge must not be
 * told twice: there, only callbacks from here on count.
 */
static inline u32 scan_poll(struct eventpoll *ep, struct epitem *epi,
			    struct ep_scan *s)
{
	if (epi->event.events & EPOLLET) {
		WRITE_ONCE(epi->called_nr, ep->scan_nr - 1);
		smp_mb();
	}
	return item_poll(epi, &s->pt);
}

/* What was not looked at stays first. Whoever waits next is told. */
static void scan_end(struct eventpoll *ep, struct ep_scan *s)
{
	struct epitem *epi, *next;
	bool more;

	spin_lock_bh(&ep->lock);
	list_for_each_entry_safe(epi, next, &s->idle, ready_link) {
		epi->is_ready = epi->called_nr == ep->scan_nr;
		if (unlikely(epi->is_ready))
			list_move_tail(&epi->ready_link, &ep->ready);
	}
	list_splice_tail_init(&ep->ready, &s->todo);
	list_splice_tail_init(&s->keep, &s->todo);
	list_splice_tail_init(&s->todo, &ep->ready);
	more = !list_empty(&ep->ready);
	WRITE_ONCE(ep->scanned, false);
	spin_unlock_bh(&ep->lock);
	if (more)
		wake_up_poll(&ep->wq, 0);
}

/* EPOLLONESHOT: nothing more until it is modified. */
static void disable_item(struct eventpoll *ep, struct epitem *epi)
{
	spin_lock_bh(&ep->lock);
	epi->event.events &= EP_PRIVATE_BITS;
	spin_unlock_bh(&ep->lock);
}

/* True: goes back, level-triggered items are looked at again next time. */
static bool report(struct eventpoll *ep, struct epitem *epi, u32 revents,
		   struct epoll_event *out)
{
	out->events = revents;
	out->data = epi->event.data;
	if (epi->event.events & EPOLLONESHOT) {
		disable_item(ep, epi);
		return false;
	}
	return !(epi->event.events & EPOLLET);
}

static int ep_send_events(struct eventpoll *ep, struct epoll_event *out,
			  int max)
{
	struct epitem *epi, *next;
	struct ep_scan s;
	int n = 0;

	spin_lock_bh(&ep->mtx);
	scan_begin(ep, &s);
	list_for_each_entry_safe(epi, next, &s.todo, ready_link) {
		u32 revents;

		if (n == max)
			break;
		revents = scan_poll(ep, epi, &s);
		if (!revents) {
			list_move_tail(&epi->ready_link, &s.idle);
			continue;
		}
		list_move_tail(&epi->ready_link,
			       report(ep, epi, revents, &out[n]) ? &s.keep :
			       &s.idle);
		n++;
	}
	scan_end(ep, &s);
	spin_unlock_bh(&ep->mtx);
	return n;
}

static bool ep_has_ready(struct eventpoll *ep)
{
	return !list_empty(&ep->ready) || READ_ONCE(ep->scanned);
}

/* This set as a file in another set, or in poll(). */
static u32 ep_file_poll(struct file *f, struct poll_table *pt)
{
	struct eventpoll *ep = f->private;
	struct epitem *epi, *next;
	struct ep_scan s;
	u32 revents = 0;

	poll_wait(f, &ep->poll_wq, pt);
	spin_lock_bh(&ep->mtx);
	scan_begin(ep, &s);
	list_for_each_entry_safe(epi, next, &s.todo, ready_link) {
		if (scan_poll(ep, epi, &s)) {
			list_move_tail(&epi->ready_link, &s.keep);
			revents = EPOLLIN | EPOLLRDNORM;
			break;
		}
		list_move_tail(&epi->ready_link, &s.idle);
	}
	scan_end(ep, &s);
	spin_unlock_bh(&ep->mtx);
	return revents;
}

/* --- going away ----------------------------------------------------------------------- */

static void ep_file_release(struct file *f)
{
	struct eventpoll *ep = f->private;
	struct rb_node *n;

	spin_lock_bh(&ep->net->user->ep_mutex);
	spin_lock_bh(&ep->mtx);
	while ((n = rb_first(&ep->items)))
		ep_remove(ep, rb_entry(n, struct epitem, node));
	spin_unlock_bh(&ep->mtx);
	spin_unlock_bh(&ep->net->user->ep_mutex);
	kfree(ep);
}

const struct file_operations eventpoll_fops = {
	.poll = ep_file_poll,
	.release = ep_file_release,
};

void eventpoll_release_file(struct file *f)
{
	struct user_net *u = f->net->user;
	struct epitem *epi;
	struct eventpoll *ep;

	if (!READ_ONCE(f->ep_items))
		return;
	spin_lock_bh(&u->ep_mutex);
	while ((epi = f->ep_items)) {
		ep = epi->ep;
		spin_lock_bh(&ep->mtx);
		ep_remove(ep, epi);
		spin_unlock_bh(&ep->mtx);
	}
	spin_unlock_bh(&u->ep_mutex);
}

/* --- nesting ----------------------------------------------------------------------------- */

/* Depth of sets below `ep`; -ELOOP when too deep or when `forbidden` is met. */
static int depth_below(struct eventpoll *ep, struct eventpoll *forbidden,
		       int depth)
{
	struct epitem *epi;
	int d, deepest = 0;

	if (ep == forbidden || depth > EP_MAX_NESTS)
		return -ELOOP;
	rb_for_each_entry(epi, &ep->items, node) {
		if (epi->file->ops != &eventpoll_fops)
			continue;
		d = depth_below(epi->file->private, forbidden, depth + 1);
		if (d < 0)
			return d;
		deepest = max(deepest, d + 1);
	}
	return deepest;
}

/* Sets that watch f, and what watches them. */
static int height_above(struct file *f, int depth)
{
	struct epitem *epi;
	int h, highest = 0;

	if (depth > EP_MAX_NESTS)
		return depth;
	for (epi = f->ep_items; epi; epi = epi->file_next) {
		h = 1 + height_above(epi->ep->file, depth + 1);
		highest = max(highest, h);
	}
	return highest;
}

static int check_nesting(struct file *epf, struct eventpoll *ep, struct file *f)
{
	int below, above;

	if (f->ops != &eventpoll_fops)
		return 0;
	below = depth_below(f->private, ep, 1);
	if (below < 0)
		return below;
	above = height_above(epf, 0);
	return below + above + 1 > EP_MAX_NESTS ? -ELOOP : 0;
}

/* --- system calls --------------------------------------------------------------------------- */

int sys_epoll_create1(struct net *net, int flags)
{
	struct eventpoll *ep;
	struct file *f;
	int fd;

	if (flags & ~EPOLL_CLOEXEC)
		return -EINVAL;
	ep = kzalloc(sizeof(*ep));
	if (!ep)
		return -ENOMEM;
	spin_lock_init(&ep->mtx);
	spin_lock_init(&ep->lock);
	INIT_LIST_HEAD(&ep->ready);
	init_waitqueue_head(&ep->wq);
	init_waitqueue_head(&ep->poll_wq);
	ep->net = net;
	f = file_alloc(net, &eventpoll_fops, ep, O_RDWR);
	if (!f) {
		kfree(ep);
		return -ENOMEM;
	}
	ep->file = f;
	fd = fd_install_new(net, f, flags & EPOLL_CLOEXEC);
	if (fd < 0)
		fput(f);
	return fd;
}

static int ctl_add(struct file *epf, struct eventpoll *ep, struct file *f,
		   int fd, struct epoll_event *ev)
{
	int err;
	bool own = false;

	if (!f) {
		f = host_file_open(ep->net, fd);
		if (IS_ERR(f))
			return (int)PTR_ERR(f);
		own = true;
	}
	spin_lock_bh(&ep->net->user->ep_mutex);
	err = check_nesting(epf, ep, f);
	if (!err) {
		spin_lock_bh(&ep->mtx);
		err = ep_find(ep, fd, own ? NULL : f) ? -EEXIST :
		      ep_insert(ep, ev, f, fd, own);
		spin_unlock_bh(&ep->mtx);
	}
	spin_unlock_bh(&ep->net->user->ep_mutex);
	if (err && own)
		fput(f);
	return err;
}

static int ctl_change(struct eventpoll *ep, int op, struct file *f, int fd,
		      struct epoll_event *ev)
{
	struct epitem *epi;
	int err = 0;

	spin_lock_bh(&ep->mtx);
	epi = ep_find(ep, fd, f);
	if (!epi)
		err = -ENOENT;
	else if (op == EPOLL_CTL_DEL)
		ep_remove(ep, epi);
	else if ((epi->event.events | ev->events) & EPOLLEXCLUSIVE)
		err = -EINVAL;
	else
		err = ep_modify(ep, epi, ev);
	spin_unlock_bh(&ep->mtx);
	return err;
}

static int do_ctl(struct file *epf, int op, struct file *f, int fd,
		  struct epoll_event *ev)
{
	struct eventpoll *ep = epf->private;

	if (epf->ops != &eventpoll_fops || f == epf)
		return -EINVAL;
	if (op != EPOLL_CTL_DEL && ev->events & EPOLLEXCLUSIVE &&
	    (ev->events & ~EP_EXCLUSIVE_OK ||
	     (f && f->ops == &eventpoll_fops)))
		return -EINVAL;
	ev->events |= EPOLLERR | EPOLLHUP;
	switch (op) {
	case EPOLL_CTL_ADD:
		return ctl_add(epf, ep, f, fd, ev);
	case EPOLL_CTL_DEL:
	case EPOLL_CTL_MOD:
		return ctl_change(ep, op, f, fd, ev);
	}
	return -EINVAL;
}

int sys_epoll_ctl(struct net *net, int epfd, int op, int fd,
		  struct epoll_event *ev)
{
	struct epoll_event copy = { 0 };
	struct file *epf, *f;
	int err;

	if (op != EPOLL_CTL_DEL && copy_from_user(&copy, ev, sizeof(copy)))
		return -EFAULT;
	epf = fget(net, epfd);
	if (!epf)
		return -EBADF;
	f = fget(net, fd);
	err = f || host_fd_open(net, fd) ? do_ctl(epf, op, f, fd, &copy) :
	      -EBADF;
	if (f)
		fput(f);
	fput(epf);
	return err;
}

static int ep_wait(struct eventpoll *ep, struct epoll_event *ev, int max_ev,
		   ktime_t timeout, const void *sigmask)
{
	struct task *t = current_task();
	struct wait_queue_entry w;
	ktime_t deadline = 0;
	int n = 0, err = 0;

	if (ep_has_ready(ep))
		n = ep_send_events(ep, ev, max_ev);
	if (n || !timeout)
		return n;
	deadline = timeout == KTIME_MAX ? KTIME_MAX : ktime_get() + timeout;
	init_wait(&w);
	for (;;) {
		prepare_to_wait_exclusive(&ep->wq, &w);
		if (ep_has_ready(ep))
			n = ep_send_events(ep, ev, max_ev);
		if (n || err)
			break;
		t->sigmask = sigmask;
		err = schedule_until(deadline);
		t->sigmask = NULL;
	}
	finish_wait(&ep->wq, &w);
	return n ? n : err == -EINTR ? err : 0;
}

int sys_epoll_wait(struct net *net, int epfd, struct epoll_event *ev, int max_ev,
		   ktime_t timeout, const void *sigmask)
{
	struct file *epf;
	int ret;

	if (max_ev <= 0 || max_ev > (int)(INT32_MAX / sizeof(*ev)))
		return -EINVAL;
	if (!ev)
		return -EFAULT;
	epf = fget(net, epfd);
	if (!epf)
		return -EBADF;
	ret = epf->ops == &eventpoll_fops ?
	      ep_wait(epf->private, ev, max_ev, timeout, sigmask) : -EINVAL;
	fput(epf);
	return ret;
}
