/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sender's congestion states, and what an unusual acknowledgement does in
 * each (RFC 5681, 6582, 6675, 8985, 6937):
 *
 *	Open		all is well
 *	Disorder	SACKs or duplicate ACKs, no loss known: limited
 *			transmit (RFC 3042) sends new data
 *	CWR		cwnd comes down for ECN or local congestion
 *	Recovery	cwnd comes down, lost packets are sent again
 *	Loss		a timeout: start over (tcp_loss.c)
 *
 * The last three end when SND.UNA passes high_seq, SND.NXT of the beginning.
 * What is lost is found by RACK (tcp_rack.c), or by counting without SACK.
 */
#include "tcp/tcp.h"
#include "tcp/tcp_rx.h"

void tcp_set_ca_state(struct sock *sk, enum tcp_ca_state s)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (tp->ca_ops && tp->ca_ops->set_state)
		tp->ca_ops->set_state(sk, s);
	tp->ca_state = s;
}

void tcp_clear_retrans(struct tcp_sock *tp)
{
	tp->retrans_out = 0;
	tp->lost_out = 0;
	tp->undo_marker = 0;
	tp->undo_retrans = -1;
	tp->sacked_out = 0;
	tp->rack.dsack_seen = false;
	tp->rack.reo_wnd_steps = 1;
	tp->rack.reo_wnd_persist = 0;
	tp->retransmit_high = 0;
}

/* --- marking --------------------------------------------------------------------- */

static void tcp_notify_loss(struct tcp_sock *tp, const struct sk_buff *skb)
{
	tp->lost += tcp_skb_pcount(skb);
}

/* Lost, whatever it was before; retransmit_high is the end of what is. */
void tcp_mark_skb_lost(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_skb_cb *cb = TCP_SKB_CB(skb);

	if (cb->sacked & TCPCB_SACKED_ACKED)
		return;
	if (!tp->lost_out || after(cb->end_seq, tp->retransmit_high))
		tp->retransmit_high = cb->end_seq;
	if (!(cb->sacked & TCPCB_LOST)) {
		tp->lost_out += tcp_skb_pcount(skb);
		cb->sacked |= TCPCB_LOST;
		tcp_notify_loss(tp, skb);
	} else if (cb->sacked & TCPCB_SACKED_RETRANS) {
		/* The retransmission was lost as well. */
		cb->sacked &= (u8)~TCPCB_SACKED_RETRANS;
		tp->retrans_out -= tcp_skb_pcount(skb);
		NET_ADD_STATS(sock_net(sk), TcpExt, TCPLostRetransmit,
			      tcp_skb_pcount(skb));
		tcp_notify_loss(tp, skb);
	}
}

/* A packet that is not SACKed is lost, if it was not known to be. */
void tcp_skb_mark_lost_uncond_verify(struct tcp_sock *tp, struct sk_buff *skb)
{
	tcp_mark_skb_lost(&tp->sk, skb);
}

/* What this ACK shows to be lost. */
void tcp_identify_packet_loss(struct sock *sk, int *ack_flag)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 prior_retrans = tp->retrans_out;

	if (tcp_rtx_queue_empty(sk))
		return;
	if (!tcp_is_sack(tp)) {
		tcp_newreno_mark_lost(sk, *ack_flag & FLAG_SND_UNA_ADVANCED);
		return;
	}
	/* RACK's own timer runs: it must not be replaced. */
	if (tcp_rack_mark_lost(sk))
		*ack_flag &= ~FLAG_SET_XMIT_TIMER;
	if (prior_retrans > tp->retrans_out)
		*ack_flag |= FLAG_LOST_RETRANS;
}

/* --- from state to state ----------------------------------------------------------- */

/* Open if nothing is missing, else Disorder. */
void tcp_try_keep_open(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	enum tcp_ca_state state = tcp_left_out(tp) || tcp_any_retrans_done(sk) ?
				  TCP_CA_Disorder : TCP_CA_Open;

	if (tp->ca_state != state) {
		tcp_set_ca_state(sk, state);
		tp->high_seq = tp->snd_nxt;
	}
}

