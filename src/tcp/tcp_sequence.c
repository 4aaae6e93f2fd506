/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Is this segment acceptable? The first four of the eight checks of RFC 9293
 * 3.10.7.4: sequence number (with PAWS, RFC 7323 5.3, before it), RST,
 * security (which we do not have), SYN; with the answers of RFC 5961: blind
 * resets and SYNs are met by a challenge ACK, and those are rationed (MAY-12).
 */
#include "tcp/tcp.h"
#include "base/random.h"
#include "tcp/tcp_rx.h"
#include "tcp/tcp_window.h"

#define CHALLENGE_UNLIMITED 0x7fffffffu

/* `last` is the time of the last answer, ms; 0: none yet. */
static bool __tcp_oow_rate_limited(struct net *net, enum mib counter, u32 *last)
{
	u32 now = tcp_jiffies32();

	if (*last) {
		s32 elapsed = (s32)(now - *last);

		if (elapsed >= 0 &&
		    (u32)elapsed < net->tcp->invalid_ratelimit_ms) {
			net_inc_stats(net, counter);
			return true;
		}
	}
	*last = now ? now : 1;
	return false;
}

/* Data outside the window is always answered: it does not come from a loop of
 * two hosts that send each other duplicate ACKs. Borrows skb. */
bool tcp_oow_rate_limited(struct net *net, const struct sk_buff *skb,
			  enum mib counter, u32 *last_oow_ack_time)
{
	const struct tcp_skb_cb *cb = TCP_SKB_CB(skb);

	if (cb->seq != cb->end_seq && !tcp_has(tcp_hdr(skb), TCPHDR_SYN))
		return false;
	return __tcp_oow_rate_limited(net, counter, last_oow_ack_time);
}

/* RFC5961 7: a budget per second for the whole stack, of random size so that
 * it cannot be used to count what others receive (CVE-2016-5696). */
static bool tcp_challenge_budget(struct tcp_net *tn, u32 now_s)
{
	u32 limit = READ_ONCE(tn->challenge_ack_limit), count;

	if (limit >= CHALLENGE_UNLIMITED)
		return true;
	if (READ_ONCE(tn->challenge_stamp_s) != now_s) {
		u32 half = (limit + 1) / 2;

		WRITE_ONCE(tn->challenge_stamp_s, now_s);
		WRITE_ONCE(tn->challenge_count,
			   half + get_random_u32_below(limit));
	}
	count = READ_ONCE(tn->challenge_count);
	if (!count)
		return false;
	WRITE_ONCE(tn->challenge_count, count - 1);
	return true;
}

void tcp_send_challenge_ack(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct net *net = sock_net(sk);

	if (__tcp_oow_rate_limited(net, MIB(TcpExt, TCPACKSkippedChallenge),
				   &tp->last_oow_ack_time))
		return;
	if (!tcp_challenge_budget(net->tcp, tcp_now_s(tp)))
		return;
	NET_INC_STATS(net, TcpExt, TCPChallengeACK);
	tcp_send_ack(sk);
}

/* The ACK that answers an unacceptable segment; says which of its data were
 * here before (RFC 2883). Borrows skb. */
static void tcp_send_dupack(struct sock *sk, const struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 seq = TCP_SKB_CB(skb)->seq, end_seq = TCP_SKB_CB(skb)->end_seq;

	if (seq != end_seq && before(seq, tp->rcv_nxt)) {
		NET_INC_STATS(sock_net(sk), TcpExt, DelayedACKLost);
		tcp_enter_quickack_mode(sk, TCP_MAX_QUICKACKS);
		if (tcp_is_sack(tp) && tcp_net(sk)->dsack)
			tcp_dsack_set(sk, seq, after(end_seq, tp->rcv_nxt) ?
					       tp->rcv_nxt : end_seq);
	}
	tcp_send_ack(sk);
}

/*
 * An old timestamp on a pure ACK that is otherwise as expected: two packets
 * changed places on the way. It does no harm and is no reason for an answer.
 */
static bool tcp_disordered_ack(const struct tcp_sock *tp,
			       const struct sk_buff *skb)
{
	const struct tcphdr *th = tcp_hdr(skb);
	const struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
	u32 nwin = (u32)be16_to_cpu(th->window) << tp->rx_opt.snd_wscale;
	s32 lag_ms = (s32)(tp->rx_opt.ts_recent - tp->rx_opt.rcv_tsval);

	return tcp_has(th, TCPHDR_ACK) && cb->seq == cb->end_seq &&
	       cb->seq == tp->rcv_nxt && cb->ack_seq == tp->snd_una &&
	       !tcp_may_update_window(tp, cb->ack_seq, cb->seq, nwin) &&
	       lag_ms <= (s32)(tp->rto / NSEC_PER_MSEC);
}

