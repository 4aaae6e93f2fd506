/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lock of a sock. A task owns it (`owned`) and may sleep and be
 * interrupted; softirqs never wait for an owner: they take slock, see that the
 * sock is owned and leave the packet on the backlog. The owner drains the
 * backlog when it lets go, so that packets keep their order and none waits.
 */
#include "sock/sock.h"

#include "base/lock.h"

/* slock held, bh off; returns with both again. */
static void __lock_sock(struct sock *sk)
{
	struct wait_queue_entry w;

	init_wait(&w);
	while (sk->owned) {
		prepare_to_wait_exclusive(&sk->lock_wq, &w);
		if (!sk->owned)
			break;
		spin_unlock_bh(&sk->slock);
		schedule_until(KTIME_MAX);
		spin_lock_bh(&sk->slock);
	}
	finish_wait(&sk->lock_wq, &w);
}

void lock_sock(struct sock *sk)
{
	spin_lock_bh(&sk->slock);
	if (unlikely(sk->owned))
		__lock_sock(sk);
	WRITE_ONCE(sk->owned, true);
	spin_unlock_bh(&sk->slock);
}

/*
 * slock held; drops and takes it again. A peer could feed the backlog for
 * ever, but sk_add_backlog bounds each round: `len` is not reset before the
 * end, so what came meanwhile counts against the same limit.
 */
static void __release_sock(struct sock *sk)
{
	struct sk_buff *skb, *next;

	while ((skb = sk->backlog.head)) {
		sk->backlog.head = NULL;
		WRITE_ONCE(sk->backlog.tail, NULL);
		spin_unlock_bh(&sk->slock);
		for (; skb; skb = next) {
			next = skb->next;
			skb->next = NULL;
			skb_stage(skb, STAGE_release_sock);
			sk->sk_prot->backlog_rcv(sk, skb);
		}
		spin_lock_bh(&sk->slock);
	}
	WRITE_ONCE(sk->backlog.len, 0);
}

void release_sock(struct sock *sk)
{
	spin_lock_bh(&sk->slock);
	if (sk->backlog.tail)
		__release_sock(sk);
	if (sk->sk_prot->release_cb)
		sk->sk_prot->release_cb(sk);
	WRITE_ONCE(sk->owned, false);
	if (unlikely(waitqueue_active(&sk->lock_wq)))
		__wake_up(&sk->lock_wq, 1, 0);
	spin_unlock_bh(&sk->slock);
}

bool sk_flush_backlog(struct sock *sk)
{
	if (!READ_ONCE(sk->backlog.tail))
		return false;
	spin_lock_bh(&sk->slock);
	__release_sock(sk);
	spin_unlock_bh(&sk->slock);
	return true;
}

int sk_add_backlog(struct sock *sk, struct sk_buff *skb, u32 limit)
{
	u32 used = sk->backlog.len + sk_rmem_alloc_get(sk);

	if (used > limit)
		return -ENOBUFS;
	skb_dst_force(skb);
	skb->next = NULL;
	if (sk->backlog.tail)
		sk->backlog.tail->next = skb;
	else
		sk->backlog.head = skb;
	WRITE_ONCE(sk->backlog.tail, skb);
	WRITE_ONCE(sk->backlog.len, sk->backlog.len + skb->truesize);
	skb_stage(skb, STAGE_sk_add_backlog);
	return 0;
}
