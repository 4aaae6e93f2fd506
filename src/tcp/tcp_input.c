/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A segment arrives: RFC 9293 3.10.7. Its entry is one of
 *
 *	tcp_rcv_established	ESTABLISHED; most segments never leave its
 *				fast path
 *	tcp_rcv_state_process	all other states (tcp_state.c)
 *
 * The fast path is header prediction: a segment whose header length, flags
 * and window are those of the last one, with the sequence number expected, is
 * either the next data or a plain ACK; neither can ask for anything unusual.
 * All others walk the eight steps of the RFC:
 *
 *	1 sequence number, 2 RST, 3 security, 4 SYN: tcp_validate_incoming
 *	5 ACK: tcp_ack		6 URG: tcp_urg
 *	7 segment text: tcp_data_queue, and in it 8 FIN: tcp_fin
 */
#include "tcp/tcp.h"
#include "tcp/tcp_accecn.h"
#include "tcp/tcp_rx.h"
#include "tcp/tcp_window.h"

/* Bytes 12..15 of the header (little-endian), without PSH and the reserved
 * bits: header length, flags, window. */
#define TCP_PRED_MASK	0xfffff7f0u
static_assert(TCP_PRED_MASK == ~(0xfu | TCPHDR_PSH << 8), "not PSH, not RES");

static u32 tcp_pred_key(const struct tcphdr *th)
{
	u32 word;

	memcpy(&word, &th->doff_res, sizeof(word));
	return word & TCP_PRED_MASK;
}

/* Arms header prediction for the window known now. */
void tcp_fast_path_on(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 win = tp->snd_wnd >> tp->rx_opt.snd_wscale;
	struct tcphdr th = { .flags = TCPHDR_ACK,
			     .window = cpu_to_be16((u16)win) };

	tcp_set_doff(&th, tp->tcp_header_len);
	tp->pred_word = tcp_pred_key(&th);
	/* Accurate ECN counts each segment. */
	tp->pred_on = win <= 0xffff && !tp->accecn.on;
}

/* Arms it if nothing speaks against it. */
void tcp_fast_path_check(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (RB_EMPTY_ROOT(&tp->out_of_order_queue) && tp->rcv_wnd &&
	    (s32)sk_rmem_alloc_get(sk) < sk->rcvbuf && !tp->urg_data)
		tcp_fast_path_on(sk);
}

/* RFC9293 MUST-3, unless it was done where the packet came in. */
static bool tcp_bad_checksum(struct sk_buff *skb)
{
	return !skb_csum_unnecessary(skb) && skb_checksum_complete(skb);
}

/* Consumes. */
static noinline void tcp_drop_bad_csum(struct sock *sk, struct sk_buff *skb)
{
	NET_INC_STATS(sock_net(sk), Tcp, InCsumErrors);
	NET_INC_STATS(sock_net(sk), Tcp, InErrs);
	kfree_skb_reason(skb, SKB_DROP_REASON_TCP_CSUM);
}

/* --- fast path ------------------------------------------------------------------- */

/* The timestamp of the connection's usual header is there and not old. */
static inline bool tcp_fast_tstamp(struct tcp_sock *tp, const struct tcphdr *th)
{
	if (tp->tcp_header_len == sizeof(*th))
		return true;
	return tcp_parse_aligned_timestamp(tp, th) &&
	       (s32)(tp->rx_opt.rcv_tsval - tp->rx_opt.ts_recent) >= 0;
}

/* RFC7323 4.3: only from the segment that is next after our last ACK. */
static inline void tcp_fast_store_ts_recent(struct tcp_sock *tp)
{
	if (tp->tcp_header_len != sizeof(struct tcphdr) &&
	    tp->rcv_nxt == tp->rcv_wup)
		tcp_store_ts_recent(tp);
}

/* An ACK field under header prediction. */
static inline int tcp_fast_ack_field(struct sock *sk, struct sk_buff *skb, int flag)
{
	if (likely(after(TCP_SKB_CB(skb)->ack_seq, tcp_sk(sk)->snd_una)) &&
	    likely(tcp_ack_open(sk, skb)))
		return 1;
	return tcp_ack(sk, skb, flag);
}

/* We are the sender. Consumes. */
static void tcp_fast_ack(struct sock *sk, struct sk_buff *skb)
{
	int ack;

	tcp_fast_store_ts_recent(tcp_sk(sk));
	ack = tcp_fast_ack_field(sk, skb, 0);
	if (likely(ack >= 0))
		consume_skb(skb);
	else
		kfree_skb_reason(skb, (enum skb_drop_reason)-ack);
	tcp_data_snd_check(sk);
}

