/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the receive side share among themselves and nobody else
 * needs. All: owner or softirq with slock, unless said otherwise.
 */
#ifndef WEIR_TCP_TCP_RX_H
#define WEIR_TCP_TCP_RX_H

#include "tcp/tcp_out.h"

/* Sets of FLAG_* of one acknowledgement. */
#define FLAG_ACKED		(FLAG_DATA_ACKED | FLAG_SYN_ACKED)
#define FLAG_NOT_DUP		(FLAG_DATA | FLAG_WIN_UPDATE | FLAG_ACKED)
#define FLAG_CA_ALERT		(FLAG_DATA_SACKED | FLAG_ECE | FLAG_DSACKING_ACK)
#define FLAG_FORWARD_PROGRESS	(FLAG_ACKED | FLAG_DATA_SACKED)

/* net.ipv4.tcp_recovery */
#define TCP_RACK_STATIC_REO_WND	0x2
#define TCP_RACK_NO_DUPTHRESH	0x4
#define TCP_RACK_RECOVERY_THRESH 16

/* What tcp_ack() has to send when all is booked. */
enum tcp_rexmit {
	REXMIT_NONE,
	REXMIT_LOST,			/* lost packets, then new ones */
	REXMIT_NEW,			/* F-RTO: new data only */
};

/* What is learnt while the SACK blocks of one ACK are walked. */
struct tcp_sacktag_state {
	u64 first_sackt, last_sackt;	/* us, sent; of what was SACKed now */
	u32 reord;			/* lowest sequence filled out of order */
	u32 sack_delivered;		/* packets */
	int flag;
	struct rate_sample *rate;
};

/* tcp_sequence.c: the checks of RFC 9293 3.10.7.4 one to four. False: dealt
 * with, skb consumed. */
bool tcp_validate_incoming(struct sock *sk, struct sk_buff *skb,
			   const struct tcphdr *th);

/* tcp_options.c: with the short cut for "only timestamps". True: options
 * were parsed into rx_opt; rcv_tsecr is on our clock without tsoffset. */
bool tcp_fast_parse_options(struct tcp_sock *tp, const struct sk_buff *skb,
			    const struct tcphdr *th);
bool tcp_paws_check(const struct tcp_options_received *o, u32 paws_win,
		    u32 now_s);
static inline u32 tcp_now_s(const struct tcp_sock *tp)
{
	return (u32)(tp->tcp_mstamp / 1000000);
}

/* NOP NOP TIMESTAMP 10, as everybody sends it (RFC 7323 appendix A) */
#define TSTAMP_ALIGNED_WORD \
	(TCPOPT_NOP << 24 | TCPOPT_NOP << 16 | TCPOPT_TIMESTAMP << 8 | \
	 TCPOLEN_TIMESTAMP)
/* True: the header has timestamps at the usual place first; taken over. */
static inline bool tcp_parse_aligned_timestamp(struct tcp_sock *tp,
					       const struct tcphdr *th)
{
	const u8 *p = (const u8 *)(th + 1);
	u32 tsecr;

	if (get_unaligned_be32(p) != TSTAMP_ALIGNED_WORD)
		return false;
	tp->rx_opt.saw_tstamp = 1;
	tp->rx_opt.rcv_tsval = get_unaligned_be32(p + 4);
	tsecr = get_unaligned_be32(p + 8);
	tp->rx_opt.rcv_tsecr = tsecr ? tsecr - tp->tsoffset : 0;
	return true;
}
static inline void tcp_store_ts_recent(struct tcp_sock *tp)
{
	tp->rx_opt.ts_recent = tp->rx_opt.rcv_tsval;
	tp->rx_opt.ts_recent_stamp = tcp_now_s(tp);
}

/* tcp_ack_open.c: the usual ACK, as a whole. */
bool tcp_ack_open(struct sock *sk, const struct sk_buff *skb);
/* tcp_ack.c */
bool tcp_may_update_window(const struct tcp_sock *tp, u32 ack, u32 ack_seq,
			   u32 nwin);
