/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * struct socket: the file's side of a socket; families register how theirs
 * are made. What is below, struct sock, outlives it (TIME-WAIT, linger).
 */
#ifndef WEIR_SOCK_SOCKET_H
#define WEIR_SOCK_SOCKET_H

#include "base/uapi.h"
#include "buf/iov_iter.h"
#include "cpu/wait.h"
#include "dev/net.h"

struct sock;
struct socket;
struct sk_loan;

/* What a message-passing system call hands down. */
struct sockmsg {
	void *name;			/* sockaddr; already in the stack's memory */
	u32 namelen;			/* in: room or length, out: length */
	struct iov_iter iter;
	u8 *control;			/* stack's memory, whole cmsg area */
	size_t controllen;		/* in: room/length; recv: bytes left */
	size_t control_used;		/* recv: bytes written */
	u32 flags;			/* recv: MSG_TRUNC, MSG_CTRUNC ... out */
	struct zerocopy *zerocopy;	/* send: this call's, within the sock */
	u32 zerocopy_id;		/* send: its number, out */
	struct sk_loan *loan;		/* recv: bytes by reference; or NULL */
};
/* Appends a control message, or sets MSG_CTRUNC. */
void put_cmsg(struct sockmsg *m, int level, int type, u32 len, const void *data);

enum socket_state { SS_FREE, SS_UNCONNECTED, SS_CONNECTING, SS_CONNECTED,
		    SS_DISCONNECTING };

/* All: task context, on a CPU; 0/count or -errno as Linux's man pages say.
 * nonblock is MSG_DONTWAIT in flags or O_NONBLOCK given by the caller. */
enum getname_what {
	GETNAME_OWN,
	GETNAME_PEER,		/* -ENOTCONN without a connection */
	GETNAME_ACCEPTED,	/* the peer, even of a connection that ended */
};

struct proto_ops {
	u16 family;
	int (*release)(struct socket *s);
	int (*bind)(struct socket *s, const struct sockaddr *a, u32 len);
	int (*connect)(struct socket *s, const struct sockaddr *a, u32 len,
		       int flags);
	int (*socketpair)(struct socket *a, struct socket *b);
	/* Fills `to` (fresh, same type). flags: O_NONBLOCK */
	int (*accept)(struct socket *s, struct socket *to, int flags);
	/* Length of the address written to a (room: sockaddr_storage). */
	int (*getname)(struct socket *s, struct sockaddr *a,
		       enum getname_what what);
	u32 (*poll)(struct socket *s);	/* EPOLL* bits now */
	int (*ioctl)(struct socket *s, unsigned long cmd, void *arg);
	int (*listen)(struct socket *s, int backlog);
	int (*shutdown)(struct socket *s, int how);
	/* optval in the stack's memory */
	int (*setsockopt)(struct socket *s, int level, int name,
			  const void *val, u32 len);
	int (*getsockopt)(struct socket *s, int level, int name, void *val,
			  u32 *len);
	ssize_t (*sendmsg)(struct socket *s, struct sockmsg *m, size_t len);
	ssize_t (*recvmsg)(struct socket *s, struct sockmsg *m, size_t len,
			   int flags);
};

#define SOCK_F_NOSPACE	1u	/* a writer waits for space: wake EPOLLOUT */

/* Behind it lies room for its file (sock_net.file_room). */
struct socket {
	enum socket_state state:8;
	u16 type;			/* SOCK_STREAM ... */
	u32 flags;			/* SOCK_F_*, atomic */
	struct net *net;
	struct sock *sk;
	const struct proto_ops *ops;
	/* Readers, writers and poll entries wait here. */
	struct wait_queue_head wq;
	struct rcu_head rcu;
};

struct net_proto_family {
	int family;
	/* type without SOCK_NONBLOCK/CLOEXEC. 0, -EPROTONOSUPPORT,
	 * -ESOCKTNOSUPPORT, -EPERM, -ENOMEM. */
	int (*create)(struct net *net, struct socket *s, int protocol);
};
int sock_register_family(struct net *net, const struct net_proto_family *f);
/* -EAFNOSUPPORT for families without table entry. */
int sock_create(struct net *net, int family, int type, int protocol,
		struct socket **out);
struct socket *sock_alloc(struct net *net, int type);	/* no sk yet */
void sock_release(struct socket *s);	/* ops->release, then free by RCU */

#endif
