/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Passive open (RFC 9293 3.10.1, 3.10.7.2): the listener, its requests and its
 * accept queue.
 *
 *	SYN -> request_sock in ehash, SYN-ACK, timer    (SYN queue: `qlen`)
 *	ACK -> tcp_check_req: child in ehash instead, request on the accept
 *	       queue (`ack_backlog`) -> accept()
 *
 * A request holds its listener. Two references keep a request: that of ehash
 * and that of the timer. The listener's slock is not needed for any of this;
 * accept_queue.lock guards the accept queue.
 */
#include "tcp/tcp_out.h"

#include "base/random.h"
#include "base/slab.h"
#include "inet/route.h"

/* --- requests ------------------------------------------------------------------ */

static void reqsk_free_rcu(struct rcu_head *head)
{
	kfree(container_of(head, struct request_sock, c.rcu));
}

/* The last reference went. */
void tcp_reqsk_free_now(struct request_sock *req)
{
	kfree(req->opt);
	kfree(req->saved_syn);
	dst_release(req->dst);
	sock_put(req->listener);
	call_rcu(&req->c.rcu, reqsk_free_rcu);
}

void reqsk_put(struct request_sock *req)
{
	if (refcount_dec_and_test(&req->c.refs))
		tcp_reqsk_free_now(req);
}

/* One reference. */
struct request_sock *tcp_reqsk_alloc(struct sock *listener)
{
	struct request_sock *req = kzalloc(sizeof(*req));

	if (!req)
		return NULL;
	req->c.state = TCP_NEW_SYN_RECV;
	req->c.family = listener->c.family;
	req->c.net = sock_net(listener);
	req->c.prot = listener->sk_prot;
	req->c.num = listener->c.num;
	req->c.reuse = listener->c.reuse;
	req->c.reuseport = listener->c.reuseport;
	refcount_set(&req->c.refs, 1);
	sock_hold(listener);
	req->listener = listener;
	return req;
}

/* --- the SYN queue ----------------------------------------------------------------- */

/* RFC9293 3.8.1: the SYN-ACK is a segment like others. */
static void rtx_synack(struct sock *sk, struct request_sock *req)
{
	if (tcp_v4_send_synack(sk, NULL, req, false))
		return;
	NET_INC_STATS(sock_net(sk), Tcp, RetransSegs);
	NET_INC_STATS(sock_net(sk), TcpExt, TCPSynRetrans);
	req->num_retrans++;
}

static ktime_t reqsk_timeout(const struct request_sock *req)
{
	ktime_t max = tcp_sk(req->listener)->rto_max;
	u32 shift = min_t(u32, req->num_timeout, 20);

	return min_t(ktime_t, req->timeout << shift, max);
}

/* TCP_DEFER_ACCEPT: SYN-ACKs sent within so many seconds, as they back off. */
u32 tcp_defer_tries(const struct tcp_sock *tp)
{
	u32 n = 0, step = 1, total = 1;

	if (!tp->defer_accept_s)
		return 0;
	for (n = 1; total < tp->defer_accept_s && n < 255; n++) {
		step = min_t(u32, step << 1, TCP_RTO_MAX / NSEC_PER_SEC);
		total += step;
	}
	return n;
}

/* When the queue is half full, requests get fewer tries the fuller it is. */
static u32 synack_tries(const struct sock *sk, u32 qlen)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 tries = tp->syn_retries ? tp->syn_retries :
		    tcp_net(sk)->synack_retries;
	u32 young;

	if (qlen << 1 <= max_t(u32, 8, READ_ONCE(sk->max_ack_backlog)))
		return tries;
	young = READ_ONCE(tp->accept_queue->young) << 1;
	while (tries > 2 && qlen >= young) {
		tries--;
		young <<= 1;
	}
	return tries;
}

static void reqsk_timer_over(struct request_sock *req)
{
	tcp_reqsk_drop(req);
	reqsk_put(req);		/* the timer's */
}

/* Softirq. An acknowledged request (TCP_DEFER_ACCEPT waits for data) is asked
 * again only when its time is up. */
