/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tasks that wait on a sock sleep on its socket's wait queue, the sock
 * released meanwhile. A wake-up carries EPOLL bits; who waits for data is not
 * disturbed by free send room and the other way round.
 */
#include "sock/sock_input.h"

#include "base/lock.h"

#define WAKE_ALWAYS	(EPOLLERR | EPOLLHUP | EPOLLRDHUP)

static int reader_wake(struct wait_queue_entry *e, u32 key)
{
	if (key && !(key & (EPOLLIN | EPOLLPRI | WAKE_ALWAYS)))
		return 0;
	return autoremove_wake_function(e, key);
}

/* In ns; a deadline of 0 was in the past from the start. */
static bool deadline_passed(ktime_t deadline)
{
	return deadline != KTIME_MAX && deadline <= ktime_get();
}

static int wait_result(int err)
{
	return err == -ETIME ? 0 : err;
}

int sk_wait_event(struct sock *sk, ktime_t deadline,
		  bool (*cond)(struct sock *sk))
{
	struct wait_queue_entry w;
	int err = 0;

	if (cond(sk))
		return 0;
	if (!deadline)
		return -EAGAIN;
	init_wait(&w);
	while (!err) {
		prepare_to_wait(&sk->socket->wq, &w);
		if (cond(sk))
			break;
		if (deadline_passed(deadline)) {
			err = -EAGAIN;
			break;
		}
		release_sock(sk);
		err = wait_result(schedule_until(deadline));
		lock_sock(sk);
	}
	finish_wait(&sk->socket->wq, &w);
	return err == -EINTR && cond(sk) ? 0 : err;
}

static bool sk_has_new_data(const struct sock *sk, const struct sk_buff *last)
{
	return skb_peek_tail(&sk->receive_queue) != last || READ_ONCE(sk->err) ||
	       READ_ONCE(sk->shutdown) & RCV_SHUTDOWN || sock_flag(sk, SOCK_DONE);
}

int sk_wait_data(struct sock *sk, ktime_t deadline, const struct sk_buff *last)
{
	struct wait_queue_entry w;
	int err = 0;

	if (sk_has_new_data(sk, last))
		return 0;
	if (!deadline)
		return -EAGAIN;
	init_wait(&w);
	w.func = reader_wake;
	prepare_to_wait(&sk->socket->wq, &w);
	release_sock(sk);	/* may bring data from the backlog */
	if (sk_has_new_data(sk, last))
		;
	else if (deadline_passed(deadline))
		err = -EAGAIN;
	else
		err = wait_result(schedule_until(deadline));
	lock_sock(sk);
	finish_wait(&sk->socket->wq, &w);
	return err;
}

/*
 * For datagram readers, who do not own the sock. Exclusive: one packet wakes
 * one of several readers.
 */
int sk_wait_packet(struct sock *sk, ktime_t deadline,
		   bool (*ready)(struct sock *sk))
{
	struct wait_queue_head *wq = &sk->socket->wq;
	struct wait_queue_entry w;
	int err = 0;

	if (!deadline || deadline_passed(deadline))
		return -EAGAIN;
	init_wait(&w);
	w.func = reader_wake;
	prepare_to_wait_exclusive(wq, &w);
	if (!ready(sk))
		err = wait_result(schedule_until(deadline));
	finish_wait(wq, &w);
	/* The packet woke us and nobody else: it must be taken. */
	return err == -EINTR && ready(sk) ? 0 : err;
}

int sock_error(struct sock *sk)
{
	if (likely(!READ_ONCE(sk->err)))
		return 0;
	return -(int)__atomic_exchange_n(&sk->err, 0, __ATOMIC_RELAXED);
}
