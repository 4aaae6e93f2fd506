/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of TCP's send side share among themselves: the options of a
 * segment to be, the write queue, timers with their reference, and small
 * questions about a packet. Others use tcp.h.
 */
#ifndef WEIR_TCP_TCP_OUT_H
#define WEIR_TCP_TCP_OUT_H

#include "tcp/tcp.h"

/* --- options to write (tcp_options_out.c) ------------------------------------ */

#define OPTION_MSS		1u
#define OPTION_SACK_PERM	2u
#define OPTION_TS		4u
#define OPTION_WSCALE		8u
#define OPTION_FASTOPEN		16u
#define OPTION_ACCECN		32u

#define TCP_FASTOPEN_COOKIE_MAX	16
#define TCP_FASTOPEN_COOKIE_MIN	4
#define TCP_FASTOPEN_COOKIE_SIZE 8
#define TCP_FASTOPEN_NO_OPTION	0xff	/* as a cookie's len */

struct tcp_fastopen_cookie {
	u8 len;				/* 0: a request for one; or NO_OPTION */
	bool exp;			/* experimental option, RFC 6994 */
	u8 val[TCP_FASTOPEN_COOKIE_MAX];
};
struct tcp_fastopen_request {
	struct tcp_fastopen_cookie cookie;
	struct sockmsg *data;		/* of the sendmsg that connects */
	size_t size;
	u32 copied;
};

struct tcp_out_options {
	u16 flags, mss;
	u8 wscale, num_sacks, accecn_fields;
	u32 accecn[3];			/* as they are written */
	u32 tsval, tsecr;
	struct tcp_sack_block sacks[TCP_NUM_SACKS];
	const struct tcp_fastopen_cookie *cookie;
};

/* Which options go; length in bytes, a multiple of 4, at most 40. */
u32 tcp_syn_options(struct sock *sk, struct sk_buff *skb,
		    struct tcp_out_options *o);
u32 tcp_synack_options(const struct sock *sk, struct request_sock *req,
		       u32 mss, const struct tcp_fastopen_cookie *foc,
		       struct tcp_out_options *o);
u32 tcp_established_options(struct sock *sk, struct sk_buff *skb,
			    struct tcp_out_options *o);
/* Timestamps if agreed, and nothing else. */
static inline bool tcp_usual_options(const struct tcp_sock *tp)
{
	return !(tp->rx_opt.num_sacks | tp->rx_opt.dsack | tp->accecn.on);
}
static inline u32 tcp_skb_tsval(const struct tcp_sock *tp,
				const struct sk_buff *skb)
{
	/* sent now, as most are: the division was done */
	if (likely((u64)skb->tstamp == tp->tcp_clock_cache))
		return tcp_time_stamp(tp);
	return (u32)(skb->tstamp / NSEC_PER_MSEC) + tp->tsoffset;
}
/* NOP NOP TIMESTAMP (RFC 7323 appendix A): 12 bytes. */
static inline void tcp_put_timestamps(u8 *p, u32 tsval, u32 tsecr)
{
	put_unaligned_be32(TCPOPT_NOP << 24 | TCPOPT_NOP << 16 |
			   TCPOPT_TIMESTAMP << 8 | TCPOLEN_TIMESTAMP, p);
	put_unaligned_be32(tsval, p + 4);
	put_unaligned_be32(tsecr, p + 8);
}
/* To p, as many bytes as the above said. */
void tcp_options_write(u8 *p, const struct tcp_out_options *o);

/* --- MSS (tcp_mss.c) ------------------------------------------------------------ */

u32 __tcp_current_mss(struct sock *sk);
/* With the options that would go now. */
static inline u32 tcp_current_mss(struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	const struct dst_entry *dst = sk->flow.dst;

	if (likely(dst && dst == tp->caps_dst && tcp_usual_options(tp) &&
		   dst_mtu(dst) == tp->pmtu_cookie))
		return tp->mss_cache;
	return __tcp_current_mss(sk);
}

/* --- write queue (tcp_send.c) -------------------------------------------------- */

static inline bool tcp_rtx_queue_empty(const struct sock *sk)
{
	return RB_EMPTY_ROOT(&tcp_sk(sk)->rtx_queue);
}
static inline bool tcp_rtx_and_write_queues_empty(const struct sock *sk)
{
	return tcp_rtx_queue_empty(sk) && !tcp_send_head(sk);
}
/* n bytes more are on the write queue. */
static inline void tcp_wmem_charge(struct sock *sk, u32 n)
{
	WRITE_ONCE(sk->wmem_queued, sk->wmem_queued + n);
	if (likely(n <= sk->forward_alloc))
		sk->forward_alloc -= n;
	else
		sk_mem_charge(sk, n);
}
/* Empty packet with headroom for all headers, charged to the sock; `linear`
 * bytes of room for payload. NULL: no memory. */
