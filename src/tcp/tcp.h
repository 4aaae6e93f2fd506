/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCP: the state of a connection and who does what with it. RFC 9293 with
 * 7323, 2018, 6675, 8985, 6298, 5681, 6582, 9438, 5961, 6528, 6191.
 *
 * Sequence space of a sender:
 *
 *	snd_una        snd_nxt          write_seq
 *	   | rtx_queue    | write_queue     |
 *	   | sent, unacked| not sent yet    |
 *
 * rtx_queue is a tree by sequence; the same packets hang by skb->tsorted on
 * tsorted_sent in the order of (re)transmission (a clone of them starts with
 * wire_id and queued_at cleared). The original stays there, a
 * clone goes down. Of a receiver: receive_queue (in order, not read yet, from
 * copied_seq to rcv_nxt), out_of_order_queue (tree).
 *
 * All under the socket lock (task: owner; softirq: slock and not owned).
 */
#ifndef WEIR_TCP_TCP_H
#define WEIR_TCP_TCP_H

#include "buf/wire/tcp.h"
#include "cpu/deferred.h"
#include "cpu/timer.h"
#include "inet/ip.h"
#include "sock/inet_hashtables.h"
#include "sock/sock.h"
#include "tcp/tcp_sock.h"

struct tcp_sock;
struct tcp_options_received;
struct request_sock;
struct inet_timewait_sock;
struct tcp_fastopen_request;
struct tcp_fastopen_context;
struct tcp_congestion_ops;
struct rate_sample;

/* --- constants; times in ns --------------------------------------------------- */
#define TCP_RTO_MAX		(120 * NSEC_PER_SEC)
#define TCP_RTO_MIN		(200 * NSEC_PER_MSEC)	/* Linux; RFC 6298: 1 s */
#define TCP_TIMEOUT_INIT	(1 * NSEC_PER_SEC)	/* RFC 6298 2.1 */
#define TCP_TIMEOUT_MIN		(2 * TICK_NSEC)
#define TCP_DELACK_MAX		(200 * NSEC_PER_MSEC)
#define TCP_DELACK_MIN		(40 * NSEC_PER_MSEC)
#define TCP_ATO_MIN		(40 * NSEC_PER_MSEC)
#define TCP_RESOURCE_PROBE_INTERVAL (NSEC_PER_SEC / 2)
#define TCP_TIMEWAIT_LEN	(60 * NSEC_PER_SEC)
#define TCP_PAWS_24DAYS_S	(60 * 60 * 24 * 24)
#define TCP_PAWS_MSL_S		60
#define TCP_PAWS_WINDOW		1
#define TCP_MAX_QUICKACKS	16u
#define TCP_MAX_WSCALE		14u
#define TCP_MIN_MSS		88u
#define TCP_MSS_DEFAULT		536u
#define TCP_BASE_MSS		1024u
#define TCP_MIN_SND_MSS		48u
#define TCP_INIT_CWND		10u			/* RFC 6928 */
#define TCP_INFINITE_SSTHRESH	0x7fffffffu
#define TCP_FASTRETRANS_THRESH	3u
#define TCP_MAX_WINDOW		32767u

/* A connection in SYN-RECEIVED: no full sock yet. */
struct request_sock {
	struct sock_common c;		/* state TCP_NEW_SYN_RECV */
	bool queued;			/* counted in the listener's qlen */
	struct request_sock *next;	/* accept queue */
	struct sock *listener;		/* held */
	struct sock *child;		/* when on the accept queue */
	struct timer_list timer;
	ktime_t timeout;
	u32 rcv_isn, snt_isn, rcv_nxt;
	u32 ts_off, ts_recent, txhash, mark;
	u64 snt_synack_us;
	u32 rsk_rcv_wnd, window_clamp;
	u16 mss, snt_isn_mss;
	u8 num_retrans, num_timeout;
	u8 snd_wscale:4, rcv_wscale:4;
	u8 tstamp_ok:1, sack_ok:1, wscale_ok:1, ecn_ok:1, acked:1, cookie_ts:1,
	   no_srccheck:1, tfo:1;
	u8 tos;
	bool accecn;			/* RFC 9768 */
	u8 syn_ect, synacks;		/* codepoint of the SYN; sent */
	struct ip_options *opt;
	struct dst_entry *dst;
	u32 last_oow_ack_time;
	void *saved_syn;
};

