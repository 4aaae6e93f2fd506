/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * weir: the packet path of a BSD/Linux kernel as a library.
 *
 * A `struct weir` is one complete network stack with its own CPUs, devices,
 * addresses, routes, sockets and descriptor table. Any number may live in a
 * process. Calls are named after the system calls they stand for and take
 * the stack first; they return what the system call returns, but errors come
 * back as -errno and errno is not touched. All may be called from any thread;
 * those that block in the kernel block here. Nothing is called back.
 *
 *	char err[256];
 *	struct weir *w = weir_create(NULL, err, sizeof(err));
 *	weir_link_add(w, "wire:lab", err, sizeof(err));
 *	weir_addr_add(w, "eth0", "10.0.0.1/24", err, sizeof(err));
 *	int fd = weir_socket(w, AF_INET, SOCK_STREAM, 0);
 *	...
 *	weir_destroy(w);
 *
 * Where a text `err` of `errlen` bytes is asked for, it receives one line
 * saying what, why and what to do when the result is negative or NULL.
 */
#ifndef WEIR_WEIR_H
#define WEIR_WEIR_H

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WEIR_API __attribute__((visibility("default")))

struct weir;

/* Where descriptor numbers come from. reserve: a number nobody else uses, or
 * -errno; release: the number is free again. Called without locks. */
struct weir_fd_ops {
	int (*reserve)(void *ctx, int cloexec);
	void (*release)(void *ctx, int fd);
	void *ctx;
};

/* All may be 0/NULL for the default. */
struct weir_options {
	const char *name;		/* shown in traces; "weir" */
	unsigned int cpus;		/* most threads inside at once; 16 */
	const struct weir_fd_ops *fd_ops; /* NULL: lowest number from 0 */
	unsigned int trace_records;	/* per CPU; 0: tracing off */
	const char *trace_file;		/* drained to it until weir_destroy */
	const char *pcap_file;		/* pcapng of all devices' frames */
};

/* --- the stack ----------------------------------------------------------------- */

/* A stack with its loopback device up. NULL with err set on failure. */
WEIR_API struct weir *weir_create(const struct weir_options *o, char *err,
				  size_t errlen);
/* Closes what is open (connections are reset), stops threads, flushes the
 * trace and capture files. No call may be running or come after. */
WEIR_API void weir_destroy(struct weir *w);

/* Trace and capture files are complete up to now. For programs that end while
 * other threads are still inside. */
WEIR_API void weir_flush(struct weir *w);

/*
 * Adds a device and brings it up: "wire:NAME[,mac=..,loss=P,reorder=P,dup=P,
 * corrupt=P,burst=P/P[/P],mask=N,seed=N,mtu=N,queues=N,offload=off]" (P as "1%"
 * or "0.001"; burst and mask as in <weir/sim.h>), "tap:NAME". Large packets pass
 * a wire whole and unsummed; with offload=off, or when it is bad, in frames
 * within the MTU whose checksums the NICs make and check.
 * The device is called eth0, eth1, ... in order. Index (> 0) or -errno.
 */
WEIR_API int weir_link_add(struct weir *w, const char *link, char *err,
			   size_t errlen);

/* --- configuration, in the words of ip, tc, ethtool and sysctl ------------------ */

/* "10.0.0.1/24" on "eth0". 0 or -errno (add: -EEXIST; del: -EADDRNOTAVAIL). */
WEIR_API int weir_addr_add(struct weir *w, const char *dev, const char *cidr,
			   char *err, size_t errlen);
WEIR_API int weir_addr_del(struct weir *w, const char *dev, const char *cidr,
			   char *err, size_t errlen);

/* dst "0.0.0.0/0" or "default"; gw or dev may be NULL. 0 or -errno. */
WEIR_API int weir_route_add(struct weir *w, const char *dst, const char *gw,
			    const char *dev, char *err, size_t errlen);

