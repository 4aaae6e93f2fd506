/* SPDX-License-Identifier: BSD-2-Clause */
/* The top of the receive path: system calls that take payload out. */
#include "user/sys.h"

#include "base/slab.h"
#include "sock/sock.h"
#include "user/sys_common.h"
#include "user/uaccess.h"

#define CONTROL_MAX	65536u

static inline ssize_t sock_recvmsg(struct file *f, struct socket *s,
				   struct sockmsg *m, int flags)
{
	if (f->flags & O_NONBLOCK)
		flags |= MSG_DONTWAIT;
	return s->ops->recvmsg(s, m, m->iter.count, flags);
}

static inline ssize_t recv_buffer(struct file *f, void *buf, size_t len,
				  int flags)
{
	const struct iovec iov = { buf, len };
	struct sockmsg m;

	sockmsg_init_buffer(&m, &iov, 0);
	return sock_recvmsg(f, f->private, &m, flags);
}

ssize_t sys_recv(struct net *net, int fd, void *buf, size_t len, int flags)
{
	struct file *f;
	ssize_t ret;

	if (unlikely(!buffer_is_plain(buf, len)))
		return sys_recvfrom(net, fd, buf, len, flags, NULL, NULL);
	f = fget(net, fd);
	if (unlikely(!f))
		return -EBADF;
	ret = file_is_socket(f) ? recv_buffer(f, buf, len, flags) :
	      -ENOTSOCK;
	fput(f);
	return ret;
}

/* tcp(7): with MSG_TRUNC bytes are thrown away, and no buffer is needed. */
static bool needs_no_buffer(const struct socket *s, int flags)
{
	return (flags & (MSG_TRUNC | MSG_ERRQUEUE)) == MSG_TRUNC &&
	       s->ops == &inet_stream_ops;
}

ssize_t sys_recvfrom(struct net *net, int fd, void *buf, size_t len, int flags,
		     struct sockaddr *a, u32 *alen)
{
	struct iovec iov = { buf, len };
	struct sockaddr_storage addr;
	struct sockmsg m = { 0 };
	struct socket *s;
	ssize_t ret;
	int err;
	struct file *f = sock_fget(net, fd, &s, &err);

	if (!f)
		return err;
	if (!buf && needs_no_buffer(s, flags))
		iov.iov_base = &addr;	/* not written to */
	ret = import_iovec(&m.iter, &iov, 1);
	if (!ret) {
		m.name = a ? &addr : NULL;
		m.namelen = sizeof(addr);
		ret = sock_recvmsg(f, s, &m, flags);
	}
	if (ret >= 0 && a) {
		err = move_addr_out(a, alen, &addr, m.namelen);
		if (err)
			ret = err;
	}
	fput(f);
	return ret;
}

/* `control`: where the messages begin; put_cmsg() has moved m->control on. */
static ssize_t finish_recvmsg(struct msghdr *h, struct sockmsg *m,
			      const u8 *control,
			      const struct sockaddr_storage *addr, ssize_t ret)
{
	u32 alen = h->msg_namelen;
	int err = 0;

	if (h->msg_name) {
		err = move_addr_out(h->msg_name, &alen, addr, m->namelen);
		h->msg_namelen = alen;
	}
	if (!err && control && m->control_used)
		err = copy_to_user(h->msg_control, control, m->control_used);
	h->msg_controllen = m->control_used;
	h->msg_flags = (int)m->flags;
	return err ? err : ret;
}

ssize_t recv_message(struct file *f, struct socket *s, struct msghdr *h,
		     struct sockmsg *m, int flags)
{
	struct sockaddr_storage addr;
	u8 *control = NULL;
	ssize_t ret;

	if (h->msg_controllen && h->msg_control) {
		m->controllen = min_t(size_t, h->msg_controllen, CONTROL_MAX);
		control = kzalloc(m->controllen);
		if (!control)
			return -ENOBUFS;
		m->control = control;
	}
	m->name = h->msg_name ? &addr : NULL;
	m->namelen = sizeof(addr);
	ret = sock_recvmsg(f, s, m, flags);
	if (ret >= 0)
		ret = finish_recvmsg(h, m, control, &addr, ret);
	kfree(control);
	return ret;
}

