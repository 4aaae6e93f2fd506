/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The state of a connection: struct tcp_sock, and what TCP notes of a packet.
 * tcp.h says who does what with them.
 */
#ifndef WEIR_TCP_TCP_SOCK_H
#define WEIR_TCP_TCP_SOCK_H

#include "buf/wire/tcp.h"
#include "cpu/deferred.h"
#include "cpu/timer.h"
#include "inet/ip.h"
#include "sock/sock.h"

struct tcp_congestion_ops;
struct tcp_fastopen_context;
struct tcp_fastopen_request;
struct request_sock;

#define TCP_NUM_SACKS		4

/* skb->cb while TCP holds the packet */
struct tcp_skb_cb {
	u32 seq, end_seq;		/* SYN and FIN count one each */
	u32 ack_seq;			/* rx */
	u16 gso_segs, gso_size;		/* tx */
	u8 flags;			/* TCPHDR_* */
	u8 sacked;			/* TCPCB_* (tx) */
	u8 ip_dsfield;			/* rx */
	u8 eor:1, txstamp_ack:1, is_app_limited:1, has_rxtstamp:1, urg:1;
	u32 tw_isn;			/* rx: SYN for a TIME-WAIT tuple; or 0 */
	union {
		struct {		/* tx: for delivery rate (rate.c) */
			u64 first_tx_us, delivered_us; /* of tcp_mstamp */
			u32 delivered, in_flight;
		} tx;
		struct inet_skb_parm h4;	/* rx */
	};
};
static_assert(sizeof(struct tcp_skb_cb) <= 48, "fits skb->cb");
#define TCP_SKB_CB(skb) ((struct tcp_skb_cb *)(skb)->cb)
#define TCPCB_SACKED_ACKED	0x01
#define TCPCB_SACKED_RETRANS	0x02
#define TCPCB_LOST		0x04
#define TCPCB_REPAIRED		0x10
#define TCPCB_EVER_RETRANS	0x80
#define TCPCB_RETRANS (TCPCB_SACKED_RETRANS | TCPCB_EVER_RETRANS)

struct tcp_sack_block { u32 start_seq, end_seq; };

/* Options of the last segment, and what was agreed on. */
struct tcp_options_received {
	u32 ts_recent_stamp;		/* seconds when ts_recent was stored */
	u32 ts_recent;			/* RFC 7323 4.3 */
	u32 rcv_tsval, rcv_tsecr;
	u16 user_mss, mss_clamp;
	u8 saw_tstamp:1, tstamp_ok:1, dsack:1, wscale_ok:1, sack_ok:1,
	   saw_unknown:1;
	u8 snd_wscale:4, rcv_wscale:4;
	u8 num_sacks;
	u8 accecn;			/* offset in the header; 0: none */
};

/* Congestion state machine of the sender: enum tcp_ca_state in base/uapi.h. */

/* icsk_pending: what the one retransmit timer stands for */
enum { ICSK_TIME_NONE, ICSK_TIME_RETRANS, ICSK_TIME_PROBE0,
       ICSK_TIME_LOSS_PROBE, ICSK_TIME_REO_TIMEOUT };
/* ack.pending bits */
#define ICSK_ACK_SCHED	1
#define ICSK_ACK_TIMER	2
#define ICSK_ACK_PUSHED	4
#define ICSK_ACK_PUSHED2 8
#define ICSK_ACK_NOW	16
#define ICSK_ACK_NOMEM	32
/* tsq_flags bits: work deferred while a task owned the sock (release_cb) */
enum { TCP_TSQ_DEFERRED, TCP_WRITE_TIMER_DEFERRED, TCP_DELACK_TIMER_DEFERRED,
       TCP_MTU_REDUCED_DEFERRED, TCP_ACK_DEFERRED, TCP_TSQ_QUEUED,
       TCP_TSQ_THROTTLED };
