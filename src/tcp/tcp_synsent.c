/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SYN-SENT: RFC 9293 3.10.7.3, and how a connection that we opened reaches
 * ESTABLISHED. The four steps: ACK, RST, (security), SYN. A SYN without ACK is
 * the other half of a simultaneous open (MUST-10, MUST-11): SYN-RECEIVED.
 */
#include "tcp/tcp_synsent.h"
#include "tcp/tcp_accecn.h"
#include "tcp/tcp_rx.h"

/* The initial congestion window: RFC 6928, or what the route says. */
u32 tcp_init_cwnd(const struct tcp_sock *tp, const struct dst_entry *dst)
{
	u32 cwnd = dst && dst->initcwnd ? dst->initcwnd : TCP_INIT_CWND;

	return min(cwnd, tp->snd_cwnd_clamp);
}

/* Both ends agree: windows, buffers and congestion control start. skb: the
 * segment that brought it about, or NULL; borrowed. */
void tcp_init_transfer(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);

	tcp_mtup_init(sk);
	if (!tp->srtt_us) {
		/* RFC6298 5.7: the SYN was retransmitted, no sample. */
		tp->rttvar_us = 3 * 1000 * 1000;
		tp->mdev_us = tp->mdev_max_us = tp->rttvar_us;
		tp->rto = 3 * NSEC_PER_SEC;
	}
	/* RFC5681 3.1: SYN or SYN-ACK was lost, and not too early a timeout */
	tp->snd_cwnd = tp->total_retrans > 1 && tp->undo_marker ?
		       1 : tcp_init_cwnd(tp, sk->flow.dst);
	tp->snd_cwnd_stamp = tcp_now_ts(tp);
	if (!tp->ca_initialized)
		tcp_init_congestion_control(sk);
	tcp_init_buffer_space(sk);
}

void tcp_finish_connect(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);

	tcp_set_state(sk, TCP_ESTABLISHED);
	tp->ack.lrcvtime = (ktime_t)tp->tcp_clock_cache;
	tcp_init_transfer(sk, skb);
	tp->lsndtime = tcp_now_ts(tp);
	if (sock_flag(sk, SOCK_KEEPOPEN))
		tcp_reset_keepalive_timer(sk, tcp_keepalive_time(sk));
	/* The window of a SYN is not scaled: the next one will differ. */
	if (!tp->rx_opt.snd_wscale)
		tcp_fast_path_on(sk);
	else
		tp->pred_on = false;
}

static void tcp_clear_options(struct tcp_options_received *o)
{
	o->tstamp_ok = o->sack_ok = 0;
	o->wscale_ok = o->snd_wscale = 0;
}

/* RFC9293 3.10.7.3: first, check the ACK bit; RFC7323 5.5 for the timestamp.
 * Reason to reset, or 0. */
static enum skb_drop_reason tcp_synsent_check_ack(struct sock *sk,
						  const struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 ack = TCP_SKB_CB(skb)->ack_seq;

	if (!after(ack, tp->snd_una) || after(ack, tp->snd_nxt)) {
		/* An old connection of theirs is in the way; the RST we send
		 * removes it, and a new SYN soon gets through. */
		if (!tp->retransmits)
			tcp_reset_xmit_timer(sk, ICSK_TIME_RETRANS,
					     TCP_TIMEOUT_MIN);
		return SKB_DROP_REASON_TCP_INVALID_ACK_SEQUENCE;
	}
	if (tp->rx_opt.saw_tstamp && tp->rx_opt.rcv_tsecr &&
	    !between(tp->rx_opt.rcv_tsecr, tp->retrans_stamp,
		     tcp_now_ts(tp))) {
		NET_INC_STATS(sock_net(sk), TcpExt, PAWSActive);
		return SKB_DROP_REASON_TCP_PAWS;
	}
	return SKB_NOT_DROPPED_YET;
}

/* Options that the answer agreed to. */
static void tcp_synsent_options(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tp->rx_opt.wscale_ok) {
		tp->rx_opt.snd_wscale = tp->rx_opt.rcv_wscale = 0;
		tp->window_clamp = min(tp->window_clamp, 65535u);
	}
	tp->tcp_header_len = sizeof(struct tcphdr);
	if (tp->rx_opt.saw_tstamp) {
		tp->rx_opt.tstamp_ok = 1;
		tp->tcp_header_len += TCPOLEN_TSTAMP_ALIGNED;
		tp->advmss -= TCPOLEN_TSTAMP_ALIGNED;
		tcp_store_ts_recent(tp);
	}
}

/* Our SYN was answered. The program most likely writes next, then the ACK can
 * ride on its data: wait for that if there is a sign of it. */
static void tcp_synsent_ack(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tp->write_pending && !tp->defer_accept_s &&
	    !inet_csk_in_pingpong_mode(tp)) {
		tcp_send_ack(sk);
		return;
	}
	inet_csk_schedule_ack(tp);
	tcp_enter_quickack_mode(sk, TCP_MAX_QUICKACKS);
	tp->ack.pending |= ICSK_ACK_TIMER;
	tp->ack.timeout = (ktime_t)tp->tcp_clock_cache + TCP_DELACK_MAX;
	tcp_sk_reset_timer(sk, &tp->delack_timer, tp->ack.timeout);
}