/* TIME-WAIT (and FIN-WAIT-2 after linger2): what is left of a connection. */
struct inet_timewait_sock {
	struct sock_common c;		/* state TCP_TIME_WAIT */
	u8 substate;			/* TCP_FIN_WAIT2 or TCP_TIME_WAIT */
	bool dead;			/* out of the tables: atomic */
	u8 tos, rcv_wscale;
	u32 rcv_nxt, snd_nxt, rcv_wnd, ts_recent, ts_recent_stamp, ts_offset;
	u32 last_oow_ack_time, mark, priority, txhash;
	u32 entry_stamp;
	struct timer_list timer;
	struct inet_bind_bucket *tb;
};

/* --- per stack: settings (net.ipv4.tcp_*) and tables ------------------------------- */
struct tcp_net {
	struct inet_hashinfo *hashinfo;
	u32 tw_count, max_tw_buckets;	/* tw_count atomic */
	u32 challenge_count, challenge_stamp_s;
	spinlock_t ca_lock;
	struct list_head ca_list;
	const struct tcp_congestion_ops *ca_default;
	u64 isn_secret[2], ts_secret[2], cookie_secret[2];
	u32 rmem[3], wmem[3];
	u8 timestamps, sack, dsack, window_scaling, ecn, ecn_fallback, syncookies,
	   syn_retries, synack_retries, retries1, retries2, orphan_retries,
	   tw_reuse, rfc1337, abort_on_overflow, slow_start_after_idle,
	   no_metrics_save, moderate_rcvbuf, adv_win_scale, app_win, frto,
	   recovery, early_retrans, thin_linear_timeouts, workaround_signed_windows,
	   autocorking, retrans_collapse, stdurg, mtu_probing, tso_win_divisor,
	   min_tso_segs, comp_sack_nr, l3mdev_accept, migrate_req, shrink_window,
	   reflect_tos, plb_enabled, tso_rtt_log, backlog_ack_defer, pingpong_thresh;
	u32 reordering, max_reordering, base_mss, min_snd_mss, mtu_probe_floor,
	    probe_interval, probe_threshold, fin_timeout_s, keepalive_time_s,
	    keepalive_intvl_s, keepalive_probes, max_syn_backlog, max_orphans,
	    challenge_ack_limit, invalid_ratelimit_ms, notsent_lowat,
	    limit_output_bytes, rto_min_us, rto_max_ms, min_rtt_wlen_s,
	    pacing_ss_ratio, pacing_ca_ratio, comp_sack_delay_ns,
	    comp_sack_slack_ns, fastopen, syn_linear_timeouts, child_ehash;
	char congestion_control[16];
	void *metrics;			/* cached per destination */
	/* CUBIC: HyStart at all; 1 by trains, 2 by delay */
	u8 cubic_hystart, cubic_hystart_detect;
	u32 ecn_option, ecn_option_beacon; /* RFC 9768; tcp_accecn.c */
	/* names that programs set and read, and that change nothing here (fack:
	 * nor in Linux) */
	u32 fack, low_latency, fwmark_accept,
	    no_ssthresh_metrics_save, tw_reuse_delay, plb_idle_rehash_rounds,
	    plb_rehash_rounds, plb_suspend_rto_sec, plb_cong_thresh,
	    early_demux;
	u32 fastopen_blackhole_s;
	struct tcp_fastopen_context *fastopen_ctx;
};
static inline struct tcp_net *tcp_net(const struct sock *sk)
{
	return sock_net(sk)->tcp;
}
extern const struct pernet_operations tcp_net_ops;	/* tcp_net.c */

/* --- congestion control modules ------------------------------------------------------ */
enum tcp_ca_event { CA_EVENT_TX_START, CA_EVENT_CWND_RESTART,
		    CA_EVENT_COMPLETE_CWR, CA_EVENT_LOSS, CA_EVENT_ECN_NO_CE,
		    CA_EVENT_ECN_IS_CE };