static inline struct sk_buff *tcp_stream_alloc_skb(struct sock *sk,
						   u32 linear)
{
	struct sk_buff *skb = alloc_skb_pair(SKB_MAX_HEADROOM + linear);

	if (unlikely(!skb))
		return NULL;
	/* Headers and a little data never fail for want of quota: the
	 * limit was asked for before. */
	if (unlikely(skb->truesize > sk->forward_alloc))
		sk_wmem_schedule(sk, skb->truesize);
	skb_reserve(skb, SKB_MAX_HEADROOM);
	tcp_wmem_charge(sk, skb->truesize);
	return skb;
}
/* Uncharges and frees a packet that is on no queue. */
static inline void tcp_wmem_free_skb(struct sock *sk, struct sk_buff *skb)
{
	WRITE_ONCE(sk->wmem_queued, sk->wmem_queued - skb->truesize);
	sk_mem_uncharge(sk, skb->truesize);
	skb->wire_id = 0;	/* were tsorted */
	skb->queued_at = 0;
	consume_skb(skb);
}
void tcp_skb_entail(struct sock *sk, struct sk_buff *skb);
void tcp_mark_push(struct tcp_sock *tp, struct sk_buff *skb);
void tcp_push(struct sock *sk, int flags, u32 mss_now, int nonagle,
	      u32 size_goal);
void tcp_sndbuf_expand(struct sock *sk);	/* tcp_rcvbuf.c */
void tcp_write_space(struct sock *sk);
/* As sk_wait_event; meanwhile an ACK may wait for the data to come. */
int tcp_wait_to_write(struct sock *sk, ktime_t deadline,
		      bool (*cond)(struct sock *sk));
bool tcp_send_over(struct sock *sk);	/* error or shutdown */
void tcp_frag_page_free(struct tcp_sock *tp);
static inline u32 tcp_notsent_lowat(const struct sock *sk)
{
	u32 own = tcp_sk(sk)->notsent_lowat;

	return own ? own : tcp_net(sk)->notsent_lowat;
}
/* Room for a third of the buffer, and little unsent: worth a wake-up. */
static inline bool tcp_writeable(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u64 unsent = READ_ONCE(tp->write_seq) - READ_ONCE(tp->snd_nxt);

	return sk_stream_is_writeable(sk) && unsent << 1 < tcp_notsent_lowat(sk);
}
/* Whether the sock may be written to, less than notsent_lowat unsent. */
static inline bool tcp_stream_memory_free(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	return (s32)READ_ONCE(sk->wmem_queued) < READ_ONCE(sk->sndbuf) &&
	       READ_ONCE(tp->write_seq) - READ_ONCE(tp->snd_nxt) <
	       tcp_notsent_lowat(sk);
}
/* After an ACK freed memory: more send buffer, writers woken. */
void tcp_new_space(struct sock *sk);
static inline void tcp_check_space(struct sock *sk)
{
	smp_mb();	/* the writer sets NOSPACE and then looks for room */
	if (sk->socket &&
	    unlikely(READ_ONCE(sk->socket->flags) & SOCK_F_NOSPACE))
		tcp_new_space(sk);
}
/* tcp_send_small.c */
#define TCP_SMALL_WRITE	1024u
ssize_t tcp_sendmsg_any(struct sock *sk, struct sockmsg *m, size_t len);

/* A packet of nothing but header, of `flags` at `seq`. */
void tcp_init_nondata_skb(struct sk_buff *skb, u32 seq, u8 flags);

/* --- retransmission queue (tcp_rtx_queue.c) -------------------------------------- */

