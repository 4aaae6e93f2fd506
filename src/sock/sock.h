/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * struct sock: the network side of a socket, shared by all protocols: queues,
 * memory accounting, the lock that a task owns while softirqs use the
 * backlog, and the up-calls to whoever waits.
 *
 * Locking: slock protects what is marked (s) when no task owns the sock;
 * a task takes ownership with lock_sock (may sleep), softirq takes slock and
 * looks at `owned`. Fields marked (r) are read without locks.
 */
#ifndef WEIR_SOCK_SOCK_H
#define WEIR_SOCK_SOCK_H

#include "buf/skbuff.h"
#include "cpu/timer.h"
#include "inet/flow.h"
#include "sock/socket.h"

struct proto;
struct request_sock;
struct sock_reuseport;
struct inet_bind_bucket;

/* TCP's states (base/uapi.h) are shared by all; sets of them as bits. */
#define TCPF(s) (1u << (s))

enum sock_flags {	/* sk->flags bits */
	SOCK_DEAD, SOCK_DONE, SOCK_URGINLINE, SOCK_KEEPOPEN, SOCK_LINGER,
	SOCK_DESTROY, SOCK_BROADCAST, SOCK_TIMESTAMP, SOCK_RCVTSTAMP,
	SOCK_RCVTSTAMPNS, SOCK_LOCALROUTE, SOCK_RXQ_OVFL, SOCK_ZEROCOPY_,
	SOCK_SELECT_ERR_QUEUE, SOCK_RCU_FREE, SOCK_TXTIME_, SOCK_MEMALLOC_,
	SOCK_FILTER_LOCKED, SOCK_RXQ_DONE, SOCK_TSTAMP_NEW, SOCK_RCVMARK,
	SOCK_RCVPRIORITY, SOCK_DBG, SOCK_NOFCS_, SOCK_PREFER_BUSY_POLL,
	SOCK_PASSCRED_, SOCK_WIFI_STATUS_, SOCK_TIMESTAMPING_RX_,
};
#define SHUTDOWN_MASK	3
#define RCV_SHUTDOWN	1
#define SEND_SHUTDOWN	2
#define SOCK_SNDBUF_LOCK 1
#define SOCK_RCVBUF_LOCK 2
#define SOCK_BINDADDR_LOCK 4	/* bind() chose the address */
#define SOCK_BINDPORT_LOCK 8	/* bind() chose the port */

/* proto.mem_index: whose memory limits (sock_net.sysctl_mem) apply */
enum sk_mem_index {
	SK_MEM_TCP, SK_MEM_UDP, SK_MEM_RAW, SK_MEM_UNIX, SK_MEM_PACKET,
	SK_MEM_NETLINK, SK_MEM_OTHER, SK_MEM_MAX = 8
};

/* First part of every hashed thing: full socks, request socks, TIME-WAIT
 * socks. What the established lookup reads; (r). Same layout in all three. */
struct sock_common {
	union inet_addr daddr, rcv_saddr;
	__be16 dport;
	u16 num;			/* local port, host order */
	u32 hash;			/* of the 4-tuple */
	u16 family;
	u8 state;			/* TCP_* */
	u8 reuse:1, ipv6only:1;		/* owner */
	u32 bound_dev_if;
	refcount_t refs;
	u16 port_row;			/* see inet_connect_port.c; 0: none */
	bool reuseport;			/* owner; a byte of its own: lookups */
	bool in_lhash;			/* node is in lhash; owner */
	struct hlist_node node;		/* ehash, lhash or protocol's own */
	struct hlist_node bind_node;	/* owners of a bind bucket */
	struct net *net;
	const struct proto *prot;
	struct rcu_head rcu;
};
static_assert(sizeof(struct sock_common) == 120, "no holes");