/* RFC9293 3.10.7.4 with RFC7323 5.3: R1. Reason, or 0. */
static enum skb_drop_reason tcp_check_paws(struct sock *sk,
					   const struct sk_buff *skb,
					   const struct tcphdr *th)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tcp_fast_parse_options(tp, skb, th) || !tp->rx_opt.saw_tstamp)
		return SKB_NOT_DROPPED_YET;
	if (tcp_paws_check(&tp->rx_opt, TCP_PAWS_WINDOW, tcp_now_s(tp)))
		return SKB_NOT_DROPPED_YET;
	if (tcp_disordered_ack(tp, skb))
		return SKB_NOT_DROPPED_YET;
	/* RFC7323 5.2: resets are taken whatever their timestamp */
	if (tcp_has(th, TCPHDR_RST))
		return SKB_NOT_DROPPED_YET;
	NET_INC_STATS(sock_net(sk), TcpExt, PAWSEstab);
	if (!tcp_oow_rate_limited(sock_net(sk), skb,
				  MIB(TcpExt, TCPACKSkippedPAWS),
				  &tp->last_oow_ack_time))
		tcp_send_dupack(sk, skb);
	return SKB_DROP_REASON_TCP_PAWS;
}

/*
 * The window test. RFC: some of the segment is in [RCV.NXT, window's end).
 * Linux: from the left edge of the window as last announced, and up to its
 * right edge inclusive; a segment that reaches over the right edge is taken
 * only while nothing waits to be read. Here: Linux. A closed window still lets
 * in what starts at RCV.NXT: ACK, URG and RST are looked at (MUST-66).
 */
static enum skb_drop_reason tcp_sequence(const struct sock *sk,
					 const struct tcphdr *th, u32 seq,
					 u32 end_seq)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 right = tp->rcv_nxt + tcp_receive_window(tp);

	if (before(end_seq, tp->rcv_wup))
		return SKB_DROP_REASON_TCP_OLD_SEQUENCE;
	if (likely(!after(end_seq, right)))
		return SKB_NOT_DROPPED_YET;
	if (after(seq, right))
		return SKB_DROP_REASON_TCP_INVALID_SEQUENCE;
	/* Peers that send a FIN into a full window are borne with. */
	if (!after(end_seq - tcp_has(th, TCPHDR_FIN), right))
		return SKB_NOT_DROPPED_YET;
	return skb_queue_empty(&sk->receive_queue) ?
	       SKB_NOT_DROPPED_YET : SKB_DROP_REASON_TCP_OVERWINDOW;
}

/* Peers that closed both sides may reset with the sequence before their FIN. */
static bool tcp_reset_check(const struct sock *sk, const struct sk_buff *skb)
{
	return TCP_SKB_CB(skb)->seq == tcp_sk(sk)->rcv_nxt - 1 &&
	       (TCPF(sk->sk_state) & (TCPF(TCP_CLOSE_WAIT) |
				      TCPF(TCP_LAST_ACK) | TCPF(TCP_CLOSING)));
}

/* Borrows skb. What the program sees says how far the connection had come. */
void tcp_reset(struct sock *sk, struct sk_buff *skb)
{
	int err = ECONNRESET;

	if (sk->sk_state == TCP_CLOSE)
		return;
	if (sk->sk_state == TCP_SYN_SENT)
		err = ECONNREFUSED;	/* RFC9293 3.10.7.3 */
	else if (sk->sk_state == TCP_CLOSE_WAIT)
		err = EPIPE;
	tcp_done_with_error(sk, err);
}

static void tcp_syn_challenge(struct sock *sk)
{
	NET_INC_STATS(sock_net(sk), TcpExt, TCPSYNChallenge);
	tcp_send_challenge_ack(sk);
}

