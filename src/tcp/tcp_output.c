/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Output: from the write queue to the network layer (RFC 9293 3.10.7.4 end,
 * 3.8; RFC 5681 3).
 *
 *	tcp_push_pending_frames -> tcp_write_xmit: a loop that asks for the head
 *	of the write queue, one after the other: pacing, cwnd, window, Nagle or
 *	TSO deferral, TSQ; cuts it to what may go -> tcp_transmit_skb: clone,
 *	options, header -> ip_queue_xmit. The original moves to the rtx queue.
 *
 * All run by the owner, or in softirq with slock held and the sock not owned.
 */
#include "tcp/tcp_accecn.h"

#include "base/bitops.h"
#include "base/slab.h"
#include "tcp/tcp_window.h"

/* --- tcp_transmit_skb ---------------------------------------------------------- */

/* RFC 3168 6.1: ECT on data that is sent for the first time; CWR once after
 * the window was reduced; ECE as long as the peer has not said CWR. */
static noinline u8 ecn_send_agreed(struct sock *sk, struct sk_buff *skb,
				   u32 hdr_len, u8 *th_flags)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u8 ecn = INET_ECN_NOT_ECT;

	if (skb->len != hdr_len && !before(TCP_SKB_CB(skb)->seq, tp->snd_nxt)) {
		ecn = INET_ECN_ECT_0;
		if (tp->ecn_flags & TCP_ECN_QUEUE_CWR) {
			tp->ecn_flags &= (u8)~TCP_ECN_QUEUE_CWR;
			*th_flags |= TCPHDR_CWR;
			skb_shinfo(skb)->gso_type |= SKB_GSO_TCP_ECN;
		}
	} else if (tcp_ca_needs_ecn(sk)) {
		ecn = INET_ECN_ECT_0;
	}
	if (tp->ecn_flags & TCP_ECN_DEMAND_CWR)
		*th_flags |= TCPHDR_ECE;
	return ecn;
}

static inline u8 ecn_send(struct sock *sk, struct sk_buff *skb, u32 hdr_len,
			  u8 *th_flags)
{
	if (unlikely(tcp_sk(sk)->ecn_flags & TCP_ECN_OK))
		return ecn_send_agreed(sk, skb, hdr_len, th_flags);
	return tcp_ca_needs_ecn(sk) ? INET_ECN_ECT_0 : INET_ECN_NOT_ECT;
}

/* RFC9293 3.8.5 MUST-30,31: the pointer reaches at most 64 KiB ahead. */
static void urg_send(struct tcp_sock *tp, const struct tcp_skb_cb *cb,
		     struct tcphdr *th)
{
	if (before(tp->snd_up, cb->seq + 0x10000)) {
		th->urg_ptr = cpu_to_be16(tp->snd_up - cb->seq);
		th->flags |= TCPHDR_URG;
	} else if (after(cb->seq + 0xffff, tp->snd_nxt)) {
		th->urg_ptr = cpu_to_be16(0xffff);
		th->flags |= TCPHDR_URG;
	}
}

/* Room for the header; the fields that all segments have. */
static inline struct tcphdr *begin_header(struct sock *sk, struct sk_buff *skb,
					  u32 hdr_len, u32 rcv_nxt)
{
	struct tcphdr *th = (struct tcphdr *)skb_push(skb, hdr_len);

	skb_reset_transport_header(skb);
	th->source = sk->flow.sport;
	th->dest = sk->c.dport;
	th->seq = cpu_to_be32(TCP_SKB_CB(skb)->seq);
	th->ack_seq = cpu_to_be32(rcv_nxt);
	tcp_set_doff(th, hdr_len);
	th->check = 0;
	th->urg_ptr = 0;
	return th;
}

/* Of a segment that has SYN, SACK blocks or Accurate ECN. Returns the ECN
 * codepoint for IP. */
static noinline u8 build_odd_header(struct sock *sk, struct sk_buff *skb,
				    u32 rcv_nxt, u8 flags, u32 *hdr_len)
{
	bool syn = flags & TCPHDR_SYN;
	struct tcp_sock *tp = tcp_sk(sk);
	u8 ecn = INET_ECN_NOT_ECT;
	struct tcp_out_options o;
	struct tcphdr *th;
	u32 win;

	*hdr_len = (u32)sizeof(*th) +
		   (syn ? tcp_syn_options(sk, skb, &o) :
			  tcp_established_options(sk, skb, &o));
	th = begin_header(sk, skb, *hdr_len, rcv_nxt);
	tcp_options_write((u8 *)(th + 1), &o);
	if (o.num_sacks)
		tp->rx_opt.dsack = 0;	/* RFC2883 4: told once */
	if (!syn) {
		win = tcp_select_window_slow(sk);
		ecn = ecn_send(sk, skb, *hdr_len, &flags);
		th->flags = flags;
		if (tp->accecn.on)
			ecn = tcp_accecn_send(tp, skb, th, &o);
		if (tcp_urg_mode(tp) && before(TCP_SKB_CB(skb)->seq, tp->snd_up))
			urg_send(tp, TCP_SKB_CB(skb), th);
	} else {
		/* RFC7323 2.2: the window of a SYN is not scaled. */
		win = min_t(u32, tp->rcv_wnd, 0xffff);
		th->flags = flags;
		tcp_accecn_syn_sent(tp, th);
	}
	th->window = cpu_to_be16(win);
	return ecn;
}

