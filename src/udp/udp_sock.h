/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * UDP (RFC 768, 1122 4.1): a socket, the tables, and who does what.
 *
 * Locks: the owner's lock for connect, bind and corking; slock for the cached
 * route of sends that do not own the sock; receive_queue.lock for the queue
 * and the memory reserved for it (forward_alloc).
 */
#ifndef WEIR_UDP_UDP_SOCK_H
#define WEIR_UDP_UDP_SOCK_H

#include "buf/wire/udp.h"
#include "sock/ip_sockglue.h"

#define UDP_MAX_LEN	65535u
#define UDP_MAX_PAYLOAD	(UDP_MAX_LEN - 8 - 20)

/* Where a datagram goes, decided before it is made. */
struct udp_dest {
	struct rtable *rt;
	bool held;			/* rt is referenced; else borrowed: RCU */
	__be32 daddr, saddr;
	__be16 dport;
	struct ipcm_cookie ck;
	bool connected;
};

struct udp_sock {
	struct sock sk;			/* first; c.hash: slot by port */
	u16 gso_size;			/* UDP_SEGMENT */
	u8 corkflag;			/* UDP_CORK */
	bool gro_enabled;		/* UDP_GRO */
	bool no_check6_tx, no_check6_rx;
	/* corked datagram (owner) */
	struct sk_buff *pending;
	struct udp_dest cork;
	/* route that packets of the peer came by (early demux); RCU */
	struct dst_entry *rx_dst;
	u32 rx_dst_ifindex;
	/* Payload of the queue's first packet that was read already: it is of
	 * GRO or a large send, and datagrams are taken from it one by one. */
	u32 head_off;
};

static inline struct udp_sock *udp_sk(const struct sock *sk)
{
	return (struct udp_sock *)sk;
}

struct udp_hslot {
	struct hlist_head head;
	u32 count;
	spinlock_t lock;
};

/* hash: by local port, all sockets (sock_common.node). hash2: by both ends or
 * the local one (sock_common.bind_node, key in sock.bind_hash2). Locks: hash,
 * hash2. */
struct udp_table {
	struct udp_hslot *hash, *hash2;
	u32 mask;
};

struct udp_net {
	struct udp_table table;
	u32 gro_sockets;		/* with UDP_GRO: atomic */
};

static inline struct udp_net *udp_net(const struct net *net)
{
	return net->udp;
}

/* udp_net.c */
extern const struct pernet_operations udp_net_ops;
extern const struct proto udp_prot;

/* udp_hash.c */
int udp_table_init(struct udp_table *t, u32 size);
void udp_table_fini(struct udp_table *t);
int udp_get_port(struct sock *sk, u16 num);
void udp_unhash(struct sock *sk);
void udp_rehash(struct sock *sk);
/* RCU. Addresses as in the packet; the reader of skb (may be NULL). */
struct sock *udp_lookup(struct net *net, __be32 saddr, __be16 sport,
			__be32 daddr, __be16 dport, u32 dif,
			struct sk_buff *skb);
/* RCU. Only the socket that is connected to exactly that peer. */
struct sock *udp_lookup_connected(struct net *net, __be32 saddr, __be16 sport,
				  __be32 daddr, __be16 dport, u32 dif);
struct udp_hslot *udp_port_slot(struct net *net, u16 port);

/* udp_input.c */
int udp_rcv(struct sk_buff *skb);
int udp_err(struct sk_buff *skb, u8 type, u8 code, u32 info);
void udp_early_demux(struct sk_buff *skb);
/* A datagram of the receive queue: `len` bytes from `off` of the payload of a
 * packet, of which the reader has a reference. */
struct udp_datagram {
	struct sk_buff *skb;
	u32 off, len;
};

/* udp_queue.c. enqueue consumes; slock not needed. A packet of several
 * datagrams must have a good checksum. */
void udp_queue_rcv_skb(struct sock *sk, struct sk_buff *skb);
/* False: there is none. *peek: bytes to pass by with MSG_PEEK; what is left of
 * it is in the datagram found. */
bool udp_dequeue(struct sock *sk, int flags, s32 *peek, struct udp_datagram *d);
/* The datagram's first len bytes go to m->loan; they count to sk until they
 * came back. 0, -EINVAL: its checksum is bad, or -ENOMEM. d->skb may become
 * another one. */
int udp_lend(struct sock *sk, struct udp_datagram *d, struct sockmsg *m,
	     u32 len);
void udp_loan_returned(struct sock *sk, size_t len);
/* A packet proved bad after a peek: off the queue. */
void udp_kill_datagram(struct sock *sk, struct sk_buff *skb, int flags);
void udp_flush_receive(struct sock *sk);
/* False: the checksum is wrong. */
bool udp_checksum_ok(struct sk_buff *skb);
/* Payload length of the next good packet, -1: none. */
int udp_first_packet_length(struct sock *sk);

/* udp_output.c */
ssize_t udp_sendmsg(struct sock *sk, struct sockmsg *m, size_t len);
int udp_push_pending(struct sock *sk);		/* owner */
void udp_flush_pending(struct sock *sk);	/* owner */
/* udp_build.c: UDP header, checksum, down. Consumes skb. */
int udp_send_skb(struct sock *sk, struct sk_buff *skb,
		 const struct udp_dest *d);
/* Payload from m into skb (accounted); *csum grows when it is not NULL. */
int udp_add_payload(struct sock *sk, struct sk_buff *skb, struct sockmsg *m,
		    u32 len, __wsum *csum);
/* A whole datagram at once. ERR_PTR. */
struct sk_buff *udp_make_skb(struct sock *sk, struct sockmsg *m, u32 len,
			     const struct udp_dest *d, bool nonblock);
/* Largest IP datagram that may leave: by path, device and IP_MTU_DISCOVER. */
u32 udp_path_mtu(const struct sock *sk, const struct rtable *rt);

/* udp_recv.c */
ssize_t udp_recvmsg(struct sock *sk, struct sockmsg *m, size_t len, int flags);
u32 udp_poll(struct sock *sk);
int udp_ioctl(struct sock *sk, unsigned long cmd, int *arg);

/* udp_sockopt.c */
int udp_setsockopt(struct sock *sk, int level, int name, const void *val,
		   u32 len);
int udp_getsockopt(struct sock *sk, int level, int name, void *val, u32 *len);
void udp_gro_off(struct sock *sk);

/* udp_offload.c */
extern const struct inet_offload udp_offload;

#endif
