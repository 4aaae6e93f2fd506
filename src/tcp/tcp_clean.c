/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Originals that are acknowledged leave the retransmission queue. On the way
 * they tell how long their answer took (RFC 6298 3, Karn: only if never
 * retransmitted) and how many packets were delivered.
 */
#include "tcp/tcp.h"
#include "tcp/tcp_out.h"
#include "tcp/tcp_rx.h"

/* What the originals freed by one ACK tell. */
struct tcp_cleaned {
	u64 first_ackt, last_ackt;	/* us, sent; never retransmitted ones */
	u32 pkts_acked, reord;
	u32 last_in_flight;
	u32 prior_una;
	int flag;
	bool fully_acked;
};

/* The ACK ends inside a GSO packet: its front goes. Segments acknowledged;
 * 0: none, or no memory. */
static u32 tcp_tso_acked(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 before_trim = tcp_skb_pcount(skb);

	if (tcp_trim_head(sk, skb, tp->snd_una - TCP_SKB_CB(skb)->seq))
		return 0;
	return before_trim - tcp_skb_pcount(skb);
}

/* An original sent again arrived before its copy could have: RACK must not
 * take the copy's time for it. */
static bool tcp_skb_spurious_retrans(const struct tcp_sock *tp,
				     const struct sk_buff *skb)
{
	return (TCP_SKB_CB(skb)->sacked & TCPCB_RETRANS) &&
	       tp->rx_opt.saw_tstamp && tp->rx_opt.rcv_tsecr &&
	       (s32)(tp->rx_opt.rcv_tsecr -
		     (u32)(tcp_skb_timestamp_us(skb) / 1000)) < 0;
}

/* n segments of skb are acknowledged: the books. */
static void tcp_clean_account(struct sock *sk, struct sk_buff *skb, u32 n,
			      struct tcp_cleaned *c, bool ece_ack)
{
	struct tcp_sock *tp = tcp_sk(sk);
	const struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
	u64 sent = tcp_skb_timestamp_us(skb);
	u8 sacked = cb->sacked;

	if (unlikely(sacked & TCPCB_RETRANS)) {
		if (sacked & TCPCB_SACKED_RETRANS)
			tp->retrans_out -= n;
		c->flag |= FLAG_RETRANS_DATA_ACKED;
	} else if (!(sacked & TCPCB_SACKED_ACKED)) {
		c->last_ackt = sent;
		if (!c->first_ackt)
			c->first_ackt = sent;
		if (before(cb->seq, c->reord))
			c->reord = cb->seq;
		if (!after(cb->end_seq, tp->high_seq))
			c->flag |= FLAG_ORIG_SACK_ACKED;
		c->last_in_flight = cb->tx.in_flight;
	}
	if (sacked & TCPCB_SACKED_ACKED) {
		tp->sacked_out -= n;
	} else if (tcp_is_sack(tp)) {
		tcp_count_delivered(tp, n, ece_ack);
		if (!tcp_skb_spurious_retrans(tp, skb))
			tcp_rack_advance(tp, sacked, cb->end_seq, sent);
	}
	if (sacked & TCPCB_LOST)
		tp->lost_out -= n;
	tp->packets_out -= n;
	c->pkts_acked += n;
}

/* From the head of the queue as far as SND.UNA. The packet it stopped at, or
 * NULL: all are gone. */
static struct sk_buff *tcp_clean_walk(struct sock *sk, struct tcp_cleaned *c,
				      struct rate_sample *rs, bool ece_ack)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb, *next;

	for (skb = tcp_rtx_queue_head(sk); skb; skb = next) {
		struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
		u32 n = tcp_skb_pcount(skb);

		next = NULL;
		c->fully_acked = !after(cb->end_seq, tp->snd_una);
		if (!c->fully_acked) {
			if (n == 1 || !after(tp->snd_una, cb->seq))
				break;
			n = tcp_tso_acked(sk, skb);
			if (!n)
				break;
		} else {
			next = tcp_skb_rtx_next(skb);
		}
		tcp_clean_account(sk, skb, n, c, ece_ack);
		tcp_rate_skb_delivered(sk, skb, rs);
		tcp_ack_stamp(sk, skb, c->prior_una);
		if (likely(!(cb->flags & TCPHDR_SYN))) {
			c->flag |= FLAG_DATA_ACKED;
		} else {
			c->flag |= FLAG_SYN_ACKED;
			tp->retrans_stamp = 0;
		}
		if (!c->fully_acked)
			break;
		skb_stage(skb, STAGE_tcp_clean_rtx_queue);
		tcp_rtx_queue_unlink_and_free(skb, sk);
	}
	return skb;
}

/* A path MTU probe arrived (RFC 4821 7.6): the larger size is good. */
static void tcp_mtup_probe_success(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u64 cwnd = (u64)tp->snd_cwnd * tcp_mss_to_mtu(sk, tp->mss_cache);

	tp->prior_ssthresh = tcp_current_ssthresh(sk);
	cwnd /= tp->mtup.probe_size;
	tp->snd_cwnd = max_t(u32, 1, (u32)cwnd);
	tp->snd_cwnd_cnt = 0;
	tp->snd_cwnd_stamp = tcp_now_ts(tp);
	tp->snd_ssthresh = tcp_current_ssthresh(sk);
	tp->mtup.search_low = tp->mtup.probe_size;
	tp->mtup.probe_size = 0;
	tcp_sync_mss(sk, tp->pmtu_cookie);
	NET_INC_STATS(sock_net(sk), TcpExt, TCPMTUPSuccess);
}