void tcp_count_delivered(struct tcp_sock *tp, u32 delivered, bool ece);
/* tcp_clean.c */
int tcp_clean_rtx_queue(struct sock *sk, u32 prior_fack, u32 prior_snd_una,
			struct tcp_sacktag_state *sack, bool ece_ack);

/* tcp_sack.c: returns FLAG_* */
int tcp_sacktag_write_queue(struct sock *sk, const struct sk_buff *ack_skb,
			    u32 prior_snd_una, struct tcp_sacktag_state *state);
void tcp_check_sack_reordering(struct sock *sk, u32 low_seq, bool by_ts);

/* tcp_recovery.c */
void tcp_fastretrans_alert(struct sock *sk, u32 prior_snd_una, u32 num_dupack,
			   int *ack_flag, enum tcp_rexmit *rexmit);
void tcp_init_undo(struct tcp_sock *tp);
void tcp_try_keep_open(struct sock *sk);
void tcp_identify_packet_loss(struct sock *sk, int *ack_flag);
/* tcp_newreno.c: duplicate ACKs stand for SACKed packets */
void tcp_add_reno_sack(struct sock *sk, u32 num_dupack, bool ece_ack);
void tcp_remove_reno_sacks(struct sock *sk, u32 acked, bool ece_ack);
void tcp_reset_reno_sack(struct tcp_sock *tp);
bool tcp_limit_reno_sacked(struct tcp_sock *tp);
/* tcp_loss.c */
void tcp_process_loss(struct sock *sk, int flag, u32 num_dupack,
		      enum tcp_rexmit *rexmit);
void tcp_process_tlp_ack(struct sock *sk, u32 ack, int flag);
bool tcp_check_sack_reneging(struct sock *sk, int *ack_flag);
/* tcp_undo.c */
bool tcp_any_retrans_done(const struct sock *sk);
void tcp_retrans_stamp_cleanup(struct sock *sk);
bool tcp_try_undo_recovery(struct sock *sk);
bool tcp_try_undo_dsack(struct sock *sk);
bool tcp_try_undo_loss(struct sock *sk, bool frto_undo);
bool tcp_try_undo_partial(struct sock *sk, u32 prior_snd_una);
void tcp_try_undo_spurious_syn(struct sock *sk);
/* tcp_prr.c */
static inline bool tcp_in_cwnd_reduction(const struct tcp_sock *tp)
{
	return tp->ca_state == TCP_CA_CWR || tp->ca_state == TCP_CA_Recovery;
}
void tcp_init_cwnd_reduction(struct sock *sk);
void tcp_cwnd_reduction(struct sock *sk, int newly_acked_sacked, u32 newly_lost,
			int flag);
void tcp_end_cwnd_reduction(struct sock *sk);
u32 tcp_current_ssthresh(const struct sock *sk);
/* tcp_rack.c */
void tcp_rack_advance(struct tcp_sock *tp, u8 sacked, u32 end_seq,
		      u64 xmit_time_us);
bool tcp_rack_skb_timed_out(const struct tcp_sock *tp,
			    const struct sk_buff *skb);
/* Sent later, or at the same time and further on? */
static inline bool tcp_skb_sent_after(u64 t1, u64 t2, u32 seq1, u32 seq2)
{
	return t1 > t2 || (t1 == t2 && after(seq1, seq2));
}

/* tcp_rtt.c */
bool tcp_ack_update_rtt(struct sock *sk, int flag, s64 seq_rtt_us,
			s64 sack_rtt_us, s64 ca_rtt_us, struct rate_sample *rs);
/* Delay the timestamp echo shows, us; -1: none. */
s64 tcp_rtt_tsopt_us(const struct tcp_sock *tp);

/* tcp_cong.c */
void tcp_cong_control(struct sock *sk, u32 ack, u32 acked_sacked, u32 lost,
		      int flag, const struct rate_sample *rs);
