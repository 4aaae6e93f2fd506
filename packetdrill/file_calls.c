/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls on descriptors of any kind. Those that are not the stack's
 * (pipes, which are the host's, and whatever else the tool has open) are
 * passed on to the host, in the calling thread.
 */
#define _GNU_SOURCE
#include "drill_world.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PIPE_LOOK_NS	1000000

/* --- read and write ------------------------------------------------------------------- */

static long do_readv(struct pd *d, const long *a)
{
	return weir_readv(d->host, (int)a[0], (const struct iovec *)a[1],
			  (int)a[2]);
}

static ssize_t pd_readv(void *userdata, int fd, const struct iovec *v, int n)
{
	int ours = pd_fd_find(userdata, fd);

	if (ours < 0)
		return readv(fd, v, n);
	return PD_CALL_WITH(userdata, do_readv, ours, PD_PTR(v), n);
}

static long do_read(struct pd *d, const long *a)
{
	return weir_read(d->host, (int)a[0], (void *)a[1], (size_t)a[2]);
}

static ssize_t pd_read(void *userdata, int fd, void *buf, size_t n)
{
	int ours = pd_fd_find(userdata, fd);

	if (ours < 0)
		return read(fd, buf, n);
	return PD_CALL_WITH(userdata, do_read, ours, PD_PTR(buf), (long)n);
}

static long do_writev(struct pd *d, const long *a)
{
	return weir_writev(d->host, (int)a[0], (const struct iovec *)a[1],
			   (int)a[2]);
}

static ssize_t pd_writev(void *userdata, int fd, const struct iovec *v, int n)
{
	int ours = pd_fd_find(userdata, fd);

	if (ours < 0)
		return writev(fd, v, n);
	return PD_CALL_WITH(userdata, do_writev, ours, PD_PTR(v), n);
}

static long do_write(struct pd *d, const long *a)
{
	return weir_write(d->host, (int)a[0], (const void *)a[1],
			  (size_t)a[2]);
}

static ssize_t pd_write(void *userdata, int fd, const void *buf, size_t n)
{
	int ours = pd_fd_find(userdata, fd);

	if (ours < 0)
		return write(fd, buf, n);
	return PD_CALL_WITH(userdata, do_write, ours, PD_PTR(buf), (long)n);
}

/* --- fcntl, ioctl, close ------------------------------------------------------------------ */

static long do_close(struct pd *d, const long *a)
{
	return weir_close(d->host, (int)a[0]);
}

static int pd_close(void *userdata, int fd)
{
	int ours = pd_fd_find(userdata, fd), ret;

	if (ours < 0)
		return close(fd);
	ret = (int)PD_CALL_WITH(userdata, do_close, ours);
	pd_fd_remove(userdata, fd);
	return ret;
}

static long do_fcntl(struct pd *d, const long *a)
{
	return weir_fcntl(d->host, (int)a[0], (int)a[1], a[2]);
}

/* The copy's number is the process's, at least `lowest`. */
static int duplicate(struct pd *d, int ours, int cmd, long lowest)
{
	long copy = PD_CALL_WITH(d, do_fcntl, ours, cmd, 0);
	int fd;

	if (copy < 0)
		return -1;
	fd = pd_fd_add(d, (int)copy, (int)lowest);
	if (fd < 0)
		PD_CALL_WITH(d, do_close, copy);
	return (int)pd_errno(fd);
}

static int pd_fcntl(void *userdata, int fd, int cmd, ...)
{
	int ours = pd_fd_find(userdata, fd);
	va_list ap;
	long arg;

	va_start(ap, cmd);
	arg = va_arg(ap, long);
	va_end(ap);
	if (ours < 0)
		return fcntl(fd, cmd, arg);
	if (cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC)
		return duplicate(userdata, ours, cmd, (int)arg);
	return (int)PD_CALL_WITH(userdata, do_fcntl, ours, cmd, arg);
}

static long do_ioctl(struct pd *d, const long *a)
{
	return weir_ioctl(d->host, (int)a[0], (unsigned long)a[1],
			  (void *)a[2]);
}

static int pd_ioctl(void *userdata, int fd, unsigned long cmd, ...)
{
	int ours = pd_fd_find(userdata, fd);
	va_list ap;
	void *arg;

	va_start(ap, cmd);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (ours < 0)
		return ioctl(fd, cmd, arg);
	return (int)PD_CALL_WITH(userdata, do_ioctl, ours, (long)cmd,
				 PD_PTR(arg));
}

/* --- pipes ------------------------------------------------------------------------------------ */

static int pd_pipe(void *userdata, int fds[2])
{
	return pipe2(fds, O_CLOEXEC);
}

/* The host's end of a splice has bytes, or room; asked for now and then, since
 * the world may not sleep on it. 0 or -errno. */
static long wait_for_pipe(struct pd *d, int fd, short events, bool nonblock)
{
	struct pollfd p = { .fd = fd, .events = events };
	int ret = 0;

	while (!poll(&p, 1, 0) && !ret)
		ret = nonblock ? -EAGAIN : weir_sim_sleep(d->host, PIPE_LOOK_NS);
	return ret;
}

static size_t room_of_pipe(int fd)
{
	int size = fcntl(fd, F_GETPIPE_SZ), used = 0;

	ioctl(fd, FIONREAD, &used);
	return size > used ? (size_t)(size - used) : 1;
}

static long do_splice(struct pd *d, const long *a)
{
	int in = (int)a[0], out = (int)a[1];
	unsigned int flags = (unsigned int)a[3];
	size_t n = (size_t)a[2], room;
	bool from_pipe = a[4];
	long err;

	err = wait_for_pipe(d, from_pipe ? in : out,
			    from_pipe ? POLLIN : POLLOUT,
			    flags & SPLICE_F_NONBLOCK);
	if (err)
		return err;
	room = from_pipe ? n : room_of_pipe(out);
	return weir_splice(d->host, in, out, n < room ? n : room, flags);
}

/* Neither a socket nor a pipe has offsets; the tool may give some. */
static ssize_t pd_splice(void *userdata, int in, loff_t *in_off, int out,
			 loff_t *out_off, size_t n, unsigned int flags)
{
	int our_in = pd_fd_find(userdata, in);
	int our_out = pd_fd_find(userdata, out);

	if (our_in < 0 && our_out < 0)
		return splice(in, in_off, out, out_off, n, flags);
	if (our_in >= 0 && our_out >= 0)
		return pd_errno(-EINVAL);	/* one must be a pipe */
	return PD_CALL_WITH(userdata, do_splice, our_in < 0 ? in : our_in,
			    our_out < 0 ? out : our_out, (long)n, flags,
			    our_in < 0);
}

void pd_file_calls(struct packetdrill_interface *ifc)
{
	ifc->read = pd_read;
	ifc->readv = pd_readv;
	ifc->write = pd_write;
	ifc->writev = pd_writev;
	ifc->fcntl = pd_fcntl;
	ifc->ioctl = pd_ioctl;
	ifc->close = pd_close;
	ifc->pipe = pd_pipe;
	ifc->splice = pd_splice;
}