/* Of all others: timestamps, or no options. */
static inline u8 build_header(struct sock *sk, struct sk_buff *skb, u32 rcv_nxt,
			      u8 flags, u32 *hdr_len)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcphdr *th;
	u8 ecn;

	if (likely(tp->rx_opt.tstamp_ok)) {
		*hdr_len = sizeof(*th) + TCPOLEN_TSTAMP_ALIGNED;
		th = begin_header(sk, skb, sizeof(*th) + TCPOLEN_TSTAMP_ALIGNED,
				  rcv_nxt);
		tcp_put_timestamps((u8 *)(th + 1), tcp_skb_tsval(tp, skb),
				   tp->rx_opt.ts_recent);
	} else {
		*hdr_len = sizeof(*th);
		th = begin_header(sk, skb, sizeof(*th), rcv_nxt);
	}
	th->window = cpu_to_be16(tcp_select_window(sk));
	ecn = ecn_send(sk, skb, *hdr_len, &flags);
	th->flags = flags;
	if (unlikely(tcp_urg_mode(tp)) &&
	    before(TCP_SKB_CB(skb)->seq, tp->snd_up))
		urg_send(tp, TCP_SKB_CB(skb), th);
	return ecn;
}

/* An acknowledgement went: what was owed is paid. */
static inline void event_ack_sent(struct sock *sk, u32 rcv_nxt)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (unlikely(rcv_nxt != tp->rcv_nxt))
		return;		/* a special ACK: the debt remains */
	if (unlikely(tp->ack.compressed)) {
		NET_ADD_STATS(sock_net(sk), TcpExt, TCPAckCompressed,
			      tp->ack.compressed);
		tp->ack.compressed = 0;
	}
	if (tp->ack.quick && tp->ack.pending & ICSK_ACK_SCHED &&
	    --tp->ack.quick == 0)
		tp->ack.ato = TCP_ATO_MIN;	/* back to delaying */
	tp->ack.pending = 0;	/* the timer may run out: it looks at this */
}

static inline void event_data_sent(struct sock *sk, u32 len, u32 segs)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tp->packets_out && tp->ca_ops && tp->ca_ops->cwnd_event)
		tp->ca_ops->cwnd_event(sk, CA_EVENT_TX_START);
	tp->lsndtime = tcp_now_ts(tp);
	/* An answer to recent data: an interactive session. */
	if ((u64)(tp->tcp_clock_cache - (u64)tp->ack.lrcvtime) <
	    (u64)tp->ack.ato && tp->ack.pingpong < 255)
		tp->ack.pingpong++;
	tp->data_segs_out += segs;
	tp->bytes_sent += len;
}

/* A second descriptor to send; the headers go in front of shared bytes, so an
 * earlier one must have left the host, or the linear part is copied. */
static struct sk_buff *clone_to_send(struct sk_buff *orig)
{
	struct sk_buff *skb;

	if (unlikely(skb_cloned(orig))) {
		skb = pskb_copy(orig, SKB_MAX_HEADROOM);
	} else {
		/* The room for headers is the clone's alone. */
		if (!orig->nohdr)
			skb_header_release(orig);
		skb = skb_clone(orig);
	}
	if (likely(skb)) {
		skb->wire_id = 0;
		skb->queued_at = 0;
	}
	return skb;
}

/* What the floors below want to know. Nobody owns it yet. */
static inline void prepare_clone(struct sock *sk, struct sk_buff *skb, u32 segs)
{
	struct skb_shared_info *si = skb_shinfo(skb);
	u32 truesize = skb->truesize;

	skb->sk = sk;
	skb->destructor = tcp_wfree;
	skb->truesize = truesize;
	__atomic_fetch_add(&sk->wmem_alloc, truesize, __ATOMIC_RELAXED);
	if (likely(segs <= 1)) {
		si->gso_segs = 0;
		si->gso_size = 0;
		si->gso_type = 0;
	} else {
		si->gso_segs = (u16)segs;
		si->gso_size = (u16)tcp_skb_mss(skb);
	}
	skb->hash = sk->txhash;
	skb->l4_hash = 1;
	skb->priority = sk->priority;
	skb->mark = sk->mark;
	/* Nothing out: the order of packets cannot suffer from another queue. */
	skb->ooo_okay = sk_wmem_alloc_get(sk) < 2 * truesize;
	memset(skb->cb, 0, sizeof(struct inet_skb_parm));
}

