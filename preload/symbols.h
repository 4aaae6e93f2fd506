/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The functions behind ours: real(read)(fd, buf, n) is libc's read. Each is
 * looked up when first called, since programs call before constructors run
 * and most need few of them.
 */
#ifndef WEIR_PRELOAD_SYMBOLS_H
#define WEIR_PRELOAD_SYMBOLS_H

#include <dlfcn.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* The names that fortified programs are linked to. */
ssize_t __read_chk(int fd, void *buf, size_t n, size_t room);
ssize_t __recv_chk(int fd, void *buf, size_t n, size_t room, int flags);
ssize_t __recvfrom_chk(int fd, void *buf, size_t n, size_t room, int flags,
		       __SOCKADDR_ARG a, socklen_t *alen);
int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t room);
int __ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
		const sigset_t *mask, size_t room);
int __vdprintf_chk(int fd, int flag, const char *fmt, va_list ap);
int __dprintf_chk(int fd, int flag, const char *fmt, ...);
void __chk_fail(void) __attribute__((noreturn));
/* Old names. */
int __close(int fd);
ssize_t __read(int fd, void *buf, size_t n);
ssize_t __write(int fd, const void *buf, size_t n);
int __dup2(int fd, int to);
int __fcntl(int fd, int cmd, ...);
int __select(int n, fd_set *r, fd_set *w, fd_set *e, struct timeval *t);
int __poll(struct pollfd *fds, nfds_t n, int timeout);
ssize_t __send(int fd, const void *buf, size_t n, int flags);
int __connect(int fd, __CONST_SOCKADDR_ARG a, socklen_t len);
pid_t __fork(void);
pid_t __vfork(void);
int __sigaction(int sig, const struct sigaction *act, struct sigaction *old);
sighandler_t bsd_signal(int sig, sighandler_t handler);

struct symbols {
#define SYMBOL(name) __typeof__(name) *name;
#include "symbols.def"
#undef SYMBOL
};

extern struct symbols symbols __attribute__((visibility("hidden")));

/* Ends the program if libc has none of that name. */
void *symbol_find(void **slot, const char *name);

#define real(name) \
	(__builtin_expect(!!symbols.name, 1) ? symbols.name : \
	 (__typeof__(symbols.name))symbol_find((void **)&symbols.name, #name))

#endif
