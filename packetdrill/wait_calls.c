/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * poll and epoll. The host's descriptors may be in a poll's set too: they are
 * looked at before the stack's are waited for, and once more after.
 */
#define _GNU_SOURCE
#include "drill_world.h"

#include <errno.h>
#include <stdlib.h>

#define POLL_MAX	65536

/* --- poll ---------------------------------------------------------------------------- */

static long do_poll(struct pd *d, const long *a)
{
	return weir_poll(d->host, (struct pollfd *)a[0], (nfds_t)a[1],
			 (int)a[2]);
}

/* The sets of both sides: what is the other's is -1, which poll() skips. How
 * many are the host's. */
static nfds_t divide(struct pd *d, const struct pollfd *fds, nfds_t n,
		     struct pollfd *ours, struct pollfd *hosts)
{
	nfds_t nr_hosts = 0;

	for (nfds_t i = 0; i < n; i++) {
		ours[i] = hosts[i] = fds[i];
		ours[i].fd = pd_fd_find(d, fds[i].fd);
		if (ours[i].fd >= 0)
			hosts[i].fd = -1;
		else if (fds[i].fd >= 0)
			nr_hosts++;
	}
	return nr_hosts;
}

static int unite(struct pollfd *fds, nfds_t n, const struct pollfd *ours,
		 const struct pollfd *hosts)
{
	int ready = 0;

	for (nfds_t i = 0; i < n; i++) {
		fds[i].revents = ours[i].fd >= 0 ? ours[i].revents :
				 hosts[i].fd >= 0 ? hosts[i].revents : 0;
		ready += !!fds[i].revents;
	}
	return ready;
}

static int pd_poll(void *userdata, struct pollfd *fds, nfds_t n, int timeout_ms)
{
	struct pollfd *ours, *hosts;
	nfds_t nr_hosts;
	int ready = 0;

	if (n > POLL_MAX)
		return (int)pd_errno(-EINVAL);
	ours = calloc(n ? 2 * n : 1, sizeof(*ours));
	if (!ours)
		return (int)pd_errno(-ENOMEM);
	hosts = ours + n;
	nr_hosts = divide(userdata, fds, n, ours, hosts);
	if (nr_hosts && poll(hosts, n, 0) > 0)
		timeout_ms = 0;
	ready = (int)PD_CALL_WITH(userdata, do_poll, PD_PTR(ours), (long)n,
				  timeout_ms);
	if (ready >= 0 && nr_hosts)
		poll(hosts, n, 0);
	if (ready >= 0)
		ready = unite(fds, n, ours, hosts);
	free(ours);
	return ready;
}

/* --- epoll ------------------------------------------------------------------------------ */

static long do_epoll_create(struct pd *d, const long *a)
{
	return weir_epoll_create1(d->host, 0);
}

static long do_close(struct pd *d, const long *a)
{
	return weir_close(d->host, (int)a[0]);
}

static int pd_epoll_create(void *userdata, int size)
{
	long ours;
	int fd;

	if (size <= 0)
		return (int)pd_errno(-EINVAL);
	ours = PD_CALL_WITH(userdata, do_epoll_create, 0);
	if (ours < 0)
		return -1;
	fd = pd_fd_add(userdata, (int)ours, 0);
	if (fd < 0)
		PD_CALL_WITH(userdata, do_close, ours);
	return (int)pd_errno(fd);
}

static long do_epoll_ctl(struct pd *d, const long *a)
{
	return weir_epoll_ctl(d->host, (int)a[0], (int)a[1], (int)a[2],
			      (struct epoll_event *)a[3]);
}

/* The host's descriptors cannot be in it: EPERM, as for a plain file. */
static int pd_epoll_ctl(void *userdata, int epfd, int op, int fd,
			struct epoll_event *ev)
{
	int set = pd_fd_find(userdata, epfd), ours = pd_fd_find(userdata, fd);

	if (set < 0 || fd < 0)
		return (int)pd_errno(-EBADF);
	if (ours < 0)
		return (int)pd_errno(-EPERM);
	return (int)PD_CALL_WITH(userdata, do_epoll_ctl, set, op, ours,
				 PD_PTR(ev));
}

static long do_epoll_wait(struct pd *d, const long *a)
{
	return weir_epoll_wait(d->host, (int)a[0], (struct epoll_event *)a[1],
			       (int)a[2], (int)a[3]);
}

static int pd_epoll_wait(void *userdata, int epfd, struct epoll_event *ev,
			 int max, int timeout_ms)
{
	int set = pd_fd_find(userdata, epfd);

	if (set < 0)
		return (int)pd_errno(-EBADF);
	return (int)PD_CALL_WITH(userdata, do_epoll_wait, set, PD_PTR(ev), max,
				 timeout_ms);
}

void pd_wait_calls(struct packetdrill_interface *ifc)
{
	ifc->poll = pd_poll;
	ifc->epoll_create = pd_epoll_create;
	ifc->epoll_ctl = pd_epoll_ctl;
	ifc->epoll_wait = pd_epoll_wait;
}