/* Lowest sequence; alone in the tree it is the root. */
static inline struct sk_buff *tcp_rtx_queue_head(const struct sock *sk)
{
	struct rb_node *top = tcp_sk(sk)->rtx_queue.rb_node;

	if (!top || !top->rb_left)
		return rb_to_skb(top);
	return skb_rb_first(&tcp_sk(sk)->rtx_queue);
}
/* Just sent: last in both orders, or in sequence only. */
static inline void tcp_rtx_queue_insert(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);

	list_add_tail(&skb->tsorted, &tp->tsorted_sent);
	if (RB_EMPTY_ROOT(&tp->rtx_queue))
		rb_link_root(&skb->rbnode, &tp->rtx_queue);
	else
		__tcp_rtx_queue_insert(sk, skb);
}
/* Out of tree and tsorted list, freed as used; memory uncharged. */
static inline void tcp_rtx_queue_unlink_and_free(struct sk_buff *skb,
						 struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	list_del(&skb->tsorted);
	if (rb_is_only(&skb->rbnode, &tp->rtx_queue))
		tp->rtx_queue = RB_ROOT;
	else
		rb_erase(&skb->rbnode, &tp->rtx_queue);
	tcp_wmem_free_skb(sk, skb);
}

/* --- segmentation (tcp_tso.c) ---------------------------------------------------- */

/* MSS to announce for a route: its metric or what its MTU allows. */
u32 tcp_dst_advmss(const struct dst_entry *dst);
/* Counts only; the sequence space of SYN and FIN is one segment's. */
static inline u32 tcp_set_skb_tso_segs(struct sk_buff *skb, u32 mss_now)
{
	struct tcp_skb_cb *cb = TCP_SKB_CB(skb);

	if (skb->len <= mss_now) {
		cb->gso_segs = 1;
		cb->gso_size = 0;
		return 1;
	}
	cb->gso_size = (u16)mss_now;
	cb->gso_segs = (u16)DIV_ROUND_UP(skb->len, mss_now);
	return cb->gso_segs;
}
u32 tcp_tso_segs(struct sock *sk, u32 mss_now);
bool tcp_tso_should_defer(struct sock *sk, struct sk_buff *skb,
			  bool *is_cwnd_limited, bool *is_rwnd_limited,
			  u32 max_segs);
u32 tcp_mss_split_point(const struct sock *sk, const struct sk_buff *skb,
			u32 mss_now, u32 max_segs, int nonagle);
static inline bool tcp_urg_mode(const struct tcp_sock *tp)
{
	return tp->snd_una != tp->snd_up;
}
static inline bool sk_can_gso(const struct sock *sk)
{
	return sk->route_caps & (NETIF_F_GSO | NETIF_F_TSO);
}
/* dst is what sk sends by: offload limits of its device. */
void tcp_setup_caps(struct sock *sk, const struct dst_entry *dst);

/* --- output (tcp_output.c, tcp_nagle.c, tcp_ack_out.c) ------------------------------- */

int tcp_transmit_skb_ack(struct sock *sk, struct sk_buff *skb, bool clone,
			 u32 rcv_nxt);
bool tcp_nagle_test(const struct tcp_sock *tp, const struct sk_buff *skb,
		    u32 mss_now, int nonagle);
bool tcp_small_queue_check(struct sock *sk, const struct sk_buff *skb,
			   u32 factor);
