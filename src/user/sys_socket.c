/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls on sockets that move no payload: make, name, connect, accept,
 * options. Addresses and options are copied in and out here, once.
 */
#include "user/sys.h"

#include "base/slab.h"
#include "sock/sock.h"
#include "user/sys_common.h"
#include "user/uaccess.h"

#define OPTLEN_MAX	4096u

/* Referenced file and its socket; NULL with *err. */
struct file *sock_fget(struct net *net, int fd, struct socket **s, int *err)
{
	struct file *f = fget(net, fd);

	if (!f) {
		*err = -EBADF;
		return NULL;
	}
	*s = sock_from_file(f);
	if (*s)
		return f;
	*err = -ENOTSOCK;
	fput(f);
	return NULL;
}

int move_addr_in(struct sockaddr_storage *to, const struct sockaddr *a, u32 len)
{
	if (len > sizeof(*to))
		return -EINVAL;
	memset(to, 0, sizeof(*to));
	return copy_from_user(to, a, len);
}

int move_addr_out(struct sockaddr *a, u32 *alen, const void *from, u32 len)
{
	int err;

	if (!a)
		return 0;
	if (!alen)
		return -EFAULT;
	if ((s32)*alen < 0)
		return -EINVAL;
	err = copy_to_user(a, from, min(*alen, len));
	*alen = len;
	return err;
}

int sock_map_fd(struct net *net, struct socket *s, u32 flags, int fd)
{
	struct file *f = (struct file *)(s + 1);

	file_init(f, net, &socket_file_ops, s, O_RDWR | flags);
	fd = fd_install_reserved(net, fd, f);
	if (fd < 0)
		fput(f);
	return fd;
}

