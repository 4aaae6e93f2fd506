/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The top of the receive path: a packet that has found its socket goes through
 * the socket's filter and its receive buffer onto sk_receive_queue, and
 * whoever waits is told (sk_data_ready). Datagram readers take it from there,
 * by the packet; the error queue is read the same way with MSG_ERRQUEUE.
 */
#include "sock/sock.h"

#include "sock/filter.h"
#include "sock/sock_input.h"

/* --- up-calls --------------------------------------------------------------- */

/* The socket may go any time but stays in memory for an RCU section. */
static void sock_wake(struct sock *sk, u32 key)
{
	struct socket *s;

	rcu_read_lock();
	s = rcu_dereference(sk->socket);
	if (s)
		wake_up_poll(&s->wq, key);
	rcu_read_unlock();
}

/*
 * The trace wants the packet. A stream's queue cannot change here (slock or
 * owner); a datagram may have been read and freed by now, so its number was
 * noted when it was queued.
 */
static u64 newest_packet(const struct sock *sk)
{
	const struct sk_buff *skb;

	if (!sk->sk_prot->connection_based)
		return READ_ONCE(sk->rx_packet);
	skb = skb_peek_tail(&sk->receive_queue);
	return skb ? skb->id : 0;
}

void sock_def_readable(struct sock *sk)
{
	trace_stage(STAGE_sk_data_ready, newest_packet(sk), 0);
	sock_wake(sk, EPOLLIN | EPOLLPRI | EPOLLRDNORM | EPOLLRDBAND);
}

void sock_def_error_report(struct sock *sk)
{
	sock_wake(sk, EPOLLERR);
}

/* Everybody looks at the state: also exclusive waiters. */
void sock_def_wakeup(struct sock *sk)
{
	struct socket *s;

	rcu_read_lock();
	s = rcu_dereference(sk->socket);
	if (s) {
		u32 key = EPOLLOUT | EPOLLWRNORM | EPOLLIN | EPOLLRDNORM;

		if (sk->shutdown & RCV_SHUTDOWN)
			key |= EPOLLRDHUP;
		if (sk->sk_state == TCP_CLOSE || sk->shutdown == SHUTDOWN_MASK)
			key |= EPOLLHUP;
		if (READ_ONCE(sk->err))
			key |= EPOLLERR;
		wake_up_all_poll(&s->wq, key);
	}
	rcu_read_unlock();
}