static inline void tcp_ca_event(struct sock *sk, enum tcp_ca_event ev)
{
	const struct tcp_congestion_ops *ca = tcp_sk(sk)->ca_ops;

	if (ca && ca->cwnd_event)
		ca->cwnd_event(sk, ev);
}
/* rate = ratio * mss * cwnd / srtt, bytes per second (tcp_pacing.c uses it) */
static inline void tcp_update_pacing_rate(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	const struct tcp_net *tn = tcp_net(sk);
	u64 rate = (u64)tp->mss_cache * ((1000000 / 100) << 3);

	rate *= tp->snd_cwnd < tp->snd_ssthresh / 2 ? tn->pacing_ss_ratio :
						      tn->pacing_ca_ratio;
	rate *= max(tp->snd_cwnd, tp->packets_out);
	if (likely(tp->srtt_us))
		rate /= tp->srtt_us;
	WRITE_ONCE(sk->pacing_rate, min(rate, sk->max_pacing_rate));
}
/* The program or the window, not cwnd, held the sender back: no growth. */
static inline bool tcp_is_cwnd_limited(const struct tcp_sock *tp)
{
	if (tp->is_cwnd_limited)
		return true;
	return tcp_in_slow_start(tp) && tp->snd_cwnd < 2 * tp->max_packets_out;
}

/* tcp_ecn.c (RFC 3168) */
void __tcp_ecn_check_ce(struct sock *sk, const struct sk_buff *skb);
static inline void tcp_ecn_check_ce(struct sock *sk, const struct sk_buff *skb)
{
	if (unlikely(tcp_sk(sk)->ecn_flags & TCP_ECN_OK))
		__tcp_ecn_check_ce(sk, skb);
}
void tcp_ecn_accept_cwr(struct sock *sk, const struct sk_buff *skb);
bool tcp_ecn_rcv_ecn_echo(const struct tcp_sock *tp, const struct tcphdr *th);
void tcp_ecn_rcv_synack(struct tcp_sock *tp, const struct tcphdr *th);
void tcp_ecn_rcv_syn(struct tcp_sock *tp, const struct tcphdr *th);
static inline void tcp_ecn_queue_cwr(struct tcp_sock *tp)
{
	if (tp->ecn_flags & TCP_ECN_OK)
		tp->ecn_flags |= TCP_ECN_QUEUE_CWR;
}

/* tcp_data.c */
/* Appends in-order payload (headers pulled); true: skb's bytes went into the
 * last packet and *stolen says whether its head did (kfree_skb_partial). */
bool tcp_queue_rcv(struct sock *sk, struct sk_buff *skb, bool *stolen);
bool tcp_try_coalesce(struct sock *sk, struct sk_buff *to, struct sk_buff *from,
		      bool *stolen);
int tcp_try_rmem_schedule(struct sock *sk, const struct sk_buff *skb, u32 size);
static inline void tcp_rcv_nxt_update(struct tcp_sock *tp, u32 seq)
{
	tp->bytes_received += seq - tp->rcv_nxt;
	WRITE_ONCE(tp->rcv_nxt, seq);
}
/* The reader is to be told. */
void tcp_tell_reader(struct sock *sk);
bool tcp_data_worth_telling(const struct sock *sk);
/* Tells the reader, if what is there is worth its while (SO_RCVLOWAT). */
static inline void tcp_data_ready(struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	s32 avail = (s32)(READ_ONCE(tp->rcv_nxt) - READ_ONCE(tp->copied_seq));

	if (unlikely(sock_flag(sk, SOCK_DONE))) {
		tcp_tell_reader(sk);
	} else if (avail <= 0) {	/* all went to the waiting reader */
		if (tp->ucopy && tp->ucopy->copied >= tp->ucopy->target)
			sk->data_ready(sk);
	} else if (likely(avail >= sk->rcvlowat) ||
		   tcp_data_worth_telling(sk)) {
		tcp_tell_reader(sk);
	}
}
/* tcp_recv.c: direct copy. Softirq or owner: len bytes of in-order payload at
 * off. True: the reader has them and copied_seq says so; rcv_nxt is the
 * caller's. Borrows skb. */
