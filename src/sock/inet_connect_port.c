/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A local port for connect(). Only the whole 4-tuple must be unique, so one
 * port serves many connections to different ends, and there are as many
 * connections as ports per destination, not per host.
 *
 * The search begins at an offset that a keyed hash of the destination gives
 * (RFC 6056 3.3.3, algorithm 3) plus a counter of that destination's row in a
 * small table (3.3.4, algorithm 4): nobody outside can tell the next port, yet
 * successive connections use successive ports. The counter passes over what
 * the search found taken, so no port is asked twice before all were.
 *
 * Every other port first (inet_bind.c prefers the rest), until these have all
 * been asked in vain; then the others, until few connections are left.
 *
 * When most ports are taken, a row's ports that came back lately are asked
 * first, the oldest first. And a search in vain is remembered: until a port
 * comes back (or FULL_FOR is over: a TIME-WAIT sock may give its tuple away
 * once it is old enough) the next one for that destination fails at once. So a
 * connect() takes as long with the last port as with the first.
 */
#include "sock/inet_hash_internal.h"

#include "base/random.h"
#include "base/siphash.h"
#include "base/slab.h"
#include "cpu/lock.h"

#define PORT_ROWS	256u
#define FREED		16u		/* ports that came back, remembered */
#define FEW_USED	1024u		/* begin with every other port again */
#define FULL_FOR	(100 * NSEC_PER_MSEC)

typedef bool (*tw_ok_t)(struct sock *sk, struct sock_common *tw);

/* Destinations share one by their hash: what it says are hints, but for
 * `full`. */
struct inet_port_row {
	spinlock_t lock;		/* inside of bhash's */
	u32 used;			/* ports found here and not given back */
	u32 hint;			/* added to the destination's offset */
	u8 parity;			/* 1: begin with the other half */
	u8 nr_freed;
	u16 freed[FREED];		/* oldest first */
	u64 full_key;			/* whose search was in vain */
	ktime_t full_until;
	u32 full_freed;			/* inet_hashinfo.ports_freed then */
	u32 puts;			/* ports that came back */
};

struct port_search {
	struct sock *sk;
	struct inet_hashinfo *h;
	struct inet_port_row *row;
	tw_ok_t tw_ok;
	struct sock_common **reused;
	u64 key;			/* of destination and range */
	u32 low, span, offset;
	u32 hint, parity, steps;	/* where it begins, and ended */
	u32 puts, freed;		/* when it began */
};

int inet_port_rows_init(struct inet_hashinfo *h, const struct net *net)
{
	u32 rows = net_table_size(net, PORT_ROWS);

	h->port_row_mask = rows - 1;
	h->port_rows = kcalloc(rows, sizeof(*h->port_rows));
	return h->port_rows ? 0 : -ENOMEM;
}

/* --- one port ------------------------------------------------------------------- */

static struct sock_common *find_twin(struct sock *sk, u16 port,
				     struct inet_ehash_bucket **b)
{
	struct inet_table *t = &sock_net(sk)->sock->hashinfo->ehash;

	sk->c.num = port;
	WRITE_ONCE(sk->c.hash, inet_sock_hash(&sk->c));
	smp_mb();
	if (b)
		*b = inet_table_lock(t, sk->c.hash);
	return inet_ehash_twin(b ? *b : inet_table_bucket(t, sk->c.hash),
			       &sk->c);
}

/* Hashes sk with local port `port` if nobody has the tuple, or one in TIME-WAIT
 * gives it away: *reused, referenced, is that. bhash bucket or ownership of
 * the port protects the port itself. */
static bool hash_if_unique(struct sock *sk, u16 port, tw_ok_t tw_ok,
			   struct sock_common **reused)
{
	struct inet_ehash_bucket *b;
	struct sock_common *twin;
	u16 old = sk->c.num;
	bool ok;

	twin = find_twin(sk, port, &b);
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
	if (ok && !twin)
		inet_table_added(&sock_net(sk)->sock->hashinfo->ehash);
	return ok;
}

/* 0, -EADDRINUSE (next, please), -ENOMEM */
static int try_port(const struct port_search *s, u16 port)
{
	struct sock *sk = s->sk;
	struct net *net = sock_net(sk);
	struct inet_ehash_bucket *b = inet_bhash_lock(net, port);
	struct inet_bind_bucket *tb = inet_bind_bucket_find(b, port);
	bool made = !tb;
	int err = -EADDRINUSE;

	/* Ports that somebody bound are his. */
	if (tb && tb->fastreuse >= 0)
		goto out;
	if (!tb) {
		tb = inet_bind_bucket_create(net, b, port);
		err = -ENOMEM;
		made = tb;
		if (!tb)
			goto out;
		tb->fastreuse = tb->fastreuseport = -1;
	}
	inet_bind_bucket_own(tb, sk);
	err = 0;
	if (!hash_if_unique(sk, port, s->tw_ok, s->reused)) {
		inet_bind_bucket_disown(tb, &sk->c);
		sk->bind_bucket = NULL;
		sk->c.num = 0;
		err = -EADDRINUSE;
	}
out:
	inet_bhash_unlock(net, b, made);
	return err;
}

