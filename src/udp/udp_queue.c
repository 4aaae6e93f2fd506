/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The receive queue of a UDP socket. All its accounting is done under the
 * queue's own lock, where enqueue and dequeue are anyway: packets on it have no
 * destructor, and the protocol's memory (udp_mem) is reserved page-wise.
 */
#include "udp/udp_sock.h"

#include "sock/filter.h"
#include "sock/loan.h"
#include "sock/sock_mem.h"

static void udp_uncharge(struct sock *sk, u32 size)
{
	__atomic_fetch_sub(&sk->rmem_alloc, size, __ATOMIC_RELAXED);
	sk_mem_uncharge(sk, size);
}

/* Queue's lock held. */
static enum skb_drop_reason udp_charge(struct sock *sk, u32 size)
{
	if (!sk_rmem_schedule(sk, size))
		return SKB_DROP_REASON_PROTO_MEM;
	__atomic_fetch_add(&sk->rmem_alloc, size, __ATOMIC_RELAXED);
	sk->forward_alloc -= size;
	return SKB_NOT_DROPPED_YET;
}

/* SO_INCOMING_CPU, SO_INCOMING_NAPI_ID */
static void udp_note_origin(struct sock *sk, const struct sk_buff *skb)
{
	u32 cpu = this_percpu()->id;

	if (unlikely(READ_ONCE(sk->incoming_cpu) != cpu))
		WRITE_ONCE(sk->incoming_cpu, cpu);
	if (unlikely(READ_ONCE(sk->napi_id) != skb->napi_id))
		WRITE_ONCE(sk->napi_id, skb->napi_id);
}

/* On anything but NOT_DROPPED_YET the packet is still the caller's. */
static enum skb_drop_reason udp_enqueue(struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff_head *q = &sk->receive_queue;
	enum skb_drop_reason why;

	/* One packet more than the buffer holds is taken, whatever its size. */
	if (sk_rmem_alloc_get(sk) > (u32)READ_ONCE(sk->rcvbuf))
		return SKB_DROP_REASON_SOCKET_RCVBUF;
	udp_note_origin(sk, skb);
	skb_orphan(skb);
	skb_dst_drop(skb);
	sock_skb_set_dropcount(sk, skb);
	sock_skb_stamp(sk, skb);
	WRITE_ONCE(sk->rx_packet, skb->id);
	skb_stage(skb, STAGE_sk_receive_queue);
	spin_lock_bh(&q->lock);
	why = udp_charge(sk, skb->truesize);
	if (likely(!why))
		__skb_queue_tail(q, skb);
	spin_unlock_bh(&q->lock);
	if (likely(!why) && !sock_flag(sk, SOCK_DEAD))
		sk->data_ready(sk);
	return why;
}

static void udp_count_drop(struct sock *sk, enum skb_drop_reason why)
{
	struct net *net = sock_net(sk);

	if (why == SKB_DROP_REASON_UDP_CSUM)
		NET_INC_STATS(net, Udp, InCsumErrors);
	if (why == SKB_DROP_REASON_SOCKET_RCVBUF)
		NET_INC_STATS(net, Udp, RcvbufErrors);
	if (why == SKB_DROP_REASON_PROTO_MEM)
		NET_INC_STATS(net, Udp, MemErrors);
	NET_INC_STATS(net, Udp, InErrors);
	__atomic_fetch_add(&sk->drops, 1, __ATOMIC_RELAXED);
}

void udp_queue_rcv_skb(struct sock *sk, struct sk_buff *skb)
{
	enum skb_drop_reason why = SKB_NOT_DROPPED_YET;

	if (unlikely(READ_ONCE(sk->filter))) {
		if (!udp_checksum_ok(skb))
			why = SKB_DROP_REASON_UDP_CSUM;
		else if (!sk_filter(sk, skb))
			why = SKB_DROP_REASON_SOCKET_FILTER;
	}
	if (unlikely(ip_hdr(skb)->ttl < sk->min_ttl))
		why = SKB_DROP_REASON_SOCKET_FILTER;
	if (likely(!why)) {
		ip_pktinfo_prepare(sk, skb);
		why = udp_enqueue(sk, skb);
	}
	if (likely(!why))
		return;
	udp_count_drop(sk, why);
	kfree_skb_reason(skb, why);
}

