/* SPDX-License-Identifier: BSD-2-Clause */
/* The top of the send path: system calls that hand payload to a socket. */
#include "user/sys.h"

#include "base/slab.h"
#include "base/trace.h"
#include "user/sys_common.h"
#include "user/uaccess.h"

#define CONTROL_MAX	20480u		/* net.core.optmem_max */

int import_iovec(struct iov_iter *it, const struct iovec *v, size_t n)
{
	size_t i, count = 0;

	if (n > UIO_MAXIOV)
		return -EMSGSIZE;
	if (n && !v)
		return -EFAULT;
	for (i = 0; i < n; i++) {
		if ((ssize_t)v[i].iov_len < 0)
			return -EINVAL;
		if (v[i].iov_len && !v[i].iov_base)
			return -EFAULT;
		count += min_t(size_t, v[i].iov_len, MAX_RW_COUNT - count);
	}
	iov_iter_init(it, v, (u32)n, count);
	return 0;
}

static inline ssize_t sock_sendmsg(struct file *f, struct socket *s,
				   struct sockmsg *m)
{
	if (f->flags & O_NONBLOCK)
		m->flags |= MSG_DONTWAIT;
	trace_stage(STAGE_sock_sendmsg, 0, (u32)m->iter.count);
	return s->ops->sendmsg(s, m, m->iter.count);
}

static inline ssize_t send_buffer(struct file *f, const void *buf, size_t len,
				  int flags)
{
	const struct iovec iov = { (void *)buf, len };
	struct sockmsg m;

	sockmsg_init_buffer(&m, &iov, (u32)flags);
	return sock_sendmsg(f, f->private, &m);
}

ssize_t sys_send(struct net *net, int fd, const void *buf, size_t len,
		 int flags)
{
	struct file *f;
	ssize_t ret;

	if (unlikely(!buffer_is_plain(buf, len)))
		return sys_sendto(net, fd, buf, len, flags, NULL, 0);
	f = fget(net, fd);
	if (unlikely(!f))
		return -EBADF;
	ret = file_is_socket(f) ? send_buffer(f, buf, len, flags) :
	      -ENOTSOCK;
	fput(f);
	return ret;
}

/* MSG_NOSIGNAL: the platform raises SIGPIPE for -EPIPE, not the stack. */
ssize_t sys_sendto(struct net *net, int fd, const void *buf, size_t len,
		   int flags, const struct sockaddr *a, u32 alen)
{
	struct iovec iov = { (void *)buf, len };
	struct sockaddr_storage addr;
	struct sockmsg m = { .flags = (u32)flags };
	struct socket *s;
	ssize_t ret;
	int err;
	struct file *f = sock_fget(net, fd, &s, &err);

	if (!f)
		return err;
	ret = import_iovec(&m.iter, &iov, 1);
	if (!ret && a) {
		ret = move_addr_in(&addr, a, alen);
		m.name = &addr;
		m.namelen = alen;
	}
	if (!ret)
		ret = sock_sendmsg(f, s, &m);
	fput(f);
	return ret;
}

/* Control messages in our memory; the caller kfree()s m->control. */
static int import_control(struct sockmsg *m, const struct msghdr *h)
{
	if (!h->msg_controllen)
		return 0;
	if (h->msg_controllen > CONTROL_MAX)
		return -ENOBUFS;
	m->control = kmalloc(h->msg_controllen);
	if (!m->control)
		return -ENOBUFS;
	m->controllen = h->msg_controllen;
	return copy_from_user(m->control, h->msg_control, h->msg_controllen);
}

ssize_t send_message(struct file *f, struct socket *s, const struct msghdr *h,
		     int flags, u32 *id)
{
	struct sockmsg m = { .flags = (u32)flags };
	struct sockaddr_storage addr;
	ssize_t ret;

	ret = import_iovec(&m.iter, h->msg_iov, h->msg_iovlen);
	if (ret)
		return ret;
	if (id && !m.iter.count)
		return -EINVAL;
	if ((s32)h->msg_namelen < 0)
		return -EINVAL;
	if (h->msg_name && h->msg_namelen) {
		m.namelen = min_t(u32, h->msg_namelen, sizeof(addr));
		ret = move_addr_in(&addr, h->msg_name, m.namelen);
		m.name = &addr;
	}
	if (!ret)
		ret = import_control(&m, h);
	if (!ret)
		ret = sock_sendmsg(f, s, &m);
	kfree(m.control);
	if (id && ret >= 0)
		*id = m.zerocopy_id;
	return ret;
}

static ssize_t do_sendmsg(struct file *f, struct socket *s,
			  const struct msghdr *h, int flags)
{
	return send_message(f, s, h, flags, NULL);
}

ssize_t sys_sendmsg(struct net *net, int fd, const struct msghdr *h, int flags)
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
	ret = do_sendmsg(f, s, h, flags);
	fput(f);
	return ret;
}

int sys_sendmmsg(struct net *net, int fd, struct mmsghdr *v, u32 n, int flags)
{
	struct socket *s;
	ssize_t ret = 0;
	u32 i;
	int err;
	struct file *f = sock_fget(net, fd, &s, &err);

	if (!f)
		return err;
	n = min_t(u32, n, UIO_MAXIOV);
	if (n && !v)
		ret = -EFAULT;
	for (i = 0; v && i < n; i++) {
		ret = do_sendmsg(f, s, &v[i].msg_hdr, flags);
		if (ret < 0)
			break;
		v[i].msg_len = (u32)ret;
	}
	fput(f);
	return i ? (int)i : (int)ret;
}

static ssize_t write_iovec(struct file *f, const struct iovec *v, size_t n)
{
	struct iov_iter it;
	int err = import_iovec(&it, v, n);

	if (err)	/* writev(2) has another word for too many */
		return err == -EMSGSIZE ? -EINVAL : err;
	return f->ops->write_iter ? f->ops->write_iter(f, &it) : -EINVAL;
}

static ssize_t write_file(struct net *net, int fd, const struct iovec *v,
			 size_t n)
{
	struct file *f = fget(net, fd);
	ssize_t ret;

	if (!f)
		return -EBADF;
	ret = write_iovec(f, v, n);
	fput(f);
	return ret;
}

ssize_t sys_write(struct net *net, int fd, const void *buf, size_t len)
{
	struct iovec iov = { (void *)buf, len };
	struct file *f;
	ssize_t ret;

	f = likely(buffer_is_plain(buf, len)) ? fget(net, fd) : NULL;
	if (unlikely(!f))
		return write_file(net, fd, &iov, 1);
	ret = file_is_socket(f) ? send_buffer(f, buf, len, 0) :
	      write_iovec(f, &iov, 1);
	fput(f);
	return ret;
}

ssize_t sys_writev(struct net *net, int fd, const struct iovec *v, int n)
{
	return n < 0 ? -EINVAL : write_file(net, fd, v, (size_t)n);
}

ssize_t socket_write_iter(struct file *f, struct iov_iter *from)
{
	struct sockmsg m;

	sockmsg_init(&m, from, 0);
	return sock_sendmsg(f, f->private, &m);
}