static void reqsk_timer(struct timer_list *t)
{
	struct request_sock *req = container_of(t, struct request_sock, timer);
	struct sock *sk = req->listener;
	struct tcp_sock *tp = tcp_sk(sk);
	u32 tries, defer = tcp_defer_tries(tp);
	bool expire, resend;

	if (READ_ONCE(sk->sk_state) != TCP_LISTEN) {
		reqsk_timer_over(req);
		return;
	}
	tries = synack_tries(sk, READ_ONCE(tp->accept_queue->qlen));
	expire = req->num_timeout >= tries;
	resend = true;
	if (defer) {
		expire = expire && (!req->acked || req->num_timeout >= defer);
		resend = !req->acked || req->num_timeout + 1u >= defer;
	}
	if (expire) {
		reqsk_timer_over(req);
		return;
	}
	if (resend)
		rtx_synack(sk, req);
	if (req->num_timeout++ == 0)
		__atomic_fetch_sub(&tp->accept_queue->young, 1,
				   __ATOMIC_RELAXED);
	/* It may have been taken out meanwhile: then nobody re-arms. */
	if (READ_ONCE(req->queued))
		mod_timer(&req->timer,
			  ktime_to_jiffies(ktime_get() + reqsk_timeout(req)) + 1);
	else
		reqsk_put(req);
}

bool tcp_reqsk_hash_add(struct sock *sk, struct request_sock *req, ktime_t to)
{
	struct tcp_sock *tp = tcp_sk(sk);

	req->timeout = to;
	req->num_timeout = 0;
	req->c.hash = inet_ehashfn(req->c.net, &req->c.rcv_saddr, req->c.num,
				   &req->c.daddr, req->c.dport, req->c.family);
	timer_setup(&req->timer, reqsk_timer);
	refcount_set(&req->c.refs, 3);	/* ehash, timer, caller */
	WRITE_ONCE(req->queued, true);
	if (!inet_ehash_insert(&req->c, NULL)) {
		refcount_set(&req->c.refs, 1);
		req->queued = false;
		return false;
	}
	__atomic_fetch_add(&tp->accept_queue->qlen, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&tp->accept_queue->young, 1, __ATOMIC_RELAXED);
	mod_timer(&req->timer, ktime_to_jiffies(ktime_get() + to) + 1);
	return true;
}

/* No longer in the SYN queue: counters and timer. True: it was. */
static bool reqsk_unqueue(struct request_sock *req)
{
	struct tcp_sock *tp = tcp_sk(req->listener);

	if (!__atomic_exchange_n(&req->queued, false, __ATOMIC_ACQ_REL))
		return false;
	__atomic_fetch_sub(&tp->accept_queue->qlen, 1, __ATOMIC_RELAXED);
	if (req->num_timeout == 0)
		__atomic_fetch_sub(&tp->accept_queue->young, 1,
				   __ATOMIC_RELAXED);
	if (del_timer(&req->timer))
		reqsk_put(req);
	return true;
}

bool tcp_reqsk_drop(struct request_sock *req)
{
	if (!reqsk_unqueue(req))
		return false;
	inet_ehash_remove(&req->c);
	reqsk_put(req);		/* ehash's */
	return true;
}

/* The child took its place in ehash already. */
bool tcp_reqsk_replaced(struct request_sock *req)
{
	if (!reqsk_unqueue(req))
		return false;
	reqsk_put(req);
	return true;
}

/* --- the accept queue ------------------------------------------------------------------- */

/* Takes over the caller's references of req and child. False: the listener
 * was closed. */
bool tcp_reqsk_queue_add(struct sock *sk, struct request_sock *req,
			 struct sock *child)
{
	struct tcp_sock *tp = tcp_sk(sk);
	bool ok = false;

	spin_lock(&tp->accept_queue->lock);
	if (likely(sk->sk_state == TCP_LISTEN)) {
		req->child = child;
		req->next = NULL;
		if (tp->accept_queue->tail)
			tp->accept_queue->tail->next = req;
		else
			WRITE_ONCE(tp->accept_queue->head, req);
		tp->accept_queue->tail = req;
		WRITE_ONCE(sk->ack_backlog, sk->ack_backlog + 1);
		ok = true;
	}
	spin_unlock(&tp->accept_queue->lock);
	return ok;
}

static struct request_sock *acceptq_take(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct request_sock *req;

	spin_lock_bh(&tp->accept_queue->lock);
	req = tp->accept_queue->head;
	if (req) {
		WRITE_ONCE(tp->accept_queue->head, req->next);
		if (!req->next)
			tp->accept_queue->tail = NULL;
		WRITE_ONCE(sk->ack_backlog, sk->ack_backlog - 1);
	}
	spin_unlock_bh(&tp->accept_queue->lock);
	return req;
}

