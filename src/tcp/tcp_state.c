/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A segment arrives in a state other than ESTABLISHED: RFC 9293 3.10.7.1
 * (CLOSED), .2 (LISTEN), .4 (the synchronized states on their way up or down).
 * SYN-SENT is in tcp_synsent.c. What each acknowledgement of our FIN leads to:
 *
 *	FIN-WAIT-1 -> FIN-WAIT-2    CLOSING -> TIME-WAIT    LAST-ACK -> CLOSED
 *
 * FIN-WAIT-2 of an orphan soon becomes a small TIME-WAIT sock of its own.
 */
#include "tcp/tcp.h"
#include "tcp/tcp_accecn.h"
#include "tcp/tcp_rx.h"
#include "tcp/tcp_synsent.h"

/* What remains to be done for the segment. */
enum tcp_next {
	NEXT_GO_ON,
	NEXT_CONSUME,			/* it has had its effect */
	NEXT_RESET,			/* answer by RST, for *why */
	NEXT_DISCARD,			/* drop it, for *why */
};

/* RFC9293 3.10.7.2 */
static enum tcp_next tcp_rcv_listen(struct sock *sk, struct sk_buff *skb,
				    const struct tcphdr *th,
				    enum skb_drop_reason *why)
{
	*why = SKB_DROP_REASON_TCP_FLAGS;
	if (tcp_has(th, TCPHDR_ACK))
		return NEXT_RESET;	/* second, check for an ACK */
	if (tcp_has(th, TCPHDR_RST)) {
		*why = SKB_DROP_REASON_TCP_RESET;
		return NEXT_DISCARD;	/* first, check for a RST */
	}
	if (!tcp_has(th, TCPHDR_SYN) || tcp_has(th, TCPHDR_FIN))
		return NEXT_DISCARD;
	/* third, check for a SYN */
	*why = tcp_conn_request(sk, skb);
	return *why ? NEXT_DISCARD : NEXT_CONSUME;
}

/* Data after the program has gone: RFC9293 3.6.1, RFC 1122 4.2.2.13: reset. */
static bool tcp_data_for_nobody(const struct sock *sk, const struct sk_buff *skb,
				const struct tcphdr *th)
{
	const struct tcp_skb_cb *cb = TCP_SKB_CB(skb);

	return cb->end_seq != cb->seq &&
	       after(cb->end_seq - tcp_has(th, TCPHDR_FIN),
		     tcp_sk(sk)->rcv_nxt);
}

/* --- the ACK does what its state says --------------------------------------------- */

/* RFC7413 4.2.2: data came with the SYN, the sock has worked since. Now the
 * handshake is over; its request is not needed any more. */
static void tcp_synrecv_fastopen(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	/* The SYN-ACK was repeated: needlessly, says the timestamp? */
	if (tp->ca_state == TCP_CA_Loss && !tp->packets_out)
		tcp_try_undo_recovery(sk);
	tp->retransmits = 0;
	tcp_fastopen_req_done(sk);
	/* Data may be in flight already: its timer was the SYN-ACK's. */
	tcp_rearm_rto(sk);
}

/* Our SYN is acknowledged: RFC9293 3.10.7.4, fifth, SYN-RECEIVED. */
static void tcp_synrecv_established(struct sock *sk, const struct sk_buff *skb,
				    const struct tcphdr *th)
{
	struct tcp_sock *tp = tcp_sk(sk);

	tp->delivered++;		/* the SYN-ACK */
	if (tp->fastopen_rsk) {
		if (!tp->srtt_us)
			tcp_synack_rtt_meas(sk, tp->fastopen_rsk);
		tcp_synrecv_fastopen(sk);
	} else {
		tcp_try_undo_spurious_syn(sk);
		tp->retrans_stamp = 0;
		tcp_init_transfer(sk, NULL);
		WRITE_ONCE(tp->copied_seq, tp->rcv_nxt);
	}
	tcp_set_state(sk, TCP_ESTABLISHED);
	sk->state_change(sk);
	tp->snd_una = TCP_SKB_CB(skb)->ack_seq;
	tp->snd_wnd = (u32)be16_to_cpu(th->window) << tp->rx_opt.snd_wscale;
	tcp_update_wl(tp, TCP_SKB_CB(skb)->seq);
	if (tp->rx_opt.tstamp_ok)
		tp->advmss -= TCPOLEN_TSTAMP_ALIGNED;
	tcp_update_pacing_rate(sk);
	tp->lsndtime = tcp_now_ts(tp);
	tcp_initialize_rcv_mss(sk);
	tcp_fast_path_on(sk);
	if (sk->shutdown & SEND_SHUTDOWN)
		tcp_shutdown(sk, SEND_SHUTDOWN);
}

