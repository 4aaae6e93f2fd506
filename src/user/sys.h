/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system-call boundary. One entry per call, plain arguments, result or
 * -errno as the kernel returns it. Task context, on a CPU (platform->enter).
 * Pointers are the program's memory, reached by copy_from_user/copy_to_user
 * of user/uaccess.h only, so that a call can be made for another process.
 */
#ifndef WEIR_USER_SYS_H
#define WEIR_USER_SYS_H

#include "user/file.h"

struct mmsghdr;
struct zerocopy_range;

int sys_socket(struct net *net, int family, int type, int protocol);
int sys_bind(struct net *net, int fd, const struct sockaddr *a, u32 len);
int sys_listen(struct net *net, int fd, int backlog);
int sys_accept4(struct net *net, int fd, struct sockaddr *a, u32 *len, int flags);
int sys_connect(struct net *net, int fd, const struct sockaddr *a, u32 len);
int sys_shutdown(struct net *net, int fd, int how);
int sys_getsockname(struct net *net, int fd, struct sockaddr *a, u32 *len);
int sys_getpeername(struct net *net, int fd, struct sockaddr *a, u32 *len);
int sys_setsockopt(struct net *net, int fd, int level, int name,
		   const void *val, u32 len);
int sys_getsockopt(struct net *net, int fd, int level, int name, void *val,
		   u32 *len);
/* user_output.c; sys_send is sys_sendto without an address */
ssize_t sys_send(struct net *net, int fd, const void *buf, size_t len,
		 int flags);
ssize_t sys_sendto(struct net *net, int fd, const void *buf, size_t len,
		   int flags, const struct sockaddr *a, u32 alen);
ssize_t sys_sendmsg(struct net *net, int fd, const struct msghdr *m, int flags);
int sys_sendmmsg(struct net *net, int fd, struct mmsghdr *v, u32 n, int flags);
ssize_t sys_write(struct net *net, int fd, const void *buf, size_t len);
ssize_t sys_writev(struct net *net, int fd, const struct iovec *v, int n);
/* user_input.c */
ssize_t sys_recv(struct net *net, int fd, void *buf, size_t len, int flags);
ssize_t sys_recvfrom(struct net *net, int fd, void *buf, size_t len, int flags,
		     struct sockaddr *a, u32 *alen);
ssize_t sys_recvmsg(struct net *net, int fd, struct msghdr *m, int flags);
int sys_recvmmsg(struct net *net, int fd, struct mmsghdr *v, u32 n, int flags,
		 const struct timespec *timeout);
ssize_t sys_read(struct net *net, int fd, void *buf, size_t len);
ssize_t sys_readv(struct net *net, int fd, const struct iovec *v, int n);
/* loan.c; the contracts are in weir.h */
ssize_t sys_recvmsg_zc(struct net *net, int fd, struct msghdr *m, size_t len,
		       int flags, u64 *loan);
int sys_recv_return(struct net *net, u64 loan);
ssize_t sys_sendmsg_zc(struct net *net, int fd, const struct msghdr *m,
		       int flags, u32 *id);
int sys_send_completed(struct net *net, int fd, struct zerocopy_range *r,
		       ktime_t timeout);
/* descriptors */
int sys_close(struct net *net, int fd);
int sys_dup(struct net *net, int fd, int min_fd, bool cloexec);
int sys_dup3(struct net *net, int fd, int to, int flags);
int sys_fcntl(struct net *net, int fd, int cmd, long arg);
int sys_ioctl(struct net *net, int fd, unsigned long cmd, void *arg);
/* select.c; timeouts are lengths in ns, KTIME_MAX: none. Numbers that are not
 * the stack's are the host's (platform->host_poll). */
int sys_poll(struct net *net, struct pollfd *fds, u32 n, ktime_t timeout,
	     const void *sigmask);
int sys_select(struct net *net, int n, fd_set *r, fd_set *w, fd_set *e,
	       ktime_t *timeout, const void *sigmask);
/* epoll.c */
int sys_epoll_create1(struct net *net, int flags);
int sys_epoll_ctl(struct net *net, int epfd, int op, int fd,
		  struct epoll_event *ev);
int sys_epoll_wait(struct net *net, int epfd, struct epoll_event *ev, int max,
		   ktime_t timeout, const void *sigmask);

#endif
