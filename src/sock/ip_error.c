/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * IP_RECVERR: errors about sent packets, kept on the socket's error queue with
 * the packet they are about and read with MSG_ERRQUEUE. Each comes with a
 * sock_extended_err (who says so, type and code of the ICMP message) and the
 * address of the offender.
 */
#include "sock/ip_sockglue.h"

#include "base/slab.h"

/*
 * skb: as in net_protocol.err_handler, data at the quoted IP header; it is
 * borrowed. payload: where the quoted payload begins, what the reader gets.
 */
void ip_icmp_error(struct sock *sk, struct sk_buff *skb, int err, __be16 port,
		   u32 info, const u8 *payload)
{
	struct sock_exterr_skb *see;
	struct icmphdr icmp = { 0 };
	__be32 offender = IPCB(skb)->offender;
	u16 addr_offset;

	if (skb_transport_offset(skb) < 0)
		memcpy(&icmp, skb_transport_header(skb), 2);
	addr_offset = (u16)(offsetof(struct iphdr, daddr));
	skb = skb_clone(skb);
	if (!skb)
		return;
	see = SKB_EXT_ERR(skb);
	see->ee = (struct sock_extended_err) {
		.ee_errno = (u32)err, .ee_origin = SO_EE_ORIGIN_ICMP,
		.ee_type = icmp.type, .ee_code = icmp.code, .ee_info = info,
	};
	see->h.offender = offender;
	see->opt_stats = false;
	see->addr_offset = addr_offset;
	see->port = port;
	if (!pskb_pull(skb, (u32)(payload - skb->data))) {
		kfree_skb_reason(skb, SKB_DROP_REASON_HDR_TRUNC);
		return;
	}
	if (sock_queue_err_skb(sk, skb))
		kfree_skb_reason(skb, SKB_DROP_REASON_SOCKET_RCVBUF);
}

/* An error of our own (too big for the path): a header says the destination. */
void ip_local_error(struct sock *sk, int err, __be32 daddr, __be16 port,
		    u32 info)
{
	struct sock_exterr_skb *see;
	struct iphdr *iph;
	struct sk_buff *skb;

	if (!sk->recverr)
		return;
	skb = alloc_skb(sizeof(*iph));
	if (!skb)
		return;
	skb_reset_network_header(skb);
	iph = (struct iphdr *)(void *)skb_put(skb, sizeof(*iph));
	memset(iph, 0, sizeof(*iph));
	iph->daddr = daddr;
	see = SKB_EXT_ERR(skb);
	memset(see, 0, sizeof(*see));
	see->ee.ee_errno = (u32)err;
	see->ee.ee_origin = SO_EE_ORIGIN_LOCAL;
	see->ee.ee_info = info;
	see->addr_offset = offsetof(struct iphdr, daddr);
	see->port = port;
	skb_pull(skb, sizeof(*iph));
	skb_reset_transport_header(skb);
	if (sock_queue_err_skb(sk, skb))
		kfree_skb_reason(skb, SKB_DROP_REASON_SOCKET_RCVBUF);
}

/* Who it is from, and what else the socket wants to know of the packet: for
 * ICMP errors, and with SOF_TIMESTAMPING_OPT_CMSG for stamps of packets that
 * had a device. */
static void put_details(struct sockmsg *m, struct sock *sk, struct sk_buff *skb,
			const struct sock_exterr_skb *see,
			struct sockaddr_in *offender)
{
	bool stamp = see->ee.ee_origin == SO_EE_ORIGIN_TIMESTAMPING &&
		     sk->tsflags & SOF_TIMESTAMPING_OPT_CMSG && see->h.iif;
	__be32 saddr;

	if (!stamp && see->ee.ee_origin != SO_EE_ORIGIN_ICMP)
		return;
	offender->sin_family = AF_INET;
	if (!stamp) {
		offender->sin_addr.s_addr = (__force in_addr_t)see->h.offender;
		return;
	}
	saddr = ip_hdr(skb)->saddr;
	offender->sin_addr.s_addr = (__force in_addr_t)saddr;
	IP_RECV_CB(skb)->spec_dst = saddr;
	if (sk->cmsg_flags)
		ip_cmsg_recv(m, sk, skb, 0);
}

static struct sk_buff *errqueue_next(struct sock *sk)
{
	struct sk_buff_head *q = &sk->error_queue;
	struct sk_buff *skb, *next;
	u32 err = 0;

	spin_lock_bh(&q->lock);
	skb = __skb_dequeue(q);
	next = skb_peek(q);
	if (skb && next && SKB_EXT_ERR(next)->ee.ee_origin == SO_EE_ORIGIN_ICMP)
		err = SKB_EXT_ERR(next)->ee.ee_errno;
	spin_unlock_bh(&q->lock);
	/* The pending error is that of the queue's first; others remain. */
	if (skb && SKB_EXT_ERR(skb)->ee.ee_origin == SO_EE_ORIGIN_ICMP && !err)
		WRITE_ONCE(sk->err, 0);
	if (err) {
		WRITE_ONCE(sk->err, err);
		sk->error_report(sk);
	}
	return skb;
}

ssize_t ip_recv_error(struct sock *sk, struct sockmsg *m, size_t len)
{
	struct {
		struct sock_extended_err ee;
		struct sockaddr_in offender;
	} msg = { 0 };
	struct sock_exterr_skb cb, *see = &cb;
	struct sk_buff *skb;
	ssize_t ret;
	__be32 addr;

	skb = errqueue_next(sk);
	if (!skb)
		return -EAGAIN;
	cb = *SKB_EXT_ERR(skb);
	ret = (ssize_t)min_t(size_t, skb->len, len);
	if ((size_t)ret < skb->len)
		m->flags |= MSG_TRUNC;
	if (skb_copy_datagram_iter(skb, 0, &m->iter, (u32)ret)) {
		ret = -EFAULT;
		goto out;
	}
	sock_recv_timestamp(m, sk, skb);
	if (see->opt_stats)
		put_cmsg(m, SOL_SOCKET, SCM_TIMESTAMPING_OPT_STATS, skb->len,
			 skb->data);
	if (see->ee.ee_origin == SO_EE_ORIGIN_ICMP ||
	    see->ee.ee_origin == SO_EE_ORIGIN_LOCAL) {
		memcpy(&addr, skb_network_header(skb) + see->addr_offset,
		       sizeof(addr));
		ip_recv_name(m, addr, see->port);
	} else {
		m->namelen = 0;
	}
	msg.ee = see->ee;
	put_details(m, sk, skb, see, &msg.offender);
	put_cmsg(m, SOL_IP, IP_RECVERR, sizeof(msg), &msg);
	m->flags |= MSG_ERRQUEUE;
out:
	consume_skb(skb);
	return ret;
}

int sock_recv_errqueue(struct sock *sk, struct sockmsg *m, size_t len)
{
	return (int)ip_recv_error(sk, m, len);
}
