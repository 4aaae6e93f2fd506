/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How large the receive window may get. Three figures grow:
 *
 *	rcv_ssthresh	the window offered, doubled as data come whose memory
 *			cost is sane ("slow start" of the receiver)
 *	rcvbuf		dynamic right-sizing: as much as the program reads in
 *			two round trips, and more while the sender speeds up
 *	rcv_mss		the peer's segment size, guessed from what comes
 *
 * The round trip is measured by the echo of our timestamps, or by how long a
 * full window takes. RFC 7323 2, RFC 9293 3.8.6.
 */
#include "tcp/tcp.h"
#include "base/bitops.h"
#include "tcp/tcp_rx.h"
#include "tcp/tcp_window.h"

#define RMEM_TO_WIN_SCALE 8
/* A header with nothing but timestamps; with SACK blocks it varies. */
#define TCP_MIN_HLEN	((u32)sizeof(struct tcphdr))

/* --- the peer's MSS --------------------------------------------------------------- */

void tcp_initialize_rcv_mss(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 hint = min(tp->advmss, tp->mss_cache);

	hint = min(hint, tp->rcv_wnd / 2);
	hint = min(hint, TCP_MSS_DEFAULT);
	tp->ack.rcv_mss = (u16)max(hint, TCP_MIN_MSS);
}

static void tcp_set_window_clamp(struct sock *sk, u32 val)
{
	struct tcp_sock *tp = tcp_sk(sk);

	tp->window_clamp = val;
	if (tp->window_clamp < tp->rcv_ssthresh)
		tp->rcv_ssthresh = val;
}

/* What share of a packet's memory is payload, for the sums in tcp_window.c. */
static void tcp_update_scaling_ratio(struct sock *sk, const struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u64 ratio = skb->truesize ?
		    ((u64)skb->len << RMEM_TO_WIN_SCALE) / skb->truesize : 1;
	u8 old = tp->scaling_ratio;

	tp->scaling_ratio = (u8)clamp_t(u64, ratio, 1, 255);
	if (old == tp->scaling_ratio)
		return;
	tcp_set_window_clamp(sk, tcp_full_space(sk));
	if (tp->window_clamp < tp->rcvq_space.space)
		tp->rcvq_space.space = tp->window_clamp;
}

/* A segment smaller than the guess: is the guess too large, or was it the end
 * of what the peer had to send? Twice the same size in a row decides. */
static inline void tcp_measure_small(struct tcp_sock *tp, const struct sk_buff *skb,
			      u32 len, u32 last)
{
	const u8 remnant = TCPHDR_FIN | TCPHDR_URG | TCPHDR_SYN | TCPHDR_PSH;
	u32 whole = len + (u32)(skb->data - skb_transport_header(skb));

	if (whole >= TCP_MSS_DEFAULT + TCP_MIN_HLEN ||
	    (whole >= TCP_MIN_MSS + TCP_MIN_HLEN &&
	     !tcp_has(tcp_hdr(skb), remnant))) {
		/* without the options that vary */
		u32 seg = whole - tp->tcp_header_len;

		tp->ack.last_seg_size = (u16)seg;
		if (seg == last) {
			tp->ack.rcv_mss = (u16)seg;
			return;
		}
	}
	if (tp->ack.pending & ICSK_ACK_PUSHED)
		tp->ack.pending |= ICSK_ACK_PUSHED2;
	tp->ack.pending |= ICSK_ACK_PUSHED;
}

static inline void measure_rcv_mss(struct sock *sk, const struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 last = tp->ack.last_seg_size;
	u32 len = skb_shinfo(skb)->gso_size ? skb_shinfo(skb)->gso_size :
		  skb->len;

	tp->ack.last_seg_size = 0;
	if (len < tp->ack.rcv_mss) {
		tcp_measure_small(tp, skb, len, last);
		return;
	}
	if (unlikely(len != tp->ack.rcv_mss))
		tcp_update_scaling_ratio(sk, skb);
	tp->ack.rcv_mss = (u16)min(len, tp->advmss);
	/* A full segment with PSH ends a write of the peer, who may wait for
	 * our ACK: it is due as soon as all is read. */
	if (TCP_SKB_CB(skb)->flags & TCPHDR_PSH)
		tp->ack.pending |= ICSK_ACK_PUSHED;
}

/* Header pulled. Borrows skb. */
void tcp_measure_rcv_mss(struct sock *sk, const struct sk_buff *skb)
{
	measure_rcv_mss(sk, skb);
}

/* --- the window ----------------------------------------------------------------------- */

/* A packet that costs more than its payload is worth: may the window grow all
 * the same, since little of the buffer is used? */