struct ack_sample { u32 pkts_acked; s32 rtt_us; u32 in_flight; };
struct rate_sample {
	u64 prior_mstamp;
	u32 prior_delivered, prior_in_flight;
	s32 delivered;			/* -1: not valid */
	s64 interval_us;
	u32 snd_interval_us, rcv_interval_us, losses, acked_sacked, last_end_seq;
	s32 rtt_us;
	bool is_app_limited, is_retrans, is_ack_delayed;
};
struct tcp_congestion_ops {
	const char *name;		/* "cubic" */
	u32 flags;
	void (*init)(struct sock *sk);
	void (*release)(struct sock *sk);
	u32 (*ssthresh)(struct sock *sk);			/* required */
	void (*cong_avoid)(struct sock *sk, u32 ack, u32 acked);
	void (*set_state)(struct sock *sk, enum tcp_ca_state s);
	void (*cwnd_event)(struct sock *sk, enum tcp_ca_event ev);
	void (*in_ack_event)(struct sock *sk, u32 flags);
	void (*pkts_acked)(struct sock *sk, const struct ack_sample *s);
	u32 (*undo_cwnd)(struct sock *sk);			/* required */
	/* Instead of cong_avoid: full control (BBR). */
	void (*cong_control)(struct sock *sk, u32 ack, int flag,
			     const struct rate_sample *rs);
	u32 (*min_tso_segs)(struct sock *sk);
	struct list_head list;
};
static inline void *tcp_ca(const struct sock *sk)
{
	return (void *)tcp_sk(sk)->ca_priv;
}

/* --- who does what ---------------------------------------------------------------------
 * RECEIVE SIDE
 * tcp_ipv4.c is the family's edge; see SEND SIDE.
 */
/* tcp_input.c: steps of RFC 9293 3.10.7. All consume skb. */
void tcp_rcv_established(struct sock *sk, struct sk_buff *skb);
/* 0, or a drop reason: the caller sends RST and frees. SYN-SENT .. LAST-ACK,
 * and LISTEN (new SYN: tcp_conn_request). */
enum skb_drop_reason tcp_rcv_state_process(struct sock *sk, struct sk_buff *skb);
/* ESTABLISHED reached: congestion control, buffers, wake-ups. */
void tcp_finish_connect(struct sock *sk, struct sk_buff *skb);
void tcp_init_transfer(struct sock *sk, struct sk_buff *skb);
void tcp_fast_path_on(struct sock *sk);		/* header prediction armed */
void tcp_fast_path_check(struct sock *sk);
void tcp_initialize_rcv_mss(struct sock *sk);
/* tcp_options.c: of skb's header; estab: only those allowed then. */
void tcp_parse_options(const struct sk_buff *skb,
		       struct tcp_options_received *o, bool estab);