int sys_socket(struct net *net, int family, int type, int protocol)
{
	int flags = type & ~0xf, err, fd;
	struct socket *s;

	if (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	err = sock_create(net, family, type & 0xf, protocol, &s);
	if (err)
		return err;
	err = fd_reserve(net, flags & SOCK_CLOEXEC, &fd);
	if (err) {
		sock_release(s);
		return err;
	}
	return sock_map_fd(net, s, flags & SOCK_NONBLOCK, fd);
}

int sys_bind(struct net *net, int fd, const struct sockaddr *a, u32 len)
{
	struct sockaddr_storage addr;
	struct socket *s;
	int err;
	struct file *f = sock_fget(net, fd, &s, &err);

	if (!f)
		return err;
	err = move_addr_in(&addr, a, len);
	if (!err)
		err = s->ops->bind(s, (struct sockaddr *)&addr, len);
	fput(f);
	return err;
}

int sys_listen(struct net *net, int fd, int backlog)
{
	struct socket *s;
	int err;
	struct file *f = sock_fget(net, fd, &s, &err);

	if (!f)
		return err;
	err = s->ops->listen(s, backlog);
	fput(f);
	return err;
}

int sys_connect(struct net *net, int fd, const struct sockaddr *a, u32 len)
{
	struct sockaddr_storage addr;
	struct socket *s;
	int err;
	struct file *f = sock_fget(net, fd, &s, &err);

	if (!f)
		return err;
	err = move_addr_in(&addr, a, len);
	if (!err)
		err = s->ops->connect(s, (struct sockaddr *)&addr, len,
				      (int)(f->flags & O_NONBLOCK));
	fput(f);
	return err;
}

static int do_accept(struct net *net, struct file *f, struct socket *s,
		     struct sockaddr *a, u32 *len, int flags, int fd)
{
	struct sockaddr_storage addr;
	struct socket *child = sock_alloc(net, s->type);
	int err = -ENOMEM, alen;

	if (!child)
		goto unreserve;
	child->ops = s->ops;
	err = s->ops->accept(s, child, (int)(f->flags & O_NONBLOCK));
	if (err)
		goto release;
	if (a) {
		alen = s->ops->getname(child, (struct sockaddr *)&addr,
				       GETNAME_ACCEPTED);
		err = alen < 0 ? -ECONNABORTED :
		      move_addr_out(a, len, &addr, (u32)alen);
		if (err)
			goto release;
	}
	return sock_map_fd(net, child, flags & SOCK_NONBLOCK, fd);

release:
	sock_release(child);
unreserve:
	fd_unreserve(net, fd);
	return err;
}

/* A listener that must not wait and has nothing: no number is needed. */
static bool would_block(struct file *f, struct socket *s)
{
	return f->flags & O_NONBLOCK && s->sk &&
	       READ_ONCE(s->sk->sk_state) == TCP_LISTEN && !s->ops->poll(s);
}

int sys_accept4(struct net *net, int fd, struct sockaddr *a, u32 *len,
		int flags)
{
	struct socket *s;
	struct file *f;
	int err, number;

	if (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	f = sock_fget(net, fd, &s, &err);
	if (!f)
		return err;
	/* First: for want of a number no connection is taken off and lost. */
	err = would_block(f, s) ? -EAGAIN :
	      fd_reserve(net, flags & SOCK_CLOEXEC, &number);
	if (!err)
		err = do_accept(net, f, s, a, len, flags, number);
	fput(f);
	return err;
}

int sys_shutdown(struct net *net, int fd, int how)
{
	struct socket *s;
	int err;
	struct file *f = sock_fget(net, fd, &s, &err);

	if (!f)
		return err;
	err = s->ops->shutdown(s, how);
	fput(f);
	return err;
}

static int do_getname(struct net *net, int fd, struct sockaddr *a, u32 *len,
		      enum getname_what what)
{
	struct sockaddr_storage addr;
	struct socket *s;
	int err;
	struct file *f = sock_fget(net, fd, &s, &err);

	if (!f)
		return err;
	err = s->ops->getname(s, (struct sockaddr *)&addr, what);
	if (err >= 0)
		err = a ? move_addr_out(a, len, &addr, (u32)err) : -EFAULT;
	fput(f);
	return err;
}

int sys_getsockname(struct net *net, int fd, struct sockaddr *a, u32 *len)
{
	return do_getname(net, fd, a, len, GETNAME_OWN);
}

int sys_getpeername(struct net *net, int fd, struct sockaddr *a, u32 *len)
{
	return do_getname(net, fd, a, len, GETNAME_PEER);
}

/* Options up to this size stay on the stack; larger ones (filters) do not. */
#define OPT_INLINE	128u

int sys_setsockopt(struct net *net, int fd, int level, int name,
		   const void *val, u32 len)
{
	u8 small[OPT_INLINE] __aligned(8), *opt = small;
	struct socket *s;
	int err;
	struct file *f = sock_fget(net, fd, &s, &err);

	if (!f)
		return err;
	if ((s32)len < 0 || len > OPTLEN_MAX) {
		err = -EINVAL;
		goto out;
	}
	if (len > OPT_INLINE) {
		opt = kmalloc(len);
		if (!opt) {
			err = -ENOMEM;
			goto out;
		}
	}
	err = copy_from_user(opt, val, len);
	if (!err)
		err = s->ops->setsockopt(s, level, name, opt, len);
	if (opt != small)
		kfree(opt);
out:
	fput(f);
	return err;
}

int sys_getsockopt(struct net *net, int fd, int level, int name, void *val,
		   u32 *len)
{
	u8 opt[1024] __aligned(8);
	struct socket *s;
	u32 room;
	int err;
	struct file *f = sock_fget(net, fd, &s, &err);

	if (!f)
		return err;
	err = copy_from_user(&room, len, sizeof(room));
	if (!err && (s32)room < 0)
		err = -EINVAL;
	if (err)
		goto out;
	room = min_t(u32, room, sizeof(opt));
	err = s->ops->getsockopt(s, level, name, opt, &room);
	if (!err)
		err = copy_to_user(val, opt, room);
	if (!err)
		err = copy_to_user(len, &room, sizeof(room));
out:
	fput(f);
	return err;
}