static void tcp_try_to_open(struct sock *sk, int flag)
{
	tcp_retrans_stamp_cleanup(sk);
	if (flag & FLAG_ECE)
		tcp_enter_cwr(sk);
	if (tcp_sk(sk)->ca_state != TCP_CA_CWR)
		tcp_try_keep_open(sk);
}

void tcp_enter_recovery(struct sock *sk, bool ece_ack)
{
	struct tcp_sock *tp = tcp_sk(sk);

	/* The clock of this recovery starts with its first retransmission. */
	tcp_retrans_stamp_cleanup(sk);
	if (tcp_is_sack(tp))
		NET_INC_STATS(sock_net(sk), TcpExt, TCPSackRecovery);
	else
		NET_INC_STATS(sock_net(sk), TcpExt, TCPRenoRecovery);
	tp->prior_ssthresh = 0;
	tcp_init_undo(tp);
	if (!tcp_in_cwnd_reduction(tp)) {
		/* By ECE the network itself says so: nothing to take back. */
		if (!ece_ack)
			tp->prior_ssthresh = tcp_current_ssthresh(sk);
		tcp_init_cwnd_reduction(sk);
	}
	tcp_set_ca_state(sk, TCP_CA_Recovery);
}

/* The path MTU probe alone is missing (RFC 4821 7.6.2): too large, and no sign
 * of congestion. */
static bool tcp_mtup_probe_lost(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (tp->ca_state >= TCP_CA_CWR || !tp->mtup.probe_size ||
	    tp->snd_una != tp->mtu_probe_seq_start)
		return false;
	tp->mtup.search_high = tp->mtup.probe_size - 1;
	tp->mtup.probe_size = 0;
	NET_INC_STATS(sock_net(sk), TcpExt, TCPMTUPFail);
	tp->snd_cwnd++;
	tcp_simple_retransmit(sk);
	return true;
}

/* SND.UNA has passed high_seq. True: nothing more is to be done. */
static bool tcp_episode_ends(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	switch (tp->ca_state) {
	case TCP_CA_CWR:
		/* high_seq itself: duplicates may follow, RFC 6582 */
		if (tp->snd_una != tp->high_seq) {
			tcp_end_cwnd_reduction(sk);
			tcp_set_ca_state(sk, TCP_CA_Open);
		}
		return false;
	case TCP_CA_Recovery:
		if (!tcp_is_sack(tp))
			tcp_reset_reno_sack(tp);
		if (tcp_try_undo_recovery(sk))
			return true;
		tcp_end_cwnd_reduction(sk);
		return false;
	case TCP_CA_Open:
	case TCP_CA_Disorder:
	case TCP_CA_Loss:
		break;
	}
	return false;
}

/* True: an undo says to wait. */
static bool tcp_in_recovery(struct sock *sk, u32 prior_snd_una, u32 num_dupack,
			    int flag)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!(flag & FLAG_SND_UNA_ADVANCED)) {
		if (!tcp_is_sack(tp))
			tcp_add_reno_sack(sk, num_dupack, flag & FLAG_ECE);
	} else if (tcp_try_undo_partial(sk, prior_snd_una)) {
		return true;
	}
	if (tcp_try_undo_dsack(sk))
		tcp_try_to_open(sk, flag);
	return false;
}

/* Open, Disorder, CWR. */
static void tcp_before_recovery(struct sock *sk, u32 num_dupack, int flag)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tcp_is_sack(tp)) {
		if (flag & FLAG_SND_UNA_ADVANCED)
			tcp_reset_reno_sack(tp);
		tcp_add_reno_sack(sk, num_dupack, flag & FLAG_ECE);
	}
	if (tp->ca_state <= TCP_CA_Disorder)
		tcp_try_undo_dsack(sk);
}