/* An orphan's FIN is acknowledged: how long it may wait for the peer's. */
static enum tcp_next tcp_fin_wait2_orphan(struct sock *sk, struct sk_buff *skb,
					  const struct tcphdr *th,
					  enum skb_drop_reason *why)
{
	struct tcp_sock *tp = tcp_sk(sk);
	ktime_t tmo;

	if ((s32)tp->linger2_s < 0 || tcp_data_for_nobody(sk, skb, th)) {
		*why = (s32)tp->linger2_s < 0 ? SKB_DROP_REASON_TCP_CLOSE :
						SKB_DROP_REASON_TCP_ABORT_ON_DATA;
		tcp_done(sk);
		NET_INC_STATS(sock_net(sk), TcpExt, TCPAbortOnData);
		return NEXT_RESET;
	}
	tmo = tcp_fin_time(sk);
	if (tmo > TCP_TIMEWAIT_LEN) {
		tcp_reset_keepalive_timer(sk, tmo - TCP_TIMEWAIT_LEN);
	} else if (tcp_has(th, TCPHDR_FIN) || sock_owned_by_user(sk)) {
		/* The FIN in this very segment, or a close in progress,
		 * decides; look again later. */
		tcp_reset_keepalive_timer(sk, tmo);
	} else {
		tcp_time_wait(sk, TCP_FIN_WAIT2, tmo);
		return NEXT_CONSUME;
	}
	return NEXT_GO_ON;
}

static enum tcp_next tcp_fin_wait1_acked(struct sock *sk, struct sk_buff *skb,
					 const struct tcphdr *th,
					 enum skb_drop_reason *why)
{
	const struct dst_entry *dst = sk->flow.dst;

	tcp_set_state(sk, TCP_FIN_WAIT2);
	WRITE_ONCE(sk->shutdown, sk->shutdown | SEND_SHUTDOWN);
	if (dst && dst->ops->confirm)
		dst->ops->confirm(sk->flow.dst);
	if (!sock_flag(sk, SOCK_DEAD)) {
		sk->state_change(sk);	/* close() may be waiting */
		return NEXT_GO_ON;
	}
	return tcp_fin_wait2_orphan(sk, skb, th, why);
}

/* RFC9293 3.10.7.4: fifth, check the ACK field; the ACK was acceptable. */
static enum tcp_next tcp_ack_changes_state(struct sock *sk, struct sk_buff *skb,
					   const struct tcphdr *th,
					   enum skb_drop_reason *why)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (sk->sk_state == TCP_SYN_RECV) {
		tcp_synrecv_established(sk, skb, th);
		return NEXT_GO_ON;
	}
	if (sk->sk_state == TCP_FIN_WAIT1 && tp->fastopen_rsk)
		tcp_synrecv_fastopen(sk);	/* closed before the ACK */
	if (tp->snd_una != tp->write_seq)
		return NEXT_GO_ON;	/* our FIN is not acknowledged */
	switch (sk->sk_state) {
	case TCP_FIN_WAIT1:
		return tcp_fin_wait1_acked(sk, skb, th, why);
	case TCP_CLOSING:
		tcp_time_wait(sk, TCP_TIME_WAIT, 0);
		return NEXT_CONSUME;
	case TCP_LAST_ACK:
		tcp_done(sk);
		return NEXT_CONSUME;
	default:
		return NEXT_GO_ON;
	}
}

/* --- text in closing states ----------------------------------------------------------- */

/* RFC9293 3.10.7.4: seventh. NEXT_CONSUME: skb is on a queue or gone. */
static enum tcp_next tcp_segment_text(struct sock *sk, struct sk_buff *skb,
				      const struct tcphdr *th,
				      enum skb_drop_reason *why)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	switch (sk->sk_state) {
	case TCP_CLOSE_WAIT:
	case TCP_CLOSING:
	case TCP_LAST_ACK:
		/* Nothing can follow the peer's FIN. */
		if (!before(TCP_SKB_CB(skb)->seq, tp->rcv_nxt))
			break;
		fallthrough;
	case TCP_FIN_WAIT1:
	case TCP_FIN_WAIT2:
		if ((sk->shutdown & RCV_SHUTDOWN) &&
		    tcp_data_for_nobody(sk, skb, th)) {
			NET_INC_STATS(sock_net(sk), TcpExt, TCPAbortOnData);
			tcp_reset(sk, skb);
			*why = SKB_DROP_REASON_TCP_ABORT_ON_DATA;
			return NEXT_RESET;
		}
		fallthrough;
	case TCP_ESTABLISHED:
		tcp_data_queue(sk, skb);
		return NEXT_CONSUME;
	default:
		break;
	}
	*why = SKB_DROP_REASON_TCP_OLD_DATA;
	return NEXT_DISCARD;
}