struct sock {
	struct sock_common c;		/* must be first */
	/* lock */
	spinlock_t slock;
	bool owned;			/* by a task; under slock */
	struct wait_queue_head lock_wq;
	struct {			/* (slock) */
		struct sk_buff *head, *tail;
		u32 len;		/* truesize in it */
	} backlog;
	/* receive */
	struct sk_buff_head receive_queue;
	u32 rmem_alloc;			/* atomic: truesize on receive_queue */
	s32 rcvbuf, rcvlowat;
	u32 forward_alloc;		/* reserved and unused bytes; owner */
	/* send */
	struct sk_buff_head write_queue;
	u32 wmem_alloc;			/* atomic: truesize handed down; 1 = sock */
	u32 wmem_queued;		/* stream: truesize on write queues */
	s32 sndbuf;
	s32 sndlowat;
	/* identity */
	struct inet_flow flow;		/* addresses to send with; cached route */
	u16 type;
	u8 protocol, shutdown, userlocks;
	bool defer_connect;		/* the first write sends the SYN (r) */
	u8 no_check_tx, no_check_rx;
	u32 flags;			/* enum sock_flags bits; owner */
	u32 err, err_soft;		/* pending errors, positive errno; atomic */
	u32 ack_backlog, max_ack_backlog;	/* listeners; (r) */
	u32 drops;			/* atomic */
	struct sk_buff_head error_queue;
	ktime_t rcvtimeo, sndtimeo;	/* KTIME_MAX: none */
	ktime_t stamp;
	u32 lingertime_s;
	u32 priority, mark;
	u32 uid;
	u64 cookie;			/* SO_COOKIE: unique in the net */
	u32 incoming_cpu, napi_id;
	u64 rx_packet;			/* id of the last datagram queued; (r) */
	u64 max_pacing_rate, pacing_rate; /* bytes/s, ~0: none */
	u32 pacing_shift;
	u16 gso_max_segs;
	u32 gso_max_size;
	u32 bind_hash2;
	netdev_features_t route_caps;
	u32 ll_usec;			/* busy poll */
	u32 txhash;
	struct socket *socket;		/* NULL: orphan */
	struct inet_bind_bucket *bind_bucket;
	struct sock_reuseport *reuseport_cb;
	void *filter;			/* SO_ATTACH_FILTER program */
	struct timer_list timer;	/* keepalive / protocol's main */
	/* options of IPPROTO_IP kept for receive */
	u32 cmsg_flags;			/* IP_CMSG_* */
	u8 recverr, recverr_rfc4884, min_ttl, rcv_tos;
	struct ip_mc_socklist *mc_list;	/* owner; RCU for readers */
	u8 mc_all, bind_address_no_port, nodefrag, txrehash;
	u32 uc_index;			/* IP_UNICAST_IF */
	u16 port_range[2];		/* IP_LOCAL_PORT_RANGE, 0: net's */
	u32 tsflags;			/* SO_TIMESTAMPING */
	u32 tskey;			/* its numbers: next datagram's, or
					 * the stream's byte 0 */
	s32 peek_off;			/* SO_PEEK_OFF, -1: off */
	u32 zckey;			/* number of the next MSG_ZEROCOPY send */
	u32 omem_alloc;			/* atomic: of optmem_max, for its notes */
	struct list_head user_pages;	/* its memory under way (error_queue.lock) */
	u32 txtime_clockid;
	u32 txtime_flags;
	/* up-calls (task or softirq, slock or owner) */
	void (*state_change)(struct sock *sk);
	void (*data_ready)(struct sock *sk);
	void (*write_space)(struct sock *sk);
	void (*error_report)(struct sock *sk);
	void (*destruct)(struct sock *sk);	/* last reference went */
};

static inline struct net *sock_net(const struct sock *sk) { return sk->c.net; }
#define sk_state	c.state
#define sk_prot		c.prot
#define sk_family	c.family

static inline bool sock_flag(const struct sock *sk, enum sock_flags f)
{
	return READ_ONCE(sk->flags) & 1u << f;
}
static inline void sock_set_flag(struct sock *sk, enum sock_flags f)
{
	WRITE_ONCE(sk->flags, sk->flags | 1u << f);
}
static inline void sock_reset_flag(struct sock *sk, enum sock_flags f)
{
	WRITE_ONCE(sk->flags, sk->flags & ~(1u << f));
}