/* Losses are looked for; true: there are some, and recovery is on or begins. */
static bool tcp_recovery_starts(struct sock *sk, int *ack_flag)
{
	struct tcp_sock *tp = tcp_sk(sk);

	tcp_identify_packet_loss(sk, ack_flag);
	if (tp->ca_state == TCP_CA_Recovery)
		return true;
	if (!tp->lost_out) {
		tcp_try_to_open(sk, *ack_flag);
		return false;
	}
	if (tcp_mtup_probe_lost(sk))
		return false;
	tcp_enter_recovery(sk, *ack_flag & FLAG_ECE);
	return true;
}

/*
 * An acknowledgement that is dubious (duplicate, with SACK or ECE), or any
 * while not in Open. What is to be sent is told by *rexmit.
 */
void tcp_fastretrans_alert(struct sock *sk, u32 prior_snd_una, u32 num_dupack,
			   int *ack_flag, enum tcp_rexmit *rexmit)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tp->packets_out && tp->sacked_out)
		tp->sacked_out = 0;
	if (*ack_flag & FLAG_ECE)
		tp->prior_ssthresh = 0;
	if (tcp_check_sack_reneging(sk, ack_flag))
		return;
	if (tp->ca_state == TCP_CA_Open)
		tp->retrans_stamp = 0;
	else if (!before(tp->snd_una, tp->high_seq) && tcp_episode_ends(sk))
		return;

	if (tp->ca_state == TCP_CA_Recovery) {
		if (tcp_in_recovery(sk, prior_snd_una, num_dupack, *ack_flag))
			return;
		tcp_identify_packet_loss(sk, ack_flag);
		if (tp->ca_state != TCP_CA_Recovery) {
			if (!tp->lost_out)
				return;
			tcp_enter_recovery(sk, *ack_flag & FLAG_ECE);
		}
		*rexmit = REXMIT_LOST;
		return;
	}
	if (tp->ca_state == TCP_CA_Loss) {
		tcp_process_loss(sk, *ack_flag, num_dupack, rexmit);
		tcp_identify_packet_loss(sk, ack_flag);
		if (tp->ca_state != TCP_CA_Open &&
		    !(*ack_flag & FLAG_LOST_RETRANS))
			return;
		/* Open again, or even retransmissions get lost: as below. */
	}
	tcp_before_recovery(sk, num_dupack, *ack_flag);
	if (tcp_recovery_starts(sk, ack_flag))
		*rexmit = REXMIT_LOST;
}

/* Of a SYN with data only the data is kept as such (tcp_fastopen_client.c), but
 * SYN and data were one packet: too large together, lost together. */
static bool lost_for_size(const struct tcp_sock *tp, const struct sk_buff *skb,
			  u32 mss)
{
	if (tp->syn_data && tp->sk.sk_state == TCP_SYN_SENT)
		return true;
	return tcp_skb_mss(skb) > mss ||
	       (tcp_skb_pcount(skb) == 1 && skb->len > mss);
}

/* The path MTU shrank (RFC 1191 6.5): what is too large now is lost, but that
 * is no congestion. */
void tcp_simple_retransmit(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 mss = tcp_current_mss(sk), prior_lost = tp->lost_out;
	struct sk_buff *skb;

	for (skb = tcp_rtx_queue_head(sk); skb; skb = tcp_skb_rtx_next(skb))
		if (lost_for_size(tp, skb, mss))
			tcp_mark_skb_lost(sk, skb);
	if (prior_lost == tp->lost_out)
		return;
	if (!tcp_is_sack(tp))
		tcp_limit_reno_sacked(tp);
	if (tp->ca_state != TCP_CA_Loss) {
		tp->high_seq = tp->snd_nxt;
		tp->snd_ssthresh = tcp_current_ssthresh(sk);
		tp->prior_ssthresh = 0;
		tp->undo_marker = 0;
		tcp_set_ca_state(sk, TCP_CA_Loss);
	}
	tcp_xmit_retransmit_queue(sk);
}