static u32 tcp_grow_expensive(const struct sock *sk, u32 len, u32 cost)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 truesize = tcp_win_from_space(sk, cost) >> 1;
	u32 window = tcp_win_from_space(sk, tcp_net(sk)->rmem[2]) >> 1;

	while (tp->rcv_ssthresh <= window) {
		if (truesize <= len)
			return 2u * tp->ack.rcv_mss;
		truesize >>= 1;
		window >>= 1;
	}
	return 0;
}

/* len bytes came in a packet that held truesize bytes of memory. */
void tcp_grow_window_by(struct sock *sk, u32 len, u32 truesize)
{
	struct tcp_sock *tp = tcp_sk(sk);
	s64 room = (s64)min(tp->window_clamp, tcp_space(sk)) - tp->rcv_ssthresh;
	u32 incr;

	if (room <= 0 || sk_under_memory_pressure(sk))
		return;
	if (tcp_win_from_space(sk, truesize) <= len)
		incr = 2 * tp->advmss;
	else
		incr = tcp_grow_expensive(sk, len, truesize);
	if (!incr)
		return;
	incr = max(incr, 2 * len);
	tp->rcv_ssthresh += (u32)min(room, (s64)incr);
	tp->ack.quick |= 1;
}

/* adjust: the payload is joined to another packet, memory of its own is given
 * back. Borrows skb. */
void tcp_grow_window(struct sock *sk, const struct sk_buff *skb, bool adjust)
{
	u32 truesize = skb->truesize;

	if (adjust && truesize > skb->len)
		truesize -= (truesize - skb->len) / 2;
	tcp_grow_window_by(sk, skb->len, truesize);
}

/* At the start of a connection. */
void tcp_init_buffer_space(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 app_win = tcp_net(sk)->app_win, maxwin;

	if (!(sk->userlocks & SOCK_SNDBUF_LOCK))
		tcp_sndbuf_expand(sk);
	tcp_mstamp_refresh(tp);
	tp->rcvq_space.time_us = tp->tcp_mstamp;
	tp->rcvq_space.seq = tp->copied_seq;
	maxwin = tcp_full_space(sk);
	if (tp->window_clamp >= maxwin) {
		tp->window_clamp = maxwin;
		if (app_win && maxwin > 4 * tp->advmss)
			tp->window_clamp = max(maxwin - (maxwin >> app_win),
					       4 * tp->advmss);
	}
	/* One segment in reserve for the last one to fit. */
	if (app_win && tp->window_clamp > 2 * tp->advmss &&
	    tp->window_clamp + tp->advmss > maxwin)
		tp->window_clamp = max(2 * tp->advmss, maxwin - tp->advmss);
	tp->rcv_ssthresh = min(tp->rcv_ssthresh, tp->window_clamp);
	tp->snd_cwnd_stamp = tcp_now_ts(tp);
	tp->rcvq_space.space = min(min(tp->rcv_ssthresh, tp->rcv_wnd),
				   TCP_INIT_CWND * tp->advmss);
}

/* The send buffer follows the congestion window: twice what is in flight. */
void tcp_sndbuf_expand(struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 per_mss = max_t(u32, tp->rx_opt.mss_clamp, tp->mss_cache) +
		      SKB_MAX_HEADROOM + SKB_SHINFO_SIZE;
	u32 segs = max(max(TCP_INIT_CWND, tp->snd_cwnd), tp->reordering + 1);
	u64 need;

	if (sk->userlocks & SOCK_SNDBUF_LOCK || sk_under_memory_pressure(sk))
		return;
	per_mss = (u32)roundup_pow_of_two(per_mss) + (u32)sizeof(struct sk_buff);
	need = 2 * (u64)segs * per_mss;
	if ((u64)sk->sndbuf < need)
		WRITE_ONCE(sk->sndbuf,
			   (s32)min(need, (u64)tcp_net(sk)->wmem[2]));
}

/* More is queued than rcvbuf allows: raise it if memory is plenty, else offer
 * no more than two segments. */
void tcp_clamp_window(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 max_rcvbuf = tcp_net(sk)->rmem[2];

	tp->ack.quick = 0;
	if ((u32)sk->rcvbuf < max_rcvbuf &&
	    !(sk->userlocks & SOCK_RCVBUF_LOCK) &&
	    !sk_under_memory_pressure(sk))
		WRITE_ONCE(sk->rcvbuf,
			   (s32)min(sk_rmem_alloc_get(sk), max_rcvbuf));
	if ((s32)sk_rmem_alloc_get(sk) > sk->rcvbuf)
		tp->rcv_ssthresh = min(tp->window_clamp, 2 * tp->advmss);
}

/* --- round trip as the receiver sees it -------------------------------------------------- */

