/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An acknowledgement arrives: RFC 9293 3.10.7.4, fifth; RFC 5681, 5961 5.
 * In order: is it for what we sent, does it move SND.UNA, does it change the
 * window, what does it SACK (tcp_sack.c), which originals can go
 * (tcp_clean.c), was anything lost (tcp_recovery.c), how much may now be in
 * flight (tcp_cong.c), and what of the lost is sent again.
 *
 * What is found out is collected as FLAG_* of this one acknowledgement.
 */
#include "tcp/tcp.h"
#include "tcp/tcp_accecn.h"
#include "tcp/tcp_rx.h"

/* One acknowledgement on its way through. */
struct tcp_ack_event {
	u32 ack, seq;			/* SEG.ACK, SEG.SEQ */
	u32 prior_snd_una, prior_fack;
	u32 prior_delivered, prior_lost;
	u32 num_dupack;
	int flag;
	bool newer_ts;			/* than any before */
	enum tcp_rexmit rexmit;
	struct rate_sample rs;
	struct tcp_sacktag_state sack;
};

void tcp_count_delivered(struct tcp_sock *tp, u32 delivered, bool ece)
{
	tp->delivered += delivered;
	if (ece)
		tp->delivered_ce += delivered;
}

/* --- window ------------------------------------------------------------------------ */

/* RFC9293 3.10.7.4. RFC: also equal SEG.SEQ and newer SEG.ACK. Linux: an equal
 * SEG.SEQ only with a larger window, or with a closed one. Here: Linux. A window
 * may shrink (MUST-34). */
bool tcp_may_update_window(const struct tcp_sock *tp, u32 ack, u32 ack_seq,
			   u32 nwin)
{
	return after(ack, tp->snd_una) || after(ack_seq, tp->snd_wl1) ||
	       (ack_seq == tp->snd_wl1 && (nwin > tp->snd_wnd || !nwin));
}

static void tcp_snd_una_update(struct tcp_sock *tp, u32 ack)
{
	tp->bytes_acked += ack - tp->snd_una;
	WRITE_ONCE(tp->snd_una, ack);
}

/* A window closed or opened: after a pause cwnd may be out of date. */
static void tcp_after_window_change(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	s32 idle_ms;

	tp->pred_on = false;
	tcp_fast_path_check(sk);
	if (!tcp_send_head(sk) || !tcp_net(sk)->slow_start_after_idle ||
	    tp->packets_out || (tp->ca_ops && tp->ca_ops->cong_control))
		return;
	idle_ms = (s32)(tcp_now_ts(tp) - tp->lsndtime);
	if (idle_ms * NSEC_PER_MSEC > tp->rto)
		tcp_cwnd_restart(sk, (u32)idle_ms);
}

/* FLAG_WIN_UPDATE or 0. RFC9293 3.10.7.4: SND.WND, SND.WL1. */
static int tcp_ack_update_window(struct sock *sk, const struct sk_buff *skb,
				 u32 ack, u32 ack_seq)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 nwin = be16_to_cpu(tcp_hdr(skb)->window);
	int flag = 0;

	if (likely(!tcp_has(tcp_hdr(skb), TCPHDR_SYN)))
		nwin <<= tp->rx_opt.snd_wscale;
	if (tcp_may_update_window(tp, ack, ack_seq, nwin)) {
		flag = FLAG_WIN_UPDATE;
		tcp_update_wl(tp, ack_seq);
		if (tp->snd_wnd != nwin) {
			tp->snd_wnd = nwin;
			tcp_after_window_change(sk);
			if (nwin > tp->max_window) {
				tp->max_window = nwin;
				tcp_sync_mss(sk, tp->pmtu_cookie);
			}
		}
	}
	tcp_snd_una_update(tp, ack);
	return flag;
}

/* RFC7323 4.3 (2): SEG.SEQ <= Last.ACK.sent, and not a step back. */
static void tcp_replace_ts_recent(struct tcp_sock *tp, u32 seq)
{
	if (!tp->rx_opt.saw_tstamp || after(seq, tp->rcv_wup))
		return;
	if (tcp_paws_check(&tp->rx_opt, 0, tcp_now_s(tp)))
		tcp_store_ts_recent(tp);
}

