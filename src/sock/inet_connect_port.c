/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A local port for connect(). Only the whole 4-tuple must be unique, so one
 * port serves many connections to different ends, and there are as many
 * connections as ports per destination, not per host.
 *
 * The search begins at an offset that a keyed hash of the destination gives
 * (RFC 6056 3.3.3, algorithm 3) plus a counter of that destination's row in a
 * small table (3.3.4, algorithm 4), here one counter for all: nobody outside
 * can tell the next port, yet successive connections use successive ports.
 */
#include "sock/inet_hash_internal.h"

#include "base/random.h"
#include "base/siphash.h"
#include "cpu/lock.h"

typedef bool (*tw_ok_t)(struct sock *sk, struct sock_common *tw);

/* Hashes sk with local port `port` if nobody has the tuple, or one in TIME-WAIT
 * gives it away: *reused, referenced, is that. bhash bucket or ownership of
 * the port protects the port itself. */
static bool hash_if_unique(struct sock *sk, u16 port, tw_ok_t tw_ok,
			   struct sock_common **reused)
{
	struct inet_hashinfo *h = sock_net(sk)->sock->hashinfo;
	struct inet_ehash_bucket *b;
	struct sock_common *twin;
	u16 old = sk->c.num;
	bool ok;

	sk->c.num = port;
	WRITE_ONCE(sk->c.hash, inet_sock_hash(&sk->c));
	smp_mb();
	b = &h->ehash[sk->c.hash & h->ehash_mask];
	spin_lock_bh(&b->lock);
	twin = inet_ehash_twin(b, &sk->c);
	ok = !twin || (twin->state == TCP_TIME_WAIT && tw_ok && tw_ok(sk, twin));
	if (ok) {
		hlist_add_head(&sk->c.node, &b->chain);
		if (twin) {
			hlist_del_init(&twin->node);
			refcount_inc(&twin->refs);
			*reused = twin;
		}
	} else {
		sk->c.num = old;
	}
	spin_unlock_bh(&b->lock);
	return ok;
}

/* 0, -EADDRINUSE (next, please), -ENOMEM */
static int try_connect_port(struct sock *sk, u16 port, tw_ok_t tw_ok,
			    struct sock_common **reused)
{
	struct inet_ehash_bucket *b = inet_bhash_bucket(sock_net(sk), port);
	struct inet_bind_bucket *tb;
	bool fresh = false;
	int err = -EADDRINUSE;

	spin_lock_bh(&b->lock);
	tb = inet_bind_bucket_find(b, port);
	/* Ports that somebody bound are his. */
	if (tb && tb->fastreuse >= 0)
		goto out;
	if (!tb) {
		tb = inet_bind_bucket_create(b, port);
		if (!tb) {
			err = -ENOMEM;
			goto out;
		}
		tb->fastreuse = tb->fastreuseport = -1;
		fresh = true;
	}
	inet_bind_bucket_own(tb, sk);
	err = 0;
	if (!hash_if_unique(sk, port, tw_ok, reused)) {
		hlist_del_init(&sk->c.bind_node);
		tb->nr_owners--;
		sk->bind_bucket = NULL;
		sk->c.num = 0;
		err = -EADDRINUSE;
		/* a fresh bucket has no other owner */
		BUG_ON(fresh && tb->nr_owners);
		if (fresh)
			inet_bind_bucket_drop(tb);
	}
out:
	spin_unlock_bh(&b->lock);
	return err;
}

static u32 port_offset(const struct sock *sk)
{
	struct siphash_key key;
	struct {
		union inet_addr l, f;
		u32 port;
	} in;

	memset(&in, 0, sizeof(in));
	memcpy(&key, sock_net(sk)->hash_secret, sizeof(key));
	in.l = sk->c.rcv_saddr;
	in.f = sk->c.daddr;
	in.port = (__force u16)sk->c.dport;
	return (u32)siphash(&in, sizeof(in), &key);
}

int inet_hash_connect(struct sock *sk, tw_ok_t tw_ok,
		      struct sock_common **reused)
{
	struct sock_net *sn = sock_net(sk)->sock;
	u32 low, high, span, offset, hint;

	if (sk->bind_bucket)
		return hash_if_unique(sk, sk->c.num, tw_ok, reused) ? 0 :
		       -EADDRNOTAVAIL;
	inet_sk_port_range(sk, &low, &high);
	span = high - low + 1;
	hint = __atomic_fetch_add(&sn->port_hint, 2, __ATOMIC_RELAXED);
	offset = (u32)(((u64)port_offset(sk) + hint) % span) & ~1u;
	for (u32 pass = 0; pass < 2; pass++) {
		for (u32 i = 0; i < span; i += 2) {
			u16 port = (u16)(low + (offset + pass + i) % span);
			int err = try_connect_port(sk, port, tw_ok, reused);

			if (err != -EADDRINUSE)
				return err;
		}
	}
	return -EADDRNOTAVAIL;
}