/* A transport. Task context with the sock owned unless said otherwise. */
struct proto {
	const char *name;
	u16 obj_size;			/* struct tcp_sock ... */
	u8 protocol;
	u16 type;
	bool connection_based;		/* stream memory accounting */
	int (*init)(struct sock *sk);
	void (*destroy)(struct sock *sk);
	/* Optional: last reference of a request or TIME-WAIT sock went (full
	 * socks are freed by sock_put). Frees by RCU. Any context. */
	void (*free_mini)(struct sock_common *c);
	/* Not owned on entry; consumes the socket's reference. */
	void (*close)(struct sock *sk, ktime_t timeout);
	int (*connect)(struct sock *sk, const struct sockaddr *a, u32 len);
	int (*disconnect)(struct sock *sk, int flags);
	/* Optional: instead of the rules of AF_INET (raw, ping). */
	int (*bind)(struct sock *sk, const struct sockaddr *a, u32 len);
	struct sock *(*accept)(struct sock *sk, int flags, int *err);
	int (*listen)(struct sock *sk, int backlog);
	int (*ioctl)(struct sock *sk, unsigned long cmd, int *arg);
	void (*shutdown)(struct sock *sk, int how);
	/* Optional, streams: the sequence number that SO_TIMESTAMPING counts
	 * from, of the next byte to write or the first not acknowledged. Owner.
	 * 0 or -EINVAL: not connected. */
	int (*stamp_base)(struct sock *sk, bool written, u32 *seq);
	/* Optional: SCM_TIMESTAMPING_OPT_STATS, as the data of a new packet.
	 * orig: what was sent. NULL: no memory. Any context. */
	struct sk_buff *(*stamp_stats)(struct sock *sk,
				       const struct sk_buff *orig);
	/* Optional: SO_KEEPALIVE is about to change. */
	void (*keepalive)(struct sock *sk, bool on);
	/* Levels of the transport only; -ENOPROTOOPT else. */
	int (*setsockopt)(struct sock *sk, int level, int name,
			  const void *val, u32 len);
	int (*getsockopt)(struct sock *sk, int level, int name, void *val,
			  u32 *len);
	/* Take the sock themselves (not owned on entry). */
	ssize_t (*sendmsg)(struct sock *sk, struct sockmsg *m, size_t len);
	ssize_t (*recvmsg)(struct sock *sk, struct sockmsg *m, size_t len,
			   int flags);
	/* Optional: recvmsg can lend (sockmsg.loan); len bytes came back, whose
	 * packets have been freed. The socket may be closed. */
	void (*loan_returned)(struct sock *sk, size_t len);
	u32 (*poll)(struct sock *sk);	/* no lock */
	/* What the owner does with a backlogged packet; consumes. */
	int (*backlog_rcv)(struct sock *sk, struct sk_buff *skb);
	void (*release_cb)(struct sock *sk);	/* deferred work, slock held */
	int (*hash)(struct sock *sk);
	void (*unhash)(struct sock *sk);
	/* Optional: the local address changed (hashes by address). */
	void (*rehash)(struct sock *sk);
	/* Local port num (0: any free). 0 or -EADDRINUSE, -EACCES. */
	int (*get_port)(struct sock *sk, u16 num);
	/* Per-net memory of the protocol, in pages; in sock_net. */
	u8 mem_index;
};

/* --- life (sock/sock.c) ------------------------------------------------------ */

/* One reference, the caller's. NULL: no memory. */
struct sock *sk_alloc(struct net *net, u16 family, const struct proto *prot)
	__must_check;
void sock_init_data(struct socket *s, struct sock *sk);
static inline void sock_hold(struct sock *sk) { refcount_inc(&sk->c.refs); }
void sock_put(struct sock *sk);		/* last: sk_free by RCU */
/* Child of a listener: same options, nothing queued, hashed nowhere, no
 * socket, no route; one reference. Fields of the protocol (behind struct sock)
 * are copied. NULL: no memory. */
struct sock *sk_clone(const struct sock *sk) __must_check;
void sock_gen_put(struct sock_common *c); /* sock, request or timewait */
/* Socket goes, sock lives on: no more up-calls to it. */
void sock_orphan(struct sock *sk);
void sock_graft(struct sock *sk, struct socket *parent);

