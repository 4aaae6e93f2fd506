/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Explicit congestion notification, receive side: RFC 3168 6.1 (RFC9293 SHLD-8). A packet
 * marked CE makes us set ECE in all ACKs until the peer says CWR; an ACK with
 * ECE makes us slow down as if a packet were lost, once per window.
 */
#include "tcp/tcp.h"
#include "tcp/tcp_rx.h"

#define INET_ECN_NOT_ECT 0
#define INET_ECN_CE	3
#define INET_ECN_MASK	3

/* RFC3168 6.1.3. Borrows skb, which carries data. */
void __tcp_ecn_check_ce(struct sock *sk, const struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);

	switch (TCP_SKB_CB(skb)->ip_dsfield & INET_ECN_MASK) {
	case INET_ECN_NOT_ECT:
		/* Not ECT after we saw ECT: most likely a retransmission, the
		 * peer waits for our ACK. */
		if (tp->ecn_flags & TCP_ECN_SEEN)
			tcp_enter_quickack_mode(sk, 2);
		break;
	case INET_ECN_CE:
		if (tcp_ca_needs_ecn(sk))
			tcp_ca_event(sk, CA_EVENT_ECN_IS_CE);
		if (!(tp->ecn_flags & TCP_ECN_DEMAND_CWR)) {
			tcp_enter_quickack_mode(sk, 2);
			tp->ecn_flags |= TCP_ECN_DEMAND_CWR;
		}
		tp->ecn_flags |= TCP_ECN_SEEN;
		break;
	default:
		if (tcp_ca_needs_ecn(sk))
			tcp_ca_event(sk, CA_EVENT_ECN_NO_CE);
		tp->ecn_flags |= TCP_ECN_SEEN;
		break;
	}
}

/* The peer slowed down. If it did so for data we also answer at once: the
 * window may be so small that it waits for this very ACK. Borrows skb. */
void tcp_ecn_accept_cwr(struct sock *sk, const struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (likely(!tcp_has(tcp_hdr(skb), TCPHDR_CWR)) || tp->accecn.on)
		return;
	tp->ecn_flags &= (u8)~TCP_ECN_DEMAND_CWR;
	if (TCP_SKB_CB(skb)->seq != TCP_SKB_CB(skb)->end_seq)
		tp->ack.pending |= ICSK_ACK_NOW;
}

bool tcp_ecn_rcv_ecn_echo(const struct tcp_sock *tp, const struct tcphdr *th)
{
	return (th->flags & (TCPHDR_ECE | TCPHDR_SYN)) == TCPHDR_ECE &&
	       (tp->ecn_flags & TCP_ECN_OK);
}

/* RFC3168 6.1.1: the answer to our ECN-setup SYN has ECE and not CWR. */
void tcp_ecn_rcv_synack(struct tcp_sock *tp, const struct tcphdr *th)
{
	if ((th->flags & (TCPHDR_ECE | TCPHDR_CWR)) != TCPHDR_ECE)
		tp->ecn_flags &= (u8)~TCP_ECN_OK;
}

void tcp_ecn_rcv_syn(struct tcp_sock *tp, const struct tcphdr *th)
{
	if ((th->flags & (TCPHDR_ECE | TCPHDR_CWR)) != (TCPHDR_ECE | TCPHDR_CWR))
		tp->ecn_flags &= (u8)~TCP_ECN_OK;
}
