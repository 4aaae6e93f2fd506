/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The segment's text: RFC 9293 3.10.7.4, seventh (and eighth: FIN, which is
 * taken only when all before it is here). In-order data goes to the receive
 * queue, or straight to a waiting reader; what it overlaps with the past is
 * reported as D-SACK; what lies ahead goes to tcp_ofo.c.
 */
#include "tcp/tcp.h"
#include "tcp/tcp_rx.h"
#include "tcp/tcp_window.h"

/* Memory for skb, if need be at the cost of what is queued. 0 or -ENOMEM. */
int tcp_try_rmem_schedule(struct sock *sk, const struct sk_buff *skb, u32 size)
{
	if (likely((s32)sk_rmem_alloc_get(sk) <= sk->rcvbuf &&
		   sk_rmem_schedule(sk, size)))
		return 0;
	if (tcp_prune_queue(sk, skb) < 0)
		return -ENOMEM;
	while (!sk_rmem_schedule(sk, size))
		if (!tcp_prune_ofo_queue(sk, skb))
			return -ENOMEM;
	return 0;
}

/* `from` follows `to` directly: one packet instead of two, when the payload
 * can move by reference. */
bool tcp_try_coalesce(struct sock *sk, struct sk_buff *to, struct sk_buff *from,
		      bool *stolen)
{
	struct tcp_skb_cb *a = TCP_SKB_CB(to), *b = TCP_SKB_CB(from);
	u32 delta;

	*stolen = false;
	if (b->seq != a->end_seq ||
	    !skb_try_coalesce(to, from, stolen, &delta))
		return false;
	__atomic_add_fetch(&sk->rmem_alloc, delta, __ATOMIC_RELAXED);
	sk_mem_charge(sk, delta);
	NET_INC_STATS(sock_net(sk), TcpExt, TCPRcvCoalesce);
	a->end_seq = b->end_seq;
	a->ack_seq = b->ack_seq;
	a->flags |= b->flags;
	if (b->has_rxtstamp) {
		a->has_rxtstamp = 1;
		to->tstamp = from->tstamp;
	}
	return true;
}

bool tcp_queue_rcv(struct sock *sk, struct sk_buff *skb, bool *stolen)
{
	struct sk_buff *tail = skb_peek_tail(&sk->receive_queue);
	bool eaten = tail && tcp_try_coalesce(sk, tail, skb, stolen);

	tcp_rcv_nxt_update(tcp_sk(sk), TCP_SKB_CB(skb)->end_seq);
	skb_stage(skb, STAGE_sk_receive_queue);
	if (eaten)
		return true;
	*stolen = false;
	__skb_queue_tail(&sk->receive_queue, skb);
	skb_set_owner_r(skb, sk);
	return false;
}

/* Little room is left: waiting for more than is there may be for ever. */
static bool tcp_rmem_pressure(const struct sock *sk)
{
	s32 rcvbuf = READ_ONCE(sk->rcvbuf);

	return sk_under_memory_pressure(sk) ||
	       (s32)sk_rmem_alloc_get(sk) > rcvbuf - (rcvbuf >> 3);
}

/* There is less than the reader asked for. */
bool tcp_data_worth_telling(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	return tcp_rmem_pressure(sk) ||
	       tcp_receive_window(tp) <= tp->ack.rcv_mss;
}

void tcp_tell_reader(struct sock *sk)
{
	trace_stage(STAGE_sk_data_ready, 0, 0);
	sk->data_ready(sk);
}

/* --- FIN -------------------------------------------------------------------- */

static void tcp_fin_state(struct sock *sk)
{
	switch (sk->sk_state) {
	case TCP_SYN_RECV:
	case TCP_ESTABLISHED:
		tcp_set_state(sk, TCP_CLOSE_WAIT);
		inet_csk_enter_pingpong_mode(sk);
		break;
	case TCP_FIN_WAIT1:		/* both closed at the same time */
		tcp_send_ack(sk);
		tcp_set_state(sk, TCP_CLOSING);
		break;
	case TCP_FIN_WAIT2:
		tcp_send_ack(sk);
		tcp_time_wait(sk, TCP_TIME_WAIT, 0);
		break;
	default:	/* CLOSE-WAIT, CLOSING, LAST-ACK: a FIN once more */
		break;
	}
}

/* RFC9293 3.10.7.4: eighth, check the FIN bit. All before it is here. */
void tcp_fin(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	inet_csk_schedule_ack(tp);
	WRITE_ONCE(sk->shutdown, sk->shutdown | RCV_SHUTDOWN);
	sock_set_flag(sk, SOCK_DONE);
	tcp_fin_state(sk);
	/* Nothing can come behind a FIN. */
	tcp_ofo_purge(sk, SKB_DROP_REASON_TCP_OFO_QUEUE_PRUNE);
	if (tcp_is_sack(tp))
		tcp_sack_reset(&tp->rx_opt);
	if (!sock_flag(sk, SOCK_DEAD))
		sk->state_change(sk);
}