/* Nothing is in flight: does the window let us send, or is it to be probed?
 * (RFC9293 3.8.6.1, MUST-36) */
static void tcp_ack_probe(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	const struct sk_buff *head = tcp_send_head(sk);
	ktime_t when;

	if (!head)
		return;
	if (!after(TCP_SKB_CB(head)->end_seq, tcp_wnd_end(tp))) {
		tp->backoff = 0;
		tcp_clear_xmit_timer(sk, ICSK_TIME_PROBE0);
		/* The data is sent by tcp_data_snd_check(). */
		return;
	}
	when = tcp_clamp_probe0_to_user_timeout(sk,
			tcp_probe0_when(sk, TCP_RTO_MAX));
	tcp_reset_xmit_timer(sk, ICSK_TIME_PROBE0, when);
}

/* --- the retransmission timer ------------------------------------------------------ */

/* RFC6298 5.2, 5.3: stopped when all is acknowledged, else from now; from when
 * the head was sent if another timer used it meanwhile. */
void tcp_rearm_rto(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	ktime_t rto = tp->rto;

	if (!tp->packets_out) {
		tcp_clear_xmit_timer(sk, ICSK_TIME_RETRANS);
		return;
	}
	if (tp->pending == ICSK_TIME_REO_TIMEOUT ||
	    tp->pending == ICSK_TIME_LOSS_PROBE) {
		s64 delta_us = tcp_rto_delta_us(sk);

		rto = max_t(s64, delta_us, 1) * NSEC_PER_USEC;
	}
	tcp_reset_xmit_timer(sk, ICSK_TIME_RETRANS, rto);
}

/* --- what becomes of it ------------------------------------------------------------- */

static bool tcp_ack_is_dubious(const struct tcp_sock *tp, int flag)
{
	return !(flag & FLAG_NOT_DUP) || (flag & FLAG_CA_ALERT) ||
	       tp->ca_state != TCP_CA_Open;
}

static void tcp_newly_delivered(struct sock *sk, const struct tcp_ack_event *e,
				u32 *delivered)
{
	*delivered = tcp_sk(sk)->delivered - e->prior_delivered;
	NET_ADD_STATS(sock_net(sk), TcpExt, TCPDelivered, *delivered);
	if (e->flag & FLAG_ECE && !tcp_sk(sk)->accecn.on)
		NET_ADD_STATS(sock_net(sk), TcpExt, TCPDeliveredCE, *delivered);
}

/* cwnd is known: what was marked lost goes out, or F-RTO's new data. */
static void tcp_xmit_recovery(struct sock *sk, enum tcp_rexmit rexmit)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (rexmit == REXMIT_NONE || sk->sk_state == TCP_SYN_SENT)
		return;
	if (rexmit == REXMIT_NEW) {
		__tcp_push_pending_frames(sk, tcp_current_mss(sk),
					  TCP_NAGLE_OFF);
		if (after(tp->snd_nxt, tp->high_seq))
			return;
		tp->frto = false;	/* nothing new could be sent */
	}
	tcp_xmit_retransmit_queue(sk);
}

static void tcp_ca_in_ack(struct sock *sk, u32 flags)
{
	const struct tcp_congestion_ops *ca = tcp_sk(sk)->ca_ops;

	if (ca && ca->in_ack_event)
		ca->in_ack_event(sk, flags);
}

/* Header prediction matched and SND.UNA moves: the window is as it was. */
static void tcp_ack_fast(struct sock *sk, struct tcp_ack_event *e)
{
	struct tcp_sock *tp = tcp_sk(sk);

	tcp_update_wl(tp, e->seq);
	tcp_snd_una_update(tp, e->ack);
	e->flag |= FLAG_WIN_UPDATE;
	tcp_ca_in_ack(sk, 0);
	NET_INC_STATS(sock_net(sk), TcpExt, TCPHPAcks);
}

