/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What packetdrill asks of a library that it opens with --so_filename: one
 * function that fills in a table of functions. The table is laid out here from
 * a description of that interface; nothing of the tool is used.
 *
 * All but netdev_*, usleep and gettimeofday are the system calls of the same
 * names, with `userdata` in front: -1 and errno on failure. They may block,
 * since the tool makes those that a script lets block in a thread of its own.
 */
#ifndef WEIR_PACKETDRILL_INTERFACE_H
#define WEIR_PACKETDRILL_INTERFACE_H

#include <poll.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>

struct packetdrill_interface {
	void *userdata;
	/* The tool is done with it. */
	void (*free)(void *userdata);
	int (*socket)(void *userdata, int domain, int type, int protocol);
	int (*bind)(void *userdata, int fd, const struct sockaddr *a,
		    socklen_t len);
	int (*listen)(void *userdata, int fd, int backlog);
	int (*accept)(void *userdata, int fd, struct sockaddr *a,
		      socklen_t *len);
	int (*connect)(void *userdata, int fd, const struct sockaddr *a,
		       socklen_t len);
	ssize_t (*read)(void *userdata, int fd, void *buf, size_t n);
	ssize_t (*readv)(void *userdata, int fd, const struct iovec *v, int n);
	ssize_t (*recv)(void *userdata, int fd, void *buf, size_t n, int flags);
	ssize_t (*recvfrom)(void *userdata, int fd, void *buf, size_t n,
			    int flags, struct sockaddr *a, socklen_t *len);
	ssize_t (*recvmsg)(void *userdata, int fd, struct msghdr *m, int flags);
	ssize_t (*write)(void *userdata, int fd, const void *buf, size_t n);
	ssize_t (*writev)(void *userdata, int fd, const struct iovec *v, int n);
	ssize_t (*send)(void *userdata, int fd, const void *buf, size_t n,
			int flags);
	ssize_t (*sendto)(void *userdata, int fd, const void *buf, size_t n,
			  int flags, const struct sockaddr *a, socklen_t len);
	ssize_t (*sendmsg)(void *userdata, int fd, const struct msghdr *m,
			   int flags);
	int (*fcntl)(void *userdata, int fd, int cmd, ...);
	int (*ioctl)(void *userdata, int fd, unsigned long cmd, ...);
	int (*close)(void *userdata, int fd);
	int (*shutdown)(void *userdata, int fd, int how);
	int (*getsockopt)(void *userdata, int fd, int level, int name,
			  void *value, socklen_t *len);
	int (*setsockopt)(void *userdata, int fd, int level, int name,
			  const void *value, socklen_t len);
	int (*poll)(void *userdata, struct pollfd *fds, nfds_t n,
		    int timeout_ms);
	/* The stack receives an IP packet. 0, or -1. */
	int (*netdev_send)(void *userdata, const void *packet, size_t len);
	/* The next packet that leaves the stack, and when it left (on the clock
	 * of gettimeofday). Waits for it. *len: in, room; out, the packet's
	 * length, 0: none is going to leave. 0, or -1. */
	int (*netdev_receive)(void *userdata, void *packet, size_t *len,
			      long long *time_usecs);
	/* The tool's clock. */
	int (*usleep)(void *userdata, unsigned int usecs);
	int (*gettimeofday)(void *userdata, struct timeval *tv,
			    struct timezone *tz);
	int (*epoll_create)(void *userdata, int size);
	int (*epoll_ctl)(void *userdata, int epfd, int op, int fd,
			 struct epoll_event *ev);
	int (*epoll_wait)(void *userdata, int epfd, struct epoll_event *ev,
			  int max, int timeout_ms);
	int (*pipe)(void *userdata, int fds[2]);
	ssize_t (*splice)(void *userdata, int in, loff_t *in_off, int out,
			  loff_t *out_off, size_t n, unsigned int flags);
};

/*
 * Fills the table for a stack of its own, made as the text of --so_flags says
 * (weir-packetdrill(7)). 0; or -1: what is wrong has been written to standard
 * error, and every call through the table fails with ENXIO.
 */
int packetdrill_interface_init(const char *flags,
			       struct packetdrill_interface *ifc);

#endif