static struct sk_buff *peek_at(struct sk_buff_head *q, s32 *off)
{
	struct sk_buff *skb;

	skb_queue_walk(q, skb) {
		u32 payload = skb->len - (u32)sizeof(struct udphdr);

		if (*off > 0 && (u32)*off >= payload && payload) {
			*off -= (s32)payload;
			continue;
		}
		return skb_get(skb);
	}
	return NULL;
}

struct sk_buff *udp_dequeue(struct sock *sk, int flags, s32 *off)
{
	struct sk_buff_head *q = &sk->receive_queue;
	struct sk_buff *skb;

	if (skb_queue_empty(q))
		return NULL;
	spin_lock_bh(&q->lock);
	if (unlikely(flags & MSG_PEEK)) {
		skb = peek_at(q, off);
	} else {
		skb = __skb_dequeue(q);
		if (skb)
			udp_uncharge(sk, skb->truesize);
	}
	spin_unlock_bh(&q->lock);
	return skb;
}

/* --- datagrams on loan ---------------------------------------------------- */

static void udp_rfree(struct sk_buff *skb)
{
	struct sock *sk = skb->sk;

	spin_lock_bh(&sk->receive_queue.lock);
	udp_uncharge(sk, skb->truesize);
	spin_unlock_bh(&sk->receive_queue.lock);
}

int udp_lend(struct sock *sk, struct sk_buff *skb, struct sockmsg *m, u32 len)
{
	if (!udp_checksum_ok(skb))
		return -EINVAL;
	if (sk_loan_add(m->loan, sk, skb, sizeof(struct udphdr), len) < len)
		m->flags |= MSG_TRUNC;
	spin_lock_bh(&sk->receive_queue.lock);
	__atomic_fetch_add(&sk->rmem_alloc, skb->truesize, __ATOMIC_RELAXED);
	sk_mem_charge(sk, skb->truesize);
	spin_unlock_bh(&sk->receive_queue.lock);
	skb->sk = sk;
	skb->destructor = udp_rfree;
	return 0;
}

/* What is reserved and unused goes with the sock, by udp_flush_receive. */
void udp_loan_returned(struct sock *sk, size_t len)
{
}

void udp_kill_datagram(struct sock *sk, struct sk_buff *skb, int flags)
{
	struct sk_buff_head *q = &sk->receive_queue;
	bool last = true;

	if (flags & MSG_PEEK) {
		spin_lock_bh(&q->lock);
		if (skb->next) {	/* nobody has taken it meanwhile */
			__skb_unlink(skb, q);
			udp_uncharge(sk, skb->truesize);
			last = false;
		}
		spin_unlock_bh(&q->lock);
	}
	if (!last)
		consume_skb(skb);	/* the peek's reference */
	udp_count_drop(sk, SKB_DROP_REASON_UDP_CSUM);
	kfree_skb_reason(skb, SKB_DROP_REASON_UDP_CSUM);
}

void udp_flush_receive(struct sock *sk)
{
	struct sk_buff *skb;
	s32 off = 0;

	while ((skb = udp_dequeue(sk, 0, &off)))
		kfree_skb_reason(skb, SKB_DROP_REASON_SOCKET_CLOSE);
	spin_lock_bh(&sk->receive_queue.lock);
	sk_mem_reclaim(sk);
	spin_unlock_bh(&sk->receive_queue.lock);
}

int udp_first_packet_length(struct sock *sk)
{
	struct sk_buff *skb;
	int len;

	for (;;) {
		s32 off = 0;

		skb = udp_dequeue(sk, MSG_PEEK, &off);
		if (!skb)
			return -1;
		if (likely(udp_checksum_ok(skb)))
			break;
		udp_kill_datagram(sk, skb, MSG_PEEK);
	}
	len = (int)(skb->len - sizeof(struct udphdr));
	consume_skb(skb);
	return len;
}
