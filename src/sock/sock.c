/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Life of a struct sock. Two counts keep it: `refs` (who may look at it: the
 * socket, the tables' users, timers) and `wmem_alloc` (packets of it that are
 * still below; 1 stands for the sock itself). When refs is gone and the last
 * packet has been freed, the memory goes after a grace period, because
 * lookups walk the tables without locks.
 *
 *	sk_alloc -> sock_init_data -> (bind, connect ...) -> close:
 *	sock_orphan (no more up-calls) -> unhash -> sock_put -> destruct -> RCU
 */
#include "sock/sock.h"

#include "base/random.h"
#include "base/slab.h"
#include "sock/filter.h"
#include "sock/ip_sockglue.h"
#include "sock/reuseport.h"
#include "sock/sock_mem.h"

struct sock *sk_alloc(struct net *net, u16 family, const struct proto *prot)
{
	struct sock_net *sn = net->sock;
	struct sock *sk = kzalloc(max_t(size_t, prot->obj_size, sizeof(*sk)));

	if (!sk)
		return NULL;
	sk->sk_family = family;
	sk->flow.family = family;
	sk->c.net = net;
	sk->sk_prot = prot;
	sk->protocol = prot->protocol;
	sk->wmem_alloc = 1;
	refcount_set(&sk->c.refs, 1);
	sk->cookie = __atomic_add_fetch(&sn->next_cookie, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&sn->sockets_allocated[prot->mem_index], 1,
			   __ATOMIC_RELAXED);
	return sk;
}

static void sock_init_callbacks(struct sock *sk)
{
	sk->state_change = sock_def_wakeup;
	sk->data_ready = sock_def_readable;
	sk->write_space = sk->sk_prot->connection_based ?
			  sk_stream_write_space : sock_def_write_space;
	sk->error_report = sock_def_error_report;
}

static void sock_init_queues(struct sock *sk)
{
	spin_lock_init(&sk->slock);
	init_waitqueue_head(&sk->lock_wq);
	skb_queue_head_init(&sk->receive_queue);
	skb_queue_head_init(&sk->write_queue);
	skb_queue_head_init(&sk->error_queue);
	INIT_LIST_HEAD(&sk->user_pages);
}

void sock_init_data(struct socket *s, struct sock *sk)
{
	struct sock_net *sn = sock_net(sk)->sock;

	sock_init_queues(sk);
	sk->sk_state = TCP_CLOSE;
	sk->rcvbuf = (s32)READ_ONCE(sn->rmem_default);
	sk->sndbuf = (s32)READ_ONCE(sn->wmem_default);
	sk->rcvlowat = 1;
	sk->sndlowat = 1;
	sk->rcvtimeo = KTIME_MAX;
	sk->sndtimeo = KTIME_MAX;
	sk->stamp = -1;
	sk->peek_off = -1;
	sk->mc_all = 1;
	sk->txrehash = 1;
	sk->incoming_cpu = ~0u;
	sk->max_pacing_rate = ~0ull;
	sk->pacing_rate = ~0ull;
	sk->pacing_shift = 10;
	sk->txhash = get_random_u32() | 1;
	sk->flow.pmtudisc = IP_PMTUDISC_WANT_;
	sk->flow.mc_loop = true;
	sk->flow.mc_ttl = 1;
	sk->flow.ip_id = (u16)get_random_u32();
	sk->flow.txhash = sk->txhash;
	sock_init_callbacks(sk);
	if (s) {
		sk->type = s->type;
		sock_graft(sk, s);
	}
}

static void sock_clone_forget(struct sock *n)
{
	memset(&n->c.node, 0, sizeof(n->c.node));
	memset(&n->c.bind_node, 0, sizeof(n->c.bind_node));
	n->c.in_lhash = false;
	n->c.port_row = 0;
	memset(&n->timer, 0, sizeof(n->timer));
	n->owned = false;
	n->backlog.head = n->backlog.tail = NULL;
	n->backlog.len = 0;
	n->rmem_alloc = n->forward_alloc = n->wmem_queued = 0;
	n->wmem_alloc = 1;
	n->flow.dst = NULL;
	n->flow.opt = NULL;
	n->err = n->err_soft = n->drops = 0;
	n->ack_backlog = n->max_ack_backlog = 0;
	n->socket = NULL;
	n->bind_bucket = NULL;
	n->reuseport_cb = NULL;
	n->mc_list = NULL;
	n->stamp = -1;
	n->zckey = n->omem_alloc = n->tskey = 0;
	n->userlocks &= (u8)~SOCK_BINDPORT_LOCK;
	sock_init_queues(n);
}