bool tcp_paws_reject(const struct tcp_options_received *o, bool rst, u32 now_s);
/* tcp_ack.c: 1 acceptable, 0 old or invalid without drop, <0 -reason. */
int tcp_ack(struct sock *sk, const struct sk_buff *skb, int flag);
#define FLAG_DATA		0x01
#define FLAG_WIN_UPDATE		0x02
#define FLAG_DATA_ACKED		0x04
#define FLAG_RETRANS_DATA_ACKED	0x08
#define FLAG_SYN_ACKED		0x10
#define FLAG_DATA_SACKED	0x20
#define FLAG_ECE		0x40
#define FLAG_LOST_RETRANS	0x80
#define FLAG_SLOWPATH		0x100
#define FLAG_ORIG_SACK_ACKED	0x200
#define FLAG_SND_UNA_ADVANCED	0x400
#define FLAG_DSACKING_ACK	0x800
#define FLAG_SET_XMIT_TIMER	0x1000
#define FLAG_SACK_RENEGING	0x2000
#define FLAG_UPDATE_TS_RECENT	0x4000
#define FLAG_NO_CHALLENGE_ACK	0x8000
#define FLAG_ACK_MAYBE_DELAYED	0x10000
#define FLAG_DSACK_TLP		0x20000
void tcp_rearm_rto(struct sock *sk);
void tcp_mark_skb_lost(struct sock *sk, struct sk_buff *skb);
void tcp_skb_mark_lost_uncond_verify(struct tcp_sock *tp, struct sk_buff *skb);
void tcp_enter_loss(struct sock *sk);		/* tcp_recovery.c, RTO */
void tcp_enter_cwr(struct sock *sk);
void tcp_enter_recovery(struct sock *sk, bool ece_ack);
void tcp_simple_retransmit(struct sock *sk);	/* after PMTU shrank */
bool tcp_rack_mark_lost(struct sock *sk);	/* tcp_rack.c */
void tcp_rack_reo_timeout(struct sock *sk);
void tcp_rack_update_reo_wnd(struct sock *sk, struct rate_sample *rs);
void tcp_newreno_mark_lost(struct sock *sk, bool snd_una_advanced);
u32 tcp_init_cwnd(const struct tcp_sock *tp, const struct dst_entry *dst);
void tcp_set_ca_state(struct sock *sk, enum tcp_ca_state s);
void tcp_clear_retrans(struct tcp_sock *tp);
void tcp_sack_compress_send_ack(struct sock *sk);
/* tcp_rtt.c */
/* Our SYN-ACK was answered: the first sample, unless it was sent twice. */
void tcp_synack_rtt_meas(struct sock *sk, const struct request_sock *req);
/* tcp_rcvbuf.c */
void tcp_init_buffer_space(struct sock *sk);
void tcp_rcv_space_adjust(struct sock *sk);	/* reader made progress */
void tcp_grow_window(struct sock *sk, const struct sk_buff *skb, bool adjust);
void tcp_clamp_window(struct sock *sk);
int tcp_prune_queue(struct sock *sk, const struct sk_buff *in_skb);
void tcp_measure_rcv_mss(struct sock *sk, const struct sk_buff *skb);
void tcp_event_data_recv(struct sock *sk, struct sk_buff *skb);
/* tcp_data.c: queues. Consume. */
void tcp_data_queue(struct sock *sk, struct sk_buff *skb);
void tcp_fin(struct sock *sk);
void tcp_urg(struct sock *sk, struct sk_buff *skb, const struct tcphdr *th);
void tcp_ofo_queue(struct sock *sk);
void tcp_rbtree_insert(struct rb_root *root, struct sk_buff *skb);
void tcp_dsack_set(struct sock *sk, u32 seq, u32 end_seq);
/* tcp_quickack.c / delayed ACK decisions */
void tcp_enter_quickack_mode(struct sock *sk, u32 max_quickacks);
void tcp_ack_snd_check(struct sock *sk);
/* Timer of compressed SACKs: at birth (every full sock); when the timers are
 * cleared. An ACK that leaves counts and zeroes ack.compressed and cancels. */
enum hrtimer_restart tcp_compressed_ack_kick(struct hrtimer *t);
/* When the timers are cleared. */
void tcp_clear_compressed_ack(struct sock *sk);
/* Challenge ACK, rate limited (RFC 5961 7). */
void tcp_send_challenge_ack(struct sock *sk);
/* True: an answer to an out-of-window segment is withheld. */
bool tcp_oow_rate_limited(struct net *net, const struct sk_buff *skb,
			  enum mib counter, u32 *last_oow_ack_time);
void tcp_reset(struct sock *sk, struct sk_buff *skb);	/* RST accepted */
/* tcp_recv.c */
ssize_t tcp_recvmsg(struct sock *sk, struct sockmsg *m, size_t len, int flags);
void tcp_cleanup_rbuf(struct sock *sk, u32 copied);
void tcp_loan_returned(struct sock *sk, size_t len);
int tcp_peek_len(struct sock *sk);
/* tcp_cong.c, tcp_cubic.c, tcp_reno.c */
int tcp_register_congestion_control(struct net *net, struct tcp_congestion_ops *ca);
const struct tcp_congestion_ops *tcp_ca_find(struct net *net, const char *name);
int tcp_set_congestion_control(struct sock *sk, const char *name);
void tcp_assign_congestion_control(struct sock *sk);
void tcp_ca_dst_init(struct sock *sk, const struct dst_entry *dst);
void tcp_init_congestion_control(struct sock *sk);
void tcp_cleanup_congestion_control(struct sock *sk);
u32 tcp_slow_start(struct tcp_sock *tp, u32 acked);
void tcp_cong_avoid_ai(struct tcp_sock *tp, u32 w, u32 acked);
u32 tcp_reno_ssthresh(struct sock *sk);
u32 tcp_reno_undo_cwnd(struct sock *sk);
void tcp_reno_cong_avoid(struct sock *sk, u32 ack, u32 acked);
extern const struct tcp_congestion_ops tcp_reno_tmpl, tcp_cubic_tmpl;	/* copied per net */
/* tcp_rate.c */
void tcp_rate_skb_delivered(struct sock *sk, struct sk_buff *skb,
			    struct rate_sample *rs);
