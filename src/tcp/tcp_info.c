/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCP_INFO, and the chronograph behind three of its figures (RFC 4898
 * tcpEStatsPerf): how long the sender was busy, and of that how long the
 * peer's window or our own buffer was what it waited for.
 */
#include "tcp/tcp_accecn.h"

#include "inet/route.h"

/* --- chronograph ------------------------------------------------------------------ */

void __tcp_chrono_stop(struct sock *sk, u8 type)
{
	struct tcp_sock *tp = tcp_sk(sk);

	/* All was acknowledged: idle; else still busy. */
	if (tcp_rtx_and_write_queues_empty(sk))
		tcp_chrono_set(tp, TCP_CHRONO_UNSPEC);
	else if (type == tp->chrono_type)
		tcp_chrono_set(tp, TCP_CHRONO_BUSY);
}

static void info_chrono(const struct tcp_sock *tp, struct tcp_info *info,
			u64 now_us)
{
	u64 stat[3], total = 0;

	for (u32 i = 0; i < 3; i++) {
		stat[i] = tp->chrono_stat[i];
		if (i + 1 == tp->chrono_type)
			stat[i] += now_us - tp->busy_start_us;
		total += stat[i];
	}
	info->tcpi_busy_time = total;
	info->tcpi_rwnd_limited = stat[TCP_CHRONO_RWND_LIMITED - 1];
	info->tcpi_sndbuf_limited = stat[TCP_CHRONO_SNDBUF_LIMITED - 1];
}

/* --- TCP_INFO ------------------------------------------------------------------------ */

static void info_options(const struct tcp_sock *tp, struct tcp_info *info)
{
	const struct tcp_options_received *o = &tp->rx_opt;

	if (o->tstamp_ok)
		info->tcpi_options |= TCPI_OPT_TIMESTAMPS;
	if (o->sack_ok)
		info->tcpi_options |= TCPI_OPT_SACK;
	if (o->wscale_ok) {
		info->tcpi_options |= TCPI_OPT_WSCALE;
		info->tcpi_snd_wscale = o->snd_wscale;
		info->tcpi_rcv_wscale = o->rcv_wscale;
	}
	if (tp->ecn_flags & TCP_ECN_OK || tp->accecn.on)
		info->tcpi_options |= TCPI_OPT_ECN;
	if (tp->ecn_flags & TCP_ECN_SEEN)
		info->tcpi_options |= TCPI_OPT_ECN_SEEN;
	if (tp->syn_data_acked)
		info->tcpi_options |= TCPI_OPT_SYN_DATA;
	if (tp->tfo_child)
		info->tcpi_options |= TCPI_OPT_TFO_CHILD;
}

static void info_sender(const struct sock *sk, struct tcp_info *info)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 wnd_ms = tcp_jiffies32();
	s64 notsent;

	info->tcpi_ca_state = (u8)tp->ca_state;
	info->tcpi_retransmits = tp->retransmits;
	info->tcpi_probes = tp->probes_out;
	info->tcpi_backoff = tp->backoff;
	info->tcpi_rto = (u32)(tp->rto / NSEC_PER_USEC);
	info->tcpi_snd_mss = tp->mss_cache;
	info->tcpi_unacked = tp->packets_out;
	info->tcpi_sacked = tp->sacked_out;
	info->tcpi_lost = tp->lost_out;
	info->tcpi_retrans = tp->retrans_out;
	info->tcpi_last_data_sent = wnd_ms - tp->lsndtime;
	info->tcpi_pmtu = tp->pmtu_cookie;
	info->tcpi_rtt = tp->srtt_us >> 3;
	info->tcpi_rttvar = tp->mdev_us >> 2;
	info->tcpi_snd_ssthresh = tp->snd_ssthresh;
	info->tcpi_snd_cwnd = tp->snd_cwnd;
	info->tcpi_reordering = tp->reordering;
	info->tcpi_total_retrans = tp->total_retrans;
	info->tcpi_bytes_acked = tp->bytes_acked;
	info->tcpi_segs_out = tp->segs_out;
	notsent = (s64)(s32)(tp->write_seq - tp->snd_nxt);
	info->tcpi_notsent_bytes = (u32)max_t(s64, 0, notsent);
	info->tcpi_min_rtt = tcp_min_rtt(tp);
	info->tcpi_data_segs_out = tp->data_segs_out;
	info->tcpi_delivered = tp->delivered;
	info->tcpi_delivered_ce = tp->delivered_ce;
	info->tcpi_bytes_sent = tp->bytes_sent;
	info->tcpi_bytes_retrans = tp->bytes_retrans;
	info->tcpi_dsack_dups = tp->dsack_dups;
	info->tcpi_reord_seen = tp->reord_seen;
	info->tcpi_snd_wnd = tp->snd_wnd;
	info->tcpi_rehash = tp->timeout_rehash;
	info->tcpi_total_rto = tp->total_rto;
	info->tcpi_total_rto_recoveries = tp->total_rto_recoveries;
	info->tcpi_total_rto_time = tp->total_rto_time;
	if (tp->rto_stamp)
		info->tcpi_total_rto_time += wnd_ms - tp->rto_stamp;
	info->tcpi_fastopen_client_fail = tp->fastopen_client_fail;
}

static void info_receiver(const struct sock *sk, struct tcp_info *info)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 now = tcp_jiffies32();

	info->tcpi_ato = (u32)(tp->ack.ato / NSEC_PER_USEC);
	info->tcpi_rcv_mss = tp->ack.rcv_mss;
	info->tcpi_last_data_recv = now - (u32)(tp->ack.lrcvtime /
						NSEC_PER_MSEC);
	info->tcpi_last_ack_recv = now - tp->rcv_tstamp;
	info->tcpi_rcv_ssthresh = tp->rcv_ssthresh;
	info->tcpi_advmss = tp->advmss;
	info->tcpi_rcv_rtt = tp->rcv_rtt_est.rtt_us >> 3;
	info->tcpi_rcv_space = tp->rcvq_space.space;
	info->tcpi_bytes_received = tp->bytes_received;
	info->tcpi_segs_in = tp->segs_in;
	info->tcpi_data_segs_in = tp->data_segs_in;
	info->tcpi_rcv_ooopack = tp->rcv_ooopack;
	info->tcpi_rcv_wnd = tp->rcv_wnd;
}

/* Owner. */
void tcp_get_info(struct sock *sk, struct tcp_info *info)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u64 rate = sk->max_pacing_rate;

	memset(info, 0, sizeof(*info));
	if (sk->type != SOCK_STREAM)
		return;
	info->tcpi_state = sk->sk_state;
	info->tcpi_max_pacing_rate = rate;
	info->tcpi_pacing_rate = sk->pacing_rate;
	if (sk->sk_state == TCP_LISTEN) {
		info->tcpi_unacked = READ_ONCE(sk->ack_backlog);
		info->tcpi_sacked = READ_ONCE(sk->max_ack_backlog);
		info->tcpi_reordering = tp->reordering;
		return;
	}
	info_options(tp, info);
	info_sender(sk, info);
	info_receiver(sk, info);
	tcp_accecn_info(tp, info);
	info_chrono(tp, info, (u64)ktime_get() / NSEC_PER_USEC);
	if (tp->rate_delivered && tp->rate_interval_us) {
		info->tcpi_delivery_rate = (u64)tp->rate_delivered *
			tp->mss_cache * 1000000 / tp->rate_interval_us;
		info->tcpi_delivery_rate_app_limited = tp->rate_app_limited;
	}
}
