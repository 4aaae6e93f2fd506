/* SPDX-License-Identifier: BSD-2-Clause */
/* What the sys_* files share. */
#ifndef WEIR_USER_SYS_COMMON_H
#define WEIR_USER_SYS_COMMON_H

#include "user/file.h"

struct file *sock_fget(struct net *net, int fd, struct socket **s, int *err);
/* 0, -EINVAL (too long), -EFAULT */
int move_addr_in(struct sockaddr_storage *to, const struct sockaddr *a, u32 len);
/* Cut to *alen, which then says the whole length. `a` NULL: nothing. */
int move_addr_out(struct sockaddr *a, u32 *alen, const void *from, u32 len);

/* The program's iovec, checked: at most UIO_MAXIOV, sum within ssize_t.
 * 0, -EMSGSIZE, -EINVAL, -EFAULT. The array is used in place. */
int import_iovec(struct iov_iter *it, const struct iovec *v, size_t n);

/* The most that one call moves, as the kernel has it. */
#define MAX_RW_COUNT	0x7ffff000u
/* A buffer that import_iovec would take as it is. */
static inline bool buffer_is_plain(const void *buf, size_t len)
{
	return buf && len <= MAX_RW_COUNT;
}
/* A message of what `it` says, without name and control. Word by word: this is
 * done for each call, and the whole structure is two cache lines. */
static inline void sockmsg_init(struct sockmsg *m, const struct iov_iter *it,
				u32 flags)
{
	m->name = NULL;
	m->namelen = 0;
	m->iter = *it;
	m->control = NULL;
	m->controllen = 0;
	m->control_used = 0;
	m->flags = flags;
	m->zerocopy = NULL;
	m->loan = NULL;
}
/* The same of one plain buffer. */
static inline void sockmsg_init_buffer(struct sockmsg *m,
				       const struct iovec *iov, u32 flags)
{
	const struct iov_iter it = { .iov = iov, .nr_segs = 1,
				     .count = iov->iov_len };

	sockmsg_init(m, &it, flags);
}
/* recvmsg(2) with what the caller has put into *m, iter or loan. */
ssize_t recv_message(struct file *f, struct socket *s, struct msghdr *h,
		     struct sockmsg *m, int flags);
/* sendmsg(2). id: of MSG_ZEROCOPY, the number of the call if anything was sent,
 * and -EINVAL when there is nothing to send; or NULL. */
ssize_t send_message(struct file *f, struct socket *s, const struct msghdr *h,
		     int flags, u32 *id);

/* read(2) and write(2) on a socket; user_input.c, user_output.c */
ssize_t socket_read_iter(struct file *f, struct iov_iter *to);
ssize_t socket_write_iter(struct file *f, struct iov_iter *from);

#endif