bool __tcp_copy_to_reader(struct sock *sk, struct sk_buff *skb, u32 off,
			  u32 len);
static inline bool tcp_copy_to_reader(struct sock *sk, struct sk_buff *skb,
				      u32 off, u32 len)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	return tp->ucopy && len <= tp->ucopy->len && !tp->urg_data &&
	       tp->copied_seq == tp->rcv_nxt &&
	       __tcp_copy_to_reader(sk, skb, off, len);
}
/* tcp_ofo.c */
void tcp_data_queue_ofo(struct sock *sk, struct sk_buff *skb);
void tcp_ofo_purge(struct sock *sk, enum skb_drop_reason why);
/* tcp_sackout.c: the blocks we send (RFC 2018 4, RFC 2883 4) */
void tcp_sack_new_ofo_skb(struct sock *sk, u32 seq, u32 end_seq);
void tcp_sack_remove(struct tcp_sock *tp);
void tcp_dsack_extend(struct sock *sk, u32 seq, u32 end_seq);
static inline void tcp_sack_reset(struct tcp_options_received *o)
{
	o->dsack = 0;
	o->num_sacks = 0;
}
/* tcp_prune.c: frees out-of-order packets beyond in_skb. */
bool tcp_prune_ofo_queue(struct sock *sk, const struct sk_buff *in_skb);

/* tcp_rcvbuf.c */
void tcp_rcvbuf_grow(struct sock *sk, u32 space);
void tcp_grow_window_by(struct sock *sk, u32 len, u32 truesize);
/* rcv_nxt has moved: is a window full? */
void __tcp_rcv_rtt_measure(struct tcp_sock *tp);
static inline void tcp_rcv_rtt_measure(struct tcp_sock *tp)
{
	if (!tp->rcv_rtt_est.time_us ||
	    !before(tp->rcv_nxt, tp->rcv_rtt_est.seq))
		__tcp_rcv_rtt_measure(tp);
}
/* By timestamps: full segments only, small ones may have waited for Nagle. */
void __tcp_rcv_rtt_measure_ts(struct tcp_sock *tp);
static inline void tcp_rcv_rtt_measure_ts(struct sock *sk,
					  const struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (tp->rx_opt.rcv_tsecr == tp->rcv_rtt_last_tsecr)
		return;
	tp->rcv_rtt_last_tsecr = tp->rx_opt.rcv_tsecr;
	if (TCP_SKB_CB(skb)->end_seq - TCP_SKB_CB(skb)->seq >= tp->ack.rcv_mss)
		__tcp_rcv_rtt_measure_ts(tp);
}
/* tcp_quickack.c */
void tcp_incr_quickack(struct sock *sk, u32 max_quickacks);
void __tcp_ack_snd_check(struct sock *sk, bool ofo_possible);
static inline void inet_csk_schedule_ack(struct tcp_sock *tp)
{
	tp->ack.pending |= ICSK_ACK_SCHED;
}
static inline bool inet_csk_ack_scheduled(const struct tcp_sock *tp)
{
	return tp->ack.pending & ICSK_ACK_SCHED;
}
static inline void inet_csk_enter_pingpong_mode(struct sock *sk)
{
	tcp_sk(sk)->ack.pingpong = max_t(u8, tcp_net(sk)->pingpong_thresh, 1);
}
static inline void inet_csk_exit_pingpong_mode(struct tcp_sock *tp)
{
	tp->ack.pingpong = 0;
}

/* The acknowledgement may have made room: in the window, in cwnd, in the send
 * buffer. */
static inline void tcp_data_snd_check(struct sock *sk)
{
	if (tcp_send_head(sk))
		tcp_push_pending_frames(sk);
	tcp_check_space(sk);
}

/* Sequence of the segment that updated the window last (SND.WL1). */
static inline void tcp_update_wl(struct tcp_sock *tp, u32 seq)
{
	tp->snd_wl1 = seq;
}

#endif