/* skb: consumed unless `clone`. 0 or -errno (then nothing went). */
int tcp_transmit_skb_ack(struct sock *sk, struct sk_buff *skb, bool clone,
			 u32 rcv_nxt)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *orig = NULL;
	u64 prior_wstamp = tp->wstamp_ns;
	u32 hdr_len, segs;
	u8 ecn, flags;
	int err;

	tp->wstamp_ns = max(prior_wstamp, tp->tcp_clock_cache);
	skb->tstamp = (ktime_t)tp->wstamp_ns;
	if (clone) {
		orig = skb;
		skb = clone_to_send(orig);
		if (unlikely(!skb))
			return -ENOBUFS;
	}
	skb_stage(skb, STAGE_tcp_transmit_skb);
	flags = TCP_SKB_CB(skb)->flags;
	segs = tcp_skb_pcount(skb);
	/* A train's end: the receiver's GRO need not wait. */
	if (segs > 1)
		flags |= TCPHDR_PSH;
	skb_shinfo(skb)->gso_type = SKB_GSO_TCPV4;
	if (likely(!(flags & TCPHDR_SYN) && tcp_usual_options(tp)))
		ecn = build_header(sk, skb, rcv_nxt, flags, &hdr_len);
	else
		ecn = build_odd_header(sk, skb, rcv_nxt, flags, &hdr_len);
	tcp_v4_send_check(skb, sk->c.rcv_saddr.v4, sk->c.daddr.v4);
	if (likely(flags & TCPHDR_ACK))
		event_ack_sent(sk, rcv_nxt);
	if (skb->len != hdr_len) {
		event_data_sent(sk, skb->len - hdr_len, segs);
		tcp_pacing_charge(sk, skb, prior_wstamp);
	}
	tp->segs_out += segs;
	NET_ADD_STATS(sock_net(sk), Tcp, OutSegs, segs);
	if (unlikely(tp->tx_delay_us))
		skb->tstamp += (ktime_t)tp->tx_delay_us * NSEC_PER_USEC;
	prepare_clone(sk, skb, segs);
	err = ip_queue_xmit(sock_net(sk), sk, skb, &sk->flow, ecn);
	if (unlikely(err > 0)) {	/* the queue below is congested */
		tcp_enter_cwr(sk);
		err = err == NET_XMIT_CN ? 0 : -ENOBUFS;
	}
	if (likely(!err && orig))
		tcp_rate_skb_sent(sk, orig);
	return err;
}

int tcp_transmit_skb(struct sock *sk, struct sk_buff *skb, bool clone)
{
	return tcp_transmit_skb_ack(sk, skb, clone, tcp_sk(sk)->rcv_nxt);
}

/* --- tcp_write_xmit ---------------------------------------------------------------- */

/* The head of the write queue is out: behind the others that are in flight. */
void tcp_write_queue_advance(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 prior = tp->packets_out;

	tp->snd_nxt = TCP_SKB_CB(skb)->end_seq;
	__skb_unlink(skb, &sk->write_queue);
	tcp_rtx_queue_insert(sk, skb);
	tp->packets_out += tcp_skb_pcount(skb);
	if (!prior || tp->pending == ICSK_TIME_LOSS_PROBE)
		tcp_rearm_rto(sk);
	NET_ADD_STATS(sock_net(sk), TcpExt, TCPOrigDataSent,
		      tcp_skb_pcount(skb));
	tcp_check_space(sk);
}

/* Half of the window at a time at most, so that a long train is split. */
static u32 cwnd_quota(const struct tcp_sock *tp)
{
	u32 in_flight = tcp_packets_in_flight(tp), half;

	if (in_flight >= tp->snd_cwnd)
		return 0;
	half = max_t(u32, tp->snd_cwnd >> 1, 1);
	return min(half, tp->snd_cwnd - in_flight);
}

struct xmit_round {
	u32 mss_now, sent;
	u32 max_segs;			/* of a packet; 0: not asked for yet */
	int nonagle, push_one;
	bool cwnd_limited, rwnd_limited;
};