/* nonagle bits */
#define TCP_NAGLE_OFF	1
#define TCP_NAGLE_CORK	2
#define TCP_NAGLE_PUSH	4
/* ecn_flags */
#define TCP_ECN_OK		1
#define TCP_ECN_QUEUE_CWR	2
#define TCP_ECN_DEMAND_CWR	4
#define TCP_ECN_SEEN		8

/* RFC 9768 (tcp_accecn.h). Counters without their initial values; bytes by
 * codepoint - 1. */
struct tcp_accecn {
	bool on;			/* both ends agreed */
	bool asked;			/* SYN-SENT: our SYN did */
	bool third_ack;			/* server: the client's first is to come */
	bool no_ect;			/* the path changes codepoints: send none */
	bool no_opt;			/* ... or drops our options */
	u8 saw_opt;			/* TCP_ACCECN_OPT_*_SEEN; 0: none yet */
	bool opt_sent;			/* ours, in the last segment */
	u8 syns;			/* sent */
	u8 reflect;			/* ACE of the next segment; 0: as usual */
	u8 opt_dups;			/* data that came again after options */
	u8 minlen;			/* counters that have news to tell */
	u32 acked_ewma;			/* packets per ACK, << 6 */
	u32 rcv_ce;			/* packets */
	u32 rcv_bytes[3], dlv_bytes[3];	/* arrived here; there */
	u64 opt_us;			/* of the last option sent */
};

/* What few connections need, or only for a while, is not in each. */

/* Direct copy to a waiting reader (seed 002), on its stack. */
struct tcp_ucopy {
	struct iov_iter *iter;
	size_t len;			/* still wanted; may exceed one segment */
	size_t copied;			/* since the reader went to sleep */
	size_t target;			/* wake it at so many */
};

/* Made when one of them is first armed, gone with the sock (tcp_pacing.c). */
struct tcp_hrtimers {
	struct hrtimer pacing, compressed_ack; /* each holds a reference */
	struct sock *sk;
	struct rcu_head rcu;
};

/* A listener's; gone with the sock. */
struct tcp_accept_queue {
	spinlock_t lock;
	struct request_sock *head, *tail; /* established, to accept */
	u32 qlen, young;		/* requests in SYN-RECEIVED, atomic */
	u32 synflood_warned;		/* ms of the last overflow; 0: never */
	u32 fastopen_max, fastopen_qlen; /* qlen: atomic */
	struct rcu_head rcu;
};

struct tcp_sock {
	struct sock sk;			/* first */

	/*
	 * What a segment or a call of a healthy connection touches stands first,
	 * a cache line for each of the groups below (checked at the end).
	 */
	u32 pred_word;			/* see tcp_fast_path_on: window expected */
	bool pred_on;			/* header prediction possible */
	u16 tcp_header_len;		/* with the options we always send */
	u32 rcv_nxt, copied_seq;

	/* --- seldom used, but there is room up to the next line: a listener's
	 * and what programs set; path MTU */
	void *saved_syn;
	ktime_t user_timeout_start;	/* zero-window probing since; 0: not */
	u32 user_timeout_ms;
	u32 keepalive_time_s, keepalive_intvl_s;
	u32 linger2_s;			/* FIN-WAIT-2 */
	u32 defer_accept_s;		/* as set; 0: off */
	u32 urg_seq, last_oow_ack_time;
	u32 mtu_info;			/* deferred ICMP */
	u32 mtu_probe_seq_start, mtu_probe_seq_end;

	/* --- sequence numbers and windows, both directions */
	u32 rcv_wup __cacheline;
	u32 rcv_wnd;
	u32 snd_una, snd_nxt, write_seq, pushed_seq;
	u32 snd_sml;			/* end of last small segment */
	u32 snd_up;
	u32 snd_wnd, snd_wl1, max_window;
	u32 packets_out, retrans_out, sacked_out, lost_out;
	u32 mss_cache;			/* MSS to send now (path, options) */