/* --- the four places a segment can be in ------------------------------------ */

/* Not in the window: the peer must learn what we have. Consumes. */
static void tcp_data_out_of_window(struct sock *sk, struct sk_buff *skb,
				   enum skb_drop_reason why)
{
	tcp_enter_quickack_mode(sk, TCP_MAX_QUICKACKS);
	inet_csk_schedule_ack(tcp_sk(sk));
	kfree_skb_reason(skb, why);
}

/* No memory for in-order data. While the queue is empty it is taken all the
 * same: otherwise the connection would stand still. True: take it. */
static bool tcp_data_no_memory(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);

	tp->ack.pending |= ICSK_ACK_NOW;
	inet_csk_schedule_ack(tp);
	if (skb_queue_empty(&sk->receive_queue) || !skb->len) {
		return true;
	}
	NET_INC_STATS(sock_net(sk), TcpExt, TCPRcvQDrop);
	sk->data_ready(sk);
	return false;
}

/* [seq, end_seq) starts at or before RCV.NXT and ends behind it, or is a bare
 * FIN. Consumes. */
static void tcp_data_in_order(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
	bool fin = cb->flags & TCPHDR_FIN, eaten, stolen = false;

	if (skb->len && tcp_copy_to_reader(sk, skb, tp->rcv_nxt - cb->seq,
					   skb->len - (tp->rcv_nxt - cb->seq))) {
		tcp_event_data_recv(sk, skb);
		tcp_rcv_nxt_update(tp, cb->end_seq);
		tcp_rcv_rtt_measure(tp);
		eaten = true;
	} else {
		if (tcp_try_rmem_schedule(sk, skb, skb->truesize) &&
		    !tcp_data_no_memory(sk, skb)) {
			kfree_skb_reason(skb, SKB_DROP_REASON_PROTO_MEM);
			return;
		}
		/* Before it is queued: coalescing takes the bytes out of skb. */
		if (skb->len)
			tcp_event_data_recv(sk, skb);
		eaten = tcp_queue_rcv(sk, skb, &stolen);
		tcp_rcv_rtt_measure(tp);
	}
	if (fin)
		tcp_fin(sk);
	if (!RB_EMPTY_ROOT(&tp->out_of_order_queue)) {
		tcp_ofo_queue(sk);
		/* RFC5681 4.2: a gap was filled: at once */
		if (RB_EMPTY_ROOT(&tp->out_of_order_queue))
			tp->ack.pending |= ICSK_ACK_NOW;
	}
	if (tp->rx_opt.num_sacks)
		tcp_sack_remove(tp);
	tcp_fast_path_check(sk);
	if (eaten)
		kfree_skb_partial(skb, stolen);
	if (!sock_flag(sk, SOCK_DEAD))
		tcp_data_ready(sk);
}

/* RFC9293 3.10.7.4: seventh, process the segment text. Header still on.
 * Consumes. */
void tcp_data_queue(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_skb_cb *cb = TCP_SKB_CB(skb);

	if (cb->seq == cb->end_seq) {
		consume_skb(skb);
		return;
	}
	skb_stage(skb, STAGE_tcp_data_queue);
	skb_dst_drop(skb);
	skb_pull(skb, tcp_hdrlen(skb));
	tp->rx_opt.dsack = 0;

	if (!after(cb->end_seq, tp->rcv_nxt)) {
		NET_INC_STATS(sock_net(sk), TcpExt, DelayedACKLost);
		tcp_dsack_set(sk, cb->seq, cb->end_seq);
		tcp_data_out_of_window(sk, skb, SKB_DROP_REASON_TCP_OLD_DATA);
	} else if (!before(cb->seq, tp->rcv_nxt + tcp_receive_window(tp)) &&
		   cb->seq != tp->rcv_nxt) {
		tcp_data_out_of_window(sk, skb, SKB_DROP_REASON_TCP_OVERWINDOW);
	} else if (after(cb->seq, tp->rcv_nxt)) {
		tcp_data_queue_ofo(sk, skb);
	} else if (!tcp_receive_window(tp) && skb->len) {
		if (before(cb->seq, tp->rcv_nxt))
			tcp_dsack_set(sk, cb->seq, tp->rcv_nxt);
		NET_INC_STATS(sock_net(sk), TcpExt, TCPZeroWindowDrop);
		tcp_data_out_of_window(sk, skb, SKB_DROP_REASON_TCP_ZEROWINDOW);
	} else {
		if (before(cb->seq, tp->rcv_nxt))
			tcp_dsack_set(sk, cb->seq, tp->rcv_nxt);
		tcp_data_in_order(sk, skb);
	}
}
