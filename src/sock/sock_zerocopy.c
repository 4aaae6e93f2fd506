/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MSG_ZEROCOPY. The program's memory is not the stack's to keep (it may be
 * another process's), so a send with the flag copies like any other, and its
 * completion is queued at once and says so (SO_EE_CODE_ZEROCOPY_COPIED), as
 * Linux does when a device cannot do better. Completions of successive sends
 * are merged into one range while nobody has read them.
 */
#include "sock/sockopt.h"

#include "sock/sock_input.h"

/* Extends the last message of the queue by `id`. */
static bool extend_last(struct sock *sk, u32 id)
{
	struct sk_buff_head *q = &sk->error_queue;
	struct sock_extended_err *ee;
	struct sk_buff *tail;
	bool done = false;

	spin_lock_bh(&q->lock);
	tail = skb_peek_tail(q);
	if (tail) {
		ee = &SKB_EXT_ERR(tail)->ee;
		done = ee->ee_origin == SO_EE_ORIGIN_ZEROCOPY &&
		       ee->ee_data + 1 == id;
		if (done)
			ee->ee_data = id;
	}
	spin_unlock_bh(&q->lock);
	return done;
}

void sock_zerocopy_done(struct sock *sk)
{
	u32 id = __atomic_fetch_add(&sk->zckey, 1, __ATOMIC_RELAXED);
	struct sk_buff *skb;

	if (extend_last(sk, id)) {
		sk->error_report(sk);
		return;
	}
	skb = alloc_skb(0);
	if (!skb)
		return;
	memset(skb->cb, 0, sizeof(skb->cb));
	SKB_EXT_ERR(skb)->ee = (struct sock_extended_err) {
		.ee_origin = SO_EE_ORIGIN_ZEROCOPY,
		.ee_code = SO_EE_CODE_ZEROCOPY_COPIED,
		.ee_info = id, .ee_data = id,
	};
	if (sock_queue_err_skb(sk, skb))
		kfree_skb_reason(skb, SKB_DROP_REASON_SOCKET_RCVBUF);
}
