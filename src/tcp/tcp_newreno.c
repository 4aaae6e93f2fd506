/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loss detection for peers without SACK: RFC 5681 3.2, RFC 6582. Each
 * duplicate ACK stands for a packet that has left the network; they are
 * counted in sacked_out as if they were SACKed, and leave it as SND.UNA moves.
 */
#include "tcp/tcp.h"
#include "tcp/tcp_rx.h"

/* Not more can have arrived than there are packets besides the holes. True:
 * the count had to be cut. */
bool tcp_limit_reno_sacked(struct tcp_sock *tp)
{
	u32 holes = min(max(tp->lost_out, 1u), tp->packets_out);

	if (tp->sacked_out + holes <= tp->packets_out)
		return false;
	tp->sacked_out = tp->packets_out - holes;
	return true;
}

/* More duplicates than packets: they were caused by reordering. */
static void tcp_check_reno_reordering(struct sock *sk, u32 addend)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tcp_limit_reno_sacked(tp))
		return;
	tp->reordering = min(tp->packets_out + addend,
			     tcp_net(sk)->max_reordering);
	tp->reord_seen++;
	NET_INC_STATS(sock_net(sk), TcpExt, TCPRenoReorder);
}

void tcp_add_reno_sack(struct sock *sk, u32 num_dupack, bool ece_ack)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 before_it = tp->sacked_out;

	if (!num_dupack)
		return;
	tp->sacked_out += num_dupack;
	tcp_check_reno_reordering(sk, 0);
	if (tp->sacked_out > before_it)
		tcp_count_delivered(tp, tp->sacked_out - before_it, ece_ack);
}

/* acked packets left the queue: one of them was the hole. */
void tcp_remove_reno_sacks(struct sock *sk, u32 acked, bool ece_ack)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (acked) {
		s32 fresh = (s32)acked - (s32)tp->sacked_out;

		tcp_count_delivered(tp, (u32)max(fresh, 1), ece_ack);
		tp->sacked_out -= min(tp->sacked_out, acked - 1);
	}
	tcp_check_reno_reordering(sk, acked);
}

void tcp_reset_reno_sack(struct tcp_sock *tp)
{
	tp->sacked_out = 0;
}

/* RFC5681 3.2: three duplicates; RFC6582 3.2 (3): a partial ACK shows the next
 * hole. One segment at the head is taken for lost. */
void tcp_newreno_mark_lost(struct sock *sk, bool snd_una_advanced)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb;
	u32 mss;

	if (!(tp->ca_state < TCP_CA_Recovery &&
	      tp->sacked_out >= tp->reordering) &&
	    !(tp->ca_state == TCP_CA_Recovery && snd_una_advanced))
		return;
	skb = tcp_rtx_queue_head(sk);
	if (!skb || (TCP_SKB_CB(skb)->sacked & TCPCB_LOST))
		return;
	mss = tcp_skb_mss(skb);
	if (tcp_skb_pcount(skb) > 1 && skb->len > mss)
		tcp_fragment(sk, true, skb, mss, mss);
	tcp_mark_skb_lost(sk, skb);
}