/* RFC9293 3.8.6: the first segment of skb lies in the window. */
static inline bool tcp_snd_wnd_test(const struct tcp_sock *tp,
				    const struct sk_buff *skb, u32 mss_now)
{
	u32 end = TCP_SKB_CB(skb)->end_seq;

	if (skb->len > mss_now)
		end = TCP_SKB_CB(skb)->seq + mss_now;
	return !after(end, tcp_wnd_end(tp));
}
/* tcp_cwnd.c; after a round of sending */
void tcp_cwnd_application_limited(struct sock *sk);
void tcp_cwnd_no_space(struct sock *sk);
static inline void tcp_cwnd_validate(struct sock *sk, bool is_cwnd_limited)
{
	struct tcp_sock *tp = tcp_sk(sk);

	/* What was in flight at most in this round trip. */
	if (!before(tp->snd_una, tp->cwnd_usage_seq) ||
	    is_cwnd_limited ||
	    (!tp->is_cwnd_limited && tp->packets_out > tp->max_packets_out)) {
		tp->is_cwnd_limited = is_cwnd_limited;
		tp->max_packets_out = tp->packets_out;
		tp->cwnd_usage_seq = tp->snd_nxt;
	}
	if (tp->is_cwnd_limited ||
	    (tcp_in_slow_start(tp) && tp->snd_cwnd < 2 * tp->max_packets_out)) {
		tp->snd_cwnd_used = 0;
		tp->snd_cwnd_stamp = tcp_now_ts(tp);
		return;
	}
	if (tp->packets_out > tp->snd_cwnd_used)
		tp->snd_cwnd_used = tp->packets_out;
	if (unlikely((s64)(u32)(tcp_now_ts(tp) - tp->snd_cwnd_stamp) *
		     NSEC_PER_MSEC >= tp->rto))
		tcp_cwnd_application_limited(sk);
	if (sk->socket &&
	    unlikely(READ_ONCE(sk->socket->flags) & SOCK_F_NOSPACE))
		tcp_cwnd_no_space(sk);
}
void tcp_cwnd_restart(struct sock *sk, u32 delta_ms);
/* RFC5681 4.1: after a pause cwnd is no longer known to be right. */
static inline void tcp_cwnd_after_idle(struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 idle = tcp_now_ts(tp) - tp->lsndtime;

	if (unlikely((s64)(s32)idle * NSEC_PER_MSEC > tp->rto) &&
	    tcp_net(sk)->slow_start_after_idle && tp->ca_ops &&
	    !tp->ca_ops->cong_control)
		tcp_cwnd_restart(sk, idle);
}
void tcp_check_probe_timer(struct sock *sk);
/* Header checksum over the pseudo-header, rest by who sends it. */
static inline void tcp_v4_send_check(struct sk_buff *skb, __be32 saddr,
				     __be32 daddr)
{
	struct tcphdr *th = tcp_hdr(skb);

	/* Not complemented: the sum over the packet is added by who knows. */
	th->check = (__force __sum16)~(__force u32)
		csum_tcpudp_magic(saddr, daddr, skb->len, IPPROTO_TCP, 0);
	skb->csum_start = skb->transport_header;
	skb->csum_offset = offsetof(struct tcphdr, check);
	skb->ip_summed = CHECKSUM_PARTIAL;
}
int tcp_mtu_probe(struct sock *sk);
void tcp_write_queue_advance(struct sock *sk, struct sk_buff *skb);
/* --- pacing (tcp_pacing.c) */
static inline bool tcp_needs_pacing(const struct sock *sk)
{
	return tcp_sk(sk)->pacing_needed || sk->max_pacing_rate != ~0ull;
}
/* True: the next packet must wait; the timer is set. */
bool __tcp_pacing_check(struct sock *sk);
static inline bool tcp_pacing_check(struct sock *sk)
{
	return unlikely(tcp_needs_pacing(sk)) && __tcp_pacing_check(sk);
}
/* skb goes now: when may the next one? A late packet gets some credit. */
void __tcp_pacing_charge(struct sock *sk, const struct sk_buff *skb,
			 u64 prior_wstamp);
static inline void tcp_pacing_charge(struct sock *sk, const struct sk_buff *skb,
				     u64 prior_wstamp)
{
	if (unlikely(tcp_needs_pacing(sk)))
		__tcp_pacing_charge(sk, skb, prior_wstamp);
}
/* Owner or slock. NULL: no memory. */
struct tcp_hrtimers *tcp_hrtimers_get(struct sock *sk);
void tcp_hrtimers_free(struct tcp_sock *tp);
struct tcp_accept_queue *tcp_accept_queue_get(struct tcp_sock *tp);
void tcp_accept_queue_free(struct tcp_sock *tp);
bool tcp_skb_still_in_host_queue(struct sock *sk, const struct sk_buff *skb);
void tcp_tsq_tasklet(struct tasklet_struct *t);
void tcp_cwr_queued_ecn(struct tcp_sock *tp);

/* --- delivery rate (tcp_rate.c), its sending side ----------------------------------------- */

/* A packet goes, for the first time or again. */
static inline void tcp_rate_skb_sent(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_skb_cb *cb = TCP_SKB_CB(skb);

	/* Nothing was in flight: a new interval starts here. */
	if (!tp->packets_out) {
		u64 now = tcp_skb_timestamp_us(skb);

		tp->first_tx_mstamp = now;
		tp->delivered_mstamp = now;
	}
	cb->tx.first_tx_us = tp->first_tx_mstamp;
	cb->tx.delivered_us = tp->delivered_mstamp;
	cb->tx.delivered = tp->delivered;
	cb->is_app_limited = tp->app_limited != 0;
}
/* The program pauses: whatever is in flight now does not show what the path
 * could carry. */
static inline void tcp_rate_check_app_limited(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (tp->write_seq - tp->snd_nxt < tp->mss_cache &&
	    sk_wmem_alloc_get(sk) < SKB_TRUESIZE(1) &&
	    tcp_packets_in_flight(tp) < tp->snd_cwnd &&
	    tp->lost_out <= tp->retrans_out)
		tp->app_limited = max_t(u32, tp->delivered +
					     tcp_packets_in_flight(tp), 1);
}