/* RFC9293 3.10.7.4: first, check sequence number. Reason, or 0. */
static enum skb_drop_reason tcp_check_sequence(struct sock *sk,
					       struct sk_buff *skb,
					       const struct tcphdr *th)
{
	struct tcp_sock *tp = tcp_sk(sk);
	enum skb_drop_reason why = tcp_sequence(sk, th, TCP_SKB_CB(skb)->seq,
						TCP_SKB_CB(skb)->end_seq);

	if (likely(!why))
		return SKB_NOT_DROPPED_YET;
	if (tcp_has(th, TCPHDR_RST)) {
		if (tcp_reset_check(sk, skb)) {
			tcp_reset(sk, skb);
			return SKB_DROP_REASON_TCP_RESET;
		}
		/* RFC5961 3.2: outside the window, dropped silently. Linux:
		 * what lies beyond the window is challenged too. Here: Linux. */
		if (why == SKB_DROP_REASON_TCP_INVALID_SEQUENCE)
			tcp_send_challenge_ack(sk);
		return why;
	}
	/* RFC9293 3.10.7.4: an ACK in reply, unless RST */
	if (tcp_has(th, TCPHDR_SYN)) {
		tcp_syn_challenge(sk);
		return SKB_DROP_REASON_TCP_INVALID_SYN;
	}
	if (why == SKB_DROP_REASON_TCP_OVERWINDOW)
		NET_INC_STATS(sock_net(sk), TcpExt, BeyondWindow);
	if (!tcp_oow_rate_limited(sock_net(sk), skb,
				  MIB(TcpExt, TCPACKSkippedSeq),
				  &tp->last_oow_ack_time))
		tcp_send_dupack(sk, skb);
	return why;
}

/* The highest sequence we have shown to have, by SACK. */
static u32 tcp_sacked_right_edge(const struct tcp_sock *tp)
{
	u32 right = tp->selective_acks[0].end_seq;

	for (u32 i = 1; i < tp->rx_opt.num_sacks && i < TCP_NUM_SACKS; i++)
		if (after(tp->selective_acks[i].end_seq, right))
			right = tp->selective_acks[i].end_seq;
	return right;
}

/* Second, check the RST bit. RFC5961 3.2: only at exactly RCV.NXT; elsewhere
 * in the window a challenge ACK. Also taken: the right edge of what we SACKed,
 * where a peer that sent that much would put it. Reason, or 0. */
static enum skb_drop_reason tcp_check_rst(struct sock *sk, struct sk_buff *skb,
					  const struct tcphdr *th)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 seq = TCP_SKB_CB(skb)->seq;

	if (likely(!tcp_has(th, TCPHDR_RST)))
		return SKB_NOT_DROPPED_YET;
	if (seq == tp->rcv_nxt || tcp_reset_check(sk, skb) ||
	    (tcp_is_sack(tp) && tp->rx_opt.num_sacks &&
	     seq == tcp_sacked_right_edge(tp))) {
		tcp_reset(sk, skb);
		return SKB_DROP_REASON_TCP_RESET;
	}
	tcp_send_challenge_ack(sk);
	return SKB_DROP_REASON_TCP_RESET;
}

/* Fourth, check the SYN bit. RFC5961 4.2: in synchronized states always a
 * challenge ACK. The SYN-ACK of a simultaneous open is none of these. */
static enum skb_drop_reason tcp_check_syn(struct sock *sk, struct sk_buff *skb,
					  const struct tcphdr *th)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	const struct tcp_skb_cb *cb = TCP_SKB_CB(skb);

	if (likely(!tcp_has(th, TCPHDR_SYN)))
		return SKB_NOT_DROPPED_YET;
	if (sk->sk_state == TCP_SYN_RECV && sk->socket &&
	    tcp_has(th, TCPHDR_ACK) && cb->seq + 1 == cb->end_seq &&
	    cb->seq + 1 == tp->rcv_nxt && cb->ack_seq == tp->snd_nxt)
		return SKB_NOT_DROPPED_YET;
	tcp_syn_challenge(sk);
	return SKB_DROP_REASON_TCP_INVALID_SYN;
}

/* Consumes skb when it returns false. (RFC9293 3.10.7.4: third, security and
 * compartment, is not here: nobody uses them.) */
bool tcp_validate_incoming(struct sock *sk, struct sk_buff *skb,
			   const struct tcphdr *th)
{
	enum skb_drop_reason why = tcp_check_paws(sk, skb, th);

	if (!why)
		why = tcp_check_sequence(sk, skb, th);
	if (!why)
		why = tcp_check_rst(sk, skb, th);
	if (!why)
		why = tcp_check_syn(sk, skb, th);
	if (likely(!why))
		return true;
	kfree_skb_reason(skb, why);
	return false;
}
