/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host's descriptors in the stack's poll sets. All that are watched are in
 * one epoll set of the host, which the poller looks at and sleeps on. An entry
 * is edge-triggered for all that its watchers want; they look again
 * themselves, so an edge too many does no harm, and one too few cannot be.
 */
#define _GNU_SOURCE
#include "platform/linux/linux_platform.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>

struct host_watch {
	struct host_watch *next;
	struct lx_hostfd *hfd;
	u32 events;
	void (*fn)(void *arg, u32 events);
	void *arg;
};

struct lx_hostfd {
	int fd;
	u32 events;
	struct host_watch *watches;
};

#define POLL_BITS (EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLERR | EPOLLHUP | \
		   EPOLLRDNORM | EPOLLRDBAND | EPOLLWRNORM | EPOLLWRBAND | \
		   EPOLLRDHUP)

u32 lx_host_poll(struct platform *p, int fd, u32 events)
{
	struct pollfd pfd = { .fd = fd, .events = (short)(events & POLL_BITS) };

	if (poll(&pfd, 1, 0) <= 0)
		return 0;
	return (u16)pfd.revents;
}

static struct lx_hostfd *find_hostfd(struct linux_platform *lp, int fd)
{
	u32 room = lp->hostfds_room, want = (u32)fd + 1;
	struct lx_hostfd **bigger;

	if (want > room) {
		room = max_t(u32, 64, want * 2);
		bigger = realloc(lp->hostfds, room * sizeof(*bigger));
		if (!bigger)
			return NULL;
		memset(bigger + lp->hostfds_room, 0,
		       (room - lp->hostfds_room) * sizeof(*bigger));
		lp->hostfds = bigger;
		lp->hostfds_room = room;
	}
	if (!lp->hostfds[fd]) {
		lp->hostfds[fd] = calloc(1, sizeof(struct lx_hostfd));
		if (lp->hostfds[fd])
			lp->hostfds[fd]->fd = fd;
	}
	return lp->hostfds[fd];
}

/* ADD when the program has closed the number and opened it anew meanwhile. */
static int tell_epoll(struct linux_platform *lp, struct lx_hostfd *h)
{
	struct epoll_event ev = { .events = h->events | EPOLLET,
				  .data.fd = h->fd };

	if (!epoll_ctl(lp->host_epfd, EPOLL_CTL_MOD, h->fd, &ev))
		return 0;
	return epoll_ctl(lp->host_epfd, EPOLL_CTL_ADD, h->fd, &ev);
}

struct host_watch *lx_watch_add(struct platform *p, int fd, u32 events,
				void (*fn)(void *arg, u32 events), void *arg)
{
	struct linux_platform *lp = to_lp(p);
	struct host_watch *w = calloc(1, sizeof(*w));
	struct lx_hostfd *h;

	if (!w || fd < 0) {
		free(w);
		return NULL;
	}
	pthread_mutex_lock(&lp->watch_lock);
	h = find_hostfd(lp, fd);
	if (!h)
		goto no_entry;
	if (!h->watches)
		h->events = 0;
	h->events |= events & POLL_BITS;
	if (tell_epoll(lp, h))
		goto no_entry;
	*w = (struct host_watch){ h->watches, h, events, fn, arg };
	h->watches = w;
	__atomic_fetch_add(&lp->nr_watches, 1, __ATOMIC_SEQ_CST);
	pthread_mutex_unlock(&lp->watch_lock);
	/* A poller that sleeps on futexes does not see descriptors. */
	if (lx_thread_asleep(lp) == LX_FUTEX)
		lx_poke(lp);
	return w;

no_entry:
	pthread_mutex_unlock(&lp->watch_lock);
	free(w);
	return NULL;
}

void lx_watch_del(struct platform *p, struct host_watch *w)
{
	struct linux_platform *lp = to_lp(p);
	struct lx_hostfd *h = w->hfd;
	struct host_watch **pw;

	pthread_mutex_lock(&lp->watch_lock);
	for (pw = &h->watches; *pw != w; pw = &(*pw)->next)
		;
	*pw = w->next;
	__atomic_fetch_sub(&lp->nr_watches, 1, __ATOMIC_SEQ_CST);
	if (!h->watches) {
		epoll_ctl(lp->host_epfd, EPOLL_CTL_DEL, h->fd, NULL);
		h->events = 0;
	}
	pthread_mutex_unlock(&lp->watch_lock);
	free(w);
}

bool lx_host_events(struct linux_platform *lp)
{
	struct epoll_event ev[16];
	struct host_watch *w;
	int i, n;

	n = epoll_wait(lp->host_epfd, ev, 16, 0);
	if (n <= 0)
		return false;
	local_bh_disable();	/* the watchers only wake: no softirqs in here */
	pthread_mutex_lock(&lp->watch_lock);
	for (i = 0; i < n; i++) {
		struct lx_hostfd *h = lp->hostfds[ev[i].data.fd];

		for (w = h->watches; w; w = w->next)
			if (ev[i].events & (w->events | EPOLLERR | EPOLLHUP))
				w->fn(w->arg, ev[i].events);
	}
	pthread_mutex_unlock(&lp->watch_lock);
	local_bh_enable();
	return true;
}

void lx_hostfd_fini(struct linux_platform *lp)
{
	u32 i;

	for (i = 0; i < lp->hostfds_room; i++) {
		struct host_watch *w, *next;

		if (!lp->hostfds[i])
			continue;
		for (w = lp->hostfds[i]->watches; w; w = next) {
			next = w->next;
			free(w);
		}
		free(lp->hostfds[i]);
	}
	free(lp->hostfds);
}