/* --- the lock (sock/sock_lock.c) ---------------------------------------------- */

void lock_sock(struct sock *sk);	/* task; may sleep */
void release_sock(struct sock *sk);	/* drains the backlog, release_cb */
static inline void bh_lock_sock(struct sock *sk) { spin_lock(&sk->slock); }
static inline void bh_unlock_sock(struct sock *sk) { spin_unlock(&sk->slock); }
static inline bool sock_owned_by_user(const struct sock *sk)
{
	return READ_ONCE(sk->owned);
}
/* slock held, owned. Consumes on 0; -ENOBUFS when limit (bytes) is passed. */
int sk_add_backlog(struct sock *sk, struct sk_buff *skb, u32 limit);
/* Lets softirqs' packets in without giving the sock away. Owner. */
bool sk_flush_backlog(struct sock *sk);

/* --- waiting (sock/sock_wait.c); owner; the sock is released meanwhile ---------- */

/* Both return 0, -EAGAIN at the deadline (at once if it is in the past),
 * -EINTR. Callers look at state and errors again. `deadline` from
 * sock_rcv_deadline()/sock_snd_deadline(). */
int sk_wait_data(struct sock *sk, ktime_t deadline, const struct sk_buff *last);
int sk_wait_event(struct sock *sk, ktime_t deadline,
		  bool (*cond)(struct sock *sk));
static inline ktime_t sock_rcv_deadline(const struct sock *sk, bool nonblock)
{
	return nonblock ? 0 : sk->rcvtimeo == KTIME_MAX ? KTIME_MAX :
	       ktime_get() + sk->rcvtimeo;
}
static inline ktime_t sock_snd_deadline(const struct sock *sk, bool nonblock)
{
	return nonblock ? 0 : sk->sndtimeo == KTIME_MAX ? KTIME_MAX :
	       ktime_get() + sk->sndtimeo;
}
/* Pending error as -errno, cleared; 0: none. */
int sock_error(struct sock *sk);

/* --- receive (sock/sock_input.c) --------------------------------------------------- */

/* Filter, rcvbuf, queue, data_ready. Consumes on 0; on -errno the skb is the
 * caller's and *why says the reason. softirq or owner. */
int sock_queue_rcv_skb(struct sock *sk, struct sk_buff *skb,
		       enum skb_drop_reason *why);
int sock_queue_err_skb(struct sock *sk, struct sk_buff *skb);	/* same rules */
/* Datagram reader. Takes the next packet (or peeks: referenced). NULL + *err. */
struct sk_buff *skb_recv_datagram(struct sock *sk, int flags, int *err);
int sock_recv_errqueue(struct sock *sk, struct sockmsg *m, size_t len);
void sock_recv_timestamp(struct sockmsg *m, struct sock *sk,
			 struct sk_buff *skb);
/* Default up-calls: wake the wait queue with the right EPOLL bits. */
void sock_def_readable(struct sock *sk);
void sock_def_write_space(struct sock *sk);
void sock_def_error_report(struct sock *sk);
void sock_def_wakeup(struct sock *sk);
void sk_stream_write_space(struct sock *sk);

/* --- memory (sock/sock_mem.c) -------------------------------------------------------- */

/* skb counts against rcvbuf until it is freed. */
void skb_set_owner_r(struct sk_buff *skb, struct sock *sk);
/* skb counts against sndbuf until the driver frees it. */
void skb_set_owner_w(struct sk_buff *skb, struct sock *sk);
void sock_wfree(struct sk_buff *skb);
void sock_rfree(struct sk_buff *skb);
/* Stream: room for `size` more bytes of truesize within protocol limits. */
bool sk_wmem_schedule(struct sock *sk, u32 size);
bool sk_rmem_schedule(struct sock *sk, u32 size);
void sk_mem_charge(struct sock *sk, u32 size);
void sk_mem_uncharge(struct sock *sk, u32 size);
void sk_mem_reclaim(struct sock *sk);
bool sk_under_memory_pressure(const struct sock *sk);
bool sk_out_of_memory(const struct sock *sk);
static inline u32 sk_rmem_alloc_get(const struct sock *sk)
{
	return READ_ONCE(sk->rmem_alloc);
}
static inline u32 sk_wmem_alloc_get(const struct sock *sk)
{
	return READ_ONCE(sk->wmem_alloc) - 1;
}
/* Free send room for a stream: third of the buffer rule of Linux. */
static inline bool sk_stream_is_writeable(const struct sock *sk)
{
	u32 queued = READ_ONCE(sk->wmem_queued);
	s32 buf = READ_ONCE(sk->sndbuf);

	return (s32)queued < buf && buf - (s32)queued >= (s32)(queued >> 1);
}
/* Datagram allocation with blocking on sndbuf; task, not owned needed. */
struct sk_buff *sock_alloc_send_skb(struct sock *sk, u32 size, bool nonblock,
				    int *err);