/* Fourth, check the SYN bit, with ACK. Borrows skb. */
static void tcp_synsent_established(struct sock *sk, struct sk_buff *skb,
				    const struct tcphdr *th)
{
	struct tcp_sock *tp = tcp_sk(sk);
	bool refused;

	if (tp->accecn.asked)
		tcp_accecn_rcv_synack(sk, skb);
	else
		tcp_ecn_rcv_synack(tp, th);
	tcp_update_wl(tp, TCP_SKB_CB(skb)->seq);
	tcp_try_undo_spurious_syn(sk);
	tcp_ack(sk, skb, FLAG_SLOWPATH);
	WRITE_ONCE(tp->rcv_nxt, TCP_SKB_CB(skb)->seq + 1);
	tp->rcv_wup = TCP_SKB_CB(skb)->seq + 1;
	/* RFC7323 2.2: the window of a SYN is never scaled */
	tp->snd_wnd = be16_to_cpu(th->window);
	tcp_synsent_options(sk);
	tcp_sync_mss(sk, tp->pmtu_cookie);
	tcp_initialize_rcv_mss(sk);
	WRITE_ONCE(tp->copied_seq, tp->rcv_nxt);
	tcp_finish_connect(sk, skb);
	refused = (tp->syn_fastopen || tp->syn_data) &&
		  tcp_rcv_fastopen_synack(sk, skb);
	if (!sock_flag(sk, SOCK_DEAD))
		sk->state_change(sk);
	/* The SYN's data goes again, and the ACK with it. */
	if (!refused)
		tcp_synsent_ack(sk);
}

/* Fourth, check the SYN bit, without ACK: simultaneous open. Borrows skb. */
static void tcp_synsent_simultaneous(struct sock *sk, struct sk_buff *skb,
				     const struct tcphdr *th)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 seq = TCP_SKB_CB(skb)->seq;

	tcp_set_state(sk, TCP_SYN_RECV);
	tp->tcp_header_len = sizeof(struct tcphdr);
	if (tp->rx_opt.saw_tstamp) {
		tp->rx_opt.tstamp_ok = 1;
		tcp_store_ts_recent(tp);
		tp->tcp_header_len += TCPOLEN_TSTAMP_ALIGNED;
	}
	WRITE_ONCE(tp->rcv_nxt, seq + 1);
	WRITE_ONCE(tp->copied_seq, tp->rcv_nxt);
	tp->rcv_wup = seq + 1;
	tp->snd_wnd = be16_to_cpu(th->window);
	tp->snd_wl1 = seq;
	tp->max_window = tp->snd_wnd;
	tp->accecn.asked = false;	/* the request is classic, or none */
	tcp_ecn_rcv_syn(tp, th);
	tcp_mtup_init(sk);
	tcp_sync_mss(sk, tp->pmtu_cookie);
	tcp_initialize_rcv_mss(sk);
	tcp_send_synack(sk);
}

/* A segment that changes nothing, not even what its options said. */
static void tcp_synsent_ignore(struct sock *sk, struct sk_buff *skb,
			       u16 mss_clamp, enum skb_drop_reason why)
{
	tcp_clear_options(&tcp_sk(sk)->rx_opt);
	tcp_sk(sk)->rx_opt.mss_clamp = mss_clamp;
	kfree_skb_reason(skb, why);
}

enum skb_drop_reason tcp_rcv_synsent(struct sock *sk, struct sk_buff *skb,
				     const struct tcphdr *th)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u16 mss_clamp = tp->rx_opt.mss_clamp;
	enum skb_drop_reason why;

	tcp_mstamp_refresh(tp);
	tcp_parse_options(skb, &tp->rx_opt, false);
	if (tp->rx_opt.saw_tstamp && tp->rx_opt.rcv_tsecr)
		tp->rx_opt.rcv_tsecr -= tp->tsoffset;
	if (tcp_has(th, TCPHDR_ACK)) {
		why = tcp_synsent_check_ack(sk, skb);
		if (why) {
			tcp_clear_options(&tp->rx_opt);
			tp->rx_opt.mss_clamp = mss_clamp;
			/* no RST in answer to a RST */
			if (!tcp_has(th, TCPHDR_RST))
				return why;
			kfree_skb_reason(skb, why);
			return SKB_NOT_DROPPED_YET;
		}
	}
	/* second, check the RST bit: only one that acknowledges our SYN */
	if (tcp_has(th, TCPHDR_RST)) {
		if (tcp_has(th, TCPHDR_ACK))
			tcp_reset(sk, skb);
		tcp_synsent_ignore(sk, skb, mss_clamp,
				   SKB_DROP_REASON_TCP_RESET);
		return SKB_NOT_DROPPED_YET;
	}
	if (!tcp_has(th, TCPHDR_SYN)) {
		tcp_synsent_ignore(sk, skb, mss_clamp,
				   SKB_DROP_REASON_TCP_FLAGS);
		return SKB_NOT_DROPPED_YET;
	}
	if (!tcp_has(th, TCPHDR_ACK)) {
		if (tp->rx_opt.ts_recent_stamp && tp->rx_opt.saw_tstamp &&
		    tcp_paws_reject(&tp->rx_opt, false, tcp_now_s(tp))) {
			tcp_synsent_ignore(sk, skb, mss_clamp,
					   SKB_DROP_REASON_TCP_PAWS);
			return SKB_NOT_DROPPED_YET;
		}
		tcp_synsent_simultaneous(sk, skb, th);
		consume_skb(skb);
		return SKB_NOT_DROPPED_YET;
	}
	tcp_synsent_established(sk, skb, th);
	tcp_urg(sk, skb, th);
	consume_skb(skb);
	tcp_data_snd_check(sk);
	return SKB_NOT_DROPPED_YET;
}
