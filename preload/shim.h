/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The preload shim: libc's network calls of an unmodified program become
 * calls of a stack that lives in the program's own process.
 *
 * A descriptor of the stack is a real descriptor of the host too: a
 * placeholder, an unconnected AF_UNIX socket, so that numbers are low, are
 * the lowest free, are never used twice, and look like a socket to fstat.
 * shim.kind[] says for each number whose it is; all else follows from that.
 *
 *	init.c      environment, making the stack, the end of the program
 *	symbols.c   the functions behind ours, found when first needed
 *	library.c   what the stack itself asks of libc
 *	socket.c io.c copyfd.c fd.c wait.c epoll.c stdio.c   descriptors
 *	resolve.c dns.c hosts.c names.c ifaddrs.c            names, devices
 *	process.c signal.c cancel.c syscall.c                 the process
 *
 * The stack is made at the first call that needs one; a program that never
 * uses the network pays nothing.
 *
 * RULE 9: what is per process in the host's kernel is a global here.
 */
#ifndef WEIR_PRELOAD_SHIM_H
#define WEIR_PRELOAD_SHIM_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#undef _FORTIFY_SOURCE
#undef _FILE_OFFSET_BITS	/* sendfile is sendfile, not sendfile64 */

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <weir/weir.h>

#include "symbols.h"

#define EXPORT		__attribute__((visibility("default")))
#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)

#define SHIM_MAX_FDS	65536

enum fd_kind {
	FD_HOST,		/* 0: not ours */
	FD_STACK,
	FD_DEAD,		/* was the stack's in the process that forked us */
	FD_OWN,			/* the stack's own: not there for the program */
};

/* Ways past the stack, counted and told at exit. */
enum bypass {
	BYPASS_FORK,		/* forked child used its parent's socket */
	BYPASS_EXEC,		/* program replaced itself, sockets open */
	BYPASS_NETLINK,		/* asked the host about its devices */
	BYPASS_PASSED,		/* descriptor sent to another process */
	BYPASS_MAX
};

struct shim {
	struct weir *w;		/* NULL: none yet, or a forked child; atomic */
	bool exiting;		/* other threads stop at the boundary; atomic */
	bool has_ipv6;		/* the stack has AF_INET6 */
	int highest;		/* no number above it was ever ours; atomic */
	unsigned int bypassed[BYPASS_MAX];
	uint8_t kind[SHIM_MAX_FDS];	/* enum fd_kind */
};

extern struct shim shim __attribute__((visibility("hidden")));

/* What a thread is doing; see signal.c. */
struct shim_thread {
	int depth;		/* inside the stack */
	bool ran;		/* handlers ran since the call began */
	bool no_restart;	/* one of them was without SA_RESTART */
	bool ends_process;	/* this thread may go on while exiting */
	int deferred;		/* handlers that wait for the call's end */
};

extern _Thread_local struct shim_thread shim_self
	__attribute__((tls_model("initial-exec"), visibility("hidden")));

static inline enum fd_kind fd_kind(int fd)
{
	if (unlikely((unsigned int)fd >= SHIM_MAX_FDS))
		return FD_HOST;
	return (enum fd_kind)__atomic_load_n(&shim.kind[fd], __ATOMIC_RELAXED);
}

/* The number is not the stack's: hand the call to libc. Dead ones and the
 * stack's own go to the stack, which knows no such number: EBADF. */
static inline bool on_host(int fd)
{
	return likely(fd_kind(fd) == FD_HOST);
}

/* --- init.c --------------------------------------------------------------------- */

/* The stack, made now if need be. NULL, and errno: there can be none (said
 * on stderr once). */
struct weir *shim_stack(void);
/* A setting of `weir run`, as it was at the start of the process. */
const char *shim_setting(const char *name);
void shim_finish(bool free_all);	/* the process ends */
void shim_bypassed(enum bypass how);
/* One line on stderr: "weir: ..." */
void shim_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* linger.c: waits until the peers have what was written, or for too long. */
void shim_linger(struct weir *w);
/* stats.c: the counters that moved, on stderr. */
void shim_stats(struct weir *w);

/* --- fd.c ------------------------------------------------------------------------ */

extern const struct weir_fd_ops shim_fd_ops;

void shim_set_kind(int fd, enum fd_kind kind);
/* The stack's number fd is also known as `to`, which is a copy of its
 * placeholder already. `to`, or -1 and errno (and `to` is closed). */