/* Wakes writers if one has said that it waits. */
static void wake_writers(struct sock *sk)
{
	struct socket *s;

	rcu_read_lock();
	s = rcu_dereference(sk->socket);
	if (s && READ_ONCE(s->flags) & SOCK_F_NOSPACE) {
		__atomic_fetch_and(&s->flags, ~SOCK_F_NOSPACE, __ATOMIC_RELAXED);
		wake_up_poll(&s->wq, EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
	}
	rcu_read_unlock();
}

/* Datagrams: not before half of the buffer is free. */
void sock_def_write_space(struct sock *sk)
{
	smp_mb();	/* against the writer: sets NOSPACE, then looks */
	if ((s64)READ_ONCE(sk->wmem_alloc) * 2 <= READ_ONCE(sk->sndbuf))
		wake_writers(sk);
}

void sk_stream_write_space(struct sock *sk)
{
	smp_mb();
	if (sk_stream_is_writeable(sk))
		wake_writers(sk);
}

/* --- queueing ---------------------------------------------------------------- */

int sock_queue_rcv_skb(struct sock *sk, struct sk_buff *skb,
		       enum skb_drop_reason *why)
{
	if (sk->filter && !sk_filter(sk, skb)) {
		*why = SKB_DROP_REASON_SOCKET_FILTER;
		return -EPERM;
	}
	if (sk_rmem_alloc_get(sk) >= (u32)READ_ONCE(sk->rcvbuf)) {
		__atomic_fetch_add(&sk->drops, 1, __ATOMIC_RELAXED);
		*why = SKB_DROP_REASON_SOCKET_RCVBUF;
		return -ENOMEM;
	}
	skb_set_owner_r(skb, sk);
	skb_dst_drop(skb);
	sock_skb_set_dropcount(sk, skb);
	sock_skb_stamp(sk, skb);
	WRITE_ONCE(sk->rx_packet, skb->id);
	skb_stage(skb, STAGE_sk_receive_queue);
	spin_lock_bh(&sk->receive_queue.lock);
	__skb_queue_tail(&sk->receive_queue, skb);
	spin_unlock_bh(&sk->receive_queue.lock);
	if (!sock_flag(sk, SOCK_DEAD))
		sk->data_ready(sk);
	return 0;
}

/* On the error queue truesize counts to rmem_alloc, without protocol memory:
 * the queue is bounded by rcvbuf. */
static void sock_err_free(struct sk_buff *skb)
{
	__atomic_fetch_sub(&skb->sk->rmem_alloc, skb->truesize, __ATOMIC_RELAXED);
}

int sock_queue_err_skb(struct sock *sk, struct sk_buff *skb)
{
	if ((u64)sk_rmem_alloc_get(sk) + skb->truesize >=
	    (u32)READ_ONCE(sk->rcvbuf))
		return -ENOMEM;
	skb_orphan(skb);
	skb->sk = sk;
	skb->destructor = sock_err_free;
	__atomic_fetch_add(&sk->rmem_alloc, skb->truesize, __ATOMIC_RELAXED);
	skb_dst_drop(skb);
	spin_lock_bh(&sk->error_queue.lock);
	__skb_queue_tail(&sk->error_queue, skb);
	spin_unlock_bh(&sk->error_queue.lock);
	if (!sock_flag(sk, SOCK_DEAD))
		sk->error_report(sk);
	return 0;
}

/* --- datagram readers ----------------------------------------------------------- */

/*
 * With SO_PEEK_OFF a peek passes over *off bytes: whole packets that lie
 * before it are skipped, *off is what remains inside the found one.
 */
static struct sk_buff *peek_at(struct sk_buff_head *q, s32 *off)
{
	struct sk_buff *skb;

	skb_queue_walk(q, skb) {
		if (*off > 0 && (u32)*off >= skb->len && skb->len) {
			*off -= (s32)skb->len;
			continue;
		}
		return skb;
	}
	return NULL;
}

struct sk_buff *skb_try_recv_queue(struct sk_buff_head *q, int flags, s32 *off)
{
	struct sk_buff *skb;

	if (skb_queue_empty(q))
		return NULL;
	spin_lock_bh(&q->lock);
	if (flags & MSG_PEEK) {
		skb = peek_at(q, off);
		if (skb)
			skb_get(skb);
	} else {
		skb = __skb_dequeue(q);
	}
	spin_unlock_bh(&q->lock);
	return skb;
}

static bool datagram_ready(struct sock *sk)
{
	return !skb_queue_empty(&sk->receive_queue) || READ_ONCE(sk->err) ||
	       READ_ONCE(sk->shutdown) & RCV_SHUTDOWN;
}

/* What ends the wait for a packet on an empty queue; 0: nothing yet. */
int sock_recv_ended(struct sock *sk, bool *eof)
{
	int err = sock_error(sk);

	*eof = false;
	if (err)
		return err;
	if (READ_ONCE(sk->shutdown) & RCV_SHUTDOWN) {
		*eof = true;
		return -ESHUTDOWN;
	}
	/* Sequenced packets need a connection. */
	if (sk->type == SOCK_SEQPACKET && sk->sk_state != TCP_ESTABLISHED)
		return -ENOTCONN;
	return 0;
}

struct sk_buff *skb_recv_datagram(struct sock *sk, int flags, int *err)
{
	ktime_t deadline = sock_rcv_deadline(sk, flags & MSG_DONTWAIT);
	struct sk_buff *skb;
	bool eof;

	for (;;) {
		s32 off = max_t(s32, sk->peek_off, 0);

		*err = sock_error(sk);
		if (*err)
			return NULL;
		skb = skb_try_recv_queue(&sk->receive_queue, flags, &off);
		if (skb)
			return skb;
		/* Linux: who does not wait is not told of the end, either. */
		*err = flags & MSG_DONTWAIT ? -EAGAIN :
					      sock_recv_ended(sk, &eof);
		if (*err == -EAGAIN)
			return NULL;
		if (*err) {
			if (eof)
				*err = 0;
			return NULL;
		}
		*err = sk_wait_packet(sk, deadline, datagram_ready);
		if (*err)
			return NULL;
	}
}

u32 datagram_poll(struct sock *sk)
{
	u32 mask = 0;

	if (READ_ONCE(sk->err) || !skb_queue_empty(&sk->error_queue))
		mask |= EPOLLERR | (sock_flag(sk, SOCK_SELECT_ERR_QUEUE) ?
				    EPOLLPRI : 0);
	if (READ_ONCE(sk->shutdown) & RCV_SHUTDOWN)
		mask |= EPOLLRDHUP | EPOLLIN | EPOLLRDNORM;
	if (READ_ONCE(sk->shutdown) == SHUTDOWN_MASK)
		mask |= EPOLLHUP;
	if (!skb_queue_empty(&sk->receive_queue))
		mask |= EPOLLIN | EPOLLRDNORM;
	return mask | sock_poll_writeable(sk);
}

/* Says that somebody waits if there is no room, then looks again. */
u32 sock_poll_writeable(struct sock *sk)
{
	const u32 out = EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
	struct socket *s = sk->socket;

	if (sock_writeable(sk))
		return out;
	if (s)
		__atomic_fetch_or(&s->flags, SOCK_F_NOSPACE, __ATOMIC_RELAXED);
	smp_mb();
	return sock_writeable(sk) ? out : 0;
}
