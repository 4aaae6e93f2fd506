/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Probes: of a closed window (RFC 9293 3.8.6.1) and of a lost tail (TLP,
 * RFC 8985 7). Both send one segment to make the peer answer.
 */
#include "tcp/tcp_out.h"

#include "inet/route.h"

/* --- zero window ---------------------------------------------------------------- */

/* RFC9293 3.8.6.1 MUST-35,36: interval starts at the RTO and doubles. */
ktime_t tcp_probe0_when(const struct sock *sk, ktime_t max_when)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u8 backoff = (u8)min_t(u32, 31, tp->backoff);
	ktime_t base = max_t(ktime_t, tp->rto, TCP_RTO_MIN);

	if (base > max_when >> backoff)
		return max_when;
	return base << backoff;
}

/* Data waits, nothing is in flight, no timer runs: nobody would ever go on. */
void tcp_check_probe_timer(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tp->packets_out && !tp->pending)
		tcp_reset_xmit_timer(sk, ICSK_TIME_PROBE0,
				     tcp_probe0_when(sk, TCP_RTO_MIN > tp->rto ?
						     TCP_RTO_MIN : tp->rto));
}

/* One byte below the window, that the peer has seen: it answers by an ACK. */
static int xmit_probe_skb(struct sock *sk, bool urgent, enum mib counter)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb = alloc_skb(SKB_MAX_HEADROOM);

	if (!skb)
		return -ENOMEM;
	skb_reserve(skb, SKB_MAX_HEADROOM);
	tcp_init_nondata_skb(skb, tp->snd_una - !urgent, TCPHDR_ACK);
	net_inc_stats(sock_net(sk), counter);
	return tcp_transmit_skb(sk, skb, false);
}

/* The program repaired the window (TCP_REPAIR): tell the peer. */
void tcp_send_window_probe(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (sk->sk_state != TCP_ESTABLISHED)
		return;
	tp->snd_wl1 = tp->rcv_nxt - 1;
	tcp_mstamp_refresh(tp);
	xmit_probe_skb(sk, false, MIB(TcpExt, TCPWinProbe));
}

/* A probe: with data if the window is open a little, else without. 0: sent;
 * < 0: not; > 0: something else went. */
int tcp_write_wakeup(struct sock *sk, enum mib counter)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb = tcp_send_head(sk);
	u32 mss, seg;
	int err;

	if (sk->sk_state == TCP_CLOSE)
		return -1;
	tcp_mstamp_refresh(tp);
	if (!skb || !before(TCP_SKB_CB(skb)->seq, tcp_wnd_end(tp))) {
		if (between(tp->snd_up, tp->snd_una + 1, tp->snd_una + 0xffff))
			xmit_probe_skb(sk, true, counter);
		return xmit_probe_skb(sk, false, counter);
	}
	mss = tcp_current_mss(sk);
	seg = tcp_wnd_end(tp) - TCP_SKB_CB(skb)->seq;
	if (before(tp->pushed_seq, TCP_SKB_CB(skb)->end_seq))
		tp->pushed_seq = TCP_SKB_CB(skb)->end_seq;
	if (seg < TCP_SKB_CB(skb)->end_seq - TCP_SKB_CB(skb)->seq ||
	    skb->len > mss) {
		seg = min(seg, mss);
		TCP_SKB_CB(skb)->flags |= TCPHDR_PSH;
		if (skb->len > seg && tcp_fragment(sk, false, skb, seg, mss))
			return -1;
	} else {
		tcp_set_skb_tso_segs(skb, mss);
	}
	TCP_SKB_CB(skb)->flags |= TCPHDR_PSH;
	tcp_set_skb_tso_segs(skb, mss);
	err = tcp_transmit_skb(sk, skb, true);
	if (!err)
		tcp_write_queue_advance(sk, skb);
	return err;
}

