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


/* read(2) and write(2) on a socket; user_input.c, user_output.c */
ssize_t socket_read_iter(struct file *f, struct iov_iter *to);
ssize_t socket_write_iter(struct file *f, struct iov_iter *from);

#endif
