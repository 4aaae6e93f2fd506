/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The acknowledgement of a connection that is well: header prediction matched,
 * the state is Open, nothing was lost, SACKed, probed for or sent twice, and
 * the peer acknowledges packets as they were sent, or the front of a large one.
 * That is nearly every one.
 *
 * tcp_ack.c is the rule, in the order of the RFCs; this is what it comes to
 * under these conditions, in one pass and with the same effects: SND.UNA
 * (RFC 9293 3.10.7.4), round trip and RTO (RFC 6298), RACK (RFC 8985 6.2), the
 * delivery rate, congestion control, the timer. Whatever does not fit is left
 * to tcp_ack.c untouched.
 */
#include "tcp/tcp_rtt.h"
#include "tcp/tcp_rx.h"

/* The packets that one ACK covers. */
struct open_ack {
	u64 first_us, last_us;		/* when the oldest, the youngest went */
	const struct tcp_skb_cb *last;	/* of the youngest */
	u32 ack, prior_una;
	u32 whole;			/* packets that go */
	u32 segs;			/* of all */
	u32 part_segs;			/* of one whose rest stays */
};

/* All that would send us another way, as one question. */
static inline bool open_state(const struct tcp_sock *tp)
{
	const struct tcp_congestion_ops *ca = tp->ca_ops;

	return tp->ca_state == TCP_CA_Open &&
	       !(tp->sacked_out | tp->lost_out | tp->retrans_out |
		 tp->tlp_high_seq | tp->mtup.probe_size) &&
	       !(tp->is_sack_reneg | tp->accecn.on | tp->rack.dsack_seen) &&
	       tp->rx_opt.sack_ok && tp->snd_up == tp->snd_una &&
	       !ca->cong_control && !ca->in_ack_event;
}

static inline struct sk_buff *sent_entry(struct list_head *pos)
{
	return container_of(pos, struct sk_buff, tsorted);
}

/* Sent once, and the next in sequence; tsorted_sent is then in this order. */
static inline bool plain_packet(const struct tcp_skb_cb *cb, u32 seq)
{
	return cb->seq == seq && !cb->sacked && !(cb->flags & TCPHDR_SYN) &&
	       cb->tx.delivered_us;
}

/* The ACK ends inside skb. False: not between segments, or no memory. */
static noinline bool open_ack_part(struct sock *sk, struct sk_buff *skb,
				   struct open_ack *a)
{
	u32 segs = tcp_skb_pcount(skb);
	u32 len = a->ack - TCP_SKB_CB(skb)->seq;

	if (segs == 1 || len < tcp_skb_mss(skb) || tcp_trim_head(sk, skb, len))
		return false;
	a->part_segs = segs - tcp_skb_pcount(skb);
	return true;
}

/* Finds out what the ACK covers. False: not for us. */
static inline bool open_ack_covers(struct sock *sk, struct open_ack *a)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct list_head *pos = tp->tsorted_sent.next;
	u32 seq = a->prior_una;
	struct sk_buff *skb;

	if (unlikely(pos == &tp->tsorted_sent))
		return false;
	a->first_us = tcp_skb_timestamp_us(sent_entry(pos));
	do {
		skb = sent_entry(pos);
		a->last = TCP_SKB_CB(skb);
		if (!plain_packet(a->last, seq))
			return false;
		seq = a->last->end_seq;
		if (after(seq, a->ack)) {
			if (!open_ack_part(sk, skb, a))
				return false;
			break;
		}
		a->whole++;
		a->segs += tcp_skb_pcount(skb);
		pos = pos->next;
	} while (seq != a->ack && pos != &tp->tsorted_sent);
	if (unlikely(!a->first_us || (seq != a->ack && !a->part_segs)))
		return false;
	a->segs += a->part_segs;
	a->last_us = a->first_us;
	if (a->whole + !!a->part_segs > 1)
		a->last_us = tcp_skb_timestamp_us(skb);
	return true;
}

/* RFC8985 6.2 steps 1 and 2, for the youngest; 4 without D-SACK. */
static inline void open_ack_rack(struct sock *sk, const struct open_ack *a)
{
	struct tcp_sock *tp = tcp_sk(sk);

	tp->rack.advanced = true;
	tp->rack.rtt_us = (u32)(tp->tcp_mstamp - a->last_us);
	if (tcp_skb_sent_after(a->last_us, tp->rack.mstamp_us, a->last->end_seq,
			       tp->rack.end_seq)) {
		tp->rack.mstamp_us = a->last_us;
		tp->rack.end_seq = a->last->end_seq;
	}
	if (!tp->rack.reo_wnd_persist && a->last->tx.delivered &&
	    !(tcp_net(sk)->recovery & TCP_RACK_STATIC_REO_WND))
		tp->rack.reo_wnd_steps = 1;
}

/* RFC 6298. */
static inline void open_ack_rtt(struct sock *sk, const struct open_ack *a,
				struct ack_sample *s)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 ca_rtt_us = (u32)(tp->tcp_mstamp - a->last_us);
	/* One packet alone: the peer may have sat on it. */
	bool delayed = a->segs == 1 && !a->part_segs &&
		       a->ack - a->prior_una < tp->mss_cache &&
		       a->last->tx.delivered + 1 == tp->delivered;

	if (!delayed || ca_rtt_us <= tcp_min_rtt(tp))
		tcp_update_rtt_min(sk, ca_rtt_us);
	tcp_rtt_estimator(sk, (long)(tp->tcp_mstamp - a->first_us));
	tcp_set_rto(sk);
	tp->backoff = 0;
	s->rtt_us = (s32)ca_rtt_us;
	s->pkts_acked = a->segs;
	s->in_flight = a->last->tx.in_flight;
}

