/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The receive queue of a UDP socket. All its accounting is done under the
 * queue's own lock, where enqueue and dequeue are anyway: packets on it have no
 * destructor, and the protocol's memory (udp_mem) is reserved page-wise.
 *
 * A packet of several datagrams (GRO, or a large send that came whole) stays
 * whole; the datagrams are cut off it when they are read, which costs neither
 * memory nor a copy. Its memory counts until the last one is gone.
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

static u32 udp_payload(const struct sk_buff *skb)
{
	return skb->len - (u32)sizeof(struct udphdr);
}

/* Length of the datagram at `off`. */
static u32 udp_datagram_len(const struct sock *sk, const struct sk_buff *skb,
			    u32 off)
{
	u32 left = udp_payload(skb) - off;

	if (likely(!skb_is_gso(skb)) || udp_sk(sk)->gro_enabled)
		return left;
	return min_t(u32, left, skb_shinfo(skb)->gso_size);
}

/* Datagrams in a packet, for counters. */
static u32 udp_datagrams(const struct sock *sk, const struct sk_buff *skb)
{
	if (likely(!skb_is_gso(skb)) || udp_sk(sk)->gro_enabled)
		return 1;
	return DIV_ROUND_UP(udp_payload(skb), (u32)skb_shinfo(skb)->gso_size);
}

static void udp_count_drop(struct sock *sk, const struct sk_buff *skb,
			   enum skb_drop_reason why)
{
	struct net *net = sock_net(sk);
	u32 n = udp_datagrams(sk, skb);

	if (why == SKB_DROP_REASON_UDP_CSUM)
		NET_ADD_STATS(net, Udp, InCsumErrors, n);
	if (why == SKB_DROP_REASON_SOCKET_RCVBUF)
		NET_ADD_STATS(net, Udp, RcvbufErrors, n);
	if (why == SKB_DROP_REASON_PROTO_MEM)
		NET_ADD_STATS(net, Udp, MemErrors, n);
	NET_ADD_STATS(net, Udp, InErrors, n);
	__atomic_fetch_add(&sk->drops, n, __ATOMIC_RELAXED);
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
	udp_count_drop(sk, skb, why);
	kfree_skb_reason(skb, why);
}

/* The packet leaves the queue. Its lock held. */
static void udp_unlink(struct sock *sk, struct sk_buff *skb)
{
	if (skb_peek(&sk->receive_queue) == skb)
		udp_sk(sk)->head_off = 0;
	__skb_unlink(skb, &sk->receive_queue);
	udp_uncharge(sk, skb->truesize);
}

/* The datagram that byte *peek of what is queued lies in. */
static void peek_at(struct sock *sk, s32 *peek, struct udp_datagram *d)
{
	u32 off = udp_sk(sk)->head_off;
	struct sk_buff *skb;

	d->skb = NULL;
	skb_queue_walk(&sk->receive_queue, skb) {
		do {
			u32 len = udp_datagram_len(sk, skb, off);

			if (*peek <= 0 || (u32)*peek < len || !len) {
				*d = (struct udp_datagram){ skb_get(skb), off,
							    len };
				return;
			}
			*peek -= (s32)len;
			off += len;
		} while (off < udp_payload(skb));
		off = 0;
	}
}

/* The next one; of several in a packet only the last takes it along. */
static void take_first(struct sock *sk, struct udp_datagram *d)
{
	struct sk_buff *skb = skb_peek(&sk->receive_queue);

	d->skb = skb;
	if (unlikely(!skb))
		return;
	d->off = udp_sk(sk)->head_off;
	d->len = udp_datagram_len(sk, skb, d->off);
	if (likely(d->off + d->len == udp_payload(skb))) {
		udp_unlink(sk, skb);
	} else {
		udp_sk(sk)->head_off = d->off + d->len;
		skb_get(skb);
	}
}

bool udp_dequeue(struct sock *sk, int flags, s32 *peek, struct udp_datagram *d)
{
	struct sk_buff_head *q = &sk->receive_queue;

	if (skb_queue_empty(q))
		return false;
	spin_lock_bh(&q->lock);
	if (unlikely(flags & MSG_PEEK))
		peek_at(sk, peek, d);
	else
		take_first(sk, d);
	spin_unlock_bh(&q->lock);
	return d->skb;
}

/* --- datagrams on loan ---------------------------------------------------- */

static void udp_rfree(struct sk_buff *skb)
{
	struct sock *sk = skb->sk;

	spin_lock_bh(&sk->receive_queue.lock);
	udp_uncharge(sk, skb->truesize);
	spin_unlock_bh(&sk->receive_queue.lock);
}

int udp_lend(struct sock *sk, struct udp_datagram *d, struct sockmsg *m, u32 len)
{
	struct sk_buff *skb = d->skb;

	if (!udp_checksum_ok(skb))
		return -EINVAL;
	if (unlikely(d->len != udp_payload(skb))) {
		/* others of the packet are still on the queue */
		skb = skb_clone(skb);
		if (!skb)
			return -ENOMEM;
		consume_skb(d->skb);
		d->skb = skb;
	}
	if (sk_loan_add(m->loan, sk, skb, (u32)sizeof(struct udphdr) + d->off,
			len) < len)
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
			udp_unlink(sk, skb);
			last = false;
		}
		spin_unlock_bh(&q->lock);
	}
	if (!last)
		consume_skb(skb);	/* the peek's reference */
	udp_count_drop(sk, skb, SKB_DROP_REASON_UDP_CSUM);
	kfree_skb_reason(skb, SKB_DROP_REASON_UDP_CSUM);
}

void udp_flush_receive(struct sock *sk)
{
	struct udp_datagram d;
	s32 peek = 0;

	while (udp_dequeue(sk, 0, &peek, &d))
		kfree_skb_reason(d.skb, SKB_DROP_REASON_SOCKET_CLOSE);
	spin_lock_bh(&sk->receive_queue.lock);
	sk_mem_reclaim(sk);
	spin_unlock_bh(&sk->receive_queue.lock);
}

int udp_first_packet_length(struct sock *sk)
{
	struct udp_datagram d;

	for (;;) {
		s32 peek = 0;

		if (!udp_dequeue(sk, MSG_PEEK, &peek, &d))
			return -1;
		if (likely(udp_checksum_ok(d.skb)))
			break;
		udp_kill_datagram(sk, d.skb, MSG_PEEK);
	}
	consume_skb(d.skb);
	return (int)d.len;
}
