/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The SACK blocks we send: RFC 2018 4 (the block with the newest segment
 * first, then the most recently reported ones) and RFC 2883 4 (a duplicate is
 * reported once, in front of all, as D-SACK).
 */
#include "tcp/tcp.h"
#include "tcp/tcp_rx.h"

/* Grows sp by [seq, end_seq) if they touch. */
static bool tcp_sack_extend(struct tcp_sack_block *sp, u32 seq, u32 end_seq)
{
	if (after(seq, sp->end_seq) || after(sp->start_seq, end_seq))
		return false;
	if (before(seq, sp->start_seq))
		sp->start_seq = seq;
	if (after(end_seq, sp->end_seq))
		sp->end_seq = end_seq;
	return true;
}

static void tcp_sack_delete(struct tcp_sock *tp, u32 i)
{
	struct tcp_sack_block *sp = tp->selective_acks;

	tp->rx_opt.num_sacks--;
	memmove(sp + i, sp + i + 1, (tp->rx_opt.num_sacks - i) * sizeof(*sp));
}

/* The first block grew: it may have reached others. */
static void tcp_sack_coalesce(struct tcp_sock *tp)
{
	struct tcp_sack_block *sp = tp->selective_acks;
	u32 i = 1;

	while (i < tp->rx_opt.num_sacks) {
		if (tcp_sack_extend(sp, sp[i].start_seq, sp[i].end_seq))
			tcp_sack_delete(tp, i);
		else
			i++;
	}
}

/* RFC2018 4: the block that the newest segment belongs to comes first. */
void tcp_sack_new_ofo_skb(struct sock *sk, u32 seq, u32 end_seq)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_sack_block *sp = tp->selective_acks, first = { seq, end_seq };
	u32 n = tp->rx_opt.num_sacks, i;

	for (i = 0; i < n; i++)
		if (tcp_sack_extend(&sp[i], seq, end_seq))
			break;
	if (i == n) {
		/* A peer in recovery should hear of each hole at once. */
		if (n >= TCP_FASTRETRANS_THRESH)
			tcp_sack_compress_send_ack(sk);
		if (n >= TCP_NUM_SACKS)
			i = TCP_NUM_SACKS - 1;
		else
			tp->rx_opt.num_sacks++;
	} else {
		first = sp[i];
	}
	memmove(sp + 1, sp, i * sizeof(*sp));
	sp[0] = first;
	tcp_sack_coalesce(tp);
}

/* RCV.NXT moved on: forgets blocks that lie before it. */
void tcp_sack_remove(struct tcp_sock *tp)
{
	u32 i = 0;

	if (RB_EMPTY_ROOT(&tp->out_of_order_queue)) {
		tp->rx_opt.num_sacks = 0;
		return;
	}
	while (i < tp->rx_opt.num_sacks) {
		if (before(tp->rcv_nxt, tp->selective_acks[i].start_seq))
			i++;
		else
			tcp_sack_delete(tp, i);
	}
}

/* RFC2883 4: [seq, end_seq) came twice. */
void tcp_dsack_set(struct sock *sk, u32 seq, u32 end_seq)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tcp_is_sack(tp) || !tcp_net(sk)->dsack)
		return;
	if (before(seq, tp->rcv_nxt))
		NET_INC_STATS(sock_net(sk), TcpExt, TCPDSACKOldSent);
	else
		NET_INC_STATS(sock_net(sk), TcpExt, TCPDSACKOfoSent);
	tp->rx_opt.dsack = 1;
	tp->duplicate_sack[0].start_seq = seq;
	tp->duplicate_sack[0].end_seq = end_seq;
}

void tcp_dsack_extend(struct sock *sk, u32 seq, u32 end_seq)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tp->rx_opt.dsack)
		tcp_dsack_set(sk, seq, end_seq);
	else
		tcp_sack_extend(tp->duplicate_sack, seq, end_seq);
}
