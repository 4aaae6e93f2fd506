/* SPDX-License-Identifier: BSD-2-Clause */
/* What datagram protocols (udp, raw, ping, unix) share when they receive. */
#ifndef WEIR_SOCK_SOCK_INPUT_H
#define WEIR_SOCK_SOCK_INPUT_H

#include "inet/ip.h"
#include "sock/sock.h"

/* skb->cb of a packet on a receive queue of AF_INET. */
struct ip_recv_cb {
	struct inet_skb_parm h;		/* as ip_rcv left it */
	__be32 spec_dst;		/* in_pktinfo.ipi_spec_dst */
	u8 unused[40 - sizeof(struct inet_skb_parm)];
	u32 dropcount;			/* SO_RXQ_OVFL */
};
static_assert(sizeof(struct ip_recv_cb) <= sizeof(((struct sk_buff *)0)->cb),
	      "fits in cb");
#define IP_RECV_CB(skb) ((struct ip_recv_cb *)(skb)->cb)

/* skb->cb of a packet on the error queue. */
struct sock_exterr_skb {
	struct inet_skb_parm h;
	struct sock_extended_err ee;
	u16 addr_offset;		/* of the peer's address, from network header */
	__be16 port;
	bool opt_stats;			/* data: SCM_TIMESTAMPING_OPT_STATS */
};
static_assert(sizeof(struct sock_exterr_skb) <= sizeof(((struct sk_buff *)0)->cb),
	      "fits in cb");
#define SKB_EXT_ERR(skb) ((struct sock_exterr_skb *)(skb)->cb)

static inline void sock_skb_set_dropcount(const struct sock *sk,
					  struct sk_buff *skb)
{
	if (sock_flag(sk, SOCK_RXQ_OVFL))
		IP_RECV_CB(skb)->dropcount = READ_ONCE(sk->drops);
}
static inline bool sock_wants_rx_stamp(const struct sock *sk)
{
	return READ_ONCE(sk->flags) & (1u << SOCK_TIMESTAMP |
				       1u << SOCK_TIMESTAMPING_RX_);
}
/* Taken when the socket gets the packet, if nobody below took one before. */
static inline void sock_skb_stamp(const struct sock *sk, struct sk_buff *skb)
{
	if (unlikely(sock_wants_rx_stamp(sk)) && !skb->tstamp)
		skb->tstamp = ktime_get_real();
}
/* Half of the send buffer rule of Linux. */
static inline bool sock_writeable(const struct sock *sk)
{
	return sk_wmem_alloc_get(sk) < (u32)READ_ONCE(sk->sndbuf) >> 1;
}
/* First packet, or NULL. MSG_PEEK: the one at *off, referenced. Task. */
struct sk_buff *skb_try_recv_queue(struct sk_buff_head *q, int flags, s32 *off);
/* -errno that ends waiting on an empty queue (with *eof: it means length 0),
 * or 0. */
int sock_recv_ended(struct sock *sk, bool *eof);
/* Not owned. 0 after a wake-up, -EAGAIN at the deadline, -EINTR. */
int sk_wait_packet(struct sock *sk, ktime_t deadline,
		   bool (*ready)(struct sock *sk));
/* proto.poll of datagram sockets. */
u32 datagram_poll(struct sock *sk);
u32 sock_poll_writeable(struct sock *sk);
/* After a packet was read: keeps SO_PEEK_OFF at the same byte. */
static inline void sk_peek_offset_bwd(struct sock *sk, u32 len)
{
	s32 off = READ_ONCE(sk->peek_off);

	if (unlikely(off >= 0))
		WRITE_ONCE(sk->peek_off, max_t(s32, off - (s32)len, 0));
}
static inline void sk_peek_offset_fwd(struct sock *sk, u32 len)
{
	s32 off = READ_ONCE(sk->peek_off);

	if (unlikely(off >= 0))
		WRITE_ONCE(sk->peek_off, off + (s32)len);
}
/* Control messages of SOL_SOCKET for a received packet (sock_cmsg.c). */
void sock_recv_cmsgs(struct sockmsg *m, struct sock *sk, struct sk_buff *skb);
/* SOL_SOCKET messages on send: SO_MARK, SCM_TXTIME, SO_PRIORITY. */
struct sockcm_cookie {
	u64 transmit_time;
	u32 mark, priority;
	u32 tsflags;
};
int sock_cmsg_send(struct sock *sk, const struct cmsghdr *c,
		   struct sockcm_cookie *ck);
/* All of m's; those of other levels are passed over. 0 or -EINVAL. */
int sock_cmsgs_send(struct sock *sk, struct sockmsg *m,
		    struct sockcm_cookie *ck);
/* Next header in the program's control area, NULL at the end. -EINVAL as
 * ERR_PTR when one is malformed. First: c NULL. */
struct cmsghdr *sock_next_cmsg(struct sockmsg *m, struct cmsghdr *c);
void sk_common_release(struct sock *sk);

#endif
