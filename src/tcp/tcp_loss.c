/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * After a timeout: RFC 5681 3.1 (one segment, ssthresh halved), RFC 5682
 * (F-RTO: was the timeout spurious? Send something new instead of the next
 * retransmission; if that is acknowledged, yes), RFC 2018 8 (reneging), and
 * the acknowledgement of a tail loss probe, RFC 8985 7.
 */
#include "tcp/tcp.h"
#include "tcp/tcp_rx.h"

/* RFC6298 5.4..5.6, RFC8985 6.3: what is lost when the timer fires. Under RACK
 * what was sent less than a round trip ago may still arrive. */
static void tcp_timeout_mark_lost(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *head = tcp_rtx_queue_head(sk), *skb;
	bool reneg = head && (TCP_SKB_CB(head)->sacked & TCPCB_SACKED_ACKED);

	if (reneg) {
		NET_INC_STATS(sock_net(sk), TcpExt, TCPSACKReneging);
		tp->sacked_out = 0;
		tp->is_sack_reneg = true;
	} else if (!tcp_is_sack(tp)) {
		tcp_reset_reno_sack(tp);
	}
	for (skb = head; skb; skb = tcp_skb_rtx_next(skb)) {
		if (reneg)
			TCP_SKB_CB(skb)->sacked &= (u8)~TCPCB_SACKED_ACKED;
		else if (tcp_is_sack(tp) && skb != head &&
			 !tcp_rack_skb_timed_out(tp, skb))
			continue;
		tcp_mark_skb_lost(sk, skb);
	}
}

/* The retransmission timer fired. The caller retransmits the head. */
void tcp_enter_loss(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	bool new_recovery = tp->ca_state < TCP_CA_Recovery;
	u8 reordering = (u8)min(tcp_net(sk)->reordering, 255u);

	tcp_timeout_mark_lost(sk);
	if (tp->ca_state <= TCP_CA_Disorder ||
	    !after(tp->high_seq, tp->snd_una) ||
	    (tp->ca_state == TCP_CA_Loss && !tp->retransmits)) {
		tp->prior_ssthresh = tcp_current_ssthresh(sk);
		tp->prior_cwnd = tp->snd_cwnd;
		tp->snd_ssthresh = tp->ca_ops->ssthresh(sk);
		tcp_ca_event(sk, CA_EVENT_LOSS);
		tcp_init_undo(tp);
	}
	tp->snd_cwnd = tcp_packets_in_flight(tp) + 1;
	tp->snd_cwnd_cnt = 0;
	tp->snd_cwnd_stamp = tcp_now_ts(tp);
	/* The threshold kept recovery from starting in time: lower it. */
	if (tp->ca_state <= TCP_CA_Disorder && tp->sacked_out >= reordering)
		tp->reordering = min_t(u32, tp->reordering, reordering);
	tcp_set_ca_state(sk, TCP_CA_Loss);
	tp->high_seq = tp->snd_nxt;
	tp->tlp_high_seq = 0;
	tcp_ecn_queue_cwr(tp);
	/* RFC5682 2.1 (1): not if recovery was on before the first timeout */
	tp->frto = tcp_net(sk)->frto && (new_recovery || tp->retransmits) &&
		   !tp->mtup.probe_size;
}

/* RFC5682 2.1 (2), 3.1 (3). True: no retransmissions now. */
static bool tcp_process_frto(struct sock *sk, int flag, u32 num_dupack,
			     bool recovered, enum tcp_rexmit *rexmit)
{
	struct tcp_sock *tp = tcp_sk(sk);

	/* 3.b: what was never retransmitted arrived: spurious */
	if ((flag & FLAG_ORIG_SACK_ACKED) && tcp_try_undo_loss(sk, true))
		return true;
	if (after(tp->snd_nxt, tp->high_seq)) {
		/* 3.a: new data arrived, the old did not: a real loss */
		if ((flag & FLAG_DATA_SACKED) || num_dupack)
			tp->frto = false;
	} else if ((flag & FLAG_SND_UNA_ADVANCED) && !recovered) {
		tp->high_seq = tp->snd_nxt;
		/* 2.b: try new data */
		if (tcp_send_head(sk) &&
		    after(tcp_wnd_end(tp), tp->snd_nxt)) {
			*rexmit = REXMIT_NEW;
			return true;
		}
		tp->frto = false;
	}
	return false;
}

/* An ACK in state Loss. */
void tcp_process_loss(struct sock *sk, int flag, u32 num_dupack,
		      enum tcp_rexmit *rexmit)
{
	struct tcp_sock *tp = tcp_sk(sk);
	bool recovered = !before(tp->snd_una, tp->high_seq);

	if (((flag & FLAG_SND_UNA_ADVANCED) || tp->fastopen_rsk) &&
	    tcp_try_undo_loss(sk, false))
		return;
	if (tp->frto &&
	    tcp_process_frto(sk, flag, num_dupack, recovered, rexmit))
		return;
	if (recovered) {
		/* RFC5682 2.1 (2.a) or the usual end */
		tcp_try_undo_recovery(sk);
		return;
	}
	if (!tcp_is_sack(tp)) {
		/* Duplicates caused by new data sent since the timeout */
		if (after(tp->snd_nxt, tp->high_seq) && num_dupack)
			tcp_add_reno_sack(sk, num_dupack, flag & FLAG_ECE);
		else if (flag & FLAG_SND_UNA_ADVANCED)
			tcp_reset_reno_sack(tp);
	}
	*rexmit = REXMIT_LOST;
}

/* RFC2018 8: SND.UNA stopped at a packet that was SACKed. The peer may have
 * dropped it, or acknowledge it in a moment: a short timer decides. */
bool tcp_check_sack_reneging(struct sock *sk, int *ack_flag)
{
	struct tcp_sock *tp = tcp_sk(sk);
	ktime_t delay;

	if (!(*ack_flag & FLAG_SACK_RENEGING) ||
	    !(*ack_flag & FLAG_SND_UNA_ADVANCED))
		return false;
	delay = max_t(ktime_t, (tp->srtt_us >> 4) * NSEC_PER_USEC,
		      10 * NSEC_PER_MSEC);
	tcp_reset_xmit_timer(sk, ICSK_TIME_RETRANS, delay);
	*ack_flag &= ~FLAG_SET_XMIT_TIMER;
	return true;
}

/* RFC8985 7.4: a probe was sent; did it repair a loss nobody else noticed? */
void tcp_process_tlp_ack(struct sock *sk, u32 ack, int flag)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (before(ack, tp->tlp_high_seq))
		return;
	if (!tp->tlp_retrans || (flag & FLAG_DSACK_TLP)) {
		/* New data, or a copy of what had arrived: no loss. */
		tp->tlp_high_seq = 0;
	} else if (after(ack, tp->tlp_high_seq)) {
		/* More than the probe arrived and no D-SACK: the probe filled
		 * a hole, which counts as a loss. */
		tcp_init_cwnd_reduction(sk);
		tcp_set_ca_state(sk, TCP_CA_CWR);
		tcp_end_cwnd_reduction(sk);
		tcp_try_keep_open(sk);
		NET_INC_STATS(sock_net(sk), TcpExt, TCPLossProbeRecovery);
	} else if (!(flag & (FLAG_SND_UNA_ADVANCED | FLAG_NOT_DUP |
			     FLAG_DATA_SACKED))) {
		/* A pure duplicate: original and copy both arrived. */
		tp->tlp_high_seq = 0;
	}
}