/* --- RFC 4898 chronograph: what the sender waits for (tcp_info.c) ----------------------- */
enum { TCP_CHRONO_UNSPEC, TCP_CHRONO_BUSY, TCP_CHRONO_RWND_LIMITED,
       TCP_CHRONO_SNDBUF_LIMITED };
static inline void tcp_chrono_set(struct tcp_sock *tp, u8 type)
{
	u64 now = tp->tcp_mstamp;
	u8 old = tp->chrono_type;

	if (old > TCP_CHRONO_UNSPEC)
		tp->chrono_stat[old - 1] += now - tp->busy_start_us;
	tp->busy_start_us = now;
	tp->chrono_type = type;
}
void __tcp_chrono_stop(struct sock *sk, u8 type);
/* The more specific of two holds. The clock was read in this event. */
static inline void tcp_chrono_start(struct sock *sk, u8 type)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (type > tp->chrono_type)
		tcp_chrono_set(tp, type);
}
static inline void tcp_chrono_stop(struct sock *sk, u8 type)
{
	if (tcp_sk(sk)->chrono_type != TCP_CHRONO_UNSPEC)
		__tcp_chrono_stop(sk, type);
}

/* --- timers (tcp_timer.c) --------------------------------------------------------------- */

/* A timer of the sock holds a reference while it is armed. */
void tcp_sk_reset_timer(struct sock *sk, struct timer_list *t, ktime_t when);
static inline void tcp_reset_xmit_timer(struct sock *sk, int what,
					ktime_t when_ns)
{
	struct tcp_sock *tp = tcp_sk(sk);

	tp->pending = (u8)what;
	tp->timeout = (ktime_t)tp->tcp_clock_cache + min(when_ns, tp->rto_max);
	/* Armed for a tick that is not after this: it will look again. */
	if (likely(timer_pending(&tp->retransmit_timer) &&
		   (s64)(READ_ONCE(tp->retransmit_timer.expires) - 1) *
		   TICK_NSEC < tp->timeout))
		return;
	tcp_sk_reset_timer(sk, &tp->retransmit_timer, tp->timeout);
}
void tcp_keepalive_timer(struct timer_list *t);
void tcp_sk_stop_timer(struct sock *sk, struct timer_list *t);
static inline void tcp_set_bit(u32 *word, u32 nr)
{
	__atomic_fetch_or(word, 1u << nr, __ATOMIC_ACQ_REL);
}
static inline bool tcp_test_and_set_bit(u32 *word, u32 nr)
{
	return __atomic_fetch_or(word, 1u << nr, __ATOMIC_ACQ_REL) & 1u << nr;
}
/* RFC8985 7: probes are on, and all that can be is in order for one. */
static inline bool tcp_loss_probes(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u8 er = tcp_net(sk)->early_retrans;

	return !tp->fastopen_rsk && (er == 3 || er == 4) && tp->packets_out &&
	       tcp_is_sack(tp) && (tp->ca_state == TCP_CA_Open ||
				   tp->ca_state == TCP_CA_CWR);
}
static inline ktime_t tcp_rto_min(const struct tcp_sock *tp)
{
	return tp->rto_min;
}
/* us until the RTO of the oldest packet is due; may be negative. */
s64 tcp_rto_delta_us(const struct sock *sk);
ktime_t tcp_probe0_when(const struct sock *sk, ktime_t max_when);
ktime_t tcp_clamp_probe0_to_user_timeout(const struct sock *sk, ktime_t when);
ktime_t tcp_keepalive_time(const struct sock *sk);
ktime_t tcp_fin_time(const struct sock *sk);
bool tcp_too_many_orphans(struct sock *sk);

/* --- life (tcp.c) -------------------------------------------------------------------------- */

void tcp_destroy_sock(struct sock *sk);		/* orphan in CLOSE: last step */
void tcp_destroy(struct sock *sk);		/* proto.destroy */
void tcp_rbtree_purge(struct rb_root *root);
void tcp_proto_free_mini(struct sock_common *c);

/* --- passive open (tcp_listen.c, tcp_minisocks.c, tcp_syncookies.c) --------------------------- */

struct request_sock *tcp_reqsk_alloc(struct sock *listener);
void tcp_reqsk_free_now(struct request_sock *req);
/* Into ehash, timer armed. False: an equal one is there. */
bool tcp_reqsk_hash_add(struct sock *sk, struct request_sock *req, ktime_t to);
/* Out of ehash, timer stopped. False: somebody else did it. */
bool tcp_reqsk_drop(struct request_sock *req);
bool tcp_reqsk_replaced(struct request_sock *req); /* by its child */
u32 tcp_defer_tries(const struct tcp_sock *tp);
/* Child to the accept queue; the queue takes over the child's reference. */
bool tcp_reqsk_queue_add(struct sock *sk, struct request_sock *req,
			 struct sock *child);