static bool accept_ready(struct sock *sk)
{
	return READ_ONCE(tcp_sk(sk)->accept_queue->head) ||
	       READ_ONCE(sk->sk_state) != TCP_LISTEN;
}

/* Owner; released while it waits. The child's reference is the caller's. */
struct sock *tcp_accept(struct sock *sk, int flags, int *err)
{
	struct request_sock *req;
	struct sock *child;
	ktime_t deadline;

	*err = 0;
	deadline = sock_rcv_deadline(sk, flags & O_NONBLOCK);
	for (;;) {
		*err = -EINVAL;
		if (sk->sk_state != TCP_LISTEN)
			return NULL;
		req = acceptq_take(sk);
		if (req)
			break;
		*err = deadline ? sk_wait_event(sk, deadline, accept_ready) :
				  -EAGAIN;
		if (*err)
			return NULL;
	}
	*err = 0;
	child = req->child;
	req->child = NULL;
	reqsk_put(req);
	return child;
}

/* --- life of the queue ---------------------------------------------------------------------- */

/* Owner. NULL: no memory. */
struct tcp_accept_queue *tcp_accept_queue_get(struct tcp_sock *tp)
{
	if (!tp->accept_queue)
		tp->accept_queue = kzalloc(sizeof(*tp->accept_queue));
	return tp->accept_queue;
}

static void accept_queue_free_rcu(struct rcu_head *head)
{
	kfree(container_of(head, struct tcp_accept_queue, rcu));
}

/* Softirqs that found the listener may still look at it. */
void tcp_accept_queue_free(struct tcp_sock *tp)
{
	if (tp->accept_queue)
		call_rcu(&tp->accept_queue->rcu, accept_queue_free_rcu);
	tp->accept_queue = NULL;
}

/* --- listen and close -------------------------------------------------------------------- */

/* RFC7413 5.1: tcp_fastopen may switch it on for every listener. */
static void fastopen_default(struct sock *sk, int backlog)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if ((tcp_net(sk)->fastopen & 0x402) == 0x402 &&
	    !tp->accept_queue->fastopen_max)
		tp->accept_queue->fastopen_max = (u32)backlog;
}

int tcp_listen_start(struct sock *sk, int backlog)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 max = sock_net(sk)->sock->somaxconn;
	int err;

	WRITE_ONCE(sk->max_ack_backlog, min_t(u32, (u32)backlog, max));
	if (sk->sk_state == TCP_LISTEN)
		return 0;
	if (!(TCPF(sk->sk_state) & TCPF(TCP_CLOSE)))
		return -EINVAL;
	if (!tcp_accept_queue_get(tp))
		return -ENOMEM;
	fastopen_default(sk, backlog);
	sk->ack_backlog = 0;
	tp->ack.pending = 0;
	tcp_set_state(sk, TCP_LISTEN);
	err = inet_csk_get_port(sk, sk->c.num);
	if (!err) {
		sk->flow.sport = cpu_to_be16(sk->c.num);
		inet_flow_drop_route(&sk->flow);
		err = inet_hash(sk);
	}
	if (err) {
		tcp_set_state(sk, TCP_CLOSE);
		return err == -ENOMEM ? err : -EADDRINUSE;
	}
	return 0;
}

/* Nobody will ever accept it: RFC9293 3.10.4. */
static void forget_child(struct sock *child)
{
	lock_sock(child);
	local_bh_disable();
	tcp_disconnect(child, O_NONBLOCK);
	__atomic_fetch_add(&sock_net(child)->sock->orphans, 1,
			   __ATOMIC_RELAXED);
	sock_set_flag(child, SOCK_DEAD);
	tcp_destroy_sock(child);
	local_bh_enable();
	release_sock(child);
	sock_put(child);
}

/* The listener closes: what was not accepted is reset. Requests find out when
 * their next segment or timer comes. */
void tcp_listen_stop(struct sock *sk)
{
	struct request_sock *req;

	while ((req = acceptq_take(sk))) {
		struct sock *child = req->child;

		req->child = NULL;
		if (child) {
			/* destroy_sock drops one: the queue's */
			sock_hold(child);
			forget_child(child);
		}
		reqsk_put(req);
	}
}
