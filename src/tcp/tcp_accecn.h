/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Accurate ECN (RFC 9768): how many packets and bytes arrived with which
 * codepoint, instead of one bit per round trip. tcp_accecn.c agrees on it and
 * sends, tcp_accecn_rx.c counts and believes. All but the SYN's part does
 * nothing unless tp->accecn.on.
 */
#ifndef WEIR_TCP_TCP_ACCECN_H
#define WEIR_TCP_TCP_ACCECN_H

#include "tcp/tcp.h"
#include "tcp/tcp_out.h"

#define ACCECN_CEP_INIT		5u	/* RFC9768 3.2.1 */
#define ACCECN_ACE_MASK		7u

/* The ACE field: AE, CWR and ECE as a number. */
static inline u8 accecn_ace(const struct tcphdr *th)
{
	return (u8)((th->doff_res & TCPHDR_RES_AE) << 2 |
		    (th->flags >> 6 & 3));
}
static inline void accecn_set_ace(struct tcphdr *th, u32 ace)
{
	th->doff_res = (u8)((th->doff_res & ~TCPHDR_RES_AE) |
			    (ace >> 2 & 1 ? TCPHDR_RES_AE : 0));
	th->flags = (u8)((th->flags & ~(TCPHDR_CWR | TCPHDR_ECE)) |
			 (ace & 3) << 6);
}
/* Codepoint that a handshake's ACE reflects; -1: none. RFC9768 3.1.2, 3.2.2.1 */
int accecn_reflected(u8 ace);
u8 accecn_reflect(u8 ect);

/* --- agreeing (tcp_accecn.c) --------------------------------------------------- */

/* True: our SYN shall ask for it. */
bool tcp_accecn_ask(struct sock *sk);
/* A SYN goes out: completes its header. */
void tcp_accecn_syn_sent(struct tcp_sock *tp, struct tcphdr *th);
/* RFC9768 3.1.4.1: this retransmission of the SYN may still ask. */
static inline bool tcp_accecn_asks_again(const struct tcp_sock *tp)
{
	return tp->accecn.asked && tp->accecn.syns < 2;
}
/* The answer to a SYN that asked. */
void tcp_accecn_rcv_synack(struct sock *sk, const struct sk_buff *skb);
/* True: this SYN asks and we want. */
bool tcp_accecn_wanted(const struct sock *sk, const struct sk_buff *skb);
/* Completes the header of a SYN-ACK. */
void tcp_accecn_synack_sent(struct request_sock *req, struct tcphdr *th);
void tcp_accecn_child(struct tcp_sock *tp, const struct request_sock *req);

/* --- sending (tcp_accecn.c) ------------------------------------------------------ */

/* The option into what len bytes of options leave free, for SACK blocks if
 * need be; new length. Changes nothing but *o. */
u32 tcp_accecn_option(const struct tcp_sock *tp, struct tcp_out_options *o,
		      u32 len);
u32 tcp_accecn_synack_option(const struct sock *sk,
			     const struct request_sock *req,
			     struct tcp_out_options *o, u32 len);
u8 *tcp_accecn_write(u8 *p, const struct tcp_out_options *o);
/* Completes the header of any other segment; its codepoint. */
u8 tcp_accecn_send(struct tcp_sock *tp, struct sk_buff *skb, struct tcphdr *th,
		   const struct tcp_out_options *o);

/* --- receiving (tcp_accecn_rx.c) --------------------------------------------------- */

/* The option of this segment was parsed, if it has one. Borrows. */
void tcp_accecn_see_option(struct tcp_sock *tp, const struct sk_buff *skb);
/* An acceptable segment. Borrows. */
void tcp_accecn_received(struct tcp_sock *tp, const struct sk_buff *skb);
/* Packets that an ACK newly reports as marked. delivered: packets it newly
 * acknowledges; progress: it is newer than all before. */
u32 tcp_accecn_ack(struct tcp_sock *tp, const struct sk_buff *skb,
		   u32 delivered, bool progress);
void tcp_accecn_info(const struct tcp_sock *tp, struct tcp_info *info);

#endif
