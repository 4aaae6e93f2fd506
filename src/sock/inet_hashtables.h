/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The three tables of connection-based sockets: ehash (4-tuples: established,
 * request and TIME-WAIT), bhash (bound ports), lhash (listeners). Lookups run
 * under RCU without locks; writers take the bucket's lock.
 */
#ifndef WEIR_SOCK_INET_HASHTABLES_H
#define WEIR_SOCK_INET_HASHTABLES_H

#include "sock/inet_table.h"
#include "sock/sock.h"

struct inet_port_row;
struct inet_bind_bucket {
	struct hlist_node node;
	u16 port;
	s8 fastreuse, fastreuseport;
	u32 uid;
	struct hlist_head owners;	/* sock_common.bind_node */
	u32 hash;
};
struct inet_hashinfo {
	struct inet_table ehash, bhash;
	struct inet_ehash_bucket *lhash;
	u32 lhash_mask;
	u32 port_row_mask;
	struct inet_port_row *port_rows; /* inet_connect_port.c */
	u32 ports_freed;		/* by who had bound them; atomic */
};

/* The tables hold no references: who is in one must leave it before his last
 * reference goes. net->sock->hashinfo is made and destroyed by sock_net_ops. */
struct inet_hashinfo *inet_hashinfo_create(const struct net *net);
void inet_hashinfo_destroy(struct inet_hashinfo *h);
u32 inet_ehashfn(struct net *net, const union inet_addr *laddr, u16 lport,
		 const union inet_addr *faddr, __be16 fport, u16 family);

/*
 * By 4-tuple, then among listeners (best match: bound address, device,
 * reuseport group by hash). Addresses are as in the packet: s = sender.
 * *refcounted: the caller must sock_gen_put the result; listeners and others
 * freed by RCU need not. NULL: nobody.
 */
struct sock_common *__inet_lookup_skb(struct net *net, struct sk_buff *skb,
				      __be16 sport, __be16 dport,
				      bool *refcounted);
struct sock_common *__inet_lookup_established(struct net *net,
		const union inet_addr *saddr, __be16 sport,
		const union inet_addr *daddr, u16 hnum, u16 family, u32 dif);
struct sock *__inet_lookup_listener(struct net *net, struct sk_buff *skb,
		const union inet_addr *saddr, __be16 sport,
		const union inet_addr *daddr, u16 hnum, u16 family, u32 dif);

/* Into ehash (or lhash when TCP_LISTEN). */
int inet_hash(struct sock *sk);
void inet_unhash(struct sock *sk);
/* Full sock replaces a request/other entry of the same tuple in one step;
 * osk NULL: plain insert. False: somebody else has the tuple. */
bool inet_ehash_insert(struct sock_common *c, struct sock_common *old);
void inet_ehash_remove(struct sock_common *c);
/* Port for bind() by the rules of SO_REUSEADDR/SO_REUSEPORT. */
int inet_csk_get_port(struct sock *sk, u16 num);
/* Ephemeral port for connect() (RFC 6056 algorithm 4: keyed offset and a counter
 * per destination), sharing ports between different remote ends; hashes the sock. May take over
 * a TIME-WAIT 4-tuple when `tw_ok` agrees (NULL: never): then *reused is that
 * sock, referenced, out of ehash; the caller ends it. 0 or -EADDRNOTAVAIL. */
int inet_hash_connect(struct sock *sk,
		      bool (*tw_ok)(struct sock *sk, struct sock_common *tw),
		      struct sock_common **reused);
void inet_bind_bucket_add(struct sock *sk, u16 port);	/* child of a listener */
void inet_put_port(struct sock *sk);
/* Sharing a bind bucket by TIME-WAIT. */
void inet_twsk_bind(struct sock_common *tw, struct sock *sk);
void inet_twsk_unbind(struct sock_common *tw);
/* Walks all sockets of a table; fn under the bucket's lock. */
void inet_hash_for_each(struct inet_hashinfo *h, bool listeners,
			void (*fn)(void *arg, struct sock_common *c), void *arg);

#endif