/* A single small packet acknowledged alone: the peer may have sat on it. */
static bool tcp_ack_maybe_delayed(const struct tcp_sock *tp,
				  const struct tcp_cleaned *c,
				  const struct tcp_sacktag_state *sack,
				  u32 prior_snd_una, u32 prior_sacked)
{
	return c->pkts_acked == 1 && c->fully_acked && !prior_sacked &&
	       tp->snd_una - prior_snd_una < tp->mss_cache &&
	       sack->rate->prior_delivered + 1 == tp->delivered &&
	       !(c->flag & (FLAG_CA_ALERT | FLAG_SYN_ACKED));
}

/* Something left the queue. */
static void tcp_cleaned_some(struct sock *sk, struct tcp_cleaned *c,
			     u32 prior_fack, bool ece_ack)
{
	struct tcp_sock *tp = tcp_sk(sk);

	c->flag |= FLAG_SET_XMIT_TIMER;		/* RFC6298 5.3 */
	if (unlikely(tp->mtup.probe_size &&
		     !after(tp->mtu_probe_seq_end, tp->snd_una)))
		tcp_mtup_probe_success(sk);
	if (!tcp_is_sack(tp)) {
		tcp_remove_reno_sacks(sk, c->pkts_acked, ece_ack);
		/* Original or copy? Without SACK nobody knows. */
		if (c->flag & FLAG_RETRANS_DATA_ACKED)
			c->flag &= ~FLAG_ORIG_SACK_ACKED;
	} else if (before(c->reord, prior_fack)) {
		tcp_check_sack_reordering(sk, c->reord, false);
	}
}

static void tcp_ca_pkts_acked(struct sock *sk, const struct tcp_cleaned *c,
			      s64 ca_rtt_us)
{
	const struct tcp_congestion_ops *ca = tcp_sk(sk)->ca_ops;
	struct ack_sample s = { .pkts_acked = c->pkts_acked,
				.rtt_us = (s32)ca_rtt_us,
				.in_flight = c->last_in_flight };

	if (ca && ca->pkts_acked)
		ca->pkts_acked(sk, &s);
}

/* After SND.UNA moved or not. sack: what SACK blocks told; .flag: all flags of
 * this ACK so far. Returns flags to add. */
int tcp_clean_rtx_queue(struct sock *sk, u32 prior_fack, u32 prior_snd_una,
			struct tcp_sacktag_state *sack, bool ece_ack)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_cleaned c = { .reord = tp->snd_nxt, .flag = sack->flag,
				 .fully_acked = true,
				 .prior_una = prior_snd_una };
	s64 seq_rtt_us = -1, sack_rtt_us = -1, ca_rtt_us = -1;
	u32 prior_sacked = tp->sacked_out;
	u64 now = tp->tcp_mstamp;
	struct sk_buff *skb;
	bool rtt_update;

	skb = tcp_clean_walk(sk, &c, sack->rate, ece_ack);
	if (!skb)
		tcp_chrono_stop(sk, TCP_CHRONO_BUSY);
	if (likely(between(tp->snd_up, prior_snd_una, tp->snd_una)))
		tp->snd_up = tp->snd_una;
	/* RFC2018 8: the peer took back what it had SACKed */
	if (skb && (TCP_SKB_CB(skb)->sacked & TCPCB_SACKED_ACKED))
		c.flag |= FLAG_SACK_RENEGING;
	if (c.first_ackt && !(c.flag & FLAG_RETRANS_DATA_ACKED)) {
		seq_rtt_us = (s64)(now - c.first_ackt);
		ca_rtt_us = (s64)(now - c.last_ackt);
		if (tcp_ack_maybe_delayed(tp, &c, sack, prior_snd_una,
					  prior_sacked))
			c.flag |= FLAG_ACK_MAYBE_DELAYED;
	}
	if (sack->first_sackt) {
		sack_rtt_us = (s64)(now - sack->first_sackt);
		ca_rtt_us = (s64)(now - sack->last_sackt);
	}
	rtt_update = tcp_ack_update_rtt(sk, c.flag, seq_rtt_us, sack_rtt_us,
					ca_rtt_us, sack->rate);
	if (c.flag & FLAG_ACKED)
		tcp_cleaned_some(sk, &c, prior_fack, ece_ack);
	else if (skb && rtt_update && sack_rtt_us >= 0 &&
		 sack_rtt_us > (s64)(now - tcp_skb_timestamp_us(skb)))
		/* The head was sent after what was SACKed: do not time out
		 * on its account. */
		c.flag |= FLAG_SET_XMIT_TIMER;
	tcp_ca_pkts_acked(sk, &c, ca_rtt_us);
	return c.flag;
}
