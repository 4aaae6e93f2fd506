/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * It was not lost after all: RFC 3522 and 4015 (Eifel: the echoed timestamp is
 * older than the first retransmission, so the original arrived), RFC 3708
 * (all retransmissions were reported as duplicates by D-SACK). The reduction
 * of cwnd is taken back.
 *
 * undo_marker is SND.UNA when recovery began; undo_retrans counts the
 * retransmissions not yet known to be needless.
 */
#include "tcp/tcp.h"
#include "tcp/tcp_rx.h"

void tcp_init_undo(struct tcp_sock *tp)
{
	tp->undo_marker = tp->snd_una;
	/* What is already retransmitted; -1: nothing, no D-SACK can tell. */
	tp->undo_retrans = (int)tp->retrans_out;
	if (tp->tlp_high_seq && tp->tlp_retrans)
		tp->undo_retrans++;
	if (!tp->undo_retrans)
		tp->undo_retrans = -1;
}

/* Something retransmitted is still unacknowledged. */
bool tcp_any_retrans_done(const struct sock *sk)
{
	const struct sk_buff *skb;

	if (tcp_sk(sk)->retrans_out)
		return true;
	skb = tcp_rtx_queue_head(sk);
	return skb && (TCP_SKB_CB(skb)->sacked & TCPCB_EVER_RETRANS);
}

void tcp_retrans_stamp_cleanup(struct sock *sk)
{
	if (!tcp_any_retrans_done(sk))
		tcp_sk(sk)->retrans_stamp = 0;
}

/*
 * RFC3522 3.2: the ACK was caused by the original. Without a stamp nothing has
 * been retransmitted yet, and all was merely late; but for two cases in which
 * the stamp was cleared: without SACK at high_seq, and when our SYN was
 * acknowledged.
 */
static bool tcp_packet_delayed(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (tp->retrans_stamp)
		return tp->rx_opt.saw_tstamp && tp->rx_opt.rcv_tsecr &&
		       (s32)(tp->rx_opt.rcv_tsecr - tp->retrans_stamp) < 0;
	if (!tcp_is_sack(tp) && !before(tp->snd_una, tp->high_seq))
		return false;
	return sk->sk_state != TCP_SYN_SENT;
}

static bool tcp_may_undo(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	return tp->undo_marker &&
	       (!tp->undo_retrans || tcp_packet_delayed(sk));
}

static void tcp_unmark_lost(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb;

	for (skb = tcp_rtx_queue_head(sk); skb; skb = tcp_skb_rtx_next(skb))
		TCP_SKB_CB(skb)->sacked &= (u8)~TCPCB_LOST;
	tp->lost_out = 0;
	tp->retransmit_high = 0;
}

static void tcp_undo_cwnd_reduction(struct sock *sk, bool unmark_loss)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (unmark_loss)
		tcp_unmark_lost(sk);
	if (tp->prior_ssthresh) {
		tp->snd_cwnd = tp->ca_ops->undo_cwnd(sk);
		if (tp->prior_ssthresh > tp->snd_ssthresh) {
			tp->snd_ssthresh = tp->prior_ssthresh;
			tp->ecn_flags &= (u8)~TCP_ECN_QUEUE_CWR;
		}
	}
	tp->snd_cwnd_stamp = tcp_now_ts(tp);
	tp->undo_marker = 0;
	tp->rack.advanced = true;	/* look for losses anew */
}

/* RFC6582 3.2 (4): without SACK, while SND.UNA is just at high_seq, further
 * duplicates would start recovery again: stay until it moves on. */
static bool tcp_non_sack_stays(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (tp->snd_una != tp->high_seq || tcp_is_sack(tp))
		return false;
	tcp_retrans_stamp_cleanup(sk);
	return true;
}

/* All of the window is acknowledged. True: stay in the state for now. */
bool tcp_try_undo_recovery(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (tcp_may_undo(sk)) {
		bool was_loss = tp->ca_state == TCP_CA_Loss;

		tcp_undo_cwnd_reduction(sk, false);
		if (was_loss)
			NET_INC_STATS(sock_net(sk), TcpExt, TCPLossUndo);
		else
			NET_INC_STATS(sock_net(sk), TcpExt, TCPFullUndo);
	} else if (tp->rack.reo_wnd_persist) {
		tp->rack.reo_wnd_persist--;
	}
	if (tcp_non_sack_stays(sk))
		return true;
	tcp_set_ca_state(sk, TCP_CA_Open);
	tp->is_sack_reneg = false;
	return false;
}

/* D-SACK has shown all retransmissions to be needless. */
bool tcp_try_undo_dsack(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tp->undo_marker || tp->undo_retrans)
		return false;
	tp->rack.reo_wnd_persist = (u8)min(TCP_RACK_RECOVERY_THRESH,
					   tp->rack.reo_wnd_persist + 1);
	tcp_undo_cwnd_reduction(sk, false);
	NET_INC_STATS(sock_net(sk), TcpExt, TCPDSACKUndo);
	return true;
}

/* frto_undo: F-RTO has shown the timeout to be spurious. */
bool tcp_try_undo_loss(struct sock *sk, bool frto_undo)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!frto_undo && !tcp_may_undo(sk))
		return false;
	tcp_undo_cwnd_reduction(sk, true);
	NET_INC_STATS(sock_net(sk), TcpExt, TCPLossUndo);
	if (frto_undo)
		NET_INC_STATS(sock_net(sk), TcpExt, TCPSpuriousRTOs);
	tp->retransmits = 0;
	if (tcp_non_sack_stays(sk))
		return true;
	if (frto_undo || tcp_is_sack(tp)) {
		tcp_set_ca_state(sk, TCP_CA_Open);
		tp->is_sack_reneg = false;
	}
	return true;
}

/* Part of the window is acknowledged, by the original. */
bool tcp_try_undo_partial(struct sock *sk, u32 prior_snd_una)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tp->undo_marker || !tcp_packet_delayed(sk))
		return false;
	/* The hole was filled by what came late: reordering. */
	tcp_check_sack_reordering(sk, prior_snd_una, true);
	/* The other retransmissions are still under way: wait for them. */
	if (tp->retrans_out)
		return true;
	tcp_retrans_stamp_cleanup(sk);
	tcp_undo_cwnd_reduction(sk, true);
	NET_INC_STATS(sock_net(sk), TcpExt, TCPPartialUndo);
	tcp_try_keep_open(sk);
	return false;
}

/* SYN or SYN-ACK was retransmitted, and the first one was answered. */
void tcp_try_undo_spurious_syn(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (tp->undo_marker && tp->rx_opt.saw_tstamp && tp->retrans_stamp &&
	    tp->retrans_stamp == tp->rx_opt.rcv_tsecr)
		tp->undo_marker = 0;
}