/* --- the walk ---------------------------------------------------------------------------- */

/* RFC9293 3.10.7.4: fifth. In SYN-RECEIVED an unacceptable ACK is answered by
 * RST; elsewhere an old one is borne with. */
static enum tcp_next tcp_check_ack(struct sock *sk, struct sk_buff *skb,
				   const struct tcphdr *th,
				   enum skb_drop_reason *why)
{
	int ack = tcp_ack(sk, skb, FLAG_SLOWPATH | FLAG_UPDATE_TS_RECENT |
				   FLAG_NO_CHALLENGE_ACK);

	if (ack > 0)
		return tcp_ack_changes_state(sk, skb, th, why);
	*why = ack ? (enum skb_drop_reason)-ack : SKB_DROP_REASON_TCP_OLD_ACK;
	if (sk->sk_state == TCP_SYN_RECV)
		return NEXT_RESET;
	if (ack < 0) {
		tcp_send_challenge_ack(sk);
		return NEXT_DISCARD;
	}
	return tcp_ack_changes_state(sk, skb, th, why);
}

static enum tcp_next tcp_rcv_synchronized(struct sock *sk, struct sk_buff *skb,
					  const struct tcphdr *th,
					  enum skb_drop_reason *why)
{
	struct tcp_sock *tp = tcp_sk(sk);
	enum tcp_next next;

	tcp_mstamp_refresh(tp);
	tp->rx_opt.saw_tstamp = 0;
	if (!tcp_has(th, TCPHDR_ACK | TCPHDR_RST | TCPHDR_SYN)) {
		*why = SKB_DROP_REASON_TCP_FLAGS;
		return NEXT_DISCARD;
	}
	if (tp->fastopen_rsk) {
		bool stolen = false;

		*why = SKB_DROP_REASON_TCP_FLAGS;
		if (!tcp_check_req(sk, skb, tp->fastopen_rsk, &stolen, why))
			return NEXT_DISCARD;
	}
	/* first to fourth; it may be freed there */
	if (!tcp_validate_incoming(sk, skb, th)) {
		*why = SKB_NOT_DROPPED_YET;
		return NEXT_DISCARD;
	}
	if (unlikely(tp->accecn.on))
		tcp_accecn_received(tp, skb);
	/* fifth */
	next = tcp_check_ack(sk, skb, th, why);
	if (next != NEXT_GO_ON)
		return next;
	/* sixth */
	tcp_urg(sk, skb, th);
	/* seventh and eighth */
	next = tcp_segment_text(sk, skb, th, why);
	if (next == NEXT_RESET)
		return next;
	if (sk->sk_state != TCP_CLOSE) {
		tcp_data_snd_check(sk);
		tcp_ack_snd_check(sk);
	}
	if (next == NEXT_CONSUME)
		*why = SKB_NOT_DROPPED_YET;
	return NEXT_DISCARD;
}

/* Softirq or owner. Consumes skb and returns 0, or returns the reason why the
 * caller is to answer with RST and free it. */
enum skb_drop_reason tcp_rcv_state_process(struct sock *sk, struct sk_buff *skb)
{
	const struct tcphdr *th = tcp_hdr(skb);
	enum skb_drop_reason why = SKB_NOT_DROPPED_YET;
	enum tcp_next next;

	skb_stage(skb, STAGE_tcp_rcv_state_process);
	switch (sk->sk_state) {
	case TCP_CLOSE:			/* RFC9293 3.10.7.1 */
		why = SKB_DROP_REASON_TCP_CLOSE;
		next = NEXT_DISCARD;
		break;
	case TCP_LISTEN:
		next = tcp_rcv_listen(sk, skb, th, &why);
		break;
	case TCP_SYN_SENT:
		return tcp_rcv_synsent(sk, skb, th);
	default:
		next = tcp_rcv_synchronized(sk, skb, th, &why);
		break;
	}
	if (next == NEXT_RESET)
		return why;
	if (next == NEXT_CONSUME)
		consume_skb(skb);
	else if (why)
		kfree_skb_reason(skb, why);
	return SKB_NOT_DROPPED_YET;
}
