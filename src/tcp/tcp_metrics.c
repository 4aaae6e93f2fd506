/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is remembered of destinations from one connection to the next: the fast
 * open cookie and MSS (RFC 7413 4.1.3), and that the peer is alive. A cache of
 * fixed size: few ways per set, the oldest makes room.
 */
#include "tcp/tcp_metrics.h"

#include "base/hash.h"
#include "base/slab.h"

#define METRICS_SETS	256u
#define METRICS_WAYS	4u

struct tcp_metric {
	__be32 saddr, daddr;		/* daddr 0: free */
	u32 stamp;			/* s of the last use */
	u16 mss;
	u8 try_exp, syn_loss;
	u32 last_syn_loss;		/* ms */
	struct tcp_fastopen_cookie cookie;
};
struct tcp_metrics {
	spinlock_t lock;
	u32 nr_sets;
	struct tcp_metric sets[][METRICS_WAYS];
};

int tcp_metrics_init(struct net *net)
{
	u32 nr_sets = net_table_size(net, METRICS_SETS);
	struct tcp_metrics *m = kzalloc(sizeof(*m) +
					nr_sets * sizeof(m->sets[0]));

	if (!m)
		return -ENOMEM;
	m->nr_sets = nr_sets;
	net->tcp->metrics = m;
	return 0;
}

void tcp_metrics_exit(struct net *net)
{
	kfree(net->tcp->metrics);
	net->tcp->metrics = NULL;
}

void tcp_metrics_flush(struct net *net)
{
	struct tcp_metrics *m = net->tcp->metrics;

	spin_lock_bh(&m->lock);
	memset(m->sets, 0, m->nr_sets * sizeof(m->sets[0]));
	spin_unlock_bh(&m->lock);
}

static u32 now_s(void)
{
	return (u32)(ktime_get() / NSEC_PER_SEC);
}

/* Lock held. NULL: not there (and not `create`). */
static struct tcp_metric *lookup(struct sock *sk, bool create)
{
	struct tcp_metrics *m = tcp_net(sk)->metrics;
	__be32 s = sk->c.rcv_saddr.v4, d = sk->c.daddr.v4;
	struct tcp_metric *set, *oldest;
	u32 i = hash_2((__force u32)s, (__force u32)d,
		       (u32)sock_net(sk)->hash_secret[0]) & (m->nr_sets - 1);

	set = m->sets[i];
	oldest = &set[0];
	for (i = 0; i < METRICS_WAYS; i++) {
		if (set[i].daddr == d && set[i].saddr == s)
			return &set[i];
		if (!set[i].daddr || (oldest->daddr &&
				      set[i].stamp < oldest->stamp))
			oldest = &set[i];
	}
	if (!create)
		return NULL;
	memset(oldest, 0, sizeof(*oldest));
	oldest->saddr = s;
	oldest->daddr = d;
	return oldest;
}

void tcp_fastopen_cache_get(struct sock *sk, u16 *mss,
			    struct tcp_fastopen_cookie *c)
{
	struct tcp_metrics *m = tcp_net(sk)->metrics;
	struct tcp_metric *e;

	spin_lock_bh(&m->lock);
	e = lookup(sk, false);
	if (e) {
		e->stamp = now_s();
		if (e->mss && mss)
			*mss = e->mss;
		*c = e->cookie;
		if (!c->len && e->try_exp == 1)
			c->exp = true;
	}
	spin_unlock_bh(&m->lock);
}

/* c->len 0xff: none came. */
void tcp_fastopen_cache_set(struct sock *sk, u16 mss,
			    const struct tcp_fastopen_cookie *c, bool syn_lost,
			    u8 try_exp)
{
	struct tcp_metrics *m = tcp_net(sk)->metrics;
	struct tcp_metric *e;

	spin_lock_bh(&m->lock);
	e = lookup(sk, true);
	e->stamp = now_s();
	if (mss)
		e->mss = mss;
	if (c && c->len && c->len != TCP_FASTOPEN_NO_OPTION)
		e->cookie = *c;
	else if (try_exp > e->try_exp && !e->cookie.len)
		e->try_exp = try_exp;
	if (syn_lost) {
		e->syn_loss++;
		e->last_syn_loss = tcp_jiffies32();
	} else {
		e->syn_loss = 0;
	}
	spin_unlock_bh(&m->lock);
}