/* A route of the main table. What is 0 or NULL is not said. */
struct weir_route {
	const char *dst;	/* "10.1.0.0/16", "10.1.0.1" or "default" */
	const char *via;	/* gateway */
	const char *dev;
	const char *src;	/* preferred source address */
	const char *type;	/* unicast (default) blackhole unreachable prohibit */
	uint32_t metric;	/* preference: the lowest wins */
	int onlink;		/* via is a neighbour, whatever the addresses say */
	uint32_t mtu;		/* bytes of IP */
	int mtu_lock;		/* and no path MTU discovery: without DF */
	uint32_t advmss;	/* MSS option of our SYNs, bytes */
	uint32_t window;	/* largest receive window, bytes */
	uint32_t initcwnd, initrwnd;	/* segments */
	uint32_t rto_min_ms;
	uint32_t hoplimit;	/* TTL, 1 to 255 */
	int quickack;		/* no delayed ACKs */
	int ecn;		/* asks for ECN whatever tcp_ecn says */
	const char *congctl;	/* congestion control of new connections */
};
enum weir_route_op {
	WEIR_ROUTE_ADD,		/* -EEXIST: same dst and metric is there */
	WEIR_ROUTE_REPLACE,	/* that one goes, if any */
	WEIR_ROUTE_CHANGE,	/* that one goes; -ENOENT: there is none */
	WEIR_ROUTE_DEL,		/* first that fits what is said; -ESRCH */
};
/* 0 or -errno: also -ENODEV, -ENETUNREACH (via is not on a connected network),
 * -EINVAL. Established connections see the change with their next packet. */
WEIR_API int weir_route(struct weir *w, enum weir_route_op op,
			const struct weir_route *r, char *err, size_t errlen);

/*
 * One property of a device, as in `ip link set`: "state" up|down, "mtu" bytes,
 * "txqueuelen" packets, "gso_max_size" bytes, "gso_max_segs" segments,
 * "address" MAC, "promisc" on|off, "allmulticast" on|off. 0; -ENODEV, -ENOENT
 * (no such property), -EINVAL or what the driver says.
 */
WEIR_API int weir_link_set(struct weir *w, const char *dev, const char *key,
			   const char *value, char *err, size_t errlen);

/* Offloads by ethtool's names, short ("tso gso gro tx rx sg lro rxhash") or
 * long ("tcp-segmentation-offload", "tx-tcp-segmentation"). set: 0,
 * -ENODEV, -ENOENT (no such feature), -EOPNOTSUPP (cannot be changed). get: 1
 * on, 0 off, or -errno. */
WEIR_API int weir_feature_set(struct weir *w, const char *dev, const char *name,
			      int on, char *err, size_t errlen);
WEIR_API int weir_feature_get(struct weir *w, const char *dev, const char *name);
/* Descriptors of a NIC; 0: as it is. 0, -ENODEV, -EOPNOTSUPP, -EINVAL. */
WEIR_API int weir_ring_set(struct weir *w, const char *dev, uint32_t rx,
			   uint32_t tx, char *err, size_t errlen);

/* Queueing discipline of a device as in `tc qdisc replace dev .. root`:
 * "pfifo limit 10", "bfifo limit 64k", "pfifo_fast", "noqueue"; NULL: the
 * default. What waited is lost. 0; -ENODEV, -ENOENT (no such discipline),
 * -EINVAL. */
WEIR_API int weir_qdisc_set(struct weir *w, const char *dev, const char *words,
			    char *err, size_t errlen);

/* A permanent neighbour: "10.0.0.2" has "02:00:00:00:00:02" on dev. mac NULL:
 * the entry goes (-ENOENT: there is none). 0 or -errno. */
WEIR_API int weir_neigh_set(struct weir *w, const char *dev, const char *addr,
			    const char *mac, char *err, size_t errlen);
/* All learnt neighbours of dev (NULL: of all) are forgotten. 0 or -ENODEV. */
WEIR_API int weir_neigh_flush(struct weir *w, const char *dev);
/* What TCP remembers of destinations is forgotten. 0 or -EBADF. */
WEIR_API int weir_tcp_metrics_flush(struct weir *w);

/* net.* settings by name, as in /proc/sys. 0 / length, or -errno (-ENOENT:
 * no such setting; -EINVAL: value not accepted). */
WEIR_API int weir_sysctl_set(struct weir *w, const char *name, const char *value,
			     char *err, size_t errlen);
WEIR_API int weir_sysctl_get(struct weir *w, const char *name, char *value,
			     size_t room);
/*
 * Text views in Linux's formats: "net/snmp", "net/netstat", "net/dev",
 * "net/tcp", "net/udp", "net/arp", "net/route", "net/sockstat",
 * "net/softnet_stat", "softirqs", "interrupts"; as ip and tc print them "ip/addr",
 * "ip/link", "ip/route", "ip/neigh", "tc/qdisc"; "sysctl" (all: name = value);
 * and weir's own "drops", "copies", "stages", "cpu". Length (may exceed room:
 * cut), or -ENOENT.
 */
