/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Delivery rate (draft-cheng-iccrg-delivery-rate-estimation): each packet
 * sent remembers how much had been delivered by then and when; when it is
 * delivered itself, the difference over the time is a sample. The interval is
 * the longer of send and ACK phase, so that compressed ACKs do not flatter.
 * Samples from times when the program had nothing to send are marked.
 */
#include "tcp/tcp.h"
#include "tcp/tcp_rx.h"

/* skb is ACKed or SACKed now. Of all packets of one ACK the one sent last
 * makes the sample. */
void tcp_rate_skb_delivered(struct sock *sk, struct sk_buff *skb,
			    struct rate_sample *rs)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
	u64 sent = tcp_skb_timestamp_us(skb);

	if (!cb->tx.delivered_us)	/* it was SACKed before */
		return;
	if (!rs->prior_delivered ||
	    tcp_skb_sent_after(sent, tp->first_tx_mstamp, cb->end_seq,
			       rs->last_end_seq)) {
		rs->prior_delivered = cb->tx.delivered;
		rs->prior_mstamp = cb->tx.delivered_us;
		rs->is_app_limited = cb->is_app_limited;
		rs->is_retrans = cb->sacked & TCPCB_RETRANS;
		rs->last_end_seq = cb->end_seq;
		rs->snd_interval_us = (u32)(sent - cb->tx.first_tx_us);
		tp->first_tx_mstamp = sent;
	}
	if (cb->sacked & TCPCB_SACKED_ACKED)
		cb->tx.delivered_us = 0;
}

/* The sample of this ACK, and of the connection if it is better. */
void tcp_rate_gen(struct sock *sk, u32 delivered, u32 lost, bool is_sack_reneg,
		  struct rate_sample *rs)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (tp->app_limited && after(tp->delivered, tp->app_limited))
		tp->app_limited = 0;
	if (delivered)
		tp->delivered_mstamp = tp->tcp_mstamp;
	rs->acked_sacked = delivered;
	rs->losses = lost;
	/* What was SACKed and taken back has spoilt the count. */
	if (!rs->prior_mstamp || is_sack_reneg) {
		rs->delivered = -1;
		rs->interval_us = -1;
		return;
	}
	rs->delivered = (s32)(tp->delivered - rs->prior_delivered);
	rs->rcv_interval_us = (u32)(tp->tcp_mstamp - rs->prior_mstamp);
	rs->interval_us = max(rs->snd_interval_us, rs->rcv_interval_us);
	/* Faster than a round trip can be: an ACK of the original. */
	if (rs->interval_us < (s64)tcp_min_rtt(tp)) {
		rs->interval_us = -1;
		return;
	}
	if (!rs->is_app_limited ||
	    (u64)rs->delivered * tp->rate_interval_us >=
	    (u64)tp->rate_delivered * (u64)rs->interval_us) {
		tp->rate_delivered = (u32)rs->delivered;
		tp->rate_interval_us = (u32)rs->interval_us;
		tp->rate_app_limited = rs->is_app_limited;
	}
}