static ssize_t do_recvmsg(struct file *f, struct socket *s, struct msghdr *h,
			  int flags)
{
	struct sockmsg m = { 0 };
	ssize_t ret = import_iovec(&m.iter, h->msg_iov, h->msg_iovlen);

	return ret ? ret : recv_message(f, s, h, &m, flags);
}

ssize_t sys_recvmsg(struct net *net, int fd, struct msghdr *h, int flags)
{
	struct socket *s;
	ssize_t ret;
	int err;
	struct file *f;

	if (!h)
		return -EFAULT;
	f = sock_fget(net, fd, &s, &err);
	if (!f)
		return err;
	ret = do_recvmsg(f, s, h, flags);
	fput(f);
	return ret;
}

/* The time-out is looked at after each datagram, as recvmmsg(2) says. */
int sys_recvmmsg(struct net *net, int fd, struct mmsghdr *v, u32 n, int flags,
		 const struct timespec *timeout)
{
	ktime_t end = KTIME_MAX;
	struct socket *s;
	ssize_t ret = 0;
	u32 i;
	int err, wait_one = flags & MSG_WAITFORONE;
	struct file *f;

	if (timeout && (timeout->tv_sec < 0 || timeout->tv_nsec < 0 ||
			timeout->tv_nsec >= NSEC_PER_SEC))
		return -EINVAL;
	f = sock_fget(net, fd, &s, &err);
	if (!f)
		return err;
	if (timeout && timeout->tv_sec < KTIME_MAX / NSEC_PER_SEC / 2)
		end = ktime_get() + timeout->tv_sec * NSEC_PER_SEC +
		      timeout->tv_nsec;
	flags &= ~MSG_WAITFORONE;
	if (n && !v)
		ret = -EFAULT;
	for (i = 0; v && i < n; i++) {
		ret = do_recvmsg(f, s, &v[i].msg_hdr, flags);
		if (ret < 0)
			break;
		v[i].msg_len = (u32)ret;
		if (wait_one)
			flags |= MSG_DONTWAIT;
		if (end != KTIME_MAX && ktime_get() >= end) {
			i++;
			break;
		}
	}
	fput(f);
	return i ? (int)i : (int)ret;
}

static ssize_t read_iovec(struct file *f, const struct iovec *v, size_t n)
{
	struct iov_iter it;
	int err = import_iovec(&it, v, n);

	if (err)	/* readv(2) has another word for too many */
		return err == -EMSGSIZE ? -EINVAL : err;
	return f->ops->read_iter ? f->ops->read_iter(f, &it) : -EINVAL;
}

static ssize_t read_file(struct net *net, int fd, const struct iovec *v,
			 size_t n)
{
	struct file *f = fget(net, fd);
	ssize_t ret;

	if (!f)
		return -EBADF;
	ret = read_iovec(f, v, n);
	fput(f);
	return ret;
}

ssize_t sys_read(struct net *net, int fd, void *buf, size_t len)
{
	struct iovec iov = { buf, len };
	struct file *f;
	ssize_t ret;

	f = likely(len && buffer_is_plain(buf, len)) ? fget(net, fd) : NULL;
	if (unlikely(!f))
		return read_file(net, fd, &iov, 1);
	ret = file_is_socket(f) ? recv_buffer(f, buf, len, 0) :
	      read_iovec(f, &iov, 1);
	fput(f);
	return ret;
}

ssize_t sys_readv(struct net *net, int fd, const struct iovec *v, int n)
{
	return n < 0 ? -EINVAL : read_file(net, fd, v, (size_t)n);
}

ssize_t socket_read_iter(struct file *f, struct iov_iter *to)
{
	struct sockmsg m;

	if (!to->count)
		return 0;
	sockmsg_init(&m, to, 0);
	return sock_recvmsg(f, f->private, &m, 0);
}