WEIR_API ssize_t weir_view(struct weir *w, const char *name, char *text,
			   size_t room);

/* --- sockets: see the man pages of the same names ---------------------------------- */

WEIR_API int weir_socket(struct weir *w, int domain, int type, int protocol);
WEIR_API int weir_bind(struct weir *w, int fd, const struct sockaddr *a,
		       socklen_t len);
WEIR_API int weir_listen(struct weir *w, int fd, int backlog);
WEIR_API int weir_accept4(struct weir *w, int fd, struct sockaddr *a,
			  socklen_t *len, int flags);
WEIR_API int weir_connect(struct weir *w, int fd, const struct sockaddr *a,
			  socklen_t len);
WEIR_API int weir_shutdown(struct weir *w, int fd, int how);
WEIR_API int weir_getsockname(struct weir *w, int fd, struct sockaddr *a,
			      socklen_t *len);
WEIR_API int weir_getpeername(struct weir *w, int fd, struct sockaddr *a,
			      socklen_t *len);
WEIR_API int weir_setsockopt(struct weir *w, int fd, int level, int name,
			     const void *val, socklen_t len);
WEIR_API int weir_getsockopt(struct weir *w, int fd, int level, int name,
			     void *val, socklen_t *len);
WEIR_API ssize_t weir_send(struct weir *w, int fd, const void *buf, size_t len,
			   int flags);
WEIR_API ssize_t weir_sendto(struct weir *w, int fd, const void *buf,
			     size_t len, int flags, const struct sockaddr *a,
			     socklen_t alen);
WEIR_API ssize_t weir_sendmsg(struct weir *w, int fd, const struct msghdr *m,
			      int flags);
struct mmsghdr;
WEIR_API int weir_sendmmsg(struct weir *w, int fd, struct mmsghdr *v,
			   unsigned int n, int flags);
WEIR_API ssize_t weir_recv(struct weir *w, int fd, void *buf, size_t len,
			   int flags);
WEIR_API ssize_t weir_recvfrom(struct weir *w, int fd, void *buf, size_t len,
			       int flags, struct sockaddr *a, socklen_t *alen);
WEIR_API ssize_t weir_recvmsg(struct weir *w, int fd, struct msghdr *m,
			      int flags);
WEIR_API int weir_recvmmsg(struct weir *w, int fd, struct mmsghdr *v,
			   unsigned int n, int flags,
			   const struct timespec *timeout);
WEIR_API ssize_t weir_read(struct weir *w, int fd, void *buf, size_t len);
WEIR_API ssize_t weir_write(struct weir *w, int fd, const void *buf, size_t len);
WEIR_API ssize_t weir_readv(struct weir *w, int fd, const struct iovec *v, int n);
WEIR_API ssize_t weir_writev(struct weir *w, int fd, const struct iovec *v,
			     int n);
WEIR_API int weir_ioctl(struct weir *w, int fd, unsigned long cmd, void *arg);
WEIR_API int weir_fcntl(struct weir *w, int fd, int cmd, long arg);
/* From a file of the host (`in`) to a socket, or the other way. */
WEIR_API ssize_t weir_sendfile(struct weir *w, int fd, int in, off_t *off,
			       size_t n);
/* Host pipe to socket or socket to host pipe; one end is the stack's. */
WEIR_API ssize_t weir_splice(struct weir *w, int in, int out, size_t n,
			     unsigned int flags);

/* --- without copying: libweir-zerocopy(3) ------------------------------------------ */

/*
 * recvmsg(2) by reference. Instead of filling m->msg_iov with bytes it tells in it
 * where they are, in the stack's own buffers: msg_iovlen is the room there (1 to
 * 1024) before and the number of pieces after the call. At most `len` bytes of a
 * stream, one datagram (MSG_TRUNC in msg_flags: longer than len, or in more
 * pieces; the rest is lost). Name, control messages and flags are recvmsg's;
 * `flags` is 0 or MSG_DONTWAIT. Waits as recv does, and SO_RCVLOWAT holds.
 *
 * Bytes in all pieces, and *loan names them: they may be read, not written to,
 * by any thread until they are given back by weir_recv_return, at the latest
 * until weir_destroy. Till then they count as received memory of fd (SO_RCVBUF):
 * the window closes, datagrams are dropped, if nothing is given back. They
 * outlive weir_close(fd).
 *
 * 0: end of the stream, or an empty datagram; *loan is 0. -errno: as recvmsg, and
 * -EINVAL (flags, no room), -EMSGSIZE (room > 1024), -EOPNOTSUPP (neither TCP nor
 * UDP), -ENOMEM, -ENOBUFS (65,536 loans are out); nothing was taken then.
 */