void tcp_rate_gen(struct sock *sk, u32 delivered, u32 lost, bool is_sack_reneg,
		  struct rate_sample *rs);

/* --- SEND SIDE AND LIFE ------------------------------------------------------------------ */
/* tcp_send.c: sendmsg, memory, cork */
ssize_t tcp_sendmsg(struct sock *sk, struct sockmsg *m, size_t len);
/* tcp_output.c; owner or slock */
bool tcp_write_xmit(struct sock *sk, u32 mss_now, int nonagle, int push_one);
int tcp_transmit_skb(struct sock *sk, struct sk_buff *skb, bool clone);
void __tcp_push_pending_frames(struct sock *sk, u32 mss_now, int nonagle);
void tcp_push_pending_frames(struct sock *sk);
void tcp_push_one(struct sock *sk, u32 mss_now);
void tcp_send_ack(struct sock *sk);
void __tcp_send_ack(struct sock *sk, u32 rcv_nxt);
void tcp_send_delayed_ack(struct sock *sk);
void tcp_send_fin(struct sock *sk);
void tcp_send_active_reset(struct sock *sk);
int tcp_send_synack(struct sock *sk);		/* simultaneous open */
int tcp_write_wakeup(struct sock *sk, enum mib counter);
void tcp_send_probe0(struct sock *sk);
void tcp_send_window_probe(struct sock *sk);
bool tcp_schedule_loss_probe(struct sock *sk, bool advancing_rto);
void tcp_send_loss_probe(struct sock *sk);
/* tcp_window.c; tcp_window.h for the rest */
void tcp_select_initial_window(const struct sock *sk, u32 space, u32 mss,
			       u32 *rcv_wnd, u32 *clamp, bool wscale_ok,
			       u8 *rcv_wscale, u32 init_rcv_wnd);
u32 tcp_space_from_win(const struct sock *sk, u32 win);
/* tcp_retransmit.c */
int tcp_retransmit_skb(struct sock *sk, struct sk_buff *skb, u32 segs);
int __tcp_retransmit_skb(struct sock *sk, struct sk_buff *skb, u32 segs);
void tcp_xmit_retransmit_queue(struct sock *sk);	/* as cwnd allows */
int tcp_fragment(struct sock *sk, bool in_rtx, struct sk_buff *skb, u32 len,
		 u32 mss_now);		/* cut in two; 0, -ENOMEM */
int tcp_trim_head(struct sock *sk, struct sk_buff *skb, u32 len);
bool tcp_skb_can_collapse(const struct sk_buff *to, const struct sk_buff *from);
struct sk_buff *tcp_rtx_queue_tail(const struct sock *sk);
struct sk_buff *tcp_skb_rtx_next(struct sk_buff *skb);
struct sk_buff *tcp_skb_rtx_prev(struct sk_buff *skb);
void __tcp_rtx_queue_insert(struct sock *sk, struct sk_buff *skb);
void tcp_rtx_queue_purge(struct sock *sk);
void tcp_write_queue_purge(struct sock *sk);
/* tcp_mss.c */
u32 tcp_sync_mss(struct sock *sk, u32 pmtu);
u32 tcp_mtu_to_mss(struct sock *sk, u32 pmtu);
u32 tcp_mss_to_mtu(struct sock *sk, u32 mss);
void tcp_mtup_init(struct sock *sk);
u32 tcp_send_mss(struct sock *sk, u32 *size_goal, int flags);
/* tcp_timer.c */
void tcp_init_xmit_timers(struct sock *sk);
void tcp_clear_xmit_timers(struct sock *sk);
void tcp_clear_xmit_timer(struct sock *sk, int what);
void tcp_reset_keepalive_timer(struct sock *sk, ktime_t len_ns);
void tcp_delete_keepalive_timer(struct sock *sk);
void tcp_set_keepalive(struct sock *sk, bool on);
void tcp_write_timer_handler(struct sock *sk);
void tcp_delack_timer_handler(struct sock *sk);
/* tcp_connect.c */
int tcp_v4_connect(struct sock *sk, const struct sockaddr *a, u32 len);
int tcp_connect(struct sock *sk);		/* sends SYN */
/* tcp_listen.c, tcp_minisocks.c, tcp_syncookies.c */
int tcp_listen_start(struct sock *sk, int backlog);
void tcp_listen_stop(struct sock *sk);
struct sock *tcp_accept(struct sock *sk, int flags, int *err);
/* Borrows. 0, or why it stays without an answer. */
enum skb_drop_reason tcp_conn_request(struct sock *sk, struct sk_buff *skb);
/* Segment for a request: the child sock (complete, on the accept queue), or
 * NULL: dealt with; *req_stolen. Borrows skb. */
