/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Urgent data, receive side: RFC 9293 3.8.5 (MUST-30..33), RFC 6093. The
 * pointer names the first byte behind the urgent data (MUST-62), so the urgent
 * byte is the one before; with net.ipv4.tcp_stdurg it is that byte itself, as
 * RFC 1122 had it. It is kept aside for recv(MSG_OOB), or stays in the stream
 * (SO_OOBINLINE), where reading stops before it (SIOCATMARK).
 */
#include "tcp/tcp.h"
#include "tcp/tcp_rx.h"

/* Nobody fetched the previous urgent byte and the reader stands on it: in a
 * stream that goes on to the next, it is ordinary data now. */
static void tcp_urg_skip_stale(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb;

	if (tp->urg_seq != tp->copied_seq || !tp->urg_data ||
	    sock_flag(sk, SOCK_URGINLINE) || tp->copied_seq == tp->rcv_nxt)
		return;
	skb = skb_peek(&sk->receive_queue);
	tp->copied_seq++;
	if (skb && !before(tp->copied_seq, TCP_SKB_CB(skb)->end_seq)) {
		__skb_unlink(skb, &sk->receive_queue);
		consume_skb(skb);
	}
}

/* RFC9293 3.10.7.4: RCV.UP <- max(RCV.UP, SEG.UP). */
static void tcp_check_urg(struct sock *sk, u32 seq, const struct tcphdr *th)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 ptr = be16_to_cpu(th->urg_ptr);

	if (ptr && !tcp_net(sk)->stdurg)
		ptr--;
	ptr += seq;
	/* Old news: read already, or not newer than what we know. */
	if (after(tp->copied_seq, ptr) || before(ptr, tp->rcv_nxt))
		return;
	if (tp->urg_data && !after(ptr, tp->urg_seq))
		return;
	tcp_urg_skip_stale(sk);
	WRITE_ONCE(tp->urg_data, TCP_URG_NOTYET);
	WRITE_ONCE(tp->urg_seq, ptr);
	tp->pred_on = false;
}

/* RFC9293 3.10.7.4: sixth, check the URG bit. Header still on. Borrows. */
void tcp_urg(struct sock *sk, struct sk_buff *skb, const struct tcphdr *th)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 off;
	u8 byte;

	if (unlikely(tcp_has(th, TCPHDR_URG)))
		tcp_check_urg(sk, TCP_SKB_CB(skb)->seq, th);
	if (likely(tp->urg_data != TCP_URG_NOTYET))
		return;
	/* Is the byte in this segment? A SYN takes up one number. */
	off = tp->urg_seq - TCP_SKB_CB(skb)->seq + tcp_doff(th) -
	      (tcp_has(th, TCPHDR_SYN) ? 1 : 0);
	if (off >= skb->len || off < tcp_doff(th) ||
	    skb_copy_bits(skb, off, &byte, 1, COPY_LINEARIZE))
		return;
	WRITE_ONCE(tp->urg_data, (u16)(TCP_URG_VALID | byte));
	if (!sock_flag(sk, SOCK_DEAD))
		sk->data_ready(sk);
}