static inline bool tcp_acceptq_is_full(const struct sock *sk)
{
	return READ_ONCE(sk->ack_backlog) > READ_ONCE(sk->max_ack_backlog);
}
/* Full sock for a request: hashed, locked (slock), one reference. NULL. */
struct sock *tcp_v4_syn_recv_sock(struct sock *listener, struct sk_buff *skb,
				  struct request_sock *req, bool replace);
/* Window, scaling of a passive open. */
void tcp_openreq_init_rwin(struct request_sock *req, const struct sock *sk,
			   const struct dst_entry *dst);
struct rtable *tcp_req_route(const struct sock *sk, struct request_sock *req);
u32 tcp_synq_max(const struct sock *sk);
/* What the sequence number of our SYN-ACK says; skb acknowledges it. 0: it was
 * not a cookie, or is too old. */
u16 cookie_v4_mss(struct net *net, const struct sk_buff *skb, u32 cookie);
u32 cookie_ts_init(const struct request_sock *req, u32 now_ms);
struct sk_buff *tcp_make_synack(const struct sock *sk, struct dst_entry *dst,
				struct request_sock *req,
				const struct tcp_fastopen_cookie *foc);

/* --- fast open (tcp_fastopen.c, tcp_metrics.c) -------------------------------------------------- */

/* sendmsg that connects: 0, or -errno; *copied bytes went with the SYN. */
int tcp_sendmsg_fastopen(struct sock *sk, struct sockmsg *m, size_t *copied,
			 size_t size);
/* connect() of a TCP_FASTOPEN_CONNECT sock waits for the first write. */
bool tcp_fastopen_defer_connect(struct sock *sk, int *err);
/* SYN (on the rtx queue) with data from the request. */
int tcp_send_syn_data(struct sock *sk, struct sk_buff *syn);
void tcp_free_fastopen_req(struct tcp_sock *tp);
/* The option of a SYN; c->len 0xff: none. */
void tcp_parse_fastopen(const struct sk_buff *skb,
			struct tcp_fastopen_cookie *c);
/* Child (locked) of a SYN with data onto the accept queue. Consumes both. */
void tcp_fastopen_queue_child(struct sock *sk, struct request_sock *req,
			      struct sock *child);
/* The handshake of a fast open child is over (either way). */
void tcp_fastopen_req_done(struct sock *sk);
void tcp_fastopen_ctx_free(struct sock *sk);
/* True: the sock is a fast open child in SYN-RECEIVED; SYN-ACK sent again. */
bool tcp_fastopen_synack_timer(struct sock *sk);
void tcp_fastopen_add_skb(struct sock *sk, struct sk_buff *skb);
struct sock *tcp_try_fastopen(struct sock *sk, struct sk_buff *skb,
			      struct request_sock *req,
			      struct tcp_fastopen_cookie *foc);
/* tcp_tx_stamp.c: SO_TIMESTAMPING of what is sent */

/* The write queue's last byte ends a send call with these flags. Owner. */
void __tcp_mark_stamps(struct sock *sk, u32 tsflags);
static inline void tcp_mark_stamps(struct sock *sk, u32 tsflags)
{
	if (unlikely(tsflags))
		__tcp_mark_stamps(sk, tsflags);
}
/* skb's payload from rest's sequence number on has become rest's. */
void tcp_split_stamps(struct sk_buff *skb, struct sk_buff *rest);
/* next's payload follows in skb. */
void tcp_join_stamps(struct sk_buff *skb, const struct sk_buff *next);
/* SND.UNA moved on from prior_una, over some or all of skb. */
void __tcp_ack_stamp(struct sock *sk, struct sk_buff *skb, u32 prior_una);
static inline void tcp_ack_stamp(struct sock *sk, struct sk_buff *skb,
				 u32 prior_una)
{
	if (unlikely(TCP_SKB_CB(skb)->txstamp_ack))
		__tcp_ack_stamp(sk, skb, prior_una);
}
/* proto.stamp_base, stamp_stats */
int tcp_stamp_base(struct sock *sk, bool written, u32 *seq);
struct sk_buff *tcp_stamp_stats(struct sock *sk, const struct sk_buff *orig);

#endif