static void tcp_ack_slow(struct sock *sk, const struct sk_buff *skb,
			 struct tcp_ack_event *e)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (e->seq != TCP_SKB_CB(skb)->end_seq)
		e->flag |= FLAG_DATA;
	else
		NET_INC_STATS(sock_net(sk), TcpExt, TCPPureAcks);
	e->flag |= tcp_ack_update_window(sk, skb, e->ack, e->seq);
	if (TCP_SKB_CB(skb)->sacked)
		e->flag |= tcp_sacktag_write_queue(sk, skb, e->prior_snd_una,
						   &e->sack);
	if (tcp_ecn_rcv_ecn_echo(tp, tcp_hdr(skb)))
		e->flag |= FLAG_ECE;
	if (e->sack.sack_delivered)
		tcp_count_delivered(tp, e->sack.sack_delivered,
				    e->flag & FLAG_ECE);
	tcp_ca_in_ack(sk, e->flag & FLAG_ECE ? FLAG_ECE : 0);
}

/* RFC9768 3.2.2: the peer counts marks; any new one says to slow down. */
static void tcp_ack_accecn(struct sock *sk, const struct sk_buff *skb,
			   struct tcp_ack_event *e)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (likely(!tp->accecn.on))
		return;
	if (tcp_accecn_ack(tp, skb, tp->delivered - e->prior_delivered,
			   e->flag & FLAG_FORWARD_PROGRESS || e->newer_ts))
		e->flag |= FLAG_ECE;
}

/* An ACK that says nothing new, or is odd, or comes in bad times. */
static void tcp_ack_alert(struct sock *sk, const struct sk_buff *skb,
			  struct tcp_ack_event *e)
{
	/* RFC5681 2: what counts as a duplicate */
	if (!(e->flag & (FLAG_SND_UNA_ADVANCED | FLAG_NOT_DUP |
			 FLAG_DSACKING_ACK)))
		e->num_dupack = max_t(u32, 1, skb_shinfo(skb)->gso_segs);
	tcp_fastretrans_alert(sk, e->prior_snd_una, e->num_dupack, &e->flag,
			      &e->rexmit);
}

/* Nothing was in flight: a window update, an answer to a probe, a D-SACK. */
static void tcp_ack_no_queue(struct sock *sk, const struct sk_buff *skb,
			     struct tcp_ack_event *e)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 delivered;

	tcp_ack_accecn(sk, skb, e);
	if (e->flag & FLAG_DSACKING_ACK) {
		tcp_fastretrans_alert(sk, e->prior_snd_una, e->num_dupack,
				      &e->flag, &e->rexmit);
		tcp_newly_delivered(sk, e, &delivered);
	}
	tcp_ack_probe(sk);
	if (tp->tlp_high_seq)
		tcp_process_tlp_ack(sk, e->ack, e->flag);
}

/* SEG.ACK < SND.UNA: reordered. Its SACK blocks may still tell something.
 * RFC5961 5.2: far older than any window: somebody guesses. */
static int tcp_ack_old(struct sock *sk, const struct sk_buff *skb,
		       struct tcp_ack_event *e)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 max_window = (u32)min((u64)tp->max_window, tp->bytes_acked);
	u32 delivered;

	if (before(e->ack, e->prior_snd_una - max_window)) {
		if (!(e->flag & FLAG_NO_CHALLENGE_ACK))
			tcp_send_challenge_ack(sk);
		return -SKB_DROP_REASON_TCP_TOO_OLD_ACK;
	}
	if (TCP_SKB_CB(skb)->sacked) {
		e->flag |= tcp_sacktag_write_queue(sk, skb, e->prior_snd_una,
						   &e->sack);
		if (e->sack.sack_delivered)
			tcp_count_delivered(tp, e->sack.sack_delivered, false);
		tcp_fastretrans_alert(sk, e->prior_snd_una, e->num_dupack,
				      &e->flag, &e->rexmit);
		tcp_newly_delivered(sk, e, &delivered);
		tcp_xmit_recovery(sk, e->rexmit);
	}
	return 0;
}