int shim_alias(int fd, int to);

/* --- signal.c -------------------------------------------------------------------- */

/* Around each call of the stack. */
void shim_hold(void) __attribute__((noreturn));
void shim_run_deferred(void);		/* handlers that came meanwhile */
/* After -EINTR: begin the call again? `opt`: SO_RCVTIMEO, SO_SNDTIMEO (which
 * forbid it when set on fd), or 0. */
bool shim_restart(int fd, int opt);
/* After -EINTR of a call that is never restarted: was it no signal? */
bool shim_spurious(void);
/* From the stack's making on: SIGINT, SIGTERM, SIGHUP without handler end the
 * program in good order. */
void shim_guard_signals(void);
void shim_broken_pipe(void);		/* SIGPIPE to this thread */
void shim_signals_after_fork(void);

static inline void shim_begin(void)
{
	if (unlikely(__atomic_load_n(&shim.exiting, __ATOMIC_RELAXED)) &&
	    !shim_self.ends_process)
		shim_hold();
	shim_self.depth++;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

static inline void shim_end(void)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	shim_self.depth--;
	if (unlikely(shim_self.deferred) && !shim_self.depth)
		shim_run_deferred();
	if (unlikely(__atomic_load_n(&shim.exiting, __ATOMIC_RELAXED)) &&
	    !shim_self.ends_process)
		shim_hold();
}

/* A result of the stack as libc gives it; errno as it was on success. */
static inline long shim_result(long r, int saved_errno)
{
	errno = r < 0 ? (int)-r : saved_errno;
	return r < 0 ? -1 : r;
}

/* One call of the stack `w`, which does not sleep for long. */
#define STACK(call) __extension__({ \
	struct weir *w = shim.w; \
	int errno_ = errno; \
	long r_ = -EBADF; \
	if (likely(w)) { \
		shim_begin(); \
		r_ = (call); \
		shim_end(); \
	} else { \
		shim_bypassed(BYPASS_FORK); \
	} \
	shim_result(r_, errno_); })

/* One that may: begun again after handlers with SA_RESTART. */
#define STACK_RESTART(fd, opt, call) __extension__({ \
	struct weir *w = shim.w; \
	int errno_ = errno; \
	long r_ = -EBADF; \
	shim_self.ran = shim_self.no_restart = false; \
	if (unlikely(!w)) \
		shim_bypassed(BYPASS_FORK); \
	while (likely(w)) { \
		shim_begin(); \
		r_ = (call); \
		shim_end(); \
		if (likely(r_ != -EINTR) || !shim_restart(fd, opt)) \
			break; \
	} \
	shim_result(r_, errno_); })

/* One that waits for events: ends with every signal. */
#define STACK_WAIT(call) __extension__({ \
	struct weir *w = shim.w; \
	int errno_ = errno; \
	long r_ = -EBADF; \
	shim_self.ran = false; \
	while (likely(w)) { \
		shim_begin(); \
		r_ = (call); \
		shim_end(); \
		if (likely(r_ != -EINTR) || !shim_spurious()) \
			break; \
	} \
	shim_result(r_, errno_); })

/* --- our functions, called from within (see library.c) ------------------------------- */

#define OURS(name) \
	extern __typeof__(name) ours_##name \
		__attribute__((alias(#name), visibility("hidden")))
#define ours(name)	ours_##name
#define HIDDEN		__attribute__((visibility("hidden")))

extern __typeof__(close) ours_close HIDDEN;
extern __typeof__(read) ours_read HIDDEN;
extern __typeof__(readv) ours_readv HIDDEN;
extern __typeof__(write) ours_write HIDDEN;
extern __typeof__(writev) ours_writev HIDDEN;
extern __typeof__(fcntl) ours_fcntl HIDDEN;
extern __typeof__(ioctl) ours_ioctl HIDDEN;
extern __typeof__(socket) ours_socket HIDDEN;
extern __typeof__(epoll_ctl) ours_epoll_ctl HIDDEN;

/* --- process.c, stdio.c ------------------------------------------------------------ */

void shim_after_bare_fork(void);	/* init.c: without atfork handlers */
void shim_flush_streams(void);		/* what fdopen made of sockets */
void shim_streams_after_fork(void);

/* --- epoll.c ----------------------------------------------------------------------- */

void shim_epolls_after_fork(void);

#endif