/* --- options (sock/sockopt.c): SOL_SOCKET; -ENOPROTOOPT for unknown -------------------- */
int sock_setsockopt(struct sock *sk, int name, const void *val, u32 len);
int sock_getsockopt(struct sock *sk, int name, void *val, u32 *len);
/* sock/ip_sockglue.c: IPPROTO_IP, and control messages. */
int ip_setsockopt(struct sock *sk, int name, const void *val, u32 len);
int ip_getsockopt(struct sock *sk, int name, void *val, u32 *len);
void ip_cmsg_recv(struct sockmsg *m, struct sock *sk, struct sk_buff *skb,
		  int transport_len);
struct ipcm_cookie {		/* per-message overrides by IP_PKTINFO etc. */
	__be32 saddr;
	u32 oif, mark, priority;
	u8 ttl, tos, protocol;		/* protocol: raw sockets only */
	bool has_ttl, has_tos;
	u16 gso_size;
	u32 tsflags;			/* SO_TIMESTAMPING */
	u64 transmit_time;
	struct ip_options *opt;		/* own: kfree() it; or NULL */
};
int ip_cmsg_send(struct sock *sk, struct sockmsg *m, struct ipcm_cookie *c);
/* Queue an ICMP error (IP_RECVERR) for the reader. */
void ip_icmp_error(struct sock *sk, struct sk_buff *skb, int err, __be16 port,
		   u32 info, const u8 *payload);
void ip_local_error(struct sock *sk, int err, __be32 daddr, __be16 port,
		    u32 info);

/* --- AF_INET (sock/af_inet.c) -------------------------------------------------------------- */
struct inet_protosw {
	u16 type;			/* SOCK_* */
	u8 protocol;			/* 0: any (raw) */
	const struct proto *prot;
	const struct proto_ops *ops;
};
int inet_register_protosw(struct net *net, const struct inet_protosw *p);
extern const struct proto_ops inet_stream_ops, inet_dgram_ops, inet_sockraw_ops;
int inet_autobind(struct sock *sk);

/* Sums over CPUs/protocols for /proc/net/sockstat. */
struct sock_net {
	spinlock_t lock;
	const struct net_proto_family *families[46];
	struct inet_protosw protosw[16];
	u32 nr_protosw;
	struct inet_hashinfo *hashinfo;	/* TCP's; made by sock_net_ops */
	u64 next_cookie;
	/* by mem_index; atomic */
	u32 sockets_allocated[SK_MEM_MAX], orphans;
	s64 memory_allocated[SK_MEM_MAX];	/* pages, atomic */
	bool memory_pressure[SK_MEM_MAX];
	s64 sysctl_mem[SK_MEM_MAX][3];	/* pages: min, pressure, max */
	u32 rmem_min[SK_MEM_MAX], wmem_min[SK_MEM_MAX];	/* each sock's own */
	u32 rmem_default, rmem_max, wmem_default, wmem_max, optmem_max;
	u32 somaxconn;
	u16 port_range[2];		/* ip_local_port_range */
	u16 unprivileged_port_start;
	u8 nonlocal_bind;
	u16 file_room;			/* of the user floor, with each socket */
	void *raw;			/* raw sockets' table */
};
extern const struct pernet_operations sock_net_ops;

#endif
