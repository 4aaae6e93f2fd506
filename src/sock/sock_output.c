/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way down from the system call: sock_sendmsg (user floor) calls the
 * family's sendmsg, which for AF_INET gives the socket a local port if it has
 * none and hands over to the protocol. Datagram protocols get their packets
 * from sock_alloc_send_skb, where a writer waits for room in the send buffer.
 */
#include "sock/inet_common.h"
#include "sock/sock_input.h"
#include "sock/sock_mem.h"

ssize_t inet_sendmsg(struct socket *s, struct sockmsg *m, size_t len)
{
	struct sock *sk = s->sk;
	int err;

	trace_stage(STAGE_inet_sendmsg, 0, (u32)min(len, (size_t)UINT32_MAX));
	if (!READ_ONCE(sk->c.num) && !sk->sk_prot->connection_based) {
		err = inet_autobind(sk);
		if (err)
			return err;
	}
	return sk->sk_prot->sendmsg(sk, m, len);
}

static bool send_room(const struct sock *sk)
{
	return sk_wmem_alloc_get(sk) < (u32)READ_ONCE(sk->sndbuf);
}

/* 0: look again; -EAGAIN, -EINTR. */
static int sock_wait_for_wmem(struct sock *sk, ktime_t deadline)
{
	struct socket *s = sk->socket;
	struct wait_queue_entry w;
	int err = 0;

	if (!deadline || (deadline != KTIME_MAX && deadline <= ktime_get()))
		return -EAGAIN;
	init_wait(&w);
	prepare_to_wait(&s->wq, &w);
	__atomic_fetch_or(&s->flags, SOCK_F_NOSPACE, __ATOMIC_RELAXED);
	smp_mb();
	if (!send_room(sk) && !READ_ONCE(sk->err) &&
	    !(READ_ONCE(sk->shutdown) & SEND_SHUTDOWN))
		err = schedule_until(deadline);
	finish_wait(&s->wq, &w);
	return err == -ETIME ? 0 : err;
}

struct sk_buff *sock_alloc_send_skb(struct sock *sk, u32 size, bool nonblock,
				    int *err)
{
	ktime_t deadline = 0;
	struct sk_buff *skb;

	for (;;) {
		*err = sock_error(sk);
		if (*err)
			return NULL;
		if (READ_ONCE(sk->shutdown) & SEND_SHUTDOWN) {
			*err = -EPIPE;
			return NULL;
		}
		if (likely(send_room(sk)))
			break;
		if (!nonblock && !deadline)
			deadline = sock_snd_deadline(sk, false);
		if (nonblock && sk->socket)
			__atomic_fetch_or(&sk->socket->flags, SOCK_F_NOSPACE,
					  __ATOMIC_RELAXED);
		*err = sock_wait_for_wmem(sk, deadline);
		if (*err)
			return NULL;
	}
	skb = alloc_skb(size);
	if (!skb) {
		*err = -ENOBUFS;
		return NULL;
	}
	skb_set_owner_w(skb, sk);
	return skb;
}