/* window_full: the time a window took, an upper bound; kept << 3. */
static void tcp_rcv_rtt_update(struct tcp_sock *tp, u32 sample_us,
			       bool window_full)
{
	u32 old = tp->rcv_rtt_est.rtt_us;

	if (!old)
		tp->rcv_rtt_est.rtt_us = sample_us << 3;
	else if (window_full)
		tp->rcv_rtt_est.rtt_us = min(sample_us << 3, old);
	else
		tp->rcv_rtt_est.rtt_us = old + sample_us - (old >> 3);
}

/* Without timestamps. */
void __tcp_rcv_rtt_measure(struct tcp_sock *tp)
{
	if (tp->rcv_rtt_est.time_us) {
		u64 took = tp->tcp_mstamp - tp->rcv_rtt_est.time_us;

		tcp_rcv_rtt_update(tp, took ? (u32)took : 1, true);
	}
	tp->rcv_rtt_est.seq = tp->rcv_nxt + tp->rcv_wnd;
	tp->rcv_rtt_est.time_us = tp->tcp_mstamp;
}

/* With them. */
void __tcp_rcv_rtt_measure_ts(struct tcp_sock *tp)
{
	s64 delta = tcp_rtt_tsopt_us(tp);

	if (delta > 0)
		tcp_rcv_rtt_update(tp, (u32)delta, false);
}

/* --- dynamic right-sizing ------------------------------------------------------------------- */

/* `space` bytes were read in one round trip: the sender may double them in the
 * next, and grow as it grew from the last to this. */
void tcp_rcvbuf_grow(struct sock *sk, u32 space)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 old = tp->rcvq_space.space, rcvbuf;
	u64 win = (u64)space << 1, grow;

	tp->rcvq_space.space = space;
	if (!tcp_net(sk)->moderate_rcvbuf ||
	    (sk->userlocks & SOCK_RCVBUF_LOCK) || !old)
		return;
	grow = win * (space - old) / old;
	win += grow << 1;
	if (!RB_EMPTY_ROOT(&tp->out_of_order_queue) && tp->ooo_last_skb)
		win += TCP_SKB_CB(tp->ooo_last_skb)->end_seq - tp->rcv_nxt;
	win = min(win, (u64)INT32_MAX);
	rcvbuf = min(tcp_space_from_win(sk, (u32)win), tcp_net(sk)->rmem[2]);
	if (rcvbuf > (u32)sk->rcvbuf) {
		WRITE_ONCE(sk->rcvbuf, (s32)rcvbuf);
		tcp_set_window_clamp(sk, tcp_win_from_space(sk, rcvbuf));
	}
}

/* Owner: the reader took something. */
void tcp_rcv_space_adjust(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 copied;
	u64 took;

	if (!tp->rcv_rtt_est.rtt_us)
		return;
	tcp_mstamp_refresh(tp);
	took = tp->tcp_mstamp - tp->rcvq_space.time_us;
	if (took < tp->rcv_rtt_est.rtt_us >> 3)
		return;
	copied = tp->copied_seq - tp->rcvq_space.seq;
	if (copied > tp->rcvq_space.space)
		tcp_rcvbuf_grow(sk, copied);
	tp->rcvq_space.seq = tp->copied_seq;
	tp->rcvq_space.time_us = tp->tcp_mstamp;
}

/* --- data came ---------------------------------------------------------------------------------- */

/* The delayed-ACK timeout follows the gaps between data segments. */
static inline void tcp_ato_update(struct sock *sk, ktime_t now)
{
	struct tcp_sock *tp = tcp_sk(sk);
	ktime_t gap = now - tp->ack.lrcvtime;

	if (!tp->ack.ato) {
		/* The first data: quick ACKs for the peer's slow start. */
		tcp_incr_quickack(sk, TCP_MAX_QUICKACKS);
		tp->ack.ato = TCP_ATO_MIN;
	} else if (gap <= TCP_ATO_MIN / 2) {
		tp->ack.ato = (tp->ack.ato >> 1) + TCP_ATO_MIN / 2;
	} else if (gap < tp->ack.ato) {
		tp->ack.ato = min((tp->ack.ato >> 1) + gap, tp->rto);
	} else if (gap > tp->rto) {
		/* The peer was silent for long: it may be in slow start. */
		tcp_incr_quickack(sk, TCP_MAX_QUICKACKS);
	}
	tp->ack.lrcvtime = now;
}

/* In-order data, header pulled; before it is queued, which may take its bytes
 * away. Borrows skb. */
void tcp_event_data_recv(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);

	inet_csk_schedule_ack(tp);
	measure_rcv_mss(sk, skb);
	tcp_ato_update(sk, (ktime_t)tp->tcp_clock_cache);
	tp->lrcvtime = tcp_now_ts(tp);
	tcp_ecn_check_ce(sk, skb);
	if (skb->len >= 128)
		tcp_grow_window(sk, skb, true);
}