	/* --- clock, timestamps, options */
	u64 tcp_mstamp;			/* us, of the most recent event */
	u64 tcp_clock_cache;		/* ns, the same */
	u32 tcp_clock_ms;		/* ms, the same */
	u32 tsoffset;			/* random offset of our timestamps */
	struct tcp_options_received rx_opt;
	u32 rcv_tstamp;			/* ms, last ACK received */
	u32 lrcvtime;			/* ms, last data received */
	u32 lsndtime;			/* ms */
	enum tcp_ca_state ca_state;

	/* --- acknowledgements we owe (delayed ACK); what the timer is for */
	struct {
		u8 pending;		/* ICSK_ACK_* */
		u8 quick;		/* quick ACKs left */
		u8 pingpong;		/* interactive session: 0..3+ */
		u8 compressed;
		u16 rcv_mss;		/* guess of the peer's MSS */
		u16 last_seg_size;
		ktime_t ato;		/* current delay */
		ktime_t lrcvtime;	/* last data segment */
		ktime_t timeout;	/* when the timer is due */
	} ack;
	ktime_t timeout;		/* of `pending`; absolute */
	u8 pending;			/* ICSK_TIME_* */
	u8 nonagle;
	u8 ecn_flags;
	bool repair, is_cwnd_limited, fastopen_connect;
	u8 retransmits, backoff, probes_out;
	u8 chrono_type;
	u8 recvmsg_inq;
	bool is_sack_reneg;
	u16 urg_data;			/* TCP_URG_VALID | byte, TCP_URG_NOTYET */
	bool rate_app_limited;
	bool pacing_needed;		/* no fq below: hrtimers->pacing */
	u32 tlp_high_seq;
	u32 tsq_flags;			/* atomic bits */

	/* --- congestion window, what is in flight */
	u32 snd_cwnd, snd_cwnd_cnt, snd_cwnd_clamp, snd_cwnd_used;
	u32 snd_cwnd_stamp;		/* ms */
	u32 snd_ssthresh;
	u32 max_packets_out, cwnd_usage_seq;
	struct rb_root rtx_queue;
	struct list_head tsorted_sent;	/* skb->tsorted */
	const struct tcp_congestion_ops *ca_ops;

	/* --- round trip (RFC 6298); srtt_us is << 3, mdev_us << 2, as Linux */
	u32 srtt_us, mdev_us, mdev_max_us, rttvar_us, rtt_seq;
	u32 dst_confirm_ms;		/* the neighbour heard of us last */
	ktime_t rto;
	ktime_t rto_min;
	struct {			/* windowed minimum (10 s..300 s) */
		struct { u32 t_ms, v_us; } s[3];
	} rtt_min;

	/* --- RACK (RFC 8985), delivery rate (for BBR and tcp_info), pacing */
	struct {
		u64 mstamp_us;
		u32 rtt_us, end_seq, last_delivered;
		u8 reo_wnd_steps, reo_wnd_persist;
		bool dsack_seen, advanced;
	} rack;
	u64 first_tx_mstamp, delivered_mstamp;
	u32 delivered, app_limited;
	u32 rate_delivered, rate_interval_us;
	u64 wstamp_ns;			/* EDT of the next packet */

	/* --- receive window and buffer */
	u32 rcv_ssthresh, window_clamp, advmss;
	u8 scaling_ratio;
	u16 ext_hdr_len;
	struct { u32 rtt_us, seq; u64 time_us; } rcv_rtt_est;
	struct { u32 space, seq; u64 time_us; } rcvq_space;
	u32 rcv_rtt_last_tsecr;
	u32 notsent_lowat;
	u32 pmtu_cookie;
	u32 tx_delay_us;		/* TCP_TX_DELAY: fq holds packets back */

	/* --- the waiting reader; routes */
	struct tcp_ucopy *ucopy;	/* NULL: nobody */
	const struct dst_entry *caps_dst; /* route_caps are of it; compared */
	struct dst_entry *rx_dst;	/* input route; early demux; RCU */
	struct request_sock *fastopen_rsk;

	/* --- counters of RFC 4898 / tcp_info */
	u64 bytes_acked, bytes_received, bytes_sent;
	u32 segs_in, segs_out, data_segs_in, data_segs_out;
	u64 busy_start_us;
	ktime_t rto_max;
	u32 rx_dst_ifindex;
	u32 high_seq;