/* A look without locks, when one port was refused already. */
static bool port_is_taken(const struct port_search *s, u16 port)
{
	struct sock_common *twin = find_twin(s->sk, port, NULL);

	s->sk->c.num = 0;
	return twin && !(s->tw_ok && READ_ONCE(twin->state) == TCP_TIME_WAIT);
}

/* --- the search ------------------------------------------------------------------- */

/* As try_port, for the ports of a row that came back. */
static int try_freed(struct port_search *s)
{
	struct inet_port_row *row = s->row;
	int err = -EADDRINUSE;

	for (u32 n = 0; n < FREED && err == -EADDRINUSE; n++) {
		u32 port = 0;

		spin_lock_bh(&row->lock);
		if (row->nr_freed) {
			port = row->freed[0];
			memmove(row->freed, row->freed + 1,
				--row->nr_freed * sizeof(row->freed[0]));
		}
		spin_unlock_bh(&row->lock);
		if (!port)
			break;
		if (port - s->low < s->span && !port_is_taken(s, (u16)port))
			err = try_port(s, (u16)port);
	}
	return err;
}

static int try_half(struct port_search *s, bool first)
{
	u32 at = (u32)(((u64)s->offset + s->hint) % s->span) & ~1u;

	for (u32 i = 0; i < s->span; i += 2) {
		u16 port = (u16)(s->low + (at + s->parity + i) % s->span);
		int err = (i || !first) && port_is_taken(s, port) ?
			  -EADDRINUSE : try_port(s, port);

		if (err != -EADDRINUSE) {
			s->steps = i;
			return err;
		}
	}
	return -EADDRINUSE;
}

static int try_all(struct port_search *s)
{
	int err = try_half(s, true);

	if (err != -EADDRINUSE)
		return err;
	s->parity ^= 1;
	return try_half(s, false);
}

/* --- the row ----------------------------------------------------------------------- */

static u64 destination_hash(const struct sock *sk)
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
	return siphash(&in, sizeof(in), &key);
}

static void search_init(struct port_search *s)
{
	u32 high;
	u64 h = destination_hash(s->sk);

	inet_sk_port_range(s->sk, &s->low, &high);
	s->span = high - s->low + 1;
	s->offset = (u32)h;
	s->key = h ^ ((u64)s->low << 48 | (u64)high << 32 |
		      (u64)(s->tw_ok != NULL) << 31 | s->sk->c.bound_dev_if);
	s->row = &s->h->port_rows[(u32)(h >> 32) & s->h->port_row_mask];
}

/* False: it would be in vain. */
static bool search_begin(struct port_search *s, bool *tight)
{
	struct inet_port_row *row = s->row;
	bool full;

	s->freed = __atomic_load_n(&s->h->ports_freed, __ATOMIC_RELAXED);
	spin_lock_bh(&row->lock);
	full = row->full_key == s->key &&
	       row->full_freed == s->freed && ktime_get() < row->full_until;
	s->hint = row->hint;
	s->parity = row->parity;
	s->puts = row->puts;
	*tight = row->used > s->span / 4;
	if (!full)
		row->hint += 2;
	spin_unlock_bh(&row->lock);
	return !full;
}

static void search_end(struct port_search *s, int err)
{
	struct inet_port_row *row = s->row;

	spin_lock_bh(&row->lock);
	if (!err) {
		row->used++;
		row->parity = (u8)s->parity;
		row->hint += s->steps;
		s->sk->c.port_row = (u16)(row - s->h->port_rows + 1);
	} else if (err == -EADDRINUSE && row->puts == s->puts) {
		row->full_key = s->key;
		row->full_freed = s->freed;
		row->full_until = ktime_get() + FULL_FOR;
	}
	spin_unlock_bh(&row->lock);
}

/* bhash's bucket locked. */
void inet_port_row_put(struct sock_common *c)
{
	struct inet_port_row *row;

	if (!c->port_row)
		return;
	row = &c->net->sock->hashinfo->port_rows[c->port_row - 1];
	c->port_row = 0;
	spin_lock(&row->lock);
	row->puts++;
	row->full_until = 0;
	if (--row->used < FEW_USED)
		row->parity = 0;
	if (row->nr_freed < FREED)
		row->freed[row->nr_freed++] = c->num;
	spin_unlock(&row->lock);
}

int inet_hash_connect(struct sock *sk, tw_ok_t tw_ok,
		      struct sock_common **reused)
{
	struct port_search s = { .sk = sk, .h = sock_net(sk)->sock->hashinfo,
				 .tw_ok = tw_ok, .reused = reused };
	int err = -EADDRINUSE;
	bool tight;

	if (sk->bind_bucket)
		return hash_if_unique(sk, sk->c.num, tw_ok, reused) ? 0 :
		       -EADDRNOTAVAIL;
	search_init(&s);
	if (!search_begin(&s, &tight))
		return -EADDRNOTAVAIL;
	if (tight)
		err = try_freed(&s);
	if (err == -EADDRINUSE)
		err = try_all(&s);
	search_end(&s, err);
	return err == -EADDRINUSE ? -EADDRNOTAVAIL : err;
}