struct sock *tcp_check_req(struct sock *sk, struct sk_buff *skb,
			   struct request_sock *req, bool *req_stolen,
			   enum skb_drop_reason *why);
int tcp_child_process(struct sock *parent, struct sock *child,
		      struct sk_buff *skb);
/* ^ 0: consumed; or a reason: the caller answers with RST and frees. Unlocks
 * the child. */
struct sock *cookie_v4_check(struct sock *sk, struct sk_buff *skb);
u32 cookie_v4_init_sequence(const struct sk_buff *skb, u16 *mss, struct net *net);
void reqsk_put(struct request_sock *req);
/* tcp_fastopen_client.c: SYN-ACK of a connection with syn_fastopen or syn_data
 * is there, the state is ESTABLISHED. True: the SYN's data was refused and goes
 * again; say no more for now. Borrows. */
bool tcp_rcv_fastopen_synack(struct sock *sk, struct sk_buff *synack);
/* tcp_timewait.c */
void tcp_time_wait(struct sock *sk, int substate, ktime_t timeout);
enum tcp_tw_status { TCP_TW_SUCCESS, TCP_TW_RST, TCP_TW_ACK, TCP_TW_SYN };
enum tcp_tw_status tcp_timewait_state_process(struct inet_timewait_sock *tw,
		struct sk_buff *skb, u32 *tw_isn, enum skb_drop_reason *why);
void inet_twsk_put(struct inet_timewait_sock *tw);
void inet_twsk_deschedule_put(struct inet_timewait_sock *tw);
bool tcp_twsk_unique(struct sock *sk, struct sock_common *tw);
/* tcp.c: life of a sock */
void tcp_init_sock(struct sock *sk);
void tcp_set_state(struct sock *sk, int state);	/* the one setter */
const char *tcp_state_name(int state);
void tcp_close(struct sock *sk, ktime_t timeout);
void __tcp_close(struct sock *sk, ktime_t timeout);
void tcp_shutdown(struct sock *sk, int how);
int tcp_disconnect(struct sock *sk, int flags);
void tcp_done(struct sock *sk);			/* CLOSE, unhash, wake */
void tcp_done_with_error(struct sock *sk, int err);
int tcp_abort(struct sock *sk, int err);
u32 tcp_poll(struct sock *sk);
int tcp_ioctl(struct sock *sk, unsigned long cmd, int *arg);
void tcp_sock_destruct(struct sock *sk);
/* tcp_sockopt.c, tcp_info.c */
int tcp_setsockopt(struct sock *sk, int level, int name, const void *v, u32 len);
int tcp_getsockopt(struct sock *sk, int level, int name, void *v, u32 *len);
void tcp_get_info(struct sock *sk, struct tcp_info *info);
/* tcp_ipv4.c */
int tcp_v4_rcv(struct sk_buff *skb);		/* consumes */
int tcp_v4_do_rcv(struct sock *sk, struct sk_buff *skb);	/* consumes; backlog_rcv */
int tcp_v4_err(struct sk_buff *skb, u8 type, u8 code, u32 info);
void tcp_v4_send_reset(const struct sock *sk, struct sk_buff *skb); /* borrows */
void tcp_v4_send_ack(struct net *net, struct sk_buff *skb, u32 seq, u32 ack,
		     u32 win, u32 tsval, u32 tsecr, u8 tos, u32 oif);