	/* --- timers: first what arming looks at */
	struct timer_list retransmit_timer; /* sk.timer: keepalive */
	ktime_t delack_max;
	u32 retrans_stamp;		/* ms of tcp_mstamp without tsoffset,
					 * of the first retransmission; 0: none */
	u32 reordering;
	struct timer_list delack_timer;
	struct { u32 probe_size; bool enabled; u32 search_high, search_low, probe_ts; } mtup;
	struct tcp_accecn accecn;
	u64 ca_priv[8];
	/* --- end of what is touched often */

	/* --- send side's own */
	struct page *frag_page;		/* payload is copied into it from */
	u32 frag_off;			/* here on; see tcp_send.c */
	u32 write_pending;		/* writers that wait; owner's */
	u32 prior_cwnd, prior_ssthresh;
	u32 highest_sack_seq;		/* one past the highest SACKed, if any is */
	u8 repair_queue;		/* TCP_REPAIR_QUEUE */
	bool ca_initialized, ca_setsockopt;
	struct tasklet_struct tsq_tasklet;
	struct tcp_hrtimers *hrtimers;	/* NULL: not needed so far */

	/* --- out of order and SACK we send */
	struct rb_root out_of_order_queue;
	struct sk_buff *ooo_last_skb;
	struct tcp_sack_block duplicate_sack[1];
	struct tcp_sack_block selective_acks[TCP_NUM_SACKS];
	u32 compressed_ack_rcv_nxt;
	u16 dup_ack_counter;
	bool tlp_retrans, frto;		/* of the recovery below */

	/* --- loss recovery */
	struct tcp_sack_block recv_sack_cache[TCP_NUM_SACKS];
	u32 undo_marker;
	int undo_retrans;
	u32 reord_seen;
	u32 prr_delivered, prr_out;	/* RFC 6937 */
	u32 lost, total_retrans;
	u32 retransmit_high;

	/* --- rest of the figures */
	u64 bytes_retrans;
	u64 chrono_stat[3];
	u32 delivered_ce;
	u32 dsack_dups, rcv_ooopack, timeout_rehash;
	u32 challenge_stamp;
	u16 total_rto, total_rto_recoveries;
	u32 total_rto_time, rto_stamp;	/* ms */

	/* --- what programs set */
	u8 syn_fastopen:1, syn_fastopen_exp:1, syn_data:1, syn_data_acked:1,
	   fastopen_no_cookie:1;
	u8 fastopen_client_fail:2, tfo_child:1;
	u8 keepalive_probes, syn_retries, thin_lto, save_syn;

	/* --- listeners */
	struct tcp_accept_queue *accept_queue; /* from the first listen() on */
	struct tcp_fastopen_request *fastopen_req; /* client: SYN with data */
	struct tcp_fastopen_context *fastopen_ctx; /* listener's own keys */
};

/* Groups of a cache line each, counted from the first. */
#define TCP_SOCK_LINE(field, n) \
	static_assert(offsetof(struct tcp_sock, field) == \
		      offsetof(struct tcp_sock, rcv_wup) + 64 * (n), \
		      "starts its cache line")
TCP_SOCK_LINE(tcp_mstamp, 1);
TCP_SOCK_LINE(ack, 2);
TCP_SOCK_LINE(snd_cwnd, 3);
TCP_SOCK_LINE(srtt_us, 4);
TCP_SOCK_LINE(rack, 5);
TCP_SOCK_LINE(rcv_ssthresh, 6);
TCP_SOCK_LINE(ucopy, 7);
static_assert(sizeof(struct tcp_sock) <= 1856, "a size class of base/slab.c");

static inline struct tcp_sock *tcp_sk(const struct sock *sk)
{
	return (struct tcp_sock *)sk;
}
#define TCP_URG_VALID	0x0100
#define TCP_URG_NOTYET	0x0200
#define TCP_URG_READ	0x0400

#endif