/* The sample of the youngest (tcp_rate.c). */
static inline void open_ack_rate(struct tcp_sock *tp, const struct open_ack *a)
{
	const struct tcp_skb_cb *cb = a->last;
	u32 snd_us = (u32)(a->last_us - cb->tx.first_tx_us);
	u32 rcv_us = (u32)(tp->tcp_mstamp - cb->tx.delivered_us);
	u32 delivered = tp->delivered - cb->tx.delivered;
	u32 interval = max(snd_us, rcv_us);

	tp->first_tx_mstamp = a->last_us;
	if (tp->app_limited && after(tp->delivered, tp->app_limited))
		tp->app_limited = 0;
	tp->delivered_mstamp = tp->tcp_mstamp;
	if (interval < tcp_min_rtt(tp))
		return;
	if (!cb->is_app_limited ||
	    (u64)delivered * tp->rate_interval_us >=
	    (u64)tp->rate_delivered * interval) {
		tp->rate_delivered = delivered;
		tp->rate_interval_us = interval;
		tp->rate_app_limited = cb->is_app_limited;
	}
}

static inline void open_ack_free(struct sock *sk, const struct open_ack *a)
{
	struct tcp_sock *tp = tcp_sk(sk);

	for (u32 n = a->whole; n; n--) {
		struct sk_buff *skb = sent_entry(tp->tsorted_sent.next);

		tcp_ack_stamp(sk, skb, a->prior_una);
		skb_stage(skb, STAGE_tcp_clean_rtx_queue);
		tcp_rtx_queue_unlink_and_free(skb, sk);
	}
	if (unlikely(a->part_segs))
		tcp_ack_stamp(sk, sent_entry(tp->tsorted_sent.next),
			      a->prior_una);
	if (!tcp_rtx_queue_empty(sk))
		return;
	if (likely(tp->chrono_type == TCP_CHRONO_BUSY && !tcp_send_head(sk)))
		tcp_chrono_set(tp, TCP_CHRONO_UNSPEC);	/* idle */
	else
		tcp_chrono_stop(sk, TCP_CHRONO_BUSY);
}

/* Once per tick is enough for the neighbour. */
static inline void open_ack_confirm(struct sock *sk)
{
	struct dst_entry *dst = sk->flow.dst;
	struct tcp_sock *tp = tcp_sk(sk);

	if (tp->dst_confirm_ms == tcp_now_ts(tp) || !dst || !dst->ops->confirm)
		return;
	tp->dst_confirm_ms = tcp_now_ts(tp);
	dst->ops->confirm(dst);
}

static inline void open_ack_cong(struct sock *sk, const struct open_ack *a,
				 const struct ack_sample *s)
{
	struct tcp_sock *tp = tcp_sk(sk);
	const struct tcp_congestion_ops *ca = tp->ca_ops;

	if (ca->pkts_acked)
		ca->pkts_acked(sk, s);
	/* RFC6298 5.2, 5.3 */
	if (!tp->packets_out)
		tp->pending = ICSK_TIME_NONE;
	else if (!tcp_schedule_loss_probe(sk, true))
		tcp_rearm_rto(sk);
	open_ack_confirm(sk);
	if (tcp_is_cwnd_limited(tp))
		ca->cong_avoid(sk, a->ack, a->segs);
	tp->snd_cwnd_stamp = tcp_now_ts(tp);
	tcp_update_pacing_rate(sk);
}

/* SEG.ACK moves SND.UNA, not beyond SND.NXT; header prediction matched. True:
 * all done. False: nothing happened, tcp_ack() does. Borrows skb. */
bool tcp_ack_open(struct sock *sk, const struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct open_ack a = { .ack = TCP_SKB_CB(skb)->ack_seq,
			      .prior_una = tp->snd_una };
	struct ack_sample s;

	if (unlikely(!open_state(tp)) || unlikely(!open_ack_covers(sk, &a)))
		return false;
	skb_stage(skb, STAGE_tcp_ack);
	tp->retransmits = 0;
	tp->probes_out = 0;
	tp->rcv_tstamp = tcp_now_ts(tp);
	tcp_update_wl(tp, TCP_SKB_CB(skb)->seq);
	tp->bytes_acked += a.ack - a.prior_una;
	WRITE_ONCE(tp->snd_una, a.ack);
	tp->snd_up = a.ack;
	WRITE_ONCE(sk->err_soft, 0);
	NET_INC_STATS(sock_net(sk), TcpExt, TCPHPAcks);

	NET_ADD_STATS(sock_net(sk), TcpExt, TCPDelivered, a.segs);

	tp->delivered += a.segs;
	tp->packets_out -= a.segs;
	open_ack_rack(sk, &a);
	open_ack_rtt(sk, &a, &s);
	open_ack_rate(tp, &a);
	open_ack_free(sk, &a);		/* a.last with it */
	open_ack_cong(sk, &a, &s);
	return true;
}