/*
 * A listener is in use while it is copied: its options change one by one,
 * each read whole; locks, queues and counters are made anew by who copies.
 * TSan is told that this is meant; it would still look at an atomic load, so
 * the loads are volatile ones.
 */
static noinline __attribute__((no_sanitize("thread")))
void sock_copy(struct sock *to, const struct sock *from, size_t size)
{
	const u64 *f = (const u64 *)from;
	u64 *t = (u64 *)to;

	for (size_t i = 0; i < size / sizeof(u64); i++)
		t[i] = *(const volatile u64 *)&f[i];
}

struct sock *sk_clone(const struct sock *sk)
{
	struct sock *n = sk_alloc(sock_net(sk), sk->sk_family, sk->sk_prot);
	u64 cookie;

	if (!n)
		return NULL;
	cookie = n->cookie;
	sock_copy(n, sk, max_t(size_t, sk->sk_prot->obj_size, sizeof(*n)));
	sock_clone_forget(n);
	refcount_set(&n->c.refs, 1);
	n->cookie = cookie;
	n->txhash = get_random_u32() | 1;
	n->flow.txhash = n->txhash;
	n->filter = NULL;
	if (sk_filter_share(n, sk)) {
		sock_put(n);
		return NULL;
	}
	return n;
}

static void sk_free_rcu(struct rcu_head *head)
{
	struct sock *sk = container_of(head, struct sock, c.rcu);

	sk_filter_free(sk->filter);
	kfree(sk);
}

/* What may still hang on a sock that nobody refers to any more. */
static void __sk_free(struct sock *sk)
{
	struct sock_net *sn = sock_net(sk)->sock;

	if (sk->destruct)
		sk->destruct(sk);
	skb_queue_purge_reason(&sk->receive_queue, SKB_DROP_REASON_SOCKET_CLOSE);
	skb_queue_purge_reason(&sk->write_queue, SKB_DROP_REASON_SOCKET_CLOSE);
	skb_queue_consume(&sk->error_queue);
	inet_flow_drop_route(&sk->flow);
	kfree(sk->flow.opt);
	sk->flow.opt = NULL;
	reuseport_detach_sock(sk);
	__atomic_fetch_sub(&sn->sockets_allocated[sk->sk_prot->mem_index], 1,
			   __ATOMIC_RELAXED);
	call_rcu(&sk->c.rcu, sk_free_rcu);
}

/* `n` bytes of what keeps the memory of the sock go. */
void sk_wmem_put(struct sock *sk, u32 n)
{
	if (__atomic_sub_fetch(&sk->wmem_alloc, n, __ATOMIC_ACQ_REL) == 0)
		__sk_free(sk);
}

void sock_put(struct sock *sk)
{
	if (refcount_dec_and_test(&sk->c.refs))
		sk_wmem_put(sk, 1);
}

void sock_gen_put(struct sock_common *c)
{
	u8 state = READ_ONCE(c->state);

	if (state != TCP_TIME_WAIT && state != TCP_NEW_SYN_RECV) {
		sock_put(container_of(c, struct sock, c));
		return;
	}
	if (refcount_dec_and_test(&c->refs))
		c->prot->free_mini(c);
}

void sock_orphan(struct sock *sk)
{
	spin_lock_bh(&sk->slock);
	sock_set_flag(sk, SOCK_DEAD);
	rcu_assign_pointer(sk->socket, NULL);
	spin_unlock_bh(&sk->slock);
}

void sock_graft(struct sock *sk, struct socket *parent)
{
	spin_lock_bh(&sk->slock);
	parent->sk = sk;
	rcu_assign_pointer(sk->socket, parent);
	spin_unlock_bh(&sk->slock);
}

/* Close of sockets without a protocol's own shutdown conversation. */
void sk_common_release(struct sock *sk)
{
	if (sk->sk_prot->destroy)
		sk->sk_prot->destroy(sk);
	sk->sk_prot->unhash(sk);
	sock_orphan(sk);
	sock_put(sk);
}