/* There was something in flight. */
static void tcp_ack_queue(struct sock *sk, const struct sk_buff *skb,
			  struct tcp_ack_event *e)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 delivered, lost;

	e->sack.flag = e->flag;
	e->flag |= tcp_clean_rtx_queue(sk, e->prior_fack, e->prior_snd_una,
				       &e->sack, e->flag & FLAG_ECE);
	tcp_ack_accecn(sk, skb, e);
	tcp_rack_update_reo_wnd(sk, &e->rs);
	if (tp->tlp_high_seq)
		tcp_process_tlp_ack(sk, e->ack, e->flag);
	if (tcp_ack_is_dubious(tp, e->flag))
		tcp_ack_alert(sk, skb, e);
	if ((e->flag & FLAG_SET_XMIT_TIMER) &&
	    !tcp_schedule_loss_probe(sk, true))
		tcp_rearm_rto(sk);
	if (((e->flag & FLAG_FORWARD_PROGRESS) || !(e->flag & FLAG_NOT_DUP)) &&
	    sk->flow.dst && sk->flow.dst->ops->confirm)
		sk->flow.dst->ops->confirm(sk->flow.dst);
	tcp_newly_delivered(sk, e, &delivered);
	lost = tp->lost - e->prior_lost;
	e->rs.is_ack_delayed = e->flag & FLAG_ACK_MAYBE_DELAYED;
	tcp_rate_gen(sk, delivered, lost, tp->is_sack_reneg, &e->rs);
	tcp_cong_control(sk, e->ack, delivered, lost, e->flag, &e->rs);
	tcp_xmit_recovery(sk, e->rexmit);
}

/* Borrows skb (header still on, or just pulled). */
int tcp_ack(struct sock *sk, const struct sk_buff *skb, int flag)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_ack_event e = {
		.ack = TCP_SKB_CB(skb)->ack_seq,
		.seq = TCP_SKB_CB(skb)->seq,
		.prior_snd_una = tp->snd_una,
		.prior_delivered = tp->delivered,
		.prior_lost = tp->lost,
		.flag = flag,
	};
	u32 prior_packets = tp->packets_out;

	skb_stage(skb, STAGE_tcp_ack);
	e.sack.rate = &e.rs;
	e.sack.reord = e.prior_snd_una;
	if (before(e.ack, e.prior_snd_una))
		return tcp_ack_old(sk, skb, &e);
	/* RFC9293 3.10.7.4, RFC5961 5.2: not sent yet */
	if (after(e.ack, tp->snd_nxt)) {
		if (!(flag & FLAG_NO_CHALLENGE_ACK))
			tcp_send_challenge_ack(sk);
		return -SKB_DROP_REASON_TCP_ACK_UNSENT_DATA;
	}
	if (after(e.ack, e.prior_snd_una)) {
		e.flag |= FLAG_SND_UNA_ADVANCED;
		tp->retransmits = 0;
	}
	e.prior_fack = tcp_is_sack(tp) ? tcp_highest_sack_seq(tp) : tp->snd_una;
	e.rs.prior_in_flight = tcp_packets_in_flight(tp);
	e.newer_ts = tp->rx_opt.saw_tstamp &&
		     (s32)(tp->rx_opt.rcv_tsval - tp->rx_opt.ts_recent) > 0;
	if (flag & FLAG_UPDATE_TS_RECENT)
		tcp_replace_ts_recent(tp, e.seq);
	if ((e.flag & (FLAG_SLOWPATH | FLAG_SND_UNA_ADVANCED)) ==
	    FLAG_SND_UNA_ADVANCED)
		tcp_ack_fast(sk, &e);
	else
		tcp_ack_slow(sk, skb, &e);
	tcp_ecn_accept_cwr(sk, skb);
	/* The peer is there: what ICMP said does not matter. */
	WRITE_ONCE(sk->err_soft, 0);
	tp->probes_out = 0;
	tp->rcv_tstamp = tcp_now_ts(tp);
	if (prior_packets)
		tcp_ack_queue(sk, skb, &e);
	else
		tcp_ack_no_queue(sk, skb, &e);
	return 1;
}