void tcp_send_probe0(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	int err = tcp_write_wakeup(sk, MIB(TcpExt, TCPWinProbe));
	ktime_t when;

	if (tp->packets_out || !tcp_send_head(sk)) {
		tp->probes_out = 0;
		tp->backoff = 0;
		tp->user_timeout_start = 0;
		return;
	}
	tp->probes_out++;
	if (err <= 0) {
		if (tp->backoff < tcp_net(sk)->retries2)
			tp->backoff++;
		when = tcp_probe0_when(sk, tp->rto_max);
	} else {	/* local congestion: soon again */
		when = TCP_RESOURCE_PROBE_INTERVAL;
	}
	when = tcp_clamp_probe0_to_user_timeout(sk, when);
	tcp_reset_xmit_timer(sk, ICSK_TIME_PROBE0, when);
}

/* --- tail loss probe ------------------------------------------------------------------ */

/* RFC8985 7.2: PTO = 2 * SRTT (+ the peer's delayed ACK if one packet). */
bool tcp_schedule_loss_probe(struct sock *sk, bool advancing_rto)
{
	struct tcp_sock *tp = tcp_sk(sk);
	s64 left;
	ktime_t pto;

	if (!tcp_loss_probes(sk))
		return false;
	if (tp->srtt_us) {
		pto = (ktime_t)(tp->srtt_us >> 2) * NSEC_PER_USEC;
		pto += tp->packets_out == 1 ? tcp_rto_min(tp) : TCP_TIMEOUT_MIN;
	} else {
		pto = TCP_TIMEOUT_INIT;
	}
	/* Not later than the RTO would be. */
	left = advancing_rto ? tp->rto :
	       tcp_rto_delta_us(sk) * NSEC_PER_USEC;
	if (left > 0)
		pto = min_t(ktime_t, pto, left);
	tcp_reset_xmit_timer(sk, ICSK_TIME_LOSS_PROBE, pto);
	return true;
}

/* An earlier copy is still in a queue of this host: sending it again is no
 * use. */
bool tcp_skb_still_in_host_queue(struct sock *sk, const struct sk_buff *skb)
{
	if (likely(!skb_cloned(skb)))
		return false;
	tcp_set_bit(&tcp_sk(sk)->tsq_flags, TCP_TSQ_THROTTLED);
	smp_mb();
	if (!skb_cloned(skb))
		return false;
	NET_INC_STATS(sock_net(sk), TcpExt, TCPSpuriousRtxHostQueues);
	return true;
}

/* RFC8985 7.3: the last segment that was sent, once more. */
static bool retransmit_tail(struct sock *sk, u32 mss)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb = tcp_rtx_queue_tail(sk);
	u32 segs;

	if (unlikely(!skb) || tcp_skb_still_in_host_queue(sk, skb))
		return false;
	segs = tcp_skb_pcount(skb);
	if (segs > 1 && skb->len > (segs - 1) * mss) {
		if (tcp_fragment(sk, true, skb, (segs - 1) * mss, mss))
			return false;
		skb = tcp_skb_rtx_next(skb);
	}
	if (!skb || !tcp_skb_pcount(skb) || __tcp_retransmit_skb(sk, skb, 1))
		return false;
	tp->tlp_retrans = true;
	return true;
}

/* RFC8985 7.3: new data if there is some and the window has room, else the
 * tail. */
static bool send_probe_segment(struct sock *sk, u32 mss)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb = tcp_send_head(sk);
	u32 before_out = tp->packets_out;

	if (skb && tcp_snd_wnd_test(tp, skb, mss)) {
		tcp_write_xmit(sk, mss, TCP_NAGLE_OFF, 2);
		if (tp->packets_out <= before_out)
			return false;
		tp->tlp_retrans = false;
		return true;
	}
	return retransmit_tail(sk, mss);
}

void tcp_send_loss_probe(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	/* RFC8985 7.3: one at a time */
	if (!tp->tlp_high_seq && send_probe_segment(sk, tcp_current_mss(sk))) {
		tp->tlp_high_seq = tp->snd_nxt;
		NET_INC_STATS(sock_net(sk), TcpExt, TCPLossProbes);
		tp->pending = ICSK_TIME_NONE;	/* count the RTO from now */
	}
	tcp_rearm_rto(sk);
}