WEIR_API ssize_t weir_recvmsg_zc(struct weir *w, int fd, struct msghdr *m,
				 size_t len, int flags, uint64_t *loan);
/* Gives back what `loan` names, in any order, before or after the socket was
 * closed, from any thread. 0 (also for loan 0); -EINVAL: no such loan, or it was
 * given back already. */
WEIR_API int weir_recv_return(struct weir *w, uint64_t loan);

/*
 * sendmsg(2) by reference: MSG_ZEROCOPY, with SO_ZEROCOPY set on the first use.
 * The memory in m->msg_iov is in use, and must neither be written to nor unmapped,
 * until weir_send_completed (or the error queue, as Linux has it) tells of the
 * number in *id; numbers of a socket count from 0. Bytes or -errno as sendmsg, and
 * -EINVAL (no bytes), -EOPNOTSUPP (neither TCP nor UDP), -ENOBUFS (completions not
 * read fill net.core.optmem_max); on errors there is no completion and no number.
 */
WEIR_API ssize_t weir_sendmsg_zc(struct weir *w, int fd, const struct msghdr *m,
				 int flags, uint32_t *id);
struct weir_completion {
	uint32_t first, last;		/* sends that are over, by number */
	int copied;			/* some had to be copied after all */
};
/* The next completion of fd's error queue, other messages stay there; waits up to
 * timeout_ms (-1: for ever). 1: there is one; 0: none in time; -EBADF, -ENOTSOCK,
 * -EINTR. */
WEIR_API int weir_send_completed(struct weir *w, int fd,
				 struct weir_completion *c, int timeout_ms);

/* --- descriptors -------------------------------------------------------------------- */

WEIR_API int weir_close(struct weir *w, int fd);
WEIR_API int weir_dup(struct weir *w, int fd);
WEIR_API int weir_dup3(struct weir *w, int fd, int to, int flags);
/* 1: fd is one of the stack's. Lock-free, a few ns: for shims. */
WEIR_API int weir_owns(struct weir *w, int fd);
/* With fd_ops: lets the stack's fd also (or instead) be known as `to`, a
 * number the caller has reserved already. 0 or -errno. */
WEIR_API int weir_fd_alias(struct weir *w, int fd, int to);
/* Forgets the number without calling fd_ops->release. 0 or -EBADF. */
WEIR_API int weir_fd_forget(struct weir *w, int fd);

/* The program closed its own descriptor fd: poll sets forget it. */
WEIR_API void weir_host_closed(struct weir *w, int fd);

/* --- waiting; numbers that are not the stack's are the host's -------------------------- */

WEIR_API int weir_poll(struct weir *w, struct pollfd *fds, nfds_t n,
		       int timeout_ms);
WEIR_API int weir_ppoll(struct weir *w, struct pollfd *fds, nfds_t n,
			const struct timespec *timeout, const sigset_t *mask);
WEIR_API int weir_select(struct weir *w, int n, fd_set *r, fd_set *wr,
			 fd_set *e, struct timeval *timeout);
WEIR_API int weir_pselect(struct weir *w, int n, fd_set *r, fd_set *wr,
			  fd_set *e, const struct timespec *timeout,
			  const sigset_t *mask);
WEIR_API int weir_epoll_create1(struct weir *w, int flags);
WEIR_API int weir_epoll_ctl(struct weir *w, int epfd, int op, int fd,
			    struct epoll_event *ev);
WEIR_API int weir_epoll_wait(struct weir *w, int epfd, struct epoll_event *ev,
			     int max, int timeout_ms);
WEIR_API int weir_epoll_pwait2(struct weir *w, int epfd, struct epoll_event *ev,
			       int max, const struct timespec *timeout,
			       const sigset_t *mask);

/* --- signals and fork ---------------------------------------------------------------------- */

/* To be called by a wrapper of the program's signal handlers, before or after
 * the handler: a call of this thread that is blocked in the stack, or about to
 * block, returns -EINTR. Async-signal-safe. */
WEIR_API void weir_signal_arrived(struct weir *w);
/* In the child after fork(): the stack stays the parent's; every call on w fails
 * with -EBADF from here on. */
WEIR_API void weir_after_fork_child(struct weir *w);

#ifdef __cplusplus
}
#endif
#endif
