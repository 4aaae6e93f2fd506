/* SPDX-License-Identifier: BSD-2-Clause */
/* System calls on descriptors: close, dup, fcntl, ioctl. */
#include "user/sys.h"

#include "user/uaccess.h"

int sys_close(struct net *net, int fd)
{
	const struct fd_ops *ops = net->user->fd_ops;
	struct file *f = fd_remove(net, fd);

	if (!f)
		return -EBADF;
	if (ops)
		ops->release(ops->ctx, fd);
	fput(f);
	return 0;
}

int sys_dup(struct net *net, int fd, int min_fd, bool cloexec)
{
	struct file *f = fget(net, fd);
	int to;

	if (!f)
		return -EBADF;
	if (min_fd < 0 || (u32)min_fd >= net->user->max_fds) {
		fput(f);
		return -EINVAL;
	}
	to = net->user->fd_ops ? fd_install_new(net, f, cloexec) :
	     fd_install_from(net, f, min_fd);
	if (to < 0)
		fput(f);
	return to;
}

int sys_dup3(struct net *net, int fd, int to, int flags)
{
	struct file *f;
	int err;

	if (flags & ~O_CLOEXEC || fd == to)
		return -EINVAL;
	f = fget(net, fd);
	if (!f)
		return -EBADF;
	if (to < 0 || (u32)to >= net->user->max_fds) {
		fput(f);
		return -EBADF;
	}
	err = fd_install_at(net, to, f);
	if (err)
		fput(f);
	return err ? err : to;
}

static int set_flag(struct file *f, u32 flag, bool on)
{
	if (on)
		__atomic_fetch_or(&f->flags, flag, __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(&f->flags, ~flag, __ATOMIC_RELAXED);
	return 0;
}

int sys_fcntl(struct net *net, int fd, int cmd, long arg)
{
	struct file *f = fget(net, fd);
	int ret;

	if (!f)
		return -EBADF;
	switch (cmd) {
	case F_GETFL:
		ret = (int)READ_ONCE(f->flags);
		break;
	case F_SETFL:
		ret = set_flag(f, O_NONBLOCK, arg & O_NONBLOCK);
		break;
	case F_GETFD:
	case F_SETFD:
	case F_SETOWN:
		ret = 0;	/* close-on-exec is the number's, see fd_ops */
		break;
	case F_GETOWN:
		ret = 0;
		break;
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		ret = sys_dup(net, fd, (int)arg, cmd == F_DUPFD_CLOEXEC);
		break;
	default:
		ret = -EINVAL;
	}
	fput(f);
	return ret;
}

int sys_ioctl(struct net *net, int fd, unsigned long cmd, void *arg)
{
	struct file *f = fget(net, fd);
	int on, ret;

	if (!f)
		return -EBADF;
	switch (cmd) {
	case FIONBIO:
		ret = copy_from_user(&on, arg, sizeof(on));
		if (!ret)
			ret = set_flag(f, O_NONBLOCK, on);
		break;
	case FIOASYNC:
		ret = copy_from_user(&on, arg, sizeof(on));
		if (!ret)
			ret = set_flag(f, O_ASYNC, on);
		break;
	case FIOCLEX:
	case FIONCLEX:
		ret = 0;
		break;
	default:
		ret = f->ops->ioctl ? f->ops->ioctl(f, cmd, arg) : -ENOTTY;
	}
	fput(f);
	return ret;
}