/* Nagle, TSO deferral, TSQ; skb is cut to what may go. False: not now. */
static bool ready_to_go(struct sock *sk, struct sk_buff *skb,
			struct xmit_round *r, u32 quota)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	bool last = skb_queue_is_last(&sk->write_queue, skb);
	u32 segs = tcp_set_skb_tso_segs(skb, r->mss_now), limit = r->mss_now;

	if (unlikely(!tcp_snd_wnd_test(tp, skb, r->mss_now))) {
		r->rwnd_limited = true;
		return false;
	}
	if (segs == 1) {
		if (!tcp_nagle_test(tp, skb, r->mss_now,
				    last ? r->nonagle : TCP_NAGLE_PUSH))
			return false;
	} else {
		if (!r->max_segs)
			r->max_segs = tcp_tso_segs(sk, r->mss_now);
		if (!r->push_one &&
		    tcp_tso_should_defer(sk, skb, &r->cwnd_limited,
					 &r->rwnd_limited, r->max_segs))
			return false;
		if (!tcp_urg_mode(tp))
			limit = tcp_mss_split_point(sk, skb, r->mss_now,
						    min(quota, r->max_segs),
						    r->nonagle);
	}
	if (skb->len > limit &&
	    tcp_fragment(sk, false, skb, limit, r->mss_now))
		return false;
	if (tcp_small_queue_check(sk, skb, 0))
		return false;
	/* Empty: somebody sleeps in sendmsg and will fill it. */
	return TCP_SKB_CB(skb)->end_seq != TCP_SKB_CB(skb)->seq;
}

/* The end of a small segment: Nagle waits for its acknowledgement. */
static void minshall_update(struct tcp_sock *tp, const struct sk_buff *skb,
			    u32 mss_now)
{
	if (skb->len % mss_now || !skb->len)
		tp->snd_sml = TCP_SKB_CB(skb)->end_seq;
}

static void xmit_loop(struct sock *sk, struct xmit_round *r)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb;

	while ((skb = tcp_send_head(sk))) {
		u32 quota;

		if (tcp_pacing_check(sk))
			break;
		skb_stage(skb, STAGE_tcp_write_xmit);
		quota = cwnd_quota(tp);
		if (!quota) {
			if (r->push_one != 2)
				break;
			quota = 1;	/* a loss probe goes all the same */
		}
		if (!ready_to_go(sk, skb, r, quota))
			break;
		if (unlikely(tcp_transmit_skb(sk, skb, true)))
			break;
		tcp_write_queue_advance(sk, skb);
		minshall_update(tp, skb, r->mss_now);
		r->sent += tcp_skb_pcount(skb);
		if (r->push_one)
			break;
	}
}

/*
 * Sends what may be sent. push_one: 1 only the first packet, 2 a loss probe.
 * True: nothing is in flight and there is something to send, so that only a
 * probe of the window can help.
 */
bool tcp_write_xmit(struct sock *sk, u32 mss_now, int nonagle, int push_one)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct xmit_round r = { .mss_now = mss_now, .nonagle = nonagle,
				.push_one = push_one };
	int probe;

	tcp_mstamp_refresh(tp);
	if (!push_one && unlikely(tp->mtup.enabled)) {
		probe = tcp_mtu_probe(sk);
		if (!probe)
			return false;	/* more data first, or no room */
		if (probe > 0)
			r.sent = 1;
	}
	xmit_loop(sk, &r);

	if (r.rwnd_limited)
		tcp_chrono_start(sk, TCP_CHRONO_RWND_LIMITED);
	else
		tcp_chrono_stop(sk, TCP_CHRONO_RWND_LIMITED);
	r.cwnd_limited |= tcp_packets_in_flight(tp) >= tp->snd_cwnd;
	if (likely(r.sent || r.cwnd_limited))
		tcp_cwnd_validate(sk, r.cwnd_limited);
	if (likely(r.sent)) {
		if (tp->ca_state == TCP_CA_CWR ||
		    tp->ca_state == TCP_CA_Recovery)
			tp->prr_out += r.sent;
		if (push_one != 2)
			tcp_schedule_loss_probe(sk, false);
		return false;
	}
	return !tp->packets_out && tcp_send_head(sk);
}

void __tcp_push_pending_frames(struct sock *sk, u32 mss_now, int nonagle)
{
	if (unlikely(sk->sk_state == TCP_CLOSE))
		return;
	if (tcp_write_xmit(sk, mss_now, nonagle, 0))
		tcp_check_probe_timer(sk);
}

void tcp_push_pending_frames(struct sock *sk)
{
	if (tcp_send_head(sk))
		__tcp_push_pending_frames(sk, tcp_current_mss(sk),
					  tcp_sk(sk)->nonagle);
}

/* The first packet is full already while the program's write goes on. */
void tcp_push_one(struct sock *sk, u32 mss_now)
{
	tcp_write_xmit(sk, mss_now, TCP_NAGLE_PUSH, 1);
}