int tcp_v4_send_synack(const struct sock *sk, struct dst_entry *dst,
		       struct request_sock *req, bool cookie);
void tcp_release_cb(struct sock *sk);
void tcp_tsq_handler(struct sock *sk);
void tcp_wfree(struct sk_buff *skb);		/* TSQ: clone left the device */
u32 secure_tcp_seq(struct net *net, __be32 saddr, __be32 daddr, __be16 sport,
		   __be16 dport);		/* RFC 6528 */
u32 secure_tcp_ts_off(struct net *net, __be32 saddr, __be32 daddr);
extern const struct proto tcp_prot;
extern const struct inet_offload tcp4_offload;	/* tcp_offload.c */

/* --- small shared helpers ------------------------------------------------------------------- */
static inline u32 tcp_left_out(const struct tcp_sock *tp)
{
	return tp->sacked_out + tp->lost_out;
}
static inline u32 tcp_packets_in_flight(const struct tcp_sock *tp)
{
	return tp->packets_out - tcp_left_out(tp) + tp->retrans_out;
}
static inline bool tcp_is_sack(const struct tcp_sock *tp)
{
	return tp->rx_opt.sack_ok;
}
static inline bool tcp_in_slow_start(const struct tcp_sock *tp)
{
	return tp->snd_cwnd < tp->snd_ssthresh;
}
static inline bool tcp_in_initial_slowstart(const struct tcp_sock *tp)
{
	return tp->snd_ssthresh >= TCP_INFINITE_SSTHRESH;
}
static inline u32 tcp_wnd_end(const struct tcp_sock *tp)
{
	return tp->snd_una + tp->snd_wnd;
}
static inline u32 tcp_skb_pcount(const struct sk_buff *skb)
{
	return TCP_SKB_CB(skb)->gso_segs;
}
static inline u32 tcp_skb_mss(const struct sk_buff *skb)
{
	return TCP_SKB_CB(skb)->gso_size;
}
/* When an original was sent last (EDT), us. */
static inline u64 tcp_skb_timestamp_us(const struct sk_buff *skb)
{
	return (u64)skb->tstamp / 1000;
}
/* One past the highest SACKed sequence, or snd_una. */
static inline u32 tcp_highest_sack_seq(const struct tcp_sock *tp)
{
	return tp->sacked_out ? tp->highest_sack_seq : tp->snd_una;
}
/* What goes next; NULL: all was sent. */
static inline struct sk_buff *tcp_send_head(const struct sock *sk)
{
	return skb_peek(&sk->write_queue);
}
/* The clock of a connection: read once per event. */
static inline void tcp_mstamp_refresh(struct tcp_sock *tp)
{
	tp->tcp_clock_cache = (u64)ktime_get();
	tp->tcp_mstamp = tp->tcp_clock_cache / 1000;
	tp->tcp_clock_ms = (u32)(tp->tcp_mstamp / 1000);
}
/* The timestamp clock without the connection's offset, ms. */
static inline u32 tcp_now_ts(const struct tcp_sock *tp)
{
	return tp->tcp_clock_ms;
}
static inline u32 tcp_jiffies32(void) { return (u32)jiffies(); }	/* ms */
static inline u32 tcp_time_stamp(const struct tcp_sock *tp)	/* ms, wire */
{
	return tp->tcp_clock_ms + tp->tsoffset;
}
/* us, ~0: unknown */
static inline u32 tcp_min_rtt(const struct tcp_sock *tp)
{
	return tp->rtt_min.s[0].v_us;
}
static inline bool tcp_ca_needs_ecn(const struct sock *sk)
{
	return tcp_sk(sk)->ca_ops && (tcp_sk(sk)->ca_ops->flags & 2);
}
static inline bool inet_csk_in_pingpong_mode(const struct tcp_sock *tp)
{
	return tp->ack.pingpong >= 1;
}

#endif
