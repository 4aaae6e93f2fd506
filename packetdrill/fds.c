/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers of the stack's descriptors, as the tool sees them. Each is a real
 * descriptor of the process, an eventfd that nobody uses, so that no file gets
 * the same number, and so that the tool may close it with libc, as it does
 * when it ends.
 */
#define _GNU_SOURCE
#include "drill_world.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

int pd_fd_find(struct pd *d, int fd)
{
	int ours;

	pd_lock(d);
	ours = fd >= 0 && fd < d->nr_fds ? d->fds[fd] - 1 : -1;
	pd_unlock(d);
	return ours;
}

static int reserve(int lowest)
{
	int fd = eventfd(0, EFD_CLOEXEC), higher;

	if (fd < 0)
		return -errno;
	if (fd >= lowest)
		return fd;
	higher = fcntl(fd, F_DUPFD_CLOEXEC, lowest);
	if (higher < 0)
		higher = -errno;
	close(fd);
	return higher;
}

static int make_room(struct pd *d, int fd)
{
	int room = d->nr_fds ? d->nr_fds : 64;
	int *more;

	while (room <= fd)
		room *= 2;
	if (room == d->nr_fds)
		return 0;
	more = realloc(d->fds, (size_t)room * sizeof(*more));
	if (!more)
		return -ENOMEM;
	memset(more + d->nr_fds, 0, (size_t)(room - d->nr_fds) * sizeof(*more));
	d->fds = more;
	d->nr_fds = room;
	return 0;
}

int pd_fd_add(struct pd *d, int ours, int lowest)
{
	int fd = reserve(lowest), err;

	if (fd < 0)
		return fd;
	pd_lock(d);
	err = make_room(d, fd);
	if (!err)
		d->fds[fd] = ours + 1;
	pd_unlock(d);
	if (err)
		close(fd);
	return err ? err : fd;
}

void pd_fd_remove(struct pd *d, int fd)
{
	pd_lock(d);
	d->fds[fd] = 0;
	pd_unlock(d);
	close(fd);
}

/* The numbers that are left are the tool's to close. */
void pd_fds_fini(struct pd *d)
{
	free(d->fds);
	d->fds = NULL;
	d->nr_fds = 0;
}
