/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * recvmsg, poll and ioctl of UDP. One datagram per call; what does not fit the
 * buffer is lost (MSG_TRUNC tells). A datagram whose checksum turns out wrong
 * while it is copied was never there: the reader waits for the next.
 */
#include "udp/udp_sock.h"

#define UDP_HLEN	((u32)sizeof(struct udphdr))

static bool udp_ready(struct sock *sk)
{
	return !skb_queue_empty(&sk->receive_queue) || READ_ONCE(sk->err) ||
	       READ_ONCE(sk->shutdown) & RCV_SHUTDOWN;
}

/* With SO_PEEK_OFF, packets that were peeked at already are not what a peek
 * waits for. */
static bool udp_peek_ready(struct sock *sk)
{
	s32 peek = max_t(s32, READ_ONCE(sk->peek_off), 0);
	struct udp_datagram d;
	bool found = udp_dequeue(sk, MSG_PEEK, &peek, &d);

	if (found)
		consume_skb(d.skb);
	return found || READ_ONCE(sk->err) ||
	       READ_ONCE(sk->shutdown) & RCV_SHUTDOWN;
}

/* The next datagram, waited for. False: *err, 0 at the end of receiving. */
static bool udp_recv_datagram(struct sock *sk, int flags, s32 *peek,
			      struct udp_datagram *d, int *err)
{
	ktime_t deadline = 0;
	bool eof;

	for (;;) {
		*peek = max_t(s32, READ_ONCE(sk->peek_off), 0);
		*err = sock_error(sk);
		if (unlikely(*err))
			return false;
		if (udp_dequeue(sk, flags, peek, d))
			return true;
		/* Linux: who does not wait is not told of the end, either. */
		*err = flags & MSG_DONTWAIT ? -EAGAIN :
					      sock_recv_ended(sk, &eof);
		if (*err == -EAGAIN)
			return false;
		if (*err) {
			if (eof)
				*err = 0;
			return false;
		}
		if (!deadline)
			deadline = sock_rcv_deadline(sk, flags & MSG_DONTWAIT);
		*err = sk_wait_packet(sk, deadline, flags & MSG_PEEK ?
				      udp_peek_ready : udp_ready);
		if (*err)
			return false;
	}
}

/* `copied` bytes from d->off + skip on. 0, -EFAULT, -EINVAL: checksum. */
static int udp_copy_out(const struct udp_datagram *d, struct sockmsg *m,
			u32 skip, u32 copied)
{
	struct sk_buff *skb = d->skb;
	u32 off = d->off + skip;

	if (skb_csum_unnecessary(skb))
		return skb_copy_datagram_iter(skb, UDP_HLEN + off, &m->iter,
					      copied);
	/* Only part of it goes out: the rest must be summed, too. */
	if (copied < d->len || off) {
		if (!udp_checksum_ok(skb))
			return -EINVAL;
		return skb_copy_datagram_iter(skb, UDP_HLEN + off, &m->iter,
					      copied);
	}
	return skb_copy_and_csum_datagram_iter(skb, UDP_HLEN, &m->iter);
}

static void udp_tell(struct sock *sk, struct sockmsg *m, struct sk_buff *skb)
{
	int size;

	sock_recv_cmsgs(m, sk, skb);
	ip_recv_name(m, ip_hdr(skb)->saddr, udp_hdr(skb)->source);
	if (unlikely(udp_sk(sk)->gro_enabled) && skb_is_gso(skb)) {
		size = skb_shinfo(skb)->gso_size;
		put_cmsg(m, SOL_UDP, UDP_GRO, sizeof(size), &size);
	}
	if (unlikely(sk->cmsg_flags))
		ip_cmsg_recv(m, sk, skb, (int)UDP_HLEN);
}

ssize_t udp_recvmsg(struct sock *sk, struct sockmsg *m, size_t len, int flags)
{
	struct net *net = sock_net(sk);
	struct udp_datagram d;
	struct sk_buff *skb;
	u32 skip, copied;
	s32 peek;
	int err;

	if (unlikely(flags & MSG_ERRQUEUE))
		return ip_recv_error(sk, m, len);
again:
	if (!udp_recv_datagram(sk, flags, &peek, &d, &err))
		return err;
	skb = d.skb;
	skb_stage(skb, STAGE_udp_recvmsg);
	skip = flags & MSG_PEEK ? min_t(u32, (u32)peek, d.len) : 0;
	copied = (u32)min_t(size_t, len, d.len - skip);
	if (copied < d.len - skip)
		m->flags |= MSG_TRUNC;
	err = unlikely(m->loan) ? udp_lend(sk, &d, m, copied) :
	      udp_copy_out(&d, m, skip, copied);
	skb = d.skb;
	if (unlikely(err == -EINVAL)) {
		udp_kill_datagram(sk, skb, flags);
		m->flags &= ~(u32)MSG_TRUNC;
		goto again;
	}
	if (unlikely(err)) {
		if (!(flags & MSG_PEEK)) {
			__atomic_fetch_add(&sk->drops, 1, __ATOMIC_RELAXED);
			NET_INC_STATS(net, Udp, InErrors);
		}
		kfree_skb_reason(skb, SKB_DROP_REASON_SOCKET_CLOSE);
		return err;
	}
	if (!(flags & MSG_PEEK)) {
		NET_INC_STATS(net, Udp, InDatagrams);
		sk_peek_offset_bwd(sk, d.len);
	} else {
		sk_peek_offset_fwd(sk, copied);
	}
	udp_tell(sk, m, skb);
	consume_skb(skb);
	return flags & MSG_TRUNC ? (ssize_t)d.len : (ssize_t)copied;
}

/* Says readable only if the first packet is good: else a reader that was told
 * so would sleep. */
u32 udp_poll(struct sock *sk)
{
	u32 mask = datagram_poll(sk);

	if (mask & EPOLLRDNORM && !(READ_ONCE(sk->shutdown) & RCV_SHUTDOWN) &&
	    udp_first_packet_length(sk) == -1)
		mask &= ~(u32)(EPOLLIN | EPOLLRDNORM);
	return mask;
}

int udp_ioctl(struct sock *sk, unsigned long cmd, int *arg)
{
	switch (cmd) {
	case SIOCOUTQ:
		*arg = (int)sk_wmem_alloc_get(sk);
		return 0;
	case SIOCINQ:
		*arg = max(udp_first_packet_length(sk), 0);
		return 0;
	default:
		return -ENOTTY;
	}
}
