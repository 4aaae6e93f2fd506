/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the files of the tables. */
#ifndef WEIR_SOCK_INET_HASH_INTERNAL_H
#define WEIR_SOCK_INET_HASH_INTERNAL_H

#include "sock/inet_hashtables.h"

bool inet_addr_equal(const union inet_addr *a, const union inet_addr *b,
		     u16 family);
bool inet_addr_any(const union inet_addr *a, u16 family);
u32 inet_sock_hash(const struct sock_common *c);
struct sock_common *inet_ehash_twin(struct inet_ehash_bucket *b,
				    const struct sock_common *c);
/* Ports [low, high] for sockets without a bound one. */
void inet_sk_port_range(const struct sock *sk, u32 *low, u32 *high);
/* May two binds to one port live side by side? Rules of inet_bind.c. */
bool inet_rcv_saddr_overlap(const struct sock_common *a,
			    const struct sock_common *b);
/* bhash. The bucket of a port, locked; what follows needs the lock. `made`: by
 * inet_bind_bucket_create. */
struct inet_ehash_bucket *inet_bhash_lock(struct net *net, u16 port);
void inet_bhash_unlock(struct net *net, struct inet_ehash_bucket *b, bool made);
struct inet_bind_bucket *inet_bind_bucket_find(struct inet_ehash_bucket *b,
					       u16 port);
struct inet_bind_bucket *inet_bind_bucket_create(struct net *net,
		struct inet_ehash_bucket *b, u16 port);
void inet_bind_bucket_own(struct inet_bind_bucket *tb, struct sock *sk);
void inet_bind_bucket_disown(struct inet_bind_bucket *tb,
			     struct sock_common *c);

/* inet_connect_port.c: what connect() remembers of its searches. */
int inet_port_rows_init(struct inet_hashinfo *h, const struct net *net);
/* c gives its port back, if it was found here. */
void inet_port_row_put(struct sock_common *c);

#endif