/* We are the receiver: the next data, and there is memory for it. Consumes. */
static void tcp_fast_data(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 seq = TCP_SKB_CB(skb)->seq, ack_seq = TCP_SKB_CB(skb)->ack_seq;
	bool eaten, stolen = false;

	NET_INC_STATS(sock_net(sk), TcpExt, TCPHPHits);
	tcp_fast_store_ts_recent(tp);
	tcp_rcv_rtt_measure_ts(sk, skb);
	skb_dst_drop(skb);
	skb_pull(skb, tp->tcp_header_len);
	tcp_event_data_recv(sk, skb);
	eaten = tcp_copy_to_reader(sk, skb, 0, skb->len);
	if (eaten)
		tcp_rcv_nxt_update(tp, TCP_SKB_CB(skb)->end_seq);
	else
		eaten = tcp_queue_rcv(sk, skb, &stolen);
	tcp_rcv_rtt_measure(tp);
	if (ack_seq != tp->snd_una) {
		tcp_fast_ack_field(sk, skb, FLAG_DATA);
		tcp_data_snd_check(sk);
	} else {
		tcp_update_wl(tp, seq);
	}
	if (inet_csk_ack_scheduled(tp))
		__tcp_ack_snd_check(sk, false);
	if (eaten)
		kfree_skb_partial(skb, stolen);
	tcp_data_ready(sk);
}

/* Within the buffer, and within what the protocol grants. A waiting reader
 * takes the data without memory of ours. */
static inline bool tcp_fast_memory(struct sock *sk, u32 truesize)
{
	if (tcp_sk(sk)->ucopy)
		return true;
	return (s32)sk_rmem_alloc_get(sk) <= sk->rcvbuf &&
	       sk_rmem_schedule(sk, truesize);
}

/* True: dealt with, consumed. */
static bool tcp_fast_path(struct sock *sk, struct sk_buff *skb,
			  const struct tcphdr *th)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tcp_fast_tstamp(tp, th))
		return false;
	if (skb->len <= tp->tcp_header_len) {
		if (skb->len < tp->tcp_header_len) {
			NET_INC_STATS(sock_net(sk), Tcp, InErrs);
			kfree_skb_reason(skb, SKB_DROP_REASON_TCP_HDR);
			return true;
		}
		tcp_fast_ack(sk, skb);
		return true;
	}
	if (tcp_bad_checksum(skb)) {
		tcp_drop_bad_csum(sk, skb);
		return true;
	}
	if (skb->len - tp->tcp_header_len > tcp_receive_window(tp) ||
	    !tcp_fast_memory(sk, skb->truesize))
		return false;
	tcp_fast_data(sk, skb);
	return true;
}

/* --- slow path --------------------------------------------------------------------- */

/* RFC9293 3.10.7.4, in its order. Consumes. */
static noinline void tcp_rcv_slow(struct sock *sk, struct sk_buff *skb,
			 const struct tcphdr *th)
{
	int ack;

	if (skb->len < tcp_doff(th) || tcp_bad_checksum(skb)) {
		tcp_drop_bad_csum(sk, skb);
		return;
	}
	if (!tcp_has(th, TCPHDR_ACK | TCPHDR_RST | TCPHDR_SYN)) {
		kfree_skb_reason(skb, SKB_DROP_REASON_TCP_FLAGS);
		return;
	}
	/* first to fourth */
	if (!tcp_validate_incoming(sk, skb, th))
		return;
	if (unlikely(tcp_sk(sk)->accecn.on))
		tcp_accecn_received(tcp_sk(sk), skb);
	/* fifth, check the ACK field */
	ack = tcp_ack(sk, skb, FLAG_SLOWPATH | FLAG_UPDATE_TS_RECENT);
	if (ack < 0) {
		kfree_skb_reason(skb, (enum skb_drop_reason)-ack);
		return;
	}
	tcp_rcv_rtt_measure_ts(sk, skb);
	/* sixth, check the URG bit */
	tcp_urg(sk, skb, th);
	/* seventh, process the segment text; eighth, check the FIN bit */
	tcp_data_queue(sk, skb);
	tcp_data_snd_check(sk);
	tcp_ack_snd_check(sk);
}

/* Softirq or owner. skb->data is at the TCP header. Consumes. */
void tcp_rcv_established(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	const struct tcphdr *th = tcp_hdr(skb);

	skb_stage(skb, STAGE_tcp_rcv_established);
	tcp_mstamp_refresh(tp);
	tp->rx_opt.saw_tstamp = 0;
	if (likely(tp->pred_on && tcp_pred_key(th) == tp->pred_word &&
		   TCP_SKB_CB(skb)->seq == tp->rcv_nxt &&
		   !after(TCP_SKB_CB(skb)->ack_seq, tp->snd_nxt)) &&
	    tcp_fast_path(sk, skb, th))
		return;
	tcp_rcv_slow(sk, skb, th);
}
